/* SPDX-License-Identifier: MIT */
/* Where things lie: the program, the prefixes, the folders of sys.path. CPython's answers on
 * Debian, with our own lib/ before the standard library. And the functions by which programs that
 * embed Python set and ask these paths. */
#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/debug.h"
#include "main/config.h"

#define PREFIX L"/usr"
#define VERSION_FOLDER L"python3.11"

/* ---- Files of this build. */

const char *pathconfig_program(void)
{
    HOLDS_NO_CELLS static char path[4096];
    if (path[0] == 0) {
        ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
        path[n > 0 ? n : 0] = 0;
    }
    return path[0] == 0 ? NULL : path;
}

/* Of the executable or shared library that this code is in. */
static bool find_own_file(char *path, size_t size)
{
    Dl_info info;
    const char *file = pathconfig_program();
    if (dladdr(__extension__(void *) pathconfig_library, &info) == 0) {
        return false;
    }
    uintptr_t headers = getauxval(AT_PHDR);
    if (headers - (uintptr_t)info.dli_fbase >= 4096) {
        file = info.dli_fname; /* not the executable */
    }
    char *real = file == NULL ? NULL : realpath(file, NULL);
    bool fits = real != NULL && (size_t)snprintf(path, size, "%s", real) < size;
    free(real);
    return fits;
}

const char *pathconfig_library(void)
{
    static const char *const places[] = {"/../lib/orochi", "/orochi"};
    HOLDS_NO_CELLS static char path[4200];
    char own[4096];
    struct stat status;
    if (path[0] != 0) {
        return path;
    }
    if (find_own_file(own, sizeof own)) {
        *strrchr(own, '/') = 0;
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            snprintf(path, sizeof path, "%s%s", own, places[i]);
            if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
                return path;
            }
        }
    }
    snprintf(path, sizeof path, "%s", OROCHI_SOURCE_LIB);
    return path;
}

/* ---- What was set before the start (Py_SetProgramName and the like). Later starts see it, too. */

static wchar_t *set_program_name, *set_home, *set_path, *set_full_path;

static void keep(wchar_t **where, const wchar_t *text)
{
    if (PyStatus_Exception(config_set_text(where, text))) {
        Py_FatalError("no memory for a path");
    }
}

void Py_SetProgramName(const wchar_t *name)
{
    if (name != NULL && name[0] != 0) {
        keep(&set_program_name, name);
    }
}

void Py_SetPythonHome(const wchar_t *home)
{
    keep(&set_home, home != NULL && home[0] != 0 ? home : NULL);
}

void Py_SetPath(const wchar_t *path)
{
    keep(&set_path, path);
}

PyAPI_FUNC(void) _Py_SetProgramFullPath(const wchar_t *path);
void _Py_SetProgramFullPath(const wchar_t *path)
{
    keep(&set_full_path, path != NULL && path[0] != 0 ? path : NULL);
}

/* What the last start has decided; NULL before the first. */
static wchar_t *program_name, *full_path, *prefix, *exec_prefix, *joined_path, *home;

wchar_t *Py_GetProgramName(void)
{
    return program_name != NULL ? program_name : set_program_name;
}

wchar_t *Py_GetPythonHome(void)
{
    return home != NULL ? home : set_home;
}

wchar_t *Py_GetProgramFullPath(void)
{
    return full_path != NULL ? full_path : set_full_path;
}

wchar_t *Py_GetPrefix(void)
{
    return prefix;
}

wchar_t *Py_GetExecPrefix(void)
{
    return exec_prefix;
}

wchar_t *Py_GetPath(void)
{
    return joined_path != NULL ? joined_path : set_path;
}

/* ---- Deciding. */

static PyStatus set_if_missing(wchar_t **field, const wchar_t *text)
{
    return *field != NULL ? PyStatus_Ok() : config_set_text(field, text);
}

/* a, a separator, b, in new memory; NULL if there is none. */
static wchar_t *join(const wchar_t *a, const wchar_t *separator, const wchar_t *b)
{
    size_t room = wcslen(a) + wcslen(separator) + wcslen(b) + 1;
    wchar_t *text = PyMem_RawMalloc(room * sizeof *text);
    if (text != NULL) {
        swprintf(text, room, L"%ls%ls%ls", a, separator, b);
    }
    return text;
}

