/* SPDX-License-Identifier: MIT */
/* Running code: the mechanism, entry points, and start-up.
 *
 * Windows and frames. Every thread has a value stack, and on it each running function has a window:
 *   R[0 .. co_nlocalsplus)  parameters and other locals, cells, free variables
 *   R[co_nlocalsplus ..)    temporaries
 * A call puts its arguments into consecutive temporaries, and the callee's window begins at the
 * first of them: nothing is copied. What a function needs besides is a struct frame on the control
 * stack, an array per thread in which callers lie before callees. A Python function that calls
 * another pushes both and goes on in the same C loop (interpreter.c); its frame->pc stays at the
 * call, whose operand a tells where the result goes. thread->value_stack_top is the end of the top
 * frame's window, except while C code has pushed arguments: the collector scans up to it, and
 * frames through the hook below.
 *
 * Invariants
 *  1. Frames of a thread are consecutive; thread->frame is the last one in use or NULL.
 *  2. frame->pc is exact whenever anything but the loop itself runs (SAVE in interpreter.c).
 *  3. A window's locals are initialised when it is pushed; its temporaries hold old words, which
 * may be dead cells: the value stack is scanned with a filter.
 *  4. A suspended generator's window is in its own cell, and only the thread that set its state to
 *     EXECUTING touches it (generator.c).
 *  5. A frame object (frame.c) is attached to one running frame or one generator or to neither.
 *
 * Calls from C (function_hooks.call) copy the arguments to value_stack_top, push a frame with
 * FRAME_ENTRY and run a new loop, which returns when that frame is left.
 *
 * Unwinding. Entering try costs nothing: code->ranges maps instructions to handlers. On an error
 * the loop adds a traceback entry for the frame, looks for the range of frame->pc, puts the
 * exception into the range's register and goes on at its handler; or it leaves the frame and does
 * the same in the caller. PUSH_EXC and POP_EXC maintain the exception that is being handled: the
 * innermost entry of the thread's exc_info list, to which each running generator adds its own.
 *
 * Inline caches are explained in cache.c, tracing in trace.c. */
#include "vm/call_int.h"
#include "vm/vm_int.h"

#include "heap/heap.h"

PyObject *vm_default_builtins;

/* The builtins that code with these globals sees: globals["__builtins__"], a module or anything
 * that has items. */
static PyObject *builtins_of(PyObject *globals)
{
    Value v = dict_get_str(globals, names.__builtins__);
    if (value_is_present(v)) {
        return value_type(v) == &PyModule_Type ? module_dict(value_object(v)) : value_box(v);
    }
    PyObject *builtins = vm_builtins();
    return builtins != NULL ? builtins : object_builtins;
}

Value vm_run_function(PyFunctionObject *f, PyObject *locals)
{
    struct thread *t = thread_current();
    if (UNLIKELY(thread_stack_is_low())) {
        return error_raise(PyExc_RecursionError,
                           "maximum recursion depth exceeded while calling a Python object");
    }
    if (UNLIKELY(t->frame_stack == NULL) && vm_frame_stack_init(t) < 0) {
        return VALUE_NULL;
    }
    Value *saved = t->value_stack_top;
    bool named = (code_cast(f->func_code)->base.co_flags & CO_NEWLOCALS) == 0 || locals != NULL;
    struct frame *frame =
        vm_push_frame(t, f, saved, 0, FRAME_ENTRY | (named && locals != NULL ? FRAME_NAMES : 0));
    if (frame == NULL) {
        return VALUE_NULL;
    }
    frame->owner = locals;
    Value result = vm_execute(t, frame, false);
    t->value_stack_top = saved;
    return result;
}

Value vm_run(PyObject *code, PyObject *globals, Value locals, PyObject *closure)
{
    PyObject *builtins = builtins_of(globals);
    PyObject *o = function_new(code, globals);
    if (o == NULL) {
        return VALUE_NULL;
    }
    PyFunctionObject *f = function_cast(o);
    heap_init(f, &f->func_builtins, builtins);
    heap_init(f, &f->func_closure, closure);
    if (call_parameter_count(code_cast(code)) > 0) {
        return object_call(value_from_object(o), NULL, 0,
                           NULL); /* a function's: says what is missing */
    }
    bool has_locals = value_is_object(locals) && !value_is_none(locals);
    return vm_run_function(f, has_locals ? value_object(locals) : globals);
}

