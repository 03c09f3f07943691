/* SPDX-License-Identifier: MIT */
/* Dicts that show the slots of an instance (DICT_VIEW): every operation goes to object/shape.c. A
 * store under a key that is no str ends that: the instance goes to dict mode, and the dict gets a
 * table. Operations on views are as atomic as those on the instance: one attribute at a time. */
#include "object/dict_int.h"

#include "object/shape.h"

Py_ssize_t dict_view_length(const struct dict_table *table)
{
    PyObject *o = dict_view_instance(table);
    return instance_shape(instance_part(o, type_info(o->ob_type)))->live;
}

bool dict_view_next(const struct dict_table *t, size_t *position, Value *key, Value *value)
{
    PyObject *name;
    if (!instance_next(dict_view_instance(t), position, &name, value)) {
        return false;
    }
    *key = value_from_object(name);
    return true;
}

/* The attribute name that equals the key, NULL if there is none; *status is -1 on error. */
static PyObject *find_name(PyObject *d, Value key, int *status)
{
    size_t position = 0;
    Value name, v;
    Py_hash_t hash = object_hash(key);
    *status = hash == -1 ? -1 : 0;
    while (*status == 0 && dict_is_view(d) && dict_view_next(dict_table(d), &position, &name, &v)) {
        int equal = str_hash(value_object(name)) == hash ? object_equal(name, key) : 0;
        if (equal != 0) {
            *status = equal < 0 ? -1 : 0;
            return equal < 0 ? NULL : value_object(name);
        }
    }
    return NULL;
}

static PyObject *key_to_name(PyObject *d, Value key, int *status)
{
    *status = 0;
    if (str_check_exact(key)) {
        PyObject *name = value_object(key);
        name = str_is_interned(name) ? name : str_intern(name);
        *status = name != NULL ? 0 : -1;
        return name;
    }
    return find_name(d, key, status);
}

Value dict_view_get(PyObject *d, Value key)
{
    int status;
    PyObject *name = key_to_name(d, key, &status);
    struct dict_table *t = dict_table(d);
    if (name == NULL) {
        return status < 0 ? VALUE_NULL : VALUE_ABSENT;
    }
    return t->kind == DICT_VIEW ? instance_get(dict_view_instance(t), name) : dict_get_str(d, name);
}

/* A view whose instance is in dict mode is none any more: the dict has a table of its own. It need
 * not be the dict of the instance. */
static int set_in_table(PyObject *d, Value key, Value v, Value *present)
{
    if (dict_is_view(d)) {
        return error_raise_int(PyExc_SystemError, "an instance kept its shape in dict mode");
    }
    if (present == NULL) {
        return dict_set(d, key, v);
    }
    *present = dict_setdefault(d, key, v);
    return value_is_null(*present) ? -1 : 0;
}

int dict_view_set(PyObject *d, Value key, Value v, Value *present)
{
    int status;
    PyObject *name = key_to_name(d, key, &status);
    struct dict_table *t = dict_table(d);
    if (status < 0) {
        return -1;
    }
    if (t->kind != DICT_VIEW) {
        return set_in_table(d, key, v, present);
    }
    if (name != NULL) {
        status = instance_set_slot(dict_view_instance(t), name, v, present);
        return status == INSTANCE_HAS_DICT ? set_in_table(d, key, v, present) : status;
    }
    if (instance_use_dict(dict_view_instance(t)) < 0) {
        return -1;
    }
    return set_in_table(d, key, v, present);
}

int dict_view_delete(PyObject *d, Value key, Value *old)
{
    int status;
    PyObject *name = key_to_name(d, key, &status);
    struct dict_table *t = dict_table(d);
    if (name == NULL) {
        return status;
    }
    status = INSTANCE_HAS_DICT;
    if (t->kind == DICT_VIEW) {
        status = instance_delete_slot(dict_view_instance(t), name, old);
    }
    if (status == INSTANCE_HAS_DICT) {
        *old = dict_pop(d, value_from_object(name));
        status = value_is_null(*old) ? -1 : !value_is_absent(*old);
    }
    return status;
}

void dict_view_clear(PyObject *d)
{
    PyObject *keys = dict_keys(d);
    Py_ssize_t length = keys != NULL ? list_length(keys) : 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Value old;
        if (dict_view_delete(d, list_find(keys, i), &old) < 0) {
            error_clear();
        }
    }
}
