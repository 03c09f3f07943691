/* SPDX-License-Identifier: MIT */
/* _pickle.Pickler and Unpickler, and their memo proxies.
 *
 * A dump or load works on a struct of its own on the C stack. What outlives it is taken from the
 * object when it starts and put back when it ends, under the object's lock: so two threads that use
 * one object at the same time get in each other's way, but never see a half-made memo. */
#include <Python.h>
#include <structmember.h>

#include "module/pickle_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "thread/lock.h"

struct pickler {
    PyObject_HEAD Value file_write; /* VALUE_NULL: not initialised */
    Value buffer_callback;
    PyObject *dispatch_table; /* or NULL */
    Value persistent_id;      /* set by the program; VALUE_NULL: none */
    struct pickle_memo memo;  /* under the lock; empty while a dump has it */
    int protocol, bin, fast;
    bool fix_imports;
    uint8_t lock;
};

struct unpickler {
    PyObject_HEAD struct pickle_reader reader; /* under the lock; its stack is empty */
    Value persistent_load;                     /* set by the program; VALUE_NULL: none */
    PyObject *encoding, *errors;               /* keep the texts in `reader` alive */
    bool ready;
    uint8_t lock;
};

static struct pickler *pickler_of(Value v)
{
    return (struct pickler *)(void *)value_object(v);
}
static struct unpickler *unpickler_of(Value v)
{
    return (struct unpickler *)(void *)value_object(v);
}

static Value plain_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)args;
    (void)nargs;
    (void)kwnames;
    return value_from_object(object_alloc(type, 0));
}

/* ---- Arguments. */

int pickle_writer_init(struct pickle_writer *w, Value protocol, Value fix_imports, Value callback)
{
    int number = PROTOCOL_DEFAULT;
    *w = (struct pickle_writer){.file_write = VALUE_ABSENT,
                                .persistent_id = VALUE_ABSENT,
                                .reducer = VALUE_ABSENT,
                                .dispatch_table = VALUE_ABSENT,
                                .buffer_callback = VALUE_ABSENT};
    if (!value_is_absent(protocol) && !value_is_none(protocol)) {
        if (arg_int(protocol, &number) < 0) {
            return -1;
        }
        if (number > PROTOCOL_HIGHEST) {
            return error_raise_int(PyExc_ValueError, "pickle protocol must be <= %d",
                                   PROTOCOL_HIGHEST);
        }
        number = number < 0 ? PROTOCOL_HIGHEST : number;
    }
    w->protocol = number;
    w->bin = number > 0;
    bool fix = true;
    if (!value_is_absent(fix_imports) && arg_bool(fix_imports, &fix) < 0) {
        return -1;
    }
    w->fix_imports = fix && number < 3;
    if (!value_is_absent(callback) && !value_is_none(callback)) {
        if (number < 5) {
            return error_raise_int(PyExc_ValueError, "buffer_callback needs protocol >= 5");
        }
        w->buffer_callback = callback;
    }
    return 0;
}

int pickle_find_write(Value file, Value *write)
{
    int found = object_find_attr(file, names.write, write);
    return found > 0   ? 0
           : found < 0 ? -1
                       : error_raise_int(PyExc_TypeError, "file must have a 'write' attribute");
}

static int text_argument(Value v, const char *fallback, const char *what, const char **out)
{
    *out = fallback;
    if (value_is_absent(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "Unpickler() argument '%s' must be str, not %T",
                               what, v);
    }
    *out = str_utf8(value_object(v), NULL);
    return *out == NULL ? -1 : 0;
}

int pickle_reader_init(struct pickle_reader *r, const Value *args)
{
    bool fix = true;
    *r = (struct pickle_reader){.data = "",
                                .file_read = VALUE_ABSENT,
                                .file_readline = VALUE_ABSENT,
                                .file_readinto = VALUE_ABSENT,
                                .file_peek = VALUE_ABSENT,
                                .unpickler = VALUE_ABSENT,
                                .persistent_load = VALUE_ABSENT,
                                .buffers = VALUE_ABSENT};
    if (!value_is_absent(args[0]) && arg_bool(args[0], &fix) < 0) {
        return -1;
    }
    r->fix_imports = fix;
    if (text_argument(args[1], "ASCII", "encoding", &r->encoding) < 0 ||
        text_argument(args[2], "strict", "errors", &r->errors) < 0) {
        return -1;
    }
    if (!value_is_absent(args[3]) && !value_is_none(args[3])) {
        r->buffers = object_iter(args[3]);
    }
    return value_is_null(r->buffers) ? -1 : 0;
}

