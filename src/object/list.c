/* SPDX-License-Identifier: MIT */
/* Lists: storage, the C interface, and the operations of the type. object/list.h has the protocol
 * between readers and writers; object/list_methods.c the methods; object/list_sort.c sorting. */
#include <limits.h>

#include "heap/prompt.h"
#include "object/dict.h"
#include "object/iterator.h"
#include "object/list_int.h"
#include "object/str.h"

static struct list_items no_items;
_Thread_local uint32_t list_own_moves;

enum { LONG_LIST = 1 << 16 }; /* from so many items on, lists grow by a quarter, not by half */

/* ---- Storage. */

/* Room for at least `capacity` items, all NULL. NULL with MemoryError. */
struct list_items *list_items_new(Py_ssize_t capacity)
{
    if (capacity == 0) {
        return &no_items;
    }
    if ((size_t)capacity > (PY_SSIZE_T_MAX - sizeof(struct list_items)) / sizeof(PyObject *)) {
        error_no_memory();
        return NULL;
    }
    size_t bytes = sizeof(struct list_items) + (size_t)capacity * sizeof(PyObject *);
    struct list_items *array = heap_alloc(bytes, CELL_WORDS);
    if (array == NULL) {
        error_no_memory();
        return NULL;
    }
    array->room =
        (Py_ssize_t)((heap_cell_size(array) - sizeof(struct list_items)) / sizeof(PyObject *));
    array->capacity = array->room;
    return array;
}

static void list_init_fields(PyListObject *list, struct list_items *array)
{
    list->allocated = LIST_UNLOCKED;
    atomic_store_relaxed(&list->ob_item, array->items); /* plain: the list is fresh */
}

PyObject *list_new(Py_ssize_t capacity)
{
    struct list_items *array = list_items_new(capacity);
    if (array == NULL) {
        return NULL;
    }
    PyListObject *list =
        (PyListObject *)object_alloc_kind(&PyList_Type, sizeof(PyListObject), CELL_OBJECT);
    if (list != NULL) {
        list_init_fields(list, array);
    }
    return (PyObject *)list;
}

/* A list that takes over a fresh array of `size` items. */
PyObject *list_from_items(struct list_items *array, Py_ssize_t size)
{
    PyListObject *list =
        (PyListObject *)object_alloc_kind(&PyList_Type, sizeof(PyListObject), CELL_OBJECT);
    if (list != NULL) {
        list_init_fields(list, array);
        ((PyVarObject *)list)->ob_size = size;
    }
    return (PyObject *)list;
}

PyObject *list_from_array(const Value *values, size_t count)
{
    struct list_items *array = list_items_new((Py_ssize_t)count);
    if (array == NULL) {
        return NULL;
    }
    PyObject *observed = NULL;
    for (size_t i = 0; i < count; i++) {
        PyObject *item = value_box(values[i]);
        if (item == NULL) {
            return NULL;
        }
        array->items[i] = item; /* plain: the array is fresh */
        if (UNLIKELY(heap_is_observed(values[i].bits))) {
            heap_prompt_stored(NULL, &array->items[i], 0, values[i].bits);
            observed = item;
        }
    }
    PyObject *list = list_from_items(array, (Py_ssize_t)count);
    if (UNLIKELY(observed != NULL) && list != NULL) {
        heap_prompt_holds(list, observed);
    }
    return list;
}

static void set_size_locked(PyListObject *list, Py_ssize_t size)
{
    atomic_store_release(&((PyVarObject *)list)->ob_size, size);
}

/* What were items from `size` on is gone. */
static void cut_locked(PyListObject *list, Py_ssize_t size)
{
    Py_ssize_t before = ((PyVarObject *)list)->ob_size;
    set_size_locked(list, size);
    heap_set_all(list_items_of(list), (Value *)list->ob_item + size, (size_t)(before - size),
                 value_from_object(&list_vacant));
}

/* The room that an array must have to take the place of the list's: under the lock, or a guess. */
static Py_ssize_t room_needed(PyListObject *list)
{
    return extensions_may_look() ? list_items_of(list)->room : 0;
}

static void replace_array_locked(PyListObject *list, struct list_items *array, Py_ssize_t size)
{
    Py_ssize_t seen = room_needed(list);
    for (Py_ssize_t i = size; i < seen; i++) {
        atomic_store_relaxed(&array->items[i], &list_vacant); /* which is not in the heap */
    }
    heap_store(list, &list->ob_item, array->items);
}

