/* SPDX-License-Identifier: MIT */
/* What Python code sees of code objects: attributes, comparison, replace(). */
#include <Python.h>
#include <structmember.h>

#include "bytecode/code_int.h"
#include "bytecode/varint.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

static struct code *self_code(Value self)
{
    return code_cast(value_object(self));
}

static void code_trace(PyObject *self, struct tracer *tracer)
{
    struct code *code = code_cast(self);
    PyCodeObject *base = &code->base;
    const void *fields[] = {
        base->co_consts,
        base->co_names,
        base->co_exceptiontable,
        base->co_localsplusnames,
        base->co_localspluskinds,
        base->co_filename,
        base->co_name,
        base->co_qualname,
        base->co_linetable,
        base->_co_code,
        base->_co_linearray,
        code->instructions,
        code->ranges,
        code->consts,
        (const void *)code->caches,
        code->result_uses,
        code->comprehension,
        code->positions,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        trace_pointer(tracer, fields[i]);
    }
}

/* ---- Comparison */

static bool codes_equal(struct code *a, struct code *b);

/* Equal constants of the same types, signs of zeros included. */
static bool constants_equal(PyObject *a, PyObject *b)
{
    if (a == b) {
        return true;
    }
    if (a->ob_type != b->ob_type) {
        return false;
    }
    Value va = value_from_object(a), vb = value_from_object(b);
    if (code_check(va)) {
        return codes_equal(code_cast(a), code_cast(b));
    }
    if (tuple_check_exact(va)) {
        Py_ssize_t length = tuple_length(a);
        for (Py_ssize_t i = 0; i < length && length == tuple_length(b); i++) {
            if (!constants_equal(tuple_object(a, i), tuple_object(b, i))) {
                return false;
            }
        }
        return length == tuple_length(b);
    }
    if (float_check_exact(va) || a->ob_type == &PyComplex_Type) {
        PyObject *ra = object_repr(va), *rb = object_repr(vb);
        return ra != NULL && rb != NULL && str_equal(ra, rb);
    }
    return object_equal(va, vb) > 0;
}

static bool instructions_equal(const struct code *a, const struct code *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        struct instruction x = a->instructions[i], y = b->instructions[i];
        if (opcode_generic(x.op) != opcode_generic(y.op) || x.d != y.d || x.a != y.a ||
            x.target != y.target) {
            return false;
        }
    }
    return true;
}

static bool bytes_equal(PyObject *a, PyObject *b)
{
    return bytes_length(a) == bytes_length(b) &&
           memcmp(bytes_data(a), bytes_data(b), (size_t)bytes_length(a)) == 0;
}

static bool codes_equal(struct code *a, struct code *b)
{
    const PyCodeObject *x = &a->base, *y = &b->base;
    return str_equal(x->co_name, y->co_name) && x->co_argcount == y->co_argcount &&
           x->co_posonlyargcount == y->co_posonlyargcount &&
           x->co_kwonlyargcount == y->co_kwonlyargcount && x->co_flags == y->co_flags &&
           x->co_firstlineno == y->co_firstlineno && a->count == b->count &&
           instructions_equal(a, b) && constants_equal(x->co_consts, y->co_consts) &&
           constants_equal(x->co_names, y->co_names) &&
           constants_equal(x->co_localsplusnames, y->co_localsplusnames) &&
           bytes_equal(x->co_linetable, y->co_linetable) &&
           bytes_equal(x->co_exceptiontable, y->co_exceptiontable);
}

static Value code_richcompare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !code_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    bool equal = codes_equal(self_code(self), self_code(other));
    return error_occurred() ? VALUE_NULL : value_from_bool(equal == (op == Py_EQ));
}

static Py_hash_t code_hash(Value self)
{
    struct code *code = self_code(self);
    PyCodeObject *base = &code->base;
    PyObject *parts[] = {base->co_name,      base->co_consts,
                         base->co_names,     base->co_localsplusnames,
                         base->co_linetable, base->co_exceptiontable};
    Py_uhash_t hash = (Py_uhash_t)(base->co_argcount * 31 + base->co_kwonlyargcount * 7 +
                                   base->co_flags + base->co_firstlineno) ^
                      code->count;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        Py_hash_t part = object_hash(value_from_object(parts[i]));
        if (part == -1) {
            return -1;
        }
        hash = hash * 1000003u ^ (Py_uhash_t)part;
    }
    return (Py_hash_t)hash == -1 ? -2 : (Py_hash_t)hash;
}

