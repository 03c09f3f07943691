# with uvloop
"""asyncio on libuv: sockets, subprocesses, timers, executors, exceptions."""

import asyncio
import sys

import uvloop


async def echo(reader, writer):
    while data := await reader.readline():
        writer.write(data.upper())
        await writer.drain()
    writer.close()


async def talk(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = []
    for k in range(5):
        writer.write(f"line {number} {k}\n".encode())
        got.append(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return got[-1]


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self):
        self.got = asyncio.get_running_loop().create_future()

    def datagram_received(self, data, address):
        self.got.set_result(data)


async def main():
    loop = asyncio.get_running_loop()
    print(type(loop).__module__)
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(sorted(await asyncio.gather(*[talk(port, n) for n in range(10)])))
    server.close()
    await server.wait_closed()
    transport, protocol = await loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))
    transport.sendto(b"datagram", transport.get_extra_info("sockname"))
    print(await protocol.got)
    transport.close()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(input()[::-1])", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(b"reverse\n"), process.returncode)
    print(await asyncio.gather(*[loop.run_in_executor(None, pow, 2, k) for k in range(8)]))
    order = []
    loop.call_later(0.1, order.append, "late")
    loop.call_later(0.03, order.append, "soon")
    loop.call_soon(order.append, "now")
    await asyncio.sleep(0.15)
    print(order)
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError as error:
        print(repr(error))
    messages = []
    loop.set_exception_handler(lambda loop, context: messages.append(repr(context["exception"])))
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)
    print(messages)


uvloop.install()
asyncio.run(main())
