/* SPDX-License-Identifier: MIT */
/* Frames, code objects and tracebacks: what Cython makes for its tracebacks, and what profilers
 * read. */
#define Py_BUILD_CORE 1
#include "vm/frame.h"

#include <compile.h>
#include <frameobject.h>
#include <internal/pycore_traceback.h>

#include "bytecode/opcode.h"
#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/list.h"
#include "vm/vm.h"

static struct frame_object *cast(PyFrameObject *f)
{
    return (struct frame_object *)(void *)f;
}

PyFrameObject *PyFrame_New(PyThreadState *state, PyCodeObject *code, PyObject *globals,
                           PyObject *locals)
{
    struct thread *t = capi_enter();
    struct frame_object *f =
        frame_object_new(capi_object((PyObject *)code), capi_object(globals), capi_object(locals));
    if (f != NULL && t->frame != NULL) {
        heap_init(f, &f->back, frame_object_get(t->frame));
    }
    return (PyFrameObject *)capi_return_object(t, (PyObject *)f);
}

PyCodeObject *PyFrame_GetCode(PyFrameObject *f)
{
    return (PyCodeObject *)Py_NewRef((PyObject *)cast(f)->code);
}

PyFrameObject *PyFrame_GetBack(PyFrameObject *f)
{
    struct thread *t = capi_enter();
    return (PyFrameObject *)capi_return_object(t, (PyObject *)frame_object_back(cast(f)));
}

PyObject *PyFrame_GetLocals(PyFrameObject *f)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, frame_object_locals(cast(f)));
}

int PyFrame_FastToLocalsWithError(PyFrameObject *f)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, frame_object_locals(cast(f)) == NULL ? -1 : 0);
}

void PyFrame_FastToLocals(PyFrameObject *f)
{
    if (PyFrame_FastToLocalsWithError(f) < 0) {
        PyErr_Clear();
    }
}

void PyFrame_LocalsToFast(PyFrameObject *f, int clear)
{
    struct thread *t = capi_enter();
    frame_locals_to_fast(cast(f));
    capi_leave(t);
}

PyObject *PyFrame_GetGlobals(PyFrameObject *f)
{
    return Py_NewRef(cast(f)->globals);
}

PyObject *PyFrame_GetBuiltins(PyFrameObject *f)
{
    return Py_NewRef(frame_object_builtins(cast(f)));
}

PyObject *PyFrame_GetGenerator(PyFrameObject *f)
{
    return Py_XNewRef((PyObject *)cast(f)->generator);
}

int PyFrame_GetLasti(PyFrameObject *f)
{
    struct thread *t = capi_enter();
    const struct instruction *pc = frame_object_pc(cast(f));
    return capi_return_int(
        t, pc == NULL ? -1 : code_lasti((uint32_t)(pc - cast(f)->code->instructions)));
}

int PyFrame_GetLineNumber(PyFrameObject *f)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, frame_object_line(cast(f)));
}

/* Borrowed: a running frame keeps its object. */
PyFrameObject *PyEval_GetFrame(void)
{
    struct thread *t = capi_enter();
    PyObject *f = t->frame == NULL ? NULL : (PyObject *)frame_object_get(t->frame);
    return (PyFrameObject *)capi_return_borrowed(t, value_from_object(f));
}

/* Adds the future statements that are in force where Python code runs; whether any flag is set. */
int PyEval_MergeCompilerFlags(PyCompilerFlags *flags)
{
    struct thread *t = capi_enter();
    if (t->frame != NULL) {
        flags->cf_flags |= t->frame->code->base.co_flags & PyCF_MASK;
    }
    return capi_return_int(t, flags->cf_flags != 0);
}

PyFrameObject *PyThreadState_GetFrame(PyThreadState *state)
{
    struct thread *t = capi_enter(), *of = (struct thread *)state;
    PyObject *f = of->frame == NULL ? NULL : (PyObject *)frame_object_get(of->frame);
    return (PyFrameObject *)capi_return_object(t, f);
}

/* ---- Code. */

PyCodeObject *PyCode_NewEmpty(const char *file, const char *name, int line)
{
    struct thread *t = capi_enter();
    PyObject *path = str_from_filename(file, (Py_ssize_t)strlen(file));
    PyObject *text = path == NULL ? NULL : str_intern_text(name);
    return (PyCodeObject *)capi_return_object(t, text == NULL ? NULL
                                                              : code_new_empty(path, text, line));
}

