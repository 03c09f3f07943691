/* SPDX-License-Identifier: MIT */
/* Calls with arguments from a format, or from a row of pointers. */
#include <stdarg.h>

#include "capi/capi_int.h"
#include "heap/prompt.h"
#include "object/list.h"
#include "object/type_int.h"

/* ---- From extension code to extension code. */

static PyObject *check_result(const struct thread *t, PyObject *callable, PyObject *result)
{
    return LIKELY((result == NULL) == (t->state.curexc_type != NULL))
               ? result
               : _Py_CheckFunctionResult(NULL, callable, result, NULL);
}

/* The vectorcall function that an object of an extension has, or NULL. */
static vectorcallfunc vectorcall_of(PyObject *callable)
{
    const PyTypeObject *type = callable->ob_type;
    if (!type_has_feature(type, Py_TPFLAGS_HAVE_VECTORCALL) || type_is_python(type)) {
        return NULL;
    }
    vectorcallfunc f = *(vectorcallfunc *)(void *)((char *)callable + type->tp_vectorcall_offset);
    return capi_is_our_code((const void *)f) ? NULL : f;
}

/* A PyCFunction that an extension made. Those of ours have no ml_meth. */
static bool call_function(PyObject *callable, PyObject *const *args, size_t nargs,
                          PyObject *kwnames, PyObject **result)
{
    const PyMethodDef *def = ((PyCFunctionObject *)callable)->m_ml;
    PyObject *self = PyCFunction_GET_SELF(callable);
    void *f = (void *)def->ml_meth;
    if (f == NULL || (kwnames != NULL && PyTuple_GET_SIZE(kwnames) != 0)) {
        return false;
    }
    switch (def->ml_flags & ~(METH_CLASS | METH_STATIC | METH_COEXIST)) {
    case METH_FASTCALL: *result = ((_PyCFunctionFast)f)(self, args, (Py_ssize_t)nargs); return true;
    case METH_FASTCALL | METH_KEYWORDS:
        *result = ((_PyCFunctionFastWithKeywords)f)(self, args, (Py_ssize_t)nargs, NULL);
        return true;
    case METH_O:
        if (nargs == 1) {
            *result = ((PyCFunction)f)(self, args[0]);
            return true;
        }
        return false;
    case METH_NOARGS:
        if (nargs == 0) {
            *result = ((PyCFunction)f)(self, NULL);
            return true;
        }
        return false;
    default: return false;
    }
}

bool capi_call_direct_slow(PyObject *callable, PyObject *const *args, size_t nargsf,
                           PyObject *kwnames, PyObject **result)
{
    struct thread *t = thread_current();
    if (UNLIKELY(t->recursion_depth >= (uint32_t)atomic_load_relaxed(&recursion_limit) ||
                 thread_stack_is_low())) {
        return false;
    }
    vectorcallfunc f = vectorcall_of(callable);
    if (f == NULL && callable->ob_type != &PyCFunction_Type) {
        return false;
    }
    t->recursion_depth++;
    bool called = true;
    if (f != NULL) {
        *result = f(callable, args, nargsf, kwnames);
    } else {
        called = call_function(callable, args, (size_t)PyVectorcall_NARGS(nargsf), kwnames, result);
    }
    t->recursion_depth--;
    if (called) {
        *result = check_result(t, callable, *result);
    }
    return called;
}

/* Does a call of it call extension code, and nothing of ours around that? */
static bool is_extension_code(PyObject *callable)
{
    const PyTypeObject *type = callable->ob_type;
    if (type == &PyCFunction_Type) {
        return ((PyCFunctionObject *)callable)->m_ml->ml_meth != NULL;
    }
    if (type == &PyMethodDescr_Type) {
        return ((PyMethodDescrObject *)callable)->d_method->ml_meth != NULL;
    }
    return vectorcall_of(callable) != NULL ||
           (type->tp_call != NULL && !capi_is_our_code((const void *)type->tp_call));
}

