/* SPDX-License-Identifier: MIT */
/* Expressions into registers. compile/compile.c has the rules. */
#include "compile/compile_int.h"
#include "object/dict.h"
#include "object/int.h"

/* More items than this are added one by one instead of through consecutive registers. */
enum { MAX_INLINE_ITEMS = 30, MIN_CONST_ITEMS = 3, MAX_STRING_PARTS = 256 };

static int temp_for(struct compiler *c, int reg)
{
    return reg_is_temp(c, reg) ? reg : temp_push(c);
}

bool expr_may_rebind(struct compiler *c, struct expr *e)
{
    return e != NULL && c->unit->scope->has_walrus && e->kind != EXPR_Name &&
           e->kind != EXPR_Constant;
}

int expr_operand(struct compiler *c, struct expr *e, int reg, struct expr *later)
{
    struct source_position saved = c->unit->pos;
    if (e->kind == EXPR_Name && !expr_may_rebind(c, later)) {
        int local = name_local(c, e->v.Name.id);
        if (local >= 0) {
            c->unit->pos = POS_OF(e);
            emit_a(c, OPCODE_CHECK_LOCAL, local);
            c->unit->pos = saved;
            return local;
        }
    }
    if (e->kind == EXPR_NamedExpr && !expr_may_rebind(c, later)) {
        struct expr *target = e->v.NamedExpr.target;
        int local = name_local(c, target->v.Name.id);
        if (local >= 0 && !name_is_forbidden(c, target->v.Name.id, EXPR_CONTEXT_Store)) {
            expr_into(c, e->v.NamedExpr.value, local);
            return local;
        }
    }
    int to = reg >= 0 && reg_is_temp(c, reg) ? reg : temp_push(c);
    expr_into(c, e, to);
    return to;
}

int expr_any(struct compiler *c, struct expr *e)
{
    return expr_operand(c, e, -1, NULL);
}

int expr_temp(struct compiler *c, struct expr *e)
{
    int reg = temp_push(c);
    expr_into(c, e, reg);
    return reg;
}

void expr_discard(struct compiler *c, struct expr *e)
{
    int mark = c->unit->top;
    if (e->kind != EXPR_Constant) {
        expr_any(c, e);
    }
    c->unit->top = mark;
}

/* ---- Operators */

enum binary_op operator_to_binary(enum operator op)
{
    static const enum binary_op table[] = {
        [OPERATOR_Add] = OP_ADD,           [OPERATOR_Sub] = OP_SUB,
        [OPERATOR_Mult] = OP_MUL,          [OPERATOR_MatMult] = OP_MATMUL,
        [OPERATOR_Div] = OP_TRUEDIV,       [OPERATOR_Mod] = OP_MOD,
        [OPERATOR_Pow] = OP_POW,           [OPERATOR_LShift] = OP_LSHIFT,
        [OPERATOR_RShift] = OP_RSHIFT,     [OPERATOR_BitOr] = OP_OR,
        [OPERATOR_BitXor] = OP_XOR,        [OPERATOR_BitAnd] = OP_AND,
        [OPERATOR_FloorDiv] = OP_FLOORDIV,
    };
    return table[op];
}

/* An int constant that fits the 16 bits of an immediate operand. */
static bool is_immediate(struct expr *e, int *out)
{
    int64_t i;
    if (e->kind != EXPR_Constant || !int_check_exact(e->v.Constant.value) ||
        !int_try_small(e->v.Constant.value, &i) || i < INT16_MIN || i > INT16_MAX) {
        return false;
    }
    *out = (int)i;
    return true;
}

void emit_binary(struct compiler *c, enum opcode op, int to, int left, struct expr *right,
                 enum binary_op operation)
{
    int immediate, mark = c->unit->top;
    if (is_immediate(right, &immediate)) {
        emit(c, op == OPCODE_BINARY ? OPCODE_BINARY_IMM : OPCODE_INPLACE_IMM, to, left,
             (uint16_t)(int16_t)immediate, operation);
        return;
    }
    int reg = expr_any(c, right);
    emit(c, op, to, left, reg, operation);
    c->unit->top = mark;
}

