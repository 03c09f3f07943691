/* SPDX-License-Identifier: MIT */
/* _struct: packed binary data. A format is parsed once into a list of codes, each a kind of item
 * with its size, offset and count; packing and unpacking walk the list. Struct objects are constant
 * after
 * __init__, which replaces all of a struct's program with one store. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

static PyObject *struct_error; /* set once by exec */

enum order { ORDER_NATIVE, ORDER_LITTLE, ORDER_BIG };

struct code {
    char letter;
    uint8_t size;             /* of one item; 1 for s, p, x */
    Py_ssize_t offset, count; /* of s and p: count is the length of the one item */
};

/* A parsed format; a RAW cell, constant. */
struct program {
    enum order order;
    bool native; /* native sizes, alignment and messages */
    Py_ssize_t size, items, code_count;
    struct code codes[];
};

struct struct_object {
    PyObject_HEAD Py_ssize_t size, items; /* the program's, where _testbuffer looks for them */
    struct program *program;              /* atomic; NULL before __init__ */
    PyObject *format;                     /* bytes */
    PyObject *weakrefs;
};

struct unpack_iterator {
    PyObject_HEAD PyObject *structure;
    PyObject *source;
    Py_ssize_t position; /* atomic */
};

static PyTypeObject Struct_Type, Iterator_Type;

static Value fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = str_format_v(format, arguments);
    va_end(arguments);
    return message == NULL ? VALUE_NULL
                           : error_raise_value(struct_error, value_from_object(message));
}

static int fail_int(const char *message)
{
    fail("%s", message);
    return -1;
}

/* ---- Parsing. */

/* Size and alignment of a letter; false if it is none. */
static bool letter_size(char letter, bool native, uint8_t *size, uint8_t *align)
{
    switch (letter) {
    case 'x':
    case 'b':
    case 'B':
    case 'c':
    case 's':
    case 'p':
    case '?': *size = 1; break;
    case 'h':
    case 'H':
    case 'e': *size = 2; break;
    case 'i':
    case 'I':
    case 'f': *size = 4; break;
    case 'l':
    case 'L': *size = native ? 8 : 4; break;
    case 'q':
    case 'Q':
    case 'd': *size = 8; break;
    case 'n':
    case 'N':
    case 'P':
        if (!native) {
            return false;
        }
        *size = 8;
        break;
    default: return false;
    }
    *align = native ? *size : 1;
    return true;
}

