/* SPDX-License-Identifier: MIT */
/* pyexpat: parsers of libexpat, which is loaded when the module is.
 *
 * A parser belongs to one thread at a time (its io_lock, which may be held while handlers run; a
 * handler may use its own parser). pyexpat_handlers.c turns events into calls, and
 * pyexpat_constants.c has the modules `errors` and `model`. */
#include "module/pyexpat_int.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/hash.h"
#include "object/buffer.h"
#include "object/bytes.h"
#include "thread/thread.h"

enum { CHUNK = 1 << 20, READ_SIZE = 2048, BUFFER_SIZE = 8192 };

struct expat_functions expat;
static PyObject *expat_error; /* class; set when the module is made */

bool expat_ensure(void)
{
    static const char *const names_of[] = {
#define EXPAT_NAME(name) #name,
        EXPAT_FUNCTIONS(EXPAT_NAME)
#undef EXPAT_NAME
    };
    void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library != NULL && i < sizeof names_of / sizeof *names_of; i++) {
        void *function = dlsym(library, names_of[i]);
        library = function == NULL ? NULL : library;
        memcpy((char *)&expat + i * sizeof function, &function, sizeof function);
    }
    if (library == NULL) {
        error_raise(PyExc_ImportError, "libexpat.so.1 cannot be loaded");
    }
    return library != NULL;
}

static PyTypeObject parser_type;

static struct parser *cast(Value self)
{
    return (struct parser *)value_object(self);
}

/* ---- Errors. */

static Value raise_expat(struct parser *p, enum XML_Error code)
{
    unsigned long line = expat.XML_GetCurrentLineNumber(p->expat);
    unsigned long column = expat.XML_GetCurrentColumnNumber(p->expat);
    PyObject *text =
        str_format("%s: line %lu, column %lu", expat.XML_ErrorString(code), line, column);
    Value error = text == NULL
                      ? VALUE_NULL
                      : object_call1(value_from_object(expat_error), value_from_object(text));
    if (value_is_null(error) ||
        object_setattr(error, str_intern_text("code"), value_from_int((int64_t)code)) < 0 ||
        object_setattr(error, str_intern_text("offset"), value_from_int((int64_t)column)) < 0 ||
        object_setattr(error, str_intern_text("lineno"), value_from_int((int64_t)line)) < 0) {
        return VALUE_NULL;
    }
    error_set_instance(value_object(error));
    return VALUE_NULL;
}

/* ---- Parsing. */

static Value parse_result(struct parser *p, enum XML_Status status)
{
    if (error_occurred()) {
        return VALUE_NULL;
    }
    if (status == XML_STATUS_ERROR) {
        return raise_expat(p, expat.XML_GetErrorCode(p->expat));
    }
    return parser_flush(p) < 0 ? VALUE_NULL : value_from_int((int64_t)status);
}

static Value parse_bytes(struct parser *p, const char *data, Py_ssize_t length, bool final)
{
    enum XML_Status status = XML_STATUS_OK;
    while (length > CHUNK && status == XML_STATUS_OK && !error_occurred()) {
        status = expat.XML_Parse(p->expat, data, CHUNK, 0);
        data += CHUNK;
        length -= CHUNK;
        thread_safepoint_quiet(thread_current());
    }
    if (status == XML_STATUS_OK && !error_occurred()) {
        status = expat.XML_Parse(p->expat, data, (int)length, final);
    }
    return parse_result(p, status);
}

