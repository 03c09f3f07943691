/* SPDX-License-Identifier: MIT */
/* Generators and coroutines.
 *
 * A suspended generator keeps its window in its own cell. To run, a thread takes it (one
 * compare-and-swap of gi_frame_state to EXECUTING: only one thread can), copies the window to the
 * top of its value stack and pushes a frame; a yield copies it back. So a running generator's frame
 * is like any other: its calls overlap its temporaries, and the collector sees no special case.
 * FOR_ITER and SEND resume generators without recursion in C; everything else goes through
 * generator_resume. */
#include "vm/vm_int.h"

static const char *kind_name(const struct generator *g)
{
    PyTypeObject *type = g->base.ob_base.ob_type;
    return type == &PyCoro_Type       ? "coroutine"
           : type == &PyAsyncGen_Type ? "async generator"
                                      : "generator";
}

static int state_of(const struct generator *g)
{
    return atomic_load_acquire(&g->base.gi_frame_state);
}

static void set_state(struct generator *g, int state)
{
    atomic_store_release(&g->base.gi_frame_state, (int8_t)state);
}

bool generator_check(Value v)
{
    if (!value_is_object(v)) {
        return false;
    }
    PyTypeObject *type = value_object(v)->ob_type;
    return type == &PyGen_Type || type == &PyCoro_Type || type == &PyAsyncGen_Type;
}

void generator_trace(PyObject *self, struct tracer *tracer)
{
    struct generator *g = (struct generator *)self;
    trace_pointer(tracer, g->base.gi_code);
    trace_pointer(tracer, g->base.gi_name);
    trace_pointer(tracer, g->base.gi_qualname);
    trace_pointer(tracer, g->base.gi_exc_state.exc_value);
    trace_pointer(tracer, g->base.gi_origin_or_finalizer);
    trace_pointer(tracer, g->function);
    trace_pointer(tracer, g->globals);
    trace_pointer(tracer, g->object);
    trace_words(tracer, g->window, g->registers);
}

/* ---- Making */

/* Where a coroutine was created: a tuple of (file name, line, function) rows. */
static PyObject *make_origin(struct thread *t, struct frame *frame, int depth)
{
    PyObject *rows = list_new(depth);
    for (struct frame *f = frame; f != NULL && depth > 0 && rows != NULL; depth--) {
        PyObject *row = tuple_new(3);
        if (row == NULL) {
            return NULL;
        }
        tuple_init_item(row, 0, value_from_object(f->code->base.co_filename));
        tuple_init_item(row, 1, value_from_int(code_line(f->code, frame_index(f))));
        tuple_init_item(row, 2, value_from_object(f->code->base.co_name));
        if (list_append(rows, value_from_object(row)) < 0) {
            return NULL;
        }
        f = frame_previous(t, f);
    }
    return rows == NULL ? NULL : list_to_tuple(rows);
}

/* Windows are short: calling memcpy would cost more than the copy, and so would moving two
 * registers at once just after each was stored for itself. Volatile keeps the compiler from doing
 * either. */
static ALWAYS_INLINE void copy_window(Value *to, const Value *from, size_t count)
{
    volatile uint64_t *out = &to->bits;
    const volatile uint64_t *in = &from->bits;
    size_t i = 0;
    if (count & 1) {
        out[0] = in[0];
        i = 1;
    }
    for (; i < count; i += 2) {
        uint64_t first = in[i], second = in[i + 1];
        out[i] = first;
        out[i + 1] = second;
    }
}

Value generator_allocate(PyTypeObject *type, struct frame *frame)
{
    struct code *code = frame->code;
    size_t bytes = sizeof(struct generator) + code->registers * sizeof(Value);
    /* Only code that can be suspended inside try or with has something to do when it dies. Others
     * have their finalizers run, too, but nobody waits for that. */
    struct generator *g;
    if (code->range_count > 0) {
        g = heap_alloc_observed(bytes, CELL_OBJECT);
        frame->flags |= FRAME_WATCHED; /* its end, when the generator is returned, is looked at */
    } else {
        g = heap_alloc_kind(bytes, type != &PyGen_Type ? HEAP_OBSERVED_OBJECT : CELL_OBJECT);
    }
    if (g == NULL) {
        return error_no_memory();
    }
    /* Plain stores: the cell is fresh. */
    g->base.ob_base.ob_refcnt = OBJECT_PUBLIC_COUNT;
    g->base.gi_code = (PyCodeObject *)code;
    g->base.gi_name = frame->function->func_name;
    g->base.gi_qualname = frame->function->func_qualname;
    g->function = frame->function;
    g->globals = frame->globals;
    g->base.gi_frame_state = GENERATOR_CREATED;
    g->pc = frame->pc;
    g->registers = code->registers;
    copy_window(g->window, frame->regs, (size_t)code->base.co_nlocalsplus);
    atomic_store_release(&g->base.ob_base.ob_type, type);
    return value_from_object(g);
}