/* ---- Pickler. */

static void pickler_trace(PyObject *self, struct tracer *tracer)
{
    struct pickler *p = (struct pickler *)(void *)self;
    trace_value(tracer, p->file_write);
    trace_value(tracer, p->buffer_callback);
    trace_pointer(tracer, p->dispatch_table);
    trace_value(tracer, p->persistent_id);
    trace_pointer(tracer, p->memo.slots);
}

static int pickler_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    struct pickler *p = pickler_of(self);
    struct pickle_writer w;
    Value out[4], write, table;
    if (native_bind("Pickler", "(file, protocol=None, fix_imports=True, buffer_callback=None)",
                    &cache, args, nargs, kwnames, out) < 0 ||
        pickle_writer_init(&w, out[1], out[2], out[3]) < 0 ||
        pickle_find_write(out[0], &write) < 0) {
        return -1;
    }
    int found = object_find_attr(self, pickle_names.dispatch_table, &table);
    if (found < 0) {
        return -1;
    }
    byte_lock(&p->lock);
    heap_store_value(p, &p->file_write, write);
    heap_store_value(p, &p->buffer_callback, w.buffer_callback);
    heap_store(p, &p->dispatch_table, found > 0 ? value_box(table) : NULL);
    p->memo = (struct pickle_memo){0};
    p->protocol = w.protocol;
    p->bin = w.bin;
    p->fast = 0;
    p->fix_imports = w.fix_imports;
    byte_unlock(&p->lock);
    return 0;
}

static struct pickle_memo swap_memo(struct pickler *p, struct pickle_memo memo)
{
    byte_lock(&p->lock);
    struct pickle_memo old = p->memo;
    heap_store(p, &p->memo.slots, memo.slots);
    p->memo.mask = memo.mask;
    p->memo.used = memo.used;
    byte_unlock(&p->lock);
    return old;
}

/* A method or attribute of the instance; ABSENT if it has none. -1 with an exception. */
static int find_hook(Value self, PyObject *name, Value *out)
{
    *out = VALUE_ABSENT;
    return object_find_attr(self, name, out) < 0 ? -1 : 0;
}

static Value pickler_dump(Value self, Value object)
{
    struct pickler *p = pickler_of(self);
    struct pickle_writer w;
    if (value_is_null(p->file_write)) {
        return error_raise(pickling_error, "Pickler.__init__() was not called by %T.__init__()",
                           self);
    }
    w = (struct pickle_writer){.file_write = p->file_write,
                               .buffer_callback = p->buffer_callback,
                               .protocol = p->protocol,
                               .bin = p->bin != 0,
                               .fast = p->fast != 0,
                               .fix_imports = p->fix_imports};
    w.dispatch_table =
        p->dispatch_table != NULL ? value_from_object(p->dispatch_table) : VALUE_ABSENT;
    if (find_hook(self, pickle_names.persistent_id, &w.persistent_id) < 0 ||
        find_hook(self, pickle_names.reducer_override, &w.reducer) < 0) {
        return VALUE_NULL;
    }
    w.memo = swap_memo(p, (struct pickle_memo){0});
    int status = pickle_dump(&w, object);
    swap_memo(p, w.memo);
    PyObject *data = status < 0 ? NULL : bytes_builder_finish(&w.out);
    if (data == NULL || value_is_null(object_call1(w.file_write, value_from_object(data)))) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value pickler_clear_memo(Value self)
{
    swap_memo(pickler_of(self), (struct pickle_memo){0});
    return VALUE_NONE;
}

static Value object_size(Value self)
{
    return int_from_ssize(value_type(self)->tp_basicsize);
}

static Value get_hook(const Value *slot, PyObject *name)
{
    Value v = value_load_acquire(slot);
    return value_is_null(v) ? error_raise_value(PyExc_AttributeError, value_from_object(name)) : v;
}

static int set_hook(Value self, Value *slot, Value v, const char *name)
{
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "attribute deletion is not supported");
    }
    if (!object_is_callable(v)) {
        return error_raise_int(PyExc_TypeError, "%s must be a callable taking one argument", name);
    }
    heap_store_value(value_object(self), slot, v);
    return 0;
}

static Value get_persistent_id(Value self, void *closure)
{
    (void)closure;
    return get_hook(&pickler_of(self)->persistent_id, pickle_names.persistent_id);
}
static int set_persistent_id(Value self, Value v, void *closure)
{
    (void)closure;
    return set_hook(self, &pickler_of(self)->persistent_id, v, "persistent_id");
}

