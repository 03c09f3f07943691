/* SPDX-License-Identifier: MIT */
/* The gc module. There is one generation here; the thresholds are remembered and nothing else.
 * gc.disable() makes the heap grow longer before a collection (see heap.c). */
#include <string.h>

#include "base/reference_count.h"
#include "heap/heap.h"
#include "module/sys.h"

#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/object.h"
#include "object/str.h"
#include "vm/vm.h"

enum { DEBUG_STATS = 1, DEBUG_COLLECTABLE = 2, DEBUG_UNCOLLECTABLE = 4, DEBUG_SAVEALL = 32 };

static PyObject *callbacks, *garbage;         /* lists; constant once made */
static int64_t thresholds[3] = {700, 10, 10}; /* atomic */
static int debug_flags;                       /* atomic */
static uint64_t collected_total;              /* atomic */
static uint64_t frozen;                       /* atomic */

static bool is_tracked(PyObject *object)
{
    return (object->ob_type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;
}

/* ---- Collecting. */

static int call_callbacks(const char *phase, int generation, size_t collected)
{
    PyObject *info = NULL;
    for (Py_ssize_t i = 0; i < list_length(callbacks); i++) {
        Value callback = list_find(callbacks, i);
        if (value_is_absent(callback)) {
            break;
        }
        if (info == NULL) {
            info = dict_new();
            if (info == NULL ||
                dict_set_str(info, str_intern_text("generation"), value_from_int(generation)) < 0 ||
                dict_set_str(info, str_intern_text("collected"), int_from_size(collected)) < 0 ||
                dict_set_str(info, str_intern_text("uncollectable"), value_from_int(0)) < 0) {
                return -1;
            }
        }
        Value result = object_call2(callback, value_from_object(str_intern_text(phase)),
                                    value_from_object(info));
        if (value_is_null(result)) {
            error_write_unraisable(callback, NULL);
        }
    }
    return 0;
}

/* Parses its arguments itself: the binding of arguments would leave old words on the C stack, which
 * the collector would take for references. */
static NO_INLINE int parse_generation(const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value bound[1];
    int generation = 2;
    if (nargs == 0 && kwnames == NULL) {
        return generation;
    }
    if (native_bind("collect", "(generation=2)", &cache, args, nargs, kwnames, bound) < 0 ||
        (!value_is_absent(bound[0]) && arg_int(bound[0], &generation) < 0)) {
        return -1;
    }
    if (generation < 0 || generation > 2) {
        return error_raise_int(PyExc_ValueError, "invalid generation");
    }
    return generation;
}

/* Old words that earlier calls left below this frame would be in the frames of the collection, and
 * count as references. */
static NO_INLINE void clear_dead_stack(void)
{
    char words[4096];
    memset(words, 0, sizeof words);
    __asm__ volatile("" : : "r"(words) : "memory");
}

static Value gc_collect(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    clear_dead_stack();
    int generation = parse_generation(args, nargs, kwnames);
    if (generation < 0) {
        return VALUE_NULL;
    }
    if (call_callbacks("start", generation, 0) < 0) {
        return VALUE_NULL;
    }
    size_t collected = heap_collect(COLLECT_REQUEST);
    heap_run_finalizers();
    atomic_fetch_add_relaxed(&collected_total, collected);
    return call_callbacks("stop", generation, collected) < 0 ? VALUE_NULL
                                                             : int_from_size(collected);
}

static Value set_enabled(bool enabled)
{
    heap_options.enabled = enabled;
    heap_renew_threshold();
    return VALUE_NONE;
}
static Value gc_enable(Value self)
{
    return set_enabled(true);
}
static Value gc_disable(Value self)
{
    return set_enabled(false);
}
static Value gc_isenabled(Value self)
{
    return value_from_bool(heap_options.enabled);
}

/* ---- Settings. */

static Value gc_set_threshold(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("set_threshold", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "set_threshold() takes at least 1 argument (0 given)");
    }
    if (nargs > 3) {
        return error_raise(PyExc_TypeError, "set_threshold() takes at most 3 arguments (%zu given)",
                           nargs);
    }
    for (size_t i = 0; i < nargs; i++) {
        int wanted;
        if (arg_int(args[i], &wanted) < 0) {
            return VALUE_NULL;
        }
        atomic_store_relaxed(&thresholds[i], wanted);
    }
    return VALUE_NONE;
}

