/* SPDX-License-Identifier: MIT */
/* Pickling of objects in general: object.__reduce_ex__ for protocols 0 to 5, and __getstate__. */
#include "object/object_reduce.h"

#include "object/dict.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* An interned name, made at the first call. */
static PyObject *known_name(PyObject **cache, const char *text)
{
    PyObject *name = atomic_load_acquire(cache);
    if (name == NULL) {
        name = str_intern_text(text);
        atomic_store_release(cache, name);
    }
    return name;
}

static Value import_copyreg(void)
{
    static PyObject *cache;
    Value import = dict_get_str(object_builtins, names.__import__);
    PyObject *name = known_name(&cache, "copyreg");
    if (value_is_absent(import)) {
        return error_raise_value(PyExc_AttributeError, value_from_object(names.__import__));
    }
    return name == NULL ? VALUE_NULL : object_call1(import, value_from_object(name));
}

static Value copyreg_attribute(PyObject **cache, const char *name)
{
    Value copyreg = import_copyreg();
    PyObject *text = known_name(cache, name);
    return value_is_null(copyreg) || text == NULL ? VALUE_NULL : object_getattr(copyreg, text);
}

static Value raise_unpicklable(Value self)
{
    return error_raise(PyExc_TypeError, "cannot pickle '%T' object", self);
}

/* ---- State. */

static Value slot_names(PyTypeObject *type)
{
    Value known = dict_get_str(type->tp_dict, names.__slotnames__);
    if (!value_is_absent(known)) {
        if (value_is_none(known) || list_check(known)) {
            return known;
        }
        return error_raise(PyExc_TypeError, "%s.__slotnames__ should be a list or None, not %T",
                           type->tp_name, known);
    }
    static PyObject *cache;
    Value function = copyreg_attribute(&cache, "_slotnames");
    if (value_is_null(function)) {
        return function;
    }
    Value found = object_call1(function, value_from_object(type));
    if (!value_is_null(found) && !value_is_none(found) && !list_check(found)) {
        return error_raise(PyExc_TypeError, "copyreg._slotnames didn't return a list or None");
    }
    return found;
}

/* Does a native base keep state that nobody knows how to save? */
static bool has_native_state(PyTypeObject *type)
{
    while (type_is_python(type)) {
        type = type->tp_base;
    }
    Py_ssize_t size = type->tp_basicsize;
    size -= type->tp_dictoffset > 0 ? (Py_ssize_t)sizeof(PyObject *) : 0;
    size -= type->tp_weaklistoffset > 0 ? (Py_ssize_t)sizeof(PyObject *) : 0;
    return size > PyBaseObject_Type.tp_basicsize || type->tp_itemsize != 0;
}

/* A dict of the slots that are set; NULL with or without an exception if there is none. */
static PyObject *collect_slots(Value self, PyObject *slot_list)
{
    PyObject *slots = dict_new();
    Py_ssize_t found_any = 0;
    for (Py_ssize_t i = 0; slots != NULL && i < list_length(slot_list); i++) {
        Value name = list_find(slot_list, i), value;
        int found = object_find_attr_value(self, name, &value);
        if (found < 0 || (found > 0 && dict_set(slots, name, value) < 0)) {
            return NULL;
        }
        found_any += found;
    }
    return found_any > 0 ? slots : NULL;
}

static Value default_state(Value self, bool required)
{
    PyTypeObject *type = value_type(self);
    if (required && has_native_state(type)) {
        return raise_unpicklable(self);
    }
    Value state = VALUE_NONE;
    PyObject *dict = value_is_object(self) ? object_dict(value_object(self)) : NULL;
    if (dict != NULL && dict_length(dict) > 0) {
        state = value_from_object(dict);
    } else if (dict == NULL && error_occurred()) {
        return VALUE_NULL;
    }
    Value slots = slot_names(type);
    if (value_is_null(slots) || value_is_none(slots) || list_length(value_object(slots)) == 0) {
        return value_is_null(slots) ? slots : state;
    }
    PyObject *set_slots = collect_slots(self, value_object(slots));
    if (set_slots == NULL) {
        return error_occurred() ? VALUE_NULL : state;
    }
    Value pair[2] = {state, value_from_object(set_slots)};
    return value_from_object(tuple_from_array(pair, 2));
}

Value object_getstate(Value self)
{
    return default_state(self, false);
}

/* Calls __getstate__, unless it is object's own. */
static Value get_state(Value self, bool required)
{
    Value method = type_lookup(value_type(self), names.__getstate__);
    if (value_same_bits(method, type_lookup(&PyBaseObject_Type, names.__getstate__))) {
        Value own = VALUE_ABSENT;
        PyObject *dict = value_is_object(self) ? object_dict(value_object(self)) : NULL;
        if (dict != NULL) {
            own = dict_get_str(dict, names.__getstate__);
        }
        if (value_is_absent(own)) {
            return default_state(self, required);
        }
    }
    return object_call_method0(self, names.__getstate__);
}

/* ---- Arguments for __new__. */

