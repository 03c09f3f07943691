/* SPDX-License-Identifier: MIT */
/* Operators, items and calls of extension objects: temporaries die at once.
 *
 * In (a + b) * c the sum is in a temporary register, which one instruction reads and nothing after
 * it; so is the view in a[1:] * c, or in a[1:][i] = c. If the sum is a new object of an extension
 * that nobody else refers to, it is not published: the register owns its one reference, as C code
 * would, and the thread notes that (t->lent). The instruction that reads it lends it to the
 * extension's function and gives the reference up, which deallocates it, unless that function kept
 * another one, or passed it to a function of ours, which published it. NumPy's arrays are reused
 * while they are in the processor's cache, then, instead of waiting for a collection.
 *
 * A call's result comes here as a value that was published a moment ago; if it is extension code
 * itself that was called, that is taken back (capi/call.c). So `len(f(x) + y)` frees what f
 * returns, and a statement `f(x)`, whose CALL says that nobody reads it, too.
 *
 * Such a register is read by a BINARY, BINARY_IMM, INPLACE, LOAD_ITEM, LOAD_SLICE or STORE_ITEM
 * that follows with at most a few loads, operators and calls in between (use_of_result), all
 * of whose forms come here when an operand is an object of an extension; or there is a LOAD_NULL,
 * before which the object is dropped at once. A LOAD_ATTR has forms that do not come here: one that
 * follows at once, as in a[1:].T, is done together with the item (vm_foreign_item). An exception in
 * between shares the object with the collector (vm_share_lent), which may be done at any time.
 *
 * Which instruction is the last to read a register. Operators of expressions read their operands
 * once. LOAD_ITEM is also what `a[1:][0] += 1` begins with, whose STORE_ITEM reads the container
 * again, and loads into a temporary register above; so it counts if it overwrites the register that
 * it reads, or a local variable. A STORE_ITEM is the last to read its container, and its value if
 * that is the result of the INPLACE before it, but not any value: x[0] = y[0] = v. */
#include "bytecode/code.h"
#include "object/function.h"
#include "object/native.h"
#include "object/type_int.h"
#include "vm/vm_int.h"

enum use {
    USE_ANY,  /* it becomes a value like all others */
    USE_LENT, /* by an instruction that comes here */
    USE_ATTR, /* by the next instruction, a LOAD_ATTR that overwrites the register */
    USE_NONE,
};

static inline bool is_in(unsigned reg, unsigned from, unsigned count)
{
    return reg - from < count;
}

/* Does the instruction go on with the next one, without reading or writing the register? */
static bool passes(const struct instruction *i, uint8_t op, unsigned reg)
{
    switch (op) {
    case OPCODE_LOAD_CONST:
    case OPCODE_LOAD_INT:
    case OPCODE_LOAD_NAME:
    case OPCODE_LOAD_GLOBAL: return i->a != reg;
    case OPCODE_MOVE:
    case OPCODE_UNARY:
    case OPCODE_LOAD_DEREF:
    case OPCODE_LOAD_ATTR:
    case OPCODE_GET_ITER:
    case OPCODE_BINARY_IMM: return i->a != reg && i->b != reg;
    case OPCODE_BINARY:
    case OPCODE_LOAD_ITEM: return i->a != reg && i->b != reg && i->c != reg;
    case OPCODE_LOAD_SLICE: return i->a != reg && i->b != reg && !is_in(reg, i->c, 2);
    case OPCODE_BUILD_SLICE: return i->a != reg && !is_in(reg, i->b, 3);
    case OPCODE_BUILD_TUPLE:
    case OPCODE_BUILD_LIST: return i->a != reg && !is_in(reg, i->b, i->c);
    case OPCODE_LOAD_METHOD: return !is_in(reg, i->a, 2) && i->b != reg;
    case OPCODE_MAKE_FUNCTION: return reg < i->a && reg < i->b;
    /* What lies above is the callee's. */
    case OPCODE_CALL:
    case OPCODE_CALL_METHOD:
    case OPCODE_CALL_EX: return reg < i->a;
    default: return false;
    }
}

/* A load from the register that is the last one to read it: see above. */
static inline bool ends_in(const struct instruction *i, unsigned reg, unsigned locals)
{
    return i->a == reg || i->a < locals;
}

