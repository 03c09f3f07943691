/* SPDX-License-Identifier: MIT */
/* Dicts: the C interface. object/dict.h has the protocol between readers and writers;
 * object/dict_table.c the tables, dict_type.c the type, dict_methods.c its methods, dict_view.c the
 * views and iterators, dict_instance.c dicts that show the slots of an instance.
 *
 * A writer probes without the lock, with Python code if a comparison needs it, takes the lock and
 * checks that the table is what it was and, for a missing key, that nothing was added; else it
 * probes again under the lock, or starts over if that would need Python code. */
#include "object/dict_int.h"

/* Versions come in ranges, so that threads do not meet at the counter. */
static uint64_t version_counter = 1;
enum { VERSION_RANGE = 1024 };

uint64_t dict_new_version(void)
{
    static _Thread_local uint64_t next, limit;
    if (UNLIKELY(next == limit)) {
        next = atomic_fetch_add_relaxed(&version_counter, VERSION_RANGE);
        limit = next + VERSION_RANGE;
    }
    return next++;
}

static inline PyDictObject *cast(PyObject *d)
{
    return (PyDictObject *)d;
}

PyObject *dict_new(void)
{
    PyDictObject *d = cast(object_alloc_kind(&PyDict_Type, sizeof(PyDictObject), CELL_OBJECT));
    if (d != NULL) {
        d->ma_keys = (PyDictKeysObject *)&dict_empty_table;
        d->ma_version_tag = dict_new_version();
    }
    return (PyObject *)d;
}

static PyObject *dict_from_table(struct dict_table *t, size_t used)
{
    PyObject *d = t != NULL ? dict_new() : NULL;
    if (d != NULL) {
        heap_fill(d, &cast(d)->ma_keys, t);
        cast(d)->ma_used = (Py_ssize_t)used;
    }
    return d;
}

PyObject *dict_new_sized(size_t count)
{
    if (count == 0) {
        return dict_new();
    }
    return dict_from_table(dict_table_new(dict_log2_for_count(count), DICT_STRINGS), 0);
}

static Py_hash_t key_hash(Value key)
{
    return dict_key_hash(key);
}

NO_INLINE Py_hash_t dict_key_ready_slow(Value *key)
{
    int64_t i;
    if (value_is_object(*key) && value_ops(*key)->hash == object_hash_identity) {
        return object_identity_number(*key);
    }
    if (int_try_small(*key, &i)) {
        *key = value_from_int(i);
        return i != -1 ? (Py_hash_t)i : -2;
    }
    *key = dict_key_normal(*key);
    return dict_key_hash(*key);
}

/* ---- Reading. */

/* The entry of a key in the current table: an index (then *table is set), MISSING or ERROR. */
static Py_ssize_t find(PyObject *d, Value key, Py_hash_t hash, struct dict_table **table)
{
    for (;;) {
        struct dict_table *t = dict_table(d);
        Py_ssize_t i = dict_table_find(t, key, hash);
        if (UNLIKELY(i == DICT_UNKNOWN)) {
            i = dict_table_find_slow(d, t, key, hash);
        }
        if (LIKELY(i != DICT_CHANGED)) {
            *table = t;
            return i;
        }
    }
}

/* dict_get_hashed where keys have to be compared. */
static NO_INLINE Value get_compared(PyObject *d, Value key, Py_hash_t hash)
{
    struct dict_table *t;
    for (;;) {
        Py_ssize_t i = find(d, key, hash, &t);
        if (i < 0) {
            return i == DICT_MISSING ? VALUE_ABSENT : VALUE_NULL;
        }
        Value v = dict_entry_value(&t->entries[i]);
        if (LIKELY(!value_is_absent(v))) {
            return v;
        }
        /* Deleted since then; the key may have moved to a later entry. */
    }
}

/* Most keys are the very object in the table, or not there. */
Value dict_get_hashed(PyObject *d, Value key, Py_hash_t hash)
{
    const struct dict_table *t = dict_table(d);
    if (UNLIKELY(t->kind == DICT_VIEW)) {
        return dict_view_get(d, key);
    }
    struct dict_probe p = dict_probe_start(t, hash);
    for (;; dict_probe_next(&p)) {
        size_t index = dict_index_load(t, p.slot);
        if (index == 0) {
            return VALUE_ABSENT;
        }
        const struct dict_entry *e = &t->entries[index - 1];
        if (value_same_bits(e->key, key)) {
            Value v = dict_entry_value(e);
            if (LIKELY(!value_is_absent(v))) {
                return v; /* else deleted: it may have come back, to a later entry */
            }
        } else if (e->hash == hash) {
            return get_compared(d, key, hash);
        }
    }
}

