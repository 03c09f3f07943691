/* SPDX-License-Identifier: MIT */
/* _pickle: the machine that reads opcodes. It has a stack of values, marks into it, and a memo. */
#include "module/import.h"
#include "module/pickle_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

/* ---- The stack. */

static int underflow(struct pickle_reader *r)
{
    return error_raise_int(unpickling_error, r->mark_count > 0 ? "unexpected MARK found"
                                                               : "unpickling stack underflow");
}

static int push_slow(struct pickle_reader *r, Value v)
{
    size_t room = r->room == 0 ? 64 : r->room * 2;
    Value *bigger = heap_alloc(room * sizeof(Value), CELL_WORDS);
    if (bigger == NULL) {
        error_no_memory();
        return -1;
    }
    heap_init_copy(bigger, bigger, r->stack, r->depth);
    r->stack = bigger;
    r->room = room;
    heap_store_value(r->stack, &r->stack[r->depth++], v);
    return 0;
}

static inline int push(struct pickle_reader *r, Value v)
{
    if (UNLIKELY(value_is_null(v))) {
        return -1;
    }
    if (UNLIKELY(r->depth == r->room)) {
        return push_slow(r, v);
    }
    heap_store_value(r->stack, &r->stack[r->depth++], v);
    return 0;
}

/* Takes the topmost value; VALUE_NULL with UnpicklingError if there is none above the mark. */
static Value pop(struct pickle_reader *r)
{
    if (r->depth <= r->fence) {
        underflow(r);
        return VALUE_NULL;
    }
    return r->stack[--r->depth];
}

static Value top(struct pickle_reader *r)
{
    if (r->depth <= r->fence) {
        underflow(r);
        return VALUE_NULL;
    }
    return r->stack[r->depth - 1];
}

static int push_mark(struct pickle_reader *r)
{
    if (r->mark_count == r->mark_room) {
        size_t room = r->mark_room == 0 ? 16 : r->mark_room * 2;
        size_t *bigger = heap_alloc(room * sizeof(size_t), CELL_RAW);
        if (bigger == NULL) {
            error_no_memory();
            return -1;
        }
        if (r->mark_count > 0) {
            memcpy(bigger, r->marks, r->mark_count * sizeof(size_t));
        }
        r->marks = bigger;
        r->mark_room = room;
    }
    r->marks[r->mark_count++] = r->fence = r->depth;
    return 0;
}

/* Where the values above the last mark start; the mark is gone. -1 if there is none. */
static Py_ssize_t pop_mark(struct pickle_reader *r)
{
    if (r->mark_count == 0) {
        return error_raise_int(unpickling_error, "could not find MARK");
    }
    size_t mark = r->marks[--r->mark_count];
    r->fence = r->mark_count > 0 ? r->marks[r->mark_count - 1] : 0;
    return (Py_ssize_t)mark;
}

/* ---- Numbers in the stream. */

static uint64_t load_size(const char *bytes, int count)
{
    uint64_t n = 0;
    for (int i = 0; i < count; i++) {
        n |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return n;
}

/* A number of some bytes that is the size of something. -1 with an exception. */
static Py_ssize_t read_size(struct pickle_reader *r, int count, const char *what)
{
    const char *bytes = pickle_read(r, count);
    if (bytes == NULL) {
        return -1;
    }
    uint64_t n = load_size(bytes, count);
    if (n > PY_SSIZE_T_MAX) {
        return error_raise_int(PyExc_OverflowError, "%s exceeds system's maximum size of %zd bytes",
                               what, (Py_ssize_t)PY_SSIZE_T_MAX);
    }
    return (Py_ssize_t)n;
}

static int load_int_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    if (line == NULL) {
        return -1;
    }
    if (length == 3 && line[0] == '0' && (line[1] == '0' || line[1] == '1')) {
        return push(r, value_from_bool(line[1] == '1'));
    }
    Value v = int_from_text(line, (size_t)length, 0);
    if (value_is_null(v)) {
        error_clear();
        return error_raise_int(PyExc_ValueError, "could not convert string to int");
    }
    return push(r, v);
}

