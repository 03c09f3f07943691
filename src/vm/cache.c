/* SPDX-License-Identifier: MIT */
/* Inline caches: what a site has seen, as immutable records at code->caches[pc].
 *
 * A generic instruction counts in its cache slot (a small integer); from the second execution on it
 * makes a record for what it sees, stores it with release order, and changes the op byte to the
 * quickened form that checks the record's guards. A record's key holds its kind in the low bits, so
 * a thread that reads the op byte of one kind and the record of another misses and is sent here.
 * Records of a site are chained: a polymorphic site finds its older cases here, up to MAX_CASES;
 * then the site becomes an ..._ANY instruction, which caches nothing. So no site writes forever,
 * and reads of code that is shared by threads stay reads. */
#include "object/cacheable.h"
#include "vm/vm_int.h"

enum { MAX_CASES = 4, MAX_FAILURES = 6 };

static void **site(const struct frame *frame, struct instruction *pc)
{
    return (void **)((char *)pc + frame->bias);
}

static void publish(struct frame *frame, struct instruction *pc, void *record, uint8_t op)
{
    void **slot = site(frame, pc);
    heap_store(atomic_load_relaxed(&frame->code->caches), slot, record);
    atomic_store_release(&pc->op, op);
}

/* The slot of a generic instruction is a counter, until a thread publishes a record: then the slot
 * is no longer a counter, which a thread that read the op byte before finds out here. True when it
 * is time to try; `any` is the op of a site that gives up. */
static bool is_warm(struct frame *frame, struct instruction *pc, uint8_t any)
{
    void **slot = site(frame, pc);
    void *seen = atomic_load_relaxed(slot);
    uintptr_t count = (uintptr_t)seen;
    if (count > MAX_FAILURES) {
        if (count == MAX_FAILURES + 1) {
            atomic_store_relaxed(&pc->op, any);
        }
        return false;
    }
    return atomic_cas_relaxed(slot, seen, (void *)(count + 1)) && count > 0;
}

/* ---- Globals */

Value cache_load_global(struct frame *frame, struct instruction *pc, PyObject *name)
{
    PyObject *globals = frame->globals;
    PyObject *builtins = frame->function->func_builtins;
    if (UNLIKELY(!dict_check_exact(value_from_object(globals)) ||
                 !dict_check_exact(value_from_object(builtins)))) {
        return vm_load_global(frame, name);
    }
    struct dict_table *table = dict_table(globals);
    size_t used = atomic_load_acquire(&table->used_entries);
    Py_ssize_t i = dict_find_entry(table, name);
    struct global_record *record;
    if (i >= 0) {
        Value v = value_load_acquire(&table->entries[i].value);
        if (value_is_present(v)) {
            record = heap_alloc(sizeof *record, CELL_WORDS);
            if (record != NULL && atomic_load_relaxed(&pc->op) != OPCODE_LOAD_NAME) {
                record->key = (uint64_t)(uintptr_t)table + GLOBAL_MODULE;
                record->slot = &table->entries[i].value;
                publish(frame, pc, record, OPCODE_LOAD_GLOBAL_MODULE);
            }
            return v;
        }
        return vm_load_global(frame, name);
    }
    struct dict_table *outer = dict_table(builtins);
    Py_ssize_t j = dict_find_entry(outer, name);
    if (j >= 0) {
        Value v = value_load_acquire(&outer->entries[j].value);
        if (value_is_present(v)) {
            record = heap_alloc(sizeof *record, CELL_WORDS);
            if (record != NULL) {
                record->key = (uint64_t)(uintptr_t)table + GLOBAL_BUILTIN;
                record->slot = &outer->entries[j].value;
                record->used_entries = used;
                record->builtins_table = (uint64_t)(uintptr_t)outer;
                publish(frame, pc, record, OPCODE_LOAD_GLOBAL_BUILTIN);
            }
            return v;
        }
    }
    return vm_load_global(frame, name);
}

/* ---- Attributes */

static bool is_method_like(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_METHOD_DESCRIPTOR);
}

/* The part of an instance that has a shape, or NULL. */
static struct instance_part *shaped_part(PyObject *o)
{
    const struct type_info *info = type_info(o->ob_type);
    return info->shape_offset == 0 ? NULL : instance_part(o, info);
}

static struct attr_record *record_new(PyTypeObject *type, uint64_t version, enum attr_kind kind)
{
    struct attr_record *record = heap_alloc(sizeof *record, CELL_WORDS);
    if (record != NULL) {
        record->key = (uint64_t)(uintptr_t)type + kind;
        record->version = version;
    }
    return record;
}

