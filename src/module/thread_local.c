/* SPDX-License-Identifier: MIT */
/* _thread._local: attributes that each thread has for itself.
 *
 * The object owns a table from thread serials to dicts. The table is a heap cell that is read
 * without a lock: a row's dict is stored before its key, and keys never change. A writer holds the
 * byte lock; when the table is full, a bigger one replaces it. A thread notes which objects it has
 * used (weakly), and when it ends its rows are emptied. */
#include "module/thread_int.h"

#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"
#include "object/weakref.h"
#include "thread/lock.h"

struct row {
    Value serial; /* atomic; VALUE_NULL: free */
    Value dict;   /* atomic; VALUE_NULL: the thread has ended */
};

struct table {
    Value capacity; /* a power of two, as an inline integer; constant */
    struct row rows[];
};

struct local {
    PyObject_HEAD PyObject *weak_list;
    struct table *table; /* atomic */
    size_t used;         /* under lock: rows that have a key */
    PyObject *args;      /* constant: a tuple or NULL, for __init__ in other threads */
    PyObject *kwargs;    /* constant: a dict or NULL */
    uint8_t lock;
};

static struct local *local_cast(Value v)
{
    return (struct local *)value_object(v);
}

static size_t table_capacity(const struct table *t)
{
    return (size_t)value_int(t->capacity);
}

static struct table *table_new(size_t capacity)
{
    struct table *t = heap_alloc(sizeof *t + capacity * sizeof(struct row), CELL_WORDS);
    if (t != NULL) {
        t->capacity = value_from_int((int64_t)capacity);
    }
    return t;
}

/* The thread's row, or the free one where it would go; NULL if the table is full. */
static struct row *find_row(struct table *t, uint64_t serial)
{
    size_t mask = table_capacity(t) - 1;
    Value key = value_from_int((int64_t)serial);
    for (size_t i = 0; i <= mask; i++) {
        struct row *row = &t->rows[(serial + i) & mask];
        Value found = value_load_acquire(&row->serial);
        if (found.bits == key.bits || value_is_null(found)) {
            return row;
        }
    }
    return NULL;
}

static void row_fill(struct table *t, struct row *row, uint64_t serial, Value dict)
{
    heap_store_value(t, &row->dict, dict);
    atomic_store_release(&row->serial.bits, value_from_int((int64_t)serial).bits);
}

/* Copies the rows of living threads; returns how many. The lock is held. */
static size_t copy_rows(struct table *to, struct table *from)
{
    size_t count = 0;
    for (size_t i = 0; i < table_capacity(from); i++) {
        Value key = from->rows[i].serial, dict = from->rows[i].dict;
        if (!value_is_null(key) && !value_is_null(dict)) {
            uint64_t serial = (uint64_t)value_int(key);
            row_fill(to, find_row(to, serial), serial, dict);
            count++;
        }
    }
    return count;
}

/* Adds this thread's row. `spare` is a table for the case that there is no room; false if it was
 * needed and too small. */
static bool add_row_locked(struct local *l, uint64_t serial, Value dict, struct table *spare)
{
    if (l->table == NULL || (l->used + 1) * 2 > table_capacity(l->table)) {
        if (spare == NULL ||
            (l->table != NULL && table_capacity(spare) <= table_capacity(l->table))) {
            return false;
        }
        l->used = l->table != NULL ? copy_rows(spare, l->table) : 0;
        heap_store(l, &l->table, spare);
    }
    row_fill(l->table, find_row(l->table, serial), serial, dict);
    l->used++;
    return true;
}

static bool add_row(struct local *l, uint64_t serial, PyObject *dict)
{
    struct table *spare = NULL;
    for (;;) {
        byte_lock(&l->lock);
        bool done = add_row_locked(l, serial, value_from_object(dict), spare);
        size_t capacity = l->table != NULL ? table_capacity(l->table) * 2 : 4;
        byte_unlock(&l->lock);
        if (done) {
            return true;
        }
        spare = table_new(capacity);
        if (spare == NULL) {
            error_no_memory();
            return false;
        }
    }
}

