/* SPDX-License-Identifier: MIT */
/* One function per macro and inline function of Python.h that touches the fields of an object. Each
 * takes any object, and is for those that the macro is for; None for others. What they read is
 * checked as far as it can be: nothing else than ints, strings and tuples is put into containers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>

#define FUNCTION(macro, guard, result)                                                             \
    static PyObject *use_##macro(PyObject *self, PyObject *o)                                      \
    {                                                                                              \
        if (!(guard)) {                                                                            \
            Py_RETURN_NONE;                                                                        \
        }                                                                                          \
        return (result);                                                                           \
    }
#define CHECK(macro) FUNCTION(macro, 1, PyBool_FromLong(macro(o)))
#define SIZE(macro, check) FUNCTION(macro, check(o), PyLong_FromSsize_t((Py_ssize_t)macro(o)))
#define FIELD(macro, check) FUNCTION(macro, check(o), new_reference((PyObject *)macro(o)))

static PyObject *new_reference(PyObject *o)
{
    return Py_NewRef(o != NULL ? o : Py_None);
}

static PyObject *strange(PyObject *o)
{
    return PyErr_Format(PyExc_SystemError, "strange item of type %s", Py_TYPE(o)->tp_name);
}

/* An item that was read: held for a moment, and looked into. False: it is nothing that was put there. */
static int is_sound(PyObject *item)
{
    Py_INCREF(item);
    int sound = PyLong_CheckExact(item)      ? PyLong_AsLong(item) >= 0
                : PyUnicode_CheckExact(item) ? PyUnicode_READ_CHAR(item, 0) == 's'
               : PyTuple_CheckExact(item)    ? PyTuple_GET_SIZE(item) == 2
                                             : strcmp(Py_TYPE(item)->tp_name, "removed list item") == 0;
    Py_DECREF(item);
    return sound;
}

#define ITEMS(macro, size, check)                                                                  \
    static PyObject *use_##macro(PyObject *self, PyObject *o)                                      \
    {                                                                                              \
        if (!check(o)) {                                                                           \
            Py_RETURN_NONE;                                                                        \
        }                                                                                          \
        for (Py_ssize_t i = 0; i < size(o); i++) {                                                 \
            PyObject *item = macro(o, i);                                                          \
            if (!is_sound(item)) {                                                                 \
                return strange(item);                                                              \
            }                                                                                      \
        }                                                                                          \
        return PyLong_FromSsize_t(size(o));                                                        \
    }

static PyObject *sum(const char *bytes, Py_ssize_t size)
{
    unsigned long total = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        total += (unsigned char)bytes[i];
    }
    return PyLong_FromUnsignedLong(total);
}

