/* SPDX-License-Identifier: MIT */
/* Strings: memory, hashing, interning, comparison, concatenation. The type object and methods are
 * in str_methods.c, searching in str_search.c, case and character data in str_case.c, formatting in
 * str_format.c and str_percent.c, encodings in codec_*.c.
 *
 * Layouts
 *  1. Compact (PEP 393): characters follow the header; 1, 2 or 4 bytes each, the smallest that
 * fits. ASCII ones are leaf cells; others may refer to their UTF-8 text, made when first asked for.
 *  2. Instances of subclasses: a PyUnicodeObject whose data.any points to a raw cell of its own.
 *  3. Shared tails: exact strs with the PyUnicodeObject header whose data.any points into a
 *     concat_buffer. `s += t` in a loop would copy s each time, because nobody can know that s has
 *     no other owner. So a big concatenation leaves spare room in such a buffer; when the left
 *     operand of a later one ends where the buffer's used part ends, the right operand's characters
 *     are claimed (compare-and-swap on `used`) and written behind it, and only a new header is
 *     made. The characters before never change, so all older headers stay right.
 *
 * A str is immutable but for three fields, which any thread may write with the same result: hash
 * (relaxed), utf8 with utf8_length, and the interned bit (under the intern lock).
 *
 * Interning: shards of open-addressed tables in malloc memory. Readers probe without a lock;
 * writers hold the shard's mutex; replaced tables are retired in a stop and freed later. The
 * tables keep nothing alive: after marking, str_intern_sweep drops what is about to die. */
#include "object/str_int.h"

#include <stdlib.h>

#include "base/hash.h"
#include "object/codec.h"
#include "object/int.h"
#include "thread/lock.h"

_Static_assert(sizeof(PyASCIIObject) == 48, "PyASCIIObject is what extensions expect");
_Static_assert(sizeof(PyCompactUnicodeObject) == 72, "PyCompactUnicodeObject too");

static PyObject *empty_string;
static PyObject *latin1_chars[256]; /* atomic */

/* ---- Scanning and copying. */

size_t text_ascii_prefix(const char *text, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t w;
        memcpy(&w, text + i, 8);
        w &= UINT64_C(0x8080808080808080);
        if (w) {
            return i + (size_t)(__builtin_ctzll(w) >> 3);
        }
    }
    while (i < n && !(text[i] & 0x80)) {
        i++;
    }
    return i;
}

static Py_UCS4 scan_max2(const Py_UCS2 *p, Py_ssize_t n)
{
    uint64_t bits = 0;
    Py_ssize_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t w[2];
        memcpy(w, p + i, 16);
        bits |= w[0] | w[1];
        if (bits & UINT64_C(0xff00ff00ff00ff00)) {
            return 0xffff;
        }
    }
    for (; i < n; i++) {
        bits |= p[i];
    }
    if (bits & UINT64_C(0xff00ff00ff00ff00)) {
        return 0xffff;
    }
    return bits & UINT64_C(0x0080008000800080) ? 0xff : 0x7f;
}

static Py_UCS4 scan_max4(const Py_UCS4 *p, Py_ssize_t n)
{
    Py_UCS4 bits = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        bits |= p[i];
        if (bits > 0xffff) {
            return 0x10ffff;
        }
    }
    return bits > 0xff ? 0xffff : bits > 0x7f ? 0xff : 0x7f;
}

Py_UCS4 str_scan_max(int kind, const void *data, Py_ssize_t length)
{
    if (kind == 1) {
        return text_is_ascii(data, (size_t)length) ? 0x7f : 0xff;
    }
    return kind == 2 ? scan_max2(data, length) : scan_max4(data, length);
}

#define COPY_LOOP(To, From)                                                                        \
    do {                                                                                           \
        To *t = (To *)to + to_index;                                                               \
        const From *f = (const From *)from + from_index;                                           \
        for (Py_ssize_t i = 0; i < count; i++) {                                                   \
            t[i] = (To)f[i];                                                                       \
        }                                                                                          \
    } while (0)

