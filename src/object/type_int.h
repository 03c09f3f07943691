/* SPDX-License-Identifier: MIT */
/* What the files around type.c share among themselves. */
#ifndef OROCHI_OBJECT_TYPE_INT_H
#define OROCHI_OBJECT_TYPE_INT_H

#include "object/native.h"
#include "object/object.h"
#include "object/shape.h"
#include "thread/lock.h"

/* How a slot wrapper passes its arguments to the operation. */
enum slot_kind {
    SLOT_NO_WRAPPER,
    SLOT_UNARY,
    SLOT_HASH,
    SLOT_CALL,
    SLOT_GETATTR,
    SLOT_SETATTR,
    SLOT_DELATTR,
    SLOT_COMPARE_LT,
    SLOT_COMPARE_LE,
    SLOT_COMPARE_EQ,
    SLOT_COMPARE_NE,
    SLOT_COMPARE_GT,
    SLOT_COMPARE_GE,
    SLOT_NEXT,
    SLOT_DESCR_GET,
    SLOT_DESCR_SET,
    SLOT_DESCR_DELETE,
    SLOT_INIT,
    SLOT_DEL,
    SLOT_LEFT,
    SLOT_RIGHT,
    SLOT_POW,
    SLOT_RPOW,
    SLOT_BOOL,
    SLOT_LEN,
    SLOT_ITEM,
    SLOT_SETITEM,
    SLOT_DELITEM,
    SLOT_CONTAINS,
    SLOT_REPEAT
};

struct slot_row {
    const char *name;
    size_t offset; /* of the field in struct type_ops */
    enum slot_kind kind;
    void *generic; /* the operation of Python classes; NULL: they have none */
    const char *signature;
    const char *doc;
    PyObject **name_cell; /* the interned name, in `names` */
};

extern const struct slot_row slot_rows[];
extern const size_t slot_row_count;
/* What d_base of a wrapper of the row points to. Cython's modules give their wrappers a copy of
 * their own, with another text. */
struct wrapperbase *slot_wrapper_base(const struct slot_row *row);

static inline void **ops_field(struct type_ops *ops, size_t offset)
{
    return (void **)(void *)((char *)ops + offset);
}

/* Calls the operation `wrapped` of `ops` as the special method of the row. May run Python. */
Value slot_wrapper_call(const struct slot_row *row, struct type_ops *ops, void *wrapped, Value self,
                        const Value *args, size_t nargs, PyObject *kwnames);
/* Adds wrappers for the operations that a native type defines itself. 0 or -1. */
int slots_add_wrappers(PyTypeObject *type);
/* Computes operations of a Python class from its special methods. name NULL: all of them;
 * else those that depend on the name. Under the TYPE mutex. No Python code. */
void slots_update(PyTypeObject *type, PyObject *name);
/* Does some operation depend on this name? */
bool slots_depend_on(PyObject *name);
/* After ops changed: the flags derived from them. */
void type_renew_flags(PyTypeObject *type);

/* Does its finalizer call __del__? */
bool type_has_del(PyTypeObject *type);
Value slot_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
Value slot_getattr(Value self, PyObject *name);
Py_hash_t object_hash_not_implemented(Value self);
Value object_richcompare(Value self, Value other, int op);

/* Calls a special method of the value's type; VALUE_ABSENT if there is none. May run Python. */
Value special_call(Value self, PyObject *name, const Value *args, size_t nargs);
/* Binds a class attribute found for an object. May run Python. */
Value attribute_bind(Value attribute, Value object, PyTypeObject *type);

