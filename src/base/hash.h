/* SPDX-License-Identifier: MIT */
/* The hash of text and bytes: SipHash-1-3 under a key chosen at start-up (PYTHONHASHSEED). */
#ifndef OROCHI_BASE_HASH_H
#define OROCHI_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets the key; before anything is hashed. */
void hash_set_random_key(void);
/* The key that CPython derives from PYTHONHASHSEED=seed; 0 means an all-zero key. */
void hash_set_seed(uint32_t seed);
/* By the seed, or random. Does nothing when a key was set already. */
void hash_init(bool use_seed, uint32_t seed);

/* Never -1; 0 for no bytes. */
int64_t hash_bytes(const void *data, size_t length);
/* With a key of the caller's. */
uint64_t hash_siphash13(uint64_t k0, uint64_t k1, const void *data, size_t length);
/* Without a key: says whether data that was stored has changed. */
uint64_t hash_checksum(const void *data, size_t length);

#endif
