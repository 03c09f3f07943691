/* SPDX-License-Identifier: MIT */
/* Sets: tables and the C interface. object/set_type.c has the types.
 *
 * The order in which a set iterates can be seen, so the probe sequence (short linear runs, then a
 * jump by a perturbed hash), the points of growth and the new sizes are those that CPython shows.
 *
 * Protocol
 *  - The first table is the set's own `smalltable`; it is used once and stays as it was when the
 * set moves on. Later tables are cells of the heap with their mask in front.
 *  - A slot goes from unused to active to deleted, never back; deleted slots go away with their
 *    table. So readers take no lock: load `table` (acquire), probe, compare.
 *  - Writers hold the byte lock, which is the low byte of `mask` (the field has no other use). No
 *    Python code runs under it: a writer that needs some for a comparison probes without the lock
 *    and then checks that table and fill are what they were.
 *  - A comparison may change the set: the probe starts over if the table or the slot is another. */
#include "object/set_int.h"

static inline PySetObject *cast(PyObject *s)
{
    return (PySetObject *)s;
}
static inline uint8_t *set_byte_lock(PyObject *s)
{
    return (uint8_t *)&cast(s)->mask;
}
_Static_assert(sizeof(struct set_entry) == sizeof(setentry), "smalltable holds set entries");

static inline struct set_entry *set_entries(PyObject *s)
{
    return (struct set_entry *)(void *)atomic_load_acquire(&cast(s)->table);
}

static inline size_t entries_mask(PyObject *s, const struct set_entry *entries)
{
    if ((const void *)entries == (const void *)cast(s)->smalltable) {
        return PySet_MINSIZE - 1;
    }
    return ((const struct set_table *)(const void *)((const char *)entries -
                                                     offsetof(struct set_table, entries)))
        ->mask;
}

static void trace_entries(struct set_table *t, size_t from, size_t to, struct tracer *tracer)
{
    for (size_t i = from; i < to; i++) {
        trace_value(tracer, t->entries[i].key);
    }
}

static void table_trace(void *cell, struct tracer *tracer)
{
    struct set_table *t = cell;
    trace_entries(t, 0, t->mask + 1, tracer);
}

static void table_trace_part(void *cell, const char *from, const char *to, struct tracer *tracer)
{
    struct set_table *t = cell;
    const char *entries = (const char *)t->entries;
    if (to <= entries) {
        return;
    }
    size_t first = from <= entries ? 0 : (size_t)(from - entries) / sizeof *t->entries;
    size_t end = (size_t)(to - entries + (ptrdiff_t)sizeof *t->entries - 1) / sizeof *t->entries;
    trace_entries(t, first, end <= t->mask ? end : t->mask + 1, tracer);
}

static const struct cell_type table_cell = {"set table", table_trace, false, table_trace_part};

static struct set_entry *entries_new(size_t slots)
{
    struct set_table *t = NULL;
    if (slots < (size_t)1 << 48) {
        t = heap_alloc(sizeof *t + slots * sizeof(struct set_entry), CELL_INTERNAL);
    }
    if (t == NULL) {
        error_no_memory();
        return NULL;
    }
    t->cell = &table_cell;
    t->mask = slots - 1;
    return t->entries;
}

void set_trace(PyObject *self, struct tracer *tracer)
{
    struct set_entry *small = (struct set_entry *)(void *)cast(self)->smalltable;
    for (size_t i = 0; i < PySet_MINSIZE; i++) {
        trace_value(tracer, small[i].key);
    }
    trace_pointer(tracer, cast(self)->table);
}

PyObject *set_alloc(PyTypeObject *type)
{
    PySetObject *s = cast(type == &PySet_Type || type == &PyFrozenSet_Type
                              ? object_alloc_kind(type, sizeof(PySetObject), CELL_OBJECT)
                              : object_alloc(type, 0));
    if (s != NULL) {
        s->table = s->smalltable;
        s->hash = -1;
    }
    return (PyObject *)s;
}

size_t set_table_size(PyObject *s)
{
    struct set_entry *entries = set_entries(s);
    bool small = (void *)entries == (void *)cast(s)->smalltable;
    return small ? 0 : (entries_mask(s, entries) + 1) * sizeof(struct set_entry);
}

