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

/* sys.audit(event, ...): calls the hooks of sys.addaudithook. 0 or -1. No hooks: no cost. */
int sys_audit(const char *event, const Value *args, size_t nargs);
/* sys.is_finalizing(). Atomic. */
extern bool sys_finalizing;

#endif
