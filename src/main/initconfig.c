/* SPDX-License-Identifier: MIT */
/* PyStatus, PyWideStringList, and making, filling and clearing PyConfig and PyPreConfig. None of it
 * needs a runtime: everything is C memory. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/config.h"

/* ---- PyStatus. */

PyStatus PyStatus_Ok(void)
{
    return (PyStatus){._type = _PyStatus_TYPE_OK};
}

PyStatus PyStatus_Error(const char *message)
{
    return (PyStatus){._type = _PyStatus_TYPE_ERROR, .err_msg = message};
}

PyStatus PyStatus_NoMemory(void)
{
    return PyStatus_Error("memory allocation failed");
}

PyStatus PyStatus_Exit(int code)
{
    return (PyStatus){._type = _PyStatus_TYPE_EXIT, .exitcode = code};
}

int PyStatus_IsError(PyStatus status)
{
    return status._type == _PyStatus_TYPE_ERROR;
}

int PyStatus_IsExit(PyStatus status)
{
    return status._type == _PyStatus_TYPE_EXIT;
}

int PyStatus_Exception(PyStatus status)
{
    return status._type != _PyStatus_TYPE_OK;
}

PyStatus config_error(const char *function, const char *message)
{
    return (PyStatus){._type = _PyStatus_TYPE_ERROR, .func = function, .err_msg = message};
}

void _Py_NO_RETURN Py_ExitStatusException(PyStatus status)
{
    if (PyStatus_IsExit(status)) {
        exit(status.exitcode);
    }
    if (!PyStatus_IsError(status)) {
        Py_FatalError("Py_ExitStatusException() must not be called on success");
    }
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: %s\n\n",
            status.func == NULL ? "" : status.func, status.func == NULL ? "" : ": ", status.err_msg,
            runtime_state_name());
    exit(1);
}

/* ---- Strings and lists. */

static wchar_t *copy_text(const wchar_t *text)
{
    size_t bytes = (wcslen(text) + 1) * sizeof *text;
    wchar_t *copy = PyMem_RawMalloc(bytes);
    return copy == NULL ? NULL : memcpy(copy, text, bytes);
}

static void list_clear(PyWideStringList *list)
{
    for (Py_ssize_t i = 0; i < list->length; i++) {
        PyMem_RawFree(list->items[i]);
    }
    PyMem_RawFree(list->items);
    *list = (PyWideStringList){0};
}

PyStatus PyWideStringList_Insert(PyWideStringList *list, Py_ssize_t index, const wchar_t *item)
{
    if (index < 0) {
        return config_error("PyWideStringList_Insert",
                            "PyWideStringList_Insert index must be >= 0");
    }
    size_t length = (size_t)list->length, at = (size_t)index < length ? (size_t)index : length;
    wchar_t *copy = copy_text(item);
    wchar_t **items =
        copy == NULL ? NULL : PyMem_RawRealloc(list->items, (length + 1) * sizeof *items);
    if (items == NULL) {
        PyMem_RawFree(copy);
        return PyStatus_NoMemory();
    }
    memmove(items + at + 1, items + at, (length - at) * sizeof *items);
    items[at] = copy;
    list->items = items;
    list->length++;
    return PyStatus_Ok();
}

PyStatus PyWideStringList_Append(PyWideStringList *list, const wchar_t *item)
{
    return PyWideStringList_Insert(list, list->length, item);
}

PyStatus config_copy_list(PyWideStringList *to, const PyWideStringList *from)
{
    PyWideStringList copy = {0};
    for (Py_ssize_t i = 0; i < from->length; i++) {
        PyStatus status = PyWideStringList_Append(&copy, from->items[i]);
        if (PyStatus_Exception(status)) {
            list_clear(&copy);
            return status;
        }
    }
    list_clear(to);
    *to = copy;
    return PyStatus_Ok();
}

/* ---- PyConfig. */

/* What a configuration owns, by place in the structure. */
static const size_t texts[] = {
    offsetof(PyConfig, dump_refs_file),
    offsetof(PyConfig, filesystem_encoding),
    offsetof(PyConfig, filesystem_errors),
    offsetof(PyConfig, pycache_prefix),
    offsetof(PyConfig, stdio_encoding),
    offsetof(PyConfig, stdio_errors),
    offsetof(PyConfig, check_hash_pycs_mode),
    offsetof(PyConfig, program_name),
    offsetof(PyConfig, pythonpath_env),
    offsetof(PyConfig, home),
    offsetof(PyConfig, platlibdir),
    offsetof(PyConfig, stdlib_dir),
    offsetof(PyConfig, executable),
    offsetof(PyConfig, base_executable),
    offsetof(PyConfig, prefix),
    offsetof(PyConfig, base_prefix),
    offsetof(PyConfig, exec_prefix),
    offsetof(PyConfig, base_exec_prefix),
    offsetof(PyConfig, run_command),
    offsetof(PyConfig, run_module),
    offsetof(PyConfig, run_filename),
};
static const size_t lists[] = {
    offsetof(PyConfig, orig_argv),
    offsetof(PyConfig, argv),
    offsetof(PyConfig, xoptions),
    offsetof(PyConfig, warnoptions),
    offsetof(PyConfig, module_search_paths),
};
enum { TEXTS = sizeof texts / sizeof *texts, LISTS = sizeof lists / sizeof *lists };

