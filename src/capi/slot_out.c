/* SPDX-License-Identifier: MIT */
/* C slots that call operations of ours: what tp_repr and its like point to in our own types and in
 * classes written in Python. Crossing code of thunks, as in slot_in.c. */
#include "capi/slot_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/type_int.h"

#define FUNCTION(result, ...) ((result(*)(__VA_ARGS__))capi_thunks[thunk].function)

static PyObject *out_unary(PyObject *self, void *a, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return(t, FUNCTION(Value, Value)(capi_value(self)));
}

static Py_hash_t out_hash(PyObject *self, void *a, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return_size(t, FUNCTION(Py_hash_t, Value)(capi_value(self)));
}

/* The arguments of a call as an array and names. 0 or -1. */
struct c_call {
    const Value *args;
    size_t nargs;
    PyObject *kwnames;
};

static int unpack_call(struct c_call *call, PyObject *args, PyObject *kwargs)
{
    args = capi_object(args);
    size_t n = args == NULL ? 0 : (size_t)tuple_length(args);
    *call = (struct c_call){(const Value *)(void *)((PyTupleObject *)args)->ob_item, n, NULL};
    size_t keywords = kwargs == NULL ? 0 : (size_t)dict_length(kwargs);
    if (keywords == 0) {
        return 0;
    }
    Value *all = heap_alloc((n + keywords) * sizeof *all, CELL_WORDS);
    PyObject *kwnames = tuple_new((Py_ssize_t)keywords);
    if (all == NULL || kwnames == NULL) {
        error_no_memory();
        return -1;
    }
    memcpy(all, call->args, n * sizeof *all);
    size_t position = 0, i = 0;
    Value key, value;
    Py_hash_t hash;
    while (i < keywords && dict_next(capi_object(kwargs), &position, &key, &value, &hash)) {
        tuple_init_item(kwnames, (Py_ssize_t)i, key);
        all[n + i++] = value;
    }
    *call = (struct c_call){all, n, kwnames};
    return 0;
}

static PyObject *out_call(PyObject *self, PyObject *args, PyObject *kwargs, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    struct c_call call;
    if (unpack_call(&call, args, kwargs) < 0) {
        return capi_return(t, VALUE_NULL);
    }
    return capi_return(t, FUNCTION(Value, Value, const Value *, size_t, PyObject *)(
                              capi_value(self), call.args, call.nargs, call.kwnames));
}

static int out_init(PyObject *self, PyObject *args, PyObject *kwargs, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    struct c_call call;
    if (unpack_call(&call, args, kwargs) < 0) {
        return capi_return_int(t, -1);
    }
    return capi_return_int(t, FUNCTION(int, Value, const Value *, size_t, PyObject *)(
                                  capi_value(self), call.args, call.nargs, call.kwnames));
}

static PyObject *out_new(PyTypeObject *type, PyObject *args, PyObject *kwargs, void *c,
                         size_t thunk)
{
    struct thread *t = capi_enter();
    struct c_call call;
    if (unpack_call(&call, args, kwargs) < 0) {
        return capi_return(t, VALUE_NULL);
    }
    return capi_return(t, FUNCTION(Value, PyTypeObject *, const Value *, size_t,
                                   PyObject *)(type, call.args, call.nargs, call.kwnames));
}

static PyObject *out_getattr(PyObject *self, PyObject *name, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    PyObject *interned = capi_name(name);
    if (interned == NULL) {
        return capi_return(t, VALUE_NULL);
    }
    Value object = capi_value(self);
    Value found = FUNCTION(Value, Value, PyObject *)(object, interned);
    return capi_return(t, value_is_absent(found) ? error_no_attribute(object, interned) : found);
}

static int out_setattr(PyObject *self, PyObject *name, PyObject *value, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    PyObject *interned = capi_name(name);
    if (interned == NULL) {
        return capi_return_int(t, -1);
    }
    return capi_return_int(t, FUNCTION(int, Value, PyObject *, Value)(
                                  capi_value(self), interned, capi_value_or(value, VALUE_ABSENT)));
}

static PyObject *out_compare(PyObject *self, PyObject *other, int op, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return(t,
                       FUNCTION(Value, Value, Value, int)(capi_value(self), capi_value(other), op));
}

/* The operation `next` of generators drops the value that they return; C code gets it in
 * StopIteration, if it is not None. */
