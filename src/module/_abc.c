/* SPDX-License-Identifier: MIT */
/* _abc: the machinery of abstract base classes.
 *
 * isinstance() against an abstract class must scale: a hit in either cache takes no lock and writes
 * nothing. The caches are sets of type version tags. A tag is never reused and changes whenever the
 * class does, so no reference to the class is kept, and an entry for a class that is gone or has
 * changed is simply never asked for again. A set's table only grows; the negative one belongs to
 * one value of the invalidation counter, which every register() increments. */

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

enum { SET_LIMIT = 8192 }; /* entries; beyond that a set starts afresh */

struct version_set {       /* a RAW cell */
    uint64_t invalidation; /* constant */
    size_t mask;           /* constant */
    size_t count;          /* under the data's byte lock */
    uint32_t tags[];       /* atomic; 0: empty */
};

struct abc_data {
    PyObject_HEAD PyObject *registry; /* list of weak references; grows */
    struct version_set *positive;     /* atomic; replaced under the byte lock */
    struct version_set *negative;     /* the same */
    uint8_t lock;
};

static uint64_t invalidation_counter; /* atomic */

/* ---- Sets of version tags. */

static bool set_has(const struct version_set *set, uint32_t tag)
{
    if (set == NULL || tag == 0) {
        return false;
    }
    for (size_t i = tag * 2654435761u & set->mask;; i = (i + 1) & set->mask) {
        uint32_t found = atomic_load_relaxed(&set->tags[i]);
        if (found == tag) {
            return true;
        }
        if (found == 0) {
            return false;
        }
    }
}

static void set_put(struct version_set *set, uint32_t tag)
{
    size_t i = tag * 2654435761u & set->mask;
    while (set->tags[i] != 0 && set->tags[i] != tag) {
        i = (i + 1) & set->mask;
    }
    set->count += set->tags[i] == 0;
    atomic_store_relaxed(&set->tags[i], tag);
}

static struct version_set *set_grow(const struct version_set *old, uint64_t invalidation)
{
    size_t count =
        old == NULL || old->invalidation != invalidation || old->count > SET_LIMIT ? 0 : old->count;
    size_t size = 8;
    while (size < count * 4) {
        size *= 2;
    }
    struct version_set *set = heap_alloc(sizeof *set + size * sizeof(uint32_t), CELL_RAW);
    if (set == NULL) {
        return NULL;
    }
    set->invalidation = invalidation;
    set->mask = size - 1;
    for (size_t i = 0; count > 0 && i <= old->mask; i++) {
        if (old->tags[i] != 0) {
            set_put(set, old->tags[i]);
        }
    }
    return set;
}

static void cache_add(struct abc_data *data, struct version_set **place, PyTypeObject *type,
                      uint64_t invalidation)
{
    uint32_t tag = type_version(type);
    if (tag == 0) {
        return;
    }
    byte_lock(&data->lock);
    struct version_set *set = *place;
    if (set == NULL || set->invalidation != invalidation || set->count * 2 > set->mask) {
        set = set_grow(set, invalidation);
        if (set != NULL) {
            set_put(set, tag);
            heap_store(data, place, set);
        }
    } else {
        set_put(set, tag);
    }
    byte_unlock(&data->lock);
}

static bool in_positive(struct abc_data *data, PyTypeObject *type)
{
    return set_has(atomic_load_acquire(&data->positive), type_version(type));
}

static bool in_negative(struct abc_data *data, PyTypeObject *type)
{
    const struct version_set *set = atomic_load_acquire(&data->negative);
    return set != NULL && set->invalidation == atomic_load_acquire(&invalidation_counter) &&
           set_has(set, type_version(type));
}

/* ---- _abc_data */

static void data_trace(PyObject *self, struct tracer *tracer)
{
    struct abc_data *data = (struct abc_data *)self;
    trace_pointer(tracer, data->registry);
    trace_pointer(tracer, data->positive);
    trace_pointer(tracer, data->negative);
}

static Value data_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct abc_data *data = (struct abc_data *)object_alloc(type, 0);
    PyObject *registry = data == NULL ? NULL : list_new(0);
    if (registry == NULL) {
        return VALUE_NULL;
    }
    heap_init(data, &data->registry, registry);
    return value_from_object(data);
}

