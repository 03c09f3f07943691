/* SPDX-License-Identifier: MIT */
/* sys.settrace and sys.setprofile, per thread.
 *
 * While a thread traces, its loops use a dispatch table in which every instruction goes through
 * trace_instruction first; nothing else pays. The functions are in the thread state
 * (c_traceobj, c_profileobj); `tracing` is raised while one of them runs, so that it is not traced
 * itself. POLL_TRACING stays set while tracing is on, which makes loops that were entered before
 * switch tables at their next safepoint; they switch back when they see that it is off. */
#include "vm/vm_int.h"

enum event {
    EVENT_CALL,
    EVENT_LINE,
    EVENT_RETURN,
    EVENT_EXCEPTION,
    EVENT_OPCODE,
    EVENT_C_CALL,
    EVENT_C_RETURN,
    EVENT_C_EXCEPTION
};
static const char *const event_names[] = {"call",   "line",   "return",   "exception",
                                          "opcode", "c_call", "c_return", "c_exception"};

int (*vm_call_c_trace)(Py_tracefunc c, PyObject *object, PyObject *frame, int what, PyObject *v);

static void set_trace(struct thread *t, Py_tracefunc c, PyObject *o, bool profile)
{
    *(profile ? &t->state.c_profilefunc : &t->state.c_tracefunc) = c;
    atomic_store_release(profile ? &t->state.c_profileobj : &t->state.c_traceobj, o);
    if (o != NULL) {
        thread_request(t, POLL_TRACING);
        /* The frames that run now are in the middle: they report lines only if f_trace is set. */
        for (struct frame *f = t->frame; f != NULL; f = frame_previous(t, f)) {
            f->flags |= FRAME_TRACED;
        }
    }
}

int vm_set_trace(Value function, bool profile)
{
    set_trace(thread_current(), NULL, value_is_none(function) ? NULL : value_box(function),
              profile);
    return 0;
}

void vm_set_c_trace(Py_tracefunc function, PyObject *object, bool profile)
{
    struct thread *t = thread_current();
    set_trace(t, function, function == NULL ? NULL : object == NULL ? Py_None : object, profile);
}

Value vm_get_trace(bool profile)
{
    struct thread *t = thread_current();
    PyObject *o = profile ? t->state.c_profileobj : t->state.c_traceobj;
    return o == NULL ? VALUE_NONE : value_from_object(o);
}

/* A C function for the object, or, if `c` is NULL, the object itself. C functions give the object
 * back, so that they are called for what comes next in the frame. */
static Value call_either(Py_tracefunc c, PyObject *object, struct frame_object *f, enum event event,
                         Value argument)
{
    if (c != NULL) {
        int what = thread_current()->state.tracing_what;
        PyObject *boxed = value_box(argument);
        return boxed == NULL || vm_call_c_trace(c, object, &f->ob_base, what, boxed) < 0
                   ? VALUE_NULL
                   : value_from_object(object);
    }
    PyObject *name = str_intern_text(event_names[event]);
    return name == NULL ? VALUE_NULL
                        : object_call3(value_from_object(object), value_from_object(&f->ob_base),
                                       value_from_object(name), argument);
}

static Value call_function(struct thread *t, Py_tracefunc c, PyObject *function,
                           struct frame_object *f, enum event event, Value argument)
{
    static const int codes[] = {PyTrace_CALL,      PyTrace_LINE,       PyTrace_RETURN,
                                PyTrace_EXCEPTION, PyTrace_OPCODE,     PyTrace_C_CALL,
                                PyTrace_C_RETURN,  PyTrace_C_EXCEPTION};
    int outer = t->state.tracing_what;
    t->state.tracing_what = codes[event];
    t->state.tracing++;
    bool optimized = (f->code->base.co_flags & CO_OPTIMIZED) != 0;
    if (optimized && f->locals != NULL) {
        frame_object_locals(f);
    }
    Value result = call_either(c, function, f, event, argument);
    if (optimized && f->locals != NULL) {
        frame_locals_to_fast(f);
    }
    t->state.tracing--;
    t->state.tracing_what = outer;
    return result;
}

/* A failing trace function switches tracing off; its exception goes on. */
static int fail_trace(struct thread *t, bool profile)
{
    atomic_store_release(profile ? &t->state.c_profileobj : &t->state.c_traceobj, NULL);
    return -1;
}

/* Calls the local trace function of a frame; its result replaces it. */
static int call_local(struct thread *t, struct frame_object *f, enum event event, Value argument)
{
    PyObject *function = f->trace;
    if (function == NULL) {
        return 0;
    }
    Value result = call_function(t, t->state.c_tracefunc, function, f, event, argument);
    if (value_is_null(result)) {
        heap_store(f, &f->trace, NULL);
        return fail_trace(t, false);
    }
    if (!value_is_none(result)) {
        heap_store(f, &f->trace, value_box(result));
    }
    return 0;
}