static Value triple(int64_t a, int64_t b, int64_t c)
{
    Value parts[3] = {int_from_i64(a), int_from_i64(b), int_from_i64(c)};
    return value_from_object(tuple_from_array(parts, 3));
}

static Value gc_get_threshold(Value self)
{
    return triple(atomic_load_relaxed(&thresholds[0]), atomic_load_relaxed(&thresholds[1]),
                  atomic_load_relaxed(&thresholds[2]));
}

/* How far the heap has come since the last collection, in the units of the first threshold. */
static Value gc_get_count(Value self)
{
    return triple((int64_t)(heap_progress() * (double)atomic_load_relaxed(&thresholds[0])), 0, 0);
}

static Value gc_set_debug(Value self, Value flags)
{
    int wanted;
    if (arg_int(flags, &wanted) < 0) {
        return VALUE_NULL;
    }
    atomic_store_relaxed(&debug_flags, wanted);
    return VALUE_NONE;
}

static Value gc_get_debug(Value self)
{
    return value_from_int(atomic_load_relaxed(&debug_flags));
}

/* ---- Figures. */

static PyObject *generation_stats(uint64_t collections, uint64_t collected)
{
    PyObject *d = dict_new();
    if (d == NULL ||
        dict_set_str(d, str_intern_text("collections"), int_from_u64(collections)) < 0 ||
        dict_set_str(d, str_intern_text("collected"), int_from_u64(collected)) < 0 ||
        dict_set_str(d, str_intern_text("uncollectable"), value_from_int(0)) < 0) {
        return NULL;
    }
    return d;
}

