/* SPDX-License-Identifier: MIT */
/* The functions of the capsule datetime.datetime_CAPI. They make objects of the type that they are
 * given, by calling it if it is no type of ours. */
#include "capi/capi_int.h"
#include "module/datetime_int.h"
#include "object/list.h"

static PyObject *new_date(int year, int month, int day, PyTypeObject *type)
{
    struct thread *t = capi_enter();
    struct date_parts d = {year, month, day};
    return capi_return(t, calendar_check_date(d) < 0 ? VALUE_NULL : date_new(d, type));
}

static PyObject *new_datetime_fold(int year, int month, int day, int hour, int minute, int second,
                                   int us, PyObject *zone, int fold, PyTypeObject *type)
{
    struct thread *t = capi_enter();
    return capi_return(t, datetime_new((struct date_parts){year, month, day},
                                       (struct time_parts){hour, minute, second, us},
                                       capi_value(zone), fold, type));
}

static PyObject *new_datetime(int year, int month, int day, int hour, int minute, int second,
                              int us, PyObject *zone, PyTypeObject *type)
{
    return new_datetime_fold(year, month, day, hour, minute, second, us, zone, 0, type);
}

static PyObject *new_time_fold(int hour, int minute, int second, int us, PyObject *zone, int fold,
                               PyTypeObject *type)
{
    struct thread *t = capi_enter();
    return capi_return(
        t, time_new((struct time_parts){hour, minute, second, us}, capi_value(zone), fold, type));
}

static PyObject *new_time(int hour, int minute, int second, int us, PyObject *zone,
                          PyTypeObject *type)
{
    return new_time_fold(hour, minute, second, us, zone, 0, type);
}

static PyObject *new_delta(int days, int seconds, int us, int normalize, PyTypeObject *type)
{
    struct thread *t = capi_enter();
    if (type == &timedelta_type) {
        return capi_return_object(t, delta_new(days, seconds, us));
    }
    return capi_return(t, object_call3(value_from_object(type), value_from_int(days),
                                       value_from_int(seconds), value_from_int(us)));
}

static PyObject *new_zone(PyObject *offset, PyObject *name)
{
    struct thread *t = capi_enter();
    if (!delta_check(capi_value(offset))) {
        return capi_return(
            t, error_raise(PyExc_TypeError, "fromutc: argument must be a datetime.timedelta"));
    }
    return capi_return_object(t, timezone_new(offset, capi_object(name)));
}

static PyObject *call_class_method(PyObject *class, const char *name, PyObject *args,
                                   PyObject *kwargs)
{
    struct thread *t = capi_enter();
    PyObject *text = str_intern_text(name);
    Value method = text == NULL ? VALUE_NULL : object_getattr(capi_value(class), text);
    return capi_return(t, value_is_null(method)
                              ? method
                              : object_call_tuple(method, capi_object(args), capi_object(kwargs)));
}

static PyObject *datetime_from_stamp(PyObject *class, PyObject *args, PyObject *kwargs)
{
    return call_class_method(class, "fromtimestamp", args, kwargs);
}

static PyObject *date_from_stamp(PyObject *class, PyObject *args)
{
    return call_class_method(class, "fromtimestamp", args, NULL);
}

void capi_init_datetime(void)
{
    datetime_capi.Date_FromDate = new_date;
    datetime_capi.DateTime_FromDateAndTime = new_datetime;
    datetime_capi.DateTime_FromDateAndTimeAndFold = new_datetime_fold;
    datetime_capi.Time_FromTime = new_time;
    datetime_capi.Time_FromTimeAndFold = new_time_fold;
    datetime_capi.Delta_FromDelta = new_delta;
    datetime_capi.TimeZone_FromTimeZone = new_zone;
    datetime_capi.DateTime_FromTimestamp = datetime_from_stamp;
    datetime_capi.Date_FromTimestamp = date_from_stamp;
}