static bool is_program(const wchar_t *path)
{
    struct stat status;
    char *bytes = Py_EncodeLocale(path, NULL);
    bool found = bytes != NULL && stat(bytes, &status) == 0 && S_ISREG(status.st_mode) &&
                 (status.st_mode & 0111) != 0;
    PyMem_Free(bytes);
    return found;
}

/* The name in one of the folders of PATH; NULL if it is in none. */
static wchar_t *search_program(const wchar_t *name)
{
    const char *variable = getenv("PATH");
    wchar_t *folders = variable == NULL ? NULL : Py_DecodeLocale(variable, NULL);
    wchar_t *state = NULL, *found = NULL;
    for (wchar_t *folder = folders == NULL ? NULL : wcstok(folders, L":", &state);
         folder != NULL && found == NULL; folder = wcstok(NULL, L":", &state)) {
        found = join(folder, L"/", name);
        if (found != NULL && !is_program(found)) {
            PyMem_RawFree(found);
            found = NULL;
        }
    }
    PyMem_RawFree(folders);
    return found;
}

static wchar_t *absolute(const wchar_t *name)
{
    char folder[4096];
    while (name[0] == '.' && name[1] == '/') {
        name += 2;
    }
    wchar_t *start = name[0] == '/' || getcwd(folder, sizeof folder) == NULL
                         ? NULL
                         : Py_DecodeLocale(folder, NULL);
    wchar_t *full = start == NULL ? join(name, L"", L"") : join(start, L"/", name);
    PyMem_RawFree(start);
    return full;
}

static PyStatus read_program(PyConfig *config)
{
    const wchar_t *first = config->orig_argv.length > 0 ? config->orig_argv.items[0] : L"";
    const wchar_t *name = set_program_name != NULL ? set_program_name
                          : first[0] != 0          ? first
                                                   : L"python3";
    PyStatus status = set_if_missing(&config->program_name, name);
    if (PyStatus_Exception(status) || config->executable != NULL) {
        return status;
    }
    if (set_full_path != NULL) {
        return config_set_text(&config->executable, set_full_path);
    }
    name = config->program_name;
    wchar_t *found = wcschr(name, '/') != NULL ? absolute(name) : search_program(name);
    status = config_set_text(&config->executable, found == NULL ? L"" : found);
    PyMem_RawFree(found);
    return status;
}

/* home is a prefix, or two of them, with a colon between. */
static PyStatus read_prefixes(PyConfig *config)
{
    PyStatus status = set_if_missing(&config->home, set_home);
    const char *variable = config_environment(config, "PYTHONHOME");
    if (config->home == NULL && variable != NULL) {
        status = config_set_bytes(&config->home, variable);
    }
    if (PyStatus_Exception(status)) {
        return status;
    }
    wchar_t *first = join(config->home == NULL ? PREFIX : config->home, L"", L"");
    if (first == NULL) {
        return PyStatus_NoMemory();
    }
    wchar_t *colon = wcschr(first, ':');
    const wchar_t *second = colon == NULL ? first : colon + 1;
    if (colon != NULL) {
        *colon = 0;
    }
    wchar_t *library = join(first, L"/lib/", VERSION_FOLDER);
    const struct {
        wchar_t **field;
        const wchar_t *text;
    } rows[] = {{&config->prefix, first},
                {&config->base_prefix, first},
                {&config->exec_prefix, second},
                {&config->base_exec_prefix, second},
                {&config->stdlib_dir, library},
                {&config->platlibdir, L"lib"},
                {&config->base_executable, config->executable}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !PyStatus_Exception(status); i++) {
        status = set_if_missing(rows[i].field, rows[i].text);
    }
    PyMem_RawFree(library);
    PyMem_RawFree(first);
    return status;
}

