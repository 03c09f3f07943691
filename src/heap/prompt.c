/* SPDX-License-Identifier: MIT */
/* Prompt deaths (design 3.1): the heap's half. vm/prompt.c has the thread's: it watches the
 * registers that hold observed objects, and comes here when the last one of them is gone.
 *
 * Nothing here decides by counting. The count of an observed object, which the write barrier keeps,
 * says how many references from the heap there seem to be; it is a hint. Plain stores into fresh
 * cells make it too low, containers that die make it too high. An object with a count of zero that
 * no register holds is worth a question, and the question is answered by marking: a probe stops the
 * world, marks what is young as a young collection does, and looks which of the objects in question
 * were not reached. So a finalizer never runs for an object that anything refers to, whatever the
 * counts say.
 *
 * Nothing is swept, and nothing becomes old. But the marks stay until the next collection, and the
 * next probe takes them as a young collection takes those of what is old: it only marks what is
 * new, and what cards lead to that became dirty since (CARD_SEEN in cards.c). An object that was
 * marked already when it is asked for takes a probe of all that is young, or of all, if it is old.
 *
 * A probe costs a tenth of a millisecond where little is new. All of them together, and what the
 * threads do to find out that a question is due, may take a part of the time that has passed; when
 * that is used up, deaths wait for a collection, as all did before.
 *
 * An object that is dead is finalized by the thread that asked, once. If it is still dead after
 * that (or has no finalizer: weak references, or the observed objects it refers to, made it worth
 * the question) it is released: its weak references are cleared, and what it refers to comes next.
 * So finalizers run from the outside in, as under reference counting. Its memory waits for the next
 * collection. */
#include "heap/heap_int.h"
#include "heap/tenure.h"

#include "base/os.h"
#include "base/reference_count.h"

#include <Python.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Counts by address; objects whose addresses collide share one. */
#define COUNT_SHIFT 4
#define COUNT_ENTRIES ((size_t)1 << 22)
static int32_t *counts; /* atomic */

/* Looking after observed objects may take this, and one part in so many of the time since start-up,
 * in all threads together. When it has taken more, it is not done until a part of the allowance is
 * there again. */
#define ALLOWANCE_NS INT64_C(50000000)
#define ALLOWANCE_PART 16
#define RESUME_NS INT64_C(5000000)
#define IGNORED_MAX 256
/* What is charged at most for one look at a thread's own registers and stacks, when the thread was
 * not running for a part of that time. */
#define CHARGE_MOST_NS INT64_C(20000)
static int64_t began_ns; /* constant */
static int64_t spent_ns; /* atomic */
static uint8_t paused;   /* atomic */
/* Marking all is not worth it if that is more. */
#define ALL_MOST_BYTES ((size_t)24 << 20)

/* Where an object of an extension dies, more do, each after the next was made, and so each takes a
 * probe of all that is young. If that takes longer, a collection makes what is young old. */
#define MUCH_NS INT64_C(2000000)

/* How far release looks for observed objects. */
#define RELEASE_DEPTH 4
#define RELEASE_CELLS 256

void prompt_init(void)
{
    counts = os_reserve_writable(COUNT_ENTRIES * sizeof *counts);
    if (counts == NULL) {
        fatal_memory("no address space for the counts of observed objects");
    }
    began_ns = os_monotonic_ns();
}

static int64_t allowance_left(int64_t now)
{
    return ALLOWANCE_NS + (now - began_ns) / ALLOWANCE_PART - atomic_load_relaxed(&spent_ns);
}

static void charge(int64_t now, int64_t took)
{
    atomic_fetch_add_relaxed(&spent_ns, took);
    if (allowance_left(now) < 0) {
        atomic_store_relaxed(&paused, 1);
    }
}

void heap_prompt_charge(int64_t start_ns)
{
    int64_t now = os_monotonic_ns();
    charge(now, now - start_ns < CHARGE_MOST_NS ? now - start_ns : CHARGE_MOST_NS);
}

/* Where many programs run, most of the time that passes is not spent here. */
static int64_t processor_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void charge_probe(int64_t start_ns, int64_t start_processor_ns)
{
    int64_t now = os_monotonic_ns();
    int64_t most = (processor_ns() - start_processor_ns) * 2 + CHARGE_MOST_NS;
    charge(now, now - start_ns < most ? now - start_ns : most);
}

