/* SPDX-License-Identifier: MIT */
/* The part of math that works on integers, and the sums and products over iterables. */
#include <math.h>
#include <string.h>

#include "module/math_int.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"

/* ---- Integers. */

Value math_isqrt(Value module, Value arg)
{
    (void)module;
    Value n = object_index(arg);
    int64_t i;
    if (value_is_null(n)) {
        return n;
    }
    if (int_sign(n) < 0) {
        return error_raise(PyExc_ValueError, "isqrt() argument must be nonnegative");
    }
    if (int_clip_i64(n, &i) == 0) {
        uint64_t root = (uint64_t)sqrt((double)i);
        while (root * root > (uint64_t)i) {
            root--;
        }
        while ((root + 1) * (root + 1) <= (uint64_t)i) {
            root++;
        }
        return int_from_u64(root);
    }
    return int_isqrt(n);
}

Value math_factorial(Value module, Value arg)
{
    (void)module;
    Value n = object_index(arg);
    int64_t i;
    if (value_is_null(n)) {
        return n;
    }
    int order = int_clip_i64(n, &i);
    if (order > 0) {
        return error_raise(PyExc_OverflowError, "factorial() argument should not exceed %lld",
                           (long long)INT64_MAX);
    }
    if (order < 0 || i < 0) {
        return error_raise(PyExc_ValueError, "factorial() not defined for negative values");
    }
    return int_factorial((uint64_t)i);
}

/* n and k as ints that are not negative. */
static int read_choice(const Value *args, Value *n, Value *k)
{
    *n = object_index(args[0]);
    *k = value_is_null(*n) ? VALUE_NULL : object_index(args[1]);
    if (value_is_null(*k)) {
        return -1;
    }
    if (int_sign(*n) < 0) {
        return error_raise_int(PyExc_ValueError, "n must be a non-negative integer");
    }
    if (int_sign(*k) < 0) {
        return error_raise_int(PyExc_ValueError, "k must be a non-negative integer");
    }
    return 0;
}

Value math_perm(Value module, const Value *args)
{
    Value n, k;
    int64_t count;
    if (value_is_absent(args[1]) || value_is_none(args[1])) {
        return math_factorial(module, args[0]);
    }
    if (read_choice(args, &n, &k) < 0) {
        return VALUE_NULL;
    }
    if (int_compare(n, k) < 0) {
        return value_from_int(0);
    }
    if (int_clip_i64(k, &count) != 0) {
        return error_raise(PyExc_OverflowError, "k must not exceed %lld", (long long)INT64_MAX);
    }
    return int_falling_power(n, (uint64_t)count);
}

Value math_comb(Value module, const Value *args)
{
    Value n, k;
    int64_t count;
    (void)module;
    if (read_choice(args, &n, &k) < 0) {
        return VALUE_NULL;
    }
    Value other = int_binary(n, k, OP_SUB);
    if (value_is_null(other)) {
        return other;
    }
    if (int_sign(other) < 0) {
        return value_from_int(0);
    }
    k = int_compare(other, k) < 0 ? other : k;
    if (int_clip_i64(k, &count) != 0) {
        return error_raise(PyExc_OverflowError, "min(n - k, k) must not exceed %lld",
                           (long long)INT64_MAX);
    }
    return int_binomial(n, (uint64_t)count);
}

Value math_gcd(Value module, const Value *args)
{
    (void)module;
    PyObject *integers = value_object(args[0]);
    Value result = value_from_int(0);
    for (Py_ssize_t i = 0; i < tuple_length(integers); i++) {
        Value n = object_index(tuple_get(integers, i));
        result = value_is_null(n) ? n : int_gcd(result, n);
        if (value_is_null(result)) {
            return result;
        }
    }
    return result;
}

static Value lcm_of(Value a, Value b)
{
    if (int_sign(a) == 0 || int_sign(b) == 0) {
        return value_from_int(0);
    }
    Value divisor = int_gcd(a, b);
    Value quotient = value_is_null(divisor) ? divisor : int_binary(a, divisor, OP_FLOORDIV);
    Value product = value_is_null(quotient) ? quotient : int_binary(quotient, b, OP_MUL);
    return value_is_null(product) || int_sign(product) >= 0
               ? product
               : int_binary(value_from_int(0), product, OP_SUB);
}

