/* SPDX-License-Identifier: MIT */
/* The command line and the environment: what PyConfig_Read decides. config.h has the order. */
#include "main/config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/debug.h"
#include "module/sys.h"

static const char usage[] =
    "usage: %ls [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
    "Options (and corresponding environment variables):\n"
    "-b     : warn about str(bytes) and comparing bytes with str or int; -bb: errors\n"
    "-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x\n"
    "-c cmd : program passed in as string (terminates option list)\n"
    "-d     : accepted for compatibility; also PYTHONDEBUG=x\n"
    "-E     : ignore PYTHON* environment variables (such as PYTHONPATH)\n"
    "-h     : print this help message and exit (also -? or --help)\n"
    "-i     : inspect interactively after running script; also PYTHONINSPECT=x\n"
    "-I     : isolate Orochi from the user's environment (implies -E and -s)\n"
    "-m mod : run library module as a script (terminates option list)\n"
    "-O     : remove assert and __debug__-dependent statements; also PYTHONOPTIMIZE=x\n"
    "-OO    : do -O changes and also discard docstrings\n"
    "-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH\n"
    "-q     : don't print version and copyright messages on interactive startup\n"
    "-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE=x\n"
    "-S     : don't imply 'import site' on initialization\n"
    "-u     : force the stdout and stderr streams to be unbuffered; also PYTHONUNBUFFERED=x\n"
    "-v     : verbose (trace import statements); also PYTHONVERBOSE=x\n"
    "-V     : print the version number and exit (also --version); -VV: more\n"
    "-W arg : warning control; arg is action:message:category:module:lineno\n"
    "-x     : skip first line of source\n"
    "-X opt : set implementation-specific option, among them\n"
    "         gc-log, gc-stress[=n], gc-threads=n, gc-growth=f, gc-min=bytes, gc-young=bytes,\n"
    "         gc-verify, ext-lock-log, chaos[=seed], implementation=orochi, utf8, dev,\n"
    "         int_max_str_digits=n, pycache_prefix=path\n"
    "file   : program read from script file\n"
    "-      : program read from stdin (default; interactive mode if a tty)\n"
    "arg ...: arguments passed to program in sys.argv[1:]\n";

static const char environment_help[] =
    "Environment variables that change behavior:\n"
    "PYTHONPATH   : ':'-separated list of directories prefixed to the\n"
    "               default module search path.  The result is sys.path.\n"
    "PYTHONSAFEPATH: don't prepend a potentially unsafe path to sys.path.\n"
    "PYTHONUTF8: if set to 1, enable the UTF-8 mode.\n"
    "PYTHONIOENCODING: Encoding[:errors] used for stdin/stdout/stderr.\n"
    "PYTHONFAULTHANDLER: dump the Python traceback on fatal errors.\n"
    "PYTHONHASHSEED: a number makes the hashes of strings repeatable.\n"
    "PYTHONINTMAXSTRDIGITS: limits the digits of int <-> str conversions.\n"
    "PYTHONBREAKPOINT: what breakpoint() calls; 0 disables it.\n"
    "PYTHONDEVMODE: enable the development mode.\n"
    "PYTHONPYCACHEPREFIX: root directory for bytecode cache (pyc) files.\n"
    "PYTHONWARNDEFAULTENCODING: enable opt-in EncodingWarning for 'encoding=None'.\n"
    "PYTHONNODEBUGRANGES: no columns in tracebacks.\n"
    "PYTHONTRACEMALLOC: trace where memory is allocated.\n"
    "PYTHONPROFILEIMPORTTIME: show how long each import takes.\n"
    "The options above name the variables that stand for them.\n";

static const char x_option_help[] =
    "The following implementation-specific options are available:\n\n"
    "-X faulthandler: dump the Python traceback on fatal errors\n"
    "-X dev: enable the development mode\n"
    "-X utf8: enable UTF-8 mode; -X utf8=0: disable it\n"
    "-X int_max_str_digits=n: limit of int <-> str conversions (0: none)\n"
    "-X pycache_prefix=path: root directory for bytecode cache (pyc) files\n"
    "-X warn_default_encoding: enable opt-in EncodingWarning for 'encoding=None'\n"
    "-X no_debug_ranges: no columns in tracebacks\n"
    "-X importtime: show how long each import takes\n"
    "-X tracemalloc[=n]: trace where memory is allocated, with n frames of each traceback\n"
    "-X implementation=orochi: what sys.implementation.name says\n"
    "-X gc-log, gc-stress[=n], gc-threads=n, gc-growth=f, gc-min=bytes, gc-young=bytes,\n"
    "    gc-verify: the collector: log, stress, tune, verify\n"
    "-X ext-lock-log: at exit, who held the lock of extension code, and who waited for it\n"
    "-X chaos[=seed]: yield at random safepoints and locks\n";

