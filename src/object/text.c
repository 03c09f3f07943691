/* SPDX-License-Identifier: MIT */
/* repr(), str(), ascii(), bytes(), format() and dir() of any value. */
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

static PyObject *check_text(Value result, const char *method)
{
    if (value_is_null(result)) {
        return NULL;
    }
    if (!str_check(result)) {
        return error_raise_null(PyExc_TypeError, "%s returned non-string (type %T)", method,
                                result);
    }
    return value_object(result);
}

PyObject *object_repr(Value v)
{
    Value (*repr)(Value) = value_ops(v)->repr;
    if (repr == NULL) {
        return str_format("<%T object at 0x%llx>", v, (unsigned long long)v.bits);
    }
    if (recursion_enter(" while getting the repr of an object") < 0) {
        return NULL;
    }
    Value result = repr(v);
    recursion_leave();
    return check_text(result, "__repr__");
}

PyObject *object_str(Value v)
{
    if (str_check_exact(v)) {
        return value_object(v);
    }
    Value (*str)(Value) = value_ops(v)->str;
    if (str == NULL) {
        return object_repr(v);
    }
    if (recursion_enter(" while getting the str of an object") < 0) {
        return NULL;
    }
    Value result = str(v);
    recursion_leave();
    return check_text(result, "__str__");
}

static int append_escape(struct str_builder *out, Py_UCS4 c)
{
    char text[16];
    const char *format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    int length = snprintf(text, sizeof text, format, c);
    return str_builder_ascii(out, text, length);
}

PyObject *object_ascii(Value v)
{
    PyObject *repr = object_repr(v);
    if (repr == NULL || str_is_ascii(repr)) {
        return repr;
    }
    struct str_builder out;
    str_builder_init(&out);
    for (Py_ssize_t i = 0; i < str_length(repr); i++) {
        Py_UCS4 c = str_at(repr, i);
        int status = c < 0x80 ? str_builder_char(&out, c) : append_escape(&out, c);
        if (status < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&out);
}

PyObject *object_bytes(Value v)
{
    if (value_is_object(v) && value_object(v)->ob_type == &PyBytes_Type) {
        return value_object(v);
    }
    Value result = special_call(v, names.__bytes__, NULL, 0);
    if (value_is_absent(result)) {
        return bytes_from_value(v);
    }
    if (!value_is_null(result) && !bytes_check(result)) {
        return error_raise_null(PyExc_TypeError, "__bytes__ returned non-bytes (type %T)", result);
    }
    return value_is_null(result) ? NULL : value_object(result);
}

/* ---- format() */

/* For the exact built-in types: the result without a method call, or ABSENT. */
static Value format_builtin(Value v, PyObject *spec)
{
    bool empty = spec == NULL || str_length(spec) == 0;
    if (str_check_exact(v)) {
        return empty ? v : value_from_object(str_format_spec(value_object(v), spec));
    }
    if (int_check_exact(v) || float_check_exact(v)) {
        return empty ? value_from_object(object_str(v)) : value_from_object(number_format(v, spec));
    }
    return VALUE_ABSENT;
}

PyObject *object_format(Value v, PyObject *spec)
{
    Value result = format_builtin(v, spec);
    if (!value_is_absent(result)) {
        return (PyObject *)value_object(result);
    }
    Value argument = value_from_object(spec != NULL ? spec : str_empty());
    result = special_call(v, names.__format__, &argument, 1);
    if (value_is_absent(result)) {
        return error_raise_null(PyExc_TypeError, "Type %T doesn't define __format__", v);
    }
    if (!value_is_null(result) && !str_check(result)) {
        return error_raise_null(PyExc_TypeError, "__format__ must return a str, not %T", result);
    }
    return value_is_null(result) ? NULL : value_object(result);
}

/* ---- dir() */

PyObject *object_dir(Value v)
{
    Value names_found = special_call(v, names.__dir__, NULL, 0);
    if (value_is_absent(names_found)) {
        return error_raise_null(PyExc_TypeError, "object does not provide __dir__");
    }
    PyObject *list = value_is_null(names_found) ? NULL : object_to_list(names_found);
    return list == NULL || list_sort(list, VALUE_ABSENT, false) < 0 ? NULL : list;
}

/* ---- The guard against containers that contain themselves: a list of what the thread shows. */

int repr_enter(Value v)
{
    struct thread *t = thread_current();
    PyObject *active = value_is_object(t->locals[THREAD_LOCAL_REPR])
                           ? value_object(t->locals[THREAD_LOCAL_REPR])
                           : NULL;
    if (active == NULL) {
        active = list_new(4);
        if (active == NULL) {
            return -1;
        }
        t->locals[THREAD_LOCAL_REPR] = value_from_object(active);
    }
    for (Py_ssize_t i = list_length(active) - 1; i >= 0; i--) {
        if (value_same_bits(list_find(active, i), v)) {
            return 1;
        }
    }
    return list_append(active, v);
}

void repr_leave(Value v)
{
    struct thread *t = thread_current();
    if (!value_is_object(t->locals[THREAD_LOCAL_REPR])) {
        return;
    }
    PyObject *active = value_object(t->locals[THREAD_LOCAL_REPR]);
    for (Py_ssize_t i = list_length(active) - 1; i >= 0; i--) {
        if (value_same_bits(list_find(active, i), v)) {
            list_pop(active, i);
            return;
        }
    }
}
