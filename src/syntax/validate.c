/* SPDX-License-Identifier: MIT */
/* Validation of trees that programs made: see syntax/validate.h. Every function returns whether its
 * part is fine; if not, an exception is set. */
#include "syntax/validate.h"

#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

struct validation {
    int depth, max_depth;
};

static bool check_expr(struct validation *v, struct expr *e, enum expr_context ctx);
static bool check_stmt(struct validation *v, struct stmt *s);
static bool check_pattern(struct validation *v, struct pattern *p, bool star);

static bool wrong(const char *format, const char *what)
{
    error_raise(PyExc_ValueError, format, what);
    return false;
}

static bool enter(struct validation *v)
{
    if (++v->depth > v->max_depth || thread_stack_is_low()) {
        error_raise(PyExc_RecursionError, "maximum recursion depth exceeded during compilation");
        return false;
    }
    return true;
}

static bool check_position(int line, int column, int end_line, int end_column)
{
    if (line > end_line) {
        error_raise(PyExc_ValueError, "AST node line range (%d, %d) is not valid", line, end_line);
        return false;
    }
    if ((line < 0 && end_line != line) || (column < 0 && column != end_column)) {
        error_raise(PyExc_ValueError,
                    "AST node column range (%d, %d) for line range (%d, %d) is not valid", column,
                    end_column, line, end_line);
        return false;
    }
    if (line == end_line && column > end_column) {
        error_raise(PyExc_ValueError, "line %d, column %d-%d is not a valid range", line, column,
                    end_column);
        return false;
    }
    return true;
}
#define CHECK_POSITION(node)                                                                       \
    check_position((node)->lineno, (node)->col_offset, (node)->end_lineno, (node)->end_col_offset)

static bool check_name(PyObject *name)
{
    static const char *const forbidden[] = {"None", "True", "False"};
    for (int i = 0; name != NULL && i < 3; i++) {
        if (str_equal_text(name, forbidden[i])) {
            return wrong("identifier field can't represent '%s' constant", forbidden[i]);
        }
    }
    return true;
}

static bool check_not_empty(size_t count, const char *what, const char *owner)
{
    if (count == 0) {
        error_raise(PyExc_ValueError, "empty %s on %s", what, owner);
        return false;
    }
    return true;
}

/* ---- Lists. */

static bool check_exprs(struct validation *v, struct expr_seq *seq, enum expr_context ctx,
                        bool holes)
{
    for (size_t i = 0; i < seq->count; i++) {
        if (seq->items[i] == NULL) {
            if (!holes) {
                return wrong("%s", "None disallowed in expression list");
            }
        } else if (!check_expr(v, seq->items[i], ctx)) {
            return false;
        }
    }
    return true;
}

static bool check_stmts(struct validation *v, struct stmt_seq *seq)
{
    for (size_t i = 0; i < seq->count; i++) {
        if (seq->items[i] == NULL) {
            return wrong("%s", "None disallowed in statement list");
        }
        if (!check_stmt(v, seq->items[i])) {
            return false;
        }
    }
    return true;
}

static bool check_body(struct validation *v, struct stmt_seq *body, const char *owner)
{
    return check_not_empty(body->count, "body", owner) && check_stmts(v, body);
}

static bool check_targets(struct validation *v, struct expr_seq *targets, enum expr_context ctx,
                          const char *owner)
{
    return check_not_empty(targets->count, "targets", owner) && check_exprs(v, targets, ctx, false);
}

static bool check_optional(struct validation *v, struct expr *e)
{
    return e == NULL || check_expr(v, e, EXPR_CONTEXT_Load);
}

static bool check_keywords(struct validation *v, struct keyword_seq *keywords)
{
    for (size_t i = 0; i < keywords->count; i++) {
        if (!check_expr(v, keywords->items[i]->value, EXPR_CONTEXT_Load)) {
            return false;
        }
    }
    return true;
}

static bool check_comprehensions(struct validation *v, struct comprehension_seq *generators)
{
    if (generators->count == 0) {
        return wrong("%s", "comprehension with no generators");
    }
    for (size_t i = 0; i < generators->count; i++) {
        struct comprehension *c = generators->items[i];
        if (!check_expr(v, c->target, EXPR_CONTEXT_Store) ||
            !check_expr(v, c->iter, EXPR_CONTEXT_Load) ||
            !check_exprs(v, c->ifs, EXPR_CONTEXT_Load, false)) {
            return false;
        }
    }
    return true;
}

