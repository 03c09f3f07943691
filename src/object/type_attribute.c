/* SPDX-License-Identifier: MIT */
/* Attributes of type objects: lookup on classes, __name__, __bases__, __dict__ and so on. */
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* ---- Lookup on a class: its metaclass's data descriptors, its own MRO, its metaclass. */

Value type_getattr(Value self, PyObject *name)
{
    PyTypeObject *type = type_cast(self), *metatype = value_type(self);
    Value meta = type_lookup(metatype, name);
    Value (*get)(Value, Value, PyTypeObject *) = NULL;
    if (!value_is_absent(meta)) {
        struct type_ops *ops = value_ops(meta);
        get = ops->descr_get;
        if (get != NULL && ops->descr_set != NULL) {
            return get(meta, self, metatype);
        }
    }
    Value found = type_lookup(type, name);
    if (!value_is_absent(found)) {
        return attribute_bind(found, VALUE_ABSENT, type);
    }
    return get != NULL ? get(meta, self, metatype) : meta;
}

static int store_locked(PyTypeObject *type, PyObject *name, Value value)
{
    if (!value_is_absent(value)) {
        return dict_set_str(type->tp_dict, name, value);
    }
    return dict_delete(type->tp_dict, value_from_object(name)) - 1; /* absent: -1, no exception */
}

/* A type that is not ready has no dict yet. mypyc sets attributes of its classes first; there is
 * nobody else who knows such a type, and nothing that was remembered about it. */
static int store_early(PyTypeObject *type, PyObject *name, Value value)
{
    if (type->tp_dict == NULL) {
        PyObject *dict = dict_new();
        if (dict == NULL) {
            return -1;
        }
        heap_store(type, &type->tp_dict, dict);
    }
    return store_locked(type, name, value);
}

static int store_ready(PyTypeObject *type, PyObject *name, Value value)
{
    mutex_lock(&type_mutex);
    type_changes_locked(type);
    int result = store_locked(type, name, value);
    type_modified_name(type, name);
    mutex_unlock(&type_mutex);
    return result;
}

static int type_store(PyTypeObject *type, PyObject *name, Value value)
{
    bool ready = type_has_feature(type, Py_TPFLAGS_READY);
    int result = ready ? store_ready(type, name, value) : store_early(type, name, value);
    if (result < 0) {
        return error_occurred()
                   ? -1
                   : error_raise_int(PyExc_AttributeError, "type object '%s' has no attribute '%U'",
                                     type->tp_name, name);
    }
    if (ready && object_hooks.type_changed != NULL && slots_depend_on(name)) {
        object_hooks.type_changed(type);
    }
    return 0;
}

int type_setattr(Value self, PyObject *name, Value value)
{
    PyTypeObject *type = type_cast(self);
    if (type_has_feature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        return error_raise_int(PyExc_TypeError, "cannot set %R attribute of immutable type '%s'",
                               value_from_object(name), type->tp_name);
    }
    Value meta = type_lookup(value_type(self), name);
    if (!value_is_absent(meta) && value_ops(meta)->descr_set != NULL) {
        return value_ops(meta)->descr_set(meta, self, value);
    }
    return type_store(type, name, value);
}

/* ---- Names. */

PyObject *type_qualified_name(PyTypeObject *type)
{
    if (!type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        return str_from_text(type->tp_name);
    }
    PyObject *qualname = ((PyHeapTypeObject *)type)->ht_qualname;
    Value module = dict_get_str(type->tp_dict, names.__module__);
    if (!str_check(module) || str_equal_text(value_object(module), "builtins")) {
        return qualname;
    }
    return str_format("%U.%U", value_object(module), qualname);
}

int type_check_mutable(PyTypeObject *type, const char *attribute, Value value)
{
    if (type_has_feature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        return error_raise_int(PyExc_TypeError, "cannot set '%s' attribute of immutable type '%s'",
                               attribute, type->tp_name);
    }
    if (value_is_absent(value)) {
        return error_raise_int(PyExc_TypeError,
                               "cannot delete '%s' attribute of immutable type '%s'", attribute,
                               type->tp_name);
    }
    return 0;
}

static Value get_name(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        return value_from_object(((PyHeapTypeObject *)type)->ht_name);
    }
    return value_from_object(str_intern_text(type_short_name(type)));
}

static int set_name(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_check_mutable(type, "__name__", value) < 0) {
        return -1;
    }
    if (!str_check(value)) {
        return error_raise_int(PyExc_TypeError, "can only assign string to %s.__name__, not '%T'",
                               type->tp_name, value);
    }
    Py_ssize_t length;
    const char *text = str_utf8(value_object(value), &length);
    if (text == NULL) {
        return -1;
    }
    if (strlen(text) != (size_t)length) {
        return error_raise_int(PyExc_ValueError, "type name must not contain null characters");
    }
    mutex_lock(&type_mutex);
    heap_store(type, &((PyHeapTypeObject *)type)->ht_name, value_object(value));
    atomic_store_release(&type->tp_name, text);
    mutex_unlock(&type_mutex);
    return 0;
}

