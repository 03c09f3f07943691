/* SPDX-License-Identifier: MIT */
/* list.sort: a stable, adaptive merge sort, after Tim Peters' published description.
 *
 *  1. Keys are computed (key function, or the items themselves). If all keys are small ints,
 *     floats, or strings, or tuples that begin so, a comparison of that kind is chosen that needs
 *     no calls.
 *  2. The array is cut into natural runs: ascending, or strictly descending and then reversed.
 *     Short ones are extended to `minimum_run` by binary insertion.
 *  3. Adjacent runs are merged by the powersort rule, which keeps the merges near the optimal tree.
 *  4. A merge that keeps winning on one side gallops: it looks for the end of the streak by
 *     doubling.
 *
 * Keys and values move together; with no key function on general items the keys are the items and
 * there are no separate values. Sorting happens on private arrays:
 *  - If no Python code can run (all keys simple and no key function), the list keeps its contents
 *    until the sorted ones replace them in one step; another thread sees before or after. If
 *    somebody changed the list meanwhile, the sort starts over.
 *  - Otherwise the list is empty while it is sorted, as in CPython, and a list that is not empty in
 *    the end was modified: ValueError. */
#include "object/float.h"
#include "object/list_int.h"
#include "object/str.h"

enum { MINIMUM_GALLOP = 7, MAXIMUM_RUNS = 85, SHORT_SORT = 64 };

enum key_kind { KEYS_INT, KEYS_FLOAT, KEYS_STR, KEYS_LATIN1, KEYS_TUPLE, KEYS_GENERAL };

/* Where a range of items begins; values may be NULL. */
struct cursor {
    Value *keys, *values;
};

struct run {
    struct cursor start;
    Py_ssize_t length;
    int power;
};

struct sorter {
    /* 1, 0 or -1 (error): is a < b? */
    int (*less)(struct sorter *, Value a, Value b);
    int (*less_first)(struct sorter *, Value a, Value b); /* of tuples' first items */
    struct cursor start;
    Py_ssize_t total;
    struct cursor scratch;
    Py_ssize_t scratch_size;
    Py_ssize_t minimum_gallop;
    struct run runs[MAXIMUM_RUNS];
    int run_count;
    bool locked; /* under the list's lock: no safepoints */
};

/* ---- Comparisons. */

static int less_general(struct sorter *s, Value a, Value b)
{
    Value result = object_compare(a, b, Py_LT);
    if (value_is_null(result)) {
        return -1;
    }
    return value_is_object(result) && value_object(result) == Py_True ? 1 : object_truth(result);
}

static int less_int(struct sorter *s, Value a, Value b)
{
    return value_int(a) < value_int(b);
}

static int less_float(struct sorter *s, Value a, Value b)
{
    return value_double(a) < value_double(b);
}

static int less_str(struct sorter *s, Value a, Value b)
{
    return str_compare(value_object(a), value_object(b)) < 0;
}

static int less_latin1(struct sorter *s, Value a, Value b)
{
    PyObject *x = value_object(a), *y = value_object(b);
    Py_ssize_t m = str_length(x), n = str_length(y);
    int order = memcmp(str_data(x), str_data(y), (size_t)(m < n ? m : n));
    return order != 0 ? order < 0 : m < n;
}

static int less_tuple(struct sorter *s, Value a, Value b)
{
    PyObject *x = value_object(a), *y = value_object(b);
    Py_ssize_t m = tuple_length(x), n = tuple_length(y), i = 0;
    for (; i < m && i < n; i++) {
        int equal = object_equal(tuple_get(x, i), tuple_get(y, i));
        if (equal < 0) {
            return -1;
        }
        if (!equal) {
            break;
        }
    }
    if (i >= m || i >= n) {
        return m < n;
    }
    if (i > 0) {
        return less_general(s, tuple_get(x, i), tuple_get(y, i));
    }
    return s->less_first(s, tuple_get(x, 0), tuple_get(y, 0));
}

static int less_first_int(struct sorter *s, Value a, Value b)
{
    return value_int(value_unbox(value_object(a))) < value_int(value_unbox(value_object(b)));
}

static int less_first_float(struct sorter *s, Value a, Value b)
{
    double x = 0, y = 0;
    float_try(a, &x);
    float_try(b, &y);
    return x < y;
}