Py_ssize_t set_length(const PyObject *s)
{
    return atomic_load_relaxed(&((const PySetObject *)s)->used);
}

/* ---- Probing. */

enum { LINEAR_PROBES = 9 };

struct probe {
    size_t slot, run, perturb, mask; /* run: slots left of the linear run */
};
static ALWAYS_INLINE struct probe probe_start(Py_hash_t hash, size_t mask)
{
    size_t slot = (size_t)hash & mask;
    return (struct probe){slot, slot + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0, (size_t)hash,
                          mask};
}

/* `home` is where the linear run began; the jump starts from there. */
static ALWAYS_INLINE void probe_next(struct probe *p, size_t *home)
{
    if (p->run > 0) {
        p->run--;
        p->slot++;
        return;
    }
    p->perturb >>= 5;
    *home = (*home * 5 + 1 + p->perturb) & p->mask;
    p->slot = *home;
    p->run = *home + LINEAR_PROBES <= p->mask ? LINEAR_PROBES : 0;
}

static Py_ssize_t find_further(const struct set_entry *entries, size_t mask, Value key,
                               Py_hash_t hash, size_t *unused)
{
    struct probe p = probe_start(hash, mask);
    size_t home = p.slot;
    for (;; probe_next(&p, &home)) {
        const struct set_entry *e = &entries[p.slot];
        Value found = value_load_acquire(&e->key);
        if (value_same_bits(found, key)) {
            return (Py_ssize_t)p.slot;
        }
        if (value_is_null(found)) {
            *unused = p.slot;
            return DICT_MISSING;
        }
        if (e->hash != hash || value_is_absent(found)) {
            continue;
        }
        int equal = value_equal_simple(found, key, SIMPLE_DEPTH);
        if (equal != 0) {
            return equal > 0 ? (Py_ssize_t)p.slot : DICT_UNKNOWN;
        }
    }
}

/* The slot of a key, or MISSING (then *unused is the slot where it would go), or UNKNOWN. */
static ALWAYS_INLINE Py_ssize_t find_simple(const struct set_entry *entries, size_t mask, Value key,
                                            Py_hash_t hash, size_t *unused)
{
    size_t slot = (size_t)hash & mask;
    Value found = value_load_acquire(&entries[slot].key);
    if (value_same_bits(found, key)) {
        return (Py_ssize_t)slot;
    }
    if (value_is_null(found)) {
        *unused = slot;
        return DICT_MISSING;
    }
    return find_further(entries, mask, key, hash, unused);
}

/* The same with Python code; also ERROR and CHANGED. */
static Py_ssize_t find_slow(PyObject *s, const struct set_entry *entries, size_t mask, Value key,
                            Py_hash_t hash, size_t *unused)
{
    struct probe p = probe_start(hash, mask);
    size_t home = p.slot;
    for (;; probe_next(&p, &home)) {
        const struct set_entry *e = &entries[p.slot];
        Value found = value_load_acquire(&e->key);
        if (value_is_null(found)) {
            *unused = p.slot;
            return DICT_MISSING;
        }
        if (e->hash != hash || value_is_absent(found)) {
            continue;
        }
        int equal = value_equal_simple(found, key, SIMPLE_DEPTH);
        if (equal < 0) {
            equal = object_equal(found, key);
            if (equal < 0) {
                return DICT_ERROR;
            }
            if (set_entries(s) != entries || !value_same_bits(value_load_acquire(&e->key), found)) {
                return DICT_CHANGED;
            }
        }
        if (equal) {
            return (Py_ssize_t)p.slot;
        }
    }
}

int set_contains_hashed(PyObject *s, Value key, Py_hash_t hash)
{
    for (;;) {
        struct set_entry *entries = set_entries(s);
        size_t mask = entries_mask(s, entries), unused;
        Py_ssize_t i = find_simple(entries, mask, key, hash, &unused);
        if (UNLIKELY(i == DICT_UNKNOWN)) {
            i = find_slow(s, entries, mask, key, hash, &unused);
        }
        if (i != DICT_CHANGED) {
            return i >= 0 ? 1 : i == DICT_MISSING ? 0 : -1;
        }
    }
}

int set_contains(PyObject *s, Value key)
{
    Py_hash_t hash = dict_key_ready(&key);
    return hash != -1 ? set_contains_hashed(s, key, hash) : -1;
}

