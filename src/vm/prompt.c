/* SPDX-License-Identifier: MIT */
/* Prompt deaths (design 3.1): the thread's half. heap/prompt.c has the heap's, and decides.
 *
 * A thread watches one register per observed object that it holds, as long as no reference from the
 * heap is known. While the top frame has watched registers, the loop runs with a dispatch table in
 * which the instructions that drop what a register holds (VM_PROMPT_AFTER), calls, and others that
 * could notice a death (VM_PROMPT_BEFORE) come by first and compare them; everything else runs at
 * full speed, and so do the frames that it calls. Their end (FRAME_WATCHED) brings the table back.
 * When a watched register has changed, the object is
 * looked for in the thread's other registers and then on its C stack. What is on the C stack is
 * asked for again when C code returns. What is nowhere is put to the heap, which finds out whether
 * it is dead; then its finalizer runs here, at a bytecode boundary. What is alive all the same
 * while an exception is handled may be held by its traceback, and is asked for again at the end of
 * that.
 *
 * New candidates come from the allocation of observed objects, and from the write barrier when the
 * last known reference from the heap is overwritten; POLL_PROMPT says that there are some.
 *
 * Temporaries are not cleared when they die. But they are allocated as a stack, so those above the
 * arguments of a call, or above its result, are dead, and cleared here. After a store the analysis
 * of bytecode/liveness.c tells. */
#include "heap/prompt.h"
#include "base/os.h"
#include "bytecode/liveness.h"
#include "bytecode/opcode.h"
#include "object/error.h"
#include "vm/vm_int.h"

/* Finalizers make new candidates; after so many rounds the rest waits for the next call. */
#define ROUNDS 8
/* Frames that are searched for a register; one further out costs a vain question. */
#define SEARCHED_FRAMES 64

_Thread_local const void *vm_loop_stack;

/* The temporaries from here to the top of the frame's window are dead. */
static Value *dead_from(const struct frame *frame)
{
    const struct instruction *pc = frame->pc;
    switch (atomic_load_relaxed(&pc->op)) {
    case OPCODE_CALL: return frame->regs + pc->a + 1 + pc->b;
    case OPCODE_CALL_METHOD: return frame->regs + pc->a + 2 + pc->b;
    case OPCODE_CALL_EX: return frame->regs + pc->a + 2 + (pc->d != 0);
    default: break;
    }
    bool called = pc > frame->code->instructions && opcode_is_call(atomic_load_relaxed(&pc[-1].op));
    return called ? frame->regs + pc[-1].a + 1 : frame->top;
}

/* The instruction before stores into an object, or deletes there. */
static bool follows_store(const struct frame *frame)
{
    if (frame->pc == frame->code->instructions) {
        return false;
    }
    switch (opcode_generic(atomic_load_relaxed(&frame->pc[-1].op))) {
    case OPCODE_STORE_NAME:
    case OPCODE_DELETE_NAME:
    case OPCODE_STORE_GLOBAL:
    case OPCODE_DELETE_GLOBAL:
    case OPCODE_STORE_DEREF:
    case OPCODE_DELETE_DEREF:
    case OPCODE_STORE_ATTR:
    case OPCODE_DELETE_ATTR:
    case OPCODE_STORE_ITEM:
    case OPCODE_DELETE_ITEM: return true;
    default: return false;
    }
}

/* ---- Looking for an object. */

static Value *find_in(Value *from, const Value *to, uint64_t bits)
{
    for (Value *r = from; r < to; r++) {
        if (r->bits == bits) {
            return r;
        }
    }
    return NULL;
}

static void watch(struct thread *t, struct frame *f, Value *slot)
{
    struct heap_prompt *p = t->prompt;
    if (p->watch_count == HEAP_PROMPT_WATCHES) {
        return; /* it dies at the next collection */
    }
    uint32_t i = p->watch_count++;
    for (; i > 0 && p->watches[i - 1].frame > f; i--) {
        p->watches[i] = p->watches[i - 1];
    }
    p->watches[i] = (struct heap_watch){slot, slot->bits, f};
}

