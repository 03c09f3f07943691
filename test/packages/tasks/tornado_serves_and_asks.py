# with tornado
"""A server with handlers and a web socket, an HTTP client, a queue between coroutines, executors."""

import asyncio
import concurrent.futures
import logging

import tornado.gen
import tornado.httpclient
import tornado.httpserver
import tornado.netutil
import tornado.queues
import tornado.template
import tornado.web
import tornado.websocket


class Hello(tornado.web.RequestHandler):
    async def get(self, name):
        await asyncio.sleep(0.001)
        self.write({"hello": name, "q": self.get_arguments("q")})

    async def post(self, name):
        number = await tornado.ioloop.IOLoop.current().run_in_executor(None, sum, range(len(self.request.body)))
        self.set_status(201)
        self.finish(str(number))


class Echo(tornado.websocket.WebSocketHandler):
    def on_message(self, message):
        self.write_message(message.upper())


async def serve(url):
    client = tornado.httpclient.AsyncHTTPClient()
    replies = await tornado.gen.multi([client.fetch(f"{url}/hello/n{k}?q={k}&q=x") for k in range(12)])
    print([reply.body for reply in replies[:3]], len(replies))
    reply = await client.fetch(url + "/hello/p", method="POST", body="x" * 200000)
    print(reply.code, reply.body)
    try:
        await client.fetch(url + "/none")
    except tornado.httpclient.HTTPError as error:
        print(error)
    socket = await tornado.websocket.websocket_connect(url.replace("http", "ws") + "/socket")
    for text in "abc", "d" * 100000:
        await socket.write_message(text)
        print(len(await socket.read_message()))
    socket.close()


async def hand_over():
    queue, got = tornado.queues.Queue(2), []

    async def consume():
        async for item in queue:
            got.append(item)
            queue.task_done()

    task = asyncio.ensure_future(consume())
    for k in range(10):
        await queue.put(k)
    await queue.join()
    task.cancel()
    print(got)


async def main():
    logging.disable(logging.CRITICAL)
    server = tornado.httpserver.HTTPServer(tornado.web.Application([(r"/hello/(\w+)", Hello), ("/socket", Echo)]))
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    await serve(f"http://127.0.0.1:{sockets[0].getsockname()[1]}")
    server.stop()
    await hand_over()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(await asyncio.get_running_loop().run_in_executor(pool, pow, 3, 40))
    template = tornado.template.Template("{% for x in items %}{{ x }}{% if x > 1 %}!{% end %} {% end %}")
    print(template.generate(items=[1, 2, 3]))


asyncio.run(main())