/* ---- Writing. */

/* The unused slot for a key that the table, which has room, does not have. */
static ALWAYS_INLINE struct set_entry *unused_slot(struct set_entry *entries, size_t mask,
                                                   Py_hash_t hash)
{
    struct probe p = probe_start(hash, mask);
    size_t home = p.slot;
    while (!value_is_null(entries[p.slot].key)) {
        probe_next(&p, &home);
    }
    return &entries[p.slot];
}

static int resize_locked(PyObject *s, size_t minimum)
{
    size_t slots = PySet_MINSIZE;
    while (slots <= minimum) {
        slots <<= 1;
    }
    struct set_entry *old = set_entries(s), *entries = entries_new(slots);
    if (entries == NULL) {
        return -1;
    }
    size_t old_mask = entries_mask(s, old);
    for (size_t i = 0; i <= old_mask; i++) {
        if (value_is_present(old[i].key)) {
            *unused_slot(entries, slots - 1, old[i].hash) = old[i]; /* plain: they are fresh */
        }
    }
    cast(s)->fill = cast(s)->used;
    heap_store(s, &cast(s)->table, entries);
    return 0;
}

static size_t grown_size(size_t used)
{
    return used > 50000 ? used * 2 : used * 4;
}

static Py_ssize_t find_and_lock(PyObject *s, Value key, Py_hash_t hash, size_t *unused)
{
    for (;;) {
        byte_lock(set_byte_lock(s));
        struct set_entry *entries = set_entries(s);
        size_t mask = entries_mask(s, entries);
        Py_ssize_t i = find_simple(entries, mask, key, hash, unused);
        if (LIKELY(i != DICT_UNKNOWN)) {
            return i;
        }
        Py_ssize_t seen = cast(s)->fill;
        byte_unlock(set_byte_lock(s));
        i = find_slow(s, entries, mask, key, hash, unused);
        if (i == DICT_ERROR) {
            return i;
        }
        byte_lock(set_byte_lock(s));
        bool valid =
            set_entries(s) == entries && (i >= 0 ? value_is_present(entries[i].key)
                                                 : i == DICT_MISSING && cast(s)->fill == seen);
        if (valid) {
            return i;
        }
        byte_unlock(set_byte_lock(s));
    }
}

static int add_locked(PyObject *s, Value key, Py_hash_t hash, size_t unused)
{
    struct set_entry *entries = set_entries(s);
    size_t mask = entries_mask(s, entries);
    entries[unused].hash = hash;
    heap_store_value(s, &entries[unused].key, key);
    cast(s)->fill++;
    atomic_store_relaxed(&cast(s)->used, cast(s)->used + 1);
    if ((size_t)cast(s)->fill * 5 < mask * 3) {
        return 0;
    }
    return resize_locked(s, grown_size((size_t)cast(s)->used));
}

int set_add_hashed(PyObject *s, Value key, Py_hash_t hash)
{
    size_t unused;
    Py_ssize_t i = find_and_lock(s, key, hash, &unused);
    if (i == DICT_ERROR) {
        return -1;
    }
    int status = i < 0 ? add_locked(s, key, hash, unused) : 0;
    byte_unlock(set_byte_lock(s));
    return status;
}

int set_add(PyObject *s, Value key)
{
    Py_hash_t hash = dict_key_ready(&key);
    return hash != -1 ? set_add_hashed(s, key, hash) : -1;
}

static void delete_locked(PyObject *s, size_t slot)
{
    struct set_entry *entries = set_entries(s);
    heap_store_value(s, &entries[slot].key, VALUE_ABSENT);
    atomic_store_relaxed(&cast(s)->used, cast(s)->used - 1);
}

int set_discard_hashed(PyObject *s, Value key, Py_hash_t hash)
{
    size_t unused;
    Py_ssize_t i = find_and_lock(s, dict_key_normal(key), hash, &unused);
    if (i == DICT_ERROR) {
        return -1;
    }
    if (i >= 0) {
        delete_locked(s, (size_t)i);
    }
    byte_unlock(set_byte_lock(s));
    return i >= 0;
}

int set_discard(PyObject *s, Value key)
{
    Py_hash_t hash = dict_key_hash(key);
    return hash != -1 ? set_discard_hashed(s, key, hash) : -1;
}

