# with matplotlib
"""Plots as PNG, SVG and raw pixels; text, ticks, legends, events; figures in threads."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return hashlib.md5(canvas.buffer_rgba()).hexdigest()


def draw(kind):
    figure = Figure(figsize=(4, 3), dpi=60)
    axes = figure.add_subplot()
    x = np.linspace(0, 6, 50)
    if kind == 0:
        axes.plot(x, np.sin(x), "r--", label="sine")
        axes.legend()
    elif kind == 1:
        axes.bar(["a", "b", "c"], [1, 3, 2])
        axes.set_title(r"$\alpha^2 + \frac{1}{2}$")
    elif kind == 2:
        axes.imshow(np.outer(x, x), cmap="viridis")
    else:
        axes.contourf(np.outer(np.sin(x), np.cos(x)))
        axes.text(5, 5, "text", rotation=30)
    return pixels(figure)


print([draw(kind) for kind in range(4)])
with ThreadPoolExecutor(2) as pool:
    print(len(set(pool.map(draw, [0, 1, 2, 3] * 2))))
figure, (left, right) = plt.subplots(1, 2)
line, = left.plot([1, 2, 3], [3, 1, 2], marker="o")
right.hist(np.random.RandomState(0).randn(200), bins=10)
right.set_yscale("log")
print(left.get_xlim(), [t.get_text() for t in left.get_xticklabels()][:3], line.get_xydata().tolist())
seen = []
figure.canvas.mpl_connect("draw_event", lambda event: seen.append(event.name))
for form in "png", "svg", "pdf":
    out = io.BytesIO()
    figure.savefig(out, format=form, metadata={"Date": None} if form == "svg" else None)
    print(form, out.getvalue()[:4], len(out.getvalue()) > 5000)
print(seen[:1], plt.get_fignums(), left.transData.transform((1, 1)).round(2).tolist())
plt.close("all")
print(matplotlib.colors.to_hex("tab:blue"), matplotlib.dates.num2date(19000).isoformat())
