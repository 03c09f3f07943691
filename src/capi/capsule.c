/* SPDX-License-Identifier: MIT */
/* Capsules: a pointer of one extension that others can ask for by name. */
#include "capi/capi_int.h"

PyAPI_FUNC(PyObject *) _PyErr_FormatFromCause(PyObject *type, const char *format, ...);

struct capsule {
    PyObject_HEAD void *pointer;
    const char *name;
    void *context;
    PyCapsule_Destructor destructor;
};

static Value capsule_repr(Value self)
{
    const struct capsule *c = (struct capsule *)value_object(self);
    const char *quote = c->name == NULL ? "" : "\"";
    return value_from_object(str_format("<capsule object %s%s%s at 0x%llx>", quote,
                                        c->name == NULL ? "NULL" : c->name, quote,
                                        (unsigned long long)(uintptr_t)c));
}

static void capsule_finalize(Value self)
{
    struct capsule *c = (struct capsule *)value_object(self);
    if (c->destructor != NULL) {
        capi_leave(thread_current());
        c->destructor((PyObject *)c);
        capi_enter();
    }
}

static struct type_info capsule_info = {
    .ops = {.repr = capsule_repr, .finalize = capsule_finalize},
    .flags = TYPE_NO_NEW | TYPE_OBSERVED,
};
PyTypeObject PyCapsule_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "PyCapsule",
    .tp_doc =
        "Capsule objects let you wrap a C \"void *\" pointer in a Python\nobject.  They're a way "
        "of passing data through the Python interpreter\nwithout creating your own custom "
        "type.\n\nCapsules are used for communication between extension modules.\nThey provide "
        "a way for an extension module to export a C interface\nto other extension modules, "
        "so that extension modules can use the\nPython import mechanism to link to one "
        "another.",
    .tp_basicsize = sizeof(struct capsule),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&capsule_info,
};

static Value new_capsule(void *pointer, const char *name)
{
    if (type_ready(&PyCapsule_Type) < 0) {
        return VALUE_NULL;
    }
    struct capsule *c = (struct capsule *)object_alloc(&PyCapsule_Type, 0);
    if (c != NULL) {
        c->pointer = pointer;
        c->name = name;
    }
    return value_from_object(c);
}

PyObject *PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor free_it)
{
    struct thread *t = capi_enter();
    if (pointer == NULL) {
        return capi_return(t,
                           error_raise(PyExc_ValueError, "PyCapsule_New called with null pointer"));
    }
    Value made = new_capsule(pointer, name);
    if (!value_is_null(made)) {
        ((struct capsule *)value_object(made))->destructor = free_it;
    }
    return capi_return(t, made);
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The capsule, or NULL with ValueError. */
static struct capsule *find_capsule(PyObject *o, const char *function)
{
    if (o == NULL || o->ob_type != &PyCapsule_Type || ((struct capsule *)o)->pointer == NULL) {
        PyErr_Format(PyExc_ValueError, "%s called with invalid PyCapsule object", function);
        return NULL;
    }
    return (struct capsule *)o;
}

int PyCapsule_IsValid(PyObject *o, const char *name)
{
    const struct capsule *c = (struct capsule *)o;
    return o != NULL && o->ob_type == &PyCapsule_Type && c->pointer != NULL &&
           same_name(c->name, name);
}

void *PyCapsule_GetPointer(PyObject *o, const char *name)
{
    const struct capsule *c = find_capsule(o, "PyCapsule_GetPointer");
    if (c == NULL) {
        return NULL;
    }
    if (!same_name(c->name, name)) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_GetPointer called with incorrect name");
        return NULL;
    }
    return c->pointer;
}

const char *PyCapsule_GetName(PyObject *o)
{
    const struct capsule *c = find_capsule(o, "PyCapsule_GetName");
    return c == NULL ? NULL : c->name;
}

PyCapsule_Destructor PyCapsule_GetDestructor(PyObject *o)
{
    const struct capsule *c = find_capsule(o, "PyCapsule_GetDestructor");
    return c == NULL ? NULL : c->destructor;
}

void *PyCapsule_GetContext(PyObject *o)
{
    const struct capsule *c = find_capsule(o, "PyCapsule_GetContext");
    return c == NULL ? NULL : c->context;
}

int PyCapsule_SetPointer(PyObject *o, void *pointer)
{
    struct capsule *c = find_capsule(o, "PyCapsule_SetPointer");
    if (c != NULL && pointer == NULL) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_SetPointer called with null pointer");
        return -1;
    }
    if (c != NULL) {
        c->pointer = pointer;
    }
    return c == NULL ? -1 : 0;
}

int PyCapsule_SetName(PyObject *o, const char *name)
{
    struct capsule *c = find_capsule(o, "PyCapsule_SetName");
    if (c != NULL) {
        c->name = name;
    }
    return c == NULL ? -1 : 0;
}

int PyCapsule_SetDestructor(PyObject *o, PyCapsule_Destructor free_it)
{
    struct capsule *c = find_capsule(o, "PyCapsule_SetDestructor");
    if (c != NULL) {
        c->destructor = free_it;
    }
    return c == NULL ? -1 : 0;
}

int PyCapsule_SetContext(PyObject *o, void *context)
{
    struct capsule *c = find_capsule(o, "PyCapsule_SetContext");
    if (c != NULL) {
        c->context = context;
    }
    return c == NULL ? -1 : 0;
}

/* "package.module.attribute": imports the first part, then walks attributes. */
void *PyCapsule_Import(const char *name, int no_block)
{
    const char *dot = strchr(name, '.');
    PyObject *first =
        PyUnicode_FromStringAndSize(name, dot == NULL ? (Py_ssize_t)strlen(name) : dot - name);
    PyObject *o = first == NULL ? NULL : PyImport_Import(first);
    Py_XDECREF(first);
    while (o != NULL && dot != NULL) {
        const char *part = dot + 1;
        dot = strchr(part, '.');
        PyObject *text =
            PyUnicode_FromStringAndSize(part, dot == NULL ? (Py_ssize_t)strlen(part) : dot - part);
        PyObject *next = text == NULL ? NULL : PyObject_GetAttr(o, text);
        Py_XDECREF(text);
        Py_SETREF(o, next);
    }
    /* A ported module may lack the capsule of the compiled one: then its user cannot be imported,
     * which programs are prepared for. */
    if (o == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        _PyErr_FormatFromCause(PyExc_ImportError, "there is no capsule %s", name);
    }
    void *pointer = NULL;
    if (o != NULL && PyCapsule_IsValid(o, name)) {
        pointer = ((struct capsule *)o)->pointer;
    } else if (o != NULL) {
        PyErr_Format(PyExc_AttributeError, "PyCapsule_Import \"%s\" is not valid", name);
    }
    Py_XDECREF(o);
    return pointer;
}

void capi_init_capsules(void)
{
    native_hooks.new_capsule = new_capsule;
}
