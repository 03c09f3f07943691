/* SPDX-License-Identifier: MIT */
/* The module type, and modules of ours made from tables. */
#include "object/module.h"

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

static struct module_object *module_cast(Value v)
{
    return (struct module_object *)value_object(v);
}

/* ---- Making. */

static int fill(struct module_object *m, Value name, Value doc)
{
    if (m->dict == NULL) {
        PyObject *dict = dict_new();
        if (dict == NULL) {
            return -1;
        }
        heap_store(m, &m->dict, dict);
    }
    if (str_check(name)) {
        heap_store(m, &m->name, value_object(name));
    }
    return dict_set_str(m->dict, names.__name__, name) < 0 ||
                   dict_set_str(m->dict, names.__doc__, doc) < 0 ||
                   dict_set_str(m->dict, names.__package__, VALUE_NONE) < 0 ||
                   dict_set_str(m->dict, names.__loader__, VALUE_NONE) < 0 ||
                   dict_set_str(m->dict, names.__spec__, VALUE_NONE) < 0
               ? -1
               : 0;
}

PyObject *module_new(const char *name)
{
    PyObject *text = str_intern_text(name);
    struct module_object *m = (struct module_object *)object_alloc(&PyModule_Type, 0);
    if (text == NULL || m == NULL || fill(m, value_from_object(text), VALUE_NONE) < 0) {
        return NULL;
    }
    return (PyObject *)m;
}

