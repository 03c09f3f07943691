/* SPDX-License-Identifier: MIT */
/* bytearray.
 *
 *  - ob_start points into a struct byte_store, a raw cell, whose data ob_bytes points to; cutting
 * off the front moves ob_start. A store that is too small is replaced; the old one stays valid for
 *    those who look at it.
 *  - ob_start, ob_bytes, ob_size and ob_exports change under the byte lock (the low byte of
 *    ob_alloc); readers take it for a moment to get a consistent pair of pointer and size
 *    (bytearray_span). The bytes themselves are read and written without a lock.
 *  - Extension code reads the size, and ob_start later: while it may, so much as it may have read
 *    stays behind ob_start (`seen`).
 *  - While buffers are exported the size may not change. Before saying so, dead memoryviews are
 *    collected: nobody else would tell that they are gone. */
#include "object/buffer.h"
#include "object/bytes_int.h"
#include "object/codec.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str_int.h"
#include "object/str_search.h"

_Static_assert(sizeof(PyByteArrayObject) == 56, "PyByteArrayObject is what extensions expect");

static struct {
    size_t capacity, seen;
    char data[8];
} empty_store;

static inline PyByteArrayObject *cast(PyObject *o)
{
    return (PyByteArrayObject *)o;
}
static inline Value wrap(PyObject *o)
{
    return value_from_object(o);
}

bool bytearray_check(Value v)
{
    return value_is_object(v) && value_is_instance(v, &PyByteArray_Type);
}

/* ---- Changing the size. */

static inline struct byte_store *store_of(const PyByteArrayObject *a)
{
    return (struct byte_store *)(a->ob_bytes - offsetof(struct byte_store, data));
}

/* Room behind ob_start. */
static inline size_t room(const PyByteArrayObject *a)
{
    return store_of(a)->capacity - (size_t)(a->ob_start - a->ob_bytes);
}

static void set_store(PyObject *self, char *bytes, char *start, Py_ssize_t size)
{
    PyByteArrayObject *a = cast(self);
    heap_store(self, &a->ob_bytes, bytes);
    heap_store(self, &a->ob_start, start);
    a->ob_base.ob_size = size;
}

static char *store_new(size_t capacity, size_t seen)
{
    struct byte_store *store = heap_alloc(sizeof *store + capacity + 1, CELL_RAW);
    if (store == NULL) {
        return NULL;
    }
    store->capacity = capacity;
    store->seen = seen;
    return store->data;
}

enum splice_result { SPLICE_DONE, SPLICE_EXPORTED, SPLICE_NO_MEMORY, SPLICE_NOTHING };

/* What is to be replaced by `data`, which must not be self's. Where that is is looked up under the
 * lock; negative places count from the end. */
struct edit {
    enum { EDIT_RANGE, EDIT_STRIDE, EDIT_BYTE, EDIT_FIND } kind;
    Py_ssize_t start, stop; /* EDIT_BYTE: start alone; both are clipped otherwise */
    Py_ssize_t step;        /* EDIT_STRIDE, which deletes: not 1 */
    const char *data;
    Py_ssize_t n;
    unsigned char byte; /* EDIT_FIND: the one to look for; EDIT_BYTE: the one that was there */
};

/* How many bytes must stay behind ob_start for those who have read the size. Notes the present one.
 */
static size_t room_needed(const PyByteArrayObject *a)
{
    struct byte_store *store = store_of(a);
    size_t size = (size_t)a->ob_base.ob_size;
    if (size == 0) {
        return store->seen;
    }
    size_t seen = !extensions_may_look() ? 0 : store->seen > size ? store->seen : size;
    store->seen = seen;
    return seen;
}

