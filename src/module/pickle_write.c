/* SPDX-License-Identifier: MIT */
/* _pickle: writing opcodes, frames, the memo, and objects of built-in types. */
#include "module/import.h"
#include "module/pickle_int.h"
#include "object/buffer.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

enum { FRAME_HEADER = 9, FRAME_MINIMUM = 4, FAST_LIMIT = 50 };

/* ---- The memo. */

static size_t hash_address(Value v)
{
    return (size_t)((v.bits >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20);
}

/* The slot of the object, or the empty one where it belongs. */
static Value *memo_slot(const struct pickle_memo *memo, Value object)
{
    for (size_t i = hash_address(object);; i++) {
        Value *slot = &memo->slots[(i & memo->mask) * 2];
        if (slot->bits == object.bits || slot->bits == 0) {
            return slot;
        }
    }
}

bool pickle_memo_find(const struct pickle_memo *memo, Value object, size_t *index)
{
    if (memo->slots == NULL) {
        return false;
    }
    Value *slot = memo_slot(memo, object);
    if (slot->bits == 0) {
        return false;
    }
    *index = (size_t)value_int(slot[1]);
    return true;
}

static int memo_grow(struct pickle_memo *memo)
{
    size_t count = memo->slots == NULL ? 32 : (memo->mask + 1) * 4;
    struct pickle_memo bigger = {heap_alloc(count * 2 * sizeof(Value), CELL_WORDS), count - 1,
                                 memo->used};
    if (bigger.slots == NULL) {
        error_no_memory();
        return -1;
    }
    for (size_t i = 0; memo->slots != NULL && i <= memo->mask; i++) {
        Value *from = &memo->slots[i * 2];
        if (from->bits != 0) {
            Value *to = memo_slot(&bigger, *from);
            heap_init_value(bigger.slots, to, from[0]);
            heap_init_value(bigger.slots, to + 1, from[1]);
        }
    }
    *memo = bigger;
    return 0;
}

int pickle_memo_add(struct pickle_memo *memo, Value object, size_t index)
{
    if ((memo->slots == NULL || memo->used * 3 >= memo->mask * 2) && memo_grow(memo) < 0) {
        return -1;
    }
    Value *slot = memo_slot(memo, object);
    memo->used += slot->bits == 0;
    heap_store_value(memo->slots, slot, object);
    heap_store_value(memo->slots, slot + 1, value_from_int((int64_t)index));
    return 0;
}

/* ---- Output. */

static void store_size(unsigned char *out, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        out[i] = (unsigned char)(n >> (8 * i));
    }
}

/* Ends the frame: its size goes into its header, or a small one loses the header. */
static void end_frame(struct pickle_writer *w)
{
    if (!w->in_frame) {
        return;
    }
    w->in_frame = false;
    unsigned char *head = (unsigned char *)bytes_data(w->out.buffer) + w->frame_start;
    Py_ssize_t size = w->out.length - w->frame_start - FRAME_HEADER;
    if (size >= FRAME_MINIMUM) {
        head[0] = PICKLE_FRAME;
        store_size(head + 1, (uint64_t)size, 8);
    } else {
        memmove(head, head + FRAME_HEADER, (size_t)size);
        w->out.length -= FRAME_HEADER;
    }
}

static int flush(struct pickle_writer *w)
{
    PyObject *data = bytes_builder_finish(&w->out);
    bytes_builder_init(&w->out);
    return data == NULL || value_is_null(object_call1(w->file_write, value_from_object(data))) ? -1
                                                                                               : 0;
}

/* Between two opcodes: a frame that is full ends. */
static int opcode_boundary(struct pickle_writer *w)
{
    if (!w->in_frame || w->out.length - w->frame_start - FRAME_HEADER < FRAME_TARGET) {
        return 0;
    }
    end_frame(w);
    return value_is_absent(w->file_write) ? 0 : flush(w);
}

int pickle_put(struct pickle_writer *w, const void *data, size_t length)
{
    if (w->framing && !w->in_frame) {
        w->frame_start = w->out.length;
        if (bytes_builder_reserve(&w->out, FRAME_HEADER) == NULL) {
            return -1;
        }
        w->out.length += FRAME_HEADER;
        w->in_frame = true;
    }
    return bytes_builder_add(&w->out, data, (Py_ssize_t)length);
}

int pickle_op(struct pickle_writer *w, enum pickle_opcode op)
{
    unsigned char byte = (unsigned char)op;
    return pickle_put(w, &byte, 1);
}

