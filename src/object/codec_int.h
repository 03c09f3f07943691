/* SPDX-License-Identifier: MIT */
/* What the codecs share: runs of decoding and encoding with error handlers.
 *
 * The well-known handlers are done here without making an exception object; others are looked up in
 * the registry and called with a UnicodeError, which they may even change (its object, on
 * decoding). */
#ifndef OROCHI_OBJECT_CODEC_INT_H
#define OROCHI_OBJECT_CODEC_INT_H

#include "object/bytes.h"
#include "object/codec.h"
#include "object/native.h"
#include "object/str_int.h"

enum handler_kind {
    HANDLER_STRICT,
    HANDLER_IGNORE,
    HANDLER_REPLACE,
    HANDLER_BACKSLASH,
    HANDLER_XMLCHARREF,
    HANDLER_NAMEREPLACE,
    HANDLER_SURROGATEESCAPE,
    HANDLER_SURROGATEPASS,
    HANDLER_OTHER
};
enum handler_kind handler_kind(const char *errors);

struct decoder {
    const char *encoding, *errors;
    const unsigned char *data; /* the input; a handler may replace it */
    Py_ssize_t length;
    PyObject *input;     /* data as bytes, made for the first exception */
    PyObject *exception; /* UnicodeDecodeError, reused */
    Value handler;
    struct str_builder out;
};
void decoder_init(struct decoder *d, const char *encoding, const char *errors, const char *data,
                  Py_ssize_t length);
/* data[from:to] is wrong: lets the handler add to `out`. The position to go on at, or -1. */
Py_ssize_t decoder_error(struct decoder *d, Py_ssize_t from, Py_ssize_t to, const char *reason);

struct encoder {
    const char *encoding, *errors;
    PyObject *s;
    PyObject *exception;
    Value handler;
    struct bytes_builder out;
    /* Encodes a replacement text into out: 1 done, 0 it has characters that do not fit, -1. */
    int (*put_text)(struct encoder *e, PyObject *text);
    void *closure;
    int unit; /* replacement bytes come in multiples of it; 0: any */
};
void encoder_init(struct encoder *e, const char *encoding, const char *errors, PyObject *s,
                  int (*put_text)(struct encoder *e, PyObject *text));
/* s[from:to] cannot be encoded. The position to go on at, or -1. */
Py_ssize_t encoder_error(struct encoder *e, Py_ssize_t from, Py_ssize_t to, const char *reason);
/* For put_text of encodings in which ASCII, or Latin-1, stands for itself. */
int encoder_put_ascii(struct encoder *e, PyObject *text);

/* How surrogatepass reads and writes: the bytes of one code unit in this encoding; 0: none. */
enum surrogate_form {
    SURROGATE_NONE,
    SURROGATE_UTF8,
    SURROGATE_UTF16LE,
    SURROGATE_UTF16BE,
    SURROGATE_UTF32LE,
    SURROGATE_UTF32BE
};
enum surrogate_form surrogate_form(const char *encoding);
int surrogate_width(enum surrogate_form form);
void surrogate_put(enum surrogate_form form, Py_UCS4 c, unsigned char *out);
/* The surrogate that starts at p, or 0. */
Py_UCS4 surrogate_get(enum surrogate_form form, const unsigned char *p, Py_ssize_t left);

/* The replacement a handler makes for characters [from, to) of s on encoding; `kind` is BACKSLASH,
 * XMLCHARREF or NAMEREPLACE. */
PyObject *handler_escape(enum handler_kind kind, PyObject *s, Py_ssize_t from, Py_ssize_t to);
extern const struct native_def codec_error_functions[];

#endif
