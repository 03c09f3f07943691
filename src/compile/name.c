/* SPDX-License-Identifier: MIT */
/* Variables and assignment targets. */
#include "compile/compile_int.h"
#include "object/dict.h"

/* Where a name lives, seen from the current unit. */
enum place { PLACE_FAST, PLACE_DEREF, PLACE_GLOBAL, PLACE_NAME };
struct variable {
    enum place place;
    int reg;
    PyObject *name; /* mangled */
};

static struct variable find_variable(struct compiler *c, PyObject *name)
{
    struct unit *u = c->unit;
    struct variable v = {PLACE_NAME, -1, compile_mangle(c, u->private_name, name)};
    struct symbol *s = c->failed ? NULL : scope_symbol(u->scope, v.name);
    bool function = u->scope->type == SCOPE_FUNCTION;
    if (s == NULL) {
        return v;
    }
    v.reg = s->reg;
    switch (s->scope) {
    case SCOPE_LOCAL: v.place = function ? PLACE_FAST : PLACE_NAME; break;
    case SCOPE_CELL: v.place = function ? PLACE_DEREF : PLACE_NAME; break;
    case SCOPE_FREE: v.place = PLACE_DEREF; break;
    case SCOPE_GLOBAL_EXPLICIT: v.place = PLACE_GLOBAL; break;
    case SCOPE_GLOBAL_IMPLICIT: v.place = function ? PLACE_GLOBAL : PLACE_NAME; break;
    case SCOPE_UNKNOWN: break;
    }
    return v;
}

bool name_is_forbidden(struct compiler *c, PyObject *name, enum expr_context ctx)
{
    if (ctx == EXPR_CONTEXT_Load || !str_equal_text(name, "__debug__")) {
        return false;
    }
    compile_error(c, c->unit->pos,
                  ctx == EXPR_CONTEXT_Store ? "cannot assign to __debug__"
                                            : "cannot delete __debug__");
    return true;
}

int name_local(struct compiler *c, PyObject *name)
{
    struct variable v = find_variable(c, name);
    return v.place == PLACE_FAST ? v.reg : -1;
}

void name_load_into(struct compiler *c, PyObject *name, int reg)
{
    struct variable v = find_variable(c, name);
    switch (v.place) {
    case PLACE_FAST:
        emit_a(c, OPCODE_CHECK_LOCAL, v.reg);
        emit_move(c, reg, v.reg);
        break;
    case PLACE_DEREF:
        emit_ab(c, c->unit->scope->type == SCOPE_CLASS ? OPCODE_LOAD_CLASSDEREF : OPCODE_LOAD_DEREF,
                reg, v.reg);
        break;
    case PLACE_GLOBAL: emit_name(c, OPCODE_LOAD_GLOBAL, reg, v.name); break;
    case PLACE_NAME: emit_name(c, OPCODE_LOAD_NAME, reg, v.name); break;
    }
}

void name_store(struct compiler *c, PyObject *name, int from)
{
    if (name_is_forbidden(c, name, EXPR_CONTEXT_Store)) {
        return;
    }
    struct variable v = find_variable(c, name);
    switch (v.place) {
    case PLACE_FAST: emit_move(c, v.reg, from); break;
    case PLACE_DEREF: emit_ab(c, OPCODE_STORE_DEREF, v.reg, from); break;
    case PLACE_GLOBAL: emit_name(c, OPCODE_STORE_GLOBAL, from, v.name); break;
    case PLACE_NAME: emit_name(c, OPCODE_STORE_NAME, from, v.name); break;
    }
}

void name_delete(struct compiler *c, PyObject *name)
{
    if (name_is_forbidden(c, name, EXPR_CONTEXT_Del)) {
        return;
    }
    struct variable v = find_variable(c, name);
    switch (v.place) {
    case PLACE_FAST: emit_a(c, OPCODE_DELETE_LOCAL, v.reg); break;
    case PLACE_DEREF: emit_a(c, OPCODE_DELETE_DEREF, v.reg); break;
    case PLACE_GLOBAL: emit_name(c, OPCODE_DELETE_GLOBAL, 0, v.name); break;
    case PLACE_NAME: emit_name(c, OPCODE_DELETE_NAME, 0, v.name); break;
    }
}

/* ---- Storing */

static PyObject *attribute_name(struct compiler *c, struct expr *e)
{
    return compile_mangle(c, c->unit->private_name, e->v.Attribute.attr);
}

static int find_star(struct compiler *c, struct expr_seq *elts)
{
    int star = -1;
    for (size_t i = 0; i < elts->count; i++) {
        if (elts->items[i]->kind != EXPR_Starred) {
            continue;
        }
        if (star >= 0) {
            compile_error(c, c->unit->pos, "multiple starred expressions in assignment");
            return star;
        }
        star = (int)i;
    }
    return star;
}

