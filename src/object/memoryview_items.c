/* SPDX-License-Identifier: MIT */
/* memoryview: items, indexing, slicing, assignment, comparison, lists. */
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/memoryview_int.h"
#include "object/str.h"

/* ---- Formats. */

char memoryview_native_format(const char *format)
{
    if (format == NULL) {
        return 'B';
    }
    format += *format == '@';
    return *format != '\0' && format[1] == '\0' && strchr("cbB?hHiIlLqQnNfdP", *format) != NULL
               ? *format
               : 0;
}

Py_ssize_t memoryview_native_size(char format)
{
    switch (format) {
    case 'c':
    case 'b':
    case 'B':
    case '?': return 1;
    case 'h':
    case 'H': return 2;
    case 'i':
    case 'I':
    case 'f': return 4;
    default: return 8;
    }
}

#define READ(type)                                                                                 \
    ({                                                                                             \
        type x;                                                                                    \
        memcpy(&x, item, sizeof x);                                                                \
        x;                                                                                         \
    })

Value memoryview_unpack(const char *item, const char *format)
{
    switch (memoryview_native_format(format)) {
    case 'c': return value_from_object(bytes_new(item, 1));
    case 'b': return value_from_int(READ(signed char));
    case 'B': return value_from_int(READ(unsigned char));
    case '?': return value_from_bool(READ(unsigned char) != 0);
    case 'h': return value_from_int(READ(short));
    case 'H': return value_from_int(READ(unsigned short));
    case 'i': return value_from_int(READ(int));
    case 'I': return value_from_int(READ(unsigned));
    case 'l':
    case 'q':
    case 'n': return int_from_i64(READ(int64_t));
    case 'L':
    case 'Q':
    case 'N':
    case 'P': return int_from_u64(READ(uint64_t));
    case 'f': return float_from_double((double)READ(float));
    case 'd': return float_from_double(READ(double));
    default:
        return error_raise(PyExc_NotImplementedError, "memoryview: unsupported format %s", format);
    }
}

static int wrong_value(const char *format)
{
    return error_raise_int(PyExc_ValueError, "memoryview: invalid value for format '%s'", format);
}

