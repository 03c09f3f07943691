/* SPDX-License-Identifier: MIT */
/* The pwd module: the user database. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "module/posix_int.h"

static PyTypeObject *passwd_type;

static Value text(const char *s)
{
    return s == NULL ? VALUE_NONE : value_from_object(str_from_filename(s, (Py_ssize_t)strlen(s)));
}

static Value entry_value(const struct passwd *p)
{
    PyObject *s = structseq_new(passwd_type);
    Value values[] = {text(p->pw_name),        text(p->pw_passwd), uid_to_value(p->pw_uid),
                      uid_to_value(p->pw_gid), text(p->pw_gecos),  text(p->pw_dir),
                      text(p->pw_shell)};
    for (int i = 0; s != NULL && i < 7; i++) {
        if (structseq_set(s, i, values[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

/* Looks up by name, or by uid if name is NULL. VALUE_ABSENT: not there. */
static Value look_up(const char *name, uid_t uid)
{
    for (size_t size = 1024;; size *= 2) {
        char *buffer = heap_alloc(size, CELL_RAW);
        struct passwd entry, *found = NULL;
        if (buffer == NULL) {
            return error_no_memory();
        }
        int error = name != NULL ? DETACHED(getpwnam_r(name, &entry, buffer, size, &found))
                                 : DETACHED(getpwuid_r(uid, &entry, buffer, size, &found));
        if (error != ERANGE) {
            return found != NULL ? entry_value(found) : VALUE_ABSENT;
        }
    }
}

static Value do_getpwnam(Value self, const Value *args)
{
    struct path name;
    PyObject *s = arg_str(args[0], "getpwnam", "argument");
    if (s == NULL || path_convert(args[0], NULL, "name", PATH_PLAIN, &name) < 0) {
        return VALUE_NULL;
    }
    Value found = look_up(name.text, 0);
    return value_is_absent(found)
               ? error_raise(PyExc_KeyError, "getpwnam(): name not found: %R", args[0])
               : found;
}

static Value do_getpwuid(Value self, const Value *args)
{
    uid_t uid;
    if (uid_convert(args[0], &uid) < 0) {
        if (error_matches(PyExc_OverflowError)) {
            error_clear();
            return error_raise(PyExc_KeyError, "getpwuid(): uid not found");
        }
        return VALUE_NULL;
    }
    Value found = look_up(NULL, uid);
    return value_is_absent(found)
               ? error_raise(PyExc_KeyError, "getpwuid(): uid not found: %S", uid_to_value(uid))
               : found;
}

static Value do_getpwall(Value self)
{
    PyObject *list = list_new(0);
    struct passwd *p;
    setpwent();
    while (list != NULL && (p = getpwent()) != NULL) {
        Value v = entry_value(p);
        if (value_is_null(v) || list_append(list, v) < 0) {
            list = NULL;
        }
    }
    endpwent();
    return value_from_object(list);
}

static const struct native_def functions[] = {
    {"getpwnam", "($module, name, /)", "The entry of the user of this name.", .n = do_getpwnam},
    {"getpwuid", "($module, uidobj, /)", "The entry of the user of this number.", .n = do_getpwuid},
    {"getpwall", "($module, /)", "The entries of all users.", .f0 = do_getpwall},
    {NULL},
};

static int exec(PyObject *module)
{
    static const char *const fields[] = {"pw_name",  "pw_passwd", "pw_uid",   "pw_gid",
                                         "pw_gecos", "pw_dir",    "pw_shell", NULL};
    if (passwd_type == NULL) {
        passwd_type =
            structseq_type_new("pwd.struct_passwd", "An entry of the user database.", fields, 7);
    }
    return module_add(module, "struct_passwd", value_from_object(passwd_type));
}

const struct module_def pwd_module = {
    .name = "pwd", .doc = "The database of users.", .functions = functions, .exec = exec};
