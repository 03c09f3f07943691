/* SPDX-License-Identifier: MIT */
/* _stat: what the bits of st_mode mean. */
#include <sys/stat.h>

#include "object/int.h"
#include "object/native.h"
#include "object/str.h"

/* POSIX leaves these kinds to other systems; the tests for them are always false here. */
enum { KIND_DOOR = 0, KIND_PORT = 0, KIND_WHITEOUT = 0 };

static int mode_of(Value v, unsigned *mode)
{
    uint64_t n;
    if (!int_check(v)) {
        return error_raise_int(PyExc_TypeError, "an integer is required");
    }
    if (int_to_u64(v, &n) < 0) {
        return -1;
    }
    if (n > UINT32_MAX) {
        return error_raise_int(PyExc_OverflowError, "mode out of range");
    }
    *mode = (unsigned)n;
    return 0;
}

static Value has_kind(Value v, unsigned kind)
{
    unsigned mode = 0;
    return mode_of(v, &mode) < 0 ? VALUE_NULL
                                 : value_from_bool(kind != 0 && (mode & S_IFMT) == kind);
}

#define KIND_TEST(name, kind)                                                                      \
    static Value name(Value self, Value mode)                                                      \
    {                                                                                              \
        (void)self;                                                                                \
        return has_kind(mode, kind);                                                               \
    }
KIND_TEST(is_dir, S_IFDIR)
KIND_TEST(is_chr, S_IFCHR)
KIND_TEST(is_blk, S_IFBLK)
KIND_TEST(is_reg, S_IFREG)
KIND_TEST(is_fifo, S_IFIFO)
KIND_TEST(is_lnk, S_IFLNK)
KIND_TEST(is_sock, S_IFSOCK)
KIND_TEST(is_door, KIND_DOOR)
KIND_TEST(is_port, KIND_PORT)
KIND_TEST(is_wht, KIND_WHITEOUT)

static Value get_imode(Value self, Value v)
{
    (void)self;
    unsigned mode = 0;
    return mode_of(v, &mode) < 0 ? VALUE_NULL : value_from_int(mode & 07777);
}

static Value get_ifmt(Value self, Value v)
{
    (void)self;
    unsigned mode = 0;
    return mode_of(v, &mode) < 0 ? VALUE_NULL : value_from_int(mode & S_IFMT);
}

static char kind_letter(unsigned mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return '-';
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFBLK: return 'b';
    case S_IFCHR: return 'c';
    case S_IFIFO: return 'p';
    case S_IFSOCK: return 's';
    default: return '?';
    }
}

/* The letter of an x position: plain, or with the set-id or sticky bit. */
static char execute_letter(bool execute, bool special, char both, char alone)
{
    return special ? (execute ? both : alone) : execute ? 'x' : '-';
}

static Value filemode(Value self, Value v)
{
    (void)self;
    unsigned m = 0;
    if (mode_of(v, &m) < 0) {
        return VALUE_NULL;
    }
    const char text[] = {kind_letter(m),
                         m & S_IRUSR ? 'r' : '-',
                         m & S_IWUSR ? 'w' : '-',
                         execute_letter(m & S_IXUSR, m & S_ISUID, 's', 'S'),
                         m & S_IRGRP ? 'r' : '-',
                         m & S_IWGRP ? 'w' : '-',
                         execute_letter(m & S_IXGRP, m & S_ISGID, 's', 'S'),
                         m & S_IROTH ? 'r' : '-',
                         m & S_IWOTH ? 'w' : '-',
                         execute_letter(m & S_IXOTH, m & S_ISVTX, 't', 'T')};
    return value_from_object(str_from_ascii(text, sizeof text));
}

