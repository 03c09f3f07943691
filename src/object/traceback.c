/* SPDX-License-Identifier: MIT */
/* PyTracebackObject, and printing tracebacks: files and lines, source text, and the ^^^^ markers.
 * Exceptions around them are printed by exception_print.c. */
#include "object/traceback_int.h"

#include <fcntl.h>
#include <string.h>
#include <structmember.h>
#include <unistd.h>

#include "base/source_coding.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

struct traceback_hooks traceback_hooks;

/* ---- The type. */

static PyTracebackObject *cast(Value v)
{
    return (PyTracebackObject *)value_object(v);
}

static PyObject *traceback_new(PyObject *next, PyObject *frame, int lasti, int lineno)
{
    PyTracebackObject *t = (PyTracebackObject *)object_alloc(&PyTraceBack_Type, 0);
    if (t != NULL) {
        heap_init(t, &t->tb_next, next);
        heap_init(t, &t->tb_frame, frame);
        t->tb_lasti = lasti;
        t->tb_lineno = lineno;
    }
    return (PyObject *)t;
}

int traceback_add(PyObject *frame, int lasti, int lineno)
{
    PyThreadState *s = &thread_current()->state;
    PyObject *t = traceback_new(s->curexc_traceback, frame, lasti, lineno);
    if (t == NULL) {
        return -1;
    }
    s->curexc_traceback = t;
    exception_set_traceback(s->curexc_value, t);
    return 0;
}

static void traceback_trace(PyObject *self, struct tracer *tracer)
{
    const PyTracebackObject *t = (const PyTracebackObject *)self;
    trace_pointer(tracer, t->tb_next);
    trace_pointer(tracer, t->tb_frame);
}

static bool traceback_check(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyTraceBack_Type;
}

/* None or a traceback. */
static int check_next(Value v)
{
    if (!value_is_none(v) && !traceback_check(v)) {
        return error_raise_int(PyExc_TypeError, "expected traceback object or None, got '%T'", v);
    }
    return 0;
}

