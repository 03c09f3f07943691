/* SPDX-License-Identifier: MIT */
/* All exception types of Python 3.11, made from the table exceptions.def.
 *
 * A layout is a struct of pyerrors.h together with the functions that fill and print it. The first
 * type of a layout brings its operations and fields; the types below it inherit them. This file has
 * BaseException and the small layouts; OSError, groups, and the text errors have files of their
 * own.
 *
 * Concurrency: the fields of an exception are plain references, read and replaced atomically. */
#include "object/exception_int.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"

/* ---- BaseException. */

int exception_set_args(PyObject *self, const Value *args, size_t nargs)
{
    PyObject *tuple = tuple_from_array(args, nargs);
    if (tuple == NULL) {
        return -1;
    }
    heap_store(self, &exception_base(self)->args, tuple);
    return 0;
}

Value exception_plain_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)kwnames;
    PyObject *self = object_alloc(type, 0);
    if (self == NULL || exception_set_args(self, args, nargs) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(self);
}

int exception_reject_keywords(PyTypeObject *type, PyObject *kwnames)
{
    if (kwnames != NULL && tuple_length(kwnames) != 0) {
        return error_raise_int(PyExc_TypeError, "%N() takes no keyword arguments", type);
    }
    return 0;
}

int exception_plain_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (exception_reject_keywords(value_type(self), kwnames) < 0) {
        return -1;
    }
    return exception_set_args(value_object(self), args, nargs);
}

static PyObject *args_of(Value self)
{
    PyObject *args = atomic_load_acquire(&exception_base(value_object(self))->args);
    return args != NULL ? args : tuple_new(0);
}

Value exception_plain_str(Value self)
{
    PyObject *args = args_of(self);
    if (args == NULL) {
        return VALUE_NULL;
    }
    switch (tuple_length(args)) {
    case 0: return value_from_object(str_empty());
    case 1: return value_from_object(object_str(tuple_get(args, 0)));
    default: return value_from_object(object_str(value_from_object(args)));
    }
}

static Value plain_repr(Value self)
{
    PyObject *args = args_of(self);
    const char *name = type_short_name(value_type(self));
    if (args == NULL) {
        return VALUE_NULL;
    }
    if (tuple_length(args) == 1) {
        return value_from_object(str_format("%s(%R)", name, tuple_get(args, 0)));
    }
    return value_from_object(str_format("%s%R", name, value_from_object(args)));
}

Value exception_plain_reduce(Value self)
{
    PyObject *args = args_of(self);
    PyObject *dict = atomic_load_acquire(&exception_base(value_object(self))->dict);
    if (args == NULL) {
        return VALUE_NULL;
    }
    PyObject *type = (PyObject *)value_type(self);
    return value_from_object(dict != NULL ? tuple_pack(3, type, args, dict)
                                          : tuple_pack(2, type, args));
}

static Value plain_setstate(Value self, Value state)
{
    if (value_is_none(state)) {
        return VALUE_NONE;
    }
    if (!dict_check(state)) {
        return error_raise(PyExc_TypeError, "state is not a dictionary");
    }
    size_t position = 0;
    Value key, item;
    Py_hash_t hash;
    while (dict_next(value_object(state), &position, &key, &item, &hash)) {
        if (object_setattr_value(self, key, item) < 0) {
            return VALUE_NULL;
        }
    }
    return VALUE_NONE;
}

static int set_traceback_checked(Value self, Value v, void *closure)
{
    (void)closure;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "__traceback__ may not be deleted");
    }
    if (!value_is_none(v) &&
        !(value_is_object(v) && value_object(v)->ob_type == &PyTraceBack_Type)) {
        return error_raise_int(PyExc_TypeError, "__traceback__ must be a traceback or None");
    }
    exception_set_traceback(value_object(self), value_is_none(v) ? NULL : value_object(v));
    return 0;
}

static Value with_traceback(Value self, Value traceback)
{
    return set_traceback_checked(self, traceback, NULL) < 0 ? VALUE_NULL : self;
}

