/* SPDX-License-Identifier: MIT */
/* posix: what works on paths, but for stat and scandir. */
#include <math.h>
#include <sys/xattr.h>

#include "module/posix_int.h"

/* ---- Helpers: one path (and dir_fd), then a call. */

static bool get_path(Value v, const char *function, int flags, struct path *p)
{
    return path_convert(v, function, "path", flags, p) == 0;
}

static Value finish(int result, const struct path *p)
{
    return result < 0 ? path_error(p) : VALUE_NONE;
}

static Value do_access(Value self, const Value *args)
{
    struct path p;
    int mode, dir_fd, effective = flag_argument(args[3], false);
    int follow = flag_argument(args[4], true);
    if (!get_path(args[0], "access", PATH_PLAIN, &p) || arg_int(args[1], &mode) < 0 ||
        dir_fd_convert(args[2], &dir_fd) < 0 || effective < 0 || follow < 0) {
        return VALUE_NULL;
    }
    int flags = (effective ? AT_EACCESS : 0) | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
    return value_from_bool(DETACHED(faccessat(dir_fd, p.text, mode, flags)) == 0);
}

static Value do_chdir(Value self, const Value *args)
{
    struct path p;
    if (!get_path(args[0], "chdir", PATH_FD, &p) ||
        sys_audit_values("os.chdir", "O", p.object) < 0) {
        return VALUE_NULL;
    }
    return finish(p.fd != -1 ? DETACHED(fchdir(p.fd)) : DETACHED(chdir(p.text)), &p);
}

static Value do_chroot(Value self, const Value *args)
{
    struct path p;
    return get_path(args[0], "chroot", PATH_PLAIN, &p) ? finish(DETACHED(chroot(p.text)), &p)
                                                       : VALUE_NULL;
}

static Value do_chmod(Value self, const Value *args)
{
    struct path p;
    int mode, dir_fd, follow = flag_argument(args[3], true);
    if (!get_path(args[0], "chmod", PATH_FD, &p) || arg_int(args[1], &mode) < 0 ||
        dir_fd_convert(args[2], &dir_fd) < 0 || follow < 0 ||
        sys_audit_values("os.chmod", "Oid", p.object, mode, dir_fd) < 0) {
        return VALUE_NULL;
    }
    if (p.fd != -1) {
        return finish(DETACHED(fchmod(p.fd, (mode_t)mode)), &p);
    }
    if (!follow) {
        return error_raise(PyExc_NotImplementedError,
                           "chmod: follow_symlinks unavailable on this platform");
    }
    return finish(DETACHED(fchmodat(dir_fd, p.text, (mode_t)mode, 0)), &p);
}

static Value do_chown(Value self, const Value *args)
{
    struct path p;
    uid_t uid, gid;
    int dir_fd, follow = flag_argument(args[4], true);
    if (!get_path(args[0], "chown", PATH_FD, &p) || uid_convert(args[1], &uid) < 0 ||
        uid_convert(args[2], &gid) < 0 || dir_fd_convert(args[3], &dir_fd) < 0 || follow < 0 ||
        sys_audit_values("os.chown", "OIId", p.object, uid, gid, dir_fd) < 0) {
        return VALUE_NULL;
    }
    if (p.fd != -1) {
        return finish(DETACHED(fchown(p.fd, uid, gid)), &p);
    }
    return finish(DETACHED(fchownat(dir_fd, p.text, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW)),
                  &p);
}

static Value do_lchown(Value self, const Value *args)
{
    struct path p;
    uid_t uid, gid;
    if (!get_path(args[0], "lchown", PATH_PLAIN, &p) || uid_convert(args[1], &uid) < 0 ||
        uid_convert(args[2], &gid) < 0 ||
        sys_audit_values("os.chown", "OIIi", p.object, uid, gid, -1) < 0) {
        return VALUE_NULL;
    }
    return finish(DETACHED(lchown(p.text, uid, gid)), &p);
}

static Value current_directory(bool bytes)
{
    char *text = DETACHED(getcwd(NULL, 0));
    if (text == NULL) {
        return error_from_errno(NULL);
    }
    struct path p = {.is_bytes = bytes};
    Value v = path_result(&p, text, strlen(text));
    free(text);
    return v;
}

