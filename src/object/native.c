/* SPDX-License-Identifier: MIT */
/* builtin_function_or_method: functions written in C, free or bound to an object.
 *
 * A function of ours is a struct native_function, recognised by its row. One made by extension code
 * is a plain PyCFunctionObject; calls of it go through native_hooks.call. */
#include "object/native.h"

#include "object/dict.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/object.h"
#include "object/signature.h"
#include "object/str.h"
#include "object/type_int.h"

struct native_hooks native_hooks;

/* A function that was not bound from a descriptor. */
struct free_function {
    struct native_function base;
    struct native_row row;
};

static struct native_row *row_of(PyObject *f)
{
    return native_row_of(((PyCFunctionObject *)f)->m_ml);
}

static Value own_self(PyObject *f)
{
    return ((struct native_function *)f)->self;
}

static const char *function_text(PyObject *f)
{
    return ((PyCFunctionObject *)f)->m_ml->ml_name;
}

/* ---- Calling. */

static Value call_bound(const struct native_def *def, const struct native_signature *signature,
                        PyObject *callable, Value self, const Value *args, size_t nargs,
                        PyObject *kwnames)
{
    if (kwnames == NULL && nargs == signature->count && nargs == signature->positional &&
        def->n != NULL) {
        return def->n(self, args);
    }
    Value few[16];
    Value *out = few;
    if (kwnames == NULL && nargs <= signature->positional && signature->count <= 16 &&
        signature->varargs < 0 && signature->varkw < 0 && signature->required >> nargs == 0 &&
        def->n != NULL) {
        for (size_t i = 0; i < signature->count; i++) {
            few[i] = i < nargs ? args[i] : VALUE_ABSENT;
        }
        return def->n(self, few);
    }
    if (signature->count > 16) {
        out = heap_alloc(signature->count * sizeof(Value), CELL_WORDS);
        if (out == NULL) {
            return error_no_memory();
        }
    }
    if (signature_bind(signature, def->name, callable, args, nargs, kwnames, out) < 0) {
        return VALUE_NULL;
    }
    if (def->n != NULL) {
        return def->n(self, out);
    }
    return def->f1 != NULL ? def->f1(self, out[0]) : def->f0(self);
}

Value native_call_object(PyObject *callable, const struct native_def *def,
                         const struct native_signature **cache, Value self, const Value *args,
                         size_t nargs, PyObject *kwnames)
{
    if (kwnames != NULL && tuple_length(kwnames) == 0) {
        kwnames = NULL;
    }
    if (kwnames == NULL) {
        if (def->f1 != NULL && nargs == 1) {
            return def->f1(self, args[0]);
        }
        if (def->f0 != NULL && nargs == 0) {
            return def->f0(self);
        }
    }
    if (def->raw != NULL) {
        return def->raw(self, args, nargs, kwnames);
    }
    const char *text = def->signature != NULL ? def->signature
                       : def->f0 != NULL      ? "()"
                                              : "(object, /)";
    const struct native_signature *signature = signature_of(text, cache);
    if (signature == NULL) {
        return VALUE_NULL;
    }
    return call_bound(def, signature, callable, self, args, nargs, kwnames);
}

Value native_call(const struct native_def *def, const struct native_signature *signature,
                  Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return native_call_object(NULL, def, &signature, self, args, nargs, kwnames);
}

static Value function_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *f = value_object(self);
    struct native_row *row = row_of(f);
    if (LIKELY(row != NULL)) {
        return native_call_object(f, row->def, &row->signature, own_self(f), args, nargs, kwnames);
    }
    PyCFunctionObject *c = (PyCFunctionObject *)f;
    PyTypeObject *class =
        (c->m_ml->ml_flags & METH_METHOD) != 0 ? ((PyCMethodObject *)c)->mm_class : NULL;
    return native_hooks.call(c->m_ml, c->m_self, class, args, nargs, kwnames);
}

/* ---- Making. */

void native_row_init(struct native_row *row, const struct native_def *def)
{
    *row = (struct native_row){{def->name, NULL, NATIVE_ML_FLAGS, def->doc}, def, NULL};
}

static bool bind_self(struct native_function *f, Value self)
{
    PyObject *boxed = value_box(self);
    if (boxed == NULL && !value_is_null(self)) {
        return false;
    }
    f->base.vectorcall = native_hooks.vectorcall;
    heap_fill_value(f, &f->self, self);
    heap_fill(f, &f->base.m_self, boxed);
    return true;
}

