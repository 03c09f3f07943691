/* SPDX-License-Identifier: MIT */
/* _datetime.date, and the tuple that isocalendar() returns. */
#include "base/hash.h"
#include "module/datetime_int.h"
#include "module/import.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

_Static_assert(offsetof(PyDateTime_Date, hastzinfo) == 24 &&
                   offsetof(PyDateTime_Date, data) == 25 && sizeof(PyDateTime_Date) == 32,
               "layout of datetime.h");

/* ---- Making. */

static Value make(struct date_parts d, PyTypeObject *type)
{
    PyObject *object = type == &date_type ? object_alloc_bytes(type, sizeof(PyDateTime_Date))
                                          : object_alloc(type, 0);
    if (object == NULL) {
        return VALUE_NULL;
    }
    PyDateTime_Date *date = (PyDateTime_Date *)(void *)object;
    date->hashcode = -1;
    date->data[0] = (unsigned char)(d.year >> 8);
    date->data[1] = (unsigned char)d.year;
    date->data[2] = (unsigned char)d.month;
    date->data[3] = (unsigned char)d.day;
    return value_from_object(object);
}

Value date_new(struct date_parts d, PyTypeObject *type)
{
    if (type == &date_type) {
        return make(d, type);
    }
    return object_call3(value_from_object(type), value_from_int(d.year), value_from_int(d.month),
                        value_from_int(d.day));
}

Value date_from_ordinal(int64_t ordinal, PyTypeObject *type)
{
    if (ordinal < 1 || ordinal > MAX_ORDINAL) {
        return error_raise(PyExc_OverflowError, "date value out of range");
    }
    return date_new(calendar_from_ordinal((int)ordinal), type);
}

const unsigned char *datetime_pickle_state(Value v, Py_ssize_t length, bool (*valid)(unsigned char),
                                           Py_ssize_t at, const char *what, bool *failed)
{
    *failed = false;
    if (bytes_check(v)) {
        const unsigned char *data = (const unsigned char *)bytes_data(value_object(v));
        return bytes_length(value_object(v)) == length && valid(data[at]) ? data : NULL;
    }
    /* Pickles of Python 2, loaded with encoding='latin1'. */
    if (!str_check(v) || str_length(value_object(v)) != length ||
        str_at(value_object(v), at) > 255 || !valid((unsigned char)str_at(value_object(v), at))) {
        return NULL;
    }
    PyObject *encoded = str_encode(value_object(v), "latin-1", "strict");
    if (encoded == NULL) {
        *failed = true;
        if (error_matches(PyExc_UnicodeEncodeError)) {
            error_clear();
            error_raise(PyExc_ValueError,
                        "Failed to encode latin1 string when unpickling a %s object. "
                        "pickle.load(data, encoding='latin1') is assumed.",
                        what);
        }
        return NULL;
    }
    return (const unsigned char *)bytes_data(encoded);
}

static bool is_month(unsigned char c)
{
    return c >= 1 && c <= 12;
}

static Value date_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[3];
    struct date_parts d;
    bool failed;
    if (nargs == 1 && kwnames == NULL) {
        const unsigned char *data =
            datetime_pickle_state(args[0], _PyDateTime_DATE_DATASIZE, is_month, 2, "date", &failed);
        if (data != NULL) {
            return make((struct date_parts){data[0] << 8 | data[1], data[2], data[3]}, type);
        }
        if (failed) {
            return VALUE_NULL;
        }
    }
    if (native_bind(NULL, "(year, month, day)", &cache, args, nargs, kwnames, out) < 0 ||
        arg_int(out[0], &d.year) < 0 || arg_int(out[1], &d.month) < 0 ||
        arg_int(out[2], &d.day) < 0 || calendar_check_date(d) < 0) {
        return VALUE_NULL;
    }
    return make(d, type);
}

/* ---- Class methods. */

static PyTypeObject *class_of(Value class)
{
    return (PyTypeObject *)value_object(class);
}

static Value date_fromtimestamp(Value class, Value timestamp)
{
    int64_t seconds;
    int us;
    struct tm tm;
    if (calendar_split_timestamp(timestamp, &seconds, &us) < 0 ||
        calendar_local(seconds, &tm) < 0) {
        return VALUE_NULL;
    }
    Value args[] = {value_from_int(tm.tm_year + INT64_C(1900)), value_from_int(tm.tm_mon + 1),
                    value_from_int(tm.tm_mday)};
    return object_call(class, args, 3, NULL);
}