static int call_profile(struct thread *t, struct frame_object *f, enum event event, Value argument)
{
    if (t->state.c_profileobj == NULL) {
        return 0;
    }
    Value result =
        call_function(t, t->state.c_profilefunc, t->state.c_profileobj, f, event, argument);
    return value_is_null(result) ? fail_trace(t, true) : 0;
}

/* Has nothing of the body run yet? Then the frame is at the line of its `def`. */
static bool is_at_start(const struct frame *frame)
{
    uint32_t index = frame_index(frame);
    while (index > 0) {
        uint8_t op = opcode_generic(frame->code->instructions[index - 1].op);
        if (op != OPCODE_MAKE_CELL && op != OPCODE_COPY_FREE_VARS &&
            op != OPCODE_RETURN_GENERATOR) {
            return false;
        }
        index--;
    }
    return true;
}

/* The yield at which the generator was suspended, where it goes on now; or NULL. */
static struct instruction *resumed_yield(const struct frame *frame)
{
    if ((frame->flags & FRAME_GENERATOR) == 0 || frame_index(frame) == 0) {
        return NULL;
    }
    struct instruction *previous = frame->pc - 1;
    return opcode_generic(previous->op) == OPCODE_YIELD_VALUE ? previous : NULL;
}

static int trace_call(struct thread *t, struct frame *frame, struct frame_object *f)
{
    frame->flags |= FRAME_TRACED;
    f->entered = true;
    struct instruction *yield = resumed_yield(frame);
    int yield_line = yield != NULL ? code_line(frame->code, frame_index(frame) - 1) : 0;
    f->line_override = yield_line;
    if (t->state.c_traceobj != NULL) {
        if (yield == NULL && is_at_start(frame)) {
            f->line_override = frame->code->base.co_firstlineno;
        }
        Value result =
            call_function(t, t->state.c_tracefunc, t->state.c_traceobj, f, EVENT_CALL, VALUE_NONE);
        if (value_is_null(result)) {
            heap_store(f, &f->trace, NULL);
            return fail_trace(t, false);
        }
        heap_store(f, &f->trace, value_is_none(result) ? NULL : value_box(result));
    }
    f->line_override = yield_line;
    int status = call_profile(t, f, EVENT_CALL, VALUE_NONE);
    f->pc = yield; /* the rest of its line is no new line */
    f->line_override = f->trace != NULL ? yield_line : 0;
    return status;
}

/* Is this the first instruction of its line, or the target of a jump back that a loop makes? Those
 * of yield from and await go to their SEND. */
static bool starts_line(const struct frame_object *f, const struct frame *frame, int line)
{
    if (line < 0) {
        return false;
    }
    struct instruction *previous = f->pc;
    if (previous == NULL && !f->entered) {
        /* f_trace was set while the frame ran, perhaps in the middle of a line. */
        uint32_t i = frame_index(frame);
        return i == 0 || code_line(frame->code, i - 1) != line;
    }
    return previous == NULL || f->line_override != line ||
           (frame->pc < previous && opcode_generic(frame->pc->op) != OPCODE_SEND);
}

