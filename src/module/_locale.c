/* SPDX-License-Identifier: MIT */
/* _locale: the C library's locales and message catalogues. The C locale is process-wide; setlocale
 * is not safe against other threads that format numbers at the same time, as everywhere. */
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

static PyObject *locale_error; /* the exception class Error; set once */

static Value raise_locale_error(const char *message)
{
    return error_raise(locale_error, "%s", message);
}

/* Text in the locale's encoding. */
static Value text_from_locale(const char *text)
{
    return value_from_object(str_from_filename(text, (Py_ssize_t)strlen(text)));
}

static Value set_locale(Value self, const Value *args)
{
    int category;
    const char *name = NULL;
    if (arg_int(args[0], &category) < 0) {
        return VALUE_NULL;
    }
    bool query = value_is_absent(args[1]) || value_is_none(args[1]);
    if (!query) {
        if (!str_check(args[1])) {
            return error_raise(PyExc_TypeError,
                               "setlocale() argument 2 must be str or None, not %T", args[1]);
        }
        name = str_utf8(value_object(args[1]), NULL);
        if (name == NULL) {
            return VALUE_NULL;
        }
    }
    const char *result = setlocale(category, name);
    if (result == NULL) {
        return raise_locale_error(query ? "locale query failed" : "unsupported locale setting");
    }
    return text_from_locale(result);
}

static int add_text(PyObject *d, const char *key, const char *text)
{
    Value v = text_from_locale(text);
    return value_is_null(v) ? -1 : dict_set(d, value_from_object(str_from_text(key)), v);
}

static int add_number(PyObject *d, const char *key, int number)
{
    return dict_set(d, value_from_object(str_from_text(key)), value_from_int(number));
}

/* Groups as numbers; the last one repeats (0) or ends (CHAR_MAX). */
static int add_grouping(PyObject *d, const char *key, const char *grouping)
{
    PyObject *list = list_new(0);
    for (; list != NULL && *grouping != '\0'; grouping++) {
        if (list_append(list, value_from_int(*grouping)) < 0) {
            return -1;
        }
        if (*grouping == CHAR_MAX) {
            return dict_set(d, value_from_object(str_from_text(key)), value_from_object(list));
        }
    }
    if (list == NULL || (list_length(list) > 0 && list_append(list, value_from_int(0)) < 0)) {
        return -1;
    }
    return dict_set(d, value_from_object(str_from_text(key)), value_from_object(list));
}

static Value locale_conventions(Value self)
{
    const struct lconv *l = localeconv();
    PyObject *d = dict_new();
    bool failed = d == NULL || add_text(d, "int_curr_symbol", l->int_curr_symbol) < 0 ||
                  add_text(d, "currency_symbol", l->currency_symbol) < 0 ||
                  add_text(d, "mon_decimal_point", l->mon_decimal_point) < 0 ||
                  add_text(d, "mon_thousands_sep", l->mon_thousands_sep) < 0 ||
                  add_grouping(d, "mon_grouping", l->mon_grouping) < 0 ||
                  add_text(d, "positive_sign", l->positive_sign) < 0 ||
                  add_text(d, "negative_sign", l->negative_sign) < 0 ||
                  add_number(d, "int_frac_digits", l->int_frac_digits) < 0 ||
                  add_number(d, "frac_digits", l->frac_digits) < 0 ||
                  add_number(d, "p_cs_precedes", l->p_cs_precedes) < 0 ||
                  add_number(d, "p_sep_by_space", l->p_sep_by_space) < 0 ||
                  add_number(d, "n_cs_precedes", l->n_cs_precedes) < 0 ||
                  add_number(d, "n_sep_by_space", l->n_sep_by_space) < 0 ||
                  add_number(d, "p_sign_posn", l->p_sign_posn) < 0 ||
                  add_number(d, "n_sign_posn", l->n_sign_posn) < 0 ||
                  add_text(d, "decimal_point", l->decimal_point) < 0 ||
                  add_text(d, "thousands_sep", l->thousands_sep) < 0 ||
                  add_grouping(d, "grouping", l->grouping) < 0;
    return failed ? VALUE_NULL : value_from_object(d);
}

/* The str as wide characters, in a heap cell; ValueError on an embedded NUL. */
static wchar_t *to_wide(PyObject *s)
{
    Py_ssize_t length = str_length(s);
    wchar_t *wide = heap_alloc((size_t)(length + 1) * sizeof(wchar_t), CELL_RAW);
    if (wide == NULL) {
        error_no_memory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        wide[i] = (wchar_t)str_at(s, i);
        if (wide[i] == 0) {
            return error_raise_null(PyExc_ValueError, "embedded null character");
        }
    }
    return wide;
}