static const struct native_def functions[] = {
    {"S_ISDIR", "($module, mode, /)",
     "S_ISDIR(mode) -> bool\n\nReturn True if mode is from a directory.", .f1 = is_dir},
    {"S_ISCHR", "($module, mode, /)",
     "S_ISCHR(mode) -> bool\n\nReturn True if mode is from a character special device file.",
     .f1 = is_chr},
    {"S_ISBLK", "($module, mode, /)",
     "S_ISBLK(mode) -> bool\n\nReturn True if mode is from a block special device file.",
     .f1 = is_blk},
    {"S_ISREG", "($module, mode, /)",
     "S_ISREG(mode) -> bool\n\nReturn True if mode is from a regular file.", .f1 = is_reg},
    {"S_ISFIFO", "($module, mode, /)",
     "S_ISFIFO(mode) -> bool\n\nReturn True if mode is from a FIFO (named pipe).", .f1 = is_fifo},
    {"S_ISLNK", "($module, mode, /)",
     "S_ISLNK(mode) -> bool\n\nReturn True if mode is from a symbolic link.", .f1 = is_lnk},
    {"S_ISSOCK", "($module, mode, /)",
     "S_ISSOCK(mode) -> bool\n\nReturn True if mode is from a socket.", .f1 = is_sock},
    {"S_ISDOOR", "($module, mode, /)",
     "S_ISDOOR(mode) -> bool\n\nReturn True if mode is from a door.", .f1 = is_door},
    {"S_ISPORT", "($module, mode, /)",
     "S_ISPORT(mode) -> bool\n\nReturn True if mode is from an event port.", .f1 = is_port},
    {"S_ISWHT", "($module, mode, /)",
     "S_ISWHT(mode) -> bool\n\nReturn True if mode is from a whiteout.", .f1 = is_wht},
    {"S_IMODE", "($module, mode, /)",
     "Return the portion of the file's mode that can be set by os.chmod().", .f1 = get_imode},
    {"S_IFMT", "($module, mode, /)",
     "Return the portion of the file's mode that describes the file type.", .f1 = get_ifmt},
    {"filemode", "($module, mode, /)", "Convert a file's mode to a string of the form '-rwxrwxrwx'",
     .f1 = filemode},
    {NULL},
};

static const struct {
    const char *name;
    unsigned value;
} constants[] = {
    {"SF_APPEND", 0x00040000},
    {"SF_ARCHIVED", 0x00010000},
    {"SF_IMMUTABLE", 0x00020000},
    {"SF_NOUNLINK", 0x00100000},
    {"SF_SNAPSHOT", 0x00200000},
    {"ST_ATIME", 7},
    {"ST_CTIME", 9},
    {"ST_DEV", 2},
    {"ST_GID", 5},
    {"ST_INO", 1},
    {"ST_MODE", 0},
    {"ST_MTIME", 8},
    {"ST_NLINK", 3},
    {"ST_SIZE", 6},
    {"ST_UID", 4},
    {"S_ENFMT", 0x00000400},
    {"S_IEXEC", 0x00000040},
    {"S_IFBLK", S_IFBLK},
    {"S_IFCHR", S_IFCHR},
    {"S_IFDIR", S_IFDIR},
    {"S_IFDOOR", 0},
    {"S_IFIFO", S_IFIFO},
    {"S_IFLNK", S_IFLNK},
    {"S_IFPORT", 0},
    {"S_IFREG", S_IFREG},
    {"S_IFSOCK", S_IFSOCK},
    {"S_IFWHT", 0},
    {"S_IREAD", 0x00000100},
    {"S_IRGRP", S_IRGRP},
    {"S_IROTH", S_IROTH},
    {"S_IRUSR", S_IRUSR},
    {"S_IRWXG", S_IRWXG},
    {"S_IRWXO", S_IRWXO},
    {"S_IRWXU", S_IRWXU},
    {"S_ISGID", S_ISGID},
    {"S_ISUID", S_ISUID},
    {"S_ISVTX", S_ISVTX},
    {"S_IWGRP", S_IWGRP},
    {"S_IWOTH", S_IWOTH},
    {"S_IWRITE", 0x00000080},
    {"S_IWUSR", S_IWUSR},
    {"S_IXGRP", S_IXGRP},
    {"S_IXOTH", S_IXOTH},
    {"S_IXUSR", S_IXUSR},
    {"UF_APPEND", 4},
    {"UF_COMPRESSED", 0x00000020},
    {"UF_HIDDEN", 0x00008000},
    {"UF_IMMUTABLE", 2},
    {"UF_NODUMP", 1},
    {"UF_NOUNLINK", 0x00000010},
    {"UF_OPAQUE", 8},
};

static int stat_exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

const struct module_def stat_module = {
    .name = "_stat",
    .doc = "S_IFMT_: file type bits\nS_I*: permission bits\nST_*: indices of os.stat()'s tuple",
    .functions = functions,
    .exec = stat_exec,
};
