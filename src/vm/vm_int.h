/* SPDX-License-Identifier: MIT */
/* What the files of vm/ share: the slow paths that the interpreter loop calls. All may run Python
 * code and fail as the object protocol does, unless said otherwise. */
#ifndef OROCHI_VM_VM_INT_H
#define OROCHI_VM_VM_INT_H

#include "bytecode/opcode.h"
#include "heap/prompt.h"
#include "object/cacheable.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/shape.h"
#include "object/str.h"
#include "vm/frame.h"
#include "vm/vm.h"

/* ---- interpreter.c */
/* Runs `frame`, the top of the control stack (flag FRAME_ENTRY), until it is left. With `throwing`
 * an exception is set and is raised at the frame's pc first. A generator that yields also leaves:
 * its state tells. */
Value vm_execute(struct thread *t, struct frame *frame, bool throwing);

/* ---- call.c */
/* Makes ready what running the code needs (its cache array). 0, or -1 with MemoryError. */
int vm_prepare_code(struct code *code);
/* Pushes an empty frame whose window starts at `window`; registers from `filled` to the temporaries
 * are unbound. NULL with RecursionError (or MemoryError). No Python code. */
struct frame *vm_push_frame(struct thread *t, PyFunctionObject *function, Value *window,
                            size_t filled, uint64_t flags);
/* Calls anything from the loop. Python functions: their frame is pushed and returned, with its
 * window at args or args - 1 (both lie at the end of what is live in the caller's window). Else the
 * call is done, NULL is returned and *result is set (VALUE_NULL: error). args[-1] is overwritten.
 */
struct frame *vm_call(struct thread *t, Value callable, Value *args, size_t nargs,
                      PyObject *kwnames, Value *result);
/* The same for CALL_EX. */
struct frame *vm_call_ex(struct thread *t, Value *base, bool has_keywords, Value *result);
Value vm_call_function(Value self, const Value *args, size_t nargs, PyObject *kwnames);
/* Name of a callable for messages, "f()"; a new str. */
PyObject *vm_callable_text(Value callable);
int vm_frame_stack_init(struct thread *t);
void vm_frame_stack_free(struct thread *t);

/* ---- vm.c */
/* Runs a function without parameters (a class body, a module) with a mapping for its names. */
Value vm_run_function(PyFunctionObject *f, PyObject *locals);

/* ---- unwind.c */
/* Adds the frame's current instruction to the traceback of the exception that is set. */
void vm_add_traceback(struct frame *frame);
/* RAISE. Always leaves an exception set; true: a re-raise that keeps its traceback entry. */
/* An exception leaves the frame: its line is where the exception was raised, not where the code
 * that cleans up ended. */
void vm_restore_raise_position(struct thread *t, struct frame *frame);
bool vm_raise(struct thread *t, Value exception, Value cause, int kind);
/* A generator's frame ends with an exception: StopIteration becomes RuntimeError ... */
void vm_generator_failed(struct thread *t, struct generator *g);
void vm_push_handled(struct thread *t, Value *regs);
void vm_pop_handled(struct thread *t, Value previous);
int vm_check_match(Value exception, Value type); /* 1, 0, -1 */
int vm_check_group_match(Value exception, Value type, Value *match);
Value vm_prep_reraise_star(Value original, Value list);

/* ---- generator.c */
Value vm_make_generator(struct thread *t, struct frame *frame);
/* Resumes from C. sent: VALUE_NULL with an exception set throws it. As type_ops.send. */
Value generator_resume(struct generator *g, Value sent, bool throwing, Value *result);
Value vm_drain_generator(Value self, item_taker take, void *state); /* see object_drain */
/* Copies the window to the value stack and pushes the frame, after the caller took the generator
 * (state EXECUTING). NULL: error, the generator is as it was. */
