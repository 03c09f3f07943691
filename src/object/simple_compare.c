/* SPDX-License-Identifier: MIT */
/* Comparisons that need no Python code. */
#include "object/simple_compare.h"

#include "object/bytes.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

enum key_class { KEY_NUMBER, KEY_STR, KEY_BYTES, KEY_TUPLE, KEY_IDENTITY, KEY_OTHER };

static enum key_class key_class(Value v)
{
    if (!value_is_object(v)) {
        return KEY_NUMBER;
    }
    PyTypeObject *type = value_object(v)->ob_type;
    if (type == &PyUnicode_Type) {
        return KEY_STR;
    }
    if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type) {
        return KEY_NUMBER;
    }
    if (type == &PyTuple_Type) {
        return KEY_TUPLE;
    }
    if (type == &PyBytes_Type) {
        return bytes_warning_level > 0 ? KEY_OTHER : KEY_BYTES; /* a comparison may warn */
    }
    return type_ops(type)->richcompare == type_ops(&PyBaseObject_Type)->richcompare ? KEY_IDENTITY
                                                                                    : KEY_OTHER;
}

static int numbers_equal(Value a, Value b)
{
    double x, y;
    int64_t i;
    bool float_a = float_try(a, &x), float_b = float_try(b, &y);
    if (float_a && float_b) {
        return x == y || memcmp(&x, &y, sizeof x) == 0;
    }
    if (float_a || float_b) {
        Value other = float_a ? b : a;
        if (other.bits == VALUE_TRUE.bits || other.bits == VALUE_FALSE.bits) {
            i = other.bits == VALUE_TRUE.bits;
        } else if (!int_try_small(other, &i)) {
            return -1;
        }
        return (double)i == (float_a ? x : y);
    }
    return int_compare(a, b) == 0;
}

static int tuples_equal(PyObject *a, PyObject *b, int depth)
{
    Py_ssize_t length = tuple_length(a);
    if (length != tuple_length(b)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        PyObject *x = tuple_object(a, i), *y = tuple_object(b, i);
        if (x == y) {
            continue;
        }
        int equal = depth > 0
                        ? value_equal_simple(value_from_object(x), value_from_object(y), depth - 1)
                        : -1;
        if (equal != 1) {
            return equal;
        }
    }
    return 1;
}

int value_equal_simple(Value a, Value b, int depth)
{
    if (value_same_bits(a, b)) {
        return 1;
    }
    if (value_is_object(a) && value_is_object(b)) {
        PyTypeObject *type = value_object(a)->ob_type;
        if (type == value_object(b)->ob_type) {
            if (type == &PyUnicode_Type) {
                return str_equal(value_object(a), value_object(b));
            }
            if (type == &PyTuple_Type) {
                return tuples_equal(value_object(a), value_object(b), depth);
            }
            if (type == &PyFloat_Type || type == &PyLong_Type) {
                return numbers_equal(a, b);
            }
        }
    }
    enum key_class class_a = key_class(a), class_b = key_class(b);
    if (class_a == KEY_OTHER || class_b == KEY_OTHER) {
        return -1;
    }
    if (class_a != class_b) {
        return 0;
    }
    switch (class_a) {
    case KEY_NUMBER: return numbers_equal(a, b);
    case KEY_BYTES:
        return bytes_length(value_object(a)) == bytes_length(value_object(b)) &&
               memcmp(bytes_data(value_object(a)), bytes_data(value_object(b)),
                      (size_t)bytes_length(value_object(a))) == 0;
    default: return 0;
    }
}

/* ---- Order. */

static int numbers_less(Value a, Value b)
{
    double x, y;
    int64_t i;
    bool float_a = float_try(a, &x), float_b = float_try(b, &y);
    if (float_a && float_b) {
        return x < y;
    }
    if (float_a) {
        return int_try_small(b, &i) ? x < (double)i : -1;
    }
    if (float_b) {
        return int_try_small(a, &i) ? (double)i < y : -1;
    }
    return int_compare(a, b) < 0;
}

static int tuples_less(PyObject *a, PyObject *b, int depth)
{
    Py_ssize_t m = tuple_length(a), n = tuple_length(b);
    for (Py_ssize_t i = 0; i < m && i < n; i++) {
        int equal =
            depth > 0 ? value_equal_simple(tuple_get(a, i), tuple_get(b, i), depth - 1) : -1;
        if (equal < 0) {
            return -1;
        }
        if (!equal) {
            return value_less_simple(tuple_get(a, i), tuple_get(b, i), depth - 1);
        }
    }
    return m < n;
}

int value_less_simple(Value a, Value b, int depth)
{
    enum key_class kind = key_class(a);
    if (kind != key_class(b)) {
        return -1;
    }
    switch (kind) {
    case KEY_NUMBER: return numbers_less(a, b);
    case KEY_STR: return str_compare(value_object(a), value_object(b)) < 0;
    case KEY_TUPLE: return tuples_less(value_object(a), value_object(b), depth);
    default: return -1;
    }
}
