/* SPDX-License-Identifier: MIT */
/* Operators on objects of extensions: temporaries die at once.
 *
 * In (a + b) * c the sum is in a temporary register, which one instruction reads and nothing after
 * it. If the sum is a new object of an extension that nobody else refers to, it is not published:
 * the register owns its one reference, as C code would, and the thread notes that (t->lent). The
 * instruction that reads it lends it to the extension's function and gives the reference up, which
 * deallocates it, unless that function kept another one, or passed it to a function of ours, which
 * published it. NumPy's arrays are reused while they are in the processor's cache, then, instead of
 * waiting for a collection.
 *
 * Such a register is read by a BINARY, BINARY_IMM or INPLACE that follows with at most a few loads
 * and operators in between (use_of_result), all of whose forms come here when an operand is an
 * object; or there is a LOAD_NULL, before which the object is dropped at once. An exception in
 * between shares the object with the collector (vm_share_lent), which may be done at any time. */
#include "bytecode/code.h"
#include "object/native.h"
#include "object/type_int.h"
#include "vm/vm_int.h"

enum use { USE_ANY, USE_LENT, USE_NONE };

/* Does the instruction go on with the next one, without reading or writing the register? */
static bool passes(const struct instruction *i, uint8_t op, unsigned reg)
{
    switch (op) {
    case OPCODE_LOAD_CONST:
    case OPCODE_LOAD_INT:
    case OPCODE_LOAD_GLOBAL: return i->a != reg;
    case OPCODE_MOVE:
    case OPCODE_LOAD_DEREF:
    case OPCODE_LOAD_ATTR:
    case OPCODE_BINARY_IMM: return i->a != reg && i->b != reg;
    case OPCODE_BINARY:
    case OPCODE_LOAD_ITEM: return i->a != reg && i->b != reg && i->c != reg;
    default: return false;
    }
}

#define LOOK_AHEAD 6

/* What becomes of the result of the frame's instruction. */
static enum use use_of_result(const struct thread *t)
{
    const struct frame *frame = t->frame;
    const struct instruction *pc = frame->pc;
    unsigned reg = pc->a;
    if (reg < (unsigned)frame->code->base.co_nlocalsplus || trace_is_on(t)) {
        return USE_ANY;
    }
    for (unsigned i = 1; i <= LOOK_AHEAD; i++) {
        const struct instruction *next = pc + i;
        uint8_t op = opcode_generic(atomic_load_relaxed(&next->op));
        if (passes(next, op, reg)) {
            continue;
        }
        switch (op) {
        case OPCODE_BINARY: return (next->b == reg) != (next->c == reg) ? USE_LENT : USE_ANY;
        case OPCODE_BINARY_IMM: return next->b == reg ? USE_LENT : USE_ANY;
        case OPCODE_INPLACE: return next->c == reg && next->b != reg ? USE_LENT : USE_ANY;
        case OPCODE_LOAD_NULL: return next->a == reg ? USE_NONE : USE_ANY;
        default: return USE_ANY;
        }
    }
    return USE_ANY;
}

/* ---- What the registers of the thread own. */

static void share_entry(struct thread *t, uint32_t i)
{
    PyObject *object = t->lent[i].object;
    t->lent[i] = t->lent[--t->lent_count];
    native_hooks.share(object);
}

static void note_lent(struct thread *t, PyObject *object)
{
    if (UNLIKELY(t->lent_count == THREAD_LENT_MAX)) {
        share_entry(t, 0);
    }
    t->lent[t->lent_count].object = object;
    t->lent[t->lent_count++].frame = t->frame;
}

/* The object, if a register of the frame owns it: not any more; or NULL. */
static PyObject *take_lent(struct thread *t, Value v)
{
    for (uint32_t i = t->lent_count; i > 0; i--) {
        PyObject *object = t->lent[i - 1].object;
        if ((uint64_t)(uintptr_t)object == v.bits && t->lent[i - 1].frame == t->frame) {
            t->lent[i - 1] = t->lent[--t->lent_count];
            return object;
        }
    }
    return NULL;
}

void vm_share_lent(struct thread *t, const struct frame *frame)
{
    for (uint32_t i = t->lent_count; i > 0; i--) {
        if (t->lent[i - 1].frame >= frame) {
            share_entry(t, i - 1);
        }
    }
}

/* ---- Operators. */

struct operation {
    Value a, b;
    enum binary_op op;
    bool inplace;
    bool keeps;         /* a new object need not be published */
    bool is_private;    /* the result is one that was not */
    PyObject *taken[2]; /* a and b, if the instruction owns them; else NULL */
};

static void give_up(struct operation *o, void (*f)(PyObject *))
{
    for (unsigned i = 0; i < 2; i++) {
        if (o->taken[i] != NULL) {
            f(o->taken[i]);
            o->taken[i] = NULL;
        }
    }
}

static Value declined(struct operation *o, Value (*go_on)(Value, Value, enum binary_op))
{
    give_up(o, native_hooks.share);
    return go_on(o->a, o->b, o->op);
}

static Value operate(struct operation *o)
{
    PyTypeObject *x = value_type(o->a), *y = value_type(o->b);
    Value (*whole)(Value, Value, enum binary_op) = o->inplace ? object_inplace : object_binary;
    Value (*rest)(Value, Value, enum binary_op) =
        o->inplace ? object_inplace_declined : object_binary_declined;
    Value (*left)(Value, Value) =
        o->inplace ? type_ops(x)->inplace[o->op] : type_ops(x)->binary[o->op];
    if (!o->inplace && x != y && type_ops(y)->binary[o->op] != left && type_is_subtype(y, x)) {
        return declined(o, whole); /* the right one goes first */
    }
    Value result =
        left == NULL ? VALUE_ABSENT : native_hooks.lend(left, o->a, o->b, o->keeps, &o->is_private);
    if (value_is_absent(result)) {
        return declined(o, whole);
    }
    return value_same_bits(result, VALUE_NOT_IMPLEMENTED) ? declined(o, rest) : result;
}

/* The operands that are lent, out of their registers. */
static bool take_operands(struct thread *t, struct operation *o)
{
    const struct instruction *pc = t->frame->pc;
    o->taken[0] = take_lent(t, o->a);
    o->taken[1] = take_lent(t, o->b);
    if (o->taken[0] != NULL) {
        t->frame->regs[pc->b] = VALUE_NULL;
    }
    if (o->taken[1] != NULL) {
        t->frame->regs[pc->c] = VALUE_NULL;
    }
    return o->taken[0] != NULL || o->taken[1] != NULL;
}

Value vm_operate(Value a, Value b, enum binary_op op, bool inplace)
{
    struct thread *t = thread_current();
    enum use use = inplace ? USE_ANY : use_of_result(t);
    struct operation o = {a, b, op, inplace, use != USE_ANY, false, {NULL, NULL}};
    bool took = UNLIKELY(t->lent_count != 0) && take_operands(t, &o);
    if (use == USE_ANY && !took) {
        return inplace ? object_inplace(a, b, op) : object_binary(a, b, op);
    }
    Value result = operate(&o);
    give_up(&o, native_hooks.drop);
    if (o.is_private && use == USE_NONE) {
        native_hooks.drop(value_object(result));
        return VALUE_NONE;
    }
    if (o.is_private) {
        note_lent(t, value_object(result));
    }
    return result;
}
