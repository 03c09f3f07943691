/* SPDX-License-Identifier: MIT */
/* The type str: operations, constructor, method table, iterators. */
#include "object/bytes.h"
#include "object/codec.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str_case.h"
#include "object/str_format.h"
#include "object/str_split.h"

/* ---- Arguments. */

int arg_slice_bound(Value v, Py_ssize_t *out)
{
    if (value_is_absent(v) || value_is_none(v)) {
        return 0;
    }
    if (!int_check(v) && value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "slice indices must be integers or None or have an "
                                                "__index__ method");
    }
    return arg_index_clip(v, out);
}

int arg_search(Value self, const char *fname, const Value *args, size_t nargs, PyObject *kwnames,
               Value *out)
{
    nargs = CALL_NARGS(nargs);
    if (kwnames != NULL && tuple_length(kwnames) > 0) {
        return error_raise_int(PyExc_TypeError, "%s.%s() takes no keyword arguments",
                               bytes_check(self) ? "bytes"
                               : str_check(self) ? "str"
                                                 : "bytearray",
                               fname);
    }
    if (nargs < 1 || nargs > 3) {
        return error_raise_int(PyExc_TypeError, "%s() takes at %s %d argument%s (%zu given)", fname,
                               nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 3,
                               nargs < 1 ? "" : "s", nargs);
    }
    for (size_t i = 0; i < 3; i++) {
        out[i] = i < nargs ? args[i] : VALUE_ABSENT;
    }
    return 0;
}

static PyObject *str_argument(Value v)
{
    if (!str_check(v)) {
        return error_raise_null(PyExc_TypeError, "must be str, not %T", v);
    }
    return value_object(v);
}

static PyObject *named_argument(Value v, const char *what)
{
    if (!str_check(v)) {
        return error_raise_null(PyExc_TypeError, "%s must be str, not %T", what, v);
    }
    return value_object(v);
}

static int arg_optional_index(Value v, Py_ssize_t fallback, Py_ssize_t *out)
{
    *out = fallback;
    return value_is_absent(v) ? 0 : arg_index(v, out);
}

static Value wrap(PyObject *o)
{
    return value_from_object(o);
}

/* ---- Operations. */

static Value type_repr(Value self)
{
    return wrap(str_repr(value_object(self)));
}
static Value type_str(Value self)
{
    return wrap(str_exact(value_object(self)));
}
static Py_hash_t type_hash(Value self)
{
    return str_hash(value_object(self));
}

