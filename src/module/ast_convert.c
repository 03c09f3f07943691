/* SPDX-License-Identifier: MIT */
/* Syntax trees to objects of the ast module's classes and back, driven by the field tables. */
#include "module/ast_int.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/shape.h"
#include "object/str.h"
#include "syntax/validate.h"
#include "vm/vm.h"

enum { DEPTH_SCALE = 3 }; /* trees may nest deeper than calls */

struct conversion {
    struct arena *arena; /* NULL: to objects */
    int depth;
};

static bool enter(struct conversion *c, enum ast_type type)
{
    bool to_object = c->arena == NULL;
    if (++c->depth <= vm_recursion_limit * (to_object ? DEPTH_SCALE : 1) &&
        !thread_stack_is_low()) {
        return true;
    }
    if (to_object) {
        error_raise(PyExc_RecursionError,
                    "maximum recursion depth exceeded during ast construction");
    } else {
        error_raise(PyExc_RecursionError,
                    "maximum recursion depth exceeded while traversing '%s' node",
                    ast_node(type)->name);
    }
    return false;
}

static bool is_plain(enum ast_type type)
{
    return type < AST_TYPE_mod;
}

/* What a sequence looks like from its count on: pointers, or ints for enums. */
struct any_seq {
    size_t count;
    char items[];
};

static size_t item_size(enum ast_type type)
{
    return !is_plain(type) && ast_node(type)->is_enum ? sizeof(int) : sizeof(void *);
}

/* ---- To objects. */

static Value node_to_object(struct conversion *c, enum ast_type type, const void *node);

static Value plain_to_object(enum ast_type type, const void *slot)
{
    if (type == AST_TYPE_int) {
        return value_from_int(*(const int *)slot);
    }
    if (type == AST_TYPE_constant) {
        return *(const Value *)slot;
    }
    PyObject *o = *(PyObject *const *)slot;
    return o != NULL ? value_from_object(o) : VALUE_NONE;
}

static Value slot_to_object(struct conversion *c, enum ast_type type, const void *slot)
{
    if (is_plain(type)) {
        return plain_to_object(type, slot);
    }
    if (ast_node(type)->is_enum) {
        return value_from_object(ast_classes.singletons[type][*(const int *)slot]);
    }
    return node_to_object(c, type, *(void *const *)slot);
}

