/* SPDX-License-Identifier: MIT */
/* The error state of a thread, and raising.
 *
 * While an exception is set, curexc_value is an instance, curexc_type its type, and
 * curexc_traceback equals its __traceback__. The exceptions that are being handled hang at
 * exc_info, innermost first; raising makes the innermost one the __context__ of the new one. */
#include "object/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "object/dict.h"
#include "object/exception_int.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

PyObject *error_sys_dict;
struct error_hooks error_hooks;

/* ---- State. */

static void state_set(PyObject *exception)
{
    PyThreadState *s = &thread_current()->state;
    s->curexc_type = (PyObject *)exception->ob_type;
    s->curexc_value = exception;
    s->curexc_traceback = exception_get_traceback(exception);
}

void error_clear(void)
{
    PyThreadState *s = &thread_current()->state;
    s->curexc_type = NULL;
    s->curexc_value = NULL;
    s->curexc_traceback = NULL;
}

PyObject *error_take(void)
{
    PyThreadState *s = &thread_current()->state;
    PyObject *exception = s->curexc_value;
    if (exception != NULL && s->curexc_traceback != exception_get_traceback(exception)) {
        exception_set_traceback(exception, s->curexc_traceback);
    }
    error_clear();
    return exception;
}

void error_restore(PyObject *exception)
{
    if (exception == NULL) {
        error_clear();
    } else {
        state_set(exception);
    }
}

PyObject *error_handled(void)
{
    const _PyErr_StackItem *item = thread_current()->state.exc_info;
    while (item != NULL && (item->exc_value == NULL || item->exc_value == Py_None)) {
        item = item->previous_item;
    }
    return item != NULL ? item->exc_value : NULL;
}

/* ---- Chaining. */

/* Cuts the chain of contexts that starts at `head` before it reaches `exception`. The slow pointer
 * stops the walk in a cycle that somebody made by hand. */
static void unlink_context(PyObject *head, PyObject *exception)
{
    PyObject *fast = head, *slow = head, *next;
    bool move_slow = false;
    while ((next = exception_get_context(fast)) != NULL) {
        if (next == exception) {
            exception_set_context(fast, NULL);
            return;
        }
        fast = next;
        if (fast == slow) {
            return;
        }
        if (move_slow) {
            slow = exception_get_context(slow);
        }
        move_slow = !move_slow;
    }
}

void error_set_instance(PyObject *exception)
{
    PyObject *handled = error_handled();
    if (handled != NULL && handled != exception) {
        unlink_context(handled, exception);
        exception_set_context(exception, handled);
    }
    state_set(exception);
}

/* ---- Raising. */

/* An instance of an exception class; NULL with another exception set. */
static PyObject *instantiate(PyObject *type, const Value *args, size_t nargs)
{
    if (!exception_class_check(value_from_object(type))) {
        return error_raise_null(PyExc_SystemError, "exception %R is not a BaseException subclass",
                                value_from_object(type));
    }
    PyTypeObject *t = (PyTypeObject *)type;
    Value made;
    if (t->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        made = object_call(value_from_object(type), args, nargs, NULL);
    } else {
        made = type_ops(t)->new_(t, args, nargs, NULL);
        if (!value_is_null(made) && value_ops(made)->init(made, args, nargs, NULL) < 0) {
            return NULL;
        }
    }
    if (value_is_null(made)) {
        return NULL;
    }
    if (!exception_check(made)) {
        return error_raise_null(PyExc_TypeError,
                                "calling %R should have returned an instance of BaseException, "
                                "not %R",
                                value_from_object(type), value_from_object(value_type(made)));
    }
    return value_object(made);
}

Value error_raise_value(PyObject *type, Value argument)
{
    bool given = !value_is_absent(argument);
    PyObject *exception = instantiate(type, &argument, given ? 1 : 0);
    if (exception != NULL) {
        error_set_instance(exception);
    }
    return VALUE_NULL;
}

