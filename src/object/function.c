/* SPDX-License-Identifier: MIT */
/* Function objects, bound methods, cells, staticmethod and classmethod.
 *
 * A function's code, defaults and the like may be assigned while other threads call it: each is one
 * release store, and a call reads each once. func_version stays 0, as in a function of CPython that
 * no inline cache has asked for: a counter that all threads share would slow each of them down. */
#include "object/function.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

struct function_hooks function_hooks;

static PyFunctionObject *function_of(Value self)
{
    return function_cast(value_object(self));
}

/* ---- Functions */

PyObject *function_new(PyObject *code_object, PyObject *globals)
{
    PyFunctionObject *f =
        (PyFunctionObject *)object_alloc_bytes(&PyFunction_Type, sizeof(PyFunctionObject));
    if (f == NULL) {
        return NULL;
    }
    const PyCodeObject *code = (const PyCodeObject *)code_object;
    heap_fill(f, &f->func_code, code_object);
    heap_fill(f, &f->func_globals, globals);
    heap_fill(f, &f->func_builtins, object_builtins);
    heap_fill(f, &f->func_name, code->co_name);
    heap_fill(f, &f->func_qualname, code->co_qualname);
    PyObject *doc = Py_None;
    if (tuple_length(code->co_consts) > 0) {
        Value first = tuple_get(code->co_consts, 0);
        if (str_check(first)) {
            doc = value_object(first);
        }
    }
    heap_fill(f, &f->func_doc, doc);
    Value module = dict_check(value_from_object(globals)) ? dict_get_str(globals, names.__name__)
                                                          : VALUE_ABSENT;
    heap_fill(f, &f->func_module, value_is_present(module) ? value_box(module) : NULL);
    return (PyObject *)f;
}

static Value function_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return function_hooks.call(self, args, nargs, kwnames);
}

static Value function_repr(Value self)
{
    return value_from_object(
        str_format("<function %U at 0x%lx>", function_of(self)->func_qualname, (long)self.bits));
}

static Value function_descr_get(Value self, Value object, PyTypeObject *owner)
{
    if (value_is_absent(object) || (value_is_none(object) && owner != Py_TYPE(Py_None))) {
        return self;
    }
    return value_from_object(method_new(self, object));
}

static Value get_code(Value self, void *unused)
{
    return value_from_object(function_of(self)->func_code);
}

static int set_code(Value self, Value v, void *unused)
{
    PyFunctionObject *f = function_of(self);
    if (!value_is_object(v) || value_object(v)->ob_type != &PyCode_Type) {
        return error_raise_int(PyExc_TypeError, "__code__ must be set to a code object");
    }
    int wanted = ((PyCodeObject *)value_object(v))->co_nfreevars;
    int closure = f->func_closure == NULL ? 0 : (int)tuple_length(f->func_closure);
    if (wanted != closure) {
        return error_raise_int(PyExc_ValueError,
                               "%U() requires a code object with %d free vars, not %d",
                               f->func_name, closure, wanted);
    }
    heap_store(f, &f->func_code, value_object(v));
    return 0;
}

static Value object_or_none(PyObject *o)
{
    return o == NULL ? VALUE_NONE : value_from_object(o);
}

static Value get_defaults(Value self, void *unused)
{
    return object_or_none(function_of(self)->func_defaults);
}
static int set_defaults(Value self, Value v, void *unused)
{
    PyFunctionObject *f = function_of(self);
    bool none = value_is_absent(v) || value_is_none(v);
    if (!none && !tuple_check(v)) {
        return error_raise_int(PyExc_TypeError, "__defaults__ must be set to a tuple object");
    }
    heap_store(f, &f->func_defaults, none ? NULL : value_object(v));
    return 0;
}
static Value get_kwdefaults(Value self, void *unused)
{
    return object_or_none(function_of(self)->func_kwdefaults);
}
static int set_kwdefaults(Value self, Value v, void *unused)
{
    PyFunctionObject *f = function_of(self);
    bool none = value_is_absent(v) || value_is_none(v);
    if (!none && !dict_check(v)) {
        return error_raise_int(PyExc_TypeError, "__kwdefaults__ must be set to a dict object");
    }
    heap_store(f, &f->func_kwdefaults, none ? NULL : value_object(v));
    return 0;
}

