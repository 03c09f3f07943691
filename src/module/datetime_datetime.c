/* SPDX-License-Identifier: MIT */
/* _datetime.datetime: making objects, their parts and their text; datetime_arith.c has the rest. */
#include "module/datetime_int.h"
#include "module/import.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

_Static_assert(offsetof(PyDateTime_DateTime, hastzinfo) == 24 &&
                   offsetof(PyDateTime_DateTime, data) == 25 &&
                   offsetof(PyDateTime_DateTime, fold) == 35 &&
                   offsetof(PyDateTime_DateTime, tzinfo) == 40,
               "layout of datetime.h");
/* An object without a time zone may end before `tzinfo`; its fold is inside all the same. */
_Static_assert(sizeof(_PyDateTime_BaseDateTime) == offsetof(PyDateTime_DateTime, tzinfo),
               "short form");

static void datetime_trace(PyObject *self, struct tracer *tracer)
{
    PyDateTime_DateTime *t = (PyDateTime_DateTime *)(void *)self;
    if (t->hastzinfo) {
        trace_pointer(tracer, t->tzinfo);
    }
}

/* ---- Making. */

PyObject *datetime_make(struct date_parts d, struct time_parts p, Value zone, int fold,
                        PyTypeObject *type)
{
    bool naive = value_is_none(zone);
    PyObject *object = type == &datetime_type
                           ? object_alloc_bytes(type, naive ? sizeof(_PyDateTime_BaseDateTime)
                                                            : sizeof(PyDateTime_DateTime))
                           : object_alloc(type, 0);
    if (object == NULL) {
        return NULL;
    }
    PyDateTime_DateTime *t = (PyDateTime_DateTime *)(void *)object;
    t->hashcode = -1;
    t->hastzinfo = !naive;
    const unsigned char data[_PyDateTime_DATETIME_DATASIZE] = {
        (unsigned char)(d.year >> 8), (unsigned char)d.year,       (unsigned char)d.month,
        (unsigned char)d.day,         (unsigned char)p.hour,       (unsigned char)p.minute,
        (unsigned char)p.second,      (unsigned char)(p.us >> 16), (unsigned char)(p.us >> 8),
        (unsigned char)p.us};
    memcpy(t->data, data, sizeof data);
    t->fold = (unsigned char)fold;
    if (!naive) {
        heap_init(t, &t->tzinfo, value_object(zone));
    }
    return object;
}

static int check_parts(struct date_parts d, struct time_parts p, Value zone, int fold)
{
    return calendar_check_date(d) < 0 || calendar_check_time(p, fold) < 0 ? -1 : zone_check(zone);
}

Value datetime_new(struct date_parts d, struct time_parts p, Value zone, int fold,
                   PyTypeObject *type)
{
    if (check_parts(d, p, zone, fold) < 0) {
        return VALUE_NULL;
    }
    if (type == &datetime_type) {
        return value_from_object(datetime_make(d, p, zone, fold, type));
    }
    Value args[] = {value_from_int(d.year),   value_from_int(d.month),
                    value_from_int(d.day),    value_from_int(p.hour),
                    value_from_int(p.minute), value_from_int(p.second),
                    value_from_int(p.us),     zone,
                    value_from_int(fold)};
    PyObject *kwnames = fold != 0 ? tuple_pack(1, names.fold) : NULL;
    return object_call(value_from_object(type), args, 8, kwnames);
}

static bool is_month(unsigned char c)
{
    return (c & 0x7f) >= 1 && (c & 0x7f) <= 12;
}

/* datetime(state[, zone]) as pickles have it. ABSENT: the arguments are others. */
static Value from_state(PyTypeObject *type, const Value *args, size_t nargs)
{
    bool failed;
    const unsigned char *data = datetime_pickle_state(args[0], _PyDateTime_DATETIME_DATASIZE,
                                                      is_month, 2, "datetime", &failed);
    if (data == NULL) {
        return failed ? VALUE_NULL : VALUE_ABSENT;
    }
    Value zone = nargs == 2 ? args[1] : VALUE_NONE;
    if (!value_is_none(zone) && !value_is_instance(zone, &tzinfo_type)) {
        return error_raise(PyExc_TypeError, "bad tzinfo state arg");
    }
    struct date_parts d = {data[0] << 8 | data[1], data[2] & 0x7f, data[3]};
    struct time_parts p = {data[4], data[5], data[6], data[7] << 16 | data[8] << 8 | data[9]};
    return value_from_object(datetime_make(d, p, zone, data[2] >> 7, type));
}

