/* SPDX-License-Identifier: MIT */
/* Between the C slots of a type and its operations, in both directions; slots.def is the table. */
#include "capi/slot_int.h"
#include "capi/type_int.h"

#include "object/list.h"

#include <stdlib.h>

#define STRUCT_TYPE PyTypeObject
#define STRUCT_NUMBER PyNumberMethods
#define STRUCT_MAPPING PyMappingMethods
#define STRUCT_SEQUENCE PySequenceMethods
#define STRUCT_ASYNC PyAsyncMethods
#define STRUCT_BUFFER PyBufferProcs

const struct c_slot c_slots[] = {
#define SLOT(structure, field, operation, crossing)                                                \
    {SLOT_IN_##structure, offsetof(STRUCT_##structure, field),                                     \
     offsetof(struct type_ops, operation), CROSS_##crossing},
#include "capi/slots.def"
#undef SLOT
};
const size_t c_slot_count = sizeof c_slots / sizeof c_slots[0];

/* ---- Places. */

static const size_t structure_sizes[] = {
    [SLOT_IN_NUMBER] = sizeof(PyNumberMethods),     [SLOT_IN_MAPPING] = sizeof(PyMappingMethods),
    [SLOT_IN_SEQUENCE] = sizeof(PySequenceMethods), [SLOT_IN_ASYNC] = sizeof(PyAsyncMethods),
    [SLOT_IN_BUFFER] = sizeof(PyBufferProcs),
};

static void **structure_place(PyTypeObject *type, enum slot_structure structure)
{
    switch (structure) {
    case SLOT_IN_NUMBER: return (void **)&type->tp_as_number;
    case SLOT_IN_MAPPING: return (void **)&type->tp_as_mapping;
    case SLOT_IN_SEQUENCE: return (void **)&type->tp_as_sequence;
    case SLOT_IN_ASYNC: return (void **)&type->tp_as_async;
    default: return (void **)&type->tp_as_buffer;
    }
}

void **c_slot_place(PyTypeObject *type, const struct c_slot *slot)
{
    char *structure = slot->structure == SLOT_IN_TYPE
                          ? (char *)type
                          : (char *)*structure_place(type, slot->structure);
    return structure == NULL ? NULL : (void **)(void *)(structure + slot->offset);
}

/* Makes the structure, if it is missing; types that need this are static and live for ever. */
static void **ensure_place(PyTypeObject *type, const struct c_slot *slot)
{
    if (slot->structure != SLOT_IN_TYPE) {
        void **structure = structure_place(type, slot->structure);
        if (*structure == NULL) {
            *structure = calloc(1, structure_sizes[slot->structure]);
        }
    }
    return c_slot_place(type, slot);
}

/* ---- Functions that stand for each other without a thunk. */

static const struct {
    const void *c, *ours;
} twins[] = {
    {(const void *)PyObject_GenericGetAttr, (const void *)object_generic_getattr},
    {(const void *)PyObject_GenericSetAttr, (const void *)object_generic_setattr},
    {(const void *)PyObject_HashNotImplemented, (const void *)object_hash_not_implemented},
};

static void *find_twin(const void *f, bool wants_c)
{
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        if ((wants_c ? twins[i].ours : twins[i].c) == f) {
            return (void *)(uintptr_t)(wants_c ? twins[i].c : twins[i].ours);
        }
    }
    return NULL;
}

/* The operation for a C slot: ours, if the extension took the slot from a type of ours. */
static void *operation_of(void *c, enum slot_crossing crossing)
{
    capi_code code;
    void *function, *twin = find_twin(c, false);
    if (twin != NULL) {
        return twin;
    }
    if (capi_thunk_find(c, &code, &function) && code == slot_out[crossing]) {
        return function;
    }
    return capi_thunk(slot_in[crossing], c);
}

/* The C slot for an operation: an extension's own function, if it comes from there. */
static void *c_function_of(void *operation, enum slot_crossing crossing)
{
    capi_code code;
    void *function, *twin = find_twin(operation, true);
    if (twin != NULL) {
        return twin;
    }
    if (capi_thunk_find(operation, &code, &function)) {
        if (code == slot_in[crossing]) {
            return function;
        }
        if (crossing == CROSS_length || crossing == CROSS_binary || crossing == CROSS_setitem) {
            return slot_out[crossing] == NULL ? NULL : capi_thunk(slot_out[crossing], operation);
        }
        return NULL;
    }
    return slot_out[crossing] == NULL ? NULL : capi_thunk(slot_out[crossing], operation);
}

/* ---- All slots of a type. */

