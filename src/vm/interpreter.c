/* SPDX-License-Identifier: MIT */
/* The interpreter loop. vm/vm.c explains frames, windows, calls, caches and unwinding.
 *
 * What the loop keeps in locals: pc, the current instruction; R, the frame's window; frame, the top
 * of the control stack; bias, the distance from an instruction to its cache slot (both are arrays
 * of words, so one offset serves for all); dispatch, the label table, which is another one while
 * the thread is traced. frame->pc is stored before anything that can run Python code, raise or look
 * at the frame (SAVE).
 *
 * Each instruction does its common cases in place, on what the operands are; everything else is a
 * function of another file. loop.h has the loop's own language, call_int.h what calls have in
 * common. */
#include "base/os.h"
#include "object/cacheable.h"
#include "object/iterator.h"
#include "vm/call_int.h"
#include "vm/loop.h"

static int next_pair(PyTypeObject *type, Value iterator, Value pair[2])
{
    return type == &PyDictIterItem_Type ? dict_items_next_pair(iterator, pair)
           : type == &PyEnum_Type       ? enumerate_next_pair(iterator, pair)
                                        : zip_next_pair(iterator, pair);
}

static ALWAYS_INLINE int contains(Value container, Value v)
{
    if (value_is_pointer_bits(container)) {
        PyObject *o = value_object(container);
        if (o->ob_type == &PyDict_Type) {
            return dict_contains(o, v);
        }
        if ((o->ob_type == &PySet_Type || o->ob_type == &PyFrozenSet_Type) &&
            (value_is_int(v) || str_check_exact(v))) {
            return set_contains(o, v);
        }
    }
    return object_contains(container, v);
}

/* What a signal handler raises while a finalizer runs would be lost, KeyboardInterrupt most of all;
 * and here finalizers run when the collector finds something dead, anywhere. So handlers wait for
 * its end: a second, for one that never ends. One that sleeps or waits is interrupted at once. */
static bool signals_wait_for_finalizer(struct thread *t)
{
    static const int64_t patience_ns = 1000000000;
    if (!t->in_finalizer || !(atomic_load_relaxed(&t->poll) & POLL_SIGNAL)) {
        return false;
    }
    int64_t now = os_monotonic_ns();
    if (t->signals_waited_since == 0) {
        t->signals_waited_since = now;
    }
    return now - t->signals_waited_since < patience_ns;
}

static COLD int poll_slow(struct thread *t)
{
    const void *released_at = t->signals_wait_at;
    t->signals_wait_at = NULL;
    if (UNLIKELY((released_at != NULL && released_at == t->frame->pc) ||
                 signals_wait_for_finalizer(t))) {
        return thread_poll_slow_but_signals(t);
    }
    if (atomic_load_relaxed(&t->poll) & ~(uint32_t)(POLL_TRACING | POLL_PROMPT)) {
        return thread_poll_slow(t);
    }
    return 0;
}

/* At the entry of a function signals wait a little. Otherwise a function that undoes something, as
 * threading's _acquire_restore, would often be interrupted before its first instruction: a thread
 * that is woken and one that then interrupts it really run at the same time here. */
static COLD int poll_entry_slow(struct thread *t)
{
    static const uint32_t patience = 64; /* entries, for recursion without loops or native calls */
    if ((atomic_load_relaxed(&t->poll) & POLL_SIGNAL) && ++t->signal_deferrals < patience) {
        return thread_poll_slow_but_signals(t);
    }
    return poll_slow(t);
}

static NO_INLINE Value load_item_slow(Value container, Value key)
{
    return vm_getitem(container, key);
}

/* Checks a value that __init__ returned. */
static COLD bool init_returned(Value v)
{
    if (value_is_none(v)) {
        return true;
    }
    error_raise(PyExc_TypeError, "__init__() should return None, not '%T'", v);
    return false;
}

/* A frame that C code entered has ended. */
static ALWAYS_INLINE void leave_to_c(struct thread *t, uint64_t flags)
{
    if (UNLIKELY(t->prompt->held_count != 0)) {
        vm_prompt_look_again(t);
    }
    if (UNLIKELY(flags & FRAME_WATCHED) && vm_prompt_left_frame(t)) {
        thread_request(t, POLL_PROMPT);
    }
}

