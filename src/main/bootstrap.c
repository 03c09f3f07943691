/* SPDX-License-Identifier: MIT */
/* Start-up above the engine: the first modules, importlib, the standard streams, site.
 *
 * importlib is the standard library's, run from its source. Its two core files are compiled once
 * and kept as marshalled code in the cache directory (written to a temporary name, then renamed).
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "base/hash.h"
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

PyObject *bootstrap_text(const wchar_t *s)
{
    return str_from_ucs4((const Py_UCS4 *)s, (Py_ssize_t)wcslen(s));
}

const char *bootstrap_cache_directory(void)
{
    HOLDS_NO_CELLS static char path[4096];
    if (path[0] != 0) {
        return path;
    }
    const wchar_t *prefix = runtime_config()->pycache_prefix;
    char *bytes = prefix == NULL ? NULL : Py_EncodeLocale(prefix, NULL);
    const char *home = getenv("HOME");
    if (bytes != NULL) {
        snprintf(path, sizeof path, "%s", bytes);
        PyMem_Free(bytes);
    } else if (home != NULL && *home == '/') {
        snprintf(path, sizeof path, "%s/.cache/orochi", home);
    }
    return path[0] == 0 ? NULL : path;
}

static PyObject *filename_text(const char *s)
{
    return str_from_filename(s, (Py_ssize_t)strlen(s));
}

PyObject *bootstrap_list(const PyWideStringList *texts)
{
    PyObject *list = list_new(texts->length);
    for (Py_ssize_t i = 0; list != NULL && i < texts->length; i++) {
        PyObject *text = bootstrap_text(texts->items[i]);
        if (text == NULL || list_append(list, value_from_object(text)) < 0) {
            return NULL;
        }
    }
    return list;
}

int bootstrap_add_x_option(PyObject *dict, const wchar_t *option)
{
    const wchar_t *equals = wcschr(option, '=');
    PyObject *name = equals == NULL ? bootstrap_text(option)
                                    : str_from_ucs4((const Py_UCS4 *)option, equals - option);
    Value value = equals == NULL ? VALUE_TRUE : value_from_object(bootstrap_text(equals + 1));
    return name == NULL || value_is_null(value) ? -1
                                                : dict_set(dict, value_from_object(name), value);
}

static PyObject *x_option_dict(const PyWideStringList *options)
{
    PyObject *dict = dict_new();
    for (Py_ssize_t i = 0; dict != NULL && i < options->length; i++) {
        if (bootstrap_add_x_option(dict, options->items[i]) < 0) {
            return NULL;
        }
    }
    return dict;
}

int bootstrap_config_objects(const PyConfig *config)
{
    struct sys_config *s = &sys_config;
    const char *cache = bootstrap_cache_directory();
    if (cache == NULL) {
        s->dont_write_bytecode = 1; /* Debian's directories are never written to */
    }
    bytes_warning_level = config->bytes_warning;
    s->pycache_prefix = cache == NULL ? Py_None : filename_text(cache);
    const struct {
        PyObject **field, *value;
    } rows[] = {
        {&s->argv, bootstrap_list(&config->argv)},
        {&s->orig_argv, bootstrap_list(&config->orig_argv)},
        {&s->warn_options, bootstrap_list(&config->warnoptions)},
        {&s->x_options, x_option_dict(&config->xoptions)},
        {&s->path, bootstrap_list(&config->module_search_paths)},
        {&s->executable, bootstrap_text(config->executable)},
        {&s->base_executable, bootstrap_text(config->base_executable)},
        {&s->prefix, bootstrap_text(config->prefix)},
        {&s->base_prefix, bootstrap_text(config->base_prefix)},
        {&s->exec_prefix, bootstrap_text(config->exec_prefix)},
        {&s->base_exec_prefix, bootstrap_text(config->base_exec_prefix)},
        {&s->platlibdir, bootstrap_text(config->platlibdir)},
        {&s->stdlib_dir, bootstrap_text(config->stdlib_dir)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *rows[i].field = rows[i].value;
        if (rows[i].value == NULL) {
            return -1;
        }
    }
    return s->pycache_prefix == NULL ? -1 : 0;
}

/* ---- Code of importlib */

struct code_stamp { /* head of a cached file: the code is good for this very source */
    uint32_t version, unused;
    int64_t seconds, size;
    uint64_t hash; /* of the code that follows */
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

static PyObject *load_cached(const char *name, struct code_stamp *stamp)
{
    char path[4200];
    struct stat status;
    if (bootstrap_cache_directory() == NULL) {
        return NULL;
    }
    cache_path(path, sizeof path, name);
    PyObject *bytes = read_file(path, &status);
    if (bytes == NULL || bytes_length(bytes) < (Py_ssize_t)sizeof *stamp) {
        return NULL;
    }
    const char *data = bytes_data(bytes) + sizeof *stamp;
    Py_ssize_t length = bytes_length(bytes) - (Py_ssize_t)sizeof *stamp, consumed;
    stamp->hash = hash_checksum(data, (size_t)length);
    if (memcmp(bytes_data(bytes), stamp, sizeof *stamp) != 0) {
        return NULL;
    }
    Value code = marshal_load(data, length, &consumed);
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
static void store_cached(const char *name, struct code_stamp *stamp, PyObject *code)
{
    char path[4200], temporary[4300];
    PyObject *bytes = marshal_dump(value_from_object(code), 4);
    if (bytes == NULL || bootstrap_cache_directory() == NULL || sys_config.dont_write_bytecode) {
        error_clear();
        return;
    }
    stamp->hash = hash_checksum(bytes_data(bytes), (size_t)bytes_length(bytes));
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
    struct code_stamp stamp = {bytecode_version(), 0, status.st_mtime, status.st_size, 0};
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
    char magic[4];
    uint32_t raw;
    bytecode_magic(magic);
    memcpy(&raw, magic, sizeof raw);
    return module_add(external, "MAGIC_NUMBER", value_from_object(bytes_new(magic, 4))) < 0
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
    if (external == NULL || set_magic_number(external) < 0 || import_seal_caches(external) < 0) {
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
    PyObject *printer = io_printer_new(STDERR_FILENO); /* -v tells of imports before the streams */
    if (printer == NULL || module_add(import_state.sys, "stderr", value_from_object(printer)) < 0 ||
        module_add(import_state.sys, "modules", value_from_object(modules)) < 0 ||
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

struct stream_settings {
    char encoding[128], errors[128];
};

/* The encoding by its codec's own name. 0 or -1. */
static int read_stream_settings(struct stream_settings *out)
{
    const PyConfig *config = runtime_config();
    snprintf(out->encoding, sizeof out->encoding, "%ls", config->stdio_encoding);
    snprintf(out->errors, sizeof out->errors, "%ls", config->stdio_errors);
    if (strcmp(out->encoding, "utf-8") == 0) {
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
