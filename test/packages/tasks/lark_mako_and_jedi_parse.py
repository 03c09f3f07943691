# with lark mako jedi
"""A grammar with both parsers of lark, templates of mako, completions of jedi; in threads."""

from concurrent.futures import ThreadPoolExecutor

import jedi
from lark import Lark, Transformer, UnexpectedInput, v_args
from mako.template import Template

GRAMMAR = """
?start: sum
?sum: product | sum "+" product -> add | sum "-" product -> sub
?product: atom | product "*" atom -> mul
?atom: NUMBER -> number | "-" atom -> neg | "(" sum ")" | NAME "(" [sum ("," sum)*] ")" -> call
%import common.CNAME -> NAME
%import common.NUMBER
%ignore " "
"""


@v_args(inline=True)
class Compute(Transformer):
    from operator import add, mul, neg, sub
    number = float

    def call(self, name, *values):
        return {"max": max, "min": min}[str(name)](values)


def compute(text):
    return Compute().transform(lalr.parse(text))


lalr = Lark(GRAMMAR, parser="lalr")
with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(compute, ["1+2*3", "-(4-1)*2", "max(1, 2*3, min(9, 4))", "2*(3+4)*5-1"] * 5)))
print(Lark(GRAMMAR).parse("1 + f(2, -3)").pretty())
for text in "1 +", "1 $ 2", "(1":
    try:
        lalr.parse(text)
    except UnexpectedInput as error:
        print(type(error).__name__, error.get_context(text).strip())
template = Template("""<%def name="row(x)"><td>${x | h}</td></%def>\\
% for k, item in enumerate(items):
${k}: ${row(item)} ${'odd' if k % 2 else 'even'}
% endfor
<%! import math %>${math.floor(2.7)} <%block filter="trim"> in a block </%block>
<% total = sum(map(len, items)) %>${total}
""")
print(template.render(items=["a<b", "ccc"]))
try:
    Template("line\n${1 / 0}").render()
except ZeroDivisionError as error:
    print(error)
SOURCE = "import collections\nclass A:\n    def first(self): return [1]\n    def second(self): 'doc'\na = A()\nx = a.first()\na."
script = jedi.Script(SOURCE)
print([c.name for c in script.complete(7, 2) if not c.name.startswith("_")],
      [n.name for n in jedi.Script(SOURCE[:-2]).get_names()],
      [d.name for d in jedi.Script(SOURCE[:-2]).infer(6, 0)], [r.line for r in script.get_references(2, 6)])
