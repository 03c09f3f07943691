/* SPDX-License-Identifier: MIT */
/* Frame objects: made when somebody asks for one, attached to the frame on the control stack while
 * it runs, to the generator while it is suspended, and holding a copy of the locals afterwards. */
#include "vm/vm_int.h"

static struct frame_object *object_make(struct code *code, PyFunctionObject *function,
                                        PyObject *globals)
{
    struct frame_object *f = (struct frame_object *)object_alloc(&PyFrame_Type, 0);
    if (f == NULL) {
        return NULL;
    }
    heap_init(f, &f->code, code);
    heap_init(f, &f->function, function);
    heap_init(f, &f->globals, globals);
    f->trace_lines = true;
    return f;
}

struct frame_object *frame_object_new(PyObject *code, PyObject *globals, PyObject *locals)
{
    struct frame_object *f = object_make(code_cast(code), NULL, globals);
    if (f != NULL) {
        heap_init(f, &f->locals, locals);
    }
    return f;
}

struct frame_object *frame_object_get(struct frame *frame)
{
    if (frame->flags & FRAME_OBJECT) {
        return frame->object;
    }
    struct frame_object *f = object_make(frame->code, frame->function, frame->globals);
    if (f == NULL) {
        return NULL;
    }
    f->frame = frame;
    if (frame->flags & FRAME_NAMES) {
        heap_init(f, &f->locals, frame->owner);
    }
    if (frame->flags & FRAME_GENERATOR) {
        struct generator *g = frame->owner;
        heap_init(f, &f->generator, g);
        heap_store(g, &g->object, f);
    }
    frame->object = f;
    frame->flags |= FRAME_OBJECT;
    return f;
}

struct frame_object *frame_object_of_generator(struct generator *g)
{
    if (g->object != NULL) {
        return g->object;
    }
    if (g->frame != NULL) {
        return frame_object_get(g->frame);
    }
    struct frame_object *f = object_make(generator_code(g), g->function, g->globals);
    if (f != NULL) {
        heap_init(f, &f->generator, g);
        heap_store(g, &g->object, f);
    }
    return f;
}

/* Into a fresh cell, while the frame's thread may write to its registers. Observed objects in it
 * are not counted (prompt.c): most frame objects are those of tracebacks, which die without anybody
 * telling. */
static void snapshot_window(Value *to, const Value *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = value_load_relaxed(&from[i]);
    }
    heap_remember_range(to, count * sizeof *to);
}

void frame_object_detach(struct frame *frame)
{
    struct frame_object *f = frame->object;
    struct code *code = frame->code;
    size_t count = (size_t)code->base.co_nlocalsplus;
    f->pc = frame->pc;
    if (count > 0) {
        Value *window = heap_alloc(count * sizeof(Value), CELL_WORDS);
        if (window != NULL) {
            snapshot_window(window, frame->regs, count);
            heap_store(f, &f->window, window);
        }
    }
    struct frame *back = frame_previous(thread_current(), frame);
    /* A generator's frame has no caller any more; others keep it, as tracebacks show it. */
    if (back != NULL && (frame->flags & FRAME_GENERATOR) == 0) {
        heap_store(f, &f->back, frame_object_get(back));
    }
    heap_store(f, &f->generator, NULL);
    atomic_store_release(&f->frame, NULL);
    frame->flags &= ~(uint64_t)FRAME_OBJECT;
}

static bool is_running_in(const struct thread *t, const struct frame *frame)
{
    return t->frame != NULL && frame >= (struct frame *)t->frame_stack &&
           frame <= (struct frame *)t->frame;
}

/* May another thread run the frame, now or at any moment (a suspended generator's)? Then it is only
 * looked at while the world is stopped. */
static bool is_shared(const struct frame_object *f)
{
    const struct frame *frame = atomic_load_acquire(&f->frame);
    if (thread_count() < 2 || world_is_stopped()) {
        return false;
    }
    return frame != NULL ? !is_running_in(thread_current(), frame)
                         : atomic_load_relaxed(&f->generator) != NULL;
}

