/* SPDX-License-Identifier: MIT */
/* Types: looking names up, versions, method resolution order, subclasses, and making static types
 * ready. type_new.c makes classes, type_attribute.c has the type object's own attributes, slots.c
 * the operations behind special methods.
 *
 * Who may touch what
 *  1. A type's dict is an ordinary dict. It is changed under the TYPE mutex (and the dict's own
 * byte lock); reading takes no lock.
 *  2. tp_mro, tp_bases, tp_subclasses are replaced whole, with release order, under the TYPE mutex.
 *  3. tp_version_tag is zero or a number that no other type and no other state of this type ever
 *     had. A reader that finds zero takes a fresh number with one compare-and-swap. A change of the
 *     class first sets the tag of the class and all its subclasses to TYPE_VERSION_CHANGING, for
 *     which nobody may cache anything, then changes the dict, then sets the tags to zero. So what a
 *     reader computed under a tag is either current, or stale under a tag that is gone; and who has
 *     seen the new value does not find the old one in a cache afterwards.
 *  4. The method cache maps (tag, name) to the raw class attribute. Its entries are immutable
 *     records published with one store. They are stored as complements, so that the collector does
 *     not see them, and dropped before every sweep. */
#include "heap/roots.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

struct mutex type_mutex = MUTEX_INIT(TYPE);

/* ---- Looking up. */

PyTypeObject *type_lookup_owner(PyTypeObject *type, PyObject *name, Value *out)
{
    PyObject *mro = atomic_load_acquire(&type->tp_mro);
    if (UNLIKELY(mro == NULL)) {
        *out = VALUE_ABSENT;
        return NULL;
    }
    Py_ssize_t count = tuple_length(mro);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(mro, i);
        if (base->tp_dict == NULL) {
            continue;
        }
        Value found = dict_get_str(base->tp_dict, name);
        if (!value_is_absent(found)) {
            *out = found;
            return base;
        }
    }
    *out = VALUE_ABSENT;
    return NULL;
}

struct lookup_record { /* a CELL_WORDS cell */
    Value version;
    PyObject *name;
    Value value;
};

#define TYPE_CACHE_SIZE 8192
HOLDS_NO_CELLS static uint64_t
    type_cache[TYPE_CACHE_SIZE]; /* complements of struct lookup_record *; atomic */

static uint64_t *cache_place(unsigned version, PyObject *name)
{
    uint64_t hash = ((uint64_t)version * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uintptr_t)name >> 4);
    hash ^= hash >> 29;
    return &type_cache[hash % TYPE_CACHE_SIZE];
}

/* The records of a group that came since the last collection are young; atomic. */
#define TYPE_CACHE_GROUP 64
static uint8_t type_cache_filled[TYPE_CACHE_SIZE / TYPE_CACHE_GROUP];

static void type_cache_trace(struct tracer *tracer, enum marking marking)
{
    if (marking == MARK_FULL) {
        memset(type_cache, 0, sizeof type_cache);
        memset(type_cache_filled, 0, sizeof type_cache_filled);
        return;
    }
    for (size_t g = 0; g < TYPE_CACHE_SIZE / TYPE_CACHE_GROUP; g++) {
        if (type_cache_filled[g] == 0 && marking != PROBE_ALL) {
            continue;
        }
        if (marking == MARK_YOUNG) {
            type_cache_filled[g] = 0;
        }
        for (size_t i = g * TYPE_CACHE_GROUP; i < (g + 1) * TYPE_CACHE_GROUP; i++) {
            if (type_cache[i] != 0) {
                trace_pointer(tracer, (const void *)(uintptr_t)~type_cache[i]);
            }
        }
    }
}

void type_cache_init(void)
{
    heap_trace_caches = type_cache_trace;
}

