/* SPDX-License-Identifier: MIT */
/* Units: one code object in the making. Registers of variables, temporaries, labels, constants,
 * names, and the list of intermediate instructions. */
#include <stdlib.h>

#include "compile/compile_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"

/* ---- Registers of variables */

static int compare_symbols(const void *a, const void *b)
{
    return str_compare((*(struct symbol *const *)a)->name, (*(struct symbol *const *)b)->name);
}

static bool is_free(const struct scope *scope, const struct symbol *s)
{
    return s->scope == SCOPE_FREE || (scope->type == SCOPE_CLASS && (s->flags & DEF_FREE_CLASS));
}

static bool is_plain_cell(const struct scope *scope, const struct symbol *s)
{
    return scope->type == SCOPE_FUNCTION && s->scope == SCOPE_CELL && !(s->flags & DEF_PARAM);
}

static bool is_fast(const struct scope *scope, const struct symbol *s)
{
    return scope->type == SCOPE_FUNCTION &&
           (s->scope == SCOPE_LOCAL || (s->scope == SCOPE_CELL && (s->flags & DEF_PARAM)));
}

/* Numbers the symbols that `wanted` picks, sorted by name. */
static void number_sorted(struct compiler *c, struct unit *u,
                          bool (*wanted)(const struct scope *, const struct symbol *))
{
    struct scope *scope = u->scope;
    struct symbol **list = region_alloc(c, (scope->count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < scope->count; i++) {
        if (wanted(scope, scope->symbols[i])) {
            list[count++] = scope->symbols[i];
        }
    }
    qsort(list, count, sizeof *list, compare_symbols);
    for (size_t i = 0; i < count; i++) {
        list[i]->reg = u->local_count++;
    }
}

/* The order of co_varnames: parameters, *args, **kwargs, then the others as they were met. */
static void number_variables(struct compiler *c, struct unit *u)
{
    struct scope *scope = u->scope;
    for (size_t i = 0; i < scope->count; i++) {
        scope->symbols[i]->reg = -1;
        if (is_fast(scope, scope->symbols[i])) {
            scope->symbols[i]->reg = u->local_count++;
        }
    }
    u->fast_count = u->local_count;
    if (scope->needs_class_closure) {
        u->local_count++;
    }
    number_sorted(c, u, is_plain_cell);
    number_sorted(c, u, is_free);
    u->top = u->max = u->local_count;
}

static void emit_prologue(struct compiler *c, struct unit *u)
{
    struct scope *scope = u->scope;
    int first_free = u->local_count, free_count = 0;
    for (size_t i = 0; i < scope->count; i++) {
        if (is_free(scope, scope->symbols[i])) {
            free_count++;
            if (scope->symbols[i]->reg < first_free) {
                first_free = scope->symbols[i]->reg;
            }
        }
    }
    if (free_count > 0) {
        emit_ab(c, OPCODE_COPY_FREE_VARS, first_free, free_count);
    }
    if (scope->needs_class_closure) {
        emit_a(c, OPCODE_MAKE_CELL, u->fast_count);
    }
    for (size_t i = 0; i < scope->count && scope->type == SCOPE_FUNCTION; i++) {
        if (scope->symbols[i]->scope == SCOPE_CELL) {
            emit_a(c, OPCODE_MAKE_CELL, scope->symbols[i]->reg);
        }
    }
}

/* ---- Qualified names */

static bool is_global_in_parent(struct compiler *c, struct unit *parent, struct unit *u)
{
    if (parent->scope->type == SCOPE_MODULE) {
        return false;
    }
    PyObject *mangled = compile_mangle(c, parent->private_name, u->name);
    struct symbol *s = c->failed ? NULL : scope_symbol(parent->scope, mangled);
    return s != NULL && s->scope == SCOPE_GLOBAL_EXPLICIT;
}

static PyObject *qualified_name(struct compiler *c, struct unit *u)
{
    struct unit *parent = u->parent;
    if (parent == NULL || parent->kind == UNIT_MODULE) {
        return u->name;
    }
    bool named =
        u->kind == UNIT_FUNCTION || u->kind == UNIT_ASYNC_FUNCTION || u->kind == UNIT_CLASS;
    if (named && is_global_in_parent(c, parent, u)) {
        return u->name;
    }
    bool function = parent->kind != UNIT_CLASS;
    return keep(c, str_format(function ? "%U.<locals>.%U" : "%U.%U", parent->qualname, u->name));
}

struct unit *unit_enter(struct compiler *c, enum unit_kind kind, PyObject *name, void *key,
                        int first_line)
{
    struct unit *u = region_alloc(c, sizeof *u);
    u->parent = c->unit;
    u->kind = kind;
    u->name = name;
    u->scope = scope_find(c, key);
    check(u->scope != NULL);
    u->first_line = first_line;
    u->private_name = u->parent != NULL ? u->parent->private_name : NULL;
    u->consts = keep(c, list_new(0));
    u->const_index = keep(c, dict_new());
    u->names = keep(c, list_new(0));
    u->name_index = keep(c, dict_new());
    u->handler = -1;
    u->pos = (struct source_position){first_line, first_line, 0, 0};
    number_variables(c, u);
    c->unit = u;
    u->qualname = c->failed ? name : qualified_name(c, u);
    if (!c->failed) {
        emit_prologue(c, u);
    }
    return u;
}

PyObject *unit_leave(struct compiler *c)
{
    struct unit *u = c->unit;
    PyObject *code = NULL;
    if (!c->failed) {
        unit_optimize(c, u);
    }
    if (!c->failed) {
        code = keep(c, unit_assemble(c, u));
    }
    c->unit = u->parent;
    return code;
}

/* ---- Instructions and labels */

int32_t label_new(struct compiler *c)
{
    struct unit *u = c->unit;
    if (u->label_count == u->label_capacity) {
        int32_t capacity = u->label_capacity == 0 ? 32 : u->label_capacity * 2;
        u->labels = region_grow(c, u->labels, (size_t)u->label_capacity * sizeof *u->labels,
                                (size_t)capacity * sizeof *u->labels);
        u->label_capacity = capacity;
    }
    u->labels[u->label_count] = -1;
    return u->label_count++;
}

void label_place(struct compiler *c, int32_t label)
{
    debug_assert(c->unit->labels[label] == -1);
    c->unit->labels[label] = c->unit->count;
}

struct ir *emit(struct compiler *c, enum opcode op, int a, int b, int c_, int d)
{
    struct unit *u = c->unit;
    if (u->count == u->capacity) {
        int32_t capacity = u->capacity == 0 ? 64 : u->capacity * 2;
        u->code = region_grow(c, u->code, (size_t)u->capacity * sizeof *u->code,
                              (size_t)capacity * sizeof *u->code);
        u->capacity = capacity;
    }
    struct ir *i = &u->code[u->count++];
    *i = (struct ir){.op = (uint8_t)op,
                     .d = (uint8_t)d,
                     .a = a,
                     .b = b,
                     .c = c_,
                     .label = -1,
                     .handler = u->handler,
                     .pos = u->pos};
    return i;
}

void ignore_result(struct compiler *c, int reg)
{
    struct unit *u = c->unit;
    struct ir *last = u->count > 0 ? &u->code[u->count - 1] : NULL;
    if (last != NULL && (last->op == OPCODE_CALL || last->op == OPCODE_CALL_METHOD) &&
        last->a == reg) {
        last->d = 1;
    }
}

void emit_imm(struct compiler *c, enum opcode op, int a, int imm)
{
    emit(c, op, a, 0, 0, 0)->imm = imm;
}

struct ir *emit_jump(struct compiler *c, enum opcode op, int a, int b, int d, int32_t label)
{
    struct ir *i = emit(c, op, a, b, 0, d);
    i->label = label;
    return i;
}

void emit_move(struct compiler *c, int to, int from)
{
    if (to != from) {
        emit_ab(c, OPCODE_MOVE, to, from);
    }
}

int temp_push(struct compiler *c)
{
    return temp_push_many(c, 1);
}

int temp_push_many(struct compiler *c, int count)
{
    struct unit *u = c->unit;
    int first = u->top;
    u->top += count;
    if (u->top > u->max) {
        u->max = u->top;
        if (u->max > MAX_REGISTERS && !c->failed) {
            error_raise(PyExc_SystemError, "too many local variables and temporaries in %U",
                        u->name);
            c->failed = true;
        }
    }
    return first;
}

int32_t handler_new(struct compiler *c, int32_t label, int reg)
{
    struct unit *u = c->unit;
    if (u->handler_count == u->handler_capacity) {
        int32_t capacity = u->handler_capacity == 0 ? 8 : u->handler_capacity * 2;
        u->handlers = region_grow(c, u->handlers, (size_t)u->handler_capacity * sizeof *u->handlers,
                                  (size_t)capacity * sizeof *u->handlers);
        u->handler_capacity = capacity;
    }
    if (reg >= u->max) {
        u->max = reg + 1;
    }
    u->handlers[u->handler_count] = (struct handler){label, reg};
    return u->handler_count++;
}

struct block *block_push(struct compiler *c, enum block_kind kind)
{
    struct unit *u = c->unit;
    if (u->block_count >= MAX_BLOCKS) {
        compile_error(c, u->pos, "too many statically nested blocks");
        u->block_count--;
    }
    struct block *block = &u->blocks[u->block_count++];
    *block = (struct block){.kind = kind, .handler = u->handler, .pos = u->pos};
    return block;
}

void block_pop(struct compiler *c)
{
    if (c->unit->block_count > 0) {
        c->unit->block_count--;
    }
}

/* ---- Constants and names */

static PyObject *pair_key(PyTypeObject *type, PyObject *value)
{
    return value == NULL ? NULL : tuple_pack(2, (PyObject *)type, value);
}

static PyObject *const_key(Value v);

static PyObject *tuple_key(PyObject *tuple)
{
    PyObject *list = list_new(tuple_length(tuple) + 1);
    if (list == NULL || list_append(list, value_from_object(&PyTuple_Type)) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < tuple_length(tuple); i++) {
        PyObject *key = const_key(tuple_get(tuple, i));
        if (key == NULL || list_append(list, value_from_object(key)) < 0) {
            return NULL;
        }
    }
    return list_to_tuple(list);
}

/* Equal keys: constants that may be one. Types, signs of zeros and so on must not mix. */
static PyObject *const_key(Value v)
{
    if (str_check_exact(v) || value_is_none(v) || v.bits == VALUE_ELLIPSIS.bits) {
        return value_object(v);
    }
    if (float_check_exact(v)) {
        return pair_key(&PyFloat_Type, float_repr(float_value(v)));
    }
    if (tuple_check_exact(v)) {
        return tuple_key(value_object(v));
    }
    PyTypeObject *type = value_type(v);
    if (type == &PyComplex_Type) {
        return pair_key(type, object_repr(v));
    }
    if (type == &PyLong_Type || type == &PyBool_Type || type == &PyBytes_Type) {
        return pair_key(type, value_box(v));
    }
    return pair_key(type, int_box((int64_t)v.bits >> 3)); /* by identity */
}

static int32_t add_indexed(struct compiler *c, PyObject *list, PyObject *index, PyObject *key,
                           Value v)
{
    if (keep(c, key) == NULL) {
        return 0;
    }
    Value found = dict_get(index, value_from_object(key));
    if (value_is_int(found)) {
        return (int32_t)value_int(found);
    }
    int32_t position = (int32_t)list_length(list);
    if (value_is_null(found) || list_append(list, v) < 0 ||
        dict_set(index, value_from_object(key), value_from_int(position)) < 0) {
        c->failed = true;
    }
    return position;
}

/* Would it do as an identifier? Such strings are interned. */
static bool is_name_like(PyObject *s)
{
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 ch = str_at(s, i);
        if (ch >= 128 || !((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                           (ch >= '0' && ch <= '9') || ch == '_')) {
            return false;
        }
    }
    return true;
}

/* Interns strings, also inside tuples and frozensets, which nobody else has seen yet. */
static Value intern_constant(struct compiler *c, Value v)
{
    if (str_check_exact(v)) {
        bool intern = !str_is_interned(value_object(v)) && is_name_like(value_object(v));
        return intern ? value_from_object(keep(c, str_intern(value_object(v)))) : v;
    }
    if (tuple_check_exact(v)) {
        PyTupleObject *tuple = (PyTupleObject *)value_object(v);
        for (Py_ssize_t i = 0; i < tuple_length(value_object(v)) && !c->failed; i++) {
            Value item = intern_constant(c, value_from_object(tuple->ob_item[i]));
            heap_store(tuple, &tuple->ob_item[i], value_object(item));
        }
        return v;
    }
    if (value_type(v) == &PyFrozenSet_Type) {
        PyObject *items = keep(c, object_to_tuple(v));
        if (items == NULL) {
            return v;
        }
        intern_constant(c, value_from_object(items));
        PyObject *set = keep(c, set_new(&PyFrozenSet_Type, value_from_object(items)));
        return set == NULL ? v : value_from_object(set);
    }
    return v;
}

int32_t const_add(struct compiler *c, Value value)
{
    if (!c->failed) {
        value = intern_constant(c, value);
    }
    if (c->failed) {
        return 0;
    }
    return add_indexed(c, c->unit->consts, c->unit->const_index, const_key(value), value);
}

int32_t const_add_unshared(struct compiler *c, Value value)
{
    if (c->failed || value_is_null(value)) {
        c->failed = true;
        return 0;
    }
    if (list_append(c->unit->consts, value) < 0) {
        c->failed = true;
    }
    return (int32_t)list_length(c->unit->consts) - 1;
}

int32_t name_add(struct compiler *c, PyObject *name)
{
    if (c->failed) {
        return 0;
    }
    return add_indexed(c, c->unit->names, c->unit->name_index, name, value_from_object(name));
}

void emit_const(struct compiler *c, int to, Value value)
{
    int64_t small;
    if (int_check_exact(value) && int_try_small(value, &small) && small >= INT32_MIN &&
        small <= INT32_MAX) {
        emit_imm(c, OPCODE_LOAD_INT, to, (int)small);
        return;
    }
    emit_imm(c, OPCODE_LOAD_CONST, to, const_add(c, value));
}

void emit_none(struct compiler *c, int to)
{
    emit_const(c, to, VALUE_NONE);
}

void emit_name(struct compiler *c, enum opcode op, int a, PyObject *name)
{
    emit_imm(c, op, a, name_add(c, name));
}

void emit_attr(struct compiler *c, enum opcode op, int a, int b, PyObject *name)
{
    emit_abc(c, op, a, b, name_add(c, name));
}