static bool may_resume(struct heap_prompt *p)
{
    if (++p->ignored % IGNORED_MAX != 0 || allowance_left(os_monotonic_ns()) < RESUME_NS) {
        return false;
    }
    atomic_store_relaxed(&paused, 0);
    return true;
}

void prompt_thread_started(struct thread *t)
{
    t->prompt = calloc(1, sizeof *t->prompt);
    if (t->prompt == NULL) {
        fatal_memory("no memory for a thread's watches");
    }
}

void prompt_thread_ending(struct thread *t)
{
    free(t->prompt);
    t->prompt = NULL;
}

static int32_t *count_of(uint64_t bits)
{
    return &counts[(bits >> COUNT_SHIFT) % COUNT_ENTRIES];
}

/* What is left. Not all references were counted. */
static int32_t drop_count(uint64_t bits)
{
    int32_t *count = count_of(bits);
    return atomic_load_relaxed(count) > 0 ? atomic_fetch_add_relaxed(count, -1) - 1 : 0;
}

/* ---- Candidates. */

/* An object of an extension that holds little: it waits for a collection, and is not counted. */
static bool is_light(uint64_t bits)
{
    return heap_is_foreign((void *)(uintptr_t)bits) && !foreign_is_heavy((void *)(uintptr_t)bits);
}

static bool is_counted(uint64_t bits)
{
    return heap_is_observed(bits) && !is_light(bits);
}

static void note(struct thread *t, uint64_t bits)
{
    struct heap_prompt *p = t->prompt;
    if (p == NULL || (UNLIKELY(atomic_load_relaxed(&paused)) && !may_resume(p))) {
        return;
    }
    for (uint32_t i = 0; i < p->candidate_count; i++) {
        if (p->candidates[i] == bits) {
            return;
        }
    }
    if (p->candidate_count < HEAP_PROMPT_CANDIDATES) {
        p->candidates[p->candidate_count++] = bits;
        if ((atomic_load_relaxed(&t->poll) & POLL_PROMPT) == 0) {
            thread_request(t, POLL_PROMPT);
        }
    }
}

void heap_prompt_note(struct _object *object)
{
    note(thread_current(), (uint64_t)(uintptr_t)object);
}

void heap_prompt_born(void *cell)
{
    uint64_t bits = (uint64_t)(uintptr_t)cell;
    atomic_store_relaxed(count_of(bits), 0);
    note(thread_current(), bits);
}

/* What it holds took time to get, and a part of that may be spent to get rid of it again. */
#define HEAVY_BYTES_PER_NS 4

void heap_prompt_heavy(struct _object *object)
{
    struct thread *t = thread_current();
    if (!heap_is_foreign(object)) {
        return;
    }
    foreign_set_heavy(object);
    atomic_fetch_add_relaxed(&spent_ns, -(int64_t)(t->prompt->heavy_bytes / HEAVY_BYTES_PER_NS));
    t->prompt->heavy_bytes = 0;
    if (atomic_load_relaxed(&paused) && allowance_left(os_monotonic_ns()) > 0) {
        atomic_store_relaxed(&paused, 0);
    }
    heap_prompt_born(object);
}

/* Containers that were made a while ago are expected to stay. Another thread may be allocating from
 * the container's block; a wrong answer costs little. */
__attribute__((no_sanitize("thread"))) static bool is_new_holder(const void *container)
{
    if (container == NULL || !heap_contains(container) ||
        heap_is_observed((uint64_t)(uintptr_t)container)) {
        return false;
    }
    const struct block *b = block_find(container);
    if (b == NULL || b->kind != CELL_OBJECT) {
        return false;
    }
    unsigned i = block_cell_index(b, container);
    PyObject *object = (PyObject *)(uintptr_t)container;
    debug_assert(heap_find_cell(container) == container);
    return block_cell_is_young(b, i) && atomic_load_relaxed(&object->ob_type) != NULL &&
           heap_hooks.is_holder != NULL && heap_hooks.is_holder(object);
}

