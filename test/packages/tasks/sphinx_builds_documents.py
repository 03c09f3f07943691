# with sphinx
"""A small project with cross references and autodoc, built as HTML, text and man page."""

import io
import os
import re
import sys
import tempfile

from sphinx.application import Sphinx

FILES = {
    "conf.py": "project = 'task'\nextensions = ['sphinx.ext.autodoc', 'sphinx.ext.intersphinx', 'sphinx.ext.napoleon']\n"
               "import sys; sys.path.insert(0, '.')\nhtml_theme = 'basic'\nman_pages = [('index', 'task', 'd', ['a'], 1)]\n",
    "index.rst": "Index\n=====\n\n.. toctree::\n\n   more\n\n:ref:`place` and :func:`documented.add`, :term:`word`.\n\n"
                 ".. automodule:: documented\n   :members:\n\n.. glossary::\n\n   word\n      meaning\n",
    "more.rst": "More\n====\n\n.. _place:\n\nPlace\n-----\n\n.. py:function:: own(a: int, *, b=3) -> str\n\n   Text.\n\n"
                ".. code-block:: python\n\n   own(1)\n\n:ref:`nowhere`\n",
    "documented.py": '"""A module."""\n\ndef add(a: int, b: int = 2) -> int:\n    """Adds.\n\n    Args:\n        a: one\n\n'
                     '    Returns:\n        the sum\n    """\n    return a + b\n\nclass Thing:\n    """A thing."""\n'
                     '    def method(self):\n        """Its method."""\n',
}
with tempfile.TemporaryDirectory() as folder:
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    os.chdir(folder)
    sys.dont_write_bytecode = True
    for builder in "text", "html", "man":
        status, warnings = io.StringIO(), io.StringIO()
        app = Sphinx(folder, folder, f"{folder}/out-{builder}", f"{folder}/trees", builder, status=status,
                     warning=warnings, freshenv=True)
        app.build()
        print(builder, app.statuscode, warnings.getvalue().replace(folder, "").strip())
        for name in sorted(os.listdir(f"out-{builder}")):
            if name.endswith((".txt", ".html", ".1")):
                with open(f"out-{builder}/{name}") as file:
                    text = file.read()
                text = re.sub(r"Created using .*|\b(20\d\d|Nov|Dec|\w{3} \d\d), ?\d*|digest.*", "", text)
                print(name, text if builder == "text" else len(text) > 500)
    os.chdir("/")
