# orochi
"""A collection stops a thread inside extension code, which may hold a lock of the C library there, such as
malloc's. A fork right after it, before that thread went on, waits for it instead of deadlocking in a
handler of pthread_atfork that takes the lock."""
import gc
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
#include <pthread.h>
#include <time.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take(void) { pthread_mutex_lock(&lock); }
static void give(void) { pthread_mutex_unlock(&lock); }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Holds the lock for most of a millisecond. */
static PyObject *hold(PyObject *self, PyObject *unused)
{
    double end = now() + 0.001;
    take();
    while (now() < end) {
    }
    give();
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {{"hold", hold, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "atfork", NULL, -1, functions};

PyMODINIT_FUNC PyInit_atfork(void)
{
    pthread_atfork(take, give, give);
    return PyModule_Create(&module);
}
'''

m = build_module("atfork", SOURCE)
stop = False


def work():
    while not stop:
        m.hold()


thread = threading.Thread(target=work)
thread.start()
ends = []
for i in range(100):
    gc.collect()
    child = os.fork()
    if child == 0:
        m.hold()
        os._exit(0)
    ends.append(os.waitpid(child, 0)[1])
stop = True
thread.join()
sys.exit(f"children ended with {set(ends)}" if any(ends) else 0)
