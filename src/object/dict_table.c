/* SPDX-License-Identifier: MIT */
/* Hash tables of dicts: allocation, probing, copying. object/dict.h has the protocol.
 *
 * The index table is open-addressed with CPython's probe sequence; entries lie in insertion order.
 * A deleted entry stays in the index and only its value says so. Its key may be dead: who probes
 * looks at the value first, and there is no safepoint between the two loads. */
#include "object/dict_int.h"

/* ---- Allocation. */

static void trace_entries(struct dict_table *t, size_t from, size_t to, struct tracer *tracer)
{
    for (size_t i = from; i < to; i++) {
        Value v = dict_entry_value(&t->entries[i]);
        if (!value_is_absent(v)) {
            trace_value(tracer, t->entries[i].key);
            trace_value(tracer, v);
        }
    }
}

static void table_trace(void *cell, struct tracer *tracer)
{
    struct dict_table *t = cell;
    if (t->kind == DICT_VIEW) {
        trace_pointer(tracer, t->entries);
        return;
    }
    trace_entries(t, 0, atomic_load_acquire(&t->used_entries), tracer);
}

static void table_trace_part(void *cell, const char *from, const char *to, struct tracer *tracer)
{
    struct dict_table *t = cell;
    const char *entries = (const char *)t->entries;
    size_t used = atomic_load_acquire(&t->used_entries);
    if (t->kind == DICT_VIEW || to <= entries) {
        return;
    }
    size_t first = from <= entries ? 0 : (size_t)(from - entries) / sizeof *t->entries;
    size_t end = (size_t)(to - entries + (ptrdiff_t)sizeof *t->entries - 1) / sizeof *t->entries;
    trace_entries(t, first, end < used ? end : used, tracer);
}

static const struct cell_type table_cell = {"dict table", table_trace, false, table_trace_part};

struct dict_table dict_empty_table = {
    .cell = &table_cell,
    .kind = DICT_STRINGS,
    .index_bytes = 1,
    .indices = {0, 0, 0, 0, 0, 0, 0, 0},
};

unsigned dict_log2_for(size_t slots)
{
    unsigned log2 = DICT_MIN_LOG2;
    while ((size_t)1 << log2 < slots) {
        log2++;
    }
    return log2;
}

unsigned dict_log2_for_count(size_t count)
{
    return dict_log2_for((count * 3 + 1) / 2);
}

struct dict_table *dict_table_new(unsigned log2, enum dict_table_kind kind)
{
    size_t slots = (size_t)1 << log2, capacity = slots * 2 / 3;
    unsigned index_bytes = log2 <= 8 ? 1 : log2 <= 16 ? 2 : log2 <= 32 ? 4 : 8;
    size_t head = sizeof(struct dict_table) + slots * index_bytes;
    struct dict_table *t = NULL;
    if (log2 < 48) {
        t = heap_alloc(head + capacity * sizeof(struct dict_entry), CELL_INTERNAL);
    }
    if (t == NULL) {
        error_no_memory();
        return NULL;
    }
    t->cell = &table_cell;
    t->kind = (uint8_t)kind;
    t->log2_indices = (uint8_t)log2;
    t->index_bytes = (uint8_t)index_bytes;
    t->capacity = capacity;
    t->entries = (struct dict_entry *)(void *)((char *)t + head);
    return t;
}

PyObject *dict_new_view(PyObject *instance)
{
    struct dict_table *t = heap_alloc(sizeof(struct dict_table) + 8, CELL_INTERNAL);
    if (t == NULL) {
        error_no_memory();
        return NULL;
    }
    t->cell = &table_cell;
    t->kind = DICT_VIEW;
    t->index_bytes = 1;
    heap_init(t, &t->entries, instance);
    PyObject *d = dict_new();
    if (d != NULL) {
        heap_store(d, &((PyDictObject *)d)->ma_keys, t);
    }
    return d;
}

/* ---- The index. */

static void index_store(struct dict_table *t, size_t slot, size_t index)
{
    switch (t->index_bytes) {
    case 1: atomic_store_release(&t->indices[slot], (uint8_t)index); break;
    case 2: atomic_store_release(&((uint16_t *)(void *)t->indices)[slot], (uint16_t)index); break;
    case 4: atomic_store_release(&((uint32_t *)(void *)t->indices)[slot], (uint32_t)index); break;
    default: atomic_store_release(&((uint64_t *)(void *)t->indices)[slot], (uint64_t)index);
    }
}

/* ---- Probing. */

static ALWAYS_INLINE bool strings_equal(PyObject *a, PyObject *b)
{
    return !(str_is_interned(a) && str_is_interned(b)) && str_equal(a, b);
}