static Value add_note(Value self, Value note)
{
    if (!str_check(note)) {
        return error_raise(PyExc_TypeError, "note must be a str, not '%T'", note);
    }
    Value notes;
    int found = object_find_attr(self, names.__notes__, &notes);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0) {
        PyObject *list = list_new(1);
        if (list == NULL || object_setattr(self, names.__notes__, value_from_object(list)) < 0) {
            return VALUE_NULL;
        }
        notes = value_from_object(list);
    } else if (!list_check(notes)) {
        return error_raise(PyExc_TypeError, "Cannot add note: __notes__ is not a list");
    }
    return list_append(value_object(notes), note) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value get_args(Value self, void *closure)
{
    (void)closure;
    return value_from_object(args_of(self));
}

static int set_args(Value self, Value v, void *closure)
{
    (void)closure;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "args may not be deleted");
    }
    PyObject *tuple = object_to_tuple(v);
    if (tuple == NULL) {
        return -1;
    }
    heap_store(value_object(self), &exception_base(value_object(self))->args, tuple);
    return 0;
}

static Value get_traceback(Value self, void *closure)
{
    (void)closure;
    PyObject *t = exception_get_traceback(value_object(self));
    return t != NULL ? value_from_object(t) : VALUE_NONE;
}

/* closure: the name of the attribute. */
static int check_link(Value v, const char *dunder, const char *what)
{
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "%s may not be deleted", dunder);
    }
    if (!value_is_none(v) && !exception_check(v)) {
        return error_raise_int(PyExc_TypeError,
                               "exception %s must be None or derive from BaseException", what);
    }
    return 0;
}

static Value get_context(Value self, void *closure)
{
    (void)closure;
    PyObject *e = exception_get_context(value_object(self));
    return e != NULL ? value_from_object(e) : VALUE_NONE;
}

static int set_context(Value self, Value v, void *closure)
{
    (void)closure;
    if (check_link(v, "__context__", "context") < 0) {
        return -1;
    }
    exception_set_context(value_object(self), value_is_none(v) ? NULL : value_object(v));
    return 0;
}

static Value get_cause(Value self, void *closure)
{
    (void)closure;
    PyObject *e = exception_get_cause(value_object(self));
    return e != NULL ? value_from_object(e) : VALUE_NONE;
}

static int set_cause(Value self, Value v, void *closure)
{
    (void)closure;
    if (check_link(v, "__cause__", "cause") < 0) {
        return -1;
    }
    exception_set_cause(value_object(self), value_is_none(v) ? NULL : value_object(v));
    return 0;
}

static Value get_dict(Value self, void *closure)
{
    (void)closure;
    return value_from_object(object_dict(value_object(self)));
}

static int set_dict(Value self, Value v, void *closure)
{
    (void)closure;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "cannot delete __dict__");
    }
    if (!dict_check(v)) {
        return error_raise_int(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%T'",
                               v);
    }
    return object_set_dict(value_object(self), value_object(v));
}

static const struct native_def plain_methods[] = {
    {"__reduce__", .f0 = exception_plain_reduce},
    {"__setstate__", .f1 = plain_setstate},
    {"with_traceback", .f1 = with_traceback,
     .doc = "Exception.with_traceback(tb): set self.__traceback__ and return self."},
    {"add_note", .f1 = add_note,
     .doc = "Exception.add_note(note): a note that is shown with the traceback."},
    {NULL},
};

static const struct getset_def plain_getsets[] = {
    {"__dict__", get_dict, set_dict},
    {"args", get_args, set_args},
    {"__traceback__", get_traceback, set_traceback_checked},
    {"__context__", get_context, set_context, "exception context"},
    {"__cause__", get_cause, set_cause, "exception cause"},
    {NULL},
};

static const struct member_def plain_members[] = {
    {"__suppress_context__", T_BOOL, offsetof(PyBaseExceptionObject, suppress_context)},
    {NULL},
};

/* ---- Links, for C code. */

PyObject *exception_get_context(PyObject *e)
{
    return atomic_load_acquire(&exception_base(e)->context);
}

void exception_set_context(PyObject *e, PyObject *context)
{
    heap_store(e, &exception_base(e)->context, context);
}

PyObject *exception_get_cause(PyObject *e)
{
    return atomic_load_acquire(&exception_base(e)->cause);
}

void exception_set_cause(PyObject *e, PyObject *cause)
{
    atomic_store_relaxed(&exception_base(e)->suppress_context, 1);
    heap_store(e, &exception_base(e)->cause, cause);
}

