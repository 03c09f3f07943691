/* SPDX-License-Identifier: MIT */
/* How C functions of ours become Python callables.
 *
 * A table row names the function, its Python signature and the C function. The signature text is
 * what inspect.signature() shows (__text_signature__), and it is also what binds the arguments:
 * parsed once at start-up. Defaults are not evaluated: an argument that was not given arrives as
 * VALUE_ABSENT, and the function substitutes its default.
 *
 *   {"index", "($self, value, start=0, stop=sys.maxsize, /)", .n = list_index_method}
 *
 * The convention follows from the field that is set:
 *   .f0   Value f(Value self)                          no parameters
 *   .f1   Value f(Value self, Value arg)               one required positional-only parameter
 *   .n    Value f(Value self, const Value *args)       bound: args[i] is parameter i, or ABSENT;
 *                                                      *args arrives as a tuple, **kwargs as a dict
 *   .raw  Value f(Value self, const Value *args, size_t nargs, PyObject *kwnames)
 *                                                      does its own parsing (print, max, ...)
 * Errors of wrong calls read as those of CPython's built-in functions of the same shape. `self` is
 * the instance, the class (NATIVE_CLASS), VALUE_NULL (NATIVE_STATIC), or the module. */
#ifndef OROCHI_OBJECT_NATIVE_H
#define OROCHI_OBJECT_NATIVE_H

#include "object/type.h"

enum native_flags { NATIVE_CLASS = 1, NATIVE_STATIC = 2, NATIVE_COEXIST = 4 };

struct native_def {
    const char *name;
    const char *signature; /* "($self, a, /, b=None, *, c=1)"; NULL: none is shown, .raw only */
    const char *doc;       /* NULL: none */
    int flags;
    Value (*f0)(Value self);
    Value (*f1)(Value self, Value arg);
    Value (*n)(Value self, const Value *args);
    Value (*raw)(Value self, const Value *args, size_t nargs, PyObject *kwnames);
};

struct getset_def {
    const char *name;
    Value (*get)(Value self, void *closure);
    int (*set)(Value self, Value value, void *closure); /* VALUE_ABSENT deletes; NULL: read-only */
    const char *doc;
    void *closure;
};

/* Fields: kinds are those of structmember.h (T_INT, T_OBJECT_EX ...), plus MEMBER_VALUE. */
enum { MEMBER_VALUE = 100 };
struct member_def {
    const char *name;
    int kind;
    Py_ssize_t offset;
    int flags; /* READONLY */
    const char *doc;
};

/* What stands behind the PyMethodDef of a function or a method descriptor of ours. A descriptor and
 * all methods that are bound from it share one, a function has its own. */
struct native_signature;
struct native_row {
    PyMethodDef ml; /* its flags are NATIVE_ML_FLAGS: that tells it from one of extension code */
    const struct native_def *def;
    const struct native_signature *signature; /* atomic: NULL until a call needs it */
};
enum { NATIVE_ML_FLAGS = METH_VARARGS | METH_KEYWORDS | 1 << 30 };

static inline struct native_row *native_row_of(PyMethodDef *ml)
{
    return ml->ml_flags == NATIVE_ML_FLAGS ? (struct native_row *)ml : NULL;
}

/* builtin_function_or_method objects keep PyCFunctionObject's layout; ours append what the C
 * function gets. */
struct native_function {
    PyCFunctionObject base; /* m_ml points to a native_row's; m_self is boxed */
    Value self;
};

/* What the C API provides for functions and descriptors whose code is extension code: their
 * PyMethodDef, PyGetSetDef and PyMemberDef come from outside. Set at start-up. */
