/* SPDX-License-Identifier: MIT */
/* The posix module: path arguments, and the module made of the tables in posix_*.c.
 *
 * System calls that may block run detached. A call that a signal interrupts is tried again after
 * the handlers ran (PEP 475). */
#include "module/posix_int.h"

extern char **environ;

/* ---- Arguments. */

Value path_fspath(Value v)
{
    if (str_check(v) || bytes_check(v)) {
        return v;
    }
    Value method;
    int found = object_find_special(v, names.__fspath__, &method);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0) {
        return error_raise(PyExc_TypeError, "expected str, bytes or os.PathLike object, not %T", v);
    }
    Value path = object_call0(method);
    if (value_is_null(path) || str_check(path) || bytes_check(path)) {
        return path;
    }
    return error_raise(PyExc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T",
                       v, path);
}

static const char *expected_path(int flags)
{
    return flags == (PATH_FD | PATH_NONE) ? "string, bytes, os.PathLike, integer or None"
           : flags == PATH_FD             ? "string, bytes, os.PathLike or integer"
           : flags == PATH_NONE           ? "string, bytes, os.PathLike or None"
                                          : "string, bytes or os.PathLike";
}

static int path_type_error(Value v, const char *function, const char *argument, int flags)
{
    return error_raise_int(PyExc_TypeError, "%s%s%s should be %s, not %T",
                           function != NULL ? function : "", function != NULL ? ": " : "", argument,
                           expected_path(flags), v);
}

static int path_encode(Value v, struct path *out)
{
    PyObject *bytes;
    out->is_bytes = bytes_check(v);
    if (out->is_bytes) {
        bytes = value_object(v);
    } else {
        bytes = str_encode(value_object(v), "utf-8", "surrogateescape");
        if (bytes == NULL) {
            return -1;
        }
    }
    if (memchr(bytes_data(bytes), '\0', (size_t)bytes_length(bytes)) != NULL) {
        return error_raise_int(PyExc_ValueError, "embedded null byte");
    }
    out->encoded = bytes;
    out->text = bytes_data(bytes);
    return 0;
}

int path_convert(Value v, const char *function, const char *argument, int flags, struct path *out)
{
    *out = (struct path){.object = v, .fd = -1};
    if (value_is_absent(v) || value_is_none(v)) {
        if (flags & PATH_NONE) {
            out->object = VALUE_NONE;
            return 0;
        }
        return path_type_error(VALUE_NONE, function, argument, flags);
    }
    if (str_check(v) || bytes_check(v)) {
        return path_encode(v, out);
    }
    Value method;
    int found = object_find_special(v, names.__fspath__, &method);
    if (found < 0) {
        return -1;
    }
    if (found > 0) {
        v = path_fspath(v);
        return value_is_null(v) ? -1 : path_encode(v, out);
    }
    if (object_has_buffer(v)) { /* bytearray and the like: still taken, not for long */
        if (error_warn(PyExc_DeprecationWarning, 1, "%s%s%s should be %s, not %T",
                       function != NULL ? function : "", function != NULL ? ": " : "", argument,
                       expected_path(flags), v) < 0) {
            return -1;
        }
        PyObject *copy = bytes_from_value(v);
        return copy == NULL ? -1 : path_encode(value_from_object(copy), out);
    }
    if ((flags & PATH_FD) && (int_check(v) || value_ops(v)->index != NULL)) {
        return arg_int(v, &out->fd);
    }
    return path_type_error(v, function, argument, flags);
}

Value path_error(const struct path *p)
{
    return error_from_errno(value_is_none(p->object) ? NULL : value_box(p->object));
}

Value path_error2(const struct path *p, const struct path *q)
{
    return error_from_errno2(value_box(p->object), value_box(q->object));
}

int dir_fd_convert(Value v, int *out)
{
    *out = AT_FDCWD;
    if (value_is_absent(v) || value_is_none(v)) {
        return 0;
    }
    if (!int_check(v) && value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "argument should be integer or None, not %T", v);
    }
    return arg_int(v, out);
}

int fd_convert(Value v, int *out)
{
    if (int_check(v)) {
        if (arg_int(v, out) < 0) {
            return -1;
        }
    } else {
        Value method;
        int found = object_find_attr(v, names.fileno, &method);
        if (found < 0) {
            return -1;
        }
        if (found == 0) {
            return error_raise_int(PyExc_TypeError,
                                   "argument must be an int, or have a fileno() method.");
        }
        Value fd = object_call0(method);
        if (value_is_null(fd)) {
            return -1;
        }
        if (!int_check(fd)) {
            return error_raise_int(PyExc_TypeError, "fileno() returned a non-integer");
        }
        if (arg_int(fd, out) < 0) {
            return -1;
        }
    }
    if (*out < 0) {
        return error_raise_int(PyExc_ValueError,
                               "file descriptor cannot be a negative integer (%d)", *out);
    }
    return 0;
}

