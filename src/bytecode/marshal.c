/* SPDX-License-Identifier: MIT */
/* The marshal format: what CPython's type codes mean for plain values, and code objects in a form
 * of our own under type code 'c'.
 *
 * From version 3 on an object that occurs more than once is written once, with FLAG_REF, and
 * referred to by its number afterwards. The writer first counts, then writes, so only objects that
 * are referred to take a number. Strings in code objects and all interned strings come back
 * interned. The reader trusts nothing: sizes are checked against what is left, code is verified. */
#include "bytecode/code_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

enum { FLAG_REF = 0x80, MAX_DEPTH = 2000, LONG_SHIFT = 15, LONG_MASK = 0x7fff };
enum type_code {
    TYPE_NULL = '0',
    TYPE_NONE = 'N',
    TYPE_FALSE = 'F',
    TYPE_TRUE = 'T',
    TYPE_STOPITER = 'S',
    TYPE_ELLIPSIS = '.',
    TYPE_INT = 'i',
    TYPE_INT64 = 'I',
    TYPE_FLOAT = 'f',
    TYPE_BINARY_FLOAT = 'g',
    TYPE_COMPLEX = 'x',
    TYPE_BINARY_COMPLEX = 'y',
    TYPE_LONG = 'l',
    TYPE_STRING = 's',
    TYPE_INTERNED = 't',
    TYPE_REF = 'r',
    TYPE_TUPLE = '(',
    TYPE_LIST = '[',
    TYPE_DICT = '{',
    TYPE_CODE = 'c',
    TYPE_UNICODE = 'u',
    TYPE_SET = '<',
    TYPE_FROZENSET = '>',
    TYPE_ASCII = 'a',
    TYPE_ASCII_INTERNED = 'A',
    TYPE_SMALL_TUPLE = ')',
    TYPE_SHORT_ASCII = 'z',
    TYPE_SHORT_ASCII_INTERNED = 'Z'
};

/* ---- Writing */

struct writer {
    PyObject *out; /* bytes that grow */
    Py_ssize_t length;
    int version, depth;
    bool failed;
    PyObject *seen;   /* dict: address -> how often it was met */
    PyObject *number; /* dict: address -> its number, once written */
};

static void fail(struct writer *w, const char *message)
{
    if (!w->failed) {
        error_raise(PyExc_ValueError, "%s", message);
    }
    w->failed = true;
}

static char *reserve(struct writer *w, Py_ssize_t bytes)
{
    if (w->failed) {
        return NULL;
    }
    if (bytes_length(w->out) - w->length < bytes) {
        PyObject *bigger = bytes_new(NULL, (bytes_length(w->out) + bytes) * 2);
        if (bigger == NULL) {
            w->failed = true;
            return NULL;
        }
        memcpy(bytes_data(bigger), bytes_data(w->out), (size_t)w->length);
        w->out = bigger;
    }
    char *result = bytes_data(w->out) + w->length;
    w->length += bytes;
    return result;
}

static void put_bytes(struct writer *w, const void *data, Py_ssize_t n)
{
    char *to = reserve(w, n);
    if (to != NULL && n > 0) {
        memcpy(to, data, (size_t)n);
    }
}

static void put_byte(struct writer *w, int byte)
{
    char c = (char)byte;
    put_bytes(w, &c, 1);
}

static void put_short(struct writer *w, unsigned n)
{
    unsigned char b[] = {(unsigned char)n, (unsigned char)(n >> 8)};
    put_bytes(w, b, 2);
}

static void put_long(struct writer *w, int64_t n)
{
    unsigned char b[] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                         (unsigned char)(n >> 24)};
    put_bytes(w, b, 4);
}

static void put_size(struct writer *w, Py_ssize_t n)
{
    if (n > INT32_MAX) {
        fail(w, "unmarshallable object");
    }
    put_long(w, n);
}

static void put_sized(struct writer *w, const void *data, Py_ssize_t n)
{
    put_size(w, n);
    put_bytes(w, data, n);
}

static void put_double(struct writer *w, double d)
{
    put_bytes(w, &d, sizeof d);
}

static void put_double_text(struct writer *w, double d)
{
    PyObject *text = float_repr(d);
    Py_ssize_t n;
    const char *utf8 = text == NULL ? NULL : str_utf8(text, &n);
    if (utf8 == NULL) {
        w->failed = true;
        return;
    }
    put_byte(w, (int)n);
    put_bytes(w, utf8, n);
}

