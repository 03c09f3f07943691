/* SPDX-License-Identifier: MIT */
/* Struct sequences. The type lives in one WORDS cell together with its type_info, its field names
 * and member table, all constant once the type is ready; the type of an extension may be static.
 * Hidden fields lie behind the tuple's items: ob_size counts the visible ones only. */
#include "object/structseq.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

struct structseq_type {
    PyTypeObject *type; /* `own`, or static in an extension */
    PyTypeObject own;
    struct type_info info;
    const char *const *fields;
    Py_ssize_t count, visible, unnamed;
    struct member_def members[];
};

static struct structseq_type *kind_of(const PyTypeObject *type)
{
    while (type->tp_base != &PyTuple_Type) { /* subclasses written in Python */
        type = type->tp_base;
    }
    return (struct structseq_type *)(void *)((char *)type_info(type) -
                                             offsetof(struct structseq_type, info));
}

static PyObject **item(PyObject *s, Py_ssize_t i)
{
    return &((PyTupleObject *)s)->ob_item[i];
}

PyObject *structseq_new(PyTypeObject *type)
{
    struct structseq_type *kind = kind_of(type);
    PyObject *s = object_alloc(type, kind->count);
    if (s != NULL) {
        ((PyVarObject *)s)->ob_size = kind->visible;
    }
    return s;
}

int structseq_set(PyObject *s, Py_ssize_t i, Value v)
{
    PyObject *boxed = value_box(v);
    if (boxed == NULL) {
        return -1;
    }
    heap_init(s, item(s, i), boxed);
    return 0;
}

static void trace(PyObject *self, struct tracer *tracer)
{
    Py_ssize_t count = kind_of(self->ob_type)->count;
    trace_words(tracer, (const Value *)(void *)item(self, 0), (size_t)count);
}

static int check_length(const struct structseq_type *kind, Py_ssize_t given)
{
    const char *name = kind->type->tp_name;
    if (kind->visible == kind->count) {
        return given == kind->visible
                   ? 0
                   : error_raise_int(PyExc_TypeError,
                                     "%s() takes a %zd-sequence (%zd-sequence given)", name,
                                     kind->visible, given);
    }
    if (given < kind->visible) {
        return error_raise_int(PyExc_TypeError,
                               "%s() takes an at least %zd-sequence (%zd-sequence given)", name,
                               kind->visible, given);
    }
    if (given > kind->count) {
        return error_raise_int(PyExc_TypeError,
                               "%s() takes an at most %zd-sequence (%zd-sequence given)", name,
                               kind->count, given);
    }
    return 0;
}

