/* SPDX-License-Identifier: MIT */
/* Modules of extensions: definitions, state, creation in one phase or in several (PEP 489). */
#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/module.h"

#include <stdlib.h>

static struct type_info module_def_info = {.flags = TYPE_NO_NEW};
PyTypeObject PyModuleDef_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "moduledef",
    .tp_basicsize = sizeof(PyModuleDef),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&module_def_info,
};

static struct module_object *module_of(PyObject *m)
{
    return m != NULL && PyModule_Check(m) ? (struct module_object *)m : NULL;
}

PyObject *PyModuleDef_Init(PyModuleDef *def)
{
    struct thread *t = capi_enter();
    int status = type_ready(&PyModuleDef_Type);
    capi_leave(t);
    if (status < 0) {
        return NULL;
    }
    ((PyObject *)def)->ob_type = &PyModuleDef_Type;
    ((PyObject *)def)->ob_refcnt = OBJECT_PUBLIC_COUNT + 1;
    return (PyObject *)def;
}

/* ---- Contents. */

static int add_functions(PyObject *module, PyMethodDef *defs)
{
    PyObject *name = ((struct module_object *)module)->name;
    for (; defs != NULL && defs->ml_name != NULL; defs++) {
        if (defs->ml_flags & (METH_CLASS | METH_STATIC)) {
            return error_raise_int(PyExc_ValueError,
                                   "module functions cannot set METH_CLASS or METH_STATIC");
        }
        PyObject *f = native_function_new_c(defs, module, name, NULL);
        if (f == NULL || module_add(module, defs->ml_name, value_from_object(f)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int fill_module(PyObject *module, PyModuleDef *def)
{
    struct module_object *m = (struct module_object *)module;
    if (add_functions(module, def->m_methods) < 0) {
        return -1;
    }
    if (def->m_doc != NULL && module_add_str(module, "__doc__", def->m_doc) < 0) {
        return -1;
    }
    m->def = def;
    return 0;
}

/* The state is memory of the extension's that may hold counted references. */
static int make_state(struct module_object *m, const PyModuleDef *def)
{
    if (def->m_size >= 0 && m->state == NULL) {
        m->state = calloc(1, def->m_size == 0 ? 1 : (size_t)def->m_size);
        if (m->state == NULL) {
            error_no_memory();
            return -1;
        }
    }
    return 0;
}

/* ---- One phase. */

PyObject *PyModule_Create2(PyModuleDef *def, int api_version)
{
    if (PyModuleDef_Init(def) == NULL) {
        return NULL;
    }
    struct thread *t = capi_enter();
    if (def->m_slots != NULL) {
        return capi_return(t, error_raise(PyExc_SystemError,
                                          "module %s: PyModule_Create is incompatible with m_slots",
                                          def->m_name));
    }
    const char *name = def->m_name, *context = capi_package_context;
    const char *dot = context == NULL ? NULL : strrchr(context, '.');
    if (dot != NULL && strcmp(dot + 1, name) == 0) {
        name = context; /* the name with its package */
    }
    PyObject *module = module_new(name);
    if (module == NULL || make_state((struct module_object *)module, def) < 0 ||
        fill_module(module, def) < 0) {
        return capi_return(t, VALUE_NULL);
    }
    return capi_return_object(t, module);
}

/* ---- Several phases. */

typedef PyObject *(*create_function)(PyObject *spec, PyModuleDef *def);

static int find_create(const PyModuleDef *def, const char *name, create_function *create,
                       bool *has_exec)
{
    for (const PyModuleDef_Slot *s = def->m_slots; s != NULL && s->slot != 0; s++) {
        if (s->slot == Py_mod_create) {
            if (*create != NULL) {
                return error_raise_int(PyExc_SystemError, "module %s has multiple create slots",
                                       name);
            }
            *create = (create_function)s->value;
        } else if (s->slot == Py_mod_exec) {
            *has_exec = true;
        } else {
            return error_raise_int(PyExc_SystemError, "module %s uses unknown slot ID %i", name,
                                   s->slot);
        }
    }
    return 0;
}

static Value create_module(PyModuleDef *def, PyObject *spec, PyObject *name, create_function create,
                           bool has_exec)
{
    Value made;
    const char *text = str_utf8(name, NULL);
    if (text == NULL) {
        return VALUE_NULL;
    }
    if (create == NULL) {
        made = value_from_object(module_new(text));
    } else {
        capi_leave(thread_current());
        made = capi_result(create(spec, def), "create", NULL);
    }
    if (value_is_null(made)) {
        return made;
    }
    if (!module_check(made)) {
        return def->m_size > 0 || def->m_traverse != NULL || def->m_clear != NULL ||
                       def->m_free != NULL
                   ? error_raise(PyExc_SystemError,
                                 "module %s is not a module object, but requests module state",
                                 text)
               : has_exec ? error_raise(PyExc_SystemError,
                                        "module %s specifies execution slots, but did not create "
                                        "a ModuleType instance",
                                        text)
                          : made;
    }
    return fill_module(value_object(made), def) < 0 ? VALUE_NULL : made;
}

static Value from_def_and_spec(PyModuleDef *def, PyObject *spec)
{
    Value name = object_getattr(value_from_object(spec), str_intern_text("name"));
    create_function create = NULL;
    bool has_exec = false;
    if (value_is_null(name)) {
        return name;
    }
    const char *text = str_utf8(value_object(name), NULL);
    if (def->m_size < 0) {
        return error_raise(PyExc_SystemError,
                           "module %s: m_size may not be negative for multi-phase initialization",
                           text);
    }
    if (find_create(def, text, &create, &has_exec) < 0) {
        return VALUE_NULL;
    }
    return create_module(def, spec, value_object(name), create, has_exec);
}

PyObject *PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int api_version)
{
    PyModuleDef_Init(def);
    struct thread *t = capi_enter();
    return capi_return(t, from_def_and_spec(def, capi_object(spec)));
}

static int run_exec(PyObject *module, const PyModuleDef_Slot *slot, const char *name)
{
    capi_leave(thread_current());
    int status = ((int (*)(PyObject *))slot->value)(module);
    capi_enter();
    if (status != 0 && !error_occurred()) {
        return error_raise_int(PyExc_SystemError,
                               "execution of module %s failed without setting an exception", name);
    }
    if (status == 0 && error_occurred()) {
        error_raise_from_current(PyExc_SystemError,
                                 "execution of module %s raised unreported exception", name);
        return -1;
    }
    return status == 0 ? 0 : -1;
}

int PyModule_ExecDef(PyObject *module, PyModuleDef *def)
{
    struct thread *t = capi_enter();
    const char *name = def->m_name;
    if (make_state((struct module_object *)module, def) < 0) {
        return capi_return_int(t, -1);
    }
    for (const PyModuleDef_Slot *s = def->m_slots; s != NULL && s->slot != 0; s++) {
        if (s->slot == Py_mod_exec && run_exec(module, s, name) < 0) {
            return capi_return_int(t, -1);
        }
    }
    return capi_return_int(t, 0);
}

/* ---- Adding to modules, and questions. */

int PyModule_AddFunctions(PyObject *module, PyMethodDef *defs)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, add_functions(capi_object(module), defs));
}

int PyModule_SetDocString(PyObject *module, const char *doc)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, module_add_str(capi_object(module), "__doc__", doc));
}

int PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *o)
{
    struct thread *t = capi_enter();
    if (o == NULL) {
        if (!error_occurred()) {
            error_raise(PyExc_SystemError,
                        "PyModule_AddObjectRef() must be called with an exception raised if value "
                        "is NULL");
        }
        return capi_return_int(t, -1);
    }
    return capi_return_int(t, module_add(capi_object(module), name, capi_value(o)));
}

int PyModule_AddObject(PyObject *module, const char *name, PyObject *o)
{
    int status = PyModule_AddObjectRef(module, name, o);
    if (status == 0) {
        Py_DECREF(o);
    }
    return status;
}

int PyModule_AddIntConstant(PyObject *module, const char *name, long value)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, module_add_int(capi_object(module), name, value));
}

int PyModule_AddStringConstant(PyObject *module, const char *name, const char *text)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, module_add_str(capi_object(module), name, text));
}

int PyModule_AddType(PyObject *module, PyTypeObject *type)
{
    if (PyType_Ready(type) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, _PyType_Name(type), (PyObject *)type);
}

PyObject *PyModule_NewObject(PyObject *name)
{
    struct thread *t = capi_enter();
    const char *text = str_utf8(capi_object(name), NULL);
    return capi_return_object(t, text == NULL ? NULL : module_new(text));
}

