/* SPDX-License-Identifier: MIT */
/* Numbers in as few bytes as they need: seven bits a byte, low ones first, the high bit says that
 * more follow. Signed numbers put their sign into the lowest bit. */
#ifndef OROCHI_BYTECODE_VARINT_H
#define OROCHI_BYTECODE_VARINT_H

#include <stdint.h>

enum { VARINT_MAX_BYTES = 5 };

static inline unsigned char *varint_write(unsigned char *out, uint32_t n)
{
    while (n >= 0x80) {
        *out++ = (unsigned char)(n | 0x80);
        n >>= 7;
    }
    *out++ = (unsigned char)n;
    return out;
}

static inline unsigned char *varint_write_signed(unsigned char *out, int32_t n)
{
    return varint_write(out, n < 0 ? ((uint32_t) - (int64_t)n << 1) | 1 : (uint32_t)n << 1);
}

/* Reads one number; at the end of the data it is 0. */
static inline uint32_t varint_read(const unsigned char **in, const unsigned char *end)
{
    uint32_t result = 0;
    for (int shift = 0; *in < end && shift < 35; shift += 7) {
        unsigned char byte = *(*in)++;
        result |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            break;
        }
    }
    return result;
}

static inline int32_t varint_read_signed(const unsigned char **in, const unsigned char *end)
{
    uint32_t n = varint_read(in, end);
    return n & 1 ? -(int32_t)(n >> 1) : (int32_t)(n >> 1);
}

#endif