/* Type errors of conversions get memoryview's words; so do overflows. */
static int explain(const char *format)
{
    if (error_matches(PyExc_TypeError)) {
        error_clear();
        return error_raise_int(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
    }
    if (error_matches(PyExc_OverflowError) || error_matches(PyExc_ValueError)) {
        error_clear();
        return wrong_value(format);
    }
    return -1;
}

/* Negative ones are allowed. */
static int pack_address(char *item, const char *format, Value index)
{
    uint64_t bits;
    if (int_to_u64(index, &bits) < 0) {
        error_clear();
        int64_t negative;
        if (int_to_i64(index, &negative) < 0) {
            return explain(format);
        }
        bits = (uint64_t)negative;
    }
    memcpy(item, &bits, sizeof bits);
    return 0;
}

static int pack_int(char *item, const char *format, char code, Value v)
{
    size_t size = (size_t)memoryview_native_size(code);
    bool is_signed = strchr("bhilqn", code) != NULL;
    Value index = object_index(v);
    if (value_is_null(index)) {
        return explain(format);
    }
    if (code == 'P') {
        return pack_address(item, format, index);
    }
    unsigned char bytes[8];
    if (int_to_byte_array(index, bytes, size, true, is_signed) < 0) {
        return explain(format);
    }
    memcpy(item, bytes, size);
    return 0;
}

static int pack_float(char *item, const char *format, char code, Value v)
{
    double d;
    if (arg_double(v, &d) < 0) {
        return explain(format);
    }
    if (code == 'd') {
        memcpy(item, &d, sizeof d);
        return 0;
    }
    float f = (float)d;
    memcpy(item, &f, sizeof f);
    return 0;
}

static int pack(char *item, const char *format, Value v)
{
    format = format == NULL ? "B" : format;
    char code = memoryview_native_format(format);
    switch (code) {
    case 0:
        return error_raise_int(PyExc_NotImplementedError, "memoryview: unsupported format %s",
                               format);
    case 'c':
        if (!bytes_check(v)) {
            return error_raise_int(PyExc_TypeError, "memoryview: invalid type for format '%s'",
                                   format);
        }
        if (bytes_length(value_object(v)) != 1) {
            return wrong_value(format);
        }
        *item = *bytes_data(value_object(v));
        return 0;
    case '?': {
        int truth = object_truth(v);
        *item = (char)(truth > 0);
        return truth < 0 ? -1 : 0;
    }
    case 'f':
    case 'd': return pack_float(item, format, code, v);
    default: return pack_int(item, format, code, v);
    }
}

/* Converts v, which may run Python code that releases the view, then stores it. */
static int store_item(PyMemoryViewObject *m, char *item, Value v)
{
    char packed[8];
    if (pack(packed, m->view.format, v) < 0 || memoryview_check_released(m) < 0) {
        return -1;
    }
    memcpy(item, packed, (size_t)m->view.itemsize);
    return 0;
}

/* ---- Indexing. */

/* Address of item i along a dimension of the (sub)array at p; NULL with IndexError. */
static char *step_into(const Py_buffer *view, char *p, int dimension, Py_ssize_t i)
{
    Py_ssize_t n = view->shape[dimension];
    i += i < 0 ? n : 0;
    if ((size_t)i >= (size_t)n) {
        return error_raise_null(PyExc_IndexError, "index out of bounds on dimension %d",
                                dimension + 1);
    }
    p += view->strides[dimension] * i;
    if (view->suboffsets != NULL && view->suboffsets[dimension] >= 0) {
        p = *(char **)p + view->suboffsets[dimension];
    }
    return p;
}

static bool all_items(Value tuple, bool (*test)(Value))
{
    PyObject *t = value_object(tuple);
    for (Py_ssize_t i = 0; i < tuple_length(t); i++) {
        if (!test(tuple_get(t, i))) {
            return false;
        }
    }
    return true;
}

static bool is_multi_index(Value key)
{
    return tuple_check(key) && all_items(key, object_has_index);
}
static bool is_multi_slice(Value key)
{
    return tuple_check(key) && tuple_length(value_object(key)) > 0 && all_items(key, slice_check);
}

static char *item_at_tuple(PyMemoryViewObject *m, PyObject *key)
{
    const Py_buffer *view = &m->view;
    Py_ssize_t n = tuple_length(key);
    if (n < view->ndim) {
        return error_raise_null(PyExc_NotImplementedError, "sub-views are not implemented");
    }
    if (n > view->ndim) {
        return error_raise_null(PyExc_TypeError,
                                "cannot index %d-dimension view with %zd-element tuple", view->ndim,
                                n);
    }
    char *p = view->buf;
    for (int d = 0; d < n; d++) {
        Py_ssize_t i;
        if (subscript_index(tuple_get(key, d), &i) < 0 || memoryview_check_released(m) < 0) {
            return NULL;
        }
        p = step_into(view, p, d, i);
        if (p == NULL) {
            return NULL;
        }
    }
    return p;
}

/* Narrows the first dimension. 0 or -1. */
static int slice_view(Py_buffer *view, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = slice_adjust(view->shape[0], &start, &stop, step);
    view->buf = (char *)view->buf + view->strides[0] * start; /* suboffsets come after it */
    view->shape[0] = n;
    view->strides[0] *= step;
    return 0;
}

static void renew_length(Py_buffer *view)
{
    Py_ssize_t n = view->itemsize;
    for (int i = 0; i < view->ndim; i++) {
        n *= view->shape[i];
    }
    view->len = n;
}

Value memoryview_item(Value self, Py_ssize_t index)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    if (m->view.ndim == 0) {
        return error_raise(PyExc_TypeError, "invalid indexing of 0-dim memory");
    }
    if (m->view.ndim > 1) {
        return error_raise(PyExc_NotImplementedError,
                           "multi-dimensional sub-views are not implemented");
    }
    char *p = step_into(&m->view, m->view.buf, 0, index);
    return p == NULL ? VALUE_NULL : memoryview_unpack(p, m->view.format);
}

static Value getitem_scalar(Value self, Value key)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (tuple_check(key) && tuple_length(value_object(key)) == 0) {
        return memoryview_unpack(m->view.buf, m->view.format);
    }
    if (value_same_bits(key, VALUE_ELLIPSIS)) {
        return self;
    }
    return error_raise(PyExc_TypeError, "invalid indexing of 0-dim memory");
}

static Value getitem_slice(PyMemoryViewObject *m, PyObject *slice)
{
    PyMemoryViewObject *r = memoryview_derive(m, &m->view);
    if (r == NULL || slice_view(&r->view, slice) < 0) {
        return VALUE_NULL;
    }
    renew_length(&r->view);
    memoryview_init_flags(r);
    return value_from_object(r);
}

Value memoryview_getitem(Value self, Value key)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    if (m->view.ndim == 0) {
        return getitem_scalar(self, key);
    }
    if (object_has_index(key)) {
        Py_ssize_t i;
        return subscript_index(key, &i) < 0 ? VALUE_NULL : memoryview_item(self, i);
    }
    if (slice_check(key)) {
        return getitem_slice(m, value_object(key));
    }
    if (is_multi_index(key)) {
        char *p = item_at_tuple(m, value_object(key));
        return p == NULL ? VALUE_NULL : memoryview_unpack(p, m->view.format);
    }
    if (is_multi_slice(key)) {
        return error_raise(PyExc_NotImplementedError,
                           "multi-dimensional slicing is not implemented");
    }
    return error_raise(PyExc_TypeError, "memoryview: invalid slice key");
}

