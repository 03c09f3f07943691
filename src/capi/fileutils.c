/* SPDX-License-Identifier: MIT */
/* What compiled modules of the standard library ask of the operating system through CPython. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "capi/capi_int.h"
#include "object/int.h"

struct _Py_stat_struct;
PyAPI_FUNC(int) _Py_fstat(int fd, struct stat *out);
PyAPI_FUNC(int) _Py_fstat_noraise(int fd, struct stat *out);
PyAPI_FUNC(int) _Py_dup(int fd);
PyAPI_FUNC(int) _PyLong_FileDescriptor_Converter(PyObject *o, void *out);
PyAPI_FUNC(int) _Py_convert_optional_to_ssize_t(PyObject *o, void *out);

int _Py_fstat_noraise(int fd, struct stat *out)
{
    return fstat(fd, out);
}

int _Py_fstat(int fd, struct stat *out)
{
    PyThreadState *state = PyEval_SaveThread();
    int status = fstat(fd, out);
    PyEval_RestoreThread(state);
    if (status < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return status;
}

/* The copy is not inherited by programs that are started. */
int _Py_dup(int fd)
{
    PyThreadState *state = PyEval_SaveThread();
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    PyEval_RestoreThread(state);
    if (copy < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return copy;
}

static int descriptor_of(Value v)
{
    int fd;
    if (!int_check(v)) {
        PyObject *name = str_intern_text("fileno");
        Value method;
        int found = name == NULL ? -1 : object_find_attr(v, name, &method);
        if (found <= 0) {
            return found < 0 ? -1
                             : error_raise_int(PyExc_TypeError,
                                               "argument must be an int, or have a fileno() "
                                               "method.");
        }
        v = object_call0(method);
        if (value_is_null(v)) {
            return -1;
        }
        if (!int_check(v)) {
            return error_raise_int(PyExc_TypeError, "fileno() returned a non-integer");
        }
    }
    if (arg_int(v, &fd) < 0) {
        return -1;
    }
    return fd >= 0 ? fd
                   : error_raise_int(PyExc_ValueError,
                                     "file descriptor cannot be a negative integer (%d)", fd);
}

int PyObject_AsFileDescriptor(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, descriptor_of(capi_value(o)));
}

int _PyLong_FileDescriptor_Converter(PyObject *o, void *out)
{
    int fd = PyObject_AsFileDescriptor(o);
    *(int *)out = fd;
    return fd >= 0;
}

int _Py_convert_optional_to_ssize_t(PyObject *o, void *out)
{
    if (o == Py_None) {
        return 1;
    }
    if (!PyIndex_Check(o)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not %.200s",
                     o->ob_type->tp_name);
        return 0;
    }
    *(Py_ssize_t *)out = PyNumber_AsSsize_t(o, PyExc_OverflowError);
    return *(Py_ssize_t *)out != -1 || PyErr_Occurred() == NULL;
}

int PyOS_vsnprintf(char *out, size_t size, const char *format, va_list arguments)
{
    int n = vsnprintf(out, size, format, arguments);
    if (size > 0) {
        out[size - 1] = 0;
    }
    return n;
}

int PyOS_snprintf(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = PyOS_vsnprintf(out, size, format, arguments);
    va_end(arguments);
    return n;
}

/* Signal handlers run at once, as if a bytecode boundary had come. */
int PyErr_CheckSignals(void)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, thread_safepoint(t));
}

/* A file by its path object, not inherited by programs that are started. */
PyAPI_FUNC(FILE *) _Py_fopen_obj(PyObject *path, const char *mode);
FILE *_Py_fopen_obj(PyObject *path, const char *mode)
{
    PyObject *bytes;
    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    char close_on_exec[16];
    PyOS_snprintf(close_on_exec, sizeof close_on_exec, "%se", mode);
    PyThreadState *state = PyEval_SaveThread();
    FILE *file = fopen(PyBytes_AS_STRING(bytes), close_on_exec);
    PyEval_RestoreThread(state);
    Py_DECREF(bytes);
    if (file == NULL) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    return file;
}

/* ---- Files by descriptor, which may block. */

PyAPI_FUNC(int) _Py_set_inheritable(int fd, int inheritable, int *ioctl_works);
PyAPI_FUNC(int) _Py_open(const char *path, int flags);
PyAPI_FUNC(Py_ssize_t) _Py_read(int fd, void *buffer, size_t count);
PyAPI_FUNC(Py_ssize_t) _Py_write(int fd, const void *buffer, size_t count);

