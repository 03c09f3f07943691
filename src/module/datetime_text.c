/* SPDX-License-Identifier: MIT */
/* _datetime: ISO 8601 text both ways, strftime, struct_time. */
#include <ctype.h>

#include "module/datetime_int.h"
#include "module/import.h"
#include "object/list.h"
#include "object/str.h"

/* ---- Writing. */

int timespec_parse(Value v, enum time_precision *out)
{
    static const char *const texts[] = {"auto",    "hours",        "minutes",
                                        "seconds", "milliseconds", "microseconds"};
    *out = TIMESPEC_AUTO;
    if (value_is_absent(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "isoformat() argument 1 must be str, not %T", v);
    }
    for (int i = 0; i < 6; i++) {
        if (str_equal_text(value_object(v), texts[i])) {
            *out = (enum time_precision)i;
            return 0;
        }
    }
    return error_raise_int(PyExc_ValueError, "Unknown timespec value");
}

int time_text(char *out, struct time_parts t, enum time_precision spec)
{
    if (spec == TIMESPEC_AUTO) {
        spec = t.us != 0 ? TIMESPEC_MICROSECONDS : TIMESPEC_SECONDS;
    }
    switch (spec) {
    case TIMESPEC_HOURS: return snprintf(out, TIME_TEXT_SIZE, "%02d", t.hour);
    case TIMESPEC_MINUTES: return snprintf(out, TIME_TEXT_SIZE, "%02d:%02d", t.hour, t.minute);
    case TIMESPEC_SECONDS:
        return snprintf(out, TIME_TEXT_SIZE, "%02d:%02d:%02d", t.hour, t.minute, t.second);
    case TIMESPEC_MILLISECONDS:
        return snprintf(out, TIME_TEXT_SIZE, "%02d:%02d:%02d.%03d", t.hour, t.minute, t.second,
                        t.us / 1000);
    default:
        return snprintf(out, TIME_TEXT_SIZE, "%02d:%02d:%02d.%06d", t.hour, t.minute, t.second,
                        t.us);
    }
}

int offset_text(char *out, Value offset, const char *separator)
{
    int64_t us = (int64_t)delta_us(offset);
    char sign = us < 0 ? '-' : '+';
    us = us < 0 ? -us : us;
    int seconds = (int)(us / US_PER_SECOND), rest = (int)(us % US_PER_SECOND);
    int n = snprintf(out, OFFSET_TEXT_SIZE, "%c%02d%s%02d", sign, seconds / 3600, separator,
                     seconds / 60 % 60);
    if (seconds % 60 != 0 || rest != 0) {
        n += snprintf(out + n, OFFSET_TEXT_SIZE - (size_t)n, "%s%02d", separator, seconds % 60);
    }
    if (rest != 0) {
        n += snprintf(out + n, OFFSET_TEXT_SIZE - (size_t)n, ".%06d", rest);
    }
    return n;
}

/* ---- strftime. */

/* What %z stands for: nothing for a naive object. 0 or -1. */
static int add_zone_offset(struct str_builder *b, Value object)
{
    Value offset = object_call_method0(object, names.utcoffset);
    if (value_is_null(offset)) {
        return -1;
    }
    if (value_is_none(offset)) {
        return 0;
    }
    if (!delta_check(offset)) {
        return error_raise_int(PyExc_TypeError,
                               "tzinfo.utcoffset() must return None or a timedelta, not '%T'",
                               offset);
    }
    char text[OFFSET_TEXT_SIZE];
    return str_builder_ascii(b, text, offset_text(text, offset, ""));
}

/* What %Z stands for; percent signs in it are doubled for the strftime to come. */
static int add_zone_name(struct str_builder *b, Value object)
{
    Value name = object_call_method0(object, names.tzname);
    if (value_is_null(name) || value_is_none(name)) {
        return value_is_null(name) ? -1 : 0;
    }
    if (!str_check(name)) {
        return error_raise_int(PyExc_TypeError,
                               "tzinfo.tzname() must return None or a string, not '%T'", name);
    }
    PyObject *replace = str_intern_text("replace");
    Value doubled = replace == NULL
                        ? VALUE_NULL
                        : object_call_method2(name, replace, value_from_object(str_from_text("%")),
                                              value_from_object(str_from_text("%%")));
    if (value_is_null(doubled)) {
        return -1;
    }
    if (!str_check(doubled)) {
        return error_raise_int(PyExc_TypeError, "tzname.replace() did not return a string");
    }
    return str_builder_str(b, value_object(doubled));
}

