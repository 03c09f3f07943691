/* SPDX-License-Identifier: MIT */
/* _warnings: warn() and warn_explicit(), the fast half of the warnings module (library reference,
 * "warnings"). The state (filters, onceregistry, default action) is ordinary Python objects; once
 * the warnings module is imported, its attributes of these names count. filters_version is atomic.
 */
#include "module/import.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "vm/vm.h"

static PyObject *default_filters, *once_registry, *default_action; /* set once at start-up */
static int64_t filters_version;

/* What one warning is about. */
struct warning {
    Value message; /* an instance of the category */
    PyObject *text;
    Value category;
    PyObject *filename;
    int64_t line;
    PyObject *module;
    Value registry; /* dict, or None */
    Value source;   /* or None */
};

/* The attribute of the warnings module if that is loaded, else what is given. */
static Value context_value(const char *name, PyObject *fallback)
{
    PyObject *modules = import_modules();
    if (modules == NULL) {
        error_clear();
        return value_from_object(fallback);
    }
    Value warnings = dict_check(value_from_object(modules)) ? dict_get_str(modules, names.warnings)
                                                            : VALUE_ABSENT;
    Value found;
    if (value_is_present(warnings) &&
        object_find_attr(warnings, str_intern_text(name), &found) > 0) {
        return found;
    }
    error_clear();
    return value_from_object(fallback);
}

/* Does a filter's message or module pattern match? None always; a str exactly; else pattern.match.
 */
static int pattern_matches(Value pattern, PyObject *text)
{
    if (value_is_none(pattern)) {
        return 1;
    }
    if (str_check_exact(pattern)) {
        return str_equal(value_object(pattern), text);
    }
    Value match = object_call_method1(pattern, str_intern_text("match"), value_from_object(text));
    return value_is_null(match) ? -1 : object_truth(match);
}

static int filter_matches(PyObject *row, const struct warning *w)
{
    int result = pattern_matches(tuple_get(row, 1), w->text);
    if (result > 0) {
        result = object_is_subclass(w->category, tuple_get(row, 2));
    }
    if (result > 0) {
        result = pattern_matches(tuple_get(row, 3), w->module);
    }
    int64_t line;
    if (result > 0) {
        if (!int_check(tuple_get(row, 4)) || int_to_i64(tuple_get(row, 4), &line) < 0) {
            return error_occurred()
                       ? -1
                       : error_raise_int(PyExc_TypeError, "an integer is required (got type %T)",
                                         tuple_get(row, 4));
        }
        result = line == 0 || line == w->line;
    }
    return result;
}

/* The action of the first filter that matches: a str, or NULL. */
static PyObject *find_action(const struct warning *w)
{
    Value filters = context_value("filters", default_filters);
    if (!list_check(filters)) {
        return error_raise_null(PyExc_ValueError, "_warnings.filters must be a list");
    }
    for (Py_ssize_t i = 0; i < list_length(value_object(filters)); i++) {
        Value row = list_find(value_object(filters), i);
        if (!tuple_check(row) || tuple_length(value_object(row)) != 5) {
            return error_raise_null(PyExc_ValueError, "_warnings.filters item %zd isn't a 5-tuple",
                                    i);
        }
        int match = filter_matches(value_object(row), w);
        if (match < 0) {
            return NULL;
        }
        if (match > 0) {
            Value action = tuple_get(value_object(row), 0);
            return str_check(action)
                       ? value_object(action)
                       : error_raise_null(PyExc_TypeError, "action must be a string, not '%T'",
                                          action);
        }
    }
    Value action = context_value("defaultaction", default_action);
    if (!str_check(action)) {
        return error_raise_null(PyExc_TypeError,
                                "_warnings.defaultaction must be a string, not '%T'", action);
    }
    return value_object(action);
}

/* Was the key seen in the registry? Marks it. 1, 0, -1. */
static int already_warned(PyObject *registry, Value key)
{
    static PyObject *version_name;
    if (version_name == NULL) {
        atomic_store_release(&version_name, str_intern_text("version"));
    }
    int64_t current = atomic_load_acquire(&filters_version), seen;
    Value version = dict_get_str(registry, version_name);
    if (!value_is_present(version) || !int_try_small(version, &seen) || seen != current) {
        dict_clear(registry);
        return dict_set_str(registry, version_name, int_from_i64(current)) < 0 ? -1 : 0;
    }
    Value warned = dict_get(registry, key);
    return value_is_null(warned) ? -1 : value_is_absent(warned) ? 0 : object_truth(warned);
}

