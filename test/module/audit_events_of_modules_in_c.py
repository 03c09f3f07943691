"""What the modules that are written in C tell audit hooks; a hook may refuse it."""
import array
import ast
import fcntl
import gc
import io
import marshal
import os
import pickle
import signal
import socket
import sys
import tempfile
import threading

log = []
recording = refuses = False


def hook(event, args):
    """Save where code comes from a cache, which differs."""
    if not recording or event.startswith(("object.", "code.", "sys._getframe")) or sys._getframe(1).f_code.co_filename \
            .startswith("<frozen"):
        return
    log.append((event, args))
    if refuses:
        raise PermissionError(event)


def shown(arg):
    if isinstance(arg, (list, dict)) and len(arg) > 3:
        return type(arg).__name__
    text = arg if isinstance(arg, (str, bytes)) else repr(arg) if arg is None or type(arg) in (int, float, tuple, bool) \
        else type(arg).__name__
    if arg in (os.getpid(), os.getpgid(0)) or isinstance(arg, int) and arg > 1 << 20 and arg != 0xffffffff:
        text = "number"
    return repr(text).replace(folder, "<folder>")


def show(title, f):
    global recording
    recording = True
    try:
        result = f()
    except BaseException as e:
        result = None
        title += " " + type(e).__name__
    recording = False
    text = [event + "(" + ", ".join(map(shown, args)) + ")" for event, args in log]
    print(title, *text)
    log.clear()
    return result



socket.getaddrinfo("127.0.0.1", 80)
sys.addaudithook(hook)
temporary = tempfile.TemporaryDirectory()
folder = temporary.name
os.chdir(folder)
p = os.path.join(folder, "file")
open(p, "w").close()
with open("amodule.py", "w") as f:
    f.write("x = 1\n")
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
code = compile("1", "code", "eval")

print("# code")
show("compile", lambda: compile("1+1", "name", "eval"))
show("compile bytes", lambda: compile(b"1+1", "name", "exec"))
show("compile to ast", lambda: compile("1", "name", "exec", ast.PyCF_ONLY_AST))
show("eval", lambda: eval("1"))
show("eval code", lambda: eval(code))
show("exec", lambda: exec("x = 1", {}))
show("exec code", lambda: exec(code))
show("import again", lambda: __import__("os"))
show("import missing", lambda: __import__("there_is_no_such_module"))
show("import c", lambda: __import__("_testbuffer") and 0)
show("breakpoint", lambda: (setattr(sys, "breakpointhook", lambda: 1), breakpoint()))
show("id", lambda: id(folder) and 0)
show("marshal", lambda: marshal.dumps([1]))
show("marshal", lambda: (marshal.loads(b"i\1\0\0\0"), marshal.loads(bytearray(b"T"))))
show("marshal files", lambda: (marshal.dump(2, io.BytesIO()), marshal.load(io.BytesIO(b"T"))))
show("pickle", lambda: pickle.loads(pickle.dumps(len)))
show("unpickler", lambda: pickle.Unpickler(io.BytesIO(pickle.dumps(len, 0))).load())
show("array", lambda: (array.array("i"), array.array("i", [1])))
show("gc", lambda: (gc.get_objects(), gc.get_objects(generation=1), gc.get_referrers(p), gc.get_referents([p], log)))
print("# files")
show("open", lambda: open(p).close())
show("open w", lambda: open(p, "wb").close())
show("open missing", lambda: open("/nowhere/x"))
show("open +", lambda: open(p, "r+").close())
show("open a", lambda: open(p, "ab+").close())
show("open fd", lambda: open(os.open(p, os.O_RDONLY)).close())
show("open bytes", lambda: open(os.fsencode(p)).close())
show("FileIO", lambda: io.FileIO(p).close())
show("opener", lambda: open(p, opener=os.open).close())
show("open_code", lambda: io.open_code(p).close())
show("os.open", lambda: os.close(os.open(p, os.O_RDWR | os.O_CREAT, 0o600)))
fd = os.open(p, os.O_RDWR)
show("truncate", lambda: (os.truncate(p, 0), os.ftruncate(fd, 0)))
show("listdir", lambda: (os.listdir(), os.listdir(folder), os.listdir(os.fsencode(folder))))
show("scandir", lambda: (os.scandir(), os.scandir(folder)))
show("chdir", lambda: (os.chdir(folder), os.chdir(".")))
show("mkdir", lambda: (os.mkdir("d"), os.mkdir("e", 0o700), os.rmdir("d"), os.rmdir("e")))
show("mkdir fails", lambda: os.mkdir("file"))
show("rename", lambda: (os.rename("file", "f2"), os.replace("f2", "file")))
show("link", lambda: (os.link("file", "l"), os.symlink("file", "s"), os.remove("l"), os.unlink("s")))
show("chmod", lambda: (os.chmod("file", 0o600), os.fchmod(fd, 0o600)))
show("chown", lambda: (os.chown("file", -1, -1), os.fchown(fd, -1, -1), os.lchown("file", -1, -1)))
show("utime", lambda: (os.utime("file"), os.utime("file", (1, 2)), os.utime(fd, ns=(3, 4))))
show("lockf", lambda: os.lockf(fd, os.F_LOCK, 0))
show("xattr", lambda: os.listxattr("file"))
show("getxattr", lambda: os.getxattr("file", "user.x"))
show("setxattr", lambda: os.setxattr("/nowhere", "user.x", b"1"))
show("removexattr", lambda: os.removexattr("/nowhere", "user.x"))
show("fcntl", lambda: (fcntl.fcntl(fd, fcntl.F_GETFD), fcntl.flock(fd, fcntl.LOCK_SH), fcntl.lockf(fd, fcntl.LOCK_UN)))
show("ioctl", lambda: fcntl.ioctl(fd, 0x5401, b"        "))
print("# processes")
show("system", lambda: os.system("true"))
show("putenv", lambda: (os.putenv("A", "b"), os.unsetenv("A")))
show("exec", lambda: os.execv("/nowhere", ["a", "b"]))
show("execve", lambda: os.execve("/nowhere", ["a", "b"], {"A": "b"}))
show("kill", lambda: os.kill(os.getpid(), 0))
show("killpg", lambda: os.killpg(os.getpgid(0), 0))
show("pthread_kill", lambda: signal.pthread_kill(threading.get_ident(), 0))