Value dict_get(PyObject *d, Value key)
{
    Py_hash_t hash = dict_key_ready(&key);
    return hash != -1 ? dict_get_hashed(d, key, hash) : VALUE_NULL;
}

Value dict_get_str(PyObject *d, PyObject *key)
{
    struct dict_table *t = dict_table(d);
    if (UNLIKELY(t->kind == DICT_VIEW)) {
        return dict_view_get(d, value_from_object(key));
    }
    for (;;) {
        Py_ssize_t i = dict_find_entry(t, key);
        if (UNLIKELY(i < 0)) {
            /* UNKNOWN: a key of another type has the same hash. Names never equal those here. */
            return VALUE_ABSENT;
        }
        Value v = dict_entry_value(&t->entries[i]);
        if (LIKELY(!value_is_absent(v))) {
            return v;
        }
    }
}

int dict_contains(PyObject *d, Value key)
{
    Value v = dict_get(d, key);
    return value_is_null(v) ? -1 : !value_is_absent(v);
}

/* ---- Writing. */

static void changed_locked(PyObject *d)
{
    atomic_store_relaxed(&cast(d)->ma_version_tag, dict_new_version());
}

static void set_table_locked(PyObject *d, struct dict_table *t)
{
    heap_store(d, &cast(d)->ma_keys, t);
}

/* Is what a probe of table t has found still so? `seen`: its used_entries before the probe. */
static bool is_current_locked(PyObject *d, const struct dict_table *t, Py_ssize_t i, size_t seen)
{
    return dict_table(d) == t && (i >= 0 ? !value_is_absent(t->entries[i].value)
                                         : i == DICT_MISSING && t->used_entries == seen);
}

/* Takes the lock with the place of the key known: an index, MISSING or ERROR (then without the
 * lock). *ran_python is set if a comparison ran Python code. Not for views. The probe, which may
 * wait for memory several times, is made before the lock is taken, and seldom repeated. */
static Py_ssize_t find_and_lock(PyObject *d, Value key, Py_hash_t hash, bool *ran_python)
{
    for (;;) {
        struct dict_table *t = dict_table(d);
        size_t seen = atomic_load_acquire(&t->used_entries);
        Py_ssize_t i = dict_table_find(t, key, hash);
        if (UNLIKELY(i == DICT_UNKNOWN)) {
            *ran_python = true;
            i = dict_table_find_slow(d, t, key, hash);
            if (i == DICT_ERROR) {
                return i;
            }
        }
        byte_lock(dict_byte_lock(d));
        if (LIKELY(is_current_locked(d, t, i, seen))) {
            return i;
        }
        i = dict_table_find(dict_table(d), key, hash);
        if (LIKELY(i != DICT_UNKNOWN)) {
            return i;
        }
        byte_unlock(dict_byte_lock(d));
    }
}

/* A table with room for one more entry with this key. */
static struct dict_table *ensure_room_locked(PyObject *d, Value key)
{
    struct dict_table *t = dict_table(d);
    enum dict_table_kind kind =
        t->kind == DICT_STRINGS && str_check_exact(key) ? DICT_STRINGS : DICT_GENERAL;
    if (LIKELY(t->used_entries < t->capacity && kind == t->kind)) {
        return t;
    }
    size_t used = (size_t)cast(d)->ma_used;
    unsigned log2 = t->log2_indices;
    if (t->used_entries >= t->capacity) {
        log2 = dict_log2_for(used * 3);
    }
    struct dict_table *bigger = dict_table_copy(t, log2, kind, true);
    if (bigger != NULL) {
        set_table_locked(d, bigger);
    }
    return bigger;
}

static int add_locked(PyObject *d, Value key, Py_hash_t hash, Value v)
{
    struct dict_table *t = ensure_room_locked(d, key);
    if (UNLIKELY(t == NULL)) {
        return -1;
    }
    dict_table_append(t, key, hash, v);
    atomic_store_relaxed(&cast(d)->ma_used, cast(d)->ma_used + 1);
    changed_locked(d);
    return 0;
}