/* A head and its data; data that would fill a frame is written outside of frames, to a file at
 * once. */
int pickle_payload(struct pickle_writer *w, const unsigned char *head, size_t head_length,
                   const char *data, size_t length)
{
    bool framing = w->framing, alone = length >= FRAME_TARGET;
    if (alone) {
        end_frame(w);
        w->framing = false;
    }
    int status = pickle_put(w, head, head_length);
    if (status == 0 && alone && !value_is_absent(w->file_write)) {
        PyObject *copy = bytes_new(data, (Py_ssize_t)length);
        status = flush(w);
        if (status == 0) {
            status =
                copy == NULL || value_is_null(object_call1(w->file_write, value_from_object(copy)))
                    ? -1
                    : 0;
        }
    } else if (status == 0) {
        status = pickle_put(w, data, length);
    }
    w->framing = framing;
    return status;
}

/* An opcode and a number of some bytes, little-endian. */
static int put_sized(struct pickle_writer *w, enum pickle_opcode op, uint64_t n, int bytes)
{
    unsigned char head[9] = {(unsigned char)op};
    store_size(head + 1, n, bytes);
    return pickle_put(w, head, (size_t)bytes + 1);
}

int pickle_get(struct pickle_writer *w, size_t index)
{
    if (!w->bin) {
        char text[32];
        int n = snprintf(text, sizeof text, "%c%zu\n", PICKLE_GET, index);
        return pickle_put(w, text, (size_t)n);
    }
    return index < 256 ? put_sized(w, PICKLE_BINGET, index, 1)
                       : put_sized(w, PICKLE_LONG_BINGET, index, 4);
}

int pickle_remember(struct pickle_writer *w, Value v)
{
    if (w->fast) {
        return 0;
    }
    size_t index = w->memo.used;
    if (pickle_memo_add(&w->memo, v, index) < 0) {
        return -1;
    }
    if (w->protocol >= 4) {
        return pickle_op(w, PICKLE_MEMOIZE);
    }
    if (!w->bin) {
        char text[32];
        int n = snprintf(text, sizeof text, "%c%zu\n", PICKLE_PUT, index);
        return pickle_put(w, text, (size_t)n);
    }
    return index < 256 ? put_sized(w, PICKLE_BINPUT, index, 1)
                       : put_sized(w, PICKLE_LONG_BINPUT, index, 4);
}

/* ---- Numbers. */

static int save_bool(struct pickle_writer *w, Value v)
{
    bool set = v.bits == VALUE_TRUE.bits;
    if (w->protocol >= 2) {
        return pickle_op(w, set ? PICKLE_NEWTRUE : PICKLE_NEWFALSE);
    }
    return pickle_put(w, set ? "I01\n" : "I00\n", 4);
}

static int save_big_int(struct pickle_writer *w, Value v)
{
    if (w->protocol < 2) {
        PyObject *text = object_repr(v);
        return text == NULL || pickle_op(w, PICKLE_LONG) < 0 ||
                       pickle_put(w, str_data(text), (size_t)str_length(text)) < 0
                   ? -1
                   : pickle_put(w, "L\n", 2);
    }
    size_t size = int_bit_length(v) / 8 + 1;
    unsigned char *bytes = heap_alloc(size, CELL_RAW);
    if (bytes == NULL) {
        error_no_memory();
        return -1;
    }
    if (int_to_byte_array(v, bytes, size, true, true) < 0) {
        return -1;
    }
    if (size > 1 && bytes[size - 1] == 0xff && (bytes[size - 2] & 0x80) != 0) {
        size--; /* -2^n needs no byte for the sign */
    }
    if (size > INT32_MAX) {
        return error_raise_int(PyExc_OverflowError, "int too large to pickle");
    }
    int status =
        size < 256 ? put_sized(w, PICKLE_LONG1, size, 1) : put_sized(w, PICKLE_LONG4, size, 4);
    return status < 0 ? -1 : pickle_put(w, bytes, size);
}

static int save_int(struct pickle_writer *w, Value v)
{
    int64_t n;
    if (int_clip_i64(v, &n) != 0 || n < INT32_MIN || n > INT32_MAX) {
        return save_big_int(w, v);
    }
    if (!w->bin) {
        char text[32];
        return pickle_put(w, text,
                          (size_t)snprintf(text, sizeof text, "%c%d\n", PICKLE_INT, (int)n));
    }
    if (n >= 0 && n < 256) {
        return put_sized(w, PICKLE_BININT1, (uint64_t)n, 1);
    }
    return n >= 0 && n < 65536 ? put_sized(w, PICKLE_BININT2, (uint64_t)n, 2)
                               : put_sized(w, PICKLE_BININT, (uint64_t)n, 4);
}

