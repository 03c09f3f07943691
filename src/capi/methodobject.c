/* SPDX-License-Identifier: MIT */
/* Functions of extensions (PyMethodDef) in every calling convention, their getset descriptors, and
 * the vectorcall entry of our own objects. */
#include <stdlib.h>

#include "capi/capi_int.h"
#include "object/int.h"
#include "object/list.h"
#include "object/module.h"

/* ---- Calling a PyMethodDef. */

/* A method as its descriptor knows it, and what it is called with; `class` is NULL for functions.
 */
struct c_call {
    PyMethodDef *def;
    PyObject *self;
    PyTypeObject *class;
};

/* "module.function" or "Class.method", for messages. */
static const char *full_name(const struct c_call *call)
{
    PyObject *text = NULL;
    if (call->class != NULL) {
        text = str_format("%N.%s", call->class, call->def->ml_name);
    } else if (call->self != NULL && PyModule_Check(call->self) &&
               ((struct module_object *)call->self)->name != NULL) {
        text = str_format("%U.%s", ((struct module_object *)call->self)->name, call->def->ml_name);
    }
    const char *utf8 = text == NULL ? NULL : str_utf8(text, NULL);
    return utf8 == NULL ? call->def->ml_name : utf8;
}

static NO_INLINE const char *shown_callable(const struct c_call *call)
{
    PyObject *text = call->class != NULL ? str_format("<method '%s' of '%s' objects>",
                                                      call->def->ml_name, call->class->tp_name)
                                         : str_format("<built-in function %s>", call->def->ml_name);
    return text == NULL ? call->def->ml_name : str_utf8(text, NULL);
}

static COLD Value finish_slow(const struct c_call *call, PyObject *result)
{
    const char *shown = NULL;
    if ((result == NULL) != (thread_current()->state.curexc_type != NULL)) {
        PyObject *current = NULL;
        if (result != NULL) {
            capi_enter();
            current = error_take();
        }
        shown = shown_callable(call);
        if (current != NULL) {
            error_restore(current);
            capi_leave(thread_current());
        }
    }
    return capi_result(result, shown, NULL);
}

static ALWAYS_INLINE Value finish(struct thread *t, const struct c_call *call, PyObject *result)
{
    if (UNLIKELY(result == NULL || t->state.curexc_type != NULL)) {
        return finish_slow(call, result);
    }
    return capi_result(result, NULL, NULL);
}

#define FEW 12

/* Arguments as pointers, in an array whose element -1 may be overwritten. */
static ALWAYS_INLINE PyObject **box_arguments(PyObject **few, const Value *args, size_t count)
{
    PyObject **boxed = few;
    if (UNLIKELY(count >= FEW)) {
        boxed = heap_alloc((count + 1) * sizeof *boxed, CELL_WORDS);
        if (boxed == NULL) {
            error_no_memory();
            return NULL;
        }
    }
    boxed[0] = NULL;
    for (size_t i = 0; i < count; i++) {
        boxed[i + 1] = value_box_ready(args[i]);
        if (UNLIKELY(boxed[i + 1] == NULL)) {
            return NULL;
        }
    }
    return boxed + 1;
}

static ALWAYS_INLINE Value call_fast(struct thread *t, const struct c_call *call, const Value *args,
                                     size_t nargs, PyObject *kwnames)
{
    PyMethodDef *def = call->def;
    void *function = (void *)def->ml_meth;
    PyObject *few[FEW];
    size_t count = nargs + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    PyObject **boxed = box_arguments(few, args, count), *result;
    if (UNLIKELY(boxed == NULL)) {
        return VALUE_NULL;
    }
    capi_leave_to(t, function);
    if (UNLIKELY(def->ml_flags & METH_METHOD)) {
        result = ((PyCMethod)function)(call->self, call->class, boxed, nargs, kwnames);
    } else if (def->ml_flags & METH_KEYWORDS) {
        result =
            ((_PyCFunctionFastWithKeywords)function)(call->self, boxed, (Py_ssize_t)nargs, kwnames);
    } else {
        result = ((_PyCFunctionFast)function)(call->self, boxed, (Py_ssize_t)nargs);
    }
    return finish(t, call, result);
}

static Value call_tuple(const struct c_call *call, const Value *args, size_t nargs,
                        PyObject *kwnames)
{
    PyMethodDef *def = call->def;
    PyObject *self = call->self;
    PyObject *tuple, *kwargs, *result;
    if (capi_pack_arguments(args, nargs, kwnames, &tuple, &kwargs) < 0) {
        return VALUE_NULL;
    }
    capi_leave_to(thread_current(), (void *)def->ml_meth);
    if (def->ml_flags & METH_KEYWORDS) {
        result = ((PyCFunctionWithKeywords)(void *)def->ml_meth)(self, tuple, kwargs);
    } else {
        result = def->ml_meth(self, tuple);
    }
    return finish(thread_current(), call, result);
}