static Value code_repr(Value self)
{
    PyCodeObject *base = &self_code(self)->base;
    char address[32];
    snprintf(address, sizeof address, "%p", (void *)base);
    return value_from_object(str_format("<code object %U at %s, file \"%U\", line %d>",
                                        base->co_name, address, base->co_filename,
                                        base->co_firstlineno != 0 ? base->co_firstlineno : -1));
}

/* ---- Attributes */

/* The names of the variables of one kind. */
static PyObject *variable_names(struct code *code, int kind)
{
    PyObject *list = list_new(0);
    const unsigned char *kinds = (unsigned char *)bytes_data(code->base.co_localspluskinds);
    for (int i = 0; i < code->base.co_nlocalsplus && list != NULL; i++) {
        if ((kinds[i] & kind) &&
            list_append(list, tuple_get(code->base.co_localsplusnames, i)) < 0) {
            return NULL;
        }
    }
    return list == NULL ? NULL : list_to_tuple(list);
}

static Value get_varnames(Value self, void *closure)
{
    return value_from_object(variable_names(self_code(self), KIND_LOCAL));
}

static Value get_cellvars(Value self, void *closure)
{
    return value_from_object(variable_names(self_code(self), KIND_CELL));
}

static Value get_freevars(Value self, void *closure)
{
    return value_from_object(variable_names(self_code(self), KIND_FREE));
}

/* The instructions as bytes, unquickened. */
static PyObject *code_bytes(struct code *code)
{
    PyObject *bytes = atomic_load_acquire(&code->base._co_code);
    if (bytes != NULL) {
        return bytes;
    }
    bytes = bytes_new(NULL, (Py_ssize_t)(code->count * sizeof(struct instruction)));
    if (bytes == NULL) {
        return NULL;
    }
    struct instruction *out = (struct instruction *)(void *)bytes_data(bytes);
    for (uint32_t i = 0; i < code->count; i++) {
        struct instruction one = code->instructions[i];
        one.op = opcode_generic(one.op);
        memcpy(&out[i], &one, sizeof one);
    }
    heap_store(code, &code->base._co_code, bytes);
    return bytes;
}

static Value get_code(Value self, void *closure)
{
    return value_from_object(code_bytes(self_code(self)));
}

static Value get_adaptive(Value self, void *closure)
{
    struct code *code = self_code(self);
    return value_from_object(bytes_new((const char *)code->instructions,
                                       (Py_ssize_t)(code->count * sizeof(struct instruction))));
}

/* The old table: pairs of (bytes, lines), split where a step does not fit. */
static Value get_lnotab(Value self, void *closure)
{
    struct code *code = self_code(self);
    size_t limit = 0, used = 0;
    int line = code->base.co_firstlineno, last = line;
    uint32_t start = 0;
    struct position_reader r;
    position_reader_init(&r, code);
    while (position_reader_next(&r)) {
        int delta = r.position.line < 0 ? 0 : r.position.line - last;
        limit +=
            2 * ((size_t)(r.start - start) / 31 + (size_t)(delta < 0 ? -delta : delta) / 127 + 4);
        start = r.start;
        last = r.position.line < 0 ? last : r.position.line;
    }
    unsigned char *out = heap_alloc(limit + 1, CELL_RAW);
    if (out == NULL) {
        return error_no_memory();
    }
    uint32_t at = 0;
    position_reader_init(&r, code);
    while (position_reader_next(&r)) {
        if (r.position.line < 0 || r.position.line == line) {
            continue;
        }
        int bytes = code_lasti(r.start - at), lines = r.position.line - line;
        for (; bytes > 248; bytes -= 248) {
            out[used++] = 248;
            out[used++] = 0;
        }
        for (; lines > 127 || lines<-128; lines -= lines> 0 ? 127 : -128, bytes = 0) {
            out[used++] = (unsigned char)bytes;
            out[used++] = (unsigned char)(lines > 0 ? 127 : -128);
        }
        out[used++] = (unsigned char)bytes;
        out[used++] = (unsigned char)lines;
        at = r.start;
        line = r.position.line;
    }
    return value_from_object(bytes_new((const char *)out, (Py_ssize_t)used));
}

static Value line_value(int line)
{
    return line < 0 ? VALUE_NONE : value_from_int(line);
}

