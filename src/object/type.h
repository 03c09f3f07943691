/* SPDX-License-Identifier: MIT */
/* Types: CPython's PyTypeObject, and beside it (at tp_cache) our own type_info with operations
 * that take and return Values. The tp_* function slots that extensions call are filled from these
 * by src/capi; ported code uses `type_ops(type)` only. */
#ifndef OROCHI_OBJECT_TYPE_H
#define OROCHI_OBJECT_TYPE_H

#include <Python.h>

#include "base/reference_count.h"
#include "base/value.h"
#include "heap/heap.h"
#include "thread/lock.h"

struct native_def;
struct getset_def;
struct member_def;
struct shape;

/* Order of the rows of type_ops.binary and .inplace, and of the operands of BINARY_OP. */
enum binary_op {
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_MATMUL,
    OP_TRUEDIV,
    OP_FLOORDIV,
    OP_MOD,
    OP_POW,
    OP_LSHIFT,
    OP_RSHIFT,
    OP_AND,
    OP_OR,
    OP_XOR,
    OP_DIVMOD,
    BINARY_OP_COUNT
};
enum unary_op { OP_NEG, OP_POS, OP_INVERT, OP_ABS, UNARY_OP_COUNT };

/* Operations, in Value form. NULL: not supported. All may run Python code unless said otherwise;
 * all return VALUE_NULL (or -1) with an exception set on error. */
struct type_ops {
    Value (*repr)(Value self);
    Value (*str)(Value self);
    Py_hash_t (*hash)(Value self); /* -1 on error */
    /* args: nargs positional values, then one per name in kwnames (a tuple of str, or NULL). */
    Value (*call)(Value self, const Value *args, size_t nargs, PyObject *kwnames);
    /* getattr: the attribute, VALUE_ABSENT if there is none (no exception is set!), or error.
     * Callers turn ABSENT into AttributeError only if somebody wants to see it. */
    Value (*getattr)(Value self, PyObject *name);
    int (*setattr)(Value self, PyObject *name, Value value); /* VALUE_ABSENT deletes */
    Value (*richcompare)(Value self, Value other, int op);   /* Py_LT..; may be NotImplemented */
    Value (*iter)(Value self);
    Value (*next)(Value self); /* VALUE_ABSENT at the end, without StopIteration */
    Value (*descr_get)(Value self, Value object, PyTypeObject *owner); /* object may be ABSENT */
    int (*descr_set)(Value self, Value object, Value value);           /* VALUE_ABSENT deletes */
    int (*init)(Value self, const Value *args, size_t nargs, PyObject *kwnames);
    Value (*new_)(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);

    /* Containers. Sequences and mappings share getitem: it takes any subscript. */
    Py_ssize_t (*len)(Value self); /* -1 on error */
    Value (*getitem)(Value self, Value key);
    int (*setitem)(Value self, Value key, Value value); /* VALUE_ABSENT deletes */
    int (*contains)(Value self, Value key);             /* 1, 0, -1 */
    Value (*concat)(Value self, Value other);           /* sequence +; tried after binary[] */
    Value (*repeat)(Value self, Value count);           /* sequence * */
    Value (*inplace_concat)(Value self, Value other);
    Value (*inplace_repeat)(Value self, Value count);
    /* Set by sequences: extensions see sq_item; PySequence_Check. index is already adjusted. */
    Value (*item)(Value self, Py_ssize_t index);

    /* Numbers. As in CPython either operand may be of this type; NotImplemented says "not me". */
    Value (*binary[BINARY_OP_COUNT])(Value left, Value right);
    Value (*inplace[BINARY_OP_COUNT])(Value left, Value right);
    Value (*pow3)(Value base, Value exponent, Value modulus);
    Value (*unary[UNARY_OP_COUNT])(Value self);
    int (*bool_)(Value self); /* 1, 0, -1 */
    Value (*int_)(Value self);
    Value (*float_)(Value self);
    Value (*index)(Value self);

