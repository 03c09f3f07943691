/* SPDX-License-Identifier: MIT */
/* The zlib module: the C library with Python's buffers around it.
 *
 * A compressor or decompressor belongs to one call at a time: `busy` is taken for the length of a
 * call, and threads that find it taken sleep. The library itself runs detached. Its state is
 * malloc'ed and freed by the finalizer. */
#include <zlib.h>

#include "object/bytes.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/lock.h"
#include "thread/thread.h"

enum { DEFAULT_BUFFER = 16 * 1024, DEFAULT_MEMORY = 8, STATE_BYTES = 256 * 1024 };

static PyObject *zlib_error;

static Value raise_zlib(const z_stream *z, int code, const char *doing)
{
    const char *text = code == Z_VERSION_ERROR ? "library version mismatch" : z->msg;
    if (text == NULL) {
        text = code == Z_BUF_ERROR      ? "incomplete or truncated stream"
               : code == Z_STREAM_ERROR ? "inconsistent stream state"
               : code == Z_DATA_ERROR   ? "invalid input data"
                                        : NULL;
    }
    return text == NULL ? error_raise(zlib_error, "Error %d %s", code, doing)
                        : error_raise(zlib_error, "Error %d %s: %.200s", code, doing, text);
}

/* ---- Output that grows. */

struct output {
    char *data; /* a RAW cell */
    size_t used, capacity, limit;
};

static bool output_init(struct output *o, size_t capacity, size_t limit)
{
    o->limit = limit;
    o->capacity = capacity < limit ? capacity : limit;
    o->used = 0;
    o->data = heap_alloc(o->capacity + 1, CELL_RAW);
    if (o->data == NULL) {
        error_no_memory();
    }
    return o->data != NULL;
}

static bool output_grow(struct output *o)
{
    size_t capacity = o->capacity * 2 < o->limit ? o->capacity * 2 : o->limit;
    char *data = heap_alloc(capacity + 1, CELL_RAW);
    if (data == NULL) {
        error_no_memory();
        return false;
    }
    memcpy(data, o->data, o->used);
    o->data = data;
    o->capacity = capacity;
    return true;
}

static Value output_finish(const struct output *o)
{
    return value_from_object(bytes_new(o->data, (Py_ssize_t)o->used));
}

/* Runs deflate or inflate until the input is used up and the output has room left, the stream ends
 * or the limit is reached. Returns the library's last code, or Z_MEM_ERROR with an exception set.
 */
static int run_stream(z_stream *z, int (*step)(z_stream *, int), int flush, const char **input,
                      size_t *left, struct output *o)
{
    int code = Z_OK;
    for (;;) {
        size_t take = *left < UINT_MAX ? *left : UINT_MAX;
        if (o->used == o->capacity) {
            if (o->capacity == o->limit) {
                return code;
            }
            if (!output_grow(o)) {
                return Z_MEM_ERROR;
            }
        }
        size_t room = o->capacity - o->used;
        z->next_in = (Bytef *)(uintptr_t)*input;
        z->avail_in = (uInt)take;
        z->next_out = (Bytef *)o->data + o->used;
        z->avail_out = (uInt)(room < UINT_MAX ? room : UINT_MAX);
        uInt offered = z->avail_out;
        thread_detach();
        code = step(z, take == *left ? flush : Z_NO_FLUSH);
        thread_reattach();
        o->used += offered - z->avail_out;
        *input += take - z->avail_in;
        *left -= take - z->avail_in;
        if (code != Z_OK && code != Z_BUF_ERROR) {
            return code;
        }
        if (z->avail_out != 0 && (*left == 0 || code == Z_BUF_ERROR)) {
            return code;
        }
    }
}

static int get_view(Value v, Py_buffer *view)
{
    return object_get_buffer(v, view, PyBUF_SIMPLE);
}

/* ---- Functions. */

static int int_default(Value v, int fallback, int *out)
{
    *out = fallback;
    return value_is_present(v) ? arg_int(v, out) : 0;
}

