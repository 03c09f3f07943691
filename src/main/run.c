/* SPDX-License-Identifier: MIT */
/* Runs what the command line asks for, in the module __main__. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytecode/code.h"
#include "compile/compile.h"
#include "main/main_int.h"
#include "module/import.h"
#include "module/sys.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "vm/vm.h"

static PyObject *main_dict(void)
{
    return module_dict(value_object(dict_get_str(import_state.modules, names.__main__)));
}

int run_prepend_path(PyObject *entry)
{
    Value path = sys_get("path");
    if (entry == NULL) {
        return -1;
    }
    return !list_check(path) ? 0 : list_insert(value_object(path), 0, value_from_object(entry));
}

static PyObject *current_directory(void)
{
    char path[4096];
    return getcwd(path, sizeof path) == NULL ? str_empty()
                                             : str_from_filename(path, (Py_ssize_t)strlen(path));
}

static PyObject *script_folder(const wchar_t *script)
{
    char path[4096];
    char *name = Py_EncodeLocale(script, NULL);
    if (name == NULL) {
        return str_empty();
    }
    if (realpath(name, path) == NULL) {
        snprintf(path, sizeof path, "%s", name);
    }
    PyMem_Free(name);
    char *slash = strrchr(path, '/');
    return slash == NULL ? str_empty() : str_from_filename(path, slash == path ? 1 : slash - path);
}

PyObject *run_first_path(const wchar_t *argument)
{
    if (wcscmp(argument, L"-m") == 0) {
        return current_directory();
    }
    return wcscmp(argument, L"-c") == 0 ? str_empty() : script_folder(argument);
}

/* By sys.argv, unless -P or -I. 0 or -1. */
static int prepend_first_path(void)
{
    const PyWideStringList *argv = &runtime_config()->argv;
    return sys_config.safe_path
               ? 0
               : run_prepend_path(run_first_path(argv->length == 0 ? L"" : argv->items[0]));
}

/* The exit status for the current exception, after printing it. KeyboardInterrupt ends the process
 * as the signal would. */
