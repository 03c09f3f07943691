/* SPDX-License-Identifier: MIT */
/* PyPreConfig: what is decided first. The encoding of file names and arguments is UTF-8 in any
 * case, so that little is: the locale, and what PyConfig inherits. And the global variables of
 * Python.h from before there was PyConfig. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "main/config.h"

/* ---- Global variables: read by Py_Initialize, set at every start. */

int Py_UTF8Mode;
int Py_DebugFlag;
int Py_VerboseFlag;
int Py_QuietFlag;
int Py_InteractiveFlag;
int Py_InspectFlag;
int Py_OptimizeFlag;
int Py_NoSiteFlag;
int Py_BytesWarningFlag;
int Py_FrozenFlag;
int Py_IgnoreEnvironmentFlag;
int Py_DontWriteBytecodeFlag;
int Py_NoUserSiteDirectory;
int Py_UnbufferedStdioFlag;
int Py_HashRandomizationFlag;
int Py_IsolatedFlag;

char *Py_GETENV(const char *name)
{
    return Py_IgnoreEnvironmentFlag ? NULL : getenv(name);
}

void preconfig_set_flags(const PyConfig *config)
{
    Py_DebugFlag = config->parser_debug;
    Py_VerboseFlag = config->verbose;
    Py_QuietFlag = config->quiet;
    Py_InteractiveFlag = config->interactive;
    Py_InspectFlag = config->inspect;
    Py_OptimizeFlag = config->optimization_level;
    Py_NoSiteFlag = !config->site_import;
    Py_BytesWarningFlag = config->bytes_warning;
    Py_FrozenFlag = !config->pathconfig_warnings;
    Py_IgnoreEnvironmentFlag = !config->use_environment;
    Py_DontWriteBytecodeFlag = !config->write_bytecode;
    Py_NoUserSiteDirectory = !config->user_site_directory;
    Py_UnbufferedStdioFlag = !config->buffered_stdio;
    Py_HashRandomizationFlag = !config->use_hash_seed || config->hash_seed != 0;
    Py_IsolatedFlag = config->isolated;
    Py_UTF8Mode = preconfig_get()->utf8_mode;
}

/* ---- PyPreConfig. */

void PyPreConfig_InitPythonConfig(PyPreConfig *config)
{
    *config = (PyPreConfig){
        ._config_init = CONFIG_PYTHON,
        .parse_argv = 1,
        .use_environment = 1,
        .configure_locale = 1,
        .coerce_c_locale = -1,
        .coerce_c_locale_warn = -1,
        .utf8_mode = -1,
        .dev_mode = -1,
    };
}

void PyPreConfig_InitIsolatedConfig(PyPreConfig *config)
{
    *config = (PyPreConfig){._config_init = CONFIG_ISOLATED, .isolated = 1};
}

static PyPreConfig current;
static bool done;

const PyPreConfig *preconfig_get(void)
{
    return &current;
}

bool preconfig_is_done(void)
{
    return done;
}

PyStatus Py_PreInitialize(const PyPreConfig *config)
{
    if (config == NULL) {
        return config_error("Py_PreInitialize", "preinitialization config is NULL");
    }
    if (done) {
        return PyStatus_Ok();
    }
    current = *config;
    if (current.isolated > 0) {
        current.use_environment = 0;
    }
    if (current.configure_locale) {
        setlocale(LC_CTYPE, "");
    }
    done = true;
    return PyStatus_Ok();
}

/* The command line decides nothing here: PyConfig_Read looks for -X utf8 and the like. */
PyStatus Py_PreInitializeFromArgs(const PyPreConfig *config, Py_ssize_t argc, wchar_t **argv)
{
    return Py_PreInitialize(config);
}

PyStatus Py_PreInitializeFromBytesArgs(const PyPreConfig *config, Py_ssize_t argc, char **argv)
{
    return Py_PreInitialize(config);
}

PyStatus preconfig_ensure(const PyConfig *config)
{
    PyPreConfig p;
    if (done) {
        return PyStatus_Ok();
    }
    if (config->_config_init == CONFIG_ISOLATED) {
        PyPreConfig_InitIsolatedConfig(&p);
    } else {
        PyPreConfig_InitPythonConfig(&p);
        p._config_init = config->_config_init;
        p.isolated = config->isolated;
        p.use_environment = config->use_environment;
        p.dev_mode = config->dev_mode;
        if (config->_config_init == CONFIG_COMPAT && Py_UTF8Mode > 0) {
            p.utf8_mode = Py_UTF8Mode;
        }
    }
    return Py_PreInitialize(&p);
}

static int switch_of(const char *text)
{
    return strcmp(text, "0") == 0 ? 0 : strcmp(text, "1") == 0 ? 1 : -1;
}

PyStatus preconfig_read_utf8_mode(PyConfig *config)
{
    if (current.utf8_mode >= 0) {
        return PyStatus_Ok();
    }
    const wchar_t *option = config_x_option(&config->xoptions, "utf8");
    const char *variable = config_environment(config, "PYTHONUTF8");
    if (option != NULL) {
        current.utf8_mode = *option == 0                ? 1
                            : wcscmp(option, L"0") == 0 ? 0
                            : wcscmp(option, L"1") == 0 ? 1
                                                        : -1;
        return current.utf8_mode >= 0
                   ? PyStatus_Ok()
                   : config_error("preconfig_init_utf8_mode", "invalid -X utf8 option value");
    }
    if (variable != NULL) {
        current.utf8_mode = switch_of(variable);
        return current.utf8_mode >= 0 ? PyStatus_Ok()
                                      : config_error("preconfig_init_utf8_mode",
                                                     "invalid PYTHONUTF8 environment variable "
                                                     "value");
    }
    const char *locale = setlocale(LC_CTYPE, NULL);
    current.utf8_mode = strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
    return PyStatus_Ok();
}