/* ---- Start-up */

static void trace_frames(struct thread *t, struct tracer *tracer)
{
    if (t->frame == NULL) {
        return;
    }
    for (struct frame *f = t->frame_stack; f <= t->frame; f++) {
        trace_pointer(tracer, f->code);
        trace_pointer(tracer, f->function);
        trace_pointer(tracer, f->globals);
        if (f->flags & (FRAME_INIT | FRAME_GENERATOR | FRAME_NAMES)) {
            trace_pointer(tracer, f->owner);
        }
        trace_pointer(tracer, f->object);
    }
}

/* Where the live part of a frame's window ends. A frame that waits for a call needs nothing at or
 * above the call's base: a Python callee has the arguments as its own window; a native one reads
 * them from here. */
const Value *vm_live_limit(const struct frame *f, const struct frame *next, bool at_call)
{
    const struct instruction *pc = f->pc;
    if (next == NULL && !at_call) {
        return f->top;
    }
    bool native = next == NULL || (next->flags & FRAME_ENTRY);
    const Value *base = f->regs + pc->a;
    switch (opcode_generic(atomic_load_relaxed(&pc->op))) {
    case OPCODE_CALL: return native ? base + 1 + pc->b : base;
    case OPCODE_CALL_METHOD: return native ? base + 2 + pc->b : base;
    case OPCODE_CALL_EX: return native ? base + 3 : base;
    default: return f->top;
    }
}

/* Windows as far as they are live, and what C code has pushed between and above them. A callee's
 * window may end below its caller's; what comes next (the window of a generator, say) starts
 * there. */
static void trace_value_stack(struct thread *t, struct tracer *tracer, bool at_call)
{
    const Value *covered = t->value_stack;
    for (struct frame *f = t->frame != NULL ? t->frame_stack : NULL; f != NULL && f <= t->frame;
         f++) {
        if (f->flags & FRAME_GENERATOR) {
            continue; /* the generator's own */
        }
        if (f->regs > covered) {
            trace_conservatively(tracer, covered, f->regs);
        }
        trace_conservatively(tracer, f->regs,
                             vm_live_limit(f, f < t->frame ? f + 1 : NULL, at_call));
        covered = f->top;
    }
    if (t->value_stack_top > covered) {
        trace_conservatively(tracer, covered, t->value_stack_top);
    }
}

static void position_of(PyObject *code, int lasti, int *line, int *end_line, int *column,
                        int *end_column)
{
    struct source_position p = code_position(code_cast(code), code_pc(lasti));
    *line = p.line;
    *end_line = p.end_line;
    *column = p.column;
    *end_column = p.end_column;
}

static int prepare_thread(struct thread *t)
{
    if (vm_frame_stack_init(t) < 0) {
        error_clear();
        return -1;
    }
    return 0;
}

static void add_innermost_frame(void)
{
    struct frame *frame = thread_current()->frame;
    if (frame != NULL) {
        vm_add_traceback(frame);
    }
}

int vm_init(void)
{
    traceback_hooks.position = position_of;
    function_hooks.call = vm_call_function;
    generator_drain = vm_drain_generator;
    heap_hooks.trace_thread = trace_frames;
    heap_hooks.trace_value_stack = trace_value_stack;
    thread_hooks.thread_exit = vm_frame_stack_free;
    thread_hooks.prepare = prepare_thread;
    object_hooks.globals = vm_globals;
    object_hooks.settle = vm_settle;
    object_hooks.super_arguments = vm_super_arguments;
    object_hooks.traceback_here = add_innermost_frame;
    struct thread *t = thread_current();
    return t->frame_stack == NULL ? vm_frame_stack_init(t) : 0;
}