/* A size with a default. 0 or -1. */
static int size_default(Value v, Py_ssize_t fallback, Py_ssize_t *out)
{
    int64_t size;
    *out = fallback;
    if (!value_is_present(v)) {
        return 0;
    }
    v = object_index(v);
    if (value_is_null(v)) {
        return -1;
    }
    if (int_clip_i64(v, &size) != 0) {
        return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    }
    *out = size;
    return 0;
}

static Value do_compress(Value self, const Value *args)
{
    Py_buffer view;
    int level, wbits;
    struct output o;
    z_stream z = {0};
    if (int_default(args[1], Z_DEFAULT_COMPRESSION, &level) < 0 ||
        int_default(args[2], MAX_WBITS, &wbits) < 0 || get_view(args[0], &view) < 0) {
        return VALUE_NULL;
    }
    Value result = VALUE_NULL;
    int code = deflateInit2(&z, level, Z_DEFLATED, wbits, DEFAULT_MEMORY, Z_DEFAULT_STRATEGY);
    const char *input = view.buf;
    size_t left = (size_t)view.len;
    if (code == Z_STREAM_ERROR) {
        error_raise(zlib_error, "Bad compression level");
    } else if (code != Z_OK) {
        raise_zlib(&z, code, "while compressing data");
    } else if (output_init(&o, DEFAULT_BUFFER, SIZE_MAX / 4)) {
        code = run_stream(&z, deflate, Z_FINISH, &input, &left, &o);
        if (code == Z_STREAM_END) {
            result = output_finish(&o);
        } else if (!error_occurred()) {
            raise_zlib(&z, code, "while compressing data");
        }
    }
    deflateEnd(&z);
    object_release_buffer(&view);
    return result;
}

static Value do_decompress(Value self, const Value *args)
{
    Py_buffer view;
    int wbits;
    Py_ssize_t size;
    struct output o;
    z_stream z = {0};
    if (int_default(args[1], MAX_WBITS, &wbits) < 0 ||
        size_default(args[2], DEFAULT_BUFFER, &size) < 0 || get_view(args[0], &view) < 0) {
        return VALUE_NULL;
    }
    if (size < 0) {
        object_release_buffer(&view);
        return error_raise(PyExc_ValueError, "bufsize must be non-negative");
    }
    Value result = VALUE_NULL;
    int code = inflateInit2(&z, wbits);
    const char *input = view.buf;
    size_t left = (size_t)view.len;
    if (code != Z_OK) {
        raise_zlib(&z, code, "while preparing to decompress data");
    } else if (output_init(&o, size == 0 ? 1 : (size_t)size, SIZE_MAX / 4)) {
        code = run_stream(&z, inflate, Z_SYNC_FLUSH, &input, &left, &o);
        if (code == Z_STREAM_END) {
            result = output_finish(&o);
        } else if (!error_occurred()) {
            raise_zlib(&z, code == Z_OK ? Z_BUF_ERROR : code, "while decompressing data");
        }
    }
    inflateEnd(&z);
    object_release_buffer(&view);
    return result;
}

static Value checksum(const Value *args, uLong start, uLong (*f)(uLong, const Bytef *, z_size_t))
{
    Py_buffer view;
    if (value_is_present(args[1])) {
        Value number = object_index(args[1]);
        if (value_is_null(number)) {
            return number;
        }
        start = (uint32_t)int_to_u64_mask(number);
    }
    if (get_view(args[0], &view) < 0) {
        return VALUE_NULL;
    }
    bool large = view.len > 64 * 1024;
    if (large) {
        thread_detach();
    }
    uLong sum = f(start, view.buf, (z_size_t)view.len);
    if (large) {
        thread_reattach();
    }
    object_release_buffer(&view);
    return value_from_int((int64_t)(sum & 0xFFFFFFFF));
}

static Value do_adler32(Value self, const Value *args)
{
    return checksum(args, 1, adler32_z);
}

static Value do_crc32(Value self, const Value *args)
{
    return checksum(args, 0, crc32_z);
}

/* ---- Compressors and decompressors. */

struct stream {
    PyObject head;
    z_stream z;              /* whoever took `busy` */
    PyObject *unused, *tail; /* decompressors: bytes after the end, and not yet used */
    PyObject *dictionary;    /* a preset dictionary (bytes), or NULL */
    bool initialized, ended, flushed, is_deflate; /* flushed: nothing more can come */
    uint8_t busy;                                 /* atomic: a call is in progress */
};

