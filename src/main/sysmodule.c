/* SPDX-License-Identifier: MIT */
/* What programs that embed Python tell the sys module: arguments, paths, options. Options may be
 * set before the start; PyConfig_Read takes them then. */
#include "capi/capi_int.h"
#include "main/main_int.h"
#include "module/import.h"
#include "module/sys.h"
#include "object/dict.h"
#include "object/list.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* they call each other */

static int set_list(const char *name, const PyWideStringList *texts)
{
    PyObject *list = bootstrap_list(texts);
    return list == NULL ? -1 : sys_set(name, value_from_object(list));
}

static int set_arguments(const PyWideStringList *argv, bool update_path)
{
    if (set_list("argv", argv) < 0) {
        return -1;
    }
    return update_path ? run_prepend_path(run_first_path(argv->items[0])) : 0;
}

void PySys_SetArgvEx(int argc, wchar_t **argv, int update_path)
{
    wchar_t *none[] = {(wchar_t[]){0}};
    PyWideStringList list = {.length = argc, .items = argv};
    if (argc < 1 || argv == NULL) {
        list = (PyWideStringList){.length = 1, .items = none};
    }
    struct thread *t = capi_enter();
    if (set_arguments(&list, update_path && !sys_config.safe_path) < 0) {
        fatal_error("can't assign sys.argv");
    }
    capi_leave(t);
}

void PySys_SetArgv(int argc, wchar_t **argv)
{
    PySys_SetArgvEx(argc, argv, Py_IsolatedFlag == 0);
}

void PySys_SetPath(const wchar_t *path)
{
    PyWideStringList list = {0};
    if (PyStatus_Exception(pathconfig_split(&list, path))) {
        fatal_error("can't create sys.path");
    }
    struct thread *t = capi_enter();
    if (set_list("path", &list) < 0) {
        fatal_error("can't assign sys.path");
    }
    capi_leave(t);
    PyConfig scratch = {.argv = list};
    PyConfig_Clear(&scratch);
}

/* ---- Options. */

/* sys.<name> if it is there and of the right type. */
static Value find_option(const char *name, bool (*is_right)(Value))
{
    Value v = sys_get(name);
    return value_is_present(v) && is_right(v) ? v : VALUE_ABSENT;
}

static bool is_list(Value v)
{
    return list_check(v);
}

static bool is_dict(Value v)
{
    return dict_check(v);
}

void PySys_AddWarnOptionUnicode(PyObject *option)
{
    struct thread *t = capi_enter();
    Value list = find_option("warnoptions", is_list);
    if (!value_is_absent(list)) {
        list_append(value_object(list), capi_value(option));
    }
    capi_leave(t);
}

void PySys_AddWarnOption(const wchar_t *option)
{
    if (!Py_IsInitialized()) {
        PyWideStringList_Append(&config_early_warnings, option);
        return;
    }
    PyObject *text = PyUnicode_FromWideChar(option, -1);
    if (text != NULL) {
        PySys_AddWarnOptionUnicode(text);
        Py_DecRef(text);
    }
}

void PySys_ResetWarnOptions(void)
{
    if (!Py_IsInitialized()) {
        PyConfig scratch = {.argv = config_early_warnings};
        PyConfig_Clear(&scratch);
        config_early_warnings = (PyWideStringList){0};
        return;
    }
    struct thread *t = capi_enter();
    Value list = find_option("warnoptions", is_list);
    if (!value_is_absent(list)) {
        list_clear(value_object(list));
    }
    capi_leave(t);
}

int PySys_HasWarnOptions(void)
{
    if (!Py_IsInitialized()) {
        return config_early_warnings.length > 0;
    }
    struct thread *t = capi_enter();
    Value list = find_option("warnoptions", is_list);
    return capi_return_int(t, !value_is_absent(list) && list_length(value_object(list)) > 0);
}

PyObject *PySys_GetXOptions(void)
{
    struct thread *t = capi_enter();
    Value dict = find_option("_xoptions", is_dict);
    if (value_is_absent(dict)) {
        dict = value_from_object(dict_new());
        if (value_is_null(dict) || sys_set("_xoptions", dict) < 0) {
            return capi_return(t, VALUE_NULL);
        }
    }
    return capi_return_borrowed(t, dict);
}

void PySys_AddXOption(const wchar_t *option)
{
    if (!Py_IsInitialized()) {
        PyWideStringList_Append(&config_early_x_options, option);
        return;
    }
    PyObject *options = PySys_GetXOptions();
    struct thread *t = capi_enter();
    if (options != NULL) {
        bootstrap_add_x_option(options, option);
    }
    error_clear();
    capi_leave(t);
}

/* ---- The command line as it was. */

void Py_GetArgcArgv(int *argc, wchar_t ***argv)
{
    const PyWideStringList *list = &runtime_config()->orig_argv;
    *argc = (int)list->length;
    *argv = list->items;
}
