/* SPDX-License-Identifier: MIT */
/* Asynchronous generators. A value that the body yields is wrapped, so that whoever drives the
 * generator can tell it from what an await inside the body hands up. asend(), athrow() and friends
 * return awaitables that run the generator until it yields a wrapped value, and then end with it.
 */
#include "vm/vm_int.h"

struct wrapped_value {
    PyObject ob_base;
    PyObject *value;
};

enum awaitable_state { AWAITABLE_NEW, AWAITABLE_ITERATING, AWAITABLE_CLOSED };

/* Both asend() and athrow(), aclose() objects. Owner: the task that awaits it. */
struct awaitable {
    PyObject ob_base;
    struct generator *generator;
    PyObject *sent; /* asend: the value; athrow: the argument tuple; aclose: NULL */
    int state;
};

struct anext_awaitable {
    PyObject ob_base;
    PyObject *awaitable;
    PyObject *fallback;
};

static Value self_op(Value self)
{
    return self;
}

/* ---- Wrapped values */

static void wrapped_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct wrapped_value *)self)->value);
}
static struct type_info wrapped_info = {.trace = wrapped_trace, .flags = TYPE_NO_NEW};
PyTypeObject _PyAsyncGenWrappedValue_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "async_generator_wrapped_value",
    .tp_basicsize = sizeof(struct wrapped_value),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&wrapped_info,
};

Value async_generator_wrap(Value v)
{
    PyObject *boxed = value_box(v);
    struct wrapped_value *w =
        boxed == NULL ? NULL
                      : (struct wrapped_value *)object_alloc(&_PyAsyncGenWrappedValue_Type, 0);
    if (w == NULL) {
        return VALUE_NULL;
    }
    heap_init(w, &w->value, boxed);
    return value_from_object(w);
}

static bool is_wrapped(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &_PyAsyncGenWrappedValue_Type;
}

/* What one step of the generator gave: a wrapped value ends the awaitable (ABSENT, *result set). */
static Value unwrap(struct generator *g, Value v, Value returned, Value *result)
{
    if (value_is_absent(v)) {
        error_raise_value(PyExc_StopAsyncIteration, VALUE_ABSENT);
        v = VALUE_NULL;
    }
    if (value_is_null(v)) {
        if (error_matches(PyExc_StopAsyncIteration) || error_matches(PyExc_GeneratorExit)) {
            g->base.gi_closed = 1;
        }
        g->base.gi_running_async = 0;
        return v;
    }
    if (is_wrapped(v)) {
        *result = value_unbox(((struct wrapped_value *)value_object(v))->value);
        g->base.gi_running_async = 0;
        return VALUE_ABSENT;
    }
    return v;
}

/* ---- Hooks: sys.set_asyncgen_hooks */

int async_generator_init_hooks(struct generator *g)
{
    struct thread *t = thread_current();
    if (g->base.gi_hooks_inited) {
        return 0;
    }
    g->base.gi_hooks_inited = 1;
    if (t->state.async_gen_finalizer != NULL) {
        heap_store(g, &g->base.gi_origin_or_finalizer, t->state.async_gen_finalizer);
    }
    PyObject *first = t->state.async_gen_firstiter;
    if (first != NULL &&
        value_is_null(object_call1(value_from_object(first), value_from_object(g)))) {
        return -1;
    }
    return 0;
}

/* ---- asend */

static struct awaitable *awaitable_of(Value self)
{
    return (struct awaitable *)value_object(self);
}

static Value awaitable_new(PyTypeObject *type, struct generator *g, PyObject *sent)
{
    struct awaitable *a = (struct awaitable *)object_alloc(type, 0);
    if (a == NULL) {
        return VALUE_NULL;
    }
    heap_init(a, &a->generator, g);
    heap_init(a, &a->sent, sent);
    return value_from_object(a);
}

static void awaitable_trace(PyObject *self, struct tracer *tracer)
{
    struct awaitable *a = (struct awaitable *)self;
    trace_pointer(tracer, a->generator);
    trace_pointer(tracer, a->sent);
}

/* Ends a send() method: StopIteration carries the result. */
static Value raise_result(Value v, Value result)
{
    return value_is_absent(v) ? error_raise_value(PyExc_StopIteration,
                                                  value_is_none(result) ? VALUE_ABSENT : result)
                              : v;
}