/* Integers beyond 32 bits: 15 bits a digit, the sign in the count. */
static void put_big(struct writer *w, Value v, int flag)
{
    size_t bits = int_bit_length(v), bytes = bits / 8 + 1;
    unsigned char *raw = heap_alloc(bytes + 4, CELL_RAW);
    Value magnitude = int_sign(v) < 0 ? object_unary(v, OP_NEG) : v;
    if (raw == NULL || value_is_null(magnitude) ||
        int_to_byte_array(magnitude, raw, bytes, true, false) < 0) {
        w->failed = true;
        return;
    }
    size_t digits = (bits + LONG_SHIFT - 1) / LONG_SHIFT;
    put_byte(w, TYPE_LONG | flag);
    put_long(w, int_sign(v) < 0 ? -(int64_t)digits : (int64_t)digits);
    for (size_t i = 0; i < digits; i++) {
        size_t at = i * LONG_SHIFT;
        uint32_t window =
            raw[at / 8] | (uint32_t)raw[at / 8 + 1] << 8 | (uint32_t)raw[at / 8 + 2] << 16;
        put_short(w, window >> (at % 8) & LONG_MASK);
    }
}

static void put_int(struct writer *w, Value v, int flag)
{
    int64_t i;
    if (int_clip_i64(v, &i) == 0 && i >= INT32_MIN && i <= INT32_MAX) {
        put_byte(w, TYPE_INT | flag);
        put_long(w, i);
    } else {
        put_big(w, v, flag);
    }
}

static void put_str(struct writer *w, PyObject *s, int flag)
{
    bool interned = str_is_interned(s);
    if (w->version >= 4 && str_is_ascii(s)) {
        Py_ssize_t n = str_length(s);
        if (n < 256) {
            put_byte(w, (interned ? TYPE_SHORT_ASCII_INTERNED : TYPE_SHORT_ASCII) | flag);
            put_byte(w, (int)n);
            put_bytes(w, str_data(s), n);
        } else {
            put_byte(w, (interned ? TYPE_ASCII_INTERNED : TYPE_ASCII) | flag);
            put_sized(w, str_data(s), n);
        }
        return;
    }
    PyObject *utf8 = str_encode(s, "utf-8", "surrogatepass");
    if (utf8 == NULL) {
        w->failed = true;
        return;
    }
    put_byte(w, (w->version >= 3 && interned ? TYPE_INTERNED : TYPE_UNICODE) | flag);
    put_sized(w, bytes_data(utf8), bytes_length(utf8));
}

static void put_value(struct writer *w, Value v);

static void put_tuple(struct writer *w, PyObject *t, int flag)
{
    Py_ssize_t n = tuple_length(t);
    if (w->version >= 4 && n < 256) {
        put_byte(w, TYPE_SMALL_TUPLE | flag);
        put_byte(w, (int)n);
    } else {
        put_byte(w, TYPE_TUPLE | flag);
        put_size(w, n);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        put_value(w, tuple_get(t, i));
    }
}

static void put_list(struct writer *w, PyObject *list, int flag)
{
    PyObject *items = list_to_tuple(list);
    if (items == NULL) {
        w->failed = true;
        return;
    }
    put_byte(w, TYPE_LIST | flag);
    put_size(w, tuple_length(items));
    for (Py_ssize_t i = 0; i < tuple_length(items); i++) {
        put_value(w, tuple_get(items, i));
    }
}

static void put_dict(struct writer *w, PyObject *dict, int flag)
{
    put_byte(w, TYPE_DICT | flag);
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (!w->failed && dict_next(dict, &position, &key, &value, &hash)) {
        put_value(w, key);
        put_value(w, value);
    }
    put_byte(w, TYPE_NULL);
}

/* In the order of their marshalled forms, so that equal sets give equal bytes. */
static void put_set(struct writer *w, PyObject *set, int flag)
{
    put_byte(w, (set->ob_type == &PyFrozenSet_Type ? TYPE_FROZENSET : TYPE_SET) | flag);
    PyObject *pairs = list_new(0);
    size_t position = 0;
    Value key;
    Py_hash_t hash;
    while (!w->failed && pairs != NULL && set_next(set, &position, &key, &hash)) {
        PyObject *form = marshal_dump(key, w->version);
        Value row[] = {value_from_object(form), key};
        PyObject *pair = form == NULL ? NULL : tuple_from_array(row, 2);
        w->failed = pair == NULL || list_append(pairs, value_from_object(pair)) < 0;
    }
    if (w->failed || pairs == NULL || list_sort(pairs, VALUE_ABSENT, false) < 0) {
        w->failed = true;
        return;
    }
    put_size(w, list_length(pairs));
    for (Py_ssize_t i = 0; i < list_length(pairs); i++) {
        put_value(w, tuple_get(value_object(list_find(pairs, i)), 1));
    }
}