struct frame *generator_push(struct thread *t, struct generator *g, Value sent, uint64_t flags);
/* Tries to take a suspended or new generator for execution; no exception, no Python code. */
static inline bool generator_try_enter(struct generator *g)
{
    int8_t state = atomic_load_relaxed(&g->base.gi_frame_state);
    if (!thread_many) {
        if (state < GENERATOR_EXECUTING) {
            atomic_store_relaxed(&g->base.gi_frame_state, (int8_t)GENERATOR_EXECUTING);
        }
        return state < GENERATOR_EXECUTING;
    }
    return state < GENERATOR_EXECUTING &&
           atomic_cas_acq_rel(&g->base.gi_frame_state, state, (int8_t)GENERATOR_EXECUTING);
}
/* The frame yields: saves the window. The frame is popped by the caller. */
void generator_suspend(struct thread *t, struct frame *frame);
/* The frame returned or failed. */
void generator_finish(struct thread *t, struct generator *g);
Value generator_throw(struct generator *g, Value type, Value value, Value traceback);
Value generator_close(struct generator *g);
bool generator_check(Value v); /* any of the three exact types */
Value vm_yield_from_iter(struct frame *frame, Value v);
Value vm_get_awaitable(Value v, int where);
Value vm_awaitable_iter(Value v); /* VALUE_NULL with TypeError if it is none */
Value vm_get_aiter(Value v);
Value vm_get_anext(Value v);
Value vm_send(Value iterator, Value sent, Value *result); /* as type_ops.send */
PyObject *generator_yield_from(struct generator *g);      /* what it delegates to, or NULL */
void generator_finalize(Value self);
bool generator_is_spent(PyObject *self);
Value generator_sizeof(Value self);
extern const struct getset_def async_generator_getsets[];
void generator_trace(PyObject *self, struct tracer *tracer);
Value generator_allocate(PyTypeObject *type, struct frame *frame);

/* ---- async_generator.c */
extern PyTypeObject anext_awaitable_type;
Value async_generator_wrap(Value v);
int async_generator_init_hooks(struct generator *g);

/* ---- names.c */
Value vm_load_global(struct frame *frame, PyObject *name);
Value vm_load_name(struct frame *frame, PyObject *name);
int vm_store_name(struct frame *frame, PyObject *name, Value v);
int vm_delete_name(struct frame *frame, PyObject *name);
int vm_delete_global(struct frame *frame, PyObject *name);
Value vm_load_classderef(struct frame *frame, unsigned cell);
void vm_raise_unbound(struct frame *frame, unsigned reg);
int vm_setup_annotations(struct frame *frame);
/* The mapping that names code stores into. */
PyObject *frame_names(const struct frame *frame);

/* ---- import.c */
Value vm_import_name(struct frame *frame, PyObject *name, Value level, Value fromlist);
Value vm_import_from(Value module, PyObject *name);
int vm_import_star(struct frame *frame, Value module);

/* ---- build.c */
Value vm_format_value(Value v, int conversion, Value spec);
Value vm_build_map(const Value *pairs, size_t count);
Value vm_build_set(const Value *items, size_t count);
Value vm_build_const_list(PyObject *tuple);
int vm_list_extend(PyObject *list, Value iterable);
int vm_dict_update(PyObject *dict, Value mapping);
int vm_dict_merge(PyObject *dict, Value mapping, Value callable);
int vm_unpack(Value v, Value *out, size_t count);
int vm_unpack_ex(Value v, Value *out, size_t before, size_t after);
Value vm_make_function(struct frame *frame, Value code, const Value *extra, int flags);
Value vm_make_comprehension(struct frame *frame, Value code);
int vm_before_with(Value manager, Value *out, bool is_async);
Value vm_with_except(const Value *exit, Value exception);
int vm_print_expr(Value v);

/* ---- match.c */
Value vm_match_class(Value subject, Value class, Value names, int positional);
Value vm_match_keys(Value mapping, Value keys);
bool vm_is_mapping_pattern(Value v);
bool vm_is_sequence_pattern(Value v);

/* ---- arithmetic.c: operands that are not both inline */
Value vm_binary(Value a, Value b, int op);
Value vm_inplace(Value a, Value b, int op);
Value vm_compare(Value a, Value b, int op);
int vm_compare_bool(Value a, Value b, int op);
/* ABSENT: vm_foreign_item does it. */
Value vm_getitem(Value container, Value key);

/* ---- temporary.c */
/* object_binary or object_inplace for the current frame's instruction, where operands and result
 * may be objects of extensions that die with it. */
