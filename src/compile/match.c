/* SPDX-License-Identifier: MIT */
/* The match statement. A pattern tests the value in a register and jumps to a label if it does not
 * match. Temporaries are not freed within one case, so what a name captures is just the register of
 * the value; all names are bound when the whole pattern has matched. */
#include "compile/compile_int.h"
#include "object/dict.h"

struct capture {
    PyObject *name;
    int reg;
};

struct matcher {
    struct capture *captures;
    size_t count, capacity;
    bool allow_irrefutable;
};

static void pattern_compile(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                            int32_t fail);

static void fail_unless(struct compiler *c, int reg, int32_t fail)
{
    emit_jump(c, OPCODE_JUMP_IF_FALSE, reg, 0, 0, fail);
}

static void capture_add(struct compiler *c, struct matcher *m, PyObject *name, int reg)
{
    if (name_is_forbidden(c, name, EXPR_CONTEXT_Store)) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        if (str_equal(m->captures[i].name, name)) {
            compile_error(c, c->unit->pos, "multiple assignments to name %R in pattern",
                          value_from_object(name));
            return;
        }
    }
    if (m->count == m->capacity) {
        size_t capacity = m->capacity == 0 ? 8 : m->capacity * 2;
        m->captures = region_grow(c, m->captures, m->capacity * sizeof *m->captures,
                                  capacity * sizeof *m->captures);
        m->capacity = capacity;
    }
    m->captures[m->count++] = (struct capture){name, reg};
}

static bool is_wildcard(const struct pattern *p)
{
    return p->kind == PATTERN_MatchAs && p->v.MatchAs.name == NULL;
}

static bool is_star_wildcard(const struct pattern *p)
{
    return p->kind == PATTERN_MatchStar && p->v.MatchStar.name == NULL;
}

static void subpattern(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                       int32_t fail)
{
    bool saved = m->allow_irrefutable;
    m->allow_irrefutable = true;
    pattern_compile(c, m, p, subject, fail);
    m->allow_irrefutable = saved;
}

/* ---- Values */

static void match_value(struct compiler *c, struct expr *value, int subject, int32_t fail)
{
    if (value->kind != EXPR_Constant && value->kind != EXPR_Attribute) {
        compile_error(c, c->unit->pos, "patterns may only match literals and attribute lookups");
        return;
    }
    int reg = expr_any(c, value);
    emit_jump(c, OPCODE_COMPARE_JUMP, subject, reg, Py_EQ, fail);
}

static void match_singleton(struct compiler *c, Value value, int subject, int32_t fail)
{
    if (value_is_none(value)) {
        emit_jump(c, OPCODE_JUMP_IF_NOT_NONE, subject, 0, 0, fail);
        return;
    }
    int reg = temp_push_many(c, 2);
    emit_const(c, reg, value);
    emit(c, OPCODE_IS, reg + 1, subject, reg, 0);
    fail_unless(c, reg + 1, fail);
}

/* ---- Sequences */

static int find_star(struct compiler *c, struct pattern_seq *list)
{
    int star = -1;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i]->kind != PATTERN_MatchStar) {
            continue;
        }
        if (star >= 0) {
            compile_error(c, c->unit->pos, "multiple starred names in sequence pattern");
            return star;
        }
        star = (int)i;
    }
    return star;
}

static void check_length(struct compiler *c, int subject, int length, int op, int32_t fail)
{
    int reg = temp_push(c);
    emit_ab(c, OPCODE_GET_LEN, reg, subject);
    if (length <= INT16_MAX) {
        emit_jump(c, OPCODE_COMPARE_JUMP_IMM, reg, length, op, fail);
    } else {
        int wanted = temp_push(c);
        emit_const(c, wanted, value_from_int(length));
        emit_jump(c, OPCODE_COMPARE_JUMP, reg, wanted, op, fail);
    }
}

