/* SPDX-License-Identifier: MIT */
/* Context, ContextVar and Token.
 *
 * A context holds an immutable map, an array of variables and values sorted by the variable's
 * address; setting a variable makes a new array. So copying a context is one pointer, reading takes
 * no lock, and a context may be copied while the thread that runs in it sets variables. Contexts
 * are small (a handful of variables), which is why this is an array and no tree. */
#include "object/context.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/function.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "object/type_int.h"

struct context_map { /* a CELL_WORDS cell: immutable */
    Value count;     /* an inline integer */
    Value words[];   /* variable, value, variable, value ... */
};

struct context {
    PyObject_HEAD struct context_map *map; /* atomic */
    struct context *previous;              /* while entered: the one before */
    PyObject *weaklist;
    uint8_t entered; /* atomic */
};

struct context_var {
    PyObject_HEAD PyObject *name;
    Value fallback; /* ABSENT: none */
};

struct context_token {
    PyObject_HEAD struct context *context;
    struct context_var *var;
    Value old;    /* ABSENT: was not set */
    uint8_t used; /* atomic */
};

static struct context *context_cast(Value v)
{
    return (struct context *)value_object(v);
}

/* ---- Maps. */

static size_t map_count(const struct context_map *map)
{
    return map == NULL ? 0 : (size_t)value_int(map->count);
}