int trace_instruction(struct thread *t, struct frame *frame)
{
    int flags = frame->code->base.co_flags;
    bool making_generator = (flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0 &&
                            (frame->flags & FRAME_GENERATOR) == 0;
    if (making_generator) {
        return 0;
    }
    if (atomic_load_relaxed(&t->poll) == 0) {
        thread_request(t, POLL_TRACING);
    }
    uint8_t op = opcode_generic(frame->pc->op);
    if (op == OPCODE_MAKE_CELL || op == OPCODE_COPY_FREE_VARS) {
        return 0;
    }
    struct frame_object *f = frame_object_get(frame);
    if (f == NULL) {
        return -1;
    }
    if ((frame->flags & FRAME_TRACED) == 0) {
        f->pc = NULL;
        if (trace_call(t, frame, f) < 0) {
            return -1;
        }
    }
    if (f->trace == NULL || t->state.c_traceobj == NULL) {
        return 0;
    }
    int line = code_line(frame->code, frame_index(frame));
    bool starts = starts_line(f, frame, line);
    if (line >= 0) {
        f->line_override = line;
    }
    f->pc = frame->pc;
    struct instruction *before = frame->pc;
    if (starts && f->trace_lines && call_local(t, f, EVENT_LINE, VALUE_NONE) < 0) {
        return -1;
    }
    if (frame->pc == before && f->trace_opcodes && call_local(t, f, EVENT_OPCODE, VALUE_NONE) < 0) {
        return -1;
    }
    if (frame->pc != before) {
        /* f_lineno was set: report the line where execution goes on. */
        f->pc = NULL;
        f->entered = true;
        f->line_override = 0;
        return trace_instruction(t, frame);
    }
    return 0;
}

/* Sets an exception aside while a trace function runs. */
static PyObject *stash_error(void)
{
    return error_occurred() ? error_take() : NULL;
}

int trace_return(struct thread *t, struct frame *frame, Value v)
{
    if ((frame->flags & FRAME_TRACED) == 0 || (frame->flags & FRAME_OBJECT) == 0) {
        return 0;
    }
    struct frame_object *f = frame->object;
    PyObject *pending = stash_error();
    Value argument = value_is_null(v) ? VALUE_NONE : v;
    int failed = 0;
    if (f->trace != NULL && t->state.c_traceobj != NULL) {
        failed = call_local(t, f, EVENT_RETURN, argument);
    }
    if (failed == 0) {
        failed = call_profile(t, f, EVENT_RETURN, argument);
    }
    f->line_override = 0;
    if (pending != NULL && failed == 0) {
        error_restore(pending);
    }
    return failed;
}

void trace_exception(struct thread *t, struct frame *frame)
{
    if ((frame->flags & FRAME_OBJECT) == 0 || frame->object->trace == NULL ||
        t->state.c_traceobj == NULL) {
        return;
    }
    PyObject *exception = error_take();
    PyObject *traceback = exception_get_traceback(exception);
    PyObject *info =
        tuple_pack(3, exception->ob_type, exception, traceback == NULL ? Py_None : traceback);
    int failed =
        info == NULL ? -1 : call_local(t, frame->object, EVENT_EXCEPTION, value_from_object(info));
    if (failed == 0) {
        error_restore(exception);
    }
}

Value trace_next(struct thread *t, struct frame *frame, Value iterator)
{
    bool python = (type_info(value_type(iterator))->flags & TYPE_PYTHON) != 0;
    Value v = python ? object_call_method0(iterator, names.__next__) : object_next(iterator);
    if (value_is_null(v) && error_matches(PyExc_StopIteration)) {
        trace_exception(t, frame);
    }
    return v;
}

/* A loop over a generator, and `yield from` one when nothing is sent, end without StopIteration if
 * the result is None, as do iterators in C. */
static bool ends_quietly(const struct frame *frame)
{
    const struct instruction *pc = frame->pc;
    if (pc->op != OPCODE_SEND) {
        return true;
    }
    Value iterator = frame->regs[pc->b];
    PyTypeObject *type = value_type(iterator);
    if (type == &PyGen_Type) {
        return value_is_none(frame->regs[pc->c]);
    }
    return type_ops(type)->send == NULL && (type_info(type)->flags & TYPE_PYTHON) == 0;
}

int trace_iteration_end(struct thread *t, struct frame *frame, Value result)
{
    if (value_is_none(result) && ends_quietly(frame)) {
        return 0;
    }
    error_raise_value(PyExc_StopIteration, value_is_none(result) ? VALUE_ABSENT : result);
    trace_exception(t, frame);
    if (!error_matches(PyExc_StopIteration)) {
        return -1;
    }
    error_clear();
    return 0;
}

bool trace_wants_native(struct thread *t, Value callable)
{
    if (t->state.c_profileobj == NULL || !value_is_object(callable)) {
        return false;
    }
    PyTypeObject *type = value_object(callable)->ob_type;
    return type == &PyCFunction_Type || type == &PyMethodDescr_Type;
}

/* What the profile function sees: methods bound to their object. */
static Value shown_native(Value callable, const Value *args, size_t nargs)
{
    const PyTypeObject *type = value_object(callable)->ob_type;
    return type == &PyMethodDescr_Type && CALL_NARGS(nargs) > 0
               ? type_ops(type)->descr_get(callable, args[0], value_type(args[0]))
               : callable;
}

Value trace_native_call(struct thread *t, struct frame *frame, Value called, Value *args,
                        size_t nargs, PyObject *kwnames)
{
    struct frame_object *f = frame_object_get(frame);
    Value callable = f == NULL ? VALUE_NULL : shown_native(called, args, nargs);
    if (value_is_null(callable) || call_profile(t, f, EVENT_C_CALL, callable) < 0) {
        return VALUE_NULL;
    }
    Value result = object_call(called, args, nargs, kwnames);
    if (t->state.c_profileobj == NULL || t->state.tracing > 0) {
        return result;
    }
    if (value_is_null(result)) {
        PyObject *exception = error_take();
        if (call_profile(t, f, EVENT_C_EXCEPTION, callable) == 0) {
            error_restore(exception);
        }
        return VALUE_NULL;
    }
    return call_profile(t, f, EVENT_C_RETURN, callable) < 0 ? VALUE_NULL : result;
}
