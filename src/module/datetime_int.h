/* SPDX-License-Identifier: MIT */
/* What the files of _datetime share. _datetime.c has the overview.
 *
 * Objects are constant once made, but for hashcode, which is an atomic word that every thread
 * computes alike. Objects have the layouts of datetime.h. */
#ifndef OROCHI_MODULE_DATETIME_INT_H
#define OROCHI_MODULE_DATETIME_INT_H

#define _PY_DATETIME_IMPL
#include <Python.h>

#include <datetime.h>

#include "object/native.h"
#include "object/object.h"

struct tm;

__extension__ typedef __int128 wide_int;

enum {
    MIN_YEAR = 1,
    MAX_YEAR = 9999,
    MAX_ORDINAL = 3652059,
    MAX_DELTA_DAYS = 999999999,
    SECONDS_PER_DAY = 86400,
    US_PER_SECOND = 1000000,
    EPOCH_ORDINAL = 719163 /* of 1970-01-01 */
};
#define US_PER_DAY INT64_C(86400000000)

/* The parts of a date and of a time of day. */
struct date_parts {
    int year, month, day;
};
struct time_parts {
    int hour, minute, second, us;
};

extern PyTypeObject timedelta_type, date_type, tzinfo_type, timezone_type, time_type, datetime_type;
extern PyTypeObject isocalendar_type;
extern PyObject *timezone_utc; /* set once, when the module is made */

static inline PyDateTime_Delta *delta_of(Value v)
{
    return (PyDateTime_Delta *)(void *)value_object(v);
}
static inline PyDateTime_Date *date_of(Value v)
{
    return (PyDateTime_Date *)(void *)value_object(v);
}
static inline PyDateTime_Time *time_of(Value v)
{
    return (PyDateTime_Time *)(void *)value_object(v);
}
static inline PyDateTime_DateTime *datetime_of(Value v)
{
    return (PyDateTime_DateTime *)(void *)value_object(v);
}
static inline bool delta_check(Value v)
{
    return value_is_instance(v, &timedelta_type);
}
static inline bool date_check(Value v)
{
    return value_is_instance(v, &date_type);
}
static inline bool time_check(Value v)
{
    return value_is_instance(v, &time_type);
}
static inline bool datetime_check(Value v)
{
    return value_is_instance(v, &datetime_type);
}

/* ---- datetime_calendar.c: the proleptic Gregorian calendar, and numbers. */
bool calendar_is_leap(int year);
int calendar_days_in_month(int year, int month);
int calendar_days_before_month(int year, int month);
int calendar_to_ordinal(struct date_parts d);
struct date_parts calendar_from_ordinal(int ordinal); /* 1 <= ordinal <= MAX_ORDINAL */
int calendar_weekday(struct date_parts d);            /* Monday is 0 */
int calendar_iso_first_monday(int year);              /* ordinal of the Monday of week 1 */
/* The date of an ISO week date; 0, or the number of the field that is wrong: 1 year, 2 week, 3 day.
 */
int calendar_from_iso(int year, int week, int day, struct date_parts *out);
int calendar_check_date(struct date_parts d); /* 0, or -1 with ValueError */
int calendar_check_time(struct time_parts t, int fold);
struct date_parts date_parts_of(const void *date);         /* a date or datetime object */
struct time_parts datetime_time_parts(const void *object); /* of a datetime object */
struct time_parts time_parts_of(const void *object);       /* of a time object */
int64_t time_parts_seconds(struct time_parts t);
/* Seconds and microseconds of an int or float timestamp, rounded half to even. 0 or -1. */
int calendar_split_timestamp(Value timestamp, int64_t *seconds, int *us);
int calendar_local(int64_t seconds, struct tm *out); /* localtime; 0, or -1 with an exception */
int calendar_utc(int64_t seconds, struct tm *out);
double round_half_even(double d);

/* ---- datetime_delta.c */
PyObject *delta_new(int64_t days, int64_t seconds, int64_t us); /* normalises; OverflowError */
Value delta_from_us(wide_int us);
wide_int delta_us(Value delta);
bool delta_is_zero(Value delta);
Value delta_compare(Value a, Value b, int op);
bool delta_equal(Value a, Value b);
int delta_add_constants(void);
/* Adds a constant to a static type's dict. 0 or -1. */
int datetime_add_constant(PyTypeObject *type, const char *name, PyObject *value);
Value compare_result(int difference, int op);

