/* SPDX-License-Identifier: MIT */
/* types.GenericAlias: list[int] and its like (PEP 585, PEP 646). */
#include "object/generic_alias.h"

#include "object/dict.h"
#include "object/function.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

static struct generic_alias *alias_cast(Value v)
{
    return (struct generic_alias *)value_object(v);
}
static bool alias_check(Value v)
{
    return value_is_instance(v, &Py_GenericAliasType);
}

static PyObject *alias_new(Value origin, Value args, bool starred)
{
    PyObject *tuple = tuple_check(args) ? value_object(args) : tuple_from_array(&args, 1);
    struct generic_alias *alias = (struct generic_alias *)object_alloc(&Py_GenericAliasType, 0);
    if (alias == NULL || tuple == NULL) {
        return NULL;
    }
    heap_init_value(alias, &alias->origin, origin);
    heap_init(alias, &alias->args, tuple);
    alias->starred = starred;
    return (PyObject *)alias;
}

PyObject *generic_alias_new(Value origin, Value args)
{
    return alias_new(origin, args, false);
}

/* ---- Type variables. */

static int add_unique(PyObject *list, Value v)
{
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        if (value_same_bits(list_find(list, i), v)) {
            return 0;
        }
    }
    return list_append(list, v);
}

static int collect_parameters(PyObject *list, Value arg)
{
    Value found;
    if (type_check(arg)) {
        return 0;
    }
    int status = object_find_attr(arg, names.__typing_subst__, &found);
    if (status != 0) {
        return status < 0 ? -1 : add_unique(list, arg);
    }
    status = object_find_attr(arg, names.__parameters__, &found);
    if (status <= 0 || !tuple_check(found)) {
        return status < 0 ? -1 : 0;
    }
    for (Py_ssize_t i = 0; i < tuple_length(value_object(found)); i++) {
        if (add_unique(list, tuple_get(value_object(found), i)) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *generic_parameters(PyObject *args)
{
    PyObject *list = list_new(0);
    for (Py_ssize_t i = 0; list != NULL && i < tuple_length(args); i++) {
        if (collect_parameters(list, tuple_get(args, i)) < 0) {
            return NULL;
        }
    }
    return list == NULL ? NULL : list_to_tuple(list);
}

/* ---- Substitution. */

/* Items of a subscription; *tuple[...] is spread. */
static PyObject *unpack_items(Value item)
{
    PyObject *given = tuple_check(item) ? value_object(item) : tuple_from_array(&item, 1);
    PyObject *list = given == NULL ? NULL : list_new(0);
    for (Py_ssize_t i = 0; list != NULL && i < tuple_length(given); i++) {
        Value arg = tuple_get(given, i), inner = VALUE_ABSENT;
        int found = type_check(arg)
                        ? 0
                        : object_find_attr(arg, names.__typing_unpacked_tuple_args__, &inner);
        if (found < 0) {
            return NULL;
        }
        bool spread = found > 0 && tuple_check(inner);
        if (spread) {
            PyObject *tuple = value_object(inner);
            Py_ssize_t count = tuple_length(tuple);
            spread = count == 0 || tuple_object(tuple, count - 1) != Py_Ellipsis;
        }
        if ((spread ? list_extend(list, inner) : list_append(list, arg)) < 0) {
            return NULL;
        }
    }
    return list == NULL ? NULL : list_to_tuple(list);
}

static Value prepare_items(Value self, PyObject *parameters, Value items)
{
    for (Py_ssize_t i = 0; i < tuple_length(parameters); i++) {
        Value prepare;
        int found =
            object_find_attr(tuple_get(parameters, i), names.__typing_prepare_subst__, &prepare);
        if (found < 0) {
            return VALUE_NULL;
        }
        if (found > 0 && !value_is_none(prepare)) {
            Value prepared = object_call2(prepare, self, items);
            if (value_is_null(prepared)) {
                return prepared;
            }
            items = tuple_check(prepared) ? prepared
                                          : value_from_object(tuple_from_array(&prepared, 1));
        }
    }
    return items;
}

static Py_ssize_t index_of(PyObject *tuple, Value v)
{
    for (Py_ssize_t i = 0; i < tuple_length(tuple); i++) {
        if (value_same_bits(tuple_get(tuple, i), v)) {
            return i;
        }
    }
    return -1;
}

/* arg[...] with its own parameters replaced, if it has any. */
static Value substitute_inside(Value arg, PyObject *parameters, PyObject *items)
{
    Value own;
    int found = object_find_attr(arg, names.__parameters__, &own);
    if (found <= 0 || !tuple_check(own) || tuple_length(value_object(own)) == 0) {
        return found < 0 ? VALUE_NULL : arg;
    }
    PyObject *list = list_new(0);
    for (Py_ssize_t i = 0; list != NULL && i < tuple_length(value_object(own)); i++) {
        Value parameter = tuple_get(value_object(own), i);
        Py_ssize_t index = index_of(parameters, parameter);
        Value replacement = index < 0 ? parameter : tuple_get(items, index);
        bool spread = index >= 0 && value_ops(parameter)->iter != NULL && tuple_check(replacement);
        if ((spread ? list_extend(list, replacement) : list_append(list, replacement)) < 0) {
            return VALUE_NULL;
        }
    }
    PyObject *tuple = list == NULL ? NULL : list_to_tuple(list);
    return tuple == NULL ? VALUE_NULL : object_getitem(arg, value_from_object(tuple));
}

static int substitute_arg(PyObject *list, Value arg, PyObject *parameters, PyObject *items)
{
    if (type_check(arg)) {
        return list_append(list, arg);
    }
    Value flag, substitute, replaced;
    int found = object_find_attr(arg, names.__typing_is_unpacked_typevartuple__, &flag);
    int unpack = found > 0 ? object_truth(flag) : found;
    if (unpack < 0 || (found = object_find_attr(arg, names.__typing_subst__, &substitute)) < 0) {
        return -1;
    }
    if (found > 0) {
        replaced = object_call1(substitute, tuple_get(items, index_of(parameters, arg)));
    } else {
        replaced = substitute_inside(arg, parameters, items);
    }
    if (value_is_null(replaced)) {
        return -1;
    }
    if (unpack && tuple_check(replaced)) {
        return list_extend(list, replaced);
    }
    return list_append(list, replaced);
}

PyObject *generic_substitute(Value self, PyObject *args, PyObject *parameters, Value item)
{
    Py_ssize_t count = tuple_length(parameters);
    if (count == 0) {
        return error_raise_null(PyExc_TypeError, "%R is not a generic class", self);
    }
    PyObject *unpacked = unpack_items(item);
    Value prepared = unpacked == NULL
                         ? VALUE_NULL
                         : prepare_items(self, parameters, value_from_object(unpacked));
    if (value_is_null(prepared)) {
        return NULL;
    }
    PyObject *items = value_object(prepared);
    if (tuple_length(items) != count) {
        return error_raise_null(
            PyExc_TypeError, "Too %s arguments for %R; actual %zd, expected %zd",
            tuple_length(items) > count ? "many" : "few", self, tuple_length(items), count);
    }
    PyObject *list = list_new(0);
    for (Py_ssize_t i = 0; list != NULL && i < tuple_length(args); i++) {
        if (substitute_arg(list, tuple_get(args, i), parameters, items) < 0) {
            return NULL;
        }
    }
    return list == NULL ? NULL : list_to_tuple(list);
}

static PyObject *parameters_of(struct generic_alias *alias)
{
    PyObject *known = atomic_load_acquire(&alias->parameters);
    if (known == NULL) {
        known = generic_parameters(alias->args);
        if (known != NULL) {
            heap_store(alias, &alias->parameters, known);
        }
    }
    return known;
}

static Value alias_getitem(Value self, Value item)
{
    struct generic_alias *alias = alias_cast(self);
    PyObject *parameters = parameters_of(alias);
    PyObject *args =
        parameters == NULL ? NULL : generic_substitute(self, alias->args, parameters, item);
    return args == NULL ? VALUE_NULL
                        : value_from_object(
                              alias_new(alias->origin, value_from_object(args), alias->starred));
}

/* ---- repr */

/* module.qualname if v has both; ABSENT if not. */
static Value qualified_text(Value v)
{
    Value qualname, module;
    int found = object_find_attr(v, names.__qualname__, &qualname);
    if (found > 0) {
        found = object_find_attr(v, names.__module__, &module);
    }
    if (found <= 0 || value_is_none(module)) {
        return found < 0 ? VALUE_NULL : VALUE_ABSENT;
    }
    if (str_check(module) && str_equal_text(value_object(module), "builtins")) {
        return value_from_object(object_str(qualname));
    }
    return value_from_object(str_format("%S.%S", module, qualname));
}

static int append_list(struct str_builder *out, PyObject *list)
{
    str_builder_text(out, "[");
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        if (i > 0) {
            str_builder_text(out, ", ");
        }
        if (generic_repr_item(out, list_find(list, i)) < 0) {
            return -1;
        }
    }
    return str_builder_text(out, "]");
}

int generic_repr_item(struct str_builder *out, Value item)
{
    if (value_same_bits(item, VALUE_ELLIPSIS)) {
        return str_builder_text(out, "...");
    }
    if (list_check_exact(item)) {
        return append_list(out, value_object(item));
    }
    Value found, text = VALUE_ABSENT;
    int origin = object_find_attr(item, names.__origin__, &found);
    int args = origin > 0 ? object_find_attr(item, names.__args__, &found) : origin;
    if (args < 0) {
        return -1;
    }
    if (args == 0) {
        text = qualified_text(item);
    }
    if (value_is_absent(text)) {
        text = value_from_object(object_repr(item));
    }
    return value_is_null(text) ? -1 : str_builder_str(out, value_object(text));
}

static Value alias_repr(Value self)
{
    struct generic_alias *alias = alias_cast(self);
    struct str_builder out;
    str_builder_init(&out);
    if (alias->starred) {
        str_builder_text(&out, "*");
    }
    if (generic_repr_item(&out, alias->origin) < 0) {
        return VALUE_NULL;
    }
    str_builder_text(&out, "[");
    Py_ssize_t count = tuple_length(alias->args);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0) {
            str_builder_text(&out, ", ");
        }
        if (generic_repr_item(&out, tuple_get(alias->args, i)) < 0) {
            return VALUE_NULL;
        }
    }
    str_builder_text(&out, count == 0 ? "()]" : "]");
    return value_from_object(str_builder_finish(&out));
}

