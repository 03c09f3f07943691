# orochi, with lxml
"""Memory that extensions take with malloc, without telling anybody, leads to collections: the trees of
documents that were dropped do not pile up, big ones and small ones, in the main thread and in others."""
import resource
import subprocess
import sys
import threading

from lxml import etree


def text_of(count):
    return "<a>" + "".join(f'<b id="{i}">text<c/></b>' for i in range(count)) + "</a>"


def parse(text, times):
    for i in range(times):
        assert etree.fromstring(text)[1][0].tag == "c"


def run(kind, size, times):
    text = text_of(size)
    if kind == "main":
        parse(text, times)
    else:
        t = threading.Thread(target=parse, args=(text, times))
        t.start()
        t.join()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if len(sys.argv) > 1:
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
else:
    # All documents together: about 1,000 MB.
    for kind, size, times, most in (("main", 20000, 80, 400), ("main", 20, 30000, 250),
                                    ("thread", 20000, 80, 700)):
        out = subprocess.run([sys.executable, __file__, kind, str(size), str(times)], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
        assert int(out) < most, (kind, size, out)
