/* SPDX-License-Identifier: MIT */
/* Cards: where references were stored since the last collection.
 *
 * A young collection keeps the marks of the last one: what outlived that is old, and not traced
 * again. So it must find the references from old cells to young ones by itself, and every store of
 * a reference has gone through heap_barrier, which made the card of its slot dirty. A card is 128
 * bytes of a block; which cells lie on it is a division.
 *
 * Code may fill a cell that it has just made with plain stores. If a collection comes in between,
 * the cell is old for the rest of them. It is on the C stack of its maker, though: cells found
 * there that are young, or that have dirty cards already, keep their cards dirty for as long as
 * they are found there. So plain stores are allowed into cells that the same activation has
 * allocated, and nowhere else. cards_verify finds those who break the rule.
 *
 * Scratch cells are never old. Extension code knows of no barrier, but counts what its objects
 * refer to, and what has a C count is a root (foreign.c). So the cards of these objects tell what
 * our own code has stored in them: instance attributes, for example. */
#include "heap/heap_int.h"
#include "heap/tenure.h"

#include "base/os.h"
#include "base/reference_count.h"

#include <string.h>

#include <Python.h>

/* Old cells of a block that are looked at one by one rather than card by card. */
#define FEW_CELLS (BLOCK_CARDS / 2)

/* CARD_KEEP and the next: dirty after a cleaning, too. Collections use them in turn, so that
 * clearing leaves the same whether a card, which blocks may share, is met once or several times.
 * CARD_SEEN: dirty, but the last probe (prompt.c) has traced what is on it. */
enum { CARD_KEEP = CARD_DIRTY + 1, CARD_SEEN = CARD_KEEP + 2 };

uint8_t *heap_cards;
HOLDS_NO_CELLS uint8_t heap_groups[HEAP_GROUP_COUNT];
#define EIGHT(card) ((card)*UINT64_C(0x0101010101010101))
static uint8_t keep = CARD_KEEP;     /* what this collection uses; in a stop */
static uint8_t ignored = CARD_CLEAN; /* counts as clean, too; in a stop */

void cards_init(void)
{
    heap_cards = os_reserve_writable(HEAP_CARD_COUNT);
    if (heap_cards == NULL) {
        fatal_memory("no address space for the card table");
    }
}

void heap_remember_range(const void *from, size_t bytes)
{
    for (const char *p = from; p < (const char *)from + bytes; p += CARD_BYTES) {
        heap_remember(p);
    }
    heap_remember((const char *)from + bytes - (bytes > 0));
}

static uint8_t *block_cards(size_t number)
{
    return heap_card(block_address(number));
}

/* Block by block. */
static_assert(BLOCK_BITS == HEAP_GROUP_SHIFT, "a group is the cards of a block");

static bool has_clean_cards(size_t number)
{
    return atomic_load_relaxed(heap_group(block_address(number))) == 0;
}

/* Can a cell of this kind be old and refer to something young? */
static bool kind_has_cards(unsigned kind)
{
    unsigned plain = kind_plain(kind);
    return plain != CELL_LEAF && plain != CELL_RAW && plain != CELL_SCRATCH;
}

static char *cell_address(size_t number, const struct block *b, unsigned i)
{
    return block_address(number) + (b->reciprocal != 0 ? (size_t)i * b->cell_size : 0);
}

static uint8_t state_of(uint8_t card)
{
    return card & (uint8_t)~CARD_OBSERVED;
}

/* Threads that trace meanwhile may see it or not: it is dirty or becomes so in vain. */
static void set_state(uint8_t *card, uint8_t state)
{
    atomic_store_relaxed(card, (uint8_t)(state | (atomic_load_relaxed(card) & CARD_OBSERVED)));
}

/* Eight cards from an aligned one on. */
static ALWAYS_INLINE uint64_t load_eight(const uint8_t *card)
{
    return atomic_load_relaxed((const uint64_t *)(const void *)card);
}

/* ---- Cells on C stacks. */

/* The next dirty card of an address range, of which the table may be in two pieces; `to` if there
 * is none. `from` is the start of a card. */