static Value int_of_line(const char *line, Py_ssize_t length, int base)
{
    PyObject *shown = str_from_latin1((const Py_UCS1 *)line, length);
    return shown == NULL
               ? VALUE_NULL
               : int_from_bytes_text(line, (size_t)length, base, value_from_object(shown));
}

static int load_long_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    if (line == NULL) {
        return -1;
    }
    if (length >= 2 && line[length - 2] == 'L') {
        length -= 2;
    }
    return push(r, int_of_line(line, length, 0));
}

static int load_long(struct pickle_reader *r, int size_bytes)
{
    const char *head = pickle_read(r, size_bytes);
    if (head == NULL) {
        return -1;
    }
    int64_t size = size_bytes == 4 ? (int32_t)load_size(head, 4) : (int64_t)load_size(head, 1);
    if (size < 0) {
        return error_raise_int(unpickling_error, "LONG pickle has negative byte count");
    }
    const char *bytes = pickle_read(r, size);
    return bytes == NULL ? -1
                         : push(r, int_from_byte_array((const unsigned char *)bytes, (size_t)size,
                                                       true, true));
}

static int load_bin_int(struct pickle_reader *r, int size)
{
    const char *bytes = pickle_read(r, size);
    if (bytes == NULL) {
        return -1;
    }
    int64_t n = (int64_t)load_size(bytes, size);
    return push(r, value_from_int(size == 4 ? (int32_t)n : n));
}

static int load_float_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    PyObject *text = line == NULL ? NULL : str_from_latin1((const Py_UCS1 *)line, length);
    return text == NULL ? -1 : push(r, float_from_text(text));
}

static int load_bin_float(struct pickle_reader *r)
{
    const char *bytes = pickle_read(r, 8);
    if (bytes == NULL) {
        return -1;
    }
    uint64_t bits;
    double d;
    memcpy(&bits, bytes, 8);
    bits = __builtin_bswap64(bits);
    memcpy(&d, &bits, 8);
    return push(r, value_from_double(d));
}

/* ---- Text and bytes. */

/* What protocols 0 to 2 of Python 2 wrote as str: text, or bytes if the encoding is "bytes". */
static int push_old_string(struct pickle_reader *r, const char *data, Py_ssize_t length)
{
    if (strcmp(r->encoding, "bytes") == 0) {
        return push(r, value_from_object(bytes_new(data, length)));
    }
    return push(r, value_from_object(str_decode(data, length, r->encoding, r->errors)));
}

static int load_string_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    if (line == NULL) {
        return -1;
    }
    length--;
    if (length < 2 || line[0] != line[length - 1] || (line[0] != '"' && line[0] != '\'')) {
        return error_raise_int(unpickling_error, "the STRING opcode argument must be quoted");
    }
    PyObject *escaped = bytes_new(line + 1, length - 2);
    Value decode = escaped == NULL ? VALUE_NULL : import_attribute("_codecs", "escape_decode");
    Value pair = value_is_null(decode) ? decode : object_call1(decode, value_from_object(escaped));
    if (value_is_null(pair)) {
        return -1;
    }
    PyObject *data = tuple_object(value_object(pair), 0);
    return push_old_string(r, bytes_data(data), bytes_length(data));
}

static int load_bin_string(struct pickle_reader *r, int size_bytes)
{
    const char *head = pickle_read(r, size_bytes);
    if (head == NULL) {
        return -1;
    }
    int64_t size = size_bytes == 4 ? (int32_t)load_size(head, 4) : (int64_t)load_size(head, 1);
    if (size < 0) {
        return error_raise_int(unpickling_error, "BINSTRING pickle has negative byte count");
    }
    const char *data = pickle_read(r, size);
    return data == NULL ? -1 : push_old_string(r, data, size);
}

static int load_unicode_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    return line == NULL ? -1
                        : push(r, value_from_object(str_decode(line, length - 1,
                                                               "raw-unicode-escape", "strict")));
}

static bool is_ascii(const char *data, Py_ssize_t length)
{
    for (; length >= 8; data += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            return false;
        }
    }
    for (; length > 0; data++, length--) {
        if ((*data & 0x80) != 0) {
            return false;
        }
    }
    return true;
}