static const char *read_order(const char *p, enum order *order, bool *native)
{
    *order = ORDER_NATIVE;
    *native = false;
    switch (*p) {
    case '<': *order = ORDER_LITTLE; return p + 1;
    case '>':
    case '!': *order = ORDER_BIG; return p + 1;
    case '=': *order = ORDER_LITTLE; return p + 1;
    case '@': *native = true; return p + 1;
    default: *native = true; return p;
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Reads one repeat count and letter. 1, 0 at the end, -1 error. */
static int read_item(const char **text, const char *end, bool native, Py_ssize_t *count,
                     char *letter, uint8_t *size, uint8_t *align)
{
    const char *p = *text;
    while (p < end && is_space(*p)) {
        p++;
    }
    if (p == end) {
        return 0;
    }
    *count = 1;
    if (*p >= '0' && *p <= '9') {
        for (*count = 0; p < end && *p >= '0' && *p <= '9'; p++) {
            if (*count > (PY_SSIZE_T_MAX - (*p - '0')) / 10) {
                return fail_int("total struct size too long");
            }
            *count = *count * 10 + (*p - '0');
        }
        if (p == end) {
            return fail_int("repeat count given without format specifier");
        }
    }
    *letter = *p++;
    *text = p;
    return letter_size(*letter, native, size, align) ? 1 : fail_int("bad char in struct format");
}

/* Adds one item to the program's totals and, if there is room, to its codes. */
static int add_code(struct program *p, bool store, char letter, Py_ssize_t count, uint8_t size,
                    uint8_t align)
{
    Py_ssize_t padding = (align - p->size % align) % align;
    if (p->size > PY_SSIZE_T_MAX - padding) {
        return fail_int("total struct size too long");
    }
    p->size += padding;
    if (count > (PY_SSIZE_T_MAX - p->size) / size) {
        return fail_int("total struct size too long");
    }
    bool single = letter == 's' || letter == 'p';
    p->items += letter == 'x' ? 0 : single ? 1 : count;
    if (letter != 'x' && (count > 0 || single)) {
        if (store) {
            p->codes[p->code_count] = (struct code){letter, size, p->size, count};
        }
        p->code_count++;
    }
    p->size += count * size;
    return 0;
}

static int walk(struct program *p, bool store, const char *text, const char *end)
{
    Py_ssize_t count;
    char letter;
    uint8_t size, align;
    int status;
    p->size = p->items = p->code_count = 0;
    while ((status = read_item(&text, end, p->native, &count, &letter, &size, &align)) > 0) {
        if (add_code(p, store, letter, count, size, align) < 0) {
            return -1;
        }
    }
    return status;
}

static struct program *parse(PyObject *format)
{
    const char *text = bytes_data(format), *end = text + bytes_length(format);
    struct program head;
    if (memchr(text, '\0', (size_t)(end - text)) != NULL) {
        fail("embedded null character");
        return NULL;
    }
    text = read_order(text, &head.order, &head.native);
    if (walk(&head, false, text, end) < 0) {
        return NULL;
    }
    struct program *p =
        heap_alloc(sizeof *p + ((size_t)head.code_count + 1) * sizeof(struct code), CELL_RAW);
    if (p == NULL) {
        error_no_memory();
        return NULL;
    }
    *p = head;
    return walk(p, true, text, end) < 0 ? NULL : p;
}

/* ---- Bytes. */

static uint64_t read_word(const unsigned char *p, size_t size, enum order order)
{
    uint64_t u = 0;
    if (order == ORDER_BIG) {
        for (size_t i = 0; i < size; i++) {
            u = u << 8 | p[i];
        }
    } else {
        memcpy(&u, p, size);
    }
    return u;
}

static void write_word(unsigned char *p, size_t size, enum order order, uint64_t u)
{
    if (order == ORDER_BIG) {
        for (size_t i = size; i-- > 0; u >>= 8) {
            p[i] = (unsigned char)u;
        }
    } else {
        memcpy(p, &u, size);
    }
}

/* ---- Unpacking. */

static Value unpack_number(const struct code *c, const unsigned char *p, enum order order)
{
    uint64_t u = read_word(p, c->size, order);
    switch (c->letter) {
    case 'b': return value_from_int((int8_t)u);
    case 'h': return value_from_int((int16_t)u);
    case 'i': return value_from_int((int32_t)u);
    case 'l': return c->size == 4 ? value_from_int((int32_t)u) : int_from_i64((int64_t)u);
    case 'q':
    case 'n': return int_from_i64((int64_t)u);
    case '?': return value_from_bool(u != 0);
    case 'e': return float_from_double(float_from_half((uint16_t)u));
    case 'f': {
        float f;
        uint32_t bits = (uint32_t)u;
        memcpy(&f, &bits, sizeof f);
        return float_from_double(f);
    }
    case 'd': {
        double d;
        memcpy(&d, &u, sizeof d);
        return float_from_double(d);
    }
    default: return int_from_u64(u);
    }
}

static Value unpack_item(const struct code *c, const unsigned char *p, enum order order)
{
    switch (c->letter) {
    case 'c': return value_from_object(bytes_new((const char *)p, 1));
    case 's': return value_from_object(bytes_new((const char *)p, c->count));
    case 'p': {
        Py_ssize_t length = c->count == 0 ? 0 : p[0];
        length = length < c->count ? length : c->count - 1;
        return value_from_object(bytes_new((const char *)p + 1, length < 0 ? 0 : length));
    }
    default: return unpack_number(c, p, order);
    }
}

static Value unpack_all(const struct program *p, const unsigned char *data)
{
    PyObject *tuple = tuple_new(p->items);
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; tuple != NULL && i < p->code_count; i++) {
        const struct code *c = &p->codes[i];
        bool single = c->letter == 's' || c->letter == 'p';
        const unsigned char *at = data + c->offset;
        for (Py_ssize_t j = single ? 1 : c->count; j > 0; j--, at += c->size) {
            Value item = unpack_item(c, at, p->order);
            if (value_is_null(item) || tuple_init_item(tuple, n++, item) < 0) {
                return VALUE_NULL;
            }
        }
    }
    return value_from_object(tuple);
}

/* ---- Packing. */

static int pack_range_error(char letter, bool is_signed, int bits)
{
    if (is_signed) {
        fail("'%c' format requires %lld <= number <= %lld", letter, -(1LL << (bits - 1)),
             (1LL << (bits - 1)) - 1);
    } else {
        fail("'%c' format requires 0 <= number <= %lld", letter, (1LL << bits) - 1);
    }
    return -1;
}

static Value to_int(Value v)
{
    if (int_check(v)) {
        return v;
    }
    if (value_ops(v)->index == NULL) {
        return fail("required argument is not an integer");
    }
    return object_index(v);
}

/* Letters whose messages name the C type. */
static const char *small_type(char letter, bool named)
{
    switch (letter) {
    case 'b': return "byte format requires -128 <= number <= 127";
    case 'B': return "ubyte format requires 0 <= number <= 255";
    case 'h': return named ? "short format requires -32768 <= number <= 32767" : NULL;
    case 'H': return named ? "ushort format requires 0 <= number <= 65535" : NULL;
    default: return NULL;
    }
}

/* named: the messages name C types. */
static int pack_integer(const struct code *c, bool named, Value v, uint64_t *out)
{
    Value n = to_int(v);
    bool is_signed = strchr("bhilqn", c->letter) != NULL;
    int bits = c->size * 8;
    const char *message = small_type(c->letter, named);
    int64_t i;
    if (value_is_null(n)) {
        return -1;
    }
    int order = int_clip_i64(n, &i);
    if (!named && bits == 64) {
        bool fits = is_signed ? order == 0 : int_sign(n) >= 0 && int_bit_length(n) <= 64;
        *out = int_to_u64_mask(n);
        return fits ? 0 : fail_int("int too large to convert");
    }
    if (is_signed || message != NULL) {
        if (order != 0) {
            return fail_int("argument out of range");
        }
        int64_t low = is_signed ? -(INT64_C(1) << (bits - 1)) : 0;
        int64_t high = is_signed ? (bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1)
                                 : (INT64_C(1) << bits) - 1;
        if (bits < 64 && (i < low || i > high)) {
            return message != NULL ? fail_int(message)
                                   : pack_range_error(c->letter, is_signed, bits);
        }
        *out = (uint64_t)i;
        return 0;
    }
    if (c->letter == 'P' && order == 0) {
        *out = (uint64_t)i;
        return 0;
    }
    if (int_sign(n) < 0 || int_bit_length(n) > 64) {
        return fail_int(c->letter == 'P' ? "int too large to convert" : "argument out of range");
    }
    *out = int_to_u64_mask(n);
    return bits < 64 && *out >> bits != 0 ? pack_range_error(c->letter, false, bits) : 0;
}

static int pack_float(const struct code *c, bool clip, Value v, uint64_t *out)
{
    double d;
    if (!float_try(v, &d) && arg_double(v, &d) < 0) {
        error_clear();
        return fail_int("required argument is not a float");
    }
    if (c->letter == 'd') {
        memcpy(out, &d, sizeof d);
        return 0;
    }
    if (c->letter == 'f') {
        float f = (float)d;
        uint32_t bits;
        if (isinf(f) && isfinite(d) && !clip) {
            return error_raise_int(PyExc_OverflowError, "float too large to pack with f format");
        }
        memcpy(&bits, &f, sizeof f);
        *out = bits;
        return 0;
    }
    uint16_t half;
    if (!float_to_half(d, &half)) {
        return error_raise_int(PyExc_OverflowError, "float too large to pack with e format");
    }
    *out = half;
    return 0;
}

/* The bytes of a bytes or bytearray argument. */
static int pack_text(const struct code *c, Value v, unsigned char *p)
{
    Py_buffer view;
    if (!bytes_check(v) && !bytearray_check(v)) {
        fail("argument for '%c' must be a bytes object", c->letter);
        return -1;
    }
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    Py_ssize_t room = c->letter == 'p' ? c->count - 1 : c->count;
    Py_ssize_t n = view.len < room ? view.len : room;
    if (c->letter == 'p' && c->count > 0) {
        *p++ = (unsigned char)(n > 255 ? 255 : n); /* the length that can be told */
    }
    if (n > 0) {
        memcpy(p, view.buf, (size_t)n);
    }
    object_release_buffer(&view);
    return 0;
}

static int pack_item(const struct code *c, const struct program *p, Value v, unsigned char *at)
{
    uint64_t word = 0;
    int status = 0;
    switch (c->letter) {
    case 's':
    case 'p': return pack_text(c, v, at);
    case 'c':
        if (!bytes_check(v) || bytes_length(value_object(v)) != 1) {
            return fail_int("char format requires a bytes object of length 1");
        }
        *at = (unsigned char)bytes_data(value_object(v))[0];
        return 0;
    case '?': {
        int truth = object_truth(v);
        word = truth > 0;
        status = truth < 0 ? -1 : 0;
        break;
    }
    case 'e':
    case 'f':
    case 'd': status = pack_float(c, p->native, v, &word); break;
    default: status = pack_integer(c, p->order != ORDER_BIG, v, &word); break;
    }
    if (status == 0) {
        write_word(at, c->size, p->order, word);
    }
    return status;
}

/* data: p->size bytes that are zero. */
static int pack_all(const struct program *p, const Value *args, unsigned char *data)
{
    for (Py_ssize_t i = 0; i < p->code_count; i++) {
        const struct code *c = &p->codes[i];
        bool single = c->letter == 's' || c->letter == 'p';
        unsigned char *at = data + c->offset;
        for (Py_ssize_t j = single ? 1 : c->count; j > 0; j--, at += c->size) {
            Value v = *args++;
            if (pack_item(c, p, v, at) < 0) {
                return int_check(v) && error_matches(PyExc_OverflowError)
                           ? fail_int("int too large to convert")
                           : -1;
            }
        }
    }
    return 0;
}

/* ---- Struct objects. */

static const struct program empty_program = {.size = -1, .items = -1};

static const struct program *program_of(PyObject *s)
{
    const struct program *p = atomic_load_acquire(&((struct struct_object *)s)->program);
    return p != NULL ? p : &empty_program;
}

static Value struct_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)args;
    (void)nargs;
    (void)kwnames;
    return value_from_object(object_alloc(type, 0));
}

