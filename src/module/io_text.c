/* SPDX-License-Identifier: MIT */
/* TextIOWrapper: text over a buffered binary file.
 *
 * All state is under the object's reentrant io_lock, one method call at a time.
 *   Writing: encoded bytes gather in `pending`; they go to the buffer when a chunk is full, at a
 * line end when line buffering, and before anything looks at the file's position. UTF-8, ASCII and
 * Latin-1 are encoded directly, other encodings by their incremental encoder. Reading: chunks are
 * decoded incrementally; `decoded` holds text not yet handed out, from `used` on. tell(): a cookie,
 * as PEP 3116 describes: the position of the last chunk boundary where the decoder was in a known
 * state (`snapshot`), the decoder's flags there, and how many bytes to feed and characters to skip
 * from there. Packed in one integer, 64 bits each. */
#include <langinfo.h>

#include "module/import.h"
#include "module/io_int.h"
#include "object/codec.h"
#include "object/float.h"

enum direct_encoding { ENCODE_BY_CODEC, ENCODE_UTF8, ENCODE_ASCII, ENCODE_LATIN1 };

struct text_io {
    PyObject_HEAD PyObject *dict, *weakrefs;
    PyObject *buffer; /* NULL before __init__ and after detach */
    PyObject *encoding, *errors;
    PyObject *encoder, *decoder; /* NULL: not writable, not readable */
    PyObject *read_newline;      /* what ends lines when reading, or NULL: \n */
    PyObject *write_newline;     /* what \n is written as, or NULL */
    PyObject *decoded;           /* str or NULL */
    Py_ssize_t used;
    PyObject *snapshot_bytes; /* bytes decoded since the snapshot, or NULL: no snapshot */
    Value snapshot_flags;
    char *pending; /* a RAW cell */
    Py_ssize_t pending_length, pending_capacity;
    Py_ssize_t chunk_size;
    enum direct_encoding direct;
    bool ready, detached, line_buffering, write_through, universal, translate_reads,
        translate_writes, seekable, telling, has_read1, finalizing;
    struct io_lock lock;
};

static struct text_io *cast(Value self)
{
    return (struct text_io *)value_object(self);
}
static Value buffer_of(const struct text_io *t)
{
    return value_from_object(t->buffer);
}

static int check_attached(const struct text_io *t)
{
    if (t->ready) {
        return 0;
    }
    return error_raise_int(PyExc_ValueError, t->detached ? "underlying buffer has been detached"
                                                         : "I/O operation on uninitialized object");
}

static int check_open(const struct text_io *t)
{
    return check_attached(t) < 0 ? -1 : io_check_closed(buffer_of(t));
}

struct io_lock *text_io_lock(PyObject *file)
{
    return &((struct text_io *)file)->lock;
}

static int enter(Value self)
{
    if (io_lock_is_lost(&cast(self)->lock)) {
        return io_raise_lost(self);
    }
    io_lock_acquire(&cast(self)->lock);
    if (check_open(cast(self)) == 0) {
        return 0;
    }
    io_lock_release(&cast(self)->lock);
    return -1;
}

static Value leave(Value self, Value result)
{
    io_lock_release(&cast(self)->lock);
    return result;
}

static void set_decoded(struct text_io *t, PyObject *text)
{
    heap_store(t, &t->decoded, text);
    t->used = 0;
}

static void drop_snapshot(struct text_io *t)
{
    t->snapshot_bytes = NULL;
    t->snapshot_flags = VALUE_NULL;
}

/* ---- Writing */

static int flush_pending(struct text_io *t)
{
    if (t->pending_length == 0) {
        return 0;
    }
    PyObject *bytes = bytes_new(t->pending, t->pending_length);
    if (bytes == NULL) {
        return -1;
    }
    t->pending_length = 0;
    Value written;
    do {
        written = object_call_method1(buffer_of(t), names.write, value_from_object(bytes));
    } while (value_is_null(written) && io_retry_interrupted());
    return value_is_null(written) ? -1 : 0;
}

static int append_pending(struct text_io *t, const char *data, Py_ssize_t n)
{
    if (t->pending_length + n > t->chunk_size && t->pending_length > 0 && flush_pending(t) < 0) {
        return -1;
    }
    if (t->pending_length + n > t->pending_capacity) {
        Py_ssize_t capacity = t->pending_length + n + 1024;
        char *bigger = heap_alloc((size_t)capacity, CELL_RAW);
        if (bigger == NULL) {
            error_no_memory();
            return -1;
        }
        memcpy(bigger, t->pending, (size_t)t->pending_length);
        heap_store(t, &t->pending, bigger);
        t->pending_capacity = capacity;
    }
    memcpy(t->pending + t->pending_length, data, (size_t)n);
    t->pending_length += n;
    return 0;
}

static int encode_pending(struct text_io *t, PyObject *text)
{
    if (t->direct != ENCODE_BY_CODEC && str_is_ascii(text)) {
        return append_pending(t, str_data(text), str_length(text));
    }
    Value bytes;
    if (t->direct != ENCODE_BY_CODEC) {
        static const char *const encodings[] = {"", "utf-8", "ascii", "latin-1"};
        const char *errors = str_utf8(t->errors, NULL);
        bytes = errors == NULL ? VALUE_NULL
                               : value_from_object(str_encode(text, encodings[t->direct], errors));
    } else {
        bytes = object_call_method1(value_from_object(t->encoder), names.encode,
                                    value_from_object(text));
    }
    if (value_is_null(bytes)) {
        return -1;
    }
    if (!bytes_check(bytes)) {
        return error_raise_int(PyExc_TypeError, "encoder should return a bytes object, not '%T'",
                               bytes);
    }
    return append_pending(t, bytes_data(value_object(bytes)), bytes_length(value_object(bytes)));
}