static int load_bin_unicode(struct pickle_reader *r, int size_bytes)
{
    Py_ssize_t size = read_size(r, size_bytes, "BINUNICODE");
    const char *data = size < 0 ? NULL : pickle_read(r, size);
    if (data == NULL) {
        return -1;
    }
    return push(r, value_from_object(is_ascii(data, size)
                                         ? str_from_ascii(data, size)
                                         : str_decode(data, size, "utf-8", "surrogatepass")));
}

static int load_bin_bytes(struct pickle_reader *r, int size_bytes)
{
    Py_ssize_t size = read_size(r, size_bytes, "BINBYTES");
    if (size < 0) {
        return -1;
    }
    if (value_is_absent(r->file_read) && size > r->length - r->position) {
        pickle_truncated();
        return -1;
    }
    PyObject *bytes = bytes_new_unfilled(size);
    return bytes == NULL || pickle_read_into(r, bytes_data(bytes), size) < 0
               ? -1
               : push(r, value_from_object(bytes));
}

static int load_bytearray(struct pickle_reader *r)
{
    Py_ssize_t size = read_size(r, 8, "BYTEARRAY8");
    const char *data = size < 0 ? NULL : pickle_read(r, size);
    return data == NULL ? -1 : push(r, value_from_object(bytearray_new(data, size)));
}

static int load_next_buffer(struct pickle_reader *r)
{
    if (value_is_absent(r->buffers)) {
        return error_raise_int(unpickling_error, "pickle stream refers to out-of-band data but no "
                                                 "*buffers* argument was given");
    }
    Value next = object_next(r->buffers);
    if (value_is_absent(next)) {
        return error_raise_int(unpickling_error, "not enough out-of-band buffers");
    }
    return push(r, next);
}

static int load_readonly_buffer(struct pickle_reader *r)
{
    Value buffer = top(r);
    Value view = value_is_null(buffer) ? buffer : value_from_object(memoryview_new(buffer));
    if (value_is_null(view)) {
        return -1;
    }
    PyObject *toreadonly = str_intern_text("toreadonly");
    PyObject *readonly = str_intern_text("readonly");
    Value flag =
        readonly == NULL || toreadonly == NULL ? VALUE_NULL : object_getattr(view, readonly);
    if (value_is_null(flag) || flag.bits == VALUE_TRUE.bits) {
        return value_is_null(flag) ? -1 : 0;
    }
    view = object_call_method0(view, toreadonly);
    r->depth--;
    return push(r, view);
}

/* ---- Containers. */

static int load_tuple(struct pickle_reader *r, Py_ssize_t start)
{
    if (start < 0) {
        return -1;
    }
    PyObject *tuple = tuple_from_array(r->stack + start, r->depth - (size_t)start);
    r->depth = (size_t)start;
    return push(r, value_from_object(tuple));
}

static int load_small_tuple(struct pickle_reader *r, size_t count)
{
    if (r->depth < r->fence + count) {
        return underflow(r);
    }
    return load_tuple(r, (Py_ssize_t)(r->depth - count));
}

static int load_list(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    if (start < 0) {
        return -1;
    }
    PyObject *list = list_from_array(r->stack + start, r->depth - (size_t)start);
    r->depth = (size_t)start;
    return push(r, value_from_object(list));
}

static int load_frozenset(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    if (start < 0) {
        return -1;
    }
    PyObject *list = list_from_array(r->stack + start, r->depth - (size_t)start);
    r->depth = (size_t)start;
    return list == NULL
               ? -1
               : push(r, value_from_object(set_new(&PyFrozenSet_Type, value_from_object(list))));
}

/* Puts pairs from `start` to the top into a mapping; they are gone afterwards. */
static int set_items(struct pickle_reader *r, Value mapping, size_t start)
{
    bool exact = dict_check_exact(mapping);
    for (size_t i = start; i + 1 < r->depth; i += 2) {
        int status = exact ? dict_set(value_object(mapping), r->stack[i], r->stack[i + 1])
                           : object_setitem(mapping, r->stack[i], r->stack[i + 1]);
        if (status < 0) {
            return -1;
        }
    }
    r->depth = start;
    return 0;
}

