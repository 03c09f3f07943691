/* SPDX-License-Identifier: MIT */
/* What the files of the compiler share. compile/compile.c explains the passes. */
#ifndef OROCHI_COMPILE_COMPILE_INT_H
#define OROCHI_COMPILE_COMPILE_INT_H

#include "bytecode/code.h"
#include "compile/compile.h"
#include "compile/scope.h"
#include "object/list.h"
#include "object/str.h"

/* ---- One intermediate instruction. Registers and indices are wider than in the final form; their
 * limits are checked by the assembler. A fused instruction (COMPARE_JUMP, FOR_ITER, SEND ...) has
 * the target of its JUMP in `label`. */
struct ir {
    uint8_t op, d;
    bool dead;    /* removed by the optimiser */
    bool no_line; /* takes over the line of what runs before it */
    int32_t a, b, c;
    int32_t imm;     /* 32-bit immediate or index */
    int32_t label;   /* jump target, or -1 */
    int32_t handler; /* index into unit.handlers, or -1 */
    struct source_position pos;
};

/* An exception handler: where exceptions of the instructions stamped with it go. */
struct handler {
    int32_t label, reg;
};

enum block_kind {
    BLOCK_WHILE,
    BLOCK_FOR,
    BLOCK_TRY_EXCEPT,
    BLOCK_FINALLY_TRY,
    BLOCK_FINALLY_END,
    BLOCK_WITH,
    BLOCK_ASYNC_WITH,
    BLOCK_HANDLER,
    BLOCK_GROUP_HANDLER,
    BLOCK_OTHER
};

/* A statement that encloses the code being generated, and what leaving it takes. */
struct block {
    enum block_kind kind;
    int32_t exit, next;     /* loops: labels for break and continue */
    int32_t handler;        /* active outside of the block */
    int32_t reg;            /* with: the exit function; handlers: the exception */
    struct stmt_seq *final; /* finally body */
    PyObject *name;         /* except ... as name, or NULL */
    struct source_position pos;
};
enum { MAX_BLOCKS = 20, MAX_REGISTERS = 65535 };

enum unit_kind {
    UNIT_MODULE,
    UNIT_CLASS,
    UNIT_FUNCTION,
    UNIT_ASYNC_FUNCTION,
    UNIT_LAMBDA,
    UNIT_COMPREHENSION
};

/* One code object in the making. */
struct unit {
    struct unit *parent;
    struct scope *scope;
    enum unit_kind kind;
    PyObject *name, *qualname;
    PyObject *private_name; /* class whose name mangles __names, or NULL */
    int argcount, posonlyargcount, kwonlyargcount, first_line;

    PyObject *consts, *const_index; /* list; dict from key to index */
    PyObject *names, *name_index;

    struct ir *code;
    int32_t count, capacity;
    int32_t *labels; /* index of the instruction, -1 while it is not known */
    int32_t label_count, label_capacity;
    struct handler *handlers;
    int32_t handler_count, handler_capacity;
    int32_t handler; /* active one, or -1 */

    int32_t local_count; /* registers of variables: co_nlocalsplus */
    int32_t fast_count;  /* those that are plain locals */
    int32_t top, max;    /* temporaries: next free one, most ever used */

    struct block blocks[MAX_BLOCKS];
    int block_count;
    struct source_position pos; /* of the instructions being emitted */
};

struct region; /* malloc memory, freed when the compilation ends */

/* Lives on the C stack of compile_tree, where the collector finds its references. All objects that
 * the compiler makes are in `keep`, because its structures are in malloc memory. An error sets
 * `failed` with an exception; what follows is generated in vain and thrown away. */
struct compiler {
    struct syntax_tree *tree;
    PyObject *filename;
    PyObject *keep; /* list */
    struct region *region;
    int future_flags, optimize;
    bool interactive, top_level_await, failed;
    int depth, depth_limit;
    int future_line;      /* of the last statement that may be a future import */
    struct scope *scopes; /* the module's */
    struct scope_map *scope_map;
    struct unit *unit;
};