PyObject *PyModule_New(const char *name)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, module_new(name));
}

PyObject *PyModule_GetDict(PyObject *module)
{
    const struct module_object *m = module_of(module);
    return m == NULL ? CAPI_BAD_ARGUMENT() : m->dict;
}

PyModuleDef *PyModule_GetDef(PyObject *module)
{
    const struct module_object *m = module_of(module);
    return m == NULL ? (PyModuleDef *)CAPI_BAD_ARGUMENT() : m->def;
}

void *PyModule_GetState(PyObject *module)
{
    const struct module_object *m = module_of(module);
    return m == NULL ? CAPI_BAD_ARGUMENT() : m->state;
}

PyObject *PyModule_GetNameObject(PyObject *module)
{
    struct thread *t = capi_enter();
    const struct module_object *m = module_of(module);
    Value name = m == NULL ? VALUE_ABSENT : dict_get_str(m->dict, names.__name__);
    return capi_return(t,
                       str_check(name) ? name : error_raise(PyExc_SystemError, "nameless module"));
}

const char *PyModule_GetName(PyObject *module)
{
    PyObject *name = PyModule_GetNameObject(module);
    if (name == NULL) {
        return NULL;
    }
    Py_DECREF(name);
    return PyUnicode_AsUTF8(name);
}

PyObject *PyModule_GetFilenameObject(PyObject *module)
{
    struct thread *t = capi_enter();
    const struct module_object *m = module_of(module);
    Value name = m == NULL ? VALUE_ABSENT : dict_get_str(m->dict, str_intern_text("__file__"));
    return capi_return(
        t, str_check(name) ? name : error_raise(PyExc_SystemError, "module filename missing"));
}

/* ---- Modules by definition, for single-phase modules without state of their own. */

static PyObject *state_modules; /* {address of the definition: module} */

int capi_remember_module(PyObject *module, const PyModuleDef *def)
{
    if (state_modules == NULL && (state_modules = dict_new()) == NULL) {
        return -1;
    }
    return dict_set(state_modules, value_from_int((int64_t)(uintptr_t)def),
                    value_from_object(module));
}

void capi_forget_state_modules(void)
{
    state_modules = NULL;
}

int PyState_AddModule(PyObject *module, PyModuleDef *def)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, capi_remember_module(capi_object(module), def));
}

int PyState_RemoveModule(PyModuleDef *def)
{
    struct thread *t = capi_enter();
    if (state_modules != NULL) {
        dict_delete(state_modules, value_from_int((int64_t)(uintptr_t)def));
    }
    return capi_return_int(t, 0);
}

PyObject *PyState_FindModule(PyModuleDef *def)
{
    struct thread *t = capi_enter();
    Value found = state_modules == NULL
                      ? VALUE_ABSENT
                      : dict_get(state_modules, value_from_int((int64_t)(uintptr_t)def));
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

/* Borrowed from the module. */
const char *PyModule_GetFilename(PyObject *module)
{
    PyObject *name = PyModule_GetFilenameObject(module);
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    Py_XDECREF(name);
    return text;
}
