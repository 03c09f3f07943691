/* SPDX-License-Identifier: MIT */
/* Calling any value. */
#include "object/dict.h"
#include "object/function.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

static COLD Value raise_not_callable(Value callable)
{
    return error_raise(PyExc_TypeError, "'%T' object is not callable", callable);
}

/* A bound method, when the caller lends the place in front of the arguments. */
static Value call_method_prepended(PyMethodObject *method, const Value *args, size_t nargs,
                                   PyObject *kwnames)
{
    Value *place = (Value *)(uintptr_t)args - 1;
    Value saved = *place;
    *place = value_from_object(method->im_self);
    Value result = object_call(value_from_object(method->im_func), place, nargs + 1, kwnames);
    *place = saved;
    return result;
}

Value object_call(Value callable, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyTypeObject *type = value_type(callable);
    if (UNLIKELY(thread_stack_is_low())) {
        return error_raise(PyExc_RecursionError,
                           "maximum recursion depth exceeded while calling a Python object");
    }
    if (type == &PyMethod_Type && (nargs & CALL_PREPEND) != 0) {
        return call_method_prepended((PyMethodObject *)value_object(callable), args,
                                     CALL_NARGS(nargs), kwnames);
    }
    Value (*call)(Value, const Value *, size_t, PyObject *) = type_ops(type)->call;
    if (UNLIKELY(call == NULL)) {
        return raise_not_callable(callable);
    }
    return call(callable, args, CALL_NARGS(nargs), kwnames);
}

Value object_call0(Value callable)
{
    Value args[1] = {VALUE_NULL};
    return object_call(callable, args + 1, CALL_PREPEND, NULL);
}

Value object_call1(Value callable, Value a)
{
    Value args[2] = {VALUE_NULL, a};
    return object_call(callable, args + 1, 1 | CALL_PREPEND, NULL);
}

Value object_call2(Value callable, Value a, Value b)
{
    Value args[3] = {VALUE_NULL, a, b};
    return object_call(callable, args + 1, 2 | CALL_PREPEND, NULL);
}

Value object_call3(Value callable, Value a, Value b, Value c)
{
    Value args[4] = {VALUE_NULL, a, b, c};
    return object_call(callable, args + 1, 3 | CALL_PREPEND, NULL);
}

/* Positional values and the values of kwargs, whose names go to *kwnames. */
static Value *flatten(PyObject *args, PyObject *kwargs, Value *few, size_t room, PyObject **kwnames)
{
    size_t nargs = (size_t)tuple_length(args);
    size_t nkeywords = kwargs == NULL ? 0 : (size_t)dict_length(kwargs);
    Value *all = few;
    if (nargs + nkeywords + 1 > room) {
        all = heap_alloc((nargs + nkeywords + 1) * sizeof(Value), CELL_WORDS);
        if (all == NULL) {
            error_no_memory();
            return NULL;
        }
    }
    all[0] = VALUE_NULL;
    for (size_t i = 0; i < nargs; i++) {
        all[i + 1] = value_unbox(tuple_object(args, (Py_ssize_t)i));
    }
    *kwnames = NULL;
    if (nkeywords == 0) {
        return all;
    }
    PyObject *keywords = list_new((Py_ssize_t)nkeywords);
    size_t position = 0, count = 0;
    Value key, value;
    Py_hash_t hash;
    while (keywords != NULL && count < nkeywords &&
           dict_next(kwargs, &position, &key, &value, &hash)) {
        if (!str_check(key)) {
            error_raise(PyExc_TypeError, "keywords must be strings");
            return NULL;
        }
        if (list_append(keywords, key) < 0) {
            return NULL;
        }
        all[1 + nargs + count++] = value;
    }
    *kwnames = keywords == NULL ? NULL : list_to_tuple(keywords);
    return *kwnames == NULL ? NULL : all;
}

Value object_call_tuple(Value callable, PyObject *args, PyObject *kwargs)
{
    Value few[12];
    PyObject *kwnames;
    Value *all = flatten(args, kwargs, few, 12, &kwnames);
    if (all == NULL) {
        return VALUE_NULL;
    }
    return object_call(callable, all + 1, (size_t)tuple_length(args) | CALL_PREPEND, kwnames);
}

Value object_call_method(Value object, PyObject *name, const Value *args, size_t nargs)
{
    Value self;
    Value method = object_find_method(object, name, &self);
    if (UNLIKELY(!value_is_present(method))) {
        return value_is_null(method) ? method : error_no_attribute(object, name);
    }
    if (value_is_null(self)) {
        return object_call(method, args, nargs, NULL);
    }
    Value few[8];
    Value *all = few;
    if (nargs + 1 > 8) {
        all = heap_alloc((nargs + 1) * sizeof(Value), CELL_WORDS);
        if (all == NULL) {
            return error_no_memory();
        }
    }
    all[0] = self;
    memcpy(all + 1, args, nargs * sizeof(Value));
    return object_call(method, all, nargs + 1, NULL);
}

Value object_call_method0(Value object, PyObject *name)
{
    return object_call_method(object, name, NULL, 0);
}

Value object_call_method1(Value object, PyObject *name, Value a)
{
    return object_call_method(object, name, &a, 1);
}

Value object_call_method2(Value object, PyObject *name, Value a, Value b)
{
    Value args[2] = {a, b};
    return object_call_method(object, name, args, 2);
}

bool object_is_callable(Value v)
{
    return value_ops(v)->call != NULL;
}