static int new_args_ex(Value self, Value method, Value *args, Value *kwargs)
{
    Value pair = object_call0(method);
    if (value_is_null(pair)) {
        return -1;
    }
    if (!tuple_check(pair)) {
        return error_raise_int(PyExc_TypeError, "__getnewargs_ex__ should return a tuple, not '%T'",
                               pair);
    }
    PyObject *tuple = value_object(pair);
    if (tuple_length(tuple) != 2) {
        return error_raise_int(PyExc_ValueError,
                               "__getnewargs_ex__ should return a tuple of length 2, not %zd",
                               tuple_length(tuple));
    }
    *args = tuple_get(tuple, 0);
    *kwargs = tuple_get(tuple, 1);
    if (!tuple_check(*args)) {
        return error_raise_int(PyExc_TypeError,
                               "first item of the tuple returned by __getnewargs_ex__ must be a "
                               "tuple, not '%T'",
                               *args);
    }
    if (!dict_check(*kwargs)) {
        return error_raise_int(PyExc_TypeError,
                               "second item of the tuple returned by __getnewargs_ex__ must be a "
                               "dict, not '%T'",
                               *kwargs);
    }
    return 0;
}

/* args stays ABSENT if the object does not say. */
static int new_args(Value self, Value *args, Value *kwargs)
{
    *args = *kwargs = VALUE_ABSENT;
    Value method;
    int found = object_find_special(self, names.__getnewargs_ex__, &method);
    if (found != 0) {
        return found < 0 ? -1 : new_args_ex(self, method, args, kwargs);
    }
    found = object_find_special(self, names.__getnewargs__, &method);
    if (found <= 0) {
        return found;
    }
    *args = object_call0(method);
    if (value_is_null(*args)) {
        return -1;
    }
    if (!tuple_check(*args)) {
        return error_raise_int(PyExc_TypeError, "__getnewargs__ should return a tuple, not '%T'",
                               *args);
    }
    return 0;
}

static int item_iterators(Value self, Value *items, Value *pairs)
{
    *items = *pairs = VALUE_NONE;
    if (list_check(self)) {
        *items = object_iter(self);
        return value_is_null(*items) ? -1 : 0;
    }
    if (dict_check(self)) {
        Value view = object_call_method0(self, names.items);
        *pairs = value_is_null(view) ? view : object_iter(view);
        return value_is_null(*pairs) ? -1 : 0;
    }
    return 0;
}

/* (cls, *args) */
static PyObject *prepend_class(PyTypeObject *type, Value args)
{
    Py_ssize_t count = value_is_absent(args) ? 0 : tuple_length(value_object(args));
    PyObject *result = tuple_new(count + 1);
    if (result == NULL) {
        return NULL;
    }
    tuple_init_item(result, 0, value_from_object(type));
    for (Py_ssize_t i = 0; i < count; i++) {
        tuple_init_item(result, i + 1, tuple_get(value_object(args), i));
    }
    return result;
}

/* The function and its arguments, as the first two items of the result. */
static int choose_constructor(Value self, Value args, Value kwargs, Value *result)
{
    PyTypeObject *type = value_type(self);
    if (value_is_absent(kwargs) || dict_length(value_object(kwargs)) == 0) {
        static PyObject *cache;
        result[0] = copyreg_attribute(&cache, "__newobj__");
        result[1] = value_from_object(prepend_class(type, args));
    } else {
        Value parts[3] = {value_from_object(type), args, kwargs};
        static PyObject *cache;
        result[0] = copyreg_attribute(&cache, "__newobj_ex__");
        result[1] = value_from_object(tuple_from_array(parts, 3));
    }
    return value_is_null(result[0]) || value_is_null(result[1]) ? -1 : 0;
}

static Value reduce_by_new(Value self)
{
    if (type_ops(value_type(self))->new_ == NULL) {
        return raise_unpicklable(self);
    }
    Value args, kwargs, result[5];
    if (new_args(self, &args, &kwargs) < 0 || choose_constructor(self, args, kwargs, result) < 0) {
        return VALUE_NULL;
    }
    bool required = value_is_absent(args) && !list_check(self) && !dict_check(self);
    result[2] = get_state(self, required);
    if (value_is_null(result[2]) || item_iterators(self, &result[3], &result[4]) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(result, 5));
}

static Value reduce_by_protocol(Value self, int protocol)
{
    if (protocol >= 2) {
        return reduce_by_new(self);
    }
    static PyObject *cache;
    Value function = copyreg_attribute(&cache, "_reduce_ex");
    return value_is_null(function) ? function
                                   : object_call2(function, self, value_from_int(protocol));
}

Value object_reduce(Value self)
{
    return reduce_by_protocol(self, 0);
}

Value object_reduce_ex(Value self, Value protocol)
{
    int number;
    if (arg_int(protocol, &number) < 0) {
        return VALUE_NULL;
    }
    Value reduce;
    int found = object_find_attr(self, names.__reduce__, &reduce);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found > 0) {
        Value class_reduce = object_getattr(value_from_object(value_type(self)), names.__reduce__);
        if (value_is_null(class_reduce)) {
            return class_reduce;
        }
        if (!value_same_bits(class_reduce, type_lookup(&PyBaseObject_Type, names.__reduce__))) {
            return object_call0(reduce);
        }
    }
    return reduce_by_protocol(self, number);
}
