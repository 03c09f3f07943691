/* SPDX-License-Identifier: MIT */
/* What the files of src/capi/ share; capi.c explains the boundary.
 *
 * How an exported function is written
 *
 *     PyObject *PyObject_GetItem(PyObject *o, PyObject *key)
 *     {
 *         struct thread *t = capi_enter();
 *         return capi_return(t, object_getitem(capi_value(o), capi_value(key)));
 *     }
 *
 * capi_enter comes first and one of the capi_return functions last, in every function that may
 * raise, look at the error state, allocate, lock or run Python code. A function that does none of
 * that (PyTuple_Size) needs neither. Between the two it is code as everywhere else in Orochi.
 * In between lie: capi_value (an argument), capi_steal (an argument whose reference the function
 * takes over). Nothing but these functions touches ob_refcnt.
 *
 * Outside of that pair a thread counts as being in extension code, where a collection may stop it
 * between any two instructions (thread/world.c). */
#ifndef OROCHI_CAPI_CAPI_INT_H
#define OROCHI_CAPI_CAPI_INT_H

#include <Python.h>

#include "heap/heap.h"
#include "object/native.h"
#include "object/object.h"
#include "object/str.h"
#include "thread/extension_lock.h"
#include "thread/thread.h"

/* ---- Crossing. */

COLD void capi_leave_slow(struct thread *t);
COLD void capi_adopt_error(struct thread *t);

/* Extension code -> ours. The error state is ours now: not counted. No safepoint, unless extension
 * code left an exception that is no instance. */
static ALWAYS_INLINE struct thread *capi_enter(void)
{
    struct thread *t = thread_current();
    thread_enter_ours(t);
    if (UNLIKELY(t->state.curexc_type != NULL)) {
        capi_adopt_error(t);
    }
    return t;
}

/* Ours -> extension code: the thread has the extension lock, and its error state is counted. A
 * safepoint that runs no Python code; may wait for the lock. */
static ALWAYS_INLINE void capi_leave(struct thread *t)
{
    thread_enter_extension(t);
    if (UNLIKELY(!extension_lock_is_mine(t) || atomic_load_relaxed(&t->poll) != 0 ||
                 t->state.curexc_type != NULL)) {
        capi_leave_slow(t);
    }
}

/* The same for a function of extension code that is about to be called. */
static ALWAYS_INLINE void capi_leave_to(struct thread *t, const void *function)
{
    t->extension_function = function;
    capi_leave(t);
}

/* The pair for functions that only take a lock of the runtime, or change what is under the
 * extension lock: the error state stays extension code's. */
static ALWAYS_INLINE struct thread *capi_enter_quiet(void)
{
    struct thread *t = thread_current();
    if (LIKELY(t != NULL)) {
        thread_enter_ours(t);
    }
    return t;
}
COLD void capi_leave_quiet_slow(struct thread *t);
static ALWAYS_INLINE void capi_leave_quiet(struct thread *t)
{
    if (LIKELY(t != NULL)) {
        thread_enter_extension(t);
        if (UNLIKELY(atomic_load_relaxed(&t->poll) & POLL_STOP_WORLD)) {
            capi_leave_quiet_slow(t);
        }
    }
}

/* ---- References. The extension lock is held. */

COLD void capi_publish_slow(PyObject *o);
static ALWAYS_INLINE void capi_publish(PyObject *o)
{
    if (UNLIKELY(!object_is_public(o))) {
        capi_publish_slow(o);
    }
}

/* A reference that extension code lends us (an argument). NULL gives VALUE_NULL. */
static ALWAYS_INLINE Value capi_value(PyObject *o)
{
    if (LIKELY(o != NULL)) {
        capi_publish(o);
    }
    return value_from_object(o);
}
/* The same for arguments that may be missing: NULL gives `missing`. */
static inline Value capi_value_or(PyObject *o, Value missing)
{
    return o == NULL ? missing : capi_value(o);
}
/* An object that has to be published, as a pointer. */
static ALWAYS_INLINE PyObject *capi_object(PyObject *o)
{
    if (LIKELY(o != NULL)) {
        capi_publish(o);
    }
    return o;
}
/* A reference that extension code gives us: its count passes to the collector. */
static ALWAYS_INLINE Value capi_steal(PyObject *o)
{
    if (LIKELY(o != NULL)) {
        capi_publish(o);
        o->ob_refcnt--;
    }
    return value_from_object(o);
}
/* The reference that a view has in extension code; on our side objects of ours are not counted. */
static inline void capi_count_view(const Py_buffer *view)
{
    if (view->obj != NULL && !object_counts_views(view->obj)) {
        view->obj->ob_refcnt++;
    }
}
/* Gives a view of extension code back, which is not NULL. */
static inline void capi_release_view(Py_buffer *view)
{
    capi_publish(view->obj);
    if (!object_counts_views(view->obj)) {
        extension_lock_take(thread_current());
        view->obj->ob_refcnt--;
    }
    object_release_buffer(view);
}
/* Publishes an array of arguments; PyObject * and Value have the same bits. */
static inline const Value *capi_values(PyObject *const *objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        capi_publish(objects[i]);
    }
    return (const Value *)(const void *)objects;
}