static Value parser_parse(Value self, const Value *args)
{
    struct parser *p = cast(self);
    bool final = false;
    Py_buffer view;
    if (value_is_present(args[1]) && arg_bool(args[1], &final) < 0) {
        return VALUE_NULL;
    }
    if (str_check(args[0])) {
        Py_ssize_t length;
        const char *text = str_utf8(value_object(args[0]), &length);
        if (text == NULL) {
            return VALUE_NULL;
        }
        io_lock_acquire(&p->lock);
        expat.XML_SetEncoding(p->expat, "utf-8");
        Value result = parse_bytes(p, text, length, final);
        io_lock_release(&p->lock);
        return result;
    }
    if (object_get_buffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    io_lock_acquire(&p->lock);
    Value result = parse_bytes(p, view.buf, view.len, final);
    io_lock_release(&p->lock);
    object_release_buffer(&view);
    return result;
}

/* What read() gives as bytes in *data; -1 with an exception. */
static Py_ssize_t read_block(Value read, Py_buffer *view)
{
    Value block = object_call1(read, value_from_int(READ_SIZE));
    if (value_is_null(block)) {
        return -1;
    }
    if (!bytes_check(block) && !bytearray_check(block)) {
        return error_raise_int(PyExc_TypeError, "read() did not return a bytes object (type=%T)",
                               block);
    }
    if (object_get_buffer(block, view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view->len > READ_SIZE) {
        Py_ssize_t length = view->len;
        object_release_buffer(view);
        return error_raise_int(PyExc_ValueError,
                               "read() returned too much data: %d bytes requested, %zd returned",
                               READ_SIZE, length);
    }
    return view->len;
}

static Value parse_file(struct parser *p, Value read)
{
    enum XML_Status status = XML_STATUS_OK;
    for (Py_ssize_t length = 1; length > 0 && status != XML_STATUS_ERROR;) {
        Py_buffer view;
        length = read_block(read, &view);
        if (length < 0) {
            return VALUE_NULL;
        }
        status = expat.XML_Parse(p->expat, view.buf, (int)length, length == 0);
        object_release_buffer(&view);
        if (error_occurred()) {
            return VALUE_NULL;
        }
    }
    return parse_result(p, status);
}

static Value parser_parse_file(Value self, Value file)
{
    struct parser *p = cast(self);
    Value read;
    int found = object_find_attr(file, str_intern_text("read"), &read);
    if (found <= 0) {
        return found < 0 ? VALUE_NULL
                         : error_raise(PyExc_TypeError, "argument must have 'read' attribute");
    }
    io_lock_acquire(&p->lock);
    Value result = parse_file(p, read);
    io_lock_release(&p->lock);
    return result;
}

/* ---- Settings. */

static Value parser_set_base(Value self, Value base)
{
    const char *text = NULL;
    if (!str_check(base)) {
        return error_raise(PyExc_TypeError, "SetBase() argument must be str, not %T", base);
    }
    text = str_utf8(value_object(base), NULL);
    if (text == NULL) {
        return VALUE_NULL;
    }
    return expat.XML_SetBase(cast(self)->expat, text) == XML_STATUS_OK ? VALUE_NONE
                                                                       : error_no_memory();
}

static Value parser_get_base(Value self)
{
    const char *base = expat.XML_GetBase(cast(self)->expat);
    return base == NULL ? VALUE_NONE : value_from_object(str_from_text(base));
}

static Value parser_get_input(Value self)
{
    int offset, size;
    if (!cast(self)->in_callback) {
        return VALUE_NONE;
    }
    const char *text = expat.XML_GetInputContext(cast(self)->expat, &offset, &size);
    return text == NULL ? VALUE_NONE : value_from_object(bytes_new(text + offset, size - offset));
}

static Value parser_set_param_entity(Value self, Value flag)
{
    int n;
    if (arg_int(flag, &n) < 0) {
        return VALUE_NULL;
    }
    return value_from_int(
        expat.XML_SetParamEntityParsing(cast(self)->expat, (enum XML_ParamEntityParsing)n));
}

static Value parser_use_foreign(Value self, const Value *args)
{
    bool flag = true;
    if (value_is_present(args[0]) && arg_bool(args[0], &flag) < 0) {
        return VALUE_NULL;
    }
    enum XML_Error code = expat.XML_UseForeignDTD(cast(self)->expat, flag);
    return code == XML_ERROR_NONE ? VALUE_NONE : raise_expat(cast(self), code);
}

/* ---- Making. */

/* An encoding that expat does not know: one byte, one character. */
int parser_unknown_encoding(void *data, const XML_Char *name, XML_Encoding *info)
{
    char bytes[256];
    if (error_occurred()) {
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)i;
    }
    PyObject *text = str_decode(bytes, 256, name, "replace");
    if (text == NULL) {
        return XML_STATUS_ERROR;
    }
    if (str_length(text) != 256) {
        error_raise(PyExc_ValueError, "multi-byte encodings are not supported");
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        Py_UCS4 c = str_at(text, i);
        info->map[i] = c == 0xfffd ? -1 : (int)c;
    }
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    return XML_STATUS_OK;
}

static struct parser *parser_alloc(PyObject *intern)
{
    struct parser *p = (struct parser *)object_alloc(&parser_type, 0);
    if (p != NULL) {
        heap_init(p, &p->intern, intern);
        p->buffer_size = BUFFER_SIZE;
        for (int i = 0; i < HANDLER_COUNT; i++) {
            p->handlers[i] = VALUE_NULL;
        }
    }
    return p;
}

static Value parser_attach(struct parser *p, XML_Parser made)
{
    if (made == NULL) {
        return error_no_memory();
    }
    p->expat = made;
    expat.XML_SetUserData(made, p);
    expat.XML_SetUnknownEncodingHandler(made, parser_unknown_encoding, NULL);
    return value_from_object(p);
}

static int optional_text(Value v, const char *function, const char *name, const char **out)
{
    *out = NULL;
    if (!value_is_present(v) || value_is_none(v)) {
        return 0;
    }
    PyObject *s = str_check(v) ? value_object(v) : NULL;
    if (s == NULL) {
        return error_raise_int(PyExc_TypeError, "%s() argument '%s' must be str or None, not %T",
                               function, name, v);
    }
    *out = str_utf8(s, NULL);
    return *out == NULL ? -1 : 0;
}

static Value module_parser_create(Value self, const Value *args)
{
    const char *encoding, *separator;
    if (optional_text(args[0], "ParserCreate", "encoding", &encoding) < 0 ||
        optional_text(args[1], "ParserCreate", "namespace_separator", &separator) < 0) {
        return VALUE_NULL;
    }
    if (separator != NULL && strlen(separator) > 1) {
        return error_raise(PyExc_ValueError, "namespace_separator must be at most one character, "
                                             "omitted, or None");
    }
    PyObject *intern = NULL;
    if (!value_is_present(args[2])) {
        intern = dict_new();
    } else if (dict_check(args[2])) {
        intern = value_object(args[2]);
    } else if (!value_is_none(args[2])) {
        return error_raise(PyExc_TypeError, "intern must be a dictionary");
    }
    struct parser *p = parser_alloc(intern);
    if (p == NULL) {
        return VALUE_NULL;
    }
    Value made = parser_attach(p, expat.XML_ParserCreate_MM(encoding, NULL, separator));
    if (!value_is_null(made)) {
        expat.XML_SetHashSalt(p->expat, (unsigned long)hash_bytes("pyexpat", 7));
    }
    return made;
}

static Value parser_create_external(Value self, const Value *args)
{
    struct parser *p = cast(self);
    const char *context, *encoding = NULL;
    if (optional_text(args[0], "ExternalEntityParserCreate", "context", &context) < 0 ||
        optional_text(args[1], "ExternalEntityParserCreate", "encoding", &encoding) < 0) {
        return VALUE_NULL;
    }
    struct parser *made = parser_alloc(p->intern);
    if (made == NULL) {
        return VALUE_NULL;
    }
    heap_init(made, &made->parent, p);
    made->buffer_size = p->buffer_size;
    made->ordered_attributes = p->ordered_attributes;
    made->specified_attributes = p->specified_attributes;
    made->namespace_prefixes = p->namespace_prefixes;
    if (p->buffer != NULL) {
        made->buffer = malloc((size_t)made->buffer_size);
    }
    Value result =
        parser_attach(made, expat.XML_ExternalEntityParserCreate(p->expat, context, encoding));
    if (!value_is_null(result)) {
        parser_copy_handlers(made, p);
    }
    return result;
}

static void parser_finalize(Value self)
{
    struct parser *p = cast(self);
    if (p->expat != NULL) {
        expat.XML_ParserFree(p->expat);
        p->expat = NULL;
    }
    free(p->buffer);
    p->buffer = NULL;
}

static void parser_trace(PyObject *self, struct tracer *tracer)
{
    const struct parser *p = (struct parser *)self;
    trace_pointer(tracer, p->parent);
    trace_pointer(tracer, p->intern);
    trace_words(tracer, p->handlers, HANDLER_COUNT);
}

/* ---- Attributes. */

static Value get_handler(Value self, void *closure)
{
    Value handler = cast(self)->handlers[(uintptr_t)closure];
    return value_is_null(handler) ? VALUE_NONE : handler;
}

static int set_handler(Value self, Value v, void *closure)
{
    struct parser *p = cast(self);
    enum handler which = (enum handler)(uintptr_t)closure;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_RuntimeError, "Cannot delete attribute");
    }
    io_lock_acquire(&p->lock);
    int status = which == HANDLER_CHARACTERS ? parser_flush(p) : 0;
    if (status == 0) {
        parser_set_handler(p, which, value_is_none(v) ? VALUE_NULL : v);
    }
    io_lock_release(&p->lock);
    return status;
}