Value vm_operate(Value a, Value b, enum binary_op op, bool inplace);
/* LOAD_ITEM or LOAD_SLICE of the thread's frame, where the container is an instance of a class of
 * an extension, or of one that derives from such a class. May do the instruction after it as well,
 * if that is a LOAD_ATTR for the same register: frame->pc is the one that the result, or the
 * exception, is of. */
Value vm_foreign_item(struct thread *t);
/* A CALL or CALL_METHOD of the thread's frame returned t->published, an object of an extension that
 * may be new, and die with the instruction that reads it, or at once. What the register gets; the
 * object becomes a value like all others, or the thread's frame owns it. May run Python code. */
Value vm_published_result(struct thread *t, Value callable, Value result);
/* STORE_ITEM of the thread's frame, where t->lent_count is not 0. 0 or -1. */
int vm_store_lent_item(struct thread *t);
/* An exception was raised in the frame, or somebody looks at its variables: what its registers, and
 * those of the frames that it called, own becomes the collector's. No Python code. */
void vm_share_lent(struct thread *t, const struct frame *frame);
/* The thread's frame, which has FRAME_OWNS, is about to return the result: gives up what it owns.
 * May run Python code. */
void vm_leave_owning(struct thread *t, Value result);
/* The thread's frame compares the values, and t->lent_count is not 0: if Python code may see them
 * then, what the frame owns of them becomes the collector's. No Python code. */
void vm_share_compared(struct thread *t, Value a, Value b);

/* ---- cache.c: inline caches; see the head comment there. Records are immutable. */
enum attr_kind {
    ATTR_SLOT,     /* the instance's inline slot at `offset` */
    ATTR_MEMBER,   /* a Value at `offset`: __slots__ */
    ATTR_CLASS,    /* `value`, found on the class, the instance has no such attribute */
    ATTR_METHOD,   /* as CLASS, and a function: to be bound */
    ATTR_PROPERTY, /* a property with a Python getter, `value` */
    ATTR_TYPE,     /* the receiver is the class `key`: `value` */
    ATTR_ADD,      /* store: the shape becomes `next_shape` */
    ATTR_GETSET,   /* `getset`: native */
    ATTR_FAR,      /* the instance's slot number `offset`, outside of the inline ones */
};
struct attr_record {
    uint64_t key;     /* the type (or class), plus enum attr_kind */
    uint64_t version; /* of the type */
    uint64_t shape;   /* that the instance must have; 0: it has none */
    uint64_t shape_offset;
    uint64_t offset;
    Value value;
    const void *extra;        /* next shape (ADD), getset_def (GETSET) */
    struct attr_record *next; /* further cases of a polymorphic site */
};
enum global_kind { GLOBAL_MODULE, GLOBAL_BUILTIN };
struct global_record {
    uint64_t key; /* table of globals, plus enum global_kind */
    Value *slot;
    uint64_t used_entries; /* of the globals, for a builtin */
    uint64_t builtins_table;
};
struct module_record {
    uint64_t table;
    Value *slot;
};

Value cache_load_global(struct frame *frame, struct instruction *pc, PyObject *name);
/* The attribute; *getter is set to a Python function instead if a property's getter must be called
 * with the object (the result is then ABSENT). getter NULL: never. */
Value cache_load_attr(struct frame *frame, struct instruction *pc, Value object, PyObject *name,
                      Value *getter);
int cache_store_attr(struct frame *frame, struct instruction *pc, Value object, PyObject *name,
                     Value v);
/* Binds a function or method descriptor that was found in the class of self. NULL with an
 * exception. */
static inline PyObject *bind_method(Value function, Value self)
{
    PyObject *f = value_object(function);
    return f->ob_type == &PyFunction_Type ? method_new(function, self)
                                          : method_descriptor_bind(f, self);
}
/* LOAD_METHOD: out[0], out[1]. */
int cache_load_method(struct frame *frame, struct instruction *pc, Value object, PyObject *name,
                      Value *out);

/* ---- prompt.c: objects whose death somebody can see */
/* The instructions before which deaths are looked for in a frame with watched registers: what they
 * run could notice one. */