PyWideStringList config_early_warnings, config_early_x_options;

const char *config_environment(const PyConfig *config, const char *name)
{
    if (!config->use_environment) {
        return NULL;
    }
    const char *text = getenv(name);
    return text != NULL && *text != 0 ? text : NULL;
}

const wchar_t *config_x_option(const PyWideStringList *options, const char *name)
{
    for (Py_ssize_t i = options->length; i-- > 0;) {
        const wchar_t *option = options->items[i];
        const char *p = name;
        for (; *p != 0 && *option == (wchar_t)*p; p++) {
            option++;
        }
        if (*p == 0 && (*option == 0 || *option == '=')) {
            return *option == 0 ? option : option + 1;
        }
    }
    return NULL;
}

/* ---- The command line. */

/* What is being read. Once `status` is no success, nothing more is. */
struct reading {
    PyConfig *config;
    const PyWideStringList *args;
    Py_ssize_t next; /* the argument after those that were read */
    int versions;    /* how many -V */
    PyWideStringList warnings;
    PyStatus status;
};

static bool failed(const struct reading *r)
{
    return PyStatus_Exception(r->status);
}

static void fail_usage(struct reading *r)
{
    fprintf(stderr,
            "usage: %ls [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
            "Try `python -h' for more information.\n",
            r->args->items[0]);
    r->status = PyStatus_Exit(2);
}

static void print_version(struct reading *r)
{
    if (r->versions > 1) {
        printf("Python " PY_VERSION " (Orochi " OROCHI_VERSION ") [GCC " __VERSION__ "]\n");
    } else {
        printf("Python " PY_VERSION " (Orochi " OROCHI_VERSION ")\n");
    }
    r->status = PyStatus_Exit(0);
}

static void print_help(struct reading *r, const wchar_t *text)
{
    bool all = wcscmp(text, L"--help-all") == 0;
    if (all || wcscmp(text, L"--help") == 0) {
        printf(usage, r->args->items[0]);
    }
    if (all || wcscmp(text, L"--help-env") == 0) {
        fputs(environment_help, stdout);
    }
    if (all || wcscmp(text, L"--help-xoptions") == 0) {
        fputs(x_option_help, stdout);
    }
    r->status = PyStatus_Exit(0);
}

/* Options without argument; false if c is none. */
static bool read_flag(PyConfig *config, wchar_t c)
{
    switch (c) {
    case 'b': config->bytes_warning++; return true;
    case 'B': config->write_bytecode = 0; return true;
    case 'd': config->parser_debug++; return true;
    case 'E': config->use_environment = 0; return true;
    case 'i':
        config->inspect++;
        config->interactive++;
        return true;
    case 'I': config->isolated++; return true;
    case 'O': config->optimization_level++; return true;
    case 'P': config->safe_path = 1; return true;
    case 'q': config->quiet++; return true;
    case 'R': config->use_hash_seed = 0; return true;
    case 's': config->user_site_directory = 0; return true;
    case 'S': config->site_import = 0; return true;
    case 't': return true;
    case 'u': config->buffered_stdio = 0; return true;
    case 'v': config->verbose++; return true;
    case 'x': config->skip_source_first_line = 1; return true;
    default: return false;
    }
}

static void read_pycs_mode(struct reading *r)
{
    const wchar_t *mode = r->next < r->args->length ? r->args->items[r->next++] : NULL;
    if (mode == NULL) {
        fprintf(stderr, "Argument expected for the --check-hash-based-pycs options\n");
        fail_usage(r);
        return;
    }
    if (wcscmp(mode, L"default") != 0 && wcscmp(mode, L"always") != 0 &&
        wcscmp(mode, L"never") != 0) {
        fprintf(stderr, "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n");
        fail_usage(r);
        return;
    }
    r->status = config_set_text(&r->config->check_hash_pycs_mode, mode);
}

static void read_long_option(struct reading *r, const wchar_t *text)
{
    if (wcscmp(text, L"--help") == 0 || wcscmp(text, L"--help-all") == 0 ||
        wcscmp(text, L"--help-env") == 0 || wcscmp(text, L"--help-xoptions") == 0) {
        print_help(r, text);
    } else if (wcscmp(text, L"--version") == 0) {
        print_version(r);
    } else if (wcscmp(text, L"--check-hash-based-pycs") == 0) {
        read_pycs_mode(r);
    } else {
        fprintf(stderr, "unknown option %ls\n", text);
        fail_usage(r);
    }
}

