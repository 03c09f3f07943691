/* SPDX-License-Identifier: MIT */
/* _datetime: dates and times.
 *
 * Objects have the layouts of CPython's datetime.h and are constant, so threads share them without
 * locks. datetime_calendar.c knows the calendar; datetime_text.c reads and writes ISO 8601;
 * datetime_delta.c, _zone.c, _date.c, _time.c and _datetime.c have one type each (or two),
 * datetime_arith.c what datetime objects do beyond being made and shown. */
#include "module/datetime_int.h"
#include "object/str.h"

PyDateTime_CAPI datetime_capi = {
    .DateType = &date_type,
    .DateTimeType = &datetime_type,
    .TimeType = &time_type,
    .DeltaType = &timedelta_type,
    .TZInfoType = &tzinfo_type,
};

static int add_date_constants(void)
{
    const struct date_parts first = {MIN_YEAR, 1, 1}, last = {MAX_YEAR, 12, 31};
    const struct time_parts midnight = {0}, end = {23, 59, 59, 999999};
    const struct {
        PyTypeObject *type;
        const char *name;
        PyObject *value;
    } rows[] = {
        {&date_type, "min", value_object(date_new(first, &date_type))},
        {&date_type, "max", value_object(date_new(last, &date_type))},
        {&date_type, "resolution", delta_new(1, 0, 0)},
        {&time_type, "min", value_object(time_new(midnight, VALUE_NONE, 0, &time_type))},
        {&time_type, "max", value_object(time_new(end, VALUE_NONE, 0, &time_type))},
        {&time_type, "resolution", delta_new(0, 0, 1)},
        {&datetime_type, "min", datetime_make(first, midnight, VALUE_NONE, 0, &datetime_type)},
        {&datetime_type, "max", datetime_make(last, end, VALUE_NONE, 0, &datetime_type)},
        {&datetime_type, "resolution", delta_new(0, 0, 1)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (datetime_add_constant(rows[i].type, rows[i].name, rows[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int datetime_exec(PyObject *module)
{
    PyTypeObject *const types[] = {&timedelta_type,  &date_type, &tzinfo_type,
                                   &timezone_type,   &time_type, &datetime_type,
                                   &isocalendar_type};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (type_ready(types[i]) < 0) {
            return -1;
        }
        if (types[i] != &isocalendar_type && module_add_type(module, types[i]) < 0) {
            return -1;
        }
    }
    if (delta_add_constants() < 0 || timezone_add_constants() < 0 || add_date_constants() < 0) {
        return -1;
    }
    datetime_capi.TimeZone_UTC = timezone_utc;
    if (module_add(module, "datetime_CAPI",
                   native_hooks.new_capsule(&datetime_capi, PyDateTime_CAPSULE_NAME)) < 0) {
        return -1;
    }
    return module_add(module, "UTC", value_from_object(timezone_utc)) < 0 ||
                   module_add_int(module, "MINYEAR", MIN_YEAR) < 0
               ? -1
               : module_add_int(module, "MAXYEAR", MAX_YEAR);
}

const struct module_def datetime_module = {
    .name = "_datetime",
    .doc = "Fast implementation of the datetime type.",
    .exec = datetime_exec,
};