/* With *_ the items are fetched by index, so that the rest is not touched. */
static void match_items_by_index(struct compiler *c, struct matcher *m, struct pattern_seq *list,
                                 int star, int subject, int32_t fail)
{
    int count = (int)list->count;
    for (int i = 0; i < count; i++) {
        struct pattern *p = list->items[i];
        if (is_wildcard(p) || i == star) {
            continue;
        }
        int item = temp_push(c), key = temp_push(c);
        if (i < star) {
            emit_const(c, key, value_from_int(i));
        } else {
            emit_ab(c, OPCODE_GET_LEN, key, subject);
            emit(c, OPCODE_BINARY_IMM, key, key, (uint16_t)(count - i), OP_SUB);
        }
        emit_abc(c, OPCODE_LOAD_ITEM, item, subject, key);
        subpattern(c, m, p, item, fail);
    }
}

static void match_items(struct compiler *c, struct matcher *m, struct pattern_seq *list, int star,
                        int subject, int32_t fail)
{
    int count = (int)list->count;
    int first = temp_push_many(c, count);
    if (star < 0) {
        emit_abc(c, OPCODE_UNPACK_SEQUENCE, first, subject, count);
    } else if (star > 255 || count - star - 1 > 255) {
        compile_error(c, c->unit->pos, "too many expressions in star-unpacking sequence pattern");
    } else {
        emit(c, OPCODE_UNPACK_EX, first, subject, star, count - star - 1);
    }
    for (int i = 0; i < count; i++) {
        subpattern(c, m, list->items[i], first + i, fail);
    }
}

static void match_sequence(struct compiler *c, struct matcher *m, struct pattern_seq *list,
                           int subject, int32_t fail)
{
    int star = find_star(c, list), count = (int)list->count;
    bool only_wildcards = true;
    for (int i = 0; i < count; i++) {
        only_wildcards &= is_wildcard(list->items[i]) || is_star_wildcard(list->items[i]);
    }
    int reg = temp_push(c);
    emit_ab(c, OPCODE_MATCH_SEQUENCE, reg, subject);
    fail_unless(c, reg, fail);
    if (star < 0) {
        check_length(c, subject, count, Py_EQ, fail);
    } else if (count > 1) {
        check_length(c, subject, count - 1, Py_GE, fail);
    }
    if (only_wildcards) {
        return;
    }
    if (star >= 0 && is_star_wildcard(list->items[star])) {
        match_items_by_index(c, m, list, star, subject, fail);
    } else {
        match_items(c, m, list, star, subject, fail);
    }
}

/* ---- Mappings */

/* The keys in consecutive registers; duplicates among constants are refused. */
static int keys_push(struct compiler *c, struct expr_seq *keys)
{
    PyObject *seen = keep(c, set_new(&PySet_Type, VALUE_ABSENT));
    int first = temp_push_many(c, (int)keys->count);
    for (size_t i = 0; i < keys->count && !c->failed; i++) {
        struct expr *key = keys->items[i];
        if (key->kind == EXPR_Constant) {
            int found = set_contains(seen, key->v.Constant.value);
            if (found > 0) {
                compile_error(c, c->unit->pos, "mapping pattern checks duplicate key (%R)",
                              key->v.Constant.value);
            } else if (found < 0 || set_add(seen, key->v.Constant.value) < 0) {
                c->failed = true;
            }
        } else if (key->kind != EXPR_Attribute) {
            compile_error(c, c->unit->pos,
                          "mapping pattern keys may only match literals and attribute lookups");
        }
        expr_into(c, key, first + (int)i);
    }
    return first;
}

static void match_rest(struct compiler *c, struct matcher *m, PyObject *rest, int subject,
                       int first_key, int count)
{
    int dict = temp_push(c);
    emit_abc(c, OPCODE_BUILD_MAP, dict, dict, 0);
    emit_ab(c, OPCODE_DICT_UPDATE, dict, subject);
    for (int i = 0; i < count; i++) {
        emit_ab(c, OPCODE_DELETE_ITEM, dict, first_key + i);
    }
    capture_add(c, m, rest, dict);
}

