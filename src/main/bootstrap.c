/* SPDX-License-Identifier: MIT */
/* Start-up above the engine: the first modules, importlib, the standard streams, site.
 *
 * importlib is the standard library's, run from its source. Its two core files are compiled once
 * and kept as marshalled code in the cache directory (written to a temporary name, then renamed).
 */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytecode/code.h"
#include "compile/compile.h"
#include "main/main_int.h"
#include "module/import.h"
#include "module/io_int.h"
#include "module/sys.h"
#include "object/bytes.h"
#include "object/codec.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "syntax/syntax.h"
#include "vm/vm.h"

#define IMPORTLIB "/usr/lib/python3.11/importlib/"

/* ---- Objects of the configuration */

const char *bootstrap_cache_directory(void)
{
    static char path[4096];
    if (path[0] != 0) {
        return path;
    }
    const char *prefix = config_environment("PYTHONPYCACHEPREFIX"), *home = getenv("HOME");
    if (prefix != NULL) {
        snprintf(path, sizeof path, "%s", prefix);
    } else if (home != NULL && *home == '/') {
        snprintf(path, sizeof path, "%s/.cache/orochi", home);
    }
    return path[0] == 0 ? NULL : path;
}

static PyObject *filename_text(const char *s)
{
    return str_from_filename(s, (Py_ssize_t)strlen(s));
}

static PyObject *executable_path(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    return n > 0 ? str_from_filename(path, n) : str_empty();
}

/* Our lib/: beside an installed executable, else in the source tree that this was built from. */
static PyObject *library_path(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    struct stat status;
    if (n > 0) {
        path[n] = 0;
        char *slash = strrchr(path, '/');
        strcpy(slash, "/../lib/orochi");
        if (stat(path, &status) == 0) {
            return filename_text(path);
        }
    }
    return filename_text(OROCHI_SOURCE_LIB);
}

static PyObject *list_of(const char *const *texts, int count)
{
    PyObject *list = list_new(count);
    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *text = filename_text(texts[i]);
        if (text == NULL || list_append(list, value_from_object(text)) < 0) {
            return NULL;
        }
    }
    return list;
}

static PyObject *program_arguments(const struct config *config, char **argv)
{
    static const char *const first[] = {
        [RUN_STDIN] = "", [RUN_COMMAND] = "-c", [RUN_MODULE] = "-m"};
    PyObject *list = list_of((const char *const *)argv + config->first, config->argc);
    const char *name = config->mode == RUN_FILE || (config->mode == RUN_STDIN && config->target)
                           ? config->target
                           : first[config->mode];
    PyObject *zero = list == NULL ? NULL : filename_text(name);
    return zero == NULL || list_insert(list, 0, value_from_object(zero)) < 0 ? NULL : list;
}

static PyObject *x_option_dict(const struct config *config)
{
    PyObject *dict = dict_new();
    for (int i = 0; dict != NULL && i < config->x_option_count; i++) {
        const char *option = config->x_options[i], *equals = strchr(option, '=');
        PyObject *name =
            equals == NULL ? filename_text(option) : str_from_filename(option, equals - option);
        Value value = equals == NULL ? VALUE_TRUE : value_from_object(filename_text(equals + 1));
        if (name == NULL || value_is_null(value) ||
            dict_set(dict, value_from_object(name), value) < 0) {
            return NULL;
        }
    }
    return dict;
}

/* -W options and PYTHONWARNINGS, weakest first. */
static PyObject *warning_options(const struct config *config)
{
    PyObject *list = list_new(4);
    if (list != NULL && sys_config.dev_mode) {
        list_append(list, value_from_object(str_from_text("default")));
    }
    const char *variable = config_environment("PYTHONWARNINGS");
    while (list != NULL && variable != NULL && *variable != 0) {
        const char *end = strchrnul(variable, ',');
        PyObject *option = str_from_filename(variable, end - variable);
        if (option == NULL || list_append(list, value_from_object(option)) < 0) {
            return NULL;
        }
        variable = *end == 0 ? NULL : end + 1;
    }
    PyObject *given = list_of(config->warnings, config->warning_count);
    if (list == NULL || given == NULL || list_extend(list, value_from_object(given)) < 0) {
        return NULL;
    }
    bytes_warning_level = sys_config.bytes_warning;
    if (bytes_warning_level > 0) {
        const char *text =
            sys_config.bytes_warning > 1 ? "error::BytesWarning" : "default::BytesWarning";
        list_append(list, value_from_object(str_from_text(text)));
    }
    return list;
}

