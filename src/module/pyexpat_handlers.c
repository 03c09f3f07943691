/* SPDX-License-Identifier: MIT */
/* Expat's events become calls of Python functions.
 *
 * A handler that raises ends the reporting: all handlers are taken away, expat reads to the end of
 * its input, and Parse() passes the exception on. */
#include "module/pyexpat_int.h"
#include "vm/frame.h"

const char *const handler_names[HANDLER_COUNT] = {
    "StartElementHandler",
    "EndElementHandler",
    "ProcessingInstructionHandler",
    "CharacterDataHandler",
    "UnparsedEntityDeclHandler",
    "NotationDeclHandler",
    "StartNamespaceDeclHandler",
    "EndNamespaceDeclHandler",
    "CommentHandler",
    "StartCdataSectionHandler",
    "EndCdataSectionHandler",
    "DefaultHandler",
    "DefaultHandlerExpand",
    "NotStandaloneHandler",
    "ExternalEntityRefHandler",
    "StartDoctypeDeclHandler",
    "EndDoctypeDeclHandler",
    "EntityDeclHandler",
    "XmlDeclHandler",
    "ElementDeclHandler",
    "AttlistDeclHandler",
    "SkippedEntityHandler",
};

/* ---- Values for handlers. */

static Value text_value(const XML_Char *text)
{
    return text == NULL ? VALUE_NONE : value_from_object(str_from_text(text));
}

/* The str that this parser has given for the same text before. */
static Value name_value(struct parser *p, const XML_Char *text)
{
    Value v = text_value(text);
    return text == NULL || value_is_null(v) || p->intern == NULL ? v
                                                                 : dict_setdefault(p->intern, v, v);
}

/* ---- Calling. */

/* An entry for the event in the traceback of what the handler raised. */
static void add_traceback(enum handler which)
{
    PyObject *exception = error_take();
    const char *name = handler_names[which];
    PyObject *file = str_intern_text("../Modules/pyexpat.c");
    PyObject *function = str_from_ascii(name, strstr(name, "Handler") - name);
    PyObject *code = file == NULL || function == NULL ? NULL : code_new_empty(file, function, 1);
    PyObject *globals = code == NULL ? NULL : dict_new();
    struct frame_object *f = globals == NULL ? NULL : frame_object_new(code, globals, NULL);
    error_restore(exception);
    if (f != NULL) {
        traceback_add((PyObject *)f, 0, 1);
    }
}

static int refuse_entity(XML_Parser parser, const XML_Char *context, const XML_Char *base,
                         const XML_Char *system, const XML_Char *public)
{
    return 0;
}

static void give_up(struct parser *p)
{
    parser_clear_handlers(p);
    expat.XML_SetExternalEntityRefHandler(p->expat, refuse_entity);
}

/* The handler's result, or VALUE_NULL: there is none, or it raised. Null arguments are errors. */
static Value call_handler(struct parser *p, enum handler which, const Value *args, size_t count)
{
    Value handler = p->handlers[which];
    bool failed = error_occurred();
    for (size_t i = 0; i < count; i++) {
        failed |= value_is_null(args[i]);
    }
    if (value_is_null(handler) || failed) {
        if (failed) {
            give_up(p);
        }
        return VALUE_NULL;
    }
    bool outer = p->in_callback;
    p->in_callback = true;
    Value result = object_call(handler, args, count, NULL);
    p->in_callback = outer;
    if (value_is_null(result)) {
        add_traceback(which);
        give_up(p);
    }
    return result;
}

int parser_flush(struct parser *p)
{
    if (p->buffer == NULL || p->buffer_used == 0) {
        return 0;
    }
    Value text = value_from_object(str_from_utf8(p->buffer, p->buffer_used));
    p->buffer_used = 0;
    if (value_is_null(p->handlers[HANDLER_CHARACTERS])) {
        return 0;
    }
    return value_is_null(call_handler(p, HANDLER_CHARACTERS, &text, 1)) ? -1 : 0;
}

/* Before any event but character data: is somebody interested, and is what came before reported? */
static bool wanted(struct parser *p, enum handler which)
{
    return !value_is_null(p->handlers[which]) && !error_occurred() && parser_flush(p) == 0;
}

