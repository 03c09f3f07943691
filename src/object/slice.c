/* SPDX-License-Identifier: MIT */
/* Slices: immutable; start, stop and step are any objects. */
#include <Python.h>
#include <structmember.h>

#include "object/bytes.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

PyObject *slice_new(Value start, Value stop, Value step)
{
    PyObject *a = value_box(start), *b = value_box(stop), *c = value_box(step);
    PySliceObject *s = NULL;
    if (a != NULL && b != NULL && c != NULL) {
        s = (PySliceObject *)object_alloc_bytes(&PySlice_Type, sizeof(PySliceObject));
    }
    if (s != NULL) {
        heap_fill(s, &s->start, a);
        heap_fill(s, &s->stop, b);
        heap_fill(s, &s->step, c);
    }
    return (PyObject *)s;
}

static int slice_part(PyObject *part, Py_ssize_t *out)
{
    Value v = value_from_object(part);
    int64_t small;
    if (int_try_small(v, &small)) {
        *out = (Py_ssize_t)small;
        return 0;
    }
    if (!object_has_index(v)) {
        return error_raise_int(PyExc_TypeError, "slice indices must be integers or None or have an "
                                                "__index__ method");
    }
    return arg_index_clip(v, out);
}

int slice_unpack(PyObject *slice, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *s = (PySliceObject *)slice;
    *step = 1;
    if (s->step != Py_None) {
        if (slice_part(s->step, step) < 0) {
            return -1;
        }
        if (*step == 0) {
            return error_raise_int(PyExc_ValueError, "slice step cannot be zero");
        }
        /* So that -step is no overflow. */
        *step = *step < -PY_SSIZE_T_MAX ? -PY_SSIZE_T_MAX : *step;
    }
    *start = *step < 0 ? PY_SSIZE_T_MAX : 0;
    *stop = *step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    if (s->start != Py_None && slice_part(s->start, start) < 0) {
        return -1;
    }
    return s->stop != Py_None ? slice_part(s->stop, stop) : 0;
}

static Py_ssize_t clip(Py_ssize_t i, Py_ssize_t length, bool backwards)
{
    if (i < 0) {
        i += length;
        return i >= 0 ? i : backwards ? -1 : 0;
    }
    return i < length ? i : backwards ? length - 1 : length;
}