static Value new_structseq(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    struct structseq_type *kind = kind_of(type);
    Value bound[2];
    if (native_bind("structseq", "(sequence, dict=None)", &signature, args, nargs, kwnames, bound) <
        0) {
        return VALUE_NULL;
    }
    PyObject *given = object_to_fast_sequence(bound[0], "constructor requires a sequence");
    if (given == NULL) {
        return VALUE_NULL;
    }
    bool has_dict = value_is_present(bound[1]) && !value_is_none(bound[1]);
    if (has_dict && !dict_check(bound[1])) {
        return error_raise(PyExc_TypeError, "%s() takes a dict as second arg, if any",
                           kind->type->tp_name);
    }
    PyObject *items = object_to_tuple(value_from_object(given));
    if (items == NULL || check_length(kind, tuple_length(items)) < 0) {
        return VALUE_NULL;
    }
    PyObject *s = structseq_new(type);
    for (Py_ssize_t i = 0; s != NULL && i < kind->count; i++) {
        Value v = VALUE_ABSENT;
        if (i < tuple_length(items)) {
            v = tuple_get(items, i);
        } else if (has_dict) {
            v = dict_get_str(value_object(bound[1]), str_intern_text(kind->fields[i]));
        }
        if (structseq_set(s, i, value_is_present(v) ? v : VALUE_NONE) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

static Value repr(Value self)
{
    PyObject *s = value_object(self);
    struct structseq_type *kind = kind_of(s->ob_type);
    struct str_builder b;
    str_builder_init(&b);
    if (str_builder_text(&b, kind->type->tp_name) < 0 || str_builder_char(&b, '(') < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < kind->visible; i++) {
        PyObject *text = object_repr(value_from_object(*item(s, i)));
        if (text == NULL || (i > 0 && str_builder_text(&b, ", ") < 0) ||
            str_builder_text(&b, kind->fields[i]) < 0 || str_builder_char(&b, '=') < 0 ||
            str_builder_str(&b, text) < 0) {
            return VALUE_NULL;
        }
    }
    if (str_builder_char(&b, ')') < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

static Value reduce(Value self)
{
    PyObject *s = value_object(self);
    struct structseq_type *kind = kind_of(s->ob_type);
    PyObject *visible = tuple_new(kind->visible), *hidden = dict_new();
    if (visible == NULL || hidden == NULL) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < kind->count; i++) {
        Value v = value_from_object(*item(s, i));
        int status = i < kind->visible ? tuple_init_item(visible, i, v)
                                       : dict_set_str(hidden, str_intern_text(kind->fields[i]), v);
        if (status < 0) {
            return VALUE_NULL;
        }
    }
    PyObject *arguments = tuple_pack(2, visible, hidden);
    return arguments == NULL ? VALUE_NULL
                             : value_from_object(tuple_pack(2, (PyObject *)s->ob_type, arguments));
}

static const struct native_def methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = reduce},
    {NULL},
};

/* The class attributes that tell about the fields. */
static int describe(struct structseq_type *kind)
{
    PyObject *dict = kind->type->tp_dict;
    PyObject *match = list_new(kind->visible);
    for (Py_ssize_t i = 0; match != NULL && i < kind->visible; i++) {
        if (kind->fields[i][0] != 0 &&
            list_append(match, value_from_object(str_intern_text(kind->fields[i]))) < 0) {
            return -1;
        }
    }
    PyObject *names_tuple = match == NULL ? NULL : list_to_tuple(match);
    if (names_tuple == NULL ||
        dict_set_str(dict, names.__match_args__, value_from_object(names_tuple)) < 0 ||
        dict_set_str(dict, str_intern_text("n_fields"), int_from_ssize(kind->count)) < 0 ||
        dict_set_str(dict, str_intern_text("n_sequence_fields"), int_from_ssize(kind->visible)) <
            0 ||
        dict_set_str(dict, str_intern_text("n_unnamed_fields"), int_from_ssize(kind->unnamed)) <
            0) {
        return -1;
    }
    return 0;
}

/* The cell with what the type needs, all but the type. */
static struct structseq_type *kind_new(const char *const *fields, Py_ssize_t visible,
                                       uint32_t flags)
{
    Py_ssize_t count = 0;
    while (fields[count] != NULL) {
        count++;
    }
    struct structseq_type *kind =
        heap_alloc(sizeof *kind + (size_t)(count + 1) * sizeof(struct member_def), CELL_WORDS);
    if (kind == NULL) {
        return error_raise_null(PyExc_MemoryError, "");
    }
    Py_ssize_t named = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (fields[i][0] != 0) {
            kind->members[named++] =
                (struct member_def){.name = fields[i],
                                    .kind = T_OBJECT,
                                    .offset = (Py_ssize_t)(offsetof(PyTupleObject, ob_item) +
                                                           (size_t)i * sizeof(PyObject *)),
                                    .flags = READONLY};
        }
    }
    kind->fields = fields;
    kind->count = count;
    kind->visible = visible;
    kind->unnamed = count - named;
    kind->info = (struct type_info){
        .ops = {.new_ = flags & TYPE_NO_NEW ? NULL : new_structseq, .repr = repr},
        .trace = trace,
        .methods = methods,
        .members = kind->members,
        .flags = flags,
    };
    return kind;
}

static int fill_type(struct structseq_type *kind, const char *name, const char *doc)
{
    *kind->type = (PyTypeObject){
        STATIC_TYPE_HEAD,
        .tp_name = name,
        .tp_doc = doc,
        .tp_basicsize = offsetof(PyTupleObject, ob_item),
        .tp_itemsize = sizeof(PyObject *),
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_TUPLE_SUBCLASS,
        .tp_base = &PyTuple_Type,
        .tp_cache = (PyObject *)&kind->info,
    };
    return type_ready(kind->type) < 0 ? -1 : describe(kind);
}

int structseq_type_init(PyTypeObject *type, const char *name, const char *doc,
                        const char *const *fields, Py_ssize_t visible)
{
    struct structseq_type *kind = kind_new(fields, visible, 0);
    if (kind == NULL) {
        return -1;
    }
    kind->type = type;
    return fill_type(kind, name, doc);
}

static PyTypeObject *make(const char *name, const char *doc, const char *const *fields,
                          Py_ssize_t visible, uint32_t flags)
{
    struct structseq_type *kind = kind_new(fields, visible, flags);
    if (kind == NULL) {
        return NULL;
    }
    kind->type = &kind->own;
    return fill_type(kind, name, doc) < 0 ? NULL : kind->type;
}

PyTypeObject *structseq_type_new(const char *name, const char *doc, const char *const *fields,
                                 Py_ssize_t visible)
{
    return make(name, doc, fields, visible, 0);
}

PyTypeObject *structseq_type_new_sealed(const char *name, const char *doc,
                                        const char *const *fields, Py_ssize_t visible)
{
    return make(name, doc, fields, visible, TYPE_NO_NEW);
}
