/* SPDX-License-Identifier: MIT */
/* PyFile_NewStdPrinter: an object that writes to a descriptor, for programs that want sys.stderr
 * before there are streams; and opening of code files. */
#include <errno.h>
#include <unistd.h>

#include "capi/capi_int.h"

struct printer {
    PyObject_HEAD int fd;
};

static PyObject *printer_write(PyObject *self, PyObject *text)
{
    Py_ssize_t n;
    int fd = ((struct printer *)self)->fd;
    const char *bytes = fd < 0 ? NULL : PyUnicode_AsUTF8AndSize(text, &n);
    if (fd < 0) {
        Py_RETURN_NONE;
    }
    if (bytes == NULL) {
        return NULL;
    }
    PyThreadState *state = PyEval_SaveThread();
    ssize_t written = write(fd, bytes, (size_t)n);
    PyEval_RestoreThread(state);
    if (written < 0) {
        if (errno == EAGAIN) {
            Py_RETURN_NONE;
        }
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromSsize_t(written);
}

static PyObject *printer_fileno(PyObject *self, PyObject *unused)
{
    return PyLong_FromLong(((struct printer *)self)->fd);
}

static PyObject *printer_isatty(PyObject *self, PyObject *unused)
{
    int fd = ((struct printer *)self)->fd;
    return PyBool_FromLong(fd >= 0 && isatty(fd));
}

static PyObject *printer_none(PyObject *self, PyObject *unused)
{
    Py_RETURN_NONE;
}

static PyObject *printer_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<stdprinter(fd=%d) object at %p>", ((struct printer *)self)->fd,
                                (void *)self);
}

static PyObject *get_encoding(PyObject *self, void *unused)
{
    Py_RETURN_NONE;
}

static PyObject *get_closed(PyObject *self, void *unused)
{
    Py_RETURN_FALSE;
}

static PyObject *get_mode(PyObject *self, void *unused)
{
    return PyUnicode_FromString("w");
}

static PyMethodDef printer_methods[] = {
    {"close", printer_none, METH_NOARGS, ""},    {"flush", printer_none, METH_NOARGS, ""},
    {"fileno", printer_fileno, METH_NOARGS, ""}, {"isatty", printer_isatty, METH_NOARGS, ""},
    {"write", printer_write, METH_O, ""},        {NULL},
};

static PyGetSetDef printer_attributes[] = {
    {"closed", get_closed, NULL, "True if the file is closed"},
    {"encoding", get_encoding, NULL, "Encoding of the file"},
    {"mode", get_mode, NULL, "String giving the file mode"},
    {NULL},
};

PyTypeObject PyStdPrinter_Type = {
    .ob_base = {.ob_base = {.ob_refcnt = 1}},
    .tp_name = "stderrprinter",
    .tp_basicsize = sizeof(struct printer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_repr = printer_repr,
    .tp_methods = printer_methods,
    .tp_getset = printer_attributes,
};

PyObject *PyFile_NewStdPrinter(int fd)
{
    if (fd != fileno(stdout) && fd != fileno(stderr)) {
        return NULL; /* without an exception, as it may be too early for one */
    }
    struct printer *p = PyType_Ready(&PyStdPrinter_Type) < 0
                            ? NULL
                            : PyObject_New(struct printer, &PyStdPrinter_Type);
    if (p != NULL) {
        p->fd = fd;
    }
    return (PyObject *)p;
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
