/* SPDX-License-Identifier: MIT */
/* The language that the interpreter loop is written in: operands, dispatch, results, guards of
 * caches, and the fast halves of operators. Only interpreter.c includes it; the macros touch the
 * loop's locals, which its head comment lists. */
#ifndef OROCHI_VM_LOOP_H
#define OROCHI_VM_LOOP_H

#include "vm/vm_int.h"

#define A (pc->a)
#define B (pc->b)
#define C (pc->c)
#define D (pc->d)
#define SAVE() (frame->pc = pc)
#define DISPATCH() goto *dispatch[atomic_load_relaxed(&pc->op)]
#define NEXT()                                                                                     \
    do {                                                                                           \
        pc++;                                                                                      \
        DISPATCH();                                                                                \
    } while (0)
#define NAME_AT(i) tuple_object(frame->code->base.co_names, (i))
/* What JUMP does; each jumping instruction has its own, which the processor predicts better. */
#define JUMP()                                                                                     \
    do {                                                                                           \
        int32_t jump_target = pc->target;                                                          \
        if (jump_target < 0) {                                                                     \
            POLL();                                                                                \
        }                                                                                          \
        pc += jump_target;                                                                         \
        NEXT();                                                                                    \
    } while (0)
/* What another thread wrote into the record comes with it (publish in cache.c). The op byte was
 * loaded before, and x86-64 keeps loads in order. */
#define RECORD(type) ((const struct type *)atomic_load_acquire((void *const *)((char *)pc + bias)))
/* A register receives what a slow path returned. */
#define SET_OR_FAIL(reg, call)                                                                     \
    do {                                                                                           \
        SAVE();                                                                                    \
        Value set_value = (call);                                                                  \
        if (UNLIKELY(value_is_null(set_value))) {                                                  \
            goto error;                                                                            \
        }                                                                                          \
        R[(reg)] = set_value;                                                                      \
        NEXT();                                                                                    \
    } while (0)
/* The same for an item of a container, which may be an object of an extension. */
#define ITEM_OR_FAIL(call)                                                                         \
    do {                                                                                           \
        SAVE();                                                                                    \
        Value item_value = (call);                                                                 \
        if (LIKELY(value_is_present(item_value))) {                                                \
            R[A] = item_value;                                                                     \
            NEXT();                                                                                \
        }                                                                                          \
        if (value_is_null(item_value)) {                                                           \
            goto error;                                                                            \
        }                                                                                          \
        goto foreign_item;                                                                         \
    } while (0)
#define DO_OR_FAIL(call)                                                                           \
    do {                                                                                           \
        SAVE();                                                                                    \
        if (UNLIKELY((call) < 0)) {                                                                \
            goto error;                                                                            \
        }                                                                                          \
        NEXT_STORED();                                                                             \
    } while (0)
/* After a store, which may have dropped the last reference to something. */
#define NEXT_STORED()                                                                              \
    do {                                                                                           \
        if (UNLIKELY(atomic_load_relaxed(&t->poll) & POLL_PROMPT)) {                               \
            dispatch = trace_is_on(t) ? traced : checked;                                          \
        }                                                                                          \
        NEXT();                                                                                    \
    } while (0)
/* `checked` looks for deaths at the next instruction, `watched` when one may be noticed. */
#define CHOOSE_DISPATCH()                                                                          \
    (trace_is_on(t)                                  ? traced                                      \
     : (atomic_load_relaxed(&t->poll) & POLL_PROMPT) ? checked                                     \
     : t->prompt->watch_count != 0                   ? watched                                     \
                                                     : labels)
#define POLL_WITH(slow)                                                                            \
    do {                                                                                           \
        if (UNLIKELY(atomic_load_relaxed(&t->poll) != 0)) {                                        \
            SAVE();                                                                                \
            if (slow(t) < 0) {                                                                     \
                goto error;                                                                        \
            }                                                                                      \
            dispatch = CHOOSE_DISPATCH();                                                          \
        }                                                                                          \
    } while (0)
#define POLL() POLL_WITH(poll_slow)
#define POLL_ENTRY() POLL_WITH(poll_entry_slow)

/* ---- The guards of instance records: type, version, shape. */
#define TYPE_GUARDED(record, type, kind)                                                           \
    ((uint64_t)(uintptr_t)(type) + (kind) == (record)->key &&                                      \
     atomic_load_relaxed(&(type)->tp_version_tag) == (record)->version)
#define GUARDED(record, object, kind) TYPE_GUARDED(record, (object)->ob_type, kind)
#define SHAPE_WORD(record, object)                                                                 \
    atomic_load_acquire((uint64_t *)(void *)((char *)(object) + (record)->shape_offset))
/* Also for instances without a shape, whose record says 0. */
#define SHAPE_MATCHES(record, object)                                                              \
    ((record)->shape == 0 || SHAPE_WORD(record, object) == (record)->shape)

/* ---- Quickening: the form for an operator */

static void quicken(struct instruction *pc, uint8_t op)
{
    atomic_store_relaxed(&pc->op, op);
}