static int append_lines(PyObject *list, uint32_t start, uint32_t end, int line)
{
    Value row[] = {value_from_int(code_lasti(start)), value_from_int(code_lasti(end)),
                   line_value(line)};
    PyObject *tuple = tuple_from_array(row, 3);
    return tuple == NULL ? -1 : list_append(list, value_from_object(tuple));
}

/* An iterator over (start, end, line), adjacent entries of the same line in one. */
static Value code_lines_method(Value self)
{
    struct code *code = self_code(self);
    PyObject *list = list_new(0);
    struct position_reader r;
    position_reader_init(&r, code);
    uint32_t start = 0;
    int line = 0;
    bool open = false;
    while (list != NULL && position_reader_next(&r)) {
        if (open && r.position.line == line) {
            continue;
        }
        if (open && append_lines(list, start, r.start, line) < 0) {
            return VALUE_NULL;
        }
        start = r.start;
        line = r.position.line;
        open = true;
    }
    if (list == NULL || (open && append_lines(list, start, code->count, line) < 0)) {
        return VALUE_NULL;
    }
    return object_iter(value_from_object(list));
}

/* An iterator over (line, end line, column, end column), four times per instruction: once for each
 * two bytes. */
static Value code_positions_method(Value self)
{
    struct code *code = self_code(self);
    PyObject *list = list_new(code->count * 4);
    struct position_reader r;
    position_reader_init(&r, code);
    while (list != NULL && position_reader_next(&r)) {
        struct source_position p = r.position;
        Value row[] = {line_value(p.line), line_value(p.end_line), line_value(p.column),
                       line_value(p.end_column)};
        PyObject *tuple = tuple_from_array(row, 4);
        for (uint32_t i = 0; i < 4 * (r.pc - r.start); i++) {
            if (tuple == NULL || list_append(list, value_from_object(tuple)) < 0) {
                return VALUE_NULL;
            }
        }
    }
    return list == NULL ? VALUE_NULL : object_iter(value_from_object(list));
}

static Value varname_from_oparg(Value self, const Value *args)
{
    struct code *code = self_code(self);
    int i;
    if (arg_int(args[0], &i) < 0) {
        return VALUE_NULL;
    }
    if (i < 0 || i >= code->base.co_nlocalsplus) {
        return error_raise(PyExc_IndexError, "tuple index out of range");
    }
    return tuple_get(code->base.co_localsplusnames, i);
}

static Value code_sizeof(Value self)
{
    struct code *code = self_code(self);
    return value_from_int((int64_t)(sizeof *code + code->count * sizeof(struct instruction) +
                                    code->range_count * sizeof(struct exception_range)));
}

/* ---- Making code objects from Python: the constructor and replace() */

/* The parts of a code object that may be given, in the order of the constructor. */
enum part {
    PART_ARGCOUNT,
    PART_POSONLY,
    PART_KWONLY,
    PART_NLOCALS,
    PART_STACKSIZE,
    PART_FLAGS,
    PART_CODE,
    PART_CONSTS,
    PART_NAMES,
    PART_VARNAMES,
    PART_FILENAME,
    PART_NAME,
    PART_QUALNAME,
    PART_FIRSTLINE,
    PART_LINETABLE,
    PART_EXCEPTIONTABLE,
    PART_FREEVARS,
    PART_CELLVARS,
    PART_COUNT
};

static const char *const part_names[PART_COUNT] = {
    "co_argcount",  "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals",
    "co_stacksize", "co_flags",           "co_code",           "co_consts",
    "co_names",     "co_varnames",        "co_filename",       "co_name",
    "co_qualname",  "co_firstlineno",     "co_linetable",      "co_exceptiontable",
    "co_freevars",  "co_cellvars",
};

static int check_part(enum part i, Value v, const char *function)
{
    switch (i) {
    case PART_CODE:
    case PART_LINETABLE:
    case PART_EXCEPTIONTABLE:
        return bytes_check(v)
                   ? 0
                   : error_raise_int(PyExc_TypeError, "%s argument '%s' must be bytes, not %T",
                                     function, part_names[i], v);
    case PART_CONSTS:
    case PART_NAMES:
    case PART_VARNAMES:
    case PART_FREEVARS:
    case PART_CELLVARS:
        return tuple_check(v)
                   ? 0
                   : error_raise_int(PyExc_TypeError, "%s argument '%s' must be tuple, not %T",
                                     function, part_names[i], v);
    case PART_FILENAME:
    case PART_NAME:
    case PART_QUALNAME:
        return str_check(v)
                   ? 0
                   : error_raise_int(PyExc_TypeError, "%s argument '%s' must be str, not %T",
                                     function, part_names[i], v);
    default: return 0;
    }
}

