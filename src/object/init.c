/* SPDX-License-Identifier: MIT */
/* Start-up of the object layer. */
#include "heap/roots.h"
#include "object/codec.h"
#include "object/int.h"
#include "object/object.h"
#include "object/str.h"
#include "object/type_int.h"
#include "object/weakref.h"

struct object_hooks object_hooks;

#define TYPE(name) extern PyTypeObject name;
#include "object/types.def"
#undef TYPE

static int ready_types(void)
{
#define TYPE(name)                                                                                 \
    if (type_ready(&name) < 0) {                                                                   \
        return -1;                                                                                 \
    }
#include "object/types.def"
#undef TYPE
    return 0;
}

/* The world is stopped: interned strings may be about to die. */
static void before_sweep(void)
{
    str_intern_sweep(heap_collects_old());
}

/* The world is stopped. */
static bool needs_finalizer(PyObject *object)
{
    return object->ob_type->tp_cache != NULL && type_ops(object->ob_type)->finalize != NULL;
}

/* __del__ may do anything. The other finalizers count as spent if their types do not say. */
static bool is_spent(PyObject *object)
{
    const struct type_ops *ops = type_ops(object->ob_type);
    return !type_has_del(object->ob_type) && (ops->is_spent == NULL || ops->is_spent(object));
}

/* Objects that often are the only ones that refer to an observed object, and live in registers. */
static bool is_holder(PyObject *object)
{
    PyTypeObject *type = object->ob_type;
    return type == &PyList_Type || type == &PyTuple_Type || type == &PyCell_Type ||
           (atomic_load_relaxed(&type_info(type)->flags) & TYPE_PYTHON) != 0;
}

/* Runs at any safepoint: the exception that the thread has at the moment is none of its business.
 */
static void finalize(PyObject *object)
{
    PyObject *current = error_take();
    type_ops(object->ob_type)->finalize(value_from_object(object));
    if (error_occurred()) {
        error_write_unraisable(value_from_object(object), NULL);
    }
    error_restore(current);
}

int object_init(void)
{
    heap_hooks.trace_object = object_trace;
    heap_hooks.needs_finalizer = needs_finalizer;
    heap_hooks.finalize = finalize;
    heap_hooks.is_spent = is_spent;
    heap_hooks.is_holder = is_holder;
    if (heap_hooks.before_sweep == NULL) {
        heap_hooks.before_sweep = before_sweep;
    }
    weakref_init();
    type_cache_init();
    signatures_init();
    if (str_init() < 0 || int_init() < 0 || names_init() < 0 || ready_types() < 0) {
        return -1;
    }
    return codec_init();
}
