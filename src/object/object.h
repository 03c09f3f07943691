/* SPDX-License-Identifier: MIT */
/* The object protocol: what every operation of the language does on any value. All may run Python
 * code and collect; all return VALUE_NULL, NULL or -1 with an exception set on error unless said
 * otherwise. Locks must not be held. */
#ifndef OROCHI_OBJECT_OBJECT_H
#define OROCHI_OBJECT_OBJECT_H

#include "object/error.h"
#include "object/names.h"
#include "object/type.h"

/* object_alloc_bytes for a type that is known where the call stands: a static one without a shape,
 * whose objects nobody sees die. `kind`: CELL_LEAF exactly if it has TYPE_LEAF. */
static ALWAYS_INLINE PyObject *object_alloc_kind(PyTypeObject *type, size_t bytes,
                                                 enum cell_kind kind)
{
    PyObject *object = heap_alloc(bytes, kind);
    if (UNLIKELY(object == NULL)) {
        error_no_memory();
        return NULL;
    }
    object->ob_refcnt = OBJECT_PUBLIC_COUNT;
    object->ob_type = type;
    return object;
}

/* ---- Singletons. */
#define VALUE_NONE value_from_object(Py_None)
#define VALUE_TRUE value_from_object(Py_True)
#define VALUE_FALSE value_from_object(Py_False)
#define VALUE_NOT_IMPLEMENTED value_from_object(Py_NotImplemented)
#define VALUE_ELLIPSIS value_from_object(Py_Ellipsis)
static inline Value value_from_bool(bool b)
{
    return b ? VALUE_TRUE : VALUE_FALSE;
}
static inline bool value_is_none(Value v)
{
    return v.bits == VALUE_NONE.bits;
}

/* Python's `is`: same bits, or both ints or floats (exact types) of the same value. */
bool value_is_slow(Value a, Value b);
static inline bool value_is(Value a, Value b)
{
    return a.bits == b.bits || value_is_slow(a, b);
}
/* An object for the value: itself, or a fresh (or cached) PyLongObject or PyFloatObject.
 * VALUE_NULL gives NULL. NULL with MemoryError when memory ran out. No Python code. */
PyObject *value_box_slow(Value v);
static inline PyObject *value_box(Value v)
{
    return value_is_pointer_bits(v) ? value_object(v) : value_box_slow(v);
}
/* Like value_from_object, but exact ints that fit and exact floats come unboxed. */
Value value_unbox(PyObject *object);

/* ---- Attributes. Names must be interned str where the type says PyObject *name; use
 * object_getattr_value for any value as name (getattr() with a computed name). */
Value object_getattr(Value object, PyObject *name);
/* 1 found, 0 no such attribute (no exception), -1 error. */
int object_find_attr(Value object, PyObject *name, Value *out);
int object_setattr(Value object, PyObject *name, Value value); /* VALUE_ABSENT deletes */
Value object_getattr_value(Value object, Value name);
int object_setattr_value(Value object, Value name, Value value);
int object_find_attr_value(Value object, Value name, Value *out);
/* For `getattr` ops: the default algorithms. getattr returns VALUE_ABSENT if there is none. */
Value object_generic_getattr(Value object, PyObject *name);
int object_generic_setattr(Value object, PyObject *name, Value value);
/* The instance's __dict__, made if needed; NULL without exception if instances have none. */
PyObject *object_dict(PyObject *object);
int object_set_dict(PyObject *object, PyObject *dict);
/* Method lookup for calls: *self is VALUE_NULL if the result is not a method of the object,
 * else the object, to be passed first. VALUE_ABSENT if there is none; no binding is allocated. */
Value object_find_method(Value object, PyObject *name, Value *self);
/* Special methods are looked up on the type and bound: 1, 0 (absent), -1. */
int object_find_special(Value object, PyObject *name, Value *out);
/* The same without binding: to be called with self first if *unbound; ABSENT, or error. */
Value special_find(Value self, PyObject *name, bool *unbound);

/* ---- Calls. args has nargs positional values, then one per name of kwnames (tuple or NULL).
 * args[-1] may be overwritten during the call if CALL_PREPEND is or-ed into nargs: the callee may
 * put a self there and must restore it. */
#define CALL_PREPEND ((size_t)1 << 63)
#define CALL_NARGS(n) ((n) & ~CALL_PREPEND)
Value object_call(Value callable, const Value *args, size_t nargs, PyObject *kwnames);
Value object_call0(Value callable);
Value object_call1(Value callable, Value a);
Value object_call2(Value callable, Value a, Value b);
Value object_call3(Value callable, Value a, Value b, Value c);
/* f(*args, **kwargs); kwargs is a dict or NULL. */
Value object_call_tuple(Value callable, PyObject *args, PyObject *kwargs);
Value object_call_method(Value object, PyObject *name, const Value *args, size_t nargs);
Value object_call_method0(Value object, PyObject *name);
Value object_call_method1(Value object, PyObject *name, Value a);
Value object_call_method2(Value object, PyObject *name, Value a, Value b);
bool object_is_callable(Value v);

