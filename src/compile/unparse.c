/* SPDX-License-Identifier: MIT */
/* Source text of expressions, for annotations under `from __future__ import annotations`. Writes as
 * few parentheses as the precedence of operators allows. */
#include "compile/compile_int.h"
#include "object/float.h"

enum precedence {
    LEVEL_TUPLE,
    LEVEL_TEST,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_BITOR,
    LEVEL_BITXOR,
    LEVEL_BITAND,
    LEVEL_SHIFT,
    LEVEL_ARITH,
    LEVEL_TERM,
    LEVEL_FACTOR,
    LEVEL_POWER,
    LEVEL_AWAIT,
    LEVEL_ATOM
};

struct writer {
    struct str_builder out;
    bool failed;
};

static void write_expr(struct writer *w, struct expr *e, int level);

static void write_text(struct writer *w, const char *text)
{
    if (!w->failed && str_builder_text(&w->out, text) < 0) {
        w->failed = true;
    }
}

static void write_str(struct writer *w, PyObject *s)
{
    if (s == NULL || w->failed || str_builder_str(&w->out, s) < 0) {
        w->failed = true;
    }
}

static void open_if(struct writer *w, bool condition)
{
    write_text(w, condition ? "(" : "");
}
static void close_if(struct writer *w, bool condition)
{
    write_text(w, condition ? ")" : "");
}

static void write_list(struct writer *w, struct expr_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        write_text(w, i > 0 ? ", " : "");
        write_expr(w, list->items[i], LEVEL_TEST);
    }
}

/* ---- Operators */

struct operator_text {
    const char *text;
    int level;
};
static const struct operator_text binary_operators[] = {
    [OPERATOR_Add] = {" + ", LEVEL_ARITH},      [OPERATOR_Sub] = {" - ", LEVEL_ARITH},
    [OPERATOR_Mult] = {" * ", LEVEL_TERM},      [OPERATOR_MatMult] = {" @ ", LEVEL_TERM},
    [OPERATOR_Div] = {" / ", LEVEL_TERM},       [OPERATOR_Mod] = {" % ", LEVEL_TERM},
    [OPERATOR_Pow] = {" ** ", LEVEL_POWER},     [OPERATOR_LShift] = {" << ", LEVEL_SHIFT},
    [OPERATOR_RShift] = {" >> ", LEVEL_SHIFT},  [OPERATOR_BitOr] = {" | ", LEVEL_BITOR},
    [OPERATOR_BitXor] = {" ^ ", LEVEL_BITXOR},  [OPERATOR_BitAnd] = {" & ", LEVEL_BITAND},
    [OPERATOR_FloorDiv] = {" // ", LEVEL_TERM},
};
static const char *const compare_operators[] = {
    [CMPOP_Eq] = " == ",        [CMPOP_NotEq] = " != ",     [CMPOP_Lt] = " < ",
    [CMPOP_LtE] = " <= ",       [CMPOP_Gt] = " > ",         [CMPOP_GtE] = " >= ",
    [CMPOP_Is] = " is ",        [CMPOP_IsNot] = " is not ", [CMPOP_In] = " in ",
    [CMPOP_NotIn] = " not in ",
};

static void write_bool_op(struct writer *w, struct expr *e, int level)
{
    bool and = e->v.BoolOp.op == BOOLOP_And;
    int own = and? LEVEL_AND : LEVEL_OR;
    open_if(w, level > own);
    for (size_t i = 0; i < e->v.BoolOp.values->count; i++) {
        write_text(w, i == 0 ? "" : and? " and " : " or ");
        write_expr(w, e->v.BoolOp.values->items[i], own + 1);
    }
    close_if(w, level > own);
}

static void write_binary(struct writer *w, struct expr *e, int level)
{
    struct operator_text op = binary_operators[e->v.BinOp.op];
    bool right_first = e->v.BinOp.op == OPERATOR_Pow;
    open_if(w, level > op.level);
    write_expr(w, e->v.BinOp.left, op.level + right_first);
    write_text(w, op.text);
    write_expr(w, e->v.BinOp.right, op.level + !right_first);
    close_if(w, level > op.level);
}

static void write_unary(struct writer *w, struct expr *e, int level)
{
    static const char *const text[] = {
        [UNARYOP_Invert] = "~", [UNARYOP_Not] = "not ", [UNARYOP_UAdd] = "+", [UNARYOP_USub] = "-"};
    int own = e->v.UnaryOp.op == UNARYOP_Not ? LEVEL_NOT : LEVEL_FACTOR;
    open_if(w, level > own);
    write_text(w, text[e->v.UnaryOp.op]);
    write_expr(w, e->v.UnaryOp.operand, own);
    close_if(w, level > own);
}

