/* SPDX-License-Identifier: MIT */
/* posix: identities of processes, users and groups. */
#include <grp.h>

#include "module/posix_int.h"

#define GETTER(name, type_value)                                                                   \
    static Value do_##name(Value self)                                                             \
    {                                                                                              \
        return type_value(name());                                                                 \
    }
GETTER(getpid, value_from_int)
GETTER(getppid, value_from_int)
GETTER(getpgrp, value_from_int)
GETTER(getuid, uid_to_value)
GETTER(geteuid, uid_to_value)
GETTER(getgid, uid_to_value)
GETTER(getegid, uid_to_value)

#define ID_SETTER(name)                                                                            \
    static Value do_##name(Value self, const Value *args)                                          \
    {                                                                                              \
        uid_t id;                                                                                  \
        return uid_convert(args[0], &id) < 0 ? VALUE_NULL : posix_none_or_error(name(id));         \
    }
ID_SETTER(setuid)
ID_SETTER(seteuid)
ID_SETTER(setgid)
ID_SETTER(setegid)

static int convert_ids(const Value *args, uid_t *ids, int count)
{
    for (int i = 0; i < count; i++) {
        if (uid_convert(args[i], &ids[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static Value do_setreuid(Value self, const Value *args)
{
    uid_t ids[2];
    return convert_ids(args, ids, 2) < 0 ? VALUE_NULL
                                         : posix_none_or_error(setreuid(ids[0], ids[1]));
}

static Value do_setregid(Value self, const Value *args)
{
    uid_t ids[2];
    return convert_ids(args, ids, 2) < 0 ? VALUE_NULL
                                         : posix_none_or_error(setregid(ids[0], ids[1]));
}

static Value do_setresuid(Value self, const Value *args)
{
    uid_t ids[3];
    return convert_ids(args, ids, 3) < 0 ? VALUE_NULL
                                         : posix_none_or_error(setresuid(ids[0], ids[1], ids[2]));
}

static Value do_setresgid(Value self, const Value *args)
{
    uid_t ids[3];
    return convert_ids(args, ids, 3) < 0 ? VALUE_NULL
                                         : posix_none_or_error(setresgid(ids[0], ids[1], ids[2]));
}

static Value three_ids(const uid_t *ids)
{
    Value items[] = {uid_to_value(ids[0]), uid_to_value(ids[1]), uid_to_value(ids[2])};
    return value_from_object(tuple_from_array(items, 3));
}

static Value do_getresuid(Value self)
{
    uid_t ids[3];
    return getresuid(&ids[0], &ids[1], &ids[2]) < 0 ? error_from_errno(NULL) : three_ids(ids);
}

static Value do_getresgid(Value self)
{
    uid_t ids[3];
    return getresgid(&ids[0], &ids[1], &ids[2]) < 0 ? error_from_errno(NULL) : three_ids(ids);
}

static Value do_getpgid(Value self, const Value *args)
{
    int pid;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    pid_t group = getpgid(pid);
    return group < 0 ? error_from_errno(NULL) : value_from_int(group);
}

static Value do_setpgid(Value self, const Value *args)
{
    int pid, group;
    return arg_int(args[0], &pid) < 0 || arg_int(args[1], &group) < 0
               ? VALUE_NULL
               : posix_none_or_error(setpgid(pid, group));
}

static Value do_setpgrp(Value self)
{
    return posix_none_or_error(setpgrp());
}

static Value do_getsid(Value self, const Value *args)
{
    int pid;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    pid_t session = getsid(pid);
    return session < 0 ? error_from_errno(NULL) : value_from_int(session);
}

static Value do_setsid(Value self)
{
    return posix_none_or_error(setsid());
}

static Value groups_list(const gid_t *groups, int count)
{
    PyObject *list = list_new(count);
    for (int i = 0; list != NULL && i < count; i++) {
        if (list_append(list, uid_to_value(groups[i])) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value do_getgroups(Value self)
{
    gid_t groups[65536 / 16];
    int n = getgroups(sizeof groups / sizeof groups[0], groups);
    return n < 0 ? error_from_errno(NULL) : groups_list(groups, n);
}

static Value do_getgrouplist(Value self, const Value *args)
{
    struct path user;
    gid_t group, groups[1024];
    int n = 1024;
    if (path_convert(args[0], NULL, "user", PATH_PLAIN, &user) < 0 ||
        uid_convert(args[1], &group) < 0) {
        return VALUE_NULL;
    }
    return getgrouplist(user.text, group, groups, &n) < 0 ? error_from_errno(NULL)
                                                          : groups_list(groups, n);
}

static Value do_setgroups(Value self, const Value *args)
{
    if (!object_is_sequence(args[0])) {
        return error_raise(PyExc_TypeError, "setgroups argument must be a sequence");
    }
    PyObject *items = object_to_tuple(args[0]);
    gid_t groups[1024];
    if (items == NULL) {
        return VALUE_NULL;
    }
    if (tuple_length(items) > 1024) {
        return error_raise(PyExc_ValueError, "too many groups");
    }
    for (Py_ssize_t i = 0; i < tuple_length(items); i++) {
        if (uid_convert(tuple_get(items, i), &groups[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return posix_none_or_error(setgroups((size_t)tuple_length(items), groups));
}

static Value do_initgroups(Value self, const Value *args)
{
    struct path user;
    gid_t group;
    return path_convert(args[0], NULL, "username", PATH_PLAIN, &user) < 0 ||
                   uid_convert(args[1], &group) < 0
               ? VALUE_NULL
               : posix_none_or_error(initgroups(user.text, group));
}

static Value do_getlogin(Value self)
{
    char name[256];
    errno = getlogin_r(name, sizeof name);
    return errno != 0 ? error_from_errno(NULL)
                      : value_from_object(str_from_filename(name, (Py_ssize_t)strlen(name)));
}

const struct native_def posix_ids_functions[] = {
    {"getpid", "($module, /)", "The number of this process.", .f0 = do_getpid},
    {"getppid", "($module, /)", "The number of the parent process.", .f0 = do_getppid},
    {"getpgrp", "($module, /)", "The process group of this process.", .f0 = do_getpgrp},
    {"getuid", "($module, /)", "The real user.", .f0 = do_getuid},
    {"geteuid", "($module, /)", "The effective user.", .f0 = do_geteuid},
    {"getgid", "($module, /)", "The real group.", .f0 = do_getgid},
    {"getegid", "($module, /)", "The effective group.", .f0 = do_getegid},
    {"setuid", "($module, uid, /)", "Sets the user.", .n = do_setuid},
    {"seteuid", "($module, euid, /)", "Sets the effective user.", .n = do_seteuid},
    {"setgid", "($module, gid, /)", "Sets the group.", .n = do_setgid},
    {"setegid", "($module, egid, /)", "Sets the effective group.", .n = do_setegid},
    {"setreuid", "($module, ruid, euid, /)", "Sets real and effective user.", .n = do_setreuid},
    {"setregid", "($module, rgid, egid, /)", "Sets real and effective group.", .n = do_setregid},
    {"setresuid", "($module, ruid, euid, suid, /)", "Sets real, effective and saved user.",
     .n = do_setresuid},
    {"setresgid", "($module, rgid, egid, sgid, /)", "Sets real, effective and saved group.",
     .n = do_setresgid},
    {"getresuid", "($module, /)", "Real, effective and saved user.", .f0 = do_getresuid},
    {"getresgid", "($module, /)", "Real, effective and saved group.", .f0 = do_getresgid},
    {"getpgid", "($module, /, pid)", "The process group of a process.", .n = do_getpgid},
    {"setpgid", "($module, pid, pgrp, /)", "Puts a process into a process group.", .n = do_setpgid},
    {"setpgrp", "($module, /)", "Makes this process the leader of its own group.",
     .f0 = do_setpgrp},
    {"getsid", "($module, pid, /)", "The session of a process.", .n = do_getsid},
    {"setsid", "($module, /)", "Starts a new session.", .f0 = do_setsid},
    {"getgroups", "($module, /)", "The supplementary groups of this process.", .f0 = do_getgroups},
    {"getgrouplist", "($module, user, group, /)", "The groups that a user belongs to.",
     .n = do_getgrouplist},
    {"setgroups", "($module, groups, /)", "Sets the supplementary groups.", .n = do_setgroups},
    {"initgroups", "($module, username, gid, /)",
     "Sets the supplementary groups to those of a user.", .n = do_initgroups},
    {"getlogin", "($module, /)", "The name of the user that is logged in.", .f0 = do_getlogin},
    {NULL},
};