/* In the room there is: moves the tail, or the start when `cut`. */
static void splice_in_place(PyByteArrayObject *a, Py_ssize_t start, Py_ssize_t stop,
                            const char *data, Py_ssize_t n, bool cut)
{
    Py_ssize_t size = a->ob_base.ob_size;
    if (cut) {
        a->ob_start += stop;
    } else {
        memmove(a->ob_start + start + n, a->ob_start + stop, (size_t)(size - stop));
        if (n > 0) {
            memcpy(a->ob_start + start, data, (size_t)n);
        }
    }
    a->ob_base.ob_size = size - (stop - start) + n;
    if (a->ob_base.ob_size == 0) {
        a->ob_start = a->ob_bytes;
    }
    if (a->ob_bytes != empty_store.data) {
        a->ob_start[a->ob_base.ob_size] = '\0';
    }
}

static enum splice_result replace_locked(PyObject *self, Py_ssize_t start, Py_ssize_t stop,
                                         const char *data, Py_ssize_t n)
{
    PyByteArrayObject *a = cast(self);
    Py_ssize_t size = a->ob_base.ob_size, new_size = size - (stop - start) + n;
    if (new_size != size && a->ob_exports > 0) {
        return SPLICE_EXPORTED;
    }
    bool cut = start == 0 && n == 0 && stop > 0 && stop < size;
    size_t seen = room_needed(a), needed = (size_t)new_size;
    if (cut) {
        needed = (size_t)stop + (seen > needed ? seen : needed);
    }
    if (needed <= room(a)) {
        splice_in_place(a, start, stop, data, n, cut);
        return SPLICE_DONE;
    }
    /* When the front is cut, so that the next cuts together are as long as what is copied now. */
    size_t least = cut ? 2 * seen : (size_t)new_size + (size_t)new_size / 4;
    char *fresh = store_new(least + 16, seen);
    if (fresh == NULL) {
        return SPLICE_NO_MEMORY;
    }
    memcpy(fresh, a->ob_start, (size_t)start);
    memcpy(fresh + start, data, (size_t)n);
    memcpy(fresh + start + n, a->ob_start + stop, (size_t)(size - stop));
    set_store(self, fresh, fresh, new_size);
    return SPLICE_DONE;
}

/* Deletes `count` bytes, every step-th from start on. */
static enum splice_result delete_stride_locked(PyByteArrayObject *a, Py_ssize_t start,
                                               Py_ssize_t step, Py_ssize_t count)
{
    Py_ssize_t size = a->ob_base.ob_size;
    if (count == 0) {
        return SPLICE_DONE;
    }
    if (a->ob_exports > 0) {
        return SPLICE_EXPORTED;
    }
    if (step < 0) {
        start += step * (count - 1);
        step = -step;
    }
    room_needed(a); /* the size was seen */
    char *to = a->ob_start + start;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t from = start + i * step + 1, end = i + 1 < count ? from + step - 1 : size;
        memmove(to, a->ob_start + from, (size_t)(end - from));
        to += end - from;
    }
    *to = '\0';
    a->ob_base.ob_size = size - count;
    return SPLICE_DONE;
}

static enum splice_result edit_locked(PyObject *self, struct edit *e)
{
    PyByteArrayObject *a = cast(self);
    Py_ssize_t size = a->ob_base.ob_size, start = e->start, stop = e->stop;
    switch (e->kind) {
    case EDIT_RANGE:
        slice_adjust(size, &start, &stop, 1);
        return replace_locked(self, start, stop < start ? start : stop, e->data, e->n);
    case EDIT_STRIDE: {
        Py_ssize_t count = slice_adjust(size, &start, &stop, e->step);
        return delete_stride_locked(a, start, e->step, count);
    }
    case EDIT_FIND: start = search_char(1, a->ob_start, size, (Py_UCS4)e->byte); break;
    case EDIT_BYTE: start += start < 0 ? size : 0; break;
    }
    if ((size_t)start >= (size_t)size) {
        return SPLICE_NOTHING;
    }
    e->byte = (unsigned char)a->ob_start[start];
    return replace_locked(self, start, start + 1, NULL, 0);
}

static int no_resize(void)
{
    return error_raise_int(PyExc_BufferError,
                           "Existing exports of data: object cannot be re-sized");
}