static Value asend_step(Value self, Value sent, Value *result)
{
    struct awaitable *a = awaitable_of(self);
    struct generator *g = a->generator;
    if (a->state == AWAITABLE_CLOSED) {
        return error_raise(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
    }
    if (a->state == AWAITABLE_NEW) {
        if (g->base.gi_running_async) {
            return error_raise(PyExc_RuntimeError,
                               "anext(): asynchronous generator is already running");
        }
        if (value_is_none(sent) && a->sent != NULL) {
            sent = value_unbox(a->sent);
        }
        a->state = AWAITABLE_ITERATING;
    }
    g->base.gi_running_async = 1;
    Value returned = VALUE_NONE;
    Value v = unwrap(g, generator_resume(g, sent, false, &returned), returned, result);
    if (!value_is_present(v)) {
        a->state = AWAITABLE_CLOSED;
    }
    return v;
}

static Value asend_send(Value self, Value sent)
{
    Value result = VALUE_NONE;
    Value v = asend_step(self, sent, &result);
    return raise_result(v, result);
}

static Value asend_next(Value self)
{
    return asend_send(self, VALUE_NONE);
}

/* The arguments of throw(); count of them. -1 with an exception. */
static int throw_arguments(const Value *args, size_t nargs, PyObject *kwnames, Value *out)
{
    if (native_no_keywords("throw", kwnames) < 0 ||
        native_check_positional("throw", nargs, 1, 3) < 0) {
        return -1;
    }
    for (size_t i = 0; i < 3; i++) {
        out[i] = i < nargs ? args[i] : VALUE_ABSENT;
    }
    return 0;
}

/* generator_throw reports the end as an exception; a wrapped value ends the awaitable. */
static Value throw_step(struct generator *g, const Value *in, Value *result)
{
    return unwrap(g, generator_throw(g, in[0], in[1], in[2]), VALUE_NONE, result);
}

static Value asend_throw(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct awaitable *a = awaitable_of(self);
    Value in[3], result = VALUE_NONE;
    if (throw_arguments(args, nargs, kwnames, in) < 0) {
        return VALUE_NULL;
    }
    if (a->state == AWAITABLE_CLOSED) {
        return error_raise(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
    }
    Value v = throw_step(a->generator, in, &result);
    if (!value_is_present(v)) {
        a->state = AWAITABLE_CLOSED;
    }
    return raise_result(v, result);
}

static Value awaitable_close(Value self)
{
    awaitable_of(self)->state = AWAITABLE_CLOSED;
    return VALUE_NONE;
}

static const struct native_def asend_methods[] = {
    {"send", "($self, arg, /)", "Sends a value in; returns the next item or raises StopIteration.",
     .f1 = asend_send},
    {"throw", NULL, "Raises an exception inside; returns the next item or raises StopIteration.",
     .raw = asend_throw},
    {"close", "($self, /)", "Raises GeneratorExit inside.", .f0 = awaitable_close},
    {NULL},
};
static struct type_info asend_info = {
    .ops = {.iter = self_op, .await = self_op, .next = asend_next, .send = asend_step},
    .trace = awaitable_trace,
    .methods = asend_methods,
    .flags = TYPE_NO_NEW,
};
PyTypeObject _PyAsyncGenASend_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "async_generator_asend",
    .tp_basicsize = sizeof(struct awaitable),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&asend_info,
};

/* ---- athrow and aclose */

static const char *const ignored_exit = "async generator ignored GeneratorExit";

/* The first step: throws the exception in. */
static Value athrow_start(struct awaitable *a, Value sent, Value *result)
{
    struct generator *g = a->generator;
    if (g->base.gi_running_async) {
        a->state = AWAITABLE_CLOSED;
        return error_raise(PyExc_RuntimeError,
                           a->sent == NULL ? "aclose(): asynchronous generator is already running"
                                           : "athrow(): asynchronous generator is already running");
    }
    if (g->base.gi_closed) {
        a->state = AWAITABLE_CLOSED;
        return error_raise_value(PyExc_StopAsyncIteration, VALUE_ABSENT);
    }
    if (!value_is_none(sent)) {
        return error_raise(PyExc_RuntimeError,
                           "can't send non-None value to a just-started coroutine");
    }
    a->state = AWAITABLE_ITERATING;
    g->base.gi_running_async = 1;
    Value v;
    if (a->sent == NULL) {
        g->base.gi_closed = 1;
        v = generator_throw(g, value_from_object(PyExc_GeneratorExit), VALUE_ABSENT, VALUE_ABSENT);
        if (is_wrapped(v)) {
            g->base.gi_running_async = 0;
            a->state = AWAITABLE_CLOSED;
            return error_raise(PyExc_RuntimeError, ignored_exit);
        }
    } else {
        Value in[3];
        for (Py_ssize_t i = 0; i < 3; i++) {
            in[i] = i < tuple_length(a->sent) ? tuple_get(a->sent, i) : VALUE_ABSENT;
        }
        v = throw_step(g, in, result);
    }
    return v;
}

/* An exception came out of the generator. aclose swallows the two that mean "closed". */
static Value athrow_failed(struct awaitable *a, Value *result)
{
    a->generator->base.gi_running_async = 0;
    a->state = AWAITABLE_CLOSED;
    if (a->sent == NULL &&
        (error_matches(PyExc_StopAsyncIteration) || error_matches(PyExc_GeneratorExit))) {
        error_clear();
        *result = VALUE_NONE;
        return VALUE_ABSENT;
    }
    return VALUE_NULL;
}

static Value athrow_step(Value self, Value sent, Value *result)
{
    struct awaitable *a = awaitable_of(self);
    struct generator *g = a->generator;
    if (a->state == AWAITABLE_CLOSED) {
        return error_raise(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
    }
    Value v;
    if (a->state == AWAITABLE_NEW) {
        if (g->base.gi_frame_state >= GENERATOR_COMPLETED) {
            a->state = AWAITABLE_CLOSED;
            *result = VALUE_NONE;
            return a->sent == NULL ? VALUE_ABSENT
                                   : error_raise_value(PyExc_StopAsyncIteration, VALUE_ABSENT);
        }
        bool started = !g->base.gi_running_async && !g->base.gi_closed;
        v = athrow_start(a, sent, result);
        if (value_is_null(v) && !started) {
            return v;
        }
    } else {
        Value returned = VALUE_NONE;
        v = generator_resume(g, sent, false, &returned);
        if (a->sent != NULL) {
            v = unwrap(g, v, returned, result);
        } else if (value_is_absent(v)) {
            error_raise_value(PyExc_StopAsyncIteration, VALUE_ABSENT);
            v = VALUE_NULL;
        } else if (is_wrapped(v)) {
            g->base.gi_running_async = 0;
            a->state = AWAITABLE_CLOSED;
            return error_raise(PyExc_RuntimeError, ignored_exit);
        }
    }
    if (value_is_null(v)) {
        return athrow_failed(a, result);
    }
    if (value_is_absent(v)) {
        a->state = AWAITABLE_CLOSED;
    }
    return v;
}

static Value athrow_send(Value self, Value sent)
{
    Value result = VALUE_NONE;
    Value v = athrow_step(self, sent, &result);
    return raise_result(v, result);
}
static Value athrow_next(Value self)
{
    return athrow_send(self, VALUE_NONE);
}

static Value athrow_throw(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct awaitable *a = awaitable_of(self);
    Value in[3], result = VALUE_NONE;
    if (throw_arguments(args, nargs, kwnames, in) < 0) {
        return VALUE_NULL;
    }
    if (a->state == AWAITABLE_CLOSED) {
        return error_raise(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
    }
    Value v;
    if (a->sent != NULL) {
        v = throw_step(a->generator, in, &result);
    } else {
        v = generator_throw(a->generator, in[0], in[1], in[2]);
        if (is_wrapped(v)) {
            a->generator->base.gi_running_async = 0;
            a->state = AWAITABLE_CLOSED;
            return error_raise(PyExc_RuntimeError, ignored_exit);
        }
    }
    if (value_is_null(v)) {
        v = athrow_failed(a, &result);
    }
    return raise_result(v, result);
}

static const struct native_def athrow_methods[] = {
    {"send", "($self, arg, /)", "Sends a value in; returns the next item or raises StopIteration.",
     .f1 = athrow_send},
    {"throw", NULL, "Raises an exception inside; returns the next item or raises StopIteration.",
     .raw = athrow_throw},
    {"close", "($self, /)", "Raises GeneratorExit inside.", .f0 = awaitable_close},
    {NULL},
};
static struct type_info athrow_info = {
    .ops = {.iter = self_op, .await = self_op, .next = athrow_next, .send = athrow_step},
    .trace = awaitable_trace,
    .methods = athrow_methods,
    .flags = TYPE_NO_NEW,
};
PyTypeObject _PyAsyncGenAThrow_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "async_generator_athrow",
    .tp_basicsize = sizeof(struct awaitable),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&athrow_info,
};

/* ---- The generator */

static struct generator *generator_of(Value self)
{
    return (struct generator *)value_object(self);
}

static Value start(PyTypeObject *type, Value self, PyObject *sent)
{
    struct generator *g = generator_of(self);
    return async_generator_init_hooks(g) < 0 ? VALUE_NULL : awaitable_new(type, g, sent);
}

static Value async_anext(Value self)
{
    return start(&_PyAsyncGenASend_Type, self, NULL);
}

static Value async_asend(Value self, Value v)
{
    PyObject *boxed = value_box(v);
    return boxed == NULL ? VALUE_NULL : start(&_PyAsyncGenASend_Type, self, boxed);
}

static Value async_athrow(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("athrow", kwnames) < 0 ||
        native_check_positional("athrow", nargs, 1, 3) < 0) {
        return VALUE_NULL;
    }
    PyObject *tuple = tuple_from_array(args, nargs);
    return tuple == NULL ? VALUE_NULL : start(&_PyAsyncGenAThrow_Type, self, tuple);
}

static Value async_aclose(Value self)
{
    return start(&_PyAsyncGenAThrow_Type, self, NULL);
}

static Value async_repr(Value self)
{
    return value_from_object(str_format("<async_generator object %U at 0x%lx>",
                                        generator_of(self)->base.gi_qualname, (long)self.bits));
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def async_methods[] = {
    {"asend", "($self, value, /)", "Sends a value; an awaitable.", .f1 = async_asend},
    {"athrow", NULL, "Raises an exception where it is suspended; an awaitable.",
     .raw = async_athrow},
    {"aclose", "($self, /)", "Closes the generator; an awaitable.", .f0 = async_aclose},
    {"__class_getitem__", "($type, item, /)", "See PEP 585.", NATIVE_CLASS, .f1 = class_getitem},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = generator_sizeof},
    {NULL},
};

static struct type_info async_info = {
    .ops = {.repr = async_repr,
            .aiter = self_op,
            .anext = async_anext,
            .finalize = generator_finalize,
            .is_spent = generator_is_spent},
    .trace = generator_trace,
    .methods = async_methods,
    .getsets = async_generator_getsets,
    .flags = TYPE_OBSERVED | TYPE_NO_NEW,
};
PyTypeObject PyAsyncGen_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "async_generator",
    .tp_basicsize = sizeof(PyAsyncGenObject),
    .tp_itemsize = sizeof(PyObject *),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_cache = (PyObject *)&async_info,
};

