/* SPDX-License-Identifier: MIT */
/* The atexit module: a list of (function, args, kwargs), last one first at exit. */
#include "module/atexit.h"

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/object.h"

static PyObject *callbacks; /* a list of tuples; atomic, made by the module */

static Value exit_register(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "register() takes at least 1 argument (0 given)");
    }
    if (!object_is_callable(args[0])) {
        return error_raise(PyExc_TypeError, "the first argument must be callable");
    }
    Value kwargs = VALUE_NONE;
    if (kwnames != NULL && tuple_length(kwnames) > 0) {
        PyObject *dict = dict_new();
        for (Py_ssize_t i = 0; dict != NULL && i < tuple_length(kwnames); i++) {
            if (dict_set(dict, tuple_get(kwnames, i), args[nargs + (size_t)i]) < 0) {
                return VALUE_NULL;
            }
        }
        kwargs = value_from_object(dict);
    }
    Value positional = value_from_object(tuple_from_array(args + 1, nargs - 1));
    if (value_is_null(kwargs) || value_is_null(positional)) {
        return VALUE_NULL;
    }
    Value parts[3] = {args[0], positional, kwargs};
    PyObject *entry = tuple_from_array(parts, 3);
    if (entry == NULL || list_append(callbacks, value_from_object(entry)) < 0) {
        return VALUE_NULL;
    }
    return args[0];
}

static Value exit_clear(Value self)
{
    list_clear(callbacks);
    return VALUE_NONE;
}

static Value exit_count(Value self)
{
    return int_from_ssize(list_length(callbacks));
}

static Value exit_unregister(Value self, Value function)
{
    for (Py_ssize_t i = 0; i < list_length(callbacks); i++) {
        Value entry = list_find(callbacks, i);
        if (value_is_absent(entry)) {
            break;
        }
        int equal = object_equal(tuple_get(value_object(entry), 0), function);
        if (equal < 0) {
            return VALUE_NULL;
        }
        /* The comparison may have changed the list. */
        if (equal && list_find(callbacks, i).bits == entry.bits) {
            list_pop(callbacks, i);
            i--;
        }
    }
    return VALUE_NONE;
}

static void call_entry(PyObject *entry)
{
    Value kwargs = tuple_get(entry, 2);
    Value result = object_call_tuple(tuple_get(entry, 0), tuple_object(entry, 1),
                                     value_is_none(kwargs) ? NULL : value_object(kwargs));
    if (value_is_null(result)) {
        error_write_unraisable(tuple_get(entry, 0), "in atexit callback");
    }
}

void atexit_run(void)
{
    while (callbacks != NULL && list_length(callbacks) > 0) {
        Value entry = list_pop(callbacks, list_length(callbacks) - 1);
        if (value_is_null(entry)) {
            error_clear(); /* another thread was faster */
            continue;
        }
        call_entry(value_object(entry));
    }
}

static Value exit_run(Value self)
{
    atexit_run();
    return VALUE_NONE;
}

static const struct native_def exit_functions[] = {
    {"_clear", "($module, /)", "Forget all functions.", .f0 = exit_clear},
    {"_ncallbacks", "($module, /)", "How many functions are registered.", .f0 = exit_count},
    {"_run_exitfuncs", "($module, /)", "Run all functions now.", .f0 = exit_run},
    {"register", NULL, "Call func(*args, **kwargs) when the program ends.", .raw = exit_register},
    {"unregister", "($module, func, /)", "Forget a function.", .f1 = exit_unregister},
    {NULL},
};

static int exit_exec(PyObject *module)
{
    if (callbacks == NULL) {
        callbacks = list_new(0);
    }
    return callbacks != NULL ? 0 : -1;
}

const struct module_def atexit_module = {
    .name = "atexit",
    .doc = "Functions that are called when the program ends.",
    .functions = exit_functions,
    .exec = exit_exec,
};