static NO_INLINE Value lookup_slow(PyTypeObject *type, PyObject *name, unsigned version)
{
    Value value;
    type_lookup_owner(type, name, &value);
    if (version == 0) {
        return value;
    }
    struct lookup_record *record = heap_alloc(sizeof *record, CELL_WORDS);
    if (record != NULL) {
        record->version = value_from_int(version);
        heap_init(record, &record->name, name);
        heap_init_value(record, &record->value, value);
        uint64_t *place = cache_place(version, name);
        atomic_store_release(place, ~(uint64_t)(uintptr_t)record);
        atomic_store_relaxed(&type_cache_filled[(place - type_cache) / TYPE_CACHE_GROUP],
                             (uint8_t)1);
    }
    return value;
}

Value type_lookup(PyTypeObject *type, PyObject *name)
{
    unsigned version = type_version(type);
    uint64_t hidden = atomic_load_acquire(cache_place(version, name));
    if (LIKELY(hidden != 0)) {
        const struct lookup_record *record = (const void *)(uintptr_t)~hidden;
        if (LIKELY(record->name == name && version != 0 &&
                   value_same_bits(record->version, value_from_int(version)))) {
            return record->value;
        }
    }
    return lookup_slow(type, name, version);
}

static uint32_t next_version = 1; /* atomic */

unsigned type_version(PyTypeObject *type)
{
    unsigned version = atomic_load_acquire(&type->tp_version_tag);
    if (LIKELY(version != 0 && version != TYPE_VERSION_CHANGING)) {
        return version;
    }
    if (UNLIKELY(version != 0 || (type->tp_flags & Py_TPFLAGS_READY) == 0 ||
                 atomic_load_relaxed(&next_version) >= UINT32_MAX - 100000)) {
        return 0;
    }
    unsigned fresh = atomic_fetch_add_relaxed(&next_version, 1);
    unsigned expected = 0;
    if (atomic_cas_acq_rel(&type->tp_version_tag, expected, fresh)) {
        return fresh;
    }
    return expected != TYPE_VERSION_CHANGING ? expected : 0;
}

bool type_is_subtype_early(const PyTypeObject *a, const PyTypeObject *b)
{
    for (; a != NULL; a = type_base(a)) {
        if (a == b) {
            return true;
        }
    }
    return b == &PyBaseObject_Type;
}

const char *type_short_name(PyTypeObject *type)
{
    if (type_is_python(type)) {
        return type->tp_name;
    }
    const char *dot = strrchr(type->tp_name, '.');
    return dot != NULL ? dot + 1 : type->tp_name;
}

/* ---- Subclasses: a cell with types (static ones) and weak references (to classes). */

struct subclass_list {
    const struct cell_type *cell;
    size_t count, capacity; /* count: grows under the TYPE mutex, read without */
    PyObject *entries[];    /* NULL: gone */
};

static void subclass_list_trace(void *cell, struct tracer *tracer)
{
    struct subclass_list *list = cell;
    trace_words(tracer, (Value *)(void *)list->entries, list->count);
}
static const struct cell_type subclass_list_cell = {"subclass list", subclass_list_trace, true};

static PyTypeObject *subclass_entry(PyObject *entry)
{
    if (entry == NULL || type_has_feature(entry->ob_type, Py_TPFLAGS_TYPE_SUBCLASS)) {
        return (PyTypeObject *)entry;
    }
    return (PyTypeObject *)weakref_get(entry);
}

static struct subclass_list *subclass_list_of(PyTypeObject *type)
{
    return (struct subclass_list *)(void *)atomic_load_acquire(&type->tp_subclasses);
}

/* A copy without dead entries, with room for more. */
static struct subclass_list *subclass_list_grow(struct subclass_list *old)
{
    size_t live = 0;
    for (size_t i = 0; old != NULL && i < old->count; i++) {
        live += subclass_entry(old->entries[i]) != NULL;
    }
    size_t capacity = live + live / 2 + 4;
    struct subclass_list *list =
        heap_alloc(sizeof *list + capacity * sizeof(PyObject *), CELL_INTERNAL);
    if (list == NULL) {
        return NULL;
    }
    list->cell = &subclass_list_cell;
    list->capacity = capacity;
    for (size_t i = 0; old != NULL && i < old->count; i++) {
        if (list->count < capacity && subclass_entry(old->entries[i]) != NULL) {
            heap_init(list, &list->entries[list->count], old->entries[i]);
            list->count++;
        }
    }
    return list;
}

