/* SPDX-License-Identifier: MIT */
/* The methods that bytes and bytearray share. Results are of self's kind; a bytes method returns
 * self itself where nothing changes. */
#include "object/bytes_int.h"
#include "object/codec.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str_case.h"
#include "object/str_search.h"
#include "object/unicode_data.h"

static Value wrap(PyObject *o)
{
    return value_from_object(o);
}

PyObject *bytes_like_new(Value self, const char *data, Py_ssize_t length)
{
    return bytes_check(self) ? bytes_new(data, length) : bytearray_new(data, length);
}

/* The part of self, or self if it is all of an exact bytes. */
static PyObject *part(Value self, struct byte_span s, Py_ssize_t start, Py_ssize_t end)
{
    if (start == 0 && end == s.length && value_object(self)->ob_type == &PyBytes_Type) {
        return value_object(self);
    }
    return bytes_like_new(self, s.data + start, end > start ? end - start : 0);
}

static PyObject *finish_like(Value self, struct bytes_builder *b)
{
    PyObject *r = bytes_builder_finish(b);
    return r == NULL || bytes_check(self) ? r : bytearray_new(bytes_data(r), bytes_length(r));
}

/* ---- Searching. */

/* What find() and count() look for: a byte given as an int, or a buffer. */
struct needle {
    struct byte_argument argument;
    char byte;
};

static int needle_get(struct needle *n, Value v)
{
    n->argument.held = false;
    if (bytes_check(v) || object_has_buffer(v)) {
        return byte_argument_get(&n->argument, v);
    }
    if (!object_has_index(v)) {
        return error_raise_int(PyExc_TypeError,
                               "argument should be integer or bytes-like object, not '%T'", v);
    }
    int byte = byte_from_value(v);
    if (byte < 0) {
        return -1;
    }
    n->byte = (char)byte;
    n->argument.data = &n->byte;
    n->argument.length = 1;
    return 0;
}

/* -2 on error. */
static Py_ssize_t find_with(Value self, const Value *args, int direction, bool count)
{
    Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
    struct needle n;
    if (arg_slice_bound(args[1], &start) < 0 || arg_slice_bound(args[2], &end) < 0 ||
        needle_get(&n, args[0]) < 0) {
        return -2;
    }
    struct byte_span s = span_of(self);
    slice_clip(s.length, &start, &end);
    Py_ssize_t length = end - start, r = count ? 0 : -1;
    if (length >= n.argument.length) {
        const char *data = s.data + start;
        r = count
                ? search_count(1, data, length, n.argument.data, n.argument.length, PY_SSIZE_T_MAX)
            : direction > 0 ? search_forward(1, data, length, n.argument.data, n.argument.length)
                            : search_back(1, data, length, n.argument.data, n.argument.length);
        r += !count && r >= 0 ? start : 0;
    }
    byte_argument_release(&n.argument);
    return r;
}

static Value found(Py_ssize_t i)
{
    return i < -1 ? VALUE_NULL : value_from_int(i);
}
static Value must_find(Py_ssize_t i)
{
    return i == -1 ? error_raise(PyExc_ValueError, "subsection not found") : found(i);
}

Value bytes_method_find(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "find", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return found(find_with(self, args, 1, false));
}
Value bytes_method_rfind(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "rfind", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return found(find_with(self, args, -1, false));
}
Value bytes_method_index(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "index", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return must_find(find_with(self, args, 1, false));
}
Value bytes_method_rindex(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "rindex", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return must_find(find_with(self, args, -1, false));
}
Value bytes_method_count(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "count", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return found(find_with(self, args, 1, true));
}

static int match_one(Value self, Value v, Py_ssize_t start, Py_ssize_t end, bool at_end)
{
    struct byte_argument a;
    if (byte_argument_get(&a, v) < 0) {
        return -1;
    }
    struct byte_span s = span_of(self);
    slice_clip(s.length, &start, &end);
    bool match = end - start >= a.length &&
                 memcmp(s.data + (at_end ? end - a.length : start), a.data, (size_t)a.length) == 0;
    byte_argument_release(&a);
    return match;
}

