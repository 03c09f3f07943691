/* SPDX-License-Identifier: MIT */
/* str.format (PEP 3101): the markup grammar, look-up of fields, and format specs of strings.
 *
 * A format string is a row of pieces: literal text, and perhaps a field "{name!conversion:spec}"
 * after it. piece_next() reads one piece; str.format renders it, and _string.formatter_parser hands
 * it out for string.Formatter. */
#include "object/str_format.h"

#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/number_format.h"
#include "object/str_split.h"
#include "object/unicode_data.h"

/* A part of a str. */
struct text_part {
    PyObject *s;
    Py_ssize_t start, end;
};

static inline Py_UCS4 at(const struct text_part *t, Py_ssize_t i)
{
    return str_at(t->s, i);
}
static PyObject *part_str(const struct text_part *t)
{
    return str_substring(t->s, t->start, t->end);
}

/* ---- Markup. */

struct piece {
    struct text_part literal, name, spec;
    bool has_field, nested; /* nested: the spec has fields of its own */
    Py_UCS4 conversion;     /* 0: none */
};

static int fail(const char *message)
{
    return error_raise_int(PyExc_ValueError, message);
}

/* Reads the literal text; *brace tells whether a field follows. 0 or -1. */
static int read_literal(struct text_part *rest, struct piece *p)
{
    Py_ssize_t i = rest->start;
    while (i < rest->end && at(rest, i) != '{' && at(rest, i) != '}') {
        i++;
    }
    p->literal = (struct text_part){rest->s, rest->start, i};
    if (i == rest->end) {
        rest->start = i;
        return 0;
    }
    Py_UCS4 brace = at(rest, i);
    bool doubled = i + 1 < rest->end && at(rest, i + 1) == brace;
    if (doubled) {
        p->literal.end = i + 1;
        rest->start = i + 2;
        return 0;
    }
    if (brace == '}') {
        return fail("Single '}' encountered in format string");
    }
    if (i + 1 == rest->end) {
        return fail("Single '{' encountered in format string");
    }
    p->has_field = true;
    rest->start = i + 1;
    return 0;
}

/* Reads the name up to '}', ':' or '!'; that character is consumed and returned. */
static int read_name(struct text_part *rest, struct piece *p)
{
    Py_ssize_t i = rest->start;
    bool bracket = false;
    for (; i < rest->end; i++) {
        Py_UCS4 c = at(rest, i);
        if (bracket) {
            bracket = c != ']';
        } else if (c == '{') {
            return fail("unexpected '{' in field name");
        } else if (c == '[') {
            bracket = true;
        } else if (c == '}' || c == ':' || c == '!') {
            p->name = (struct text_part){rest->s, rest->start, i};
            rest->start = i + 1;
            return (int)c;
        }
    }
    return fail("expected '}' before end of string");
}

/* Reads the spec and the closing brace. */
static int read_spec(struct text_part *rest, struct piece *p)
{
    int depth = 1;
    for (Py_ssize_t i = rest->start; i < rest->end; i++) {
        Py_UCS4 c = at(rest, i);
        if (c == '{') {
            p->nested = true;
            depth++;
        } else if (c == '}' && --depth == 0) {
            p->spec = (struct text_part){rest->s, rest->start, i};
            rest->start = i + 1;
            return 0;
        }
    }
    return fail("unmatched '{' in format spec");
}

static int read_conversion(struct text_part *rest, struct piece *p)
{
    if (rest->start == rest->end) {
        return fail("end of string while looking for conversion specifier");
    }
    p->conversion = at(rest, rest->start++);
    if (rest->start < rest->end) {
        Py_UCS4 c = at(rest, rest->start++);
        if (c == '}') {
            return 0;
        }
        if (c != ':') {
            return fail("expected ':' after conversion specifier");
        }
    }
    return read_spec(rest, p);
}

/* 1: a piece was read, 0: the end, -1: error. */
static int piece_next(struct text_part *rest, struct piece *p)
{
    *p = (struct piece){.name = {rest->s, 0, 0}, .spec = {rest->s, 0, 0}};
    if (rest->start >= rest->end) {
        return 0;
    }
    if (read_literal(rest, p) < 0) {
        return -1;
    }
    if (!p->has_field) {
        return 1;
    }
    int c = read_name(rest, p);
    if (c < 0) {
        return -1;
    }
    int status = c == '!' ? read_conversion(rest, p) : c == ':' ? read_spec(rest, p) : 0;
    return status < 0 ? -1 : 1;
}

