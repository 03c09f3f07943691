/* SPDX-License-Identifier: MIT */
/* Making classes: type.__new__. The steps are those of type_new at the end of the file. */
#include <Python.h>
#include <structmember.h>

#include "object/dict.h"
#include "object/function.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* What is worked out about a class before it exists. */
struct class_plan {
    PyTypeObject *metatype, *base;
    PyObject *name, *bases;
    PyObject *dict;  /* the class's own copy */
    PyObject *slots; /* sorted tuple of mangled names, or NULL */
    bool has_slots;  /* __slots__ was given */
    bool add_dict, add_weak;
};

PyTypeObject *type_calculate_metaclass(PyTypeObject *metatype, PyObject *bases)
{
    PyTypeObject *winner = metatype;
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        PyTypeObject *candidate = tuple_object(bases, i)->ob_type;
        if (type_is_subtype(winner, candidate)) {
            continue;
        }
        if (type_is_subtype(candidate, winner)) {
            winner = candidate;
            continue;
        }
        return error_raise_null(PyExc_TypeError,
                                "metaclass conflict: the metaclass of a derived class must be a "
                                "(non-strict) subclass of the metaclasses of all its bases");
    }
    return winner;
}

/* ---- __slots__ */

static PyObject *slots_as_tuple(PyObject *dict)
{
    Value slots = dict_get_str(dict, names.__slots__);
    return str_check(slots) ? tuple_from_array(&slots, 1) : object_to_tuple(slots);
}

static int check_slot_name(Value item)
{
    if (!str_check(item)) {
        return error_raise_int(PyExc_TypeError, "__slots__ items must be strings, not '%T'", item);
    }
    if (!str_is_identifier(value_object(item))) {
        return error_raise_int(PyExc_TypeError, "__slots__ must be identifiers");
    }
    return 0;
}

/* __name becomes _Class__name. */
static PyObject *mangle(PyObject *class_name, PyObject *name)
{
    Py_ssize_t length = str_length(name), skip = 0;
    if (length < 3 || str_at(name, 0) != '_' || str_at(name, 1) != '_' ||
        (str_at(name, length - 1) == '_' && str_at(name, length - 2) == '_')) {
        return name;
    }
    Py_ssize_t class_length = str_length(class_name);
    while (skip < class_length && str_at(class_name, skip) == '_') {
        skip++;
    }
    if (skip == class_length) {
        return name;
    }
    PyObject *stripped = str_substring(class_name, skip, class_length);
    return stripped == NULL ? NULL : str_format("_%U%U", stripped, name);
}

static bool base_has_dict(const PyTypeObject *base)
{
    return base->tp_dictoffset != 0 || type_info(base)->shape_offset != 0;
}

/* Notes __dict__ and __weakref__ among the slots; 1 if the item was one of them. */
static int take_special_slot(struct class_plan *plan, PyObject *item)
{
    if (str_equal_text(item, "__dict__")) {
        if (base_has_dict(plan->base) || plan->add_dict) {
            return error_raise_int(PyExc_TypeError, "__dict__ slot disallowed: we already got one");
        }
        plan->add_dict = true;
        return 1;
    }
    if (str_equal_text(item, "__weakref__")) {
        if (plan->base->tp_weaklistoffset != 0 || plan->base->tp_itemsize != 0 || plan->add_weak) {
            return error_raise_int(PyExc_TypeError,
                                   "__weakref__ slot disallowed: either we already got one, or "
                                   "__itemsize__ != 0");
        }
        plan->add_weak = true;
        return 1;
    }
    return 0;
}

static int check_slot_conflict(struct class_plan *plan, PyObject *name)
{
    Value present = dict_get_str(plan->dict, name);
    if (value_is_absent(present) || name == names.__qualname__ || name == names.__classcell__) {
        return 0;
    }
    return error_raise_int(PyExc_ValueError, "%R in __slots__ conflicts with class variable",
                           value_from_object(name));
}