PyObject *type_subclass_entry(PyTypeObject *type)
{
    PyObject *o = (PyObject *)type;
    return heap_contains(type) ? weakref_new(o, NULL, &_PyWeakref_RefType) : o;
}

int type_add_entry_locked(PyTypeObject *base, PyObject *entry)
{
    struct subclass_list *list = subclass_list_of(base);
    if (list == NULL || list->count == list->capacity) {
        list = subclass_list_grow(list);
        if (list == NULL) {
            error_no_memory();
            return -1;
        }
        heap_store(base, &base->tp_subclasses, list);
    }
    heap_store(list, &list->entries[list->count], entry);
    atomic_store_release(&list->count, list->count + 1);
    return 0;
}

int type_add_subclass(PyTypeObject *base, PyTypeObject *type)
{
    PyObject *entry = type_subclass_entry(type);
    if (entry == NULL) {
        return -1;
    }
    mutex_lock(&type_mutex);
    int status = type_add_entry_locked(base, entry);
    mutex_unlock(&type_mutex);
    return status;
}

void type_remove_subclass_locked(PyTypeObject *base, PyTypeObject *type)
{
    struct subclass_list *list = subclass_list_of(base);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (subclass_entry(list->entries[i]) == type) {
            heap_store(list, &list->entries[i], NULL);
        }
    }
}

PyObject *type_subclasses(PyTypeObject *type)
{
    PyObject *result = list_new(0);
    struct subclass_list *list = subclass_list_of(type);
    size_t count = list == NULL ? 0 : atomic_load_acquire(&list->count);
    for (size_t i = 0; result != NULL && i < count; i++) {
        PyTypeObject *subclass = subclass_entry(atomic_load_acquire(&list->entries[i]));
        if (subclass != NULL && list_append(result, value_from_object(subclass)) < 0) {
            return NULL;
        }
    }
    return result;
}

/* ---- Changes. */

/* Do its operations follow from its special methods? Those of an extension's heap type do for the
 * methods that are set after it was made. */
static bool has_methods(const PyTypeObject *type, const PyObject *name)
{
    return type_is_python(type) ||
           (name != NULL && type_has_feature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_cache != NULL &&
            (type_info(type)->flags & TYPE_EXTENSION) != 0);
}

static void modified_locked(PyTypeObject *type, PyObject *name, bool operations)
{
    if (operations && has_methods(type, name)) {
        slots_update(type, name);
    }
    atomic_store_release(&type->tp_version_tag, 0);
    struct subclass_list *list = subclass_list_of(type);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        PyTypeObject *subclass = subclass_entry(list->entries[i]);
        if (subclass != NULL) {
            modified_locked(subclass, name, operations);
        }
    }
}

void type_changes_locked(PyTypeObject *type)
{
    atomic_store_release(&type->tp_version_tag, TYPE_VERSION_CHANGING);
    struct subclass_list *list = subclass_list_of(type);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        PyTypeObject *subclass = subclass_entry(list->entries[i]);
        if (subclass != NULL) {
            type_changes_locked(subclass);
        }
    }
}

void type_modified(PyTypeObject *type)
{
    mutex_lock(&type_mutex);
    modified_locked(type, NULL, true);
    mutex_unlock(&type_mutex);
}

void type_modified_locked(PyTypeObject *type)
{
    modified_locked(type, NULL, false);
    modified_locked(type, NULL, true);
}

/* Under the TYPE mutex. Tags go first, so that slots_update finds nothing stale. */
void type_modified_name(PyTypeObject *type, PyObject *name)
{
    bool operations = slots_depend_on(name);
    modified_locked(type, name, false);
    if (operations) {
        modified_locked(type, name, true);
    }
}