static Value type_richcompare(Value self, Value other, int op)
{
    if (!str_check(self) || !str_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = value_object(self), *b = value_object(other);
    if (op == Py_EQ || op == Py_NE) {
        return value_from_bool(str_equal(a, b) == (op == Py_EQ));
    }
    int c = a == b ? 0 : str_compare(a, b);
    switch (op) {
    case Py_LT: return value_from_bool(c < 0);
    case Py_LE: return value_from_bool(c <= 0);
    case Py_GT: return value_from_bool(c > 0);
    default: return value_from_bool(c >= 0);
    }
}

static Py_ssize_t type_len(Value self)
{
    return str_length(value_object(self));
}

static Value slice_of(PyObject *s, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t n = slice_adjust(str_length(s), &start, &stop, step);
    if (n <= 0) {
        return wrap(str_empty());
    }
    if (step == 1) {
        return wrap(str_substring(s, start, start + n));
    }
    int kind = str_kind(s);
    const void *data = str_data(s);
    PyObject *r = str_alloc(n, kind, str_is_ascii(s));
    for (Py_ssize_t i = 0, at = start; r != NULL && i < n; i++, at += step) {
        str_write(kind, str_writable(r), i, str_read(kind, data, at));
    }
    if (r == NULL || str_is_ascii(r)) {
        return wrap(r);
    }
    return wrap(str_from_kind(kind, str_data(r), n));
}

static Value type_getitem(Value self, Value key)
{
    PyObject *s = value_object(self);
    int64_t i;
    if (LIKELY(int_try_small(key, &i))) {
        return str_getitem_index(s, i);
    }
    if (value_type(key) == &PySlice_Type) {
        return slice_of(s, value_object(key));
    }
    if (int_check(key) || value_ops(key)->index != NULL) {
        Value index = object_index(key);
        if (value_is_null(index)) {
            return VALUE_NULL;
        }
        if (int_clip_i64(index, &i) != 0) {
            return error_raise(PyExc_IndexError, "cannot fit '%T' into an index-sized integer",
                               key);
        }
        return str_getitem_index(s, i);
    }
    return error_raise(PyExc_TypeError, "string indices must be integers, not '%T'", key);
}

static Value type_item(Value self, Py_ssize_t index)
{
    PyObject *s = value_object(self);
    if ((size_t)index >= (size_t)str_length(s)) {
        return error_raise(PyExc_IndexError, "string index out of range");
    }
    return wrap(str_from_char(str_at(s, index)));
}

static int type_contains(Value self, Value key)
{
    if (!str_check(key)) {
        return error_raise_int(PyExc_TypeError,
                               "'in <string>' requires string as left operand, not %T", key);
    }
    Py_ssize_t i = str_find(value_object(self), value_object(key), 0, PY_SSIZE_T_MAX, 1);
    return i < -1 ? -1 : i >= 0;
}

static Value type_concat(Value self, Value other)
{
    if (!str_check(other)) {
        return error_raise(PyExc_TypeError, "can only concatenate str (not \"%T\") to str", other);
    }
    return wrap(str_concat(value_object(self), value_object(other)));
}

static Value type_repeat(Value self, Value count)
{
    Py_ssize_t n;
    if (arg_index(count, &n) < 0) {
        return VALUE_NULL;
    }
    return wrap(str_repeat(value_object(self), n));
}

/* str.__new__: str(object), str(bytes, encoding, errors). */
Value str_type_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value a[3];
    if (native_bind("str", "(object=b'', encoding='utf-8', errors='strict')", &signature, args,
                    nargs, kwnames, a) < 0) {
        return VALUE_NULL;
    }
    const char *encoding = NULL, *errors = NULL;
    for (int i = 1; i < 3; i++) {
        if (value_is_absent(a[i])) {
            continue;
        }
        if (!str_check(a[i])) {
            return error_raise(PyExc_TypeError, "str() argument '%s' must be str, not %T",
                               i == 1 ? "encoding" : "errors", a[i]);
        }
        const char *text = str_utf8(value_object(a[i]), NULL);
        if (text == NULL) {
            return VALUE_NULL;
        }
        *(i == 1 ? &encoding : &errors) = text;
    }
    PyObject *s;
    if (value_is_absent(a[0])) {
        s = str_empty();
    } else if (encoding == NULL && errors == NULL) {
        s = object_str(a[0]);
    } else if (str_check(a[0])) {
        return error_raise(PyExc_TypeError, "decoding str is not supported");
    } else if (!object_has_buffer(a[0])) {
        return error_raise(PyExc_TypeError, "decoding to str: need a bytes-like object, %T found",
                           a[0]);
    } else {
        s = codec_decode_text(a[0], encoding, errors);
    }
    if (s == NULL || type == &PyUnicode_Type) {
        return wrap(s);
    }
    return wrap(str_new_subtype(type, s));
}

static void type_trace(PyObject *self, struct tracer *tracer)
{
    if (!str_is_compact(self)) {
        trace_pointer(tracer, ((PyUnicodeObject *)self)->data.any);
        trace_pointer(tracer, ((PyCompactUnicodeObject *)self)->utf8);
    } else if (!str_is_ascii(self)) {
        trace_pointer(tracer, ((PyCompactUnicodeObject *)self)->utf8);
    }
}

/* ---- Searching methods. */

