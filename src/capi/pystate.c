/* SPDX-License-Identifier: MIT */
/* Threads of the C API: their states, thread-specific storage, pending calls, starting threads. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "thread/lock.h"

PyObject *_PyThreadState_GetDict(PyThreadState *state)
{
    struct thread *t = capi_enter();
    if (state->dict == NULL) {
        state->dict = dict_new();
    }
    if (state->dict == NULL) {
        error_clear();
    }
    return capi_return_borrowed(t, value_from_object(state->dict));
}

PyObject *PyThreadState_GetDict(void)
{
    struct thread *t = thread_current();
    return t == NULL ? NULL : _PyThreadState_GetDict(&t->state);
}

uint64_t PyThreadState_GetID(PyThreadState *state)
{
    return state->id;
}

PyInterpreterState *PyThreadState_GetInterpreter(PyThreadState *state)
{
    return state->interp;
}

/* A state belongs to one system thread. */
PyThreadState *PyThreadState_Swap(PyThreadState *state)
{
    struct thread *t = thread_current();
    if (state != NULL && (t == NULL || state != &t->state)) {
        PyEval_RestoreThread(state); /* one that waits for a thread, or it is an error */
    }
    return t == NULL ? NULL : &t->state;
}

void PyThreadState_EnterTracing(PyThreadState *state)
{
    state->tracing++;
}

void PyThreadState_LeaveTracing(PyThreadState *state)
{
    state->tracing--;
}

struct by_ident {
    unsigned long ident;
    PyObject *exception;
    int found;
};

static void set_async(struct thread *t, void *argument)
{
    struct by_ident *q = argument;
    if (t->state.thread_id == q->ident) {
        t->state.async_exc = q->exception;
        thread_request(t, POLL_ASYNC_EXCEPTION);
        q->found++;
    }
}

int PyThreadState_SetAsyncExc(unsigned long ident, PyObject *exception)
{
    struct thread *t = capi_enter();
    struct by_ident q = {.ident = ident, .exception = capi_object(exception)};
    thread_for_each(set_async, &q);
    return capi_return_int(t, q.found);
}

/* The exception that another thread has asked for. */
static int raise_async(struct thread *t)
{
    PyObject *exception = t->state.async_exc;
    t->state.async_exc = NULL;
    if (exception != NULL) {
        error_raise_value(exception, VALUE_ABSENT);
    }
    return exception == NULL ? 0 : -1;
}

/* ---- Thread-specific storage. */

Py_tss_t *PyThread_tss_alloc(void)
{
    Py_tss_t *key = malloc(sizeof *key);
    if (key != NULL) {
        *key = (Py_tss_t)Py_tss_NEEDS_INIT;
    }
    return key;
}

void PyThread_tss_free(Py_tss_t *key)
{
    if (key != NULL) {
        PyThread_tss_delete(key);
        free(key);
    }
}

int PyThread_tss_is_created(Py_tss_t *key)
{
    return key->_is_initialized;
}

int PyThread_tss_create(Py_tss_t *key)
{
    if (!key->_is_initialized) {
        if (pthread_key_create(&key->_key, NULL) != 0) {
            return -1;
        }
        key->_is_initialized = 1;
    }
    return 0;
}

void PyThread_tss_delete(Py_tss_t *key)
{
    if (key->_is_initialized) {
        pthread_key_delete(key->_key);
        key->_is_initialized = 0;
    }
}

int PyThread_tss_set(Py_tss_t *key, void *value)
{
    return pthread_setspecific(key->_key, value) == 0 ? 0 : -1;
}

void *PyThread_tss_get(Py_tss_t *key)
{
    return pthread_getspecific(key->_key);
}

/* ---- Starting threads. They are no Python threads until they ask for it (PyGILState_Ensure). */

struct start {
    void (*function)(void *);
    void *argument;
};

static void *run_start(void *p)
{
    struct start start = *(struct start *)p;
    free(p);
    start.function(start.argument);
    return NULL;
}

unsigned long PyThread_start_new_thread(void (*function)(void *), void *argument)
{
    struct start *start = malloc(sizeof *start);
    pthread_attr_t attributes;
    pthread_t id;
    if (start == NULL) {
        return PYTHREAD_INVALID_THREAD_ID;
    }
    *start = (struct start){function, argument};
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int status = pthread_create(&id, &attributes, run_start, start);
    pthread_attr_destroy(&attributes);
    if (status != 0) {
        free(start);
        return PYTHREAD_INVALID_THREAD_ID;
    }
    return (unsigned long)id;
}

/* ---- Pending calls: a ring under a mutex, emptied by the main thread at a safepoint. */

#define PENDING_MAX 32

static struct pending {
    int (*function)(void *);
    void *argument;
} pending[PENDING_MAX];
static pthread_mutex_t pending_guard = PTHREAD_MUTEX_INITIALIZER;
static unsigned pending_first, pending_count; /* under pending_guard, as `pending` */

int Py_AddPendingCall(int (*function)(void *), void *argument)
{
    struct thread *t = capi_enter_quiet(); /* the main thread may wait for the guard, RUNNING */
    pthread_mutex_lock(&pending_guard);
    bool room = pending_count < PENDING_MAX;
    if (room) {
        pending[(pending_first + pending_count++) % PENDING_MAX] =
            (struct pending){function, argument};
    }
    pthread_mutex_unlock(&pending_guard);
    if (room) {
        thread_request(thread_main(), POLL_PENDING_CALL);
    }
    capi_leave_quiet(t);
    return room ? 0 : -1;
}

static bool take_pending(struct pending *out)
{
    pthread_mutex_lock(&pending_guard);
    bool found = pending_count > 0;
    if (found) {
        *out = pending[pending_first];
        pending_first = (pending_first + 1) % PENDING_MAX;
        pending_count--;
    }
    pthread_mutex_unlock(&pending_guard);
    return found;
}

/* What was there at the start: a call that adds itself again runs the next time. */
static int run_pending(struct thread *t)
{
    pthread_mutex_lock(&pending_guard);
    unsigned n = pending_count;
    pthread_mutex_unlock(&pending_guard);
    for (struct pending p; n > 0 && take_pending(&p); n--) {
        capi_leave(t);
        int status = p.function(p.argument);
        capi_enter();
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

int Py_MakePendingCalls(void)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, thread_is_main() ? run_pending(t) : 0);
}

void capi_init_threads(void)
{
    thread_hooks.run_pending_calls = run_pending;
    thread_hooks.raise_async = raise_async;
}

/* ---- All threads. The list may change meanwhile, as under CPython without its lock. */

PyThreadState *PyInterpreterState_ThreadHead(PyInterpreterState *interpreter)
{
    struct thread *t = thread_first();
    return t == NULL ? NULL : &t->state;
}

PyThreadState *PyThreadState_Next(PyThreadState *state)
{
    struct thread *t = ((struct thread *)state)->next;
    return t == NULL ? NULL : &t->state;
}