/* ---- Ends of exported functions. */

/* A new reference; VALUE_NULL passes an error. */
static ALWAYS_INLINE PyObject *capi_return(struct thread *t, Value v)
{
    PyObject *o = value_box(v);
    capi_leave(t);
    if (LIKELY(o != NULL)) {
        o->ob_refcnt++;
    }
    return o;
}
static ALWAYS_INLINE PyObject *capi_return_object(struct thread *t, PyObject *o)
{
    return capi_return(t, value_from_object(o));
}
/* A borrowed reference. */
static ALWAYS_INLINE PyObject *capi_return_borrowed(struct thread *t, Value v)
{
    PyObject *o = value_box(v);
    capi_leave(t);
    return o;
}
static ALWAYS_INLINE int capi_return_int(struct thread *t, int result)
{
    capi_leave(t);
    return result;
}
static ALWAYS_INLINE Py_ssize_t capi_return_size(struct thread *t, Py_ssize_t result)
{
    capi_leave(t);
    return result;
}
/* For results that are neither: leaves, and gives back what it was given. */
static ALWAYS_INLINE void *capi_return_pointer(struct thread *t, const void *result)
{
    capi_leave(t);
    return (void *)(uintptr_t)result;
}

/* ---- Calling extension code. The arguments are boxed and on the C stack; then capi_leave(t), the
 * call, and one of these. */

/* A new reference that it returned, or NULL with an exception; `what` names it in the SystemError
 * for NULL without one, or a result with one. */
COLD Value capi_result_slow(PyObject *result, const char *what, PyObject *callable);
static ALWAYS_INLINE Value capi_result(PyObject *result, const char *what, PyObject *callable)
{
    struct thread *t = thread_current();
    if (UNLIKELY(result == NULL || t->state.curexc_type != NULL || !object_is_public(result))) {
        return capi_result_slow(result, what, callable);
    }
    thread_enter_ours(t);
    t->published = NULL;
    result->ob_refcnt--;
    return value_from_object(result);
}
/* The same; but a new object of an extension type that nobody else refers to stays private if
 * `keep`: *is_private is true, and the reference is the caller's. */
static ALWAYS_INLINE Value capi_result_kept(PyObject *result, bool keep, bool *is_private,
                                            const char *what, PyObject *callable)
{
    struct thread *t = thread_current();
    if (keep && result != NULL && result->ob_refcnt == 1 && t->state.curexc_type == NULL &&
        result->ob_type->tp_cache != NULL &&
        (type_info(result->ob_type)->flags & TYPE_FOREIGN) != 0) {
        thread_enter_ours(t);
        *is_private = true;
        return value_from_object(result);
    }
    return capi_result(result, what, callable);
}
/* A status: -1 with an exception. */
int capi_result_int(int result);
/* A tuple and dict for the arguments of a call; *kwargs is NULL if there are no keywords. 0 or -1.
 */
int capi_pack_arguments(const Value *args, size_t nargs, PyObject *kwnames, PyObject **tuple,
                        PyObject **kwargs);
/* Of this executable or library, whatever others there are. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));
/* Is this a function of ours? Anything else is extension code. */
static inline bool capi_is_our_code(const void *function)
{
    return (uintptr_t)function - (uintptr_t)__ehdr_start <
           (uintptr_t)etext - (uintptr_t)__ehdr_start;
}
/* For extension code that calls a callable: if that is a function of an extension, it is called
 * with the arguments as they are, private or not, and nothing is crossed. False: it is something
 * else, or the stack is low. *result: a new reference, or NULL with an exception, checked. */
bool capi_call_direct_slow(PyObject *callable, PyObject *const *args, size_t nargsf,
                           PyObject *kwnames, PyObject **result);
static ALWAYS_INLINE bool capi_call_direct(PyObject *callable, PyObject *const *args, size_t nargsf,
                                           PyObject *kwnames, PyObject **result)
{
    return callable->ob_type != &PyFunction_Type &&
           capi_call_direct_slow(callable, args, nargsf, kwnames, result);
}

/* ---- Small helpers for many files. */

