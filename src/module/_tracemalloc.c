/* SPDX-License-Identifier: MIT */
/* _tracemalloc: where the memory of the heap was allocated.
 *
 * While tracing is on, the heap tells of every cell (heap/watch.h), and this module remembers its
 * size and the frames of the thread at that moment. Nobody tells of cells that die: an entry is
 * dropped when its cell turns out to be free, or is allocated again. So whoever asks for figures
 * first collects, and then drops what is dead; in between the figures are upper bounds, and so is
 * the peak.
 *
 * Everything is malloc memory under one mutex: entries by address, backtraces and file names that
 * are shared and never forgotten before tracing ends. File names are copies, since the table keeps
 * no object alive. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "heap/heap.h"
#include "heap/watch.h"
#include "module/tracemalloc.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/lock.h"
#include "vm/frame.h"

enum { MOST_FRAMES = 65535, FRAMES_ON_STACK = 64 };

struct file_name {
    Py_ssize_t length;
    int kind;
    char data[];
};

struct place {
    uint32_t file; /* index in names */
    int32_t line;
};

struct backtrace {
    uint32_t count; /* of places, innermost first */
    uint32_t depth; /* of frames there were */
    struct place places[];
};

struct entry {
    uintptr_t cell; /* 0: empty */
    size_t bytes;
    uint32_t backtrace; /* index */
};

/* A growing array of pointers with an index of their hashes. */
struct pool {
    void **items;
    uint32_t count, capacity;
    uint32_t *slots; /* index + 1, or 0 */
    uint32_t slot_count;
};

static struct mutex lock = MUTEX_INIT(TRACEMALLOC);
static int frame_limit = 1;    /* under the lock */
static bool tracing;           /* atomic; changed under the lock */
static struct pool names_pool; /* of struct file_name; this and what follows under the lock */
static struct pool backtraces; /* of struct backtrace */
static struct entry *entries;  /* open addressing, a power of two */
static size_t entry_slots, entry_count;
static size_t traced_bytes, peak_bytes, table_bytes;

/* ---- Memory of the tables. */

static void *take(size_t bytes)
{
    void *p = calloc(1, bytes);
    table_bytes += p == NULL ? 0 : bytes;
    return p;
}

static void give_back(void *p, size_t bytes)
{
    free(p);
    table_bytes -= p == NULL ? 0 : bytes;
}

/* ---- Names and backtraces, each kept once. */

static uint64_t hash_of(const void *data, size_t length)
{
    return hash_siphash13(0, 0, data, length);
}

static bool pool_grow(struct pool *p, size_t (*size)(const void *item))
{
    uint32_t capacity = p->capacity == 0 ? 64 : p->capacity * 2, slot_count = capacity * 2;
    void **items = take(capacity * sizeof *items);
    uint32_t *slots = take(slot_count * sizeof *slots);
    if (items == NULL || slots == NULL) {
        give_back(items, capacity * sizeof *items);
        give_back(slots, slot_count * sizeof *slots);
        return false;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        items[i] = p->items[i];
        uint64_t h = hash_of(items[i], size(items[i]));
        while (slots[h & (slot_count - 1)] != 0) {
            h++;
        }
        slots[h & (slot_count - 1)] = i + 1;
    }
    give_back(p->items, p->capacity * sizeof *items);
    give_back(p->slots, p->slot_count * sizeof *slots);
    *p = (struct pool){items, p->count, capacity, slots, slot_count};
    return true;
}

/* The index of an item with these contents, which is copied if it is new; -1: no memory. */
static int64_t pool_add(struct pool *p, const void *item, size_t (*size)(const void *item))
{
    if (p->count == p->capacity && !pool_grow(p, size)) {
        return -1;
    }
    size_t bytes = size(item);
    uint64_t h = hash_of(item, bytes);
    for (;; h++) {
        uint32_t *slot = &p->slots[h & (p->slot_count - 1)];
        if (*slot == 0) {
            void *copy = take(bytes);
            if (copy == NULL) {
                return -1;
            }
            memcpy(copy, item, bytes);
            p->items[p->count++] = copy;
            *slot = p->count;
            return p->count - 1;
        }
        const void *found = p->items[*slot - 1];
        if (size(found) == bytes && memcmp(found, item, bytes) == 0) {
            return *slot - 1;
        }
    }
}

static void pool_clear(struct pool *p, size_t (*size)(const void *item))
{
    for (uint32_t i = 0; i < p->count; i++) {
        give_back(p->items[i], size(p->items[i]));
    }
    give_back(p->items, p->capacity * sizeof *p->items);
    give_back(p->slots, p->slot_count * sizeof *p->slots);
    *p = (struct pool){0};
}

