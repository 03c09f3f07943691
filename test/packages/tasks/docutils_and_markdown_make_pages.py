# with docutils markdown pygments
"""reStructuredText and Markdown with tables, directives and highlighted code; in threads."""

from concurrent.futures import ThreadPoolExecutor

import markdown
from docutils.core import publish_doctree, publish_parts
from docutils.parsers.rst import Directive, directives
from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter, LatexFormatter, NullFormatter, TerminalFormatter
from pygments.lexers import get_lexer_by_name, guess_lexer_for_filename

RST = """
Title %d
========

A *text* with ``code``, a `link <http://a.b>`_ and a footnote [1]_.

.. note:: Take care.

.. twice:: word

+-----+-----+
| a   | b   |
+=====+=====+
| 1   | 2   |
+-----+-----+

- one

  1. nested
  2. list

.. code:: python

   def f(x): return x

.. math:: a^2 + b^2

.. [1] The note.
"""
MARKDOWN = """# Title %d

Text with **bold**, `code` and [link](http://a.b "t").

| a | b |
|---|--:|
| 1 | 2 |

```python
print("x")
```

* one
    1. two

Term
: definition[^1]

[^1]: note
"""


class Twice(Directive):
    required_arguments = 1

    def run(self):
        return [nodes.paragraph(text=self.arguments[0] * 2)]


directives.register_directive("twice", Twice)


def page(k):
    return (publish_parts(RST % k, writer_name="html5")["body"],
            markdown.markdown(MARKDOWN % k, extensions=["extra", "toc", "codehilite"]))


one = page(0)
print(*one, sep="\n")
with ThreadPoolExecutor(3) as pool:
    print([tuple(part.replace(f"Title {k}", "Title 0").replace(f"title-{k}", "title-0") for part in pages) == one
           for k, pages in enumerate(pool.map(page, range(12)))])
print(publish_doctree("Text\n\n.. none:: x\n", settings_overrides={"report_level": 5}).pformat()[:400])
for name in "python", "c", "html", "json", "bash":
    lexer = get_lexer_by_name(name)
    code = 'def f(x): # c\n    return {"a": 1.5} if x else """t"""\n<a href="b">&amp;</a>\nint main(void) { return 0; }\n'
    tokens = list(lexer.get_tokens(code))
    print(name, len(tokens), str(tokens[3]), highlight(code, lexer, NullFormatter()) == code)
print(highlight("x = [1, 'a']\n", get_lexer_by_name("python"), HtmlFormatter(linenos=True)))
print(highlight("x = 1\n", get_lexer_by_name("python"), LatexFormatter()), guess_lexer_for_filename("a.c", "int x;").name)