/* type.c */
extern struct mutex type_mutex;
void type_modified_name(PyTypeObject *type, PyObject *name);
/* Where it derives its layout from; an assignment to __bases__ may replace it meanwhile. */
static inline PyTypeObject *type_base(const PyTypeObject *type)
{
    return atomic_load_acquire(&type->tp_base);
}
/* Under the TYPE mutex, before a change that type_modified_name or type_modified_locked ends. */
#define TYPE_VERSION_CHANGING UINT32_MAX
void type_changes_locked(PyTypeObject *type);
/* Where a name is found along the MRO: the class that has it, or NULL. */
PyTypeObject *type_lookup_owner(PyTypeObject *type, PyObject *name, Value *out);
/* After bases or MROs changed: versions and operations of the class and its subclasses. */
void type_modified_locked(PyTypeObject *type);
int type_add_subclass(PyTypeObject *base, PyTypeObject *type);
PyObject *
type_subclass_entry(PyTypeObject *type); /* what stands for it in the lists of its bases */
int type_add_entry_locked(PyTypeObject *base, PyObject *entry);
void type_remove_subclass_locked(PyTypeObject *base, PyTypeObject *type);
PyObject *type_subclasses(PyTypeObject *type); /* a fresh list */
void type_cache_init(void);
/* The C3 linearisation as a tuple, or NULL with TypeError. */
PyObject *type_compute_mro(PyTypeObject *type);
/* mro() of the metatype if it is overridden, checked; else the linearisation. May run Python. */
PyObject *type_find_mro(PyTypeObject *type);
bool type_has_own_mro(PyTypeObject *type); /* is it overridden? */
struct type_info *type_info_new(PyTypeObject *type);
PyTypeObject *type_best_base(PyObject *bases);
bool type_layout_compatible(PyTypeObject *old, PyTypeObject *new_type, const char *attribute);
/* The size of the part of an instance in front of what shapes add. */
Py_ssize_t type_solid_size(const PyTypeObject *type);
/* The class among it and its bases whose layout its instances have: those that derive from it only
 * add a dict or weak references. */
PyTypeObject *type_solid_base(PyTypeObject *type);
static inline bool type_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_TYPE_SUBCLASS);
}
static inline PyTypeObject *type_cast(Value v)
{
    return (PyTypeObject *)value_object(v);
}
static inline bool type_is_python(const PyTypeObject *type)
{
    return type->tp_cache != NULL &&
           (atomic_load_relaxed(&type_info(type)->flags) & TYPE_PYTHON) != 0;
}
Value type_getattr(Value self, PyObject *name);
int type_setattr(Value self, PyObject *name, Value value);
Value type_call(Value self, const Value *args, size_t nargs, PyObject *kwnames);
/* TypeError for an immutable type, or a deletion (value ABSENT). 0 or -1. */
int type_check_mutable(PyTypeObject *type, const char *attribute, Value value);

/* type_bases.c */
int type_bases_set(Value self, Value value, void *closure);
/* How often other threads have changed bases or MROs. If it is the same under the TYPE mutex as
 * before an MRO was computed, that one is up to date. */
uint64_t type_changes_by_others(void);
/* What a type object refers to. */
void class_trace(PyObject *type, struct tracer *tracer);
extern const struct native_def type_methods[];
extern const struct getset_def type_getsets[];

/* descriptor.c */
int type_add_methods(PyTypeObject *type, const struct native_def *defs);
int type_add_getsets(PyTypeObject *type, const struct getset_def *defs);
int type_add_members(PyTypeObject *type, const struct member_def *defs);
/* A member descriptor of a __slots__ entry: a Value at the offset. */
PyObject *slot_member_new(PyTypeObject *type, PyObject *name, Py_ssize_t offset);
PyObject *wrapper_descriptor_new(PyTypeObject *type, const struct slot_row *row, void *wrapped);
/* For slots_update: the row and the wrapped operation, if v is a wrapper_descriptor. */
const struct slot_row *wrapper_descriptor_row(Value v, PyTypeObject **type, void **wrapped);
PyObject *new_wrapper_new(PyTypeObject *type); /* the __new__ of a native type */
bool new_wrapper_is(Value v);

/* super.c: the attribute found behind `start` in the MRO of object_type, bound; ABSENT or error. */
Value super_find(PyTypeObject *start, Value object, PyTypeObject *object_type, PyObject *name);

/* isinstance.c: the rules for plain classes, without the hooks of the metaclass. 1, 0, -1 */
int object_real_isinstance(Value v, Value class);
int object_real_issubclass(Value v, Value class);
int type_merge_class_dict(PyObject *dict, Value class); /* for dir() */
PyObject *mappingproxy_new(Value mapping);
Value union_or(Value left, Value right); /* X | Y of types */

/* object_type.c */
Value object_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
int object_init_op(Value self, const Value *args, size_t nargs, PyObject *kwnames);
extern const struct getset_def instance_dict_getset[];
extern const struct getset_def instance_weakref_getset[];
/* The instance's dict at tp_dictoffset, or NULL if the type has no such pointer. */
PyObject **object_dict_pointer(PyObject *object);
PyObject *str_name_check(Value name); /* an interned str, or TypeError */

/* tp_doc, which is not NULL, without the signature that it may start with. */
PyObject *type_own_doc(PyTypeObject *type);

#endif