/* The text of -c ends with a newline. */
static PyStatus set_command(PyConfig *config, const wchar_t *text)
{
    size_t n = wcslen(text);
    wchar_t *line = PyMem_RawMalloc((n + 2) * sizeof *line);
    if (line == NULL) {
        return PyStatus_NoMemory();
    }
    memcpy(line, text, n * sizeof *line);
    line[n] = '\n';
    line[n + 1] = 0;
    PyMem_RawFree(config->run_command);
    config->run_command = line;
    return PyStatus_Ok();
}

/* An option with an argument; true if the program's own arguments follow it. */
static bool read_argument(struct reading *r, wchar_t option, const wchar_t *argument)
{
    if (argument == NULL) {
        fprintf(stderr, "Argument expected for the -%lc option\n", (wint_t)option);
        fail_usage(r);
        return false;
    }
    switch (option) {
    case 'W': r->status = PyWideStringList_Append(&r->warnings, argument); return false;
    case 'X': r->status = PyWideStringList_Append(&r->config->xoptions, argument); return false;
    case 'c': r->status = set_command(r->config, argument); return true;
    default: r->status = config_set_text(&r->config->run_module, argument); return true;
    }
}

static void fail_unknown(struct reading *r, wchar_t option)
{
    if (option == 'J') {
        fprintf(stderr, "-J is reserved for Jython\n");
    } else {
        fprintf(stderr, "Unknown option: -%lc\n", (wint_t)option);
    }
    fail_usage(r);
}

/* The letters of one argument; true if the program's own arguments follow. */
static bool read_letters(struct reading *r, const wchar_t *letters)
{
    for (const wchar_t *p = letters; *p != 0 && !failed(r); p++) {
        if (read_flag(r->config, *p)) {
            continue;
        }
        if (*p == 'V') {
            r->versions++;
        } else if (*p == 'h' || *p == '?') {
            print_help(r, L"--help");
        } else if (wcschr(L"cmWX", *p) == NULL) {
            fail_unknown(r, *p);
        } else {
            const wchar_t *argument = p[1] != 0                   ? p + 1
                                      : r->next < r->args->length ? r->args->items[r->next++]
                                                                  : NULL;
            return read_argument(r, *p, argument);
        }
    }
    return false;
}

/* Reads options up to the program. */
static void read_options(struct reading *r)
{
    bool program = false;
    r->next = 1;
    while (!program && !failed(r) && r->next < r->args->length) {
        const wchar_t *text = r->args->items[r->next];
        if (text[0] != '-' || text[1] == 0) {
            break;
        }
        r->next++;
        if (text[1] != '-') {
            program = read_letters(r, text + 1);
        } else if (text[2] == 0) {
            break;
        } else {
            read_long_option(r, text);
        }
    }
    if (!failed(r) && r->versions > 0) {
        print_version(r);
    }
}

/* A script's name becomes absolute, links are not followed. */
static PyStatus set_script(PyConfig *config, const wchar_t *name)
{
    char folder[4096];
    if (name[0] == '/' || getcwd(folder, sizeof folder) == NULL) {
        return config_set_text(&config->run_filename, name);
    }
    wchar_t *start = Py_DecodeLocale(folder, NULL);
    size_t room = start == NULL ? 0 : wcslen(start) + wcslen(name) + 2;
    wchar_t *full = PyMem_RawMalloc(room * sizeof *full);
    if (start == NULL || full == NULL) {
        PyMem_RawFree(start);
        PyMem_RawFree(full);
        return PyStatus_NoMemory();
    }
    swprintf(full, room, L"%ls/%ls", start, name);
    PyMem_RawFree(start);
    PyMem_RawFree(config->run_filename);
    config->run_filename = full;
    return PyStatus_Ok();
}