static void put_object(struct writer *w, PyObject *o)
{
    put_value(w, value_from_object(o));
}

static void put_code(struct writer *w, struct code *code, int flag)
{
    PyCodeObject *base = &code->base;
    put_byte(w, TYPE_CODE | flag);
    put_long(w, base->co_argcount);
    put_long(w, base->co_posonlyargcount);
    put_long(w, base->co_kwonlyargcount);
    put_long(w, base->co_flags);
    put_long(w, base->co_firstlineno);
    put_long(w, code->registers);
    put_long(w, code->count);
    for (uint32_t i = 0; i < code->count; i++) {
        struct instruction one = code->instructions[i];
        one.op = opcode_generic(one.op);
        put_bytes(w, &one, sizeof one);
    }
    put_object(w, base->co_consts);
    put_object(w, base->co_names);
    put_object(w, base->co_localsplusnames);
    put_object(w, base->co_localspluskinds);
    put_object(w, base->co_filename);
    put_object(w, base->co_name);
    put_object(w, base->co_qualname);
    put_object(w, base->co_linetable);
    put_object(w, base->co_exceptiontable);
}

static void put_buffer(struct writer *w, Value v, int flag)
{
    Py_buffer view;
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        error_clear();
        fail(w, "unmarshallable object");
        return;
    }
    put_byte(w, TYPE_STRING | flag);
    put_sized(w, view.buf, view.len);
    object_release_buffer(&view);
}

static void put_number(struct writer *w, Value v, int flag)
{
    if (int_check_exact(v)) {
        put_int(w, v, flag);
    } else if (w->version > 1) {
        put_byte(w, TYPE_BINARY_FLOAT | flag);
        put_double(w, float_value(v));
    } else {
        put_byte(w, TYPE_FLOAT | flag);
        put_double_text(w, float_value(v));
    }
}

static void put_complex(struct writer *w, PyObject *o, int flag)
{
    Py_complex c = ((PyComplexObject *)o)->cval;
    put_byte(w, (w->version > 1 ? TYPE_BINARY_COMPLEX : TYPE_COMPLEX) | flag);
    if (w->version > 1) {
        put_double(w, c.real);
        put_double(w, c.imag);
    } else {
        put_double_text(w, c.real);
        put_double_text(w, c.imag);
    }
}

static void put_shaped(struct writer *w, PyObject *o, int flag)
{
    Value v = value_from_object(o);
    PyTypeObject *type = o->ob_type;
    if (type == &PyUnicode_Type) {
        put_str(w, o, flag);
    } else if (type == &PyTuple_Type) {
        put_tuple(w, o, flag);
    } else if (type == &PyBytes_Type) {
        put_byte(w, TYPE_STRING | flag);
        put_sized(w, bytes_data(o), bytes_length(o));
    } else if (type == &PyCode_Type) {
        put_code(w, code_cast(o), flag);
    } else if (type == &PyLong_Type || type == &PyFloat_Type) {
        put_number(w, v, flag);
    } else if (type == &PyComplex_Type) {
        put_complex(w, o, flag);
    } else if (type == &PyList_Type) {
        put_list(w, o, flag);
    } else if (type == &PyDict_Type) {
        put_dict(w, o, flag);
    } else if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        put_set(w, o, flag);
    } else if (object_has_buffer(v)) {
        put_buffer(w, v, flag);
    } else {
        fail(w, "unmarshallable object");
    }
}

static int singleton_code(Value v)
{
    if (value_is_none(v)) {
        return TYPE_NONE;
    }
    if (v.bits == VALUE_FALSE.bits || v.bits == VALUE_TRUE.bits) {
        return v.bits == VALUE_TRUE.bits ? TYPE_TRUE : TYPE_FALSE;
    }
    if (v.bits == VALUE_ELLIPSIS.bits) {
        return TYPE_ELLIPSIS;
    }
    return v.bits == value_from_object(PyExc_StopIteration).bits ? TYPE_STOPITER : 0;
}

static Value address_key(const PyObject *o)
{
    return value_from_int((int64_t)(uintptr_t)o);
}

/* Is the object written already? Then writes a reference. Else *flag says whether it gets a
 * number. */