static Value seq_to_object(struct conversion *c, enum ast_type type, const struct any_seq *seq)
{
    PyObject *list = list_new((Py_ssize_t)seq->count);
    size_t size = item_size(type);
    for (size_t i = 0; list != NULL && i < seq->count; i++) {
        Value item = slot_to_object(c, type, seq->items + i * size);
        if (value_is_null(item) || list_append(list, item) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static int fields_to_object(struct conversion *c, PyObject *o, const struct ast_field *fields,
                            PyObject *const *field_names, size_t count, const char *node)
{
    for (size_t i = 0; i < count; i++) {
        const void *slot = node + fields[i].offset;
        Value v = fields[i].quantity >= AST_MANY
                      ? seq_to_object(c, fields[i].type, *(struct any_seq *const *)slot)
                      : slot_to_object(c, fields[i].type, slot);
        if (value_is_null(v) || instance_set(o, field_names[i], v) < 0) {
            return -1;
        }
    }
    return 0;
}

static Value fill_object(struct conversion *c, enum ast_type type, const void *node)
{
    const struct ast_node_info *info = ast_node(type);
    size_t kind = info->is_sum ? (size_t) * (const int *)node : 0;
    PyTypeObject *cls = info->is_sum ? ast_classes.cases[type][kind] : ast_classes.nodes[type];
    PyObject *o = object_alloc(cls, 0);
    const struct ast_field *fields = info->is_sum ? info->cases[kind].fields : info->fields;
    size_t count = info->is_sum ? info->cases[kind].field_count : info->count;
    if (o == NULL ||
        fields_to_object(c, o, fields, ast_classes.field_names[type][kind], count, node) < 0 ||
        fields_to_object(c, o, info->attributes, ast_classes.attribute_names, info->attribute_count,
                         node) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(o);
}

static Value node_to_object(struct conversion *c, enum ast_type type, const void *node)
{
    if (node == NULL) {
        return VALUE_NONE;
    }
    if (!enter(c, type)) {
        return VALUE_NULL;
    }
    Value v = fill_object(c, type, node);
    c->depth--;
    return v;
}

Value syntax_to_object(struct syntax_tree *tree)
{
    if (ast_classes_ensure() < 0) {
        return VALUE_NULL;
    }
    struct conversion c = {NULL, 0};
    return node_to_object(&c, AST_TYPE_mod, tree->root);
}

/* ---- From objects. */

static int node_from_object(struct conversion *c, enum ast_type type, Value object, void **out);

static int int_from_object(Value object, int *out)
{
    int64_t i;
    if (!int_check(object)) {
        return error_raise_int(PyExc_ValueError, "invalid integer value: %R", object);
    }
    if (int_to_i64(object, &i) < 0) {
        return -1;
    }
    if (i != (int)i) {
        return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C int");
    }
    *out = (int)i;
    return 0;
}

static int plain_from_object(enum ast_type type, Value object, void *slot)
{
    if (type == AST_TYPE_int) {
        return int_from_object(object, slot);
    }
    if (type == AST_TYPE_constant) {
        heap_init_value(slot, (Value *)slot, object);
        return 0;
    }
    if (value_is_none(object)) {
        return 0;
    }
    if (!str_check_exact(object) &&
        (type == AST_TYPE_identifier || value_type(object) != &PyBytes_Type)) {
        return error_raise_int(PyExc_TypeError, "AST %s must be of type str",
                               type == AST_TYPE_identifier ? "identifier" : "string");
    }
    PyObject *text = value_object(object);
    if (type == AST_TYPE_identifier) {
        text = str_intern(text);
    }
    heap_init(slot, (PyObject **)slot, text);
    return text != NULL ? 0 : -1;
}

/* Which case of a sum the object is an instance of; -1 with TypeError if of none. */
static int find_case(enum ast_type type, Value object)
{
    const struct ast_node_info *info = ast_node(type);
    PyTypeObject *cls = value_type(object);
    for (size_t i = 0; i < info->count; i++) {
        if (cls == ast_classes.cases[type][i]) {
            return (int)i;
        }
    }
    for (size_t i = 0; i < info->count; i++) {
        int is = object_is_instance(object, value_from_object(ast_classes.cases[type][i]));
        if (is != 0) {
            return is < 0 ? -1 : (int)i;
        }
    }
    return error_raise_int(PyExc_TypeError, "expected some sort of %s, but got %R", info->name,
                           object);
}

static int slot_from_object(struct conversion *c, enum ast_type type, Value object, void *slot)
{
    if (is_plain(type)) {
        return plain_from_object(type, object, slot);
    }
    if (ast_node(type)->is_enum) {
        int kind = find_case(type, object);
        *(int *)slot = kind;
        return kind < 0 ? -1 : 0;
    }
    void *node = NULL;
    if (node_from_object(c, type, object, &node) < 0) {
        return -1;
    }
    heap_init(slot, (void **)slot, node);
    return 0;
}

static int seq_from_object(struct conversion *c, const char *owner, const struct ast_field *field,
                           Value object, void *slot)
{
    if (!list_check(object)) {
        return error_raise_int(PyExc_TypeError, "%s field \"%s\" must be a list, not a %T", owner,
                               field->name, object);
    }
    PyObject *list = value_object(object);
    size_t count = (size_t)list_length(list), size = item_size(field->type);
    struct any_seq *seq = arena_alloc(c->arena, sizeof *seq + count * size);
    if (seq == NULL) {
        return -1;
    }
    seq->count = count;
    for (size_t i = 0; i < count; i++) {
        Value item = list_find(list, (Py_ssize_t)i);
        if (value_is_absent(item) || (size_t)list_length(list) != count) {
            return error_raise_int(PyExc_RuntimeError,
                                   "%s field \"%s\" changed size during iteration", owner,
                                   field->name);
        }
        if (slot_from_object(c, field->type, item, seq->items + i * size) < 0) {
            return -1;
        }
    }
    heap_init(slot, (void **)slot, seq);
    return 0;
}

static int field_from_object(struct conversion *c, const char *owner, const struct ast_field *field,
                             PyObject *name, Value object, char *node)
{
    Value v;
    int found = object_find_attr(object, name, &v);
    if (found < 0) {
        return -1;
    }
    bool optional = field->quantity == AST_OPTIONAL;
    if (found == 0 && !optional) {
        return error_raise_int(PyExc_TypeError, "required field \"%s\" missing from %s",
                               field->name, owner);
    }
    if (optional && (found == 0 || value_is_none(v))) {
        return 0;
    }
    void *slot = node + field->offset;
    return field->quantity >= AST_MANY ? seq_from_object(c, owner, field, v, slot)
                                       : slot_from_object(c, field->type, v, slot);
}

/* What optional attributes are when they are not given: the start. */
static void default_ends(const struct ast_node_info *info, int *attributes, bool no_line,
                         bool no_column)
{
    if (info->attributes[2].quantity == AST_OPTIONAL) {
        attributes[2] = no_line ? attributes[0] : attributes[2];
        attributes[3] = no_column ? attributes[1] : attributes[3];
    }
}

static int attributes_from_object(struct conversion *c, const struct ast_node_info *info,
                                  Value object, char *node)
{
    int *attributes = (int *)(void *)(node + info->attributes[0].offset);
    enum { NOT_GIVEN = -0x7FFFFFFF };
    attributes[2] = attributes[3] = NOT_GIVEN;
    for (size_t i = 0; i < info->attribute_count; i++) {
        if (field_from_object(c, info->name, &info->attributes[i], ast_classes.attribute_names[i],
                              object, node) < 0) {
            return -1;
        }
    }
    default_ends(info, attributes, attributes[2] == NOT_GIVEN, attributes[3] == NOT_GIVEN);
    return 0;
}

/* A required node or name that was None. */
static int check_required(const char *owner, const struct ast_field *field, const char *node)
{
    if (field->quantity == AST_ONE && field->type != AST_TYPE_int &&
        field->type != AST_TYPE_constant &&
        (is_plain(field->type) || !ast_node(field->type)->is_enum) &&
        *(void *const *)(const void *)(node + field->offset) == NULL) {
        return error_raise_int(PyExc_ValueError, "field '%s' is required for %s", field->name,
                               owner);
    }
    return 0;
}

static int fill_node(struct conversion *c, enum ast_type type, Value object, char *node)
{
    const struct ast_node_info *info = ast_node(type);
    if (info->attribute_count > 0 && attributes_from_object(c, info, object, node) < 0) {
        return -1;
    }
    int kind = info->is_sum ? find_case(type, object) : 0;
    if (kind < 0) {
        return -1;
    }
    const char *owner = info->is_sum ? info->cases[kind].name : info->name;
    const struct ast_field *fields = info->is_sum ? info->cases[kind].fields : info->fields;
    size_t count = info->is_sum ? info->cases[kind].field_count : info->count;
    if (info->is_sum) {
        *(int *)(void *)node = kind;
    }
    for (size_t i = 0; i < count; i++) {
        if (field_from_object(c, owner, &fields[i], ast_classes.field_names[type][kind][i], object,
                              node) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (check_required(owner, &fields[i], node) < 0) {
            return -1;
        }
    }
    return 0;
}

static int node_from_object(struct conversion *c, enum ast_type type, Value object, void **out)
{
    const struct ast_node_info *info = ast_node(type);
    if (info->is_sum && value_is_none(object)) {
        *out = NULL;
        return 0;
    }
    char *node = arena_alloc(c->arena, info->size);
    if (node == NULL || !enter(c, type) || fill_node(c, type, object, node) < 0) {
        return -1;
    }
    c->depth--;
    *out = node;
    return 0;
}

struct syntax_tree *syntax_from_object(Value object, enum parse_mode mode)
{
    static const int mod_of_mode[] = {[PARSE_FILE] = MOD_Module,
                                      [PARSE_EVAL] = MOD_Expression,
                                      [PARSE_SINGLE] = MOD_Interactive,
                                      [PARSE_FUNC_TYPE] = MOD_FunctionType};
    if (ast_classes_ensure() < 0) {
        return NULL;
    }
    PyTypeObject *expected = ast_classes.cases[AST_TYPE_mod][mod_of_mode[mode]];
    int is = object_is_instance(object, value_from_object(expected));
    if (is <= 0) {
        return is < 0 ? NULL
                      : error_raise_null(PyExc_TypeError, "expected %N node, got %T", expected,
                                         object);
    }
    struct conversion c = {arena_new(), 0};
    void *root;
    if (c.arena == NULL || node_from_object(&c, AST_TYPE_mod, object, &root) < 0 ||
        tree_validate(root, vm_recursion_limit * DEPTH_SCALE) < 0) {
        return NULL;
    }
    return syntax_tree_new(root, c.arena);
}

int syntax_is_tree(Value object)
{
    if (!value_is_object(object) || str_check(object) || !ast_classes_exist()) {
        return 0;
    }
    return object_is_instance(object, value_from_object(&ast_base_type));
}
