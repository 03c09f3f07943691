/* SPDX-License-Identifier: MIT */
/* Thunks: C function pointers that carry a datum.
 *
 * A slot such as tp_repr is a bare function pointer, in both directions: an extension calls
 * PyList_Type.tp_repr, we call the tp_repr that an extension wrote through an operation of ours. In
 * between stands code that crosses the boundary and must know which function is meant. So each
 * pair (crossing code, function) has a stub of its own, one of a fixed number in the program's
 * text: it loads its number into the register of the fifth argument and jumps to the crossing code,
 * which has at most four arguments of its own and looks its function up by that number. Stubs are
 * handed out under a lock and never taken back; a pair always gets the same one.
 *
 * The tables are mapped when the first stub is asked for: they refer to no cell of the heap, and as
 * static data every collection would scan them. */
#include <pthread.h>

#include "base/os.h"
#include "capi/capi_int.h"

#define THUNK_COUNT 16384
#define HASH_SIZE (THUNK_COUNT * 2)

/* Set under guard before a stub is handed out; an entry is constant once handed out. */
struct capi_thunk *capi_thunks __attribute__((used));
extern const char capi_thunk_stubs[] __attribute__((visibility("hidden")));

#define STUB_BYTES 16
#if defined(__x86_64__)
__asm__(".text\n"
        ".hidden capi_thunk_stubs\n"
        ".globl capi_thunk_stubs\n"
        ".hidden capi_thunks\n"
        ".p2align 4\n"
        "capi_thunk_stubs:\n"
        ".set capi_number, 0\n"
        ".rept 16384\n"
        ".p2align 4\n"
        "movl $capi_number, %r8d\n"
        "jmp capi_thunk_jump\n"
        ".set capi_number, capi_number + 1\n"
        ".endr\n"
        ".p2align 4\n"
        "capi_thunk_jump:\n"
        "movq %r8, %r10\n"
        "shlq $4, %r10\n"
        "movq capi_thunks(%rip), %r11\n"
        "jmpq *(%r11,%r10)\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".hidden capi_thunk_stubs\n"
        ".globl capi_thunk_stubs\n"
        ".hidden capi_thunks\n"
        ".p2align 4\n"
        "capi_thunk_stubs:\n"
        ".set capi_number, 0\n"
        ".rept 16384\n"
        ".p2align 4\n"
        "mov w4, #capi_number\n"
        "b capi_thunk_jump\n"
        ".set capi_number, capi_number + 1\n"
        ".endr\n"
        ".p2align 4\n"
        "capi_thunk_jump:\n"
        "adrp x16, capi_thunks\n"
        "ldr x16, [x16, :lo12:capi_thunks]\n"
        "add x16, x16, x4, lsl #4\n"
        "ldr x16, [x16]\n"
        "br x16\n");
#else
#error "say what a thunk is on this processor"
#endif
_Static_assert(sizeof(struct capi_thunk) == 16, "the stubs shift by 4");

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* innermost */
static size_t count;                                      /* under guard */
static uint16_t *places;                                  /* HASH_SIZE of number + 1; under guard */

static size_t hash_pair(const void *code, const void *function)
{
    uint64_t h = ((uint64_t)(uintptr_t)code * UINT64_C(0x9E3779B97F4A7C15)) ^
                 ((uint64_t)(uintptr_t)function >> 3) * UINT64_C(0xC2B2AE3D27D4EB4F);
    return (size_t)((h ^ h >> 31) % HASH_SIZE);
}

/* Under guard. */
static bool ensure_tables(void)
{
    if (places == NULL) {
        capi_thunks = os_reserve_writable(THUNK_COUNT * sizeof *capi_thunks);
        places = capi_thunks == NULL ? NULL : os_reserve_writable(HASH_SIZE * sizeof *places);
    }
    return places != NULL;
}

/* Under guard: the number of the pair's stub, or THUNK_COUNT. */
static size_t find_or_add(void *code, void *function)
{
    if (!ensure_tables()) {
        return THUNK_COUNT;
    }
    size_t place = hash_pair(code, function);
    while (places[place] != 0) {
        const struct capi_thunk *thunk = &capi_thunks[places[place] - 1];
        if (thunk->code == code && thunk->function == function) {
            return places[place] - 1u;
        }
        place = (place + 1) % HASH_SIZE;
    }
    if (count == THUNK_COUNT) {
        return THUNK_COUNT;
    }
    capi_thunks[count] = (struct capi_thunk){code, function};
    places[place] = (uint16_t)(count + 1);
    return count++;
}

void *capi_thunk(capi_code code, void *function)
{
    pthread_mutex_lock(&guard);
    size_t number = find_or_add((void *)code, function);
    pthread_mutex_unlock(&guard);
    return number == THUNK_COUNT ? NULL
                                 : (void *)(uintptr_t)(capi_thunk_stubs + number * STUB_BYTES);
}

bool capi_thunk_find(const void *p, capi_code *code, void **function)
{
    size_t offset = (size_t)((uintptr_t)p - (uintptr_t)capi_thunk_stubs);
    if (offset >= (size_t)THUNK_COUNT * STUB_BYTES) {
        return false;
    }
    *code = (capi_code)capi_thunks[offset / STUB_BYTES].code;
    *function = capi_thunks[offset / STUB_BYTES].function;
    return true;
}
