/* SPDX-License-Identifier: MIT */
/* Functions, and instancemethod: a callable that binds as a function does. */
#include "object/function.h"

#include "capi/capi_int.h"
#include "object/native.h"

static PyFunctionObject *function_of(PyObject *o)
{
    if (o == NULL || !PyFunction_Check(o)) {
        CAPI_BAD_ARGUMENT();
        return NULL;
    }
    return (PyFunctionObject *)o;
}

PyObject *PyFunction_New(PyObject *code, PyObject *globals)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, function_new(capi_object(code), capi_object(globals)));
}

/* All borrowed. */
PyObject *PyFunction_GetCode(PyObject *o)
{
    const PyFunctionObject *f = function_of(o);
    return f == NULL ? NULL : f->func_code;
}

PyObject *PyFunction_GetGlobals(PyObject *o)
{
    const PyFunctionObject *f = function_of(o);
    return f == NULL ? NULL : f->func_globals;
}

PyObject *PyFunction_GetModule(PyObject *o)
{
    const PyFunctionObject *f = function_of(o);
    return f == NULL ? NULL : f->func_module;
}

PyObject *PyFunction_GetDefaults(PyObject *o)
{
    const PyFunctionObject *f = function_of(o);
    return f == NULL ? NULL : f->func_defaults;
}

PyObject *PyFunction_GetClosure(PyObject *o)
{
    const PyFunctionObject *f = function_of(o);
    return f == NULL ? NULL : f->func_closure;
}

/* ---- instancemethod */

static Value function_value(Value self)
{
    return value_from_object(((PyInstanceMethodObject *)value_object(self))->func);
}

static Value instancemethod_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return object_call(function_value(self), args, nargs, kwnames);
}

static Value instancemethod_get(Value self, Value object, PyTypeObject *owner)
{
    return value_is_absent(object) ? function_value(self)
                                   : value_from_object(method_new(function_value(self), object));
}

static Value instancemethod_getattr(Value self, PyObject *name)
{
    Value found = object_generic_getattr(self, name);
    if (!value_is_absent(found)) {
        return found;
    }
    int status = object_find_attr(function_value(self), name, &found);
    return status == 1 ? found : status == 0 ? VALUE_ABSENT : VALUE_NULL;
}

static Value instancemethod_repr(Value self)
{
    Value name = object_getattr(function_value(self), names.__name__);
    if (!str_check(name)) {
        error_clear();
        name = value_from_object(str_intern_text("?"));
    }
    return value_from_object(
        str_format("<instancemethod %S at 0x%llx>", name, (unsigned long long)self.bits));
}

static Value instancemethod_new(PyTypeObject *type, const Value *args, size_t nargs,
                                PyObject *kwnames)
{
    if (native_no_keywords("instancemethod", kwnames) < 0 ||
        native_check_positional("instancemethod", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    if (!object_is_callable(args[0])) {
        return error_raise(PyExc_TypeError, "first argument must be callable");
    }
    PyInstanceMethodObject *m = (PyInstanceMethodObject *)object_alloc(type, 0);
    if (m != NULL) {
        heap_init(m, &m->func, value_object(args[0]));
    }
    return value_from_object(m);
}

static void instancemethod_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((PyInstanceMethodObject *)self)->func);
}

static struct type_info instancemethod_info = {
    .ops = {.call = instancemethod_call,
            .descr_get = instancemethod_get,
            .getattr = instancemethod_getattr,
            .repr = instancemethod_repr,
            .new_ = instancemethod_new},
    .trace = instancemethod_trace,
};
PyTypeObject PyInstanceMethod_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "instancemethod",
    .tp_doc = "instancemethod(function)\n\nBind a function to a class.",
    .tp_basicsize = sizeof(PyInstanceMethodObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&instancemethod_info,
};

PyObject *PyInstanceMethod_New(PyObject *function)
{
    struct thread *t = capi_enter();
    Value argument = capi_value(function);
    return capi_return(t, type_ready(&PyInstanceMethod_Type) < 0
                              ? VALUE_NULL
                              : instancemethod_new(&PyInstanceMethod_Type, &argument, 1, NULL));
}