Value math_lcm(Value module, const Value *args)
{
    (void)module;
    PyObject *integers = value_object(args[0]);
    Value result = value_from_int(1);
    for (Py_ssize_t i = 0; i < tuple_length(integers); i++) {
        Value n = object_index(tuple_get(integers, i));
        result = value_is_null(n) ? n : lcm_of(result, n);
        if (value_is_null(result)) {
            return result;
        }
    }
    return result;
}

/* ---- fsum: Shewchuk's algorithm. The sum so far is kept exactly, as a list of floats that do not
 * overlap, smallest first. */

struct partials {
    double *values;
    size_t count, capacity;
    double stack[32];
};

static int add_partial(struct partials *p, double x)
{
    size_t used = 0;
    for (size_t i = 0; i < p->count; i++) {
        double y = p->values[i];
        if (fabs(x) < fabs(y)) {
            double t = x;
            x = y;
            y = t;
        }
        double high = x + y, low = y - (high - x);
        if (low != 0) {
            p->values[used++] = low;
        }
        x = high;
    }
    p->count = used;
    if (!isfinite(x)) {
        return error_raise_int(PyExc_OverflowError, "intermediate overflow in fsum");
    }
    if (x == 0) {
        return 0;
    }
    if (used == p->capacity) {
        double *bigger = heap_alloc(2 * p->capacity * sizeof(double), CELL_RAW);
        if (bigger == NULL) {
            error_no_memory();
            return -1;
        }
        memcpy(bigger, p->values, used * sizeof(double));
        p->values = bigger;
        p->capacity *= 2;
    }
    p->values[p->count++] = x;
    return 0;
}

/* The sum of the partials, rounded once, half to even. */
static double round_partials(const struct partials *p)
{
    size_t n = p->count;
    if (n == 0) {
        return 0.0;
    }
    double high = p->values[--n], low = 0;
    while (n > 0) {
        double x = high, y = p->values[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0) {
            break;
        }
    }
    if (n > 0 && ((low < 0 && p->values[n - 1] < 0) || (low > 0 && p->values[n - 1] > 0))) {
        double twice = low * 2, x = high + twice;
        if (x - high == twice) { /* it was a tie; what follows breaks it */
            high = x;
        }
    }
    return high;
}

/* One item; those that are not finite are summed apart. */
static int add_item(struct partials *p, Value item, double *special, double *infinities)
{
    double x;
    if (!float_try(item, &x) && arg_double(item, &x) < 0) {
        return -1;
    }
    if (isfinite(x)) {
        return add_partial(p, x);
    }
    *infinities += isinf(x) ? x : 0;
    *special += x;
    return 0;
}

Value math_fsum(Value module, Value arg)
{
    (void)module;
    struct partials p = {.capacity = 32};
    p.values = p.stack;
    double special = 0, infinities = 0;
    Value iterator = object_iter_owned(arg), item;
    if (value_is_null(iterator)) {
        return iterator;
    }
    while (value_is_present(item = object_next(iterator))) {
        if (add_item(&p, item, &special, &infinities) < 0) {
            return VALUE_NULL;
        }
    }
    if (value_is_null(item)) {
        return item;
    }
    if (special != 0) { /* true for NaN too */
        if (isnan(infinities)) {
            return error_raise(PyExc_ValueError, "-inf + inf in fsum");
        }
        return float_from_double(special);
    }
    return float_from_double(round_partials(&p));
}

/* ---- prod. */

Value math_prod(Value module, const Value *args)
{
    (void)module;
    Value result = value_is_absent(args[1]) ? value_from_int(1) : args[1];
    Value iterator = object_iter_owned(args[0]), item;
    if (value_is_null(iterator)) {
        return iterator;
    }
    while (value_is_present(item = object_next(iterator))) {
        result = object_binary(result, item, OP_MUL);
        if (value_is_null(result)) {
            return result;
        }
    }
    return value_is_null(item) ? item : result;
}
