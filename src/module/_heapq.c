/* SPDX-License-Identifier: MIT */
/* _heapq: priority queues in lists.
 *
 * An operation on simple items (numbers, strings, tuples of such) is one atomic step: under the
 * list's lock, the path on which items move is found first, and then they are moved. If a
 * comparison needs Python code, nothing was moved yet, and the operation is done again step by step
 * without the lock, watching for a list that changes. */
#include "object/list.h"
#include "object/native.h"
#include "object/simple_compare.h"

enum { MAXIMUM_DEPTH = 64 };
enum outcome { FAILED = -1, DONE, NEEDS_PYTHON, WRONG_INDEX };

/* ---- Under the lock. The heap's order is "less" or, for a max heap, the reverse. */

static Value at_locked(PyObject *heap, Py_ssize_t i)
{
    return value_from_object(((PyListObject *)heap)->ob_item[i]);
}

static void put_locked(PyObject *heap, Py_ssize_t i, Value v)
{
    PyObject **items = ((PyListObject *)heap)->ob_item;
    void *array = (char *)items - offsetof(struct list_items, items);
    heap_store(array, &items[i], value_object(v));
}

/* Does a go above b? 1, 0, -1. */
static int above_simple(Value a, Value b, bool max)
{
    return max ? value_less_simple(b, a, SIMPLE_DEPTH) : value_less_simple(a, b, SIMPLE_DEPTH);
}

/* Moves the item at i up to its place. */
static enum outcome rise_locked(PyObject *heap, Py_ssize_t i, Py_ssize_t top, bool max)
{
    Value item = at_locked(heap, i);
    Py_ssize_t to = i;
    while (to > top) {
        int above = above_simple(item, at_locked(heap, (to - 1) / 2), max);
        if (above < 0) {
            return NEEDS_PYTHON;
        }
        if (!above) {
            break;
        }
        to = (to - 1) / 2;
    }
    for (; i > to; i = (i - 1) / 2) {
        put_locked(heap, i, at_locked(heap, (i - 1) / 2));
    }
    put_locked(heap, to, item);
    return DONE;
}

/* Puts `item` at i or below: the better children move up to a leaf, then the item rises again. */
static enum outcome sink_locked(PyObject *heap, Py_ssize_t size, Py_ssize_t i, Value item, bool max)
{
    Py_ssize_t path[MAXIMUM_DEPTH];
    int depth = 0;
    path[0] = i;
    for (Py_ssize_t child = 2 * i + 1; child < size; child = 2 * child + 1) {
        if (child + 1 < size) {
            int above = above_simple(at_locked(heap, child), at_locked(heap, child + 1), max);
            if (above < 0) {
                return NEEDS_PYTHON;
            }
            child += !above;
        }
        path[++depth] = child;
    }
    int place = depth;
    while (place > 0) {
        int above = above_simple(item, at_locked(heap, path[place]), max);
        if (above < 0) {
            return NEEDS_PYTHON;
        }
        if (!above) {
            break;
        }
        place--;
    }
    for (int k = 0; k < place; k++) {
        put_locked(heap, path[k], at_locked(heap, path[k + 1]));
    }
    put_locked(heap, path[place], item);
    return DONE;
}

/* ---- Without the lock, with any comparison. */

static int above_general(Value a, Value b, bool max)
{
    Value result = max ? object_compare(b, a, Py_LT) : object_compare(a, b, Py_LT);
    return value_is_null(result) ? -1 : object_truth(result);
}

static int changed_size(void)
{
    return error_raise_int(PyExc_RuntimeError, "list changed size during iteration");
}

/* Is heap[i] above heap[k]? 1, 0, -1. */
static int above_at(PyObject *heap, Py_ssize_t size, Py_ssize_t i, Py_ssize_t k, bool max)
{
    Value a = list_find(heap, i), b = list_find(heap, k);
    if (value_is_absent(a) || value_is_absent(b)) {
        return changed_size();
    }
    int above = above_general(a, b, max);
    return above >= 0 && list_length(heap) != size ? changed_size() : above;
}