int _Py_set_inheritable(int fd, int inheritable, int *ioctl_works)
{
    int flags = fcntl(fd, F_GETFD);
    int wanted = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    if (flags < 0 || (wanted != flags && fcntl(fd, F_SETFD, wanted) < 0)) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

int _Py_open(const char *path, int flags)
{
    PyThreadState *state = PyEval_SaveThread();
    int fd = open(path, flags | O_CLOEXEC);
    PyEval_RestoreThread(state);
    if (fd < 0) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    }
    return fd;
}

Py_ssize_t _Py_read(int fd, void *buffer, size_t count)
{
    ssize_t n;
    do {
        PyThreadState *state = PyEval_SaveThread();
        n = read(fd, buffer, count);
        PyEval_RestoreThread(state);
    } while (n < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (n < 0 && !PyErr_Occurred()) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return n;
}

Py_ssize_t _Py_write(int fd, const void *buffer, size_t count)
{
    ssize_t n;
    do {
        PyThreadState *state = PyEval_SaveThread();
        n = write(fd, buffer, count);
        PyEval_RestoreThread(state);
    } while (n < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (n < 0 && !PyErr_Occurred()) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return n;
}

/* ---- File objects. */

int PyFile_WriteObject(PyObject *o, PyObject *file, int flags)
{
    PyObject *text = flags & Py_PRINT_RAW ? PyObject_Str(o) : PyObject_Repr(o);
    PyObject *result = text == NULL ? NULL : PyObject_CallMethod(file, "write", "O", text);
    Py_XDECREF(text);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

int PyFile_WriteString(const char *text, PyObject *file)
{
    if (PyErr_Occurred()) {
        return -1;
    }
    if (file == NULL) {
        PyErr_SetString(PyExc_SystemError, "null file for PyFile_WriteString");
        return -1;
    }
    PyObject *result = PyObject_CallMethod(file, "write", "s", text);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

PyObject *PyFile_GetLine(PyObject *file, int limit)
{
    return limit <= 0 ? PyObject_CallMethod(file, "readline", NULL)
                      : PyObject_CallMethod(file, "readline", "i", limit);
}

PyObject *PyFile_FromFd(int fd, const char *name, const char *mode, int buffering,
                        const char *encoding, const char *errors, const char *newline, int closefd)
{
    PyObject *io = PyImport_ImportModule("io");
    PyObject *file = io == NULL ? NULL
                                : PyObject_CallMethod(io, "open", "isizzzi", fd, mode, buffering,
                                                      encoding, errors, newline, closefd);
    Py_XDECREF(io);
    return file;
}

/* ---- File names and arguments as wide characters: UTF-8, bytes that are none as U+DC80 to U+DCFF.
 * Both functions work before the interpreter is there. */

/* The character at p and its length; 0: no character. */
static int decode_character(const unsigned char *p, wchar_t *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
    uint32_t c = length <= 1 ? *p : *p & (0x7fu >> length);
    for (int i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    if (length == 0 || c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return 0;
    }
    *out = (wchar_t)c;
    return length;
}

wchar_t *Py_DecodeLocale(const char *text, size_t *size)
{
    wchar_t *wide = PyMem_RawMalloc((strlen(text) + 1) * sizeof *wide);
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; wide != NULL && *p != 0; n++) {
        int length = decode_character(p, &wide[n]);
        if (length == 0) {
            wide[n] = 0xdc00 + *p;
            length = 1;
        }
        p += length;
    }
    if (wide != NULL) {
        wide[n] = 0;
    }
    if (size != NULL) {
        *size = wide == NULL ? (size_t)-1 : n;
    }
    return wide;
}

/* The number of bytes; 0: it cannot be encoded. */
static int encode_character(uint32_t c, char *out)
{
    if (c >= 0xdc80 && c <= 0xdcff) {
        out[0] = (char)(c - 0xdc00);
        return 1;
    }
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if ((c >= 0xd800 && c < 0xe000) || c > 0x10ffff) {
        return 0;
    }
    int length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)((0xf00 >> length) | c);
    return length;
}

char *Py_EncodeLocale(const wchar_t *text, size_t *position)
{
    char *out = PyMem_Malloc(4 * wcslen(text) + 1), *end = out;
    for (const wchar_t *p = text; out != NULL && *p != 0; p++) {
        int length = encode_character((uint32_t)*p, end);
        if (length == 0) {
            PyMem_Free(out);
            if (position != NULL) {
                *position = (size_t)(p - text);
            }
            return NULL;
        }
        end += length;
    }
    if (out != NULL) {
        *end = 0;
    }
    if (position != NULL) {
        *position = (size_t)-1;
    }
    return out;
}