static void write_compare(struct writer *w, struct expr *e, int level)
{
    open_if(w, level > LEVEL_COMPARE);
    write_expr(w, e->v.Compare.left, LEVEL_COMPARE + 1);
    for (size_t i = 0; i < e->v.Compare.ops->count; i++) {
        write_text(w, compare_operators[e->v.Compare.ops->items[i]]);
        write_expr(w, e->v.Compare.comparators->items[i], LEVEL_COMPARE + 1);
    }
    close_if(w, level > LEVEL_COMPARE);
}

/* ---- Functions and calls */

static void separate(struct writer *w, bool *first)
{
    write_text(w, *first ? "" : ", ");
    *first = false;
}

static void write_parameter(struct writer *w, struct arg *a)
{
    write_str(w, a->arg);
    if (a->annotation != NULL) {
        write_text(w, ": ");
        write_expr(w, a->annotation, LEVEL_TEST);
    }
}

static void write_default(struct writer *w, struct expr *value)
{
    if (value != NULL) {
        write_text(w, "=");
        write_expr(w, value, LEVEL_TEST);
    }
}

static void write_parameters(struct writer *w, struct arguments *a)
{
    bool first = true;
    size_t positional = a->posonlyargs->count + a->args->count;
    for (size_t i = 0; i < positional; i++) {
        separate(w, &first);
        size_t only = a->posonlyargs->count;
        write_parameter(w, i < only ? a->posonlyargs->items[i] : a->args->items[i - only]);
        size_t without = positional - a->defaults->count;
        write_default(w, i >= without ? a->defaults->items[i - without] : NULL);
        if (only > 0 && i + 1 == only) {
            write_text(w, ", /");
        }
    }
    if (a->vararg != NULL || a->kwonlyargs->count > 0) {
        separate(w, &first);
        write_text(w, "*");
        if (a->vararg != NULL) {
            write_parameter(w, a->vararg);
        }
    }
    for (size_t i = 0; i < a->kwonlyargs->count; i++) {
        separate(w, &first);
        write_parameter(w, a->kwonlyargs->items[i]);
        write_default(w, a->kw_defaults->items[i]);
    }
    if (a->kwarg != NULL) {
        separate(w, &first);
        write_text(w, "**");
        write_parameter(w, a->kwarg);
    }
}

static void write_lambda(struct writer *w, struct expr *e, int level)
{
    struct arguments *a = e->v.Lambda.args;
    bool any = a->posonlyargs->count + a->args->count + a->kwonlyargs->count > 0 ||
               a->vararg != NULL || a->kwarg != NULL;
    open_if(w, level > LEVEL_TEST);
    write_text(w, any ? "lambda " : "lambda");
    write_parameters(w, a);
    write_text(w, ": ");
    write_expr(w, e->v.Lambda.body, LEVEL_TEST);
    close_if(w, level > LEVEL_TEST);
}

static void write_call(struct writer *w, struct expr *e)
{
    struct expr_seq *args = e->v.Call.args;
    struct keyword_seq *keywords = e->v.Call.keywords;
    write_expr(w, e->v.Call.func, LEVEL_ATOM);
    if (args->count == 1 && keywords->count == 0 && args->items[0]->kind == EXPR_GeneratorExp) {
        write_expr(w, args->items[0], LEVEL_ATOM); /* it brings the parentheses */
        return;
    }
    write_text(w, "(");
    bool first = true;
    for (size_t i = 0; i < args->count; i++) {
        separate(w, &first);
        write_expr(w, args->items[i], LEVEL_TEST);
    }
    for (size_t i = 0; i < keywords->count; i++) {
        separate(w, &first);
        if (keywords->items[i]->arg != NULL) {
            write_str(w, keywords->items[i]->arg);
            write_text(w, "=");
        } else {
            write_text(w, "**");
        }
        write_expr(w, keywords->items[i]->value, LEVEL_TEST);
    }
    write_text(w, ")");
}

/* ---- Displays and comprehensions */

static void write_dict(struct writer *w, struct expr *e)
{
    write_text(w, "{");
    for (size_t i = 0; i < e->v.Dict.values->count; i++) {
        write_text(w, i > 0 ? ", " : "");
        if (e->v.Dict.keys->items[i] == NULL) {
            write_text(w, "**");
            write_expr(w, e->v.Dict.values->items[i], LEVEL_BITOR);
        } else {
            write_expr(w, e->v.Dict.keys->items[i], LEVEL_TEST);
            write_text(w, ": ");
            write_expr(w, e->v.Dict.values->items[i], LEVEL_TEST);
        }
    }
    write_text(w, "}");
}

