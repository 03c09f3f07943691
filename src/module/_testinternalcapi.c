/* SPDX-License-Identifier: MIT */
/* _testinternalcapi: what the regression tests ask about the inside of the interpreter they run in.
 * The compiled module of that name reads CPython's private structures; this one answers for
 * Orochi. It has no get_configs, set_config or set_eval_frame: those are about embedding CPython.
 */
#include <stddef.h>
#include <string.h>

#include "bytecode/code.h"
#include "module/sys.h"
#include "object/bytes.h"
#include "object/codec.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/native.h"
#include "object/str.h"
#include "vm/vm.h"

static const struct config_number {
    const char *name;
    size_t offset; /* of an int in sys_config */
    bool negated;
} config_numbers[] = {
    {"bytes_warning", offsetof(struct sys_config, bytes_warning), false},
    {"buffered_stdio", offsetof(struct sys_config, unbuffered), true},
    {"dev_mode", offsetof(struct sys_config, dev_mode), false},
    {"faulthandler", offsetof(struct sys_config, faulthandler), false},
    {"inspect", offsetof(struct sys_config, inspect), false},
    {"interactive", offsetof(struct sys_config, interactive), false},
    {"isolated", offsetof(struct sys_config, isolated), false},
    {"optimization_level", offsetof(struct sys_config, optimize), false},
    {"parser_debug", offsetof(struct sys_config, debug), false},
    {"quiet", offsetof(struct sys_config, quiet), false},
    {"safe_path", offsetof(struct sys_config, safe_path), false},
    {"site_import", offsetof(struct sys_config, no_site), true},
    {"use_environment", offsetof(struct sys_config, ignore_environment), true},
    {"user_site_directory", offsetof(struct sys_config, no_user_site), true},
    {"verbose", offsetof(struct sys_config, verbose), false},
    {"warn_default_encoding", offsetof(struct sys_config, warn_default_encoding), false},
    {"write_bytecode", offsetof(struct sys_config, dont_write_bytecode), true},
};

static int set_number(PyObject *dict, const char *name, int number)
{
    PyObject *key = str_intern_text(name);
    return dict_set(dict, value_from_object(key), value_from_int(number));
}

/* The numbers of the configuration, by the names of PyConfig's fields. */
static Value get_config(Value self)
{
    PyObject *dict = dict_new();
    if (dict == NULL || set_number(dict, "code_debug_ranges", code_keep_columns) < 0) {
        return VALUE_NULL;
    }
    for (size_t i = 0; i < sizeof config_numbers / sizeof *config_numbers; i++) {
        const struct config_number *row = &config_numbers[i];
        int number = *(const int *)((const char *)&sys_config + row->offset);
        if (set_number(dict, row->name, row->negated ? !number : number) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(dict);
}

static Value get_recursion_depth(Value self)
{
    return value_from_int(vm_recursion_depth());
}

/* ---- Text as the operating system has it: always UTF-8. */

/* The RuntimeError for a UnicodeError: where it began; any other exception stays. */
static Value raise_locale_error(const char *what)
{
    PyObject *error = error_take();
    Value start = object_getattr(value_from_object(error), str_intern_text("start"));
    if (value_is_null(start)) {
        error_clear();
        error_restore(error);
        return VALUE_NULL;
    }
    return error_raise(PyExc_RuntimeError, "%s error: pos=%S, reason=%s", what, start,
                       *what == 'e' ? "encoding error" : "decoding error");
}

static const char *handler_name(Value v)
{
    const char *errors = value_is_absent(v) ? "strict"
                         : str_check(v)     ? str_utf8(value_object(v), NULL)
                                            : "";
    if (errors != NULL && strcmp(errors, "strict") != 0 && strcmp(errors, "surrogateescape") != 0 &&
        strcmp(errors, "surrogatepass") != 0) {
        return error_raise_null(PyExc_ValueError, "unsupported error handler");
    }
    return errors;
}

static Value encode_locale(Value self, const Value *args)
{
    PyObject *text = arg_str(args[0], "EncodeLocaleEx", "argument 1");
    const char *errors = text == NULL ? NULL : handler_name(args[2]);
    if (errors == NULL) {
        return VALUE_NULL;
    }
    PyObject *bytes = codec_utf8_encode(text, errors);
    return bytes != NULL ? value_from_object(bytes) : raise_locale_error("encode");
}

static Value decode_locale(Value self, const Value *args)
{
    const char *errors = handler_name(args[2]);
    if (errors == NULL) {
        return VALUE_NULL;
    }
    if (!bytes_check(args[0])) {
        return error_raise(PyExc_TypeError, "argument 1 must be bytes, not %T", args[0]);
    }
    PyObject *bytes = value_object(args[0]);
    PyObject *text = codec_utf8_decode(bytes_data(bytes), bytes_length(bytes), errors, NULL);
    return text != NULL ? value_from_object(text) : raise_locale_error("decode");
}

/* No object has a header of the collector before it. */
static int add_sizes(PyObject *module)
{
    return module_add_int(module, "SIZEOF_PYGC_HEAD", 0);
}

static const struct native_def functions[] = {
    {"DecodeLocaleEx", "($module, bytes, current_locale=0, errors='strict', /)",
     "Decodes what the operating system gave.", .n = decode_locale},
    {"EncodeLocaleEx", "($module, text, current_locale=0, errors='strict', /)",
     "Encodes text for the operating system.", .n = encode_locale},
    {"get_config", "($module, /)", "The numbers of the configuration as a dict.", .f0 = get_config},
    {"get_recursion_depth", "($module, /)", "How many calls deep this thread is.",
     .f0 = get_recursion_depth},
    {0},
};

const struct module_def testinternalcapi_module = {
    "_testinternalcapi", "The inside of the interpreter, for tests.", functions, add_sizes};