    /* Coroutines. */
    Value (*await)(Value self);
    Value (*aiter)(Value self);
    Value (*anext)(Value self);
    /* send: like next with a value sent in. Returns the yielded value; at the end VALUE_ABSENT with
     * *result holding the return value. NULL: use next or the `send` method. */
    Value (*send)(Value self, Value sent, Value *result);

    /* Buffer protocol (PEP 3118). */
    int (*get_buffer)(Value self, Py_buffer *view, int flags);
    void (*release_buffer)(Value self, Py_buffer *view);

    /* __del__ and its like: called once by the collector on a mutator thread. NULL: none. A type
     * with it has TYPE_OBSERVED set. */
    void (*finalize)(Value self);
    /* Would finalize do nothing now? Goes with the finalize of the same type; NULL: nobody cares
     * when it runs (design 3.1). No safepoint. */
    bool (*is_spent)(PyObject *self);
};

enum type_info_flags {
    TYPE_LEAF = 1 << 0,     /* instances refer to nothing: allocated as CELL_LEAF */
    TYPE_OBSERVED = 1 << 1, /* instances go to the observed region */
    TYPE_READY = 1 << 2,
    TYPE_PYTHON = 1 << 3, /* made by a class statement or type() */
    /* Attribute lookup of instances is object_generic_getattr / setattr: may be cached. */
    TYPE_GENERIC_GETATTR = 1 << 4,
    TYPE_GENERIC_SETATTR = 1 << 5,
    TYPE_NO_NEW = 1 << 6,    /* cannot be called to make instances */
    TYPE_EXTENSION = 1 << 7, /* made by extension code (PyType_Ready, PyType_FromSpec) */
    /* It, or a base, was: instances are foreign cells (heap.h). TYPE_OBSERVED is set, too. */
    TYPE_FOREIGN = 1 << 8,
    TYPE_CLOSES = 1 << 10,   /* it, or a base, is an extension's and has a method `close` */
    TYPE_OWN_SLOTS = 1 << 9, /* the metaclass, extension code, filled slots of this class */
};

/* CPython 3.11's private flag for instances whose dict is managed: ours have a shape. */
#define TYPE_MANAGED_DICT (1UL << 4)

struct type_info {
    const struct cell_type *cell; /* CELL_INTERNAL header; NULL in static ones */
    PyTypeObject *type;
    struct type_ops ops; /* what is inherited is filled in by type_ready */

    /* Describes the native part of a type; constant after type_ready. */
    void (*trace)(PyObject *self, struct tracer *tracer); /* all references but ob_type and slots */
    const struct native_def *methods;                     /* ends with a NULL name */
    const struct getset_def *getsets;
    const struct member_def *members;
    uint32_t flags;

    /* Instances with shapes (object/shape.h): offset of the shape word in the instance, 0 if
     * instances have none. The instance dict pointer follows it, then the inline slots. */
    uint32_t shape_offset;
    uint32_t slots_offset; /* first __slots__ member; they are Values */
    uint32_t slots_count;
    struct shape *root_shape;  /* atomic; replaced when a better inline capacity is learned */
    struct shape *other_roots; /* under SHAPE: earlier roots, and those of other capacities */
    uint32_t inline_capacity;  /* atomic */

    /* Used by the inline caches of the VM for calls of the class; owned by vm/. */
    void *call_cache;
};

static inline struct type_info *type_info(const PyTypeObject *type)
{
    return (struct type_info *)(void *)type->tp_cache;
}
static inline struct type_ops *type_ops(const PyTypeObject *type)
{
    return &type_info(type)->ops;
}

/* The type of any value; inline integers and doubles included. */
static ALWAYS_INLINE PyTypeObject *value_type(Value v)
{
    if (value_is_pointer_bits(v)) {
        return value_object(v)->ob_type;
    }
    return value_is_int(v) ? &PyLong_Type : &PyFloat_Type;
}
static ALWAYS_INLINE struct type_ops *value_ops(Value v)
{
    return type_ops(value_type(v));
}

