/* SPDX-License-Identifier: MIT */
/* functools.lru_cache.
 *
 * The results hang in links that a dict maps keys to. Looking up takes no lock (dict reads never
 * do). With maxsize=None that is all a hit does, but for a counter; the counters are striped by
 * thread. With a bounded cache a hit moves its link to the young end of a ring, under the byte
 * lock; no Python code runs there. Two threads that miss at once both call the function, as with
 * CPython. */
#include "module/functools_int.h"

#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

struct lru_link {
    PyObject_HEAD struct lru_link *previous, *next; /* under the byte lock; NULL: not in the ring */
    Value key;                                      /* constant */
    Py_hash_t hash;                                 /* constant */
    Value result;                                   /* constant */
};

enum { STRIPES = 16 };

struct counters {
    uint64_t hits, misses; /* atomic */
    uint64_t padding[6];
};

struct lru_cache {
    PyObject_HEAD PyObject *function;
    PyObject *results; /* dict: key -> result (unbounded) or link; replaced by cache_clear */
    PyObject *info_type;
    PyObject *dict;
    PyObject *weaklist;
    struct lru_link *oldest; /* the ring, under the byte lock: oldest->previous is the youngest */
    struct counters *counters;
    Py_ssize_t maxsize; /* -1: unbounded; constant */
    Py_ssize_t used;    /* links in the ring; under the byte lock */
    bool typed;
    uint8_t lock;
};

static PyObject *keyword_mark; /* separates positional from keyword arguments in a key */

static struct lru_cache *cache_cast(Value v)
{
    return (struct lru_cache *)value_object(v);
}

static struct counters *my_counters(struct lru_cache *cache)
{
    uintptr_t id = (uintptr_t)thread_current();
    return &cache->counters[(id >> 6 ^ id >> 12) % STRIPES];
}

/* ---- Keys. */

static bool is_simple(Value v)
{
    return int_check_exact(v) || str_check_exact(v);
}

static Value make_key(struct lru_cache *cache, const Value *args, size_t nargs, PyObject *kwnames)
{
    size_t keywords = kwnames == NULL ? 0 : (size_t)tuple_length(kwnames);
    if (!cache->typed && keywords == 0 && nargs == 1 && is_simple(args[0])) {
        return args[0];
    }
    size_t count = nargs + (keywords > 0 ? 1 + 2 * keywords : 0);
    count += cache->typed ? nargs + keywords : 0;
    PyObject *key = tuple_new((Py_ssize_t)count);
    Py_ssize_t place = 0;
    if (key == NULL) {
        return VALUE_NULL;
    }
    for (size_t i = 0; i < nargs; i++) {
        tuple_init_item(key, place++, args[i]);
    }
    if (keywords > 0) {
        tuple_init_item(key, place++, value_from_object(keyword_mark));
    }
    for (size_t i = 0; i < keywords; i++) {
        tuple_init_item(key, place++, tuple_get(kwnames, (Py_ssize_t)i));
        tuple_init_item(key, place++, args[nargs + i]);
    }
    for (size_t i = 0; cache->typed && i < nargs + keywords; i++) {
        tuple_init_item(key, place++, value_from_object(value_type(args[i])));
    }
    return value_from_object(key);
}

/* ---- The ring, under the byte lock. */

static void ring_remove(struct lru_cache *cache, struct lru_link *link)
{
    if (link->next == link) {
        heap_store(cache, &cache->oldest, NULL);
    } else {
        heap_store(link->previous, &link->previous->next, link->next);
        heap_store(link->next, &link->next->previous, link->previous);
        if (cache->oldest == link) {
            heap_store(cache, &cache->oldest, link->next);
        }
    }
    heap_store(link, &link->next, NULL);
    heap_store(link, &link->previous, NULL);
    cache->used--;
}

static void ring_append(struct lru_cache *cache, struct lru_link *link)
{
    struct lru_link *oldest = cache->oldest;
    if (oldest == NULL) {
        heap_store(link, &link->next, link);
        heap_store(link, &link->previous, link);
        heap_store(cache, &cache->oldest, link);
    } else {
        struct lru_link *youngest = oldest->previous;
        heap_store(link, &link->previous, youngest);
        heap_store(link, &link->next, oldest);
        heap_store(youngest, &youngest->next, link);
        heap_store(oldest, &oldest->previous, link);
    }
    cache->used++;
}

static void ring_renew(struct lru_cache *cache, struct lru_link *link)
{
    byte_lock(&cache->lock);
    if (link->next != NULL && link != cache->oldest->previous) {
        ring_remove(cache, link);
        ring_append(cache, link);
    }
    byte_unlock(&cache->lock);
}

/* ---- Calling. */