/* Under the lock: swaps in an array with room for `needed` items and some more. No safepoint.
 * An array cannot grow where it is, and the old one stays until a collection; so there is more room
 * to spare than in CPython, whose eighth would make nine times the final size in garbage. */
COLD static int list_grow_locked(PyListObject *list, Py_ssize_t needed)
{
    Py_ssize_t capacity = needed + (needed < LONG_LIST ? needed >> 1 : needed >> 2) + 4;
    Py_ssize_t room = room_needed(list);
    struct list_items *array = list_items_new(capacity > room ? capacity : room);
    if (array == NULL) {
        return -1;
    }
    /* The references move: what the barrier counted for the old array counts for the new one. */
    memcpy(array->items, list->ob_item,
           (size_t)((PyVarObject *)list)->ob_size * sizeof(PyObject *));
    replace_array_locked(list, array, ((PyVarObject *)list)->ob_size);
    return 0;
}

static int list_reserve_locked(PyListObject *list, Py_ssize_t needed)
{
    if (needed <= list_items_of(list)->capacity) {
        return 0;
    }
    return list_grow_locked(list, needed);
}

/* ---- Reading. */

Value list_find_slow(PyObject *o, Py_ssize_t i)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    PyObject *item = (size_t)i < (size_t)((PyVarObject *)list)->ob_size ? list->ob_item[i] : NULL;
    byte_unlock(list_byte_lock(o));
    return item != NULL ? value_from_object(item) : VALUE_ABSENT;
}

Value list_find_from_end(PyObject *o, Py_ssize_t i)
{
    byte_lock(list_byte_lock(o));
    i += ((PyVarObject *)o)->ob_size;
    PyObject *item = i >= 0 ? ((PyListObject *)o)->ob_item[i] : NULL;
    byte_unlock(list_byte_lock(o));
    return item != NULL ? value_from_object(item) : VALUE_ABSENT;
}

/* A private copy of items [start, stop), negative ones counted from the end; *count says how many.
 */
static struct list_items *items_snapshot(PyObject *o, Py_ssize_t start, Py_ssize_t stop,
                                         Py_ssize_t *count)
{
    PyListObject *list = (PyListObject *)o;
    Py_ssize_t size = list_length(o);
    for (;;) {
        Py_ssize_t low = start, high = stop;
        struct list_items *array = list_items_new(slice_adjust(size, &low, &high, 1));
        if (array == NULL) {
            return NULL;
        }
        low = start;
        high = stop;
        byte_lock(list_byte_lock(o));
        size = ((PyVarObject *)list)->ob_size;
        Py_ssize_t n = slice_adjust(size, &low, &high, 1);
        if (n <= array->capacity) {
            heap_init_copy(array, (Value *)array->items, (const Value *)list->ob_item + low,
                           (size_t)n);
            byte_unlock(list_byte_lock(o));
            *count = n;
            return array;
        }
        byte_unlock(list_byte_lock(o));
    }
}

struct list_items *list_snapshot(PyObject *list, Py_ssize_t *count)
{
    return items_snapshot(list, 0, PY_SSIZE_T_MAX, count);
}

PyObject *list_slice_signed(PyObject *o, Py_ssize_t start, Py_ssize_t stop)
{
    Py_ssize_t count;
    struct list_items *array = items_snapshot(o, start, stop, &count);
    return array != NULL ? list_from_items(array, count) : NULL;
}

PyObject *list_slice(PyObject *o, Py_ssize_t low, Py_ssize_t high)
{
    return list_slice_signed(o, low < 0 ? 0 : low, high < 0 ? 0 : high);
}

PyObject *list_copy(PyObject *o)
{
    Py_ssize_t count;
    struct list_items *array = list_snapshot(o, &count);
    return array != NULL ? list_from_items(array, count) : NULL;
}

Py_ssize_t list_copy_few(PyObject *o, PyObject **out, Py_ssize_t room)
{
    byte_lock(list_byte_lock(o));
    Py_ssize_t size = ((PyVarObject *)o)->ob_size;
    for (Py_ssize_t i = 0; size <= room && i < size; i++) {
        out[i] = ((PyListObject *)o)->ob_item[i];
    }
    byte_unlock(list_byte_lock(o));
    return size <= room ? size : -1;
}

PyObject *list_to_tuple(PyObject *o)
{
    for (;;) {
        Py_ssize_t size = list_length(o);
        PyObject *t = tuple_new(size);
        if (t == NULL || size == 0) {
            return t;
        }
        byte_lock(list_byte_lock(o));
        bool same = ((PyVarObject *)o)->ob_size == size;
        if (same) {
            heap_init_copy(t, (Value *)((PyTupleObject *)t)->ob_item,
                           (const Value *)((PyListObject *)o)->ob_item, (size_t)size);
        }
        byte_unlock(list_byte_lock(o));
        if (same) {
            return t;
        }
    }
}