/* The compiler leaves annotations as a tuple of name, value ... until somebody asks. */
static Value get_annotations(Value self, void *unused)
{
    PyFunctionObject *f = function_of(self);
    PyObject *o = atomic_load_acquire(&f->func_annotations);
    if (o != NULL && !tuple_check(value_from_object(o))) {
        return value_from_object(o);
    }
    PyObject *dict = dict_new();
    Py_ssize_t count = o == NULL ? 0 : tuple_length(o);
    for (Py_ssize_t i = 0; dict != NULL && i + 1 < count; i += 2) {
        if (dict_set(dict, tuple_get(o, i), tuple_get(o, i + 1)) < 0) {
            return VALUE_NULL;
        }
    }
    if (dict != NULL) {
        heap_store(f, &f->func_annotations, dict);
    }
    return value_from_object(dict);
}
static int set_annotations(Value self, Value v, void *unused)
{
    PyFunctionObject *f = function_of(self);
    bool none = value_is_absent(v) || value_is_none(v);
    if (!none && !dict_check(v)) {
        return error_raise_int(PyExc_TypeError, "__annotations__ must be set to a dict object");
    }
    heap_store(f, &f->func_annotations, none ? NULL : value_object(v));
    return 0;
}
static Value get_name(Value self, void *unused)
{
    return value_from_object(function_of(self)->func_name);
}
static Value get_qualname(Value self, void *unused)
{
    return value_from_object(function_of(self)->func_qualname);
}
static int set_name(Value self, Value v, void *is_qualname)
{
    PyFunctionObject *f = function_of(self);
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s must be set to a string object",
                               is_qualname ? "__qualname__" : "__name__");
    }
    heap_store(f, is_qualname ? &f->func_qualname : &f->func_name, value_object(v));
    return 0;
}
static Value get_dict(Value self, void *unused)
{
    return value_from_object(object_dict(value_object(self)));
}
static int set_dict(Value self, Value v, void *unused)
{
    if (!dict_check(v)) {
        return value_is_absent(v) ? error_raise_int(PyExc_TypeError, "cannot delete __dict__")
                                  : error_raise_int(PyExc_TypeError,
                                                    "__dict__ must be set to a dictionary, not a "
                                                    "'%T'",
                                                    v);
    }
    return object_set_dict(value_object(self), value_object(v));
}

static const struct getset_def function_getsets[] = {
    {"__code__", get_code, set_code, NULL, NULL},
    {"__defaults__", get_defaults, set_defaults, NULL, NULL},
    {"__kwdefaults__", get_kwdefaults, set_kwdefaults, NULL, NULL},
    {"__annotations__", get_annotations, set_annotations, NULL, NULL},
    {"__dict__", get_dict, set_dict, NULL, NULL},
    {"__name__", get_name, set_name, NULL, NULL},
    {"__qualname__", get_qualname, set_name, NULL, (void *)1},
    {NULL},
};
static const struct member_def function_members[] = {
    {"__closure__", T_OBJECT, offsetof(PyFunctionObject, func_closure), READONLY, NULL},
    {"__doc__", T_OBJECT, offsetof(PyFunctionObject, func_doc), 0, NULL},
    {"__globals__", T_OBJECT, offsetof(PyFunctionObject, func_globals), READONLY, NULL},
    {"__module__", T_OBJECT, offsetof(PyFunctionObject, func_module), 0, NULL},
    {"__builtins__", T_OBJECT, offsetof(PyFunctionObject, func_builtins), READONLY, NULL},
    {NULL},
};

