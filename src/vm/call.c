/* SPDX-License-Identifier: MIT */
/* Calls: pushing frames, binding arguments to parameters, and the entry from C. */
#include <sys/mman.h>

#include "vm/call_int.h"

#include "base/os.h"

enum { FRAME_STACK_MAX = 64 << 20, FRAME_STACK_MIN = 1 << 20, FRAME_STACK_SPARE = 64 };

static size_t frame_stack_bytes; /* of each thread; constant once the main thread has one */

int vm_recursion_limit = 1000;

/* ---- The control stack */

static void set_limit(struct thread *t, void *unused)
{
    struct frame *base = t->frame_stack;
    if (base == NULL) {
        return;
    }
    size_t most = frame_stack_bytes / sizeof(struct frame) - FRAME_STACK_SPARE;
    size_t limit = (size_t)atomic_load_relaxed(&vm_recursion_limit);
    atomic_store_relaxed(&t->frame_stack_limit, (void *)(base + (limit < most ? limit : most)));
}

void vm_set_recursion_limit(int limit)
{
    atomic_store_relaxed(&vm_recursion_limit, limit);
    atomic_store_relaxed(&recursion_limit, limit);
    thread_for_each(set_limit, NULL);
}

int vm_frame_stack_init(struct thread *t)
{
    if (frame_stack_bytes == 0) {
        size_t share = (os_address_limit() / 256) & ~(size_t)4095;
        share = share < FRAME_STACK_MAX ? share : FRAME_STACK_MAX;
        frame_stack_bytes = share > FRAME_STACK_MIN ? share : FRAME_STACK_MIN;
    }
    void *memory = mmap(NULL, frame_stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        error_no_memory();
        return -1;
    }
    t->frame_stack = memory;
    set_limit(t, NULL);
    if (t->state.exc_info == NULL) {
        t->state.exc_info = &t->state.exc_state;
    }
    if (t->value_stack_top == NULL) {
        t->value_stack_top = t->value_stack;
    }
    return 0;
}

void vm_frame_stack_free(struct thread *t)
{
    if (t->frame_stack != NULL) {
        munmap(t->frame_stack, frame_stack_bytes);
        t->frame_stack = NULL;
    }
}

int vm_prepare_code(struct code *code)
{
    void **caches = heap_alloc((code->count + 1) * sizeof(void *), CELL_WORDS);
    if (caches == NULL) {
        error_no_memory();
        return -1;
    }
    void **expected = NULL;
    if (atomic_cas_acq_rel(&code->caches, expected, caches)) {
        heap_barrier(code, &code->caches, 0, (uint64_t)(uintptr_t)caches);
    }
    const PyCodeObject *base = &code->base;
    bool exact = (base->co_flags & (CO_VARARGS | CO_VARKEYWORDS)) == 0 &&
                 (base->co_flags & CO_OPTIMIZED) != 0 && base->co_kwonlyargcount == 0;
    uint32_t state = exact ? CODE_EXACT + (uint32_t)base->co_argcount : CODE_READY;
    atomic_store_release(&code->warmup, state);
    return 0;
}

static COLD struct frame *fail_too_deep(struct thread *t)
{
    /* The handlers of the error get some room: the limit is checked again at the next call. */
    error_raise(PyExc_RecursionError, "maximum recursion depth exceeded");
    return NULL;
}

struct frame *vm_push_frame(struct thread *t, PyFunctionObject *function, Value *window,
                            size_t filled, uint64_t flags)
{
    struct code *code = code_cast(function->func_code);
    if (UNLIKELY(atomic_load_acquire(&code->warmup) == CODE_NEW) && vm_prepare_code(code) < 0) {
        return NULL;
    }
    if (UNLIKELY(t->frame_stack == NULL) && vm_frame_stack_init(t) < 0) {
        return NULL;
    }
    struct frame *frame = t->frame == NULL ? t->frame_stack : t->frame + 1;
    if (UNLIKELY((void *)frame >= t->frame_stack_limit ||
                 window + code->registers > t->value_stack_limit)) {
        return fail_too_deep(t);
    }
    call_push(t, frame, function, window, filled, flags);
    return frame;
}

/* ---- Binding arguments. Errors are those of CPython, in its order. */