static Value do_getcwd(Value self)
{
    return current_directory(false);
}

static Value do_getcwdb(Value self)
{
    return current_directory(true);
}

/* Two paths with their dir_fds. */
struct two_paths {
    struct path from, to;
    int from_fd, to_fd;
};

static int audit_two(const char *event, const struct two_paths *t)
{
    return sys_audit_values(event, "OOdd", t->from.object, t->to.object, t->from_fd, t->to_fd);
}

static bool get_two(const Value *args, const char *function, struct two_paths *t)
{
    return path_convert(args[0], function, "src", PATH_PLAIN, &t->from) == 0 &&
           path_convert(args[1], function, "dst", PATH_PLAIN, &t->to) == 0 &&
           dir_fd_convert(args[2], &t->from_fd) == 0 && dir_fd_convert(args[3], &t->to_fd) == 0;
}

static Value do_link(Value self, const Value *args)
{
    struct two_paths t;
    int follow = flag_argument(args[4], true);
    if (follow < 0 || !get_two(args, "link", &t) || audit_two("os.link", &t) < 0) {
        return VALUE_NULL;
    }
    bool plain = !value_is_present(args[4]) && t.from_fd == AT_FDCWD && t.to_fd == AT_FDCWD;
    int flags = follow && !plain ? AT_SYMLINK_FOLLOW : 0;
    return DETACHED(linkat(t.from_fd, t.from.text, t.to_fd, t.to.text, flags)) < 0
               ? path_error2(&t.from, &t.to)
               : VALUE_NONE;
}

static Value rename_paths(const Value *args, const char *function)
{
    struct two_paths t;
    if (!get_two(args, function, &t) || audit_two("os.rename", &t) < 0) {
        return VALUE_NULL;
    }
    return DETACHED(renameat(t.from_fd, t.from.text, t.to_fd, t.to.text)) < 0
               ? path_error2(&t.from, &t.to)
               : VALUE_NONE;
}

static Value do_rename(Value self, const Value *args)
{
    return rename_paths(args, "rename");
}

static Value do_replace(Value self, const Value *args)
{
    return rename_paths(args, "replace");
}

static Value do_symlink(Value self, const Value *args)
{
    struct path from, to;
    int dir_fd;
    if (path_convert(args[0], "symlink", "src", PATH_PLAIN, &from) < 0 ||
        path_convert(args[1], "symlink", "dst", PATH_PLAIN, &to) < 0 ||
        dir_fd_convert(args[3], &dir_fd) < 0 ||
        sys_audit_values("os.symlink", "OOd", from.object, to.object, dir_fd) < 0) {
        return VALUE_NULL;
    }
    return DETACHED(symlinkat(from.text, dir_fd, to.text)) < 0 ? path_error2(&from, &to)
                                                               : VALUE_NONE;
}

static Value do_mkdir(Value self, const Value *args)
{
    struct path p;
    int mode, dir_fd;
    if (!get_path(args[0], "mkdir", PATH_PLAIN, &p) || int_argument(args[1], 0777, &mode) < 0 ||
        dir_fd_convert(args[2], &dir_fd) < 0 ||
        sys_audit_values("os.mkdir", "Oid", p.object, mode, dir_fd) < 0) {
        return VALUE_NULL;
    }
    return finish(DETACHED(mkdirat(dir_fd, p.text, (mode_t)mode)), &p);
}

static Value do_mkfifo(Value self, const Value *args)
{
    struct path p;
    int mode, dir_fd;
    if (!get_path(args[0], "mkfifo", PATH_PLAIN, &p) || int_argument(args[1], 0666, &mode) < 0 ||
        dir_fd_convert(args[2], &dir_fd) < 0) {
        return VALUE_NULL;
    }
    return finish(DETACHED(mkfifoat(dir_fd, p.text, (mode_t)mode)), &p);
}

