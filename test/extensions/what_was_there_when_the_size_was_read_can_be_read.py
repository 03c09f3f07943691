"""Extension code reads the size of a list or a bytearray; another thread makes it shorter; then the code reads as
many items as there were, by macros. Each must be an object, and the bytes must be there."""
import heapq
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

m = build_module("late", r"""
#include <string.h>
#include <time.h>

/* Until the other thread has done its work; where a global lock keeps it away, for a moment. */
static void wait_for(volatile char *done)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (!*done && (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 50);
}

static PyObject *read_list(PyObject *self, PyObject *args)
{
    PyObject *list;
    Py_buffer ready, done;
    PyArg_ParseTuple(args, "Oy*y*", &list, &ready, &done);
    Py_ssize_t size = PyList_GET_SIZE(list), found = 0;
    *(volatile char *)ready.buf = 1;
    wait_for(done.buf);
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyList_GET_ITEM(list, i);
        Py_INCREF(item);
        found += strlen(Py_TYPE(item)->tp_name) > 0;
        PyObject *text = PyObject_Repr(item);
        Py_DECREF(item);
        Py_XDECREF(text);
    }
    PyBuffer_Release(&ready);
    PyBuffer_Release(&done);
    return Py_BuildValue("nn", size, found);
}

static PyObject *read_bytes(PyObject *self, PyObject *args)
{
    PyObject *bytes;
    Py_buffer ready, done;
    PyArg_ParseTuple(args, "Oy*y*", &bytes, &ready, &done);
    Py_ssize_t size = PyByteArray_GET_SIZE(bytes);
    *(volatile char *)ready.buf = 1;
    wait_for(done.buf);
    unsigned sum = 0;
    const char *from = PyByteArray_AS_STRING(bytes);
    for (Py_ssize_t i = 0; i < size; i++) {
        sum += (unsigned char)from[i];
    }
    PyBuffer_Release(&ready);
    PyBuffer_Release(&done);
    return Py_BuildValue("nn", size, sum < 256 * (unsigned)size ? size : 0);
}

/* The array first, then the size. */
static PyObject *read_fast(PyObject *self, PyObject *args)
{
    PyObject *list;
    Py_buffer ready, done;
    PyArg_ParseTuple(args, "Oy*y*", &list, &ready, &done);
    PyObject *fast = PySequence_Fast(list, "a list");
    PyObject **items = PySequence_Fast_ITEMS(fast);
    *(volatile char *)ready.buf = 1;
    wait_for(done.buf);
    Py_ssize_t size = PySequence_Fast_GET_SIZE(fast), found = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        found += PyLong_Check(items[i]);
    }
    Py_DECREF(fast);
    PyBuffer_Release(&ready);
    PyBuffer_Release(&done);
    return Py_BuildValue("nn", size, found);
}

static PyMethodDef methods[] = {{"read_list", read_list, METH_VARARGS}, {"read_bytes", read_bytes, METH_VARARGS},
                                {"read_fast", read_fast, METH_VARARGS}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "late", NULL, -1, methods};
PyMODINIT_FUNC PyInit_late(void) { return PyModule_Create(&definition); }
""")


def beside(read, container, change):
    """Its result, when `change` is done after the size was read, and before anything else is."""
    ready, done = bytearray(1), bytearray(1)

    def when_ready():
        while not ready[0]:
            pass
        change(container)
        done[0] = 1

    thread = threading.Thread(target=when_ready)
    thread.start()
    size, found = read(container, ready, done)
    thread.join()
    assert size == found, (change.__name__, size, found)


def pops(x):
    while x:
        x.pop()


def pops_first(x):
    for _ in range(len(x) - 10):
        x.pop(0)


def cleared(x):
    x.clear()


def cleared_and_filled(x):
    x.clear()
    x.append(1)


def cut(x):
    del x[10:]


def cut_in_front(x):
    del x[:-10]


def cut_in_front_often(x):
    while len(x) > 10:
        del x[:7]


def every_second(x):
    del x[::2]


def every_second_and_cut_in_front(x):
    del x[::2], x[:-10]


def every_second_and_more(x):
    del x[::2]
    x.extend(range(len(x), 250))


def replaced(x):
    x[:] = range(5)


def shorter_than_what_is_replaced(x):
    x[5:-5] = [1, 2]


def removed(x):
    x.remove(x[5])


def made_again(x):
    x.__init__(range(7))


def repeated(x):
    x *= 0


def multiplied(x):
    del x[3:]
    x *= 30


def extended(x):
    x += [5] * 100000


def sorts(x):
    del x[100:]
    x.sort()


def sorts_by_key(x):
    def key(item):
        x.append(1)  # the sort does not like it
        x.pop()
        return -item
    try:
        x.sort(key=key)
    except ValueError:
        pass


def cut_and_sorted_by_key(x):
    del x[10:]
    x.sort(key=lambda item: -item)


def heap_taken(x):
    heapq.heapify(x)
    while len(x) > 3:
        heapq.heappop(x)


both = (pops, pops_first, cleared, cleared_and_filled, cut, cut_in_front, cut_in_front_often, every_second,
        every_second_and_cut_in_front, every_second_and_more, replaced, shorter_than_what_is_replaced, removed,
        made_again, repeated, multiplied)
for size in 50, 200, 100000:
    for change in both + (sorts, sorts_by_key, cut_and_sorted_by_key, heap_taken):
        if change is not sorts_by_key or size < 1000:
            if size < 1000 or change not in (pops_first, cut_in_front_often):
                beside(m.read_list, list(range(size)), change)
    beside(m.read_fast, list(range(size)), extended)
    beside(m.read_fast, list(range(size)), cleared)
    for change in both:
        beside(m.read_bytes, bytearray(i % 250 for i in range(size)), change)


# A list that is being sorted, and what it is afterwards.
def sorted_beside_reader(x):
    x.sort(key=lambda item: item % 10)


numbers = list(range(1000))
beside(m.read_list, numbers, sorted_beside_reader)
print(numbers == sorted(range(1000), key=lambda item: item % 10), len(numbers))
