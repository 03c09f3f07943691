/* SPDX-License-Identifier: MIT */
/* builtins.__build_class__: what a class statement calls. */
#include "vm/vm_int.h"

/* Bases with __mro_entries__ replaced: the same tuple if none has it. */
static PyObject *resolve_bases(PyObject *bases)
{
    PyObject *list = NULL;
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        Value base = tuple_get(bases, i);
        Value entries = VALUE_ABSENT;
        if (!type_has_feature(value_type(base), Py_TPFLAGS_TYPE_SUBCLASS)) {
            int found = object_find_attr(base, names.__mro_entries__, &entries);
            if (found < 0) {
                return NULL;
            }
            entries = found == 0 ? VALUE_ABSENT : object_call1(entries, value_from_object(bases));
            if (value_is_null(entries)) {
                return NULL;
            }
        }
        if (value_is_absent(entries)) {
            if (list != NULL && list_append(list, base) < 0) {
                return NULL;
            }
            continue;
        }
        if (!tuple_check(entries)) {
            return error_raise_null(PyExc_TypeError, "__mro_entries__ must return a tuple");
        }
        if (list == NULL) {
            list = list_new(tuple_length(bases));
            for (Py_ssize_t j = 0; list != NULL && j < i; j++) {
                if (list_append(list, tuple_get(bases, j)) < 0) {
                    return NULL;
                }
            }
        }
        if (list == NULL || list_extend(list, entries) < 0) {
            return NULL;
        }
    }
    return list == NULL ? bases : list_to_tuple(list);
}

/* The namespace from metaclass.__prepare__(name, bases, **keywords). */
static Value prepare(Value metaclass, Value name, PyObject *bases, PyObject *keywords)
{
    Value function;
    int found = object_find_attr(metaclass, names.__prepare__, &function);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0) {
        return value_from_object(dict_new());
    }
    PyObject *args = tuple_pack(2, value_object(name), bases);
    Value space = args == NULL ? VALUE_NULL : object_call_tuple(function, args, keywords);
    if (!value_is_null(space) && !object_is_mapping(space)) {
        bool is_class = type_has_feature(value_type(metaclass), Py_TPFLAGS_TYPE_SUBCLASS);
        PyObject *text =
            is_class ? str_from_text(type_short_name((PyTypeObject *)value_object(metaclass)))
                     : str_from_text("<metaclass>");
        return text == NULL
                   ? VALUE_NULL
                   : error_raise(PyExc_TypeError, "%U.__prepare__() must return a mapping, not %T",
                                 text, space);
    }
    return space;
}

/* The class cell that the body returned must hold the class now. */
static int check_class_cell(Value cell, Value class, Value name)
{
    if (!value_is_object(cell) || value_object(cell)->ob_type != &PyCell_Type ||
        !type_has_feature(value_type(class), Py_TPFLAGS_TYPE_SUBCLASS)) {
        return 0;
    }
    Value held = cell_get(value_object(cell));
    if (held.bits == class.bits) {
        return 0;
    }
    if (value_is_null(held)) {
        return error_raise_int(PyExc_RuntimeError,
                               "__class__ not set defining %R as %R. Was __classcell__ propagated "
                               "to type.__new__?",
                               name, class);
    }
    return error_raise_int(PyExc_TypeError, "__class__ set to %R defining %R as %R", held, name,
                           class);
}

/* The keywords of a class statement without its metaclass, which *metaclass receives: a dict, NULL
 * if there are none, or NULL with *failed. */
static PyObject *split_keywords(const Value *values, PyObject *kwnames, Value *metaclass,
                                bool *failed)
{
    PyObject *keywords = NULL;
    *metaclass = VALUE_ABSENT;
    if (kwnames == NULL || tuple_length(kwnames) == 0) {
        return NULL;
    }
    keywords = dict_new();
    *failed = keywords == NULL;
    for (Py_ssize_t i = 0; !*failed && i < tuple_length(kwnames); i++) {
        if (str_equal(tuple_object(kwnames, i), names.metaclass)) {
            *metaclass = values[i];
        } else {
            *failed = dict_set(keywords, tuple_get(kwnames, i), values[i]) < 0;
        }
    }
    return keywords;
}

Value vm_build_class(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs < 2) {
        return error_raise(PyExc_TypeError, "__build_class__: not enough arguments");
    }
    if (!value_is_object(args[0]) || value_object(args[0])->ob_type != &PyFunction_Type) {
        return error_raise(PyExc_TypeError, "__build_class__: func must be a function");
    }
    if (!str_check(args[1])) {
        return error_raise(PyExc_TypeError, "__build_class__: name is not a string");
    }
    PyFunctionObject *body = function_cast(value_object(args[0]));
    Value name = args[1];
    PyObject *original = tuple_from_array(args + 2, nargs - 2);
    PyObject *bases = original == NULL ? NULL : resolve_bases(original);
    if (bases == NULL) {
        return VALUE_NULL;
    }
    Value metaclass;
    bool failed = false;
    PyObject *keywords = split_keywords(args + nargs, kwnames, &metaclass, &failed);
    if (failed) {
        return VALUE_NULL;
    }
    if (value_is_absent(metaclass)) {
        metaclass = value_from_object(tuple_length(bases) > 0 ? value_type(tuple_get(bases, 0))
                                                              : &PyType_Type);
    }
    if (type_has_feature(value_type(metaclass), Py_TPFLAGS_TYPE_SUBCLASS)) {
        metaclass = value_from_object(
            type_calculate_metaclass((PyTypeObject *)value_object(metaclass), bases));
        if (value_is_null(metaclass)) {
            return VALUE_NULL;
        }
    }
    Value space = prepare(metaclass, name, bases, keywords);
    if (value_is_null(space)) {
        return VALUE_NULL;
    }
    Value cell = vm_run_function(body, value_object(space));
    if (value_is_null(cell)) {
        return VALUE_NULL;
    }
    if (bases != original && object_setitem(space, value_from_object(names.__orig_bases__),
                                            value_from_object(original)) < 0) {
        return VALUE_NULL;
    }
    PyObject *arguments = tuple_pack(3, value_object(name), bases, value_object(space));
    Value class =
        arguments == NULL ? VALUE_NULL : object_call_tuple(metaclass, arguments, keywords);
    if (value_is_null(class) || check_class_cell(cell, class, name) < 0) {
        return VALUE_NULL;
    }
    return class;
}