/* ---- compile/region.c */
void *region_alloc(struct compiler *c,
                   size_t bytes); /* zeroed; aborts the process if out of memory */
void *region_grow(struct compiler *c, void *old, size_t old_bytes, size_t new_bytes);
void region_free(struct compiler *c);
/* Keeps an object alive to the end; NULL sets `failed`. Returns its argument. */
PyObject *keep(struct compiler *c, PyObject *object);

/* ---- Errors (compile/compile.c). */
#define POS_OF(node)                                                                               \
    ((struct source_position){(node)->lineno, (node)->end_lineno, (node)->col_offset,              \
                              (node)->end_col_offset})
/* SyntaxError at a position; only the first error counts. */
void compile_error(struct compiler *c, struct source_position pos, const char *format, ...);
/* SyntaxWarning; may become an error. */
void compile_warn(struct compiler *c, struct source_position pos, const char *format, ...);
/* Guards against deep nesting. False: failed. */
bool compile_enter(struct compiler *c);
static inline void compile_leave(struct compiler *c)
{
    c->depth--;
}
PyObject *compile_mangle(struct compiler *c, PyObject *private_name, PyObject *name);

/* ---- compile/fold.c: replaces constant expressions in the tree. */
void fold_tree(struct compiler *c);

/* ---- compile/unit.c: instructions, registers, constants. */
struct unit *unit_enter(struct compiler *c, enum unit_kind kind, PyObject *name, void *key,
                        int first_line);
PyObject *unit_leave(struct compiler *c); /* the finished code object, NULL if failed */
int32_t label_new(struct compiler *c);
void label_place(struct compiler *c, int32_t label);
struct ir *emit(struct compiler *c, enum opcode op, int a, int b, int c_, int d);
/* Nobody will read the register: if the last instruction is a call that writes it, it says so. */
void ignore_result(struct compiler *c, int reg);
static inline void emit_a(struct compiler *c, enum opcode op, int a)
{
    emit(c, op, a, 0, 0, 0);
}
static inline void emit_ab(struct compiler *c, enum opcode op, int a, int b)
{
    emit(c, op, a, b, 0, 0);
}
static inline void emit_abc(struct compiler *c, enum opcode op, int a, int b, int c_)
{
    emit(c, op, a, b, c_, 0);
}
void emit_imm(struct compiler *c, enum opcode op, int a, int imm);
struct ir *emit_jump(struct compiler *c, enum opcode op, int a, int b, int d, int32_t label);
void emit_move(struct compiler *c, int to, int from);
void emit_none(struct compiler *c, int to);
void emit_const(struct compiler *c, int to, Value value);
void emit_name(struct compiler *c, enum opcode op, int a, PyObject *name);        /* 32-bit index */
void emit_attr(struct compiler *c, enum opcode op, int a, int b, PyObject *name); /* 16-bit */
int32_t const_add(struct compiler *c, Value value);
int32_t const_add_unshared(struct compiler *c, Value value);
int32_t name_add(struct compiler *c, PyObject *name);
int temp_push(struct compiler *c);
int temp_push_many(struct compiler *c, int count); /* the first */
static inline bool reg_is_temp(struct compiler *c, int reg)
{
    return reg >= c->unit->local_count;
}
int32_t handler_new(struct compiler *c, int32_t label, int reg);
struct block *block_push(struct compiler *c, enum block_kind kind);
void block_pop(struct compiler *c);

/* ---- compile/optimize.c and compile/assemble.c. */
void unit_optimize(struct compiler *c, struct unit *u);
PyObject *unit_assemble(struct compiler *c, struct unit *u);

/* ---- compile/expression.c. Results go to a wanted register, which an instruction writes last. */
void expr_into(struct compiler *c, struct expr *e, int reg);
int expr_temp(struct compiler *c, struct expr *e); /* in a new temporary on top */
/* In any register: that of a local itself, else `reg` if it is a temporary (>= 0), else a new one.
 * `later`: an expression that is evaluated before the operand is used, or NULL. */
