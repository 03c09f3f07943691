/* SPDX-License-Identifier: MIT */
/* Signature texts of native functions, parsed; and binding arguments to them. */
#ifndef OROCHI_OBJECT_SIGNATURE_H
#define OROCHI_OBJECT_SIGNATURE_H

#include "object/native.h"

/* A heap cell; constant once made. Parameters are in the order of the text: positional ones, *args,
 * keyword-only ones, **kwargs. */
struct native_signature {
    const struct cell_type *cell;
    const char *text;
    uint32_t count;                       /* all parameters */
    uint32_t positional_only, positional; /* positional includes positional_only */
    uint32_t required_positional_only;
    uint32_t keyword_end;   /* parameters before it may be given by name (but not *args) */
    int32_t varargs, varkw; /* index, or -1 */
    uint64_t required;      /* bit per parameter */
    PyObject *names[];
};

/* Parses; NULL with an exception (no memory; a malformed text is a fatal error). */
const struct native_signature *signature_parse(const char *text);
/* Fills `cache` at the first call. */
const struct native_signature *signature_of(const char *text,
                                            const struct native_signature **cache);
/* `callable` is for messages ("list.append"), or NULL: then fname is all there is. 0 or -1. */
int signature_bind(const struct native_signature *signature, const char *fname, PyObject *callable,
                   const Value *args, size_t nargs, PyObject *kwnames, Value *out);
/* "module.qualname" or "Type.name" of a function or descriptor, as messages show it. */
PyObject *callable_name(PyObject *callable, const char *fname);
/* A native_call that knows the function object, for messages. *signature is a cache. */
Value native_call_object(PyObject *callable, const struct native_def *def,
                         const struct native_signature **signature, Value self, const Value *args,
                         size_t nargs, PyObject *kwnames);
/* Makes the row's PyMethodDef and forgets its signature. */
void native_row_init(struct native_row *row, const struct native_def *def);
/* A bound method of a builtin, whose row is in a descriptor that is alive. NULL with an exception.
 */
PyObject *native_method_new(const struct native_row *row, Value self);
/* __doc__ and __text_signature__; def is NULL for extension code. */
Value native_doc(const struct native_def *def, const PyMethodDef *ml);
Value native_text_signature(const struct native_def *def, const PyMethodDef *ml);

#endif