/* find and its kind: args are sub, start, end. Returns -1 if not found, -2 on error. */
static Py_ssize_t find_with(Value self, const Value *args, int direction)
{
    Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
    PyObject *sub = str_argument(args[0]);
    if (sub == NULL || arg_slice_bound(args[1], &start) < 0 || arg_slice_bound(args[2], &end) < 0) {
        return -2;
    }
    return str_find(value_object(self), sub, start, end, direction);
}

static Value found(Py_ssize_t i)
{
    return i < -1 ? VALUE_NULL : value_from_int(i);
}

static Value must_find(Py_ssize_t i)
{
    return i == -1 ? error_raise(PyExc_ValueError, "substring not found") : found(i);
}

static Value method_find(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "find", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return found(find_with(self, args, 1));
}
static Value method_rfind(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "rfind", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return found(find_with(self, args, -1));
}
static Value method_index(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "index", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return must_find(find_with(self, args, 1));
}
static Value method_rindex(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "rindex", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return must_find(find_with(self, args, -1));
}

static Value method_count(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "count", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
    PyObject *sub = str_argument(args[0]);
    if (sub == NULL || arg_slice_bound(args[1], &start) < 0 || arg_slice_bound(args[2], &end) < 0) {
        return VALUE_NULL;
    }
    return found(str_count(value_object(self), sub, start, end));
}

static Value tail_match(Value self, const Value *args, const char *fname, bool at_end)
{
    Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
    if (arg_slice_bound(args[1], &start) < 0 || arg_slice_bound(args[2], &end) < 0) {
        return VALUE_NULL;
    }
    PyObject *s = value_object(self);
    if (str_check(args[0])) {
        return value_from_bool(str_tail_match(s, value_object(args[0]), start, end, at_end));
    }
    if (!tuple_check(args[0])) {
        return error_raise(PyExc_TypeError, "%s first arg must be str or a tuple of str, not %T",
                           fname, args[0]);
    }
    PyObject *tuple = value_object(args[0]);
    for (Py_ssize_t i = 0; i < tuple_length(tuple); i++) {
        Value item = tuple_get(tuple, i);
        if (!str_check(item)) {
            return error_raise(PyExc_TypeError, "tuple for %s must only contain str, not %T", fname,
                               item);
        }
        if (str_tail_match(s, value_object(item), start, end, at_end)) {
            return VALUE_TRUE;
        }
    }
    return VALUE_FALSE;
}

static Value method_startswith(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "startswith", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return tail_match(self, args, "startswith", false);
}
static Value method_endswith(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "endswith", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return tail_match(self, args, "endswith", true);
}

/* ---- Cutting methods. */

static Value strip_with(Value self, Value chars, const char *fname, int sides)
{
    PyObject *s = value_object(self);
    if (value_is_absent(chars) || value_is_none(chars)) {
        return wrap(str_strip(s, NULL, sides));
    }
    if (!str_check(chars)) {
        return error_raise(PyExc_TypeError, "%s arg must be None or str", fname);
    }
    return wrap(str_strip(s, value_object(chars), sides));
}

static Value method_strip(Value self, const Value *args)
{
    return strip_with(self, args[0], "strip", STRIP_LEFT | STRIP_RIGHT);
}
static Value method_lstrip(Value self, const Value *args)
{
    return strip_with(self, args[0], "lstrip", STRIP_LEFT);
}
static Value method_rstrip(Value self, const Value *args)
{
    return strip_with(self, args[0], "rstrip", STRIP_RIGHT);
}

static Value split_with(Value self, const Value *args,
                        PyObject *(*split)(PyObject *, PyObject *, Py_ssize_t))
{
    Py_ssize_t max;
    if (arg_optional_index(args[1], -1, &max) < 0) {
        return VALUE_NULL;
    }
    PyObject *separator = NULL;
    if (!value_is_absent(args[0]) && !value_is_none(args[0])) {
        if (!str_check(args[0])) {
            return error_raise(PyExc_TypeError, "must be str or None, not %T", args[0]);
        }
        separator = value_object(args[0]);
    }
    return wrap(split(value_object(self), separator, max));
}

