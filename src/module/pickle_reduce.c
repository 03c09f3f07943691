/* SPDX-License-Identifier: MIT */
/* _pickle: writing objects by what __reduce_ex__ says, and things that are found by their name. */
#include "module/import.h"
#include "module/pickle_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str.h"

/* ---- Items of iterators, in batches; a single last item needs no MARK. */

static int save_pair(struct pickle_writer *w, Value pair)
{
    if (!tuple_check(pair) || tuple_length(value_object(pair)) != 2) {
        return error_raise_int(PyExc_TypeError, "dict items iterator must return 2-tuples");
    }
    return pickle_save(w, tuple_get(value_object(pair), 0)) < 0
               ? -1
               : pickle_save(w, tuple_get(value_object(pair), 1));
}

static int save_singly(struct pickle_writer *w, Value iterator,
                       int (*save)(struct pickle_writer *, Value), enum pickle_opcode op)
{
    for (;;) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 0;
        }
        if (save(w, item) < 0 || pickle_op(w, op) < 0) {
            return -1;
        }
    }
}

/* MARK, `first` and what follows, up to a full batch. 1: it was full. */
static int save_batch(struct pickle_writer *w, Value iterator, Value first, Value second,
                      int (*save)(struct pickle_writer *, Value), enum pickle_opcode op)
{
    if (pickle_op(w, PICKLE_MARK) < 0 || save(w, first) < 0) {
        return -1;
    }
    Value item = second;
    int count = 1;
    while (value_is_present(item)) {
        if (save(w, item) < 0) {
            return -1;
        }
        if (++count == BATCH_SIZE) {
            break;
        }
        item = object_next(iterator);
    }
    return value_is_null(item) || pickle_op(w, op) < 0 ? -1 : count == BATCH_SIZE;
}

static int save_batches(struct pickle_writer *w, Value iterator,
                        int (*save)(struct pickle_writer *, Value), enum pickle_opcode one,
                        enum pickle_opcode many)
{
    if (value_is_null(iterator)) {
        return -1;
    }
    if (!w->bin) {
        return save_singly(w, iterator, save, one);
    }
    for (;;) {
        Value first = object_next(iterator);
        Value second = value_is_present(first) ? object_next(iterator) : first;
        if (value_is_null(second)) {
            return -1;
        }
        if (!value_is_present(second)) {
            return !value_is_present(first) ? 0 : save(w, first) < 0 ? -1 : pickle_op(w, one);
        }
        int status = save_batch(w, iterator, first, second, save, many);
        if (status <= 0) {
            return status;
        }
    }
}

int pickle_append_all(struct pickle_writer *w, Value iterator)
{
    return save_batches(w, iterator, pickle_save, PICKLE_APPEND, PICKLE_APPENDS);
}

int pickle_set_all(struct pickle_writer *w, Value iterator)
{
    return save_batches(w, iterator, save_pair, PICKLE_SETITEM, PICKLE_SETITEMS);
}

/* ---- Names. */

/* The attribute that a dotted name leads to, and what it is an attribute of. 1, 0 absent, -1. */
static int follow(Value from, PyObject *dotted, Value *out, Value *parent)
{
    PyObject *dot = str_from_char('.');
    PyObject *parts = str_split(dotted, dot, -1);
    *parent = VALUE_NONE;
    for (Py_ssize_t i = 0; parts != NULL && i < list_length(parts); i++) {
        Value part = list_find(parts, i);
        *parent = from;
        if (str_equal_text(value_object(part), "<locals>")) {
            return 0;
        }
        int found = object_find_attr_value(from, part, &from);
        if (found <= 0) {
            return found;
        }
    }
    *out = from;
    return parts == NULL ? -1 : 1;
}

/* The module in sys.modules that has the object under this name. 1, 0 none, -1. */
static int search_modules(Value v, PyObject *name, Value *out)
{
    PyObject *modules = import_modules();
    PyObject *items = modules == NULL ? NULL : dict_items(modules);
    for (Py_ssize_t i = 0; items != NULL && i < list_length(items); i++) {
        PyObject *pair = value_object(list_find(items, i));
        Value module = tuple_get(pair, 1), found, parent;
        if (value_is_none(module) || !str_check(tuple_get(pair, 0)) ||
            str_equal_text(tuple_object(pair, 0), "__main__") ||
            str_equal_text(tuple_object(pair, 0), "__mp_main__")) {
            continue;
        }
        int status = follow(module, name, &found, &parent);
        if (status < 0) {
            return -1;
        }
        if (status > 0 && found.bits == v.bits) {
            *out = tuple_get(pair, 0);
            return 1;
        }
    }
    return items == NULL ? -1 : 0;
}