/* sys.argv: what runs, then the arguments behind it. */
static void set_arguments(struct reading *r)
{
    PyConfig *config = r->config;
    PyWideStringList rest = {0};
    for (Py_ssize_t i = r->next; i < r->args->length && !failed(r); i++) {
        r->status = PyWideStringList_Append(&rest, r->args->items[i]);
    }
    const wchar_t *first = config->run_command != NULL  ? L"-c"
                           : config->run_module != NULL ? L"-m"
                           : rest.length == 0           ? L""
                                                        : NULL;
    if (first != NULL && !failed(r)) {
        r->status = PyWideStringList_Insert(&rest, 0, first);
    } else if (!failed(r) && config->run_filename == NULL && wcscmp(rest.items[0], L"-") != 0) {
        r->status = set_script(config, rest.items[0]);
    }
    if (!failed(r)) {
        r->status = config_copy_list(&config->argv, &rest);
    }
    PyConfig scratch = {.argv = rest};
    PyConfig_Clear(&scratch);
}

static void read_command_line(struct reading *r)
{
    PyWideStringList args = {0};
    r->status = config_copy_list(&args, &r->config->argv);
    r->args = &args;
    if (!failed(r)) {
        read_options(r);
    }
    if (!failed(r)) {
        set_arguments(r);
    }
    if (!failed(r)) {
        r->config->parse_argv = 2;
    }
    r->args = NULL;
    PyConfig scratch = {.argv = args};
    PyConfig_Clear(&scratch);
}

/* ---- The environment. */

static void count_variable(const PyConfig *config, const char *name, int *flag)
{
    const char *text = config_environment(config, name);
    if (text != NULL) {
        int n = atoi(text);
        n = n > 0 ? n : 1;
        *flag = *flag > n ? *flag : n;
    }
}

static void clear_by_variable(const PyConfig *config, const char *name, int *flag)
{
    int given = 0;
    count_variable(config, name, &given);
    *flag = given > 0 ? 0 : *flag;
}

static void read_environment(PyConfig *config)
{
    count_variable(config, "PYTHONDEBUG", &config->parser_debug);
    count_variable(config, "PYTHONVERBOSE", &config->verbose);
    count_variable(config, "PYTHONOPTIMIZE", &config->optimization_level);
    count_variable(config, "PYTHONINSPECT", &config->inspect);
    count_variable(config, "PYTHONSAFEPATH", &config->safe_path);
    count_variable(config, "PYTHONWARNDEFAULTENCODING", &config->warn_default_encoding);
    clear_by_variable(config, "PYTHONUNBUFFERED", &config->buffered_stdio);
    clear_by_variable(config, "PYTHONDONTWRITEBYTECODE", &config->write_bytecode);
    clear_by_variable(config, "PYTHONNOUSERSITE", &config->user_site_directory);
    if (config->dev_mode < 0) {
        config->dev_mode = 0;
        count_variable(config, "PYTHONDEVMODE", &config->dev_mode);
        config->dev_mode |= config_x_option(&config->xoptions, "dev") != NULL;
    }
    if (config->faulthandler < 0) {
        config->faulthandler = config->dev_mode ||
                               config_x_option(&config->xoptions, "faulthandler") != NULL ||
                               config_environment(config, "PYTHONFAULTHANDLER") != NULL;
    }
    config->import_time |= config_x_option(&config->xoptions, "importtime") != NULL ||
                           config_environment(config, "PYTHONPROFILEIMPORTTIME") != NULL;
    if (config_x_option(&config->xoptions, "no_debug_ranges") != NULL ||
        config_environment(config, "PYTHONNODEBUGRANGES") != NULL) {
        config->code_debug_ranges = 0;
    }
    if (config_x_option(&config->xoptions, "warn_default_encoding") != NULL) {
        config->warn_default_encoding = 1;
    }
}

static PyStatus read_hash_seed(PyConfig *config)
{
    if (config->use_hash_seed >= 0) {
        return PyStatus_Ok();
    }
    const char *text = config_environment(config, "PYTHONHASHSEED");
    config->use_hash_seed = 0;
    config->hash_seed = 0;
    if (text == NULL || strcmp(text, "random") == 0) {
        return PyStatus_Ok();
    }
    char *end;
    unsigned long seed = strtoul(text, &end, 10);
    if (*end != 0 || seed > UINT32_MAX || *text < '0' || *text > '9') {
        return config_error("config_init_hash_seed",
                            "PYTHONHASHSEED must be \"random\" or an integer in range "
                            "[0; 4294967295]");
    }
    config->use_hash_seed = 1;
    config->hash_seed = seed;
    return PyStatus_Ok();
}

