/* SPDX-License-Identifier: MIT */
/* Blocks: where the heap's address range goes. heap.c explains the mechanism.
 *
 * Free blocks are found in a bitmap per region, lowest address first; spans of several blocks too.
 * Beyond the frontier nothing was ever used, so a fresh block reads as zero.
 *
 * Where the range cannot be reserved (ulimit -v, valgrind), the heap is sparse: a range that nobody
 * uses is taken unreserved, and blocks are mapped when they are first needed. Both regions together
 * then have at most block_limit blocks, so that marking has room for its stack. The tables have
 * room for that many blocks at the start of each region; they lie in the middle of the range. */
#include "heap/heap_int.h"

#include "base/os.h"

#include <string.h>

/* Address space becomes readable in steps of this many blocks. */
#define COMMIT_BLOCKS 256
/* From here on in pages of 2 MiB: a big heap misses fewer entries of the TLB, and faults less
 * often; a small one should not be rounded up. */
#define HUGE_FROM_BLOCKS 512
/* The same where address space is scarce. */
#define SPARSE_COMMIT_BLOCKS 16
/* The regions begin half of the table of cards apart: while they are smaller than what that covers,
 * blocks of the one share no cards with blocks of the other. */
#define CARDS_APART ((HEAP_CARD_COUNT / 2 << HEAP_CARD_SHIFT) >> BLOCK_BITS)
/* What the heap may take of the address space where nobody says how much there is, as below
 * valgrind. */
#define SPARSE_DEFAULT ((size_t)32 << 30)
/* A sparse heap holds 1/64 of its size back in each of these steps; every failed allocation frees
 * one, so that the program can handle the MemoryError. */
#define RESERVE_STEPS 4
#define RESERVE_PART 64
/* Ranges to try for a sparse heap. */
#define SPARSE_RANGES 24

_Static_assert(CLASS_COUNT - HEAP_FAST_CLASSES > 0, "classes");

const uint16_t class_sizes[CLASS_COUNT] = {
    24,   32,   40,   48,   56,   64,   80,   96,   112,   128,   160,  192,  224,
    256,  320,  384,  448,  512,  640,  768,  896,  1024,  1280,  1536, 1792, 2048,
    2560, 3072, 3584, 4096, 5456, 6544, 8192, 9360, 10912, 13104, 16384};

uintptr_t heap_base;
uintptr_t heap_observed_start;
struct block *blocks;
uint32_t *block_uses;
uint8_t *block_homes;
size_t block_limit = REGION_BLOCKS;
struct pool pool = {.lock = MUTEX_INIT(HEAP_POOL)};

static void *reserve_or_die(size_t bytes)
{
    void *p = os_reserve_writable(bytes);
    if (p == NULL) {
        fatal_memory("cannot reserve address space");
    }
    return p;
}

/* Maps the part of a table that is about the used blocks of both regions. */
static bool map_table(uintptr_t table, size_t entry_bytes)
{
    size_t bytes = (block_limit * entry_bytes + 4095) & ~(size_t)4095;
    return os_map_at((void *)table, bytes) &&
           os_map_at((void *)(table + REGION_BLOCKS * entry_bytes), bytes);
}

static void sparse_init(void)
{
    size_t limit = os_address_limit();
    limit = limit < SPARSE_DEFAULT ? limit : SPARSE_DEFAULT;
    block_limit = limit / 8 * 5 >> BLOCK_BITS;
    pool.reserve = RESERVE_STEPS;
    pool.most = block_limit - RESERVE_STEPS * (block_limit / RESERVE_PART);
    for (size_t i = 1; i <= SPARSE_RANGES; i++) {
        heap_base = i << HEAP_RANGE_BITS;
        uintptr_t table = heap_base + ((size_t)1 << (HEAP_RANGE_BITS - 2));
        uintptr_t uses = table + ((size_t)1 << (HEAP_RANGE_BITS - 3));
        uintptr_t homes = uses + ((size_t)1 << (HEAP_RANGE_BITS - 4));
        blocks = (struct block *)table;
        block_uses = (uint32_t *)uses;
        block_homes = (uint8_t *)homes;
        if (map_table(table, sizeof *blocks) && map_table(uses, sizeof *block_uses) &&
            map_table(homes, sizeof *block_homes)) {
            return;
        }
    }
    fatal_memory("cannot reserve address space");
}