/* ---- Writing. */

int list_append(PyObject *o, Value v)
{
    PyListObject *list = (PyListObject *)o;
    PyObject *item = value_box_ready(v);
    if (UNLIKELY(item == NULL)) {
        return -1;
    }
    byte_lock(list_byte_lock(o));
    Py_ssize_t size = ((PyVarObject *)list)->ob_size;
    int status = list_reserve_locked(list, size + 1);
    if (LIKELY(status == 0)) {
        heap_store(list_items_of(list), &list->ob_item[size], item);
        set_size_locked(list, size + 1);
    }
    byte_unlock(list_byte_lock(o));
    return status;
}

int list_append_private_slow(PyObject *o, Value v)
{
    PyListObject *list = (PyListObject *)o;
    PyObject *item = value_box(v);
    Py_ssize_t size = ((PyVarObject *)list)->ob_size;
    if (UNLIKELY(item == NULL || list_reserve_locked(list, size + 1) < 0)) {
        return -1;
    }
    heap_init(list_items_of(list), &list->ob_item[size], item);
    set_size_locked(list, size + 1);
    return 0;
}

NO_INLINE int list_builder_add_slow(struct list_builder *b, PyObject *item)
{
    if (b->list == NULL) {
        b->list = list_new(LIST_BUILDER_FEW * 3);
        for (size_t i = 0; b->list != NULL && i < b->count; i++) {
            if (list_append_private(b->list, b->few[i]) < 0) {
                return -1;
            }
        }
    }
    return b->list == NULL ? -1 : list_append_private(b->list, value_from_object(item));
}

PyObject *list_builder_finish(struct list_builder *b)
{
    return b->list != NULL ? b->list : list_from_array(b->few, b->count);
}

/* A negative i counts from the end. */
static int set_item(PyObject *o, Py_ssize_t i, Value v)
{
    PyListObject *list = (PyListObject *)o;
    PyObject *item = value_box(v);
    if (UNLIKELY(item == NULL)) {
        return -1;
    }
    byte_lock(list_byte_lock(o));
    i += i < 0 ? ((PyVarObject *)list)->ob_size : 0;
    bool inside = (size_t)i < (size_t)((PyVarObject *)list)->ob_size;
    if (LIKELY(inside)) {
        heap_store(list_items_of(list), &list->ob_item[i], item);
    }
    byte_unlock(list_byte_lock(o));
    return LIKELY(inside) ? 0
                          : error_raise_int(PyExc_IndexError, "list assignment index out of range");
}

int list_set(PyObject *o, Py_ssize_t i, Value v)
{
    return set_item(o, i < 0 ? PY_SSIZE_T_MAX : i, v);
}

int list_insert(PyObject *o, Py_ssize_t i, Value v)
{
    PyListObject *list = (PyListObject *)o;
    PyObject *item = value_box(v);
    if (item == NULL) {
        return -1;
    }
    byte_lock(list_byte_lock(o));
    Py_ssize_t size = ((PyVarObject *)list)->ob_size;
    int status = list_reserve_locked(list, size + 1);
    if (status == 0) {
        i = i < 0 ? i + size : i;
        i = i < 0 ? 0 : i > size ? size : i;
        Value *slots = (Value *)list->ob_item;
        list_move_begin(list);
        heap_move(list_items_of(list), slots + i + 1, slots + i, (size_t)(size - i));
        heap_store(list_items_of(list), &list->ob_item[i], item);
        set_size_locked(list, size + 1);
        list_move_end(list);
    }
    byte_unlock(list_byte_lock(o));
    return status;
}

void list_remove_range_locked(PyListObject *list, Py_ssize_t low, Py_ssize_t high)
{
    Py_ssize_t size = ((PyVarObject *)list)->ob_size, left = size - (high - low);
    Value *slots = (Value *)list->ob_item;
    if (high < size) {
        list_move_begin(list);
        heap_move(list_items_of(list), slots + low, slots + high, (size_t)(size - high));
        list_move_end(list);
    }
    cut_locked(list, left);
}

Value list_pop(PyObject *o, Py_ssize_t i)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    Py_ssize_t size = ((PyVarObject *)list)->ob_size;
    Py_ssize_t at = i < 0 ? i + size : i;
    PyObject *item = NULL;
    if ((size_t)at < (size_t)size) {
        item = list->ob_item[at];
        list_remove_range_locked(list, at, at + 1);
    }
    byte_unlock(list_byte_lock(o));
    if (item == NULL) {
        return error_raise(PyExc_IndexError,
                           size == 0 ? "pop from empty list" : "pop index out of range");
    }
    return int_unbox_ready(item);
}

