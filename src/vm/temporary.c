/* SPDX-License-Identifier: MIT */
/* Operators, items and calls of extension objects: temporaries die at once, and so does what is
 * overwritten in a local variable or left there.
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
 * that follows with at most a few loads, operators and calls in between (vm/result_use.c), all
 * of whose forms come here when an operand is an object of an extension; or there is a LOAD_NULL,
 * before which the object is dropped at once. A LOAD_ATTR has forms that do not come here: one that
 * follows at once, as in a[1:].T, is done together with the item (vm_foreign_item). An exception in
 * between shares the object with the collector (vm_share_lent), which may be done at any time.
 *
 * A local variable owns its object in the same way, if it is one that no instruction copies
 * (bytecode/ownership.c): operators and items borrow the object, the next assignment of a result
 * and the end of the function (FRAME_OWNS) give it up, `return x` shares it. An assignment of
 * something else does not come here: then the object waits for one of these. Only objects whose
 * type is an extension's own, not a class that derives from it, are owned by locals, as no
 * operation of theirs hands its operand to Python code on our side, but comparisons with
 * (vm_share_compared) and operators of (declined) other operands. Who looks at the variables of a
 * frame makes it share what it owns (frame.c). */
#include "bytecode/code.h"
#include "object/function.h"
#include "object/native.h"
#include "object/type_int.h"
#include "vm/result_use.h"
#include "vm/vm_int.h"

/* What becomes of the result of the frame's instruction. Variables of generators, and those that
 * somebody looks at, own nothing. */
static ALWAYS_INLINE enum result_use use_of_result(const struct thread *t)
{
    const struct frame *frame = t->frame;
    enum result_use use = result_use(frame->code, frame->pc);
    bool owns = (frame->flags & (FRAME_GENERATOR | FRAME_OBJECT)) == 0;
    return UNLIKELY(trace_is_on(t)) || (use == USE_LOCAL && !owns) ? USE_ANY : use;
}

/* Of an INPLACE in a temporary: it is the value of a STORE_ITEM. */
static enum result_use use_of_stored(const struct thread *t)
{
    const struct frame *frame = t->frame;
    PyTypeObject *container = value_type(frame->regs[frame->pc[1].a]);
    return (type_info(container)->flags & TYPE_FOREIGN) != 0 ? USE_LENT : USE_ANY;
}

/* ---- What the registers of the thread own. */

static unsigned locals_of(const struct frame *frame)
{
    return (unsigned)frame->code->base.co_nlocalsplus;
}

static PyObject *remove_entry(struct thread *t, uint32_t i)
{
    PyObject *object = t->lent[i].object;
    t->lent_count--;
    for (; i < t->lent_count; i++) { /* few, mostly none */
        t->lent[i] = t->lent[i + 1];
    }
    t->lent[i].object = NULL;
    return object;
}

static void share_entry(struct thread *t, uint32_t i)
{
    native_hooks.share(remove_entry(t, i));
}

static void note_lent(struct thread *t, PyObject *object, unsigned reg)
{
    if (UNLIKELY(t->lent_count == THREAD_LENT_MAX)) {
        share_entry(t, 0);
    }
    t->lent[t->lent_count].object = object;
    t->lent[t->lent_count].frame = t->frame;
    t->lent[t->lent_count++].reg = reg;
}

#define NO_ENTRY UINT32_MAX

/* That of the object, which a register of the thread's frame owns. */
static uint32_t entry_of(const struct thread *t, Value v)
{
    for (uint32_t i = t->lent_count; i > 0 && t->lent[i - 1].frame == t->frame; i--) {
        if ((uint64_t)(uintptr_t)t->lent[i - 1].object == v.bits) {
            return i - 1;
        }
    }
    return NO_ENTRY;
}

static uint32_t entry_of_local(const struct thread *t, unsigned reg)
{
    for (uint32_t i = t->lent_count; i > 0 && t->lent[i - 1].frame == t->frame; i--) {
        if (t->lent[i - 1].reg == reg) {
            return i - 1;
        }
    }
    return NO_ENTRY;
}

/* The value becomes the collector's, if a register of the thread's frame owns it. */
static void share_value(struct thread *t, Value v)
{
    uint32_t i = entry_of(t, v);
    if (i != NO_ENTRY) {
        share_entry(t, i);
    }
}

/* The local of the thread's frame is assigned to: what it owned is given up. */
static void assign_local(struct thread *t, unsigned reg, Value v)
{
    uint32_t i = entry_of_local(t, reg);
    if (i != NO_ENTRY && (uint64_t)(uintptr_t)t->lent[i].object != v.bits) {
        t->frame->regs[reg] = v;
        native_hooks.drop(remove_entry(t, i));
    }
}

/* The same, and it owns the private object from now on. */
static void assign_owned(struct thread *t, unsigned reg, PyObject *object)
{
    struct frame *frame = t->frame;
    uint32_t i = entry_of_local(t, reg);
    frame->regs[reg] = value_from_object(object);
    if (i == NO_ENTRY) {
        note_lent(t, object, reg);
        frame->flags |= FRAME_OWNS;
    } else if (t->lent[i].object != object) {
        PyObject *old = t->lent[i].object;
        t->lent[i].object = object;
        native_hooks.drop(old);
    }
}

