/* SPDX-License-Identifier: MIT */
/* BaseExceptionGroup and the operations of except* (PEP 654).
 *
 * A split walks the tree of groups and makes, with the group's own derive(), a group of what
 * matched and one of the rest; both keep the traceback, context, cause and notes of the original.
 */
#include "object/exception_int.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/function.h"
#include "object/list.h"
#include "object/str.h"

static bool group_check(Value v)
{
    return value_is_object(v) &&
           type_is_subtype(value_object(v)->ob_type, &exception_type_BaseExceptionGroup);
}

static PyBaseExceptionGroupObject *group_cast(PyObject *e)
{
    return (PyBaseExceptionGroupObject *)e;
}

/* ---- Making groups. */

/* Checks the items; *only_plain tells whether all derive from Exception. */
static int check_items(PyObject *items, bool *only_plain)
{
    *only_plain = true;
    for (Py_ssize_t i = 0; i < tuple_length(items); i++) {
        Value item = tuple_get(items, i);
        if (!exception_check(item)) {
            return error_raise_int(PyExc_ValueError,
                                   "Item %zd of second argument (exceptions) is not an exception",
                                   i);
        }
        if (!value_is_instance(item, &exception_type_Exception)) {
            *only_plain = false;
        }
    }
    return 0;
}

static int choose_type(PyTypeObject **type, bool only_plain)
{
    if (*type == &exception_type_BaseExceptionGroup) {
        *type = only_plain ? &exception_type_ExceptionGroup : *type;
        return 0;
    }
    if (only_plain) {
        return 0;
    }
    if (*type == &exception_type_ExceptionGroup) {
        return error_raise_int(PyExc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
    }
    if (type_is_subtype(*type, &exception_type_Exception)) {
        return error_raise_int(PyExc_TypeError, "Cannot nest BaseExceptions in '%N'", *type);
    }
    return 0;
}

Value exception_group_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)kwnames;
    if (nargs != 2) {
        return error_raise(PyExc_TypeError,
                           "BaseExceptionGroup.__new__() takes exactly 2 arguments (%zu given)",
                           nargs);
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError,
                           "BaseExceptionGroup.__new__() argument 1 must be str, not %T", args[0]);
    }
    if (!object_is_sequence(args[1])) {
        return error_raise(PyExc_TypeError, "second argument (exceptions) must be a sequence");
    }
    PyObject *items = object_to_tuple(args[1]);
    bool only_plain;
    if (items == NULL) {
        return VALUE_NULL;
    }
    if (tuple_length(items) == 0) {
        return error_raise(PyExc_ValueError,
                           "second argument (exceptions) must be a non-empty sequence");
    }
    if (check_items(items, &only_plain) < 0 || choose_type(&type, only_plain) < 0) {
        return VALUE_NULL;
    }
    Value self = exception_plain_new(type, args, nargs, NULL);
    if (value_is_null(self)) {
        return self;
    }
    PyBaseExceptionGroupObject *group = group_cast(value_object(self));
    heap_store(group, &group->msg, value_object(args[0]));
    heap_store(group, &group->excs, items);
    return self;
}

int exception_group_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return exception_plain_init(self, args, nargs, kwnames);
}

Value exception_group_str(Value self)
{
    PyBaseExceptionGroupObject *group = group_cast(value_object(self));
    Py_ssize_t count = tuple_length(group->excs);
    return value_from_object(str_format("%S (%zd sub-exception%s)", value_from_object(group->msg),
                                        count, count > 1 ? "s" : ""));
}

static Value group_make(Value message, Value items)
{
    Value args[2] = {message, items};
    return object_call(value_from_object(PyExc_BaseExceptionGroup), args, 2, NULL);
}

static Value group_derive(Value self, Value items)
{
    return group_make(value_from_object(group_cast(value_object(self))->msg), items);
}

/* ---- Subsets. */

static int copy_notes(Value from, Value to)
{
    Value notes;
    int found = object_find_attr(from, names.__notes__, &notes);
    if (found <= 0) {
        return found;
    }
    if (!object_is_sequence(notes)) {
        return 0;
    }
    PyObject *copy = object_to_list(notes);
    return copy == NULL ? -1 : object_setattr(to, names.__notes__, value_from_object(copy));
}