PyObject *native_function_new(const struct native_def *def, Value self, PyObject *module)
{
    struct free_function *f =
        (struct free_function *)object_alloc_bytes(&PyCFunction_Type, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    native_row_init(&f->row, def);
    f->base.base.m_ml = &f->row.ml;
    heap_fill(f, &f->base.base.m_module, module);
    return bind_self(&f->base, self) ? (PyObject *)f : NULL;
}

PyObject *native_method_new(const struct native_row *row, Value self)
{
    struct native_function *f =
        (struct native_function *)object_alloc_bytes(&PyCFunction_Type, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    heap_fill(f, &f->base.m_ml, &row->ml);
    return bind_self(f, self) ? (PyObject *)f : NULL;
}

PyObject *native_function_new_c(PyMethodDef *def, PyObject *self, PyObject *module,
                                PyTypeObject *defining_class)
{
    bool method = (def->ml_flags & METH_METHOD) != 0;
    PyCFunctionObject *f = (PyCFunctionObject *)object_alloc_bytes(
        method ? &PyCMethod_Type : &PyCFunction_Type,
        method ? sizeof(PyCMethodObject) : sizeof(PyCFunctionObject));
    if (f == NULL) {
        return NULL;
    }
    f->m_ml = def;
    f->vectorcall = native_hooks.vectorcall;
    heap_fill(f, &f->m_self, self);
    heap_fill(f, &f->m_module, module);
    if (method) {
        PyCMethodObject *m = (PyCMethodObject *)f;
        heap_fill(m, &m->mm_class, defining_class);
    }
    return (PyObject *)f;
}

/* ---- Attributes. */

static Value get_name(Value self, void *closure)
{
    return value_from_object(str_from_text(function_text(value_object(self))));
}

static Value get_self(Value self, void *closure)
{
    PyObject *f = value_object(self);
    PyObject *owner = ((PyCFunctionObject *)f)->m_self;
    if (row_of(f) == NULL && (((PyCFunctionObject *)f)->m_ml->ml_flags & METH_STATIC) != 0) {
        owner = NULL;
    }
    return owner == NULL ? VALUE_NONE : value_from_object(owner);
}

static Value get_qualname(Value self, void *closure)
{
    PyCFunctionObject *f = (PyCFunctionObject *)value_object(self);
    PyObject *owner = f->m_self;
    if (owner == NULL || owner->ob_type == &PyModule_Type ||
        type_is_subtype(owner->ob_type, &PyModule_Type)) {
        return get_name(self, closure);
    }
    Value type = type_has_feature(owner->ob_type, Py_TPFLAGS_TYPE_SUBCLASS)
                     ? value_from_object(owner)
                     : value_from_object(owner->ob_type);
    Value qualname = object_getattr(type, names.__qualname__);
    if (value_is_null(qualname)) {
        return qualname;
    }
    return value_from_object(str_format("%S.%s", qualname, f->m_ml->ml_name));
}

/* The part of an extension's doc behind "name(...)\n--\n\n". */
static const char *c_doc_mark(const char *doc, const char *name)
{
    size_t length = strlen(name);
    if (doc == NULL || strncmp(doc, name, length) != 0 || doc[length] != '(') {
        return NULL;
    }
    return strstr(doc + length, ")\n--\n\n");
}

Value native_doc(const struct native_def *def, const PyMethodDef *ml)
{
    const char *doc = def != NULL ? def->doc : ml->ml_doc;
    const char *mark = def == NULL ? c_doc_mark(doc, ml->ml_name) : NULL;
    if (mark != NULL) {
        doc = mark + 6;
    }
    return doc == NULL || *doc == '\0' ? VALUE_NONE : value_from_object(str_from_text(doc));
}

Value native_text_signature(const struct native_def *def, const PyMethodDef *ml)
{
    if (def != NULL) {
        return def->signature == NULL ? VALUE_NONE
                                      : value_from_object(str_from_text(def->signature));
    }
    const char *mark = c_doc_mark(ml->ml_doc, ml->ml_name);
    if (mark == NULL) {
        return VALUE_NONE;
    }
    const char *start = ml->ml_doc + strlen(ml->ml_name);
    return value_from_object(str_from_utf8(start, mark + 1 - start));
}

static Value get_doc(Value self, void *closure)
{
    const struct native_row *row = row_of(value_object(self));
    return native_doc(row != NULL ? row->def : NULL,
                      ((PyCFunctionObject *)value_object(self))->m_ml);
}

static Value get_text_signature(Value self, void *closure)
{
    const struct native_row *row = row_of(value_object(self));
    return native_text_signature(row != NULL ? row->def : NULL,
                                 ((PyCFunctionObject *)value_object(self))->m_ml);
}

static Value get_module(Value self, void *closure)
{
    PyObject *module = ((PyCFunctionObject *)value_object(self))->m_module;
    return module == NULL ? VALUE_NONE : value_from_object(module);
}

static int set_module(Value self, Value value, void *closure)
{
    PyCFunctionObject *f = (PyCFunctionObject *)value_object(self);
    PyObject *boxed = value_is_absent(value) ? NULL : value_box(value);
    heap_store(f, &f->m_module, boxed);
    return 0;
}

static const struct getset_def function_getsets[] = {
    {"__doc__", get_doc},
    {"__module__", get_module, set_module},
    {"__name__", get_name},
    {"__qualname__", get_qualname},
    {"__self__", get_self},
    {"__text_signature__", get_text_signature},
    {NULL},
};

/* Pickles by name: a module's function is global, a method is getattr(self, name). */
static Value function_reduce(Value self)
{
    PyObject *owner = ((PyCFunctionObject *)value_object(self))->m_self;
    if (owner == NULL || owner->ob_type == &PyModule_Type) {
        return get_name(self, NULL);
    }
    Value getattr = builtin_function("getattr");
    Value name = get_name(self, NULL);
    if (value_is_null(getattr) || value_is_null(name)) {
        return VALUE_NULL;
    }
    Value args[2] = {value_from_object(owner), name};
    Value pair[2] = {getattr, value_from_object(tuple_from_array(args, 2))};
    return value_from_object(tuple_from_array(pair, 2));
}

static const struct native_def function_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = function_reduce},
    {NULL},
};

