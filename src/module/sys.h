/* SPDX-License-Identifier: MIT */
/* What start-up tells the sys module. */
#ifndef OROCHI_MODULE_SYS_H
#define OROCHI_MODULE_SYS_H

#include "object/object.h"

/* The command line and environment, digested. Written by main before sys is made, constant after.
 */
struct sys_config {
    int debug, inspect, interactive, optimize, dont_write_bytecode, no_user_site, no_site,
        ignore_environment, verbose, bytes_warning, quiet, isolated, dev_mode, utf8_mode,
        warn_default_encoding, safe_path, hash_randomization, unbuffered, faulthandler;
    const char *check_pycs;                    /* NULL: default */
    int max_str_digits;                        /* -1: default */
    bool is_cpython;                           /* sys.implementation.name: design section 8 */
    PyObject *argv, *orig_argv, *warn_options; /* lists of str */
    PyObject *x_options;                       /* dict */
    PyObject *path;                            /* list of str */
    PyObject *executable, *base_executable;    /* str, as all below */
    PyObject *prefix, *base_prefix, *exec_prefix, *base_exec_prefix, *platlibdir, *stdlib_dir;
    PyObject *pycache_prefix; /* str or None */
};
extern struct sys_config sys_config;

#define OROCHI_VERSION "0.1.0"
extern const char sys_version[], sys_copyright[]; /* the texts of sys.version, sys.copyright */
#define OROCHI_CACHE_TAG "orochi-311"

/* ---- Auditing (sys_audit.c). */

/* Is there a hook, of Python code or of C code? Set after it was added. Atomic. */
extern bool sys_audit_hooked;
static inline bool sys_audit_wanted(void)
{
    return UNLIKELY(atomic_load_relaxed(&sys_audit_hooked));
}
/* Calls the hooks of C code; NULL: there are none. Set once by capi/, before sys_audit_hooked.
 * Atomic. */
extern int (*sys_audit_in_c)(const char *event, PyObject *args);
/* The hooks of sys.addaudithook alone. `args` is a tuple. May run Python. 0 or -1. */
int sys_audit_in_python(const char *event, PyObject *args);
COLD int sys_audit_slow(const char *event, const Value *args, size_t nargs);
/* sys.audit(event, ...). May run Python, if there is a hook. 0 or -1; an exception that was set
 * before stays, unless a hook fails. */
static inline int sys_audit(const char *event, const Value *args, size_t nargs)
{
    return sys_audit_wanted() ? sys_audit_slow(event, args, nargs) : 0;
}
/* The same with arguments by format: O a Value (absent: None), i an int, I an unsigned, l an
 * int64_t, d a descriptor of a directory (AT_FDCWD: -1), s text (NULL: None), y the text as bytes.
 */
int sys_audit_values(const char *event, const char *format, ...);
/* The interpreter ends: tells the hooks, and forgets those of Python code. */
void sys_audit_end(void);

/* sys.is_finalizing(). Atomic. */
extern bool sys_finalizing;

#endif
