/* SPDX-License-Identifier: MIT */
/* array: sequences of machine numbers.
 *
 * The items lie in one raw heap cell. Readers take no lock: load `items`, check the index against
 * the size and against that cell's own capacity, read. Writers hold the byte lock; growing swaps in
 * a bigger cell. While a buffer is exported the size must not change. What a negative index or a
 * slice means is found out under the lock that the change is made under. */
#include <wchar.h>

#include "module/array_int.h"
#include "module/sys.h"
#include "object/buffer.h"

/* ---- Storage. */

Py_ssize_t array_length(struct array *a)
{
    return atomic_load_acquire(&((PyVarObject *)a)->ob_size);
}

static size_t cell_capacity(const char *items)
{
    return items != NULL ? heap_cell_size(items) : 0;
}

static char *items_new(size_t bytes)
{
    char *items = bytes < PY_SSIZE_T_MAX ? heap_alloc(bytes != 0 ? bytes : 1, CELL_RAW) : NULL;
    if (items == NULL) {
        error_no_memory();
    }
    return items;
}

struct array *array_new(PyTypeObject *type, const struct array_kind *kind, Py_ssize_t length)
{
    if (length > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(double)) {
        error_no_memory();
        return NULL;
    }
    char *items = items_new((size_t)length * kind->size);
    struct array *a = items != NULL ? (struct array *)object_alloc(type, 0) : NULL;
    if (a != NULL) {
        a->kind = kind;
        heap_init(a, &a->items, items);
        ((PyVarObject *)a)->ob_size = length;
    }
    return a;
}

static int exported(void)
{
    return error_raise_int(PyExc_BufferError, "cannot resize an array that is exporting buffers");
}

/* Under the lock: room for `length` items. -1 with MemoryError. */
static int reserve_locked(struct array *a, Py_ssize_t length)
{
    size_t needed = (size_t)length * a->kind->size;
    if (needed <= cell_capacity(a->items)) {
        return 0;
    }
    char *items = items_new(needed + (needed >> 3) + 16);
    if (items == NULL) {
        return -1;
    }
    memcpy(items, a->items, (size_t)((PyVarObject *)a)->ob_size * a->kind->size);
    heap_store(a, &a->items, items);
    return 0;
}

enum change { CHANGE_DONE, CHANGE_FAILED, CHANGE_EXPORTED };

/* Ends a change: outside of the lock, since it may raise. */
static int change_result(enum change change)
{
    return change == CHANGE_EXPORTED ? exported() : change == CHANGE_FAILED ? -1 : 0;
}

/* Under the lock: `count` items at `from` take the place of those in [low, high), which exist. */
static enum change replace_locked(struct array *a, Py_ssize_t low, Py_ssize_t high,
                                  const char *from, Py_ssize_t count)
{
    size_t size = a->kind->size;
    Py_ssize_t length = ((PyVarObject *)a)->ob_size, change = count - (high - low);
    if (change != 0 && a->exports != 0) {
        return CHANGE_EXPORTED;
    }
    if (reserve_locked(a, length + change) < 0) {
        return CHANGE_FAILED;
    }
    char *at = a->items + (size_t)low * size;
    memmove(at + (size_t)count * size, a->items + (size_t)high * size,
            (size_t)(length - high) * size);
    if (count > 0) {
        memcpy(at, from, (size_t)count * size);
    }
    atomic_store_release(&((PyVarObject *)a)->ob_size, length + change);
    return CHANGE_DONE;
}

int array_append_raw(struct array *a, const char *from, Py_ssize_t count)
{
    byte_lock(&a->lock);
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    enum change change = replace_locked(a, length, length, from, count);
    byte_unlock(&a->lock);
    return change_result(change);
}

int array_insert_raw(struct array *a, Py_ssize_t index, const char *from)
{
    byte_lock(&a->lock);
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    index += index < 0 ? length : 0;
    index = index < 0 ? 0 : index > length ? length : index;
    enum change change = replace_locked(a, index, index, from, 1);
    byte_unlock(&a->lock);
    return change_result(change);
}

