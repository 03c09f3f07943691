/* SPDX-License-Identifier: MIT */
/* The _locale module. The locale belongs to the process; changing it while other threads format
 * is as unsafe as it is in C. */
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <string.h>

#include "module/posix_int.h"

static PyObject *locale_error;

static Value text(const char *s)
{
    return value_from_object(str_from_filename(s, (Py_ssize_t)strlen(s)));
}

/* The text of a str argument; NULL with an exception. None gives *out NULL if it is allowed. */
static int text_argument(Value v, const char *function, bool none, const char **out)
{
    *out = NULL;
    if (none && (!value_is_present(v) || value_is_none(v))) {
        return 0;
    }
    PyObject *s = arg_str(v, function, "argument");
    struct path p;
    if (s == NULL || path_convert(v, NULL, "argument", PATH_PLAIN, &p) < 0) {
        return -1;
    }
    *out = p.text;
    return 0;
}

static Value do_setlocale(Value self, const Value *args)
{
    int category;
    const char *locale;
    if (arg_int(args[0], &category) < 0 ||
        text_argument(args[1], "setlocale", true, &locale) < 0) {
        return VALUE_NULL;
    }
    const char *result = setlocale(category, locale);
    if (result == NULL) {
        return error_raise(locale_error, locale != NULL ? "unsupported locale setting"
                                                        : "locale query failed");
    }
    return text(result);
}

/* "\3\3" and so on as a list that ends with 0 or CHAR_MAX. */
static Value grouping(const char *s)
{
    PyObject *list = list_new(0);
    if (list == NULL || *s == '\0') {
        return value_from_object(list);
    }
    for (;; s++) {
        if (list_append(list, value_from_int(*s)) < 0) {
            return VALUE_NULL;
        }
        if (*s == '\0' || *s == CHAR_MAX) {
            return value_from_object(list);
        }
    }
}

static int set_item(PyObject *dict, const char *name, Value v)
{
    PyObject *key = str_intern_text(name);
    return key == NULL || value_is_null(v) ? -1 : dict_set_str(dict, key, v);
}