/* ---- object.h */
static PyObject *slot; /* under the lock that extension code has */
static PyObject *name_copy, *name_count; /* names */
#define ANY(macro, result) FUNCTION(macro, 1, result)
ANY(Py_REFCNT, PyLong_FromSsize_t(Py_REFCNT(o)))
ANY(Py_TYPE, new_reference((PyObject *)Py_TYPE(o)))
FUNCTION(Py_SIZE, PyList_Check(o) || PyByteArray_Check(o) || PyTuple_Check(o), PyLong_FromSsize_t(Py_SIZE(o)))
ANY(Py_IS_TYPE, PyBool_FromLong(Py_IS_TYPE(o, &PyList_Type)))
ANY(PyObject_TypeCheck, PyBool_FromLong(PyObject_TypeCheck(o, &PyDict_Type)))
ANY(PyType_HasFeature, PyBool_FromLong(PyType_HasFeature(Py_TYPE(o), Py_TPFLAGS_HAVE_GC)))
ANY(PyType_FastSubclass, PyBool_FromLong(PyType_FastSubclass(Py_TYPE(o), Py_TPFLAGS_LIST_SUBCLASS)))
ANY(PyType_IS_GC, PyBool_FromLong(PyType_IS_GC(Py_TYPE(o))))
ANY(Py_Is, PyBool_FromLong(Py_Is(o, self)))
CHECK(Py_IsNone)
CHECK(Py_IsTrue)
CHECK(Py_IsFalse)
ANY(Py_INCREF, (Py_INCREF(o), o))
ANY(Py_XINCREF, (Py_XINCREF(o), o))
ANY(Py_NewRef, Py_NewRef(o))
ANY(Py_XNewRef, Py_XNewRef(o))
ANY(Py_DECREF, (Py_INCREF(o), Py_INCREF(o), Py_DECREF(o), o))
ANY(Py_XDECREF, (Py_INCREF(o), Py_INCREF(o), Py_XDECREF(o), o))
static PyObject *use_Py_CLEAR(PyObject *self, PyObject *o)
{
    Py_CLEAR(slot);
    return new_reference(slot);
}
static PyObject *use_Py_SETREF(PyObject *self, PyObject *o)
{
    PyObject *mine = PyList_New(0);
    if (mine != NULL) {
        Py_SETREF(mine, Py_NewRef(o));
    }
    return mine;
}
static PyObject *use_Py_XSETREF(PyObject *self, PyObject *o)
{
    Py_XSETREF(slot, Py_NewRef(o));
    return new_reference(slot);
}
/* The next three: of an object that nobody else has. */
static PyObject *use_Py_SET_REFCNT(PyObject *self, PyObject *o)
{
    PyObject *list = PyList_New(1);
    if (list != NULL) {
        Py_SET_REFCNT(list, Py_REFCNT(list) + 1);
        Py_DECREF(list);
        PyList_SET_ITEM(list, 0, Py_NewRef(o));
    }
    return list;
}
static PyObject *use_Py_SET_SIZE(PyObject *self, PyObject *o)
{
    PyObject *list = PyList_New(3);
    if (list != NULL) {
        PyList_SET_ITEM(list, 0, Py_NewRef(o));
        Py_SET_SIZE(list, 1);
    }
    return list;
}
static PyObject *use_Py_SET_TYPE(PyObject *self, PyObject *o)
{
    PyObject *list = PyList_New(0);
    if (list != NULL) {
        Py_SET_TYPE(list, Py_TYPE(list));
    }
    return list;
}

/* ---- Lists, tuples, and what is read as one of them. */
/* A new object of two items, which nobody else has. */
#define FILLED(set, get, make)                                                                     \
    static PyObject *use_##set(PyObject *self, PyObject *o)                                        \
    {                                                                                              \
        PyObject *made = make;                                                                     \
        if (made != NULL) {                                                                        \
            set(made, 0, Py_NewRef(o));                                                            \
            set(made, 1, Py_NewRef(get(made, 0)));                                                 \
        }                                                                                          \
        return made;                                                                               \
    }
ITEMS(PyList_GET_ITEM, PyList_GET_SIZE, PyList_CheckExact)
SIZE(PyList_GET_SIZE, PyList_Check)
FILLED(PyList_SET_ITEM, PyList_GET_ITEM, PyList_New(2))
ITEMS(PyTuple_GET_ITEM, PyTuple_GET_SIZE, PyTuple_CheckExact)
SIZE(PyTuple_GET_SIZE, PyTuple_Check)
FILLED(PyTuple_SET_ITEM, PyTuple_GET_ITEM, PyTuple_New(2))
#define is_list_or_tuple(o) (PyList_CheckExact(o) || PyTuple_CheckExact(o))
ITEMS(PySequence_Fast_GET_ITEM, PySequence_Fast_GET_SIZE, is_list_or_tuple)
SIZE(PySequence_Fast_GET_SIZE, is_list_or_tuple)
static PyObject *use_PySequence_Fast_ITEMS(PyObject *self, PyObject *o)
{
    if (!is_list_or_tuple(o)) {
        Py_RETURN_NONE;
    }
    Py_ssize_t size = PySequence_Fast_GET_SIZE(o); /* first: the array is replaced when a list grows */
    PyObject **items = PySequence_Fast_ITEMS(o);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (!is_sound(items[i])) {
            return strange(items[i]);
        }
    }
    return PyLong_FromSsize_t(size);
}
FUNCTION(PySequence_ITEM, is_list_or_tuple(o) || PyByteArray_Check(o), PySequence_ITEM(o, 0))
static PyStructSequence_Field fields[] = {{"one"}, {"two"}, {NULL}};
static PyStructSequence_Desc description = {"macros.pair", NULL, fields, 2};
static PyTypeObject *pair;
FILLED(PyStructSequence_SET_ITEM, PyStructSequence_GET_ITEM, PyStructSequence_New(pair))
FUNCTION(PyStructSequence_GET_ITEM, Py_IS_TYPE(o, pair), new_reference(PyStructSequence_GET_ITEM(o, 1)))