static Value date_today(Value class)
{
    Value now = import_attribute("time", "time");
    now = value_is_null(now) ? now : object_call0(now);
    return value_is_null(now) ? now : object_call_method1(class, names.fromtimestamp, now);
}

static Value date_fromordinal(Value class, Value arg)
{
    int ordinal;
    if (arg_int(arg, &ordinal) < 0) {
        return VALUE_NULL;
    }
    if (ordinal < 1) {
        return error_raise(PyExc_ValueError, "ordinal must be >= 1");
    }
    if (ordinal > MAX_ORDINAL) {
        return error_raise(PyExc_ValueError, "year %d is out of range",
                           (int)((int64_t)ordinal * 400 / 146097) + 1);
    }
    return date_from_ordinal(ordinal, class_of(class));
}

static Value date_fromisoformat(Value class, Value arg)
{
    struct iso_text text;
    struct date_parts d;
    if (iso_text_of(arg, &text) < 0) {
        return VALUE_NULL;
    }
    bool length_fits = text.length == 7 || text.length == 8 || text.length == 10;
    if (!length_fits || !iso_parse_date(text, &d)) {
        return iso_text_invalid(arg);
    }
    return calendar_check_date(d) < 0 ? VALUE_NULL : date_new(d, class_of(class));
}

static Value date_fromisocalendar(Value class, const Value *args)
{
    int fields[3];
    struct date_parts d;
    for (int i = 0; i < 3; i++) {
        if (arg_int(args[i], &fields[i]) < 0) {
            if (error_matches(PyExc_OverflowError)) {
                error_clear();
                error_raise(PyExc_ValueError, "ISO calendar component out of range");
            }
            return VALUE_NULL;
        }
    }
    switch (calendar_from_iso(fields[0], fields[1], fields[2], &d)) {
    case 0: return date_new(d, class_of(class));
    case 1: return error_raise(PyExc_ValueError, "Year is out of range: %d", fields[0]);
    case 2: return error_raise(PyExc_ValueError, "Invalid week: %d", fields[1]);
    default: return error_raise(PyExc_ValueError, "Invalid day: %d (range is [1, 7])", fields[2]);
    }
}

/* ---- Text. */

static Value date_repr(Value self)
{
    struct date_parts d = date_parts_of(date_of(self));
    return value_from_object(
        str_format("%s(%d, %d, %d)", value_type(self)->tp_name, d.year, d.month, d.day));
}

static Value date_isoformat(Value self)
{
    struct date_parts d = date_parts_of(date_of(self));
    char text[32];
    return value_from_object(str_from_ascii(
        text, snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day)));
}

static Value date_str(Value self)
{
    return object_call_method0(self, names.isoformat);
}

static Value date_ctime(Value self)
{
    return value_from_object(datetime_ctime(date_parts_of(date_of(self)), (struct time_parts){0}));
}

static Value date_strftime(Value self, const Value *args)
{
    PyObject *format = arg_str(args[0], "strftime", "argument 1");
    Value tuple = format == NULL ? VALUE_NULL : object_call_method0(self, names.timetuple);
    if (value_is_null(tuple) || !datetime_check(self)) {
        return value_is_null(tuple) ? tuple : datetime_strftime(self, format, tuple, false, 0);
    }
    return datetime_strftime(self, format, tuple, true, datetime_time_parts(datetime_of(self)).us);
}

/* ---- Parts. */

static Value get_year(Value self, void *closure)
{
    (void)closure;
    return value_from_int(PyDateTime_GET_YEAR(date_of(self)));
}
static Value get_month(Value self, void *closure)
{
    (void)closure;
    return value_from_int(PyDateTime_GET_MONTH(date_of(self)));
}
static Value get_day(Value self, void *closure)
{
    (void)closure;
    return value_from_int(PyDateTime_GET_DAY(date_of(self)));
}

static Value date_timetuple(Value self)
{
    return datetime_timetuple(date_parts_of(date_of(self)), (struct time_parts){0}, -1);
}
static Value date_toordinal(Value self)
{
    return value_from_int(calendar_to_ordinal(date_parts_of(date_of(self))));
}
static Value date_weekday(Value self)
{
    return value_from_int(calendar_weekday(date_parts_of(date_of(self))));
}
static Value date_isoweekday(Value self)
{
    return value_from_int(calendar_weekday(date_parts_of(date_of(self))) + 1);
}

