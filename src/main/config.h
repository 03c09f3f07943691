/* SPDX-License-Identifier: MIT */
/* The command line and the environment, read before any object exists. */
#ifndef OROCHI_MAIN_CONFIG_H
#define OROCHI_MAIN_CONFIG_H

#include <stdbool.h>

enum run_mode { RUN_STDIN, RUN_FILE, RUN_COMMAND, RUN_MODULE };

enum { CONFIG_MOST_OPTIONS = 64 };

/* Strings point into argv or the environment. */
struct config {
    enum run_mode mode;
    const char *target; /* file, command text or module name */
    int argc;           /* arguments of the program, from argv[first] on */
    int first;
    bool skip_first_line; /* -x */
    const char *warnings[CONFIG_MOST_OPTIONS];
    int warning_count;
    const char *x_options[CONFIG_MOST_OPTIONS];
    int x_option_count;
    int tracemalloc_frames; /* -X tracemalloc=n; 0: off */
};

/* Fills in the configuration, sys_config's numbers, heap_options and the like. Handles --help and
 * --version by printing and exiting; a wrong command line exits with 2, as python3.11 does. */
void config_read(struct config *config, int argc, char **argv);
/* The value of -X name or -X name=value: "" without value, NULL if not given. */
const char *config_x_option(const struct config *config, const char *name);
/* getenv, unless -E or -I says to ignore the environment; an empty variable counts as unset. */
const char *config_environment(const char *name);

#endif
