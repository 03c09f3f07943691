/* SPDX-License-Identifier: MIT */
/* Constant folding, in place: an expression of constants becomes a Constant node. What would grow
 * out of bounds stays as it is, and so does what raises. */
#include "compile/compile_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/int.h"

enum { MAX_INT_BITS = 128, MAX_COLLECTION = 256, MAX_TEXT = 4096, MAX_ITEMS = 1024 };

static void fold_expr(struct compiler *c, struct expr *e);
static void fold_stmts(struct compiler *c, struct stmt_seq *body);

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

static void fold_exprs(struct compiler *c, struct expr_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] != NULL) {
            fold_expr(c, list->items[i]);
        }
    }
}

static void fold_optional(struct compiler *c, struct expr *e)
{
    if (e != NULL) {
        fold_expr(c, e);
    }
}

static void fold_binary(struct compiler *c, struct expr *e)
{
    struct expr *left = e->v.BinOp.left, *right = e->v.BinOp.right;
    fold_expr(c, left);
    fold_expr(c, right);
    if (!is_constant(left) || !is_constant(right) || c->failed) {
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
    fold_expr(c, operand);
    if (c->failed) {
        return;
    }
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
    fold_exprs(c, e->v.Tuple.elts);
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
    fold_expr(c, value);
    fold_expr(c, slice);
    if (e->v.Subscript.ctx == EXPR_CONTEXT_Load && is_constant(value) && is_constant(slice) &&
        !c->failed) {
        fold_to(c, e, object_getitem(value->v.Constant.value, slice->v.Constant.value));
    }
}

static void fold_compare(struct compiler *c, struct expr *e)
{
    struct expr_seq *rest = e->v.Compare.comparators;
    fold_expr(c, e->v.Compare.left);
    fold_exprs(c, rest);
    enum cmpop last = e->v.Compare.ops->items[rest->count - 1];
    if (last == CMPOP_In || last == CMPOP_NotIn) {
        fold_iterable(c, &rest->items[rest->count - 1]);
    }
}

static void fold_generators(struct compiler *c, struct comprehension_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct comprehension *g = list->items[i];
        fold_expr(c, g->target);
        fold_expr(c, g->iter);
        fold_exprs(c, g->ifs);
        fold_iterable(c, &g->iter);
    }
}

static void fold_arguments(struct compiler *c, struct arguments *a);

static void fold_call(struct compiler *c, struct expr *e)
{
    fold_expr(c, e->v.Call.func);
    fold_exprs(c, e->v.Call.args);
    for (size_t i = 0; i < e->v.Call.keywords->count; i++) {
        fold_expr(c, e->v.Call.keywords->items[i]->value);
    }
}

static void fold_inner(struct compiler *c, struct expr *e)
{
    switch (e->kind) {
    case EXPR_BoolOp: fold_exprs(c, e->v.BoolOp.values); break;
    case EXPR_NamedExpr: fold_expr(c, e->v.NamedExpr.value); break;
    case EXPR_BinOp: fold_binary(c, e); break;
    case EXPR_UnaryOp: fold_unary(c, e); break;
    case EXPR_Lambda:
        fold_arguments(c, e->v.Lambda.args);
        fold_expr(c, e->v.Lambda.body);
        break;
    case EXPR_IfExp:
        fold_expr(c, e->v.IfExp.test);
        fold_expr(c, e->v.IfExp.body);
        fold_expr(c, e->v.IfExp.orelse);
        break;
    case EXPR_Dict:
        fold_exprs(c, e->v.Dict.keys);
        fold_exprs(c, e->v.Dict.values);
        break;
    case EXPR_Set: fold_exprs(c, e->v.Set.elts); break;
    case EXPR_ListComp:
        fold_expr(c, e->v.ListComp.elt);
        fold_generators(c, e->v.ListComp.generators);
        break;
    case EXPR_SetComp:
        fold_expr(c, e->v.SetComp.elt);
        fold_generators(c, e->v.SetComp.generators);
        break;
    case EXPR_DictComp:
        fold_expr(c, e->v.DictComp.key);
        fold_expr(c, e->v.DictComp.value);
        fold_generators(c, e->v.DictComp.generators);
        break;
    case EXPR_GeneratorExp:
        fold_expr(c, e->v.GeneratorExp.elt);
        fold_generators(c, e->v.GeneratorExp.generators);
        break;
    case EXPR_Await: fold_expr(c, e->v.Await.value); break;
    case EXPR_Yield: fold_optional(c, e->v.Yield.value); break;
    case EXPR_YieldFrom: fold_expr(c, e->v.YieldFrom.value); break;
    case EXPR_Compare: fold_compare(c, e); break;
    case EXPR_Call: fold_call(c, e); break;
    case EXPR_FormattedValue:
        fold_expr(c, e->v.FormattedValue.value);
        fold_optional(c, e->v.FormattedValue.format_spec);
        break;
    case EXPR_JoinedStr: fold_exprs(c, e->v.JoinedStr.values); break;
    case EXPR_Constant: break;
    case EXPR_Attribute: fold_expr(c, e->v.Attribute.value); break;
    case EXPR_Subscript: fold_subscript(c, e); break;
    case EXPR_Starred: fold_expr(c, e->v.Starred.value); break;
    case EXPR_Name:
        if (e->v.Name.ctx == EXPR_CONTEXT_Load && str_equal_text(e->v.Name.id, "__debug__")) {
            become_constant(e, value_from_bool(c->optimize == 0));
        }
        break;
    case EXPR_List: fold_exprs(c, e->v.List.elts); break;
    case EXPR_Tuple: fold_tuple(c, e); break;
    case EXPR_Slice:
        fold_optional(c, e->v.Slice.lower);
        fold_optional(c, e->v.Slice.upper);
        fold_optional(c, e->v.Slice.step);
        break;
    }
}

