# with aiohttp
"""A server and a client in one loop: posts, a web socket, an upload in pieces, middleware."""

import asyncio

import aiohttp
from aiohttp import web


@web.middleware
async def tag(request, handler):
    response = await handler(request)
    response.headers["X-Tag"] = request.method.lower()
    return response


async def post(request):
    return web.json_response({"path": request.match_info["path"], "body": await request.text()})


async def reverse(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data[::-1])
    return socket


async def upload(request):
    size = 0
    async for piece in request.content.iter_any():
        size += len(piece)
    return web.Response(text=str(size))


async def pieces():
    for k in range(50):
        yield bytes([k]) * 1000
        await asyncio.sleep(0)


async def main():
    app = web.Application(middlewares=[tag])
    app.add_routes([web.post("/json/{path}", post), web.post("/upload", upload)])
    socket_app = web.Application()
    socket_app.add_routes([web.get("/", reverse)])
    app.add_subapp("/socket", socket_app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    async with aiohttp.ClientSession() as client:
        replies = await asyncio.gather(*[client.post(f"{base}/json/x{i}", data=f"d{i}") for i in range(20)])
        print([await reply.json() for reply in replies][7], {reply.headers["X-Tag"] for reply in replies})
        async with client.post(base + "/upload", data=pieces()) as reply:
            print(reply.status, await reply.text())
        async with client.get(base + "/nowhere") as reply:
            print(reply.status, reply.reason)
        try:
            await client.get(base + "/nowhere", raise_for_status=True)
        except aiohttp.ClientResponseError as error:
            print(error.status, error.message)
        form = aiohttp.FormData({"a": "1"})
        form.add_field("file", b"content", filename="name.txt")
        async with client.post(base + "/upload", data=form) as reply:
            print(int(await reply.text()) > 100)
    await runner.cleanup()


async def socket_alone():
    app = web.Application()
    app.add_routes([web.get("/", reverse)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as client:
        async with client.ws_connect(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/") as socket:
            for text in "abc", "x" * 70000 + "y":
                await socket.send_str(text)
                print((await socket.receive_str())[:5])
    await runner.cleanup()


asyncio.run(main())
asyncio.run(socket_alone())
