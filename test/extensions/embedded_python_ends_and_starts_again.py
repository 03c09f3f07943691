"""Errors, exit codes, Py_Finalize, and starting again after it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import build, path, run

SOURCE = r'''
#include <signal.h>
#include <string.h>
static void first(void) { printf("first %d\n", Py_IsInitialized()); }
static void second(void) { printf("second\n"); }
static void at_c_exit(void) { printf("C exit %d\n", Py_IsInitialized()); }
static const char round_trip[] =
    "import sys, json, re, collections, threading, io, functools, pickle, datetime, decimal, random, struct, warnings, gc\n"
    "import contextlib, enum, dataclasses, logging, tempfile, subprocess, socket, select, array, zlib, csv, hashlib, ast\n"
    "first = 'marker' not in globals() and not hasattr(sys, 'marker') and not hasattr(collections, 'marker')\n"
    "marker = sys.marker = collections.marker = 1\n"
    "@dataclasses.dataclass\n"
    "class C:\n"
    "    x: int\n"
    "    def __del__(self): print('del', self.x, flush=True)\n"
    "c = C(7)\n"
    "E = enum.Enum('E', 'a b')\n"
    "out = []\n"
    "ts = [threading.Thread(target=lambda i=i: out.append(pickle.loads(pickle.dumps({'i': i, 'd': datetime.date(2020, 1, 1)})))) for i in range(4)]\n"
    "[t.start() for t in ts]; [t.join() for t in ts]\n"
    "print(first, json.dumps({'a': [1, 2.5, None]}), re.sub('a(.)', r'\\1', 'abac'), sorted(o['i'] for o in out), list(E),\n"
    "      decimal.Decimal('1.1') + 1, struct.pack('<h', 5), next(csv.reader(['a,b'])), hashlib.sha256(b'').hexdigest()[:8],\n"
    "      ast.unparse(ast.parse('x+1')), 'é'.encode('utf-16'), 'x'.encode('rot13' if 0 else 'cp1252'), array.array('i', [1]),\n"
    "      zlib.crc32(b'a'), functools.reduce(int.__add__, [1, 2]), io.StringIO('t').read(), type(sys.stdout).__name__,\n"
    "      sys.getrecursionlimit(), isinstance(out, collections.abc.Sequence), gc.callbacks)\n"
    "with warnings.catch_warnings(record=True) as w:\n"
    "    warnings.simplefilter('always'); warnings.warn('w'); print(len(w))\n"
    "import atexit; atexit.register(print, 'atexit')\n"
    "f = open('flushed', 'a'); f.write('text')\n";

int main(int argc, char **argv) {
    const char *what = argv[1];
    atexit(at_c_exit);
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!strcmp(what, "twice")) {
        for (int i = 0; i < 3; i++) {
            Py_Initialize();
            Py_AtExit(first);
            Py_AtExit(second);
            printf("round %d: %d\n", i, PyRun_SimpleString(round_trip));
            printf("end %d %d\n", Py_FinalizeEx(), Py_IsInitialized());
            char text[64] = "";
            FILE *f = fopen("flushed", "r");
            fgets(text, sizeof text, f);
            fclose(f);
            printf("%s\n", text);
        }
        Py_Finalize();
        return 0;
    }
    Py_Initialize();
    if (!strcmp(what, "exit")) { PyRun_SimpleString("import sys; sys.exit(3)"); return 1; }
    if (!strcmp(what, "message")) { PyRun_SimpleString("import sys; sys.exit('a message')"); return 1; }
    if (!strcmp(what, "pyexit")) { PyRun_SimpleString("print('before')"); Py_Exit(6); }
    if (!strcmp(what, "fatal")) { Py_FatalError("nothing works"); }
    if (!strcmp(what, "fetch")) {
        PyObject *type, *value, *traceback;
        PyObject *r = PyRun_String("{}['key']", Py_eval_input, PyEval_GetBuiltins(), PyEval_GetBuiltins());
        printf("%d %d\n", r == NULL, PyErr_ExceptionMatches(PyExc_KeyError));
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        PyObject *s = PyObject_Repr(value);
        printf("%s %d\n", PyUnicode_AsUTF8(s), traceback != NULL);
        Py_XDECREF(type); Py_XDECREF(value); Py_XDECREF(traceback); Py_XDECREF(s);
        PyErr_SetString(PyExc_ValueError, "set by C");
        PyErr_Print();
        printf("%d\n", PyErr_Occurred() != NULL);
        return Py_FinalizeEx();
    }
    if (!strcmp(what, "closed")) {
        PyRun_SimpleString("import os, sys; print('lost'); os.close(1)");
        fprintf(stderr, "%d\n", Py_FinalizeEx());
        return 0;
    }
    if (!strcmp(what, "signal")) {
        PyRun_SimpleString("import signal; signal.signal(signal.SIGTERM, lambda n, f: print('got', n))");
        raise(SIGTERM);
        PyRun_SimpleString("for i in range(1000): pass");
        PyRun_SimpleString("import os\ntry:\n    os.kill(os.getpid(), signal.SIGINT)\n    for i in range(1000000): pass\nexcept KeyboardInterrupt:\n    print('interrupted')");
        Py_Finalize();
        printf("%d %d\n", PyOS_getsig(SIGTERM) == SIG_DFL, PyOS_getsig(SIGINT) == SIG_DFL);
        return 0;
    }
    if (!strcmp(what, "daemon")) {
        PyRun_SimpleString("import threading, time\n"
            "def work():\n    while True: time.sleep(0.001); [i for i in range(1000)]\n"
            "for i in range(3): threading.Thread(target=work, daemon=True).start()\n"
            "t = threading.Thread(target=lambda: (time.sleep(0.05), print('joined')))\nt.start()\n");
        Py_Finalize();
        return 0;
    }
    if (!strcmp(what, "interactive")) {
        FILE *f = fopen("session", "r");
        int status = PyRun_InteractiveLoop(f, "session");
        printf("\nloop %d\n", status);
        rewind(f);
        for (int i = 0; i < 9; i++) printf("[%d]", PyRun_InteractiveOne(f, "session"));
        fclose(f);
        Py_Finalize();
        return 0;
    }
    return 99;
}
'''
program = build(SOURCE)
with open(path("session"), "w") as file:
    file.write("x = 1\nif x:\n    print('yes')\n\n1 / 0\nx + 1\ny =\nsys\n")
done = run(program, "twice", show=False)  # python3.11 warns of the open file, depending on the order of its end
print(done.stdout, done.returncode)
for what in ("exit", "message", "pyexit", "fetch", "closed", "signal", "daemon", "interactive"):
    print("--", what)
    run(program, what)
done = run(program, "fatal", show=False)
print(done.returncode, done.stderr.splitlines()[0].replace("Py_FatalError: ", ""))
