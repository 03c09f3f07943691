/* SPDX-License-Identifier: MIT */
/* Frames: the control stack's records, generators that own a window, and frame objects.
 *
 * A frame on the control stack is owner thread only; the collector reads it while the world is
 * stopped. Frames of a thread lie consecutively: the caller of a frame is the one before it. */
#ifndef OROCHI_VM_FRAME_H
#define OROCHI_VM_FRAME_H

#include "bytecode/code.h"
#include "object/exception.h"
#include "object/function.h"
#include "object/iterator.h"
#include "object/object.h"

enum frame_flags {
    FRAME_ENTRY = 1 << 0, /* its end leaves vm_execute, to C */
    FRAME_INIT = 1 << 1,  /* __init__ of a class call: owner is the instance, the call's result */
    FRAME_GENERATOR = 1 << 2, /* owner is the struct generator */
    FRAME_RESUMED = 1 << 3,   /* a generator resumed by FOR_ITER or SEND of the frame before */
    FRAME_NAMES = 1 << 4,     /* owner is the locals mapping: module, class, exec */
    FRAME_OBJECT = 1 << 5,    /* `object` is set */
    FRAME_TRACED = 1 << 6,    /* the call event was reported */
    FRAME_GIVING = 1 << 7,    /* of a generator, whose sink is offered what it yields */
    FRAME_WATCHED = 1 << 8,   /* it, or its caller, has registers that are watched (prompt.c) */
    FRAME_OWNS = 1 << 9,      /* locals of it own, or did, objects of extensions (temporary.c) */
};

struct frame_object;
struct generator;

struct frame {
    struct instruction *pc; /* saved: the current instruction; the interpreter's local is ahead */
    Value *regs;
    Value *top;    /* regs + code->registers */
    intptr_t bias; /* code->caches - code->instructions, in bytes */
    struct code *code;
    PyFunctionObject *function; /* never NULL */
    PyObject *globals;
    void *owner; /* see the flags; undefined if none of them says */
    struct frame_object *object;
    uint64_t flags;
};

/* The start of code->warmup: 0 until vm_prepare_code ran; then CODE_READY for code that needs full
 * argument binding, or CODE_EXACT + n for functions that take exactly n positional arguments. */
enum { CODE_NEW, CODE_READY, CODE_EXACT };

/* States of a generator, in gi_frame_state; CPython's numbers. */
enum generator_state {
    GENERATOR_CREATED = -2,
    GENERATOR_SUSPENDED = -1,
    GENERATOR_EXECUTING = 0,
    GENERATOR_COMPLETED = 1,
    GENERATOR_CLEARED = 4,
};

/* Who consumes a generator from C (generator_drain). */
struct item_sink {
    item_taker take;
    void *state;
};

/* Generators, coroutines and asynchronous generators. gi_frame_state is atomic: the thread that
 * changes it to EXECUTING owns everything else until it changes it again. */
struct generator {
    PyGenObject base;
    PyFunctionObject *function;
    PyObject *globals;
    struct frame_object *object;  /* its frame object, if somebody asked */
    struct frame *frame;          /* while executing */
    struct instruction *pc;       /* the YIELD_VALUE (or RETURN_GENERATOR) where it is suspended */
    const struct item_sink *sink; /* while a frame with FRAME_GIVING executes */
    uint32_t registers;
    uint32_t holds_observed; /* its suspended window counts in the objects' heap counts */
    Value window[];
};

static inline struct code *generator_code(const struct generator *g)
{
    return (struct code *)(void *)g->base.gi_code;
}

/* A frame object refers to its running frame, to its suspended generator, or holds a copy of what
 * is left of the frame. Only the thread that runs the frame changes it; others look at what is not
 * atomic in a stop of the world. */
struct frame_object {
    PyObject ob_base;
    /* Up to trace_opcodes as in PyFrameObject: Cython sets f_lineno. */
    struct frame_object *back; /* atomic; set when the frame is gone */
    struct frame *frame;       /* atomic; while the frame is on a control stack */
    PyObject *trace;           /* f_trace */
    int line_override;         /* line of the last line event while tracing; 0: none */
    bool trace_lines, trace_opcodes, cleared;
    bool entered; /* its call was traced, so that lines are reported from the first one on */
    struct generator *generator; /* of a generator's frame */
    struct code *code;
    PyFunctionObject *function; /* NULL: it never ran (frame_object_new) */
    PyObject *globals;
    PyObject *locals; /* f_locals: mapping of names code, or snapshot dict */
    struct instruction *pc;
    Value *window; /* a WORDS cell with the locals; set when the frame is gone */
};
_Static_assert(offsetof(struct frame_object, trace) == 32, "f_trace");
_Static_assert(offsetof(struct frame_object, line_override) == 40, "f_lineno");
_Static_assert(offsetof(struct frame_object, trace_opcodes) == 45, "f_trace_opcodes");

struct frame_object *frame_object_get(struct frame *frame); /* NULL: MemoryError */
struct frame_object *frame_object_of_generator(struct generator *g);
/* A frame of a call that is no Python code, for tracebacks; it never runs. NULL: MemoryError. */
struct frame_object *frame_object_new(PyObject *code, PyObject *globals, PyObject *locals);
/* f_back, or NULL (maybe with MemoryError). */
struct frame_object *frame_object_back(struct frame_object *f);
PyObject *frame_object_builtins(const struct frame_object *f);
/* The frame leaves the control stack: its object keeps a copy. */
void frame_object_detach(struct frame *frame);
/* Adds what the debugger stored in f_locals back; see frame.c. */
PyObject *frame_object_locals(struct frame_object *f);
void frame_locals_to_fast(struct frame_object *f);
int frame_object_line(const struct frame_object *f);
/* Where the locals of the frame are now; NULL if cleared. */
Value *frame_object_window(struct frame_object *f);
struct instruction *frame_object_pc(const struct frame_object *f);
/* A dict of the locals of a function's window: what locals() returns. */
int frame_fill_locals(PyObject *dict, struct code *code, const Value *window);

static inline uint32_t frame_index(const struct frame *f)
{
    return (uint32_t)(f->pc - f->code->instructions);
}
/* The frame before, or NULL at the bottom of the control stack. */
static inline struct frame *frame_previous(const struct thread *t, struct frame *f)
{
    return f == (struct frame *)t->frame_stack ? NULL : f - 1;
}

extern PyTypeObject frame_type UNUSED;

#endif
