/* SPDX-License-Identifier: MIT */
/* __import__ and the table of ported modules. */
#include "module/import_int.h"
#include "module/sys.h"

#include "object/dict.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

#define MODULE(name, definition) extern const struct module_def definition;
#include "module/modules.def"
#undef MODULE

static const struct {
    const char *name;
    const struct module_def *definition;
} ported_modules[] = {
#define MODULE(name, definition) {name, &definition},
#include "module/modules.def"
#undef MODULE
};
enum { PORTED_COUNT = sizeof ported_modules / sizeof ported_modules[0] };

struct import_state import_state;

const struct module_def *import_find_builtin(PyObject *name)
{
    for (size_t i = 0; i < PORTED_COUNT; i++) {
        if (str_equal_text(name, ported_modules[i].name)) {
            return ported_modules[i].definition;
        }
    }
    return NULL;
}

/* Ported modules have C state, so there is one of each; reloading one finds it again. Under the
 * importlib lock of the module's name, so that two threads do not make it twice. */
static PyObject *made_modules[PORTED_COUNT];

Value import_once(const struct module_def *def)
{
    for (size_t i = 0; i < PORTED_COUNT; i++) {
        if (ported_modules[i].definition == def) {
            PyObject *module = atomic_load_acquire(&made_modules[i]);
            if (module == NULL) {
                module = module_from_def(def);
                atomic_store_release(&made_modules[i], module);
            }
            return value_from_object(module);
        }
    }
    return error_internal("import_once: not in the table");
}

void import_reset(void)
{
    import_state = (struct import_state){0};
    for (size_t i = 0; i < PORTED_COUNT; i++) {
        atomic_store_relaxed(&made_modules[i], NULL);
    }
    import_lock_reset();
    error_sys_dict = NULL;
}