static NO_INLINE Value execute(struct thread *t, struct frame *frame, bool throwing)
{
    static const void *const labels[256] = {
        [OPCODE_COUNT... 255] = &&op_bad,
#define OPCODE(name, format, effect) [OPCODE_##name] = &&op_##name,
#define QUICK(name, generic, guard) [OPCODE_##name] = &&op_##name,
#include "bytecode/opcodes.def"
#include "bytecode/quick_opcodes.def"
#undef OPCODE
#undef QUICK
    };
    static const void *const traced[256] = {[0 ... 255] = &&trace};
    static const void *const checked[256] = {[0 ... 255] = &&watch};
    /* As labels, but for instructions that empty a register or run other code. */
    static const void *const watched[256] = {
        [OPCODE_COUNT... 255] = &&op_bad,
#define OPCODE(name, format, effect)                                                               \
    [OPCODE_##name] = VM_PROMPT_BEFORE(OPCODE_##name)  ? &&watch                                   \
                      : VM_PROMPT_AFTER(OPCODE_##name) ? &&watch_drop                              \
                                                       : &&op_##name,
#define QUICK(name, generic, guard) [OPCODE_##name] = &&op_##name,
#include "bytecode/opcodes.def"
#include "bytecode/quick_opcodes.def"
#undef OPCODE
#undef QUICK
    };

    struct instruction *pc;
    Value *R;
    intptr_t bias;
    const void *const *dispatch = CHOOSE_DISPATCH();
    struct call call;
    Value result;
    /* What functions store a result through. It is emptied at once: this C frame lives long, and
     * the collector scans it. */
    Value out = VALUE_NULL;

    if (throwing) {
        pc = frame->pc;
        R = frame->regs;
        bias = frame->bias;
        goto error;
    }

enter: /* a frame was pushed, or a generator resumed: frame->pc is where it starts */
    pc = frame->pc;
    R = frame->regs;
    bias = frame->bias;
    POLL_ENTRY();
    DISPATCH();

op_bad:
    SAVE();
    error_raise(PyExc_SystemError, "unknown opcode %d", (int)pc->op);
    goto error;

    /* ---- Moves and locals */
op_NOP:
    NEXT();
op_MOVE:
    R[A] = R[B];
    NEXT();
op_LOAD_CONST:
    R[A] = frame->code->consts[pc->target];
    NEXT();
op_LOAD_INT:
    R[A] = value_from_int(pc->target);
    NEXT();
op_LOAD_NULL:
    R[A] = VALUE_NULL;
    NEXT();
op_CHECK_LOCAL:
    if (UNLIKELY(value_is_null(R[A]))) {
        goto unbound;
    }
    NEXT();
op_DELETE_LOCAL:
    if (UNLIKELY(value_is_null(R[A]))) {
        goto unbound;
    }
    R[A] = VALUE_NULL;
    NEXT();
unbound:
    SAVE();
    vm_raise_unbound(frame, A);
    goto error;
op_MAKE_CELL:
    SET_OR_FAIL(A, value_from_object(cell_new(value_is_null(R[A]) ? VALUE_ABSENT : R[A])));
op_COPY_FREE_VARS : {
    const PyObject *closure = frame->function->func_closure;
    for (unsigned i = 0; i < B; i++) {
        R[A + i] = tuple_get(closure, i);
    }
    NEXT();
}
op_LOAD_DEREF : {
    Value v = cell_get(value_object(R[B]));
    if (UNLIKELY(value_is_null(v))) {
        SAVE();
        vm_raise_unbound(frame, B);
        goto error;
    }
    R[A] = v;
    NEXT();
}
op_STORE_DEREF:
    DO_OR_FAIL(cell_set(value_object(R[A]), R[B]));
op_DELETE_DEREF:
    if (value_is_null(cell_get(value_object(R[A])))) {
        goto unbound;
    }
    DO_OR_FAIL(cell_set(value_object(R[A]), VALUE_NULL));
op_LOAD_CLASSDEREF:
    SET_OR_FAIL(A, vm_load_classderef(frame, B));

    /* ---- Names */
op_LOAD_GLOBAL:
    SET_OR_FAIL(A, cache_load_global(frame, pc, NAME_AT(pc->target)));
op_LOAD_GLOBAL_MODULE : {
    const struct global_record *record = RECORD(global_record);
    if (LIKELY((uint64_t)(uintptr_t)dict_table(frame->globals) + GLOBAL_MODULE == record->key)) {
        Value v = value_load_acquire(record->slot);
        if (LIKELY(!value_is_absent(v))) {
            R[A] = v;
            NEXT();
        }
    }
    goto op_LOAD_GLOBAL;
}
op_LOAD_GLOBAL_BUILTIN : {
    const struct global_record *record = RECORD(global_record);
    const struct dict_table *table = dict_table(frame->globals);
    if (LIKELY((uint64_t)(uintptr_t)table + GLOBAL_BUILTIN == record->key &&
               atomic_load_relaxed(&table->used_entries) == record->used_entries &&
               (uint64_t)(uintptr_t)dict_table(frame->function->func_builtins) ==
                   record->builtins_table)) {
        Value v = value_load_acquire(record->slot);
        if (LIKELY(!value_is_absent(v))) {
            R[A] = v;
            NEXT();
        }
    }
    goto op_LOAD_GLOBAL;
}
op_STORE_GLOBAL:
    DO_OR_FAIL(dict_set_str(frame->globals, NAME_AT(pc->target), R[A]));
op_DELETE_GLOBAL:
    DO_OR_FAIL(vm_delete_global(frame, NAME_AT(pc->target)));
op_LOAD_NAME:
    SET_OR_FAIL(A, vm_load_name(frame, NAME_AT(pc->target)));
op_STORE_NAME:
    DO_OR_FAIL(vm_store_name(frame, NAME_AT(pc->target), R[A]));
op_DELETE_NAME:
    DO_OR_FAIL(vm_delete_name(frame, NAME_AT(pc->target)));

    /* ---- Attributes */
op_LOAD_ATTR:
op_LOAD_ATTR_PROPERTY:
op_LOAD_ATTR_ANY : {
    Value property = VALUE_ABSENT;
    SAVE();
    Value v = cache_load_attr(frame, pc, R[B], NAME_AT(C), &property);
    if (LIKELY(value_is_present(v))) {
        R[A] = v;
        NEXT();
    }
    if (value_is_null(v)) {
        goto error;
    }
    /* A property: its getter runs in a frame of this loop. */
    frame->top[0] = R[B];
    struct frame *callee = vm_call(t, property, frame->top, 1, NULL, &out);
    if (callee == NULL) {
        goto error;
    }
    frame = callee;
    goto enter;
}
op_LOAD_ATTR_SLOT : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_SLOT) && SHAPE_WORD(record, o) == record->shape)) {
            v = value_load_acquire((Value *)(void *)((char *)o + record->offset));
            if (LIKELY(value_is_present(v))) {
                R[A] = v;
                NEXT();
            }
        }
    }
    goto op_LOAD_ATTR;
}
op_LOAD_ATTR_MEMBER : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_MEMBER))) {
            v = value_load_acquire((Value *)(void *)((char *)o + record->offset));
            if (LIKELY(value_is_present(v))) {
                R[A] = v;
                NEXT();
            }
        }
    }
    goto op_LOAD_ATTR;
}
op_LOAD_ATTR_CLASS : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_CLASS) && SHAPE_MATCHES(record, o))) {
            R[A] = record->value;
            NEXT();
        }
    }
    goto op_LOAD_ATTR;
}
op_LOAD_ATTR_METHOD : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_METHOD) && SHAPE_MATCHES(record, o))) {
            SET_OR_FAIL(A, value_from_object(bind_method(record->value, v)));
        }
    }
    goto op_LOAD_ATTR;
}
op_LOAD_ATTR_TYPE : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(v.bits + ATTR_TYPE == record->key &&
               atomic_load_relaxed(&((PyTypeObject *)value_object(v))->tp_version_tag) ==
                   record->version)) {
        R[A] = record->value;
        NEXT();
    }
    goto op_LOAD_ATTR;
}
op_LOAD_ATTR_GETSET : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_GETSET))) {
            const struct getset_def *def = record->extra;
            SET_OR_FAIL(A, def->get(v, def->closure));
        }
    }
    goto op_LOAD_ATTR;
}
op_LOAD_ATTR_MODULE : {
    const struct module_record *record = RECORD(module_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v) && value_object(v)->ob_type == &PyModule_Type)) {
        PyObject *dict = module_dict(value_object(v));
        if (LIKELY((uint64_t)(uintptr_t)dict_table(dict) == record->table)) {
            v = value_load_acquire(record->slot);
            if (LIKELY(!value_is_absent(v))) {
                R[A] = v;
                NEXT();
            }
        }
    }
    goto op_LOAD_ATTR;
}

op_STORE_ATTR:
op_STORE_ATTR_ADD:
op_STORE_ATTR_ANY:
    DO_OR_FAIL(cache_store_attr(frame, pc, R[A], NAME_AT(C), R[B]));
