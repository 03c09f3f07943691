/* SPDX-License-Identifier: MIT */
/* _pickle: classes by their names, and the state of objects that are read. */
#include "module/import.h"
#include "module/pickle_int.h"
#include "module/sys.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/shape.h"
#include "object/str.h"

Value pickle_import(PyObject *name)
{
    Value top = import_module_level(name, NULL, VALUE_NONE, 0);
    PyObject *modules = value_is_null(top) ? NULL : import_modules();
    if (modules == NULL) {
        return VALUE_NULL;
    }
    Value module = dict_get(modules, value_from_object(name));
    return value_is_absent(module) ? error_raise_value(PyExc_KeyError, value_from_object(name))
                                   : module;
}

/* Names of Python 2 as they are now. */
static int map_names(PyObject **module, PyObject **name)
{
    Value map = import_attribute("_compat_pickle", "NAME_MAPPING");
    Value modules = import_attribute("_compat_pickle", "IMPORT_MAPPING");
    PyObject *key = tuple_pack(2, *module, *name);
    if (value_is_null(map) || value_is_null(modules) || key == NULL) {
        return -1;
    }
    Value pair = dict_get(value_object(map), value_from_object(key));
    if (value_is_null(pair)) {
        return -1;
    }
    if (!value_is_absent(pair)) {
        if (!tuple_check(pair) || tuple_length(value_object(pair)) != 2) {
            return error_raise_int(PyExc_RuntimeError,
                                   "_compat_pickle.NAME_MAPPING values should be 2-tuples, not %T",
                                   pair);
        }
        *module = tuple_object(value_object(pair), 0);
        *name = tuple_object(value_object(pair), 1);
        return 0;
    }
    Value renamed = dict_get(value_object(modules), value_from_object(*module));
    if (value_is_present(renamed)) {
        *module = value_object(renamed);
    }
    return value_is_null(renamed) ? -1 : 0;
}

static Value cannot_get(Value from, PyObject *name, bool local)
{
    return error_raise(PyExc_AttributeError,
                       local ? "Can't get local attribute %R on %R"
                             : "Can't get attribute %R on %R",
                       value_from_object(name), from);
}

static Value get_dotted(Value module, PyObject *dotted)
{
    Value from = module;
    PyObject *parts = str_split(dotted, str_from_char('.'), -1);
    if (parts == NULL) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < list_length(parts); i++) {
        Value part = list_find(parts, i), next;
        if (str_equal_text(value_object(part), "<locals>")) {
            return cannot_get(module, dotted, true);
        }
        int found = object_find_attr_value(from, part, &next);
        if (found <= 0) {
            return found < 0 ? VALUE_NULL : cannot_get(module, dotted, false);
        }
        from = next;
    }
    return from;
}

Value pickle_find_class(bool fix_imports, int protocol, PyObject *module, PyObject *name)
{
    if (sys_audit_values("pickle.find_class", "OO", value_from_object(module),
                         value_from_object(name)) < 0) {
        return VALUE_NULL;
    }
    if (protocol < 3 && fix_imports && map_names(&module, &name) < 0) {
        return VALUE_NULL;
    }
    Value m = pickle_import(module), found;
    if (value_is_null(m)) {
        return m;
    }
    if (protocol >= 4) {
        return get_dotted(m, name);
    }
    int status = object_find_attr_value(m, value_from_object(name), &found);
    return status > 0 ? found : status < 0 ? VALUE_NULL : cannot_get(m, name, false);
}

/* ---- State. */

/* May attributes go straight to the instance's slots? They may if __dict__ is not redefined. */
static bool has_plain_dict(Value object)
{
    if (!value_is_object(object) || type_info(value_type(object))->shape_offset == 0) {
        return false;
    }
    Value descriptor = type_lookup(value_type(object), names.__dict__);
    return value_is_object(descriptor) && value_type(descriptor) == &PyGetSetDescr_Type;
}

static int update_dict(Value object, PyObject *state)
{
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    bool plain = has_plain_dict(object);
    Value dict = plain ? VALUE_ABSENT : object_getattr(object, names.__dict__);
    while (!value_is_null(dict) && dict_next(state, &position, &key, &value, &hash)) {
        bool name = str_check_exact(key);
        PyObject *interned = name ? str_intern(value_object(key)) : NULL;
        if (name && interned == NULL) {
            return -1;
        }
        if (plain && !name) {
            plain = false;
            dict = object_getattr(object, names.__dict__);
            if (value_is_null(dict)) {
                return -1;
            }
        }
        int status = plain ? instance_set(value_object(object), interned, value)
                           : object_setitem(dict, name ? value_from_object(interned) : key, value);
        if (status < 0) {
            return -1;
        }
    }
    return value_is_null(dict) ? -1 : 0;
}

static int set_slots(Value object, Value state)
{
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    if (!dict_check(state)) {
        return error_raise_int(unpickling_error, "slot state is not a dictionary");
    }
    while (dict_next(value_object(state), &position, &key, &value, &hash)) {
        if (object_setattr_value(object, key, value) < 0) {
            return -1;
        }
    }
    return 0;
}

int pickle_build(Value object, Value state)
{
    Value method, slots = VALUE_NONE;
    int found = object_find_attr(object, names.__setstate__, &method);
    if (found != 0) {
        return found < 0 || value_is_null(object_call1(method, state)) ? -1 : 0;
    }
    if (tuple_check(state) && tuple_length(value_object(state)) == 2) {
        slots = tuple_get(value_object(state), 1);
        state = tuple_get(value_object(state), 0);
    }
    if (!value_is_none(state)) {
        if (!dict_check(state)) {
            return error_raise_int(unpickling_error, "state is not a dictionary");
        }
        if (update_dict(object, value_object(state)) < 0) {
            return -1;
        }
    }
    return value_is_none(slots) ? 0 : set_slots(object, slots);
}
