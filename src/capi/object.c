/* SPDX-License-Identifier: MIT */
/* Objects in general: attributes, comparison, representation, calls. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/type_int.h"

PyObject *PyObject_GetAttr(PyObject *o, PyObject *name)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_getattr_value(capi_value(o), capi_value(name)));
}

PyObject *PyObject_GetAttrString(PyObject *o, const char *name)
{
    struct thread *t = capi_enter();
    PyObject *text = str_intern_text(name);
    return capi_return(t, text == NULL ? VALUE_NULL : object_getattr(capi_value(o), text));
}

int PyObject_SetAttr(PyObject *o, PyObject *name, PyObject *value)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_setattr_value(capi_value(o), capi_value(name),
                                                   capi_value_or(value, VALUE_ABSENT)));
}

int PyObject_SetAttrString(PyObject *o, const char *name, PyObject *value)
{
    struct thread *t = capi_enter();
    PyObject *text = str_intern_text(name);
    return capi_return_int(
        t, text == NULL ? -1
                        : object_setattr(capi_value(o), text, capi_value_or(value, VALUE_ABSENT)));
}

int _PyObject_LookupAttr(PyObject *o, PyObject *name, PyObject **result)
{
    struct thread *t = capi_enter();
    Value found = VALUE_NULL;
    int status = object_find_attr_value(capi_value(o), capi_value(name), &found);
    *result = capi_return(t, status == 1 ? found : VALUE_NULL);
    return status;
}

int PyObject_HasAttr(PyObject *o, PyObject *name)
{
    struct thread *t = capi_enter();
    Value found;
    int status = object_find_attr_value(capi_value(o), capi_value(name), &found);
    if (status < 0) {
        error_clear();
    }
    return capi_return_int(t, status > 0);
}

int PyObject_HasAttrString(PyObject *o, const char *name)
{
    struct thread *t = capi_enter();
    Value found;
    PyObject *text = str_intern_text(name);
    int status = text == NULL ? -1 : object_find_attr(capi_value(o), text, &found);
    if (status < 0) {
        error_clear();
    }
    return capi_return_int(t, status > 0);
}

PyObject *PyObject_GenericGetAttr(PyObject *o, PyObject *name)
{
    struct thread *t = capi_enter();
    PyObject *text = capi_name(name);
    Value object = capi_value(o);
    Value found = text == NULL ? VALUE_NULL : object_generic_getattr(object, text);
    return capi_return(t, value_is_absent(found) ? error_no_attribute(object, text) : found);
}

int PyObject_GenericSetAttr(PyObject *o, PyObject *name, PyObject *value)
{
    struct thread *t = capi_enter();
    PyObject *text = capi_name(name);
    return capi_return_int(
        t, text == NULL
               ? -1
               : object_generic_setattr(capi_value(o), text, capi_value_or(value, VALUE_ABSENT)));
}

/* `suppress`: a missing attribute is no error. `dict` stands for the instance's, if given. */
PyObject *_PyObject_GenericGetAttrWithDict(PyObject *o, PyObject *name, PyObject *dict,
                                           int suppress)
{
    struct thread *t = capi_enter();
    PyObject *text = capi_name(name);
    Value object = capi_value(o), found = VALUE_NULL;
    if (text != NULL && dict == NULL) {
        found = object_generic_getattr(object, text);
    } else if (text != NULL) {
        Value attribute = type_lookup(o->ob_type, text);
        bool is_data = value_is_present(attribute) && value_ops(attribute)->descr_set != NULL;
        found = is_data ? VALUE_ABSENT : dict_get_str(capi_object(dict), text);
        if (value_is_absent(found) && value_is_present(attribute)) {
            found = attribute_bind(attribute, object, o->ob_type);
        }
    }
    if (suppress && value_is_null(found) && error_matches(PyExc_AttributeError)) {
        error_clear();
    }
    if (value_is_absent(found)) {
        found = suppress ? VALUE_NULL : error_no_attribute(object, text);
    }
    return capi_return(t, found);
}

/* Where the instance has its dict; instances with a shape get one now. NULL: they have none. */
PyObject **_PyObject_GetDictPtr(PyObject *o)
{
    const struct type_info *info = type_info(o->ob_type);
    if (info->shape_offset == 0) {
        return object_dict_pointer(o);
    }
    struct thread *t = capi_enter();
    instance_dict(capi_object(o));
    error_clear();
    return capi_return_pointer(t, &instance_part(o, info)->dict);
}

PyObject *_PyObject_NextNotImplemented(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t,
                       error_raise(PyExc_TypeError, "'%T' object is not iterable", capi_value(o)));
}

PyObject *PyObject_SelfIter(PyObject *o)
{
    return Py_NewRef(o);
}

Py_hash_t PyObject_Hash(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_size(t, object_hash(capi_value(o)));
}

Py_hash_t PyObject_HashNotImplemented(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_size(
        t, error_raise_int(PyExc_TypeError, "unhashable type: '%T'", capi_value(o)));
}