static int save_float(struct pickle_writer *w, double d)
{
    if (w->bin) {
        uint64_t bits;
        memcpy(&bits, &d, sizeof bits);
        return put_sized(w, PICKLE_BINFLOAT, __builtin_bswap64(bits), 8);
    }
    PyObject *text = float_repr(d);
    return text == NULL || pickle_op(w, PICKLE_FLOAT) < 0 ||
                   pickle_put(w, str_data(text), (size_t)str_length(text)) < 0
               ? -1
               : pickle_put(w, "\n", 1);
}

/* ---- Text and bytes. */

/* The opcode for data of a length: one with 1, 4 or 8 bytes for it; wide may be 0 (none). */
static int save_data(struct pickle_writer *w, enum pickle_opcode small, enum pickle_opcode medium,
                     enum pickle_opcode wide, const char *data, Py_ssize_t length)
{
    unsigned char head[9];
    int size = length < 256 && small != 0 ? 1 : length <= UINT32_MAX && medium != 0 ? 4 : 8;
    enum pickle_opcode op = size == 1 ? small : size == 4 ? medium : wide;
    if (op == 0) {
        return error_raise_int(PyExc_OverflowError,
                               "serializing an object larger than 4 GiB requires pickle protocol 4 "
                               "or higher");
    }
    head[0] = (unsigned char)op;
    store_size(head + 1, (uint64_t)length, size);
    return pickle_payload(w, head, (size_t)size + 1, data, (size_t)length);
}

/* Protocol 0: raw-unicode-escape, and what would end the line or the file escaped, too. */
static int save_text_line(struct pickle_writer *w, PyObject *s)
{
    if (pickle_op(w, PICKLE_UNICODE) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_at(s, i);
        char text[16] = {(char)c};
        int n = 1;
        if (c >= 0x10000) {
            n = snprintf(text, sizeof text, "\\U%08x", (unsigned)c);
        } else if (c >= 256 || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1a) {
            n = snprintf(text, sizeof text, "\\u%04x", (unsigned)c);
        }
        if (pickle_put(w, text, (size_t)n) < 0) {
            return -1;
        }
    }
    return pickle_put(w, "\n", 1);
}

static int save_str(struct pickle_writer *w, Value v)
{
    PyObject *s = value_object(v);
    int status;
    if (!w->bin) {
        status = save_text_line(w, s);
    } else if (str_is_ascii(s)) {
        status = save_data(w, w->protocol >= 4 ? PICKLE_SHORT_BINUNICODE : 0, PICKLE_BINUNICODE,
                           w->protocol >= 4 ? PICKLE_BINUNICODE8 : 0, str_data(s), str_length(s));
    } else {
        PyObject *utf8 = str_encode(s, "utf-8", "surrogatepass");
        status = utf8 == NULL
                     ? -1
                     : save_data(w, w->protocol >= 4 ? PICKLE_SHORT_BINUNICODE : 0,
                                 PICKLE_BINUNICODE, w->protocol >= 4 ? PICKLE_BINUNICODE8 : 0,
                                 bytes_data(utf8), bytes_length(utf8));
    }
    return status < 0 ? -1 : pickle_remember(w, v);
}

/* Saves function(*args) in the place of an object. */
static int save_call(struct pickle_writer *w, Value function, PyObject *args, Value object)
{
    PyObject *reduced = args == NULL || value_is_null(function)
                            ? NULL
                            : tuple_pack(2, value_object(function), args);
    return reduced == NULL ? -1 : pickle_save_reduce(w, value_from_object(reduced), object);
}

int pickle_save_bytes(struct pickle_writer *w, Value v)
{
    PyObject *b = value_object(v);
    if (w->protocol >= 3) {
        int status =
            save_data(w, PICKLE_SHORT_BINBYTES, PICKLE_BINBYTES,
                      w->protocol >= 4 ? PICKLE_BINBYTES8 : 0, bytes_data(b), bytes_length(b));
        return status < 0 ? -1 : pickle_remember(w, v);
    }
    if (bytes_length(b) == 0) {
        return save_call(w, value_from_object(&PyBytes_Type), tuple_new(0), v);
    }
    PyObject *text = str_from_latin1((const Py_UCS1 *)bytes_data(b), bytes_length(b));
    PyObject *latin1 = str_intern_text("latin1");
    return text == NULL || latin1 == NULL
               ? -1
               : save_call(w, import_attribute("codecs", "encode"), tuple_pack(2, text, latin1), v);
}