/* What is it to the register that the instruction, which does not pass, is the first to use it? */
static enum use use_by(const struct instruction *i, uint8_t op, unsigned reg, unsigned locals)
{
    bool lent = false;
    switch (op) {
    case OPCODE_BINARY: lent = (i->b == reg) != (i->c == reg); break;
    case OPCODE_BINARY_IMM: lent = i->b == reg; break;
    case OPCODE_INPLACE:
        lent = (i->b == reg) != (i->c == reg) && (i->a == reg) == (i->b == reg);
        break;
    case OPCODE_INPLACE_IMM: lent = i->b == reg && i->a == reg; break;
    case OPCODE_LOAD_ITEM: lent = i->b == reg && i->c != reg && ends_in(i, reg, locals); break;
    case OPCODE_LOAD_SLICE:
        lent = i->b == reg && !is_in(reg, i->c, 2) && ends_in(i, reg, locals);
        break;
    case OPCODE_STORE_ITEM: lent = i->a == reg && i->b != reg && i->c != reg; break;
    case OPCODE_LOAD_NULL: return i->a == reg ? USE_NONE : USE_ANY;
    default: break;
    }
    return lent ? USE_LENT : USE_ANY;
}

#define LOOK_AHEAD 12

/* What becomes of the result of the frame's instruction. */
static enum use use_of_result(const struct thread *t)
{
    const struct frame *frame = t->frame;
    const struct instruction *pc = frame->pc;
    unsigned reg = pc->a, locals = (unsigned)frame->code->base.co_nlocalsplus;
    if (reg < locals || trace_is_on(t)) {
        return USE_ANY;
    }
    for (unsigned i = 1; i <= LOOK_AHEAD; i++) {
        const struct instruction *next = pc + i;
        uint8_t op = opcode_generic(atomic_load_relaxed(&next->op));
        if (op == OPCODE_LOAD_ATTR && i == 1 && next->b == reg && ends_in(next, reg, locals)) {
            return USE_ATTR;
        }
        if (!passes(next, op, reg)) {
            return use_by(next, op, reg, locals);
        }
    }
    return USE_ANY;
}