static struct instruction *pc_now(const struct frame_object *f)
{
    return f->frame != NULL ? f->frame->pc : f->generator != NULL ? f->generator->pc : f->pc;
}

static Value *window_now(struct frame_object *f)
{
    return f->frame != NULL       ? f->frame->regs
           : f->generator != NULL ? f->generator->window
                                  : f->window;
}

struct instruction *frame_object_pc(const struct frame_object *f)
{
    if (LIKELY(!is_shared(f))) {
        return pc_now(f);
    }
    world_stop();
    struct instruction *pc = pc_now(f);
    world_resume();
    return pc;
}

/* Private objects of extensions are their thread's: the variables that own them seem unbound. */
static void hide_private(Value *window, size_t count)
{
    for (size_t i = 0; heap_scan_counts && i < count; i++) {
        if (value_is_object(window[i]) && heap_is_foreign(value_object(window[i])) &&
            !object_is_public(value_object(window[i]))) {
            window[i] = VALUE_NULL;
        }
    }
}

/* A copy of the window, if another thread may run the frame. */
Value *frame_object_window(struct frame_object *f)
{
    size_t count = (size_t)f->code->base.co_nlocalsplus;
    if (LIKELY(!is_shared(f)) || count == 0) {
        if (f->frame != NULL && is_running_in(thread_current(), f->frame)) {
            vm_share_lent(thread_current(), f->frame);
        }
        return window_now(f);
    }
    Value *copy = heap_alloc(count * sizeof(Value), CELL_WORDS);
    if (copy == NULL) {
        return NULL;
    }
    world_stop();
    const Value *window = window_now(f);
    if (window != NULL) {
        snapshot_window(copy, window, count);
        hide_private(copy, count);
    }
    world_resume();
    return window != NULL ? copy : NULL;
}

int frame_object_line(const struct frame_object *f)
{
    if (f->line_override != 0) {
        return f->line_override;
    }
    struct instruction *pc = frame_object_pc(f);
    if (pc == NULL) {
        return f->code->base.co_firstlineno;
    }
    return code_line(f->code, (uint32_t)(pc - f->code->instructions));
}

/* ---- Locals */

static int local_kind(const struct code *code, Py_ssize_t i)
{
    return (unsigned char)((PyBytesObject *)code->base.co_localspluskinds)->ob_sval[i];
}

/* The value of a local: what its cell holds if it is in one. VALUE_NULL: unbound. */
static Value local_value(const struct code *code, const Value *window, Py_ssize_t i)
{
    Value v = window[i];
    if ((local_kind(code, i) & (KIND_CELL | KIND_FREE)) != 0 && value_is_object(v) &&
        value_object(v)->ob_type == &PyCell_Type) {
        v = cell_get(value_object(v));
    }
    return v;
}