static int report(void)
{
    bool interrupted = error_matches(PyExc_KeyboardInterrupt);
    error_print();
    if (interrupted) {
        runtime_finish();
        signal(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
        return 130;
    }
    return 1;
}

static int run_source(const char *source, size_t length, PyObject *filename, enum parse_mode mode,
                      PyObject *dict)
{
    bool is_file = !str_equal_text(filename, "<string>");
    struct compile_options options = {.filename = filename, .optimize = -1, .is_file = is_file};
    PyObject *code = compile_source(source, length, mode, &options);
    Value done = code == NULL ? VALUE_NULL : vm_run(code, dict, value_from_object(dict), NULL);
    if (is_file) {
        shutdown_flush_streams();
    }
    return value_is_null(done) ? report() : 0;
}

/* Everything that can be read from a descriptor. */
static PyObject *read_all(int fd)
{
    PyObject *buffer = bytes_new_unfilled(65536);
    Py_ssize_t have = 0;
    while (buffer != NULL) {
        if (have == bytes_length(buffer)) {
            PyObject *bigger = bytes_new_unfilled(have * 2);
            if (bigger == NULL) {
                return NULL;
            }
            memcpy(bytes_data(bigger), bytes_data(buffer), (size_t)have);
            buffer = bigger;
        }
        ssize_t n = read(fd, bytes_data(buffer) + have, (size_t)(bytes_length(buffer) - have));
        if (n < 0 && errno != EINTR) {
            error_from_errno(NULL);
            return NULL;
        }
        if (n == 0) {
            return bytes_truncate(buffer, have);
        }
        have += n > 0 ? n : 0;
    }
    return NULL;
}

static const char *after_first_line(const char *source, size_t *length)
{
    const char *end = memchr(source, '\n', *length);
    if (end == NULL) {
        return source;
    }
    *length -= (size_t)(end - source); /* the newline stays, so that lines keep their numbers */
    return end;
}

/* ---- -c, -m, files */

static int run_command(const wchar_t *command)
{
    if (prepend_first_path() < 0) {
        return report();
    }
    PyObject *text = bootstrap_text(command);
    if (text != NULL && sys_audit_values("cpython.run_command", "O", value_from_object(text)) < 0) {
        return report();
    }
    const char *source = text == NULL ? NULL : str_utf8(text, NULL);
    if (source == NULL) {
        fputs("Unable to decode the command from the command line:\n", stderr);
        return report();
    }
    return run_source(source, strlen(source), str_intern_text("<string>"), PARSE_FILE, main_dict());
}

static int run_module(PyObject *name, bool alter_argv)
{
    Value function = import_attribute("runpy", "_run_module_as_main");
    Value args[2] = {value_from_object(name), value_from_bool(alter_argv)};
    if (value_is_null(function) || sys_audit("cpython.run_module", args, 1) < 0 ||
        value_is_null(object_call(function, args, 2, NULL))) {
        return report();
    }
    return 0;
}

static int run_named_module(const wchar_t *name)
{
    if (prepend_first_path() < 0) {
        return report();
    }
    return run_module(bootstrap_text(name), true);
}

static int set_script_globals(PyObject *dict, PyObject *filename, const char *loader_class)
{
    Value type = import_attribute("_frozen_importlib_external", loader_class);
    Value loader = value_is_null(type) ? type
                                       : object_call2(type, value_from_object(names.__main__),
                                                      value_from_object(filename));
    return value_is_null(loader) || dict_set_str(dict, names.__loader__, loader) < 0 ||
                   dict_set_str(dict, names.__file__, value_from_object(filename)) < 0
               ? -1
               : dict_set_str(dict, names.__cached__, VALUE_NONE);
}

/* The directory of a zip file is at its end: a record of 22 bytes, and perhaps a comment. */
static bool is_zip(int fd, off_t size)
{
    enum { RECORD = 22, MOST_COMMENT = 1 << 16 };
    const off_t most = RECORD + MOST_COMMENT;
    char *tail = malloc((size_t)most);
    if (tail == NULL) {
        return false;
    }
    ssize_t n = pread(fd, tail, (size_t)most, size > most ? size - most : 0);
    bool found = false;
    for (ssize_t i = n - RECORD; i >= 0 && !found; i--) {
        found = memcmp(tail + i, "PK\5\6", 4) == 0;
    }
    free(tail);
    return found;
}

/* A folder or a zip file: there should be a __main__ in it. */
static bool is_package(int fd, const struct stat *status)
{
    return S_ISDIR(status->st_mode) || (S_ISREG(status->st_mode) && is_zip(fd, status->st_size));
}

/* A script is read by lines that end at a null byte: the rest of such a line is lost, and where it
 * is all of the line, the program ends. Returns the new length; works in place. */
static size_t drop_after_nulls(char *text, size_t length)
{
    char *out = text;
    for (char *line = text, *end = text + length; line < end && *line != 0;) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *next = newline == NULL ? end : newline + 1;
        size_t n = strnlen(line, (size_t)(next - line));
        memmove(out, line, n);
        out += n;
        line = next;
    }
    *out = 0;
    return (size_t)(out - text);
}

/* ---- Compiled files, by their name or their first two bytes: a header of 16 bytes and the code.
 */

#define PYC_HEADER_BYTES 16

static bool is_compiled(const char *path, PyObject *data)
{
    size_t n = strlen(path);
    char magic[4];
    bytecode_magic(magic);
    return (n > 4 && strcmp(path + n - 4, ".pyc") == 0) ||
           (bytes_length(data) >= 2 && memcmp(bytes_data(data), magic, 2) == 0);
}

