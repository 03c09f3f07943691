/* SPDX-License-Identifier: MIT */
/* Compiling and running source text and code objects; what the running frames see. */
#include "capi/capi_int.h"
#include "compile/compile.h"
#include "object/dict.h"
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