static const char *find_dirty_address(const char *from, const char *to)
{
    while (from < to) {
        uint8_t *card = heap_card(from);
        uint64_t eight = EIGHT(CARD_DIRTY);
        if ((uintptr_t)card % 8 == 0) {
            eight = load_eight(card);
        }
        if ((eight & ~EIGHT(CARD_OBSERVED)) == EIGHT(CARD_CLEAN)) {
            from += 8 * CARD_BYTES;
        } else if (state_of(atomic_load_relaxed(card)) != CARD_CLEAN) {
            return from;
        } else {
            from += CARD_BYTES;
        }
    }
    return to;
}

static const char *card_start(const void *p)
{
    return (const char *)((uintptr_t)p & ~(uintptr_t)(CARD_BYTES - 1));
}

bool cards_are_dirty(const void *start, size_t bytes)
{
    const char *end = (const char *)start + bytes;
    return find_dirty_address(card_start(start), end) < end;
}

/* Can the cell be traced in parts? Then only its header's card says that it may be changed without
 * the barrier, or was. */
static const struct cell_type *type_with_parts(const struct block *b, const char *cell)
{
    if (b->kind != CELL_INTERNAL || b->reciprocal != 0) {
        return NULL;
    }
    const struct cell_type *type = *(const struct cell_type *const *)(const void *)cell;
    return type != NULL && type->trace_part != NULL ? type : NULL;
}

static bool is_kept(uint8_t card)
{
    return state_of(card) == CARD_KEEP || state_of(card) == CARD_KEEP + 1;
}

static void keep_card(const char *at)
{
    set_state(heap_card(at), keep);
    atomic_store_relaxed(heap_group(at), (uint8_t)1);
}

static void keep_cell(const void *p)
{
    struct block *b = block_find(p);
    if (b == NULL || !kind_has_cards(b->kind)) {
        return;
    }
    unsigned i = block_cell_index(b, p);
    if (!block_has_cell(b, i)) {
        return;
    }
    const char *start = cell_address((size_t)(b - blocks), b, i);
    const char *end = start + block_cell_bytes(b);
    bool filled = type_with_parts(b, start) != NULL ? is_kept(atomic_load_relaxed(heap_card(start)))
                                                    : cards_are_dirty(start, block_cell_bytes(b));
    if (block_cell_is_young(b, i) || filled) {
        for (const char *at = start; at < end; at += CARD_BYTES) {
            keep_card(at);
        }
        keep_card(end - 1);
    }
}

__attribute__((no_sanitize("address", "thread"))) void cards_keep(const void *from, const void *to)
{
    const uintptr_t *word = (const uintptr_t *)(((uintptr_t)from + 7) & ~(uintptr_t)7);
    for (; word + 1 <= (const uintptr_t *)to; word++) {
        const void *p = (const void *)*(const volatile uintptr_t *)word;
        if (heap_contains(p)) {
            keep_cell(p);
        }
    }
}

/* ---- Tracing. */

static bool is_dirty(uint8_t card)
{
    uint8_t state = state_of(card);
    return state != CARD_CLEAN && state != ignored;
}

/* The next dirty card at or after `card`; `count` if there is none. Cards are looked at eight at a
 * time: most are clean. */
static size_t find_dirty(const uint8_t *cards, size_t card, size_t count)
{
    while (card < count) {
        if (card % 8 == 0) {
            uint64_t eight = load_eight(cards + card) & ~EIGHT(CARD_OBSERVED);
            if (eight == EIGHT(CARD_CLEAN) || eight == EIGHT(ignored)) {
                card += 8;
                continue;
            }
        }
        if (is_dirty(atomic_load_relaxed(&cards[card]))) {
            return card;
        }
        card++;
    }
    return count;
}

/* What the cell has on the card. An array is traced there alone, everything else whole. */
static void trace_on_card(struct tracer *tracer, const struct block *b, char *cell,
                          const char *card)
{
    if (b->kind != CELL_WORDS) {
        mark_again(tracer, cell);
        return;
    }
    char *end = cell + block_cell_bytes(b);
    const char *from = cell > card ? cell : card;
    const char *to = end < card + CARD_BYTES ? end : card + CARD_BYTES;
    trace_words(tracer, (const Value *)(const void *)from, (size_t)(to - from) / sizeof(Value));
}

