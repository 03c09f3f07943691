/* SPDX-License-Identifier: MIT */
/* The object protocol: buffers, sequences, mappings, iterators, numbers. */
#include "capi/capi_int.h"
#include "module/import.h"
#include "object/buffer.h"
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "vm/vm_int.h"

/* ---- Buffers. */

int PyObject_GetBuffer(PyObject *o, Py_buffer *view, int flags)
{
    struct thread *t = capi_enter();
    if (view == NULL) {
        return capi_return_int(
            t, error_raise_int(PyExc_BufferError, "%s: view==NULL argument is obsolete", __func__));
    }
    int status = object_get_buffer(capi_value(o), view, flags);
    capi_leave(t);
    if (status == 0) {
        capi_count_view(view);
    } else {
        view->obj = NULL;
    }
    return status;
}

void PyBuffer_Release(Py_buffer *view)
{
    if (view->obj != NULL) {
        struct thread *t = capi_enter();
        capi_release_view(view);
        capi_leave(t);
    }
}

int PyBuffer_IsContiguous(const Py_buffer *view, char order)
{
    return buffer_is_contiguous(view, order);
}

int PyBuffer_FillInfo(Py_buffer *view, PyObject *o, void *data, Py_ssize_t length, int readonly,
                      int flags)
{
    struct thread *t = capi_enter();
    int status = buffer_fill(view, capi_object(o), data, length, readonly, flags);
    capi_leave(t);
    if (status == 0) {
        Py_XINCREF(view->obj);
    }
    return status;
}

int PyObject_CheckBuffer(PyObject *o)
{
    return value_ops(value_from_object(o))->get_buffer != NULL;
}

/* ---- Sequences and mappings. */

Py_ssize_t PyObject_Size(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_size(t, object_length(capi_value(o)));
}

#undef PyObject_Length
Py_ssize_t PyObject_Length(PyObject *o)
{
    return PyObject_Size(o);
}

/* Dicts have a length, but as mappings. */
Py_ssize_t PySequence_Size(PyObject *o)
{
    if (o != NULL && PyDict_Check(o)) {
        PyErr_Format(PyExc_TypeError, "%.200s is not a sequence", o->ob_type->tp_name);
        return -1;
    }
    return PyObject_Size(o);
}

Py_ssize_t PyMapping_Size(PyObject *o)
{
    return PyObject_Size(o);
}

PyObject *PyObject_GetItem(PyObject *o, PyObject *key)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_getitem(capi_value(o), capi_value(key)));
}

int PyObject_SetItem(PyObject *o, PyObject *key, PyObject *value)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_setitem(capi_value(o), capi_value(key), capi_value(value)));
}

int PyObject_DelItem(PyObject *o, PyObject *key)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_setitem(capi_value(o), capi_value(key), VALUE_ABSENT));
}

PyObject *PySequence_GetItem(PyObject *o, Py_ssize_t i)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_getitem(capi_value(o), int_from_ssize(i)));
}

int PySequence_SetItem(PyObject *o, Py_ssize_t i, PyObject *value)
{
    struct thread *t = capi_enter();
    return capi_return_int(
        t, object_setitem(capi_value(o), int_from_ssize(i), capi_value_or(value, VALUE_ABSENT)));
}

int PySequence_Contains(PyObject *o, PyObject *item)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_contains(capi_value(o), capi_value(item)));
}

int PySequence_Check(PyObject *o)
{
    return o != NULL && object_is_sequence(value_from_object(o));
}

int PyMapping_Check(PyObject *o)
{
    return o != NULL && object_is_mapping(value_from_object(o));
}

PyObject *PyMapping_GetItemString(PyObject *o, const char *key)
{
    struct thread *t = capi_enter();
    PyObject *name = str_from_text(key);
    return capi_return(t, name == NULL ? VALUE_NULL
                                       : object_getitem(capi_value(o), value_from_object(name)));
}