/* ---- Attributes: its own, else the origin's. */

static bool is_own_name(PyObject *name)
{
    static const char *const own[] = {
        "__class__",       "__origin__",     "__args__",
        "__unpacked__",    "__parameters__", "__typing_unpacked_tuple_args__",
        "__mro_entries__", "__reduce_ex__",  "__reduce__",
        "__copy__",        "__deepcopy__"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (str_equal_text(name, own[i])) {
            return true;
        }
    }
    return false;
}

static Value alias_getattr(Value self, PyObject *name)
{
    if (!is_own_name(name)) {
        return value_ops(alias_cast(self)->origin)->getattr(alias_cast(self)->origin, name);
    }
    return object_generic_getattr(self, name);
}

static Value alias_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value object = object_call(alias_cast(self)->origin, args, nargs, kwnames);
    if (value_is_null(object)) {
        return object;
    }
    if (object_setattr(object, names.__orig_class__, self) < 0) {
        if (!error_matches(PyExc_AttributeError) && !error_matches(PyExc_TypeError)) {
            return VALUE_NULL;
        }
        error_clear();
    }
    return object;
}

static Value alias_richcompare(Value self, Value other, int op)
{
    if (!alias_check(self) || !alias_check(other) || (op != Py_EQ && op != Py_NE)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    struct generic_alias *a = alias_cast(self), *b = alias_cast(other);
    int equal = a->starred == b->starred ? object_equal(a->origin, b->origin) : 0;
    if (equal > 0) {
        equal = object_equal(value_from_object(a->args), value_from_object(b->args));
    }
    return equal < 0 ? VALUE_NULL : value_from_bool(equal == (op == Py_EQ));
}

static Py_hash_t alias_hash(Value self)
{
    Py_hash_t origin = object_hash(alias_cast(self)->origin);
    Py_hash_t args = origin == -1 ? -1 : object_hash(value_from_object(alias_cast(self)->args));
    if (args == -1) {
        return -1;
    }
    Py_hash_t hash = origin ^ args;
    return hash == -1 ? -2 : hash;
}

/* *list[int] in a subscript: one item, the starred alias. */
struct alias_iterator {
    PyObject_HEAD PyObject *alias; /* atomic; NULL when exhausted */
};

static Value alias_iterator_self(Value self)
{
    return self;
}

static Value alias_iterator_next(Value self)
{
    struct alias_iterator *it = (struct alias_iterator *)value_object(self);
    PyObject *alias = atomic_load_acquire(&it->alias);
    if (alias == NULL) {
        return VALUE_ABSENT;
    }
    heap_store(it, &it->alias, NULL);
    struct generic_alias *a = (struct generic_alias *)alias;
    return value_from_object(alias_new(a->origin, value_from_object(a->args), true));
}

static Value alias_iterator_reduce(Value self)
{
    PyObject *alias = ((struct alias_iterator *)value_object(self))->alias;
    return iterator_reduce(
        "iter", alias == NULL ? value_from_object(tuple_new(0)) : value_from_object(alias),
        VALUE_ABSENT);
}

static const struct native_def alias_iterator_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = alias_iterator_reduce},
    {NULL},
};

