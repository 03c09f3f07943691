"""A program that loads libpython while it runs, itself or through a plugin; compiled modules find the C API."""
import os
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from embedding import HEAD, build, flags, path, run

PLUGIN = HEAD + r'''
int plugin(void) {
    Py_InitializeEx(0);
    int status = PyRun_SimpleString(
        "import _decimal, _ctypes, sys, threading\n"
        "print(_decimal.Decimal(1) / 7, sys.version_info[:2])\n"
        "t = threading.Thread(target=lambda: print(_decimal.Decimal(2).sqrt())); t.start(); t.join()");
    return status + Py_FinalizeEx();
}
'''
SOURCE = r'''
#include <dlfcn.h>
int main(int argc, char **argv) {
    void *h = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (!h) { printf("%s\n", dlerror()); return 1; }
    if (argc > 2) return ((int (*)(void))dlsym(h, argv[2]))();
    ((void (*)(void))dlsym(h, "Py_Initialize"))();
    int s = ((int (*)(const char *, void *))dlsym(h, "PyRun_SimpleStringFlags"))("import json, _json; print(json.dumps([1]))", NULL);
    return s + ((int (*)(void))dlsym(h, "Py_FinalizeEx"))();
}
'''
with open(path("loader.c"), "w") as file:
    file.write("#include <stdio.h>\n" + SOURCE)
subprocess.run(["gcc", "-w", path("loader.c"), "-o", path("loader")], check=True)
with open(path("plugin.c"), "w") as file:
    file.write(PLUGIN)
subprocess.run(["gcc", "-shared", "-fPIC", "-w", *flags("--includes"), path("plugin.c"), "-o", path("plugin.so"),
                *flags("--ldflags")], check=True)
run(path("loader"), "libpython3.11.so.1.0")
run(path("loader"), path("plugin.so"), "plugin")
