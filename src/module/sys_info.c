/* SPDX-License-Identifier: MIT */
/* What sys tells about the interpreter: versions, flags, limits, paths. Made once at start-up. */
#include <float.h>
#include <gnu/libc-version.h>
#include <sys/stat.h>

#include "module/import.h"
#include "module/sys.h"
#include "module/sys_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "object/structseq.h"

static Value text(const char *s)
{
    return value_from_object(str_from_text(s));
}

/* Makes a struct sequence of the type and adds it to the module under `short_name`. */
static PyObject *add_instance(PyObject *module, PyTypeObject *type, const char *short_name,
                              const Value *values, Py_ssize_t count)
{
    PyObject *s = type == NULL ? NULL : structseq_new(type);
    for (Py_ssize_t i = 0; s != NULL && i < count; i++) {
        if (structseq_set(s, i, values[i]) < 0) {
            return NULL;
        }
    }
    return s == NULL || module_add(module, short_name, value_from_object(s)) < 0 ? NULL : s;
}

/* Of a new type that programs may call, too. */
static PyObject *add_struct(PyObject *module, const char *name, const char *short_name,
                            const char *const *fields, const Value *values, Py_ssize_t count)
{
    return add_instance(module, structseq_type_new(name, short_name, fields, count), short_name,
                        values, count);
}

/* Of a new type whose only instance it stays. */
static PyObject *add_singleton(PyObject *module, const char *name, const char *short_name,
                               const char *const *fields, const Value *values, Py_ssize_t count)
{
    return add_instance(module, structseq_type_new_sealed(name, short_name, fields, count),
                        short_name, values, count);
}

static PyObject *add_version(PyObject *module)
{
    static const char *const fields[] = {"major", "minor", "micro", "releaselevel", "serial", NULL};
    const Value values[] = {value_from_int(PY_MAJOR_VERSION), value_from_int(PY_MINOR_VERSION),
                            value_from_int(PY_MICRO_VERSION), text("final"), value_from_int(0)};
    return add_singleton(module, "sys.version_info", "version_info", fields, values, 5);
}

static int add_flags(PyObject *module)
{
    static const char *const fields[] = {"debug",
                                         "inspect",
                                         "interactive",
                                         "optimize",
                                         "dont_write_bytecode",
                                         "no_user_site",
                                         "no_site",
                                         "ignore_environment",
                                         "verbose",
                                         "bytes_warning",
                                         "quiet",
                                         "hash_randomization",
                                         "isolated",
                                         "dev_mode",
                                         "utf8_mode",
                                         "warn_default_encoding",
                                         "safe_path",
                                         "int_max_str_digits",
                                         NULL};
    const struct sys_config *c = &sys_config;
    const Value values[] = {value_from_int(c->debug),
                            value_from_int(c->inspect),
                            value_from_int(c->interactive),
                            value_from_int(c->optimize),
                            value_from_int(c->dont_write_bytecode),
                            value_from_int(c->no_user_site),
                            value_from_int(c->no_site),
                            value_from_int(c->ignore_environment),
                            value_from_int(c->verbose),
                            value_from_int(c->bytes_warning),
                            value_from_int(c->quiet),
                            value_from_int(c->hash_randomization),
                            value_from_int(c->isolated),
                            value_from_bool(c->dev_mode),
                            value_from_int(c->utf8_mode),
                            value_from_int(c->warn_default_encoding),
                            value_from_bool(c->safe_path),
                            value_from_int(c->max_str_digits)};
    return add_singleton(module, "sys.flags", "flags", fields, values, 18) == NULL ? -1 : 0;
}

static int add_float_info(PyObject *module)
{
    static const char *const fields[] = {"max",     "max_exp",    "max_10_exp", "min",
                                         "min_exp", "min_10_exp", "dig",        "mant_dig",
                                         "epsilon", "radix",      "rounds",     NULL};
    const Value values[] = {float_from_double(DBL_MAX),
                            value_from_int(DBL_MAX_EXP),
                            value_from_int(DBL_MAX_10_EXP),
                            float_from_double(DBL_MIN),
                            value_from_int(DBL_MIN_EXP),
                            value_from_int(DBL_MIN_10_EXP),
                            value_from_int(DBL_DIG),
                            value_from_int(DBL_MANT_DIG),
                            float_from_double(DBL_EPSILON),
                            value_from_int(FLT_RADIX),
                            value_from_int(1)};
    return add_struct(module, "sys.float_info", "float_info", fields, values, 11) == NULL ? -1 : 0;
}