/* The last result of extension code was published with its return (capi_result_slow); no safepoint
 * has come since. If that return was the callable's own, the reference that came with it was the
 * only one: what held others, C code by counting and code of ours through the API, would have made
 * the count higher or the object public before. */
bool capi_take_back(PyObject *callable, PyObject *result)
{
    if (result->ob_refcnt != OBJECT_PUBLIC_COUNT || !heap_is_foreign(result) ||
        result->ob_type->tp_cache == NULL ||
        (type_info(result->ob_type)->flags & TYPE_FOREIGN) == 0 || heap_has_weakrefs(result) ||
        !is_extension_code(callable)) {
        return false;
    }
    result->ob_refcnt = 1;
    return true;
}

#define ROW_MAX 32

/* The same as pointers, in an array whose element -1 may be overwritten; -1: there are too many. */
static Py_ssize_t collect_pointers(PyObject **row, va_list *arguments)
{
    Py_ssize_t n = 0;
    for (PyObject *o; (o = va_arg(*arguments, PyObject *)) != NULL;) {
        if (n == ROW_MAX) {
            return -1;
        }
        row[n++] = o;
    }
    return n;
}

/* The same, published; -1 with SystemError. PyObject * and Value have the same bits. */
static Py_ssize_t collect_row(Value *row, va_list *arguments)
{
    PyObject **pointers = (PyObject **)(void *)row;
    Py_ssize_t n = collect_pointers(pointers, arguments);
    if (n < 0) {
        return error_raise_int(PyExc_SystemError, "too many arguments in a row");
    }
    capi_values(pointers, (size_t)n);
    return n;
}

PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...)
{
    PyObject *row[ROW_MAX + 1], *result;
    va_list arguments;
    va_start(arguments, callable);
    Py_ssize_t n = collect_pointers(row + 1, &arguments);
    va_end(arguments);
    row[0] = NULL;
    if (n >= 0 && capi_call_direct(callable, row + 1, (size_t)n | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                   NULL, &result)) {
        return result;
    }
    struct thread *t = capi_enter();
    if (n < 0) {
        return capi_return(t, error_raise(PyExc_SystemError, "too many arguments in a row"));
    }
    return capi_return(t, object_call(capi_value(callable), capi_values(row + 1, (size_t)n),
                                      (size_t)n | CALL_PREPEND, NULL));
}

PyObject *PyObject_CallMethodObjArgs(PyObject *o, PyObject *name, ...)
{
    Value row[ROW_MAX];
    va_list arguments;
    va_start(arguments, name);
    struct thread *t = capi_enter();
    Py_ssize_t n = collect_row(row, &arguments);
    va_end(arguments);
    Value method = n < 0 ? VALUE_NULL : object_getattr_value(capi_value(o), capi_value(name));
    return capi_return(t,
                       value_is_null(method) ? method : object_call(method, row, (size_t)n, NULL));
}

PyAPI_FUNC(PyObject *) _Py_VaBuildValue_SizeT(const char *, va_list);

/* A format that makes a tuple gives all arguments, any other value is the only one. */
static Value call_built(Value callable, const char *format, va_list arguments)
{
    if (value_is_null(callable) || format == NULL || *format == 0) {
        return value_is_null(callable) ? callable : object_call0(callable);
    }
    capi_leave(thread_current());
    Value built = capi_result(_Py_VaBuildValue_SizeT(format, arguments), "Py_BuildValue", NULL);
    if (value_is_null(built)) {
        return built;
    }
    return tuple_check_exact(built) ? object_call_tuple(callable, value_object(built), NULL)
                                    : object_call1(callable, built);
}

PyObject *PyObject_CallFunction(PyObject *callable, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct thread *t = capi_enter();
    Value result = call_built(capi_value(callable), format, arguments);
    va_end(arguments);
    return capi_return(t, result);
}