/* The name of the module of a global object; __main__ if it is nowhere. */
static Value find_module(Value v, PyObject *name)
{
    Value module;
    int found = object_find_attr(v, names.__module__, &module);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found > 0 && !value_is_none(module)) {
        return module;
    }
    found = search_modules(v, name, &module);
    return found < 0 ? VALUE_NULL : found > 0 ? module : value_from_object(names.__main__);
}

/* Is the object what its name leads to? *parent: what has it. */
static int check_global(Value v, PyObject *name, Value module_name, Value *parent)
{
    Value found;
    Value module = str_check(module_name) ? pickle_import(value_object(module_name)) : VALUE_NULL;
    if (value_is_null(module)) {
        error_clear();
        return error_raise_int(pickling_error, "Can't pickle %R: import of module %R failed", v,
                               module_name);
    }
    int status = follow(module, name, &found, parent);
    if (status <= 0) {
        error_clear();
        return error_raise_int(pickling_error, "Can't pickle %R: attribute lookup %U on %S failed",
                               v, name, module_name);
    }
    if (!value_is(found, v)) {
        return error_raise_int(pickling_error, "Can't pickle %R: it's not the same object as %S.%U",
                               v, module_name, name);
    }
    if (value_same_bits(*parent, module)) {
        *parent = VALUE_NONE;
    }
    return 0;
}

/* The code of copyreg.add_extension, 0 if there is none, -1. */
static int64_t extension_code(Value module, PyObject *name)
{
    Value registry = pickle_copyreg(pickle_names.extension_registry);
    PyObject *key = tuple_pack(2, value_object(module), name);
    if (value_is_null(registry) || key == NULL || !dict_check(registry)) {
        return value_is_null(registry) || key == NULL ? -1 : 0;
    }
    Value code = dict_get(value_object(registry), value_from_object(key));
    int64_t n;
    if (!value_is_present(code)) {
        return value_is_null(code) ? -1 : 0;
    }
    if (!int_check(code)) {
        return error_raise_int(pickling_error, "Can't pickle: extension code %R isn't an integer",
                               code);
    }
    if (int_clip_i64(code, &n) != 0 || n <= 0 || n > INT32_MAX) {
        return error_raise_int(PyExc_RuntimeError, "extension code %R is out of range", code);
    }
    return n;
}

static int save_extension(struct pickle_writer *w, uint32_t code)
{
    int size = code < 256 ? 1 : code < 65536 ? 2 : 4;
    unsigned char bytes[5] = {(unsigned char)(size == 1   ? PICKLE_EXT1
                                              : size == 2 ? PICKLE_EXT2
                                                          : PICKLE_EXT4),
                              (unsigned char)code, (unsigned char)(code >> 8),
                              (unsigned char)(code >> 16), (unsigned char)(code >> 24)};
    return pickle_put(w, bytes, (size_t)size + 1);
}

/* Names as Python 2 knew them. */
static int map_names(Value *module, Value *name)
{
    Value map = import_attribute("_compat_pickle", "REVERSE_NAME_MAPPING");
    Value modules = import_attribute("_compat_pickle", "REVERSE_IMPORT_MAPPING");
    PyObject *key = tuple_pack(2, value_object(*module), value_object(*name));
    if (value_is_null(map) || value_is_null(modules) || key == NULL) {
        return -1;
    }
    Value pair = dict_get(value_object(map), value_from_object(key));
    if (value_is_null(pair)) {
        return -1;
    }
    if (!value_is_absent(pair)) {
        if (!tuple_check(pair) || tuple_length(value_object(pair)) != 2) {
            return error_raise_int(PyExc_RuntimeError,
                                   "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, "
                                   "not %T",
                                   pair);
        }
        *module = tuple_get(value_object(pair), 0);
        *name = tuple_get(value_object(pair), 1);
        return 0;
    }
    Value renamed = dict_get(value_object(modules), *module);
    if (value_is_present(renamed)) {
        *module = renamed;
    }
    return value_is_null(renamed) ? -1 : 0;
}

static int put_line(struct pickle_writer *w, Value text, Value module, Value name)
{
    PyObject *line = str_encode(value_object(text), w->protocol >= 3 ? "utf-8" : "ascii", "strict");
    if (line == NULL) {
        if (error_matches(PyExc_UnicodeEncodeError)) {
            error_clear();
            error_raise(pickling_error,
                        "can't pickle global identifier '%S.%S' using pickle protocol %d", module,
                        name, w->protocol);
        }
        return -1;
    }
    return pickle_put(w, bytes_data(line), (size_t)bytes_length(line)) < 0 ? -1
                                                                           : pickle_put(w, "\n", 1);
}