static Value method_split(Value self, const Value *args)
{
    return split_with(self, args, str_split);
}
static Value method_rsplit(Value self, const Value *args)
{
    return split_with(self, args, str_rsplit);
}

static Value method_splitlines(Value self, const Value *args)
{
    bool keep = false;
    if (!value_is_absent(args[0]) && arg_bool(args[0], &keep) < 0) {
        return VALUE_NULL;
    }
    return wrap(str_splitlines(value_object(self), keep));
}

static Value method_partition(Value self, Value separator)
{
    PyObject *s = str_argument(separator);
    return s == NULL ? VALUE_NULL : wrap(str_partition(value_object(self), s, 1));
}
static Value method_rpartition(Value self, Value separator)
{
    PyObject *s = str_argument(separator);
    return s == NULL ? VALUE_NULL : wrap(str_partition(value_object(self), s, -1));
}

static Value method_removeprefix(Value self, Value prefix)
{
    PyObject *s = value_object(self), *p = named_argument(prefix, "removeprefix() argument");
    if (p == NULL) {
        return VALUE_NULL;
    }
    bool match = str_tail_match(s, p, 0, PY_SSIZE_T_MAX, false);
    return wrap(str_substring(s, match ? str_length(p) : 0, str_length(s)));
}

static Value method_removesuffix(Value self, Value suffix)
{
    PyObject *s = value_object(self), *p = named_argument(suffix, "removesuffix() argument");
    if (p == NULL) {
        return VALUE_NULL;
    }
    bool match = str_tail_match(s, p, 0, PY_SSIZE_T_MAX, true);
    return wrap(str_substring(s, 0, str_length(s) - (match ? str_length(p) : 0)));
}

/* ---- Assembling methods. */

static Value method_join(Value self, Value iterable)
{
    return wrap(str_join(value_object(self), iterable));
}

static Value method_replace(Value self, const Value *args)
{
    Py_ssize_t max;
    PyObject *old = named_argument(args[0], "replace() argument 1");
    PyObject *new_ = old == NULL ? NULL : named_argument(args[1], "replace() argument 2");
    if (new_ == NULL || arg_optional_index(args[2], -1, &max) < 0) {
        return VALUE_NULL;
    }
    return wrap(str_replace(value_object(self), old, new_, max));
}

static int fill_argument(Value v, Py_UCS4 *out)
{
    *out = ' ';
    if (value_is_absent(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError,
                               "The fill character must be a unicode character, not %T", v);
    }
    if (str_length(value_object(v)) != 1) {
        return error_raise_int(PyExc_TypeError,
                               "The fill character must be exactly one character long");
    }
    *out = str_at(value_object(v), 0);
    return 0;
}

enum pad_side { PAD_BOTH, PAD_LEFT, PAD_RIGHT };

static Value pad_with(Value self, const Value *args, enum pad_side side)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (arg_index(args[0], &width) < 0 || fill_argument(args[1], &fill) < 0) {
        return VALUE_NULL;
    }
    PyObject *s = value_object(self);
    Py_ssize_t space = width - str_length(s);
    if (width < 0 || space <= 0) {
        return wrap(str_exact(s));
    }
    Py_ssize_t left = side == PAD_LEFT    ? space
                      : side == PAD_RIGHT ? 0
                                          : space / 2 + (space & width & 1);
    return wrap(str_pad(s, left, space - left, fill));
}

static Value method_center(Value self, const Value *args)
{
    return pad_with(self, args, PAD_BOTH);
}
static Value method_rjust(Value self, const Value *args)
{
    return pad_with(self, args, PAD_LEFT);
}
static Value method_ljust(Value self, const Value *args)
{
    return pad_with(self, args, PAD_RIGHT);
}