int pickle_save_bytearray(struct pickle_writer *w, Value v)
{
    PyObject *copy = bytes_from_value(v);
    if (copy == NULL) {
        return -1;
    }
    if (w->protocol < 5) {
        PyObject *args = bytes_length(copy) == 0 ? tuple_new(0) : tuple_pack(1, copy);
        return save_call(w, value_from_object(&PyByteArray_Type), args, v);
    }
    int status = save_data(w, 0, 0, PICKLE_BYTEARRAY8, bytes_data(copy), bytes_length(copy));
    return status < 0 ? -1 : pickle_remember(w, v);
}

static int save_in_band(struct pickle_writer *w, Value v, const Py_buffer *view)
{
    int status = view->readonly ? save_data(w, PICKLE_SHORT_BINBYTES, PICKLE_BINBYTES,
                                            PICKLE_BINBYTES8, view->buf, view->len)
                                : save_data(w, 0, 0, PICKLE_BYTEARRAY8, view->buf, view->len);
    return status < 0 ? -1 : pickle_remember(w, v);
}

int pickle_save_buffer(struct pickle_writer *w, Value v)
{
    Py_buffer *view;
    if (w->protocol < 5) {
        return error_raise_int(pickling_error, "PickleBuffer can only pickled with protocol >= 5");
    }
    if (value_is_null(pickle_buffer_view(v, &view))) {
        return -1;
    }
    if (!buffer_is_contiguous(view, 'A')) {
        return error_raise_int(pickling_error, "PickleBuffer can not be pickled when pointing to a "
                                               "non-contiguous buffer");
    }
    bool in_band = true;
    if (!value_is_absent(w->buffer_callback)) {
        Value answer = object_call1(w->buffer_callback, v);
        int truth = value_is_null(answer) ? -1 : object_truth(answer);
        if (truth < 0) {
            return -1;
        }
        in_band = truth > 0;
    }
    if (in_band) {
        return save_in_band(w, v, view);
    }
    if (pickle_op(w, PICKLE_NEXT_BUFFER) < 0) {
        return -1;
    }
    return view->readonly ? pickle_op(w, PICKLE_READONLY_BUFFER) : 0;
}

/* ---- Containers. */

/* While its items were saved the tuple itself was, too: they are dropped for it. */
static int drop_for_known(struct pickle_writer *w, size_t index, Py_ssize_t count, bool marked)
{
    if (marked && w->bin) {
        return pickle_op(w, PICKLE_POP_MARK) < 0 ? -1 : pickle_get(w, index);
    }
    for (Py_ssize_t i = 0; i < count + marked; i++) {
        if (pickle_op(w, PICKLE_POP) < 0) {
            return -1;
        }
    }
    return pickle_get(w, index);
}

static int save_tuple(struct pickle_writer *w, Value v)
{
    PyObject *t = value_object(v);
    Py_ssize_t count = tuple_length(t);
    if (count == 0) {
        return w->protocol > 0 ? pickle_op(w, PICKLE_EMPTY_TUPLE) : pickle_put(w, "(t", 2);
    }
    bool marked = count > 3 || w->protocol < 2;
    if (marked && pickle_op(w, PICKLE_MARK) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (pickle_save(w, tuple_get(t, i)) < 0) {
            return -1;
        }
    }
    size_t index;
    if (pickle_memo_find(&w->memo, v, &index)) {
        return drop_for_known(w, index, count, marked);
    }
    enum pickle_opcode op =
        marked ? PICKLE_TUPLE : (enum pickle_opcode)(PICKLE_TUPLE1 + (int)count - 1);
    return pickle_op(w, op) < 0 ? -1 : pickle_remember(w, v);
}

