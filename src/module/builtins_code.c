/* SPDX-License-Identifier: MIT */
/* compile(), eval() and exec(). */
#include "compile/compile.h"
#include "module/builtins.h"
#include "module/sys.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/function.h"
#include "object/list.h"
#include "object/str.h"
#include "vm/vm.h"

/* Source text to run: UTF-8 (or with a cookie) bytes, kept alive by `owner`. */
struct source_text {
    const char *text;
    Py_ssize_t length;
    Value owner;
    int flags; /* PyCF_IGNORE_COOKIE for str */
};

/* 1, 0 if v is no source text (no exception), -1 on error. `what` is for the messages. */
static int read_source(Value v, struct source_text *out)
{
    *out = (struct source_text){.owner = v};
    if (str_check(v)) {
        out->text = str_utf8(value_object(v), &out->length);
        out->flags = PyCF_IGNORE_COOKIE;
        if (out->text == NULL) {
            return -1;
        }
    } else if (object_has_buffer(v)) {
        PyObject *copy = bytes_from_value(v);
        if (copy == NULL) {
            return -1;
        }
        out->owner = value_from_object(copy);
        out->text = bytes_data(copy);
        out->length = bytes_length(copy);
    } else {
        return 0;
    }
    if (memchr(out->text, 0, (size_t)out->length) != NULL) {
        return error_raise_int(PyExc_ValueError, "source code string cannot contain null bytes");
    }
    return 1;
}

static PyObject *decode_filename(Value v)
{
    if (str_check(v)) {
        return value_object(v);
    }
    Value method;
    if (!bytes_check(v) && object_find_special(v, names.__fspath__, &method) > 0) {
        Value path = object_call0(method);
        return value_is_null(path) ? NULL : decode_filename(path);
    }
    if (error_occurred()) {
        return NULL;
    }
    if (!object_has_buffer(v)) {
        return error_raise_null(PyExc_TypeError,
                                "expected str, bytes or os.PathLike object, not %T", v);
    }
    if (!bytes_check(v) &&
        error_warn(PyExc_DeprecationWarning, 1,
                   "path should be string, bytes, or os.PathLike, not %T", v) < 0) {
        return NULL;
    }
    PyObject *bytes = bytes_from_value(v);
    return bytes == NULL ? NULL : str_from_filename(bytes_data(bytes), bytes_length(bytes));
}

