# with trio starlette httpx websockets
"""trio's nurseries, channels and cancellation; an ASGI application; a web socket server in asyncio."""

import asyncio
import threading

import httpx
import trio
import websockets
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route


async def trio_main():
    send, receive = trio.open_memory_channel(2)
    got = []

    async def produce(k):
        async with send.clone() as own:
            for n in range(3):
                await own.send((k, n))

    async def consume():
        async for item in receive:
            got.append(item)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        async with trio.open_nursery() as inner:
            for k in range(4):
                inner.start_soon(produce, k)
        await send.aclose()
    print(sorted(got))
    with trio.move_on_after(0.01) as scope:
        await trio.sleep(10)
    print(scope.cancelled_caught, await trio.to_thread.run_sync(threading.active_count) > 1)
    try:
        with trio.fail_after(0.01):
            await trio.sleep_forever()
    except trio.TooSlowError as error:
        print(repr(error))
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 5)
            raise KeyError("left")
    except KeyError as error:
        print(error)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        async def echo(stream):
            async for data in stream:
                await stream.send_all(data.upper())

        nursery.start_soon(trio.serve_listeners, echo, listeners)
        stream = await trio.open_tcp_stream("127.0.0.1", listeners[0].socket.getsockname()[1])
        await stream.send_all(b"hello")
        print(await stream.receive_some(10))
        nursery.cancel_scope.cancel()
    print((await trio.run_process(["echo", "child"], capture_stdout=True)).stdout)


async def hello(request):
    return JSONResponse({"name": request.path_params["name"], "q": request.query_params.get("q"),
                         "body": (await request.body()).decode()})


async def stream(request):
    async def parts():
        for k in range(3):
            yield f"{k};"

    return StreamingResponse(parts())


async def asgi():
    app = Starlette(routes=[Route("/hello/{name}", hello, methods=["GET", "POST"]), Route("/stream", stream)])
    async with httpx.AsyncClient(app=app, base_url="http://test") as client:
        replies = await asyncio.gather(*[client.post(f"/hello/n{k}?q={k}", content=f"b{k}") for k in range(10)])
        print(replies[3].json(), len(replies), (await client.get("/stream")).text, (await client.get("/none")).status_code)


async def sockets():
    async def reverse(socket, path=None):
        async for message in socket:
            await socket.send(message[::-1])

    async with websockets.serve(reverse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}") as socket:
            for message in "text", b"bytes", "x" * 100000 + "y":
                await socket.send(message)
                print((await socket.recv())[:5])


trio.run(trio_main)
asyncio.run(asgi())
asyncio.run(sockets())