Value vm_make_generator(struct thread *t, struct frame *frame)
{
    int flags = frame->code->base.co_flags;
    PyTypeObject *type = (flags & CO_COROUTINE) != 0         ? &PyCoro_Type
                         : (flags & CO_ASYNC_GENERATOR) != 0 ? &PyAsyncGen_Type
                                                             : &PyGen_Type;
    Value v = generator_allocate(type, frame);
    if (value_is_null(v)) {
        return v;
    }
    struct generator *g = (struct generator *)value_object(v);
    if (frame->flags & FRAME_OBJECT) {
        /* The frame object goes on as the generator's. */
        g->object = frame->object;
        heap_store(g->object, &g->object->generator, g);
        atomic_store_release(&g->object->frame, NULL);
        frame->flags &= ~(uint64_t)FRAME_OBJECT;
    }
    int depth = t->state.coroutine_origin_tracking_depth;
    if (type == &PyCoro_Type && depth > 0) {
        struct frame *caller = frame_previous(t, frame);
        PyObject *origin = make_origin(t, caller, depth);
        if (origin == NULL) {
            return VALUE_NULL;
        }
        heap_init(g, &g->base.gi_origin_or_finalizer, origin);
    }
    return v;
}

/* ---- Running */

static void leave(struct generator *g)
{
    set_state(g, g->pc->op == OPCODE_RETURN_GENERATOR ? GENERATOR_CREATED : GENERATOR_SUSPENDED);
}

struct frame *generator_push(struct thread *t, struct generator *g, Value sent, uint64_t flags)
{
    struct frame *frame = t->frame == NULL ? t->frame_stack : t->frame + 1;
    Value *window = t->value_stack_top;
    Value *top = window + g->registers;
    if (UNLIKELY((void *)frame >= t->frame_stack_limit || top > t->value_stack_limit)) {
        leave(g);
        error_raise(PyExc_RecursionError, "maximum recursion depth exceeded");
        return NULL;
    }
    struct code *code = generator_code(g);
    copy_window(window, g->window, g->registers);
    frame->regs = window;
    frame->top = top;
    frame->bias = (char *)atomic_load_relaxed(&code->caches) - (char *)code->instructions;
    frame->code = code;
    frame->function = g->function;
    frame->globals = g->globals;
    frame->owner = g;
    frame->object = g->object;
    if (UNLIKELY(g->object != NULL)) {
        atomic_store_release(&g->object->frame, frame);
        flags |= FRAME_OBJECT;
    }
    frame->flags = flags;
    if (g->pc->op == OPCODE_RETURN_GENERATOR || value_is_null(sent)) {
        frame->pc = g->pc + !value_is_null(sent);
    } else {
        window[g->pc->a] = sent;
        frame->pc = g->pc + 1;
    }
    g->frame = frame;
    g->base.gi_exc_state.previous_item = t->state.exc_info;
    t->state.exc_info = &g->base.gi_exc_state;
    t->value_stack_top = top;
    t->frame = frame;
    if (UNLIKELY(g->holds_observed)) {
        vm_prompt_suspended(g, false);
    }
    return frame;
}

static void pop_handled(struct thread *t, struct generator *g)
{
    t->state.exc_info = g->base.gi_exc_state.previous_item;
    g->base.gi_exc_state.previous_item = NULL;
}

static NO_INLINE void suspend_slow(struct thread *t, struct frame *frame, struct generator *g)
{
    if (frame->flags & FRAME_WATCHED) {
        vm_prompt_suspended(g, true);
    }
    if (frame->flags & FRAME_OBJECT) {
        heap_store(g, &g->object, frame->object);
        atomic_store_release(&g->object->frame, NULL);
        frame->flags &= ~(uint64_t)FRAME_OBJECT;
    }
    pop_handled(t, g);
    set_state(g, GENERATOR_SUSPENDED);
}

void generator_suspend(struct thread *t, struct frame *frame)
{
    struct generator *g = frame->owner;
    heap_remember(g);
    copy_window(g->window, frame->regs, g->registers);
    atomic_store_relaxed(&g->pc, frame->pc); /* generator_is_spent may be looking */
    g->frame = NULL;
    if (UNLIKELY(frame->flags & (FRAME_WATCHED | FRAME_OBJECT))) {
        suspend_slow(t, frame, g);
        return;
    }
    pop_handled(t, g);
    set_state(g, GENERATOR_SUSPENDED);
}

static void drop_window(struct generator *g)
{
    if (UNLIKELY(g->holds_observed)) {
        vm_prompt_suspended(g, false);
    }
    for (uint32_t i = 0; i < g->registers; i++) { /* nothing in it is counted */
        atomic_store_relaxed(&g->window[i].bits, UINT64_C(0));
    }
    if (g->base.gi_exc_state.exc_value != NULL) {
        heap_store(g, &g->base.gi_exc_state.exc_value, NULL);
    }
    atomic_store_release(&g->object, NULL);
}