static Value collate(Value self, const Value *args)
{
    PyObject *a = arg_str(args[0], "strcoll", "argument 1");
    PyObject *b = a != NULL ? arg_str(args[1], "strcoll", "argument 2") : NULL;
    wchar_t *x = b != NULL ? to_wide(a) : NULL, *y = x != NULL ? to_wide(b) : NULL;
    return y != NULL ? value_from_int(wcscoll(x, y)) : VALUE_NULL;
}

static Value transform(Value self, Value argument)
{
    PyObject *s = arg_str(argument, "strxfrm", "argument");
    wchar_t *wide = s != NULL ? to_wide(s) : NULL;
    if (wide == NULL) {
        return VALUE_NULL;
    }
    size_t length = wcsxfrm(NULL, wide, 0);
    wchar_t *result = heap_alloc((length + 1) * sizeof(wchar_t), CELL_RAW);
    if (result == NULL) {
        return error_no_memory();
    }
    length = wcsxfrm(result, wide, length + 1);
    return value_from_object(str_from_ucs4((const Py_UCS4 *)result, (Py_ssize_t)length));
}

static const struct constant {
    const char *name;
    int value;
} language_items[] = {
    {"DAY_1", DAY_1},
    {"DAY_2", DAY_2},
    {"DAY_3", DAY_3},
    {"DAY_4", DAY_4},
    {"DAY_5", DAY_5},
    {"DAY_6", DAY_6},
    {"DAY_7", DAY_7},
    {"ABDAY_1", ABDAY_1},
    {"ABDAY_2", ABDAY_2},
    {"ABDAY_3", ABDAY_3},
    {"ABDAY_4", ABDAY_4},
    {"ABDAY_5", ABDAY_5},
    {"ABDAY_6", ABDAY_6},
    {"ABDAY_7", ABDAY_7},
    {"MON_1", MON_1},
    {"MON_2", MON_2},
    {"MON_3", MON_3},
    {"MON_4", MON_4},
    {"MON_5", MON_5},
    {"MON_6", MON_6},
    {"MON_7", MON_7},
    {"MON_8", MON_8},
    {"MON_9", MON_9},
    {"MON_10", MON_10},
    {"MON_11", MON_11},
    {"MON_12", MON_12},
    {"ABMON_1", ABMON_1},
    {"ABMON_2", ABMON_2},
    {"ABMON_3", ABMON_3},
    {"ABMON_4", ABMON_4},
    {"ABMON_5", ABMON_5},
    {"ABMON_6", ABMON_6},
    {"ABMON_7", ABMON_7},
    {"ABMON_8", ABMON_8},
    {"ABMON_9", ABMON_9},
    {"ABMON_10", ABMON_10},
    {"ABMON_11", ABMON_11},
    {"ABMON_12", ABMON_12},
    {"RADIXCHAR", RADIXCHAR},
    {"THOUSEP", THOUSEP},
    {"CRNCYSTR", CRNCYSTR},
    {"D_FMT", D_FMT},
    {"D_T_FMT", D_T_FMT},
    {"T_FMT", T_FMT},
    {"AM_STR", AM_STR},
    {"PM_STR", PM_STR},
    {"CODESET", CODESET},
    {"T_FMT_AMPM", T_FMT_AMPM},
    {"ERA", ERA},
    {"ERA_D_FMT", ERA_D_FMT},
    {"ERA_D_T_FMT", ERA_D_T_FMT},
    {"ERA_T_FMT", ERA_T_FMT},
    {"ALT_DIGITS", ALT_DIGITS},
    {"YESEXPR", YESEXPR},
    {"NOEXPR", NOEXPR},
    {"_DATE_FMT", _DATE_FMT},
    {NULL, 0},
};

static Value language_info(Value self, Value argument)
{
    int key;
    if (arg_int(argument, &key) < 0) {
        return VALUE_NULL;
    }
    for (const struct constant *c = language_items; c->name != NULL; c++) {
        if (c->value == key) {
            const char *text = nl_langinfo(key);
            return text_from_locale(text != NULL ? text : "");
        }
    }
    return error_raise(PyExc_ValueError, "unsupported langinfo constant");
}

static Value get_encoding(Value self)
{
    const char *codeset = nl_langinfo(CODESET);
    return text_from_locale(codeset != NULL && *codeset != '\0' ? codeset : "UTF-8");
}

/* ---- Message catalogues. */

/* A str argument's UTF-8 text; *out is NULL for None where that is allowed. 0 or -1. */
static int text_argument(Value v, bool optional, const char **out)
{
    if (optional && value_is_none(v)) {
        *out = NULL;
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "argument must be str%s, not %T",
                               optional ? " or None" : "", v);
    }
    *out = str_utf8(value_object(v), NULL);
    return *out != NULL ? 0 : -1;
}

static Value get_text(Value self, Value message)
{
    const char *text;
    return text_argument(message, false, &text) < 0 ? VALUE_NULL : text_from_locale(gettext(text));
}