/* The next marked cell from i to last; last + 1 if there is none. */
static unsigned find_marked(const struct block *b, unsigned i, unsigned last)
{
    while (i <= last) {
        uint64_t marks = atomic_load_relaxed(&b->marked[i / 64]) >> (i % 64);
        if (marks != 0) {
            i += (unsigned)__builtin_ctzll(marks);
            return i <= last ? i : last + 1;
        }
        i = (i / 64 + 1) * 64;
    }
    return last + 1;
}

static void trace_cell_on_cards(struct tracer *tracer, const struct block *b, char *cell)
{
    char *end = cell + b->cell_size;
    for (const char *card = card_start(cell); card < end; card += CARD_BYTES) {
        if (is_dirty(atomic_load_relaxed(heap_card(card)))) {
            trace_on_card(tracer, b, cell, card);
            if (b->kind != CELL_WORDS) {
                return;
            }
        }
    }
}

/* Most cards of such a block were made dirty by young cells: the old ones are asked one by one. */
static void trace_few(struct tracer *tracer, size_t number, const struct block *b)
{
    for (unsigned w = 0; w < (b->cell_count + 63u) / 64; w++) {
        uint64_t marks = atomic_load_relaxed(&b->marked[w]);
        for (; marks != 0; marks &= marks - 1) {
            unsigned i = w * 64 + (unsigned)__builtin_ctzll(marks);
            trace_cell_on_cards(tracer, b, cell_address(number, b, i));
        }
    }
}

static void trace_small(struct tracer *tracer, size_t number, const struct block *b)
{
    const uint8_t *cards = block_cards(number);
    unsigned next = 0; /* cells before this one were traced */
    for (size_t c = find_dirty(cards, 0, BLOCK_CARDS); c < BLOCK_CARDS;
         c = find_dirty(cards, c + 1, BLOCK_CARDS)) {
        char *card = block_address(number) + c * CARD_BYTES;
        unsigned first = block_cell_index(b, card);
        unsigned last = block_cell_index(b, card + CARD_BYTES - 1);
        bool whole = b->kind != CELL_WORDS;
        if (last >= b->cell_count) {
            last = b->cell_count - 1u;
        }
        for (unsigned i = find_marked(b, whole && first < next ? next : first, last); i <= last;
             i = find_marked(b, i + 1, last)) {
            trace_on_card(tracer, b, cell_address(number, b, i), card);
        }
        next = last + 1;
    }
}

static void trace_large(struct tracer *tracer, size_t number, const struct block *b)
{
    if (!block_is_marked(b, 0)) {
        return;
    }
    char *cell = block_address(number);
    const struct cell_type *parts =
        is_dirty(atomic_load_relaxed(heap_card(cell))) ? NULL : type_with_parts(b, cell);
    for (uint32_t k = 0; k < b->span; k++) {
        const uint8_t *cards = block_cards(number + k);
        if (has_clean_cards(number + k)) {
            continue;
        }
        for (size_t c = find_dirty(cards, 0, BLOCK_CARDS); c < BLOCK_CARDS;
             c = find_dirty(cards, c + 1, BLOCK_CARDS)) {
            const char *card = block_address(number + k) + c * CARD_BYTES;
            if (parts != NULL) {
                parts->trace_part(cell, card, card + CARD_BYTES, tracer);
                continue;
            }
            trace_on_card(tracer, b, cell, card);
            if (b->kind != CELL_WORDS) {
                return;
            }
        }
    }
}

static void trace_block(size_t number, struct block *b, void *tracer)
{
    if (has_clean_cards(number) && block_uses[number] == BLOCK_SMALL) {
        return;
    } else if (!kind_has_cards(b->kind) || (b->live == 0 && ignored == CARD_CLEAN)) {
        return; /* nothing in it is marked; but by a probe */
    } else if (b->reciprocal == 0) {
        trace_large(tracer, number, b);
    } else if (b->live <= FEW_CELLS) {
        trace_few(tracer, number, b);
    } else {
        trace_small(tracer, number, b);
    }
}