void generator_finish(struct thread *t, struct generator *g)
{
    g->frame = NULL;
    pop_handled(t, g);
    drop_window(g);
    set_state(g, GENERATOR_COMPLETED);
}

/* Not to be entered: says why, or that it is over. */
static Value refuse(struct generator *g, bool throwing, Value *result)
{
    if (state_of(g) == GENERATOR_EXECUTING) {
        return error_raise(PyExc_ValueError, "%s already executing", kind_name(g));
    }
    if (g->base.ob_base.ob_type == &PyCoro_Type) {
        return error_raise(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
    }
    if (throwing) {
        return VALUE_NULL;
    }
    *result = VALUE_NONE;
    return VALUE_ABSENT;
}

/* Runs a generator that was entered. */
static Value run(struct generator *g, struct thread *t, struct frame *frame, bool throwing,
                 Value *result)
{
    Value *saved = frame->regs;
    Value v = vm_execute(t, frame, throwing);
    t->value_stack_top = saved;
    /* The frame record is free now, but still says where it stopped. */
    if (value_is_null(v) || frame->pc->op == OPCODE_YIELD_VALUE) {
        return v;
    }
    *result = v;
    return VALUE_ABSENT;
}

static Value resume(struct generator *g, Value sent, bool throwing, Value *result,
                    const struct item_sink *sink)
{
    struct thread *t = thread_current();
    if (UNLIKELY(thread_stack_is_low())) {
        return error_raise(PyExc_RecursionError, "maximum recursion depth exceeded");
    }
    if (UNLIKELY(t->frame_stack == NULL) && vm_frame_stack_init(t) < 0) {
        return VALUE_NULL;
    }
    if (!throwing && !value_is_none(sent) && state_of(g) == GENERATOR_CREATED) {
        return error_raise(PyExc_TypeError, "can't send non-None value to a just-started %s",
                           kind_name(g));
    }
    if (!generator_try_enter(g)) {
        return refuse(g, throwing, result);
    }
    uint64_t flags = FRAME_GENERATOR | FRAME_ENTRY | (sink != NULL ? FRAME_GIVING : 0);
    g->sink = sink;
    struct frame *frame = generator_push(t, g, throwing ? VALUE_NULL : sent, flags);
    if (frame != NULL && throwing) {
        /* Its context is what the generator itself is handling, not what its caller is. */
        PyObject *exception = error_take(), *handled = t->state.exc_info->exc_value;
        if (handled != NULL && handled != Py_None) {
            error_set_instance(exception);
        } else {
            error_restore(exception);
        }
    }
    return frame == NULL ? VALUE_NULL : run(g, t, frame, throwing, result);
}

Value generator_resume(struct generator *g, Value sent, bool throwing, Value *result)
{
    return resume(g, sent, throwing, result, NULL);
}

/* What the sink takes does not suspend the generator: nobody can see that, for no Python code runs
 * before it goes on. */
Value vm_drain_generator(Value self, item_taker take, void *state)
{
    struct item_sink sink = {take, state};
    Value result = VALUE_NONE;
    return resume((struct generator *)value_object(self), VALUE_NONE, false, &result, &sink);
}

/* While an exception is handed to what a generator delegates to, the generator's frame is on the
 * stack, though nothing runs in it. NULL: it cannot be entered (no exception), or an error. */
static struct frame *delegate_enter(struct thread *t, struct generator *g)
{
    if (t->frame_stack == NULL || !generator_try_enter(g)) {
        return NULL;
    }
    struct frame *frame = generator_push(t, g, VALUE_NULL, FRAME_GENERATOR | FRAME_ENTRY);
    if (frame != NULL) {
        t->state.exc_info = g->base.gi_exc_state.previous_item;
    }
    return frame;
}

static void delegate_leave(struct thread *t, struct generator *g, struct frame *frame)
{
    Value *top = frame->regs;
    t->state.exc_info = &g->base.gi_exc_state;
    generator_suspend(t, frame);
    t->frame = frame_previous(t, frame);
    t->value_stack_top = top;
}

/* Resumes after the iterator that a yield from delegated to has ended with `value`. */
static Value resume_after_delegate(struct generator *g, Value value, Value *result)
{
    struct thread *t = thread_current();
    if (!generator_try_enter(g)) {
        return refuse(g, false, result);
    }
    struct frame *frame = generator_push(t, g, value, FRAME_GENERATOR | FRAME_ENTRY);
    if (frame == NULL) {
        return VALUE_NULL;
    }
    frame->pc = g->pc - 1; /* the JUMP behind the SEND */
    return run(g, t, frame, false, result);
}

PyObject *generator_yield_from(struct generator *g)
{
    if (state_of(g) != GENERATOR_SUSPENDED || g->pc->op != OPCODE_YIELD_VALUE || g->pc->d != 1) {
        return NULL;
    }
    Value v = g->window[g->pc->c];
    return value_is_object(v) ? value_object(v) : NULL;
}

/* The end of a generator as Python code sees it. */
static Value raise_end(struct generator *g, Value result)
{
    if (g->base.ob_base.ob_type == &PyAsyncGen_Type) {
        return error_raise_value(PyExc_StopAsyncIteration, VALUE_ABSENT);
    }
    return error_raise_value(PyExc_StopIteration, value_is_none(result) ? VALUE_ABSENT : result);
}

static Value yielded_or_end(struct generator *g, Value v, Value result)
{
    return value_is_absent(v) ? raise_end(g, result) : v;
}

static Value generator_send(Value self, Value sent)
{
    struct generator *g = (struct generator *)value_object(self);
    Value result = VALUE_NONE;
    Value v = generator_resume(g, sent, false, &result);
    return yielded_or_end(g, v, result);
}

static Value generator_send_op(Value self, Value sent, Value *result)
{
    return generator_resume((struct generator *)value_object(self), sent, false, result);
}

/* The operation drops the result; next() and __next__() use the method below, or `send`. */
static Value generator_next(Value self)
{
    Value result = VALUE_NONE;
    return generator_resume((struct generator *)value_object(self), VALUE_NONE, false, &result);
}

static Value next_method(Value self)
{
    return generator_send(self, VALUE_NONE);
}

/* ---- throw and close */

/* Closes the iterator that a yield from delegates to. 0 or -1. */
static int close_delegate(PyObject *delegate)
{
    Value v = value_from_object(delegate);
    if (generator_check(v) && delegate->ob_type != &PyAsyncGen_Type) {
        return value_is_null(generator_close((struct generator *)delegate)) ? -1 : 0;
    }
    Value method;
    int found = object_find_attr(v, names.close, &method);
    if (found < 0) {
        error_write_unraisable(v, NULL);
        return 0;
    }
    return found == 0 || !value_is_null(object_call0(method)) ? 0 : -1;
}

/* Sets the exception that throw() is given. 0, or -1 with another exception. */
static int set_thrown(Value type, Value value, Value traceback)
{
    PyObject *instance;
    if (value_is_present(traceback) && !value_is_none(traceback) &&
        !value_is_instance(traceback, &PyTraceBack_Type)) {
        return error_raise_int(PyExc_TypeError,
                               "throw() third argument must be a traceback object");
    }
    bool has_value = value_is_present(value) && !value_is_none(value);
    if (exception_class_check(type)) {
        Value made;
        if (has_value && exception_check(value) &&
            value_is_instance(value, (PyTypeObject *)value_object(type))) {
            made = value;
        } else if (!has_value) {
            made = object_call0(type);
        } else if (tuple_check(value)) {
            made = object_call_tuple(type, value_object(value), NULL);
        } else {
            made = object_call1(type, value);
        }
        if (value_is_null(made)) {
            return 0; /* this error goes into the generator instead */
        }
        if (!exception_check(made)) {
            error_raise(PyExc_TypeError,
                        "calling %R should have returned an instance of BaseException, not %R",
                        type, value_from_object(value_type(made)));
            return 0;
        }
        instance = value_object(made);
    } else if (exception_check(type)) {
        if (has_value) {
            return error_raise_int(PyExc_TypeError,
                                   "instance exception may not have a separate value");
        }
        instance = value_object(type);
    } else {
        return error_raise_int(PyExc_TypeError,
                               "exceptions must be classes or instances deriving from "
                               "BaseException, not %T",
                               type);
    }
    if (value_is_present(traceback) && !value_is_none(traceback)) {
        exception_set_traceback(instance, value_object(traceback));
    }
    error_restore(instance);
    return 0;
}

static Value throw_here(struct generator *g, Value type, Value value, Value traceback)
{
    Value result = VALUE_NONE;
    if (set_thrown(type, value, traceback) < 0) {
        return VALUE_NULL;
    }
    Value v = generator_resume(g, VALUE_NULL, true, &result);
    return yielded_or_end(g, v, result);
}

/* Hands an exception on to the iterator that a yield from delegates to; 0: it has no throw. */
static int throw_to_delegate(PyObject *delegate, Value type, Value value, Value traceback,
                             Value *out)
{
    Value v = value_from_object(delegate);
    if (delegate->ob_type == &PyGen_Type || delegate->ob_type == &PyCoro_Type) {
        *out = generator_throw((struct generator *)delegate, type, value, traceback);
        return 1;
    }
    Value method;
    int found = object_find_attr(v, names.throw, &method);
    if (found <= 0) {
        return found;
    }
    Value args[3] = {type, value, traceback};
    size_t count = value_is_absent(value) ? 1 : value_is_absent(traceback) ? 2 : 3;
    *out = object_call(method, args, count, NULL);
    return 1;
}

Value generator_throw(struct generator *g, Value type, Value value, Value traceback)
{
    struct thread *t = thread_current();
    PyObject *delegate = generator_yield_from(g);
    struct frame *frame = delegate == NULL ? NULL : delegate_enter(t, g);
    if (frame == NULL) {
        return throw_here(g, type, value, traceback);
    }
    Value result = VALUE_NONE, v;
    bool is_exit = exception_class_check(type)
                       ? type_is_subtype((PyTypeObject *)value_object(type),
                                         (PyTypeObject *)PyExc_GeneratorExit)
                       : value_is_instance(type, (PyTypeObject *)PyExc_GeneratorExit);
    if (is_exit) {
        int closed = close_delegate(delegate);
        delegate_leave(t, g, frame);
        if (closed < 0) {
            v = generator_resume(g, VALUE_NULL, true, &result);
            return yielded_or_end(g, v, result);
        }
        return throw_here(g, type, value, traceback);
    }
    Value thrown = VALUE_NULL;
    int done = throw_to_delegate(delegate, type, value, traceback, &thrown);
    delegate_leave(t, g, frame);
    if (done < 0) {
        return VALUE_NULL;
    }
    if (done == 0) {
        return throw_here(g, type, value, traceback);
    }
    if (!value_is_null(thrown)) {
        return thrown;
    }
    Value stop;
    if (error_take_stop_iteration(&stop)) {
        v = resume_after_delegate(g, stop, &result);
    } else {
        v = generator_resume(g, VALUE_NULL, true, &result);
    }
    return yielded_or_end(g, v, result);
}

Value generator_close(struct generator *g)
{
    int8_t created = GENERATOR_CREATED;
    if (atomic_cas_acq_rel(&g->base.gi_frame_state, created, (int8_t)GENERATOR_COMPLETED)) {
        if (g->object != NULL) {
            g->object->generator = NULL;
        }
        drop_window(g);
        return VALUE_NONE;
    }
    if (state_of(g) >= GENERATOR_COMPLETED) {
        return VALUE_NONE;
    }
    PyObject *delegate = generator_yield_from(g);
    int closed = 0;
    struct thread *t = thread_current();
    struct frame *frame = delegate == NULL ? NULL : delegate_enter(t, g);
    if (frame != NULL) {
        closed = close_delegate(delegate);
        delegate_leave(t, g, frame);
    }
    if (closed == 0) {
        error_raise_value(PyExc_GeneratorExit, VALUE_ABSENT);
    }
    Value result = VALUE_NONE;
    Value v = generator_resume(g, VALUE_NULL, true, &result);
    if (value_is_present(v)) {
        return error_raise(PyExc_RuntimeError, "%s ignored GeneratorExit", kind_name(g));
    }
    if (value_is_absent(v)) {
        return VALUE_NONE;
    }
    if (error_matches(PyExc_StopIteration) || error_matches(PyExc_GeneratorExit)) {
        error_clear();
        return VALUE_NONE;
    }
    return VALUE_NULL;
}

static Value throw_method(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("throw", kwnames) < 0 ||
        native_check_positional("throw", nargs, 1, 3) < 0) {
        return VALUE_NULL;
    }
    return generator_throw((struct generator *)value_object(self), args[0],
                           nargs > 1 ? args[1] : VALUE_ABSENT, nargs > 2 ? args[2] : VALUE_ABSENT);
}