/* The kind of one key, as far as it has a fast comparison. */
static enum key_kind kind_of(Value v)
{
    double d;
    if (str_check_exact(v)) {
        return str_kind(value_object(v)) == 1 ? KEYS_LATIN1 : KEYS_STR;
    }
    if (int_check_exact(v)) {
        bool fits = value_is_int(v) || value_is_int(value_unbox(value_object(v)));
        return fits ? KEYS_INT : KEYS_GENERAL;
    }
    if (float_try(v, &d)) {
        return KEYS_FLOAT;
    }
    return tuple_check_exact(v) ? KEYS_TUPLE : KEYS_GENERAL;
}

static enum key_kind join_kinds(enum key_kind a, enum key_kind b)
{
    if (a == b) {
        return a;
    }
    bool both_str = (a == KEYS_STR || a == KEYS_LATIN1) && (b == KEYS_STR || b == KEYS_LATIN1);
    return both_str ? KEYS_STR : KEYS_GENERAL;
}

static enum key_kind kind_of_firsts(const Value *keys, Py_ssize_t count)
{
    enum key_kind kind = KEYS_GENERAL;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *t = value_object(keys[i]);
        enum key_kind one = tuple_length(t) > 0 ? kind_of(tuple_get(t, 0)) : KEYS_GENERAL;
        kind = i == 0 ? one : join_kinds(kind, one);
        if (kind == KEYS_GENERAL || kind == KEYS_TUPLE) {
            return KEYS_GENERAL;
        }
    }
    return kind;
}

static enum key_kind choose_comparison(struct sorter *s, const Value *keys, Py_ssize_t count)
{
    enum key_kind kind = count > 0 ? kind_of(keys[0]) : KEYS_GENERAL;
    for (Py_ssize_t i = 1; i < count && kind != KEYS_GENERAL; i++) {
        kind = join_kinds(kind, kind_of(keys[i]));
    }
    switch (kind) {
    case KEYS_INT: s->less = less_int; break;
    case KEYS_FLOAT: s->less = less_float; break;
    case KEYS_STR: s->less = less_str; break;
    case KEYS_LATIN1: s->less = less_latin1; break;
    case KEYS_TUPLE:
        s->less = less_tuple;
        switch (kind_of_firsts(keys, count)) {
        case KEYS_INT: s->less_first = less_first_int; break;
        case KEYS_FLOAT: s->less_first = less_first_float; break;
        case KEYS_STR: s->less_first = less_str; break;
        case KEYS_LATIN1: s->less_first = less_latin1; break;
        default: s->less_first = less_general;
        }
        break;
    default: s->less = less_general;
    }
    return kind;
}

/* ---- Moving. */

static ALWAYS_INLINE struct cursor at(struct cursor c, Py_ssize_t offset)
{
    return (struct cursor){c.keys + offset, c.values != NULL ? c.values + offset : NULL};
}

static ALWAYS_INLINE void put(struct cursor to, struct cursor from)
{
    *to.keys = *from.keys;
    if (to.values != NULL) {
        *to.values = *from.values;
    }
}

/* The arrays are private to this sort and cells that the collector finds through the stack. It may
 * stop in a comparison at any time, so an item is always in one of the arrays. */
static void move(struct cursor to, struct cursor from, Py_ssize_t count)
{
    memmove(to.keys, from.keys, (size_t)count * sizeof(Value));
    if (to.values != NULL) {
        memmove(to.values, from.values, (size_t)count * sizeof(Value));
    }
}

static void reverse_values(Value *low, Value *high)
{
    for (high--; low < high; low++, high--) {
        Value v = *low;
        *low = *high;
        *high = v;
    }
}

static void reverse(struct cursor start, Py_ssize_t count)
{
    reverse_values(start.keys, start.keys + count);
    if (start.values != NULL) {
        reverse_values(start.values, start.values + count);
    }
}

/* ---- Runs. */