/* ---- Everything else. */
PyObject *object_repr(Value v); /* a str; checks the result's type; guards recursion */
PyObject *object_str(Value v);
PyObject *object_ascii(Value v);
PyObject *object_bytes(Value v);
PyObject *object_format(Value v, PyObject *spec); /* format(v, spec); spec NULL: empty */
Py_hash_t object_hash(Value v);
/* The hash of what only equals itself: type_ops.hash of object, and the number that it gives. */
Py_hash_t object_hash_identity(Value self);
static inline Py_hash_t object_identity_number(Value v)
{
    return (Py_hash_t)(v.bits >> 4 | v.bits << 60);
}
int object_truth(Value v);                         /* 1, 0, -1 */
Value object_compare(Value a, Value b, int op);    /* Py_LT .. Py_GE, any result */
int object_compare_bool(Value a, Value b, int op); /* identity implies ==; 1, 0, -1 */
int object_equal(Value a, Value b);                /* object_compare_bool(.., Py_EQ) */
Value object_iter(Value v);
/* The same for who shows the iterator to nobody else: that of a built-in container needs no atomic
 * operations (object/iterator.h). */
Value object_iter_owned(Value v);
Value object_next(Value iterator); /* VALUE_ABSENT at the end */
Py_ssize_t object_length(Value v);
Py_ssize_t object_length_hint(Value v, Py_ssize_t fallback); /* -1 on error */
Value object_getitem(Value v, Value key);
int object_setitem(Value v, Value key, Value value); /* VALUE_ABSENT deletes */
int object_contains(Value container, Value v);
Value object_binary(Value a, Value b, enum binary_op op);
Value object_inplace(Value a, Value b, enum binary_op op);
/* What they do after the left operand's number slot (binary, inplace) has said NotImplemented, and
 * the right one's type is not derived from the left one's. */
Value object_binary_declined(Value a, Value b, enum binary_op op);
Value object_inplace_declined(Value a, Value b, enum binary_op op);
Value object_pow(Value a, Value b, Value modulus); /* modulus may be None */
Value object_unary(Value v, enum unary_op op);
Value object_index(Value v); /* __index__: an int, else TypeError */
Value object_int(Value v);   /* int(v) for numbers: __int__, __index__, __trunc__ */
Value object_float(Value v); /* float(v), strings included */
bool object_is_iterator(Value v);
bool object_is_sequence(Value v); /* PySequence_Check */
bool object_is_mapping(Value v);
int object_is_instance(Value v, Value class_or_tuple); /* 1, 0, -1 */
int object_is_subclass(Value v, Value class_or_tuple);
PyObject *object_dir(Value v);
/* list(v), tuple(v): a new list; a tuple (v itself if it is an exact tuple). */
PyObject *object_to_list(Value v);
PyObject *object_to_tuple(Value v);
/* list or tuple v itself, else list(v); message: the TypeError's text if v is not iterable. */
PyObject *object_to_fast_sequence(Value v, const char *message);
/* Buffers (PEP 3118): object_get_buffer checks and reports as CPython does. A view of an object of
 * extension code is a C count of it until it is released, because such an object may free its
 * memory when nobody counts it (NumPy). */
int object_get_buffer(Value v, Py_buffer *view, int flags);
/* May run extension code, or wait for the extension lock. */
void object_release_buffer(Py_buffer *view);
bool object_counts_views(const PyObject *exporter);
bool object_has_buffer(Value v);
/* __set_name__, __class_getitem__, __mro_entries__ ... live with type.c and builtins. */
/* repr recursion guard for containers: 1 already active, 0 entered, -1 error. */
int repr_enter(Value v);
void repr_leave(Value v);

/* The dict of the builtins module: set once by that module's exec; constant afterwards. */
extern PyObject *object_builtins;

/* What the layers above provide, set at start-up; each may be NULL. */
struct object_hooks {
    PyObject *(*globals)(void);               /* of the innermost Python frame, or NULL */
    void (*type_changed)(PyTypeObject *type); /* a class was made or its operations changed */
    void (*settle)(PyObject **objects, size_t count); /* vm_settle */
    int (*super_arguments)(Value *type, Value *self); /* vm_super_arguments */
    void (*traceback_here)(void); /* adds the innermost Python frame to the current exception */
};
extern struct object_hooks object_hooks;

/* Start-up: types, singletons, names, caches, in order. After heap and thread. 0 or -1. */
int object_init(void);

#endif
