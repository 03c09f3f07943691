/* SPDX-License-Identifier: MIT */
/* Module unicodedata: the character database (object/unicode_db.h) for Python. The same functions
 * are methods of the object ucd_3_2_0, for which they answer from Unicode 3.2. */
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/unicode_db.h"

static PyTypeObject ucd_type;

static bool is_old(Value self)
{
    return value_type(self) == &ucd_type;
}

/* The character of a str of length 1, or -1. `place` is "argument" or "argument 1". */
static int64_t char_argument(Value v, const char *fname, const char *place)
{
    if (!str_check(v) || str_length(value_object(v)) != 1) {
        return error_raise_int(PyExc_TypeError, "%s() %s must be a unicode character, not %T",
                               fname, place, v);
    }
    return str_at(value_object(v), 0);
}

static Value text(const char *s)
{
    return value_from_object(str_from_text(s));
}

#define CHAR_FUNCTION(name, expression)                                                            \
    static Value ucd_##name(Value self, Value arg)                                                 \
    {                                                                                              \
        int64_t code = char_argument(arg, #name, "argument");                                      \
        Py_UCS4 c = (Py_UCS4)code;                                                                 \
        bool old = is_old(self);                                                                   \
        return code < 0 ? VALUE_NULL : (expression);                                               \
    }
CHAR_FUNCTION(category, text(db_category(c, old)))
CHAR_FUNCTION(bidirectional, text(db_bidirectional(c, old)))
CHAR_FUNCTION(east_asian_width, text(db_east_asian_width(c, old)))
CHAR_FUNCTION(combining, value_from_int(db_combining(c, old)))
CHAR_FUNCTION(mirrored, value_from_int(db_is_mirrored(c, old)))
CHAR_FUNCTION(decomposition, value_from_object(db_decomposition(c, old)))

static Value or_default(Value v, const Value *args, const char *message)
{
    if (!value_is_absent(v)) {
        return v;
    }
    return value_is_absent(args[1]) ? error_raise(PyExc_ValueError, message) : args[1];
}

static Value ucd_decimal(Value self, const Value *args)
{
    int64_t c = char_argument(args[0], "decimal", "argument 1");
    if (c < 0) {
        return VALUE_NULL;
    }
    int n = db_decimal((Py_UCS4)c, is_old(self));
    return or_default(n < 0 ? VALUE_ABSENT : value_from_int(n), args, "not a decimal");
}

static Value ucd_digit(Value self, const Value *args)
{
    int64_t c = char_argument(args[0], "digit", "argument 1");
    if (c < 0) {
        return VALUE_NULL;
    }
    int n = db_digit((Py_UCS4)c, is_old(self));
    return or_default(n < 0 ? VALUE_ABSENT : value_from_int(n), args, "not a digit");
}

static Value ucd_numeric(Value self, const Value *args)
{
    int64_t c = char_argument(args[0], "numeric", "argument 1");
    double d;
    if (c < 0) {
        return VALUE_NULL;
    }
    bool found = db_numeric((Py_UCS4)c, is_old(self), &d);
    return or_default(found ? float_from_double(d) : VALUE_ABSENT, args, "not a numeric character");
}

static Value ucd_name(Value self, const Value *args)
{
    int64_t c = char_argument(args[0], "name", "argument 1");
    char name[DB_NAME_MAX + 1];
    if (c < 0) {
        return VALUE_NULL;
    }
    bool known = !is_old(self) || strcmp(db_category((Py_UCS4)c, true), "Cn") != 0;
    bool found = known && db_char_name((Py_UCS4)c, name, sizeof name) > 0;
    return or_default(found ? text(name) : VALUE_ABSENT, args, "no such name");
}

static Value ucd_lookup(Value self, Value arg)
{
    const char *name;
    Py_ssize_t n;
    Py_buffer view;
    bool held = !str_check(arg);
    if (held) {
        if (object_get_buffer(arg, &view, PyBUF_SIMPLE) < 0) {
            return VALUE_NULL;
        }
        name = view.buf;
        n = view.len;
    } else {
        name = str_utf8(value_object(arg), &n);
        if (name == NULL) {
            return VALUE_NULL;
        }
    }
    Py_UCS4 found[DB_SEQUENCE_MAX];
    int count = db_name_lookup_text(name, n, is_old(self), found);
    Value result;
    if (n > DB_NAME_MAX) {
        result = error_raise(PyExc_KeyError, "name too long");
    } else if (count == 0) {
        result = error_raise(PyExc_KeyError, "undefined character name '%s'", name);
    } else {
        result = value_from_object(str_from_ucs4(found, count));
    }
    if (held) {
        object_release_buffer(&view);
    }
    return result;
}

static int form_argument(Value v, const char *fname, enum normal_form *out)
{
    static const char *const forms[] = {"NFC", "NFD", "NFKC", "NFKD"};
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s() argument 1 must be str, not %T", fname, v);
    }
    for (int i = 0; i < 4; i++) {
        if (str_equal_text(value_object(v), forms[i])) {
            *out = (enum normal_form)i;
            return 0;
        }
    }
    return error_raise_int(PyExc_ValueError, "invalid normalization form");
}

