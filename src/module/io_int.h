/* SPDX-License-Identifier: MIT */
/* What the files of the _io module share. module/_io.c gives the overview. */
#ifndef OROCHI_MODULE_IO_INT_H
#define OROCHI_MODULE_IO_INT_H

#include <errno.h>

#include "object/bytes.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/lock.h"

enum { IO_BUFFER_SIZE = 8192 };

extern PyTypeObject IOBase_Type, RawIOBase_Type, BufferedIOBase_Type, TextIOBase_Type;
extern PyTypeObject FileIO_Type, BytesIO_Type, StringIO_Type;
PyAPI_DATA(PyTypeObject) _PyBytesIOBuffer_Type; /* exported: pickle tests of CPython ask for it */
extern PyTypeObject BufferedReader_Type, BufferedWriter_Type, BufferedRandom_Type,
    BufferedRWPair_Type;
extern PyTypeObject TextIOWrapper_Type, IncrementalNewlineDecoder_Type;

/* _io.UnsupportedOperation; set once when the module is made. */
extern PyObject *io_unsupported_operation;
Value io_unsupported(const char *what);

/* ---- A lock that a thread may hold while it calls Python code or blocks. Not a runtime lock: no
 * rank; it is outside all of them. */
struct io_lock {
    uint8_t state;        /* atomic: 0 free, 1 held, 3 held with waiters */
    uint32_t depth;       /* owner only */
    struct thread *owner; /* atomic */
};
/* Reentrant. Waiting detaches the thread. */
void io_lock_acquire(struct io_lock *lock);
void io_lock_release(struct io_lock *lock);
bool io_lock_is_mine(const struct io_lock *lock);
/* Held by a thread that shutdown has frozen: who waits for it waits for ever. Acquiring it takes it
 * away from that thread; whatever it protects must be valid at every safepoint of its holders. */
bool io_lock_is_lost(const struct io_lock *lock);
int io_raise_lost(Value file); /* RuntimeError that says so; -1 */
struct io_lock *text_io_lock(struct _object *file);
struct io_lock *buffered_lock(struct _object *file);

/* ---- Helpers on any file-like object; all may run Python code. */
/* object.closed as truth: 1, 0, -1. */
int io_is_closed(Value file);
/* ValueError "I/O operation on closed file." when it is. 0 or -1. */
int io_check_closed(Value file);
/* Calls file.<name>() and tests its truth; UnsupportedOperation with the message if false. */
int io_require(Value file, PyObject *method, const char *message);
/* True (and clears it) if the current exception is OSError EINTR: the caller calls again. */
bool io_retry_interrupted(void);
/* An offset from a Python int: 0, or -1 with OverflowError / TypeError. */
int io_offset(Value v, int64_t *out);
/* Size argument of read(): None and absent give -1. 0 or -1. */
int io_size(Value v, Py_ssize_t *out);
/* The EncodingWarning of PEP 597, if it was asked for. 0, or -1 if it became an exception. */
int io_warn_default_encoding(int stack_level);
/* A new stderrprinter for the descriptor; needs no other module. NULL on error. */
PyObject *io_printer_new(int fd);
/* os.fspath and encoding: a bytes object. NULL on error. */
PyObject *io_path(Value path);
/* The finalizer of all file types: close(), errors are unraisable. */
void io_finalize(Value self);
/* Is the file below another one closed, detached, or of a type that does not say? */
bool io_is_spent(PyObject *below);
/* A BytesIO or StringIO, which nobody sees being closed when it dies; a subclass may define close.
 */
bool memory_is_spent(PyObject *self);
/* Flushes every open buffered writer and text file that is still alive, at exit. */
void io_flush_all(void);
/* In the child of fork(): the locks of files that other threads held become free. */
void io_after_fork_child(void);

/* Decodes newlines: the state machine of universal newlines, for StringIO and TextIOWrapper. */
enum { NEWLINE_CR = 1, NEWLINE_LF = 2, NEWLINE_CRLF = 4 };
struct newline_decoder {
    PyObject_HEAD PyObject *decoder; /* the wrapped decoder, or None */
    bool translate, pending_cr;
    int seen;
};
/* Feeds text: translates and records newlines. NULL on error. */
PyObject *newline_decode(struct newline_decoder *d, Value input, bool final);
PyObject *newline_decoder_new(PyObject *decoder, bool translate);
Value newline_seen(int seen);
/* End of the first line in text[start, end) under the newline mode, or -1; *consumed is how far was
 * looked. universal: \n, \r, \r\n all end lines (untranslated); translated: only \n. */
Py_ssize_t io_find_line_end(bool translated, bool universal, PyObject *newline, PyObject *text,
                            Py_ssize_t start, Py_ssize_t end, Py_ssize_t *consumed);

/* System calls of an exact FileIO, without a buffer object: an int, None (would block), or error.
 * `data` lies in a heap cell or on the C stack. */
Value file_io_read(Value self, void *data, size_t size);
Value file_io_write(Value self, const void *data, size_t size);

/* open(); absent values mean the default. */
Value io_open(Value file, const char *mode, int buffering, Value encoding, Value errors,
              Value newline, bool closefd, Value opener);

#endif
