/* SPDX-License-Identifier: MIT */
/* _pickle: where a load gets its bytes: from memory, or from a file with read() and readline().
 *
 * What peek() shows is used without being read from the file; when the load ends, or needs more,
 * as much is read as was used. So the file stands right behind the pickle afterwards. */
#include "module/pickle_int.h"
#include "object/int.h"
#include "object/str.h"

enum { PEEK_SIZE = 1 << 17 };

Value pickle_truncated(void)
{
    return error_raise(unpickling_error, "pickle data was truncated");
}

static int find_method(Value file, const char *name, Value *out)
{
    PyObject *key = str_intern_text(name);
    *out = VALUE_ABSENT;
    return key == NULL ? -1 : object_find_attr(file, key, out);
}

int pickle_open(struct pickle_reader *r, Value file)
{
    if (find_method(file, "peek", &r->file_peek) < 0 ||
        find_method(file, "readinto", &r->file_readinto) < 0 ||
        find_method(file, "read", &r->file_read) < 0 ||
        find_method(file, "readline", &r->file_readline) < 0) {
        return -1;
    }
    if (value_is_absent(r->file_read) || value_is_absent(r->file_readline)) {
        return error_raise_int(PyExc_TypeError, "file must have 'read' and 'readline' attributes");
    }
    return 0;
}

static int take(struct pickle_reader *r, Value data, const char *method)
{
    if (value_is_null(data)) {
        return -1;
    }
    if (!bytes_check(data)) {
        return error_raise_int(PyExc_ValueError, "%s() returned non-bytes object (%T)", method,
                               data);
    }
    r->data = bytes_data(value_object(data));
    r->length = bytes_length(value_object(data));
    r->position = 0;
    return 0;
}

int pickle_skip_consumed(struct pickle_reader *r)
{
    Py_ssize_t used = r->position - r->peeked_from;
    if (!r->peeked || used <= 0) {
        return 0;
    }
    r->peeked_from = r->position;
    return value_is_null(object_call1(r->file_read, int_from_ssize(used))) ? -1 : 0;
}

/* More of the file: at least `count` bytes that do not belong to what was there. */
static int refill(struct pickle_reader *r, Py_ssize_t count)
{
    if (pickle_skip_consumed(r) < 0) {
        return -1;
    }
    r->peeked = false;
    if (!value_is_absent(r->file_peek)) {
        Value data = object_call1(r->file_peek, value_from_int(PEEK_SIZE));
        if (value_is_null(data) && error_matches(PyExc_NotImplementedError)) {
            error_clear();
            r->file_peek = VALUE_ABSENT;
        } else if (take(r, data, "peek") < 0) {
            return -1;
        } else if (r->length >= count) {
            r->peeked = true;
            r->peeked_from = 0;
            return 0;
        }
    }
    return take(r, object_call1(r->file_read, int_from_ssize(count)), "read");
}

static const char *read_slow(struct pickle_reader *r, Py_ssize_t count)
{
    if (value_is_absent(r->file_read)) {
        pickle_truncated();
        return NULL;
    }
    Py_ssize_t left = r->length - r->position;
    PyObject *joined = left > 0 ? bytes_new(NULL, count) : NULL;
    if (left > 0) {
        if (joined == NULL) {
            return NULL;
        }
        memcpy(bytes_data(joined), r->data + r->position, (size_t)left);
        r->position += left;
    }
    if (refill(r, count - left) < 0) {
        return NULL;
    }
    if (r->length < count - left) {
        pickle_truncated();
        return NULL;
    }
    r->position = count - left;
    if (left == 0) {
        return r->data;
    }
    memcpy(bytes_data(joined) + left, r->data, (size_t)(count - left));
    return bytes_data(joined);
}

const char *pickle_read(struct pickle_reader *r, Py_ssize_t count)
{
    if (LIKELY(count <= r->length - r->position)) {
        const char *at = r->data + r->position;
        r->position += count;
        return at;
    }
    return read_slow(r, count);
}

int pickle_read_into(struct pickle_reader *r, char *out, Py_ssize_t count)
{
    Py_ssize_t left = r->length - r->position;
    Py_ssize_t known = left < count ? left : count;
    memcpy(out, r->data + r->position, (size_t)known);
    r->position += known;
    if (known == count) {
        return 0;
    }
    const char *rest = pickle_read(r, count - known);
    if (rest == NULL) {
        return -1;
    }
    memcpy(out + known, rest, (size_t)(count - known));
    return 0;
}

/* A line with its newline; *length counts it. */
const char *pickle_read_line(struct pickle_reader *r, Py_ssize_t *length)
{
    const char *at = r->data + r->position;
    Py_ssize_t left = r->length - r->position;
    const char *end = left > 0 ? memchr(at, '\n', (size_t)left) : NULL;
    if (end != NULL) {
        *length = end + 1 - at;
        r->position += *length;
        return at;
    }
    if (value_is_absent(r->file_read)) {
        pickle_truncated();
        return NULL;
    }
    PyObject *head = bytes_new(at, left);
    r->position = r->length;
    if (head == NULL || pickle_skip_consumed(r) < 0) {
        return NULL;
    }
    r->peeked = false;
    if (take(r, object_call0(r->file_readline), "readline") < 0) {
        return NULL;
    }
    if (r->length == 0 || r->data[r->length - 1] != '\n') {
        pickle_truncated();
        return NULL;
    }
    r->position = r->length;
    struct bytes_builder b;
    bytes_builder_init(&b);
    if (bytes_builder_add(&b, bytes_data(head), left) < 0 ||
        bytes_builder_add(&b, r->data, r->length) < 0) {
        return NULL;
    }
    PyObject *line = bytes_builder_finish(&b);
    *length = line == NULL ? 0 : bytes_length(line);
    return line == NULL ? NULL : bytes_data(line);
}
