/* SPDX-License-Identifier: MIT */
/* _sre: the pattern, match and scanner objects behind Python's re package. The compiler of patterns
 * is Python code (the re package); sre_engine.c matches. All three kinds of objects are constant
 * after they are made, but for a scanner's position. */
#include "module/sre_int.h"

#include <stdlib.h>
#include <string.h>
#include <structmember.h>

#include "object/bytes.h"
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "object/unicode_data.h"

struct pattern {
    PyObject_HEAD PyObject *pattern; /* what it was compiled from; None for a tree */
    PyObject *groupindex;            /* dict: name to number */
    PyObject *indexgroup;            /* tuple: number to name or None */
    PyObject *weakrefs;
    struct sre_program program;
    Py_ssize_t groups;
    int flags;
    bool is_bytes;
};

struct match {
    PyObject_VAR_HEAD PyObject *string;
    PyObject *pattern;
    Py_ssize_t pos, endpos, lastindex, groups; /* groups counts group 0 */
    Py_ssize_t marks[];                        /* 2 per group */
};

struct scanner {
    PyObject_HEAD PyObject *pattern;
    PyObject *string;
    Py_ssize_t pos, endpos; /* constant */
    Py_ssize_t start;       /* owner thread */
    bool must_advance, finished;
};

static PyTypeObject Pattern_Type, Match_Type, Scanner_Type;

static struct pattern *pattern_of(Value v)
{
    return (struct pattern *)value_object(v);
}
static struct match *match_of(Value v)
{
    return (struct match *)value_object(v);
}

/* ---- Subjects: a str, or anything with a buffer. */

struct subject {
    struct sre_state state;
    PyObject *string;
    Py_buffer view; /* held while matching; obj NULL: none */
    bool is_bytes;
    Py_ssize_t small_marks[20];
};