static Value get_buffer_text(Value self, void *closure)
{
    return value_from_bool(cast(self)->buffer != NULL);
}

static int set_buffer_text(Value self, Value v, void *closure)
{
    struct parser *p = cast(self);
    bool on;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_RuntimeError, "Cannot delete attribute");
    }
    if (arg_bool(v, &on) < 0) {
        return -1;
    }
    io_lock_acquire(&p->lock);
    int status = 0;
    if (on && p->buffer == NULL) {
        p->buffer = malloc((size_t)p->buffer_size);
        p->buffer_used = 0;
        status = p->buffer == NULL ? (error_no_memory(), -1) : 0;
    } else if (!on && p->buffer != NULL) {
        status = parser_flush(p);
        free(p->buffer);
        p->buffer = NULL;
    }
    io_lock_release(&p->lock);
    return status;
}

static int check_buffer_size(Value v, Py_ssize_t *size)
{
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_RuntimeError, "Cannot delete attribute");
    }
    int64_t n = 0;
    if (!int_check(v)) {
        return error_raise_int(PyExc_TypeError, "buffer_size must be an integer");
    }
    if (int_to_i64(v, &n) < 0) {
        return -1;
    }
    if (n <= 0) {
        return error_raise_int(PyExc_ValueError, "buffer_size must be greater than zero");
    }
    if (n > INT32_MAX) {
        return error_raise_int(PyExc_ValueError, "buffer_size must not be greater than %i",
                               INT32_MAX);
    }
    *size = n;
    return 0;
}