static bool not_compare_into(struct compiler *c, struct expr *e, int reg);

static void unary_into(struct compiler *c, struct expr *e, int reg)
{
    static const enum unary_op table[] = {
        [UNARYOP_Invert] = OP_INVERT, [UNARYOP_UAdd] = OP_POS, [UNARYOP_USub] = OP_NEG};
    if (e->v.UnaryOp.op == UNARYOP_Not && not_compare_into(c, e->v.UnaryOp.operand, reg)) {
        return;
    }
    int operand = expr_operand(c, e->v.UnaryOp.operand, reg, NULL);
    if (e->v.UnaryOp.op == UNARYOP_Not) {
        emit_ab(c, OPCODE_NOT, reg, operand);
    } else {
        emit(c, OPCODE_UNARY, reg, operand, 0, table[e->v.UnaryOp.op]);
    }
}

static void bool_op_into(struct compiler *c, struct expr *e, int reg)
{
    struct expr_seq *values = e->v.BoolOp.values;
    enum opcode op = e->v.BoolOp.op == BOOLOP_And ? OPCODE_JUMP_IF_FALSE : OPCODE_JUMP_IF_TRUE;
    int to = temp_for(c, reg);
    int32_t end = label_new(c);
    for (size_t i = 0; i < values->count; i++) {
        struct expr *value = values->items[i];
        bool last = i + 1 == values->count;
        if (!last && value->kind == EXPR_Constant) {
            int truth = object_truth(value->v.Constant.value);
            if (truth == (e->v.BoolOp.op == BOOLOP_And)) {
                continue; /* decides nothing */
            }
            last = true;
        }
        expr_into(c, value, to);
        if (last) {
            break;
        } else {
            emit_jump(c, op, to, 0, 0, end);
        }
    }
    label_place(c, end);
    emit_move(c, reg, to);
}

/* ---- Comparisons */

static int compare_operator(enum cmpop op)
{
    static const int table[] = {[CMPOP_Eq] = Py_EQ,  [CMPOP_NotEq] = Py_NE, [CMPOP_Lt] = Py_LT,
                                [CMPOP_LtE] = Py_LE, [CMPOP_Gt] = Py_GT,    [CMPOP_GtE] = Py_GE};
    return table[op];
}

static void emit_compare(struct compiler *c, int to, int left, int right, enum cmpop op)
{
    switch (op) {
    case CMPOP_Is:
    case CMPOP_IsNot: emit(c, OPCODE_IS, to, left, right, op == CMPOP_IsNot); break;
    case CMPOP_In:
    case CMPOP_NotIn: emit(c, OPCODE_CONTAINS, to, left, right, op == CMPOP_NotIn); break;
    default: emit(c, OPCODE_COMPARE, to, left, right, compare_operator(op)); break;
    }
}

static bool is_identity_safe(struct expr *e)
{
    if (e->kind != EXPR_Constant) {
        return true;
    }
    Value v = e->v.Constant.value;
    return value_is_none(v) || v.bits == VALUE_TRUE.bits || v.bits == VALUE_FALSE.bits ||
           v.bits == VALUE_ELLIPSIS.bits;
}

static void warn_identity(struct compiler *c, struct expr *e)
{
    bool left = is_identity_safe(e->v.Compare.left);
    for (size_t i = 0; i < e->v.Compare.ops->count; i++) {
        enum cmpop op = e->v.Compare.ops->items[i];
        bool right = is_identity_safe(e->v.Compare.comparators->items[i]);
        if ((op == CMPOP_Is || op == CMPOP_IsNot) && (!left || !right)) {
            compile_warn(c, POS_OF(e),
                         op == CMPOP_Is ? "\"is\" with a literal. Did you mean \"==\"?"
                                        : "\"is not\" with a literal. Did you mean \"!=\"?");
            return;
        }
        left = right;
    }
}

/* The operand at position i of a chain; it is used by two comparisons. Operands alternate between
 * two temporaries. */