void cards_trace_begin(bool since_probe)
{
    ignored = since_probe ? CARD_SEEN : CARD_CLEAN;
}

void cards_trace(struct tracer *tracer, struct block_share *share)
{
    blocks_share(share, trace_block, tracer);
}

/* ---- Tenured cells. */

/* Bit per card of 64: dirty. */
static uint64_t dirty_mask(const uint8_t *cards)
{
    uint64_t mask = 0;
    for (size_t c = find_dirty(cards, 0, 64); c < 64; c = find_dirty(cards, c + 1, 64)) {
        mask |= UINT64_C(1) << c;
    }
    return mask;
}

static void trace_tenured(size_t number, struct block *b, void *tracer)
{
    if (!b->tenured || !kind_has_cards(b->kind)) {
        return;
    }
    const struct tenure *t = &tenures[number];
    bool clean = has_clean_cards(number);
    unsigned next = 0; /* cells before this one were traced */
    for (unsigned w = 0; w < BLOCK_CARDS / 64; w++) {
        uint64_t cards = t->cards[w] | (clean ? 0 : dirty_mask(block_cards(number) + w * 64));
        for (; cards != 0; cards &= cards - 1) {
            size_t card = w * 64 + (unsigned)__builtin_ctzll(cards);
            const char *start = block_address(number) + card * CARD_BYTES;
            unsigned last = block_cell_index(b, start + CARD_BYTES - 1);
            unsigned i = block_cell_index(b, start);
            for (i = i < next ? next : i; i <= last && i < b->cell_count; i++) {
                if (tenure_has(b, i)) {
                    mark_again(tracer, cell_address(number, b, i));
                }
            }
            next = last + 1;
        }
    }
}

void cards_trace_tenured(struct tracer *tracer, struct block_share *share)
{
    blocks_share(share, trace_tenured, tracer);
}

/* Before the cards are cleaned. */
static void remember_tenured(size_t number, const struct block *b)
{
    if (!b->tenured || has_clean_cards(number)) {
        return;
    }
    for (unsigned w = 0; w < BLOCK_CARDS / 64; w++) {
        tenures[number].cards[w] |= dirty_mask(block_cards(number) + w * 64);
    }
}

/* ---- After marking. */

/* Does a word of the card look like a reference to an observed object? */
__attribute__((no_sanitize("address", "thread"))) static bool leads_to_observed(const char *card)
{
    const uint64_t *words = (const uint64_t *)(const void *)card;
    for (size_t i = 0; i < CARD_BYTES / sizeof *words; i++) {
        if (heap_is_observed(words[i])) {
            return true;
        }
    }
    return false;
}

static void clear_card(uint8_t *card, const char *start)
{
    uint8_t seen = atomic_load_relaxed(card);
    if (state_of(seen) != keep) {
        bool observed = (seen & CARD_OBSERVED) != 0 && leads_to_observed(start);
        atomic_store_relaxed(card, (uint8_t)(observed ? CARD_CLEAN | CARD_OBSERVED : CARD_CLEAN));
    }
}

/* Eight at once, unless some are kept or about observed objects. Two threads may meet the same
 * cards, of two blocks. Are they clean then? */
static bool clear_cards(uint8_t *cards, char *start)
{
    if ((load_eight(cards) & ~EIGHT(CARD_DIRTY | CARD_SEEN)) == 0) {
        atomic_store_relaxed((uint64_t *)(void *)cards, EIGHT(CARD_CLEAN));
        return true;
    }
    for (size_t c = find_dirty(cards, 0, 8); c < 8; c = find_dirty(cards, c + 1, 8)) {
        clear_card(&cards[c], start + c * CARD_BYTES);
    }
    return (load_eight(cards) & ~EIGHT(CARD_OBSERVED)) == EIGHT(CARD_CLEAN);
}

void cards_forget(const void *start, size_t bytes)
{
    const char *end = (const char *)start + bytes;
    for (const char *p = find_dirty_address(card_start(start), end); p < end;
         p = find_dirty_address(p + CARD_BYTES, end)) {
        if (state_of(*heap_card(p)) != keep) { /* else a cell that is kept shares the card */
            set_state(heap_card(p), CARD_CLEAN);
        }
    }
}