/* ---- The memo as the program sees it. */

struct memo_proxy {
    PyObject_HEAD PyObject *owner;
};

static void proxy_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct memo_proxy *)(void *)self)->owner);
}

static Value owner_of(Value proxy)
{
    return value_from_object(((struct memo_proxy *)(void *)value_object(proxy))->owner);
}

static Value proxy_new(PyTypeObject *type, Value owner)
{
    struct memo_proxy *m = (struct memo_proxy *)(void *)object_alloc(type, 0);
    if (m != NULL) {
        heap_init(m, &m->owner, value_object(owner));
    }
    return value_from_object(m);
}

static Value get_memo(Value self, void *closure)
{
    return proxy_new(closure, self);
}

static Value reduce_proxy(Value copy)
{
    PyObject *args = value_is_null(copy) ? NULL : tuple_pack(1, value_object(copy));
    return args == NULL ? VALUE_NULL
                        : value_from_object(tuple_pack(2, (PyObject *)&PyDict_Type, args));
}

static Value pickler_memo_copy(Value self)
{
    struct pickler *p = pickler_of(owner_of(self));
    byte_lock(&p->lock);
    struct pickle_memo memo = p->memo;
    byte_unlock(&p->lock);
    PyObject *dict = dict_new();
    for (size_t i = 0; dict != NULL && memo.slots != NULL && i <= memo.mask; i++) {
        Value *slot = &memo.slots[i * 2];
        Value pair[] = {slot[1], slot[0]};
        PyObject *tuple = slot->bits != 0 ? tuple_from_array(pair, 2) : NULL;
        if (slot->bits != 0 && (tuple == NULL || dict_set(dict, int_from_u64(slot->bits),
                                                          value_from_object(tuple)) < 0)) {
            return VALUE_NULL;
        }
    }
    return value_from_object(dict);
}

static Value pickler_memo_clear(Value self)
{
    return pickler_clear_memo(owner_of(self));
}

static Value pickler_memo_reduce(Value self)
{
    return reduce_proxy(pickler_memo_copy(self));
}

static int memo_from_dict(PyObject *dict, struct pickle_memo *memo)
{
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (dict_next(dict, &position, &key, &value, &hash)) {
        int64_t index;
        if (!tuple_check(value) || tuple_length(value_object(value)) != 2) {
            return error_raise_int(PyExc_TypeError, "'memo' values must be 2-item tuples");
        }
        Value number = value_unbox(tuple_object(value_object(value), 0));
        if (!int_check(number) || int_to_i64(number, &index) < 0 || index < 0) {
            return error_occurred() ? -1
                                    : error_raise_int(PyExc_TypeError, "an integer is required");
        }
        if (pickle_memo_add(memo, tuple_get(value_object(value), 1), (size_t)index) < 0) {
            return -1;
        }
    }
    return 0;
}

static int set_pickler_memo(Value self, Value v, void *closure)
{
    (void)closure;
    struct pickle_memo memo = {0};
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "attribute deletion is not supported");
    }
    Value dict = value_type(v) == &pickler_memo_type ? pickler_memo_copy(v) : v;
    if (value_is_null(dict)) {
        return -1;
    }
    if (!dict_check(dict)) {
        return error_raise_int(PyExc_TypeError,
                               "'memo' attribute must be a PicklerMemoProxy object or dict, not %T",
                               v);
    }
    if (memo_from_dict(value_object(dict), &memo) < 0) {
        return -1;
    }
    swap_memo(pickler_of(self), memo);
    return 0;
}

/* ---- Unpickler. */

static void unpickler_trace(PyObject *self, struct tracer *tracer)
{
    struct unpickler *u = (struct unpickler *)(void *)self;
    struct pickle_reader *r = &u->reader;
    const Value values[] = {r->file_read, r->file_readinto, r->file_readline,
                            r->file_peek, r->buffers,       u->persistent_load};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        trace_value(tracer, values[i]);
    }
    trace_pointer(tracer, r->data);
    trace_pointer(tracer, r->memo);
    trace_pointer(tracer, u->encoding);
    trace_pointer(tracer, u->errors);
}