static PyObject *normalize(Value self, const Value *args, const char *fname)
{
    enum normal_form form = FORM_NFC;
    if (!str_check(args[1])) {
        return error_raise_null(PyExc_TypeError, "%s() argument 2 must be str, not %T", fname,
                                args[1]);
    }
    if (str_length(value_object(args[1])) == 0 && str_check(args[0])) {
        return value_object(args[1]);
    }
    return form_argument(args[0], fname, &form) < 0
               ? NULL
               : str_normalize(value_object(args[1]), form, is_old(self));
}

static Value ucd_normalize(Value self, const Value *args)
{
    return value_from_object(normalize(self, args, "normalize"));
}

static Value ucd_is_normalized(Value self, const Value *args)
{
    PyObject *s = normalize(self, args, "is_normalized");
    return s == NULL ? VALUE_NULL : value_from_bool(str_equal(s, value_object(args[1])));
}

static const struct native_def functions[] = {
    {"decimal", "($self, chr, default=<unrepresentable>, /)",
     "The decimal value of a character, or the default.", .n = ucd_decimal},
    {"digit", "($self, chr, default=<unrepresentable>, /)",
     "The value of a character as a digit, or the default.", .n = ucd_digit},
    {"numeric", "($self, chr, default=<unrepresentable>, /)",
     "The numeric value of a character, or the default.", .n = ucd_numeric},
    {"category", "($self, chr, /)", "The general category of a character.", .f1 = ucd_category},
    {"bidirectional", "($self, chr, /)", "The bidirectional class of a character.",
     .f1 = ucd_bidirectional},
    {"combining", "($self, chr, /)", "The canonical combining class of a character.",
     .f1 = ucd_combining},
    {"mirrored", "($self, chr, /)", "1 if the character is mirrored in text from right to left.",
     .f1 = ucd_mirrored},
    {"east_asian_width", "($self, chr, /)", "The East Asian width of a character.",
     .f1 = ucd_east_asian_width},
    {"decomposition", "($self, chr, /)", "How the character is composed, as text.",
     .f1 = ucd_decomposition},
    {"name", "($self, chr, default=<unrepresentable>, /)",
     "The name of a character, or the default.", .n = ucd_name},
    {"lookup", "($self, name, /)", "The character of this name.", .f1 = ucd_lookup},
    {"is_normalized", "($self, form, unistr, /)", "Is the text normalized in this form?",
     .n = ucd_is_normalized},
    {"normalize", "($self, form, unistr, /)", "The text in a normal form: NFC, NFKC, NFD or NFKD.",
     .n = ucd_normalize},
    {NULL},
};

static Value get_version(Value self, void *closure)
{
    return text("3.2.0");
}

static const struct getset_def getsets[] = {
    {"unidata_version", get_version, NULL, NULL, NULL},
    {NULL},
};

static struct type_info ucd_info = {
    .methods = functions,
    .getsets = getsets,
    .flags = TYPE_NO_NEW | TYPE_LEAF,
};

static PyTypeObject ucd_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "unicodedata.UCD",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&ucd_info,
};

static int exec(PyObject *module)
{
    if (type_ready(&ucd_type) < 0 || module_add_type(module, &ucd_type) < 0 ||
        module_add_str(module, "unidata_version", "14.0.0") < 0) {
        return -1;
    }
    PyObject *old = object_alloc(&ucd_type, 0);
    return module_add(module, "ucd_3_2_0", value_from_object(old));
}

const struct module_def unicodedata_module = {"unicodedata", "The Unicode character database.",
                                              functions, exec};