/* The same for an INPLACE: the value of a STORE_ITEM into an object of an extension. */
static enum use use_of_inplace(const struct thread *t)
{
    const struct frame *frame = t->frame;
    const struct instruction *pc = frame->pc, *next = pc + 1;
    unsigned reg = pc->a;
    if (reg < (unsigned)frame->code->base.co_nlocalsplus || trace_is_on(t) ||
        atomic_load_relaxed(&next->op) != OPCODE_STORE_ITEM || next->c != reg || next->a == reg ||
        next->b == reg) {
        return USE_ANY;
    }
    PyTypeObject *container = value_type(frame->regs[next->a]);
    return (type_info(container)->flags & TYPE_FOREIGN) != 0 ? USE_LENT : USE_ANY;
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

static void give_up(PyObject *taken[2], void (*f)(PyObject *))
{
    for (unsigned i = 0; i < 2; i++) {
        if (taken[i] != NULL) {
            f(taken[i]);
            taken[i] = NULL;
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

static Value declined(struct operation *o, Value (*go_on)(Value, Value, enum binary_op))
{
    give_up(o->taken, native_hooks.share);
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
    Value result = left == NULL ? VALUE_ABSENT
                                : native_hooks.lend(left, o->a, o->b, o->keeps, o->taken[0] != NULL,
                                                    &o->is_private);
    if (o->is_private && value_same_bits(result, o->a)) {
        o->taken[0] = NULL; /* its reference has become the result's */
    }
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
    enum use use = inplace ? use_of_inplace(t) : use_of_result(t);
    use = use == USE_ATTR ? USE_ANY : use;
    struct operation o = {a, b, op, inplace, use != USE_ANY, false, {NULL, NULL}};
    bool took = UNLIKELY(t->lent_count != 0) && take_operands(t, &o);
    if (use == USE_ANY && !took) {
        return inplace ? object_inplace(a, b, op) : object_binary(a, b, op);
    }
    Value result = operate(&o);
    give_up(o.taken, native_hooks.drop);
    if (o.is_private && use == USE_NONE) {
        native_hooks.drop(value_object(result));
        return VALUE_NONE;
    }
    if (o.is_private) {
        note_lent(t, value_object(result));
    }
    return result;
}

/* ---- Calls. */

Value vm_published_result(struct thread *t, Value callable, Value result)
{
    bool ignored = t->frame->pc->d != 0 && !trace_is_on(t);
    enum use use = ignored ? USE_NONE : use_of_result(t);
    t->published = NULL;
    if ((use != USE_NONE && use != USE_LENT) || !value_is_object(callable) ||
        !native_hooks.take_back(value_object(callable), value_object(result))) {
        return result;
    }
    if (use == USE_LENT) {
        note_lent(t, value_object(result));
        return result;
    }
    native_hooks.drop(value_object(result));
    return VALUE_NONE;
}

/* ---- Items. */

/* The result of an item, or of the attributes of one: private, and its reference is ours. */
static Value use_private(struct thread *t, PyObject *object, enum use use)
{
    struct frame *frame = t->frame;
    while (use == USE_ATTR) {
        const struct instruction *next = frame->pc + 1;
        PyTypeObject *type = object->ob_type;
        bool generic = (type_info(type)->flags & TYPE_GENERIC_GETATTR) != 0;
        Value descriptor =
            generic ? type_lookup(type, tuple_object(frame->code->base.co_names, next->c))
                    : VALUE_ABSENT;
        if (!value_is_object(descriptor)) {
            use = USE_ANY;
            break;
        }
        frame->pc++;
        enum use then = use_of_result(t);
        bool is_private = false;
        Value v =
            native_hooks.lend_get(value_object(descriptor), object, then != USE_ANY, &is_private);
        if (value_is_absent(v)) {
            frame->pc--;
            use = USE_ANY;
            break;
        }
        native_hooks.drop(object);
        if (!is_private) {
            return v;
        }
        object = value_object(v);
        use = then;
    }
    switch (use) {
    case USE_LENT: note_lent(t, object); break;
    case USE_NONE: native_hooks.drop(object); return VALUE_NONE;
    default: native_hooks.share(object); break;
    }
    return value_from_object(object);
}

Value vm_foreign_item(struct thread *t)
{
    const struct frame *frame = t->frame;
    const struct instruction *pc = frame->pc;
    Value container = frame->regs[pc->b], key = frame->regs[pc->c];
    if (atomic_load_relaxed(&pc->op) == OPCODE_LOAD_SLICE) {
        PyObject *slice = slice_new(key, frame->regs[pc->c + 1], VALUE_NONE);
        if (slice == NULL) {
            return VALUE_NULL;
        }
        key = value_from_object(slice);
    }
    PyObject *taken = t->lent_count != 0 ? take_lent(t, container) : NULL;
    if (taken != NULL) {
        frame->regs[pc->b] = VALUE_NULL;
    }
    enum use use = use_of_result(t);
    if (use == USE_ANY && taken == NULL) {
        return object_getitem(container, key);
    }
    bool is_private = false;
    Value (*getitem)(Value, Value) = value_ops(container)->getitem;
    Value result = getitem == NULL ? VALUE_ABSENT
                                   : native_hooks.lend(getitem, container, key, use != USE_ANY,
                                                       false, &is_private);
    if (value_is_absent(result)) {
        if (taken != NULL) {
            native_hooks.share(taken);
        }
        return object_getitem(container, key);
    }
    if (taken != NULL) {
        native_hooks.drop(taken);
    }
    return is_private ? use_private(t, value_object(result), use) : result;
}

int vm_store_lent_item(struct thread *t)
{
    const struct frame *frame = t->frame;
    const struct instruction *pc = frame->pc;
    Value container = frame->regs[pc->a], value = frame->regs[pc->c];
    PyObject *taken[2] = {take_lent(t, container), take_lent(t, value)};
    bool lends = (taken[0] != NULL || taken[1] != NULL) &&
                 native_hooks.lends_store(value_ops(container)->setitem);
    if (taken[0] != NULL) {
        frame->regs[pc->a] = VALUE_NULL;
    }
    if (taken[1] != NULL) {
        frame->regs[pc->c] = VALUE_NULL;
    }
    if (!lends) {
        give_up(taken, native_hooks.share);
    }
    int status = object_setitem(container, frame->regs[pc->b], value);
    give_up(taken, native_hooks.drop);
    return status;
}
