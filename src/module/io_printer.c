/* SPDX-License-Identifier: MIT */
/* stderrprinter: writes text to a descriptor. It is sys.stderr before there are streams (-v tells
 * of the first imports), and what PyFile_NewStdPrinter makes. */
#include <errno.h>
#include <unistd.h>

#include "module/io_int.h"
#include "object/int.h"
#include "thread/thread.h"

struct printer {
    PyObject_HEAD int fd; /* constant; -1: nowhere */
};

static int fd_of(Value self)
{
    return ((struct printer *)value_object(self))->fd;
}

static Value printer_write(Value self, Value text)
{
    if (!str_check(text)) {
        return error_raise(PyExc_TypeError, "write() argument must be str, not %T", text);
    }
    if (fd_of(self) < 0) {
        return VALUE_NONE;
    }
    Py_ssize_t n;
    const char *bytes = str_utf8(value_object(text), &n);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    thread_detach();
    ssize_t written = write(fd_of(self), bytes, (size_t)n);
    int error = errno;
    thread_reattach();
    if (written < 0) {
        errno = error;
        return error == EAGAIN ? VALUE_NONE : error_from_errno(NULL);
    }
    return int_from_ssize(written);
}

static Value printer_fileno(Value self)
{
    return value_from_int(fd_of(self));
}

static Value printer_isatty(Value self)
{
    return value_from_bool(fd_of(self) >= 0 && isatty(fd_of(self)));
}

static Value printer_none(Value self)
{
    return VALUE_NONE;
}

static Value printer_repr(Value self)
{
    return value_from_object(
        str_format("<stdprinter(fd=%d) object at %p>", fd_of(self), (void *)value_object(self)));
}

static Value get_none(Value self, void *closure)
{
    return VALUE_NONE;
}

static Value get_false(Value self, void *closure)
{
    return VALUE_FALSE;
}

static Value get_mode(Value self, void *closure)
{
    return value_from_object(str_intern_text("w"));
}

static const struct native_def methods[] = {
    {"close", "($self, /)", "Does nothing.", .f0 = printer_none},
    {"fileno", "($self, /)", "The descriptor.", .f0 = printer_fileno},
    {"flush", "($self, /)", "Does nothing.", .f0 = printer_none},
    {"isatty", "($self, /)", "Is it a terminal?", .f0 = printer_isatty},
    {"write", "($self, text, /)", "Writes the text; returns how many bytes.", .f1 = printer_write},
    {NULL},
};

static const struct getset_def getsets[] = {
    {"closed", get_false}, {"encoding", get_none}, {"mode", get_mode}, {NULL}};

static struct type_info info = {
    .ops = {.repr = printer_repr},
    .methods = methods,
    .getsets = getsets,
};

PyTypeObject PyStdPrinter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "stderrprinter",
    .tp_basicsize = sizeof(struct printer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_cache = (PyObject *)&info,
};

PyObject *io_printer_new(int fd)
{
    struct printer *p = type_ready(&PyStdPrinter_Type) < 0
                            ? NULL
                            : (struct printer *)object_alloc(&PyStdPrinter_Type, 0);
    if (p != NULL) {
        p->fd = fd;
    }
    return (PyObject *)p;
}
