/* SPDX-License-Identifier: MIT */
/* isinstance() and issubclass(): the rules for classes, for objects that look like classes (they
 * have __bases__), and the hooks __instancecheck__ and __subclasscheck__. */
#include "object/list.h"
#include "object/object.h"
#include "object/type_int.h"

/* The __bases__ of something like a class: a tuple, ABSENT, or error. */
static Value abstract_bases(Value class)
{
    Value bases;
    int found = object_find_attr(class, names.__bases__, &bases);
    if (found < 0) {
        return VALUE_NULL;
    }
    return found > 0 && tuple_check(bases) ? bases : VALUE_ABSENT;
}

static int abstract_issubclass(Value derived, Value class)
{
    for (;;) {
        if (value_same_bits(derived, class)) {
            return 1;
        }
        Value bases = abstract_bases(derived);
        if (!value_is_present(bases)) {
            return value_is_null(bases) ? -1 : 0;
        }
        PyObject *tuple = value_object(bases);
        Py_ssize_t count = tuple_length(tuple);
        if (count == 0) {
            return 0;
        }
        if (recursion_enter(" in __issubclass__") < 0) {
            return -1;
        }
        int result = 0;
        for (Py_ssize_t i = 0; i < count - 1 && result == 0; i++) {
            result = abstract_issubclass(tuple_get(tuple, i), class);
        }
        recursion_leave();
        if (result != 0) {
            return result;
        }
        derived = tuple_get(tuple, count - 1);
    }
}

static int check_class(Value class, const char *message)
{
    Value bases = abstract_bases(class);
    if (value_is_absent(bases)) {
        return error_raise_int(PyExc_TypeError, "%s", message);
    }
    return value_is_null(bases) ? -1 : 0;
}

/* What v.__class__ says, if it is not v's real type; ABSENT otherwise. */
static Value claimed_class(Value v)
{
    Value class;
    int found = object_find_attr(v, names.__class__, &class);
    if (found < 0) {
        return VALUE_NULL;
    }
    return found == 0 || value_same_bits(class, value_from_object(value_type(v))) ? VALUE_ABSENT
                                                                                  : class;
}

int object_real_isinstance(Value v, Value class)
{
    if (type_check(class)) {
        if (value_is_instance(v, type_cast(class))) {
            return 1;
        }
        if ((type_info(value_type(v))->flags & TYPE_GENERIC_GETATTR) != 0 &&
            value_same_bits(type_lookup(value_type(v), names.__class__),
                            type_lookup(&PyBaseObject_Type, names.__class__))) {
            return 0;
        }
        Value claimed = claimed_class(v);
        if (value_is_null(claimed)) {
            return -1;
        }
        return !value_is_absent(claimed) && type_check(claimed) &&
               type_is_subtype(type_cast(claimed), type_cast(class));
    }
    if (check_class(class, "isinstance() arg 2 must be a type, a tuple of types, or a union") < 0) {
        return -1;
    }
    Value claimed;
    int found = object_find_attr(v, names.__class__, &claimed);
    return found <= 0 ? found : abstract_issubclass(claimed, class);
}

int object_real_issubclass(Value v, Value class)
{
    if (type_check(v) && type_check(class)) {
        return type_is_subtype(type_cast(v), type_cast(class));
    }
    if (check_class(v, "issubclass() arg 1 must be a class") < 0 ||
        check_class(class, "issubclass() arg 2 must be a class, a tuple of classes, or a union") <
            0) {
        return -1;
    }
    return abstract_issubclass(v, class);
}

/* The hook of the class, in any of the elements of a tuple. */
static int check_tuple(Value v, PyObject *tuple, int (*check_one)(Value, Value), const char *where)
{
    if (recursion_enter(where) < 0) {
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; i < tuple_length(tuple) && result == 0; i++) {
        result = check_one(v, tuple_get(tuple, i));
    }
    recursion_leave();
    return result;
}

static int call_hook(Value class, PyObject *hook, Value v, const char *where)
{
    if (recursion_enter(where) < 0) {
        return -1;
    }
    Value result = special_call(class, hook, &v, 1);
    recursion_leave();
    if (value_is_absent(result)) {
        return -2;
    }
    return value_is_null(result) ? -1 : object_truth(result);
}

int object_is_instance(Value v, Value class)
{
    if (value_same_bits(value_from_object(value_type(v)), class)) {
        return 1;
    }
    if (value_type(class) == &PyType_Type) {
        return object_real_isinstance(v, class);
    }
    if (tuple_check(class)) {
        return check_tuple(v, value_object(class), object_is_instance, " in __instancecheck__");
    }
    int result = call_hook(class, names.__instancecheck__, v, " in __instancecheck__");
    return result == -2 ? object_real_isinstance(v, class) : result;
}

int object_is_subclass(Value v, Value class)
{
    if (value_type(class) == &PyType_Type) {
        return value_same_bits(v, class) ? 1 : object_real_issubclass(v, class);
    }
    if (tuple_check(class)) {
        return check_tuple(v, value_object(class), object_is_subclass, " in __subclasscheck__");
    }
    int result = call_hook(class, names.__subclasscheck__, v, " in __subclasscheck__");
    return result == -2 ? object_real_issubclass(v, class) : result;
}
