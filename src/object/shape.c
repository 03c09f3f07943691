/* SPDX-License-Identifier: MIT */
/* Shapes and the instances that have them. shape.h explains the protocol.
 *
 *  - A shape map holds the names of the slots in order, and from 8 on a hash index. It is shared by
 *    the shapes of one line of descent, which only append to it (under the SHAPE mutex); a reader
 *    ignores rows at or beyond its shape's count. Where a line forks, the map is copied.
 *  - Deleting an attribute leads to a shape whose map has NULL in that row. If the same attribute
 *    comes back while no younger one is live, the instance returns to the parent shape, so that
 *    deleting and setting again makes no new shapes; else the name gets a fresh slot at the end,
 *    because order is insertion order.
 *  - A class learns its inline capacity: when an instance needed overflow segments, the next new
 *    instance gets a root with room for what was needed. Old instances stay as they are. */
#include "object/shape.h"

#include "object/dict.h"
#include "object/list.h"
#include "object/object.h"
#include "object/type_int.h"

enum {
    INITIAL_CAPACITY = 4,
    MAXIMAL_CAPACITY = 30,
    MAXIMAL_SLOTS = 254,
    MAXIMAL_DELETIONS = 16,
    MAXIMAL_CHILDREN = 64,
    LINEAR_ROWS = 8
};

struct shape_map {
    const struct cell_type *cell;
    uint32_t capacity;   /* constant */
    uint32_t used;       /* under the SHAPE mutex */
    uint32_t index_mask; /* constant; 0: no index */
    uint32_t unused;
    PyObject *names[]; /* capacity of them, then index_mask + 1 bytes: row + 1, or 0 */
};

struct transition {
    PyObject *name; /* NULL: adds a dead row */
    struct shape *shape;
    bool deletes;
};

struct transition_table {
    const struct cell_type *cell;
    size_t count, capacity; /* count: grows under the SHAPE mutex, read free */
    struct transition rows[];
};

static struct mutex shape_mutex = MUTEX_INIT(SHAPE);

static void map_trace(void *cell, struct tracer *tracer)
{
    struct shape_map *map = cell;
    trace_words(tracer, (Value *)(void *)map->names, map->used);
}
static const struct cell_type map_cell = {"shape map", map_trace, true};

static void table_trace(void *cell, struct tracer *tracer)
{
    struct transition_table *table = cell;
    for (size_t i = 0; i < table->count; i++) {
        trace_pointer(tracer, table->rows[i].name);
        trace_pointer(tracer, table->rows[i].shape);
    }
}
static const struct cell_type table_cell = {"shape transitions", table_trace, true};

static void shape_trace(void *cell, struct tracer *tracer)
{
    struct shape *shape = cell;
    trace_pointer(tracer, shape->type);
    trace_pointer(tracer, shape->map);
    trace_pointer(tracer, shape->parent);
    trace_pointer(tracer, shape->removed);
    trace_pointer(tracer, shape->next_root);
    trace_pointer(tracer, shape->transitions);
}
/* An instance goes from one shape to another that the first one's transitions lead to, and no shape
 * loses any: so all that it comes to are kept by the first, of which a card told if it had to. */
static const struct cell_type shape_cell = {
    .name = "shape", .trace = shape_trace, .shared = true, .kept_by_origin = true};

static struct shape_map empty_map = {.cell = &map_cell};
struct shape shape_dict_mode = {.cell = &shape_cell, .map = &empty_map};

/* ---- Maps. */

static uint8_t *map_index(struct shape_map *map)
{
    return (uint8_t *)&map->names[map->capacity];
}

static uint32_t name_hash(PyObject *name)
{
    uint64_t bits = (uint64_t)(uintptr_t)name >> 4;
    return (uint32_t)(bits ^ (bits >> 15));
}

static struct shape_map *map_new(uint32_t capacity)
{
    uint32_t index_size = 0;
    if (capacity > LINEAR_ROWS) {
        for (index_size = 32; index_size < capacity * 2; index_size *= 2) {
        }
    }
    size_t bytes = sizeof(struct shape_map) + capacity * sizeof(PyObject *) + index_size;
    struct shape_map *map = heap_alloc(bytes, CELL_INTERNAL);
    if (map != NULL) {
        map->cell = &map_cell;
        map->capacity = capacity;
        map->index_mask = index_size == 0 ? 0 : index_size - 1;
    }
    return map;
}

