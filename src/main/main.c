/* SPDX-License-Identifier: MIT */
/* The program: start-up, in this order, then the program, then shutdown.
 *
 *   1. the command line and environment (config.c): no objects yet
 *   2. heap, main thread, types and singletons, interpreter
 *   3. sys, builtins, importlib from its source (bootstrap.c), codecs and the standard streams,
 * site
 *   4. the script, command, module or prompt (run.c)
 *   5. non-daemon threads end, atexit functions run, files are flushed (shutdown.c) */
#include <locale.h>
#include <stdlib.h>

#include "capi/capi.h"
#include "heap/heap.h"
#include "main/main_int.h"
#include "module/signal.h"
#include "module/tracemalloc.h"
#include "object/error.h"
#include "thread/thread.h"
#include "vm/vm.h"

int main(int argc, char **argv)
{
    struct config config;
    setlocale(LC_CTYPE, "");
    config_read(&config, argc, argv);
    heap_init_runtime();
    thread_init_main();
    if (object_init() < 0 || vm_init() < 0) {
        fatal_error("cannot make the built-in types");
    }
    error_hooks.exit = shutdown_exit;
    capi_init();
    if (config.tracemalloc_frames > 0) {
        tracemalloc_start(config.tracemalloc_frames);
    }
    if (bootstrap_config_objects(&config, argc, argv) < 0 || bootstrap_modules() < 0 ||
        signal_init() < 0 || bootstrap_streams() < 0 || bootstrap_site() < 0) {
        error_print();
        return 1;
    }
    int status = run_program(&config);
    shutdown_exit(status);
}