/* The code object in the file; NULL with the exceptions of CPython. */
static PyObject *load_compiled(PyObject *data)
{
    Py_ssize_t length = bytes_length(data), consumed;
    char magic[4];
    bytecode_magic(magic);
    if (length < 4 || memcmp(bytes_data(data), magic, 4) != 0) {
        return error_raise_null(PyExc_RuntimeError, "Bad magic number in .pyc file");
    }
    if (length < PYC_HEADER_BYTES) {
        return error_raise_null(PyExc_EOFError, "EOF read where not expected");
    }
    Value code =
        marshal_load(bytes_data(data) + PYC_HEADER_BYTES, length - PYC_HEADER_BYTES, &consumed);
    if (value_is_null(code) || value_type(code) != &PyCode_Type) {
        error_clear();
        return error_raise_null(PyExc_RuntimeError, "Bad code object in .pyc file");
    }
    return value_object(code);
}

static int run_compiled(PyObject *data)
{
    PyObject *code = load_compiled(data);
    Value done =
        code == NULL ? VALUE_NULL : vm_run(code, main_dict(), value_from_object(main_dict()), NULL);
    shutdown_flush_streams();
    return value_is_null(done) ? report() : 0;
}

static int run_file(const PyConfig *config)
{
    PyObject *filename = bootstrap_text(config->run_filename);
    PyObject *bytes = filename == NULL ? NULL : str_to_filename(filename);
    if (bytes == NULL ||
        sys_audit_values("cpython.run_file", "O", value_from_object(filename)) < 0) {
        return report();
    }
    const char *path = bytes_data(bytes);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) {
        fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n",
                str_utf8(sys_config.executable, NULL), path, errno, strerror(errno));
        return 2;
    }
    if (is_package(fd, &status)) {
        close(fd);
        return run_prepend_path(filename) < 0 ? report() : run_module(names.__main__, false);
    }
    PyObject *source = read_all(fd);
    close(fd);
    bool compiled = source != NULL && is_compiled(path, source);
    if (source == NULL || prepend_first_path() < 0 ||
        set_script_globals(main_dict(), filename,
                           compiled ? "SourcelessFileLoader" : "SourceFileLoader") < 0) {
        return report();
    }
    if (compiled) {
        return run_compiled(source);
    }
    const char *text = bytes_data(source);
    size_t length = drop_after_nulls(bytes_data(source), (size_t)bytes_length(source));
    if (config->skip_source_first_line) {
        text = after_first_line(text, &length);
    }
    return run_source(text, length, filename, PARSE_FILE, main_dict());
}

/* ---- Standard input and the prompt */

static int run_prompt(bool banner)
{
    Value function = import_attribute("_orochi_prompt", "interact");
    if (value_is_null(function) ||
        value_is_null(
            object_call2(function, value_from_object(main_dict()), value_from_bool(banner)))) {
        return report();
    }
    return 0;
}

static int run_stdin(void)
{
    if (prepend_first_path() < 0 || sys_audit("cpython.run_stdin", NULL, 0) < 0) {
        return report();
    }
    if (isatty(0) || sys_config.interactive) {
        return run_prompt(!sys_config.quiet);
    }
    PyObject *source = read_all(0);
    if (source == NULL) {
        return report();
    }
    size_t length = drop_after_nulls(bytes_data(source), (size_t)bytes_length(source));
    return run_source(bytes_data(source), length, str_intern_text("<stdin>"), PARSE_FILE,
                      main_dict());
}

int run_program(const PyConfig *config)
{
    bool named =
        config->run_command != NULL || config->run_module != NULL || config->run_filename != NULL;
    int status = config->run_command != NULL    ? run_command(config->run_command)
                 : config->run_module != NULL   ? run_named_module(config->run_module)
                 : config->run_filename != NULL ? run_file(config)
                                                : run_stdin();
    if (named && (sys_config.inspect || getenv("PYTHONINSPECT") != NULL)) {
        status = run_prompt(false);
    }
    return status;
}