/* If the targets are plain locals in consecutive registers, the first register, else -1. */
static int consecutive_locals(struct compiler *c, struct expr_seq *elts)
{
    int first = -1;
    for (size_t i = 0; i < elts->count; i++) {
        struct expr *e = elts->items[i];
        if (e->kind == EXPR_Starred) {
            e = e->v.Starred.value;
        }
        int reg = e->kind == EXPR_Name ? name_local(c, e->v.Name.id) : -1;
        if (reg < 0 || (i > 0 && reg != first + (int)i) ||
            str_equal_text(e->v.Name.id, "__debug__")) {
            return -1;
        }
        if (i == 0) {
            first = reg;
        }
    }
    return first;
}

static void unpack_store(struct compiler *c, struct expr_seq *elts, int from)
{
    int star = find_star(c, elts), count = (int)elts->count;
    int mark = c->unit->top;
    int first = consecutive_locals(c, elts);
    bool direct = first >= 0 && count > 0;
    if (!direct) {
        first = temp_push_many(c, count);
    }
    if (star < 0) {
        emit_abc(c, OPCODE_UNPACK_SEQUENCE, first, from, count);
    } else if (star > 255 || count - star - 1 > 255) {
        compile_error(c, c->unit->pos, "too many expressions in star-unpacking assignment");
    } else {
        emit(c, OPCODE_UNPACK_EX, first, from, star, count - star - 1);
    }
    for (int i = 0; i < count && !direct; i++) {
        struct expr *e = elts->items[i];
        target_store(c, e->kind == EXPR_Starred ? e->v.Starred.value : e, first + i);
    }
    c->unit->top = mark;
}

static void store_inner(struct compiler *c, struct expr *t, int from)
{
    int mark = c->unit->top;
    switch (t->kind) {
    case EXPR_Name: name_store(c, t->v.Name.id, from); break;
    case EXPR_Attribute: {
        int object = expr_any(c, t->v.Attribute.value);
        c->unit->pos = attribute_position(t, c->unit->pos);
        if (!name_is_forbidden(c, t->v.Attribute.attr, EXPR_CONTEXT_Store)) {
            emit_attr(c, OPCODE_STORE_ATTR, object, from, attribute_name(c, t));
        }
        break;
    }
    case EXPR_Subscript: {
        int object = expr_operand(c, t->v.Subscript.value, -1, t->v.Subscript.slice);
        int key = expr_any(c, t->v.Subscript.slice);
        emit_abc(c, OPCODE_STORE_ITEM, object, key, from);
        break;
    }
    case EXPR_List: unpack_store(c, t->v.List.elts, from); break;
    case EXPR_Tuple: unpack_store(c, t->v.Tuple.elts, from); break;
    case EXPR_Starred:
        compile_error(c, c->unit->pos, "starred assignment target must be in a list or tuple");
        break;
    default: compile_error(c, c->unit->pos, "cannot assign to this expression"); break;
    }
    c->unit->top = mark;
}

void target_store(struct compiler *c, struct expr *target, int from)
{
    if (!compile_enter(c)) {
        return;
    }
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(target);
    store_inner(c, target, from);
    c->unit->pos = saved;
    compile_leave(c);
}

static void delete_all(struct compiler *c, struct expr_seq *elts)
{
    for (size_t i = 0; i < elts->count; i++) {
        target_delete(c, elts->items[i]);
    }
}

static void delete_inner(struct compiler *c, struct expr *t)
{
    int mark = c->unit->top;
    switch (t->kind) {
    case EXPR_Name: name_delete(c, t->v.Name.id); break;
    case EXPR_Attribute: {
        int object = expr_any(c, t->v.Attribute.value);
        c->unit->pos = attribute_position(t, c->unit->pos);
        if (!name_is_forbidden(c, t->v.Attribute.attr, EXPR_CONTEXT_Del)) {
            emit_attr(c, OPCODE_DELETE_ATTR, object, 0, attribute_name(c, t));
        }
        break;
    }
    case EXPR_Subscript: {
        int object = expr_operand(c, t->v.Subscript.value, -1, t->v.Subscript.slice);
        int key = expr_any(c, t->v.Subscript.slice);
        emit_ab(c, OPCODE_DELETE_ITEM, object, key);
        break;
    }
    case EXPR_List: delete_all(c, t->v.List.elts); break;
    case EXPR_Tuple: delete_all(c, t->v.Tuple.elts); break;
    default: compile_error(c, c->unit->pos, "cannot delete this expression"); break;
    }
    c->unit->top = mark;
}