void vm_share_lent(struct thread *t, const struct frame *frame)
{
    while (t->lent_count > 0 && t->lent[t->lent_count - 1].frame >= frame) {
        share_entry(t, t->lent_count - 1);
    }
}

void vm_share_owned(void)
{
    struct thread *t = thread_current();
    vm_share_lent(t, t->frame_stack);
}

void vm_leave_owning(struct thread *t, Value result)
{
    struct frame *frame = t->frame;
    while (t->lent_count > 0 && t->lent[t->lent_count - 1].frame == frame) {
        unsigned reg = t->lent[t->lent_count - 1].reg;
        PyObject *object = remove_entry(t, t->lent_count - 1);
        if ((frame->flags & FRAME_OBJECT) || (uint64_t)(uintptr_t)object == result.bits) {
            native_hooks.share(object);
            continue;
        }
        if (frame->regs[reg].bits == (uint64_t)(uintptr_t)object) {
            frame->regs[reg] = VALUE_NULL; /* what runs now may look at the frame */
        }
        native_hooks.drop(object);
    }
}

void vm_share_compared(struct thread *t, Value a, Value b)
{
    if (type_is_python(value_type(a)) || type_is_python(value_type(b))) {
        share_value(t, a);
        share_value(t, b);
    }
}

/* An operand that a register of the frame owns, and that nobody has published meanwhile. */
struct operand {
    PyObject *object; /* or NULL */
    bool stays;       /* a local owns it, and goes on to; else it is the instruction's */
};

static NO_INLINE struct operand take_private(struct thread *t, Value *reg)
{
    uint32_t i = entry_of(t, *reg);
    if (i == NO_ENTRY) {
        return (struct operand){NULL, false};
    }
    if (t->lent[i].reg < locals_of(t->frame)) {
        return (struct operand){t->lent[i].object, true};
    }
    *reg = VALUE_NULL;
    return (struct operand){remove_entry(t, i), false};
}

/* The operand that is in the register: not there any more, if it is a temporary. */
static ALWAYS_INLINE struct operand take_operand(struct thread *t, unsigned reg)
{
    Value *at = &t->frame->regs[reg];
    return value_is_object(*at) && !object_is_public(value_object(*at))
               ? take_private(t, at)
               : (struct operand){NULL, false};
}

/* The instruction has used its operands up. */
static void drop_operand(struct operand *o)
{
    if (o->object != NULL && !o->stays) {
        native_hooks.drop(o->object);
    }
    o->object = NULL;
}

/* It does not do without others who may keep them. */
static void share_operand(struct thread *t, struct operand *o)
{
    if (o->object == NULL) {
        return;
    }
    if (o->stays) {
        share_value(t, value_from_object(o->object));
    } else {
        native_hooks.share(o->object);
    }
    o->object = NULL;
}

/* ---- Operators. */

struct operation {
    struct thread *thread;
    Value a, b;
    enum binary_op op;
    bool inplace;
    bool keeps;      /* a new object need not be published */
    bool is_private; /* the result is one that was not */
    struct operand taken[2];
};

static Value declined(struct operation *o, Value (*go_on)(Value, Value, enum binary_op))
{
    share_operand(o->thread, &o->taken[0]);
    share_operand(o->thread, &o->taken[1]);
    return go_on(o->a, o->b, o->op);
}

/* May the left operand be the private result? If it is the instruction's, or stays where it is. */
static bool may_return_left(const struct operation *o)
{
    const struct instruction *pc = o->thread->frame->pc;
    return o->taken[0].object != NULL && (!o->taken[0].stays || (o->inplace && pc->a == pc->b));
}

static Value operate(struct operation *o)
{
    PyTypeObject *x = value_type(o->a), *y = value_type(o->b);
    Value (*left)(Value, Value) = o->inplace ? type_ops(x)->inplace[o->op] : NULL;
    Value (*rest)(Value, Value, enum binary_op) = object_inplace_declined;
    if (left == NULL) {
        left = type_ops(x)->binary[o->op];
        rest = object_binary_declined;
        if (x != y && type_ops(y)->binary[o->op] != left && type_is_subtype(y, x)) {
            return declined(o, object_binary); /* the right one goes first */
        }
    }
    Value result = left == NULL ? VALUE_ABSENT
                                : native_hooks.lend(left, o->a, o->b, o->keeps, may_return_left(o),
                                                    &o->is_private);
    if (o->is_private && value_same_bits(result, o->a)) {
        o->taken[0].object = NULL; /* its reference has become the result's */
    }
    if (value_is_absent(result)) {
        return declined(o, o->inplace ? object_inplace : object_binary);
    }
    return value_same_bits(result, VALUE_NOT_IMPLEMENTED) ? declined(o, rest) : result;
}

