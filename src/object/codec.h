/* SPDX-License-Identifier: MIT */
/* Encodings: the registry of codecs and error handlers, and the codecs written in C.
 *
 * `errors` is an error handler's name; NULL means "strict". Decoders take `consumed`: NULL if the
 * input is complete, else where to store how many bytes were used (the rest is an incomplete
 * sequence that more input may complete). Encoders return bytes. NULL with an exception on error.
 * All may run Python code (error handlers) unless errors is NULL or "strict". */
#ifndef OROCHI_OBJECT_CODEC_H
#define OROCHI_OBJECT_CODEC_H

#include "object/object.h"

/* Without error handlers: UnicodeEncodeError on surrogates; -1. Then fill writes that many bytes.
 */
Py_ssize_t codec_utf8_length(PyObject *s);
void codec_utf8_fill(PyObject *s, char *out);

PyObject *codec_utf8_decode(const char *text, Py_ssize_t n, const char *errors,
                            Py_ssize_t *consumed);
PyObject *codec_utf8_encode(PyObject *s, const char *errors);
PyObject *codec_ascii_decode(const char *text, Py_ssize_t n, const char *errors);
PyObject *codec_ascii_encode(PyObject *s, const char *errors);
PyObject *codec_latin1_decode(const char *text, Py_ssize_t n, const char *errors);
PyObject *codec_latin1_encode(PyObject *s, const char *errors);

/* byteorder: -1 little, 0 native with a byte order mark, 1 big; decoders tell what they found. */
PyObject *codec_utf16_decode(const char *text, Py_ssize_t n, const char *errors, int *byteorder,
                             Py_ssize_t *consumed);
PyObject *codec_utf16_encode(PyObject *s, const char *errors, int byteorder);
PyObject *codec_utf32_decode(const char *text, Py_ssize_t n, const char *errors, int *byteorder,
                             Py_ssize_t *consumed);
PyObject *codec_utf32_encode(PyObject *s, const char *errors, int byteorder);
PyObject *codec_utf7_decode(const char *text, Py_ssize_t n, const char *errors,
                            Py_ssize_t *consumed);
PyObject *codec_utf7_encode(PyObject *s, const char *errors);

/* first_invalid (may be NULL) gets the address of the first invalid escape such as \d, or NULL. */
PyObject *codec_unicode_escape_decode(const char *text, Py_ssize_t n, const char *errors,
                                      Py_ssize_t *consumed, const char **first_invalid);
PyObject *codec_unicode_escape_encode(PyObject *s);
PyObject *codec_raw_unicode_escape_decode(const char *text, Py_ssize_t n, const char *errors,
                                          Py_ssize_t *consumed);
PyObject *codec_raw_unicode_escape_encode(PyObject *s);
/* The escapes of bytes literals. */
PyObject *codec_bytes_escape_decode(const char *text, Py_ssize_t n, const char *errors,
                                    const char **first_invalid);
PyObject *codec_bytes_escape_encode(const char *text, Py_ssize_t n);

/* map: a dict, a str (decoding) or an EncodingMap; ABSENT or None: Latin-1. */
PyObject *codec_charmap_decode(const char *text, Py_ssize_t n, Value map, const char *errors);
PyObject *codec_charmap_encode(PyObject *s, Value map, const char *errors);
PyObject *codec_charmap_build(PyObject *map);

/* \N{NAME} in literals: unicodedata sets this when it is compiled in. -1 if there is no such name.
 */
extern int32_t (*codec_name_lookup)(const char *name, Py_ssize_t length);
/* The name of a character for namereplace: its length in `out`, 0 if it has none. */
extern int (*codec_char_name)(Py_UCS4 c, char *out, size_t size);

/* ---- The registry. */
int codec_register(Value search_function);
int codec_unregister(Value search_function);
Value codec_lookup(const char *encoding); /* the CodecInfo tuple; LookupError */
int codec_register_error(PyObject *name, Value handler);
Value codec_lookup_error(const char *name); /* NULL: strict; LookupError */
/* codecs.encode, codecs.decode: any types. */
Value codec_encode(Value object, const char *encoding, const char *errors);
Value codec_decode(Value object, const char *encoding, const char *errors);
/* Development mode: names of encodings and error handlers are checked even where nobody needs them.
 */
extern bool codec_check_names;
/* str.encode, bytes.decode: only text encodings, results checked. */
PyObject *codec_encode_text(PyObject *s, const char *encoding, const char *errors);
PyObject *codec_decode_text(Value buffer, const char *encoding, const char *errors);
int codec_init(void);
/* Another interpreter is about to be made: no search function is registered. */
void codec_forget_searches(void);

#endif