/* One directive that time.strftime does not know as we do; 1: it was not one. */
static int add_directive(struct str_builder *b, Py_UCS4 c, Value object, bool has_zone, int us)
{
    char text[16];
    switch (c) {
    case 'z': return has_zone ? add_zone_offset(b, object) : 0;
    case 'Z': return has_zone ? add_zone_name(b, object) : 0;
    case 'f': return str_builder_ascii(b, text, snprintf(text, sizeof text, "%06d", us));
    default: return 1;
    }
}

Value datetime_strftime(Value object, PyObject *format, Value timetuple, bool has_zone, int us)
{
    struct str_builder b;
    str_builder_init(&b);
    Py_ssize_t length = str_length(format);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = str_at(format, i);
        int status = 1;
        if (c == '%' && i + 1 < length) {
            status = add_directive(&b, str_at(format, i + 1), object, has_zone, us);
            i++;
            if (status > 0 && str_builder_char(&b, c) < 0) {
                return VALUE_NULL;
            }
        }
        if (status < 0 || (status > 0 && str_builder_char(&b, str_at(format, i)) < 0)) {
            return VALUE_NULL;
        }
    }
    PyObject *inner = str_builder_finish(&b);
    Value function = inner == NULL ? VALUE_NULL : import_attribute("time", "strftime");
    return value_is_null(function) ? function
                                   : object_call2(function, value_from_object(inner), timetuple);
}

Value datetime_format_method(Value self, Value spec)
{
    if (!str_check(spec)) {
        return error_raise(PyExc_TypeError, "__format__() argument 1 must be str, not %T", spec);
    }
    if (str_length(value_object(spec)) == 0) {
        return value_from_object(object_str(self));
    }
    return object_call_method1(self, names.strftime, spec);
}

PyObject *datetime_ctime(struct date_parts d, struct time_parts t)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[64];
    int n = snprintf(text, sizeof text, "%.3s %.3s %2d %02d:%02d:%02d %04d",
                     days + calendar_weekday(d) * 3, months + (d.month - 1) * 3, d.day, t.hour,
                     t.minute, t.second, d.year);
    return str_from_ascii(text, n);
}

Value datetime_timetuple(struct date_parts d, struct time_parts t, int dst)
{
    Value type = import_attribute("time", "struct_time");
    if (value_is_null(type)) {
        return type;
    }
    int fields[] = {d.year,
                    d.month,
                    d.day,
                    t.hour,
                    t.minute,
                    t.second,
                    calendar_weekday(d),
                    calendar_days_before_month(d.year, d.month) + d.day,
                    dst};
    Value items[9];
    for (int i = 0; i < 9; i++) {
        items[i] = value_from_int(fields[i]);
    }
    PyObject *tuple = tuple_from_array(items, 9);
    return tuple == NULL ? VALUE_NULL : object_call1(type, value_from_object(tuple));
}

/* ---- Reading. */

int iso_text_of(Value v, struct iso_text *out)
{
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "fromisoformat: argument must be str");
    }
    PyObject *s = value_object(v);
    out->length = str_length(s);
    if (str_is_ascii(s)) {
        out->text = str_data(s);
        return 0;
    }
    char *copy = heap_alloc((size_t)out->length + 1, CELL_RAW);
    if (copy == NULL) {
        error_no_memory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < out->length; i++) {
        Py_UCS4 c = str_at(s, i);
        copy[i] = c < 128 ? (char)c : '?';
    }
    out->text = copy;
    return 0;
}

Value iso_text_invalid(Value v)
{
    return error_raise(PyExc_ValueError, "Invalid isoformat string: %R", v);
}

static bool is_digit(struct iso_text t, Py_ssize_t i)
{
    return i < t.length && t.text[i] >= '0' && t.text[i] <= '9';
}

/* `count` digits at *at, which moves behind them. */
static bool read_digits(struct iso_text t, Py_ssize_t *at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, ++*at) {
        if (!is_digit(t, *at)) {
            return false;
        }
        *out = *out * 10 + (t.text[*at] - '0');
    }
    return true;
}

static bool skip(struct iso_text t, Py_ssize_t *at, char c)
{
    if (*at >= t.length || t.text[*at] != c) {
        return false;
    }
    ++*at;
    return true;
}