/* Under the SHAPE mutex (or the map is not shared yet). */
static void map_append(struct shape_map *map, PyObject *name)
{
    uint32_t row = map->used;
    heap_store(map, &map->names[row], name);
    if (map->index_mask != 0 && name != NULL) {
        uint8_t *index = map_index(map);
        uint32_t i = name_hash(name) & map->index_mask;
        while (index[i] != 0) {
            i = (i + 1) & map->index_mask;
        }
        atomic_store_release(&index[i], (uint8_t)(row + 1));
    }
    atomic_store_release(&map->used, row + 1);
}

/* A copy of the first count rows; row `dead` becomes NULL. */
static struct shape_map *map_copy(struct shape_map *old, uint32_t count, uint32_t dead)
{
    uint32_t capacity = count < 4 ? 4 : count < 8 ? 8 : count * 2;
    struct shape_map *map = map_new(capacity > MAXIMAL_SLOTS ? MAXIMAL_SLOTS : capacity);
    for (uint32_t i = 0; map != NULL && i < count; i++) {
        map_append(map, i == dead ? NULL : old->names[i]);
    }
    return map;
}

Py_ssize_t shape_find(const struct shape *shape, PyObject *name)
{
    struct shape_map *map = shape->map;
    uint32_t count = shape->count;
    if (map->index_mask == 0) {
        for (uint32_t i = 0; i < count; i++) {
            if (atomic_load_relaxed(&map->names[i]) == name) {
                return i;
            }
        }
        return -1;
    }
    const uint8_t *index = map_index(map);
    for (uint32_t i = name_hash(name) & map->index_mask;; i = (i + 1) & map->index_mask) {
        uint32_t row = atomic_load_acquire(&index[i]);
        if (row == 0) {
            return -1;
        }
        if (atomic_load_relaxed(&map->names[row - 1]) == name) {
            return row - 1 < count ? (Py_ssize_t)row - 1 : -1;
        }
    }
}

/* ---- Shapes and transitions, under the SHAPE mutex. */

static struct shape *shape_new(PyTypeObject *type, struct shape *parent, uint32_t inline_capacity)
{
    struct shape *shape = heap_alloc(sizeof *shape, CELL_INTERNAL);
    if (shape != NULL) {
        shape->cell = &shape_cell;
        heap_init(shape, &shape->type, type);
        heap_init(shape, &shape->parent, parent);
        shape->inline_capacity = inline_capacity;
    }
    return shape;
}

static struct shape *find_transition(const struct shape *shape, PyObject *name, bool deletes)
{
    const struct transition_table *table = atomic_load_acquire(&shape->transitions);
    size_t count = table == NULL ? 0 : atomic_load_acquire(&table->count);
    for (size_t i = 0; i < count; i++) {
        if (table->rows[i].name == name && table->rows[i].deletes == deletes) {
            return table->rows[i].shape;
        }
    }
    return NULL;
}

static bool add_transition(struct shape *shape, PyObject *name, bool deletes, struct shape *child)
{
    struct transition_table *table = shape->transitions;
    size_t count = table == NULL ? 0 : table->count;
    if (table == NULL || count == table->capacity) {
        size_t capacity = count == 0 ? 1 : count * 2;
        struct transition_table *grown =
            heap_alloc(sizeof *grown + capacity * sizeof(struct transition), CELL_INTERNAL);
        if (grown == NULL) {
            return false;
        }
        grown->cell = &table_cell;
        grown->capacity = capacity;
        for (size_t i = 0; i < count; i++) {
            heap_init(grown, &grown->rows[i].name, table->rows[i].name);
            heap_init(grown, &grown->rows[i].shape, table->rows[i].shape);
            grown->rows[i].deletes = table->rows[i].deletes;
        }
        grown->count = count;
        heap_store(shape, &shape->transitions, grown);
        table = grown;
    }
    heap_store(table, &table->rows[count].name, name);
    heap_store(table, &table->rows[count].shape, child);
    table->rows[count].deletes = deletes;
    atomic_store_release(&table->count, count + 1);
    return true;
}

static size_t child_count(const struct shape *shape)
{
    const struct transition_table *table = shape->transitions;
    return table == NULL ? 0 : table->count;
}

