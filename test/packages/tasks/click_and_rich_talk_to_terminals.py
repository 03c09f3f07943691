# with click rich
"""A command line with groups, options and prompts; tables, trees, markup and tracebacks as text."""

import io
from concurrent.futures import ThreadPoolExecutor

import click
from click.testing import CliRunner
from rich.columns import Columns
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.pretty import Pretty
from rich.progress import track
from rich.syntax import Syntax
from rich.table import Table
from rich.tree import Tree


@click.group()
@click.option("-v", "--verbose", count=True, help="Say more.")
@click.version_option("1.2", prog_name="task")
@click.pass_context
def main(context, verbose):
    """What it does."""
    context.obj = verbose


@main.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(["a", "b"]), default="a", show_default=True)
@click.option("--size", type=click.IntRange(1, 5), envvar="SIZE")
@click.pass_obj
def greet(verbose, names, kind, size):
    """Greets."""
    click.secho(f"{verbose} {kind} {size} {', '.join(names)}", fg="red")


@main.command()
@click.option("--word", prompt=True, hide_input=True, confirmation_prompt=True)
def ask(word):
    if not click.confirm("sure?"):
        raise click.Abort()
    with click.progressbar([1, 2, 3]) as items:
        click.echo(sum(items))
    raise click.ClickException(f"no {word}")


for arguments, text in ((["--help"], ""), (["-vv", "greet", "x", "y", "--kind=b"], ""), (["greet"], ""),
                        (["greet", "x", "--size", "9"], ""), (["greet", "--kid", "x"], ""), (["nothing"], ""),
                        (["ask"], "w\nw\ny\n"), (["ask"], "w\nv\nw\nw\nn\n"), (["--version"], ""), (["greet", "--help"], "")):
    result = CliRunner().invoke(main, arguments, input=text, env={"SIZE": "2"})
    print(result.exit_code, result.output)


def render(thing):
    console = Console(file=io.StringIO(), width=70, color_system="truecolor", force_terminal=True, legacy_windows=False)
    console.print(thing)
    return console.file.getvalue()


table = Table("a", "b", title="[bold]table[/]", show_lines=True)
table.add_row("1", "[red]two[/red] words that are long enough to be wrapped somewhere in this narrow cell")
tree = Tree("root")
tree.add("leaf").add(Panel("panel", subtitle=":smiley:"))
things = [table, tree, Markdown("# T\n\n* a\n* `b`\n\n> q"), Syntax("def f(x):\n    return x", "python", line_numbers=True),
          Pretty({"a": [1, 2.5, "x"] * 8}), Columns(["a", "b", "c"] * 5), "[b]x[/b] 12 'str' None"]
with ThreadPoolExecutor(4) as pool:
    rendered = list(pool.map(render, things))
print(*map(ascii, rendered), sep="\n")
print(rendered == [render(thing) for thing in things], list(track(range(3), console=Console(file=io.StringIO()))))
console = Console(file=io.StringIO(), width=80, record=True)
try:
    [1, 2][5]
except IndexError:
    console.print_exception(show_locals=False)
print("IndexError: list index out of range" in console.export_text(), "[5]" in console.file.getvalue())
try:
    render("[red]unclosed[/blue]")
except Exception as error:
    print(type(error).__name__, error)
