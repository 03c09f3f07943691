/* SPDX-License-Identifier: MIT */
/* _datetime.tzinfo and timezone, and what asks any tzinfo. */
#include "module/datetime_int.h"
#include "object/list.h"
#include "object/object_reduce.h"
#include "object/str.h"

struct zone { /* timezone; constant */
    PyObject_HEAD PyObject *offset;
    PyObject *name; /* or NULL */
};

PyObject *timezone_utc;

static struct zone *zone_of(Value v)
{
    return (struct zone *)(void *)value_object(v);
}

/* ---- Asking. */

int zone_check(Value zone)
{
    if (value_is_none(zone) || value_is_instance(zone, &tzinfo_type)) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError,
                           "tzinfo argument must be None or of a tzinfo subclass, not type '%T'",
                           zone);
}

static bool offset_in_range(Value offset)
{
    wide_int us = delta_us(offset);
    return us > -US_PER_DAY && us < US_PER_DAY;
}

Value zone_offset(Value zone, const char *method, Value argument)
{
    if (value_is_none(zone)) {
        return zone;
    }
    if (value_type(zone) == &timezone_type) {
        return *method == 'd' ? VALUE_NONE : value_from_object(zone_of(zone)->offset);
    }
    Value result =
        object_call_method1(zone, *method == 'd' ? names.dst : names.utcoffset, argument);
    if (value_is_null(result) || value_is_none(result)) {
        return result;
    }
    if (!delta_check(result)) {
        return error_raise(PyExc_TypeError, "tzinfo.%s() must return None or a timedelta, not '%T'",
                           method, result);
    }
    if (!offset_in_range(result)) {
        return error_raise(PyExc_ValueError, "offset must be a timedelta strictly between "
                                             "-timedelta(hours=24) and timedelta(hours=24).");
    }
    return result;
}

Value zone_name(Value zone, Value argument)
{
    if (value_is_none(zone)) {
        return zone;
    }
    Value result = object_call_method1(zone, names.tzname, argument);
    if (value_is_null(result) || value_is_none(result) || str_check(result)) {
        return result;
    }
    return error_raise(PyExc_TypeError, "tzinfo.tzname() must return None or a string, not '%T'",
                       result);
}

/* ---- tzinfo. */

static Value plain_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)args;
    (void)nargs;
    (void)kwnames;
    return value_from_object(object_alloc(type, 0));
}

static Value unimplemented(const char *method)
{
    return error_raise(PyExc_NotImplementedError, "a tzinfo subclass must implement %s()", method);
}
static Value tzinfo_tzname(Value self, Value datetime)
{
    (void)self;
    (void)datetime;
    return unimplemented("tzname");
}
static Value tzinfo_utcoffset(Value self, Value datetime)
{
    (void)self;
    (void)datetime;
    return unimplemented("utcoffset");
}
static Value tzinfo_dst(Value self, Value datetime)
{
    (void)self;
    (void)datetime;
    return unimplemented("dst");
}

static int check_fromutc(Value self, Value datetime)
{
    if (!datetime_check(datetime)) {
        return error_raise_int(PyExc_TypeError, "fromutc: argument must be a datetime");
    }
    if (datetime_zone(datetime).bits != self.bits) {
        return error_raise_int(PyExc_ValueError, "fromutc: dt.tzinfo is not self");
    }
    return 0;
}

/* The zone's dst() of a datetime, which may not be None. */
static Value required_dst(Value self, Value datetime, const char *message)
{
    Value dst = zone_offset(self, "dst", datetime);
    return value_is_none(dst) ? error_raise(PyExc_ValueError, "%s", message) : dst;
}

/* Standard offset first, then daylight saving time as it is at the time that gives. */
static Value tzinfo_fromutc(Value self, Value datetime)
{
    if (check_fromutc(self, datetime) < 0) {
        return VALUE_NULL;
    }
    Value offset = zone_offset(self, "utcoffset", datetime);
    if (value_is_null(offset)) {
        return offset;
    }
    if (value_is_none(offset)) {
        return error_raise(PyExc_ValueError, "fromutc: non-None utcoffset() result required");
    }
    Value dst = required_dst(self, datetime, "fromutc: non-None dst() result required");
    if (value_is_null(dst)) {
        return dst;
    }
    wide_int standard = delta_us(offset) - delta_us(dst);
    Value result = standard == 0 ? datetime : datetime_add_us(datetime, standard);
    if (value_is_null(result)) {
        return result;
    }
    dst = required_dst(self, result, "fromutc: tz.dst() gave inconsistent results; cannot convert");
    return value_is_null(dst) || delta_is_zero(dst) ? (value_is_null(dst) ? dst : result)
                                                    : datetime_add_us(result, delta_us(dst));
}

