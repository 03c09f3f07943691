/* SPDX-License-Identifier: MIT */
/* How instances are laid out: allocation, which base decides the layout, and which classes an
 * instance may change to.
 *
 *   fixed-size base:  [base struct][weak list][__slots__ values][struct instance_part + slots]
 *   other base:       [base struct][weak list][__slots__ values][dict pointer]
 *   var-sized base:   [base struct][items][dict pointer, at the very end]
 *
 * The part in front of instance_part is the solid size; a derived class continues there, and the
 * instance_part, whose place each class knows for itself, moves behind. */
#include "heap/foreign.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/type_int.h"
#include "thread/extension_lock.h"

static size_t round_up(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

/* Without a shape's slots. */
static size_t plain_size(const PyTypeObject *type, Py_ssize_t items)
{
    size_t size = (size_t)type->tp_basicsize;
    return type->tp_itemsize == 0 ? size
                                  : round_up(size + (size_t)items * (size_t)type->tp_itemsize);
}

static size_t instance_size(PyTypeObject *type, const struct type_info *info, Py_ssize_t items,
                            struct shape **shape)
{
    if (info->shape_offset != 0) {
        *shape = shape_for_new(type);
        return info->shape_offset + sizeof(struct instance_part) +
               (*shape)->inline_capacity * sizeof(Value);
    }
    return plain_size(type, items);
}

/* The fresh cell becomes a public object; NULL with MemoryError if it is NULL. */
static ALWAYS_INLINE PyObject *set_header(PyObject *object, PyTypeObject *type, Py_ssize_t items)
{
    if (UNLIKELY(object == NULL)) {
        error_no_memory();
        return NULL;
    }
    object->ob_refcnt = OBJECT_PUBLIC_COUNT;
    atomic_store_relaxed(&object->ob_type, type);
    if (type->tp_itemsize != 0) {
        ((PyVarObject *)object)->ob_size = items;
    }
    return object;
}

PyObject *object_alloc_foreign(PyTypeObject *type, Py_ssize_t items)
{
    debug_assert(type_info(type)->shape_offset == 0);
    bool tracked = type_has_feature(type, Py_TPFLAGS_HAVE_GC);
    PyObject *object =
        set_header(heap_alloc_foreign_object(plain_size(type, items), tracked), type, items);
    if (LIKELY(object != NULL) && type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        /* An instance of a class is a reference to it that extension code counts. */
        extension_lock_take(thread_current());
        ((PyObject *)type)->ob_refcnt++;
    }
    return object;
}

PyObject *object_alloc(PyTypeObject *type, Py_ssize_t items)
{
    const struct type_info *info = type_info(type);
    uint32_t flags = atomic_load_relaxed(&info->flags);
    if (UNLIKELY(flags & TYPE_FOREIGN)) {
        return object_alloc_foreign(type, items);
    }
    struct shape *shape = NULL;
    size_t size = instance_size(type, info, items, &shape);
    enum cell_kind kind =
        (flags & (TYPE_LEAF | TYPE_PYTHON)) == TYPE_LEAF ? CELL_LEAF : CELL_OBJECT;
    PyObject *cell =
        UNLIKELY(flags & TYPE_OBSERVED) ? heap_alloc_observed(size, kind) : heap_alloc(size, kind);
    PyObject *object = set_header(cell, type, items);
    if (shape != NULL && LIKELY(object != NULL)) {
        struct instance_part *part = instance_part(object, info);
        heap_fill(object, &part->shape_word, shape);
    }
    return object;
}

PyObject *object_alloc_bytes(PyTypeObject *type, size_t bytes)
{
    uint32_t flags = atomic_load_relaxed(&type_info(type)->flags);
    enum cell_kind kind = (flags & TYPE_LEAF) != 0 ? CELL_LEAF : CELL_OBJECT;
    PyObject *object = UNLIKELY(flags & TYPE_OBSERVED) ? heap_alloc_observed(bytes, kind)
                                                       : heap_alloc(bytes, kind);
    if (UNLIKELY(object == NULL)) {
        error_no_memory();
        return NULL;
    }
    object->ob_refcnt = OBJECT_PUBLIC_COUNT;
    object->ob_type = type;
    return object;
}

/* ---- Instance dicts at tp_dictoffset. */

PyObject **object_dict_pointer(PyObject *object)
{
    PyTypeObject *type = object->ob_type;
    Py_ssize_t offset = type->tp_dictoffset;
    if (offset == 0 || type_info(type)->shape_offset != 0) {
        return NULL;
    }
    if (offset < 0) {
        Py_ssize_t items = ((PyVarObject *)object)->ob_size;
        size_t count = (size_t)(items < 0 ? -items : items);
        offset +=
            (Py_ssize_t)round_up((size_t)type->tp_basicsize + count * (size_t)type->tp_itemsize);
    }
    return (PyObject **)(void *)((char *)object + offset);
}

/* ---- Tracing: what every object refers to beside what its native type knows. */

static void trace_slots(PyObject *object, PyTypeObject *type, struct tracer *tracer)
{
    for (; type != NULL && type_is_python(type); type = type_base(type)) {
        const struct type_info *info = type_info(type);
        if (info->slots_count != 0) {
            trace_words(tracer, (Value *)(void *)((char *)object + info->slots_offset),
                        info->slots_count);
        }
    }
}

void object_trace(PyObject *object, struct tracer *tracer)
{
    PyTypeObject *type = object->ob_type;
    trace_pointer(tracer, type);
    if (type == NULL || type->tp_cache == NULL) {
        return;
    }
    const struct type_info *info = type_info(type);
    if (info->trace != NULL) {
        info->trace(object, tracer);
    }
    if ((atomic_load_relaxed(&info->flags) & TYPE_PYTHON) == 0) {
        return;
    }
    trace_slots(object, type, tracer);
    if (info->shape_offset != 0) {
        instance_trace(object, info, tracer);
    } else {
        PyObject **dict = object_dict_pointer(object);
        if (dict != NULL) {
            trace_pointer(tracer, *dict);
        }
    }
}

/* ---- Which base decides. */

Py_ssize_t type_solid_size(const PyTypeObject *type)
{
    const struct type_info *info = type_info(type);
    return info->shape_offset != 0 ? (Py_ssize_t)info->shape_offset : type->tp_basicsize;
}

static bool adds_fields(PyTypeObject *type, PyTypeObject *base)
{
    if (type->tp_itemsize != base->tp_itemsize) {
        return true;
    }
    Py_ssize_t size = type_solid_size(type);
    if (type_is_python(type)) {
        if (type->tp_weaklistoffset != 0 && base->tp_weaklistoffset == 0) {
            size -= (Py_ssize_t)sizeof(PyObject *);
        }
        if (type_info(type)->shape_offset == 0 && type->tp_dictoffset != 0 &&
            base->tp_dictoffset == 0) {
            size -= (Py_ssize_t)sizeof(PyObject *);
        }
    }
    return size != type_solid_size(base);
}

PyTypeObject *type_solid_base(PyTypeObject *type)
{
    PyTypeObject *base =
        type_base(type) != NULL ? type_solid_base(type_base(type)) : &PyBaseObject_Type;
    return adds_fields(type, base) ? type : base;
}

PyTypeObject *type_best_base(PyObject *bases)
{
    PyTypeObject *winner = NULL, *best = NULL;
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        Value item = tuple_get(bases, i);
        if (!type_check(item)) {
            return error_raise_null(PyExc_TypeError, "bases must be types");
        }
        PyTypeObject *base = type_cast(item);
        if (!type_is_python(base) && type_ready(base) < 0) {
            return NULL;
        }
        if (!type_has_feature(base, Py_TPFLAGS_BASETYPE)) {
            return error_raise_null(PyExc_TypeError, "type '%.100s' is not an acceptable base type",
                                    base->tp_name);
        }
        PyTypeObject *candidate = type_solid_base(base);
        if (winner == NULL) {
            winner = candidate;
            best = base;
        } else if (type_is_subtype(winner, candidate)) {
            continue;
        } else if (type_is_subtype(candidate, winner)) {
            winner = candidate;
            best = base;
        } else {
            return error_raise_null(PyExc_TypeError,
                                    "multiple bases have instance lay-out conflict");
        }
    }
    return best;
}