PyStatus pathconfig_split(PyWideStringList *list, const wchar_t *text)
{
    PyStatus status = PyStatus_Ok();
    while (text != NULL && !PyStatus_Exception(status)) {
        const wchar_t *colon = wcschr(text, ':');
        wchar_t *part = join(text, L"", L"");
        if (part == NULL) {
            return PyStatus_NoMemory();
        }
        if (colon != NULL) {
            part[colon - text] = 0;
        }
        status = PyWideStringList_Append(list, part);
        PyMem_RawFree(part);
        text = colon == NULL ? NULL : colon + 1;
    }
    return status;
}

static PyStatus add_joined(PyWideStringList *list, const wchar_t *a, const wchar_t *b)
{
    wchar_t *path = join(a, L"/lib/", b);
    PyStatus status = path == NULL ? PyStatus_NoMemory() : PyWideStringList_Append(list, path);
    PyMem_RawFree(path);
    return status;
}

/* PYTHONPATH and the standard folders. */
static PyStatus add_default_paths(PyConfig *config)
{
    PyWideStringList *list = &config->module_search_paths;
    const char *variable = config_environment(config, "PYTHONPATH");
    PyStatus status = PyStatus_Ok();
    if (config->pythonpath_env == NULL && variable != NULL) {
        status = config_set_bytes(&config->pythonpath_env, variable);
    }
    if (!PyStatus_Exception(status) && config->pythonpath_env != NULL) {
        status = pathconfig_split(list, config->pythonpath_env);
    }
    if (!PyStatus_Exception(status)) {
        status = add_joined(list, config->prefix, L"python311.zip");
    }
    if (!PyStatus_Exception(status)) {
        status = add_joined(list, config->prefix, VERSION_FOLDER);
    }
    return PyStatus_Exception(status)
               ? status
               : add_joined(list, config->exec_prefix, VERSION_FOLDER L"/lib-dynload");
}

/* Where our lib/ belongs: before the standard library, else first. */
static Py_ssize_t library_place(const PyConfig *config)
{
    const PyWideStringList *list = &config->module_search_paths;
    for (Py_ssize_t i = 0; i < list->length; i++) {
        const wchar_t *slash = wcsrchr(list->items[i], '/');
        if (slash != NULL &&
            (wcscmp(slash, L"/python311.zip") == 0 || wcscmp(slash, L"/" VERSION_FOLDER) == 0)) {
            return i;
        }
    }
    return 0;
}

static PyStatus read_search_paths(PyConfig *config)
{
    PyStatus status = PyStatus_Ok();
    if (!config->module_search_paths_set) {
        status = set_path != NULL ? pathconfig_split(&config->module_search_paths, set_path)
                                  : add_default_paths(config);
        config->module_search_paths_set = 1;
    }
    wchar_t *library = Py_DecodeLocale(pathconfig_library(), NULL);
    if (library == NULL) {
        return PyStatus_NoMemory();
    }
    if (!PyStatus_Exception(status)) {
        status =
            PyWideStringList_Insert(&config->module_search_paths, library_place(config), library);
    }
    PyMem_RawFree(library);
    return status;
}

static void remember(const PyConfig *config)
{
    const PyWideStringList *list = &config->module_search_paths;
    wchar_t *all = NULL;
    for (Py_ssize_t i = 0; i < list->length; i++) {
        wchar_t *longer =
            all == NULL ? join(list->items[i], L"", L"") : join(all, L":", list->items[i]);
        PyMem_RawFree(all);
        all = longer;
    }
    PyMem_RawFree(joined_path);
    joined_path = all;
    keep(&program_name, config->program_name);
    keep(&full_path, config->executable);
    keep(&prefix, config->prefix);
    keep(&exec_prefix, config->exec_prefix);
    keep(&home, config->home);
}

PyStatus pathconfig_read(PyConfig *config)
{
    PyStatus (*const steps[])(PyConfig *) = {read_program, read_prefixes, read_search_paths};
    PyStatus status = PyStatus_Ok();
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !PyStatus_Exception(status); i++) {
        status = steps[i](config);
    }
    if (!PyStatus_Exception(status)) {
        remember(config);
    }
    return status;
}