static int collect_slot(struct class_plan *plan, PyObject *list, Value item)
{
    if (check_slot_name(item) < 0) {
        return -1;
    }
    int special = take_special_slot(plan, value_object(item));
    if (special != 0) {
        return special < 0 ? -1 : 0;
    }
    PyObject *name = mangle(plan->name, value_object(item));
    name = name == NULL ? NULL : str_intern(name);
    if (name == NULL || check_slot_conflict(plan, name) < 0) {
        return -1;
    }
    return list_append(list, value_from_object(name));
}

static int plan_slots(struct class_plan *plan)
{
    PyObject *given = slots_as_tuple(plan->dict);
    PyObject *list = given == NULL ? NULL : list_new(tuple_length(given));
    if (list == NULL) {
        return -1;
    }
    if (tuple_length(given) > 0 && plan->base->tp_itemsize != 0) {
        return error_raise_int(PyExc_TypeError,
                               "nonempty __slots__ not supported for subtype of '%s'",
                               type_short_name(plan->base));
    }
    for (Py_ssize_t i = 0; i < tuple_length(given); i++) {
        if (collect_slot(plan, list, tuple_get(given, i)) < 0) {
            return -1;
        }
    }
    if (list_sort(list, VALUE_ABSENT, false) < 0) {
        return -1;
    }
    plan->slots = list_to_tuple(list);
    return plan->slots == NULL ? -1 : 0;
}

/* Secondary bases with a dict or weak list bring them in although __slots__ did not ask. */
static void plan_secondary_bases(struct class_plan *plan)
{
    for (Py_ssize_t i = 0; i < tuple_length(plan->bases); i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(plan->bases, i);
        if (base == plan->base) {
            continue;
        }
        if (base_has_dict(base) && !base_has_dict(plan->base)) {
            plan->add_dict = true;
        }
        if (base->tp_weaklistoffset != 0 && plan->base->tp_weaklistoffset == 0 &&
            plan->base->tp_itemsize == 0) {
            plan->add_weak = true;
        }
    }
}

static int plan_layout(struct class_plan *plan)
{
    if (!value_is_absent(dict_get_str(plan->dict, names.__slots__))) {
        plan->has_slots = true;
        if (plan_slots(plan) < 0) {
            return -1;
        }
        plan_secondary_bases(plan);
        return 0;
    }
    plan->add_dict = !base_has_dict(plan->base);
    plan->add_weak = plan->base->tp_weaklistoffset == 0 && plan->base->tp_itemsize == 0;
    return 0;
}

/* ---- The type object. */

static bool is_extension(const PyTypeObject *type)
{
    for (; type != NULL; type = type_base(type)) {
        if (type_info(type)->flags & TYPE_EXTENSION) {
            return true;
        }
    }
    return false;
}

static uint32_t place_slots(PyTypeObject *type, struct class_plan *plan, uint32_t cursor)
{
    struct type_info *info = type_info(type);
    if (plan->add_weak) {
        type->tp_weaklistoffset = cursor;
        cursor += sizeof(PyObject *);
    } else {
        type->tp_weaklistoffset = plan->base->tp_weaklistoffset;
    }
    info->slots_offset = cursor;
    info->slots_count = plan->slots == NULL ? 0 : (uint32_t)tuple_length(plan->slots);
    return cursor + info->slots_count * (uint32_t)sizeof(Value);
}

