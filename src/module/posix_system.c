/* SPDX-License-Identifier: MIT */
/* posix: the environment, configuration variables, randomness, the machine. */
#include <sys/random.h>
#include <sys/utsname.h>

#include "module/posix_int.h"
#include "module/posix_names.h"

static PyTypeObject *uname_result_type;

/* ---- The environment of the process. Callers keep os.environ in step. */

static Value do_putenv(Value self, const Value *args)
{
    struct path name, value;
    if (path_convert(args[0], NULL, "name", PATH_PLAIN, &name) < 0 ||
        path_convert(args[1], NULL, "value", PATH_PLAIN, &value) < 0) {
        return VALUE_NULL;
    }
    if (strchr(name.text, '=') != NULL) {
        return error_raise(PyExc_ValueError, "illegal environment variable name");
    }
    if (sys_audit_values("os.putenv", "yy", name.text, value.text) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(setenv(name.text, value.text, 1));
}

static Value do_unsetenv(Value self, const Value *args)
{
    struct path name;
    if (path_convert(args[0], NULL, "name", PATH_PLAIN, &name) < 0 ||
        sys_audit_values("os.unsetenv", "y", name.text) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(unsetenv(name.text));
}

static Value do_strerror(Value self, const Value *args)
{
    int code;
    if (arg_int(args[0], &code) < 0) {
        return VALUE_NULL;
    }
    const char *text = strerror(code);
    return value_from_object(str_from_filename(text, (Py_ssize_t)strlen(text)));
}

/* ---- Randomness. */

static Value random_bytes(Py_ssize_t size, unsigned flags, bool partial)
{
    if (size < 0) {
        if (partial) {
            errno = EINVAL;
            return error_from_errno(NULL);
        }
        return error_raise(PyExc_ValueError, "negative argument not allowed");
    }
    PyObject *bytes = bytes_new(NULL, size);
    Py_ssize_t done = 0;
    while (bytes != NULL && done < size) {
        bool raised;
        size_t rest = (size_t)(size - done);
        ssize_t n = RETRIED(getrandom(bytes_data(bytes) + done, rest, flags), raised);
        if (n < 0) {
            return raised ? VALUE_NULL : error_from_errno(NULL);
        }
        done += n;
        if (partial) {
            break;
        }
    }
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    return value_from_object(done == size ? bytes : bytes_new(bytes_data(bytes), done));
}

static Value do_urandom(Value self, const Value *args)
{
    Py_ssize_t size;
    return arg_index(args[0], &size) < 0 ? VALUE_NULL : random_bytes(size, 0, false);
}

static Value do_getrandom(Value self, const Value *args)
{
    Py_ssize_t size;
    int flags;
    return arg_index(args[0], &size) < 0 || int_argument(args[1], 0, &flags) < 0
               ? VALUE_NULL
               : random_bytes(size, (unsigned)flags, true);
}

/* ---- The machine. */

static Value do_cpu_count(Value self)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n >= 1 ? value_from_int(n) : VALUE_NONE;
}

static Value do_uname(Value self)
{
    struct utsname u;
    if (uname(&u) < 0) {
        return error_from_errno(NULL);
    }
    const char *const fields[] = {u.sysname, u.nodename, u.release, u.version, u.machine};
    PyObject *s = structseq_new(uname_result_type);
    for (int i = 0; s != NULL && i < 5; i++) {
        PyObject *text = str_from_filename(fields[i], (Py_ssize_t)strlen(fields[i]));
        if (structseq_set(s, i, value_from_object(text)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

static Value do_getloadavg(Value self)
{
    double load[3];
    if (getloadavg(load, 3) != 3) {
        return error_raise(PyExc_OSError, "Load averages are unobtainable");
    }
    Value items[] = {float_from_double(load[0]), float_from_double(load[1]),
                     float_from_double(load[2])};
    return value_from_object(tuple_from_array(items, 3));
}

static Value do_ctermid(Value self)
{
    char name[L_ctermid];
    ctermid(name);
    return value_from_object(str_from_text(name));
}

/* ---- Configuration variables, by number or by name. */

static int name_convert(Value v, const struct posix_name *rows, int *out)
{
    if (int_check(v)) {
        return arg_int(v, out);
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "configuration names must be strings or integers");
    }
    for (; rows->name != NULL; rows++) {
        if (str_equal_text(value_object(v), rows->name)) {
            *out = (int)rows->value;
            return 0;
        }
    }
    return error_raise_int(PyExc_ValueError, "unrecognized configuration name");
}

static Value do_sysconf(Value self, const Value *args)
{
    int name;
    if (name_convert(args[0], posix_sysconf_names, &name) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    long value = sysconf(name);
    return value == -1 && errno != 0 ? error_from_errno(NULL) : int_from_i64(value);
}

static Value do_pathconf(Value self, const Value *args)
{
    struct path p;
    int name;
    if (path_convert(args[0], "pathconf", "path", PATH_FD, &p) < 0 ||
        name_convert(args[1], posix_pathconf_names, &name) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    long value = p.fd != -1 ? fpathconf(p.fd, name) : pathconf(p.text, name);
    return value == -1 && errno != 0 ? path_error(&p) : int_from_i64(value);
}

static Value do_fpathconf(Value self, const Value *args)
{
    int fd, name;
    if (fd_convert(args[0], &fd) < 0 || name_convert(args[1], posix_pathconf_names, &name) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    long value = fpathconf(fd, name);
    return value == -1 && errno != 0 ? error_from_errno(NULL) : int_from_i64(value);
}

static Value do_confstr(Value self, const Value *args)
{
    int name;
    char buffer[1024];
    if (name_convert(args[0], posix_confstr_names, &name) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    size_t n = confstr(name, buffer, sizeof buffer);
    if (n == 0) {
        return errno != 0 ? error_from_errno(NULL) : VALUE_NONE;
    }
    n = n > sizeof buffer ? sizeof buffer : n;
    return value_from_object(str_from_filename(buffer, (Py_ssize_t)(n - 1)));
}

const struct native_def posix_system_functions[] = {
    {"putenv", "($module, name, value, /)", "Sets a variable of the environment of new processes.",
     .n = do_putenv},
    {"unsetenv", "($module, name, /)", "Removes a variable from the environment of new processes.",
     .n = do_unsetenv},
    {"strerror", "($module, code, /)", "The text for an error number.", .n = do_strerror},
    {"urandom", "($module, size, /)", "Random bytes that are fit for cryptography.",
     .n = do_urandom},
    {"getrandom", "($module, /, size, flags=0)", "Random bytes from the kernel.",
     .n = do_getrandom},
    {"cpu_count", "($module, /)", "The number of processors; None if it is not known.",
     .f0 = do_cpu_count},
    {"uname", "($module, /)", "Information about the operating system.", .f0 = do_uname},
    {"getloadavg", "($module, /)", "The system's load in the last 1, 5 and 15 minutes.",
     .f0 = do_getloadavg},
    {"ctermid", "($module, /)", "The name of the controlling terminal.", .f0 = do_ctermid},
    {"sysconf", "($module, name, /)", "A number of the system's configuration.", .n = do_sysconf},
    {"pathconf", "($module, /, path, name)", "A limit that holds for a path.", .n = do_pathconf},
    {"fpathconf", "($module, fd, name, /)", "A limit that holds for an open file.",
     .n = do_fpathconf},
    {"confstr", "($module, name, /)", "A text of the system's configuration.", .n = do_confstr},
    {NULL},
};

int posix_system_types(PyObject *module)
{
    static const char *const fields[] = {"sysname", "nodename", "release",
                                         "version", "machine",  NULL};
    uname_result_type =
        structseq_type_new("posix.uname_result", "The result of os.uname().", fields, 5);
    return module_add(module, "uname_result", value_from_object(uname_result_type));
}
