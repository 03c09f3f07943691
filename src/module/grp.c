/* SPDX-License-Identifier: MIT */
/* The grp module: the group database. */
#include <errno.h>
#include <grp.h>
#include <string.h>

#include "module/posix_int.h"

static PyTypeObject *group_type;

static Value text(const char *s)
{
    return s == NULL ? VALUE_NONE : value_from_object(str_from_filename(s, (Py_ssize_t)strlen(s)));
}

static Value entry_value(const struct group *g)
{
    PyObject *s = structseq_new(group_type), *members = list_new(0);
    for (char **m = g->gr_mem; members != NULL && *m != NULL; m++) {
        Value name = text(*m);
        if (value_is_null(name) || list_append(members, name) < 0) {
            return VALUE_NULL;
        }
    }
    Value values[] = {text(g->gr_name), text(g->gr_passwd), uid_to_value(g->gr_gid),
                      value_from_object(members)};
    for (int i = 0; s != NULL && i < 4; i++) {
        if (structseq_set(s, i, values[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

/* Looks up by name, or by gid if name is NULL. VALUE_ABSENT: not there. */
static Value look_up(const char *name, gid_t gid)
{
    for (size_t size = 1024;; size *= 2) {
        char *buffer = heap_alloc(size, CELL_RAW);
        struct group entry, *found = NULL;
        if (buffer == NULL) {
            return error_no_memory();
        }
        int error = name != NULL ? DETACHED(getgrnam_r(name, &entry, buffer, size, &found))
                                 : DETACHED(getgrgid_r(gid, &entry, buffer, size, &found));
        if (error != ERANGE) {
            return found != NULL ? entry_value(found) : VALUE_ABSENT;
        }
    }
}

static Value do_getgrnam(Value self, const Value *args)
{
    struct path name;
    PyObject *s = arg_str(args[0], "getgrnam", "argument 'name'");
    if (s == NULL || path_convert(args[0], NULL, "name", PATH_PLAIN, &name) < 0) {
        return VALUE_NULL;
    }
    Value found = look_up(name.text, 0);
    return value_is_absent(found)
               ? error_raise(PyExc_KeyError, "getgrnam(): name not found: %R", args[0])
               : found;
}

static Value do_getgrgid(Value self, const Value *args)
{
    gid_t gid;
    if (uid_convert(args[0], &gid) < 0) {
        return VALUE_NULL;
    }
    Value found = look_up(NULL, gid);
    return value_is_absent(found)
               ? error_raise(PyExc_KeyError, "getgrgid(): gid not found: %S", uid_to_value(gid))
               : found;
}

static Value do_getgrall(Value self)
{
    PyObject *list = list_new(0);
    struct group *g;
    setgrent();
    while (list != NULL && (g = getgrent()) != NULL) {
        Value v = entry_value(g);
        if (value_is_null(v) || list_append(list, v) < 0) {
            list = NULL;
        }
    }
    endgrent();
    return value_from_object(list);
}

static const struct native_def functions[] = {
    {"getgrnam", "($module, /, name)", "The entry of the group of this name.", .n = do_getgrnam},
    {"getgrgid", "($module, /, id)", "The entry of the group of this number.", .n = do_getgrgid},
    {"getgrall", "($module, /)", "The entries of all groups.", .f0 = do_getgrall},
    {NULL},
};

static int exec(PyObject *module)
{
    static const char *const fields[] = {"gr_name", "gr_passwd", "gr_gid", "gr_mem", NULL};
    if (group_type == NULL) {
        group_type =
            structseq_type_new("grp.struct_group", "An entry of the group database.", fields, 4);
    }
    return module_add(module, "struct_group", value_from_object(group_type));
}

const struct module_def grp_module = {
    .name = "grp", .doc = "The database of groups.", .functions = functions, .exec = exec};