static void place_fields(PyTypeObject *type, struct class_plan *plan)
{
    struct type_info *info = type_info(type);
    PyTypeObject *base = plan->base;
    uint32_t cursor = ((uint32_t)type_solid_size(base) + 7) & ~7u;
    if (base->tp_itemsize != 0) {
        cursor = (uint32_t)base->tp_basicsize;
    }
    cursor = place_slots(type, plan, cursor);
    bool shaped = type_info(base)->shape_offset != 0 ||
                  (plan->add_dict && base->tp_itemsize == 0 && !is_extension(base));
    type->tp_dictoffset = base->tp_dictoffset;
    if (shaped) {
        info->shape_offset = cursor;
        cursor += sizeof(struct instance_part);
        type->tp_dictoffset = -1;
        type->tp_flags |= TYPE_MANAGED_DICT;
    } else if (plan->add_dict) {
        type->tp_dictoffset = base->tp_itemsize != 0 ? -(Py_ssize_t)sizeof(PyObject *) : cursor;
        cursor += sizeof(PyObject *);
    }
    type->tp_basicsize = cursor;
    type->tp_itemsize = base->tp_itemsize;
}

static const unsigned long class_inherited_flags =
    Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS |
    Py_TPFLAGS_BYTES_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS |
    Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS | _Py_TPFLAGS_MATCH_SELF;

static unsigned long inherited_collection_flags(PyObject *bases)
{
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        unsigned long flags = ((PyTypeObject *)tuple_object(bases, i))->tp_flags &
                              (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING);
        if (flags != 0) {
            return flags;
        }
    }
    return 0;
}

static void set_c_tables(PyHeapTypeObject *heap_type)
{
    PyTypeObject *type = &heap_type->ht_type;
    type->tp_as_async = &heap_type->as_async;
    type->tp_as_number = &heap_type->as_number;
    type->tp_as_sequence = &heap_type->as_sequence;
    type->tp_as_mapping = &heap_type->as_mapping;
    type->tp_as_buffer = &heap_type->as_buffer;
}

static int set_name_fields(PyHeapTypeObject *heap_type, struct class_plan *plan)
{
    Value qualname = dict_get_str(plan->dict, names.__qualname__);
    if (!value_is_absent(qualname) && !str_check(qualname)) {
        return error_raise_int(PyExc_TypeError, "type __qualname__ must be a str, not %T",
                               qualname);
    }
    Py_ssize_t length;
    const char *text = str_utf8(plan->name, &length);
    if (text == NULL) {
        return -1;
    }
    if (strlen(text) != (size_t)length) {
        return error_raise_int(PyExc_ValueError, "type name must not contain null characters");
    }
    heap_init(heap_type, &heap_type->ht_name, plan->name);
    heap_init(heap_type, &heap_type->ht_qualname,
              value_is_absent(qualname) ? plan->name : value_object(qualname));
    heap_type->ht_type.tp_name = text;
    if (!value_is_absent(qualname) &&
        dict_delete(plan->dict, value_from_object(names.__qualname__)) < 0) {
        return -1;
    }
    return 0;
}

static PyTypeObject *make_type(struct class_plan *plan)
{
    PyHeapTypeObject *heap_type =
        (PyHeapTypeObject *)(plan->metatype == &PyType_Type
                                 ? object_alloc(plan->metatype, 0)
                                 : native_hooks.alloc_class(plan->metatype));
    if (heap_type == NULL || set_name_fields(heap_type, plan) < 0) {
        return NULL;
    }
    PyTypeObject *type = &heap_type->ht_type;
    struct type_info *info = type_info_new(type);
    if (info == NULL) {
        return NULL;
    }
    heap_init(type, &type->tp_cache, info);
    info->flags = TYPE_PYTHON | (atomic_load_relaxed(&type_info(plan->base)->flags) &
                                 (TYPE_OBSERVED | TYPE_FOREIGN | TYPE_CLOSES));
    info->trace = type_info(plan->base)->trace;
    heap_init(type, &type->tp_bases, plan->bases);
    heap_init(type, &type->tp_base, plan->base);
    heap_init(type, &type->tp_dict, plan->dict);
    heap_init(type, &heap_type->ht_slots, plan->slots);
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE |
                     Py_TPFLAGS_HAVE_GC | (plan->base->tp_flags & class_inherited_flags) |
                     inherited_collection_flags(plan->bases);
    type->tp_vectorcall_offset = plan->base->tp_vectorcall_offset;
    set_c_tables(heap_type);
    place_fields(type, plan);
    return plan->metatype == &PyType_Type || native_hooks.take_class_slots(type) == 0 ? type : NULL;
}

