/* SPDX-License-Identifier: MIT */
/* Start-up of the object layer. */
#include "object/codec.h"
#include "object/int.h"
#include "object/object.h"
#include "object/str.h"
#include "object/type_int.h"

struct object_hooks object_hooks;

#define TYPE(name) extern PyTypeObject name;
#include "object/types.def"
#undef TYPE

static int ready_types(void)
{
#define TYPE(name)                                                                                 \
    if (type_ready(&name) < 0) {                                                                   \
        return -1;                                                                                 \
    }
#include "object/types.def"
#undef TYPE
    return 0;
}

/* The world is stopped: records of the method cache may be about to die. */
static void before_sweep(void) { type_cache_clear(); }

int object_init(void)
{
    heap_hooks.trace_object = object_trace;
    if (heap_hooks.before_sweep == NULL) {
        heap_hooks.before_sweep = before_sweep;
    }
    if (str_init() < 0 || int_init() < 0 || names_init() < 0 || ready_types() < 0) {
        return -1;
    }
    return codec_init();
}