/* Stores. If the key is there, *present gets its value, and the new one replaces it if `replace`.
 * Returns 0, or -1 with an exception. The key is normal. */
static int store(PyObject *d, Value key, Py_hash_t hash, Value v, bool replace, Value *present,
                 bool *ran_python)
{
    Py_ssize_t i = find_and_lock(d, key, hash, ran_python);
    int status = 0;
    if (i == DICT_ERROR) {
        return -1;
    }
    if (i >= 0) {
        struct dict_table *t = dict_table(d);
        *present = t->entries[i].value;
        if (replace) {
            heap_store_value(t, &t->entries[i].value, v);
            changed_locked(d);
        }
    } else {
        *present = VALUE_ABSENT;
        status = add_locked(d, key, hash, v);
    }
    byte_unlock(dict_byte_lock(d));
    return status;
}

int dict_set_hashed(PyObject *d, Value key, Value v, Py_hash_t hash)
{
    Value present;
    bool ran_python;
    if (UNLIKELY(dict_is_view(d))) {
        return dict_view_set(d, key, v, NULL);
    }
    return store(d, dict_key_normal(key), hash, v, true, &present, &ran_python);
}

int dict_set(PyObject *d, Value key, Value v)
{
    Py_hash_t hash = dict_key_ready(&key);
    return hash != -1 ? dict_set_hashed(d, key, v, hash) : -1;
}

int dict_set_private(PyObject *d, Value key, Value v)
{
    Py_hash_t hash = dict_key_ready(&key);
    Value normal = dict_key_normal(key);
    Py_ssize_t i = hash != -1 ? dict_table_find(dict_table(d), normal, hash) : DICT_ERROR;
    if (UNLIKELY(i != DICT_MISSING)) {
        return hash != -1 ? dict_set_hashed(d, key, v, hash) : -1;
    }
    return add_locked(d, normal, hash, v);
}

int dict_set_str(PyObject *d, PyObject *key, Value v)
{
    return dict_set_hashed(d, value_from_object(key), v, str_hash(key));
}

Value dict_setdefault(PyObject *d, Value key, Value v)
{
    Py_hash_t hash = dict_key_ready(&key);
    return hash == -1 ? VALUE_NULL : dict_setdefault_hashed(d, key, v, hash);
}

Value dict_setdefault_hashed(PyObject *d, Value key, Value v, Py_hash_t hash)
{
    Value present;
    bool ran_python;
    if (UNLIKELY(dict_is_view(d))) {
        return dict_view_set(d, key, v, &present) < 0 ? VALUE_NULL : present;
    }
    key = dict_key_normal(key);
    const struct dict_table *t = dict_table(d);
    Py_ssize_t i = dict_table_find(t, key, hash);
    if (i >= 0) {
        present = dict_entry_value(&t->entries[i]);
        if (LIKELY(!value_is_absent(present))) {
            return present;
        }
    }
    if (store(d, key, hash, v, false, &present, &ran_python) < 0) {
        return VALUE_NULL;
    }
    return value_is_absent(present) ? v : present;
}

static void delete_locked(PyObject *d, struct dict_table *t, size_t i)
{
    heap_barrier(t, &t->entries[i].key, t->entries[i].key.bits, 0);
    heap_store_value(t, &t->entries[i].value, VALUE_ABSENT);
    if (i == t->live_begin && i < UINT32_MAX) {
        atomic_store_relaxed(&t->live_begin, (uint32_t)i + 1);
    }
    if (i + 1 == t->live_end) {
        t->live_end = i;
    }
    atomic_store_relaxed(&cast(d)->ma_used, cast(d)->ma_used - 1);
    changed_locked(d);
}

/* `only`: not VALUE_ABSENT: unless this is the value, the entry stays and the result is ABSENT. */
static Value pop_hashed(PyObject *d, Value key, Py_hash_t hash, Value only)
{
    bool ran_python;
    Py_ssize_t i = find_and_lock(d, key, hash, &ran_python);
    Value v = VALUE_ABSENT;
    if (i == DICT_ERROR) {
        return VALUE_NULL;
    }
    struct dict_table *t = dict_table(d);
    if (i >= 0 && (value_is_absent(only) || value_same_bits(t->entries[i].value, only))) {
        v = t->entries[i].value;
        delete_locked(d, t, (size_t)i);
    }
    byte_unlock(dict_byte_lock(d));
    return v;
}