static int swap(PyObject *heap, Py_ssize_t i, Py_ssize_t k)
{
    Value a = list_find(heap, i), b = list_find(heap, k);
    if (value_is_absent(a) || value_is_absent(b)) {
        return changed_size();
    }
    return list_set(heap, i, b) < 0 ? -1 : list_set(heap, k, a);
}

static int rise(PyObject *heap, Py_ssize_t i, Py_ssize_t top, bool max)
{
    Py_ssize_t size = list_length(heap);
    while (i > top) {
        Py_ssize_t parent = (i - 1) / 2;
        int above = above_at(heap, size, i, parent, max);
        if (above <= 0) {
            return above;
        }
        if (swap(heap, i, parent) < 0) {
            return -1;
        }
        i = parent;
    }
    return 0;
}

static int sink(PyObject *heap, Py_ssize_t i, bool max)
{
    Py_ssize_t size = list_length(heap), top = i;
    for (Py_ssize_t child = 2 * i + 1; child < size; child = 2 * i + 1) {
        if (child + 1 < size) {
            int above = above_at(heap, size, child, child + 1, max);
            if (above < 0) {
                return -1;
            }
            child += !above;
        }
        if (swap(heap, i, child) < 0) {
            return -1;
        }
        i = child;
    }
    return rise(heap, i, top, max);
}

/* ---- The functions. */

static PyObject *heap_argument(Value v, const char *what)
{
    if (!list_check(v)) {
        return error_raise_null(PyExc_TypeError, "%s must be list, not %T", what, v);
    }
    return value_object(v);
}