int bootstrap_config_objects(const struct config *config, int argc, char **argv)
{
    struct sys_config *s = &sys_config;
    const char *prefix = config_x_option(config, "pycache_prefix");
    if (prefix == NULL || *prefix == 0) {
        prefix = bootstrap_cache_directory();
    }
    if (prefix == NULL) {
        s->dont_write_bytecode = 1; /* Debian's directories are never written to */
    }
    s->argv = program_arguments(config, argv);
    s->orig_argv = list_of((const char *const *)argv, argc);
    s->warn_options = warning_options(config);
    s->x_options = x_option_dict(config);
    s->executable = executable_path();
    s->library = library_path();
    s->pycache_prefix = prefix == NULL ? Py_None : filename_text(prefix);
    return s->argv == NULL || s->orig_argv == NULL || s->warn_options == NULL ||
                   s->x_options == NULL || s->executable == NULL || s->library == NULL ||
                   s->pycache_prefix == NULL
               ? -1
               : 0;
}

/* ---- Code of importlib */

struct code_stamp { /* head of a cached file: the code is good for this very source */
    uint32_t version, unused;
    int64_t seconds, size;
};

/* A file's contents as bytes; NULL without exception if it cannot be read. */
static PyObject *read_file(const char *path, struct stat *status)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    PyObject *bytes = NULL;
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode)) {
        bytes = bytes_new_unfilled(status->st_size);
        if (bytes != NULL &&
            read(fd, bytes_data(bytes), (size_t)status->st_size) != status->st_size) {
            bytes = NULL;
        }
    }
    close(fd);
    return bytes;
}

static void cache_path(char *out, size_t size, const char *name)
{
    const char *directory = bootstrap_cache_directory();
    snprintf(out, size, "%s/%s-%08x.code", directory == NULL ? "" : directory, name,
             bytecode_version());
}

static PyObject *load_cached(const char *name, const struct code_stamp *stamp)
{
    char path[4200];
    struct stat status;
    if (bootstrap_cache_directory() == NULL) {
        return NULL;
    }
    cache_path(path, sizeof path, name);
    PyObject *bytes = read_file(path, &status);
    if (bytes == NULL || bytes_length(bytes) < (Py_ssize_t)sizeof *stamp ||
        memcmp(bytes_data(bytes), stamp, sizeof *stamp) != 0) {
        return NULL;
    }
    Py_ssize_t consumed;
    Value code = marshal_load(bytes_data(bytes) + sizeof *stamp,
                              bytes_length(bytes) - (Py_ssize_t)sizeof *stamp, &consumed);
    error_clear();
    return code_check(code) ? value_object(code) : NULL;
}

static void make_directory(const char *path)
{
    char part[4200];
    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1; *p != 0; p++) {
        if (*p == '/') {
            *p = 0;
            mkdir(part, 0777);
            *p = '/';
        }
    }
    mkdir(part, 0777);
}

/* Failing to write the cache is no error. */
static void store_cached(const char *name, const struct code_stamp *stamp, PyObject *code)
{
    char path[4200], temporary[4300];
    PyObject *bytes = marshal_dump(value_from_object(code), 4);
    if (bytes == NULL || bootstrap_cache_directory() == NULL || sys_config.dont_write_bytecode) {
        error_clear();
        return;
    }
    make_directory(bootstrap_cache_directory());
    cache_path(path, sizeof path, name);
    snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return;
    }
    bool written = write(fd, stamp, sizeof *stamp) == (ssize_t)sizeof *stamp &&
                   write(fd, bytes_data(bytes), (size_t)bytes_length(bytes)) == bytes_length(bytes);
    if (close(fd) < 0 || !written || rename(temporary, path) < 0) {
        unlink(temporary);
    }
}

static PyObject *importlib_code(const char *name)
{
    char path[256];
    struct stat status;
    snprintf(path, sizeof path, IMPORTLIB "%s.py", name);
    PyObject *source = read_file(path, &status);
    if (source == NULL) {
        return error_raise_null(PyExc_ImportError,
                                "%s is missing: is the package libpython3.11-stdlib installed?",
                                path);
    }
    struct code_stamp stamp = {bytecode_version(), 0, status.st_mtime, status.st_size};
    PyObject *code = load_cached(name, &stamp);
    if (code == NULL) {
        PyObject *filename = str_format("<frozen importlib.%s>", name);
        struct compile_options options = {.filename = filename, .optimize = -1};
        code =
            compile_source(bytes_data(source), (size_t)bytes_length(source), PARSE_FILE, &options);
        if (code != NULL) {
            store_cached(name, &stamp, code);
        }
    }
    return code;
}