static wchar_t **text_at(const PyConfig *config, size_t i)
{
    return (wchar_t **)(uintptr_t)((const char *)config + texts[i]);
}

static PyWideStringList *list_at(const PyConfig *config, size_t i)
{
    return (PyWideStringList *)(uintptr_t)((const char *)config + lists[i]);
}

void PyConfig_Clear(PyConfig *config)
{
    for (size_t i = 0; i < TEXTS; i++) {
        PyMem_RawFree(*text_at(config, i));
        *text_at(config, i) = NULL;
    }
    for (size_t i = 0; i < LISTS; i++) {
        list_clear(list_at(config, i));
    }
}

PyStatus config_copy(PyConfig *to, const PyConfig *from)
{
    PyConfig copy = *from;
    for (size_t i = 0; i < TEXTS; i++) {
        *text_at(&copy, i) = NULL;
    }
    for (size_t i = 0; i < LISTS; i++) {
        *list_at(&copy, i) = (PyWideStringList){0};
    }
    PyStatus status = PyStatus_Ok();
    for (size_t i = 0; i < TEXTS && !PyStatus_Exception(status); i++) {
        status = config_set_text(text_at(&copy, i), *text_at(from, i));
    }
    for (size_t i = 0; i < LISTS && !PyStatus_Exception(status); i++) {
        status = config_copy_list(list_at(&copy, i), list_at(from, i));
    }
    if (PyStatus_Exception(status)) {
        PyConfig_Clear(&copy);
        return status;
    }
    PyConfig_Clear(to);
    *to = copy;
    return status;
}

void PyConfig_InitPythonConfig(PyConfig *config)
{
    *config = (PyConfig){
        ._config_init = CONFIG_PYTHON,
        .use_environment = 1,
        .dev_mode = -1,
        .install_signal_handlers = 1,
        .use_hash_seed = -1,
        .faulthandler = -1,
        .tracemalloc = -1,
        .code_debug_ranges = 1,
        .parse_argv = 1,
        .site_import = 1,
        .write_bytecode = 1,
        .user_site_directory = 1,
        .configure_c_stdio = 1,
        .buffered_stdio = 1,
        .use_frozen_modules = 1,
        .pathconfig_warnings = 1,
        ._install_importlib = 1,
        ._init_main = 1,
    };
}

void PyConfig_InitIsolatedConfig(PyConfig *config)
{
    PyConfig_InitPythonConfig(config);
    config->_config_init = CONFIG_ISOLATED;
    config->isolated = 1;
    config->safe_path = 1;
    config->use_environment = 0;
    config->user_site_directory = 0;
    config->dev_mode = 0;
    config->install_signal_handlers = 0;
    config->use_hash_seed = 0;
    config->faulthandler = 0;
    config->tracemalloc = 0;
    config->parse_argv = 0;
    config->configure_c_stdio = 0;
    config->pathconfig_warnings = 0;
}

PyStatus config_set_text(wchar_t **field, const wchar_t *text)
{
    wchar_t *copy = NULL;
    if (text != NULL && (copy = copy_text(text)) == NULL) {
        return PyStatus_NoMemory();
    }
    PyMem_RawFree(*field);
    *field = copy;
    return PyStatus_Ok();
}

PyStatus PyConfig_SetString(PyConfig *config, wchar_t **field, const wchar_t *text)
{
    PyStatus status = preconfig_ensure(config);
    return PyStatus_Exception(status) ? status : config_set_text(field, text);
}

PyStatus config_set_bytes(wchar_t **field, const char *text)
{
    wchar_t *wide = text == NULL ? NULL : Py_DecodeLocale(text, NULL);
    if (text != NULL && wide == NULL) {
        return PyStatus_NoMemory();
    }
    PyMem_RawFree(*field);
    *field = wide;
    return PyStatus_Ok();
}

PyStatus PyConfig_SetBytesString(PyConfig *config, wchar_t **field, const char *text)
{
    PyStatus status = preconfig_ensure(config);
    return PyStatus_Exception(status) ? status : config_set_bytes(field, text);
}

PyStatus PyConfig_SetWideStringList(PyConfig *config, PyWideStringList *list, Py_ssize_t length,
                                    wchar_t **items)
{
    PyStatus status = preconfig_ensure(config);
    const PyWideStringList given = {.length = length, .items = items};
    return PyStatus_Exception(status) ? status : config_copy_list(list, &given);
}

PyStatus PyConfig_SetArgv(PyConfig *config, Py_ssize_t argc, wchar_t *const *argv)
{
    const PyWideStringList given = {.length = argc, .items = (wchar_t **)(uintptr_t)argv};
    PyStatus status = preconfig_ensure(config);
    return PyStatus_Exception(status) ? status : config_copy_list(&config->argv, &given);
}

PyStatus PyConfig_SetBytesArgv(PyConfig *config, Py_ssize_t argc, char *const *argv)
{
    PyWideStringList list = {0};
    PyStatus status = PyStatus_Ok();
    for (Py_ssize_t i = 0; i < argc && !PyStatus_Exception(status); i++) {
        wchar_t *text = Py_DecodeLocale(argv[i], NULL);
        status = text == NULL ? PyStatus_NoMemory() : PyWideStringList_Append(&list, text);
        PyMem_RawFree(text);
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetArgv(config, list.length, list.items);
    }
    list_clear(&list);
    return status;
}
