/* SPDX-License-Identifier: MIT */
/* Code objects and their tables.
 *
 * A code object is CPython's PyCodeObject, whose fields hold what Python code may look at, followed
 * by what the VM runs: instructions, unboxed constants and exception ranges, all in cells of their
 * own. Everything is constant after code_new, but for what is marked atomic in bytecode/code.h.
 *
 * The position table (co_linetable) is a sequence of runs. A run starts with a byte: its low three
 * bits are the number of instructions less one (7: a varint with what exceeds 8 follows), the next
 * three bits its form:
 *
 *   NONE      no position
 *   LINE      signed line delta; no columns
 *   SAME      same line as the entry before, one line: column, width
 *   NEAR      signed line delta, one line: column, width
 *   FULL      signed line delta, lines spanned, column + 1, end column + 1
 *
 * Line deltas count from the last run that had a line, at first from co_firstlineno. The exception
 * table holds four varints a range: instructions since the end of the range before, length,
 * handler, register. The folder's other files: code_object.c (what Python sees of a code object),
 * opcode.c (the instruction table), marshal.c. */
#include "bytecode/code_int.h"
#include "bytecode/varint.h"
#include "object/bytes.h"
#include "object/list.h"
#include "object/str.h"

enum position_form { FORM_NONE, FORM_LINE, FORM_SAME, FORM_NEAR, FORM_FULL };
enum { RUN_SHIFT = 3, RUN_MASK = 7, ENTRY_MAX_BYTES = 1 + 5 * VARINT_MAX_BYTES };

bool code_keep_columns = true;

static bool same_position(struct source_position a, struct source_position b)
{
    return a.line == b.line && a.end_line == b.end_line && a.column == b.column &&
           a.end_column == b.end_column;
}

static unsigned char *write_head(unsigned char *out, enum position_form form, uint32_t run)
{
    uint32_t low = run - 1 < RUN_MASK ? run - 1 : RUN_MASK;
    *out++ = (unsigned char)(low | (uint32_t)form << RUN_SHIFT);
    return low == RUN_MASK ? varint_write(out, run - 1 - RUN_MASK) : out;
}

static unsigned char *write_entry(unsigned char *out, struct source_position p, uint32_t run,
                                  int32_t *line)
{
    if (p.line < 0) {
        return write_head(out, FORM_NONE, run);
    }
    int32_t delta = p.line - *line;
    *line = p.line;
    if (p.column < 0 && p.end_column < 0 && (p.end_line < 0 || p.end_line == p.line)) {
        return varint_write_signed(write_head(out, FORM_LINE, run), delta);
    }
    if (p.end_line == p.line && p.column >= 0 && p.end_column >= p.column) {
        out = write_head(out, delta == 0 ? FORM_SAME : FORM_NEAR, run);
        if (delta != 0) {
            out = varint_write_signed(out, delta);
        }
        return varint_write(varint_write(out, (uint32_t)p.column),
                            (uint32_t)(p.end_column - p.column));
    }
    out = varint_write_signed(write_head(out, FORM_FULL, run), delta);
    out = varint_write_signed(out, p.end_line - p.line);
    return varint_write(varint_write(out, (uint32_t)(p.column + 1)), (uint32_t)(p.end_column + 1));
}

/* bytes, or NULL with MemoryError. */
static PyObject *encode_positions(const struct source_position *positions, uint32_t count,
                                  int32_t first_line)
{
    unsigned char *buffer = heap_alloc((size_t)count * ENTRY_MAX_BYTES + 1, CELL_RAW);
    if (buffer == NULL) {
        return error_no_memory(), NULL;
    }
    unsigned char *out = buffer;
    for (uint32_t i = 0, run; i < count; i += run) {
        for (run = 1; i + run < count && same_position(positions[i], positions[i + run]); run++) {
        }
        out = write_entry(out, positions[i], run, &first_line);
    }
    return bytes_new((const char *)buffer, out - buffer);
}

void position_reader_init(struct position_reader *reader, const struct code *code)
{
    *reader = (struct position_reader){
        .next = (const unsigned char *)bytes_data(code->positions),
        .line = code->base.co_firstlineno,
    };
    reader->end = reader->next + bytes_length(code->positions);
}

bool position_reader_next(struct position_reader *r)
{
    if (r->next >= r->end) {
        return false;
    }
    unsigned char head = *r->next++;
    uint32_t run = (head & RUN_MASK) + 1u;
    if (run > RUN_MASK) {
        run += varint_read(&r->next, r->end);
    }
    r->start = r->pc;
    r->pc += run;
    enum position_form form = (enum position_form)(head >> RUN_SHIFT);
    r->position = (struct source_position){-1, -1, -1, -1};
    if (form == FORM_NONE) {
        return true;
    }
    if (form != FORM_SAME) {
        r->line += varint_read_signed(&r->next, r->end);
    }
    r->position.line = r->position.end_line = r->line;
    if (form == FORM_FULL) {
        r->position.end_line += varint_read_signed(&r->next, r->end);
        r->position.column = (int32_t)varint_read(&r->next, r->end) - 1;
        r->position.end_column = (int32_t)varint_read(&r->next, r->end) - 1;
    } else if (form != FORM_LINE) {
        r->position.column = (int32_t)varint_read(&r->next, r->end);
        r->position.end_column = r->position.column + (int32_t)varint_read(&r->next, r->end);
    }
    if (!code_keep_columns) {
        r->position.end_line = r->line;
        r->position.column = r->position.end_column = -1;
    }
    return true;
}