static uint64_t inline_slot_offset(const struct type_info *info, Py_ssize_t slot)
{
    return info->shape_offset + offsetof(struct instance_part, slots) +
           (uint64_t)slot * sizeof(Value);
}

/* For reading or overwriting a slot that the shape has. */
static struct attr_record *record_for_slot(PyObject *o, const struct shape *shape, Py_ssize_t slot)
{
    PyTypeObject *type = o->ob_type;
    const struct type_info *info = type_info(type);
    bool far = (size_t)slot >= shape->inline_capacity;
    struct attr_record *record = record_new(type, type_version(type), far ? ATTR_FAR : ATTR_SLOT);
    if (record != NULL) {
        record->shape = (uint64_t)(uintptr_t)shape;
        record->shape_offset = info->shape_offset;
        record->offset = far ? (uint64_t)slot : inline_slot_offset(info, slot);
    }
    return record;
}

/* Where the slot of an ATTR_FAR record is in an instance that matches it. */
static Value *far_slot(const struct attr_record *record, PyObject *o)
{
    struct instance_part *part = (struct instance_part *)(void *)((char *)o + record->shape_offset);
    return instance_slot(part, (const struct shape *)(uintptr_t)record->shape,
                         (uint32_t)record->offset);
}

/* What an attribute of the type does for an instance, data descriptors first. NULL: not cacheable
 * here; *is_data tells whether it comes before the instance's own attributes. */
static struct attr_record *record_for_data(PyTypeObject *type, uint64_t version, Value descriptor)
{
    struct attr_record *record = NULL;
    if (!value_is_object(descriptor)) {
        return NULL;
    }
    PyObject *o = value_object(descriptor);
    Py_ssize_t offset;
    Value property;
    if (descriptor_value_member(o, type, &offset)) {
        record = record_new(type, version, ATTR_MEMBER);
        if (record != NULL) {
            record->offset = (uint64_t)offset;
        }
    } else if (descriptor_property_getter(o, &property) && value_is_object(property) &&
               value_object(property)->ob_type == &PyFunction_Type) {
        record = record_new(type, version, ATTR_PROPERTY);
        if (record != NULL) {
            record->value = property;
        }
    } else {
        const struct getset_def *def = descriptor_getset(o, type);
        if (def != NULL && def->get != NULL) {
            record = record_new(type, version, ATTR_GETSET);
            if (record != NULL) {
                record->extra = def;
            }
        }
    }
    return record;
}

/* Can bind_method bind the function of this type to its instances? */
static bool is_bound_here(PyTypeObject *type, PyObject *function)
{
    return function->ob_type == &PyFunction_Type ||
           (function->ob_type == &PyMethodDescr_Type &&
            type_is_subtype(type, ((PyDescrObject *)function)->d_type));
}

/* A record for reading `name` of an instance. for_method: LOAD_METHOD, which wants functions
 * unbound. NULL: not cacheable. */
static struct attr_record *record_for_instance(Value instance, PyObject *name, bool for_method)
{
    PyTypeObject *type = value_type(instance);
    const struct type_info *info = type_info(type);
    uint64_t version = type_version(type);
    if (version == 0 || (atomic_load_relaxed(&info->flags) & TYPE_GENERIC_GETATTR) == 0) {
        return NULL;
    }
    Value descriptor = type_lookup(type, name);
    if (value_is_object(descriptor) && value_ops(descriptor)->descr_set != NULL) {
        return for_method ? NULL : record_for_data(type, version, descriptor);
    }
    PyObject *o = value_is_object(instance) ? value_object(instance) : NULL;
    struct instance_part *part = o == NULL ? NULL : shaped_part(o);
    uint64_t shape_word = 0;
    struct attr_record *record;
    if (part != NULL) {
        const struct shape *shape = instance_shape(part);
        if (shape == NULL || shape == &shape_dict_mode) {
            return NULL;
        }
        shape_word = (uint64_t)(uintptr_t)shape;
        Py_ssize_t slot = shape_find(shape, name);
        if (slot >= 0) {
            return record_for_slot(o, shape, slot);
        }
    } else if (type->tp_dictoffset != 0) {
        return NULL;
    }
    if (value_is_absent(descriptor)) {
        return NULL;
    }
    Value plain = descriptor;
    bool is_static =
        value_is_object(descriptor) && value_object(descriptor)->ob_type == &PyStaticMethod_Type;
    if (is_static) {
        plain = staticmethod_function(value_object(descriptor));
    }
    bool is_method = is_method_like(descriptor);
    if (!is_static && !is_method && value_ops(descriptor)->descr_get != NULL) {
        return NULL;
    }
    if (is_method && !for_method && !is_bound_here(type, value_object(descriptor))) {
        return NULL;
    }
    record = record_new(type, version, is_method ? ATTR_METHOD : ATTR_CLASS);
    if (record != NULL) {
        record->shape = shape_word;
        record->shape_offset = info->shape_offset;
        record->value = plain;
    }
    return record;
}