static int unpickler_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    struct unpickler *u = unpickler_of(self);
    struct pickle_reader r;
    Value out[5];
    if (native_bind("Unpickler",
                    "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
                    &cache, args, nargs, kwnames, out) < 0 ||
        pickle_reader_init(&r, out + 1) < 0 || pickle_open(&r, out[0]) < 0) {
        return -1;
    }
    byte_lock(&u->lock);
    u->reader = r;
    heap_remember(u);
    heap_store(u, &u->encoding, value_is_absent(out[2]) ? NULL : value_object(out[2]));
    heap_store(u, &u->errors, value_is_absent(out[3]) ? NULL : value_object(out[3]));
    u->ready = true;
    byte_unlock(&u->lock);
    return 0;
}

static Value unpickler_load(Value self)
{
    struct unpickler *u = unpickler_of(self);
    if (!u->ready) {
        return error_raise(unpickling_error, "Unpickler.__init__() was not called by %T.__init__()",
                           self);
    }
    byte_lock(&u->lock);
    struct pickle_reader r = u->reader;
    byte_unlock(&u->lock);
    r.unpickler = self;
    r.own_find_class = value_type(self) != &unpickler_type;
    r.protocol = 0;
    if (find_hook(self, pickle_names.persistent_load, &r.persistent_load) < 0) {
        return VALUE_NULL;
    }
    Value result = pickle_load(&r);
    r.unpickler = VALUE_ABSENT;
    r.stack = NULL;
    r.marks = NULL;
    r.depth = r.room = r.fence = r.mark_count = r.mark_room = 0;
    byte_lock(&u->lock);
    u->reader = r;
    heap_remember(u);
    byte_unlock(&u->lock);
    return result;
}

static Value unpickler_find_class(Value self, const Value *args)
{
    for (int i = 0; i < 2; i++) {
        if (!str_check(args[i])) {
            return error_raise(PyExc_TypeError, "find_class() argument %d must be str, not %T",
                               i + 1, args[i]);
        }
    }
    struct pickle_reader *r = &unpickler_of(self)->reader;
    return pickle_find_class(r->fix_imports, r->protocol, value_object(args[0]),
                             value_object(args[1]));
}

static Value get_persistent_load(Value self, void *closure)
{
    (void)closure;
    return get_hook(&unpickler_of(self)->persistent_load, pickle_names.persistent_load);
}
static int set_persistent_load(Value self, Value v, void *closure)
{
    (void)closure;
    return set_hook(self, &unpickler_of(self)->persistent_load, v, "persistent_load");
}

