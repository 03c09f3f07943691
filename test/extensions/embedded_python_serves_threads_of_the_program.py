"""Threads that the C program makes call Python at the same time, while Python's own run."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import build, run

SOURCE = r'''
#include <pthread.h>
#include <stdlib.h>
static PyObject *work, *shared, *log_list;
static int failures;

static void *ensure_and_call(void *p) {
    long me = (long)p;
    for (int i = 0; i < 200; i++) {
        PyGILState_STATE s = PyGILState_Ensure();
        PyGILState_STATE inner = PyGILState_Ensure();
        PyObject *r = PyObject_CallFunction(work, "ll", me, (long)i);
        if (r == NULL || PyLong_AsLong(r) != me * 1000 + i) { PyErr_Print(); failures++; }
        Py_XDECREF(r);
        Py_BEGIN_ALLOW_THREADS
        if (i % 50 == 0) { struct timespec t = {0, 1000000}; nanosleep(&t, NULL); }
        Py_END_ALLOW_THREADS
        PyObject *n = PyLong_FromLong(me * 1000 + i);
        if (PyList_Append(shared, n) < 0) failures++;
        Py_DECREF(n);
        PyGILState_Release(inner);
        PyGILState_Release(s);
    }
    return NULL;
}

/* One state for the thread's whole life, made by the thread itself. */
static void *own_state(void *p) {
    PyThreadState *s = PyThreadState_New(PyInterpreterState_Main());
    for (int i = 0; i < 50; i++) {
        PyEval_AcquireThread(s);
        if (PyThreadState_Get() != s) failures++;
        PyObject *r = PyObject_CallFunction(work, "ll", (long)p, (long)i);
        if (r == NULL) { PyErr_Print(); failures++; }
        Py_XDECREF(r);
        PyEval_ReleaseThread(s);
    }
    PyEval_AcquireThread(s);
    PyThreadState_Clear(s);
    PyThreadState_DeleteCurrent();
    return NULL;
}

static void *fail(void *p) {
    PyGILState_STATE s = PyGILState_Ensure();
    PyObject *r = PyRun_String("1 / 0", Py_eval_input, PyEval_GetBuiltins(), PyEval_GetBuiltins());
    if (r != NULL || !PyErr_ExceptionMatches(PyExc_ZeroDivisionError)) failures++;
    PyErr_Clear();
    PyGILState_Release(s);
    return NULL;
}

/* Starts the interpreter and ends it, in a thread that is not the program's first. */
static void *whole_life(void *p) {
    Py_InitializeEx(0);
    PyRun_SimpleString("import threading\n"
        "print('in a thread', threading.current_thread() is threading.main_thread())\n"
        "t = threading.Thread(target=print, args=('from another',)); t.start(); t.join()");
    printf("%d\n", Py_FinalizeEx());
    return NULL;
}

static void in_thread(void *(*f)(void *)) {
    pthread_t t;
    pthread_create(&t, NULL, f, NULL);
    pthread_join(t, NULL);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    Py_Initialize();
    PyRun_SimpleString(
        "import threading, gc\n"
        "shared = []\n"
        "table = {}\n"
        "def work(me, i):\n"
        "    table[me, i] = [str(j) for j in range(i % 7)]\n"
        "    class C: pass\n"
        "    C.x = [C]\n"
        "    assert threading.current_thread().is_alive()\n"
        "    return me * 1000 + i\n"
        "stop = False\n"
        "def background():\n"
        "    while not stop:\n"
        "        gc.collect(); sum(range(1000))\n"
        "ours = [threading.Thread(target=background) for i in range(2)]\n"
        "[t.start() for t in ours]\n");
    PyObject *dict = PyModule_GetDict(PyImport_AddModule("__main__"));
    work = PyDict_GetItemString(dict, "work");
    shared = PyDict_GetItemString(dict, "shared");
    printf("%d\n", PyGILState_Check());
    pthread_t threads[12];
    PyThreadState *saved = PyEval_SaveThread();
    printf("%d\n", PyGILState_Check());
    for (long i = 0; i < 12; i++)
        pthread_create(&threads[i], NULL, i < 8 ? ensure_and_call : i < 10 ? own_state : fail, (void *)i);
    for (int i = 0; i < 12; i++) pthread_join(threads[i], NULL);
    PyEval_RestoreThread(saved);
    PyRun_SimpleString("stop = True\n[t.join() for t in ours]\n"
        "print(len(shared), len(set(shared)), len(table), threading.active_count())");
    printf("failures %d\n", failures);
    printf("%d\n", Py_FinalizeEx());
    in_thread(whole_life);
    in_thread(whole_life);
    Py_Initialize();
    PyRun_SimpleString("import threading; print('again', threading.current_thread() is threading.main_thread())");
    return Py_FinalizeEx();
}
'''
program = build(SOURCE, "program", "-pthread")
run(program)