static bool check_parameter(struct validation *v, struct arg *a)
{
    return a == NULL || (CHECK_POSITION(a) && check_optional(v, a->annotation));
}

static bool check_parameter_list(struct validation *v, struct arg_seq *args)
{
    for (size_t i = 0; i < args->count; i++) {
        if (!check_parameter(v, args->items[i])) {
            return false;
        }
    }
    return true;
}

static bool check_arguments(struct validation *v, struct arguments *a)
{
    if (!check_parameter_list(v, a->posonlyargs) || !check_parameter_list(v, a->args) ||
        !check_parameter(v, a->vararg) || !check_parameter_list(v, a->kwonlyargs) ||
        !check_parameter(v, a->kwarg)) {
        return false;
    }
    if (a->defaults->count > a->posonlyargs->count + a->args->count) {
        return wrong("%s", "more positional defaults than args on arguments");
    }
    if (a->kw_defaults->count != a->kwonlyargs->count) {
        return wrong("%s", "length of kwonlyargs is not the same as kw_defaults on arguments");
    }
    return check_exprs(v, a->defaults, EXPR_CONTEXT_Load, false) &&
           check_exprs(v, a->kw_defaults, EXPR_CONTEXT_Load, true);
}

/* ---- Constants. */

static bool is_constant(struct validation *v, Value c);

static bool are_constants(struct validation *v, Value c)
{
    if (!enter(v)) {
        return false;
    }
    bool fine = true;
    if (tuple_check_exact(c)) {
        PyObject *t = value_object(c);
        for (Py_ssize_t i = 0; fine && i < tuple_length(t); i++) {
            fine = is_constant(v, tuple_get(t, i));
        }
    } else {
        Value iterator = object_iter(c), item;
        fine = !value_is_null(iterator);
        while (fine && value_is_present(item = object_next(iterator))) {
            fine = is_constant(v, item);
        }
    }
    v->depth--;
    return fine && !error_occurred();
}

static bool is_constant(struct validation *v, Value c)
{
    if (value_is_none(c) || c.bits == VALUE_ELLIPSIS.bits) {
        return true;
    }
    PyTypeObject *type = value_type(c);
    if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyComplex_Type ||
        type == &PyBool_Type || type == &PyUnicode_Type || type == &PyBytes_Type) {
        return true;
    }
    if (type == &PyTuple_Type || type == &PyFrozenSet_Type) {
        return are_constants(v, c);
    }
    error_raise(PyExc_TypeError, "got an invalid type in Constant: %T", c);
    return false;
}

/* ---- Expressions. */

static const char *context_name(enum expr_context ctx)
{
    return ctx == EXPR_CONTEXT_Load ? "Load" : ctx == EXPR_CONTEXT_Store ? "Store" : "Del";
}

/* The context of the kinds that have one; others can only be loaded. */
static bool check_context(struct expr *e, enum expr_context ctx)
{
    enum expr_context actual;
    switch (e->kind) {
    case EXPR_Attribute: actual = e->v.Attribute.ctx; break;
    case EXPR_Subscript: actual = e->v.Subscript.ctx; break;
    case EXPR_Starred: actual = e->v.Starred.ctx; break;
    case EXPR_Name: actual = e->v.Name.ctx; break;
    case EXPR_List: actual = e->v.List.ctx; break;
    case EXPR_Tuple: actual = e->v.Tuple.ctx; break;
    default:
        if (ctx != EXPR_CONTEXT_Load) {
            return wrong("expression which can't be assigned to in %s context", context_name(ctx));
        }
        return true;
    }
    if (actual != ctx) {
        error_raise(PyExc_ValueError, "expression must have %s context but has %s instead",
                    context_name(ctx), context_name(actual));
        return false;
    }
    return true;
}

static bool check_load(struct validation *v, struct expr *e)
{
    return check_expr(v, e, EXPR_CONTEXT_Load);
}

static bool check_dict(struct validation *v, struct expr *e)
{
    if (e->v.Dict.keys->count != e->v.Dict.values->count) {
        return wrong("%s", "Dict doesn't have the same number of keys as values");
    }
    return check_exprs(v, e->v.Dict.keys, EXPR_CONTEXT_Load, true) &&
           check_exprs(v, e->v.Dict.values, EXPR_CONTEXT_Load, false);
}

static bool check_compare(struct validation *v, struct expr *e)
{
    if (e->v.Compare.comparators->count == 0) {
        return wrong("%s", "Compare with no comparators");
    }
    if (e->v.Compare.comparators->count != e->v.Compare.ops->count) {
        return wrong("%s", "Compare has a different number of comparators and operands");
    }
    return check_exprs(v, e->v.Compare.comparators, EXPR_CONTEXT_Load, false) &&
           check_load(v, e->v.Compare.left);
}