static bool have_remembered; /* all blocks, before the first is cleaned; in a stop */

static void remember_block(size_t number, struct block *b, void *unused)
{
    (void)unused;
    remember_tenured(number, b);
}

/* Is the heap so big that blocks share cards? That static data share them with blocks does no harm:
 * their cards are cleaned later. */
static bool cards_may_be_shared(void)
{
    size_t half = (HEAP_CARD_COUNT / 2 << HEAP_CARD_SHIFT) >> BLOCK_BITS;
    return pool.regions[0].frontier > half || pool.regions[1].frontier > half;
}

void cards_clean_begin(void)
{
    have_remembered = tenure_bytes() > 0 && cards_may_be_shared();
    if (have_remembered) {
        blocks_for_each_together(remember_block, NULL);
    }
}

void cards_clean(size_t number, const struct block *b)
{
    if (!have_remembered) {
        remember_tenured(number, b);
    }
    for (uint32_t k = 0; k < b->span; k++) {
        if (has_clean_cards(number + k)) {
            continue;
        }
        char *start = block_address(number + k);
        bool clean = true;
        for (size_t c = 0; c < BLOCK_CARDS; c += 8) {
            clean &= clear_cards(heap_card(start) + c, start + c * CARD_BYTES);
        }
        if (clean) {
            atomic_store_relaxed(heap_group(start), (uint8_t)0);
        }
    }
}

void cards_clean_end(void)
{
    keep ^= CARD_KEEP ^ (CARD_KEEP + 1);
}

static void settle_block(size_t number, struct block *b, void *argument)
{
    (void)argument;
    for (uint32_t k = 0; k < b->span; k++) {
        uint8_t *cards = block_cards(number + k);
        if (has_clean_cards(number + k)) {
            continue;
        }
        for (size_t c = find_dirty(cards, 0, BLOCK_CARDS); c < BLOCK_CARDS;
             c = find_dirty(cards, c + 1, BLOCK_CARDS)) {
            if (state_of(cards[c]) != keep) {
                set_state(&cards[c], CARD_SEEN);
            }
        }
    }
}

void cards_settle(void)
{
    ignored = CARD_SEEN;
    blocks_for_each(settle_block, NULL);
    ignored = CARD_CLEAN;
    keep ^= CARD_KEEP ^ (CARD_KEEP + 1);
}

struct owner {
    const struct block *block;
    const char *cell;
    bool tenured;
};

static const char *describe(const struct block *b, const void *cell)
{
    switch (kind_plain(b->kind)) {
    case CELL_OBJECT:
    case CELL_LEAF: {
        const PyTypeObject *type = ((const PyObject *)cell)->ob_type;
        return type != NULL ? type->tp_name : "object without a type";
    }
    case CELL_INTERNAL: {
        const struct cell_type *type = *(const struct cell_type *const *)cell;
        return type != NULL ? type->name : "internal cell without a type";
    }
    case CELL_WORDS: return "array";
    default: return "raw cell";
    }
}

static void check_reference(void *argument, const void *p)
{
    const struct owner *owner = argument;
    const void *cell = heap_find_cell(p);
    /* What was dead behind a dead object of an extension stays marked until the next full
     * collection (cycles.c), and may refer to one that has been deallocated meanwhile. */
    if (cell == NULL || cell_is_marked(cell) || heap_is_foreign(cell)) {
        return;
    }
    fatal_error("heap: %s %p refers to %s %p, which the collection did not find: a store bypassed "
                "the write barrier",
                describe(owner->block, owner->cell), (const void *)owner->cell,
                describe(block_find(cell), cell), cell);
}

static void check_static_reference(void *argument, const void *p)
{
    (void)argument;
    const void *cell = heap_find_cell(p);
    if (cell != NULL && !cell_is_marked(cell) && !heap_is_foreign(cell)) {
        fatal_error("heap: static data refer to %s %p, which the collection did not find: a store "
                    "bypassed the write barrier",
                    describe(block_find(cell), cell), cell);
    }
}

