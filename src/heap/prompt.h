/* SPDX-License-Identifier: MIT */
/* Prompt deaths: what the allocator and the barrier (heap.h) do not need to know. */
#ifndef OROCHI_HEAP_PROMPT_H
#define OROCHI_HEAP_PROMPT_H

#include "heap/heap.h"

/* What a thread knows of observed objects in its registers. Owner thread only; others change it in
 * a stop. It keeps nothing alive. */
enum { HEAP_PROMPT_WATCHES = 24, HEAP_PROMPT_CANDIDATES = 48 };
struct heap_watch {
    Value *slot; /* a register, or the owner of a frame */
    uint64_t bits;
    struct frame *frame; /* whose register it is */
};
struct heap_prompt {
    uint32_t watch_count, candidate_count, held_count;
    uint32_t ignored;   /* notes while deaths are not looked for, until the clock is asked again */
    size_t heavy_bytes; /* taken outside of the heap, in big pieces, for an object not known yet */
    struct heap_watch watches[HEAP_PROMPT_WATCHES]; /* in the order of their frames */
    uint64_t candidates[HEAP_PROMPT_CANDIDATES];    /* nobody knows who holds them */
    uint64_t held[HEAP_PROMPT_CANDIDATES];          /* a word of the C stack leads to them */
};
/* An object of an extension comes to us while heavy_bytes is not zero: they are probably its own.
 */
void heap_prompt_heavy(struct _object *object);
/* A new object refers to an observed one, and may be the only one that does. No safepoint. */
void heap_prompt_holds(struct _object *holder, struct _object *observed);
/* References in registers become references from the heap, and back (generators). */
void heap_prompt_count(uint64_t bits, int delta);
/* Is it worth asking whether the object lives? Not if cells of the heap are known to refer to it,
 * or nobody would notice. */
bool heap_prompt_is_open(struct _object *object);
/* What a probe found. */
struct heap_judged {
    size_t dead;  /* how many are */
    size_t count; /* of these, those whose finalizers the caller must run now */
    struct _object *to_finalize[HEAP_PROMPT_CANDIDATES];
};
/* Finds out which of the objects are dead. No root of the calling thread's C stack lies below
 * `stack`. Other threads' objects are handed to them. Stops the world; the rest of what has to be
 * done for the dead is queued as finalizers are. `out` comes cleared. `needed`: also when no time
 * may be spent for it. */
void heap_prompt_probe(const void *stack, struct _object **objects, size_t count, bool needed,
                       struct heap_judged *out);

/* Are cells of the heap known to refer to it? Then dropping the last of those references will make
 * it a candidate again. */
bool heap_prompt_is_counted(const struct _object *object);

/* Observed objects may be looked after for a part of the time that has passed. From `start_ns` to
 * now it was done; if that was too much, it is not done for a while, and deaths wait for a
 * collection. */
void heap_prompt_charge(int64_t start_ns);

/* Does it have weak references? */
bool heap_has_weakrefs(struct _object *object);

/* Overwrites a word on the C stack that is not used any more: the collector would find it there and
 * keep alive what it leads to. */
static ALWAYS_INLINE void heap_forget_word(void *word)
{
    *(volatile uint64_t *)word = 0;
}

#endif