VECTORIZED
void str_convert_chars(int to_kind, void *to, Py_ssize_t to_index, int from_kind, const void *from,
                       Py_ssize_t from_index, Py_ssize_t count)
{
    switch (to_kind * 8 + from_kind) {
    case 1 * 8 + 2: COPY_LOOP(Py_UCS1, Py_UCS2); break;
    case 1 * 8 + 4: COPY_LOOP(Py_UCS1, Py_UCS4); break;
    case 2 * 8 + 1: COPY_LOOP(Py_UCS2, Py_UCS1); break;
    case 2 * 8 + 4: COPY_LOOP(Py_UCS2, Py_UCS4); break;
    case 4 * 8 + 1: COPY_LOOP(Py_UCS4, Py_UCS1); break;
    default: COPY_LOOP(Py_UCS4, Py_UCS2); break;
    }
}

/* ---- Making. */

static inline void set_state(PyObject *s, unsigned state)
{
    memcpy(&((PyASCIIObject *)s)->state, &state, sizeof state);
}

static COLD PyObject *no_memory(void)
{
    error_no_memory();
    return NULL;
}

PyObject *str_alloc(Py_ssize_t length, int kind, bool ascii)
{
    size_t header = ascii ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    unsigned shift = (unsigned)kind >> 1; /* characters of 1, 2 or 4 bytes */
    if (UNLIKELY((size_t)length >= (((size_t)PY_SSIZE_T_MAX - header) >> shift) - 1)) {
        return no_memory();
    }
    size_t bytes = header + (((size_t)length + 1) << shift);
    PyASCIIObject *s = heap_alloc_uncleared(bytes, ascii ? CELL_LEAF : CELL_OBJECT);
    if (UNLIKELY(s == NULL)) {
        return no_memory();
    }
    str_init_head(s, length, kind, ascii);
    if (LIKELY(kind == 1)) {
        ((char *)s)[bytes - 1] = 0;
    } else {
        memset((char *)s + bytes - kind, 0, (size_t)kind);
    }
    return (PyObject *)s;
}

static inline int kind_of_max(Py_UCS4 max_char)
{
    return max_char < 0x100 ? 1 : max_char < 0x10000 ? 2 : 4;
}

PyObject *str_new(Py_ssize_t length, Py_UCS4 max_char)
{
    if (length == 0) {
        return str_empty();
    }
    return str_alloc(length, kind_of_max(max_char), max_char < 0x80);
}

void str_set_length(PyObject *s, Py_ssize_t length)
{
    if (length == str_length(s)) {
        return;
    }
    ((PyASCIIObject *)s)->length = length;
    str_write(str_kind(s), str_writable(s), length, 0);
}

PyObject *str_empty(void)
{
    if (UNLIKELY(empty_string == NULL)) {
        empty_string = str_alloc(0, 1, true);
    }
    return empty_string;
}

static COLD PyObject *make_latin1_char(Py_UCS4 c)
{
    PyObject *s = str_alloc(1, 1, c < 0x80);
    if (s == NULL) {
        return NULL;
    }
    *(Py_UCS1 *)str_writable(s) = (Py_UCS1)c;
    PyObject *found = NULL;
    return atomic_cas_acq_rel(&latin1_chars[c], found, s) ? s : found;
}

PyObject *str_from_char(Py_UCS4 c)
{
    if (LIKELY(c < 256)) {
        PyObject *s = atomic_load_acquire(&latin1_chars[c]);
        return LIKELY(s != NULL) ? s : make_latin1_char(c);
    }
    PyObject *s = str_new(1, c);
    if (s != NULL) {
        str_write(str_kind(s), str_writable(s), 0, c);
    }
    return s;
}