/* ---- Bytes */
#define SUM(macro, size_of, check)                                                                 \
    static PyObject *use_##macro(PyObject *self, PyObject *o)                                      \
    {                                                                                              \
        if (!check(o)) {                                                                           \
            Py_RETURN_NONE;                                                                        \
        }                                                                                          \
        Py_ssize_t size = size_of(o); /* first */                                                  \
        return sum((const char *)macro(o), size);                                                  \
    }
SUM(PyByteArray_AS_STRING, PyByteArray_GET_SIZE, PyByteArray_Check)
SIZE(PyByteArray_GET_SIZE, PyByteArray_Check)
SUM(PyBytes_AS_STRING, PyBytes_GET_SIZE, PyBytes_Check)
SIZE(PyBytes_GET_SIZE, PyBytes_Check)
#define is_view(o) (PyMemoryView_Check(o) && !(((PyMemoryViewObject *)(o))->flags & _Py_MEMORYVIEW_RELEASED))
FUNCTION(PyMemoryView_GET_BUFFER, is_view(o),
         sum(PyMemoryView_GET_BUFFER(o)->buf, PyMemoryView_GET_BUFFER(o)->len))
FIELD(PyMemoryView_GET_BASE, is_view)

/* ---- Strings */
SIZE(PyUnicode_GET_LENGTH, PyUnicode_Check)
SIZE(PyUnicode_KIND, PyUnicode_Check)
SIZE(PyUnicode_IS_ASCII, PyUnicode_Check)
SIZE(PyUnicode_IS_COMPACT, PyUnicode_Check)
SIZE(PyUnicode_IS_COMPACT_ASCII, PyUnicode_Check)
SIZE(PyUnicode_IS_READY, PyUnicode_Check)
SIZE(PyUnicode_READY, PyUnicode_Check)
SIZE(PyUnicode_CHECK_INTERNED, PyUnicode_Check)
SIZE(PyUnicode_MAX_CHAR_VALUE, PyUnicode_Check)
#define size_of_data(o) (PyUnicode_GET_LENGTH(o) * PyUnicode_KIND(o))
SUM(PyUnicode_DATA, size_of_data, PyUnicode_Check)
SUM(PyUnicode_1BYTE_DATA, size_of_data, PyUnicode_Check)
SUM(PyUnicode_2BYTE_DATA, size_of_data, PyUnicode_Check)
SUM(PyUnicode_4BYTE_DATA, size_of_data, PyUnicode_Check)
static PyObject *use_PyUnicode_READ(PyObject *self, PyObject *o)
{
    if (!PyUnicode_Check(o)) {
        Py_RETURN_NONE;
    }
    Py_UCS4 most = 0;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(o); i++) {
        Py_UCS4 c = PyUnicode_READ(PyUnicode_KIND(o), PyUnicode_DATA(o), i);
        most = c > most ? c : most;
    }
    return most <= PyUnicode_MAX_CHAR_VALUE(o) ? PyLong_FromUnsignedLong(most) : strange(o);
}
FUNCTION(PyUnicode_READ_CHAR, PyUnicode_Check(o) && PyUnicode_GET_LENGTH(o) > 0,
         PyLong_FromUnsignedLong(PyUnicode_READ_CHAR(o, PyUnicode_GET_LENGTH(o) - 1)))
static PyObject *use_PyUnicode_WRITE(PyObject *self, PyObject *o)
{
    PyObject *s = PyUnicode_New(2, 0x1F600);
    if (s != NULL) {
        PyUnicode_WRITE(PyUnicode_KIND(s), PyUnicode_DATA(s), 0, 's');
        PyUnicode_WRITE(PyUnicode_KIND(s), PyUnicode_DATA(s), 1, 0x1F600);
    }
    return s;
}
SIZE(PyUnicode_GET_SIZE, PyUnicode_Check)
SIZE(PyUnicode_WSTR_LENGTH, PyUnicode_Check)
SUM(PyUnicode_AS_UNICODE, PyUnicode_GET_DATA_SIZE, PyUnicode_Check)
SUM(PyUnicode_AS_DATA, PyUnicode_GET_DATA_SIZE, PyUnicode_Check)
SIZE(PyUnicode_GET_DATA_SIZE, PyUnicode_Check)