void list_clear(PyObject *o)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    if (extensions_may_look()) {
        cut_locked(list, 0);
    } else {
        set_size_locked(list, 0);
        heap_store(list, &list->ob_item, no_items.items);
    }
    byte_unlock(list_byte_lock(o));
}

/* Replaces items [low, high) by the given ones, in one step. Negative bounds count from the end. */
static int replace_range(PyObject *o, Py_ssize_t low, Py_ssize_t high, PyObject *const *items,
                         Py_ssize_t count)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    Py_ssize_t size = ((PyVarObject *)list)->ob_size;
    slice_adjust(size, &low, &high, 1);
    high = high < low ? low : high;
    Py_ssize_t change = count - (high - low);
    int status = list_reserve_locked(list, size + change);
    if (status == 0) {
        Value *slots = (Value *)list->ob_item;
        void *array = list_items_of(list);
        if (change < 0) {
            list_remove_range_locked(list, low, low - change);
        }
        bool moves = change > 0 && high < size;
        if (moves) {
            list_move_begin(list);
            heap_move(array, slots + high + change, slots + high, (size_t)(size - high));
        }
        heap_move(array, slots + low, (const Value *)items, (size_t)count);
        set_size_locked(list, size + change);
        if (moves) {
            list_move_end(list);
        }
    }
    byte_unlock(list_byte_lock(o));
    return status;
}

/* The items of any iterable as an array that stays as it is. */
static PyObject *const *fixed_items(Value iterable, const char *message, Py_ssize_t *count)
{
    if (value_is_object(iterable) && tuple_check(iterable)) {
        PyObject *t = value_object(iterable);
        *count = tuple_length(t);
        return ((PyTupleObject *)t)->ob_item;
    }
    PyObject *sequence = object_to_fast_sequence(iterable, message);
    if (sequence == NULL) {
        return NULL;
    }
    if (tuple_check(value_from_object(sequence))) {
        *count = tuple_length(sequence);
        return ((PyTupleObject *)sequence)->ob_item;
    }
    struct list_items *array = list_snapshot(sequence, count);
    return array != NULL ? array->items : NULL;
}

static int set_raw_slice(PyObject *o, Py_ssize_t start, Py_ssize_t stop, Value iterable)
{
    Py_ssize_t count = 0;
    PyObject *const *items = no_items.items;
    if (value_is_present(iterable)) {
        items = fixed_items(iterable, "can only assign an iterable", &count);
        if (items == NULL) {
            return -1;
        }
    }
    return replace_range(o, start, stop, items, count);
}

int list_set_slice(PyObject *o, Py_ssize_t low, Py_ssize_t high, Value iterable)
{
    return set_raw_slice(o, low < 0 ? 0 : low, high < 0 ? 0 : high, iterable);
}

static int append_items(PyObject *o, PyObject *const *items, Py_ssize_t count)
{
    return replace_range(o, PY_SSIZE_T_MAX, PY_SSIZE_T_MAX, items, count);
}

static bool take_append(void *list, Value item)
{
    if (LIKELY(list_append(list, item) == 0)) {
        return true;
    }
    error_clear();
    return false;
}

static int extend_from_iterator(PyObject *o, Value iterable)
{
    Value iterator = object_iter_owned(iterable);
    if (value_is_null(iterator)) {
        return -1;
    }
    Py_ssize_t hint = object_length_hint(iterable, 8);
    if (hint < 0) {
        return -1;
    }
    if (list_length(o) == 0 && hint > 8 && hint < 1 << 20) {
        byte_lock(list_byte_lock(o));
        int status = list_reserve_locked((PyListObject *)o, hint);
        byte_unlock(list_byte_lock(o));
        if (status < 0) {
            error_clear();
        }
    }
    for (;;) {
        Value item = object_drain(iterator, take_append, o);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 0;
        }
        if (list_append(o, item) < 0) {
            return -1;
        }
    }
}

static int extend_from_str(PyObject *o, PyObject *s)
{
    Py_ssize_t n = str_length(s);
    struct list_items *array = list_items_new(n);
    if (array == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *c = str_from_char(str_at(s, i));
        if (c == NULL) {
            return -1;
        }
        heap_init(array, &array->items[i], c);
    }
    return append_items(o, array->items, n);
}