/* ---- Method resolution order (C3). */

struct merge_input {
    PyObject *sequence; /* tuple */
    Py_ssize_t next;
};

static bool in_some_tail(struct merge_input *inputs, size_t count, PyObject *candidate)
{
    for (size_t i = 0; i < count; i++) {
        for (Py_ssize_t k = inputs[i].next + 1; k < tuple_length(inputs[i].sequence); k++) {
            if (tuple_object(inputs[i].sequence, k) == candidate) {
                return true;
            }
        }
    }
    return false;
}

/* The next class of the merge; NULL if done (*stuck false) or if there is none (*stuck true). */
static PyObject *merge_next(struct merge_input *inputs, size_t count, bool *stuck)
{
    *stuck = false;
    for (size_t i = 0; i < count; i++) {
        if (inputs[i].next >= tuple_length(inputs[i].sequence)) {
            continue;
        }
        PyObject *candidate = tuple_object(inputs[i].sequence, inputs[i].next);
        if (!in_some_tail(inputs, count, candidate)) {
            *stuck = false;
            return candidate;
        }
        *stuck = true;
    }
    return NULL;
}

static PyObject *raise_mro_conflict(struct merge_input *inputs, size_t count)
{
    struct str_builder text;
    str_builder_init(&text);
    str_builder_text(&text, "Cannot create a consistent method resolution\norder (MRO) for bases");
    PyObject *seen = list_new(0);
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (inputs[i].next >= tuple_length(inputs[i].sequence)) {
            continue;
        }
        Value head = tuple_get(inputs[i].sequence, inputs[i].next);
        bool known = false;
        for (Py_ssize_t k = 0; k < list_length(seen); k++) {
            known = known || value_same_bits(list_find(seen, k), head);
        }
        if (known || list_append(seen, head) < 0) {
            continue;
        }
        str_builder_text(&text, first ? " " : ", ");
        str_builder_text(&text, type_short_name(type_cast(head)));
        first = false;
    }
    PyObject *message = str_builder_finish(&text);
    return message == NULL ? NULL : error_raise_null(PyExc_TypeError, "%U", message);
}

static int check_duplicates(PyObject *bases)
{
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        for (Py_ssize_t k = 0; k < i; k++) {
            if (tuple_object(bases, i) == tuple_object(bases, k)) {
                return error_raise_int(PyExc_TypeError, "duplicate base class %s",
                                       type_short_name((PyTypeObject *)tuple_object(bases, i)));
            }
        }
    }
    return 0;
}

static PyObject *merge_all(PyTypeObject *type, struct merge_input *inputs, size_t count)
{
    PyObject *result = list_new(8);
    if (result == NULL || list_append(result, value_from_object(type)) < 0) {
        return NULL;
    }
    bool stuck;
    PyObject *next;
    while ((next = merge_next(inputs, count, &stuck)) != NULL) {
        if (list_append(result, value_from_object(next)) < 0) {
            return NULL;
        }
        for (size_t i = 0; i < count; i++) {
            if (inputs[i].next < tuple_length(inputs[i].sequence) &&
                tuple_object(inputs[i].sequence, inputs[i].next) == next) {
                inputs[i].next++;
            }
        }
    }
    return stuck ? raise_mro_conflict(inputs, count) : list_to_tuple(result);
}

static PyObject *single_mro(PyTypeObject *type, PyObject *base_mro)
{
    Py_ssize_t count = tuple_length(base_mro);
    PyObject *result = tuple_new(count + 1);
    if (result == NULL) {
        return NULL;
    }
    tuple_init_item(result, 0, value_from_object(type));
    for (Py_ssize_t i = 0; i < count; i++) {
        tuple_init_item(result, i + 1, tuple_get(base_mro, i));
    }
    return result;
}

