#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Runs the threaded programs of examples/ under Orochi and python3.11 with 1 and 2 threads.

Prints a table of medians and writes a chart (build/demo.svg). The runs alternate between the
interpreters and thread counts, so that noise hits all of them alike.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import PYTHON, ROOT, run  # noqa: E402

WIDTH, BAR, GAP = 720, 16, 26


def measure(orochi, program, threads, rounds):
    """{(interpreter, threads): (seconds, kilobytes)}; medians of the rounds."""
    cases = [(name, command, n) for n in threads
             for name, command in (("python3.11", PYTHON), ("orochi", orochi))]
    times = {(name, n): [] for name, _, n in cases}
    outputs = set()
    for i in range(rounds + 1):
        for name, command, n in cases:
            seconds, kilobytes, output = run([command, str(program), str(n)])
            outputs.add(output)
            if i > 0:
                times[name, n].append((seconds, kilobytes))
    if len(outputs) != 1:
        raise RuntimeError(f"{program.name}: outputs differ: {outputs}")
    return {key: (statistics.median(s for s, _ in runs), statistics.median(k for _, k in runs))
            for key, runs in times.items()}


def chart(results, threads, path):
    """Horizontal bars: work per second relative to python3.11 with one thread."""
    bars, y = [], 60
    longest = max(row["python3.11", threads[0]][0] / seconds
                  for row in results.values() for seconds, _ in row.values())
    scale = (WIDTH - 330) / longest
    for program, row in results.items():
        base = row["python3.11", threads[0]][0]
        bars.append(f'<text x="20" y="{y + 12}" font-weight="bold">{program}</text>')
        y += BAR + 4
        for name in ("python3.11", "orochi"):
            for n in threads:
                speed = base / row[name, n][0]
                colour = "#9aa5b1" if name == "python3.11" else "#c0392b"
                label = f"{name}, {n} thread{'s' if n > 1 else ''}"
                bars.append(f'<text x="30" y="{y + 12}">{label}</text>'
                            f'<rect x="190" y="{y}" width="{speed * scale:.1f}" height="{BAR}" '
                            f'fill="{colour}"/>'
                            f'<text x="{196 + speed * scale:.1f}" y="{y + 12}">{speed:.2f}x</text>')
                y += BAR + 4
        y += GAP - BAR
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
        f'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{y}" fill="white"/>'
        f'<text x="20" y="30" font-size="16">Throughput of threaded programs, python3.11 with one '
        f'thread = 1</text>' + "".join(bars) + "</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--chart", type=pathlib.Path, default=ROOT / "build" / "demo.svg")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    orochi = os.path.abspath(options.orochi)
    last = options.threads[-1]
    head = "".join(f"{name + ' ' + str(n):>14}" for n in options.threads
                   for name in ("python3.11", "orochi"))
    print(f"{'program':14}{head}{'1 thread':>10}{f'{last} : 1':>8}{'memory':>8}")
    results, failed = {}, False
    for program in sorted((ROOT / "examples").glob("*.py")):
        try:
            row = measure(orochi, program, options.threads, options.rounds)
        except RuntimeError as error:
            print(f"{program.stem:14} FAILED: {error}")
            failed = True
            continue
        results[program.stem] = row
        cells = "".join(f"{row[name, n][0]:13.3f}s" for n in options.threads
                        for name in ("python3.11", "orochi"))
        single = row["python3.11", 1][0] / row["orochi", 1][0]
        scaling = row["orochi", 1][0] / row["orochi", last][0]
        memory = max(row["orochi", n][1] / row["python3.11", n][1] for n in options.threads)
        print(f"{program.stem:14}{cells}{single:9.2f}x{scaling:7.2f}x{memory:7.2f}x", flush=True)
    if results:
        chart(results, options.threads, options.chart)
        print(f"'1 thread': speed against python3.11; '{last} : 1': speed-up by threads. "
              f"Chart: {options.chart}")
    if options.json:
        flat = {p: {f"{name} {n}": v for (name, n), v in row.items()} for p, row in results.items()}
        options.json.write_text(json.dumps(flat, indent=1) + "\n")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