static Value close_method(Value self)
{
    return generator_close((struct generator *)value_object(self));
}

/* ---- Death */

static void warn_never_awaited(struct generator *g)
{
    Value warnings_module = VALUE_ABSENT;
    Value import = dict_get_str(vm_default_builtins, names.__import__);
    if (value_is_present(import)) {
        warnings_module = object_call1(import, value_from_object(names.warnings));
    }
    Value warn = VALUE_ABSENT;
    int found = 0;
    if (value_is_present(warnings_module)) {
        found =
            object_find_attr(warnings_module, str_intern_text("_warn_unawaited_coroutine"), &warn);
    }
    Value done = found > 0 ? object_call1(warn, value_from_object(g)) : VALUE_NULL;
    if (found <= 0) {
        error_clear();
        if (error_warn(PyExc_RuntimeWarning, 1, "coroutine '%U' was never awaited",
                       g->base.gi_qualname) == 0) {
            return;
        }
    }
    if (value_is_null(done)) {
        error_write_unraisable(value_from_object(g), NULL);
    }
}

void generator_finalize(Value self)
{
    struct generator *g = (struct generator *)value_object(self);
    int state = state_of(g);
    if (state >= GENERATOR_EXECUTING) {
        return;
    }
    PyTypeObject *type = g->base.ob_base.ob_type;
    if (type == &PyAsyncGen_Type && g->base.gi_origin_or_finalizer != NULL && !g->base.gi_closed) {
        if (value_is_null(object_call1(value_from_object(g->base.gi_origin_or_finalizer), self))) {
            error_write_unraisable(self, NULL);
        }
        return;
    }
    if (type == &PyCoro_Type && state == GENERATOR_CREATED) {
        warn_never_awaited(g);
        set_state(g, GENERATOR_COMPLETED);
        return;
    }
    if (value_is_null(generator_close(g))) {
        error_write_unraisable(self, NULL);
    }
}