static PyObject *format_bytes(Value format)
{
    if (str_check(format)) {
        return str_encode(value_object(format), "ascii", "strict");
    }
    if (!bytes_check(format)) {
        return error_raise_null(
            PyExc_TypeError, "Struct() argument 1 must be a str or bytes object, not %T", format);
    }
    return value_object(format);
}

static int struct_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value format;
    if (native_bind("Struct", "(format)", &signature, args, nargs, kwnames, &format) < 0) {
        return -1;
    }
    PyObject *bytes = format_bytes(format);
    struct program *p = bytes == NULL ? NULL : parse(bytes);
    if (p == NULL) {
        return -1;
    }
    struct struct_object *s = (struct struct_object *)value_object(self);
    heap_store(s, &s->format, bytes);
    s->size = p->size;
    s->items = p->items;
    heap_store(s, &s->program, p);
    return 0;
}

static Value pack(PyObject *s, const Value *args, size_t nargs)
{
    const struct program *p = program_of(s);
    if ((Py_ssize_t)nargs != p->items) {
        return fail("pack expected %zd items for packing (got %zd)", p->items, (Py_ssize_t)nargs);
    }
    PyObject *bytes = bytes_new(NULL, p->size);
    if (bytes == NULL || pack_all(p, args, (unsigned char *)bytes_data(bytes)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(bytes);
}

/* Moves a negative offset to the end and checks that a whole struct fits there. */
static int check_place(const struct program *p, Py_ssize_t length, Py_ssize_t *offset, bool packing)
{
    if (*offset < 0) {
        if (*offset + p->size > 0) {
            fail(packing ? "no space to pack %zd bytes at offset %zd"
                         : "not enough data to unpack %zd bytes at offset %zd",
                 p->size, *offset);
            return -1;
        }
        if (*offset + length < 0) {
            fail("offset %zd out of range for %zd-byte buffer", *offset, length);
            return -1;
        }
        *offset += length;
    }
    if (length - *offset < p->size) {
        fail("%s requires a buffer of at least %zu bytes for %s %zd bytes at offset %zd (actual "
             "buffer size is %zd)",
             packing ? "pack_into" : "unpack_from", (size_t)*offset + (size_t)p->size,
             packing ? "packing" : "unpacking", p->size, *offset, length);
        return -1;
    }
    return 0;
}

/* args: buffer, offset, values. */
static Value pack_into(PyObject *s, const Value *args, size_t nargs)
{
    const struct program *p = program_of(s);
    if (nargs < 1) {
        return fail("pack_into expected buffer argument");
    }
    if (nargs < 2) {
        return fail("pack_into expected offset argument");
    }
    if ((Py_ssize_t)nargs - 2 != p->items) {
        return fail("pack_into expected %zd items for packing (got %zd)", p->items,
                    (Py_ssize_t)nargs - 2);
    }
    Py_buffer view;
    Py_ssize_t offset;
    if (object_get_buffer(args[0], &view, PyBUF_WRITABLE) < 0) {
        if (error_matches(PyExc_BufferError)) {
            error_clear();
            error_raise(PyExc_TypeError, "argument must be read-write bytes-like object, not %T",
                        args[0]);
        }
        return VALUE_NULL;
    }
    int status = arg_index(args[1], &offset);
    if (status == 0) {
        status = check_place(p, view.len, &offset, true);
    }
    if (status == 0) {
        memset((char *)view.buf + offset, 0, (size_t)p->size);
        status = pack_all(p, args + 2, (unsigned char *)view.buf + offset);
    }
    object_release_buffer(&view);
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value unpack(PyObject *s, Value source)
{
    const struct program *p = program_of(s);
    Py_buffer view;
    if (object_get_buffer(source, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = view.len == p->size ? unpack_all(p, view.buf)
                                       : fail("unpack requires a buffer of %zd bytes", p->size);
    object_release_buffer(&view);
    return result;
}

static Value unpack_from(PyObject *s, Value source, Value offset_value)
{
    const struct program *p = program_of(s);
    Py_buffer view;
    Py_ssize_t offset = 0;
    if (!value_is_absent(offset_value) && arg_index(offset_value, &offset) < 0) {
        return VALUE_NULL;
    }
    if (object_get_buffer(source, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = check_place(p, view.len, &offset, false) < 0
                       ? VALUE_NULL
                       : unpack_all(p, (const unsigned char *)view.buf + offset);
    object_release_buffer(&view);
    return result;
}

static Value iter_unpack(PyObject *s, Value source)
{
    const struct program *p = program_of(s);
    Py_buffer view;
    if (p->size <= 0) {
        return fail("cannot iteratively unpack with a struct of length 0");
    }
    if (object_get_buffer(source, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t length = view.len;
    object_release_buffer(&view);
    if (length % p->size != 0) {
        return fail("iterative unpacking requires a buffer of a multiple of %zd bytes", p->size);
    }
    struct unpack_iterator *it = (struct unpack_iterator *)object_alloc(&Iterator_Type, 0);
    if (it == NULL) {
        return VALUE_NULL;
    }
    heap_init(it, &it->structure, s);
    heap_init(it, &it->source, value_object(source));
    return value_from_object(it);
}

static Value struct_pack(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return native_no_keywords("pack", kwnames) < 0 ? VALUE_NULL
                                                   : pack(value_object(self), args, nargs);
}

static Value struct_pack_into(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return native_no_keywords("pack_into", kwnames) < 0
               ? VALUE_NULL
               : pack_into(value_object(self), args, nargs);
}

static Value struct_unpack(Value self, Value source)
{
    return unpack(value_object(self), source);
}

static Value struct_unpack_from(Value self, const Value *args)
{
    return unpack_from(value_object(self), args[0], args[1]);
}

static Value struct_iter_unpack(Value self, Value source)
{
    return iter_unpack(value_object(self), source);
}

static Value struct_sizeof(Value self)
{
    Py_ssize_t codes = program_of(value_object(self))->code_count;
    return int_from_size(sizeof(struct struct_object) + 32 * ((size_t)codes + 1));
}

static Value get_format(Value self, void *closure)
{
    PyObject *format = ((struct struct_object *)value_object(self))->format;
    (void)closure;
    if (format == NULL) {
        return VALUE_NONE;
    }
    return value_from_object(str_from_ascii(bytes_data(format), bytes_length(format)));
}

static Value get_size(Value self, void *closure)
{
    (void)closure;
    return int_from_ssize(program_of(value_object(self))->size);
}

static void struct_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct struct_object *)self)->program);
    trace_pointer(tracer, ((struct struct_object *)self)->format);
}

static const struct native_def struct_methods[] = {
    {"iter_unpack", "($self, buffer, /)", "Return an iterator yielding tuples.",
     .f1 = struct_iter_unpack},
    {"pack", .raw = struct_pack, .doc = "S.pack(v1, v2, ...) -> bytes"},
    {"pack_into", .raw = struct_pack_into, .doc = "S.pack_into(buffer, offset, v1, v2, ...)"},
    {"unpack", "($self, buffer, /)", "Return a tuple containing unpacked values.",
     .f1 = struct_unpack},
    {"unpack_from", "($self, /, buffer, offset=0)", "Return a tuple containing unpacked values.",
     .n = struct_unpack_from},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = struct_sizeof},
    {NULL},
};

static const struct getset_def struct_getsets[] = {
    {"format", get_format, NULL, "struct format string"},
    {"size", get_size, NULL, "struct size in bytes"},
    {NULL},
};

static struct type_info struct_info = {
    .ops = {.new_ = struct_new, .init = struct_init},
    .trace = struct_trace,
    .methods = struct_methods,
    .getsets = struct_getsets,
};

static PyTypeObject Struct_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_struct.Struct",
    .tp_basicsize = sizeof(struct struct_object),
    .tp_weaklistoffset = offsetof(struct struct_object, weakrefs),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Struct(fmt) --> compiled struct object",
    .tp_cache = (PyObject *)&struct_info,
};

/* ---- The iterator. The buffer is looked up again at each step, so that none stays exported. */

static Value iterator_next(Value self)
{
    struct unpack_iterator *it = (struct unpack_iterator *)value_object(self);
    const struct program *p = program_of(it->structure);
    Py_buffer view;
    if (object_get_buffer(value_from_object(it->source), &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = VALUE_ABSENT;
    Py_ssize_t position = atomic_load_relaxed(&it->position);
    if (view.len - position >= p->size) {
        atomic_store_relaxed(&it->position, position + p->size);
        result = unpack_all(p, (const unsigned char *)view.buf + position);
    }
    object_release_buffer(&view);
    return result;
}

static Value iterator_length_hint(Value self)
{
    struct unpack_iterator *it = (struct unpack_iterator *)value_object(self);
    Py_ssize_t length = object_length(value_from_object(it->source));
    if (length < 0) {
        return VALUE_NULL;
    }
    return int_from_ssize((length - atomic_load_relaxed(&it->position)) /
                          program_of(it->structure)->size);
}

static Value return_self(Value self)
{
    return self;
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct unpack_iterator *)self)->structure);
    trace_pointer(tracer, ((struct unpack_iterator *)self)->source);
}

static const struct native_def iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_length_hint},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.iter = return_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

static PyTypeObject Iterator_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_struct.unpack_iterator",
    .tp_basicsize = sizeof(struct unpack_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&iterator_info,
};

/* ---- Module functions: they keep the structs of recent formats in a dict. */

enum { CACHE_LIMIT = 100 };
static PyObject *cache; /* set once by exec */

static PyObject *struct_for(Value format)
{
    Value found =
        str_check_exact(format) || bytes_check(format) ? dict_get(cache, format) : VALUE_ABSENT;
    if (!value_is_absent(found)) {
        return value_is_null(found) ? NULL : value_object(found);
    }
    Value made = object_call1(value_from_object(&Struct_Type), format);
    if (value_is_null(made)) {
        return NULL;
    }
    if (dict_length(cache) >= CACHE_LIMIT) {
        dict_clear(cache);
    }
    return dict_set(cache, format, made) < 0 ? NULL : value_object(made);
}

static PyObject *first_struct(const char *name, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords(name, kwnames) < 0) {
        return NULL;
    }
    if (nargs == 0) {
        return error_raise_null(PyExc_TypeError, "missing format argument");
    }
    return struct_for(args[0]);
}

