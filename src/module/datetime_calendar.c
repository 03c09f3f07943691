/* SPDX-License-Identifier: MIT */
/* _datetime: the proleptic Gregorian calendar, time stamps, and the parts of objects. */
#include <errno.h>
#include <math.h>
#include <time.h>

#include "module/datetime_int.h"
#include "object/float.h"
#include "object/int.h"

static const short days_before[13] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

bool calendar_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_days_in_month(int year, int month)
{
    static const unsigned char days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && calendar_is_leap(year) ? 29 : days[month];
}

int calendar_days_before_month(int year, int month)
{
    return days_before[month] + (month > 2 && calendar_is_leap(year));
}

static int days_before_year(int year)
{
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

int calendar_to_ordinal(struct date_parts d)
{
    return days_before_year(d.year) + calendar_days_before_month(d.year, d.month) + d.day;
}

/* A year starts at the least ordinal n with days_before_year(y) < n: guess from the mean length of
 * a year, which is never too small by more than one year. */
struct date_parts calendar_from_ordinal(int ordinal)
{
    int year = (int)(((int64_t)ordinal * 400) / 146097) + 1;
    while (days_before_year(year) >= ordinal) {
        year--;
    }
    while (days_before_year(year + 1) < ordinal) {
        year++;
    }
    int day = ordinal - days_before_year(year), month = (day + 30) / 31;
    month = month > 12 ? 12 : month;
    while (month < 12 && calendar_days_before_month(year, month + 1) < day) {
        month++;
    }
    while (calendar_days_before_month(year, month) >= day) {
        month--;
    }
    return (struct date_parts){year, month, day - calendar_days_before_month(year, month)};
}

int calendar_weekday(struct date_parts d)
{
    return (calendar_to_ordinal(d) + 6) % 7;
}

int calendar_iso_first_monday(int year)
{
    int first = days_before_year(year) + 1; /* January 1 */
    int weekday = (first + 6) % 7;
    return weekday > 3 ? first - weekday + 7 : first - weekday;
}

int calendar_from_iso(int year, int week, int day, struct date_parts *out)
{
    if (year < MIN_YEAR || year > MAX_YEAR) {
        return 1;
    }
    int monday = calendar_iso_first_monday(year);
    int weeks = (calendar_iso_first_monday(year + 1) - monday) / 7;
    if (week < 1 || week > weeks) {
        return 2;
    }
    if (day < 1 || day > 7) {
        return 3;
    }
    int ordinal = monday + (week - 1) * 7 + day - 1;
    if (ordinal < 1 || ordinal > MAX_ORDINAL) {
        return 1;
    }
    *out = calendar_from_ordinal(ordinal);
    return 0;
}

int calendar_check_date(struct date_parts d)
{
    if (d.year < MIN_YEAR || d.year > MAX_YEAR) {
        return error_raise_int(PyExc_ValueError, "year %d is out of range", d.year);
    }
    if (d.month < 1 || d.month > 12) {
        return error_raise_int(PyExc_ValueError, "month must be in 1..12");
    }
    if (d.day < 1 || d.day > calendar_days_in_month(d.year, d.month)) {
        return error_raise_int(PyExc_ValueError, "day is out of range for month");
    }
    return 0;
}

int calendar_check_time(struct time_parts t, int fold)
{
    const char *wrong = t.hour < 0 || t.hour > 23       ? "hour must be in 0..23"
                        : t.minute < 0 || t.minute > 59 ? "minute must be in 0..59"
                        : t.second < 0 || t.second > 59 ? "second must be in 0..59"
                        : t.us < 0 || t.us > 999999     ? "microsecond must be in 0..999999"
                        : fold != 0 && fold != 1        ? "fold must be either 0 or 1"
                                                        : NULL;
    return wrong != NULL ? error_raise_int(PyExc_ValueError, "%s", wrong) : 0;
}

/* ---- Parts of objects. */

struct date_parts date_parts_of(const void *date)
{
    const PyDateTime_Date *d = date;
    return (struct date_parts){d->data[0] << 8 | d->data[1], d->data[2], d->data[3]};
}

static struct time_parts read_time(const unsigned char *data)
{
    return (struct time_parts){data[0], data[1], data[2], data[3] << 16 | data[4] << 8 | data[5]};
}

struct time_parts datetime_time_parts(const void *object)
{
    return read_time(((const PyDateTime_DateTime *)object)->data + 4);
}

struct time_parts time_parts_of(const void *object)
{
    return read_time(((const PyDateTime_Time *)object)->data);
}

int64_t time_parts_seconds(struct time_parts t)
{
    return ((int64_t)t.hour * 60 + t.minute) * 60 + t.second;
}

/* ---- Time stamps. */

double round_half_even(double d)
{
    double rounded = round(d);
    return fabs(d - rounded) == 0.5 ? 2.0 * round(d / 2.0) : rounded;
}

static int timestamp_overflow(void)
{
    return error_raise_int(PyExc_OverflowError, "timestamp out of range for platform time_t");
}

static int split_double(double d, int64_t *seconds, int *us)
{
    double whole;
    if (isnan(d)) {
        return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
    }
    double fraction = round_half_even(modf(d, &whole) * 1e6);
    if (fraction >= 1e6) {
        fraction -= 1e6;
        whole += 1.0;
    } else if (fraction < 0) {
        fraction += 1e6;
        whole -= 1.0;
    }
    if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0)) {
        return timestamp_overflow();
    }
    *seconds = (int64_t)whole;
    *us = (int)fraction;
    return 0;
}

int calendar_split_timestamp(Value timestamp, int64_t *seconds, int *us)
{
    if (float_check(timestamp)) {
        return split_double(float_value(timestamp), seconds, us);
    }
    *us = 0;
    Value index = object_index(timestamp);
    if (value_is_null(index)) {
        return -1;
    }
    return int_clip_i64(index, seconds) != 0 ? timestamp_overflow() : 0;
}

static int tm_failed(void)
{
    if (errno == EOVERFLOW || errno == 0) {
        errno = EOVERFLOW;
    }
    error_from_errno(NULL);
    return -1;
}

int calendar_local(int64_t seconds, struct tm *out)
{
    time_t t = seconds;
    errno = 0;
    return localtime_r(&t, out) == NULL ? tm_failed() : 0;
}

int calendar_utc(int64_t seconds, struct tm *out)
{
    time_t t = seconds;
    errno = 0;
    return gmtime_r(&t, out) == NULL ? tm_failed() : 0;
}
