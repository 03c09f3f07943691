/* SPDX-License-Identifier: MIT */
/* What the files of _pickle share. _pickle.c has the overview. */
#ifndef OROCHI_MODULE_PICKLE_INT_H
#define OROCHI_MODULE_PICKLE_INT_H

#include "object/bytes.h"
#include "object/native.h"
#include "object/object.h"

enum { PROTOCOL_HIGHEST = 5, PROTOCOL_DEFAULT = 4, BATCH_SIZE = 1000, FRAME_TARGET = 65536 };

/* The opcodes of pickletools, in its order of protocols. */
enum pickle_opcode {
    PICKLE_MARK = '(',
    PICKLE_STOP = '.',
    PICKLE_POP = '0',
    PICKLE_POP_MARK = '1',
    PICKLE_DUP = '2',
    PICKLE_FLOAT = 'F',
    PICKLE_INT = 'I',
    PICKLE_BININT = 'J',
    PICKLE_BININT1 = 'K',
    PICKLE_LONG = 'L',
    PICKLE_BININT2 = 'M',
    PICKLE_NONE = 'N',
    PICKLE_PERSID = 'P',
    PICKLE_BINPERSID = 'Q',
    PICKLE_REDUCE = 'R',
    PICKLE_STRING = 'S',
    PICKLE_BINSTRING = 'T',
    PICKLE_SHORT_BINSTRING = 'U',
    PICKLE_UNICODE = 'V',
    PICKLE_BINUNICODE = 'X',
    PICKLE_APPEND = 'a',
    PICKLE_BUILD = 'b',
    PICKLE_GLOBAL = 'c',
    PICKLE_DICT = 'd',
    PICKLE_APPENDS = 'e',
    PICKLE_GET = 'g',
    PICKLE_BINGET = 'h',
    PICKLE_INST = 'i',
    PICKLE_LONG_BINGET = 'j',
    PICKLE_LIST = 'l',
    PICKLE_OBJ = 'o',
    PICKLE_PUT = 'p',
    PICKLE_BINPUT = 'q',
    PICKLE_LONG_BINPUT = 'r',
    PICKLE_SETITEM = 's',
    PICKLE_TUPLE = 't',
    PICKLE_SETITEMS = 'u',
    PICKLE_BINFLOAT = 'G',
    PICKLE_EMPTY_DICT = '}',
    PICKLE_EMPTY_LIST = ']',
    PICKLE_EMPTY_TUPLE = ')',
    PICKLE_PROTO = 0x80,
    PICKLE_NEWOBJ,
    PICKLE_EXT1,
    PICKLE_EXT2,
    PICKLE_EXT4,
    PICKLE_TUPLE1,
    PICKLE_TUPLE2,
    PICKLE_TUPLE3,
    PICKLE_NEWTRUE,
    PICKLE_NEWFALSE,
    PICKLE_LONG1,
    PICKLE_LONG4,
    PICKLE_BINBYTES = 'B',
    PICKLE_SHORT_BINBYTES = 'C',
    PICKLE_SHORT_BINUNICODE = 0x8c,
    PICKLE_BINUNICODE8,
    PICKLE_BINBYTES8,
    PICKLE_EMPTY_SET,
    PICKLE_ADDITEMS,
    PICKLE_FROZENSET,
    PICKLE_NEWOBJ_EX,
    PICKLE_STACK_GLOBAL,
    PICKLE_MEMOIZE,
    PICKLE_FRAME,
    PICKLE_BYTEARRAY8,
    PICKLE_NEXT_BUFFER,
    PICKLE_READONLY_BUFFER
};

/* Interned names; set once, when the module is made. */
struct pickle_names {
    PyObject *persistent_id, *persistent_load, *reducer_override, *dispatch_table, *find_class;
    PyObject *newobj, *newobj_ex, *extension_registry, *inverted_registry, *extension_cache;
};
extern struct pickle_names pickle_names;
extern PyObject *pickle_error, *pickling_error, *unpickling_error;
extern PyTypeObject pickler_type, unpickler_type; /* and PyPickleBuffer_Type */
extern PyTypeObject pickler_memo_type, unpickler_memo_type;

/* ---- Writing. */