static int write_locked(struct text_io *t, PyObject *text)
{
    if (t->encoder == NULL) {
        io_unsupported("not writable");
        return -1;
    }
    Py_ssize_t length = str_length(text);
    bool has_lf = (t->line_buffering || (t->translate_writes && t->write_newline != NULL)) &&
                  str_find_char(text, '\n', 0, length, 1) >= 0;
    if (has_lf && t->translate_writes && t->write_newline != NULL) {
        text = str_replace(text, str_from_char('\n'), t->write_newline, -1);
        if (text == NULL) {
            return -1;
        }
    }
    bool flush_buffer =
        t->line_buffering && (has_lf || str_find_char(text, '\r', 0, str_length(text), 1) >= 0);
    if (encode_pending(t, text) < 0) {
        return -1;
    }
    if ((t->pending_length >= t->chunk_size || t->write_through || flush_buffer) &&
        flush_pending(t) < 0) {
        return -1;
    }
    if (flush_buffer && value_is_null(object_call_method0(buffer_of(t), names.flush))) {
        return -1;
    }
    set_decoded(t, NULL);
    drop_snapshot(t);
    if (t->decoder != NULL &&
        value_is_null(object_call_method0(value_from_object(t->decoder), names.reset))) {
        return -1;
    }
    return 0;
}

static Value text_write(Value self, Value text)
{
    if (!str_check(text)) {
        return error_raise(PyExc_TypeError, "write() argument must be str, not %T", text);
    }
    if (enter(self) < 0) {
        return VALUE_NULL;
    }
    int status = write_locked(cast(self), value_object(text));
    return leave(self, status < 0 ? VALUE_NULL : int_from_ssize(str_length(value_object(text))));
}

static Value flush_locked(struct text_io *t)
{
    t->telling = t->seekable;
    return flush_pending(t) < 0 ? VALUE_NULL : object_call_method0(buffer_of(t), names.flush);
}

static Value text_flush(Value self)
{
    return enter(self) < 0 ? VALUE_NULL : leave(self, flush_locked(cast(self)));
}

/* ---- Reading */

static PyObject *decode(struct text_io *t, Value bytes, bool final)
{
    if (t->decoder->ob_type == &IncrementalNewlineDecoder_Type) {
        return newline_decode((struct newline_decoder *)t->decoder, bytes, final);
    }
    Value text = object_call_method2(value_from_object(t->decoder), names.decode, bytes,
                                     value_from_bool(final));
    if (!value_is_null(text) && !str_check(text)) {
        return error_raise_null(PyExc_TypeError, "decoder should return a string result, not '%T'",
                                text);
    }
    return value_is_null(text) ? NULL : value_object(text);
}

/* The decoder's (bytes not yet decoded, flags). 0 or -1. */
static int decoder_state(struct text_io *t, Value *bytes, Value *flags)
{
    Value state = object_call_method0(value_from_object(t->decoder), names.getstate);
    if (value_is_null(state)) {
        return -1;
    }
    if (!tuple_check(state) || tuple_length(value_object(state)) != 2) {
        return error_raise_int(PyExc_TypeError, "illegal decoder state");
    }
    *bytes = tuple_get(value_object(state), 0);
    *flags = tuple_get(value_object(state), 1);
    if (!bytes_check(*bytes)) {
        return error_raise_int(PyExc_TypeError,
                               "illegal decoder state: the first item should be a bytes object, "
                               "not '%T'",
                               *bytes);
    }
    return 0;
}

static int check_bytes_like(Value input, PyObject *method)
{
    if (object_has_buffer(input)) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError,
                           "underlying %U() should have returned a bytes-like object, not '%T'",
                           method, input);
}

/* Reads and decodes one more chunk into `decoded`. 1, 0 at the end, -1. */
static int read_chunk(struct text_io *t)
{
    if (t->decoder == NULL) {
        io_unsupported("not readable");
        return -1;
    }
    Value kept, flags;
    if (t->telling && decoder_state(t, &kept, &flags) < 0) {
        return -1;
    }
    PyObject *method = t->has_read1 ? names.read1 : names.read;
    Value input;
    do {
        input = object_call_method1(buffer_of(t), method, int_from_ssize(t->chunk_size));
    } while (value_is_null(input) && io_retry_interrupted());
    if (value_is_null(input) || check_bytes_like(input, method) < 0) {
        return -1;
    }
    Py_ssize_t size = object_length(input);
    if (size < 0) {
        return -1;
    }
    PyObject *text = decode(t, input, size == 0);
    if (text == NULL) {
        return -1;
    }
    set_decoded(t, text);
    if (t->telling) {
        Value all = object_binary(kept, input, OP_ADD);
        if (value_is_null(all)) {
            return -1;
        }
        heap_store(t, &t->snapshot_bytes, value_object(all));
        heap_store_value(t, &t->snapshot_flags, flags);
    }
    return size > 0 || str_length(text) > 0;
}

/* Hands out up to n decoded characters (-1: all). */
static PyObject *take(struct text_io *t, Py_ssize_t n)
{
    if (t->decoded == NULL) {
        return str_empty();
    }
    Py_ssize_t left = str_length(t->decoded) - t->used;
    n = n < 0 || n > left ? left : n;
    PyObject *text =
        t->used == 0 && n == left ? t->decoded : str_substring(t->decoded, t->used, t->used + n);
    t->used += n;
    return text;
}

static Value read_all(struct text_io *t)
{
    if (t->decoder == NULL) {
        return io_unsupported("not readable");
    }
    Value bytes = object_call_method0(buffer_of(t), names.read);
    if (value_is_null(bytes)) {
        return VALUE_NULL;
    }
    PyObject *rest = value_is_none(bytes) ? str_empty() : decode(t, bytes, true);
    PyObject *head = rest == NULL ? NULL : take(t, -1);
    if (head == NULL) {
        return VALUE_NULL;
    }
    set_decoded(t, NULL);
    drop_snapshot(t);
    return value_from_object(str_length(head) == 0 ? rest : str_concat(head, rest));
}