PyObject *PySequence_List(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, object_to_list(capi_value(o)));
}

PyObject *PySequence_Tuple(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, object_to_tuple(capi_value(o)));
}

/* The caller will ask for the array and for the size, in any order, and keep them for a while: what
 * other threads may change is copied. */
PyObject *PySequence_Fast(PyObject *o, const char *message)
{
    struct thread *t = capi_enter();
    if (extensions_may_look() && o != NULL && PyList_Check(o) && object_is_public(o)) {
        return capi_return_object(t, list_to_tuple(capi_object(o)));
    }
    return capi_return_object(t, object_to_fast_sequence(capi_value(o), message));
}

/* What is added or repeated must be a sequence; numbers that are sequences, too, come second. */
PyObject *PySequence_Concat(PyObject *a, PyObject *b)
{
    struct thread *t = capi_enter();
    Value x = capi_value(a), y = capi_value(b);
    const struct type_ops *ops = value_ops(x);
    if (ops->concat != NULL) {
        return capi_return(t, ops->concat(x, y));
    }
    return capi_return(t,
                       object_is_sequence(x) && object_is_sequence(y)
                           ? object_binary(x, y, OP_ADD)
                           : error_raise(PyExc_TypeError, "'%T' object can't be concatenated", x));
}

PyObject *PySequence_InPlaceConcat(PyObject *a, PyObject *b)
{
    struct thread *t = capi_enter();
    Value x = capi_value(a), y = capi_value(b);
    const struct type_ops *ops = value_ops(x);
    if (ops->inplace_concat != NULL || ops->concat != NULL) {
        return capi_return(t,
                           (ops->inplace_concat != NULL ? ops->inplace_concat : ops->concat)(x, y));
    }
    return capi_return(t,
                       object_is_sequence(x) && object_is_sequence(y)
                           ? object_inplace(x, y, OP_ADD)
                           : error_raise(PyExc_TypeError, "'%T' object can't be concatenated", x));
}

PyObject *PySequence_Repeat(PyObject *o, Py_ssize_t count)
{
    struct thread *t = capi_enter();
    Value v = capi_value(o), n = int_from_ssize(count);
    const struct type_ops *ops = value_ops(v);
    if (ops->repeat != NULL) {
        return capi_return(t, ops->repeat(v, n));
    }
    return capi_return(t, object_is_sequence(v)
                              ? object_binary(v, n, OP_MUL)
                              : error_raise(PyExc_TypeError, "'%T' object can't be repeated", v));
}

PyObject *PySequence_InPlaceRepeat(PyObject *o, Py_ssize_t count)
{
    struct thread *t = capi_enter();
    Value v = capi_value(o), n = int_from_ssize(count);
    const struct type_ops *ops = value_ops(v);
    if (ops->inplace_repeat != NULL || ops->repeat != NULL) {
        return capi_return(t,
                           (ops->inplace_repeat != NULL ? ops->inplace_repeat : ops->repeat)(v, n));
    }
    return capi_return(t, object_is_sequence(v)
                              ? object_inplace(v, n, OP_MUL)
                              : error_raise(PyExc_TypeError, "'%T' object can't be repeated", v));
}

static Value slice_of(Py_ssize_t low, Py_ssize_t high)
{
    return value_from_object(slice_new(int_from_ssize(low), int_from_ssize(high), VALUE_NONE));
}

PyObject *PySequence_GetSlice(PyObject *o, Py_ssize_t low, Py_ssize_t high)
{
    struct thread *t = capi_enter();
    Value slice = slice_of(low, high);
    return capi_return(t, value_is_null(slice) ? slice : object_getitem(capi_value(o), slice));
}

int PySequence_SetSlice(PyObject *o, Py_ssize_t low, Py_ssize_t high, PyObject *value)
{
    struct thread *t = capi_enter();
    Value slice = slice_of(low, high);
    return capi_return_int(
        t, value_is_null(slice)
               ? -1
               : object_setitem(capi_value(o), slice, capi_value_or(value, VALUE_ABSENT)));
}

