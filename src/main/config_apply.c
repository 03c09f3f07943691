/* SPDX-License-Identifier: MIT */
/* What a configuration means for the parts: sys_config's numbers, options of the collector, of
 * threads, of the compiler. Before there are objects; what can only be decided once (the hash key)
 * stays as it is when an interpreter is started again. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "bytecode/code.h"
#include "compile/compile.h"
#include "heap/heap.h"
#include "main/config.h"
#include "module/import.h"
#include "module/sys.h"
#include "object/codec.h"
#include "object/int.h"
#include "thread/extension_lock.h"
#include "thread/thread.h"

/* Options that are only checked. */
static PyStatus check_others(const PyConfig *config)
{
    const wchar_t *frozen = config_x_option(&config->xoptions, "frozen_modules");
    if (frozen != NULL && *frozen != 0 && wcscmp(frozen, L"on") != 0 &&
        wcscmp(frozen, L"off") != 0) {
        return PyStatus_Error(
            "bad value for option -X frozen_modules (expected \"on\" or \"off\")");
    }
    return PyStatus_Ok();
}

static PyStatus apply_digits_limit(const PyConfig *config)
{
    sys_config.max_str_digits = -1;
    wchar_t *from_variable = NULL;
    const wchar_t *text = config_x_option(&config->xoptions, "int_max_str_digits");
    const char *message = "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for "
                          "unlimited.";
    if (text == NULL) {
        const char *variable = config_environment(config, "PYTHONINTMAXSTRDIGITS");
        text = from_variable = variable == NULL ? NULL : Py_DecodeLocale(variable, NULL);
        message = "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited.";
    }
    if (text == NULL) {
        return PyStatus_Ok();
    }
    wchar_t *end;
    long n = wcstol(text, &end, 10);
    bool good = *text != 0 && *end == 0 && (n == 0 || n >= 640) && n <= 0x7fffffff;
    PyMem_RawFree(from_variable);
    if (!good) {
        return config_error("config_init_int_max_str_digits", message);
    }
    sys_config.max_str_digits = int_max_str_digits = (int)n;
    return PyStatus_Ok();
}

static void apply_collector_options(const PyWideStringList *options)
{
    const wchar_t *text;
    if ((text = config_x_option(options, "gc-stress")) != NULL) {
        heap_options.stress_interval = *text == 0 ? 1 : (uint32_t)wcstoul(text, NULL, 10);
    }
    heap_options.log = config_x_option(options, "gc-log") != NULL;
    heap_options.verify = config_x_option(options, "gc-verify") != NULL;
    if ((text = config_x_option(options, "gc-threads")) != NULL && wcstol(text, NULL, 10) > 0) {
        heap_options.markers = (uint32_t)wcstol(text, NULL, 10);
    }
    if ((text = config_x_option(options, "gc-growth")) != NULL && wcstod(text, NULL) > 0) {
        heap_options.growth = wcstod(text, NULL);
    }
    if ((text = config_x_option(options, "gc-min")) != NULL) {
        heap_options.minimum_bytes = wcstoull(text, NULL, 10);
    }
    if ((text = config_x_option(options, "gc-young")) != NULL) {
        heap_options.young_bytes = wcstoull(text, NULL, 10);
    }
    if (config_x_option(options, "ext-lock-log") != NULL) {
        extension_lock_enable_log();
    }
    if ((text = config_x_option(options, "chaos")) != NULL) {
        thread_enable_chaos(wcstoull(text, NULL, 10));
    }
}

static void apply_flags(const PyConfig *config)
{
    struct sys_config *s = &sys_config;
    s->debug = config->parser_debug;
    s->inspect = config->inspect;
    s->interactive = config->interactive;
    s->optimize = config->optimization_level;
    s->dont_write_bytecode = !config->write_bytecode;
    s->no_user_site = !config->user_site_directory;
    s->no_site = !config->site_import;
    s->ignore_environment = !config->use_environment;
    s->verbose = config->verbose;
    s->bytes_warning = config->bytes_warning;
    s->quiet = config->quiet;
    s->isolated = config->isolated;
    s->dev_mode = config->dev_mode;
    s->utf8_mode = preconfig_get()->utf8_mode;
    s->warn_default_encoding = config->warn_default_encoding;
    s->safe_path = config->safe_path;
    s->hash_randomization = !config->use_hash_seed || config->hash_seed != 0;
    s->unbuffered = !config->buffered_stdio;
    s->faulthandler = config->faulthandler;
}

static const char *pycs_mode(const wchar_t *mode)
{
    return mode == NULL                   ? NULL
           : wcscmp(mode, L"always") == 0 ? "always"
           : wcscmp(mode, L"never") == 0  ? "never"
                                          : NULL;
}

PyStatus config_apply(const PyConfig *config)
{
    PyStatus status = check_others(config);
    if (PyStatus_Exception(status)) {
        return status;
    }
    apply_flags(config);
    preconfig_set_flags(config);
    const wchar_t *name = config_x_option(&config->xoptions, "implementation");
    sys_config.is_cpython = name == NULL || wcscmp(name, L"orochi") != 0;
    sys_config.check_pycs = pycs_mode(config->check_hash_pycs_mode);
    codec_check_names = config->dev_mode;
    code_keep_columns = config->code_debug_ranges;
    import_show_times = config->import_time;
    compile_default_optimize = config->optimization_level > 2 ? 2 : config->optimization_level;
    hash_init(config->use_hash_seed > 0, (uint32_t)config->hash_seed);
    apply_collector_options(&config->xoptions);
    return apply_digits_limit(config);
}