static ALWAYS_INLINE Value call_one(struct thread *t, const struct c_call *call, const Value *args,
                                    size_t nargs)
{
    PyMethodDef *def = call->def;
    bool wants = (def->ml_flags & METH_O) != 0;
    if (UNLIKELY(nargs != (wants ? 1 : 0))) {
        return wants ? error_raise(PyExc_TypeError, "%s() takes exactly one argument (%zu given)",
                                   full_name(call), nargs)
                     : error_raise(PyExc_TypeError, "%s() takes no arguments (%zu given)",
                                   full_name(call), nargs);
    }
    PyObject *argument = wants ? value_box_ready(args[0]) : NULL;
    if (UNLIKELY(wants && argument == NULL)) {
        return VALUE_NULL;
    }
    capi_leave_to(t, (void *)def->ml_meth);
    return finish(t, call, def->ml_meth(call->self, argument));
}

static ALWAYS_INLINE Value call_convention(struct thread *t, const struct c_call *call,
                                           const Value *args, size_t nargs, PyObject *kwnames)
{
    const PyMethodDef *def = call->def;
    if (UNLIKELY(kwnames != NULL && tuple_length(kwnames) == 0)) {
        kwnames = NULL;
    }
    if (UNLIKELY(kwnames != NULL && (def->ml_flags & METH_KEYWORDS) == 0)) {
        return error_raise(PyExc_TypeError, "%s() takes no keyword arguments", full_name(call));
    }
    if (def->ml_flags & METH_FASTCALL) {
        return call_fast(t, call, args, nargs, kwnames);
    }
    if (def->ml_flags & (METH_O | METH_NOARGS)) {
        return call_one(t, call, args, nargs);
    }
    return call_tuple(call, args, nargs, kwnames);
}

static Value call_method(PyMethodDef *def, PyObject *self, PyTypeObject *class, const Value *args,
                         size_t nargs, PyObject *kwnames)
{
    struct thread *t = thread_current();
    if (UNLIKELY(recursion_enter(" while calling a Python object") < 0)) {
        return VALUE_NULL;
    }
    struct c_call call = {def, (def->ml_flags & METH_STATIC) != 0 ? NULL : self, class};
    Value result = call_convention(t, &call, args, CALL_NARGS(nargs), kwnames);
    recursion_leave();
    return result;
}

static Value call_getter(PyGetSetDef *def, PyObject *self)
{
    capi_leave_to(thread_current(), (void *)def->get);
    return capi_result(def->get(self, def->closure), def->name, NULL);
}

Value capi_lend_get(PyObject *descriptor, PyObject *object, bool keep, bool *is_private)
{
    if (descriptor->ob_type != &PyGetSetDescr_Type ||
        !type_is_subtype(object->ob_type, PyDescr_TYPE(descriptor))) {
        return VALUE_ABSENT;
    }
    const PyGetSetDef *def = ((PyGetSetDescrObject *)descriptor)->d_getset;
    if (def->get == NULL || capi_is_our_code((void *)def->get)) {
        return VALUE_ABSENT;
    }
    capi_leave_to(thread_current(), (void *)def->get);
    return capi_result_kept(def->get(object, def->closure), keep, is_private, def->name, NULL);
}

static int call_setter(PyGetSetDef *def, PyObject *self, Value value)
{
    PyObject *boxed = value_is_absent(value) ? NULL : value_box(value);
    if (boxed == NULL && !value_is_absent(value)) {
        return -1;
    }
    capi_leave_to(thread_current(), (void *)def->set);
    return capi_result_int(def->set(self, boxed, def->closure));
}

static Value load_field(PyObject **field)
{
    capi_leave(thread_current());
    Value v = capi_value(*field);
    capi_enter();
    return v;
}

static void store_field(PyObject **field, PyObject *value)
{
    capi_leave(thread_current());
    PyObject *old = *field;
    *field = Py_XNewRef(value);
    Py_XDECREF(old);
    capi_enter();
}

/* ---- What the vectorcall fields of our own objects point to. */

static PyObject *vectorcall_entry(PyObject *callable, PyObject *const *args, size_t nargsf,
                                  PyObject *kwnames)
{
    struct thread *t = capi_enter();
    size_t nargs = (size_t)PyVectorcall_NARGS(nargsf);
    kwnames = capi_object(kwnames);
    size_t count = nargs + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    return capi_return(t,
                       object_call(capi_value(callable), capi_values(args, count), nargs, kwnames));
}

