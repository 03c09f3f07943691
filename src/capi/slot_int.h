/* SPDX-License-Identifier: MIT */
/* The table of slots.def, and the crossing code of both directions. */
#ifndef OROCHI_CAPI_SLOT_INT_H
#define OROCHI_CAPI_SLOT_INT_H

#include "capi/capi_int.h"

enum slot_structure {
    SLOT_IN_TYPE,
    SLOT_IN_NUMBER,
    SLOT_IN_MAPPING,
    SLOT_IN_SEQUENCE,
    SLOT_IN_ASYNC,
    SLOT_IN_BUFFER
};

/* Crossing code by its name in slots.def. */
enum slot_crossing {
    CROSS_unary,
    CROSS_hash,
    CROSS_call,
    CROSS_getattr,
    CROSS_setattr,
    CROSS_getattr_text,
    CROSS_setattr_text,
    CROSS_compare,
    CROSS_next,
    CROSS_descr_get,
    CROSS_init,
    CROSS_new,
    CROSS_finalize,
    CROSS_binary,
    CROSS_power,
    CROSS_power3,
    CROSS_truth,
    CROSS_length,
    CROSS_setitem,
    CROSS_repeat,
    CROSS_item,
    CROSS_index,
    CROSS_set_index,
    CROSS_contains,
    CROSS_send,
    CROSS_get_buffer,
    CROSS_release_buffer,
    CROSS_COUNT
};
/* The operation that calls a C slot of an extension. */
extern const capi_code slot_in[CROSS_COUNT];
/* The operation `send` that calls tp_iternext. */
extern const capi_code slot_next_send;
/* The C slot that calls an operation of ours; NULL: such slots are not filled. */
extern const capi_code slot_out[CROSS_COUNT];

struct c_slot {
    enum slot_structure structure;
    size_t offset;    /* in that structure */
    size_t operation; /* in struct type_ops */
    enum slot_crossing crossing;
};
/* A slot of a ready type holds another function than `before`: its operation becomes that, if it
 * was the old one's or none, and the new one is an extension's. */
bool capi_take_slot(PyTypeObject *type, const struct c_slot *slot, const void *before);
extern const struct c_slot c_slots[];
extern const size_t c_slot_count;

/* The place of a C slot in a type; NULL if the type lacks the structure. */
void **c_slot_place(PyTypeObject *type, const struct c_slot *slot);

#endif
