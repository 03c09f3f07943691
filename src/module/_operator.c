/* SPDX-License-Identifier: MIT */
/* _operator: the operators as functions. operator_getters.c has itemgetter and its relatives. */
#include "module/operator_int.h"

#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

static Value from_status(int status)
{
    return status < 0 ? VALUE_NULL : value_from_bool(status);
}
static Value none_or_error(int status)
{
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

#define COMPARISON(name, op)                                                                       \
    static Value name(Value self, const Value *a)                                                  \
    {                                                                                              \
        return object_compare(a[0], a[1], op);                                                     \
    }
COMPARISON(op_lt, Py_LT)
COMPARISON(op_le, Py_LE)
COMPARISON(op_eq, Py_EQ)
COMPARISON(op_ne, Py_NE)
COMPARISON(op_gt, Py_GT)
COMPARISON(op_ge, Py_GE)

#define BINARY(name, op)                                                                           \
    static Value name(Value self, const Value *a)                                                  \
    {                                                                                              \
        return object_binary(a[0], a[1], op);                                                      \
    }                                                                                              \
    static Value i##name(Value self, const Value *a)                                               \
    {                                                                                              \
        return object_inplace(a[0], a[1], op);                                                     \
    }
BINARY(add, OP_ADD)
BINARY(sub, OP_SUB)
BINARY(mul, OP_MUL)
BINARY(matmul, OP_MATMUL)
BINARY(truediv, OP_TRUEDIV)
BINARY(floordiv, OP_FLOORDIV)
BINARY(mod, OP_MOD)
BINARY(power, OP_POW)
BINARY(lshift, OP_LSHIFT)
BINARY(rshift, OP_RSHIFT)
BINARY(and_, OP_AND)
BINARY(or_, OP_OR)
BINARY(xor_, OP_XOR)

static Value neg(Value self, Value a)
{
    return object_unary(a, OP_NEG);
}
static Value pos(Value self, Value a)
{
    return object_unary(a, OP_POS);
}
static Value invert(Value self, Value a)
{
    return object_unary(a, OP_INVERT);
}
static Value absolute(Value self, Value a)
{
    return object_unary(a, OP_ABS);
}
static Value truth(Value self, Value a)
{
    return from_status(object_truth(a));
}
static Value index_of_number(Value self, Value a)
{
    return object_index(a);
}

static Value negate(Value self, Value a)
{
    int result = object_truth(a);
    return result < 0 ? VALUE_NULL : value_from_bool(!result);
}

static Value is_(Value self, const Value *a)
{
    return value_from_bool(value_is(a[0], a[1]));
}
static Value is_not(Value self, const Value *a)
{
    return value_from_bool(!value_is(a[0], a[1]));
}

static int check_sequence(Value v)
{
    if (object_is_sequence(v)) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError, "'%T' object can't be concatenated", v);
}

static Value concat(Value self, const Value *a)
{
    Value (*own)(Value, Value) = value_ops(a[0])->concat;
    if (own != NULL) {
        return own(a[0], a[1]);
    }
    return check_sequence(a[0]) < 0 || check_sequence(a[1]) < 0 ? VALUE_NULL
                                                                : object_binary(a[0], a[1], OP_ADD);
}

static Value iconcat(Value self, const Value *a)
{
    const struct type_ops *ops = value_ops(a[0]);
    if (ops->inplace_concat != NULL || ops->concat != NULL) {
        return (ops->inplace_concat != NULL ? ops->inplace_concat : ops->concat)(a[0], a[1]);
    }
    return check_sequence(a[0]) < 0 || check_sequence(a[1]) < 0
               ? VALUE_NULL
               : object_inplace(a[0], a[1], OP_ADD);
}

static Value contains(Value self, const Value *a)
{
    return from_status(object_contains(a[0], a[1]));
}
static Value getitem(Value self, const Value *a)
{
    return object_getitem(a[0], a[1]);
}
static Value setitem(Value self, const Value *a)
{
    return none_or_error(object_setitem(a[0], a[1], a[2]));
}
static Value delitem(Value self, const Value *a)
{
    return none_or_error(object_setitem(a[0], a[1], VALUE_ABSENT));
}