op_STORE_ATTR_SLOT : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[A];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_SLOT) && SHAPE_WORD(record, o) == record->shape)) {
            heap_store_value(o, (Value *)(void *)((char *)o + record->offset), R[B]);
            NEXT_STORED();
        }
    }
    goto op_STORE_ATTR;
}
op_STORE_ATTR_MEMBER : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[A];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_MEMBER))) {
            heap_store_value(o, (Value *)(void *)((char *)o + record->offset), R[B]);
            NEXT_STORED();
        }
    }
    goto op_STORE_ATTR;
}
op_DELETE_ATTR:
    DO_OR_FAIL(object_setattr(R[A], NAME_AT(C), VALUE_ABSENT));

op_LOAD_METHOD:
op_LOAD_METHOD_ANY : {
    SAVE();
    Value pair[2];
    if (UNLIKELY(cache_load_method(frame, pc, R[B], NAME_AT(C), pair) < 0)) {
        goto error;
    }
    R[A] = pair[0];
    R[A + 1] = pair[1];
    NEXT();
}
op_LOAD_METHOD_CLASS : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v))) {
        PyObject *o = value_object(v);
        if (LIKELY(GUARDED(record, o, ATTR_METHOD) && SHAPE_MATCHES(record, o))) {
            R[A] = record->value;
            R[A + 1] = v;
            NEXT();
        }
    } else if (TYPE_GUARDED(record, value_type(v), ATTR_METHOD)) {
        R[A] = record->value;
        R[A + 1] = v;
        NEXT();
    }
    goto op_LOAD_METHOD;
}
op_LOAD_METHOD_TYPE : {
    const struct attr_record *record = RECORD(attr_record);
    Value v = R[B];
    if (LIKELY(v.bits + ATTR_TYPE == record->key &&
               atomic_load_relaxed(&((PyTypeObject *)value_object(v))->tp_version_tag) ==
                   record->version)) {
        R[A] = record->value;
        R[A + 1] = (Value){record->offset}; /* the class, for a classmethod */
        NEXT();
    }
    goto op_LOAD_METHOD;
}
op_LOAD_METHOD_MODULE : {
    const struct module_record *record = RECORD(module_record);
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v) && value_object(v)->ob_type == &PyModule_Type)) {
        PyObject *dict = module_dict(value_object(v));
        if (LIKELY((uint64_t)(uintptr_t)dict_table(dict) == record->table)) {
            v = value_load_acquire(record->slot);
            if (LIKELY(!value_is_absent(v))) {
                R[A] = v;
                R[A + 1] = VALUE_NULL;
                NEXT();
            }
        }
    }
    goto op_LOAD_METHOD;
}

    /* ---- Items */
op_LOAD_ITEM : {
    Value container = R[B], key = R[C];
    if (LIKELY(value_is_pointer_bits(container))) {
        PyObject *o = value_object(container);
        if (o->ob_type == &PyList_Type && value_is_int(key)) {
            int64_t i = value_int(key);
            i +=
                i < 0 && !thread_many ? list_length(o) : 0; /* else load_item_slow takes the lock */
            PyObject *item = list_find_fast(o, i);
            if (LIKELY(item != NULL)) {
                R[A] = int_unbox_ready(item);
                NEXT();
            }
        } else if (o->ob_type == &PyDict_Type) {
            SAVE();
            Value v = dict_get(o, key);
            if (LIKELY(value_is_present(v))) {
                R[A] = v;
                NEXT();
            }
            if (value_is_null(v)) {
                goto error;
            }
        } else if (o->ob_type == &PyTuple_Type && value_is_int(key)) {
            int64_t i = value_int(key);
            i += i < 0 ? tuple_length(o) : 0;
            if (LIKELY((uint64_t)i < (uint64_t)tuple_length(o))) {
                R[A] = int_unbox_ready(tuple_object(o, i));
                NEXT();
            }
        }
    }
    ITEM_OR_FAIL(load_item_slow(container, key));
}
op_LOAD_SLICE:
    ITEM_OR_FAIL(object_get_slice(R[B], R[C], R[C + 1]));
foreign_item : {
    Value v = vm_foreign_item(t);
    pc = frame->pc;
    if (UNLIKELY(value_is_null(v))) {
        goto error;
    }
    R[A] = v;
    NEXT();
}
op_STORE_ITEM : {
    Value container = R[A], key = R[B];
    SAVE();
    if (LIKELY(value_is_pointer_bits(container))) {
        PyObject *o = value_object(container);
        if (o->ob_type == &PyList_Type && value_is_int(key) && value_int_key(key) >= 0 &&
            value_int(key) < list_length(o)) {
            DO_OR_FAIL(list_set(o, value_int(key), R[C]));
        }
        if (o->ob_type == &PyDict_Type) {
            DO_OR_FAIL(dict_set(o, key, R[C]));
        }
    }
    if (UNLIKELY(t->lent_count != 0)) {
        DO_OR_FAIL(vm_store_lent_item(t));
    }
    DO_OR_FAIL(object_setitem(container, key, R[C]));
}
op_DELETE_ITEM:
    DO_OR_FAIL(object_setitem(R[A], R[B], VALUE_ABSENT));
op_BUILD_SLICE:
    SET_OR_FAIL(A, value_from_object(slice_new(R[B], R[B + 1], D == 3 ? R[B + 2] : VALUE_NONE)));

    /* ---- Operators */
op_BINARY:
    if (quick_binary[D] != 0) {
        quicken(pc, quick_binary[D]);
    }
    SET_OR_FAIL(A, vm_binary(R[B], R[C], D));
op_INPLACE:
    if (quick_inplace[D] != 0) {
        quicken(pc, quick_inplace[D]);
    }
    SET_OR_FAIL(A, vm_inplace(R[B], R[C], D));
op_BINARY_IMM:
    if (quick_binary_imm[D] != 0) {
        quicken(pc, quick_binary_imm[D]);
    }
    SET_OR_FAIL(A, vm_binary(R[B], value_from_int((int16_t)C), D));
op_INPLACE_IMM:
    if (quick_inplace_imm[D] != 0) {
        quicken(pc, quick_inplace_imm[D]);
    }
    SET_OR_FAIL(A, vm_inplace(R[B], value_from_int((int16_t)C), D));

