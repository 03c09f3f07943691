/* SPDX-License-Identifier: MIT */
/* The allocators. PyMem_* is malloc; PyObject_* takes foreign cells, because what an extension
 * allocates there may become an object. */
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "capi/capi_int.h"
#include "heap/foreign.h"

void *PyMem_RawMalloc(size_t n)
{
    return n > PY_SSIZE_T_MAX ? NULL : malloc(n == 0 ? 1 : n);
}

void *PyMem_RawCalloc(size_t count, size_t size)
{
    if (size != 0 && count > PY_SSIZE_T_MAX / size) {
        return NULL;
    }
    return count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);
}

/* The array of a list is no memory of malloc's; mypyc resizes it as CPython does. Whoever asks for
 * that hears that there is no memory. */
void *PyMem_RawRealloc(void *p, size_t n)
{
    if (UNLIKELY(n > PY_SSIZE_T_MAX || (heap_base != 0 && heap_contains(p)))) {
        return NULL;
    }
    return realloc(p, n == 0 ? 1 : n);
}

void PyMem_RawFree(void *p)
{
    free(p);
}

void *PyMem_Malloc(size_t n)
{
    return PyMem_RawMalloc(n);
}

void *PyMem_Calloc(size_t count, size_t size)
{
    return PyMem_RawCalloc(count, size);
}

void *PyMem_Realloc(void *p, size_t n)
{
    return PyMem_RawRealloc(p, n);
}

void PyMem_Free(void *p)
{
    free(p);
}

void *PyObject_Malloc(size_t n)
{
    if (n > PY_SSIZE_T_MAX) {
        return NULL;
    }
    n = n == 0 ? 1 : n;
    struct thread *t = thread_current();
    thread_enter_ours(t);
    if (LIKELY(extension_lock_is_mine(t))) {
        void *cell = heap_take_foreign(n);
        if (LIKELY(cell != NULL)) {
            capi_leave_quiet(t);
            return cell;
        }
    }
    capi_enter();
    return capi_return_pointer(t, heap_alloc_foreign(n));
}

void *PyObject_Calloc(size_t count, size_t size)
{
    if (size != 0 && count > PY_SSIZE_T_MAX / size) {
        return NULL;
    }
    void *p = PyObject_Malloc(count * size);
    return p == NULL ? NULL : memset(p, 0, count * size);
}

static void free_foreign(void *p)
{
    struct thread *t = capi_enter_quiet();
    heap_free_foreign(p);
    capi_leave_quiet(t);
}

void *PyObject_Realloc(void *p, size_t n)
{
    if (p == NULL) {
        return PyObject_Malloc(n);
    }
    size_t old = heap_cell_size(p);
    if (n <= old) {
        return p;
    }
    void *bigger = PyObject_Malloc(n);
    if (bigger != NULL) {
        memcpy(bigger, p, old);
        free_foreign(p);
    }
    return bigger;
}

/* Objects whose memory is not theirs (of ours, or static) are left alone. */
void PyObject_Free(void *p)
{
    if (p != NULL) {
        free_foreign(p);
    }
}

void PyObject_GC_Del(void *p)
{
    PyObject_Free(p);
}

