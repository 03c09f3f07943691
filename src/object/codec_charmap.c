/* SPDX-License-Identifier: MIT */
/* The charmap codec: one byte per character, by a table that Python code gives; and EncodingMap, a
 * compact table for encoding. */
#include "object/codec_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/native.h"

/* ---- EncodingMap: characters below 0x10000 to bytes; 0 is mapped to 0, everything else mapped to
 * 0 is absent. Immutable. */

enum { PAGE_BITS = 7, PAGE_SIZE = 1 << PAGE_BITS, PAGE_COUNT = 0x10000 >> PAGE_BITS };

struct encoding_map {
    PyObject head;
    uint16_t page_count;
    uint8_t pages[PAGE_COUNT]; /* index of a page + 1, or 0 */
    uint8_t bytes[];
};

static int map_find(const struct encoding_map *m, Py_UCS4 c)
{
    if (c == 0) {
        return 0;
    }
    int page = c > 0xffff ? 0 : m->pages[c >> PAGE_BITS];
    int byte = page == 0 ? 0 : m->bytes[(page - 1) * PAGE_SIZE + (int)(c & (PAGE_SIZE - 1))];
    return byte == 0 ? -1 : byte;
}

static Value map_size(Value self)
{
    struct encoding_map *m = (struct encoding_map *)value_object(self);
    return int_from_size(sizeof *m + (size_t)m->page_count * PAGE_SIZE);
}

static const struct native_def map_methods[] = {
    {"size", "($self, /)", "Its size in bytes.", .f0 = map_size},
    {NULL},
};

static struct type_info map_info = {
    .methods = map_methods,
    .flags = TYPE_NO_NEW | TYPE_LEAF,
};

PyTypeObject encoding_map_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "EncodingMap",
    .tp_basicsize = sizeof(struct encoding_map),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&map_info,
};

static PyObject *build_map(PyObject *table, Py_ssize_t n)
{
    uint8_t pages[PAGE_COUNT] = {0};
    uint16_t count = 0;
    for (Py_ssize_t i = 1; i < n; i++) {
        Py_UCS4 c = str_at(table, i);
        if (c != 0xfffe && pages[c >> PAGE_BITS] == 0) {
            pages[c >> PAGE_BITS] = (uint8_t)++count;
        }
    }
    struct encoding_map *m = (struct encoding_map *)object_alloc_bytes(
        &encoding_map_type, sizeof *m + (size_t)count * PAGE_SIZE);
    if (m == NULL) {
        return NULL;
    }
    m->page_count = count;
    memcpy(m->pages, pages, sizeof pages);
    for (Py_ssize_t i = 1; i < n; i++) {
        Py_UCS4 c = str_at(table, i);
        if (c != 0xfffe) {
            m->bytes[(pages[c >> PAGE_BITS] - 1) * PAGE_SIZE + (int)(c & (PAGE_SIZE - 1))] =
                (uint8_t)i;
        }
    }
    return (PyObject *)m;
}

PyObject *codec_charmap_build(PyObject *table)
{
    Py_ssize_t n = str_length(table) < 256 ? str_length(table) : 256;
    bool compact = n > 0 && str_at(table, 0) == 0;
    for (Py_ssize_t i = 1; compact && i < n; i++) {
        Py_UCS4 c = str_at(table, i);
        compact = c != 0 && c < 0x10000;
    }
    if (compact) {
        return build_map(table, n);
    }
    PyObject *dict = dict_new();
    for (Py_ssize_t i = 0; dict != NULL && i < n; i++) {
        if (dict_set(dict, value_from_int(str_at(table, i)), value_from_int(i)) < 0) {
            return NULL;
        }
    }
    return dict;
}

/* ---- Decoding. 1: text was added, 0: undefined, -1. */

static Value look_up(Value map, Value key)
{
    Value v = object_getitem(map, key);
    if (value_is_null(v) && error_matches(PyExc_LookupError)) {
        error_clear();
        return VALUE_NONE;
    }
    return v;
}