/* Closing runs code only where the generator is suspended inside try or with. */
bool generator_is_spent(PyObject *self)
{
    const struct generator *g = (const struct generator *)self;
    int state = state_of(g);
    if (state == GENERATOR_CREATED) {
        return self->ob_type != &PyCoro_Type;
    }
    if (state != GENERATOR_SUSPENDED) {
        return true;
    }
    const struct code *code = generator_code(g);
    const struct instruction *pc = atomic_load_relaxed(&g->pc);
    return code_find_handler(code, (uint32_t)(pc - code->instructions)) == NULL && pc->d == 0;
}

/* ---- Attributes */

static Value generator_repr(Value self)
{
    struct generator *g = (struct generator *)value_object(self);
    PyTypeObject *type = g->base.ob_base.ob_type;
    return value_from_object(str_format("<%s object %U at 0x%lx>", type->tp_name,
                                        g->base.gi_qualname, (long)(uintptr_t)g));
}

static Value get_name(Value self, void *unused)
{
    return value_from_object(((struct generator *)value_object(self))->base.gi_name);
}

static Value get_qualname(Value self, void *unused)
{
    return value_from_object(((struct generator *)value_object(self))->base.gi_qualname);
}

static int set_name(Value self, Value v, void *is_qualname)
{
    struct generator *g = (struct generator *)value_object(self);
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s must be set to a string object",
                               is_qualname ? "__qualname__" : "__name__");
    }
    heap_store(g, is_qualname ? &g->base.gi_qualname : &g->base.gi_name, value_object(v));
    return 0;
}