/* Under the lock: where item `index` is, NULL if there is none; from the end if negative. */
static char *item_locked(struct array *a, Py_ssize_t index)
{
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    index += index < 0 ? length : 0;
    return (size_t)index < (size_t)length ? a->items + (size_t)index * a->kind->size : NULL;
}

bool array_read(struct array *a, Py_ssize_t index, char *raw)
{
    byte_lock(&a->lock);
    const char *item = item_locked(a, index);
    if (item != NULL) {
        memcpy(raw, item, a->kind->size);
    }
    byte_unlock(&a->lock);
    return item != NULL;
}

int array_delete(struct array *a, Py_ssize_t index, const char *expected)
{
    enum change change = CHANGE_DONE;
    size_t size = a->kind->size;
    byte_lock(&a->lock);
    const char *item = item_locked(a, index);
    bool same = item != NULL && (expected == NULL || memcmp(item, expected, size) == 0);
    if (same) {
        Py_ssize_t at = (Py_ssize_t)((size_t)(item - a->items) / size);
        change = replace_locked(a, at, at + 1, NULL, 0);
    }
    byte_unlock(&a->lock);
    return change != CHANGE_DONE ? change_result(change) : same;
}

char *array_snapshot(struct array *a, Py_ssize_t *length)
{
    size_t size = a->kind->size;
    for (;;) {
        Py_ssize_t room = array_length(a);
        char *copy = items_new((size_t)room * size);
        if (copy == NULL) {
            return NULL;
        }
        byte_lock(&a->lock);
        *length = ((PyVarObject *)a)->ob_size;
        bool fits = *length <= room;
        if (fits) {
            memcpy(copy, a->items, (size_t)*length * size);
        }
        byte_unlock(&a->lock);
        if (fits) {
            return copy;
        }
    }
}

/* ---- Items. */

static int range_error(const char *what, bool low)
{
    return error_raise_int(PyExc_OverflowError,
                           low ? "%s is less than minimum" : "%s is greater than maximum", what);
}

/* An int in [minimum, maximum]. */
static int small_int(Value v, int64_t minimum, int64_t maximum, const char *what, int64_t *out)
{
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    int side = int_clip_i64(index, out);
    if (side < 0 || (side == 0 && *out < minimum)) {
        return range_error(what, true);
    }
    return side > 0 || *out > maximum ? range_error(what, false) : 0;
}

static int wide_int(Value v, const char *message, int64_t *out)
{
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    return int_clip_i64(index, out) != 0 ? error_raise_int(PyExc_OverflowError, "%s", message) : 0;
}

static int unsigned_int(Value v, const char *negative, const char *big, uint64_t maximum,
                        uint64_t *out)
{
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    if (int_sign(index) < 0) {
        return error_raise_int(PyExc_OverflowError, "%s", negative);
    }
    if (int_bit_length(index) > 64 || (*out = int_to_u64_mask(index)) > maximum) {
        return error_raise_int(PyExc_OverflowError, "%s", big);
    }
    return 0;
}

#define STORE(type, v)                                                                             \
    do {                                                                                           \
        type stored = (type)(v);                                                                   \
        memcpy(out, &stored, sizeof stored);                                                       \
    } while (0)

