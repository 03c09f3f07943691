/* SPDX-License-Identifier: MIT */
/* _imp: what importlib asks of the interpreter. Ported modules are "built-in"; nothing is frozen;
 * extension modules are loaded by the C API (import_hooks). The import lock is importlib's: it
 * protects its table of module locks, for a few statements, and may be held while Python code
 * runs. */
#include "base/hash.h"
#include "bytecode/code.h"
#include "module/import.h"
#include "module/io_int.h"
#include "module/sys.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/module.h"
#include "object/native.h"
#include "object/str.h"

struct import_hooks import_hooks;

static struct io_lock import_lock;

#if defined(__aarch64__)
#define EXTENSION_PLATFORM "aarch64-linux-gnu"
#else
#define EXTENSION_PLATFORM "x86_64-linux-gnu"
#endif

void import_lock_acquire(void)
{
    io_lock_acquire(&import_lock);
}

void import_lock_release(void)
{
    io_lock_release(&import_lock);
}

void import_lock_reset(void)
{
    import_lock = (struct io_lock){0};
}

int import_lock_release_mine(void)
{
    if (!io_lock_is_mine(&import_lock)) {
        return -1;
    }
    import_lock_release();
    return 1;
}

static Value imp_lock_held(Value self)
{
    return value_from_bool(atomic_load_relaxed(&import_lock.state) != 0);
}

static Value imp_acquire_lock(Value self)
{
    import_lock_acquire();
    return VALUE_NONE;
}

static Value imp_release_lock(Value self)
{
    if (!io_lock_is_mine(&import_lock)) {
        return error_raise(PyExc_RuntimeError, "not holding the import lock");
    }
    import_lock_release();
    return VALUE_NONE;
}