/* Reads the parts that are given, from year to fold. */
static int read_parts(const Value *args, struct date_parts *d, struct time_parts *p, Value *zone,
                      int *fold)
{
    int *fields[] = {&d->year,   &d->month, &d->day, &p->hour, &p->minute,
                     &p->second, &p->us,    NULL,    fold};
    for (int i = 0; i < 9; i++) {
        if (value_is_absent(args[i])) {
            continue;
        }
        if (i == 7) {
            *zone = args[i];
        } else if (arg_int(args[i], fields[i]) < 0) {
            return -1;
        }
    }
    return check_parts(*d, *p, *zone, *fold);
}

static Value datetime_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[9], zone = VALUE_NONE;
    struct date_parts d = {0};
    struct time_parts p = {0};
    int fold = 0;
    if (nargs >= 1 && nargs <= 2 && kwnames == NULL) {
        Value made = from_state(type, args, nargs);
        if (!value_is_absent(made)) {
            return made;
        }
    }
    if (native_bind(NULL,
                    "(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, "
                    "fold=0)",
                    &cache, args, nargs, kwnames, out) < 0 ||
        read_parts(out, &d, &p, &zone, &fold) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(datetime_make(d, p, zone, fold, type));
}

/* ---- Class methods. */

static PyTypeObject *class_of(Value class)
{
    return (PyTypeObject *)value_object(class);
}

static Value now_method(Value class, const Value *args)
{
    Value zone = value_is_absent(args[0]) ? VALUE_NONE : args[0];
    return zone_check(zone) < 0 ? VALUE_NULL : datetime_now(class_of(class), zone, false);
}
static Value utcnow_method(Value class)
{
    return datetime_now(class_of(class), VALUE_NONE, true);
}
static Value fromtimestamp_method(Value class, const Value *args)
{
    Value zone = value_is_absent(args[1]) ? VALUE_NONE : args[1];
    return zone_check(zone) < 0 ? VALUE_NULL
                                : datetime_from_timestamp(class_of(class), args[0], zone, false);
}
static Value utcfromtimestamp_method(Value class, Value timestamp)
{
    return datetime_from_timestamp(class_of(class), timestamp, VALUE_NONE, true);
}

static Value strptime_method(Value class, const Value *args)
{
    for (int i = 0; i < 2; i++) {
        if (!str_check(args[i])) {
            return error_raise(PyExc_TypeError, "strptime() argument %d must be str, not %T", i + 1,
                               args[i]);
        }
    }
    Value function = import_attribute("_strptime", "_strptime_datetime");
    return value_is_null(function) ? function : object_call3(function, class, args[0], args[1]);
}

static Value combine_method(Value class, const Value *args)
{
    if (!date_check(args[0])) {
        return error_raise(PyExc_TypeError, "combine() argument 1 must be datetime.date, not %T",
                           args[0]);
    }
    if (!time_check(args[1])) {
        return error_raise(PyExc_TypeError, "combine() argument 2 must be datetime.time, not %T",
                           args[1]);
    }
    PyDateTime_Time *t = time_of(args[1]);
    Value zone = !value_is_absent(args[2]) ? args[2]
                 : t->hastzinfo            ? value_from_object(t->tzinfo)
                                           : VALUE_NONE;
    return datetime_new(date_parts_of(date_of(args[0])), time_parts_of(t), zone, t->fold,
                        class_of(class));
}

