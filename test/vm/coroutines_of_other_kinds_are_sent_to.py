"""An object with send(), throw() and __await__ but no __next__ is a coroutine for tasks, as aiohttp's
request managers are."""
import asyncio
import collections.abc


class Wrapped(collections.abc.Coroutine):
    def __init__(self, coroutine):
        self.coroutine = coroutine
        self.sent = []

    def send(self, value):
        self.sent.append(value)
        return self.coroutine.send(value)

    def throw(self, *args):
        return self.coroutine.throw(*args)

    def close(self):
        return self.coroutine.close()

    def __await__(self):
        return self.coroutine.__await__()


async def work(n):
    await asyncio.sleep(0)
    await asyncio.sleep(0.001)
    return n * 2


async def fails():
    await asyncio.sleep(0)
    raise ValueError("no")


async def main():
    results = await asyncio.gather(*[Wrapped(work(i)) for i in range(5)])
    task = asyncio.ensure_future(Wrapped(fails()))
    try:
        await task
    except ValueError as e:
        results.append(str(e))
    task = asyncio.create_task(Wrapped(asyncio.sleep(10)))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        results.append("cancelled")
    return results, await Wrapped(work(7)), await asyncio.wait_for(Wrapped(work(8)), 5)


print(asyncio.run(main()))
w = Wrapped(work(1))
print(isinstance(w, collections.abc.Coroutine), asyncio.iscoroutine(w), hasattr(w, "__next__"))
w.close()