static int save_list(struct pickle_writer *w, Value v)
{
    PyObject *list = value_object(v);
    if (w->bin ? pickle_op(w, PICKLE_EMPTY_LIST) < 0 : pickle_put(w, "(l", 2) < 0) {
        return -1;
    }
    if (pickle_remember(w, v) < 0) {
        return -1;
    }
    if (!w->bin) {
        return pickle_append_all(w, object_iter(v));
    }
    if (list_length(list) == 1) {
        Value item = list_find(list, 0);
        return value_is_absent(item) || pickle_save(w, item) < 0 ? -1 : pickle_op(w, PICKLE_APPEND);
    }
    for (Py_ssize_t i = 0; i < list_length(list);) {
        if (pickle_op(w, PICKLE_MARK) < 0) {
            return -1;
        }
        for (int n = 0; n < BATCH_SIZE; n++, i++) {
            Value item = list_find(list, i);
            if (value_is_absent(item)) {
                break;
            }
            if (pickle_save(w, item) < 0) {
                return -1;
            }
        }
        if (pickle_op(w, PICKLE_APPENDS) < 0) {
            return -1;
        }
    }
    return 0;
}

static int save_pair(struct pickle_writer *w, Value key, Value value)
{
    return pickle_save(w, key) < 0 ? -1 : pickle_save(w, value);
}

/* An exact dict, in batches. */
static int save_items(struct pickle_writer *w, PyObject *dict)
{
    size_t position = 0;
    Py_ssize_t length = dict_length(dict), left = length;
    Value key, value;
    Py_hash_t hash;
    if (length == 1 && dict_next(dict, &position, &key, &value, &hash)) {
        return save_pair(w, key, value) < 0 ? -1 : pickle_op(w, PICKLE_SETITEM);
    }
    while (left > 0) {
        if (pickle_op(w, PICKLE_MARK) < 0) {
            return -1;
        }
        for (int n = 0; n < BATCH_SIZE && dict_next(dict, &position, &key, &value, &hash); n++) {
            if (save_pair(w, key, value) < 0) {
                return -1;
            }
            left--;
        }
        if (pickle_op(w, PICKLE_SETITEMS) < 0) {
            return -1;
        }
        if (dict_length(dict) != length) {
            return error_raise_int(PyExc_RuntimeError, "dictionary changed size during iteration");
        }
    }
    return 0;
}

static int save_dict(struct pickle_writer *w, Value v)
{
    if (w->bin ? pickle_op(w, PICKLE_EMPTY_DICT) < 0 : pickle_put(w, "(d", 2) < 0) {
        return -1;
    }
    if (pickle_remember(w, v) < 0) {
        return -1;
    }
    PyObject *dict = value_object(v);
    if (dict_length(dict) == 0) {
        return 0;
    }
    if (w->bin) {
        return save_items(w, dict);
    }
    PyObject *items = dict_items(dict);
    return items == NULL ? -1 : pickle_set_all(w, object_iter(value_from_object(items)));
}

/* MARK and the items of a set, in batches that end with `op`. */
static int save_members(struct pickle_writer *w, PyObject *set, int batch, enum pickle_opcode op)
{
    size_t position = 0;
    Py_ssize_t length = set_length(set), left = length;
    Value key;
    Py_hash_t hash;
    do {
        if (pickle_op(w, PICKLE_MARK) < 0) {
            return -1;
        }
        for (int n = 0; n < batch && set_next(set, &position, &key, &hash); n++, left--) {
            if (pickle_save(w, key) < 0) {
                return -1;
            }
        }
        if (op != 0 && pickle_op(w, op) < 0) {
            return -1;
        }
        if (set_length(set) != length) {
            return error_raise_int(PyExc_RuntimeError, "set changed size during iteration");
        }
    } while (left > 0);
    return 0;
}

static int save_set(struct pickle_writer *w, Value v)
{
    bool frozen = value_type(v) == &PyFrozenSet_Type;
    if (w->protocol < 4) {
        PyObject *items = object_to_list(v);
        return items == NULL
                   ? -1
                   : save_call(w, value_from_object(value_type(v)), tuple_pack(1, items), v);
    }
    if (!frozen) {
        if (pickle_op(w, PICKLE_EMPTY_SET) < 0 || pickle_remember(w, v) < 0) {
            return -1;
        }
        return set_length(value_object(v)) == 0
                   ? 0
                   : save_members(w, value_object(v), BATCH_SIZE, PICKLE_ADDITEMS);
    }
    if (save_members(w, value_object(v), INT_MAX, 0) < 0) {
        return -1;
    }
    size_t index;
    if (pickle_memo_find(&w->memo, v, &index)) {
        return drop_for_known(w, index, 0, true);
    }
    return pickle_op(w, PICKLE_FROZENSET) < 0 ? -1 : pickle_remember(w, v);
}

/* ---- Fast mode keeps no memo: a cycle is found by its depth. */