static int int_result(struct parser *p, Value result)
{
    int64_t n = 0;
    if (value_is_null(result)) {
        return 0;
    }
    if (!int_check(result) || int_to_i64(result, &n) < 0) {
        if (!error_occurred()) {
            error_raise(PyExc_TypeError, "'%T' object cannot be interpreted as an integer", result);
        }
        give_up(p);
        return 0;
    }
    return (int)n;
}

/* ---- Elements and text. */

static Value attributes_value(struct parser *p, const XML_Char **attributes)
{
    size_t count = 0;
    if (p->specified_attributes) {
        count = (size_t)expat.XML_GetSpecifiedAttributeCount(p->expat);
    } else {
        while (attributes[count] != NULL) {
            count += 2;
        }
    }
    PyObject *all = p->ordered_attributes ? list_new((Py_ssize_t)count) : dict_new();
    for (size_t i = 0; all != NULL && i < count; i += 2) {
        Value name = name_value(p, attributes[i]), value = text_value(attributes[i + 1]);
        if (value_is_null(name) || value_is_null(value)) {
            return VALUE_NULL;
        }
        int status = p->ordered_attributes
                         ? (list_append(all, name) < 0 ? -1 : list_append(all, value))
                         : dict_set(all, name, value);
        if (status < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(all);
}

static void on_start_element(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_START_ELEMENT)) {
        Value args[2] = {name_value(p, name), attributes_value(p, attributes)};
        call_handler(p, HANDLER_START_ELEMENT, args, 2);
    }
}

static void on_characters(void *data, const XML_Char *text, int length)
{
    struct parser *p = data;
    if (value_is_null(p->handlers[HANDLER_CHARACTERS]) || error_occurred()) {
        return;
    }
    if (p->buffer != NULL) {
        if (p->buffer_used + length > p->buffer_size && parser_flush(p) < 0) {
            return;
        }
        if (length <= p->buffer_size) {
            memcpy(p->buffer + p->buffer_used, text, (size_t)length);
            p->buffer_used += length;
            return;
        }
    }
    Value args[1] = {value_from_object(str_from_utf8(text, length))};
    call_handler(p, HANDLER_CHARACTERS, args, 1);
}

/* Events with no argument, or one that is a name or a text. */
#define ON_NOTHING(function, which)                                                                \
    static void function(void *data)                                                               \
    {                                                                                              \
        struct parser *p = data;                                                                   \
        if (wanted(p, which)) {                                                                    \
            call_handler(p, which, NULL, 0);                                                       \
        }                                                                                          \
    }
#define ON_ONE(function, which, make)                                                              \
    static void function(void *data, const XML_Char *text)                                         \
    {                                                                                              \
        struct parser *p = data;                                                                   \
        if (wanted(p, which)) {                                                                    \
            Value args[1] = {make};                                                                \
            call_handler(p, which, args, 1);                                                       \
        }                                                                                          \
    }
#define ON_TEXT(function, which)                                                                   \
    static void function(void *data, const XML_Char *text, int length)                             \
    {                                                                                              \
        struct parser *p = data;                                                                   \
        if (wanted(p, which)) {                                                                    \
            Value args[1] = {value_from_object(str_from_utf8(text, length))};                      \
            call_handler(p, which, args, 1);                                                       \
        }                                                                                          \
    }

ON_ONE(on_end_element, HANDLER_END_ELEMENT, name_value(p, text))
ON_ONE(on_end_namespace, HANDLER_END_NAMESPACE, name_value(p, text))
ON_ONE(on_comment, HANDLER_COMMENT, text_value(text))
ON_NOTHING(on_start_cdata, HANDLER_START_CDATA)
ON_NOTHING(on_end_cdata, HANDLER_END_CDATA)
ON_NOTHING(on_end_doctype, HANDLER_END_DOCTYPE)
ON_TEXT(on_default, HANDLER_DEFAULT)
ON_TEXT(on_default_expand, HANDLER_DEFAULT_EXPAND)

static void on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_INSTRUCTION)) {
        Value args[2] = {name_value(p, target), text_value(text)};
        call_handler(p, HANDLER_INSTRUCTION, args, 2);
    }
}