static int load_dict(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    PyObject *dict = start < 0 ? NULL : dict_new();
    if (dict == NULL) {
        return -1;
    }
    if ((r->depth - (size_t)start) % 2 != 0) {
        return error_raise_int(unpickling_error, "odd number of items for DICT");
    }
    return set_items(r, value_from_object(dict), (size_t)start) < 0
               ? -1
               : push(r, value_from_object(dict));
}

static int load_set_items(struct pickle_reader *r, Py_ssize_t start)
{
    if (start < 0) {
        return -1;
    }
    if ((size_t)start > r->depth || (size_t)start <= r->fence) {
        return underflow(r);
    }
    if ((r->depth - (size_t)start) % 2 != 0) {
        return error_raise_int(unpickling_error, "odd number of items for SETITEMS");
    }
    return set_items(r, r->stack[start - 1], (size_t)start);
}

/* Calls method(item) for each value from `start` to the top. */
static int call_for_each(struct pickle_reader *r, Value object, PyObject *name, size_t start)
{
    Value method = object_getattr(object, name);
    if (value_is_null(method)) {
        return -1;
    }
    for (size_t i = start; i < r->depth; i++) {
        if (value_is_null(object_call1(method, r->stack[i]))) {
            return -1;
        }
    }
    r->depth = start;
    return 0;
}

static int load_appends(struct pickle_reader *r, Py_ssize_t start)
{
    if (start < 0) {
        return -1;
    }
    if ((size_t)start > r->depth || (size_t)start <= r->fence) {
        return underflow(r);
    }
    Value list = r->stack[start - 1];
    if (list_check_exact(list)) {
        for (size_t i = (size_t)start; i < r->depth; i++) {
            if (list_append(value_object(list), r->stack[i]) < 0) {
                return -1;
            }
        }
        r->depth = (size_t)start;
        return 0;
    }
    Value extend;
    int found = (size_t)start == r->depth ? 0 : object_find_attr(list, names.extend, &extend);
    if (found > 0) {
        PyObject *items = list_from_array(r->stack + start, r->depth - (size_t)start);
        r->depth = (size_t)start;
        return items == NULL || value_is_null(object_call1(extend, value_from_object(items))) ? -1
                                                                                              : 0;
    }
    return found < 0 ? -1 : call_for_each(r, list, names.append, (size_t)start);
}

static int load_add_items(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    if (start < 0) {
        return -1;
    }
    if ((size_t)start <= r->fence) {
        return underflow(r);
    }
    Value set = r->stack[start - 1];
    if (value_type(set) != &PySet_Type) {
        return call_for_each(r, set, names.add, (size_t)start);
    }
    for (size_t i = (size_t)start; i < r->depth; i++) {
        if (set_add(value_object(set), r->stack[i]) < 0) {
            return -1;
        }
    }
    r->depth = (size_t)start;
    return 0;
}

/* ---- The memo. */

int pickle_memo_set(struct pickle_reader *r, size_t index, Value v)
{
    if (index >= r->memo_room) {
        size_t room = r->memo_room == 0 ? 32 : r->memo_room;
        while (room <= index) {
            room *= 2;
        }
        Value *bigger = room > SIZE_MAX / 16 ? NULL : heap_alloc(room * sizeof(Value), CELL_WORDS);
        if (bigger == NULL) {
            error_no_memory();
            return -1;
        }
        heap_init_copy(bigger, bigger, r->memo, r->memo_room);
        r->memo = bigger;
        r->memo_room = room;
    }
    r->memo_used += r->memo[index].bits == 0;
    heap_store_value(r->memo, &r->memo[index], v);
    return 0;
}

static int push_from_memo(struct pickle_reader *r, uint64_t index)
{
    if (index >= r->memo_room || r->memo[index].bits == 0) {
        return error_raise_int(unpickling_error, "Memo value not found at index %lld",
                               (long long)index);
    }
    return push(r, r->memo[index]);
}

static int load_get_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    Value v = line == NULL ? VALUE_NULL : int_of_line(line, length, 10);
    int64_t index;
    if (value_is_null(v)) {
        return -1;
    }
    if (int_to_i64(v, &index) < 0) {
        return -1;
    }
    return push_from_memo(r, (uint64_t)index);
}

