/* SPDX-License-Identifier: MIT */
/* The registers that an instruction reads and writes, for the check of foreign code and for jumps
 * of trace functions. */
#include "bytecode/operands.h"

/* One character for each of a, b and c: r reads the register, R it and the next one; w, W and T
 * write one, two, three registers from it on; u reads and writes it; - is no register. After them
 * a + if add_counted knows more. */
static const char accesses[OPCODE_COUNT][4] = {
    [OPCODE_MOVE] = "wr-",
    [OPCODE_LOAD_CONST] = "w--",
    [OPCODE_LOAD_INT] = "w--",
    [OPCODE_LOAD_NULL] = "w--",
    [OPCODE_CHECK_LOCAL] = "r--",
    [OPCODE_DELETE_LOCAL] = "u--",
    [OPCODE_MAKE_CELL] = "u--",
    [OPCODE_COPY_FREE_VARS] = "---+",
    [OPCODE_LOAD_DEREF] = "wr-",
    [OPCODE_STORE_DEREF] = "rr-",
    [OPCODE_DELETE_DEREF] = "r--",
    [OPCODE_LOAD_CLASSDEREF] = "wr-",
    [OPCODE_LOAD_GLOBAL] = "w--",
    [OPCODE_STORE_GLOBAL] = "r--",
    [OPCODE_LOAD_NAME] = "w--",
    [OPCODE_STORE_NAME] = "r--",
    [OPCODE_LOAD_ATTR] = "wr-",
    [OPCODE_STORE_ATTR] = "rr-",
    [OPCODE_DELETE_ATTR] = "r--",
    [OPCODE_LOAD_METHOD] = "Wr-",
    [OPCODE_LOAD_ITEM] = "wrr",
    [OPCODE_LOAD_SLICE] = "wr-+",
    [OPCODE_STORE_ITEM] = "rrr",
    [OPCODE_DELETE_ITEM] = "rr-",
    [OPCODE_BUILD_SLICE] = "w--+",
    [OPCODE_BINARY] = "wrr",
    [OPCODE_INPLACE] = "wrr",
    [OPCODE_BINARY_IMM] = "wr-",
    [OPCODE_INPLACE_IMM] = "wr-",
    [OPCODE_UNARY] = "wr-",
    [OPCODE_NOT] = "wr-",
    [OPCODE_COMPARE] = "wrr",
    [OPCODE_IS] = "wrr",
    [OPCODE_CONTAINS] = "wrr",
    [OPCODE_JUMP_IF_TRUE] = "r--",
    [OPCODE_JUMP_IF_FALSE] = "r--",
    [OPCODE_JUMP_IF_NONE] = "r--",
    [OPCODE_JUMP_IF_NOT_NONE] = "r--",
    [OPCODE_COMPARE_JUMP] = "rr-",
    [OPCODE_COMPARE_JUMP_IMM] = "r--",
    [OPCODE_GET_ITER] = "wr-",
    [OPCODE_FOR_ITER] = "wr-",
    [OPCODE_FOR_LOOP] = "wr-",
    [OPCODE_BUILD_TUPLE] = "w--+",
    [OPCODE_BUILD_LIST] = "w--+",
    [OPCODE_BUILD_LIST_FOR] = "wr-",
    [OPCODE_BUILD_CONST_LIST] = "wr-",
    [OPCODE_BUILD_SET] = "w--+",
    [OPCODE_BUILD_MAP] = "w--+",
    [OPCODE_BUILD_STRING] = "w--+",
    [OPCODE_FORMAT_VALUE] = "wr-+",
    [OPCODE_LIST_APPEND] = "rr-",
    [OPCODE_SET_ADD] = "rr-",
    [OPCODE_MAP_ADD] = "rrr",
    [OPCODE_LIST_EXTEND] = "rr-",
    [OPCODE_SET_UPDATE] = "rr-",
    [OPCODE_DICT_UPDATE] = "rr-",
    [OPCODE_DICT_MERGE] = "rrr",
    [OPCODE_LIST_TO_TUPLE] = "wr-",
    [OPCODE_UNPACK_SEQUENCE] = "-r-+",
    [OPCODE_UNPACK_EX] = "-r-+",
    [OPCODE_CALL] = "w--+",
    [OPCODE_CALL_METHOD] = "w--+",
    [OPCODE_CALL_EX] = "w--+",
    [OPCODE_MAKE_FUNCTION] = "w--+",
    [OPCODE_MAKE_COMPREHENSION] = "wr-",
    [OPCODE_LOAD_BUILD_CLASS] = "w--",
    [OPCODE_RETURN_VALUE] = "r--",
    [OPCODE_YIELD_VALUE] = "wr-+",
    [OPCODE_GET_YIELD_FROM_ITER] = "wr-",
    [OPCODE_SEND] = "wrr",
    [OPCODE_GET_AWAITABLE] = "wr-",
    [OPCODE_GET_AITER] = "wr-",
    [OPCODE_GET_ANEXT] = "wr-",
    [OPCODE_END_ASYNC_FOR] = "R--",
    [OPCODE_ASYNC_GEN_WRAP] = "wr-",
    [OPCODE_RAISE] = "---+",
    [OPCODE_PUSH_EXC] = "r--+",
    [OPCODE_POP_EXC] = "R--",
    [OPCODE_RERAISE] = "r--",
    [OPCODE_CHECK_EXC_MATCH] = "wrr",
    [OPCODE_CHECK_EG_MATCH] = "Wrr",
    [OPCODE_PREP_RERAISE_STAR] = "wrr",
    [OPCODE_LOAD_ASSERTION_ERROR] = "w--",
    [OPCODE_BEFORE_WITH] = "Tr-",
    [OPCODE_BEFORE_ASYNC_WITH] = "Tr-",
    [OPCODE_WITH_EXCEPT_START] = "wRr",
    [OPCODE_IMPORT_NAME] = "wR-",
    [OPCODE_IMPORT_FROM] = "wr-",
    [OPCODE_IMPORT_STAR] = "r--",
    [OPCODE_PRINT_EXPR] = "r--",
    [OPCODE_MATCH_CLASS] = "wrR",
    [OPCODE_MATCH_MAPPING] = "wr-",
    [OPCODE_MATCH_SEQUENCE] = "wr-",
    [OPCODE_MATCH_KEYS] = "wrr",
    [OPCODE_GET_LEN] = "wr-",
};