/* ---- Field names: first.attribute[key]... */

/* The number, -1 if the text is none, -2 with ValueError if it is too big. */
static Py_ssize_t part_number(const struct text_part *t)
{
    Py_ssize_t n = 0;
    for (Py_ssize_t i = t->start; i < t->end; i++) {
        int value = char_to_decimal(at(t, i));
        if (value < 0) {
            return -1;
        }
        if (n > (PY_SSIZE_T_MAX - value) / 10) {
            fail("Too many decimal digits in format string");
            return -2;
        }
        n = n * 10 + value;
    }
    return t->start == t->end ? -1 : n;
}

static struct text_part name_first(struct text_part *name)
{
    struct text_part first = *name;
    Py_ssize_t i = name->start;
    while (i < name->end && at(name, i) != '.' && at(name, i) != '[') {
        i++;
    }
    first.end = i;
    name->start = i;
    return first;
}

/* The next step: 1 with *is_attribute and *key, 0 at the end, -1. */
static int name_step(struct text_part *name, bool *is_attribute, struct text_part *key)
{
    if (name->start >= name->end) {
        return 0;
    }
    Py_UCS4 c = at(name, name->start);
    Py_ssize_t i = name->start + 1;
    if (c != '.' && c != '[') {
        return fail("Only '.' or '[' may follow ']' in format field specifier");
    }
    *is_attribute = c == '.';
    *key = (struct text_part){name->s, i, i};
    if (c == '.') {
        while (i < name->end && at(name, i) != '.' && at(name, i) != '[') {
            i++;
        }
        name->start = key->end = i;
    } else {
        while (i < name->end && at(name, i) != ']') {
            i++;
        }
        if (i == name->end) {
            return fail("Missing ']' in format string");
        }
        key->end = i;
        name->start = i + 1;
    }
    return key->start == key->end ? fail("Empty attribute in format string") : 1;
}

/* ---- Rendering. */

enum numbering { NUMBERING_OPEN, NUMBERING_AUTOMATIC, NUMBERING_MANUAL };

struct render {
    const Value *args;
    size_t nargs;
    PyObject *kwnames; /* tuple, or NULL */
    Value mapping;     /* format_map's; ABSENT for format() */
    enum numbering numbering;
    Py_ssize_t next_index;
};

static int note_numbering(struct render *r, bool automatic)
{
    enum numbering now = automatic ? NUMBERING_AUTOMATIC : NUMBERING_MANUAL;
    if (r->numbering == NUMBERING_OPEN) {
        r->numbering = now;
    }
    if (r->numbering == now) {
        return 0;
    }
    return fail(automatic ? "cannot switch from manual field specification to automatic field "
                            "numbering"
                          : "cannot switch from automatic field numbering to manual field "
                            "specification");
}

static Value lookup_keyword(const struct render *r, PyObject *name)
{
    if (!value_is_absent(r->mapping)) {
        return object_getitem(r->mapping, value_from_object(name));
    }
    for (Py_ssize_t i = 0; r->kwnames != NULL && i < tuple_length(r->kwnames); i++) {
        if (str_equal(tuple_object(r->kwnames, i), name)) {
            return r->args[r->nargs + (size_t)i];
        }
    }
    return error_raise_value(PyExc_KeyError, value_from_object(name));
}

static Value lookup_first(struct render *r, const struct text_part *first)
{
    bool empty = first->start == first->end;
    Py_ssize_t index = empty ? 0 : part_number(first);
    if (index == -2) {
        return VALUE_NULL;
    }
    if (index < 0) {
        PyObject *name = part_str(first);
        return name == NULL ? VALUE_NULL : lookup_keyword(r, name);
    }
    if (note_numbering(r, empty) < 0) {
        return VALUE_NULL;
    }
    if (empty) {
        index = r->next_index++;
    }
    if (!value_is_absent(r->mapping)) {
        return error_raise(PyExc_ValueError, "Format string contains positional fields");
    }
    if ((size_t)index >= r->nargs) {
        return error_raise(PyExc_IndexError,
                           "Replacement index %zd out of range for positional args tuple", index);
    }
    return r->args[index];
}