/* ---- Numbers, dictionaries, sets */
FUNCTION(PyFloat_AS_DOUBLE, PyFloat_Check(o), PyFloat_FromDouble(PyFloat_AS_DOUBLE(o)))
static PyObject *use_PyLong_AS_LONG(PyObject *self, PyObject *o)
{
    long value = PyLong_Check(o) ? PyLong_AS_LONG(o) : 0;
    return value == -1 && PyErr_Occurred() ? NULL : PyLong_FromLong(value);
}
SIZE(PyDict_GET_SIZE, PyDict_Check)
SIZE(PyODict_SIZE, PyODict_Check)
SIZE(PySet_GET_SIZE, PyAnySet_Check)

/* ---- Functions, methods, code, cells, weak references, descriptors */
FIELD(PyFunction_GET_CODE, PyFunction_Check)
FIELD(PyFunction_GET_GLOBALS, PyFunction_Check)
FIELD(PyFunction_GET_MODULE, PyFunction_Check)
FIELD(PyFunction_GET_DEFAULTS, PyFunction_Check)
FIELD(PyFunction_GET_KW_DEFAULTS, PyFunction_Check)
FIELD(PyFunction_GET_CLOSURE, PyFunction_Check)
FIELD(PyFunction_GET_ANNOTATIONS, PyFunction_Check)
SIZE(PyCFunction_GET_FUNCTION, PyCFunction_Check)
SIZE(PyCFunction_GET_FLAGS, PyCFunction_Check)
FIELD(PyCFunction_GET_SELF, PyCFunction_Check)
FIELD(PyCFunction_GET_CLASS, PyCFunction_Check)
FIELD(PyMethod_GET_FUNCTION, PyMethod_Check)
FIELD(PyMethod_GET_SELF, PyMethod_Check)
FIELD(PyInstanceMethod_GET_FUNCTION, PyInstanceMethod_Check)
FUNCTION(PyCode_GetNumFree, PyCode_Check(o), PyLong_FromLong(PyCode_GetNumFree((PyCodeObject *)o)))
FIELD(PyCell_GET, PyCell_Check)
static PyObject *use_PyCell_SET(PyObject *self, PyObject *o)
{
    PyObject *cell = PyCell_New(NULL);
    if (cell != NULL) {
        PyCell_SET(cell, Py_NewRef(o));
    }
    return cell;
}
FIELD(PyWeakref_GET_OBJECT, PyWeakref_Check)
#define is_method_descriptor(o) (Py_IS_TYPE(o, &PyMethodDescr_Type) || Py_IS_TYPE(o, &PyGetSetDescr_Type))
FIELD(PyDescr_TYPE, is_method_descriptor)
FIELD(PyDescr_NAME, is_method_descriptor)
CHECK(PyExceptionClass_Check)
CHECK(PyExceptionInstance_Check)
FIELD(PyExceptionInstance_Class, PyExceptionInstance_Check)
FUNCTION(PyObject_CallMethodNoArgs, PyList_CheckExact(o) || PyDict_CheckExact(o),
         PyObject_CallMethodNoArgs(o, name_copy))
FUNCTION(PyObject_CallMethodOneArg, PyList_CheckExact(o), PyObject_CallMethodOneArg(o, name_count, o))

/* ---- Dates */
SIZE(PyDateTime_GET_YEAR, PyDate_Check)
SIZE(PyDateTime_GET_MONTH, PyDate_Check)
SIZE(PyDateTime_GET_DAY, PyDate_Check)
SIZE(PyDateTime_DATE_GET_HOUR, PyDateTime_Check)
SIZE(PyDateTime_DATE_GET_MINUTE, PyDateTime_Check)
SIZE(PyDateTime_DATE_GET_SECOND, PyDateTime_Check)
SIZE(PyDateTime_DATE_GET_MICROSECOND, PyDateTime_Check)
SIZE(PyDateTime_DATE_GET_FOLD, PyDateTime_Check)
FIELD(PyDateTime_DATE_GET_TZINFO, PyDateTime_Check)
SIZE(PyDateTime_TIME_GET_HOUR, PyTime_Check)
SIZE(PyDateTime_TIME_GET_MINUTE, PyTime_Check)
SIZE(PyDateTime_TIME_GET_SECOND, PyTime_Check)
SIZE(PyDateTime_TIME_GET_MICROSECOND, PyTime_Check)
SIZE(PyDateTime_TIME_GET_FOLD, PyTime_Check)
FIELD(PyDateTime_TIME_GET_TZINFO, PyTime_Check)
SIZE(PyDateTime_DELTA_GET_DAYS, PyDelta_Check)
SIZE(PyDateTime_DELTA_GET_SECONDS, PyDelta_Check)
SIZE(PyDateTime_DELTA_GET_MICROSECONDS, PyDelta_Check)

