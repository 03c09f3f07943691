/* SPDX-License-Identifier: MIT */
/* builtin_function_or_method: functions written in C, free or bound to an object.
 *
 * A function of ours is a struct native_function, recognised by m_ml pointing into itself. One made
 * by extension code is a plain PyCFunctionObject; calls of it go through native_hooks.call. */
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

static struct native_function *own_function(PyObject *f)
{
    struct native_function *native = (struct native_function *)f;
    return native->base.m_ml == &native->ml ? native : NULL;
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
    struct native_function *native = own_function(f);
    if (LIKELY(native != NULL)) {
        return native_call_object(f, native->def, &native->signature, native->self, args, nargs,
                                  kwnames);
    }
    PyCFunctionObject *c = (PyCFunctionObject *)f;
    PyTypeObject *class =
        (c->m_ml->ml_flags & METH_METHOD) != 0 ? ((PyCMethodObject *)c)->mm_class : NULL;
    return native_hooks.call(c->m_ml, c->m_self, class, args, nargs, kwnames);
}

/* ---- Making. */

static struct native_function *alloc_function(const struct native_def *def, Value self)
{
    struct native_function *f =
        (struct native_function *)object_alloc_bytes(&PyCFunction_Type, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    f->ml = (PyMethodDef){def->name, NULL, METH_VARARGS | METH_KEYWORDS, def->doc};
    f->base.m_ml = &f->ml;
    f->base.vectorcall = native_hooks.vectorcall;
    f->def = def;
    heap_init_value(f, &f->self, self);
    PyObject *boxed = value_box(self);
    if (boxed == NULL && !value_is_null(self)) {
        return NULL;
    }
    heap_init(f, &f->base.m_self, boxed);
    return f;
}

PyObject *native_function_new(const struct native_def *def, Value self, PyObject *module)
{
    struct native_function *f = alloc_function(def, self);
    if (f != NULL) {
        heap_init(f, &f->base.m_module, module);
    }
    return (PyObject *)f;
}

PyObject *native_method_new(const struct native_def *def, const struct native_signature *signature,
                            Value self, PyTypeObject *owner)
{
    (void)owner;
    struct native_function *f = alloc_function(def, self);
    if (f != NULL) {
        heap_init(f, &f->signature, signature);
    }
    return (PyObject *)f;
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
    heap_init(f, &f->m_self, self);
    heap_init(f, &f->m_module, module);
    if (method) {
        PyCMethodObject *m = (PyCMethodObject *)f;
        heap_init(m, &m->mm_class, defining_class);
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
    struct native_function *native = own_function(f);
    if (native == NULL && (((PyCFunctionObject *)f)->m_ml->ml_flags & METH_STATIC) != 0) {
        owner = NULL;
    }
    return owner == NULL ? VALUE_NONE : value_from_object(owner);
}

static Value get_qualname(Value self, void *closure)
{
    PyCFunctionObject *f = (PyCFunctionObject *)value_object(self);
    struct native_function *native = own_function((PyObject *)f);
    if (native != NULL && native->qualname != NULL) {
        return value_from_object(native->qualname);
    }
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
    struct native_function *f = own_function(value_object(self));
    return native_doc(f != NULL ? f->def : NULL, ((PyCFunctionObject *)value_object(self))->m_ml);
}

static Value get_text_signature(Value self, void *closure)
{
    struct native_function *f = own_function(value_object(self));
    return native_text_signature(f != NULL ? f->def : NULL,
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
    struct native_function *x = own_function(a), *y = own_function(b);
    if (x != NULL || y != NULL) {
        return x != NULL && y != NULL && x->def == y->def && value_is(x->self, y->self);
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
    struct native_function *native = own_function((PyObject *)f);
    uintptr_t code = native != NULL ? (uintptr_t)native->def : (uintptr_t)f->m_ml->ml_meth;
    uintptr_t owner = (uintptr_t)f->m_self;
    if (native != NULL && !value_is_pointer_bits(native->self)) {
        owner = (uintptr_t)native->self.bits;
    }
    Py_hash_t hash = (Py_hash_t)((owner >> 4) * 1000003u ^ (code >> 4));
    return hash == -1 ? -2 : hash;
}

static void function_trace(PyObject *self, struct tracer *tracer)
{
    PyCFunctionObject *f = (PyCFunctionObject *)self;
    trace_pointer(tracer, f->m_self);
    trace_pointer(tracer, f->m_module);
    struct native_function *native = own_function(self);
    if (native != NULL) {
        trace_value(tracer, native->self);
        trace_pointer(tracer, native->signature);
        trace_pointer(tracer, native->qualname);
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
