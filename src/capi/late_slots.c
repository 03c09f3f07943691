/* SPDX-License-Identifier: MIT */
/* Slots that a module sets after PyType_Ready. CPython reads a type's slots where they are; our
 * operations are made of them when the type is made ready. PyGObject sets tp_call and tp_descr_get
 * of its static types behind that. So what a type's slots were then is kept while init and exec
 * functions run, and what has changed at their end is taken over.
 *
 * All of this is under the extension lock. */
#include "capi/slot_int.h"
#include "capi/type_int.h"
#include "object/type_int.h"
#include "thread/extension_lock.h"

#include <stdlib.h>

struct ready_type {
    struct ready_type *next;
    PyTypeObject *type; /* static: it lives for ever */
    void *slots[];      /* as they were, in the order of c_slots */
};
static struct ready_type *first;
static unsigned running; /* init and exec functions */

void capi_late_slots_begin(void)
{
    extension_lock_take(thread_current());
    running++;
}

void capi_late_slots_note(PyTypeObject *type)
{
    if (running == 0 || type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        return;
    }
    struct ready_type *ready = malloc(sizeof *ready + c_slot_count * sizeof ready->slots[0]);
    if (ready == NULL) {
        return; /* a type whose slots stay as they are */
    }
    for (size_t i = 0; i < c_slot_count; i++) {
        void **place = c_slot_place(type, &c_slots[i]);
        ready->slots[i] = place != NULL ? *place : NULL;
    }
    ready->type = type;
    ready->next = first;
    first = ready;
}

static void take_changes(struct ready_type *ready)
{
    bool changed = false;
    for (size_t i = 0; i < c_slot_count; i++) {
        void **place = c_slot_place(ready->type, &c_slots[i]);
        if (place != NULL && *place != ready->slots[i]) {
            changed |= capi_take_slot(ready->type, &c_slots[i], ready->slots[i]);
            ready->slots[i] = *place;
        }
    }
    if (changed) {
        type_renew_flags(ready->type);
        type_modified(ready->type);
    }
}

void capi_late_slots_end(void)
{
    extension_lock_take(thread_current());
    for (struct ready_type *ready = first; ready != NULL; ready = ready->next) {
        take_changes(ready);
    }
    if (--running > 0) {
        return; /* the outer function may change more */
    }
    while (first != NULL) {
        struct ready_type *ready = first;
        first = ready->next;
        free(ready);
    }
}