Value set_pop(PyObject *s)
{
    Value key = VALUE_ABSENT;
    byte_lock(set_byte_lock(s));
    if (cast(s)->used > 0) {
        struct set_entry *entries = set_entries(s);
        size_t mask = entries_mask(s, entries), i = (size_t)cast(s)->finger & mask;
        while (!value_is_present(entries[i].key)) {
            i = (i + 1) & mask;
        }
        key = entries[i].key;
        delete_locked(s, i);
        cast(s)->finger = (Py_ssize_t)i + 1;
    }
    byte_unlock(set_byte_lock(s));
    return key;
}

int set_clear(PyObject *s)
{
    int status = 0;
    byte_lock(set_byte_lock(s));
    if (cast(s)->fill > 0) {
        struct set_entry *entries = entries_new(PySet_MINSIZE);
        status = entries != NULL ? 0 : -1;
        if (status == 0) {
            atomic_store_relaxed(&cast(s)->used, 0);
            cast(s)->fill = 0;
            heap_store(s, &cast(s)->table, entries);
        }
    }
    byte_unlock(set_byte_lock(s));
    return status;
}

/* ---- Whole sets. */

bool set_next(PyObject *s, size_t *position, Value *key, Py_hash_t *hash)
{
    struct set_entry *entries = set_entries(s);
    size_t mask = entries_mask(s, entries), i = *position;
    for (; i <= mask; i++) {
        Value found = value_load_acquire(&entries[i].key);
        if (value_is_present(found)) {
            *key = found;
            if (hash != NULL) {
                *hash = entries[i].hash;
            }
            *position = i + 1;
            return true;
        }
    }
    *position = i;
    return false;
}

struct set_scan set_scan_start(PyObject *s)
{
    struct set_entry *entries = set_entries(s);
    return (struct set_scan){entries, entries + entries_mask(s, entries)};
}

bool set_scan_next(struct set_scan *scan, Value *key, Py_hash_t *hash)
{
    while (scan->next <= scan->last) {
        const struct set_entry *e = scan->next++;
        Value found = value_load_acquire(&e->key);
        if (value_is_present(found)) {
            *key = found;
            *hash = e->hash;
            return true;
        }
    }
    return false;
}

enum { FEW_ENTRIES = PySet_MINSIZE };

/* The table as it is now: *used active entries. A copy: in `few` if that is not NULL and suffices,
 * else a fresh one; with `few`, a frozen set's own table. NULL with MemoryError. */
static struct set_entry *snapshot(PyObject *s, struct set_entry *few, size_t *mask, size_t *used,
                                  bool *deletions)
{
    if (few != NULL && s->ob_type == &PyFrozenSet_Type) {
        /* It does not change any more. */
        *mask = entries_mask(s, set_entries(s));
        *used = (size_t)cast(s)->used;
        *deletions = false;
        return set_entries(s);
    }
    byte_lock(set_byte_lock(s));
    struct set_entry *entries = set_entries(s);
    *mask = entries_mask(s, entries);
    if (few != NULL && *mask < FEW_ENTRIES) {
        memcpy(few, entries, (*mask + 1) * sizeof *few);
        *used = (size_t)cast(s)->used;
        *deletions = cast(s)->fill != cast(s)->used;
        byte_unlock(set_byte_lock(s));
        return few;
    }
    struct set_entry *copy = entries_new(*mask + 1);
    for (size_t i = 0; copy != NULL && i <= *mask; i++) {
        copy[i].hash = entries[i].hash;
        heap_init_value(copy, &copy[i].key, entries[i].key);
    }
    *used = (size_t)cast(s)->used;
    *deletions = cast(s)->fill != cast(s)->used;
    byte_unlock(set_byte_lock(s));
    return copy;
}

/* What iteration gives, taken in one step. */
PyObject *set_to_list(PyObject *s)
{
    size_t mask, used;
    bool deletions;
    struct set_entry few[FEW_ENTRIES];
    struct set_entry *entries = snapshot(s, few, &mask, &used, &deletions);
    PyObject *list = entries != NULL ? list_new((Py_ssize_t)used) : NULL;
    for (size_t i = 0; list != NULL && i <= mask; i++) {
        if (value_is_present(entries[i].key) && list_append(list, entries[i].key) < 0) {
            return NULL;
        }
    }
    return list;
}

