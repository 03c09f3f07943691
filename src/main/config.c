/* SPDX-License-Identifier: MIT */
#include "main/config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "bytecode/code.h"
#include "compile/compile.h"
#include "heap/heap.h"
#include "module/import.h"
#include "module/sys.h"
#include "object/codec.h"
#include "object/int.h"
#include "thread/extension_lock.h"
#include "thread/thread.h"

static const char usage[] =
    "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
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

NO_RETURN static void exit_usage(const char *program)
{
    fprintf(stderr,
            "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
            "Try `python -h' for more information.\n",
            program);
    exit(2);
}

/* A setting that makes no sense, as python3.11 reports it. */
NO_RETURN static void exit_fatal(const char *message, const char *state)
{
    fprintf(stderr, "Fatal Python error: %s\nPython runtime state: %s\n\n", message, state);
    exit(1);
}

NO_RETURN static void print_version(bool more)
{
    if (more) {
        printf("Python " PY_VERSION " (Orochi " OROCHI_VERSION ") [GCC " __VERSION__ "]\n");
    } else {
        printf("Python " PY_VERSION " (Orochi " OROCHI_VERSION ")\n");
    }
    exit(0);
}

static void print_version_if(int asked)
{
    if (asked > 0) {
        print_version(asked > 1);
    }
}

const char *config_environment(const char *name)
{
    if (sys_config.ignore_environment) {
        return NULL;
    }
    const char *text = getenv(name);
    return text != NULL && *text != 0 ? text : NULL;
}

const char *config_x_option(const struct config *config, const char *name)
{
    size_t length = strlen(name);
    for (int i = config->x_option_count; i-- > 0;) {
        const char *option = config->x_options[i];
        if (strncmp(option, name, length) == 0 && (option[length] == 0 || option[length] == '=')) {
            return option[length] == 0 ? "" : option + length + 1;
        }
    }
    return NULL;
}

static void add_option(const char **list, int *count, const char *text, const char *program)
{
    if (*count == CONFIG_MOST_OPTIONS) {
        fprintf(stderr, "%s: too many -W or -X options\n", program);
        exit(2);
    }
    list[(*count)++] = text;
}

/* Options without argument; false if c is none. */
static bool read_flag(struct config *config, char c)
{
    struct sys_config *s = &sys_config;
    switch (c) {
    case 'b': s->bytes_warning++; return true;
    case 'B': s->dont_write_bytecode++; return true;
    case 'd': s->debug++; return true;
    case 'E': s->ignore_environment = 1; return true;
    case 'i':
        s->inspect++;
        s->interactive++;
        return true;
    case 'I': s->isolated = s->ignore_environment = s->no_user_site = s->safe_path = 1; return true;
    case 'O': s->optimize++; return true;
    case 'P': s->safe_path = 1; return true;
    case 'q': s->quiet++; return true;
    case 'R': return true; /* hash randomisation is the default */
    case 's': s->no_user_site = 1; return true;
    case 'S': s->no_site = 1; return true;
    case 't': return true;
    case 'u': s->unbuffered = 1; return true;
    case 'v': s->verbose++; return true;
    case 'x': config->skip_first_line = true; return true;
    default: return false;
    }
}

static void check_pycs_mode(const char *mode, const char *program)
{
    if (mode == NULL) {
        fprintf(stderr, "Argument expected for the --check-hash-based-pycs options\n");
        exit_usage(program);
    }
    if (strcmp(mode, "default") != 0 && strcmp(mode, "always") != 0 && strcmp(mode, "never") != 0) {
        fprintf(stderr, "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n");
        exit_usage(program);
    }
    sys_config.check_pycs = mode;
}

NO_RETURN static void print_help(const char *text, const char *program)
{
    bool all = strcmp(text, "--help-all") == 0;
    if (all || strcmp(text, "--help") == 0) {
        printf(usage, program);
    }
    if (all || strcmp(text, "--help-env") == 0) {
        fputs(environment_help, stdout);
    }
    if (all || strcmp(text, "--help-xoptions") == 0) {
        fputs(x_option_help, stdout);
    }
    exit(0);
}

/* Returns how many arguments behind it the option takes. */
static int read_long_option(const char *text, const char *next, const char *program)
{
    if (strncmp(text, "--help", 6) == 0 &&
        (text[6] == 0 || strcmp(text, "--help-all") == 0 || strcmp(text, "--help-env") == 0 ||
         strcmp(text, "--help-xoptions") == 0)) {
        print_help(text, program);
    }
    if (strcmp(text, "--version") == 0) {
        print_version(false);
    }
    if (strcmp(text, "--check-hash-based-pycs") != 0) {
        fprintf(stderr, "unknown option %s\n", text);
        exit_usage(program);
    }
    check_pycs_mode(next, program);
    return 1;
}

