/* SPDX-License-Identifier: MIT */
/* Calls, and the warnings about calls and subscripts that cannot work. */
#include "compile/compile_int.h"

/* With more arguments than this they are collected in a list and a dict. */
enum { MAX_INLINE_ARGUMENTS = 255 };

struct source_position attribute_position(struct expr *attribute, struct source_position whole)
{
    int lines_end = attribute->end_lineno;
    if (attribute->lineno == lines_end) {
        return whole;
    }
    whole.line = lines_end;
    Py_ssize_t length = str_length(attribute->v.Attribute.attr);
    if (length <= attribute->end_col_offset) {
        whole.column = attribute->end_col_offset - (int)length;
        if (whole.end_line < whole.line) {
            whole.end_line = whole.line;
        }
    } else {
        whole.column = whole.end_column = -1;
    }
    return whole;
}

static const char *constant_type_name(struct expr *e)
{
    switch (e->kind) {
    case EXPR_Constant: return type_short_name(value_type(e->v.Constant.value));
    case EXPR_Tuple: return "tuple";
    case EXPR_List:
    case EXPR_ListComp: return "list";
    case EXPR_Dict:
    case EXPR_DictComp: return "dict";
    case EXPR_Set:
    case EXPR_SetComp: return "set";
    case EXPR_GeneratorExp: return "generator";
    case EXPR_Lambda: return "function";
    case EXPR_JoinedStr:
    case EXPR_FormattedValue: return "str";
    default: return NULL;
    }
}

void warn_caller(struct compiler *c, struct expr *func)
{
    const char *type = func->kind == EXPR_Lambda ? NULL : constant_type_name(func);
    if (type != NULL) {
        compile_warn(c, c->unit->pos, "'%s' object is not callable; perhaps you missed a comma?",
                     type);
    }
}

void warn_subscripter(struct compiler *c, struct expr *value)
{
    bool bad;
    switch (value->kind) {
    case EXPR_Constant: {
        Value v = value->v.Constant.value;
        PyTypeObject *type = value_type(v);
        bad = value_is_none(v) || v.bits == VALUE_ELLIPSIS.bits || type == &PyLong_Type ||
              type == &PyBool_Type || type == &PyFloat_Type || type == &PyComplex_Type ||
              type == &PyFrozenSet_Type;
        break;
    }
    case EXPR_Set:
    case EXPR_SetComp:
    case EXPR_GeneratorExp:
    case EXPR_Lambda: bad = true; break;
    default: bad = false; break;
    }
    if (bad) {
        compile_warn(c, c->unit->pos,
                     "'%s' object is not subscriptable; perhaps you missed a comma?",
                     constant_type_name(value));
    }
}

void warn_index(struct compiler *c, struct expr *value, struct expr *index)
{
    const char *type = constant_type_name(index);
    if (type == NULL) {
        return;
    }
    if (index->kind == EXPR_Constant) {
        PyTypeObject *t = value_type(index->v.Constant.value);
        if (t == &PyLong_Type || t == &PyBool_Type || t == &PySlice_Type) {
            return;
        }
    }
    switch (value->kind) {
    case EXPR_Constant:
        if (!str_check_exact(value->v.Constant.value) &&
            value_type(value->v.Constant.value) != &PyBytes_Type &&
            !tuple_check_exact(value->v.Constant.value)) {
            return;
        }
        break;
    case EXPR_Tuple:
    case EXPR_List:
    case EXPR_ListComp:
    case EXPR_JoinedStr:
    case EXPR_FormattedValue: break;
    default: return;
    }
    compile_warn(c, c->unit->pos,
                 "%s indices must be integers or slices, not %s; perhaps you missed a comma?",
                 constant_type_name(value), type);
}

/* ---- Keywords */

static void check_keywords(struct compiler *c, struct keyword_seq *keywords)
{
    for (size_t i = 0; i < keywords->count; i++) {
        struct keyword *k = keywords->items[i];
        if (k->arg == NULL) {
            continue;
        }
        if (str_equal_text(k->arg, "__debug__")) {
            compile_error(c, c->unit->pos, "cannot assign to __debug__");
        }
        for (size_t j = i + 1; j < keywords->count; j++) {
            struct keyword *other = keywords->items[j];
            if (other->arg != NULL && str_equal(k->arg, other->arg)) {
                compile_error(c, POS_OF(other), "keyword argument repeated: %U", k->arg);
            }
        }
    }
}

/* 1 + the index of the tuple of names, as CALL wants it. */
static int names_constant(struct compiler *c, struct keyword_seq *keywords)
{
    PyObject *tuple = keep(c, tuple_new((Py_ssize_t)keywords->count));
    for (size_t i = 0; i < keywords->count && tuple != NULL; i++) {
        /* Keywords of calls are not mangled. */
        tuple_init_item(tuple, (Py_ssize_t)i, value_from_object(keywords->items[i]->arg));
    }
    return tuple == NULL ? 0 : 1 + const_add(c, value_from_object(tuple));
}

static bool is_plain(struct expr_seq *args, struct keyword_seq *keywords, int given)
{
    if (args->count + keywords->count + (size_t)given > MAX_INLINE_ARGUMENTS) {
        return false;
    }
    for (size_t i = 0; i < args->count; i++) {
        if (args->items[i]->kind == EXPR_Starred) {
            return false;
        }
    }
    for (size_t i = 0; i < keywords->count; i++) {
        if (keywords->items[i]->arg == NULL) {
            return false;
        }
    }
    return true;
}

