/* SPDX-License-Identifier: MIT */
/* Modules made from code objects, and what importlib knows. */
#include "capi/capi_int.h"
#include "module/import.h"
#include "module/sys.h"

static PyObject *call_importlib(const char *function, PyObject *a, PyObject *b, PyObject *c,
                                PyObject *d)
{
    PyObject *module = PyImport_ImportModule("importlib._bootstrap_external");
    PyObject *result =
        module == NULL ? NULL : PyObject_CallMethod(module, function, "OOOO", a, b, c, d);
    Py_XDECREF(module);
    return result;
}

/* __builtins__, __file__, __spec__ and so on. 0 or -1. */
static int prepare_namespace(PyObject *dict, PyObject *name, PyObject *path, PyObject *cached)
{
    if (PyDict_SetDefault(dict, PyUnicode_InternFromString("__builtins__"), PyEval_GetBuiltins()) ==
        NULL) {
        return -1;
    }
    if (path == NULL && cached == NULL) {
        return 0;
    }
    PyObject *done = call_importlib("_fix_up_module", dict, name, path == NULL ? cached : path,
                                    cached == NULL ? Py_None : cached);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

PyObject *PyImport_ExecCodeModuleObject(PyObject *name, PyObject *code, PyObject *path,
                                        PyObject *cached)
{
    PyObject *module = PyImport_AddModuleObject(name);
    PyObject *dict = module == NULL ? NULL : PyModule_GetDict(module), *result = NULL;
    if (dict != NULL && prepare_namespace(dict, name, path == NULL ? NULL : path, cached) == 0) {
        if (path == NULL &&
            PyDict_SetItemString(dict, "__file__", ((PyCodeObject *)code)->co_filename) < 0) {
            PyErr_Clear();
        }
        result = PyEval_EvalCode(code, dict, dict);
    }
    if (result == NULL) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        if (PyObject_DelItem(PyImport_GetModuleDict(), name) < 0) {
            PyErr_Clear();
        }
        PyErr_Restore(type, value, traceback);
        return NULL;
    }
    Py_DECREF(result);
    module = PyImport_GetModule(name);
    if (module == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ImportError, "Loaded module %R not found in sys.modules", name);
    }
    return module;
}

PyObject *PyImport_ExecCodeModuleWithPathnames(const char *name, PyObject *code, const char *path,
                                               const char *cached)
{
    PyObject *n = PyUnicode_FromString(name);
    PyObject *p = path == NULL ? NULL : PyUnicode_DecodeFSDefault(path);
    PyObject *c = cached == NULL ? NULL : PyUnicode_DecodeFSDefault(cached);
    PyObject *module = NULL;
    if (n != NULL && (p != NULL || path == NULL) && (c != NULL || cached == NULL)) {
        module = PyImport_ExecCodeModuleObject(n, code, p, c);
    }
    Py_XDECREF(n);
    Py_XDECREF(p);
    Py_XDECREF(c);
    return module;
}

PyObject *PyImport_ExecCodeModuleEx(const char *name, PyObject *code, const char *path)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, path, NULL);
}

PyObject *PyImport_ExecCodeModule(const char *name, PyObject *code)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, NULL, NULL);
}

/* ---- Frozen modules: there are none, but those that the program names are none either. */

static const struct _frozen no_frozen[1];
const struct _frozen *PyImport_FrozenModules = no_frozen;

int PyImport_ImportFrozenModuleObject(PyObject *name)
{
    return 0;
}

int PyImport_ImportFrozenModule(const char *name)
{
    return 0;
}

/* ---- What importlib knows. */

PyObject *PyImport_GetImporter(PyObject *path)
{
    PyObject *pkgutil = PyImport_ImportModule("pkgutil");
    PyObject *importer =
        pkgutil == NULL ? NULL : PyObject_CallMethod(pkgutil, "get_importer", "O", path);
    Py_XDECREF(pkgutil);
    return importer;
}

long PyImport_GetMagicNumber(void)
{
    PyObject *module = PyImport_ImportModule("importlib._bootstrap_external");
    PyObject *number = module == NULL ? NULL : PyObject_GetAttrString(module, "_RAW_MAGIC_NUMBER");
    long n = number == NULL ? -1 : PyLong_AsLong(number);
    Py_XDECREF(module);
    Py_XDECREF(number);
    return n;
}

const char *PyImport_GetMagicTag(void)
{
    return OROCHI_CACHE_TAG;
}

PyAPI_FUNC(void) _PyImport_AcquireLock(void);
void _PyImport_AcquireLock(void)
{
    struct thread *t = capi_enter();
    import_lock_acquire();
    capi_leave(t);
}

PyAPI_FUNC(int) _PyImport_ReleaseLock(void);
int _PyImport_ReleaseLock(void)
{
    struct thread *t = capi_enter();
    int status = import_lock_release_mine();
    return capi_return_int(t, status);
}