static int chain_operand(struct compiler *c, struct expr *e, size_t i, int slots)
{
    struct expr_seq *rest = e->v.Compare.comparators;
    int slot = slots + (int)(i % 2);
    bool rebind = false;
    for (size_t j = i + 1; j < rest->count; j++) {
        rebind = rebind || expr_may_rebind(c, rest->items[j]);
    }
    if (!rebind) {
        return expr_operand(c, rest->items[i], slot, NULL);
    }
    expr_into(c, rest->items[i], slot);
    return slot;
}

static void compare_into(struct compiler *c, struct expr *e, int reg)
{
    struct expr_seq *rest = e->v.Compare.comparators;
    struct cmpop_seq *ops = e->v.Compare.ops;
    warn_identity(c, e);
    if (rest->count == 1) {
        int left = expr_operand(c, e->v.Compare.left, reg, rest->items[0]);
        int right = expr_any(c, rest->items[0]);
        emit_compare(c, reg, left, right, ops->items[0]);
        return;
    }
    int to = temp_for(c, reg);
    int slots = temp_push_many(c, 2);
    int left = expr_operand(c, e->v.Compare.left, slots + 1, rest->items[0]);
    int32_t end = label_new(c);
    for (size_t i = 0; i < rest->count; i++) {
        int right = chain_operand(c, e, i, slots);
        emit_compare(c, to, left, right, ops->items[i]);
        if (i + 1 < rest->count) {
            emit_jump(c, OPCODE_JUMP_IF_FALSE, to, 0, 0, end);
        }
        left = right;
    }
    label_place(c, end);
    emit_move(c, reg, to);
}

/* `not a in b` is one instruction, like `a not in b`. False: not of that form. */
static bool not_compare_into(struct compiler *c, struct expr *e, int reg)
{
    if (e->kind != EXPR_Compare || e->v.Compare.ops->count != 1) {
        return false;
    }
    static const enum cmpop opposite[] = {[CMPOP_Is] = CMPOP_IsNot,
                                          [CMPOP_IsNot] = CMPOP_Is,
                                          [CMPOP_In] = CMPOP_NotIn,
                                          [CMPOP_NotIn] = CMPOP_In};
    enum cmpop op = e->v.Compare.ops->items[0];
    struct expr *right = e->v.Compare.comparators->items[0];
    if (op < CMPOP_Is) {
        return false;
    }
    warn_identity(c, e);
    int left = expr_operand(c, e->v.Compare.left, reg, right);
    emit_compare(c, reg, left, expr_any(c, right), opposite[op]);
    return true;
}

static bool is_none_constant(struct expr *e)
{
    return e->kind == EXPR_Constant && value_is_none(e->v.Constant.value);
}

/* One comparison of a chain as a jump. right < 0: not evaluated yet. */
static void emit_compare_jump(struct compiler *c, int left, enum cmpop op, struct expr *right_expr,
                              int right, bool sense, int32_t label)
{
    int mark = c->unit->top, immediate;
    if (op == CMPOP_Is || op == CMPOP_IsNot || op == CMPOP_In || op == CMPOP_NotIn) {
        if (is_none_constant(right_expr) && (op == CMPOP_Is || op == CMPOP_IsNot)) {
            bool none = (op == CMPOP_Is) == sense;
            emit_jump(c, none ? OPCODE_JUMP_IF_NONE : OPCODE_JUMP_IF_NOT_NONE, left, 0, 0, label);
            return;
        }
        right = right < 0 ? expr_any(c, right_expr) : right;
        int result = temp_push(c);
        emit_compare(c, result, left, right, op);
        emit_jump(c, sense ? OPCODE_JUMP_IF_TRUE : OPCODE_JUMP_IF_FALSE, result, 0, 0, label);
    } else if (right < 0 && is_immediate(right_expr, &immediate)) {
        emit_jump(c, OPCODE_COMPARE_JUMP_IMM, left, (uint16_t)(int16_t)immediate,
                  compare_operator(op) | sense << 3, label);
    } else {
        right = right < 0 ? expr_any(c, right_expr) : right;
        emit_jump(c, OPCODE_COMPARE_JUMP, left, right, compare_operator(op) | sense << 3, label);
    }
    c->unit->top = mark;
}

