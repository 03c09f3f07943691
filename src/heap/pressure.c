/* SPDX-License-Identifier: MIT */
/* Memory that extensions take with malloc and tell nobody of: behind one small object of lxml there
 * may be megabytes. It stays until a collection finds the object dead, so it must be part of what
 * triggers collections.
 *
 * Every so many cells of extensions, a look at how far the process has grown says what one of them
 * costs. Only what two looks in turn saw counts, so that what happens once, as an import does, is
 * not taken for it. Each cell then adds a part of that to what is accounted as external memory;
 * most of this counts as freed at once, as far as full collections are concerned.
 *
 * While malloc serves new objects from what dead ones gave back, the process does not grow and
 * nothing is learnt. The estimate decays meanwhile, but slowly: not within one round.
 *
 * Looking is cheap: where malloc's main arena ends. The arenas of other threads show only in the
 * peak of the process's memory, which is asked for when there are other threads, at most once in a
 * few milliseconds: a system call. */
#include "heap/heap_int.h"

#include "base/os.h"

#define LOOK_CELLS 16
#define PEAK_CELLS 64
#define LOOK_BYTES (INT64_C(1) << 20)
/* The part of the memory that is accounted; of that, what full collections see; and what is
 * forgotten at each look. */
#define ACCOUNTED_PART 2
#define FULL_PART 8
#define DECAY_PART 128

/* All under the extension lock. */
uint32_t pressure_until_look = LOOK_CELLS;
static uint32_t cells = LOOK_CELLS; /* between the last look and the next one */
static int64_t cell_costs;          /* the estimate, in bytes */
static int64_t seen_before;         /* bytes per cell at the look before */
static int64_t last_end, last_taken, last_peak, last_own;
static int64_t last_peak_ns; /* when it was asked for */
static uint32_t cells_since_peak;
static int64_t seen_in_peak; /* bytes per cell */

/* What the heap took by itself, and what extensions told it of in big pieces. */
static int64_t own_bytes(void)
{
    struct heap_stats s;
    heap_get_stats(&s);
    return (int64_t)s.heap_bytes + (int64_t)atomic_load_relaxed(&heap_budget.allocated) +
           atomic_load_relaxed(&heap_budget.heavy_taken);
}

static int64_t look_at_peak(void)
{
    cells_since_peak += cells;
    if (thread_count() == 1) {
        return 0;
    }
    int64_t now = cells_since_peak >= PEAK_CELLS ? os_coarse_ns() : last_peak_ns;
    if (now != last_peak_ns) {
        last_peak_ns = now;
        int64_t peak = (int64_t)os_peak_memory(), own = own_bytes();
        int64_t grown = peak - last_peak - (own > last_own ? own - last_own : 0);
        seen_in_peak = last_peak != 0 && grown > 0 ? grown / cells_since_peak : 0;
        last_peak = peak;
        last_own = own;
        cells_since_peak = 0;
    }
    return seen_in_peak;
}

/* Bytes per cell since the last look. */
static int64_t look_at_memory(void)
{
    int64_t end = (int64_t)os_data_end(), taken = atomic_load_relaxed(&heap_budget.heavy_taken);
    int64_t seen = last_end == 0 ? 0 : (end - last_end - (taken - last_taken)) / cells;
    int64_t in_peak = look_at_peak();
    last_end = end;
    last_taken = taken;
    return seen > in_peak ? seen : in_peak;
}

void pressure_look(void)
{
    int64_t seen = look_at_memory();
    int64_t both = seen < seen_before ? seen : seen_before;
    seen_before = seen;
    cell_costs -= (cell_costs + DECAY_PART - 1) / DECAY_PART;
    cell_costs = both > cell_costs ? both : cell_costs;
    int64_t accounted = cell_costs * cells / ACCOUNTED_PART;
    int64_t interval = LOOK_BYTES / (cell_costs + 1) + 1;
    cells = interval < LOOK_CELLS ? (uint32_t)interval : LOOK_CELLS;
    pressure_until_look = cells;
    if (accounted != 0) {
        heap_account_external_freed((size_t)(accounted - accounted / FULL_PART));
        heap_account_external((ptrdiff_t)accounted);
    }
}
