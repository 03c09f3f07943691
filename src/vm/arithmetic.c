/* SPDX-License-Identifier: MIT */
/* Operators on operands that are not both inline numbers: boxed numbers, which come out of lists
 * and tuples, mixed numbers, strings; then the object protocol. */
#include <math.h>

#include "vm/vm_int.h"

/* Both operands small integers of any representation. */
static ALWAYS_INLINE bool both_small(Value a, Value b, int64_t *x, int64_t *y)
{
    return int_try_small(a, x) && int_try_small(b, y);
}

/* Any exact number as a double; integers only when that is exact. */
static ALWAYS_INLINE bool as_double(Value v, double *out)
{
    int64_t i;
    if (float_try(v, out)) {
        return true;
    }
    if (int_try_small(v, &i)) {
        *out = (double)i;
        return true;
    }
    return false;
}

static ALWAYS_INLINE bool small_arithmetic(int64_t x, int64_t y, int op, Value *out)
{
    int64_t z;
    switch (op) {
    case OP_ADD: z = x + y; break;
    case OP_SUB: z = x - y; break;
    case OP_MUL:
        if (__builtin_mul_overflow(x, y, &z)) {
            return false;
        }
        break;
    case OP_AND: z = x & y; break;
    case OP_OR: z = x | y; break;
    case OP_XOR: z = x ^ y; break;
    case OP_FLOORDIV:
        if (y == 0) {
            return false;
        }
        z = x / y - ((x % y != 0) & ((x ^ y) < 0));
        break;
    case OP_MOD:
        if (y == 0) {
            return false;
        }
        z = x % y;
        z += z != 0 && (z ^ y) < 0 ? y : 0;
        break;
    case OP_TRUEDIV:
        if (y == 0) {
            return false;
        }
        *out = value_from_double((double)x / (double)y);
        return true;
    default: return false;
    }
    if (!value_int_fits(z)) {
        return false;
    }
    *out = value_from_int(z);
    return true;
}

static ALWAYS_INLINE bool double_arithmetic(double x, double y, int op, Value *out)
{
    switch (op) {
    case OP_ADD: *out = value_from_double(x + y); return true;
    case OP_SUB: *out = value_from_double(x - y); return true;
    case OP_MUL: *out = value_from_double(x * y); return true;
    case OP_TRUEDIV:
        if (y == 0.0) {
            return false;
        }
        *out = value_from_double(x / y);
        return true;
    case OP_POW:
        if (x <= 0.0 || !(y * 0.0 == 0.0) || !(x * 0.0 == 0.0)) {
            return false;
        }
        x = pow(x, y);
        if (!(x * 0.0 == 0.0)) {
            return false;
        }
        *out = value_from_double(x);
        return true;
    default: return false;
    }
}

/* Numbers and strings without the object protocol; false: not one of these. */
static ALWAYS_INLINE bool binary_fast(Value a, Value b, int op, Value *out)
{
    int64_t x, y;
    double p, q;
    if (both_small(a, b, &x, &y)) {
        return small_arithmetic(x, y, op, out);
    }
    if (as_double(a, &p) && as_double(b, &q)) {
        /* Two ints come here only when one is big. */
        return double_arithmetic(p, q, op, out);
    }
    if (op == OP_ADD && str_check_exact(a) && str_check_exact(b)) {
        *out = value_from_object(str_concat(value_object(a), value_object(b)));
        return true;
    }
    return false;
}

Value vm_binary(Value a, Value b, int op)
{
    Value result;
    if (binary_fast(a, b, op, &result)) {
        return result;
    }
    return UNLIKELY(heap_scan_counts) ? vm_operate(a, b, (enum binary_op)op, false)
                                      : object_binary(a, b, (enum binary_op)op);
}

Value vm_inplace(Value a, Value b, int op)
{
    Value result;
    if (binary_fast(a, b, op, &result)) {
        return result;
    }
    return UNLIKELY(heap_scan_counts) ? vm_operate(a, b, (enum binary_op)op, true)
                                      : object_inplace(a, b, (enum binary_op)op);
}

static ALWAYS_INLINE bool order_holds(int order, int op)
{
    switch (op) {
    case Py_LT: return order < 0;
    case Py_LE: return order <= 0;
    case Py_EQ: return order == 0;
    case Py_NE: return order != 0;
    case Py_GT: return order > 0;
    default: return order >= 0;
    }
}

/* 1, 0; -1: needs the object protocol. */
static ALWAYS_INLINE int compare_fast(Value a, Value b, int op)
{
    int64_t x, y;
    double p, q;
    if (str_check_exact(a) && str_check_exact(b)) {
        if (op == Py_EQ || op == Py_NE) {
            return (a.bits == b.bits || str_equal(value_object(a), value_object(b))) ==
                   (op == Py_EQ);
        }
        return order_holds(str_compare(value_object(a), value_object(b)), op);
    }
    if (both_small(a, b, &x, &y)) {
        return order_holds(x < y ? -1 : x > y, op);
    }
    if (as_double(a, &p) && as_double(b, &q)) {
        switch (op) {
        case Py_LT: return p < q;
        case Py_LE: return p <= q;
        case Py_EQ: return p == q;
        case Py_NE: return p != q;
        case Py_GT: return p > q;
        default: return p >= q;
        }
    }
    return -1;
}

static NO_INLINE Value compare_objects(Value a, Value b, int op)
{
    struct thread *t = thread_current();
    if (UNLIKELY(t->lent_count != 0)) {
        vm_share_compared(t, a, b);
    }
    return object_compare(a, b, op);
}

Value vm_compare(Value a, Value b, int op)
{
    int fast = compare_fast(a, b, op);
    return fast >= 0 ? value_from_bool(fast) : compare_objects(a, b, op);
}

int vm_compare_bool(Value a, Value b, int op)
{
    int fast = compare_fast(a, b, op);
    if (fast >= 0) {
        return fast;
    }
    Value v = compare_objects(a, b, op);
    return v.bits == VALUE_TRUE.bits    ? 1
           : v.bits == VALUE_FALSE.bits ? 0
           : value_is_null(v)           ? -1
                                        : object_truth(v);
}

Value vm_getitem(Value container, Value key)
{
    int64_t i;
    if (value_is_object(container) && int_try_small(key, &i)) {
        PyObject *o = value_object(container);
        if (o->ob_type == &PyList_Type) {
            Value v = list_find_index(o, i);
            if (value_is_present(v)) {
                return int_unbox_ready(value_object(v));
            }
        } else if (o->ob_type == &PyUnicode_Type) {
            i += i < 0 ? str_length(o) : 0;
            if (i >= 0 && i < str_length(o)) {
                return value_from_object(str_from_char(str_at(o, i)));
            }
        } else if (o->ob_type == &PyTuple_Type) {
            i += i < 0 ? tuple_length(o) : 0;
            if (i >= 0 && i < tuple_length(o)) {
                return int_unbox_ready(tuple_object(o, i));
            }
        }
    }
    const struct type_info *info = type_info(value_type(container));
    if (UNLIKELY(info->flags & TYPE_FOREIGN)) {
        return VALUE_ABSENT;
    }
    return LIKELY(info->ops.getitem != NULL) ? info->ops.getitem(container, key)
                                             : object_getitem(container, key);
}
