/* SPDX-License-Identifier: MIT */
/* The time module. Times are int64_t nanoseconds inside. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "module/import.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "object/structseq.h"
#include "thread/thread.h"

#define SECOND INT64_C(1000000000)

static PyTypeObject *struct_time_type;

/* ---- Conversions. */

static Value ns_to_float(int64_t ns)
{
    return float_from_double(ns % SECOND == 0 ? (double)(ns / SECOND) : (double)ns / 1e9);
}

static int64_t timespec_ns(const struct timespec *t)
{
    return (int64_t)t->tv_sec * SECOND + t->tv_nsec;
}

/* Seconds as a number to nanoseconds, rounded away from zero. */
static int ns_from_seconds(Value v, int64_t *out)
{
    int64_t seconds;
    if (float_check(v)) {
        double d = float_value(v);
        if (isnan(d)) {
            return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
        }
        d *= 1e9;
        d = d >= 0 ? ceil(d) : floor(d);
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) {
            return error_raise_int(PyExc_OverflowError,
                                   "timestamp out of range for platform time_t");
        }
        *out = (int64_t)d;
        return 0;
    }
    v = object_index(v);
    if (value_is_null(v)) {
        return -1;
    }
    if (int_clip_i64(v, &seconds) != 0 || __builtin_mul_overflow(seconds, SECOND, out)) {
        return error_raise_int(PyExc_OverflowError,
                               "timestamp too large to convert to C _PyTime_t");
    }
    return 0;
}

/* A timestamp (rounded down), or now if it is absent or None. */
static int time_argument(Value v, time_t *out)
{
    if (!value_is_present(v) || value_is_none(v)) {
        *out = time(NULL);
        return 0;
    }
    int64_t seconds;
    if (float_check(v)) {
        double d = float_value(v);
        if (isnan(d)) {
            return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
        }
        d = floor(d);
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) {
            return error_raise_int(PyExc_OverflowError,
                                   "timestamp out of range for platform time_t");
        }
        *out = (time_t)d;
        return 0;
    }
    v = object_index(v);
    if (value_is_null(v)) {
        return -1;
    }
    if (int_clip_i64(v, &seconds) != 0) {
        return error_raise_int(PyExc_OverflowError, "timestamp out of range for platform time_t");
    }
    *out = seconds;
    return 0;
}

/* ---- Clocks. */

static int read_clock(clockid_t clock, int64_t *ns)
{
    struct timespec t;
    if (clock_gettime(clock, &t) < 0) {
        error_from_errno(NULL);
        return -1;
    }
    *ns = timespec_ns(&t);
    return 0;
}

static Value clock_float(clockid_t clock)
{
    int64_t ns;
    return read_clock(clock, &ns) < 0 ? VALUE_NULL : ns_to_float(ns);
}

static Value clock_int(clockid_t clock)
{
    int64_t ns;
    return read_clock(clock, &ns) < 0 ? VALUE_NULL : int_from_i64(ns);
}

static Value do_time(Value self)
{
    return clock_float(CLOCK_REALTIME);
}
static Value do_time_ns(Value self)
{
    return clock_int(CLOCK_REALTIME);
}
static Value do_monotonic(Value self)
{
    return clock_float(CLOCK_MONOTONIC);
}
static Value do_monotonic_ns(Value self)
{
    return clock_int(CLOCK_MONOTONIC);
}
static Value do_process_time(Value self)
{
    return clock_float(CLOCK_PROCESS_CPUTIME_ID);
}
static Value do_process_time_ns(Value self)
{
    return clock_int(CLOCK_PROCESS_CPUTIME_ID);
}
static Value do_thread_time(Value self)
{
    return clock_float(CLOCK_THREAD_CPUTIME_ID);
}
static Value do_thread_time_ns(Value self)
{
    return clock_int(CLOCK_THREAD_CPUTIME_ID);
}

static Value do_clock_gettime(Value self, Value id)
{
    int clock;
    return arg_int(id, &clock) < 0 ? VALUE_NULL : clock_float(clock);
}

static Value do_clock_gettime_ns(Value self, Value id)
{
    int clock;
    return arg_int(id, &clock) < 0 ? VALUE_NULL : clock_int(clock);
}