static void compare_jump_if(struct compiler *c, struct expr *e, bool sense, int32_t label)
{
    struct expr_seq *rest = e->v.Compare.comparators;
    struct cmpop_seq *ops = e->v.Compare.ops;
    warn_identity(c, e);
    int slots = rest->count > 1 ? temp_push_many(c, 2) : -2;
    int left = expr_operand(c, e->v.Compare.left, slots + 1, rest->items[0]);
    int32_t end = label_new(c);
    for (size_t i = 0; i < rest->count; i++) {
        bool last = i + 1 == rest->count;
        int right = last ? -1 : chain_operand(c, e, i, slots);
        if (last) {
            emit_compare_jump(c, left, ops->items[i], rest->items[i], -1, sense, label);
        } else {
            emit_compare_jump(c, left, ops->items[i], rest->items[i], right, false,
                              sense ? end : label);
        }
        left = right;
    }
    label_place(c, end);
}

/* ---- Conditions */

static void bool_op_jump_if(struct compiler *c, struct expr *e, bool sense, int32_t label)
{
    struct expr_seq *values = e->v.BoolOp.values;
    bool stops_on = e->v.BoolOp.op == BOOLOP_Or; /* the value that ends the evaluation */
    int32_t end = label_new(c);
    for (size_t i = 0; i + 1 < values->count; i++) {
        expr_jump_if(c, values->items[i], stops_on, stops_on == sense ? label : end);
    }
    expr_jump_if(c, values->items[values->count - 1], sense, label);
    label_place(c, end);
}

static void if_exp_jump_if(struct compiler *c, struct expr *e, bool sense, int32_t label)
{
    int32_t otherwise = label_new(c), end = label_new(c);
    expr_jump_if(c, e->v.IfExp.test, false, otherwise);
    expr_jump_if(c, e->v.IfExp.body, sense, label);
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, end)->no_line = true;
    label_place(c, otherwise);
    expr_jump_if(c, e->v.IfExp.orelse, sense, label);
    label_place(c, end);
}

/* Positions are those that tracebacks of the oracle show: the test of a plain value belongs to the
 * statement, and what follows a comparison (the raising part of assert) to the comparison. */
static void jump_if_inner(struct compiler *c, struct expr *e, bool sense, int32_t label)
{
    switch (e->kind) {
    case EXPR_Constant: {
        c->unit->pos = POS_OF(e);
        int truth = object_truth(e->v.Constant.value);
        if (truth < 0) {
            c->failed = true;
        } else if ((truth == 1) == sense) {
            emit_jump(c, OPCODE_JUMP, 0, 0, 0, label);
        } else {
            emit(c, OPCODE_NOP, 0, 0, 0, 0); /* its line shows when tracing */
        }
        return;
    }
    case EXPR_UnaryOp:
        if (e->v.UnaryOp.op == UNARYOP_Not) {
            expr_jump_if(c, e->v.UnaryOp.operand, !sense, label);
            return;
        }
        break;
    case EXPR_BoolOp: bool_op_jump_if(c, e, sense, label); return;
    case EXPR_IfExp: if_exp_jump_if(c, e, sense, label); return;
    case EXPR_Compare:
        c->unit->pos = POS_OF(e);
        compare_jump_if(c, e, sense, label);
        return;
    default: break;
    }
    int reg = expr_any(c, e);
    emit_jump(c, sense ? OPCODE_JUMP_IF_TRUE : OPCODE_JUMP_IF_FALSE, reg, 0, 0, label);
}

void expr_jump_if(struct compiler *c, struct expr *e, bool sense, int32_t label)
{
    if (!compile_enter(c)) {
        return;
    }
    int mark = c->unit->top;
    struct source_position saved = c->unit->pos;
    jump_if_inner(c, e, sense, label);
    if (e->kind == EXPR_Constant) {
        c->unit->pos = saved;
    }
    c->unit->top = mark;
    compile_leave(c);
}

