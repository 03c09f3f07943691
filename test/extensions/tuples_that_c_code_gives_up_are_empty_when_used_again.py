"""C code makes tuples, fills them and gives them up, with collections in between: the next one has
no items yet, what the old one held dies, and a tuple that Python code has seen stays as it is."""
import ctypes
import gc
import weakref

api = ctypes.pythonapi
api.PyTuple_New.restype = api.PyTuple_GetItem.restype = ctypes.c_void_p
api.PyTuple_New.argtypes = [ctypes.c_ssize_t]
api.PyTuple_GetItem.argtypes = [ctypes.c_void_p, ctypes.c_ssize_t]
api.PyTuple_SetItem.argtypes = [ctypes.c_void_p, ctypes.c_ssize_t, ctypes.py_object]
api.Py_IncRef.argtypes = [ctypes.py_object]
api.Py_DecRef.argtypes = [ctypes.c_void_p]


empty = ()


class Item:
    pass


def make(n):
    """A tuple of n new items, and weak references to them."""
    made = api.PyTuple_New(n)
    seen = []
    for i in range(n):
        assert not api.PyTuple_GetItem(made, i)
        item = Item()
        api.Py_IncRef(item)
        api.PyTuple_SetItem(made, i, item)
        seen.append(weakref.ref(item))
    return made, seen


def shown(made):
    """The tuple as Python code sees it from now on."""
    value = ctypes.cast(made, ctypes.py_object).value
    api.Py_DecRef(made)
    return value


for n in range(1, 9):
    kept = []
    for turn in range(20):
        made, seen = make(n)
        if turn % 3 == 0:
            gc.collect()
        assert all(ref() is not None for ref in seen)
        if turn % 4 == 0:
            kept.append((shown(made), seen))
        else:
            api.Py_DecRef(made)
            gc.collect()
            assert all(ref() is None for ref in seen[:-1]), (n, turn)
    print(n, len(kept), all(len(value) == n and all(ref() is item for ref, item in zip(seen, value))
                            for value, seen in kept))
    print(len({id(value) for value, seen in kept}) == len(kept),
          all(type(o) is not tuple or len(o) > 0 or o is empty for o in gc.get_objects()))
