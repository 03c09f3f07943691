/* SPDX-License-Identifier: MIT */
/* The dict type: its operations and methods. */
#include "object/dict_int.h"

Value dict_missing_key(Value key)
{
    return error_raise_value(PyExc_KeyError, key);
}

static void dict_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, atomic_load_acquire(&((PyDictObject *)self)->ma_keys));
}

static Value dict_op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (type == &PyDict_Type) {
        return value_from_object(dict_new());
    }
    PyDictObject *d = (PyDictObject *)object_alloc(type, 0);
    if (d != NULL) {
        d->ma_keys = (PyDictKeysObject *)&dict_empty_table;
        d->ma_version_tag = dict_new_version();
    }
    return value_from_object(d);
}

/* dict(...) and d.update(...). */
static int update_common(PyObject *d, const char *fname, const Value *args, size_t nargs,
                         PyObject *kwnames)
{
    if (native_check_positional(fname, nargs, 0, 1) < 0) {
        return -1;
    }
    if (nargs == 1 && dict_update(d, args[0]) < 0) {
        return -1;
    }
    Py_ssize_t count = kwnames != NULL ? tuple_length(kwnames) : 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (dict_set(d, tuple_get(kwnames, i), args[nargs + (size_t)i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int dict_op_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return update_common(value_object(self), "dict", args, nargs, kwnames);
}

static Value dict_op_repr(Value self)
{
    PyObject *d = value_object(self);
    if (dict_length(d) == 0) {
        return value_from_object(str_from_ascii("{}", 2));
    }
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_from_ascii("{...}", 5)) : VALUE_NULL;
    }
    struct str_builder b;
    str_builder_init(&b);
    int status = str_builder_char(&b, '{');
    size_t position = 0;
    Value key, v;
    for (bool first = true; status == 0 && dict_next(d, &position, &key, &v, NULL); first = false) {
        status = first ? 0 : str_builder_ascii(&b, ", ", 2);
        PyObject *text = status == 0 ? object_repr(key) : NULL;
        status =
            text != NULL && str_builder_str(&b, text) == 0 ? str_builder_ascii(&b, ": ", 2) : -1;
        text = status == 0 ? object_repr(v) : NULL;
        status = text != NULL ? str_builder_str(&b, text) : -1;
    }
    repr_leave(self);
    if (status < 0 || str_builder_char(&b, '}') < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

/* 1 if every item of a is in b. */
static int dict_items_in(PyObject *a, PyObject *b)
{
    size_t position = 0;
    Value key, v;
    Py_hash_t hash;
    while (dict_next(a, &position, &key, &v, &hash)) {
        Value other = dict_get_hashed(b, key, hash);
        if (!value_is_present(other)) {
            return value_is_null(other) ? -1 : 0;
        }
        int equal = object_equal(other, v);
        if (equal != 1) {
            return equal;
        }
    }
    return 1;
}

static Value dict_op_richcompare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !dict_check(self) || !dict_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = value_object(self), *b = value_object(other);
    int equal = dict_length(a) == dict_length(b) ? dict_items_in(a, b) : 0;
    return equal < 0 ? VALUE_NULL : value_from_bool(equal == (op == Py_EQ));
}

static Py_ssize_t dict_op_len(Value self)
{
    return dict_length(value_object(self));
}

static Value call_missing(Value self, Value key)
{
    Value missing;
    int found = object_find_special(self, names.__missing__, &missing);
    if (found != 0) {
        return found < 0 ? VALUE_NULL : object_call1(missing, key);
    }
    return dict_missing_key(key);
}

static Value dict_op_getitem(Value self, Value key)
{
    PyObject *d = value_object(self);
    Value v = dict_get(d, key);
    if (LIKELY(!value_is_absent(v))) {
        return v;
    }
    return d->ob_type == &PyDict_Type ? dict_missing_key(key) : call_missing(self, key);
}

static int dict_op_setitem(Value self, Value key, Value v)
{
    PyObject *d = value_object(self);
    if (!value_is_absent(v)) {
        return dict_set(d, key, v);
    }
    int deleted = dict_delete(d, key);
    if (deleted == 0) {
        dict_missing_key(key);
        return -1;
    }
    return deleted < 0 ? -1 : 0;
}

static int dict_op_contains(Value self, Value key)
{
    return dict_contains(value_object(self), key);
}

static Value dict_op_or(Value left, Value right)
{
    if (!dict_check(left) || !dict_check(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *d = dict_copy(value_object(left));
    return d == NULL || dict_update(d, right) < 0 ? VALUE_NULL : value_from_object(d);
}

static Value dict_op_inplace_or(Value self, Value other)
{
    return dict_update(value_object(self), other) < 0 ? VALUE_NULL : self;
}

static struct type_info dict_info = {
    .ops = {.new_ = dict_op_new,
            .init = dict_op_init,
            .repr = dict_op_repr,
            .richcompare = dict_op_richcompare,
            .iter = dict_op_iter,
            .len = dict_op_len,
            .getitem = dict_op_getitem,
            .setitem = dict_op_setitem,
            .contains = dict_op_contains,
            .binary = {[OP_OR] = dict_op_or},
            .inplace = {[OP_OR] = dict_op_inplace_or}},
    .trace = dict_trace,
    .methods = dict_methods,
};

PyTypeObject PyDict_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "dict",
    .tp_doc = "A mapping: dict(), dict(mapping), dict(pairs), dict(name=value, ...).",
    .tp_basicsize = sizeof(PyDictObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DICT_SUBCLASS |
                Py_TPFLAGS_MAPPING | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_MATCH_SELF,
    .tp_cache = (PyObject *)&dict_info,
};

/* ---- Methods. */

static Value method_get(Value self, const Value *args)
{
    Value v = dict_get(value_object(self), args[0]);
    if (value_is_absent(v)) {
        return value_is_absent(args[1]) ? VALUE_NONE : args[1];
    }
    return v;
}

static Value method_setdefault(Value self, const Value *args)
{
    return dict_setdefault(value_object(self), args[0],
                           value_is_absent(args[1]) ? VALUE_NONE : args[1]);
}

static Value method_pop(Value self, const Value *args)
{
    PyObject *d = value_object(self);
    if (dict_length(d) == 0) {
        if (value_is_present(args[1])) {
            return args[1];
        }
        return dict_missing_key(args[0]);
    }
    Value v = dict_pop(d, args[0]);
    if (value_is_absent(v)) {
        return value_is_absent(args[1]) ? dict_missing_key(args[0]) : args[1];
    }
    return v;
}

static Value method_popitem(Value self)
{
    return dict_popitem(value_object(self));
}

static Value method_update(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    int status = update_common(value_object(self), "update", args, nargs, kwnames);
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_clear(Value self)
{
    dict_clear(value_object(self));
    return VALUE_NONE;
}

static Value method_copy(Value self)
{
    return value_from_object(dict_copy(value_object(self)));
}

static Value method_contains(Value self, Value key)
{
    int found = dict_contains(value_object(self), key);
    return found < 0 ? VALUE_NULL : value_from_bool(found);
}

static Value method_getitem(Value self, Value key)
{
    return dict_op_getitem(self, key);
}

static Value method_sizeof(Value self)
{
    PyObject *d = value_object(self);
    const struct dict_table *t = dict_table(d);
    size_t size = (size_t)d->ob_type->tp_basicsize;
    if (t->kind != DICT_VIEW && t != &dict_empty_table) {
        size += sizeof *t + ((size_t)t->index_bytes << t->log2_indices) +
                t->capacity * sizeof(struct dict_entry);
    }
    return int_from_size(size);
}

/* From a set or a dict, whose hashes are known. */
static int fill_from_keys(PyObject *d, Value source, Value v)
{
    bool is_dict = dict_check(source);
    size_t position = 0;
    Value key;
    Py_hash_t hash;
    while (is_dict ? dict_next(value_object(source), &position, &key, NULL, &hash)
                   : set_next(value_object(source), &position, &key, &hash)) {
        if (dict_set_hashed(d, key, v, hash) < 0) {
            return -1;
        }
    }
    return 0;
}

static Value method_fromkeys(Value class, const Value *args)
{
    Value v = value_is_absent(args[1]) ? VALUE_NONE : args[1];
    Value result = object_call0(class);
    if (value_is_null(result)) {
        return VALUE_NULL;
    }
    bool plain = dict_check_exact(result);
    if (plain && (set_check(args[0]) || dict_check_exact(args[0]))) {
        return fill_from_keys(value_object(result), args[0], v) < 0 ? VALUE_NULL : result;
    }
    Value iterator = object_iter_owned(args[0]);
    if (value_is_null(iterator)) {
        return VALUE_NULL;
    }
    for (;;) {
        Value key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? VALUE_NULL : result;
        }
        int status =
            plain ? dict_set(value_object(result), key, v) : object_setitem(result, key, v);
        if (status < 0) {
            return VALUE_NULL;
        }
    }
}

static Value method_class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static Value make_view(Value self, PyTypeObject *type)
{
    return value_from_object(dict_view_new(value_object(self), type));
}
static Value method_keys(Value self)
{
    return make_view(self, &PyDictKeys_Type);
}
static Value method_values(Value self)
{
    return make_view(self, &PyDictValues_Type);
}
static Value method_items(Value self)
{
    return make_view(self, &PyDictItems_Type);
}

static Value method_reversed(Value self)
{
    return value_from_object(dict_iterator_new(value_object(self), &PyDictRevIterKey_Type));
}

const struct native_def dict_methods[] = {
    {"__contains__", "($self, key, /)", "True if the dictionary has the key, else False.",
     NATIVE_COEXIST, .f1 = method_contains},
    {"__getitem__", "($self, key, /)", "x.__getitem__(y) <==> x[y]", NATIVE_COEXIST,
     .f1 = method_getitem},
    {"__sizeof__", "($self, /)", "D.__sizeof__() -> size of D in memory, in bytes",
     .f0 = method_sizeof},
    {"get", "($self, key, default=None, /)",
     "Return the value for key if key is in the dictionary, else default.", .n = method_get},
    {"setdefault", "($self, key, default=None, /)",
     "Insert key with the default value if it is missing.\n\nReturn the value for key.",
     .n = method_setdefault},
    {"pop", "($self, key, default=<unrepresentable>, /)",
     "Remove the key and return its value.\n\n"
     "If it is missing, return the default if given; otherwise, raise a KeyError.",
     .n = method_pop},
    {"popitem", "($self, /)",
     "Remove and return a (key, value) pair as a 2-tuple, last in, first out.\n\n"
     "Raises KeyError if the dict is empty.",
     .f0 = method_popitem},
    {"keys", "($self, /)", "A set-like object showing the keys.", .f0 = method_keys},
    {"items", "($self, /)", "A set-like object showing the items.", .f0 = method_items},
    {"values", "($self, /)", "An object showing the values.", .f0 = method_values},
    {"update", NULL, "Update the dict from a mapping or pairs, and from keyword arguments.",
     .raw = method_update},
    {"fromkeys", "($type, iterable, value=None, /)",
     "Make a new dictionary with keys from iterable and values set to value.", NATIVE_CLASS,
     .n = method_fromkeys},
    {"clear", "($self, /)", "Remove all items.", .f0 = method_clear},
    {"copy", "($self, /)", "A shallow copy.", .f0 = method_copy},
    {"__reversed__", "($self, /)", "A reverse iterator over the keys.", .f0 = method_reversed},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS,
     .f1 = method_class_getitem},
    {NULL},
};