/* 1, 0 (there is nothing to replace), or -1. */
static int edit(PyObject *self, struct edit *e)
{
    for (int attempt = 0;; attempt++) {
        byte_lock(bytearray_byte_lock(self));
        enum splice_result r = edit_locked(self, e);
        byte_unlock(bytearray_byte_lock(self));
        if (r == SPLICE_DONE || r == SPLICE_NOTHING) {
            return r == SPLICE_DONE;
        }
        if (r == SPLICE_NO_MEMORY) {
            error_no_memory();
            return -1;
        }
        if (attempt > 0) {
            return no_resize();
        }
        buffer_settle_exports(&cast(self)->ob_exports, atomic_load_relaxed(&cast(self)->ob_bytes));
    }
}

/* Replaces self[start:stop] by the data, which must not be self's. */
static int splice(PyObject *self, Py_ssize_t start, Py_ssize_t stop, const char *data, Py_ssize_t n)
{
    struct edit e = {.kind = EDIT_RANGE, .start = start, .stop = stop, .data = data, .n = n};
    return edit(self, &e) < 0 ? -1 : 0;
}

static PyObject *new_of_type(PyTypeObject *type)
{
    PyObject *self = object_alloc(type, 0);
    if (self != NULL) {
        set_store(self, empty_store.data, empty_store.data, 0);
    }
    return self;
}

PyObject *bytearray_new(const char *data, Py_ssize_t length)
{
    PyObject *self = new_of_type(&PyByteArray_Type);
    if (self == NULL || length == 0) {
        return self;
    }
    char *fresh = store_new((size_t)length, 0);
    if (fresh == NULL) {
        error_no_memory();
        return NULL;
    }
    if (data != NULL) {
        memcpy(fresh, data, (size_t)length);
    }
    set_store(self, fresh, fresh, length);
    return self;
}

int bytearray_resize(PyObject *self, Py_ssize_t length)
{
    struct byte_span s = bytearray_span(self);
    if (length <= s.length) {
        return splice(self, length, s.length, NULL, 0);
    }
    PyObject *zeros = bytes_new(NULL, length - s.length);
    return zeros == NULL ? -1
                         : splice(self, s.length, s.length, bytes_data(zeros), length - s.length);
}

/* ---- Construction. */

static Value make_empty(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return wrap(new_of_type(type));
}

/* Replaces all content by a copy of the bytes object's; b may be NULL: an error is set. */
static int assign(PyObject *self, PyObject *b)
{
    return b == NULL ? -1 : splice(self, 0, PY_SSIZE_T_MAX, bytes_data(b), bytes_length(b));
}

static int type_init(Value self_value, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value a[3];
    const char *encoding, *errors;
    PyObject *self = value_object(self_value);
    if (native_bind("bytearray", "(source=b'', encoding='utf-8', errors='strict')", &signature,
                    args, nargs, kwnames, a) < 0 ||
        bytes_encoding_arguments(a, "bytearray", &encoding, &errors) < 0 ||
        splice(self, 0, PY_SSIZE_T_MAX, NULL, 0) < 0) {
        return -1;
    }
    if (value_is_absent(a[0])) {
        return 0;
    }
    if (encoding != NULL) {
        return assign(self, codec_encode_text(value_object(a[0]), encoding, errors));
    }
    if (object_has_index(a[0])) {
        Py_ssize_t count;
        if (arg_index(a[0], &count) == 0) {
            if (count < 0) {
                return error_raise_int(PyExc_ValueError, "negative count");
            }
            return count == 0 ? 0 : assign(self, bytes_new(NULL, count));
        }
        if (!error_matches(PyExc_TypeError)) {
            return -1;
        }
        error_clear();
    }
    if (!object_has_buffer(a[0]) && value_ops(a[0])->iter == NULL && !object_is_sequence(a[0])) {
        return error_raise_int(PyExc_TypeError, "cannot convert '%T' object to bytearray", a[0]);
    }
    if (object_has_buffer(a[0])) {
        return assign(self, bytes_from_value(a[0]));
    }
    struct bytes_builder b;
    bytes_builder_init(&b);
    if (bytes_builder_extend(&b, a[0], "byte must be in range(0, 256)") < 0) {
        return -1;
    }
    return assign(self, bytes_builder_finish(&b));
}

