/* SPDX-License-Identifier: MIT */
/* Iteration, subscripts, membership, lengths and buffers of any value. */
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"
#include "thread/extension_lock.h"

/* ---- Iteration. */

bool object_is_iterator(Value v)
{
    return value_ops(v)->next != NULL;
}

bool object_is_sequence(Value v)
{
    return value_ops(v)->item != NULL && !dict_check(v);
}

bool object_is_mapping(Value v)
{
    return value_ops(v)->getitem != NULL;
}

Value object_iter(Value v)
{
    Value (*iter)(Value) = value_ops(v)->iter;
    if (iter == NULL) {
        if (object_is_sequence(v)) {
            return value_from_object(sequence_iterator_new(v));
        }
        return error_raise(PyExc_TypeError, "'%T' object is not iterable", v);
    }
    Value iterator = iter(v);
    if (!value_is_null(iterator) && UNLIKELY(!object_is_iterator(iterator))) {
        return error_raise(PyExc_TypeError, "iter() returned non-iterator of type '%T'", iterator);
    }
    return iterator;
}

static bool has_sequence_iterator(const PyTypeObject *type)
{
    return type == &PyList_Type || type == &PyTuple_Type || type == &PyUnicode_Type ||
           type == &PyBytes_Type;
}

bool iterable_is_simple(Value v)
{
    const PyTypeObject *type = value_type(v);
    return has_sequence_iterator(type) || type == &PyRange_Type;
}

Value object_iter_owned(Value v)
{
    Value iterator = object_iter(v);
    if (value_is_null(iterator)) {
        return iterator;
    }
    PyObject *o = value_object(iterator);
    PyTypeObject *type = value_type(v);
    if (has_sequence_iterator(type)) {
        ((struct sequence_iterator *)o)->owned = ((struct sequence_iterator *)o)->sequence;
    } else if (type == &PyRange_Type) {
        if (o->ob_type == &PyRangeIter_Type) {
            ((struct range_iterator *)o)->owned_above = 0;
        }
    } else if (type == &PyDict_Type || type == &PyDictKeys_Type || type == &PyDictValues_Type ||
               type == &PyDictItems_Type) {
        ((struct dict_iterator *)o)->owned = true;
    }
    return iterator;
}

void object_iter_share(Value iterator)
{
    PyObject *o = value_object(iterator);
    if (o->ob_type == &PyRangeIter_Type) {
        ((struct range_iterator *)o)->owned_above = RANGE_ITERATOR_SHARED;
    } else if (o->ob_type != &PyLongRangeIter_Type) {
        ((struct sequence_iterator *)o)->owned = NULL;
    }
}

Value object_next(Value iterator)
{
    Value (*next)(Value) = value_ops(iterator)->next;
    if (UNLIKELY(next == NULL)) {
        return error_raise(PyExc_TypeError, "'%T' object is not an iterator", iterator);
    }
    Value item = next(iterator);
    if (UNLIKELY(value_is_null(item)) && error_matches(PyExc_StopIteration)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return item;
}

Value (*generator_drain)(Value generator, item_taker take, void *state);

Value object_drain(Value iterator, item_taker take, void *state)
{
    if (value_is_object(iterator) && value_object(iterator)->ob_type == &PyGen_Type) {
        return generator_drain(iterator, take, state);
    }
    for (;;) {
        Value item = iterator_next_item(iterator);
        if (!value_is_present(item) || !take(state, item)) {
            return item;
        }
    }
}

/* ---- Lengths. */

Py_ssize_t object_length(Value v)
{
    Py_ssize_t (*len)(Value) = value_ops(v)->len;
    return len != NULL ? len(v)
                       : error_raise_int(PyExc_TypeError, "object of type '%T' has no len()", v);
}

static Py_ssize_t check_hint(Value hint)
{
    if (!int_check(hint)) {
        return error_raise_int(PyExc_TypeError, "__length_hint__ must be an integer, not %T", hint);
    }
    Py_ssize_t length;
    if (arg_index(hint, &length) < 0) {
        return -1;
    }
    return length >= 0 ? length
                       : error_raise_int(PyExc_ValueError, "__length_hint__() should return >= 0");
}

Py_ssize_t object_length_hint(Value v, Py_ssize_t fallback)
{
    if (value_ops(v)->len != NULL) {
        Py_ssize_t length = value_ops(v)->len(v);
        if (length >= 0) {
            return length;
        }
        if (!error_matches(PyExc_TypeError)) {
            return -1;
        }
        error_clear();
    }
    Value hint = special_call(v, names.__length_hint__, NULL, 0);
    if (value_is_absent(hint) || value_same_bits(hint, VALUE_NOT_IMPLEMENTED)) {
        return fallback;
    }
    if (value_is_null(hint)) {
        if (!error_matches(PyExc_TypeError)) {
            return -1;
        }
        error_clear();
        return fallback;
    }
    return check_hint(hint);
}

/* ---- Subscripts. */

/* Class[item], when the metaclass has no __getitem__. */
static Value class_getitem(Value class, Value key)
{
    if (value_same_bits(class, value_from_object(&PyType_Type))) {
        return value_from_object(generic_alias_new(class, key));
    }
    Value method;
    int found = object_find_attr(class, names.__class_getitem__, &method);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0 || value_is_none(method)) {
        return error_raise(PyExc_TypeError, "type '%s' is not subscriptable",
                           type_cast(class)->tp_name);
    }
    return object_call1(method, key);
}

