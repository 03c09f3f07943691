/* SPDX-License-Identifier: MIT */
/* Compiling and running source text and code objects; what the running frames see. */
#include "capi/capi_int.h"
#include "compile/compile.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/function.h"
#include "object/list.h"
#include "vm/vm.h"

static PyObject *compile_text(const char *text, PyObject *filename, int start,
                              const PyCompilerFlags *flags, int optimize)
{
    enum parse_mode mode = start == Py_eval_input     ? PARSE_EVAL
                           : start == Py_single_input ? PARSE_SINGLE
                                                      : PARSE_FILE;
    struct compile_options options = {
        .filename = filename,
        .optimize = optimize,
        .future_flags = flags == NULL ? 0 : flags->cf_flags & PyCF_MASK,
    };
    return compile_source(text, strlen(text), mode, &options);
}

PyObject *Py_CompileStringObject(const char *text, PyObject *filename, int start,
                                 PyCompilerFlags *flags, int optimize)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, compile_text(text, capi_object(filename), start, flags, optimize));
}

PyObject *Py_CompileStringExFlags(const char *text, const char *filename, int start,
                                  PyCompilerFlags *flags, int optimize)
{
    struct thread *t = capi_enter();
    PyObject *name = str_from_filename(filename, (Py_ssize_t)strlen(filename));
    return capi_return_object(t, name == NULL ? NULL
                                              : compile_text(text, name, start, flags, optimize));
}

#undef Py_CompileString
PyObject *Py_CompileString(const char *text, const char *filename, int start)
{
    return Py_CompileStringExFlags(text, filename, start, NULL, -1);
}

/* Globals get __builtins__, as a dict that code runs in must have. */
static Value run_code(PyObject *code, PyObject *globals, Value locals, PyObject *closure)
{
    if (globals == NULL) {
        return error_raise(PyExc_SystemError, "globals is NULL");
    }
    if (value_is_absent(dict_setdefault(globals, value_from_object(names.__builtins__),
                                        value_from_object(vm_builtins())))) {
        return VALUE_NULL;
    }
    return vm_run(code, globals, locals, closure);
}

static Value run_text(const char *text, int start, PyObject *globals, Value locals,
                      const PyCompilerFlags *flags)
{
    PyObject *code = compile_text(text, str_from_text("<string>"), start, flags, -1);
    return code == NULL ? VALUE_NULL : run_code(code, globals, locals, NULL);
}

PyObject *PyRun_StringFlags(const char *text, int start, PyObject *globals, PyObject *locals,
                            PyCompilerFlags *flags)
{
    struct thread *t = capi_enter();
    return capi_return(t, run_text(text, start, capi_object(globals), capi_value(locals), flags));
}

#undef PyRun_String
PyObject *PyRun_String(const char *text, int start, PyObject *globals, PyObject *locals)
{
    return PyRun_StringFlags(text, start, globals, locals, NULL);
}

/* In __main__; prints the exception. */
int PyRun_SimpleStringFlags(const char *text, PyCompilerFlags *flags)
{
    PyObject *main = PyImport_AddModule("__main__");
    PyObject *dict = main == NULL ? NULL : PyModule_GetDict(main);
    PyObject *result =
        dict == NULL ? NULL : PyRun_StringFlags(text, Py_file_input, dict, dict, flags);
    if (result == NULL) {
        PyErr_Print();
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

#undef PyRun_SimpleString
int PyRun_SimpleString(const char *text)
{
    return PyRun_SimpleStringFlags(text, NULL);
}

PyObject *PyEval_EvalCode(PyObject *code, PyObject *globals, PyObject *locals)
{
    struct thread *t = capi_enter();
    Value scope = locals == NULL ? value_from_object(globals) : capi_value(locals);
    return capi_return(t, run_code(capi_object(code), capi_object(globals), scope, NULL));
}

/* A frame from PyFrame_New, which has not run: its code, from the start. */
PyObject *PyEval_EvalFrameEx(PyFrameObject *frame, int throwing)
{
    if (throwing) {
        return NULL; /* the exception that is set */
    }
    PyObject *code = (PyObject *)PyFrame_GetCode(frame);
    PyObject *globals = PyFrame_GetGlobals(frame), *locals = PyFrame_GetLocals(frame);
    PyObject *result =
        globals == NULL || locals == NULL ? NULL : PyEval_EvalCode(code, globals, locals);
    Py_XDECREF(locals);
    Py_XDECREF(globals);
    Py_DECREF(code);
    return result;
}

PyObject *PyEval_EvalFrame(PyFrameObject *frame)
{
    return PyEval_EvalFrameEx(frame, 0);
}

/* ---- What running code sees. */

PyObject *PyEval_GetGlobals(void)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(t, value_from_object(vm_globals()));
}

PyObject *PyEval_GetBuiltins(void)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(t, value_from_object(vm_builtins()));
}

PyObject *PyEval_GetLocals(void)
{
    struct thread *t = capi_enter();
    if (t->frame == NULL) {
        return capi_return(t, error_raise(PyExc_SystemError, "frame does not exist"));
    }
    return capi_return_borrowed(t, value_from_object(vm_locals()));
}