static int open_text(struct subject *s, Value string)
{
    s->string = value_box(string);
    s->view.obj = NULL;
    if (str_check(string)) {
        s->is_bytes = false;
        s->state.data = str_data(s->string);
        s->state.width = str_kind(s->string);
        s->state.end = str_length(s->string);
        return 0;
    }
    if (!object_has_buffer(string)) {
        return error_raise_int(PyExc_TypeError, "expected string or bytes-like object, got '%T'",
                               string);
    }
    if (object_get_buffer(string, &s->view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    s->is_bytes = true;
    s->state.data = s->view.buf;
    s->state.width = 1;
    s->state.end = s->view.len;
    return 0;
}

static void subject_close(struct subject *s)
{
    if (s->view.obj != NULL) {
        object_release_buffer(&s->view);
    }
    if (s->state.marks != s->small_marks) {
        free(s->state.marks);
    }
    sre_stack_release(s->state.stack);
}

static int subject_open(struct subject *s, struct pattern *p, Value string, Py_ssize_t pos,
                        Py_ssize_t endpos)
{
    memset(s, 0, offsetof(struct subject, small_marks));
    if (open_text(s, string) < 0) {
        return -1;
    }
    if (p->pattern != Py_None && s->is_bytes != p->is_bytes) {
        error_raise(PyExc_TypeError, s->is_bytes
                                         ? "cannot use a string pattern on a bytes-like object"
                                         : "cannot use a bytes pattern on a string-like "
                                           "object");
        subject_close(s);
        return -1;
    }
    Py_ssize_t length = s->state.end;
    s->state.end = endpos < 0 ? 0 : endpos > length ? length : endpos;
    s->state.start = pos < 0 ? 0 : pos > length ? length : pos;
    s->state.program = &p->program;
    s->state.marks =
        p->groups <= 10 ? s->small_marks : malloc(2 * (size_t)p->groups * sizeof(Py_ssize_t));
    if (s->state.marks == NULL) {
        subject_close(s);
        error_no_memory();
        return -1;
    }
    return 0;
}

static int subject_match(struct subject *s, bool search)
{
    if (s->state.start > s->state.end) {
        return 0;
    }
    return search ? sre_search(&s->state) : sre_match(&s->state);
}

/* Part of a subject as str or bytes. */
static Value slice(PyObject *string, Py_ssize_t start, Py_ssize_t end)
{
    Value v = value_from_object(string);
    if (str_check(v)) {
        return value_from_object(str_substring(string, start, end));
    }
    Py_buffer view;
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = v;
    Py_ssize_t to = end < view.len ? end : view.len, from = start < to ? start : to;
    if (string->ob_type != &PyBytes_Type || from != 0 || to != view.len) {
        result = value_from_object(bytes_new((const char *)view.buf + from, to - from));
    }
    object_release_buffer(&view);
    return result;
}

static Value group_of_state(const struct subject *s, Py_ssize_t group, bool empty)
{
    const struct sre_state *st = &s->state;
    Py_ssize_t from = group == 0 ? st->start : st->marks[2 * (group - 1)];
    Py_ssize_t to = group == 0 ? st->position : st->marks[2 * (group - 1) + 1];
    if (from < 0 || to < 0) {
        return empty ? slice(s->string, 0, 0) : VALUE_NONE;
    }
    return slice(s->string, from, to);
}

/* ---- Matches. */

static Value match_new(struct pattern *p, const struct subject *s, Py_ssize_t pos,
                       Py_ssize_t endpos)
{
    Py_ssize_t groups = p->groups + 1;
    struct match *m = (struct match *)object_alloc(&Match_Type, 2 * groups);
    if (m == NULL) {
        return VALUE_NULL;
    }
    heap_fill(m, &m->string, s->string);
    heap_fill(m, &m->pattern, (PyObject *)p);
    m->pos = pos;
    m->endpos = endpos;
    m->lastindex = s->state.lastindex;
    m->groups = groups;
    m->marks[0] = s->state.start;
    m->marks[1] = s->state.position;
    for (Py_ssize_t i = 0; i < p->groups; i++) {
        Py_ssize_t from = s->state.marks[2 * i], to = s->state.marks[2 * i + 1];
        bool set = from >= 0 && to >= from;
        m->marks[2 * i + 2] = set ? from : -1;
        m->marks[2 * i + 3] = set ? to : -1;
    }
    return value_from_object(m);
}

static Value match_group(const struct match *m, Py_ssize_t i, Value fallback)
{
    if (m->string == Py_None || m->marks[2 * i] < 0) {
        return fallback;
    }
    return slice(m->string, m->marks[2 * i], m->marks[2 * i + 1]);
}

/* The number of a group given as number or name; -1 with IndexError. */
static Py_ssize_t group_number(const struct match *m, Value which)
{
    Py_ssize_t i = -1;
    if (value_ops(which)->index != NULL) {
        if (arg_index(which, &i) < 0) {
            error_clear();
            i = -1;
        }
    } else {
        Value found = dict_get(((struct pattern *)m->pattern)->groupindex, which);
        int64_t n;
        if (value_is_null(found)) {
            return -1;
        }
        if (value_is_present(found) && int_check(found) && int_clip_i64(found, &n) == 0) {
            i = n;
        }
    }
    if (i < 0 || i >= m->groups) {
        error_raise(PyExc_IndexError, "no such group");
        return -1;
    }
    return i;
}

static Value match_getitem(Value self, Value key)
{
    Py_ssize_t i = group_number(match_of(self), key);
    return i < 0 ? VALUE_NULL : match_group(match_of(self), i, VALUE_NONE);
}

static Value match_group_method(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("group", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs == 0) {
        return match_group(match_of(self), 0, VALUE_NONE);
    }
    if (nargs == 1) {
        return match_getitem(self, args[0]);
    }
    PyObject *result = tuple_new((Py_ssize_t)nargs);
    for (size_t i = 0; result != NULL && i < nargs; i++) {
        Value item = match_getitem(self, args[i]);
        if (value_is_null(item) || tuple_init_item(result, (Py_ssize_t)i, item) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

static Value match_bound(Value self, Value group, int which)
{
    Py_ssize_t i = value_is_absent(group) ? 0 : group_number(match_of(self), group);
    if (i < 0) {
        return VALUE_NULL;
    }
    const Py_ssize_t *marks = match_of(self)->marks + 2 * i;
    if (which < 2) {
        return int_from_ssize(marks[which]);
    }
    Value pair[2] = {int_from_ssize(marks[0]), int_from_ssize(marks[1])};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value match_start(Value self, const Value *args)
{
    return match_bound(self, args[0], 0);
}
static Value match_end(Value self, const Value *args)
{
    return match_bound(self, args[0], 1);
}
static Value match_span(Value self, const Value *args)
{
    return match_bound(self, args[0], 2);
}

static Value match_groups(Value self, const Value *args)
{
    struct match *m = match_of(self);
    Value fallback = value_is_absent(args[0]) ? VALUE_NONE : args[0];
    PyObject *result = tuple_new(m->groups - 1);
    for (Py_ssize_t i = 1; result != NULL && i < m->groups; i++) {
        Value item = match_group(m, i, fallback);
        if (value_is_null(item) || tuple_init_item(result, i - 1, item) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

static Value match_groupdict(Value self, const Value *args)
{
    struct match *m = match_of(self);
    Value fallback = value_is_absent(args[0]) ? VALUE_NONE : args[0];
    PyObject *result = dict_new();
    size_t position = 0;
    Value key, number;
    Py_hash_t hash;
    while (result != NULL &&
           dict_next(((struct pattern *)m->pattern)->groupindex, &position, &key, &number, &hash)) {
        Py_ssize_t i = group_number(m, number);
        Value item = i < 0 ? VALUE_NULL : match_group(m, i, fallback);
        if (value_is_null(item) || dict_set_hashed(result, key, item, hash) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

/* re.<name>(...), for what the re package does in Python. */
static Value call_re(const char *name, const Value *args, size_t nargs)
{
    PyObject *modules_name = names.modules, *re = str_intern_text("re");
    Value modules =
        error_sys_dict != NULL ? dict_get_str(error_sys_dict, modules_name) : VALUE_ABSENT;
    Value module =
        re != NULL && dict_check(modules) ? dict_get_str(value_object(modules), re) : VALUE_ABSENT;
    PyObject *function_name = str_intern_text(name);
    if (!value_is_present(module) || function_name == NULL) {
        return error_raise(PyExc_ImportError, "the module re is not loaded");
    }
    Value function = object_getattr(module, function_name);
    return value_is_null(function) ? function : object_call(function, args, nargs, NULL);
}

static Value match_expand(Value self, const Value *args)
{
    Value call[3] = {value_from_object(match_of(self)->pattern), self, args[0]};
    return call_re("_expand", call, 3);
}

static Value match_repr(Value self)
{
    struct match *m = match_of(self);
    Value text = match_group(m, 0, VALUE_NONE);
    if (value_is_null(text)) {
        return text;
    }
    return value_from_object(str_format("<%N object; span=(%zd, %zd), match=%R>", value_type(self),
                                        m->marks[0], m->marks[1], text));
}

static Value return_self(Value self)
{
    return self;
}

static Value return_self_memo(Value self, Value memo)
{
    (void)memo;
    return self;
}

static Value class_getitem(Value cls, Value item)
{
    return value_from_object(generic_alias_new(cls, item));
}

static Value match_get_lastindex(Value self, void *closure)
{
    (void)closure;
    Py_ssize_t i = match_of(self)->lastindex;
    return i >= 0 ? int_from_ssize(i) : VALUE_NONE;
}

static Value match_get_lastgroup(Value self, void *closure)
{
    (void)closure;
    struct match *m = match_of(self);
    PyObject *index = ((struct pattern *)m->pattern)->indexgroup;
    if (index == NULL || m->lastindex < 0 || m->lastindex >= tuple_length(index)) {
        return VALUE_NONE;
    }
    return tuple_get(index, m->lastindex);
}

static Value match_get_regs(Value self, void *closure)
{
    (void)closure;
    struct match *m = match_of(self);
    PyObject *regs = tuple_new(m->groups);
    for (Py_ssize_t i = 0; regs != NULL && i < m->groups; i++) {
        Value pair[2] = {int_from_ssize(m->marks[2 * i]), int_from_ssize(m->marks[2 * i + 1])};
        PyObject *item = tuple_from_array(pair, 2);
        if (item == NULL || tuple_init_item(regs, i, value_from_object(item)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(regs);
}

static void match_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct match *)self)->string);
    trace_pointer(tracer, ((struct match *)self)->pattern);
}

static const struct native_def match_methods[] = {
    {"group", .raw = match_group_method, .doc = "group([group1, ...]) -> str or tuple."},
    {"start", "($self, group=0, /)", "Where the group's match begins.", .n = match_start},
    {"end", "($self, group=0, /)", "Where the group's match ends.", .n = match_end},
    {"span", "($self, group=0, /)", "Beginning and end of the group's match.", .n = match_span},
    {"groups", "($self, /, default=None)",
     "The matches of all groups; default for those that took no part.", .n = match_groups},
    {"groupdict", "($self, /, default=None)", "The matches of all named groups.",
     .n = match_groupdict},
    {"expand", "($self, /, template)", "Fills the groups into a template.", .n = match_expand},
    {"__copy__", "($self, /)", "A copy of the object.", .f0 = return_self},
    {"__deepcopy__", "($self, memo, /)", "A copy of the object.", .f1 = return_self_memo},
    {"__class_getitem__", .f1 = class_getitem, .flags = NATIVE_CLASS},
    {NULL},
};

static const struct getset_def match_getsets[] = {
    {"lastindex", match_get_lastindex, NULL, "The integer index of the last matched group."},
    {"lastgroup", match_get_lastgroup, NULL, "The name of the last matched capturing group."},
    {"regs", match_get_regs},
    {NULL},
};

static const struct member_def match_members[] = {
    {"string", T_OBJECT, offsetof(struct match, string), READONLY, "The string passed to match()."},
    {"re", T_OBJECT, offsetof(struct match, pattern), READONLY, "The regular expression object."},
    {"pos", T_PYSSIZET, offsetof(struct match, pos), READONLY},
    {"endpos", T_PYSSIZET, offsetof(struct match, endpos), READONLY},
    {NULL},
};

static struct type_info match_info = {
    .ops = {.repr = match_repr, .getitem = match_getitem},
    .trace = match_trace,
    .methods = match_methods,
    .getsets = match_getsets,
    .members = match_members,
    .flags = TYPE_NO_NEW,
};

static PyTypeObject Match_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "re.Match",
    .tp_basicsize = offsetof(struct match, marks),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "The result of re.match() and re.search().",
    .tp_cache = (PyObject *)&match_info,
};

/* ---- Patterns: matching. */

/* string, pos and endpos of the matching methods. */
static int read_range(const Value *args, Py_ssize_t *pos, Py_ssize_t *endpos)
{
    *pos = 0;
    *endpos = PY_SSIZE_T_MAX;
    if (!value_is_absent(args[1]) && arg_index(args[1], pos) < 0) {
        return -1;
    }
    return value_is_absent(args[2]) ? 0 : arg_index(args[2], endpos);
}

static Value match_once(Value self, const Value *args, bool search, bool full)
{
    struct subject s;
    Py_ssize_t pos, endpos;
    struct pattern *p = pattern_of(self);
    if (read_range(args, &pos, &endpos) < 0 || subject_open(&s, p, args[0], pos, endpos) < 0) {
        return VALUE_NULL;
    }
    s.state.full = full;
    Py_ssize_t from = s.state.start;
    int status = subject_match(&s, search);
    Value result = status < 0    ? VALUE_NULL
                   : status == 0 ? VALUE_NONE
                                 : match_new(p, &s, from, s.state.end);
    subject_close(&s);
    return result;
}

static Value pattern_match(Value self, const Value *args)
{
    return match_once(self, args, false, false);
}

static Value pattern_fullmatch(Value self, const Value *args)
{
    return match_once(self, args, false, true);
}

static Value pattern_search(Value self, const Value *args)
{
    return match_once(self, args, true, false);
}

/* Moves on behind a match, so that the next one is neither the same nor inside it. */
static void advance(struct sre_state *s)
{
    s->must_advance = s->position == s->start;
    s->start = s->position;
}

static Value findall_item(struct pattern *p, const struct subject *s)
{
    if (p->groups <= 1) {
        return group_of_state(s, p->groups, true);
    }
    PyObject *item = tuple_new(p->groups);
    for (Py_ssize_t i = 0; item != NULL && i < p->groups; i++) {
        Value group = group_of_state(s, i + 1, true);
        if (value_is_null(group) || tuple_init_item(item, i, group) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(item);
}

static Value pattern_findall(Value self, const Value *args)
{
    struct subject s;
    Py_ssize_t pos, endpos;
    struct pattern *p = pattern_of(self);
    if (read_range(args, &pos, &endpos) < 0 || subject_open(&s, p, args[0], pos, endpos) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = list_new(0);
    int status = list == NULL ? -1 : 1;
    while (status > 0 && s.state.start <= s.state.end) {
        status = subject_match(&s, true);
        if (status > 0) {
            Value item = findall_item(p, &s);
            if (value_is_null(item) || list_append_private(list, item) < 0) {
                status = -1;
            }
            advance(&s.state);
        }
    }
    subject_close(&s);
    return status < 0 ? VALUE_NULL : value_from_object(list);
}

static int append_slice(PyObject *list, PyObject *string, Py_ssize_t from, Py_ssize_t to)
{
    Value piece = slice(string, from, to);
    return value_is_null(piece) ? -1 : list_append_private(list, piece);
}

static int split_pieces(struct pattern *p, struct subject *s, Py_ssize_t most, PyObject *list)
{
    Py_ssize_t last = s->state.start;
    int status = 1;
    for (Py_ssize_t n = 0; status > 0 && (most == 0 || n < most); n++) {
        status = subject_match(s, true);
        if (status <= 0) {
            break;
        }
        if (append_slice(list, s->string, last, s->state.start) < 0) {
            return -1;
        }
        for (Py_ssize_t i = 1; i <= p->groups; i++) {
            Value group = group_of_state(s, i, false);
            if (value_is_null(group) || list_append_private(list, group) < 0) {
                return -1;
            }
        }
        last = s->state.position;
        advance(&s->state);
    }
    return status < 0 ? -1 : append_slice(list, s->string, last, s->state.end);
}

static Value pattern_split(Value self, const Value *args)
{
    struct subject s;
    Py_ssize_t most = 0;
    struct pattern *p = pattern_of(self);
    if ((!value_is_absent(args[1]) && arg_index(args[1], &most) < 0) ||
        subject_open(&s, p, args[0], 0, PY_SSIZE_T_MAX) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = list_new(0);
    int status = list == NULL ? -1
                 : most < 0   ? append_slice(list, s.string, 0, s.state.end)
                              : split_pieces(p, &s, most, list);
    subject_close(&s);
    return status < 0 ? VALUE_NULL : value_from_object(list);
}

/* ---- Substitution. */

static bool has_backslash(Value text)
{
    if (str_check(text)) {
        PyObject *s = value_object(text);
        return str_find_char(s, '\\', 0, str_length(s), 1) >= 0;
    }
    Py_buffer view;
    if (!object_has_buffer(text) || object_get_buffer(text, &view, PyBUF_SIMPLE) < 0) {
        error_clear();
        return true; /* the re package tells what is wrong with it */
    }
    bool found = memchr(view.buf, '\\', (size_t)view.len) != NULL;
    object_release_buffer(&view);
    return found;
}

/* What each match is replaced by. */
struct replacement {
    Value value; /* text, None (nothing), or a function to call with the match */
    bool is_function;
    PyObject *literals; /* of a template: pieces of text, None where a group's text goes; or NULL */
    PyObject *groups;   /* of a template: the number of the group for each None, in order */
};

/* A template is ([(index in literals, group), ...], literals). */
static int read_template(Value made, struct replacement *r)
{
    if (!tuple_check(made) || tuple_length(value_object(made)) != 2 ||
        !list_check(tuple_get(value_object(made), 0)) ||
        !list_check(tuple_get(value_object(made), 1))) {
        return error_raise_int(PyExc_TypeError, "bad replacement template");
    }
    PyObject *pairs = value_object(tuple_get(value_object(made), 0));
    r->literals = value_object(tuple_get(value_object(made), 1));
    r->groups = list_new(list_length(pairs));
    for (Py_ssize_t i = 0; r->groups != NULL && i < list_length(pairs); i++) {
        Value pair = list_find(pairs, i);
        if (!tuple_check(pair) || tuple_length(value_object(pair)) != 2 ||
            list_append_private(r->groups, tuple_get(value_object(pair), 1)) < 0) {
            return -1;
        }
    }
    return r->groups == NULL ? -1 : 0;
}

static int prepare_replacement(Value self, Value repl, struct replacement *r)
{
    *r = (struct replacement){.value = repl, .is_function = object_is_callable(repl)};
    if (r->is_function || !has_backslash(repl)) {
        return 0;
    }
    Value call[2] = {self, repl};
    r->value = call_re("_subx", call, 2);
    if (value_is_null(r->value)) {
        return -1;
    }
    r->is_function = object_is_callable(r->value);
    if (!r->is_function || value_type(r->value) != &PyFunction_Type) {
        return 0;
    }
    /* The function that re made keeps its template as a default: expanding it here is quicker. */
    PyObject *defaults = function_cast(value_object(r->value))->func_defaults;
    return defaults != NULL && tuple_length(defaults) == 1
               ? read_template(tuple_get(defaults, 0), r)
               : 0;
}

static int append_template(const struct subject *s, PyObject *list, const struct replacement *r)
{
    Py_ssize_t next = 0;
    for (Py_ssize_t i = 0; i < list_length(r->literals); i++) {
        Value piece = list_find(r->literals, i);
        if (value_is_none(piece)) {
            Py_ssize_t group;
            if (arg_index(list_find(r->groups, next++), &group) < 0) {
                return -1;
            }
            if (group < 0 || (size_t)group > s->state.program->groups) {
                return error_raise_int(PyExc_IndexError, "no such group");
            }
            piece = group_of_state(s, group, true);
        }
        if (value_is_null(piece) || list_append_private(list, piece) < 0) {
            return -1;
        }
    }
    return 0;
}

static int append_replacement(struct pattern *p, struct subject *s, PyObject *list,
                              const struct replacement *r)
{
    if (r->literals != NULL) {
        return append_template(s, list, r);
    }
    Value text = r->value;
    if (r->is_function) {
        Value m = match_new(p, s, 0, s->state.end);
        text = value_is_null(m) ? m : object_call1(text, m);
        if (value_is_null(text)) {
            return -1;
        }
    }
    return value_is_none(text) ? 0 : list_append_private(list, text);
}

/* Fills the list with the pieces of the result; the number of replacements, or -1. */
static Py_ssize_t substitute(struct pattern *p, struct subject *s, const struct replacement *r,
                             Py_ssize_t most, PyObject *list)
{
    Py_ssize_t last = 0, count = 0;
    while (most == 0 || count < most) {
        int status = subject_match(s, true);
        if (status < 0) {
            return -1;
        }
        if (status == 0) {
            break;
        }
        if (last < s->state.start && append_slice(list, s->string, last, s->state.start) < 0) {
            return -1;
        }
        last = s->state.position;
        if (append_replacement(p, s, list, r) < 0) {
            return -1;
        }
        count++;
        advance(&s->state);
    }
    if (last < s->state.end && append_slice(list, s->string, last, s->state.end) < 0) {
        return -1;
    }
    return count;
}

static Value join(PyObject *string, PyObject *list)
{
    Value empty = slice(string, 0, 0);
    if (value_is_null(empty)) {
        return empty;
    }
    if (list_length(list) == 0) {
        return empty;
    }
    if (str_check(empty)) {
        return value_from_object(str_join(value_object(empty), value_from_object(list)));
    }
    return object_call_method1(empty, names.join, value_from_object(list));
}

static Value sub(Value self, const Value *args, bool with_count)
{
    struct subject s;
    Py_ssize_t most = 0;
    struct replacement r;
    struct pattern *p = pattern_of(self);
    if ((!value_is_absent(args[2]) && arg_index(args[2], &most) < 0) ||
        prepare_replacement(self, args[0], &r) < 0 ||
        subject_open(&s, p, args[1], 0, PY_SSIZE_T_MAX) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = list_new(0);
    Py_ssize_t count = list == NULL ? -1
                       : most < 0   ? append_slice(list, s.string, 0, s.state.end)
                                    : substitute(p, &s, &r, most, list);
    Value result = count < 0 ? VALUE_NULL : join(s.string, list);
    subject_close(&s);
    if (!with_count || value_is_null(result)) {
        return result;
    }
    Value pair[2] = {result, int_from_ssize(count)};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value pattern_sub(Value self, const Value *args)
{
    return sub(self, args, false);
}
static Value pattern_subn(Value self, const Value *args)
{
    return sub(self, args, true);
}

/* ---- Scanners. */

static Value scanner_new(Value self, const Value *args)
{
    Py_ssize_t pos, endpos;
    struct subject s;
    struct pattern *p = pattern_of(self);
    if (read_range(args, &pos, &endpos) < 0 || subject_open(&s, p, args[0], pos, endpos) < 0) {
        return VALUE_NULL;
    }
    struct scanner *scanner = (struct scanner *)object_alloc(&Scanner_Type, 0);
    if (scanner != NULL) {
        heap_init(scanner, &scanner->pattern, (PyObject *)p);
        heap_init(scanner, &scanner->string, s.string);
        scanner->pos = scanner->start = s.state.start;
        scanner->endpos = s.state.end;
    }
    subject_close(&s);
    return value_from_object(scanner);
}

static Value scan(Value self, bool search)
{
    struct scanner *scanner = (struct scanner *)value_object(self);
    struct pattern *p = (struct pattern *)scanner->pattern;
    struct subject s;
    if (scanner->finished) {
        return VALUE_NONE;
    }
    if (subject_open(&s, p, value_from_object(scanner->string), scanner->start, scanner->endpos) <
        0) {
        return VALUE_NULL;
    }
    s.state.must_advance = scanner->must_advance;
    int status = subject_match(&s, search);
    Value result = status < 0    ? VALUE_NULL
                   : status == 0 ? VALUE_NONE
                                 : match_new(p, &s, scanner->pos, s.state.end);
    if (status > 0) {
        advance(&s.state);
        scanner->must_advance = s.state.must_advance;
        scanner->start = s.state.start;
    } else {
        scanner->finished = status == 0;
    }
    subject_close(&s);
    return result;
}

static Value scanner_match(Value self)
{
    return scan(self, false);
}
static Value scanner_search(Value self)
{
    return scan(self, true);
}

static void scanner_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct scanner *)self)->pattern);
    trace_pointer(tracer, ((struct scanner *)self)->string);
}

static const struct native_def scanner_methods[] = {
    {"match", "($self, /)", "Matches at the beginning of the string.", .f0 = scanner_match},
    {"search", "($self, /)", "Finds the first place that matches.", .f0 = scanner_search},
    {NULL},
};

static const struct member_def scanner_members[] = {
    {"pattern", T_OBJECT, offsetof(struct scanner, pattern), READONLY},
    {NULL},
};

static struct type_info scanner_info = {
    .trace = scanner_trace,
    .methods = scanner_methods,
    .members = scanner_members,
    .flags = TYPE_NO_NEW,
};

static PyTypeObject Scanner_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_sre.SRE_Scanner",
    .tp_basicsize = sizeof(struct scanner),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_cache = (PyObject *)&scanner_info,
};

static Value pattern_finditer(Value self, const Value *args)
{
    Value scanner = scanner_new(self, args);
    PyObject *name = str_intern_text("search");
    Value search =
        value_is_null(scanner) || name == NULL ? VALUE_NULL : object_getattr(scanner, name);
    return value_is_null(search) ? search
                                 : value_from_object(callable_iterator_new(search, VALUE_NONE));
}

/* ---- Patterns: the rest. */

static int put_flags(struct str_builder *b, int flags)
{
    static const struct {
        const char *name;
        int flag;
    } rows[] = {{"re.TEMPLATE", 1},  {"re.IGNORECASE", 2}, {"re.LOCALE", 4},
                {"re.MULTILINE", 8}, {"re.DOTALL", 16},    {"re.UNICODE", 32},
                {"re.VERBOSE", 64},  {"re.DEBUG", 128},    {"re.ASCII", 256}};
    bool first = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (flags & rows[i].flag) {
            flags &= ~rows[i].flag;
            if (str_builder_text(b, first ? ", " : "|") < 0 ||
                str_builder_text(b, rows[i].name) < 0) {
                return -1;
            }
            first = false;
        }
    }
    if (flags != 0) {
        PyObject *rest = str_format("%s0x%x", first ? ", " : "|", (unsigned)flags);
        return rest == NULL ? -1 : str_builder_str(b, rest);
    }
    return 0;
}

static Value pattern_repr(Value self)
{
    struct pattern *p = pattern_of(self);
    PyObject *text = object_repr(value_from_object(p->pattern));
    if (text == NULL) {
        return VALUE_NULL;
    }
    int flags = p->flags;
    if (str_check(value_from_object(p->pattern)) &&
        (flags & (SRE_FLAG_LOCALE | SRE_FLAG_UNICODE | 256)) == SRE_FLAG_UNICODE) {
        flags &= ~SRE_FLAG_UNICODE; /* what str patterns have by default */
    }
    Py_ssize_t length = str_length(text) < 200 ? str_length(text) : 200;
    struct str_builder b;
    str_builder_init(&b);
    if (str_builder_text(&b, "re.compile(") < 0 || str_builder_slice(&b, text, 0, length) < 0 ||
        put_flags(&b, flags) < 0 || str_builder_char(&b, ')') < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

static Py_hash_t pattern_hash(Value self)
{
    struct pattern *p = pattern_of(self);
    Py_hash_t h = object_hash(value_from_object(p->pattern));
    if (h == -1) {
        return -1;
    }
    uint64_t code = 14695981039346656037u;
    for (size_t i = 0; i < p->program.size; i++) {
        code = (code ^ p->program.code[i]) * 1099511628211u;
    }
    h ^= (Py_hash_t)code ^ p->flags ^ p->is_bytes ^ p->groups;
    return h == -1 ? -2 : h;
}

static Value pattern_richcompare(Value a, Value b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || value_type(b) != &Pattern_Type) {
        return VALUE_NOT_IMPLEMENTED;
    }
    struct pattern *p = pattern_of(a), *q = pattern_of(b);
    bool equal =
        p == q ||
        (p->flags == q->flags && p->is_bytes == q->is_bytes && p->program.size == q->program.size &&
         memcmp(p->program.code, q->program.code, p->program.size * sizeof(uint32_t)) == 0);
    if (equal && p != q) {
        int same = object_equal(value_from_object(p->pattern), value_from_object(q->pattern));
        if (same < 0) {
            return VALUE_NULL;
        }
        equal = same == 1;
    }
    return value_from_bool(equal == (op == Py_EQ));
}

static Value pattern_groupindex(Value self, void *closure)
{
    (void)closure;
    return object_call1(value_from_object(&PyDictProxy_Type),
                        value_from_object(pattern_of(self)->groupindex));
}

static void pattern_trace(PyObject *self, struct tracer *tracer)
{
    struct pattern *p = (struct pattern *)self;
    trace_pointer(tracer, p->pattern);
    trace_pointer(tracer, p->groupindex);
    trace_pointer(tracer, p->indexgroup);
    trace_pointer(tracer, p->program.code);
    trace_pointer(tracer, p->program.sets);
    trace_pointer(tracer, p->program.bitmaps);
    trace_pointer(tracer, p->program.first_of);
    trace_pointer(tracer, p->program.first);
}

static const struct native_def pattern_methods[] = {
    {"match", "($self, /, string, pos=0, endpos=sys.maxsize)",
     "Matches at the beginning of the string.", .n = pattern_match},
    {"fullmatch", "($self, /, string, pos=0, endpos=sys.maxsize)", "Matches the whole string.",
     .n = pattern_fullmatch},
    {"search", "($self, /, string, pos=0, endpos=sys.maxsize)",
     "Finds the first place that matches.", .n = pattern_search},
    {"sub", "($self, /, repl, string, count=0)",
     "Replaces matches by repl, at most count of them if it is not 0.", .n = pattern_sub},
    {"subn", "($self, /, repl, string, count=0)",
     "As sub; returns the new string and how many were replaced.", .n = pattern_subn},
    {"findall", "($self, /, string, pos=0, endpos=sys.maxsize)",
     "All matches, as a list of strings or tuples of groups.", .n = pattern_findall},
    {"split", "($self, /, string, maxsplit=0)", "Splits the string at the matches.",
     .n = pattern_split},
    {"finditer", "($self, /, string, pos=0, endpos=sys.maxsize)", "An iterator over all matches.",
     .n = pattern_finditer},
    {"scanner", "($self, /, string, pos=0, endpos=sys.maxsize)",
     "A scanner that goes from match to match.", .n = scanner_new},
    {"__copy__", "($self, /)", "A copy of the object.", .f0 = return_self},
    {"__deepcopy__", "($self, memo, /)", "A copy of the object.", .f1 = return_self_memo},
    {"__class_getitem__", .f1 = class_getitem, .flags = NATIVE_CLASS},
    {NULL},
};

static const struct getset_def pattern_getsets[] = {
    {"groupindex", pattern_groupindex, NULL, "A dictionary mapping group names to group numbers."},
    {NULL},
};

static const struct member_def pattern_members[] = {
    {"pattern", T_OBJECT, offsetof(struct pattern, pattern), READONLY,
     "The pattern string from which the RE object was compiled."},
    {"flags", T_INT, offsetof(struct pattern, flags), READONLY, "The regex matching flags."},
    {"groups", T_PYSSIZET, offsetof(struct pattern, groups), READONLY,
     "The number of capturing groups in the pattern."},
    {NULL},
};

static struct type_info pattern_info = {
    .ops = {.repr = pattern_repr, .hash = pattern_hash, .richcompare = pattern_richcompare},
    .trace = pattern_trace,
    .methods = pattern_methods,
    .getsets = pattern_getsets,
    .members = pattern_members,
    .flags = TYPE_NO_NEW,
};

static PyTypeObject Pattern_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "re.Pattern",
    .tp_basicsize = sizeof(struct pattern),
    .tp_weaklistoffset = offsetof(struct pattern, weakrefs),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Compiled regular expression object.",
    .tp_cache = (PyObject *)&pattern_info,
};

/* ---- The module. */

static int read_code(struct sre_program *program, PyObject *list)
{
    program->size = (size_t)list_length(list);
    program->code = heap_alloc((program->size + 1) * sizeof(uint32_t), CELL_RAW);
    if (program->code == NULL) {
        error_no_memory();
        return -1;
    }
    for (size_t i = 0; i < program->size; i++) {
        Value item = list_find(list, (Py_ssize_t)i);
        uint64_t word;
        if (!value_is_present(item) || !int_check(item)) {
            return error_raise_int(PyExc_TypeError, "an integer is required");
        }
        if (int_to_u64(item, &word) < 0) {
            return -1;
        }
        if (word > UINT32_MAX) {
            return error_raise_int(PyExc_OverflowError,
                                   "regular expression code size limit exceeded");
        }
        program->code[i] = (uint32_t)word;
    }
    return 0;
}

static int check_compile_arguments(const Value *args)
{
    static const char *const what[] = {"code", "groupindex", "indexgroup"};
    bool fits[] = {list_check(args[2]), dict_check(args[4]), tuple_check(args[5])};
    static const char *const wanted[] = {"list", "dict", "tuple"};
    static const int index[] = {2, 4, 5};
    for (int i = 0; i < 3; i++) {
        if (!fits[i]) {
            return error_raise_int(PyExc_TypeError, "compile() argument '%s' must be %s, not %T",
                                   what[i], wanted[i], args[index[i]]);
        }
    }
    return 0;
}

static Value sre_compile(Value module, const Value *args)
{
    (void)module;
    Py_ssize_t groups;
    int flags;
    if (arg_int(args[1], &flags) < 0 || check_compile_arguments(args) < 0 ||
        arg_index(args[3], &groups) < 0) {
        return VALUE_NULL;
    }
    struct pattern *p = (struct pattern *)object_alloc(&Pattern_Type, 0);
    PyObject *source = value_box(args[0]);
    if (p == NULL || source == NULL) {
        return VALUE_NULL;
    }
    heap_init(p, &p->pattern, source);
    heap_init(p, &p->groupindex, value_object(args[4]));
    heap_init(p, &p->indexgroup, value_object(args[5]));
    p->groups = groups;
    p->flags = flags;
    p->program.groups = (size_t)groups;
    p->is_bytes = source != Py_None && !str_check(args[0]);
    if (p->is_bytes && !object_has_buffer(args[0])) {
        return error_raise(PyExc_TypeError, "expected string or bytes-like object, got '%T'",
                           args[0]);
    }
    struct sre_program program = p->program;
    if (read_code(&program, value_object(args[2])) < 0 || sre_program_init(&program) < 0) {
        return VALUE_NULL;
    }
    p->program = program;
    return value_from_object(p);
}

static Value getcodesize(Value module)
{
    (void)module;
    return value_from_int(4);
}

static int character(Value v, uint32_t *out)
{
    int c;
    if (arg_int(v, &c) < 0) {
        return -1;
    }
    *out = (uint32_t)c;
    return 0;
}

static Value ascii_iscased(Value module, Value v)
{
    uint32_t c;
    (void)module;
    return character(v, &c) < 0 ? VALUE_NULL : value_from_bool(c < 128 && ascii_is_alpha(c));
}

static Value unicode_iscased(Value module, Value v)
{
    uint32_t c;
    (void)module;
    return character(v, &c) < 0 ? VALUE_NULL
                                : value_from_bool(char_to_lower(c) != c || char_to_upper(c) != c);
}

static Value ascii_tolower(Value module, Value v)
{
    uint32_t c;
    (void)module;
    return character(v, &c) < 0 ? VALUE_NULL : int_from_i64(sre_lower_ascii(c));
}

static Value unicode_tolower(Value module, Value v)
{
    uint32_t c;
    (void)module;
    return character(v, &c) < 0 ? VALUE_NULL : int_from_i64(char_to_lower(c));
}

static const struct native_def functions[] = {
    {"compile",
     "($module, /, pattern, flags, code, groups, groupindex,\n"
     "        indexgroup)",
     "Makes a pattern from its code.", .n = sre_compile},
    {"getcodesize", "($module, /)", "The size of one item of a pattern's code.", .f0 = getcodesize},
    {"ascii_iscased", "($module, character, /)", "Has the ASCII letter two cases?",
     .f1 = ascii_iscased},
    {"unicode_iscased", "($module, character, /)", "Has the letter two cases?",
     .f1 = unicode_iscased},
    {"ascii_tolower", "($module, character, /)", "The lower case of an ASCII letter.",
     .f1 = ascii_tolower},
    {"unicode_tolower", "($module, character, /)", "The lower case of a letter.",
     .f1 = unicode_tolower},
    {NULL},
};

static int exec(PyObject *module)
{
    if (type_ready(&Pattern_Type) < 0 || type_ready(&Match_Type) < 0 ||
        type_ready(&Scanner_Type) < 0) {
        return -1;
    }
    return module_add_int(module, "MAGIC", SRE_MAGIC) < 0 ||
                   module_add_int(module, "CODESIZE", 4) < 0 ||
                   module_add_int(module, "MAXREPEAT", SRE_MAXREPEAT) < 0 ||
                   module_add_int(module, "MAXGROUPS", SRE_MAXGROUPS) < 0 ||
                   module_add_str(module, "copyright", "Orochi's regular expression engine") < 0
               ? -1
               : 0;
}

const struct module_def sre_module = {"_sre", .functions = functions, .exec = exec};