static int fast_enter(struct pickle_writer *w, Value v)
{
    if (!w->fast || ++w->fast_depth < FAST_LIMIT) {
        return 0;
    }
    if (w->fast_seen == NULL && (w->fast_seen = dict_new()) == NULL) {
        return -1;
    }
    Value key = int_from_u64(v.bits);
    int found = dict_contains(w->fast_seen, key);
    if (found > 0) {
        return error_raise_int(
            PyExc_ValueError, "fast mode: can't pickle cyclic objects including object type %T", v);
    }
    return found < 0 ? -1 : dict_set(w->fast_seen, key, VALUE_NONE);
}

static void fast_leave(struct pickle_writer *w, Value v)
{
    if (w->fast && w->fast_depth-- >= FAST_LIMIT && w->fast_seen != NULL) {
        dict_delete(w->fast_seen, int_from_u64(v.bits));
    }
}

/* ---- Any object. */

static int save_persistent_id(struct pickle_writer *w, Value v)
{
    Value id = object_call1(w->persistent_id, v);
    if (value_is_null(id) || value_is_none(id)) {
        return value_is_null(id) ? -1 : 0;
    }
    if (w->bin) {
        return pickle_save_no_id(w, id) < 0 || pickle_op(w, PICKLE_BINPERSID) < 0 ? -1 : 1;
    }
    PyObject *text = object_str(id);
    if (text == NULL) {
        return -1;
    }
    if (!str_is_ascii(text)) {
        return error_raise_int(pickling_error,
                               "persistent IDs in protocol 0 must be ASCII strings");
    }
    return pickle_op(w, PICKLE_PERSID) < 0 ||
                   pickle_put(w, str_data(text), (size_t)str_length(text)) < 0 ||
                   pickle_put(w, "\n", 1) < 0
               ? -1
               : 1;
}

static int save_container(struct pickle_writer *w, Value v, PyTypeObject *type)
{
    int (*save)(struct pickle_writer *, Value) = type == &PyDict_Type        ? save_dict
                                                 : type == &PyList_Type      ? save_list
                                                 : type == &PyTuple_Type     ? save_tuple
                                                 : type == &PySet_Type       ? save_set
                                                 : type == &PyFrozenSet_Type ? save_set
                                                 : type == &PyByteArray_Type ? pickle_save_bytearray
                                                 : type == &PyPickleBuffer_Type ? pickle_save_buffer
                                                                                : NULL;
    if (recursion_enter(" while pickling an object") < 0) {
        return -1;
    }
    int status;
    if (save == save_dict || save == save_list) {
        status = fast_enter(w, v) < 0 ? -1 : save(w, v);
        fast_leave(w, v);
    } else {
        status = save != NULL ? save(w, v) : pickle_save_other(w, v);
    }
    recursion_leave();
    return status;
}

static int save_value(struct pickle_writer *w, Value v)
{
    double d;
    PyTypeObject *type = value_type(v);
    if (type == &PyLong_Type) {
        return save_int(w, v);
    }
    if (float_try(v, &d)) {
        return save_float(w, d);
    }
    if (value_is_none(v)) {
        return pickle_op(w, PICKLE_NONE);
    }
    if (type == &PyBool_Type) {
        return save_bool(w, v);
    }
    size_t index;
    if (pickle_memo_find(&w->memo, v, &index)) {
        return pickle_get(w, index);
    }
    if (type == &PyUnicode_Type) {
        return save_str(w, v);
    }
    return type == &PyBytes_Type ? pickle_save_bytes(w, v) : save_container(w, v, type);
}

int pickle_save_no_id(struct pickle_writer *w, Value v)
{
    return save_value(w, v) < 0 ? -1 : opcode_boundary(w);
}

int pickle_save(struct pickle_writer *w, Value v)
{
    if (UNLIKELY(!value_is_absent(w->persistent_id))) {
        int status = save_persistent_id(w, v);
        if (status != 0) {
            return status < 0 ? -1 : 0;
        }
    }
    return pickle_save_no_id(w, v);
}

int pickle_dump(struct pickle_writer *w, Value v)
{
    const unsigned char head[2] = {PICKLE_PROTO, (unsigned char)w->protocol};
    bytes_builder_init(&w->out);
    w->framing = w->in_frame = false;
    if (w->protocol >= 2 && pickle_put(w, head, 2) < 0) {
        return -1;
    }
    w->framing = w->protocol >= 4;
    if (pickle_save(w, v) < 0 || pickle_op(w, PICKLE_STOP) < 0) {
        return -1;
    }
    end_frame(w);
    return 0;
}