static struct type_info data_info = {.ops = {.new_ = data_new}, .trace = data_trace};

static PyTypeObject data_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_abc._abc_data",
    .tp_doc = "Internal state held by ABC machinery.",
    .tp_basicsize = sizeof(struct abc_data),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&data_info,
};

static PyObject *impl_name;

static struct abc_data *data_of(Value class)
{
    Value data = object_getattr(class, impl_name);
    if (value_is_null(data)) {
        return NULL;
    }
    if (value_type(data) != &data_type) {
        return error_raise_null(PyExc_TypeError, "_abc_impl is set to a wrong type");
    }
    return (struct abc_data *)value_object(data);
}

/* ---- _abc_init */

static int is_abstract(Value v)
{
    Value flag;
    int found = object_find_attr(v, names.__isabstractmethod__, &flag);
    return found > 0 ? object_truth(flag) : found;
}

static int collect_own(PyObject *set, PyTypeObject *type)
{
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    PyObject *snapshot = dict_copy(type->tp_dict);
    while (snapshot != NULL && dict_next(snapshot, &position, &key, &value, &hash)) {
        int abstract = is_abstract(value);
        if (abstract < 0 || (abstract > 0 && set_add(set, key) < 0)) {
            return -1;
        }
    }
    return snapshot == NULL ? -1 : 0;
}