static bool check_expr_kind(struct validation *v, struct expr *e, enum expr_context ctx)
{
    switch (e->kind) {
    case EXPR_BoolOp:
        if (e->v.BoolOp.values->count < 2) {
            return wrong("%s", "BoolOp with less than 2 values");
        }
        return check_exprs(v, e->v.BoolOp.values, EXPR_CONTEXT_Load, false);
    case EXPR_BinOp: return check_load(v, e->v.BinOp.left) && check_load(v, e->v.BinOp.right);
    case EXPR_UnaryOp: return check_load(v, e->v.UnaryOp.operand);
    case EXPR_Lambda:
        return check_arguments(v, e->v.Lambda.args) && check_load(v, e->v.Lambda.body);
    case EXPR_IfExp:
        return check_load(v, e->v.IfExp.test) && check_load(v, e->v.IfExp.body) &&
               check_load(v, e->v.IfExp.orelse);
    case EXPR_Dict: return check_dict(v, e);
    case EXPR_Set: return check_exprs(v, e->v.Set.elts, EXPR_CONTEXT_Load, false);
    case EXPR_ListComp:
    case EXPR_SetComp:
    case EXPR_GeneratorExp:
        return check_comprehensions(v, e->v.ListComp.generators) &&
               check_load(v, e->v.ListComp.elt);
    case EXPR_DictComp:
        return check_comprehensions(v, e->v.DictComp.generators) &&
               check_load(v, e->v.DictComp.key) && check_load(v, e->v.DictComp.value);
    case EXPR_Yield: return check_optional(v, e->v.Yield.value);
    case EXPR_YieldFrom: return check_load(v, e->v.YieldFrom.value);
    case EXPR_Await: return check_load(v, e->v.Await.value);
    case EXPR_Compare: return check_compare(v, e);
    case EXPR_Call:
        return check_load(v, e->v.Call.func) &&
               check_exprs(v, e->v.Call.args, EXPR_CONTEXT_Load, false) &&
               check_keywords(v, e->v.Call.keywords);
    case EXPR_Constant: return is_constant(v, e->v.Constant.value);
    case EXPR_JoinedStr: return check_exprs(v, e->v.JoinedStr.values, EXPR_CONTEXT_Load, false);
    case EXPR_FormattedValue:
        return check_load(v, e->v.FormattedValue.value) &&
               check_optional(v, e->v.FormattedValue.format_spec);
    case EXPR_Attribute: return check_load(v, e->v.Attribute.value);
    case EXPR_Subscript:
        return check_load(v, e->v.Subscript.slice) && check_load(v, e->v.Subscript.value);
    case EXPR_Starred: return check_expr(v, e->v.Starred.value, ctx);
    case EXPR_List: return check_exprs(v, e->v.List.elts, ctx, false);
    case EXPR_Tuple: return check_exprs(v, e->v.Tuple.elts, ctx, false);
    case EXPR_Name: return check_name(e->v.Name.id);
    case EXPR_Slice:
        return check_optional(v, e->v.Slice.lower) && check_optional(v, e->v.Slice.upper) &&
               check_optional(v, e->v.Slice.step);
    case EXPR_NamedExpr: return check_load(v, e->v.NamedExpr.value);
    }
    return wrong("%s", "unexpected expression");
}

static bool check_expr(struct validation *v, struct expr *e, enum expr_context ctx)
{
    if (!CHECK_POSITION(e) || !enter(v) || !check_context(e, ctx) || !check_expr_kind(v, e, ctx)) {
        return false;
    }
    v->depth--;
    return true;
}

/* ---- Patterns. */

static bool is_numeric(const struct expr *e, bool allow_real, bool allow_imaginary)
{
    if (e->kind != EXPR_Constant) {
        return false;
    }
    PyTypeObject *type = value_type(e->v.Constant.value);
    return (allow_real && (type == &PyFloat_Type || type == &PyLong_Type)) ||
           (allow_imaginary && type == &PyComplex_Type);
}

static bool is_signed_numeric(const struct expr *e, bool allow_imaginary)
{
    if (e->kind == EXPR_UnaryOp && e->v.UnaryOp.op == UNARYOP_USub) {
        e = e->v.UnaryOp.operand;
    }
    return is_numeric(e, true, allow_imaginary);
}