static PyObject *parameter_name(const struct code *code, Py_ssize_t i)
{
    return tuple_object(code->base.co_localsplusnames, i);
}

/* "'a', 'b' and 'c'" */
static PyObject *join_names(PyObject *list)
{
    struct str_builder b;
    str_builder_init(&b);
    Py_ssize_t n = list_length(list);
    for (Py_ssize_t i = 0; i < n; i++) {
        const char *before = i == 0 ? "" : i + 1 < n ? ", " : n == 2 ? " and " : ", and ";
        PyObject *text = str_repr(value_object(list_find(list, i)));
        if (text == NULL || str_builder_text(&b, before) < 0 || str_builder_str(&b, text) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}

static COLD int fail_missing(PyFunctionObject *f, const Value *window, bool keyword_only)
{
    const struct code *code = code_cast(f->func_code);
    Py_ssize_t positional = code->base.co_argcount;
    Py_ssize_t defaults = f->func_defaults == NULL ? 0 : tuple_length(f->func_defaults);
    Py_ssize_t start = keyword_only ? positional : 0;
    Py_ssize_t end =
        keyword_only ? positional + code->base.co_kwonlyargcount : positional - defaults;
    PyObject *missing = list_new(4);
    for (Py_ssize_t i = start; i < end && missing != NULL; i++) {
        if (value_is_null(window[i]) &&
            list_append(missing, value_from_object(parameter_name(code, i))) < 0) {
            return -1;
        }
    }
    PyObject *text = missing == NULL ? NULL : join_names(missing);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t count = list_length(missing);
    return error_raise_int(PyExc_TypeError, "%U() missing %zd required %s argument%s: %U",
                           f->func_qualname, count, keyword_only ? "keyword-only" : "positional",
                           count == 1 ? "" : "s", text);
}

static COLD int fail_too_many(PyFunctionObject *f, size_t given, const Value *window)
{
    const struct code *code = code_cast(f->func_code);
    Py_ssize_t positional = code->base.co_argcount;
    Py_ssize_t defaults = f->func_defaults == NULL ? 0 : tuple_length(f->func_defaults);
    Py_ssize_t keyword_given = 0;
    for (Py_ssize_t i = positional; i < positional + code->base.co_kwonlyargcount; i++) {
        keyword_given += !value_is_null(window[i]);
    }
    PyObject *takes, *also = str_empty();
    bool plural = positional != 1;
    if (defaults > 0) {
        takes = str_format("from %zd to %zd", positional - defaults, positional);
        plural = true;
    } else {
        takes = str_format("%zd", positional);
    }
    if (keyword_given > 0) {
        also = str_format(" positional argument%s (and %zd keyword-only argument%s)",
                          given == 1 ? "" : "s", keyword_given, keyword_given == 1 ? "" : "s");
    }
    if (takes == NULL || also == NULL) {
        return -1;
    }
    return error_raise_int(
        PyExc_TypeError, "%U() takes %U positional argument%s but %zu%U %s given", f->func_qualname,
        takes, plural ? "s" : "", given, also, given == 1 && keyword_given == 0 ? "was" : "were");
}

/* Keywords that name positional-only parameters: 1 and an exception, or 0. */
static COLD int fail_positional_only(PyFunctionObject *f, PyObject *kwnames)
{
    const struct code *code = code_cast(f->func_code);
    PyObject *conflicts = list_new(2);
    for (Py_ssize_t p = 0; p < code->base.co_posonlyargcount; p++) {
        for (Py_ssize_t k = 0; k < tuple_length(kwnames); k++) {
            PyObject *name = tuple_object(kwnames, k);
            if (str_check(value_from_object(name)) && str_equal(name, parameter_name(code, p))) {
                list_append(conflicts, value_from_object(name));
            }
        }
    }
    if (list_length(conflicts) == 0) {
        return 0;
    }
    PyObject *text = str_join(str_from_text(", "), value_from_object(conflicts));
    if (text != NULL) {
        error_raise(PyExc_TypeError,
                    "%U() got some positional-only arguments passed as keyword arguments: '%U'",
                    f->func_qualname, text);
    }
    return 1;
}

/* The parameter that a keyword names, from `start` on; -1: none. */
static Py_ssize_t find_parameter(const struct code *code, PyObject *name, Py_ssize_t start,
                                 Py_ssize_t end)
{
    for (Py_ssize_t i = start; i < end; i++) {
        if (parameter_name(code, i) == name) {
            return i;
        }
    }
    for (Py_ssize_t i = start; i < end; i++) {
        if (str_equal(parameter_name(code, i), name)) {
            return i;
        }
    }
    return -1;
}

static int bind_keywords(PyFunctionObject *f, Value *window, const Value *values, PyObject *kwnames,
                         PyObject *extra)
{
    const struct code *code = code_cast(f->func_code);
    Py_ssize_t named = code->base.co_argcount + code->base.co_kwonlyargcount;
    for (Py_ssize_t k = 0; k < tuple_length(kwnames); k++) {
        PyObject *name = tuple_object(kwnames, k);
        if (!str_check(value_from_object(name))) {
            return error_raise_int(PyExc_TypeError, "%U() keywords must be strings",
                                   f->func_qualname);
        }
        Py_ssize_t i = find_parameter(code, name, code->base.co_posonlyargcount, named);
        if (i < 0) {
            if (extra != NULL) {
                if (dict_set(extra, value_from_object(name), values[k]) < 0) {
                    return -1;
                }
                continue;
            }
            if (code->base.co_posonlyargcount > 0 && fail_positional_only(f, kwnames) != 0) {
                return -1;
            }
            return error_raise_int(PyExc_TypeError, "%U() got an unexpected keyword argument '%U'",
                                   f->func_qualname, name);
        }
        if (!value_is_null(window[i])) {
            return error_raise_int(PyExc_TypeError, "%U() got multiple values for argument '%U'",
                                   f->func_qualname, name);
        }
        window[i] = values[k];
    }
    return 0;
}

static int bind_defaults(PyFunctionObject *f, Value *window, size_t given)
{
    const struct code *code = code_cast(f->func_code);
    Py_ssize_t positional = code->base.co_argcount;
    PyObject *defaults = f->func_defaults;
    Py_ssize_t count = defaults == NULL ? 0 : tuple_length(defaults);
    for (Py_ssize_t i = (Py_ssize_t)given; i < positional; i++) {
        if (value_is_null(window[i])) {
            if (i < positional - count) {
                return fail_missing(f, window, false);
            }
            window[i] = tuple_get(defaults, i - (positional - count));
        }
    }
    bool missing = false;
    for (Py_ssize_t i = positional; i < positional + code->base.co_kwonlyargcount; i++) {
        if (value_is_null(window[i])) {
            Value v =
                f->func_kwdefaults == NULL
                    ? VALUE_ABSENT
                    : dict_get(f->func_kwdefaults, value_from_object(parameter_name(code, i)));
            if (value_is_null(v)) {
                return -1;
            }
            if (value_is_absent(v)) {
                missing = true;
            } else {
                window[i] = v;
            }
        }
    }
    return missing ? fail_missing(f, window, true) : 0;
}

/* Fills the parameters of f's window from the arguments, which do not overlap it. */
static int bind_full(PyFunctionObject *f, Value *window, const Value *args, size_t nargs,
                     PyObject *kwnames)
{
    const struct code *code = code_cast(f->func_code);
    size_t positional = (size_t)code->base.co_argcount;
    size_t named = positional + (size_t)code->base.co_kwonlyargcount;
    int flags = code->base.co_flags;
    size_t parameters = named + ((flags & CO_VARARGS) != 0) + ((flags & CO_VARKEYWORDS) != 0);
    for (size_t i = 0; i < parameters; i++) {
        window[i] = VALUE_NULL;
    }
    PyObject *extra = NULL;
    if (flags & CO_VARKEYWORDS) {
        extra = dict_new();
        if (extra == NULL) {
            return -1;
        }
        window[parameters - 1] = value_from_object(extra);
    }
    size_t direct = nargs < positional ? nargs : positional;
    memcpy(window, args, direct * sizeof(Value));
    if (flags & CO_VARARGS) {
        PyObject *rest = tuple_from_array(args + direct, nargs - direct);
        if (rest == NULL) {
            return -1;
        }
        window[named] = value_from_object(rest);
    }
    if (kwnames != NULL && bind_keywords(f, window, args + nargs, kwnames, extra) < 0) {
        return -1;
    }
    if (nargs > positional && (flags & CO_VARARGS) == 0) {
        return fail_too_many(f, nargs, window);
    }
    return bind_defaults(f, window, direct);
}

enum { FEW_ARGUMENTS = 24 };

/* Binds where the arguments lie at the window itself. */
static int bind_in_place(struct thread *t, PyFunctionObject *f, Value *window, size_t nargs,
                         PyObject *kwnames)
{
    const struct code *code = code_cast(f->func_code);
    bool simple = (code->base.co_flags & (CO_VARARGS | CO_VARKEYWORDS)) == 0;
    if (window + code->registers > t->value_stack_limit) {
        fail_too_deep(t);
        return -1;
    }
    if (simple && kwnames == NULL && nargs <= (size_t)code->base.co_argcount) {
        for (size_t i = nargs; i < call_parameter_count(code); i++) {
            window[i] = VALUE_NULL;
        }
        return bind_defaults(f, window, nargs);
    }
    size_t total = nargs + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    Value few[FEW_ARGUMENTS];
    Value *copy = few;
    if (total > FEW_ARGUMENTS) {
        copy = heap_alloc(total * sizeof(Value), CELL_WORDS);
        if (copy == NULL) {
            error_no_memory();
            return -1;
        }
    }
    memcpy(copy, window, total * sizeof(Value));
    return bind_full(f, window, copy, nargs, kwnames);
}

/* Pushes the frame of a Python function whose arguments lie at window. */
static struct frame *push_call(struct thread *t, PyFunctionObject *f, Value *window, size_t nargs,
                               PyObject *kwnames, uint64_t flags)
{
    struct code *code = code_cast(f->func_code);
    size_t filled = nargs;
    if (kwnames != NULL || atomic_load_acquire(&code->warmup) != CODE_EXACT + nargs) {
        Value *old_top = t->value_stack_top;
        Value *top = window + nargs + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
        /* The window becomes visible to the collector before binding allocates. */
        if (window + code->registers > top) {
            top = window + code->registers;
        }
        if (top > old_top && top <= t->value_stack_limit) {
            t->value_stack_top = top;
        }
        int bound = bind_in_place(t, f, window, nargs, kwnames);
        t->value_stack_top = old_top;
        if (bound < 0) {
            return NULL;
        }
        filled = call_parameter_count(code);
    }
    return vm_push_frame(t, f, window, filled, flags);
}

/* ---- Calls from the loop */

/* What calling a class comes down to, when its metaclass does not interfere: `init` is a Python
 * function and instances are made by object.__new__. Immutable; at type_info.call_cache. */
struct class_record {
    uint64_t version;
    Value init; /* VALUE_ABSENT: not that simple */
};

/* How many attributes of self a method's code stores, at most `most`. */
static uint32_t count_stores(PyObject *function, uint32_t most)
{
    const struct code *code = code_cast(function_cast(function)->func_code);
    uint16_t seen[32];
    uint32_t count = 0;
    for (uint32_t i = 0; i < code->count && count < most; i++) {
        const struct instruction *in = &code->instructions[i];
        if (opcode_generic(atomic_load_relaxed(&in->op)) != OPCODE_STORE_ATTR || in->a != 0) {
            continue;
        }
        uint32_t k = 0;
        while (k < count && seen[k] != in->c) {
            k++;
        }
        if (k == count) {
            seen[count++] = in->c;
        }
    }
    return count;
}

/* Before a class has instances: room for what the __init__ methods along its MRO store. */
static void hint_capacity(PyTypeObject *type)
{
    enum { MOST = 24 };
    struct type_info *info = type_info(type);
    uint32_t count = 0;
    const PyObject *mro = atomic_load_acquire(&type->tp_mro);
    if (info->shape_offset == 0 || mro == NULL) {
        return;
    }
    for (Py_ssize_t i = 0; i < tuple_length(mro) && count < MOST; i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(mro, i);
        Value init = base->tp_dict == NULL || !dict_check_exact(value_from_object(base->tp_dict))
                         ? VALUE_ABSENT
                         : dict_get_str(base->tp_dict, names.__init__);
        if (value_is_object(init) && value_object(init)->ob_type == &PyFunction_Type) {
            count += count_stores(value_object(init), MOST - count);
        }
    }
    if (count > atomic_load_relaxed(&info->inline_capacity)) {
        atomic_store_relaxed(&info->inline_capacity, count);
    }
}

static const struct class_record *class_record_get(PyTypeObject *type)
{
    struct type_info *info = type_info(type);
    const struct class_record *record = atomic_load_acquire(&info->call_cache);
    if (LIKELY(record != NULL && record->version == atomic_load_relaxed(&type->tp_version_tag))) {
        return record;
    }
    uint64_t version = type_version(type);
    if (version == 0) {
        return NULL;
    }
    struct class_record *fresh = heap_alloc(sizeof *fresh, CELL_WORDS);
    if (fresh == NULL) {
        return NULL;
    }
    Value init = type_lookup(type, names.__init__);
    bool simple = (atomic_load_relaxed(&info->flags) & TYPE_PYTHON) != 0 && value_is_object(init) &&
                  value_object(init)->ob_type == &PyFunction_Type &&
                  info->ops.new_ == type_ops(&PyBaseObject_Type)->new_ &&
                  (type->tp_flags & Py_TPFLAGS_IS_ABSTRACT) == 0 &&
                  type_ops(type->ob_base.ob_base.ob_type)->call == type_ops(&PyType_Type)->call;
    if (record == NULL) {
        hint_capacity(type);
    }
    fresh->version = version;
    fresh->init = simple ? init : VALUE_ABSENT;
    heap_store(info, &info->call_cache, fresh);
    return fresh;
}

static struct frame *call_class(struct thread *t, PyTypeObject *type, Value *args, size_t nargs,
                                PyObject *kwnames, Value *result)
{
    const struct class_record *record = class_record_get(type);
    if (record == NULL || value_is_absent(record->init)) {
        *result =
            value_ops(value_from_object(type))->call(value_from_object(type), args, nargs, kwnames);
        return NULL;
    }
    PyObject *instance = object_alloc(type, 0);
    if (instance == NULL) {
        *result = VALUE_NULL;
        return NULL;
    }
    args[-1] = value_from_object(instance);
    struct frame *frame = push_call(t, (PyFunctionObject *)value_object(record->init), args - 1,
                                    nargs + 1, kwnames, FRAME_INIT);
    if (frame == NULL) {
        *result = VALUE_NULL;
        return NULL;
    }
    frame->owner = instance;
    return frame;
}

/* The window of a call must lie above everything live. Arguments of a generator's frame and of
 * C callers are on the value stack too, so this always holds. */
struct frame *vm_call(struct thread *t, Value callable, Value *args, size_t nargs,
                      PyObject *kwnames, Value *result)
{
again:
    if (LIKELY(value_is_object(callable))) {
        PyObject *o = value_object(callable);
        PyTypeObject *type = o->ob_type;
        if (type == &PyFunction_Type) {
            struct frame *frame = push_call(t, (PyFunctionObject *)o, args, nargs, kwnames, 0);
            *result = VALUE_NULL;
            return frame;
        }
        if (type == &PyMethod_Type) {
            const PyMethodObject *method = (const PyMethodObject *)o;
            args--;
            nargs++;
            args[0] = value_unbox(method->im_self);
            callable = value_from_object(method->im_func);
            if (value_is_object(callable) &&
                (value_object(callable)->ob_type == &PyMethod_Type ||
                 type_has_feature(value_object(callable)->ob_type, Py_TPFLAGS_TYPE_SUBCLASS))) {
                /* There is no room for another self. */
                *result = object_call(callable, args, nargs, kwnames);
                return NULL;
            }
            goto again;
        }
        if (type_has_feature(type, Py_TPFLAGS_TYPE_SUBCLASS)) {
            return call_class(t, (PyTypeObject *)o, args, nargs, kwnames, result);
        }
    }
    *result = object_call(callable, args, nargs, kwnames);
    return NULL;
}

PyObject *vm_callable_text(Value callable)
{
    Value name;
    int found = object_find_attr(callable, names.__qualname__, &name);
    if (found < 0) {
        return NULL;
    }
    if (found == 0 || !str_check(name)) {
        return object_str(callable);
    }
    Value module;
    found = object_find_attr(callable, names.__module__, &module);
    if (found < 0) {
        return NULL;
    }
    if (found > 0 && str_check(module) && !str_equal_text(value_object(module), "builtins")) {
        return str_format("%U.%U()", value_object(module), value_object(name));
    }
    return str_format("%U()", value_object(name));
}

/* The positional arguments of f(*x) as a tuple. */
static PyObject *star_arguments(Value callable, Value v)
{
    if (tuple_check_exact(v)) {
        return value_object(v);
    }
    if (!list_check_exact(v) && value_ops(v)->iter == NULL && !object_is_sequence(v)) {
        PyObject *text = vm_callable_text(callable);
        if (text != NULL) {
            error_raise(PyExc_TypeError, "%U argument after * must be an iterable, not %T", text,
                        v);
        }
        return NULL;
    }
    return object_to_tuple(v);
}

struct frame *vm_call_ex(struct thread *t, Value *base, bool has_keywords, Value *result)
{
    Value callable = base[0];
    PyObject *positional = star_arguments(callable, base[1]);
    *result = VALUE_NULL;
    if (positional == NULL) {
        return NULL;
    }
    PyObject *keywords = has_keywords ? value_object(base[2]) : NULL;
    size_t nargs = (size_t)tuple_length(positional);
    size_t count = keywords == NULL ? 0 : (size_t)dict_length(keywords);
    Value *args = base + 1;
    bool is_python =
        value_is_object(callable) && (value_object(callable)->ob_type == &PyFunction_Type ||
                                      value_object(callable)->ob_type == &PyMethod_Type);
    if (!is_python || args + nargs + count + 8 > t->value_stack_limit || nargs + count > 100) {
        *result = object_call_tuple(callable, positional, keywords);
        return NULL;
    }
    PyObject *kwnames = NULL;
    Value *old_top = t->value_stack_top;
    if (count > 0) {
        kwnames = tuple_new((Py_ssize_t)count);
        if (kwnames == NULL) {
            return NULL;
        }
    }
    if (args + nargs + count > old_top) {
        memset(old_top, 0, (size_t)((char *)(args + nargs + count) - (char *)old_top));
        t->value_stack_top = args + nargs + count;
    }
    for (size_t i = 0; i < nargs; i++) {
        args[i] = tuple_get(positional, (Py_ssize_t)i);
    }
    size_t position = 0, k = 0;
    Value key, value;
    Py_hash_t hash;
    while (k < count && dict_next(keywords, &position, &key, &value, &hash)) {
        if (!str_check(key)) {
            t->value_stack_top = old_top;
            error_raise(PyExc_TypeError, "keywords must be strings");
            return NULL;
        }
        tuple_init_item(kwnames, (Py_ssize_t)k, key);
        args[nargs + k++] = value;
    }
    struct frame *frame = vm_call(t, callable, args, nargs, kwnames, result);
    if (frame == NULL) {
        t->value_stack_top = old_top;
    }
    return frame;
}

/* ---- Calls from C */

Value vm_call_function(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct thread *t = thread_current();
    nargs = CALL_NARGS(nargs);
    if (UNLIKELY(thread_stack_is_low())) {
        return error_raise(PyExc_RecursionError,
                           "maximum recursion depth exceeded while calling a Python object");
    }
    if (UNLIKELY(t->frame_stack == NULL) && vm_frame_stack_init(t) < 0) {
        return VALUE_NULL;
    }
    PyFunctionObject *f = (PyFunctionObject *)value_object(self);
    Value *saved = t->value_stack_top;
    Value *window = saved;
    size_t total = nargs + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    if (window + total > t->value_stack_limit) {
        fail_too_deep(t);
        return VALUE_NULL;
    }
    memcpy(window, args, total * sizeof(Value));
    struct frame *frame = push_call(t, f, window, nargs, kwnames, FRAME_ENTRY);
    Value result = frame == NULL ? VALUE_NULL : vm_execute(t, frame, false);
    t->value_stack_top = saved;
    return result;
}