static PyTypeObject compress_type, decompress_type;

static struct stream *stream_of(Value v)
{
    return (struct stream *)value_object(v);
}

static void stream_take(struct stream *s)
{
    uint8_t free_ = 0;
    while (!atomic_cas_acq_rel(&s->busy, free_, 1)) {
        free_ = 0;
        park(&s->busy, 1, -1, false);
    }
}

static void stream_give_back(struct stream *s)
{
    atomic_store_release(&s->busy, 0);
    unpark(&s->busy, 1);
}

static void stream_trace(PyObject *self, struct tracer *tracer)
{
    struct stream *s = (struct stream *)self;
    trace_pointer(tracer, s->unused);
    trace_pointer(tracer, s->tail);
    trace_pointer(tracer, s->dictionary);
}

static void stream_finalize(Value self)
{
    struct stream *s = stream_of(self);
    if (s->initialized) {
        s->initialized = false;
        heap_account_external(-STATE_BYTES);
        if (s->is_deflate) {
            deflateEnd(&s->z);
        } else {
            inflateEnd(&s->z);
        }
    }
}

static struct stream *stream_new(PyTypeObject *type)
{
    struct stream *s = (struct stream *)object_alloc(type, 0);
    if (s == NULL) {
        return NULL;
    }
    s->is_deflate = type == &compress_type;
    PyObject *empty = bytes_new("", 0);
    heap_init(s, &s->unused, empty);
    heap_init(s, &s->tail, empty);
    return s;
}

static void stream_ready(struct stream *s)
{
    s->initialized = true;
    heap_account_external(STATE_BYTES);
}

static int set_dictionary(struct stream *s)
{
    const Bytef *data = (const Bytef *)bytes_data(s->dictionary);
    uInt length = (uInt)bytes_length(s->dictionary);
    return s->is_deflate ? deflateSetDictionary(&s->z, data, length)
                         : inflateSetDictionary(&s->z, data, length);
}

/* A preset dictionary argument. 0 or -1. */
static int take_dictionary(struct stream *s, Value v)
{
    if (!value_is_present(v) || value_is_none(v)) {
        return 0;
    }
    if (!object_has_buffer(v)) {
        return s->is_deflate ? error_raise_int(PyExc_TypeError,
                                               "a bytes-like object is required, not '%T'", v)
                             : error_raise_int(PyExc_TypeError,
                                               "zdict argument must support the buffer protocol");
    }
    PyObject *copy = bytes_from_value(v);
    heap_store(s, &s->dictionary, copy);
    return copy == NULL ? -1 : 0;
}

static Value do_compressobj(Value self, const Value *args)
{
    int level, method, wbits, memory, strategy;
    if (int_default(args[0], Z_DEFAULT_COMPRESSION, &level) < 0 ||
        int_default(args[1], Z_DEFLATED, &method) < 0 ||
        int_default(args[2], MAX_WBITS, &wbits) < 0 ||
        int_default(args[3], DEFAULT_MEMORY, &memory) < 0 ||
        int_default(args[4], Z_DEFAULT_STRATEGY, &strategy) < 0) {
        return VALUE_NULL;
    }
    struct stream *s = stream_new(&compress_type);
    if (s == NULL || take_dictionary(s, args[5]) < 0) {
        return VALUE_NULL;
    }
    int code = deflateInit2(&s->z, level, method, wbits, memory, strategy);
    if (code != Z_OK) {
        return code == Z_STREAM_ERROR
                   ? error_raise(PyExc_ValueError, "Invalid initialization option")
                   : raise_zlib(&s->z, code, "while creating compression object");
    }
    stream_ready(s);
    if (s->dictionary != NULL && set_dictionary(s) != Z_OK) {
        return error_raise(PyExc_ValueError, "Invalid dictionary");
    }
    return value_from_object(s);
}