static int load_get(struct pickle_reader *r, int size)
{
    const char *bytes = pickle_read(r, size);
    return bytes == NULL ? -1 : push_from_memo(r, load_size(bytes, size));
}

static int load_put_line(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    Value v = line == NULL || value_is_null(top(r)) ? VALUE_NULL : int_of_line(line, length, 10);
    int64_t index;
    if (value_is_null(v) || int_to_i64(v, &index) < 0) {
        return -1;
    }
    return index < 0 ? error_raise_int(PyExc_ValueError, "negative PUT argument")
                     : pickle_memo_set(r, (size_t)index, top(r));
}

static int load_put(struct pickle_reader *r, int size)
{
    const char *bytes = pickle_read(r, size);
    uint64_t index = bytes == NULL ? 0 : load_size(bytes, size);
    Value v = bytes == NULL ? VALUE_NULL : top(r);
    return value_is_null(v) ? -1 : pickle_memo_set(r, index, v);
}

static int load_memoize(struct pickle_reader *r)
{
    Value v = top(r);
    return value_is_null(v) ? -1 : pickle_memo_set(r, r->memo_used, v);
}

/* ---- Names and calls. */

static Value find_class(struct pickle_reader *r, Value module, Value name)
{
    if (value_is_null(module) || value_is_null(name)) {
        return VALUE_NULL;
    }
    if (r->own_find_class) {
        return object_call_method2(r->unpickler, pickle_names.find_class, module, name);
    }
    return pickle_find_class(r->fix_imports, r->protocol, value_object(module), value_object(name));
}

static Value read_name(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    return line == NULL ? VALUE_NULL
                        : value_from_object(str_decode(line, length - 1, "utf-8", "strict"));
}

static Value read_class(struct pickle_reader *r)
{
    Value module = read_name(r);
    Value name = value_is_null(module) ? module : read_name(r);
    return value_is_null(name) ? name : find_class(r, module, name);
}

static int load_stack_global(struct pickle_reader *r)
{
    Value name = pop(r);
    Value module = value_is_null(name) ? name : pop(r);
    if (!str_check_exact(module) || !str_check_exact(name)) {
        error_clear();
        return error_raise_int(unpickling_error, "STACK_GLOBAL requires str");
    }
    return push(r, find_class(r, module, name));
}

/* A class called with arguments; old pickles make instances of classes without arguments so. */
static Value instantiate(Value class, PyObject *args)
{
    Value ignored;
    if (args == NULL) {
        return VALUE_NULL;
    }
    if (tuple_length(args) == 0 && value_is_instance(class, &PyType_Type)) {
        int found = object_find_attr(class, names.__getinitargs__, &ignored);
        if (found < 0) {
            return VALUE_NULL;
        }
        if (found == 0) {
            return object_call_method1(class, names.__new__, class);
        }
    }
    return object_call_tuple(class, args, NULL);
}

static int load_inst(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    Value class = start < 0 ? VALUE_NULL : read_class(r);
    if (value_is_null(class)) {
        return -1;
    }
    PyObject *args = tuple_from_array(r->stack + start, r->depth - (size_t)start);
    r->depth = (size_t)start;
    return push(r, instantiate(class, args));
}

static int load_obj(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    if (start < 0) {
        return -1;
    }
    if (r->depth <= (size_t)start) {
        return underflow(r);
    }
    Value class = r->stack[start];
    PyObject *args = tuple_from_array(r->stack + start + 1, r->depth - (size_t)start - 1);
    r->depth = (size_t)start;
    return push(r, instantiate(class, args));
}

