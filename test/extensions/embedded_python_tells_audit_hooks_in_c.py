"""A program adds audit hooks before the start and later; they hear of the end, and are gone after it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import build, run

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
int main(int argc, char **argv) {
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