/* A record for reading `name` of a class whose metaclass is type itself. */
static struct attr_record *record_for_class(PyTypeObject *type, PyObject *name, bool for_method)
{
    if (type->ob_base.ob_base.ob_type != &PyType_Type) {
        return NULL;
    }
    Value meta = type_lookup(&PyType_Type, name);
    uint64_t version = type_version(type);
    if (version == 0 || (value_is_object(meta) && value_ops(meta)->descr_set != NULL)) {
        return NULL;
    }
    Value v = type_lookup(type, name);
    Value self = VALUE_NULL;
    if (!value_is_present(v)) {
        return NULL;
    }
    if (value_is_object(v)) {
        PyTypeObject *kind = value_object(v)->ob_type;
        if (kind == &PyStaticMethod_Type) {
            v = staticmethod_function(value_object(v));
        } else if (kind == &PyClassMethod_Type && for_method) {
            v = classmethod_function(value_object(v));
            if (!is_method_like(v)) {
                return NULL;
            }
            self = value_from_object(type);
        } else if (value_ops(v)->descr_get != NULL && kind != &PyFunction_Type) {
            return NULL;
        }
    }
    struct attr_record *record = record_new(type, version, ATTR_TYPE);
    if (record != NULL) {
        record->value = v;
        record->offset = self.bits;
    }
    return record;
}

static struct module_record *record_for_module(PyObject *module, PyObject *name)
{
    struct type_info *info = type_info(module->ob_type);
    PyObject *dict = module_dict(module);
    if (module->ob_type != &PyModule_Type || !dict_check_exact(value_from_object(dict)) ||
        value_is_present(type_lookup(module->ob_type, name))) {
        return NULL;
    }
    (void)info;
    struct dict_table *table = dict_table(dict);
    Py_ssize_t i = dict_find_entry(table, name);
    if (i < 0 || value_is_absent(value_load_acquire(&table->entries[i].value))) {
        return NULL;
    }
    struct module_record *record = heap_alloc(sizeof *record, CELL_WORDS);
    if (record != NULL) {
        record->table = (uint64_t)(uintptr_t)table;
        record->slot = &table->entries[i].value;
    }
    return record;
}

static enum attr_kind record_kind(const struct attr_record *record)
{
    return (enum attr_kind)(record->key & 15);
}

/* Does the record speak about this receiver, as it is now? */
static bool record_matches(const struct attr_record *record, Value v)
{
    PyTypeObject *type = (PyTypeObject *)(uintptr_t)(record->key & ~UINT64_C(15));
    if (record_kind(record) == ATTR_TYPE) {
        return v.bits == (uint64_t)(uintptr_t)type &&
               atomic_load_relaxed(&type->tp_version_tag) == record->version;
    }
    if (value_type(v) != type || atomic_load_relaxed(&type->tp_version_tag) != record->version) {
        return false;
    }
    return record->shape == 0 ||
           atomic_load_acquire((uint64_t *)(void *)((char *)value_object(v) +
                                                    record->shape_offset)) == record->shape;
}

static const struct attr_record *find_case(const struct attr_record *record, Value v)
{
    while (record != NULL && !record_matches(record, v)) {
        record = record->next;
    }
    return record;
}

static int count_cases(const struct attr_record *record)
{
    int n = 0;
    for (; record != NULL; record = record->next) {
        n++;
    }
    return n;
}

static uint8_t load_attr_op(enum attr_kind kind)
{
    switch (kind) {
    case ATTR_SLOT: return OPCODE_LOAD_ATTR_SLOT;
    case ATTR_MEMBER: return OPCODE_LOAD_ATTR_MEMBER;
    case ATTR_CLASS: return OPCODE_LOAD_ATTR_CLASS;
    case ATTR_METHOD: return OPCODE_LOAD_ATTR_METHOD;
    case ATTR_PROPERTY: return OPCODE_LOAD_ATTR_PROPERTY;
    case ATTR_TYPE: return OPCODE_LOAD_ATTR_TYPE;
    case ATTR_GETSET: return OPCODE_LOAD_ATTR_GETSET;
    default: return OPCODE_LOAD_ATTR_PROPERTY; /* it looks at the records here */
    }
}

