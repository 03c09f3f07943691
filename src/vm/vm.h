/* SPDX-License-Identifier: MIT */
/* Running code. vm/vm.c explains frames, windows, calls and unwinding. */
#ifndef OROCHI_VM_VM_H
#define OROCHI_VM_VM_H

#include "bytecode/code.h"
#include "object/object.h"

/* Runs code that is no function (module, exec, eval, class body) to its end. locals may be any
 * mapping; NULL: globals. */
Value vm_run(PyObject *code, PyObject *globals, Value locals, PyObject *closure);
/* Start-up: hooks into thread, heap and object. 0 or -1. */
int vm_init(void);

/* ---- Looking at the running frames of the calling thread (no Python code). */
PyObject *vm_globals(void);           /* of the innermost Python frame, or NULL */
PyObject *vm_builtins(void);          /* that frame's builtins dict, or the interpreter's */
PyObject *vm_locals(void);            /* locals(): dict or mapping; error value NULL */
PyObject *vm_frame_object(int depth); /* sys._getframe(depth): PyFrameObject; ValueError */
int vm_current_line(void);
/* For super() without arguments: the __class__ cell's contents and the first argument. 0, or -1
 * with RuntimeError in CPython's words. */
int vm_super_arguments(Value *type, Value *self);
/* {thread id: frame} as sys._current_frames; stops the world. */
PyObject *vm_current_frames(void);
/* {thread id: exception being handled or None} as sys._current_exceptions; stops the world. */
PyObject *vm_current_exceptions(void);
/* Whoever lists objects shows what variables of the calling thread own, too: it becomes the
 * collector's (vm/temporary.c). No Python code. */
void vm_share_owned(void);
/* How deep the calling thread's Python calls are nested. */
int vm_recursion_depth(void);
/* sys.settrace and sys.setprofile; func None turns off. */
int vm_set_trace(Value function, bool profile);
Value vm_get_trace(bool profile);
/* The same for C functions, which get the object (NULL: None); function NULL turns off. */
void vm_set_c_trace(Py_tracefunc function, PyObject *object, bool profile);
/* Calls such a function; set by capi/. 0, or -1 with an exception. */
extern int (*vm_call_c_trace)(Py_tracefunc c, PyObject *object, PyObject *frame, int what,
                              PyObject *v);
extern int vm_recursion_limit; /* atomic; set by vm_set_recursion_limit */
void vm_set_recursion_limit(int limit);
/* builtins.__build_class__ (vm/build_class.c). */
Value vm_build_class(Value self, const Value *args, size_t nargs, PyObject *kwnames);
/* CO_* flags of the innermost Python frame's code, 0 without one: compile() inherits futures. */
int vm_code_flags(void);
/* anext(it, default): awaits the awaitable, the default when it is exhausted. */
Value vm_anext_awaitable(Value awaitable, Value fallback);
/* The builtins dict of the interpreter; set by main at start-up, a root. */
extern PyObject *vm_default_builtins;

#endif
