/* SPDX-License-Identifier: MIT */
/* Names with values: constants and configuration variables of the posix module. */
#ifndef OROCHI_MODULE_POSIX_NAMES_H
#define OROCHI_MODULE_POSIX_NAMES_H

#include <stdint.h>

struct posix_name {
    const char *name;
    int64_t value;
};
/* Each ends with a NULL name. */
extern const struct posix_name posix_pathconf_names[], posix_sysconf_names[], posix_confstr_names[];

#endif