static Py_ssize_t adjust_index(Value v, Py_ssize_t index)
{
    if (index < 0 && value_ops(v)->len != NULL) {
        Py_ssize_t length = value_ops(v)->len(v);
        return length < 0 ? PY_SSIZE_T_MIN : index + length;
    }
    return index;
}

static Value sequence_getitem(Value v, Value key)
{
    if (value_ops(key)->index == NULL) {
        return error_raise(PyExc_TypeError, "sequence index must be integer, not '%T'", key);
    }
    Py_ssize_t index;
    if (arg_index(key, &index) < 0) {
        return VALUE_NULL;
    }
    index = adjust_index(v, index);
    return index == PY_SSIZE_T_MIN ? VALUE_NULL : value_ops(v)->item(v, index);
}

Value object_getitem(Value v, Value key)
{
    struct type_ops *ops = value_ops(v);
    if (LIKELY(ops->getitem != NULL)) {
        return ops->getitem(v, key);
    }
    if (ops->item != NULL) {
        return sequence_getitem(v, key);
    }
    if (type_check(v)) {
        return class_getitem(v, key);
    }
    return error_raise(PyExc_TypeError, "'%T' object is not subscriptable", v);
}

int object_setitem(Value v, Value key, Value value)
{
    int (*setitem)(Value, Value, Value) = value_ops(v)->setitem;
    if (LIKELY(setitem != NULL)) {
        return setitem(v, key, value);
    }
    return error_raise_int(PyExc_TypeError, "'%T' object does%s support item %s", v,
                           value_is_absent(value) ? "n't" : " not",
                           value_is_absent(value) ? "deletion" : "assignment");
}

/* ---- Membership. */

static int contains_by_iteration(Value container, Value v)
{
    Value iterator = object_iter(container);
    if (value_is_null(iterator)) {
        if (error_matches(PyExc_TypeError)) {
            error_clear();
            return error_raise_int(PyExc_TypeError, "argument of type '%T' is not iterable",
                                   container);
        }
        return -1;
    }
    for (;;) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 0;
        }
        int equal = object_equal(item, v);
        if (equal != 0) {
            return equal;
        }
        if (thread_safepoint(thread_current()) < 0) {
            return -1;
        }
    }
}

int object_contains(Value container, Value v)
{
    int (*contains)(Value, Value) = value_ops(container)->contains;
    return contains != NULL ? contains(container, v) : contains_by_iteration(container, v);
}

/* ---- Lists and tuples from any iterable. */

PyObject *object_to_list(Value v)
{
    PyObject *list = list_new(0);
    return list == NULL || list_extend(list, v) < 0 ? NULL : list;
}

PyObject *object_to_tuple(Value v)
{
    if (tuple_check_exact(v)) {
        return value_object(v);
    }
    if (list_check_exact(v)) {
        return list_to_tuple(value_object(v));
    }
    PyObject *list = object_to_list(v);
    return list == NULL ? NULL : list_to_tuple(list);
}

PyObject *object_to_fast_sequence(Value v, const char *message)
{
    if (list_check_exact(v) || tuple_check_exact(v)) {
        return value_object(v);
    }
    PyObject *snapshot;
    if (container_snapshot(v, &snapshot)) {
        return snapshot;
    }
    Value iterator = object_iter(v);
    if (value_is_null(iterator)) {
        if (message != NULL && error_matches(PyExc_TypeError)) {
            error_clear();
            return error_raise_null(PyExc_TypeError, "%s", message);
        }
        return NULL;
    }
    return object_to_list(iterator);
}

/* ---- Buffers. */

bool object_has_buffer(Value v)
{
    return value_ops(v)->get_buffer != NULL;
}

int object_get_buffer(Value v, Py_buffer *view, int flags)
{
    int (*get_buffer)(Value, Py_buffer *, int) = value_ops(v)->get_buffer;
    if (get_buffer == NULL) {
        return error_raise_int(PyExc_TypeError, "a bytes-like object is required, not '%T'", v);
    }
    return get_buffer(v, view, flags);
}

bool object_counts_views(const PyObject *exporter)
{
    return (atomic_load_relaxed(&type_info(exporter->ob_type)->flags) & TYPE_FOREIGN) != 0;
}

void object_release_buffer(Py_buffer *view)
{
    PyObject *exporter = view->obj;
    if (exporter == NULL) {
        return;
    }
    Value v = value_from_object(exporter);
    void (*release)(Value, Py_buffer *) = value_ops(v)->release_buffer;
    if (release != NULL) {
        release(v, view);
    }
    if (object_counts_views(exporter)) {
        extension_lock_take(thread_current());
        exporter->ob_refcnt--;
    }
    view->obj = NULL;
}