int frame_fill_locals(PyObject *dict, struct code *code, const Value *window)
{
    bool optimized = (code->base.co_flags & CO_OPTIMIZED) != 0;
    for (Py_ssize_t i = 0; i < code->base.co_nlocalsplus; i++) {
        /* Class bodies do not show the variables of enclosing functions. */
        if ((local_kind(code, i) & KIND_FREE) != 0 && !optimized) {
            continue;
        }
        Value name = tuple_get(code->base.co_localsplusnames, i);
        Value v = window == NULL ? VALUE_NULL : local_value(code, window, i);
        int done = value_is_null(v) ? dict_delete(dict, name) : dict_set(dict, name, v);
        if (done < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *frame_object_locals(struct frame_object *f)
{
    bool names_code = (f->code->base.co_flags & CO_OPTIMIZED) == 0;
    if (f->locals == NULL) {
        PyObject *dict = dict_new();
        if (dict == NULL) {
            return NULL;
        }
        heap_store(f, &f->locals, dict);
    }
    if (names_code) {
        return f->locals;
    }
    return frame_fill_locals(f->locals, f->code, frame_object_window(f)) < 0 ? NULL : f->locals;
}

void frame_locals_to_fast(struct frame_object *f)
{
    Value *window = frame_object_window(f);
    if (f->locals == NULL || window == NULL || (f->code->base.co_flags & CO_OPTIMIZED) == 0) {
        return;
    }
    struct code *code = f->code;
    for (Py_ssize_t i = 0; i < code->base.co_nlocalsplus; i++) {
        Value v = dict_get(f->locals, tuple_get(code->base.co_localsplusnames, i));
        if (value_is_null(v)) {
            error_clear();
            continue;
        }
        Value old = window[i];
        if (value_is_object(old) && value_object(old)->ob_type == &PyCell_Type &&
            (local_kind(code, i) & (KIND_CELL | KIND_FREE)) != 0) {
            cell_set(value_object(old), value_is_absent(v) ? VALUE_NULL : v);
        } else {
            heap_store_value(window, &window[i], value_is_absent(v) ? VALUE_NULL : v);
        }
    }
}

/* ---- Attributes */

static struct frame_object *cast(Value self)
{
    return (struct frame_object *)value_object(self);
}

/* What is asked of a frame that another thread runs, while the world is stopped. */
struct back_query {
    struct frame_object *of, *back;
};

static void find_back(struct thread *t, void *argument)
{
    struct back_query *q = argument;
    struct frame *frame = q->of->frame;
    if (frame != NULL && is_running_in(t, frame)) {
        struct frame *previous = frame_previous(t, frame);
        q->back = previous == NULL ? NULL : frame_object_get(previous);
    }
}

struct frame_object *frame_object_back(struct frame_object *f)
{
    struct thread *t = thread_current();
    struct frame *frame = atomic_load_acquire(&f->frame);
    if (frame == NULL) {
        return atomic_load_acquire(&f->back);
    }
    if (is_running_in(t, frame)) {
        struct frame *previous = frame_previous(t, frame);
        return previous == NULL ? NULL : frame_object_get(previous);
    }
    struct back_query query = {.of = f};
    world_stop();
    query.back = f->back; /* the frame may have ended by now */
    thread_for_each(find_back, &query);
    world_resume();
    return query.back;
}

static Value get_back(Value self, void *unused)
{
    struct frame_object *back = frame_object_back(cast(self));
    if (back == NULL) {
        return error_occurred() ? VALUE_NULL : VALUE_NONE;
    }
    return value_from_object(back);
}

static Value get_locals(Value self, void *unused)
{
    return value_from_object(frame_object_locals(cast(self)));
}
static Value get_code(Value self, void *unused)
{
    return value_from_object(cast(self)->code);
}
static Value get_globals(Value self, void *unused)
{
    return value_from_object(cast(self)->globals);
}
PyObject *frame_object_builtins(const struct frame_object *f)
{
    return f->function == NULL ? vm_default_builtins : f->function->func_builtins;
}
static Value get_builtins(Value self, void *unused)
{
    return value_from_object(frame_object_builtins(cast(self)));
}
static Value get_lasti(Value self, void *unused)
{
    struct frame_object *f = cast(self);
    struct instruction *pc = frame_object_pc(f);
    return value_from_int(pc == NULL ? -1 : code_lasti((uint32_t)(pc - f->code->instructions)));
}
static Value get_line(Value self, void *unused)
{
    int line = frame_object_line(cast(self));
    return line < 0 ? VALUE_NONE : value_from_int(line);
}

/* May a trace function jump at the event that it is called for? 0, or -1 with ValueError. */
static int check_jump_event(struct thread *t, const struct frame_object *f)
{
    switch (t->state.tracing_what) {
    case PyTrace_LINE:
    case PyTrace_OPCODE: return 0;
    case PyTrace_RETURN:
        if (f->frame != NULL && opcode_generic(f->frame->pc->op) == OPCODE_YIELD_VALUE) {
            return 0;
        }
        return error_raise_int(PyExc_ValueError, "can only jump from a 'line' trace event");
    case PyTrace_CALL:
        return error_raise_int(PyExc_ValueError,
                               "can't jump from the 'call' trace event of a new frame");
    default: return error_raise_int(PyExc_ValueError, "can only jump from a 'line' trace event");
    }
}

/* f_lineno may be set by a trace function: execution goes on at the first instruction of that line
 * that may be entered from where the frame is (bytecode/jump.c). */
static int set_line(Value self, Value v, void *unused)
{
    struct frame_object *f = cast(self);
    struct thread *t = thread_current();
    int64_t line;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_AttributeError, "cannot delete attribute");
    }
    if (!int_check(v) || !int_try_small(v, &line)) {
        return error_raise_int(PyExc_ValueError, "lineno must be an integer");
    }
    bool traced = f->trace != NULL || t->state.tracing_what == PyTrace_CALL;
    if (f->frame == NULL || !traced || t->state.tracing == 0) {
        return error_raise_int(PyExc_ValueError, "f_lineno can only be set by a trace function");
    }
    if (check_jump_event(t, f) < 0) {
        return -1;
    }
    struct code *code = f->code;
    if (line < code->base.co_firstlineno) {
        return error_raise_int(PyExc_ValueError, "line %d comes before the current code block",
                               (int)line);
    }
    const char *problem;
    int best_line;
    int64_t best = code_find_jump(code, frame_index(f->frame), (int)line, &best_line, &problem);
    if (best < 0 && problem != NULL) {
        return error_raise_int(PyExc_ValueError, "%s", problem);
    }
    if (best < 0) {
        return error_raise_int(PyExc_ValueError, "line %d comes after the current code block",
                               (int)line);
    }
    uint32_t position = frame_index(f->frame);
    for (int reg; (reg = code_left_handler(code, (uint32_t)best, &position)) >= 0;) {
        vm_pop_handled(t, f->frame->regs[reg + 1]);
    }
    f->frame->pc = code->instructions + best;
    f->line_override = best_line;
    return 0;
}

static Value get_trace(Value self, void *unused)
{
    PyObject *trace = cast(self)->trace;
    return trace == NULL ? VALUE_NONE : value_from_object(trace);
}
static int set_trace(Value self, Value v, void *unused)
{
    struct frame_object *f = cast(self);
    bool off = value_is_absent(v) || value_is_none(v);
    heap_store(f, &f->trace, off ? NULL : value_box(v));
    return 0;
}
static int bool_attribute(Value v, bool *out)
{
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "cannot delete attribute");
    }
    if (v.bits != VALUE_TRUE.bits && v.bits != VALUE_FALSE.bits) {
        return error_raise_int(PyExc_TypeError, "attribute value type must be bool");
    }
    *out = v.bits == VALUE_TRUE.bits;
    return 0;
}
static Value get_trace_lines(Value self, void *unused)
{
    return value_from_bool(cast(self)->trace_lines);
}
static int set_trace_lines(Value self, Value v, void *unused)
{
    return bool_attribute(v, &cast(self)->trace_lines);
}
static Value get_trace_opcodes(Value self, void *unused)
{
    return value_from_bool(cast(self)->trace_opcodes);
}
static int set_trace_opcodes(Value self, Value v, void *unused)
{
    return bool_attribute(v, &cast(self)->trace_opcodes);
}

