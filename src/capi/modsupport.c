/* SPDX-License-Identifier: MIT */
/* Py_BuildValue: values from a format. */
#include <stdarg.h>

#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"

struct builder {
    const char *format;
    va_list *in;
};

static Value build_one(struct builder *b);

static void skip_separators(struct builder *b)
{
    while (*b->format == ',' || *b->format == ':' || *b->format == ' ' || *b->format == '\t') {
        b->format++;
    }
}

/* Values up to the closing bracket, as a list. Goes on behind an error, because the arguments that
 * are stolen must be taken all the same. */
static PyObject *build_many(struct builder *b, char closing)
{
    PyObject *list = list_new(4);
    bool failed = list == NULL;
    for (skip_separators(b); *b->format != closing; skip_separators(b)) {
        if (*b->format == 0) {
            return error_raise_null(PyExc_SystemError, "unmatched paren in format");
        }
        Value v = build_one(b);
        failed = value_is_null(v) || failed || list_append(list, v) < 0;
    }
    b->format += closing != 0;
    return failed ? NULL : list;
}

static Value build_dict(struct builder *b)
{
    PyObject *list = build_many(b, '}'), *dict = list == NULL ? NULL : dict_new();
    for (Py_ssize_t i = 0; dict != NULL && i + 1 < list_length(list); i += 2) {
        if (dict_set(dict, list_find(list, i), list_find(list, i + 1)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(dict);
}

static Value build_text(struct builder *b, char unit)
{
    const char *text = va_arg(*b->in, const char *);
    Py_ssize_t n = -1;
    if (*b->format == '#') {
        b->format++;
        n = va_arg(*b->in, Py_ssize_t);
    }
    if (text == NULL) {
        return VALUE_NONE;
    }
    if (n < 0) {
        n = (Py_ssize_t)strlen(text);
    }
    return value_from_object(unit == 'y' ? bytes_new(text, n) : str_from_utf8(text, n));
}

static Value build_object(struct builder *b, char unit)
{
    if (*b->format == '&') {
        b->format++;
        PyObject *(*convert)(void *) = va_arg(*b->in, PyObject * (*)(void *));
        void *argument = va_arg(*b->in, void *);
        capi_leave(thread_current());
        return capi_result(convert(argument), "a converter", NULL);
    }
    PyObject *o = va_arg(*b->in, PyObject *);
    if (o == NULL) {
        return error_occurred()
                   ? VALUE_NULL
                   : error_raise(PyExc_SystemError, "NULL object passed to Py_BuildValue");
    }
    return unit == 'N' ? capi_steal(o) : capi_value(o);
}

static Value build_number(struct builder *b, char unit)
{
    switch (unit) {
    case 'b':
    case 'B':
    case 'h':
    case 'i': return int_from_i64(va_arg(*b->in, int));
    case 'H': return int_from_i64(va_arg(*b->in, int));
    case 'I': return int_from_i64(va_arg(*b->in, unsigned));
    case 'n':
    case 'l':
    case 'L': return int_from_i64(va_arg(*b->in, long long));
    case 'k':
    case 'K': return int_from_u64(va_arg(*b->in, unsigned long long));
    case 'f':
    case 'd': return value_from_double(va_arg(*b->in, double));
    case 'c': {
        char c = (char)va_arg(*b->in, int);
        return value_from_object(bytes_new(&c, 1));
    }
    case 'C': return value_from_object(str_from_char((Py_UCS4)va_arg(*b->in, int)));
    default: return error_raise(PyExc_SystemError, "bad format char passed to Py_BuildValue");
    }
}

static Value build_one(struct builder *b)
{
    char unit = *b->format++;
    PyObject *list;
    switch (unit) {
    case '(':
        list = build_many(b, ')');
        return list == NULL ? VALUE_NULL : value_from_object(list_to_tuple(list));
    case '[': return value_from_object(build_many(b, ']'));
    case '{': return build_dict(b);
    case 's':
    case 'z':
    case 'U':
    case 'y': return build_text(b, unit);
    case 'O':
    case 'S':
    case 'N': return build_object(b, unit);
    default: return build_number(b, unit);
    }
}

/* What a module without PY_SSIZE_T_CLEAN calls: it would pass its lengths as ints. */
bool capi_check_lengths(const char *format, size_t bytes)
{
    if (memchr(format, '#', bytes) == NULL) {
        return true;
    }
    struct thread *t = capi_enter();
    error_raise(PyExc_SystemError, "PY_SSIZE_T_CLEAN macro must be defined for '#' formats");
    capi_leave(t);
    return false;
}

PyAPI_FUNC(PyObject *) _Py_VaBuildValue_SizeT(const char *, va_list);
PyObject *_Py_VaBuildValue_SizeT(const char *format, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    struct thread *t = capi_enter();
    struct builder b = {format, &copy};
    PyObject *list = build_many(&b, 0);
    va_end(copy);
    if (list == NULL) {
        return capi_return(t, VALUE_NULL);
    }
    Py_ssize_t n = list_length(list);
    return capi_return(t, n == 0   ? VALUE_NONE
                          : n == 1 ? list_find(list, 0)
                                   : value_from_object(list_to_tuple(list)));
}

PyAPI_FUNC(PyObject *) _Py_BuildValue_SizeT(const char *, ...);
PyObject *_Py_BuildValue_SizeT(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *o = _Py_VaBuildValue_SizeT(format, arguments);
    va_end(arguments);
    return o;
}

PyObject *Py_VaBuildValue(const char *format, va_list arguments)
{
    return capi_check_lengths(format, strlen(format)) ? _Py_VaBuildValue_SizeT(format, arguments)
                                                      : NULL;
}

PyObject *Py_BuildValue(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *o = Py_VaBuildValue(format, arguments);
    va_end(arguments);
    return o;
}
