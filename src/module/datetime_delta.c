/* SPDX-License-Identifier: MIT */
/* _datetime.timedelta. All arithmetic is on the number of microseconds, which needs 67 bits. */
#include <math.h>
#include <Python.h>
#include <structmember.h>

#include "module/datetime_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

_Static_assert(offsetof(PyDateTime_Delta, days) == 24 &&
                   offsetof(PyDateTime_Delta, seconds) == 28 &&
                   offsetof(PyDateTime_Delta, microseconds) == 32 && sizeof(PyDateTime_Delta) == 40,
               "layout of datetime.h");

/* ---- Wide integers. */

static Value wide_to_int(wide_int w)
{
    if (w >= INT64_MIN && w <= INT64_MAX) {
        return int_from_i64((int64_t)w);
    }
    return int_from_byte_array((const unsigned char *)&w, sizeof w, true, true);
}

static int too_large(void)
{
    return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C int");
}

static int wide_from_int(Value v, wide_int *out)
{
    if (int_bit_length(v) > 100) {
        return too_large();
    }
    return int_to_byte_array(v, (unsigned char *)out, sizeof *out, true, true);
}

/* ---- Making. */

wide_int delta_us(Value delta)
{
    const PyDateTime_Delta *d = delta_of(delta);
    return (wide_int)d->days * US_PER_DAY + (int64_t)d->seconds * US_PER_SECOND + d->microseconds;
}

static PyObject *make(PyTypeObject *type, wide_int us)
{
    int64_t days, rest;
    if (us >= INT64_MIN && us <= INT64_MAX) {
        days = (int64_t)us / US_PER_DAY;
        rest = (int64_t)us % US_PER_DAY;
    } else {
        wide_int wide_days = us / US_PER_DAY;
        if (wide_days < INT32_MIN || wide_days > INT32_MAX) {
            too_large();
            return NULL;
        }
        days = (int64_t)wide_days;
        rest = (int64_t)(us % US_PER_DAY);
    }
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    if (days < -MAX_DELTA_DAYS || days > MAX_DELTA_DAYS) {
        return error_raise_null(PyExc_OverflowError, "days=%lld; must have magnitude <= %d",
                                (long long)days, MAX_DELTA_DAYS);
    }
    PyObject *object = type == &timedelta_type ? object_alloc_bytes(type, sizeof(PyDateTime_Delta))
                                               : object_alloc(type, 0);
    if (object != NULL) {
        PyDateTime_Delta *d = (PyDateTime_Delta *)(void *)object;
        d->hashcode = -1;
        d->days = (int)days;
        d->seconds = (int)(rest / US_PER_SECOND);
        d->microseconds = (int)(rest % US_PER_SECOND);
    }
    return object;
}

Value delta_from_us(wide_int us)
{
    return value_from_object(make(&timedelta_type, us));
}

PyObject *delta_new(int64_t days, int64_t seconds, int64_t us)
{
    return make(&timedelta_type,
                (wide_int)days * US_PER_DAY + (wide_int)seconds * US_PER_SECOND + us);
}

/* ---- timedelta(...): the arguments in the order in which fractions are summed up. */

static const struct unit {
    const char *name;
    int argument;
    int64_t us;
} units[] = {
    {"microseconds", 2, 1},       {"milliseconds", 3, 1000},         {"seconds", 1, US_PER_SECOND},
    {"minutes", 4, 60000000},     {"hours", 5, INT64_C(3600000000)}, {"days", 0, US_PER_DAY},
    {"weeks", 6, 7 * US_PER_DAY},
};
enum { UNIT_COUNT = 7 };

static bool sum_small(const Value *args, wide_int *sum)
{
    *sum = 0;
    for (int i = 0; i < UNIT_COUNT; i++) {
        int64_t n;
        Value v = args[units[i].argument];
        if (value_is_absent(v)) {
            continue;
        }
        if (!int_try_small(v, &n)) {
            return false;
        }
        *sum += (wide_int)n * units[i].us;
    }
    return true;
}

static Value add_ints(Value sum, Value n, int64_t factor)
{
    Value product = int_binary(n, int_from_i64(factor), OP_MUL);
    return value_is_null(product) ? product : int_binary(sum, product, OP_ADD);
}