static Value do_clock_getres(Value self, Value id)
{
    int clock;
    struct timespec t;
    if (arg_int(id, &clock) < 0) {
        return VALUE_NULL;
    }
    if (clock_getres(clock, &t) < 0) {
        return error_from_errno(NULL);
    }
    return float_from_double((double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
}

static Value set_clock(int clock, int64_t ns)
{
    int64_t rest = ns % SECOND;
    struct timespec t = {ns / SECOND - (rest < 0), rest + (rest < 0 ? SECOND : 0)};
    return clock_settime(clock, &t) < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

static Value do_clock_settime(Value self, const Value *args)
{
    int clock;
    int64_t ns;
    return arg_int(args[0], &clock) < 0 || ns_from_seconds(args[1], &ns) < 0 ? VALUE_NULL
                                                                             : set_clock(clock, ns);
}

static Value do_clock_settime_ns(Value self, const Value *args)
{
    int clock;
    int64_t ns;
    return arg_int(args[0], &clock) < 0 || arg_i64(args[1], &ns) < 0 ? VALUE_NULL
                                                                     : set_clock(clock, ns);
}

static Value do_pthread_getcpuclockid(Value self, Value thread)
{
    uint64_t id;
    clockid_t clock;
    thread = object_index(thread);
    if (value_is_null(thread) || int_to_u64(thread, &id) < 0) {
        return VALUE_NULL;
    }
    errno = pthread_getcpuclockid((pthread_t)id, &clock);
    return errno != 0 ? error_from_errno(NULL) : value_from_int(clock);
}

static const struct clock_row {
    const char *name, *implementation;
    clockid_t clock;
    bool monotonic, adjustable;
} clock_rows[] = {
    {"time", "clock_gettime(CLOCK_REALTIME)", CLOCK_REALTIME, false, true},
    {"monotonic", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false},
    {"perf_counter", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false},
    {"process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", CLOCK_PROCESS_CPUTIME_ID, true,
     false},
    {"thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", CLOCK_THREAD_CPUTIME_ID, true, false},
};

static int set_item(PyObject *dict, const char *name, Value v)
{
    PyObject *key = str_intern_text(name);
    return key == NULL || value_is_null(v) ? -1 : dict_set_str(dict, key, v);
}

static Value describe_clock(const struct clock_row *row)
{
    struct timespec t;
    PyObject *dict = dict_new();
    if (clock_getres(row->clock, &t) < 0) {
        return error_from_errno(NULL);
    }
    if (dict == NULL ||
        set_item(dict, "implementation", value_from_object(str_from_text(row->implementation))) <
            0 ||
        set_item(dict, "monotonic", value_from_bool(row->monotonic)) < 0 ||
        set_item(dict, "adjustable", value_from_bool(row->adjustable)) < 0 ||
        set_item(dict, "resolution",
                 float_from_double((double)t.tv_sec + 1e-9 * (double)t.tv_nsec)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(namespace_new(dict));
}

static Value do_get_clock_info(Value self, Value name)
{
    PyObject *text = arg_str(name, "get_clock_info", "argument 1");
    if (text == NULL) {
        return VALUE_NULL;
    }
    for (size_t i = 0; i < sizeof clock_rows / sizeof clock_rows[0]; i++) {
        if (str_equal_text(text, clock_rows[i].name)) {
            return describe_clock(&clock_rows[i]);
        }
    }
    return error_raise(PyExc_ValueError, "unknown clock");
}

/* ---- sleep */

static Value do_sleep(Value self, Value seconds)
{
    int64_t duration, now;
    if (ns_from_seconds(seconds, &duration) < 0) {
        return VALUE_NULL;
    }
    if (duration < 0) {
        return error_raise(PyExc_ValueError, "sleep length must be non-negative");
    }
    if (read_clock(CLOCK_MONOTONIC, &now) < 0) {
        return VALUE_NULL;
    }
    int64_t deadline;
    if (__builtin_add_overflow(now, duration, &deadline)) {
        deadline = INT64_MAX;
    }
    struct timespec until = {deadline / SECOND, deadline % SECOND};
    for (;;) {
        thread_detach();
        int error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        thread_reattach();
        if (error != 0 && error != EINTR) {
            errno = error;
            return error_from_errno(NULL);
        }
        if (thread_safepoint(thread_current()) < 0) {
            return VALUE_NULL;
        }
        if (error == 0) {
            return VALUE_NONE;
        }
    }
}

/* ---- struct_time */

static Value struct_time_new(const struct tm *t)
{
    PyObject *s = structseq_new(struct_time_type);
    const Value values[] = {
        value_from_int((int64_t)t->tm_year + 1900),
        value_from_int(t->tm_mon + 1),
        value_from_int(t->tm_mday),
        value_from_int(t->tm_hour),
        value_from_int(t->tm_min),
        value_from_int(t->tm_sec),
        value_from_int((t->tm_wday + 6) % 7),
        value_from_int(t->tm_yday + 1),
        value_from_int(t->tm_isdst),
        value_from_object(str_from_filename(t->tm_zone, (Py_ssize_t)strlen(t->tm_zone))),
        value_from_int(t->tm_gmtoff)};
    for (int i = 0; s != NULL && i < 11; i++) {
        if (structseq_set(s, i, values[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

/* Reads a time tuple. The zone's text belongs to an object of the tuple. */
static int tm_from_value(Value v, const char *function, struct tm *t)
{
    int f[9];
    if (!tuple_check(v)) {
        return error_raise_int(PyExc_TypeError, "Tuple or struct_time argument required");
    }
    PyObject *tuple = value_object(v);
    if (tuple_length(tuple) != 9) {
        return error_raise_int(PyExc_TypeError, "%s(): illegal time tuple argument", function);
    }
    for (int i = 0; i < 9; i++) {
        if (arg_int(tuple_get(tuple, i), &f[i]) < 0) {
            return -1;
        }
    }
    if (f[0] < INT32_MIN + 1900) {
        return error_raise_int(PyExc_OverflowError, "year out of range");
    }
    *t = (struct tm){.tm_year = f[0] - 1900,
                     .tm_mon = f[1] - 1,
                     .tm_mday = f[2],
                     .tm_hour = f[3],
                     .tm_min = f[4],
                     .tm_sec = f[5],
                     .tm_wday = (f[6] + 1) % 7,
                     .tm_yday = f[7] - 1,
                     .tm_isdst = f[8]};
    if (value_type(v) == struct_time_type) {
        Value zone = object_getattr(v, str_intern_text("tm_zone"));
        Value offset = object_getattr(v, str_intern_text("tm_gmtoff"));
        int64_t seconds;
        if (value_is_null(zone) || value_is_null(offset)) {
            return -1;
        }
        if (str_check(zone)) {
            t->tm_zone = str_utf8(value_object(zone), NULL);
        }
        if (int_check(offset) && int_to_i64(offset, &seconds) == 0) {
            t->tm_gmtoff = seconds;
        }
    }
    return 0;
}

/* Zero counts as one where the C library wants to start at one. */
static int check_tm(struct tm *t)
{
    const char *wrong = NULL;
    t->tm_mon = t->tm_mon == -1 ? 0 : t->tm_mon;
    t->tm_mday = t->tm_mday == 0 ? 1 : t->tm_mday;
    t->tm_yday = t->tm_yday == -1 ? 0 : t->tm_yday;
    if (t->tm_mon < 0 || t->tm_mon > 11) {
        wrong = "month out of range";
    } else if (t->tm_mday < 0 || t->tm_mday > 31) {
        wrong = "day of month out of range";
    } else if (t->tm_hour < 0 || t->tm_hour > 23) {
        wrong = "hour out of range";
    } else if (t->tm_min < 0 || t->tm_min > 59) {
        wrong = "minute out of range";
    } else if (t->tm_sec < 0 || t->tm_sec > 61) {
        wrong = "seconds out of range";
    } else if (t->tm_wday < 0) {
        wrong = "day of week out of range";
    } else if (t->tm_yday < 0 || t->tm_yday > 365) {
        wrong = "day of year out of range";
    }
    return wrong == NULL ? 0 : error_raise_int(PyExc_ValueError, "%s", wrong);
}

static Value broken_down(Value v, struct tm *(*convert)(const time_t *, struct tm *))
{
    time_t when;
    struct tm t;
    if (time_argument(v, &when) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    if (convert(&when, &t) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        return error_from_errno(NULL);
    }
    return struct_time_new(&t);
}

static Value do_gmtime(Value self, const Value *args)
{
    return broken_down(args[0], gmtime_r);
}

static Value do_localtime(Value self, const Value *args)
{
    return broken_down(args[0], localtime_r);
}

static Value do_mktime(Value self, Value v)
{
    struct tm t;
    if (tm_from_value(v, "mktime", &t) < 0) {
        return VALUE_NULL;
    }
    t.tm_wday = -1; /* stays so if the time cannot be represented */
    time_t when = mktime(&t);
    if (when == (time_t)-1 && t.tm_wday == -1) {
        return error_raise(PyExc_OverflowError, "mktime argument out of range");
    }
    return float_from_double((double)when);
}

/* ---- Text. */

static Value format_fixed(const struct tm *t)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[80];
    snprintf(text, sizeof text, "%.3s %.3s%3d %.2d:%.2d:%.2d %lld", days + t->tm_wday * 3,
             months + t->tm_mon * 3, t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec,
             (long long)t->tm_year + 1900);
    return value_from_object(str_from_text(text));
}

static int tm_or_now(Value v, const char *function, struct tm *t)
{
    if (!value_is_present(v)) {
        time_t now = time(NULL);
        localtime_r(&now, t);
        return 0;
    }
    return tm_from_value(v, function, t) < 0 ? -1 : check_tm(t);
}

static Value do_asctime(Value self, const Value *args)
{
    struct tm t;
    return tm_or_now(args[0], "asctime", &t) < 0 ? VALUE_NULL : format_fixed(&t);
}

static Value do_ctime(Value self, const Value *args)
{
    time_t when;
    struct tm t;
    if (time_argument(args[0], &when) < 0) {
        return VALUE_NULL;
    }
    if (localtime_r(&when, &t) == NULL) {
        return error_from_errno(NULL);
    }
    return format_fixed(&t);
}

static Value do_strftime(Value self, const Value *args)
{
    struct tm t;
    PyObject *format = arg_str(args[0], "strftime", "argument 1");
    if (format == NULL || tm_or_now(args[1], "strftime", &t) < 0) {
        return VALUE_NULL;
    }
    if (t.tm_isdst < -1) {
        t.tm_isdst = -1;
    } else if (t.tm_isdst > 1) {
        t.tm_isdst = 1;
    }
    PyObject *encoded = str_encode(format, "utf-8", "surrogateescape");
    if (encoded == NULL) {
        return VALUE_NULL;
    }
    const char *text = ((PyBytesObject *)encoded)->ob_sval;
    size_t length = (size_t)((PyVarObject *)encoded)->ob_size;
    if (strlen(text) != length) {
        return error_raise(PyExc_ValueError, "embedded null character");
    }
    for (size_t size = 1024;; size *= 2) {
        char *buffer = heap_alloc(size, CELL_RAW);
        if (buffer == NULL) {
            return error_no_memory();
        }
        size_t n = strftime(buffer, size, text, &t);
        /* Zero may mean that nothing was to be written. */
        if (n > 0 || length == 0 || size >= 256 * (length + 4)) {
            return value_from_object(str_from_filename(buffer, (Py_ssize_t)n));
        }
    }
}

static Value do_strptime(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value f = import_attribute("_strptime", "_strptime_time");
    return value_is_null(f) ? f : object_call(f, args, nargs, kwnames);
}

/* ---- Time zones. */

static int add_zone_names(PyObject *module)
{
    PyObject *pair = tuple_new(2);
    for (int i = 0; pair != NULL && i < 2; i++) {
        PyObject *name = str_from_filename(tzname[i], (Py_ssize_t)strlen(tzname[i]));
        if (name == NULL || tuple_init_item(pair, i, value_from_object(name)) < 0) {
            return -1;
        }
    }
    return module_add(module, "tzname", value_from_object(pair));
}

/* Offset of the zone west of UTC with daylight saving in force: half a year apart tells. */
static long find_alternative(long standard)
{
    struct tm t;
    time_t now = time(NULL);
    long best = standard - 3600;
    for (int half = 0; half < 2; half++) {
        time_t when = now - now % (365 * 86400L) + half * 182 * 86400L;
        if (localtime_r(&when, &t) != NULL && t.tm_isdst > 0) {
            best = -t.tm_gmtoff;
        }
    }
    return best;
}

static int add_zone(PyObject *module)
{
    tzset();
    long alternative = daylight ? find_alternative(timezone) : timezone;
    return module_add_int(module, "timezone", timezone) < 0 ||
                   module_add_int(module, "altzone", alternative) < 0 ||
                   module_add_int(module, "daylight", daylight) < 0
               ? -1
               : add_zone_names(module);
}

static Value do_tzset(Value self)
{
    return add_zone(value_object(self)) < 0 ? VALUE_NULL : VALUE_NONE;
}

static const struct native_def functions[] = {
    {"time", "($module, /)", "Seconds since the epoch.", .f0 = do_time},
    {"time_ns", "($module, /)", "Nanoseconds since the epoch.", .f0 = do_time_ns},
    {"monotonic", "($module, /)", "Seconds on a clock that never goes back.", .f0 = do_monotonic},
    {"monotonic_ns", "($module, /)", "Nanoseconds on a clock that never goes back.",
     .f0 = do_monotonic_ns},
    {"perf_counter", "($module, /)", "Seconds on the clock with the best resolution.",
     .f0 = do_monotonic},
    {"perf_counter_ns", "($module, /)", "Nanoseconds on the clock with the best resolution.",
     .f0 = do_monotonic_ns},
    {"process_time", "($module, /)", "Processor time of this process in seconds.",
     .f0 = do_process_time},
    {"process_time_ns", "($module, /)", "Processor time of this process in nanoseconds.",
     .f0 = do_process_time_ns},
    {"thread_time", "($module, /)", "Processor time of this thread in seconds.",
     .f0 = do_thread_time},
    {"thread_time_ns", "($module, /)", "Processor time of this thread in nanoseconds.",
     .f0 = do_thread_time_ns},
    {"clock_gettime", "($module, clk_id, /)", "The time of a clock in seconds.",
     .f1 = do_clock_gettime},
    {"clock_gettime_ns", "($module, clk_id, /)", "The time of a clock in nanoseconds.",
     .f1 = do_clock_gettime_ns},
    {"clock_getres", "($module, clk_id, /)", "The resolution of a clock in seconds.",
     .f1 = do_clock_getres},
    {"clock_settime", "($module, clk_id, time, /)", "Sets a clock, in seconds.",
     .n = do_clock_settime},
    {"clock_settime_ns", "($module, clk_id, time, /)", "Sets a clock, in nanoseconds.",
     .n = do_clock_settime_ns},
    {"pthread_getcpuclockid", "($module, thread_id, /)", "The clock of a thread's processor time.",
     .f1 = do_pthread_getcpuclockid},
    {"get_clock_info", "($module, name, /)",
     "Information about a clock of this module, by its name.", .f1 = do_get_clock_info},
    {"sleep", "($module, seconds, /)", "Waits for that many seconds.", .f1 = do_sleep},
    {"gmtime", "($module, seconds=None, /)",
     "Seconds since the epoch as a struct_time in UTC; now, if none are given.", .n = do_gmtime},
    {"localtime", "($module, seconds=None, /)",
     "Seconds since the epoch as a struct_time in local time; now, if none are given.",
     .n = do_localtime},
    {"mktime", "($module, tuple, /)", "A struct_time in local time as seconds since the epoch.",
     .f1 = do_mktime},
    {"asctime", "($module, tuple=<unrepresentable>, /)",
     "A struct_time as text such as 'Sat Jun 06 16:26:11 1998'.", .n = do_asctime},
    {"ctime", "($module, seconds=None, /)", "Seconds since the epoch as text in local time.",
     .n = do_ctime},
    {"strftime", "($module, format, tuple=<unrepresentable>, /)",
     "A struct_time as text, by a format.", .n = do_strftime},
    {"strptime", NULL, "A struct_time from text, by a format.", .raw = do_strptime},
    {"tzset", "($module, /)", "Reads the time zone from the environment again.", .f0 = do_tzset},
    {NULL},
};

static int exec(PyObject *module)
{
    static const char *const fields[] = {"tm_year",  "tm_mon",  "tm_mday",   "tm_hour",
                                         "tm_min",   "tm_sec",  "tm_wday",   "tm_yday",
                                         "tm_isdst", "tm_zone", "tm_gmtoff", NULL};
    static const struct {
        const char *name;
        int value;
    } clocks[] = {{"CLOCK_REALTIME", CLOCK_REALTIME},
                  {"CLOCK_MONOTONIC", CLOCK_MONOTONIC},
                  {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
                  {"CLOCK_BOOTTIME", CLOCK_BOOTTIME},
                  {"CLOCK_TAI", CLOCK_TAI},
                  {"CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID},
                  {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
                  {"_STRUCT_TM_ITEMS", 11}};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        if (module_add_int(module, clocks[i].name, clocks[i].value) < 0) {
            return -1;
        }
    }
    if (struct_time_type == NULL) {
        struct_time_type =
            structseq_type_new("time.struct_time", "A time as its parts.", fields, 9);
    }
    return module_add(module, "struct_time", value_from_object(struct_time_type)) < 0
               ? -1
               : add_zone(module);
}

const struct module_def time_module = {
    .name = "time",
    .doc = "Clocks, sleeping, and times as text.",
    .functions = functions,
    .exec = exec,
};