int PySequence_DelSlice(PyObject *o, Py_ssize_t low, Py_ssize_t high)
{
    return PySequence_SetSlice(o, low, high, NULL);
}

/* A list of what the method of a mapping gives. */
static Value method_list(Value mapping, const char *method)
{
    PyObject *name = str_intern_text(method);
    Value found = name == NULL ? VALUE_NULL : object_call_method0(mapping, name);
    if (value_is_null(found)) {
        return found;
    }
    if (value_ops(found)->iter == NULL && !object_is_sequence(found)) {
        return error_raise(PyExc_TypeError, "%T.%s() returned a non-iterable (type %T)", mapping,
                           method, found);
    }
    return value_from_object(object_to_list(found));
}

PyObject *PyMapping_Keys(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, method_list(capi_value(o), "keys"));
}

PyObject *PyMapping_Values(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, method_list(capi_value(o), "values"));
}

PyObject *PyMapping_Items(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, method_list(capi_value(o), "items"));
}

Py_ssize_t PyObject_LengthHint(PyObject *o, Py_ssize_t fallback)
{
    struct thread *t = capi_enter();
    return capi_return_size(t, object_length_hint(capi_value(o), fallback));
}

/* ---- Iterators. */

PyObject *PyObject_GetIter(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_iter(capi_value(o)));
}

PyObject *PyIter_Next(PyObject *o)
{
    struct thread *t = capi_enter();
    Value next = object_next(capi_value(o));
    return capi_return(t, value_is_absent(next) ? VALUE_NULL : next);
}

int PyIter_Check(PyObject *o)
{
    return object_is_iterator(value_from_object(o));
}

PySendResult PyIter_Send(PyObject *o, PyObject *sent, PyObject **out)
{
    struct thread *t = capi_enter();
    Value result = VALUE_NULL;
    Value yielded = vm_send(capi_value(o), capi_value(sent), &result);
    bool ended = value_is_absent(yielded);
    *out = capi_return(t, ended ? result : yielded);
    return *out == NULL ? PYGEN_ERROR : ended ? PYGEN_RETURN : PYGEN_NEXT;
}

int _PyGen_SetStopIterationValue(PyObject *value)
{
    struct thread *t = capi_enter();
    error_raise_value(PyExc_StopIteration, capi_value(value));
    capi_leave(t);
    return 0;
}

int _PyEval_SliceIndex(PyObject *o, Py_ssize_t *index)
{
    if (o == Py_None) {
        return 1;
    }
    struct thread *t = capi_enter();
    return capi_return_int(t, arg_slice_index(capi_value(o), index) == 0);
}

/* ---- Numbers. */

#define BINARY(name, op)                                                                           \
    PyObject *PyNumber_##name(PyObject *a, PyObject *b)                                            \
    {                                                                                              \
        struct thread *t = capi_enter();                                                           \
        return capi_return(t, object_binary(capi_value(a), capi_value(b), op));                    \
    }                                                                                              \
    PyObject *PyNumber_InPlace##name(PyObject *a, PyObject *b)                                     \
    {                                                                                              \
        struct thread *t = capi_enter();                                                           \
        return capi_return(t, object_inplace(capi_value(a), capi_value(b), op));                   \
    }
BINARY(Add, OP_ADD)
BINARY(Subtract, OP_SUB)
BINARY(Multiply, OP_MUL)
BINARY(MatrixMultiply, OP_MATMUL)
BINARY(TrueDivide, OP_TRUEDIV)
BINARY(FloorDivide, OP_FLOORDIV)
BINARY(Remainder, OP_MOD)
BINARY(Lshift, OP_LSHIFT)
BINARY(Rshift, OP_RSHIFT)
BINARY(And, OP_AND)
BINARY(Or, OP_OR)
BINARY(Xor, OP_XOR)