/* name NULL: a dead row. NULL: no memory, or the class has too many shapes. */
static struct shape *make_add_child(struct shape *shape, PyObject *name)
{
    if (shape->count >= MAXIMAL_SLOTS || child_count(shape) >= MAXIMAL_CHILDREN) {
        return NULL;
    }
    struct shape *child = shape_new(shape->type, shape, shape->inline_capacity);
    struct shape_map *map = shape->map;
    if (child == NULL) {
        return NULL;
    }
    if (map->used != shape->count || map->used == map->capacity) {
        map = map_copy(map, shape->count, UINT32_MAX);
        if (map == NULL) {
            return NULL;
        }
    }
    heap_init(child, &child->map, map);
    map_append(map, name);
    child->count = shape->count + 1;
    child->live = shape->live + (name != NULL);
    child->deletions = shape->deletions;
    return add_transition(shape, name, false, child) ? child : NULL;
}

static struct shape *make_delete_child(struct shape *shape, PyObject *name, uint32_t slot)
{
    struct shape *child = shape_new(shape->type, shape, shape->inline_capacity);
    struct shape_map *map = map_copy(shape->map, shape->count, slot);
    if (child == NULL || map == NULL) {
        return NULL;
    }
    heap_init(child, &child->map, map);
    heap_init(child, &child->removed, name);
    child->removed_slot = slot;
    child->count = shape->count;
    child->live = shape->live - 1;
    child->deletions = shape->deletions + 1;
    return add_transition(shape, name, true, child) ? child : NULL;
}

static struct shape *transition_to(struct shape *shape, PyObject *name, bool deletes, uint32_t slot)
{
    struct shape *child = find_transition(shape, name, deletes);
    if (child != NULL) {
        return child;
    }
    mutex_lock(&shape_mutex);
    child = find_transition(shape, name, deletes);
    if (child == NULL) {
        child = deletes ? make_delete_child(shape, name, slot) : make_add_child(shape, name);
    }
    mutex_unlock(&shape_mutex);
    return child;
}

/* Does the deleted attribute come back where it was, with nothing younger after it? */
static bool returns_to_parent(const struct shape *shape, PyObject *name)
{
    if (shape->removed != name) {
        return false;
    }
    for (uint32_t i = shape->removed_slot + 1; i < shape->count; i++) {
        if (shape->map->names[i] != NULL) {
            return false;
        }
    }
    return true;
}

static struct shape *root_new(PyTypeObject *type, uint32_t capacity)
{
    struct shape *root = shape_new(type, NULL, capacity);
    struct shape_map *map = map_new(capacity <= 4 ? 4 : capacity);
    if (root == NULL || map == NULL) {
        return NULL;
    }
    heap_init(root, &root->map, map);
    return root;
}

/* A root of the class with just this capacity, for instances that change their class. */
static struct shape *root_with_capacity(PyTypeObject *type, uint32_t capacity)
{
    struct type_info *info = type_info(type);
    struct shape *root = atomic_load_acquire(&info->root_shape);
    if (root != NULL && root != &shape_dict_mode && root->inline_capacity == capacity) {
        return root;
    }
    mutex_lock(&shape_mutex);
    for (root = info->other_roots; root != NULL; root = root->next_root) {
        if (root->inline_capacity == capacity) {
            break;
        }
    }
    if (root == NULL && (root = root_new(type, capacity)) != NULL) {
        heap_init(root, &root->next_root, info->other_roots);
        heap_store(info, &info->other_roots, root);
    }
    mutex_unlock(&shape_mutex);
    return root;
}

static uint32_t learned_capacity(const PyTypeObject *type)
{
    uint32_t capacity = atomic_load_relaxed(&type_info(type)->inline_capacity);
    if (capacity == 0) {
        const PyTypeObject *base = type;
        while ((base = atomic_load_acquire(&base->tp_base)) != NULL) {
            uint32_t inherited = atomic_load_relaxed(&type_info(base)->inline_capacity);
            capacity = inherited > capacity ? inherited : capacity;
        }
    }
    return capacity < INITIAL_CAPACITY ? INITIAL_CAPACITY : capacity;
}

static NO_INLINE struct shape *replace_root(PyTypeObject *type)
{
    struct type_info *info = type_info(type);
    mutex_lock(&shape_mutex);
    uint32_t capacity = learned_capacity(type);
    struct shape *old = info->root_shape;
    if (old == NULL || old->inline_capacity < capacity) {
        struct shape *root = root_new(type, capacity);
        if (root != NULL) {
            if (old != NULL) {
                heap_store(old, &old->next_root, info->other_roots);
                heap_store(info, &info->other_roots, old);
            }
            atomic_store_relaxed(&info->inline_capacity, capacity);
            heap_store(info, &info->root_shape, root);
        }
    }
    struct shape *root = info->root_shape;
    mutex_unlock(&shape_mutex);
    return root != NULL ? root : &shape_dict_mode;
}

