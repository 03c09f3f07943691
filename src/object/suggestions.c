/* SPDX-License-Identifier: MIT */
/* "Did you mean": the name nearest to a missing one, by the number of edits. */
#include "object/exception_int.h"
#include "object/traceback_int.h"

#include <stdlib.h>
#include <string.h>

#include "object/list.h"
#include "object/str.h"

enum { MAX_CANDIDATES = 750, MAX_LENGTH = 40, EDIT_COST = 2, CASE_COST = 1 };

static int replace_cost(unsigned char a, unsigned char b)
{
    if (a == b) {
        return 0;
    }
    unsigned char x = a >= 'A' && a <= 'Z' ? a + 32 : a, y = b >= 'A' && b <= 'Z' ? b + 32 : b;
    return x == y ? CASE_COST : EDIT_COST;
}

/* The edit distance, or something above `limit` as soon as that is certain. */
static int distance(const char *a, size_t a_size, const char *b, size_t b_size, int limit)
{
    while (a_size > 0 && b_size > 0 && *a == *b) {
        a++, b++, a_size--, b_size--;
    }
    while (a_size > 0 && b_size > 0 && a[a_size - 1] == b[b_size - 1]) {
        a_size--, b_size--;
    }
    if (a_size == 0 || b_size == 0) {
        return (int)(a_size + b_size) * EDIT_COST;
    }
    if (a_size > MAX_LENGTH || b_size > MAX_LENGTH) {
        return limit + 1;
    }
    int row[MAX_LENGTH + 1];
    for (size_t i = 0; i <= a_size; i++) {
        row[i] = (int)i * EDIT_COST;
    }
    for (size_t j = 1; j <= b_size; j++) {
        int diagonal = row[0], least;
        least = row[0] = (int)j * EDIT_COST;
        for (size_t i = 1; i <= a_size; i++) {
            int replaced =
                diagonal + replace_cost((unsigned char)a[i - 1], (unsigned char)b[j - 1]);
            int inserted = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + EDIT_COST;
            diagonal = row[i];
            row[i] = replaced < inserted ? replaced : inserted;
            least = row[i] < least ? row[i] : least;
        }
        if (least > limit) {
            return limit + 1;
        }
    }
    return row[a_size];
}

/* The candidate nearest to the name, or NULL. */
static PyObject *nearest(PyObject *candidates, PyObject *name)
{
    Py_ssize_t count = list_length(candidates), name_size, size;
    const char *name_text = count < MAX_CANDIDATES ? str_utf8(name, &name_size) : NULL;
    PyObject *best = NULL;
    int best_distance = 0;
    if (name_text == NULL) {
        error_clear();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Value item = list_find(candidates, i);
        const char *text = str_check(item) ? str_utf8(value_object(item), &size) : NULL;
        if (text == NULL) {
            error_clear();
            continue;
        }
        if (size == name_size && memcmp(text, name_text, (size_t)size) == 0) {
            continue;
        }
        int limit = (int)((name_size + size + 3) * EDIT_COST / 6);
        if (best != NULL && best_distance - 1 < limit) {
            limit = best_distance - 1;
        }
        int d = distance(name_text, (size_t)name_size, text, (size_t)size, limit);
        if (d <= limit && (best == NULL || d < best_distance)) {
            best = value_object(item);
            best_distance = d;
        }
    }
    return best;
}

static PyObject *for_attribute(PyAttributeErrorObject *e)
{
    if (e->name == NULL || e->obj == NULL || !str_check(value_from_object(e->name))) {
        return NULL;
    }
    PyObject *candidates = object_dir(value_from_object(e->obj));
    return candidates == NULL ? NULL : nearest(candidates, e->name);
}

static PyObject *frame_of(PyObject *exception)
{
    PyTracebackObject *t = (PyTracebackObject *)exception_get_traceback(exception);
    while (t != NULL && t->tb_next != NULL) {
        t = t->tb_next;
    }
    return t == NULL ? NULL : (PyObject *)t->tb_frame;
}

static Value attribute(Value v, const char *name)
{
    PyObject *interned = str_intern_text(name);
    return interned == NULL ? VALUE_NULL : object_getattr(v, interned);
}

static PyObject *nearest_in(Value mapping_or_tuple, PyObject *name)
{
    if (value_is_null(mapping_or_tuple)) {
        return NULL;
    }
    PyObject *candidates = object_to_list(mapping_or_tuple);
    return candidates == NULL ? NULL : nearest(candidates, name);
}

static PyObject *for_name(PyNameErrorObject *e)
{
    PyObject *frame = frame_of((PyObject *)e);
    if (frame == NULL || e->name == NULL || !str_check(value_from_object(e->name))) {
        return NULL;
    }
    Value f = value_from_object(frame), code = attribute(f, "f_code");
    PyObject *found =
        value_is_null(code) ? NULL : nearest_in(attribute(code, "co_varnames"), e->name);
    if (found == NULL && !error_occurred()) {
        found = nearest_in(attribute(f, "f_globals"), e->name);
    }
    if (found == NULL && !error_occurred()) {
        found = nearest_in(attribute(f, "f_builtins"), e->name);
    }
    return found;
}

PyObject *suggestion_for(PyObject *exception)
{
    PyObject *found = NULL;
    if (exception->ob_type == &exception_type_AttributeError) {
        found = for_attribute((PyAttributeErrorObject *)exception);
    } else if (exception->ob_type == &exception_type_NameError) {
        found = for_name((PyNameErrorObject *)exception);
    }
    error_clear();
    return found;
}