/* How many frames tracemalloc keeps from the start on; 0: it is off. */
static PyStatus read_tracemalloc(PyConfig *config)
{
    const wchar_t *option = config_x_option(&config->xoptions, "tracemalloc");
    const char *variable = config_environment(config, "PYTHONTRACEMALLOC");
    if (config->tracemalloc >= 0) {
        return PyStatus_Ok();
    }
    long n = option != NULL;
    bool good = true;
    if (option != NULL && *option != 0) {
        wchar_t *end;
        n = wcstol(option, &end, 10);
        good = *end == 0;
    } else if (option == NULL && variable != NULL) {
        char *end;
        n = strtol(variable, &end, 10);
        good = *end == 0;
    }
    if (!good || n < 0 || n > 65535) {
        return config_error("config_init_tracemalloc",
                            option != NULL ? "-X tracemalloc=NFRAME: invalid number of frames"
                                           : "PYTHONTRACEMALLOC: invalid number of frames");
    }
    config->tracemalloc = (int)n;
    return PyStatus_Ok();
}

static PyStatus read_pycache_prefix(PyConfig *config)
{
    if (config->pycache_prefix != NULL) {
        return PyStatus_Ok();
    }
    const wchar_t *option = config_x_option(&config->xoptions, "pycache_prefix");
    if (option != NULL) {
        return config_set_text(&config->pycache_prefix, *option != 0 ? option : NULL);
    }
    return config_set_bytes(&config->pycache_prefix,
                            config_environment(config, "PYTHONPYCACHEPREFIX"));
}

/* ---- Standard streams. */

/* In these locales text of any encoding passes through unharmed. */
static bool locale_is_lenient(void)
{
    static const char *const lenient[] = {"C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"};
    const char *locale = setlocale(LC_CTYPE, NULL);
    for (size_t i = 0; i < sizeof lenient / sizeof *lenient; i++) {
        if (strcmp(locale, lenient[i]) == 0) {
            return true;
        }
    }
    return false;
}

static char *early_encoding, *early_errors;

int Py_SetStandardStreamEncoding(const char *encoding, const char *errors)
{
    if (Py_IsInitialized()) {
        return -1;
    }
    free(early_encoding);
    free(early_errors);
    early_encoding = encoding == NULL ? NULL : strdup(encoding);
    early_errors = errors == NULL ? NULL : strdup(errors);
    return (encoding != NULL && early_encoding == NULL) || (errors != NULL && early_errors == NULL)
               ? -2
               : 0;
}

/* PYTHONIOENCODING=encoding:errors, either may be missing. */
static PyStatus read_stream_encoding(PyConfig *config)
{
    const char *variable = config_environment(config, "PYTHONIOENCODING");
    const char *colon = variable == NULL ? NULL : strchr(variable, ':');
    char encoding[128] = "", errors[128] = "";
    if (variable != NULL) {
        int length = (int)(colon != NULL ? colon - variable : (ptrdiff_t)strlen(variable));
        snprintf(encoding, sizeof encoding, "%.*s", length, variable);
        snprintf(errors, sizeof errors, "%s", colon != NULL ? colon + 1 : "");
    }
    if (early_encoding != NULL) {
        snprintf(encoding, sizeof encoding, "%s", early_encoding);
    }
    if (early_errors != NULL) {
        snprintf(errors, sizeof errors, "%s", early_errors);
    }
    bool lenient = preconfig_get()->utf8_mode > 0 || locale_is_lenient();
    if (errors[0] == 0) {
        strcpy(errors, encoding[0] != 0 || !lenient ? "strict" : "surrogateescape");
    }
    PyStatus status = PyStatus_Ok();
    if (config->stdio_encoding == NULL) {
        status = config_set_bytes(&config->stdio_encoding, encoding[0] != 0 ? encoding : "utf-8");
    }
    if (config->stdio_errors == NULL && !PyStatus_Exception(status)) {
        status = config_set_bytes(&config->stdio_errors, errors);
    }
    return status;
}

/* ---- Warnings: weakest first, none twice. */