/* ---- anext(iterator, default) */

static struct anext_awaitable *anext_of(Value self)
{
    return (struct anext_awaitable *)value_object(self);
}

static void anext_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct anext_awaitable *)self)->awaitable);
    trace_pointer(tracer, ((struct anext_awaitable *)self)->fallback);
}

/* The iterator to drive: that of the awaitable. */
static Value anext_iterator(Value self)
{
    return vm_awaitable_iter(value_from_object(anext_of(self)->awaitable));
}

/* The end of the asynchronous iteration becomes the default. */
static Value anext_result(Value self, Value v, Value *result)
{
    if (value_is_null(v) && error_matches(PyExc_StopAsyncIteration)) {
        error_clear();
        *result = value_unbox(anext_of(self)->fallback);
        return VALUE_ABSENT;
    }
    return v;
}

static Value anext_step(Value self, Value sent, Value *result)
{
    Value iterator = anext_iterator(self);
    if (value_is_null(iterator)) {
        return iterator;
    }
    return anext_result(self, vm_send(iterator, sent, result), result);
}

static Value anext_send(Value self, Value sent)
{
    Value result = VALUE_NONE;
    Value v = anext_step(self, sent, &result);
    return raise_result(v, result);
}
static Value anext_next(Value self)
{
    return anext_send(self, VALUE_NONE);
}

