/* SPDX-License-Identifier: MIT */
/* What the files of main/ share. lifecycle.c gives the order of events. */
#ifndef OROCHI_MAIN_MAIN_INT_H
#define OROCHI_MAIN_MAIN_INT_H

#include "main/config.h"
#include "object/object.h"

/* ---- bootstrap.c: from nothing to a working import system. Each 0, or -1 with an exception. */
int bootstrap_config_objects(const PyConfig *config);
int bootstrap_modules(void);  /* sys, builtins, importlib */
int bootstrap_streams(void);  /* codecs, sys.stdin, stdout, stderr, open() */
int bootstrap_zip_hook(void); /* zip files in sys.path (zip_path.c) */
int bootstrap_site(void);     /* __main__, warnings options, site */
/* A str; a list of them; one more entry for sys._xoptions. Errors as usual. */
PyObject *bootstrap_text(const wchar_t *s);
PyObject *bootstrap_list(const PyWideStringList *texts);
int bootstrap_add_x_option(PyObject *dict, const wchar_t *option);
/* Where the code cache lives, or NULL. */
const char *bootstrap_cache_directory(void);

/* ---- run.c: runs what the configuration asks for; the exit status. */
int run_program(const PyConfig *config);
/* What comes first in sys.path, by the first item of sys.argv: the folder of a script, links
 * followed, the working directory for -m, "" else. NULL with an exception. */
PyObject *run_first_path(const wchar_t *argument);
/* Puts it there. 0 or -1; NULL gives -1. */
int run_prepend_path(PyObject *entry);

/* ---- lifecycle.c */
/* Starts the interpreter. Afterwards the calling thread is its main thread, in our own code. */
PyStatus runtime_start(const PyConfig *config);
/* The configuration of the interpreter that was started last. */
const PyConfig *runtime_config(void);
/* Waits for threads, runs atexit, flushes files; after that nobody else runs. The thread keeps its
 * record. Once per start. 0, or -1 if sys.stdout could not be written. */
int runtime_finish(void);
/* Finalizes and ends the process. */
NO_RETURN void runtime_exit(int status);

/* ---- shutdown.c: what a program can see of the end. 0, or -1 if stdout could not be written. */
int shutdown_run(void);
/* sys.stdout and sys.stderr; an exception that is set stays. */
void shutdown_flush_streams(void);

#endif
