/* SPDX-License-Identifier: MIT */
/* Constant folding, in place: an expression of constants becomes a Constant node. What would grow
 * out of bounds stays as it is, and so does what raises. */
#include "compile/compile_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/int.h"
#include "syntax/walk.h"

struct folder {
    struct ast_visitor visitor;
    struct compiler *c;
};

enum { MAX_INT_BITS = 128, MAX_COLLECTION = 256, MAX_TEXT = 4096, MAX_ITEMS = 1024 };

static bool is_constant(const struct expr *e)
{
    return e != NULL && e->kind == EXPR_Constant;
}

/* Nodes have room for their own kind only; all that become constants have two words. */
static void become_constant(struct expr *e, Value value)
{
    e->kind = EXPR_Constant;
    e->v.Constant.kind = NULL;
    heap_store_value(e, &e->v.Constant.value, value);
}

/* The result of an operation on constants, or VALUE_NULL. */
static void fold_to(struct compiler *c, struct expr *e, Value value)
{
    if (value_is_null(value)) {
        if (error_occurred() && error_matches(PyExc_KeyboardInterrupt)) {
            c->failed = true;
        } else {
            error_clear();
        }
        return;
    }
    become_constant(e, value);
}

/* ---- Limits */

static Py_ssize_t constant_size(Value v)
{
    if (str_check_exact(v)) {
        return str_length(value_object(v));
    }
    if (bytes_check(v)) {
        return bytes_length(value_object(v));
    }
    return tuple_check_exact(v) ? tuple_length(value_object(v)) : -1;
}

/* How many items there are in nested tuples; stops counting at the limit. */
static Py_ssize_t count_items(Value v, Py_ssize_t limit)
{
    if (!tuple_check_exact(v)) {
        return 0;
    }
    Py_ssize_t count = tuple_length(value_object(v));
    for (Py_ssize_t i = 0; i < tuple_length(value_object(v)) && count <= limit; i++) {
        count += count_items(tuple_get(value_object(v), i), limit);
    }
    return count;
}

static bool may_repeat(Value sequence, Value count)
{
    int64_t n;
    Py_ssize_t size = constant_size(sequence);
    if (size <= 0 || int_clip_i64(count, &n) != 0 || n < 0) {
        return int_clip_i64(count, &n) == 0;
    }
    if (tuple_check_exact(sequence)) {
        return n <= MAX_COLLECTION / size &&
               (n == 0 || count_items(sequence, MAX_ITEMS / n) <= MAX_ITEMS / n);
    }
    return n <= MAX_TEXT / size;
}

static bool may_multiply(Value left, Value right)
{
    if (int_check(left) && int_check(right)) {
        return int_sign(left) == 0 || int_sign(right) == 0 ||
               int_bit_length(left) + int_bit_length(right) <= MAX_INT_BITS;
    }
    if (int_check(left) && constant_size(right) >= 0) {
        return may_repeat(right, left);
    }
    return !int_check(right) || constant_size(left) < 0 || may_repeat(left, right);
}

static bool may_power(Value left, Value right)
{
    int64_t exponent;
    if (!int_check(left) || !int_check(right) || int_sign(right) <= 0) {
        return true;
    }
    return int_clip_i64(right, &exponent) == 0 && exponent <= MAX_INT_BITS &&
           (int64_t)int_bit_length(left) * exponent <= MAX_INT_BITS;
}

static bool may_shift(Value left, Value right)
{
    int64_t shift;
    if (!int_check(left) || !int_check(right) || int_sign(left) == 0 || int_sign(right) <= 0) {
        return true;
    }
    return int_clip_i64(right, &shift) == 0 && shift <= MAX_INT_BITS &&
           (int64_t)int_bit_length(left) + shift <= MAX_INT_BITS;
}

static bool may_fold(enum operator op, Value left, Value right)
{
    switch (op) {
    case OPERATOR_Mult: return may_multiply(left, right);
    case OPERATOR_Pow: return may_power(left, right);
    case OPERATOR_LShift: return may_shift(left, right);
    case OPERATOR_Mod: return !str_check(left) && !bytes_check(left);
    case OPERATOR_MatMult: return false;
    default: return true;
    }
}