PyObject *PyObject_RichCompare(PyObject *a, PyObject *b, int op)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_compare(capi_value(a), capi_value(b), op));
}

int PyObject_RichCompareBool(PyObject *a, PyObject *b, int op)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_compare_bool(capi_value(a), capi_value(b), op));
}

PyObject *PyObject_Repr(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, o == NULL ? str_from_text("<NULL>") : object_repr(capi_value(o)));
}

PyObject *PyObject_Str(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, o == NULL ? str_from_text("<NULL>") : object_str(capi_value(o)));
}

PyObject *PyObject_Format(PyObject *o, PyObject *spec)
{
    struct thread *t = capi_enter();
    Value text = capi_value_or(spec, value_from_object(str_empty()));
    if (!str_check(text)) {
        return capi_return(
            t, error_raise(PyExc_SystemError, "Format specifier must be a string, not %T", text));
    }
    return capi_return_object(t, object_format(capi_value(o), value_object(text)));
}

PyObject *PyObject_Dir(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, object_dir(capi_value(o)));
}

int PyObject_Print(PyObject *o, FILE *file, int flags)
{
    struct thread *t = capi_enter();
    Value v = capi_value(o);
    PyObject *text = (flags & Py_PRINT_RAW) != 0 ? object_str(v) : object_repr(v);
    PyObject *bytes = text == NULL ? NULL : str_encode(text, "utf-8", "backslashreplace");
    if (bytes == NULL) {
        return capi_return_int(t, -1);
    }
    size_t length = (size_t)bytes_length(bytes);
    if (fwrite(bytes_data(bytes), 1, length, file) != length) {
        error_from_errno(NULL);
        clearerr(file);
        return capi_return_int(t, -1);
    }
    return capi_return_int(t, 0);
}

int PyObject_IsTrue(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_truth(capi_value(o)));
}

int PyObject_Not(PyObject *o)
{
    int truth = PyObject_IsTrue(o);
    return truth < 0 ? -1 : !truth;
}

int PyObject_IsInstance(PyObject *o, PyObject *class)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_is_instance(capi_value(o), capi_value(class)));
}

int PyObject_IsSubclass(PyObject *o, PyObject *class)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_is_subclass(capi_value(o), capi_value(class)));
}

PyObject *PyObject_Type(PyObject *o)
{
    return o == NULL ? CAPI_BAD_ARGUMENT() : Py_NewRef((PyObject *)o->ob_type);
}

int PyCallable_Check(PyObject *o)
{
    return o != NULL && object_is_callable(value_from_object(o));
}

/* ---- Calls. */

PyObject *PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyObject *result;
    if (kwargs == NULL && args != NULL && PyTuple_Check(args) &&
        capi_call_direct(callable, ((PyTupleObject *)args)->ob_item, (size_t)PyTuple_GET_SIZE(args),
                         NULL, &result)) {
        return result;
    }
    struct thread *t = capi_enter();
    return capi_return(
        t, object_call_tuple(capi_value(callable), capi_object(args), capi_object(kwargs)));
}

PyObject *PyObject_CallObject(PyObject *callable, PyObject *args)
{
    if (args != NULL) {
        return PyObject_Call(callable, args, NULL);
    }
    PyObject *result, *none[1] = {NULL};
    if (capi_call_direct(callable, none + 1, PY_VECTORCALL_ARGUMENTS_OFFSET, NULL, &result)) {
        return result;
    }
    struct thread *t = capi_enter();
    return capi_return(t, object_call0(capi_value(callable)));
}

PyObject *PyObject_CallNoArgs(PyObject *callable)
{
    return PyObject_CallObject(callable, NULL);
}

PyObject *PyObject_CallOneArg(PyObject *callable, PyObject *argument)
{
    PyObject *row[2] = {NULL, argument}, *result;
    if (capi_call_direct(callable, row + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL, &result)) {
        return result;
    }
    struct thread *t = capi_enter();
    return capi_return(
        t, object_call(capi_value(callable), capi_values(row + 1, 1), 1 | CALL_PREPEND, NULL));
}

PyObject *PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf,
                              PyObject *kwnames)
{
    PyObject *result;
    if (capi_call_direct(callable, args, nargsf, kwnames, &result)) {
        return result;
    }
    struct thread *t = capi_enter();
    size_t nargs = (size_t)PyVectorcall_NARGS(nargsf);
    size_t keywords = kwnames == NULL ? 0 : (size_t)PyTuple_GET_SIZE(kwnames);
    const Value *values = capi_values(args, nargs + keywords);
    return capi_return(t, object_call(capi_value(callable), values, nargs, capi_object(kwnames)));
}

/* The tp_call of types with a vectorcall field: takes the arguments out of tuple and dict. */
PyObject *PyVectorcall_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(callable, args, kwargs);
}

/* ---- What the collector does by itself. */

void PyObject_GC_Track(void *o)
{
    heap_track_foreign(o, true);
}

void PyObject_GC_UnTrack(void *o)
{
    heap_track_foreign(o, false);
}

