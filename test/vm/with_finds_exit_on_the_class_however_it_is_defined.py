"""__enter__ and __exit__ as functions, static and class methods, callables, properties, builtins."""
import threading


class Function:
    def __enter__(self):
        return "function"

    def __exit__(self, *details):
        print("function exit", len(details), details[0])
        return True


class Static:
    @staticmethod
    def __enter__():
        return "static"

    @staticmethod
    def __exit__(kind, value, traceback):
        print("static exit", kind, value)
        return True


class Class:
    @classmethod
    def __enter__(cls):
        return cls.__name__

    @classmethod
    def __exit__(cls, kind, value, traceback):
        print(cls.__name__, "exit", kind, value)
        return True


class Plain:
    def __call__(self, *args):
        print("callable", args[:2])
        return True


class Instance:
    __enter__ = Plain()
    __exit__ = Plain()


class Computed:
    @property
    def __enter__(self):
        print("enter is looked up")
        return lambda: "computed"

    @property
    def __exit__(self):
        print("exit is looked up")
        return lambda *details: print("computed exit", details[:2]) or True


class Changes:
    def __enter__(self):
        Changes.__exit__ = lambda self, *details: print("the new exit")
        self.__exit__ = None

    def __exit__(self, *details):
        print("the exit found first")


for manager in Function(), Static(), Class(), Instance(), Computed():
    with manager as result:
        print(result)
    with manager:
        raise KeyError(1)
    for i in range(2):
        with manager, manager:
            if i:
                break
            continue


def leave(manager):
    with manager as result, threading.Lock() as held:
        return result, held


for manager in Function(), Static(), Class(), Computed():
    print(leave(manager))
with Changes():
    pass


class Half:
    def __enter__(self):
        print("never entered")


for manager in Half(), object(), 1:
    try:
        with manager:
            pass
    except TypeError as error:
        print(error)


class Async:
    async def __aenter__(self):
        return "async"

    @staticmethod
    async def __aexit__(kind, value, traceback):
        print("aexit", kind, value)
        return True


async def run():
    async with Async() as result:
        print(result)
        raise ValueError("in it")
    async with Async():
        return "done"


try:
    run().send(None)
except StopIteration as stop:
    print(stop.value)