static bool check_attribute_chain(struct validation *v, struct expr *e)
{
    while (e->kind == EXPR_Attribute) {
        e = e->v.Attribute.value;
    }
    return e->kind == EXPR_Name;
}

static bool check_pattern_value(struct validation *v, struct expr *e)
{
    if (!check_load(v, e)) {
        return false;
    }
    bool fine = false;
    switch (e->kind) {
    case EXPR_Constant: {
        Value c = e->v.Constant.value;
        PyTypeObject *type = value_type(c);
        if (c.bits == VALUE_ELLIPSIS.bits) {
            return wrong("%s", "unexpected constant inside of a literal pattern");
        }
        fine = type == &PyLong_Type || type == &PyFloat_Type || type == &PyBytes_Type ||
               type == &PyComplex_Type || type == &PyUnicode_Type;
        if (!fine) {
            return wrong("%s", "unexpected constant inside of a literal pattern");
        }
        return true;
    }
    case EXPR_Attribute: return true;
    case EXPR_UnaryOp: fine = is_signed_numeric(e, true); break;
    case EXPR_BinOp:
        fine = (e->v.BinOp.op == OPERATOR_Add || e->v.BinOp.op == OPERATOR_Sub) &&
               is_signed_numeric(e->v.BinOp.left, false) &&
               is_numeric(e->v.BinOp.right, false, true);
        break;
    case EXPR_JoinedStr: return true; /* the compiler complains */
    default: break;
    }
    return fine || wrong("%s", "patterns may only match literals and attribute lookups");
}

static bool check_capture(PyObject *name)
{
    if (str_equal_text(name, "_")) {
        return wrong("%s", "can't capture name '_' in patterns");
    }
    return check_name(name);
}

static bool check_patterns(struct validation *v, struct pattern_seq *patterns, bool star)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (patterns->items[i] == NULL) {
            return wrong("%s", "None disallowed in pattern list");
        }
        if (!check_pattern(v, patterns->items[i], star)) {
            return false;
        }
    }
    return true;
}

static bool check_mapping(struct validation *v, struct pattern *p)
{
    struct expr_seq *keys = p->v.MatchMapping.keys;
    if (keys->count != p->v.MatchMapping.patterns->count) {
        return wrong("%s", "MatchMapping doesn't have the same number of keys as patterns");
    }
    if (p->v.MatchMapping.rest != NULL && !check_capture(p->v.MatchMapping.rest)) {
        return false;
    }
    for (size_t i = 0; i < keys->count; i++) {
        struct expr *key = keys->items[i];
        if (key == NULL) {
            return wrong("%s", "None disallowed in expression list");
        }
        if (key->kind == EXPR_Constant && (value_is_none(key->v.Constant.value) ||
                                           value_type(key->v.Constant.value) == &PyBool_Type)) {
            continue;
        }
        if (!check_pattern_value(v, key)) {
            return false;
        }
    }
    return check_patterns(v, p->v.MatchMapping.patterns, false);
}

static bool check_class_pattern(struct validation *v, struct pattern *p)
{
    struct identifier_seq *attributes = p->v.MatchClass.kwd_attrs;
    if (attributes->count != p->v.MatchClass.kwd_patterns->count) {
        return wrong("%s", "MatchClass doesn't have the same number of keyword attributes as "
                           "patterns");
    }
    struct expr *cls = p->v.MatchClass.cls;
    if (!check_load(v, cls)) {
        return false;
    }
    if (!check_attribute_chain(v, cls)) {
        return wrong("%s", "MatchClass cls field can only contain Name or Attribute nodes.");
    }
    for (size_t i = 0; i < attributes->count; i++) {
        if (!check_name(attributes->items[i])) {
            return false;
        }
    }
    return check_patterns(v, p->v.MatchClass.patterns, false) &&
           check_patterns(v, p->v.MatchClass.kwd_patterns, false);
}

static bool check_as(struct validation *v, struct pattern *p)
{
    if (p->v.MatchAs.name != NULL && !check_capture(p->v.MatchAs.name)) {
        return false;
    }
    if (p->v.MatchAs.pattern == NULL) {
        return true;
    }
    if (p->v.MatchAs.name == NULL) {
        return wrong("%s", "MatchAs must specify a target name if a pattern is given");
    }
    return check_pattern(v, p->v.MatchAs.pattern, false);
}