/* ---- Displays */

static bool has_starred(const struct expr_seq *elts)
{
    for (size_t i = 0; i < elts->count; i++) {
        if (elts->items[i]->kind == EXPR_Starred) {
            return true;
        }
    }
    return false;
}

static bool all_constant(const struct expr_seq *elts)
{
    for (size_t i = 0; i < elts->count; i++) {
        if (elts->items[i]->kind != EXPR_Constant) {
            return false;
        }
    }
    return true;
}

/* [1, 2, 3]: the items of a constant tuple. */
static void constant_display_into(struct compiler *c, struct expr_seq *elts, int to, bool set)
{
    PyObject *items = keep(c, tuple_new((Py_ssize_t)elts->count));
    for (size_t i = 0; i < elts->count && items != NULL; i++) {
        tuple_init_item(items, (Py_ssize_t)i, elts->items[i]->v.Constant.value);
    }
    if (items == NULL) {
        return;
    }
    Value constant = value_from_object(items);
    if (set) {
        PyObject *frozen = keep(c, set_new(&PyFrozenSet_Type, constant));
        if (frozen == NULL) {
            return;
        }
        constant = value_from_object(frozen);
    }
    int reg = temp_push(c);
    if (set) {
        emit_abc(c, OPCODE_BUILD_SET, to, to, 0);
    }
    emit_const(c, reg, constant);
    emit_ab(c, set ? OPCODE_SET_UPDATE : OPCODE_BUILD_CONST_LIST, to, reg);
}

static void long_display_into(struct compiler *c, struct expr_seq *elts, int to, bool set)
{
    emit_abc(c, set ? OPCODE_BUILD_SET : OPCODE_BUILD_LIST, to, to, 0);
    for (size_t i = 0; i < elts->count; i++) {
        int mark = c->unit->top;
        struct expr *e = elts->items[i];
        bool star = e->kind == EXPR_Starred;
        int reg = expr_any(c, star ? e->v.Starred.value : e);
        emit_ab(c,
                set ? (star ? OPCODE_SET_UPDATE : OPCODE_SET_ADD)
                    : (star ? OPCODE_LIST_EXTEND : OPCODE_LIST_APPEND),
                to, reg);
        c->unit->top = mark;
    }
}

/* If all items are plain locals in consecutive registers, the first register, else -1. */
static int consecutive_locals(struct compiler *c, struct expr_seq *elts)
{
    int first = -1;
    for (size_t i = 0; i < elts->count; i++) {
        struct expr *e = elts->items[i];
        int reg = e->kind == EXPR_Name ? name_local(c, e->v.Name.id) : -1;
        if (reg < 0 || (i > 0 && reg != first + (int)i)) {
            return -1;
        }
        first = i == 0 ? reg : first;
    }
    return first;
}

static void display_into(struct compiler *c, struct expr_seq *elts, int reg, enum opcode build)
{
    bool set = build == OPCODE_BUILD_SET;
    if (build != OPCODE_BUILD_TUPLE && elts->count >= MIN_CONST_ITEMS && all_constant(elts)) {
        int to = temp_for(c, reg);
        constant_display_into(c, elts, to, set);
        emit_move(c, reg, to);
    } else if (elts->count > MAX_INLINE_ITEMS || has_starred(elts)) {
        int to = temp_for(c, reg);
        long_display_into(c, elts, to, set);
        if (build == OPCODE_BUILD_TUPLE) {
            emit_ab(c, OPCODE_LIST_TO_TUPLE, reg, to);
        } else {
            emit_move(c, reg, to);
        }
    } else {
        int base = consecutive_locals(c, elts);
        if (base >= 0) {
            for (size_t i = 0; i < elts->count; i++) {
                expr_any(c, elts->items[i]); /* checks that it is bound */
            }
        } else {
            base = c->unit->top;
            for (size_t i = 0; i < elts->count; i++) {
                expr_temp(c, elts->items[i]);
            }
        }
        emit_abc(c, build, reg, base, (int)elts->count);
    }
}