static int load_newobj(struct pickle_reader *r, bool with_kwargs)
{
    const char *what = with_kwargs ? "NEWOBJ_EX" : "NEWOBJ";
    Value kwargs = with_kwargs ? pop(r) : VALUE_ABSENT;
    Value args = value_is_null(kwargs) ? kwargs : pop(r);
    Value class = value_is_null(args) ? args : pop(r);
    if (value_is_null(class)) {
        return -1;
    }
    if (!value_is_instance(class, &PyType_Type)) {
        return error_raise_int(unpickling_error, "%s class argument must be a type, not %T", what,
                               class);
    }
    PyTypeObject *type = (PyTypeObject *)value_object(class);
    if (type_ops(type)->new_ == NULL) {
        return error_raise_int(unpickling_error, "%s class argument '%s' doesn't have __new__",
                               what, type->tp_name);
    }
    if (!tuple_check(args)) {
        return error_raise_int(unpickling_error, "%s args argument must be a tuple, not %T", what,
                               args);
    }
    if (!with_kwargs) {
        Py_ssize_t count = tuple_length(value_object(args));
        const Value *items =
            (const Value *)(const void *)((PyTupleObject *)value_object(args))->ob_item;
        return push(r, type_ops(type)->new_(type, items, (size_t)count, NULL));
    }
    if (!dict_check(kwargs)) {
        return error_raise_int(unpickling_error, "%s kwargs argument must be a dict, not %T", what,
                               kwargs);
    }
    Value make = object_getattr(class, names.__new__);
    PyObject *first = tuple_pack(1, value_object(class));
    Value all = value_is_null(make) || first == NULL
                    ? VALUE_NULL
                    : object_binary(value_from_object(first), args, OP_ADD);
    return value_is_null(all)
               ? -1
               : push(r, object_call_tuple(make, value_object(all), value_object(kwargs)));
}

static int load_reduce(struct pickle_reader *r)
{
    Value args = pop(r), function = value_is_null(args) ? args : pop(r);
    if (value_is_null(function)) {
        return -1;
    }
    if (!tuple_check(args)) {
        return error_raise_int(PyExc_TypeError, "argument list must be a tuple");
    }
    return push(r, object_call_tuple(function, value_object(args), NULL));
}

static int load_build(struct pickle_reader *r)
{
    if (r->depth < r->fence + 2) {
        return underflow(r);
    }
    Value state = r->stack[--r->depth];
    return pickle_build(r->stack[r->depth - 1], state);
}

static Value extension_class(struct pickle_reader *r, Value code)
{
    Value registry = pickle_copyreg(pickle_names.inverted_registry);
    Value pair = value_is_null(registry) ? registry : dict_get(value_object(registry), code);
    if (value_is_null(pair)) {
        return pair;
    }
    if (value_is_absent(pair)) {
        return error_raise(PyExc_ValueError, "unregistered extension code %S", code);
    }
    if (!tuple_check(pair) || tuple_length(value_object(pair)) != 2 ||
        !str_check(tuple_get(value_object(pair), 0)) ||
        !str_check(tuple_get(value_object(pair), 1))) {
        return error_raise(PyExc_ValueError, "_inverted_registry[%S] isn't a 2-tuple of strings",
                           code);
    }
    return find_class(r, tuple_get(value_object(pair), 0), tuple_get(value_object(pair), 1));
}

static int load_extension(struct pickle_reader *r, int size)
{
    const char *bytes = pickle_read(r, size);
    Value cache = bytes == NULL ? VALUE_NULL : pickle_copyreg(pickle_names.extension_cache);
    if (value_is_null(cache)) {
        return -1;
    }
    int64_t n = size == 4 ? (int32_t)load_size(bytes, 4) : (int64_t)load_size(bytes, size);
    if (n <= 0) {
        return error_raise_int(unpickling_error, "EXT specifies code <= 0");
    }
    Value code = value_from_int(n), known = dict_get(value_object(cache), code);
    if (!value_is_absent(known)) {
        return push(r, known);
    }
    Value class = extension_class(r, code);
    return value_is_null(class) || dict_set(value_object(cache), code, class) < 0 ? -1
                                                                                  : push(r, class);
}

static int load_persistent(struct pickle_reader *r, Value id)
{
    if (value_is_null(id)) {
        return -1;
    }
    if (value_is_absent(r->persistent_load)) {
        return error_raise_int(unpickling_error,
                               "A load persistent id instruction was encountered,\nbut no "
                               "persistent_load function was specified.");
    }
    return push(r, object_call1(r->persistent_load, id));
}

static Value read_persistent_id(struct pickle_reader *r)
{
    Py_ssize_t length;
    const char *line = pickle_read_line(r, &length);
    if (line == NULL) {
        return VALUE_NULL;
    }
    if (!is_ascii(line, length)) {
        return error_raise(unpickling_error, "persistent IDs in protocol 0 must be ASCII strings");
    }
    return value_from_object(str_from_ascii(line, length - 1));
}