static int reserve_locked(PyObject *s, size_t more)
{
    size_t mask = entries_mask(s, set_entries(s));
    if (((size_t)cast(s)->fill + more) * 5 < mask * 3) {
        return 0;
    }
    return resize_locked(s, ((size_t)cast(s)->used + more) * 2);
}

/* Fills a set that never had anything. Under its lock. Readers may be looking: the store of a key
 * publishes its hash. */
static void fill_clean(PyObject *s, const struct set_entry *from, size_t mask, size_t used,
                       bool same_places)
{
    struct set_entry *entries = set_entries(s);
    size_t own_mask = entries_mask(s, entries);
    bool copy = same_places && own_mask == mask;
    for (size_t i = 0; i <= mask; i++) {
        Value key = from[i].key;
        if (value_is_present(key)) {
            struct set_entry *e = copy ? &entries[i] : unused_slot(entries, own_mask, from[i].hash);
            e->hash = from[i].hash;
            heap_store_value(s, &e->key, key);
        }
    }
    cast(s)->fill = (Py_ssize_t)used;
    atomic_store_relaxed(&cast(s)->used, (Py_ssize_t)used);
}

/* The same for a set that the caller has just allocated and nobody else has seen: plain stores. */
static void fill_fresh(PyObject *s, const struct set_entry *from, size_t mask, size_t used,
                       bool same_places)
{
    struct set_entry *entries = set_entries(s);
    size_t own_mask = entries_mask(s, entries);
    if (same_places && own_mask == mask) {
        memcpy(entries, from, (mask + 1) * sizeof *entries);
    } else {
        for (size_t i = 0; i <= mask; i++) {
            if (value_is_present(from[i].key)) {
                *unused_slot(entries, own_mask, from[i].hash) = from[i];
            }
        }
    }
    cast(s)->fill = cast(s)->used = (Py_ssize_t)used;
}

/* Adds the entries to a set that nobody else has seen. 0, ERROR, or UNKNOWN: some are not added,
 * because Python code would have to compare. */
static Py_ssize_t add_to_private(PyObject *s, const struct set_entry *from, size_t mask)
{
    for (size_t i = 0; i <= mask; i++) {
        Value key = from[i].key;
        size_t unused;
        if (!value_is_present(key)) {
            continue;
        }
        struct set_entry *entries = set_entries(s);
        Py_ssize_t found =
            find_simple(entries, entries_mask(s, entries), key, from[i].hash, &unused);
        if (found == DICT_UNKNOWN) {
            return found;
        }
        if (found == DICT_MISSING && add_locked(s, key, from[i].hash, unused) < 0) {
            return DICT_ERROR;
        }
    }
    return 0;
}

/* Adds all of `other` to a set that the caller has just allocated, in one step: 0 or -1. */
static int merge(PyObject *s, PyObject *other)
{
    Py_ssize_t status = 0;
    byte_lock(set_byte_lock(other));
    struct set_entry *from = set_entries(other);
    size_t mask = entries_mask(other, from), used = (size_t)cast(other)->used;
    if (used > 0) {
        if (reserve_locked(s, used) < 0) {
            status = DICT_ERROR;
        } else if (cast(s)->fill == 0) {
            fill_fresh(s, from, mask, used, cast(other)->fill == cast(other)->used);
        } else {
            status = add_to_private(s, from, mask);
        }
    }
    byte_unlock(set_byte_lock(other));
    return status == DICT_UNKNOWN ? set_update(s, value_from_object(other)) : (int)status;
}

static int update_from_set(PyObject *s, PyObject *other)
{
    size_t mask, used;
    bool deletions;
    if (s == other || set_length(other) == 0) {
        return 0;
    }
    struct set_entry few[FEW_ENTRIES];
    struct set_entry *from = snapshot(other, few, &mask, &used, &deletions);
    if (from == NULL) {
        return -1;
    }
    byte_lock(set_byte_lock(s));
    int status = reserve_locked(s, used);
    bool done = status == 0 && cast(s)->fill == 0;
    if (done) {
        fill_clean(s, from, mask, used, !deletions);
    }
    byte_unlock(set_byte_lock(s));
    for (size_t i = 0; status == 0 && !done && i <= mask; i++) {
        if (value_is_present(from[i].key)) {
            status = set_add_hashed(s, from[i].key, from[i].hash);
        }
    }
    return status;
}