/* A new object that nobody else has goes to the register that the instruction writes. */
static Value keep_private(struct thread *t, PyObject *object, enum result_use use)
{
    unsigned reg = t->frame->pc->a;
    switch (use) {
    case USE_LENT: note_lent(t, object, reg); break;
    case USE_LOCAL:
        if (LIKELY(!type_is_python(object->ob_type))) {
            assign_owned(t, reg, object);
            break;
        }
        native_hooks.share(object);
        break;
    case USE_NONE: native_hooks.drop(object); return VALUE_NONE;
    default: native_hooks.share(object); break;
    }
    return value_from_object(object);
}

/* The end of an instruction that comes here: its result, which is not private. */
static Value finish(struct thread *t, Value result)
{
    const struct frame *frame = t->frame;
    if ((frame->flags & FRAME_OWNS) && value_is_present(result)) {
        assign_local(t, frame->pc->a, result);
    }
    return result;
}

Value vm_operate(Value a, Value b, enum binary_op op, bool inplace)
{
    struct thread *t = thread_current();
    result_use_remember(t->frame->code);
    enum result_use use = use_of_result(t);
    use = use == USE_ATTR ? USE_ANY : use == USE_STORED ? use_of_stored(t) : use;
    struct operation o = {t, a, b, op, inplace, use != USE_ANY, false, {{NULL, false}}};
    if (UNLIKELY(t->lent_count != 0)) {
        const struct instruction *pc = t->frame->pc;
        bool is_register = opcode_generic(atomic_load_relaxed(&pc->op)) ==
                           (inplace ? OPCODE_INPLACE : OPCODE_BINARY);
        o.taken[0] = take_operand(t, pc->b);
        if (is_register) {
            o.taken[1] = take_operand(t, pc->c);
        }
    }
    if (use == USE_ANY && o.taken[0].object == NULL && o.taken[1].object == NULL) {
        return finish(t, inplace ? object_inplace(a, b, op) : object_binary(a, b, op));
    }
    Value result = operate(&o);
    drop_operand(&o.taken[0]);
    drop_operand(&o.taken[1]);
    return o.is_private ? keep_private(t, value_object(result), use) : finish(t, result);
}

/* ---- Calls. */

Value vm_published_result(struct thread *t, Value callable, Value result)
{
    enum result_use use = use_of_result(t);
    t->published = NULL;
    PyObject *object = value_object(result);
    bool owned = use == USE_LOCAL && !type_is_python(object->ob_type);
    if ((use != USE_NONE && use != USE_LENT && !owned) || !value_is_object(callable) ||
        !native_hooks.take_back(value_object(callable), object)) {
        return result;
    }
    if (owned) { /* the next instruction assigns it */
        assign_owned(t, t->frame->pc[1].a, object);
    } else {
        result = keep_private(t, object, use);
    }
    result_use_remember(t->frame->code);
    return result;
}

/* ---- Items. */

/* The result of an item, or of the attributes of one: private, and its reference is ours. */
static Value use_private(struct thread *t, PyObject *object, enum result_use use)
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
        enum result_use then = use_of_result(t);
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
    return keep_private(t, object, use);
}

Value vm_foreign_item(struct thread *t)
{
    const struct frame *frame = t->frame;
    result_use_remember(frame->code);
    const struct instruction *pc = frame->pc;
    Value container = frame->regs[pc->b], key = frame->regs[pc->c];
    if (atomic_load_relaxed(&pc->op) == OPCODE_LOAD_SLICE) {
        PyObject *slice = slice_new(key, frame->regs[pc->c + 1], VALUE_NONE);
        if (slice == NULL) {
            return VALUE_NULL;
        }
        key = value_from_object(slice);
    }
    struct operand taken = {NULL, false};
    if (t->lent_count != 0) {
        taken = take_operand(t, pc->b);
    }
    enum result_use use = use_of_result(t);
    if (use == USE_ANY && taken.object == NULL) {
        return finish(t, object_getitem(container, key));
    }
    bool is_private = false;
    Value (*getitem)(Value, Value) = value_ops(container)->getitem;
    Value result = getitem == NULL ? VALUE_ABSENT
                                   : native_hooks.lend(getitem, container, key, use != USE_ANY,
                                                       false, &is_private);
    if (value_is_absent(result)) {
        share_operand(t, &taken);
        return finish(t, object_getitem(container, key));
    }
    drop_operand(&taken);
    return is_private ? use_private(t, value_object(result), use) : finish(t, result);
}

int vm_store_lent_item(struct thread *t)
{
    const struct frame *frame = t->frame;
    const struct instruction *pc = frame->pc;
    Value container = frame->regs[pc->a], value = frame->regs[pc->c];
    struct operand taken[2] = {take_operand(t, pc->a), take_operand(t, pc->c)};
    if ((taken[0].object != NULL || taken[1].object != NULL) &&
        !native_hooks.lends_store(value_ops(container)->setitem)) {
        share_operand(t, &taken[0]);
        share_operand(t, &taken[1]);
    }
    int status = object_setitem(container, frame->regs[pc->b], value);
    drop_operand(&taken[0]);
    drop_operand(&taken[1]);
    return status;
}