static Value frame_clear(Value self)
{
    struct frame_object *f = cast(self);
    if (atomic_load_acquire(&f->frame) != NULL) {
        return error_raise(PyExc_RuntimeError, "cannot clear an executing frame");
    }
    if (f->generator != NULL) {
        struct generator *g = f->generator;
        if (value_is_null(generator_close(g))) {
            error_write_unraisable(self, NULL);
        }
        heap_store(f, &f->generator, NULL);
    }
    heap_store(f, &f->window, NULL);
    if ((f->code->base.co_flags & CO_OPTIMIZED) != 0) {
        heap_store(f, &f->locals, NULL);
    }
    heap_store(f, &f->trace, NULL);
    f->cleared = true;
    return VALUE_NONE;
}

static Value frame_sizeof(Value self)
{
    return int_from_size(sizeof(struct frame_object) + cast(self)->code->registers * 8);
}

static Value frame_repr(Value self)
{
    struct frame_object *f = cast(self);
    return value_from_object(str_format(
        "<frame at 0x%lx, file %R, line %d, code %U>", (long)(uintptr_t)f,
        value_from_object(f->code->base.co_filename), frame_object_line(f), f->code->base.co_name));
}

static void frame_trace_references(PyObject *self, struct tracer *tracer)
{
    struct frame_object *f = (struct frame_object *)self;
    trace_pointer(tracer, f->generator);
    trace_pointer(tracer, f->back);
    trace_pointer(tracer, f->code);
    trace_pointer(tracer, f->function);
    trace_pointer(tracer, f->globals);
    trace_pointer(tracer, f->locals);
    trace_pointer(tracer, f->trace);
    trace_pointer(tracer, f->window);
}

