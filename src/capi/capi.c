/* SPDX-License-Identifier: MIT */
/* The extension boundary: CPython 3.11's C API, for compiled modules that were built against
 * CPython's own headers.
 *
 * Terms
 *   extension code  compiled code that follows CPython's rules: any function outside of Orochi's
 *                   text. It runs under the extension lock (thread/extension_lock.h).
 *   C count         the part of ob_refcnt that extension code increments and decrements.
 *   public          an object that is, or was, reachable through references that nobody counts:
 *                   ob_refcnt = C count + 2^40 + 2
 *                   (base/reference_count.h). Only the collector frees it.
 *   private         an object of extension code that no value of ours refers to yet: ob_refcnt is
 *                   all the references there are; it is deallocated at once when that falls to 0.
 *   foreign cell    memory that extension code asked for (heap/foreign.c): raw, or an object.
 *   crossing        a call from our code into extension code, or back.
 *
 * Who counts what
 *   - Our own code counts nothing: values, items of our containers, registers.
 *   - A new reference that an exported function returns is one C count; a borrowed one is none: it
 *     is good as long as the container has it, or as long as it is on the C stack of the thread,
 *     which the collector scans.
 *   - An argument is published (it may be kept), its count stays with the caller. A reference that
 *     is stolen or returned to us is published and gives its count up: from there on the
 *     collector keeps the object alive.
 *   - Tuples and lists that extension code makes with PyTuple_New and PyList_New, and instances of
 *     its own types, are born private, and so the stores of macros into them need no help. When a
 *     private container is published, its items are, and their counts are given up.
 *   - Between two operators a temporary register may own a private object (vm/temporary.c).
 *   - The error state (curexc_*) is not counted while our code runs and counted while extension
 *     code runs, which reads and writes the fields itself: capi_enter and capi_leave convert.
 *
 * Invariants
 *   1. A C count above zero is a root: the collector scans headers once an extension was loaded
 *      (heap_scan_counts). So extension code may keep a counted reference anywhere.
 *   2. ob_refcnt is only changed under the extension lock (and at birth).
 *   3. Whatever may run Python code or block may have lost the extension lock; capi_leave takes it
 *      again before extension code goes on, and before a count is changed at the end of a function.
 *   4. Writable data of every loaded extension is scanned conservatively: static types and cached
 *      objects need no registration.
 *   5. An object is deallocated by hand only in foreign cells. heap_disown_foreign comes first, so
 *      that a collection meanwhile takes it for raw memory.
 *
 * Finding dead objects of extensions. A private one is freed by its count. A public one whose C
 * count is zero and that nothing marks is queued by the collector, after the finalizers of Python
 * classes have run; capi_foreign_dead takes the lock and calls its tp_dealloc, which gives up the
 * references that it held.
 *
 * Slots. Both directions go through thunks (thunk.c): tp_repr of our types calls our operation, our
 * operation `repr` of an extension type calls its tp_repr. A pointer that an extension copies from
 * one of our types is recognised, so what it inherits from us runs as ours, without the lock.
 *
 * Rejected: handles instead of pointers with a proxy object per object of ours (identity and macros
 * break); counting references from our containers while an extension is loaded (every store of
 * every thread would pay); one crossing function per type and slot (thousands, and none for
 * classes made at run time). */
#include "capi/capi.h"

#include "capi/capi_int.h"
#include "capi/type_int.h"
#include "heap/prompt.h"
#include "object/exception.h"
#include "object/function.h"
#include "object/list.h"

/* ---- The error state. */

static void give_up_count(PyObject *o)
{
    if (o != NULL) {
        capi_steal(o);
    }
}

/* Extension code may leave a class and a message, or a class and nothing. */
static void make_instance(PyObject *type, PyObject *value, PyObject *traceback)
{
    Value class = value_from_object(type);
    Value made;
    if (value == NULL || value == Py_None) {
        made = object_call0(class);
    } else if (tuple_check(value_from_object(value))) {
        made = object_call_tuple(class, value, NULL);
    } else {
        made = object_call1(class, value_from_object(value));
    }
    if (value_is_null(made)) {
        return;
    }
    PyObject *exception = value_object(made);
    if (traceback != NULL) {
        exception_set_traceback(exception, traceback);
    }
    error_restore(exception);
}

void capi_adopt_error(struct thread *t)
{
    PyObject *type = t->state.curexc_type, *value = t->state.curexc_value;
    PyObject *traceback = t->state.curexc_traceback;
    give_up_count(type);
    give_up_count(value);
    give_up_count(traceback);
    if (value != NULL && exception_check(value_from_object(value))) {
        t->state.curexc_type = (PyObject *)value->ob_type;
        return;
    }
    error_clear();
    if (exception_class_check(value_from_object(type))) {
        make_instance(type, value, traceback);
    } else {
        error_raise(PyExc_SystemError, "exception %R is not a BaseException subclass",
                    value_from_object(type));
    }
}

static void count_error(PyThreadState *s)
{
    s->curexc_type->ob_refcnt++;
    s->curexc_value->ob_refcnt++;
    if (s->curexc_traceback != NULL) {
        s->curexc_traceback->ob_refcnt++;
    }
}

/* A thread that calls us between PyEval_SaveThread and PyEval_RestoreThread breaks the rules, but
 * NumPy does it (PyDict_Next, to read a dtype's fields): it stays detached, without the lock. */
void capi_leave_slow(struct thread *t)
{
    if (UNLIKELY(atomic_load_relaxed(&t->status) != THREAD_RUNNING)) {
        return;
    }
    if (UNLIKELY(t->stops_world)) {
        return; /* a tp_traverse that asks something; nobody else runs */
    }
    thread_enter_ours(t);
    thread_safepoint_quiet(t);
    extension_lock_take(t);
    if (t->state.curexc_type != NULL) {
        count_error(&t->state);
    }
    capi_leave_quiet(t);
}