static Value get_qualname(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        return value_from_object(((PyHeapTypeObject *)type)->ht_qualname);
    }
    return get_name(self, NULL);
}

static int set_qualname(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_check_mutable(type, "__qualname__", value) < 0) {
        return -1;
    }
    if (!str_check(value)) {
        return error_raise_int(PyExc_TypeError,
                               "can only assign string to %s.__qualname__, not '%T'", type->tp_name,
                               value);
    }
    heap_store(type, &((PyHeapTypeObject *)type)->ht_qualname, value_object(value));
    return 0;
}

static Value get_module(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        Value module = dict_get_str(type->tp_dict, names.__module__);
        return value_is_absent(module)
                   ? error_raise_value(PyExc_AttributeError, value_from_object(names.__module__))
                   : module;
    }
    const char *dot = strrchr(type->tp_name, '.');
    if (dot == NULL) {
        return value_from_object(names.builtins);
    }
    PyObject *module = str_from_utf8(type->tp_name, dot - type->tp_name);
    return module == NULL ? VALUE_NULL : value_from_object(str_intern(module));
}

static int set_module(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_check_mutable(type, "__module__", value) < 0) {
        return -1;
    }
    return type_store(type, names.__module__, value);
}

/* ---- Documentation. */

static Value get_doc(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (!type_has_feature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_doc != NULL) {
        return value_from_object(type_own_doc(type)); /* __dict__ may have that of instances */
    }
    Value doc = dict_get_str(type->tp_dict, names.__doc__);
    return value_is_absent(doc) ? VALUE_NONE : attribute_bind(doc, VALUE_ABSENT, type);
}

static int set_doc(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    return type_check_mutable(type, "__doc__", value) < 0 ? -1
                                                          : type_store(type, names.__doc__, value);
}

static Value get_text_signature(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    const char *name = type_short_name(type), *doc = type->tp_doc;
    size_t length = strlen(name);
    if (doc == NULL || strncmp(doc, name, length) != 0 || doc[length] != '(') {
        return VALUE_NONE;
    }
    const char *mark = strstr(doc + length, ")\n--\n\n");
    return mark == NULL ? VALUE_NONE
                        : value_from_object(
                              str_from_utf8(doc + length, mark + 1 - doc - (Py_ssize_t)length));
}

/* ---- Bases. */

static Value get_bases(Value self, void *closure)
{
    return value_from_object(atomic_load_acquire(&type_cast(self)->tp_bases));
}

static Value get_base(Value self, void *closure)
{
    PyTypeObject *base = type_base(type_cast(self));
    return base == NULL ? VALUE_NONE : value_from_object(base);
}

static Value get_mro(Value self, void *closure)
{
    PyObject *mro = atomic_load_acquire(&type_cast(self)->tp_mro);
    return mro == NULL ? VALUE_NONE : value_from_object(mro);
}

/* ---- The rest. */

static Value get_abstract(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    Value methods = type == &PyType_Type ? VALUE_ABSENT
                                         : dict_get_str(type->tp_dict, names.__abstractmethods__);
    return value_is_absent(methods)
               ? error_raise_value(PyExc_AttributeError,
                                   value_from_object(names.__abstractmethods__))
               : methods;
}

static int set_abstract(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    int truth = value_is_absent(value) ? 0 : object_truth(value);
    if (truth < 0) {
        return -1;
    }
    mutex_lock(&type_mutex);
    type_changes_locked(type);
    int result = store_locked(type, names.__abstractmethods__, value);
    type_modified_name(type, names.__abstractmethods__);
    if (result == 0) {
        type->tp_flags = truth ? type->tp_flags | Py_TPFLAGS_IS_ABSTRACT
                               : type->tp_flags & ~Py_TPFLAGS_IS_ABSTRACT;
    }
    mutex_unlock(&type_mutex);
    if (result < 0 && !error_occurred()) {
        error_raise_value(PyExc_AttributeError, value_from_object(names.__abstractmethods__));
    }
    return result;
}

static Value get_dict(Value self, void *closure)
{
    return value_from_object(mappingproxy_new(value_from_object(type_cast(self)->tp_dict)));
}