/* The new sum; what is less than a microsecond goes to *left_over. */
static Value add_unit(Value sum, const struct unit *unit, Value v, double *left_over)
{
    if (int_check(v)) {
        Value n = int_plain(v);
        return value_is_null(n) ? n : add_ints(sum, n, unit->us);
    }
    if (!float_check(v)) {
        return error_raise(PyExc_TypeError, "unsupported type for timedelta %s component: %s",
                           unit->name, value_type(v)->tp_name);
    }
    double whole, fraction = modf(float_value(v), &whole);
    Value n = int_from_double(whole);
    sum = value_is_null(n) ? n : add_ints(sum, n, unit->us);
    if (value_is_null(sum) || fraction == 0.0) {
        return sum;
    }
    fraction = modf((double)unit->us * fraction, &whole);
    *left_over += fraction;
    n = int_from_double(whole);
    return value_is_null(n) ? n : int_binary(sum, n, OP_ADD);
}

static int sum_large(const Value *args, wide_int *out)
{
    double left_over = 0.0;
    Value sum = value_from_int(0);
    for (int i = 0; i < UNIT_COUNT; i++) {
        Value v = args[units[i].argument];
        if (!value_is_absent(v)) {
            sum = add_unit(sum, &units[i], v, &left_over);
            if (value_is_null(sum)) {
                return -1;
            }
        }
    }
    if (wide_from_int(sum, out) < 0) {
        return -1;
    }
    if (left_over != 0.0) {
        double whole = round(left_over);
        if (fabs(whole - left_over) == 0.5) { /* a tie: the sum becomes even */
            int odd = (int)(*out & 1);
            whole = 2.0 * round((left_over + odd) * 0.5) - odd;
        }
        *out += (int64_t)whole;
    }
    return 0;
}

static Value delta_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[UNIT_COUNT];
    wide_int us;
    if (native_bind("__new__",
                    "(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, "
                    "weeks=0)",
                    &cache, args, nargs, kwnames, out) < 0) {
        return VALUE_NULL;
    }
    if (!sum_small(out, &us) && sum_large(out, &us) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(make(type, us));
}

/* ---- Text, hash, comparison. */

bool delta_is_zero(Value delta)
{
    const PyDateTime_Delta *d = delta_of(delta);
    return d->days == 0 && d->seconds == 0 && d->microseconds == 0;
}