static void on_start_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_START_NAMESPACE)) {
        Value args[2] = {name_value(p, prefix), name_value(p, uri)};
        call_handler(p, HANDLER_START_NAMESPACE, args, 2);
    }
}

/* ---- Declarations. */

static void on_unparsed_entity(void *data, const XML_Char *name, const XML_Char *base,
                               const XML_Char *system, const XML_Char *public,
                               const XML_Char *notation)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_UNPARSED_ENTITY)) {
        Value args[5] = {name_value(p, name), name_value(p, base), name_value(p, system),
                         name_value(p, public), name_value(p, notation)};
        call_handler(p, HANDLER_UNPARSED_ENTITY, args, 5);
    }
}

static void on_notation(void *data, const XML_Char *name, const XML_Char *base,
                        const XML_Char *system, const XML_Char *public)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_NOTATION)) {
        Value args[4] = {name_value(p, name), name_value(p, base), name_value(p, system),
                         name_value(p, public)};
        call_handler(p, HANDLER_NOTATION, args, 4);
    }
}

static int on_not_standalone(void *data)
{
    struct parser *p = data;
    return wanted(p, HANDLER_NOT_STANDALONE)
               ? int_result(p, call_handler(p, HANDLER_NOT_STANDALONE, NULL, 0))
               : 0;
}

static int on_external_entity(XML_Parser parser, const XML_Char *context, const XML_Char *base,
                              const XML_Char *system, const XML_Char *public)
{
    struct parser *p = XML_GetUserData(parser);
    if (!wanted(p, HANDLER_EXTERNAL_ENTITY)) {
        return 0;
    }
    Value args[4] = {text_value(context), name_value(p, base), name_value(p, system),
                     name_value(p, public)};
    return int_result(p, call_handler(p, HANDLER_EXTERNAL_ENTITY, args, 4));
}

static void on_start_doctype(void *data, const XML_Char *name, const XML_Char *system,
                             const XML_Char *public, int has_internal_subset)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_START_DOCTYPE)) {
        Value args[4] = {name_value(p, name), name_value(p, system), name_value(p, public),
                         value_from_int(has_internal_subset)};
        call_handler(p, HANDLER_START_DOCTYPE, args, 4);
    }
}

static void on_entity(void *data, const XML_Char *name, int is_parameter, const XML_Char *text,
                      int length, const XML_Char *base, const XML_Char *system,
                      const XML_Char *public, const XML_Char *notation)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_ENTITY)) {
        Value args[7] = {name_value(p, name),
                         value_from_int(is_parameter),
                         text == NULL ? VALUE_NONE : value_from_object(str_from_utf8(text, length)),
                         name_value(p, base),
                         name_value(p, system),
                         name_value(p, public),
                         name_value(p, notation)};
        call_handler(p, HANDLER_ENTITY, args, 7);
    }
}

static void on_xml(void *data, const XML_Char *version, const XML_Char *encoding, int standalone)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_XML)) {
        Value args[3] = {text_value(version), text_value(encoding), value_from_int(standalone)};
        call_handler(p, HANDLER_XML, args, 3);
    }
}

/* (type, quantifier, name, children) */
static Value model_value(struct parser *p, const XML_Content *model)
{
    if (recursion_enter(" in a content model") < 0) {
        return VALUE_NULL;
    }
    PyObject *children = tuple_new(model->numchildren);
    for (unsigned i = 0; children != NULL && i < model->numchildren; i++) {
        Value child = model_value(p, &model->children[i]);
        children =
            value_is_null(child) || tuple_init_item(children, i, child) < 0 ? NULL : children;
    }
    Value parts[4] = {value_from_int((int64_t)model->type), value_from_int((int64_t)model->quant),
                      name_value(p, model->name), value_from_object(children)};
    recursion_leave();
    return children == NULL || value_is_null(parts[2])
               ? VALUE_NULL
               : value_from_object(tuple_from_array(parts, 4));
}

static void on_element(void *data, const XML_Char *name, XML_Content *model)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_ELEMENT)) {
        Value args[2] = {name_value(p, name), model_value(p, model)};
        call_handler(p, HANDLER_ELEMENT, args, 2);
    }
    expat.XML_FreeContentModel(p->expat, model);
}