/* ---- The rest. */

static int load_proto(struct pickle_reader *r)
{
    const char *byte = pickle_read(r, 1);
    if (byte == NULL) {
        return -1;
    }
    r->protocol = (unsigned char)*byte;
    return r->protocol <= PROTOCOL_HIGHEST
               ? 0
               : error_raise_int(PyExc_ValueError, "unsupported pickle protocol: %d", r->protocol);
}

/* A frame promises so many bytes: they are fetched at once. */
static int load_frame(struct pickle_reader *r)
{
    Py_ssize_t size = read_size(r, 8, "FRAME length");
    if (size < 0 || (value_is_absent(r->file_read) && size > r->length - r->position)) {
        if (size >= 0) {
            pickle_truncated();
        }
        return -1;
    }
    const char *frame = pickle_read(r, size);
    if (frame == NULL) {
        return -1;
    }
    if (r->position >= size && frame == r->data + r->position - size) {
        r->position -= size;
        return 0;
    }
    /* It was put together from two pieces; what follows is read anew. */
    if (pickle_skip_consumed(r) < 0) {
        return -1;
    }
    r->peeked = false;
    r->data = frame;
    r->length = size;
    r->position = 0;
    return 0;
}

static int load_pop(struct pickle_reader *r)
{
    if (r->mark_count > 0 && r->marks[r->mark_count - 1] == r->depth) {
        return pop_mark(r) < 0 ? -1 : 0;
    }
    return value_is_null(pop(r)) ? -1 : 0;
}

static int load_pop_mark(struct pickle_reader *r)
{
    Py_ssize_t start = pop_mark(r);
    if (start < 0) {
        return -1;
    }
    r->depth = (size_t)start;
    return 0;
}

static int bad_opcode(unsigned char op)
{
    if (op >= 0x20 && op <= 0x7e && op != '\'' && op != '\\') {
        return error_raise_int(unpickling_error, "invalid load key, '%c'.", op);
    }
    char text[8];
    snprintf(text, sizeof text, "%02x", op);
    return error_raise_int(unpickling_error, "invalid load key, '\\x%s'.", text);
}

/* Opcodes for marks, the memo, classes and calls. */
static int step_object(struct pickle_reader *r, unsigned char op)
{
    switch (op) {
    case PICKLE_MARK: return push_mark(r);
    case PICKLE_POP: return load_pop(r);
    case PICKLE_POP_MARK: return load_pop_mark(r);
    case PICKLE_DUP: return push(r, top(r));
    case PICKLE_GET: return load_get_line(r);
    case PICKLE_BINGET: return load_get(r, 1);
    case PICKLE_LONG_BINGET: return load_get(r, 4);
    case PICKLE_PUT: return load_put_line(r);
    case PICKLE_BINPUT: return load_put(r, 1);
    case PICKLE_LONG_BINPUT: return load_put(r, 4);
    case PICKLE_MEMOIZE: return load_memoize(r);
    case PICKLE_GLOBAL: return push(r, read_class(r));
    case PICKLE_STACK_GLOBAL: return load_stack_global(r);
    case PICKLE_INST: return load_inst(r);
    case PICKLE_OBJ: return load_obj(r);
    case PICKLE_NEWOBJ: return load_newobj(r, false);
    case PICKLE_NEWOBJ_EX: return load_newobj(r, true);
    case PICKLE_REDUCE: return load_reduce(r);
    case PICKLE_BUILD: return load_build(r);
    case PICKLE_EXT1: return load_extension(r, 1);
    case PICKLE_EXT2: return load_extension(r, 2);
    case PICKLE_EXT4: return load_extension(r, 4);
    case PICKLE_PERSID: return load_persistent(r, read_persistent_id(r));
    case PICKLE_BINPERSID: return load_persistent(r, pop(r));
    case PICKLE_PROTO: return load_proto(r);
    case PICKLE_FRAME: return load_frame(r);
    default: return bad_opcode(op);
    }
}

