/* SPDX-License-Identifier: MIT */
/* _datetime.time. */
#include "base/hash.h"
#include "module/datetime_int.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

_Static_assert(offsetof(PyDateTime_Time, hastzinfo) == 24 &&
                   offsetof(PyDateTime_Time, data) == 25 && offsetof(PyDateTime_Time, fold) == 31 &&
                   offsetof(PyDateTime_Time, tzinfo) == 32,
               "layout of datetime.h");
/* An object without a time zone may end before `tzinfo`; its fold is inside all the same. */
_Static_assert(sizeof(_PyDateTime_BaseTime) == offsetof(PyDateTime_Time, tzinfo), "short form");

static void time_trace(PyObject *self, struct tracer *tracer)
{
    PyDateTime_Time *t = (PyDateTime_Time *)(void *)self;
    if (t->hastzinfo) {
        trace_pointer(tracer, t->tzinfo);
    }
}

/* ---- Making. */

static Value make(struct time_parts p, Value zone, int fold, PyTypeObject *type)
{
    bool naive = value_is_none(zone);
    PyObject *object = type == &time_type
                           ? object_alloc_bytes(type, naive ? sizeof(_PyDateTime_BaseTime)
                                                            : sizeof(PyDateTime_Time))
                           : object_alloc(type, 0);
    if (object == NULL) {
        return VALUE_NULL;
    }
    PyDateTime_Time *t = (PyDateTime_Time *)(void *)object;
    t->hashcode = -1;
    t->hastzinfo = !naive;
    t->data[0] = (unsigned char)p.hour;
    t->data[1] = (unsigned char)p.minute;
    t->data[2] = (unsigned char)p.second;
    t->data[3] = (unsigned char)(p.us >> 16);
    t->data[4] = (unsigned char)(p.us >> 8);
    t->data[5] = (unsigned char)p.us;
    t->fold = (unsigned char)fold;
    if (!naive) {
        heap_init(t, &t->tzinfo, value_object(zone));
    }
    return value_from_object(object);
}

Value time_new(struct time_parts p, Value zone, int fold, PyTypeObject *type)
{
    if (calendar_check_time(p, fold) < 0 || zone_check(zone) < 0) {
        return VALUE_NULL;
    }
    if (type == &time_type) {
        return make(p, zone, fold, type);
    }
    Value args[] = {value_from_int(p.hour),
                    value_from_int(p.minute),
                    value_from_int(p.second),
                    value_from_int(p.us),
                    zone,
                    value_from_int(fold)};
    PyObject *kwnames = tuple_pack(1, names.fold);
    return kwnames == NULL ? VALUE_NULL : object_call(value_from_object(type), args, 5, kwnames);
}

static bool is_hour(unsigned char c)
{
    return (c & 0x7f) < 24;
}

/* time(state[, zone]) as pickles have it. ABSENT: the arguments are others. */
static Value from_state(PyTypeObject *type, const Value *args, size_t nargs)
{
    bool failed;
    const unsigned char *data =
        datetime_pickle_state(args[0], _PyDateTime_TIME_DATASIZE, is_hour, 0, "time", &failed);
    if (data == NULL) {
        return failed ? VALUE_NULL : VALUE_ABSENT;
    }
    Value zone = nargs == 2 ? args[1] : VALUE_NONE;
    if (!value_is_none(zone) && !value_is_instance(zone, &tzinfo_type)) {
        return error_raise(PyExc_TypeError, "bad tzinfo state arg");
    }
    struct time_parts p = {data[0] & 0x7f, data[1], data[2],
                           data[3] << 16 | data[4] << 8 | data[5]};
    return make(p, zone, data[0] >> 7, type);
}

/* Reads the parts that are given, from hour to fold. */
static int read_parts(const Value *args, struct time_parts *p, Value *zone, int *fold)
{
    int *fields[] = {&p->hour, &p->minute, &p->second, &p->us, NULL, fold};
    for (int i = 0; i < 6; i++) {
        if (value_is_absent(args[i])) {
            continue;
        }
        if (i == 4) {
            *zone = args[i];
        } else if (arg_int(args[i], fields[i]) < 0) {
            return -1;
        }
    }
    return calendar_check_time(*p, *fold) < 0 ? -1 : zone_check(*zone);
}

static Value time_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[6], zone = VALUE_NONE;
    struct time_parts p = {0};
    int fold = 0;
    if (nargs >= 1 && nargs <= 2 && kwnames == NULL) {
        Value made = from_state(type, args, nargs);
        if (!value_is_absent(made)) {
            return made;
        }
    }
    if (native_bind(NULL, "(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)",
                    &cache, args, nargs, kwnames, out) < 0 ||
        read_parts(out, &p, &zone, &fold) < 0) {
        return VALUE_NULL;
    }
    return make(p, zone, fold, type);
}