NO_INLINE void heap_prompt_stored(void *container, void *slot, uint64_t old_bits, uint64_t new_bits)
{
    if (is_counted(new_bits)) {
        atomic_store_relaxed(heap_card(slot), (uint8_t)(CARD_DIRTY | CARD_OBSERVED));
        atomic_store_relaxed(heap_group(slot), (uint8_t)1);
    } else if (value_is_object((Value){new_bits})) {
        heap_remember(slot);
    }
    struct thread *t = thread_current();
    if (t == NULL || t->prompt == NULL || old_bits == new_bits) {
        return;
    }
    if (is_counted(new_bits)) {
        atomic_fetch_add_relaxed(count_of(new_bits), 1);
        if (is_new_holder(container)) {
            note(t, (uint64_t)(uintptr_t)container);
        }
    }
    if (is_counted(old_bits) && drop_count(old_bits) == 0) {
        note(t, old_bits);
    }
}

void heap_prompt_count(uint64_t bits, int delta)
{
    if (is_counted(bits)) {
        atomic_fetch_add_relaxed(count_of(bits), delta);
        if (delta < 0) {
            note(thread_current(), bits);
        }
    }
}

void heap_prompt_holds(struct _object *holder, struct _object *observed)
{
    if (is_counted((uint64_t)(uintptr_t)observed)) {
        note(thread_current(), (uint64_t)(uintptr_t)holder);
    }
}

/* ---- Is it worth it? */

static bool wants_finalizer(PyObject *object)
{
    return heap_is_observed((uint64_t)(uintptr_t)object) && heap_hooks.needs_finalizer(object) &&
           !heap_was_finalized(object) && !heap_hooks.is_spent(object);
}

bool heap_has_weakrefs(PyObject *object)
{
    Py_ssize_t offset = object->ob_type->tp_weaklistoffset;
    return offset > 0 && atomic_load_relaxed((void **)(void *)((char *)object + offset)) != NULL;
}

bool heap_prompt_is_counted(const PyObject *object)
{
    uint64_t bits = (uint64_t)(uintptr_t)object;
    return heap_is_observed(bits) && atomic_load_relaxed(count_of(bits)) > 0;
}

bool heap_prompt_is_open(PyObject *object)
{
    if (object->ob_type == NULL || heap_prompt_is_counted(object)) {
        return false;
    }
    if (heap_is_foreign(object)) {
        return foreign_is_heavy(object) && !object_is_counted(object);
    }
    return !heap_hooks.needs_finalizer(object) || wants_finalizer(object) ||
           heap_was_finalized(object) || heap_has_weakrefs(object);
}

/* ---- Probing. World stopped from here on. */

struct handing {
    struct thread *asking;
    PyObject *object;
    bool found;
};

__attribute__((no_sanitize("address", "thread"))) static bool
range_leads_to(const void *from, const void *to, PyObject *object)
{
    const uintptr_t *word = (const uintptr_t *)(((uintptr_t)from + 7) & ~(uintptr_t)7);
    size_t size = heap_cell_size(object);
    for (; word + 1 <= (const uintptr_t *)to; word++) {
        if (*(const volatile uintptr_t *)word - (uintptr_t)object < size) {
            return true;
        }
    }
    return false;
}

/* A thread that has the object on one of its stacks goes on watching it. */
static void hand_over(struct thread *t, void *argument)
{
    struct handing *h = argument;
    if (t == h->asking || t->prompt == NULL || h->found) {
        return;
    }
    if (range_leads_to(t->value_stack, t->value_stack_top, h->object) ||
        (t->stack_top != NULL && range_leads_to(t->stack_top, t->stack_base, h->object))) {
        h->found = true;
        note(t, (uint64_t)(uintptr_t)h->object);
    }
}

/* How much a probe marks: what is new since the last one, what is young, or all. Each of them
 * decides about the objects that were not marked before. */
enum reach { REACH_NEW, REACH_YOUNG, REACH_ALL };

static bool marks_are_probed; /* the marks are those of the last probe; in a stop */

static enum reach reach_for(const void *cell)
{
    const struct block *b = block_find(cell);
    if (!cell_is_marked(cell)) {
        return marks_are_probed ? REACH_NEW : REACH_YOUNG;
    }
    bool young = b->kind == HEAP_FOREIGN ? foreign_is_young(cell)
                                         : block_cell_is_young(b, block_cell_index(b, cell));
    return young ? REACH_YOUNG : REACH_ALL;
}

