import os, subprocess, sys, tempfile, zipfile

folder = tempfile.mkdtemp()
os.chdir(folder)
def write(name, text):
    with open(name, "w") as file:
        file.write(text)
write("s.py", "import sys; print(sys.argv, __file__)\n")
os.mkdir("dir")
write("dir/__main__.py", 'import sys; print("dir", sys.argv, sys.path[0])\n')
archive = zipfile.ZipFile("z.zip", "w")
archive.writestr("__main__.py", "import sys, inner; print('zip', sys.argv, inner.x)\n")
archive.writestr("inner.py", "x = 5\n")
archive.close()
write("x.py", 'garbage line\nprint("x")\n')
write("bad.py", "def (\n")
os.mkdir("empty")
show = "import sys; print(sys.flags, sys.dont_write_bytecode, sys._xoptions, sys.warnoptions)"
fault = "import faulthandler, _imp; print(faulthandler.is_enabled(), _imp.check_hash_based_pycs)"
cases = [[f, "-c", show] for f in "-b -bb -B -d -E -I -O -OO -P -q -s -S -u -R -bBqsSEO".split()]
cases += [["-X", x, "-c", show] for x in """dev utf8 utf8=0 utf8=2 int_max_str_digits=0 int_max_str_digits=1000
    int_max_str_digits=5 int_max_str_digits=a faulthandler foo foo=bar no_debug_ranges warn_default_encoding
    tracemalloc=x frozen_modules=off frozen_modules=q""".split()]
cases += [["-W", x, "-c", show] for x in ["ignore", "error::DeprecationWarning", "bogus"]]
cases += [["-z"], ["--foo"], ["-c"], ["-m"], ["-W"], ["-X"], ["-J"], ["--check-hash-based-pycs"],
          ["--check-hash-based-pycs", "x"], ["--check-hash-based-pycs", "always", "-c", fault],
          ["--check-hash-based-pycs=never", "-c", "1"], ["s.py", "a", "-b"], ["dir", "q"], ["z.zip", "a"],
          ["-x", "x.py"], ["empty"], ["bad.py"], ["nofile.py"], ["-m", "nomod"], ["-m", "os.nomod"], ["-m", "empty"],
          ["-c", "1/0"], ["-c", "raise SystemExit(3)"], ["-c", 'raise SystemExit("m")'], ["-", "a"],
          ["-Ic", "import sys; print(sys.argv)", "b"], ["-cprint(2)"], ["-O", "-c", "assert 0; print(__debug__)"],
          ["-S", "-c", 'import sys; print("site" in sys.modules)'], ["-X", "faulthandler", "-c", fault], ["-c", fault],
          ["-X", "dev", "-c", fault]]
environments = [("PYTHONFAULTHANDLER", "1"), ("PYTHONDEVMODE", "1"), ("PYTHONOPTIMIZE", "2"), ("PYTHONOPTIMIZE", "x"),
                ("PYTHONUTF8", "1"), ("PYTHONUTF8", "x"), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUNBUFFERED", "1"),
                ("PYTHONNOUSERSITE", "1"), ("PYTHONSAFEPATH", "1"), ("PYTHONINTMAXSTRDIGITS", "1000"),
                ("PYTHONINTMAXSTRDIGITS", "x"), ("PYTHONWARNINGS", "ignore,error"), ("PYTHONDEBUG", "3"),
                ("PYTHONHASHSEED", "x"), ("PYTHONHASHSEED", "0"), ("PYTHONTRACEMALLOC", "x"),
                ("PYTHONWARNDEFAULTENCODING", "1"), ("LC_ALL", "C")]

def run(arguments, variables):
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8", **variables}
    done = subprocess.run([sys.executable, *arguments], env=environment, input=b'print("stdin")\n', capture_output=True)
    def clean(text):
        text = text.decode("utf-8", "replace").replace(sys.executable, "EXE")
        return text.replace(os.path.basename(sys.executable), "EXE").replace(folder, "FOLDER")
    print(arguments, variables, done.returncode, clean(done.stdout), clean(done.stderr))

for arguments in cases:
    run(arguments, {})
for name, value in environments:
    run(["-c", show + ";" + fault], {name: value})
