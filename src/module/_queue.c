/* SPDX-License-Identifier: MIT */
/* _queue: SimpleQueue, an unbounded queue between threads.
 *
 * A ring of values under the byte lock. A reader that finds the queue empty sets `asleep` to 1
 * under the lock and parks on it; a writer sets it to 0 under the lock and wakes one reader for
 * each item as long as there are any waiting. So `asleep` is 1 only while the queue is empty, and a
 * reader that comes too late to park sees that it changed. */
#include <math.h>

#include "base/os.h"
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/lock.h"

struct simple_queue {
    PyObject_HEAD Value *ring; /* a WORDS cell; under the lock */
    size_t capacity;           /* a power of two, or 0 */
    size_t head;
    size_t length;    /* under the lock, read free */
    uint32_t waiting; /* readers parked or about to; under the lock */
    uint8_t lock;
    uint8_t asleep;
    PyObject *weak_references;
};

static PyObject *empty_error; /* the exception class Empty; set once */

static struct simple_queue *cast(Value v)
{
    return (struct simple_queue *)value_object(v);
}

static void queue_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct simple_queue *)self)->ring);
}

static Value queue_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs > 0) {
        return error_raise(PyExc_TypeError, "SimpleQueue() takes no positional arguments");
    }
    if (kwnames != NULL && tuple_length(kwnames) > 0) {
        return error_raise(PyExc_TypeError, "SimpleQueue() takes no keyword arguments");
    }
    return value_from_object(object_alloc(type, 0));
}

static int grow_locked(struct simple_queue *q)
{
    size_t capacity = q->capacity != 0 ? q->capacity * 2 : 8;
    Value *ring = heap_alloc(capacity * sizeof(Value), CELL_WORDS);
    if (ring == NULL) {
        error_no_memory();
        return -1;
    }
    for (size_t i = 0; i < q->length; i++) {
        heap_init_value(ring, &ring[i], q->ring[(q->head + i) & (q->capacity - 1)]);
    }
    heap_store(q, &q->ring, ring);
    q->capacity = capacity;
    q->head = 0;
    return 0;
}

static int queue_put(struct simple_queue *q, Value item)
{
    byte_lock(&q->lock);
    int status = q->length == q->capacity ? grow_locked(q) : 0;
    bool wake = status == 0 && q->waiting > 0;
    if (status == 0) {
        heap_store_value(q->ring, &q->ring[(q->head + q->length) & (q->capacity - 1)], item);
        atomic_store_relaxed(&q->length, q->length + 1);
        atomic_store_release(&q->asleep, 0);
    }
    byte_unlock(&q->lock);
    if (wake) {
        unpark(&q->asleep, 1);
    }
    return status;
}

/* The oldest item, or VALUE_ABSENT; then, if `wait`, the caller is announced as waiting. */
static Value take(struct simple_queue *q, bool wait)
{
    Value item = VALUE_ABSENT;
    byte_lock(&q->lock);
    if (q->length > 0) {
        Value *slot = &q->ring[q->head];
        item = *slot;
        heap_store_value(q->ring, slot, VALUE_NULL);
        q->head = (q->head + 1) & (q->capacity - 1);
        atomic_store_relaxed(&q->length, q->length - 1);
    } else if (wait) {
        q->waiting++;
        atomic_store_release(&q->asleep, 1);
    }
    byte_unlock(&q->lock);
    return item;
}

static void stop_waiting(struct simple_queue *q)
{
    byte_lock(&q->lock);
    q->waiting--;
    byte_unlock(&q->lock);
}

static Value raise_empty(void)
{
    return error_raise_value(empty_error, VALUE_ABSENT);
}

/* timeout in nanoseconds, negative: none. */
static Value queue_get(struct simple_queue *q, int64_t timeout)
{
    int64_t deadline = timeout >= 0 ? os_monotonic_ns() + timeout : 0;
    for (;;) {
        Value item = take(q, timeout != 0);
        if (!value_is_absent(item)) {
            return item;
        }
        if (timeout == 0) {
            return raise_empty();
        }
        enum park_result result = park(&q->asleep, 1, timeout, true);
        stop_waiting(q);
        if (result == PARK_INTERRUPTED && thread_safepoint(thread_current()) < 0) {
            return VALUE_NULL;
        }
        if (timeout > 0) {
            timeout = deadline - os_monotonic_ns();
            timeout = timeout > 0 ? timeout : 0;
        }
    }
}