/* ---- The class dict. */

static int set_module(PyObject *dict)
{
    if (!value_is_absent(dict_get_str(dict, names.__module__))) {
        return 0;
    }
    PyObject *globals = object_hooks.globals != NULL ? object_hooks.globals() : NULL;
    if (globals == NULL) {
        return 0;
    }
    Value module = dict_get_str(globals, names.__name__);
    return value_is_absent(module) ? 0 : dict_set_str(dict, names.__module__, module);
}

static int set_doc(PyTypeObject *type, PyObject *dict)
{
    Value doc = dict_get_str(dict, names.__doc__);
    if (value_is_absent(doc)) {
        return dict_set_str(dict, names.__doc__, VALUE_NONE);
    }
    if (str_check(doc)) {
        Py_ssize_t length;
        const char *text = str_utf8(value_object(doc), &length);
        if (text == NULL) {
            return -1;
        }
        char *copy = heap_alloc((size_t)length + 1, CELL_RAW);
        if (copy == NULL) {
            return error_no_memory(), -1;
        }
        memcpy(copy, text, (size_t)length + 1);
        type->tp_doc = copy;
    }
    return 0;
}

/* A plain function under this name becomes a static or class method. */
static int wrap_function(PyObject *dict, PyObject *name, PyObject *(*wrap)(Value))
{
    Value function = dict_get_str(dict, name);
    if (value_is_absent(function) || value_type(function) != &PyFunction_Type) {
        return 0;
    }
    PyObject *wrapped = wrap(function);
    return wrapped == NULL ? -1 : dict_set_str(dict, name, value_from_object(wrapped));
}

