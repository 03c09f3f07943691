/* SPDX-License-Identifier: MIT */
/* Threads and locks of the C API. PyEval_SaveThread gives the extension lock up and detaches. */
#include <errno.h>
#include <time.h>

#include "capi/capi_int.h"
#include "object/dict.h"
#include "thread/lock.h"
#include "vm/vm.h"

#include <stdlib.h>

PyThreadState *PyEval_SaveThread(void)
{
    struct thread *t = thread_current();
    thread_detach(); /* releases the extension lock */
    return &t->state;
}

/* A state that another thread has made for this one. */
static void bind_state(struct thread *t)
{
    if (thread_current() != NULL || !thread_is_unbound(t)) {
        fatal_error("PyEval_RestoreThread: the state of another thread");
    }
    thread_bind(t);
}

void PyEval_RestoreThread(PyThreadState *state)
{
    int saved = errno;
    struct thread *t = (struct thread *)state;
    if (UNLIKELY(thread_current() != t)) {
        bind_state(t);
    } else {
        thread_enter_ours(t);
        thread_reattach();
    }
    extension_lock_take(t);
    capi_leave_quiet(t);
    errno = saved;
}

PyThreadState *PyThreadState_Get(void)
{
    return &thread_current()->state;
}

PyThreadState *_PyThreadState_UncheckedGet(void)
{
    struct thread *t = thread_current();
    return t == NULL || atomic_load_relaxed(&t->status) != THREAD_RUNNING ? NULL : &t->state;
}

/* Foreign threads get a record of their own, which lasts until the outermost release. */
static _Thread_local int ensured;
static _Thread_local bool made_here;

PyGILState_STATE PyGILState_Ensure(void)
{
    struct thread *t = thread_current();
    if (t == NULL) {
        t = thread_attach_new();
        if (t == NULL) {
            fatal_error("PyGILState_Ensure: no memory for a thread");
        }
        made_here = true;
        ensured = 1;
        extension_lock_take(t);
        capi_leave_quiet(t);
        return PyGILState_UNLOCKED;
    }
    ensured += made_here;
    if (atomic_load_relaxed(&t->status) == THREAD_RUNNING) {
        thread_enter_ours(t);
        extension_lock_take(t);
        capi_leave_quiet(t);
        return PyGILState_LOCKED;
    }
    PyEval_RestoreThread(&t->state);
    return PyGILState_UNLOCKED;
}

void PyGILState_Release(PyGILState_STATE before)
{
    if (made_here && --ensured == 0) {
        made_here = false;
        thread_exit_current();
    } else if (before == PyGILState_UNLOCKED) {
        PyEval_SaveThread();
    }
}

int PyGILState_Check(void)
{
    const struct thread *t = thread_current();
    return t != NULL && atomic_load_relaxed(&t->status) == THREAD_RUNNING;
}

PyThreadState *PyGILState_GetThisThreadState(void)
{
    struct thread *t = thread_current();
    return t == NULL ? NULL : &t->state;
}

/* ---- Locks of extension code. They are waited for without the extension lock by whoever wants
 * that (Py_BEGIN_ALLOW_THREADS), as under CPython. */

struct c_lock {
    pthread_mutex_t guard;
    pthread_cond_t changed;
    bool held;
};

PyThread_type_lock PyThread_allocate_lock(void)
{
    struct c_lock *lock = calloc(1, sizeof *lock);
    if (lock != NULL) {
        pthread_mutex_init(&lock->guard, NULL);
        pthread_cond_init(&lock->changed, NULL);
    }
    return lock;
}

void PyThread_free_lock(PyThread_type_lock p)
{
    struct c_lock *lock = p;
    pthread_mutex_destroy(&lock->guard);
    pthread_cond_destroy(&lock->changed);
    free(lock);
}

int PyThread_acquire_lock(PyThread_type_lock p, int wait)
{
    struct c_lock *lock = p;
    pthread_mutex_lock(&lock->guard);
    while (lock->held && wait) {
        pthread_cond_wait(&lock->changed, &lock->guard);
    }
    int taken = !lock->held;
    lock->held = true;
    pthread_mutex_unlock(&lock->guard);
    return taken;
}

/* -1: without end. A signal ends the wait only if `intr_flag`, and is handled by the caller. */
PyLockStatus PyThread_acquire_lock_timed(PyThread_type_lock p, PY_TIMEOUT_T microseconds,
                                         int intr_flag)
{
    struct c_lock *lock = p;
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    if (microseconds > 0) {
        int64_t ns = end.tv_nsec + microseconds % 1000000 * 1000;
        end.tv_sec += microseconds / 1000000 + ns / 1000000000;
        end.tv_nsec = ns % 1000000000;
    }
    pthread_mutex_lock(&lock->guard);
    int status = 0;
    while (lock->held && microseconds != 0 && status == 0) {
        status = microseconds < 0 ? pthread_cond_wait(&lock->changed, &lock->guard)
                                  : pthread_cond_timedwait(&lock->changed, &lock->guard, &end);
    }
    PyLockStatus result = lock->held ? PY_LOCK_FAILURE : PY_LOCK_ACQUIRED;
    lock->held = true;
    pthread_mutex_unlock(&lock->guard);
    return result;
}

void PyThread_release_lock(PyThread_type_lock p)
{
    struct c_lock *lock = p;
    pthread_mutex_lock(&lock->guard);
    lock->held = false;
    pthread_cond_signal(&lock->changed);
    pthread_mutex_unlock(&lock->guard);
}