static int decode_byte(struct decoder *d, Value map, unsigned char byte)
{
    if (str_check_exact(map)) {
        PyObject *table = value_object(map);
        Py_UCS4 c = byte < str_length(table) ? str_at(table, byte) : 0xfffe;
        return c == 0xfffe ? 0 : str_builder_char(&d->out, c) < 0 ? -1 : 1;
    }
    Value v = look_up(map, value_from_int(byte));
    int64_t code;
    if (value_is_null(v)) {
        return -1;
    }
    if (value_is_none(v)) {
        return 0;
    }
    if (int_check(v)) {
        if (int_clip_i64(v, &code) != 0 || code < 0 || code > 0x10ffff) {
            return error_raise_int(PyExc_TypeError, "character mapping must be in range(0x110000)");
        }
        return code == 0xfffe ? 0 : str_builder_char(&d->out, (Py_UCS4)code) < 0 ? -1 : 1;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError,
                               "character mapping must return integer, None or str");
    }
    PyObject *text = value_object(v);
    if (str_length(text) == 1 && str_at(text, 0) == 0xfffe) {
        return 0;
    }
    return str_builder_str(&d->out, text) < 0 ? -1 : 1;
}

PyObject *codec_charmap_decode(const char *text, Py_ssize_t n, Value map, const char *errors)
{
    if (value_is_absent(map) || value_is_none(map)) {
        return codec_latin1_decode(text, n, errors);
    }
    struct decoder d;
    decoder_init(&d, "charmap", errors, text, n);
    for (Py_ssize_t i = 0; i < d.length;) {
        int status = decode_byte(&d, map, d.data[i]);
        Py_ssize_t next =
            status == 0 ? decoder_error(&d, i, i + 1, "character maps to <undefined>") : i + 1;
        if (status < 0 || next < 0) {
            return NULL;
        }
        i = next;
    }
    return str_builder_finish(&d.out);
}

/* ---- Encoding. */

static int encode_looked_up(struct bytes_builder *out, Value v)
{
    int64_t code;
    if (value_is_null(v)) {
        return -1;
    }
    if (value_is_none(v)) {
        return 0;
    }
    if (int_check(v)) {
        if (int_clip_i64(v, &code) != 0 || code < 0 || code > 255) {
            return error_raise_int(PyExc_TypeError, "character mapping must be in range(256)");
        }
        return out != NULL && bytes_builder_byte(out, (unsigned char)code) < 0 ? -1 : 1;
    }
    if (!bytes_check(v)) {
        return error_raise_int(PyExc_TypeError,
                               "character mapping must return integer, bytes or None, not %T", v);
    }
    PyObject *b = value_object(v);
    return out != NULL && bytes_builder_add(out, bytes_data(b), bytes_length(b)) < 0 ? -1 : 1;
}

/* 1: encoded (or could be, if out is NULL), 0: undefined, -1. */
static int encode_char(struct bytes_builder *out, Value map, Py_UCS4 c)
{
    if (value_is_object(map) && value_object(map)->ob_type == &encoding_map_type) {
        int byte = map_find((struct encoding_map *)value_object(map), c);
        return byte < 0                                                          ? 0
               : out != NULL && bytes_builder_byte(out, (unsigned char)byte) < 0 ? -1
                                                                                 : 1;
    }
    return encode_looked_up(out, look_up(map, value_from_int(c)));
}

static int put_mapped(struct encoder *e, PyObject *text)
{
    Value map = *(Value *)e->closure;
    for (Py_ssize_t i = 0; i < str_length(text); i++) {
        int status = encode_char(&e->out, map, str_at(text, i));
        if (status <= 0) {
            return status;
        }
    }
    return 1;
}

PyObject *codec_charmap_encode(PyObject *s, Value map, const char *errors)
{
    if (value_is_absent(map) || value_is_none(map)) {
        return codec_latin1_encode(s, errors);
    }
    struct encoder e;
    encoder_init(&e, "charmap", errors, s, put_mapped);
    e.closure = &map;
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i < n;) {
        int status = encode_char(&e.out, map, str_at(s, i));
        if (status < 0) {
            return NULL;
        }
        if (status > 0) {
            i++;
            continue;
        }
        Py_ssize_t end = i + 1;
        while (end < n && (status = encode_char(NULL, map, str_at(s, end))) == 0) {
            end++;
        }
        if (status < 0) {
            return NULL;
        }
        i = encoder_error(&e, i, end, "character maps to <undefined>");
        if (i < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&e.out);
}
