# with zmq
"""Sockets between threads: request and reply, publish, pipeline, a proxy with poller, asyncio."""

import asyncio
import threading

import zmq
import zmq.asyncio

context = zmq.Context()


def reply(socket, count):
    for _ in range(count):
        socket.send(socket.recv()[::-1])
    socket.close()


def ask():
    server = context.socket(zmq.REP)
    port = server.bind_to_random_port("tcp://127.0.0.1")
    thread = threading.Thread(target=reply, args=(server, 5))
    thread.start()
    with context.socket(zmq.REQ) as client:
        client.connect(f"tcp://127.0.0.1:{port}")
        for k in range(5):
            client.send(b"abc%d" % k)
            print(client.recv())
    thread.join()


def work():
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PULL) as results:
        pull.close()
        results.bind("inproc://results")
        push = context.socket(zmq.PUSH)
        push.bind("inproc://work")

        def worker():
            with context.socket(zmq.PULL) as take, context.socket(zmq.PUSH) as give:
                take.connect("inproc://work")
                give.connect("inproc://results")
                while (item := take.recv_pyobj()) is not None:
                    give.send_json({"square": item ** 2})

        threads = [threading.Thread(target=worker) for _ in range(4)]
        for t in threads:
            t.start()
        for k in range(100):
            push.send_pyobj(k)
        print(sum(results.recv_json()["square"] for _ in range(100)))
        for _ in threads:
            push.send_pyobj(None)
        for t in threads:
            t.join()
        push.close()


def publish():
    with context.socket(zmq.PUB) as pub, context.socket(zmq.SUB) as sub:
        pub.bind("inproc://news")
        sub.connect("inproc://news")
        sub.subscribe(b"a")
        poller = zmq.Poller()
        poller.register(sub, zmq.POLLIN)
        print(poller.poll(1))
        for topic in b"a1", b"b2", b"a3":
            pub.send_multipart([topic, b"body"])
        while poller.poll(50):
            print(sub.recv_multipart())
        try:
            sub.recv(zmq.NOBLOCK)
        except zmq.Again as error:
            print(error)
        frame = zmq.Frame(b"data")
        print(bytes(frame), frame.buffer.nbytes, sub.getsockopt(zmq.TYPE) == zmq.SUB, sub.closed)


async def loop():
    own = zmq.asyncio.Context()
    a, b = own.socket(zmq.PAIR), own.socket(zmq.PAIR)
    a.bind("inproc://pair")
    b.connect("inproc://pair")
    await a.send_string("text")
    print(await b.recv_string(), await b.poll(1))
    a.close()
    b.close()
    own.term()


for part in ask, work, publish:
    part()
context.term()
asyncio.run(loop())