static int put_b(Value v, char *out)
{
    int64_t i;
    if (small_int(v, INT8_MIN, INT8_MAX, "signed char", &i) < 0) {
        return -1;
    }
    STORE(int8_t, i);
    return 0;
}
static int put_B(Value v, char *out)
{
    int64_t i;
    if (small_int(v, 0, UINT8_MAX, "unsigned byte integer", &i) < 0) {
        return -1;
    }
    STORE(uint8_t, i);
    return 0;
}
static int put_u(Value v, char *out)
{
    if (!str_check(v) || str_length(value_object(v)) != 1) {
        return error_raise_int(PyExc_TypeError, "array item must be unicode character");
    }
    STORE(wchar_t, str_at(value_object(v), 0));
    return 0;
}
static int put_h(Value v, char *out)
{
    int64_t i;
    if (small_int(v, INT16_MIN, INT16_MAX, "signed short integer", &i) < 0) {
        return -1;
    }
    STORE(int16_t, i);
    return 0;
}
static int put_H(Value v, char *out)
{
    int64_t i;
    if (small_int(v, 0, UINT16_MAX, "unsigned short", &i) < 0) {
        return -1;
    }
    STORE(uint16_t, i);
    return 0;
}
static int put_i(Value v, char *out)
{
    int64_t i;
    if (small_int(v, INT32_MIN, INT32_MAX, "signed integer", &i) < 0) {
        return -1;
    }
    STORE(int32_t, i);
    return 0;
}
static int put_I(Value v, char *out)
{
    uint64_t u;
    if (unsigned_int(v, "can't convert negative value to unsigned int",
                     "unsigned int is greater than maximum", UINT32_MAX, &u) < 0) {
        return -1;
    }
    STORE(uint32_t, u);
    return 0;
}
static int put_l(Value v, char *out)
{
    int64_t i;
    if (wide_int(v, "Python int too large to convert to C long", &i) < 0) {
        return -1;
    }
    STORE(int64_t, i);
    return 0;
}
static int put_L(Value v, char *out)
{
    uint64_t u;
    if (unsigned_int(v, "can't convert negative value to unsigned int",
                     "Python int too large to convert to C unsigned long", UINT64_MAX, &u) < 0) {
        return -1;
    }
    STORE(uint64_t, u);
    return 0;
}
static int put_q(Value v, char *out)
{
    int64_t i;
    if (wide_int(v, "int too big to convert", &i) < 0) {
        return -1;
    }
    STORE(int64_t, i);
    return 0;
}
static int put_Q(Value v, char *out)
{
    uint64_t u;
    if (unsigned_int(v, "can't convert negative int to unsigned", "int too big to convert",
                     UINT64_MAX, &u) < 0) {
        return -1;
    }
    STORE(uint64_t, u);
    return 0;
}
static int put_f(Value v, char *out)
{
    double d;
    if (arg_double(v, &d) < 0) {
        return -1;
    }
    STORE(float, d);
    return 0;
}
static int put_d(Value v, char *out)
{
    double d;
    if (arg_double(v, &d) < 0) {
        return -1;
    }
    STORE(double, d);
    return 0;
}

static PyObject *text_from_wide(const wchar_t *text, Py_ssize_t length)
{
    for (Py_ssize_t i = 0; i < length; i++) {
        if ((Py_UCS4)text[i] > 0x10ffff) {
            return error_raise_null(PyExc_ValueError,
                                    "character U+%x is not in range [U+0000; U+10ffff]",
                                    (unsigned)text[i]);
        }
    }
    return str_from_ucs4((const Py_UCS4 *)text, length);
}

#define LOADER(name, type, make)                                                                   \
    static Value name(const char *from)                                                            \
    {                                                                                              \
        type loaded;                                                                               \
        memcpy(&loaded, from, sizeof loaded);                                                      \
        return make;                                                                               \
    }
LOADER(get_b, int8_t, value_from_int(loaded))
LOADER(get_B, uint8_t, value_from_int(loaded))
LOADER(get_u, wchar_t, value_from_object(text_from_wide(&loaded, 1)))
LOADER(get_h, int16_t, value_from_int(loaded))
LOADER(get_H, uint16_t, value_from_int(loaded))
LOADER(get_i, int32_t, value_from_int(loaded))
LOADER(get_I, uint32_t, value_from_int(loaded))
LOADER(get_q, int64_t, int_from_i64(loaded))
LOADER(get_Q, uint64_t, int_from_u64(loaded))
LOADER(get_f, float, float_from_double(loaded))
LOADER(get_d, double, float_from_double(loaded))

