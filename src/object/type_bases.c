/* SPDX-License-Identifier: MIT */
/* Assigning to __bases__, and the MROs that follow from it.
 *
 * Invariants
 *  1. No class is a base of itself, directly or not: looking for a cycle, and storing tp_bases and
 *     tp_base, are one step under the TYPE mutex. So whoever walks bases comes to an end.
 *  2. So is moving the class between the lists of subclasses of its bases. So who changes a base
 *     renews the MRO of the class, too, and those lists have no cycles either.
 *  3. The MROs of the class and of all below are renewed in the same step. But a mro() of a
 *     metaclass is Python code, and called without the mutex: what it returned is stored if no
 *     other thread has changed bases or MROs since before the call (type_changes_by_others), else
 *     it is called again. That ends, as each time another thread has stored something. If mro()
 *     itself assigned other bases, what came of that holds, as under CPython.
 *  4. If mro() raises, the class gets its old bases back (renew_with_python). */
#include "object/list.h"
#include "object/type_int.h"

/* How often bases or MROs of classes that others know were changed. Under the TYPE mutex; read
 * without. */
static uint64_t changes;
static _Thread_local uint64_t own_changes;

/* Counts after the change: who sees the number sees the change. */
static void unlock_changed(void)
{
    own_changes++;
    atomic_store_release(&changes, changes + 1);
    mutex_unlock(&type_mutex);
}

uint64_t type_changes_by_others(void)
{
    return atomic_load_acquire(&changes) - own_changes;
}

/* What one assignment works with. */
struct change {
    PyTypeObject *type, *old_base;
    PyObject *old, *bases;
    PyObject *entry; /* for the lists of subclasses */
    PyObject *undo;  /* a list: class, its old MRO, its new one, for each that was renewed */
};

/* ---- Checks. */

