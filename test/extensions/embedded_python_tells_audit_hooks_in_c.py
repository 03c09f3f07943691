"""A program adds audit hooks before the start and later; they hear of the end, and are gone after it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import build, path, run

SOURCE = r'''
#include <string.h>
static int hook(const char *event, PyObject *args, void *data) {
    const char *name = data;
    if (strncmp(event, "cpython.Py", 10) && strncmp(event, "cpython._PySys", 14) && strncmp(event, "test", 4) &&
        strcmp(event, "sys.addaudithook")) return 0;
    printf("%s: %s, %d arguments, initialized %d, state %d\n", name, event, (int)PyTuple_Size(args), Py_IsInitialized(),
           _PyThreadState_UncheckedGet() != NULL);
    fflush(stdout);
    if (name[0] == 'R') PyErr_SetString(PyExc_ValueError, name);
    return name[0] == 'R' || name[0] == 'S' ? -1 : 0;
}
static int runs(const char *event, PyObject *args, void *data) {
    if (strncmp(event, "cpython.run_", 12)) return 0;
    printf("%s ", event);
    PyObject_Print(args, stdout, 0);
    printf("\n");
    fflush(stdout);
    if (getenv("REFUSE")) PyErr_SetString(PyExc_PermissionError, event);
    return getenv("REFUSE") ? -1 : 0;
}
int main(int argc, char **argv) {
    if (!strcmp(argv[1], "main")) {
        PySys_AddAuditHook(runs, NULL);
        argv[1] = argv[0];
        return Py_BytesMain(argc - 1, argv + 1);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 2; i < argc; i++) printf("add %s: %d\n", argv[i], PySys_AddAuditHook(hook, argv[i]));
        printf("before: %d\n", PySys_Audit("test.before", "i", 1));
        Py_Initialize();
        printf("audit: %d", PySys_Audit("test.here", "i", 1));
        printf(" %d\n", PyErr_Occurred() != NULL);
        PyErr_Clear();
        printf("add: %d", PySys_AddAuditHook(hook, "late"));
        printf(" %d\n", PyErr_Occurred() != NULL);
        PyErr_Clear();
        fflush(stdout);
        PyRun_SimpleString(argv[1]);
        printf("end: %d\n", Py_FinalizeEx());
        printf("after: %d\n", PySys_Audit("test.after", "i", 1));
    }
}
'''
CODE = r"""
import os, sys
def hook(event, args, write=os.write, encode=str.encode, kinds=("cpython.", "test.co", "sys.add")):
    if event[:8] in kinds:
        write(1, encode("Python: " + event + "\n"))
sys.addaudithook(hook)
try:
    sys.audit("test.code", 1, 2)
except ValueError as e:
    print("refused", e, flush=True)
"""
program = build(SOURCE)
run(program, CODE, "A", "B")
run(program, CODE, "A", "R", "B")
run(program, "pass", "S", "B")
run(program, CODE)
run(program, CODE + "sys.addaudithook(print)", "A")
run(program, CODE + "sys.addaudithook(lambda *a: 1/0)")
with open(path("script.py"), "w") as file:
    file.write("print('script')\n")
for environment in ({}, {"REFUSE": "1"}):
    run(program, "main", "-c", "print('command')", environment=environment)
    run(program, "main", "script.py", environment=environment)
    run(program, "main", "missing.py", environment=environment)
    run(program, "main", "-m", "script", environment=environment)
    run(program, "main", input="print('input')", environment=environment)