static const struct native_def frame_methods[] = {
    {"clear", "($self, /)", "Drops the references that a finished frame holds.", .f0 = frame_clear},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = frame_sizeof},
    {NULL},
};
static const struct getset_def frame_getsets[] = {
    {"f_back", get_back, NULL, NULL, NULL},
    {"f_builtins", get_builtins, NULL, NULL, NULL},
    {"f_code", get_code, NULL, NULL, NULL},
    {"f_globals", get_globals, NULL, NULL, NULL},
    {"f_lasti", get_lasti, NULL, NULL, NULL},
    {"f_lineno", get_line, set_line, NULL, NULL},
    {"f_locals", get_locals, NULL, NULL, NULL},
    {"f_trace", get_trace, set_trace, NULL, NULL},
    {"f_trace_lines", get_trace_lines, set_trace_lines, NULL, NULL},
    {"f_trace_opcodes", get_trace_opcodes, set_trace_opcodes, NULL, NULL},
    {NULL},
};
static struct type_info frame_info = {
    .ops = {.repr = frame_repr},
    .trace = frame_trace_references,
    .methods = frame_methods,
    .getsets = frame_getsets,
    .flags = TYPE_NO_NEW,
};
PyTypeObject PyFrame_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "frame",
    .tp_basicsize = sizeof(struct frame_object),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&frame_info,
};

/* ---- The running frames of the calling thread */

PyObject *vm_globals(void)
{
    struct frame *frame = thread_current()->frame;
    return frame == NULL ? NULL : frame->globals;
}

PyObject *vm_builtins(void)
{
    struct frame *frame = thread_current()->frame;
    return frame == NULL ? vm_default_builtins : frame->function->func_builtins;
}

int vm_code_flags(void)
{
    struct frame *frame = thread_current()->frame;
    return frame == NULL ? 0 : frame->code->base.co_flags;
}

int vm_current_line(void)
{
    struct frame *frame = thread_current()->frame;
    return frame == NULL ? 0 : code_line(frame->code, frame_index(frame));
}

PyObject *vm_locals(void)
{
    struct frame *frame = thread_current()->frame;
    if (frame == NULL) {
        return error_raise_null(PyExc_SystemError, "frame does not exist");
    }
    if ((frame->code->base.co_flags & CO_OPTIMIZED) == 0) {
        return frame_names(frame);
    }
    struct frame_object *f = frame_object_get(frame);
    return f == NULL ? NULL : frame_object_locals(f);
}