PyObject *exception_get_traceback(PyObject *e)
{
    return atomic_load_acquire(&exception_base(e)->traceback);
}

void exception_set_traceback(PyObject *e, PyObject *traceback)
{
    heap_store(e, &exception_base(e)->traceback, traceback);
}

PyObject *exception_new(PyObject *type, PyObject *args_tuple)
{
    return value_box(object_call_tuple(value_from_object(type), args_tuple, NULL));
}

/* ---- Layouts with a field or two. */

static int exit_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (exception_plain_init(self, args, nargs, kwnames) < 0) {
        return -1;
    }
    PySystemExitObject *e = (PySystemExitObject *)value_object(self);
    if (nargs == 1) {
        heap_store(e, &e->code, value_box(args[0]));
    } else if (nargs > 1) {
        heap_store(e, &e->code, exception_base((PyObject *)e)->args);
    }
    return 0;
}

static const struct member_def exit_members[] = {
    {"code", T_OBJECT, offsetof(PySystemExitObject, code), 0, "exception code"},
    {NULL},
};

static int stop_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (exception_plain_init(self, args, nargs, kwnames) < 0) {
        return -1;
    }
    PyStopIterationObject *e = (PyStopIterationObject *)value_object(self);
    heap_store(e, &e->value, nargs > 0 ? value_box(args[0]) : Py_None);
    return 0;
}

static const struct member_def stop_members[] = {
    {"value", T_OBJECT, offsetof(PyStopIterationObject, value), 0, "generator return value"},
    {NULL},
};

static Value key_str(Value self)
{
    PyObject *args = args_of(self);
    if (args != NULL && tuple_length(args) == 1) {
        return value_from_object(object_repr(tuple_get(args, 0)));
    }
    return exception_plain_str(self);
}

/* The keyword arguments of NameError and its like: each row is a field to fill. */
struct keyword_field {
    const char *name;
    size_t offset;
};

static int store_keywords(PyObject *self, const struct keyword_field *fields, const Value *values,
                          PyObject *kwnames, const char *type_name)
{
    Py_ssize_t count = kwnames == NULL ? 0 : tuple_length(kwnames);
    for (Py_ssize_t i = 0; i < count; i++) {
        const struct keyword_field *f = fields;
        while (f->name != NULL && !str_equal_text(tuple_object(kwnames, i), f->name)) {
            f++;
        }
        if (f->name == NULL) {
            return error_raise_int(PyExc_TypeError, "'%U' is an invalid keyword argument for %s()",
                                   tuple_object(kwnames, i), type_name);
        }
        PyObject *boxed = value_box(values[i]);
        if (boxed == NULL) {
            return -1;
        }
        heap_store(self, (PyObject **)((char *)self + f->offset), boxed);
    }
    return 0;
}

static int init_with_keywords(Value self, const Value *args, size_t nargs, PyObject *kwnames,
                              const struct keyword_field *fields, const char *type_name)
{
    PyObject *object = value_object(self);
    if (exception_set_args(object, args, nargs) < 0) {
        return -1;
    }
    for (const struct keyword_field *f = fields; f->name != NULL; f++) {
        heap_store(object, (PyObject **)((char *)object + f->offset), NULL);
    }
    return store_keywords(object, fields, args + nargs, kwnames, type_name);
}

static int name_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct keyword_field fields[] = {{"name", offsetof(PyNameErrorObject, name)},
                                                  {NULL}};
    return init_with_keywords(self, args, nargs, kwnames, fields, "NameError");
}

static const struct member_def name_members[] = {
    {"name", T_OBJECT, offsetof(PyNameErrorObject, name), 0, "name"},
    {NULL},
};

static int attribute_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct keyword_field fields[] = {{"name", offsetof(PyAttributeErrorObject, name)},
                                                  {"obj", offsetof(PyAttributeErrorObject, obj)},
                                                  {NULL}};
    return init_with_keywords(self, args, nargs, kwnames, fields, "AttributeError");
}

static const struct member_def attribute_members[] = {
    {"name", T_OBJECT, offsetof(PyAttributeErrorObject, name), 0, "attribute name"},
    {"obj", T_OBJECT, offsetof(PyAttributeErrorObject, obj), 0, "object"},
    {NULL},
};