static PyObject *out_next(PyObject *self, void *a, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    Value v = capi_value(self), result = VALUE_NONE, next;
    Value (*send)(Value, Value, Value *) = value_ops(v)->send;
    if (send == NULL) {
        next = FUNCTION(Value, Value)(v);
    } else {
        next = send(v, VALUE_NONE, &result);
        if (value_is_absent(next) && !value_is_none(result)) {
            error_raise_value(PyExc_StopIteration, result);
        }
    }
    return capi_return(t, value_is_absent(next) ? VALUE_NULL : next);
}

static PyObject *out_descr_get(PyObject *self, PyObject *object, PyObject *owner, void *c,
                               size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return(t, FUNCTION(Value, Value, Value, PyTypeObject *)(
                              capi_value(self), capi_value_or(object, VALUE_ABSENT),
                              (PyTypeObject *)capi_object(owner)));
}

static void out_finalize(PyObject *self, void *a, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    FUNCTION(void, Value)(capi_value(self));
    capi_leave(t);
}

static PyObject *out_binary(PyObject *left, PyObject *right, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return(t, FUNCTION(Value, Value, Value)(capi_value(left), capi_value(right)));
}

static PyObject *out_power(PyObject *left, PyObject *right, PyObject *modulus, void *c,
                           size_t thunk)
{
    struct thread *t = capi_enter();
    Value a = capi_value(left), b = capi_value(right);
    if (modulus == NULL || modulus == Py_None) {
        return capi_return(t, FUNCTION(Value, Value, Value)(a, b));
    }
    Value (*pow3)(Value, Value, Value) = value_ops(a)->pow3;
    return capi_return(t, pow3 == NULL ? VALUE_NOT_IMPLEMENTED : pow3(a, b, capi_value(modulus)));
}

static int out_truth(PyObject *self, void *a, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, FUNCTION(int, Value)(capi_value(self)));
}

static Py_ssize_t out_length(PyObject *self, void *a, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return_size(t, FUNCTION(Py_ssize_t, Value)(capi_value(self)));
}

static int out_setitem(PyObject *self, PyObject *key, PyObject *value, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return_int(t,
                           FUNCTION(int, Value, Value, Value)(capi_value(self), capi_value(key),
                                                              capi_value_or(value, VALUE_ABSENT)));
}

static PyObject *out_item(PyObject *self, Py_ssize_t index, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return(t, FUNCTION(Value, Value, Py_ssize_t)(capi_value(self), index));
}

static PyObject *out_repeat(PyObject *self, Py_ssize_t count, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return(t, FUNCTION(Value, Value, Value)(capi_value(self), int_from_ssize(count)));
}

static int out_set_index(PyObject *self, Py_ssize_t index, PyObject *value, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return_int(
        t, FUNCTION(int, Value, Value, Value)(capi_value(self), int_from_ssize(index),
                                              capi_value_or(value, VALUE_ABSENT)));
}

static int out_contains(PyObject *self, PyObject *key, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, FUNCTION(int, Value, Value)(capi_value(self), capi_value(key)));
}

static PySendResult out_send(PyObject *self, PyObject *sent, PyObject **out, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    Value result = VALUE_NULL;
    Value yielded =
        FUNCTION(Value, Value, Value, Value *)(capi_value(self), capi_value(sent), &result);
    bool ended = value_is_absent(yielded);
    *out = capi_return(t, ended ? result : yielded);
    return *out == NULL ? PYGEN_ERROR : ended ? PYGEN_RETURN : PYGEN_NEXT;
}

static int out_get_buffer(PyObject *self, Py_buffer *view, int flags, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    int status = FUNCTION(int, Value, Py_buffer *, int)(capi_value(self), view, flags);
    capi_leave(t);
    if (status == 0) {
        capi_count_view(view);
    } else {
        view->obj = NULL;
    }
    return status;
}

static void out_release_buffer(PyObject *self, Py_buffer *view, void *b, void *c, size_t thunk)
{
    struct thread *t = capi_enter();
    FUNCTION(void, Value, Py_buffer *)(capi_value(self), view);
    capi_leave(t);
}

#define ROW(name) [CROSS_##name] = (capi_code)out_##name
const capi_code slot_out[CROSS_COUNT] = {
    ROW(unary),     ROW(hash),      ROW(call),   ROW(getattr),    ROW(setattr),        ROW(compare),
    ROW(next),      ROW(descr_get), ROW(init),   ROW(new),        ROW(finalize),       ROW(binary),
    ROW(power),     ROW(truth),     ROW(length), ROW(setitem),    ROW(repeat),         ROW(item),
    ROW(set_index), ROW(contains),  ROW(send),   ROW(get_buffer), ROW(release_buffer),
};