int list_extend(PyObject *o, Value iterable)
{
    Py_ssize_t count;
    PyObject *snapshot;
    if (list_check_exact(iterable)) {
        struct list_items *array = list_snapshot(value_object(iterable), &count);
        return array != NULL ? append_items(o, array->items, count) : -1;
    }
    if (tuple_check_exact(iterable)) {
        PyTupleObject *t = (PyTupleObject *)value_object(iterable);
        return append_items(o, t->ob_item, tuple_length((PyObject *)t));
    }
    if (str_check_exact(iterable)) {
        return extend_from_str(o, value_object(iterable));
    }
    if (!container_snapshot(iterable, &snapshot)) {
        return extend_from_iterator(o, iterable);
    }
    return snapshot != NULL
               ? append_items(o, ((PyListObject *)snapshot)->ob_item, list_length(snapshot))
               : -1;
}

int list_reverse(PyObject *o)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    Py_ssize_t low = 0, high = ((PyVarObject *)list)->ob_size - 1;
    void *array = list_items_of(list);
    list_move_begin(list);
    for (; low < high; low++, high--) {
        PyObject *first = list->ob_item[low];
        heap_store(array, &list->ob_item[low], list->ob_item[high]);
        heap_store(array, &list->ob_item[high], first);
    }
    list_move_end(list);
    byte_unlock(list_byte_lock(o));
    return 0;
}

struct list_items *list_items_like(PyObject *o, Py_ssize_t count)
{
    Py_ssize_t room = room_needed((PyListObject *)o);
    return list_items_new(count > room ? count : room);
}

/* Takes the contents away and leaves the list empty, for sorting. The array that the list has
 * meanwhile is returned in *placeholder: if the list still has it later, nobody wrote to it. */
struct list_items *list_take_items(PyObject *o, Py_ssize_t *count, struct list_items **placeholder)
{
    PyListObject *list = (PyListObject *)o;
    struct list_items *array;
    do {
        struct list_items *empty = list_items_like(o, 1);
        if (empty == NULL) {
            return NULL;
        }
        empty->capacity = 0; /* who writes replaces it */
        byte_lock(list_byte_lock(o));
        array = empty->room >= room_needed(list) ? list_items_of(list) : NULL;
        if (array != NULL) {
            *placeholder = empty;
            *count = ((PyVarObject *)list)->ob_size;
            set_size_locked(list, 0);
            replace_array_locked(list, empty, 0);
        }
        byte_unlock(list_byte_lock(o));
    } while (array == NULL);
    return array;
}

void list_put_items_locked(PyListObject *list, struct list_items *array, Py_ssize_t count)
{
    list_move_begin(list);
    if (LIKELY(array->room >= room_needed(list))) {
        replace_array_locked(list, array, count);
    } else { /* others made the list longer meanwhile */
        debug_assert(count <= list_items_of(list)->capacity);
        heap_move(list_items_of(list), (Value *)list->ob_item, (const Value *)array->items,
                  (size_t)count);
        if (((PyVarObject *)list)->ob_size > count) {
            cut_locked(list, count);
        }
    }
    set_size_locked(list, count);
    list_move_end(list);
}

bool list_put_items(PyObject *o, struct list_items *array, Py_ssize_t count,
                    struct list_items *placeholder)
{
    byte_lock(list_byte_lock(o));
    bool same = list_items_of((PyListObject *)o) == placeholder;
    list_put_items_locked((PyListObject *)o, array, count);
    byte_unlock(list_byte_lock(o));
    return same;
}

bool list_exchange_items(PyObject *o, const struct list_items *expected, struct list_items *array,
                         Py_ssize_t count)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    bool same = ((PyVarObject *)list)->ob_size == count &&
                memcmp(list->ob_item, expected->items, (size_t)count * sizeof(PyObject *)) == 0;
    if (same) {
        list_put_items_locked(list, array, count);
    }
    byte_unlock(list_byte_lock(o));
    return same;
}

/* ---- Operations of the type. */

static void list_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((PyListObject *)self)->ob_item);
}

static Value list_op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (type == &PyList_Type) {
        return value_from_object(list_new(0));
    }
    PyListObject *list = (PyListObject *)object_alloc(type, 0);
    if (list != NULL) {
        list_init_fields(list, &no_items);
    }
    return value_from_object(list);
}

static int list_op_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *o = value_object(self);
    if (type_ops(o->ob_type)->new_ == list_op_new && native_no_keywords("list", kwnames) < 0) {
        return -1;
    }
    if (native_check_positional("list", nargs, 0, 1) < 0) {
        return -1;
    }
    if (list_length(o) != 0) {
        list_clear(o);
    }
    return nargs == 1 ? list_extend(o, args[0]) : 0;
}