/* Sorts [0, count) of which [0, sorted) is sorted already. 0 or -1. */
static int insertion_sort(struct sorter *s, struct cursor start, Py_ssize_t sorted,
                          Py_ssize_t count)
{
    for (Py_ssize_t i = sorted > 0 ? sorted : 1; i < count; i++) {
        Value key = start.keys[i];
        Py_ssize_t low = 0, high = i;
        while (low < high) {
            Py_ssize_t middle = low + ((high - low) >> 1);
            int less = s->less(s, key, start.keys[middle]);
            if (less < 0) {
                return -1;
            }
            if (less) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Value v = start.values != NULL ? start.values[i] : VALUE_NULL;
        move(at(start, low + 1), at(start, low), i - low);
        start.keys[low] = key;
        if (start.values != NULL) {
            start.values[low] = v;
        }
    }
    return 0;
}

/* The length of the run at the start; a descending one is turned round. -1 on error. */
static Py_ssize_t find_run(struct sorter *s, struct cursor start, Py_ssize_t count)
{
    if (count < 2) {
        return count;
    }
    int descending = s->less(s, start.keys[1], start.keys[0]);
    Py_ssize_t n = 2;
    if (descending < 0) {
        return -1;
    }
    for (; n < count; n++) {
        int less = s->less(s, start.keys[n], start.keys[n - 1]);
        if (less < 0) {
            return -1;
        }
        if (less != descending) {
            break;
        }
    }
    if (descending) {
        reverse(start, n);
    }
    return n;
}

static Py_ssize_t minimum_run(Py_ssize_t n)
{
    Py_ssize_t rest = 0;
    while (n >= SHORT_SORT) {
        rest |= n & 1;
        n >>= 1;
    }
    return n + rest;
}

/* ---- Galloping. Both look for the place of `key` in the sorted keys[0, count), near `hint`. */

/* How many are < key (after_equal: <= key). -1 on error. */
static Py_ssize_t search(struct sorter *s, Value key, const Value *keys, Py_ssize_t low,
                         Py_ssize_t high, bool after_equal)
{
    while (low < high) {
        Py_ssize_t middle = low + ((high - low) >> 1);
        int less = after_equal ? s->less(s, key, keys[middle]) : s->less(s, keys[middle], key);
        if (less < 0) {
            return -1;
        }
        if (less == after_equal) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Does keys[i] go before the key? 1, 0, -1. */
static int goes_before(struct sorter *s, Value key, Value item, bool after_equal)
{
    if (!after_equal) {
        return s->less(s, item, key);
    }
    int less = s->less(s, key, item);
    return less < 0 ? -1 : !less;
}

static Py_ssize_t gallop(struct sorter *s, Value key, const Value *keys, Py_ssize_t count,
                         Py_ssize_t hint, bool after_equal)
{
    int before = goes_before(s, key, keys[hint], after_equal);
    Py_ssize_t last = 0, step = 1;
    if (before < 0) {
        return -1;
    }
    Py_ssize_t limit = before ? count - hint : hint + 1;
    while (step < limit) {
        int more = goes_before(s, key, keys[before ? hint + step : hint - step], after_equal);
        if (more < 0) {
            return -1;
        }
        if (more != before) {
            break;
        }
        last = step;
        step = step <= (PY_SSIZE_T_MAX - 1) / 2 ? step * 2 + 1 : PY_SSIZE_T_MAX;
    }
    step = step < limit ? step : limit;
    if (before) {
        return search(s, key, keys, hint + last + 1, hint + step, after_equal);
    }
    return search(s, key, keys, hint - step + 1, hint - last, after_equal);
}

/* ---- Merging. */

static int ensure_scratch(struct sorter *s, Py_ssize_t count)
{
    if (count <= s->scratch_size) {
        return 0;
    }
    struct list_items *keys = list_items_new(count), *values = NULL;
    if (keys != NULL && s->start.values != NULL) {
        values = list_items_new(count);
    }
    if (keys == NULL || (s->start.values != NULL && values == NULL)) {
        return -1;
    }
    s->scratch.keys = (Value *)keys->items;
    s->scratch.values = values != NULL ? (Value *)values->items : NULL;
    s->scratch_size = count;
    return 0;
}

/* State of one merge. Forwards: the left run is in the scratch array, and `out` fills from the
 * left. Backwards: the right run is in the scratch array, and `out` fills from the right; then all
 * cursors stand on the next item to look at, and offsets count downwards. */
struct merge {
    struct cursor left, right, out;
    Py_ssize_t left_count, right_count;
};

/* Left before right, both from their starts; right_count >= left_count >= 1 roughly. */
static int merge_forwards_items(struct sorter *s, struct merge *m)
{
    Py_ssize_t minimum = s->minimum_gallop;
    for (;;) {
        Py_ssize_t left_wins = 0, right_wins = 0;
        while (left_wins < minimum && right_wins < minimum) {
            int less = s->less(s, *m->right.keys, *m->left.keys);
            if (less < 0) {
                return -1;
            }
            if (less) {
                put(m->out, m->right);
                m->right = at(m->right, 1);
                right_wins++;
                left_wins = 0;
            } else {
                put(m->out, m->left);
                m->left = at(m->left, 1);
                left_wins++;
                right_wins = 0;
            }
            m->out = at(m->out, 1);
            if ((less ? --m->right_count : --m->left_count) == 0) {
                return 0;
            }
        }
        do {
            minimum -= minimum > 1;
            left_wins = gallop(s, *m->right.keys, m->left.keys, m->left_count, 0, true);
            if (left_wins < 0) {
                return -1;
            }
            move(m->out, m->left, left_wins);
            m->out = at(m->out, left_wins);
            m->left = at(m->left, left_wins);
            if ((m->left_count -= left_wins) == 0) {
                return 0;
            }
            right_wins = gallop(s, *m->left.keys, m->right.keys, m->right_count, 0, false);
            if (right_wins < 0) {
                return -1;
            }
            move(m->out, m->right, right_wins);
            m->out = at(m->out, right_wins);
            m->right = at(m->right, right_wins);
            if ((m->right_count -= right_wins) == 0) {
                return 0;
            }
        } while (left_wins >= MINIMUM_GALLOP || right_wins >= MINIMUM_GALLOP);
        minimum += 2;
        s->minimum_gallop = minimum;
    }
}

static int merge_forwards(struct sorter *s, struct cursor left, Py_ssize_t left_count,
                          struct cursor right, Py_ssize_t right_count)
{
    if (ensure_scratch(s, left_count) < 0) {
        return -1;
    }
    move(s->scratch, left, left_count);
    struct merge m = {s->scratch, right, left, left_count, right_count};
    int status = merge_forwards_items(s, &m);
    /* What is left of the left run belongs here; what is left of the right one is in place. */
    move(m.out, m.left, m.left_count);
    return status;
}

/* The same from the right ends. Cursors are starts here; ends are start + count. */
static int merge_backwards_items(struct sorter *s, struct merge *m)
{
    Py_ssize_t minimum = s->minimum_gallop;
    for (;;) {
        Py_ssize_t left_wins = 0, right_wins = 0;
        while (left_wins < minimum && right_wins < minimum) {
            Py_ssize_t out = m->left_count + m->right_count - 1;
            struct cursor last_left = at(m->left, m->left_count - 1);
            struct cursor last_right = at(m->right, m->right_count - 1);
            int less = s->less(s, *last_right.keys, *last_left.keys);
            if (less < 0) {
                return -1;
            }
            put(at(m->out, out), less ? last_left : last_right);
            left_wins = less ? left_wins + 1 : 0;
            right_wins = less ? 0 : right_wins + 1;
            if ((less ? --m->left_count : --m->right_count) == 0) {
                return 0;
            }
        }
        do {
            minimum -= minimum > 1;
            Py_ssize_t keep = gallop(s, m->right.keys[m->right_count - 1], m->left.keys,
                                     m->left_count, m->left_count - 1, true);
            if (keep < 0) {
                return -1;
            }
            left_wins = m->left_count - keep;
            move(at(m->out, keep + m->right_count), at(m->left, keep), left_wins);
            if ((m->left_count = keep) == 0) {
                return 0;
            }
            keep = gallop(s, m->left.keys[m->left_count - 1], m->right.keys, m->right_count,
                          m->right_count - 1, false);
            if (keep < 0) {
                return -1;
            }
            right_wins = m->right_count - keep;
            move(at(m->out, m->left_count + keep), at(m->right, keep), right_wins);
            if ((m->right_count = keep) == 0) {
                return 0;
            }
        } while (left_wins >= MINIMUM_GALLOP || right_wins >= MINIMUM_GALLOP);
        minimum += 2;
        s->minimum_gallop = minimum;
    }
}

static int merge_backwards(struct sorter *s, struct cursor left, Py_ssize_t left_count,
                           struct cursor right, Py_ssize_t right_count)
{
    if (ensure_scratch(s, right_count) < 0) {
        return -1;
    }
    move(s->scratch, right, right_count);
    struct merge m = {left, s->scratch, left, left_count, right_count};
    int status = merge_backwards_items(s, &m);
    move(at(m.out, m.left_count), m.right, m.right_count);
    return status;
}

/* Merges the two topmost runs. */
static int merge_top(struct sorter *s)
{
    struct run *left = &s->runs[s->run_count - 2], *right = left + 1;
    struct cursor a = left->start, b = right->start;
    Py_ssize_t m = left->length, n = right->length;
    left->length += n;
    s->run_count--;
    if (!s->locked) {
        thread_safepoint_quiet(thread_current());
    }
    /* What begins the left run and is no greater than all of the right one stays. */
    Py_ssize_t skip = gallop(s, *b.keys, a.keys, m, 0, true);
    if (skip < 0) {
        return -1;
    }
    a = at(a, skip);
    m -= skip;
    if (m == 0) {
        return 0;
    }
    n = gallop(s, a.keys[m - 1], b.keys, n, n - 1, false);
    if (n <= 0) {
        return (int)n;
    }
    return m <= n ? merge_forwards(s, a, m, b, n) : merge_backwards(s, a, m, b, n);
}

/* The depth of the border between two adjacent runs in an ideal merge tree: the first bit in which
 * the midpoints of the runs, as fractions of the whole, differ. */
static int border_power(Py_ssize_t start, Py_ssize_t left, Py_ssize_t right, Py_ssize_t total)
{
    Py_ssize_t a = 2 * start + left, b = a + left + right;
    for (int power = 1;; power++) {
        if (a >= total) {
            a -= total;
            b -= total;
        } else if (b >= total) {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

static int push_run(struct sorter *s, struct cursor start, Py_ssize_t length)
{
    if (s->run_count > 0) {
        struct run *top = &s->runs[s->run_count - 1];
        int power = border_power(top->start.keys - s->start.keys, top->length, length, s->total);
        while (s->run_count > 1 && s->runs[s->run_count - 2].power > power) {
            if (merge_top(s) < 0) {
                return -1;
            }
        }
        s->runs[s->run_count - 1].power = power;
    }
    s->runs[s->run_count++] = (struct run){start, length, 0};
    return 0;
}

static int merge_sort(struct sorter *s)
{
    Py_ssize_t left = s->total, shortest = minimum_run(s->total);
    struct cursor start = s->start;
    s->minimum_gallop = MINIMUM_GALLOP;
    while (left > 0) {
        Py_ssize_t n = find_run(s, start, left);
        if (n < 0) {
            return -1;
        }
        if (n < shortest) {
            Py_ssize_t wanted = left < shortest ? left : shortest;
            if (insertion_sort(s, start, n, wanted) < 0) {
                return -1;
            }
            n = wanted;
        }
        if (push_run(s, start, n) < 0) {
            return -1;
        }
        start = at(start, n);
        left -= n;
    }
    while (s->run_count > 1) {
        if (merge_top(s) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- list.sort. */

/* References are moved within and between these arrays by plain stores, and comparisons may let a
 * collection in: the arrays stay remembered, because the sorter on the C stack points to them. */
static void remember(Value *items, Py_ssize_t count)
{
    if (items != NULL) {
        heap_remember_range(items, (size_t)count * sizeof *items);
    }
}

/* Sorts so that equal ones stay in order in both directions. */
static int sort_in_direction(struct sorter *s, bool descending)
{
    if (descending) {
        reverse(s->start, s->total);
    }
    remember(s->start.keys, s->total);
    remember(s->start.values, s->total);
    int status = merge_sort(s);
    if (descending) {
        reverse(s->start, s->total);
    }
    return status;
}

/* Small numbers are sorted by their inline values, beside the objects. */
static int unbox_keys(struct sorter *s, enum key_kind kind, Py_ssize_t count)
{
    if (kind != KEYS_INT && kind != KEYS_FLOAT) {
        return 0;
    }
    if (s->start.values == NULL) {
        struct list_items *keys = list_items_new(count);
        if (keys == NULL) {
            return -1;
        }
        s->start.values = s->start.keys;
        s->start.keys = (Value *)keys->items;
        memcpy(s->start.keys, s->start.values, (size_t)count * sizeof(Value));
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (value_is_object(s->start.keys[i])) {
            s->start.keys[i] = value_unbox(value_object(s->start.keys[i]));
        }
    }
    return 0;
}

/* Sorts a copy of the list's items, which runs no Python code: the copy, or NULL on error; *general
 * is set if that is not possible. */
static struct list_items *sorted_copy(PyObject *list, const struct list_items *array,
                                      Py_ssize_t count, bool descending, bool locked, bool *general)
{
    struct sorter s = {.total = count, .locked = locked};
    enum key_kind kind = choose_comparison(&s, (const Value *)array->items, count);
    *general = kind == KEYS_GENERAL || kind == KEYS_TUPLE;
    struct list_items *sorted = *general ? NULL : list_items_like(list, count);
    if (sorted == NULL) {
        return NULL;
    }
    heap_init_copy(sorted, (Value *)sorted->items, (const Value *)array->items, (size_t)count);
    s.start.keys = (Value *)sorted->items;
    if (unbox_keys(&s, kind, count) < 0 || sort_in_direction(&s, descending) < 0) {
        return NULL;
    }
    return sorted;
}

enum { OPTIMISTIC_ATTEMPTS = 3 };

/* Without Python code: 1 sorted, 0 not possible, -1 error. If others keep changing the list, it is
 * sorted under its lock in the end. */
static int sort_in_one_step(PyObject *list, bool descending)
{
    bool general;
    struct list_items *sorted;
    for (int attempt = 0; attempt < OPTIMISTIC_ATTEMPTS; attempt++) {
        Py_ssize_t count;
        struct list_items *array = list_snapshot(list, &count);
        if (array == NULL || count < 2) {
            return array != NULL ? 1 : -1;
        }
        sorted = sorted_copy(list, array, count, descending, false, &general);
        if (sorted == NULL) {
            return general ? 0 : -1;
        }
        if (list_exchange_items(list, array, sorted, count)) {
            return 1;
        }
    }
    byte_lock(list_byte_lock(list));
    Py_ssize_t count = ((PyVarObject *)list)->ob_size;
    const struct list_items *array = list_items_of((PyListObject *)list);
    sorted = sorted_copy(list, array, count, descending, true, &general);
    if (sorted != NULL) {
        list_put_items_locked((PyListObject *)list, sorted, count);
    }
    byte_unlock(list_byte_lock(list));
    return sorted != NULL ? 1 : general ? 0 : -1;
}

static struct list_items *compute_keys(struct list_items *array, Py_ssize_t count, Value key)
{
    struct list_items *keys = list_items_new(count);
    for (Py_ssize_t i = 0; keys != NULL && i < count; i++) {
        Value v = object_call1(key, value_from_object(array->items[i]));
        if (value_is_null(v)) {
            return NULL;
        }
        heap_init_value(keys, (Value *)&keys->items[i], v);
    }
    return keys;
}

/* The contents are ours alone. */
static int sort_items(struct list_items *array, Py_ssize_t count, Value key, bool descending)
{
    struct sorter s = {0};
    s.start.keys = (Value *)array->items;
    s.total = count;
    if (value_is_present(key)) {
        struct list_items *keys = compute_keys(array, count, key);
        if (keys == NULL) {
            return -1;
        }
        s.start.values = s.start.keys;
        s.start.keys = (Value *)keys->items;
    }
    if (count < 2) {
        return 0;
    }
    enum key_kind kind = choose_comparison(&s, s.start.keys, count);
    return unbox_keys(&s, kind, count) < 0 ? -1 : sort_in_direction(&s, descending);
}

int list_sort(PyObject *list, Value key, bool descending)
{
    if (!value_is_present(key)) {
        int done = sort_in_one_step(list, descending);
        if (done != 0) {
            return done > 0 ? 0 : -1;
        }
    }
    Py_ssize_t count;
    struct list_items *placeholder;
    struct list_items *taken = list_take_items(list, &count, &placeholder);
    struct list_items *array = taken != NULL ? list_items_like(list, count) : NULL;
    int status = -1;
    if (array != NULL) {
        /* Readers that still hold the old array must not see it being sorted. */
        heap_init_copy(array, (Value *)array->items, (const Value *)taken->items, (size_t)count);
        status = sort_items(array, count, key, descending);
    } else if (taken != NULL) {
        array = taken;
    }
    if (taken != NULL && !list_put_items(list, array, count, placeholder) && status == 0) {
        return error_raise_int(PyExc_ValueError, "list modified during sort");
    }
    return status;
}