/* ---- What a thread has used: a list of weak references in its record. */

static int note_use(struct thread *t, PyObject *local)
{
    Value *slot = &t->locals[THREAD_LOCAL_DICT];
    if (value_is_null(*slot)) {
        PyObject *list = list_new(0);
        if (list == NULL) {
            return -1;
        }
        *slot = value_from_object(list);
    }
    PyObject *list = value_object(*slot);
    Py_ssize_t length = list_length(list);
    if (length >= 16 && (length & (length - 1)) == 0) { /* now and then forget the dead */
        PyObject *fresh = list_new(0);
        for (Py_ssize_t i = 0; fresh != NULL && i < length; i++) {
            Value reference = list_find(list, i);
            if (weakref_get(value_object(reference)) != NULL && list_append(fresh, reference) < 0) {
                return -1;
            }
        }
        if (fresh == NULL) {
            return -1;
        }
        *slot = value_from_object(fresh);
        list = fresh;
    }
    PyObject *reference = weakref_new(local, NULL, &_PyWeakref_RefType);
    return reference != NULL ? list_append(list, value_from_object(reference)) : -1;
}

void thread_local_forget(struct thread *t)
{
    if (value_is_null(t->locals[THREAD_LOCAL_DICT])) {
        return;
    }
    PyObject *list = value_object(t->locals[THREAD_LOCAL_DICT]);
    t->locals[THREAD_LOCAL_DICT] = VALUE_NULL;
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        struct local *l = (struct local *)weakref_get(value_object(list_find(list, i)));
        if (l == NULL) {
            continue;
        }
        byte_lock(&l->lock);
        struct row *row = find_row(l->table, t->serial);
        if (row != NULL && !value_is_null(row->serial)) {
            heap_store_value(l->table, &row->dict, VALUE_NULL);
        }
        byte_unlock(&l->lock);
    }
}

/* ---- The object. */

/* This thread's dict, or NULL without an exception if it has none yet. */
static PyObject *find_dict(struct local *l)
{
    struct table *table = atomic_load_acquire(&l->table);
    if (table == NULL) {
        return NULL;
    }
    struct row *row = find_row(table, thread_current()->serial);
    if (row == NULL || value_is_null(value_load_acquire(&row->serial))) {
        return NULL;
    }
    return value_object(value_load_acquire(&row->dict));
}

static PyObject *make_dict(struct local *l)
{
    struct thread *t = thread_current();
    PyObject *dict = dict_new();
    if (dict == NULL || note_use(t, (PyObject *)l) < 0 || !add_row(l, t->serial, dict)) {
        return NULL;
    }
    return dict;
}

static bool has_own_init(PyTypeObject *type)
{
    return type_ops(type)->init != NULL &&
           type_ops(type)->init != type_ops(&PyBaseObject_Type)->init;
}

/* A thread that uses the object for the first time runs __init__ with the original arguments. */
static int run_init(Value self)
{
    struct local *l = local_cast(self);
    PyTypeObject *type = value_type(self);
    if (!has_own_init(type)) {
        return 0;
    }
    Value init = object_getattr(self, names.__init__);
    PyObject *args = l->args != NULL ? l->args : tuple_new(0);
    if (value_is_null(init) || args == NULL) {
        return -1;
    }
    return value_is_null(object_call_tuple(init, args, l->kwargs)) ? -1 : 0;
}

static void remove_row(struct local *l)
{
    byte_lock(&l->lock);
    struct row *row = find_row(l->table, thread_current()->serial);
    heap_store_value(l->table, &row->dict, VALUE_NULL);
    byte_unlock(&l->lock);
}

static PyObject *ensure_dict(Value self)
{
    struct local *l = local_cast(self);
    PyObject *dict = find_dict(l);
    if (LIKELY(dict != NULL)) {
        return dict;
    }
    dict = make_dict(l);
    if (dict != NULL && run_init(self) < 0) {
        remove_row(l);
        return NULL;
    }
    return dict;
}

