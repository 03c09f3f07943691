/* SPDX-License-Identifier: MIT */
/* Building containers and functions, unpacking, formatting, with statements. */
#include "vm/vm_int.h"

Value vm_format_value(Value v, int conversion, Value spec)
{
    if (conversion != 0) {
        PyObject *text = conversion == 1   ? object_str(v)
                         : conversion == 2 ? object_repr(v)
                                           : object_ascii(v);
        v = value_from_object(text);
    } else if (value_is_absent(spec) && str_check_exact(v)) {
        return v;
    }
    if (value_is_null(v)) {
        return v;
    }
    if (value_is_absent(spec) && str_check_exact(v)) {
        return v;
    }
    return value_from_object(
        object_format(v, value_is_absent(spec) ? str_empty() : value_object(spec)));
}

Value vm_build_map(const Value *pairs, size_t count)
{
    PyObject *dict = dict_new_sized(count);
    for (size_t i = 0; dict != NULL && i < count; i++) {
        if (dict_set_private(dict, pairs[2 * i], pairs[2 * i + 1]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(dict);
}

Value vm_build_const_list(PyObject *tuple)
{
    const Value *items = (const Value *)((PyTupleObject *)tuple)->ob_item;
    return value_from_object(list_from_array(items, (size_t)tuple_length(tuple)));
}

Value vm_build_set(const Value *items, size_t count)
{
    PyObject *set = set_new(&PySet_Type, VALUE_ABSENT);
    for (size_t i = 0; set != NULL && i < count; i++) {
        if (set_add(set, items[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(set);
}

int vm_list_extend(PyObject *list, Value iterable)
{
    if (!list_check_exact(iterable) && !tuple_check_exact(iterable) &&
        value_ops(iterable)->iter == NULL && !object_is_sequence(iterable)) {
        return error_raise_int(PyExc_TypeError, "Value after * must be an iterable, not %T",
                               iterable);
    }
    return list_extend(list, iterable);
}

int vm_dict_update(PyObject *dict, Value mapping)
{
    if (dict_merge(dict, mapping, 1) == 0) {
        return 0;
    }
    if (error_matches(PyExc_AttributeError)) {
        error_clear();
        return error_raise_int(PyExc_TypeError, "'%T' object is not a mapping", mapping);
    }
    return -1;
}

int vm_dict_merge(PyObject *dict, Value mapping, Value callable)
{
    if (dict_merge(dict, mapping, 2) == 0) {
        return 0;
    }
    if (error_matches(PyExc_AttributeError)) {
        error_clear();
        PyObject *text = vm_callable_text(callable);
        return text == NULL ? -1
                            : error_raise_int(PyExc_TypeError,
                                              "%U argument after ** must be a mapping, not %T",
                                              text, mapping);
    }
    if (error_matches(PyExc_KeyError)) {
        PyObject *exception = error_take();
        PyObject *args = ((PyBaseExceptionObject *)exception)->args;
        if (args == NULL || tuple_length(args) != 1) {
            error_restore(exception);
            return -1;
        }
        Value key = tuple_get(args, 0);
        PyObject *text = vm_callable_text(callable);
        if (text == NULL) {
            return -1;
        }
        if (str_check(key)) {
            return error_raise_int(PyExc_TypeError,
                                   "%U got multiple values for keyword argument '%S'", text, key);
        }
        return error_raise_int(PyExc_TypeError, "%U keywords must be strings", text);
    }
    return -1;
}

/* ---- Unpacking */

static int fail_too_few(size_t expected, size_t got, bool at_least)
{
    return error_raise_int(PyExc_ValueError,
                           "not enough values to unpack (expected %s%zu, got %zu)",
                           at_least ? "at least " : "", expected, got);
}

static Value unpack_iterator(Value v)
{
    if (value_ops(v)->iter == NULL && !object_is_sequence(v)) {
        return error_raise(PyExc_TypeError, "cannot unpack non-iterable %T object", v);
    }
    return object_iter_owned(v);
}

static int unpack_items(Value iterator, Value *out, size_t count, size_t expected, bool at_least)
{
    for (size_t i = 0; i < count; i++) {
        Value item = object_next(iterator);
        if (value_is_null(item)) {
            return -1;
        }
        if (value_is_absent(item)) {
            return fail_too_few(expected, i, at_least);
        }
        out[i] = item;
    }
    return 0;
}

int vm_unpack(Value v, Value *out, size_t count)
{
    if (tuple_check_exact(v) || list_check_exact(v)) {
        PyObject *o = value_object(v);
        bool is_tuple = tuple_check_exact(v);
        size_t length = (size_t)(is_tuple ? tuple_length(o) : list_length(o));
        if (length < count) {
            return fail_too_few(count, length, false);
        }
        if (length > count) {
            return error_raise_int(PyExc_ValueError, "too many values to unpack (expected %zu)",
                                   count);
        }
        for (size_t i = 0; i < count; i++) {
            Value item = is_tuple ? tuple_get(o, (Py_ssize_t)i) : list_find(o, (Py_ssize_t)i);
            if (value_is_absent(item)) {
                return fail_too_few(count, i, false);
            }
            out[i] = item;
        }
        return 0;
    }
    Value iterator = unpack_iterator(v);
    if (value_is_null(iterator) || unpack_items(iterator, out, count, count, false) < 0) {
        return -1;
    }
    Value extra = object_next(iterator);
    if (value_is_present(extra)) {
        return error_raise_int(PyExc_ValueError, "too many values to unpack (expected %zu)", count);
    }
    return value_is_null(extra) ? -1 : 0;
}

int vm_unpack_ex(Value v, Value *out, size_t before, size_t after)
{
    Value iterator = unpack_iterator(v);
    if (value_is_null(iterator) || unpack_items(iterator, out, before, before + after, true) < 0) {
        return -1;
    }
    PyObject *rest = object_to_list(iterator);
    if (rest == NULL) {
        return -1;
    }
    size_t length = (size_t)list_length(rest);
    if (length < after) {
        return fail_too_few(before + after, before + length, true);
    }
    for (size_t i = 0; i < after; i++) {
        out[before + 1 + i] = list_find(rest, (Py_ssize_t)(length - after + i));
    }
    if (after > 0) {
        rest = list_slice(rest, 0, (Py_ssize_t)(length - after));
        if (rest == NULL) {
            return -1;
        }
    }
    out[before] = value_from_object(rest);
    return 0;
}

/* ---- Functions */

Value vm_make_function(struct frame *frame, Value code, const Value *extra, int flags)
{
    PyObject *o = function_new(value_object(code), frame->globals);
    if (o == NULL) {
        return VALUE_NULL;
    }
    PyFunctionObject *f = function_cast(o);
    heap_fill(f, &f->func_builtins, frame->function->func_builtins);
    if (flags & 1) {
        heap_fill(f, &f->func_defaults, value_object(*extra++));
    }
    if (flags & 2) {
        heap_fill(f, &f->func_kwdefaults, value_object(*extra++));
    }
    if (flags & 4) {
        heap_fill(f, &f->func_annotations, value_object(*extra++));
    }
    if (flags & 8) {
        heap_fill(f, &f->func_closure, value_object(*extra++));
    }
    return value_from_object(o);
}

/* Nobody can tell one such function from another, and threads may share it. Code of a module or of
 * exec() mostly runs once: its globals should not stay alive for that. */
Value vm_make_comprehension(struct frame *frame, Value code)
{
    struct code *c = code_cast(value_object(code));
    PyObject *last = atomic_load_acquire(&c->comprehension);
    if (LIKELY(last != NULL && function_cast(last)->func_globals == frame->globals &&
               function_cast(last)->func_builtins == frame->function->func_builtins)) {
        return value_from_object(last);
    }
    Value made = vm_make_function(frame, code, NULL, 0);
    if (!value_is_null(made) && (frame->code->base.co_flags & CO_OPTIMIZED) != 0) {
        heap_store(c, &c->comprehension, value_object(made));
    }
    return made;
}

/* ---- with */

/* out[0], out[1] = the special method and its self, or NULL if it is bound already. */
static int find_protocol(Value manager, PyObject *name, bool is_async, bool is_exit, Value *out)
{
    bool unbound;
    out[0] = special_find(manager, name, &unbound);
    out[1] = unbound ? manager : VALUE_NULL;
    if (!value_is_absent(out[0])) {
        return value_is_null(out[0]) ? -1 : 0;
    }
    return error_raise_int(
        PyExc_TypeError,
        is_async && is_exit ? "'%T' object does not support the asynchronous context manager "
                              "protocol (missed __aexit__ method)"
        : is_async          ? "'%T' object does not support the asynchronous context manager "
                              "protocol"
        : is_exit           ? "'%T' object does not support the context manager protocol "
                              "(missed __exit__ method)"
                            : "'%T' object does not support the context manager protocol",
        manager);
}

int vm_before_with(Value manager, Value *out, bool is_async)
{
    Value enter[2];
    if (find_protocol(manager, is_async ? names.__aenter__ : names.__enter__, is_async, false,
                      enter) < 0 ||
        find_protocol(manager, is_async ? names.__aexit__ : names.__exit__, is_async, true, out) <
            0) {
        return -1;
    }
    out[2] = object_call(enter[0], &enter[1], value_is_null(enter[1]) ? 0 : 1, NULL);
    return value_is_null(out[2]) ? -1 : 0;
}

Value vm_with_except(const Value *exit, Value exception)
{
    PyObject *e = value_object(exception);
    PyObject *traceback = exception_get_traceback(e);
    Value args[4] = {exit[1], value_from_object(e->ob_type), exception,
                     traceback == NULL ? VALUE_NONE : value_from_object(traceback)};
    return value_is_null(exit[1]) ? object_call(exit[0], args + 1, 3, NULL)
                                  : object_call(exit[0], args, 4, NULL);
}

int vm_print_expr(Value v)
{
    Value import = dict_get_str(vm_default_builtins, names.__import__);
    if (!value_is_present(import)) {
        return error_raise_int(PyExc_RuntimeError, "lost sys.displayhook");
    }
    Value sys = object_call1(import, value_from_object(names.sys));
    Value hook;
    if (value_is_null(sys)) {
        return -1;
    }
    int found = object_find_attr(sys, names.displayhook, &hook);
    if (found <= 0) {
        return found < 0 ? -1 : error_raise_int(PyExc_RuntimeError, "lost sys.displayhook");
    }
    return value_is_null(object_call1(hook, v)) ? -1 : 0;
}
