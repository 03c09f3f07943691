/* SPDX-License-Identifier: MIT */
/* The instructions of match statements (PEP 634). */
#include "vm/vm_int.h"

bool vm_is_mapping_pattern(Value v)
{
    return (value_type(v)->tp_flags & Py_TPFLAGS_MAPPING) != 0;
}

bool vm_is_sequence_pattern(Value v)
{
    return (value_type(v)->tp_flags & Py_TPFLAGS_SEQUENCE) != 0;
}

/* A name may be bound once per class pattern. 0, or -1 with TypeError. */
static int note_name(Value class, PyObject *seen, Value name)
{
    int found = set_contains(seen, name);
    if (found != 0) {
        return found < 0 ? -1
                         : error_raise_int(PyExc_TypeError,
                                           "%N() got multiple sub-patterns for attribute %R",
                                           (PyTypeObject *)value_object(class), name);
    }
    return set_add(seen, name);
}

/* subject.name for a pattern: 1, 0 (no such attribute: no match), -1. */
static int match_attribute(Value subject, Value class, PyObject *seen, Value name, PyObject *out)
{
    if (note_name(class, seen, name) < 0) {
        return -1;
    }
    Value v;
    int found = object_find_attr_value(subject, name, &v);
    return found <= 0 ? found : list_append(out, v) < 0 ? -1 : 1;
}

static bool matches_self(PyTypeObject *type)
{
    return (type->tp_flags & _Py_TPFLAGS_MATCH_SELF) != 0;
}

static int match_positional(Value subject, Value class, int count, PyObject *seen, PyObject *out)
{
    PyTypeObject *type = (PyTypeObject *)value_object(class);
    Value match_args;
    int found = object_find_attr(class, names.__match_args__, &match_args);
    if (found < 0) {
        return -1;
    }
    int allowed = 0;
    bool self = false;
    if (found == 0) {
        self = matches_self(type);
        allowed = self ? 1 : 0;
    } else if (!tuple_check_exact(match_args)) {
        return error_raise_int(PyExc_TypeError, "%N.__match_args__ must be a tuple (got %T)", type,
                               match_args);
    } else {
        allowed = (int)tuple_length(value_object(match_args));
    }
    if (allowed < count) {
        return error_raise_int(PyExc_TypeError,
                               "%N() accepts %d positional sub-pattern%s (%d given)", type, allowed,
                               allowed == 1 ? "" : "s", count);
    }
    if (self) {
        return list_append(out, subject) < 0 ? -1 : 1;
    }
    for (int i = 0; i < count; i++) {
        Value name = tuple_get(value_object(match_args), i);
        if (!str_check_exact(name)) {
            return error_raise_int(PyExc_TypeError,
                                   "__match_args__ elements must be strings (got %T)", name);
        }
        int matched = match_attribute(subject, class, seen, name, out);
        if (matched <= 0) {
            return matched;
        }
    }
    return 1;
}

Value vm_match_class(Value subject, Value class, Value keywords, int positional)
{
    if (!type_has_feature(value_type(class), Py_TPFLAGS_TYPE_SUBCLASS)) {
        return error_raise(PyExc_TypeError, "called match pattern must be a class");
    }
    int is_instance = object_is_instance(subject, class);
    if (is_instance <= 0) {
        return is_instance < 0 ? VALUE_NULL : VALUE_NONE;
    }
    PyObject *seen = set_new(&PySet_Type, VALUE_ABSENT);
    PyObject *out = list_new(positional);
    if (seen == NULL || out == NULL) {
        return VALUE_NULL;
    }
    if (positional > 0) {
        int matched = match_positional(subject, class, positional, seen, out);
        if (matched <= 0) {
            return matched < 0 ? VALUE_NULL : VALUE_NONE;
        }
    }
    PyObject *wanted = value_object(keywords);
    for (Py_ssize_t i = 0; i < tuple_length(wanted); i++) {
        int matched = match_attribute(subject, class, seen, tuple_get(wanted, i), out);
        if (matched <= 0) {
            return matched < 0 ? VALUE_NULL : VALUE_NONE;
        }
    }
    return value_from_object(list_to_tuple(out));
}

Value vm_match_keys(Value mapping, Value keys)
{
    PyObject *wanted = value_object(keys);
    Py_ssize_t count = tuple_length(wanted);
    PyObject *seen = set_new(&PySet_Type, VALUE_ABSENT);
    PyObject *out = list_new(count);
    Value get = count == 0 ? VALUE_NONE : object_getattr(mapping, names.get);
    if (seen == NULL || out == NULL || value_is_null(get)) {
        return VALUE_NULL;
    }
    /* get() with a default that nothing equals: missing keys must not be made (defaultdict). */
    PyObject *missing = object_alloc(&PyBaseObject_Type, 0);
    for (Py_ssize_t i = 0; i < count; i++) {
        Value key = tuple_get(wanted, i);
        int duplicate = set_contains(seen, key);
        if (duplicate < 0) {
            return VALUE_NULL;
        }
        if (duplicate) {
            return error_raise(PyExc_ValueError, "mapping pattern checks duplicate key (%R)", key);
        }
        Value v = object_call2(get, key, value_from_object(missing));
        if (value_is_null(v) || set_add(seen, key) < 0) {
            return VALUE_NULL;
        }
        if (v.bits == value_from_object(missing).bits) {
            return VALUE_NONE;
        }
        if (list_append(out, v) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list_to_tuple(out));
}