static Value get_yield_from(Value self, void *unused)
{
    PyObject *delegate = generator_yield_from((struct generator *)value_object(self));
    return delegate == NULL ? VALUE_NONE : value_from_object(delegate);
}

static Value get_running(Value self, void *unused)
{
    struct generator *g = (struct generator *)value_object(self);
    if (g->base.ob_base.ob_type == &PyAsyncGen_Type) {
        return value_from_bool(g->base.gi_running_async);
    }
    return value_from_bool(state_of(g) == GENERATOR_EXECUTING);
}

static Value get_suspended(Value self, void *unused)
{
    return value_from_bool(state_of((struct generator *)value_object(self)) == GENERATOR_SUSPENDED);
}

static Value get_frame(Value self, void *unused)
{
    struct generator *g = (struct generator *)value_object(self);
    if (state_of(g) >= GENERATOR_COMPLETED) {
        return VALUE_NONE;
    }
    return value_from_object(frame_object_of_generator(g));
}

static Value get_code(Value self, void *unused)
{
    return value_from_object(((struct generator *)value_object(self))->base.gi_code);
}

static Value get_origin(Value self, void *unused)
{
    PyObject *origin = ((struct generator *)value_object(self))->base.gi_origin_or_finalizer;
    return origin == NULL ? VALUE_NONE : value_from_object(origin);
}

static Value generator_self(Value self)
{
    return self;
}

Value generator_sizeof(Value self)
{
    return int_from_size(sizeof(struct generator) +
                         ((struct generator *)value_object(self))->registers * sizeof(Value));
}

static const struct native_def generator_methods[] = {
    {"send", "($self, arg, /)", "Resumes with a value; returns the next yielded one.",
     .f1 = generator_send},
    {"throw", NULL, "Raises an exception where the generator is suspended.", .raw = throw_method},
    {"__next__", "($self, /)", "The next item.", NATIVE_COEXIST, .f0 = next_method},
    {"close", "($self, /)", "Raises GeneratorExit where the generator is suspended.",
     .f0 = close_method},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = generator_sizeof},
    {NULL},
};

static const struct native_def coroutine_methods[] = {
    {"send", "($self, arg, /)", "Sends a value into coroutine; returns what it awaits next.",
     .f1 = generator_send},
    {"throw", NULL, "Raises an exception in coroutine, where it is suspended.",
     .raw = throw_method},
    {"close", "($self, /)", "Raises GeneratorExit inside coroutine, where it is suspended.",
     .f0 = close_method},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = generator_sizeof},
    {NULL},
};