/* ---- The type. */

static Value function_repr(Value self)
{
    PyCFunctionObject *f = (PyCFunctionObject *)value_object(self);
    if (f->m_self == NULL || f->m_self->ob_type == &PyModule_Type) {
        return value_from_object(str_format("<built-in function %s>", f->m_ml->ml_name));
    }
    return value_from_object(str_format("<built-in method %s of %s object at 0x%llx>",
                                        f->m_ml->ml_name, f->m_self->ob_type->tp_name,
                                        (unsigned long long)(uintptr_t)f->m_self));
}

static bool same_function(PyObject *a, PyObject *b)
{
    const struct native_row *x = row_of(a), *y = row_of(b);
    if (x != NULL || y != NULL) {
        return x != NULL && y != NULL && x->def == y->def && value_is(own_self(a), own_self(b));
    }
    PyCFunctionObject *c = (PyCFunctionObject *)a, *d = (PyCFunctionObject *)b;
    return c->m_self == d->m_self && c->m_ml->ml_meth == d->m_ml->ml_meth;
}

static Value function_richcompare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !value_is_object(other) ||
        value_object(other)->ob_type != value_object(self)->ob_type) {
        return VALUE_NOT_IMPLEMENTED;
    }
    bool same = same_function(value_object(self), value_object(other));
    return value_from_bool(same == (op == Py_EQ));
}

static Py_hash_t function_hash(Value self)
{
    PyCFunctionObject *f = (PyCFunctionObject *)value_object(self);
    const struct native_row *row = row_of((PyObject *)f);
    uintptr_t code = row != NULL ? (uintptr_t)row->def : (uintptr_t)f->m_ml->ml_meth;
    uintptr_t owner = (uintptr_t)f->m_self;
    if (row != NULL && !value_is_pointer_bits(own_self((PyObject *)f))) {
        owner = (uintptr_t)own_self((PyObject *)f).bits;
    }
    Py_hash_t hash = (Py_hash_t)((owner >> 4) * 1000003u ^ (code >> 4));
    return hash == -1 ? -2 : hash;
}

static void function_trace(PyObject *self, struct tracer *tracer)
{
    PyCFunctionObject *f = (PyCFunctionObject *)self;
    trace_pointer(tracer, f->m_self);
    trace_pointer(tracer, f->m_module);
    const struct native_row *row = f->m_ml == NULL ? NULL : row_of(self); /* NULL: half made */
    if (row == &((const struct free_function *)f)->row) {
        trace_value(tracer, own_self(self));
        trace_pointer(tracer, row->signature);
    } else if (row != NULL) {
        trace_value(tracer, own_self(self));
        trace_pointer(tracer, row); /* the descriptor */
    } else if (self->ob_type == &PyCMethod_Type) {
        trace_pointer(tracer, ((PyCMethodObject *)f)->mm_class);
    }
}

static struct type_info function_info = {
    .ops =
        {
            .repr = function_repr,
            .hash = function_hash,
            .call = function_call,
            .richcompare = function_richcompare,
        },
    .trace = function_trace,
    .methods = function_methods,
    .getsets = function_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyCFunction_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "builtin_function_or_method",
    .tp_basicsize = sizeof(PyCFunctionObject),
    .tp_weaklistoffset = offsetof(PyCFunctionObject, m_weakreflist),
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_cache = (PyObject *)&function_info,
};

static struct type_info c_method_info = {.flags = TYPE_NO_NEW};

PyTypeObject PyCMethod_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "builtin_method",
    .tp_base = &PyCFunction_Type,
    .tp_basicsize = sizeof(PyCMethodObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
    .tp_cache = (PyObject *)&c_method_info,
};