static Value read_some(struct text_io *t, Py_ssize_t n)
{
    PyObject *first = take(t, n), *pieces = NULL;
    if (first == NULL) {
        return VALUE_NULL;
    }
    Py_ssize_t have = str_length(first);
    while (have < n) {
        int more = read_chunk(t);
        if (more < 0) {
            return VALUE_NULL;
        }
        if (more == 0) {
            break;
        }
        if (pieces == NULL) {
            Value start = value_from_object(first);
            pieces = list_from_array(&start, 1);
        }
        PyObject *piece = pieces == NULL ? NULL : take(t, n - have);
        if (piece == NULL || list_append(pieces, value_from_object(piece)) < 0) {
            return VALUE_NULL;
        }
        have += str_length(piece);
    }
    return value_from_object(pieces == NULL ? first
                                            : str_join(str_empty(), value_from_object(pieces)));
}

static Value text_read(Value self, const Value *args)
{
    Py_ssize_t n;
    if (io_size(args[0], &n) < 0 || enter(self) < 0) {
        return VALUE_NULL;
    }
    struct text_io *t = cast(self);
    if (t->decoder == NULL) {
        return leave(self, io_unsupported("not readable"));
    }
    if (flush_pending(t) < 0) {
        return leave(self, VALUE_NULL);
    }
    return leave(self, n < 0 ? read_all(t) : read_some(t, n));
}

/* A line as it is put together from chunks. */
struct line {
    PyObject *pieces; /* a list; NULL: none so far */
    PyObject *carry;  /* a possible start of a two-character newline, in front of the next chunk */
    Py_ssize_t have;  /* characters in both */
    Py_ssize_t limit; /* negative: none */
};

/* Text to look at: 1, 0 at the end of the file, -1. */
static int line_refill(struct text_io *t)
{
    if (t->decoded != NULL && t->used < str_length(t->decoded)) {
        return 1;
    }
    int more = read_chunk(t);
    while (more > 0 && str_length(t->decoded) == 0) {
        more = read_chunk(t);
    }
    if (more == 0) {
        set_decoded(t, NULL);
        drop_snapshot(t);
    }
    return more;
}

static int line_put_back_carry(struct text_io *t, struct line *line)
{
    if (line->carry == NULL) {
        return 0;
    }
    PyObject *joined = str_concat(line->carry, t->decoded);
    if (joined == NULL) {
        return -1;
    }
    heap_store(t, &t->decoded, joined);
    line->have -= str_length(line->carry);
    line->carry = NULL;
    t->used = 0;
    return 0;
}

static int line_add(struct line *line, PyObject *piece)
{
    if (line->pieces == NULL) {
        line->pieces = list_new(4);
    }
    if (line->pieces == NULL || piece == NULL) {
        return -1;
    }
    line->have += str_length(piece);
    return list_append(line->pieces, value_from_object(piece));
}

/* Takes what the decoded text has of the line: 1 if that completes it, 0, -1. */
static int line_take(struct text_io *t, struct line *line)
{
    Py_ssize_t from = t->used, end = str_length(t->decoded), consumed;
    Py_ssize_t line_end = io_find_line_end(t->translate_reads, t->universal, t->read_newline,
                                           t->decoded, from, end, &consumed);
    bool done = line_end >= 0;
    Py_ssize_t stop = done ? line_end : consumed;
    if (line->limit >= 0 && stop - from >= line->limit - line->have) {
        stop = from + (line->limit - line->have);
        done = true;
    }
    if (line_add(line, take(t, stop - from)) < 0) {
        return -1;
    }
    if (!done && consumed < end) {
        line->carry = take(t, -1);
        if (line->carry == NULL) {
            return -1;
        }
        line->have += str_length(line->carry);
    }
    return done;
}

/* The line if it lies in the decoded text as a whole; ABSENT if not. */
static Value line_at_once(struct text_io *t, Py_ssize_t limit)
{
    Py_ssize_t from = t->used, end = str_length(t->decoded), consumed;
    Py_ssize_t stop = io_find_line_end(t->translate_reads, t->universal, t->read_newline,
                                       t->decoded, from, end, &consumed);
    if (stop < 0 || (limit >= 0 && stop - from > limit)) {
        return VALUE_ABSENT;
    }
    return value_from_object(take(t, stop - from));
}

static Value line_locked(struct text_io *t, Py_ssize_t limit)
{
    struct line line = {.limit = limit};
    if (flush_pending(t) < 0) {
        return VALUE_NULL;
    }
    int more = line_refill(t);
    Value whole = more > 0 ? line_at_once(t, limit) : VALUE_ABSENT;
    if (!value_is_absent(whole)) {
        return whole;
    }
    int done = 0;
    while (more > 0 && done == 0) {
        done = line_put_back_carry(t, &line) < 0 ? -1 : line_take(t, &line);
        more = done == 0 ? line_refill(t) : 1;
    }
    if (more < 0 || done < 0 || (line.carry != NULL && line_add(&line, line.carry) < 0)) {
        return VALUE_NULL;
    }
    return value_from_object(
        line.pieces == NULL ? str_empty() : str_join(str_empty(), value_from_object(line.pieces)));
}

static Value text_readline(Value self, const Value *args)
{
    Py_ssize_t limit;
    if (io_size(args[0], &limit) < 0 || enter(self) < 0) {
        return VALUE_NULL;
    }
    return leave(self, line_locked(cast(self), limit));
}

static Value text_next(Value self)
{
    struct text_io *t = cast(self);
    Value line;
    if (check_attached(t) < 0) {
        return VALUE_NULL;
    }
    t->telling = false;
    if (value_type(self) == &TextIOWrapper_Type) {
        if (enter(self) < 0) {
            return VALUE_NULL;
        }
        line = leave(self, line_locked(t, -1));
    } else {
        line = object_call_method0(self, names.readline);
        if (!value_is_null(line) && !str_check(line)) {
            return error_raise(PyExc_OSError,
                               "readline() should have returned a str object, not '%T'", line);
        }
    }
    if (value_is_null(line) || str_length(value_object(line)) > 0) {
        return line;
    }
    drop_snapshot(t);
    t->telling = t->seekable;
    return VALUE_ABSENT;
}

/* ---- Positions */

struct cookie {
    int64_t position;
    uint64_t flags, bytes_to_feed, chars_to_skip, need_eof;
};