static Value imp_extension_suffixes(Value self)
{
    static const char *const suffixes[] = {".cpython-311-" EXTENSION_PLATFORM ".so", ".abi3.so",
                                           ".so"};
    PyObject *list = list_new(3);
    for (int i = 0; list != NULL && i < 3; i++) {
        if (list_append(list, value_from_object(str_from_text(suffixes[i]))) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static PyObject *name_argument(Value v, const char *fname)
{
    return arg_str(v, fname, "argument");
}

static bool is_added(PyObject *name)
{
    const char *text;
    for (size_t i = 0; import_hooks.added_name != NULL; i++) {
        text = import_hooks.added_name(i);
        if (text == NULL || str_equal_text(name, text)) {
            return text != NULL;
        }
    }
    return false;
}

static Value imp_is_builtin(Value self, Value name)
{
    PyObject *text = name_argument(name, "is_builtin");
    if (text == NULL) {
        return VALUE_NULL;
    }
    bool initialised = str_equal_text(text, "sys") || str_equal_text(text, "builtins");
    if (import_find_builtin(text) == NULL) {
        return value_from_int(is_added(text));
    }
    return value_from_int(initialised ? -1 : 1);
}

static Value imp_create_builtin(Value self, Value spec)
{
    Value name = object_getattr(spec, str_intern_text("name"));
    if (value_is_null(name)) {
        return VALUE_NULL;
    }
    PyObject *text = name_argument(name, "create_builtin");
    PyObject *modules = import_modules();
    if (text == NULL || modules == NULL) {
        return VALUE_NULL;
    }
    PyObject *present = str_equal_text(text, "sys")        ? import_state.sys
                        : str_equal_text(text, "builtins") ? import_state.builtins
                                                           : NULL;
    if (present != NULL) {
        return value_from_object(present);
    }
    const struct module_def *def = import_find_builtin(text);
    if (def == NULL) {
        return is_added(text) ? import_hooks.create_added(spec, text) : VALUE_NONE;
    }
    return import_once(def);
}

static Value imp_exec_builtin(Value self, Value module)
{
    if (module_check(module) && import_hooks.exec_dynamic(value_object(module)) < 0) {
        return VALUE_NULL;
    }
    return value_from_int(0);
}

/* Nothing is frozen. */
static Value imp_is_frozen(Value self, Value name)
{
    return VALUE_FALSE;
}
static Value imp_find_frozen(Value self, const Value *args)
{
    return VALUE_NONE;
}

static Value no_frozen(Value name)
{
    if (!str_check(name)) {
        return error_raise(PyExc_TypeError, "argument must be str, not %T", name);
    }
    PyObject *message = str_format("No such frozen object named %U", value_object(name));
    Value args[2] = {value_from_object(message), name};
    PyObject *kwnames = tuple_pack(1, str_intern_text("name"));
    Value error = message == NULL || kwnames == NULL
                      ? VALUE_NULL
                      : object_call(value_from_object(PyExc_ImportError), args, 1, kwnames);
    if (!value_is_null(error)) {
        error_set_instance(value_object(error));
    }
    return VALUE_NULL;
}

static Value imp_init_frozen(Value self, Value name)
{
    return VALUE_NONE;
}
static Value imp_get_frozen_object(Value self, const Value *args)
{
    return no_frozen(args[0]);
}
static Value imp_is_frozen_package(Value self, Value name)
{
    return no_frozen(name);
}
static Value imp_frozen_module_names(Value self)
{
    return value_from_object(list_new(0));
}
static Value imp_override_frozen(Value self, Value flag)
{
    return VALUE_NONE;
}

static Value imp_create_dynamic(Value self, const Value *args)
{
    return import_hooks.create_dynamic(args[0]);
}

static Value imp_exec_dynamic(Value self, Value module)
{
    if (!module_check(module)) {
        return value_from_int(0);
    }
    int status = import_hooks.exec_dynamic(value_object(module));
    return status < 0 ? VALUE_NULL : value_from_int(status);
}

/* A cached code object may have been compiled under another path: sets the real one, also inside.
 */
static Value imp_fix_filename(Value self, const Value *args)
{
    if (!code_check(args[0]) || !str_check(args[1])) {
        return error_raise(PyExc_TypeError, "_fix_co_filename() takes a code object and a str");
    }
    code_set_filename(value_object(args[0]), value_object(args[1]));
    return VALUE_NONE;
}

static Value imp_source_hash(Value self, const Value *args)
{
    Py_buffer view;
    uint64_t key;
    if (int_to_u64(object_index(args[0]), &key) < 0 ||
        object_get_buffer(args[1], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    uint64_t hash = hash_siphash13(key, 0, view.buf, (size_t)view.len);
    object_release_buffer(&view);
    return value_from_object(bytes_new((const char *)&hash, sizeof hash));
}

static const struct native_def functions[] = {
    {"_fix_co_filename", "($module, code, path, /)",
     "Changes the file name of a code object and of those inside of it.", .n = imp_fix_filename},
    {"_frozen_module_names", "($module, /)", "The names of the frozen modules.",
     .f0 = imp_frozen_module_names},
    {"_override_frozen_modules_for_tests", "($module, override, /)",
     "Switches frozen modules on (1), off (-1) or back (0).", .f1 = imp_override_frozen},
    {"acquire_lock", "($module, /)", "Takes the import lock.", .f0 = imp_acquire_lock},
    {"create_builtin", "($module, spec, /)", "Makes the module of a built-in module's spec.",
     .f1 = imp_create_builtin},
    {"create_dynamic", "($module, spec, file=<unrepresentable>, /)",
     "Makes the module of a compiled extension's spec.", .n = imp_create_dynamic},
    {"exec_builtin", "($module, mod, /)", "Initializes a built-in module.", .f1 = imp_exec_builtin},
    {"exec_dynamic", "($module, mod, /)", "Initializes a compiled extension module.",
     .f1 = imp_exec_dynamic},
    {"extension_suffixes", "($module, /)", "The endings of compiled extension modules' files.",
     .f0 = imp_extension_suffixes},
    {"find_frozen", "($module, name, /, *, withdata=False)",
     "Information about a frozen module, or None.", .n = imp_find_frozen},
    {"get_frozen_object", "($module, name, data=None, /)", "The code of a frozen module.",
     .n = imp_get_frozen_object},
    {"init_frozen", "($module, name, /)", "Initializes a frozen module.", .f1 = imp_init_frozen},
    {"is_builtin", "($module, name, /)", "Is there a built-in module of that name?",
     .f1 = imp_is_builtin},
    {"is_frozen", "($module, name, /)", "Is there a frozen module of that name?",
     .f1 = imp_is_frozen},
    {"is_frozen_package", "($module, name, /)", "Is the frozen module a package?",
     .f1 = imp_is_frozen_package},
    {"lock_held", "($module, /)", "Does anybody hold the import lock?", .f0 = imp_lock_held},
    {"release_lock", "($module, /)", "Gives the import lock back.", .f0 = imp_release_lock},
    {"source_hash", "($module, /, key, source)",
     "The hash of source text by which caches are checked.", .n = imp_source_hash},
    {NULL},
};

static int imp_exec(PyObject *module)
{
    const char *mode = sys_config.check_pycs;
    return module_add_str(module, "check_hash_based_pycs", mode != NULL ? mode : "default");
}

const struct module_def imp_module = {
    .name = "_imp",
    .doc = "What importlib needs of the interpreter.",
    .functions = functions,
    .exec = imp_exec,
};