static Value gc_get_stats(Value self)
{
    struct heap_stats stats;
    heap_get_stats(&stats);
    PyObject *list = list_new(3);
    for (int i = 0; list != NULL && i < 3; i++) {
        PyObject *d = generation_stats(i == 2 ? stats.collections : 0,
                                       i == 2 ? atomic_load_relaxed(&collected_total) : 0);
        if (d == NULL || list_append(list, value_from_object(d)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value gc_get_heap_stats(Value self)
{
    struct heap_stats s;
    heap_get_stats(&s);
    const struct {
        const char *name;
        Value value;
    } rows[] = {
        {"collections", int_from_u64(s.collections)},
        {"live_bytes", int_from_u64(s.live_bytes)},
        {"live_cells", int_from_u64(s.live_cells)},
        {"heap_bytes", int_from_u64(s.heap_bytes)},
        {"freed_bytes_last", int_from_u64(s.freed_bytes_last)},
        {"threshold_bytes", int_from_u64(s.threshold_bytes)},
        {"pause_seconds_last", float_from_double((double)s.pause_ns_last * 1e-9)},
        {"pause_seconds_max", float_from_double((double)s.pause_ns_max * 1e-9)},
        {"stop_seconds_last", float_from_double((double)s.stop_ns_last * 1e-9)},
        {"stop_seconds_max", float_from_double((double)s.stop_ns_max * 1e-9)},
    };
    PyObject *d = dict_new();
    for (size_t i = 0; d != NULL && i < sizeof rows / sizeof *rows; i++) {
        if (dict_set_str(d, str_intern_text(rows[i].name), rows[i].value) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(d);
}

/* ---- Looking at objects. */

struct gathering {
    PyObject **found; /* a CELL_WORDS cell; NULL: only count */
    size_t count, room;
    PyObject *const *targets; /* for referrers */
    size_t target_count;
};

/* What extension code has made and shown to nobody may be freed by hand at any moment. */
static bool is_private(const PyObject *object)
{
    return heap_contains(object) && !object_is_public(object);
}

static bool gather_any(PyObject *object, void *argument)
{
    struct gathering *g = argument;
    if (!is_private(object) && object != &list_vacant) {
        if (g->count < g->room) {
            g->found[g->count] = object;
        }
        g->count++;
    }
    return true;
}

static bool gather(PyObject *object, void *argument)
{
    return !is_tracked(object) || gather_any(object, argument);
}

/* A list of what f has gathered in two walks; what is born in between may be missing. */
static Value gather_list(struct gathering *g, bool (*f)(PyObject *, void *))
{
    vm_share_owned();
    heap_for_each_object(f, g);
    g->room = g->count + 64;
    g->count = 0;
    g->found = heap_alloc(g->room * sizeof *g->found, CELL_WORDS);
    if (g->found == NULL) {
        return error_no_memory();
    }
    heap_for_each_object(f, g);
    PyObject *list = list_new(0);
    size_t count = g->count < g->room ? g->count : g->room;
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (list_append(list, value_from_object(g->found[i])) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value gc_get_objects(Value self, const Value *args)
{
    bool all = value_is_absent(args[0]) || value_is_none(args[0]);
    Value shown = all ? value_from_int(-1) : args[0];
    if (sys_audit("gc.get_objects", &shown, 1) < 0) {
        return VALUE_NULL;
    }
    if (!all) {
        Py_ssize_t generation;
        if (!int_check(args[0])) {
            return error_raise(PyExc_TypeError, "'%T' object cannot be interpreted as an integer",
                               args[0]);
        }
        if (arg_index(args[0], &generation) < 0) {
            return VALUE_NULL;
        }
        if (generation < 0) {
            return error_raise(PyExc_ValueError, "generation parameter cannot be negative");
        }
        if (generation >= 3) {
            return error_raise(
                PyExc_ValueError,
                "generation parameter must be less than the number of available generations (3)");
        }
        if (generation < 2) {
            return value_from_object(list_new(0));
        }
    }
    struct gathering g = {0};
    return gather_list(&g, gather);
}

static bool is_target(PyObject *referent, void *argument)
{
    struct gathering *g = argument;
    for (size_t i = 0; i < g->target_count; i++) {
        if (g->targets[i] == referent) {
            return false; /* found: stop looking */
        }
    }
    return true;
}

static bool gather_referrer(PyObject *object, void *argument)
{
    struct gathering *g = argument;
    if (is_tracked(object) && !heap_visit_references(object, is_target, g)) {
        gather(object, g);
    }
    return true;
}

static Value gc_get_referrers(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("get_referrers", kwnames) < 0) {
        return VALUE_NULL;
    }
    PyObject *targets = tuple_from_array(args, nargs);
    if (targets == NULL ||
        sys_audit_values("gc.get_referrers", "O", value_from_object(targets)) < 0) {
        return VALUE_NULL;
    }
    struct gathering g = {.targets = ((PyTupleObject *)targets)->ob_item, .target_count = nargs};
    Value list = gather_list(&g, gather_referrer);
    if (value_is_null(list)) {
        return list;
    }
    /* Our own tuple refers to them, too. */
    PyObject *result = list_new(0);
    for (Py_ssize_t i = 0; result != NULL && i < list_length(value_object(list)); i++) {
        Value referrer = list_find(value_object(list), i);
        if (referrer.bits != value_from_object(targets).bits && list_append(result, referrer) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

static int append_referents(PyObject *list, PyObject *object)
{
    struct gathering g = {0};
    world_stop();
    heap_visit_references(object, gather_any, &g);
    world_resume();
    g.room = g.count + 16;
    g.found = heap_alloc(g.room * sizeof *g.found, CELL_WORDS);
    if (g.found == NULL) {
        error_no_memory();
        return -1;
    }
    g.count = 0;
    world_stop();
    heap_visit_references(object, gather_any, &g);
    world_resume();
    for (size_t i = 0; i < (g.count < g.room ? g.count : g.room); i++) {
        if (list_append(list, value_from_object(g.found[i])) < 0) {
            return -1;
        }
    }
    return 0;
}

static int audit_referents(const Value *args, size_t nargs)
{
    return sys_audit_wanted() ? sys_audit_values("gc.get_referents", "O",
                                                 value_from_object(tuple_from_array(args, nargs)))
                              : 0;
}

static Value gc_get_referents(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *list = list_new(0);
    if (list == NULL || native_no_keywords("get_referents", kwnames) < 0 ||
        audit_referents(args, nargs) < 0) {
        return VALUE_NULL;
    }
    for (size_t i = 0; i < nargs; i++) {
        if (value_is_object(args[i]) && is_tracked(value_object(args[i])) &&
            append_referents(list, value_object(args[i])) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value gc_is_tracked(Value self, Value object)
{
    return value_from_bool(value_is_object(object) && is_tracked(value_object(object)));
}

static Value gc_is_finalized(Value self, Value object)
{
    return value_from_bool(value_is_object(object) && heap_was_finalized(value_object(object)));
}

/* ---- Freezing: there is no older generation to move objects to. */

static Value gc_freeze(Value self)
{
    struct gathering g = {0};
    heap_for_each_object(gather, &g);
    atomic_store_relaxed(&frozen, g.count);
    return VALUE_NONE;
}

static Value gc_unfreeze(Value self)
{
    atomic_store_relaxed(&frozen, 0);
    return VALUE_NONE;
}

static Value gc_get_freeze_count(Value self)
{
    return int_from_u64(atomic_load_relaxed(&frozen));
}

static const struct native_def gc_functions[] = {
    {"collect", "($module, /, generation=2)", "Run the garbage collector.", .raw = gc_collect},
    {"disable", "($module, /)", "Collect as rarely as possible.", .f0 = gc_disable},
    {"enable", "($module, /)", "Collect as the heap grows.", .f0 = gc_enable},
    {"freeze", "($module, /)", "Accepted; has no effect.", .f0 = gc_freeze},
    {"get_count", "($module, /)", "How near the next collection is.", .f0 = gc_get_count},
    {"get_debug", "($module, /)", "The debugging flags.", .f0 = gc_get_debug},
    {"get_freeze_count", "($module, /)", "How many objects are frozen.", .f0 = gc_get_freeze_count},
    {"get_heap_stats", "($module, /)", "Figures of the heap, in a dict.", .f0 = gc_get_heap_stats},
    {"get_objects", "($module, /, generation=None)", "All container objects, in a list.",
     .n = gc_get_objects},
    {"get_referents", NULL, "What the objects refer to, in a list.", .raw = gc_get_referents},
    {"get_referrers", NULL, "The objects that refer to any of the arguments, in a list.",
     .raw = gc_get_referrers},
    {"get_stats", "($module, /)", "A list of dicts, one per generation.", .f0 = gc_get_stats},
    {"get_threshold", "($module, /)", "The collection thresholds.", .f0 = gc_get_threshold},
    {"is_finalized", "($module, obj, /)", "Whether the object was finalized.",
     .f1 = gc_is_finalized},
    {"is_tracked", "($module, obj, /)", "Whether the object can be part of a cycle.",
     .f1 = gc_is_tracked},
    {"isenabled", "($module, /)", "Whether automatic collection is on.", .f0 = gc_isenabled},
    {"set_debug", "($module, flags, /)", "Set the debugging flags.", .f1 = gc_set_debug},
    {"set_threshold", NULL, "Set the collection thresholds.", .raw = gc_set_threshold},
    {"unfreeze", "($module, /)", "Undo freeze().", .f0 = gc_unfreeze},
    {NULL},
};

static int gc_exec(PyObject *module)
{
    callbacks = list_new(0);
    garbage = list_new(0);
    if (callbacks == NULL || garbage == NULL ||
        module_add(module, "callbacks", value_from_object(callbacks)) < 0 ||
        module_add(module, "garbage", value_from_object(garbage)) < 0 ||
        module_add_int(module, "DEBUG_STATS", DEBUG_STATS) < 0 ||
        module_add_int(module, "DEBUG_COLLECTABLE", DEBUG_COLLECTABLE) < 0 ||
        module_add_int(module, "DEBUG_UNCOLLECTABLE", DEBUG_UNCOLLECTABLE) < 0 ||
        module_add_int(module, "DEBUG_SAVEALL", DEBUG_SAVEALL) < 0 ||
        module_add_int(module, "DEBUG_LEAK",
                       DEBUG_COLLECTABLE | DEBUG_UNCOLLECTABLE | DEBUG_SAVEALL) < 0) {
        return -1;
    }
    return 0;
}

const struct module_def gc_module = {
    .name = "gc",
    .doc = "Access to the garbage collector.",
    .functions = gc_functions,
    .exec = gc_exec,
};
