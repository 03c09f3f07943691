/* SPDX-License-Identifier: MIT */
/* The type `object`: what every object inherits, and the attributes __class__, __dict__ and
 * __weakref__ of instances. object_reduce.c has what pickling needs. */
#include "object/cacheable.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/object_reduce.h"
#include "object/str.h"
#include "object/type_int.h"

/* ---- Making. */

static bool has_arguments(size_t nargs, PyObject *kwnames)
{
    return nargs > 0 || (kwnames != NULL && tuple_length(kwnames) > 0);
}

static Value raise_abstract(PyTypeObject *type)
{
    Value methods = object_getattr(value_from_object(type), names.__abstractmethods__);
    PyObject *list = value_is_null(methods) ? NULL : object_to_list(methods);
    if (list == NULL || list_sort(list, VALUE_ABSENT, false) < 0) {
        return VALUE_NULL;
    }
    PyObject *separator = str_from_text(", ");
    PyObject *joined = separator == NULL ? NULL : str_join(separator, value_from_object(list));
    if (joined == NULL) {
        return VALUE_NULL;
    }
    return error_raise(PyExc_TypeError,
                       "Can't instantiate abstract class %s with abstract method%s %U",
                       type->tp_name, list_length(list) > 1 ? "s" : "", joined);
}

Value object_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (UNLIKELY(has_arguments(nargs, kwnames))) {
        struct type_ops *ops = type_ops(type);
        if (ops->new_ != object_new_op) {
            return error_raise(PyExc_TypeError, "object.__new__() takes exactly one argument (the "
                                                "type to instantiate)");
        }
        if (ops->init == object_init_op) {
            return error_raise(PyExc_TypeError, "%s() takes no arguments", type->tp_name);
        }
    }
    if (UNLIKELY(type_has_feature(type, Py_TPFLAGS_IS_ABSTRACT))) {
        return raise_abstract(type);
    }
    return value_from_object(object_alloc(type, 0));
}

int object_init_op(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (LIKELY(!has_arguments(nargs, kwnames))) {
        return 0;
    }
    PyTypeObject *type = value_type(self);
    struct type_ops *ops = type_ops(type);
    if (ops->init != object_init_op) {
        return error_raise_int(PyExc_TypeError, "object.__init__() takes exactly one argument (the "
                                                "instance to initialize)");
    }
    if (ops->new_ == object_new_op) {
        return error_raise_int(
            PyExc_TypeError,
            "%s.__init__() takes exactly one argument (the instance to initialize)", type->tp_name);
    }
    return 0;
}

/* ---- Operations. */

static Value object_repr_op(Value self)
{
    PyObject *name = type_qualified_name(value_type(self));
    return name == NULL ? VALUE_NULL
                        : value_from_object(str_format("<%U object at 0x%llx>", name,
                                                       (unsigned long long)self.bits));
}

static Value object_str_op(Value self)
{
    Value (*repr)(Value) = value_ops(self)->repr;
    return repr != NULL ? repr(self) : object_repr_op(self);
}

Py_hash_t object_hash_identity(Value self)
{
    return object_identity_number(self);
}

