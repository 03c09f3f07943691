/* SPDX-License-Identifier: MIT */
/* Values: the 64-bit tagged words that registers, dict tables and instance slots hold.
 *
 * The encoding favours pointers (NaN boxing as in WebKit's JSValue). No other file knows a tag bit.
 *
 *   0000:pppp:pppp:pppp   an object pointer, unchanged (top 16 bits zero)
 *   0002:....:....:....   a double, stored as its bits + 2^49 ...
 *   FFFC:....:....:....     ... up to here
 *   FFFE:iiii:iiii:iiii   a 49-bit signed integer under the top 15 tag bits (FFFE and FFFF)
 *
 * Small words that no object can have as address serve as markers:
 *   VALUE_NULL   (0) an error (an exception is set), or an unbound register or slot
 *   VALUE_ABSENT (2) "not there": a lookup that found nothing, the end of an iteration, an
 *                    argument that was not given, a deletion as the value of a store.
 *
 * An integer or a float may also be an object (PyLongObject, PyFloatObject): items of lists and
 * tuples are boxed. So `value_is_int(v)` being false does not mean that v is no integer; use
 * int_check() and its family (object/int.h) for that. */
#ifndef OROCHI_BASE_VALUE_H
#define OROCHI_BASE_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/debug.h"

struct _object;

typedef struct {
    uint64_t bits;
} Value;

#define VALUE_INT_TAG UINT64_C(0xFFFE000000000000)
#define VALUE_DOUBLE_OFFSET UINT64_C(0x0002000000000000)
#define VALUE_POINTER_LIMIT UINT64_C(0x0001000000000000)

#define VALUE_NULL ((Value){0})
#define VALUE_ABSENT ((Value){2})

/* Integers in [VALUE_INT_MIN, VALUE_INT_MAX] have an inline representation. */
#define VALUE_INT_BITS 49
#define VALUE_INT_MAX ((INT64_C(1) << (VALUE_INT_BITS - 1)) - 1)
#define VALUE_INT_MIN (-(INT64_C(1) << (VALUE_INT_BITS - 1)))

static inline bool value_is_null(Value v)
{
    return v.bits == 0;
}
static inline bool value_is_absent(Value v)
{
    return v.bits == 2;
}

/* True for anything that is neither the error marker nor the absent marker. */
static inline bool value_is_present(Value v)
{
    return v.bits > 2;
}

/* True for an object pointer; false for inline integers, inline doubles and the markers. */
static inline bool value_is_object(Value v)
{
    return v.bits - 3 < VALUE_POINTER_LIMIT - 3;
}

/* True for object pointers and the markers; for call sites that exclude the markers otherwise. */
static inline bool value_is_pointer_bits(Value v)
{
    return v.bits < VALUE_POINTER_LIMIT;
}

static inline bool value_is_int(Value v)
{
    return v.bits >= VALUE_INT_TAG;
}

static inline bool value_is_double(Value v)
{
    return v.bits - VALUE_DOUBLE_OFFSET < VALUE_INT_TAG - VALUE_DOUBLE_OFFSET;
}

/* Both inline integers, with one compare. */
static inline bool value_both_int(Value a, Value b)
{
    return (a.bits & b.bits) >= VALUE_INT_TAG;
}

/* Bit identity. For Python's `is` on numbers see value_is() in object/object.h. */
static inline bool value_same_bits(Value a, Value b)
{
    return a.bits == b.bits;
}

/* NULL becomes VALUE_NULL, so C functions can return value_from_object(f()). */
static inline Value value_from_object(const void *object)
{
    return (Value){(uint64_t)(uintptr_t)object};
}

/* The caller knows that v is an object pointer (or VALUE_NULL, which gives NULL). */
static inline struct _object *value_object(Value v)
{
    debug_assert(value_is_pointer_bits(v) && !value_is_absent(v));
    return (struct _object *)(uintptr_t)v.bits;
}

static inline bool value_int_fits(int64_t i)
{
    return i >= VALUE_INT_MIN && i <= VALUE_INT_MAX;
}

/* i must fit (value_int_fits); for any int64_t use int_from_i64() in object/int.h. */
static inline Value value_from_int(int64_t i)
{
    debug_assert(value_int_fits(i));
    return (Value){(uint64_t)i | VALUE_INT_TAG};
}

static inline int64_t value_int(Value v)
{
    debug_assert(value_is_int(v));
    return (int64_t)(v.bits << (64 - VALUE_INT_BITS)) >> (64 - VALUE_INT_BITS);
}

/* NaNs whose payload would collide with the integer tag lose that payload, not their sign. */
static inline Value value_from_double(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    if (UNLIKELY(bits >= VALUE_INT_TAG - VALUE_DOUBLE_OFFSET)) {
        bits = UINT64_C(0xFFF8000000000000);
    }
    return (Value){bits + VALUE_DOUBLE_OFFSET};
}

static inline double value_double(Value v)
{
    debug_assert(value_is_double(v));
    uint64_t bits = v.bits - VALUE_DOUBLE_OFFSET;
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* Arithmetic on two inline integers; false if the result has no inline representation. */
static ALWAYS_INLINE bool value_int_add(Value a, Value b, Value *out)
{
    int64_t sum;
    bool overflow = __builtin_add_overflow((int64_t)(a.bits << (64 - VALUE_INT_BITS)),
                                           (int64_t)(b.bits << (64 - VALUE_INT_BITS)), &sum);
    out->bits = ((uint64_t)sum >> (64 - VALUE_INT_BITS)) | VALUE_INT_TAG;
    return !overflow;
}
static ALWAYS_INLINE bool value_int_sub(Value a, Value b, Value *out)
{
    int64_t difference;
    bool overflow = __builtin_sub_overflow((int64_t)(a.bits << (64 - VALUE_INT_BITS)),
                                           (int64_t)(b.bits << (64 - VALUE_INT_BITS)), &difference);
    out->bits = ((uint64_t)difference >> (64 - VALUE_INT_BITS)) | VALUE_INT_TAG;
    return !overflow;
}
static ALWAYS_INLINE bool value_int_mul(Value a, Value b, Value *out)
{
    int64_t product;
    bool overflow =
        __builtin_mul_overflow(value_int(a), (int64_t)(b.bits << (64 - VALUE_INT_BITS)), &product);
    out->bits = ((uint64_t)product >> (64 - VALUE_INT_BITS)) | VALUE_INT_TAG;
    return !overflow;
}
static inline Value value_int_and(Value a, Value b)
{
    return (Value){a.bits & b.bits};
}
static inline Value value_int_or(Value a, Value b)
{
    return (Value){a.bits | b.bits};
}
static inline Value value_int_xor(Value a, Value b)
{
    return (Value){(a.bits ^ b.bits) | VALUE_INT_TAG};
}
/* Order of two inline integers, as the order of signed words. */
static inline int64_t value_int_key(Value a)
{
    return (int64_t)(a.bits << (64 - VALUE_INT_BITS));
}

/* Loads and stores of slots that other threads may read at the same time. */
static inline Value value_load_acquire(const Value *slot)
{
    return (Value){__atomic_load_n(&slot->bits, __ATOMIC_ACQUIRE)};
}

static inline Value value_load_relaxed(const Value *slot)
{
    return (Value){__atomic_load_n(&slot->bits, __ATOMIC_RELAXED)};
}

#endif