#define GENERATOR_GETSETS(prefix)                                                                  \
    {"__name__", get_name, set_name, "name of the " prefix, NULL},                                 \
    {                                                                                              \
        "__qualname__", get_qualname, set_name, "qualified name of the " prefix, (void *)1         \
    }

static const struct getset_def generator_getsets[] = {
    GENERATOR_GETSETS("generator"),
    {"gi_yieldfrom", get_yield_from, NULL, "what yield from delegates to", NULL},
    {"gi_running", get_running, NULL, NULL, NULL},
    {"gi_frame", get_frame, NULL, NULL, NULL},
    {"gi_suspended", get_suspended, NULL, NULL, NULL},
    {"gi_code", get_code, NULL, NULL, NULL},
    {NULL},
};
const struct getset_def async_generator_getsets[] = {
    GENERATOR_GETSETS("async generator"),
    {"ag_await", get_yield_from, NULL, "what is being awaited", NULL},
    {"ag_running", get_running, NULL, NULL, NULL},
    {"ag_frame", get_frame, NULL, NULL, NULL},
    {"ag_code", get_code, NULL, NULL, NULL},
    {NULL},
};
static const struct getset_def coroutine_getsets[] = {
    GENERATOR_GETSETS("coroutine"),
    {"cr_await", get_yield_from, NULL, "what is being awaited", NULL},
    {"cr_running", get_running, NULL, NULL, NULL},
    {"cr_frame", get_frame, NULL, NULL, NULL},
    {"cr_suspended", get_suspended, NULL, NULL, NULL},
    {"cr_code", get_code, NULL, NULL, NULL},
    {"cr_origin", get_origin, NULL, NULL, NULL},
    {NULL},
};

static struct type_info generator_info = {
    .ops = {.repr = generator_repr,
            .iter = generator_self,
            .next = generator_next,
            .send = generator_send_op,
            .finalize = generator_finalize,
            .is_spent = generator_is_spent},
    .trace = generator_trace,
    .methods = generator_methods,
    .getsets = generator_getsets,
    .flags = TYPE_OBSERVED | TYPE_NO_NEW,
};
PyTypeObject PyGen_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "generator",
    .tp_basicsize = sizeof(PyGenObject),
    .tp_itemsize = sizeof(PyObject *),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_cache = (PyObject *)&generator_info,
};

/* ---- Coroutines */

struct coroutine_wrapper {
    PyObject ob_base;
    PyObject *coroutine;
};

static Value wrapped(Value self)
{
    return value_from_object(((struct coroutine_wrapper *)value_object(self))->coroutine);
}
static Value wrapper_next(Value self)
{
    return generator_next(wrapped(self));
}
static Value wrapper_next_method(Value self)
{
    return next_method(wrapped(self));
}
static Value wrapper_send(Value self, Value v)
{
    return generator_send(wrapped(self), v);
}
static Value wrapper_send_op(Value self, Value v, Value *result)
{
    return generator_send_op(wrapped(self), v, result);
}
static Value wrapper_throw(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return throw_method(wrapped(self), args, nargs, kwnames);
}
static Value wrapper_close(Value self)
{
    return close_method(wrapped(self));
}
static void wrapper_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct coroutine_wrapper *)self)->coroutine);
}

static const struct native_def wrapper_methods[] = {
    {"__next__", "($self, /)", "The next item.", NATIVE_COEXIST, .f0 = wrapper_next_method},
    {"send", "($self, arg, /)", "Sends a value in; returns the next item or raises StopIteration.",
     .f1 = wrapper_send},
    {"throw", NULL, "Raises an exception inside; returns the next item or raises StopIteration.",
     .raw = wrapper_throw},
    {"close", "($self, /)", "Raises GeneratorExit inside.", .f0 = wrapper_close},
    {NULL},
};
static struct type_info wrapper_info = {
    .ops = {.iter = generator_self, .next = wrapper_next, .send = wrapper_send_op},
    .trace = wrapper_trace,
    .methods = wrapper_methods,
    .flags = TYPE_NO_NEW,
};
PyTypeObject _PyCoroWrapper_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "coroutine_wrapper",
    .tp_basicsize = sizeof(struct coroutine_wrapper),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&wrapper_info,
};

static Value coroutine_await(Value self)
{
    struct coroutine_wrapper *w = (struct coroutine_wrapper *)object_alloc(&_PyCoroWrapper_Type, 0);
    if (w == NULL) {
        return VALUE_NULL;
    }
    heap_init(w, &w->coroutine, value_object(self));
    return value_from_object(w);
}