/* The attribute by its record; ABSENT with *property set for properties; NULL when the slot turned
 * out to be empty (no exception: take the general way). */
static Value apply_load(const struct attr_record *record, Value v, Value *property, bool *failed)
{
    switch (record_kind(record)) {
    case ATTR_SLOT:
    case ATTR_MEMBER: {
        Value found =
            value_load_acquire((Value *)(void *)((char *)value_object(v) + record->offset));
        return value_is_present(found) ? found : VALUE_NULL;
    }
    case ATTR_FAR: {
        Value *slot = far_slot(record, value_object(v));
        Value found = slot == NULL ? VALUE_ABSENT : value_load_acquire(slot);
        return value_is_present(found) ? found : VALUE_NULL;
    }
    case ATTR_CLASS:
    case ATTR_TYPE: return record->value;
    case ATTR_METHOD: {
        PyObject *method = bind_method(record->value, v);
        *failed = method == NULL;
        return value_from_object(method);
    }
    case ATTR_PROPERTY: *property = record->value; return VALUE_ABSENT;
    case ATTR_GETSET: {
        const struct getset_def *def = record->extra;
        Value found = def->get(v, def->closure);
        *failed = value_is_null(found);
        return found;
    }
    default: return VALUE_NULL;
    }
}

static Value load_attr_general(Value v, PyObject *name)
{
    return object_getattr(v, name);
}

Value cache_load_attr(struct frame *frame, struct instruction *pc, Value v, PyObject *name,
                      Value *property)
{
    uint8_t op = atomic_load_relaxed(&pc->op);
    struct attr_record *old = NULL;
    if (op == OPCODE_LOAD_ATTR_ANY || !value_is_object(v)) {
        return load_attr_general(v, name);
    }
    if (op != OPCODE_LOAD_ATTR && op != OPCODE_LOAD_ATTR_MODULE) {
        old = atomic_load_acquire(site(frame, pc));
        const struct attr_record *record = find_case(old, v);
        if (record != NULL) {
            bool failed = false;
            Value found = apply_load(record, v, property, &failed);
            if (!value_is_null(found) || failed) {
                return found;
            }
            return load_attr_general(v, name);
        }
        if (count_cases(old) >= MAX_CASES) {
            atomic_store_relaxed(&pc->op, OPCODE_LOAD_ATTR_ANY);
            return load_attr_general(v, name);
        }
    } else if (op == OPCODE_LOAD_ATTR && !is_warm(frame, pc, OPCODE_LOAD_ATTR_ANY)) {
        return load_attr_general(v, name);
    }
    PyObject *o = value_object(v);
    if (o->ob_type == &PyModule_Type) {
        struct module_record *record = old != NULL ? NULL : record_for_module(o, name);
        if (record != NULL) {
            publish(frame, pc, record, OPCODE_LOAD_ATTR_MODULE);
        }
        return load_attr_general(v, name);
    }
    struct attr_record *record = type_has_feature(o->ob_type, Py_TPFLAGS_TYPE_SUBCLASS)
                                     ? record_for_class((PyTypeObject *)o, name, false)
                                     : record_for_instance(v, name, false);
    if (record != NULL && op != OPCODE_LOAD_ATTR_MODULE) {
        record->next = old;
        publish(frame, pc, record, load_attr_op(record_kind(record)));
    } else if (old != NULL) {
        atomic_store_relaxed(&pc->op, OPCODE_LOAD_ATTR_ANY);
    }
    return load_attr_general(v, name);
}

/* The function and what it is bound to, by a matching record; false if a slot is empty. */
static bool method_by_record(const struct attr_record *record, Value v, Value *out)
{
    Value property;
    bool failed;
    switch (record_kind(record)) {
    case ATTR_SLOT:
    case ATTR_FAR:
        out[0] = apply_load(record, v, &property, &failed);
        out[1] = VALUE_NULL;
        return !value_is_null(out[0]);
    default:
        out[0] = record->value;
        out[1] = record_kind(record) == ATTR_METHOD ? v
                 : record_kind(record) == ATTR_TYPE ? (Value){record->offset}
                                                    : VALUE_NULL;
        return true;
    }
}