static Value pack_cookie(const struct cookie *c)
{
    const uint64_t parts[] = {c->need_eof, c->chars_to_skip, c->bytes_to_feed, c->flags};
    Value packed = value_from_int(0);
    for (size_t i = 0; i < 4; i++) {
        packed = object_binary(packed, int_from_u64(parts[i]), OP_OR);
        packed =
            value_is_null(packed) ? packed : object_binary(packed, value_from_int(64), OP_LSHIFT);
        if (value_is_null(packed)) {
            return VALUE_NULL;
        }
    }
    return object_binary(packed, int_from_i64(c->position), OP_OR);
}

static int unpack_cookie(Value packed, struct cookie *c)
{
    unsigned char bytes[40];
    if (int_to_byte_array(packed, bytes, sizeof bytes, true, false) < 0) {
        return -1;
    }
    uint64_t parts[5];
    memcpy(parts, bytes, sizeof parts);
    *c = (struct cookie){(int64_t)parts[0], parts[1], parts[2], parts[3], parts[4]};
    return 0;
}

static int set_decoder_state(struct text_io *t, PyObject *bytes, Value flags)
{
    Value parts[2] = {value_from_object(bytes), flags};
    Value state = value_from_object(tuple_from_array(parts, 2));
    if (value_is_null(state)) {
        return -1;
    }
    return value_is_null(object_call_method1(value_from_object(t->decoder), names.setstate, state))
               ? -1
               : 0;
}

/* Finds the shortest run of snapshot bytes whose decoding yields `wanted` characters, and within it
 * the last point where the decoder kept nothing back: from there a reader can start. */
static int locate(struct text_io *t, Py_ssize_t wanted, struct cookie *c)
{
    PyObject *input = t->snapshot_bytes;
    PyObject *nothing = bytes_new("", 0);
    Value kept, flags;
    if (nothing == NULL || set_decoder_state(t, nothing, t->snapshot_flags) < 0) {
        return -1;
    }
    Py_ssize_t n = bytes_length(input), decoded = 0, safe_at = 0, safe_chars = 0, fed = 0;
    Value safe_flags = t->snapshot_flags;
    while (decoded < wanted && fed < n) {
        PyObject *byte = bytes_new(bytes_data(input) + fed, 1);
        PyObject *text = byte == NULL ? NULL : decode(t, value_from_object(byte), false);
        if (text == NULL || decoder_state(t, &kept, &flags) < 0) {
            return -1;
        }
        fed++;
        decoded += str_length(text);
        if (bytes_length(value_object(kept)) == 0 && decoded <= wanted) {
            safe_at = fed;
            safe_chars = decoded;
            safe_flags = flags;
        }
    }
    if (decoded < wanted) {
        PyObject *text = decode(t, value_from_object(nothing), true);
        if (text == NULL) {
            return -1;
        }
        decoded += str_length(text);
        c->need_eof = 1;
        if (decoded < wanted) {
            return error_raise_int(PyExc_OSError, "can't reconstruct logical file position");
        }
    }
    c->position += safe_at;
    c->bytes_to_feed = (uint64_t)(wanted == safe_chars ? 0 : fed - safe_at);
    c->chars_to_skip = (uint64_t)(wanted - safe_chars);
    c->need_eof = wanted == safe_chars ? 0 : c->need_eof;
    return int_to_u64(safe_flags, &c->flags);
}

static Value tell_locked(struct text_io *t)
{
    struct cookie c = {0};
    if (!t->seekable) {
        return io_unsupported("underlying stream is not seekable");
    }
    if (!t->telling) {
        return error_raise(PyExc_OSError, "telling position disabled by next() call");
    }
    if (value_is_null(flush_locked(t))) {
        return VALUE_NULL;
    }
    Value raw = object_call_method0(buffer_of(t), names.tell);
    if (value_is_null(raw) || t->decoder == NULL || t->snapshot_bytes == NULL) {
        return raw;
    }
    if (io_offset(raw, &c.position) < 0) {
        return VALUE_NULL;
    }
    c.position -= bytes_length(t->snapshot_bytes);
    Py_ssize_t wanted = t->decoded == NULL ? 0 : t->used;
    if (wanted == 0) {
        return int_to_u64(t->snapshot_flags, &c.flags) < 0 ? VALUE_NULL : pack_cookie(&c);
    }
    Value saved = object_call_method0(value_from_object(t->decoder), names.getstate);
    if (value_is_null(saved)) {
        return VALUE_NULL;
    }
    int status = locate(t, wanted, &c);
    PyObject *pending = error_take();
    Value restored = object_call_method1(value_from_object(t->decoder), names.setstate, saved);
    if (pending != NULL) {
        error_restore(pending);
    }
    return status < 0 || value_is_null(restored) ? VALUE_NULL : pack_cookie(&c);
}

static Value text_tell(Value self)
{
    return enter(self) < 0 ? VALUE_NULL : leave(self, tell_locked(cast(self)));
}

/* At the start of the file an encoder may write a byte order mark, elsewhere not. */
static int reset_encoder(struct text_io *t, bool at_start)
{
    if (t->encoder == NULL) {
        return 0;
    }
    Value encoder = value_from_object(t->encoder);
    Value done = at_start ? object_call_method0(encoder, names.reset)
                          : object_call_method1(encoder, names.setstate, value_from_int(0));
    return value_is_null(done) ? -1 : 0;
}

static Value seek_end(struct text_io *t)
{
    set_decoded(t, NULL);
    drop_snapshot(t);
    if (t->decoder != NULL &&
        value_is_null(object_call_method0(value_from_object(t->decoder), names.reset))) {
        return VALUE_NULL;
    }
    Value position =
        object_call_method2(buffer_of(t), names.seek, value_from_int(0), value_from_int(2));
    if (value_is_null(position)) {
        return VALUE_NULL;
    }
    int at_start = object_equal(position, value_from_int(0));
    return at_start < 0 || reset_encoder(t, at_start) < 0 ? VALUE_NULL : position;
}