/* One opcode but STOP. */
static int step(struct pickle_reader *r, unsigned char op)
{
    switch (op) {
    case PICKLE_NONE: return push(r, VALUE_NONE);
    case PICKLE_BININT: return load_bin_int(r, 4);
    case PICKLE_BININT1: return load_bin_int(r, 1);
    case PICKLE_BININT2: return load_bin_int(r, 2);
    case PICKLE_INT: return load_int_line(r);
    case PICKLE_LONG: return load_long_line(r);
    case PICKLE_LONG1: return load_long(r, 1);
    case PICKLE_LONG4: return load_long(r, 4);
    case PICKLE_FLOAT: return load_float_line(r);
    case PICKLE_BINFLOAT: return load_bin_float(r);
    case PICKLE_SHORT_BINBYTES: return load_bin_bytes(r, 1);
    case PICKLE_BINBYTES: return load_bin_bytes(r, 4);
    case PICKLE_BINBYTES8: return load_bin_bytes(r, 8);
    case PICKLE_BYTEARRAY8: return load_bytearray(r);
    case PICKLE_NEXT_BUFFER: return load_next_buffer(r);
    case PICKLE_READONLY_BUFFER: return load_readonly_buffer(r);
    case PICKLE_SHORT_BINSTRING: return load_bin_string(r, 1);
    case PICKLE_BINSTRING: return load_bin_string(r, 4);
    case PICKLE_STRING: return load_string_line(r);
    case PICKLE_UNICODE: return load_unicode_line(r);
    case PICKLE_SHORT_BINUNICODE: return load_bin_unicode(r, 1);
    case PICKLE_BINUNICODE: return load_bin_unicode(r, 4);
    case PICKLE_BINUNICODE8: return load_bin_unicode(r, 8);
    case PICKLE_EMPTY_TUPLE: return push(r, value_from_object(tuple_new(0)));
    case PICKLE_TUPLE1: return load_small_tuple(r, 1);
    case PICKLE_TUPLE2: return load_small_tuple(r, 2);
    case PICKLE_TUPLE3: return load_small_tuple(r, 3);
    case PICKLE_TUPLE: return load_tuple(r, pop_mark(r));
    case PICKLE_EMPTY_LIST: return push(r, value_from_object(list_new(0)));
    case PICKLE_LIST: return load_list(r);
    case PICKLE_EMPTY_DICT: return push(r, value_from_object(dict_new()));
    case PICKLE_DICT: return load_dict(r);
    case PICKLE_EMPTY_SET: return push(r, value_from_object(set_new(&PySet_Type, VALUE_ABSENT)));
    case PICKLE_ADDITEMS: return load_add_items(r);
    case PICKLE_FROZENSET: return load_frozenset(r);
    case PICKLE_APPEND:
        return load_appends(r, r->depth > r->fence ? (Py_ssize_t)r->depth - 1 : underflow(r));
    case PICKLE_APPENDS: return load_appends(r, pop_mark(r));
    case PICKLE_SETITEM:
        return load_set_items(r, r->depth > r->fence + 1 ? (Py_ssize_t)r->depth - 2 : underflow(r));
    case PICKLE_SETITEMS: return load_set_items(r, pop_mark(r));
    case PICKLE_NEWTRUE: return push(r, VALUE_TRUE);
    case PICKLE_NEWFALSE: return push(r, VALUE_FALSE);
    default: return step_object(r, op);
    }
}

static Value no_opcode(void)
{
    if (error_matches(unpickling_error)) {
        error_clear();
        error_raise(PyExc_EOFError, "Ran out of input");
    }
    return VALUE_NULL;
}

/* Drives the machine to STOP; the result, or VALUE_NULL. */
static Value run(struct pickle_reader *r)
{
    for (;;) {
        const char *op = pickle_read(r, 1);
        if (op == NULL) {
            return no_opcode();
        }
        if (*op == PICKLE_STOP) {
            return pop(r);
        }
        if (step(r, (unsigned char)*op) < 0) {
            return VALUE_NULL;
        }
    }
}

Value pickle_load(struct pickle_reader *r)
{
    Value result = run(r);
    PyObject *error = value_is_null(result) ? error_take() : NULL;
    if (pickle_skip_consumed(r) < 0) {
        return VALUE_NULL;
    }
    if (error != NULL) {
        error_restore(error);
    }
    return result;
}