int cache_load_method(struct frame *frame, struct instruction *pc, Value v, PyObject *name,
                      Value *out)
{
    uint8_t op = atomic_load_relaxed(&pc->op);
    struct attr_record *old = NULL;
    if (op == OPCODE_LOAD_METHOD_ANY || !value_is_present(v)) {
        goto general;
    }
    if (op != OPCODE_LOAD_METHOD && op != OPCODE_LOAD_METHOD_MODULE) {
        old = atomic_load_acquire(site(frame, pc));
        const struct attr_record *record = find_case(old, v);
        if (record != NULL && method_by_record(record, v, out)) {
            return 0;
        }
        if (record != NULL) {
            goto general;
        }
        if (count_cases(old) >= MAX_CASES) {
            atomic_store_relaxed(&pc->op, OPCODE_LOAD_METHOD_ANY);
            goto general;
        }
    } else if (op == OPCODE_LOAD_METHOD && !is_warm(frame, pc, OPCODE_LOAD_METHOD_ANY)) {
        goto general;
    }
    PyTypeObject *type = value_type(v);
    if (type == &PyModule_Type) {
        struct module_record *record =
            old != NULL ? NULL : record_for_module(value_object(v), name);
        if (record != NULL) {
            publish(frame, pc, record, OPCODE_LOAD_METHOD_MODULE);
        }
        goto general;
    }
    bool is_class = type_has_feature(type, Py_TPFLAGS_TYPE_SUBCLASS);
    struct attr_record *record = is_class
                                     ? record_for_class((PyTypeObject *)value_object(v), name, true)
                                     : record_for_instance(v, name, true);
    if (record != NULL && op != OPCODE_LOAD_METHOD_MODULE) {
        record->next = old;
        publish(frame, pc, record, is_class ? OPCODE_LOAD_METHOD_TYPE : OPCODE_LOAD_METHOD_CLASS);
    } else if (old != NULL) {
        atomic_store_relaxed(&pc->op, OPCODE_LOAD_METHOD_ANY);
    }
general:
    out[1] = VALUE_NULL;
    out[0] = object_find_method(v, name, &out[1]);
    if (value_is_absent(out[0])) {
        error_no_attribute(v, name);
        return -1;
    }
    return value_is_null(out[0]) ? -1 : 0;
}

/* ---- Stores */

/* Does a data descriptor of the class take what is stored? It may well store an attribute of that
 * name in the instance itself. */
static bool descriptor_stores(PyTypeObject *type, PyObject *name)
{
    Value descriptor = type_lookup(type, name);
    return value_is_object(descriptor) && value_ops(descriptor)->descr_set != NULL;
}

static struct attr_record *record_for_store(PyObject *o, PyObject *name)
{
    PyTypeObject *type = o->ob_type;
    const struct type_info *info = type_info(type);
    uint64_t version = type_version(type);
    if (version == 0 || (atomic_load_relaxed(&info->flags) & TYPE_GENERIC_SETATTR) == 0) {
        return NULL;
    }
    Py_ssize_t offset;
    struct attr_record *record = NULL;
    if (descriptor_stores(type, name)) {
        Value descriptor = type_lookup(type, name);
        if (value_is_object(descriptor) &&
            descriptor_value_member(value_object(descriptor), type, &offset)) {
            record = record_new(type, version, ATTR_MEMBER);
            if (record != NULL) {
                record->offset = (uint64_t)offset;
            }
        }
        return record;
    }
    struct instance_part *part = shaped_part(o);
    const struct shape *shape = part == NULL ? NULL : instance_shape(part);
    if (shape == NULL || shape == &shape_dict_mode) {
        return NULL;
    }
    Py_ssize_t slot = shape_find(shape, name);
    return slot < 0 ? NULL : record_for_slot(o, shape, slot);
}

/* After a store that added an attribute: the record for doing the same to the next instance.
 * `version` is that of the type before the store, in which no descriptor took the value. */