static void alias_iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct alias_iterator *)self)->alias);
}

static struct type_info alias_iterator_info = {
    .ops = {.iter = alias_iterator_self, .next = alias_iterator_next},
    .trace = alias_iterator_trace,
    .methods = alias_iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject generic_alias_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "generic_alias_iterator",
    .tp_basicsize = sizeof(struct alias_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&alias_iterator_info,
};

static Value alias_iter(Value self)
{
    struct alias_iterator *it =
        (struct alias_iterator *)object_alloc_bytes(&generic_alias_iterator_type, sizeof *it);
    if (it != NULL) {
        heap_init(it, &it->alias, value_object(self));
    }
    return value_from_object(it);
}

static Value alias_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("GenericAlias", kwnames) < 0 ||
        native_check_positional("GenericAlias", nargs, 2, 2) < 0) {
        return VALUE_NULL;
    }
    PyObject *alias = object_alloc(type, 0);
    PyObject *tuple = tuple_check(args[1]) ? value_object(args[1]) : tuple_from_array(&args[1], 1);
    if (alias == NULL || tuple == NULL) {
        return VALUE_NULL;
    }
    heap_init_value(alias, &((struct generic_alias *)alias)->origin, args[0]);
    heap_init(alias, &((struct generic_alias *)alias)->args, tuple);
    return value_from_object(alias);
}

