/* SPDX-License-Identifier: MIT */
/* Dicts of the C API. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

PyObject *PyDict_New(void)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, dict_new());
}

Py_ssize_t PyDict_Size(PyObject *o)
{
    return o != NULL && PyDict_Check(o) ? dict_length(o) : CAPI_BAD_ARGUMENT_INT();
}

int PyDict_SetItem(PyObject *o, PyObject *key, PyObject *value)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    struct thread *t = capi_enter();
    return capi_return_int(t, dict_set(capi_object(o), capi_value(key), capi_value(value)));
}

int PyDict_SetItemString(PyObject *o, const char *key, PyObject *value)
{
    struct thread *t = capi_enter();
    PyObject *name = str_intern_text(key);
    return capi_return_int(t, name == NULL ? -1
                                           : dict_set_str(capi_object(o), name, capi_value(value)));
}

static int delete_key(PyObject *o, Value key)
{
    int deleted = value_is_null(key) ? -1 : dict_delete(o, key);
    if (deleted == 0) {
        error_raise_value(PyExc_KeyError, key);
    }
    return deleted > 0 ? 0 : -1;
}

int PyDict_DelItem(PyObject *o, PyObject *key)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    struct thread *t = capi_enter();
    return capi_return_int(t, delete_key(capi_object(o), capi_value(key)));
}

int PyDict_DelItemString(PyObject *o, const char *key)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, delete_key(capi_object(o), value_from_object(str_intern_text(key))));
}

PyObject *PyDict_GetItemWithError(PyObject *o, PyObject *key)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT();
    }
    struct thread *t = capi_enter();
    Value found = dict_get(capi_object(o), capi_value(key));
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

/* Suppresses errors, of its own only: the exception that was set stays. */
PyObject *PyDict_GetItem(PyObject *o, PyObject *key)
{
    if (o == NULL || !PyDict_Check(o)) {
        return NULL;
    }
    struct thread *t = capi_enter();
    PyObject *current = error_take();
    Value found = dict_get(capi_object(o), capi_value(key));
    error_restore(current);
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

PyObject *PyDict_GetItemString(PyObject *o, const char *key)
{
    struct thread *t = capi_enter();
    PyObject *name = str_intern_text(key);
    Value found = name == NULL ? VALUE_ABSENT : dict_get_str(capi_object(o), name);
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

PyObject *PyDict_SetDefault(PyObject *o, PyObject *key, PyObject *value)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(
        t, dict_setdefault(capi_object(o), capi_value(key), capi_value_or(value, VALUE_NONE)));
}

int PyDict_Contains(PyObject *o, PyObject *key)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, dict_contains(capi_object(o), capi_value(key)));
}

int PyDict_Next(PyObject *o, Py_ssize_t *position, PyObject **key, PyObject **value)
{
    struct thread *t = capi_enter();
    size_t place = (size_t)*position;
    Value k, v;
    Py_hash_t hash;
    bool more = PyDict_Check(o) && dict_next(capi_object(o), &place, &k, &v, &hash);
    *position = (Py_ssize_t)place;
    if (more && key != NULL) {
        *key = value_box(k);
    }
    if (more && value != NULL) {
        *value = value_box(v);
    }
    return capi_return_int(t, more);
}

void PyDict_Clear(PyObject *o)
{
    struct thread *t = capi_enter();
    if (PyDict_Check(o)) {
        dict_clear(capi_object(o));
    }
    capi_leave(t);
}

PyObject *PyDict_Copy(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, dict_copy(capi_object(o)));
}

PyObject *PyDict_Keys(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, dict_keys(capi_object(o)));
}

PyObject *PyDict_Values(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, dict_values(capi_object(o)));
}

PyObject *PyDict_Items(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, dict_items(capi_object(o)));
}

int PyDict_Merge(PyObject *o, PyObject *other, int override)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, dict_merge(capi_object(o), capi_value(other), override));
}

int PyDict_Update(PyObject *o, PyObject *other)
{
    return PyDict_Merge(o, other, 1);
}

/* ---- Forms that save a hash or a lookup. */

PyObject *_PyDict_GetItemStringWithError(PyObject *o, const char *key)
{
    struct thread *t = capi_enter();
    PyObject *name = str_intern_text(key);
    Value found = name == NULL ? VALUE_NULL : dict_get(capi_object(o), value_from_object(name));
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

PyObject *_PyDict_NewPresized(Py_ssize_t count)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, dict_new_sized((size_t)count));
}