static bool check_pattern_kind(struct validation *v, struct pattern *p, bool star)
{
    switch (p->kind) {
    case PATTERN_MatchValue: return check_pattern_value(v, p->v.MatchValue.value);
    case PATTERN_MatchSingleton: {
        Value c = p->v.MatchSingleton.value;
        return value_is_none(c) || value_type(c) == &PyBool_Type ||
               wrong("%s", "MatchSingleton can only contain True, False and None");
    }
    case PATTERN_MatchSequence: return check_patterns(v, p->v.MatchSequence.patterns, true);
    case PATTERN_MatchMapping: return check_mapping(v, p);
    case PATTERN_MatchClass: return check_class_pattern(v, p);
    case PATTERN_MatchStar:
        if (!star) {
            return wrong("%s", "can't use MatchStar here");
        }
        return p->v.MatchStar.name == NULL || check_capture(p->v.MatchStar.name);
    case PATTERN_MatchAs: return check_as(v, p);
    case PATTERN_MatchOr:
        if (p->v.MatchOr.patterns->count < 2) {
            return wrong("%s", "MatchOr requires at least 2 patterns");
        }
        return check_patterns(v, p->v.MatchOr.patterns, false);
    }
    return wrong("%s", "unexpected pattern");
}

static bool check_pattern(struct validation *v, struct pattern *p, bool star)
{
    if (!CHECK_POSITION(p) || !enter(v) || !check_pattern_kind(v, p, star)) {
        return false;
    }
    v->depth--;
    return true;
}

/* ---- Statements. */

static bool check_function(struct validation *v, struct stmt *s, const char *owner)
{
    return check_body(v, s->v.FunctionDef.body, owner) &&
           check_arguments(v, s->v.FunctionDef.args) &&
           check_exprs(v, s->v.FunctionDef.decorator_list, EXPR_CONTEXT_Load, false) &&
           check_optional(v, s->v.FunctionDef.returns);
}

static bool check_annotated(struct validation *v, struct stmt *s)
{
    if (s->v.AnnAssign.target->kind != EXPR_Name && s->v.AnnAssign.simple) {
        error_raise(PyExc_TypeError, "AnnAssign with simple non-Name target");
        return false;
    }
    return check_expr(v, s->v.AnnAssign.target, EXPR_CONTEXT_Store) &&
           check_optional(v, s->v.AnnAssign.value) && check_load(v, s->v.AnnAssign.annotation);
}

static bool check_for(struct validation *v, struct stmt *s, const char *owner)
{
    return check_expr(v, s->v.For.target, EXPR_CONTEXT_Store) && check_load(v, s->v.For.iter) &&
           check_body(v, s->v.For.body, owner) && check_stmts(v, s->v.For.orelse);
}

static bool check_with(struct validation *v, struct stmt *s, const char *owner)
{
    struct withitem_seq *items = s->v.With.items;
    if (!check_not_empty(items->count, "items", owner)) {
        return false;
    }
    for (size_t i = 0; i < items->count; i++) {
        struct withitem *item = items->items[i];
        if (!check_load(v, item->context_expr) ||
            (item->optional_vars != NULL &&
             !check_expr(v, item->optional_vars, EXPR_CONTEXT_Store))) {
            return false;
        }
    }
    return check_body(v, s->v.With.body, owner);
}

static bool check_match(struct validation *v, struct stmt *s)
{
    struct match_case_seq *cases = s->v.Match.cases;
    if (!check_load(v, s->v.Match.subject) || !check_not_empty(cases->count, "cases", "Match")) {
        return false;
    }
    for (size_t i = 0; i < cases->count; i++) {
        struct match_case *c = cases->items[i];
        if (!check_pattern(v, c->pattern, false) || !check_optional(v, c->guard) ||
            !check_body(v, c->body, "match_case")) {
            return false;
        }
    }
    return true;
}

static bool check_try(struct validation *v, struct stmt *s, const char *owner)
{
    struct excepthandler_seq *handlers = s->v.Try.handlers;
    if (!check_body(v, s->v.Try.body, owner)) {
        return false;
    }
    if (handlers->count == 0 && s->v.Try.finalbody->count == 0) {
        return wrong("%s has neither except handlers nor finalbody", owner);
    }
    if (handlers->count == 0 && s->v.Try.orelse->count > 0) {
        return wrong("%s has orelse but no except handlers", owner);
    }
    for (size_t i = 0; i < handlers->count; i++) {
        struct excepthandler *h = handlers->items[i];
        if (!CHECK_POSITION(h) || !check_optional(v, h->v.ExceptHandler.type) ||
            !check_body(v, h->v.ExceptHandler.body, "ExceptHandler")) {
            return false;
        }
    }
    return check_stmts(v, s->v.Try.finalbody) && check_stmts(v, s->v.Try.orelse);
}