/* Objects seen so far, by address, in a WORDS cell: pairs of the object and its number. */
struct pickle_memo {
    Value *slots;
    size_t mask; /* pairs - 1; 0 with slots NULL */
    size_t used;
};
bool pickle_memo_find(const struct pickle_memo *memo, Value object, size_t *index);
int pickle_memo_add(struct pickle_memo *memo, Value object, size_t index); /* or replaces */

/* One dump in progress; on the C stack of the thread that dumps. */
struct pickle_writer {
    struct bytes_builder out;
    Value file_write; /* ABSENT: everything stays in `out` */
    Py_ssize_t frame_start;
    bool framing, in_frame;
    int protocol;
    bool bin, fast, fix_imports;
    int fast_depth;
    PyObject *fast_seen; /* a dict by id: what is being saved in fast mode */
    struct pickle_memo memo;
    Value persistent_id, reducer, dispatch_table; /* ABSENT: none */
    Value buffer_callback;                        /* ABSENT: none */
};
int pickle_save(struct pickle_writer *w, Value v);
int pickle_save_no_id(struct pickle_writer *w, Value v); /* without asking persistent_id */
int pickle_dump(struct pickle_writer *w, Value v);       /* with header, frames and STOP */
int pickle_put(struct pickle_writer *w, const void *data, size_t length);
int pickle_op(struct pickle_writer *w, enum pickle_opcode op);
int pickle_remember(struct pickle_writer *w, Value v);
int pickle_get(struct pickle_writer *w, size_t index);
int pickle_payload(struct pickle_writer *w, const unsigned char *head, size_t head_length,
                   const char *data, size_t length);
int pickle_save_bytes(struct pickle_writer *w, Value v);
int pickle_save_bytearray(struct pickle_writer *w, Value v);
int pickle_save_buffer(struct pickle_writer *w, Value v);
/* pickle_reduce.c. `object` may be ABSENT; `name` NULL. */
int pickle_save_reduce(struct pickle_writer *w, Value reduced, Value object);
int pickle_save_global(struct pickle_writer *w, Value v, PyObject *name);
int pickle_save_other(struct pickle_writer *w, Value v);
int pickle_append_all(struct pickle_writer *w, Value iterator);
int pickle_set_all(struct pickle_writer *w, Value iterator);

/* ---- Reading. */

/* One load in progress; on the C stack of the thread that loads. */
struct pickle_reader {
    const char *data;
    Py_ssize_t position, length;
    Py_ssize_t peeked_from; /* what was peeked and consumed must be read from the file in the end */
    bool peeked;
    Value file_read, file_readinto, file_readline, file_peek; /* ABSENT: none; read ABSENT: loads */
    Value *stack;                                             /* a WORDS cell */
    size_t depth, room, fence;
    size_t *marks; /* a RAW cell */
    size_t mark_count, mark_room;
    Value *memo; /* a WORDS cell; VALUE_NULL: nothing */
    size_t memo_room, memo_used;
    int protocol;
    bool fix_imports;
    const char *encoding, *errors;
    Value unpickler; /* ABSENT for loads() */
    Value persistent_load, buffers;
    bool own_find_class;
};
Value pickle_load(struct pickle_reader *r);
Value pickle_find_class(bool fix_imports, int protocol, PyObject *module, PyObject *name);
int pickle_build(Value object, Value state);
Value pickle_import(PyObject *name); /* the module itself, also of a dotted name */
/* pickle_stream.c */
const char *pickle_read(struct pickle_reader *r, Py_ssize_t count);
const char *pickle_read_line(struct pickle_reader *r, Py_ssize_t *length);
int pickle_read_into(struct pickle_reader *r, char *out, Py_ssize_t count);
int pickle_skip_consumed(struct pickle_reader *r);
int pickle_open(struct pickle_reader *r, Value file);
Value pickle_truncated(void);
int pickle_memo_set(struct pickle_reader *r, size_t index, Value v);

/* ---- _pickle.c */
Value pickle_buffer_view(Value buffer, Py_buffer **view); /* NULL with ValueError when released */
Value pickle_buffer_release(Value buffer);                /* None */
Value pickle_copyreg(PyObject *name);                     /* an attribute of the module copyreg */
/* pickle_objects.c. Arguments as parameters of dump() and load(); 0 or -1. */
int pickle_writer_init(struct pickle_writer *w, Value protocol, Value fix_imports, Value callback);
int pickle_reader_init(struct pickle_reader *r, const Value *args); /* fix_imports, ... buffers */
int pickle_find_write(Value file, Value *write);

#endif