static int update_from_dict(PyObject *s, PyObject *d)
{
    struct dict_table *t = dict_snapshot(d);
    if (t == NULL) {
        return -1;
    }
    byte_lock(set_byte_lock(s));
    int status = reserve_locked(s, t->used_entries);
    byte_unlock(set_byte_lock(s));
    for (size_t i = 0; status == 0 && i < t->used_entries; i++) {
        status = set_add_hashed(s, t->entries[i].key, t->entries[i].hash);
    }
    return status;
}

/* Adds a key that is compared without Python code. */
static bool take_key(void *state, Value key)
{
    PyObject *s = state;
    if (!value_is_int(key) && !str_check_exact(key)) {
        return false;
    }
    Py_hash_t hash = dict_key_ready(&key);
    byte_lock(set_byte_lock(s));
    struct set_entry *entries = set_entries(s);
    size_t unused;
    Py_ssize_t i = find_simple(entries, entries_mask(s, entries), key, hash, &unused);
    bool failed = i == DICT_MISSING && add_locked(s, key, hash, unused) < 0;
    byte_unlock(set_byte_lock(s));
    if (UNLIKELY(failed)) {
        error_clear(); /* the table did not grow, but the key is there */
    }
    return i != DICT_UNKNOWN && !failed;
}

int set_update(PyObject *s, Value iterable)
{
    if (set_check(iterable)) {
        return update_from_set(s, value_object(iterable));
    }
    if (dict_check_exact(iterable)) {
        return update_from_dict(s, value_object(iterable));
    }
    Value iterator = object_iter_owned(iterable);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value key = object_drain(iterator, take_key, s);
        if (!value_is_present(key)) {
            return value_is_null(key) ? -1 : 0;
        }
        if (set_add(s, key) < 0) {
            return -1;
        }
    }
}

PyObject *set_new(PyTypeObject *type, Value iterable)
{
    PyObject *s = set_alloc(type);
    if (s == NULL || !value_is_present(iterable)) {
        return s;
    }
    int status = set_check(iterable) ? merge(s, value_object(iterable)) : set_update(s, iterable);
    return status < 0 ? NULL : s;
}

bool set_check(Value v)
{
    if (!value_is_object(v)) {
        return false;
    }
    PyTypeObject *type = value_object(v)->ob_type;
    return type == &PySet_Type || type == &PyFrozenSet_Type || type_is_subtype(type, &PySet_Type) ||
           type_is_subtype(type, &PyFrozenSet_Type);
}

/* set or frozenset: what operators on subclasses return. */
PyTypeObject *set_base_type(PyObject *s)
{
    return s->ob_type == &PyFrozenSet_Type || type_is_subtype(s->ob_type, &PyFrozenSet_Type)
               ? &PyFrozenSet_Type
               : &PySet_Type;
}

PyObject *set_copy(PyObject *s)
{
    PyObject *copy = set_alloc(set_base_type(s));
    return copy == NULL || merge(copy, s) < 0 ? NULL : copy;
}

PyObject *set_union(PyObject *s, PyObject *other)
{
    PyObject *result = set_copy(s);
    return result == NULL || (s != other && merge(result, other) < 0) ? NULL : result;
}

/* ---- Set algebra. */

PyObject *set_intersection(PyObject *s, Value other)
{
    if (value_object_is(other, s)) {
        return set_copy(s);
    }
    PyObject *result = set_alloc(set_base_type(s));
    if (result == NULL) {
        return NULL;
    }
    Value key;
    if (set_check(other)) {
        PyObject *smaller = value_object(other);
        Py_hash_t hash;
        if (set_length(smaller) > set_length(s)) {
            PyObject *swap = smaller;
            smaller = s;
            s = swap;
        }
        struct set_scan scan = set_scan_start(smaller);
        while (set_scan_next(&scan, &key, &hash)) {
            int found = set_contains_hashed(s, key, hash);
            if (found < 0 || (found > 0 && set_add_hashed(result, key, hash) < 0)) {
                return NULL;
            }
        }
        return result;
    }
    Value iterator = object_iter_owned(other);
    if (value_is_null(iterator)) {
        return NULL;
    }
    for (;;) {
        key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? NULL : result;
        }
        Py_hash_t hash = dict_key_ready(&key);
        int found = hash != -1 ? set_contains_hashed(s, key, hash) : -1;
        if (found < 0 || (found > 0 && set_add_hashed(result, key, hash) < 0)) {
            return NULL;
        }
    }
}