void target_delete(struct compiler *c, struct expr *target)
{
    if (!compile_enter(c)) {
        return;
    }
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(target);
    delete_inner(c, target);
    c->unit->pos = saved;
    compile_leave(c);
}

/* ---- Assignments */

static bool has_starred(const struct expr_seq *elts)
{
    for (size_t i = 0; i < elts->count; i++) {
        if (elts->items[i]->kind == EXPR_Starred) {
            return true;
        }
    }
    return false;
}

static struct expr_seq *sequence_items(struct expr *e)
{
    return e->kind == EXPR_Tuple ? e->v.Tuple.elts : e->kind == EXPR_List ? e->v.List.elts : NULL;
}

/* Is reg one of the plain locals that the first `count` targets assign? */
static bool assigned_before(struct compiler *c, struct expr_seq *targets, size_t count, int reg)
{
    for (size_t i = 0; i < count; i++) {
        struct expr *t = targets->items[i];
        if (t->kind != EXPR_Name || name_local(c, t->v.Name.id) == reg) {
            return true;
        }
    }
    return false;
}

/* `a, b = b, a`: no tuple is made. False: not of that form. */
static bool assign_parallel(struct compiler *c, struct expr *target, struct expr *value)
{
    struct expr_seq *to = sequence_items(target), *from = sequence_items(value);
    if (to == NULL || from == NULL || value->kind != EXPR_Tuple || to->count != from->count ||
        to->count == 0 || to->count > 30 || has_starred(to) || has_starred(from)) {
        return false;
    }
    int mark = c->unit->top;
    int *regs = region_alloc(c, to->count * sizeof *regs);
    for (size_t i = 0; i < from->count; i++) {
        struct expr *e = from->items[i];
        int local = e->kind == EXPR_Name ? name_local(c, e->v.Name.id) : -1;
        bool rebound = false;
        for (size_t j = i + 1; j < from->count && local >= 0 && !rebound; j++) {
            rebound = expr_may_rebind(c, from->items[j]);
        }
        bool copy = local >= 0 && (rebound || assigned_before(c, to, i, local));
        regs[i] = copy ? expr_temp(c, e) : expr_any(c, e);
    }
    for (size_t i = 0; i < to->count; i++) {
        target_store(c, to->items[i], regs[i]);
    }
    c->unit->top = mark;
    return true;
}

void assign_compile(struct compiler *c, struct expr_seq *targets, struct expr *value)
{
    int mark = c->unit->top;
    struct expr *first = targets->items[0];
    if (targets->count == 1 && assign_parallel(c, first, value)) {
        return;
    }
    int local = first->kind == EXPR_Name ? name_local(c, first->v.Name.id) : -1;
    if (targets->count == 1 && local >= 0 && !str_equal_text(first->v.Name.id, "__debug__")) {
        expr_into(c, value, local);
        return;
    }
    /* With several targets the first may rebind the local that is the value. */
    int reg = targets->count == 1 ? expr_operand(c, value, -1, first) : expr_temp(c, value);
    for (size_t i = 0; i < targets->count; i++) {
        target_store(c, targets->items[i], reg);
    }
    c->unit->top = mark;
}

static void aug_name(struct compiler *c, struct expr *target, struct expr *value, enum binary_op op)
{
    int local = name_local(c, target->v.Name.id);
    if (local >= 0 && !expr_may_rebind(c, value)) {
        struct source_position saved = c->unit->pos;
        c->unit->pos = POS_OF(target);
        emit_a(c, OPCODE_CHECK_LOCAL, local);
        c->unit->pos = saved;
        emit_binary(c, OPCODE_INPLACE, local, local, value, op);
        return;
    }
    int reg = temp_push(c);
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(target);
    name_load_into(c, target->v.Name.id, reg);
    c->unit->pos = saved;
    emit_binary(c, OPCODE_INPLACE, reg, reg, value, op);
    name_store(c, target->v.Name.id, reg);
}

static void aug_attribute(struct compiler *c, struct expr *target, struct expr *value,
                          enum binary_op op)
{
    struct source_position whole = c->unit->pos;
    int object = expr_operand(c, target->v.Attribute.value, -1, value);
    int reg = temp_push(c);
    c->unit->pos = attribute_position(target, POS_OF(target));
    emit_attr(c, OPCODE_LOAD_ATTR, reg, object, attribute_name(c, target));
    struct source_position attribute = c->unit->pos;
    c->unit->pos = whole;
    emit_binary(c, OPCODE_INPLACE, reg, reg, value, op);
    c->unit->pos = attribute;
    emit_attr(c, OPCODE_STORE_ATTR, object, reg, attribute_name(c, target));
    c->unit->pos = whole;
}

