/* SPDX-License-Identifier: MIT */
/* What the files of pyexpat share; pyexpat.c has the overview. */
#ifndef OROCHI_MODULE_PYEXPAT_INT_H
#define OROCHI_MODULE_PYEXPAT_INT_H

#include <expat.h>

#include "module/io_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* The functions of libexpat, named as there. Constant once expat_ensure has returned true. */
#define EXPAT_FUNCTIONS(X)                                                                         \
    X(XML_ParserCreate_MM)                                                                         \
    X(XML_ParserFree)                                                                              \
    X(XML_Parse)                                                                                   \
    X(XML_SetUserData)                                                                             \
    X(XML_SetHashSalt)                                                                             \
    X(XML_SetEncoding)                                                                             \
    X(XML_SetUnknownEncodingHandler)                                                               \
    X(XML_SetBase)                                                                                 \
    X(XML_GetBase)                                                                                 \
    X(XML_GetInputContext)                                                                         \
    X(XML_ExternalEntityParserCreate)                                                              \
    X(XML_SetParamEntityParsing)                                                                   \
    X(XML_UseForeignDTD)                                                                           \
    X(XML_SetReturnNSTriplet)                                                                      \
    X(XML_GetSpecifiedAttributeCount)                                                              \
    X(XML_GetErrorCode)                                                                            \
    X(XML_ErrorString)                                                                             \
    X(XML_GetCurrentLineNumber)                                                                    \
    X(XML_GetCurrentColumnNumber)                                                                  \
    X(XML_GetCurrentByteIndex)                                                                     \
    X(XML_ExpatVersion)                                                                            \
    X(XML_ExpatVersionInfo)                                                                        \
    X(XML_GetFeatureList)                                                                          \
    X(XML_FreeContentModel)                                                                        \
    X(XML_SetStartElementHandler)                                                                  \
    X(XML_SetEndElementHandler)                                                                    \
    X(XML_SetProcessingInstructionHandler)                                                         \
    X(XML_SetCharacterDataHandler)                                                                 \
    X(XML_SetUnparsedEntityDeclHandler)                                                            \
    X(XML_SetNotationDeclHandler)                                                                  \
    X(XML_SetStartNamespaceDeclHandler)                                                            \
    X(XML_SetEndNamespaceDeclHandler)                                                              \
    X(XML_SetCommentHandler)                                                                       \
    X(XML_SetStartCdataSectionHandler)                                                             \
    X(XML_SetEndCdataSectionHandler)                                                               \
    X(XML_SetDefaultHandler)                                                                       \
    X(XML_SetDefaultHandlerExpand)                                                                 \
    X(XML_SetNotStandaloneHandler)                                                                 \
    X(XML_SetExternalEntityRefHandler)                                                             \
    X(XML_SetStartDoctypeDeclHandler)                                                              \
    X(XML_SetEndDoctypeDeclHandler)                                                                \
    X(XML_SetEntityDeclHandler)                                                                    \
    X(XML_SetXmlDeclHandler)                                                                       \
    X(XML_SetElementDeclHandler)                                                                   \
    X(XML_SetAttlistDeclHandler)                                                                   \
    X(XML_SetSkippedEntityHandler)
struct expat_functions {
#define EXPAT_POINTER(name) __typeof__(name) *name;
    EXPAT_FUNCTIONS(EXPAT_POINTER)
#undef EXPAT_POINTER
};
extern struct expat_functions expat;
bool expat_ensure(void); /* false with ImportError */

/* In the order of handler_names. */
enum handler {
    HANDLER_START_ELEMENT,
    HANDLER_END_ELEMENT,
    HANDLER_INSTRUCTION,
    HANDLER_CHARACTERS,
    HANDLER_UNPARSED_ENTITY,
    HANDLER_NOTATION,
    HANDLER_START_NAMESPACE,
    HANDLER_END_NAMESPACE,
    HANDLER_COMMENT,
    HANDLER_START_CDATA,
    HANDLER_END_CDATA,
    HANDLER_DEFAULT,
    HANDLER_DEFAULT_EXPAND,
    HANDLER_NOT_STANDALONE,
    HANDLER_EXTERNAL_ENTITY,
    HANDLER_START_DOCTYPE,
    HANDLER_END_DOCTYPE,
    HANDLER_ENTITY,
    HANDLER_XML,
    HANDLER_ELEMENT,
    HANDLER_ATTLIST,
    HANDLER_SKIPPED_ENTITY,
    HANDLER_COUNT
};
extern const char *const handler_names[HANDLER_COUNT];

/* Everything but the lock: by the thread that has the lock. */
struct parser {
    PyObject_HEAD XML_Parser expat; /* malloc memory, owned */
    struct parser *parent;          /* whose entity this one parses, or NULL */
    PyObject *intern;               /* dict or NULL */
    Value handlers[HANDLER_COUNT];  /* VALUE_NULL: none */
    Py_ssize_t buffer_used, buffer_size;
    char *buffer; /* malloc memory: buffered character data, or NULL if it is not wanted */
    bool ordered_attributes, specified_attributes, namespace_prefixes;
    bool in_callback;
    struct io_lock lock;
};

/* Expat calls the Python handler from now on, or not any more. */
void parser_set_handler(struct parser *p, enum handler which, Value handler);
void parser_clear_handlers(struct parser *p);
/* After ExternalEntityParserCreate: the same handlers, but another parser. */
void parser_copy_handlers(struct parser *p, const struct parser *from);
/* Reports buffered character data. 0 or -1. */
int parser_flush(struct parser *p);
/* XML_SetUnknownEncodingHandler. */
int parser_unknown_encoding(void *data, const XML_Char *name, XML_Encoding *info);
/* Adds the modules pyexpat.errors and pyexpat.model. 0 or -1. */
int pyexpat_add_constants(PyObject *module);

#endif