static Value get_domain_text(Value self, const Value *args)
{
    const char *domain = NULL, *text = NULL;
    if (text_argument(args[0], true, &domain) < 0 || text_argument(args[1], false, &text) < 0) {
        return VALUE_NULL;
    }
    return text_from_locale(dgettext(domain, text));
}

static Value get_category_text(Value self, const Value *args)
{
    const char *domain = NULL, *text = NULL;
    int category;
    if (text_argument(args[0], true, &domain) < 0 || text_argument(args[1], false, &text) < 0 ||
        arg_int(args[2], &category) < 0) {
        return VALUE_NULL;
    }
    return text_from_locale(dcgettext(domain, text, category));
}

static Value text_domain(Value self, Value argument)
{
    const char *domain = NULL;
    if (text_argument(argument, true, &domain) < 0) {
        return VALUE_NULL;
    }
    const char *result = textdomain(domain);
    return result != NULL ? text_from_locale(result) : error_from_errno(NULL);
}

static Value bind_text_domain(Value self, const Value *args)
{
    const char *domain = NULL, *directory = NULL;
    if (text_argument(args[0], false, &domain) < 0 ||
        text_argument(args[1], true, &directory) < 0) {
        return VALUE_NULL;
    }
    if (*domain == '\0') {
        return raise_locale_error("domain must be a non-empty string");
    }
    const char *result = bindtextdomain(domain, directory);
    return result != NULL ? text_from_locale(result) : error_from_errno(NULL);
}

static Value bind_codeset(Value self, const Value *args)
{
    const char *domain = NULL, *codeset = NULL;
    if (text_argument(args[0], false, &domain) < 0 || text_argument(args[1], true, &codeset) < 0) {
        return VALUE_NULL;
    }
    const char *result = bind_textdomain_codeset(domain, codeset);
    return result != NULL ? text_from_locale(result) : VALUE_NONE;
}

/* ---- The module. */

static const struct native_def functions[] = {
    {"setlocale", "($module, category, locale=<unrepresentable>, /)",
     "Activates/queries locale processing.", .n = set_locale},
    {"localeconv", "($module, /)", "The locale's conventions for numbers, as a dict.",
     .f0 = locale_conventions},
    {"strcoll", "($module, os1, os2, /)", "Compares two strings according to the locale.",
     .n = collate},
    {"strxfrm", "($module, string, /)", "A string that can be used as a key for sorting.",
     .f1 = transform},
    {"nl_langinfo", "($module, key, /)", "The locale's value for an item.", .f1 = language_info},
    {"getencoding", "($module, /)", "The locale's encoding.", .f0 = get_encoding},
    {"gettext", "($module, msg, /)", "The translation of a message.", .f1 = get_text},
    {"dgettext", "($module, domain, msg, /)", "The translation in a domain.", .n = get_domain_text},
    {"dcgettext", "($module, domain, msg, category, /)",
     "The translation in a domain and category.", .n = get_category_text},
    {"textdomain", "($module, domain, /)", "Sets or queries the text domain.", .f1 = text_domain},
    {"bindtextdomain", "($module, domain, dir, /)", "Binds a domain to a directory.",
     .n = bind_text_domain},
    {"bind_textdomain_codeset", "($module, domain, codeset, /)", "Binds a domain to a codeset.",
     .n = bind_codeset},
    {NULL},
};

static int locale_exec(PyObject *module)
{
    static const struct constant categories[] = {
        {"LC_CTYPE", LC_CTYPE},       {"LC_TIME", LC_TIME},         {"LC_COLLATE", LC_COLLATE},
        {"LC_MONETARY", LC_MONETARY}, {"LC_MESSAGES", LC_MESSAGES}, {"LC_NUMERIC", LC_NUMERIC},
        {"LC_ALL", LC_ALL},           {"CHAR_MAX", CHAR_MAX},       {NULL, 0},
    };
    if (locale_error == NULL) {
        PyObject *dict = dict_new();
        if (dict == NULL ||
            dict_set_str(dict, names.__module__, value_from_object(str_from_text("locale"))) < 0) {
            return -1;
        }
        locale_error = value_object(object_call3(
            value_from_object(&PyType_Type), value_from_object(str_from_text("Error")),
            value_from_object(tuple_pack(1, PyExc_Exception)), value_from_object(dict)));
    }
    if (locale_error == NULL || module_add(module, "Error", value_from_object(locale_error)) < 0) {
        return -1;
    }
    const struct constant *tables[] = {categories, language_items};
    for (int i = 0; i < 2; i++) {
        for (const struct constant *c = tables[i]; c->name != NULL; c++) {
            if (module_add_int(module, c->name, c->value) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

const struct module_def locale_module = {
    .name = "_locale",
    .doc = "Support for POSIX locales.",
    .functions = functions,
    .exec = locale_exec,
};