static int check_names(Value tuple)
{
    for (Py_ssize_t i = 0; i < tuple_length(value_object(tuple)); i++) {
        Value name = tuple_get(value_object(tuple), i);
        if (!str_check(name)) {
            return error_raise_int(PyExc_TypeError,
                                   "name tuples must contain only strings, not '%T'", name);
        }
    }
    return 0;
}

static bool tuple_has(Value tuple, Value name)
{
    for (Py_ssize_t i = 0; i < tuple_length(value_object(tuple)); i++) {
        if (str_equal(tuple_object(value_object(tuple), i), value_object(name))) {
            return true;
        }
    }
    return false;
}

/* Lays out the variables: locals, cells that are no locals, free variables. */
static int layout_variables(const Value *parts, struct code_spec *spec)
{
    PyObject *list = list_new(0);
    PyObject *varnames = value_object(parts[PART_VARNAMES]);
    PyObject *cells = value_object(parts[PART_CELLVARS]),
             *free = value_object(parts[PART_FREEVARS]);
    unsigned char *kinds = heap_alloc(
        (size_t)(tuple_length(varnames) + tuple_length(cells) + tuple_length(free)) + 1, CELL_RAW);
    if (list == NULL || kinds == NULL) {
        error_no_memory();
        return -1;
    }
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < tuple_length(varnames); i++) {
        Value name = tuple_get(varnames, i);
        kinds[count++] = KIND_LOCAL | (tuple_has(parts[PART_CELLVARS], name) ? KIND_CELL : 0);
        list_append(list, name);
    }
    for (Py_ssize_t i = 0; i < tuple_length(cells); i++) {
        if (!tuple_has(parts[PART_VARNAMES], tuple_get(cells, i))) {
            kinds[count++] = KIND_CELL;
            list_append(list, tuple_get(cells, i));
        }
    }
    for (Py_ssize_t i = 0; i < tuple_length(free); i++) {
        kinds[count++] = KIND_FREE;
        list_append(list, tuple_get(free, i));
    }
    spec->localsplus_names = list_to_tuple(list);
    spec->localsplus_kinds = bytes_new((const char *)kinds, count);
    return spec->localsplus_names == NULL || spec->localsplus_kinds == NULL ? -1 : 0;
}

static int check_numbers(const int *numbers, const Value *parts)
{
    static const enum part positive[] = {PART_ARGCOUNT, PART_POSONLY,   PART_KWONLY,
                                         PART_NLOCALS,  PART_STACKSIZE, PART_FLAGS};
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++) {
        if (numbers[positive[i]] < 0) {
            return error_raise_int(PyExc_ValueError, "%s must be a positive integer",
                                   part_names[positive[i]]);
        }
    }
    Py_ssize_t variables = tuple_length(value_object(parts[PART_VARNAMES]));
    int64_t needed = (int64_t)numbers[PART_ARGCOUNT] + numbers[PART_KWONLY] +
                     ((numbers[PART_FLAGS] & CO_VARARGS) != 0) +
                     ((numbers[PART_FLAGS] & CO_VARKEYWORDS) != 0);
    if (numbers[PART_POSONLY] > numbers[PART_ARGCOUNT] || needed > variables) {
        return error_raise_int(PyExc_ValueError, "code: co_varnames is too small");
    }
    if (numbers[PART_NLOCALS] != variables) {
        return error_raise_int(PyExc_ValueError, "code: co_nlocals != len(co_varnames)");
    }
    return 0;
}

static int read_numbers(const Value *parts, int *numbers)
{
    static const enum part integers[] = {PART_ARGCOUNT,  PART_POSONLY, PART_KWONLY,   PART_NLOCALS,
                                         PART_STACKSIZE, PART_FLAGS,   PART_FIRSTLINE};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        if (arg_int(parts[integers[i]], &numbers[integers[i]]) < 0) {
            return -1;
        }
    }
    return check_numbers(numbers, parts);
}

