/* SPDX-License-Identifier: MIT */
/* posix: the stat family. */
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "module/posix_int.h"

static PyTypeObject *stat_result_type, *statvfs_result_type;

static Value nanoseconds(const struct timespec *t)
{
    return int_from_i64((int64_t)t->tv_sec * 1000000000 + t->tv_nsec);
}

static Value seconds(const struct timespec *t)
{
    return float_from_double((double)t->tv_sec + 1e-9 * (double)t->tv_nsec);
}

/* Fields 7 to 9 of the tuple are whole seconds, 10 to 12 floats, 13 to 15 nanoseconds. */
Value posix_stat_value(const struct stat *s)
{
    const struct timespec *times[] = {&s->st_atim, &s->st_mtim, &s->st_ctim};
    PyObject *r = structseq_new(stat_result_type);
    if (r == NULL) {
        return VALUE_NULL;
    }
    Value values[19] = {value_from_int(s->st_mode), int_from_u64(s->st_ino),
                        int_from_u64(s->st_dev),    int_from_u64(s->st_nlink),
                        uid_to_value(s->st_uid),    uid_to_value(s->st_gid),
                        int_from_i64(s->st_size)};
    for (int i = 0; i < 3; i++) {
        values[7 + i] = int_from_i64(times[i]->tv_sec);
        values[10 + i] = seconds(times[i]);
        values[13 + i] = nanoseconds(times[i]);
    }
    values[16] = int_from_i64(s->st_blksize);
    values[17] = int_from_i64(s->st_blocks);
    values[18] = int_from_u64(s->st_rdev);
    for (int i = 0; i < 19; i++) {
        if (structseq_set(r, i, values[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(r);
}

static Value stat_path(const char *function, Value path, Value dir_fd_value, bool follow)
{
    struct path p;
    struct stat s;
    int dir_fd;
    int flags = strcmp(function, "stat") == 0 ? PATH_FD : PATH_PLAIN;
    if (path_convert(path, function, "path", flags, &p) < 0 ||
        dir_fd_convert(dir_fd_value, &dir_fd) < 0) {
        return VALUE_NULL;
    }
    if (p.fd != -1 && dir_fd != AT_FDCWD) {
        return error_raise(PyExc_ValueError, "%s: can't specify dir_fd without matching path",
                           function);
    }
    if (p.fd != -1 && !follow) {
        return error_raise(PyExc_ValueError, "%s: cannot use fd and follow_symlinks together",
                           function);
    }
    int result = p.fd != -1
                     ? DETACHED(fstat(p.fd, &s))
                     : DETACHED(fstatat(dir_fd, p.text, &s, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    return result < 0 ? path_error(&p) : posix_stat_value(&s);
}

static Value do_stat(Value self, const Value *args)
{
    int follow = flag_argument(args[2], true);
    return follow < 0 ? VALUE_NULL : stat_path("stat", args[0], args[1], follow);
}

static Value do_lstat(Value self, const Value *args)
{
    return stat_path("lstat", args[0], args[1], false);
}

static Value do_fstat(Value self, const Value *args)
{
    struct stat s;
    int fd;
    bool raised;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    if (RETRIED(fstat(fd, &s), raised) < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return posix_stat_value(&s);
}

static Value statvfs_value(const struct statvfs *s)
{
    PyObject *r = structseq_new(statvfs_result_type);
    Value values[] = {
        int_from_u64(s->f_bsize),   int_from_u64(s->f_frsize), int_from_u64(s->f_blocks),
        int_from_u64(s->f_bfree),   int_from_u64(s->f_bavail), int_from_u64(s->f_files),
        int_from_u64(s->f_ffree),   int_from_u64(s->f_favail), int_from_u64(s->f_flag),
        int_from_u64(s->f_namemax), int_from_u64(s->f_fsid)};
    for (int i = 0; r != NULL && i < 11; i++) {
        if (structseq_set(r, i, values[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(r);
}

static Value do_statvfs(Value self, const Value *args)
{
    struct path p;
    struct statvfs s;
    if (path_convert(args[0], "statvfs", "path", PATH_FD, &p) < 0) {
        return VALUE_NULL;
    }
    int result = p.fd != -1 ? DETACHED(fstatvfs(p.fd, &s)) : DETACHED(statvfs(p.text, &s));
    return result < 0 ? path_error(&p) : statvfs_value(&s);
}

static Value do_fstatvfs(Value self, const Value *args)
{
    struct statvfs s;
    int fd;
    bool raised;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    if (RETRIED(fstatvfs(fd, &s), raised) < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return statvfs_value(&s);
}

static int device_convert(Value v, uint64_t *out)
{
    v = object_index(v);
    return value_is_null(v) ? -1 : int_to_u64(v, out);
}

static Value do_major(Value self, const Value *args)
{
    uint64_t device;
    return device_convert(args[0], &device) < 0 ? VALUE_NULL : value_from_int(major(device));
}

static Value do_minor(Value self, const Value *args)
{
    uint64_t device;
    return device_convert(args[0], &device) < 0 ? VALUE_NULL : value_from_int(minor(device));
}

static Value do_makedev(Value self, const Value *args)
{
    int high, low;
    if (arg_int(args[0], &high) < 0 || arg_int(args[1], &low) < 0) {
        return VALUE_NULL;
    }
    return int_from_u64(makedev((unsigned)high, (unsigned)low));
}

const struct native_def posix_stat_functions[] = {
    {"stat", "($module, /, path, *, dir_fd=None, follow_symlinks=True)", "The state of a file.",
     .n = do_stat},
    {"lstat", "($module, /, path, *, dir_fd=None)",
     "The state of a file; of a symbolic link itself.", .n = do_lstat},
    {"fstat", "($module, /, fd)", "The state of an open file.", .n = do_fstat},
    {"statvfs", "($module, /, path)", "The state of the file system of a path.", .n = do_statvfs},
    {"fstatvfs", "($module, fd, /)", "The state of the file system of an open file.",
     .n = do_fstatvfs},
    {"major", "($module, device, /)", "The major number of a device.", .n = do_major},
    {"minor", "($module, device, /)", "The minor number of a device.", .n = do_minor},
    {"makedev", "($module, major, minor, /)", "A device from its major and minor number.",
     .n = do_makedev},
    {NULL},
};

int posix_stat_types(PyObject *module)
{
    static const char *const stat_fields[] = {"st_mode",
                                              "st_ino",
                                              "st_dev",
                                              "st_nlink",
                                              "st_uid",
                                              "st_gid",
                                              "st_size",
                                              "",
                                              "",
                                              "",
                                              "st_atime",
                                              "st_mtime",
                                              "st_ctime",
                                              "st_atime_ns",
                                              "st_mtime_ns",
                                              "st_ctime_ns",
                                              "st_blksize",
                                              "st_blocks",
                                              "st_rdev",
                                              NULL};
    static const char *const statvfs_fields[] = {"f_bsize",  "f_frsize",  "f_blocks", "f_bfree",
                                                 "f_bavail", "f_files",   "f_ffree",  "f_favail",
                                                 "f_flag",   "f_namemax", "f_fsid",   NULL};
    stat_result_type =
        structseq_type_new("os.stat_result", "The result of os.stat().", stat_fields, 10);
    statvfs_result_type =
        structseq_type_new("os.statvfs_result", "The result of os.statvfs().", statvfs_fields, 10);
    return module_add(module, "stat_result", value_from_object(stat_result_type)) < 0
               ? -1
               : module_add(module, "statvfs_result", value_from_object(statvfs_result_type));
}