static Value make_key(const struct warning *w, Value line)
{
    Value parts[3] = {value_from_object(w->text), w->category, line};
    return value_from_object(tuple_from_array(parts, value_is_absent(line) ? 2 : 3));
}

static int mark(PyObject *registry, Value key)
{
    int seen = already_warned(registry, key);
    return seen != 0 ? seen : dict_set(registry, key, VALUE_TRUE);
}

/* Without the warnings module: the message and the line of source. */
static int show_plainly(const struct warning *w)
{
    Value err = sys_get("stderr");
    if (!value_is_present(err) || value_is_none(err)) {
        return 0;
    }
    Value name = object_getattr(w->category, names.__name__);
    if (value_is_null(name) || error_write_text(err, "%U:%lld: %S: %U\n", w->filename,
                                                (long long)w->line, name, w->text) < 0) {
        error_clear();
    }
    return 0;
}

static int show(const struct warning *w)
{
    PyObject *modules = import_modules();
    Value warnings = modules != NULL && dict_check(value_from_object(modules))
                         ? dict_get_str(modules, names.warnings)
                         : VALUE_ABSENT;
    if (!value_is_present(warnings) && value_is_present(w->source) && !value_is_none(w->source)) {
        warnings =
            import_module("warnings"); /* only it knows how to show where the object was made */
    }
    Value show_function = VALUE_ABSENT;
    if (value_is_present(warnings) &&
        object_find_attr(warnings, str_intern_text("_showwarnmsg"), &show_function) < 0) {
        return -1;
    }
    if (!value_is_present(show_function)) {
        error_clear();
        return show_plainly(w);
    }
    if (!object_is_callable(show_function)) {
        return error_raise_int(PyExc_TypeError,
                               "warnings._showwarnmsg() must be set to a callable");
    }
    Value type = object_getattr(warnings, str_intern_text("WarningMessage"));
    if (value_is_null(type)) {
        return -1;
    }
    Value args[7] = {
        w->message, w->category, value_from_object(w->filename), int_from_i64(w->line), VALUE_NONE,
        VALUE_NONE, w->source};
    Value message = object_call(type, args, 7, NULL);
    return value_is_null(message) || value_is_null(object_call1(show_function, message)) ? -1 : 0;
}

/* What an action that shows once does with its registry: 1 show, 0 seen before, -1. */
static int should_show(const struct warning *w, PyObject *action, Value key)
{
    PyObject *registry = value_is_none(w->registry) ? NULL : value_object(w->registry);
    if (str_equal_text(action, "always")) {
        return 1;
    }
    if (registry != NULL && dict_set(registry, key, VALUE_TRUE) < 0) {
        return -1;
    }
    int seen = 0;
    if (str_equal_text(action, "once")) {
        Value once = context_value("onceregistry", once_registry);
        if (!dict_check(once)) {
            return error_raise_int(PyExc_TypeError,
                                   "_warnings.onceregistry must be a dict, not '%T'", once);
        }
        seen = mark(value_object(once), make_key(w, VALUE_ABSENT));
    } else if (str_equal_text(action, "module")) {
        seen = registry == NULL ? 0 : mark(registry, make_key(w, value_from_int(0)));
    } else if (!str_equal_text(action, "default")) {
        return error_raise_int(PyExc_RuntimeError,
                               "Unrecognized action (%R) in warnings.filters:\n %R",
                               value_from_object(action), w->category);
    }
    return seen < 0 ? -1 : !seen;
}

static int warn_explicit(struct warning *w)
{
    int is_instance = object_is_instance(w->message, value_from_object(PyExc_Warning));
    if (is_instance < 0) {
        return -1;
    }
    w->text = object_str(w->message);
    if (w->text == NULL) {
        return -1;
    }
    if (is_instance) {
        w->category = value_from_object(value_object(w->message)->ob_type);
    } else {
        w->message = object_call1(w->category, w->message);
        if (value_is_null(w->message)) {
            return -1;
        }
    }
    Value key = make_key(w, int_from_i64(w->line));
    if (value_is_null(key)) {
        return -1;
    }
    if (!value_is_none(w->registry)) {
        int seen = already_warned(value_object(w->registry), key);
        if (seen != 0) {
            return seen < 0 ? -1 : 0;
        }
    }
    PyObject *action = find_action(w);
    if (action == NULL) {
        return -1;
    }
    if (str_equal_text(action, "error")) {
        error_set_instance(value_object(w->message));
        return -1;
    }
    if (str_equal_text(action, "ignore")) {
        return 0;
    }
    int visible = should_show(w, action, key);
    return visible <= 0 ? visible : show(w);
}