static void write_comprehension(struct writer *w, const char *open, struct expr *elt,
                                struct expr *value, struct comprehension_seq *list,
                                const char *close)
{
    write_text(w, open);
    write_expr(w, elt, LEVEL_TEST);
    if (value != NULL) {
        write_text(w, ": ");
        write_expr(w, value, LEVEL_TEST);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct comprehension *g = list->items[i];
        write_text(w, g->is_async ? " async for " : " for ");
        write_expr(w, g->target, LEVEL_TUPLE);
        write_text(w, " in ");
        write_expr(w, g->iter, LEVEL_TEST + 1);
        for (size_t j = 0; j < g->ifs->count; j++) {
            write_text(w, " if ");
            write_expr(w, g->ifs->items[j], LEVEL_TEST + 1);
        }
    }
    write_text(w, close);
}

static void write_tuple(struct writer *w, struct expr *e, int level)
{
    struct expr_seq *elts = e->v.Tuple.elts;
    if (elts->count == 0) {
        write_text(w, "()");
        return;
    }
    open_if(w, level > LEVEL_TUPLE);
    write_list(w, elts);
    write_text(w, elts->count == 1 ? "," : "");
    close_if(w, level > LEVEL_TUPLE);
}

/* ---- Strings and constants */

static PyObject *replace(PyObject *s, const char *old, const char *new_)
{
    return s == NULL ? NULL : str_replace(s, str_from_text(old), str_from_text(new_), -1);
}

static void write_constant(struct writer *w, Value v)
{
    if (v.bits == VALUE_ELLIPSIS.bits) {
        write_text(w, "...");
        return;
    }
    PyObject *text = object_repr(v);
    if (float_check_exact(v) || value_type(v) == &PyComplex_Type) {
        text = replace(text, "inf", "1e309");
    }
    write_str(w, text);
}

/* The text between the quotes of an f-string, before it is quoted. */
static void joined_text(struct writer *w, struct expr_seq *values);

static void formatted_text(struct writer *w, struct expr *e)
{
    struct writer inner = {.failed = false};
    str_builder_init(&inner.out);
    write_expr(&inner, e->v.FormattedValue.value, LEVEL_TEST + 1);
    PyObject *text = inner.failed ? NULL : str_builder_finish(&inner.out);
    if (text == NULL) {
        w->failed = true;
        return;
    }
    write_text(w, str_length(text) > 0 && str_at(text, 0) == '{' ? "{ " : "{");
    write_str(w, text);
    char conversion[3] = {'!', (char)e->v.FormattedValue.conversion, 0};
    write_text(w, e->v.FormattedValue.conversion > 0 ? conversion : "");
    struct expr *spec = e->v.FormattedValue.format_spec;
    if (spec != NULL) {
        write_text(w, ":");
        if (spec->kind == EXPR_JoinedStr) {
            joined_text(w, spec->v.JoinedStr.values);
        }
    }
    write_text(w, "}");
}

static void joined_text(struct writer *w, struct expr_seq *values)
{
    for (size_t i = 0; i < values->count; i++) {
        struct expr *e = values->items[i];
        if (e->kind == EXPR_Constant && str_check(e->v.Constant.value)) {
            write_str(w, replace(replace(value_object(e->v.Constant.value), "{", "{{"), "}", "}}"));
        } else if (e->kind == EXPR_JoinedStr) {
            joined_text(w, e->v.JoinedStr.values);
        } else if (e->kind == EXPR_FormattedValue) {
            formatted_text(w, e);
        }
    }
}

static void write_joined(struct writer *w, struct expr *e)
{
    struct writer inner = {.failed = false};
    str_builder_init(&inner.out);
    if (e->kind == EXPR_JoinedStr) {
        joined_text(&inner, e->v.JoinedStr.values);
    } else {
        formatted_text(&inner, e);
    }
    PyObject *text = inner.failed ? NULL : str_builder_finish(&inner.out);
    write_text(w, "f");
    write_str(w, text == NULL ? NULL : str_repr(text));
}

/* ---- The rest */

static void write_subscript(struct writer *w, struct expr *e)
{
    write_expr(w, e->v.Subscript.value, LEVEL_ATOM);
    write_text(w, "[");
    write_expr(w, e->v.Subscript.slice, LEVEL_TUPLE);
    write_text(w, "]");
}

static void write_slice(struct writer *w, struct expr *e)
{
    if (e->v.Slice.lower != NULL) {
        write_expr(w, e->v.Slice.lower, LEVEL_TEST);
    }
    write_text(w, ":");
    if (e->v.Slice.upper != NULL) {
        write_expr(w, e->v.Slice.upper, LEVEL_TEST);
    }
    if (e->v.Slice.step != NULL) {
        write_text(w, ":");
        write_expr(w, e->v.Slice.step, LEVEL_TEST);
    }
}

static void write_attribute(struct writer *w, struct expr *e)
{
    struct expr *value = e->v.Attribute.value;
    bool number =
        value->kind == EXPR_Constant && value_type(value->v.Constant.value) == &PyLong_Type;
    write_expr(w, value, LEVEL_ATOM);
    write_text(w, number ? " ." : ".");
    write_str(w, e->v.Attribute.attr);
}

