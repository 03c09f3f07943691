/* SPDX-License-Identifier: MIT */
/* The end. Objects are not torn down: the memory goes with the process. What a
 * program can see still happens: threads are waited for, atexit functions run, files are flushed.
 */
#include "heap/heap.h"
#include "main/main_int.h"
#include "module/atexit.h"
#include "module/import.h"
#include "module/io_int.h"
#include "module/sys.h"
#include "object/dict.h"
#include "object/module.h"
#include "object/str.h"
#include "thread/extension_lock.h"
#include "thread/thread.h"

/* threading._shutdown(): joins the non-daemon threads. */
static void join_threads(void)
{
    PyObject *name = str_intern_text("threading");
    PyObject *function = str_intern_text("_shutdown");
    if (name == NULL || function == NULL) { /* memory ran out */
        error_clear();
        return;
    }
    Value threading = dict_get_str(import_state.modules, name);
    if (value_is_present(threading) && value_is_null(object_call_method0(threading, function))) {
        error_write_unraisable(threading, "on threading shutdown");
    }
}

/* Flushes sys.stdout and sys.stderr; -1 if stdout could not be written. */
static int flush_stream(const char *name)
{
    Value stream = sys_get(name);
    if (!value_is_present(stream) || value_is_none(stream) || io_is_closed(stream) != 0) {
        error_clear();
        return 0;
    }
    if (value_is_null(object_call_method0(stream, names.flush))) {
        error_write_unraisable(stream, NULL);
        return -1;
    }
    return 0;
}

void shutdown_flush_streams(void)
{
    static const char *const streams[] = {"stderr", "stdout"};
    PyObject *exception = error_take();
    for (size_t i = 0; i < 2; i++) {
        Value stream = sys_get(streams[i]);
        if (value_is_present(stream) && !value_is_none(stream)) {
            object_call_method0(stream, names.flush); /* the end will tell what is wrong */
            error_clear();
        }
    }
    error_restore(exception);
}

/* Files are flushed and closed by io_flush_all, after everybody who may still write. */
static bool is_no_file(PyObject *object)
{
    return !type_is_subtype(object->ob_type, &IOBase_Type);
}

/* Nobody would write out what is printed from now on, by an audit hook for one. */
static void forget_streams(void)
{
    static const char *const streams[] = {"stdin", "stdout", "stderr"};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        PyObject *name = str_intern_text(streams[i]);
        if (name == NULL ||
            dict_delete(module_dict(import_state.sys), value_from_object(name)) < 0) {
            error_clear();
        }
    }
}

int shutdown_run(void)
{
    join_threads();
    atexit_run();
    int status = flush_stream("stdout");
    flush_stream("stderr");
    atomic_store_relaxed(&sys_finalizing, true);
    extension_lock_print_log();
    thread_freeze_others();
    heap_queue_all_finalizers(is_no_file);
    heap_run_finalizers();
    io_flush_all();
    forget_streams();
    return status;
}
