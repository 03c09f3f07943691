/* SPDX-License-Identifier: MIT */
/* Running what C files (FILE *) hold: whole programs, and statements one by one, as at a prompt.
 * Written like extension code, with the C API. */
#include <stdlib.h>
#include <unistd.h>

#include <Python.h>

#include <marshal.h>

#include "capi/capi_int.h"
#include "compile/compile.h"

/* sys.stdout and sys.stderr; an exception that is set stays. */
static void flush_streams(void)
{
    static const char *const streams[] = {"stderr", "stdout"};
    for (size_t i = 0; i < 2; i++) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyObject *stream = PySys_GetObject(streams[i]);
        PyObject *done = stream == NULL ? NULL : PyObject_CallMethod(stream, "flush", NULL);
        Py_XDECREF(done);
        PyErr_Restore(type, value, traceback);
    }
}

/* ---- Whole files. */

/* What is left of the file, with a null byte behind it, in malloc memory. NULL with an exception.
 */
static char *read_file(FILE *file, size_t *length)
{
    size_t room = 0, have = 0;
    char *text = NULL;
    PyThreadState *state = PyEval_SaveThread();
    for (;;) {
        if (room - have < 2) {
            room = room * 2 + 8192;
            char *more = realloc(text, room);
            if (more == NULL) {
                free(text);
                PyEval_RestoreThread(state);
                PyErr_NoMemory();
                return NULL;
            }
            text = more;
        }
        size_t n = fread(text + have, 1, room - have - 1, file);
        if (n == 0) {
            break;
        }
        have += n;
    }
    bool failed = ferror(file) != 0;
    PyEval_RestoreThread(state);
    if (failed) {
        free(text);
        PyErr_SetFromErrno(PyExc_OSError);
        return NULL;
    }
    text[have] = 0;
    *length = have;
    return text;
}

static PyObject *compile_file(FILE *file, PyObject *filename, int start, int flags)
{
    size_t length;
    char *text = read_file(file, &length);
    if (text == NULL) {
        return NULL;
    }
    struct thread *t = capi_enter();
    enum parse_mode mode = start == Py_eval_input     ? PARSE_EVAL
                           : start == Py_single_input ? PARSE_SINGLE
                                                      : PARSE_FILE;
    struct compile_options options = {.filename = capi_object(filename),
                                      .optimize = -1,
                                      .future_flags = flags & PyCF_MASK,
                                      .is_file = true};
    PyObject *code = compile_source(text, length, mode, &options);
    free(text);
    return capi_return_object(t, code);
}

static PyObject *run_file(FILE *file, PyObject *filename, int start, PyObject *globals,
                          PyObject *locals, bool close, const PyCompilerFlags *flags)
{
    PyObject *code = compile_file(file, filename, start, flags == NULL ? 0 : flags->cf_flags);
    if (close) {
        fclose(file);
    }
    PyObject *result = code == NULL ? NULL : PyEval_EvalCode(code, globals, locals);
    Py_XDECREF(code);
    flush_streams();
    return result;
}

PyObject *PyRun_FileExFlags(FILE *file, const char *name, int start, PyObject *globals,
                            PyObject *locals, int close, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    PyObject *result = filename == NULL
                           ? NULL
                           : run_file(file, filename, start, globals, locals, close != 0, flags);
    Py_XDECREF(filename);
    return result;
}

/* ---- A program, in __main__. */

static PyObject *main_dict(void)
{
    PyObject *module = PyImport_AddModule("__main__");
    return module == NULL ? NULL : PyModule_GetDict(module);
}

static int set_loader(PyObject *dict, PyObject *filename)
{
    PyObject *machinery = PyImport_ImportModule("importlib.machinery");
    PyObject *loader = machinery == NULL ? NULL
                                         : PyObject_CallMethod(machinery, "SourceFileLoader", "sO",
                                                               "__main__", filename);
    int status = loader == NULL ? -1 : PyDict_SetItemString(dict, "__loader__", loader);
    Py_XDECREF(machinery);
    Py_XDECREF(loader);
    return status;
}

static bool is_compiled(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".pyc") == 0;
}

/* A .pyc file: 16 bytes of head, then the code. */
static PyObject *run_compiled(FILE *file, PyObject *dict, bool close)
{
    size_t length;
    char *text = read_file(file, &length);
    if (close) {
        fclose(file);
    }
    if (text == NULL) {
        return NULL;
    }
    PyObject *code = NULL;
    if (length > 16) {
        code = PyMarshal_ReadObjectFromString(text + 16, (Py_ssize_t)length - 16);
    }
    free(text);
    if (code == NULL || !PyCode_Check(code)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "Bad code object in .pyc file");
        }
        Py_XDECREF(code);
        return NULL;
    }
    PyObject *result = PyEval_EvalCode(code, dict, dict);
    Py_DECREF(code);
    return result;
}