static Value traceback_make(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[4];
    int lasti, lineno;
    (void)type;
    if (native_bind("TracebackType", "(tb_next, tb_frame, tb_lasti, tb_lineno)", &signature, args,
                    nargs, kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    if (!value_is_object(bound[1]) || value_object(bound[1])->ob_type != &PyFrame_Type) {
        return error_raise(PyExc_TypeError,
                           "TracebackType() argument 'tb_frame' must be frame, not %T", bound[1]);
    }
    if (arg_int(bound[2], &lasti) < 0 || arg_int(bound[3], &lineno) < 0 ||
        check_next(bound[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *next = value_is_none(bound[0]) ? NULL : value_object(bound[0]);
    return value_from_object(traceback_new(next, value_object(bound[1]), lasti, lineno));
}

static Value get_next(Value self, void *closure)
{
    (void)closure;
    PyTracebackObject *next = atomic_load_acquire(&cast(self)->tb_next);
    return next != NULL ? value_from_object(next) : VALUE_NONE;
}

static int change_next(Value self, Value v, void *closure)
{
    (void)closure;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "can't delete tb_next attribute");
    }
    if (check_next(v) < 0) {
        return -1;
    }
    PyTracebackObject *next = value_is_none(v) ? NULL : cast(v);
    for (PyTracebackObject *t = next; t != NULL; t = t->tb_next) {
        if ((PyObject *)t == value_object(self)) {
            return error_raise_int(PyExc_ValueError, "traceback loop detected");
        }
    }
    heap_store(value_object(self), &cast(self)->tb_next, next);
    return 0;
}

static Value traceback_dir(Value self)
{
    (void)self;
    static const char *const attributes[] = {"tb_frame", "tb_next", "tb_lasti", "tb_lineno"};
    Value items[4];
    for (int i = 0; i < 4; i++) {
        items[i] = value_from_object(str_intern_text(attributes[i]));
    }
    return value_from_object(list_from_array(items, 4));
}

static const struct native_def methods[] = {
    {"__dir__", "($self, /)", "The names of its attributes.", .f0 = traceback_dir},
    {NULL},
};

static const struct getset_def getsets[] = {
    {"tb_next", get_next, change_next},
    {NULL},
};

static const struct member_def members[] = {
    {"tb_frame", T_OBJECT, offsetof(PyTracebackObject, tb_frame), READONLY},
    {"tb_lasti", T_INT, offsetof(PyTracebackObject, tb_lasti), READONLY},
    {"tb_lineno", T_INT, offsetof(PyTracebackObject, tb_lineno), READONLY},
    {NULL},
};

static struct type_info traceback_info = {
    .ops = {.new_ = traceback_make},
    .trace = traceback_trace,
    .methods = methods,
    .getsets = getsets,
    .members = members,
};

PyTypeObject PyTraceBack_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "traceback",
    .tp_basicsize = sizeof(PyTracebackObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Create a new traceback object.",
    .tp_cache = (PyObject *)&traceback_info,
};

/* ---- Source text. */

static int open_detached(const char *path)
{
    thread_detach();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    thread_reattach();
    return fd;
}

/* Files of the same name may lie elsewhere now: look along sys.path. */
static int open_on_path(PyObject *filename)
{
    PyObject *name = str_intern_text("path");
    Value path =
        error_sys_dict != NULL && name != NULL ? dict_get_str(error_sys_dict, name) : VALUE_ABSENT;
    if (!list_check(path)) {
        return -1;
    }
    Py_ssize_t length = str_length(filename);
    Py_ssize_t slash = str_find_char(filename, '/', 0, length, -1);
    PyObject *tail = str_substring(filename, slash + 1, length);
    for (Py_ssize_t i = 0; tail != NULL && i < list_length(value_object(path)); i++) {
        Value entry = list_find(value_object(path), i);
        if (!str_check(entry)) {
            continue;
        }
        PyObject *candidate = str_format("%U/%U", value_object(entry), tail);
        PyObject *bytes = candidate == NULL ? NULL : str_to_filename(candidate);
        int fd = bytes == NULL ? -1 : open_detached(bytes_data(bytes));
        if (fd >= 0) {
            return fd;
        }
        error_clear();
    }
    return -1;
}

static int open_source(PyObject *filename)
{
    PyObject *bytes = str_to_filename(filename);
    if (bytes == NULL) {
        error_clear();
        return -1;
    }
    int fd = open_detached(bytes_data(bytes));
    if (fd < 0 && bytes_data(bytes)[0] != '<') {
        fd = open_on_path(filename);
    }
    return fd;
}

/* Everything that fd has, with a NUL behind, in a heap cell. */
static char *read_all(int fd, size_t *length)
{
    size_t capacity = 1 << 16, used = 0;
    char *buffer = heap_alloc(capacity, CELL_RAW);
    while (buffer != NULL) {
        thread_detach();
        ssize_t n = read(fd, buffer + used, capacity - used - 1);
        thread_reattach();
        if (n <= 0) {
            break;
        }
        used += (size_t)n;
        if (capacity - used < 4096) {
            char *bigger = heap_alloc(capacity * 2, CELL_RAW);
            if (bigger == NULL) {
                return NULL;
            }
            memcpy(bigger, buffer, used);
            buffer = bigger;
            capacity *= 2;
        }
    }
    *length = used;
    return buffer;
}

static const char *line_end(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    return newline != NULL ? newline : end;
}

static PyObject *decode_line(const char *text, const char *line, const char *end_of_line,
                             const char *end)
{
    char encoding[SOURCE_CODING_MAX];
    bool found = source_find_coding(text, end, encoding);
    PyObject *s = str_decode(line, end_of_line - line, found ? encoding : "utf-8", "strict");
    if (s == NULL) {
        error_clear();
        s = str_decode(line, end_of_line - line, "utf-8", "replace");
    }
    return s;
}

PyObject *traceback_source_line(PyObject *filename, int lineno)
{
    int fd = lineno > 0 ? open_source(filename) : -1;
    if (fd < 0) {
        return NULL;
    }
    size_t length;
    char *text = read_all(fd, &length);
    close(fd);
    if (text == NULL) {
        return NULL;
    }
    const char *end = text + length, *p = text;
    if (length >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }
    const char *start = p;
    for (int i = 1; i < lineno && p < end; i++) {
        p = line_end(p, end);
        p += p < end;
    }
    if (p >= end) {
        return NULL;
    }
    const char *stop = line_end(p, end);
    if (stop > p && stop[-1] == '\r') {
        stop--;
    }
    PyObject *line = decode_line(start, p, stop, end);
    error_clear();
    return line;
}

/* ---- The markers under a line. */

/* A piece of source text, and the operator in it that deserves the ^. */
struct anchors {
    Py_ssize_t left, right; /* character offsets in the segment; -1: none */
};

/* Columns are bytes of UTF-8; text counts characters. */
static Py_ssize_t char_offset(PyObject *line, int byte_offset)
{
    Py_ssize_t bytes = 0, i = 0;
    for (; i < str_length(line) && bytes < byte_offset; i++) {
        Py_UCS4 c = str_at(line, i);
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return i;
}

static bool positions_of(PyObject *code, int lasti, int out[4])
{
    if (traceback_hooks.position == NULL || lasti < 0) {
        return false;
    }
    traceback_hooks.position(code, lasti, &out[0], &out[1], &out[2], &out[3]);
    return out[0] >= 0 && out[1] >= 0 && out[2] >= 0 && out[3] >= 0;
}

static int put_markers(Value file, struct traceback_style *style, Py_ssize_t start, Py_ssize_t end,
                       struct anchors a)
{
    struct str_builder b;
    str_builder_init(&b);
    for (Py_ssize_t i = 0; i < end; i++) {
        bool primary = a.left < 0 || (i - start >= a.left && i - start < a.right);
        if (str_builder_char(&b, i < start ? ' ' : primary ? '^' : '~') < 0) {
            return -1;
        }
    }
    PyObject *text = str_builder_finish(&b);
    return text == NULL || traceback_margin(file, style) < 0
               ? -1
               : error_write_text(file, "    %U\n", text);
}

static int print_markers(Value file, struct traceback_style *style, PyObject *code, int lasti,
                         PyObject *line, Py_ssize_t indent)
{
    int where[4]; /* line, end line, column, end column */
    if (!positions_of(code, lasti, where)) {
        return 0;
    }
    Py_ssize_t stripped_end = str_length(line);
    while (stripped_end > 0 && str_char_is_space(str_at(line, stripped_end - 1))) {
        stripped_end--;
    }
    Py_ssize_t start = char_offset(line, where[2]);
    Py_ssize_t end = where[0] == where[1] ? char_offset(line, where[3]) : stripped_end;
    if (end <= start) {
        return 0;
    }
    struct anchors a = {-1, -1};
    if (where[0] == where[1]) {
        traceback_find_anchors(str_substring(line, start, end), &a.left, &a.right);
    }
    if (a.left < 0 && end - start >= stripped_end - indent) {
        return 0;
    }
    return put_markers(file, style, start - indent, end - indent, a);
}

/* ---- Entries. */

int traceback_margin(Value file, struct traceback_style *style)
{
    if (style == NULL || style->depth == 0) {
        return 0;
    }
    char spaces[64];
    int n = 2 * style->depth;
    n = n < 60 ? n : 60;
    memset(spaces, ' ', (size_t)n);
    spaces[n] = '\0';
    return error_write_text(file, "%s| ", spaces);
}

static int print_source(Value file, struct traceback_style *style, PyObject *code, int lasti,
                        int lineno)
{
    PyObject *line = traceback_source_line(((PyCodeObject *)code)->co_filename, lineno);
    if (line == NULL) {
        return 0;
    }
    Py_ssize_t indent = 0;
    while (indent < str_length(line) && strchr(" \t\f", (int)(str_at(line, indent) & 0x7f)) &&
           str_at(line, indent) < 128 && str_at(line, indent) != 0) {
        indent++;
    }
    PyObject *stripped = str_substring(line, indent, str_length(line));
    if (stripped == NULL || traceback_margin(file, style) < 0 ||
        error_write_text(file, "    %U\n", stripped) < 0) {
        return -1;
    }
    return print_markers(file, style, code, lasti, line, indent);
}

static PyObject *frame_code(PyTracebackObject *t)
{
    PyObject *name = str_intern_text("f_code");
    Value code = name == NULL ? VALUE_NULL : object_getattr(value_from_object(t->tb_frame), name);
    return value_is_null(code) ? NULL : value_object(code);
}

static int print_entry(Value file, struct traceback_style *style, PyTracebackObject *t,
                       PyObject *code)
{
    PyCodeObject *c = (PyCodeObject *)code;
    if (traceback_margin(file, style) < 0 ||
        error_write_text(file, "  File \"%U\", line %d, in %U\n", c->co_filename, t->tb_lineno,
                         c->co_name) < 0) {
        return -1;
    }
    return print_source(file, style, code, t->tb_lasti, t->tb_lineno);
}

static bool is_importlib(PyObject *filename)
{
    return str_equal_text(filename, "<frozen importlib._bootstrap>") ||
           str_equal_text(filename, "<frozen importlib._bootstrap_external>");
}

void traceback_remove_importlib(void)
{
    PyThreadState *s = &thread_current()->state;
    PyObject *exception = s->curexc_value;
    bool always = error_matches(PyExc_ImportError), inside = false;
    /* The last entry before the current run of importlib's, and before this one; NULL: none. */
    PyTracebackObject *outer = NULL, *before = NULL, *next;
    for (PyTracebackObject *t = (PyTracebackObject *)s->curexc_traceback; t != NULL; t = next) {
        next = t->tb_next;
        PyObject *code = frame_code(t);
        if (code == NULL) {
            error_restore(exception);
            return;
        }
        bool here = is_importlib(((PyCodeObject *)code)->co_filename);
        outer = here && !inside ? before : outer;
        inside = here;
        if (!here || (!always && !str_equal_text(((PyCodeObject *)code)->co_name,
                                                 "_call_with_frames_removed"))) {
            before = t;
            continue;
        }
        before = outer;
        if (outer != NULL) {
            heap_store(outer, &outer->tb_next, next);
        } else {
            s->curexc_traceback = (PyObject *)next;
            exception_set_traceback(exception, (PyObject *)next);
        }
    }
}

enum { REPEATS_SHOWN = 3 };

static int print_repeats(Value file, struct traceback_style *style, long count)
{
    long more = count - REPEATS_SHOWN;
    if (more <= 0) {
        return 0;
    }
    return traceback_margin(file, style) < 0
               ? -1
               : error_write_text(file, "  [Previous line repeated %ld more time%s]\n", more,
                                  more > 1 ? "s" : "");
}

static bool same_place(PyCodeObject *a, int a_line, PyCodeObject *b, int b_line)
{
    return a != NULL && a_line == b_line && str_equal(a->co_filename, b->co_filename) &&
           str_equal(a->co_name, b->co_name);
}

static int print_entries(Value file, struct traceback_style *style, PyTracebackObject *t)
{
    PyCodeObject *last = NULL;
    int last_line = 0;
    long count = 0;
    for (; t != NULL; t = t->tb_next) {
        PyObject *code = frame_code(t);
        if (code == NULL) {
            return -1;
        }
        if (!same_place(last, last_line, (PyCodeObject *)code, t->tb_lineno)) {
            if (print_repeats(file, style, count) < 0) {
                return -1;
            }
            last = (PyCodeObject *)code;
            last_line = t->tb_lineno;
            count = 0;
        }
        count++;
        if (count <= REPEATS_SHOWN && print_entry(file, style, t, code) < 0) {
            return -1;
        }
        if (thread_safepoint(thread_current()) < 0) {
            return -1;
        }
    }
    return print_repeats(file, style, count);
}

/* sys.tracebacklimit; 1000 by default. */
static long entry_limit(void)
{
    PyObject *name = str_intern_text("tracebacklimit");
    Value v =
        error_sys_dict != NULL && name != NULL ? dict_get_str(error_sys_dict, name) : VALUE_ABSENT;
    int64_t limit;
    if (!value_is_present(v) || !int_check(v)) {
        return 1000;
    }
    int order = int_clip_i64(v, &limit);
    return order < 0 ? 0 : order > 0 ? INT32_MAX : (long)limit;
}

int traceback_print_styled(PyObject *traceback, Value file, struct traceback_style *style,
                           const char *header)
{
    if (!traceback_check(value_from_object(traceback))) {
        error_internal("traceback expected");
        return -1;
    }
    long limit = entry_limit(), depth = 0;
    PyTracebackObject *t = (PyTracebackObject *)traceback;
    if (limit <= 0) {
        return 0;
    }
    if (error_write_text(file, "%s", header) < 0) {
        return -1;
    }
    for (PyTracebackObject *p = t; p != NULL; p = p->tb_next) {
        depth++;
    }
    for (; depth > limit; depth--) {
        t = t->tb_next;
    }
    return print_entries(file, style, t);
}

int traceback_print(PyObject *traceback, Value file)
{
    return traceback_print_styled(traceback, file, NULL, "Traceback (most recent call last):\n");
}
