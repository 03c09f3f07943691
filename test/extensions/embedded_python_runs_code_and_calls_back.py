"""A C program runs Python code, calls a Python function, and brings extension modules along."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import build, path, run

SOURCE = r'''
static int calls;
static PyObject *count(PyObject *m, PyObject *args) {
    long n;
    if (!PyArg_ParseTuple(args, "l", &n)) return NULL;
    calls++;
    return PyLong_FromLong(n * 2);
}
static PyMethodDef methods[] = {{"count", count, METH_VARARGS, "Doubles."}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "host", "The program.", -1, methods};
static PyObject *init_host(void) { return PyModule_Create(&def); }

typedef struct { PyObject_HEAD int x; PyObject *kept; } Point;
static PyObject *point_repr(PyObject *o) { return PyUnicode_FromFormat("Point(%d)", ((Point *)o)->x); }
static int point_init(PyObject *o, PyObject *args, PyObject *kw) {
    Point *p = (Point *)o;
    PyObject *kept = NULL;
    if (!PyArg_ParseTuple(args, "i|O", &p->x, &kept)) return -1;
    Py_XINCREF(kept);
    Py_XSETREF(p->kept, kept);
    return 0;
}
static void point_dealloc(PyObject *o) { Py_XDECREF(((Point *)o)->kept); Py_TYPE(o)->tp_free(o); }
static PyTypeObject Point_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "shapes.Point",
    .tp_basicsize = sizeof(Point), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_new = PyType_GenericNew,
    .tp_init = point_init, .tp_repr = point_repr, .tp_dealloc = point_dealloc};
static int shapes_exec(PyObject *m) {
    if (PyType_Ready(&Point_Type) < 0) return -1;
    return PyModule_AddObjectRef(m, "Point", (PyObject *)&Point_Type);
}
static PyModuleDef_Slot shapes_slots[] = {{Py_mod_exec, shapes_exec}, {0, NULL}};
static struct PyModuleDef shapes_def = {PyModuleDef_HEAD_INIT, "shapes", NULL, 0, NULL, shapes_slots};
static PyObject *init_shapes(void) { return PyModuleDef_Init(&shapes_def); }

static void show(PyObject *o) {
    if (o == NULL) { PyErr_Print(); return; }
    PyObject_Print(o, stdout, 0);
    printf("\n");
    Py_DECREF(o);
}

int main(void) {
    printf("%d %d\n", Py_IsInitialized(), PyImport_AppendInittab("host", init_host));
    PyImport_AppendInittab("shapes", init_shapes);
    Py_Initialize();
    printf("%d\n", Py_IsInitialized());
    fflush(stdout);
    printf("status %d\n", PyRun_SimpleString(
        "import host, sys\n"
        "print([host.count(i) for i in range(3)], 'host' in sys.builtin_module_names, host.__spec__.origin,\n"
        "      hasattr(host, '__file__'), host.__doc__, sys.argv, flush=True)\n"
        "def f(a, *, b=1): return {'a': a, 'b': b}\n"));
    fflush(stdout);
    printf("calls %d\n", calls);
    PyObject *main = PyImport_AddModule("__main__"), *dict = PyModule_GetDict(main);
    PyObject *f = PyDict_GetItemString(dict, "f");
    show(PyObject_CallFunction(f, "s", "x"));
    PyObject *args = Py_BuildValue("([ii])", 1, 2), *kw = Py_BuildValue("{s:d}", "b", 1.5);
    show(PyObject_Call(f, args, kw));
    show(PyObject_CallFunction(f, NULL));
    show(PyRun_String("[x * x for x in range(5)]", Py_eval_input, dict, dict));
    show(PyRun_String("1 +", Py_eval_input, dict, dict));
    show(PyRun_String("import shapes\nclass P(shapes.Point): pass\np = P(3, [1])", Py_file_input, dict, dict));
    show(PyRun_String("(p, shapes.Point(4), P.__mro__[1] is shapes.Point)", Py_eval_input, dict, dict));
    PyObject *code = Py_CompileString("a + 1", "here", Py_eval_input);
    PyObject *scope = Py_BuildValue("{s:i}", "a", 41);
    show(PyEval_EvalCode(code, scope, scope));
    printf("%d\n", PyRun_SimpleString("raise ValueError('to stderr')"));
    printf("%d\n", PyRun_SimpleString("def g(:"));
    Py_DECREF(args); Py_DECREF(kw); Py_DECREF(code); Py_DECREF(scope);
    /* Objects of the program's, with collections in between. */
    PyObject *kept[100];
    for (int i = 0; i < 100; i++)
        kept[i] = PyObject_CallFunction((PyObject *)&Point_Type, "i[s]", i, "text");
    PyRun_SimpleString("import gc\nfor i in range(3): [[] for j in range(100000)]; gc.collect()");
    long sum = 0;
    for (int i = 0; i < 100; i++) { sum += ((Point *)kept[i])->x + PyList_GET_SIZE(((Point *)kept[i])->kept); Py_DECREF(kept[i]); }
    printf("%ld\n", sum);
    FILE *file = fopen("script.py", "r");
    printf("file %d\n", PyRun_SimpleFileEx(file, "script.py", 1));
    file = fopen("value.py", "r");
    show(PyRun_FileEx(file, "value.py", Py_eval_input, dict, dict, 1));
    file = fopen("script.py", "r");
    printf("any %d\n", PyRun_AnyFileEx(file, "script.py", 1));
    PySys_WriteStdout("%s %d\n", "written", 7);
    PySys_FormatStderr("%R\n", dict == NULL ? Py_None : Py_True);
    wchar_t *argv[] = {L"/usr/lib/python3/name", L"one", L"zwei \u00e4"};
    PySys_SetArgv(3, argv);
    PyRun_SimpleString("import sys; print(sys.argv, sys.path[0])");
    PySys_SetArgvEx(0, NULL, 0);
    PyRun_SimpleString("print(sys.argv, sys.path[0])");
    printf("end %d", Py_FinalizeEx());
    printf(" %d\n", Py_IsInitialized());
    return 3;
}
'''
program = build(SOURCE)
with open(path("script.py"), "w") as file:
    file.write("import sys\nprint('script', __name__, __file__, type(__loader__).__name__, sys.argv)\n1 / 0\n")
with open(path("value.py"), "w") as file:
    file.write("len('four') + 1\n")
run(program)