static struct register_range span(uint32_t first, uint32_t count)
{
    return (struct register_range){first, count};
}

/* How many of the bits are set: MAKE_FUNCTION has an operand for each. */
static uint32_t count_bits(uint8_t bits)
{
    return (uint32_t)__builtin_popcount(bits);
}

/* The instructions whose number of operands is an operand. */
static void add_counted(struct instruction i, struct operands *o)
{
    switch (i.op) {
    case OPCODE_COPY_FREE_VARS: o->writes[0] = span(i.a, i.b); break;
    case OPCODE_LOAD_SLICE: o->reads[2] = span(i.c, 2); break;
    case OPCODE_BUILD_SLICE: o->reads[1] = span(i.b, i.d == 3 ? 3 : 2); break;
    case OPCODE_BUILD_TUPLE:
    case OPCODE_BUILD_LIST:
    case OPCODE_BUILD_SET:
    case OPCODE_BUILD_STRING: o->reads[1] = span(i.b, i.c); break;
    case OPCODE_BUILD_MAP: o->reads[1] = span(i.b, 2u * i.c); break;
    case OPCODE_FORMAT_VALUE: o->reads[2] = span(i.c, (i.d & 4) != 0); break;
    case OPCODE_UNPACK_SEQUENCE: o->writes[0] = span(i.a, i.c); break;
    case OPCODE_UNPACK_EX: o->writes[0] = span(i.a, i.c + 1u + i.d); break;
    case OPCODE_CALL: o->reads[0] = span(i.a, 1u + i.b); break;
    case OPCODE_CALL_METHOD: o->reads[0] = span(i.a, 2u + i.b); break;
    case OPCODE_CALL_EX: o->reads[0] = span(i.a, i.d != 0 ? 3 : 2); break;
    case OPCODE_MAKE_FUNCTION: o->reads[1] = span(i.b, 1 + count_bits(i.d)); break;
    case OPCODE_YIELD_VALUE: o->reads[2] = span(i.c, i.d != 0); break;
    case OPCODE_PUSH_EXC: o->writes[0] = span(i.a + 1u, 1); break;
    case OPCODE_RAISE:
        o->reads[0] = span(i.a, i.d >= 1);
        o->reads[1] = span(i.b, i.d >= 2);
        break;
    default: break;
    }
}

struct operands instruction_operands(struct instruction i)
{
    struct operands o = {0};
    const uint32_t fields[] = {i.a, i.b, i.c};
    for (int f = 0; f < 3; f++) {
        switch (accesses[i.op][f]) {
        case 'r': o.reads[f] = span(fields[f], 1); break;
        case 'R': o.reads[f] = span(fields[f], 2); break;
        case 'u': o.reads[f] = o.writes[0] = span(fields[f], 1); break;
        case 'w': o.writes[0] = span(fields[f], 1); break;
        case 'W': o.writes[0] = span(fields[f], 2); break;
        case 'T': o.writes[0] = span(fields[f], 3); break;
        default: break;
        }
    }
    if (accesses[i.op][3] == '+') {
        add_counted(i, &o);
    }
    return o;
}

static uint32_t later(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t end_of(struct register_range range)
{
    return range.count == 0 ? 0 : range.first + range.count;
}

static uint32_t field_end(char access, uint32_t field)
{
    static const uint8_t counts[128] = {
        ['r'] = 1, ['R'] = 2, ['u'] = 1, ['w'] = 1, ['W'] = 2, ['T'] = 3};
    return end_of(span(field, counts[(unsigned char)access]));
}

static NO_INLINE uint32_t counted_end(struct instruction i)
{
    struct operands o = {0};
    add_counted(i, &o);
    return later(later(end_of(o.reads[0]), end_of(o.reads[1])),
                 later(end_of(o.reads[2]), end_of(o.writes[0])));
}

uint32_t instruction_register_end(struct instruction i)
{
    const char *access = accesses[i.op];
    uint32_t end = later(field_end(access[0], i.a),
                         later(field_end(access[1], i.b), field_end(access[2], i.c)));
    return access[3] == '+' ? later(end, counted_end(i)) : end;
}