static Value method_zfill(Value self, Value width_value)
{
    Py_ssize_t width;
    if (arg_index(width_value, &width) < 0) {
        return VALUE_NULL;
    }
    PyObject *s = value_object(self);
    Py_ssize_t zeros = width - str_length(s);
    if (width < 0 || zeros <= 0) {
        return wrap(str_exact(s));
    }
    PyObject *r = str_pad(s, zeros, 0, '0');
    if (r == NULL || str_length(s) == 0) {
        return wrap(r);
    }
    Py_UCS4 sign = str_at(r, zeros);
    if (sign == '+' || sign == '-') {
        str_write(str_kind(r), str_writable(r), 0, sign);
        str_write(str_kind(r), str_writable(r), zeros, '0');
    }
    return wrap(r);
}

static Value method_expandtabs(Value self, const Value *args)
{
    int size = 8;
    if (!value_is_absent(args[0]) && arg_int(args[0], &size) < 0) {
        return VALUE_NULL;
    }
    return wrap(str_expandtabs(value_object(self), size));
}

static Value method_translate(Value self, Value table)
{
    return wrap(str_translate(value_object(self), table));
}

/* ---- The rest. */

static int text_argument(Value v, const char *what, const char **out)
{
    if (value_is_absent(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s must be str, not %T", what, v);
    }
    Py_ssize_t n;
    *out = str_utf8(value_object(v), &n);
    if (*out != NULL && strlen(*out) != (size_t)n) {
        return error_raise_int(PyExc_ValueError, "embedded null character");
    }
    return *out == NULL ? -1 : 0;
}

static Value method_encode(Value self, const Value *args)
{
    const char *encoding = NULL, *errors = NULL;
    if (text_argument(args[0], "encode() argument 'encoding'", &encoding) < 0 ||
        text_argument(args[1], "encode() argument 'errors'", &errors) < 0) {
        return VALUE_NULL;
    }
    return wrap(codec_encode_text(value_object(self), encoding, errors));
}

static Value method_format_spec(Value self, Value spec)
{
    if (!str_check(spec)) {
        return error_raise(PyExc_TypeError, "__format__() argument must be str, not %T", spec);
    }
    if (str_length(value_object(spec)) == 0) {
        return str_check_exact(self) ? self : wrap(object_str(self));
    }
    return wrap(str_format_spec(value_object(self), value_object(spec)));
}

static Value method_getnewargs(Value self)
{
    PyObject *copy = str_copy(value_object(self));
    return copy == NULL ? VALUE_NULL : wrap(tuple_pack(1, copy));
}

static Value method_sizeof(Value self)
{
    PyObject *s = value_object(self);
    Py_ssize_t chars = (str_length(s) + 1) * str_kind(s);
    Py_ssize_t head = !str_is_compact(s) ? s->ob_type->tp_basicsize
                      : str_is_ascii(s)  ? (Py_ssize_t)sizeof(PyASCIIObject)
                                         : (Py_ssize_t)sizeof(PyCompactUnicodeObject);
    return int_from_ssize(head + chars);
}

static const struct native_def methods[] = {
    {"encode", "($self, /, encoding='utf-8', errors='strict')", "The text as bytes in an encoding.",
     .n = method_encode},
    {"replace", "($self, old, new, count=-1, /)",
     "A copy with old replaced by new, at most count times if it is not -1.", .n = method_replace},
    {"split", "($self, /, sep=None, maxsplit=-1)",
     "The words between separators, splitting at most maxsplit times.", .n = method_split},
    {"rsplit", "($self, /, sep=None, maxsplit=-1)", "As split, beginning at the end.",
     .n = method_rsplit},
    {"join", "($self, iterable, /)", "The strings of an iterable, with this one between them.",
     .f1 = method_join},
    {"capitalize", "($self, /)",
     "A copy with the first character in upper case and the rest in lower case.",
     .f0 = str_capitalize},
    {"casefold", "($self, /)", "A copy for comparisons that ignore case.", .f0 = str_casefold},
    {"title", "($self, /)", "A copy in which each word begins in upper case.", .f0 = str_title},
    {"center", "($self, width, fillchar=' ', /)", "A copy in the middle of width characters.",
     .n = method_center},
    {"count", NULL, "How often a substring occurs without overlaps.", .raw = method_count},
    {"expandtabs", "($self, /, tabsize=8)", "A copy with tabs replaced by spaces.",
     .n = method_expandtabs},
    {"find", NULL, "Where a substring occurs first; -1 if it does not.", .raw = method_find},
    {"partition", "($self, sep, /)",
     "The text before the first separator, the separator, and the rest.", .f1 = method_partition},
    {"index", NULL, "Where a substring occurs first; ValueError if it does not.",
     .raw = method_index},
    {"ljust", "($self, width, fillchar=' ', /)", "A copy at the left of width characters.",
     .n = method_ljust},
    {"lower", "($self, /)", "A copy in lower case.", .f0 = str_lower},
    {"lstrip", "($self, chars=None, /)",
     "A copy without characters of chars, or white space, at the left.", .n = method_lstrip},
    {"rfind", NULL, "Where a substring occurs last; -1 if it does not.", .raw = method_rfind},
    {"rindex", NULL, "Where a substring occurs last; ValueError if it does not.",
     .raw = method_rindex},
    {"rjust", "($self, width, fillchar=' ', /)", "A copy at the right of width characters.",
     .n = method_rjust},
    {"rstrip", "($self, chars=None, /)",
     "A copy without characters of chars, or white space, at the right.", .n = method_rstrip},
    {"rpartition", "($self, sep, /)",
     "The text before the last separator, the separator, and the rest.", .f1 = method_rpartition},
    {"splitlines", "($self, /, keepends=False)", "The lines, with their ends if keepends is true.",
     .n = method_splitlines},
    {"strip", "($self, chars=None, /)",
     "A copy without characters of chars, or white space, at both ends.", .n = method_strip},
    {"swapcase", "($self, /)", "A copy with upper and lower case exchanged.", .f0 = str_swapcase},
    {"translate", "($self, table, /)",
     "A copy with each character replaced by what the table has for it.", .f1 = method_translate},
    {"upper", "($self, /)", "A copy in upper case.", .f0 = str_upper},
    {"startswith", NULL, "Does it begin with prefix, or with one of a tuple?",
     .raw = method_startswith},
    {"endswith", NULL, "Does it end with suffix, or with one of a tuple?", .raw = method_endswith},
    {"removeprefix", "($self, prefix, /)", "A copy without this beginning, if it has it.",
     .f1 = method_removeprefix},
    {"removesuffix", "($self, suffix, /)", "A copy without this end, if it has it.",
     .f1 = method_removesuffix},
    {"isascii", "($self, /)", "Are all characters ASCII?", .f0 = str_isascii},
    {"islower", "($self, /)", "Is there a cased character, and none of them in upper case?",
     .f0 = str_islower},
    {"isupper", "($self, /)", "Is there a cased character, and none of them in lower case?",
     .f0 = str_isupper},
    {"istitle", "($self, /)", "Does each word begin in upper case and go on in lower case?",
     .f0 = str_istitle},
    {"isspace", "($self, /)", "Are all characters white space, and is there one?",
     .f0 = str_isspace},
    {"isdecimal", "($self, /)", "Are all characters decimal digits, and is there one?",
     .f0 = str_isdecimal},
    {"isdigit", "($self, /)", "Are all characters digits, and is there one?", .f0 = str_isdigit},
    {"isnumeric", "($self, /)", "Are all characters numeric, and is there one?",
     .f0 = str_isnumeric},
    {"isalpha", "($self, /)", "Are all characters letters, and is there one?", .f0 = str_isalpha},
    {"isalnum", "($self, /)", "Are all characters letters or numeric, and is there one?",
     .f0 = str_isalnum},
    {"isidentifier", "($self, /)", "Is it a valid identifier?", .f0 = str_isidentifier},
    {"isprintable", "($self, /)", "Can all characters be printed?", .f0 = str_isprintable},
    {"zfill", "($self, width, /)",
     "A copy with zeros put in at the left, behind a sign, to a width.", .f1 = method_zfill},
    {"format", NULL, "Fills the arguments into the fields in braces.", .raw = str_format_method},
    {"format_map", "($self, mapping, /)",
     "Fills the values of a mapping into the fields in braces.", .f1 = str_format_map},
    {"__format__", "($self, format_spec, /)", "Formats by the format spec.",
     .f1 = method_format_spec},
    {"maketrans", "(x, y=<unrepresentable>, z=<unrepresentable>, /)", "A table for translate().",
     .n = str_maketrans, .flags = NATIVE_STATIC},
    {"__getnewargs__", "($self, /)", "Arguments that __new__ needs for a copy.",
     .f0 = method_getnewargs},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = method_sizeof},
    {NULL},
};