#define VM_PROMPT_BEFORE(op)                                                                       \
    ((op) == OPCODE_CALL || (op) == OPCODE_CALL_METHOD || (op) == OPCODE_CALL_EX ||                \
     (op) == OPCODE_YIELD_VALUE || (op) == OPCODE_SEND || (op) == OPCODE_BEFORE_WITH ||            \
     (op) == OPCODE_WITH_EXCEPT_START || (op) == OPCODE_IMPORT_NAME)
/* And those after which, if R[a] was a watched one. */
#define VM_PROMPT_AFTER(op)                                                                        \
    ((op) == OPCODE_MOVE || (op) == OPCODE_LOAD_CONST || (op) == OPCODE_LOAD_INT ||                \
     (op) == OPCODE_LOAD_NULL || (op) == OPCODE_DELETE_LOCAL)
/* Looks after watched registers and candidates; `frame` is the top one and about to execute
 * frame->pc. May run Python code; no exception. True: registers of the frame are watched. */
bool vm_prompt(struct thread *t, struct frame *frame);
/* In the middle of an instruction of the top frame: finalizes those of the observed objects, at
 * most HEAP_PROMPT_CANDIDATES, that have died, though dead temporaries may still hold them. C
 * frames of this instruction do not count as holders: they must not need the objects. May run
 * Python code. */
void vm_settle(PyObject **objects, size_t count);
/* An activation of the loop, or the handling of an exception, ends: what C code or a traceback held
 * is looked for again. */
void vm_prompt_look_again(struct thread *t);
/* The generator's window has gone to its cell, or is about to come back from there. */
void vm_prompt_suspended(struct generator *g, bool suspended);
/* Where the C stack of whoever called the innermost loop ends. Between two instructions the loop
 * itself holds no reference but in registers of frames, though old words lie in its activation. */
extern _Thread_local const void *vm_loop_stack;
static inline bool vm_prompt_is_on(const struct thread *t)
{
    return t->prompt->watch_count != 0 || (atomic_load_relaxed(&t->poll) & POLL_PROMPT) != 0;
}
static inline bool vm_prompt_is_watched(const struct thread *t, const Value *slot)
{
    const struct heap_prompt *p = t->prompt;
    for (uint32_t i = p->watch_count; i > 0; i--) {
        if (p->watches[i - 1].slot == slot) {
            return true;
        }
    }
    return false;
}
/* Is a register watched of a frame that is gone? */
static inline bool vm_prompt_left_frame(const struct thread *t)
{
    const struct heap_prompt *p = t->prompt;
    return p->watch_count != 0 && p->watches[p->watch_count - 1].frame > t->frame;
}

/* ---- vm.c */
/* Where the live part of a frame's window ends; `next` is the frame above. */
const Value *vm_live_limit(const struct frame *f, const struct frame *next, bool at_call);

/* ---- trace.c */
/* True while the calling thread reports events. */
static inline bool trace_is_on(const struct thread *t)
{
    return (t->state.c_traceobj != NULL || t->state.c_profileobj != NULL) && t->state.tracing == 0;
}
/* Before an instruction: call, line and opcode events. May move frame->pc (f_lineno was set). */
int trace_instruction(struct thread *t, struct frame *frame);
int trace_return(struct thread *t, struct frame *frame, Value v); /* VALUE_NULL: an exception */
void trace_exception(struct thread *t, struct frame *frame);
/* The next item for a loop of the frame, as object_next gives it, but that StopIteration is set,
 * and has been reported, if __next__ or the like has raised it. */
Value trace_next(struct thread *t, struct frame *frame, Value iterator);
/* What the current instruction of the frame iterates over has ended with a result: reports the
 * StopIteration that CPython sees there, if it does. -1 with the trace function's exception. */
int trace_iteration_end(struct thread *t, struct frame *frame, Value result);
/* Calls a callable of C with c_call and c_return events. */
Value trace_native_call(struct thread *t, struct frame *frame, Value callable, Value *args,
                        size_t nargs, PyObject *kwnames);
bool trace_wants_native(struct thread *t, Value callable);

#endif
