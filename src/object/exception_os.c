/* SPDX-License-Identifier: MIT */
/* OSError: which subclass an errno selects, and the rules for its arguments. */
#include "object/exception_int.h"

#include <errno.h>
#include <structmember.h>

#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

struct os_arguments {
    Value number, text, filename, filename2; /* VALUE_NULL: not given */
};

static PyTypeObject *type_for_errno(int number)
{
    switch (number) {
    case EAGAIN:
    case EALREADY:
    case EINPROGRESS: return &exception_type_BlockingIOError;
    case EPIPE:
    case ESHUTDOWN: return &exception_type_BrokenPipeError;
    case ECHILD: return &exception_type_ChildProcessError;
    case ECONNABORTED: return &exception_type_ConnectionAbortedError;
    case ECONNREFUSED: return &exception_type_ConnectionRefusedError;
    case ECONNRESET: return &exception_type_ConnectionResetError;
    case EEXIST: return &exception_type_FileExistsError;
    case ENOENT: return &exception_type_FileNotFoundError;
    case EISDIR: return &exception_type_IsADirectoryError;
    case ENOTDIR: return &exception_type_NotADirectoryError;
    case EINTR: return &exception_type_InterruptedError;
    case EACCES:
    case EPERM: return &exception_type_PermissionError;
    case ESRCH: return &exception_type_ProcessLookupError;
    case ETIMEDOUT: return &exception_type_TimeoutError;
    default: return NULL;
    }
}

/* A class with its own __init__ but our __new__ fills the fields in __init__. */
static bool init_fills(PyTypeObject *type)
{
    return type_ops(type)->init != exception_os_init && type_ops(type)->new_ == exception_os_new;
}

static struct os_arguments parse(const Value *args, size_t nargs)
{
    struct os_arguments a = {VALUE_NULL, VALUE_NULL, VALUE_NULL, VALUE_NULL};
    if (nargs >= 2 && nargs <= 5) {
        a.number = args[0];
        a.text = args[1];
        a.filename = nargs > 2 ? args[2] : VALUE_NULL;
        a.filename2 = nargs > 4 ? args[4] : VALUE_NULL;
    }
    return a;
}

static bool has_number_protocol(Value v)
{
    return value_ops(v)->index != NULL || value_ops(v)->int_ != NULL ||
           value_ops(v)->float_ != NULL;
}

/* Fills the fields of a fresh instance. */
static int fill(PyOSErrorObject *e, const struct os_arguments *a, const Value *args, size_t nargs)
{
    size_t kept = nargs;
    if (!value_is_null(a->filename) && !value_is_none(a->filename)) {
        if (e->ob_base.ob_type == &exception_type_BlockingIOError &&
            has_number_protocol(a->filename)) {
            if (arg_index(a->filename, &e->written) < 0) {
                return -1;
            }
        } else {
            heap_store(e, &e->filename, value_box(a->filename));
            if (!value_is_null(a->filename2) && !value_is_none(a->filename2)) {
                heap_store(e, &e->filename2, value_box(a->filename2));
            }
            kept = 2;
        }
    }
    heap_store(e, &e->myerrno, value_box(a->number));
    heap_store(e, &e->strerror, value_box(a->text));
    return exception_set_args((PyObject *)e, args, kept);
}

Value exception_os_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct os_arguments a = {VALUE_NULL, VALUE_NULL, VALUE_NULL, VALUE_NULL};
    bool fills_here = !init_fills(type);
    if (fills_here) {
        if (exception_reject_keywords(type, kwnames) < 0) {
            return VALUE_NULL;
        }
        a = parse(args, nargs);
        int64_t number;
        if (type == &exception_type_OSError && !value_is_null(a.number) && int_check(a.number) &&
            int_clip_i64(a.number, &number) == 0 && type_for_errno((int)number) != NULL) {
            type = type_for_errno((int)number);
        }
    }
    PyOSErrorObject *e = (PyOSErrorObject *)object_alloc(type, 0);
    if (e == NULL) {
        return VALUE_NULL;
    }
    e->written = -1;
    int status = fills_here ? fill(e, &a, args, nargs) : exception_set_args((PyObject *)e, NULL, 0);
    return status < 0 ? VALUE_NULL : value_from_object(e);
}