static int collect_inherited(PyObject *set, Value class, Value base)
{
    Value inherited;
    int found = object_find_attr(base, names.__abstractmethods__, &inherited);
    PyObject *list = found > 0 ? object_to_list(inherited) : NULL;
    if (found <= 0 || list == NULL) {
        return found == 0 ? 0 : -1;
    }
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        Value name = list_find(list, i), value;
        found = object_find_attr_value(class, name, &value);
        int abstract = found > 0 ? is_abstract(value) : found;
        if (abstract < 0 || (abstract > 0 && set_add(set, name) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int compute_abstract_methods(Value class)
{
    PyTypeObject *type = type_cast(class);
    PyObject *set = set_new(&PyFrozenSet_Type, value_from_object(tuple_new(0)));
    PyObject *mutable_set = set_new(&PySet_Type, VALUE_ABSENT);
    if (set == NULL || mutable_set == NULL || collect_own(mutable_set, type) < 0) {
        return -1;
    }
    PyObject *bases = atomic_load_acquire(&type->tp_bases); /* Python code may replace them */
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        if (collect_inherited(mutable_set, class, tuple_get(bases, i)) < 0) {
            return -1;
        }
    }
    set = set_new(&PyFrozenSet_Type, value_from_object(mutable_set));
    return set == NULL ? -1
                       : object_setattr(class, names.__abstractmethods__, value_from_object(set));
}

static const unsigned long collection_flags = Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING;

/* __abc_tpflags__ in the class body: is it a sequence or a mapping to match statements? */
static int take_collection_flags(PyTypeObject *type)
{
    PyObject *name = str_intern_text("__abc_tpflags__");
    Value flags = name == NULL ? VALUE_NULL : dict_get_str(type->tp_dict, name);
    if (!value_is_present(flags)) {
        return value_is_null(flags) ? -1 : 0;
    }
    int64_t bits;
    if (int_check_exact(flags) && int_clip_i64(flags, &bits) == 0) {
        if ((bits & (int64_t)collection_flags) == (int64_t)collection_flags) {
            return error_raise_int(PyExc_TypeError, "__abc_tpflags__ cannot be both "
                                                    "Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
        }
        type->tp_flags |= (unsigned long)bits & collection_flags;
    }
    return object_setattr(value_from_object(type), name, VALUE_ABSENT);
}

static Value abc_init(Value self, Value class)
{
    if (!type_check(class)) {
        return error_raise(PyExc_TypeError, "_abc_init() argument must be a class");
    }
    Value data = data_new(&data_type, NULL, 0, NULL);
    if (value_is_null(data) || compute_abstract_methods(class) < 0 ||
        object_setattr(class, impl_name, data) < 0 || take_collection_flags(type_cast(class)) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

/* ---- _abc_register */

static void set_flags_recursively(PyTypeObject *type, unsigned long flag)
{
    if ((type->tp_flags & collection_flags) == flag ||
        type_has_feature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        return;
    }
    type->tp_flags = (type->tp_flags & ~collection_flags) | flag;
    PyObject *subclasses = type_subclasses(type);
    for (Py_ssize_t i = 0; subclasses != NULL && i < list_length(subclasses); i++) {
        set_flags_recursively(type_cast(list_find(subclasses, i)), flag);
    }
}

static Value abc_register(Value self, const Value *args)
{
    Value class = args[0], subclass = args[1];
    if (!type_check(subclass)) {
        return error_raise(PyExc_TypeError, "Can only register classes");
    }
    int known = object_is_subclass(subclass, class);
    if (known != 0) {
        return known < 0 ? VALUE_NULL : subclass;
    }
    int cycle = object_is_subclass(class, subclass);
    if (cycle != 0) {
        return cycle < 0
                   ? VALUE_NULL
                   : error_raise(PyExc_RuntimeError, "Refusing to create an inheritance cycle");
    }
    struct abc_data *data = data_of(class);
    PyObject *reference =
        data == NULL ? NULL : weakref_new(value_object(subclass), NULL, &_PyWeakref_RefType);
    if (reference == NULL || list_append(data->registry, value_from_object(reference)) < 0) {
        return VALUE_NULL;
    }
    atomic_fetch_add_acq_rel(&invalidation_counter, 1);
    unsigned long flags = type_check(class) ? type_cast(class)->tp_flags & collection_flags : 0;
    if (flags != 0) {
        set_flags_recursively(type_cast(subclass), flags);
    }
    return subclass;
}

/* ---- _abc_subclasscheck */

/* 1 or 0 by the registry, -1 error. */
static int check_registry(struct abc_data *data, Value subclass)
{
    for (Py_ssize_t i = 0; i < list_length(data->registry); i++) {
        Value reference = list_find(data->registry, i);
        PyObject *registered =
            value_is_absent(reference) ? NULL : weakref_get(value_object(reference));
        if (registered == NULL) {
            continue;
        }
        int result = object_is_subclass(subclass, value_from_object(registered));
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

static int check_subclasses(Value class, Value subclass)
{
    Value listed = object_call_method0(class, names.__subclasses__);
    if (value_is_null(listed)) {
        return -1;
    }
    if (!list_check(listed)) {
        return error_raise_int(PyExc_TypeError, "__subclasses__() must return a list");
    }
    PyObject *list = value_object(listed);
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        Value item = list_find(list, i);
        int result = value_is_absent(item) ? 0 : object_is_subclass(subclass, item);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* 1, 0, -1, or -2: ask further. */
static int check_hook(Value class, Value subclass)
{
    Value result = object_call_method1(class, names.__subclasshook__, subclass);
    if (value_is_null(result)) {
        return -1;
    }
    if (value_same_bits(result, VALUE_TRUE) || value_same_bits(result, VALUE_FALSE)) {
        return value_same_bits(result, VALUE_TRUE);
    }
    if (!value_same_bits(result, VALUE_NOT_IMPLEMENTED)) {
        return error_raise_int(
            PyExc_AssertionError,
            "__subclasshook__ must return either False, True, or NotImplemented");
    }
    return type_check(class) && type_is_subtype(type_cast(subclass), type_cast(class)) ? 1 : -2;
}

static int subclass_check(Value class, Value subclass)
{
    if (!type_check(subclass)) {
        return error_raise_int(PyExc_TypeError, "issubclass() arg 1 must be a class");
    }
    struct abc_data *data = data_of(class);
    if (data == NULL) {
        return -1;
    }
    PyTypeObject *type = type_cast(subclass);
    if (in_positive(data, type)) {
        return 1;
    }
    if (in_negative(data, type)) {
        return 0;
    }
    uint64_t invalidation = atomic_load_acquire(&invalidation_counter);
    int result = check_hook(class, subclass);
    if (result == -2) {
        result = check_registry(data, subclass);
        if (result == 0) {
            result = check_subclasses(class, subclass);
        }
    }
    if (result > 0) {
        cache_add(data, &data->positive, type, 0);
    } else if (result == 0) {
        cache_add(data, &data->negative, type, invalidation);
    }
    return result;
}

static Value abc_subclasscheck(Value self, const Value *args)
{
    int result = subclass_check(args[0], args[1]);
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

/* ---- _abc_instancecheck */

static Value class_of(Value instance)
{
    PyTypeObject *type = value_type(instance);
    if ((atomic_load_relaxed(&type_info(type)->flags) & TYPE_GENERIC_GETATTR) != 0 &&
        value_same_bits(type_lookup(type, names.__class__),
                        type_lookup(&PyBaseObject_Type, names.__class__))) {
        return value_from_object(type);
    }
    return object_getattr(instance, names.__class__);
}

static Value ask_class(Value class, Value subclass)
{
    return object_call_method1(class, names.__subclasscheck__, subclass);
}

static Value abc_instancecheck(Value self, const Value *args)
{
    Value class = args[0], instance = args[1];
    struct abc_data *data = data_of(class);
    Value subclass = data == NULL ? VALUE_NULL : class_of(instance);
    if (value_is_null(subclass)) {
        return subclass;
    }
    bool is_type = type_check(subclass);
    if (is_type && in_positive(data, type_cast(subclass))) {
        return VALUE_TRUE;
    }
    Value type = value_from_object(value_type(instance));
    if (value_same_bits(subclass, type)) {
        return in_negative(data, type_cast(subclass)) ? VALUE_FALSE : ask_class(class, subclass);
    }
    Value result = ask_class(class, subclass);
    int truth = value_is_null(result) ? -1 : object_truth(result);
    return truth != 0 ? (truth < 0 ? VALUE_NULL : result) : ask_class(class, type);
}

/* ---- The rest. */

static Value get_cache_token(Value self)
{
    return int_from_u64(atomic_load_acquire(&invalidation_counter));
}

/* The caches hold tags, not classes: they are shown as empty sets. */
static Value get_dump(Value self, Value class)
{
    struct abc_data *data = data_of(class);
    if (data == NULL) {
        return VALUE_NULL;
    }
    const struct version_set *negative = atomic_load_acquire(&data->negative);
    Value parts[4] = {value_from_object(set_new(&PySet_Type, value_from_object(data->registry))),
                      value_from_object(set_new(&PySet_Type, VALUE_ABSENT)),
                      value_from_object(set_new(&PySet_Type, VALUE_ABSENT)),
                      int_from_u64(negative == NULL ? 0 : negative->invalidation)};
    for (int i = 0; i < 3; i++) {
        if (value_is_null(parts[i])) {
            return VALUE_NULL;
        }
    }
    return value_from_object(tuple_from_array(parts, 4));
}

static Value reset_registry(Value self, Value class)
{
    struct abc_data *data = data_of(class);
    if (data == NULL) {
        return VALUE_NULL;
    }
    list_clear(data->registry);
    return VALUE_NONE;
}

static Value reset_caches(Value self, Value class)
{
    struct abc_data *data = data_of(class);
    if (data == NULL) {
        return VALUE_NULL;
    }
    byte_lock(&data->lock);
    heap_store(data, &data->positive, NULL);
    heap_store(data, &data->negative, NULL);
    byte_unlock(&data->lock);
    return VALUE_NONE;
}

static const struct native_def functions[] = {
    {"get_cache_token", "($module, /)", "Returns the current ABC cache token.",
     .f0 = get_cache_token},
    {"_abc_init", "($module, self, /)", "Internal ABC helper for class set-up.", .f1 = abc_init},
    {"_reset_registry", "($module, self, /)", "Internal ABC helper to reset registry.",
     .f1 = reset_registry},
    {"_reset_caches", "($module, self, /)", "Internal ABC helper to reset both caches.",
     .f1 = reset_caches},
    {"_get_dump", "($module, self, /)", "Internal ABC helper for cache and registry debugging.",
     .f1 = get_dump},
    {"_abc_register", "($module, self, subclass, /)",
     "Internal ABC helper for subclass registration.", .n = abc_register},
    {"_abc_instancecheck", "($module, self, instance, /)",
     "Internal ABC helper for instance checks.", .n = abc_instancecheck},
    {"_abc_subclasscheck", "($module, self, subclass, /)",
     "Internal ABC helper for subclass checks.", .n = abc_subclasscheck},
    {NULL},
};

static int exec(PyObject *module)
{
    impl_name = str_intern_text("_abc_impl");
    return impl_name == NULL || type_ready(&data_type) < 0 ? -1 : 0;
}

const struct module_def abc_module = {"_abc", "Accelerator for the abc module.", functions, exec};