/* Instructions of another machine: the code has its names, but it does nothing. */
PyCodeObject *PyCode_NewWithPosOnlyArgs(int args, int positional_only, int keyword_only, int locals,
                                        int stack, int flags, PyObject *code, PyObject *consts,
                                        PyObject *code_names, PyObject *varnames,
                                        PyObject *freevars, PyObject *cellvars, PyObject *filename,
                                        PyObject *name, PyObject *qualname, int line,
                                        PyObject *lines, PyObject *exceptions)
{
    struct thread *t = capi_enter();
    PyObject *made = code_new_empty(capi_object(filename), capi_object(name), line);
    Value replace = made == NULL
                        ? VALUE_NULL
                        : object_getattr(value_from_object(made), str_intern_text("replace"));
    static const char *const keywords[] = {"co_argcount", "co_posonlyargcount", "co_kwonlyargcount",
                                           "co_nlocals",  "co_flags",           "co_consts",
                                           "co_names",    "co_varnames",        "co_freevars",
                                           "co_cellvars", "co_qualname"};
    enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };
    Value parts[KEYWORDS] = {value_from_int(args),         value_from_int(positional_only),
                             value_from_int(keyword_only), value_from_int(locals),
                             value_from_int(flags),        capi_value(consts),
                             capi_value(code_names),       capi_value(varnames),
                             capi_value(freevars),         capi_value(cellvars),
                             capi_value(qualname)};
    PyObject *kwnames = tuple_new(KEYWORDS);
    if (value_is_null(replace) || kwnames == NULL) {
        return (PyCodeObject *)capi_return(t, VALUE_NULL);
    }
    for (Py_ssize_t i = 0; i < KEYWORDS; i++) {
        tuple_init_item(kwnames, i, value_from_object(str_intern_text(keywords[i])));
    }
    return (PyCodeObject *)capi_return(t, object_call(replace, parts, 0, kwnames));
}

PyCodeObject *PyCode_New(int args, int keyword_only, int locals, int stack, int flags,
                         PyObject *code, PyObject *consts, PyObject *code_names, PyObject *varnames,
                         PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
                         PyObject *qualname, int line, PyObject *lines, PyObject *exceptions)
{
    return PyCode_NewWithPosOnlyArgs(args, 0, keyword_only, locals, stack, flags, code, consts,
                                     code_names, varnames, freevars, cellvars, filename, name,
                                     qualname, line, lines, exceptions);
}

static PyObject *code_attribute(PyCodeObject *code, const char *name)
{
    return PyObject_GetAttrString((PyObject *)code, name);
}

PyObject *PyCode_GetCode(PyCodeObject *code)
{
    return code_attribute(code, "co_code");
}

PyObject *PyCode_GetVarnames(PyCodeObject *code)
{
    return code_attribute(code, "co_varnames");
}

PyObject *PyCode_GetCellvars(PyCodeObject *code)
{
    return code_attribute(code, "co_cellvars");
}

PyObject *PyCode_GetFreevars(PyCodeObject *code)
{
    return code_attribute(code, "co_freevars");
}

int PyCode_Addr2Line(PyCodeObject *code, int lasti)
{
    return lasti < 0 ? code->co_firstlineno : code_line((struct code *)code, code_pc(lasti));
}

int PyCode_Addr2Location(PyCodeObject *code, int lasti, int *line, int *column, int *end_line,
                         int *end_column)
{
    struct source_position p = {code->co_firstlineno, code->co_firstlineno, 0, 0};
    if (lasti >= 0) {
        p = code_position((struct code *)code, code_pc(lasti));
    }
    *line = p.line;
    *column = p.column;
    *end_line = p.end_line;
    *end_column = p.end_column;
    return 1;
}

/* ---- Tracebacks. */

int PyTraceBack_Here(PyFrameObject *f)
{
    int lasti = PyFrame_GetLasti(f), line = PyFrame_GetLineNumber(f);
    struct thread *t = capi_enter();
    return capi_return_int(
        t, t->state.curexc_value == NULL ? 0 : traceback_add((PyObject *)f, lasti, line));
}

int PyTraceBack_Print(PyObject *traceback, PyObject *file)
{
    if (traceback != NULL && !PyTraceBack_Check(traceback)) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    struct thread *t = capi_enter();
    return capi_return_int(
        t, traceback == NULL ? 0 : traceback_print(capi_object(traceback), capi_value(file)));
}

void _PyTraceback_Add(const char *function, const char *file, int line)
{
    struct thread *t = capi_enter();
    PyObject *exception = error_take();
    PyObject *path = str_from_filename(file, (Py_ssize_t)strlen(file));
    PyObject *name = path == NULL ? NULL : str_intern_text(function);
    PyObject *code = name == NULL ? NULL : code_new_empty(path, name, line);
    PyObject *globals = code == NULL ? NULL : dict_new();
    PyObject *f = globals == NULL ? NULL : (PyObject *)frame_object_new(code, globals, NULL);
    error_restore(exception);
    if (f != NULL && exception != NULL) {
        traceback_add(f, 0, line);
    }
    capi_leave(t);
}

/* Compiling optimizes, nothing after it. */
PyObject *PyCode_Optimize(PyObject *code, PyObject *constants, PyObject *used, PyObject *lines)
{
    return Py_NewRef(code);
}

/* Instructions work on registers. */
int PyCompile_OpcodeStackEffectWithJump(int op, int argument, int jump)
{
    return op >= 0 && op < OPCODE_COUNT ? 0 : PY_INVALID_STACK_EFFECT;
}

int PyCompile_OpcodeStackEffect(int op, int argument)
{
    return PyCompile_OpcodeStackEffectWithJump(op, argument, -1);
}