/* Feeds the decoder from a safe start to the place inside a chunk that a cookie names. */
static int skip_to(struct text_io *t, const struct cookie *c)
{
    Value input = object_call_method1(buffer_of(t), names.read, int_from_u64(c->bytes_to_feed));
    if (value_is_null(input) || check_bytes_like(input, names.read) < 0) {
        return -1;
    }
    heap_store(t, &t->snapshot_bytes, value_box(input));
    PyObject *text = decode(t, input, c->need_eof != 0);
    if (text == NULL) {
        return -1;
    }
    set_decoded(t, text);
    if ((uint64_t)str_length(text) < c->chars_to_skip) {
        return error_raise_int(PyExc_OSError, "can't restore logical file position");
    }
    t->used = (Py_ssize_t)c->chars_to_skip;
    return 0;
}

static Value seek_cookie(struct text_io *t, Value target)
{
    struct cookie c;
    if (value_is_null(flush_locked(t)) || unpack_cookie(target, &c) < 0 ||
        value_is_null(object_call_method1(buffer_of(t), names.seek, int_from_i64(c.position)))) {
        return VALUE_NULL;
    }
    set_decoded(t, NULL);
    drop_snapshot(t);
    PyObject *nothing = bytes_new("", 0);
    if (t->decoder != NULL) {
        bool fresh = c.position == 0 && c.flags == 0;
        if (fresh ? value_is_null(object_call_method0(value_from_object(t->decoder), names.reset))
                  : set_decoder_state(t, nothing, int_from_u64(c.flags)) < 0) {
            return VALUE_NULL;
        }
    }
    if (c.chars_to_skip > 0 && t->decoder != NULL) {
        heap_store_value(t, &t->snapshot_flags, int_from_u64(c.flags));
        if (skip_to(t, &c) < 0) {
            return VALUE_NULL;
        }
    } else if (t->decoder != NULL) {
        heap_store(t, &t->snapshot_bytes, nothing);
        heap_store_value(t, &t->snapshot_flags, int_from_u64(c.flags));
    }
    return reset_encoder(t, c.position == 0 && c.flags == 0) < 0 ? VALUE_NULL : target;
}

static Value seek_locked(struct text_io *t, Value target, int whence)
{
    if (!t->seekable) {
        return io_unsupported("underlying stream is not seekable");
    }
    int zero = object_equal(target, value_from_int(0));
    if (zero < 0) {
        return VALUE_NULL;
    }
    if (whence == 1) {
        if (!zero) {
            return io_unsupported("can't do nonzero cur-relative seeks");
        }
        target = tell_locked(t);
        if (value_is_null(target)) {
            return VALUE_NULL;
        }
    } else if (whence == 2) {
        if (!zero) {
            return io_unsupported("can't do nonzero end-relative seeks");
        }
        return value_is_null(flush_locked(t)) ? VALUE_NULL : seek_end(t);
    } else if (whence != 0) {
        return error_raise(PyExc_ValueError, "invalid whence (%d, should be 0, 1 or 2)", whence);
    }
    int negative = object_compare_bool(target, value_from_int(0), Py_LT);
    if (negative > 0) {
        return error_raise(PyExc_ValueError, "negative seek position %R", target);
    }
    return negative < 0 ? VALUE_NULL : seek_cookie(t, target);
}

static Value text_seek(Value self, const Value *args)
{
    int whence = 0;
    if (value_is_present(args[1]) && arg_int(args[1], &whence) < 0) {
        return VALUE_NULL;
    }
    if (enter(self) < 0) {
        return VALUE_NULL;
    }
    Value target = object_index(args[0]);
    return leave(self, value_is_null(target) ? target : seek_locked(cast(self), target, whence));
}

static Value text_truncate(Value self, const Value *args)
{
    if (enter(self) < 0) {
        return VALUE_NULL;
    }
    struct text_io *t = cast(self);
    if (value_is_null(flush_locked(t))) {
        return leave(self, VALUE_NULL);
    }
    return leave(self,
                 object_call_method(buffer_of(t), names.truncate, args, value_is_present(args[0])));
}

/* ---- Setting up */

static PyObject *locale_encoding(void)
{
    const char *name = nl_langinfo(CODESET);
    bool is_utf8 = name == NULL || *name == 0 || strcmp(name, "ANSI_X3.4-1968") == 0 ||
                   strcasecmp(name, "UTF-8") == 0;
    return str_intern_text(is_utf8 ? "UTF-8" : name);
}

static enum direct_encoding find_direct(PyObject *encoding)
{
    static const struct {
        const char *name;
        enum direct_encoding direct;
    } table[] = {
        {"utf-8", ENCODE_UTF8},    {"utf8", ENCODE_UTF8},         {"UTF-8", ENCODE_UTF8},
        {"ascii", ENCODE_ASCII},   {"us-ascii", ENCODE_ASCII},    {"latin-1", ENCODE_LATIN1},
        {"latin1", ENCODE_LATIN1}, {"iso-8859-1", ENCODE_LATIN1}, {"iso8859-1", ENCODE_LATIN1}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (str_equal_text(encoding, table[i].name)) {
            return table[i].direct;
        }
    }
    return ENCODE_BY_CODEC;
}

static Value find_codec(PyObject *encoding)
{
    Value lookup = import_attribute("_codecs", "lookup");
    if (value_is_null(lookup)) {
        return VALUE_NULL;
    }
    Value codec = object_call1(lookup, value_from_object(encoding));
    Value is_text;
    int found =
        value_is_null(codec) ? -1 : object_find_attr(codec, names._is_text_encoding, &is_text);
    if (found < 0) {
        return VALUE_NULL;
    }
    int text = found == 0 ? 1 : object_truth(is_text);
    if (text == 0) {
        return error_raise(
            PyExc_LookupError,
            "%R is not a text encoding; use codecs.open() to handle arbitrary codecs",
            value_from_object(encoding));
    }
    return text < 0 ? VALUE_NULL : codec;
}

