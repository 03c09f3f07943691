"""Functions of the C API that few modules use: text, codecs, errors, warnings, functions, files, threads."""
import os
import re
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import FOLDER, build_module

SOURCE = r'''
#include <pthread.h>
static PyObject *s(const char *t) { return PyUnicode_FromString(t); }
static PyObject *add(PyObject *list, const char *name, PyObject *value) {
    PyObject *type, *v, *tb;
    PyErr_Fetch(&type, &v, &tb);
    if (type != NULL) {
        PyErr_NormalizeException(&type, &v, &tb);
        Py_XDECREF(value);
        value = PyUnicode_FromFormat("%R", v);
    }
    PyObject *pair = Py_BuildValue("(sN)", name, value == NULL ? Py_NewRef(Py_None) : value);
    PyList_Append(list, pair);
    Py_DECREF(pair);
    Py_XDECREF(type); Py_XDECREF(v); Py_XDECREF(tb);
    return list;
}
#define ADD(expression) add(out, #expression, expression)
#define NUM(expression) add(out, #expression, PyLong_FromSsize_t(expression))

static PyObject *text(PyObject *m, PyObject *unused) {
    PyObject *out = PyList_New(0), *a = s("one two two"), *two = s("two"), *blank = s(" ");
    NUM(PyUnicode_Count(a, two, 0, 99)); NUM(PyUnicode_Find(a, two, 0, 99, 1)); NUM(PyUnicode_Find(a, two, 0, 99, -1));
    NUM(PyUnicode_Find(a, s("x"), 0, 9, 1)); ADD(PyUnicode_Partition(a, blank)); ADD(PyUnicode_RPartition(a, blank));
    ADD(PyUnicode_RSplit(a, blank, 1)); ADD(PyUnicode_RSplit(a, NULL, -1)); ADD(PyUnicode_RichCompare(a, two, Py_LT));
    ADD(PyUnicode_RichCompare(a, Py_None, Py_EQ)); ADD(PyUnicode_Translate(a, Py_BuildValue("{i:i}", 'o', '0'), NULL));
    ADD(s(PyUnicode_GetDefaultEncoding())); ADD(PyUnicode_AsUTF16String(two)); ADD(PyUnicode_AsUTF32String(two));
    ADD(PyUnicode_AsUnicodeEscapeString(s("\xc3\xa4\n"))); ADD(PyUnicode_AsRawUnicodeEscapeString(s("\xe2\x82\xac")));
    ADD(PyUnicode_DecodeUnicodeEscape("\\u20ac", 6, NULL)); ADD(PyUnicode_DecodeRawUnicodeEscape("\\u20ac", 6, NULL));
    ADD(PyUnicode_DecodeUTF7("a+AOQ-", 6, NULL)); ADD(PyUnicode_DecodeCharmap("ab", 2, Py_BuildValue("{i:s,i:s}", 'a', "x", 'b', "y"), NULL));
    ADD(PyUnicode_AsCharmapString(two, Py_BuildValue("{i:i,i:i,i:i}", 't', 1, 'w', 2, 'o', 3)));
    int order = 0; Py_ssize_t used = -1;
    ADD(PyUnicode_DecodeUTF16Stateful("\xff\xfe" "a\0b\0c", 7, NULL, &order, &used)); NUM(order); NUM(used);
    order = 1;
    ADD(PyUnicode_DecodeUTF32Stateful("\0\0\0a", 4, NULL, &order, NULL)); NUM(order);
    ADD(PyUnicode_DecodeUTF16Stateful("a", 1, NULL, NULL, NULL)); ADD(PyUnicode_DecodeLocaleAndSize("abc", 3, NULL));
    ADD(PyCodec_Encode(two, "rot13", NULL)); ADD(PyCodec_Decode(PyBytes_FromString("dHdv\n"), "base64", "strict"));
    ADD(PyObject_ASCII(s("\xc3\xa4"))); ADD(PyBytes_Repr(PyBytes_FromString("it's"), 1)); ADD(PyBytes_DecodeEscape("\\x41\\n", 6, NULL, 0, NULL));
    PyObject *b = PyBytes_FromString("ab");
    PyBytes_ConcatAndDel(&b, PyBytes_FromString("cd")); ADD(Py_NewRef(b)); PyBytes_Concat(&b, Py_None); ADD(b);
    ADD(PyByteArray_Concat(PyBytes_FromString("x"), PyBytes_FromString("y")));
    PyObject *ba = PyByteArray_FromStringAndSize("hello", 5);
    NUM(PyByteArray_Resize(ba, 2)); ADD(Py_NewRef(ba));
    return out;
}

static PyObject *errors(PyObject *m, PyObject *unused) {
    PyObject *out = PyList_New(0), *e = PyUnicodeDecodeError_Create("utf-8", "abc", 3, 1, 2, "why");
    Py_ssize_t n;
    ADD(PyUnicodeDecodeError_GetEncoding(e)); ADD(PyUnicodeDecodeError_GetObject(e)); ADD(PyUnicodeDecodeError_GetReason(e));
    PyUnicodeDecodeError_GetStart(e, &n); NUM(n); PyUnicodeDecodeError_GetEnd(e, &n); NUM(n);
    PyUnicodeDecodeError_SetEnd(e, 99); PyUnicodeDecodeError_GetEnd(e, &n); NUM(n);
    PyObject *t = PyObject_CallFunction(PyExc_UnicodeTranslateError, "snns", "text", 1, 2, "r");
    NUM(PyUnicodeTranslateError_SetStart(t, 2)); NUM(PyUnicodeTranslateError_SetReason(t, "new")); ADD(PyUnicodeTranslateError_GetReason(t));
    PyUnicodeTranslateError_GetStart(t, &n); NUM(n); ADD(PyUnicodeTranslateError_GetObject(t));
    PyObject *en = PyObject_CallFunction(PyExc_UnicodeEncodeError, "ssnns", "ascii", "text", 1, 2, "r");
    ADD(PyUnicodeEncodeError_GetEncoding(en)); ADD(PyCodec_ReplaceErrors(en)); ADD(PyCodec_XMLCharRefReplaceErrors(en));
    ADD(PyCodec_BackslashReplaceErrors(en)); ADD(PyCodec_NameReplaceErrors(en)); ADD(PyCodec_IgnoreErrors(en));
    ADD(PyErr_SetImportError(s("message"), s("name"), s("path"))); ADD(PyErr_SetImportErrorSubclass(PyExc_KeyError, s("m"), NULL, NULL));
    ADD(PyErr_SetImportErrorSubclass(PyExc_ModuleNotFoundError, s("m"), NULL, NULL)); ADD(s(PyExceptionClass_Name(PyExc_KeyError)));
    PyErr_SetString(PyExc_SyntaxError, "wrong");
    PyErr_SyntaxLocationEx("no/file.py", 3, 5);
    PyObject *type, *v, *tb;
    PyErr_Fetch(&type, &v, &tb); PyErr_NormalizeException(&type, &v, &tb);
    ADD(PyObject_GetAttrString(v, "filename")); ADD(PyObject_GetAttrString(v, "lineno")); ADD(PyObject_GetAttrString(v, "offset"));
    ADD(PyErr_ProgramText("no/file.py", 1));
    NUM(PyErr_ResourceWarning(NULL, 1, "%s left", "it")); NUM(PyErr_WarnExplicit(PyExc_UserWarning, "explicit", "f.py", 7, "mod", NULL));
    NUM(PyErr_WarnExplicitFormat(PyExc_UserWarning, "f.py", 8, "mod", NULL, "%d", 5));
    return out;
}

static PyObject *objects(PyObject *m, PyObject *f) {
    PyObject *out = PyList_New(0), *list = Py_BuildValue("[iiii]", 5, 6, 5, 7), *five = PyLong_FromLong(5), *nine = PyLong_FromLong(9);
    NUM(PySequence_Index(list, PyLong_FromLong(7))); NUM(PySequence_Count(list, five)); NUM(PySequence_Index(list, nine));
    NUM(PySequence_DelItem(list, 1)); ADD(Py_NewRef(list)); NUM(PySequence_Length(list)); NUM(PySequence_In(list, five));
    PyObject *d = PyDict_New();
    NUM(PyMapping_SetItemString(d, "k", five)); NUM(PyDict_MergeFromSeq2(d, Py_BuildValue("[(si)[si]]", "a", 1, "k", 2), 0)); ADD(Py_NewRef(d));
    NUM(PyDict_MergeFromSeq2(d, Py_BuildValue("[(sii)]", "a", 1, 2), 1)); NUM(PyObject_DelItemString(d, "k")); NUM(PyMapping_Length(d));
    ADD(PyNumber_InPlacePower(five, PyLong_FromLong(3), Py_None)); NUM(PyAIter_Check(list)); ADD(PyObject_GetAIter(list));
    const void *data; const char *chars; void *writable; Py_ssize_t size;
    PyObject *bytes = PyBytes_FromString("bytes");
    NUM(PyObject_CheckReadBuffer(bytes)); NUM(PyObject_AsReadBuffer(bytes, &data, &size)); NUM(size); NUM(PyObject_AsWriteBuffer(bytes, &writable, &size));
    NUM(PyObject_AsCharBuffer(bytes, &chars, &size)); ADD(PyUnicode_FromStringAndSize(chars, size));
    ADD(PyFunction_GetKwDefaults(f) ? Py_NewRef(PyFunction_GetKwDefaults(f)) : NULL); ADD(Py_XNewRef(PyFunction_GetAnnotations(f)));
    NUM(PyFunction_SetDefaults(f, Py_BuildValue("(ii)", 10, 20))); ADD(PyObject_CallFunction(f, NULL));
    NUM(PyFunction_SetKwDefaults(f, Py_BuildValue("{s:i}", "c", 30))); ADD(PyObject_CallFunction(f, NULL));
    NUM(PyFunction_SetDefaults(f, five)); NUM(PyFunction_SetClosure(list, Py_None));
    PyObject *g = PyFunction_NewWithQualName(PyFunction_GetCode(f), PyFunction_GetGlobals(f), s("Q.g"));
    ADD(PyObject_GetAttrString(g, "__qualname__"));
    PyObject *cell = PyCell_New(NULL);
    ADD(PyCell_Get(cell)); NUM(PyCell_Set(cell, five)); ADD(PyCell_Get(cell)); ADD(PyCell_Get(list));
    PyObject *o = PyODict_New();
    NUM(PyODict_SetItem(o, five, nine)); NUM(PyODict_SetItem(o, nine, five)); NUM(PyODict_DelItem(o, five)); ADD(o);
    NUM(Py_ReprEnter(list)); NUM(Py_ReprEnter(list)); Py_ReprLeave(list); NUM(Py_ReprEnter(list)); Py_ReprLeave(list);
    ADD(PyEval_CallObjectWithKeywords((PyObject *)&PyLong_Type, Py_BuildValue("(s)", "12"), NULL));
    ADD(PyEval_CallMethod(s("a,b"), "split", "(s)", ",")); ADD(PyEval_CallFunction((PyObject *)&PyTuple_Type, "((ii))", 1, 2));
    NUM(Py_GetRecursionLimit()); NUM(PyVectorcall_Function(five) != NULL);
    ADD(PyFloat_FromDouble(PyFloat_GetMax())); ADD(PyFloat_GetInfo()); ADD(PyLong_GetInfo());
    NUM(Py_IsNone(Py_None)); NUM(Py_IsTrue(Py_False)); NUM(Py_IsFalse(Py_False));
    Py_ssize_t i, j, k;
    NUM(PySlice_GetIndices(PySlice_New(five, NULL, NULL), 8, &i, &j, &k)); NUM(i); NUM(j); NUM(k);
    NUM(PySlice_GetIndices(PySlice_New(nine, NULL, NULL), 8, &i, &j, &k));
    ADD(Py_CompileStringFlags("1+", "f", Py_eval_input, NULL)); ADD(PyObject_CallMethod(PyFile_OpenCode("/dev/null"), "read", NULL));
    NUM(PyGC_Collect() >= 0);
    PyObject *code = Py_CompileString("x = __name__, __file__\n", "made.py", Py_file_input);
    PyObject *module = PyImport_ExecCodeModuleEx("made_here", code, "made.py");
    ADD(PyObject_GetAttrString(module, "x")); ADD(PyImport_ExecCodeModule("fails", Py_CompileString("1/0", "f", Py_file_input)));
    NUM(PyDict_GetItemString(PyImport_GetModuleDict(), "fails") == NULL); NUM(PyImport_ImportFrozenModule("nothing"));
    ADD(PyObject_GetAttrString((PyObject *)Py_TYPE(PyImport_GetImporter(s("/usr/lib"))), "__name__"));
    PyObject *printer = PyFile_NewStdPrinter(1);
    fflush(stdout);
    ADD(PyObject_CallMethod(printer, "fileno", NULL)); ADD(PyObject_CallMethod(printer, "flush", NULL)); ADD(PyObject_GetAttrString(printer, "mode"));
    ADD(PyFile_NewStdPrinter(77)); ADD(s(PyModule_GetFilename(module)));
    return out;
}

static PyThreadState *made;
static PyObject *called;
static void *take(void *p) {
    PyEval_AcquireThread(made);
    called = PyLong_FromLong(PyThreadState_Get() == made);
    PyEval_ReleaseThread(made);
    return NULL;
}
static void *forget(void *p) {
    PyGILState_Ensure();
    PyEval_SaveThread();
    return NULL;
}
static PyObject *threads(PyObject *m, PyObject *unused) {
    PyObject *out = PyList_New(0);
    pthread_t t;
    for (int i = 0; i < 3; i++) {
        made = PyThreadState_New(PyInterpreterState_Get());
        if (i < 2) {
            Py_BEGIN_ALLOW_THREADS
            pthread_create(&t, NULL, take, NULL);
            pthread_join(t, NULL);
            Py_END_ALLOW_THREADS
            ADD(called);
        }
        NUM(PyInterpreterState_ThreadHead(PyInterpreterState_Get()) != NULL);
        PyThreadState_Clear(made);
        PyThreadState_Delete(made);
    }
    for (int i = 0; i < 3; i++) {
        Py_BEGIN_ALLOW_THREADS
        pthread_create(&t, NULL, forget, NULL);
        pthread_join(t, NULL);
        Py_END_ALLOW_THREADS
        PyGC_Collect();
    }
    NUM(PyEval_ThreadsInitialized()); NUM(PyThread_get_thread_native_id() > 0);
    int key = PyThread_create_key();
    NUM(PyThread_set_key_value(key, out)); NUM(PyThread_get_key_value(key) == out);
    PyThread_delete_key_value(key); NUM(PyThread_get_key_value(key) == NULL);
    NUM(PyThread_set_stacksize(1)); NUM(PyThread_set_stacksize(1 << 20)); NUM(PyThread_get_stacksize()); NUM(PyThread_set_stacksize(0));
    NUM(PyErr_SetInterruptEx(2)); NUM(PyOS_InterruptOccurred()); NUM(PyOS_InterruptOccurred()); NUM(PyErr_SetInterruptEx(9999));
    PyErr_SetInterrupt();
    NUM(PyErr_CheckSignals());
    return out;
}
static PyMethodDef methods[] = {{"text", text, METH_NOARGS, ""}, {"errors", errors, METH_NOARGS, ""},
    {"objects", objects, METH_O, ""}, {"threads", threads, METH_NOARGS, ""}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "rare", "", -1, methods};
PyMODINIT_FUNC PyInit_rare(void) { return PyModule_Create(&def); }
'''
rare = build_module("rare", SOURCE)


def f(a=1, b: int = 2, *, c=3):
    return a, b, c


for function in (rare.text, rare.errors, lambda: rare.objects(f), rare.threads):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name, value in function():
            print(name, "=", re.sub(r"\.\./\S+: bad", "bad", repr(value).replace(FOLDER.name, "")))
    print([(str(w.message), w.category.__name__, w.lineno) for w in caught if w.lineno < 10])