PyObject *str_from_ascii(const char *text, Py_ssize_t length)
{
    if (length <= 1) {
        return length == 0 ? str_empty() : str_from_char((unsigned char)*text);
    }
    PyObject *s = str_alloc_ascii(length);
    if (LIKELY(s != NULL)) {
        text_copy((char *)((PyASCIIObject *)s + 1), text, (size_t)length);
    }
    return s;
}

PyObject *str_from_utf8(const char *text, Py_ssize_t length)
{
    if (text_is_ascii(text, (size_t)length)) {
        return str_from_ascii(text, length);
    }
    return codec_utf8_decode(text, length, NULL, NULL);
}

PyObject *str_from_text(const char *text)
{
    return str_from_utf8(text, (Py_ssize_t)strlen(text));
}

PyObject *str_from_kind(int kind, const void *data, Py_ssize_t length)
{
    if (length <= 1) {
        return length == 0 ? str_empty() : str_from_char(str_read(kind, data, 0));
    }
    PyObject *s = str_new(length, str_scan_max(kind, data, length));
    if (s != NULL) {
        str_copy_chars(str_kind(s), str_writable(s), 0, kind, data, 0, length);
    }
    return s;
}

PyObject *str_from_latin1(const Py_UCS1 *text, Py_ssize_t length)
{
    return str_from_kind(1, text, length);
}

PyObject *str_from_ucs4(const Py_UCS4 *text, Py_ssize_t length)
{
    return str_from_kind(4, text, length);
}

PyObject *str_new_subtype(PyTypeObject *type, PyObject *s)
{
    PyUnicodeObject *o = (PyUnicodeObject *)object_alloc(type, 0);
    if (o == NULL) {
        return NULL;
    }
    Py_ssize_t length = str_length(s);
    int kind = str_kind(s);
    void *data = heap_alloc(((size_t)length + 1) * (size_t)kind, CELL_RAW);
    if (data == NULL) {
        error_no_memory();
        return NULL;
    }
    memcpy(data, str_data(s), (size_t)length * (size_t)kind);
    PyASCIIObject *head = (PyASCIIObject *)o;
    head->length = length;
    head->hash = atomic_load_relaxed(&((PyASCIIObject *)s)->hash);
    set_state((PyObject *)o,
              (unsigned)kind << STR_KIND_SHIFT | STR_READY | (str_is_ascii(s) ? STR_ASCII : 0));
    heap_init(o, &o->data.any, data);
    return (PyObject *)o;
}

PyObject *str_exact(PyObject *s)
{
    return s->ob_type == &PyUnicode_Type ? s : str_substring(s, 0, str_length(s));
}

/* ---- UTF-8 text. */

static const char *keep_utf8(PyObject *s, const char *text, Py_ssize_t n)
{
    PyCompactUnicodeObject *c = (PyCompactUnicodeObject *)s;
    atomic_store_relaxed(&c->utf8_length, n);
    heap_store(s, &c->utf8, text);
    return text;
}

static const char *make_utf8(PyObject *s, Py_ssize_t *length)
{
    Py_ssize_t n = codec_utf8_length(s);
    if (n < 0) {
        return NULL;
    }
    char *text = heap_alloc((size_t)n + 1, CELL_RAW);
    if (text == NULL) {
        error_no_memory();
        return NULL;
    }
    codec_utf8_fill(s, text);
    *length = n;
    return keep_utf8(s, text, n);
}

const char *str_utf8(PyObject *s, Py_ssize_t *length)
{
    Py_ssize_t unused;
    if (length == NULL) {
        length = &unused;
    }
    if (LIKELY(str_is_ascii(s)) && !str_is_shared_tail(s)) {
        *length = str_length(s);
        return str_data(s);
    }
    char *cached = atomic_load_acquire(&((PyCompactUnicodeObject *)s)->utf8);
    if (cached != NULL) {
        *length = ((PyCompactUnicodeObject *)s)->utf8_length;
        return cached;
    }
    return make_utf8(s, length);
}

