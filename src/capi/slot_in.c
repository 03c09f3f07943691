/* SPDX-License-Identifier: MIT */
/* Operations that call the C slots of extension types.
 *
 * Each function here is the crossing code of thunks (thunk.c): its last argument is the number of
 * its thunk, which leads to the extension's function. Missing values are VALUE_ABSENT on our side
 * and NULL on the other. */
#include "capi/slot_int.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

#define FUNCTION(type) ((type)capi_thunks[thunk].function)

static inline PyObject *box_or_null(Value v)
{
    return value_is_absent(v) ? NULL : value_box(v);
}

static Value in_unary(Value self, void *a, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(unaryfunc)(o), NULL, o);
}

static Py_hash_t in_hash(Value self, void *a, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    Py_hash_t hash = FUNCTION(hashfunc)(o);
    capi_enter();
    return hash;
}

static Value vectorcall_in(PyObject *callable, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_ssize_t offset = callable->ob_type->tp_vectorcall_offset;
    vectorcallfunc f = *(vectorcallfunc *)(void *)((char *)callable + offset);
    size_t count = CALL_NARGS(nargs) + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    PyObject *few[12], **boxed = few;
    if (count > 11) {
        boxed = heap_alloc((count + 1) * sizeof *boxed, CELL_WORDS);
        if (boxed == NULL) {
            return error_no_memory();
        }
    }
    boxed[0] = NULL;
    for (size_t i = 0; i < count; i++) {
        boxed[i + 1] = value_box(args[i]);
        if (boxed[i + 1] == NULL) {
            return VALUE_NULL;
        }
    }
    capi_leave_to(thread_current(), (void *)f);
    PyObject *result =
        f(callable, boxed + 1, CALL_NARGS(nargs) | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
    return capi_result(result, NULL, callable);
}

static Value in_call(Value self, const Value *args, size_t nargs, PyObject *kwnames, size_t thunk)
{
    PyObject *tuple, *kwargs, *o = value_object(self);
    ternaryfunc f = FUNCTION(ternaryfunc);
    if (f == PyVectorcall_Call && type_has_feature(o->ob_type, Py_TPFLAGS_HAVE_VECTORCALL)) {
        return vectorcall_in(o, args, nargs, kwnames);
    }
    if (capi_pack_arguments(args, CALL_NARGS(nargs), kwnames, &tuple, &kwargs) < 0 ||
        recursion_enter(" while calling a Python object") < 0) {
        return VALUE_NULL;
    }
    capi_leave_to(thread_current(), FUNCTION(void *));
    Value result = capi_result(f(o, tuple, kwargs), NULL, o);
    recursion_leave();
    return result;
}

static Value in_getattr(Value self, PyObject *name, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(getattrofunc)(o, name), NULL, o);
}

static Value in_getattr_text(Value self, PyObject *name, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(self);
    const char *text = str_utf8(name, NULL);
    if (text == NULL) {
        return VALUE_NULL;
    }
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(getattrfunc)(o, (char *)(uintptr_t)text), NULL, o);
}

static int in_setattr(Value self, PyObject *name, Value value, void *c, size_t thunk)
{
    PyObject *o = value_box(self), *v = box_or_null(value);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(setattrofunc)(o, name, v));
}

static int in_setattr_text(Value self, PyObject *name, Value value, void *c, size_t thunk)
{
    PyObject *o = value_box(self), *v = box_or_null(value);
    const char *text = str_utf8(name, NULL);
    if (text == NULL) {
        return -1;
    }
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(setattrfunc)(o, (char *)(uintptr_t)text, v));
}

static Value in_compare(Value self, Value other, int op, void *c, size_t thunk)
{
    PyObject *o = value_box(self), *p = value_box(other);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(richcmpfunc)(o, p, op), NULL, o);
}

