# SPDX-License-Identifier: MIT
# -v tells of every import, from the first on, before there are streams.
import re
import subprocess
import sys

for options in ["-v"], ["-vv"], ["-v", "-S", "-I"]:
    done = subprocess.run([sys.executable, *options, "-c", "import json, sys; print(sys.flags.verbose)"],
                          capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if re.match("import '?(_weakref|json)'? ", line)]
    print(options, done.returncode, done.stdout.strip(), [line.split(" # ")[0] for line in told],
          "Traceback" in done.stderr)
