/* SPDX-License-Identifier: MIT */
/* _collections: what collections is made of. deque is in collections_deque.c, OrderedDict in
 * object/ordered_dict.c. */
#include <Python.h>
#include <structmember.h>

#include "module/collections_int.h"
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

/* ---- defaultdict. */

struct default_dict {
    PyDictObject dict;
    PyObject *factory; /* None or a callable; atomic */
};

static PyTypeObject default_dict_type;

static void default_dict_trace(PyObject *self, struct tracer *tracer)
{
    type_info(&PyDict_Type)->trace(self, tracer);
    trace_pointer(tracer, ((struct default_dict *)self)->factory);
}

static PyObject *get_factory(Value self)
{
    PyObject *factory = atomic_load_acquire(&((struct default_dict *)value_object(self))->factory);
    return factory != NULL ? factory : Py_None;
}

static int default_dict_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct default_dict *d = (struct default_dict *)value_object(self);
    if (nargs > 0) {
        if (!value_is_none(args[0]) && !object_is_callable(args[0])) {
            return error_raise_int(PyExc_TypeError, "first argument must be callable or None");
        }
        heap_store(d, &d->factory, value_box(args[0]));
        args++;
        nargs--;
    } else {
        heap_store(d, &d->factory, Py_None);
    }
    return type_ops(&PyDict_Type)->init(self, args, nargs, kwnames);
}

/* One thread's value wins, and all get that one, as with CPython's uninterrupted built-in calls. */
static Value default_dict_missing(Value self, Value key)
{
    PyObject *factory = get_factory(self);
    if (factory == Py_None) {
        return error_raise_value(PyExc_KeyError, key);
    }
    Value v = object_call0(value_from_object(factory));
    if (value_is_null(v)) {
        return v;
    }
    if (value_ops(self)->setitem == type_ops(&PyDict_Type)->setitem) {
        return dict_setdefault(value_object(self), key, v);
    }
    return object_setitem(self, key, v) < 0 ? VALUE_NULL : v;
}

static Value default_dict_getitem(Value self, Value key)
{
    if (value_type(self) != &default_dict_type) {
        return type_ops(&PyDict_Type)->getitem(self, key);
    }
    Value v = dict_get(value_object(self), key);
    return value_is_absent(v) ? default_dict_missing(self, key) : v;
}

static Value default_dict_copy(Value self)
{
    return object_call2(value_from_object(value_type(self)), value_from_object(get_factory(self)),
                        self);
}

static Value default_dict_or(Value left, Value right)
{
    bool left_is_self = value_is_instance(left, &default_dict_type);
    Value self = left_is_self ? left : right, other = left_is_self ? right : left;
    if (!dict_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value result = object_call2(value_from_object(value_type(self)),
                                value_from_object(get_factory(self)), left);
    if (value_is_null(result) || dict_update(value_object(result), right) < 0) {
        return VALUE_NULL;
    }
    return result;
}

static Value default_dict_repr(Value self)
{
    Value base = type_ops(&PyDict_Type)->repr(self);
    Value factory = value_from_object(get_factory(self));
    if (value_is_null(base)) {
        return base;
    }
    PyObject *text;
    int active = repr_enter(factory);
    if (active != 0) {
        text = active > 0 ? str_from_text("...") : NULL;
    } else {
        text = object_repr(factory);
        repr_leave(factory);
    }
    return text == NULL
               ? VALUE_NULL
               : value_from_object(str_format("%s(%U, %U)", type_short_name(value_type(self)), text,
                                              value_object(base)));
}

static Value default_dict_reduce(Value self)
{
    PyObject *factory = get_factory(self);
    PyObject *arguments = factory == Py_None ? tuple_new(0) : tuple_pack(1, factory);
    Value items = object_call_method0(self, names.items);
    Value iterator = value_is_null(items) ? items : object_iter(items);
    if (arguments == NULL || value_is_null(iterator)) {
        return VALUE_NULL;
    }
    Value parts[5] = {value_from_object(value_type(self)), value_from_object(arguments), VALUE_NONE,
                      VALUE_NONE, iterator};
    return value_from_object(tuple_from_array(parts, 5));
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def default_dict_methods[] = {
    {"__missing__", "($self, key, /)", "Makes and stores the value for a missing key.",
     .f1 = default_dict_missing},
    {"copy", "($self, /)", "A shallow copy.", .f0 = default_dict_copy},
    {"__copy__", "($self, /)", "A shallow copy.", .f0 = default_dict_copy},
    {"__reduce__", "($self, /)", "State for pickling.", .f0 = default_dict_reduce},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static const struct member_def default_dict_members[] = {
    {"default_factory", T_OBJECT, offsetof(struct default_dict, factory), 0,
     "what makes the values of missing keys"},
    {NULL},
};

static struct type_info default_dict_info = {
    .ops = {.init = default_dict_init,
            .repr = default_dict_repr,
            .getitem = default_dict_getitem,
            .binary = {[OP_OR] = default_dict_or}},
    .trace = default_dict_trace,
    .methods = default_dict_methods,
    .members = default_dict_members,
};

static PyTypeObject default_dict_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "collections.defaultdict",
    .tp_doc = "defaultdict(default_factory=None, /, [...])\n\nA dict that makes missing values.",
    .tp_base = &PyDict_Type,
    .tp_basicsize = sizeof(struct default_dict),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&default_dict_info,
};

/* ---- _tuplegetter: the fields of named tuples. */

struct tuple_getter {
    PyObject_HEAD Py_ssize_t index; /* constant */
    PyObject *doc;                  /* atomic */
};

static void tuple_getter_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct tuple_getter *)self)->doc);
}