static Py_ssize_t list_op_len(Value self)
{
    return list_length(value_object(self));
}

static Value found_item(Value item)
{
    return value_is_absent(item) ? error_raise(PyExc_IndexError, "list index out of range") : item;
}

static Value list_op_item(Value self, Py_ssize_t index)
{
    return found_item(list_find(value_object(self), index));
}

static Value list_stepped_slice(PyObject *o, PyObject *slice)
{
    Py_ssize_t start, stop, step, count;
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return VALUE_NULL;
    }
    if (step == 1) {
        return value_from_object(list_slice_signed(o, start, stop));
    }
    struct list_items *source = list_snapshot(o, &count);
    if (source == NULL) {
        return VALUE_NULL;
    }
    Py_ssize_t length = slice_adjust(count, &start, &stop, step);
    struct list_items *array = list_items_new(length);
    if (array == NULL) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        heap_init(array, &array->items[i], source->items[start + i * step]);
    }
    return value_from_object(list_from_items(array, length));
}

static Value list_op_getitem(Value self, Value key)
{
    PyObject *o = value_object(self);
    int64_t small;
    if (slice_check(key)) {
        return list_stepped_slice(o, value_object(key));
    }
    if (!int_try_small(key, &small)) {
        Py_ssize_t index;
        if (!object_has_index(key)) {
            return error_raise(PyExc_TypeError, "list indices must be integers or slices, not %T",
                               key);
        }
        if (subscript_index(key, &index) < 0) {
            return VALUE_NULL;
        }
        small = index;
    }
    return found_item(list_find_index(o, small));
}

/* Under the lock: deletes every step-th item; start < stop, step > 1. */
static void delete_stepped_locked(PyListObject *list, Py_ssize_t start, Py_ssize_t step,
                                  Py_ssize_t length)
{
    Value *slots = (Value *)list->ob_item;
    void *array = list_items_of(list);
    Py_ssize_t size = ((PyVarObject *)list)->ob_size, to = start;
    list_move_begin(list);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_ssize_t from = start + i * step + 1;
        Py_ssize_t end = i + 1 < length ? start + (i + 1) * step : size;
        heap_move(array, slots + to, slots + from, (size_t)(end - from));
        to += end - from;
    }
    list_move_end(list);
    cut_locked(list, to);
}

static int delete_extended(PyObject *o, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step)
{
    byte_lock(list_byte_lock(o));
    Py_ssize_t length = slice_adjust(((PyVarObject *)o)->ob_size, &start, &stop, step);
    if (length > 0) {
        if (step < 0) {
            start = start + (length - 1) * step;
            step = -step;
        }
        delete_stepped_locked((PyListObject *)o, start, step, length);
    }
    byte_unlock(list_byte_lock(o));
    return 0;
}

static int assign_extended(PyObject *o, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step,
                           Value iterable)
{
    Py_ssize_t count;
    PyObject *const *items =
        fixed_items(iterable, "must assign iterable to extended slice", &count);
    if (items == NULL) {
        return -1;
    }
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    Py_ssize_t length = slice_adjust(((PyVarObject *)o)->ob_size, &start, &stop, step);
    if (length == count) {
        for (Py_ssize_t i = 0; i < length; i++) {
            heap_store(list_items_of(list), &list->ob_item[start + i * step], items[i]);
        }
    }
    byte_unlock(list_byte_lock(o));
    if (length != count) {
        return error_raise_int(
            PyExc_ValueError,
            "attempt to assign sequence of size %zd to extended slice of size %zd", count, length);
    }
    return 0;
}

static int list_set_subscript_slice(PyObject *o, PyObject *slice, Value v)
{
    Py_ssize_t start, stop, step;
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    if (step == 1) {
        return set_raw_slice(o, start, stop, v);
    }
    if (value_is_absent(v)) {
        return delete_extended(o, start, stop, step);
    }
    /* An empty extended slice that could be an ordinary one is assigned to like one. */
    return assign_extended(o, start, stop, step, v);
}

static int list_delete_index(PyObject *o, Py_ssize_t i)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    i += i < 0 ? ((PyVarObject *)list)->ob_size : 0;
    bool inside = (size_t)i < (size_t)((PyVarObject *)list)->ob_size;
    if (inside) {
        list_remove_range_locked(list, i, i + 1);
    }
    byte_unlock(list_byte_lock(o));
    return inside ? 0 : error_raise_int(PyExc_IndexError, "list assignment index out of range");
}