void capi_leave_quiet_slow(struct thread *t)
{
    while (atomic_load_relaxed(&t->status) == THREAD_RUNNING && !t->stops_world &&
           (atomic_load_relaxed(&t->poll) & POLL_STOP_WORLD) != 0) {
        thread_enter_ours(t);
        thread_safepoint_quiet(t);
        thread_enter_extension(t);
    }
}

/* ---- Publishing. */

/* Extensions may forget PyType_Ready for a static type: then it is made ready when it, or its first
 * instance, is seen. */
static void ensure_ready(PyTypeObject *type)
{
    if (UNLIKELY(type->tp_cache == NULL && !type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) &&
        capi_ready_type(type) < 0) {
        error_write_unraisable(value_from_object(type), NULL);
    }
}

static bool closes(const PyObject *o)
{
    return o->ob_type->tp_cache != NULL && (type_info(o->ob_type)->flags & TYPE_CLOSES) != 0;
}

void capi_publish_slow(PyObject *o)
{
    o->ob_refcnt += OBJECT_PUBLIC_COUNT;
    ensure_ready(PyType_Check(o) ? (PyTypeObject *)o : o->ob_type);
    if (UNLIKELY(thread_current()->prompt->heavy_bytes != 0 || closes(o))) {
        heap_prompt_heavy(o);
    }
    PyObject **items = NULL;
    Py_ssize_t count = 0;
    if (PyTuple_Check(o)) {
        items = ((PyTupleObject *)o)->ob_item;
        count = Py_SIZE(o);
    } else if (PyList_CheckExact(o)) {
        items = ((PyListObject *)o)->ob_item;
        count = Py_SIZE(o);
    } else if (PyUnicode_CheckExact(o) && capi_ready_string(o) < 0) {
        PyErr_Clear(); /* the maker did not ask; each wrong character is U+FFFD */
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (items[i] != NULL) {
            heap_remember(&items[i]); /* extension code stored it, without barrier */
            capi_steal(items[i]);
        }
    }
}

/* ---- Results of extension code. */

static Value wrong_result(PyObject *result, const char *what, PyObject *callable)
{
    PyObject *shown = what != NULL ? str_from_text(what) : NULL;
    Value name = callable != NULL ? value_from_object(callable) : value_from_object(shown);
    if (result == NULL) {
        return callable != NULL
                   ? error_raise(PyExc_SystemError, "%R returned NULL without setting an exception",
                                 name)
                   : error_raise(PyExc_SystemError, "%S returned NULL without setting an exception",
                                 name);
    }
    return callable != NULL
               ? error_raise_from_current(PyExc_SystemError,
                                          "%R returned a result with an exception set", name)
               : error_raise_from_current(PyExc_SystemError,
                                          "%S returned a result with an exception set", name);
}

Value capi_result_slow(PyObject *result, const char *what, PyObject *callable)
{
    struct thread *t = capi_enter();
    bool was_private = result != NULL && !object_is_public(result);
    Value v = capi_steal(result);
    t->published = NULL;
    if (UNLIKELY((result == NULL) != (t->state.curexc_type != NULL))) {
        return wrong_result(result, what, callable);
    }
    t->published = was_private ? result : NULL;
    return v;
}

int capi_result_int(int result)
{
    const struct thread *t = capi_enter();
    if (UNLIKELY(result == -1 && t->state.curexc_type == NULL)) {
        wrong_result(NULL, "a slot", NULL);
    }
    return result;
}

int capi_pack_arguments(const Value *args, size_t nargs, PyObject *kwnames, PyObject **tuple,
                        PyObject **kwargs)
{
    *kwargs = NULL;
    *tuple = tuple_from_array(args, nargs);
    size_t keywords = kwnames == NULL ? 0 : (size_t)tuple_length(kwnames);
    if (keywords != 0 && *tuple != NULL) {
        *kwargs = dict_new();
        for (size_t i = 0; *kwargs != NULL && i < keywords; i++) {
            if (dict_set(*kwargs, tuple_get(kwnames, (Py_ssize_t)i), args[nargs + i]) < 0) {
                return -1;
            }
        }
    }
    return *tuple == NULL || (keywords != 0 && *kwargs == NULL) ? -1 : 0;
}

/* ---- Helpers. */

PyObject *capi_name(PyObject *name)
{
    return str_name_check(capi_value(name));
}

PyObject *capi_bad_argument(const char *file, int line)
{
    struct thread *t = capi_enter();
    return capi_return(
        t, error_raise(PyExc_SystemError, "%s:%d: bad argument to internal function", file, line));
}

int capi_bad_argument_int(const char *file, int line)
{
    capi_bad_argument(file, line);
    return -1;
}

void capi_begin_embedding(void)
{
    capi_prepare_extensions();
    capi_leave(thread_current());
}

void capi_end_embedding(void)
{
    capi_enter();
}

void capi_reset(void)
{
    capi_reset_modules();
    capi_init_interpreter();
}

void capi_init(void)
{
    heap_hooks.foreign_dead = capi_foreign_dead;
    heap_hooks.foreign_clear = capi_foreign_clear;
    heap_hooks.foreign_traverse = capi_foreign_traverse;
    capi_init_methods();
    capi_init_loader();
    capi_init_empty_bytes();

    capi_init_interpreter();
    capi_init_threads();
    capi_init_capsules();
    capi_init_errors();
    capi_init_datetime();
    capi_init_readline();
    capi_init_tracing();
}