const struct array_kind array_kinds[] = {
    {'b', 1, "b", get_b, put_b, 1},  {'B', 1, "B", get_B, put_B, 0},
    {'u', 4, "w", get_u, put_u, 20}, {'h', 2, "h", get_h, put_h, 4},
    {'H', 2, "H", get_H, put_H, 2},  {'i', 4, "i", get_i, put_i, 8},
    {'I', 4, "I", get_I, put_I, 6},  {'l', 8, "l", get_q, put_l, 12},
    {'L', 8, "L", get_Q, put_L, 10}, {'q', 8, "q", get_q, put_q, 12},
    {'Q', 8, "Q", get_Q, put_Q, 10}, {'f', 4, "f", get_f, put_f, 14},
    {'d', 8, "d", get_d, put_d, 16}, {0},
};

const struct array_kind *array_kind_find(Py_UCS4 code)
{
    for (const struct array_kind *k = array_kinds; k->code != 0; k++) {
        if ((Py_UCS4)k->code == code) {
            return k;
        }
    }
    return NULL;
}

/* Item i, or VALUE_ABSENT. */
Value array_find(struct array *a, Py_ssize_t i)
{
    const char *items = atomic_load_acquire(&a->items);
    Py_ssize_t length = array_length(a);
    size_t size = a->kind->size;
    if ((size_t)i >= (size_t)length || ((size_t)i + 1) * size > cell_capacity(items)) {
        return VALUE_ABSENT;
    }
    return a->kind->get(items + (size_t)i * size);
}

int array_search_init(struct array_search *s, struct array *a, Value wanted)
{
    *s = (struct array_search){.array = a};
    if (thread_many && value_equal_simple(value_from_int(0), wanted, SIMPLE_DEPTH) >= 0) {
        s->items = array_snapshot(a, &s->length);
        return s->items == NULL ? -1 : 0;
    }
    return 0;
}

Value array_search_find(const struct array_search *s, Py_ssize_t i)
{
    if (s->items == NULL) {
        return array_find(s->array, i);
    }
    const struct array_kind *kind = s->array->kind;
    return i < s->length ? kind->get(s->items + (size_t)i * kind->size) : VALUE_ABSENT;
}

static int index_error(void)
{
    return error_raise_int(PyExc_IndexError, "array assignment index out of range");
}

static int array_set(struct array *a, Py_ssize_t i, Value v)
{
    char raw[sizeof(double)];
    if (a->kind->put(v, raw) < 0) {
        return -1;
    }
    byte_lock(&a->lock);
    char *item = item_locked(a, i);
    if (item != NULL) {
        memcpy(item, raw, a->kind->size);
    }
    byte_unlock(&a->lock);
    return item != NULL ? 0 : index_error();
}

int array_append(struct array *a, Value v)
{
    char raw[sizeof(double)];
    return a->kind->put(v, raw) < 0 ? -1 : array_append_raw(a, raw, 1);
}

int array_extend(struct array *a, Value iterable)
{
    if (array_check(iterable)) {
        struct array *other = array_cast(iterable);
        if (other->kind != a->kind) {
            return error_raise_int(PyExc_TypeError, "can only extend with array of same kind");
        }
        Py_ssize_t length;
        char *items = array_snapshot(other, &length);
        return items != NULL ? array_append_raw(a, items, length) : -1;
    }
    Value iterator = object_iter_owned(iterable);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 0;
        }
        if (array_append(a, item) < 0) {
            return -1;
        }
    }
}