unsigned long PyThread_get_thread_ident(void)
{
    return (unsigned long)pthread_self();
}

/* ---- States of foreign threads that their code makes itself (pybind11). */

/* For the calling thread, detached; if that has a state, for a thread that will take it by
 * PyEval_AcquireThread and the like. */
PyThreadState *PyThreadState_New(PyInterpreterState *interpreter)
{
    struct thread *t = thread_current();
    if (t != NULL) {
        capi_enter_quiet();
        struct thread *other = thread_new_unbound();
        capi_leave_quiet(t);
        return other == NULL ? NULL : &other->state;
    }
    t = thread_attach_new();
    if (t == NULL) {
        return NULL;
    }
    thread_detach();
    return &t->state;
}

void PyEval_AcquireThread(PyThreadState *state)
{
    PyEval_RestoreThread(state);
}

void PyEval_ReleaseThread(PyThreadState *state)
{
    PyEval_SaveThread();
}

/* What the record holds goes with it. */
void PyThreadState_Clear(PyThreadState *state) {}

void PyThreadState_DeleteCurrent(void)
{
    thread_exit_current();
}

/* A thread that is gone took its record along, unless it was to be deleted by another. */
void PyThreadState_Delete(PyThreadState *state)
{
    struct thread *t = (struct thread *)state;
    if (t == thread_current()) {
        thread_exit_current();
    } else if (thread_is_unbound(t)) {
        struct thread *self = capi_enter_quiet();
        thread_discard(t);
        capi_leave_quiet(self);
    }
}

/* ---- Recursion of modules that count it in the thread state themselves. */

PyAPI_FUNC(int) _Py_CheckRecursiveCall(PyThreadState *state, const char *where);
int _Py_CheckRecursiveCall(PyThreadState *state, const char *where)
{
    struct thread *t = capi_enter();
    state->recursion_remaining++;
    return capi_return_int(
        t, error_raise_int(PyExc_RecursionError, "maximum recursion depth exceeded%s", where));
}

/* ---- Tracing by C functions (cProfile, coverage). */

static int call_c_trace(Py_tracefunc c, PyObject *object, PyObject *frame, int what, PyObject *v)
{
    capi_leave(thread_current());
    int status = c(object, (PyFrameObject *)frame, what, v);
    capi_enter();
    return status;
}

void capi_init_tracing(void)
{
    vm_call_c_trace = call_c_trace;
}

void PyEval_SetTrace(Py_tracefunc function, PyObject *object)
{
    struct thread *t = capi_enter();
    vm_set_c_trace(function, capi_object(object), false);
    capi_leave(t);
}

void PyEval_SetProfile(Py_tracefunc function, PyObject *object)
{
    struct thread *t = capi_enter();
    vm_set_c_trace(function, capi_object(object), true);
    capi_leave(t);
}

int _PyEval_SetTrace(PyThreadState *state, Py_tracefunc function, PyObject *object)
{
    PyEval_SetTrace(function, object);
    return 0;
}

int _PyEval_SetProfile(PyThreadState *state, Py_tracefunc function, PyObject *object)
{
    PyEval_SetProfile(function, object);
    return 0;
}

/* ---- Calls and limits, as before. */

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* that is what they are */

PyAPI_FUNC(PyObject *) PyEval_CallObjectWithKeywords(PyObject *f, PyObject *args, PyObject *kw);
PyObject *PyEval_CallObjectWithKeywords(PyObject *f, PyObject *args, PyObject *kw)
{
    if (args != NULL && !PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    PyObject *none = args == NULL ? PyTuple_New(0) : Py_NewRef(args);
    PyObject *result = none == NULL ? NULL : PyObject_Call(f, none, kw);
    Py_XDECREF(none);
    return result;
}

static PyObject *call_format(PyObject *f, const char *format, va_list arguments)
{
    PyObject *args = Py_VaBuildValue(format, arguments);
    PyObject *result = args == NULL ? NULL : PyEval_CallObjectWithKeywords(f, args, NULL);
    Py_XDECREF(args);
    return result;
}

PyAPI_FUNC(PyObject *) PyEval_CallFunction(PyObject *f, const char *format, ...);
PyObject *PyEval_CallFunction(PyObject *f, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *result = call_format(f, format, arguments);
    va_end(arguments);
    return result;
}

PyAPI_FUNC(PyObject *) PyEval_CallMethod(PyObject *o, const char *name, const char *format, ...);
PyObject *PyEval_CallMethod(PyObject *o, const char *name, const char *format, ...)
{
    PyObject *f = PyObject_GetAttrString(o, name);
    va_list arguments;
    va_start(arguments, format);
    PyObject *result = f == NULL ? NULL : call_format(f, format, arguments);
    va_end(arguments);
    Py_XDECREF(f);
    return result;
}

PyObject *PyCFunction_Call(PyObject *f, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(f, args, kwargs);
}

#undef PyVectorcall_Function
vectorcallfunc PyVectorcall_Function(PyObject *o)
{
    const PyTypeObject *type = Py_TYPE(o);
    vectorcallfunc f = NULL;
    if (PyType_HasFeature((PyTypeObject *)(uintptr_t)type, Py_TPFLAGS_HAVE_VECTORCALL)) {
        memcpy(&f, (const char *)o + type->tp_vectorcall_offset, sizeof f);
    }
    return f;
}

int Py_GetRecursionLimit(void)
{
    return atomic_load_relaxed(&vm_recursion_limit);
}

void Py_SetRecursionLimit(int limit)
{
    vm_set_recursion_limit(limit);
}