/* ---- Operations. */

static Value type_repr(Value self)
{
    struct byte_span s = span_of(self);
    PyObject *inner = bytes_repr(s.data, s.length);
    return inner == NULL ? VALUE_NULL
                         : wrap(str_format("%s(%U)", type_short_name(value_type(self)), inner));
}

static Value type_str(Value self)
{
    return bytes_warn_str(self) < 0 ? VALUE_NULL : type_repr(self);
}

static Py_ssize_t type_len(Value self)
{
    return atomic_load_relaxed(&((PyVarObject *)value_object(self))->ob_size);
}

static Value type_getitem(Value self, Value key)
{
    return bytes_subscript(self, key, "bytearray");
}

static Value type_item(Value self, Py_ssize_t i)
{
    struct byte_span s = span_of(self);
    if ((size_t)i >= (size_t)s.length) {
        return error_raise(PyExc_IndexError, "bytearray index out of range");
    }
    return value_from_int((unsigned char)s.data[i]);
}

/* The bytes to assign: a copy when they may be self's own. */
static PyObject *source_bytes(Value v, const char *message)
{
    if (bytes_check(v)) {
        return value_object(v);
    }
    if (object_has_buffer(v)) {
        return bytes_from_value(v);
    }
    if (int_check(v) || str_check(v)) {
        return error_raise_null(PyExc_TypeError, message);
    }
    if (value_ops(v)->iter == NULL && !object_is_sequence(v)) {
        return error_raise_null(PyExc_TypeError, "cannot convert '%T' object to bytearray", v);
    }
    struct bytes_builder b;
    bytes_builder_init(&b);
    return bytes_builder_extend(&b, v, "byte must be in range(0, 256)") < 0
               ? NULL
               : bytes_builder_finish(&b);
}

static int index_error(void)
{
    return error_raise_int(PyExc_IndexError, "bytearray index out of range");
}

static int set_byte(PyObject *self, Py_ssize_t i, unsigned char byte)
{
    byte_lock(bytearray_byte_lock(self));
    PyByteArrayObject *a = cast(self);
    i += i < 0 ? a->ob_base.ob_size : 0;
    bool fits = (size_t)i < (size_t)a->ob_base.ob_size;
    if (fits) {
        atomic_store_relaxed(&a->ob_start[i], (char)byte);
    }
    byte_unlock(bytearray_byte_lock(self));
    return fits ? 0 : index_error();
}

static int set_index(PyObject *self, Value key, Value v)
{
    struct edit e = {.kind = EDIT_BYTE};
    if (subscript_index(key, &e.start) < 0) {
        return -1;
    }
    if (value_is_absent(v)) {
        int done = edit(self, &e);
        return done == 0 ? index_error() : done < 0 ? -1 : 0;
    }
    Py_ssize_t size = bytearray_span(self).length, i = e.start;
    if ((size_t)(i < 0 ? i + size : i) >= (size_t)size) {
        return index_error();
    }
    int byte = byte_from_value(v);
    return byte < 0 ? -1 : set_byte(self, i, (unsigned char)byte);
}

static int assign_strided(PyObject *self, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step,
                          PyObject *source)
{
    byte_lock(bytearray_byte_lock(self));
    PyByteArrayObject *a = cast(self);
    Py_ssize_t n = slice_adjust(a->ob_base.ob_size, &start, &stop, step);
    for (Py_ssize_t i = 0; n == bytes_length(source) && i < n; i++) {
        a->ob_start[start + i * step] = bytes_data(source)[i];
    }
    byte_unlock(bytearray_byte_lock(self));
    return n == bytes_length(source)
               ? 0
               : error_raise_int(PyExc_ValueError,
                                 "attempt to assign bytes of size %zd to extended "
                                 "slice of size %zd",
                                 bytes_length(source), n);
}