int array_append_bytes(struct array *a, Value bytes)
{
    Py_buffer view;
    if (object_get_buffer(bytes, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int status;
    if (view.itemsize != 1) {
        status = error_raise_int(PyExc_TypeError, "a bytes-like object is required");
    } else if (view.len % (Py_ssize_t)a->kind->size != 0) {
        status = error_raise_int(PyExc_ValueError, "bytes length not a multiple of item size");
    } else {
        status = array_append_raw(a, view.buf, view.len / (Py_ssize_t)a->kind->size);
    }
    object_release_buffer(&view);
    return status;
}

int array_append_str(struct array *a, PyObject *text)
{
    Py_ssize_t length = str_length(text);
    char *items = items_new((size_t)length * sizeof(wchar_t));
    for (Py_ssize_t i = 0; items != NULL && i < length; i++) {
        ((wchar_t *)(void *)items)[i] = (wchar_t)str_at(text, i);
    }
    return items != NULL ? array_append_raw(a, items, length) : -1;
}

PyObject *array_to_list(struct array *a)
{
    Py_ssize_t length;
    char *items = array_snapshot(a, &length);
    PyObject *list = items != NULL ? list_new(length) : NULL;
    for (Py_ssize_t i = 0; list != NULL && i < length; i++) {
        Value item = a->kind->get(items + (size_t)i * a->kind->size);
        if (value_is_null(item) || list_append(list, item) < 0) {
            return NULL;
        }
    }
    return list;
}

PyObject *array_to_str(struct array *a)
{
    Py_ssize_t length;
    char *items = array_snapshot(a, &length);
    return items != NULL ? text_from_wide((const wchar_t *)(void *)items, length) : NULL;
}

/* ---- Making. */

static const struct array_kind *parse_kind(Value v)
{
    if (!str_check(v) || str_length(value_object(v)) != 1) {
        return error_raise_null(PyExc_TypeError,
                                "array() argument 1 must be a unicode character, not %T", v);
    }
    const struct array_kind *kind = array_kind_find(str_at(value_object(v), 0));
    return kind != NULL ? kind
                        : error_raise_null(PyExc_ValueError, "bad typecode (must be b, B, u, h, H, "
                                                             "i, I, l, L, q, Q, f or d)");
}

static int fill(struct array *a, Value initial)
{
    if (str_check(initial)) {
        return array_append_str(a, value_object(initial));
    }
    if ((bytes_check(initial) || bytearray_check(initial))) {
        return array_append_bytes(a, initial);
    }
    if (array_check(initial) && array_cast(initial)->kind != a->kind) {
        PyObject *list = array_to_list(array_cast(initial));
        return list != NULL ? array_extend(a, value_from_object(list)) : -1;
    }
    return array_extend(a, initial);
}

static Value op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (type_ops(type)->init == type_ops(&array_type)->init &&
        native_no_keywords("array.array", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs < 1 || nargs > 2) {
        return error_raise(PyExc_TypeError, "array() takes at %s %d argument%s (%zu given)",
                           nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 2, nargs < 1 ? "" : "s",
                           nargs);
    }
    const struct array_kind *kind = parse_kind(args[0]);
    if (kind == NULL ||
        sys_audit_values("array.__new__", "OO", args[0], nargs == 2 ? args[1] : VALUE_ABSENT) < 0) {
        return VALUE_NULL;
    }
    if (nargs == 2 && kind->code != 'u') {
        if (str_check(args[1])) {
            return error_raise(PyExc_TypeError,
                               "cannot use a str to initialize an array with typecode '%c'",
                               kind->code);
        }
        if (array_check(args[1]) && array_cast(args[1])->kind->code == 'u') {
            return error_raise(
                PyExc_TypeError,
                "cannot use a unicode array to initialize an array with typecode '%c'", kind->code);
        }
    }
    struct array *a = array_new(type, kind, 0);
    return a == NULL || (nargs == 2 && fill(a, args[1]) < 0) ? VALUE_NULL : value_from_object(a);
}

/* ---- Operations. */

static void array_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct array *)self)->items);
}

static Value op_repr(Value self)
{
    struct array *a = array_cast(self);
    const char *name = type_short_name(value_type(self));
    if (array_length(a) == 0) {
        return value_from_object(str_format("%s('%c')", name, a->kind->code));
    }
    PyObject *content = a->kind->code == 'u' ? array_to_str(a) : array_to_list(a);
    return content == NULL ? VALUE_NULL
                           : value_from_object(str_format("%s('%c', %R)", name, a->kind->code,
                                                          value_from_object(content)));
}