PyObject *type_compute_mro(PyTypeObject *type)
{
    PyObject *bases = atomic_load_acquire(&type->tp_bases);
    Py_ssize_t count = tuple_length(bases);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(bases, i);
        if (atomic_load_acquire(&base->tp_mro) == NULL) {
            return error_raise_null(PyExc_TypeError, "Cannot extend an incomplete type '%.100s'",
                                    base->tp_name);
        }
    }
    if (count == 1) {
        return single_mro(type,
                          atomic_load_acquire(&((PyTypeObject *)tuple_object(bases, 0))->tp_mro));
    }
    if (check_duplicates(bases) < 0) {
        return NULL;
    }
    struct merge_input *inputs =
        heap_alloc(((size_t)count + 1) * sizeof(struct merge_input), CELL_WORDS);
    if (inputs == NULL) {
        error_no_memory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        inputs[i].sequence = atomic_load_acquire(&((PyTypeObject *)tuple_object(bases, i))->tp_mro);
    }
    inputs[count].sequence = bases;
    return merge_all(type, inputs, (size_t)count + 1);
}

static PyObject *check_mro(PyTypeObject *type, Value result)
{
    if (value_is_null(result)) {
        return NULL;
    }
    PyObject *mro = object_to_tuple(result);
    for (Py_ssize_t i = 0; mro != NULL && i < tuple_length(mro); i++) {
        Value item = tuple_get(mro, i);
        if (!type_check(item)) {
            return error_raise_null(PyExc_TypeError, "mro() returned a non-class ('%T')", item);
        }
        PyTypeObject *class = type_cast(item);
        if (!type_is_subtype(type_solid_base(type), type_solid_base(class))) {
            return error_raise_null(PyExc_TypeError,
                                    "mro() returned base with unsuitable layout ('%.500s')",
                                    type_cast(item)->tp_name);
        }
    }
    if (mro != NULL && tuple_length(mro) == 0) {
        return error_raise_null(PyExc_TypeError, "type MRO must not be empty");
    }
    return mro;
}

bool type_has_own_mro(PyTypeObject *type)
{
    PyTypeObject *metatype = ((PyObject *)type)->ob_type;
    return metatype != &PyType_Type &&
           !value_same_bits(type_lookup(metatype, names.mro), type_lookup(&PyType_Type, names.mro));
}

PyObject *type_find_mro(PyTypeObject *type)
{
    return type_has_own_mro(type)
               ? check_mro(type, special_call(value_from_object(type), names.mro, NULL, 0))
               : type_compute_mro(type);
}

/* ---- Making static types ready. */

static void type_info_trace(void *cell, struct tracer *tracer)
{
    struct type_info *info = cell;
    trace_pointer(tracer, info->type);
    trace_pointer(tracer, info->root_shape);
    trace_pointer(tracer, info->other_roots);
    trace_pointer(tracer, info->call_cache);
}
static const struct cell_type type_info_cell = {"type info", type_info_trace};

struct type_info *type_info_new(PyTypeObject *type)
{
    struct type_info *info = heap_alloc(sizeof *info, CELL_INTERNAL);
    if (info == NULL) {
        error_no_memory();
        return NULL;
    }
    info->cell = &type_info_cell;
    heap_init(info, &info->type, type);
    return info;
}

static const unsigned long inherited_flags =
    Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS |
    Py_TPFLAGS_BYTES_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS |
    Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS | Py_TPFLAGS_SEQUENCE |
    Py_TPFLAGS_MAPPING | _Py_TPFLAGS_MATCH_SELF;

/* hash and richcompare go together: a type that defines one does not inherit the other. */
static void inherit_hash(struct type_ops *ops, const struct type_ops *base, bool own_compare)
{
    if (ops->hash == NULL && !own_compare) {
        ops->hash = base->hash;
        if (ops->richcompare == NULL) {
            ops->richcompare = base->richcompare;
        }
    } else if (ops->richcompare == NULL) {
        ops->richcompare = base->richcompare;
    }
}

/* Is the operation at this place among those from `first` to `last`? */
#define WITHIN(place, first, last)                                                                 \
    ((place) >= offsetof(struct type_ops, first) && (place) <= offsetof(struct type_ops, last))