#define ARITHMETIC(opcode, int_function, operator, right_operand, slow)                            \
    op_##opcode:                                                                                   \
    {                                                                                              \
        Value x = R[B], y = (right_operand), z;                                                    \
        if (LIKELY(value_both_int(x, y))) {                                                        \
            if (LIKELY(int_function(x, y, &z))) {                                                  \
                R[A] = z;                                                                          \
                NEXT();                                                                            \
            }                                                                                      \
        } else if (value_is_double(x) && value_is_double(y)) {                                     \
            R[A] = value_from_double(value_double(x) operator value_double(y));                    \
            NEXT();                                                                                \
        }                                                                                          \
        SET_OR_FAIL(A, slow(x, y, D));                                                             \
    }
    ARITHMETIC(BINARY_ADD, value_int_add, +, R[C], vm_binary)
    ARITHMETIC(BINARY_SUB, value_int_sub, -, R[C], vm_binary)
    ARITHMETIC(BINARY_MUL, value_int_mul, *, R[C], vm_binary)
    ARITHMETIC(INPLACE_ADD, value_int_add, +, R[C], vm_inplace)
    ARITHMETIC(INPLACE_SUB, value_int_sub, -, R[C], vm_inplace)
    ARITHMETIC(INPLACE_MUL, value_int_mul, *, R[C], vm_inplace)

#define ARITHMETIC_IMM(opcode, int_function, operator, slow)                                       \
    op_##opcode:                                                                                   \
    {                                                                                              \
        Value x = R[B], y = value_from_int((int16_t)C), z;                                         \
        if (LIKELY(value_is_int(x))) {                                                             \
            if (LIKELY(int_function(x, y, &z))) {                                                  \
                R[A] = z;                                                                          \
                NEXT();                                                                            \
            }                                                                                      \
        } else if (value_is_double(x)) {                                                           \
            R[A] = value_from_double(value_double(x) operator(double)(int16_t) C);                 \
            NEXT();                                                                                \
        }                                                                                          \
        SET_OR_FAIL(A, slow(x, y, D));                                                             \
    }
    ARITHMETIC_IMM(BINARY_IMM_ADD, value_int_add, +, vm_binary)
    ARITHMETIC_IMM(BINARY_IMM_SUB, value_int_sub, -, vm_binary)
    ARITHMETIC_IMM(BINARY_IMM_MUL, value_int_mul, *, vm_binary)
    ARITHMETIC_IMM(INPLACE_IMM_ADD, value_int_add, +, vm_inplace)
    ARITHMETIC_IMM(INPLACE_IMM_SUB, value_int_sub, -, vm_inplace)

op_BINARY_TRUEDIV : {
    Value x = R[B], y = R[C];
    if (value_is_double(x) && value_is_double(y) && value_double(y) != 0.0) {
        R[A] = value_from_double(value_double(x) / value_double(y));
        NEXT();
    }
    if (value_both_int(x, y) && value_int_key(y) != 0) {
        R[A] = value_from_double((double)value_int(x) / (double)value_int(y));
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_TRUEDIV));
}
op_BINARY_FLOORDIV : {
    Value x = R[B], y = R[C];
    if (LIKELY(value_both_int(x, y) && value_int_key(y) != 0)) {
        int64_t q = floor_div(value_int(x), value_int(y));
        if (LIKELY(value_int_fits(q))) {
            R[A] = value_from_int(q);
            NEXT();
        }
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_FLOORDIV));
}
op_BINARY_MOD : {
    Value x = R[B], y = R[C];
    if (LIKELY(value_both_int(x, y) && value_int_key(y) != 0)) {
        R[A] = value_from_int(floor_mod(value_int(x), value_int(y)));
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_MOD));
}
op_BINARY_AND : {
    Value x = R[B], y = R[C];
    if (LIKELY(value_both_int(x, y))) {
        R[A] = value_int_and(x, y);
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_AND));
}
op_BINARY_OR : {
    Value x = R[B], y = R[C];
    if (LIKELY(value_both_int(x, y))) {
        R[A] = value_int_or(x, y);
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_OR));
}
op_BINARY_XOR : {
    Value x = R[B], y = R[C];
    if (LIKELY(value_both_int(x, y))) {
        R[A] = value_int_xor(x, y);
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_XOR));
}
#define SHIFT_LEFT(right_operand)                                                                  \
    {                                                                                              \
        Value x = R[B], y = (right_operand);                                                       \
        if (LIKELY(value_both_int(x, y) && (uint64_t)value_int(y) < VALUE_INT_BITS)) {             \
            int64_t z = (int64_t)((uint64_t)value_int(x) << value_int(y));                         \
            if (LIKELY(z >> value_int(y) == value_int(x) && value_int_fits(z))) {                  \
                R[A] = value_from_int(z);                                                          \
                NEXT();                                                                            \
            }                                                                                      \
        }                                                                                          \
        SET_OR_FAIL(A, vm_binary(x, y, OP_LSHIFT));                                                \
    }
#define SHIFT_RIGHT(right_operand)                                                                 \
    {                                                                                              \
        Value x = R[B], y = (right_operand);                                                       \
        if (LIKELY(value_both_int(x, y) && value_int_key(y) >= 0)) {                               \
            int64_t by = value_int(y);                                                             \
            R[A] = value_from_int(value_int(x) >> (by > 63 ? 63 : by));                            \
            NEXT();                                                                                \
        }                                                                                          \
        SET_OR_FAIL(A, vm_binary(x, y, OP_RSHIFT));                                                \
    }
op_BINARY_LSHIFT:
    SHIFT_LEFT(R[C])
op_BINARY_IMM_LSHIFT:
    SHIFT_LEFT(value_from_int((int16_t)C))
op_BINARY_RSHIFT:
    SHIFT_RIGHT(R[C])
op_BINARY_IMM_RSHIFT:
    SHIFT_RIGHT(value_from_int((int16_t)C))
op_BINARY_IMM_FLOORDIV : {
    Value x = R[B];
    int64_t y = (int16_t)C;
    if (LIKELY(value_is_int(x) && y > 0)) {
        R[A] = value_from_int(floor_div(value_int(x), y));
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, value_from_int(y), OP_FLOORDIV));
}
op_BINARY_IMM_MOD : {
    Value x = R[B];
    int64_t y = (int16_t)C;
    if (LIKELY(value_is_int(x) && y > 0)) {
        R[A] = value_from_int(floor_mod(value_int(x), y));
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, value_from_int(y), OP_MOD));
}
op_BINARY_IMM_AND : {
    Value x = R[B], y = value_from_int((int16_t)C);
    if (LIKELY(value_is_int(x))) {
        R[A] = value_int_and(x, y);
        NEXT();
    }
    SET_OR_FAIL(A, vm_binary(x, y, OP_AND));
}
op_UNARY : {
    Value x = R[B];
    if (value_is_int(x) && D == OP_NEG && value_int(x) != VALUE_INT_MIN) {
        R[A] = value_from_int(-value_int(x));
        NEXT();
    }
    if (value_is_double(x) && D == OP_NEG) {
        R[A] = value_from_double(-value_double(x));
        NEXT();
    }
    SET_OR_FAIL(A, object_unary(x, D));
}
op_NOT : {
    int truth = truth_fast(R[B]);
    if (UNLIKELY(truth < 0)) {
        SAVE();
        truth = truth_slow(R[B]);
        if (truth < 0) {
            goto error;
        }
    }
    R[A] = value_from_bool(!truth);
    NEXT();
}
op_COMPARE : {
    Value x = R[B], y = R[C];
    if (value_both_int(x, y)) {
        int64_t i = value_int_key(x), j = value_int_key(y);
        bool b;
        switch (D) {
        case Py_LT: b = i < j; break;
        case Py_LE: b = i <= j; break;
        case Py_EQ: b = i == j; break;
        case Py_NE: b = i != j; break;
        case Py_GT: b = i > j; break;
        default: b = i >= j; break;
        }
        R[A] = value_from_bool(b);
        NEXT();
    }
    SET_OR_FAIL(A, vm_compare(x, y, D));
}
op_IS:
    R[A] = value_from_bool(value_is(R[B], R[C]) != D);
    NEXT();