/* ---- warn() */

static bool is_internal(PyObject *filename)
{
    return str_find(filename, str_intern_text("importlib"), 0, str_length(filename), 1) >= 0 &&
           str_find(filename, str_intern_text("_bootstrap"), 0, str_length(filename), 1) >= 0;
}

/* The filename of the frame's code; NULL without exception if it has none. */
static PyObject *frame_filename(PyObject *frame)
{
    Value code = object_getattr(value_from_object(frame), str_intern_text("f_code"));
    return value_is_null(code) ? NULL : ((PyCodeObject *)value_object(code))->co_filename;
}

/* The frame that a warning is attributed to, or NULL when the stack is not that deep. */
static PyObject *find_frame(Py_ssize_t level)
{
    PyObject *frame = vm_frame_object(0);
    if (frame == NULL) {
        error_clear();
        return NULL;
    }
    bool skip_internal = level > 1 && !is_internal(frame_filename(frame));
    while (--level > 0) {
        do {
            Value back = object_getattr(value_from_object(frame), str_intern_text("f_back"));
            if (!value_is_present(back) || value_is_none(back)) {
                error_clear();
                return NULL;
            }
            frame = value_object(back);
        } while (skip_internal && is_internal(frame_filename(frame)));
    }
    return frame;
}

/* Fills in filename, line, module and registry from the frame. 0 or -1. */
static int locate(struct warning *w, Py_ssize_t level)
{
    PyObject *globals, *frame = find_frame(level);
    if (frame == NULL) {
        globals = module_dict(import_state.sys);
        w->filename = str_intern_text("sys");
        w->line = 1;
    } else {
        Value dict = object_getattr(value_from_object(frame), str_intern_text("f_globals"));
        Value line = object_getattr(value_from_object(frame), str_intern_text("f_lineno"));
        w->filename = frame_filename(frame);
        if (value_is_null(dict) || value_is_null(line) || w->filename == NULL) {
            return -1;
        }
        w->line = 0;
        int_try_small(line, &w->line);
        globals = value_object(dict);
    }
    w->registry = dict_get_str(globals, names.__warningregistry__);
    if (!value_is_present(w->registry)) {
        w->registry = value_from_object(dict_new());
        if (value_is_null(w->registry) ||
            dict_set_str(globals, names.__warningregistry__, w->registry) < 0) {
            return -1;
        }
    }
    if (!value_is_none(w->registry) && !dict_check(w->registry)) {
        return error_raise_int(PyExc_TypeError, "'registry' must be a dict or None");
    }
    Value module = dict_get_str(globals, names.__name__);
    w->module = str_check(module) ? value_object(module) : str_intern_text("<string>");
    return 0;
}