static int add_functions(PyObject *module, const struct native_def *defs)
{
    PyObject *name = ((struct module_object *)module)->name;
    for (; defs != NULL && defs->name != NULL; defs++) {
        PyObject *function = native_function_new(defs, value_from_object(module), name);
        if (function == NULL || module_add(module, defs->name, value_from_object(function)) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *module_from_def(const struct module_def *def)
{
    PyObject *module = module_new(def->name);
    if (module == NULL || add_functions(module, def->functions) < 0) {
        return NULL;
    }
    if (def->doc != NULL && module_add_str(module, "__doc__", def->doc) < 0) {
        return NULL;
    }
    return def->exec != NULL && def->exec(module) < 0 ? NULL : module;
}

PyObject *module_dict(PyObject *module)
{
    return ((struct module_object *)module)->dict;
}

int module_add(PyObject *module, const char *name, Value value)
{
    PyObject *text = value_is_null(value) ? NULL : str_intern_text(name);
    return text == NULL ? -1 : dict_set_str(module_dict(module), text, value);
}

int module_add_type(PyObject *module, PyTypeObject *type)
{
    return type_ready(type) < 0
               ? -1
               : module_add(module, type_short_name(type), value_from_object(type));
}

int module_add_int(PyObject *module, const char *name, int64_t value)
{
    return module_add(module, name, int_from_i64(value));
}

int module_add_str(PyObject *module, const char *name, const char *text)
{
    return module_add(module, name, value_from_object(str_from_text(text)));
}

/* ---- Attributes. */

static Value module_getattr(Value self, PyObject *name)
{
    Value found = object_generic_getattr(self, name);
    if (LIKELY(!value_is_absent(found))) {
        return found;
    }
    PyObject *dict = module_cast(self)->dict;
    Value hook = dict == NULL ? VALUE_ABSENT : dict_get_str(dict, names.__getattr__);
    return value_is_absent(hook) ? hook : object_call1(hook, value_from_object(name));
}

static Value get_dict(Value self, void *closure)
{
    PyObject *dict = object_dict(value_object(self));
    return value_from_object(dict);
}

static Value get_annotations(Value self, void *closure)
{
    PyObject *dict = object_dict(value_object(self));
    Value annotations = dict == NULL ? VALUE_NULL : dict_get_str(dict, names.__annotations__);
    if (!value_is_absent(annotations)) {
        return annotations;
    }
    PyObject *fresh = dict_new();
    if (fresh == NULL) {
        return VALUE_NULL;
    }
    return dict_setdefault(dict, value_from_object(names.__annotations__),
                           value_from_object(fresh));
}

static int set_annotations(Value self, Value value, void *closure)
{
    PyObject *dict = object_dict(value_object(self));
    if (dict == NULL) {
        return -1;
    }
    if (!value_is_absent(value)) {
        return dict_set_str(dict, names.__annotations__, value);
    }
    int deleted = dict_delete(dict, value_from_object(names.__annotations__));
    return deleted == 0  ? error_raise_int(PyExc_AttributeError, "__annotations__")
           : deleted < 0 ? -1
                         : 0;
}

static const struct getset_def module_getsets[] = {
    {"__dict__", get_dict},
    {"__annotations__", get_annotations, set_annotations},
    {NULL},
};

/* ---- repr */

static Value find(PyObject *dict, PyObject *name)
{
    Value v = dict == NULL ? VALUE_ABSENT : dict_get_str(dict, name);
    return value_is_absent(v) || value_is_none(v) ? VALUE_ABSENT : v;
}

/* What stands behind the name: " from 'file'", " (built-in)"; ABSENT if the spec does not know. */
static Value spec_origin(Value spec)
{
    Value origin, location;
    PyObject *origin_name = str_intern_text("origin");
    PyObject *location_name = str_intern_text("has_location");
    if (origin_name == NULL || location_name == NULL) {
        return VALUE_NULL;
    }
    int found = object_find_attr(spec, origin_name, &origin);
    if (found <= 0 || value_is_none(origin)) {
        return found < 0 ? VALUE_NULL : VALUE_ABSENT;
    }
    found = object_find_attr(spec, location_name, &location);
    int located = found > 0 ? object_truth(location) : found;
    if (located < 0) {
        return VALUE_NULL;
    }
    return value_from_object(located ? str_format(" from %R", origin)
                                     : str_format(" (%S)", origin));
}

static Value describe_origin(PyObject *dict)
{
    Value spec = find(dict, names.__spec__);
    if (!value_is_absent(spec)) {
        Value text = spec_origin(spec);
        if (!value_is_absent(text)) {
            return text;
        }
    }
    Value file = find(dict, names.__file__);
    if (!value_is_absent(file)) {
        return value_from_object(str_format(" from %R", file));
    }
    Value loader = find(dict, names.__loader__);
    if (!value_is_absent(loader)) {
        return value_from_object(str_format(" (%R)", loader));
    }
    return value_from_object(str_empty());
}

/* Old loaders describe their modules themselves: their text, or ABSENT. */
static Value ask_loader(PyObject *dict, Value self)
{
    Value loader = find(dict, names.__loader__), method;
    PyObject *name = str_intern_text("module_repr");
    if (value_is_absent(loader) || name == NULL || !value_is_absent(find(dict, names.__spec__)) ||
        object_find_attr(loader, name, &method) <= 0) {
        error_clear();
        return VALUE_ABSENT;
    }
    Value text = object_call1(method, self);
    if (value_is_null(text)) {
        error_clear();
        return VALUE_ABSENT;
    }
    return text;
}

static Value module_repr(Value self)
{
    PyObject *dict = module_cast(self)->dict;
    Value text = ask_loader(dict, self);
    if (!value_is_absent(text)) {
        return text;
    }
    Value name = dict == NULL ? VALUE_ABSENT : dict_get_str(dict, names.__name__);
    Value origin = describe_origin(dict);
    if (value_is_null(origin)) {
        return origin;
    }
    if (value_is_absent(name)) {
        return value_from_object(str_format("<module '?'%S>", origin));
    }
    return value_from_object(str_format("<module %R%S>", name, origin));
}

/* ---- The type. */

static Value module_new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct module_object *m = (struct module_object *)object_alloc(type, 0);
    PyObject *dict = m == NULL ? NULL : dict_new();
    if (dict == NULL) {
        return VALUE_NULL;
    }
    heap_init(m, &m->dict, dict);
    return value_from_object(m);
}

static int module_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value out[2];
    if (native_bind("module", "(name, doc=None)", &signature, args, nargs, kwnames, out) < 0) {
        return -1;
    }
    if (!str_check(out[0])) {
        return error_raise_int(PyExc_TypeError, "module() argument 'name' must be str, not %T",
                               out[0]);
    }
    return fill(module_cast(self), out[0], value_is_absent(out[1]) ? VALUE_NONE : out[1]);
}

static Value method_dir(Value self)
{
    Value dict;
    int found = object_find_attr(self, names.__dict__, &dict);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0 || !dict_check(dict)) {
        return error_raise(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
    }
    Value hook = dict_get_str(value_object(dict), names.__dir__);
    return value_is_absent(hook) ? value_from_object(dict_keys(value_object(dict)))
                                 : object_call0(hook);
}

static const struct native_def module_methods[] = {
    {"__dir__", "($self, /)", "__dir__() -> list of the module's names", .f0 = method_dir},
    {NULL},
};

static void module_trace(PyObject *self, struct tracer *tracer)
{
    struct module_object *m = (struct module_object *)self;
    trace_pointer(tracer, m->dict);
    trace_pointer(tracer, m->name);
    trace_pointer(tracer, m->state);
}

static struct type_info module_info = {
    .ops =
        {
            .repr = module_repr,
            .getattr = module_getattr,
            .new_ = module_new_op,
            .init = module_init,
        },
    .trace = module_trace,
    .methods = module_methods,
    .getsets = module_getsets,
};

PyTypeObject PyModule_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "module",
    .tp_doc = "module(name, doc=None)\n--\n\nCreate a module object.",
    .tp_basicsize = sizeof(struct module_object),
    .tp_dictoffset = offsetof(struct module_object, dict),
    .tp_weaklistoffset = offsetof(struct module_object, weaklist),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&module_info,
};
