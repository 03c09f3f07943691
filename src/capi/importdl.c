/* SPDX-License-Identifier: MIT */
/* Loading extension modules: dlopen, the init function, and the two ways a module can come about
 * (PEP 489). */
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>

#include "capi/type_int.h"
#include "module/import.h"
#include "module/sys.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/module.h"

/* ---- The library's static data. */

struct data_search {
    uintptr_t address; /* in the library's text */
};

/* Adds the writable segments of the library that holds the address to the roots. */
static int add_static_data(struct dl_phdr_info *info, size_t size, void *argument)
{
    const struct data_search *search = argument;
    bool found = false;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + h->p_vaddr;
        found |= h->p_type == PT_LOAD && search->address - start < h->p_memsz;
    }
    for (unsigned i = 0; found && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type == PT_LOAD && (h->p_flags & PF_W) != 0) {
            heap_add_root_range((const void *)(info->dlpi_addr + h->p_vaddr), h->p_memsz);
        }
    }
    return found;
}

/* Libraries whose data are roots already, by their base address; under the extension lock. */
HOLDS_NO_CELLS static const void *known_libraries[1024];
static size_t known_count;

void capi_know_library(const void *address)
{
    Dl_info info = {0};
    if (dladdr(address, &info) == 0) {
        return;
    }
    for (size_t i = 0; i < known_count; i++) {
        if (known_libraries[i] == info.dli_fbase) {
            return;
        }
    }
    if (known_count < sizeof known_libraries / sizeof known_libraries[0]) {
        known_libraries[known_count++] = info.dli_fbase;
    }
    struct data_search search = {(uintptr_t)address};
    dl_iterate_phdr(add_static_data, &search);
}

/* What extensions free in a collection is taken again at once. malloc gives free memory at its end
 * back, but keeps twice the biggest block that was freed so far. */
static void teach_malloc(void)
{
    void *volatile block = malloc((size_t)8 << 20);
    free(block);
}

/* From the first extension on objects may have C counts, and types are looked at from C. The world
 * is stopped for a moment, so that no collection is half-way. */
void capi_prepare_extensions(void)
{
    if (!heap_scan_counts) {
        world_stop();
        heap_scan_counts = true;
        world_resume();
        capi_fill_all_types();
        capi_init_runtime();
        teach_malloc();
    }
}

/* ---- Names. */

/* The init function's name: PyInit_ and the last part of the module's name, or PyInitU_ and its
 * punycode. NULL with an exception. */
static PyObject *init_name(PyObject *name)
{
    Py_ssize_t dot = str_find_char(name, '.', 0, str_length(name), -1);
    PyObject *last = dot < 0 ? name : str_substring(name, dot + 1, str_length(name));
    if (last == NULL) {
        return NULL;
    }
    const char *prefix = "PyInit_";
    if (!str_is_ascii(last)) {
        PyObject *bytes = str_encode(last, "punycode", NULL);
        if (bytes == NULL) {
            return NULL;
        }
        last = str_from_text(PyBytes_AS_STRING(bytes));
        prefix = "PyInitU_";
    }
    PyObject *hyphen = str_from_text("-"), *underscore = str_from_text("_");
    if (last == NULL || hyphen == NULL || underscore == NULL) {
        return NULL;
    }
    last = str_replace(last, hyphen, underscore, -1);
    return last == NULL ? NULL : str_format("%s%U", prefix, last);
}

static Value raise_import_error(PyObject *message, PyObject *name, PyObject *path)
{
    if (message == NULL) {
        return VALUE_NULL;
    }
    Value args[3] = {value_from_object(message), value_from_object(name), value_from_object(path)};
    PyObject *kwnames = tuple_pack(2, str_intern_text("name"), str_intern_text("path"));
    Value error = kwnames == NULL
                      ? VALUE_NULL
                      : object_call(value_from_object(PyExc_ImportError), args, 1, kwnames);
    if (!value_is_null(error)) {
        error_set_instance(value_object(error));
    }
    return VALUE_NULL;
}

/* ---- Loading. */

typedef PyObject *(*init_function)(void);

static init_function load_library(PyObject *name, PyObject *path, PyObject *symbol)
{
    const char *file = str_utf8(path, NULL);
    PyObject *bytes = str_to_filename(path);
    if (file == NULL || bytes == NULL) {
        return NULL;
    }
    capi_leave(thread_current()); /* constructors of the library are extension code */
    void *handle = dlopen(PyBytes_AS_STRING(bytes), RTLD_NOW);
    capi_enter();
    if (handle == NULL) {
        const char *text = dlerror();
        raise_import_error(str_from_filename(text, (Py_ssize_t)strlen(text)), name, path);
        return NULL;
    }
    void *init = dlsym(handle, str_utf8(symbol, NULL));
    if (init == NULL) {
        raise_import_error(
            str_format("dynamic module does not define module export function (%U)", symbol), name,
            path);
        return NULL;
    }
    capi_know_library(init);
    return (init_function)init;
}

/* What an init function may do wrong, in CPython's words. */
static Value check_init(PyObject *made, PyObject *symbol)
{
    const char *shown = str_utf8(symbol, NULL);
    shown = strchr(shown, '_') + 1;
    if (made == NULL && !error_occurred()) {
        return error_raise(PyExc_SystemError,
                           "initialization of %s failed without raising an exception", shown);
    }
    if (made != NULL && error_occurred()) {
        return error_raise_from_current(PyExc_SystemError,
                                        "initialization of %s raised unreported exception", shown);
    }
    if (made != NULL && made->ob_type == NULL) {
        return error_raise(PyExc_SystemError, "init function of %s returned uninitialized object",
                           shown);
    }
    return value_from_object(made);
}