/* ---- Hash and equality. */

Py_hash_t str_hash(PyObject *s)
{
    PyASCIIObject *a = (PyASCIIObject *)s;
    Py_hash_t h = atomic_load_relaxed(&a->hash);
    if (LIKELY(h != -1)) {
        return h;
    }
    h = hash_bytes(str_data(s), (size_t)a->length * (size_t)str_kind(s));
    atomic_store_relaxed(&a->hash, h);
    return h;
}

bool str_equal(PyObject *a, PyObject *b)
{
    if (a == b) {
        return true;
    }
    Py_ssize_t length = str_length(a);
    int kind = str_kind(a);
    if (length != str_length(b) || kind != str_kind(b)) {
        return false;
    }
    return memcmp(str_data(a), str_data(b), (size_t)length * (size_t)kind) == 0;
}

bool str_equal_text(PyObject *s, const char *ascii)
{
    size_t n = strlen(ascii);
    return (size_t)str_length(s) == n && str_is_ascii(s) && memcmp(str_data(s), ascii, n) == 0;
}

int str_compare(PyObject *a, PyObject *b)
{
    Py_ssize_t la = str_length(a), lb = str_length(b);
    Py_ssize_t n = la < lb ? la : lb;
    int ka = str_kind(a), kb = str_kind(b);
    const void *da = str_data(a), *db = str_data(b);
    if (ka == 1 && kb == 1) {
        int c = memcmp(da, db, (size_t)n);
        if (c != 0) {
            return c < 0 ? -1 : 1;
        }
    } else {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_UCS4 ca = str_read(ka, da, i), cb = str_read(kb, db, i);
            if (ca != cb) {
                return ca < cb ? -1 : 1;
            }
        }
    }
    return la < lb ? -1 : la > lb;
}

/* ---- Interning. */

enum { INTERN_SHARDS = 16 };

struct intern_table {
    struct intern_table *replaced; /* older tables that readers may still probe */
    size_t mask;
    PyObject *entries[]; /* atomic; NULL ends a probe */
};

static struct intern_shard {
    struct mutex mutex;
    struct intern_table *table; /* atomic */
    size_t count;               /* under mutex */
    PyObject **young;           /* interned since the last collection; under mutex */
    size_t young_count, young_room;
    struct intern_table *retired; /* replaced tables that nobody probes any more; under mutex */
} intern_shards[INTERN_SHARDS];

static inline struct intern_shard *shard_for(Py_hash_t h)
{
    return &intern_shards[((uint64_t)h >> 56) & (INTERN_SHARDS - 1)];
}

static PyObject *table_find(const struct intern_table *t, PyObject *s, Py_hash_t h)
{
    if (t == NULL) {
        return NULL;
    }
    for (size_t i = (size_t)h & t->mask;; i = (i + 1) & t->mask) {
        PyObject *e = atomic_load_acquire(&t->entries[i]);
        if (e == NULL) {
            return NULL;
        }
        if (((PyASCIIObject *)e)->hash == h && str_equal(e, s)) {
            return e;
        }
    }
}

static void table_put(struct intern_table *t, PyObject *s)
{
    size_t i = (size_t)((PyASCIIObject *)s)->hash & t->mask;
    while (t->entries[i] != NULL) {
        i = (i + 1) & t->mask;
    }
    atomic_store_release(&t->entries[i], s);
}

static void free_retired_locked(struct intern_shard *shard)
{
    while (shard->retired != NULL) {
        struct intern_table *t = shard->retired;
        shard->retired = t->replaced;
        free(t);
    }
}