static Value op_richcompare(Value self, Value other, int op)
{
    if (!array_check(self) || !array_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    struct array *a = array_cast(self), *b = array_cast(other);
    if (array_length(a) != array_length(b) && (op == Py_EQ || op == Py_NE)) {
        return value_from_bool(op == Py_NE);
    }
    for (Py_ssize_t i = 0;; i++) {
        Value x = array_find(a, i), y = array_find(b, i);
        if (value_is_null(x) || value_is_null(y)) {
            return VALUE_NULL;
        }
        if (value_is_absent(x) || value_is_absent(y)) {
            return object_compare(int_from_ssize(array_length(a)), int_from_ssize(array_length(b)),
                                  op);
        }
        /* Items are equal by value only: no identity makes a NaN equal to itself. */
        bool doubles = value_is_double(x) && value_is_double(y);
        int equal = doubles ? value_double(x) == value_double(y) : object_equal(x, y);
        if (equal < 0) {
            return VALUE_NULL;
        }
        if (!equal) {
            return op == Py_EQ || op == Py_NE ? value_from_bool(op == Py_NE)
                                              : object_compare(x, y, op);
        }
    }
}

static Py_ssize_t op_len(Value self)
{
    return array_length(array_cast(self));
}

static Value op_item(Value self, Py_ssize_t index)
{
    Value item = array_find(array_cast(self), index);
    return value_is_absent(item) ? error_raise(PyExc_IndexError, "array index out of range") : item;
}

static Value get_slice(struct array *a, PyObject *slice)
{
    Py_ssize_t first, last, step;
    if (slice_unpack(slice, &first, &last, &step) < 0) {
        return VALUE_NULL;
    }
    size_t size = a->kind->size;
    for (;;) {
        Py_ssize_t start = first, stop = last;
        Py_ssize_t room = slice_adjust(array_length(a), &start, &stop, step);
        struct array *result = array_new(&array_type, a->kind, room);
        if (result == NULL) {
            return VALUE_NULL;
        }
        start = first;
        stop = last;
        byte_lock(&a->lock);
        Py_ssize_t count = slice_adjust(((PyVarObject *)a)->ob_size, &start, &stop, step);
        if (step == 1 && count == room) {
            memcpy(result->items, a->items + (size_t)start * size, (size_t)count * size);
        } else if (count == room) {
            for (Py_ssize_t i = 0; i < count; i++) {
                memcpy(result->items + (size_t)i * size,
                       a->items + (size_t)(start + i * step) * size, size);
            }
        }
        byte_unlock(&a->lock);
        if (count == room) {
            return value_from_object(result);
        }
    }
}

static Value op_getitem(Value self, Value key)
{
    struct array *a = array_cast(self);
    Py_ssize_t index;
    if (slice_check(key)) {
        return get_slice(a, value_object(key));
    }
    if (!object_has_index(key)) {
        return error_raise(PyExc_TypeError, "array indices must be integers");
    }
    if (subscript_index(key, &index) < 0) {
        return VALUE_NULL;
    }
    if (index >= 0) {
        return op_item(self, index);
    }
    char raw[sizeof(double)];
    return array_read(a, index, raw) ? a->kind->get(raw)
                                     : error_raise(PyExc_IndexError, "array index out of range");
}

/* Under the lock: deletes `count` items, `step` apart, the first at `start`. */
static enum change delete_stepped_locked(struct array *a, Py_ssize_t start, Py_ssize_t step,
                                         Py_ssize_t count)
{
    size_t size = a->kind->size;
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    if (count == 0) {
        return CHANGE_DONE;
    }
    if (a->exports != 0) {
        return CHANGE_EXPORTED;
    }
    if (step < 0) {
        start += (count - 1) * step;
        step = -step;
    }
    /* What lies between two deleted items moves down by as many as were deleted before it. */
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t from = start + i * step + 1;
        Py_ssize_t to = i + 1 < count ? from + step - 1 : length;
        memmove(a->items + (size_t)(from - i - 1) * size, a->items + (size_t)from * size,
                (size_t)(to - from) * size);
    }
    atomic_store_release(&((PyVarObject *)a)->ob_size, length - count);
    return CHANGE_DONE;
}