static Value do_localeconv(Value self)
{
    const struct lconv *l = localeconv();
    const struct {
        const char *name, *value;
    } strings[] = {{"decimal_point", l->decimal_point},
                   {"thousands_sep", l->thousands_sep},
                   {"int_curr_symbol", l->int_curr_symbol},
                   {"currency_symbol", l->currency_symbol},
                   {"mon_decimal_point", l->mon_decimal_point},
                   {"mon_thousands_sep", l->mon_thousands_sep},
                   {"positive_sign", l->positive_sign},
                   {"negative_sign", l->negative_sign}};
    const struct {
        const char *name;
        char value;
    } numbers[] = {{"int_frac_digits", l->int_frac_digits}, {"frac_digits", l->frac_digits},
                   {"p_cs_precedes", l->p_cs_precedes},     {"p_sep_by_space", l->p_sep_by_space},
                   {"n_cs_precedes", l->n_cs_precedes},     {"n_sep_by_space", l->n_sep_by_space},
                   {"p_sign_posn", l->p_sign_posn},         {"n_sign_posn", l->n_sign_posn}};
    PyObject *dict = dict_new();
    for (size_t i = 0; dict != NULL && i < sizeof strings / sizeof strings[0]; i++) {
        if (set_item(dict, strings[i].name, text(strings[i].value)) < 0) {
            return VALUE_NULL;
        }
    }
    for (size_t i = 0; dict != NULL && i < sizeof numbers / sizeof numbers[0]; i++) {
        if (set_item(dict, numbers[i].name, value_from_int(numbers[i].value)) < 0) {
            return VALUE_NULL;
        }
    }
    if (dict == NULL || set_item(dict, "grouping", grouping(l->grouping)) < 0 ||
        set_item(dict, "mon_grouping", grouping(l->mon_grouping)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(dict);
}

static Value do_strcoll(Value self, const Value *args)
{
    const char *a, *b;
    if (text_argument(args[0], "strcoll", false, &a) < 0 ||
        text_argument(args[1], "strcoll", false, &b) < 0) {
        return VALUE_NULL;
    }
    return value_from_int(strcoll(a, b));
}

static Value do_strxfrm(Value self, const Value *args)
{
    const char *s;
    if (text_argument(args[0], "strxfrm", false, &s) < 0) {
        return VALUE_NULL;
    }
    size_t n = strxfrm(NULL, s, 0);
    char *buffer = heap_alloc(n + 1, CELL_RAW);
    if (buffer == NULL) {
        return error_no_memory();
    }
    strxfrm(buffer, s, n + 1);
    return value_from_object(str_from_filename(buffer, (Py_ssize_t)n));
}

static Value do_nl_langinfo(Value self, const Value *args)
{
    int key;
    if (arg_int(args[0], &key) < 0) {
        return VALUE_NULL;
    }
    const char *result = nl_langinfo(key);
    return result != NULL ? text(result)
                          : error_raise(PyExc_ValueError, "unsupported langinfo constant");
}

static Value do_getencoding(Value self)
{
    const char *codeset = nl_langinfo(CODESET);
    return text(codeset[0] != '\0' ? codeset : "utf-8");
}

/* ---- Messages. */

static Value do_gettext(Value self, const Value *args)
{
    const char *message;
    return text_argument(args[0], "gettext", false, &message) < 0 ? VALUE_NULL
                                                                  : text(gettext(message));
}

static Value do_dgettext(Value self, const Value *args)
{
    const char *domain, *message;
    if (text_argument(args[0], "dgettext", true, &domain) < 0 ||
        text_argument(args[1], "dgettext", false, &message) < 0) {
        return VALUE_NULL;
    }
    return text(dgettext(domain, message));
}

static Value do_dcgettext(Value self, const Value *args)
{
    const char *domain, *message;
    int category;
    if (text_argument(args[0], "dcgettext", true, &domain) < 0 ||
        text_argument(args[1], "dcgettext", false, &message) < 0 ||
        arg_int(args[2], &category) < 0) {
        return VALUE_NULL;
    }
    return text(dcgettext(domain, message, category));
}

static Value do_textdomain(Value self, const Value *args)
{
    const char *domain;
    if (text_argument(args[0], "textdomain", true, &domain) < 0) {
        return VALUE_NULL;
    }
    const char *result = textdomain(domain);
    return result != NULL ? text(result) : error_from_errno(NULL);
}

static Value do_bindtextdomain(Value self, const Value *args)
{
    const char *domain, *directory;
    if (text_argument(args[0], "bindtextdomain", false, &domain) < 0 ||
        text_argument(args[1], "bindtextdomain", true, &directory) < 0) {
        return VALUE_NULL;
    }
    if (*domain == '\0') {
        return error_raise(locale_error, "domain must be a non-empty string");
    }
    const char *result = bindtextdomain(domain, directory);
    return result != NULL ? text(result) : error_from_errno(NULL);
}

static Value do_bind_textdomain_codeset(Value self, const Value *args)
{
    const char *domain, *codeset;
    if (text_argument(args[0], "bind_textdomain_codeset", false, &domain) < 0 ||
        text_argument(args[1], "bind_textdomain_codeset", true, &codeset) < 0) {
        return VALUE_NULL;
    }
    const char *result = bind_textdomain_codeset(domain, codeset);
    return result != NULL ? text(result) : VALUE_NONE;
}

static const struct native_def functions[] = {
    {"setlocale", "($module, category, locale=<unrepresentable>, /)", .n = do_setlocale},
    {"localeconv", "($module, /)", .f0 = do_localeconv},
    {"strcoll", "($module, os1, os2, /)", .n = do_strcoll},
    {"strxfrm", "($module, string, /)", .n = do_strxfrm},
    {"nl_langinfo", "($module, key, /)", .n = do_nl_langinfo},
    {"getencoding", "($module, /)", .f0 = do_getencoding},
    {"gettext", "($module, msg, /)", .n = do_gettext},
    {"dgettext", "($module, domain, msg, /)", .n = do_dgettext},
    {"dcgettext", "($module, domain, msg, category, /)", .n = do_dcgettext},
    {"textdomain", "($module, domain, /)", .n = do_textdomain},
    {"bindtextdomain", "($module, domain, dir, /)", .n = do_bindtextdomain},
    {"bind_textdomain_codeset", "($module, domain, codeset, /)",
     .n = do_bind_textdomain_codeset},
    {NULL},
};

#define ROW(name) {#name, name}
static const struct {
    const char *name;
    int value;
} constants[] = {
    ROW(ABDAY_1), ROW(ABDAY_2), ROW(ABDAY_3), ROW(ABDAY_4), ROW(ABDAY_5), ROW(ABDAY_6),
    ROW(ABDAY_7), ROW(ABMON_1), ROW(ABMON_10), ROW(ABMON_11), ROW(ABMON_12), ROW(ABMON_2),
    ROW(ABMON_3), ROW(ABMON_4), ROW(ABMON_5), ROW(ABMON_6), ROW(ABMON_7), ROW(ABMON_8),
    ROW(ABMON_9), ROW(ALT_DIGITS), ROW(AM_STR), ROW(CHAR_MAX), ROW(CODESET), ROW(CRNCYSTR),
    ROW(DAY_1), ROW(DAY_2), ROW(DAY_3), ROW(DAY_4), ROW(DAY_5), ROW(DAY_6), ROW(DAY_7),
    ROW(D_FMT), ROW(D_T_FMT), ROW(ERA), ROW(ERA_D_FMT), ROW(ERA_D_T_FMT), ROW(ERA_T_FMT),
    ROW(LC_ALL), ROW(LC_COLLATE), ROW(LC_CTYPE), ROW(LC_MESSAGES), ROW(LC_MONETARY),
    ROW(LC_NUMERIC), ROW(LC_TIME), ROW(MON_1), ROW(MON_10), ROW(MON_11), ROW(MON_12), ROW(MON_2),
    ROW(MON_3), ROW(MON_4), ROW(MON_5), ROW(MON_6), ROW(MON_7), ROW(MON_8), ROW(MON_9),
    ROW(NOEXPR), ROW(PM_STR), ROW(RADIXCHAR), ROW(THOUSEP), ROW(T_FMT), ROW(T_FMT_AMPM),
    ROW(YESEXPR), ROW(_DATE_FMT),
};

static int exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    if (locale_error == NULL) {
        PyObject *bases = tuple_pack(1, PyExc_Exception), *dict = dict_new();
        if (bases == NULL || dict == NULL ||
            set_item(dict, "__module__", value_from_object(str_intern_text("locale"))) < 0) {
            return -1;
        }
        Value type = type_new(&PyType_Type, str_intern_text("Error"), bases, dict, NULL);
        if (value_is_null(type)) {
            return -1;
        }
        locale_error = value_object(type);
    }
    return module_add(module, "Error", value_from_object(locale_error));
}

const struct module_def locale_module = {.name = "_locale", .functions = functions,
                                         .exec = exec};