struct shape *shape_for_new(PyTypeObject *type)
{
    const struct type_info *info = type_info(type);
    struct shape *root = atomic_load_acquire(&info->root_shape);
    if (LIKELY(root != NULL &&
               root->inline_capacity >= atomic_load_relaxed(&info->inline_capacity))) {
        return root;
    }
    return root == &shape_dict_mode ? root : replace_root(type);
}

/* ---- Slots. */

Value *instance_slot(struct instance_part *p, const struct shape *shape, uint32_t slot)
{
    if (LIKELY(slot < shape->inline_capacity)) {
        return &p->slots[slot];
    }
    uint32_t i = slot - shape->inline_capacity;
    struct slot_segment *segment = atomic_load_acquire(&p->overflow);
    while (segment != NULL && i >= segment->count) {
        i -= segment->count;
        segment = atomic_load_acquire(&segment->next);
    }
    return segment == NULL ? NULL : &segment->slots[i];
}

/* Under the byte lock: makes room for the slot. */
static Value *ensure_slot(PyObject *o, struct instance_part *p, const struct shape *shape,
                          uint32_t slot)
{
    Value *place = instance_slot(p, shape, slot);
    if (LIKELY(place != NULL)) {
        return place;
    }
    struct slot_segment **link = &p->overflow;
    void *container = o;
    while (*link != NULL) {
        container = *link;
        link = &(*link)->next;
    }
    uint32_t count = slot < 8 ? 4 : slot < 32 ? 8 : 32;
    struct slot_segment *segment = heap_alloc(sizeof *segment + count * sizeof(Value), CELL_WORDS);
    if (segment == NULL) {
        return NULL;
    }
    segment->count = count;
    heap_store(container, link, segment);
    return instance_slot(p, shape, slot);
}

