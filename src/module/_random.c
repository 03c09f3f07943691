/* SPDX-License-Identifier: MIT */
/* _random: the Mersenne Twister MT19937 (M. Matsumoto, T. Nishimura, 1998), seeded and read as
 * Python's random module documents, so that sequences agree. A generator's state is under its byte
 * lock. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "thread/lock.h"

enum { WORDS = 624, MIDDLE = 397 };

struct generator {
    PyObject_HEAD uint32_t state[WORDS]; /* under lock */
    uint32_t index;
    uint8_t lock;
};

static PyTypeObject Random_Type;

static struct generator *generator_of(Value v)
{
    return (struct generator *)value_object(v);
}

/* ---- The generator; the lock is held. */

static ALWAYS_INLINE uint32_t twist(uint32_t high, uint32_t low)
{
    uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return (y >> 1) ^ (-(low & 1) & 0x9908b0dfu);
}

static void refill(struct generator *g)
{
    uint32_t *s = g->state;
    for (int i = 0; i < WORDS - MIDDLE; i++) {
        s[i] = s[i + MIDDLE] ^ twist(s[i], s[i + 1]);
    }
    for (int i = WORDS - MIDDLE; i < WORDS - 1; i++) {
        s[i] = s[i - (WORDS - MIDDLE)] ^ twist(s[i], s[i + 1]);
    }
    s[WORDS - 1] = s[MIDDLE - 1] ^ twist(s[WORDS - 1], s[0]);
    g->index = 0;
}

static uint32_t next_word(struct generator *g)
{
    if (g->index >= WORDS) {
        refill(g);
    }
    uint32_t y = g->state[g->index++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

static void seed_with_word(struct generator *g, uint32_t seed)
{
    g->state[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t last = g->state[i - 1];
        g->state[i] = 1812433253u * (last ^ (last >> 30)) + i;
    }
    g->index = WORDS;
}

static void seed_with_key(struct generator *g, const uint32_t *key, size_t length)
{
    uint32_t *s = g->state;
    seed_with_word(g, 19650218u);
    size_t i = 1, j = 0;
    for (size_t k = length > WORDS ? length : WORDS; k > 0; k--) {
        s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1664525u)) + key[j] + (uint32_t)j;
        j = j + 1 < length ? j + 1 : 0;
        if (++i == WORDS) {
            s[0] = s[WORDS - 1];
            i = 1;
        }
    }
    for (size_t k = WORDS - 1; k > 0; k--) {
        s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1566083941u)) - (uint32_t)i;
        if (++i == WORDS) {
            s[0] = s[WORDS - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u;
}

/* ---- Seeding. */

static void seed_from_system(struct generator *g)
{
    uint32_t key[WORDS];
    size_t length = WORDS;
    if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) {
        struct timespec now, cpu;
        clock_gettime(CLOCK_REALTIME, &now);
        clock_gettime(CLOCK_MONOTONIC, &cpu);
        uint32_t parts[] = {(uint32_t)now.tv_sec, (uint32_t)now.tv_nsec, (uint32_t)getpid(),
                            (uint32_t)cpu.tv_sec, (uint32_t)cpu.tv_nsec};
        memcpy(key, parts, sizeof parts);
        length = sizeof parts / sizeof *parts;
    }
    byte_lock(&g->lock);
    seed_with_key(g, key, length);
    byte_unlock(&g->lock);
}

static Value absolute(Value v)
{
    return int_sign(v) < 0 ? int_binary(value_from_int(0), v, OP_SUB) : int_plain(v);
}

static int seed_from_int(struct generator *g, Value n)
{
    size_t bits = int_bit_length(n), words = bits == 0 ? 1 : (bits + 31) / 32;
    uint32_t *key = heap_alloc(words * 4, CELL_RAW);
    if (key == NULL) {
        error_no_memory();
        return -1;
    }
    if (int_to_byte_array(n, (unsigned char *)key, words * 4, true, false) < 0) {
        return -1;
    }
    byte_lock(&g->lock);
    seed_with_key(g, key, words);
    byte_unlock(&g->lock);
    return 0;
}

static int seed(struct generator *g, Value v)
{
    if (value_is_absent(v) || value_is_none(v)) {
        seed_from_system(g);
        return 0;
    }
    Value n;
    if (int_check(v)) {
        n = absolute(v);
    } else {
        Py_hash_t hash = object_hash(v);
        if (hash == -1) {
            return -1;
        }
        n = int_from_u64((uint64_t)hash);
    }
    return value_is_null(n) ? -1 : seed_from_int(g, n);
}

/* ---- Methods. */