static Value get_buffer_size(Value self, void *closure)
{
    return value_from_int(cast(self)->buffer_size);
}

static int set_buffer_size(Value self, Value v, void *closure)
{
    struct parser *p = cast(self);
    Py_ssize_t size = 0;
    if (check_buffer_size(v, &size) < 0) {
        return -1;
    }
    io_lock_acquire(&p->lock);
    int status = 0;
    if (p->buffer != NULL && size != p->buffer_size) {
        status = parser_flush(p);
        char *buffer = status < 0 ? NULL : malloc((size_t)size);
        if (buffer != NULL) {
            free(p->buffer);
            p->buffer = buffer;
        } else if (status == 0) {
            error_no_memory();
            status = -1;
        }
    }
    if (status == 0) {
        p->buffer_size = size;
    }
    io_lock_release(&p->lock);
    return status;
}

static Value get_buffer_used(Value self, void *closure)
{
    return value_from_int(cast(self)->buffer == NULL ? 0 : cast(self)->buffer_used);
}

static bool *flag_of(struct parser *p, void *closure)
{
    return (bool *)((char *)p + (uintptr_t)closure);
}

static Value get_flag(Value self, void *closure)
{
    return value_from_bool(*flag_of(cast(self), closure));
}

static int set_flag(Value self, Value v, void *closure)
{
    bool on;
    if (value_is_absent(v)) {
        return error_raise_int(PyExc_RuntimeError, "Cannot delete attribute");
    }
    if (arg_bool(v, &on) < 0) {
        return -1;
    }
    *flag_of(cast(self), closure) = on;
    if ((uintptr_t)closure == offsetof(struct parser, namespace_prefixes)) {
        expat.XML_SetReturnNSTriplet(cast(self)->expat, on);
    }
    return 0;
}

static Value get_intern(Value self, void *closure)
{
    PyObject *intern = cast(self)->intern;
    return intern == NULL ? VALUE_NONE : value_from_object(intern);
}

enum position { POSITION_CODE, POSITION_LINE, POSITION_COLUMN, POSITION_BYTE };

static Value get_position(Value self, void *closure)
{
    XML_Parser p = cast(self)->expat;
    switch ((enum position)(uintptr_t)closure) {
    case POSITION_CODE: return value_from_int((int64_t)expat.XML_GetErrorCode(p));
    case POSITION_LINE: return value_from_int((int64_t)expat.XML_GetCurrentLineNumber(p));
    case POSITION_COLUMN: return value_from_int((int64_t)expat.XML_GetCurrentColumnNumber(p));
    case POSITION_BYTE: return value_from_int((int64_t)expat.XML_GetCurrentByteIndex(p));
    }
    return VALUE_NONE;
}