/* Runs one of importlib's core files as a module with the given name. */
static PyObject *run_importlib(const char *file, const char *name)
{
    PyObject *code = importlib_code(file), *module = code == NULL ? NULL : module_new(name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *dict = module_dict(module);
    Value builtins = value_from_object(module_dict(import_state.builtins));
    if (dict_set_str(dict, names.__builtins__, builtins) < 0 ||
        dict_set_str(import_state.modules, str_intern_text(name), value_from_object(module)) < 0 ||
        value_is_null(vm_run(code, dict, value_from_object(dict), NULL))) {
        return NULL;
    }
    return module;
}

/* Our code is not CPython's: importlib's magic number is. Ours changes with the instruction set. */
static int set_magic_number(PyObject *external)
{
    uint32_t version = bytecode_version();
    const unsigned char magic[4] = {(unsigned char)version, (unsigned char)(version >> 8), '\r',
                                    '\n'};
    uint32_t raw;
    memcpy(&raw, magic, sizeof raw);
    return module_add(external, "MAGIC_NUMBER",
                      value_from_object(bytes_new((const char *)magic, 4))) < 0
               ? -1
               : module_add_int(external, "_RAW_MAGIC_NUMBER", raw);
}

static int install_importlib(void)
{
    PyObject *core = run_importlib("_bootstrap", "_frozen_importlib");
    Value imp =
        core == NULL ? VALUE_NULL : import_once(import_find_builtin(str_intern_text("_imp")));
    if (value_is_null(imp) ||
        dict_set_str(import_state.modules, str_intern_text("_imp"), imp) < 0 ||
        value_is_null(object_call_method2(value_from_object(core), str_intern_text("_install"),
                                          value_from_object(import_state.sys), imp))) {
        return -1;
    }
    import_state.importlib = core;
    import_state.gcd_import =
        object_getattr(value_from_object(core), str_intern_text("_gcd_import"));
    PyObject *external = run_importlib("_bootstrap_external", "_frozen_importlib_external");
    if (external == NULL || set_magic_number(external) < 0) {
        return -1;
    }
    Value done = object_call_method0(value_from_object(core),
                                     str_intern_text("_install_external_importers"));
    return value_is_null(done) ? -1 : 0;
}

int bootstrap_modules(void)
{
    syntax_hooks.import_module = import_module;
    PyObject *modules = import_state.modules = dict_new();
    Value sys = import_once(import_find_builtin(str_intern_text("sys")));
    if (modules == NULL || value_is_null(sys)) {
        return -1;
    }
    import_state.sys = value_object(sys);
    error_sys_dict = module_dict(import_state.sys);
    Value builtins = import_once(import_find_builtin(str_intern_text("builtins")));
    if (value_is_null(builtins)) {
        return -1;
    }
    import_state.builtins = value_object(builtins);
    vm_default_builtins = object_builtins = module_dict(import_state.builtins);
    if (module_add(import_state.sys, "modules", value_from_object(modules)) < 0 ||
        dict_set_str(modules, str_intern_text("sys"), sys) < 0 ||
        dict_set_str(modules, names.builtins, builtins) < 0) {
        return -1;
    }
    return install_importlib();
}

/* ---- Streams */

static Value open_stream(int fd, const char *name, const char *mode, const char *errors,
                         const char *encoding, bool line_buffering)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        return VALUE_NONE; /* the descriptor is closed */
    }
    bool write_it = mode[0] == 'w';
    bool raw_only = write_it && sys_config.unbuffered;
    Value buffer = io_open(value_from_int(fd), write_it ? "wb" : "rb", raw_only ? 0 : -1,
                           VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, false, VALUE_ABSENT);
    if (value_is_null(buffer)) {
        return VALUE_NULL;
    }
    Value raw = raw_only ? buffer : object_getattr(buffer, names.raw);
    PyObject *label = str_intern_text(name);
    if (value_is_null(raw) ||
        object_setattr(raw, str_intern_text("name"), value_from_object(label)) < 0) {
        return VALUE_NULL;
    }
    Value args[6] = {buffer,
                     value_from_object(str_intern_text(encoding)),
                     value_from_object(str_intern_text(errors)),
                     value_from_object(str_intern_text("\n")),
                     value_from_bool(line_buffering && !raw_only),
                     value_from_bool(raw_only)};
    Value stream = object_call(value_from_object(&TextIOWrapper_Type), args, 6, NULL);
    if (value_is_null(stream) ||
        object_setattr(stream, names.mode, value_from_object(str_intern_text(mode))) < 0) {
        return VALUE_NULL;
    }
    return stream;
}

