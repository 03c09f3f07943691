# SPDX-License-Identifier: MIT
"""-X importtime and PYTHONPROFILEIMPORTTIME: one line per module, inner ones first."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    package = pathlib.Path(folder, "outer_package")
    package.mkdir()
    (package / "__init__.py").write_text("import outer_package.inner\nimport sys\n")
    (package / "inner.py").write_text("import leaf\ntry: import no_such_module\nexcept ImportError: pass\n")
    pathlib.Path(folder, "leaf.py").write_text("import time\ntime.sleep(0.01)\n")
    pathlib.Path(folder, "failing.py").write_text("import later\n1 / 0\n")
    pathlib.Path(folder, "later.py").write_text("")
    program = ("import outer_package\nfrom outer_package import inner\nimport leaf\n"
               "try: import failing\nexcept ZeroDivisionError: print('failed')\n")
    for options, variables in [(["-X", "importtime"], {}), (["-Ximporttime=1"], {}),
                               ([], {"PYTHONPROFILEIMPORTTIME": "1"}),
                               (["-E"], {"PYTHONPROFILEIMPORTTIME": "1"})]:
        done = subprocess.run([sys.executable, *options, "-c", program], cwd=folder, text=True,
                              env={"PATH": os.environ["PATH"], **variables}, capture_output=True)
        print(options, variables, done.returncode, done.stdout)
        lines = [line for line in done.stderr.splitlines() if "import time:" in line]
        print(lines[:1])
        for line in lines[1:]:
            match = re.fullmatch(r"import time: +(\d+) \| +(\d+) \|( +)(\w[\w.]*)", line)
            own, total, indent, name = match.groups()
            assert int(own) <= int(total), line
            if name.split(".")[0] in ("outer_package", "leaf", "failing", "later", "no_such_module"):
                print(len(indent), name, int(total) >= 10000)