op_CONTAINS : {
    SAVE();
    int found = contains(R[C], R[B]);
    if (UNLIKELY(found < 0)) {
        goto error;
    }
    R[A] = value_from_bool(found != D);
    NEXT();
}

    /* ---- Jumps */
op_JUMP:
    JUMP();
op_JUMP_IF_TRUE : {
    int truth = truth_fast(R[A]);
    if (UNLIKELY(truth < 0)) {
        SAVE();
        truth = truth_slow(R[A]);
        if (UNLIKELY(truth < 0)) {
            goto error;
        }
    }
    if (truth) {
        JUMP();
    }
    NEXT();
}
op_JUMP_IF_FALSE : {
    int truth = truth_fast(R[A]);
    if (UNLIKELY(truth < 0)) {
        SAVE();
        truth = truth_slow(R[A]);
        if (UNLIKELY(truth < 0)) {
            goto error;
        }
    }
    if (!truth) {
        JUMP();
    }
    NEXT();
}
op_JUMP_IF_NONE:
    if (value_is_none(R[A])) {
        JUMP();
    }
    NEXT();
op_JUMP_IF_NOT_NONE:
    if (!value_is_none(R[A])) {
        JUMP();
    }
    NEXT();
op_COMPARE_JUMP : {
    quicken(pc, quick_compare_jump[D & 7]);
    SAVE();
    int truth = vm_compare_bool(R[A], R[B], D & 7);
    if (UNLIKELY(truth < 0)) {
        goto error;
    }
    if (truth == D >> 3) {
        pc++;
        goto op_JUMP;
    }
    pc++;
    NEXT();
}
op_COMPARE_JUMP_IMM : {
    quicken(pc, quick_compare_jump_imm[D & 7]);
    SAVE();
    int truth = vm_compare_bool(R[A], value_from_int((int16_t)B), D & 7);
    if (UNLIKELY(truth < 0)) {
        goto error;
    }
    if (truth == D >> 3) {
        pc++;
        goto op_JUMP;
    }
    pc++;
    NEXT();
}
#define COMPARE_JUMP(opcode, operator, right_operand)                                              \
    op_##opcode:                                                                                   \
    {                                                                                              \
        Value x = R[A], y = (right_operand);                                                       \
        int truth;                                                                                 \
        if (LIKELY(value_both_int(x, y))) {                                                        \
            truth = value_int_key(x) operator value_int_key(y);                                    \
        } else if (value_is_double(x) && value_is_double(y)) {                                     \
            truth = value_double(x) operator value_double(y);                                      \
        } else {                                                                                   \
            SAVE();                                                                                \
            truth = vm_compare_bool(x, y, D & 7);                                                  \
            if (UNLIKELY(truth < 0)) {                                                             \
                goto error;                                                                        \
            }                                                                                      \
        }                                                                                          \
        if (truth == D >> 3) {                                                                     \
            pc++;                                                                                  \
            JUMP();                                                                                \
        }                                                                                          \
        pc++;                                                                                      \
        NEXT();                                                                                    \
    }
    COMPARE_JUMP(COMPARE_JUMP_LT, <, R[B])
    COMPARE_JUMP(COMPARE_JUMP_LE, <=, R[B])
    COMPARE_JUMP(COMPARE_JUMP_EQ, ==, R[B])
    COMPARE_JUMP(COMPARE_JUMP_NE, !=, R[B])
    COMPARE_JUMP(COMPARE_JUMP_GT, >, R[B])
    COMPARE_JUMP(COMPARE_JUMP_GE, >=, R[B])
    COMPARE_JUMP(COMPARE_JUMP_IMM_LT, <, value_from_int((int16_t)B))
    COMPARE_JUMP(COMPARE_JUMP_IMM_LE, <=, value_from_int((int16_t)B))
    COMPARE_JUMP(COMPARE_JUMP_IMM_EQ, ==, value_from_int((int16_t)B))
    COMPARE_JUMP(COMPARE_JUMP_IMM_NE, !=, value_from_int((int16_t)B))
    COMPARE_JUMP(COMPARE_JUMP_IMM_GT, >, value_from_int((int16_t)B))
    COMPARE_JUMP(COMPARE_JUMP_IMM_GE, >=, value_from_int((int16_t)B))

