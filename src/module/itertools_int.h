/* SPDX-License-Identifier: MIT */
/* What the files of the itertools module share.
 *
 * An iterator may be used by several threads at once: then items may be seen twice or be lost, as
 * the order of the threads' steps decides, but memory stays sound. Fields that change are single
 * words, and the combinatoric iterators, whose index arrays must stay consistent, step under a byte
 * lock. These give each item once, as do count() over ints and floats, repeat(), the later rounds
 * of cycle(), and islice() without a step, which gives no more than `stop` says. */
#ifndef OROCHI_MODULE_ITERTOOLS_INT_H
#define OROCHI_MODULE_ITERTOOLS_INT_H

#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* Most tools need no more than this; each says what it keeps where. */
struct tool {
    PyObject_HEAD Value iterator; /* where items come from; VALUE_NULL: exhausted */
    Value function;
    Value state;
    Value extra;
    Py_ssize_t index, stop, step;
    uint8_t flag;
};

static inline struct tool *tool_cast(Value v)
{
    return (struct tool *)value_object(v);
}
static inline void tool_trace(PyObject *self, struct tracer *tracer)
{
    struct tool *t = (struct tool *)self;
    trace_value(tracer, t->iterator);
    trace_value(tracer, t->function);
    trace_value(tracer, t->state);
    trace_value(tracer, t->extra);
}
static inline Value tool_iterator_self(Value self)
{
    return self;
}

/* A tool over an iterator; VALUE_NULL if that is an error value. */
static inline struct tool *tool_new(PyTypeObject *type, Value iterator)
{
    struct tool *t = NULL;
    if (!value_is_null(iterator)) {
        t = (struct tool *)object_alloc(type, 0);
    }
    if (t != NULL) {
        heap_init_value(t, &t->iterator, iterator);
    }
    return t;
}

/* Sets `index` to `to`. False: another thread has changed it since it was `from`. */
static inline bool tool_move(struct tool *t, Py_ssize_t from, Py_ssize_t to)
{
    return cursor_move((uint64_t *)(void *)&t->index, (uint64_t)from, (uint64_t)to, false);
}

/* (type, arguments) or, if state is present, (type, arguments, state). NULL arguments pass on. */
static inline Value tool_reduce(Value self, PyObject *arguments, Value state)
{
    if (arguments == NULL || value_is_null(state)) {
        return VALUE_NULL;
    }
    Value parts[3] = {value_from_object(value_type(self)), value_from_object(arguments), state};
    return value_from_object(tuple_from_array(parts, value_is_absent(state) ? 2 : 3));
}

static inline PyObject *tool_pair(Value a, Value b)
{
    Value parts[2] = {a, b};
    return tuple_from_array(parts, 2);
}

#define TOOL_TYPE(type, name, doc, size, extra_flags, info)                                        \
    PyTypeObject type = {                                                                          \
        STATIC_TYPE_HEAD,                                                                          \
        .tp_name = "itertools." name,                                                              \
        .tp_doc = doc,                                                                             \
        .tp_basicsize = size,                                                                      \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | extra_flags,                         \
        .tp_cache = (PyObject *)&info,                                                             \
    };

extern PyTypeObject accumulate_type, chain_type, combinations_type,
    combinations_with_replacement_type, compress_type, count_type, cycle_type, dropwhile_type,
    filterfalse_type, groupby_type, grouper_type, islice_type, pairwise_type, permutations_type,
    product_type, repeat_type, starmap_type, takewhile_type, tee_type, tee_data_type,
    zip_longest_type;

Value itertools_tee(Value module, const Value *args, size_t nargs, PyObject *kwnames);

#endif