/* The closure must be a tuple of as many cells as the code wants. 0 or -1. */
static int check_closure(const PyCodeObject *code, Value closure)
{
    int wanted = code->co_nfreevars;
    if (!tuple_check(closure)) {
        if (wanted > 0 && value_is_none(closure)) {
            return error_raise_int(PyExc_TypeError, "arg 5 (closure) must be tuple");
        }
        if (!value_is_none(closure)) {
            return error_raise_int(PyExc_TypeError, "arg 5 (closure) must be None or tuple");
        }
        return 0;
    }
    Py_ssize_t given = tuple_length(value_object(closure));
    if (given != wanted) {
        return error_raise_int(PyExc_ValueError, "%U requires closure of length %d, not %zd",
                               code->co_name, wanted, given);
    }
    for (Py_ssize_t i = 0; i < given; i++) {
        Value cell = tuple_get(value_object(closure), i);
        if (value_object(cell)->ob_type != &PyCell_Type) {
            return error_raise_int(PyExc_TypeError, "arg 5 (closure) expected cell, found %T",
                                   cell);
        }
    }
    return 0;
}

static Value function_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value in[5];
    if (native_bind("function", "(code, globals, name=None, argdefs=None, closure=None)",
                    &signature, args, nargs, kwnames, in) < 0) {
        return VALUE_NULL;
    }
    for (int i = 2; i < 5; i++) {
        in[i] = value_is_absent(in[i]) ? VALUE_NONE : in[i];
    }
    if (!value_is_object(in[0]) || value_object(in[0])->ob_type != &PyCode_Type) {
        return error_raise(PyExc_TypeError, "function() argument 'code' must be code, not %T",
                           in[0]);
    }
    if (!dict_check(in[1])) {
        return error_raise(PyExc_TypeError, "function() argument 'globals' must be dict, not %T",
                           in[1]);
    }
    if (!value_is_none(in[2]) && !str_check(in[2])) {
        return error_raise(PyExc_TypeError, "arg 3 (name) must be None or string");
    }
    if (!value_is_none(in[3]) && !tuple_check(in[3])) {
        return error_raise(PyExc_TypeError, "arg 4 (defaults) must be None or tuple");
    }
    const PyCodeObject *code = (const PyCodeObject *)value_object(in[0]);
    if (check_closure(code, in[4]) < 0) {
        return VALUE_NULL;
    }
    PyObject *o = function_new(value_object(in[0]), value_object(in[1]));
    if (o == NULL) {
        return VALUE_NULL;
    }
    PyFunctionObject *f = function_cast(o);
    if (!value_is_none(in[2])) {
        heap_init(f, &f->func_name, value_object(in[2]));
    }
    if (!value_is_none(in[3])) {
        heap_init(f, &f->func_defaults, value_object(in[3]));
    }
    if (!value_is_none(in[4])) {
        heap_init(f, &f->func_closure, value_object(in[4]));
    }
    Value builtins = dict_get_str(value_object(in[1]), names.__builtins__);
    PyObject *caller = object_hooks.globals == NULL ? NULL : object_hooks.globals();
    if (value_is_absent(builtins) && caller != NULL) {
        builtins = dict_get_str(caller, names.__builtins__);
    }
    if (value_is_object(builtins)) {
        heap_init(f, &f->func_builtins,
                  value_object(builtins)->ob_type == &PyModule_Type
                      ? module_dict(value_object(builtins))
                      : value_object(builtins));
    }
    return value_from_object(o);
}

/* The fields from one to another, which is left out. */
#define TRACE_FIELDS(tracer, f, from, to)                                                          \
    trace_words(tracer, (const Value *)(const void *)&(f)->from,                                   \
                (offsetof(PyFunctionObject, to) - offsetof(PyFunctionObject, from)) /              \
                    sizeof(Value))

/* Nobody traces func_weakreflist (heap/weakref.c). */
static void function_trace(PyObject *self, struct tracer *tracer)
{
    const PyFunctionObject *f = (PyFunctionObject *)self;
    TRACE_FIELDS(tracer, f, func_globals, func_weakreflist);
    TRACE_FIELDS(tracer, f, func_module, vectorcall);
}