static Value lookup_step(Value object, bool is_attribute, const struct text_part *key)
{
    Py_ssize_t index = is_attribute ? -1 : part_number(key);
    if (index == -2) {
        return VALUE_NULL;
    }
    if (index >= 0) {
        return object_getitem(object, int_from_ssize(index));
    }
    PyObject *name = part_str(key);
    if (name == NULL) {
        return VALUE_NULL;
    }
    return is_attribute ? object_getattr_value(object, value_from_object(name))
                        : object_getitem(object, value_from_object(name));
}

static Value lookup_field(struct render *r, struct text_part name)
{
    struct text_part first = name_first(&name);
    Value object = lookup_first(r, &first);
    while (!value_is_null(object)) {
        bool is_attribute;
        struct text_part key;
        int status = name_step(&name, &is_attribute, &key);
        if (status <= 0) {
            return status < 0 ? VALUE_NULL : object;
        }
        object = lookup_step(object, is_attribute, &key);
    }
    return VALUE_NULL;
}

static Value convert(Value object, Py_UCS4 conversion)
{
    switch (conversion) {
    case 0: return object;
    case 'r': return value_from_object(object_repr(object));
    case 's': return value_from_object(object_str(object));
    case 'a': return value_from_object(object_ascii(object));
    default:
        if (conversion > 32 && conversion < 127) {
            return error_raise(PyExc_ValueError, "Unknown conversion specifier %c",
                               (int)conversion);
        }
        return error_raise(PyExc_ValueError, "Unknown conversion specifier \\x%x", conversion);
    }
}

static PyObject *render_text(struct render *r, struct text_part text, int depth);

/* The spec as a str: short ASCII ones on the C stack if the object's type only reads it. */
static PyObject *spec_str(const struct text_part *part, Value v, struct str_scratch *scratch)
{
    Py_ssize_t n = part->end - part->start;
    bool only_read = str_check_exact(v) || int_check_exact(v) || float_check_exact(v);
    if (!only_read || n == 0 || n > STR_SCRATCH_CHARS || !str_is_ascii(part->s)) {
        return part_str(part);
    }
    str_scratch_fill(scratch, (const char *)str_data(part->s) + part->start, n);
    return (PyObject *)scratch;
}

static int render_field(struct render *r, const struct piece *p, int depth, struct str_builder *out)
{
    Value object = lookup_field(r, p->name);
    if (!value_is_null(object)) {
        object = convert(object, p->conversion);
    }
    if (value_is_null(object)) {
        return -1;
    }
    struct str_scratch scratch;
    PyObject *spec =
        p->nested ? render_text(r, p->spec, depth - 1) : spec_str(&p->spec, object, &scratch);
    if (spec == NULL) {
        return -1;
    }
    PyObject *text;
    if (str_check_exact(object) && str_length(spec) == 0) {
        text = value_object(object);
    } else {
        text = object_format(object, spec);
    }
    return text == NULL ? -1 : str_builder_str(out, text);
}

static PyObject *render_text(struct render *r, struct text_part text, int depth)
{
    if (depth <= 0) {
        return error_raise_null(PyExc_ValueError, "Max string recursion exceeded");
    }
    struct str_scratch scratch;
    struct str_builder out;
    str_builder_init_scratch(&out, &scratch);
    for (;;) {
        struct piece p;
        int status = piece_next(&text, &p);
        if (status <= 0) {
            return status < 0 ? NULL : str_builder_finish(&out);
        }
        if (str_builder_slice(&out, p.literal.s, p.literal.start, p.literal.end) < 0 ||
            (p.has_field && render_field(r, &p, depth, &out) < 0)) {
            return NULL;
        }
    }
}

Value str_format_method(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *s = value_object(self);
    struct render r = {args, CALL_NARGS(nargs), kwnames, VALUE_ABSENT, NUMBERING_OPEN, 0};
    return value_from_object(render_text(&r, (struct text_part){s, 0, str_length(s)}, 2));
}

Value str_format_map(Value self, Value mapping)
{
    PyObject *s = value_object(self);
    struct render r = {NULL, 0, NULL, mapping, NUMBERING_OPEN, 0};
    return value_from_object(render_text(&r, (struct text_part){s, 0, str_length(s)}, 2));
}

/* ---- Format specs of str. */

