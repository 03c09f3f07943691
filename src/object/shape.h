/* SPDX-License-Identifier: MIT */
/* Shapes: how instances of classes written in Python lay out their attributes.
 *
 * An instance whose type has shape_offset != 0 contains, at that offset, a struct instance_part.
 *  - `shape` is the shape pointer; its top byte is the instance's byte lock, so a word compare with
 *    a cached shape fails while a writer is at work, and the slow path masks it.
 *  - A shape belongs to one class and one inline capacity and maps names to slot numbers, in
 *    insertion order. It is immutable, but for its transitions. Slot i is slots[i] when
 *    i < inline_capacity, else in the overflow segments.
 *  - Within one instance a slot number is bound to one name for ever; deletion leaves a hole that
 *    only the same name reuses. So a reader that checked the shape may load the slot without a
 *    lock: it gets an old or the new value of that very attribute, or ABSENT (deleted: slow path).
 *  - Adding and deleting attributes happens under the byte lock: store the slot, then the shape
 *    (release). Overwriting takes no lock: check the shape, store the slot; there is no safepoint
 *    between the two.
 *  - Dict mode: shape == shape_dict_mode and `dict` is the instance's dict. An instance goes there
 *    (only while the world is stopped, or before it had any slot) when its __dict__ is replaced,
 * when a key that is no str is stored, or when it deletes too much. Otherwise `dict`, made when
 * asked for, is a view on the slots (DICT_VIEW). */
#ifndef OROCHI_OBJECT_SHAPE_H
#define OROCHI_OBJECT_SHAPE_H

#include "object/type.h"
#include "thread/lock.h"

struct shape {
    const struct cell_type *cell;
    PyTypeObject *type;
    uint32_t count;           /* slots used, holes included; constant */
    uint32_t live;            /* names present; constant */
    uint32_t inline_capacity; /* constant */
    uint32_t deletions;       /* delete transitions on the way here; constant */
    /* Names to slots: rows in insertion order plus a hash index; see shape.c. Constant. */
    struct shape_map *map;
    struct shape *parent;
    PyObject *removed;     /* a delete transition made this shape: the name; constant */
    uint32_t removed_slot; /* and its slot */
    uint32_t unused;
    struct shape *next_root; /* of a root: the class's root of another capacity; under SHAPE */
    void *transitions;       /* under the SHAPE mutex; read free */
};

struct slot_segment { /* overflow; linked, never moved */
    struct slot_segment *next;
    uint32_t count, unused;
    Value slots[];
};

struct instance_part {
    uint64_t shape_word;           /* atomic: struct shape * | byte lock << 56 */
    PyObject *dict;                /* atomic; NULL, a view, or the dict in dict mode */
    struct slot_segment *overflow; /* atomic */
    Value slots[];                 /* inline_capacity of them; atomic */
};

extern struct shape shape_dict_mode;

static inline struct instance_part *instance_part(PyObject *o, const struct type_info *info)
{
    return (struct instance_part *)((char *)o + info->shape_offset);
}
static inline struct shape *instance_shape(const struct instance_part *p)
{
    return (struct shape *)(uintptr_t)(atomic_load_acquire(&p->shape_word) &
                                       UINT64_C(0x0000FFFFFFFFFFFF));
}
static inline uint8_t *instance_byte_lock(struct instance_part *p)
{
    return (uint8_t *)&p->shape_word + 7;
}

/* Slot number of the name, -1 if absent. No lock; name interned. */
Py_ssize_t shape_find(const struct shape *shape, PyObject *name);
Value *instance_slot(struct instance_part *p, const struct shape *shape, uint32_t slot);
/* The value or VALUE_ABSENT. No lock, no Python code. */
Value instance_get(PyObject *o, PyObject *name);
/* Adds or overwrites; takes the byte lock when it must. 0 or -1. */
int instance_set(PyObject *o, PyObject *name, Value v);
int instance_delete(PyObject *o, PyObject *name); /* 1 deleted, 0 absent, -1 error */
/* The same for slots alone: INSTANCE_HAS_DICT if the instance is in dict mode. `present` not NULL:
 * sets only what is absent, and *present is what is there now. delete: *old was the value. */
enum { INSTANCE_HAS_DICT = 2 };
int instance_set_slot(PyObject *o, PyObject *name, Value v, Value *present);
int instance_delete_slot(PyObject *o, PyObject *name, Value *old);
PyObject *instance_dict(PyObject *o); /* made if needed */
int instance_set_dict(PyObject *o, PyObject *dict);
/* Dict mode from now on; an existing __dict__ keeps its identity (dict_view_detach). Stops the
 * world. 0 or -1. */
int instance_use_dict(PyObject *o);
/* i-th live attribute in insertion order from *position on; false at the end. */
bool instance_next(PyObject *o, size_t *position, PyObject **name, Value *v);
/* The shape of a new instance of the class. Never NULL. No safepoint but that of heap_alloc. */
struct shape *shape_for_new(PyTypeObject *type);
/* obj.__class__ = type, the layouts being compatible. 0 or -1. */
int instance_set_class(PyObject *o, PyTypeObject *type);
void instance_trace(PyObject *o, const struct type_info *info, struct tracer *tracer);

#endif