/* ---- Type checks */
#define CHECKS(X)                                                                                  \
    X(PyAnySet_Check) X(PyAnySet_CheckExact) X(PyAsyncGen_CheckExact) X(PyBool_Check)              \
    X(PyByteArray_Check) X(PyByteArray_CheckExact) X(PyBytes_Check) X(PyBytes_CheckExact)          \
    X(PyCFunction_Check) X(PyCFunction_CheckExact) X(PyCMethod_Check) X(PyCMethod_CheckExact)      \
    X(PyCallIter_Check) X(PyCapsule_CheckExact) X(PyCell_Check) X(PyCode_Check) X(PyComplex_Check) \
    X(PyComplex_CheckExact) X(PyContextToken_CheckExact) X(PyContextVar_CheckExact)                \
    X(PyContext_CheckExact) X(PyCoro_CheckExact) X(PyDateTime_Check) X(PyDateTime_CheckExact)      \
    X(PyDate_Check) X(PyDate_CheckExact) X(PyDelta_Check) X(PyDelta_CheckExact)                    \
    X(PyDictItems_Check) X(PyDictKeys_Check) X(PyDictValues_Check) X(PyDictViewSet_Check)          \
    X(PyDict_Check) X(PyDict_CheckExact) X(PyFloat_Check) X(PyFloat_CheckExact) X(PyFrame_Check)   \
    X(PyFrozenSet_Check) X(PyFrozenSet_CheckExact) X(PyFunction_Check) X(PyGen_Check)              \
    X(PyGen_CheckExact) X(PyInstanceMethod_Check) X(PyList_Check) X(PyList_CheckExact)             \
    X(PyLong_Check) X(PyLong_CheckExact) X(PyMemoryView_Check) X(PyMethod_Check)                   \
    X(PyModule_Check) X(PyModule_CheckExact) X(PyODict_Check) X(PyODict_CheckExact)                \
    X(PyPickleBuffer_Check) X(PyRange_Check) X(PySeqIter_Check) X(PySet_Check) X(PySet_CheckExact) \
    X(PySlice_Check) X(PyTZInfo_Check) X(PyTZInfo_CheckExact) X(PyTime_Check)                      \
    X(PyTime_CheckExact) X(PyTraceBack_Check) X(PyTuple_Check) X(PyTuple_CheckExact)               \
    X(PyType_Check) X(PyType_CheckExact) X(PyUnicode_Check) X(PyUnicode_CheckExact)                \
    X(PyWeakref_Check) X(PyWeakref_CheckProxy) X(PyWeakref_CheckRef) X(PyWeakref_CheckRefExact)
CHECKS(CHECK)