struct source_position code_position(const struct code *code, uint32_t pc)
{
    struct position_reader reader;
    position_reader_init(&reader, code);
    while (position_reader_next(&reader)) {
        if (pc < reader.pc) {
            return reader.position;
        }
    }
    return (struct source_position){-1, -1, -1, -1};
}

/* Makes the array of line numbers, one per instruction; NULL when memory ran out. Two threads may
 * both make it: the arrays are equal. */
static int32_t *make_lines(const struct code *code)
{
    int32_t *lines = heap_alloc(((size_t)code->count + 1) * sizeof *lines, CELL_RAW);
    if (lines == NULL) {
        return NULL;
    }
    struct position_reader reader;
    position_reader_init(&reader, code);
    uint32_t pc = 0;
    while (position_reader_next(&reader)) {
        for (; pc < reader.pc && pc < code->count; pc++) {
            lines[pc] = reader.position.line;
        }
    }
    for (; pc < code->count; pc++) {
        lines[pc] = -1;
    }
    heap_store((void *)(uintptr_t)code, (void *)(uintptr_t)&code->base._co_linearray, lines);
    return lines;
}

int code_line(const struct code *code, uint32_t pc)
{
    if (pc >= code->count) {
        return -1;
    }
    int32_t *lines = (int32_t *)(void *)atomic_load_acquire(&code->base._co_linearray);
    if (lines == NULL) {
        lines = make_lines(code);
    }
    return lines != NULL ? lines[pc] : code_position(code, pc).line;
}

const struct exception_range *code_find_handler(const struct code *code, uint32_t pc)
{
    uint32_t low = 0, high = code->range_count;
    while (low < high) { /* the first range that ends after pc */
        uint32_t middle = low + (high - low) / 2;
        if (code->ranges[middle].end <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < code->range_count && code->ranges[low].start <= pc ? &code->ranges[low] : NULL;
}

PyObject *exception_table_encode(const struct exception_range *ranges, uint32_t count)
{
    unsigned char *buffer = heap_alloc((size_t)count * 4 * VARINT_MAX_BYTES + 1, CELL_RAW);
    if (buffer == NULL) {
        return error_no_memory(), NULL;
    }
    unsigned char *out = buffer;
    uint32_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        out = varint_write(out, ranges[i].start - last);
        out = varint_write(out, ranges[i].end - ranges[i].start);
        out = varint_write(out, ranges[i].handler);
        out = varint_write(out, ranges[i].reg);
        last = ranges[i].end;
    }
    return bytes_new((const char *)buffer, out - buffer);
}

int exception_table_decode(PyObject *table, uint32_t instructions, uint32_t registers,
                           struct exception_range **ranges, uint32_t *count)
{
    const unsigned char *in = (const unsigned char *)bytes_data(table);
    const unsigned char *end = in + bytes_length(table);
    size_t limit = (size_t)(end - in) / 4 + 1;
    *ranges = heap_alloc(limit * sizeof **ranges, CELL_RAW);
    if (*ranges == NULL) {
        error_no_memory();
        return -1;
    }
    uint32_t last = 0;
    for (*count = 0; in < end && *count < limit; ++*count) {
        struct exception_range *range = &(*ranges)[*count];
        uint64_t start = (uint64_t)last + varint_read(&in, end);
        uint64_t stop = start + varint_read(&in, end);
        range->handler = varint_read(&in, end);
        range->reg = varint_read(&in, end);
        if (stop > instructions || range->handler >= instructions || range->reg >= registers) {
            return error_raise_int(PyExc_ValueError, "code: bad exception table");
        }
        range->start = (uint32_t)start;
        range->end = last = (uint32_t)stop;
    }
    return 0;
}

static uint32_t next_version = 1; /* atomic */

static void count_variables(PyCodeObject *base, PyObject *kinds)
{
    const unsigned char *kind = (const unsigned char *)bytes_data(kinds);
    base->co_nlocalsplus = (int)bytes_length(kinds);
    for (int i = 0; i < base->co_nlocalsplus; i++) {
        if (kind[i] & KIND_LOCAL) {
            base->co_nlocals++;
        }
        if (kind[i] & KIND_CELL) {
            base->co_ncellvars++;
            base->co_nplaincellvars += !(kind[i] & KIND_LOCAL);
        }
        if (kind[i] & KIND_FREE) {
            base->co_nfreevars++;
        }
    }
}

/* Names are interned, so that lookups by identity work. */
static int intern_tuple(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < tuple_length(tuple); i++) {
        PyObject *name = tuple_object(tuple, i);
        if (!str_check_exact(value_from_object(name)) || str_is_interned(name)) {
            continue;
        }
        name = str_intern(name);
        if (name == NULL) {
            return -1;
        }
        heap_store(tuple, &((PyTupleObject *)tuple)->ob_item[i], name);
    }
    return 0;
}