static void on_attlist(void *data, const XML_Char *element, const XML_Char *attribute,
                       const XML_Char *type, const XML_Char *fallback, int required)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_ATTLIST)) {
        Value args[5] = {name_value(p, element), name_value(p, attribute), text_value(type),
                         text_value(fallback), value_from_int(required)};
        call_handler(p, HANDLER_ATTLIST, args, 5);
    }
}

static void on_skipped_entity(void *data, const XML_Char *name, int is_parameter)
{
    struct parser *p = data;
    if (wanted(p, HANDLER_SKIPPED_ENTITY)) {
        Value args[2] = {name_value(p, name), value_from_int(is_parameter)};
        call_handler(p, HANDLER_SKIPPED_ENTITY, args, 2);
    }
}

/* ---- Setting. */

static void tell_expat(struct parser *p, enum handler which, bool on)
{
#define CASE(number, function, setter)                                                             \
    case number: expat.setter(p->expat, on ? function : NULL); break;
    switch (which) {
        CASE(HANDLER_START_ELEMENT, on_start_element, XML_SetStartElementHandler)
        CASE(HANDLER_END_ELEMENT, on_end_element, XML_SetEndElementHandler)
        CASE(HANDLER_INSTRUCTION, on_instruction, XML_SetProcessingInstructionHandler)
        CASE(HANDLER_CHARACTERS, on_characters, XML_SetCharacterDataHandler)
        CASE(HANDLER_UNPARSED_ENTITY, on_unparsed_entity, XML_SetUnparsedEntityDeclHandler)
        CASE(HANDLER_NOTATION, on_notation, XML_SetNotationDeclHandler)
        CASE(HANDLER_START_NAMESPACE, on_start_namespace, XML_SetStartNamespaceDeclHandler)
        CASE(HANDLER_END_NAMESPACE, on_end_namespace, XML_SetEndNamespaceDeclHandler)
        CASE(HANDLER_COMMENT, on_comment, XML_SetCommentHandler)
        CASE(HANDLER_START_CDATA, on_start_cdata, XML_SetStartCdataSectionHandler)
        CASE(HANDLER_END_CDATA, on_end_cdata, XML_SetEndCdataSectionHandler)
        CASE(HANDLER_DEFAULT, on_default, XML_SetDefaultHandler)
        CASE(HANDLER_DEFAULT_EXPAND, on_default_expand, XML_SetDefaultHandlerExpand)
        CASE(HANDLER_NOT_STANDALONE, on_not_standalone, XML_SetNotStandaloneHandler)
        CASE(HANDLER_EXTERNAL_ENTITY, on_external_entity, XML_SetExternalEntityRefHandler)
        CASE(HANDLER_START_DOCTYPE, on_start_doctype, XML_SetStartDoctypeDeclHandler)
        CASE(HANDLER_END_DOCTYPE, on_end_doctype, XML_SetEndDoctypeDeclHandler)
        CASE(HANDLER_ENTITY, on_entity, XML_SetEntityDeclHandler)
        CASE(HANDLER_XML, on_xml, XML_SetXmlDeclHandler)
        CASE(HANDLER_ELEMENT, on_element, XML_SetElementDeclHandler)
        CASE(HANDLER_ATTLIST, on_attlist, XML_SetAttlistDeclHandler)
        CASE(HANDLER_SKIPPED_ENTITY, on_skipped_entity, XML_SetSkippedEntityHandler)
    case HANDLER_COUNT: break;
    }
#undef CASE
}

void parser_set_handler(struct parser *p, enum handler which, Value handler)
{
    heap_store_value(p, &p->handlers[which], handler);
    /* Expat has taken the function for characters out already while one runs. */
    if (which != HANDLER_CHARACTERS || !p->in_callback || !value_is_null(handler)) {
        tell_expat(p, which, !value_is_null(handler));
    }
}

void parser_clear_handlers(struct parser *p)
{
    for (int i = 0; i < HANDLER_COUNT; i++) {
        parser_set_handler(p, (enum handler)i, VALUE_NULL);
    }
}

void parser_copy_handlers(struct parser *p, const struct parser *from)
{
    for (int i = 0; i < HANDLER_COUNT; i++) {
        if (!value_is_null(from->handlers[i])) {
            parser_set_handler(p, (enum handler)i, from->handlers[i]);
        }
    }
}