/* An option with an argument; true if the program's own arguments follow it. */
static bool read_argument(struct config *config, char option, const char *argument,
                          const char *program)
{
    if (argument == NULL) {
        fprintf(stderr, "Argument expected for the -%c option\n", option);
        exit_usage(program);
    }
    if (option == 'W') {
        add_option(config->warnings, &config->warning_count, argument, program);
        return false;
    }
    if (option == 'X') {
        add_option(config->x_options, &config->x_option_count, argument, program);
        return false;
    }
    config->mode = option == 'c' ? RUN_COMMAND : RUN_MODULE;
    config->target = argument;
    return true;
}

NO_RETURN static void exit_unknown(char option, const char *program)
{
    if (option == 'J') {
        fprintf(stderr, "-J is reserved for Jython\n");
    } else {
        fprintf(stderr, "Unknown option: -%c\n", option);
    }
    exit_usage(program);
}

/* Reads options up to the program; returns the index of the first argument behind them. */
static int read_options(struct config *config, int argc, char **argv)
{
    int i = 1, versions = 0;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
        if (argv[i][1] == '-') {
            if (argv[i][2] == 0) {
                i++;
                break;
            }
            i += read_long_option(argv[i], i + 1 < argc ? argv[i + 1] : NULL, argv[0]);
            continue;
        }
        for (const char *p = argv[i] + 1; *p != 0; p++) {
            if (read_flag(config, *p)) {
                continue;
            }
            if (*p == 'V') {
                versions++;
                continue;
            }
            if (*p == 'h' || *p == '?') {
                print_help("--help", argv[0]);
            }
            if (strchr("cmWX", *p) == NULL) {
                exit_unknown(*p, argv[0]);
            }
            const char *argument = p[1] != 0 ? p + 1 : i + 1 < argc ? argv[++i] : NULL;
            if (read_argument(config, *p, argument, argv[0])) {
                print_version_if(versions);
                return i + 1;
            }
            break;
        }
    }
    print_version_if(versions);
    return i;
}

static void count_variable(const char *name, int *flag)
{
    const char *text = config_environment(name);
    if (text != NULL) {
        int n = atoi(text);
        *flag = *flag > (n > 0 ? n : 1) ? *flag : n > 0 ? n : 1;
    }
}

static void read_environment(void)
{
    struct sys_config *s = &sys_config;
    count_variable("PYTHONDEBUG", &s->debug);
    count_variable("PYTHONVERBOSE", &s->verbose);
    count_variable("PYTHONOPTIMIZE", &s->optimize);
    count_variable("PYTHONINSPECT", &s->inspect);
    count_variable("PYTHONUNBUFFERED", &s->unbuffered);
    count_variable("PYTHONDONTWRITEBYTECODE", &s->dont_write_bytecode);
    count_variable("PYTHONNOUSERSITE", &s->no_user_site);
    count_variable("PYTHONSAFEPATH", &s->safe_path);
    count_variable("PYTHONDEVMODE", &s->dev_mode);
    count_variable("PYTHONWARNDEFAULTENCODING", &s->warn_default_encoding);
}

/* UTF-8 mode: as asked for, else if the locale says nothing about an encoding. */
static void read_utf8_mode(const struct config *config)
{
    const char *text = config_x_option(config, "utf8");
    const char *message = "preconfig_init_utf8_mode: invalid -X utf8 option value";
    if (text != NULL && *text == 0) {
        text = "1";
    }
    if (text == NULL) {
        text = config_environment("PYTHONUTF8");
        message = "preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value";
    }
    if (text == NULL) {
        setlocale(LC_CTYPE, ""); /* that of the C library stays if there is no such locale */
        const char *locale = setlocale(LC_CTYPE, NULL);
        sys_config.utf8_mode = strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
        return;
    }
    if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0) {
        exit_fatal(message, "preinitializing");
    }
    sys_config.utf8_mode = *text == '1';
}

/* How many frames tracemalloc keeps from the start on; 0: it is off. */
static int read_tracemalloc(const struct config *config)
{
    const char *option = config_x_option(config, "tracemalloc");
    const char *text = option != NULL ? option : config_environment("PYTHONTRACEMALLOC");
    if (text == NULL || *text == 0) {
        return option != NULL;
    }
    char *end;
    long n = strtol(text, &end, 10);
    if (*end != 0 || n < 0 || n > 65535) {
        exit_fatal(option != NULL
                       ? "config_init_tracemalloc: -X tracemalloc=NFRAME: invalid number of frames"
                       : "config_init_tracemalloc: PYTHONTRACEMALLOC: invalid number of frames",
                   "preinitialized");
    }
    return (int)n;
}