static bool watch_register(struct thread *t, uint64_t bits)
{
    unsigned searched = 0;
    for (struct frame *f = t->frame; f != NULL && searched++ < SEARCHED_FRAMES;
         f = frame_previous(t, f)) {
        const Value *limit = vm_live_limit(f, f < t->frame ? f + 1 : NULL, false);
        Value *slot = find_in(f->regs, limit, bits);
        if (slot != NULL && f == t->frame && slot >= f->regs + f->code->base.co_nlocalsplus &&
            follows_store(f)) {
            code_clear_dead_temporaries(f->code, frame_index(f), f->regs);
            slot = find_in(f->regs, limit, bits);
        }
        if (slot == NULL && (f->flags & FRAME_INIT) && (uint64_t)(uintptr_t)f->owner == bits) {
            slot = (Value *)(void *)&f->owner;
        }
        if (slot != NULL) {
            watch(t, f, slot);
            return true;
        }
    }
    return false;
}

/* Stacks may hold anything, red zones of sanitizers included. */
__attribute__((no_sanitize("address", "thread"))) static bool
find_on_c_stack(const struct thread *t, uint64_t bits)
{
    const uintptr_t *word = (const uintptr_t *)(((uintptr_t)vm_loop_stack + 7) & ~(uintptr_t)7);
    size_t size = heap_cell_size((const void *)(uintptr_t)bits);
    for (; word + 1 <= (const uintptr_t *)t->stack_base; word++) {
        if (*(const volatile uintptr_t *)word - bits < size) {
            return true;
        }
    }
    return false;
}

/* Arguments that C code has pushed lie above the window of the frame that called it. */
static bool find_between_frames(const struct thread *t, uint64_t bits)
{
    return find_in(t->value_stack, t->frame->regs, bits) != NULL ||
           find_in(t->frame->top, t->value_stack_top, bits) != NULL;
}

static void hold(struct heap_prompt *p, uint64_t bits)
{
    if (p->held_count < HEAP_PROMPT_CANDIDATES) {
        p->held[p->held_count++] = bits;
    }
}

/* ---- Rounds. */

struct round {
    uint64_t lost[HEAP_PROMPT_WATCHES + HEAP_PROMPT_CANDIDATES]; /* nobody is known to hold them */
    size_t count;
};

static void add(struct round *round, uint64_t bits)
{
    for (size_t i = 0; i < round->count; i++) {
        if (round->lost[i] == bits) {
            return;
        }
    }
    round->lost[round->count++] = bits;
}

static bool is_broken(const struct thread *t, const struct heap_watch *w)
{
    return w->frame > t->frame || w->slot->bits != w->bits;
}

/* Watches whose register has changed, in the order of the registers: so locals go in the order in
 * which a frame drops them. */
static void take_broken(struct thread *t, struct round *round)
{
    struct heap_prompt *p = t->prompt;
    const Value *slots[HEAP_PROMPT_WATCHES];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->watch_count; i++) {
        struct heap_watch w = p->watches[i];
        if (!is_broken(t, &w)) {
            p->watches[kept++] = w;
            continue;
        }
        size_t k = round->count++;
        for (; k > 0 && slots[k - 1] > w.slot; k--) {
            slots[k] = slots[k - 1];
            round->lost[k] = round->lost[k - 1];
        }
        slots[k] = w.slot;
        round->lost[k] = w.bits;
    }
    p->watch_count = kept;
}

static void take_candidates(struct thread *t, struct round *round)
{
    struct heap_prompt *p = t->prompt;
    for (uint32_t i = 0; i < p->candidate_count; i++) {
        add(round, p->candidates[i]);
    }
    p->candidate_count = 0;
}

/* What is on no stack of this thread goes to `objects`. */
static size_t look_for_holders(struct thread *t, const struct round *round, PyObject **objects)
{
    size_t count = 0;
    for (size_t i = 0; i < round->count; i++) {
        uint64_t bits = round->lost[i];
        PyObject *object = (PyObject *)(uintptr_t)bits;
        if (heap_prompt_is_counted(object) || watch_register(t, bits) ||
            !heap_prompt_is_open(object)) {
            continue;
        }
        if (find_between_frames(t, bits) || find_on_c_stack(t, bits)) {
            hold(t->prompt, bits);
        } else if (count < HEAP_PROMPT_CANDIDATES) {
            objects[count++] = object;
        }
    }
    return count;
}

/* The heap says which of the objects are dead. How many are. */
static NO_INLINE size_t judge(struct thread *t, PyObject **objects, size_t count, bool needed)
{
    struct heap_judged judged = {.count = 0};
    heap_prompt_probe(vm_loop_stack, objects, count, needed, &judged);
    bool outer = t->in_finalizer;
    t->in_finalizer = true;
    for (size_t i = 0; i < judged.count; i++) {
        PyObject *object = judged.to_finalize[i];
        judged.to_finalize[i] = NULL;
        heap_hooks.finalize(object);
        heap_prompt_note(object); /* to be released, if it is still dead */
    }
    t->in_finalizer = outer;
    heap_run_finalizers(); /* callbacks of weak references */
    return judged.dead;
}