static int set_slice(PyObject *self, PyObject *slice, Value v)
{
    PyObject *source = NULL;
    if (!value_is_absent(v)) {
        source = source_bytes(v, "can assign only bytes, buffers, or iterables of ints in "
                                 "range(0, 256)");
        if (source == NULL) {
            return -1;
        }
    }
    struct edit e = {.kind = EDIT_RANGE};
    if (slice_unpack(slice, &e.start, &e.stop, &e.step) < 0) {
        return -1;
    }
    if (source != NULL && bytes_length(source) > 0) {
        if (e.step != 1) {
            return assign_strided(self, e.start, e.stop, e.step, source);
        }
        e.data = bytes_data(source);
        e.n = bytes_length(source);
    } else if (e.step != 1) {
        e.kind = EDIT_STRIDE;
    }
    return edit(self, &e) < 0 ? -1 : 0;
}

static int type_setitem(Value self, Value key, Value v)
{
    if (slice_check(key)) {
        return set_slice(value_object(self), value_object(key), v);
    }
    if (!object_has_index(key)) {
        return error_raise_int(PyExc_TypeError,
                               "bytearray indices must be integers or slices, not %T", key);
    }
    return set_index(value_object(self), key, v);
}

static Value type_inplace_concat(Value self, Value other)
{
    if (!object_has_buffer(other)) {
        return error_raise(PyExc_TypeError, "can't concat %T to %T", other, self);
    }
    PyObject *source = bytes_from_value(other);
    Py_ssize_t end = PY_SSIZE_T_MAX;
    if (source == NULL ||
        splice(value_object(self), end, end, bytes_data(source), bytes_length(source)) < 0) {
        return VALUE_NULL;
    }
    return self;
}

static Value type_inplace_repeat(Value self, Value count)
{
    Value repeated = bytes_repeat_value(self, count);
    if (value_is_null(repeated)) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(repeated);
    return splice(value_object(self), 0, PY_SSIZE_T_MAX, s.data, s.length) < 0 ? VALUE_NULL : self;
}

static Value type_mod(Value left, Value right)
{
    if (!bytearray_check(left)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *r = bytes_percent(span_of(left), right);
    return r == NULL ? VALUE_NULL : wrap(bytearray_new(bytes_data(r), bytes_length(r)));
}

static int type_get_buffer(Value self, Py_buffer *view, int flags)
{
    PyObject *o = value_object(self);
    byte_lock(bytearray_byte_lock(o));
    atomic_store_relaxed(&cast(o)->ob_exports, cast(o)->ob_exports + 1);
    struct byte_span s = {cast(o)->ob_start, cast(o)->ob_base.ob_size};
    byte_unlock(bytearray_byte_lock(o));
    return buffer_fill(view, o, (char *)s.data, s.length, false, flags);
}

static void type_release_buffer(Value self, Py_buffer *view)
{
    PyObject *o = value_object(self);
    byte_lock(bytearray_byte_lock(o));
    atomic_store_relaxed(&cast(o)->ob_exports, cast(o)->ob_exports - 1);
    byte_unlock(bytearray_byte_lock(o));
}

static void type_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, cast(self)->ob_bytes);
}

/* ---- Methods. */

