/* SPDX-License-Identifier: MIT */
/* The modules pyexpat.errors and pyexpat.model: expat's constants. */
#include "module/pyexpat_int.h"

struct constant {
    const char *name;
    int value;
};
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct constant errors[] = {
    ROW(XML_ERROR_NO_MEMORY),
    ROW(XML_ERROR_SYNTAX),
    ROW(XML_ERROR_NO_ELEMENTS),
    ROW(XML_ERROR_INVALID_TOKEN),
    ROW(XML_ERROR_UNCLOSED_TOKEN),
    ROW(XML_ERROR_PARTIAL_CHAR),
    ROW(XML_ERROR_TAG_MISMATCH),
    ROW(XML_ERROR_DUPLICATE_ATTRIBUTE),
    ROW(XML_ERROR_JUNK_AFTER_DOC_ELEMENT),
    ROW(XML_ERROR_PARAM_ENTITY_REF),
    ROW(XML_ERROR_UNDEFINED_ENTITY),
    ROW(XML_ERROR_RECURSIVE_ENTITY_REF),
    ROW(XML_ERROR_ASYNC_ENTITY),
    ROW(XML_ERROR_BAD_CHAR_REF),
    ROW(XML_ERROR_BINARY_ENTITY_REF),
    ROW(XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF),
    ROW(XML_ERROR_MISPLACED_XML_PI),
    ROW(XML_ERROR_UNKNOWN_ENCODING),
    ROW(XML_ERROR_INCORRECT_ENCODING),
    ROW(XML_ERROR_UNCLOSED_CDATA_SECTION),
    ROW(XML_ERROR_EXTERNAL_ENTITY_HANDLING),
    ROW(XML_ERROR_NOT_STANDALONE),
    ROW(XML_ERROR_UNEXPECTED_STATE),
    ROW(XML_ERROR_ENTITY_DECLARED_IN_PE),
    ROW(XML_ERROR_FEATURE_REQUIRES_XML_DTD),
    ROW(XML_ERROR_CANT_CHANGE_FEATURE_ONCE_PARSING),
    ROW(XML_ERROR_UNBOUND_PREFIX),
    ROW(XML_ERROR_UNDECLARING_PREFIX),
    ROW(XML_ERROR_INCOMPLETE_PE),
    ROW(XML_ERROR_XML_DECL),
    ROW(XML_ERROR_TEXT_DECL),
    ROW(XML_ERROR_PUBLICID),
    ROW(XML_ERROR_SUSPENDED),
    ROW(XML_ERROR_NOT_SUSPENDED),
    ROW(XML_ERROR_ABORTED),
    ROW(XML_ERROR_FINISHED),
    ROW(XML_ERROR_SUSPEND_PE),
    ROW(XML_ERROR_RESERVED_PREFIX_XML),
    ROW(XML_ERROR_RESERVED_PREFIX_XMLNS),
    ROW(XML_ERROR_RESERVED_NAMESPACE_URI),
    ROW(XML_ERROR_INVALID_ARGUMENT),
    ROW(XML_ERROR_NO_BUFFER),
    ROW(XML_ERROR_AMPLIFICATION_LIMIT_BREACH),
};

static const struct constant models[] = {
    ROW(XML_CTYPE_EMPTY),  ROW(XML_CTYPE_ANY),   ROW(XML_CTYPE_MIXED), ROW(XML_CTYPE_NAME),
    ROW(XML_CTYPE_CHOICE), ROW(XML_CTYPE_SEQ),   ROW(XML_CQUANT_NONE), ROW(XML_CQUANT_OPT),
    ROW(XML_CQUANT_REP),   ROW(XML_CQUANT_PLUS),
};

/* A module of its own, which `import pyexpat.errors` finds. */
static PyObject *submodule(PyObject *parent, const char *name, const char *full, const char *doc)
{
    PyObject *module = module_new(full);
    Value modules = error_sys_dict == NULL
                        ? VALUE_ABSENT
                        : dict_get_str(error_sys_dict, str_intern_text("modules"));
    if (module == NULL || module_add_str(module, "__doc__", doc) < 0 ||
        module_add(parent, name, value_from_object(module)) < 0) {
        return NULL;
    }
    if (dict_check(modules) &&
        dict_set_str(value_object(modules), str_intern_text(full), value_from_object(module)) < 0) {
        return NULL;
    }
    return module;
}

/* Each name is the text of the error; `codes` and `messages` lead from one to the other. */
static int add_errors(PyObject *module)
{
    PyObject *codes = dict_new(), *messages = dict_new();
    if (codes == NULL || messages == NULL) {
        return -1;
    }
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const char *text = expat.XML_ErrorString((enum XML_Error)errors[i].value);
        Value message = text == NULL ? VALUE_NONE : value_from_object(str_from_text(text));
        Value code = value_from_int(errors[i].value);
        if (module_add(module, errors[i].name, message) < 0 || dict_set(codes, message, code) < 0 ||
            dict_set(messages, code, message) < 0) {
            return -1;
        }
    }
    return module_add(module, "codes", value_from_object(codes)) < 0
               ? -1
               : module_add(module, "messages", value_from_object(messages));
}

int pyexpat_add_constants(PyObject *module)
{
    PyObject *e = submodule(module, "errors", "pyexpat.errors",
                            "Constants used to describe error conditions.");
    PyObject *m = submodule(module, "model", "pyexpat.model",
                            "Constants used to interpret content model information.");
    if (e == NULL || m == NULL || add_errors(e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        if (module_add_int(m, models[i].name, models[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}
