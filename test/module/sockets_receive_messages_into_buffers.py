"""socket.recvmsg_into: buffers are filled in turn, descriptors come as ancillary data, and wrong
arguments get python3.11's errors."""
import array
import os
import socket

a, b = socket.socketpair()
for args in (([bytearray(2)], -1), ([bytearray(2)], 0, 'x'), ([b'ab'],), (5,),
             ([bytearray(2)], 2 ** 31), ([bytearray(1)] * 1025,), ([],), ([object()],)):
    a.send(b'hello')
    try:
        print(b.recvmsg_into(*args))
    except Exception as e:
        print(type(e).__name__, e)
    b.setblocking(False)
    try:
        b.recv(100)
    except BlockingIOError:
        pass
    b.setblocking(True)

x, y = bytearray(2), memoryview(bytearray(4))
a.send(b'hello')
print(b.recvmsg_into([x, y], 100, 0), x, bytes(y))
x += b'more'  # nobody holds its memory any more
print(x)

r, w = os.pipe()
a.sendmsg([b'a', b'b'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [w]))])
n, ancillary, flags, address = b.recvmsg_into(iter([bytearray(1), bytearray(1)]),
                                              socket.CMSG_SPACE(4))
[(level, kind, data)] = ancillary
received = array.array('i', data)[0]
os.write(received, b'through')
print(n, level == socket.SOL_SOCKET, kind == socket.SCM_RIGHTS, os.read(r, 10), address)
