/* SPDX-License-Identifier: MIT */
/* -X importtime: a line for each module that is loaded, behind those that it loads itself. */
#include <inttypes.h>
#include <stdio.h>

#include "base/atomic.h"
#include "base/os.h"
#include "module/import_int.h"
#include "object/str.h"

bool import_show_times;

/* Of this thread: how deep imports are nested, and what those within the current one took. */
static _Thread_local int depth;
static _Thread_local int64_t inner_ns;

static void print_line(PyObject *name, int64_t total_ns)
{
    PyObject *error = error_take(); /* of a module that failed */
    const char *text = str_utf8(name, NULL);
    if (text == NULL) {
        error_clear();
        text = "?";
    }
    fprintf(stderr, "import time: %9" PRId64 " | %10" PRId64 " | %*s%s\n",
            (total_ns - inner_ns) / 1000, total_ns / 1000, 2 * depth, "", text);
    error_restore(error);
}

Value import_load_timed(PyObject *name, Value (*load)(PyObject *name))
{
    static uint32_t has_header; /* atomic */
    if (atomic_exchange_acq_rel(&has_header, 1) == 0) {
        fputs("import time: self [us] | cumulative | imported package\n", stderr);
    }
    int64_t before_ns = inner_ns, start_ns = os_monotonic_ns();
    inner_ns = 0;
    depth++;
    Value module = load(name);
    depth--;
    int64_t total_ns = os_monotonic_ns() - start_ns;
    print_line(name, total_ns);
    inner_ns = before_ns + total_ns;
    return module;
}