static void raise_formatted(PyObject *type, const char *format, va_list arguments)
{
    PyObject *message = str_format_v(format, arguments);
    if (message != NULL) {
        error_raise_value(type, value_from_object(message));
    }
}

Value error_raise(PyObject *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    raise_formatted(type, format, arguments);
    va_end(arguments);
    return VALUE_NULL;
}

int error_raise_int(PyObject *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    raise_formatted(type, format, arguments);
    va_end(arguments);
    return -1;
}

void *error_raise_null(PyObject *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    raise_formatted(type, format, arguments);
    va_end(arguments);
    return NULL;
}

Value error_raise_from_current(PyObject *type, const char *format, ...)
{
    PyObject *old = error_take();
    va_list arguments;
    va_start(arguments, format);
    raise_formatted(type, format, arguments);
    va_end(arguments);
    PyObject *raised = thread_current()->state.curexc_value;
    if (old != NULL && raised != NULL && raised != old) {
        exception_set_cause(raised, old);
        exception_set_context(raised, old);
    }
    return VALUE_NULL;
}

/* Raised when there is no memory for another one. */
static PyBaseExceptionObject reserve = {
    .ob_base = STATIC_OBJECT_HEAD(&exception_type_MemoryError),
};

Value error_no_memory(void)
{
    static PyObject *empty; /* made once memory is there; races store the same object */
    static _Thread_local bool allocates; /* what is allocated here, and fails, comes back */
    if (allocates) {
        return VALUE_NULL;
    }
    allocates = true;
    PyObject *exception = object_alloc(&exception_type_MemoryError, 0);
    if (exception == NULL) {
        exception = (PyObject *)&reserve;
        exception_set_traceback(exception, NULL);
    }
    if (empty == NULL) {
        empty = tuple_new(0);
    }
    allocates = false;
    exception_base(exception)->args = empty;
    error_set_instance(exception);
    return VALUE_NULL;
}

Value error_from_errno2(PyObject *filename, PyObject *filename2)
{
    int number = errno;
    PyObject *text = str_from_filename(strerror(number), (Py_ssize_t)strlen(strerror(number)));
    if (text == NULL) {
        return VALUE_NULL;
    }
    Value args[5] = {int_from_i64(number), value_from_object(text), value_from_object(filename),
                     VALUE_NONE, value_from_object(filename2)};
    size_t nargs = filename == NULL ? 2 : filename2 == NULL ? 3 : 5;
    PyObject *exception = instantiate(PyExc_OSError, args, nargs);
    if (exception != NULL) {
        error_set_instance(exception);
    }
    return VALUE_NULL;
}

Value error_from_errno(PyObject *filename)
{
    return error_from_errno2(filename, NULL);
}

Value error_internal(const char *what)
{
    return error_raise(PyExc_SystemError, "%s", what);
}

/* ---- Messages that many places share. */

static PyObject *module_attribute_message(PyObject *module, PyObject *name)
{
    PyObject *dict = object_dict(module);
    Value module_name = dict != NULL ? dict_get_str(dict, names.__name__) : VALUE_ABSENT;
    if (!str_check(module_name)) {
        return str_format("module has no attribute '%U'", name);
    }
    Value spec = dict_get_str(dict, names.__spec__), flag;
    PyObject *initializing = str_intern_text("_initializing");
    if (value_is_object(spec) && !value_is_none(spec) && initializing != NULL) {
        int found = object_find_attr(spec, initializing, &flag);
        if (found == 1 && object_truth(flag) == 1) {
            return str_format("partially initialized module '%U' has no attribute '%U' (most "
                              "likely due to a circular import)",
                              value_object(module_name), name);
        }
        error_clear();
    }
    return str_format("module '%U' has no attribute '%U'", value_object(module_name), name);
}