static int list_op_setitem(Value self, Value key, Value v)
{
    PyObject *o = value_object(self);
    int64_t small;
    if (slice_check(key)) {
        return list_set_subscript_slice(o, value_object(key), v);
    }
    if (!int_try_small(key, &small)) {
        Py_ssize_t index;
        if (!object_has_index(key)) {
            return error_raise_int(PyExc_TypeError,
                                   "list indices must be integers or slices, not %T", key);
        }
        if (subscript_index(key, &index) < 0) {
            return -1;
        }
        small = index;
    }
    return value_is_absent(v) ? list_delete_index(o, small) : set_item(o, small, v);
}

static Py_ssize_t search_array(const struct list_items *array, Value wanted, Py_ssize_t low,
                               Py_ssize_t high)
{
    for (Py_ssize_t i = low; i < high; i++) {
        int equal = object_equal(value_from_object(array->items[i]), wanted);
        if (equal != 0) {
            return equal > 0 ? i : -2;
        }
    }
    return -1;
}

Py_ssize_t list_search(PyObject *o, Value wanted, Py_ssize_t low, Py_ssize_t high)
{
    struct list_search search = list_search_begin(o);
    for (Py_ssize_t i = low; i < high; i++) {
        Value item = list_find(o, i);
        if (value_is_absent(item)) {
            break;
        }
        int equal = object_equal(item, wanted);
        if (equal != 0) {
            return equal > 0 ? i : -2;
        }
    }
    if (!list_search_missed(o, &search)) {
        return -1;
    }
    Py_ssize_t count;
    const struct list_items *array = list_snapshot(o, &count);
    return array == NULL ? -2 : search_array(array, wanted, low, high < count ? high : count);
}

static int list_op_contains(Value self, Value v)
{
    Py_ssize_t at = list_search(value_object(self), v, 0, PY_SSIZE_T_MAX);
    return at >= 0 ? 1 : at == -1 ? 0 : -1;
}

static Value list_op_concat(Value self, Value other)
{
    if (!list_check(other)) {
        return error_raise(PyExc_TypeError, "can only concatenate list (not \"%T\") to list",
                           other);
    }
    PyObject *a = value_object(self), *b = value_object(other);
    for (;;) {
        Py_ssize_t room = list_length(a) + list_length(b);
        struct list_items *array = list_items_new(room);
        if (array == NULL) {
            return VALUE_NULL;
        }
        byte_lock_pair(list_byte_lock(a), list_byte_lock(b));
        Py_ssize_t first = ((PyVarObject *)a)->ob_size, second = ((PyVarObject *)b)->ob_size;
        bool fits = first + second <= array->capacity;
        if (fits) {
            Value *slots = (Value *)array->items;
            heap_init_copy(array, slots, (Value *)((PyListObject *)a)->ob_item, (size_t)first);
            heap_init_copy(array, slots + first, (Value *)((PyListObject *)b)->ob_item,
                           (size_t)second);
        }
        byte_unlock_pair(list_byte_lock(a), list_byte_lock(b));
        if (fits) {
            return value_from_object(list_from_items(array, first + second));
        }
    }
}

/* The count of a repetition as Py_ssize_t; like sq_repeat's argument. */
int repeat_count(Value v, Py_ssize_t *out)
{
    if (!object_has_index(v)) {
        return error_raise_int(PyExc_TypeError, "can't multiply sequence by non-int of type '%T'",
                               v);
    }
    Value index = object_index(v);
    int64_t wide;
    if (value_is_null(index)) {
        return -1;
    }
    if (int_clip_i64(index, &wide) != 0) {
        return error_raise_int(PyExc_OverflowError, "cannot fit '%T' into an index-sized integer",
                               v);
    }
    *out = (Py_ssize_t)wide;
    return 0;
}

static struct list_items *repeat_items(PyObject *o, Py_ssize_t times, Py_ssize_t *total)
{
    Py_ssize_t count;
    struct list_items *source = list_snapshot(o, &count);
    if (source == NULL) {
        return NULL;
    }
    times = times > 0 ? times : 0;
    if (count > 0 && times > PY_SSIZE_T_MAX / count) {
        error_no_memory();
        return NULL;
    }
    *total = count * times;
    struct list_items *array = list_items_new(*total);
    if (array == NULL) {
        return NULL;
    }
    Value *slots = (Value *)array->items;
    if (count == 1) {
        for (Py_ssize_t i = 0; i < times; i++) {
            heap_init(array, &array->items[i], source->items[0]);
        }
        return array;
    }
    for (Py_ssize_t i = 0; i < times; i++) {
        heap_init_copy(array, slots + i * count, (const Value *)source->items, (size_t)count);
    }
    return array;
}