static int save_text_global(struct pickle_writer *w, Value module, Value name)
{
    if (value_is_null(name)) {
        return -1;
    }
    Value shown_module = module, shown_name = name;
    if (w->fix_imports && w->protocol < 3 && map_names(&module, &name) < 0) {
        return -1;
    }
    return pickle_op(w, PICKLE_GLOBAL) < 0 || put_line(w, module, shown_module, shown_name) < 0
               ? -1
               : put_line(w, name, shown_module, shown_name);
}

static Value last_part(PyObject *dotted)
{
    Py_ssize_t length = str_length(dotted);
    Py_ssize_t dot = str_find_char(dotted, '.', 0, length, -1);
    return value_from_object(str_substring(dotted, dot + 1, length));
}

/* An attribute of a class, for protocols that know only names in modules. */
static int save_by_getattr(struct pickle_writer *w, Value parent, PyObject *dotted)
{
    Value name = last_part(dotted);
    Value getattr = import_attribute("builtins", "getattr");
    if (value_is_null(name) || value_is_null(getattr)) {
        return -1;
    }
    PyObject *args = tuple_pack(2, value_object(parent), value_object(name));
    PyObject *reduced = args == NULL ? NULL : tuple_pack(2, value_object(getattr), args);
    return reduced == NULL ? -1 : pickle_save_reduce(w, value_from_object(reduced), VALUE_ABSENT);
}

int pickle_save_global(struct pickle_writer *w, Value v, PyObject *given)
{
    Value name = value_from_object(given), parent;
    if (given == NULL) {
        int found = object_find_attr(v, names.__qualname__, &name);
        if (found < 0) {
            return -1;
        }
        name = found > 0 ? name : object_getattr(v, names.__name__);
    }
    if (value_is_null(name)) {
        return -1;
    }
    if (!str_check(name)) {
        return error_raise_int(PyExc_TypeError, "expected a str as name, not '%T'", name);
    }
    Value module = find_module(v, value_object(name));
    if (value_is_null(module) || check_global(v, value_object(name), module, &parent) < 0) {
        return -1;
    }
    if (w->protocol >= 2) {
        int64_t code = extension_code(module, value_object(name));
        if (code != 0) {
            return code < 0 ? -1 : save_extension(w, (uint32_t)code);
        }
    }
    int status;
    if (w->protocol >= 4) {
        status = pickle_save(w, module) < 0 || pickle_save(w, name) < 0
                     ? -1
                     : pickle_op(w, PICKLE_STACK_GLOBAL);
    } else if (!value_is_none(parent)) {
        status = save_by_getattr(w, parent, value_object(name));
    } else {
        status = save_text_global(w, module, last_part(value_object(name)));
    }
    return status < 0 ? -1 : pickle_remember(w, v);
}

/* NoneType and its like: type(None). */
static int save_type(struct pickle_writer *w, Value v)
{
    PyTypeObject *type = (PyTypeObject *)value_object(v);
    Value only = type == Py_TYPE(Py_None)             ? VALUE_NONE
                 : type == Py_TYPE(Py_Ellipsis)       ? VALUE_ELLIPSIS
                 : type == Py_TYPE(Py_NotImplemented) ? VALUE_NOT_IMPLEMENTED
                                                      : VALUE_ABSENT;
    if (value_is_absent(only)) {
        return pickle_save_global(w, v, NULL);
    }
    PyObject *args = tuple_pack(1, value_object(only));
    PyObject *reduced = args == NULL ? NULL : tuple_pack(2, (PyObject *)&PyType_Type, args);
    return reduced == NULL ? -1 : pickle_save_reduce(w, value_from_object(reduced), v);
}

/* ---- __reduce__. */

struct reduction { /* the items of the tuple; ABSENT: None or not given */
    Value function, args, state, list_items, dict_items, setter;
};

static int check_iterator(Value v, const char *which, Value function)
{
    if (value_is_absent(v) || object_is_iterator(v)) {
        return 0;
    }
    return error_raise_int(pickling_error,
                           "%s element of the tuple returned by %R must be an iterator, not %T",
                           which, function, v);
}