#define HANDLER(name, which)                                                                       \
    {                                                                                              \
        name, get_handler, set_handler, NULL, (void *)(uintptr_t)(which)                           \
    }
#define FLAG(name)                                                                                 \
    {                                                                                              \
#name, get_flag, set_flag, NULL, (void *)offsetof(struct parser, name)                     \
    }
#define POSITION(name, which)                                                                      \
    {                                                                                              \
        name, get_position, NULL, NULL, (void *)(uintptr_t)(which)                                 \
    }
static const struct getset_def getsets[] = {
    HANDLER("StartElementHandler", HANDLER_START_ELEMENT),
    HANDLER("EndElementHandler", HANDLER_END_ELEMENT),
    HANDLER("ProcessingInstructionHandler", HANDLER_INSTRUCTION),
    HANDLER("CharacterDataHandler", HANDLER_CHARACTERS),
    HANDLER("UnparsedEntityDeclHandler", HANDLER_UNPARSED_ENTITY),
    HANDLER("NotationDeclHandler", HANDLER_NOTATION),
    HANDLER("StartNamespaceDeclHandler", HANDLER_START_NAMESPACE),
    HANDLER("EndNamespaceDeclHandler", HANDLER_END_NAMESPACE),
    HANDLER("CommentHandler", HANDLER_COMMENT),
    HANDLER("StartCdataSectionHandler", HANDLER_START_CDATA),
    HANDLER("EndCdataSectionHandler", HANDLER_END_CDATA),
    HANDLER("DefaultHandler", HANDLER_DEFAULT),
    HANDLER("DefaultHandlerExpand", HANDLER_DEFAULT_EXPAND),
    HANDLER("NotStandaloneHandler", HANDLER_NOT_STANDALONE),
    HANDLER("ExternalEntityRefHandler", HANDLER_EXTERNAL_ENTITY),
    HANDLER("StartDoctypeDeclHandler", HANDLER_START_DOCTYPE),
    HANDLER("EndDoctypeDeclHandler", HANDLER_END_DOCTYPE),
    HANDLER("EntityDeclHandler", HANDLER_ENTITY),
    HANDLER("XmlDeclHandler", HANDLER_XML),
    HANDLER("ElementDeclHandler", HANDLER_ELEMENT),
    HANDLER("AttlistDeclHandler", HANDLER_ATTLIST),
    HANDLER("SkippedEntityHandler", HANDLER_SKIPPED_ENTITY),
    POSITION("ErrorCode", POSITION_CODE),
    POSITION("ErrorLineNumber", POSITION_LINE),
    POSITION("ErrorColumnNumber", POSITION_COLUMN),
    POSITION("ErrorByteIndex", POSITION_BYTE),
    POSITION("CurrentLineNumber", POSITION_LINE),
    POSITION("CurrentColumnNumber", POSITION_COLUMN),
    POSITION("CurrentByteIndex", POSITION_BYTE),
    FLAG(ordered_attributes),
    FLAG(specified_attributes),
    FLAG(namespace_prefixes),
    {"buffer_text", get_buffer_text, set_buffer_text},
    {"buffer_size", get_buffer_size, set_buffer_size},
    {"buffer_used", get_buffer_used},
    {"intern", get_intern},
    {0},
};

static const struct native_def methods[] = {
    {"Parse", "($self, data, isfinal=False, /)",
     "Parse XML data.\n\n'isfinal' should be true at end of input.", .n = parser_parse},
    {"ParseFile", "($self, file, /)", "Parse XML data from file-like object.",
     .f1 = parser_parse_file},
    {"SetBase", "($self, base, /)", "Set the base URL for the parser.", .f1 = parser_set_base},
    {"GetBase", "($self, /)", "Return base URL string for the parser.", .f0 = parser_get_base},
    {"GetInputContext", "($self, /)",
     "Return the untranslated text of the input that caused the current event.\n\nIf the event was "
     "generated by a large amount of text (such as a start tag\nfor an element with many "
     "attributes), not all of the text may be available.",
     .f0 = parser_get_input},
    {"ExternalEntityParserCreate", "($self, context, encoding=<unrepresentable>, /)",
     "Create a parser for parsing an external entity based on the information passed to the "
     "ExternalEntityRefHandler.",
     .n = parser_create_external},
    {"SetParamEntityParsing", "($self, flag, /)",
     "Controls parsing of parameter entities (including the external DTD subset).\n\nPossible flag "
     "values are XML_PARAM_ENTITY_PARSING_NEVER,\nXML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE "
     "and\nXML_PARAM_ENTITY_PARSING_ALWAYS. Returns true if setting the flag\nwas successful.",
     .f1 = parser_set_param_entity},
    {"UseForeignDTD", "($self, flag=True, /)",
     "Allows the application to provide an artificial external subset if one is not specified as "
     "part of the document instance.",
     .n = parser_use_foreign},
    {0},
};