/* ---- Assignment. */

static bool same_structure(const Py_buffer *a, const Py_buffer *b)
{
    const char *fa = a->format == NULL ? "B" : a->format, *fb = b->format == NULL ? "B" : b->format;
    if (strcmp(fa + (*fa == '@'), fb + (*fb == '@')) != 0 || a->itemsize != b->itemsize ||
        a->ndim != b->ndim) {
        return false;
    }
    for (int i = 0; i < a->ndim; i++) {
        if (a->shape[i] != b->shape[i]) {
            return false;
        }
        if (a->shape[i] == 0) {
            break;
        }
    }
    return true;
}

static int copy_view(const Py_buffer *to, Py_buffer *from)
{
    if (from->ndim == 1 && from->shape == NULL) {
        from->shape = &from->len;
    }
    if (!same_structure(to, from)) {
        return error_raise_int(PyExc_ValueError, "memoryview assignment: lvalue and rvalue have "
                                                 "different structures");
    }
    PyObject *copy = bytes_new(NULL, to->len);
    if (copy == NULL) {
        return -1;
    }
    if (to->len > 0) {
        buffer_copy_out(bytes_data(copy), from, 'C');
        buffer_copy_in(to, bytes_data(copy), 'C');
    }
    return 0;
}

static int assign_slice(PyMemoryViewObject *m, PyObject *slice, Value v)
{
    Py_buffer from;
    if (object_get_buffer(v, &from, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    Py_buffer to = m->view;
    Py_ssize_t shape = to.shape[0], stride = to.strides[0];
    Py_ssize_t suboffset = to.suboffsets != NULL ? to.suboffsets[0] : -1;
    to.shape = &shape;
    to.strides = &stride;
    to.suboffsets = to.suboffsets != NULL ? &suboffset : NULL;
    int status = slice_view(&to, slice);
    if (status == 0 && memoryview_check_released(m) < 0) {
        status = -1;
    }
    if (status == 0) {
        renew_length(&to);
        status = copy_view(&to, &from);
    }
    object_release_buffer(&from);
    return status;
}

static int setitem_scalar(PyMemoryViewObject *m, Value key, Value v)
{
    bool empty_tuple = tuple_check(key) && tuple_length(value_object(key)) == 0;
    if (!empty_tuple && !value_same_bits(key, VALUE_ELLIPSIS)) {
        return error_raise_int(PyExc_TypeError, "invalid indexing of 0-dim memory");
    }
    return store_item(m, m->view.buf, v);
}

static int setitem_index(PyMemoryViewObject *m, Value key, Value v)
{
    Py_ssize_t i;
    if (m->view.ndim > 1) {
        return error_raise_int(PyExc_NotImplementedError, "sub-views are not implemented");
    }
    if (subscript_index(key, &i) < 0 || memoryview_check_released(m) < 0) {
        return -1;
    }
    char *p = step_into(&m->view, m->view.buf, 0, i);
    return p == NULL ? -1 : store_item(m, p, v);
}

int memoryview_setitem(Value self, Value key, Value v)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return -1;
    }
    if (memoryview_native_format(m->view.format) == 0) {
        return error_raise_int(PyExc_NotImplementedError, "memoryview: unsupported format %s",
                               m->view.format);
    }
    if (m->view.readonly) {
        return error_raise_int(PyExc_TypeError, "cannot modify read-only memory");
    }
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "cannot delete memory");
    }
    if (m->view.ndim == 0) {
        return setitem_scalar(m, key, v);
    }
    if (object_has_index(key)) {
        return setitem_index(m, key, v);
    }
    if (slice_check(key)) {
        if (m->view.ndim > 1) {
            return error_raise_int(PyExc_NotImplementedError, "memoryview slice assignments are "
                                                              "currently restricted to ndim = 1");
        }
        return assign_slice(m, value_object(key), v);
    }
    if (is_multi_index(key)) {
        char *p = item_at_tuple(m, value_object(key));
        return p == NULL ? -1 : store_item(m, p, v);
    }
    if (is_multi_slice(key)) {
        return error_raise_int(PyExc_NotImplementedError,
                               "memoryview slice assignments are currently "
                               "restricted to ndim = 1");
    }
    return error_raise_int(PyExc_TypeError, "memoryview: invalid slice key");
}

/* ---- Comparison. */