static Value local_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    size_t keywords = kwnames != NULL ? (size_t)tuple_length(kwnames) : 0;
    if (nargs + keywords > 0 && !has_own_init(type)) {
        return error_raise(PyExc_TypeError, "Initialization arguments are not supported");
    }
    struct local *l = (struct local *)object_alloc(type, 0);
    if (l == NULL) {
        return VALUE_NULL;
    }
    if (nargs > 0) {
        heap_store(l, &l->args, tuple_from_array(args, nargs));
        if (l->args == NULL) {
            return VALUE_NULL;
        }
    }
    if (keywords > 0) {
        PyObject *kwargs = dict_new();
        for (size_t i = 0; kwargs != NULL && i < keywords; i++) {
            if (dict_set(kwargs, tuple_get(kwnames, (Py_ssize_t)i), args[nargs + i]) < 0) {
                return VALUE_NULL;
            }
        }
        if (kwargs == NULL) {
            return VALUE_NULL;
        }
        heap_store(l, &l->kwargs, kwargs);
    }
    return make_dict(l) != NULL ? value_from_object(l) : VALUE_NULL;
}

static bool is_dict_name(PyObject *name)
{
    return name == names.__dict__;
}

static Value bind(Value attribute, Value self)
{
    Value (*get)(Value, Value, PyTypeObject *) = value_ops(attribute)->descr_get;
    return get != NULL ? get(attribute, self, value_type(self)) : attribute;
}

static Value local_getattr(Value self, PyObject *name)
{
    PyObject *dict = ensure_dict(self);
    if (dict == NULL) {
        return VALUE_NULL;
    }
    if (is_dict_name(name)) {
        return value_from_object(dict);
    }
    Value attribute = type_lookup(value_type(self), name);
    bool found = !value_is_absent(attribute);
    if (found && value_ops(attribute)->descr_set != NULL) {
        return bind(attribute, self);
    }
    Value v = dict_get_str(dict, name);
    if (!value_is_absent(v)) {
        return v;
    }
    return found ? bind(attribute, self) : VALUE_ABSENT;
}

static int local_setattr(Value self, PyObject *name, Value value)
{
    PyObject *dict = ensure_dict(self);
    if (dict == NULL) {
        return -1;
    }
    if (is_dict_name(name)) {
        return error_raise_int(PyExc_AttributeError, "'%T' object attribute '%U' is read-only",
                               self, name);
    }
    Value attribute = type_lookup(value_type(self), name);
    if (!value_is_absent(attribute) && value_ops(attribute)->descr_set != NULL) {
        return value_ops(attribute)->descr_set(attribute, self, value);
    }
    if (!value_is_absent(value)) {
        return dict_set_str(dict, name, value);
    }
    int deleted = dict_delete(dict, value_from_object(name));
    if (deleted == 0) {
        error_no_attribute(self, name);
    }
    return deleted > 0 ? 0 : -1;
}

static void local_trace(PyObject *self, struct tracer *tracer)
{
    struct local *l = (struct local *)self;
    trace_pointer(tracer, l->table);
    trace_pointer(tracer, l->args);
    trace_pointer(tracer, l->kwargs);
}

static Value local_get_dict(Value self, void *closure)
{
    return value_from_object(ensure_dict(self));
}

static const struct getset_def local_getsets[] = {{"__dict__", local_get_dict}, {NULL}};

static struct type_info local_info = {
    .ops = {.new_ = local_new, .getattr = local_getattr, .setattr = local_setattr},
    .trace = local_trace,
    .getsets = local_getsets,
};

PyTypeObject thread_local_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_thread._local",
    .tp_doc = "Thread-local data",
    .tp_basicsize = sizeof(struct local),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_weaklistoffset = offsetof(struct local, weak_list),
    .tp_cache = (PyObject *)&local_info,
};