/* A group like `original` of the given items; None if there are none. */
static Value make_subset(PyObject *original, PyObject *items)
{
    if (list_length(items) == 0) {
        return VALUE_NONE;
    }
    Value self = value_from_object(original);
    PyObject *name = str_intern_text("derive");
    Value made =
        name == NULL ? VALUE_NULL : object_call_method1(self, name, value_from_object(items));
    if (value_is_null(made)) {
        return made;
    }
    if (!group_check(made)) {
        return error_raise(PyExc_TypeError, "derive must return an instance of BaseExceptionGroup");
    }
    PyObject *group = value_object(made);
    exception_set_traceback(group, exception_get_traceback(original));
    exception_set_context(group, exception_get_context(original));
    PyObject *cause = exception_get_cause(original);
    if (cause != NULL) {
        exception_set_cause(group, cause);
    }
    atomic_store_relaxed(&exception_base(group)->suppress_context,
                         exception_base(original)->suppress_context);
    return copy_notes(self, made) < 0 ? VALUE_NULL : made;
}

enum matcher_kind { MATCH_BY_TYPE, MATCH_BY_PREDICATE, MATCH_BY_IDENTITY };

struct matcher {
    enum matcher_kind kind;
    Value value; /* a type or tuple; a function; a list of exceptions */
};

static int matches(const struct matcher *m, PyObject *e)
{
    if (m->kind == MATCH_BY_TYPE) {
        return error_instance_matches(e, value_object(m->value));
    }
    if (m->kind == MATCH_BY_PREDICATE) {
        Value result = object_call1(m->value, value_from_object(e));
        return value_is_null(result) ? -1 : object_truth(result);
    }
    PyObject *list = value_object(m->value);
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        if (list_find(list, i).bits == value_from_object(e).bits) {
            return 1;
        }
    }
    return 0;
}

static int split(PyObject *e, const struct matcher *m, bool want_rest, Value *match, Value *rest);

/* One item of a group: its parts are appended to the two lists. */
static int split_item(PyObject *item, const struct matcher *m, PyObject *in, PyObject *out)
{
    Value match, rest;
    if (split(item, m, out != NULL, &match, &rest) < 0) {
        return -1;
    }
    if (!value_is_none(match) && list_append(in, match) < 0) {
        return -1;
    }
    return out != NULL && !value_is_none(rest) ? list_append(out, rest) : 0;
}

static int split_group(PyObject *e, const struct matcher *m, bool want_rest, Value *match,
                       Value *rest)
{
    PyObject *items = group_cast(e)->excs;
    PyObject *in = list_new(0), *out = want_rest ? list_new(0) : NULL;
    if (in == NULL || (want_rest && out == NULL)) {
        return -1;
    }
    if (recursion_enter(" in exceptiongroup_split_recursive") < 0) {
        return -1;
    }
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < tuple_length(items); i++) {
        status = split_item(tuple_object(items, i), m, in, out);
    }
    recursion_leave();
    if (status < 0) {
        return -1;
    }
    *match = make_subset(e, in);
    *rest = want_rest && !value_is_null(*match) ? make_subset(e, out) : VALUE_NONE;
    return value_is_null(*match) || value_is_null(*rest) ? -1 : 0;
}

static int split(PyObject *e, const struct matcher *m, bool want_rest, Value *match, Value *rest)
{
    bool whole = m->kind != MATCH_BY_IDENTITY || !group_check(value_from_object(e));
    int matched = whole ? matches(m, e) : 0;
    if (matched < 0) {
        return -1;
    }
    *match = VALUE_NONE;
    *rest = VALUE_NONE;
    if (matched) {
        *match = value_from_object(e);
        return 0;
    }
    if (group_check(value_from_object(e))) {
        return split_group(e, m, want_rest, match, rest);
    }
    *rest = want_rest ? value_from_object(e) : VALUE_NONE;
    return 0;
}

static int matcher_from(Value v, struct matcher *m)
{
    if (value_is_object(v) && value_object(v)->ob_type == &PyFunction_Type) {
        *m = (struct matcher){MATCH_BY_PREDICATE, v};
        return 0;
    }
    bool fits = exception_class_check(v);
    if (tuple_check_exact(v)) {
        fits = true;
        for (Py_ssize_t i = 0; i < tuple_length(value_object(v)); i++) {
            fits = fits && exception_class_check(tuple_get(value_object(v), i));
        }
    }
    if (!fits) {
        return error_raise_int(PyExc_TypeError,
                               "expected a function, exception type or tuple of exception types");
    }
    *m = (struct matcher){MATCH_BY_TYPE, v};
    return 0;
}

static Value group_split(Value self, Value condition)
{
    struct matcher m;
    Value parts[2];
    if (matcher_from(condition, &m) < 0 ||
        split(value_object(self), &m, true, &parts[0], &parts[1]) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(parts, 2));
}

static Value group_subgroup(Value self, Value condition)
{
    struct matcher m;
    Value match, rest;
    if (matcher_from(condition, &m) < 0 ||
        split(value_object(self), &m, false, &match, &rest) < 0) {
        return VALUE_NULL;
    }
    return match;
}