static void fold_expr(struct compiler *c, struct expr *e)
{
    if (compile_enter(c)) {
        fold_inner(c, e);
        compile_leave(c);
    }
}

/* ---- Statements */

static void fold_annotation(struct compiler *c, struct expr *annotation)
{
    if (annotation != NULL && !(c->future_flags & CO_FUTURE_ANNOTATIONS)) {
        fold_expr(c, annotation);
    }
}

static void fold_parameters(struct compiler *c, struct arg_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fold_annotation(c, list->items[i]->annotation);
    }
}

static void fold_arguments(struct compiler *c, struct arguments *a)
{
    fold_parameters(c, a->posonlyargs);
    fold_parameters(c, a->args);
    fold_parameters(c, a->kwonlyargs);
    if (a->vararg != NULL) {
        fold_annotation(c, a->vararg->annotation);
    }
    if (a->kwarg != NULL) {
        fold_annotation(c, a->kwarg->annotation);
    }
    fold_exprs(c, a->defaults);
    fold_exprs(c, a->kw_defaults);
}

/* The first statement of a body must not become a docstring by folding. */
static void fold_body(struct compiler *c, struct stmt_seq *body)
{
    bool skip = body->count > 0 && body->items[0]->kind == STMT_Expr &&
                (body->items[0]->v.Expr.value->kind == EXPR_BinOp ||
                 body->items[0]->v.Expr.value->kind == EXPR_Subscript);
    struct stmt *first = skip ? body->items[0] : NULL;
    if (first != NULL) {
        first->kind = STMT_Pass;
    }
    fold_stmts(c, body);
    if (first != NULL) {
        first->kind = STMT_Expr;
    }
}

static void fold_pattern(struct compiler *c, struct pattern *p);

static void fold_patterns(struct compiler *c, struct pattern_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fold_pattern(c, list->items[i]);
    }
}

static void fold_pattern(struct compiler *c, struct pattern *p)
{
    if (!compile_enter(c)) {
        return;
    }
    switch (p->kind) {
    case PATTERN_MatchValue: fold_expr(c, p->v.MatchValue.value); break;
    case PATTERN_MatchSequence: fold_patterns(c, p->v.MatchSequence.patterns); break;
    case PATTERN_MatchMapping:
        fold_exprs(c, p->v.MatchMapping.keys);
        fold_patterns(c, p->v.MatchMapping.patterns);
        break;
    case PATTERN_MatchClass:
        fold_expr(c, p->v.MatchClass.cls);
        fold_patterns(c, p->v.MatchClass.patterns);
        fold_patterns(c, p->v.MatchClass.kwd_patterns);
        break;
    case PATTERN_MatchAs:
        if (p->v.MatchAs.pattern != NULL) {
            fold_pattern(c, p->v.MatchAs.pattern);
        }
        break;
    case PATTERN_MatchOr: fold_patterns(c, p->v.MatchOr.patterns); break;
    case PATTERN_MatchSingleton:
    case PATTERN_MatchStar: break;
    }
    compile_leave(c);
}