/* Counts matches, or finds the first. -1: error; for find, -2: none. */
static Py_ssize_t scan(Value sequence, Value v, bool find)
{
    Value iterator = object_iter(sequence);
    if (value_is_null(iterator)) {
        if (error_matches(PyExc_TypeError)) {
            error_clear();
            error_raise(PyExc_TypeError, "argument of type '%T' is not iterable", sequence);
        }
        return -1;
    }
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0;; i++) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : find ? -2 : count;
        }
        int equal = object_equal(item, v);
        if (equal < 0 || thread_safepoint(thread_current()) < 0) {
            return -1;
        }
        if (equal && find) {
            return i;
        }
        count += equal;
    }
}

static Value count_of(Value self, const Value *a)
{
    Py_ssize_t count = scan(a[0], a[1], false);
    return count < 0 ? VALUE_NULL : int_from_ssize(count);
}

static Value index_of(Value self, const Value *a)
{
    Py_ssize_t index = scan(a[0], a[1], true);
    if (index == -2) {
        return error_raise(PyExc_ValueError, "sequence.index(x): x not in sequence");
    }
    return index < 0 ? VALUE_NULL : int_from_ssize(index);
}

static Value length_hint(Value self, const Value *a)
{
    Py_ssize_t fallback = 0;
    if (!value_is_absent(a[1])) {
        if (!int_check(a[1])) {
            return error_raise(PyExc_TypeError, "'%T' object cannot be interpreted as an integer",
                               a[1]);
        }
        if (arg_index(a[1], &fallback) < 0) {
            return VALUE_NULL;
        }
    }
    Py_ssize_t hint = object_length_hint(a[0], fallback);
    return hint == -1 && error_occurred() ? VALUE_NULL : int_from_ssize(hint);
}

/* obj(*args, **kwargs) */
static Value call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "call expected at least 1 argument, got 0");
    }
    return object_call(args[0], args + 1, nargs - 1, kwnames);
}

/* ---- _compare_digest: takes as long for equal as for different inputs of one length. */

static bool equal_in_constant_time(const unsigned char *a, size_t a_length, const unsigned char *b,
                                   size_t b_length)
{
    volatile unsigned char difference = a_length != b_length;
    const unsigned char *left = difference ? b : a;
    for (size_t i = 0; i < b_length; i++) {
        difference |= left[i] ^ b[i];
    }
    return difference == 0;
}