static Value group_class_getitem(Value cls, Value item)
{
    return value_from_object(generic_alias_new(cls, item));
}

const struct native_def exception_group_methods[] = {
    {"__class_getitem__", .f1 = group_class_getitem, .flags = NATIVE_CLASS},
    {"derive", .f1 = group_derive},
    {"split", .f1 = group_split},
    {"subgroup", .f1 = group_subgroup},
    {NULL},
};

const struct member_def exception_group_members[] = {
    {"message", T_OBJECT, offsetof(PyBaseExceptionGroupObject, msg), READONLY, "exception message"},
    {"exceptions", T_OBJECT, offsetof(PyBaseExceptionGroupObject, excs), READONLY,
     "nested exceptions"},
    {NULL},
};

/* ---- except*. */

int exception_group_match(PyObject *exception, PyObject *type, Value *match, Value *rest)
{
    *match = VALUE_NONE;
    *rest = value_from_object(exception);
    if (exception == Py_None) {
        return 0;
    }
    if (error_instance_matches(exception, type)) {
        *rest = VALUE_NONE;
        *match = value_from_object(exception);
        if (!group_check(*match)) {
            PyObject *single = tuple_pack(1, exception);
            *match = single == NULL
                         ? VALUE_NULL
                         : group_make(value_from_object(str_empty()), value_from_object(single));
        }
        return value_is_null(*match) ? -1 : 0;
    }
    if (group_check(*rest)) {
        struct matcher m = {MATCH_BY_TYPE, value_from_object(type)};
        return split(exception, &m, true, match, rest);
    }
    return 0;
}

/* Was e raised again as it was caught from the original? Then it is a part of it. */
static bool is_reraised(PyObject *e, PyObject *original)
{
    PyObject *dict = exception_base(e)->dict, *other = exception_base(original)->dict;
    Value notes = dict != NULL ? dict_get_str(dict, names.__notes__) : VALUE_ABSENT;
    Value other_notes = other != NULL ? dict_get_str(other, names.__notes__) : VALUE_ABSENT;
    bool notes_same = notes.bits == other_notes.bits;
    if (!notes_same && value_is_object(notes) && value_is_object(other_notes)) {
        notes_same = object_equal(notes, other_notes) == 1;
    }
    return notes_same && exception_get_traceback(e) == exception_get_traceback(original) &&
           exception_get_cause(e) == exception_get_cause(original) &&
           exception_get_context(e) == exception_get_context(original);
}

static int collect_leaves(PyObject *e, PyObject *list)
{
    if (!group_check(value_from_object(e))) {
        return list_append(list, value_from_object(e));
    }
    PyObject *items = group_cast(e)->excs;
    int status = recursion_enter(" in collect_exception_group_leaves");
    if (status < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; status == 0 && i < tuple_length(items); i++) {
        status = collect_leaves(tuple_object(items, i), list);
    }
    recursion_leave();
    return status;
}

/* Sorts the exceptions of a try-except* into newly raised ones and the leaves of reraised ones. */
static int partition(PyObject *original, PyObject *all, PyObject *raised, PyObject *leaves)
{
    for (Py_ssize_t i = 0; i < list_length(all); i++) {
        Value e = list_find(all, i);
        if (value_is_none(e)) {
            continue;
        }
        int status = is_reraised(value_object(e), original)
                         ? collect_leaves(value_object(e), leaves)
                         : list_append(raised, e);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static Value rejoin_group(PyObject *original, PyObject *all)
{
    PyObject *raised = list_new(0), *leaves = list_new(0);
    if (raised == NULL || leaves == NULL || partition(original, all, raised, leaves) < 0) {
        return VALUE_NULL;
    }
    Value reraised = VALUE_NONE, rest;
    if (list_length(leaves) > 0) {
        struct matcher m = {MATCH_BY_IDENTITY, value_from_object(leaves)};
        if (split(original, &m, false, &reraised, &rest) < 0) {
            return VALUE_NULL;
        }
    }
    if (list_length(raised) == 0) {
        return reraised;
    }
    if (!value_is_none(reraised) && list_append(raised, reraised) < 0) {
        return VALUE_NULL;
    }
    return group_make(value_from_object(str_empty()), value_from_object(raised));
}

Value exception_group_rejoin(PyObject *original, PyObject *raised_list)
{
    if (list_length(raised_list) == 0) {
        return VALUE_NONE;
    }
    if (group_check(value_from_object(original))) {
        return rejoin_group(original, raised_list);
    }
    /* A naked exception was wrapped for the one clause that could handle it. */
    for (Py_ssize_t i = 0; i < list_length(raised_list); i++) {
        Value e = list_find(raised_list, i);
        if (!value_is_none(e)) {
            return e;
        }
    }
    return VALUE_NONE;
}