static void fold_try(struct compiler *c, struct stmt *s)
{
    fold_stmts(c, s->v.Try.body);
    for (size_t i = 0; i < s->v.Try.handlers->count; i++) {
        struct excepthandler *h = s->v.Try.handlers->items[i];
        fold_optional(c, h->v.ExceptHandler.type);
        fold_stmts(c, h->v.ExceptHandler.body);
    }
    fold_stmts(c, s->v.Try.orelse);
    fold_stmts(c, s->v.Try.finalbody);
}

static void fold_with(struct compiler *c, struct stmt *s)
{
    for (size_t i = 0; i < s->v.With.items->count; i++) {
        fold_expr(c, s->v.With.items->items[i]->context_expr);
        fold_optional(c, s->v.With.items->items[i]->optional_vars);
    }
    fold_stmts(c, s->v.With.body);
}

static void fold_match(struct compiler *c, struct stmt *s)
{
    fold_expr(c, s->v.Match.subject);
    for (size_t i = 0; i < s->v.Match.cases->count; i++) {
        struct match_case *m = s->v.Match.cases->items[i];
        fold_pattern(c, m->pattern);
        fold_optional(c, m->guard);
        fold_stmts(c, m->body);
    }
}

static void fold_stmt(struct compiler *c, struct stmt *s)
{
    switch (s->kind) {
    case STMT_FunctionDef:
    case STMT_AsyncFunctionDef:
        fold_arguments(c, s->v.FunctionDef.args);
        fold_body(c, s->v.FunctionDef.body);
        fold_exprs(c, s->v.FunctionDef.decorator_list);
        fold_annotation(c, s->v.FunctionDef.returns);
        break;
    case STMT_ClassDef:
        fold_exprs(c, s->v.ClassDef.bases);
        for (size_t i = 0; i < s->v.ClassDef.keywords->count; i++) {
            fold_expr(c, s->v.ClassDef.keywords->items[i]->value);
        }
        fold_body(c, s->v.ClassDef.body);
        fold_exprs(c, s->v.ClassDef.decorator_list);
        break;
    case STMT_Return: fold_optional(c, s->v.Return.value); break;
    case STMT_Delete: fold_exprs(c, s->v.Delete.targets); break;
    case STMT_Assign:
        fold_exprs(c, s->v.Assign.targets);
        fold_expr(c, s->v.Assign.value);
        break;
    case STMT_AugAssign:
        fold_expr(c, s->v.AugAssign.target);
        fold_expr(c, s->v.AugAssign.value);
        break;
    case STMT_AnnAssign:
        fold_expr(c, s->v.AnnAssign.target);
        fold_annotation(c, s->v.AnnAssign.annotation);
        fold_optional(c, s->v.AnnAssign.value);
        break;
    case STMT_For:
    case STMT_AsyncFor:
        fold_expr(c, s->v.For.target);
        fold_expr(c, s->v.For.iter);
        fold_iterable(c, &s->v.For.iter);
        fold_stmts(c, s->v.For.body);
        fold_stmts(c, s->v.For.orelse);
        break;
    case STMT_While:
        fold_expr(c, s->v.While.test);
        fold_stmts(c, s->v.While.body);
        fold_stmts(c, s->v.While.orelse);
        break;
    case STMT_If:
        fold_expr(c, s->v.If.test);
        fold_stmts(c, s->v.If.body);
        fold_stmts(c, s->v.If.orelse);
        break;
    case STMT_With:
    case STMT_AsyncWith: fold_with(c, s); break;
    case STMT_Match: fold_match(c, s); break;
    case STMT_Raise:
        fold_optional(c, s->v.Raise.exc);
        fold_optional(c, s->v.Raise.cause);
        break;
    case STMT_Try:
    case STMT_TryStar: fold_try(c, s); break;
    case STMT_Assert:
        fold_expr(c, s->v.Assert.test);
        fold_optional(c, s->v.Assert.msg);
        break;
    case STMT_Expr: fold_expr(c, s->v.Expr.value); break;
    default: break;
    }
}

static void fold_stmts(struct compiler *c, struct stmt_seq *body)
{
    for (size_t i = 0; i < body->count && compile_enter(c); i++) {
        fold_stmt(c, body->items[i]);
        compile_leave(c);
    }
}

void fold_tree(struct compiler *c)
{
    struct mod *root = c->tree->root;
    switch (root->kind) {
    case MOD_Module: fold_body(c, root->v.Module.body); break;
    case MOD_Interactive: fold_stmts(c, root->v.Interactive.body); break;
    case MOD_Expression: fold_expr(c, root->v.Expression.body); break;
    case MOD_FunctionType: break;
    }
}
