/* SPDX-License-Identifier: MIT */
/* The instruction table: names, formats, generic forms; and the check of foreign code. */
#include "bytecode/opcode.h"

#include "bytecode/code_int.h"
#include "bytecode/operands.h"
#include "object/list.h"
#include "object/str.h"

const struct opcode_info opcode_table[OPCODE_COUNT] = {
#define OPCODE(name, format, effect) {#name, format, effect, OPCODE_##name},
#define QUICK(name, generic, guard) {#name, "", guard, OPCODE_##generic},
#include "bytecode/opcodes.def"
#include "bytecode/quick_opcodes.def"
#undef OPCODE
#undef QUICK
};

const char *opcode_name(uint8_t op)
{
    return op < OPCODE_COUNT ? opcode_table[op].name : "?";
}

uint8_t opcode_generic(uint8_t op)
{
    return op < OPCODE_COUNT ? opcode_table[op].generic : op;
}

/* FNV-1a, with the final zero. */
static uint32_t add_text(uint32_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    } while (*text++ != '\0');
    return hash;
}

/* A hash of the instructions that cached code may contain, their effects included. */
uint32_t bytecode_version(void)
{
    enum { LAYOUT_VERSION = 2 }; /* of marshalled code objects */
    uint32_t hash = 2166136261u + LAYOUT_VERSION;
    for (int op = 0; op < OPCODE_COUNT; op++) {
        const struct opcode_info *info = &opcode_table[op];
        if (info->generic == op) {
            hash = add_text(add_text(add_text(hash, info->name), info->format), info->effect);
        }
    }
    return hash;
}

void bytecode_magic(char magic[4])
{
    uint32_t version = bytecode_version();
    magic[0] = (char)version;
    magic[1] = (char)(version >> 8);
    magic[2] = '\r';
    magic[3] = '\n';
}

bool opcode_has_jump(uint8_t op)
{
    return op == OPCODE_JUMP || op == OPCODE_JUMP_IF_TRUE || op == OPCODE_JUMP_IF_FALSE ||
           op == OPCODE_JUMP_IF_NONE || op == OPCODE_JUMP_IF_NOT_NONE;
}

bool opcode_is_fused(uint8_t op)
{
    return op == OPCODE_COMPARE_JUMP || op == OPCODE_COMPARE_JUMP_IMM || op == OPCODE_FOR_ITER ||
           op == OPCODE_FOR_LOOP || op == OPCODE_SEND;
}

/* The keywords of a call: as many strs as there are arguments at the most. */
static bool names_are_valid(const struct code *code, struct instruction i)
{
    Value keywords = code->consts[i.c - 1];
    bool valid = tuple_check(keywords) && tuple_length(value_object(keywords)) <= i.b;
    for (Py_ssize_t n = 0; valid && n < tuple_length(value_object(keywords)); n++) {
        valid = str_check(tuple_get(value_object(keywords), n));
    }
    return valid;
}

static bool index_is_valid(const struct code *code, struct instruction i)
{
    size_t name_count = (size_t)tuple_length(code->base.co_names);
    size_t const_count = (size_t)tuple_length(code->base.co_consts);
    switch (i.op) {
    case OPCODE_LOAD_CONST: return (uint32_t)i.target < const_count;
    case OPCODE_LOAD_GLOBAL:
    case OPCODE_STORE_GLOBAL:
    case OPCODE_DELETE_GLOBAL:
    case OPCODE_LOAD_NAME:
    case OPCODE_STORE_NAME:
    case OPCODE_DELETE_NAME: return (uint32_t)i.target < name_count;
    case OPCODE_LOAD_ATTR:
    case OPCODE_STORE_ATTR:
    case OPCODE_DELETE_ATTR:
    case OPCODE_LOAD_METHOD:
    case OPCODE_IMPORT_NAME:
    case OPCODE_IMPORT_FROM: return i.c < name_count;
    case OPCODE_CALL:
    case OPCODE_CALL_METHOD: return i.c <= const_count && (i.c == 0 || names_are_valid(code, i));
    default: return true;
    }
}

/* Where d selects an operation. */
static bool small_operand_is_valid(struct instruction i)
{
    switch (i.op) {
    case OPCODE_BINARY:
    case OPCODE_INPLACE:
    case OPCODE_BINARY_IMM:
    case OPCODE_INPLACE_IMM: return i.d < BINARY_OP_COUNT;
    case OPCODE_UNARY: return i.d < UNARY_OP_COUNT;
    case OPCODE_COMPARE: return i.d <= Py_GE;
    case OPCODE_COMPARE_JUMP:
    case OPCODE_COMPARE_JUMP_IMM: return (i.d & 7) <= Py_GE;
    default: return true;
    }
}

/* Nothing runs after it. */
static bool ends_the_flow(uint8_t op)
{
    return op == OPCODE_RETURN_VALUE || op == OPCODE_RETURN_NONE || op == OPCODE_JUMP ||
           op == OPCODE_RAISE || op == OPCODE_RERAISE;
}

static bool verify_one(const struct code *code, uint32_t pc)
{
    struct instruction i = code->instructions[pc];
    if (i.op >= OPCODE_COUNT || opcode_table[i.op].generic != i.op) {
        return false;
    }
    if (opcode_has_jump(i.op)) {
        int64_t target = (int64_t)pc + 1 + i.target;
        if (target < 0 || target >= code->count) {
            return false;
        }
    }
    if (opcode_is_fused(i.op) &&
        (pc + 2 >= code->count || code->instructions[pc + 1].op != OPCODE_JUMP)) {
        return false;
    }
    return index_is_valid(code, i) && small_operand_is_valid(i) &&
           instruction_register_end(i) <= code->registers &&
           (pc + 1 < code->count || ends_the_flow(i.op));
}

int code_verify(const struct code *code)
{
    for (uint32_t pc = 0; pc < code->count; pc++) {
        if (!verify_one(code, pc)) {
            return error_raise_int(PyExc_ValueError, "code: bad instruction at offset %d",
                                   code_lasti(pc));
        }
    }
    return 0;
}
