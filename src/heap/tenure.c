/* SPDX-License-Identifier: MIT */
/* Tenured cells: what two full collections in a row have found alive.
 *
 * That is the interpreter's modules, as a rule: code, functions, classes. In a small program they
 * are most of what lives, and marking them is most of what a full collection costs. So they keep
 * their marks in a *middle* collection, which clears all other marks; it costs what has come since.
 * Tenured cells that are dead meanwhile wait for a full one, which heap.c asks for when the others
 * have grown, or after some middle ones.
 *
 * A middle collection needs the references from tenured cells to others, as a young one needs those
 * from old cells to young ones, and cards tell them (cards.c). But cards are cleaned by each
 * collection; so each block remembers which of its cards were dirty while it had tenured cells, and
 * those of cells that had such a reference when they were tenured. Forgotten only by a full one.
 *
 * Only small cells of the ordinary region are tenured: large ones are few, and observed objects die
 * early. Where address space is scarce nothing is.
 *
 * Everything here is done in a stop. */
#include "heap/tenure.h"

#include "base/os.h"

#include <string.h>

struct tenure *tenures;
static size_t tenured_bytes; /* in a stop */

void tenure_init(void)
{
    if (!heap_is_sparse()) {
        tenures = os_reserve_writable(BLOCK_COUNT * sizeof *tenures);
    }
}

size_t tenure_bytes(void)
{
    return tenured_bytes;
}

static bool can_be_tenured(const struct block *b)
{
    return tenures != NULL && b->reciprocal != 0 && b->kind < CELL_KIND_COUNT &&
           b->kind != CELL_SCRATCH;
}

static unsigned bitmap_words(const struct block *b)
{
    return (b->cell_count + 63u) / 64;
}

void tenure_clear_marks(size_t number, struct block *b, bool keep)
{
    size_t bytes = bitmap_words(b) * sizeof b->marked[0];
    if (keep && b->tenured) {
        memcpy(b->marked, tenures[number].cells, bytes);
        return;
    }
    memset(b->marked, 0, bytes);
    if (!keep && b->tenured) {
        memset(tenures[number].cells, 0, bytes);
        memset(tenures[number].cards, 0, sizeof tenures[number].cards);
        b->tenured = false;
    }
}

/* The block's candidates become those that are tenured now, for look_at_block. */
size_t tenure_sweep(size_t number, struct block *b)
{
    if (!can_be_tenured(b)) {
        return 0;
    }
    unsigned count = 0;
    struct tenure *t = &tenures[number];
    for (unsigned w = 0; w < bitmap_words(b); w++) {
        t->candidates[w] &= b->marked[w] & ~t->cells[w];
        t->cells[w] |= t->candidates[w];
        count += (unsigned)__builtin_popcountll(t->cells[w]);
    }
    b->tenured = count > 0;
    return (size_t)count * b->cell_size;
}

/* ---- References to what is not tenured. */

struct owner {
    bool leads_out; /* has one */
};

static void look_at_reference(void *argument, const void *p)
{
    struct owner *owner = argument;
    if (owner->leads_out || !heap_contains(p)) {
        return;
    }
    const struct block *b = block_find(p);
    if (b == NULL) {
        return;
    }
    unsigned i = block_cell_index(b, p);
    owner->leads_out = block_has_cell(b, i) && !tenure_has(b, i);
}

static void look_at_cell(size_t number, const struct block *b, unsigned i)
{
    struct owner owner = {false};
    const char *cell = block_address(number) + (size_t)i * b->cell_size;
    mark_report(cell, look_at_reference, &owner);
    if (!owner.leads_out) {
        return;
    }
    size_t first = (size_t)i * b->cell_size >> HEAP_CARD_SHIFT;
    size_t last = ((size_t)(i + 1) * b->cell_size - 1) >> HEAP_CARD_SHIFT;
    for (size_t c = first; c <= last; c++) {
        tenures[number].cards[c / 64] |= UINT64_C(1) << (c % 64);
    }
}

static void look_at_block(size_t number, struct block *b, void *unused)
{
    (void)unused;
    if (!can_be_tenured(b)) {
        return;
    }
    struct tenure *t = &tenures[number];
    bool refers = b->kind != CELL_LEAF && b->kind != CELL_RAW;
    for (unsigned w = 0; w < bitmap_words(b); w++) {
        for (uint64_t fresh = refers ? t->candidates[w] : 0; fresh != 0; fresh &= fresh - 1) {
            look_at_cell(number, b, w * 64 + (unsigned)__builtin_ctzll(fresh));
        }
        t->candidates[w] = b->marked[w];
    }
}

void tenure_sweep_end(size_t bytes)
{
    tenured_bytes = bytes;
    if (tenures != NULL) {
        blocks_for_each(look_at_block, NULL);
    }
}