static Value none_unless(int status)
{
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_append(Value self, Value item)
{
    int byte = byte_from_value(item);
    char c = (char)byte;
    Py_ssize_t end = PY_SSIZE_T_MAX;
    return byte < 0 ? VALUE_NULL : none_unless(splice(value_object(self), end, end, &c, 1));
}

static Value method_clear(Value self)
{
    return none_unless(splice(value_object(self), 0, PY_SSIZE_T_MAX, NULL, 0));
}

static Value method_copy(Value self)
{
    struct byte_span s = span_of(self);
    return wrap(bytearray_new(s.data, s.length));
}

static Value method_extend(Value self, Value source)
{
    if (!object_has_buffer(source) && value_ops(source)->iter == NULL &&
        !object_is_sequence(source)) {
        return error_raise(PyExc_TypeError, "can't extend bytearray with %T", source);
    }
    PyObject *b;
    if (object_has_buffer(source)) {
        b = bytes_from_value(source);
    } else {
        struct bytes_builder builder;
        bytes_builder_init(&builder);
        b = object_length_hint(source, 0) < 0 ||
                    bytes_builder_extend(&builder, source, "byte must be in range(0, 256)") < 0
                ? NULL
                : bytes_builder_finish(&builder);
    }
    Py_ssize_t end = PY_SSIZE_T_MAX;
    return b == NULL
               ? VALUE_NULL
               : none_unless(splice(value_object(self), end, end, bytes_data(b), bytes_length(b)));
}

static Value method_insert(Value self, const Value *args)
{
    Py_ssize_t i;
    if (arg_index(args[0], &i) < 0) {
        return VALUE_NULL;
    }
    int byte = byte_from_value(args[1]);
    if (byte < 0) {
        return VALUE_NULL;
    }
    char c = (char)byte;
    return none_unless(splice(value_object(self), i, i, &c, 1));
}

static Value method_pop(Value self, const Value *args)
{
    Py_ssize_t i = -1;
    if (!value_is_absent(args[0]) && arg_index(args[0], &i) < 0) {
        return VALUE_NULL;
    }
    struct edit e = {.kind = EDIT_BYTE, .start = i};
    int done = edit(value_object(self), &e);
    if (done == 0) {
        return error_raise(PyExc_IndexError, span_of(self).length == 0 ? "pop from empty bytearray"
                                                                       : "pop index out of range");
    }
    return done < 0 ? VALUE_NULL : value_from_int(e.byte);
}

static Value method_remove(Value self, Value item)
{
    int byte = byte_from_value(item);
    if (byte < 0) {
        return VALUE_NULL;
    }
    struct edit e = {.kind = EDIT_FIND, .byte = (unsigned char)byte};
    int done = edit(value_object(self), &e);
    return done == 0 ? error_raise(PyExc_ValueError, "value not found in bytearray")
                     : none_unless(done < 0 ? -1 : 0);
}

static Value method_reverse(Value self)
{
    PyObject *o = value_object(self);
    byte_lock(bytearray_byte_lock(o));
    PyByteArrayObject *a = cast(o);
    for (Py_ssize_t i = 0, j = a->ob_base.ob_size - 1; i < j; i++, j--) {
        char c = a->ob_start[i];
        a->ob_start[i] = a->ob_start[j];
        a->ob_start[j] = c;
    }
    byte_unlock(bytearray_byte_lock(o));
    return VALUE_NONE;
}

static Value method_alloc(Value self)
{
    return int_from_size(room(cast(value_object(self))) + (span_of(self).length > 0));
}

static Value method_sizeof(Value self)
{
    PyObject *o = value_object(self);
    return int_from_size((size_t)o->ob_type->tp_basicsize + store_of(cast(o))->capacity);
}

static Value reduce(Value self, int protocol)
{
    PyObject *o = value_object(self);
    struct byte_span s = span_of(self);
    PyObject *args;
    if (protocol < 3) {
        PyObject *text = str_from_latin1((const Py_UCS1 *)s.data, s.length);
        PyObject *encoding = str_from_text("latin-1");
        args = text == NULL || encoding == NULL ? NULL : tuple_pack(2, text, encoding);
    } else {
        PyObject *data = bytes_new(s.data, s.length);
        args = data == NULL ? NULL : tuple_pack(1, data);
    }
    Value state = args == NULL ? VALUE_NULL : object_call_method0(self, names.__getstate__);
    return value_is_null(state) ? state
                                : wrap(tuple_pack(3, o->ob_type, args, value_object(state)));
}

static Value method_reduce(Value self)
{
    return reduce(self, 2);
}

static Value method_reduce_ex(Value self, const Value *args)
{
    int protocol = 0;
    if (!value_is_absent(args[0]) && arg_int(args[0], &protocol) < 0) {
        return VALUE_NULL;
    }
    return reduce(self, protocol);
}

static const struct native_def methods[] = {
    BYTES_COMMON_METHODS,
    {"append", "($self, item, /)", "Adds a byte at the end.", .f1 = method_append},
    {"clear", "($self, /)", "Removes all bytes.", .f0 = method_clear},
    {"copy", "($self, /)", "A copy of the bytearray.", .f0 = method_copy},
    {"extend", "($self, iterable_of_ints, /)",
     "Adds all items of an iterable of ints, or a buffer, at the end.", .f1 = method_extend},
    {"insert", "($self, index, item, /)", "Inserts a byte before the index.", .n = method_insert},
    {"pop", "($self, index=-1, /)",
     "Removes and returns the byte at the index, the last one by default.", .n = method_pop},
    {"remove", "($self, value, /)", "Removes the first byte of this value.", .f1 = method_remove},
    {"reverse", "($self, /)", "Reverses the bytes in place.", .f0 = method_reverse},
    {"__alloc__", "($self, /)", "How many bytes there is room for.", .f0 = method_alloc},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = method_sizeof},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = method_reduce},
    {"__reduce_ex__", "($self, proto=0, /)",
     "How to make the object again, for this pickle protocol.", .n = method_reduce_ex},
    {NULL},
};