static Value compare_buffers(Value a, Value b)
{
    Py_buffer left, right;
    if (object_get_buffer(a, &left, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    if (object_get_buffer(b, &right, PyBUF_SIMPLE) < 0) {
        object_release_buffer(&left);
        return VALUE_NULL;
    }
    bool equal = equal_in_constant_time(left.buf, (size_t)left.len, right.buf, (size_t)right.len);
    object_release_buffer(&left);
    object_release_buffer(&right);
    return value_from_bool(equal);
}

static Value compare_digest(Value self, const Value *args)
{
    Value a = args[0], b = args[1];
    if (str_check(a) && str_check(b)) {
        PyObject *left = value_object(a), *right = value_object(b);
        if (!str_is_ascii(left) || !str_is_ascii(right)) {
            return error_raise(PyExc_TypeError,
                               "comparing strings with non-ASCII characters is not supported");
        }
        return value_from_bool(equal_in_constant_time(str_data(left), (size_t)str_length(left),
                                                      str_data(right), (size_t)str_length(right)));
    }
    if (!object_has_buffer(a) || !object_has_buffer(b)) {
        return error_raise(PyExc_TypeError,
                           "unsupported operand types(s) or combination of types: '%T' and '%T'", a,
                           b);
    }
    return compare_buffers(a, b);
}

#define TWO(name, function, doc)                                                                   \
    {                                                                                              \
        name, "($module, a, b, /)", doc, .n = function                                             \
    }
#define ONE(name, function, doc)                                                                   \
    {                                                                                              \
        name, "($module, a, /)", doc, .f1 = function                                               \
    }

static const struct native_def functions[] = {
    TWO("lt", op_lt, "Same as a < b."),
    TWO("le", op_le, "Same as a <= b."),
    TWO("eq", op_eq, "Same as a == b."),
    TWO("ne", op_ne, "Same as a != b."),
    TWO("gt", op_gt, "Same as a > b."),
    TWO("ge", op_ge, "Same as a >= b."),
    ONE("not_", negate, "Same as not a."),
    ONE("truth", truth, "Return True if a is true, False otherwise."),
    TWO("is_", is_, "Same as a is b."),
    TWO("is_not", is_not, "Same as a is not b."),
    ONE("abs", absolute, "Same as abs(a)."),
    ONE("index", index_of_number, "Same as a.__index__()"),
    ONE("inv", invert, "Same as ~a."),
    ONE("invert", invert, "Same as ~a."),
    ONE("neg", neg, "Same as -a."),
    ONE("pos", pos, "Same as +a."),
    TWO("add", add, "Same as a + b."),
    TWO("sub", sub, "Same as a - b."),
    TWO("mul", mul, "Same as a * b."),
    TWO("matmul", matmul, "Same as a @ b."),
    TWO("truediv", truediv, "Same as a / b."),
    TWO("floordiv", floordiv, "Same as a // b."),
    TWO("mod", mod, "Same as a % b."),
    TWO("pow", power, "Same as a ** b."),
    TWO("lshift", lshift, "Same as a << b."),
    TWO("rshift", rshift, "Same as a >> b."),
    TWO("and_", and_, "Same as a & b."),
    TWO("or_", or_, "Same as a | b."),
    TWO("xor", xor_, "Same as a ^ b."),
    TWO("iadd", iadd, "Same as a += b."),
    TWO("isub", isub, "Same as a -= b."),
    TWO("imul", imul, "Same as a *= b."),
    TWO("imatmul", imatmul, "Same as a @= b."),
    TWO("itruediv", itruediv, "Same as a /= b."),
    TWO("ifloordiv", ifloordiv, "Same as a //= b."),
    TWO("imod", imod, "Same as a %= b."),
    TWO("ipow", ipower, "Same as a **= b."),
    TWO("ilshift", ilshift, "Same as a <<= b."),
    TWO("irshift", irshift, "Same as a >>= b."),
    TWO("iand", iand_, "Same as a &= b."),
    TWO("ior", ior_, "Same as a |= b."),
    TWO("ixor", ixor_, "Same as a ^= b."),
    TWO("concat", concat, "Same as a + b, for a and b sequences."),
    TWO("iconcat", iconcat, "Same as a += b, for a and b sequences."),
    TWO("contains", contains, "Same as b in a (note reversed operands)."),
    TWO("countOf", count_of, "Return the number of items in a which are, or which equal, b."),
    TWO("indexOf", index_of, "Return the first index of b in a."),
    TWO("getitem", getitem, "Same as a[b]."),
    TWO("delitem", delitem, "Same as del a[b]."),
    {"setitem", "($module, a, b, c, /)", "Same as a[b] = c.", .n = setitem},
    {"length_hint", "($module, obj, default=0, /)",
     "Return an estimate of the number of items in obj.", .n = length_hint},
    {"call", "($module, obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs).", .raw = call},
    {"_compare_digest", "($module, a, b, /)", "Return 'a == b', in constant time.",
     .n = compare_digest},
    {NULL},
};

static int exec(PyObject *module)
{
    return module_add_type(module, &itemgetter_type) < 0 ||
                   module_add_type(module, &attrgetter_type) < 0 ||
                   module_add_type(module, &methodcaller_type) < 0
               ? -1
               : 0;
}

const struct module_def operator_module = {"_operator", "Operator interface.", functions, exec};
