/* SPDX-License-Identifier: MIT */
/* SipHash-1-3 (Aumasson, Bernstein), and the key's derivation from a seed. */
#include "base/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/debug.h"

static struct {
    uint64_t k0, k1;
    bool set;
} key;

static ALWAYS_INLINE uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

static ALWAYS_INLINE void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static ALWAYS_INLINE void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

uint64_t hash_siphash13(uint64_t k0, uint64_t k1, const void *data, size_t length)
{
    struct sip s = {
        k0 ^ UINT64_C(0x736f6d6570736575),
        k1 ^ UINT64_C(0x646f72616e646f6d),
        k0 ^ UINT64_C(0x6c7967656e657261),
        k1 ^ UINT64_C(0x7465646279746573),
    };
    const unsigned char *p = data;
    size_t left = length;
    for (; left >= 8; left -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        sip_word(&s, word);
    }
    uint64_t last = (uint64_t)length << 56;
    for (size_t i = 0; i < left; i++) {
        last |= (uint64_t)p[i] << (8 * i);
    }
    sip_word(&s, last);
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return (s.v0 ^ s.v1) ^ (s.v2 ^ s.v3);
}

/* Each step is a bijection of its lane, so that one changed word always changes the result. */
static ALWAYS_INLINE void checksum_step(uint64_t lanes[4], const void *data)
{
    uint64_t words[4];
    memcpy(words, data, sizeof words);
    for (unsigned i = 0; i < 4; i++) {
        lanes[i] = (lanes[i] ^ words[i]) * UINT64_C(0x9E3779B97F4A7C15);
        lanes[i] ^= lanes[i] >> 29;
    }
}

uint64_t hash_checksum(const void *data, size_t length)
{
    uint64_t lanes[4] = {length, 1, 2, 3};
    const unsigned char *p = data;
    size_t left = length;
    for (; left >= sizeof lanes; left -= sizeof lanes, p += sizeof lanes) {
        checksum_step(lanes, p);
    }
    unsigned char rest[sizeof lanes] = {0};
    memcpy(rest, p, left);
    checksum_step(lanes, rest);
    uint64_t sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        sum = (sum ^ lanes[i]) * UINT64_C(0x9E3779B97F4A7C15);
        sum ^= sum >> 32;
    }
    return sum;
}

int64_t hash_bytes(const void *data, size_t length)
{
    if (length == 0) {
        return 0;
    }
    int64_t h = (int64_t)hash_siphash13(key.k0, key.k1, data, length);
    return h == -1 ? -2 : h;
}

void hash_set_random_key(void)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        fatal_error("failed to get random numbers to initialize Python");
    }
    memcpy(&key.k0, bytes, 8);
    memcpy(&key.k1, bytes + 8, 8);
    key.set = true;
}

void hash_set_seed(uint32_t seed)
{
    unsigned char bytes[16] = {0};
    if (seed != 0) {
        uint32_t x = seed;
        for (size_t i = 0; i < sizeof bytes; i++) {
            x = x * 214013 + 2531011;
            bytes[i] = (unsigned char)(x >> 16);
        }
    }
    memcpy(&key.k0, bytes, 8);
    memcpy(&key.k1, bytes + 8, 8);
    key.set = true;
}

void hash_init(bool use_seed, uint32_t seed)
{
    if (key.set) {
        return;
    }
    if (use_seed) {
        hash_set_seed(seed);
    } else {
        hash_set_random_key();
    }
}