static Value tzinfo_reduce(Value self)
{
    Value function, args = value_from_object(tuple_new(0));
    int found = object_find_attr(self, names.__getinitargs__, &function);
    if (found > 0) {
        args = object_call0(function);
    }
    if (found < 0 || value_is_null(args)) {
        return VALUE_NULL;
    }
    Value state = object_getstate(self);
    if (value_is_null(state)) {
        return state;
    }
    Value items[] = {value_from_object(value_type(self)), args, state};
    return value_from_object(tuple_from_array(items, 3));
}

static const struct native_def tzinfo_methods[] = {
    {"tzname", "($self, dt, /)", "datetime -> string name of time zone.", .f1 = tzinfo_tzname},
    {"utcoffset", "($self, dt, /)",
     "datetime -> timedelta showing offset from UTC, negative values indicating West of UTC",
     .f1 = tzinfo_utcoffset},
    {"dst", "($self, dt, /)", "datetime -> DST offset as timedelta positive east of UTC.",
     .f1 = tzinfo_dst},
    {"fromutc", "($self, dt, /)", "datetime in UTC -> datetime in local time.",
     .f1 = tzinfo_fromutc},
    {"__reduce__", "($self, /)", "-> (cls, state)", .f0 = tzinfo_reduce},
    {NULL},
};

static struct type_info tzinfo_info = {.ops = {.new_ = plain_new}, .methods = tzinfo_methods};

PyTypeObject tzinfo_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.tzinfo",
    .tp_basicsize = sizeof(PyDateTime_TZInfo),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Abstract base class for time zone info objects.",
    .tp_cache = (PyObject *)&tzinfo_info,
};

/* ---- timezone. */

static void zone_trace(PyObject *self, struct tracer *tracer)
{
    struct zone *z = (struct zone *)(void *)self;
    trace_pointer(tracer, z->offset);
    trace_pointer(tracer, z->name);
}

static PyObject *make_zone(PyTypeObject *type, PyObject *offset, PyObject *name)
{
    struct zone *z = (struct zone *)(void *)object_alloc(type, 0);
    if (z != NULL) {
        heap_init(z, &z->offset, offset);
        heap_init(z, &z->name, name);
    }
    return (PyObject *)z;
}

static PyObject *checked_zone(PyTypeObject *type, PyObject *offset, PyObject *name)
{
    if (name == NULL && delta_is_zero(value_from_object(offset)) && timezone_utc != NULL) {
        return timezone_utc;
    }
    if (!offset_in_range(value_from_object(offset))) {
        return error_raise_null(PyExc_ValueError,
                                "offset must be a timedelta strictly between "
                                "-timedelta(hours=24) and timedelta(hours=24), not %R.",
                                value_from_object(offset));
    }
    return make_zone(type, offset, name);
}

PyObject *timezone_new(PyObject *offset, PyObject *name)
{
    return checked_zone(&timezone_type, offset, name);
}

static Value zone_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[2];
    if (native_bind("timezone", "(offset, name=None)", &cache, args, nargs, kwnames, out) < 0) {
        return VALUE_NULL;
    }
    if (!delta_check(out[0])) {
        return error_raise(PyExc_TypeError,
                           "timezone() argument 1 must be datetime.timedelta, not %T", out[0]);
    }
    if (!value_is_absent(out[1]) && !str_check(out[1])) {
        return error_raise(PyExc_TypeError, "timezone() argument 2 must be str, not %T", out[1]);
    }
    PyObject *name = value_is_absent(out[1]) ? NULL : value_object(out[1]);
    return value_from_object(checked_zone(type, value_object(out[0]), name));
}

static Value zone_repr(Value self)
{
    struct zone *z = zone_of(self);
    const char *type = value_type(self)->tp_name;
    if ((PyObject *)z == timezone_utc) {
        return value_from_object(str_from_text("datetime.timezone.utc"));
    }
    if (z->name == NULL) {
        return value_from_object(str_format("%s(%R)", type, value_from_object(z->offset)));
    }
    return value_from_object(
        str_format("%s(%R, %R)", type, value_from_object(z->offset), value_from_object(z->name)));
}