/* ---- Changing the class of an instance, or the bases of a class. */

static PyTypeObject *native_base(PyTypeObject *type)
{
    while (type_base(type) != NULL && type_is_python(type)) {
        type = type_base(type);
    }
    return type;
}

static bool same_fields(const PyTypeObject *a, const PyTypeObject *b)
{
    return type_solid_size(a) == type_solid_size(b) && a->tp_itemsize == b->tp_itemsize &&
           a->tp_dictoffset == b->tp_dictoffset && a->tp_weaklistoffset == b->tp_weaklistoffset &&
           type_info(a)->shape_offset == type_info(b)->shape_offset;
}

/* Two types of extensions that add no field to the same base, with instances that are made and
 * freed the same way. */
static bool are_twins(const PyTypeObject *a, const PyTypeObject *b)
{
    const PyTypeObject *base = type_base(a);
    return (type_info(a)->flags & type_info(b)->flags & TYPE_EXTENSION) != 0 &&
           base == type_base(b) && same_fields(a, base) && a->tp_free == b->tp_free &&
           ((a->tp_flags ^ b->tp_flags) & Py_TPFLAGS_HAVE_GC) == 0;
}

/* The next class from `type` on that adds slots, or NULL. */
static PyTypeObject *next_with_slots(PyTypeObject *type)
{
    while (type != NULL && type_is_python(type)) {
        if (type_info(type)->slots_count != 0) {
            return type;
        }
        type = type_base(type);
    }
    return NULL;
}

/* Both classes get their last slots from one class, or from two with the same base and names. */
static bool same_slots(PyTypeObject *a, PyTypeObject *b)
{
    a = next_with_slots(a);
    b = next_with_slots(b);
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL || type_base(a) != type_base(b) ||
        type_info(a)->slots_offset != type_info(b)->slots_offset) {
        return false;
    }
    PyObject *names_a = ((PyHeapTypeObject *)a)->ht_slots;
    PyObject *names_b = ((PyHeapTypeObject *)b)->ht_slots;
    int equal = object_equal(value_from_object(names_a), value_from_object(names_b));
    if (equal < 0) {
        error_clear();
    }
    return equal > 0;
}

bool type_layout_compatible(PyTypeObject *old, PyTypeObject *new_type, const char *attribute)
{
    bool same = (native_base(old) == native_base(new_type) || are_twins(old, new_type)) &&
                same_fields(old, new_type) && same_slots(old, new_type);
    if (!same) {
        error_raise(PyExc_TypeError, "%s assignment: '%s' object layout differs from '%s'",
                    attribute, type_short_name(new_type), type_short_name(old));
    }
    return same;
}