void blocks_init(void)
{
    size_t bytes = (size_t)1 << HEAP_RANGE_BITS;
    pool.most = BLOCK_COUNT;
    heap_base = os_address_limit() > 4 * bytes ? (uintptr_t)os_reserve(bytes, bytes) : 0;
    if (heap_base != 0) {
        blocks = reserve_or_die(BLOCK_COUNT * sizeof *blocks);
        block_uses = reserve_or_die(BLOCK_COUNT * sizeof *block_uses);
        block_homes = reserve_or_die(BLOCK_COUNT * sizeof *block_homes);
    } else {
        sparse_init();
    }
    heap_observed_start = heap_base + bytes / 2;
    for (unsigned i = 0; i < 2; i++) {
        struct region *r = &pool.regions[i];
        size_t apart = i == 0 || heap_is_sparse() ? 0 : CARDS_APART;
        r->first = i * REGION_BLOCKS + apart;
        r->limit = block_limit - apart;
        r->free = reserve_or_die((block_limit + 63) / 64 * 8);
        r->dirty = reserve_or_die((block_limit + 63) / 64 * 8);
        /* Block 0 stays unused, so that 0 can mean none; and that at heap_observed_start, which is
         * a word of static data as others that lead to cells. */
        r->frontier = r->committed = r->hint = 1;
    }
}

void blocks_ran_out(void)
{
    mutex_lock(&pool.lock);
    if (pool.reserve > 0) {
        pool.reserve--;
        pool.most += block_limit / RESERVE_PART;
    }
    mutex_unlock(&pool.lock);
}

