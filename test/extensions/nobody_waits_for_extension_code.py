"""A thread that sits in extension code is stopped there by a collection: the others go on, and what
it has only borrowed stays alive."""
import gc
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
#include <time.h>
#include <unistd.h>

static void spin(double limit)
{
    struct timespec now, start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec + (now.tv_nsec - start.tv_nsec) / 1e9 < limit);
}

static PyObject *sit(PyObject *self, PyObject *seconds)
{
    spin(PyFloat_AsDouble(seconds));
    Py_RETURN_NONE;
}

/* Has the first item of the list in a register or on the stack, nowhere else; says so in the
 * second, a bytearray. */
static PyObject *borrow(PyObject *self, PyObject *list)
{
    PyObject *item = PyList_GET_ITEM(list, 0);
    *(volatile char *)PyByteArray_AS_STRING(PyList_GET_ITEM(list, 1)) = 1;
    spin(2.0);
    return Py_NewRef(item);
}

/* In and out of malloc all the time: a collection must not need its locks. */
static PyObject *churn(PyObject *self, PyObject *seconds)
{
    struct timespec now, start;
    void *cells[64] = {0};
    unsigned i = 0;
    double limit = PyFloat_AsDouble(seconds);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        for (int k = 0; k < 100; k++) {
            free(cells[i % 64]);
            cells[i % 64] = malloc(50 + i * 37 % 5000);
            i++;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec + (now.tv_nsec - start.tv_nsec) / 1e9 < limit);
    for (i = 0; i < 64; i++) {
        free(cells[i]);
    }
    Py_RETURN_NONE;
}

/* Makes objects and drops them, reading and counting as macros do. */
static PyObject *count(PyObject *self, PyObject *list)
{
    for (int i = 0; i < 300000; i++) {
        PyObject *item = PyList_GET_ITEM(list, i % PyList_GET_SIZE(list));
        Py_INCREF(item);
        PyObject *tuple = PyTuple_New(2);
        if (tuple == NULL) {
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, 0, item);
        PyTuple_SET_ITEM(tuple, 1, Py_NewRef(item));
        char *raw = PyObject_Malloc(64);
        raw[0] = 1;
        Py_DECREF(tuple);
        PyObject_Free(raw);
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"sit", sit, METH_O}, {"borrow", borrow, METH_O},
                                {"churn", churn, METH_O}, {"count", count, METH_O}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "sits", NULL, -1, methods};
PyMODINIT_FUNC PyInit_sits(void) { return PyModule_Create(&module); }
'''

sits = build_module("sits", SOURCE, "-O2")


def beside(f, argument, work):
    """Calls work() again and again while another thread is inside f; the result of f, and the
    longest call."""
    results = []
    t = threading.Thread(target=lambda: results.append(f(argument)))
    t.start()
    longest, calls = 0.0, 0
    while t.is_alive():
        start = time.perf_counter()
        work()
        longest = max(longest, time.perf_counter() - start)
        calls += 1
    t.join()
    return results[0], longest, calls


is_orochi = "Orochi" in sys.version


def collect():
    garbage = [[str(i)] for i in range(1000)]
    gc.collect()
    return garbage


_, longest, calls = beside(sits.sit, 2.0, collect)
print("sits", longest < 1.5 and calls > 3 if is_orochi else True)

flag = bytearray(1)
items = ["kept " * 3 + str(len(os.getcwd())), flag]


def drop():
    if flag[0]:
        items[0] = None
    gc.collect()
    return ["other " * 3 + str(i) for i in range(1000)]


result, longest, calls = beside(sits.borrow, items, drop)
print("borrows", result.startswith("kept kept kept "), longest < 1.5 if is_orochi else True)

_, longest, calls = beside(sits.churn, 2.0, collect)
print("churns", longest < 1.5 if is_orochi else True)

shared = [str(i) * 3 for i in range(100)]


def change():
    for i in range(100):
        shared[i] = str(i) * 3
    collect()


beside(sits.count, shared, change)
print("counts", shared == [str(i) * 3 for i in range(100)])
