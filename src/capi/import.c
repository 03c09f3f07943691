/* SPDX-License-Identifier: MIT */
/* Importing from C. */
#include "module/import.h"

#include <stdlib.h>

#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/list.h"

/* As the import statement does: the module itself, not its package. */
PyObject *PyImport_Import(PyObject *name)
{
    struct thread *t = capi_enter();
    const char *text = str_utf8(capi_object(name), NULL);
    return capi_return(t, text == NULL ? VALUE_NULL : import_module(text));
}

PyObject *PyImport_ImportModule(const char *name)
{
    struct thread *t = capi_enter();
    return capi_return(t, import_module(name));
}

PyObject *PyImport_ImportModuleNoBlock(const char *name)
{
    return PyImport_ImportModule(name);
}

PyObject *PyImport_ImportModuleLevelObject(PyObject *name, PyObject *globals, PyObject *locals,
                                           PyObject *fromlist, int level)
{
    struct thread *t = capi_enter();
    return capi_return(t, import_module_level(capi_object(name), capi_object(globals),
                                              capi_value_or(fromlist, VALUE_NONE), level));
}

PyObject *PyImport_ImportModuleLevel(const char *name, PyObject *globals, PyObject *locals,
                                     PyObject *fromlist, int level)
{
    struct thread *t = capi_enter();
    PyObject *text = str_from_text(name);
    return capi_return(t, text == NULL
                              ? VALUE_NULL
                              : import_module_level(text, capi_object(globals),
                                                    capi_value_or(fromlist, VALUE_NONE), level));
}

PyObject *PyImport_GetModuleDict(void)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(t, value_from_object(import_modules()));
}

static Value find_module(Value name)
{
    PyObject *modules = import_modules();
    return modules == NULL ? VALUE_NULL : dict_get(modules, name);
}

PyObject *PyImport_GetModule(PyObject *name)
{
    struct thread *t = capi_enter();
    Value found = find_module(capi_value(name));
    return capi_return(t, value_is_absent(found) ? VALUE_NULL : found);
}

static Value add_module(PyObject *name)
{
    Value found = name == NULL ? VALUE_NULL : find_module(value_from_object(name));
    if (!value_is_absent(found)) {
        return found;
    }
    PyObject *module = module_new(str_utf8(name, NULL));
    if (module == NULL ||
        dict_set(import_modules(), value_from_object(name), value_from_object(module)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(module);
}

PyObject *PyImport_AddModuleObject(PyObject *name)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(t, add_module(capi_object(name)));
}

PyObject *PyImport_AddModule(const char *name)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(t, add_module(str_from_text(name)));
}

PyObject *PyImport_ReloadModule(PyObject *module)
{
    struct thread *t = capi_enter();
    Value reload = import_attribute("importlib", "reload");
    return capi_return(t,
                       value_is_null(reload) ? reload : object_call1(reload, capi_value(module)));
}

/* ---- Modules that the program brings along: before the start. */

static struct _inittab no_modules[1];
struct _inittab *PyImport_Inittab = no_modules;

int PyImport_ExtendInittab(struct _inittab *more)
{
    static struct _inittab *own; /* PyImport_Inittab, if it is ours */
    size_t have = 0, added = 0;
    while (PyImport_Inittab[have].name != NULL) {
        have++;
    }
    while (more[added].name != NULL) {
        added++;
    }
    struct _inittab *table = malloc((have + added + 1) * sizeof *table);
    if (table == NULL) {
        return -1;
    }
    memcpy(table, PyImport_Inittab, have * sizeof *table);
    memcpy(table + have, more, (added + 1) * sizeof *table);
    free(own);
    own = PyImport_Inittab = table;
    return 0;
}

int PyImport_AppendInittab(const char *name, PyObject *(*init)(void))
{
    struct _inittab rows[2] = {{name, init}, {NULL, NULL}};
    return PyImport_ExtendInittab(rows);
}

/* ---- sys. */

PyObject *PySys_GetObject(const char *name)
{
    struct thread *t = capi_enter();
    Value found = sys_get(name);
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

int PySys_SetObject(const char *name, PyObject *value)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, sys_set(name, capi_value_or(value, VALUE_ABSENT)));
}

PyObject *_PyImport_GetModuleId(_Py_Identifier *name)
{
    PyObject *text = _PyUnicode_FromId(name);
    return text == NULL ? NULL : PyImport_GetModule(text);
}