static int add_number_info(PyObject *module)
{
    static const char *const int_fields[] = {"bits_per_digit", "sizeof_digit",
                                             "default_max_str_digits", "str_digits_check_threshold",
                                             NULL};
    const Value ints[] = {value_from_int(PyLong_SHIFT), value_from_int(sizeof(digit)),
                          value_from_int(SYS_DIGITS_DEFAULT), value_from_int(SYS_DIGITS_THRESHOLD)};
    static const char *const hash_fields[] = {"width",  "modulus",   "inf",       "nan",
                                              "imag",   "algorithm", "hash_bits", "seed_bits",
                                              "cutoff", NULL};
    const Value hashes[] = {value_from_int(64),      int_from_i64(((int64_t)1 << 61) - 1),
                            value_from_int(314159),  value_from_int(0),
                            value_from_int(1000003), text("siphash13"),
                            value_from_int(64),      value_from_int(128),
                            value_from_int(0)};
    static const char *const thread_fields[] = {"name", "lock", "version", NULL};
    PyObject *version = str_format("NPTL %s", gnu_get_libc_version());
    const Value threads[] = {text("pthread"), text("semaphore"), value_from_object(version)};
    return add_struct(module, "sys.int_info", "int_info", int_fields, ints, 4) == NULL ||
                   add_struct(module, "sys.hash_info", "hash_info", hash_fields, hashes, 9) ==
                       NULL ||
                   add_struct(module, "sys.thread_info", "thread_info", thread_fields, threads,
                              3) == NULL
               ? -1
               : 0;
}

static int add_implementation(PyObject *module, PyObject *version)
{
    PyObject *dict = dict_new();
    const struct {
        const char *name;
        Value value;
    } rows[] = {{"name", text(sys_config.is_cpython ? "cpython" : "orochi")},
                {"cache_tag", text(OROCHI_CACHE_TAG)},
                {"version", value_from_object(version)},
                {"hexversion", int_from_i64(PY_VERSION_HEX)},
                {"_multiarch", text("x86_64-linux-gnu")}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (dict == NULL || dict_set_str(dict, str_intern_text(rows[i].name), rows[i].value) < 0) {
            return -1;
        }
    }
    return module_add(module, "implementation", value_from_object(namespace_new(dict)));
}

static int add_stdlib_names(PyObject *module)
{
    static const char *const stdlib[] = {
#include "module/stdlib_names.inc"
    };
    PyObject *set = set_new(&PyFrozenSet_Type, VALUE_ABSENT);
    for (size_t i = 0; set != NULL && i < sizeof stdlib / sizeof stdlib[0]; i++) {
        if (set_add(set, text(stdlib[i])) < 0) {
            return -1;
        }
    }
    return module_add(module, "stdlib_module_names", value_from_object(set));
}

const char sys_version[] =
    PY_VERSION " (Orochi " OROCHI_VERSION ", " __DATE__ ", " __TIME__ ") [GCC " __VERSION__ "]";

const char sys_copyright[] =
    "Copyright (c) 2026 the Orochi authors. The standard library: Copyright (c) 2001-2023 Python "
    "Software Foundation.";

static int add_texts(PyObject *module)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        {"version", sys_version}, {"copyright", sys_copyright},  {"platform", "linux"},
        {"byteorder", "little"},  {"float_repr_style", "short"}, {"abiflags", ""},
        {"_framework", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (module_add_str(module, rows[i].name, rows[i].value) < 0) {
            return -1;
        }
    }
    PyObject *git = tuple_pack(3, str_from_text("Orochi"), str_empty(), str_empty());
    return module_add(module, "_git", value_from_object(git));
}

static int add_numbers(PyObject *module)
{
    return module_add_int(module, "maxsize", PY_SSIZE_T_MAX) < 0 ||
                   module_add_int(module, "maxunicode", 0x10FFFF) < 0 ||
                   module_add_int(module, "hexversion", PY_VERSION_HEX) < 0 ||
                   module_add_int(module, "api_version", PYTHON_API_VERSION) < 0 ||
                   module_add(module, "dont_write_bytecode",
                              value_from_bool(sys_config.dont_write_bytecode)) < 0
               ? -1
               : 0;
}

static int add_state(PyObject *module)
{
    const struct {
        const char *name;
        Value value;
    } rows[] = {
        {"argv", value_from_object(sys_config.argv)},
        {"orig_argv", value_from_object(sys_config.orig_argv)},
        {"warnoptions", value_from_object(sys_config.warn_options)},
        {"_xoptions", value_from_object(sys_config.x_options)},
        {"executable", value_from_object(sys_config.executable)},
        {"_base_executable", value_from_object(sys_config.base_executable)},
        {"prefix", value_from_object(sys_config.prefix)},
        {"base_prefix", value_from_object(sys_config.base_prefix)},
        {"exec_prefix", value_from_object(sys_config.exec_prefix)},
        {"base_exec_prefix", value_from_object(sys_config.base_exec_prefix)},
        {"platlibdir", value_from_object(sys_config.platlibdir)},
        {"_stdlib_dir", value_from_object(sys_config.stdlib_dir)},
        {"pycache_prefix", value_from_object(sys_config.pycache_prefix)},
        {"_home", VALUE_NONE},
        {"path", value_from_object(sys_config.path)},
        {"meta_path", value_from_object(list_new(0))},
        {"path_hooks", value_from_object(list_new(0))},
        {"path_importer_cache", value_from_object(dict_new())},
        {"builtin_module_names", value_from_object(import_builtin_names())},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (module_add(module, rows[i].name, rows[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

int sys_add_information(PyObject *module)
{
    PyObject *version = add_version(module);
    if (version == NULL || add_flags(module) < 0 || add_float_info(module) < 0 ||
        add_number_info(module) < 0 || add_implementation(module, version) < 0 ||
        add_stdlib_names(module) < 0 || add_texts(module) < 0 || add_numbers(module) < 0) {
        return -1;
    }
    return add_state(module);
}
