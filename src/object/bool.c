/* SPDX-License-Identifier: MIT */
/* bool: two instances, laid out like ints, and the operators that stay within them. */
#include "object/int_int.h"

#include "object/str.h"

struct _longobject _Py_FalseStruct = {{STATIC_OBJECT_HEAD(&PyBool_Type), 0}, {0}};
struct _longobject _Py_TrueStruct = {{STATIC_OBJECT_HEAD(&PyBool_Type), 1}, {1}};

static Value bool_repr(Value self)
{
    return value_from_object(str_intern_text(int_sign(self) ? "True" : "False"));
}

static Value bool_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)type;
    if (native_no_keywords("bool", kwnames) < 0 ||
        native_check_positional("bool", nargs, 0, 1) < 0) {
        return VALUE_NULL;
    }
    int truth = nargs == 0 ? 0 : object_truth(args[0]);
    return truth < 0 ? VALUE_NULL : value_from_bool(truth);
}

static bool is_bool(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyBool_Type;
}

static Value combine(Value a, Value b, enum binary_op op)
{
    if (!int_check(a) || !int_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (!is_bool(a) || !is_bool(b)) {
        return int_binary(a, b, op);
    }
    bool x = int_sign(a) != 0, y = int_sign(b) != 0;
    return value_from_bool(op == OP_AND ? x && y : op == OP_OR ? x || y : x != y);
}

static Value op_and(Value a, Value b)
{
    return combine(a, b, OP_AND);
}
static Value op_or(Value a, Value b)
{
    return combine(a, b, OP_OR);
}
static Value op_xor(Value a, Value b)
{
    return combine(a, b, OP_XOR);
}

static struct type_info bool_info = {
    .ops = {.repr = bool_repr,
            .new_ = bool_new,
            .binary = {[OP_AND] = op_and, [OP_OR] = op_or, [OP_XOR] = op_xor}},
    .flags = TYPE_LEAF,
};

PyTypeObject PyBool_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "bool",
    .tp_basicsize = sizeof(PyLongObject),
    .tp_itemsize = sizeof(digit),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_LONG_SUBCLASS,
    .tp_base = &PyLong_Type,
    .tp_doc = "bool(x) -> bool\n\nReturns True when the argument x is true, False otherwise.",
    .tp_cache = (PyObject *)&bool_info,
};