/* Makes encoder and decoder as far as the buffer is writable and readable. 0 or -1. */
static int make_codecs(struct text_io *t)
{
    Value codec = find_codec(t->encoding);
    Value readable =
        value_is_null(codec) ? codec : object_call_method0(buffer_of(t), names.readable);
    Value writable =
        value_is_null(readable) ? readable : object_call_method0(buffer_of(t), names.writable);
    if (value_is_null(writable)) {
        return -1;
    }
    int can_read = object_truth(readable), can_write = object_truth(writable);
    if (can_read < 0 || can_write < 0) {
        return -1;
    }
    t->encoder = t->decoder = NULL;
    if (can_read) {
        Value decoder =
            object_call_method1(codec, names.incrementaldecoder, value_from_object(t->errors));
        if (!value_is_null(decoder) && t->universal) {
            decoder =
                value_from_object(newline_decoder_new(value_box(decoder), t->translate_reads));
        }
        if (value_is_null(decoder)) {
            return -1;
        }
        heap_store(t, &t->decoder, value_object(decoder));
    }
    if (can_write) {
        Value encoder =
            object_call_method1(codec, names.incrementalencoder, value_from_object(t->errors));
        if (value_is_null(encoder)) {
            return -1;
        }
        heap_store(t, &t->encoder, value_object(encoder));
        t->direct = find_direct(t->encoding);
    }
    return 0;
}

static int check_newline(Value newline)
{
    if (value_is_absent(newline) || value_is_none(newline)) {
        return 0;
    }
    if (!str_check(newline)) {
        return error_raise_int(PyExc_TypeError,
                               "TextIOWrapper() argument 'newline' must be str or "
                               "None, not %T",
                               newline);
    }
    PyObject *text = value_object(newline);
    if (str_length(text) == 0 || str_equal_text(text, "\n") || str_equal_text(text, "\r") ||
        str_equal_text(text, "\r\n")) {
        return 0;
    }
    return error_raise_int(PyExc_ValueError, "illegal newline value: %S", newline);
}

static void set_newline(struct text_io *t, Value newline)
{
    bool none = value_is_absent(newline) || value_is_none(newline);
    PyObject *text = none ? NULL : value_object(newline);
    bool empty = text != NULL && str_length(text) == 0;
    t->universal = none || empty;
    t->translate_reads = none;
    t->translate_writes = !empty;
    heap_store(t, &t->read_newline, none || empty ? NULL : text);
    heap_store(t, &t->write_newline, none || empty || str_equal_text(text, "\n") ? NULL : text);
}

static int set_encoding(struct text_io *t, Value encoding, Value errors)
{
    PyObject *name;
    bool none = value_is_absent(encoding) || value_is_none(encoding);
    if (none && io_warn_default_encoding(1) < 0) {
        return -1;
    }
    if (none || str_equal_text(value_object(encoding), "locale")) {
        name = locale_encoding();
    } else {
        name = value_object(encoding);
        if (str_find_char(name, 0, 0, str_length(name), 1) >= 0) {
            return error_raise_int(PyExc_ValueError, "embedded null character");
        }
    }
    PyObject *handler = value_is_absent(errors) || value_is_none(errors) ? str_intern_text("strict")
                                                                         : value_object(errors);
    if (name == NULL || handler == NULL) {
        return -1;
    }
    if (str_find_char(handler, 0, 0, str_length(handler), 1) >= 0) {
        return error_raise_int(PyExc_ValueError, "embedded null character");
    }
    if (UNLIKELY(codec_check_names) && value_is_null(codec_lookup_error(str_utf8(handler, NULL)))) {
        return -1;
    }
    heap_store(t, &t->encoding, name);
    heap_store(t, &t->errors, handler);
    return 0;
}

static int check_str_or_none(Value v, const char *argument)
{
    if (value_is_absent(v) || value_is_none(v) || str_check(v)) {
        return 0;
    }
    return error_raise_int(
        PyExc_TypeError, "TextIOWrapper() argument '%s' must be str or None, not %T", argument, v);
}

