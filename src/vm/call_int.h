/* SPDX-License-Identifier: MIT */
/* What the call instructions and the calls from C have in common: the operands, and pushing the
 * frame of a function that takes exactly what it is given. */
#ifndef OROCHI_VM_CALL_INT_H
#define OROCHI_VM_CALL_INT_H

#include "object/cacheable.h"
#include "object/signature.h"
#include "vm/vm_int.h"

struct call {
    Value callable;
    Value *args; /* then the values of the keywords */
    size_t nargs;
    PyObject *kwnames; /* or NULL */
};

/* The operands of CALL and CALL_METHOD, whose window is `regs`. All arguments count as positional:
 * if pc->c is not 0, call_take_keywords comes next. */
static ALWAYS_INLINE struct call call_operands(const struct instruction *pc, Value *regs,
                                               bool method)
{
    struct call call = {regs[pc->a], &regs[pc->a + 1], pc->b, NULL};
    if (method) {
        bool no_self = value_is_null(call.args[0]);
        call.args += no_self;
        call.nargs += !no_self;
    }
    return call;
}
static inline void call_take_keywords(struct call *call, const struct frame *frame,
                                      const struct instruction *pc)
{
    call->kwnames = value_object(frame->code->consts[pc->c - 1]);
    call->nargs -= (size_t)tuple_length(call->kwnames);
}

/* Fills a new frame at the top of the control stack, whose window has its first `filled` registers.
 * The caller checked that there is room. */
static ALWAYS_INLINE void call_push(struct thread *t, struct frame *frame,
                                    PyFunctionObject *function, Value *window, size_t filled,
                                    uint64_t flags)
{
    struct code *code = code_cast(function->func_code);
    frame->pc = code->instructions;
    frame->regs = window;
    frame->top = window + code->registers;
    frame->bias = (char *)atomic_load_relaxed(&code->caches) - (char *)code->instructions;
    frame->code = code;
    frame->function = function;
    frame->globals = function->func_globals;
    frame->object = NULL;
    frame->flags = flags;
    for (size_t i = filled, n = (size_t)code->base.co_nlocalsplus; i < n; i++) {
        window[i] = VALUE_NULL;
    }
    t->value_stack_top = frame->top;
    t->frame = frame;
}

/* Pushes the frame of a function that needs no binding of arguments, which are all positional;
 * NULL: not so simple. */
static ALWAYS_INLINE struct frame *call_push_exact(struct thread *t, struct frame *frame,
                                                   const struct call *call)
{
    if (UNLIKELY(!value_is_pointer_bits(call->callable) ||
                 value_object(call->callable)->ob_type != &PyFunction_Type)) {
        return NULL;
    }
    PyFunctionObject *function = (PyFunctionObject *)value_object(call->callable);
    const struct code *code = code_cast(function->func_code);
    if (UNLIKELY(atomic_load_acquire(&code->warmup) != CODE_EXACT + call->nargs ||
                 call->args + code->registers > t->value_stack_limit ||
                 (void *)(frame + 1) >= t->frame_stack_limit)) {
        return NULL;
    }
    call_push(t, frame + 1, function, call->args, call->nargs, 0);
    return frame + 1;
}

/* Calls what is written in C and takes positional arguments; ABSENT: it is something else. */
static ALWAYS_INLINE Value call_native(const struct call *call)
{
    if (!value_is_pointer_bits(call->callable)) {
        return VALUE_ABSENT;
    }
    PyObject *o = value_object(call->callable);
    if (o->ob_type == &PyCFunction_Type) {
        struct native_function *native = (struct native_function *)o;
        struct native_row *row = native_row_of(native->base.m_ml);
        if (LIKELY(row != NULL)) {
            const struct native_def *def = row->def;
            if (LIKELY(def->f1 != NULL && call->nargs == 1)) {
                return def->f1(native->self, call->args[0]);
            }
            return def->f0 != NULL && call->nargs == 0
                       ? def->f0(native->self)
                       : native_call_object(o, def, &row->signature, native->self, call->args,
                                            call->nargs, NULL);
        }
        return native_hooks.call(native->base.m_ml, native->base.m_self, NULL, call->args,
                                 call->nargs, NULL);
    } else if (o->ob_type == &PyMethodDescr_Type && call->nargs > 0) {
        struct method_descriptor *method = (struct method_descriptor *)o;
        if (UNLIKELY(value_type(call->args[0]) != method->base.d_common.d_type)) {
            return VALUE_ABSENT;
        }
        if (LIKELY(method_descriptor_is_native(method))) {
            const struct native_def *def = method->row.def;
            if (LIKELY(def->f1 != NULL && call->nargs == 2)) {
                return def->f1(call->args[0], call->args[1]);
            }
            return def->f0 != NULL && call->nargs == 1
                       ? def->f0(call->args[0])
                       : native_call_object(o, def, &method->row.signature, call->args[0],
                                            call->args + 1, call->nargs - 1, NULL);
        }
        if (value_is_pointer_bits(call->args[0])) {
            return native_hooks.call(method->base.d_method, value_object(call->args[0]),
                                     method->base.d_common.d_type, call->args + 1, call->nargs - 1,
                                     NULL);
        }
    }
    return VALUE_ABSENT;
}

/* How many registers the arguments of a call take, those of *args and **kwargs included. */
static inline size_t call_parameter_count(const struct code *code)
{
    int flags = code->base.co_flags;
    return (size_t)code->base.co_argcount + (size_t)code->base.co_kwonlyargcount +
           ((flags & CO_VARARGS) != 0) + ((flags & CO_VARKEYWORDS) != 0);
}

#endif
