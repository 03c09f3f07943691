/* SPDX-License-Identifier: MIT */
/* Weak references, the part that the collector knows; object/weakref.c has the types.
 *
 * Every weak reference whose referent lives is in two places: in the list that hangs at the
 * referent's tp_weaklistoffset, which nobody traces, and in a registry, where the collector finds
 * it. Both are guarded by one of a few mutexes, chosen by the referent's address.
 *
 * In a collection, when marking has come to its end for the first time, a reference whose referent
 * is not marked is cleared, before finalizers can bring the referent back; its callback is queued
 * if the reference itself is alive. A reference that dies is taken out of both places after the
 * finalizers have marked what they need. */
#include "heap/heap_int.h"

#include <stdlib.h>
#include <string.h>

#include <Python.h>

#define STRIPE_COUNT 32

struct stripe {
    struct mutex lock;
    PyWeakReference **references; /* under lock; the collector in a stop */
    size_t count, room;
    size_t old; /* so many, and their referents, outlived the last collection; in a stop */
};
static struct stripe stripes[STRIPE_COUNT] = {
    [0 ... STRIPE_COUNT - 1] = {.lock = MUTEX_INIT(WEAKREF)}};

struct _object *weakref_dead_mark;

static struct stripe *find_stripe(const void *referent)
{
    uint64_t hash = (uint64_t)(uintptr_t)referent * UINT64_C(0x9E3779B97F4A7C15);
    return &stripes[hash >> 59];
}

static PyWeakReference **list_head(struct _object *referent)
{
    return (PyWeakReference **)(void *)((char *)referent + referent->ob_type->tp_weaklistoffset);
}

static PyWeakReference *cast(struct _object *reference)
{
    return (PyWeakReference *)(void *)reference;
}

static void set_referent(PyWeakReference *r, struct _object *referent)
{
    atomic_store_release(&r->wr_object, referent);
}

struct _object *weakref_get(struct _object *reference)
{
    struct _object *referent = atomic_load_acquire(&cast(reference)->wr_object);
    return referent != weakref_dead_mark ? referent : NULL;
}

static bool reserve_locked(struct stripe *s)
{
    if (s->count < s->room) {
        return true;
    }
    size_t room = s->room * 2 + 32;
    PyWeakReference **bigger = realloc(s->references, room * sizeof *bigger);
    if (bigger == NULL) {
        return false;
    }
    s->references = bigger;
    s->room = room;
    return true;
}

/* References without callback come first, so that they are found quickly to be shared; then the
 * others, newest first, which is the order in which callbacks run. */
static void link_locked(PyWeakReference **head, PyWeakReference *r, bool first)
{
    PyWeakReference *before = NULL, *after = *head;
    while (!first && after != NULL && after->wr_callback == NULL) {
        before = after;
        after = after->wr_next;
    }
    r->wr_prev = before;
    r->wr_next = after;
    if (after != NULL) {
        after->wr_prev = r;
    }
    if (before != NULL) {
        before->wr_next = r;
    } else {
        atomic_store_release(head, r);
    }
}

static void unlink_locked(PyWeakReference *r, struct _object *referent)
{
    if (r->wr_next != NULL) {
        r->wr_next->wr_prev = r->wr_prev;
    }
    if (r->wr_prev != NULL) {
        r->wr_prev->wr_next = r->wr_next;
    } else {
        atomic_store_release(list_head(referent), r->wr_next);
    }
    r->wr_next = r->wr_prev = NULL;
}

static PyWeakReference *find_shared_locked(struct _object *referent, struct _typeobject *type)
{
    for (PyWeakReference *r = *list_head(referent); r != NULL; r = r->wr_next) {
        if (r->wr_callback == NULL && ((struct _object *)r)->ob_type == type) {
            return r;
        }
    }
    return NULL;
}

struct _object *weakref_find_shared(struct _object *referent, struct _typeobject *type)
{
    struct stripe *s = find_stripe(referent);
    mutex_lock(&s->lock);
    PyWeakReference *r = find_shared_locked(referent, type);
    mutex_unlock(&s->lock);
    return (struct _object *)r;
}