static struct type_info coroutine_info = {
    .ops = {.repr = generator_repr,
            .send = generator_send_op,
            .await = coroutine_await,
            .finalize = generator_finalize,
            .is_spent = generator_is_spent},
    .trace = generator_trace,
    .methods = coroutine_methods,
    .getsets = coroutine_getsets,
    .flags = TYPE_OBSERVED | TYPE_NO_NEW,
};
PyTypeObject PyCoro_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "coroutine",
    .tp_basicsize = sizeof(PyCoroObject),
    .tp_itemsize = sizeof(PyObject *),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_weaklistoffset = offsetof(PyCoroObject, cr_weakreflist),
    .tp_cache = (PyObject *)&coroutine_info,
};

/* ---- What the instructions need */

Value vm_yield_from_iter(struct frame *frame, Value v)
{
    if (value_is_object(v)) {
        PyTypeObject *type = value_object(v)->ob_type;
        if (type == &PyGen_Type) {
            return v;
        }
        if (type == &PyCoro_Type) {
            if ((frame->code->base.co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE)) == 0) {
                return error_raise(PyExc_TypeError, "cannot 'yield from' a coroutine object in a "
                                                    "non-coroutine generator");
            }
            return v;
        }
    }
    return object_iter_owned(v);
}

static bool is_coroutine(Value v)
{
    if (!value_is_object(v)) {
        return false;
    }
    PyObject *o = value_object(v);
    return o->ob_type == &PyCoro_Type ||
           (o->ob_type == &PyGen_Type &&
            (((PyGenObject *)o)->gi_code->co_flags & CO_ITERABLE_COROUTINE) != 0);
}

Value vm_awaitable_iter(Value v)
{
    if (is_coroutine(v)) {
        return v;
    }
    Value (*await)(Value) = value_ops(v)->await;
    if (await == NULL) {
        return error_raise(PyExc_TypeError, "object %T can't be used in 'await' expression", v);
    }
    Value iterator = await(v);
    if (value_is_null(iterator)) {
        return iterator;
    }
    if (is_coroutine(iterator)) {
        return error_raise(PyExc_TypeError, "__await__() returned a coroutine");
    }
    if (!object_is_iterator(iterator)) {
        return error_raise(PyExc_TypeError, "__await__() returned non-iterator of type '%T'",
                           iterator);
    }
    return iterator;
}

Value vm_get_awaitable(Value v, int where)
{
    if (where != 0 && !is_coroutine(v) && value_ops(v)->await == NULL) {
        return error_raise(PyExc_TypeError,
                           "'async with' received an object from %s that does not implement "
                           "__await__: %T",
                           where == 1 ? "__aenter__" : "__aexit__", v);
    }
    Value iterator = vm_awaitable_iter(v);
    if (value_is_object(iterator) && value_object(iterator)->ob_type == &PyCoro_Type &&
        generator_yield_from((struct generator *)value_object(iterator)) != NULL) {
        return error_raise(PyExc_RuntimeError, "coroutine is being awaited already");
    }
    return iterator;
}

Value vm_get_aiter(Value v)
{
    Value (*aiter)(Value) = value_ops(v)->aiter;
    if (aiter == NULL) {
        return error_raise(PyExc_TypeError,
                           "'async for' requires an object with __aiter__ method, got %T", v);
    }
    Value iterator = aiter(v);
    if (!value_is_null(iterator) && value_ops(iterator)->anext == NULL) {
        return error_raise(PyExc_TypeError,
                           "'async for' received an object from __aiter__ that does not "
                           "implement __anext__: %T",
                           iterator);
    }
    return iterator;
}

Value vm_get_anext(Value v)
{
    Value (*anext)(Value) = value_ops(v)->anext;
    if (anext == NULL) {
        return error_raise(PyExc_TypeError,
                           "'async for' requires an iterator with __anext__ method, got %T", v);
    }
    Value awaitable = anext(v);
    if (value_is_null(awaitable) || value_object(v)->ob_type == &PyAsyncGen_Type) {
        return awaitable;
    }
    Value iterator = vm_awaitable_iter(awaitable);
    if (value_is_null(iterator)) {
        return error_raise_from_current(PyExc_TypeError,
                                        "'async for' received an invalid object from __anext__: %T",
                                        awaitable);
    }
    return iterator;
}

Value vm_send(Value iterator, Value sent, Value *result)
{
    struct type_ops *ops = value_ops(iterator);
    if (ops->send != NULL) {
        return ops->send(iterator, sent, result);
    }
    Value v;
    if (!value_is_none(sent) || ops->next == NULL) { /* a coroutine of another kind */
        v = object_call_method1(iterator, names.send, sent);
    } else if ((type_info(value_type(iterator))->flags & TYPE_PYTHON) != 0) {
        /* The operation `next` would drop the value of StopIteration. */
        v = object_call_method0(iterator, names.__next__);
    } else {
        v = ops->next(iterator);
        if (value_is_absent(v)) {
            *result = VALUE_NONE;
            return v;
        }
    }
    if (value_is_null(v) && error_take_stop_iteration(result)) {
        return VALUE_ABSENT;
    }
    return v;
}