static Value tuple_getter_new(PyTypeObject *type, const Value *args, size_t nargs,
                              PyObject *kwnames)
{
    Py_ssize_t index;
    if (native_no_keywords("_tuplegetter", kwnames) < 0 ||
        native_check_positional("_tuplegetter", nargs, 2, 2) < 0 ||
        arg_index(args[0], &index) < 0) {
        return VALUE_NULL;
    }
    struct tuple_getter *g = (struct tuple_getter *)object_alloc(type, 0);
    if (g != NULL) {
        g->index = index;
        heap_init(g, &g->doc, value_box(args[1]));
    }
    return value_from_object(g);
}

static Value tuple_getter_get(Value self, Value object, PyTypeObject *owner)
{
    struct tuple_getter *g = (struct tuple_getter *)value_object(self);
    if (value_is_absent(object) || value_is_null(object)) {
        return self;
    }
    if (!tuple_check(object)) {
        if (value_is_none(object)) {
            return self;
        }
        return error_raise(PyExc_TypeError,
                           "descriptor for index '%zd' for tuple subclasses doesn't apply to '%T' "
                           "object",
                           g->index, object);
    }
    if ((size_t)g->index >= (size_t)tuple_length(value_object(object))) {
        return error_raise(PyExc_IndexError, "tuple index out of range");
    }
    return tuple_get(value_object(object), g->index);
}

static int tuple_getter_set(Value self, Value object, Value v)
{
    return error_raise_int(PyExc_AttributeError,
                           value_is_absent(v) ? "can't delete attribute" : "can't set attribute");
}

static Value tuple_getter_reduce(Value self)
{
    struct tuple_getter *g = (struct tuple_getter *)value_object(self);
    Value arguments[2] = {int_from_ssize(g->index), value_from_object(g->doc)};
    PyObject *t = tuple_from_array(arguments, 2);
    return t != NULL ? value_from_object(tuple_pack(2, (PyObject *)value_type(self), t))
                     : VALUE_NULL;
}

static Value tuple_getter_repr(Value self)
{
    struct tuple_getter *g = (struct tuple_getter *)value_object(self);
    return value_from_object(str_format("%s(%zd, %R)", type_short_name(value_type(self)), g->index,
                                        value_from_object(g->doc)));
}

static const struct native_def tuple_getter_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = tuple_getter_reduce},
    {NULL},
};

static const struct member_def tuple_getter_members[] = {
    {"__doc__", T_OBJECT, offsetof(struct tuple_getter, doc), 0, NULL},
    {NULL},
};

static struct type_info tuple_getter_info = {
    .ops = {.new_ = tuple_getter_new,
            .repr = tuple_getter_repr,
            .descr_get = tuple_getter_get,
            .descr_set = tuple_getter_set},
    .trace = tuple_getter_trace,
    .methods = tuple_getter_methods,
    .members = tuple_getter_members,
};

static PyTypeObject tuple_getter_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_collections._tuplegetter",
    .tp_basicsize = sizeof(struct tuple_getter),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&tuple_getter_info,
};

/* ---- _count_elements: the loop of Counter.update. */

static bool behaves_like_dict(Value mapping)
{
    PyTypeObject *type = value_type(mapping);
    return dict_check(mapping) && type_ops(type)->setitem == type_ops(&PyDict_Type)->setitem &&
           value_same_bits(type_lookup(type, names.get), type_lookup(&PyDict_Type, names.get));
}

/* Counts one element: 0 or -1. */
static int count_in_dict(PyObject *d, Value key)
{
    Value old = dict_get(d, key), sum;
    if (value_is_null(old)) {
        return -1;
    }
    if (value_is_absent(old)) {
        sum = value_from_int(1);
    } else if (value_is_int(old) && value_int(old) < VALUE_INT_MAX) {
        sum = value_from_int(value_int(old) + 1);
    } else {
        sum = object_binary(old, value_from_int(1), OP_ADD);
    }
    return value_is_null(sum) ? -1 : dict_set(d, key, sum);
}

static int count_in_mapping(Value mapping, Value get, Value key)
{
    Value old = object_call2(get, key, value_from_int(0));
    Value sum = value_is_null(old) ? old : object_binary(old, value_from_int(1), OP_ADD);
    return value_is_null(sum) ? -1 : object_setitem(mapping, key, sum);
}

static Value count_elements(Value self, const Value *args)
{
    Value iterator = object_iter_owned(args[1]), get = VALUE_ABSENT;
    bool plain = behaves_like_dict(args[0]);
    if (!value_is_null(iterator) && !plain) {
        get = object_getattr(args[0], names.get);
    }
    if (value_is_null(iterator) || value_is_null(get)) {
        return VALUE_NULL;
    }
    for (;;) {
        Value key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? key : VALUE_NONE;
        }
        int status =
            plain ? count_in_dict(value_object(args[0]), key) : count_in_mapping(args[0], get, key);
        if (status < 0) {
            return VALUE_NULL;
        }
    }
}

/* ---- The module. */

static const struct native_def functions[] = {
    {"_count_elements", "($module, mapping, iterable, /)",
     "Count elements in the iterable, updating the mapping", .n = count_elements},
    {NULL},
};

static int collections_exec(PyObject *module)
{
    PyTypeObject *types[] = {&deque_type, &default_dict_type, &deque_iterator_type,
                             &deque_reverse_iterator_type, &tuple_getter_type};
    snapshot_other = (struct snapshot_kind){&deque_type, deque_to_list};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (type_ready(types[i]) < 0 || module_add_type(module, types[i]) < 0) {
            return -1;
        }
    }
    return module_add(module, "OrderedDict", value_from_object(&PyODict_Type));
}

const struct module_def collections_module = {
    .name = "_collections",
    .doc = "High performance data structures.",
    .functions = functions,
    .exec = collections_exec,
};