int _PyRun_SimpleFileObject(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags)
{
    PyObject *dict = main_dict();
    const char *name = dict == NULL ? NULL : PyUnicode_AsUTF8(filename);
    if (name == NULL) {
        return -1;
    }
    bool named = PyDict_GetItemString(dict, "__file__") == NULL;
    if (named && (PyDict_SetItemString(dict, "__file__", filename) < 0 ||
                  PyDict_SetItemString(dict, "__cached__", Py_None) < 0)) {
        return -1;
    }
    PyObject *result = NULL;
    if (strcmp(name, "<stdin>") == 0 || set_loader(dict, filename) == 0) {
        result = is_compiled(name)
                     ? run_compiled(file, dict, close != 0)
                     : run_file(file, filename, Py_file_input, dict, dict, close != 0, flags);
    }
    if (result == NULL) {
        PyErr_Print();
    }
    if (named && (PyDict_DelItemString(dict, "__file__") < 0 ||
                  PyDict_DelItemString(dict, "__cached__") < 0)) {
        PyErr_Print();
    }
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

int PyRun_SimpleFileExFlags(FILE *file, const char *name, int close, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    if (filename == NULL) {
        return -1;
    }
    int status = _PyRun_SimpleFileObject(file, filename, close, flags);
    Py_DECREF(filename);
    return status;
}

/* ---- Statement by statement. */

#define END_OF_FILE 11 /* what PyRun_InteractiveOne returns at the end of the input */

/* sys.<name> as text, in *holder; "" if there is none. */
static const char *prompt(const char *name, PyObject **holder)
{
    PyObject *value = PySys_GetObject(name);
    *holder = value == NULL ? NULL : PyObject_Str(value);
    const char *text = *holder == NULL ? NULL : PyUnicode_AsUTF8(*holder);
    PyErr_Clear();
    return text == NULL ? "" : text;
}

/* One more line behind *text. 1, 0 at the end of the file, -1 with an exception. */
static int read_line(FILE *file, const char *prompt_name, char **text)
{
    PyObject *holder;
    const char *shown = prompt(prompt_name, &holder);
    char *line = PyOS_Readline(file, stdout, shown);
    Py_XDECREF(holder);
    if (line == NULL) {
        if (PyErr_CheckSignals() == 0 && !PyErr_Occurred()) {
            PyErr_SetNone(PyExc_KeyboardInterrupt);
        }
        return -1;
    }
    size_t have = *text == NULL ? 0 : strlen(*text), n = strlen(line);
    char *longer = n == 0 ? NULL : realloc(*text, have + n + 1);
    if (longer != NULL) {
        memcpy(longer + have, line, n + 1);
        *text = longer;
    }
    PyMem_Free(line);
    if (n != 0 && longer == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return n != 0;
}

/* The statement's code; None: more lines are needed. */
static PyObject *try_compile(PyObject *compiler, const char *text, PyObject *filename,
                             PyCompilerFlags *flags)
{
    size_t n = strlen(text);
    n -= n > 0 && text[n - 1] == '\n';
    PyObject *code =
        PyObject_CallFunction(compiler, "s#Os", text, (Py_ssize_t)n, filename, "single");
    if (code == NULL && PyErr_ExceptionMatches(PyExc_SyntaxError)) {
        PyErr_Clear(); /* the error as it is without frames of that module */
        code = Py_CompileStringObject(text, filename, Py_single_input, flags, -1);
    }
    return code;
}

/* NULL with an exception, or without one at the end of the file. */
static PyObject *read_statement(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyObject *module = PyImport_ImportModule("codeop");
    PyObject *compiler = module == NULL ? NULL : PyObject_GetAttrString(module, "compile_command");
    Py_XDECREF(module);
    char *text = NULL;
    PyObject *code = NULL;
    int more = compiler == NULL ? -1 : read_line(file, "ps1", &text);
    while (more > 0) {
        code = try_compile(compiler, text, filename, flags);
        if (code != Py_None) {
            break;
        }
        Py_CLEAR(code);
        more = read_line(file, "ps2", &text);
    }
    if (more == 0) {
        PySys_WriteStderr("\n");
    }
    if (more == 0 && text != NULL) {
        code = Py_CompileStringObject(text, filename, Py_single_input, flags, -1);
    }
    free(text);
    Py_XDECREF(compiler);
    return code;
}

/* With the exception left to the caller. */
static int run_statement(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyObject *code = read_statement(file, filename, flags);
    PyObject *dict = code == NULL ? NULL : main_dict();
    if (code == NULL) {
        return PyErr_Occurred() ? -1 : END_OF_FILE;
    }
    PyObject *result = dict == NULL ? NULL : PyEval_EvalCode(code, dict, dict);
    Py_DECREF(code);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    flush_streams();
    return 0;
}

int PyRun_InteractiveOneObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    int status = run_statement(file, filename, flags);
    if (status == -1) {
        PyErr_Print();
        flush_streams();
    }
    return status;
}

int PyRun_InteractiveOneFlags(FILE *file, const char *name, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int status = PyRun_InteractiveOneObject(file, filename, flags);
    Py_DECREF(filename);
    return status;
}

static void set_prompt(const char *name, const char *text)
{
    PyObject *value = PySys_GetObject(name) == NULL ? PyUnicode_FromString(text) : NULL;
    if (value != NULL) {
        PySys_SetObject(name, value);
        Py_DECREF(value);
    }
}

int _PyRun_InteractiveLoopObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    set_prompt("ps1", ">>> ");
    set_prompt("ps2", "... ");
    int status;
    do {
        status = PyRun_InteractiveOneObject(file, filename, flags);
    } while (status != END_OF_FILE);
    return 0;
}