Py_ssize_t slice_adjust(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t step)
{
    *start = clip(*start, length, step < 0);
    *stop = clip(*stop, length, step < 0);
    if (step == 1) {
        return *start < *stop ? *stop - *start : 0;
    }
    if (step < 0) {
        return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    }
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

/* ---- Slicing. */

/* None leaves *out alone; false if the bound is neither None nor a small int. */
static bool small_bound(Value v, Py_ssize_t *out)
{
    int64_t small;
    if (int_try_small(v, &small)) {
        *out = (Py_ssize_t)small;
        return true;
    }
    return value_same_bits(v, VALUE_NONE);
}

/* start and stop of a built-in sequence of that length; false if nothing is left. */
static bool cut(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop)
{
    return slice_adjust(length, start, stop, 1) > 0;
}

/* VALUE_ABSENT: no built-in sequence. */
static Value slice_builtin(PyObject *o, Py_ssize_t start, Py_ssize_t stop)
{
    if (o->ob_type == &PyUnicode_Type) {
        return value_from_object(cut(str_length(o), &start, &stop) ? str_substring(o, start, stop)
                                                                   : str_empty());
    }
    if (o->ob_type == &PyList_Type) {
        return value_from_object(list_slice_signed(o, start, stop));
    }
    if (o->ob_type == &PyTuple_Type) {
        cut(tuple_length(o), &start, &stop);
        return value_from_object(tuple_slice(o, start, stop));
    }
    if (o->ob_type == &PyBytes_Type) {
        bool any = cut(bytes_length(o), &start, &stop);
        bool whole = any && stop - start == bytes_length(o);
        return value_from_object(whole ? o
                                       : bytes_new(bytes_data(o) + start, any ? stop - start : 0));
    }
    return VALUE_ABSENT;
}

Value object_get_slice(Value o, Value start, Value stop)
{
    Py_ssize_t low = 0, high = PY_SSIZE_T_MAX;
    if (LIKELY(value_is_object(o) && small_bound(start, &low) && small_bound(stop, &high))) {
        Value v = slice_builtin(value_object(o), low, high);
        if (LIKELY(!value_is_absent(v))) {
            return v;
        }
    }
    const struct type_info *info = type_info(value_type(o));
    if (UNLIKELY(info->flags & TYPE_FOREIGN)) {
        return VALUE_ABSENT;
    }
    PyObject *slice = slice_new(start, stop, VALUE_NONE);
    return slice == NULL               ? VALUE_NULL
           : info->ops.getitem != NULL ? info->ops.getitem(o, value_from_object(slice))
                                       : object_getitem(o, value_from_object(slice));
}

/* ---- indices(): the same with ints of any size. */

static Value part_to_int(PyObject *part)
{
    if (!object_has_index(value_from_object(part))) {
        return error_raise(PyExc_TypeError,
                           "slice indices must be integers or None or have an __index__ method");
    }
    return object_index(value_from_object(part));
}

static Value int_add(Value a, Value b)
{
    return int_binary(a, b, OP_ADD);
}

static Value clip_big(Value i, Value length, Value lower, Value upper)
{
    if (int_sign(i) < 0) {
        i = int_add(i, length);
        return value_is_null(i) || int_compare(i, lower) >= 0 ? i : lower;
    }
    return int_compare(i, upper) <= 0 ? i : upper;
}

int slice_big_indices(PyObject *slice, Value length, Value out[3])
{
    PySliceObject *s = (PySliceObject *)slice;
    Value one = value_from_int(1), zero = value_from_int(0), minus_one = value_from_int(-1);
    out[2] = s->step == Py_None ? one : part_to_int(s->step);
    if (value_is_null(out[2])) {
        return -1;
    }
    int sign = int_sign(out[2]);
    if (sign == 0) {
        return error_raise_int(PyExc_ValueError, "slice step cannot be zero");
    }
    Value lower = sign < 0 ? minus_one : zero;
    Value upper = sign < 0 ? int_add(length, minus_one) : length;
    PyObject *parts[2] = {s->start, s->stop};
    Value defaults[2] = {sign < 0 ? upper : lower, sign < 0 ? lower : upper};
    for (int k = 0; k < 2; k++) {
        if (parts[k] == Py_None) {
            out[k] = defaults[k];
            continue;
        }
        Value i = part_to_int(parts[k]);
        out[k] = value_is_null(i) ? i : clip_big(i, length, lower, upper);
        if (value_is_null(out[k])) {
            return -1;
        }
    }
    return 0;
}

static Value method_indices(Value self, Value argument)
{
    Value length = object_index(argument), indices[3];
    if (value_is_null(length)) {
        return VALUE_NULL;
    }
    if (int_sign(length) < 0) {
        return error_raise(PyExc_ValueError, "length should not be negative");
    }
    if (slice_big_indices(value_object(self), length, indices) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(indices, 3));
}

/* ---- The type. */

static PyObject *slice_to_tuple(Value self)
{
    PySliceObject *s = (PySliceObject *)value_object(self);
    return tuple_pack(3, s->start, s->stop, s->step);
}

static Value method_reduce(Value self)
{
    PyObject *parts = slice_to_tuple(self);
    return parts != NULL ? value_from_object(tuple_pack(2, (PyObject *)&PySlice_Type, parts))
                         : VALUE_NULL;
}

static Value slice_op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("slice", kwnames) < 0 ||
        native_check_positional("slice", nargs, 1, 3) < 0) {
        return VALUE_NULL;
    }
    Value start = nargs > 1 ? args[0] : VALUE_NONE, stop = args[nargs > 1];
    return value_from_object(slice_new(start, stop, nargs > 2 ? args[2] : VALUE_NONE));
}

static Value slice_op_repr(Value self)
{
    PySliceObject *s = (PySliceObject *)value_object(self);
    return value_from_object(str_format("slice(%R, %R, %R)", value_from_object(s->start),
                                        value_from_object(s->stop), value_from_object(s->step)));
}

static Value slice_op_richcompare(Value self, Value other, int op)
{
    if (!slice_check(self) || !slice_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (value_same_bits(self, other)) {
        return value_from_bool(op == Py_EQ || op == Py_LE || op == Py_GE);
    }
    PyObject *a = slice_to_tuple(self), *b = slice_to_tuple(other);
    if (a == NULL || b == NULL) {
        return VALUE_NULL;
    }
    return object_compare(value_from_object(a), value_from_object(b), op);
}

static void slice_trace(PyObject *self, struct tracer *tracer)
{
    PySliceObject *s = (PySliceObject *)self;
    trace_pointer(tracer, s->start);
    trace_pointer(tracer, s->stop);
    trace_pointer(tracer, s->step);
}

static const struct native_def slice_methods[] = {
    {"__reduce__", "($self, /)", "State for pickling.", .f0 = method_reduce},
    {"indices", "($self, len, /)",
     "S.indices(len) -> (start, stop, stride), clipped to a sequence of that length.",
     .f1 = method_indices},
    {NULL},
};

static const struct member_def slice_members[] = {
    {"start", T_OBJECT, offsetof(PySliceObject, start), READONLY, NULL},
    {"stop", T_OBJECT, offsetof(PySliceObject, stop), READONLY, NULL},
    {"step", T_OBJECT, offsetof(PySliceObject, step), READONLY, NULL},
    {NULL},
};

static struct type_info slice_info = {
    .ops = {.new_ = slice_op_new, .repr = slice_op_repr, .richcompare = slice_op_richcompare},
    .trace = slice_trace,
    .methods = slice_methods,
    .members = slice_members,
};

PyTypeObject PySlice_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "slice",
    .tp_doc = "slice(stop), slice(start, stop[, step]): what a[start:stop:step] passes on.",
    .tp_basicsize = sizeof(PySliceObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&slice_info,
};