static bool has_unpacking(const struct expr_seq *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->items[i] == NULL) {
            return true;
        }
    }
    return false;
}

static void dict_into(struct compiler *c, struct expr *e, int reg)
{
    struct expr_seq *keys = e->v.Dict.keys, *values = e->v.Dict.values;
    if (keys->count <= MAX_INLINE_ITEMS / 2 && !has_unpacking(keys)) {
        int base = c->unit->top;
        for (size_t i = 0; i < keys->count; i++) {
            expr_temp(c, keys->items[i]);
            expr_temp(c, values->items[i]);
        }
        emit_abc(c, OPCODE_BUILD_MAP, reg, base, (int)keys->count);
        return;
    }
    int to = temp_for(c, reg);
    emit_abc(c, OPCODE_BUILD_MAP, to, to, 0);
    for (size_t i = 0; i < keys->count; i++) {
        int mark = c->unit->top;
        if (keys->items[i] == NULL) {
            emit_ab(c, OPCODE_DICT_UPDATE, to, expr_any(c, values->items[i]));
        } else {
            int key = expr_operand(c, keys->items[i], -1, values->items[i]);
            int value = expr_any(c, values->items[i]);
            emit_abc(c, OPCODE_MAP_ADD, to, key, value);
        }
        c->unit->top = mark;
    }
    emit_move(c, reg, to);
}

/* ---- Strings */

static void formatted_into(struct compiler *c, struct expr *e, int reg)
{
    int conversion = e->v.FormattedValue.conversion;
    int d = conversion == 's' ? 1 : conversion == 'r' ? 2 : conversion == 'a' ? 3 : 0;
    struct expr *spec = e->v.FormattedValue.format_spec;
    int value = expr_operand(c, e->v.FormattedValue.value, reg, spec);
    int spec_reg = 0;
    if (spec != NULL) {
        spec_reg = expr_any(c, spec);
        d |= 4;
    }
    emit(c, OPCODE_FORMAT_VALUE, reg, value, spec_reg, d);
}

static void joined_into(struct compiler *c, struct expr *e, int reg)
{
    struct expr_seq *values = e->v.JoinedStr.values;
    if (values->count == 0) {
        emit_const(c, reg, value_from_object(str_empty()));
    } else if (values->count == 1) {
        expr_into(c, values->items[0], reg);
    } else {
        int base = c->unit->top;
        for (size_t i = 0; i < values->count; i++) {
            if (c->unit->top - base >= MAX_STRING_PARTS) {
                emit_abc(c, OPCODE_BUILD_STRING, base, base, c->unit->top - base);
                c->unit->top = base + 1;
            }
            expr_temp(c, values->items[i]);
        }
        emit_abc(c, OPCODE_BUILD_STRING, reg, base, c->unit->top - base);
    }
}

/* ---- Attributes and items */

static void attribute_into(struct compiler *c, struct expr *e, int reg)
{
    int object = expr_operand(c, e->v.Attribute.value, reg, NULL);
    c->unit->pos = attribute_position(e, c->unit->pos);
    emit_attr(c, OPCODE_LOAD_ATTR, reg, object,
              compile_mangle(c, c->unit->private_name, e->v.Attribute.attr));
}

static void optional_into(struct compiler *c, struct expr *e, int reg)
{
    if (e == NULL) {
        emit_none(c, reg);
    } else {
        expr_into(c, e, reg);
    }
}

/* The first of two registers. */
static int slice_bounds(struct compiler *c, struct expr *slice)
{
    int base = c->unit->top;
    optional_into(c, slice->v.Slice.lower, temp_push(c));
    optional_into(c, slice->v.Slice.upper, temp_push(c));
    return base;
}