static Value do_decompressobj(Value self, const Value *args)
{
    int wbits;
    if (int_default(args[0], MAX_WBITS, &wbits) < 0) {
        return VALUE_NULL;
    }
    struct stream *s = stream_new(&decompress_type);
    if (s == NULL || take_dictionary(s, args[1]) < 0) {
        return VALUE_NULL;
    }
    int code = inflateInit2(&s->z, wbits);
    if (code != Z_OK) {
        return code == Z_STREAM_ERROR
                   ? error_raise(PyExc_ValueError, "Invalid initialization option")
                   : raise_zlib(&s->z, code, "while creating decompression object");
    }
    stream_ready(s);
    if (s->dictionary != NULL && wbits < 0 && set_dictionary(s) != Z_OK) {
        return error_raise(zlib_error, "Error setting inflate dictionary");
    }
    return value_from_object(s);
}

/* Runs deflate over data (NULL: none). */
static Value deflate_some(struct stream *s, const char *data, size_t length, int flush,
                          const char *doing)
{
    struct output o;
    if (!output_init(&o, DEFAULT_BUFFER, SIZE_MAX / 4)) {
        return VALUE_NULL;
    }
    int code = s->ended ? Z_STREAM_ERROR : run_stream(&s->z, deflate, flush, &data, &length, &o);
    if (code == Z_STREAM_END && flush == Z_FINISH) {
        s->ended = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return error_occurred() ? VALUE_NULL : raise_zlib(&s->z, code, doing);
    }
    return output_finish(&o);
}

static Value compress_compress(Value self, Value data)
{
    struct stream *s = stream_of(self);
    Py_buffer view;
    if (get_view(data, &view) < 0) {
        return VALUE_NULL;
    }
    stream_take(s);
    Value v = deflate_some(s, view.buf, (size_t)view.len, Z_NO_FLUSH, "while compressing data");
    stream_give_back(s);
    object_release_buffer(&view);
    return v;
}

static Value compress_flush(Value self, const Value *args)
{
    struct stream *s = stream_of(self);
    int mode;
    if (int_default(args[0], Z_FINISH, &mode) < 0) {
        return VALUE_NULL;
    }
    if (mode == Z_NO_FLUSH) {
        return value_from_object(bytes_new("", 0));
    }
    stream_take(s);
    Value v = deflate_some(s, "", 0, mode, "while flushing");
    stream_give_back(s);
    return v;
}

static Value stream_copy(Value self)
{
    struct stream *s = stream_of(self), *copy = stream_new(value_type(self));
    if (copy == NULL) {
        return VALUE_NULL;
    }
    stream_take(s);
    int code = s->flushed || (s->is_deflate && s->ended) ? Z_STREAM_ERROR
               : s->is_deflate                           ? deflateCopy(&copy->z, &s->z)
                                                         : inflateCopy(&copy->z, &s->z);
    heap_store(copy, &copy->unused, s->unused);
    heap_store(copy, &copy->tail, s->tail);
    heap_store(copy, &copy->dictionary, s->dictionary);
    copy->ended = s->ended;
    stream_give_back(s);
    if (code == Z_STREAM_ERROR) {
        return error_raise(PyExc_ValueError, "Inconsistent stream state");
    }
    if (code != Z_OK) {
        return raise_zlib(&s->z, code,
                          s->is_deflate ? "while copying compression object"
                                        : "while copying decompression object");
    }
    stream_ready(copy);
    return value_from_object(copy);
}

static Value stream_deepcopy(Value self, Value memo)
{
    return stream_copy(self);
}

static int inflate_with_dictionary(struct stream *s, const char **data, size_t *left,
                                   struct output *o)
{
    int code = run_stream(&s->z, inflate, Z_SYNC_FLUSH, data, left, o);
    if (code == Z_NEED_DICT && s->dictionary != NULL) {
        code = set_dictionary(s);
        if (code == Z_OK) {
            code = run_stream(&s->z, inflate, Z_SYNC_FLUSH, data, left, o);
        }
    }
    return code;
}

/* What was not used: after the end it is appended to unused_data, else it is the new tail. */
static int keep_rest(struct stream *s, int code, const char *data, size_t left)
{
    PyObject *rest = bytes_new(data, (Py_ssize_t)left), *empty = bytes_new("", 0);
    if (rest == NULL || empty == NULL) {
        return -1;
    }
    if (code != Z_STREAM_END) {
        heap_store(s, &s->tail, rest);
        return 0;
    }
    if (left > 0) {
        Value sum = object_binary(value_from_object(s->unused), value_from_object(rest), OP_ADD);
        if (value_is_null(sum)) {
            return -1;
        }
        heap_store(s, &s->unused, value_object(sum));
    }
    heap_store(s, &s->tail, empty);
    return 0;
}

