/* SPDX-License-Identifier: MIT */
/* The rest of Python.h on threads: old storage keys, stack sizes, what is known of the platform,
 * the lock functions of before 3.2, fork. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capi/capi_int.h"
#include "module/import.h"
#include "module/posix_spawn.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* that is what they are */

void PyThread_init_thread(void) {}

void PyThread_ReInitTLS(void) {}

unsigned long PyThread_get_thread_native_id(void)
{
    return (unsigned long)syscall(SYS_gettid);
}

void _Py_NO_RETURN PyThread_exit_thread(void)
{
    pthread_exit(NULL);
}

PyObject *PyThread_GetInfo(void)
{
    return Py_XNewRef(PySys_GetObject("thread_info"));
}

/* ---- Stack sizes of threads that PyThread_start_new_thread makes. */

static PyObject *call_stack_size(size_t bytes, bool set)
{
    PyObject *module = PyImport_ImportModule("_thread");
    PyObject *result = module == NULL ? NULL
                       : set          ? PyObject_CallMethod(module, "stack_size", "n", bytes)
                                      : PyObject_CallMethod(module, "stack_size", NULL);
    Py_XDECREF(module);
    return result;
}

size_t PyThread_get_stacksize(void)
{
    PyObject *n = call_stack_size(0, false);
    size_t bytes = n == NULL ? 0 : PyLong_AsSize_t(n);
    Py_XDECREF(n);
    PyErr_Clear();
    return bytes;
}

int PyThread_set_stacksize(size_t bytes)
{
    PyObject *done = call_stack_size(bytes, true);
    Py_XDECREF(done);
    PyErr_Clear();
    return done == NULL ? -1 : 0;
}

/* ---- Keys of thread-specific storage, as before Py_tss_t. */

int PyThread_create_key(void)
{
    pthread_key_t key;
    return pthread_key_create(&key, NULL) == 0 ? (int)key : -1;
}

void PyThread_delete_key(int key)
{
    pthread_key_delete((pthread_key_t)key);
}

void PyThread_delete_key_value(int key)
{
    pthread_setspecific((pthread_key_t)key, NULL);
}

int PyThread_set_key_value(int key, void *value)
{
    return pthread_setspecific((pthread_key_t)key, value) == 0 ? 0 : -1;
}

void *PyThread_get_key_value(int key)
{
    return pthread_getspecific((pthread_key_t)key);
}

/* ---- The global lock, which is always there for those who ask. */

void PyEval_InitThreads(void) {}

int PyEval_ThreadsInitialized(void)
{
    return Py_IsInitialized();
}

void PyEval_AcquireLock(void)
{
    if (thread_current() != NULL) {
        PyEval_RestoreThread(&thread_current()->state);
    }
}

void PyEval_ReleaseLock(void)
{
    if (thread_current() != NULL) {
        PyEval_SaveThread();
    }
}

/* ---- fork by extension code. */

void PyOS_BeforeFork(void)
{
    capi_enter();
    posix_prepare_fork();
}

void PyOS_AfterFork_Parent(void)
{
    struct thread *t = thread_current();
    posix_continue_parent();
    capi_leave(t);
}

void PyOS_AfterFork_Child(void)
{
    struct thread *t = capi_enter_quiet();
    if (!world_is_stopped()) { /* a program's own fork() */
        import_lock_reset();
        import_lock_acquire();
        thread_adopt_fork();
    }
    posix_continue_child();
    capi_leave(t);
}

void PyOS_AfterFork(void)
{
    PyOS_AfterFork_Child();
}