static void subscript_into(struct compiler *c, struct expr *e, int reg)
{
    struct expr *value = e->v.Subscript.value, *slice = e->v.Subscript.slice;
    warn_subscripter(c, value);
    warn_index(c, value, slice);
    int object = expr_operand(c, value, reg, slice);
    if (slice->kind == EXPR_Slice && slice->v.Slice.step == NULL) {
        int bounds = slice_bounds(c, slice);
        emit_abc(c, OPCODE_LOAD_SLICE, reg, object, bounds);
        return;
    }
    int key = expr_any(c, slice);
    emit_abc(c, OPCODE_LOAD_ITEM, reg, object, key);
}

static void slice_into(struct compiler *c, struct expr *e, int reg)
{
    int count = e->v.Slice.step != NULL ? 3 : 2;
    int base = slice_bounds(c, e);
    if (count == 3) {
        expr_temp(c, e->v.Slice.step);
    }
    emit(c, OPCODE_BUILD_SLICE, reg, base, 0, count);
}

/* ---- Generators and coroutines */

static bool is_async_generator(struct unit *u)
{
    return u->kind == UNIT_ASYNC_FUNCTION ||
           (u->kind == UNIT_COMPREHENSION && u->scope->coroutine && u->scope->generator);
}

static void yield_into(struct compiler *c, struct expr *e, int reg)
{
    if (c->unit->scope->type != SCOPE_FUNCTION) {
        compile_error(c, c->unit->pos, "'yield' outside function");
        return;
    }
    int value;
    if (e->v.Yield.value != NULL) {
        value = expr_operand(c, e->v.Yield.value, reg, NULL);
    } else {
        value = temp_for(c, reg);
        emit_none(c, value);
    }
    if (is_async_generator(c->unit)) {
        int wrapped = temp_for(c, reg);
        emit_ab(c, OPCODE_ASYNC_GEN_WRAP, wrapped, value);
        value = wrapped;
    }
    emit_ab(c, OPCODE_YIELD_VALUE, reg, value);
}

void emit_await_loop(struct compiler *c, int to, int it)
{
    int32_t send = label_new(c), end = label_new(c);
    emit_none(c, to);
    label_place(c, send);
    struct ir *i = emit_jump(c, OPCODE_SEND, to, it, 0, end);
    i->c = to;
    emit(c, OPCODE_YIELD_VALUE, to, to, it, 1);
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, send);
    label_place(c, end);
}

void emit_await(struct compiler *c, int to, int awaitable, int kind)
{
    int mark = c->unit->top;
    int it = temp_push(c);
    emit(c, OPCODE_GET_AWAITABLE, it, awaitable, 0, kind);
    int result = to == awaitable || !reg_is_temp(c, to) ? temp_push(c) : to;
    emit_await_loop(c, result, it);
    emit_move(c, to, result);
    c->unit->top = mark;
}

static void yield_from_into(struct compiler *c, struct expr *e, int reg)
{
    if (c->unit->scope->type != SCOPE_FUNCTION) {
        compile_error(c, c->unit->pos, "'yield' outside function");
        return;
    }
    if (c->unit->kind == UNIT_ASYNC_FUNCTION) {
        compile_error(c, c->unit->pos, "'yield from' inside async function");
        return;
    }
    int to = temp_for(c, reg);
    int it = temp_push(c);
    int value = expr_operand(c, e->v.YieldFrom.value, it, NULL);
    emit_ab(c, OPCODE_GET_YIELD_FROM_ITER, it, value);
    emit_await_loop(c, to, it);
    emit_move(c, reg, to);
}

static void await_into(struct compiler *c, struct expr *e, int reg)
{
    if (!is_top_level_await(c)) {
        if (c->unit->scope->type != SCOPE_FUNCTION) {
            compile_error(c, c->unit->pos, "'await' outside function");
            return;
        }
        if (c->unit->kind != UNIT_ASYNC_FUNCTION && c->unit->kind != UNIT_COMPREHENSION) {
            compile_error(c, c->unit->pos, "'await' outside async function");
            return;
        }
    }
    int value = expr_any(c, e->v.Await.value);
    int to = temp_for(c, reg);
    if (to == value) {
        to = temp_push(c);
    }
    emit_await(c, to, value, 0);
    emit_move(c, reg, to);
}

