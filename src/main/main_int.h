/* SPDX-License-Identifier: MIT */
/* What the files of main/ share. main.c gives the order of events. */
#ifndef OROCHI_MAIN_MAIN_INT_H
#define OROCHI_MAIN_MAIN_INT_H

#include "main/config.h"
#include "object/object.h"

/* ---- bootstrap.c: from nothing to a working import system. Each 0, or -1 with an exception. */
int bootstrap_config_objects(const struct config *config, int argc, char **argv);
int bootstrap_modules(void);  /* sys, builtins, importlib */
int bootstrap_streams(void);  /* codecs, sys.stdin, stdout, stderr, open() */
int bootstrap_zip_hook(void); /* zip files in sys.path (zip_path.c) */
int bootstrap_site(void);     /* __main__, warnings options, site */
/* Where the code cache lives, or NULL. */
const char *bootstrap_cache_directory(void);

/* ---- run.c: runs what the command line asks for; the exit status. */
int run_program(const struct config *config);

/* ---- shutdown.c */
/* Waits for threads, runs atexit, flushes files. Returns the exit status to use. */
int shutdown_finalize(int status);
/* Finalizes and ends the process. */
NO_RETURN void shutdown_exit(int status);

#endif
