"""posix: files, directories, descriptors, processes, and errors that name their files."""
import os
import pathlib
import stat
import subprocess
import sys
import tempfile


def attempt(f, *args, **kwargs):
    try:
        print(f.__name__, f(*args, **kwargs))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)


for args in (('/no/such',), (b'/no/such',), (3.5,), (None,), ('a\0b',), ([],)):
    attempt(os.stat, *args)
    attempt(os.listdir, *args) if args != (None,) else None
attempt(os.open, '/no/such', os.O_RDONLY)
attempt(os.rename, '/no/such', '/no/other')
attempt(os.close, 12345)
attempt(os.read, 0, -1)
attempt(os.stat, '/', dir_fd='x')
attempt(os.fspath, 3)
attempt(os.mkdir, '/')
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, 'a')
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    print(os.write(fd, b'hello world'), os.lseek(fd, 0, 0), os.read(fd, 5), os.pread(fd, 3, 6))
    os.utime(path, ns=(10**18 + 1, 10**18 + 2))
    s = os.fstat(fd)
    print(stat.filemode(s.st_mode), s.st_size, s.st_mtime_ns, s.st_atime, s[8], len(s))
    print(os.get_inheritable(fd), os.isatty(fd), os.get_blocking(fd))
    os.close(fd)
    os.symlink('a', os.path.join(d, 'link'))
    os.mkdir(os.path.join(d, 'sub'))
    with os.scandir(d) as entries:
        for e in sorted(entries, key=lambda e: e.name):
            print(e, e.is_dir(), e.is_file(), e.is_symlink(), e.is_file(follow_symlinks=False),
                  e.stat(follow_symlinks=False).st_size, e.path == os.path.join(d, e.name))
    print(sorted(os.listdir(d)), sorted(os.listdir(os.fsencode(d))))
    print(os.readlink(os.path.join(d, 'link')), os.access(path, os.W_OK))
    dir_fd = os.open(d, os.O_RDONLY)
    print(os.stat('a', dir_fd=dir_fd).st_size, sorted(os.listdir(dir_fd)))
    os.unlink('a', dir_fd=dir_fd)
    os.close(dir_fd)
    print(sorted(os.listdir(d)))
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(w, b'from the child')
    os._exit(7)
os.close(w)
print(os.read(r, 100), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'exit $X'], {'X': '5'})
print(os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
print(os.system('exit 3') >> 8, os.popen('echo $((6*7))').read())
for p in ('', 'a//b/./c/../d/', '/..', '//a', '///a/..', '../..', 'a/../..', '.'):
    print(repr(p), os.path.normpath(p))
os.putenv('OROCHI_TEST', 'x')
os.environ['OROCHI_TEST'] = 'y'
print(os.popen('echo $OROCHI_TEST').read(), os.environb[b'OROCHI_TEST'])
print(os.stat_result.__match_args__, os.terminal_size((80, 24)), os.cpu_count() > 0)
print(os.strerror(2), os.sysconf('SC_PAGE_SIZE'), len(os.urandom(5)), sys.platform)

# The folder of a child may be anything that is a path.
for folder in "/", b"/usr", pathlib.Path("/usr/lib"), 1, 1.5, [b"/"], "a\0b", b"a\0b", "/nowhere":
    try:
        print(subprocess.run(["/bin/pwd"], cwd=folder, capture_output=True).stdout)
    except (TypeError, ValueError, OSError) as e:
        print(type(e).__name__, e)