/* A static type of an extension without tp_as_number has the one of tp_base as it is, and what
 * other bases have there does not count; so for sequences. */
static bool may_inherit(const PyTypeObject *type, const PyTypeObject *base, size_t place)
{
    if (base == type->tp_base || (type_info(type)->flags & TYPE_EXTENSION) == 0) {
        return true;
    }
    return !(type->tp_as_number == NULL && WITHIN(place, binary, index)) &&
           !(type->tp_as_sequence == NULL && WITHIN(place, contains, item));
}

static void inherit_ops(PyTypeObject *type, PyTypeObject *base)
{
    struct type_ops *ops = type_ops(type);
    const struct type_ops *from = type_ops(base);
    Value (*own_new)(PyTypeObject *, const Value *, size_t, PyObject *) = ops->new_;
    bool no_new = (type_info(type)->flags & TYPE_NO_NEW) != 0;
    bool own_compare = ops->richcompare != NULL;
    inherit_hash(ops, from, own_compare);
    void **fields = (void **)(void *)ops;
    void *const *source = (void *const *)(const void *)from;
    for (size_t i = 0; i < sizeof *ops / sizeof(void *); i++) {
        if (fields[i] == NULL && i != offsetof(struct type_ops, hash) / sizeof(void *) &&
            may_inherit(type, base, i * sizeof(void *))) {
            fields[i] = source[i];
        }
    }
    if (ops->hash == NULL) {
        ops->hash = object_hash_not_implemented;
    }
    if (no_new) {
        ops->new_ = own_new;
    }
}

static void inherit_layout(PyTypeObject *type, PyTypeObject *base)
{
    struct type_info *info = type_info(type);
    if (type->tp_basicsize == 0) {
        type->tp_basicsize = base->tp_basicsize;
    }
    if (type->tp_itemsize == 0) {
        type->tp_itemsize = base->tp_itemsize;
    }
    if (type->tp_dictoffset == 0) {
        type->tp_dictoffset = base->tp_dictoffset;
    }
    if (type->tp_weaklistoffset == 0) {
        type->tp_weaklistoffset = base->tp_weaklistoffset;
    }
    type->tp_flags |= base->tp_flags & inherited_flags;
    if (!type_has_feature(type, Py_TPFLAGS_HAVE_VECTORCALL) && type->tp_vectorcall_offset == 0) {
        type->tp_vectorcall_offset = base->tp_vectorcall_offset;
    }
    if (info->trace == NULL) {
        info->trace = type_info(base)->trace;
    }
    info->flags |= type_info(base)->flags & (TYPE_OBSERVED | TYPE_FOREIGN | TYPE_CLOSES);
}

static int add_hash_none(PyTypeObject *type)
{
    if (type_ops(type)->hash != NULL || type_ops(type)->richcompare == NULL) {
        return 0;
    }
    if (!value_is_absent(dict_get_str(type->tp_dict, names.__hash__))) {
        return 0;
    }
    return dict_set_str(type->tp_dict, names.__hash__, VALUE_NONE);
}

/* The text after the "name(signature)\n--\n\n" that a tp_doc may start with. */
static const char *doc_body(const char *doc)
{
    const char *mark = strstr(doc, ")\n--\n\n");
    return mark != NULL ? mark + 6 : doc;
}

PyObject *type_own_doc(PyTypeObject *type)
{
    return str_from_text(doc_body(type->tp_doc));
}

static int add_doc(PyTypeObject *type)
{
    if (!value_is_absent(dict_get_str(type->tp_dict, names.__doc__))) {
        return 0;
    }
    if (type->tp_doc == NULL) {
        return dict_set_str(type->tp_dict, names.__doc__, VALUE_NONE);
    }
    PyObject *doc = type_own_doc(type);
    return doc == NULL ? -1 : dict_set_str(type->tp_dict, names.__doc__, value_from_object(doc));
}

