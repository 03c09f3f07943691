/* SPDX-License-Identifier: MIT */
/* Context variables of the C API. */
#include "object/context.h"

#include "capi/capi_int.h"

PyObject *PyContext_New(void)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, context_new());
}

PyObject *PyContext_Copy(PyObject *context)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, context_copy(capi_object(context)));
}

PyObject *PyContext_CopyCurrent(void)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, context_copy_current());
}

int PyContext_Enter(PyObject *context)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, context_enter(capi_object(context)));
}

int PyContext_Exit(PyObject *context)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, context_exit(capi_object(context)));
}

PyObject *PyContextVar_New(const char *name, PyObject *fallback)
{
    struct thread *t = capi_enter();
    PyObject *text = str_from_text(name);
    return capi_return_object(
        t, text == NULL ? NULL : context_var_new(text, capi_value_or(fallback, VALUE_ABSENT)));
}

/* A variable without a value is no error: *result is NULL then. */
int PyContextVar_Get(PyObject *var, PyObject *fallback, PyObject **result)
{
    struct thread *t = capi_enter();
    Value found = context_var_get(capi_object(var), capi_value_or(fallback, VALUE_ABSENT));
    bool failed = value_is_null(found);
    *result = capi_return(t, value_is_absent(found) ? VALUE_NULL : found);
    return failed || (*result == NULL && t->state.curexc_type != NULL) ? -1 : 0;
}

PyObject *PyContextVar_Set(PyObject *var, PyObject *value)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, context_var_set(capi_object(var), capi_value(value)));
}

int PyContextVar_Reset(PyObject *var, PyObject *token)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, context_var_reset(capi_object(var), capi_object(token)));
}