/* ---- Methods. */

static Value method_mro_entries(Value self, Value bases)
{
    return value_from_object(tuple_from_array(&alias_cast(self)->origin, 1));
}

static Value method_instancecheck(Value self, Value object)
{
    return error_raise(PyExc_TypeError,
                       "isinstance() argument 2 cannot be a parameterized generic");
}

static Value method_subclasscheck(Value self, Value class)
{
    return error_raise(PyExc_TypeError,
                       "issubclass() argument 2 cannot be a parameterized generic");
}

static Value method_reduce(Value self)
{
    struct generic_alias *alias = alias_cast(self);
    Value args[2] = {alias->origin, value_from_object(alias->args)};
    if (alias->starred) { /* next(iter(plain alias)) */
        PyObject *plain = alias_new(alias->origin, args[1], false);
        Value iterator = plain == NULL ? VALUE_NULL : alias_iter(value_from_object(plain));
        Value next[2] = {builtin_function("next"), VALUE_NULL};
        if (value_is_null(iterator) || value_is_null(next[0])) {
            return VALUE_NULL;
        }
        next[1] = value_from_object(tuple_from_array(&iterator, 1));
        return value_from_object(tuple_from_array(next, 2));
    }
    Value pair[2] = {value_from_object(&Py_GenericAliasType),
                     value_from_object(tuple_from_array(args, 2))};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value method_dir(Value self)
{
    PyObject *list = object_dir(alias_cast(self)->origin);
    static const char *const extra[] = {"__origin__",     "__args__",
                                        "__parameters__", "__mro_entries__",
                                        "__reduce_ex__",  "__reduce__",
                                        "__copy__",       "__deepcopy__",
                                        "__unpacked__",   "__typing_unpacked_tuple_args__",
                                        "__class__"};
    for (size_t i = 0; list != NULL && i < sizeof extra / sizeof extra[0]; i++) {
        Value name = value_from_object(str_intern_text(extra[i]));
        int present = value_is_null(name) ? -1 : object_contains(value_from_object(list), name);
        if (present < 0 || (present == 0 && list_append(list, name) < 0)) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static const struct native_def alias_methods[] = {
    {"__mro_entries__", "($self, bases, /)",
     "The classes that stand for it among the bases of a class.", .f1 = method_mro_entries},
    {"__instancecheck__", "($self, instance, /)", "Is the object an instance of it?",
     .f1 = method_instancecheck},
    {"__subclasscheck__", "($self, class, /)", "Is the class a subclass of it?",
     .f1 = method_subclasscheck},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = method_reduce},
    {"__dir__", "($self, /)", "The names of its attributes.", .f0 = method_dir},
    {NULL},
};

static Value get_parameters(Value self, void *closure)
{
    return value_from_object(parameters_of(alias_cast(self)));
}

static Value get_unpacked_args(Value self, void *closure)
{
    struct generic_alias *alias = alias_cast(self);
    bool tuple = value_same_bits(alias->origin, value_from_object(&PyTuple_Type));
    return alias->starred && tuple ? value_from_object(alias->args) : VALUE_NONE;
}

static Value get_unpacked(Value self, void *closure)
{
    return value_from_bool(alias_cast(self)->starred);
}
static Value get_origin(Value self, void *closure)
{
    return alias_cast(self)->origin;
}
static Value get_args(Value self, void *closure)
{
    return value_from_object(alias_cast(self)->args);
}

static const struct getset_def alias_getsets[] = {
    {"__parameters__", get_parameters, NULL, "Type variables in the GenericAlias."},
    {"__typing_unpacked_tuple_args__", get_unpacked_args},
    {"__unpacked__", get_unpacked},
    {"__origin__", get_origin},
    {"__args__", get_args},
    {NULL},
};

static void alias_trace(PyObject *self, struct tracer *tracer)
{
    struct generic_alias *alias = (struct generic_alias *)self;
    trace_value(tracer, alias->origin);
    trace_pointer(tracer, alias->args);
    trace_pointer(tracer, alias->parameters);
}

static struct type_info alias_info = {
    .ops =
        {
            .repr = alias_repr,
            .hash = alias_hash,
            .call = alias_call,
            .getattr = alias_getattr,
            .richcompare = alias_richcompare,
            .getitem = alias_getitem,
            .iter = alias_iter,
            .new_ = alias_new_op,
            .binary[OP_OR] = union_or,
        },
    .trace = alias_trace,
    .methods = alias_methods,
    .getsets = alias_getsets,
};

PyTypeObject Py_GenericAliasType = {
    STATIC_TYPE_HEAD,
    .tp_name = "types.GenericAlias",
    .tp_doc =
        "GenericAlias(origin, args, /)\n--\n\n"
        "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and "
        "t.__args__ is (int,).",
    .tp_basicsize = sizeof(struct generic_alias),
    .tp_weaklistoffset = offsetof(struct generic_alias, weaklist),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&alias_info,
};