void capi_init_methods(void)
{
    native_hooks.vectorcall = vectorcall_entry;
    native_hooks.call = call_method;
    native_hooks.lend = capi_lend;
    native_hooks.lend_get = capi_lend_get;
    native_hooks.lends_store = capi_lends_store;
    native_hooks.alloc_class = capi_alloc_class;
    native_hooks.take_class_slots = capi_take_class_slots;
    native_hooks.take_back = capi_take_back;
    native_hooks.drop = capi_drop;
    native_hooks.share = capi_share;
    native_hooks.get = call_getter;
    native_hooks.set = call_setter;
    native_hooks.load_field = load_field;
    native_hooks.store_field = store_field;
}

/* ---- Exported. */

PyObject *PyCMethod_New(PyMethodDef *def, PyObject *self, PyObject *module, PyTypeObject *class)
{
    struct thread *t = capi_enter();
    return capi_return_object(
        t, native_function_new_c(def, capi_object(self), capi_object(module), class));
}

#undef PyCFunction_NewEx
PyObject *PyCFunction_NewEx(PyMethodDef *def, PyObject *self, PyObject *module)
{
    return PyCMethod_New(def, self, module, NULL);
}

#undef PyCFunction_New
PyObject *PyCFunction_New(PyMethodDef *def, PyObject *self)
{
    return PyCMethod_New(def, self, NULL, NULL);
}

PyCFunction PyCFunction_GetFunction(PyObject *f)
{
    return PyCFunction_Check(f) ? ((PyCFunctionObject *)f)->m_ml->ml_meth
                                : (PyCFunction)CAPI_BAD_ARGUMENT();
}

PyObject *PyCFunction_GetSelf(PyObject *f)
{
    return PyCFunction_Check(f) ? PyCFunction_GET_SELF(f) : CAPI_BAD_ARGUMENT();
}

int PyCFunction_GetFlags(PyObject *f)
{
    return PyCFunction_Check(f) ? ((PyCFunctionObject *)f)->m_ml->ml_flags
                                : CAPI_BAD_ARGUMENT_INT();
}

/* ---- tp_methods of our own types, for extensions that look a method up there and call it. */

static PyObject *out_no_arguments(PyObject *self, PyObject *unused, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    const struct native_def *def = capi_thunks[thunk].function;
    return capi_return(t, native_call(def, NULL, capi_value(self), NULL, 0, NULL));
}

static PyObject *out_one_argument(PyObject *self, PyObject *argument, void *b, void *c,
                                  size_t thunk)
{
    struct thread *t = capi_enter();
    const struct native_def *def = capi_thunks[thunk].function;
    Value v = capi_value(argument);
    return capi_return(t, native_call(def, NULL, capi_value(self), &v, 1, NULL));
}

static PyObject *out_fast(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames, size_t thunk)
{
    struct thread *t = capi_enter();
    const struct native_def *def = capi_thunks[thunk].function;
    size_t keywords = kwnames == NULL ? 0 : (size_t)PyTuple_GET_SIZE(kwnames);
    const Value *values = capi_values(args, (size_t)nargs + keywords);
    return capi_return(
        t, native_call(def, NULL, capi_value(self), values, (size_t)nargs, capi_object(kwnames)));
}

static PyMethodDef c_method(const struct native_def *def)
{
    void *datum = (void *)(uintptr_t)def;
    int flags = (def->flags & NATIVE_CLASS) != 0    ? METH_CLASS
                : (def->flags & NATIVE_STATIC) != 0 ? METH_STATIC
                                                    : 0;
    capi_code code = (capi_code)out_fast;
    int convention = METH_FASTCALL | METH_KEYWORDS;
    if (def->f0 != NULL) {
        code = (capi_code)out_no_arguments;
        convention = METH_NOARGS;
    } else if (def->f1 != NULL) {
        code = (capi_code)out_one_argument;
        convention = METH_O;
    }
    return (PyMethodDef){def->name, (PyCFunction)capi_thunk(code, datum), flags | convention,
                         def->doc};
}

void capi_fill_methods(PyTypeObject *type)
{
    const struct native_def *defs = type_info(type)->methods;
    size_t count = 0;
    while (defs != NULL && defs[count].name != NULL) {
        count++;
    }
    PyMethodDef *methods = count == 0 ? NULL : calloc(count + 1, sizeof *methods);
    for (size_t i = 0; methods != NULL && i < count; i++) {
        methods[i] = c_method(&defs[i]);
    }
    type->tp_methods = methods;
}