static Value zone_text(Value self)
{
    struct zone *z = zone_of(self);
    if (z->name != NULL) {
        return value_from_object(z->name);
    }
    if ((PyObject *)z == timezone_utc || delta_is_zero(value_from_object(z->offset))) {
        return value_from_object(str_from_text("UTC"));
    }
    char text[OFFSET_TEXT_SIZE + 3] = "UTC";
    int n = offset_text(text + 3, value_from_object(z->offset), ":");
    return value_from_object(str_from_ascii(text, n + 3));
}

static Py_hash_t zone_hash(Value self)
{
    return object_hash(value_from_object(zone_of(self)->offset));
}

static Value zone_compare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !value_is_instance(other, &timezone_type)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return delta_compare(value_from_object(zone_of(self)->offset),
                         value_from_object(zone_of(other)->offset), op);
}

static int check_argument(Value datetime, const char *method)
{
    if (value_is_none(datetime) || datetime_check(datetime)) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError,
                           "%s(dt) argument must be a datetime instance or None, not %T", method,
                           datetime);
}
static Value zone_tzname(Value self, Value datetime)
{
    return check_argument(datetime, "tzname") < 0 ? VALUE_NULL : zone_text(self);
}
static Value zone_utcoffset(Value self, Value datetime)
{
    return check_argument(datetime, "utcoffset") < 0 ? VALUE_NULL
                                                     : value_from_object(zone_of(self)->offset);
}
static Value zone_dst(Value self, Value datetime)
{
    (void)self;
    return check_argument(datetime, "dst") < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value zone_fromutc(Value self, Value datetime)
{
    if (!datetime_check(datetime)) {
        return error_raise(PyExc_TypeError, "fromutc: argument must be a datetime instance");
    }
    if (check_fromutc(self, datetime) < 0) {
        return VALUE_NULL;
    }
    return datetime_add_us(datetime, delta_us(value_from_object(zone_of(self)->offset)));
}

static Value zone_getinitargs(Value self)
{
    struct zone *z = zone_of(self);
    Value items[] = {value_from_object(z->offset), value_from_object(z->name)};
    return value_from_object(tuple_from_array(items, z->name != NULL ? 2 : 1));
}

static const struct native_def zone_methods[] = {
    {"tzname", "($self, dt, /)",
     "If name is specified when timezone is created, returns the name.  Otherwise returns offset "
     "as 'UTC(+|-)HH:MM'.",
     .f1 = zone_tzname},
    {"utcoffset", "($self, dt, /)", "Return fixed offset.", .f1 = zone_utcoffset},
    {"dst", "($self, dt, /)", "Return None.", .f1 = zone_dst},
    {"fromutc", "($self, dt, /)", "datetime in UTC -> datetime in local time.", .f1 = zone_fromutc},
    {"__getinitargs__", "($self, /)", "pickle support", .f0 = zone_getinitargs},
    {NULL},
};

static struct type_info zone_info = {
    .ops = {.new_ = zone_new,
            .repr = zone_repr,
            .str = zone_text,
            .hash = zone_hash,
            .richcompare = zone_compare},
    .trace = zone_trace,
    .methods = zone_methods,
};

PyTypeObject timezone_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.timezone",
    .tp_base = &tzinfo_type,
    .tp_basicsize = sizeof(struct zone),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Fixed offset from UTC implementation of tzinfo.",
    .tp_cache = (PyObject *)&zone_info,
};

int timezone_add_constants(void)
{
    static const struct {
        const char *name;
        int minutes;
    } limits[] = {{"min", -(23 * 60 + 59)}, {"max", 23 * 60 + 59}};
    PyObject *zero = delta_new(0, 0, 0);
    if (timezone_utc == NULL) {
        timezone_utc = zero == NULL ? NULL : make_zone(&timezone_type, zero, NULL);
    }
    if (timezone_utc == NULL || datetime_add_constant(&timezone_type, "utc", timezone_utc) < 0) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        PyObject *offset = delta_new(0, (int64_t)limits[i].minutes * 60, 0);
        PyObject *limit = offset == NULL ? NULL : timezone_new(offset, NULL);
        if (datetime_add_constant(&timezone_type, limits[i].name, limit) < 0) {
            return -1;
        }
    }
    return 0;
}