static struct type_info function_info = {
    .ops = {.repr = function_repr,
            .call = function_call,
            .descr_get = function_descr_get,
            .new_ = function_new_op},
    .trace = function_trace,
    .getsets = function_getsets,
    .members = function_members,
};
PyTypeObject PyFunction_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "function",
    .tp_doc = "function(code, globals, name=None, argdefs=None, closure=None)\n--\n\nA function "
              "made by def or lambda.",
    .tp_basicsize = sizeof(PyFunctionObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_dictoffset = offsetof(PyFunctionObject, func_dict),
    .tp_weaklistoffset = offsetof(PyFunctionObject, func_weakreflist),
    .tp_cache = (PyObject *)&function_info,
};

/* ---- Bound methods */

static PyMethodObject *method_of(Value self)
{
    return (PyMethodObject *)value_object(self);
}

PyObject *method_new(Value function, Value self)
{
    PyObject *boxed = value_box(self);
    PyMethodObject *m = boxed == NULL ? NULL
                                      : (PyMethodObject *)object_alloc_kind(
                                            &PyMethod_Type, sizeof(PyMethodObject), CELL_OBJECT);
    if (m != NULL) {
        m->im_func = value_object(function); /* plain: the cell is fresh */
        m->im_self = boxed;
    }
    return (PyObject *)m;
}

enum { FEW_ARGUMENTS = 12 };

static Value method_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyMethodObject *m = method_of(self);
    Value function = value_from_object(m->im_func);
    size_t positional = CALL_NARGS(nargs);
    size_t total = positional + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    if (nargs & CALL_PREPEND) {
        Value *slot = (Value *)args - 1;
        Value saved = *slot;
        *slot = value_unbox(m->im_self);
        Value result = object_call(function, slot, positional + 1, kwnames);
        *slot = saved;
        return result;
    }
    Value few[FEW_ARGUMENTS];
    Value *all = few;
    if (total + 1 > FEW_ARGUMENTS) {
        all = heap_alloc((total + 1) * sizeof(Value), CELL_WORDS);
        if (all == NULL) {
            return error_no_memory();
        }
    }
    all[0] = value_unbox(m->im_self);
    memcpy(all + 1, args, total * sizeof(Value));
    return object_call(function, all, positional + 1, kwnames);
}

static Value method_repr(Value self)
{
    PyMethodObject *m = method_of(self);
    Value name;
    int found = object_find_attr(value_from_object(m->im_func), names.__qualname__, &name);
    if (found == 0) {
        found = object_find_attr(value_from_object(m->im_func), names.__name__, &name);
    }
    if (found < 0) {
        return VALUE_NULL;
    }
    PyObject *shown = found > 0 && str_check(name) ? value_object(name) : str_from_text("?");
    return value_from_object(
        str_format("<bound method %U of %R>", shown, value_from_object(m->im_self)));
}

static Py_hash_t method_hash(Value self)
{
    PyMethodObject *m = method_of(self);
    Py_hash_t a = (Py_hash_t)((uintptr_t)m->im_self >> 4);
    Py_hash_t b = object_hash(value_from_object(m->im_func));
    if (b == -1) {
        return -1;
    }
    Py_hash_t hash = a ^ b;
    return hash == -1 ? -2 : hash;
}

static Value method_compare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !value_is_object(other) ||
        value_object(other)->ob_type != &PyMethod_Type) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyMethodObject *a = method_of(self), *b = method_of(other);
    int equal = object_equal(value_from_object(a->im_func), value_from_object(b->im_func));
    if (equal < 0) {
        return VALUE_NULL;
    }
    equal = equal && value_is(value_from_object(a->im_self), value_from_object(b->im_self));
    return value_from_bool(equal == (op == Py_EQ));
}

