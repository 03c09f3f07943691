/* SPDX-License-Identifier: MIT */
/* Attribute access on any value: the default algorithms, and the entry points that raise.
 *
 * A miss is VALUE_ABSENT and makes no exception; only object_getattr turns it into one. */
#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"
#include "thread/extension_lock.h"

PyObject *str_name_check(Value name)
{
    if (UNLIKELY(!str_check(name))) {
        return error_raise_null(PyExc_TypeError, "attribute name must be string, not '%T'", name);
    }
    PyObject *text = value_object(name);
    if (LIKELY(text->ob_type == &PyUnicode_Type)) {
        return str_is_interned(text) ? text : str_intern(text);
    }
    PyObject *exact = str_substring(text, 0, str_length(text));
    if (exact != NULL && exact->ob_type != &PyUnicode_Type) {
        exact = str_from_kind(str_kind(text), str_data(text), str_length(text));
    }
    return exact == NULL ? NULL : str_intern(exact);
}

/* ---- The default algorithms. */

/* The attribute in the instance itself, or ABSENT. No Python code, no lock. */
static ALWAYS_INLINE Value find_in_instance(Value object, PyObject *name)
{
    if (!value_is_object(object)) {
        return VALUE_ABSENT;
    }
    PyObject *o = value_object(object);
    if (type_info(o->ob_type)->shape_offset != 0) {
        return instance_get(o, name);
    }
    if (o->ob_type->tp_dictoffset == 0) {
        return VALUE_ABSENT;
    }
    PyObject **place = object_dict_pointer(o);
    PyObject *dict = place == NULL ? NULL : atomic_load_acquire(place);
    return dict == NULL ? VALUE_ABSENT : dict_get_str(dict, name);
}

Value object_generic_getattr(Value object, PyObject *name)
{
    PyTypeObject *type = value_type(object);
    Value found = type_lookup(type, name);
    Value (*get)(Value, Value, PyTypeObject *) = NULL;
    if (!value_is_absent(found)) {
        struct type_ops *ops = value_ops(found);
        get = ops->descr_get;
        if (get != NULL && ops->descr_set != NULL) {
            return get(found, object, type);
        }
    }
    Value own = find_in_instance(object, name);
    if (!value_is_absent(own)) {
        return own;
    }
    return get != NULL ? get(found, object, type) : found;
}

static int raise_not_settable(Value object, PyObject *name, Value found)
{
    if (!value_is_absent(found)) {
        return error_raise_int(PyExc_AttributeError, "'%T' object attribute '%U' is read-only",
                               object, name);
    }
    error_no_attribute(object, name);
    return -1;
}

static int set_in_dict(Value object, PyObject *name, Value value, Value found)
{
    PyObject *o = value_object(object);
    PyObject **place = object_dict_pointer(o);
    if (place == NULL) {
        return raise_not_settable(object, name, found);
    }
    PyObject *dict = atomic_load_acquire(place);
    if (value_is_absent(value)) {
        int deleted = dict == NULL ? 0 : dict_delete(dict, value_from_object(name));
        if (deleted == 0) {
            error_no_attribute(object, name);
        }
        return deleted > 0 ? 0 : -1;
    }
    if (dict == NULL && (dict = object_dict(o)) == NULL) {
        return -1;
    }
    return dict_set_str(dict, name, value);
}

int object_generic_setattr(Value object, PyObject *name, Value value)
{
    Value found = type_lookup(value_type(object), name);
    if (!value_is_absent(found)) {
        int (*set)(Value, Value, Value) = value_ops(found)->descr_set;
        if (set != NULL) {
            return set(found, object, value);
        }
    }
    if (!value_is_object(object)) {
        return raise_not_settable(object, name, found);
    }
    PyObject *o = value_object(object);
    if (type_info(o->ob_type)->shape_offset == 0) {
        return set_in_dict(object, name, value, found);
    }
    if (!value_is_absent(value)) {
        return instance_set(o, name, value);
    }
    int deleted = instance_delete(o, name);
    if (deleted == 0) {
        error_no_attribute(object, name);
    }
    return deleted > 0 ? 0 : -1;
}

/* ---- Entry points. */