struct str_spec {
    Py_UCS4 fill, align, sign, type;
    bool alternate, zero_coercion;
    Py_UCS4 grouping;
    Py_ssize_t width, precision; /* -1: not given */
};

static bool is_align(Py_UCS4 c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

/* Digits at the start; 0, or -1 with ValueError. */
static int spec_number(struct text_part *t, Py_ssize_t *out)
{
    struct text_part digits = *t;
    while (t->start < t->end && char_to_decimal(at(t, t->start)) >= 0) {
        t->start++;
    }
    digits.end = t->start;
    *out = part_number(&digits);
    return *out == -2 ? -1 : 0;
}

static bool take(struct text_part *t, Py_UCS4 c)
{
    if (t->start < t->end && at(t, t->start) == c) {
        t->start++;
        return true;
    }
    return false;
}

static int parse_grouping(struct text_part *t, struct str_spec *spec)
{
    if (take(t, ',')) {
        spec->grouping = ',';
    }
    if (take(t, '_')) {
        if (spec->grouping) {
            return fail("Cannot specify both ',' and '_'.");
        }
        spec->grouping = '_';
    }
    if (spec->grouping == '_' && t->start < t->end && at(t, t->start) == ',') {
        return fail("Cannot specify both ',' and '_'.");
    }
    return 0;
}

static int parse_spec(PyObject *text, struct str_spec *spec)
{
    struct text_part t = {text, 0, str_length(text)};
    *spec = (struct str_spec){.fill = ' ', .type = 's', .width = -1, .precision = -1};
    bool fill_given = t.end >= 2 && is_align(at(&t, 1));
    if (fill_given) {
        spec->fill = at(&t, 0);
        spec->align = at(&t, 1);
        t.start = 2;
    } else if (t.end >= 1 && is_align(at(&t, 0))) {
        spec->align = at(&t, 0);
        t.start = 1;
    }
    if (t.start < t.end &&
        (at(&t, t.start) == '+' || at(&t, t.start) == '-' || at(&t, t.start) == ' ')) {
        spec->sign = at(&t, t.start++);
    }
    spec->zero_coercion = take(&t, 'z');
    spec->alternate = take(&t, '#');
    if (!fill_given && t.start < t.end && at(&t, t.start) == '0') {
        spec->fill = '0';
        t.start++;
    }
    if (spec_number(&t, &spec->width) < 0 || parse_grouping(&t, spec) < 0) {
        return -1;
    }
    if (take(&t, '.')) {
        if (spec_number(&t, &spec->precision) < 0) {
            return -1;
        }
        if (spec->precision < 0) {
            return fail("Format specifier missing precision");
        }
    }
    if (t.end - t.start > 1) {
        return error_raise_int(PyExc_ValueError,
                               "Invalid format specifier '%U' for object of type 'str'", text);
    }
    if (t.end - t.start == 1) {
        spec->type = at(&t, t.start);
    }
    return 0;
}

static int check_spec(const struct str_spec *spec)
{
    if (number_check_grouping(spec->grouping, spec->type) < 0) {
        return -1;
    }
    if (spec->type != 's') {
        return error_raise_int(PyExc_ValueError,
                               spec->type > 32 && spec->type < 128
                                   ? "Unknown format code '%c' for object of type 'str'"
                                   : "Unknown format code '\\x%x' for object of type 'str'",
                               (int)spec->type);
    }
    if (spec->sign) {
        return fail(spec->sign == ' ' ? "Space not allowed in string format specifier"
                                      : "Sign not allowed in string format specifier");
    }
    if (spec->zero_coercion) {
        return fail("Negative zero coercion (z) not allowed in string format specifier");
    }
    if (spec->alternate) {
        return fail("Alternate form (#) not allowed in string format specifier");
    }
    if (spec->align == '=') {
        return fail("'=' alignment not allowed in string format specifier");
    }
    return 0;
}

PyObject *str_format_spec(PyObject *s, PyObject *spec_text)
{
    if (str_length(spec_text) == 0) {
        return str_exact(s);
    }
    struct str_spec spec;
    if (parse_spec(spec_text, &spec) < 0 || check_spec(&spec) < 0) {
        return NULL;
    }
    Py_ssize_t n = str_length(s);
    if (spec.precision >= 0 && spec.precision < n) {
        n = spec.precision;
        s = str_substring(s, 0, n);
    }
    Py_ssize_t space = spec.width > n ? spec.width - n : 0;
    if (s == NULL || space == 0) {
        return s == NULL ? NULL : str_exact(s);
    }
    Py_ssize_t left = spec.align == '>' ? space : spec.align == '^' ? space / 2 : 0;
    return str_pad(s, left, space - left, spec.fill);
}

/* ---- Helpers of string.Formatter: two iterators over the same grammar. */

struct formatter_iterator {
    PyObject head;
    struct text_part rest; /* one thread at a time; s is the whole text */
};

static PyObject *iterator_new(PyTypeObject *type, const struct text_part *rest)
{
    struct formatter_iterator *it =
        (struct formatter_iterator *)object_alloc_bytes(type, sizeof *it);
    if (it != NULL) {
        it->rest.start = rest->start;
        it->rest.end = rest->end;
        heap_init(it, &it->rest.s, rest->s);
    }
    return (PyObject *)it;
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct formatter_iterator *)self)->rest.s);
}