static int add_slot_members(PyTypeObject *type, PyObject *slots)
{
    Py_ssize_t offset = type_info(type)->slots_offset;
    for (Py_ssize_t i = 0; slots != NULL && i < tuple_length(slots); i++) {
        PyObject *name = tuple_object(slots, i);
        PyObject *member = slot_member_new(type, name, offset + i * (Py_ssize_t)sizeof(Value));
        if (member == NULL || dict_set_str(type->tp_dict, name, value_from_object(member)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int add_instance_getsets(PyTypeObject *type, struct class_plan *plan)
{
    if (plan->add_dict && type_add_getsets(type, instance_dict_getset) < 0) {
        return -1;
    }
    return plan->add_weak ? type_add_getsets(type, instance_weakref_getset) : 0;
}

static int set_hash(PyObject *dict)
{
    if (value_is_absent(dict_get_str(dict, names.__eq__)) ||
        !value_is_absent(dict_get_str(dict, names.__hash__))) {
        return 0;
    }
    return dict_set_str(dict, names.__hash__, VALUE_NONE);
}

static int set_class_cell(PyTypeObject *type)
{
    Value cell = dict_get_str(type->tp_dict, names.__classcell__);
    if (value_is_absent(cell)) {
        return 0;
    }
    if (value_type(cell) != &PyCell_Type) {
        return error_raise_int(PyExc_TypeError, "__classcell__ must be a nonlocal cell, not %R",
                               value_from_object(value_type(cell)));
    }
    if (cell_set(value_object(cell), value_from_object(type)) < 0) {
        return -1;
    }
    return dict_delete(type->tp_dict, value_from_object(names.__classcell__)) < 0 ? -1 : 0;
}

static int fill_class_dict(PyTypeObject *type, struct class_plan *plan)
{
    PyObject *dict = type->tp_dict;
    if (set_module(dict) < 0 || set_doc(type, dict) < 0 ||
        wrap_function(dict, names.__new__, staticmethod_new) < 0 ||
        wrap_function(dict, names.__init_subclass__, classmethod_new) < 0 ||
        wrap_function(dict, names.__class_getitem__, classmethod_new) < 0) {
        return -1;
    }
    return set_class_cell(type) < 0 || add_slot_members(type, plan->slots) < 0 ||
                   add_instance_getsets(type, plan) < 0
               ? -1
               : set_hash(dict);
}

/* ---- The end: names, subclass hook. */

static int call_set_name(PyTypeObject *type, Value name, Value attribute)
{
    bool unbound;
    Value method = special_find(attribute, names.__set_name__, &unbound);
    if (value_is_absent(method)) {
        return 0;
    }
    if (value_is_null(method)) {
        return -1;
    }
    Value owner = value_from_object(type);
    Value result =
        unbound ? object_call3(method, attribute, owner, name) : object_call2(method, owner, name);
    if (value_is_null(result)) {
        error_raise_from_current(PyExc_RuntimeError,
                                 "Error calling __set_name__ on '%T' instance %R in '%s'",
                                 attribute, name, type->tp_name);
        return -1;
    }
    return 0;
}

static int set_names(PyTypeObject *type)
{
    PyObject *snapshot = dict_copy(type->tp_dict);
    if (snapshot == NULL) {
        return -1;
    }
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (dict_next(snapshot, &position, &key, &value, &hash)) {
        if (call_set_name(type, key, value) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool type_is_in_own_mro(const PyTypeObject *type)
{
    const PyObject *mro = atomic_load_acquire(&type->tp_mro);
    for (Py_ssize_t i = 0; i < tuple_length(mro); i++) {
        if (tuple_object(mro, i) == (const PyObject *)type) {
            return true;
        }
    }
    return false;
}

static int call_init_subclass(PyTypeObject *type, PyObject *kwargs)
{
    if (!type_is_in_own_mro(type)) {
        return error_raise_int(PyExc_TypeError,
                               "super(type, obj): obj must be an instance or subtype of type");
    }
    Value method = super_find(type, value_from_object(type), type, names.__init_subclass__);
    if (!value_is_present(method)) {
        return value_is_null(method) ? -1 : 0;
    }
    PyObject *none = tuple_new(0);
    return value_is_null(object_call_tuple(method, none, kwargs)) ? -1 : 0;
}

/* The class gets its operations and appears among the subclasses of its bases in one step, so that
 * it misses no change of a base. */
static int finish_locked(PyTypeObject *type, PyObject *entry)
{
    slots_update(type, NULL);
    type->tp_flags |= Py_TPFLAGS_READY;
    for (Py_ssize_t i = 0; i < tuple_length(type->tp_bases); i++) {
        if (type_add_entry_locked((PyTypeObject *)tuple_object(type->tp_bases, i), entry) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The class has an MRO that suits its bases, and the TYPE mutex is held; or -1, and it is not. */
static int find_mro_and_lock(PyTypeObject *type)
{
    for (;;) {
        uint64_t others = type_changes_by_others();
        PyObject *mro = type_find_mro(type);
        if (mro == NULL) {
            return -1;
        }
        mutex_lock(&type_mutex);
        if (type_changes_by_others() == others) {
            heap_store(type, &type->tp_mro, mro);
            return 0;
        }
        mutex_unlock(&type_mutex);
    }
}

static int finish_type(PyTypeObject *type)
{
    PyObject *entry = type_subclass_entry(type);
    if (entry == NULL || find_mro_and_lock(type) < 0) {
        return -1;
    }
    int status = finish_locked(type, entry);
    mutex_unlock(&type_mutex);
    if (status < 0) {
        return -1;
    }
    if (object_hooks.type_changed != NULL) {
        object_hooks.type_changed(type);
    }
    return 0;
}

/* Bases that are no types but have __mro_entries__ should have been resolved by the caller. */
static int check_bases(PyObject *bases)
{
    for (Py_ssize_t i = 0; i < tuple_length(bases); i++) {
        Value base = tuple_get(bases, i);
        Value entries;
        if (type_check(base)) {
            continue;
        }
        int found = object_find_attr(base, names.__mro_entries__, &entries);
        if (found != 0) {
            return found < 0 ? -1
                             : error_raise_int(PyExc_TypeError,
                                               "type() doesn't support MRO entry resolution; use "
                                               "types.new_class()");
        }
    }
    return 0;
}

static Value build_class(struct class_plan *plan, PyObject *kwargs)
{
    if (tuple_length(plan->bases) == 0) {
        plan->bases = tuple_pack(1, (PyObject *)&PyBaseObject_Type);
    }
    plan->base = plan->bases == NULL ? NULL : type_best_base(plan->bases);
    if (plan->base == NULL || plan_layout(plan) < 0) {
        return VALUE_NULL;
    }
    PyTypeObject *type = make_type(plan);
    if (type == NULL || fill_class_dict(type, plan) < 0 || finish_type(type) < 0 ||
        set_names(type) < 0 || call_init_subclass(type, kwargs) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(type);
}

/* A more derived metaclass among the bases takes over, with its own __new__. */
static Value delegate(PyTypeObject *winner, PyObject *name, PyObject *bases, PyObject *dict,
                      PyObject *kwargs)
{
    Value new_ = object_getattr(value_from_object(winner), names.__new__);
    if (value_is_null(new_)) {
        return new_;
    }
    PyObject *args = tuple_pack(4, (PyObject *)winner, name, bases, dict);
    return args == NULL ? VALUE_NULL : object_call_tuple(new_, args, kwargs);
}

static Value type_new_op(PyTypeObject *metatype, const Value *args, size_t nargs,
                         PyObject *kwnames);

Value type_new(PyTypeObject *metatype, PyObject *name, PyObject *bases, PyObject *dict,
               PyObject *kwargs)
{
    if (check_bases(bases) < 0) {
        return VALUE_NULL;
    }
    PyTypeObject *winner = type_calculate_metaclass(metatype, bases);
    if (winner == NULL) {
        return VALUE_NULL;
    }
    if (winner != metatype) {
        if (type_ops(winner)->new_ != type_new_op) {
            return delegate(winner, name, bases, dict, kwargs);
        }
        metatype = winner;
    }
    PyObject *copy = dict_copy(dict);
    if (copy == NULL) {
        return VALUE_NULL;
    }
    struct class_plan plan = {.metatype = metatype, .name = name, .bases = bases, .dict = copy};
    return build_class(&plan, kwargs);
}

static PyObject *collect_kwargs(const Value *args, size_t nargs, PyObject *kwnames)
{
    if (kwnames == NULL || tuple_length(kwnames) == 0) {
        return NULL;
    }
    PyObject *kwargs = dict_new();
    for (Py_ssize_t i = 0; kwargs != NULL && i < tuple_length(kwnames); i++) {
        if (dict_set(kwargs, tuple_get(kwnames, i), args[nargs + (size_t)i]) < 0) {
            return NULL;
        }
    }
    return kwargs;
}

static Value argument_error(int index, const char *expected, Value given)
{
    return error_raise(PyExc_TypeError, "type.__new__() argument %d must be %s, not %T", index,
                       expected, given);
}

static Value type_new_op(PyTypeObject *metatype, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs != 3) {
        if (metatype == &PyType_Type && nargs == 1 && kwnames == NULL) {
            return value_from_object(value_type(args[0]));
        }
        return error_raise(PyExc_TypeError, "type.__new__() takes exactly 3 arguments (%zu given)",
                           nargs);
    }
    if (!str_check(args[0])) {
        return argument_error(1, "str", args[0]);
    }
    if (!tuple_check(args[1])) {
        return argument_error(2, "tuple", args[1]);
    }
    if (!dict_check(args[2])) {
        return argument_error(3, "dict", args[2]);
    }
    PyObject *kwargs = collect_kwargs(args, nargs, kwnames);
    if (kwargs == NULL && error_occurred()) {
        return VALUE_NULL;
    }
    return type_new(metatype, value_object(args[0]), value_object(args[1]), value_object(args[2]),
                    kwargs);
}

static int type_init_op(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (kwnames != NULL && tuple_length(kwnames) > 0 && nargs == 1) {
        return error_raise_int(PyExc_TypeError, "type.__init__() takes no keyword arguments");
    }
    if (nargs != 1 && nargs != 3) {
        return error_raise_int(PyExc_TypeError, "type.__init__() takes 1 or 3 arguments");
    }
    return 0;
}

/* ---- Calling a class. */

Value type_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyTypeObject *type = type_cast(self);
    if (UNLIKELY(type == &PyType_Type)) {
        size_t keywords = kwnames == NULL ? 0 : (size_t)tuple_length(kwnames);
        if (nargs == 1 && keywords == 0) {
            return value_from_object(value_type(args[0]));
        }
        if (nargs != 3) {
            return error_raise(PyExc_TypeError, "type() takes 1 or 3 arguments");
        }
    }
    struct type_ops *ops = type_ops(type);
    if (UNLIKELY(ops->new_ == NULL)) {
        return error_raise(PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
    }
    Value object = ops->new_(type, args, nargs, kwnames);
    if (value_is_null(object) || !value_is_instance(object, type)) {
        return object;
    }
    int (*init)(Value, const Value *, size_t, PyObject *) = value_ops(object)->init;
    if (init != NULL && init(object, args, nargs, kwnames) < 0) {
        return VALUE_NULL;
    }
    return object;
}

/* ---- The type of types. */

void class_trace(PyObject *self, struct tracer *tracer)
{
    PyTypeObject *type = (PyTypeObject *)self;
    trace_pointer(tracer, type->tp_dict);
    trace_pointer(tracer, type->tp_bases);
    trace_pointer(tracer, type->tp_base);
    trace_pointer(tracer, type->tp_mro);
    trace_pointer(tracer, type->tp_cache);
    trace_pointer(tracer, type->tp_subclasses);
    trace_pointer(tracer, type->tp_doc);
    trace_pointer(tracer, type->tp_name);
    if (type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        PyHeapTypeObject *heap_type = (PyHeapTypeObject *)type;
        trace_pointer(tracer, heap_type->ht_name);
        trace_pointer(tracer, heap_type->ht_qualname);
        trace_pointer(tracer, heap_type->ht_slots);
        trace_pointer(tracer, heap_type->ht_module);
    }
}

static Value type_repr(Value self)
{
    PyTypeObject *type = type_cast(self);
    PyObject *name = type_qualified_name(type);
    return name == NULL ? VALUE_NULL : value_from_object(str_format("<class '%U'>", name));
}

static struct type_info type_type_info = {
    .ops =
        {
            .repr = type_repr,
            .call = type_call,
            .getattr = type_getattr,
            .setattr = type_setattr,
            .new_ = type_new_op,
            .init = type_init_op,
            .binary[OP_OR] = union_or,
        },
    .trace = class_trace,
    .methods = type_methods,
    .getsets = type_getsets,
};

PyTypeObject PyType_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "type",
    .tp_doc = "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    .tp_basicsize = sizeof(PyHeapTypeObject),
    .tp_itemsize = sizeof(PyMemberDef),
    .tp_dictoffset = offsetof(PyTypeObject, tp_dict),
    .tp_weaklistoffset = offsetof(PyTypeObject, tp_weaklist),
    .tp_vectorcall_offset = offsetof(PyTypeObject, tp_vectorcall),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE |
                Py_TPFLAGS_TYPE_SUBCLASS | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_cache = (PyObject *)&type_type_info,
};