static Value heapq_push(Value self, const Value *args)
{
    PyObject *heap = heap_argument(args[0], "heappush() argument 1");
    if (heap == NULL || list_append(heap, args[1]) < 0) {
        return VALUE_NULL;
    }
    byte_lock(list_byte_lock(heap));
    Py_ssize_t size = list_length(heap);
    enum outcome outcome = size > 0 ? rise_locked(heap, size - 1, 0, false) : DONE;
    byte_unlock(list_byte_lock(heap));
    if (outcome == NEEDS_PYTHON && rise(heap, size - 1, 0, false) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value wrong_index(void)
{
    return error_raise(PyExc_IndexError, "index out of range");
}

/* The top goes out, the last item takes its place and sinks. */
static Value pop(PyObject *heap, bool max)
{
    Value top = VALUE_NULL;
    enum outcome outcome = WRONG_INDEX;
    byte_lock(list_byte_lock(heap));
    Py_ssize_t size = list_length(heap);
    if (size > 0) {
        Value last = at_locked(heap, size - 1);
        top = at_locked(heap, 0);
        outcome = size > 1 ? sink_locked(heap, size - 1, 0, last, max) : DONE;
        if (outcome == DONE) {
            list_remove_range_locked((PyListObject *)heap, size - 1, size);
        }
    }
    byte_unlock(list_byte_lock(heap));
    if (outcome == WRONG_INDEX) {
        return wrong_index();
    }
    if (outcome == DONE) {
        return top;
    }
    Value last = list_pop(heap, -1);
    if (value_is_null(last) || list_length(heap) == 0) {
        return last;
    }
    top = list_find(heap, 0);
    if (value_is_absent(top) || list_set(heap, 0, last) < 0 || sink(heap, 0, max) < 0) {
        return value_is_absent(top) ? wrong_index() : VALUE_NULL;
    }
    return top;
}

static Value heapq_pop(Value self, Value argument)
{
    PyObject *heap = heap_argument(argument, "heappop() argument");
    return heap != NULL ? pop(heap, false) : VALUE_NULL;
}

static Value heapq_pop_max(Value self, Value argument)
{
    PyObject *heap = heap_argument(argument, "_heappop_max() argument");
    return heap != NULL ? pop(heap, true) : VALUE_NULL;
}

/* The top goes out, the item takes its place and sinks. */
static Value replace(PyObject *heap, Value item, bool max)
{
    PyObject *boxed = value_box(item);
    Value top = VALUE_NULL;
    enum outcome outcome = WRONG_INDEX;
    if (boxed == NULL) {
        return VALUE_NULL;
    }
    item = value_from_object(boxed);
    byte_lock(list_byte_lock(heap));
    Py_ssize_t size = list_length(heap);
    if (size > 0) {
        top = at_locked(heap, 0);
        outcome = sink_locked(heap, size, 0, item, max);
        if (outcome == NEEDS_PYTHON) {
            put_locked(heap, 0, item);
        }
    }
    byte_unlock(list_byte_lock(heap));
    if (outcome == WRONG_INDEX) {
        return wrong_index();
    }
    return outcome == NEEDS_PYTHON && sink(heap, 0, max) < 0 ? VALUE_NULL : top;
}

static Value heapq_replace(Value self, const Value *args)
{
    PyObject *heap = heap_argument(args[0], "heapreplace() argument 1");
    return heap != NULL ? replace(heap, args[1], false) : VALUE_NULL;
}

static Value heapq_replace_max(Value self, const Value *args)
{
    PyObject *heap = heap_argument(args[0], "_heapreplace_max() argument 1");
    return heap != NULL ? replace(heap, args[1], true) : VALUE_NULL;
}

static Value heapq_push_pop(Value self, const Value *args)
{
    PyObject *heap = heap_argument(args[0], "heappushpop() argument 1");
    if (heap == NULL) {
        return VALUE_NULL;
    }
    Value top = list_find(heap, 0);
    if (value_is_absent(top)) {
        return args[1];
    }
    int above = value_less_simple(top, args[1], SIMPLE_DEPTH);
    above = above < 0 ? above_general(top, args[1], false) : above;
    if (above <= 0) {
        return above < 0 ? VALUE_NULL : args[1];
    }
    return replace(heap, args[1], false);
}

static Value heapify(PyObject *heap, bool max)
{
    enum outcome outcome = DONE;
    byte_lock(list_byte_lock(heap));
    Py_ssize_t size = list_length(heap), i = size / 2 - 1;
    for (; i >= 0 && outcome == DONE; i--) {
        outcome = sink_locked(heap, size, i, at_locked(heap, i), max);
    }
    byte_unlock(list_byte_lock(heap));
    if (outcome == DONE) {
        return VALUE_NONE;
    }
    for (i++; i >= 0; i--) {
        if (sink(heap, i, max) < 0) {
            return VALUE_NULL;
        }
    }
    return VALUE_NONE;
}

static Value heapq_heapify(Value self, Value argument)
{
    PyObject *heap = heap_argument(argument, "heapify() argument");
    return heap != NULL ? heapify(heap, false) : VALUE_NULL;
}

static Value heapq_heapify_max(Value self, Value argument)
{
    PyObject *heap = heap_argument(argument, "_heapify_max() argument");
    return heap != NULL ? heapify(heap, true) : VALUE_NULL;
}

static const struct native_def functions[] = {
    {"heappush", "($module, heap, item, /)", "Push item onto heap.", .n = heapq_push},
    {"heappushpop", "($module, heap, item, /)",
     "Push item on the heap, then pop and return the smallest item.", .n = heapq_push_pop},
    {"heappop", "($module, heap, /)", "Pop the smallest item off the heap.", .f1 = heapq_pop},
    {"heapreplace", "($module, heap, item, /)",
     "Pop and return the smallest item, and add the new item.", .n = heapq_replace},
    {"heapify", "($module, heap, /)", "Make a list into a heap, in linear time.",
     .f1 = heapq_heapify},
    {"_heappop_max", "($module, heap, /)", "Like heappop, for a max heap.", .f1 = heapq_pop_max},
    {"_heapify_max", "($module, heap, /)", "Like heapify, for a max heap.",
     .f1 = heapq_heapify_max},
    {"_heapreplace_max", "($module, heap, item, /)", "Like heapreplace, for a max heap.",
     .n = heapq_replace_max},
    {NULL},
};

static int heapq_exec(PyObject *module)
{
    return module_add_str(module, "__about__",
                          "A heap is a list in which heap[k] is no greater than heap[2*k+1] and "
                          "heap[2*k+2], so that heap[0] is the smallest item.");
}

const struct module_def heapq_module = {
    .name = "_heapq",
    .doc = "Heap queues: priority queues in lists.",
    .functions = functions,
    .exec = heapq_exec,
};
