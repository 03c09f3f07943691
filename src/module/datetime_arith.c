/* SPDX-License-Identifier: MIT */
/* _datetime.datetime: arithmetic, comparison, hash, time stamps and time zones.
 *
 * A local time may exist twice or not at all (PEP 495). `fold` tells the two apart; everything that
 * goes from local time to UTC looks at the offset half a day before and after it. */
#include <time.h>

#include "base/hash.h"
#include "module/datetime_int.h"
#include "object/float.h"
#include "object/int.h"
#include "object/str.h"

enum { MAX_FOLD_SECONDS = 24 * 3600 };
#define EPOCH_SECONDS ((int64_t)EPOCH_ORDINAL * SECONDS_PER_DAY)

static int64_t seconds_of(struct date_parts d, struct time_parts p)
{
    return (int64_t)calendar_to_ordinal(d) * SECONDS_PER_DAY + time_parts_seconds(p);
}

wide_int datetime_local_us(Value self)
{
    PyDateTime_DateTime *t = datetime_of(self);
    struct time_parts p = datetime_time_parts(t);
    return (wide_int)seconds_of(date_parts_of(t), p) * US_PER_SECOND + p.us;
}

/* The parts of a number of microseconds since 0001-01-00; false: out of range. */
static bool split(wide_int us, struct date_parts *d, struct time_parts *p)
{
    if (us < US_PER_DAY || us >= ((wide_int)MAX_ORDINAL + 1) * US_PER_DAY) {
        return false;
    }
    int64_t narrow = (int64_t)us, rest = narrow % US_PER_DAY;
    int seconds = (int)(rest / US_PER_SECOND);
    *d = calendar_from_ordinal((int)(narrow / US_PER_DAY));
    *p = (struct time_parts){seconds / 3600, seconds / 60 % 60, seconds % 60,
                             (int)(rest % US_PER_SECOND)};
    return true;
}

Value datetime_add_us(Value self, wide_int us)
{
    struct date_parts d;
    struct time_parts p;
    if (!split(datetime_local_us(self) + us, &d, &p)) {
        return error_raise(PyExc_OverflowError, "date value out of range");
    }
    return datetime_new(d, p, datetime_zone(self), 0, value_type(self));
}

Value datetime_with_zone(Value self, Value zone)
{
    PyDateTime_DateTime *t = datetime_of(self);
    return value_from_object(
        datetime_make(date_parts_of(t), datetime_time_parts(t), zone, t->fold, &datetime_type));
}

Value datetime_without_zone(Value self)
{
    return datetime_with_zone(self, VALUE_NONE);
}

/* ---- + and - */

Value datetime_add(Value a, Value b)
{
    Value self = datetime_check(a) ? a : b, delta = datetime_check(a) ? b : a;
    return delta_check(delta) ? datetime_add_us(self, delta_us(delta)) : VALUE_NOT_IMPLEMENTED;
}

/* Offsets of two datetimes that have different time zones. 0 or -1. */
static int offsets_of(Value a, Value b, Value *offset_a, Value *offset_b)
{
    *offset_a = *offset_b = VALUE_NONE;
    if (datetime_zone(a).bits == datetime_zone(b).bits) {
        return 0;
    }
    *offset_a = datetime_offset(a);
    *offset_b = value_is_null(*offset_a) ? VALUE_NULL : datetime_offset(b);
    return value_is_null(*offset_b) ? -1 : 0;
}

static wide_int offset_us(Value offset)
{
    return value_is_none(offset) ? 0 : delta_us(offset);
}