/* Where the variable is, or would be. */
static size_t map_place(const struct context_map *map, const struct context_var *var)
{
    size_t low = 0, high = map_count(map);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (map->words[2 * middle].bits < (uint64_t)(uintptr_t)var) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static Value map_find(const struct context_map *map, const struct context_var *var)
{
    size_t place = map_place(map, var);
    if (place < map_count(map) && map->words[2 * place].bits == (uint64_t)(uintptr_t)var) {
        return map->words[2 * place + 1];
    }
    return VALUE_ABSENT;
}

static struct context_map *map_new(size_t count)
{
    struct context_map *map = heap_alloc(sizeof *map + 2 * count * sizeof(Value), CELL_WORDS);
    if (map == NULL) {
        error_no_memory();
        return NULL;
    }
    map->count = value_from_int((int64_t)count);
    return map;
}

/* A map with the variable set, or without it if value is ABSENT. */
static struct context_map *map_with(const struct context_map *old, struct context_var *var,
                                    Value value)
{
    size_t count = map_count(old), place = map_place(old, var);
    bool present = place < count && old->words[2 * place].bits == (uint64_t)(uintptr_t)var;
    bool keep = !value_is_absent(value);
    struct context_map *map = map_new(count - present + keep);
    if (map == NULL) {
        return NULL;
    }
    if (old != NULL) {
        heap_init_copy(map, map->words, old->words, 2 * place);
        heap_init_copy(map, map->words + 2 * (place + keep), old->words + 2 * (place + present),
                       2 * (count - place - present));
    }
    if (keep) {
        heap_init_value(map, &map->words[2 * place], value_from_object(var));
        heap_init_value(map, &map->words[2 * place + 1], value);
    }
    return map;
}

/* ---- Contexts. */

static struct context *context_alloc(struct context_map *map)
{
    struct context *context = (struct context *)object_alloc(&PyContext_Type, 0);
    if (context != NULL) {
        heap_init(context, &context->map, map);
    }
    return context;
}

PyObject *context_new(void)
{
    return (PyObject *)context_alloc(NULL);
}

PyObject *context_copy(PyObject *context)
{
    return (PyObject *)context_alloc(atomic_load_acquire(&((struct context *)context)->map));
}

static struct context *current(void)
{
    Value v = thread_current()->locals[THREAD_LOCAL_CONTEXT];
    return value_is_object(v) ? context_cast(v) : NULL;
}

static struct context *ensure_current(void)
{
    struct context *context = current();
    if (context == NULL) {
        context = context_alloc(NULL);
        thread_current()->locals[THREAD_LOCAL_CONTEXT] = value_from_object(context);
    }
    return context;
}

PyObject *context_copy_current(void)
{
    struct context *context = ensure_current();
    return context == NULL ? NULL : context_copy((PyObject *)context);
}

int context_enter(PyObject *o)
{
    struct context *context = (struct context *)o;
    uint8_t expected = 0;
    if (!atomic_cas_acq_rel(&context->entered, expected, 1)) {
        return error_raise_int(PyExc_RuntimeError, "cannot enter context: %R is already entered",
                               value_from_object(o));
    }
    heap_store(context, &context->previous, current());
    thread_current()->locals[THREAD_LOCAL_CONTEXT] = value_from_object(context);
    return 0;
}

int context_exit(PyObject *o)
{
    struct context *context = (struct context *)o;
    if (atomic_load_acquire(&context->entered) == 0) {
        return error_raise_int(PyExc_RuntimeError, "cannot exit context: %R has not been entered",
                               value_from_object(o));
    }
    if (current() != context) {
        return error_raise_int(
            PyExc_RuntimeError,
            "cannot exit context: thread state references a different context object");
    }
    thread_current()->locals[THREAD_LOCAL_CONTEXT] = value_from_object(context->previous);
    heap_store(context, &context->previous, NULL);
    atomic_store_release(&context->entered, 0);
    return 0;
}

/* ---- Variables. */

PyObject *context_var_new(PyObject *name, Value fallback)
{
    struct context_var *var = (struct context_var *)object_alloc(&PyContextVar_Type, 0);
    if (var != NULL) {
        heap_init(var, &var->name, name);
        heap_init_value(var, &var->fallback, fallback);
    }
    return (PyObject *)var;
}

Value context_var_get(PyObject *o, Value fallback)
{
    struct context_var *var = (struct context_var *)o;
    struct context *context = current();
    if (context != NULL) {
        Value found = map_find(atomic_load_acquire(&context->map), var);
        if (!value_is_absent(found)) {
            return found;
        }
    }
    return value_is_absent(fallback) ? var->fallback : fallback;
}

static int store(struct context *context, struct context_var *var, Value value)
{
    struct context_map *map = map_with(context->map, var, value);
    if (map == NULL) {
        return -1;
    }
    heap_store(context, &context->map, map);
    return 0;
}

PyObject *context_var_set(PyObject *o, Value value)
{
    struct context_var *var = (struct context_var *)o;
    struct context *context = ensure_current();
    struct context_token *token =
        context == NULL ? NULL : (struct context_token *)object_alloc(&PyContextToken_Type, 0);
    if (token == NULL) {
        return NULL;
    }
    heap_init(token, &token->context, context);
    heap_init(token, &token->var, var);
    heap_init_value(token, &token->old, map_find(context->map, var));
    return store(context, var, value) < 0 ? NULL : (PyObject *)token;
}

int context_var_reset(PyObject *o, PyObject *token_object)
{
    struct context_token *token = (struct context_token *)token_object;
    Value shown = value_from_object(token);
    if (token->var != (struct context_var *)o) {
        return error_raise_int(PyExc_ValueError, "%R was created by a different ContextVar", shown);
    }
    if (token->context != current()) {
        return error_raise_int(PyExc_ValueError, "%R was created in a different Context", shown);
    }
    uint8_t expected = 0;
    if (!atomic_cas_acq_rel(&token->used, expected, 1)) {
        return error_raise_int(PyExc_RuntimeError, "%R has already been used once", shown);
    }
    if (value_is_absent(token->old) && value_is_absent(map_find(token->context->map, token->var))) {
        return error_raise_value(PyExc_LookupError, value_from_object(o)), -1;
    }
    return store(token->context, token->var, token->old);
}

/* ---- The type Context. */

static Value context_type_new(PyTypeObject *type, const Value *args, size_t nargs,
                              PyObject *kwnames)
{
    if (nargs > 0 || (kwnames != NULL && tuple_length(kwnames) > 0)) {
        return error_raise(PyExc_TypeError, "Context() does not accept any arguments");
    }
    return value_from_object(context_new());
}

static int check_key(Value key)
{
    return value_type(key) == &PyContextVar_Type
               ? 0
               : error_raise_int(PyExc_TypeError, "a ContextVar key was expected, got %R", key);
}

static Value context_lookup(Value self, Value key)
{
    if (check_key(key) < 0) {
        return VALUE_NULL;
    }
    return map_find(atomic_load_acquire(&context_cast(self)->map),
                    (struct context_var *)value_object(key));
}

static Value context_getitem(Value self, Value key)
{
    Value found = context_lookup(self, key);
    return value_is_absent(found) ? error_raise_value(PyExc_KeyError, key) : found;
}

static int context_contains(Value self, Value key)
{
    Value found = context_lookup(self, key);
    return value_is_null(found) ? -1 : !value_is_absent(found);
}

static Py_ssize_t context_len(Value self)
{
    return (Py_ssize_t)map_count(context_cast(self)->map);
}

enum { KEYS, VALUES, ITEMS };

static Value map_part(const struct context_map *map, size_t i, int kind)
{
    if (kind == ITEMS) {
        return value_from_object(tuple_from_array(&map->words[2 * i], 2));
    }
    return map->words[2 * i + (kind == VALUES)];
}

static Value context_list(Value self, int kind)
{
    const struct context_map *map = atomic_load_acquire(&context_cast(self)->map);
    PyObject *list = list_new((Py_ssize_t)map_count(map));
    for (size_t i = 0; list != NULL && i < map_count(map); i++) {
        Value part = map_part(map, i, kind);
        if (value_is_null(part) || list_append(list, part) < 0) {
            return VALUE_NULL;
        }
    }
    return list == NULL ? VALUE_NULL : object_iter(value_from_object(list));
}

static Value context_iter(Value self)
{
    return context_list(self, KEYS);
}
static Value method_keys(Value self)
{
    return context_list(self, KEYS);
}
static Value method_values(Value self)
{
    return context_list(self, VALUES);
}
static Value method_items(Value self)
{
    return context_list(self, ITEMS);
}
static Value method_copy(Value self)
{
    return value_from_object(context_copy(value_object(self)));
}

static Value method_get(Value self, const Value *args)
{
    Value found = context_lookup(self, args[0]);
    if (!value_is_absent(found)) {
        return found;
    }
    return value_is_absent(args[1]) ? VALUE_NONE : args[1];
}

static Value method_run(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "run() missing 1 required positional argument");
    }
    if (context_enter(value_object(self)) < 0) {
        return VALUE_NULL;
    }
    Value result = object_call(args[0], args + 1, nargs - 1, kwnames);
    PyObject *pending = value_is_null(result) ? error_take() : NULL;
    if (context_exit(value_object(self)) < 0) {
        return VALUE_NULL;
    }
    if (pending != NULL) {
        error_restore(pending);
    }
    return result;
}

