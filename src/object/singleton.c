/* SPDX-License-Identifier: MIT */
/* None, NotImplemented, Ellipsis, and what is where no item of a list is any more. */
#include "object/list.h"
#include "object/object.h"
#include "object/str.h"
#include "object/type_int.h"

static Value check_no_arguments(const char *name, size_t nargs, PyObject *kwnames, Value singleton)
{
    if (nargs > 0 || (kwnames != NULL && tuple_length(kwnames) > 0)) {
        return error_raise(PyExc_TypeError, "%s takes no arguments", name);
    }
    return singleton;
}

static Value text(const char *s)
{
    return value_from_object(str_intern_text(s));
}

/* ---- None */

static Value none_repr(Value self)
{
    return text("None");
}
static int none_bool(Value self)
{
    return 0;
}
static Value none_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return check_no_arguments("NoneType", nargs, kwnames, VALUE_NONE);
}

static struct type_info none_info = {
    .ops = {.repr = none_repr, .bool_ = none_bool, .new_ = none_new, .binary[OP_OR] = union_or},
    .flags = TYPE_LEAF,
};

PyTypeObject _PyNone_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "NoneType",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&none_info,
};

PyObject _Py_NoneStruct = STATIC_OBJECT_HEAD(&_PyNone_Type);

/* ---- NotImplemented */

static Value not_implemented_repr(Value self)
{
    return text("NotImplemented");
}

static int not_implemented_bool(Value self)
{
    return error_warn(PyExc_DeprecationWarning, 1,
                      "NotImplemented should not be used in a boolean context") < 0
               ? -1
               : 1;
}

static Value not_implemented_new(PyTypeObject *type, const Value *args, size_t nargs,
                                 PyObject *kwnames)
{
    return check_no_arguments("NotImplementedType", nargs, kwnames, VALUE_NOT_IMPLEMENTED);
}

static const struct native_def not_implemented_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = not_implemented_repr},
    {NULL},
};

static struct type_info not_implemented_info = {
    .ops = {.repr = not_implemented_repr,
            .bool_ = not_implemented_bool,
            .new_ = not_implemented_new},
    .methods = not_implemented_methods,
    .flags = TYPE_LEAF,
};

PyTypeObject _PyNotImplemented_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "NotImplementedType",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&not_implemented_info,
};

PyObject _Py_NotImplementedStruct = STATIC_OBJECT_HEAD(&_PyNotImplemented_Type);

/* ---- Ellipsis */

static Value ellipsis_repr(Value self)
{
    return text("Ellipsis");
}
static Value ellipsis_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return check_no_arguments("EllipsisType", nargs, kwnames, VALUE_ELLIPSIS);
}

static const struct native_def ellipsis_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = ellipsis_repr},
    {NULL},
};

static struct type_info ellipsis_info = {
    .ops = {.repr = ellipsis_repr, .new_ = ellipsis_new},
    .methods = ellipsis_methods,
    .flags = TYPE_LEAF,
};

PyTypeObject PyEllipsis_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "ellipsis",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&ellipsis_info,
};

PyObject _Py_EllipsisObject = STATIC_OBJECT_HEAD(&PyEllipsis_Type);

/* ---- Where no item of a list is any more (object/list.h). */

static Value vacant_repr(Value self)
{
    return text("<removed list item>");
}
static Value vacant_fails(Value self)
{
    return error_raise(PyExc_RuntimeError,
                       "another thread removed items from a list while extension code read it");
}
static int vacant_bool(Value self)
{
    vacant_fails(self);
    return -1;
}
static Py_hash_t vacant_hash(Value self)
{
    vacant_fails(self);
    return -1;
}
static Value vacant_richcompare(Value self, Value other, int op)
{
    return vacant_fails(self);
}

static struct type_info vacant_info = {
    .ops = {.repr = vacant_repr,
            .bool_ = vacant_bool,
            .hash = vacant_hash,
            .iter = vacant_fails,
            .richcompare = vacant_richcompare},
    .flags = TYPE_LEAF,
};

PyTypeObject list_vacant_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "removed list item",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&vacant_info,
};

PyObject list_vacant = STATIC_OBJECT_HEAD(&list_vacant_type);
