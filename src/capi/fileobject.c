/* SPDX-License-Identifier: MIT */
/* PyFile_NewStdPrinter and opening of code files. */
#include <errno.h>
#include <unistd.h>

#include "capi/capi_int.h"
#include "module/io_int.h"

PyObject *PyFile_NewStdPrinter(int fd)
{
    if (fd != fileno(stdout) && fd != fileno(stderr)) {
        return NULL; /* without an exception, as it may be too early for one */
    }
    struct thread *t = capi_enter();
    return capi_return_object(t, io_printer_new(fd));
}

/* ---- Code files: io.open_code, unless the program has set a function of its own. */

static Py_OpenCodeHookFunction open_hook; /* set before the start */
static void *open_hook_data;

int PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction hook, void *data)
{
    if (open_hook != NULL) {
        if (Py_IsInitialized()) {
            PyErr_SetString(PyExc_SystemError, "failed to change existing open_code hook");
        }
        return -1;
    }
    open_hook = hook;
    open_hook_data = data;
    return 0;
}

PyObject *PyFile_OpenCodeObject(PyObject *path)
{
    if (open_hook != NULL) {
        return open_hook(path, open_hook_data);
    }
    PyObject *io = PyImport_ImportModule("_io");
    PyObject *file = io == NULL ? NULL : PyObject_CallMethod(io, "open", "Os", path, "rb");
    Py_XDECREF(io);
    return file;
}

PyObject *PyFile_OpenCode(const char *path)
{
    PyObject *name = PyUnicode_FromString(path);
    PyObject *file = name == NULL ? NULL : PyFile_OpenCodeObject(name);
    Py_XDECREF(name);
    return file;
}

/* A line as fgets, in which every end of a line is \n. */
char *Py_UniversalNewlineFgets(char *out, int size, FILE *file, PyObject *unused)
{
    int n = 0, c = 0;
    while (n < size - 1 && c != '\n' && (c = getc(file)) != EOF) {
        if (c == '\r') {
            int next = getc(file);
            if (next != '\n' && next != EOF) {
                ungetc(next, file);
            }
            c = '\n';
        }
        out[n++] = (char)c;
    }
    out[n] = 0;
    return n == 0 ? NULL : out;
}