Value dict_pop(PyObject *d, Value key)
{
    Py_hash_t hash = key_hash(key);
    return hash == -1 ? VALUE_NULL : dict_pop_hashed(d, key, hash);
}

Value dict_pop_hashed(PyObject *d, Value key, Py_hash_t hash)
{
    if (UNLIKELY(dict_is_view(d))) {
        Value old;
        int deleted = dict_view_delete(d, key, &old);
        return deleted < 0 ? VALUE_NULL : deleted > 0 ? old : VALUE_ABSENT;
    }
    return pop_hashed(d, dict_key_normal(key), hash, VALUE_ABSENT);
}

int dict_delete_value(PyObject *d, Value key, Value value)
{
    Py_hash_t hash = key_hash(key);
    Value v = VALUE_NULL;
    if (hash != -1 && dict_is_view(d)) {
        v = dict_view_get(d, key);
        v = value_same_bits(v, value) ? dict_pop_hashed(d, key, hash) : v;
    } else if (hash != -1) {
        v = pop_hashed(d, dict_key_normal(key), hash, value);
    }
    return value_is_null(v) ? -1 : value_same_bits(v, value);
}

int dict_delete(PyObject *d, Value key)
{
    Value v = dict_pop(d, key);
    return value_is_null(v) ? -1 : !value_is_absent(v);
}

/* The last pair of a view; both stay ABSENT if there is none, or no view any more. */
static int view_pop_last(PyObject *d, Value pair[2])
{
    for (;;) {
        size_t position = 0;
        Value key = VALUE_ABSENT, k, v;
        struct dict_table *t = dict_table(d);
        while (t->kind == DICT_VIEW && dict_view_next(t, &position, &k, &v)) {
            key = k;
        }
        int deleted = value_is_absent(key) ? 0 : dict_view_delete(d, key, &pair[1]);
        if (deleted != 0 || value_is_absent(key)) {
            pair[0] = deleted > 0 ? key : VALUE_ABSENT;
            return deleted < 0 ? -1 : 0;
        }
    }
}

static void pop_last(PyObject *d, Value pair[2])
{
    byte_lock(dict_byte_lock(d));
    struct dict_table *t = dict_table(d);
    while (t->live_end > 0 && value_is_absent(t->entries[t->live_end - 1].value)) {
        t->live_end--;
    }
    if (t->live_end > 0) {
        pair[0] = t->entries[t->live_end - 1].key;
        pair[1] = t->entries[t->live_end - 1].value;
        delete_locked(d, t, t->live_end - 1);
    }
    byte_unlock(dict_byte_lock(d));
}

Value dict_popitem(PyObject *d)
{
    Value pair[2] = {VALUE_ABSENT, VALUE_ABSENT};
    if (dict_is_view(d) && view_pop_last(d, pair) < 0) {
        return VALUE_NULL;
    }
    if (value_is_absent(pair[0]) && !dict_is_view(d)) {
        pop_last(d, pair);
    }
    if (value_is_absent(pair[0])) {
        return error_raise(PyExc_KeyError, "popitem(): dictionary is empty");
    }
    return value_from_object(tuple_from_array(pair, 2));
}

Value dict_popfirst(PyObject *d)
{
    Value pair[2] = {VALUE_ABSENT, VALUE_ABSENT};
    byte_lock(dict_byte_lock(d));
    struct dict_table *t = dict_table(d);
    for (size_t i = t->live_begin; i < t->used_entries; i++) {
        if (!value_is_absent(t->entries[i].value)) {
            pair[0] = t->entries[i].key;
            pair[1] = t->entries[i].value;
            atomic_store_relaxed(&t->live_begin, i < UINT32_MAX ? (uint32_t)i : UINT32_MAX);
            delete_locked(d, t, i);
            break;
        }
    }
    byte_unlock(dict_byte_lock(d));
    return value_is_absent(pair[0]) ? VALUE_ABSENT : value_from_object(tuple_from_array(pair, 2));
}