static bool check_simple_kind(struct validation *v, struct stmt *s)
{
    switch (s->kind) {
    case STMT_Return: return check_optional(v, s->v.Return.value);
    case STMT_Delete: return check_targets(v, s->v.Delete.targets, EXPR_CONTEXT_Del, "Delete");
    case STMT_Assign:
        return check_targets(v, s->v.Assign.targets, EXPR_CONTEXT_Store, "Assign") &&
               check_load(v, s->v.Assign.value);
    case STMT_AugAssign:
        return check_expr(v, s->v.AugAssign.target, EXPR_CONTEXT_Store) &&
               check_load(v, s->v.AugAssign.value);
    case STMT_AnnAssign: return check_annotated(v, s);
    case STMT_Raise:
        if (s->v.Raise.exc != NULL) {
            return check_load(v, s->v.Raise.exc) && check_optional(v, s->v.Raise.cause);
        }
        return s->v.Raise.cause == NULL || wrong("%s", "Raise with cause but no exception");
    case STMT_Assert: return check_load(v, s->v.Assert.test) && check_optional(v, s->v.Assert.msg);
    case STMT_Import: return check_not_empty(s->v.Import.names->count, "names", "Import");
    case STMT_ImportFrom:
        if (s->v.ImportFrom.level < 0) {
            return wrong("%s", "Negative ImportFrom level");
        }
        return check_not_empty(s->v.ImportFrom.names->count, "names", "ImportFrom");
    case STMT_Global: return check_not_empty(s->v.Global.names->count, "names", "Global");
    case STMT_Nonlocal: return check_not_empty(s->v.Nonlocal.names->count, "names", "Nonlocal");
    case STMT_Expr: return check_load(v, s->v.Expr.value);
    case STMT_Pass:
    case STMT_Break:
    case STMT_Continue: return true;
    default: return wrong("%s", "unexpected statement");
    }
}

static bool check_stmt_kind(struct validation *v, struct stmt *s)
{
    switch (s->kind) {
    case STMT_FunctionDef: return check_function(v, s, "FunctionDef");
    case STMT_AsyncFunctionDef: return check_function(v, s, "AsyncFunctionDef");
    case STMT_ClassDef:
        return check_body(v, s->v.ClassDef.body, "ClassDef") &&
               check_exprs(v, s->v.ClassDef.bases, EXPR_CONTEXT_Load, false) &&
               check_keywords(v, s->v.ClassDef.keywords) &&
               check_exprs(v, s->v.ClassDef.decorator_list, EXPR_CONTEXT_Load, false);
    case STMT_For: return check_for(v, s, "For");
    case STMT_AsyncFor: return check_for(v, s, "AsyncFor");
    case STMT_While:
        return check_load(v, s->v.While.test) && check_body(v, s->v.While.body, "While") &&
               check_stmts(v, s->v.While.orelse);
    case STMT_If:
        return check_load(v, s->v.If.test) && check_body(v, s->v.If.body, "If") &&
               check_stmts(v, s->v.If.orelse);
    case STMT_With: return check_with(v, s, "With");
    case STMT_AsyncWith: return check_with(v, s, "AsyncWith");
    case STMT_Match: return check_match(v, s);
    case STMT_Try: return check_try(v, s, "Try");
    case STMT_TryStar: return check_try(v, s, "TryStar");
    default: return check_simple_kind(v, s);
    }
}

static bool check_stmt(struct validation *v, struct stmt *s)
{
    if (!CHECK_POSITION(s) || !enter(v) || !check_stmt_kind(v, s)) {
        return false;
    }
    v->depth--;
    return true;
}

int tree_validate(struct mod *root, int max_depth)
{
    struct validation v = {0, max_depth};
    bool fine = false;
    switch (root->kind) {
    case MOD_Module: fine = check_stmts(&v, root->v.Module.body); break;
    case MOD_Interactive: fine = check_stmts(&v, root->v.Interactive.body); break;
    case MOD_Expression: fine = check_expr(&v, root->v.Expression.body, EXPR_CONTEXT_Load); break;
    case MOD_FunctionType:
        fine = check_exprs(&v, root->v.FunctionType.argtypes, EXPR_CONTEXT_Load, false) &&
               check_expr(&v, root->v.FunctionType.returns, EXPR_CONTEXT_Load);
        break;
    }
    return fine ? 0 : -1;
}