static int read_reduction(Value reduced, struct reduction *r)
{
    PyObject *t = value_object(reduced);
    Py_ssize_t count = tuple_length(t);
    if (count < 2 || count > 6) {
        return error_raise_int(pickling_error,
                               "tuple returned by __reduce__ must contain 2 through "
                               "6 elements");
    }
    Value *fields[] = {&r->function,   &r->args,       &r->state,
                       &r->list_items, &r->dict_items, &r->setter};
    for (Py_ssize_t i = 0; i < 6; i++) {
        *fields[i] = i < count ? tuple_get(t, i) : VALUE_ABSENT;
        if (i >= 2 && value_is_none(*fields[i])) {
            *fields[i] = VALUE_ABSENT;
        }
    }
    if (!object_is_callable(r->function)) {
        return error_raise_int(pickling_error,
                               "first item of the tuple returned by __reduce__ must "
                               "be callable");
    }
    if (!tuple_check(r->args)) {
        return error_raise_int(pickling_error, "second item of the tuple returned by __reduce__ "
                                               "must be a tuple");
    }
    if (check_iterator(r->list_items, "fourth", r->function) < 0 ||
        check_iterator(r->dict_items, "fifth", r->function) < 0) {
        return -1;
    }
    if (!value_is_absent(r->setter) && !object_is_callable(r->setter)) {
        return error_raise_int(pickling_error,
                               "sixth element of the tuple returned by %R must be a function, not "
                               "%T",
                               r->function, r->setter);
    }
    return 0;
}

/* Before protocol 4: partial(cls.__new__, cls, *args, **kwargs)(). */
static int save_partial(struct pickle_writer *w, Value class, Value args, Value kwargs)
{
    Value make = object_getattr(class, names.__new__);
    Value partial = value_is_null(make) ? make : import_attribute("functools", "partial");
    if (value_is_null(partial)) {
        return -1;
    }
    PyObject *all = tuple_pack(2, value_object(make), value_object(class));
    Value joined = all == NULL ? VALUE_NULL : object_binary(value_from_object(all), args, OP_ADD);
    Value bound = value_is_null(joined)
                      ? joined
                      : object_call_tuple(partial, value_object(joined), value_object(kwargs));
    return value_is_null(bound) || pickle_save(w, bound) < 0 ||
                   pickle_save(w, value_from_object(tuple_new(0))) < 0
               ? -1
               : pickle_op(w, PICKLE_REDUCE);
}

static int save_newobj_ex(struct pickle_writer *w, PyObject *args)
{
    if (tuple_length(args) != 3) {
        return error_raise_int(pickling_error,
                               "length of the NEWOBJ_EX argument tuple must be exactly 3, not %zd",
                               tuple_length(args));
    }
    Value class = tuple_get(args, 0), positional = tuple_get(args, 1), kwargs = tuple_get(args, 2);
    if (!value_is_instance(class, &PyType_Type)) {
        return error_raise_int(pickling_error,
                               "first item from NEWOBJ_EX argument tuple must be a "
                               "class, not %T",
                               class);
    }
    if (!tuple_check(positional)) {
        return error_raise_int(pickling_error,
                               "second item from NEWOBJ_EX argument tuple must be a "
                               "tuple, not %T",
                               positional);
    }
    if (!dict_check(kwargs)) {
        return error_raise_int(pickling_error,
                               "third item from NEWOBJ_EX argument tuple must be a "
                               "dict, not %T",
                               kwargs);
    }
    if (w->protocol < 4) {
        return save_partial(w, class, positional, kwargs);
    }
    return pickle_save(w, class) < 0 || pickle_save(w, positional) < 0 || pickle_save(w, kwargs) < 0
               ? -1
               : pickle_op(w, PICKLE_NEWOBJ_EX);
}

static int save_newobj(struct pickle_writer *w, PyObject *args, Value object)
{
    Value ignored;
    if (tuple_length(args) < 1) {
        return error_raise_int(pickling_error, "__newobj__ arglist is empty");
    }
    Value class = tuple_get(args, 0);
    int found = object_find_attr(class, names.__new__, &ignored);
    if (found <= 0) {
        return found < 0
                   ? -1
                   : error_raise_int(pickling_error, "args[0] from __newobj__ args has no __new__");
    }
    if (!value_is_absent(object)) {
        Value own = object_getattr(object, names.__class__);
        if (value_is_null(own)) {
            return -1;
        }
        if (own.bits != class.bits) {
            return error_raise_int(pickling_error,
                                   "args[0] from __newobj__ args has the wrong class");
        }
    }
    PyObject *rest = tuple_slice(args, 1, tuple_length(args));
    return rest == NULL || pickle_save(w, class) < 0 || pickle_save(w, value_from_object(rest)) < 0
               ? -1
               : pickle_op(w, PICKLE_NEWOBJ);
}