/* ---- Expressions */

/* The functions here come after the expression's children were folded. */
static void fold_binary(struct compiler *c, struct expr *e)
{
    struct expr *left = e->v.BinOp.left, *right = e->v.BinOp.right;
    if (!is_constant(left) || !is_constant(right)) {
        return;
    }
    Value a = left->v.Constant.value, b = right->v.Constant.value;
    if (may_fold(e->v.BinOp.op, a, b)) {
        fold_to(c, e, object_binary(a, b, operator_to_binary(e->v.BinOp.op)));
    }
}

static void fold_unary(struct compiler *c, struct expr *e)
{
    struct expr *operand = e->v.UnaryOp.operand;
    if (!is_constant(operand)) {
        return;
    }
    Value v = operand->v.Constant.value;
    switch (e->v.UnaryOp.op) {
    case UNARYOP_Not: {
        int truth = object_truth(v);
        fold_to(c, e, truth < 0 ? VALUE_NULL : value_from_bool(!truth));
        break;
    }
    case UNARYOP_Invert: fold_to(c, e, object_unary(v, OP_INVERT)); break;
    case UNARYOP_UAdd: fold_to(c, e, object_unary(v, OP_POS)); break;
    case UNARYOP_USub: fold_to(c, e, object_unary(v, OP_NEG)); break;
    }
}

/* A tuple of the values of constant items, or NULL if there are others. */
static PyObject *constant_tuple(struct compiler *c, const struct expr_seq *elts)
{
    for (size_t i = 0; i < elts->count; i++) {
        if (!is_constant(elts->items[i])) {
            return NULL;
        }
    }
    PyObject *tuple = keep(c, tuple_new((Py_ssize_t)elts->count));
    for (size_t i = 0; i < elts->count && tuple != NULL; i++) {
        if (tuple_init_item(tuple, (Py_ssize_t)i, elts->items[i]->v.Constant.value) < 0) {
            c->failed = true;
        }
    }
    return tuple;
}

static void fold_tuple(struct compiler *c, struct expr *e)
{
    PyObject *tuple =
        e->v.Tuple.ctx == EXPR_CONTEXT_Load ? constant_tuple(c, e->v.Tuple.elts) : NULL;
    if (tuple != NULL) {
        become_constant(e, value_from_object(tuple));
    }
}

/* What is only iterated or searched: a list becomes a tuple, a set of constants a frozenset. */
static void fold_iterable(struct compiler *c, struct expr **slot)
{
    struct expr *e = *slot;
    if (e->kind == EXPR_List) {
        PyObject *tuple = constant_tuple(c, e->v.List.elts);
        if (tuple != NULL) {
            become_constant(e, value_from_object(tuple));
            return;
        }
        for (size_t i = 0; i < e->v.List.elts->count; i++) {
            if (e->v.List.elts->items[i]->kind == EXPR_Starred) {
                return;
            }
        }
        e->kind = EXPR_Tuple;
    } else if (e->kind == EXPR_Set) {
        PyObject *tuple = constant_tuple(c, e->v.Set.elts);
        PyObject *set = tuple == NULL ? NULL : set_new(&PyFrozenSet_Type, value_from_object(tuple));
        if (set == NULL) {
            error_clear();
            return;
        }
        struct ast_position pos = {e->lineno, e->col_offset, e->end_lineno, e->end_col_offset};
        struct expr *constant = expr_Constant(c->tree->arena, value_from_object(set), NULL, pos);
        if (constant != NULL) {
            heap_store(c->tree->arena, slot, constant);
        } else {
            c->failed = true;
        }
    }
}

static void fold_subscript(struct compiler *c, struct expr *e)
{
    struct expr *value = e->v.Subscript.value, *slice = e->v.Subscript.slice;
    if (e->v.Subscript.ctx == EXPR_CONTEXT_Load && is_constant(value) && is_constant(slice)) {
        fold_to(c, e, object_getitem(value->v.Constant.value, slice->v.Constant.value));
    }
}