/* Options that are only checked. */
static void check_others(const struct config *config)
{
    const char *frozen = config_x_option(config, "frozen_modules");
    if (frozen != NULL && *frozen != 0 && strcmp(frozen, "on") != 0 && strcmp(frozen, "off") != 0) {
        exit_fatal("bad value for option -X frozen_modules (expected \"on\" or \"off\")",
                   "preinitialized");
    }
}

static void read_digits_limit(const struct config *config)
{
    sys_config.max_str_digits = -1;
    const char *text = config_x_option(config, "int_max_str_digits");
    const char *origin = "-X int_max_str_digits";
    if (text == NULL) {
        text = config_environment("PYTHONINTMAXSTRDIGITS");
        origin = "PYTHONINTMAXSTRDIGITS";
    }
    if (text == NULL) {
        return;
    }
    char *end;
    long n = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || (n != 0 && n < 640) || n > 0x7fffffff) {
        char message[160];
        snprintf(message, sizeof message,
                 "config_init_int_max_str_digits: %s: invalid limit; must be >= 640 or 0 for "
                 "unlimited.",
                 origin);
        exit_fatal(message, "preinitialized");
    }
    sys_config.max_str_digits = int_max_str_digits = (int)n;
}

static void read_collector_options(const struct config *config)
{
    const char *text;
    if ((text = config_x_option(config, "gc-stress")) != NULL) {
        heap_options.stress_interval = *text == 0 ? 1 : (uint32_t)strtoul(text, NULL, 10);
    }
    heap_options.log = config_x_option(config, "gc-log") != NULL;
    heap_options.verify = config_x_option(config, "gc-verify") != NULL;
    if ((text = config_x_option(config, "gc-threads")) != NULL && atoi(text) > 0) {
        heap_options.markers = (uint32_t)atoi(text);
    }
    if ((text = config_x_option(config, "gc-growth")) != NULL && atof(text) > 0) {
        heap_options.growth = atof(text);
    }
    if ((text = config_x_option(config, "gc-min")) != NULL) {
        heap_options.minimum_bytes = strtoull(text, NULL, 10);
    }
    if ((text = config_x_option(config, "gc-young")) != NULL) {
        heap_options.young_bytes = strtoull(text, NULL, 10);
    }
    if (config_x_option(config, "ext-lock-log") != NULL) {
        extension_lock_enable_log();
    }
    if ((text = config_x_option(config, "chaos")) != NULL) {
        thread_enable_chaos(strtoull(text, NULL, 10));
    }
}

static void apply(const struct config *config)
{
    struct sys_config *s = &sys_config;
    const char *text = config_x_option(config, "implementation");
    s->is_cpython = text == NULL || strcmp(text, "orochi") != 0;
    s->dev_mode |= config_x_option(config, "dev") != NULL;
    codec_check_names = s->dev_mode;
    code_keep_columns = config_x_option(config, "no_debug_ranges") == NULL &&
                        (config_environment("PYTHONNODEBUGRANGES") == NULL ||
                         *config_environment("PYTHONNODEBUGRANGES") == 0);
    s->warn_default_encoding |= config_x_option(config, "warn_default_encoding") != NULL;
    s->faulthandler = s->dev_mode || config_x_option(config, "faulthandler") != NULL ||
                      config_environment("PYTHONFAULTHANDLER") != NULL;
    read_utf8_mode(config);
    import_show_times = config_x_option(config, "importtime") != NULL ||
                        config_environment("PYTHONPROFILEIMPORTTIME") != NULL;
    check_others(config);
    const char *seed = config_environment("PYTHONHASHSEED");
    s->hash_randomization = seed == NULL || strcmp(seed, "0") != 0;
    if (hash_init(seed) < 0) {
        exit_fatal(
            "config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range "
            "[0; 4294967295]",
            "preinitialized");
    }
    compile_default_optimize = s->optimize > 2 ? 2 : s->optimize;
    read_digits_limit(config);
    read_collector_options(config);
}

void config_read(struct config *config, int argc, char **argv)
{
    *config = (struct config){0};
    int i = read_options(config, argc, argv);
    if (config->target == NULL && i < argc) {
        config->mode = strcmp(argv[i], "-") == 0 ? RUN_STDIN : RUN_FILE;
        config->target = argv[i];
        i++;
    }
    config->first = i;
    config->argc = argc - i;
    read_environment();
    apply(config);
    config->tracemalloc_frames = read_tracemalloc(config);
}
