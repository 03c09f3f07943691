/* SPDX-License-Identifier: MIT */
/* The _ast module: a class for each node type, made from the tables of syntax/ast.def. */
#include "heap/roots.h"
#include "module/ast_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/shape.h"
#include "object/str.h"
#include "syntax/ast_tables.h"

HOLDS_NO_CELLS struct ast_classes ast_classes; /* it does, but is registered when it is filled */
static uint8_t classes_ready;                  /* atomic */

const struct ast_node_info *ast_node(enum ast_type type)
{
    return &ast_nodes[type];
}

/* ---- AST, the base class. */

struct ast_object {
    PyObject head;
    struct instance_part part;
};

/* The names in type._fields as a tuple (empty if there are none); NULL on error. */
static PyObject *get_fields(Value self)
{
    PyObject *name = str_intern_text("_fields");
    Value fields;
    if (name == NULL) {
        return NULL;
    }
    int found = object_find_attr(value_from_object(value_type(self)), name, &fields);
    return found < 0 ? NULL : found == 0 ? tuple_new(0) : object_to_tuple(fields);
}

static int init_keyword(Value self, PyObject *fields, size_t nargs, Value key, Value value)
{
    for (size_t i = 0; i < nargs; i++) {
        int same = object_equal(tuple_get(fields, (Py_ssize_t)i), key);
        if (same != 0) {
            return same < 0
                       ? -1
                       : error_raise_int(PyExc_TypeError, "%N got multiple values for argument %R",
                                         value_type(self), key);
        }
    }
    return object_setattr_value(self, key, value);
}

static int base_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *fields = get_fields(self);
    nargs = CALL_NARGS(nargs);
    if (fields == NULL) {
        return -1;
    }
    if ((size_t)tuple_length(fields) < nargs) {
        return error_raise_int(
            PyExc_TypeError, "%N constructor takes at most %zd positional argument%s",
            value_type(self), tuple_length(fields), tuple_length(fields) == 1 ? "" : "s");
    }
    for (size_t i = 0; i < nargs; i++) {
        if (object_setattr_value(self, tuple_get(fields, (Py_ssize_t)i), args[i]) < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; kwnames != NULL && i < tuple_length(kwnames); i++) {
        if (init_keyword(self, fields, nargs, tuple_get(kwnames, i), args[nargs + (size_t)i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static Value base_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static Value base_reduce(Value self)
{
    Value dict;
    int found = object_find_attr(self, names.__dict__, &dict);
    if (found < 0) {
        return VALUE_NULL;
    }
    Value items[] = {value_from_object(value_type(self)), value_from_object(tuple_new(0)), dict};
    return value_from_object(tuple_from_array(items, found ? 3 : 2));
}

static void base_trace(PyObject *self, struct tracer *tracer)
{
    instance_trace(self, type_info(self->ob_type), tracer);
}

static Value get_dict(Value self, void *closure)
{
    return value_from_object(object_dict(value_object(self)));
}

static int set_dict(Value self, Value dict, void *closure)
{
    if (!dict_check(dict)) {
        return error_raise_int(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%T'",
                               dict);
    }
    return object_set_dict(value_object(self), value_object(dict));
}

static const struct native_def base_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = base_reduce},
    {NULL},
};
static const struct getset_def base_getsets[] = {
    {"__dict__", get_dict, set_dict},
    {NULL},
};
static struct type_info base_info = {
    .ops = {.init = base_init,
            .new_ = base_new,
            .getattr = object_generic_getattr,
            .setattr = object_generic_setattr},
    .trace = base_trace,
    .methods = base_methods,
    .getsets = base_getsets,
    .flags = TYPE_GENERIC_GETATTR | TYPE_GENERIC_SETATTR,
    .shape_offset = offsetof(struct ast_object, part),
};
PyTypeObject ast_base_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "ast.AST",
    .tp_basicsize = sizeof(struct ast_object),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&base_info,
};

/* ---- The classes of the nodes. */

static PyObject *names_of(const struct ast_field *fields, size_t count)
{
    PyObject *tuple = tuple_new((Py_ssize_t)count);
    for (size_t i = 0; tuple != NULL && i < count; i++) {
        PyObject *name = str_intern_text(fields[i].name);
        if (name == NULL || tuple_init_item(tuple, (Py_ssize_t)i, value_from_object(name)) < 0) {
            return NULL;
        }
    }
    return tuple;
}

static int set_text(PyObject *dict, const char *name, Value v)
{
    PyObject *key = str_intern_text(name);
    return key == NULL || value_is_null(v) ? -1 : dict_set_str(dict, key, v);
}

static PyTypeObject *make_class(const char *name, const char *doc, PyTypeObject *base,
                                const struct ast_field *fields, size_t count)
{
    PyObject *dict = dict_new(), *fields_tuple = names_of(fields, count);
    PyObject *bases = tuple_pack(1, (PyObject *)base);
    if (dict == NULL || fields_tuple == NULL || bases == NULL ||
        set_text(dict, "_fields", value_from_object(fields_tuple)) < 0 ||
        set_text(dict, "__module__", value_from_object(str_intern_text("ast"))) < 0 ||
        set_text(dict, "__doc__", value_from_object(str_from_text(doc))) < 0 ||
        set_text(dict, "__match_args__", value_from_object(fields_tuple)) < 0) {
        return NULL;
    }
    Value type = type_new(&PyType_Type, str_intern_text(name), bases, dict, NULL);
    return value_is_null(type) ? NULL : (PyTypeObject *)value_object(type);
}

static int set_class_text(PyTypeObject *type, const char *name, Value v)
{
    PyObject *key = str_intern_text(name);
    return key == NULL || value_is_null(v) ? -1 : object_setattr(value_from_object(type), key, v);
}

/* Optional fields and attributes are None by default. */
static int set_class_defaults(PyTypeObject *type, const struct ast_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].quantity == AST_OPTIONAL &&
            set_class_text(type, fields[i].name, VALUE_NONE) < 0) {
            return -1;
        }
    }
    return 0;
}