static Value call_unbounded(struct lru_cache *cache, const Value *args, size_t nargs,
                            PyObject *kwnames)
{
    Value key = make_key(cache, args, nargs, kwnames);
    Py_hash_t hash = value_is_null(key) ? -1 : object_hash(key);
    if (hash == -1) {
        return VALUE_NULL;
    }
    Value result = dict_get_hashed(cache->results, key, hash);
    if (value_is_present(result)) {
        atomic_fetch_add_relaxed(&my_counters(cache)->hits, 1);
        return result;
    }
    if (value_is_null(result)) {
        return result;
    }
    atomic_fetch_add_relaxed(&my_counters(cache)->misses, 1);
    result = object_call(value_from_object(cache->function), args, nargs, kwnames);
    if (!value_is_null(result) && dict_set_hashed(cache->results, key, result, hash) < 0) {
        return VALUE_NULL;
    }
    return result;
}

static Value call_uncached(struct lru_cache *cache, const Value *args, size_t nargs,
                           PyObject *kwnames)
{
    atomic_fetch_add_relaxed(&my_counters(cache)->misses, 1);
    return object_call(value_from_object(cache->function), args, nargs, kwnames);
}

static struct lru_link *link_new(Value key, Py_hash_t hash, Value result)
{
    struct lru_link *link = (struct lru_link *)object_alloc(&lru_link_type, 0);
    if (link != NULL) {
        heap_init_value(link, &link->key, key);
        link->hash = hash;
        heap_init_value(link, &link->result, result);
    }
    return link;
}

/* Puts the link into the ring; what must leave for it is returned, or NULL. */
static struct lru_link *ring_insert(struct lru_cache *cache, struct lru_link *link)
{
    struct lru_link *evicted = NULL;
    byte_lock(&cache->lock);
    if (cache->used >= cache->maxsize) {
        evicted = cache->oldest;
        ring_remove(cache, evicted);
    }
    ring_append(cache, link);
    byte_unlock(&cache->lock);
    return evicted;
}

static Value store_bounded(struct lru_cache *cache, Value key, Py_hash_t hash, Value result)
{
    struct lru_link *link = link_new(key, hash, result);
    if (link == NULL) {
        return VALUE_NULL;
    }
    Value present = dict_setdefault_hashed(cache->results, key, value_from_object(link), hash);
    if (value_is_null(present) || !value_same_bits(present, value_from_object(link))) {
        return value_is_null(present) ? present : result; /* somebody else was faster */
    }
    struct lru_link *evicted = ring_insert(cache, link);
    if (evicted != NULL &&
        value_is_null(dict_pop_hashed(cache->results, evicted->key, evicted->hash))) {
        return VALUE_NULL;
    }
    return result;
}

static Value call_bounded(struct lru_cache *cache, const Value *args, size_t nargs,
                          PyObject *kwnames)
{
    Value key = make_key(cache, args, nargs, kwnames);
    Py_hash_t hash = value_is_null(key) ? -1 : object_hash(key);
    if (hash == -1) {
        return VALUE_NULL;
    }
    Value found = dict_get_hashed(cache->results, key, hash);
    if (value_is_null(found)) {
        return found;
    }
    if (!value_is_absent(found)) {
        struct lru_link *link = (struct lru_link *)value_object(found);
        ring_renew(cache, link);
        atomic_fetch_add_relaxed(&my_counters(cache)->hits, 1);
        return link->result;
    }
    atomic_fetch_add_relaxed(&my_counters(cache)->misses, 1);
    Value result = object_call(value_from_object(cache->function), args, nargs, kwnames);
    return value_is_null(result) ? result : store_bounded(cache, key, hash, result);
}

static Value cache_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct lru_cache *cache = cache_cast(self);
    if (kwnames != NULL && tuple_length(kwnames) == 0) {
        kwnames = NULL;
    }
    if (cache->maxsize < 0) {
        return call_unbounded(cache, args, nargs, kwnames);
    }
    return cache->maxsize == 0 ? call_uncached(cache, args, nargs, kwnames)
                               : call_bounded(cache, args, nargs, kwnames);
}

/* ---- Making. */

static int read_maxsize(Value v, Py_ssize_t *out)
{
    if (value_is_none(v)) {
        *out = -1;
        return 0;
    }
    if (value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "maxsize should be integer or None");
    }
    if (arg_index(v, out) < 0) {
        return -1;
    }
    *out = *out < 0 ? 0 : *out;
    return 0;
}