static int maps_equal(const struct context_map *a, const struct context_map *b)
{
    if (map_count(a) != map_count(b)) {
        return 0;
    }
    for (size_t i = 0; i < map_count(a); i++) {
        if (!value_same_bits(a->words[2 * i], b->words[2 * i])) {
            return 0;
        }
        int equal = object_equal(a->words[2 * i + 1], b->words[2 * i + 1]);
        if (equal <= 0) {
            return equal;
        }
    }
    return 1;
}

static Value context_richcompare(Value self, Value other, int op)
{
    if (value_type(other) != &PyContext_Type || (op != Py_EQ && op != Py_NE)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    int equal = maps_equal(context_cast(self)->map, context_cast(other)->map);
    return equal < 0 ? VALUE_NULL : value_from_bool(equal == (op == Py_EQ));
}

static const struct native_def context_methods[] = {
    {"run", NULL, "Run a callable in this context.", .raw = method_run},
    {"get", "($self, key, default=None, /)",
     "Return the value for `key` if it is there, else default.", .n = method_get},
    {"keys", "($self, /)", "Return the variables in the context.", .f0 = method_keys},
    {"values", "($self, /)", "Return the values in the context.", .f0 = method_values},
    {"items", "($self, /)", "Return pairs of variables and values.", .f0 = method_items},
    {"copy", "($self, /)", "Return a shallow copy of the context object.", .f0 = method_copy},
    {NULL},
};

static void context_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct context *)self)->map);
    trace_pointer(tracer, ((struct context *)self)->previous);
}

static struct type_info context_info = {
    .ops =
        {
            .new_ = context_type_new,
            .getitem = context_getitem,
            .contains = context_contains,
            .len = context_len,
            .iter = context_iter,
            .richcompare = context_richcompare,
        },
    .trace = context_trace,
    .methods = context_methods,
};

PyTypeObject PyContext_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_contextvars.Context",
    .tp_basicsize = sizeof(struct context),
    .tp_weaklistoffset = offsetof(struct context, weaklist),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&context_info,
};

/* ---- The type ContextVar. */

static Value var_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value out[2];
    if (native_bind("ContextVar", "(name, /, *, default=None)", &signature, args, nargs, kwnames,
                    out) < 0) {
        return VALUE_NULL;
    }
    if (!str_check(out[0])) {
        return error_raise(PyExc_TypeError, "context variable name must be a str");
    }
    return value_from_object(context_var_new(value_object(out[0]), out[1]));
}