static bool shard_grow_locked(struct intern_shard *shard)
{
    free_retired_locked(shard);
    struct intern_table *old = shard->table;
    size_t size = old == NULL ? 256 : (old->mask + 1) * 2;
    struct intern_table *t = calloc(1, sizeof *t + size * sizeof(PyObject *));
    if (t == NULL) {
        return false;
    }
    t->mask = size - 1;
    t->replaced = old;
    for (size_t i = 0; old != NULL && i <= old->mask; i++) {
        if (old->entries[i] != NULL) {
            table_put(t, old->entries[i]);
        }
    }
    atomic_store_release(&shard->table, t);
    return true;
}

static bool shard_note_more_locked(struct intern_shard *shard)
{
    size_t room = shard->young_room * 2 + 64;
    PyObject **young = realloc(shard->young, room * sizeof *young);
    if (young == NULL) {
        return false;
    }
    shard->young = young;
    shard->young_room = room;
    return true;
}

static PyObject *shard_insert_locked(struct intern_shard *shard, PyObject *s, Py_hash_t h)
{
    PyObject *found = table_find(shard->table, s, h);
    if (found != NULL) {
        return found;
    }
    if (shard->table == NULL || shard->count * 2 > shard->table->mask) {
        if (!shard_grow_locked(shard)) {
            return NULL;
        }
    }
    if (shard->young_count == shard->young_room && !shard_note_more_locked(shard)) {
        return NULL;
    }
    shard->young[shard->young_count++] = s;
    atomic_fetch_or_relaxed((uint32_t *)(void *)&((PyASCIIObject *)s)->state,
                            SSTATE_INTERNED_MORTAL);
    table_put(shard->table, s);
    shard->count++;
    return s;
}

PyObject *str_copy(PyObject *s)
{
    PyObject *copy = str_alloc(str_length(s), str_kind(s), str_is_ascii(s));
    if (copy != NULL) {
        memcpy(str_writable(copy), str_data(s), (size_t)str_length(s) * (size_t)str_kind(s));
    }
    return copy;
}

PyObject *str_intern(PyObject *s)
{
    if (str_is_interned(s)) {
        return s;
    }
    Py_hash_t h = str_hash(s);
    struct intern_shard *shard = shard_for(h);
    PyObject *found = table_find(atomic_load_acquire(&shard->table), s, h);
    if (found != NULL) {
        return found;
    }
    if (!str_is_compact(s)) {
        s = str_copy(s);
        if (s == NULL) {
            return NULL;
        }
        str_hash(s);
    } else if (str_length(s) == 1 && str_at(s, 0) < 256) {
        s = str_from_char(str_at(s, 0));
        str_hash(s);
    }
    mutex_lock(&shard->mutex);
    found = shard_insert_locked(shard, s, h);
    mutex_unlock(&shard->mutex);
    if (found == NULL) {
        error_no_memory();
    }
    return found;
}

PyObject *str_intern_text(const char *text)
{
    PyObject *s = str_from_text(text);
    s = s == NULL ? NULL : str_intern(s);
    if (s == NULL) {
        fatal_memory("no memory for a name"); /* names of the program's own: nobody expects NULL */
    }
    return s;
}

/* Closes the gap: entries behind it move up unless that would bring them before their place (Knuth,
 * The Art of Computer Programming 3, 6.4, algorithm R). The world is stopped. */
static void table_remove(struct intern_table *t, const PyObject *s)
{
    size_t gap = (size_t)((const PyASCIIObject *)s)->hash & t->mask;
    while (t->entries[gap] != s) {
        gap = (gap + 1) & t->mask;
    }
    for (size_t i = (gap + 1) & t->mask; t->entries[i] != NULL; i = (i + 1) & t->mask) {
        size_t home = (size_t)((PyASCIIObject *)t->entries[i])->hash & t->mask;
        if (((i - home) & t->mask) >= ((i - gap) & t->mask)) {
            t->entries[gap] = t->entries[i];
            gap = i;
        }
    }
    t->entries[gap] = NULL;
}

static void sweep_young(struct intern_shard *shard)
{
    for (size_t i = 0; i < shard->young_count; i++) {
        if (heap_is_dead(shard->young[i])) {
            table_remove(shard->table, shard->young[i]);
            shard->count--;
        }
    }
}