struct _object *weakref_attach(struct _object *reference, struct _object *referent, bool share)
{
    struct stripe *s = find_stripe(referent);
    PyWeakReference *r = cast(reference), *other = NULL;
    mutex_lock(&s->lock);
    if (share) {
        other = find_shared_locked(referent, reference->ob_type);
    }
    if (other == NULL) {
        if (!reserve_locked(s)) {
            mutex_unlock(&s->lock);
            return NULL;
        }
        s->references[s->count++] = r;
        set_referent(r, referent);
        link_locked(list_head(referent), r, share);
    }
    mutex_unlock(&s->lock);
    return other != NULL ? (struct _object *)other : reference;
}

size_t weakref_list(struct _object *referent, struct _object **out, size_t room)
{
    struct stripe *s = find_stripe(referent);
    size_t count = 0;
    mutex_lock(&s->lock);
    for (PyWeakReference *r = *list_head(referent); r != NULL; r = r->wr_next) {
        if (count < room) {
            out[count] = (struct _object *)r;
        }
        count++;
    }
    mutex_unlock(&s->lock);
    return count;
}

/* It stays in the registry, as an entry without referent, until the next collection. */
static void detach_locked(PyWeakReference *r, struct _object *referent)
{
    unlink_locked(r, referent);
    set_referent(r, weakref_dead_mark);
}

struct _object *weakref_clear_first(struct _object *referent)
{
    struct stripe *s = find_stripe(referent);
    mutex_lock(&s->lock);
    PyWeakReference *r = *list_head(referent);
    if (r != NULL) {
        detach_locked(r, referent);
    }
    mutex_unlock(&s->lock);
    return (struct _object *)r;
}

void weakref_clear(struct _object *reference)
{
    struct _object *referent = weakref_get(reference);
    if (referent == NULL) {
        return;
    }
    struct stripe *s = find_stripe(referent);
    mutex_lock(&s->lock);
    if (weakref_get(reference) == referent) {
        detach_locked(cast(reference), referent);
    }
    mutex_unlock(&s->lock);
}

/* ---- In a collection. */

static void clear_dead(PyWeakReference *r)
{
    struct _object *callback = r->wr_callback;
    set_referent(r, weakref_dead_mark);
    r->wr_next = r->wr_prev = NULL;
    if (callback != NULL && cell_is_marked(r)) {
        finalizers_queue_callback((struct _object *)r, callback);
    }
}

static void clear_all_of(struct _object *referent)
{
    PyWeakReference *next;
    for (PyWeakReference *r = *list_head(referent); r != NULL; r = next) {
        next = r->wr_next;
        clear_dead(r);
    }
    *list_head(referent) = NULL;
}

void weakrefs_clear_of(struct _object *referent)
{
    clear_all_of(referent);
}

/* The first entry that a collection has to look at: young ones free nothing old. */
static size_t first_in_question(const struct stripe *s)
{
    return heap_collects_old() ? 0 : s->old;
}

void weakrefs_clear_dead(void)
{
    for (unsigned i = 0; i < STRIPE_COUNT; i++) {
        struct stripe *s = &stripes[i];
        size_t kept = first_in_question(s);
        for (size_t k = kept; k < s->count; k++) {
            PyWeakReference *r = s->references[k];
            struct _object *referent = weakref_get((struct _object *)r);
            if (referent == NULL) {
                continue;
            }
            if (!cell_is_marked(referent)) {
                clear_all_of(referent);
                continue;
            }
            s->references[kept++] = r;
        }
        s->count = kept;
    }
}

void weakrefs_forget_dead(void)
{
    for (unsigned i = 0; i < STRIPE_COUNT; i++) {
        struct stripe *s = &stripes[i];
        size_t kept = first_in_question(s);
        for (size_t k = kept; k < s->count; k++) {
            PyWeakReference *r = s->references[k];
            if (cell_is_marked(r)) {
                s->references[kept++] = r;
            } else {
                unlink_locked(r, weakref_get((struct _object *)r));
            }
        }
        s->count = s->old = kept;
    }
}
