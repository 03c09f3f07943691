/* SPDX-License-Identifier: MIT */
/* The error state of the calling thread (PyThreadState.curexc_*), and raising.
 *
 * An exception is always normalised when it is set: curexc_value is an instance, curexc_type its
 * type, curexc_traceback its traceback so far (or NULL). The exception types are CPython's
 * PyExc_* variables. */
#ifndef OROCHI_OBJECT_ERROR_H
#define OROCHI_OBJECT_ERROR_H

#include <Python.h>

#include "base/value.h"
#include "thread/thread.h"

static inline bool error_occurred(void)
{
    return thread_current()->state.curexc_type != NULL;
}

/* Sets an exception whose message is made from a format:
 *   %s const char *   %d int   %zd Py_ssize_t   %zu size_t   %ld long   %lld long long   %c char
 *   %x unsigned   %%   %.Ns as in printf
 *   %U PyObject * (a str)   %S Value (str())   %R Value (repr())   %A Value (ascii())
 *   %T Value (the name of its type, as "%.200s" of tp_name would)   %N PyTypeObject * (its name)
 * Chains the exception being handled as __context__. Returns VALUE_NULL, for
 * `return error_raise(...)`. May run Python code (for %S, %R, %A and for exception classes). */
Value error_raise(PyObject *type, const char *format, ...);
/* As above; returns -1 / NULL. */
int error_raise_int(PyObject *type, const char *format, ...);
void *error_raise_null(PyObject *type, const char *format, ...);
/* raise type(argument): KeyError(key), StopIteration(value) ... argument may be ABSENT: no args. */
Value error_raise_value(PyObject *type, Value argument);
/* Sets an existing instance as the current exception, chaining __context__. */
void error_set_instance(PyObject *exception);
Value error_no_memory(void);
/* OSError (the right subclass) from errno; filename may be NULL. */
Value error_from_errno(PyObject *filename);
Value error_from_errno2(PyObject *filename, PyObject *filename2);
/* The AttributeError "'X' object has no attribute 'y'", with name and obj set. */
Value error_no_attribute(Value object, PyObject *name);
/* Gives a current plain AttributeError name and obj, if it has neither: for suggestions. */
void error_set_attribute_context(Value object, PyObject *name);
/* "unsupported operand type(s) for +: 'X' and 'Y'" */
Value error_bad_operands(Value left, Value right, const char *symbol);
/* bad internal call, "SystemError" */
Value error_internal(const char *what);

/* Does the current exception match a type or tuple of types? No exception set: false. */
bool error_matches(PyObject *type);
bool error_instance_matches(PyObject *exception, PyObject *type_or_tuple);
void error_clear(void);
/* Takes the current exception away (NULL if none); its __traceback__ is up to date. */
PyObject *error_take(void);
/* Puts an exception taken by error_take back as it was: no chaining. NULL clears. */
void error_restore(PyObject *exception);
/* If StopIteration is set, clears it, stores its value and returns true. */
bool error_take_stop_iteration(Value *result);
/* The exception being handled (sys.exc_info()[1]), or NULL. */
PyObject *error_handled(void);

/* What sys.unraisablehook is called with; made once, when sys is. 0 or -1. */
extern PyTypeObject *error_unraisable_type;
int error_init_unraisable(void);
/* Reports and clears the current exception through sys.unraisablehook. `where` may be ABSENT. */
void error_write_unraisable(Value where, const char *message);
/* Prints through sys.excepthook as the top level does; handles SystemExit by exiting. */
void error_print(void);
/* Replaces the current exception by `type(message)` with the old one as __cause__. */
Value error_raise_from_current(PyObject *type, const char *format, ...);
/* warnings.warn(message, category, stacklevel). 0, or -1 if it became an exception. */
int error_warn(PyObject *category, int stack_level, const char *format, ...);

/* ---- What the layers above set at start-up. */
extern PyObject *error_sys_dict; /* the dict of the sys module; NULL before there is one */
struct error_hooks {
    void (*exit)(int status); /* finalizes and ends the process */
};
extern struct error_hooks error_hooks;
/* The exit status of a SystemExit instance; prints a code that is no number. */
int error_exit_status(PyObject *exception);
/* What sys.unraisablehook does by default. Arguments may be None. 0 or -1. */
int error_display_unraisable(Value type, Value exception, Value traceback, Value message,
                             Value object);
/* Writes text to a file object, or to descriptor 2 if `file` is ABSENT. 0 or -1. */
int error_write(Value file, PyObject *text);
int error_write_text(Value file, const char *format, ...);

/* Guards recursion in C: 0, or -1 with RecursionError ("maximum recursion depth exceeded" + where).
 * where is e.g. " while calling a Python object". */
extern int recursion_limit;                     /* atomic: how deep; sys.setrecursionlimit() */
COLD int recursion_too_deep(const char *where); /* raises; -1 */
static ALWAYS_INLINE int recursion_enter(const char *where)
{
    struct thread *t = thread_current();
    if (UNLIKELY(thread_stack_is_low() ||
                 t->recursion_depth >= (uint32_t)atomic_load_relaxed(&recursion_limit))) {
        return recursion_too_deep(where);
    }
    t->recursion_depth++;
    return 0;
}
static ALWAYS_INLINE void recursion_leave(void)
{
    thread_current()->recursion_depth--;
}

#endif