static size_t name_size(const void *item)
{
    const struct file_name *n = item;
    return sizeof *n + (size_t)n->length * (size_t)n->kind;
}

static size_t backtrace_size(const void *item)
{
    const struct backtrace *b = item;
    return sizeof *b + b->count * sizeof *b->places;
}

/* ---- Taking the backtrace of this thread. */

static int64_t add_name(PyObject *text)
{
    enum { ON_STACK = 512 };
    size_t bytes = (size_t)str_length(text) * (size_t)str_kind(text);
    _Alignas(struct file_name) char buffer[sizeof(struct file_name) + ON_STACK];
    struct file_name *n =
        bytes <= ON_STACK ? (struct file_name *)(void *)buffer : malloc(sizeof *n + bytes);
    if (n == NULL) {
        return -1;
    }
    memset(n, 0, sizeof *n);
    n->length = str_length(text);
    n->kind = str_kind(text);
    memcpy(n->data, str_data(text), bytes);
    int64_t index = pool_add(&names_pool, n, name_size);
    if (bytes > ON_STACK) {
        free(n);
    }
    return index;
}

static bool fill_backtrace(struct backtrace *b, struct thread *t)
{
    b->count = b->depth = 0;
    for (struct frame *f = t->frame; f != NULL; f = frame_previous(t, f)) {
        if (b->count < (uint32_t)frame_limit) {
            int64_t file = add_name(f->code->base.co_filename);
            if (file < 0) {
                return false;
            }
            int line = code_position(f->code, frame_index(f)).line; /* allocates nothing */
            b->places[b->count++] = (struct place){(uint32_t)file, line < 0 ? 0 : line};
        }
        b->depth += b->depth < MOST_FRAMES;
    }
    return true;
}

/* Index of the thread's backtrace; -1: no memory, or no Python code runs. */
static int64_t add_backtrace(struct thread *t)
{
    size_t places = (size_t)frame_limit;
    _Alignas(struct backtrace) char
        buffer[sizeof(struct backtrace) + FRAMES_ON_STACK * sizeof(struct place)];
    bool fits = places <= FRAMES_ON_STACK;
    struct backtrace *b =
        fits ? (struct backtrace *)(void *)buffer : malloc(sizeof *b + places * sizeof *b->places);
    bool filled = b != NULL && fill_backtrace(b, t) && b->count > 0;
    int64_t index = filled ? pool_add(&backtraces, b, backtrace_size) : -1;
    if (!fits) {
        free(b);
    }
    return index;
}

/* ---- Entries. */

static struct entry *find_entry(uintptr_t cell)
{
    for (uint64_t h = (cell >> 3) * 0x9e3779b97f4a7c15u >> 20;; h++) {
        struct entry *e = &entries[h & (entry_slots - 1)];
        if (e->cell == cell || e->cell == 0) {
            return e;
        }
    }
}

/* Moves the entries whose cells are alive into a table of so many slots; false: no memory. */
static bool rebuild_entries(size_t slots)
{
    struct entry *old = entries, *fresh = take(slots * sizeof *fresh);
    size_t old_slots = entry_slots;
    if (fresh == NULL) {
        return false;
    }
    entries = fresh;
    entry_slots = slots;
    entry_count = traced_bytes = 0;
    for (size_t i = 0; i < old_slots; i++) {
        if (old[i].cell != 0 && heap_find_cell((void *)old[i].cell) == (void *)old[i].cell) {
            *find_entry(old[i].cell) = old[i];
            entry_count++;
            traced_bytes += old[i].bytes;
        }
    }
    give_back(old, old_slots * sizeof *old);
    return true;
}

/* Room for one more: first by dropping what is dead. */
static bool make_room(void)
{
    if (entry_count < entry_slots / 2) {
        return true;
    }
    if (entry_slots > 0 && !rebuild_entries(entry_slots)) {
        return false;
    }
    return entry_count < entry_slots / 4 ||
           rebuild_entries(entry_slots == 0 ? 1024 : entry_slots * 2);
}

