# SPDX-License-Identifier: MIT
# throw() gives an exception the context that the generator is handling, never its caller's.
import asyncio
import contextlib


def chain(e):
    names = []
    while e is not None and len(names) < 9:
        names.append(str(e))
        e = e.__context__
    return names


def raising(e):
    try:
        yield
    finally:
        raise e


def handling(inner):
    try:
        raise inner
    except Exception:
        yield


def thrown(generator, e):
    next(generator)
    try:
        raise Exception("caller's")
    except Exception:
        try:
            generator.throw(e)
        except Exception as got:
            return chain(got)


print(thrown(raising(Exception("raised")), Exception("thrown")))
print(thrown(handling(Exception("handled")), Exception("thrown")))
print(thrown((i for i in range(3)), Exception("thrown")))
print(thrown(iter(raising(Exception("raised"))), ValueError))


def delegating(generator):
    yield from generator


print(thrown(delegating(raising(Exception("raised"))), Exception("thrown")))
print(thrown(delegating(handling(Exception("handled"))), Exception("thrown")))


@contextlib.contextmanager
def manager(e):
    try:
        yield
    finally:
        raise e


@contextlib.asynccontextmanager
async def async_manager(e):
    try:
        yield
    finally:
        raise e


def synchronous():
    with contextlib.ExitStack() as stack:
        for name in "dcb":
            stack.enter_context(manager(Exception(name)))
        raise Exception("a")


async def asynchronous():
    async with contextlib.AsyncExitStack() as stack:
        for name in "dcb":
            await stack.enter_async_context(async_manager(Exception(name)))
        raise Exception("a")


for run in synchronous, lambda: asyncio.run(asynchronous()):
    try:
        run()
    except Exception as e:
        print(chain(e))