/* The slice of the array becomes the items at `from`; NULL: nothing. */
static int assign_slice(struct array *a, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step,
                        const char *from, Py_ssize_t from_count)
{
    size_t size = a->kind->size;
    enum change change = CHANGE_DONE;
    byte_lock(&a->lock);
    Py_ssize_t count = slice_adjust(((PyVarObject *)a)->ob_size, &start, &stop, step);
    bool fits = true;
    if (step == 1) {
        change = replace_locked(a, start, start + count, from, from_count);
    } else if (from == NULL) {
        change = delete_stepped_locked(a, start, step, count);
    } else {
        fits = from_count == count;
        for (Py_ssize_t i = 0; fits && i < count; i++) {
            memcpy(a->items + (size_t)(start + i * step) * size, from + (size_t)i * size, size);
        }
    }
    byte_unlock(&a->lock);
    return fits ? change_result(change)
                : error_raise_int(
                      PyExc_ValueError,
                      "attempt to assign array of size %zd to extended slice of size %zd",
                      from_count, count);
}

static int set_slice(struct array *a, PyObject *slice, Value v)
{
    Py_ssize_t start, stop, step, from_count = 0;
    char *from = NULL;
    bool delete = value_is_absent(v);
    if (!delete &&!array_check(v)) {
        return error_raise_int(PyExc_TypeError, "can only assign array (not \"%T\") to array slice",
                               v);
    }
    if (!delete) {
        if (array_cast(v)->kind != a->kind) {
            return error_raise_int(PyExc_TypeError, "bad argument type for built-in operation");
        }
        from = array_snapshot(array_cast(v), &from_count);
        if (from == NULL) {
            return -1;
        }
    }
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    return assign_slice(a, start, stop, step, from, from_count);
}

static int op_setitem(Value self, Value key, Value v)
{
    struct array *a = array_cast(self);
    Py_ssize_t index;
    if (slice_check(key)) {
        return set_slice(a, value_object(key), v);
    }
    if (!object_has_index(key)) {
        return error_raise_int(PyExc_TypeError, "array indices must be integers");
    }
    if (subscript_index(key, &index) < 0) {
        return -1;
    }
    if (!value_is_absent(v)) {
        return array_set(a, index, v);
    }
    int deleted = array_delete(a, index, NULL);
    return deleted == 0 ? index_error() : deleted < 0 ? -1 : 0;
}

static int op_contains(Value self, Value v)
{
    struct array_search s;
    if (array_search_init(&s, array_cast(self), v) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0;; i++) {
        Value item = array_search_find(&s, i);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 0;
        }
        int equal = object_equal(item, v);
        if (equal != 0) {
            return equal;
        }
    }
}

