"""Characters (Py_UNICODE_ISALPHA and its like), strings that change before they are seen, fields, bound
slot wrappers, pickle buffers, arenas and what else few packages ask for."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
#include <structmember.h>
#include <signal.h>

static PyObject *character(PyObject *self, PyObject *args)
{
    int c;
    if (!PyArg_ParseTuple(args, "i", &c)) {
        return NULL;
    }
    return Py_BuildValue("iiiiiiiiiiiiiIIId", Py_UNICODE_ISALPHA(c), Py_UNICODE_ISDECIMAL(c), Py_UNICODE_ISDIGIT(c),
                         Py_UNICODE_ISNUMERIC(c), Py_UNICODE_ISALNUM(c), Py_UNICODE_ISLOWER(c), Py_UNICODE_ISUPPER(c),
                         Py_UNICODE_ISTITLE(c), Py_UNICODE_ISSPACE(c), Py_UNICODE_ISLINEBREAK(c),
                         Py_UNICODE_ISPRINTABLE(c), Py_UNICODE_TODECIMAL(c), Py_UNICODE_TODIGIT(c),
                         Py_UNICODE_TOLOWER(c), Py_UNICODE_TOUPPER(c), Py_UNICODE_TOTITLE(c),
                         Py_UNICODE_TONUMERIC(c));
}

static PyObject *failure(void)
{
    PyObject *type, *value, *traceback, *result;
    PyErr_Fetch(&type, &value, &traceback);
    result = PyUnicode_FromFormat("%s: %S", ((PyTypeObject *)type)->tp_name, value);
    return result;
}

static PyObject *strings(PyObject *self, PyObject *unused)
{
    PyObject *list = PyList_New(0), *s = PyUnicode_New(5, 127), *wide = PyUnicode_New(3, 0x10FFFF), *nothing = NULL;
    for (int i = 0; i < 5; i++) {
        PyUnicode_WriteChar(s, i, 'a' + i);
    }
    for (int i = 0; i < 3; i++) {
        PyUnicode_WriteChar(wide, i, 0x1F600 + i);
    }
    int statuses[] = {PyUnicode_WriteChar(s, 5, 'x'), 0, 0, 0, 0};
    PyList_Append(list, failure());
    statuses[1] = PyUnicode_WriteChar(s, 0, 0x100);
    PyList_Append(list, failure());
    statuses[2] = PyUnicode_Resize(&s, 7);
    PyUnicode_WriteChar(s, 5, 'y');
    PyUnicode_WriteChar(s, 6, 'z');
    statuses[3] = PyUnicode_Resize(&wide, 2);
    PyObject *same = wide;
    PyUnicode_Resize(&wide, 2);
    PyList_Append(list, PyBool_FromLong(same == wide));
    statuses[4] = PyUnicode_Resize(&nothing, 2);
    PyErr_Clear();
    for (int i = 0; i < 5; i++) {
        PyList_Append(list, PyLong_FromLong(statuses[i]));
    }
    PyList_Append(list, s);
    PyList_Append(list, wide);
    PyList_Append(list, PyLong_FromSsize_t(PyUnicode_GetSize(wide)));
    PyObject_Hash(s);
    PyList_Append(list, PyLong_FromLong(PyUnicode_WriteChar(s, 0, 'q')));
    PyList_Append(list, failure());
    PyList_Append(list, _PyUnicode_AsUTF8String(wide, NULL));
    PyList_Append(list, _PyUnicode_AsASCIIString(wide, "backslashreplace"));
    PyList_Append(list, _PyUnicode_AsLatin1String(wide, "ignore"));
    return list;
}

struct fields { int i; double d; char *s; PyObject *o; };
static PyObject *members(PyObject *self, PyObject *value)
{
    struct fields f = {41, 1.5, "text", NULL};
    PyMemberDef defs[] = {{"i", T_INT, offsetof(struct fields, i)}, {"d", T_DOUBLE, offsetof(struct fields, d)},
                          {"s", T_STRING, offsetof(struct fields, s)}, {"o", T_OBJECT, offsetof(struct fields, o)}};
    PyObject *list = PyList_New(0);
    PyMember_SetOne((char *)&f, &defs[0], PyLong_FromLong(42));
    for (int i = 0; i < 3; i++) {
        PyList_Append(list, PyMember_GetOne((char *)&f, &defs[i]));
    }
    PyList_Append(list, PyMember_GetOne((char *)&f, &defs[3]));
    PyMember_SetOne((char *)&f, &defs[3], value);
    PyList_Append(list, PyMember_GetOne((char *)&f, &defs[3]));
    PyList_Append(list, PyLong_FromLong(PyMember_SetOne((char *)&f, &defs[2], value)));
    PyList_Append(list, failure());
    return list;
}

static PyObject *bound_wrapper(PyObject *self, PyObject *args)
{
    PyObject *descriptor, *object;
    return PyArg_ParseTuple(args, "OO", &descriptor, &object) ? PyWrapper_New(descriptor, object) : NULL;
}

static PyObject *pickle_buffer(PyObject *self, PyObject *object)
{
    PyObject *buffer = PyPickleBuffer_FromObject(object);
    if (buffer == NULL) {
        return NULL;
    }
    const Py_buffer *view = PyPickleBuffer_GetBuffer(buffer);
    PyObject *bytes = PyBytes_FromStringAndSize(view->buf, view->len);
    int status = PyPickleBuffer_Release(buffer);
    PyObject *after = PyPickleBuffer_GetBuffer(buffer) == NULL ? failure() : Py_None;
    PyObject *wrong = PyPickleBuffer_GetBuffer(bytes) == NULL ? failure() : Py_None;
    return Py_BuildValue("NiiNN", bytes, status, PyPickleBuffer_Check(buffer), after, wrong);
}

static PyObject *others(PyObject *self, PyObject *object)
{
    PyObjectArenaAllocator arenas;
    PyObject_GetArenaAllocator(&arenas);
    char *p = arenas.alloc(arenas.ctx, 1 << 18);
    p[0] = p[(1 << 18) - 1] = 1;
    arenas.free(arenas.ctx, p, 1 << 18);
    PyObject_SetArenaAllocator(&arenas);
    _Py_IncRef(object);
    _Py_DecRef(object);
    PyHash_FuncDef *hash = PyHash_GetFuncDef();
    PyObject *bytes = PyBytes_FromString("some bytes");
    int same = hash->hash(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes)) == PyObject_Hash(bytes);
    signal(SIGXFSZ, SIG_IGN);
    _Py_RestoreSignals();
    int restored = signal(SIGXFSZ, SIG_IGN) == SIG_DFL;
    return Py_BuildValue("siiiiiiO", hash->name, hash->hash_bits, hash->seed_bits, same, restored,
                         PyType_SUPPORTS_WEAKREFS(Py_TYPE(object)), PyType_SUPPORTS_WEAKREFS(&PyLong_Type),
                         *PyObject_GET_WEAKREFS_LISTPTR(object) != NULL ? Py_True : Py_False);
}

static PyObject *metaclass(PyObject *self, PyObject *args)
{
    PyObject *metatype, *bases;
    if (!PyArg_ParseTuple(args, "OO", &metatype, &bases)) {
        return NULL;
    }
    PyObject *winner = (PyObject *)_PyType_CalculateMetaclass((PyTypeObject *)metatype, bases);
    Py_XINCREF(winner);
    return winner;
}

static PyObject *set_update(PyObject *self, PyObject *args)
{
    PyObject *set, *items;
    if (!PyArg_ParseTuple(args, "OO", &set, &items) || _PySet_Update(set, items) < 0) {
        return NULL;
    }
    Py_INCREF(set);
    return set;
}

static PyMethodDef functions[] = {
    {"metaclass", metaclass, METH_VARARGS}, {"set_update", set_update, METH_VARARGS},
    {"character", character, METH_VARARGS}, {"strings", strings, METH_NOARGS}, {"members", members, METH_O},
    {"bound_wrapper", bound_wrapper, METH_VARARGS},
    {"pickle_buffer", pickle_buffer, METH_O}, {"others", others, METH_O}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "rarer", NULL, -1, functions};
PyMODINIT_FUNC PyInit_rarer(void) { return PyModule_Create(&module); }
'''
m = build_module("rarer", SOURCE)

import weakref

print([m.character(c) for c in map(ord, "aZ5\u00b2\u01c5\u0660\u2167\u00df\n\u2028 \u4e94\U0001f600\u00bd")])
print(m.strings())
print(m.members([1]))
print(m.bound_wrapper(int.__add__, 5)(6), m.bound_wrapper(list.__len__, [1, 2])())
print(m.pickle_buffer(b"data"), m.pickle_buffer(bytearray(b"more")))


class C:
    pass


c = C()
before = m.others(c)
reference = weakref.ref(c)
print(before, m.others(c))


class Meta(type):
    pass


class Other(type):
    pass


class Plain:
    pass


M, O = Meta("M", (), {}), Other("O", (), {})
print(m.metaclass(type, (Plain, M)), m.metaclass(Meta, (Plain,)), m.metaclass(type, ()))
s, f = {1}, frozenset()
print(m.set_update(s, "ab") is s, sorted(map(str, s)))
for f, *args in (m.metaclass, type, (M, O)), (m.set_update, {1}, 5), (m.set_update, {1}, [[]]), (m.set_update, frozenset(), []):
    try:
        f(*args)
    except Exception as e:
        print(type(e).__name__, str(e).rpartition("/")[2] if type(e) is not SystemError else "")