static const uint8_t quick_binary[BINARY_OP_COUNT] = {
    [OP_ADD] = OPCODE_BINARY_ADD,           [OP_SUB] = OPCODE_BINARY_SUB,
    [OP_MUL] = OPCODE_BINARY_MUL,           [OP_TRUEDIV] = OPCODE_BINARY_TRUEDIV,
    [OP_FLOORDIV] = OPCODE_BINARY_FLOORDIV, [OP_MOD] = OPCODE_BINARY_MOD,
    [OP_AND] = OPCODE_BINARY_AND,           [OP_OR] = OPCODE_BINARY_OR,
    [OP_XOR] = OPCODE_BINARY_XOR,           [OP_LSHIFT] = OPCODE_BINARY_LSHIFT,
    [OP_RSHIFT] = OPCODE_BINARY_RSHIFT,
};
static const uint8_t quick_inplace[BINARY_OP_COUNT] = {
    [OP_ADD] = OPCODE_INPLACE_ADD,
    [OP_SUB] = OPCODE_INPLACE_SUB,
    [OP_MUL] = OPCODE_INPLACE_MUL,
};
static const uint8_t quick_binary_imm[BINARY_OP_COUNT] = {
    [OP_ADD] = OPCODE_BINARY_IMM_ADD,       [OP_SUB] = OPCODE_BINARY_IMM_SUB,
    [OP_MUL] = OPCODE_BINARY_IMM_MUL,       [OP_FLOORDIV] = OPCODE_BINARY_IMM_FLOORDIV,
    [OP_MOD] = OPCODE_BINARY_IMM_MOD,       [OP_AND] = OPCODE_BINARY_IMM_AND,
    [OP_LSHIFT] = OPCODE_BINARY_IMM_LSHIFT, [OP_RSHIFT] = OPCODE_BINARY_IMM_RSHIFT,
};
static const uint8_t quick_inplace_imm[BINARY_OP_COUNT] = {
    [OP_ADD] = OPCODE_INPLACE_IMM_ADD,
    [OP_SUB] = OPCODE_INPLACE_IMM_SUB,
};
static const uint8_t quick_compare_jump[6] = {
    [Py_LT] = OPCODE_COMPARE_JUMP_LT, [Py_LE] = OPCODE_COMPARE_JUMP_LE,
    [Py_EQ] = OPCODE_COMPARE_JUMP_EQ, [Py_NE] = OPCODE_COMPARE_JUMP_NE,
    [Py_GT] = OPCODE_COMPARE_JUMP_GT, [Py_GE] = OPCODE_COMPARE_JUMP_GE,
};
static const uint8_t quick_compare_jump_imm[6] = {
    [Py_LT] = OPCODE_COMPARE_JUMP_IMM_LT, [Py_LE] = OPCODE_COMPARE_JUMP_IMM_LE,
    [Py_EQ] = OPCODE_COMPARE_JUMP_IMM_EQ, [Py_NE] = OPCODE_COMPARE_JUMP_IMM_NE,
    [Py_GT] = OPCODE_COMPARE_JUMP_IMM_GT, [Py_GE] = OPCODE_COMPARE_JUMP_IMM_GE,
};

/* Python's floor division and modulo of two machine integers; y != 0. */
static ALWAYS_INLINE int64_t floor_div(int64_t x, int64_t y)
{
    int64_t q = x / y;
    return q - ((x % y != 0) & ((x ^ y) < 0));
}
static ALWAYS_INLINE int64_t floor_mod(int64_t x, int64_t y)
{
    int64_t r = x % y;
    return r + ((r != 0 && (r ^ y) < 0) ? y : 0);
}

/* 1, 0, or -1 for anything that needs object_truth. */
static ALWAYS_INLINE int truth_fast(Value v)
{
    if (v.bits == VALUE_TRUE.bits) {
        return 1;
    }
    if (v.bits == VALUE_FALSE.bits || v.bits == VALUE_NONE.bits) {
        return 0;
    }
    if (value_is_int(v)) {
        return value_int_key(v) != 0;
    }
    return -1;
}

static NO_INLINE int truth_slow(Value v)
{
    if (value_is_object(v)) {
        PyTypeObject *type = value_object(v)->ob_type;
        if (type == &PyList_Type || type == &PyTuple_Type || type == &PyBytes_Type) {
            return atomic_load_relaxed(&((PyVarObject *)value_object(v))->ob_size) != 0;
        }
        if (type == &PyUnicode_Type) {
            return str_length(value_object(v)) != 0;
        }
        if (type == &PyDict_Type) {
            return dict_length(value_object(v)) != 0;
        }
    }
    return object_truth(v);
}

/* The frame was left: the top of the control stack is the one before. */
static ALWAYS_INLINE void pop_frame(struct thread *t, struct frame *frame)
{
    if (UNLIKELY(frame == (struct frame *)t->frame_stack)) {
        t->frame = NULL;
        t->value_stack_top = t->value_stack;
    } else {
        t->frame = frame - 1;
        t->value_stack_top = frame[-1].top;
    }
}

#endif