op_GET_ITER : {
    Value v = R[B];
    if (value_is_pointer_bits(v) && value_object(v)->ob_type == &PyGen_Type) {
        R[A] = v;
        NEXT();
    }
    SET_OR_FAIL(A, object_iter_owned(v));
}
op_FOR_ITER:
op_FOR_LOOP : {
    Value iterator = R[B];
    PyTypeObject *type = value_type(iterator);
    SAVE();
    if (type == &PyGen_Type) {
        struct generator *g = (struct generator *)value_object(iterator);
        if (LIKELY(generator_try_enter(g))) {
            struct frame *callee =
                generator_push(t, g, VALUE_NONE, FRAME_GENERATOR | FRAME_RESUMED);
            if (UNLIKELY(callee == NULL)) {
                goto error;
            }
            frame = callee;
            goto enter;
        }
    }
    Value v;
    if (type == &PyListIter_Type) {
        PyObject *item = list_iterator_step((struct sequence_iterator *)value_object(iterator));
        if (LIKELY(item != NULL)) {
            v = int_unbox_ready(item);
            goto got_item;
        }
        v = VALUE_ABSENT;
        goto no_item;
    } else if (type == &PyRangeIter_Type) {
        struct range_iterator *it = (struct range_iterator *)value_object(iterator);
        int64_t remaining = atomic_load_relaxed(&it->remaining);
        if (LIKELY(remaining > it->owned_above)) {
            atomic_store_relaxed(&it->remaining, remaining - 1);
            v = value_from_int(range_iterator_value(it, remaining));
            goto got_item;
        }
    } else if (type == &PyTupleIter_Type) {
        struct sequence_iterator *it = (struct sequence_iterator *)value_object(iterator);
        PyObject *tuple = it->owned;
        Py_ssize_t i = atomic_load_relaxed(&it->index);
        if (LIKELY(tuple != NULL && (size_t)i < (size_t)tuple_length(tuple))) {
            atomic_store_relaxed(&it->index, i + 1);
            v = int_unbox_ready(tuple_object(tuple, i));
            goto got_item;
        }
    } else if (type == &PyDictIterItem_Type || type == &PyEnum_Type || type == &PyZip_Type) {
        /* A pair that is no variable and that the body takes apart at once needs no tuple. */
        struct instruction *body =
            pc + 2 + (atomic_load_relaxed(&pc->op) == OPCODE_FOR_LOOP ? pc[1].target : 0);
        if (atomic_load_relaxed(&body->op) == OPCODE_UNPACK_SEQUENCE && body->b == A &&
            body->c == 2 && A >= frame->code->base.co_nlocalsplus && dispatch == labels) {
            Value pair[2];
            int got = next_pair(type, iterator, pair);
            if (LIKELY(got == 1)) {
                R[body->a] = pair[0];
                R[body->a + 1] = pair[1];
                pc = body;
                POLL();
                NEXT();
            }
            if (got <= 0) {
                v = got < 0 ? VALUE_NULL : VALUE_ABSENT;
                goto no_item;
            }
        }
    }
    if (UNLIKELY(dispatch == traced)) {
        v = trace_next(t, frame, iterator);
    } else {
        v = LIKELY(type_ops(type)->next != NULL) ? type_ops(type)->next(iterator)
                                                 : object_next(iterator);
    }
    if (UNLIKELY(!value_is_present(v))) {
    no_item:
        if (value_is_null(v)) {
            if (!error_matches(PyExc_StopIteration)) {
                goto error;
            }
            error_clear();
        }
        pc++;
        if (pc[-1].op != OPCODE_FOR_LOOP) {
            goto op_JUMP;
        }
        NEXT();
    }
got_item:
    R[A] = v;
    pc++;
    if (pc[-1].op == OPCODE_FOR_LOOP) {
        JUMP();
    }
    NEXT();
}

    /* ---- Building */
op_BUILD_TUPLE:
    SET_OR_FAIL(A, value_from_object(tuple_from_array(&R[B], C)));
op_BUILD_LIST:
    SET_OR_FAIL(A, value_from_object(list_from_array(&R[B], C)));
op_BUILD_LIST_FOR:
    SET_OR_FAIL(A, value_from_object(list_new(iterator_count_left(R[B]))));
op_BUILD_CONST_LIST:
    SET_OR_FAIL(A, vm_build_const_list(value_object(R[B])));
op_BUILD_SET:
    SET_OR_FAIL(A, vm_build_set(&R[B], C));
op_BUILD_MAP:
    SET_OR_FAIL(A, vm_build_map(&R[B], C));
op_BUILD_STRING:
    SET_OR_FAIL(A, value_from_object(str_join_array(&R[B], C)));
op_FORMAT_VALUE:
    SET_OR_FAIL(A, vm_format_value(R[B], D & 3, D & 4 ? R[C] : VALUE_ABSENT));
op_LIST_APPEND: /* a register that no name leads to: the list is not finished */
    DO_OR_FAIL(list_append_private(value_object(R[A]), R[B]));
op_SET_ADD:
    DO_OR_FAIL(set_add(value_object(R[A]), R[B]));
op_MAP_ADD:
    DO_OR_FAIL(dict_set(value_object(R[A]), R[B], R[C]));
op_LIST_EXTEND:
    DO_OR_FAIL(vm_list_extend(value_object(R[A]), R[B]));
op_SET_UPDATE:
    DO_OR_FAIL(set_update(value_object(R[A]), R[B]));
op_DICT_UPDATE:
    DO_OR_FAIL(vm_dict_update(value_object(R[A]), R[B]));
op_DICT_MERGE:
    DO_OR_FAIL(vm_dict_merge(value_object(R[A]), R[B], R[C]));
op_LIST_TO_TUPLE:
    SET_OR_FAIL(A, value_from_object(list_to_tuple(value_object(R[B]))));
op_UNPACK_SEQUENCE : {
    Value v = R[B];
    if (LIKELY(value_is_pointer_bits(v) && value_object(v)->ob_type == &PyTuple_Type &&
               tuple_length(value_object(v)) == C)) {
        const PyObject *tuple = value_object(v);
        Value *items = &R[A];
        for (unsigned i = 0, n = C; i < n; i++) {
            items[i] = int_unbox_ready(tuple_object(tuple, i));
        }
        NEXT();
    }
    DO_OR_FAIL(vm_unpack(v, &R[A], C));
}
op_UNPACK_EX:
    DO_OR_FAIL(vm_unpack_ex(R[B], &R[A], C, D));

    /* ---- Calls */
op_CALL:
    call = call_operands(pc, R, false);
    if (LIKELY(C == 0)) {
        goto call;
    }
    goto call_with_keywords;
op_CALL_METHOD:
    call = call_operands(pc, R, true);
    if (UNLIKELY(C != 0)) {
        goto call_with_keywords;
    }
call : {
    SAVE();
    struct frame *callee = call_push_exact(t, frame, &call);
    if (LIKELY(callee != NULL)) {
        frame = callee;
        R = frame->regs;
        bias = frame->bias;
        pc = frame->code->instructions;
        POLL_ENTRY();
        DISPATCH();
    }
    result = call_native(&call);
    if (LIKELY(!value_is_absent(result))) {
        goto called;
    }
    callee = vm_call(t, call.callable, call.args, call.nargs, NULL, &out);
    if (callee != NULL) {
        frame = callee;
        goto enter;
    }
}
called_out:
    result = out;
    out = VALUE_NULL;
called:
    if (UNLIKELY(value_is_null(result))) {
        goto error;
    }
    if (UNLIKELY(value_same_bits(result, value_from_object(t->published)))) {
        result = vm_published_result(t, call.callable, result);
    }
    R[A] = result;
    POLL();
    NEXT();
call_with_keywords : {
    SAVE();
    call_take_keywords(&call, frame, pc);
    struct frame *callee = vm_call(t, call.callable, call.args, call.nargs, call.kwnames, &out);
    if (callee != NULL) {
        frame = callee;
        goto enter;
    }
    goto called_out;
}
op_CALL_EX : {
    SAVE();
    struct frame *callee = vm_call_ex(t, &R[A], D != 0, &out);
    if (callee != NULL) {
        frame = callee;
        goto enter;
    }
    t->published = NULL;
    goto called_out;
}
op_MAKE_FUNCTION:
    SET_OR_FAIL(A, vm_make_function(frame, R[B], &R[B + 1], D));
