/* SPDX-License-Identifier: MIT */
/* The import instructions. What __import__ does is in module/import.c. */
#include "vm/vm_int.h"

Value vm_import_name(struct frame *frame, PyObject *name, Value level, Value fromlist)
{
    PyObject *builtins = frame->function->func_builtins;
    Value import =
        dict_check(value_from_object(builtins))
            ? dict_get_str(builtins, names.__import__)
            : object_getitem(value_from_object(builtins), value_from_object(names.__import__));
    if (value_is_absent(import)) {
        return error_raise(PyExc_ImportError, "__import__ not found");
    }
    if (value_is_null(import)) {
        return import;
    }
    bool optimized = (frame->code->base.co_flags & CO_OPTIMIZED) != 0;
    Value args[5] = {value_from_object(name), value_from_object(frame->globals),
                     optimized ? VALUE_NONE : value_from_object(frame_names(frame)), fromlist,
                     level};
    return object_call(import, args, 5, NULL);
}

/* sys.modules[f"{module.__name__}.{name}"], for submodules of a package that is being imported. */
static Value find_submodule(PyObject *module_name, PyObject *name)
{
    PyObject *full = str_format("%U.%U", module_name, name);
    Value import = dict_get_str(vm_default_builtins, names.__import__);
    if (full == NULL || !value_is_present(import)) {
        return VALUE_ABSENT;
    }
    Value sys = object_call1(import, value_from_object(names.sys));
    Value modules = value_is_null(sys) ? VALUE_NULL : object_getattr(sys, names.modules);
    if (value_is_null(modules)) {
        return VALUE_NULL;
    }
    if (dict_check(modules)) {
        return dict_get(value_object(modules), value_from_object(full));
    }
    Value v = object_getitem(modules, value_from_object(full));
    if (value_is_null(v) && error_matches(PyExc_KeyError)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return v;
}

static bool is_initializing(Value module)
{
    Value spec, flag;
    int found = object_find_attr(module, names.__spec__, &spec);
    if (found <= 0 || value_is_none(spec)) {
        error_clear();
        return false;
    }
    found = object_find_attr(spec, str_intern_text("_initializing"), &flag);
    int truth = found > 0 ? object_truth(flag) : 0;
    if (found < 0 || truth < 0) {
        error_clear();
    }
    return truth > 0;
}

static Value fail_import_from(Value module, Value module_name, PyObject *name)
{
    Value path;
    int found = object_find_attr(module, names.__file__, &path);
    if (found < 0) {
        error_clear();
    }
    Value shown = value_is_present(module_name)
                      ? module_name
                      : value_from_object(str_from_text("<unknown module name>"));
    bool has_path = found > 0 && str_check(path);
    PyObject *text;
    if (!has_path) {
        text = str_format("cannot import name %R from %R (unknown location)",
                          value_from_object(name), shown);
    } else if (is_initializing(module)) {
        text = str_format("cannot import name %R from partially initialized module %R (most likely "
                          "due to a circular import) (%S)",
                          value_from_object(name), shown, path);
    } else {
        text =
            str_format("cannot import name %R from %R (%S)", value_from_object(name), shown, path);
    }
    if (text == NULL) {
        return VALUE_NULL;
    }
    Value args[3] = {value_from_object(text), shown, has_path ? path : VALUE_NONE};
    PyObject *kwnames = tuple_pack(2, names.name, names.path);
    Value e = kwnames == NULL ? VALUE_NULL
                              : object_call(value_from_object(PyExc_ImportError), args, 1, kwnames);
    if (!value_is_null(e)) {
        error_set_instance(value_object(e));
    }
    return VALUE_NULL;
}

Value vm_import_from(Value module, PyObject *name)
{
    Value v;
    int found = object_find_attr(module, name, &v);
    if (found != 0) {
        return found < 0 ? VALUE_NULL : v;
    }
    Value module_name;
    found = object_find_attr(module, names.__name__, &module_name);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0 || !str_check(module_name)) {
        return fail_import_from(module, VALUE_ABSENT, name);
    }
    v = find_submodule(value_object(module_name), name);
    if (value_is_absent(v)) {
        return fail_import_from(module, module_name, name);
    }
    return v;
}

/* Copies the names of `list`; all: __all__ was given, so names with underscores count. */
static int import_names(struct frame *frame, Value module, Value list, bool all)
{
    Value iterator = object_iter(list);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value name = object_next(iterator);
        if (!value_is_present(name)) {
            return value_is_null(name) ? -1 : 0;
        }
        if (!str_check(name)) {
            Value module_name = object_getattr(module, names.__name__);
            if (value_is_null(module_name)) {
                return -1;
            }
            return error_raise_int(PyExc_TypeError, "%s in %S.%s must be str, not %T",
                                   all ? "Item" : "Key", module_name, all ? "__all__" : "__dict__",
                                   name);
        }
        PyObject *interned =
            str_check_exact(name) ? str_intern(value_object(name)) : value_object(name);
        if (!all && str_length(interned) > 0 && str_at(interned, 0) == '_') {
            continue;
        }
        Value v = object_getattr_value(module, value_from_object(interned));
        if (value_is_null(v) || vm_store_name(frame, interned, v) < 0) {
            return -1;
        }
    }
}

int vm_import_star(struct frame *frame, Value module)
{
    Value list;
    int found = object_find_attr(module, names.__all__, &list);
    if (found < 0) {
        return -1;
    }
    if (found > 0) {
        return import_names(frame, module, list, true);
    }
    Value dict;
    found = object_find_attr(module, names.__dict__, &dict);
    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        return error_raise_int(PyExc_ImportError, "from-import-* object has no __dict__ and no "
                                                  "__all__");
    }
    Value keys = dict_check_exact(dict) ? value_from_object(dict_keys(value_object(dict)))
                                        : object_call_method0(dict, names.keys);
    return value_is_null(keys) ? -1 : import_names(frame, module, keys, false);
}
