/* SPDX-License-Identifier: MIT */
/* Py_TRASHCAN_BEGIN: a tp_dealloc that would run too deep inside of others is put off until the
 * outermost one is done. The objects that wait have no references, and their memory is nobody's but
 * their deallocators' (_Py_Dealloc). */
#include <stdlib.h>

#include "capi/capi_int.h"

#define DEEPEST 50

/* Of the thread. */
static _Thread_local struct {
    PyObject **objects;
    size_t count, room;
} waiting;

static bool put_off(PyObject *object)
{
    if (waiting.count == waiting.room) {
        size_t room = waiting.room * 2 + 64;
        PyObject **bigger = realloc(waiting.objects, room * sizeof *bigger);
        if (bigger == NULL) {
            return false;
        }
        waiting.objects = bigger;
        waiting.room = room;
    }
    waiting.objects[waiting.count++] = object;
    return true;
}

int _PyTrash_cond(PyObject *object, destructor dealloc)
{
    return object->ob_type->tp_dealloc == dealloc;
}

int _PyTrash_begin(PyThreadState *state, PyObject *object)
{
    if (state->trash_delete_nesting >= DEEPEST && put_off(object)) {
        return 1;
    }
    state->trash_delete_nesting++;
    return 0;
}

void _PyTrash_end(PyThreadState *state)
{
    if (--state->trash_delete_nesting > 0) {
        return;
    }
    state->trash_delete_nesting++; /* what they put off comes to this loop */
    while (waiting.count > 0) {
        PyObject *object = waiting.objects[--waiting.count];
        object->ob_type->tp_dealloc(object);
    }
    state->trash_delete_nesting--;
    free(waiting.objects);
    waiting.objects = NULL;
    waiting.room = 0;
}