#define UNARY(name, call)                                                                          \
    PyObject *PyNumber_##name(PyObject *o)                                                         \
    {                                                                                              \
        struct thread *t = capi_enter();                                                           \
        Value v = capi_value(o);                                                                   \
        return capi_return(t, call);                                                               \
    }
UNARY(Negative, object_unary(v, OP_NEG))
UNARY(Positive, object_unary(v, OP_POS))
UNARY(Invert, object_unary(v, OP_INVERT))
UNARY(Absolute, object_unary(v, OP_ABS))
UNARY(Long, object_int(v))
UNARY(Float, object_float(v))
UNARY(Index, object_index(v))

PyObject *_PyNumber_Index(PyObject *o)
{
    return PyNumber_Index(o);
}

PyObject *PyNumber_Divmod(PyObject *a, PyObject *b)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_binary(capi_value(a), capi_value(b), OP_DIVMOD));
}

PyObject *PyNumber_Power(PyObject *a, PyObject *b, PyObject *modulus)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_pow(capi_value(a), capi_value(b), capi_value(modulus)));
}

int PyIndex_Check(PyObject *o)
{
    return value_ops(value_from_object(o))->index != NULL;
}

int PyNumber_Check(PyObject *o)
{
    const struct type_ops *ops = o == NULL ? NULL : value_ops(value_from_object(o));
    return ops != NULL &&
           (ops->index != NULL || ops->int_ != NULL || ops->float_ != NULL || PyComplex_Check(o));
}

Py_ssize_t PyNumber_AsSsize_t(PyObject *o, PyObject *error)
{
    struct thread *t = capi_enter();
    Value index = object_index(capi_value(o));
    int64_t i = -1;
    int out = value_is_null(index) ? 0 : int_clip_i64(index, &i);
    if (out != 0 && error == NULL) {
        i = out < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    } else if (out != 0) {
        i = error_raise_int(error, "cannot fit '%T' into an index-sized integer", capi_value(o));
    }
    return capi_return_size(t, value_is_null(index) ? -1 : i);
}

int PyMapping_HasKey(PyObject *o, PyObject *key)
{
    PyObject *found = PyObject_GetItem(o, key);
    if (found == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(found);
    return found != NULL;
}

int PyMapping_HasKeyString(PyObject *o, const char *key)
{
    PyObject *found = PyMapping_GetItemString(o, key);
    if (found == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(found);
    return found != NULL;
}

int _PyEval_SliceIndexNotNone(PyObject *o, Py_ssize_t *index)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, arg_slice_index(capi_value(o), index) == 0);
}

/* The value of a StopIteration that is set, or None if nothing is. */
PyAPI_FUNC(int) _PyGen_FetchStopIterationValue(PyObject **value);
int _PyGen_FetchStopIterationValue(PyObject **value)
{
    struct thread *t = capi_enter();
    Value result = VALUE_NONE;
    bool failed = error_occurred() && !error_take_stop_iteration(&result);
    *value = capi_return(t, failed ? VALUE_NULL : result);
    return failed ? -1 : 0;
}

/* ---- By position and value. */

#undef PySequence_Length
Py_ssize_t PySequence_Length(PyObject *o)
{
    return PySequence_Size(o);
}

#undef PyMapping_Length
Py_ssize_t PyMapping_Length(PyObject *o)
{
    return PyMapping_Size(o);
}

#undef PySequence_In
int PySequence_In(PyObject *o, PyObject *item)
{
    return PySequence_Contains(o, item);
}

int PySequence_DelItem(PyObject *o, Py_ssize_t i)
{
    return PySequence_SetItem(o, i, NULL);
}