int expr_operand(struct compiler *c, struct expr *e, int reg, struct expr *later);
int expr_any(struct compiler *c, struct expr *e);
void expr_discard(struct compiler *c, struct expr *e);
void expr_jump_if(struct compiler *c, struct expr *e, bool sense, int32_t label);
bool expr_may_rebind(struct compiler *c, struct expr *e);
enum binary_op operator_to_binary(enum operator op);
void emit_binary(struct compiler *c, enum opcode op, int to, int left, struct expr *right,
                 enum binary_op operation);
/* R[to] = the result of awaiting the iterator in register it. `to` is a temporary, not it. */
void emit_await_loop(struct compiler *c, int to, int it);
void emit_await(struct compiler *c, int to, int awaitable, int kind);

/* ---- compile/name.c: variables and targets. */
void name_load_into(struct compiler *c, PyObject *name, int reg);
int name_local(struct compiler *c, PyObject *name); /* register of a plain local, or -1 */
void name_store(struct compiler *c, PyObject *name, int from);
void name_delete(struct compiler *c, PyObject *name);
void target_store(struct compiler *c, struct expr *target, int from);
void target_delete(struct compiler *c, struct expr *target);
bool name_is_forbidden(struct compiler *c, PyObject *name, enum expr_context ctx);
/* Assigns an expression to targets. */
void assign_compile(struct compiler *c, struct expr_seq *targets, struct expr *value);
void aug_assign_compile(struct compiler *c, struct stmt *s);
void ann_assign_compile(struct compiler *c, struct stmt *s);

/* ---- compile/call.c */
void call_into(struct compiler *c, struct expr *e, int reg);
/* Calls R[base], whose arguments start with `given` ones in R[base + 1 ..]; the result is R[base].
 */
void call_arguments(struct compiler *c, int base, int given, struct expr_seq *args,
                    struct keyword_seq *keywords);
/* The position of an attribute or method call that spans lines. */
struct source_position attribute_position(struct expr *attribute, struct source_position whole);
void warn_caller(struct compiler *c, struct expr *func);
void warn_subscripter(struct compiler *c, struct expr *value);
void warn_index(struct compiler *c, struct expr *value, struct expr *index);

/* ---- compile/function.c */
void function_compile(struct compiler *c, struct stmt *s);
void class_compile(struct compiler *c, struct stmt *s);
void lambda_into(struct compiler *c, struct expr *e, int reg);
void comprehension_into(struct compiler *c, struct expr *e, int reg);
/* R[base] = function of `code`; what its flags say lies in R[base + 1 ..]; adds the closure. */
void function_make(struct compiler *c, PyObject *code, struct scope *scope, int base, int flags);
PyObject *body_docstring(struct stmt_seq *body);
bool is_top_level_await(struct compiler *c);

/* ---- compile/statement.c */
void stmts_compile(struct compiler *c, struct stmt_seq *body, size_t start);
void body_compile(struct compiler *c, struct stmt_seq *body); /* of a module or class */
/* The head and the foot of an asynchronous loop over the iterator in register it. Exceptions of
 * __anext__ go to label `except`, which the foot places; it is where the loop ends. */
void async_for_open(struct compiler *c, int it, struct expr *target, int32_t next, int32_t except);
void async_for_close(struct compiler *c, int32_t next, int32_t except);

/* ---- compile/try.c */
void try_compile(struct compiler *c, struct stmt *s);
void with_compile(struct compiler *c, struct stmt *s);
/* Generates what leaving the blocks above `down_to` takes. True if that was anything. */
bool blocks_unwind(struct compiler *c, int down_to);
bool blocks_need_unwinding(struct compiler *c);

/* ---- compile/match.c */
void match_compile(struct compiler *c, struct stmt *s);

/* ---- compile/unparse.c: source text of an expression, for annotations. */
PyObject *expr_unparse(struct expr *e);

#endif
