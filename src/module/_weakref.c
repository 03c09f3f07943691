/* SPDX-License-Identifier: MIT */
#include "object/dict.h"
#include "object/int.h"
#include "object/native.h"
#include "object/object.h"
#include "object/weakref.h"

static Value make_proxy(Value self, const Value *args)
{
    PyObject *referent = value_box(args[0]);
    bool none = value_is_absent(args[1]) || value_is_none(args[1]);
    PyObject *callback = none ? NULL : value_box(args[1]);
    if (referent == NULL || (!none && callback == NULL)) {
        return VALUE_NULL;
    }
    return value_from_object(weakref_proxy_new(referent, callback));
}

static Value count_references(Value self, Value referent)
{
    return value_is_object(referent) ? int_from_size(weakref_count(value_object(referent)))
                                     : value_from_int(0);
}

static Value list_references(Value self, Value referent)
{
    PyObject *object = value_box(referent);
    return object != NULL ? value_from_object(weakref_get_list(object)) : VALUE_NULL;
}

/* Deletes the key if its value is a dead reference. If another thread has stored something else
 * between the look and the deletion, that is put back. */
static Value remove_dead(Value self, const Value *args)
{
    if (!dict_check(args[0])) {
        return error_raise(PyExc_TypeError,
                           "_remove_dead_weakref() argument 1 must be dict, not %T", args[0]);
    }
    PyObject *dict = value_object(args[0]);
    Value v = dict_get(dict, args[1]);
    if (value_is_null(v)) {
        return v;
    }
    if (value_is_absent(v)) {
        return VALUE_NONE;
    }
    if (!weakref_check(v)) {
        return error_raise(PyExc_TypeError, "not a weakref");
    }
    if (weakref_get(value_object(v)) != NULL) {
        return VALUE_NONE;
    }
    /* A thread may have put another reference there meanwhile: that one stays. */
    if (dict_delete_value(dict, args[1], v) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static const struct native_def weakref_functions[] = {
    {"_remove_dead_weakref", "($module, dct, key, /)",
     "Delete a key of a dict if its value is a dead weak reference.", .n = remove_dead},
    {"getweakrefcount", "($module, object, /)", "How many weak references to the object there are.",
     .f1 = count_references},
    {"getweakrefs", "($module, object, /)", "The weak references to the object, in a list.",
     .f1 = list_references},
    {"proxy", "($module, object, callback=None, /)", "A proxy that refers to the object weakly.",
     .n = make_proxy},
    {NULL},
};

static int weakref_exec(PyObject *module)
{
    return module_add(module, "ref", value_from_object(&_PyWeakref_RefType)) < 0 ||
                   module_add(module, "ReferenceType", value_from_object(&_PyWeakref_RefType)) <
                       0 ||
                   module_add(module, "ProxyType", value_from_object(&_PyWeakref_ProxyType)) < 0 ||
                   module_add(module, "CallableProxyType",
                              value_from_object(&_PyWeakref_CallableProxyType)) < 0
               ? -1
               : 0;
}

const struct module_def weakref_module = {
    .name = "_weakref",
    .doc = "Weak references.",
    .functions = weakref_functions,
    .exec = weakref_exec,
};