static Value inflate_some(struct stream *s, const char *data, size_t length, size_t capacity,
                          size_t limit, bool flush)
{
    struct output o;
    if (!output_init(&o, capacity, limit)) {
        return VALUE_NULL;
    }
    int code = s->ended ? Z_STREAM_END : inflate_with_dictionary(s, &data, &length, &o);
    if (error_occurred() || keep_rest(s, code, data, length) < 0) {
        return VALUE_NULL;
    }
    if (code == Z_STREAM_END) {
        s->ended = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return raise_zlib(&s->z, code, flush ? "while flushing" : "while decompressing data");
    }
    return output_finish(&o);
}

static Value decompress_decompress(Value self, const Value *args)
{
    struct stream *s = stream_of(self);
    Py_buffer view;
    Py_ssize_t limit;
    if (size_default(args[1], 0, &limit) < 0) {
        return VALUE_NULL;
    }
    if (limit < 0) {
        return error_raise(PyExc_ValueError, "max_length must be non-negative");
    }
    if (get_view(args[0], &view) < 0) {
        return VALUE_NULL;
    }
    stream_take(s);
    Value v = inflate_some(s, view.buf, (size_t)view.len, DEFAULT_BUFFER,
                           limit == 0 ? SIZE_MAX / 4 : (size_t)limit, false);
    stream_give_back(s);
    object_release_buffer(&view);
    return v;
}

static Value decompress_flush(Value self, const Value *args)
{
    struct stream *s = stream_of(self);
    Py_ssize_t length;
    if (size_default(args[0], DEFAULT_BUFFER, &length) < 0) {
        return VALUE_NULL;
    }
    if (length <= 0) {
        return error_raise(PyExc_ValueError, "length must be greater than zero");
    }
    stream_take(s);
    PyObject *tail = s->tail;
    Value v = inflate_some(s, bytes_data(tail), (size_t)bytes_length(tail), (size_t)length,
                           SIZE_MAX / 4, true);
    s->flushed = s->ended;
    stream_give_back(s);
    return v;
}

static Value get_unused(Value self, void *closure)
{
    return value_from_object(stream_of(self)->unused);
}

static Value get_tail(Value self, void *closure)
{
    return value_from_object(stream_of(self)->tail);
}

static Value get_eof(Value self, void *closure)
{
    return value_from_bool(stream_of(self)->ended);
}

static const struct native_def compress_methods[] = {
    {"compress", "($self, data, /)", "Compresses data.", .f1 = compress_compress},
    {"flush", "($self, mode=zlib.Z_FINISH, /)", "What is still pending.", .n = compress_flush},
    {"copy", "($self, /)", "A copy of the object in its current state.", .f0 = stream_copy},
    {"__copy__", "($self, /)", "A copy of the object.", .f0 = stream_copy},
    {"__deepcopy__", "($self, memo, /)", "A copy of the object.", .f1 = stream_deepcopy},
    {NULL},
};
static const struct native_def decompress_methods[] = {
    {"decompress", "($self, data, /, max_length=0)", "Decompresses data.",
     .n = decompress_decompress},
    {"flush", "($self, length=zlib.DEF_BUF_SIZE, /)", "What is still pending.",
     .n = decompress_flush},
    {"copy", "($self, /)", "A copy of the object in its current state.", .f0 = stream_copy},
    {"__copy__", "($self, /)", "A copy of the object.", .f0 = stream_copy},
    {"__deepcopy__", "($self, memo, /)", "A copy of the object.", .f1 = stream_deepcopy},
    {NULL},
};
static const struct getset_def decompress_getsets[] = {
    {"unused_data", get_unused}, {"unconsumed_tail", get_tail}, {"eof", get_eof}, {NULL}};