static Value unpickler_memo_copy(Value self)
{
    struct unpickler *u = unpickler_of(owner_of(self));
    byte_lock(&u->lock);
    Value *memo = u->reader.memo;
    size_t room = u->reader.memo_room;
    byte_unlock(&u->lock);
    PyObject *dict = dict_new();
    for (size_t i = 0; dict != NULL && i < room; i++) {
        if (memo[i].bits != 0 && dict_set(dict, value_from_int((int64_t)i), memo[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(dict);
}

static void replace_memo(struct unpickler *u, const struct pickle_reader *from)
{
    byte_lock(&u->lock);
    heap_store(u, &u->reader.memo, from->memo);
    u->reader.memo_room = from->memo_room;
    u->reader.memo_used = from->memo_used;
    byte_unlock(&u->lock);
}

static Value unpickler_memo_clear(Value self)
{
    replace_memo(unpickler_of(owner_of(self)), &(struct pickle_reader){0});
    return VALUE_NONE;
}

static Value unpickler_memo_reduce(Value self)
{
    return reduce_proxy(unpickler_memo_copy(self));
}

static int set_unpickler_memo(Value self, Value v, void *closure)
{
    (void)closure;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_TypeError, "attribute deletion is not supported");
    }
    Value dict = value_type(v) == &unpickler_memo_type ? unpickler_memo_copy(v) : v;
    if (value_is_null(dict)) {
        return -1;
    }
    if (!dict_check(dict)) {
        return error_raise_int(
            PyExc_TypeError,
            "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %T", v);
    }
    struct pickle_reader memo = {0};
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (dict_next(value_object(dict), &position, &key, &value, &hash)) {
        int64_t index;
        if (!int_check(key)) {
            return error_raise_int(PyExc_TypeError, "memo key must be integers");
        }
        if (int_to_i64(key, &index) < 0) {
            return -1;
        }
        if (index < 0) {
            return error_raise_int(PyExc_ValueError, "memo key must be positive integers.");
        }
        if (pickle_memo_set(&memo, (size_t)index, value) < 0) {
            return -1;
        }
    }
    replace_memo(unpickler_of(self), &memo);
    return 0;
}

/* ---- Types. */

static const struct native_def pickler_methods[] = {
    {"dump", "($self, obj, /)",
     "Write a pickled representation of the given object to the open file.", .f1 = pickler_dump},
    {"clear_memo", "($self, /)",
     "Clears the pickler's \"memo\".\n\nThe memo is the data structure that remembers which "
     "objects "
     "the\npickler has already seen, so that shared or recursive objects are\npickled by reference "
     "and not by value.  This method is useful when\nre-using picklers.",
     .f0 = pickler_clear_memo},
    {"__sizeof__", "($self, /)", "Returns size in memory, in bytes.", .f0 = object_size},
    {NULL},
};
static const struct member_def pickler_members[] = {
    {"bin", T_INT, offsetof(struct pickler, bin), 0, NULL},
    {"fast", T_INT, offsetof(struct pickler, fast), 0, NULL},
    {"dispatch_table", T_OBJECT_EX, offsetof(struct pickler, dispatch_table), 0, NULL},
    {NULL},
};
static const struct getset_def pickler_getsets[] = {
    {"memo", get_memo, set_pickler_memo, NULL, &pickler_memo_type},
    {"persistent_id", get_persistent_id, set_persistent_id, NULL, NULL},
    {NULL},
};
static struct type_info pickler_info = {
    .ops = {.new_ = plain_new, .init = pickler_init},
    .trace = pickler_trace,
    .methods = pickler_methods,
    .members = pickler_members,
    .getsets = pickler_getsets,
};
PyTypeObject pickler_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_pickle.Pickler",
    .tp_basicsize = sizeof(struct pickler),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc =
        "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\nThis takes "
        "a binary file for writing a pickle data stream.",
    .tp_cache = (PyObject *)&pickler_info,
};

static const struct native_def unpickler_methods[] = {
    {"load", "($self, /)",
     "Load a pickle.\n\nRead a pickled object representation from the open file object given\nin "
     "the "
     "constructor, and return the reconstituted object hierarchy\nspecified therein.",
     .f0 = unpickler_load},
    {"find_class", "($self, module_name, global_name, /)",
     "Return an object from a specified module.\n\nIf necessary, the module will be imported. "
     "Subclasses may override\nthis method (e.g. to restrict unpickling of arbitrary classes and\n"
     "functions).",
     .n = unpickler_find_class},
    {"__sizeof__", "($self, /)", "Returns size in memory, in bytes.", .f0 = object_size},
    {NULL},
};
static const struct getset_def unpickler_getsets[] = {
    {"memo", get_memo, set_unpickler_memo, NULL, &unpickler_memo_type},
    {"persistent_load", get_persistent_load, set_persistent_load, NULL, NULL},
    {NULL},
};
static struct type_info unpickler_info = {
    .ops = {.new_ = plain_new, .init = unpickler_init},
    .trace = unpickler_trace,
    .methods = unpickler_methods,
    .getsets = unpickler_getsets,
};
PyTypeObject unpickler_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_pickle.Unpickler",
    .tp_basicsize = sizeof(struct unpickler),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          "
              "buffers=())\n--\n\nThis takes a binary file for reading a pickle data stream.",
    .tp_cache = (PyObject *)&unpickler_info,
};

static const struct native_def pickler_memo_methods[] = {
    {"clear", "($self, /)", "Remove all items from memo.", .f0 = pickler_memo_clear},
    {"copy", "($self, /)", "Copy the memo to a new object.", .f0 = pickler_memo_copy},
    {"__reduce__", "($self, /)", "Implement pickle support.", .f0 = pickler_memo_reduce},
    {NULL},
};
static struct type_info pickler_memo_info = {
    .trace = proxy_trace, .methods = pickler_memo_methods, .flags = TYPE_NO_NEW};
PyTypeObject pickler_memo_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_pickle.PicklerMemoProxy",
    .tp_basicsize = sizeof(struct memo_proxy),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&pickler_memo_info,
};

static const struct native_def unpickler_memo_methods[] = {
    {"clear", "($self, /)", "Remove all items from memo.", .f0 = unpickler_memo_clear},
    {"copy", "($self, /)", "Copy the memo to a new object.", .f0 = unpickler_memo_copy},
    {"__reduce__", "($self, /)", "Implement pickling support.", .f0 = unpickler_memo_reduce},
    {NULL},
};
static struct type_info unpickler_memo_info = {
    .trace = proxy_trace, .methods = unpickler_memo_methods, .flags = TYPE_NO_NEW};
PyTypeObject unpickler_memo_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_pickle.UnpicklerMemoProxy",
    .tp_basicsize = sizeof(struct memo_proxy),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&unpickler_memo_info,
};