static void match_mapping(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                          int32_t fail)
{
    struct expr_seq *keys = p->v.MatchMapping.keys;
    struct pattern_seq *patterns = p->v.MatchMapping.patterns;
    int count = (int)keys->count;
    int reg = temp_push(c);
    emit_ab(c, OPCODE_MATCH_MAPPING, reg, subject);
    fail_unless(c, reg, fail);
    if (count == 0 && p->v.MatchMapping.rest == NULL) {
        return;
    }
    if (count > 0) {
        check_length(c, subject, count, Py_GE, fail);
    }
    int first = keys_push(c, keys);
    int tuple = temp_push(c), found = temp_push(c);
    if (count > 0) {
        emit_abc(c, OPCODE_BUILD_TUPLE, tuple, first, count);
        emit_abc(c, OPCODE_MATCH_KEYS, found, subject, tuple);
        emit_jump(c, OPCODE_JUMP_IF_NONE, found, 0, 0, fail);
        int values = temp_push_many(c, count);
        emit_abc(c, OPCODE_UNPACK_SEQUENCE, values, found, count);
        for (int i = 0; i < count; i++) {
            subpattern(c, m, patterns->items[i], values + i, fail);
        }
    }
    if (p->v.MatchMapping.rest != NULL) {
        match_rest(c, m, p->v.MatchMapping.rest, subject, first, count);
    }
}

/* ---- Classes */

static PyObject *attribute_names(struct compiler *c, struct identifier_seq *list,
                                 struct pattern_seq *patterns)
{
    PyObject *tuple = keep(c, tuple_new((Py_ssize_t)list->count));
    for (size_t i = 0; i < list->count && tuple != NULL; i++) {
        if (name_is_forbidden(c, list->items[i], EXPR_CONTEXT_Store)) {
            return NULL;
        }
        for (size_t j = 0; j < i; j++) {
            if (str_equal(list->items[i], list->items[j])) {
                compile_error(c, POS_OF(patterns->items[i]),
                              "attribute name repeated in class pattern: %U", list->items[i]);
                return NULL;
            }
        }
        tuple_init_item(tuple, (Py_ssize_t)i, value_from_object(list->items[i]));
    }
    return tuple;
}

static void match_class(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                        int32_t fail)
{
    struct pattern_seq *positional = p->v.MatchClass.patterns;
    struct pattern_seq *keywords = p->v.MatchClass.kwd_patterns;
    int count = (int)(positional->count + keywords->count);
    PyObject *attributes = attribute_names(c, p->v.MatchClass.kwd_attrs, keywords);
    if (attributes == NULL) {
        return;
    }
    if (positional->count > 255) {
        compile_error(c, c->unit->pos, "too many sub-patterns in class pattern");
        return;
    }
    int class = temp_push_many(c, 2), found = temp_push(c);
    expr_into(c, p->v.MatchClass.cls, class);
    emit_const(c, class + 1, value_from_object(attributes));
    emit(c, OPCODE_MATCH_CLASS, found, subject, class, (int)positional->count);
    emit_jump(c, OPCODE_JUMP_IF_NONE, found, 0, 0, fail);
    int values = temp_push_many(c, count);
    if (count > 0) {
        emit_abc(c, OPCODE_UNPACK_SEQUENCE, values, found, count);
    }
    for (int i = 0; i < count; i++) {
        int positionals = (int)positional->count;
        struct pattern *sub =
            i < positionals ? positional->items[i] : keywords->items[i - positionals];
        if (!is_wildcard(sub)) {
            subpattern(c, m, sub, values + i, fail);
        }
    }
}

/* ---- Alternatives and names */

/* The first alternative says which names there are and gives each a register; the others must bind
 * the same names, and move what they captured there. */
static void match_or(struct compiler *c, struct matcher *m, struct pattern_seq *list, int subject,
                     int32_t fail)
{
    int32_t matched = label_new(c);
    size_t outer = m->count, first_count = 0;
    int first_reg = 0;
    bool allow = m->allow_irrefutable;
    PyObject **first_names = NULL;
    for (size_t i = 0; i < list->count && !c->failed; i++) {
        bool last = i + 1 == list->count;
        int32_t next = last ? fail : label_new(c);
        m->allow_irrefutable = allow && last;
        m->count = outer;
        c->unit->pos = POS_OF(list->items[i]);
        pattern_compile(c, m, list->items[i], subject, next);
        size_t count = m->count - outer;
        if (i == 0) {
            first_count = count;
            first_names = region_alloc(c, (count + 1) * sizeof *first_names);
            first_reg = temp_push_many(c, (int)count);
            for (size_t j = 0; j < count; j++) {
                first_names[j] = m->captures[outer + j].name;
            }
        }
        bool same = count == first_count;
        for (size_t j = 0; j < count && same; j++) {
            size_t k = 0;
            while (k < count && !str_equal(first_names[k], m->captures[outer + j].name)) {
                k++;
            }
            same = k < count;
            if (same) {
                emit_move(c, first_reg + (int)k, m->captures[outer + j].reg);
            }
        }
        if (!same) {
            compile_error(c, c->unit->pos, "alternative patterns bind different names");
        }
        if (!last) {
            emit_jump(c, OPCODE_JUMP, 0, 0, 0, matched)->no_line = true;
            label_place(c, next);
        }
    }
    label_place(c, matched);
    m->allow_irrefutable = allow;
    m->count = outer;
    for (size_t j = 0; j < first_count && !c->failed; j++) {
        capture_add(c, m, first_names[j], first_reg + (int)j);
    }
}