static void restore_block(size_t number, struct block *b, void *argument)
{
    const enum reach *reach = argument;
    unsigned words = (b->cell_count + 63u) / 64;
    if (b->kind == HEAP_FOREIGN && *reach != REACH_ALL) {
        foreign_unmark_young(b);
    } else if (*reach == REACH_ALL || b->free_index > 0 || b->kind == CELL_SCRATCH) {
        memcpy(b->marked, b->allocated, words * sizeof b->marked[0]);
    }
}

static void restore_marks(enum reach reach)
{
    blocks_for_each(restore_block, &reach);
    marks_are_probed = false;
}

void prompt_before_mark(void)
{
    if (marks_are_probed) {
        restore_marks(REACH_YOUNG);
    }
}

/* What a probe of all marks, roughly: not what is tenured. */
static size_t bytes_of_all(void)
{
    return (pool.used_blocks << BLOCK_BITS) - tenure_bytes();
}

static void mark_for_probe(enum reach reach)
{
    struct tracer *tracer = mark_tracer();
    bool full = reach == REACH_ALL;
    mark_begin(full ? bytes_of_all() : atomic_load_relaxed(&heap_budget.allocated));
    if (reach != REACH_NEW) {
        prompt_before_mark();
    }
    mark_clear(full ? GENERATION_MIDDLE : GENERATION_YOUNG);
    roots_mark(COLLECT_ALLOCATION, full ? PROBE_ALL : reach == REACH_NEW ? PROBE_NEW : PROBE_YOUNG);
    finalizers_trace(tracer);
    mark_finish();
    if (full) {
        return; /* old cells that are dead may come back, and were not traced: no marks to go on */
    }
    allocators_unmark_runs();
    if (heap_options.verify) {
        cards_verify();
    }
    cards_settle();
    marks_are_probed = true;
}

struct probe {
    struct thread *t;
    enum reach reach;
    bool heavy;                                    /* some of them are objects of extensions */
    PyObject *objects[2 * HEAP_PROMPT_CANDIDATES]; /* in question */
    size_t count;
    unsigned depth, cells; /* of the object that is being released, or looked into */
};

static bool is_in_question(const struct probe *probe, const PyObject *object)
{
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->objects[i] == object) {
            return true;
        }
    }
    return false;
}

/* False if the object is one that somebody would miss, and nobody else is known to hold. */
static bool look_for_observed(PyObject *object, void *argument)
{
    struct probe *probe = argument;
    if (heap_is_foreign(object)) {
        return !foreign_is_heavy(object);
    }
    if (heap_is_observed((uint64_t)(uintptr_t)object)) {
        bool others = atomic_load_relaxed(count_of((uint64_t)(uintptr_t)object)) > 1;
        return others || !(wants_finalizer(object) || heap_has_weakrefs(object));
    }
    bool none = true;
    if (!cell_is_marked(object) && probe->depth < RELEASE_DEPTH && probe->cells++ < RELEASE_CELLS) {
        probe->depth++;
        none = heap_visit_references(object, look_for_observed, probe);
        probe->depth--;
    }
    return none;
}

static bool is_worth_it(struct probe *probe, PyObject *object)
{
    probe->depth = probe->cells = 0;
    bool observed = heap_is_observed((uint64_t)(uintptr_t)object);
    return wants_finalizer(object) || (observed && heap_has_weakrefs(object)) ||
           heap_is_foreign(object) || !heap_visit_references(object, look_for_observed, probe);
}

static bool release_reference(PyObject *object, void *argument)
{
    struct probe *probe = argument;
    uint64_t bits = (uint64_t)(uintptr_t)object;
    if (heap_is_observed(bits)) {
        if (is_light(bits) || drop_count(bits) > 0) {
            return true;
        }
        if (cell_is_marked(object) || probe->count == 2 * HEAP_PROMPT_CANDIDATES) {
            note(probe->t, bits); /* it is old, or on this thread's stack */
        } else if (!is_in_question(probe, object)) {
            probe->objects[probe->count++] = object;
        }
        return true;
    }
    if (!cell_is_marked(object) && probe->depth < RELEASE_DEPTH && probe->cells++ < RELEASE_CELLS) {
        probe->depth++;
        heap_visit_references(object, release_reference, probe);
        probe->depth--;
    }
    return true;
}

/* Nobody refers to the object, and its finalizer has run if it has one. */
static void release(struct probe *probe, PyObject *object)
{
    if (heap_has_weakrefs(object)) {
        weakrefs_clear_of(object);
    }
    if (heap_is_foreign(object)) {
        finalizers_queue_heavy(object);
        return;
    }
    probe->depth = probe->cells = 0;
    heap_visit_references(object, release_reference, probe);
}