static Value warnings_warn(Value self, const Value *args)
{
    enum { MESSAGE, CATEGORY, LEVEL, SOURCE };
    struct warning w = {.message = args[MESSAGE], .category = args[CATEGORY], .source = VALUE_NONE};
    Py_ssize_t level = 1;
    if (value_is_present(args[LEVEL]) && arg_index(args[LEVEL], &level) < 0) {
        return VALUE_NULL;
    }
    if (value_is_present(args[SOURCE])) {
        w.source = args[SOURCE];
    }
    int is_instance = object_is_instance(w.message, value_from_object(PyExc_Warning));
    if (is_instance < 0) {
        return VALUE_NULL;
    }
    if (is_instance) {
        w.category = value_from_object(value_object(w.message)->ob_type);
    } else if (!value_is_present(w.category) || value_is_none(w.category)) {
        w.category = value_from_object(PyExc_UserWarning);
    }
    int valid = value_is_instance(w.category, &PyType_Type)
                    ? object_is_subclass(w.category, value_from_object(PyExc_Warning))
                    : 0;
    if (valid <= 0) {
        return valid < 0 ? VALUE_NULL
                         : error_raise(PyExc_TypeError,
                                       "category must be a Warning subclass, not '%T'", w.category);
    }
    return locate(&w, level) < 0 || warn_explicit(&w) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value warnings_warn_explicit(Value self, const Value *args)
{
    enum { MESSAGE, CATEGORY, FILENAME, LINENO, MODULE_, REGISTRY, GLOBALS, SOURCE };
    struct warning w = {.message = args[MESSAGE],
                        .category = args[CATEGORY],
                        .registry = VALUE_NONE,
                        .source = VALUE_NONE};
    w.filename = arg_str(args[FILENAME], "warn_explicit", "argument 'filename'");
    if (w.filename == NULL || arg_i64(args[LINENO], &w.line) < 0) {
        return VALUE_NULL;
    }
    if (value_is_present(args[GLOBALS]) && !value_is_none(args[GLOBALS]) &&
        !dict_check(args[GLOBALS])) {
        return error_raise(PyExc_TypeError, "module_globals must be a dict, not '%T'",
                           args[GLOBALS]);
    }
    if (value_is_present(args[REGISTRY])) {
        w.registry = args[REGISTRY];
    }
    if (!value_is_none(w.registry) && !dict_check(w.registry)) {
        return error_raise(PyExc_TypeError, "'registry' must be a dict or None");
    }
    if (value_is_present(args[SOURCE])) {
        w.source = args[SOURCE];
    }
    if (value_is_present(args[MODULE_]) && str_check(args[MODULE_])) {
        w.module = value_object(args[MODULE_]);
    } else {
        Py_ssize_t n = str_length(w.filename);
        bool is_python = n > 3 && str_find(w.filename, str_intern_text(".py"), n - 3, n, 1) >= 0;
        w.module = n == 0 ? str_intern_text("<unknown>")
                          : str_substring(w.filename, 0, is_python ? n - 3 : n);
    }
    return w.module == NULL || warn_explicit(&w) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value warnings_filters_mutated(Value self)
{
    atomic_fetch_add_acq_rel(&filters_version, 1);
    return VALUE_NONE;
}

static const struct native_def functions[] = {
    {"_filters_mutated", "($module, /)", "Tells that the filters have changed.",
     .f0 = warnings_filters_mutated},
    {"warn", "($module, /, message, category=None, stacklevel=1, source=None)",
     "Issues a warning, or raises or ignores it, as the filters say.", .n = warnings_warn},
    {"warn_explicit",
     "($module, /, message, category, filename, lineno, module=None, registry=None, "
     "module_globals=None, source=None)",
     "Issues a warning that belongs to a given file and line.", .n = warnings_warn_explicit},
    {NULL},
};

static int add_filter(const char *action, PyObject *category, const char *module)
{
    Value row[5] = {value_from_object(str_intern_text(action)), VALUE_NONE,
                    value_from_object(category),
                    module == NULL ? VALUE_NONE : value_from_object(str_intern_text(module)),
                    value_from_int(0)};
    PyObject *tuple = tuple_from_array(row, 5);
    return tuple == NULL ? -1 : list_append(default_filters, value_from_object(tuple));
}

static int warnings_exec(PyObject *module)
{
    default_filters = list_new(8);
    once_registry = dict_new();
    default_action = str_intern_text("default");
    if (default_filters == NULL || once_registry == NULL || default_action == NULL ||
        add_filter("default", PyExc_DeprecationWarning, "__main__") < 0 ||
        add_filter("ignore", PyExc_DeprecationWarning, NULL) < 0 ||
        add_filter("ignore", PyExc_PendingDeprecationWarning, NULL) < 0 ||
        add_filter("ignore", PyExc_ImportWarning, NULL) < 0 ||
        add_filter("ignore", PyExc_ResourceWarning, NULL) < 0) {
        return -1;
    }
    return module_add(module, "filters", value_from_object(default_filters)) < 0 ||
                   module_add(module, "_onceregistry", value_from_object(once_registry)) < 0 ||
                   module_add(module, "_defaultaction", value_from_object(default_action)) < 0
               ? -1
               : 0;
}

const struct module_def warnings_module = {
    .name = "_warnings",
    .doc = "Basic warning filtering: the fast half of warnings.",
    .functions = functions,
    .exec = warnings_exec,
};