static Value tail_match(Value self, const Value *args, const char *fname, bool at_end)
{
    Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
    if (arg_slice_bound(args[1], &start) < 0 || arg_slice_bound(args[2], &end) < 0) {
        return VALUE_NULL;
    }
    if (tuple_check(args[0])) {
        PyObject *t = value_object(args[0]);
        for (Py_ssize_t i = 0; i < tuple_length(t); i++) {
            int match = match_one(self, tuple_get(t, i), start, end, at_end);
            if (match != 0) {
                return match < 0 ? VALUE_NULL : VALUE_TRUE;
            }
        }
        return VALUE_FALSE;
    }
    if (!object_has_buffer(args[0])) {
        return error_raise(PyExc_TypeError,
                           "%s first arg must be bytes or a tuple of bytes, not %T", fname,
                           args[0]);
    }
    int match = match_one(self, args[0], start, end, at_end);
    return match < 0 ? VALUE_NULL : value_from_bool(match);
}

Value bytes_method_startswith(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "startswith", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return tail_match(self, args, "startswith", false);
}
Value bytes_method_endswith(Value self, const Value *given, size_t nargs, PyObject *kwnames)
{
    Value args[3];
    if (arg_search(self, "endswith", given, nargs, kwnames, args) < 0) {
        return VALUE_NULL;
    }
    return tail_match(self, args, "endswith", true);
}

/* ---- strip, removeprefix. */