/* ---- datetime_zone.c */
/* The answer of tzinfo.utcoffset() or dst(): a timedelta or None. `zone` may be None. */
Value zone_offset(Value zone, const char *method, Value argument);
Value zone_name(Value zone, Value argument);              /* a str or None */
int zone_check(Value zone);                               /* None or a tzinfo; -1 with TypeError */
PyObject *timezone_new(PyObject *offset, PyObject *name); /* name may be NULL */
int timezone_add_constants(void);

/* ---- datetime_text.c: text forms, and reading them. */
enum time_precision {
    TIMESPEC_AUTO,
    TIMESPEC_HOURS,
    TIMESPEC_MINUTES,
    TIMESPEC_SECONDS,
    TIMESPEC_MILLISECONDS,
    TIMESPEC_MICROSECONDS
};
#define TIME_TEXT_SIZE 24
#define OFFSET_TEXT_SIZE 24
int timespec_parse(Value v, enum time_precision *out);                   /* ABSENT: auto */
int time_text(char *out, struct time_parts t, enum time_precision spec); /* the length */
/* "+HH:MM[:SS[.ffffff]]" of a timedelta; the length. */
int offset_text(char *out, Value offset, const char *separator);
/* object.strftime(format) with the directives %f, %z and %Z filled in, the rest by time.strftime.
 */
Value datetime_strftime(Value object, PyObject *format, Value timetuple, bool has_zone,
                        int microsecond);
Value datetime_format_method(Value self, Value spec); /* __format__ */
PyObject *datetime_ctime(struct date_parts d, struct time_parts t);
Value datetime_timetuple(struct date_parts d, struct time_parts t, int dst);
struct iso_text { /* ASCII text of a str argument; other characters read as '?' */
    const char *text;
    Py_ssize_t length;
};
int iso_text_of(Value v, struct iso_text *out); /* -1 with TypeError */
Value iso_text_invalid(Value v);                /* ValueError: Invalid isoformat string */
bool iso_parse_date(struct iso_text text, struct date_parts *out);
/* *zone: None or a timezone object. 0, 1 malformed, -1 error. */
int iso_parse_time(struct iso_text text, struct time_parts *out, Value *zone);
Py_ssize_t iso_find_separator(struct iso_text text); /* -1: malformed */

/* ---- datetime_date.c, datetime_time.c, datetime_datetime.c, datetime_arith.c */
Value date_new(struct date_parts d, PyTypeObject *type); /* checks nothing; subclasses are called */
Value date_from_ordinal(int64_t ordinal, PyTypeObject *type);
Value time_new(struct time_parts t, Value zone, int fold, PyTypeObject *type);
/* Checks the parts, and calls a subclass. */
Value datetime_new(struct date_parts d, struct time_parts t, Value zone, int fold,
                   PyTypeObject *type);
/* The object itself, also for subclasses, parts unchecked. */
PyObject *datetime_make(struct date_parts d, struct time_parts t, Value zone, int fold,
                        PyTypeObject *type);
Value datetime_zone(Value datetime); /* None or its tzinfo */
Value datetime_offset(Value datetime);
Value datetime_add_us(Value datetime, wide_int us);
wide_int datetime_local_us(Value datetime); /* since 0001-01-00, time zone ignored */
Value datetime_without_zone(Value datetime);
Value datetime_with_zone(Value datetime, Value zone);
/* What time.time() says about a local time: seconds since the epoch. -1 with an exception. */
int datetime_local_to_seconds(struct date_parts d, struct time_parts t, int fold, int64_t *out);
Value datetime_add(Value left, Value right);
Value datetime_subtract(Value left, Value right);
Value datetime_richcompare(Value self, Value other, int op);
Value datetime_timestamp(Value self);
Value datetime_astimezone(Value self, const Value *args);
Py_hash_t moment_hash(Value offset, const unsigned char *data, size_t length, wide_int us);
Value datetime_from_timestamp(PyTypeObject *type, Value timestamp, Value zone, bool utc);
Value datetime_now(PyTypeObject *type, Value zone, bool utc);
Py_hash_t datetime_hash(Value self);
/* Bytes of a pickle's state, or NULL (no exception): `length` bytes whose month (at `at`) or
 * hour is in range. *failed: an exception is set. */
const unsigned char *datetime_pickle_state(Value v, Py_ssize_t length, bool (*valid)(unsigned char),
                                           Py_ssize_t at, const char *what, bool *failed);

/* What the capsule datetime.datetime_CAPI will hold; src/capi fills in the functions. */
extern PyDateTime_CAPI datetime_capi;

#endif