static int parse_timeout(Value v, int64_t *out)
{
    double seconds;
    *out = -1;
    if (value_is_absent(v) || value_is_none(v)) {
        return 0;
    }
    if (value_ops(v)->float_ == NULL && value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "'%T' object cannot be interpreted as an integer",
                               v);
    }
    if (arg_double(v, &seconds) < 0) {
        return -1;
    }
    if (isnan(seconds)) {
        return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
    }
    if (seconds < 0) {
        return error_raise_int(PyExc_ValueError, "'timeout' must be a non-negative number");
    }
    if (seconds >= 9.2e9) {
        return error_raise_int(PyExc_OverflowError, "timeout value is too large");
    }
    *out = (int64_t)ceil(seconds * 1e9);
    return 0;
}

static Value method_put(Value self, const Value *args)
{
    return queue_put(cast(self), args[0]) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_get(Value self, const Value *args)
{
    bool block = true;
    int64_t timeout = -1;
    if (value_is_present(args[0]) && arg_bool(args[0], &block) < 0) {
        return VALUE_NULL;
    }
    if (block && parse_timeout(args[1], &timeout) < 0) {
        return VALUE_NULL;
    }
    return queue_get(cast(self), block ? timeout : 0);
}

static Value method_get_nowait(Value self)
{
    return queue_get(cast(self), 0);
}
static Value method_empty(Value self)
{
    return value_from_bool(atomic_load_relaxed(&cast(self)->length) == 0);
}
static Value method_qsize(Value self)
{
    return int_from_size(atomic_load_relaxed(&cast(self)->length));
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def methods[] = {
    {"empty", "($self, /)", "True if the queue is empty, at this moment.", .f0 = method_empty},
    {"get", "($self, /, block=True, timeout=None)", "Remove and return the oldest item.",
     .n = method_get},
    {"get_nowait", "($self, /)", "Like get(False).", .f0 = method_get_nowait},
    {"put", "($self, /, item, block=True, timeout=None)", "Put the item on the queue.",
     .n = method_put},
    {"put_nowait", "($self, /, item)", "Like put(item).", .n = method_put},
    {"qsize", "($self, /)", "How many items there are, at this moment.", .f0 = method_qsize},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static struct type_info queue_info = {
    .ops = {.new_ = queue_new},
    .trace = queue_trace,
    .methods = methods,
};

static PyTypeObject queue_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_queue.SimpleQueue",
    .tp_doc = "SimpleQueue()\n--\n\nAn unbounded FIFO queue.",
    .tp_basicsize = sizeof(struct simple_queue),
    .tp_weaklistoffset = offsetof(struct simple_queue, weak_references),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&queue_info,
};

static PyObject *make_empty_error(void)
{
    PyObject *dict = dict_new();
    if (dict == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(str_from_text("_queue"))) < 0 ||
        dict_set_str(dict, names.__doc__,
                     value_from_object(str_from_text(
                         "Exception raised by Queue.get(block=0)/get_nowait()."))) < 0) {
        return NULL;
    }
    Value class =
        object_call3(value_from_object(&PyType_Type), value_from_object(str_from_text("Empty")),
                     value_from_object(tuple_pack(1, PyExc_Exception)), value_from_object(dict));
    return value_object(class);
}

static int queue_exec(PyObject *module)
{
    if (empty_error == NULL) {
        empty_error = make_empty_error();
    }
    if (empty_error == NULL || type_ready(&queue_type) < 0 ||
        module_add(module, "Empty", value_from_object(empty_error)) < 0) {
        return -1;
    }
    return module_add_type(module, &queue_type);
}

const struct module_def queue_module = {
    .name = "_queue",
    .doc = "A queue for threads, in C.",
    .functions = (const struct native_def[]){{NULL}},
    .exec = queue_exec,
};