static int after_seek_state(struct text_io *t)
{
    Value seekable = object_call_method0(buffer_of(t), names.seekable);
    int can_seek = value_is_null(seekable) ? -1 : object_truth(seekable);
    if (can_seek < 0) {
        return -1;
    }
    t->seekable = t->telling = can_seek;
    Value read1;
    int has_read1 = object_find_attr(buffer_of(t), names.read1, &read1);
    if (has_read1 < 0) {
        return -1;
    }
    t->has_read1 = has_read1;
    if (t->seekable && t->encoder != NULL && t->direct == ENCODE_BY_CODEC) {
        Value position = object_call_method0(buffer_of(t), names.tell);
        int at_start = value_is_null(position) ? -1 : object_equal(position, value_from_int(0));
        if (at_start < 0 || (!at_start && reset_encoder(t, false) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int text_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    enum { BUFFER, ENCODING, ERRORS, NEWLINE, LINE_BUFFERING, WRITE_THROUGH, COUNT };
    Value bound[COUNT];
    struct text_io *t = cast(self);
    t->ready = t->detached = false;
    bool line_buffering = false, write_through = false;
    if (native_bind("TextIOWrapper",
                    "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, "
                    "write_through=False)",
                    &signature, args, nargs, kwnames, bound) < 0 ||
        check_str_or_none(bound[ENCODING], "encoding") < 0 ||
        check_str_or_none(bound[ERRORS], "errors") < 0 || check_newline(bound[NEWLINE]) < 0 ||
        (value_is_present(bound[LINE_BUFFERING]) &&
         arg_bool(bound[LINE_BUFFERING], &line_buffering) < 0) ||
        (value_is_present(bound[WRITE_THROUGH]) &&
         arg_bool(bound[WRITE_THROUGH], &write_through) < 0)) {
        return -1;
    }
    heap_store(t, &t->buffer, value_box(bound[BUFFER]));
    t->line_buffering = line_buffering;
    t->write_through = write_through;
    t->chunk_size = IO_BUFFER_SIZE;
    t->pending_length = 0;
    set_decoded(t, NULL);
    drop_snapshot(t);
    set_newline(t, bound[NEWLINE]);
    if (set_encoding(t, bound[ENCODING], bound[ERRORS]) < 0 || make_codecs(t) < 0 ||
        after_seek_state(t) < 0) {
        return -1;
    }
    t->ready = true;
    return 0;
}

static int optional_flag(Value v, bool *flag)
{
    if (value_is_absent(v) || value_is_none(v)) {
        return 0;
    }
    int64_t number;
    if (!int_check(v) || int_to_i64(v, &number) < 0) {
        return error_occurred()
                   ? -1
                   : error_raise_int(PyExc_TypeError,
                                     "'%T' object cannot be interpreted as an integer", v);
    }
    *flag = number != 0;
    return 0;
}

static Value reconfigure_locked(struct text_io *t, const Value *args)
{
    enum { ENCODING, ERRORS, NEWLINE, LINE_BUFFERING, WRITE_THROUGH };
    bool new_encoding = value_is_present(args[ENCODING]) && !value_is_none(args[ENCODING]);
    bool new_errors = value_is_present(args[ERRORS]) && !value_is_none(args[ERRORS]);
    bool new_newline = value_is_present(args[NEWLINE]);
    if (t->decoded != NULL && (new_encoding || new_errors || new_newline)) {
        return io_unsupported(
            "It is not possible to set the encoding or newline of stream after the "
            "first read");
    }
    bool line_buffering = t->line_buffering, write_through = t->write_through;
    if (check_str_or_none(args[ENCODING], "encoding") < 0 ||
        check_str_or_none(args[ERRORS], "errors") < 0 || check_newline(args[NEWLINE]) < 0 ||
        optional_flag(args[LINE_BUFFERING], &line_buffering) < 0 ||
        optional_flag(args[WRITE_THROUGH], &write_through) < 0 || value_is_null(flush_locked(t))) {
        return VALUE_NULL;
    }
    if (new_newline) {
        set_newline(t, args[NEWLINE]);
    }
    if (new_encoding || new_errors || new_newline) {
        Value encoding = new_encoding ? args[ENCODING] : value_from_object(t->encoding);
        Value errors = new_errors     ? args[ERRORS]
                       : new_encoding ? VALUE_NONE
                                      : value_from_object(t->errors);
        if (set_encoding(t, encoding, errors) < 0 || make_codecs(t) < 0 ||
            after_seek_state(t) < 0) {
            return VALUE_NULL;
        }
    }
    t->line_buffering = line_buffering;
    t->write_through = write_through;
    return VALUE_NONE;
}

static Value text_reconfigure(Value self, const Value *args)
{
    return enter(self) < 0 ? VALUE_NULL : leave(self, reconfigure_locked(cast(self), args));
}

/* ---- Closing, status */

static Value text_close(Value self)
{
    struct text_io *t = cast(self);
    int closed = check_attached(t) < 0 ? -1 : io_is_closed(buffer_of(t));
    if (closed != 0) {
        return closed < 0 ? VALUE_NULL : VALUE_NONE;
    }
    if (t->finalizing &&
        value_is_null(object_call_method1(buffer_of(t), names._dealloc_warn, self))) {
        error_clear();
    }
    Value flushed = object_call_method0(self, names.flush);
    PyObject *pending = value_is_null(flushed) ? error_take() : NULL;
    Value result = object_call_method0(buffer_of(t), names.close);
    if (pending == NULL) {
        return result;
    }
    if (value_is_null(result)) {
        PyObject *second = error_take();
        exception_set_context(second, pending);
        pending = second;
    }
    error_restore(pending);
    return VALUE_NULL;
}

static Value text_detach(Value self)
{
    struct text_io *t = cast(self);
    if (check_attached(t) < 0 || value_is_null(object_call_method0(self, names.flush))) {
        return VALUE_NULL;
    }
    Value buffer = buffer_of(t);
    t->ready = false;
    t->detached = true;
    return buffer;
}

#define DELEGATE(name)                                                                             \
    static Value text_##name(Value self)                                                           \
    {                                                                                              \
        return check_attached(cast(self)) < 0                                                      \
                   ? VALUE_NULL                                                                    \
                   : object_call_method0(buffer_of(cast(self)), names.name);                       \
    }
DELEGATE(seekable)
DELEGATE(readable)
DELEGATE(writable)
DELEGATE(fileno)
DELEGATE(isatty)
#undef DELEGATE

static Value text_getstate(Value self)
{
    return error_raise(PyExc_TypeError, "cannot pickle '%T' object", self);
}

/* Once it was: what it was made with is known after detach(), too. */
static int check_initialized(const struct text_io *t)
{
    return t->ready || t->detached
               ? 0
               : error_raise_int(PyExc_ValueError, "I/O operation on uninitialized object");
}

static Value text_repr(Value self)
{
    struct text_io *t = cast(self);
    if (check_initialized(t) < 0) {
        return VALUE_NULL;
    }
    int entered = repr_enter(self);
    if (entered != 0) {
        return entered < 0 ? VALUE_NULL
                           : error_raise(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                                         value_type(self)->tp_name);
    }
    static const char *const fields[] = {"name", "mode"};
    PyObject *text = str_from_text("<_io.TextIOWrapper");
    for (size_t i = 0; text != NULL && i < 2; i++) {
        Value field;
        int found = object_find_attr(self, str_intern_text(fields[i]), &field);
        if (found < 0 && error_matches(PyExc_ValueError)) {
            error_clear();
            found = 0;
        }
        text = found < 0 ? NULL : found > 0 ? str_format("%U %s=%R", text, fields[i], field) : text;
    }
    if (text != NULL) {
        text = str_format("%U encoding=%R>", text, value_from_object(t->encoding));
    }
    repr_leave(self);
    return value_from_object(text);
}

static Value get_encoding(Value self, void *closure)
{
    PyObject *encoding = cast(self)->encoding;
    return encoding == NULL ? VALUE_NONE : value_from_object(encoding);
}
static Value get_errors(Value self, void *closure)
{
    const struct text_io *t = cast(self);
    return check_initialized(t) < 0 ? VALUE_NULL : value_from_object(t->errors);
}
static Value get_buffer(Value self, void *closure)
{
    return cast(self)->buffer == NULL || cast(self)->detached ? VALUE_NONE : buffer_of(cast(self));
}
static Value get_closed(Value self, void *closure)
{
    return check_attached(cast(self)) < 0 ? VALUE_NULL
                                          : object_getattr(buffer_of(cast(self)), names.closed);
}
static Value get_name(Value self, void *closure)
{
    return check_attached(cast(self)) < 0
               ? VALUE_NULL
               : object_getattr(buffer_of(cast(self)), str_intern_text("name"));
}
static Value get_newlines(Value self, void *closure)
{
    struct text_io *t = cast(self);
    if (check_attached(t) < 0) {
        return VALUE_NULL;
    }
    Value found;
    if (t->decoder == NULL) {
        return VALUE_NONE;
    }
    int status = object_find_attr(value_from_object(t->decoder), names.newlines, &found);
    return status < 0 ? VALUE_NULL : status == 0 ? VALUE_NONE : found;
}
static Value get_line_buffering(Value self, void *closure)
{
    return value_from_bool(cast(self)->line_buffering);
}
static Value get_write_through(Value self, void *closure)
{
    return value_from_bool(cast(self)->write_through);
}
static Value get_chunk_size(Value self, void *closure)
{
    return check_attached(cast(self)) < 0 ? VALUE_NULL : int_from_ssize(cast(self)->chunk_size);
}
static int set_chunk_size(Value self, Value value, void *closure)
{
    Py_ssize_t size;
    if (check_attached(cast(self)) < 0) {
        return -1;
    }
    if (value_is_absent(value)) {
        return error_raise_int(PyExc_AttributeError, "cannot delete attribute");
    }
    if (arg_index(value, &size) < 0) {
        return -1;
    }
    if (size <= 0) {
        return error_raise_int(PyExc_ValueError, "a strictly positive integer is required");
    }
    cast(self)->chunk_size = size;
    return 0;
}
static Value get_finalizing(Value self, void *closure)
{
    return value_from_bool(cast(self)->finalizing);
}
static int set_finalizing(Value self, Value value, void *closure)
{
    return arg_bool(value, &cast(self)->finalizing);
}

static Value text_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static void text_trace(PyObject *self, struct tracer *tracer)
{
    struct text_io *t = (struct text_io *)self;
    void *const fields[] = {t->dict,    t->buffer,         t->encoding,     t->errors,
                            t->encoder, t->decoder,        t->read_newline, t->write_newline,
                            t->decoded, t->snapshot_bytes, t->pending};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        trace_pointer(tracer, fields[i]);
    }
    trace_value(tracer, t->snapshot_flags);
}

static const struct native_def methods[] = {
    {"__getstate__", "($self, /)", "Always an error: it cannot be pickled.", .f0 = text_getstate},
    {"close", "($self, /)", "Flushes and closes the stream. May be called again.",
     .f0 = text_close},
    {"detach", "($self, /)", "Flushes, separates the buffer and returns it.", .f0 = text_detach},
    {"fileno", "($self, /)", "The number of the file descriptor below.", .f0 = text_fileno},
    {"flush", "($self, /)", "Hands what is buffered on to the layer below.", .f0 = text_flush},
    {"isatty", "($self, /)", "Is it a terminal?", .f0 = text_isatty},
    {"read", "($self, size=-1, /)",
     "Reads up to size characters; all that is left if it is negative or None.", .n = text_read},
    {"readable", "($self, /)", "May it be read?", .f0 = text_readable},
    {"readline", "($self, size=-1, /)", "Reads one line, at most size characters of it.",
     .n = text_readline},
    {"reconfigure",
     "($self, /, *, encoding=None, errors=None, newline=None,\n"
     "            line_buffering=None, write_through=None)",
     "Changes encoding, errors, newline or buffering of the stream.", .n = text_reconfigure},
    {"seek", "($self, cookie, whence=0, /)",
     "Goes to a position that tell() returned, to the start, or to the end.", .n = text_seek},
    {"seekable", "($self, /)", "May its position be changed?", .f0 = text_seekable},
    {"tell", "($self, /)", "The current position, as a number for seek().", .f0 = text_tell},
    {"truncate", "($self, pos=None, /)",
     "Flushes, then cuts or extends the file to size, by default the position.",
     .n = text_truncate},
    {"writable", "($self, /)", "May it be written?", .f0 = text_writable},
    {"write", "($self, text, /)", "Writes text; returns its length.", .f1 = text_write},
    {NULL},
};
static const struct getset_def getsets[] = {
    {"_CHUNK_SIZE", get_chunk_size, set_chunk_size},
    {"_finalizing", get_finalizing, set_finalizing},
    {"buffer", get_buffer},
    {"closed", get_closed},
    {"encoding", get_encoding},
    {"errors", get_errors},
    {"line_buffering", get_line_buffering},
    {"name", get_name},
    {"newlines", get_newlines},
    {"write_through", get_write_through},
    {NULL},
};
static bool text_is_spent(PyObject *self)
{
    return io_is_spent(atomic_load_relaxed(&((struct text_io *)self)->buffer));
}

static struct type_info text_info = {
    .ops = {.new_ = text_new,
            .init = text_init,
            .repr = text_repr,
            .next = text_next,
            .is_spent = text_is_spent},
    .trace = text_trace,
    .methods = methods,
    .getsets = getsets,
    .flags = TYPE_OBSERVED,
};
PyTypeObject TextIOWrapper_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io.TextIOWrapper",
    .tp_doc =
        "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              "
        "line_buffering=False, write_through=False)\n--\n\nA text stream over a buffered stream.",
    .tp_basicsize = sizeof(struct text_io),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_base = &TextIOBase_Type,
    .tp_dictoffset = offsetof(struct text_io, dict),
    .tp_weaklistoffset = offsetof(struct text_io, weakrefs),
    .tp_cache = (PyObject *)&text_info,
};
