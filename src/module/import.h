/* SPDX-License-Identifier: MIT */
/* The C side of import: sys.modules, __import__, and what the bootstrap needs. The machinery itself
 * is the standard library's importlib, run from its source (see main/bootstrap.c).
 *
 * Shared state: the modules dict and the importlib module are set once at start-up; sys.modules is
 * an ordinary dict afterwards. */
#ifndef OROCHI_MODULE_IMPORT_H
#define OROCHI_MODULE_IMPORT_H

#include "object/native.h"
#include "object/object.h"

struct import_state {
    PyObject *modules;   /* sys.modules as created; sys.modules may be rebound by the program */
    PyObject *sys;       /* the sys module */
    PyObject *builtins;  /* the builtins module */
    PyObject *importlib; /* importlib._bootstrap, once installed */
    Value gcd_import;    /* its _gcd_import function */
};
extern struct import_state import_state;

/* -X importtime: tell how long each import takes. Constant after start-up. */
extern bool import_show_times;

/* What the C API provides: extension modules. NULL: none can be loaded. */
struct import_hooks {
    Value (*create_dynamic)(Value spec);
    int (*exec_dynamic)(PyObject *module); /* 0 or -1 */
    /* Modules that the program has added (PyImport_AppendInittab). The i-th name, or NULL. */
    const char *(*added_name)(size_t i);
    Value (*create_added)(Value spec, PyObject *name); /* VALUE_ABSENT: there is none */
};
extern struct import_hooks import_hooks;

/* sys.modules as the program sees it; NULL with RuntimeError if it is gone. */
PyObject *import_modules(void);
/* __import__(name, globals, locals, fromlist, level); globals may be NULL. May run Python code. */
Value import_module_level(PyObject *name, PyObject *globals, Value fromlist, int level);
/* importlib.import_module(name) for a dotted absolute name: the module itself. */
Value import_module(const char *name);
/* getattr(import_module(module), attribute) */
Value import_attribute(const char *module, const char *attribute);
/* The definition of a ported module, or NULL. */
const struct module_def *import_find_builtin(PyObject *name);
/* The module of a definition: made at the first call, the same one ever after. */
Value import_once(const struct module_def *def);
/* Wraps functions of importlib._bootstrap_external: cache files are checked (module/pyc.c). 0 or
 * -1.
 */
int import_seal_caches(PyObject *external);
/* A tuple of the names of all ported modules, sorted. */
PyObject *import_builtin_names(void);
/* Another interpreter is about to be made: there are no modules. */
void import_reset(void);
void import_lock_reset(void);
/* The lock of _imp.acquire_lock(), reentrant; fork() is called under it, so that the child finds it
 * free. Waiting detaches the thread. */
void import_lock_acquire(void);
void import_lock_release(void);
/* 1; -1 if the calling thread does not have it. */
int import_lock_release_mine(void);
/* sys.<name>, or VALUE_ABSENT. Never an error. */
Value sys_get(const char *name);
int sys_set(const char *name, Value v);

#endif