static Value in_next(Value self, void *a, void *b, void *c, size_t thunk)
{
    PyObject *o = value_object(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    PyObject *result = FUNCTION(iternextfunc)(o);
    struct thread *t = capi_enter();
    if (LIKELY(result != NULL)) {
        return capi_steal(result);
    }
    if (t->state.curexc_value == NULL) {
        return VALUE_ABSENT;
    }
    if (error_matches(PyExc_StopIteration)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return VALUE_NULL;
}

/* `send` of types that only have tp_iternext: the value of StopIteration is what counts here. */
static Value in_next_send(Value self, Value sent, Value *result, void *c, size_t thunk)
{
    Value v;
    if (value_is_none(sent)) {
        PyObject *o = value_object(self);
        capi_leave_to(thread_current(), FUNCTION(void *));
        PyObject *next = FUNCTION(iternextfunc)(o);
        capi_enter();
        v = capi_steal(next);
    } else {
        v = object_call_method1(self, names.send, sent);
    }
    if (!value_is_null(v)) {
        return v;
    }
    if (!error_occurred()) {
        *result = VALUE_NONE;
        return VALUE_ABSENT;
    }
    return error_take_stop_iteration(result) ? VALUE_ABSENT : VALUE_NULL;
}

static Value in_descr_get(Value self, Value object, PyTypeObject *owner, void *c, size_t thunk)
{
    PyObject *o = value_box(self), *p = box_or_null(object);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(descrgetfunc)(o, p, (PyObject *)owner), NULL, o);
}

static int in_init(Value self, const Value *args, size_t nargs, PyObject *kwnames, size_t thunk)
{
    PyObject *tuple, *kwargs, *o = value_object(self);
    if (capi_pack_arguments(args, CALL_NARGS(nargs), kwnames, &tuple, &kwargs) < 0) {
        return -1;
    }
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(initproc)(o, tuple, kwargs));
}

static Value in_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames,
                    size_t thunk)
{
    PyObject *tuple, *kwargs;
    if (capi_pack_arguments(args, CALL_NARGS(nargs), kwnames, &tuple, &kwargs) < 0) {
        return VALUE_NULL;
    }
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(newfunc)(type, tuple, kwargs), NULL, (PyObject *)type);
}

static void in_finalize(Value self, void *a, void *b, void *c, size_t thunk)
{
    capi_leave_to(thread_current(), FUNCTION(void *));
    FUNCTION(destructor)(value_object(self));
    capi_enter();
}

static Value in_binary(Value left, Value right, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(left), *p = value_box(right);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(binaryfunc)(o, p), NULL, o);
}

Value capi_lend(Value (*operation)(Value, Value), Value left, Value right, bool keep, bool owned,
                bool *is_private)
{
    capi_code code;
    void *function;
    if (!capi_thunk_find((const void *)operation, &code, &function) ||
        (code != slot_in[CROSS_binary] && code != slot_in[CROSS_power])) {
        return VALUE_ABSENT;
    }
    PyObject *o = value_box_ready(left), *p = value_box_ready(right);
    if (UNLIKELY(o == NULL || p == NULL)) {
        return VALUE_NULL;
    }
    capi_leave_to(thread_current(), function);
    PyObject *result = code == slot_in[CROSS_binary] ? ((binaryfunc)function)(o, p)
                                                     : ((ternaryfunc)function)(o, p, Py_None);
    if (UNLIKELY(keep && owned && result == o && result->ob_refcnt == 2)) {
        result->ob_refcnt--;
    }
    return capi_result_kept(result, keep, is_private, NULL, o);
}

static Value in_power(Value left, Value right, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(left), *p = value_box(right);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(ternaryfunc)(o, p, Py_None), NULL, o);
}

static Value in_power3(Value left, Value right, Value modulus, void *c, size_t thunk)
{
    PyObject *o = value_box(left), *p = value_box(right), *q = value_box(modulus);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(ternaryfunc)(o, p, q), NULL, o);
}

static int in_truth(Value self, void *a, void *b, void *c, size_t thunk)
{
    PyObject *o = value_object(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(inquiry)(o));
}

static Py_ssize_t in_length(Value self, void *a, void *b, void *c, size_t thunk)
{
    PyObject *o = value_object(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    Py_ssize_t length = FUNCTION(lenfunc)(o);
    capi_enter();
    return length;
}

static int in_setitem(Value self, Value key, Value value, void *c, size_t thunk)
{
    PyObject *o = value_box(self), *k = value_box(key), *v = box_or_null(value);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(objobjargproc)(o, k, v));
}

