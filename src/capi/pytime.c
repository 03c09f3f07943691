/* SPDX-License-Identifier: MIT */
/* Times of the C API: int64_t nanoseconds, and conversions with four kinds of rounding. */
#include <math.h>
#include <sys/time.h>
#include <time.h>

#include "base/os.h"
#include "capi/capi_int.h"
#include "object/float.h"
#include "object/int.h"

#define SECOND INT64_C(1000000000)

PyAPI_FUNC(_PyTime_t) _PyDeadline_Init(_PyTime_t timeout);
PyAPI_FUNC(_PyTime_t) _PyDeadline_Get(_PyTime_t deadline);

_PyTime_t _PyDeadline_Init(_PyTime_t timeout)
{
    return os_monotonic_ns() + timeout;
}

_PyTime_t _PyDeadline_Get(_PyTime_t deadline)
{
    return deadline - os_monotonic_ns();
}

static _PyTime_t divide_rounding(_PyTime_t t, _PyTime_t by, _PyTime_round_t rounding)
{
    _PyTime_t quotient = t / by, rest = t % by;
    if (rest == 0) {
        return quotient;
    }
    switch (rounding) {
    case _PyTime_ROUND_FLOOR: return quotient - (rest < 0);
    case _PyTime_ROUND_CEILING: return quotient + (rest > 0);
    case _PyTime_ROUND_UP: return quotient + (rest > 0 ? 1 : -1);
    default: {
        _PyTime_t twice = (rest < 0 ? -rest : rest) * 2;
        bool away = twice > by || (twice == by && quotient % 2 != 0);
        return quotient + (away ? (rest > 0 ? 1 : -1) : 0);
    }
    }
}

_PyTime_t _PyTime_AsMilliseconds(_PyTime_t t, _PyTime_round_t rounding)
{
    return divide_rounding(t, 1000000, rounding);
}

_PyTime_t _PyTime_AsMicroseconds(_PyTime_t t, _PyTime_round_t rounding)
{
    return divide_rounding(t, 1000, rounding);
}

_PyTime_t _PyTime_AsNanoseconds(_PyTime_t t)
{
    return t;
}

PyObject *_PyTime_AsNanosecondsObject(_PyTime_t t)
{
    return PyLong_FromLongLong(t);
}

double _PyTime_AsSecondsDouble(_PyTime_t t)
{
    return t % SECOND == 0 ? (double)(t / SECOND) : (double)t / 1e9;
}

/* ---- Into nanoseconds. */

static int too_large(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    return -1;
}

_PyTime_t _PyTime_FromSeconds(int seconds)
{
    return seconds * SECOND;
}

_PyTime_t _PyTime_FromNanoseconds(_PyTime_t ns)
{
    return ns;
}

int _PyTime_FromNanosecondsObject(_PyTime_t *t, PyObject *o)
{
    if (!PyLong_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expect int, got %s", Py_TYPE(o)->tp_name);
        return -1;
    }
    int overflow;
    *t = PyLong_AsLongLongAndOverflow(o, &overflow);
    return overflow != 0 ? too_large() : 0;
}

static double round_double(double d, _PyTime_round_t rounding)
{
    switch (rounding) {
    case _PyTime_ROUND_FLOOR: return floor(d);
    case _PyTime_ROUND_CEILING: return ceil(d);
    case _PyTime_ROUND_UP: return d >= 0 ? ceil(d) : floor(d);
    default: return nearbyint(d);
    }
}

static int from_object(_PyTime_t *t, PyObject *o, _PyTime_round_t rounding, int64_t unit)
{
    if (PyFloat_Check(o)) {
        double d = PyFloat_AS_DOUBLE(o);
        if (isnan(d)) {
            PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
            return -1;
        }
        d = round_double(d * (double)unit, rounding);
        if (!(d >= -0x1p63 && d < 0x1p63)) {
            return too_large();
        }
        *t = (_PyTime_t)d;
        return 0;
    }
    int overflow;
    long long n = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (n == -1 && overflow == 0 && PyErr_Occurred()) {
        return -1;
    }
    return overflow != 0 || __builtin_mul_overflow(n, unit, t) ? too_large() : 0;
}

int _PyTime_FromSecondsObject(_PyTime_t *t, PyObject *o, _PyTime_round_t rounding)
{
    return from_object(t, o, rounding, SECOND);
}