PyVarObject *_PyObject_GC_Resize(PyVarObject *o, Py_ssize_t count)
{
    size_t size =
        (size_t)(o->ob_base.ob_type->tp_basicsize + count * o->ob_base.ob_type->tp_itemsize);
    PyVarObject *bigger = PyObject_Realloc(o, size);
    if (bigger == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    bigger->ob_size = count;
    heap_adopt_foreign((PyObject *)bigger);
    return bigger;
}

/* Memory outside of the heap that objects hold: part of what triggers a collection. Its sizes are
 * kept where it is easy, so that what is freed soon leads to no full collection: a word per place,
 * with the address above and the size, rounded, below; the last one of a place stays. A bit per
 * place says whether it has a word, so that Untrack touches no table for an address without one.
 *
 * Small sizes are kept nowhere. They are freed as soon as they are allocated, as far as full
 * collections are concerned: what they belong to is in the heap, and not much smaller. */
#define SIZE_BITS 20
#define PLACE_BITS 17
#define SMALL_SIZE 256
#define SMALL_REPORT 16384
/* Words by place, and behind them the bits. Set once; atomic words. Not in static memory: that is
 * scanned. */
static uint64_t *sizes;
static size_t small_unreported; /* under the extension lock */

static uint64_t *ensure_sizes(void)
{
    uint64_t *made = atomic_load_acquire(&sizes), *expected = NULL;
    if (UNLIKELY(made == NULL)) {
        size_t bytes = (sizeof *made << PLACE_BITS) + (1 << PLACE_BITS) / 8;
        made = os_reserve_writable(bytes);
        if (made == NULL) {
            fatal_memory("no address space for the sizes of external memory");
        }
        if (!atomic_cas_acq_rel(&sizes, expected, made)) {
            os_release(made, bytes);
            made = expected;
        }
    }
    return made;
}

static size_t place_of(uintptr_t p)
{
    return (size_t)((p >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - PLACE_BITS));
}

static uint64_t *has_size(uint64_t *table, size_t place)
{
    return &table[((size_t)1 << PLACE_BITS) + place / 64];
}

static uint64_t word_of(uintptr_t p)
{
    return (uint64_t)(p >> 4) << SIZE_BITS;
}

static void track_small(size_t size)
{
    const struct thread *t = thread_current();
    if (t != NULL && extension_lock_is_mine(t)) {
        small_unreported += size;
        if (small_unreported < SMALL_REPORT) {
            return;
        }
        size = small_unreported;
        small_unreported = 0;
    }
    heap_account_external_freed(size);
    heap_account_external((ptrdiff_t)size);
}

int PyTraceMalloc_Track(unsigned domain, uintptr_t p, size_t size)
{
    if (size <= SMALL_SIZE) {
        track_small(size);
        return -2; /* not traced */
    }
    uint64_t shift = 0;
    while (size >> shift >= 1 << 14) {
        shift++;
    }
    uint64_t *table = ensure_sizes();
    size_t place = place_of(p);
    atomic_store_relaxed(&table[place], word_of(p) | shift << 14 | size >> shift);
    atomic_fetch_or_acq_rel(has_size(table, place), UINT64_C(1) << (place % 64));
    size = size >> shift << shift; /* what comes back */
    if (size >= HEAVY_BYTES) {
        heap_account_heavy(size);
    } else {
        heap_account_external((ptrdiff_t)size);
    }
    return -2;
}

int PyTraceMalloc_Untrack(unsigned domain, uintptr_t p)
{
    uint64_t *table = atomic_load_acquire(&sizes);
    size_t place = place_of(p);
    uint64_t bit = UINT64_C(1) << (place % 64);
    if (table == NULL || (atomic_load_relaxed(has_size(table, place)) & bit) == 0) {
        return -2;
    }
    uint64_t word = atomic_load_relaxed(&table[place]), low = word & ((1 << SIZE_BITS) - 1);
    if (word - low == word_of(p)) {
        atomic_store_relaxed(&table[place], 0);
        atomic_fetch_and_acq_rel(has_size(table, place), ~bit);
        size_t size = (size_t)(low & ((1 << 14) - 1)) << (low >> 14);
        if (size >= HEAVY_BYTES) {
            heap_account_heavy_freed(size);
        } else {
            heap_account_external_freed(size);
        }
    }
    return -2;
}

char *_PyMem_Strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = PyMem_Malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

wchar_t *_PyMem_RawWcsdup(const wchar_t *text)
{
    return wcsdup(text);
}

char *_PyMem_RawStrdup(const char *text)
{
    return strdup(text);
}

/* ---- Allocators: there is one, of the C library; hooks are kept, but nobody asks them. */

static void *hook_malloc(void *context, size_t n)
{
    return PyMem_RawMalloc(n);
}

static void *hook_calloc(void *context, size_t count, size_t size)
{
    return PyMem_RawCalloc(count, size);
}

static void *hook_realloc(void *context, void *p, size_t n)
{
    return PyMem_RawRealloc(p, n);
}

static void hook_free(void *context, void *p)
{
    PyMem_RawFree(p);
}

#define HOOKS                                                                                      \
    {                                                                                              \
        NULL, hook_malloc, hook_calloc, hook_realloc, hook_free                                    \
    }
static PyMemAllocatorEx allocators[] = {HOOKS, HOOKS, HOOKS};

void PyMem_GetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    *allocator = allocators[domain];
}

void PyMem_SetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    allocators[domain] = *allocator;
}

const char *_PyMem_GetCurrentAllocatorName(void)
{
    return "malloc";
}

PyObject *_PyTraceMalloc_GetTraceback(unsigned domain, uintptr_t p)
{
    return Py_NewRef(Py_None);
}

/* ---- The collector. */

int PyGC_Enable(void)
{
    int before = heap_options.enabled;
    heap_options.enabled = true;
    return before;
}

int PyGC_Disable(void)
{
    int before = heap_options.enabled;
    heap_options.enabled = false;
    return before;
}

int PyGC_IsEnabled(void)
{
    return heap_options.enabled;
}

int PyObject_IS_GC(PyObject *o)
{
    return PyType_IS_GC(o->ob_type) && (o->ob_type->tp_is_gc == NULL || o->ob_type->tp_is_gc(o));
}

/* Every object of ours with Py_TPFLAGS_HAVE_GC is the collector's. */
int PyObject_GC_IsTracked(PyObject *o)
{
    return PyObject_IS_GC(o) && (!heap_is_foreign(o) || heap_foreign_is_tracked(o));
}

/* ---- Arenas: the heap has none. Whoever sets an allocator for them gets it back. */

static void *map_arena(void *context, size_t size)
{
    return os_reserve_writable(size);
}

static void unmap_arena(void *context, void *p, size_t size)
{
    os_release(p, size);
}

static PyObjectArenaAllocator arenas = {NULL, map_arena, unmap_arena}; /* by start-up code */

void PyObject_GetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    *allocator = arenas;
}

void PyObject_SetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    arenas = *allocator;
}

/* Blocks of memory carry nothing that could be checked. */
void PyMem_SetupDebugHooks(void) {}