static Value delta_repr(Value self)
{
    const PyDateTime_Delta *d = delta_of(self);
    struct str_builder b;
    str_builder_init(&b);
    const struct {
        const char *name;
        int value;
    } fields[] = {{"days", d->days}, {"seconds", d->seconds}, {"microseconds", d->microseconds}};
    str_builder_text(&b, value_type(self)->tp_name);
    str_builder_text(&b, "(");
    const char *separator = "";
    char text[64];
    for (int i = 0; i < 3; i++) {
        if (fields[i].value != 0) {
            snprintf(text, sizeof text, "%s%s=%d", separator, fields[i].name, fields[i].value);
            str_builder_text(&b, text);
            separator = ", ";
        }
    }
    if (str_builder_text(&b, *separator == '\0' ? "0)" : ")") < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

static Value delta_str(Value self)
{
    const PyDateTime_Delta *d = delta_of(self);
    char text[96];
    int n = 0, minutes = d->seconds / 60;
    if (d->days != 0) {
        n = snprintf(text, sizeof text, "%d day%s, ", d->days,
                     d->days == 1 || d->days == -1 ? "" : "s");
    }
    n += snprintf(text + n, sizeof text - (size_t)n, "%d:%02d:%02d", minutes / 60, minutes % 60,
                  d->seconds % 60);
    if (d->microseconds != 0) {
        n += snprintf(text + n, sizeof text - (size_t)n, ".%06d", d->microseconds);
    }
    return value_from_object(str_from_ascii(text, n));
}

static Value state(Value self)
{
    const PyDateTime_Delta *d = delta_of(self);
    Value items[] = {value_from_int(d->days), value_from_int(d->seconds),
                     value_from_int(d->microseconds)};
    return value_from_object(tuple_from_array(items, 3));
}

static Py_hash_t delta_hash(Value self)
{
    PyDateTime_Delta *d = delta_of(self);
    Py_hash_t hash = atomic_load_relaxed(&d->hashcode);
    if (hash == -1) {
        Value tuple = state(self);
        hash = value_is_null(tuple) ? -1 : object_hash(tuple);
        atomic_store_relaxed(&d->hashcode, hash);
    }
    return hash;
}

Value compare_result(int difference, int op)
{
    bool result = op == Py_LT   ? difference < 0
                  : op == Py_LE ? difference <= 0
                  : op == Py_EQ ? difference == 0
                  : op == Py_NE ? difference != 0
                  : op == Py_GT ? difference > 0
                                : difference >= 0;
    return value_from_bool(result);
}

static int difference(Value a, Value b)
{
    const PyDateTime_Delta *x = delta_of(a), *y = delta_of(b);
    int d = (x->days > y->days) - (x->days < y->days);
    if (d == 0) {
        d = (x->seconds > y->seconds) - (x->seconds < y->seconds);
    }
    return d != 0 ? d : (x->microseconds > y->microseconds) - (x->microseconds < y->microseconds);
}

bool delta_equal(Value a, Value b)
{
    return difference(a, b) == 0;
}

Value delta_compare(Value a, Value b, int op)
{
    return delta_check(b) ? compare_result(difference(a, b), op) : VALUE_NOT_IMPLEMENTED;
}

/* ---- Arithmetic. */

static Value delta_add(Value a, Value b)
{
    if (!delta_check(a) || !delta_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return delta_from_us(delta_us(a) + delta_us(b));
}

static Value delta_sub(Value a, Value b)
{
    if (!delta_check(a) || !delta_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return delta_from_us(delta_us(a) - delta_us(b));
}

static Value delta_from_int(Value us)
{
    wide_int wide;
    return value_is_null(us) || wide_from_int(us, &wide) < 0 ? VALUE_NULL : delta_from_us(wide);
}

/* a / b to the nearest integer, a tie to the even one. */
static Value divide_nearest(Value a, Value b)
{
    Value pair = object_binary(a, b, OP_DIVMOD);
    if (value_is_null(pair)) {
        return pair;
    }
    Value quotient = value_unbox(tuple_object(value_object(pair), 0));
    Value rest = value_unbox(tuple_object(value_object(pair), 1));
    Value twice = int_binary(rest, value_from_int(2), OP_MUL);
    if (value_is_null(twice)) {
        return twice;
    }
    int order = int_compare(twice, b); /* the rest has the sign of b */
    if (int_sign(b) < 0) {
        order = -order;
    }
    bool up = order > 0 || (order == 0 && (int_to_u64_mask(quotient) & 1) != 0);
    return up ? int_binary(quotient, value_from_int(1), OP_ADD) : quotient;
}

/* The numerator and the denominator of a float. */
static int float_ratio(Value f, Value *numerator, Value *denominator)
{
    Value ratio = object_call_method0(f, names.as_integer_ratio);
    if (value_is_null(ratio)) {
        return -1;
    }
    if (!tuple_check(ratio)) {
        return error_raise_int(
            PyExc_TypeError,
            "unexpected return type from as_integer_ratio(): expected tuple, got '%T'", ratio);
    }
    if (tuple_length(value_object(ratio)) != 2) {
        return error_raise_int(PyExc_ValueError, "as_integer_ratio() must return a 2-tuple");
    }
    *numerator = value_unbox(tuple_object(value_object(ratio), 0));
    *denominator = value_unbox(tuple_object(value_object(ratio), 1));
    if (!int_check(*numerator) || !int_check(*denominator)) {
        return error_raise_int(PyExc_TypeError, "as_integer_ratio() must return integers");
    }
    return 0;
}

/* delta * n / d */
static Value scale(Value delta, Value n, Value d)
{
    Value product = int_binary(wide_to_int(delta_us(delta)), n, OP_MUL);
    return value_is_null(product) ? product : delta_from_int(divide_nearest(product, d));
}

static Value delta_mul(Value a, Value b)
{
    Value delta = delta_check(a) ? a : b, factor = delta_check(a) ? b : a;
    int64_t small;
    if (int_check(factor)) {
        wide_int product;
        if (int_clip_i64(factor, &small) == 0 &&
            !__builtin_mul_overflow(delta_us(delta), (wide_int)small, &product)) {
            return delta_from_us(product);
        }
        return delta_from_int(int_binary(wide_to_int(delta_us(delta)), int_plain(factor), OP_MUL));
    }
    if (float_check(factor)) {
        Value n, d;
        return float_ratio(factor, &n, &d) < 0 ? VALUE_NULL : scale(delta, n, d);
    }
    return VALUE_NOT_IMPLEMENTED;
}

static Value delta_truediv(Value a, Value b)
{
    if (!delta_check(a)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (delta_check(b)) {
        return object_binary(wide_to_int(delta_us(a)), wide_to_int(delta_us(b)), OP_TRUEDIV);
    }
    if (int_check(b)) {
        return delta_from_int(divide_nearest(wide_to_int(delta_us(a)), int_plain(b)));
    }
    if (float_check(b)) {
        Value n, d;
        return float_ratio(b, &n, &d) < 0 ? VALUE_NULL : scale(a, d, n);
    }
    return VALUE_NOT_IMPLEMENTED;
}

static Value delta_floordiv(Value a, Value b)
{
    if (!delta_check(a)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (delta_check(b)) {
        return object_binary(wide_to_int(delta_us(a)), wide_to_int(delta_us(b)), OP_FLOORDIV);
    }
    if (int_check(b)) {
        return delta_from_int(object_binary(wide_to_int(delta_us(a)), int_plain(b), OP_FLOORDIV));
    }
    return VALUE_NOT_IMPLEMENTED;
}

static Value delta_mod(Value a, Value b)
{
    if (!delta_check(a) || !delta_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return delta_from_int(
        object_binary(wide_to_int(delta_us(a)), wide_to_int(delta_us(b)), OP_MOD));
}

static Value delta_divmod(Value a, Value b)
{
    if (!delta_check(a) || !delta_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value items[] = {delta_floordiv(a, b), VALUE_NULL};
    items[1] = value_is_null(items[0]) ? VALUE_NULL : delta_mod(a, b);
    return value_is_null(items[1]) ? VALUE_NULL : value_from_object(tuple_from_array(items, 2));
}

static Value delta_neg(Value self)
{
    return delta_from_us(-delta_us(self));
}
static Value delta_pos(Value self)
{
    return delta_from_us(delta_us(self));
}
static Value delta_abs(Value self)
{
    wide_int us = delta_us(self);
    return delta_from_us(us < 0 ? -us : us);
}
static int delta_bool(Value self)
{
    return !delta_is_zero(self);
}

/* ---- Methods. */

static Value total_seconds(Value self)
{
    return object_binary(wide_to_int(delta_us(self)), value_from_int(US_PER_SECOND), OP_TRUEDIV);
}

static Value delta_reduce(Value self)
{
    Value items[] = {value_from_object(value_type(self)), state(self)};
    return value_is_null(items[1]) ? VALUE_NULL : value_from_object(tuple_from_array(items, 2));
}

static const struct native_def methods[] = {
    {"total_seconds", "($self, /)", "Total seconds in the duration.", .f0 = total_seconds},
    {"__reduce__", "($self, /)", "__reduce__() -> (cls, state)", .f0 = delta_reduce},
    {NULL},
};

static const struct member_def members[] = {
    {"days", T_INT, offsetof(PyDateTime_Delta, days), READONLY, "Number of days."},
    {"seconds", T_INT, offsetof(PyDateTime_Delta, seconds), READONLY,
     "Number of seconds (>= 0 and less than 1 day)."},
    {"microseconds", T_INT, offsetof(PyDateTime_Delta, microseconds), READONLY,
     "Number of microseconds (>= 0 and less than 1 second)."},
    {NULL},
};

static struct type_info delta_info = {
    .ops = {.new_ = delta_new_op,
            .repr = delta_repr,
            .str = delta_str,
            .hash = delta_hash,
            .richcompare = delta_compare,
            .bool_ = delta_bool,
            .unary = {[OP_NEG] = delta_neg, [OP_POS] = delta_pos, [OP_ABS] = delta_abs},
            .binary = {[OP_ADD] = delta_add,
                       [OP_SUB] = delta_sub,
                       [OP_MUL] = delta_mul,
                       [OP_TRUEDIV] = delta_truediv,
                       [OP_FLOORDIV] = delta_floordiv,
                       [OP_MOD] = delta_mod,
                       [OP_DIVMOD] = delta_divmod}},
    .methods = methods,
    .members = members,
    .flags = TYPE_LEAF,
};

PyTypeObject timedelta_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.timedelta",
    .tp_basicsize = sizeof(PyDateTime_Delta),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Difference between two datetime values.\n\ntimedelta(days=0, seconds=0, "
              "microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\nAll arguments are "
              "optional and default to 0.\nArguments may be integers or floats, and may be "
              "positive or negative.",
    .tp_cache = (PyObject *)&delta_info,
};

/* ---- Constants of the types. */

int datetime_add_constant(PyTypeObject *type, const char *name, PyObject *value)
{
    PyObject *key = value == NULL ? NULL : str_intern_text(name);
    return key == NULL ? -1 : dict_set_str(type->tp_dict, key, value_from_object(value));
}

int delta_add_constants(void)
{
    if (datetime_add_constant(&timedelta_type, "resolution", delta_new(0, 0, 1)) < 0 ||
        datetime_add_constant(&timedelta_type, "min", delta_new(-MAX_DELTA_DAYS, 0, 0)) < 0) {
        return -1;
    }
    return datetime_add_constant(&timedelta_type, "max",
                                 delta_new(MAX_DELTA_DAYS, SECONDS_PER_DAY - 1, US_PER_SECOND - 1));
}