static Value cache_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value out[4];
    Py_ssize_t maxsize;
    bool typed;
    if (native_bind("lru_cache", "(user_function, maxsize, typed, cache_info_type)", &signature,
                    args, nargs, kwnames, out) < 0) {
        return VALUE_NULL;
    }
    if (!object_is_callable(out[0])) {
        return error_raise(PyExc_TypeError, "the first argument must be callable");
    }
    if (read_maxsize(out[1], &maxsize) < 0 || arg_bool(out[2], &typed) < 0) {
        return VALUE_NULL;
    }
    struct lru_cache *cache = (struct lru_cache *)object_alloc(type, 0);
    PyObject *results = dict_new();
    struct counters *counters = heap_alloc(STRIPES * sizeof *counters, CELL_RAW);
    if (keyword_mark == NULL) {
        keyword_mark = object_alloc(&PyBaseObject_Type, 0);
    }
    if (cache == NULL || results == NULL || counters == NULL || keyword_mark == NULL) {
        return error_occurred() ? VALUE_NULL : error_no_memory();
    }
    heap_init(cache, &cache->function, value_box(out[0]));
    heap_init(cache, &cache->results, results);
    heap_init(cache, &cache->info_type, value_box(out[3]));
    heap_init(cache, &cache->counters, counters);
    cache->maxsize = maxsize;
    cache->typed = typed;
    return value_from_object(cache);
}

/* ---- Methods. */

static Value cache_info(Value self)
{
    struct lru_cache *cache = cache_cast(self);
    uint64_t hits = 0, misses = 0;
    for (int i = 0; i < STRIPES; i++) {
        hits += atomic_load_relaxed(&cache->counters[i].hits);
        misses += atomic_load_relaxed(&cache->counters[i].misses);
    }
    Value args[4] = {int_from_u64(hits), int_from_u64(misses),
                     cache->maxsize < 0 ? VALUE_NONE : int_from_ssize(cache->maxsize),
                     int_from_ssize(dict_length(cache->results))};
    return object_call(value_from_object(cache->info_type), args, 4, NULL);
}

static Value cache_clear(Value self)
{
    struct lru_cache *cache = cache_cast(self);
    PyObject *fresh = dict_new();
    if (fresh == NULL) {
        return VALUE_NULL;
    }
    byte_lock(&cache->lock);
    while (cache->oldest != NULL) {
        ring_remove(cache, cache->oldest);
    }
    heap_store(cache, &cache->results, fresh);
    byte_unlock(&cache->lock);
    for (int i = 0; i < STRIPES; i++) {
        atomic_store_relaxed(&cache->counters[i].hits, 0);
        atomic_store_relaxed(&cache->counters[i].misses, 0);
    }
    return VALUE_NONE;
}

static Value cache_self(Value self)
{
    return self;
}
static Value cache_deepcopy(Value self, Value memo)
{
    return self;
}
static Value cache_reduce(Value self)
{
    return object_getattr(self, names.__qualname__);
}

static Value cache_get(Value self, Value object, PyTypeObject *owner)
{
    return value_is_absent(object) || value_is_none(object)
               ? self
               : value_from_object(method_new(self, object));
}

static const struct native_def cache_methods[] = {
    {"cache_info", "($self, /)", "Report cache statistics", .f0 = cache_info},
    {"cache_clear", "($self, /)", "Clear the cache and cache statistics", .f0 = cache_clear},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = cache_reduce},
    {"__copy__", "($self, /)", "A copy of the object.", .f0 = cache_self},
    {"__deepcopy__", "($self, memo, /)", "A copy of the object.", .f1 = cache_deepcopy},
    {NULL},
};

static void cache_trace(PyObject *self, struct tracer *tracer)
{
    struct lru_cache *cache = (struct lru_cache *)self;
    trace_pointer(tracer, cache->function);
    trace_pointer(tracer, cache->results);
    trace_pointer(tracer, cache->info_type);
    trace_pointer(tracer, cache->dict);
    trace_pointer(tracer, cache->oldest);
    trace_pointer(tracer, cache->counters);
}

static struct type_info cache_type_info = {
    .ops = {.call = cache_call, .new_ = cache_new, .descr_get = cache_get},
    .trace = cache_trace,
    .methods = cache_methods,
    .getsets = instance_dict_getset,
};

PyTypeObject lru_cache_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "functools._lru_cache_wrapper",
    .tp_doc = "A function that remembers results.",
    .tp_basicsize = sizeof(struct lru_cache),
    .tp_dictoffset = offsetof(struct lru_cache, dict),
    .tp_weaklistoffset = offsetof(struct lru_cache, weaklist),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_cache = (PyObject *)&cache_type_info,
};

static void link_trace(PyObject *self, struct tracer *tracer)
{
    struct lru_link *link = (struct lru_link *)self;
    trace_pointer(tracer, link->previous);
    trace_pointer(tracer, link->next);
    trace_value(tracer, link->key);
    trace_value(tracer, link->result);
}

static struct type_info link_info = {.trace = link_trace, .flags = TYPE_NO_NEW};

PyTypeObject lru_link_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "functools._lru_list_elem",
    .tp_basicsize = sizeof(struct lru_link),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&link_info,
};