static bool bit_get(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}
static void bit_set(uint64_t *bits, size_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}
static void bit_clear(uint64_t *bits, size_t i)
{
    bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static bool commit_to(struct region *r, size_t limit)
{
    if (limit <= r->committed) {
        return true;
    }
    bool sparse = heap_is_sparse();
    size_t step = sparse ? SPARSE_COMMIT_BLOCKS : COMMIT_BLOCKS;
    size_t target = (limit + step - 1) / step * step;
    size_t count = target - r->committed;
    if (target > r->limit || pool.committed + count > pool.most) {
        return false;
    }
    char *start = block_address(r->first + r->committed);
    if (!(sparse ? os_map_at : os_commit)(start, count << BLOCK_BITS)) {
        return false;
    }
    if (!sparse && r->committed >= HUGE_FROM_BLOCKS) {
        os_prefer_huge_pages(start, count << BLOCK_BITS);
    }
    pool.committed += count;
    r->committed = target;
    return true;
}

/* Finds `count` free blocks in a row below the frontier; SIZE_MAX if there are none. */
static size_t find_free(struct region *r, size_t count)
{
    if (r->free_count < count) {
        return SIZE_MAX;
    }
    size_t in_a_row = 0;
    for (size_t i = r->hint; i < r->frontier; i++) {
        if (i % 64 == 0 && r->free[i / 64] == 0) {
            in_a_row = 0;
            i += 63;
            continue;
        }
        in_a_row = bit_get(r->free, i) ? in_a_row + 1 : 0;
        if (in_a_row == count) {
            return i + 1 - count;
        }
    }
    return SIZE_MAX;
}

/* So many free blocks are asked whether they are at home. */
#define LOOK_FOR_HOME 8

/* The first free block that had this home, of a few from the start-th on, which is free; or that.
 */
static size_t prefer_home(const struct region *r, size_t start, unsigned home)
{
    unsigned seen = 0;
    for (size_t i = start; i < r->frontier && seen < LOOK_FOR_HOME; i++) {
        if (bit_get(r->free, i)) {
            seen++;
            if (block_homes[r->first + i] == home) {
                return i;
            }
        }
    }
    return start;
}

/* Takes blocks out of the region; *zeroed says whether all read as zero. Returns the number within
 * the region or SIZE_MAX. */
static size_t take_blocks(struct region *r, size_t count, unsigned home, bool *zeroed)
{
    *zeroed = true;
    size_t start = find_free(r, count);
    if (start == SIZE_MAX) {
        if (!commit_to(r, r->frontier + count)) {
            return SIZE_MAX;
        }
        start = r->frontier;
        r->frontier += count;
        return start;
    }
    bool skipped = false;
    if (home != 0) {
        size_t preferred = prefer_home(r, start, home);
        skipped = preferred != start;
        start = preferred;
    }
    for (size_t i = start; i < start + count; i++) {
        bit_clear(r->free, i);
        if (bit_get(r->dirty, i)) {
            bit_clear(r->dirty, i);
            *zeroed = false;
        }
    }
    r->free_count -= count;
    if (start == r->hint || (count == 1 && !skipped)) {
        r->hint = start + count;
    }
    return start;
}

uint32_t block_take_locked(unsigned kind, unsigned size_class, unsigned home)
{
    struct region *r = &pool.regions[kind_region(kind)];
    bool zeroed;
    size_t start = take_blocks(r, 1, home, &zeroed);
    if (start == SIZE_MAX) {
        return 0;
    }
    size_t number = r->first + start;
    struct block *b = &blocks[number];
    uint32_t size = class_sizes[size_class];
    b->reciprocal = (uint32_t)((UINT64_C(0x100000000) + size - 1) / size);
    b->cell_count = (uint16_t)(BLOCK_BYTES / size);
    b->kind = (uint8_t)kind;
    b->size_class = (uint8_t)size_class;
    b->zeroed = zeroed;
    b->tenured = false;
    block_homes[number] = (uint8_t)home;
    b->span = 1;
    b->free_index = 0;
    b->next = 0;
    atomic_store_release(&block_uses[number], BLOCK_SMALL);
    atomic_store_release(&b->cell_size, size);
    pool.used_blocks++;
    return (uint32_t)number;
}

uint32_t span_take_locked(unsigned kind, size_t bytes)
{
    struct region *r = &pool.regions[kind_region(kind)];
    size_t count = (bytes + BLOCK_BYTES - 1) >> BLOCK_BITS;
    bool zeroed;
    size_t start = count < REGION_BLOCKS ? take_blocks(r, count, 0, &zeroed) : SIZE_MAX;
    if (start == SIZE_MAX) {
        return 0;
    }
    size_t number = r->first + start;
    struct block *b = &blocks[number];
    b->reciprocal = 0;
    b->cell_count = 1;
    b->kind = (uint8_t)kind;
    b->size_class = 0;
    b->zeroed = zeroed;
    b->tenured = false;
    block_homes[number] = 0;
    b->span = (uint32_t)count;
    b->large_bytes = count << BLOCK_BITS;
    b->free_index = 1;
    b->next = 0;
    for (size_t i = 1; i < count; i++) {
        atomic_store_relaxed(&block_uses[number + i], BLOCK_TAIL | (uint32_t)i << 2);
    }
    atomic_store_release(&block_uses[number], BLOCK_LARGE);
    atomic_store_release(&b->cell_size, UINT32_MAX);
    pool.used_blocks += count;
    return (uint32_t)number;
}

void block_give_back(size_t number)
{
    struct block *b = &blocks[number];
    struct region *r = &pool.regions[number >= REGION_BLOCKS];
    size_t start = number - r->first;
    size_t count = b->span;
    b->cell_size = 0;
    b->live = 0;
    size_t bitmap = (b->cell_count + 63u) / 64 * sizeof b->allocated[0];
    memset(b->allocated, 0, bitmap);
    memset(b->marked, 0, bitmap);
    for (size_t i = 0; i < count; i++) {
        block_uses[number + i] = BLOCK_FREE;
        bit_set(r->free, start + i);
        bit_set(r->dirty, start + i);
    }
    r->free_count += count;
    if (start < r->hint) {
        r->hint = start;
    }
    pool.used_blocks -= count;
}

/* The blocks whose numbers, counted from the region's first, lie in the range. */
static void for_range(const struct region *r, size_t from, size_t to,
                      void (*f)(size_t number, struct block *b, void *argument), void *argument)
{
    to = to < r->frontier ? to : r->frontier;
    for (size_t n = from; n < to; n++) {
        uint32_t use = block_uses[r->first + n];
        if (use == BLOCK_SMALL || use == BLOCK_LARGE) {
            f(r->first + n, &blocks[r->first + n], argument);
        }
    }
}

void blocks_for_each(void (*f)(size_t number, struct block *b, void *argument), void *argument)
{
    for_range(&pool.regions[0], 0, SIZE_MAX, f, argument);
    for_range(&pool.regions[1], 0, SIZE_MAX, f, argument);
}

void blocks_for_each_observed(void (*f)(size_t number, struct block *b, void *argument),
                              void *argument)
{
    for_range(&pool.regions[1], 0, SIZE_MAX, f, argument);
}

bool blocks_for_some(size_t from, size_t count,
                     void (*f)(size_t number, struct block *b, void *argument), void *argument)
{
    const struct region *first = &pool.regions[0], *second = &pool.regions[1];
    size_t turn = (first->frontier + count - 1) / count * count;
    if (from < turn) {
        for_range(first, from, from + count, f, argument);
        return true;
    }
    for_range(second, from - turn, from - turn + count, f, argument);
    return from - turn < second->frontier;
}

static size_t discard_region(struct region *r, size_t keep)
{
    size_t start = SIZE_MAX;
    for (size_t i = 0; i <= r->frontier; i++) {
        bool dirty = i < r->frontier && bit_get(r->dirty, i);
        if (dirty && keep > 0) {
            keep--;
            dirty = false;
        }
        if (dirty) {
            bit_clear(r->dirty, i);
            if (start == SIZE_MAX) {
                start = i;
            }
        } else if (start != SIZE_MAX) {
            os_discard(block_address(r->first + start), (i - start) << BLOCK_BITS);
            start = SIZE_MAX;
        }
    }
    return keep;
}

void blocks_discard(size_t keep)
{
    keep = discard_region(&pool.regions[0], keep);
    discard_region(&pool.regions[1], keep);
}