static bool put_reference(struct writer *w, PyObject *o, int *flag)
{
    *flag = 0;
    if (w->seen == NULL) {
        return false;
    }
    Value key = address_key(o);
    Value number = dict_get(w->number, key);
    if (value_is_int(number)) {
        put_byte(w, TYPE_REF);
        put_long(w, value_int(number));
        return true;
    }
    Value count = dict_get(w->seen, key);
    if (value_is_int(count) && value_int(count) > 1) {
        *flag = FLAG_REF;
        if (dict_set(w->number, key, value_from_int(dict_length(w->number))) < 0) {
            w->failed = true;
        }
    }
    return false;
}

static void put_value(struct writer *w, Value v)
{
    int flag, code;
    if (w->failed) {
        return;
    }
    if (++w->depth > MAX_DEPTH) {
        fail(w, "object too deeply nested to marshal");
    } else if (!value_is_object(v)) {
        put_number(w, v, 0);
    } else if ((code = singleton_code(v)) != 0) {
        put_byte(w, code);
    } else if (!put_reference(w, value_object(v), &flag)) {
        put_shaped(w, value_object(v), flag);
    }
    w->depth--;
}

/* ---- Counting occurrences */

static void count_value(struct writer *w, Value v);

static void count_items(struct writer *w, PyObject *tuple)
{
    for (Py_ssize_t i = 0; tuple != NULL && i < tuple_length(tuple); i++) {
        count_value(w, tuple_get(tuple, i));
    }
    w->failed |= tuple == NULL;
}

static void count_code(struct writer *w, PyCodeObject *base)
{
    PyObject *parts[] = {base->co_consts,          base->co_names,     base->co_localsplusnames,
                         base->co_localspluskinds, base->co_filename,  base->co_name,
                         base->co_qualname,        base->co_linetable, base->co_exceptiontable};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        count_value(w, value_from_object(parts[i]));
    }
}

static void count_inside(struct writer *w, PyObject *o)
{
    PyTypeObject *type = o->ob_type;
    if (type == &PyTuple_Type) {
        count_items(w, o);
    } else if (type == &PyList_Type) {
        count_items(w, list_to_tuple(o));
    } else if (type == &PyCode_Type) {
        count_code(w, (PyCodeObject *)o);
    } else if (type == &PyDict_Type) {
        size_t position = 0;
        Value key, value;
        Py_hash_t hash;
        while (!w->failed && dict_next(o, &position, &key, &value, &hash)) {
            count_value(w, key);
            count_value(w, value);
        }
    } else if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        size_t position = 0;
        Value key;
        Py_hash_t hash;
        while (!w->failed && set_next(o, &position, &key, &hash)) {
            count_value(w, key);
        }
    }
}

static void count_value(struct writer *w, Value v)
{
    if (w->failed || !value_is_object(v) || singleton_code(v) != 0) {
        return;
    }
    Value key = address_key(value_object(v));
    Value count = dict_get(w->seen, key);
    int64_t n = value_is_int(count) ? value_int(count) : 0;
    if (value_is_null(count) || dict_set(w->seen, key, value_from_int(n + 1)) < 0) {
        w->failed = true;
        return;
    }
    if (n > 0) {
        return;
    }
    if (++w->depth > MAX_DEPTH) {
        fail(w, "object too deeply nested to marshal");
    } else {
        count_inside(w, value_object(v));
    }
    w->depth--;
}

PyObject *marshal_dump(Value v, int version)
{
    enum { FIRST_CAPACITY = 64 };
    struct writer w = {.version = version, .out = bytes_new(NULL, FIRST_CAPACITY)};
    if (w.out == NULL) {
        return NULL;
    }
    if (version >= 3) {
        w.seen = dict_new();
        w.number = dict_new();
        if (w.seen == NULL || w.number == NULL) {
            return NULL;
        }
        count_value(&w, v);
    }
    put_value(&w, v);
    return w.failed ? NULL : bytes_new(bytes_data(w.out), w.length);
}

/* ---- Reading. Errors give VALUE_NULL; TYPE_NULL gives VALUE_ABSENT. */

struct reader {
    const unsigned char *next, *end;
    Value file;     /* if present, what is needed is read from there, and not more */
    PyObject *refs; /* list of what had FLAG_REF; None while it is being read */
    int depth;
};

static Value bad_data(const char *what)
{
    return error_raise(PyExc_ValueError, "bad marshal data (%s)", what);
}