static void *copy_raw(const void *source, size_t bytes)
{
    void *copy = heap_alloc(bytes + 1, CELL_RAW);
    if (copy == NULL) {
        error_no_memory();
    } else if (bytes > 0) {
        memcpy(copy, source, bytes);
    }
    return copy;
}

static Value *unbox_constants(PyObject *consts)
{
    size_t count = (size_t)tuple_length(consts);
    Value *values = heap_alloc((count + 1) * sizeof(Value), CELL_WORDS);
    if (values == NULL) {
        error_no_memory();
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        heap_init_value(values, &values[i], value_unbox(tuple_object(consts, (Py_ssize_t)i)));
    }
    return values;
}

static void init_base(struct code *code, const struct code_spec *spec)
{
    PyCodeObject *base = &code->base;
    heap_init(code, &base->co_consts, spec->consts);
    heap_init(code, &base->co_names, spec->names);
    heap_init(code, &base->co_localsplusnames, spec->localsplus_names);
    heap_init(code, &base->co_localspluskinds, spec->localsplus_kinds);
    heap_init(code, &base->co_filename, spec->filename);
    heap_init(code, &base->co_name, spec->name);
    heap_init(code, &base->co_qualname, spec->qualname);
    base->co_flags = spec->flags;
    base->co_argcount = spec->argcount;
    base->co_posonlyargcount = spec->posonlyargcount;
    base->co_kwonlyargcount = spec->kwonlyargcount;
    base->co_firstlineno = spec->first_line;
    count_variables(base, spec->localsplus_kinds);
    base->co_stacksize = (int)spec->registers - base->co_nlocalsplus;
    /* The size in units of two bytes. */
    base->ob_base.ob_size = (Py_ssize_t)(spec->count * sizeof(struct instruction) / 2);
}

PyObject *code_new_encoded(const struct code_spec *spec, PyObject *position_table)
{
    struct code *code = (struct code *)(void *)object_alloc_bytes(&PyCode_Type, sizeof *code);
    if (code == NULL || position_table == NULL || intern_tuple(spec->names) < 0 ||
        intern_tuple(spec->localsplus_names) < 0) {
        return NULL;
    }
    PyObject *table = exception_table_encode(spec->ranges, spec->range_count);
    struct instruction *instructions =
        copy_raw(spec->instructions, spec->count * sizeof(struct instruction));
    void *ranges = copy_raw(spec->ranges, spec->range_count * sizeof(struct exception_range));
    Value *consts = unbox_constants(spec->consts);
    if (table == NULL || instructions == NULL || ranges == NULL || consts == NULL) {
        return NULL;
    }
    init_base(code, spec);
    heap_init(code, &code->base.co_exceptiontable, table);
    heap_init(code, &code->base.co_linetable, position_table);
    heap_init(code, &code->positions, position_table);
    heap_init(code, &code->instructions, instructions);
    heap_init(code, &code->ranges, ranges);
    heap_init(code, &code->consts, consts);
    code->count = spec->count;
    code->range_count = spec->range_count;
    code->registers = spec->registers;
    code->version = atomic_fetch_add_relaxed(&next_version, 1);
    return (PyObject *)code;
}

PyObject *code_new(const struct code_spec *spec)
{
    return code_new_encoded(spec, encode_positions(spec->positions, spec->count, spec->first_line));
}

void code_set_filename(PyObject *code, PyObject *filename)
{
    PyCodeObject *c = (PyCodeObject *)code;
    if (c->co_filename == filename || str_equal(c->co_filename, filename)) {
        return; /* and so are the inner ones: they were compiled together */
    }
    heap_store(c, &c->co_filename, filename);
    for (Py_ssize_t i = 0; i < tuple_length(c->co_consts); i++) {
        if (code_check(tuple_get(c->co_consts, i))) {
            code_set_filename(tuple_object(c->co_consts, i), filename);
        }
    }
}

PyObject *code_new_empty(PyObject *filename, PyObject *name, int first_line)
{
    static const struct instruction body = {.op = OPCODE_RETURN_NONE};
    const struct source_position position = {first_line, first_line, -1, -1};
    PyObject *empty = tuple_new(0), *kinds = bytes_new("", 0);
    if (empty == NULL || kinds == NULL) {
        return NULL;
    }
    struct code_spec spec = {
        .name = name,
        .qualname = name,
        .filename = filename,
        .flags = CO_OPTIMIZED | CO_NEWLOCALS,
        .first_line = first_line,
        .localsplus_names = empty,
        .localsplus_kinds = kinds,
        .consts = empty,
        .names = empty,
        .instructions = &body,
        .positions = &position,
        .count = 1,
    };
    return code_new(&spec);
}