PyObject *vm_frame_object(int depth)
{
    struct thread *t = thread_current();
    struct frame *frame = t->frame;
    while (frame != NULL && depth > 0) {
        frame = frame_previous(t, frame);
        depth--;
    }
    if (frame == NULL) {
        return error_raise_null(PyExc_ValueError, "call stack is not deep enough");
    }
    return (PyObject *)frame_object_get(frame);
}

enum { MOST_THREADS = 256 };

/* What is read of every thread while the world is stopped; allocation waits until it goes on. */
struct snapshot {
    PyObject *objects[MOST_THREADS];
    uint64_t ids[MOST_THREADS];
    size_t count;
    bool exceptions;
};

static void take_snapshot(struct thread *t, void *argument)
{
    struct snapshot *s = argument;
    if (s->count == MOST_THREADS || (t->frame == NULL && !s->exceptions)) {
        return;
    }
    PyObject *o = NULL;
    if (s->exceptions) {
        for (_PyErr_StackItem *e = t->state.exc_info; e != NULL && o == NULL;
             e = e->previous_item) {
            o = e->exc_value;
        }
        o = o == NULL ? Py_None : o;
    } else {
        o = (PyObject *)frame_object_get(t->frame);
    }
    s->ids[s->count] = t->state.thread_id;
    s->objects[s->count++] = o;
}

static PyObject *snapshot_dict(bool exceptions)
{
    struct snapshot s = {.count = 0, .exceptions = exceptions};
    PyObject *dict = dict_new();
    if (dict == NULL) {
        return NULL;
    }
    world_stop();
    thread_for_each(take_snapshot, &s);
    world_resume();
    for (size_t i = 0; i < s.count; i++) {
        if (s.objects[i] != NULL &&
            dict_set(dict, int_from_u64(s.ids[i]), value_from_object(s.objects[i])) < 0) {
            return NULL;
        }
    }
    return dict;
}

PyObject *vm_current_frames(void)
{
    return snapshot_dict(false);
}

PyObject *vm_current_exceptions(void)
{
    return snapshot_dict(true);
}

int vm_recursion_depth(void)
{
    const struct thread *t = thread_current();
    return t->frame == NULL ? 0 : (int)(t->frame - (struct frame *)t->frame_stack) + 1;
}

int vm_super_arguments(Value *type, Value *self)
{
    struct frame *frame = thread_current()->frame;
    if (frame == NULL) {
        return error_raise_int(PyExc_RuntimeError, "super(): no current frame");
    }
    struct code *code = frame->code;
    if (code->base.co_argcount == 0) {
        return error_raise_int(PyExc_RuntimeError, "super(): no arguments");
    }
    *self = local_value(code, frame->regs, 0);
    if (value_is_null(*self)) {
        return error_raise_int(PyExc_RuntimeError, "super(): arg[0] deleted");
    }
    for (Py_ssize_t i = 0; i < code->base.co_nlocalsplus; i++) {
        if ((local_kind(code, i) & KIND_FREE) == 0 ||
            !str_equal(tuple_object(code->base.co_localsplusnames, i), names.__class__)) {
            continue;
        }
        Value cell = frame->regs[i];
        if (!value_is_object(cell) || value_object(cell)->ob_type != &PyCell_Type) {
            return error_raise_int(PyExc_RuntimeError, "super(): bad __class__ cell");
        }
        *type = cell_get(value_object(cell));
        if (value_is_null(*type)) {
            return error_raise_int(PyExc_RuntimeError, "super(): empty __class__ cell");
        }
        if (!type_has_feature(value_type(*type), Py_TPFLAGS_TYPE_SUBCLASS)) {
            return error_raise_int(PyExc_RuntimeError, "super(): __class__ is not a type (%T)",
                                   *type);
        }
        return 0;
    }
    return error_raise_int(PyExc_RuntimeError, "super(): __class__ cell not found");
}