/* ---- All of them */

static void if_exp_into(struct compiler *c, struct expr *e, int reg)
{
    int32_t otherwise = label_new(c), end = label_new(c);
    expr_jump_if(c, e->v.IfExp.test, false, otherwise);
    expr_into(c, e->v.IfExp.body, reg);
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, end)->no_line = true;
    label_place(c, otherwise);
    expr_into(c, e->v.IfExp.orelse, reg);
    label_place(c, end);
}

static void walrus_into(struct compiler *c, struct expr *e, int reg)
{
    PyObject *name = e->v.NamedExpr.target->v.Name.id;
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(e->v.NamedExpr.target);
    if (name_is_forbidden(c, name, EXPR_CONTEXT_Store)) {
        return;
    }
    c->unit->pos = saved;
    int local = name_local(c, name);
    if (local >= 0) {
        expr_into(c, e->v.NamedExpr.value, local);
        emit_move(c, reg, local);
        return;
    }
    int value = expr_operand(c, e->v.NamedExpr.value, reg, NULL);
    name_store(c, name, value);
    emit_move(c, reg, value);
}

static void into_inner(struct compiler *c, struct expr *e, int reg)
{
    switch (e->kind) {
    case EXPR_BoolOp: bool_op_into(c, e, reg); break;
    case EXPR_NamedExpr: walrus_into(c, e, reg); break;
    case EXPR_BinOp: {
        int left = expr_operand(c, e->v.BinOp.left, reg, e->v.BinOp.right);
        emit_binary(c, OPCODE_BINARY, reg, left, e->v.BinOp.right,
                    operator_to_binary(e->v.BinOp.op));
        break;
    }
    case EXPR_UnaryOp: unary_into(c, e, reg); break;
    case EXPR_Lambda: lambda_into(c, e, reg); break;
    case EXPR_IfExp: if_exp_into(c, e, reg); break;
    case EXPR_Dict: dict_into(c, e, reg); break;
    case EXPR_Set: display_into(c, e->v.Set.elts, reg, OPCODE_BUILD_SET); break;
    case EXPR_ListComp:
    case EXPR_SetComp:
    case EXPR_DictComp:
    case EXPR_GeneratorExp: comprehension_into(c, e, reg); break;
    case EXPR_Await: await_into(c, e, reg); break;
    case EXPR_Yield: yield_into(c, e, reg); break;
    case EXPR_YieldFrom: yield_from_into(c, e, reg); break;
    case EXPR_Compare: compare_into(c, e, reg); break;
    case EXPR_Call: call_into(c, e, reg); break;
    case EXPR_FormattedValue: formatted_into(c, e, reg); break;
    case EXPR_JoinedStr: joined_into(c, e, reg); break;
    case EXPR_Constant: emit_const(c, reg, e->v.Constant.value); break;
    case EXPR_Attribute: attribute_into(c, e, reg); break;
    case EXPR_Subscript: subscript_into(c, e, reg); break;
    case EXPR_Starred:
        compile_error(c, c->unit->pos,
                      e->v.Starred.ctx == EXPR_CONTEXT_Load
                          ? "can't use starred expression here"
                          : "starred assignment target must be in a list or tuple");
        break;
    case EXPR_Name: name_load_into(c, e->v.Name.id, reg); break;
    case EXPR_List: display_into(c, e->v.List.elts, reg, OPCODE_BUILD_LIST); break;
    case EXPR_Tuple: display_into(c, e->v.Tuple.elts, reg, OPCODE_BUILD_TUPLE); break;
    case EXPR_Slice: slice_into(c, e, reg); break;
    }
}

void expr_into(struct compiler *c, struct expr *e, int reg)
{
    if (!compile_enter(c)) {
        return;
    }
    int mark = c->unit->top;
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(e);
    into_inner(c, e, reg);
    c->unit->pos = saved;
    c->unit->top = mark;
    compile_leave(c);
}