/* A code object from all parts, with every operand checked. */
static PyObject *code_from_parts(const Value *parts, const char *function)
{
    int numbers[PART_COUNT] = {0};
    for (int i = 0; i < PART_COUNT; i++) {
        if (check_part((enum part)i, parts[i], function) < 0) {
            return NULL;
        }
    }
    if (read_numbers(parts, numbers) < 0 || check_names(parts[PART_NAMES]) < 0 ||
        check_names(parts[PART_VARNAMES]) < 0 || check_names(parts[PART_CELLVARS]) < 0 ||
        check_names(parts[PART_FREEVARS]) < 0) {
        return NULL;
    }
    PyObject *words = value_object(parts[PART_CODE]);
    if (bytes_length(words) % (Py_ssize_t)sizeof(struct instruction) != 0) {
        return error_raise_null(PyExc_ValueError, "code: co_code is malformed");
    }
    struct code_spec spec = {
        .name = value_object(parts[PART_NAME]),
        .qualname = value_object(parts[PART_QUALNAME]),
        .filename = value_object(parts[PART_FILENAME]),
        .argcount = numbers[PART_ARGCOUNT],
        .posonlyargcount = numbers[PART_POSONLY],
        .kwonlyargcount = numbers[PART_KWONLY],
        .flags = numbers[PART_FLAGS],
        .first_line = numbers[PART_FIRSTLINE],
        .consts = value_object(parts[PART_CONSTS]),
        .names = value_object(parts[PART_NAMES]),
        .instructions = (const struct instruction *)(const void *)bytes_data(words),
        .count = (uint32_t)((size_t)bytes_length(words) / sizeof(struct instruction)),
    };
    if (layout_variables(parts, &spec) < 0) {
        return NULL;
    }
    spec.registers = (uint32_t)(tuple_length(spec.localsplus_names) + numbers[PART_STACKSIZE]);
    struct exception_range *ranges;
    if (exception_table_decode(value_object(parts[PART_EXCEPTIONTABLE]), spec.count, spec.registers,
                               &ranges, &spec.range_count) < 0) {
        return NULL;
    }
    spec.ranges = ranges;
    PyObject *code = code_new_encoded(&spec, value_object(parts[PART_LINETABLE]));
    return code == NULL || code_verify(code_cast(code)) < 0 ? NULL : code;
}

static Value code_construct(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value parts[PART_COUNT];
    if (native_no_keywords("code", kwnames) < 0 ||
        native_check_positional("code", nargs, PART_FREEVARS, PART_COUNT) < 0) {
        return VALUE_NULL;
    }
    memcpy(parts, args, nargs * sizeof *parts);
    for (size_t i = nargs; i < PART_COUNT; i++) {
        parts[i] = value_from_object(tuple_new(0));
    }
    return value_from_object(code_from_parts(parts, "code()"));
}

/* Names and order of the parameters of replace() differ from those of the constructor. */
static const uint8_t replaced_parts[PART_COUNT] = {
    PART_ARGCOUNT,  PART_POSONLY,  PART_KWONLY, PART_NLOCALS,  PART_STACKSIZE, PART_FLAGS,
    PART_FIRSTLINE, PART_CODE,     PART_CONSTS, PART_NAMES,    PART_VARNAMES,  PART_FREEVARS,
    PART_CELLVARS,  PART_FILENAME, PART_NAME,   PART_QUALNAME, PART_LINETABLE, PART_EXCEPTIONTABLE,
};

static Value code_replace(Value self, const Value *args)
{
    struct code *code = self_code(self);
    PyCodeObject *base = &code->base;
    Value parts[PART_COUNT] = {
        [PART_ARGCOUNT] = value_from_int(base->co_argcount),
        [PART_POSONLY] = value_from_int(base->co_posonlyargcount),
        [PART_KWONLY] = value_from_int(base->co_kwonlyargcount),
        [PART_NLOCALS] = value_from_int(base->co_nlocals),
        [PART_STACKSIZE] = value_from_int(base->co_stacksize),
        [PART_FLAGS] = value_from_int(base->co_flags),
        [PART_CODE] = value_from_object(code_bytes(code)),
        [PART_CONSTS] = value_from_object(base->co_consts),
        [PART_NAMES] = value_from_object(base->co_names),
        [PART_VARNAMES] = get_varnames(self, NULL),
        [PART_FILENAME] = value_from_object(base->co_filename),
        [PART_NAME] = value_from_object(base->co_name),
        [PART_QUALNAME] = value_from_object(base->co_qualname),
        [PART_FIRSTLINE] = value_from_int(base->co_firstlineno),
        [PART_LINETABLE] = value_from_object(base->co_linetable),
        [PART_EXCEPTIONTABLE] = value_from_object(base->co_exceptiontable),
        [PART_FREEVARS] = get_freevars(self, NULL),
        [PART_CELLVARS] = get_cellvars(self, NULL),
    };
    for (int i = 0; i < PART_COUNT; i++) {
        if (!value_is_absent(args[i])) {
            parts[replaced_parts[i]] = args[i];
        }
    }
    for (int i = 0; i < PART_COUNT; i++) {
        if (value_is_null(parts[i])) {
            return VALUE_NULL;
        }
    }
    return value_from_object(code_from_parts(parts, "replace()"));
}