/* Is there extension code that may look at the fields of objects meanwhile? What it has read stays
 * true enough for what it reads next: sizes are no greater than the room behind pointers. */
static inline bool extensions_may_look(void)
{
    return thread_many && heap_scan_counts;
}

/* The header of a static object: public, no C count. */
#define STATIC_TYPE_HEAD                                                                           \
    {                                                                                              \
        {OBJECT_PUBLIC_COUNT, &PyType_Type}, 0                                                     \
    }
#define STATIC_OBJECT_HEAD(type)                                                                   \
    {                                                                                              \
        OBJECT_PUBLIC_COUNT, (type)                                                                \
    }

/* All built-in static types are listed in object/types.def, bases first. */

/* Fills in what a static type inherits: bases, mro, dict, ops. 0, or -1 with an exception. */
int type_ready(PyTypeObject *type);
/* Makes a new class, as type(name, bases, dict, **kwargs) does. */
Value type_new(PyTypeObject *metatype, PyObject *name, PyObject *bases, PyObject *dict,
               PyObject *kwargs);

/* Allocates an instance: header set, memory zeroed, shape set. `items` counts var-sized items
 * (tp_itemsize each). NULL with MemoryError set. No Python code. */
PyObject *object_alloc(PyTypeObject *type, Py_ssize_t items) MUST_USE;
/* The same for a type with TYPE_FOREIGN. */
PyObject *object_alloc_foreign(PyTypeObject *type, Py_ssize_t items) MUST_USE;
/* For static types without a shape: the fast form. `bytes` includes the header. */
PyObject *object_alloc_bytes(PyTypeObject *type, size_t bytes) MUST_USE;

/* For heap_hooks.trace_object: everything an object refers to. */
void object_trace(PyObject *object, struct tracer *tracer);

/* Finds a name along the MRO: the raw class attribute, or VALUE_ABSENT. Never an error, no Python
 * code, takes no lock. name must be interned. Cached by tp_version_tag. */
Value type_lookup(PyTypeObject *type, PyObject *name);
/* A class attribute changed: versions and inherited ops of it and its subclasses are renewed. */
void type_modified(PyTypeObject *type);
/* Nonzero version tag of the type, assigning one if needed; 0 when it may not be cached. */
unsigned type_version(PyTypeObject *type);

bool type_is_subtype_early(const PyTypeObject *a, const PyTypeObject *b); /* a has no MRO yet */
/* The real one: by MRO. */
static inline bool type_is_subtype(PyTypeObject *a, PyTypeObject *b)
{
    if (a == b) {
        return true;
    }
    PyTupleObject *mro = (PyTupleObject *)atomic_load_acquire(&a->tp_mro);
    if (UNLIKELY(mro == NULL)) {
        return type_is_subtype_early(a, b);
    }
    PyObject *const *end = mro->ob_item + Py_SIZE(mro);
    for (PyObject *const *base = mro->ob_item; base < end; base++) {
        if (*base == (PyObject *)b) {
            return true;
        }
    }
    return false;
}
static inline bool type_has_feature(const PyTypeObject *t, unsigned long f)
{
    return (t->tp_flags & f) != 0;
}
static inline bool value_is_instance(Value v, PyTypeObject *type)
{
    PyTypeObject *t = value_type(v);
    return t == type || type_is_subtype(t, type);
}
/* "module.qualname" parts of a type's name as error messages show them (tp_name's last part). */
const char *type_short_name(PyTypeObject *type);
PyObject *type_qualified_name(PyTypeObject *type); /* "mod.Qual" or "Qual" for builtins */
/* Calls the most specific metaclass rule; NULL with TypeError on a conflict. */
PyTypeObject *type_calculate_metaclass(PyTypeObject *metatype, PyObject *bases);

#endif
