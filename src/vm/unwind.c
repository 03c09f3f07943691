/* SPDX-License-Identifier: MIT */
/* Raising, handling and matching exceptions. The unwinding itself is at the end of the loop in
 * interpreter.c; vm/vm.c explains it. */
#include "vm/vm_int.h"

void vm_add_traceback(struct frame *frame)
{
    struct thread *t = thread_current();
    if (UNLIKELY(t->lent_count != 0)) {
        vm_share_lent(t, frame);
    }
    struct frame_object *f = frame_object_get(frame);
    if (f == NULL) {
        return;
    }
    uint32_t pc = frame_index(frame);
    if (traceback_add(&f->ob_base, code_lasti(pc), code_line(frame->code, pc)) < 0) {
        return;
    }
}

/* exc_info is in the thread record or in a generator, which only this thread executes. */
static void set_handled(struct thread *t, Value exception)
{
    PyObject **slot = &t->state.exc_info->exc_value;
    PyObject *o =
        value_is_none(exception) || value_is_null(exception) ? NULL : value_object(exception);
    heap_barrier(slot, slot, (uint64_t)(uintptr_t)*slot, (uint64_t)(uintptr_t)o);
    atomic_store_release(slot, o);
}

void vm_push_handled(struct thread *t, Value *regs)
{
    PyObject *previous = t->state.exc_info->exc_value;
    regs[1] = previous == NULL ? VALUE_NONE : value_from_object(previous);
    set_handled(t, regs[0]);
}

void vm_pop_handled(struct thread *t, Value previous)
{
    set_handled(t, previous);
}

/* An instance for `raise v`; NULL with an exception set. */
static PyObject *make_instance(Value v)
{
    if (exception_check(v)) {
        return value_object(v);
    }
    if (exception_class_check(v)) {
        Value instance = object_call0(v);
        if (value_is_null(instance)) {
            return NULL;
        }
        if (!exception_check(instance)) {
            return error_raise_null(PyExc_TypeError,
                                    "calling %R should have returned an instance of BaseException, "
                                    "not %R",
                                    v, value_from_object(value_type(instance)));
        }
        return value_object(instance);
    }
    return error_raise_null(PyExc_TypeError, "exceptions must derive from BaseException");
}

void vm_restore_raise_position(struct thread *t, struct frame *frame)
{
    const PyTracebackObject *entry = (const PyTracebackObject *)t->state.curexc_traceback;
    bool lost = code_line(frame->code, frame_index(frame)) < 0;
    if (lost && entry != NULL && (void *)entry->tb_frame == (void *)frame->object &&
        entry->tb_lasti >= 0) {
        frame->pc = frame->code->instructions + code_pc(entry->tb_lasti);
    }
}

bool vm_raise(struct thread *t, Value exception, Value cause, int kind)
{
    if (kind == 0) {
        PyObject *handled = error_handled();
        if (handled == NULL) {
            error_raise(PyExc_RuntimeError, "No active exception to reraise");
            return false;
        }
        error_restore(handled);
        return true; /* its traceback has this frame already */
    }
    PyObject *instance = make_instance(exception);
    if (instance == NULL) {
        return false;
    }
    if (kind == 2) {
        PyObject *reason = NULL;
        if (exception_check(cause)) {
            reason = value_object(cause);
        } else if (exception_class_check(cause)) {
            Value made = object_call0(cause);
            if (value_is_null(made)) {
                return false;
            }
            reason = value_object(made);
        } else if (!value_is_none(cause)) {
            error_raise(PyExc_TypeError, "exception causes must derive from BaseException");
            return false;
        }
        exception_set_cause(instance, reason);
    }
    error_set_instance(instance);
    return false;
}

static const char *const not_exception_text =
    "catching classes that do not inherit from BaseException is not allowed";

static int check_handler_type(Value type)
{
    if (tuple_check(type)) {
        for (Py_ssize_t i = 0; i < tuple_length(value_object(type)); i++) {
            if (!exception_class_check(tuple_get(value_object(type), i))) {
                return error_raise_int(PyExc_TypeError, not_exception_text);
            }
        }
        return 0;
    }
    if (!exception_class_check(type)) {
        return error_raise_int(PyExc_TypeError, not_exception_text);
    }
    return 0;
}

int vm_check_match(Value exception, Value type)
{
    if (LIKELY(exception_class_check(type))) {
        PyTypeObject *is = value_object(exception)->ob_type;
        PyTypeObject *wanted = (PyTypeObject *)value_object(type);
        return is == wanted || type_is_subtype(is, wanted);
    }
    if (check_handler_type(type) < 0) {
        return -1;
    }
    return error_instance_matches(value_object(exception), value_object(type));
}

int vm_check_group_match(Value exception, Value type, Value *match)
{
    Value types[1] = {type};
    const Value *all = types;
    Py_ssize_t count = 1;
    if (check_handler_type(type) < 0) {
        /* Same rule, other words. */
        error_clear();
        return error_raise_int(PyExc_TypeError, not_exception_text);
    }
    Value group = value_from_object(PyExc_BaseExceptionGroup);
    if (tuple_check(type)) {
        all = NULL;
        count = tuple_length(value_object(type));
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Value one = all == NULL ? tuple_get(value_object(type), i) : all[i];
        int is_group = object_is_subclass(one, group);
        if (is_group < 0) {
            return -1;
        }
        if (is_group) {
            return error_raise_int(PyExc_TypeError,
                                   "catching ExceptionGroup with except* is not allowed. "
                                   "Use except instead.");
        }
    }
    if (value_is_none(exception)) {
        match[0] = match[1] = VALUE_NONE;
        return 0;
    }
    int result =
        exception_group_match(value_object(exception), value_object(type), &match[0], &match[1]);
    if (result >= 0 && exception_check(match[0])) {
        set_handled(thread_current(), match[0]);
    }
    return result;
}

Value vm_prep_reraise_star(Value original, Value list)
{
    return exception_group_rejoin(value_object(original), value_object(list));
}

/* StopIteration must not leave a generator: it would end the consumer's loop silently. */
void vm_generator_failed(struct thread *t, struct generator *g)
{
    int flags = g->base.gi_code->co_flags;
    const char *what = (flags & CO_ASYNC_GENERATOR) != 0 ? "async generator"
                       : (flags & CO_COROUTINE) != 0     ? "coroutine"
                                                         : "generator";
    if (error_matches(PyExc_StopIteration)) {
        error_raise_from_current(PyExc_RuntimeError, "%s raised StopIteration", what);
    } else if ((flags & CO_ASYNC_GENERATOR) != 0 && error_matches(PyExc_StopAsyncIteration)) {
        error_raise_from_current(PyExc_RuntimeError, "%s raised StopAsyncIteration", what);
    }
}