static void aug_subscript(struct compiler *c, struct expr *target, struct expr *value,
                          enum binary_op op)
{
    struct source_position whole = c->unit->pos;
    struct expr *slice = target->v.Subscript.slice;
    bool rebind = expr_may_rebind(c, slice) || expr_may_rebind(c, value);
    int object =
        rebind ? expr_temp(c, target->v.Subscript.value) : expr_any(c, target->v.Subscript.value);
    int key = expr_operand(c, slice, -1, value);
    int reg = temp_push(c);
    c->unit->pos = POS_OF(target);
    emit_abc(c, OPCODE_LOAD_ITEM, reg, object, key);
    c->unit->pos = whole;
    emit_binary(c, OPCODE_INPLACE, reg, reg, value, op);
    c->unit->pos = POS_OF(target);
    emit_abc(c, OPCODE_STORE_ITEM, object, key, reg);
    c->unit->pos = whole;
}

void aug_assign_compile(struct compiler *c, struct stmt *s)
{
    struct expr *target = s->v.AugAssign.target;
    enum binary_op op = operator_to_binary(s->v.AugAssign.op);
    int mark = c->unit->top;
    switch (target->kind) {
    case EXPR_Name:
        if (!name_is_forbidden(c, target->v.Name.id, EXPR_CONTEXT_Store)) {
            aug_name(c, target, s->v.AugAssign.value, op);
        }
        break;
    case EXPR_Attribute: aug_attribute(c, target, s->v.AugAssign.value, op); break;
    case EXPR_Subscript: aug_subscript(c, target, s->v.AugAssign.value, op); break;
    default:
        compile_error(c, c->unit->pos, "invalid node type (%d) for augmented assignment",
                      (int)target->kind);
        break;
    }
    c->unit->top = mark;
}

/* ---- Annotated assignments */

static void annotation_into(struct compiler *c, struct expr *annotation, int reg)
{
    if (c->future_flags & CO_FUTURE_ANNOTATIONS) {
        PyObject *text = keep(c, expr_unparse(annotation));
        if (text != NULL) {
            emit_const(c, reg, value_from_object(text));
        }
        return;
    }
    expr_into(c, annotation, reg);
}

/* __annotations__[name] = annotation */
static void annotate_name(struct compiler *c, PyObject *name, struct expr *annotation)
{
    int reg = temp_push(c);
    annotation_into(c, annotation, reg);
    int dict = temp_push(c), key = temp_push(c);
    emit_name(c, OPCODE_LOAD_NAME, dict, names.__annotations__);
    PyObject *mangled = compile_mangle(c, c->unit->private_name, name);
    emit_const(c, key, value_from_object(mangled));
    emit_abc(c, OPCODE_STORE_ITEM, dict, key, reg);
}

/* The parts of a target that is only annotated are evaluated. */
static void evaluate_target(struct compiler *c, struct expr *target)
{
    if (target->kind == EXPR_Attribute) {
        name_is_forbidden(c, target->v.Attribute.attr, EXPR_CONTEXT_Store);
        expr_discard(c, target->v.Attribute.value);
    } else if (target->kind == EXPR_Subscript) {
        expr_discard(c, target->v.Subscript.value);
        expr_discard(c, target->v.Subscript.slice);
    }
}

void ann_assign_compile(struct compiler *c, struct stmt *s)
{
    struct expr *target = s->v.AnnAssign.target;
    int mark = c->unit->top;
    bool in_body = c->unit->kind == UNIT_MODULE || c->unit->kind == UNIT_CLASS;
    if (s->v.AnnAssign.value != NULL) {
        struct {
            size_t count;
            struct expr *items[1];
        } targets = {1, {target}};
        assign_compile(c, (struct expr_seq *)(void *)&targets, s->v.AnnAssign.value);
    } else if (target->kind != EXPR_Name) {
        evaluate_target(c, target);
    }
    if (target->kind == EXPR_Name) {
        if (!name_is_forbidden(c, target->v.Name.id, EXPR_CONTEXT_Store) && in_body &&
            s->v.AnnAssign.simple) {
            annotate_name(c, target->v.Name.id, s->v.AnnAssign.annotation);
        } else if (in_body && !(c->future_flags & CO_FUTURE_ANNOTATIONS)) {
            expr_discard(c, s->v.AnnAssign.annotation);
        }
    } else if (in_body && !(c->future_flags & CO_FUTURE_ANNOTATIONS)) {
        expr_discard(c, s->v.AnnAssign.annotation);
    }
    c->unit->top = mark;
}