static Value module_pack(Value module, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *s = first_struct("pack", args, nargs, kwnames);
    (void)module;
    return s == NULL ? VALUE_NULL : pack(s, args + 1, nargs - 1);
}

static Value module_pack_into(Value module, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *s = first_struct("pack_into", args, nargs, kwnames);
    (void)module;
    return s == NULL ? VALUE_NULL : pack_into(s, args + 1, nargs - 1);
}

static Value module_unpack(Value module, const Value *args)
{
    PyObject *s = struct_for(args[0]);
    (void)module;
    return s == NULL ? VALUE_NULL : unpack(s, args[1]);
}

static Value module_unpack_from(Value module, const Value *args)
{
    PyObject *s = struct_for(args[0]);
    (void)module;
    return s == NULL ? VALUE_NULL : unpack_from(s, args[1], args[2]);
}

static Value module_iter_unpack(Value module, const Value *args)
{
    PyObject *s = struct_for(args[0]);
    (void)module;
    return s == NULL ? VALUE_NULL : iter_unpack(s, args[1]);
}

static Value module_calcsize(Value module, Value format)
{
    PyObject *s = struct_for(format);
    (void)module;
    return s == NULL ? VALUE_NULL : int_from_ssize(program_of(s)->size);
}

static Value module_clearcache(Value module)
{
    (void)module;
    dict_clear(cache);
    return VALUE_NONE;
}