static const unsigned char *take_from_file(struct reader *r, Py_ssize_t n)
{
    PyObject *buffer = bytearray_new(NULL, n);
    Value count = buffer == NULL ? VALUE_NULL
                                 : object_call_method1(r->file, str_intern_text("readinto"),
                                                       value_from_object(buffer));
    Py_ssize_t got;
    if (value_is_null(count) || arg_index(count, &got) < 0) {
        return NULL;
    }
    if (got > n) {
        error_raise(PyExc_ValueError,
                    "read() returned too much data: %zd bytes requested, %zd returned", n, got);
        return NULL;
    }
    if (got < n) {
        error_raise(PyExc_EOFError, "marshal data too short");
        return NULL;
    }
    PyObject *bytes = bytes_from_value(value_from_object(buffer));
    return bytes == NULL ? NULL : (const unsigned char *)bytes_data(bytes);
}

/* Is there certainly less data than n bytes? Files say so when they are read. */
static bool is_short(const struct reader *r, int64_t n)
{
    return value_is_absent(r->file) && n > r->end - r->next;
}

static const unsigned char *take(struct reader *r, Py_ssize_t n)
{
    if (!value_is_absent(r->file)) {
        return take_from_file(r, n);
    }
    if (r->end - r->next < n) {
        error_raise(PyExc_EOFError, "marshal data too short");
        return NULL;
    }
    const unsigned char *result = r->next;
    r->next += n;
    return result;
}