static int check_classes(PyTypeObject *type, Value value)
{
    if (!tuple_check(value)) {
        return error_raise_int(PyExc_TypeError, "can only assign tuple to %s.__bases__, not %T",
                               type->tp_name, value);
    }
    PyObject *bases = value_object(value);
    if (tuple_length(bases) == 0) {
        return error_raise_int(PyExc_TypeError,
                               "can only assign non-empty tuple to %s.__bases__, not ()",
                               type->tp_name);
    }
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        Value base = tuple_get(bases, i);
        if (!type_check(base)) {
            return error_raise_int(PyExc_TypeError,
                                   "%s.__bases__ must be tuple of classes, not '%T'", type->tp_name,
                                   base);
        }
        if (!type_is_python(type_cast(base)) && type_ready(type_cast(base)) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool list_holds(PyObject *list, PyTypeObject *type)
{
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        if (value_same_bits(list_find(list, i), value_from_object(type))) {
            return true;
        }
    }
    return false;
}

/* Is `wanted` the class, or a base of it, directly or not? Not by MROs, which a mro() may have made
 * up. seen: the classes that it was asked for. 1, 0, or -1 with MemoryError. */
static int derives_locked(PyTypeObject *type, PyTypeObject *wanted, PyObject *seen)
{
    if (type == wanted) {
        return 1;
    }
    if (list_holds(seen, type)) {
        return 0;
    }
    if (list_append(seen, value_from_object(type)) < 0) {
        return -1;
    }
    int found = 0;
    for (Py_ssize_t i = 0; found == 0 && i < tuple_length(type->tp_bases); i++) {
        found = derives_locked((PyTypeObject *)tuple_object(type->tp_bases, i), wanted, seen);
    }
    return found;
}

static int check_cycle_locked(PyTypeObject *type, PyObject *bases)
{
    PyObject *seen = list_new(8);
    for (Py_ssize_t i = 0; seen != NULL && i < tuple_length(bases); i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(bases, i);
        int found = type_is_subtype(base, type) ? 1 : derives_locked(base, type, seen);
        if (found != 0) {
            return found < 0 ? -1
                             : error_raise_int(PyExc_TypeError,
                                               "a __bases__ item causes an inheritance cycle");
        }
    }
    return seen == NULL ? -1 : 0;
}

/* ---- Subclasses. */

/* Out of the lists of its former bases, into those of its bases. 0 or -1. */
static int move_locked(PyTypeObject *type, PyObject *former, PyObject *entry)
{
    for (Py_ssize_t i = 0; i < tuple_length(former); i++) {
        type_remove_subclass_locked((PyTypeObject *)tuple_object(former, i), type);
    }
    PyObject *bases = type->tp_bases;
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(bases, i);
        type_remove_subclass_locked(base, type); /* of a mro() that is content with (A, A) */
        if (type_add_entry_locked(base, entry) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- MROs. */

static int store_mro_locked(PyTypeObject *type, PyObject *mro, PyObject *undo)
{
    if (type->tp_mro != NULL && (list_append(undo, value_from_object(type)) < 0 ||
                                 list_append(undo, value_from_object(type->tp_mro)) < 0 ||
                                 list_append(undo, value_from_object(mro)) < 0)) {
        return -1;
    }
    atomic_store_release(&type->tp_version_tag, TYPE_VERSION_CHANGING);
    heap_store(type, &type->tp_mro, mro);
    atomic_store_release(&type->tp_version_tag, 0);
    return 0;
}

static void undo_mros_locked(PyObject *undo)
{
    for (Py_ssize_t i = list_length(undo); i >= 3; i -= 3) {
        PyTypeObject *type = type_cast(list_find(undo, i - 3));
        if (value_same_bits(list_find(undo, i - 1), value_from_object(type->tp_mro))) {
            atomic_store_release(&type->tp_version_tag, TYPE_VERSION_CHANGING);
            heap_store(type, &type->tp_mro, value_object(list_find(undo, i - 2)));
            atomic_store_release(&type->tp_version_tag, 0);
        }
    }
}

enum { NEEDS_PYTHON = 1 };

/* The class and all below, bases first. 0; NEEDS_PYTHON: there is a mro(); -1 with an exception. */
static int renew_mros_locked(PyTypeObject *type, PyObject *undo)
{
    if (type_has_own_mro(type)) {
        return NEEDS_PYTHON;
    }
    PyObject *mro = type_compute_mro(type);
    if (mro == NULL || store_mro_locked(type, mro, undo) < 0) {
        return -1;
    }
    PyObject *subclasses = type_subclasses(type);
    int status = subclasses == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < list_length(subclasses); i++) {
        status = renew_mros_locked(type_cast(list_find(subclasses, i)), undo);
    }
    return status;
}

/* The same without the mutex. */
static int renew_mro(PyTypeObject *type, PyObject *undo)
{
    for (;;) {
        uint64_t others = type_changes_by_others();
        PyObject *old = atomic_load_acquire(&type->tp_mro), *mro = type_find_mro(type);
        if (mro == NULL) {
            return -1;
        }
        mutex_lock(&type_mutex);
        bool again = type_changes_by_others() != others;
        if (!again && type->tp_mro == old) {
            int status = store_mro_locked(type, mro, undo);
            unlock_changed();
            return status;
        }
        mutex_unlock(&type_mutex);
        if (!again) {
            return 0;
        }
    }
}

static int renew_mros(PyTypeObject *type, PyObject *undo)
{
    if (renew_mro(type, undo) < 0) {
        return -1;
    }
    PyObject *subclasses = type_subclasses(type);
    int status = subclasses == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < list_length(subclasses); i++) {
        status = renew_mros(type_cast(list_find(subclasses, i)), undo);
    }
    return status;
}

/* ---- The assignment. */

/* The base for the layout; NULL with an exception: the bases cannot be had. */
static PyTypeObject *check_locked(PyTypeObject *type, PyObject *bases)
{
    if (check_cycle_locked(type, bases) < 0) {
        return NULL;
    }
    PyTypeObject *base = type_best_base(bases);
    return base == NULL || !type_layout_compatible(type_base(type), base, "__bases__") ? NULL
                                                                                       : base;
}

static void store_bases_locked(PyTypeObject *type, PyObject *bases, PyTypeObject *base)
{
    heap_store(type, &type->tp_bases, bases);
    heap_store(type, &type->tp_base, base);
}

/* All MROs, where a mro() has to be called. The mutex is given up meanwhile; so the class is moved
 * before. If that fails, it gets its old bases back; unless they derive from it by now, or somebody
 * has assigned others. */
static int renew_with_python(struct change *c)
{
    undo_mros_locked(c->undo);
    list_clear(c->undo);
    int status = move_locked(c->type, c->old, c->entry);
    unlock_changed();
    status = status < 0 ? status : renew_mros(c->type, c->undo);
    mutex_lock(&type_mutex);
    if (status == 0 || c->type->tp_bases != c->bases) {
        return status;
    }
    PyObject *error = error_take();
    if (check_cycle_locked(c->type, c->old) == 0) {
        undo_mros_locked(c->undo);
        store_bases_locked(c->type, c->old, c->old_base);
        move_locked(c->type, c->bases, c->entry);
    }
    error_clear();
    error_restore(error);
    return -1;
}

static int change_locked(struct change *c)
{
    PyTypeObject *base = check_locked(c->type, c->bases);
    if (base == NULL) {
        return -1;
    }
    c->old = c->type->tp_bases;
    c->old_base = type_base(c->type);
    store_bases_locked(c->type, c->bases, base);
    int status = renew_mros_locked(c->type, c->undo);
    if (status == NEEDS_PYTHON) {
        status = renew_with_python(c);
    } else if (status < 0) {
        undo_mros_locked(c->undo);
        store_bases_locked(c->type, c->old, c->old_base);
    } else {
        status = move_locked(c->type, c->old, c->entry);
    }
    type_modified_locked(c->type);
    return status;
}

int type_bases_set(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_check_mutable(type, "__bases__", value) < 0 || check_classes(type, value) < 0) {
        return -1;
    }
    struct change c = {.type = type, .bases = value_object(value)};
    c.entry = type_subclass_entry(type);
    c.undo = list_new(6);
    if (c.entry == NULL || c.undo == NULL) {
        return -1;
    }
    mutex_lock(&type_mutex);
    int status = change_locked(&c);
    unlock_changed();
    if (object_hooks.type_changed != NULL) {
        object_hooks.type_changed(type);
    }
    return status;
}
