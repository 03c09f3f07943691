/* SPDX-License-Identifier: MIT */
/* _PyRuntime: what modules of the standard library that were compiled as part of the core reach by
 * offset instead of by a function: ready strings, small ints and bytes, the current thread.
 *
 * The strings are not the interned ones, which may exist already: they are equal, and looking a
 * name up finds the interned one. Types are filled in when the first extension is loaded, so that
 * nothing here needs a relocation at every start. The extension lock is for extension code what the
 * global lock was: its owner is the current thread (extension_lock_mirror). */
#define Py_BUILD_CORE 1
#include "capi/capi_int.h"
#include "heap/roots.h"
#include "object/dict.h"

#include <internal/pycore_ceval.h>
#include <internal/pycore_runtime.h>
#include <internal/pycore_runtime_init.h>

#undef _PyObject_IMMORTAL_INIT
#undef _PyVarObject_IMMORTAL_INIT
#define _PyObject_IMMORTAL_INIT(type)                                                              \
    {                                                                                              \
        .ob_refcnt = OBJECT_PUBLIC_COUNT                                                           \
    }
#define _PyVarObject_IMMORTAL_INIT(type, size)                                                     \
    {                                                                                              \
        .ob_base = {.ob_refcnt = OBJECT_PUBLIC_COUNT}, .ob_size = (size)                           \
    }

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* ob_shash */
_PyRuntimeState _PyRuntime = _PyRuntimeState_INIT;

_Static_assert(sizeof(struct {
                   PyASCIIObject a;
                   uint8_t data[2];
               }) % 8 ==
                   0,
               "no gaps");

/* Strings lie one behind the other, each with its text and padding to 8 bytes. */
static void fill_strings(void *start, const void *end, size_t header)
{
    for (char *at = start; at < (const char *)end;) {
        PyASCIIObject *s = (PyASCIIObject *)(void *)at;
        s->ob_base.ob_type = &PyUnicode_Type;
        at += (header + (size_t)s->length + 1 + 7) & ~(size_t)7;
    }
}

static void fill_singletons(void)
{
    typeof(_PyRuntime.global_objects.singletons) *all = &_PyRuntime.global_objects.singletons;
    for (size_t i = 0; i < sizeof all->small_ints / sizeof all->small_ints[0]; i++) {
        all->small_ints[i].ob_base.ob_base.ob_type = &PyLong_Type;
    }
    all->bytes_empty.ob_base.ob_base.ob_type = &PyBytes_Type;
    for (size_t i = 0; i < sizeof all->bytes_characters / sizeof all->bytes_characters[0]; i++) {
        all->bytes_characters[i].ob.ob_base.ob_base.ob_type = &PyBytes_Type;
    }
    struct _Py_global_strings *strings = &all->strings;
    fill_strings(&strings->literals, &strings->literals + 1, sizeof(PyASCIIObject));
    fill_strings(&strings->identifiers, &strings->identifiers + 1, sizeof(PyASCIIObject));
    fill_strings(&strings->ascii, &strings->ascii + 1, sizeof(PyASCIIObject));
    fill_strings(&strings->latin1, &strings->latin1 + 1, sizeof(PyCompactUnicodeObject));
    all->tuple_empty.ob_base.ob_base.ob_type = &PyTuple_Type;
}

void capi_init_runtime(void)
{
    fill_singletons();
    _PyRuntime.initialized = 1;
    _PyRuntime.core_initialized = 1;
    _PyRuntime.preinitialized = 1;
    _PyRuntime.main_thread = (unsigned long)thread_main()->handle;
    _PyRuntime.gilstate.autoInterpreterState = &_PyRuntime._main_interpreter;
    extension_lock_set_mirror((PyThreadState **)(void *)&_PyRuntime.gilstate.tstate_current);
}

/* ---- The one interpreter. */

static void join_interpreter(struct thread *t, void *argument)
{
    t->state.interp = argument;
}

void capi_init_interpreter(void)
{
    PyInterpreterState *i = &_PyRuntime._main_interpreter;
    i->dict = NULL;
    heap_exclude_range(&_PyRuntime, sizeof _PyRuntime);
    _PyRuntime.interpreters.main = i;
    _PyRuntime.interpreters.head = i;
    i->runtime = &_PyRuntime;
    i->threads.head = &thread_main()->state;
    thread_interpreter = i;
    thread_for_each(join_interpreter, i);
}

PyInterpreterState *PyInterpreterState_Get(void)
{
    return &_PyRuntime._main_interpreter;
}

PyInterpreterState *PyInterpreterState_Main(void)
{
    return &_PyRuntime._main_interpreter;
}

PyInterpreterState *PyInterpreterState_Head(void)
{
    return &_PyRuntime._main_interpreter;
}

PyInterpreterState *PyInterpreterState_Next(PyInterpreterState *interpreter)
{
    return NULL;
}

int64_t PyInterpreterState_GetID(PyInterpreterState *interpreter)
{
    return 0;
}

PyObject *PyInterpreterState_GetDict(PyInterpreterState *interpreter)
{
    struct thread *t = capi_enter();
    if (interpreter->dict == NULL) {
        interpreter->dict = dict_new();
    }
    return capi_return_borrowed(t, value_from_object(interpreter->dict));
}

int _Py_IsFinalizing(void)
{
    return thread_others_are_frozen();
}