static int add_added_names(PyObject *list)
{
    for (size_t i = 0; import_hooks.added_name != NULL; i++) {
        const char *text = import_hooks.added_name(i);
        PyObject *name = text == NULL ? NULL : str_intern_text(text);
        if (text == NULL) {
            break;
        }
        if (name == NULL || list_append(list, value_from_object(name)) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *import_builtin_names(void)
{
    PyObject *list = list_new(PORTED_COUNT);
    for (size_t i = 0; list != NULL && i < PORTED_COUNT; i++) {
        PyObject *name = str_intern_text(ported_modules[i].name);
        if (name == NULL || list_append(list, value_from_object(name)) < 0) {
            return NULL;
        }
    }
    if (list == NULL || add_added_names(list) < 0 || list_sort(list, VALUE_ABSENT, false) < 0) {
        return NULL;
    }
    return list_to_tuple(list);
}

Value sys_get(const char *name)
{
    if (import_state.sys == NULL) {
        return VALUE_ABSENT;
    }
    PyObject *key = str_intern_text(name);
    if (key == NULL) {
        error_clear();
        return VALUE_ABSENT;
    }
    return dict_get_str(module_dict(import_state.sys), key);
}

int sys_set(const char *name, Value v)
{
    PyObject *key = str_intern_text(name);
    return key == NULL ? -1 : dict_set_str(module_dict(import_state.sys), key, v);
}

PyObject *import_modules(void)
{
    Value modules = sys_get("modules");
    if (!value_is_present(modules)) {
        return error_raise_null(PyExc_RuntimeError, "unable to get sys.modules");
    }
    return value_box(modules);
}

/* sys.modules[name], VALUE_ABSENT if it is missing. */
static Value find_loaded(PyObject *modules, PyObject *name)
{
    if (dict_check_exact(value_from_object(modules))) {
        return dict_get(modules, value_from_object(name));
    }
    Value found = object_getitem(value_from_object(modules), value_from_object(name));
    if (value_is_null(found) && error_matches(PyExc_KeyError)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return found;
}

/* Another thread may still be initialising the module: importlib waits for it. */
static int wait_until_initialised(Value module, PyObject *name)
{
    Value spec, initialising;
    int found = object_find_attr(module, names.__spec__, &spec);
    if (found <= 0) {
        return found;
    }
    PyObject *attribute = str_intern_text("_initializing");
    found = object_find_attr(spec, attribute, &initialising);
    if (found <= 0) {
        return found;
    }
    int busy = object_truth(initialising);
    if (busy <= 0) {
        return busy;
    }
    Value done =
        object_call_method1(value_from_object(import_state.importlib),
                            str_intern_text("_lock_unlock_module"), value_from_object(name));
    return value_is_null(done) ? -1 : 0;
}

static Value find_and_load(PyObject *name)
{
    return object_call_method2(value_from_object(import_state.importlib),
                               str_intern_text("_find_and_load"), value_from_object(name),
                               import_state.gcd_import);
}

static int audit_import(PyObject *name)
{
    if (!sys_audit_wanted()) {
        return 0;
    }
    return sys_audit_values("import", "OsOOO", value_from_object(name), NULL, sys_get("path"),
                            sys_get("meta_path"), sys_get("path_hooks"));
}

/* Imports a module by its absolute dotted name and returns that module. */
static Value load_absolute(PyObject *name)
{
    PyObject *modules = import_modules();
    if (modules == NULL) {
        return VALUE_NULL;
    }
    Value module = find_loaded(modules, name);
    if (value_is_null(module)) {
        return VALUE_NULL;
    }
    if (value_is_present(module) && !value_is_none(module)) {
        return wait_until_initialised(module, name) < 0 ? VALUE_NULL : module;
    }
    if (audit_import(name) < 0) {
        return VALUE_NULL;
    }
    if (import_state.importlib == NULL) {
        return error_raise(PyExc_ImportError, "import of %U before importlib is there", name);
    }
    module = import_show_times ? import_load_timed(name, find_and_load) : find_and_load(name);
    if (value_is_null(module)) {
        traceback_remove_importlib();
    }
    return module;
}

/* globals["__package__"] and its fallbacks (PEP 366); the package's name, or NULL with an error. */
static PyObject *calling_package(PyObject *globals)
{
    if (globals == NULL) {
        return error_raise_null(PyExc_KeyError, "'__name__' not in globals");
    }
    Value arguments[1] = {value_from_object(globals)};
    Value package = object_call_method(value_from_object(import_state.importlib),
                                       str_intern_text("_calc___package__"), arguments, 1);
    if (value_is_null(package)) {
        return NULL;
    }
    if (!str_check(package)) {
        return error_raise_null(PyExc_TypeError, "package must be a string");
    }
    if (str_length(value_object(package)) == 0) {
        return error_raise_null(PyExc_ImportError,
                                "attempted relative import with no known parent package");
    }
    return value_object(package);
}

/* The absolute name of `name` relative to the package, `level` dots up. */
static PyObject *resolve_name(PyObject *name, PyObject *globals, int level)
{
    PyObject *package = calling_package(globals);
    if (package == NULL) {
        return NULL;
    }
    Py_ssize_t end = str_length(package);
    for (int i = 1; i < level; i++) {
        end = str_find_char(package, '.', 0, end, -1);
        if (end < 0) {
            return error_raise_null(PyExc_ImportError,
                                    "attempted relative import beyond top-level package");
        }
    }
    PyObject *base = str_substring(package, 0, end);
    if (base == NULL || str_length(name) == 0) {
        return base;
    }
    return str_format("%U.%U", base, name);
}

/* `import a.b.c` binds a; `from ..a.b import` without names binds the part that was not written. */
static Value top_of(PyObject *name, PyObject *absolute, Value module, int level)
{
    Py_ssize_t dot = str_find_char(name, '.', 0, str_length(name), 1);
    if (dot < 0 || str_length(name) == 0) {
        return module;
    }
    Py_ssize_t end = level == 0 ? dot : str_length(absolute) - (str_length(name) - dot);
    PyObject *front = str_substring(absolute, 0, end);
    if (front == NULL) {
        return VALUE_NULL;
    }
    if (level == 0) {
        return load_absolute(front);
    }
    Value top = find_loaded(import_modules(), front);
    if (value_is_absent(top)) {
        return error_raise(PyExc_KeyError, "%R not in sys.modules as expected",
                           value_from_object(front));
    }
    return top;
}

static Value handle_fromlist(Value module, Value fromlist)
{
    Value path;
    int has_path = object_find_attr(module, names.__path__, &path);
    if (has_path <= 0) {
        return has_path < 0 ? VALUE_NULL : module;
    }
    Value arguments[3] = {module, fromlist, import_state.gcd_import};
    return object_call_method(value_from_object(import_state.importlib),
                              str_intern_text("_handle_fromlist"), arguments, 3);
}

Value import_module_level(PyObject *name, PyObject *globals, Value fromlist, int level)
{
    if (level < 0) {
        return error_raise(PyExc_ValueError, "level must be >= 0");
    }
    PyObject *absolute = name;
    if (level > 0) {
        absolute = resolve_name(name, globals, level);
        if (absolute == NULL) {
            return VALUE_NULL;
        }
    } else if (str_length(name) == 0) {
        return error_raise(PyExc_ValueError, "Empty module name");
    }
    Value module = load_absolute(absolute);
    if (value_is_null(module)) {
        return VALUE_NULL;
    }
    int has_names =
        value_is_present(fromlist) && !value_is_none(fromlist) ? object_truth(fromlist) : 0;
    if (has_names < 0) {
        return VALUE_NULL;
    }
    return has_names ? handle_fromlist(module, fromlist) : top_of(name, absolute, module, level);
}

Value import_module(const char *name)
{
    PyObject *text = str_intern_text(name);
    return text == NULL ? VALUE_NULL : load_absolute(text);
}

Value import_attribute(const char *module, const char *attribute)
{
    Value m = import_module(module);
    if (value_is_null(m)) {
        return VALUE_NULL;
    }
    PyObject *name = str_intern_text(attribute);
    return name == NULL ? VALUE_NULL : object_getattr(m, name);
}
