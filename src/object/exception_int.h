/* SPDX-License-Identifier: MIT */
/* Shared by the exception*.c files: what one layout of exceptions.def needs. */
#ifndef OROCHI_OBJECT_EXCEPTION_INT_H
#define OROCHI_OBJECT_EXCEPTION_INT_H

#include "object/exception.h"
#include "object/native.h"

/* The layouts of exceptions.def and their structs. */
#define EXCEPTION_LAYOUTS(X)                                                                       \
    X(plain, PyBaseExceptionObject)                                                                \
    X(exit, PySystemExitObject)                                                                    \
    X(group, PyBaseExceptionGroupObject)                                                           \
    X(attribute, PyAttributeErrorObject)                                                           \
    X(import, PyImportErrorObject)                                                                 \
    X(name, PyNameErrorObject)                                                                     \
    X(os, PyOSErrorObject)                                                                         \
    X(blocking, PyOSErrorObject)                                                                   \
    X(stop, PyStopIterationObject)                                                                 \
    X(syntax, PySyntaxErrorObject)                                                                 \
    X(key, PyBaseExceptionObject)                                                                  \
    X(unicode_decode, PyUnicodeErrorObject)                                                        \
    X(unicode_encode, PyUnicodeErrorObject)                                                        \
    X(unicode_translate, PyUnicodeErrorObject)

/* What the first type of a layout adds to its base. */
struct exception_layout {
    struct type_ops ops;
    const struct native_def *methods;
    const struct getset_def *getsets;
    const struct member_def *members;
};

#define EXCEPTION(name, base, layout, doc) extern PyTypeObject exception_type_##name;
#define EXCEPTION_ROOT(name, base, layout, doc) EXCEPTION(name, base, layout, doc)
#include "object/exceptions.def"
#undef EXCEPTION
#undef EXCEPTION_ROOT
extern PyTypeObject exception_type_BaseException;
extern PyTypeObject exception_type_ExceptionGroup;

/* The operations of BaseException, for layouts that extend them. */
Value exception_plain_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
int exception_plain_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value exception_plain_str(Value self);
Value exception_plain_reduce(Value self);
int exception_set_args(PyObject *self, const Value *args, size_t nargs);
int exception_reject_keywords(PyTypeObject *type, PyObject *kwnames);
static inline PyBaseExceptionObject *exception_base(PyObject *e)
{
    return (PyBaseExceptionObject *)e;
}

Value exception_os_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
int exception_os_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value exception_os_str(Value self);
extern const struct native_def exception_os_methods[];
extern const struct getset_def exception_os_getsets[];
extern const struct member_def exception_os_members[];

Value exception_group_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
int exception_group_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value exception_group_str(Value self);
extern const struct native_def exception_group_methods[];
extern const struct member_def exception_group_members[];

int exception_syntax_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value exception_syntax_str(Value self);
extern const struct member_def exception_syntax_members[];

int exception_decode_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
int exception_encode_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
int exception_translate_init(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value exception_decode_str(Value self);
Value exception_encode_str(Value self);
Value exception_translate_str(Value self);
extern const struct member_def exception_unicode_members[];

#endif