/* Time spent in finalizers is the program's own. */
static NO_INLINE void ask(struct thread *t, PyObject **objects, size_t count, int64_t *start)
{
    heap_prompt_charge(*start);
    if (judge(t, objects, count, false) == 0 && error_handled() != NULL) {
        for (size_t i = 0; i < count; i++) {
            hold(t->prompt, (uint64_t)(uintptr_t)objects[i]);
        }
    }
    *start = os_monotonic_ns();
}

static void clear_words(uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        heap_forget_word(&words[i]);
    }
}

/* One round; false when nothing is left to do. */
static NO_INLINE bool run_round(struct thread *t, int64_t *start)
{
    struct round round = {.count = 0};
    take_broken(t, &round);
    take_candidates(t, &round);
    if (round.count == 0) {
        return false;
    }
    PyObject *objects[HEAP_PROMPT_CANDIDATES];
    size_t count = look_for_holders(t, &round, objects);
    if (count > 0) {
        ask(t, objects, count, start);
    }
    /* Old words on the C stack would keep what they lead to. */
    clear_words(round.lost, round.count);
    clear_words((uint64_t *)(void *)objects, count);
    return count > 0;
}

static NO_INLINE void run_rounds(struct thread *t)
{
    int64_t start = os_monotonic_ns();
    if (!thread_stack_is_low()) {
        for (unsigned i = 0; i < ROUNDS && run_round(t, &start); i++) {
        }
    }
    heap_prompt_charge(start);
}

/* Arguments are the first registers of the function that was called with them. */
static void pass_on(struct heap_watch *w, struct frame *frame)
{
    if (w->slot >= frame->regs && w->slot < frame->top) {
        w->frame = frame;
    }
}

static bool is_due(const struct thread *t, struct frame *frame)
{
    struct heap_prompt *p = t->prompt;
    for (uint32_t i = p->watch_count; i > 0; i--) {
        pass_on(&p->watches[i - 1], frame);
        if (is_broken(t, &p->watches[i - 1])) {
            return true;
        }
    }
    return false;
}

bool vm_prompt(struct thread *t, struct frame *frame)
{
    struct heap_prompt *p = t->prompt;
    for (Value *r = dead_from(frame); r < frame->top; r++) {
        *r = VALUE_NULL;
    }
    bool asked = (atomic_load_relaxed(&t->poll) & POLL_PROMPT) != 0;
    if (asked || is_due(t, frame)) {
        if (asked) {
            atomic_fetch_and_acq_rel(&t->poll, ~(uint32_t)POLL_PROMPT);
        }
        run_rounds(t);
    }
    if (p->watch_count == 0) {
        return false;
    }
    /* The end of every frame above the watched one brings the table back. */
    struct frame *watched = p->watches[p->watch_count - 1].frame;
    for (struct frame *f = frame; f >= watched && !(f->flags & FRAME_WATCHED); f--) {
        f->flags |= FRAME_WATCHED;
    }
    return watched == frame;
}

void vm_prompt_look_again(struct thread *t)
{
    struct heap_prompt *p = t->prompt;
    uint32_t count = p->held_count;
    p->held_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        heap_prompt_note((PyObject *)(uintptr_t)p->held[i]);
    }
}

void vm_settle(PyObject **objects, size_t count)
{
    struct thread *t = thread_current();
    const struct frame *frame = t->frame;
    if (frame != NULL && t->prompt != NULL && count > 0) {
        code_clear_dead_temporaries(frame->code, frame_index(frame), frame->regs);
        judge(t, objects, count, true);
    }
}

/* ---- Generators. Their windows move between the stack and their cells by plain copies. */

void vm_prompt_suspended(struct generator *g, bool suspended)
{
    for (uint32_t i = 0; i < g->registers; i++) {
        uint64_t bits = g->window[i].bits;
        if (heap_is_observed(bits)) {
            heap_prompt_count(bits, suspended ? 1 : -1);
            g->window[i] = suspended ? g->window[i] : VALUE_NULL;
        }
    }
    g->holds_observed = suspended;
    if (suspended) {
        heap_prompt_note((PyObject *)g);
    }
}
