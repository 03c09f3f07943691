/* SPDX-License-Identifier: MIT */
/* Code objects: PyCodeObject as the headers lay it out, with our fields behind it. */
#ifndef OROCHI_BYTECODE_CODE_H
#define OROCHI_BYTECODE_CODE_H

#include "object/object.h"

enum opcode {
#define OPCODE(name, format, effect) OPCODE_##name,
#define QUICK(name, generic, guard) OPCODE_##name,
#include "bytecode/opcodes.def"
#include "bytecode/quick_opcodes.def"
#undef OPCODE
#undef QUICK
    OPCODE_COUNT
};

struct instruction {
    uint8_t op; /* atomic: quickening */
    uint8_t d;
    uint16_t a;
    union {
        struct {
            uint16_t b, c;
        };
        int32_t target; /* and 32-bit immediates and indices */
    };
};
_Static_assert(sizeof(struct instruction) == 8, "one word");

/* f_lasti, tb_lasti and all offsets that Python sees count bytes of co_code, 8 per instruction; and
 * co_positions() repeats each position four times, because its readers expect one per 2 bytes. */
static inline int code_lasti(uint32_t pc)
{
    return (int)(pc * sizeof(struct instruction));
}
static inline uint32_t code_pc(int lasti)
{
    return (uint32_t)lasti / sizeof(struct instruction);
}

/* A range of instructions [start, end) whose exceptions go to `handler`, the exception itself to
 * register `reg`. Ranges are sorted and disjoint. */
struct exception_range {
    uint32_t start, end, handler;
    uint32_t reg;
};

struct source_position { /* lines from 1, columns in UTF-8 bytes from 0; -1: none */
    int32_t line, end_line, column, end_column;
};

/* Constant after code_new, but for the fields marked atomic. */
struct code {
    PyCodeObject base;  /* co_consts, co_names, co_localsplusnames ... are valid Python objects */
    uint32_t count;     /* instructions */
    uint32_t registers; /* size of the window: co_nlocalsplus + temporaries */
    struct instruction *instructions; /* a RAW cell; op bytes are atomic */
    struct exception_range *ranges;   /* a RAW cell */
    uint32_t range_count;
    uint32_t unused;
    Value *consts;    /* a WORDS cell: co_consts unboxed */
    void **caches;    /* atomic: NULL until warm, then one slot per instruction; a WORDS cell */
    uint32_t warmup;  /* atomic: runs counted before caches are made; owned by vm/ */
    uint32_t version; /* unique */
    uint64_t owning_locals;  /* atomic: a bit each, see ownership.c; 0: not known yet */
    uint8_t *result_uses;    /* atomic: NULL, or a RAW cell, owned by vm/result_use.c */
    PyObject *comprehension; /* atomic: NULL, or a function of this code (vm/build.c) */
    PyObject *positions;     /* bytes: encoded source positions, one per instruction; see code.c */
};

/* A byte of co_localspluskinds: CPython's CO_FAST_LOCAL, CELL and FREE. */
enum variable_kind { KIND_LOCAL = 0x20, KIND_CELL = 0x40, KIND_FREE = 0x80 };

/* What the compiler hands over; arrays are copied. */
struct code_spec {
    PyObject *name, *qualname, *filename;
    int argcount, posonlyargcount, kwonlyargcount; /* argcount includes positional-only */
    int flags;                                     /* CO_* */
    int first_line;
    PyObject *localsplus_names; /* tuple */
    PyObject *localsplus_kinds; /* bytes: enum variable_kind */
    PyObject *consts, *names;   /* tuples */
    uint32_t registers;
    const struct instruction *instructions;
    const struct source_position *positions; /* one per instruction */
    uint32_t count;
    const struct exception_range *ranges;
    uint32_t range_count;
};
PyObject *code_new(const struct code_spec *spec); /* NULL with MemoryError */
/* Code that does nothing, for the tracebacks of functions that are no Python code. */
PyObject *code_new_empty(PyObject *filename, PyObject *name, int first_line);
static inline struct code *code_cast(PyObject *c)
{
    return (struct code *)c;
}
static inline bool code_check(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyCode_Type;
}
extern bool
    code_keep_columns; /* set at start-up; off, by -X no_debug_ranges: columns do not show */
struct source_position code_position(const struct code *code, uint32_t pc);
int code_line(const struct code *code, uint32_t pc); /* -1 if none */
/* The innermost range that contains pc, or NULL. */
const struct exception_range *code_find_handler(const struct code *code, uint32_t pc);
/* Where a jump to a line may go: the first line with code at or after `line`. -1 if there is none,
 * or *problem says why not. */
int64_t code_find_jump(const struct code *code, uint32_t from, int line, int *found_line,
                       const char **problem);
/* The registers of the except handlers that such a jump leaves, innermost first: start with
 * *position = from. -1: no more. */
int code_left_handler(const struct code *code, uint32_t to, uint32_t *position);
/* Sets co_filename of the code and of the code objects among its constants. */
void code_set_filename(PyObject *code, PyObject *filename);
const char *opcode_name(uint8_t op);
uint8_t opcode_generic(uint8_t op); /* the unquickened form */
/* Changes whenever instructions or the layout of cached code do; part of the code cache's tag. */
uint32_t bytecode_version(void);
/* The four bytes that cache files begin with (importlib's MAGIC_NUMBER). */
void bytecode_magic(char magic[4]);

/* marshal format (bytecode/marshal.c): type codes as CPython's for plain values; code objects in
 * our own form. NULL / error value with an exception set. */
PyObject *marshal_dump(Value v, int version); /* bytes */
/* From a binary file, by its readinto() method; reads no more than it needs. */
Value marshal_load_file(Value file);
Value marshal_load(const char *data, Py_ssize_t length, Py_ssize_t *consumed);

#endif