/* What makes the object: 0 or -1. */
static int save_maker(struct pickle_writer *w, const struct reduction *r, Value object)
{
    Value name;
    if (w->protocol >= 2) {
        int found = object_find_attr(r->function, names.__name__, &name);
        if (found < 0) {
            return -1;
        }
        if (found > 0 && str_check(name)) {
            if (str_equal(value_object(name), pickle_names.newobj_ex)) {
                return save_newobj_ex(w, value_object(r->args));
            }
            if (str_equal(value_object(name), pickle_names.newobj)) {
                return save_newobj(w, value_object(r->args), object);
            }
        }
    }
    return pickle_save(w, r->function) < 0 || pickle_save(w, r->args) < 0
               ? -1
               : pickle_op(w, PICKLE_REDUCE);
}

static int save_state(struct pickle_writer *w, const struct reduction *r, Value object)
{
    if (value_is_absent(r->setter)) {
        return pickle_save(w, r->state) < 0 ? -1 : pickle_op(w, PICKLE_BUILD);
    }
    return pickle_save(w, r->setter) < 0 || pickle_save(w, object) < 0 ||
                   pickle_save(w, r->state) < 0 || pickle_op(w, PICKLE_TUPLE2) < 0 ||
                   pickle_op(w, PICKLE_REDUCE) < 0
               ? -1
               : pickle_op(w, PICKLE_POP);
}

int pickle_save_reduce(struct pickle_writer *w, Value reduced, Value object)
{
    struct reduction r;
    if (read_reduction(reduced, &r) < 0 || save_maker(w, &r, object) < 0) {
        return -1;
    }
    if (!value_is_absent(object)) {
        size_t index;
        /* A cycle through the arguments has saved it meanwhile: that one is taken. */
        if (pickle_memo_find(&w->memo, object, &index)) {
            if (pickle_op(w, PICKLE_POP) < 0 || pickle_get(w, index) < 0) {
                return -1;
            }
        } else if (pickle_remember(w, object) < 0) {
            return -1;
        }
    }
    if (!value_is_absent(r.list_items) && pickle_append_all(w, r.list_items) < 0) {
        return -1;
    }
    if (!value_is_absent(r.dict_items) && pickle_set_all(w, r.dict_items) < 0) {
        return -1;
    }
    return value_is_absent(r.state) ? 0 : save_state(w, &r, object);
}

/* The function that the dispatch table has for the type: ABSENT if none. */
static Value find_reducer(struct pickle_writer *w, Value type)
{
    Value table = w->dispatch_table;
    if (value_is_absent(table)) {
        table = pickle_copyreg(pickle_names.dispatch_table);
        if (value_is_null(table)) {
            return table;
        }
    }
    if (dict_check_exact(table)) {
        return dict_get(value_object(table), type);
    }
    Value found = object_getitem(table, type);
    if (value_is_null(found) && error_matches(PyExc_KeyError)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return found;
}

static Value reduce(struct pickle_writer *w, Value v)
{
    Value function;
    int found = object_find_attr(v, names.__reduce_ex__, &function);
    if (found > 0) {
        return object_call1(function, value_from_int(w->protocol));
    }
    found = found < 0 ? found : object_find_attr(v, names.__reduce__, &function);
    if (found > 0) {
        return object_call0(function);
    }
    return found < 0 ? VALUE_NULL
                     : error_raise(pickling_error, "can't pickle '%T' object: %R", v, v);
}

static int save_reduced(struct pickle_writer *w, Value reduced, Value v)
{
    if (value_is_null(reduced)) {
        return -1;
    }
    if (str_check(reduced)) {
        return pickle_save_global(w, v, value_object(reduced));
    }
    if (!tuple_check(reduced)) {
        return error_raise_int(pickling_error, "__reduce__ must return a string or tuple");
    }
    return pickle_save_reduce(w, reduced, v);
}

int pickle_save_other(struct pickle_writer *w, Value v)
{
    PyTypeObject *type = value_type(v);
    if (!value_is_absent(w->reducer)) {
        Value reduced = object_call1(w->reducer, v);
        if (reduced.bits != VALUE_NOT_IMPLEMENTED.bits) {
            return save_reduced(w, reduced, v);
        }
    }
    if (type == &PyType_Type) {
        return save_type(w, v);
    }
    if (type == &PyFunction_Type) {
        return pickle_save_global(w, v, NULL);
    }
    Value reducer = find_reducer(w, value_from_object(type));
    if (value_is_present(reducer)) {
        return save_reduced(w, object_call1(reducer, v), v);
    }
    if (value_is_null(reducer)) {
        return -1;
    }
    if (type_is_subtype(type, &PyType_Type)) {
        return pickle_save_global(w, v, NULL);
    }
    return save_reduced(w, reduce(w, v), v);
}