/* Entry i goes to the end. The new entry is there before the old one is not, so that no reader
 * misses the key. */
static int move_last_locked(PyObject *d, size_t i)
{
    struct dict_table *t = dict_table(d);
    Value key = t->entries[i].key;
    if (i + 1 == t->live_end) {
        return 0;
    }
    struct dict_table *roomy = ensure_room_locked(d, key);
    if (roomy == NULL) {
        return -1;
    }
    if (roomy != t) {
        for (i = 0; !value_same_bits(roomy->entries[i].key, key); i++) {
        }
    }
    struct dict_entry *e = &roomy->entries[i];
    dict_table_append(roomy, key, e->hash, e->value);
    atomic_store_relaxed(&cast(d)->ma_used, cast(d)->ma_used + 1);
    delete_locked(d, roomy, i);
    return 0;
}

/* Entry i goes to the front: a new table. */
static int move_first_locked(PyObject *d, size_t i)
{
    struct dict_table *t = dict_table(d);
    struct dict_table *copy = dict_table_new(t->log2_indices, (enum dict_table_kind)t->kind);
    if (copy == NULL) {
        return -1;
    }
    dict_table_append(copy, t->entries[i].key, t->entries[i].hash, t->entries[i].value);
    for (size_t k = 0; k < t->used_entries; k++) {
        struct dict_entry *e = &t->entries[k];
        if (k != i && !value_is_absent(e->value)) {
            dict_table_append(copy, e->key, e->hash, e->value);
        }
    }
    set_table_locked(d, copy);
    changed_locked(d);
    return 0;
}

int dict_move_to_end(PyObject *d, Value key, bool last)
{
    bool ran_python;
    Py_hash_t hash = key_hash(key);
    Py_ssize_t i =
        hash != -1 ? find_and_lock(d, dict_key_normal(key), hash, &ran_python) : DICT_ERROR;
    if (i == DICT_ERROR) {
        return -1;
    }
    int status = 0;
    if (i >= 0) {
        status = last ? move_last_locked(d, (size_t)i) : move_first_locked(d, (size_t)i);
    }
    byte_unlock(dict_byte_lock(d));
    return status < 0 ? -1 : i >= 0;
}

void dict_clear(PyObject *d)
{
    if (UNLIKELY(dict_is_view(d))) {
        dict_view_clear(d);
        return;
    }
    byte_lock(dict_byte_lock(d));
    atomic_store_relaxed(&cast(d)->ma_used, 0);
    set_table_locked(d, &dict_empty_table);
    changed_locked(d);
    byte_unlock(dict_byte_lock(d));
}

/* ---- Whole dicts. */

/* A view's slots as a table. */
static struct dict_table *view_to_table(const struct dict_table *view)
{
    size_t position = 0, room = (size_t)dict_view_length(view);
    struct dict_table *t = dict_table_new(dict_log2_for_count(room + 1), DICT_STRINGS);
    Value key, v;
    while (t != NULL && dict_view_next(view, &position, &key, &v)) {
        if (t->used_entries == t->capacity) {
            t = dict_table_copy(t, t->log2_indices + 1u, DICT_STRINGS, true);
        }
        if (t != NULL) {
            dict_table_append(t, key, str_hash(value_object(key)), v);
        }
    }
    return t;
}

int dict_view_detach(PyObject *d)
{
    struct dict_table *t = view_to_table(dict_table(d));
    if (t == NULL) {
        return -1;
    }
    cast(d)->ma_used = (Py_ssize_t)t->used_entries;
    set_table_locked(d, t);
    return 0;
}

struct dict_table *dict_snapshot(PyObject *d)
{
    struct dict_table *t = dict_table(d);
    if (t->kind == DICT_VIEW) {
        struct dict_table *own = view_to_table(t);
        /* If the instance has left its slots meanwhile, they were empty. */
        if (own == NULL || dict_is_view(d)) {
            return own;
        }
    }
    byte_lock(dict_byte_lock(d));
    t = dict_table(d);
    struct dict_table *copy = &dict_empty_table;
    size_t used = (size_t)cast(d)->ma_used;
    if (used > 0) {
        unsigned log2 = dict_log2_for_count(used);
        copy = dict_table_copy(t, log2 < t->log2_indices ? log2 : t->log2_indices,
                               (enum dict_table_kind)t->kind, false);
    }
    byte_unlock(dict_byte_lock(d));
    return copy;
}