/* The table of a set that only the caller knows, as a cell that another set may have. */
static struct set_entry *private_table(PyObject *s)
{
    struct set_entry *entries = set_entries(s);
    if ((void *)entries == (void *)cast(s)->smalltable) {
        struct set_entry *copy = entries_new(PySet_MINSIZE);
        if (copy != NULL) {
            memcpy(copy, entries, PySet_MINSIZE * sizeof *copy); /* plain: they are fresh */
        }
        return copy;
    }
    return entries;
}

static int take_contents_locked(PyObject *s, PyObject *from)
{
    struct set_entry *entries = private_table(from);
    if (entries == NULL) {
        return -1;
    }
    cast(s)->fill = cast(from)->fill;
    atomic_store_relaxed(&cast(s)->used, cast(from)->used);
    heap_store(s, &cast(s)->table, entries);
    return 0;
}

int set_take_contents(PyObject *s, PyObject *from)
{
    byte_lock(set_byte_lock(s));
    int status = take_contents_locked(s, from);
    byte_unlock(set_byte_lock(s));
    return status;
}

/* Leaves in s what `other` has, too. Under both locks; `result` is an empty set for the work. 0,
 * ERROR, or UNKNOWN: Python code would have to compare, and nothing is changed. */
static Py_ssize_t intersect_locked(PyObject *s, PyObject *other, PyObject *result)
{
    bool swap = cast(other)->used > cast(s)->used;
    PyObject *larger = swap ? other : s;
    struct set_entry *among = set_entries(larger);
    size_t mask = entries_mask(larger, among), unused;
    struct set_scan scan = set_scan_start(swap ? s : other);
    Value key;
    Py_hash_t hash;
    while (set_scan_next(&scan, &key, &hash)) {
        Py_ssize_t i = find_simple(among, mask, key, hash, &unused);
        if (i == DICT_UNKNOWN) {
            return i;
        }
        if (i >= 0) {
            struct set_entry *own = set_entries(result);
            struct set_entry *place = unused_slot(own, entries_mask(result, own), hash);
            if (add_locked(result, key, hash, (size_t)(place - own)) < 0) {
                return DICT_ERROR;
            }
        }
    }
    return take_contents_locked(s, result) < 0 ? DICT_ERROR : 0;
}

/* In one step, so that what others add meanwhile is not lost; unless Python code compares. */
int set_intersection_update(PyObject *s, Value other)
{
    PyObject *result;
    if (set_check(other) && !value_object_is(other, s)) {
        PyObject *o = value_object(other);
        result = set_alloc(&PySet_Type);
        if (result == NULL) {
            return -1;
        }
        byte_lock_pair(set_byte_lock(s), set_byte_lock(o));
        Py_ssize_t status = intersect_locked(s, o, result);
        byte_unlock_pair(set_byte_lock(s), set_byte_lock(o));
        if (status != DICT_UNKNOWN) {
            return status < 0 ? -1 : 0;
        }
    }
    result = set_intersection(s, other);
    return result != NULL ? set_take_contents(s, result) : -1;
}

static int drop_deleted(PyObject *s)
{
    int status = 0;
    byte_lock(set_byte_lock(s));
    size_t mask = entries_mask(s, set_entries(s));
    if ((size_t)(cast(s)->fill - cast(s)->used) > mask / 4) {
        status = resize_locked(s, grown_size((size_t)cast(s)->used));
    }
    byte_unlock(set_byte_lock(s));
    return status;
}

int set_difference_update(PyObject *s, Value other)
{
    Value key;
    if (value_object_is(other, s)) {
        return set_clear(s);
    }
    if (set_check(other)) {
        struct set_scan scan = set_scan_start(value_object(other));
        Py_hash_t hash;
        while (set_scan_next(&scan, &key, &hash)) {
            if (set_discard_hashed(s, key, hash) < 0) {
                return -1;
            }
        }
        return drop_deleted(s);
    }
    Value iterator = object_iter_owned(other);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? -1 : drop_deleted(s);
        }
        if (set_discard(s, key) < 0) {
            return -1;
        }
    }
}