Value object_getattr(Value object, PyObject *name)
{
    Value found = value_ops(object)->getattr(object, name);
    return LIKELY(!value_is_absent(found)) ? found : error_no_attribute(object, name);
}

int object_find_attr(Value object, PyObject *name, Value *out)
{
    *out = value_ops(object)->getattr(object, name);
    if (value_is_null(*out)) {
        if (!error_matches(PyExc_AttributeError)) {
            return -1;
        }
        error_clear();
        *out = VALUE_ABSENT;
    }
    return !value_is_absent(*out);
}

int object_setattr(Value object, PyObject *name, Value value)
{
    struct type_ops *ops = value_ops(object);
    if (LIKELY(ops->setattr != NULL)) {
        return ops->setattr(object, name, value);
    }
    return error_raise_int(PyExc_TypeError, "'%T' object has only read-only attributes (%s .%U)",
                           object, value_is_absent(value) ? "del" : "assign to", name);
}

Value object_getattr_value(Value object, Value name)
{
    PyObject *text = str_name_check(name);
    return text == NULL ? VALUE_NULL : object_getattr(object, text);
}

int object_setattr_value(Value object, Value name, Value value)
{
    PyObject *text = str_name_check(name);
    return text == NULL ? -1 : object_setattr(object, text, value);
}

int object_find_attr_value(Value object, Value name, Value *out)
{
    PyObject *text = str_name_check(name);
    return text == NULL ? -1 : object_find_attr(object, text, out);
}

Value object_find_method(Value object, PyObject *name, Value *self)
{
    PyTypeObject *type = value_type(object);
    *self = VALUE_NULL;
    if ((atomic_load_relaxed(&type_info(type)->flags) & TYPE_GENERIC_GETATTR) == 0) {
        return type_ops(type)->getattr(object, name);
    }
    Value found = type_lookup(type, name);
    if (value_is_absent(found) ||
        !type_has_feature(value_type(found), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        return object_generic_getattr(object, name);
    }
    Value own = find_in_instance(object, name);
    if (!value_is_absent(own)) {
        return own;
    }
    *self = object;
    return found;
}

int object_find_special(Value object, PyObject *name, Value *out)
{
    PyTypeObject *type = value_type(object);
    Value found = type_lookup(type, name);
    *out = value_is_absent(found) ? found : attribute_bind(found, object, type);
    return value_is_null(*out) ? -1 : !value_is_absent(*out);
}

/* ---- Instance dicts. */

PyObject *object_dict(PyObject *object)
{
    if (type_info(object->ob_type)->shape_offset != 0) {
        return instance_dict(object);
    }
    PyObject **place = object_dict_pointer(object);
    if (place == NULL) {
        return NULL;
    }
    PyObject *dict = atomic_load_acquire(place);
    if (dict != NULL) {
        return dict;
    }
    PyObject *fresh = dict_new();
    if (fresh == NULL) {
        return NULL;
    }
    bool foreign = (type_info(object->ob_type)->flags & TYPE_FOREIGN) != 0;
    fresh->ob_refcnt += foreign; /* extension code gives this reference up when it deallocates */
    PyObject *expected = NULL;
    heap_barrier(object, place, 0, (uint64_t)(uintptr_t)fresh);
    if (atomic_cas_acq_rel(place, expected, fresh)) {
        return fresh;
    }
    fresh->ob_refcnt -= foreign;
    return expected;
}

/* The same for a dict from elsewhere. */
static void store_foreign_dict(PyObject *object, PyObject **place, PyObject *dict)
{
    extension_lock_take(thread_current());
    PyObject *old = *place;
    if (dict != NULL) {
        dict->ob_refcnt++;
    }
    heap_store(object, place, dict);
    if (old != NULL) {
        old->ob_refcnt--;
    }
}

int object_set_dict(PyObject *object, PyObject *dict)
{
    if (type_info(object->ob_type)->shape_offset != 0) {
        return instance_set_dict(object, dict);
    }
    PyObject **place = object_dict_pointer(object);
    if (place == NULL) {
        return error_raise_int(PyExc_AttributeError, "This object has no __dict__");
    }
    if ((type_info(object->ob_type)->flags & TYPE_FOREIGN) != 0) {
        store_foreign_dict(object, place, dict);
    } else {
        heap_store(object, place, dict);
    }
    return 0;
}