static bool is_taken(const void *function, bool foreign)
{
    return function != NULL && (!foreign || !capi_is_our_code(function));
}

void capi_take_slots(PyTypeObject *type, bool foreign)
{
    for (size_t i = 0; i < c_slot_count; i++) {
        const struct c_slot *slot = &c_slots[i];
        void **place = c_slot_place(type, slot);
        void **operation = ops_field(type_ops(type), slot->operation);
        if (place != NULL && is_taken(*place, foreign) && *operation == NULL) {
            *operation = operation_of(*place, slot->crossing);
        }
    }
    struct type_ops *ops = type_ops(type);
    if (is_taken((const void *)type->tp_iternext, foreign) && ops->send == NULL) {
        ops->send = capi_thunk(slot_next_send, (void *)(uintptr_t)type->tp_iternext);
    }
}

bool capi_take_slot(PyTypeObject *type, const struct c_slot *slot, const void *before)
{
    void *function = *c_slot_place(type, slot);
    void **operation = ops_field(type_ops(type), slot->operation);
    if (!is_taken(function, true) ||
        (*operation != NULL && c_function_of(*operation, slot->crossing) != before)) {
        return false;
    }
    atomic_store_release(operation, operation_of(function, slot->crossing));
    return true;
}

/* Sequences alone are called with an index. */
static bool is_wanted(PyTypeObject *type, const struct c_slot *slot)
{
    return slot->crossing != CROSS_set_index || type_ops(type)->item != NULL;
}

/* The special method of an extension's heap type was set after it was made (pybind11 does so). */
static bool was_replaced(const PyTypeObject *type, const void *operation)
{
    capi_code code;
    void *function;
    return type_has_feature(type, Py_TPFLAGS_HEAPTYPE) &&
           (type_info(type)->flags & TYPE_EXTENSION) != 0 &&
           !capi_thunk_find(operation, &code, &function) && find_twin(operation, true) == NULL;
}

/* The class has lost the special method that the slot stands for. */
static bool was_lost(PyTypeObject *type, const struct c_slot *slot)
{
    capi_code code;
    void *function;
    if (!type_is_python(type) && !capi_thunk_find(*c_slot_place(type, slot), &code, &function)) {
        return false; /* it never came from a method */
    }
    for (size_t i = 0; i < c_slot_count; i++) {
        const struct c_slot *row = &c_slots[i];
        if (row->structure == slot->structure && row->offset == slot->offset &&
            *ops_field(type_ops(type), row->operation) != NULL) {
            return false;
        }
    }
    return true;
}

void capi_fill_slots(PyTypeObject *type)
{
    bool renew = type_is_python(type);
    for (size_t i = 0; i < c_slot_count; i++) {
        const struct c_slot *slot = &c_slots[i];
        void *operation = *ops_field(type_ops(type), slot->operation);
        void *function = operation != NULL && is_wanted(type, slot)
                             ? c_function_of(operation, slot->crossing)
                             : NULL;
        void **place = function != NULL ? ensure_place(type, slot) : c_slot_place(type, slot);
        if (place == NULL) {
            continue;
        }
        bool replace = function != NULL ? *place == NULL || renew || was_replaced(type, operation)
                                        : *place != NULL && was_lost(type, slot);
        if (replace) {
            atomic_store_release(place, function);
        }
    }
    capi_fill_lifecycle(type);
    if (type->tp_methods == NULL &&
        (type_info(type)->flags & (TYPE_PYTHON | TYPE_EXTENSION)) == 0) {
        capi_fill_methods(type);
    }
}

/* ---- All types. */

static void fill_all(PyTypeObject *type)
{
    capi_fill_slots(type);
    PyObject *subclasses = type_subclasses(type);
    for (Py_ssize_t i = 0; subclasses != NULL && i < list_length(subclasses); i++) {
        fill_all((PyTypeObject *)value_object(list_find(subclasses, i)));
    }
}

/* No lock is held. A thread may store what it read before another one's change, after that one has
 * filled the slots; but then it sees that there was a change, and does it again. */
static void changed(PyTypeObject *type)
{
    static uint32_t changes; /* atomic */
    uint32_t seen = atomic_fetch_add_relaxed(&changes, 1) + 1, before;
    do {
        before = seen;
        atomic_fence_seq_cst();
        fill_all(type);
        atomic_fence_seq_cst();
        seen = atomic_load_relaxed(&changes);
    } while (seen != before);
}

void capi_fill_all_types(void)
{
    object_hooks.type_changed = changed;
    changed(&PyBaseObject_Type);
}