static void note_allocation(void *cell, size_t bytes)
{
    struct thread *t = thread_current();
    if (t == NULL) {
        return;
    }
    mutex_lock(&lock);
    bool wanted = atomic_load_relaxed(&tracing) && make_room();
    int64_t backtrace = wanted ? add_backtrace(t) : -1;
    if (backtrace >= 0) {
        struct entry *e = find_entry((uintptr_t)cell);
        entry_count += e->cell == 0;
        traced_bytes += bytes - e->bytes;
        *e = (struct entry){(uintptr_t)cell, bytes, (uint32_t)backtrace};
        peak_bytes = traced_bytes > peak_bytes ? traced_bytes : peak_bytes;
    }
    mutex_unlock(&lock);
}

static void clear_tables(bool go_on)
{
    mutex_lock(&lock);
    atomic_store_release(&tracing, go_on);
    give_back(entries, entry_slots * sizeof *entries);
    entries = NULL;
    entry_slots = entry_count = traced_bytes = peak_bytes = 0;
    pool_clear(&backtraces, backtrace_size);
    pool_clear(&names_pool, name_size);
    mutex_unlock(&lock);
}

/* ---- Start and stop. */

void tracemalloc_start(int frames)
{
    mutex_lock(&lock);
    bool was_tracing = tracing;
    if (!was_tracing) {
        frame_limit = frames;
        atomic_store_release(&tracing, true);
    }
    mutex_unlock(&lock);
    if (!was_tracing) {
        heap_watch(note_allocation);
    }
}

static Value start(Value self, const Value *args)
{
    int frames = 1;
    if (!value_is_absent(args[0]) && arg_int(args[0], &frames) < 0) {
        return VALUE_NULL;
    }
    if (frames < 1 || frames > MOST_FRAMES) {
        return error_raise(PyExc_ValueError, "the number of frames must be in range [1; %d]",
                           MOST_FRAMES);
    }
    tracemalloc_start(frames);
    return VALUE_NONE;
}

static Value stop(Value self)
{
    if (atomic_load_acquire(&tracing)) {
        heap_watch(NULL);
        clear_tables(false);
    }
    return VALUE_NONE;
}

static Value is_tracing(Value self)
{
    return value_from_bool(atomic_load_acquire(&tracing));
}

static Value clear_traces(Value self)
{
    if (atomic_load_acquire(&tracing)) {
        clear_tables(true);
    }
    return VALUE_NONE;
}

static Value get_traceback_limit(Value self)
{
    return value_from_int(frame_limit);
}

/* ---- What was found. */

/* Collects, so that the entries of what is dead can be told, and drops them. */
static void drop_dead(void)
{
    heap_collect(COLLECT_REQUEST);
    heap_run_finalizers();
    mutex_lock(&lock);
    if (entry_slots > 0) {
        rebuild_entries(entry_slots);
    }
    mutex_unlock(&lock);
}