static Value date_isocalendar(Value self)
{
    struct date_parts d = date_parts_of(date_of(self));
    int ordinal = calendar_to_ordinal(d), year = d.year;
    if (ordinal >= calendar_iso_first_monday(year + 1)) {
        year++;
    } else if (ordinal < calendar_iso_first_monday(year)) {
        year--;
    }
    int day = ordinal - calendar_iso_first_monday(year);
    PyObject *tuple = object_alloc(&isocalendar_type, 3);
    int fields[] = {year, day / 7 + 1, day % 7 + 1};
    for (int i = 0; tuple != NULL && i < 3; i++) {
        if (tuple_init_item(tuple, i, value_from_int(fields[i])) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(tuple);
}

static Value date_replace(Value self, const Value *args)
{
    struct date_parts d = date_parts_of(date_of(self));
    int *fields[] = {&d.year, &d.month, &d.day};
    for (int i = 0; i < 3; i++) {
        if (!value_is_absent(args[i]) && arg_int(args[i], fields[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return calendar_check_date(d) < 0 ? VALUE_NULL : date_new(d, value_type(self));
}

static Value date_reduce(Value self)
{
    PyObject *state = bytes_new((const char *)date_of(self)->data, _PyDateTime_DATE_DATASIZE);
    PyObject *args = state == NULL ? NULL : tuple_pack(1, state);
    return args == NULL ? VALUE_NULL
                        : value_from_object(tuple_pack(2, (PyObject *)value_type(self), args));
}

/* ---- Hash, comparison, arithmetic. */

static Py_hash_t date_hash(Value self)
{
    PyDateTime_Date *d = date_of(self);
    Py_hash_t hash = atomic_load_relaxed(&d->hashcode);
    if (hash == -1) {
        hash = hash_bytes(d->data, _PyDateTime_DATE_DATASIZE);
        atomic_store_relaxed(&d->hashcode, hash);
    }
    return hash;
}

static Value date_compare(Value self, Value other, int op)
{
    if (!date_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return compare_result(
        memcmp(date_of(self)->data, date_of(other)->data, _PyDateTime_DATE_DATASIZE), op);
}

static Value add_days(Value date, int64_t days)
{
    return date_from_ordinal(calendar_to_ordinal(date_parts_of(date_of(date))) + days,
                             value_type(date));
}

static Value date_add(Value a, Value b)
{
    if (datetime_check(a) || datetime_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value date = date_check(a) ? a : b, delta = date_check(a) ? b : a;
    return delta_check(delta) ? add_days(date, delta_of(delta)->days) : VALUE_NOT_IMPLEMENTED;
}

static Value date_sub(Value a, Value b)
{
    if (datetime_check(a) || datetime_check(b) || !date_check(a)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (date_check(b)) {
        return value_from_object(delta_new(calendar_to_ordinal(date_parts_of(date_of(a))) -
                                               calendar_to_ordinal(date_parts_of(date_of(b))),
                                           0, 0));
    }
    return delta_check(b) ? add_days(a, -(int64_t)delta_of(b)->days) : VALUE_NOT_IMPLEMENTED;
}

static const struct native_def methods[] = {
    {"fromtimestamp", "($type, timestamp, /)",
     "Create a date from a POSIX timestamp.\n\nThe timestamp is a number, e.g. created via "
     "time.time(), that is interpreted as local time.",
     NATIVE_CLASS, .f1 = date_fromtimestamp},
    {"fromordinal", "($type, ordinal, /)",
     "int -> date corresponding to a proleptic Gregorian ordinal.", NATIVE_CLASS,
     .f1 = date_fromordinal},
    {"fromisoformat", "($type, string, /)",
     "str -> Construct a date from a string in ISO 8601 format.", NATIVE_CLASS,
     .f1 = date_fromisoformat},
    {"fromisocalendar", "($type, year, week, day)",
     "int, int, int -> Construct a date from the ISO year, week number and weekday.\n\nThis is the "
     "inverse of the function date.isocalendar()",
     NATIVE_CLASS, .n = date_fromisocalendar},
    {"today", "($type, /)",
     "Current date or datetime:  same as self.__class__.fromtimestamp(time.time()).", NATIVE_CLASS,
     .f0 = date_today},
    {"ctime", "($self, /)", "Return ctime() style string.", .f0 = date_ctime},
    {"strftime", "($self, format)", "format -> strftime() style string.", .n = date_strftime},
    {"__format__", "($self, spec, /)", "Formats self with strftime.", .f1 = datetime_format_method},
    {"timetuple", "($self, /)", "Return time tuple, compatible with time.localtime().",
     .f0 = date_timetuple},
    {"isocalendar", "($self, /)",
     "Return a named tuple containing ISO year, week number, and weekday.", .f0 = date_isocalendar},
    {"isoformat", "($self, /)", "Return string in ISO 8601 format, YYYY-MM-DD.",
     .f0 = date_isoformat},
    {"isoweekday", "($self, /)",
     "Return the day of the week represented by the date.\nMonday == 1 ... Sunday == 7",
     .f0 = date_isoweekday},
    {"toordinal", "($self, /)",
     "Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1.", .f0 = date_toordinal},
    {"weekday", "($self, /)",
     "Return the day of the week represented by the date.\nMonday == 0 ... Sunday == 6",
     .f0 = date_weekday},
    {"replace", "($self, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>)",
     "Return date with new specified fields.", .n = date_replace},
    {"__reduce__", "($self, /)", "__reduce__() -> (cls, state)", .f0 = date_reduce},
    {NULL},
};

static const struct getset_def getsets[] = {
    {"year", get_year, NULL, NULL, NULL},
    {"month", get_month, NULL, NULL, NULL},
    {"day", get_day, NULL, NULL, NULL},
    {NULL},
};

static struct type_info date_info = {
    .ops = {.new_ = date_new_op,
            .repr = date_repr,
            .str = date_str,
            .hash = date_hash,
            .richcompare = date_compare,
            .binary = {[OP_ADD] = date_add, [OP_SUB] = date_sub}},
    .methods = methods,
    .getsets = getsets,
};

PyTypeObject date_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.date",
    .tp_basicsize = sizeof(PyDateTime_Date),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "date(year, month, day) --> date object",
    .tp_cache = (PyObject *)&date_info,
};

/* ---- isocalendar()'s result. */

static Value isocalendar_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[3];
    if (native_bind("IsoCalendarDate", "(year, week, weekday)", &cache, args, nargs, kwnames, out) <
        0) {
        return VALUE_NULL;
    }
    PyObject *tuple = object_alloc(type, 3);
    for (int i = 0; tuple != NULL && i < 3; i++) {
        int field;
        if (arg_int(out[i], &field) < 0 || tuple_init_item(tuple, i, value_from_int(field)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(tuple);
}

static Value isocalendar_repr(Value self)
{
    PyObject *t = value_object(self);
    return value_from_object(str_format("%s(year=%S, week=%S, weekday=%S)",
                                        value_type(self)->tp_name, tuple_get(t, 0), tuple_get(t, 1),
                                        tuple_get(t, 2)));
}

static Value isocalendar_reduce(Value self)
{
    PyObject *t = value_object(self);
    Value items[] = {tuple_get(t, 0), tuple_get(t, 1), tuple_get(t, 2)};
    PyObject *plain = tuple_from_array(items, 3);
    PyObject *args = plain == NULL ? NULL : tuple_pack(1, plain);
    return args == NULL ? VALUE_NULL
                        : value_from_object(tuple_pack(2, (PyObject *)&PyTuple_Type, args));
}

static Value isocalendar_field(Value self, void *index)
{
    return tuple_get(value_object(self), (Py_ssize_t)(intptr_t)index);
}

static const struct native_def isocalendar_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = isocalendar_reduce},
    {NULL},
};
static const struct getset_def isocalendar_getsets[] = {
    {"year", isocalendar_field, NULL, NULL, (void *)0},
    {"week", isocalendar_field, NULL, NULL, (void *)1},
    {"weekday", isocalendar_field, NULL, NULL, (void *)2},
    {NULL},
};

static struct type_info isocalendar_info = {
    .ops = {.new_ = isocalendar_new, .repr = isocalendar_repr},
    .methods = isocalendar_methods,
    .getsets = isocalendar_getsets,
};

PyTypeObject isocalendar_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "datetime.IsoCalendarDate",
    .tp_base = &PyTuple_Type,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "The result of date.isocalendar() or datetime.isocalendar()\n\nThis object may be "
              "accessed either as a tuple of\n  ((year, week, weekday))\nor via the object "
              "attributes as named in the above tuple.",
    .tp_cache = (PyObject *)&isocalendar_info,
};