op_MAKE_COMPREHENSION:
    SET_OR_FAIL(A, vm_make_comprehension(frame, R[B]));
op_LOAD_BUILD_CLASS : {
    SAVE();
    PyObject *builtins = frame->function->func_builtins;
    Value v =
        dict_check_exact(value_from_object(builtins))
            ? dict_get_str(builtins, names.__build_class__)
            : object_getitem(value_from_object(builtins), value_from_object(names.__build_class__));
    if (value_is_null(v) && error_matches(PyExc_KeyError)) {
        error_clear();
        v = VALUE_ABSENT;
    }
    if (value_is_absent(v)) {
        error_raise(PyExc_NameError, "__build_class__ not found");
        goto error;
    }
    if (value_is_null(v)) {
        goto error;
    }
    R[A] = v;
    NEXT();
}
op_RETURN_NONE:
    result = VALUE_NONE;
    goto leave;
op_RETURN_VALUE:
    result = R[A];
leave:
    if (UNLIKELY(frame->flags != 0)) {
        goto leave_slow;
    }
    frame--;
    t->frame = frame;
    t->value_stack_top = frame->top;
    R = frame->regs;
    bias = frame->bias;
    pc = frame->pc;
    R[A] = result;
    NEXT();
leave_slow : {
    SAVE();
    if (UNLIKELY(frame->flags & FRAME_OWNS)) {
        vm_leave_owning(t, result);
    }
    uint64_t flags = frame->flags;
    if (flags & FRAME_OBJECT) {
        frame_object_detach(frame);
    }
    if (flags & FRAME_GENERATOR) {
        generator_finish(t, frame->owner);
    }
    if (flags & FRAME_INIT) {
        bool is_none = init_returned(result);
        result = is_none ? value_from_object(frame->owner) : VALUE_NULL;
    }
    pop_frame(t, frame);
    if (flags & (FRAME_ENTRY | FRAME_WATCHED)) {
        if (flags & FRAME_ENTRY) {
            leave_to_c(t, flags);
            return result;
        }
        dispatch = trace_is_on(t) ? traced : checked;
    }
    frame--;
    R = frame->regs;
    bias = frame->bias;
    pc = frame->pc;
    if (UNLIKELY(value_is_null(result))) {
        goto error;
    }
    if (flags & FRAME_RESUMED) {
        if (UNLIKELY(dispatch == traced) && trace_iteration_end(t, frame, result) < 0) {
            goto error;
        }
        if (pc->op == OPCODE_FOR_LOOP) {
            pc++;
            NEXT();
        }
        if (pc->op == OPCODE_SEND) {
            R[A] = result;
        }
        pc++;
        goto op_JUMP;
    }
    R[A] = result;
    NEXT();
}

    /* ---- Generators */
op_RETURN_GENERATOR:
    SAVE();
    result = vm_make_generator(t, frame);
    if (value_is_null(result)) {
        goto error;
    }
    goto leave;
op_YIELD_VALUE : {
    SAVE();
    result = R[B];
    uint64_t flags = frame->flags;
    if ((flags & FRAME_GIVING) && dispatch == labels) {
        const struct item_sink *sink = ((struct generator *)frame->owner)->sink;
        if (LIKELY(sink->take(sink->state, result))) {
            R[A] = VALUE_NONE;
            NEXT();
        }
    }
    generator_suspend(t, frame);
    pop_frame(t, frame);
    if (flags & (FRAME_ENTRY | FRAME_WATCHED)) {
        if (flags & FRAME_ENTRY) {
            leave_to_c(t, flags);
            return result;
        }
        dispatch = trace_is_on(t) ? traced : checked;
    }
    frame--;
    R = frame->regs;
    bias = frame->bias;
    pc = frame->pc;
    R[A] = result;
    pc++;
    if (pc[-1].op == OPCODE_FOR_LOOP) {
        goto op_JUMP;
    }
    NEXT();
}
op_GET_YIELD_FROM_ITER:
    SET_OR_FAIL(A, vm_yield_from_iter(frame, R[B]));
op_SEND : {
    SAVE();
    Value iterator = R[B];
    PyTypeObject *type = value_type(iterator);
    if (type == &PyGen_Type || type == &PyCoro_Type) {
        struct generator *g = (struct generator *)value_object(iterator);
        if ((value_is_none(R[C]) ||
             atomic_load_relaxed(&g->base.gi_frame_state) == GENERATOR_SUSPENDED) &&
            generator_try_enter(g)) {
            struct frame *callee = generator_push(t, g, R[C], FRAME_GENERATOR | FRAME_RESUMED);
            if (UNLIKELY(callee == NULL)) {
                goto error;
            }
            frame = callee;
            goto enter;
        }
    }
    out = VALUE_NONE;
    Value v = vm_send(iterator, R[C], &out);
    if (value_is_null(v)) {
        goto error;
    }
    if (value_is_absent(v)) {
        if (UNLIKELY(dispatch == traced) && trace_iteration_end(t, frame, out) < 0) {
            goto error;
        }
        R[A] = out;
        out = VALUE_NULL;
        pc++;
        goto op_JUMP;
    }
    R[A] = v;
    pc++;
    NEXT();
}
op_GET_AWAITABLE:
    SET_OR_FAIL(A, vm_get_awaitable(R[B], D));
op_GET_AITER:
    SET_OR_FAIL(A, vm_get_aiter(R[B]));
op_GET_ANEXT:
    SET_OR_FAIL(A, vm_get_anext(R[B]));
op_END_ASYNC_FOR : {
    PyObject *exception = value_object(R[A]);
    SAVE();
    if (error_instance_matches(exception, PyExc_StopAsyncIteration)) {
        vm_pop_handled(t, R[A + 1]);
        NEXT();
    }
    error_restore(exception);
    goto unwind;
}
op_ASYNC_GEN_WRAP:
    SET_OR_FAIL(A, async_generator_wrap(R[B]));

    /* ---- Exceptions */
op_PUSH_EXC:
    vm_push_handled(t, &R[A]);
    NEXT();
op_POP_EXC:
    vm_pop_handled(t, R[A + 1]);
    if (UNLIKELY(t->prompt->held_count != 0)) {
        vm_prompt_look_again(t); /* its traceback may have held them */
    }
    NEXT_STORED();
op_RAISE:
    SAVE();
    if (vm_raise(t, D >= 1 ? R[A] : VALUE_ABSENT, D == 2 ? R[B] : VALUE_ABSENT, D)) {
        goto unwind;
    }
    goto error;
op_RERAISE:
    SAVE();
    error_restore(value_object(R[A]));
    goto unwind;