static const struct native_def functions[] = {
    {"_clearcache", "($module, /)", "Clear the internal cache.", .f0 = module_clearcache},
    {"calcsize", "($module, format, /)", "Return size in bytes of the struct.",
     .f1 = module_calcsize},
    {"iter_unpack", "($module, format, buffer, /)", "Return an iterator yielding tuples.",
     .n = module_iter_unpack},
    {"pack", .raw = module_pack, .doc = "pack(format, v1, v2, ...) -> bytes"},
    {"pack_into", .raw = module_pack_into, .doc = "pack_into(format, buffer, offset, v1, v2, ...)"},
    {"unpack", "($module, format, buffer, /)", "Return a tuple containing unpacked values.",
     .n = module_unpack},
    {"unpack_from", "($module, format, /, buffer, offset=0)",
     "Return a tuple containing unpacked values.", .n = module_unpack_from},
    {NULL},
};

/* class error(Exception), of module struct. */
static int make_error(void)
{
    PyObject *name = str_intern_text("error"), *module = str_intern_text("struct");
    PyObject *bases = tuple_pack(1, PyExc_Exception), *dict = dict_new();
    if (name == NULL || module == NULL || bases == NULL || dict == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(module)) < 0) {
        return -1;
    }
    Value made = type_new(&PyType_Type, name, bases, dict, NULL);
    struct_error = value_is_null(made) ? NULL : value_object(made);
    return struct_error == NULL ? -1 : 0;
}

static int exec(PyObject *module)
{
    cache = dict_new();
    if (cache == NULL || type_ready(&Struct_Type) < 0 || type_ready(&Iterator_Type) < 0 ||
        make_error() < 0 || module_add(module, "error", value_from_object(struct_error)) < 0) {
        return -1;
    }
    return module_add_type(module, &Struct_Type);
}

const struct module_def struct_module = {
    "_struct", "Functions to convert between Python values and C structs.", functions, exec};
