/* SPDX-License-Identifier: MIT */
/* _json.make_encoder: writes a value as JSON text, in one piece. */
#include <math.h>
#include <Python.h>
#include <structmember.h>

#include "module/json_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"

struct encoder {
    PyObject head;
    /* All constant after birth. */
    Value markers, default_, encoder, indent, key_separator, item_separator;
    enum json_string_writer writer;
    bool sort_keys, skipkeys, allow_nan;
};

struct writing {
    const struct encoder *e;
    struct str_builder out;
};

static int write_value(struct writing *w, Value v);

static int put(struct writing *w, const char *text)
{
    return str_builder_ascii(&w->out, text, (Py_ssize_t)strlen(text));
}

static int write_string(struct writing *w, Value v)
{
    if (w->e->writer != JSON_WRITER_OTHER) {
        return json_write_string(&w->out, value_object(v), w->e->writer == JSON_WRITER_ASCII);
    }
    Value text = object_call1(w->e->encoder, v);
    if (value_is_null(text)) {
        return -1;
    }
    if (!str_check(text)) {
        return error_raise_int(PyExc_TypeError, "encoder() must return a string, not %T", text);
    }
    return str_builder_str(&w->out, value_object(text));
}

static int write_float(struct writing *w, Value v)
{
    double d = float_value(v);
    if (!isfinite(d)) {
        if (!w->e->allow_nan) {
            return error_raise_int(PyExc_ValueError,
                                   "Out of range float values are not JSON compliant");
        }
        return put(w, isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
    }
    PyObject *text = float_repr(d);
    return text == NULL ? -1 : str_builder_str(&w->out, text);
}

static int write_int(struct writing *w, Value v)
{
    PyObject *text = int_to_text(v, 10);
    return text == NULL ? -1 : str_builder_str(&w->out, text);
}

/* ---- The check for circular references: markers maps id to object. */

static int enter(struct writing *w, Value v, Value *id)
{
    if (value_is_none(w->e->markers)) {
        return 0;
    }
    *id = int_from_u64((uint64_t)(uintptr_t)value_object(v));
    int found = object_contains(w->e->markers, *id);
    if (found != 0) {
        return found < 0 ? -1 : error_raise_int(PyExc_ValueError, "Circular reference detected");
    }
    return object_setitem(w->e->markers, *id, v);
}

static int leave(struct writing *w, Value id)
{
    return value_is_none(w->e->markers) ? 0 : object_setitem(w->e->markers, id, VALUE_ABSENT);
}

/* ---- Containers. */

static Py_ssize_t items_length(PyObject *items)
{
    return list_check(value_from_object(items)) ? list_length(items) : tuple_length(items);
}

/* A list or tuple; a list may change meanwhile. */
static int write_items(struct writing *w, Value sequence)
{
    PyObject *items = value_object(sequence);
    if (items_length(items) == 0) {
        return put(w, "[]");
    }
    Value id = VALUE_NONE;
    if (enter(w, sequence, &id) < 0 || put(w, "[") < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < items_length(items); i++) {
        Value item = list_check(sequence) ? list_find(items, i) : tuple_get(items, i);
        if (value_is_absent(item)) {
            break;
        }
        if ((i > 0 && str_builder_str(&w->out, value_object(w->e->item_separator)) < 0) ||
            write_value(w, item) < 0) {
            return -1;
        }
    }
    return leave(w, id) < 0 ? -1 : put(w, "]");
}

/* 1 written, 0 skipped, -1. */
static int write_key(struct writing *w, Value key, bool first)
{
    bool simple = str_check(key) || float_check(key) || int_check(key) || value_is_none(key);
    if (!simple) {
        if (w->e->skipkeys) {
            return 0;
        }
        return error_raise_int(PyExc_TypeError,
                               "keys must be str, int, float, bool or None, not %T", key);
    }
    if (!first && str_builder_str(&w->out, value_object(w->e->item_separator)) < 0) {
        return -1;
    }
    if (str_check(key)) {
        return write_string(w, key) < 0 ? -1 : 1;
    }
    bool bare =
        value_is_none(key) || value_same_bits(key, VALUE_TRUE) || value_same_bits(key, VALUE_FALSE);
    struct writing inner = {.e = w->e};
    int status = bare               ? write_value(&inner, key)
                 : float_check(key) ? write_float(&inner, key)
                                    : write_int(&inner, key);
    PyObject *text = status < 0 ? NULL : str_builder_finish(&inner.out);
    return text == NULL || write_string(w, value_from_object(text)) < 0 ? -1 : 1;
}

static PyObject *sorted_items(struct writing *w, Value mapping)
{
    PyObject *items;
    if (dict_check_exact(mapping)) {
        items = dict_items(value_object(mapping));
    } else {
        Value v = object_call_method0(mapping, names.items);
        items = value_is_null(v) ? NULL : object_to_list(v);
    }
    if (items != NULL && w->e->sort_keys && list_sort(items, VALUE_ABSENT, false) < 0) {
        return NULL;
    }
    return items;
}

static int write_mapping(struct writing *w, Value mapping)
{
    Py_ssize_t n = dict_length(value_object(mapping));
    if (n == 0) {
        return put(w, "{}");
    }
    Value id = VALUE_NONE;
    if (enter(w, mapping, &id) < 0 || put(w, "{") < 0) {
        return -1;
    }
    PyObject *items = sorted_items(w, mapping);
    if (items == NULL) {
        return -1;
    }
    bool first = true;
    for (Py_ssize_t i = 0; i < list_length(items); i++) {
        Value item = list_find(items, i);
        if (!tuple_check(item) || tuple_length(value_object(item)) != 2) {
            return error_raise_int(PyExc_ValueError, "items must return 2-tuples");
        }
        int status = write_key(w, tuple_get(value_object(item), 0), first);
        if (status < 0) {
            return -1;
        }
        if (status == 0) {
            continue;
        }
        first = false;
        if (str_builder_str(&w->out, value_object(w->e->key_separator)) < 0 ||
            write_value(w, tuple_get(value_object(item), 1)) < 0) {
            return -1;
        }
    }
    return leave(w, id) < 0 ? -1 : put(w, "}");
}

/* What default() makes of any other object. */
static int write_other(struct writing *w, Value v)
{
    Value id = VALUE_NONE;
    if (enter(w, v, &id) < 0) {
        return -1;
    }
    Value replaced = object_call1(w->e->default_, v);
    if (value_is_null(replaced) || write_value(w, replaced) < 0) {
        return -1;
    }
    return leave(w, id);
}

static int write_nested(struct writing *w, Value v)
{
    if (recursion_enter(" while encoding a JSON object") < 0) {
        return -1;
    }
    int status = list_check(v) || tuple_check(v) ? write_items(w, v)
                 : dict_check(v)                 ? write_mapping(w, v)
                                                 : write_other(w, v);
    recursion_leave();
    return status;
}

static int write_value(struct writing *w, Value v)
{
    if (str_check(v)) {
        return write_string(w, v);
    }
    if (value_is_none(v)) {
        return put(w, "null");
    }
    if (value_same_bits(v, VALUE_TRUE)) {
        return put(w, "true");
    }
    if (value_same_bits(v, VALUE_FALSE)) {
        return put(w, "false");
    }
    if (int_check(v)) {
        return write_int(w, v);
    }
    if (float_check(v)) {
        return write_float(w, v);
    }
    return write_nested(w, v);
}

/* ---- The type. */

static Value encoder_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value a[2];
    if (native_bind("_iterencode", "(obj, _current_indent_level)", &signature, args,
                    CALL_NARGS(nargs), kwnames, a) < 0) {
        return VALUE_NULL;
    }
    struct writing w = {.e = (struct encoder *)value_object(self)};
    if (write_value(&w, a[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *text = str_builder_finish(&w.out);
    return text == NULL ? VALUE_NULL : value_from_object(tuple_pack(1, text));
}

static Value encoder_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value a[9];
    bool flags[3];
    if (native_bind("make_encoder",
                    "(markers, default, encoder, indent, key_separator, "
                    "item_separator, sort_keys, skipkeys, allow_nan)",
                    &signature, args, nargs, kwnames, a) < 0) {
        return VALUE_NULL;
    }
    for (int i = 4; i < 6; i++) {
        if (!str_check(a[i])) {
            return error_raise(PyExc_TypeError, "make_encoder() argument %d must be str, not %T",
                               i + 1, a[i]);
        }
    }
    if (!value_is_none(a[0]) && !dict_check(a[0])) {
        return error_raise(PyExc_TypeError,
                           "make_encoder() argument 1 must be dict or None, not %T", a[0]);
    }
    for (int i = 0; i < 3; i++) {
        if (arg_bool(a[6 + i], &flags[i]) < 0) {
            return VALUE_NULL;
        }
    }
    struct encoder *e = (struct encoder *)object_alloc(type, 0);
    if (e == NULL) {
        return VALUE_NULL;
    }
    Value *slots = &e->markers;
    for (int i = 0; i < 6; i++) {
        heap_init_value(e, &slots[i], a[i]);
    }
    e->writer = json_writer_of(a[2]);
    e->sort_keys = flags[0];
    e->skipkeys = flags[1];
    e->allow_nan = flags[2];
    return value_from_object(e);
}

static void encoder_trace(PyObject *self, struct tracer *tracer)
{
    trace_words(tracer, &((struct encoder *)self)->markers, 6);
}

static const struct member_def encoder_members[] = {
    {"markers", MEMBER_VALUE, offsetof(struct encoder, markers), READONLY, "markers"},
    {"default", MEMBER_VALUE, offsetof(struct encoder, default_), READONLY, "default"},
    {"encoder", MEMBER_VALUE, offsetof(struct encoder, encoder), READONLY, "encoder"},
    {"indent", MEMBER_VALUE, offsetof(struct encoder, indent), READONLY, "indent"},
    {"key_separator", MEMBER_VALUE, offsetof(struct encoder, key_separator), READONLY, NULL},
    {"item_separator", MEMBER_VALUE, offsetof(struct encoder, item_separator), READONLY, NULL},
    {"sort_keys", T_BOOL, offsetof(struct encoder, sort_keys), READONLY, "sort_keys"},
    {"skipkeys", T_BOOL, offsetof(struct encoder, skipkeys), READONLY, "skipkeys"},
    {NULL},
};

static struct type_info encoder_info = {
    .ops = {.call = encoder_call, .new_ = encoder_new},
    .trace = encoder_trace,
    .members = encoder_members,
};

PyTypeObject json_encoder_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_json.Encoder",
    .tp_basicsize = sizeof(struct encoder),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "JSON encoder object",
    .tp_cache = (PyObject *)&encoder_info,
};