static int parse_mode_of(Value mode, int flags)
{
    if (!str_check(mode)) {
        return error_raise_int(PyExc_TypeError, "compile() argument 'mode' must be str, not %T",
                               mode);
    }
    PyObject *text = value_object(mode);
    if (str_equal_text(text, "exec")) {
        return PARSE_FILE;
    }
    if (str_equal_text(text, "eval")) {
        return PARSE_EVAL;
    }
    if (str_equal_text(text, "single")) {
        return PARSE_SINGLE;
    }
    if (str_equal_text(text, "func_type")) {
        if ((flags & PyCF_ONLY_AST) == 0) {
            return error_raise_int(PyExc_ValueError,
                                   "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
        }
        return PARSE_FUNC_TYPE;
    }
    const char *expected = (flags & PyCF_ONLY_AST) != 0 ? "'exec', 'eval', 'single' or 'func_type'"
                                                        : "'exec', 'eval' or 'single'";
    return error_raise_int(PyExc_ValueError, "compile() mode must be %s", expected);
}

static struct compile_options options_for(PyObject *filename, int flags, int optimize)
{
    return (struct compile_options){
        .filename = filename,
        .future_flags = flags & PyCF_MASK,
        .optimize = optimize,
        .dont_imply_dedent = (flags & PyCF_DONT_IMPLY_DEDENT) != 0,
        .allow_top_level_await = (flags & PyCF_ALLOW_TOP_LEVEL_AWAIT) != 0,
    };
}

static int audit_source(const struct source_text *source, PyObject *filename)
{
    if (!sys_audit_wanted()) {
        return 0;
    }
    PyObject *bytes = bytes_new(source->text, source->length);
    return sys_audit_values("compile", "OO", value_from_object(bytes), value_from_object(filename));
}

/* What eval and exec do in the end. */
static Value run_code(Value code, PyObject *globals, Value locals, PyObject *closure)
{
    return sys_audit("exec", &code, 1) < 0 ? VALUE_NULL
                                           : vm_run(value_object(code), globals, locals, closure);
}

static Value compile_text(const struct source_text *source, PyObject *filename, int mode, int flags,
                          int optimize, int feature_version)
{
    struct parse_options options = {
        .filename = filename,
        .flags = flags | source->flags,
        .feature_version = feature_version >= 0 ? feature_version : 11,
    };
    if (audit_source(source, filename) < 0) {
        return VALUE_NULL;
    }
    struct syntax_tree *tree =
        syntax_parse(source->text, (size_t)source->length, (enum parse_mode)mode, &options);
    if (tree == NULL) {
        return VALUE_NULL;
    }
    if ((flags & PyCF_ONLY_AST) != 0) {
        return syntax_to_object(tree);
    }
    struct compile_options how = options_for(filename, flags, optimize);
    return value_from_object(compile_tree(tree, &how));
}

Value builtin_compile(Value self, const Value *args)
{
    enum { SOURCE, FILENAME, MODE, FLAGS, DONT_INHERIT, OPTIMIZE, FEATURE_VERSION };
    int flags = 0, optimize = -1, feature_version = -1;
    bool dont_inherit = false;
    PyObject *filename = decode_filename(args[FILENAME]);
    if (filename == NULL || (value_is_present(args[FLAGS]) && arg_int(args[FLAGS], &flags) < 0) ||
        (value_is_present(args[DONT_INHERIT]) && arg_bool(args[DONT_INHERIT], &dont_inherit) < 0) ||
        (value_is_present(args[OPTIMIZE]) && arg_int(args[OPTIMIZE], &optimize) < 0) ||
        (value_is_present(args[FEATURE_VERSION]) &&
         arg_int(args[FEATURE_VERSION], &feature_version) < 0)) {
        return VALUE_NULL;
    }
    if ((flags & ~(PyCF_MASK | PyCF_MASK_OBSOLETE | PyCF_COMPILE_MASK)) != 0) {
        return error_raise(PyExc_ValueError, "compile(): unrecognised flags");
    }
    if (optimize < -1 || optimize > 2) {
        return error_raise(PyExc_ValueError, "compile(): invalid optimize value");
    }
    if (!dont_inherit) {
        flags |= vm_code_flags() & PyCF_MASK;
    }
    int mode = parse_mode_of(args[MODE], flags);
    if (mode < 0) {
        return VALUE_NULL;
    }
    int is_tree = syntax_is_tree(args[SOURCE]);
    if (is_tree != 0) {
        if (is_tree < 0 || (flags & PyCF_ONLY_AST) != 0) {
            return is_tree < 0 ? VALUE_NULL : args[SOURCE];
        }
        struct syntax_tree *tree = syntax_from_object(args[SOURCE], (enum parse_mode)mode);
        struct compile_options how = options_for(filename, flags, optimize);
        return tree == NULL ? VALUE_NULL : value_from_object(compile_tree(tree, &how));
    }
    struct source_text source;
    int readable = read_source(args[SOURCE], &source);
    if (readable == 0) {
        return error_raise(PyExc_TypeError,
                           "compile() arg 1 must be a string, bytes or AST object");
    }
    return readable < 0 ? VALUE_NULL
                        : compile_text(&source, filename, mode, flags, optimize, feature_version);
}

/* ---- eval and exec */

/* Where code runs: fills in what was not given, and __builtins__. 0 or -1. */
static int choose_namespaces(const char *fname, Value given_globals, Value given_locals,
                             PyObject **globals, Value *locals)
{
    bool has_globals = value_is_present(given_globals) && !value_is_none(given_globals);
    bool has_locals = value_is_present(given_locals) && !value_is_none(given_locals);
    if (has_globals && !dict_check(given_globals)) {
        if (strcmp(fname, "eval") == 0) {
            return error_raise_int(PyExc_TypeError,
                                   object_is_mapping(given_globals)
                                       ? "globals must be a real dict; try eval(code, {}, mapping)"
                                       : "globals must be a dict");
        }
        return error_raise_int(PyExc_TypeError, "exec() globals must be a dict, not %T",
                               given_globals);
    }
    if (has_locals && !object_is_mapping(given_locals)) {
        return strcmp(fname, "eval") == 0
                   ? error_raise_int(PyExc_TypeError, "locals must be a mapping")
                   : error_raise_int(PyExc_TypeError, "locals must be a mapping or None, not %T",
                                     given_locals);
    }
    if (has_globals) {
        *globals = value_object(given_globals);
        *locals = has_locals ? given_locals : given_globals;
    } else {
        *globals = vm_globals();
        if (*globals == NULL) {
            return error_raise_int(PyExc_SystemError, "globals and locals cannot be NULL");
        }
        *locals = has_locals ? given_locals : value_from_object(vm_locals());
        if (value_is_null(*locals)) {
            return -1;
        }
    }
    if (value_is_absent(dict_get_str(*globals, names.__builtins__))) {
        return dict_set_str(*globals, names.__builtins__, value_from_object(vm_builtins()));
    }
    return 0;
}

/* exec's closure argument: a tuple of as many cells as the code has free variables. */
static int check_closure(PyObject *code, Value given, PyObject **closure)
{
    Py_ssize_t wanted = ((PyCodeObject *)code)->co_nfreevars;
    bool none = !value_is_present(given) || value_is_none(given);
    if (wanted == 0) {
        *closure = NULL;
        return none
                   ? 0
                   : error_raise_int(PyExc_TypeError, "cannot use a closure with this code object");
    }
    bool right = !none && tuple_check_exact(given) && tuple_length(value_object(given)) == wanted;
    for (Py_ssize_t i = 0; right && i < wanted; i++) {
        right = tuple_object(value_object(given), i)->ob_type == &PyCell_Type;
    }
    if (!right) {
        return error_raise_int(PyExc_TypeError,
                               "code object requires a closure of exactly length %zd", wanted);
    }
    *closure = value_object(given);
    return 0;
}

static PyObject *source_filename(void)
{
    static PyObject *filename;
    if (filename == NULL) {
        atomic_store_release(&filename, str_intern_text("<string>"));
    }
    return filename;
}

static Value run_text(const char *fname, int mode, Value source, PyObject *globals, Value locals)
{
    struct source_text text;
    int readable = read_source(source, &text);
    if (readable == 0) {
        return error_raise(PyExc_TypeError, "%s() arg 1 must be a string, bytes or code object",
                           fname);
    }
    if (readable < 0) {
        return VALUE_NULL;
    }
    while (mode == PARSE_EVAL && text.length > 0 && (*text.text == ' ' || *text.text == '\t')) {
        text.text++;
        text.length--;
    }
    Value code = compile_text(&text, source_filename(), mode, vm_code_flags() & PyCF_MASK, -1, -1);
    return value_is_null(code) ? code : run_code(code, globals, locals, NULL);
}

Value builtin_eval(Value self, const Value *args)
{
    PyObject *globals;
    Value locals;
    if (choose_namespaces("eval", args[1], args[2], &globals, &locals) < 0) {
        return VALUE_NULL;
    }
    if (!code_check(args[0])) {
        return run_text("eval", PARSE_EVAL, args[0], globals, locals);
    }
    if (((PyCodeObject *)value_object(args[0]))->co_nfreevars > 0) {
        return error_raise(PyExc_TypeError,
                           "code object passed to eval() may not contain free variables");
    }
    return run_code(args[0], globals, locals, NULL);
}

Value builtin_exec(Value self, const Value *args)
{
    enum { SOURCE, GLOBALS, LOCALS, CLOSURE };
    PyObject *globals, *closure;
    Value locals, result;
    if (choose_namespaces("exec", args[GLOBALS], args[LOCALS], &globals, &locals) < 0) {
        return VALUE_NULL;
    }
    if (code_check(args[SOURCE])) {
        PyObject *code = value_object(args[SOURCE]);
        if (check_closure(code, args[CLOSURE], &closure) < 0) {
            return VALUE_NULL;
        }
        result = run_code(args[SOURCE], globals, locals, closure);
    } else {
        if (value_is_present(args[CLOSURE]) && !value_is_none(args[CLOSURE])) {
            return error_raise(PyExc_TypeError,
                               "closure argument must be None when source is not a code object");
        }
        result = run_text("exec", PARSE_FILE, args[SOURCE], globals, locals);
    }
    return value_is_null(result) ? VALUE_NULL : VALUE_NONE;
}