static Value var_get(Value self, const Value *args)
{
    Value found = context_var_get(value_object(self), args[0]);
    return value_is_absent(found) ? error_raise_value(PyExc_LookupError, self) : found;
}

static Value var_set(Value self, Value value)
{
    return value_from_object(context_var_set(value_object(self), value));
}

static Value var_reset(Value self, Value token)
{
    if (value_type(token) != &PyContextToken_Type) {
        return error_raise(PyExc_TypeError, "expected an instance of Token, got %R", token);
    }
    return context_var_reset(value_object(self), value_object(token)) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static Value var_repr(Value self)
{
    struct context_var *var = (struct context_var *)value_object(self);
    Value name = value_from_object(var->name);
    unsigned long long address = self.bits;
    if (value_is_absent(var->fallback)) {
        return value_from_object(str_format("<ContextVar name=%R at 0x%llx>", name, address));
    }
    return value_from_object(
        str_format("<ContextVar name=%R default=%R at 0x%llx>", name, var->fallback, address));
}

static const struct native_def var_methods[] = {
    {"get", "($self, default=<unrepresentable>, /)", "Return the value for the current context.",
     .n = var_get},
    {"set", "($self, value, /)", "Set a new value in the current context.", .f1 = var_set},
    {"reset", "($self, token, /)", "Restore the value from before the set() that gave the token.",
     .f1 = var_reset},
    {"__class_getitem__", "($type, object, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static const struct member_def var_members[] = {
    {"name", T_OBJECT, offsetof(struct context_var, name), READONLY},
    {NULL},
};

static void var_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct context_var *)self)->name);
    trace_value(tracer, ((struct context_var *)self)->fallback);
}

static struct type_info var_info = {
    .ops = {.repr = var_repr, .new_ = var_new},
    .trace = var_trace,
    .methods = var_methods,
    .members = var_members,
};

PyTypeObject PyContextVar_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_contextvars.ContextVar",
    .tp_basicsize = sizeof(struct context_var),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&var_info,
};

/* ---- The type Token, and Token.MISSING. */

static Value missing_repr(Value self)
{
    return value_from_object(str_from_text("<Token.MISSING>"));
}
static struct type_info missing_info = {.ops = {.repr = missing_repr},
                                        .flags = TYPE_NO_NEW | TYPE_LEAF};

static PyTypeObject missing_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "Token.MISSING",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&missing_info,
};

static PyObject token_missing = STATIC_OBJECT_HEAD(&missing_type);

static Value token_get_var(Value self, void *closure)
{
    return value_from_object(((struct context_token *)value_object(self))->var);
}

static Value token_get_old(Value self, void *closure)
{
    Value old = ((struct context_token *)value_object(self))->old;
    return value_is_absent(old) ? value_from_object(&token_missing) : old;
}

static Value token_repr(Value self)
{
    struct context_token *token = (struct context_token *)value_object(self);
    return value_from_object(str_format("<Token%s var=%R at 0x%llx>", token->used ? " used" : "",
                                        value_from_object(token->var),
                                        (unsigned long long)self.bits));
}

static const struct getset_def token_getsets[] = {
    {"var", token_get_var},
    {"old_value", token_get_old},
    {NULL},
};

static const struct native_def token_methods[] = {
    {"__class_getitem__", "($type, object, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static Value token_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return error_raise(PyExc_RuntimeError, "Tokens can only be created by ContextVars");
}

static void token_trace(PyObject *self, struct tracer *tracer)
{
    struct context_token *token = (struct context_token *)self;
    trace_pointer(tracer, token->context);
    trace_pointer(tracer, token->var);
    trace_value(tracer, token->old);
}

static struct type_info token_info = {
    .ops = {.repr = token_repr, .new_ = token_new, .hash = object_hash_not_implemented},
    .trace = token_trace,
    .methods = token_methods,
    .getsets = token_getsets,
};

PyTypeObject PyContextToken_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_contextvars.Token",
    .tp_basicsize = sizeof(struct context_token),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&token_info,
};

int context_init(void)
{
    PyObject *name = str_intern_text("MISSING");
    if (name == NULL || type_ready(&missing_type) < 0 || type_ready(&PyContextToken_Type) < 0) {
        return -1;
    }
    return dict_set_str(PyContextToken_Type.tp_dict, name, value_from_object(&token_missing));
}