static Value get_annotations(Value self, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (!type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        return error_raise(PyExc_AttributeError,
                           "type object '%s' has no attribute '__annotations__'", type->tp_name);
    }
    Value annotations = dict_get_str(type->tp_dict, names.__annotations__);
    if (!value_is_absent(annotations)) {
        return attribute_bind(annotations, VALUE_ABSENT, type);
    }
    PyObject *fresh = dict_new();
    if (fresh == NULL || type_store(type, names.__annotations__, value_from_object(fresh)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(fresh);
}

static int set_annotations(Value self, Value value, void *closure)
{
    PyTypeObject *type = type_cast(self);
    if (type_has_feature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        return type_check_mutable(type, "__annotations__", value);
    }
    if (value_is_absent(value) &&
        value_is_absent(dict_get_str(type->tp_dict, names.__annotations__))) {
        return error_raise_int(PyExc_AttributeError, "__annotations__");
    }
    return type_store(type, names.__annotations__, value);
}

static Value get_basicsize(Value self, void *closure)
{
    return int_from_ssize(type_cast(self)->tp_basicsize);
}
static Value get_itemsize(Value self, void *closure)
{
    return int_from_ssize(type_cast(self)->tp_itemsize);
}
static Value get_flags(Value self, void *closure)
{
    return int_from_u64(type_cast(self)->tp_flags);
}
static Value get_dictoffset(Value self, void *closure)
{
    return int_from_ssize(type_cast(self)->tp_dictoffset);
}
static Value get_weakrefoffset(Value self, void *closure)
{
    return int_from_ssize(type_cast(self)->tp_weaklistoffset);
}

const struct getset_def type_getsets[] = {
    {"__name__", get_name, set_name},
    {"__qualname__", get_qualname, set_qualname},
    {"__module__", get_module, set_module},
    {"__bases__", get_bases, type_bases_set},
    {"__base__", get_base},
    {"__mro__", get_mro},
    {"__abstractmethods__", get_abstract, set_abstract},
    {"__dict__", get_dict},
    {"__doc__", get_doc, set_doc},
    {"__text_signature__", get_text_signature},
    {"__annotations__", get_annotations, set_annotations},
    {"__basicsize__", get_basicsize},
    {"__itemsize__", get_itemsize},
    {"__flags__", get_flags},
    {"__dictoffset__", get_dictoffset},
    {"__weakrefoffset__", get_weakrefoffset},
    {NULL},
};

/* ---- Methods. */

static Value method_mro(Value self)
{
    PyObject *mro = type_compute_mro(type_cast(self));
    return mro == NULL ? VALUE_NULL : value_from_object(object_to_list(value_from_object(mro)));
}

static Value method_subclasses(Value self)
{
    return value_from_object(type_subclasses(type_cast(self)));
}

static Value method_prepare(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(dict_new());
}

static Value method_instancecheck(Value self, Value object)
{
    int result = object_real_isinstance(object, self);
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static Value method_subclasscheck(Value self, Value class)
{
    int result = object_real_issubclass(class, self);
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static int merge_class_dict(PyObject *dict, Value class)
{
    Value class_dict, bases;
    int found = object_find_attr(class, names.__dict__, &class_dict);
    if (found < 0 || (found > 0 && dict_merge(dict, class_dict, 1) < 0)) {
        return -1;
    }
    found = object_find_attr(class, names.__bases__, &bases);
    if (found <= 0 || !tuple_check(bases)) {
        return found < 0 ? -1 : 0;
    }
    for (Py_ssize_t i = 0; i < tuple_length(value_object(bases)); i++) {
        if (merge_class_dict(dict, tuple_get(value_object(bases), i)) < 0) {
            return -1;
        }
    }
    return 0;
}

int type_merge_class_dict(PyObject *dict, Value class)
{
    return merge_class_dict(dict, class);
}

static Value method_dir(Value self)
{
    PyObject *dict = dict_new();
    if (dict == NULL || merge_class_dict(dict, self) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(dict_keys(dict));
}

static Value method_sizeof(Value self)
{
    PyTypeObject *type = type_cast(self);
    return int_from_size(type_has_feature(type, Py_TPFLAGS_HEAPTYPE) ? sizeof(PyHeapTypeObject)
                                                                     : sizeof(PyTypeObject));
}

const struct native_def type_methods[] = {
    {"mro", "($self, /)", "Return a type's method resolution order.", .f0 = method_mro},
    {"__subclasses__", "($self, /)", "Return a list of immediate subclasses.",
     .f0 = method_subclasses},
    {"__prepare__", NULL, "Return the namespace for the class statement.", NATIVE_CLASS,
     .raw = method_prepare},
    {"__instancecheck__", "($self, instance, /)", "Check if an object is an instance.",
     .f1 = method_instancecheck},
    {"__subclasscheck__", "($self, subclass, /)", "Check if a class is a subclass.",
     .f1 = method_subclasscheck},
    {"__dir__", "($self, /)", "List the names of the class and its bases.", .f0 = method_dir},
    {"__sizeof__", "($self, /)", "Return memory consumption of the type object.",
     .f0 = method_sizeof},
    {NULL},
};