int _PyTime_FromMillisecondsObject(_PyTime_t *t, PyObject *o, _PyTime_round_t rounding)
{
    return from_object(t, o, rounding, 1000000);
}

/* ---- Seconds and a rest that is never negative. */

static int split(_PyTime_t t, int64_t unit, time_t *seconds, long *rest, _PyTime_round_t rounding)
{
    int64_t part = divide_rounding(t % SECOND, SECOND / unit, rounding);
    *seconds = t / SECOND;
    if (part < 0) {
        part += unit;
        --*seconds;
    } else if (part >= unit) {
        part -= unit;
        ++*seconds;
    }
    *rest = (long)part;
    return 0;
}

int _PyTime_AsTimeval(_PyTime_t t, struct timeval *tv, _PyTime_round_t rounding)
{
    long us;
    split(t, 1000000, &tv->tv_sec, &us, rounding);
    tv->tv_usec = us;
    return 0;
}

void _PyTime_AsTimeval_clamp(_PyTime_t t, struct timeval *tv, _PyTime_round_t rounding)
{
    _PyTime_AsTimeval(t, tv, rounding);
}

int _PyTime_AsTimevalTime_t(_PyTime_t t, time_t *seconds, int *us, _PyTime_round_t rounding)
{
    long rest;
    split(t, 1000000, seconds, &rest, rounding);
    *us = (int)rest;
    return 0;
}

int _PyTime_AsTimespec(_PyTime_t t, struct timespec *ts)
{
    return split(t, SECOND, &ts->tv_sec, &ts->tv_nsec, _PyTime_ROUND_FLOOR);
}

void _PyTime_AsTimespec_clamp(_PyTime_t t, struct timespec *ts)
{
    _PyTime_AsTimespec(t, ts);
}

/* ---- From objects straight to seconds. */

time_t _PyLong_AsTime_t(PyObject *o)
{
    int overflow;
    long long n = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow != 0) {
        PyErr_SetString(PyExc_OverflowError, "timestamp out of range for platform time_t");
        return -1;
    }
    return n;
}

PyObject *_PyLong_FromTime_t(time_t t)
{
    return PyLong_FromLongLong(t);
}

static int check_seconds(double d)
{
    if (d >= -0x1p63 && d < 0x1p63) {
        return 0;
    }
    PyErr_SetString(PyExc_OverflowError, "timestamp out of range for platform time_t");
    return -1;
}

int _PyTime_ObjectToTime_t(PyObject *o, time_t *seconds, _PyTime_round_t rounding)
{
    if (!PyFloat_Check(o)) {
        *seconds = _PyLong_AsTime_t(o);
        return *seconds == -1 && PyErr_Occurred() ? -1 : 0;
    }
    double d = PyFloat_AS_DOUBLE(o);
    if (isnan(d)) {
        PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
        return -1;
    }
    d = round_double(d, rounding);
    if (check_seconds(d) < 0) {
        return -1;
    }
    *seconds = (time_t)d;
    return 0;
}

static int object_split(PyObject *o, time_t *seconds, long *rest, long unit,
                        _PyTime_round_t rounding)
{
    if (!PyFloat_Check(o)) {
        *rest = 0;
        return _PyTime_ObjectToTime_t(o, seconds, rounding);
    }
    double whole, d = PyFloat_AS_DOUBLE(o);
    if (isnan(d)) {
        *rest = 0;
        PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
        return -1;
    }
    double part = round_double(modf(d, &whole) * (double)unit, rounding);
    if (part >= (double)unit) {
        part -= (double)unit;
        whole += 1;
    } else if (part < 0) {
        part += (double)unit;
        whole -= 1;
    }
    if (check_seconds(whole) < 0) {
        return -1;
    }
    *seconds = (time_t)whole;
    *rest = (long)part;
    return 0;
}

int _PyTime_ObjectToTimeval(PyObject *o, time_t *seconds, long *us, _PyTime_round_t rounding)
{
    return object_split(o, seconds, us, 1000000, rounding);
}

int _PyTime_ObjectToTimespec(PyObject *o, time_t *seconds, long *ns, _PyTime_round_t rounding)
{
    return object_split(o, seconds, ns, SECOND, rounding);
}

/* ---- Clocks. */

_PyTime_t _PyTime_GetMonotonicClock(void)
{
    return os_monotonic_ns();
}

_PyTime_t _PyTime_GetPerfCounter(void)
{
    return os_monotonic_ns();
}

_PyTime_t _PyTime_GetSystemClock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}