static void sweep_all(struct intern_shard *shard)
{
    struct intern_table *t = shard->table;
    for (size_t i = 0; i <= t->mask; i++) {
        while (t->entries[i] != NULL && heap_is_dead(t->entries[i])) {
            table_remove(t, t->entries[i]); /* the next entry may move here */
            shard->count--;
        }
    }
}

/* No malloc and no free: a thread that was stopped in extension code may hold their locks. The last
 * growth has emptied the retired tables before it replaced one. */
void str_intern_sweep(bool full)
{
    for (size_t i = 0; i < INTERN_SHARDS; i++) {
        struct intern_shard *shard = &intern_shards[i];
        if (shard->table == NULL) {
            continue;
        }
        if (shard->table->replaced != NULL) {
            shard->retired = shard->table->replaced;
            shard->table->replaced = NULL;
        }
        if (full) {
            sweep_all(shard);
        } else {
            sweep_young(shard);
        }
        shard->young_count = 0;
    }
}

int str_init(void)
{
    hash_init(false, 0); /* if nobody has chosen a key */
    for (size_t i = 0; i < INTERN_SHARDS; i++) {
        intern_shards[i].mutex = (struct mutex)MUTEX_INIT(INTERN);
    }
    return str_empty() == NULL ? -1 : 0;
}

/* ---- Substring, concatenation, repetition. */

PyObject *str_substring(PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t length = str_length(s);
    if (end > length) {
        end = length;
    }
    if (start >= end) {
        return str_empty();
    }
    if (start == 0 && end == length && s->ob_type == &PyUnicode_Type) {
        return s;
    }
    int kind = str_kind(s);
    const char *data = (const char *)str_data(s) + start * kind;
    if (str_is_ascii(s)) {
        return str_from_ascii(data, end - start);
    }
    return str_from_kind(kind, data, end - start);
}

/* Concatenations of at least so many characters leave spare room. */
enum { CONCAT_SHARED_MIN = 512 };

/* A header for the first `length` characters of the buffer. */
static PyObject *shared_tail_new(struct concat_buffer *buffer, size_t length, int kind, bool ascii)
{
    PyUnicodeObject *s = heap_alloc(sizeof *s, CELL_OBJECT);
    if (s == NULL) {
        error_no_memory();
        return NULL;
    }
    PyASCIIObject *head = (PyASCIIObject *)s;
    head->ob_base.ob_refcnt = OBJECT_PUBLIC_COUNT;
    head->length = (Py_ssize_t)length;
    head->hash = -1;
    set_state((PyObject *)s,
              (unsigned)kind << STR_KIND_SHIFT | STR_READY | (ascii ? STR_ASCII : 0));
    heap_init(s, &s->data.any, buffer->data);
    head->ob_base.ob_type = &PyUnicode_Type;
    return (PyObject *)s;
}

static struct concat_buffer *concat_buffer_new(size_t length, int kind)
{
    size_t capacity = length + length / 2;
    struct concat_buffer *buffer =
        heap_alloc_uncleared(sizeof *buffer + (capacity + 1) * (size_t)kind, CELL_RAW);
    if (buffer == NULL) {
        error_no_memory();
        return NULL;
    }
    buffer->used = length;
    buffer->capacity = capacity;
    return buffer;
}

/* a + b in the spare room behind a; NULL without an exception if there is none. */
static PyObject *concat_behind(PyObject *a, PyObject *b, int kind, bool ascii)
{
    char *data = ((PyUnicodeObject *)a)->data.any;
    struct concat_buffer *buffer =
        (struct concat_buffer *)(data - offsetof(struct concat_buffer, data));
    size_t la = (size_t)str_length(a), lb = (size_t)str_length(b);
    size_t expected = la;
    if (str_kind(a) != kind || buffer->capacity - la < lb ||
        atomic_load_relaxed(&buffer->used) != la ||
        !atomic_cas_acq_rel(&buffer->used, expected, la + lb)) {
        return NULL;
    }
    str_copy_chars(kind, data, (Py_ssize_t)la, str_kind(b), str_data(b), 0, (Py_ssize_t)lb);
    return shared_tail_new(buffer, la + lb, kind, ascii);
}