static Value fromisoformat_method(Value class, Value arg)
{
    struct iso_text text;
    struct date_parts d;
    struct time_parts p = {0};
    Value zone = VALUE_NONE;
    if (iso_text_of(arg, &text) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t end = iso_find_separator(text);
    if (end < 0 || end > text.length || !iso_parse_date((struct iso_text){text.text, end}, &d)) {
        return iso_text_invalid(arg);
    }
    if (end < text.length) {
        struct iso_text rest = {text.text + end + 1, text.length - end - 1};
        int status = iso_parse_time(rest, &p, &zone);
        if (status != 0) {
            return status < 0 ? VALUE_NULL : iso_text_invalid(arg);
        }
    }
    return datetime_new(d, p, zone, 0, class_of(class));
}

/* ---- Parts. */

static struct date_parts date_of_self(Value self)
{
    return date_parts_of(datetime_of(self));
}
static struct time_parts time_of_self(Value self)
{
    return datetime_time_parts(datetime_of(self));
}

Value datetime_zone(Value self)
{
    PyDateTime_DateTime *t = datetime_of(self);
    return t->hastzinfo ? value_from_object(t->tzinfo) : VALUE_NONE;
}
Value datetime_offset(Value self)
{
    return zone_offset(datetime_zone(self), "utcoffset", self);
}

static Value get_hour(Value self, void *closure)
{
    (void)closure;
    return value_from_int(datetime_of(self)->data[4]);
}
static Value get_minute(Value self, void *closure)
{
    (void)closure;
    return value_from_int(datetime_of(self)->data[5]);
}
static Value get_second(Value self, void *closure)
{
    (void)closure;
    return value_from_int(datetime_of(self)->data[6]);
}
static Value get_microsecond(Value self, void *closure)
{
    (void)closure;
    return value_from_int(time_of_self(self).us);
}
static Value get_fold(Value self, void *closure)
{
    (void)closure;
    return value_from_int(datetime_of(self)->fold);
}
static Value get_tzinfo(Value self, void *closure)
{
    (void)closure;
    return datetime_zone(self);
}

static Value date_method(Value self)
{
    return date_new(date_of_self(self), &date_type);
}
static Value time_method(Value self)
{
    return time_new(time_of_self(self), VALUE_NONE, datetime_of(self)->fold, &time_type);
}
static Value timetz_method(Value self)
{
    return time_new(time_of_self(self), datetime_zone(self), datetime_of(self)->fold, &time_type);
}

static Value datetime_dst(Value self)
{
    return zone_offset(datetime_zone(self), "dst", self);
}
static Value datetime_tzname(Value self)
{
    return zone_name(datetime_zone(self), self);
}

static Value timetuple_method(Value self)
{
    Value dst = datetime_dst(self);
    if (value_is_null(dst)) {
        return dst;
    }
    int flag = value_is_none(dst) ? -1 : !delta_is_zero(dst);
    return datetime_timetuple(date_of_self(self), time_of_self(self), flag);
}

static Value utctimetuple_method(Value self)
{
    Value offset = datetime_offset(self), utc = datetime_without_zone(self);
    if (value_is_null(offset) || value_is_null(utc)) {
        return VALUE_NULL;
    }
    if (!value_is_none(offset)) {
        utc = datetime_add_us(utc, -delta_us(offset));
    }
    return value_is_null(utc) ? utc : datetime_timetuple(date_of_self(utc), time_of_self(utc), 0);
}

static Value replace_method(Value self, const Value *args)
{
    struct date_parts d = date_of_self(self);
    struct time_parts p = time_of_self(self);
    Value zone = datetime_zone(self);
    int fold = datetime_of(self)->fold;
    return read_parts(args, &d, &p, &zone, &fold) < 0
               ? VALUE_NULL
               : datetime_new(d, p, zone, fold, value_type(self));
}

/* ---- Text. */

static Value datetime_repr(Value self)
{
    struct date_parts d = date_of_self(self);
    struct time_parts p = time_of_self(self);
    char text[64] = "";
    if (p.us != 0) {
        snprintf(text, sizeof text, ", %d, %d", p.second, p.us);
    } else if (p.second != 0) {
        snprintf(text, sizeof text, ", %d", p.second);
    }
    const char *fold = datetime_of(self)->fold ? ", fold=1" : "";
    const char *name = value_type(self)->tp_name;
    Value zone = datetime_zone(self);
    if (value_is_none(zone)) {
        return value_from_object(str_format("%s(%d, %d, %d, %d, %d%s%s)", name, d.year, d.month,
                                            d.day, p.hour, p.minute, text, fold));
    }
    return value_from_object(str_format("%s(%d, %d, %d, %d, %d%s%s, tzinfo=%R)", name, d.year,
                                        d.month, d.day, p.hour, p.minute, text, fold, zone));
}

static Value iso_text(Value self, Py_UCS4 separator, enum time_precision spec)
{
    struct date_parts d = date_of_self(self);
    char text[32 + TIME_TEXT_SIZE + OFFSET_TEXT_SIZE];
    int n = snprintf(text, 32, "%04d-%02d-%02d", d.year, d.month, d.day);
    n += time_text(text + n, time_of_self(self), spec);
    Value offset = datetime_offset(self);
    if (value_is_null(offset)) {
        return offset;
    }
    if (!value_is_none(offset)) {
        n += offset_text(text + n, offset, ":");
    }
    struct str_builder b;
    str_builder_init(&b);
    if (str_builder_ascii(&b, text, 10) < 0 || str_builder_char(&b, separator) < 0 ||
        str_builder_ascii(&b, text + 10, n - 10) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

static Value isoformat_method(Value self, const Value *args)
{
    Py_UCS4 separator = 'T';
    enum time_precision spec;
    if (!value_is_absent(args[0])) {
        if (!str_check(args[0]) || str_length(value_object(args[0])) != 1) {
            return error_raise(PyExc_TypeError,
                               "isoformat() argument 1 must be a unicode character, not %T",
                               args[0]);
        }
        separator = str_at(value_object(args[0]), 0);
    }
    return timespec_parse(args[1], &spec) < 0 ? VALUE_NULL : iso_text(self, separator, spec);
}

static Value datetime_str(Value self)
{
    return object_call_method1(self, names.isoformat, value_from_object(str_from_char(' ')));
}

static Value ctime_method(Value self)
{
    return value_from_object(datetime_ctime(date_of_self(self), time_of_self(self)));
}

/* ---- Pickling. */

static Value reduce(Value self, int protocol)
{
    PyDateTime_DateTime *t = datetime_of(self);
    char data[_PyDateTime_DATETIME_DATASIZE];
    memcpy(data, t->data, sizeof data);
    if (protocol > 3 && t->fold) {
        data[2] = (char)(data[2] | 0x80);
    }
    PyObject *state = bytes_new(data, sizeof data);
    Value items[] = {value_from_object(state), datetime_zone(self)};
    PyObject *args = state == NULL ? NULL : tuple_from_array(items, t->hastzinfo ? 2 : 1);
    return args == NULL ? VALUE_NULL
                        : value_from_object(tuple_pack(2, (PyObject *)value_type(self), args));
}

static Value reduce_ex_method(Value self, Value arg)
{
    int protocol;
    return arg_int(arg, &protocol) < 0 ? VALUE_NULL : reduce(self, protocol);
}
static Value reduce_method(Value self)
{
    return reduce(self, 2);
}

static const struct native_def methods[] = {
    {"now", "($type, /, tz=None)",
     "Returns new datetime object representing current time local to tz.\n\n  tz\n    Timezone "
     "object.\n\nIf no tz is specified, uses local timezone.",
     NATIVE_CLASS, .n = now_method},
    {"utcnow", "($type, /)", "Return a new datetime representing UTC day and time.", NATIVE_CLASS,
     .f0 = utcnow_method},
    {"fromtimestamp", "($type, timestamp, tz=None)",
     "timestamp[, tz] -> tz's local time from POSIX timestamp.", NATIVE_CLASS,
     .n = fromtimestamp_method},
    {"utcfromtimestamp", "($type, timestamp, /)",
     "Construct a naive UTC datetime from a POSIX timestamp.", NATIVE_CLASS,
     .f1 = utcfromtimestamp_method},
    {"strptime", "($type, date_string, format, /)",
     "string, format -> new datetime parsed from a string (like time.strptime()).", NATIVE_CLASS,
     .n = strptime_method},
    {"combine", "($type, date, time, tzinfo=<unrepresentable>)",
     "date, time -> datetime with same date and time fields", NATIVE_CLASS, .n = combine_method},
    {"fromisoformat", "($type, string, /)",
     "string -> datetime from a string in most ISO 8601 formats", NATIVE_CLASS,
     .f1 = fromisoformat_method},
    {"date", "($self, /)", "Return date object with same year, month and day.", .f0 = date_method},
    {"time", "($self, /)", "Return time object with same time but with tzinfo=None.",
     .f0 = time_method},
    {"timetz", "($self, /)", "Return time object with same time and tzinfo.", .f0 = timetz_method},
    {"ctime", "($self, /)", "Return ctime() style string.", .f0 = ctime_method},
    {"timetuple", "($self, /)", "Return time tuple, compatible with time.localtime().",
     .f0 = timetuple_method},
    {"timestamp", "($self, /)", "Return POSIX timestamp as float.", .f0 = datetime_timestamp},
    {"utctimetuple", "($self, /)", "Return UTC time tuple, compatible with time.localtime().",
     .f0 = utctimetuple_method},
    {"isoformat", "($self, sep='T', timespec='auto')",
     "[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\nsep is "
     "used to separate the year from the time, and defaults to 'T'.\nThe optional argument "
     "timespec "
     "specifies the number of additional terms\nof the time to include. Valid options are 'auto', "
     "'hours', 'minutes',\n'seconds', 'milliseconds' and 'microseconds'.\n",
     .n = isoformat_method},
    {"utcoffset", "($self, /)", "Return self.tzinfo.utcoffset(self).", .f0 = datetime_offset},
    {"tzname", "($self, /)", "Return self.tzinfo.tzname(self).", .f0 = datetime_tzname},
    {"dst", "($self, /)", "Return self.tzinfo.dst(self).", .f0 = datetime_dst},
    {"replace",
     "($self, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>, "
     "hour=<unrepresentable>, minute=<unrepresentable>, second=<unrepresentable>, "
     "microsecond=<unrepresentable>, tzinfo=<unrepresentable>, *, fold=<unrepresentable>)",
     "Return datetime with new specified fields.", .n = replace_method},
    {"astimezone", "($self, tz=None)", "tz -> convert to local time in new timezone tz\n",
     .n = datetime_astimezone},
    {"__reduce_ex__", "($self, protocol, /)", "__reduce_ex__(proto) -> (cls, state)",
     .f1 = reduce_ex_method},
    {"__reduce__", "($self, /)", "__reduce__() -> (cls, state)", .f0 = reduce_method},
    {NULL},
};

static const struct getset_def getsets[] = {
    {"hour", get_hour, NULL, NULL, NULL},
    {"minute", get_minute, NULL, NULL, NULL},
    {"second", get_second, NULL, NULL, NULL},
    {"microsecond", get_microsecond, NULL, NULL, NULL},
    {"tzinfo", get_tzinfo, NULL, NULL, NULL},
    {"fold", get_fold, NULL, NULL, NULL},
    {NULL},
};

static struct type_info datetime_info = {
    .ops = {.new_ = datetime_new_op,
            .repr = datetime_repr,
            .str = datetime_str,
            .hash = datetime_hash,
            .richcompare = datetime_richcompare,
            .binary = {[OP_ADD] = datetime_add, [OP_SUB] = datetime_subtract}},
    .trace = datetime_trace,
    .methods = methods,
    .getsets = getsets,
};

PyTypeObject datetime_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.datetime",
    .tp_base = &date_type,
    .tp_basicsize = sizeof(PyDateTime_DateTime),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\n"
              "The year, month and day arguments are required. tzinfo may be None, or an\ninstance "
              "of a tzinfo subclass. The remaining arguments may be ints.",
    .tp_cache = (PyObject *)&datetime_info,
};