static PyObject *attribute_message(Value object, PyObject *name)
{
    if (value_is_object(object)) {
        if (type_has_feature(value_object(object)->ob_type, Py_TPFLAGS_TYPE_SUBCLASS)) {
            return str_format("type object '%N' has no attribute '%U'", value_object(object), name);
        }
        if (type_is_subtype(value_object(object)->ob_type, &PyModule_Type)) {
            return module_attribute_message(value_object(object), name);
        }
    }
    return str_format("'%T' object has no attribute '%U'", object, name);
}

Value error_no_attribute(Value object, PyObject *name)
{
    PyObject *text = attribute_message(object, name);
    if (text == NULL) {
        return VALUE_NULL;
    }
    Value message = value_from_object(text);
    PyObject *exception = instantiate(PyExc_AttributeError, &message, 1);
    PyObject *boxed = value_box(object);
    if (exception == NULL || boxed == NULL) {
        return VALUE_NULL;
    }
    PyAttributeErrorObject *e = (PyAttributeErrorObject *)exception;
    heap_store(e, &e->name, name);
    heap_store(e, &e->obj, boxed);
    error_set_instance(exception);
    return VALUE_NULL;
}

void error_set_attribute_context(Value object, PyObject *name)
{
    PyObject *exception = thread_current()->state.curexc_value;
    if (exception == NULL || exception->ob_type != &exception_type_AttributeError) {
        return;
    }
    PyAttributeErrorObject *e = (PyAttributeErrorObject *)exception;
    if (e->name == NULL && e->obj == NULL && value_is_object(object)) {
        heap_store(e, &e->name, name);
        heap_store(e, &e->obj, value_object(object));
    }
}

static bool is_print_function(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyCFunction_Type &&
           strcmp(((PyCFunctionObject *)value_object(v))->m_ml->ml_name, "print") == 0;
}

Value error_bad_operands(Value left, Value right, const char *symbol)
{
    if (strcmp(symbol, ">>") == 0 && is_print_function(left)) {
        return error_raise(PyExc_TypeError,
                           "unsupported operand type(s) for %s: '%T' and '%T'. Did you mean "
                           "\"print(<message>, file=<output_stream>)\"?",
                           symbol, left, right);
    }
    return error_raise(PyExc_TypeError, "unsupported operand type(s) for %s: '%T' and '%T'", symbol,
                       left, right);
}

/* ---- Matching. */

static bool class_matches(PyTypeObject *class, PyObject *type)
{
    if (type_has_feature(type->ob_type, Py_TPFLAGS_TUPLE_SUBCLASS)) {
        for (Py_ssize_t i = 0; i < tuple_length(type); i++) {
            if (class_matches(class, tuple_object(type, i))) {
                return true;
            }
        }
        return false;
    }
    if (!type_has_feature(type->ob_type, Py_TPFLAGS_TYPE_SUBCLASS)) {
        return false;
    }
    return class == (PyTypeObject *)type || type_is_subtype(class, (PyTypeObject *)type);
}

bool error_instance_matches(PyObject *exception, PyObject *type_or_tuple)
{
    PyTypeObject *class = exception->ob_type;
    if (exception_class_check(value_from_object(exception))) {
        class = (PyTypeObject *)exception;
    }
    return class_matches(class, type_or_tuple);
}

bool error_matches(PyObject *type)
{
    PyObject *exception = thread_current()->state.curexc_value;
    return exception != NULL && error_instance_matches(exception, type);
}

bool error_take_stop_iteration(Value *result)
{
    PyObject *exception = thread_current()->state.curexc_value;
    if (exception == NULL || !error_instance_matches(exception, PyExc_StopIteration)) {
        return false;
    }
    PyObject *value = ((PyStopIterationObject *)exception)->value;
    error_clear();
    *result = value != NULL ? value_unbox(value) : VALUE_NONE;
    return true;
}

/* ---- Recursion. */

int recursion_limit = 1000;

int recursion_too_deep(const char *where)
{
    return error_raise_int(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
}
