/* SPDX-License-Identifier: MIT */
/* Which operation a class gets for a special method, and which wrapper a native type shows for an
 * operation. slots.c explains. */
#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* Adds the wrapper of one row, unless the type's dict has the name already. */
static int add_wrapper(PyTypeObject *type, const struct slot_row *row)
{
    void *wrapped = *ops_field(type_ops(type), row->offset);
    if (wrapped == NULL || row->kind == SLOT_NO_WRAPPER) {
        return 0;
    }
    PyObject *name = *row->name_cell;
    if (!value_is_absent(dict_get_str(type->tp_dict, name))) {
        return 0;
    }
    if (wrapped == (void *)object_hash_not_implemented) {
        return dict_set_str(type->tp_dict, name, VALUE_NONE);
    }
    PyObject *wrapper = wrapper_descriptor_new(type, row, wrapped);
    return wrapper == NULL ? -1 : dict_set_str(type->tp_dict, name, value_from_object(wrapper));
}

/* Called before operations are inherited, so those that are set are the type's own. */
int slots_add_wrappers(PyTypeObject *type)
{
    for (size_t i = 0; i < slot_row_count; i++) {
        if (add_wrapper(type, &slot_rows[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What one row says about its field. */
enum verdict { NOTHING, NATIVE, GENERIC };

static enum verdict judge_new(PyTypeObject *type, Value found, void **native)
{
    for (PyTypeObject *base = type; base != NULL; base = type_base(base)) {
        if (!type_is_python(base)) {
            /* The __new__ that the nearest native class has, or another class's that is no Python
             * code: which one does not matter, as in CPython. */
            Value own = type_lookup(base, names.__new__);
            if (value_same_bits(own, found) || new_wrapper_is(found)) {
                *native = (void *)type_ops(base)->new_;
                return NATIVE;
            }
            return GENERIC;
        }
    }
    return GENERIC;
}

static bool has_own_slots(PyTypeObject *type)
{
    return (atomic_load_relaxed(&type_info(type)->flags) & TYPE_OWN_SLOTS) != 0;
}

/* The wrapper is that of another slot with the same special method: mp_subscript's, where the row
 * is sq_item's. A class that was given both has both, and so have those that inherit from it. */
static enum verdict judge_other_slot(PyTypeObject *owner, const struct slot_row *row)
{
    return has_own_slots(owner) && row->generic != NULL &&
                   *ops_field(type_ops(owner), row->offset) != NULL
               ? GENERIC
               : NOTHING;
}

/* A special method that a Python class took over from a native one as it is. */
static enum verdict judge_wrapper(PyTypeObject *type, const struct slot_row *row, Value found,
                                  void **native)
{
    PyTypeObject *owner;
    void *wrapped;
    const struct slot_row *wrapper = wrapper_descriptor_row(found, &owner, &wrapped);
    if (wrapper == NULL || *wrapper->name_cell != *row->name_cell ||
        !type_is_subtype(type, owner)) {
        return GENERIC;
    }
    if (wrapper->offset != row->offset) {
        return judge_other_slot(owner, row);
    }
    *native = wrapped;
    return NATIVE;
}

static enum verdict judge_row(PyTypeObject *type, const struct slot_row *row, void **native)
{
    Value found;
    PyObject *name = *row->name_cell;
    PyTypeObject *owner = type_lookup_owner(type, name, &found);
    if (owner == NULL) {
        return NOTHING;
    }
    if (name == names.__new__) {
        return judge_new(type, found, native);
    }
    if (name == names.__hash__ && value_is_none(found)) {
        *native = (void *)object_hash_not_implemented;
        return NATIVE;
    }
    if (!type_is_python(owner) && owner != type) {
        *native = *ops_field(type_ops(owner), row->offset);
        return *native != NULL ? NATIVE : NOTHING;
    }
    return judge_wrapper(type, row, found, native);
}

static void *compute_field(PyTypeObject *type, size_t offset)
{
    void *specific = NULL, *generic = NULL;
    bool use_generic = false;
    for (size_t i = 0; i < slot_row_count; i++) {
        const struct slot_row *row = &slot_rows[i];
        if (row->offset != offset) {
            continue;
        }
        void *native = NULL;
        enum verdict verdict = judge_row(type, row, &native);
        if (verdict == NOTHING) {
            continue;
        }
        generic = row->generic;
        if (verdict == GENERIC || (specific != NULL && specific != native)) {
            use_generic = true;
        } else {
            specific = native;
        }
    }
    return use_generic ? generic : specific;
}

static void update_field(PyTypeObject *type, size_t offset)
{
    void **field = ops_field(type_ops(type), offset);
    void *operation = compute_field(type, offset);
    if (*field != operation) {
        atomic_store_release(field, operation);
    }
}

/* Operations without a special method come from the base as they are. */
static void inherit_unnamed(PyTypeObject *type)
{
    struct type_ops *ops = type_ops(type), *base = type_ops(type_base(type));
    ops->send = ops->next == base->next ? base->send : NULL;
    if (!has_own_slots(type) || ops->get_buffer == NULL) {
        ops->get_buffer = base->get_buffer;
        ops->release_buffer = base->release_buffer;
    }
    if (ops->finalize == NULL) {
        ops->finalize = base->finalize;
    }
    if (ops->is_spent == NULL && ops->finalize == base->finalize) {
        ops->is_spent = base->is_spent;
    }
}

/* Wrappers of files and folders (tempfile's, for one) leave the closing to what they refer to.
 * Their death is watched, so that it comes in time. */
static bool looks_like_a_file(PyTypeObject *type)
{
    if (value_is_absent(type_lookup(type, names.__exit__))) {
        return false;
    }
    PyObject *cleanup = str_intern_text("cleanup");
    if (cleanup == NULL) {
        error_clear();
        return false;
    }
    return !value_is_absent(type_lookup(type, names.close)) ||
           !value_is_absent(type_lookup(type, cleanup));
}

void type_renew_flags(PyTypeObject *type)
{
    struct type_info *info = type_info(type);
    uint32_t flags = info->flags & ~(uint32_t)(TYPE_GENERIC_GETATTR | TYPE_GENERIC_SETATTR);
    if (info->ops.getattr == object_generic_getattr) {
        flags |= TYPE_GENERIC_GETATTR;
    }
    if (info->ops.setattr == object_generic_setattr) {
        flags |= TYPE_GENERIC_SETATTR;
    }
    if (info->ops.finalize != NULL || ((flags & TYPE_PYTHON) != 0 && looks_like_a_file(type))) {
        flags |= TYPE_OBSERVED;
    }
    if (flags != info->flags) {
        atomic_store_relaxed(&info->flags, flags);
    }
}

/* Recomputes the operations behind one special method, or behind all (name NULL). */
static void update_rows(PyTypeObject *type, PyObject *name)
{
    bool done[sizeof(struct type_ops) / sizeof(void *)] = {false};
    for (size_t i = 0; i < slot_row_count; i++) {
        size_t index = slot_rows[i].offset / sizeof(void *);
        if (done[index] || (name != NULL && *slot_rows[i].name_cell != name)) {
            continue;
        }
        done[index] = true;
        update_field(type, slot_rows[i].offset);
    }
}

/* One base, whose MRO the class continues: then what the class does not define is as in the base.
 */
static bool continues_base(const PyTypeObject *type)
{
    const PyTypeObject *base = type_base(type);
    const PyObject *mro = atomic_load_acquire(&type->tp_mro);
    const PyObject *base_mro = atomic_load_acquire(&base->tp_mro);
    Py_ssize_t count = tuple_length(base_mro);
    if (tuple_length(type->tp_bases) != 1 || tuple_length(mro) != count + 1) {
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (tuple_object(mro, i + 1) != tuple_object(base_mro, i)) {
            return false;
        }
    }
    return true;
}

static void update_from_base(PyTypeObject *type)
{
    void **fields = (void **)(void *)type_ops(type);
    void *const *source = (void *const *)(void *)type_ops(type_base(type));
    for (size_t i = 0; i < sizeof(struct type_ops) / sizeof(void *); i++) {
        if (fields[i] != source[i]) {
            atomic_store_release(&fields[i], source[i]);
        }
    }
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (dict_next(type->tp_dict, &position, &key, &value, &hash)) {
        PyObject *name = str_check_exact(key) ? value_object(key) : NULL;
        if (name != NULL && str_length(name) > 4 && str_at(name, 0) == '_' &&
            str_at(name, 1) == '_') {
            /* A key that was computed, as in type(name, bases, {"__%s__" % n: f}), may be no
             * interned one; rows know their names by identity. */
            PyObject *interned = str_intern(name);
            update_rows(type, interned == NULL ? name : interned);
        }
    }
}

void slots_update(PyTypeObject *type, PyObject *name)
{
    bool is_new = !type_has_feature(type, Py_TPFLAGS_READY); /* nobody sees it half done */
    if (name == NULL && is_new && !has_own_slots(type) && continues_base(type)) {
        update_from_base(type);
    } else {
        update_rows(type, name);
        if (name == NULL) {
            inherit_unnamed(type);
        }
    }
    type_renew_flags(type);
}