/* ---- With a hash that is known, or by identifier. */

PyObject *_PyDict_GetItem_KnownHash(PyObject *o, PyObject *key, Py_hash_t hash)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT();
    }
    struct thread *t = capi_enter();
    Value found = dict_get_hashed(capi_object(o), capi_value(key), hash);
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

int _PyDict_SetItem_KnownHash(PyObject *o, PyObject *key, PyObject *value, Py_hash_t hash)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    struct thread *t = capi_enter();
    return capi_return_int(
        t, dict_set_hashed(capi_object(o), capi_value(key), capi_value(value), hash));
}

int _PyDict_DelItem_KnownHash(PyObject *o, PyObject *key, Py_hash_t hash)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    struct thread *t = capi_enter();
    Value gone = dict_pop_hashed(capi_object(o), capi_value(key), hash);
    if (value_is_absent(gone)) {
        error_raise_value(PyExc_KeyError, value_from_object(key));
    }
    return capi_return_int(t, value_is_absent(gone) || value_is_null(gone) ? -1 : 0);
}

/* NULL for a default: a key that is missing is an error. */
PyObject *_PyDict_Pop(PyObject *o, PyObject *key, PyObject *otherwise)
{
    if (o == NULL || !PyDict_Check(o)) {
        return CAPI_BAD_ARGUMENT();
    }
    struct thread *t = capi_enter();
    Value gone = dict_pop(capi_object(o), capi_value(key));
    if (!value_is_absent(gone)) {
        return capi_return(t, gone);
    }
    if (otherwise == NULL) {
        error_raise_value(PyExc_KeyError, capi_value(key));
        return capi_return(t, VALUE_NULL);
    }
    return capi_return(t, capi_value(otherwise));
}

PyObject *_PyDict_GetItemIdWithError(PyObject *o, _Py_Identifier *name)
{
    PyObject *key = _PyUnicode_FromId(name);
    return key == NULL ? NULL : PyDict_GetItemWithError(o, key);
}

int _PyDict_SetItemId(PyObject *o, _Py_Identifier *name, PyObject *value)
{
    PyObject *key = _PyUnicode_FromId(name);
    return key == NULL ? -1 : PyDict_SetItem(o, key, value);
}

int _PyDict_ContainsId(PyObject *o, _Py_Identifier *name)
{
    PyObject *key = _PyUnicode_FromId(name);
    return key == NULL ? -1 : PyDict_Contains(o, key);
}

Py_ssize_t _PyDict_SizeOf(PyDictObject *o)
{
    struct thread *t = capi_enter();
    Value size = object_call_method0(capi_value((PyObject *)o), str_intern_text("__sizeof__"));
    int64_t n = -1;
    return capi_return_size(t, value_is_null(size) || int_to_i64(size, &n) < 0 ? -1 : n);
}

/* Pairs of keys and values, the last or the first of which wins. */
int PyDict_MergeFromSeq2(PyObject *dict, PyObject *pairs, int override)
{
    PyObject *iterator = PyObject_GetIter(pairs);
    int status = iterator == NULL ? -1 : 0;
    Py_ssize_t i = 0;
    for (PyObject *pair; status == 0 && (pair = PyIter_Next(iterator)) != NULL;) {
        PyObject *both = PySequence_Fast(pair, "cannot convert dictionary update sequence element "
                                               "to a sequence");
        if (both == NULL || PySequence_Fast_GET_SIZE(both) != 2) {
            if (both != NULL) {
                PyErr_Format(
                    PyExc_ValueError,
                    "dictionary update sequence element #%zd has length %zd; 2 is required", i,
                    PySequence_Fast_GET_SIZE(both));
            }
            status = -1;
        } else {
            PyObject *key = PySequence_Fast_GET_ITEM(both, 0);
            PyObject *value = PySequence_Fast_GET_ITEM(both, 1);
            status = override ? PyDict_SetItem(dict, key, value)
                              : -(PyDict_SetDefault(dict, key, value) == NULL);
        }
        i++;
        Py_XDECREF(both);
        Py_DECREF(pair);
    }
    Py_XDECREF(iterator);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}
