/* SPDX-License-Identifier: MIT */
/* The path hook for zip files. The standard library's zipimport is only loaded when an entry of
 * sys.path is a file, or lies in one; and by a spec of its own, since that very entry would be
 * searched for it otherwise. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "main/main_int.h"
#include "module/import.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* Is the path a file, or something below a file? */
static bool leads_to_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0) {
        return S_ISREG(status.st_mode);
    }
    return errno == ENOTDIR;
}

static Value load_zipimport(void)
{
    PyObject *name = str_intern_text("zipimport");
    PyObject *modules = name == NULL ? NULL : import_modules();
    if (modules == NULL) {
        return VALUE_NULL;
    }
    Value module = dict_get(modules, value_from_object(name));
    if (!value_is_absent(module)) {
        return module;
    }
    Value finder = import_attribute("_frozen_importlib_external", "PathFinder");
    Value load = value_is_null(finder) ? finder : import_attribute("_frozen_importlib", "_load");
    PyObject *method = str_intern_text("find_spec");
    PyObject *folder = str_from_text("/usr/lib/python3.11");
    Value entry = value_from_object(folder);
    PyObject *path = folder == NULL ? NULL : list_from_array(&entry, 1);
    if (value_is_null(load) || method == NULL || path == NULL) {
        return VALUE_NULL;
    }
    Value spec =
        object_call_method2(finder, method, value_from_object(name), value_from_object(path));
    return value_is_null(spec) ? spec : object_call1(load, spec);
}

static Value zip_path_hook(Value self, Value path)
{
    (void)self;
    PyObject *bytes = str_check(path) ? str_to_filename(value_object(path)) : NULL;
    if (bytes == NULL || !leads_to_file(bytes_data(bytes))) {
        error_clear();
        return error_raise(PyExc_ImportError, "not a Zip file: %R", path);
    }
    Value module = load_zipimport();
    PyObject *name = value_is_null(module) ? NULL : str_intern_text("zipimporter");
    Value class = name == NULL ? VALUE_NULL : object_getattr(module, name);
    return value_is_null(class) ? class : object_call1(class, path);
}

int bootstrap_zip_hook(void)
{
    static const struct native_def hook = {"zipimporter", "(path, /)",
                                           "Makes a zipimport.zipimporter for a zip file.",
                                           .f1 = zip_path_hook};
    Value hooks = sys_get("path_hooks");
    PyObject *function = native_function_new(&hook, VALUE_NULL, names.sys);
    if (function == NULL) {
        return -1;
    }
    return list_check(hooks) ? list_insert(value_object(hooks), 0, value_from_object(function)) : 0;
}