static Value do_mknod(Value self, const Value *args)
{
    struct path p;
    int mode, dir_fd;
    int64_t device = 0;
    if (!get_path(args[0], "mknod", PATH_PLAIN, &p) || int_argument(args[1], 0600, &mode) < 0 ||
        (value_is_present(args[2]) && arg_i64(args[2], &device) < 0) ||
        dir_fd_convert(args[3], &dir_fd) < 0) {
        return VALUE_NULL;
    }
    return finish(DETACHED(mknodat(dir_fd, p.text, (mode_t)mode, (dev_t)device)), &p);
}

static Value do_rmdir(Value self, const Value *args)
{
    struct path p;
    int dir_fd;
    if (!get_path(args[0], "rmdir", PATH_PLAIN, &p) || dir_fd_convert(args[1], &dir_fd) < 0 ||
        sys_audit_values("os.rmdir", "Od", p.object, dir_fd) < 0) {
        return VALUE_NULL;
    }
    return finish(DETACHED(unlinkat(dir_fd, p.text, AT_REMOVEDIR)), &p);
}

static Value remove_path(const Value *args, const char *function)
{
    struct path p;
    int dir_fd;
    if (!get_path(args[0], function, PATH_PLAIN, &p) || dir_fd_convert(args[1], &dir_fd) < 0 ||
        sys_audit_values("os.remove", "Od", p.object, dir_fd) < 0) {
        return VALUE_NULL;
    }
    return finish(DETACHED(unlinkat(dir_fd, p.text, 0)), &p);
}

static Value do_remove(Value self, const Value *args)
{
    return remove_path(args, "remove");
}

static Value do_unlink(Value self, const Value *args)
{
    return remove_path(args, "unlink");
}

static Value do_readlink(Value self, const Value *args)
{
    struct path p;
    int dir_fd;
    char buffer[PATH_MAX + 1];
    if (!get_path(args[0], "readlink", PATH_PLAIN, &p) || dir_fd_convert(args[1], &dir_fd) < 0) {
        return VALUE_NULL;
    }
    ssize_t n = DETACHED(readlinkat(dir_fd, p.text, buffer, PATH_MAX));
    return n < 0 ? path_error(&p) : path_result(&p, buffer, (size_t)n);
}

static Value do_truncate(Value self, const Value *args)
{
    struct path p;
    int64_t length;
    if (!get_path(args[0], "truncate", PATH_FD, &p) || arg_i64(args[1], &length) < 0 ||
        sys_audit_values("os.truncate", "Ol", p.object, length) < 0) {
        return VALUE_NULL;
    }
    return finish(
        p.fd != -1 ? DETACHED(ftruncate(p.fd, length)) : DETACHED(truncate(p.text, length)), &p);
}

static Value do_umask(Value self, const Value *args)
{
    int mask;
    return arg_int(args[0], &mask) < 0 ? VALUE_NULL : value_from_int(umask((mode_t)mask));
}

/* ---- utime */

static int timespec_from_seconds(Value v, struct timespec *t)
{
    double d;
    int64_t whole;
    if (float_check(v)) {
        d = float_value(v);
        double below = floor(d);
        if (!(fabs(d) < 9.2e18)) {
            return error_raise_int(isnan(d) ? PyExc_ValueError : PyExc_OverflowError,
                                   isnan(d) ? "Invalid value NaN (not a number)"
                                            : "timestamp out of range for platform time_t");
        }
        t->tv_sec = (time_t)below;
        t->tv_nsec = (long)floor((d - below) * 1e9);
        return 0;
    }
    v = object_index(v);
    if (value_is_null(v) || int_to_i64(v, &whole) < 0) {
        return -1;
    }
    *t = (struct timespec){whole, 0};
    return 0;
}

static bool is_pair(Value v)
{
    return tuple_check_exact(v) && tuple_length(value_object(v)) == 2;
}

