# with jinja2
"""Templates with inheritance, macros, filters, a sandbox, async rendering and errors with line numbers."""

import asyncio
import traceback
from concurrent.futures import ThreadPoolExecutor

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateSyntaxError, UndefinedError, meta
from jinja2.sandbox import SandboxedEnvironment, SecurityError

TEMPLATES = {
    "base": "<{% block title %}base{% endblock %}>{% block body %}{% endblock %}",
    "page": "{% extends 'base' %}{% from 'macros' import field with context %}{% block title %}{{ super() }}+page"
            "{% endblock %}{% block body %}{% for k, v in items|dictsort %}{{ loop.index }}:{{ field(k, v) }}"
            "{{ '' if loop.last else ', ' }}{% endfor %}{% endblock %}",
    "macros": "{% macro field(name, value='none') %}{{ name|upper }}={{ value|e }}({{ number }}){% endmacro %}",
    "recursive": "{% for n in tree recursive %}{{ n.name }}{% if n.kids %}[{{ loop(n.kids) }}]{% endif %}"
                 "{% endfor %}",
    "filters": "{{ [3, 1, 2]|sort|join('-') }} {{ words|map('length')|list }} {{ words|groupby('0') }}"
               " {{ 'a b c'.split()|batch(2)|list }} {{ 3.14159|round(2) }} {{ words|select('in', ['a'])|list }}"
               " {% set x %}block{% endset %}{{ x }} {{ {'a': 1}|tojson }} {{ '%s!' % x }} {{ range(5)|sum }}",
    "broken": "line\n{{ missing.name }}",
}
environment = Environment(loader=DictLoader(TEMPLATES), undefined=StrictUndefined)


def render(number):
    return environment.get_template("page").render(items={"b": "<x>", "a": number}, number=number)


with ThreadPoolExecutor(4) as pool:
    results = list(pool.map(render, range(50)))
print(results[7], len(set(results)))
tree = [{"name": "a", "kids": [{"name": "b", "kids": []}, {"name": "c", "kids": [{"name": "d"}]}]}]
print(Environment(loader=DictLoader(TEMPLATES)).get_template("recursive").render(tree=tree))
print(environment.get_template("filters").render(words=["a", "bb", "cc", "d"]))
try:
    environment.get_template("broken").render()
except UndefinedError as error:
    print(error, [(f.name, f.lineno) for f in traceback.extract_tb(error.__traceback__)][-1])
for wrong in "{% for %}", "{{ a", "{% nothing %}", "{{ a|nofilter }}":
    try:
        environment.from_string(wrong)
    except TemplateSyntaxError as error:
        print(error.lineno, error)
try:
    SandboxedEnvironment().from_string("{{ f.__globals__ }}{{ f.__code__.co_code }}").render(f=render)
except SecurityError as error:
    print(error)
print(sorted(meta.find_undeclared_variables(environment.parse("{% set a = b %}{{ a + c }}"))))


async def values():
    for k in range(3):
        await asyncio.sleep(0)
        yield k


async def main():
    template = Environment(enable_async=True).from_string("{% for v in values %}{{ v }}{% endfor %}")
    print(await template.render_async(values=values()))


asyncio.run(main())