Value datetime_subtract(Value a, Value b)
{
    Value offset_a, offset_b;
    if (!datetime_check(a)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (delta_check(b)) {
        return datetime_add_us(a, -delta_us(b));
    }
    if (!datetime_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (offsets_of(a, b, &offset_a, &offset_b) < 0) {
        return VALUE_NULL;
    }
    if (value_is_none(offset_a) != value_is_none(offset_b)) {
        return error_raise(PyExc_TypeError,
                           "can't subtract offset-naive and offset-aware datetimes");
    }
    return delta_from_us(datetime_local_us(a) - datetime_local_us(b) -
                         (offset_us(offset_a) - offset_us(offset_b)));
}

/* ---- Comparison and hash. */

/* A time that exists twice or not at all equals none of another zone (PEP 495): 1; -1: error. */
static int depends_on_fold(Value self, Value offset)
{
    PyDateTime_DateTime *t = datetime_of(self);
    Value flipped = datetime_new(date_parts_of(t), datetime_time_parts(t), datetime_zone(self),
                                 !t->fold, value_type(self));
    Value other = value_is_null(flipped) ? flipped : datetime_offset(flipped);
    if (value_is_null(other)) {
        return -1;
    }
    if (value_is_none(other) || value_is_none(offset)) {
        return value_is_none(other) != value_is_none(offset);
    }
    return !delta_equal(other, offset);
}

static int data_order(Value a, Value b)
{
    return memcmp(datetime_of(a)->data, datetime_of(b)->data, _PyDateTime_DATETIME_DATASIZE);
}

static Value compare_across(Value self, Value other, int op)
{
    Value a, b;
    if (offsets_of(self, other, &a, &b) < 0) {
        return VALUE_NULL;
    }
    if (value_is_none(a) != value_is_none(b)) {
        if (op == Py_EQ || op == Py_NE) {
            return value_from_bool(op == Py_NE);
        }
        return error_raise(PyExc_TypeError,
                           "can't compare offset-naive and offset-aware datetimes");
    }
    wide_int difference =
        datetime_local_us(self) - datetime_local_us(other) - (offset_us(a) - offset_us(b));
    int order = (difference > 0) - (difference < 0);
    if (order == 0 && (op == Py_EQ || op == Py_NE)) {
        int folds = depends_on_fold(self, a);
        folds = folds == 0 ? depends_on_fold(other, b) : folds;
        if (folds < 0) {
            return VALUE_NULL;
        }
        order = folds;
    }
    return compare_result(order, op);
}

Value datetime_richcompare(Value self, Value other, int op)
{
    if (!datetime_check(other)) {
        if (!date_check(other)) {
            return VALUE_NOT_IMPLEMENTED;
        }
        if (op == Py_EQ || op == Py_NE) {
            return value_from_bool(op == Py_NE);
        }
        return error_raise(PyExc_TypeError, "can't compare %s to %s", value_type(self)->tp_name,
                           value_type(other)->tp_name);
    }
    if (datetime_zone(self).bits == datetime_zone(other).bits) {
        return compare_result(data_order(self, other), op);
    }
    return compare_across(self, other, op);
}

Py_hash_t moment_hash(Value offset, const unsigned char *data, size_t length, wide_int us)
{
    if (value_is_none(offset)) {
        return hash_bytes(data, length);
    }
    Value utc = delta_from_us(us - delta_us(offset));
    return value_is_null(utc) ? -1 : object_hash(utc);
}

Py_hash_t datetime_hash(Value self)
{
    PyDateTime_DateTime *t = datetime_of(self);
    Py_hash_t hash = atomic_load_relaxed(&t->hashcode);
    if (hash != -1) {
        return hash;
    }
    Value plain = self;
    if (t->fold) {
        plain = datetime_new(date_parts_of(t), datetime_time_parts(t), datetime_zone(self), 0,
                             value_type(self));
    }
    Value offset = value_is_null(plain) ? plain : datetime_offset(plain);
    if (value_is_null(offset)) {
        return -1;
    }
    hash = moment_hash(offset, t->data, _PyDateTime_DATETIME_DATASIZE, datetime_local_us(self));
    atomic_store_relaxed(&t->hashcode, hash);
    return hash;
}

/* ---- Local time. Seconds here count from 0001-01-00. */

/* What the clock on the wall shows at a moment of UTC. 0 or -1. */
static int local_seconds(int64_t utc, int64_t *out)
{
    struct tm tm;
    if (calendar_local(utc - EPOCH_SECONDS, &tm) < 0) {
        return -1;
    }
    struct date_parts d = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
    if (d.year < MIN_YEAR || d.year > MAX_YEAR) {
        return error_raise_int(PyExc_ValueError, "year %d is out of range", d.year);
    }
    *out = seconds_of(d, (struct time_parts){tm.tm_hour, tm.tm_min, tm.tm_sec, 0});
    return 0;
}

/* Guesses with the offset at the time itself, then with the one a day before (or after, if fold is
 * set). When neither gives the time back it does not exist: then the guess is kept that fold asks
 * for. */
int datetime_local_to_seconds(struct date_parts d, struct time_parts p, int fold, int64_t *out)
{
    int64_t t = seconds_of(d, p), shown, nearby, back;
    if (local_seconds(t, &shown) < 0) {
        return -1;
    }
    int64_t offset = shown - t, first = t - offset;
    if (local_seconds(first, &back) < 0) {
        return -1;
    }
    int64_t other_offset;
    if (back == t) {
        int64_t probe = first + (fold ? MAX_FOLD_SECONDS : -MAX_FOLD_SECONDS);
        if (local_seconds(probe, &nearby) < 0) {
            return -1;
        }
        other_offset = nearby - probe;
        if (offset == other_offset) {
            *out = first;
            return 0;
        }
    } else {
        other_offset = back - first;
    }
    int64_t second = t - other_offset, back_again;
    if (local_seconds(second, &back_again) < 0) {
        return -1;
    }
    if (back_again == t) {
        *out = second;
    } else if (back == t) {
        *out = first;
    } else {
        *out = (fold != 0) == (first < second) ? first : second;
    }
    return 0;
}

Value datetime_timestamp(Value self)
{
    PyDateTime_DateTime *t = datetime_of(self);
    if (t->hastzinfo) {
        Value offset = datetime_offset(self);
        if (value_is_null(offset)) {
            return offset;
        }
        Value since = delta_from_us(datetime_local_us(self) - offset_us(offset) -
                                    (wide_int)EPOCH_SECONDS * US_PER_SECOND);
        return value_is_null(since) ? since : object_call_method0(since, names.total_seconds);
    }
    struct time_parts p = datetime_time_parts(t);
    int64_t seconds;
    if (datetime_local_to_seconds(date_parts_of(t), p, t->fold, &seconds) < 0) {
        return VALUE_NULL;
    }
    return value_from_double((double)(seconds - EPOCH_SECONDS) + p.us / 1e6);
}

/* Is a local time the second of its name? The clock was set back if a day earlier it showed a time
 * that is further away than a day. */
static int find_fold(int64_t utc, int64_t shown, int *fold)
{
    int64_t before, again;
    *fold = 0;
    if (utc - MAX_FOLD_SECONDS < EPOCH_SECONDS) {
        return 0;
    }
    if (local_seconds(utc - MAX_FOLD_SECONDS, &before) < 0) {
        return -1;
    }
    int64_t transition = shown - before - MAX_FOLD_SECONDS;
    if (transition < 0) {
        if (local_seconds(utc + transition, &again) < 0) {
            return -1;
        }
        *fold = again == shown;
    }
    return 0;
}

/* The time of a moment, in UTC or as the local clock shows it. */
static Value from_seconds(PyTypeObject *type, int64_t seconds, int us, Value zone, bool utc)
{
    struct tm tm;
    int fold = 0;
    if ((utc ? calendar_utc(seconds, &tm) : calendar_local(seconds, &tm)) < 0) {
        return VALUE_NULL;
    }
    struct date_parts d = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
    struct time_parts p = {tm.tm_hour, tm.tm_min, tm.tm_sec > 59 ? 59 : tm.tm_sec, us};
    if (calendar_check_date(d) < 0) {
        return VALUE_NULL;
    }
    if (!utc && find_fold(seconds + EPOCH_SECONDS, seconds_of(d, p), &fold) < 0) {
        return VALUE_NULL;
    }
    return datetime_new(d, p, zone, fold, type);
}

static Value in_zone(PyTypeObject *type, int64_t seconds, int us, Value zone, bool utc)
{
    if (value_is_none(zone)) {
        return from_seconds(type, seconds, us, zone, utc);
    }
    Value made = from_seconds(type, seconds, us, zone, true);
    return value_is_null(made) ? made : object_call_method1(zone, names.fromutc, made);
}

Value datetime_from_timestamp(PyTypeObject *type, Value timestamp, Value zone, bool utc)
{
    int64_t seconds;
    int us;
    return calendar_split_timestamp(timestamp, &seconds, &us) < 0
               ? VALUE_NULL
               : in_zone(type, seconds, us, zone, utc);
}

Value datetime_now(PyTypeObject *type, Value zone, bool utc)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return in_zone(type, now.tv_sec, (int)(now.tv_nsec / 1000), zone, utc);
}

/* ---- astimezone. */

/* The zone of the machine as it was at a moment. */
static Value local_zone(int64_t seconds)
{
    struct tm tm;
    if (calendar_local(seconds, &tm) < 0) {
        return VALUE_NULL;
    }
    PyObject *offset = delta_new(0, tm.tm_gmtoff, 0);
    PyObject *name = str_from_filename(tm.tm_zone, (Py_ssize_t)strlen(tm.tm_zone));
    return offset == NULL || name == NULL ? VALUE_NULL
                                          : value_from_object(timezone_new(offset, name));
}

static Value zone_of_naive(Value self)
{
    PyDateTime_DateTime *t = datetime_of(self);
    int64_t seconds;
    if (datetime_local_to_seconds(date_parts_of(t), datetime_time_parts(t), t->fold, &seconds) <
        0) {
        return VALUE_NULL;
    }
    return local_zone(seconds - EPOCH_SECONDS);
}

static int64_t floor_seconds(wide_int us)
{
    wide_int seconds = us / US_PER_SECOND;
    return (int64_t)(us % US_PER_SECOND < 0 ? seconds - 1 : seconds);
}

Value datetime_astimezone(Value self, const Value *args)
{
    Value target = value_is_absent(args[0]) ? VALUE_NONE : args[0];
    if (zone_check(target) < 0) {
        return VALUE_NULL;
    }
    Value source = datetime_zone(self);
    Value offset = VALUE_NONE;
    if (!value_is_none(source)) {
        if (source.bits == target.bits) {
            return self;
        }
        offset = datetime_offset(self);
    }
    if (value_is_none(offset)) {
        source = zone_of_naive(self);
        if (value_is_null(source) || source.bits == target.bits) {
            return value_is_null(source) ? source : self;
        }
        offset = zone_offset(source, "utcoffset", self);
    }
    if (value_is_null(offset)) {
        return offset;
    }
    wide_int utc_us = datetime_local_us(self) - delta_us(offset);
    if (value_is_none(target)) {
        target = local_zone(floor_seconds(utc_us) - EPOCH_SECONDS);
        if (value_is_null(target)) {
            return target;
        }
    }
    struct date_parts d;
    struct time_parts p;
    if (!split(utc_us, &d, &p)) {
        return error_raise(PyExc_OverflowError, "date value out of range");
    }
    Value utc = datetime_new(d, p, target, 0, value_type(self));
    return value_is_null(utc) ? utc : object_call_method1(target, names.fromutc, utc);
}