PyObject *PyObject_CallMethod(PyObject *o, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct thread *t = capi_enter();
    PyObject *text = str_intern_text(name);
    Value method = text == NULL ? VALUE_NULL : object_getattr(capi_value(o), text);
    Value result = call_built(method, format, arguments);
    va_end(arguments);
    return capi_return(t, result);
}

PyAPI_FUNC(PyObject *) _PyObject_CallFunction_SizeT(PyObject *, const char *, ...)
    __attribute__((alias("PyObject_CallFunction")));
PyAPI_FUNC(PyObject *) _PyObject_CallMethod_SizeT(PyObject *, const char *, const char *, ...)
    __attribute__((alias("PyObject_CallMethod")));

PyObject *PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf,
                                    PyObject *kwnames)
{
    struct thread *t = capi_enter();
    size_t nargs = (size_t)PyVectorcall_NARGS(nargsf);
    size_t keywords = kwnames == NULL ? 0 : (size_t)PyTuple_GET_SIZE(kwnames);
    const Value *values = capi_values(args, nargs + keywords);
    Value method = object_getattr_value(values[0], capi_value(name));
    return capi_return(t, value_is_null(method)
                              ? method
                              : object_call(method, values + 1, nargs - 1, capi_object(kwnames)));
}

PyObject *PyObject_VectorcallDict(PyObject *callable, PyObject *const *args, size_t nargsf,
                                  PyObject *kwargs)
{
    struct thread *t = capi_enter();
    size_t nargs = (size_t)PyVectorcall_NARGS(nargsf);
    PyObject *tuple = tuple_from_array(capi_values(args, nargs), nargs);
    return capi_return(
        t, tuple == NULL ? VALUE_NULL
                         : object_call_tuple(capi_value(callable), tuple, capi_object(kwargs)));
}

PyObject *_PyObject_MakeTpCall(PyThreadState *state, PyObject *callable, PyObject *const *args,
                               Py_ssize_t nargs, PyObject *keywords)
{
    return keywords != NULL && PyDict_Check(keywords)
               ? PyObject_VectorcallDict(callable, args, (size_t)nargs, keywords)
               : PyObject_Vectorcall(callable, args, (size_t)nargs, keywords);
}

PyObject *_Py_CheckFunctionResult(PyThreadState *state, PyObject *callable, PyObject *result,
                                  const char *where)
{
    if ((result == NULL) == (PyErr_Occurred() != NULL)) {
        return result;
    }
    struct thread *t = thread_current();
    return capi_return(t, capi_result(result, where, callable));
}

/* Up to NULL, by a name that is an identifier. */
PyObject *_PyObject_CallMethodIdObjArgs(PyObject *o, _Py_Identifier *name, ...)
{
    Value row[ROW_MAX];
    va_list arguments;
    va_start(arguments, name);
    struct thread *t = capi_enter();
    Py_ssize_t n = collect_row(row, &arguments);
    va_end(arguments);
    PyObject *text = capi_identifier(name);
    Value method = n < 0 || text == NULL ? VALUE_NULL : object_getattr(capi_value(o), text);
    return capi_return(t,
                       value_is_null(method) ? method : object_call(method, row, (size_t)n, NULL));
}

PyObject *_PyObject_CallMethodId(PyObject *o, _Py_Identifier *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct thread *t = capi_enter();
    PyObject *text = capi_identifier(name);
    Value method = text == NULL ? VALUE_NULL : object_getattr(capi_value(o), text);
    PyObject *result = capi_return(t, call_built(method, format, arguments));
    va_end(arguments);
    return result;
}

PyAPI_FUNC(PyObject *) _PyObject_CallMethodId_SizeT(PyObject *, _Py_Identifier *, const char *, ...)
    __attribute__((alias("_PyObject_CallMethodId")));

PyObject *_PyObject_FastCall(PyObject *callable, PyObject *const *args, Py_ssize_t n)
{
    return PyObject_Vectorcall(callable, args, (size_t)n, NULL);
}