static int import_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct keyword_field fields[] = {{"name", offsetof(PyImportErrorObject, name)},
                                                  {"path", offsetof(PyImportErrorObject, path)},
                                                  {NULL}};
    if (init_with_keywords(self, args, nargs, kwnames, fields, "ImportError") < 0) {
        return -1;
    }
    PyImportErrorObject *e = (PyImportErrorObject *)value_object(self);
    heap_store(e, &e->msg, nargs == 1 ? value_box(args[0]) : NULL);
    return 0;
}

static Value import_str(Value self)
{
    PyObject *message = ((PyImportErrorObject *)value_object(self))->msg;
    if (message != NULL && str_check_exact(value_from_object(message))) {
        return value_from_object(message);
    }
    return exception_plain_str(self);
}

static Value import_reduce(Value self)
{
    PyImportErrorObject *e = (PyImportErrorObject *)value_object(self);
    PyObject *args = args_of(self);
    PyObject *state = e->dict;
    if (args != NULL && (e->name != NULL || e->path != NULL)) {
        state = state != NULL ? dict_copy(state) : dict_new();
        if (state == NULL ||
            (e->name != NULL && dict_set_str(state, names.name, value_from_object(e->name)) < 0) ||
            (e->path != NULL && dict_set_str(state, names.path, value_from_object(e->path)) < 0)) {
            return VALUE_NULL;
        }
    }
    if (args == NULL) {
        return VALUE_NULL;
    }
    PyObject *type = (PyObject *)value_type(self);
    return value_from_object(state != NULL ? tuple_pack(3, type, args, state)
                                           : tuple_pack(2, type, args));
}

static const struct native_def import_methods[] = {
    {"__reduce__", .f0 = import_reduce},
    {NULL},
};

static const struct member_def import_members[] = {
    {"msg", T_OBJECT, offsetof(PyImportErrorObject, msg), 0, "exception message"},
    {"name", T_OBJECT, offsetof(PyImportErrorObject, name), 0, "module name"},
    {"path", T_OBJECT, offsetof(PyImportErrorObject, path), 0, "module path"},
    {NULL},
};

/* ---- Tracing: all fields that may be references are words behind the header. */

static void trace_fields(PyObject *self, struct tracer *tracer, size_t size)
{
    size_t first = offsetof(PyBaseExceptionObject, dict);
    size_t flag = offsetof(PyBaseExceptionObject, suppress_context);
    size_t next = sizeof(PyBaseExceptionObject);
    trace_words(tracer, (const Value *)(const void *)((char *)self + first),
                (flag - first) / sizeof(Value));
    if (size > next) {
        trace_words(tracer, (const Value *)(const void *)((char *)self + next),
                    (size - next) / sizeof(Value));
    }
}

/* Integers among the traced words (written, start, end) are small and no heap addresses. */
#define X(layout, type)                                                                            \
    static void layout##_trace(PyObject *self, struct tracer *tracer)                              \
    {                                                                                              \
        trace_fields(self, tracer, sizeof(type));                                                  \
    }                                                                                              \
    enum { layout##_size = sizeof(type) };
EXCEPTION_LAYOUTS(X)
#undef X

/* ---- The table. */

/* What the first type of each layout defines, beyond what it inherits. */
#define exit_fields .ops = {.init = exit_init}, .members = exit_members
#define group_fields                                                                               \
    .ops = {.new_ = exception_group_new,                                                           \
            .init = exception_group_init,                                                          \
            .str = exception_group_str},                                                           \
    .methods = exception_group_methods, .members = exception_group_members
#define attribute_fields .ops = {.init = attribute_init}, .members = attribute_members
#define import_fields                                                                              \
    .ops = {.init = import_init, .str = import_str}, .methods = import_methods,                    \
    .members = import_members
#define name_fields .ops = {.init = name_init}, .members = name_members
#define os_fields                                                                                  \
    .ops = {.new_ = exception_os_new, .init = exception_os_init, .str = exception_os_str},         \
    .methods = exception_os_methods, .getsets = exception_os_getsets,                              \
    .members = exception_os_members
#define blocking_fields .ops = {.init = exception_os_init}
#define stop_fields .ops = {.init = stop_init}, .members = stop_members
#define syntax_fields                                                                              \
    .ops = {.init = exception_syntax_init, .str = exception_syntax_str},                           \
    .members = exception_syntax_members
#define key_fields .ops = {.str = key_str}
#define unicode_decode_fields                                                                      \
    .ops = {.init = exception_decode_init, .str = exception_decode_str},                           \
    .members = exception_unicode_members
#define unicode_encode_fields                                                                      \
    .ops = {.init = exception_encode_init, .str = exception_encode_str},                           \
    .members = exception_unicode_members
#define unicode_translate_fields                                                                   \
    .ops = {.init = exception_translate_init, .str = exception_translate_str},                     \
    .members = exception_unicode_members

#define EXCEPTION_TYPE(type_name, base_type, layout, doc)                                          \
    PyTypeObject exception_type_##type_name = {                                                    \
        STATIC_TYPE_HEAD,                                                                          \
        .tp_name = #type_name,                                                                     \
        .tp_basicsize = layout##_size,                                                             \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |                \
                    Py_TPFLAGS_BASE_EXC_SUBCLASS,                                                  \
        .tp_doc = (doc),                                                                           \
        .tp_base = (base_type),                                                                    \
        .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),                                    \
        .tp_cache = (PyObject *)&info_##type_name,                                                 \
    };                                                                                             \
    PyObject *PyExc_##type_name = (PyObject *)&exception_type_##type_name