/* A single-phase module is complete; it gets its file name, and is found by its definition. */
static Value finish_single_phase(PyObject *module, PyObject *path)
{
    if (!module_check(value_from_object(module))) {
        return error_raise(PyExc_SystemError,
                           "initialization function did not return an extension module, but %T",
                           value_from_object(module));
    }
    const struct module_object *m = (struct module_object *)module;
    if ((path != Py_None &&
         dict_set_str(m->dict, str_intern_text("__file__"), value_from_object(path)) < 0) ||
        (m->def != NULL && capi_remember_module(module, m->def) < 0)) {
        return VALUE_NULL;
    }
    return value_from_object(module);
}

/* Single-phase modules that were made, by file and name: the same object again. Under the extension
 * lock. */
static PyObject *single_phase_modules;
/* The full name of the module whose init function is running, for PyModule_Create. */
const char *capi_package_context;

static Value run_init(init_function init, Value spec, PyObject *name, PyObject *path,
                      PyObject *symbol)
{
    const char *outer = capi_package_context;
    capi_package_context = str_utf8(name, NULL);
    capi_late_slots_begin();
    capi_leave(thread_current());
    PyObject *made = init();
    bool private = made != NULL && !object_is_public(made) && made->ob_type == &PyModuleDef_Type;
    capi_enter();
    capi_late_slots_end();
    capi_package_context = outer;
    if (value_is_null(check_init(made, symbol))) {
        return VALUE_NULL;
    }
    if (private || made->ob_type == &PyModuleDef_Type) {
        capi_leave(thread_current());
        PyObject *module = PyModule_FromDefAndSpec((PyModuleDef *)made, value_object(spec));
        return capi_result(module, "PyModule_FromDefAndSpec", NULL);
    }
    capi_steal(made);
    Value module = finish_single_phase(made, path);
    if (!value_is_null(module) &&
        dict_set(single_phase_modules, value_from_object(tuple_pack(2, path, name)), module) < 0) {
        return VALUE_NULL;
    }
    return module;
}

void capi_reset_modules(void)
{
    single_phase_modules = NULL;
    capi_forget_state_modules();
}

/* The module that was made before, if it can be made only once; VALUE_ABSENT else. */
static Value find_made(PyObject *name, PyObject *path)
{
    if (single_phase_modules == NULL && (single_phase_modules = dict_new()) == NULL) {
        return VALUE_NULL;
    }
    PyObject *key = tuple_pack(2, path, name);
    return key == NULL ? VALUE_NULL : dict_get(single_phase_modules, value_from_object(key));
}

/* Modules that would load, and crash. */
static const struct {
    const char *name, *why;
} refused[] = {
    {"greenlet._greenlet",
     "it exchanges the C stack below the interpreter, which keeps its frames elsewhere"},
};

static const char *why_refused(PyObject *name)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (str_equal_text(name, refused[i].name)) {
            return refused[i].why;
        }
    }
    return NULL;
}

static Value create_dynamic(Value spec)
{
    Value name = object_getattr(spec, str_intern_text("name"));
    Value path = value_is_null(name) ? VALUE_NULL : object_getattr(spec, str_intern_text("origin"));
    if (value_is_null(path)) {
        return VALUE_NULL;
    }
    if (!str_check(name) || !str_check(path)) {
        return error_raise(PyExc_TypeError, "the spec's name and origin must be str");
    }
    const char *why = why_refused(value_object(name));
    if (why != NULL) {
        return raise_import_error(str_format("Orochi cannot run %U: %s", value_object(name), why),
                                  value_object(name), value_object(path));
    }
    Value known = find_made(value_object(name), value_object(path));
    if (!value_is_absent(known)) {
        return known;
    }
    PyObject *symbol = init_name(value_object(name));
    if (symbol == NULL) {
        return VALUE_NULL;
    }
    if (sys_audit_values("import", "OOsss", name, path, NULL, NULL, NULL) < 0) {
        return VALUE_NULL;
    }
    capi_prepare_extensions();
    init_function init = load_library(value_object(name), value_object(path), symbol);
    return init == NULL ? VALUE_NULL
                        : run_init(init, spec, value_object(name), value_object(path), symbol);
}

/* ---- Modules that the program brings along (PyImport_Inittab). */

static const char *added_name(size_t i)
{
    return PyImport_Inittab[i].name;
}

static Value create_added(Value spec, PyObject *name)
{
    for (const struct _inittab *row = PyImport_Inittab; row->name != NULL; row++) {
        if (!str_equal_text(name, row->name)) {
            continue;
        }
        PyObject *symbol = init_name(name);
        if (symbol == NULL || row->initfunc == NULL) {
            return symbol == NULL ? VALUE_NULL : VALUE_NONE;
        }
        capi_prepare_extensions();
        capi_know_library(__extension__(const void *) row->initfunc);
        Value known = find_made(name, Py_None);
        return !value_is_absent(known) ? known
                                       : run_init(row->initfunc, spec, name, Py_None, symbol);
    }
    return VALUE_NONE;
}

static int exec_dynamic(PyObject *module)
{
    const struct module_object *m = (struct module_object *)module;
    if (m->def == NULL) {
        return 0;
    }
    capi_late_slots_begin();
    capi_leave(thread_current());
    int status = PyModule_ExecDef(module, m->def);
    capi_enter();
    capi_late_slots_end();
    return status;
}

void capi_init_loader(void)
{
    import_hooks.create_dynamic = create_dynamic;
    import_hooks.exec_dynamic = exec_dynamic;
    import_hooks.added_name = added_name;
    import_hooks.create_added = create_added;
}