def fork():
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)


show("fork", fork)
show("spawn", lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0))
print("# sockets")
s = show("socket", lambda: socket.socket())
show("bind", lambda: s.bind(("127.0.0.1", 0)))
s.listen()
c = show("socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
show("connect", lambda: socket.socket(socket.AF_UNIX).connect("/nowhere"))
show("connect_ex", lambda: socket.socket(socket.AF_UNIX).connect_ex("/nowhere"))
show("sendto", lambda: c.sendto(b"x", 0, ("127.0.0.1", 9)))
show("sendto 2", lambda: c.sendto(b"x", ("127.0.0.1", 9)))
show("sendmsg", lambda: c.sendmsg([b"x"], [], 0, ("127.0.0.1", 9)))
show("sendmsg 1", lambda: c.sendmsg([b"x"]))
show("pair", lambda: socket.socketpair())
show("getaddrinfo", lambda: socket.getaddrinfo("127.0.0.1", 80))
show("gethostbyname", lambda: (socket.gethostbyname("127.0.0.1"), socket.gethostbyname_ex("127.0.0.1")))
show("gethostbyaddr", lambda: socket.gethostbyaddr("127.0.0.1"))
show("gethostname", lambda: socket.gethostname() and 0)
show("getnameinfo", lambda: socket.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST))
show("getserv", lambda: (socket.getservbyname("http"), socket.getservbyport(80)))
print("# refused")
refuses = True
for f in (lambda: open(p), lambda: os.mkdir("d"), lambda: compile("1", "name", "eval"), lambda: exec(code),
          lambda: __import__("there_is_no_such_module"), lambda: os.system("echo no"), lambda: socket.socket(),
          lambda: s.bind(("127.0.0.1", 0)), lambda: os.fork(), lambda: os.listdir(), lambda: os.rename("file", "gone"),
          lambda: gc.get_objects(), lambda: marshal.loads(b"T"), lambda: pickle.loads(b"cos\nsystem\n."),
          lambda: socket.gethostname(), lambda: array.array("i"), lambda: id(folder), lambda: os.execv("/bin/echo", ["no"]),
          lambda: fcntl.flock(fd, fcntl.LOCK_EX), lambda: os.putenv("A", "b"), lambda: os.remove("file")):
    show("refused", f)
refuses = False
print(sorted(os.listdir()))
os.chdir("/")