/* 1 if the key is in a set or dict. */
static int member_hashed(PyObject *container, bool is_dict, Value key, Py_hash_t hash)
{
    if (!is_dict) {
        return set_contains_hashed(container, key, hash);
    }
    Value v = dict_get_hashed(container, key, hash);
    return value_is_null(v) ? -1 : !value_is_absent(v);
}

PyObject *set_difference(PyObject *s, Value other)
{
    bool is_dict = dict_check_exact(other);
    Py_ssize_t other_length = 0;
    if (is_dict) {
        other_length = dict_length(value_object(other));
    } else if (set_check(other)) {
        other_length = set_length(value_object(other));
    }
    if ((!is_dict && !set_check(other)) || set_length(s) >> 2 > other_length) {
        PyObject *result = set_copy(s);
        return result == NULL || set_difference_update(result, other) < 0 ? NULL : result;
    }
    PyObject *result = set_alloc(set_base_type(s));
    struct set_scan scan = set_scan_start(s);
    Value key;
    Py_hash_t hash;
    while (result != NULL && set_scan_next(&scan, &key, &hash)) {
        int found = member_hashed(value_object(other), is_dict, key, hash);
        if (found < 0 || (found == 0 && set_add_hashed(result, key, hash) < 0)) {
            return NULL;
        }
    }
    return result;
}

/* Removes the key if it is there, adds it if not. */
static int toggle(PyObject *s, Value key, Py_hash_t hash)
{
    size_t unused;
    int status = 0;
    Py_ssize_t i = find_and_lock(s, key, hash, &unused);
    if (i == DICT_ERROR) {
        return -1;
    }
    if (i >= 0) {
        delete_locked(s, (size_t)i);
    } else {
        status = add_locked(s, key, hash, unused);
    }
    byte_unlock(set_byte_lock(s));
    return status;
}

int set_symmetric_difference_update(PyObject *s, Value other)
{
    Value key;
    Py_hash_t hash;
    size_t position = 0;
    if (value_object_is(other, s)) {
        return set_clear(s);
    }
    if (dict_check_exact(other)) {
        while (dict_next(value_object(other), &position, &key, NULL, &hash)) {
            if (toggle(s, key, hash) < 0) {
                return -1;
            }
        }
        return 0;
    }
    PyObject *set = set_check(other) ? value_object(other) : set_new(set_base_type(s), other);
    if (set == NULL) {
        return -1;
    }
    struct set_scan scan = set_scan_start(set);
    while (set_scan_next(&scan, &key, &hash)) {
        if (toggle(s, key, hash) < 0) {
            return -1;
        }
    }
    return 0;
}

int set_is_subset(PyObject *s, PyObject *of)
{
    Value key;
    Py_hash_t hash;
    if (set_length(s) > set_length(of)) {
        return 0;
    }
    struct set_scan scan = set_scan_start(s);
    while (set_scan_next(&scan, &key, &hash)) {
        int found = set_contains_hashed(of, key, hash);
        if (found != 1) {
            return found;
        }
    }
    return 1;
}

/* Mixes the hashes so that order does not matter; gives CPython's values. */
Py_hash_t set_frozen_hash(PyObject *s)
{
    Py_hash_t known = atomic_load_relaxed(&cast(s)->hash);
    if (known != -1) {
        return known;
    }
    uint64_t mixed = 0;
    size_t position = 0;
    Value key;
    Py_hash_t hash;
    while (set_next(s, &position, &key, &hash)) {
        uint64_t h = (uint64_t)hash;
        mixed ^= (h ^ 89869747 ^ h << 16) * 3644798167;
    }
    mixed ^= ((uint64_t)set_length(s) + 1) * 1927868237;
    mixed ^= mixed >> 11 ^ mixed >> 25;
    mixed = mixed * 69069 + 907133923;
    known = mixed == UINT64_MAX ? 590923713 : (Py_hash_t)mixed;
    atomic_store_relaxed(&cast(s)->hash, known);
    return known;
}
