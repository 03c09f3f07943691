/* SPDX-License-Identifier: MIT */
/* _bisect: binary search in sorted sequences. */
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/simple_compare.h"
#include "object/str.h"

static Value sequence_item(Value sequence, Py_ssize_t i)
{
    if (list_check_exact(sequence)) {
        Value item = list_find(value_object(sequence), i);
        if (!value_is_absent(item)) {
            return item;
        }
    }
    return object_getitem(sequence, int_from_ssize(i));
}

/* Is a < b? 1, 0, -1. */
static int less(Value a, Value b)
{
    int simple = value_less_simple(a, b, SIMPLE_DEPTH);
    if (simple >= 0) {
        return simple;
    }
    Value result = object_compare(a, b, Py_LT);
    return value_is_null(result) ? -1 : object_truth(result);
}

/* The place for x in a[low:high]: before equal items (left) or after them. -1 on error. */
static Py_ssize_t find_place(Value a, Value x, Py_ssize_t low, Py_ssize_t high, Value key,
                             bool left)
{
    if (low < 0) {
        return error_raise_int(PyExc_ValueError, "lo must be non-negative");
    }
    if (high == -1) {
        high = object_length(a);
        if (high < 0) {
            return -1;
        }
    }
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        Value item = sequence_item(a, middle);
        if (!value_is_null(item) && value_is_present(key)) {
            item = object_call1(key, item);
        }
        if (value_is_null(item)) {
            return -1;
        }
        int below = left ? less(item, x) : less(x, item);
        if (below < 0) {
            return -1;
        }
        if (below == left) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* args: a, x, lo, hi, key. */
static Py_ssize_t search(const Value *args, Value x, bool left)
{
    Py_ssize_t low = 0, high = -1;
    if (value_is_present(args[2]) && arg_index(args[2], &low) < 0) {
        return -1;
    }
    if (value_is_present(args[3]) && !value_is_none(args[3]) && arg_index(args[3], &high) < 0) {
        return -1;
    }
    Value key = value_is_present(args[4]) && value_is_none(args[4]) ? VALUE_ABSENT : args[4];
    return find_place(args[0], x, low, high, key, left);
}

static Value bisect(const Value *args, bool left)
{
    Py_ssize_t place = search(args, args[1], left);
    return place < 0 ? VALUE_NULL : int_from_ssize(place);
}

static Value insort(const Value *args, bool left)
{
    Value x = args[1];
    if (value_is_present(args[4]) && !value_is_none(args[4])) {
        x = object_call1(args[4], x);
        if (value_is_null(x)) {
            return x;
        }
    }
    Py_ssize_t place = search(args, x, left);
    if (place < 0) {
        return VALUE_NULL;
    }
    if (list_check_exact(args[0])) {
        return list_insert(value_object(args[0]), place, args[1]) < 0 ? VALUE_NULL : VALUE_NONE;
    }
    Value done =
        object_call_method2(args[0], str_intern_text("insert"), int_from_ssize(place), args[1]);
    return value_is_null(done) ? done : VALUE_NONE;
}

static Value bisect_left(Value self, const Value *args)
{
    return bisect(args, true);
}
static Value bisect_right(Value self, const Value *args)
{
    return bisect(args, false);
}
static Value insort_left(Value self, const Value *args)
{
    return insort(args, true);
}
static Value insort_right(Value self, const Value *args)
{
    return insort(args, false);
}

#define SIGNATURE "($module, /, a, x, lo=0, hi=None, *, key=None)"

static const struct native_def functions[] = {
    {"bisect_left", SIGNATURE, "The place for x in the sorted a, before any equal items.",
     .n = bisect_left},
    {"bisect_right", SIGNATURE, "The place for x in the sorted a, after any equal items.",
     .n = bisect_right},
    {"insort_left", SIGNATURE, "Insert x into the sorted a, before any equal items.",
     .n = insort_left},
    {"insort_right", SIGNATURE, "Insert x into the sorted a, after any equal items.",
     .n = insort_right},
    {NULL},
};

const struct module_def bisect_module = {
    .name = "_bisect",
    .doc = "Binary search in sorted sequences.",
    .functions = functions,
};