static bool take_long(struct reader *r, int32_t *out)
{
    const unsigned char *p = take(r, 4);
    if (p == NULL) {
        return false;
    }
    *out = (int32_t)(p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    return true;
}

static bool take_size(struct reader *r, const char *what, Py_ssize_t *out)
{
    int32_t n;
    if (!take_long(r, &n)) {
        return false;
    }
    if (n < 0) {
        bad_data(what);
        return false;
    }
    *out = n;
    return true;
}

static Value read_value(struct reader *r);

/* Reserves the number of an object before its parts are read. */
static Py_ssize_t ref_reserve(struct reader *r, int flag)
{
    if (!flag) {
        return -1;
    }
    if (list_append(r->refs, VALUE_NONE) < 0) {
        return -2;
    }
    return list_length(r->refs) - 1;
}

static Value ref_set(struct reader *r, Py_ssize_t number, Value v)
{
    if (!value_is_null(v) && number >= 0 && list_set(r->refs, number, v) < 0) {
        return VALUE_NULL;
    }
    return v;
}

/* Numbers are boxed, so that all references give the same object. */
static Value ref_add(struct reader *r, int flag, Value v)
{
    if (!flag || value_is_null(v)) {
        return v;
    }
    v = value_from_object(value_box(v));
    return value_is_null(v) || list_append(r->refs, v) < 0 ? VALUE_NULL : v;
}

static Value read_reference(struct reader *r)
{
    int32_t n;
    if (!take_long(r, &n)) {
        return VALUE_NULL;
    }
    if (n < 0 || n >= list_length(r->refs)) {
        return bad_data("invalid reference");
    }
    Value v = list_find(r->refs, n);
    return value_is_none(v) ? bad_data("invalid reference") : v;
}

static Value read_big(struct reader *r)
{
    int32_t count;
    if (!take_long(r, &count)) {
        return VALUE_NULL;
    }
    int64_t digits = count < 0 ? -(int64_t)count : count;
    if (is_short(r, digits * 2)) {
        error_raise(PyExc_EOFError, "marshal data too short");
        return VALUE_NULL;
    }
    size_t bytes = (size_t)digits * LONG_SHIFT / 8 + 4;
    unsigned char *raw = heap_alloc(bytes, CELL_RAW);
    if (raw == NULL) {
        return error_no_memory();
    }
    for (int64_t i = 0; i < digits; i++) {
        const unsigned char *p = take(r, 2);
        if (p == NULL) {
            return VALUE_NULL;
        }
        uint32_t one = p[0] | (uint32_t)p[1] << 8;
        if (one > LONG_MASK) {
            return bad_data("digit out of range in long");
        }
        if (i == digits - 1 && one == 0) {
            return bad_data("unnormalized long data");
        }
        size_t at = (size_t)i * LONG_SHIFT;
        one <<= at % 8;
        raw[at / 8] |= (unsigned char)one;
        raw[at / 8 + 1] |= (unsigned char)(one >> 8);
        raw[at / 8 + 2] |= (unsigned char)(one >> 16);
    }
    Value v = int_from_byte_array(raw, bytes, true, false);
    return count < 0 && !value_is_null(v) ? object_unary(v, OP_NEG) : v;
}

static bool take_double(struct reader *r, double *out)
{
    const unsigned char *p = take(r, sizeof *out);
    if (p != NULL) {
        memcpy(out, p, sizeof *out);
    }
    return p != NULL;
}

static bool take_double_text(struct reader *r, double *out)
{
    const unsigned char *n = take(r, 1);
    const unsigned char *p = n == NULL ? NULL : take(r, *n);
    PyObject *text = p == NULL ? NULL : str_from_utf8((const char *)p, *n);
    Value v = text == NULL ? VALUE_NULL : float_from_text(text);
    if (value_is_null(v)) {
        return false;
    }
    *out = float_value(v);
    return true;
}

static Value read_complex(struct reader *r, bool (*read)(struct reader *, double *))
{
    Py_complex c;
    if (!read(r, &c.real) || !read(r, &c.imag)) {
        return VALUE_NULL;
    }
    PyObject *o = object_alloc_bytes(&PyComplex_Type, sizeof(PyComplexObject));
    if (o == NULL) {
        return VALUE_NULL;
    }
    ((PyComplexObject *)o)->cval = c;
    return value_from_object(o);
}

static Value read_ascii(struct reader *r, Py_ssize_t n, bool intern)
{
    const unsigned char *p = take(r, n);
    if (p == NULL) {
        return VALUE_NULL;
    }
    PyObject *s = str_from_latin1(p, n);
    return value_from_object(s != NULL && intern ? str_intern(s) : s);
}

static Value read_sized_ascii(struct reader *r, bool intern)
{
    Py_ssize_t n;
    return take_size(r, "string size out of range", &n) ? read_ascii(r, n, intern) : VALUE_NULL;
}

static Value read_short_ascii(struct reader *r, bool intern)
{
    const unsigned char *n = take(r, 1);
    return n == NULL ? VALUE_NULL : read_ascii(r, *n, intern);
}

static Value read_unicode(struct reader *r, bool intern)
{
    Py_ssize_t n;
    if (!take_size(r, "string size out of range", &n)) {
        return VALUE_NULL;
    }
    const unsigned char *p = take(r, n);
    if (p == NULL) {
        return VALUE_NULL;
    }
    PyObject *s = str_decode((const char *)p, n, "utf-8", "surrogatepass");
    return value_from_object(s != NULL && intern ? str_intern(s) : s);
}

static Value read_bytes(struct reader *r)
{
    Py_ssize_t n;
    if (!take_size(r, "bytes object size out of range", &n)) {
        return VALUE_NULL;
    }
    const unsigned char *p = take(r, n);
    return p == NULL ? VALUE_NULL : value_from_object(bytes_new((const char *)p, n));
}

/* An item that must be there. */
static Value read_item(struct reader *r, const char *container)
{
    Value v = read_value(r);
    if (value_is_absent(v)) {
        return error_raise(PyExc_TypeError, "NULL object in marshal data for %s", container);
    }
    return v;
}

static Value read_tuple(struct reader *r, Py_ssize_t n, int flag)
{
    if (is_short(r, n)) {
        error_raise(PyExc_EOFError, "marshal data too short");
        return VALUE_NULL;
    }
    PyObject *tuple = tuple_new(n);
    if (tuple == NULL || value_is_null(ref_add(r, flag, value_from_object(tuple)))) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Value v = read_item(r, "tuple");
        if (value_is_null(v) || tuple_init_item(tuple, i, v) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(tuple);
}

static Value read_list(struct reader *r, int flag)
{
    Py_ssize_t n;
    if (!take_size(r, "list size out of range", &n)) {
        return VALUE_NULL;
    }
    if (is_short(r, n)) {
        error_raise(PyExc_EOFError, "marshal data too short");
        return VALUE_NULL;
    }
    PyObject *list = list_new(n);
    if (list == NULL || value_is_null(ref_add(r, flag, value_from_object(list)))) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Value v = read_item(r, "list");
        if (value_is_null(v) || list_append(list, v) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value read_dict(struct reader *r, int flag)
{
    PyObject *dict = dict_new();
    if (dict == NULL || value_is_null(ref_add(r, flag, value_from_object(dict)))) {
        return VALUE_NULL;
    }
    for (;;) {
        Value key = read_value(r);
        if (value_is_absent(key)) {
            return value_from_object(dict);
        }
        Value value = value_is_null(key) ? key : read_item(r, "dict");
        if (value_is_null(value) || dict_set(dict, key, value) < 0) {
            return VALUE_NULL;
        }
    }
}

static Value read_set(struct reader *r, bool frozen, int flag)
{
    Py_ssize_t n;
    if (!take_size(r, "set size out of range", &n)) {
        return VALUE_NULL;
    }
    Py_ssize_t number = ref_reserve(r, frozen ? flag : 0);
    PyObject *set = set_new(frozen ? &PyFrozenSet_Type : &PySet_Type, VALUE_ABSENT);
    PyObject *items = list_new(0);
    if (set == NULL || items == NULL || number == -2 ||
        (!frozen && value_is_null(ref_add(r, flag, value_from_object(set))))) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Value v = read_item(r, "set");
        if (value_is_null(v) || (frozen ? list_append(items, v) : set_add(set, v)) < 0) {
            return VALUE_NULL;
        }
    }
    if (frozen) {
        set = set_new(&PyFrozenSet_Type, value_from_object(items));
    }
    return set == NULL ? VALUE_NULL : ref_set(r, number, value_from_object(set));
}

/* ---- Code */

static PyObject *read_typed(struct reader *r, PyTypeObject *type)
{
    Value v = read_value(r);
    if (value_is_null(v)) {
        return NULL;
    }
    if (value_is_absent(v) || value_type(v) != type) {
        bad_data("invalid code object");
        return NULL;
    }
    return value_object(v);
}

static bool all_str(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < tuple_length(tuple); i++) {
        if (!str_check_exact(tuple_get(tuple, i))) {
            bad_data("invalid code object");
            return false;
        }
    }
    return true;
}

static bool counts_are_valid(const struct code_spec *s)
{
    Py_ssize_t variables = tuple_length(s->localsplus_names);
    int64_t parameters = (int64_t)s->argcount + s->kwonlyargcount + ((s->flags & CO_VARARGS) != 0) +
                         ((s->flags & CO_VARKEYWORDS) != 0);
    bool valid = s->argcount >= 0 && s->kwonlyargcount >= 0 && s->posonlyargcount >= 0 &&
                 s->posonlyargcount <= s->argcount && parameters <= variables &&
                 variables == bytes_length(s->localsplus_kinds) &&
                 (int64_t)s->registers >= variables && s->registers <= UINT16_MAX + 1u;
    if (!valid) {
        bad_data("invalid code object");
    }
    return valid;
}

static bool read_code_head(struct reader *r, struct code_spec *s)
{
    int32_t registers, count;
    if (!take_long(r, &s->argcount) || !take_long(r, &s->posonlyargcount) ||
        !take_long(r, &s->kwonlyargcount) || !take_long(r, &s->flags) ||
        !take_long(r, &s->first_line) || !take_long(r, &registers) || !take_long(r, &count)) {
        return false;
    }
    if (count < 0 || registers < 0 ||
        is_short(r, (int64_t)count * (int64_t)sizeof(struct instruction))) {
        bad_data("invalid code object");
        return false;
    }
    s->registers = (uint32_t)registers;
    s->count = (uint32_t)count;
    s->instructions = (const void *)take(r, count * (Py_ssize_t)sizeof(struct instruction));
    return s->instructions != NULL;
}

static Value read_code(struct reader *r, int flag)
{
    struct code_spec s = {0};
    Py_ssize_t number = ref_reserve(r, flag);
    if (number == -2 || !read_code_head(r, &s) ||
        (s.consts = read_typed(r, &PyTuple_Type)) == NULL ||
        (s.names = read_typed(r, &PyTuple_Type)) == NULL ||
        (s.localsplus_names = read_typed(r, &PyTuple_Type)) == NULL ||
        (s.localsplus_kinds = read_typed(r, &PyBytes_Type)) == NULL ||
        (s.filename = read_typed(r, &PyUnicode_Type)) == NULL ||
        (s.name = read_typed(r, &PyUnicode_Type)) == NULL ||
        (s.qualname = read_typed(r, &PyUnicode_Type)) == NULL || !all_str(s.names) ||
        !all_str(s.localsplus_names) || !counts_are_valid(&s)) {
        return VALUE_NULL;
    }
    PyObject *lines = read_typed(r, &PyBytes_Type);
    PyObject *table = lines == NULL ? NULL : read_typed(r, &PyBytes_Type);
    struct exception_range *ranges;
    if (table == NULL ||
        exception_table_decode(table, s.count, s.registers, &ranges, &s.range_count) < 0) {
        return VALUE_NULL;
    }
    s.ranges = ranges;
    PyObject *code = code_new_encoded(&s, lines);
    if (code == NULL || code_verify(code_cast(code)) < 0) {
        return VALUE_NULL;
    }
    return ref_set(r, number, value_from_object(code));
}

/* ---- Any value */

static Value read_number(struct reader *r, int type)
{
    int32_t i;
    double d;
    const unsigned char *p;
    switch (type) {
    case TYPE_INT: return take_long(r, &i) ? value_from_int(i) : VALUE_NULL;
    case TYPE_INT64:
        p = take(r, 8);
        return p == NULL ? VALUE_NULL : int_from_byte_array(p, 8, true, true);
    case TYPE_FLOAT: return take_double_text(r, &d) ? value_from_double(d) : VALUE_NULL;
    case TYPE_BINARY_FLOAT: return take_double(r, &d) ? value_from_double(d) : VALUE_NULL;
    case TYPE_COMPLEX: return read_complex(r, take_double_text);
    case TYPE_BINARY_COMPLEX: return read_complex(r, take_double);
    default: return read_big(r);
    }
}

static Value read_typed_value(struct reader *r, int type, int flag)
{
    const unsigned char *small;
    Py_ssize_t n;
    switch (type) {
    case TYPE_NULL: return VALUE_ABSENT;
    case TYPE_NONE: return VALUE_NONE;
    case TYPE_FALSE: return VALUE_FALSE;
    case TYPE_TRUE: return VALUE_TRUE;
    case TYPE_STOPITER: return value_from_object(PyExc_StopIteration);
    case TYPE_ELLIPSIS: return VALUE_ELLIPSIS;
    case TYPE_INT:
    case TYPE_INT64:
    case TYPE_FLOAT:
    case TYPE_BINARY_FLOAT:
    case TYPE_COMPLEX:
    case TYPE_BINARY_COMPLEX:
    case TYPE_LONG: return ref_add(r, flag, read_number(r, type));
    case TYPE_STRING: return ref_add(r, flag, read_bytes(r));
    case TYPE_UNICODE:
    case TYPE_INTERNED: return ref_add(r, flag, read_unicode(r, type == TYPE_INTERNED));
    case TYPE_ASCII:
    case TYPE_ASCII_INTERNED:
        return ref_add(r, flag, read_sized_ascii(r, type == TYPE_ASCII_INTERNED));
    case TYPE_SHORT_ASCII:
    case TYPE_SHORT_ASCII_INTERNED:
        return ref_add(r, flag, read_short_ascii(r, type == TYPE_SHORT_ASCII_INTERNED));
    case TYPE_SMALL_TUPLE:
        small = take(r, 1);
        return small == NULL ? VALUE_NULL : read_tuple(r, *small, flag);
    case TYPE_TUPLE:
        return take_size(r, "tuple size out of range", &n) ? read_tuple(r, n, flag) : VALUE_NULL;
    case TYPE_LIST: return read_list(r, flag);
    case TYPE_DICT: return read_dict(r, flag);
    case TYPE_SET:
    case TYPE_FROZENSET: return read_set(r, type == TYPE_FROZENSET, flag);
    case TYPE_CODE: return read_code(r, flag);
    case TYPE_REF: return read_reference(r);
    default: return bad_data("unknown type code");
    }
}

static Value read_value(struct reader *r)
{
    const unsigned char *head = is_short(r, 1) ? NULL : take(r, 1);
    if (head == NULL) {
        if (error_occurred() && !error_matches(PyExc_EOFError)) {
            return VALUE_NULL;
        }
        error_clear();
        return error_raise(PyExc_EOFError, "EOF read where object expected");
    }
    int type = *head;
    if (r->depth >= MAX_DEPTH) {
        return error_raise(PyExc_ValueError, "recursion limit exceeded");
    }
    r->depth++;
    Value v = read_typed_value(r, type & ~FLAG_REF, type & FLAG_REF);
    r->depth--;
    return v;
}

static Value read_whole(struct reader *r)
{
    if (r->refs == NULL) {
        return VALUE_NULL;
    }
    Value v = read_value(r);
    return value_is_absent(v)
               ? error_raise(PyExc_TypeError, "NULL object in marshal data for object")
               : v;
}

Value marshal_load_file(Value file)
{
    struct reader r = {.file = file, .refs = list_new(0)};
    return read_whole(&r);
}

Value marshal_load(const char *data, Py_ssize_t length, Py_ssize_t *consumed)
{
    struct reader r = {
        .next = (const unsigned char *)data, .file = VALUE_ABSENT, .refs = list_new(0)};
    r.end = r.next + length;
    Value v = read_whole(&r);
    if (consumed != NULL) {
        *consumed = (const char *)r.next - data;
    }
    return v;
}
