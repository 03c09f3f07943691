# with reportlab pygit2 xxhash
"""A PDF with tables; a repository with commits, a branch and a merge; fast hashes in threads."""

import io
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pygit2
import xxhash
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table


def document(k):
    out = io.BytesIO()
    made = SimpleDocTemplate(out, pagesize=A4, invariant=1)
    style = getSampleStyleSheet()["Normal"]
    made.build([Paragraph(f"Text <b>bold</b> {k} " * 40, style),
                Table([[1, "a"], [2, "b"]], style=[("GRID", (0, 0), (-1, -1), 1, colors.red)])])
    page = canvas.Canvas(io.BytesIO(), invariant=1)
    page.drawString(10, 10, "drawn")
    page.showPage()
    return xxhash.xxh64(out.getvalue()).hexdigest(), len(page.getpdfdata()) > 500


print(document(3))
with ThreadPoolExecutor(3) as pool:
    print([result == document(k) for k, result in enumerate(pool.map(document, range(4)))])
    print(list(pool.map(lambda k: xxhash.xxh3_64_hexdigest(bytes([k]) * 100000), range(4))))
with tempfile.TemporaryDirectory() as folder:
    repository = pygit2.init_repository(folder)
    who = pygit2.Signature("name", "a@b", 1700000000, 60)

    def commit(name, text, message, reference="refs/heads/main"):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
        repository.index.add(name)
        parents = [repository.references[reference].target] if reference in repository.references else []
        return repository.create_commit(reference, who, who, message, repository.index.write_tree(), parents)

    first = commit("a", "one\n", "first")
    second = commit("b", "two\n", "second")
    print(first, second, [c.message for c in repository.walk(second)])
    repository.set_head("refs/heads/main")
    repository.create_branch("side", repository[first])
    print(sorted(repository.branches), repository.diff(first, second).patch, repository.status())
    with open(os.path.join(folder, "a"), "a") as file:
        file.write("more\n")
    print(repository.diff().stats.insertions, repository[second].tree["b"].data, repository.merge_base(first, second) == first)
    try:
        repository["0" * 40]
    except KeyError as error:
        print(error)