/* A method has the attributes of its function. */
static Value method_getattr(Value self, PyObject *name)
{
    Value v = object_generic_getattr(self, name);
    if (!value_is_absent(v)) {
        return v;
    }
    Value found;
    int result = object_find_attr(value_from_object(method_of(self)->im_func), name, &found);
    return result < 0 ? VALUE_NULL : result == 0 ? VALUE_ABSENT : found;
}

static Value method_descr_get(Value self, Value object, PyTypeObject *owner)
{
    return self;
}

static Value method_doc(Value self, void *unused)
{
    return object_getattr(value_from_object(method_of(self)->im_func), names.__doc__);
}

static Value method_reduce(Value self)
{
    PyMethodObject *m = method_of(self);
    Value name = object_getattr(value_from_object(m->im_func), names.__name__);
    Value getattr = dict_get_str(object_builtins, names.getattr);
    if (value_is_null(name) || !value_is_present(getattr)) {
        return VALUE_NULL;
    }
    PyObject *args = tuple_pack(2, m->im_self, value_object(name));
    return args == NULL ? VALUE_NULL
                        : value_from_object(tuple_pack(2, value_object(getattr), args));
}

static Value method_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("method", kwnames) < 0 ||
        native_check_positional("method", nargs, 2, 2) < 0) {
        return VALUE_NULL;
    }
    if (!object_is_callable(args[0])) {
        return error_raise(PyExc_TypeError, "first argument must be callable");
    }
    if (value_is_none(args[1])) {
        return error_raise(PyExc_TypeError, "instance must not be None");
    }
    return value_from_object(method_new(args[0], args[1]));
}

static void method_trace(PyObject *self, struct tracer *tracer)
{
    PyMethodObject *m = (PyMethodObject *)self;
    trace_pointer(tracer, m->im_func);
    trace_pointer(tracer, m->im_self);
}

static const struct native_def method_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = method_reduce},
    {NULL},
};
static const struct getset_def method_getsets[] = {
    {"__doc__", method_doc, NULL, NULL, NULL},
    {NULL},
};
static const struct member_def method_members[] = {
    {"__func__", T_OBJECT, offsetof(PyMethodObject, im_func), READONLY, "the function"},
    {"__self__", T_OBJECT, offsetof(PyMethodObject, im_self), READONLY, "what it is bound to"},
    {NULL},
};
static struct type_info method_info = {
    .ops = {.repr = method_repr,
            .hash = method_hash,
            .call = method_call,
            .getattr = method_getattr,
            .richcompare = method_compare,
            .descr_get = method_descr_get,
            .new_ = method_new_op},
    .trace = method_trace,
    .methods = method_methods,
    .getsets = method_getsets,
    .members = method_members,
};
PyTypeObject PyMethod_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "method",
    .tp_doc = "method(function, instance, /)\n--\n\nA function bound to an instance.",
    .tp_basicsize = sizeof(PyMethodObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_weaklistoffset = offsetof(PyMethodObject, im_weakreflist),
    .tp_cache = (PyObject *)&method_info,
};

/* ---- Cells */

PyObject *cell_new(Value v)
{
    PyObject *boxed = NULL;
    if (!value_is_absent(v)) {
        boxed = value_box(v);
        if (boxed == NULL) {
            return NULL;
        }
    }
    PyCellObject *cell =
        (PyCellObject *)object_alloc_kind(&PyCell_Type, sizeof(PyCellObject), CELL_OBJECT);
    if (cell != NULL) {
        heap_fill(cell, &cell->ob_ref, boxed);
    }
    return (PyObject *)cell;
}

int cell_set(PyObject *cell, Value v)
{
    PyObject *boxed = NULL;
    if (!value_is_null(v)) {
        boxed = value_box(v);
        if (boxed == NULL) {
            return -1;
        }
    }
    heap_store(cell, &((PyCellObject *)cell)->ob_ref, boxed);
    return 0;
}

static Value cell_repr(Value self)
{
    Value v = cell_get(value_object(self));
    if (value_is_null(v)) {
        return value_from_object(str_format("<cell at 0x%lx: empty>", (long)self.bits));
    }
    return value_from_object(
        str_format("<cell at 0x%lx: %T object at 0x%lx>", (long)self.bits, v, (long)v.bits));
}