static struct type_info compress_info = {
    .ops = {.finalize = stream_finalize},
    .trace = stream_trace,
    .methods = compress_methods,
    .flags = TYPE_NO_NEW | TYPE_OBSERVED,
};
static PyTypeObject compress_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "zlib.Compress",
    .tp_basicsize = sizeof(struct stream),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&compress_info,
};
static struct type_info decompress_info = {
    .ops = {.finalize = stream_finalize},
    .trace = stream_trace,
    .methods = decompress_methods,
    .getsets = decompress_getsets,
    .flags = TYPE_NO_NEW | TYPE_OBSERVED,
};
static PyTypeObject decompress_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "zlib.Decompress",
    .tp_basicsize = sizeof(struct stream),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&decompress_info,
};

/* ---- The module. */

static const struct native_def functions[] = {
    {"compress", "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
     "Compresses data.", .n = do_compress},
    {"decompress", "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
     "Decompresses data.", .n = do_decompress},
    {"adler32", "($module, data, value=1, /)",
     "The Adler-32 checksum of data, going on from value.", .n = do_adler32},
    {"crc32", "($module, data, value=0, /)", "The CRC-32 checksum of data, going on from value.",
     .n = do_crc32},
    {"compressobj",
     "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n"
     "            wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n"
     "            strategy=Z_DEFAULT_STRATEGY, zdict=None)",
     "An object that compresses piece by piece.", .n = do_compressobj},
    {"decompressobj", "($module, /, wbits=MAX_WBITS, zdict=b'')",
     "An object that decompresses piece by piece.", .n = do_decompressobj},
    {NULL},
};

static const struct {
    const char *name;
    int value;
} constants[] = {
    {"MAX_WBITS", MAX_WBITS},
    {"DEFLATED", Z_DEFLATED},
    {"DEF_MEM_LEVEL", DEFAULT_MEMORY},
    {"DEF_BUF_SIZE", DEFAULT_BUFFER},
    {"Z_NO_COMPRESSION", Z_NO_COMPRESSION},
    {"Z_BEST_SPEED", Z_BEST_SPEED},
    {"Z_BEST_COMPRESSION", Z_BEST_COMPRESSION},
    {"Z_DEFAULT_COMPRESSION", Z_DEFAULT_COMPRESSION},
    {"Z_FILTERED", Z_FILTERED},
    {"Z_HUFFMAN_ONLY", Z_HUFFMAN_ONLY},
    {"Z_RLE", Z_RLE},
    {"Z_FIXED", Z_FIXED},
    {"Z_DEFAULT_STRATEGY", Z_DEFAULT_STRATEGY},
    {"Z_NO_FLUSH", Z_NO_FLUSH},
    {"Z_PARTIAL_FLUSH", Z_PARTIAL_FLUSH},
    {"Z_SYNC_FLUSH", Z_SYNC_FLUSH},
    {"Z_FULL_FLUSH", Z_FULL_FLUSH},
    {"Z_FINISH", Z_FINISH},
    {"Z_BLOCK", Z_BLOCK},
    {"Z_TREES", Z_TREES},
};

static int make_error(void)
{
    PyObject *bases = tuple_pack(1, PyExc_Exception), *dict = dict_new();
    PyObject *module_name = str_intern_text("zlib");
    if (zlib_error != NULL) {
        return 0;
    }
    if (bases == NULL || dict == NULL || module_name == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(module_name)) < 0) {
        return -1;
    }
    Value type = type_new(&PyType_Type, str_intern_text("error"), bases, dict, NULL);
    zlib_error = value_is_null(type) ? NULL : value_object(type);
    return zlib_error == NULL ? -1 : 0;
}

static int exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return type_ready(&compress_type) < 0 || type_ready(&decompress_type) < 0 || make_error() < 0 ||
                   module_add(module, "error", value_from_object(zlib_error)) < 0 ||
                   module_add_str(module, "ZLIB_VERSION", ZLIB_VERSION) < 0 ||
                   module_add_str(module, "ZLIB_RUNTIME_VERSION", zlibVersion()) < 0
               ? -1
               : module_add_str(module, "__version__", "1.0");
}

const struct module_def zlib_module = {
    .name = "zlib",
    .doc = "Compression with the zlib library.",
    .functions = functions,
    .exec = exec,
};