static Value time_fromisoformat(Value class, Value arg)
{
    struct iso_text text;
    struct time_parts p;
    Value zone;
    if (iso_text_of(arg, &text) < 0) {
        return VALUE_NULL;
    }
    if (text.length > 0 && text.text[0] == 'T') {
        text.text++;
        text.length--;
    }
    int status = iso_parse_time(text, &p, &zone);
    if (status != 0) {
        return status < 0 ? VALUE_NULL : iso_text_invalid(arg);
    }
    return time_new(p, zone, 0, (PyTypeObject *)value_object(class));
}

/* ---- Parts. */

static Value get_hour(Value self, void *closure)
{
    (void)closure;
    return value_from_int(time_of(self)->data[0]);
}
static Value get_minute(Value self, void *closure)
{
    (void)closure;
    return value_from_int(time_of(self)->data[1]);
}
static Value get_second(Value self, void *closure)
{
    (void)closure;
    return value_from_int(time_of(self)->data[2]);
}
static Value get_microsecond(Value self, void *closure)
{
    (void)closure;
    return value_from_int(time_parts_of(time_of(self)).us);
}
static Value get_fold(Value self, void *closure)
{
    (void)closure;
    return value_from_int(time_of(self)->fold);
}
static Value zone_of(Value self)
{
    return time_of(self)->hastzinfo ? value_from_object(time_of(self)->tzinfo) : VALUE_NONE;
}
static Value get_tzinfo(Value self, void *closure)
{
    (void)closure;
    return zone_of(self);
}

static Value time_utcoffset(Value self)
{
    return zone_offset(zone_of(self), "utcoffset", VALUE_NONE);
}
static Value time_dst(Value self)
{
    return zone_offset(zone_of(self), "dst", VALUE_NONE);
}
static Value time_tzname(Value self)
{
    return zone_name(zone_of(self), VALUE_NONE);
}

static Value time_replace(Value self, const Value *args)
{
    struct time_parts p = time_parts_of(time_of(self));
    Value zone = zone_of(self);
    int fold = time_of(self)->fold;
    return read_parts(args, &p, &zone, &fold) < 0 ? VALUE_NULL
                                                  : time_new(p, zone, fold, value_type(self));
}

/* ---- Text. */