static int add_stream(const char *name, const char *original, Value stream)
{
    return module_add(import_state.sys, name, stream) < 0
               ? -1
               : module_add(import_state.sys, original, stream);
}

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

/* How PYTHONIOENCODING or the locale wants standard streams. */
struct stream_settings {
    char encoding[128], errors[128];
};

/* The encoding by its codec's own name. 0 or -1. */
static int read_stream_settings(struct stream_settings *out)
{
    bool lenient = sys_config.utf8_mode || locale_is_lenient();
    const char *variable = config_environment("PYTHONIOENCODING");
    const char *colon = variable == NULL ? NULL : strchr(variable, ':');
    size_t length = colon != NULL      ? (size_t)(colon - variable)
                    : variable != NULL ? strlen(variable)
                                       : 0;
    const char *errors = colon != NULL && colon[1] != 0 ? colon + 1
                         : length > 0 || !lenient       ? "strict"
                                                        : "surrogateescape";
    snprintf(out->errors, sizeof out->errors, "%s", errors);
    snprintf(out->encoding, sizeof out->encoding, "%.*s", (int)length,
             length > 0 ? variable : "utf-8");
    if (length == 0) {
        strcpy(out->encoding, "utf-8");
        return 0;
    }
    Value codec = codec_lookup(out->encoding);
    Value name = value_is_null(codec) ? codec : object_getattr(codec, str_intern_text("name"));
    const char *text = str_check(name) ? str_utf8(value_object(name), NULL) : NULL;
    if (text == NULL) {
        return -1;
    }
    snprintf(out->encoding, sizeof out->encoding, "%s", text);
    return 0;
}

int bootstrap_streams(void)
{
    if (value_is_null(import_module("encodings"))) {
        return -1;
    }
    Value open_function = import_attribute("_io", "open");
    if (value_is_null(import_module("io")) ||
        module_add(import_state.builtins, "open", open_function) < 0) {
        return -1;
    }
    struct stream_settings s;
    if (read_stream_settings(&s) < 0) {
        return -1;
    }
    const char *encoding = s.encoding, *errors = s.errors;
    bool interactive = isatty(0) && isatty(1);
    return add_stream("stdin", "__stdin__",
                      open_stream(0, "<stdin>", "r", errors, encoding, false)) < 0 ||
                   add_stream("stdout", "__stdout__",
                              open_stream(1, "<stdout>", "w", errors, encoding,
                                          isatty(1) || interactive)) < 0 ||
                   add_stream("stderr", "__stderr__",
                              open_stream(2, "<stderr>", "w", "backslashreplace", encoding, true)) <
                       0
               ? -1
               : 0;
}

/* ---- __main__ and site */

static int make_main(void)
{
    PyObject *module = module_new("__main__");
    Value loader = import_attribute("_frozen_importlib", "BuiltinImporter");
    if (module == NULL || value_is_null(loader)) {
        return -1;
    }
    PyObject *dict = module_dict(module);
    return dict_set_str(dict, names.__builtins__, value_from_object(import_state.builtins)) < 0 ||
                   dict_set_str(dict, names.__loader__, loader) < 0 ||
                   dict_set_str(dict, names.__annotations__, value_from_object(dict_new())) < 0
               ? -1
               : dict_set_str(import_state.modules, names.__main__, value_from_object(module));
}

static int enable_faulthandler(void)
{
    Value enable = import_attribute("faulthandler", "enable");
    return value_is_null(enable) || value_is_null(object_call0(enable)) ? -1 : 0;
}

int bootstrap_site(void)
{
    if (make_main() < 0 || bootstrap_zip_hook() < 0 ||
        (sys_config.faulthandler && enable_faulthandler() < 0)) {
        return -1;
    }
    if (list_length(sys_config.warn_options) > 0 && value_is_null(import_module("warnings"))) {
        return -1;
    }
    if (sys_config.no_site) {
        return 0;
    }
    return value_is_null(import_module("site")) ? -1 : 0;
}