static int add_new(PyTypeObject *type)
{
    if (type_ops(type)->new_ == NULL ||
        !value_is_absent(dict_get_str(type->tp_dict, names.__new__))) {
        return 0;
    }
    PyObject *wrapper = new_wrapper_new(type);
    return wrapper == NULL ? -1
                           : dict_set_str(type->tp_dict, names.__new__, value_from_object(wrapper));
}

static int fill_dict(PyTypeObject *type)
{
    struct type_info *info = type_info(type);
    if (add_new(type) < 0 || slots_add_wrappers(type) < 0) {
        return -1;
    }
    if (info->methods != NULL && type_add_methods(type, info->methods) < 0) {
        return -1;
    }
    if (info->members != NULL && type_add_members(type, info->members) < 0) {
        return -1;
    }
    if (info->getsets != NULL && type_add_getsets(type, info->getsets) < 0) {
        return -1;
    }
    return add_doc(type) < 0 || add_hash_none(type) < 0 ? -1 : 0;
}

static int ready_bases(PyTypeObject *type)
{
    if (type->tp_base == NULL && type != &PyBaseObject_Type) {
        type->tp_base = &PyBaseObject_Type;
    }
    if (type->tp_base != NULL && type_ready(type->tp_base) < 0) {
        return -1;
    }
    if (((PyObject *)type)->ob_type == NULL) {
        ((PyObject *)type)->ob_type =
            type->tp_base == NULL ? &PyType_Type : ((PyObject *)type->tp_base)->ob_type;
    }
    if (type->tp_bases == NULL) {
        type->tp_bases = type->tp_base == NULL ? tuple_new(0) : tuple_pack(1, type->tp_base);
    }
    return type->tp_bases == NULL ? -1 : 0;
}

static int ready_info(PyTypeObject *type)
{
    if (type->tp_cache == NULL) {
        struct type_info *info = type_info_new(type);
        if (info == NULL) {
            return -1;
        }
        type->tp_cache = (PyObject *)(void *)info;
    }
    type_info(type)->type = type;
    if (type->tp_dict == NULL) {
        type->tp_dict = dict_new();
    }
    return type->tp_dict == NULL ? -1 : 0;
}

static int register_with_bases(PyTypeObject *type)
{
    for (Py_ssize_t i = 0; i < tuple_length(type->tp_bases); i++) {
        if (type_add_subclass((PyTypeObject *)tuple_object(type->tp_bases, i), type) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_our_own(const PyTypeObject *type)
{
    return type->tp_cache != NULL && type_info(type)->cell == NULL;
}

static void own_type_trace(void *type, struct tracer *tracer)
{
    class_trace(type, tracer);
}

int type_ready(PyTypeObject *type)
{
    if (type_has_feature(type, Py_TPFLAGS_READY)) {
        return 0;
    }
    bool own = is_our_own(type);
    if (heap_contains(type)) {
        heap_remember(
            type); /* filled here by plain stores; while they go on, it stays remembered */
    } else if (!own) {
        heap_add_root_range(type, sizeof *type); /* static data of an extension */
    }
    if (ready_bases(type) < 0 || ready_info(type) < 0 || fill_dict(type) < 0) {
        return -1;
    }
    type->tp_mro = type_compute_mro(type);
    if (type->tp_mro == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 1; i < tuple_length(type->tp_mro); i++) {
        inherit_ops(type, (PyTypeObject *)tuple_object(type->tp_mro, i));
    }
    if (type->tp_base != NULL) {
        inherit_layout(type, type->tp_base);
    }
    type_renew_flags(type);
    type->tp_flags |= Py_TPFLAGS_READY;
    if (own) {
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    }
    if (own && !heap_contains(type)) {
        heap_add_static(type, sizeof *type, own_type_trace);
        heap_add_static(type_info(type), sizeof(struct type_info), type_info_trace);
    }
    if (register_with_bases(type) < 0) {
        return -1;
    }
    if (object_hooks.type_changed != NULL) {
        object_hooks.type_changed(type);
    }
    return 0;
}