/* Unpacks items of formats that only the struct module knows. */
static Value struct_unpack(const char *format, const char *item, Py_ssize_t size)
{
    Value import = builtin_function("__import__");
    PyObject *name = str_intern_text("struct"), *unpack = str_intern_text("unpack");
    PyObject *text = str_from_text(format), *data = bytes_new(item, size);
    if (value_is_null(import) || name == NULL || unpack == NULL || text == NULL || data == NULL) {
        return VALUE_NULL;
    }
    Value module = object_call1(import, value_from_object(name));
    return value_is_null(module) ? module
                                 : object_call_method2(module, unpack, value_from_object(text),
                                                       value_from_object(data));
}

static int items_equal(const char *a, const Py_buffer *va, const char *b, const Py_buffer *vb)
{
    char fa = memoryview_native_format(va->format), fb = memoryview_native_format(vb->format);
    Value x, y;
    if (fa != 0 && fa == fb && fa != 'f' && fa != 'd' && fa != '?') {
        return memcmp(a, b, (size_t)va->itemsize) == 0;
    }
    if (fa != 0 && fb != 0) {
        x = memoryview_unpack(a, va->format);
        y = memoryview_unpack(b, vb->format);
    } else {
        x = struct_unpack(va->format == NULL ? "B" : va->format, a, va->itemsize);
        y = value_is_null(x)
                ? x
                : struct_unpack(vb->format == NULL ? "B" : vb->format, b, vb->itemsize);
    }
    if (value_is_null(x) || value_is_null(y)) {
        return -1;
    }
    Value r = object_compare(x, y, Py_EQ);
    return value_is_null(r) ? -1 : object_truth(r);
}

static int views_equal(const Py_buffer *a, const Py_buffer *b)
{
    if (a->ndim != b->ndim) {
        return 0;
    }
    Py_ssize_t items = 1, index[PyBUF_MAX_NDIM] = {0};
    for (int i = 0; i < a->ndim; i++) {
        Py_ssize_t nb = b->shape != NULL ? b->shape[i] : b->len / b->itemsize;
        if (a->shape[i] != nb) {
            return 0;
        }
        items *= nb;
    }
    Py_buffer shaped = *b;
    shaped.shape = b->shape != NULL ? b->shape : a->shape;
    for (Py_ssize_t n = 0; n < items; n++) {
        int equal = items_equal(buffer_item(a, index), a, buffer_item(&shaped, index), &shaped);
        if (equal <= 0) {
            return equal;
        }
        for (int d = a->ndim - 1; d >= 0 && ++index[d] == a->shape[d]; d--) {
            index[d] = 0;
        }
    }
    return 1;
}

/* Formats that nobody can unpack compare unequal. */
static int equal_or_unknown(const Py_buffer *a, const Py_buffer *b)
{
    int equal = views_equal(a, b);
    if (equal < 0 && !error_matches(PyExc_MemoryError)) {
        error_clear();
        return 0;
    }
    return equal;
}

Value memoryview_richcompare(Value self, Value other, int op)
{
    if (op != Py_EQ && op != Py_NE) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyMemoryViewObject *m = memoryview_cast(self);
    bool released = memoryview_check_released(m) < 0;
    bool other_released = !released && memoryview_check(other) &&
                          memoryview_check_released(memoryview_cast(other)) < 0;
    if (released || other_released) {
        error_clear();
        return value_from_bool(value_same_bits(self, other) == (op == Py_EQ));
    }
    Py_buffer view;
    if (!object_has_buffer(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (object_get_buffer(other, &view, PyBUF_FULL_RO) < 0) {
        error_clear();
        return VALUE_NOT_IMPLEMENTED;
    }
    int equal = equal_or_unknown(&m->view, &view);
    object_release_buffer(&view);
    return equal < 0 ? VALUE_NULL : value_from_bool((equal != 0) == (op == Py_EQ));
}

/* ---- tolist. */

static PyObject *list_of(const Py_buffer *view, char *p, int dimension)
{
    PyObject *list = list_new(view->shape[dimension]);
    for (Py_ssize_t i = 0; list != NULL && i < view->shape[dimension]; i++) {
        char *item = step_into(view, p, dimension, i);
        Value v = dimension == view->ndim - 1
                      ? memoryview_unpack(item, view->format)
                      : value_from_object(list_of(view, item, dimension + 1));
        if (value_is_null(v) || list_append(list, v) < 0) {
            return NULL;
        }
    }
    return list;
}

Value memoryview_tolist(Value self)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    if (memoryview_native_format(m->view.format) == 0) {
        return error_raise(PyExc_NotImplementedError, "memoryview: unsupported format %s",
                           m->view.format);
    }
    return m->view.ndim == 0 ? memoryview_unpack(m->view.buf, m->view.format)
                             : value_from_object(list_of(&m->view, m->view.buf, 0));
}
