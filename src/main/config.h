/* SPDX-License-Identifier: MIT */
/* Configuration: PyConfig, as Python.h declares it, is what everything is made from, the command
 * line of the program included.
 *
 *   command line, environment, flags   -- config_read -->  PyConfig, every number decided
 *   PyConfig                           -- pathconfig_read -->  its paths, too
 *   PyConfig                           -- config_apply -->  sys_config and the options of the parts
 *
 * No objects exist meanwhile; strings are wide ones in memory of PyMem_RawMalloc. All of it belongs
 * to the one thread that starts the interpreter. */
#ifndef OROCHI_MAIN_CONFIG_H
#define OROCHI_MAIN_CONFIG_H

#include <Python.h>
#include <stdbool.h>

/* PyConfig._config_init and PyPreConfig._config_init. COMPAT: Py_Initialize, which asks the global
 * variables (Py_VerboseFlag and the like). */
enum config_kind { CONFIG_COMPAT = 1, CONFIG_PYTHON, CONFIG_ISOLATED };

/* ---- initconfig.c */
PyStatus config_error(const char *function, const char *message);
PyStatus config_copy(PyConfig *to, const PyConfig *from);
PyStatus config_copy_list(PyWideStringList *to, const PyWideStringList *from);
/* *field becomes a copy (NULL: none); what it held is freed. */
PyStatus config_set_text(wchar_t **field, const wchar_t *text);
PyStatus config_set_bytes(wchar_t **field, const char *text);

/* ---- config.c */
/* As Py_InitializeEx wants it: from the global variables, no command line. */
void config_init_compat(PyConfig *config);
/* Decides every field but the paths. --help and --version print; the status says to exit then. */
PyStatus config_read(PyConfig *config);
/* The value of -X name or -X name=value: "" without value, NULL if not given. */
const wchar_t *config_x_option(const PyWideStringList *options, const char *name);
/* getenv, unless the environment is not used; an empty variable counts as unset. */
const char *config_environment(const PyConfig *config, const char *name);
/* PySys_AddWarnOption, PySys_AddXOption before the start. */
extern PyWideStringList config_early_warnings, config_early_x_options;

/* ---- config_apply.c: sys_config, the flags of Python.h, options of heap, threads, compiler. */
PyStatus config_apply(const PyConfig *config);

/* ---- preconfig.c */
/* Makes the pre-configuration that suits the configuration if there is none yet. */
PyStatus preconfig_ensure(const PyConfig *config);
const PyPreConfig *preconfig_get(void);
bool preconfig_is_done(void);
/* utf8_mode: as asked for, else if the locale says nothing about an encoding. */
PyStatus preconfig_read_utf8_mode(PyConfig *config);
/* Py_VerboseFlag and the like become what the configuration says. */
void preconfig_set_flags(const PyConfig *config);

/* ---- pathconfig.c */
/* Fills the fields for paths that nobody has set. */
PyStatus pathconfig_read(PyConfig *config);
/* Adds the parts of a search path, which colons separate. */
PyStatus pathconfig_split(PyWideStringList *list, const wchar_t *text);
/* Our own lib/ folder: beside the program or library, else in the source tree. Static memory. */
const char *pathconfig_library(void);
/* The program's file, as the system knows it, or NULL. Static memory. */
const char *pathconfig_program(void);

/* ---- lifecycle.c */
/* "preinitializing", "initialized", ... for messages. */
const char *runtime_state_name(void);

#endif
