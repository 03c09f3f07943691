/* SPDX-License-Identifier: MIT */
/* Reading and writing C fields as structmember.h describes them. */
#include <Python.h>
#include <structmember.h>

#include "object/int.h"
#include "object/native.h"
#include "object/object.h"
#include "object/str.h"

/* Does the field lie in the part of the object that extension code made? */
static bool is_foreign_field(const PyObject *object, Py_ssize_t offset)
{
    const PyTypeObject *type = object->ob_type;
    if (LIKELY((type_info(type)->flags & TYPE_FOREIGN) == 0)) {
        return false;
    }
    while ((type_info(type)->flags & TYPE_FOREIGN) != 0) {
        type = type->tp_base;
    }
    return offset >= type->tp_basicsize;
}

static Value get_object(PyObject *object, const char *name, PyObject **field, bool required)
{
    Value found = UNLIKELY(is_foreign_field(object, (char *)field - (char *)object))
                      ? native_hooks.load_field(field)
                      : value_from_object(atomic_load_acquire(field));
    if (!value_is_null(found)) {
        return found;
    }
    if (!required) {
        return VALUE_NONE;
    }
    PyObject *text = str_intern_text(name);
    return text == NULL ? VALUE_NULL : error_no_attribute(value_from_object(object), text);
}

static Value get_value(PyObject *object, const char *name, const Value *field)
{
    Value v = value_load_acquire(field);
    if (LIKELY(value_is_present(v))) {
        return v;
    }
    PyObject *text = str_intern_text(name);
    return text == NULL ? VALUE_NULL : error_no_attribute(value_from_object(object), text);
}

static Value get_text(const char *text)
{
    return text == NULL ? VALUE_NONE : value_from_object(str_from_text(text));
}

Value member_get(PyObject *object, const char *name, int kind, Py_ssize_t offset)
{
    void *field = (char *)object + offset;
    switch (kind) {
    case MEMBER_VALUE: return get_value(object, name, field);
    case T_OBJECT: return get_object(object, name, field, false);
    case T_OBJECT_EX: return get_object(object, name, field, true);
    case T_NONE: return VALUE_NONE;
    case T_BOOL: return value_from_bool(*(const char *)field != 0);
    case T_BYTE: return int_from_i64(*(const signed char *)field);
    case T_UBYTE: return int_from_i64(*(const unsigned char *)field);
    case T_SHORT: return int_from_i64(*(const short *)field);
    case T_USHORT: return int_from_i64(*(const unsigned short *)field);
    case T_INT: return int_from_i64(*(const int *)field);
    case T_UINT: return int_from_i64(*(const unsigned *)field);
    case T_LONG: return int_from_i64(*(const long *)field);
    case T_ULONG: return int_from_u64(*(const unsigned long *)field);
    case T_LONGLONG: return int_from_i64(*(const long long *)field);
    case T_ULONGLONG: return int_from_u64(*(const unsigned long long *)field);
    case T_PYSSIZET: return int_from_ssize(*(const Py_ssize_t *)field);
    case T_FLOAT: return value_from_double(*(const float *)field);
    case T_DOUBLE: return value_from_double(*(const double *)field);
    case T_STRING: return get_text(*(const char *const *)field);
    case T_STRING_INPLACE: return get_text(field);
    case T_CHAR: return value_from_object(str_from_char(*(const unsigned char *)field));
    default: return error_raise(PyExc_SystemError, "bad memberdescr type");
    }
}

static void store_object(PyObject *object, PyObject **field, PyObject *value)
{
    if (UNLIKELY(is_foreign_field(object, (char *)field - (char *)object))) {
        native_hooks.store_field(field, value);
    } else {
        heap_store(object, field, value);
    }
}

static int delete_field(PyObject *object, const char *name, int kind, void *field)
{
    if (kind == MEMBER_VALUE) {
        if (!value_is_present(value_load_acquire(field))) {
            error_raise(PyExc_AttributeError, "%s", name);
            return -1;
        }
        heap_store_value(object, field, VALUE_ABSENT);
        return 0;
    }
    if (kind != T_OBJECT && kind != T_OBJECT_EX) {
        return error_raise_int(PyExc_TypeError, "can't delete numeric/char attribute");
    }
    if (kind == T_OBJECT_EX && atomic_load_acquire((PyObject **)field) == NULL) {
        return error_raise_int(PyExc_AttributeError, "%s", name);
    }
    store_object(object, field, NULL);
    return 0;
}