Value object_richcompare(Value self, Value other, int op)
{
    if (op == Py_EQ) {
        return value_is(self, other) ? VALUE_TRUE : VALUE_NOT_IMPLEMENTED;
    }
    if (op != Py_NE) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value (*compare)(Value, Value, int) = value_ops(self)->richcompare;
    if (compare == NULL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value equal = compare(self, other, Py_EQ);
    if (value_is_null(equal) || value_same_bits(equal, VALUE_NOT_IMPLEMENTED)) {
        return equal;
    }
    int truth = object_truth(equal);
    return truth < 0 ? VALUE_NULL : value_from_bool(!truth);
}

/* ---- __class__ */

static Value get_class(Value self, void *closure)
{
    return value_from_object(value_type(self));
}

static bool is_module_type(PyTypeObject *type)
{
    return type_is_subtype(type, &PyModule_Type);
}

static int set_class(Value self, Value value, void *closure)
{
    if (value_is_absent(value)) {
        return error_raise_int(PyExc_TypeError, "can't delete __class__ attribute");
    }
    if (!type_check(value)) {
        return error_raise_int(PyExc_TypeError, "__class__ must be set to a class, not '%T' object",
                               value);
    }
    PyTypeObject *old = value_type(self), *new_type = type_cast(value);
    bool modules = is_module_type(old) && is_module_type(new_type);
    if (!modules && (type_has_feature(old, Py_TPFLAGS_IMMUTABLETYPE) ||
                     type_has_feature(new_type, Py_TPFLAGS_IMMUTABLETYPE))) {
        return error_raise_int(PyExc_TypeError,
                               "__class__ assignment only supported for mutable types "
                               "or ModuleType subclasses");
    }
    if (!type_layout_compatible(old, new_type, "__class__")) {
        return -1;
    }
    PyObject *object = value_object(self);
    if (type_info(old)->shape_offset != 0) {
        return instance_set_class(object, new_type);
    }
    heap_store(object, &object->ob_type, new_type);
    return 0;
}

/* ---- __dict__ and __weakref__ of instances of Python classes. */

static Value get_dict(Value self, void *closure);

/* The __dict__ descriptor of the native base, if it manages the dict in a way of its own (as type
 * does): ABSENT if it does not, NULL with TypeError if it hides it. */
static Value native_descriptor(Value self)
{
    PyTypeObject *type = value_type(self);
    while (type_is_python(type)) {
        type = type->tp_base;
    }
    if (type->tp_dictoffset == 0) {
        return VALUE_ABSENT;
    }
    Value found = type_lookup(type, names.__dict__);
    if (value_is_absent(found) || value_ops(found)->descr_set == NULL) {
        return error_raise(PyExc_TypeError,
                           "this __dict__ descriptor does not support '%T' objects", self);
    }
    const struct getset_def *def = descriptor_getset(value_object(found), type);
    return def != NULL && def->get == get_dict ? VALUE_ABSENT : found;
}

static Value get_dict(Value self, void *closure)
{
    Value native = native_descriptor(self);
    if (!value_is_absent(native)) {
        return value_is_null(native) ? native
                                     : value_ops(native)->descr_get(native, self, value_type(self));
    }
    PyObject *dict = object_dict(value_object(self));
    if (dict == NULL && !error_occurred()) {
        return error_raise(PyExc_AttributeError, "This object has no __dict__");
    }
    return value_from_object(dict);
}

static int set_dict(Value self, Value value, void *closure)
{
    Value native = native_descriptor(self);
    if (!value_is_absent(native)) {
        return value_is_null(native) ? -1 : value_ops(native)->descr_set(native, self, value);
    }
    if (value_is_absent(value)) {
        if (value_type(self)->tp_dictoffset > 0) {
            return error_raise_int(PyExc_TypeError, "cannot delete __dict__");
        }
        PyObject *empty = dict_new();
        return empty == NULL ? -1 : object_set_dict(value_object(self), empty);
    }
    if (!dict_check(value)) {
        return error_raise_int(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%T'",
                               value);
    }
    return object_set_dict(value_object(self), value_object(value));
}

static Value get_weakref(Value self, void *closure)
{
    PyObject *object = value_object(self);
    Py_ssize_t offset = object->ob_type->tp_weaklistoffset;
    if (offset <= 0) {
        return error_raise(PyExc_AttributeError, "This object has no __weakref__");
    }
    PyObject *first = atomic_load_acquire((PyObject **)(void *)((char *)object + offset));
    return first == NULL ? VALUE_NONE : value_from_object(first);
}

const struct getset_def instance_dict_getset[] = {
    {"__dict__", get_dict, set_dict, "dictionary for instance variables (if defined)"},
    {NULL},
};

const struct getset_def instance_weakref_getset[] = {
    {"__weakref__", get_weakref, NULL, "list of weak references to the object (if defined)"},
    {NULL},
};

/* ---- Methods. */

static Value method_format(Value self, Value spec)
{
    if (!str_check(spec)) {
        return error_raise(PyExc_TypeError, "__format__() argument must be str, not %T", spec);
    }
    if (str_length(value_object(spec)) > 0) {
        return error_raise(PyExc_TypeError, "unsupported format string passed to %T.__format__",
                           self);
    }
    return value_from_object(object_str(self));
}

static Value method_sizeof(Value self)
{
    PyTypeObject *type = value_type(self);
    Py_ssize_t size = type->tp_basicsize;
    if (type->tp_itemsize > 0 && value_is_object(self)) {
        Py_ssize_t items = ((PyVarObject *)value_object(self))->ob_size;
        size += (items < 0 ? -items : items) * type->tp_itemsize;
    }
    return int_from_ssize(size);
}

static Value method_dir(Value self)
{
    Value own;
    PyObject *dict = dict_new();
    int found = dict == NULL ? -1 : object_find_attr(self, names.__dict__, &own);
    if (found < 0 || (found > 0 && dict_check(own) && dict_merge(dict, own, 1) < 0)) {
        return VALUE_NULL;
    }
    Value class;
    found = object_find_attr(self, names.__class__, &class);
    if (found < 0 || (found > 0 && type_merge_class_dict(dict, class) < 0)) {
        return VALUE_NULL;
    }
    return value_from_object(dict_keys(dict));
}

static Value method_init_subclass(Value self)
{
    return VALUE_NONE;
}

static Value method_subclasshook(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return VALUE_NOT_IMPLEMENTED;
}

static const struct native_def object_methods[] = {
    {"__reduce_ex__", "($self, protocol, /)", "Helper for pickle.", .f1 = object_reduce_ex},
    {"__reduce__", "($self, /)", "Helper for pickle.", .f0 = object_reduce},
    {"__getstate__", "($self, /)", "Helper for pickle.", .f0 = object_getstate},
    {"__format__", "($self, format_spec, /)", "Default object formatter.", .f1 = method_format},
    {"__sizeof__", "($self, /)", "Size of object in memory, in bytes.", .f0 = method_sizeof},
    {"__dir__", "($self, /)", "Default dir() implementation.", .f0 = method_dir},
    {"__init_subclass__", NULL, "Called when the class is subclassed; does nothing.", NATIVE_CLASS,
     .f0 = method_init_subclass},
    {"__subclasshook__", NULL, "Lets abstract classes customise issubclass().", NATIVE_CLASS,
     .raw = method_subclasshook},
    {NULL},
};

static const struct getset_def object_getsets[] = {
    {"__class__", get_class, set_class, "the object's class"},
    {NULL},
};

static struct type_info object_info = {
    .ops =
        {
            .repr = object_repr_op,
            .str = object_str_op,
            .hash = object_hash_identity,
            .getattr = object_generic_getattr,
            .setattr = object_generic_setattr,
            .richcompare = object_richcompare,
            .new_ = object_new_op,
            .init = object_init_op,
        },
    .methods = object_methods,
    .getsets = object_getsets,
};

PyTypeObject PyBaseObject_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "object",
    .tp_doc = "object()\n--\n\nThe base class of the class hierarchy.",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&object_info,
};