static PyObject *concat_big(PyObject *a, PyObject *b, int kind, bool ascii)
{
    if (str_is_shared_tail(a)) {
        PyObject *s = concat_behind(a, b, kind, ascii);
        if (s != NULL || error_occurred()) {
            return s;
        }
    }
    Py_ssize_t la = str_length(a), lb = str_length(b);
    struct concat_buffer *buffer = concat_buffer_new((size_t)la + (size_t)lb, kind);
    if (buffer == NULL) {
        return NULL;
    }
    str_copy_chars(kind, buffer->data, 0, str_kind(a), str_data(a), 0, la);
    str_copy_chars(kind, buffer->data, la, str_kind(b), str_data(b), 0, lb);
    return shared_tail_new(buffer, (size_t)la + (size_t)lb, kind, ascii);
}

PyObject *str_concat(PyObject *a, PyObject *b)
{
    Py_ssize_t la = str_length(a), lb = str_length(b);
    if (lb == 0) {
        return str_exact(a);
    }
    if (la == 0) {
        return str_exact(b);
    }
    if (la > PY_SSIZE_T_MAX - lb) {
        return error_raise_null(PyExc_OverflowError, "strings are too large to concat");
    }
    int ka = str_kind(a), kb = str_kind(b);
    int kind = ka > kb ? ka : kb;
    bool ascii = str_is_ascii(a) && str_is_ascii(b);
    if (la + lb >= CONCAT_SHARED_MIN && la >= lb) {
        return concat_big(a, b, kind, ascii);
    }
    PyObject *s = str_alloc(la + lb, kind, ascii);
    if (s == NULL) {
        return NULL;
    }
    void *data = str_writable(s);
    str_copy_chars(kind, data, 0, ka, str_data(a), 0, la);
    str_copy_chars(kind, data, la, kb, str_data(b), 0, lb);
    return s;
}

/* Fills `total` bytes by doubling the first `unit` bytes, which are there already. */
static void fill_by_doubling(char *data, size_t unit, size_t total)
{
    size_t done = unit;
    while (done < total) {
        size_t n = done < total - done ? done : total - done;
        memcpy(data + done, data, n);
        done += n;
    }
}

PyObject *str_repeat(PyObject *s, Py_ssize_t count)
{
    Py_ssize_t length = str_length(s);
    if (count <= 0 || length == 0) {
        return str_empty();
    }
    if (count == 1) {
        return str_exact(s);
    }
    if (length > PY_SSIZE_T_MAX / count) {
        return error_raise_null(PyExc_OverflowError, "repeated string is too long");
    }
    int kind = str_kind(s);
    PyObject *r = str_alloc(length * count, kind, str_is_ascii(s));
    if (r == NULL) {
        return NULL;
    }
    char *data = str_writable(r);
    if (length == 1 && kind == 1) {
        memset(data, *(const char *)str_data(s), (size_t)count);
        return r;
    }
    memcpy(data, str_data(s), (size_t)(length * kind));
    fill_by_doubling(data, (size_t)(length * kind), (size_t)(length * count) * (size_t)kind);
    return r;
}

Value str_getitem_index(PyObject *s, Py_ssize_t i)
{
    Py_ssize_t length = str_length(s);
    if (i < 0) {
        i += length;
    }
    if (UNLIKELY((size_t)i >= (size_t)length)) {
        return error_raise(PyExc_IndexError, "string index out of range");
    }
    return value_from_object(str_from_char(str_at(s, i)));
}