int PyRun_InteractiveLoopFlags(FILE *file, const char *name, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name);
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int status = _PyRun_InteractiveLoopObject(file, filename, flags);
    Py_DECREF(filename);
    return status;
}

/* ---- Whichever it is. */

int _PyRun_AnyFileObject(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags)
{
    const char *name = PyUnicode_AsUTF8(filename);
    if (name == NULL || !Py_FdIsInteractive(file, name)) {
        return _PyRun_SimpleFileObject(file, filename, close, flags);
    }
    int status = _PyRun_InteractiveLoopObject(file, filename, flags);
    if (close) {
        fclose(file);
    }
    return status;
}

int PyRun_AnyFileExFlags(FILE *file, const char *name, int close, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_DecodeFSDefault(name == NULL ? "???" : name);
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int status = _PyRun_AnyFileObject(file, filename, close, flags);
    Py_DECREF(filename);
    return status;
}

/* ---- The functions for which Python.h has macros. */

#undef PyRun_AnyFile
int PyRun_AnyFile(FILE *file, const char *name)
{
    return PyRun_AnyFileExFlags(file, name, 0, NULL);
}

#undef PyRun_AnyFileEx
int PyRun_AnyFileEx(FILE *file, const char *name, int close)
{
    return PyRun_AnyFileExFlags(file, name, close, NULL);
}

#undef PyRun_AnyFileFlags
int PyRun_AnyFileFlags(FILE *file, const char *name, PyCompilerFlags *flags)
{
    return PyRun_AnyFileExFlags(file, name, 0, flags);
}

#undef PyRun_SimpleFile
int PyRun_SimpleFile(FILE *file, const char *name)
{
    return PyRun_SimpleFileExFlags(file, name, 0, NULL);
}

#undef PyRun_SimpleFileEx
int PyRun_SimpleFileEx(FILE *file, const char *name, int close)
{
    return PyRun_SimpleFileExFlags(file, name, close, NULL);
}

#undef PyRun_InteractiveOne
int PyRun_InteractiveOne(FILE *file, const char *name)
{
    return PyRun_InteractiveOneFlags(file, name, NULL);
}

#undef PyRun_InteractiveLoop
int PyRun_InteractiveLoop(FILE *file, const char *name)
{
    return PyRun_InteractiveLoopFlags(file, name, NULL);
}

#undef PyRun_File
PyObject *PyRun_File(FILE *file, const char *name, int start, PyObject *globals, PyObject *locals)
{
    return PyRun_FileExFlags(file, name, start, globals, locals, 0, NULL);
}

#undef PyRun_FileEx
PyObject *PyRun_FileEx(FILE *file, const char *name, int start, PyObject *globals, PyObject *locals,
                       int close)
{
    return PyRun_FileExFlags(file, name, start, globals, locals, close, NULL);
}

#undef PyRun_FileFlags
PyObject *PyRun_FileFlags(FILE *file, const char *name, int start, PyObject *globals,
                          PyObject *locals, PyCompilerFlags *flags)
{
    return PyRun_FileExFlags(file, name, start, globals, locals, 0, flags);
}