/* ---- Iterators. */

static Value type_iter(Value self)
{
    PyObject *s = value_object(self);
    PyTypeObject *type = str_is_ascii(s) ? &str_ascii_iterator_type : &PyUnicodeIter_Type;
    return wrap(sequence_iterator_new_of(type, s, 0));
}

static Value iterator_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *s = atomic_load_relaxed(&it->sequence);
    if (s == NULL) {
        return VALUE_ABSENT;
    }
    Py_ssize_t i;
    do {
        i = atomic_load_relaxed(&it->index);
        if (i >= str_length(s)) {
            heap_store(it, &it->sequence, NULL);
            return VALUE_ABSENT;
        }
    } while (UNLIKELY(!sequence_iterator_move(it, i, i + 1)));
    return wrap(str_from_char(str_at(s, i)));
}

static Value iterator_self(Value self)
{
    return self;
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct sequence_iterator *)self)->sequence);
}

static Value iterator_length_hint(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *s = atomic_load_relaxed(&it->sequence);
    return value_from_int(s == NULL ? 0 : str_length(s) - atomic_load_relaxed(&it->index));
}

static Value iterator_reduce_method(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *s = atomic_load_relaxed(&it->sequence);
    if (s == NULL) {
        return iterator_reduce("iter", wrap(str_empty()), VALUE_ABSENT);
    }
    return iterator_reduce("iter", wrap(s), int_from_ssize(atomic_load_relaxed(&it->index)));
}