/* Under the byte lock, whose bits stay as they are. */
static void store_shape(PyObject *o, struct instance_part *p, struct shape *shape)
{
    heap_barrier(o, &p->shape_word, 0, (uint64_t)(uintptr_t)shape);
    uint64_t old = atomic_load_relaxed(&p->shape_word);
    while (!__atomic_compare_exchange_n(
        &p->shape_word, &old, (old & ~UINT64_C(0x0000FFFFFFFFFFFF)) | (uint64_t)(uintptr_t)shape, 0,
        __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
    }
}

static struct instance_part *part_of(PyObject *o)
{
    return instance_part(o, type_info(o->ob_type));
}

Value instance_get(PyObject *o, PyObject *name)
{
    struct instance_part *p = part_of(o);
    const struct shape *shape = instance_shape(p);
    if (UNLIKELY(shape == &shape_dict_mode)) {
        PyObject *dict = atomic_load_acquire(&p->dict);
        return dict == NULL ? VALUE_ABSENT : dict_get_str(dict, name);
    }
    Py_ssize_t slot = shape_find(shape, name);
    if (slot < 0) {
        return VALUE_ABSENT;
    }
    Value *place = instance_slot(p, shape, (uint32_t)slot);
    if (place == NULL) {
        return VALUE_ABSENT;
    }
    Value v = value_load_acquire(place);
    return value_is_present(v) ? v : VALUE_ABSENT;
}

static void learn(PyObject *o, uint32_t count)
{
    struct type_info *info = type_info(o->ob_type);
    if (count > MAXIMAL_CAPACITY) {
        count = MAXIMAL_CAPACITY;
    }
    if (atomic_load_relaxed(&info->inline_capacity) < count) {
        atomic_store_relaxed(&info->inline_capacity, count);
    }
}

enum outcome { DONE, AGAIN, TO_DICT, NO_MEMORY };

static enum outcome add_slot(PyObject *o, struct instance_part *p, struct shape *shape,
                             PyObject *name, Value v)
{
    struct shape *next = shape->removed != NULL && returns_to_parent(shape, name)
                             ? shape->parent
                             : transition_to(shape, name, false, 0);
    if (next == NULL) {
        return TO_DICT;
    }
    Py_ssize_t slot = shape_find(next, name);
    Value *place = ensure_slot(o, p, next, (uint32_t)slot);
    if (place == NULL) {
        return NO_MEMORY;
    }
    heap_store_value(o, place, v);
    store_shape(o, p, next);
    if ((uint32_t)slot >= next->inline_capacity) {
        learn(o, next->count);
    }
    return DONE;
}

static enum outcome set_locked(PyObject *o, struct instance_part *p, PyObject *name, Value v,
                               Value *present)
{
    struct shape *shape = instance_shape(p);
    if (shape == &shape_dict_mode) {
        return AGAIN;
    }
    Py_ssize_t slot = shape_find(shape, name);
    if (slot < 0) {
        return add_slot(o, p, shape, name, v);
    }
    Value *place = instance_slot(p, shape, (uint32_t)slot);
    if (present != NULL) {
        *present = value_load_acquire(place);
    } else {
        heap_store_value(o, place, v);
    }
    return DONE;
}

int instance_set_slot(PyObject *o, PyObject *name, Value v, Value *present)
{
    struct instance_part *p = part_of(o);
    for (;;) {
        struct shape *shape = instance_shape(p);
        if (shape == &shape_dict_mode) {
            return INSTANCE_HAS_DICT;
        }
        Py_ssize_t slot = present == NULL ? shape_find(shape, name) : -1;
        if (slot >= 0) {
            heap_store_value(o, instance_slot(p, shape, (uint32_t)slot), v);
            return 0;
        }
        if (present != NULL) {
            *present = v;
        }
        uint8_t *lock = instance_byte_lock(p);
        byte_lock(lock);
        enum outcome outcome = set_locked(o, p, name, v, present);
        byte_unlock(lock);
        switch (outcome) {
        case DONE: return 0;
        case AGAIN: break;
        case TO_DICT:
            if (instance_use_dict(o) < 0) {
                return -1;
            }
            break;
        case NO_MEMORY: error_no_memory(); return -1;
        }
    }
}

int instance_set(PyObject *o, PyObject *name, Value v)
{
    int status = instance_set_slot(o, name, v, NULL);
    if (status != INSTANCE_HAS_DICT) {
        return status;
    }
    PyObject *dict = instance_dict(o);
    return dict == NULL ? -1 : dict_set_str(dict, name, v);
}

static int delete_locked(PyObject *o, struct instance_part *p, PyObject *name, Value *old,
                         bool *too_many)
{
    struct shape *shape = instance_shape(p);
    if (shape == &shape_dict_mode) {
        return INSTANCE_HAS_DICT;
    }
    Py_ssize_t slot = shape_find(shape, name);
    if (slot < 0) {
        return 0;
    }
    Value *place = instance_slot(p, shape, (uint32_t)slot);
    struct shape *next = transition_to(shape, name, true, (uint32_t)slot);
    if (next == NULL) {
        return -1;
    }
    *too_many = next->deletions > MAXIMAL_DELETIONS;
    store_shape(o, p, next);
    /* Others may overwrite until now, without the lock. */
    heap_barrier(o, place, atomic_load_relaxed(&place->bits), VALUE_ABSENT.bits);
    old->bits = atomic_exchange_acq_rel(&place->bits, VALUE_ABSENT.bits);
    return value_is_present(*old);
}

int instance_delete_slot(PyObject *o, PyObject *name, Value *old)
{
    struct instance_part *p = part_of(o);
    bool too_many = false;
    byte_lock(instance_byte_lock(p));
    int deleted = delete_locked(o, p, name, old, &too_many);
    byte_unlock(instance_byte_lock(p));
    if (deleted < 0) {
        error_no_memory();
        return -1;
    }
    return too_many && instance_use_dict(o) < 0 ? -1 : deleted;
}

int instance_delete(PyObject *o, PyObject *name)
{
    struct instance_part *p = part_of(o);
    Value old;
    int deleted = INSTANCE_HAS_DICT;
    if (instance_shape(p) != &shape_dict_mode) {
        deleted = instance_delete_slot(o, name, &old);
    }
    if (deleted != INSTANCE_HAS_DICT) {
        return deleted;
    }
    PyObject *dict = atomic_load_acquire(&p->dict);
    return dict == NULL ? 0 : dict_delete(dict, value_from_object(name));
}

bool instance_next(PyObject *o, size_t *position, PyObject **name, Value *v)
{
    struct instance_part *p = part_of(o);
    const struct shape *shape = instance_shape(p);
    while (*position < shape->count) {
        uint32_t slot = (uint32_t)(*position)++;
        PyObject *found = atomic_load_acquire(&shape->map->names[slot]);
        Value *place = instance_slot(p, shape, slot);
        if (found == NULL || place == NULL) {
            continue;
        }
        Value value = value_load_acquire(place);
        if (value_is_present(value)) {
            *name = found;
            *v = value;
            return true;
        }
    }
    return false;
}

/* ---- The dict of an instance. */

PyObject *instance_dict(PyObject *o)
{
    struct instance_part *p = part_of(o);
    for (;;) {
        PyObject *dict = atomic_load_acquire(&p->dict);
        if (dict != NULL) {
            return dict;
        }
        struct shape *shape = instance_shape(p);
        bool plain = shape == &shape_dict_mode;
        PyObject *fresh = plain ? dict_new() : dict_new_view(o);
        if (fresh == NULL) {
            return NULL;
        }
        /* No safepoint from here: the mode cannot change between the check and the store. */
        if ((instance_shape(p) == &shape_dict_mode) != plain) {
            continue;
        }
        PyObject *expected = NULL;
        heap_barrier(o, &p->dict, 0, (uint64_t)(uintptr_t)fresh);
        if (atomic_cas_acq_rel(&p->dict, expected, fresh)) {
            return fresh;
        }
    }
}

/* The world is stopped; under the byte lock. */
static void forget_slots(PyObject *o, struct instance_part *p, struct shape *shape)
{
    store_shape(o, p, &shape_dict_mode);
    heap_set_all(o, p->slots, shape->inline_capacity, VALUE_NULL);
    heap_store(o, &p->overflow, NULL);
}

int instance_use_dict(PyObject *o)
{
    PyObject *dict = instance_dict(o);
    if (dict == NULL) {
        return -1;
    }
    struct instance_part *p = part_of(o);
    int result = 0;
    /* The world is stopped for those who store into slots without a lock. But a thread may be found
     * asleep in the middle of an addition or a deletion, because it waits for shape_mutex: it has
     * the byte lock. */
    byte_lock(instance_byte_lock(p));
    world_stop();
    struct shape *shape = instance_shape(p);
    if (shape != &shape_dict_mode) {
        result = dict_view_detach(dict);
        if (result == 0) {
            forget_slots(o, p, shape);
        }
    }
    world_resume();
    byte_unlock(instance_byte_lock(p));
    return result;
}

/* A new instance that has no attribute yet takes the dict without further ado. */
static bool set_first_dict(PyObject *o, struct instance_part *p, PyObject *dict)
{
    bool done = false;
    byte_lock(instance_byte_lock(p));
    struct shape *shape = instance_shape(p);
    if (shape->count == 0 && p->dict == NULL && shape != &shape_dict_mode) {
        PyObject *expected = NULL;
        heap_barrier(o, &p->dict, 0, (uint64_t)(uintptr_t)dict);
        if (atomic_cas_acq_rel(&p->dict, expected, dict)) {
            store_shape(o, p, &shape_dict_mode);
            done = true;
        }
    }
    byte_unlock(instance_byte_lock(p));
    return done;
}

int instance_set_dict(PyObject *o, PyObject *dict)
{
    struct instance_part *p = part_of(o);
    if (set_first_dict(o, p, dict)) {
        return 0;
    }
    if (instance_shape(p) != &shape_dict_mode && instance_use_dict(o) < 0) {
        return -1;
    }
    heap_store(o, &p->dict, dict);
    return 0;
}

/* The shape of the other class with the same names in the same slots. */
static struct shape *translate(struct shape *shape, PyTypeObject *type)
{
    struct shape *result = root_with_capacity(type, shape->inline_capacity);
    for (uint32_t i = 0; result != NULL && i < shape->count; i++) {
        result = transition_to(result, shape->map->names[i], false, 0);
    }
    return result;
}

int instance_set_class(PyObject *o, PyTypeObject *type)
{
    struct instance_part *p = part_of(o);
    byte_lock(instance_byte_lock(p));
    struct shape *shape = instance_shape(p);
    struct shape *target = shape == &shape_dict_mode ? shape : translate(shape, type);
    if (target != NULL) {
        heap_store(o, &o->ob_type, type);
        store_shape(o, p, target);
    }
    byte_unlock(instance_byte_lock(p));
    if (target == NULL) {
        if (instance_use_dict(o) < 0) {
            return -1;
        }
        heap_store(o, &o->ob_type, type);
    }
    return 0;
}

void instance_trace(PyObject *o, const struct type_info *info, struct tracer *tracer)
{
    struct instance_part *p = instance_part(o, info);
    struct shape *shape = instance_shape(p);
    trace_pointer(tracer, shape);
    trace_pointer(tracer, p->dict);
    trace_pointer(tracer, p->overflow);
    if (shape != NULL && shape != &shape_dict_mode) {
        trace_words(tracer, p->slots, shape->inline_capacity);
    }
}