/* ---- Iterator. */

static Value type_iter(Value self)
{
    return wrap(sequence_iterator_new_of(&PyByteArrayIter_Type, value_object(self), 0));
}

static Value iterator_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *o = atomic_load_relaxed(&it->sequence);
    if (o == NULL) {
        return VALUE_ABSENT;
    }
    Py_ssize_t i;
    struct byte_span s;
    do {
        i = atomic_load_relaxed(&it->index);
        s = bytearray_span(o);
        if (i >= s.length) {
            heap_store(it, &it->sequence, NULL);
            return VALUE_ABSENT;
        }
    } while (UNLIKELY(!sequence_iterator_move(it, i, i + 1)));
    return value_from_int((unsigned char)s.data[i]);
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
    PyObject *o = atomic_load_relaxed(&it->sequence);
    Py_ssize_t left = o == NULL ? 0 : bytearray_span(o).length - atomic_load_relaxed(&it->index);
    return value_from_int(left < 0 ? 0 : left);
}

static Value iterator_reduce_method(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *o = atomic_load_relaxed(&it->sequence);
    if (o == NULL) {
        return iterator_reduce("iter", wrap(tuple_new(0)), VALUE_ABSENT);
    }
    return iterator_reduce("iter", wrap(o), int_from_ssize(atomic_load_relaxed(&it->index)));
}

static Value iterator_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t i;
    if (arg_index(state, &i) < 0) {
        return VALUE_NULL;
    }
    PyObject *o = atomic_load_relaxed(&it->sequence);
    if (o != NULL) {
        Py_ssize_t size = bytearray_span(o).length;
        atomic_store_relaxed(&it->index, i < 0 ? 0 : i > size ? size : i);
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

PyTypeObject PyByteArrayIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "bytearray_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

/* ---- The type. */

static struct type_info bytearray_info = {
    .ops =
        {
            .repr = type_repr,
            .str = type_str,
            .richcompare = bytes_richcompare,
            .iter = type_iter,
            .new_ = make_empty,
            .init = type_init,
            .len = type_len,
            .getitem = type_getitem,
            .setitem = type_setitem,
            .contains = bytes_contains,
            .concat = bytes_concat_values,
            .repeat = bytes_repeat_value,
            .inplace_concat = type_inplace_concat,
            .inplace_repeat = type_inplace_repeat,
            .item = type_item,
            .binary = {[OP_MOD] = type_mod},
            .get_buffer = type_get_buffer,
            .release_buffer = type_release_buffer,
        },
    .trace = type_trace,
    .methods = methods,
};

PyTypeObject PyByteArray_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "bytearray",
    .tp_basicsize = sizeof(PyByteArrayObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "bytearray(iterable_of_ints) -> bytearray\n"
              "bytearray(string, encoding[, errors]) -> bytearray\n"
              "bytearray(bytes_or_buffer) -> bytearray\n"
              "bytearray(int) -> bytearray of that many zeros\n\nA mutable sequence of bytes.",
    .tp_cache = (PyObject *)&bytearray_info,
};