static Value iterator_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t i;
    if (arg_index(state, &i) < 0) {
        return VALUE_NULL;
    }
    PyObject *s = atomic_load_relaxed(&it->sequence);
    if (s != NULL) {
        i = i < 0 ? 0 : i > str_length(s) ? str_length(s) : i;
        atomic_store_relaxed(&it->index, i);
    }
    return VALUE_NONE;
}

static const struct native_def iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_length_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = iterator_reduce_method},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = iterator_setstate},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

static struct type_info ascii_iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyUnicodeIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "str_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

PyTypeObject str_ascii_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "str_ascii_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&ascii_iterator_info,
};

/* ---- The type. */

static struct type_info str_info = {
    .ops =
        {
            .repr = type_repr,
            .str = type_str,
            .hash = type_hash,
            .richcompare = type_richcompare,
            .iter = type_iter,
            .new_ = str_type_new,
            .len = type_len,
            .getitem = type_getitem,
            .contains = type_contains,
            .concat = type_concat,
            .repeat = type_repeat,
            .item = type_item,
            .binary = {[OP_MOD] = str_mod_operator},
        },
    .trace = type_trace,
    .methods = methods,
};

PyTypeObject PyUnicode_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "str",
    .tp_basicsize = sizeof(PyUnicodeObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_UNICODE_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\n"
              "Text: the printable form of an object, or bytes decoded.",
    .tp_cache = (PyObject *)&str_info,
};