struct native_hooks {
    vectorcallfunc vectorcall; /* goes into the vectorcall fields of our own functions */
    Value (*call)(PyMethodDef *def, PyObject *self, PyTypeObject *defining_class, const Value *args,
                  size_t nargs, PyObject *kwnames);
    Value (*get)(PyGetSetDef *def, PyObject *self);
    int (*set)(PyGetSetDef *def, PyObject *self, Value value); /* ABSENT deletes */
    /* The memory of a class: by the metaclass's tp_alloc, if that is an extension's own. NULL with
     * an exception. */
    PyObject *(*alloc_class)(PyTypeObject *metatype);
    /* A class is about to get its MRO: takes the slots that such a tp_alloc has filled. 0 or -1. */
    int (*take_class_slots)(PyTypeObject *type);
    /* Calls an operation that stands for a number slot of an extension; ABSENT: it does not. The
     * operands may be private (capi/capi.c): they are lent. If `keep`, a new object of the
     * extension that nobody else refers to comes back private, too, and *is_private is true: the
     * caller has the one reference, for `drop` or `share`. So it is with a itself, if `owned`, the
     * caller's one reference to it. */
    Value (*lend)(Value (*operation)(Value, Value), Value a, Value b, bool keep, bool owned,
                  bool *is_private);
    /* The same for an attribute: calls the getter of a getset descriptor. */
    Value (*lend_get)(PyObject *descriptor, PyObject *object, bool keep, bool *is_private);
    /* May its operands be private, and are they not published by it alone? */
    bool (*lends_store)(int (*operation)(Value, Value, Value));
    /* The call of an object returned a new object of an extension, which was published with that
     * (t->published). Takes it back, if extension code itself was called, and nobody else can know
     * the object: it is private again, with one reference, the caller's. */
    bool (*take_back)(PyObject *callable, PyObject *result);
    /* The reference is given up: the object is deallocated, if extension code kept none and did
     * not publish it meanwhile. Keeps the error state. May run Python code. */
    void (*drop)(PyObject *object);
    /* It becomes a value like all others. */
    void (*share)(PyObject *object);
    /* Fields of extension objects, which hold counted references; NULL: empty. */
    Value (*load_field)(PyObject **field);
    void (*store_field)(PyObject **field, PyObject *value);
    /* A capsule, for modules of ours that compiled modules ask for their C interface. */
    Value (*new_capsule)(void *pointer, const char *name);
    struct _object *(*raise_errno)(void); /* for C interfaces: OSError from errno; NULL */
};
extern struct native_hooks native_hooks;
/* PyCFunction_NewEx, PyCMethod_New and the PyDescr_New functions. NULL with an exception. */
PyObject *native_function_new_c(PyMethodDef *def, PyObject *self, PyObject *module,
                                PyTypeObject *defining_class);
PyObject *method_descriptor_new_c(PyTypeObject *type, PyMethodDef *def);
PyObject *classmethod_descriptor_new_c(PyTypeObject *type, PyMethodDef *def);
PyObject *getset_descriptor_new_c(PyTypeObject *type, PyGetSetDef *def);
PyObject *member_descriptor_new_c(PyTypeObject *type, PyMemberDef *def);
/* Reads and writes a field as structmember.h describes it (PyMember_GetOne, PyMember_SetOne). */
Value member_get(PyObject *object, const char *name, int kind, Py_ssize_t offset);
int member_set(PyObject *object, const char *name, int kind, int flags, Py_ssize_t offset,
               Value value);

/* A function object for the row. module: its name as str, or NULL. */
PyObject *native_function_new(const struct native_def *def, Value self, PyObject *module);
/* At start-up. */
void signatures_init(void);
/* Binds arguments by the row's signature and calls. The common entry of functions and methods. */
Value native_call(const struct native_def *def, const struct native_signature *signature,
                  Value self, const Value *args, size_t nargs, PyObject *kwnames);
/* method_descriptor, classmethod_descriptor, getset_descriptor, member_descriptor, slot wrappers:
 * made by type_ready; layouts are descrobject.h's with our fields after them. */

/* For .raw functions and for `new_` and `init`: binds args to the parameters of a signature text
 * such as "(source, filename, mode, /, flags=0)". out has one Value per parameter. `cache` is a
 * static variable, filled at the first call. fname is for messages. 0 or -1. */
int native_bind(const char *fname, const char *signature, const struct native_signature **cache,
                const Value *args, size_t nargs, PyObject *kwnames, Value *out);
/* No arguments at all allowed / no keywords allowed / between min and max positionals. 0 or -1. */
int native_no_arguments(const char *fname, size_t nargs, PyObject *kwnames);
int native_no_keywords(const char *fname, PyObject *kwnames);
int native_check_positional(const char *fname, size_t nargs, size_t min, size_t max);

/* ---- Converters for arguments; each -1 with an exception in CPython's words on failure. */
int arg_index(Value v, Py_ssize_t *out);      /* __index__, OverflowError like "n" */
int arg_index_clip(Value v, Py_ssize_t *out); /* clips instead of overflowing: slices, index() */
int arg_int(Value v, int *out);               /* "i" */
int arg_i64(Value v, int64_t *out);           /* "L" */
int arg_double(Value v, double *out);         /* "d": __float__, __index__ */
int arg_bool(Value v, bool *out);             /* truth */
/* v must be str: "fname() argument N must be str, not X" */
PyObject *arg_str(Value v, const char *fname, const char *argument);

/* ---- Modules: src/module/modules.def lists them. */
struct module_def {
    const char *name;
    const char *doc;
    const struct native_def *functions;
    int (*exec)(PyObject *module); /* adds constants and types; 0 or -1 */
};
PyObject *module_new(const char *name);
PyObject *module_from_def(const struct module_def *def);
PyObject *module_dict(PyObject *module);
int module_add(PyObject *module, const char *name, Value value); /* value NULL: error passes on */
int module_add_type(PyObject *module, PyTypeObject *type);
int module_add_int(PyObject *module, const char *name, int64_t value);
int module_add_str(PyObject *module, const char *name, const char *text);

#endif
