/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <Python.h>

static PyTypeObject type = {.tp_weaklistoffset = 24};
static PyTypeObject reference_type;

struct thing {
    PyObject head;
    void *other;
    void *weak_list;
};

static struct thing *kept;
static PyWeakReference *reference, *with_callback;
static unsigned finalized, called_back;
static PyObject none;

static void trace(PyObject *o, struct tracer *tracer)
{
    if (o->ob_type == &type) {
        trace_pointer(tracer, ((struct thing *)o)->other);
    } else {
        trace_pointer(tracer, ((PyWeakReference *)(void *)o)->wr_callback);
    }
}

static bool needs_finalizer(PyObject *o)
{
    return o->ob_type == &type;
}

static void finalize(PyObject *o)
{
    finalized++;
    if (kept == NULL) {
        kept = (struct thing *)o; /* resurrected */
    }
}

static void callback(PyObject *r, PyObject *f)
{
    check(weakref_get(r) == NULL && f == &none);
    called_back++;
}

static struct thing *thing_new(void)
{
    struct thing *t = heap_alloc_observed(sizeof *t, CELL_OBJECT);
    check(heap_is_observed((uint64_t)(uintptr_t)t));
    t->head.ob_type = &type;
    return t;
}

static PyWeakReference *reference_new(struct thing *t, PyObject *f)
{
    PyWeakReference *r = heap_alloc(sizeof *r, CELL_OBJECT);
    ((PyObject *)r)->ob_type = &reference_type;
    r->wr_callback = f;
    return (PyWeakReference *)weakref_attach((PyObject *)r, (PyObject *)t, f == NULL);
}

static NO_INLINE void make_garbage(void)
{
    struct thing *a = thing_new(), *b = thing_new();
    a->other = b;
    b->other = a;
    reference = reference_new(a, NULL);
    check(reference_new(a, NULL) == reference);
    with_callback = reference_new(a, &none);
    check(reference_new(a, &none) != with_callback); /* this one dies */
    check(weakref_list((PyObject *)a, NULL, 0) == 3);
}

int main(void)
{
    unit_start();
    heap_hooks.trace_object = trace;
    heap_hooks.needs_finalizer = needs_finalizer;
    heap_hooks.finalize = finalize;
    heap_hooks.weakref_callback = callback;
    weakref_dead_mark = &none;
    make_garbage();
    unit_clean_stack();
    heap_collect(COLLECT_REQUEST);
    check(thread_safepoint(thread_current()) == 0);
    if (!UNIT_EXACT) {
        return 0;
    }
    check(finalized == 2 && called_back == 1 && kept != NULL);
    check(weakref_get((PyObject *)reference) == NULL);
    check(heap_was_finalized((PyObject *)kept));

    kept = NULL;
    unit_clean_stack();
    heap_collect(COLLECT_REQUEST);
    thread_safepoint(thread_current());
    check(finalized == 2 && called_back == 1);
    struct heap_stats stats;
    heap_get_stats(&stats);
    check(stats.live_cells < 12);
    return 0;
}
