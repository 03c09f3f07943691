/* SPDX-License-Identifier: MIT */
/* The interpreter's start and end, for the program and for programs that embed Python.
 *
 * Start-up, in this order
 *   1. the configuration: command line, environment, paths (config.h); no objects yet
 *   2. heap, main thread, types and singletons, interpreter
 *   3. sys, builtins, importlib from its source (bootstrap.c), codecs and the standard streams,
 *      site
 * Then the script, command, module or prompt runs (run.c), or the program that embeds does what it
 * likes: it counts as extension code, and so holds the extension lock.
 *   4. The end: non-daemon threads are waited for, atexit functions run, files are flushed
 *      (shutdown.c), everybody else is frozen.
 *
 * Starting again. Heap, types and singletons are made once. A later start makes new modules, the
 * ported ones included, a new sys.modules and a new __main__. Threads that were frozen stay so, and
 * are forgotten (thread_forget_frozen); the thread that starts is the new main thread. What
 * extension modules keep in static variables stays, as under CPython. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "capi/capi.h"
#include "heap/heap.h"
#include "main/main_int.h"
#include "module/import.h"
#include "module/signal.h"
#include "module/sys.h"
#include "module/tracemalloc.h"
#include "object/codec.h"
#include "object/error.h"
#include "thread/thread.h"
#include "vm/vm.h"

enum runtime_state { NEVER_STARTED, STARTING, STARTED, FINISHING, FINISHED };

/* Written by the thread that starts or ends the interpreter, read by any: atomic. */
static uint32_t state = NEVER_STARTED;
static PyConfig current; /* constant while the interpreter runs */

static enum runtime_state get_state(void)
{
    return atomic_load_acquire(&state);
}

static void set_state(enum runtime_state next)
{
    atomic_store_release(&state, (uint32_t)next);
}

const char *runtime_state_name(void)
{
    static const char *const shown[] = {
        [STARTING] = "core initialized", [STARTED] = "initialized", [FINISHING] = "finalizing"};
    enum runtime_state s = get_state();
    if (shown[s] != NULL) {
        return shown[s];
    }
    return preconfig_is_done() && preconfig_get()->utf8_mode >= 0 ? "preinitialized"
                                                                  : "preinitializing";
}

const PyConfig *runtime_config(void)
{
    return &current;
}

/* ---- The start. */

static void set_c_streams(const PyConfig *config)
{
    if (!config->configure_c_stdio) {
        return;
    }
    if (!config->buffered_stdio) {
        setvbuf(stdin, NULL, _IONBF, BUFSIZ);
        setvbuf(stdout, NULL, _IONBF, BUFSIZ);
        setvbuf(stderr, NULL, _IONBF, BUFSIZ);
    } else if (config->interactive) {
        setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
        setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    }
}

/* Heap, main thread, types: once. A later start needs a main thread only. */
static void start_engine(void)
{
    static bool made;
    if (made) {
        thread_forget_frozen();
        thread_init_main();
        import_reset();
        codec_forget_searches();
        capi_reset();
        return;
    }
    made = true;
    heap_init_runtime();
    thread_init_main();
    if (object_init() < 0 || vm_init() < 0) {
        fatal_memory("cannot make the built-in types");
    }
    error_hooks.exit = runtime_exit;
    capi_init();
}

static int start_modules(const PyConfig *config)
{
    if (bootstrap_config_objects(config) < 0 || bootstrap_modules() < 0) {
        return -1;
    }
    if (signal_init(config->install_signal_handlers) < 0) {
        return -1;
    }
    return bootstrap_streams() < 0 ? -1 : bootstrap_site();
}

static PyStatus decide(const PyConfig *config)
{
    PyStatus status = config_copy(&current, config);
    PyStatus (*const steps[])(PyConfig *) = {config_read, pathconfig_read};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !PyStatus_Exception(status); i++) {
        status = steps[i](&current);
    }
    return PyStatus_Exception(status) ? status : config_apply(&current);
}

PyStatus runtime_start(const PyConfig *config)
{
    PyStatus status = decide(config);
    if (PyStatus_Exception(status)) {
        return status;
    }
    set_state(STARTING);
    set_c_streams(&current);
    start_engine();
    if (current.tracemalloc > 0) {
        tracemalloc_start(current.tracemalloc);
    }
    if (start_modules(&current) < 0) {
        error_print();
        return PyStatus_Exit(1);
    }
    set_state(STARTED);
    return PyStatus_Ok();
}

PyStatus Py_InitializeFromConfig(const PyConfig *config)
{
    if (config == NULL) {
        return config_error("Py_InitializeFromConfig", "initialization config is NULL");
    }
    if (Py_IsInitialized()) {
        return PyStatus_Ok();
    }
    PyStatus status = runtime_start(config);
    if (!PyStatus_Exception(status)) {
        capi_begin_embedding();
    }
    return status;
}

PyAPI_FUNC(PyStatus) _Py_InitializeMain(void);
PyStatus _Py_InitializeMain(void)
{
    return PyStatus_Ok();
}

void Py_InitializeEx(int install_signal_handlers)
{
    PyConfig config;
    if (Py_IsInitialized()) {
        return;
    }
    config_init_compat(&config);
    config.install_signal_handlers = install_signal_handlers;
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
}

void Py_Initialize(void)
{
    Py_InitializeEx(1);
}

int Py_IsInitialized(void)
{
    enum runtime_state s = get_state();
    return s == STARTED || s == FINISHING;
}

PyAPI_FUNC(int) _Py_IsCoreInitialized(void);
int _Py_IsCoreInitialized(void)
{
    enum runtime_state s = get_state();
    return s == STARTING || s == STARTED || s == FINISHING;
}

/* ---- The end. */

enum { EXIT_FUNCTIONS_MAX = 32 };
static void (*exit_functions[EXIT_FUNCTIONS_MAX])(
    void); /* as exit_count: under the extension lock */
static int exit_count;

int Py_AtExit(void (*function)(void))
{
    if (exit_count == EXIT_FUNCTIONS_MAX) {
        return -1;
    }
    exit_functions[exit_count++] = function;
    return 0;
}

static void run_exit_functions(void)
{
    while (exit_count > 0) {
        exit_functions[--exit_count]();
    }
    fflush(stdout);
    fflush(stderr);
}

int runtime_finish(void)
{
    enum runtime_state s = get_state();
    if (s != STARTED) {
        return 0; /* again, from within; or it never started */
    }
    set_state(FINISHING);
    int status = shutdown_run();
    set_state(FINISHED);
    sys_audit_end();
    capi_forget_audit_hooks();
    return status;
}

NO_RETURN void runtime_exit(int status)
{
    bool running = Py_IsInitialized();
    if (runtime_finish() < 0) {
        status = 120;
    }
    if (running) {
        run_exit_functions();
    }
    exit(status);
}

int Py_FinalizeEx(void)
{
    if (get_state() != STARTED) {
        return 0;
    }
    capi_end_embedding();
    int status = runtime_finish();
    signal_finalize();
    thread_exit_main();
    run_exit_functions();
    return status;
}

void Py_Finalize(void)
{
    Py_FinalizeEx();
}

void _Py_NO_RETURN Py_Exit(int status)
{
    if (Py_FinalizeEx() < 0) {
        status = 120;
    }
    exit(status);
}