PyObject *PyInstanceMethod_Function(PyObject *o)
{
    return ((PyInstanceMethodObject *)o)->func;
}

/* ---- The rest of what functions have. */

PyObject *PyFunction_NewWithQualName(PyObject *code, PyObject *globals, PyObject *qualname)
{
    PyObject *f = PyFunction_New(code, globals);
    if (f != NULL && qualname != NULL && PyObject_SetAttrString(f, "__qualname__", qualname) < 0) {
        Py_CLEAR(f);
    }
    return f;
}

PyObject *PyFunction_GetKwDefaults(PyObject *o)
{
    const PyFunctionObject *f = function_of(o);
    return f == NULL ? NULL : f->func_kwdefaults;
}

/* None, or a value of the right type. */
static int set_attribute(PyObject *o, const char *name, PyObject *value, bool is_right,
                         const char *message)
{
    if (function_of(o) == NULL) {
        return -1;
    }
    if (value != Py_None && !is_right) {
        PyErr_SetString(PyExc_SystemError, message);
        return -1;
    }
    return PyObject_SetAttrString(o, name, value);
}

int PyFunction_SetDefaults(PyObject *o, PyObject *defaults)
{
    return set_attribute(o, "__defaults__", defaults, PyTuple_Check(defaults),
                         "non-tuple default args");
}

int PyFunction_SetKwDefaults(PyObject *o, PyObject *defaults)
{
    return set_attribute(o, "__kwdefaults__", defaults, PyDict_Check(defaults),
                         "non-dict keyword only default args");
}

int PyFunction_SetAnnotations(PyObject *o, PyObject *annotations)
{
    return set_attribute(o, "__annotations__", annotations, PyDict_Check(annotations),
                         "non-dict annotations");
}

/* Borrowed: the function has them from now on, if it had none. */
PyObject *PyFunction_GetAnnotations(PyObject *o)
{
    PyObject *annotations =
        function_of(o) == NULL ? NULL : PyObject_GetAttrString(o, "__annotations__");
    Py_XDECREF(annotations);
    return annotations;
}

int PyFunction_SetClosure(PyObject *o, PyObject *closure)
{
    PyFunctionObject *f = function_of(o);
    if (f == NULL) {
        return -1;
    }
    if (closure != Py_None && !PyTuple_Check(closure)) {
        PyErr_Format(PyExc_SystemError, "expected tuple for closure, got '%.100s'",
                     closure->ob_type->tp_name);
        return -1;
    }
    struct thread *t = capi_enter();
    heap_store(f, &f->func_closure, closure == Py_None ? NULL : capi_object(closure));
    return capi_return_int(t, 0);
}

#undef PyMethod_Function
PyAPI_FUNC(PyObject *) PyMethod_Function(PyObject *method);
PyObject *PyMethod_Function(PyObject *method)
{
    return PyMethod_GET_FUNCTION(method);
}

#undef PyMethod_Self
PyAPI_FUNC(PyObject *) PyMethod_Self(PyObject *method);
PyObject *PyMethod_Self(PyObject *method)
{
    return PyMethod_GET_SELF(method);
}

/* ---- Cells. */

static bool check_cell(PyObject *cell)
{
    if (cell == NULL || !PyCell_Check(cell)) {
        CAPI_BAD_ARGUMENT();
        return false;
    }
    return true;
}

PyObject *PyCell_New(PyObject *content)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, cell_new(capi_value_or(content, VALUE_ABSENT)));
}

PyObject *PyCell_Get(PyObject *cell)
{
    if (!check_cell(cell)) {
        return NULL;
    }
    struct thread *t = capi_enter();
    return capi_return(t, cell_get(capi_object(cell)));
}

int PyCell_Set(PyObject *cell, PyObject *content)
{
    if (!check_cell(cell)) {
        return -1;
    }
    struct thread *t = capi_enter();
    return capi_return_int(t, cell_set(capi_object(cell), capi_value(content)));
}
