/* SPDX-License-Identifier: MIT */
/* _opcode: the instruction table, for dis and opcode in lib/. */
#include "bytecode/opcode.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* [(name, format, effect, number, generic number, jumps, a JUMP belongs to it)] */
static Value opcode_rows(Value self)
{
    PyObject *rows = list_new(OPCODE_COUNT);
    for (int op = 0; op < OPCODE_COUNT && rows != NULL; op++) {
        const struct opcode_info *info = &opcode_table[op];
        Value row[] = {
            value_from_object(str_intern_text(info->name)),
            value_from_object(str_from_text(info->format)),
            value_from_object(str_from_text(info->effect)),
            value_from_int(op),
            value_from_int(info->generic),
            value_from_bool(opcode_has_jump((uint8_t)op)),
            value_from_bool(opcode_is_fused((uint8_t)op)),
        };
        PyObject *tuple = tuple_from_array(row, sizeof row / sizeof *row);
        if (tuple == NULL || list_append(rows, value_from_object(tuple)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(rows);
}

/* Instructions name registers: there is no stack for them to change. */
static Value opcode_stack_effect(Value self, const Value *args)
{
    int op;
    if (arg_int(args[0], &op) < 0) {
        return VALUE_NULL;
    }
    if (op < 0 || op >= OPCODE_COUNT) {
        return error_raise(PyExc_ValueError, "invalid opcode or oparg");
    }
    return value_from_int(0);
}

static Value get_specialization_stats(Value self)
{
    return VALUE_NONE;
}

static const struct native_def functions[] = {
    {"get_specialization_stats", "($module, /)", "None: no statistics are kept.",
     .f0 = get_specialization_stats},
    {"rows", "($module, /)", "The instruction table.", .f0 = opcode_rows},
    {"stack_effect", "($module, opcode, oparg=None, /, *, jump=None)",
     "Always 0: instructions work on registers.", .n = opcode_stack_effect},
    {0},
};

const struct module_def opcode_module = {"_opcode", "The instruction table.", functions, NULL};