/* After the W: the week, and perhaps a day of the week. */
static bool read_week(struct iso_text t, Py_ssize_t at, int year, bool dashes,
                      struct date_parts *out)
{
    int week, day = 1;
    if (!read_digits(t, &at, 2, &week)) {
        return false;
    }
    if (at < t.length && ((dashes && !skip(t, &at, '-')) || !read_digits(t, &at, 1, &day))) {
        return false;
    }
    return at == t.length && calendar_from_iso(year, week, day, out) == 0;
}

bool iso_parse_date(struct iso_text t, struct date_parts *out)
{
    Py_ssize_t at = 0;
    if (!read_digits(t, &at, 4, &out->year)) {
        return false;
    }
    bool dashes = skip(t, &at, '-');
    if (skip(t, &at, 'W')) {
        return read_week(t, at, out->year, dashes, out);
    }
    return read_digits(t, &at, 2, &out->month) && (!dashes || skip(t, &at, '-')) &&
           read_digits(t, &at, 2, &out->day) && at == t.length;
}

/* A fraction of a second: any number of digits, of which six count. */
static bool read_fraction(struct iso_text t, Py_ssize_t *at, int *us)
{
    int scale = 100000;
    if (!is_digit(t, *at)) {
        return false;
    }
    for (*us = 0; is_digit(t, *at); ++*at, scale /= 10) {
        *us += (t.text[*at] - '0') * scale;
    }
    return true;
}

/* HH[:MM[:SS[.f]]] or HH[MM[SS[.f]]]: all of the text. */
static bool read_time(struct iso_text t, struct time_parts *out)
{
    Py_ssize_t at = 0;
    *out = (struct time_parts){0};
    if (!read_digits(t, &at, 2, &out->hour)) {
        return false;
    }
    if (at == t.length) {
        return true;
    }
    bool colons = t.text[at] == ':';
    int *fields[] = {&out->minute, &out->second};
    for (int i = 0; i < 2; i++) {
        if ((colons && !skip(t, &at, ':')) || !read_digits(t, &at, 2, fields[i])) {
            return false;
        }
        if (at == t.length) {
            return true;
        }
    }
    return (skip(t, &at, '.') || skip(t, &at, ',')) && read_fraction(t, &at, &out->us) &&
           at == t.length;
}

static int make_zone(struct iso_text t, char sign, Value *zone)
{
    struct time_parts p;
    if (sign == 'Z') {
        *zone = value_from_object(timezone_utc);
        return t.length == 0 ? 0 : 1;
    }
    if (!read_time(t, &p)) {
        return 1;
    }
    int64_t direction = sign == '-' ? -1 : 1;
    PyObject *offset = delta_new(0, direction * time_parts_seconds(p), direction * p.us);
    *zone = value_from_object(offset == NULL ? NULL : timezone_new(offset, NULL));
    return value_is_null(*zone) ? -1 : 0;
}

int iso_parse_time(struct iso_text t, struct time_parts *out, Value *zone)
{
    Py_ssize_t end = 0;
    while (end < t.length && strchr("+-Z", t.text[end]) == NULL) {
        end++;
    }
    *zone = VALUE_NONE;
    if (!read_time((struct iso_text){t.text, end}, out)) {
        return 1;
    }
    if (end == t.length) {
        return 0;
    }
    return make_zone((struct iso_text){t.text + end + 1, t.length - end - 1}, t.text[end], zone);
}

/* Where the date ends in a text with dashes: YYYY-MM-DD, YYYY-Www or YYYY-Www-D. A digit after
 * YYYY-Www- and one more digit means that the dash separates week and time. */
static Py_ssize_t find_after_dashes(struct iso_text t)
{
    if (t.length <= 5 || t.text[5] != 'W') {
        return 10;
    }
    if (t.length <= 8 || t.text[8] != '-') {
        return t.length < 8 ? -1 : 8;
    }
    if (t.length == 9) {
        return -1;
    }
    return is_digit(t, 10) ? 8 : 10;
}

Py_ssize_t iso_find_separator(struct iso_text t)
{
    if (t.length == 7) {
        return 7;
    }
    if (t.length < 7) {
        return -1;
    }
    if (t.text[4] == '-') {
        return find_after_dashes(t);
    }
    if (t.text[4] != 'W') {
        return 8;
    }
    Py_ssize_t digits = 7; /* YYYYWww, perhaps followed by a day and a time that is all digits */
    while (is_digit(t, digits)) {
        digits++;
    }
    return digits < 9 ? digits : digits % 2 == 0 ? 7 : 8;
}