static int timespec_from_nanoseconds(Value v, struct timespec *t)
{
    int64_t ns;
    if (int_check(v) && int_clip_i64(v, &ns) == 0) {
        int64_t rest = ns % 1000000000;
        t->tv_sec = ns / 1000000000 - (rest < 0);
        t->tv_nsec = rest + (rest < 0 ? 1000000000 : 0);
        return 0;
    }
    Value pair = object_binary(v, value_from_int(1000000000), OP_DIVMOD);
    if (value_is_null(pair)) {
        return -1;
    }
    if (!is_pair(pair)) {
        return error_raise_int(PyExc_TypeError, "%T.__divmod__() must return a 2-tuple, not %T", v,
                               pair);
    }
    int64_t s, n;
    if (!int_check(tuple_get(value_object(pair), 0)) ||
        !int_check(tuple_get(value_object(pair), 1))) {
        return error_raise_int(PyExc_TypeError, "an integer is required");
    }
    if (int_to_i64(tuple_get(value_object(pair), 0), &s) < 0 ||
        int_to_i64(tuple_get(value_object(pair), 1), &n) < 0) {
        return -1;
    }
    *t = (struct timespec){s, n};
    return 0;
}

static int utime_times(Value times, Value ns, struct timespec *t)
{
    bool has_times = value_is_present(times) && !value_is_none(times);
    if (has_times && value_is_present(ns)) {
        return error_raise_int(PyExc_ValueError,
                               "utime: you may specify either 'times' or 'ns' but not both");
    }
    if (has_times) {
        if (!is_pair(times)) {
            return error_raise_int(PyExc_TypeError,
                                   "utime: 'times' must be either a tuple of two ints or None");
        }
        PyObject *pair = value_object(times);
        return timespec_from_seconds(tuple_get(pair, 0), &t[0]) < 0
                   ? -1
                   : timespec_from_seconds(tuple_get(pair, 1), &t[1]);
    }
    if (value_is_present(ns)) {
        if (!is_pair(ns)) {
            return error_raise_int(PyExc_TypeError, "utime: 'ns' must be a tuple of two ints");
        }
        PyObject *pair = value_object(ns);
        return timespec_from_nanoseconds(tuple_get(pair, 0), &t[0]) < 0
                   ? -1
                   : timespec_from_nanoseconds(tuple_get(pair, 1), &t[1]);
    }
    t[0] = t[1] = (struct timespec){0, UTIME_NOW};
    return 0;
}

static Value do_utime(Value self, const Value *args)
{
    struct path p;
    struct timespec t[2];
    int dir_fd, follow = flag_argument(args[4], true);
    if (!get_path(args[0], "utime", PATH_FD, &p) || utime_times(args[1], args[2], t) < 0 ||
        dir_fd_convert(args[3], &dir_fd) < 0 || follow < 0 ||
        sys_audit_values("os.utime", "OOOd", p.object, args[1], args[2], dir_fd) < 0) {
        return VALUE_NULL;
    }
    return finish(p.fd != -1
                      ? DETACHED(futimens(p.fd, t))
                      : DETACHED(utimensat(dir_fd, p.text, t, follow ? 0 : AT_SYMLINK_NOFOLLOW)),
                  &p);
}

/* ---- Extended attributes. */

static Value do_getxattr(Value self, const Value *args)
{
    struct path p, name;
    int follow = flag_argument(args[2], true);
    if (!get_path(args[0], "getxattr", PATH_FD, &p) ||
        path_convert(args[1], "getxattr", "attribute", PATH_PLAIN, &name) < 0 || follow < 0 ||
        sys_audit_values("os.getxattr", "OO", p.object, name.object) < 0) {
        return VALUE_NULL;
    }
    PyObject *value = bytes_new(NULL, XATTR_SIZE_MAX);
    if (value == NULL) {
        return VALUE_NULL;
    }
    char *data = bytes_data(value);
    ssize_t n = p.fd != -1 ? DETACHED(fgetxattr(p.fd, name.text, data, XATTR_SIZE_MAX))
                : follow   ? DETACHED(getxattr(p.text, name.text, data, XATTR_SIZE_MAX))
                           : DETACHED(lgetxattr(p.text, name.text, data, XATTR_SIZE_MAX));
    return n < 0 ? path_error(&p) : value_from_object(bytes_new(data, n));
}