int PyObject_GC_IsFinalized(PyObject *o)
{
    return heap_was_finalized(o);
}

/* ---- By identifier: a C string that becomes an interned str once. */

PyObject *_PyObject_GetAttrId(PyObject *o, _Py_Identifier *name)
{
    struct thread *t = capi_enter();
    PyObject *text = capi_identifier(name);
    return capi_return(t, text == NULL ? VALUE_NULL : object_getattr(capi_value(o), text));
}

int _PyObject_SetAttrId(PyObject *o, _Py_Identifier *name, PyObject *value)
{
    struct thread *t = capi_enter();
    PyObject *text = capi_identifier(name);
    return capi_return_int(
        t, text == NULL ? -1
                        : object_setattr(capi_value(o), text, capi_value_or(value, VALUE_ABSENT)));
}

int _PyObject_LookupAttrId(PyObject *o, _Py_Identifier *name, PyObject **result)
{
    struct thread *t = capi_enter();
    Value found = VALUE_NULL;
    PyObject *text = capi_identifier(name);
    int status = text == NULL ? -1 : object_find_attr(capi_value(o), text, &found);
    *result = capi_return(t, status == 1 ? found : VALUE_NULL);
    return status;
}

PyObject *_PyObject_LookupSpecialId(PyObject *o, _Py_Identifier *name)
{
    struct thread *t = capi_enter();
    Value found = VALUE_NULL;
    PyObject *text = capi_identifier(name);
    int status = text == NULL ? -1 : object_find_special(capi_value(o), text, &found);
    return capi_return(t, status == 1 ? found : VALUE_NULL);
}

/* ---- Instance dicts. */

PyObject *PyObject_GenericGetDict(PyObject *o, void *context)
{
    struct thread *t = capi_enter();
    PyObject *dict = object_dict(capi_object(o));
    return capi_return(t, dict != NULL || error_occurred()
                              ? value_from_object(dict)
                              : error_raise(PyExc_AttributeError, "This object has no __dict__"));
}

static int set_dict(PyObject *o, PyObject *dict)
{
    if (dict == NULL) {
        return error_raise_int(PyExc_TypeError, "cannot delete __dict__");
    }
    return dict_check(capi_value(dict))
               ? object_set_dict(capi_object(o), dict)
               : error_raise_int(PyExc_TypeError,
                                 "__dict__ must be set to a dictionary, not a '%T'",
                                 value_from_object(dict));
}

int PyObject_GenericSetDict(PyObject *o, PyObject *dict, void *context)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, set_dict(o, dict));
}

PyObject *PyObject_Bytes(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, o == NULL ? bytes_new("<NULL>", 6) : object_bytes(capi_value(o)));
}

/* ---- Functions for languages that cannot use the macros of the same names. */

#undef Py_IncRef
#undef Py_DecRef
#undef Py_NewRef
#undef Py_XNewRef
#undef Py_Is

void Py_IncRef(PyObject *o)
{
    Py_XINCREF(o);
}

void Py_DecRef(PyObject *o)
{
    Py_XDECREF(o);
}

PyObject *Py_NewRef(PyObject *o)
{
    Py_INCREF(o);
    return o;
}

PyObject *Py_XNewRef(PyObject *o)
{
    Py_XINCREF(o);
    return o;
}

int Py_Is(PyObject *a, PyObject *b)
{
    return a == b;
}

/* Freed cells are reused at once and carry no mark. */
int _PyObject_IsFreed(PyObject *o)
{
    return o == NULL || o->ob_type == NULL;
}

/* ---- Functions behind Python.h's macros, and the rest. */

#undef Py_IsNone
int Py_IsNone(PyObject *o)
{
    return o == Py_None;
}

#undef Py_IsTrue
int Py_IsTrue(PyObject *o)
{
    return o == Py_True;
}

#undef Py_IsFalse
int Py_IsFalse(PyObject *o)
{
    return o == Py_False;
}

PyObject *PyObject_ASCII(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, o == NULL ? str_from_text("<NULL>") : object_ascii(capi_value(o)));
}

int Py_ReprEnter(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, repr_enter(capi_value(o)));
}

void Py_ReprLeave(PyObject *o)
{
    struct thread *t = capi_enter();
    repr_leave(capi_value(o));
    capi_leave(t);
}

Py_ssize_t PyGC_Collect(void)
{
    struct thread *t = capi_enter();
    return capi_return_size(t, (Py_ssize_t)heap_collect(COLLECT_REQUEST));
}

int PyType_SUPPORTS_WEAKREFS(PyTypeObject *type)
{
    return type->tp_weaklistoffset > 0;
}

PyObject **PyObject_GET_WEAKREFS_LISTPTR(PyObject *o)
{
    return (PyObject **)(void *)((char *)o + o->ob_type->tp_weaklistoffset);
}

void _Py_IncRef(PyObject *o)
{
    Py_XINCREF(o);
}

void _Py_DecRef(PyObject *o)
{
    Py_XDECREF(o);
}