static void verify_block(size_t number, struct block *b, void *argument)
{
    (void)argument;
    if (!kind_has_cards(b->kind)) {
        return;
    }
    for (unsigned i = 0; i < b->cell_count; i++) {
        if (block_has_cell(b, i) && block_is_marked(b, i) &&
            (b->kind != HEAP_FOREIGN || foreign_is_object(b, i))) {
            struct owner owner = {b, cell_address(number, b, i), false};
            mark_report(owner.cell, check_reference, &owner);
        }
    }
}

void cards_verify(void)
{
    blocks_for_each(verify_block, NULL);
    roots_report_statics(check_static_reference, NULL);
}

/* ---- Before marking: does every reference that a partial marking relies on lie on a card? */

static bool is_kept_by_origin(const struct block *b, const void *cell)
{
    if (b->kind != CELL_INTERNAL) {
        return false;
    }
    const struct cell_type *type = *(const struct cell_type *const *)cell;
    return type != NULL && type->kept_by_origin;
}

static bool is_counted(const struct block *b, const void *cell)
{
    unsigned kind = kind_plain(b->kind);
    return (kind == CELL_OBJECT || kind == CELL_LEAF) && object_is_counted(cell);
}

static void check_told(void *argument, const void *p)
{
    const struct owner *owner = argument;
    const void *cell = heap_find_cell(p);
    if (cell == NULL) {
        return;
    }
    const struct block *b = block_find(cell);
    if (kind_plain(owner->block->kind) == CELL_OBJECT && is_kept_by_origin(b, cell)) {
        return;
    }
    if (is_counted(b, cell)) {
        return; /* extension code may have stored it */
    }
    unsigned i = block_cell_index(b, cell);
    bool young = block_cell_is_young(b, i) && !heap_is_foreign(cell);
    if (young || (owner->tenured && !tenure_has(b, i))) {
        fatal_error("heap: %s %p refers to %s %s %p, and no card tells: a store bypassed the write "
                    "barrier",
                    describe(owner->block, owner->cell), (const void *)owner->cell,
                    young ? "a young" : "another", describe(b, cell), cell);
    }
}

/* Is the card dirty, or does the block remember that it was? */
static bool card_tells(size_t number, const char *address, bool tenured)
{
    size_t card = (size_t)(address - block_address(number)) >> HEAP_CARD_SHIFT;
    return (state_of(*heap_card(address)) != CARD_CLEAN && *heap_group(address) != 0) ||
           (tenured && (tenures[number].cards[card / 64] >> (card % 64) & 1) != 0);
}

static bool any_card_tells(size_t number, const struct owner *owner)
{
    const char *end = owner->cell + block_cell_bytes(owner->block);
    for (const char *at = owner->cell; at < end; at += CARD_BYTES) {
        if (card_tells(number, at, owner->tenured)) {
            return true;
        }
    }
    return card_tells(number, end - 1, owner->tenured);
}

static void verify_words_told(size_t number, struct owner *owner)
{
    size_t count = block_cell_bytes(owner->block) / sizeof(void *);
    const void *const *words = (const void *const *)(const void *)owner->cell;
    for (size_t i = 0; i < count; i++) {
        if (!card_tells(number, (const char *)&words[i], owner->tenured)) {
            check_told(owner, words[i]);
        }
    }
}

static void verify_told(size_t number, struct block *b, void *unused)
{
    (void)unused;
    if (!kind_has_cards(b->kind) || b->kind == HEAP_FOREIGN) {
        return;
    }
    for (unsigned i = 0; i < b->cell_count; i++) {
        struct owner owner = {b, cell_address(number, b, i), tenure_has(b, i)};
        if (!block_has_cell(b, i) || block_cell_is_young(b, i)) {
            continue;
        } else if (b->kind == CELL_WORDS) {
            verify_words_told(number, &owner);
        } else if (!any_card_tells(number, &owner)) {
            mark_report(owner.cell, check_told, &owner);
        }
    }
}

void cards_verify_told(void)
{
    blocks_for_each(verify_told, NULL);
}
