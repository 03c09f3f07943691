# SPDX-License-Identifier: MIT
# What was written is there once the file is dropped; a socket's peer sees the end; files that were
# to be temporary are gone.
import io
import os
import socket
import tempfile
import warnings

warnings.simplefilter("ignore")
folder = tempfile.mkdtemp()
path = os.path.join(folder, "f")


def content():
    with open(path) as f:
        return f.read()


open(path, "w").write("as a temporary")
print(content())


def write():
    f = open(path, "w")
    f.write("in a function that returns")


write()
print(content())
f = open(path, "w")
f.write("deleted")
del f
print(content())
f = open(path, "w")
f.write("rebound")
f = None
print(content())


def write_and_rebind():
    f = open(path, "w")
    f.write("a local, rebound")
    f = None
    print(content())


write_and_rebind()

a, b = socket.socketpair()
b.settimeout(20)
a.send(b"x")
del a
print(b.recv(10), b.recv(10))

for make in (tempfile.NamedTemporaryFile, tempfile.TemporaryDirectory):
    t = make()
    name = t.name
    print(os.path.exists(name))
    del t
    print(os.path.exists(name))
t = tempfile.TemporaryFile()
descriptor = t.fileno()
del t
try:
    os.fstat(descriptor)
except OSError:
    print("closed")
os.remove(path)
os.rmdir(folder)


# Files in memory: nobody sees that they are closed, unless their class says something else.
class Mixin:
    pass


class Sent(io.BytesIO):
    def close(self):
        print("sent", self.getvalue())
        super().close()


class Printed(Mixin, io.StringIO):
    def close(self):
        print("printed", self.getvalue())
        super().close()


class Asked(io.BytesIO):
    closed = property(lambda self: print("asked"))


def send(kind, content):
    f = kind(content)
    f.read()


send(Sent, b"one")
send(Printed, "two")
send(Asked, b"three")
print(Sent.__del__)
view = io.BytesIO(b"four").getbuffer()
print(bytes(view))


# A stream whose class is in Python, and one that another one holds.
class Raw(io.RawIOBase):
    def __init__(self, name):
        self.name = name

    def readable(self):
        return True

    def readinto(self, b):
        return 0

    def close(self):
        if not self.closed:
            print("closed", self.name)
        super().close()


def make(name):
    return Raw(name)


make("ignored")
print("after a call")
r = make("global")
del r
print("after del")
b = io.BufferedReader(Raw("below"))
b.read()
b = None
print("after both")
with make("with"):
    print("inside")
print("after with")