static struct type_info parser_info = {
    .ops = {.finalize = parser_finalize},
    .trace = parser_trace,
    .methods = methods,
    .getsets = getsets,
    .flags = TYPE_NO_NEW | TYPE_OBSERVED,
};
static PyTypeObject parser_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "pyexpat.xmlparser",
    .tp_doc = "XML parser",
    .tp_basicsize = sizeof(struct parser),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_cache = (PyObject *)&parser_info,
};

/* ---- The module. */

static Value module_error_string(Value self, Value code)
{
    int64_t n;
    if (!int_check(code)) {
        code = object_index(code);
    }
    if (value_is_null(code) || int_to_i64(code, &n) < 0) {
        return VALUE_NULL;
    }
    const char *text = expat.XML_ErrorString((enum XML_Error)n);
    return text == NULL ? VALUE_NONE : value_from_object(str_from_text(text));
}

static Value feature_list(void)
{
    PyObject *list = list_new(0);
    for (const XML_Feature *f = expat.XML_GetFeatureList(); f->feature != XML_FEATURE_END; f++) {
        Value pair[2] = {value_from_object(str_from_text(f->name)), value_from_int(f->value)};
        if (list == NULL || value_is_null(pair[0]) ||
            list_append(list, value_from_object(tuple_from_array(pair, 2))) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value version_tuple(void)
{
    XML_Expat_Version v = expat.XML_ExpatVersionInfo();
    Value parts[3] = {value_from_int(v.major), value_from_int(v.minor), value_from_int(v.micro)};
    return value_from_object(tuple_from_array(parts, 3));
}

static Value make_error_class(void)
{
    PyObject *body = dict_new();
    PyObject *bases = tuple_pack(1, PyExc_Exception);
    if (body == NULL || bases == NULL ||
        dict_set_str(body, names.__module__,
                     value_from_object(str_from_text("xml.parsers.expat"))) < 0) {
        return VALUE_NULL;
    }
    return object_call3(value_from_object(&PyType_Type),
                        value_from_object(str_intern_text("ExpatError")), value_from_object(bases),
                        value_from_object(body));
}

static int pyexpat_exec(PyObject *module)
{
    if (!expat_ensure() || type_ready(&parser_type) < 0) {
        return -1;
    }
    Value error = expat_error == NULL ? make_error_class() : value_from_object(expat_error);
    if (value_is_null(error)) {
        return -1;
    }
    expat_error = value_object(error);
    const struct {
        const char *name;
        Value value;
    } rows[] = {
        {"ExpatError", error},
        {"error", error},
        {"XMLParserType", value_from_object(&parser_type)},
        {"EXPAT_VERSION", value_from_object(str_from_text(expat.XML_ExpatVersion()))},
        {"version_info", version_tuple()},
        {"native_encoding", value_from_object(str_from_text("UTF-8"))},
        {"features", feature_list()},
        {"XML_PARAM_ENTITY_PARSING_NEVER", value_from_int(XML_PARAM_ENTITY_PARSING_NEVER)},
        {"XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE",
         value_from_int(XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)},
        {"XML_PARAM_ENTITY_PARSING_ALWAYS", value_from_int(XML_PARAM_ENTITY_PARSING_ALWAYS)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (module_add(module, rows[i].name, rows[i].value) < 0) {
            return -1;
        }
    }
    return pyexpat_add_constants(module);
}

static const struct native_def functions[] = {
    {"ParserCreate",
     "($module, /, encoding=None, namespace_separator=None, intern=<unrepresentable>)",
     "Return a new XML parser object.", .n = module_parser_create},
    {"ErrorString", "($module, code, /)", "Returns string error for given number.",
     .f1 = module_error_string},
    {0},
};

const struct module_def pyexpat_module = {
    .name = "pyexpat",
    .doc = "Python wrapper for Expat parser.",
    .functions = functions,
    .exec = pyexpat_exec,
};