/* Calls f for each equal item until it says to stop; -1 with an exception, else how many. */
static Py_ssize_t search(PyObject *o, PyObject *item, bool first)
{
    PyObject *iterator = PyObject_GetIter(o);
    Py_ssize_t i = 0, found = 0;
    for (PyObject *next; iterator != NULL && (next = PyIter_Next(iterator)) != NULL; i++) {
        int equal = PyObject_RichCompareBool(item, next, Py_EQ);
        Py_DECREF(next);
        if (equal < 0) {
            break;
        }
        if (equal && first) {
            Py_DECREF(iterator);
            return i;
        }
        found += equal;
    }
    Py_XDECREF(iterator);
    if (PyErr_Occurred()) {
        return -1;
    }
    if (first) {
        PyErr_SetString(PyExc_ValueError, "sequence.index(x): x not in sequence");
        return -1;
    }
    return found;
}

Py_ssize_t PySequence_Index(PyObject *o, PyObject *item)
{
    return search(o, item, true);
}

Py_ssize_t PySequence_Count(PyObject *o, PyObject *item)
{
    return search(o, item, false);
}

int PyMapping_SetItemString(PyObject *o, const char *key, PyObject *value)
{
    PyObject *name = PyUnicode_FromString(key);
    int status = name == NULL ? -1 : PyObject_SetItem(o, name, value);
    Py_XDECREF(name);
    return status;
}

int PyObject_DelItemString(PyObject *o, const char *key)
{
    PyObject *name = PyUnicode_FromString(key);
    int status = name == NULL ? -1 : PyObject_DelItem(o, name);
    Py_XDECREF(name);
    return status;
}

/* The modulus of `**=` plays no part, as in Python. */
PyObject *PyNumber_InPlacePower(PyObject *a, PyObject *b, PyObject *modulus)
{
    struct thread *t = capi_enter();
    Value call[2] = {capi_value(a), capi_value(b)};
    Value function = import_attribute("_operator", "ipow");
    return capi_return(t,
                       value_is_null(function) ? function : object_call(function, call, 2, NULL));
}

/* ---- Asynchronous iteration. */

int PyAIter_Check(PyObject *o)
{
    const PyAsyncMethods *m = Py_TYPE(o)->tp_as_async;
    return m != NULL && m->am_anext != NULL;
}

PyObject *PyObject_GetAIter(PyObject *o)
{
    const PyAsyncMethods *m = Py_TYPE(o)->tp_as_async;
    if (m == NULL || m->am_aiter == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterable",
                     Py_TYPE(o)->tp_name);
        return NULL;
    }
    PyObject *iterator = m->am_aiter(o);
    if (iterator != NULL && !PyAIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "aiter() returned not an async iterator of type '%.100s'",
                     Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    return iterator;
}

/* ---- The buffers of Python 2, as Python 3 still has them. */

int PyObject_CheckReadBuffer(PyObject *o)
{
    Py_buffer view;
    if (PyObject_GetBuffer(o, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        return 0;
    }
    PyBuffer_Release(&view);
    return 1;
}

static int old_buffer(PyObject *o, void **data, Py_ssize_t *size, int flags)
{
    Py_buffer view;
    if (o == NULL || data == NULL || size == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (PyObject_GetBuffer(o, &view, flags) < 0) {
        return -1;
    }
    *data = view.buf;
    *size = view.len;
    PyBuffer_Release(&view);
    return 0;
}

int PyObject_AsReadBuffer(PyObject *o, const void **data, Py_ssize_t *size)
{
    return old_buffer(o, (void **)(uintptr_t)data, size, PyBUF_SIMPLE);
}

int PyObject_AsCharBuffer(PyObject *o, const char **data, Py_ssize_t *size)
{
    return old_buffer(o, (void **)(uintptr_t)data, size, PyBUF_SIMPLE);
}

int PyObject_AsWriteBuffer(PyObject *o, void **data, Py_ssize_t *size)
{
    int status = old_buffer(o, data, size, PyBUF_WRITABLE);
    if (status < 0 && PyErr_ExceptionMatches(PyExc_BufferError)) {
        PyErr_SetString(PyExc_TypeError, "expected a writable bytes-like object");
    }
    return status;
}