/* A function made of the code, called. */
struct call_of_code {
    PyObject *code, *globals;
    const Value *args, *keywords, *defaults; /* keywords: name, value, ... */
    int arg_count, keyword_count, default_count;
    PyObject *keyword_defaults, *closure;
};

static Value call_code(struct call_of_code c)
{
    PyObject *f = function_new(c.code, c.globals);
    size_t count = (size_t)(c.arg_count + c.keyword_count);
    Value *all = heap_alloc((count + 1) * sizeof *all, CELL_WORDS);
    PyObject *kwnames = c.keyword_count == 0 ? NULL : tuple_new(c.keyword_count);
    PyObject *defaults =
        c.default_count == 0 ? NULL : tuple_from_array(c.defaults, (size_t)c.default_count);
    if (f == NULL || all == NULL || (c.keyword_count != 0 && kwnames == NULL) ||
        (c.default_count != 0 && defaults == NULL)) {
        return VALUE_NULL;
    }
    heap_store(f, &function_cast(f)->func_defaults, defaults);
    heap_store(f, &function_cast(f)->func_kwdefaults, c.keyword_defaults);
    heap_store(f, &function_cast(f)->func_closure, c.closure);
    heap_init_copy(all, all, c.args, (size_t)c.arg_count);
    for (int i = 0; i < c.keyword_count; i++) {
        tuple_init_item(kwnames, i, c.keywords[2 * i]);
        heap_init_value(all, &all[c.arg_count + i], c.keywords[2 * i + 1]);
    }
    return object_call(value_from_object(f), all, (size_t)c.arg_count, kwnames);
}

PyObject *PyEval_EvalCodeEx(PyObject *code, PyObject *globals, PyObject *locals,
                            PyObject *const *args, int arg_count, PyObject *const *keywords,
                            int keyword_count, PyObject *const *defaults, int default_count,
                            PyObject *keyword_defaults, PyObject *closure)
{
    struct thread *t = capi_enter();
    if (((PyCodeObject *)code)->co_flags & CO_NEWLOCALS) {
        return capi_return(t, call_code((struct call_of_code){
                                  .code = capi_object(code),
                                  .globals = capi_object(globals),
                                  .args = capi_values(args, (size_t)arg_count),
                                  .arg_count = arg_count,
                                  .keywords = capi_values(keywords, 2 * (size_t)keyword_count),
                                  .keyword_count = keyword_count,
                                  .defaults = capi_values(defaults, (size_t)default_count),
                                  .default_count = default_count,
                                  .keyword_defaults = capi_object(keyword_defaults),
                                  .closure = capi_object(closure)}));
    }
    Value scope = locals == NULL ? value_from_object(globals) : capi_value(locals);
    return capi_return(t, run_code(capi_object(code), capi_object(globals), scope, closure));
}

/* ---- Names of callables, for messages. */

const char *PyEval_GetFuncName(PyObject *f)
{
    if (PyMethod_Check(f)) {
        return PyEval_GetFuncName(PyMethod_GET_FUNCTION(f));
    }
    if (PyFunction_Check(f)) {
        return PyUnicode_AsUTF8(((PyFunctionObject *)f)->func_name);
    }
    return PyCFunction_Check(f) ? ((PyCFunctionObject *)f)->m_ml->ml_name : Py_TYPE(f)->tp_name;
}

const char *PyEval_GetFuncDesc(PyObject *f)
{
    return PyMethod_Check(f) || PyFunction_Check(f) || PyCFunction_Check(f) ? "()" : " object";
}

void PyErr_Display(PyObject *type, PyObject *value, PyObject *traceback)
{
    struct thread *t = capi_enter();
    Value file = error_sys_dict == NULL ? VALUE_ABSENT
                                        : dict_get_str(error_sys_dict, str_intern_text("stderr"));
    if (exception_check(capi_value(value))) {
        if (traceback != NULL && PyTraceBack_Check(traceback) &&
            exception_get_traceback(value) == NULL) {
            exception_set_traceback(value, capi_object(traceback));
        }
        exception_print(value, file);
    }
    capi_leave(t);
}

void _PyErr_SetKeyError(PyObject *key)
{
    struct thread *t = capi_enter();
    error_raise_value(PyExc_KeyError, capi_value(key));
    capi_leave(t);
}

PyAPI_FUNC(PyObject *) _PyNamespace_New(PyObject *dict);
PyObject *_PyNamespace_New(PyObject *dict)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, namespace_new(capi_object(dict)));
}

PyAPI_FUNC(PyObject *) _PyContext_NewHamtForTests(void);
PyObject *_PyContext_NewHamtForTests(void)
{
    PyErr_SetString(PyExc_NotImplementedError, "contexts have no such table");
    return NULL;
}

#undef Py_CompileStringFlags
PyAPI_FUNC(PyObject *) Py_CompileStringFlags(const char *text, const char *filename, int start,
                                             PyCompilerFlags *flags);
PyObject *Py_CompileStringFlags(const char *text, const char *filename, int start,
                                PyCompilerFlags *flags)
{
    return Py_CompileStringExFlags(text, filename, start, flags, -1);
}