static Value random_random(Value self)
{
    struct generator *g = generator_of(self);
    byte_lock(&g->lock);
    uint32_t a = next_word(g) >> 5, b = next_word(g) >> 6;
    byte_unlock(&g->lock);
    return value_from_double((a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}

static Value random_seed(Value self, const Value *args)
{
    return seed(generator_of(self), args[0]) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value big_bits(struct generator *g, size_t bits)
{
    size_t words = (bits + 31) / 32;
    uint32_t *out = heap_alloc(words * 4, CELL_RAW);
    if (out == NULL) {
        return error_no_memory();
    }
    byte_lock(&g->lock);
    for (size_t i = 0; i < words; i++, bits -= 32) {
        uint32_t word = next_word(g);
        out[i] = bits < 32 ? word >> (32 - bits) : word;
        if (bits < 32) {
            break;
        }
    }
    byte_unlock(&g->lock);
    return int_from_byte_array((unsigned char *)out, words * 4, true, false);
}

static Value random_getrandbits(Value self, Value arg)
{
    struct generator *g = generator_of(self);
    int bits;
    if (arg_int(arg, &bits) < 0) {
        return VALUE_NULL;
    }
    if (bits < 0) {
        return error_raise(PyExc_ValueError, "number of bits must be non-negative");
    }
    if (bits == 0) {
        return value_from_int(0);
    }
    if (bits > 32) {
        return big_bits(g, (size_t)bits);
    }
    byte_lock(&g->lock);
    uint32_t word = next_word(g);
    byte_unlock(&g->lock);
    return value_from_int(word >> (32 - bits));
}

static Value random_getstate(Value self)
{
    struct generator *g = generator_of(self);
    uint32_t copy[WORDS + 1];
    byte_lock(&g->lock);
    memcpy(copy, g->state, sizeof g->state);
    copy[WORDS] = g->index;
    byte_unlock(&g->lock);
    Value items[WORDS + 1];
    for (int i = 0; i <= WORDS; i++) {
        items[i] = value_from_int(copy[i]);
    }
    return value_from_object(tuple_from_array(items, WORDS + 1));
}

static int read_state(PyObject *tuple, uint32_t *copy)
{
    for (int i = 0; i <= WORDS; i++) {
        Value item = tuple_get(tuple, i);
        uint64_t word;
        if (!int_check(item)) {
            return error_raise_int(PyExc_TypeError, "an integer is required");
        }
        if (int_to_u64(item, &word) < 0) {
            return -1;
        }
        copy[i] = (uint32_t)word;
    }
    if (copy[WORDS] > WORDS) {
        return error_raise_int(PyExc_ValueError, "invalid state");
    }
    return 0;
}

static Value random_setstate(Value self, Value state)
{
    struct generator *g = generator_of(self);
    uint32_t copy[WORDS + 1];
    if (!tuple_check(state)) {
        return error_raise(PyExc_TypeError, "state vector must be a tuple");
    }
    if (tuple_length(value_object(state)) != WORDS + 1) {
        return error_raise(PyExc_ValueError, "state vector is the wrong size");
    }
    if (read_state(value_object(state), copy) < 0) {
        return VALUE_NULL;
    }
    byte_lock(&g->lock);
    memcpy(g->state, copy, sizeof g->state);
    g->index = copy[WORDS];
    byte_unlock(&g->lock);
    return VALUE_NONE;
}

static Value random_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)args;
    (void)nargs;
    (void)kwnames;
    return value_from_object(object_alloc(type, 0));
}

static int random_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (value_type(self) == &Random_Type && kwnames != NULL && tuple_length(kwnames) > 0) {
        return error_raise_int(PyExc_TypeError, "Random() takes no keyword arguments");
    }
    if (nargs > 1) {
        return error_raise_int(PyExc_TypeError, "Random() requires 0 or 1 argument");
    }
    return seed(generator_of(self), nargs == 1 ? args[0] : VALUE_ABSENT);
}

static const struct native_def methods[] = {
    {"random", "($self, /)", "random() -> x in the interval [0, 1).", .f0 = random_random},
    {"seed", "($self, n=None, /)", "Defines the state from an int, or anything hashable.",
     .n = random_seed},
    {"getstate", "($self, /)", "Returns tuple containing the current state.",
     .f0 = random_getstate},
    {"setstate", "($self, state, /)", "Restores generator state.", .f1 = random_setstate},
    {"getrandbits", "($self, k, /)", "Generates an int with k random bits.",
     .f1 = random_getrandbits},
    {NULL},
};

static struct type_info random_info = {
    .ops = {.new_ = random_new, .init = random_init},
    .methods = methods,
    .flags = TYPE_LEAF,
};

static PyTypeObject Random_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_random.Random",
    .tp_basicsize = sizeof(struct generator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Random() -> create a random number generator with its own internal state.",
    .tp_cache = (PyObject *)&random_info,
};

static int exec(PyObject *module)
{
    return type_ready(&Random_Type) < 0 ? -1 : module_add_type(module, &Random_Type);
}

const struct module_def random_module = {"_random", "Module implements the Mersenne Twister.",
                                         .exec = exec};