static Value op_concat(Value self, Value other)
{
    if (!array_check(other)) {
        return error_raise(PyExc_TypeError, "can only append array (not \"%T\") to array", other);
    }
    struct array *a = array_cast(self), *b = array_cast(other);
    if (a->kind != b->kind) {
        return error_raise(PyExc_TypeError, "bad argument type for built-in operation");
    }
    struct array *result = array_new(&array_type, a->kind, 0);
    if (result == NULL || array_extend(result, self) < 0 || array_extend(result, other) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(result);
}

static Value op_inplace_concat(Value self, Value other)
{
    if (!array_check(other)) {
        return error_raise(PyExc_TypeError, "can only extend with array (not \"%T\")", other);
    }
    return array_extend(array_cast(self), other) < 0 ? VALUE_NULL : self;
}

/* How often, at least 0; -1 on error. */
static Py_ssize_t repeat_count(Value count)
{
    Py_ssize_t times;
    if (!object_has_index(count)) {
        return error_raise_int(PyExc_TypeError, "can't multiply sequence by non-int of type '%T'",
                               count);
    }
    return arg_index(count, &times) < 0 ? -1 : times > 0 ? times : 0;
}

static bool repeats_too_much(Py_ssize_t length, Py_ssize_t times)
{
    return length > 0 && times > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(double) / length;
}

/* The first `bytes` bytes again and again, `times` in all. */
static void repeat_bytes(char *at, size_t bytes, Py_ssize_t times)
{
    for (Py_ssize_t i = 1; i < times; i++) {
        memcpy(at + (size_t)i * bytes, at, bytes);
    }
}

static Value op_repeat(Value self, Value count)
{
    struct array *a = array_cast(self);
    Py_ssize_t length, times = repeat_count(count);
    char *items = times < 0 ? NULL : array_snapshot(a, &length);
    if (items == NULL) {
        return VALUE_NULL;
    }
    if (repeats_too_much(length, times)) {
        return error_no_memory();
    }
    struct array *result = array_new(&array_type, a->kind, length * times);
    size_t bytes = (size_t)length * a->kind->size;
    if (result != NULL && times > 0) {
        memcpy(result->items, items, bytes);
        repeat_bytes(result->items, bytes, times);
    }
    return result == NULL ? VALUE_NULL : value_from_object(result);
}

static Value op_inplace_repeat(Value self, Value count)
{
    struct array *a = array_cast(self);
    Py_ssize_t times = repeat_count(count);
    if (times < 0) {
        return VALUE_NULL;
    }
    enum change change = CHANGE_DONE;
    byte_lock(&a->lock);
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    bool too_much = repeats_too_much(length, times);
    if (!too_much && length > 0 && times != 1) {
        change = a->exports != 0                         ? CHANGE_EXPORTED
                 : reserve_locked(a, length * times) < 0 ? CHANGE_FAILED
                                                         : CHANGE_DONE;
        if (change == CHANGE_DONE) {
            repeat_bytes(a->items, (size_t)length * a->kind->size, times);
            atomic_store_release(&((PyVarObject *)a)->ob_size, length * times);
        }
    }
    byte_unlock(&a->lock);
    if (too_much) {
        return error_no_memory();
    }
    return change_result(change) < 0 ? VALUE_NULL : self;
}

static int op_get_buffer(Value self, Py_buffer *view, int flags)
{
    struct array *a = array_cast(self);
    byte_lock(&a->lock);
    a->exports++;
    char *items = a->items;
    Py_ssize_t length = ((PyVarObject *)a)->ob_size;
    a->view_length = length; /* constant as long as a buffer is exported */
    a->view_stride = (Py_ssize_t)a->kind->size;
    byte_unlock(&a->lock);
    *view = (Py_buffer){
        .buf = items,
        .obj = (PyObject *)a,
        .len = length * (Py_ssize_t)a->kind->size,
        .itemsize = (Py_ssize_t)a->kind->size,
        .ndim = 1,
    };
    view->format = flags & PyBUF_FORMAT ? (char *)a->kind->format : NULL;
    view->shape = flags & PyBUF_ND ? &a->view_length : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &a->view_stride : NULL;
    return 0;
}

static void op_release_buffer(Value self, Py_buffer *view)
{
    struct array *a = array_cast(self);
    byte_lock(&a->lock);
    a->exports--;
    byte_unlock(&a->lock);
}

static Value op_iter(Value self)
{
    return value_from_object(sequence_iterator_new_of(&array_iterator_type, value_object(self), 0));
}

static struct type_info array_info = {
    .ops = {.new_ = op_new,
            .repr = op_repr,
            .richcompare = op_richcompare,
            .iter = op_iter,
            .len = op_len,
            .getitem = op_getitem,
            .setitem = op_setitem,
            .contains = op_contains,
            .concat = op_concat,
            .repeat = op_repeat,
            .inplace_concat = op_inplace_concat,
            .inplace_repeat = op_inplace_repeat,
            .item = op_item,
            .get_buffer = op_get_buffer,
            .release_buffer = op_release_buffer},
    .trace = array_trace,
    .methods = array_methods,
    .getsets = array_getsets,
};

PyTypeObject array_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "array.array",
    .tp_doc = "array(typecode [, initializer]) -> array\n\nA sequence of machine numbers.",
    .tp_basicsize = sizeof(struct array),
    .tp_weaklistoffset = offsetof(struct array, weak_references),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_SEQUENCE,
    .tp_cache = (PyObject *)&array_info,
};