static Value strip_with(Value self, Value chars, bool left, bool right)
{
    struct byte_argument a = {.data = " \t\n\r\f\v", .length = 6};
    if (!value_is_absent(chars) && !value_is_none(chars) && byte_argument_get(&a, chars) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    Py_ssize_t start = 0, end = s.length;
    while (left && start < end &&
           search_char(1, a.data, a.length, (unsigned char)s.data[start]) >= 0) {
        start++;
    }
    while (right && end > start &&
           search_char(1, a.data, a.length, (unsigned char)s.data[end - 1]) >= 0) {
        end--;
    }
    byte_argument_release(&a);
    return wrap(part(self, s, start, end));
}

Value bytes_method_strip(Value self, const Value *args)
{
    return strip_with(self, args[0], true, true);
}
Value bytes_method_lstrip(Value self, const Value *args)
{
    return strip_with(self, args[0], true, false);
}
Value bytes_method_rstrip(Value self, const Value *args)
{
    return strip_with(self, args[0], false, true);
}

static Value remove_affix(Value self, Value affix, bool at_end)
{
    struct byte_argument a;
    if (byte_argument_get(&a, affix) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    Py_ssize_t n = a.length;
    bool match = s.length >= n && n > 0 &&
                 memcmp(at_end ? s.data + s.length - n : s.data, a.data, (size_t)n) == 0;
    byte_argument_release(&a);
    return wrap(part(self, s, match && !at_end ? n : 0, match && at_end ? s.length - n : s.length));
}

Value bytes_method_removeprefix(Value self, const Value *args)
{
    return remove_affix(self, args[0], false);
}
Value bytes_method_removesuffix(Value self, const Value *args)
{
    return remove_affix(self, args[0], true);
}

/* ---- split. */

static int append_part(PyObject *list, Value self, struct byte_span s, Py_ssize_t start,
                       Py_ssize_t end)
{
    PyObject *p = part(self, s, start, end);
    return p == NULL ? -1 : list_append(list, wrap(p));
}

static inline bool space_at(struct byte_span s, Py_ssize_t i)
{
    unsigned char c = (unsigned char)s.data[i];
    return c == ' ' || (c >= 9 && c <= 13);
}

static int split_spaces(PyObject *list, Value self, struct byte_span s, Py_ssize_t max)
{
    Py_ssize_t i = 0;
    for (;;) {
        while (i < s.length && space_at(s, i)) {
            i++;
        }
        if (i == s.length) {
            return 0;
        }
        Py_ssize_t start = i;
        if (max-- == 0) {
            return append_part(list, self, s, start, s.length);
        }
        while (i < s.length && !space_at(s, i)) {
            i++;
        }
        if (append_part(list, self, s, start, i) < 0) {
            return -1;
        }
    }
}

static int rsplit_spaces(PyObject *list, Value self, struct byte_span s, Py_ssize_t max)
{
    Py_ssize_t i = s.length;
    for (;;) {
        while (i > 0 && space_at(s, i - 1)) {
            i--;
        }
        if (i == 0) {
            return list_reverse(list);
        }
        Py_ssize_t end = i;
        if (max-- == 0) {
            return append_part(list, self, s, 0, end) < 0 ? -1 : list_reverse(list);
        }
        while (i > 0 && !space_at(s, i - 1)) {
            i--;
        }
        if (append_part(list, self, s, i, end) < 0) {
            return -1;
        }
    }
}

static int split_at(PyObject *list, Value self, struct byte_span s, const struct byte_argument *a,
                    Py_ssize_t max)
{
    Py_ssize_t start = 0;
    while (max-- > 0) {
        Py_ssize_t i = search_forward(1, s.data + start, s.length - start, a->data, a->length);
        if (i < 0) {
            break;
        }
        if (append_part(list, self, s, start, start + i) < 0) {
            return -1;
        }
        start += i + a->length;
    }
    return append_part(list, self, s, start, s.length);
}

static int rsplit_at(PyObject *list, Value self, struct byte_span s, const struct byte_argument *a,
                     Py_ssize_t max)
{
    Py_ssize_t end = s.length;
    while (max-- > 0) {
        Py_ssize_t i = search_back(1, s.data, end, a->data, a->length);
        if (i < 0) {
            break;
        }
        if (append_part(list, self, s, i + a->length, end) < 0) {
            return -1;
        }
        end = i;
    }
    return append_part(list, self, s, 0, end) < 0 ? -1 : list_reverse(list);
}

static Value split_with(Value self, const Value *args, bool from_right)
{
    Py_ssize_t max = -1;
    if (!value_is_absent(args[1]) && arg_index(args[1], &max) < 0) {
        return VALUE_NULL;
    }
    max = max < 0 ? PY_SSIZE_T_MAX : max;
    PyObject *list = list_new(0);
    if (list == NULL) {
        return VALUE_NULL;
    }
    if (value_is_absent(args[0]) || value_is_none(args[0])) {
        struct byte_span s = span_of(self);
        int status =
            from_right ? rsplit_spaces(list, self, s, max) : split_spaces(list, self, s, max);
        return status < 0 ? VALUE_NULL : wrap(list);
    }
    struct byte_argument a;
    if (byte_argument_get(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    int status;
    if (a.length == 0) {
        status = error_raise_int(PyExc_ValueError, "empty separator");
    } else {
        struct byte_span s = span_of(self);
        status = from_right ? rsplit_at(list, self, s, &a, max) : split_at(list, self, s, &a, max);
    }
    byte_argument_release(&a);
    return status < 0 ? VALUE_NULL : wrap(list);
}

Value bytes_method_split(Value self, const Value *args)
{
    return split_with(self, args, false);
}
Value bytes_method_rsplit(Value self, const Value *args)
{
    return split_with(self, args, true);
}

Value bytes_method_splitlines(Value self, const Value *args)
{
    bool keep = false;
    if (!value_is_absent(args[0]) && arg_bool(args[0], &keep) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = list_new(0);
    struct byte_span s = span_of(self);
    for (Py_ssize_t i = 0; list != NULL && i < s.length;) {
        Py_ssize_t start = i;
        while (i < s.length && s.data[i] != '\n' && s.data[i] != '\r') {
            i++;
        }
        Py_ssize_t end = i;
        if (i < s.length) {
            i += s.data[i] == '\r' && i + 1 < s.length && s.data[i + 1] == '\n' ? 2 : 1;
        }
        if (append_part(list, self, s, start, keep ? i : end) < 0) {
            return VALUE_NULL;
        }
    }
    return wrap(list);
}

static Value partition(Value self, Value separator, bool from_right)
{
    struct byte_argument a;
    if (byte_argument_get(&a, separator) < 0) {
        return VALUE_NULL;
    }
    PyObject *r = NULL;
    struct byte_span s = span_of(self);
    Py_ssize_t n = a.length;
    if (n == 0) {
        error_raise(PyExc_ValueError, "empty separator");
    } else {
        Py_ssize_t i = from_right ? search_back(1, s.data, s.length, a.data, n)
                                  : search_forward(1, s.data, s.length, a.data, n);
        Py_ssize_t cut1 = i >= 0 ? i : from_right ? 0 : s.length;
        Py_ssize_t cut2 = i >= 0 ? i + n : cut1;
        PyObject *head = part(self, s, 0, cut1), *tail = part(self, s, cut2, s.length);
        PyObject *middle = i < 0 ? bytes_like_new(self, "", 0)
                           : value_object(separator)->ob_type == &PyBytes_Type && bytes_check(self)
                               ? value_object(separator)
                               : bytes_like_new(self, a.data, n);
        if (head != NULL && middle != NULL && tail != NULL) {
            r = tuple_pack(3, head, middle, tail);
        }
    }
    byte_argument_release(&a);
    return wrap(r);
}

Value bytes_method_partition(Value self, const Value *args)
{
    return partition(self, args[0], false);
}
Value bytes_method_rpartition(Value self, const Value *args)
{
    return partition(self, args[0], true);
}

/* ---- join. */

static int join_item(struct bytes_builder *b, Py_ssize_t i, Value item)
{
    struct byte_argument a;
    if (!bytes_check(item) && !object_has_buffer(item)) {
        return error_raise_int(
            PyExc_TypeError, "sequence item %zd: expected a bytes-like object, %T found", i, item);
    }
    if (byte_argument_get(&a, item) < 0) {
        return -1;
    }
    int status = bytes_builder_add(b, a.data, a.length);
    byte_argument_release(&a);
    return status;
}

Value bytes_method_join(Value self, const Value *args)
{
    PyObject *items = object_to_fast_sequence(args[0], "can only join an iterable");
    if (items != NULL && list_check(wrap(items))) {
        items = list_to_tuple(items);
    }
    if (items == NULL) {
        return VALUE_NULL;
    }
    Py_ssize_t count = tuple_length(items), total = 0;
    struct byte_span separator = span_of(self);
    if (count == 1 && bytes_check(self) && tuple_object(items, 0)->ob_type == &PyBytes_Type) {
        return tuple_get(items, 0);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Value item = tuple_get(items, i);
        total += (bytes_check(item) ? bytes_length(value_object(item)) : 0) + separator.length;
    }
    struct bytes_builder b;
    bytes_builder_init(&b);
    if (bytes_builder_reserve(&b, total) == NULL) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if ((i > 0 && bytes_builder_add(&b, separator.data, separator.length) < 0) ||
            join_item(&b, i, tuple_get(items, i)) < 0) {
            return VALUE_NULL;
        }
    }
    return wrap(finish_like(self, &b));
}

/* ---- replace. */

static PyObject *replace_spans(Value self, struct byte_span s, const struct byte_argument *old,
                               const struct byte_argument *fresh, Py_ssize_t max)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    if (bytes_builder_reserve(&b, s.length) == NULL) {
        return NULL;
    }
    Py_ssize_t start = 0;
    if (old->length == 0) {
        for (; start <= s.length && max > 0; start++, max--) {
            if (bytes_builder_add(&b, fresh->data, fresh->length) < 0 ||
                (start < s.length && bytes_builder_byte(&b, (unsigned char)s.data[start]) < 0)) {
                return NULL;
            }
        }
    }
    while (old->length > 0 && max-- > 0) {
        Py_ssize_t i = search_forward(1, s.data + start, s.length - start, old->data, old->length);
        if (i < 0) {
            break;
        }
        if (bytes_builder_add(&b, s.data + start, i) < 0 ||
            bytes_builder_add(&b, fresh->data, fresh->length) < 0) {
            return NULL;
        }
        start += i + old->length;
    }
    if (start < s.length && bytes_builder_add(&b, s.data + start, s.length - start) < 0) {
        return NULL;
    }
    return finish_like(self, &b);
}

Value bytes_method_replace(Value self, const Value *args)
{
    Py_ssize_t max = -1;
    struct byte_argument old, fresh;
    if (!value_is_absent(args[2]) && arg_index(args[2], &max) < 0) {
        return VALUE_NULL;
    }
    if (byte_argument_get(&old, args[0]) < 0) {
        return VALUE_NULL;
    }
    if (byte_argument_get(&fresh, args[1]) < 0) {
        byte_argument_release(&old);
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    max = max < 0 ? PY_SSIZE_T_MAX : max;
    bool nothing = max == 0 || search_forward(1, s.data, s.length, old.data, old.length) < 0;
    PyObject *r = nothing ? part(self, s, 0, s.length) : replace_spans(self, s, &old, &fresh, max);
    byte_argument_release(&old);
    byte_argument_release(&fresh);
    return wrap(r);
}

/* ---- Padding and tabs. */

static int fill_argument(Value v, const char *fname, char *out)
{
    *out = ' ';
    if (value_is_absent(v)) {
        return 0;
    }
    bool fits = bytes_check(v) ? bytes_length(value_object(v)) == 1
                               : bytearray_check(v) && span_of(v).length == 1;
    if (!fits) {
        return error_raise_int(
            PyExc_TypeError, "%s() argument 2 must be a byte string of length 1, not %T", fname, v);
    }
    *out = *span_of(v).data;
    return 0;
}

static PyObject *pad(Value self, struct byte_span s, Py_ssize_t left, Py_ssize_t right, char fill)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    char *p = bytes_builder_reserve(&b, left + s.length + right);
    if (p == NULL) {
        return NULL;
    }
    memset(p, fill, (size_t)left);
    memcpy(p + left, s.data, (size_t)s.length);
    memset(p + left + s.length, fill, (size_t)right);
    b.length = left + s.length + right;
    return finish_like(self, &b);
}

enum pad_side { PAD_BOTH, PAD_LEFT, PAD_RIGHT };

static Value pad_with(Value self, const Value *args, const char *fname, enum pad_side side)
{
    Py_ssize_t width;
    char fill;
    if (arg_index(args[0], &width) < 0 || fill_argument(args[1], fname, &fill) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    if (width <= s.length) {
        return wrap(part(self, s, 0, s.length));
    }
    Py_ssize_t space = width - s.length;
    Py_ssize_t left = side == PAD_LEFT    ? space
                      : side == PAD_RIGHT ? 0
                                          : space / 2 + (space & width & 1);
    return wrap(pad(self, s, left, space - left, fill));
}

Value bytes_method_center(Value self, const Value *args)
{
    return pad_with(self, args, "center", PAD_BOTH);
}
Value bytes_method_rjust(Value self, const Value *args)
{
    return pad_with(self, args, "rjust", PAD_LEFT);
}
Value bytes_method_ljust(Value self, const Value *args)
{
    return pad_with(self, args, "ljust", PAD_RIGHT);
}

Value bytes_method_zfill(Value self, const Value *args)
{
    Py_ssize_t width;
    if (arg_index(args[0], &width) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    if (width <= s.length) {
        return wrap(part(self, s, 0, s.length));
    }
    struct bytes_builder b;
    bytes_builder_init(&b);
    char *p = bytes_builder_reserve(&b, width);
    if (p == NULL) {
        return VALUE_NULL;
    }
    Py_ssize_t zeros = width - s.length;
    memset(p, '0', (size_t)zeros);
    memcpy(p + zeros, s.data, (size_t)s.length);
    if (s.length > 0 && (s.data[0] == '+' || s.data[0] == '-')) {
        p[0] = s.data[0];
        p[zeros] = '0';
    }
    b.length = width;
    return wrap(finish_like(self, &b));
}

Value bytes_method_expandtabs(Value self, const Value *args)
{
    int size = 8;
    if (!value_is_absent(args[0]) && arg_int(args[0], &size) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    struct bytes_builder b;
    bytes_builder_init(&b);
    Py_ssize_t column = 0;
    for (Py_ssize_t i = 0; i < s.length; i++) {
        char c = s.data[i];
        Py_ssize_t n = c != '\t' ? 1 : size > 0 ? size - column % size : 0;
        if (b.length > PY_SSIZE_T_MAX / 8 - n) {
            return error_raise(PyExc_OverflowError, "result too long");
        }
        char *p = bytes_builder_reserve(&b, n);
        if (p == NULL) {
            return VALUE_NULL;
        }
        memset(p, c == '\t' ? ' ' : c, (size_t)n);
        b.length += n;
        column = c == '\n' || c == '\r' ? 0 : column + n;
    }
    return wrap(finish_like(self, &b));
}

/* ---- translate. */

Value bytes_method_maketrans(Value self, const Value *args)
{
    struct byte_argument from, to;
    if (byte_argument_get(&from, args[0]) < 0) {
        return VALUE_NULL;
    }
    if (byte_argument_get(&to, args[1]) < 0) {
        byte_argument_release(&from);
        return VALUE_NULL;
    }
    PyObject *table = NULL;
    if (from.length != to.length) {
        error_raise(PyExc_ValueError, "maketrans arguments must have same length");
    } else if ((table = bytes_new(NULL, 256)) != NULL) {
        char *p = bytes_data(table);
        for (int i = 0; i < 256; i++) {
            p[i] = (char)i;
        }
        for (Py_ssize_t i = 0; i < from.length; i++) {
            p[(unsigned char)from.data[i]] = to.data[i];
        }
    }
    byte_argument_release(&from);
    byte_argument_release(&to);
    return wrap(table);
}

static PyObject *translate(Value self, const char *table, const struct byte_argument *delete)
{
    bool deleted[256] = {false};
    for (Py_ssize_t i = 0; i < delete->length; i++) {
        deleted[(unsigned char)delete->data[i]] = true;
    }
    struct byte_span s = span_of(self);
    struct bytes_builder b;
    bytes_builder_init(&b);
    char *p = bytes_builder_reserve(&b, s.length);
    if (p == NULL) {
        return NULL;
    }
    bool changed = false;
    for (Py_ssize_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (deleted[c]) {
            changed = true;
            continue;
        }
        char mapped = table == NULL ? (char)c : table[c];
        changed = changed || mapped != (char)c;
        p[b.length++] = mapped;
    }
    return changed ? finish_like(self, &b) : part(self, s, 0, s.length);
}

Value bytes_method_translate(Value self, const Value *args)
{
    struct byte_argument table = {.data = NULL, .length = 256}, delete = {.length = 0};
    if (!value_is_none(args[0]) && byte_argument_get(&table, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *r = NULL;
    if (table.length != 256) {
        error_raise(PyExc_ValueError, "translation table must be 256 characters long");
    } else if (value_is_absent(args[1]) || byte_argument_get(&delete, args[1]) == 0) {
        r = translate(self, table.data, &delete);
        byte_argument_release(&delete);
    }
    byte_argument_release(&table);
    return wrap(r);
}

/* ---- Case and character classes, ASCII only. */

static Value map_case(Value self, enum ascii_case map)
{
    struct byte_span s = span_of(self);
    struct bytes_builder b;
    bytes_builder_init(&b);
    char *p = bytes_builder_reserve(&b, s.length);
    if (p == NULL) {
        return VALUE_NULL;
    }
    ascii_map_case(map, (const unsigned char *)s.data, (unsigned char *)p, s.length);
    b.length = s.length;
    return wrap(finish_like(self, &b));
}

Value bytes_method_lower(Value self)
{
    return map_case(self, ASCII_LOWER);
}
Value bytes_method_upper(Value self)
{
    return map_case(self, ASCII_UPPER);
}
Value bytes_method_title(Value self)
{
    return map_case(self, ASCII_TITLE);
}
Value bytes_method_swapcase(Value self)
{
    return map_case(self, ASCII_SWAP);
}
Value bytes_method_capitalize(Value self)
{
    return map_case(self, ASCII_CAPITALIZE);
}

static inline bool is_alpha(uint32_t c)
{
    return ascii_is_alpha(c);
}
static inline bool is_alnum(uint32_t c)
{
    return ascii_is_alnum(c);
}
static inline bool is_digit(uint32_t c)
{
    return ascii_is_digit(c);
}
static inline bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}

static Value all_bytes(Value self, bool (*test)(uint32_t))
{
    struct byte_span s = span_of(self);
    for (Py_ssize_t i = 0; i < s.length; i++) {
        if (!test((unsigned char)s.data[i])) {
            return VALUE_FALSE;
        }
    }
    return value_from_bool(s.length > 0);
}

Value bytes_method_isalpha(Value self)
{
    return all_bytes(self, is_alpha);
}
Value bytes_method_isalnum(Value self)
{
    return all_bytes(self, is_alnum);
}
Value bytes_method_isdigit(Value self)
{
    return all_bytes(self, is_digit);
}
Value bytes_method_isspace(Value self)
{
    return all_bytes(self, is_space);
}

Value bytes_method_isascii(Value self)
{
    struct byte_span s = span_of(self);
    return value_from_bool(text_is_ascii(s.data, (size_t)s.length));
}

static Value has_case(Value self, bool upper)
{
    struct byte_span s = span_of(self);
    bool any = false;
    for (Py_ssize_t i = 0; i < s.length; i++) {
        uint32_t c = (unsigned char)s.data[i];
        if (upper ? ascii_is_lower(c) : ascii_is_upper(c)) {
            return VALUE_FALSE;
        }
        any = any || ascii_is_alpha(c);
    }
    return value_from_bool(any);
}

Value bytes_method_islower(Value self)
{
    return has_case(self, false);
}
Value bytes_method_isupper(Value self)
{
    return has_case(self, true);
}

Value bytes_method_istitle(Value self)
{
    struct byte_span s = span_of(self);
    bool any = false, previous = false;
    for (Py_ssize_t i = 0; i < s.length; i++) {
        uint32_t c = (unsigned char)s.data[i];
        bool cased = ascii_is_alpha(c);
        if (cased && ascii_is_upper(c) == previous) {
            return VALUE_FALSE;
        }
        any = any || cased;
        previous = cased;
    }
    return value_from_bool(any);
}

/* ---- hex, fromhex, decode. */

PyObject *bytes_hex(const char *data, Py_ssize_t n, Value separator, Value group_value)
{
    static const char digits[] = "0123456789abcdef";
    int group = value_is_absent(separator) ? 0 : 1;
    Py_UCS4 mark = 0;
    if (!value_is_absent(group_value) && arg_int(group_value, &group) < 0) {
        return NULL;
    }
    if (!value_is_absent(separator)) {
        Py_ssize_t length = object_length(separator);
        if (length < 0) {
            return NULL;
        }
        if (length != 1) {
            return error_raise_null(PyExc_ValueError, "sep must be length 1.");
        }
        if (str_check(separator)) {
            mark = str_at(value_object(separator), 0);
        } else if (bytes_check(separator)) {
            mark = (unsigned char)*bytes_data(value_object(separator));
        } else {
            return error_raise_null(PyExc_TypeError, "sep must be str or bytes.");
        }
        if (mark > 127) {
            return error_raise_null(PyExc_ValueError, "sep must be ASCII.");
        }
    } else {
        group = 0;
    }
    Py_ssize_t size = group < 0 ? -(Py_ssize_t)group : group;
    Py_ssize_t marks = size > 0 && n > 0 ? (n - 1) / size : 0;
    PyObject *s = str_new(n * 2 + marks, 0x7f);
    if (s == NULL || n == 0) {
        return s;
    }
    char *p = str_writable(s);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t boundary = group < 0 ? i : n - i;
        if (i > 0 && size > 0 && boundary % size == 0) {
            *p++ = (char)mark;
        }
        *p++ = digits[(unsigned char)data[i] >> 4];
        *p++ = digits[data[i] & 15];
    }
    return s;
}

Value bytes_method_hex(Value self, const Value *args)
{
    struct byte_span s = span_of(self);
    return wrap(bytes_hex(s.data, s.length, args[0], args[1]));
}

static int hex_digit(Py_UCS4 c)
{
    if (ascii_is_digit(c)) {
        return (int)c - '0';
    }
    Py_UCS4 lower = c | 32;
    return c < 128 && lower >= 'a' && lower <= 'f' ? (int)lower - 'a' + 10 : -1;
}

static PyObject *parse_hex(PyObject *s)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i < n;) {
        Py_UCS4 c = str_at(s, i);
        if (c < 128 && is_space(c)) {
            i++;
            continue;
        }
        int high = hex_digit(c);
        int low = i + 1 < n ? hex_digit(str_at(s, i + 1)) : -1;
        if (high < 0 || low < 0) {
            return error_raise_null(PyExc_ValueError,
                                    "non-hexadecimal number found in fromhex() arg at position %zd",
                                    high < 0 ? i : i + 1);
        }
        if (bytes_builder_byte(&b, (unsigned char)(high << 4 | low)) < 0) {
            return NULL;
        }
        i += 2;
    }
    return bytes_builder_finish(&b);
}

Value bytes_method_fromhex(Value self, const Value *args)
{
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "fromhex() argument must be str, not %T", args[0]);
    }
    PyObject *b = parse_hex(value_object(args[0]));
    if (b == NULL || value_object(self) == (PyObject *)&PyBytes_Type) {
        return wrap(b);
    }
    return object_call1(self, wrap(b));
}

static int name_argument(Value v, const char *name, const char **out)
{
    if (value_is_absent(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "decode() argument '%s' must be str, not %T", name,
                               v);
    }
    Py_ssize_t n;
    *out = str_utf8(value_object(v), &n);
    if (*out != NULL && strlen(*out) != (size_t)n) {
        return error_raise_int(PyExc_ValueError, "embedded null character");
    }
    return *out == NULL ? -1 : 0;
}

Value bytes_method_decode(Value self, const Value *args)
{
    const char *encoding = NULL, *errors = NULL;
    if (name_argument(args[0], "encoding", &encoding) < 0 ||
        name_argument(args[1], "errors", &errors) < 0) {
        return VALUE_NULL;
    }
    return wrap(codec_decode_text(self, encoding, errors));
}
