/* SPDX-License-Identifier: MIT */
/* Inside module _json. */
#ifndef OROCHI_MODULE_JSON_INT_H
#define OROCHI_MODULE_JSON_INT_H

#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

extern PyTypeObject json_scanner_type, json_encoder_type;

/* Raises JSONDecodeError. */
void json_error(const char *message, PyObject *document, Py_ssize_t position);
/* The string whose opening quote is at i - 1; *end is behind the closing one. */
PyObject *json_scan_string(PyObject *s, Py_ssize_t i, bool strict, Py_ssize_t *end);
int json_write_string(struct str_builder *b, PyObject *s, bool ascii);

/* Whether a callable is one of this module's string writers. */
enum json_string_writer { JSON_WRITER_OTHER, JSON_WRITER_ASCII, JSON_WRITER_PLAIN };
enum json_string_writer json_writer_of(Value f);

#endif