static Value list_op_repeat(Value self, Value v)
{
    Py_ssize_t times, total;
    if (repeat_count(v, &times) < 0) {
        return VALUE_NULL;
    }
    struct list_items *array = repeat_items(value_object(self), times, &total);
    return array != NULL ? value_from_object(list_from_items(array, total)) : VALUE_NULL;
}

static Value list_op_inplace_concat(Value self, Value other)
{
    return list_extend(value_object(self), other) < 0 ? VALUE_NULL : self;
}

static Value list_op_inplace_repeat(Value self, Value v)
{
    Py_ssize_t times, total;
    PyObject *o = value_object(self);
    if (repeat_count(v, &times) < 0) {
        return VALUE_NULL;
    }
    if (times == 1) {
        return self;
    }
    struct list_items *array = repeat_items(o, times, &total);
    if (array == NULL || replace_range(o, 0, PY_SSIZE_T_MAX, array->items, total) < 0) {
        return VALUE_NULL;
    }
    return self;
}

static Value list_op_repr(Value self)
{
    PyObject *o = value_object(self);
    if (list_length(o) == 0) {
        return value_from_object(str_from_ascii("[]", 2));
    }
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_from_ascii("[...]", 5)) : VALUE_NULL;
    }
    struct str_builder b;
    str_builder_init(&b);
    int status = str_builder_char(&b, '[');
    for (Py_ssize_t i = 0; status == 0; i++) {
        Value item = list_find(o, i);
        if (value_is_absent(item)) {
            break;
        }
        if (i > 0) {
            status = str_builder_ascii(&b, ", ", 2);
        }
        PyObject *text = status == 0 ? object_repr(item) : NULL;
        status = text != NULL ? str_builder_str(&b, text) : -1;
    }
    repr_leave(self);
    if (status < 0 || str_builder_char(&b, ']') < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

static Value compare_lengths(Py_ssize_t a, Py_ssize_t b, int op)
{
    switch (op) {
    case Py_LT: return value_from_bool(a < b);
    case Py_LE: return value_from_bool(a <= b);
    case Py_EQ: return value_from_bool(a == b);
    case Py_NE: return value_from_bool(a != b);
    case Py_GT: return value_from_bool(a > b);
    default: return value_from_bool(a >= b);
    }
}

static Value list_op_richcompare(Value self, Value other, int op)
{
    if (!list_check(self) || !list_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = value_object(self), *b = value_object(other);
    if (list_length(a) != list_length(b) && (op == Py_EQ || op == Py_NE)) {
        return value_from_bool(op == Py_NE);
    }
    for (Py_ssize_t i = 0;; i++) {
        Value x = list_find(a, i), y = list_find(b, i);
        if (value_is_absent(x) || value_is_absent(y)) {
            return compare_lengths(list_length(a), list_length(b), op);
        }
        if (value_same_bits(x, y)) {
            continue;
        }
        int equal = object_equal(x, y);
        if (equal < 0) {
            return VALUE_NULL;
        }
        if (!equal) {
            /* The comparison may have changed the lists. */
            if (i >= list_length(a) || i >= list_length(b)) {
                return compare_lengths(list_length(a), list_length(b), op);
            }
            if (op == Py_EQ || op == Py_NE) {
                return value_from_bool(op == Py_NE);
            }
            return object_compare(x, y, op);
        }
    }
}

static Value list_op_iter(Value self)
{
    return value_from_object(sequence_iterator_new_of(&PyListIter_Type, value_object(self), 0));
}

static struct type_info list_info = {
    .ops = {.new_ = list_op_new,
            .init = list_op_init,
            .repr = list_op_repr,
            .richcompare = list_op_richcompare,
            .iter = list_op_iter,
            .len = list_op_len,
            .getitem = list_op_getitem,
            .setitem = list_op_setitem,
            .contains = list_op_contains,
            .concat = list_op_concat,
            .repeat = list_op_repeat,
            .inplace_concat = list_op_inplace_concat,
            .inplace_repeat = list_op_inplace_repeat,
            .item = list_op_item},
    .trace = list_trace,
    .methods = list_methods,
};

PyTypeObject PyList_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "list",
    .tp_doc = "list(iterable=(), /)\n--\n\nA mutable sequence; empty without an argument.",
    .tp_basicsize = sizeof(PyListObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LIST_SUBCLASS |
                Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_MATCH_SELF,
    .tp_cache = (PyObject *)&list_info,
};