PyObject *dict_copy(PyObject *d)
{
    struct dict_table *t = dict_snapshot(d);
    return t != NULL ? dict_from_table(t, t->used_entries) : NULL;
}

/* Takes over a private table if the dict is empty. */
static bool adopt_table(PyObject *d, struct dict_table *t)
{
    byte_lock(dict_byte_lock(d));
    bool empty = cast(d)->ma_used == 0 && dict_table(d)->kind != DICT_VIEW;
    if (empty && t->used_entries > 0) {
        atomic_store_relaxed(&cast(d)->ma_used, (Py_ssize_t)t->used_entries);
        set_table_locked(d, t);
        changed_locked(d);
    }
    byte_unlock(dict_byte_lock(d));
    return empty;
}

static int duplicate_key(Value key)
{
    error_raise_value(PyExc_KeyError, key);
    return -1;
}

static int store_merged(PyObject *d, Value key, Py_hash_t hash, Value v, int override,
                        bool *ran_python)
{
    Value present = VALUE_ABSENT;
    if (UNLIKELY(dict_is_view(d))) {
        if (override != 1) {
            present = dict_view_get(d, key);
        }
        if (value_is_null(present)) {
            return -1;
        }
        if (value_is_absent(present)) {
            return dict_view_set(d, key, v, NULL);
        }
    } else if (store(d, dict_key_normal(key), hash, v, override == 1, &present, ran_python) < 0) {
        return -1;
    }
    return override == 2 && !value_is_absent(present) ? duplicate_key(key) : 0;
}

/* Under d's lock, so that a big update does not grow step by step. */
static void make_room_for(PyObject *d, size_t more)
{
    byte_lock(dict_byte_lock(d));
    struct dict_table *t = dict_table(d);
    if (t->kind != DICT_VIEW && t->used_entries + more > t->capacity) {
        unsigned log2 = dict_log2_for_count((size_t)cast(d)->ma_used + more);
        struct dict_table *bigger = dict_table_copy(t, log2, (enum dict_table_kind)t->kind, true);
        if (bigger != NULL) {
            set_table_locked(d, bigger);
        } else {
            error_clear();
        }
    }
    byte_unlock(dict_byte_lock(d));
}

static int merge_dict(PyObject *d, PyObject *other, int override)
{
    if (d == other || dict_length(other) == 0) {
        return 0;
    }
    struct dict_table *before = dict_table(other);
    struct dict_table *t = dict_snapshot(other);
    if (t == NULL) {
        return -1;
    }
    if (adopt_table(d, t)) {
        return 0;
    }
    if (t->used_entries > 8) {
        make_room_for(d, t->used_entries);
    }
    for (size_t i = 0; i < t->used_entries; i++) {
        struct dict_entry *e = &t->entries[i];
        bool ran_python = false;
        if (store_merged(d, e->key, e->hash, e->value, override, &ran_python) < 0) {
            return -1;
        }
        if (ran_python &&
            (dict_table(other) != before || dict_length(other) != (Py_ssize_t)t->used_entries)) {
            return error_raise_int(PyExc_RuntimeError, "dict mutated during update");
        }
    }
    return 0;
}

static int store_any(PyObject *d, Value key, Value v, int override)
{
    bool ran_python;
    Py_hash_t hash = key_hash(key);
    return hash != -1 ? store_merged(d, key, hash, v, override, &ran_python) : -1;
}

static int merge_mapping(PyObject *d, Value mapping, int override)
{
    Value keys = object_call_method0(mapping, names.keys);
    Value iterator = value_is_null(keys) ? VALUE_NULL : object_iter_owned(keys);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? -1 : 0;
        }
        if (override != 1) {
            int there = dict_contains(d, key);
            if (there < 0) {
                return -1;
            }
            if (there) {
                if (override == 2) {
                    return duplicate_key(key);
                }
                continue;
            }
        }
        Value v = object_getitem(mapping, key);
        if (value_is_null(v) || store_any(d, key, v, 1) < 0) {
            return -1;
        }
    }
}