/* A name as the lookup functions want it: an interned str, or NULL with TypeError. */
PyObject *capi_name(PyObject *name);
/* The interned str of an identifier, or NULL with MemoryError. */
PyObject *capi_identifier(_Py_Identifier *name);
/* Raises SystemError "bad argument to internal function" and returns as said. */
int capi_bad_argument_int(const char *file, int line);
PyObject *capi_bad_argument(const char *file, int line);
#define CAPI_BAD_ARGUMENT() capi_bad_argument(__FILE__, __LINE__)
#define CAPI_BAD_ARGUMENT_INT() capi_bad_argument_int(__FILE__, __LINE__)

/* A tuple of n items that extension code gave up, and that is empty now: PyTuple_New may use its
 * cell again. Any other list or tuple is left alone. */
void capi_keep_tuple(PyObject *o, Py_ssize_t n);

/* A private object: counted from now on, with one reference. What it refers to is counted, too. */
static inline PyObject *capi_make_private(PyObject *fresh)
{
    if (fresh != NULL) {
        fresh->ob_refcnt = 1;
    }
    return fresh;
}

/* ---- Thunks (thunk.c): functions made at run time from a piece of code and a datum. */
typedef void (*capi_code)(void);
/* `code` gets the thunk's number as its fifth argument. The same for the same pair. NULL: no more.
 */
void *capi_thunk(capi_code code, void *function);
/* The pair of a thunk; false if p is none. */
bool capi_thunk_find(const void *p, capi_code *code, void **function);
struct capi_thunk {
    void *code;
    void *function;
};
extern struct capi_thunk *capi_thunks;

/* ---- Types (typeobject.c, slot_in.c, slot_out.c). */

/* The C slots that a type lacks, from its operations. Also for types of our own. */
void capi_fill_slots(PyTypeObject *type);
/* The operations that an extension type defines, from its C slots; `foreign`: only those slots that
 * hold functions of extension code. */
void capi_take_slots(PyTypeObject *type, bool foreign);
/* tp_methods of a type of our own. */
void capi_fill_methods(PyTypeObject *type);
/* After the first extension: all types that there are get their C slots. */
void capi_fill_all_types(void);
/* tp_dealloc of the nearest extension base, for objects that the collector found dead. */
void capi_foreign_dead(PyObject *object);
void capi_foreign_clear(PyObject *object);
void capi_foreign_traverse(PyObject *object, int (*visit)(PyObject *, void *), void *argument);

/* For native_hooks, which says what they do (slot_in.c, methodobject.c, call.c,
 * class_lifecycle.c). */
Value capi_lend(Value (*operation)(Value, Value), Value left, Value right, bool keep, bool owned,
                bool *is_private);
Value capi_lend_get(PyObject *descriptor, PyObject *object, bool keep, bool *is_private);
bool capi_lends_store(int (*operation)(Value, Value, Value));
PyObject *capi_alloc_class(PyTypeObject *metatype);
int capi_take_class_slots(PyTypeObject *type);
bool capi_take_back(PyObject *callable, PyObject *result);
void capi_drop(PyObject *object);
void capi_share(PyObject *object);

/* What PyState_FindModule finds from now on. 0 or -1. */
int capi_remember_module(PyObject *module, const PyModuleDef *def);
/* The full name of the module whose init function is running, or NULL. */
extern const char *capi_package_context;

/* ---- Start-up of parts (called by capi_init). */
void capi_init_methods(void);
void capi_init_empty_bytes(void);
void capi_init_loader(void);
void capi_init_interpreter(void);
void capi_init_threads(void);
void capi_init_capsules(void);
void capi_init_errors(void);
void capi_init_datetime(void);
void capi_init_readline(void);
void capi_init_tracing(void);
/* Before the first extension, or a program that embeds Python, gets objects. Does nothing later. */
void capi_prepare_extensions(void);
/* The writable data of the library or program that the address is in become roots. Under the
 * extension lock. */
void capi_know_library(const void *address);
/* No single-phase module has been made, and PyState_FindModule finds none. */
void capi_reset_modules(void);
void capi_forget_state_modules(void);
/* At the first extension: _PyRuntime. */
void capi_init_runtime(void);

/* For functions whose callers pass lengths as ints: false, with an exception, if the units of the
 * format (its first bytes) have '#'. */
bool capi_check_lengths(const char *format, size_t bytes);
/* The old representation of a str, as PyUnicode_AsUnicode gives it. */
Py_UNICODE *capi_as_wide(PyObject *s, Py_ssize_t *size);
/* Gives a string that PyUnicode_FromUnicode(NULL, n) made, and its maker has filled, its own kind.
 * -1 with ValueError if it had words that are no characters: they are U+FFFD now. */
int capi_ready_string(PyObject *s);

#endif