op_CHECK_EXC_MATCH : {
    SAVE();
    int matches = vm_check_match(R[B], R[C]);
    if (matches < 0) {
        goto error;
    }
    R[A] = value_from_bool(matches);
    NEXT();
}
op_CHECK_EG_MATCH : {
    Value pair[2];
    SAVE();
    if (vm_check_group_match(R[B], R[C], pair) < 0) {
        goto error;
    }
    R[A] = pair[0];
    R[A + 1] = pair[1];
    NEXT();
}
op_PREP_RERAISE_STAR:
    SET_OR_FAIL(A, vm_prep_reraise_star(R[B], R[C]));
op_LOAD_ASSERTION_ERROR:
    R[A] = value_from_object(PyExc_AssertionError);
    NEXT();
op_BEFORE_WITH : {
    Value triple[3];
    SAVE();
    if (vm_before_with(R[B], triple, false) < 0) {
        goto error;
    }
    memcpy(&R[A], triple, sizeof triple);
    NEXT();
}
op_BEFORE_ASYNC_WITH : {
    Value triple[3];
    SAVE();
    if (vm_before_with(R[B], triple, true) < 0) {
        goto error;
    }
    memcpy(&R[A], triple, sizeof triple);
    NEXT();
}
op_WITH_EXCEPT_START:
    SET_OR_FAIL(A, vm_with_except(&R[B], R[C]));

    /* ---- Imports, classes, pattern matching, the rest */
op_IMPORT_NAME:
    SET_OR_FAIL(A, vm_import_name(frame, NAME_AT(C), R[B], R[B + 1]));
op_IMPORT_FROM:
    SET_OR_FAIL(A, vm_import_from(R[B], NAME_AT(C)));
op_IMPORT_STAR:
    DO_OR_FAIL(vm_import_star(frame, R[A]));
op_SETUP_ANNOTATIONS:
    DO_OR_FAIL(vm_setup_annotations(frame));
op_PRINT_EXPR:
    DO_OR_FAIL(vm_print_expr(R[A]));
op_MATCH_CLASS:
    SET_OR_FAIL(A, vm_match_class(R[B], R[C], R[C + 1], D));
op_MATCH_MAPPING:
    R[A] = value_from_bool(vm_is_mapping_pattern(R[B]));
    NEXT();
op_MATCH_SEQUENCE:
    R[A] = value_from_bool(vm_is_sequence_pattern(R[B]));
    NEXT();
op_MATCH_KEYS:
    SET_OR_FAIL(A, vm_match_keys(R[B], R[C]));
op_GET_LEN : {
    SAVE();
    Py_ssize_t length = object_length(R[B]);
    if (length < 0) {
        goto error;
    }
    R[A] = int_from_ssize(length);
    NEXT();
}

    /* ---- Unwinding: an exception is set */
error:
    SAVE();
    vm_add_traceback(frame);
    if (UNLIKELY(trace_is_on(t))) {
        trace_exception(t, frame);
    }
unwind : {
    const struct exception_range *range =
        code_find_handler(frame->code, (uint32_t)(pc - frame->code->instructions));
    if (range != NULL) {
        R[range->reg] = value_from_object(error_take());
        pc = frame->code->instructions + range->handler;
        POLL();
        DISPATCH();
    }
    SAVE();
    uint64_t flags = frame->flags;
    if (UNLIKELY(trace_is_on(t))) {
        trace_return(t, frame, VALUE_NULL);
    }
    if (flags & FRAME_GENERATOR) {
        vm_generator_failed(t, frame->owner);
    }
    if (frame->flags & FRAME_OBJECT) {
        vm_restore_raise_position(t, frame);
        frame_object_detach(frame);
    }
    if (flags & FRAME_GENERATOR) {
        generator_finish(t, frame->owner);
    }
    pop_frame(t, frame);
    if (flags & (FRAME_ENTRY | FRAME_WATCHED)) {
        if (flags & FRAME_ENTRY) {
            leave_to_c(t, flags);
            return VALUE_NULL;
        }
        dispatch = trace_is_on(t) ? traced : checked;
    }
    frame--;
    R = frame->regs;
    bias = frame->bias;
    pc = frame->pc;
    goto error;
}

    /* ---- Registers are watched: has one changed, or is about to? */
watch:
    SAVE();
    dispatch = vm_prompt(t, frame) ? watched : labels;
    if (trace_is_on(t)) {
        dispatch = traced;
    }
    goto *labels[atomic_load_relaxed(&pc->op)];
watch_drop:
    if (vm_prompt_is_watched(t, &R[A])) {
        dispatch = checked;
    }
    goto *labels[atomic_load_relaxed(&pc->op)];

    /* ---- Tracing: every instruction comes here first */
trace:
    if (!trace_is_on(t)) {
        dispatch = CHOOSE_DISPATCH();
        DISPATCH();
    }
    SAVE();
    if (vm_prompt_is_on(t)) {
        vm_prompt(t, frame);
    }
    if (trace_instruction(t, frame) < 0) {
        goto error;
    }
    pc = frame->pc;
    switch (opcode_generic(pc->op)) {
    case OPCODE_RETURN_VALUE:
        if (trace_return(t, frame, R[A]) < 0) {
            goto error;
        }
        break;
    case OPCODE_RETURN_NONE:
        if (trace_return(t, frame, VALUE_NONE) < 0) {
            goto error;
        }
        break;
    case OPCODE_YIELD_VALUE:
        if (trace_return(t, frame, R[B]) < 0) {
            goto error;
        }
        break;
    case OPCODE_CALL:
    case OPCODE_CALL_METHOD:
        call = call_operands(pc, R, pc->op == OPCODE_CALL_METHOD);
        if (C != 0) {
            call_take_keywords(&call, frame, pc);
        }
        if (trace_wants_native(t, call.callable)) {
            result =
                trace_native_call(t, frame, call.callable, call.args, call.nargs, call.kwnames);
            goto called;
        }
        break;
    default: break;
    }
    goto *labels[atomic_load_relaxed(&pc->op)];
}

/* The loop in an activation that keeps the registers of its callers (x86-64: because they are said
 * to change): what lies above is all that is a root of this thread's C stack while the loop is
 * between two instructions (prompt.c). */
Value vm_execute(struct thread *t, struct frame *frame, bool throwing)
{
    const void *outer = vm_loop_stack, *stack;
#if defined(__x86_64__)
    __asm__ volatile("movq %%rsp, %0"
                     : "=r"(stack)
                     :
                     : "rbx", "r12", "r13", "r14", "r15", "memory");
#else
    volatile uintptr_t registers[sizeof t->registers / sizeof t->registers[0]];
    thread_save_registers(t);
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        registers[i] = t->registers[i];
    }
    stack = t->stack_top;
#endif
    vm_loop_stack = stack;
    Value result = execute(t, frame, throwing);
    vm_loop_stack = outer;
    return result;
}