static struct attr_record *record_for_add(PyObject *o, PyTypeObject *type, uint64_t version,
                                          PyObject *name, const struct shape *before)
{
    const struct type_info *info = type_info(type);
    if (o->ob_type != type) {
        return NULL;
    }
    const struct shape *after = instance_shape(instance_part(o, info));
    if (version == 0 || (atomic_load_relaxed(&info->flags) & TYPE_GENERIC_SETATTR) == 0 ||
        after->parent != before || after == &shape_dict_mode || after->count != before->count + 1 ||
        after->inline_capacity != before->inline_capacity) {
        return NULL;
    }
    Py_ssize_t slot = shape_find(after, name);
    if (slot != (Py_ssize_t)before->count || (size_t)slot >= after->inline_capacity) {
        return NULL;
    }
    struct attr_record *record = record_new(type, version, ATTR_ADD);
    if (record != NULL) {
        record->shape = (uint64_t)(uintptr_t)before;
        record->shape_offset = info->shape_offset;
        record->offset = inline_slot_offset(info, slot);
        record->extra = after;
    }
    return record;
}

/* Adds an attribute: takes the instance's byte lock with the compare of its shape. The shape after
 * needs no barrier: the one before keeps it (shape.c). */
static bool apply_add(const struct attr_record *record, PyObject *o, Value v)
{
    uint64_t *word = (uint64_t *)(void *)((char *)o + record->shape_offset);
    uint64_t expected = record->shape;
    uint64_t locked = expected | (uint64_t)BYTE_LOCK_HELD << 56;
    if (!thread_many) {
        if (*word != expected) {
            return false;
        }
        heap_store_value(o, (Value *)(void *)((char *)o + record->offset), v);
        atomic_store_release(word, (uint64_t)(uintptr_t)record->extra);
        return true;
    }
    if (!atomic_cas_acq_rel(word, expected, locked)) {
        return false;
    }
    if (UNLIKELY(thread_many == THREAD_MANY_CHAOS)) {
        byte_lock_chaos();
    }
    Value *slot = (Value *)(void *)((char *)o + record->offset);
    heap_store_value(o, slot, v);
    uint64_t next = (uint64_t)(uintptr_t)record->extra;
    uint64_t waiting = atomic_load_relaxed(word);
    if (LIKELY(waiting == locked)) {
        atomic_store_release(word, next); /* unlocks as byte_unlock does */
        return true;
    }
    while (!atomic_cas_acq_rel(word, waiting, (waiting & UINT64_C(0xFF00000000000000)) | next)) {
    }
    byte_unlock_slow((uint8_t *)word + 7); /* thread_lock_depth has not counted the lock */
    return true;
}

int cache_store_attr(struct frame *frame, struct instruction *pc, Value v, PyObject *name,
                     Value value)
{
    uint8_t op = atomic_load_relaxed(&pc->op);
    struct attr_record *old = NULL;
    if (op == OPCODE_STORE_ATTR_ANY || !value_is_object(v)) {
        return object_setattr(v, name, value);
    }
    PyObject *o = value_object(v);
    if (op != OPCODE_STORE_ATTR) {
        old = atomic_load_acquire(site(frame, pc));
        const struct attr_record *record = find_case(old, v);
        if (record != NULL) {
            if (record_kind(record) == ATTR_ADD) {
                return apply_add(record, o, value) ? 0 : object_setattr(v, name, value);
            }
            if (record_kind(record) == ATTR_FAR) {
                Value *slot = far_slot(record, o);
                if (slot == NULL) {
                    return object_setattr(v, name, value);
                }
                heap_store_value(o, slot, value);
                return 0;
            }
            heap_store_value(o, (Value *)(void *)((char *)o + record->offset), value);
            return 0;
        }
        if (count_cases(old) >= MAX_CASES) {
            atomic_store_relaxed(&pc->op, OPCODE_STORE_ATTR_ANY);
            return object_setattr(v, name, value);
        }
    } else if (!is_warm(frame, pc, OPCODE_STORE_ATTR_ANY)) {
        return object_setattr(v, name, value);
    }
    PyTypeObject *type = o->ob_type;
    uint64_t version = type_version(type);
    struct attr_record *record = record_for_store(o, name);
    struct instance_part *part = descriptor_stores(type, name) ? NULL : shaped_part(o);
    const struct shape *before = part == NULL ? NULL : instance_shape(part);
    if (object_setattr(v, name, value) < 0) {
        return -1;
    }
    if (record == NULL && before != NULL && before != &shape_dict_mode) {
        record = record_for_add(o, type, version, name, before);
    }
    if (record != NULL) {
        record->next = old;
        publish(frame, pc, record,
                record_kind(record) == ATTR_SLOT     ? OPCODE_STORE_ATTR_SLOT
                : record_kind(record) == ATTR_MEMBER ? OPCODE_STORE_ATTR_MEMBER
                                                     : OPCODE_STORE_ATTR_ADD);
    }
    return 0;
}