static int make_case(enum ast_type type, size_t index)
{
    const struct ast_node_info *node = &ast_nodes[type];
    const struct ast_case *c = &node->cases[index];
    PyTypeObject *cls =
        make_class(c->name, c->doc, ast_classes.nodes[type], c->fields, c->field_count);
    if (cls == NULL || set_class_defaults(cls, c->fields, c->field_count) < 0) {
        return -1;
    }
    ast_classes.cases[type][index] = cls;
    for (size_t i = 0; i < c->field_count; i++) {
        ast_classes.field_names[type][index][i] = str_intern_text(c->fields[i].name);
    }
    if (node->is_enum) {
        Value instance = object_call0(value_from_object(cls));
        if (value_is_null(instance)) {
            return -1;
        }
        ast_classes.singletons[type][index] = value_object(instance);
    }
    return 0;
}

static int make_node(enum ast_type type)
{
    const struct ast_node_info *node = &ast_nodes[type];
    size_t fields = node->is_sum ? 0 : node->count;
    PyTypeObject *cls = make_class(node->name, node->doc, &ast_base_type, node->fields, fields);
    PyObject *attributes = names_of(node->attributes, node->attribute_count);
    if (cls == NULL || attributes == NULL ||
        ((node->is_sum || node->attribute_count > 0) &&
         set_class_text(cls, "_attributes", value_from_object(attributes)) < 0) ||
        set_class_defaults(cls, node->fields, fields) < 0 ||
        set_class_defaults(cls, node->attributes, node->attribute_count) < 0) {
        return -1;
    }
    ast_classes.nodes[type] = cls;
    for (size_t i = 0; i < fields; i++) {
        ast_classes.field_names[type][0][i] = str_intern_text(node->fields[i].name);
    }
    for (size_t i = 0; node->is_sum && i < node->count; i++) {
        if (make_case(type, i) < 0) {
            return -1;
        }
    }
    return 0;
}

static int make_classes(void)
{
    static const char *const attributes[AST_ATTRIBUTES] = {"lineno", "col_offset", "end_lineno",
                                                           "end_col_offset"};
    if (type_ready(&ast_base_type) < 0) {
        return -1;
    }
    PyObject *empty = tuple_new(0);
    PyObject *dict = ast_base_type.tp_dict;
    if (empty == NULL || set_text(dict, "_fields", value_from_object(empty)) < 0 ||
        set_text(dict, "_attributes", value_from_object(empty)) < 0 ||
        set_text(dict, "__match_args__", value_from_object(empty)) < 0 ||
        set_text(dict, "__module__", value_from_object(str_intern_text("ast"))) < 0) {
        return -1;
    }
    type_modified(&ast_base_type);
    for (size_t i = 0; i < AST_ATTRIBUTES; i++) {
        ast_classes.attribute_names[i] = str_intern_text(attributes[i]);
    }
    for (enum ast_type type = AST_TYPE_mod; type < AST_TYPE_COUNT; type++) {
        if (make_node(type) < 0) {
            return -1;
        }
    }
    return 0;
}

bool ast_classes_exist(void)
{
    return atomic_load_acquire(&classes_ready) != 0;
}

int ast_classes_ensure(void)
{
    if (ast_classes_exist()) {
        return 0;
    }
    return value_is_null(syntax_import("_ast", "AST")) ? -1 : 0;
}

static int add_class(PyObject *module, const char *name, PyTypeObject *type)
{
    return module_add(module, name, value_from_object(type));
}

static int exec(PyObject *module)
{
    /* Only the first import makes classes; imports of one module exclude each other. */
    if (!atomic_load_acquire(&classes_ready)) {
        heap_add_root_range(&ast_classes, sizeof ast_classes);
        if (make_classes() < 0) {
            return -1;
        }
        heap_add_static(&ast_classes, sizeof ast_classes, NULL);
        heap_remove_root_range(&ast_classes); /* never unknown to the collector in between */
        atomic_store_release(&classes_ready, 1);
    }
    if (add_class(module, "AST", &ast_base_type) < 0 ||
        module_add_int(module, "PyCF_ALLOW_TOP_LEVEL_AWAIT", PyCF_ALLOW_TOP_LEVEL_AWAIT) < 0 ||
        module_add_int(module, "PyCF_ONLY_AST", PyCF_ONLY_AST) < 0 ||
        module_add_int(module, "PyCF_TYPE_COMMENTS", PyCF_TYPE_COMMENTS) < 0) {
        return -1;
    }
    for (enum ast_type type = AST_TYPE_mod; type < AST_TYPE_COUNT; type++) {
        const struct ast_node_info *node = &ast_nodes[type];
        if (add_class(module, node->name, ast_classes.nodes[type]) < 0) {
            return -1;
        }
        for (size_t i = 0; node->is_sum && i < node->count; i++) {
            if (add_class(module, node->cases[i].name, ast_classes.cases[type][i]) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

const struct module_def ast_module = {.name = "_ast", .exec = exec};