static const struct native_def code_methods[] = {
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = code_sizeof},
    {"_varname_from_oparg", "($self, /, oparg)", "Name of the variable with this number.",
     .n = varname_from_oparg},
    {"co_lines", "($self, /)", "Iterates over (start, end, line).", .f0 = code_lines_method},
    {"co_positions", "($self, /)", "Iterates over (line, end line, column, end column).",
     .f0 = code_positions_method},
    {"replace",
     "($self, /, *, co_argcount=-1, co_posonlyargcount=-1,\n"
     "        co_kwonlyargcount=-1, co_nlocals=-1, co_stacksize=-1,\n"
     "        co_flags=-1, co_firstlineno=-1, co_code=None, co_consts=None,\n"
     "        co_names=None, co_varnames=None, co_freevars=None,\n"
     "        co_cellvars=None, co_filename=None, co_name=None,\n"
     "        co_qualname=None, co_linetable=None, co_exceptiontable=None)",
     "Returns a copy of the code object with some parts replaced.", .n = code_replace},
    {0},
};

static const struct getset_def code_getsets[] = {
    {"_co_code_adaptive", get_adaptive},
    {"co_cellvars", get_cellvars},
    {"co_code", get_code},
    {"co_freevars", get_freevars},
    {"co_lnotab", get_lnotab},
    {"co_varnames", get_varnames},
    {0},
};

static const struct member_def code_members[] = {
    {"co_argcount", T_INT, offsetof(PyCodeObject, co_argcount), READONLY},
    {"co_consts", T_OBJECT, offsetof(PyCodeObject, co_consts), READONLY},
    {"co_exceptiontable", T_OBJECT, offsetof(PyCodeObject, co_exceptiontable), READONLY},
    {"co_filename", T_OBJECT, offsetof(PyCodeObject, co_filename), READONLY},
    {"co_firstlineno", T_INT, offsetof(PyCodeObject, co_firstlineno), READONLY},
    {"co_flags", T_INT, offsetof(PyCodeObject, co_flags), READONLY},
    {"co_kwonlyargcount", T_INT, offsetof(PyCodeObject, co_kwonlyargcount), READONLY},
    {"co_linetable", T_OBJECT, offsetof(PyCodeObject, co_linetable), READONLY},
    {"co_name", T_OBJECT, offsetof(PyCodeObject, co_name), READONLY},
    {"co_names", T_OBJECT, offsetof(PyCodeObject, co_names), READONLY},
    {"co_nlocals", T_INT, offsetof(PyCodeObject, co_nlocals), READONLY},
    {"co_posonlyargcount", T_INT, offsetof(PyCodeObject, co_posonlyargcount), READONLY},
    {"co_qualname", T_OBJECT, offsetof(PyCodeObject, co_qualname), READONLY},
    {"co_stacksize", T_INT, offsetof(PyCodeObject, co_stacksize), READONLY},
    {0},
};

static struct type_info code_info = {
    .ops = {.repr = code_repr,
            .hash = code_hash,
            .richcompare = code_richcompare,
            .new_ = code_construct},
    .trace = code_trace,
    .methods = code_methods,
    .getsets = code_getsets,
    .members = code_members,
};

PyTypeObject PyCode_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "code",
    .tp_doc = "Makes a code object. Rarely what you want.",
    .tp_basicsize = sizeof(struct code),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_weaklistoffset = offsetof(PyCodeObject, co_weakreflist),
    .tp_cache = (PyObject *)&code_info,
};