bool capi_lends_store(int (*operation)(Value, Value, Value))
{
    capi_code code;
    void *function;
    return capi_thunk_find((const void *)operation, &code, &function) &&
           code == slot_in[CROSS_setitem];
}

static Value in_item(Value self, Py_ssize_t index, void *b, void *c, size_t thunk)
{
    PyObject *o = value_object(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result(FUNCTION(ssizeargfunc)(o, index), NULL, o);
}

static Value in_repeat(Value self, Value count, void *b, void *c, size_t thunk)
{
    Py_ssize_t n;
    return arg_index(count, &n) < 0 ? VALUE_NULL : in_item(self, n, b, c, thunk);
}

/* A subscript for a type that only has sq_item or sq_ass_item. 0 or -1. */
static int find_index(Value self, Value key, Py_ssize_t *index)
{
    if (!int_check(key) && value_ops(key)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "sequence index must be integer, not '%T'", key);
    }
    if (arg_index(key, index) < 0) {
        return -1;
    }
    PySequenceMethods *m = value_object(self)->ob_type->tp_as_sequence;
    if (*index < 0 && m != NULL && m->sq_length != NULL) {
        Py_ssize_t length = value_ops(self)->len(self);
        if (length < 0) {
            return -1;
        }
        *index += length;
    }
    return 0;
}

static Value in_index(Value self, Value key, void *b, void *c, size_t thunk)
{
    Py_ssize_t index;
    return find_index(self, key, &index) < 0 ? VALUE_NULL : in_item(self, index, b, c, thunk);
}

static int in_set_index(Value self, Value key, Value value, void *c, size_t thunk)
{
    PyObject *o = value_object(self), *v = box_or_null(value);
    Py_ssize_t index;
    if (find_index(self, key, &index) < 0) {
        return -1;
    }
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(ssizeobjargproc)(o, index, v));
}

static int in_contains(Value self, Value key, void *b, void *c, size_t thunk)
{
    PyObject *o = value_box(self), *k = value_box(key);
    capi_leave_to(thread_current(), FUNCTION(void *));
    return capi_result_int(FUNCTION(objobjproc)(o, k));
}

static Value in_send(Value self, Value sent, Value *result, void *c, size_t thunk)
{
    PyObject *o = value_object(self), *v = value_box(sent), *out = NULL;
    capi_leave_to(thread_current(), FUNCTION(void *));
    PySendResult outcome = FUNCTION(sendfunc)(o, v, &out);
    if (outcome == PYGEN_RETURN) {
        *result = capi_result(out, NULL, o);
        return value_is_null(*result) ? VALUE_NULL : VALUE_ABSENT;
    }
    return capi_result(outcome == PYGEN_ERROR ? NULL : out, NULL, o);
}

/* On our side a view counts objects of extension code, not ours. */
static int in_get_buffer(Value self, Py_buffer *view, int flags, void *c, size_t thunk)
{
    PyObject *o = value_object(self);
    capi_leave_to(thread_current(), FUNCTION(void *));
    int status = capi_result_int(FUNCTION(getbufferproc)(o, view, flags));
    if (status == 0 && view->obj != NULL) {
        capi_publish(view->obj);
        view->obj->ob_refcnt -= !object_counts_views(view->obj);
    }
    return status;
}

static void in_release_buffer(Value self, Py_buffer *view, void *b, void *c, size_t thunk)
{
    capi_leave_to(thread_current(), FUNCTION(void *));
    FUNCTION(releasebufferproc)(value_object(self), view);
    capi_enter();
}

const capi_code slot_next_send = (capi_code)in_next_send;

#define ROW(name) [CROSS_##name] = (capi_code)in_##name
const capi_code slot_in[CROSS_COUNT] = {
    ROW(unary),    ROW(hash),         ROW(call),           ROW(getattr),
    ROW(setattr),  ROW(getattr_text), ROW(setattr_text),   ROW(compare),
    ROW(next),     ROW(descr_get),    ROW(init),           ROW(new),
    ROW(finalize), ROW(binary),       ROW(power),          ROW(power3),
    ROW(truth),    ROW(length),       ROW(setitem),        ROW(repeat),
    ROW(item),     ROW(index),        ROW(set_index),      ROW(contains),
    ROW(send),     ROW(get_buffer),   ROW(release_buffer),
};