static Value get_traced_memory(Value self)
{
    if (atomic_load_acquire(&tracing)) {
        drop_dead();
    }
    mutex_lock(&lock);
    size_t now = traced_bytes, peak = peak_bytes;
    mutex_unlock(&lock);
    Value pair[] = {int_from_size(now), int_from_size(peak)};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value reset_peak(Value self)
{
    if (atomic_load_acquire(&tracing)) {
        drop_dead();
        mutex_lock(&lock);
        peak_bytes = traced_bytes;
        mutex_unlock(&lock);
    }
    return VALUE_NONE;
}

static Value get_tracemalloc_memory(Value self)
{
    mutex_lock(&lock);
    size_t bytes = table_bytes;
    mutex_unlock(&lock);
    return int_from_size(bytes);
}

/* Objects are only made without the lock, since allocation takes it: so this copies the item. NULL
 * if there is none (any more), or no memory; the caller frees it. */
static void *copy_item(const struct pool *p, uint32_t index, size_t (*size)(const void *item))
{
    mutex_lock(&lock);
    void *copy = NULL;
    if (index < p->count) {
        size_t bytes = size(p->items[index]);
        copy = malloc(bytes);
        if (copy != NULL) {
            memcpy(copy, p->items[index], bytes);
        }
    }
    mutex_unlock(&lock);
    return copy;
}

static Value place_value(struct place place)
{
    struct file_name *n = copy_item(&names_pool, place.file, name_size);
    PyObject *text = n == NULL ? str_empty() : str_from_kind(n->kind, n->data, n->length);
    free(n);
    Value pair[] = {value_from_object(text), value_from_int(place.line)};
    return value_from_object(tuple_from_array(pair, 2));
}

/* ((file name, line), ...), innermost first; `count` gets how many frames there were. */
static PyObject *frames_value(uint32_t index, uint32_t *depth)
{
    struct backtrace *b = copy_item(&backtraces, index, backtrace_size);
    PyObject *list = list_new(0);
    bool failed = list == NULL;
    for (uint32_t i = 0; b != NULL && !failed && i < b->count; i++) {
        Value place = place_value(b->places[i]);
        failed = value_is_null(place) || list_append(list, place) < 0;
    }
    *depth = b == NULL ? 0 : b->depth;
    free(b);
    return failed ? NULL : object_to_tuple(value_from_object(list));
}

static Value get_object_traceback(Value self, Value object)
{
    uint32_t index = UINT32_MAX, depth;
    mutex_lock(&lock);
    if (value_is_object(object) && entry_slots > 0) {
        const struct entry *e = find_entry((uintptr_t)value_object(object));
        index = e->cell != 0 ? e->backtrace : UINT32_MAX;
    }
    mutex_unlock(&lock);
    return index == UINT32_MAX ? VALUE_NONE : value_from_object(frames_value(index, &depth));
}

/* A copy of the entries; *count of them. */
static struct entry *copy_entries(size_t *count)
{
    mutex_lock(&lock);
    struct entry *copy = malloc((entry_count + 1) * sizeof *copy);
    *count = 0;
    for (size_t i = 0; copy != NULL && i < entry_slots; i++) {
        if (entries[i].cell != 0) {
            copy[(*count)++] = entries[i];
        }
    }
    mutex_unlock(&lock);
    return copy;
}

/* (domain, size, frames, number of frames) */
static int append_trace(PyObject *list, PyObject *shared, const struct entry *e)
{
    uint32_t depth;
    Value known = list_find(shared, (Py_ssize_t)e->backtrace * 2);
    Value frames = known, number = list_find(shared, (Py_ssize_t)e->backtrace * 2 + 1);
    if (value_is_none(known)) {
        PyObject *tuple = frames_value(e->backtrace, &depth);
        frames = value_from_object(tuple);
        number = value_from_int(depth);
        if (tuple == NULL || list_set(shared, (Py_ssize_t)e->backtrace * 2, frames) < 0 ||
            list_set(shared, (Py_ssize_t)e->backtrace * 2 + 1, number) < 0) {
            return -1;
        }
    }
    Value row[] = {value_from_int(0), int_from_size(e->bytes), frames, number};
    PyObject *tuple = tuple_from_array(row, 4);
    return tuple == NULL ? -1 : list_append(list, value_from_object(tuple));
}

static Value get_traces(Value self)
{
    PyObject *list = list_new(0);
    if (list == NULL || !atomic_load_acquire(&tracing)) {
        return value_from_object(list);
    }
    drop_dead();
    size_t count;
    struct entry *copy = copy_entries(&count);
    if (copy == NULL) {
        return error_no_memory();
    }
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most = copy[i].backtrace > most ? copy[i].backtrace : most;
    }
    PyObject *shared = list_new((Py_ssize_t)(most + 1) * 2);
    for (size_t i = 0; shared != NULL && i < (size_t)(most + 1) * 2; i++) {
        list_append(shared, VALUE_NONE);
    }
    bool failed = shared == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        failed = append_trace(list, shared, &copy[i]) < 0;
    }
    free(copy);
    return failed ? VALUE_NULL : value_from_object(list);
}

static const struct native_def functions[] = {
    {"_get_object_traceback", "($module, obj, /)", "Where the object was allocated, or None.",
     .f1 = get_object_traceback},
    {"_get_traces", "($module, /)", "All that is traced, as a list of tuples.", .f0 = get_traces},
    {"clear_traces", "($module, /)", "Forgets all that was traced.", .f0 = clear_traces},
    {"get_traceback_limit", "($module, /)", "How many frames are kept of a traceback.",
     .f0 = get_traceback_limit},
    {"get_traced_memory", "($module, /)",
     "Size of the traced memory now and at its peak, in bytes.", .f0 = get_traced_memory},
    {"get_tracemalloc_memory", "($module, /)", "How many bytes this module uses itself.",
     .f0 = get_tracemalloc_memory},
    {"is_tracing", "($module, /)", "Is memory being traced?", .f0 = is_tracing},
    {"reset_peak", "($module, /)", "Makes the peak the size of now.", .f0 = reset_peak},
    {"start", "($module, nframe=1, /)", "Starts tracing; keeps nframe frames of each traceback.",
     .n = start},
    {"stop", "($module, /)", "Stops tracing and forgets all that was traced.", .f0 = stop},
    {0},
};

const struct module_def tracemalloc_module = {
    "_tracemalloc", "Where the memory of the heap was allocated.", functions, NULL};