static ALWAYS_INLINE Py_ssize_t find_string(const struct dict_table *t, Value key, Py_hash_t hash)
{
    struct dict_probe p = dict_probe_start(t, hash);
    for (;; dict_probe_next(&p)) {
        size_t index = dict_index_load(t, p.slot);
        if (index == 0) {
            return DICT_MISSING;
        }
        const struct dict_entry *e = &t->entries[index - 1];
        if (value_same_bits(e->key, key)) {
            if (LIKELY(!value_is_absent(dict_entry_value(e)))) {
                return (Py_ssize_t)index - 1;
            }
        } else if (e->hash == hash && !value_is_absent(dict_entry_value(e)) &&
                   strings_equal(value_object(e->key), value_object(key))) {
            return (Py_ssize_t)index - 1;
        }
    }
}

static ALWAYS_INLINE Py_ssize_t find_general(const struct dict_table *t, Value key, Py_hash_t hash)
{
    struct dict_probe p = dict_probe_start(t, hash);
    for (;; dict_probe_next(&p)) {
        size_t index = dict_index_load(t, p.slot);
        if (index == 0) {
            return DICT_MISSING;
        }
        const struct dict_entry *e = &t->entries[index - 1];
        if (e->hash != hash || value_is_absent(dict_entry_value(e))) {
            continue;
        }
        int equal =
            value_same_bits(e->key, key) ? 1 : value_equal_simple(e->key, key, SIMPLE_DEPTH);
        if (equal != 0) {
            return equal > 0 ? (Py_ssize_t)index - 1 : DICT_UNKNOWN;
        }
    }
}

Py_ssize_t dict_table_find(const struct dict_table *t, Value key, Py_hash_t hash)
{
    return t->kind == DICT_STRINGS && str_check_exact(key) ? find_string(t, key, hash)
                                                           : find_general(t, key, hash);
}

Py_ssize_t dict_find_entry(struct dict_table *table, PyObject *key)
{
    return dict_table_find(table, value_from_object(key), str_hash(key));
}

Py_ssize_t dict_table_find_slow(PyObject *d, struct dict_table *t, Value key, Py_hash_t hash)
{
    struct dict_probe p = dict_probe_start(t, hash);
    for (;; dict_probe_next(&p)) {
        size_t index = dict_index_load(t, p.slot);
        if (index == 0) {
            return DICT_MISSING;
        }
        const struct dict_entry *e = &t->entries[index - 1];
        if (e->hash != hash || value_is_absent(dict_entry_value(e))) {
            continue;
        }
        Value entry_key = e->key;
        int equal = value_equal_simple(entry_key, key, SIMPLE_DEPTH);
        if (equal < 0) {
            equal = object_equal(entry_key, key);
            if (equal < 0) {
                return DICT_ERROR;
            }
            if (dict_table(d) != t || value_is_absent(dict_entry_value(e))) {
                return DICT_CHANGED;
            }
        }
        if (equal) {
            return (Py_ssize_t)index - 1;
        }
    }
}

/* ---- Writing. */

static void index_add(struct dict_table *t, Py_hash_t hash, size_t entry)
{
    struct dict_probe p = dict_probe_start(t, hash);
    while (dict_index_load(t, p.slot) != 0) {
        dict_probe_next(&p);
    }
    index_store(t, p.slot, entry + 1);
}

void dict_table_append(struct dict_table *t, Value key, Py_hash_t hash, Value v)
{
    size_t n = t->used_entries;
    struct dict_entry *e = &t->entries[n];
    e->hash = hash;
    heap_init_value(t, &e->key, key);
    heap_init_value(t, &e->value, v);
    t->live_end = n + 1;
    /* Who sees the new count finds the key, too: that a key is missing may be remembered with it.
     */
    index_add(t, hash, n);
    atomic_store_release(&t->used_entries, n + 1);
}

struct dict_table *dict_table_copy(const struct dict_table *t, unsigned log2,
                                   enum dict_table_kind kind, bool moved)
{
    struct dict_table *copy = dict_table_new(log2, kind);
    if (copy == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (size_t i = 0; i < t->used_entries; i++) {
        const struct dict_entry *from = &t->entries[i];
        Value v = dict_entry_value(from);
        if (value_is_absent(v)) {
            continue;
        }
        struct dict_entry *to = &copy->entries[n];
        to->hash = from->hash;
        if (moved) {
            to->key = from->key;
            to->value = v;
        } else {
            heap_init_value(copy, &to->key, from->key);
            heap_init_value(copy, &to->value, v);
        }
        index_add(copy, from->hash, n);
        n++;
    }
    copy->used_entries = copy->live_end = n;
    return copy;
}