static Value do_setxattr(Value self, const Value *args)
{
    struct path p, name;
    Py_buffer view;
    int flags, follow = flag_argument(args[4], true);
    if (!get_path(args[0], "setxattr", PATH_FD, &p) ||
        path_convert(args[1], "setxattr", "attribute", PATH_PLAIN, &name) < 0 || follow < 0 ||
        int_argument(args[3], 0, &flags) < 0 ||
        sys_audit_values("os.setxattr", "OOOi", p.object, name.object, args[2], flags) < 0 ||
        object_get_buffer(args[2], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    size_t n = (size_t)view.len;
    int result = p.fd != -1 ? DETACHED(fsetxattr(p.fd, name.text, view.buf, n, flags))
                 : follow   ? DETACHED(setxattr(p.text, name.text, view.buf, n, flags))
                            : DETACHED(lsetxattr(p.text, name.text, view.buf, n, flags));
    int error = errno;
    object_release_buffer(&view);
    errno = error;
    return finish(result, &p);
}

static Value do_removexattr(Value self, const Value *args)
{
    struct path p, name;
    int follow = flag_argument(args[2], true);
    if (!get_path(args[0], "removexattr", PATH_FD, &p) ||
        path_convert(args[1], "removexattr", "attribute", PATH_PLAIN, &name) < 0 || follow < 0 ||
        sys_audit_values("os.removexattr", "OO", p.object, name.object) < 0) {
        return VALUE_NULL;
    }
    return finish(p.fd != -1 ? DETACHED(fremovexattr(p.fd, name.text))
                  : follow   ? DETACHED(removexattr(p.text, name.text))
                             : DETACHED(lremovexattr(p.text, name.text)),
                  &p);
}

static Value do_listxattr(Value self, const Value *args)
{
    struct path p;
    int follow = flag_argument(args[1], true);
    if (!get_path(args[0], "listxattr", PATH_FD | PATH_NONE, &p) || follow < 0 ||
        sys_audit_values("os.listxattr", "O", p.object) < 0) {
        return VALUE_NULL;
    }
    const char *text = p.text != NULL ? p.text : ".";
    char *buffer = heap_alloc(XATTR_LIST_MAX, CELL_RAW);
    if (buffer == NULL) {
        return error_no_memory();
    }
    ssize_t n = p.fd != -1 ? DETACHED(flistxattr(p.fd, buffer, XATTR_LIST_MAX))
                : follow   ? DETACHED(listxattr(text, buffer, XATTR_LIST_MAX))
                           : DETACHED(llistxattr(text, buffer, XATTR_LIST_MAX));
    if (n < 0) {
        return path_error(&p);
    }
    PyObject *list = list_new(0);
    for (const char *s = buffer; list != NULL && s < buffer + n; s += strlen(s) + 1) {
        PyObject *name = str_from_filename(s, (Py_ssize_t)strlen(s));
        if (name == NULL || list_append(list, value_from_object(name)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

/* ---- normpath, for ntpath-free os.path. */

/* Collapses slashes, "." and ".." of n characters read by `at`; returns the new length. */
static size_t normalize(Py_UCS4 *s, size_t n)
{
    size_t lead = 0, out = 0, i = 0;
    while (lead < n && s[lead] == '/') {
        lead++;
    }
    size_t root = lead == 0 ? 0 : lead == 2 ? 2 : 1;
    for (i = lead, out = root; i < n;) {
        size_t start = i;
        while (i < n && s[i] != '/') {
            i++;
        }
        size_t length = i - start;
        while (i < n && s[i] == '/') {
            i++;
        }
        bool dot = length == 1 && s[start] == '.';
        bool dots = length == 2 && s[start] == '.' && s[start + 1] == '.';
        if (dot || length == 0) {
            continue;
        }
        size_t parent = out;
        while (parent > root && s[parent - 1] != '/') {
            parent--;
        }
        bool parent_dots = out - parent == 2 && s[parent] == '.' && s[parent + 1] == '.';
        if (dots && out == root && root > 0) {
            continue;
        }
        if (dots && out > root && !parent_dots) {
            out = parent > root ? parent - 1 : root;
            continue;
        }
        if (out > root) {
            s[out++] = '/';
        }
        memmove(s + out, s + start, length * sizeof *s);
        out += length;
    }
    return out;
}

static Value do_path_normpath(Value self, const Value *args)
{
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "_path_normpath() argument 'path' must be str, not %T",
                           args[0]);
    }
    PyObject *path = value_object(args[0]);
    size_t n = (size_t)str_length(path);
    int kind = str_kind(path);
    const void *data = str_data(path);
    Py_UCS4 *s = heap_alloc((n + 1) * sizeof *s, CELL_RAW);
    if (s == NULL) {
        return error_no_memory();
    }
    for (size_t i = 0; i < n; i++) {
        s[i] = str_read(kind, data, (Py_ssize_t)i);
    }
    size_t length = normalize(s, n);
    return length == 0 ? value_from_object(str_from_text("."))
                       : value_from_object(str_from_ucs4(s, (Py_ssize_t)length));
}

const struct native_def posix_file_functions[] = {
    {"access",
     "($module, /, path, mode, *, dir_fd=None, effective_ids=False,\n"
     "       follow_symlinks=True)",
     "May the path be accessed in this way, by the real user?", .n = do_access},
    {"chdir", "($module, /, path)", "Changes the current directory.", .n = do_chdir},
    {"chroot", "($module, /, path)", "Changes the root directory of the process.", .n = do_chroot},
    {"chmod", "($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)",
     "Changes the access rights of the path.", .n = do_chmod},
    {"chown", "($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
     "Changes owner and group of the path; -1 leaves one as it is.", .n = do_chown},
    {"lchown", "($module, /, path, uid, gid)",
     "Changes owner and group, of a symbolic link itself.", .n = do_lchown},
    {"getcwd", "($module, /)", "The current directory.", .f0 = do_getcwd},
    {"getcwdb", "($module, /)", "The current directory as bytes.", .f0 = do_getcwdb},
    {"link",
     "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None,\n"
     "     follow_symlinks=True)",
     "Makes a hard link.", .n = do_link},
    {"rename", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
     "Renames a file or directory.", .n = do_rename},
    {"replace", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
     "Renames a file or directory, replacing the destination.", .n = do_replace},
    {"symlink", "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)",
     "Makes a symbolic link that points to src.", .n = do_symlink},
    {"mkdir", "($module, /, path, mode=511, *, dir_fd=None)", "Makes a directory.", .n = do_mkdir},
    {"mkfifo", "($module, /, path, mode=438, *, dir_fd=None)", "Makes a named pipe.",
     .n = do_mkfifo},
    {"mknod", "($module, /, path, mode=384, device=0, *, dir_fd=None)",
     "Makes a node of the file system.", .n = do_mknod},
    {"rmdir", "($module, /, path, *, dir_fd=None)", "Removes an empty directory.", .n = do_rmdir},
    {"remove", "($module, /, path, *, dir_fd=None)", "Removes a file.", .n = do_remove},
    {"unlink", "($module, /, path, *, dir_fd=None)", "Removes a file.", .n = do_unlink},
    {"readlink", "($module, /, path, *, dir_fd=None)", "Where the symbolic link points to.",
     .n = do_readlink},
    {"truncate", "($module, /, path, length)", "Cuts or extends the file to a length.",
     .n = do_truncate},
    {"umask", "($module, mask, /)",
     "Sets the mask of rights that new files do not get; returns the old one.", .n = do_umask},
    {"utime",
     "($module, /, path, times=None, *, ns=<unrepresentable>,\n"
     "      dir_fd=None, follow_symlinks=True)",
     "Sets the times of access and modification.", .n = do_utime},
    {"getxattr", "($module, /, path, attribute, *, follow_symlinks=True)",
     "The value of an extended attribute.", .n = do_getxattr},
    {"setxattr",
     "($module, /, path, attribute, value, flags=0, *,\n"
     "         follow_symlinks=True)",
     "Sets an extended attribute.", .n = do_setxattr},
    {"removexattr", "($module, /, path, attribute, *, follow_symlinks=True)",
     "Removes an extended attribute.", .n = do_removexattr},
    {"listxattr", "($module, /, path=None, *, follow_symlinks=True)",
     "The names of the extended attributes.", .n = do_listxattr},
    {"_path_normpath", "($module, /, path)", "The path without superfluous parts.",
     .n = do_path_normpath},
    {NULL},
};