int dict_merge(PyObject *d, Value mapping, int override)
{
    if (dict_check(mapping) && value_ops(mapping)->iter == dict_op_iter) {
        return merge_dict(d, value_object(mapping), override);
    }
    return merge_mapping(d, mapping, override);
}

static int merge_pair(PyObject *d, Value pair, Py_ssize_t number, int override)
{
    PyObject *fast = object_to_fast_sequence(pair, "");
    if (fast == NULL) {
        if (error_matches(PyExc_TypeError)) {
            error_clear();
            error_raise(PyExc_TypeError,
                        "cannot convert dictionary update sequence element #%zd to a sequence",
                        number);
        }
        return -1;
    }
    PyObject *t = tuple_check(value_from_object(fast)) ? fast : list_to_tuple(fast);
    if (t == NULL) {
        return -1;
    }
    if (tuple_length(t) != 2) {
        return error_raise_int(
            PyExc_ValueError,
            "dictionary update sequence element #%zd has length %zd; 2 is required", number,
            tuple_length(t));
    }
    return store_any(d, tuple_get(t, 0), tuple_get(t, 1), override);
}

int dict_merge_pairs(PyObject *d, Value pairs, int override)
{
    Value iterator = object_iter_owned(pairs);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (Py_ssize_t number = 0;; number++) {
        Value pair = object_next(iterator);
        if (!value_is_present(pair)) {
            return value_is_null(pair) ? -1 : 0;
        }
        if (merge_pair(d, pair, number, override) < 0) {
            return -1;
        }
    }
}

int dict_update(PyObject *d, Value argument)
{
    Value keys;
    if (dict_check_exact(argument)) {
        return dict_merge(d, argument, 1);
    }
    int found = object_find_attr(argument, names.keys, &keys);
    if (found < 0) {
        return -1;
    }
    return found ? dict_merge(d, argument, 1) : dict_merge_pairs(d, argument, 1);
}

/* ---- Iterating. */

bool dict_next(PyObject *d, size_t *position, Value *key, Value *value, Py_hash_t *hash)
{
    struct dict_table *t = dict_table(d);
    if (UNLIKELY(t->kind == DICT_VIEW)) {
        Value k, v;
        if (!dict_view_next(t, position, &k, &v)) {
            return false;
        }
        if (key != NULL) {
            *key = k;
        }
        if (value != NULL) {
            *value = v;
        }
        if (hash != NULL) {
            *hash = str_hash(value_object(k));
        }
        return true;
    }
    size_t i = *position, used = atomic_load_acquire(&t->used_entries);
    size_t begin = atomic_load_relaxed(&t->live_begin);
    for (i = i < begin ? begin : i; i < used; i++) {
        struct dict_entry *e = &t->entries[i];
        Value v = dict_entry_value(e);
        if (LIKELY(!value_is_absent(v))) {
            if (key != NULL) {
                *key = e->key;
            }
            if (value != NULL) {
                *value = v;
            }
            if (hash != NULL) {
                *hash = e->hash;
            }
            *position = i + 1;
            return true;
        }
    }
    *position = i;
    return false;
}

enum { WANT_KEYS = 1, WANT_VALUES = 2 };

static Value entry_part(const struct dict_entry *e, int parts)
{
    if (parts == WANT_KEYS) {
        return e->key;
    }
    if (parts == WANT_VALUES) {
        return e->value;
    }
    Value pair[2] = {e->key, e->value};
    return value_from_object(tuple_from_array(pair, 2));
}

static PyObject *snapshot_list(PyObject *d, int parts)
{
    struct dict_table *t = dict_snapshot(d);
    PyObject *list = t != NULL ? list_new((Py_ssize_t)t->used_entries) : NULL;
    for (size_t i = 0; list != NULL && i < t->used_entries; i++) {
        Value part = entry_part(&t->entries[i], parts);
        if (value_is_null(part) || list_append(list, part) < 0) {
            return NULL;
        }
    }
    return list;
}

PyObject *dict_keys(PyObject *d)
{
    return snapshot_list(d, WANT_KEYS);
}
PyObject *dict_values(PyObject *d)
{
    return snapshot_list(d, WANT_VALUES);
}
PyObject *dict_items(PyObject *d)
{
    return snapshot_list(d, WANT_KEYS | WANT_VALUES);
}