static Value anext_throw(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value iterator = anext_iterator(self), result = VALUE_NONE;
    if (value_is_null(iterator)) {
        return iterator;
    }
    Value method = object_getattr(iterator, names.throw);
    if (value_is_null(method)) {
        return method;
    }
    Value v = anext_result(self, object_call(method, args, nargs, kwnames), &result);
    return raise_result(v, result);
}

static Value anext_close(Value self)
{
    Value iterator = anext_iterator(self);
    return value_is_null(iterator) ? iterator : object_call_method0(iterator, names.close);
}

static const struct native_def anext_methods[] = {
    {"send", "($self, arg, /)", "Sends a value in; returns the next item or raises StopIteration.",
     .f1 = anext_send},
    {"throw", NULL, "Raises an exception inside; returns the next item or raises StopIteration.",
     .raw = anext_throw},
    {"close", "($self, /)", "Raises GeneratorExit inside.", .f0 = anext_close},
    {NULL},
};
static struct type_info anext_info = {
    .ops = {.iter = self_op, .await = self_op, .next = anext_next, .send = anext_step},
    .trace = anext_trace,
    .methods = anext_methods,
    .flags = TYPE_NO_NEW,
};
PyTypeObject anext_awaitable_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "anext_awaitable",
    .tp_basicsize = sizeof(struct anext_awaitable),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&anext_info,
};

Value vm_anext_awaitable(Value awaitable, Value fallback)
{
    struct anext_awaitable *a = (struct anext_awaitable *)object_alloc(&anext_awaitable_type, 0);
    PyObject *first = value_box(awaitable), *second = value_box(fallback);
    if (a == NULL || first == NULL || second == NULL) {
        return VALUE_NULL;
    }
    heap_init(a, &a->awaitable, first);
    heap_init(a, &a->fallback, second);
    return value_from_object(a);
}
