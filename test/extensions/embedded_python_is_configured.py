"""PyConfig, PyPreConfig and the functions from before there was PyConfig: what they decide."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import build, path, run

SOURCE = r'''
#include <string.h>
#include <stdlib.h>
#include <locale.h>
static void text(const char *name, const wchar_t *s) { if (s) printf(" %s='%ls'", name, s); }
static void list(const char *name, const PyWideStringList *l) {
    printf(" %s=[", name);
    for (Py_ssize_t i = 0; i < l->length; i++) printf("%s%ls", i ? "|" : "", l->items[i]);
    printf("]");
}
static void show(const char *when, const PyConfig *c) {
    printf("%s:", when);
#define I(f) printf(" %s=%d", #f, (int)c->f);
    I(isolated) I(use_environment) I(dev_mode) I(install_signal_handlers) I(use_hash_seed) I(hash_seed)
    I(faulthandler) I(tracemalloc) I(import_time) I(code_debug_ranges) I(parse_argv) I(site_import)
    I(bytes_warning) I(warn_default_encoding) I(inspect) I(interactive) I(optimization_level) I(parser_debug)
    I(write_bytecode) I(verbose) I(quiet) I(user_site_directory) I(configure_c_stdio) I(buffered_stdio)
    I(safe_path) I(pathconfig_warnings) I(module_search_paths_set) I(skip_source_first_line)
    text("errors", c->stdio_errors); text("pycs", c->check_hash_pycs_mode); text("program", c->program_name);
    text("home", c->home); text("executable", c->executable); text("command", c->run_command);
    text("module", c->run_module); text("filename", c->run_filename); text("pycache", c->pycache_prefix);
    list("orig_argv", &c->orig_argv); list("argv", &c->argv); list("xoptions", &c->xoptions);
    list("warnoptions", &c->warnoptions);
    printf("\n");
}
static void status(const char *when, PyStatus s) {
    printf("%s: %d %d %d %s|%s %d\n", when, PyStatus_Exception(s), PyStatus_IsError(s), PyStatus_IsExit(s),
           s.func ? s.func : "", s.err_msg ? s.err_msg : "", s.exitcode);
    fflush(stdout);
}
static const char inside[] =
    "import sys\n"
    "flags = [f'{n}={getattr(sys.flags, n)}' for n in dir(sys.flags) if n[0] != '_' and n[:2] != 'n_'"
    " and n not in ('count', 'index')]\n"
    "print(sys.argv, sys.orig_argv, ' '.join(flags))\n"
    "print(sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.warnoptions, sys._xoptions)\n"
    "print([p for p in sys.path if not p.endswith(('lib/orochi', '/lib'))])\n"
    "print('site' in sys.modules, sys.stdin.encoding, sys.stdout.errors, sys.stderr.errors, sys.pycache_prefix is None"
    " or 'cache' in sys.pycache_prefix)\n"
    "import signal\nprint(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGPIPE))\n";

int main(int argc, char **argv) {
    const char *what = argv[1];
    setlocale(LC_ALL, "");
    PyConfig c;
    PyPreConfig p;
    argv[1] = argv[0];
    argc--, argv++;
    if (!strcmp(what, "defaults")) {
        PyConfig_InitPythonConfig(&c); show("python", &c); PyConfig_Clear(&c);
        PyConfig_InitIsolatedConfig(&c); show("isolated", &c);
        PyPreConfig_InitPythonConfig(&p);
        printf("%d %d %d %d %d %d %d %d\n", p.parse_argv, p.isolated, p.use_environment, p.configure_locale,
               p.coerce_c_locale, p.coerce_c_locale_warn, p.utf8_mode, p.dev_mode);
        PyPreConfig_InitIsolatedConfig(&p);
        printf("%d %d %d %d %d %d %d %d\n", p.parse_argv, p.isolated, p.use_environment, p.configure_locale,
               p.coerce_c_locale, p.coerce_c_locale_warn, p.utf8_mode, p.dev_mode);
        PyWideStringList l = {0};
        status("append", PyWideStringList_Append(&l, L"b"));
        status("insert", PyWideStringList_Insert(&l, 0, L"a"));
        status("insert", PyWideStringList_Insert(&l, 99, L"c"));
        status("insert", PyWideStringList_Insert(&l, -1, L"d"));
        list("list", &l);
        printf("\n");
        status("error", PyStatus_Error("message")); status("exit", PyStatus_Exit(7));
        status("memory", PyStatus_NoMemory()); status("ok", PyStatus_Ok());
        return 0;
    }
    if (!strcmp(what, "read") || !strcmp(what, "main") || !strcmp(what, "isolated")) {
        if (!strcmp(what, "isolated")) { PyConfig_InitIsolatedConfig(&c); c.parse_argv = 1; }
        else PyConfig_InitPythonConfig(&c);
        PySys_AddWarnOption(L"always::FutureWarning");
        status("argv", PyConfig_SetBytesArgv(&c, argc, argv));
        PyWideStringList_Append(&c.warnoptions, L"once::UserWarning");
        PyStatus s = PyConfig_Read(&c);
        status("read", s);
        if (!PyStatus_Exception(s)) {
            show("read", &c); status("again", PyConfig_Read(&c)); show("again", &c); }
        if (!PyStatus_Exception(s)) s = Py_InitializeFromConfig(&c);
        PyConfig_Clear(&c);
        status("start", s);
        if (PyStatus_Exception(s)) Py_ExitStatusException(s);
        printf("%ls|%ls|%ls|%ls\n", Py_GetProgramName(), Py_GetProgramFullPath(), Py_GetPrefix(), Py_GetExecPrefix());
        if (!strcmp(what, "main")) return Py_RunMain();
        PyRun_SimpleString(inside);
        return Py_FinalizeEx();
    }
    if (!strcmp(what, "fields")) {
        wchar_t *items[] = {L"prog", L"-c", L"not an option"};
        PyConfig_InitPythonConfig(&c);
        c.parse_argv = 0; c.site_import = 0; c.optimization_level = 1; c.quiet = 1; c.use_hash_seed = 1; c.hash_seed = 42;
        c.install_signal_handlers = 0; c.write_bytecode = 0; c.safe_path = 1; c.dev_mode = 0; c.bytes_warning = 1;
        status("argv", PyConfig_SetArgv(&c, 3, items));
        status("program", PyConfig_SetString(&c, &c.program_name, L"/opt/thing/run"));
        status("executable", PyConfig_SetBytesString(&c, &c.executable, "/opt/thing/\xc3\xa4/run"));
        status("encoding", PyConfig_SetString(&c, &c.stdio_encoding, L"latin-1"));
        status("errors", PyConfig_SetString(&c, &c.stdio_errors, L"replace"));
        wchar_t *options[] = {L"one", L"two=2"};
        status("options", PyConfig_SetWideStringList(&c, &c.xoptions, 2, options));
        wchar_t *paths[] = {L"/usr/lib/python3.11", L"/usr/lib/python3.11/lib-dynload", L"/nowhere"};
        status("paths", PyConfig_SetWideStringList(&c, &c.module_search_paths, 3, paths));
        c.module_search_paths_set = 1;
        status("start", Py_InitializeFromConfig(&c));
        PyConfig_Clear(&c);
        PyRun_SimpleString(inside);
        PyRun_SimpleString("print(hash('a'), __debug__, ascii('\\u20ac'), sys._xoptions)");
        int n; wchar_t **args;
        Py_GetArgcArgv(&n, &args);
        printf("%d %ls %d\n", n, args[n - 1], Py_OptimizeFlag);
        return Py_FinalizeEx();
    }
    if (!strcmp(what, "old")) {
        Py_SetProgramName(L"/opt/old/program");
        Py_SetPythonHome(L"/usr");
        Py_NoSiteFlag = 1; Py_OptimizeFlag = 2; Py_IgnoreEnvironmentFlag = 1; Py_DontWriteBytecodeFlag = 1;
        PySys_AddWarnOption(L"ignore"); PySys_AddXOption(L"opt=1");
        wchar_t *w = Py_DecodeLocale("\xc3\xa4 \xff", NULL);
        size_t at;
        char *b = Py_EncodeLocale(w, &at);
        printf("%d %x %x %s %zd\n", (int)wcslen(w), w[0], w[2], strcmp(b, "\xc3\xa4 \xff") ? "no" : "same", (Py_ssize_t)at);
        wchar_t bad[] = {L'a', 0xd800, 0};
        printf("%d\n", Py_EncodeLocale(bad, &at) == NULL);
        PyMem_RawFree(w); PyMem_Free(b);
        Py_InitializeEx(0);
        PyRun_SimpleString(inside);
        PySys_AddWarnOption(L"later"); PySys_AddXOption(L"late");
        PyRun_SimpleString("print(sys.warnoptions, sys._xoptions)");
        PySys_ResetWarnOptions();
        printf("%d %ls %ls\n", PySys_HasWarnOptions(), Py_GetProgramName(), Py_GetPythonHome());
        fflush(stdout);
        PyRun_SimpleString("print(sys.warnoptions)");
        PySys_SetPath(L"/a:/b");
        PyRun_SimpleString("print(sys.path)");
        return Py_FinalizeEx();
    }
    if (!strcmp(what, "bytesmain")) return Py_BytesMain(argc, argv);
    if (!strcmp(what, "widemain")) {
        wchar_t *wide[32];
        for (int i = 0; i < argc; i++) wide[i] = Py_DecodeLocale(argv[i], NULL);
        return Py_Main(argc, wide);
    }
    return 99;
}
'''
program = build(SOURCE)
with open(path("script.py"), "w") as file:
    file.write("import sys\nprint(sys.argv, __file__, sys.path[0])\nsys.exit(5)\n")
run(program, "defaults")
run(program, "read", "-W", "error", "-X", "foo=1", "-X", "bar", "-OO", "-qs", "-c", "pass", "-x", "y")
run(program, "read", "-Im", "name", "rest")
run(program, "read", "-bEP", "script.py", "-a")
run(program, "read", "-", "z")
run(program, "read", environment={"PYTHONOPTIMIZE": "1", "PYTHONWARNINGS": "default,error", "PYTHONSAFEPATH": "1",
                                  "PYTHONHASHSEED": "9", "PYTHONIOENCODING": "latin-1:replace", "PYTHONPATH": "/p:/q",
                                  "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1", "PYTHONVERBOSE": ""})
run(program, "read", "-E", environment={"PYTHONOPTIMIZE": "1", "PYTHONPATH": "/p", "PYTHONWARNINGS": "error"})
run(program, "read", "-Xdev", "-W", "error", "-W", "error", "-b", environment={"PYTHONWARNINGS": "error,ignore"})
run(program, "read", "-Z")
run(program, "read", "-c")
run(program, "read", "-X", "tracemalloc=x")
run(program, "read", environment={"PYTHONHASHSEED": "-1"})
run(program, "isolated", "-c", "1", environment={"PYTHONOPTIMIZE": "1", "PYTHONPATH": "/p"})
run(program, "main", "-c", "import sys; print(sys.argv, sys.path[0] == ''); sys.exit(4)", "a")
run(program, "main", "script.py", "b")
run(program, "main", "-m", "this.is.not.there")
run(program, "main", input="print('from stdin')\n")
run(program, "fields")
run(program, "old", environment={"PYTHONOPTIMIZE": "1", "PYTHONPATH": "/p"})
run(program, "bytesmain", "-c", "import sys; print(sys.argv, sys.executable)", "ä", "\udcff")
run(program, "bytesmain", "-m", "this.is.not.there")
run(program, "bytesmain", "missing.py")
run(program, "bytesmain", "--check-hash-based-pycs", "never")
run(program, "bytesmain", "-c", "raise SystemExit('text')")
run(program, "bytesmain", "-i", "-c", "x = 1", input="print(x)\n")
run(program, "widemain", "script.py", "c")