static void fold_compare(struct compiler *c, struct expr *e)
{
    struct expr_seq *rest = e->v.Compare.comparators;
    enum cmpop last = e->v.Compare.ops->items[rest->count - 1];
    if (last == CMPOP_In || last == CMPOP_NotIn) {
        fold_iterable(c, &rest->items[rest->count - 1]);
    }
}

static void fold_name(struct compiler *c, struct expr *e)
{
    if (e->v.Name.ctx == EXPR_CONTEXT_Load && str_equal_text(e->v.Name.id, "__debug__")) {
        become_constant(e, value_from_bool(c->optimize == 0));
    }
}

static void fold_generators(struct compiler *c, struct comprehension_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fold_iterable(c, &list->items[i]->iter);
    }
}

static void fold_node(struct compiler *c, struct expr *e)
{
    switch (e->kind) {
    case EXPR_BinOp: fold_binary(c, e); break;
    case EXPR_UnaryOp: fold_unary(c, e); break;
    case EXPR_ListComp: fold_generators(c, e->v.ListComp.generators); break;
    case EXPR_SetComp: fold_generators(c, e->v.SetComp.generators); break;
    case EXPR_DictComp: fold_generators(c, e->v.DictComp.generators); break;
    case EXPR_GeneratorExp: fold_generators(c, e->v.GeneratorExp.generators); break;
    case EXPR_Compare: fold_compare(c, e); break;
    case EXPR_Subscript: fold_subscript(c, e); break;
    case EXPR_Name: fold_name(c, e); break;
    case EXPR_Tuple: fold_tuple(c, e); break;
    default: break;
    }
}

static void fold_expr(struct ast_visitor *v, struct expr *e)
{
    struct compiler *c = ((struct folder *)v)->c;
    if (compile_enter(c)) {
        expr_children(e, v);
        if (!c->failed) {
            fold_node(c, e);
        }
        compile_leave(c);
    }
}

static void fold_pattern(struct ast_visitor *v, struct pattern *p)
{
    struct compiler *c = ((struct folder *)v)->c;
    if (compile_enter(c)) {
        pattern_children(p, v);
        compile_leave(c);
    }
}

/* ---- Statements */

/* The first statement of a body must not become a docstring by folding. */
static struct stmt *shield_first(struct stmt_seq *body)
{
    bool shield = body->count > 0 && body->items[0]->kind == STMT_Expr &&
                  (body->items[0]->v.Expr.value->kind == EXPR_BinOp ||
                   body->items[0]->v.Expr.value->kind == EXPR_Subscript);
    if (!shield) {
        return NULL;
    }
    body->items[0]->kind = STMT_Pass;
    return body->items[0];
}

static void fold_body(struct ast_visitor *v, struct stmt *s, struct stmt_seq *body)
{
    struct stmt *shielded = shield_first(body);
    stmt_children(s, v);
    if (shielded != NULL) {
        shielded->kind = STMT_Expr;
    }
}

static void fold_stmt(struct ast_visitor *v, struct stmt *s)
{
    struct compiler *c = ((struct folder *)v)->c;
    if (!compile_enter(c)) {
        return;
    }
    switch (s->kind) {
    case STMT_FunctionDef:
    case STMT_AsyncFunctionDef: fold_body(v, s, s->v.FunctionDef.body); break;
    case STMT_ClassDef: fold_body(v, s, s->v.ClassDef.body); break;
    case STMT_For:
    case STMT_AsyncFor:
        stmt_children(s, v);
        fold_iterable(c, &s->v.For.iter);
        break;
    default: stmt_children(s, v); break;
    }
    compile_leave(c);
}

static void fold_annotation(struct ast_visitor *v, struct expr *annotation)
{
    if (!(((struct folder *)v)->c->future_flags & CO_FUTURE_ANNOTATIONS)) {
        fold_expr(v, annotation); /* else its text is kept */
    }
}

void fold_tree(struct compiler *c)
{
    struct mod *root = c->tree->root;
    struct folder f = {{fold_expr, fold_stmt, fold_pattern, fold_annotation}, c};
    struct stmt *shielded = root->kind == MOD_Module ? shield_first(root->v.Module.body) : NULL;
    mod_children(root, &f.visitor);
    if (shielded != NULL) {
        shielded->kind = STMT_Expr;
    }
}
