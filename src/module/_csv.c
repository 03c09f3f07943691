/* SPDX-License-Identifier: MIT */
/* _csv: reading and writing tables as text. csv_dialect.c has the options, csv_reader.c and
 * csv_writer.c the two directions. Registered dialects are in one dict. */
#include "module/csv_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

PyObject *csv_error, *csv_dialects;
int64_t csv_field_limit = 128 * 1024;

static Value register_dialect(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)self;
    if (native_check_positional("", nargs, 1, 2) < 0) {
        return VALUE_NULL;
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "dialect name must be a string");
    }
    Value dialect = csv_dialect_make(nargs > 1 ? args[1] : VALUE_ABSENT, args + nargs, kwnames);
    return value_is_null(dialect) || dict_set(csv_dialects, args[0], dialect) < 0 ? VALUE_NULL
                                                                                  : VALUE_NONE;
}

static Value unregister_dialect(Value self, const Value *args)
{
    (void)self;
    int deleted = dict_delete(csv_dialects, args[0]);
    return deleted > 0   ? VALUE_NONE
           : deleted < 0 ? VALUE_NULL
                         : error_raise(csv_error, "unknown dialect");
}

static Value get_dialect(Value self, const Value *args)
{
    (void)self;
    return csv_dialect_find(args[0]);
}

static Value list_dialects(Value self)
{
    (void)self;
    return value_from_object(dict_keys(csv_dialects));
}

static Value field_size_limit(Value self, const Value *args)
{
    (void)self;
    int64_t limit = atomic_load_relaxed(&csv_field_limit), wanted;
    if (!value_is_absent(args[0])) {
        if (!int_check_exact(args[0])) {
            return error_raise(PyExc_TypeError, "limit must be an integer");
        }
        if (int_to_i64(args[0], &wanted) < 0) {
            return VALUE_NULL;
        }
        atomic_store_relaxed(&csv_field_limit, wanted);
    }
    return int_from_i64(limit);
}

static const struct native_def functions[] = {
    {"reader", NULL,
     "csv_reader = reader(iterable [, dialect='excel']\n                       [optional keyword "
     "args])\n    for row in csv_reader:\n        process(row)\n",
     .raw = csv_reader_make},
    {"writer", NULL,
     "csv_writer = csv.writer(fileobj [, dialect='excel']\n                            [optional "
     "keyword args])\n    for row in sequence:\n        csv_writer.writerow(row)\n",
     .raw = csv_writer_make},
    {"register_dialect", NULL,
     "Create a mapping from a string name to a dialect class.\n    dialect = "
     "csv.register_dialect(name[, dialect[, **fmtparams]])",
     .raw = register_dialect},
    {"unregister_dialect", "($module, /, name)",
     "Delete the name/dialect mapping associated with a string name.\n\n    "
     "csv.unregister_dialect(name)",
     .n = unregister_dialect},
    {"get_dialect", "($module, /, name)",
     "Return the dialect instance associated with name.\n\n    dialect = csv.get_dialect(name)",
     .n = get_dialect},
    {"list_dialects", "($module, /)",
     "Return a list of all known dialect names.\n\n    names = csv.list_dialects()",
     .f0 = list_dialects},
    {"field_size_limit", "($module, /, new_limit=<unrepresentable>)",
     "Sets an upper limit on parsed fields.\n\n    csv.field_size_limit([limit])\n\nReturns old "
     "limit. If limit is not given, no new limit is set and\nthe old limit is returned",
     .n = field_size_limit},
    {NULL},
};

static PyObject *make_error(void)
{
    PyObject *dict = dict_new();
    if (dict == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(str_from_text("_csv"))) < 0) {
        return NULL;
    }
    return value_object(
        object_call3(value_from_object(&PyType_Type), value_from_object(str_from_text("Error")),
                     value_from_object(tuple_pack(1, PyExc_Exception)), value_from_object(dict)));
}

static int csv_exec(PyObject *module)
{
    static const struct {
        const char *name;
        int value;
    } constants[] = {{"QUOTE_MINIMAL", QUOTE_MINIMAL},
                     {"QUOTE_ALL", QUOTE_ALL},
                     {"QUOTE_NONNUMERIC", QUOTE_NONNUMERIC},
                     {"QUOTE_NONE", QUOTE_NONE}};
    if (csv_error == NULL) {
        csv_error = make_error();
        csv_dialects = dict_new();
    }
    if (csv_error == NULL || csv_dialects == NULL || type_ready(&csv_dialect_type) < 0 ||
        type_ready(&csv_reader_type) < 0 || type_ready(&csv_writer_type) < 0 ||
        module_add_type(module, &csv_dialect_type) < 0 ||
        module_add(module, "Reader", value_from_object(&csv_reader_type)) < 0 ||
        module_add(module, "Writer", value_from_object(&csv_writer_type)) < 0 ||
        module_add(module, "Error", value_from_object(csv_error)) < 0 ||
        module_add(module, "_dialects", value_from_object(csv_dialects)) < 0 ||
        module_add_str(module, "__version__", "1.0") < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

const struct module_def csv_module = {
    .name = "_csv",
    .doc = "CSV parsing and writing.\n",
    .functions = functions,
    .exec = csv_exec,
};