/* Arguments into consecutive new temporaries. Returns operand c of the call. */
static int plain_arguments(struct compiler *c, struct expr_seq *args, struct keyword_seq *keywords)
{
    for (size_t i = 0; i < args->count; i++) {
        expr_temp(c, args->items[i]);
    }
    for (size_t i = 0; i < keywords->count; i++) {
        expr_temp(c, keywords->items[i]->value);
    }
    return keywords->count > 0 ? names_constant(c, keywords) : 0;
}

/* R[list] = everything positional. */
static void star_arguments(struct compiler *c, int base, int given, struct expr_seq *args, int list)
{
    if (given == 0 && args->count == 1 && args->items[0]->kind == EXPR_Starred) {
        expr_into(c, args->items[0]->v.Starred.value, list);
        return;
    }
    emit_abc(c, OPCODE_BUILD_LIST, list, base + 1, given);
    for (size_t i = 0; i < args->count; i++) {
        int mark = c->unit->top;
        struct expr *e = args->items[i];
        bool star = e->kind == EXPR_Starred;
        int reg = expr_any(c, star ? e->v.Starred.value : e);
        emit_ab(c, star ? OPCODE_LIST_EXTEND : OPCODE_LIST_APPEND, list, reg);
        c->unit->top = mark;
    }
}

/* R[dict] = a dict of the keywords i .. end, which have names. */
static void keyword_dict(struct compiler *c, struct keyword_seq *keywords, size_t start, size_t end,
                         int dict)
{
    emit_abc(c, OPCODE_BUILD_MAP, dict, dict, 0);
    for (size_t i = start; i < end; i++) {
        int mark = c->unit->top;
        int key = temp_push(c);
        emit_const(c, key, value_from_object(keywords->items[i]->arg));
        int value = expr_any(c, keywords->items[i]->value);
        emit_abc(c, OPCODE_MAP_ADD, dict, key, value);
        c->unit->top = mark;
    }
}

static size_t named_run(struct keyword_seq *keywords, size_t start)
{
    size_t end = start;
    while (end < keywords->count && keywords->items[end]->arg != NULL) {
        end++;
    }
    return end;
}

static void star_keywords(struct compiler *c, int callable, struct keyword_seq *keywords, int dict)
{
    size_t i = named_run(keywords, 0);
    keyword_dict(c, keywords, 0, i, dict);
    while (i < keywords->count) {
        int mark = c->unit->top;
        int reg = temp_push(c);
        if (keywords->items[i]->arg == NULL) {
            expr_into(c, keywords->items[i]->value, reg);
            i++;
        } else {
            size_t end = named_run(keywords, i);
            keyword_dict(c, keywords, i, end, reg);
            i = end;
        }
        emit_abc(c, OPCODE_DICT_MERGE, dict, reg, callable);
        c->unit->top = mark;
    }
}

void call_arguments(struct compiler *c, int base, int given, struct expr_seq *args,
                    struct keyword_seq *keywords)
{
    int mark = c->unit->top;
    check_keywords(c, keywords);
    if (is_plain(args, keywords, given)) {
        int kwnames = plain_arguments(c, args, keywords);
        emit_abc(c, OPCODE_CALL, base, given + (int)(args->count + keywords->count), kwnames);
        c->unit->top = mark;
        return;
    }
    if (given > 0) { /* collected above the given ones, then moved down */
        int list = temp_push_many(c, 2);
        star_arguments(c, base, given, args, list);
        if (keywords->count > 0) {
            star_keywords(c, base, keywords, list + 1);
            emit_move(c, base + 2, list + 1);
        }
        emit_move(c, base + 1, list);
    } else {
        int list = temp_push_many(c, 2);
        star_arguments(c, base, 0, args, list);
        if (keywords->count > 0) {
            star_keywords(c, base, keywords, list + 1);
        }
    }
    emit(c, OPCODE_CALL_EX, base, 0, 0, keywords->count > 0);
    c->unit->top = mark;
}

static void method_call(struct compiler *c, struct expr *e, int base)
{
    struct expr *func = e->v.Call.func;
    struct source_position saved = c->unit->pos;
    int object = expr_operand(c, func->v.Attribute.value, base, NULL);
    check_keywords(c, e->v.Call.keywords);
    c->unit->pos = attribute_position(func, POS_OF(func));
    emit_attr(c, OPCODE_LOAD_METHOD, base, object,
              compile_mangle(c, c->unit->private_name, func->v.Attribute.attr));
    c->unit->pos = attribute_position(func, saved);
    temp_push(c);
    c->unit->top = base + 2;
    int kwnames = plain_arguments(c, e->v.Call.args, e->v.Call.keywords);
    c->unit->pos = attribute_position(func, saved);
    emit_abc(c, OPCODE_CALL_METHOD, base, (int)(e->v.Call.args->count + e->v.Call.keywords->count),
             kwnames);
    c->unit->pos = saved;
}

void call_into(struct compiler *c, struct expr *e, int reg)
{
    struct expr *func = e->v.Call.func;
    int base = reg_is_temp(c, reg) && reg == c->unit->top - 1 ? reg : temp_push(c);
    c->unit->top = base + 1;
    if (func->kind == EXPR_Attribute && is_plain(e->v.Call.args, e->v.Call.keywords, 0)) {
        method_call(c, e, base);
    } else {
        warn_caller(c, func);
        expr_into(c, func, base);
        call_arguments(c, base, 0, e->v.Call.args, e->v.Call.keywords);
    }
    emit_move(c, reg, base);
}