int uid_convert(Value v, uid_t *out)
{
    int64_t id;
    if (!int_check(v) && value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "uid should be integer, not %T", v);
    }
    v = object_index(v);
    if (value_is_null(v)) {
        return -1;
    }
    int out_of_range = int_clip_i64(v, &id);
    id = out_of_range < 0 ? INT64_MIN : out_of_range > 0 ? INT64_MAX : id;
    if (id < -1 || id > (int64_t)UINT32_MAX) {
        return error_raise_int(PyExc_OverflowError,
                               id < 0 ? "uid is less than minimum" : "uid is greater than maximum");
    }
    *out = (uid_t)id;
    return 0;
}

Value uid_to_value(uid_t id)
{
    return id == (uid_t)-1 ? value_from_int(-1) : value_from_int(id);
}

Value path_result(const struct path *p, const char *name, size_t length)
{
    return value_from_object(p->is_bytes ? bytes_new(name, (Py_ssize_t)length)
                                         : str_from_filename(name, (Py_ssize_t)length));
}

int flag_argument(Value v, bool fallback)
{
    bool flag;
    if (!value_is_present(v)) {
        return fallback;
    }
    return arg_bool(v, &flag) < 0 ? -1 : flag;
}

int int_argument(Value v, int fallback, int *out)
{
    *out = fallback;
    return value_is_present(v) ? arg_int(v, out) : 0;
}

int call_interrupted(void)
{
    if (errno != EINTR) {
        return 0;
    }
    int saved = errno;
    int result = thread_safepoint(thread_current()) < 0 ? -1 : 1;
    errno = saved;
    return result;
}

Value posix_none_or_error(int result)
{
    return result < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

/* ---- The module. */

static Value fspath(Value self, const Value *args)
{
    return path_fspath(args[0]);
}

static const struct native_def functions[] = {
    {"fspath", "($module, /, path)",
     "The path as str or bytes: path itself, or what its __fspath__ returns.", .n = fspath},
    {NULL},
};

static PyObject *make_environ(void)
{
    PyObject *dict = dict_new();
    for (char **e = environ; dict != NULL && e != NULL && *e != NULL; e++) {
        const char *equal = strchr(*e, '=');
        if (equal == NULL) {
            continue;
        }
        PyObject *key = bytes_new(*e, equal - *e);
        PyObject *value = bytes_new(equal + 1, (Py_ssize_t)strlen(equal + 1));
        if (key == NULL || value == NULL ||
            value_is_null(
                dict_setdefault(dict, value_from_object(key), value_from_object(value)))) {
            return NULL;
        }
    }
    return dict;
}

static int add_have_functions(PyObject *module)
{
    static const char *const have[] = {
        "HAVE_EVENTFD",      "HAVE_FACCESSAT", "HAVE_FCHDIR",    "HAVE_FCHMOD",    "HAVE_FCHMODAT",
        "HAVE_FCHOWN",       "HAVE_FCHOWNAT",  "HAVE_FEXECVE",   "HAVE_FDOPENDIR", "HAVE_FPATHCONF",
        "HAVE_FSTATAT",      "HAVE_FSTATVFS",  "HAVE_FTRUNCATE", "HAVE_FUTIMENS",  "HAVE_FUTIMES",
        "HAVE_FUTIMESAT",    "HAVE_LINKAT",    "HAVE_LCHOWN",    "HAVE_LSTAT",     "HAVE_LUTIMES",
        "HAVE_MEMFD_CREATE", "HAVE_MKDIRAT",   "HAVE_MKFIFOAT",  "HAVE_MKNODAT",   "HAVE_OPENAT",
        "HAVE_READLINKAT",   "HAVE_RENAMEAT",  "HAVE_SYMLINKAT", "HAVE_UNLINKAT",  "HAVE_UTIMENSAT",
    };
    size_t count = sizeof have / sizeof have[0];
    PyObject *list = list_new((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *name = str_from_text(have[i]);
        if (name == NULL || list_append(list, value_from_object(name)) < 0) {
            return -1;
        }
    }
    return module_add(module, "_have_functions", value_from_object(list));
}

static int add_functions(PyObject *module, const struct native_def *rows)
{
    PyObject *name = str_intern_text("posix");
    for (; rows->name != NULL; rows++) {
        PyObject *f = native_function_new(rows, value_from_object(module), name);
        if (f == NULL || module_add(module, rows->name, value_from_object(f)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int exec(PyObject *module)
{
    static const struct native_def *const tables[] = {
        posix_file_functions,    posix_fd_functions,      posix_stat_functions,
        posix_scandir_functions, posix_process_functions, posix_spawn_functions,
        posix_ids_functions,     posix_system_functions,
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (add_functions(module, tables[i]) < 0) {
            return -1;
        }
    }
    return module_add(module, "environ", value_from_object(make_environ())) < 0 ||
                   module_add(module, "error", value_from_object(PyExc_OSError)) < 0 ||
                   add_have_functions(module) < 0 || posix_stat_types(module) < 0 ||
                   posix_terminal_type(module) < 0 || posix_system_types(module) < 0 ||
                   posix_scandir_types(module) < 0 || posix_process_types(module) < 0 ||
                   posix_add_constants(module) < 0
               ? -1
               : 0;
}

const struct module_def posix_module = {.name = "posix",
                                        .doc = "Calls of the operating system, for the module os.",
                                        .functions = functions,
                                        .exec = exec};