int exception_os_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyTypeObject *type = value_type(self);
    if (!init_fills(type)) {
        return 0;
    }
    if (exception_reject_keywords(type, kwnames) < 0) {
        return -1;
    }
    struct os_arguments a = parse(args, nargs);
    return fill((PyOSErrorObject *)value_object(self), &a, args, nargs);
}

static Value or_none(PyObject *o)
{
    return o != NULL ? value_from_object(o) : VALUE_NONE;
}

Value exception_os_str(Value self)
{
    PyOSErrorObject *e = (PyOSErrorObject *)value_object(self);
    if (e->filename != NULL && e->filename2 != NULL) {
        return value_from_object(str_format("[Errno %S] %S: %R -> %R", or_none(e->myerrno),
                                            or_none(e->strerror), value_from_object(e->filename),
                                            value_from_object(e->filename2)));
    }
    if (e->filename != NULL) {
        return value_from_object(str_format("[Errno %S] %S: %R", or_none(e->myerrno),
                                            or_none(e->strerror), value_from_object(e->filename)));
    }
    if (e->myerrno != NULL && e->strerror != NULL) {
        return value_from_object(
            str_format("[Errno %S] %S", or_none(e->myerrno), or_none(e->strerror)));
    }
    return exception_plain_str(self);
}

/* args keeps only two items when a file name was given: pickling needs them all. */
static PyObject *full_args(PyOSErrorObject *e)
{
    PyObject *args = e->args;
    if (tuple_length(args) != 2 || e->filename == NULL) {
        return args;
    }
    PyObject *first = tuple_object(args, 0), *second = tuple_object(args, 1);
    return e->filename2 != NULL ? tuple_pack(5, first, second, e->filename, Py_None, e->filename2)
                                : tuple_pack(3, first, second, e->filename);
}

static Value os_reduce(Value self)
{
    PyOSErrorObject *e = (PyOSErrorObject *)value_object(self);
    PyObject *args = full_args(e);
    if (args == NULL) {
        return VALUE_NULL;
    }
    PyObject *type = (PyObject *)value_type(self);
    return value_from_object(e->dict != NULL ? tuple_pack(3, type, args, e->dict)
                                             : tuple_pack(2, type, args));
}

static Value written_get(Value self, void *closure)
{
    (void)closure;
    PyOSErrorObject *e = (PyOSErrorObject *)value_object(self);
    if (e->written == -1) {
        return error_raise(PyExc_AttributeError, "characters_written");
    }
    return int_from_ssize(e->written);
}

static int written_set(Value self, Value v, void *closure)
{
    (void)closure;
    PyOSErrorObject *e = (PyOSErrorObject *)value_object(self);
    if (value_is_absent(v)) {
        if (e->written == -1) {
            return error_raise_int(PyExc_AttributeError, "characters_written");
        }
        e->written = -1;
        return 0;
    }
    return arg_index(v, &e->written);
}

const struct native_def exception_os_methods[] = {
    {"__reduce__", .f0 = os_reduce},
    {NULL},
};

const struct getset_def exception_os_getsets[] = {
    {"characters_written", written_get, written_set},
    {NULL},
};

const struct member_def exception_os_members[] = {
    {"errno", T_OBJECT, offsetof(PyOSErrorObject, myerrno), 0, "POSIX exception code"},
    {"strerror", T_OBJECT, offsetof(PyOSErrorObject, strerror), 0, "exception strerror"},
    {"filename", T_OBJECT, offsetof(PyOSErrorObject, filename), 0, "exception filename"},
    {"filename2", T_OBJECT, offsetof(PyOSErrorObject, filename2), 0, "second exception filename"},
    {NULL},
};