static void match_as(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                     int32_t fail)
{
    PyObject *name = p->v.MatchAs.name;
    if (p->v.MatchAs.pattern != NULL) {
        pattern_compile(c, m, p->v.MatchAs.pattern, subject, fail);
    } else if (!m->allow_irrefutable) {
        if (name != NULL) {
            compile_error(c, c->unit->pos, "name capture %R makes remaining patterns unreachable",
                          value_from_object(name));
        } else {
            compile_error(c, c->unit->pos, "wildcard makes remaining patterns unreachable");
        }
        return;
    }
    if (name != NULL) {
        capture_add(c, m, name, subject);
    }
}

static void pattern_inner(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                          int32_t fail)
{
    switch (p->kind) {
    case PATTERN_MatchValue: match_value(c, p->v.MatchValue.value, subject, fail); break;
    case PATTERN_MatchSingleton:
        match_singleton(c, p->v.MatchSingleton.value, subject, fail);
        break;
    case PATTERN_MatchSequence:
        match_sequence(c, m, p->v.MatchSequence.patterns, subject, fail);
        break;
    case PATTERN_MatchMapping: match_mapping(c, m, p, subject, fail); break;
    case PATTERN_MatchClass: match_class(c, m, p, subject, fail); break;
    case PATTERN_MatchStar:
        if (p->v.MatchStar.name != NULL) {
            capture_add(c, m, p->v.MatchStar.name, subject);
        }
        break;
    case PATTERN_MatchAs: match_as(c, m, p, subject, fail); break;
    case PATTERN_MatchOr: match_or(c, m, p->v.MatchOr.patterns, subject, fail); break;
    }
}

static void pattern_compile(struct compiler *c, struct matcher *m, struct pattern *p, int subject,
                            int32_t fail)
{
    if (!compile_enter(c)) {
        return;
    }
    c->unit->pos = POS_OF(p); /* stays: later instructions of the pattern belong here */
    pattern_inner(c, m, p, subject, fail);
    compile_leave(c);
}

static void case_compile(struct compiler *c, struct match_case *k, int subject, bool last,
                         int32_t end)
{
    struct matcher m = {.allow_irrefutable = k->guard != NULL || last};
    int mark = c->unit->top;
    int32_t fail = label_new(c);
    c->unit->pos = POS_OF(k->pattern);
    if (is_wildcard(k->pattern) && k->pattern->v.MatchAs.pattern == NULL) {
        emit(c, OPCODE_NOP, 0, 0, 0, 0); /* so that the line shows when tracing */
    }
    pattern_compile(c, &m, k->pattern, subject, fail);
    for (size_t i = 0; i < m.count && !c->failed; i++) {
        name_store(c, m.captures[i].name, m.captures[i].reg);
    }
    c->unit->top = mark;
    if (k->guard != NULL) {
        expr_jump_if(c, k->guard, false, fail);
    }
    stmts_compile(c, k->body, 0);
    if (!last) {
        emit_jump(c, OPCODE_JUMP, 0, 0, 0, end)->no_line = true;
    }
    label_place(c, fail);
}

void match_compile(struct compiler *c, struct stmt *s)
{
    struct match_case_seq *cases = s->v.Match.cases;
    int subject = expr_temp(c, s->v.Match.subject);
    int32_t end = label_new(c);
    for (size_t i = 0; i < cases->count; i++) {
        case_compile(c, cases->items[i], subject, i + 1 == cases->count, end);
    }
    label_place(c, end);
}