/* ---- The module */
#define OTHERS(X)                                                                                  \
    X(Py_REFCNT) X(Py_TYPE) X(Py_SIZE) X(Py_IS_TYPE) X(PyObject_TypeCheck) X(PyType_HasFeature)    \
    X(PyType_FastSubclass) X(PyType_IS_GC) X(Py_Is) X(Py_IsNone) X(Py_IsTrue) X(Py_IsFalse)        \
    X(Py_INCREF) X(Py_XINCREF) X(Py_NewRef) X(Py_XNewRef) X(Py_DECREF) X(Py_XDECREF) X(Py_CLEAR)   \
    X(Py_SETREF) X(Py_XSETREF) X(Py_SET_REFCNT) X(Py_SET_SIZE) X(Py_SET_TYPE) X(PyList_GET_ITEM)   \
    X(PyList_GET_SIZE) X(PyList_SET_ITEM) X(PyTuple_GET_ITEM) X(PyTuple_GET_SIZE)                  \
    X(PyTuple_SET_ITEM) X(PySequence_Fast_GET_ITEM) X(PySequence_Fast_GET_SIZE)                    \
    X(PySequence_Fast_ITEMS) X(PySequence_ITEM) X(PyStructSequence_SET_ITEM)                       \
    X(PyStructSequence_GET_ITEM) X(PyByteArray_AS_STRING) X(PyByteArray_GET_SIZE)                  \
    X(PyBytes_AS_STRING) X(PyBytes_GET_SIZE) X(PyMemoryView_GET_BUFFER) X(PyMemoryView_GET_BASE)   \
    X(PyUnicode_GET_LENGTH) X(PyUnicode_KIND) X(PyUnicode_IS_ASCII) X(PyUnicode_IS_COMPACT)        \
    X(PyUnicode_IS_COMPACT_ASCII) X(PyUnicode_IS_READY) X(PyUnicode_READY)                         \
    X(PyUnicode_CHECK_INTERNED) X(PyUnicode_MAX_CHAR_VALUE) X(PyUnicode_DATA)                      \
    X(PyUnicode_1BYTE_DATA) X(PyUnicode_2BYTE_DATA) X(PyUnicode_4BYTE_DATA) X(PyUnicode_READ)      \
    X(PyUnicode_READ_CHAR) X(PyUnicode_WRITE) X(PyUnicode_GET_SIZE) X(PyUnicode_WSTR_LENGTH)       \
    X(PyUnicode_AS_UNICODE) X(PyUnicode_AS_DATA) X(PyUnicode_GET_DATA_SIZE) X(PyFloat_AS_DOUBLE)   \
    X(PyLong_AS_LONG) X(PyDict_GET_SIZE) X(PyODict_SIZE) X(PySet_GET_SIZE) X(PyFunction_GET_CODE)  \
    X(PyFunction_GET_GLOBALS) X(PyFunction_GET_MODULE) X(PyFunction_GET_DEFAULTS)                  \
    X(PyFunction_GET_KW_DEFAULTS) X(PyFunction_GET_CLOSURE) X(PyFunction_GET_ANNOTATIONS)          \
    X(PyCFunction_GET_FUNCTION) X(PyCFunction_GET_FLAGS) X(PyCFunction_GET_SELF)                   \
    X(PyCFunction_GET_CLASS) X(PyMethod_GET_FUNCTION) X(PyMethod_GET_SELF)                         \
    X(PyInstanceMethod_GET_FUNCTION) X(PyCode_GetNumFree) X(PyCell_GET) X(PyCell_SET)              \
    X(PyWeakref_GET_OBJECT) X(PyDescr_TYPE) X(PyDescr_NAME) X(PyExceptionClass_Check)              \
    X(PyExceptionInstance_Check) X(PyExceptionInstance_Class) X(PyObject_CallMethodNoArgs)         \
    X(PyObject_CallMethodOneArg) X(PyDateTime_GET_YEAR) X(PyDateTime_GET_MONTH)                    \
    X(PyDateTime_GET_DAY) X(PyDateTime_DATE_GET_HOUR) X(PyDateTime_DATE_GET_MINUTE)                \
    X(PyDateTime_DATE_GET_SECOND) X(PyDateTime_DATE_GET_MICROSECOND) X(PyDateTime_DATE_GET_FOLD)   \
    X(PyDateTime_DATE_GET_TZINFO) X(PyDateTime_TIME_GET_HOUR) X(PyDateTime_TIME_GET_MINUTE)        \
    X(PyDateTime_TIME_GET_SECOND) X(PyDateTime_TIME_GET_MICROSECOND) X(PyDateTime_TIME_GET_FOLD)   \
    X(PyDateTime_TIME_GET_TZINFO) X(PyDateTime_DELTA_GET_DAYS) X(PyDateTime_DELTA_GET_SECONDS)     \
    X(PyDateTime_DELTA_GET_MICROSECONDS)
#define ROW(macro) {#macro, use_##macro, METH_O, NULL},

static PyObject *instance_method(PyObject *self, PyObject *o)
{
    return PyInstanceMethod_New(o);
}

static PyMethodDef functions[] = {CHECKS(ROW) OTHERS(ROW){"instance_method", instance_method, METH_O, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "macros_module", NULL, -1, functions};

PyMODINIT_FUNC PyInit_macros_module(void)
{
    PyDateTime_IMPORT;
    name_copy = PyUnicode_InternFromString("copy");
    name_count = PyUnicode_InternFromString("count");
    pair = PyStructSequence_NewType(&description);
    return pair != NULL && PyDateTimeAPI != NULL ? PyModule_Create(&module) : NULL;
}