static void judge(struct probe *probe, struct heap_judged *out)
{
    for (size_t i = 0; i < probe->count; i++) {
        PyObject *object = probe->objects[i];
        if (cell_is_marked(object)) {
            continue; /* when its holder drops it, it will be a candidate again */
        }
        out->dead++;
        if (!wants_finalizer(object) || heap_is_foreign(object)) {
            release(probe, object); /* tp_dealloc of a foreign object runs __del__ itself */
        } else if (out->count < HEAP_PROMPT_CANDIDATES) {
            heap_set_finalized(object);
            out->to_finalize[out->count++] = object;
        }
    }
}

static void choose(struct probe *probe, PyObject **objects, size_t count)
{
    bool all_is_much = bytes_of_all() > ALL_MOST_BYTES;
    for (size_t i = 0; i < count; i++) {
        struct handing h = {probe->t, objects[i], false};
        if (thread_many) {
            thread_for_each(hand_over, &h);
        }
        enum reach wanted = reach_for(objects[i]);
        bool heavy = heap_is_foreign(objects[i]);
        bool too_much = wanted == REACH_ALL && (all_is_much || heavy);
        if (!h.found && !too_much && is_worth_it(probe, objects[i])) {
            probe->objects[probe->count++] = objects[i];
            probe->heavy |= heavy;
            probe->reach = wanted > probe->reach ? wanted : probe->reach;
        }
    }
}

static void probe_stopped(struct probe *probe, PyObject **objects, size_t count,
                          struct heap_judged *out)
{
    choose(probe, objects, count);
    if (probe->count == 0) {
        return;
    }
    mark_for_probe(probe->reach);
    judge(probe, out);
    for (size_t i = 0; i < probe->count; i++) {
        heap_forget_word(&probe->objects[i]);
    }
    if (probe->reach == REACH_ALL) {
        restore_marks(REACH_ALL);
    }
}

void heap_prompt_probe(const void *stack, PyObject **objects, size_t count, bool needed,
                       struct heap_judged *out)
{
    static const char *const reaches[] = {"new", "young", "all"};
    struct thread *t = thread_current();
    if (thread_lock_depth > 0 || t->stops_world || (atomic_load_relaxed(&paused) && !needed)) {
        return;
    }
    struct probe probe = {.t = t};
    int64_t start = os_monotonic_ns(), start_processor = processor_ns();
    world_stop();
    memset(t->registers, 0, sizeof t->registers);
    t->stack_top = (void *)(uintptr_t)stack;
    probe_stopped(&probe, objects, count, out);
    if (probe.reach == REACH_YOUNG && probe.heavy && !heap_options.verify &&
        processor_ns() - start_processor > MUCH_NS) {
        atomic_store_relaxed(&heap_budget.heavy, heap_budget.heavy_threshold);
        thread_request(t, POLL_COLLECT);
    }
    world_resume();
    if (!heap_options.verify && !needed) {
        charge_probe(start, start_processor);
    }
    if (heap_options.log) {
        fprintf(stderr, "orochi gc: probe of %s, %zu in question, %zu dead, %.3f ms\n",
                reaches[probe.reach], probe.count, out->dead,
                (double)(os_monotonic_ns() - start) / 1e6);
    }
    if (finalizers_pending()) {
        thread_request(t, POLL_FINALIZERS);
    }
}

/* ---- In a collection: what is about to die is forgotten. */

static uint32_t keep_marked(uint64_t *list, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (cell_is_marked((const void *)(uintptr_t)list[i])) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

static void forget_dead(struct thread *t, void *argument)
{
    (void)argument;
    struct heap_prompt *p = t->prompt;
    if (p == NULL) {
        return;
    }
    p->candidate_count = keep_marked(p->candidates, p->candidate_count);
    p->held_count = keep_marked(p->held, p->held_count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->watch_count; i++) {
        if (cell_is_marked((const void *)(uintptr_t)p->watches[i].bits)) {
            p->watches[kept++] = p->watches[i];
        }
    }
    p->watch_count = kept;
}

void prompt_forget_dead(void)
{
    thread_for_each(forget_dead, NULL);
}