static struct type_info info_BaseException = {
    .ops = {.new_ = exception_plain_new,
            .init = exception_plain_init,
            .repr = plain_repr,
            .str = exception_plain_str},
    .trace = plain_trace,
    .methods = plain_methods,
    .getsets = plain_getsets,
    .members = plain_members,
};
EXCEPTION_TYPE(BaseException, &PyBaseObject_Type, plain, "The base of all exceptions.");

#define EXCEPTION(name, base, layout, doc)                                                         \
    static struct type_info info_##name = {.trace = layout##_trace};                               \
    EXCEPTION_TYPE(name, &exception_type_##base, layout, doc);
#define EXCEPTION_ROOT(name, base, layout, doc)                                                    \
    static struct type_info info_##name = {layout##_fields, .trace = layout##_trace};              \
    EXCEPTION_TYPE(name, &exception_type_##base, layout, doc);
#include "object/exceptions.def"
#undef EXCEPTION
#undef EXCEPTION_ROOT

PyObject *PyExc_EnvironmentError = (PyObject *)&exception_type_OSError;
PyObject *PyExc_IOError = (PyObject *)&exception_type_OSError;

/* ExceptionGroup has two bases; type_ready keeps tp_bases where a type brings it. */
static struct {
    PyObject_VAR_HEAD PyObject *items[2];
} group_bases = {
    {STATIC_OBJECT_HEAD(&PyTuple_Type), 2},
    {(PyObject *)&exception_type_BaseExceptionGroup, (PyObject *)&exception_type_Exception},
};

static struct type_info info_ExceptionGroup = {.trace = group_trace};
PyTypeObject exception_type_ExceptionGroup = {
    STATIC_TYPE_HEAD,
    .tp_name = "ExceptionGroup",
    .tp_basicsize = group_size,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                Py_TPFLAGS_BASE_EXC_SUBCLASS,
    .tp_base = &exception_type_BaseExceptionGroup,
    .tp_bases = (PyObject *)&group_bases,
    .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),
    .tp_cache = (PyObject *)&info_ExceptionGroup,
};

int exception_add_types(PyObject *dict)
{
    static const struct {
        const char *name;
        PyTypeObject *type;
    } rows[] = {
        {"BaseException", &exception_type_BaseException},
#define EXCEPTION(name, base, layout, doc) {#name, &exception_type_##name},
#define EXCEPTION_ROOT(name, base, layout, doc) EXCEPTION(name, base, layout, doc)
#include "object/exceptions.def"
#undef EXCEPTION
#undef EXCEPTION_ROOT
        {"ExceptionGroup", &exception_type_ExceptionGroup},
        {"EnvironmentError", &exception_type_OSError},
        {"IOError", &exception_type_OSError},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        PyObject *name = str_intern_text(rows[i].name);
        if (name == NULL || dict_set_str(dict, name, value_from_object(rows[i].type)) < 0) {
            return -1;
        }
    }
    return 0;
}