static Value time_repr(Value self)
{
    struct time_parts p = time_parts_of(time_of(self));
    struct str_builder b;
    str_builder_init(&b);
    char text[64] = "";
    if (p.us != 0) {
        snprintf(text, sizeof text, ", %d, %d", p.second, p.us);
    } else if (p.second != 0) {
        snprintf(text, sizeof text, ", %d", p.second);
    }
    PyObject *head = str_format("%s(%d, %d%s", value_type(self)->tp_name, p.hour, p.minute, text);
    Value zone = zone_of(self);
    PyObject *tail = value_is_none(zone) ? str_empty() : str_format(", tzinfo=%R", zone);
    if (head == NULL || tail == NULL) {
        return VALUE_NULL;
    }
    str_builder_str(&b, head);
    str_builder_str(&b, tail);
    if (str_builder_text(&b, time_of(self)->fold ? ", fold=1)" : ")") < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

static Value time_isoformat(Value self, const Value *args)
{
    enum time_precision spec;
    if (timespec_parse(args[0], &spec) < 0) {
        return VALUE_NULL;
    }
    char text[TIME_TEXT_SIZE + OFFSET_TEXT_SIZE];
    int n = time_text(text, time_parts_of(time_of(self)), spec);
    Value offset = time_utcoffset(self);
    if (value_is_null(offset)) {
        return offset;
    }
    if (!value_is_none(offset)) {
        n += offset_text(text + n, offset, ":");
    }
    return value_from_object(str_from_ascii(text, n));
}

static Value time_str(Value self)
{
    return object_call_method0(self, names.isoformat);
}

static Value time_strftime(Value self, const Value *args)
{
    PyObject *format = arg_str(args[0], "strftime", "argument 1");
    struct time_parts p = time_parts_of(time_of(self));
    int fields[] = {1900, 1, 1, p.hour, p.minute, p.second, 0, 1, -1};
    Value items[9];
    for (int i = 0; i < 9; i++) {
        items[i] = value_from_int(fields[i]);
    }
    PyObject *tuple = format == NULL ? NULL : tuple_from_array(items, 9);
    return tuple == NULL ? VALUE_NULL
                         : datetime_strftime(self, format, value_from_object(tuple), true, p.us);
}

/* ---- Hash and comparison. */

static wide_int seconds_us(Value self)
{
    struct time_parts p = time_parts_of(time_of(self));
    return (wide_int)time_parts_seconds(p) * US_PER_SECOND + p.us;
}

static Py_hash_t time_hash(Value self)
{
    PyDateTime_Time *t = time_of(self);
    Py_hash_t hash = atomic_load_relaxed(&t->hashcode);
    if (hash != -1) {
        return hash;
    }
    Value plain = t->fold ? make(time_parts_of(t), zone_of(self), 0, &time_type) : self;
    Value offset = value_is_null(plain) ? plain : time_utcoffset(plain);
    if (value_is_null(offset)) {
        return -1;
    }
    hash = moment_hash(offset, t->data, _PyDateTime_TIME_DATASIZE, seconds_us(self));
    atomic_store_relaxed(&t->hashcode, hash);
    return hash;
}

static Value compare_across(Value self, Value other, int op)
{
    Value a = time_utcoffset(self), b = value_is_null(a) ? a : time_utcoffset(other);
    if (value_is_null(b)) {
        return b;
    }
    if (value_is_none(a) != value_is_none(b)) {
        if (op == Py_EQ || op == Py_NE) {
            return value_from_bool(op == Py_NE);
        }
        return error_raise(PyExc_TypeError, "can't compare offset-naive and offset-aware times");
    }
    wide_int difference = seconds_us(self) - seconds_us(other);
    if (!value_is_none(a)) {
        difference -= delta_us(a) - delta_us(b);
    }
    return compare_result((difference > 0) - (difference < 0), op);
}

static Value time_compare(Value self, Value other, int op)
{
    if (!time_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (zone_of(self).bits != zone_of(other).bits) {
        return compare_across(self, other, op);
    }
    return compare_result(
        memcmp(time_of(self)->data, time_of(other)->data, _PyDateTime_TIME_DATASIZE), op);
}

/* ---- Pickling. */

static Value reduce(Value self, int protocol)
{
    PyDateTime_Time *t = time_of(self);
    char data[_PyDateTime_TIME_DATASIZE];
    memcpy(data, t->data, sizeof data);
    if (protocol > 3 && t->fold) {
        data[0] = (char)(data[0] | 0x80);
    }
    PyObject *state = bytes_new(data, sizeof data);
    Value items[] = {value_from_object(state), zone_of(self)};
    PyObject *args = state == NULL ? NULL : tuple_from_array(items, t->hastzinfo ? 2 : 1);
    return args == NULL ? VALUE_NULL
                        : value_from_object(tuple_pack(2, (PyObject *)value_type(self), args));
}

static Value time_reduce_ex(Value self, Value arg)
{
    int protocol;
    return arg_int(arg, &protocol) < 0 ? VALUE_NULL : reduce(self, protocol);
}
static Value time_reduce(Value self)
{
    return reduce(self, 2);
}

static const struct native_def methods[] = {
    {"isoformat", "($self, timespec='auto')",
     "Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\nThe optional "
     "argument timespec specifies the number of additional terms\nof the time to include. Valid "
     "options are 'auto', 'hours', 'minutes',\n'seconds', 'milliseconds' and 'microseconds'.",
     .n = time_isoformat},
    {"strftime", "($self, format)", "format -> strftime() style string.", .n = time_strftime},
    {"__format__", "($self, spec, /)", "Formats self with strftime.", .f1 = datetime_format_method},
    {"utcoffset", "($self, /)", "Return self.tzinfo.utcoffset(self).", .f0 = time_utcoffset},
    {"tzname", "($self, /)", "Return self.tzinfo.tzname(self).", .f0 = time_tzname},
    {"dst", "($self, /)", "Return self.tzinfo.dst(self).", .f0 = time_dst},
    {"replace",
     "($self, hour=<unrepresentable>, minute=<unrepresentable>, second=<unrepresentable>, "
     "microsecond=<unrepresentable>, tzinfo=<unrepresentable>, *, fold=<unrepresentable>)",
     "Return time with new specified fields.", .n = time_replace},
    {"fromisoformat", "($type, string, /)", "string -> time from a string in ISO 8601 format",
     NATIVE_CLASS, .f1 = time_fromisoformat},
    {"__reduce_ex__", "($self, protocol, /)", "__reduce_ex__(proto) -> (cls, state)",
     .f1 = time_reduce_ex},
    {"__reduce__", "($self, /)", "__reduce__() -> (cls, state)", .f0 = time_reduce},
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

static struct type_info time_info = {
    .ops = {.new_ = time_new_op,
            .repr = time_repr,
            .str = time_str,
            .hash = time_hash,
            .richcompare = time_compare},
    .trace = time_trace,
    .methods = methods,
    .getsets = getsets,
};

PyTypeObject time_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.time",
    .tp_basicsize = sizeof(PyDateTime_Time),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\nAll "
              "arguments are optional. tzinfo may be None, or an instance of\na tzinfo subclass. "
              "The remaining arguments may be ints.",
    .tp_cache = (PyObject *)&time_info,
};