static Value iterator_self(Value self)
{
    return self;
}

static Value pieces_next(Value self)
{
    struct formatter_iterator *it = (struct formatter_iterator *)value_object(self);
    struct text_part rest = it->rest;
    struct piece p;
    int status = piece_next(&rest, &p);
    it->rest.start = rest.start;
    if (status <= 0) {
        return status < 0 ? VALUE_NULL : VALUE_ABSENT;
    }
    PyObject *literal = part_str(&p.literal);
    PyObject *name = p.has_field ? part_str(&p.name) : Py_None;
    PyObject *spec = p.has_field ? part_str(&p.spec) : Py_None;
    PyObject *conversion = p.conversion ? str_from_char(p.conversion) : Py_None;
    if (literal == NULL || name == NULL || spec == NULL || conversion == NULL) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_pack(4, literal, name, spec, conversion));
}

/* The text as an int if it is a number, else as str. */
static Value number_or_str(const struct text_part *t)
{
    Py_ssize_t n = part_number(t);
    return n == -2 ? VALUE_NULL : n >= 0 ? int_from_ssize(n) : value_from_object(part_str(t));
}

static Value steps_next(Value self)
{
    struct formatter_iterator *it = (struct formatter_iterator *)value_object(self);
    struct text_part rest = it->rest, key;
    bool is_attribute;
    int status = name_step(&rest, &is_attribute, &key);
    it->rest.start = rest.start;
    if (status <= 0) {
        return status < 0 ? VALUE_NULL : VALUE_ABSENT;
    }
    Value items[2] = {value_from_bool(is_attribute),
                      is_attribute ? value_from_object(part_str(&key)) : number_or_str(&key)};
    return value_is_null(items[1]) ? VALUE_NULL : value_from_object(tuple_from_array(items, 2));
}

Value str_formatter_parser(Value s)
{
    if (!str_check(s)) {
        return error_raise(PyExc_TypeError, "expected str, got %T", s);
    }
    struct text_part all = {value_object(s), 0, str_length(value_object(s))};
    return value_from_object(iterator_new(&formatter_iterator_type, &all));
}

Value str_formatter_field_name_split(Value s)
{
    if (!str_check(s)) {
        return error_raise(PyExc_TypeError, "expected str, got %T", s);
    }
    struct text_part name = {value_object(s), 0, str_length(value_object(s))};
    struct text_part first = name_first(&name);
    PyObject *steps = iterator_new(&field_name_iterator_type, &name);
    Value items[2] = {number_or_str(&first), value_from_object(steps)};
    if (value_is_null(items[0]) || steps == NULL) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(items, 2));
}

static struct type_info formatter_iterator_info = {
    .ops = {.iter = iterator_self, .next = pieces_next},
    .trace = iterator_trace,
    .flags = TYPE_NO_NEW,
};

PyTypeObject formatter_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "formatteriterator",
    .tp_basicsize = sizeof(struct formatter_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&formatter_iterator_info,
};

static struct type_info field_name_iterator_info = {
    .ops = {.iter = iterator_self, .next = steps_next},
    .trace = iterator_trace,
    .flags = TYPE_NO_NEW,
};

PyTypeObject field_name_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "fieldnameiterator",
    .tp_basicsize = sizeof(struct formatter_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&field_name_iterator_info,
};