static void write_if_exp(struct writer *w, struct expr *e, int level)
{
    open_if(w, level > LEVEL_TEST);
    write_expr(w, e->v.IfExp.body, LEVEL_TEST + 1);
    write_text(w, " if ");
    write_expr(w, e->v.IfExp.test, LEVEL_TEST + 1);
    write_text(w, " else ");
    write_expr(w, e->v.IfExp.orelse, LEVEL_TEST);
    close_if(w, level > LEVEL_TEST);
}

static void write_yield(struct writer *w, const char *word, struct expr *value)
{
    write_text(w, "(");
    write_text(w, word);
    if (value != NULL) {
        write_text(w, " ");
        write_expr(w, value, LEVEL_TEST);
    }
    write_text(w, ")");
}

static void write_walrus(struct writer *w, struct expr *e, int level)
{
    open_if(w, level > LEVEL_TUPLE);
    write_expr(w, e->v.NamedExpr.target, LEVEL_ATOM);
    write_text(w, " := ");
    write_expr(w, e->v.NamedExpr.value, LEVEL_ATOM);
    close_if(w, level > LEVEL_TUPLE);
}

static void write_await(struct writer *w, struct expr *e, int level)
{
    open_if(w, level > LEVEL_AWAIT);
    write_text(w, "await ");
    write_expr(w, e->v.Await.value, LEVEL_ATOM);
    close_if(w, level > LEVEL_AWAIT);
}

/* A list or set display. */
static void write_items(struct writer *w, const char *open, struct expr_seq *elts,
                        const char *close)
{
    write_text(w, open);
    write_list(w, elts);
    write_text(w, close);
}

static void write_inner(struct writer *w, struct expr *e, int level)
{
    switch (e->kind) {
    case EXPR_BoolOp: write_bool_op(w, e, level); break;
    case EXPR_NamedExpr: write_walrus(w, e, level); break;
    case EXPR_BinOp: write_binary(w, e, level); break;
    case EXPR_UnaryOp: write_unary(w, e, level); break;
    case EXPR_Lambda: write_lambda(w, e, level); break;
    case EXPR_IfExp: write_if_exp(w, e, level); break;
    case EXPR_Dict: write_dict(w, e); break;
    case EXPR_Set: write_items(w, "{", e->v.Set.elts, "}"); break;
    case EXPR_ListComp:
        write_comprehension(w, "[", e->v.ListComp.elt, NULL, e->v.ListComp.generators, "]");
        break;
    case EXPR_SetComp:
        write_comprehension(w, "{", e->v.SetComp.elt, NULL, e->v.SetComp.generators, "}");
        break;
    case EXPR_DictComp:
        write_comprehension(w, "{", e->v.DictComp.key, e->v.DictComp.value,
                            e->v.DictComp.generators, "}");
        break;
    case EXPR_GeneratorExp:
        write_comprehension(w, "(", e->v.GeneratorExp.elt, NULL, e->v.GeneratorExp.generators, ")");
        break;
    case EXPR_Await: write_await(w, e, level); break;
    case EXPR_Yield: write_yield(w, "yield", e->v.Yield.value); break;
    case EXPR_YieldFrom: write_yield(w, "yield from", e->v.YieldFrom.value); break;
    case EXPR_Compare: write_compare(w, e, level); break;
    case EXPR_Call: write_call(w, e); break;
    case EXPR_FormattedValue:
    case EXPR_JoinedStr: write_joined(w, e); break;
    case EXPR_Constant:
        write_text(w, e->v.Constant.kind != NULL ? "u" : "");
        write_constant(w, e->v.Constant.value);
        break;
    case EXPR_Attribute: write_attribute(w, e); break;
    case EXPR_Subscript: write_subscript(w, e); break;
    case EXPR_Starred:
        write_text(w, "*");
        write_expr(w, e->v.Starred.value, LEVEL_BITOR);
        break;
    case EXPR_Name: write_str(w, e->v.Name.id); break;
    case EXPR_List: write_items(w, "[", e->v.List.elts, "]"); break;
    case EXPR_Tuple: write_tuple(w, e, level); break;
    case EXPR_Slice: write_slice(w, e); break;
    }
}

static void write_expr(struct writer *w, struct expr *e, int level)
{
    if (w->failed) {
        return;
    }
    if (recursion_enter(" during compilation") < 0) {
        w->failed = true;
        return;
    }
    write_inner(w, e, level);
    recursion_leave();
}

PyObject *expr_unparse(struct expr *e)
{
    struct writer w = {.failed = false};
    str_builder_init(&w.out);
    write_expr(&w, e, LEVEL_TEST);
    return w.failed ? NULL : str_builder_finish(&w.out);
}