/* CPython warns of what does not fit, and stores the low bits. */
static int warn_of_truncation(int kind, int64_t wide)
{
    static const struct {
        int kind;
        int64_t low, high;
        const char *name;
    } limits[] = {{T_BYTE, SCHAR_MIN, SCHAR_MAX, "char"},
                  {T_UBYTE, 0, UCHAR_MAX, "unsigned char"},
                  {T_SHORT, SHRT_MIN, SHRT_MAX, "short"},
                  {T_USHORT, 0, USHRT_MAX, "unsigned short"}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (kind == limits[i].kind && (wide < limits[i].low || wide > limits[i].high)) {
            return error_warn(PyExc_RuntimeWarning, 1, "Truncation of value to %s", limits[i].name);
        }
    }
    return 0;
}

static int set_integer(int kind, void *field, Value value)
{
    int64_t wide;
    if (kind == T_ULONG || kind == T_ULONGLONG) {
        Value index = object_index(value);
        uint64_t bits;
        if (value_is_null(index) || int_to_u64(index, &bits) < 0) {
            return -1;
        }
        *(uint64_t *)field = bits;
        return 0;
    }
    if (arg_i64(value, &wide) < 0 || warn_of_truncation(kind, wide) < 0) {
        return -1;
    }
    switch (kind) {
    case T_BYTE:
    case T_UBYTE: *(char *)field = (char)wide; return 0;
    case T_SHORT:
    case T_USHORT: *(short *)field = (short)wide; return 0;
    case T_INT:
    case T_UINT: *(int *)field = (int)wide; return 0;
    default: *(int64_t *)field = wide; return 0;
    }
}

static int set_bool(void *field, Value value)
{
    if (!value_same_bits(value, VALUE_TRUE) && !value_same_bits(value, VALUE_FALSE)) {
        return error_raise_int(PyExc_TypeError, "attribute value type must be bool");
    }
    *(char *)field = value_same_bits(value, VALUE_TRUE);
    return 0;
}

static int set_double(int kind, void *field, Value value)
{
    double d;
    if (arg_double(value, &d) < 0) {
        return -1;
    }
    if (kind == T_FLOAT) {
        *(float *)field = (float)d;
    } else {
        *(double *)field = d;
    }
    return 0;
}

static int set_char(void *field, Value value)
{
    if (!str_check(value) || str_length(value_object(value)) != 1 ||
        str_at(value_object(value), 0) > 255) {
        return error_raise_int(PyExc_TypeError, "bad argument type for built-in operation");
    }
    *(unsigned char *)field = (unsigned char)str_at(value_object(value), 0);
    return 0;
}

static int set_object(PyObject *object, void *field, Value value)
{
    PyObject *boxed = value_box(value);
    if (boxed == NULL) {
        return -1;
    }
    store_object(object, field, boxed);
    return 0;
}

int member_set(PyObject *object, const char *name, int kind, int flags, Py_ssize_t offset,
               Value value)
{
    void *field = (char *)object + offset;
    if ((flags & READONLY) != 0) {
        return error_raise_int(PyExc_AttributeError, "readonly attribute");
    }
    if (value_is_absent(value)) {
        return delete_field(object, name, kind, field);
    }
    switch (kind) {
    case MEMBER_VALUE: heap_store_value(object, field, value); return 0;
    case T_OBJECT:
    case T_OBJECT_EX: return set_object(object, field, value);
    case T_BOOL: return set_bool(field, value);
    case T_FLOAT:
    case T_DOUBLE: return set_double(kind, field, value);
    case T_CHAR: return set_char(field, value);
    case T_STRING:
    case T_STRING_INPLACE: return error_raise_int(PyExc_TypeError, "readonly attribute");
    case T_BYTE:
    case T_UBYTE:
    case T_SHORT:
    case T_USHORT:
    case T_INT:
    case T_UINT:
    case T_LONG:
    case T_ULONG:
    case T_LONGLONG:
    case T_ULONGLONG:
    case T_PYSSIZET: return set_integer(kind, field, value);
    default: return error_raise_int(PyExc_SystemError, "bad memberdescr type for %s", name);
    }
}