static Value cell_compare(Value self, Value other, int op)
{
    if (!value_is_object(other) || value_object(other)->ob_type != &PyCell_Type) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value a = cell_get(value_object(self)), b = cell_get(value_object(other));
    if (!value_is_null(a) && !value_is_null(b)) {
        return object_compare(a, b, op);
    }
    int x = !value_is_null(a), y = !value_is_null(b); /* empty cells come first */
    bool result = op == Py_LT   ? x < y
                  : op == Py_LE ? x <= y
                  : op == Py_EQ ? x == y
                  : op == Py_NE ? x != y
                  : op == Py_GT ? x > y
                                : x >= y;
    return value_from_bool(result);
}

static Value cell_get_contents(Value self, void *unused)
{
    Value v = cell_get(value_object(self));
    return value_is_null(v) ? error_raise(PyExc_ValueError, "Cell is empty") : v;
}
static int cell_set_contents(Value self, Value v, void *unused)
{
    return cell_set(value_object(self), value_is_absent(v) ? VALUE_NULL : v);
}
static Value cell_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("cell", kwnames) < 0 ||
        native_check_positional("cell", nargs, 0, 1) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(cell_new(nargs == 0 ? VALUE_ABSENT : args[0]));
}
static void cell_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((PyCellObject *)self)->ob_ref);
}
static const struct getset_def cell_getsets[] = {
    {"cell_contents", cell_get_contents, cell_set_contents, NULL, NULL},
    {NULL},
};
static struct type_info cell_info = {
    .ops = {.repr = cell_repr, .richcompare = cell_compare, .new_ = cell_new_op},
    .trace = cell_trace,
    .getsets = cell_getsets,
};
PyTypeObject PyCell_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "cell",
    .tp_basicsize = sizeof(PyCellObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&cell_info,
};

/* ---- staticmethod and classmethod */

static struct method_decorator *wrapper_of(Value self)
{
    return (struct method_decorator *)value_object(self);
}

static Value wrapper_allocate(PyTypeObject *type)
{
    return value_from_object(object_alloc(type, 0));
}

static Value wrapper_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return wrapper_allocate(type);
}

/* Takes over the attributes that functools.wraps would. 0 or -1. */
static int copy_attributes(Value self, Value callable)
{
    PyObject *const copied[] = {names.__module__, names.__name__, names.__qualname__, names.__doc__,
                                names.__annotations__};
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        Value v;
        int found = object_find_attr(callable, copied[i], &v);
        if (found < 0 || (found > 0 && object_setattr(self, copied[i], v) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int wrapper_set(Value self, Value callable)
{
    struct method_decorator *w = wrapper_of(self);
    PyObject *boxed = value_box(callable);
    if (boxed == NULL) {
        return -1;
    }
    heap_store(w, &w->callable, boxed);
    return 0;
}

static int wrapper_init(const char *name, Value self, const Value *args, size_t nargs,
                        PyObject *kwnames)
{
    if ((kwnames != NULL && tuple_length(kwnames) > 0 &&
         error_raise_int(PyExc_TypeError, "%s() takes no keyword arguments", name) < 0) ||
        native_check_positional(name, nargs, 1, 1) < 0) {
        return -1;
    }
    return wrapper_set(self, args[0]) < 0 ? -1 : copy_attributes(self, args[0]);
}

static int staticmethod_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return wrapper_init("staticmethod", self, args, nargs, kwnames);
}
static int classmethod_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return wrapper_init("classmethod", self, args, nargs, kwnames);
}

static PyObject *wrapper_make(PyTypeObject *type, Value function)
{
    Value v = wrapper_allocate(type);
    return value_is_null(v) || wrapper_set(v, function) < 0 ? NULL : value_object(v);
}
PyObject *staticmethod_new(Value function)
{
    return wrapper_make(&PyStaticMethod_Type, function);
}
PyObject *classmethod_new(Value function)
{
    return wrapper_make(&PyClassMethod_Type, function);
}

static Value staticmethod_get(Value self, Value object, PyTypeObject *owner)
{
    PyObject *callable = wrapper_of(self)->callable;
    if (callable == NULL) {
        return error_raise(PyExc_RuntimeError, "uninitialized staticmethod object");
    }
    return value_from_object(callable);
}

static Value classmethod_get(Value self, Value object, PyTypeObject *owner)
{
    PyObject *callable = wrapper_of(self)->callable;
    if (callable == NULL) {
        return error_raise(PyExc_RuntimeError, "uninitialized classmethod object");
    }
    Value class = value_from_object(owner != NULL ? owner : value_type(object));
    Value (*get)(Value, Value, PyTypeObject *) = type_ops(callable->ob_type)->descr_get;
    if (get != NULL && callable->ob_type != &PyMethod_Type) {
        return get(value_from_object(callable), class, (PyTypeObject *)value_object(class));
    }
    return value_from_object(method_new(value_from_object(callable), class));
}

static Value staticmethod_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return object_call(value_from_object(wrapper_of(self)->callable), args, nargs, kwnames);
}