static bool contains(const PyWideStringList *list, const wchar_t *text)
{
    for (Py_ssize_t i = 0; i < list->length; i++) {
        if (wcscmp(list->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static void add_warning(struct reading *r, PyWideStringList *all, const wchar_t *text)
{
    if (!failed(r) && !contains(all, text) && !contains(&r->config->warnoptions, text)) {
        r->status = PyWideStringList_Append(all, text);
    }
}

static void add_warnings(struct reading *r, PyWideStringList *all, const PyWideStringList *more)
{
    for (Py_ssize_t i = 0; i < more->length; i++) {
        add_warning(r, all, more->items[i]);
    }
}

static void add_variable_warnings(struct reading *r, PyWideStringList *all)
{
    const char *variable = config_environment(r->config, "PYTHONWARNINGS");
    wchar_t *text = variable == NULL ? NULL : Py_DecodeLocale(variable, NULL);
    wchar_t *state = NULL;
    for (wchar_t *item = text == NULL ? NULL : wcstok(text, L",", &state); item != NULL;
         item = wcstok(NULL, L",", &state)) {
        add_warning(r, all, item);
    }
    PyMem_RawFree(text);
}

static void read_warnings(struct reading *r)
{
    PyConfig *config = r->config;
    PyWideStringList all = {0};
    if (config->dev_mode) {
        add_warning(r, &all, L"default");
    }
    add_variable_warnings(r, &all);
    add_warnings(r, &all, &r->warnings);
    if (config->bytes_warning > 0) {
        add_warning(r, &all,
                    config->bytes_warning > 1 ? L"error::BytesWarning" : L"default::BytesWarning");
    }
    add_warnings(r, &all, &config_early_warnings);
    for (Py_ssize_t i = 0; i < config->warnoptions.length && !failed(r); i++) {
        r->status = PyWideStringList_Append(&all, config->warnoptions.items[i]);
    }
    if (!failed(r)) {
        r->status = config_copy_list(&config->warnoptions, &all);
    }
    PyConfig scratch = {.argv = all, .warnoptions = r->warnings};
    PyConfig_Clear(&scratch);
    r->warnings = (PyWideStringList){0};
}

/* ---- All of it. */

void config_init_compat(PyConfig *config)
{
    PyConfig_InitPythonConfig(config);
    config->_config_init = CONFIG_COMPAT;
    config->parse_argv = 0;
    config->configure_c_stdio = 0;
    config->isolated = Py_IsolatedFlag;
    config->use_environment = !Py_IgnoreEnvironmentFlag;
    config->bytes_warning = Py_BytesWarningFlag;
    config->inspect = Py_InspectFlag;
    config->interactive = Py_InteractiveFlag;
    config->optimization_level = Py_OptimizeFlag;
    config->parser_debug = Py_DebugFlag;
    config->verbose = Py_VerboseFlag;
    config->quiet = Py_QuietFlag;
    config->write_bytecode = !Py_DontWriteBytecodeFlag;
    config->user_site_directory = !Py_NoUserSiteDirectory;
    config->buffered_stdio = !Py_UnbufferedStdioFlag;
    config->site_import = !Py_NoSiteFlag;
    config->pathconfig_warnings = !Py_FrozenFlag;
}

static void read_rest(struct reading *r)
{
    PyConfig *config = r->config;
    PyStatus (*const steps[])(PyConfig *) = {preconfig_read_utf8_mode, read_hash_seed,
                                             read_tracemalloc, read_pycache_prefix,
                                             read_stream_encoding};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !failed(r); i++) {
        r->status = steps[i](config);
    }
    if (!failed(r)) {
        read_warnings(r);
    }
    if (!failed(r) && config->check_hash_pycs_mode == NULL) {
        r->status = config_set_text(&config->check_hash_pycs_mode, L"default");
    }
    if (!failed(r) && config->filesystem_encoding == NULL) {
        r->status = config_set_text(&config->filesystem_encoding, L"utf-8");
    }
    if (!failed(r) && config->filesystem_errors == NULL) {
        r->status = config_set_text(&config->filesystem_errors, L"surrogateescape");
    }
    if (!failed(r) && config->argv.length == 0) {
        r->status = PyWideStringList_Append(&config->argv, L"");
    }
}

PyStatus config_read(PyConfig *config)
{
    struct reading r = {.config = config, .status = preconfig_ensure(config)};
    if (!failed(&r) && config->orig_argv.length == 0) {
        r.status = config_copy_list(&config->orig_argv, &config->argv);
    }
    for (Py_ssize_t i = 0; i < config_early_x_options.length && !failed(&r); i++) {
        if (!contains(&config->xoptions, config_early_x_options.items[i])) {
            r.status = PyWideStringList_Append(&config->xoptions, config_early_x_options.items[i]);
        }
    }
    if (!failed(&r) && config->parse_argv == 1 && config->argv.length > 0) {
        read_command_line(&r);
    }
    if (failed(&r)) {
        return r.status;
    }
    if (config->isolated > 0) {
        config->use_environment = 0;
        config->user_site_directory = 0;
        config->safe_path = 1;
    }
    read_environment(config);
    read_rest(&r);
    return r.status;
}

PyStatus PyConfig_Read(PyConfig *config)
{
    return config_read(config);
}