static Value wrapper_repr(Value self)
{
    PyTypeObject *type = value_type(self);
    PyObject *callable = wrapper_of(self)->callable;
    const char *name = type_is_subtype(type, &PyStaticMethod_Type) ? "staticmethod" : "classmethod";
    return value_from_object(
        str_format("<%s(%R)>", name, callable == NULL ? VALUE_NONE : value_from_object(callable)));
}

static Value wrapper_is_abstract(Value self, void *unused)
{
    Value v;
    PyObject *callable = wrapper_of(self)->callable;
    if (callable == NULL) {
        return VALUE_FALSE;
    }
    int found = object_find_attr(value_from_object(callable), names.__isabstractmethod__, &v);
    int truth = found > 0 ? object_truth(v) : found;
    return truth < 0 ? VALUE_NULL : value_from_bool(truth);
}

static void wrapper_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct method_decorator *)self)->callable);
    trace_pointer(tracer, ((struct method_decorator *)self)->dict);
}

static const struct getset_def wrapper_getsets[] = {
    {"__isabstractmethod__", wrapper_is_abstract, NULL, NULL, NULL},
    {"__dict__", get_dict, set_dict, NULL, NULL},
    {NULL},
};
static const struct member_def wrapper_members[] = {
    {"__func__", T_OBJECT, offsetof(struct method_decorator, callable), READONLY, NULL},
    {"__wrapped__", T_OBJECT, offsetof(struct method_decorator, callable), READONLY, NULL},
    {NULL},
};
static struct type_info staticmethod_info = {
    .ops = {.repr = wrapper_repr,
            .call = staticmethod_call,
            .descr_get = staticmethod_get,
            .init = staticmethod_init,
            .new_ = wrapper_new_op},
    .trace = wrapper_trace,
    .getsets = wrapper_getsets,
    .members = wrapper_members,
};
PyTypeObject PyStaticMethod_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "staticmethod",
    .tp_doc = "A method that gets neither the instance nor the class.",
    .tp_basicsize = sizeof(struct method_decorator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_dictoffset = offsetof(struct method_decorator, dict),
    .tp_cache = (PyObject *)&staticmethod_info,
};
static struct type_info classmethod_info = {
    .ops = {.repr = wrapper_repr,
            .descr_get = classmethod_get,
            .init = classmethod_init,
            .new_ = wrapper_new_op},
    .trace = wrapper_trace,
    .getsets = wrapper_getsets,
    .members = wrapper_members,
};
PyTypeObject PyClassMethod_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "classmethod",
    .tp_doc = "A method that gets the class instead of the instance.",
    .tp_basicsize = sizeof(struct method_decorator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_dictoffset = offsetof(struct method_decorator, dict),
    .tp_cache = (PyObject *)&classmethod_info,
};
