#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Runs the threaded programs of examples/ under Orochi and python3.11 with 1 and 2 threads.

Prints a table and writes a chart (build/demo.svg). The runs alternate between the interpreters and
thread counts, so that noise hits all of them alike, and every ratio is the median of the ratios of
neighbouring runs.

The processors of a virtual machine may differ by a factor of two, as their neighbours do. So the
runs with one thread are pinned to one processor, both interpreters to the same, and repeated on
each; what n threads do is compared with n times the mean work per second of one thread on these.

The column "machine" says what the machine itself gives: in every round as many independent
processes as there are threads run the same program with one thread each at the same time, one on
each processor, and their common throughput is compared with what one does alone. Threads cannot be
expected to do better than that.
The column "by CPU" is the speed-up in processor time, n * used(1) / used(n): how much more work the
threads make for each other, without the time that they wait, be it for a lock or for a core that
another program has. It is below n too when a core gets slower because its neighbour works; the
"machine" beside it says by how much for the independent processes. No figure is corrected by
another.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import PROCESSORS, PYTHON, ROOT, Run, run  # noqa: E402

WIDTH, BAR, GAP = 720, 16, 26


def run_at_once(command, processors):
    """(work per second that copies on these did together, their mean processor time)"""
    with concurrent.futures.ThreadPoolExecutor(len(processors)) as pool:
        runs = [pool.submit(run, command, [processor]) for processor in processors]
        done = [r.result() for r in runs]
    return sum(1 / r.seconds for r in done), statistics.fmean(r.processor for r in done)


def mean_run(runs):
    """One that does the mean work per second of these; outputs are left out."""
    return Run(statistics.harmonic_mean([r.seconds for r in runs]),
               statistics.harmonic_mean([r.processor for r in runs]),
               max(r.kilobytes for r in runs), None)


def measure(orochi, program, threads, rounds):
    """({(interpreter, threads): (seconds, kilobytes)}, ratios by name); medians of the rounds."""
    cases = [(name, command, n) for n in threads
             for name, command in (("python3.11", PYTHON), ("orochi", orochi))]
    runs = {(name, n): [] for name, _, n in cases}
    processors = PROCESSORS[:threads[-1]]
    ratios = {"single": [], "scaling": [], "machine": [], "by CPU": [],
              "machine by CPU": []}
    outputs = set()
    for command in PYTHON, orochi:
        run([command, str(program), "1", "4"])  # fills the cache of compiled code
    for _ in range(rounds):
        for name, command, n in cases:
            where = [[p] for p in processors] if n == 1 else [PROCESSORS]
            done = [run([command, str(program), str(n)], w) for w in where]
            runs[name, n].append(mean_run(done))
            outputs.update(r.output for r in done)
        theirs, ours, last = (runs[case][-1] for case in
                              (("python3.11", 1), ("orochi", 1), ("orochi", threads[-1])))
        ratios["single"].append(theirs.seconds / ours.seconds)
        ratios["scaling"].append(ours.seconds / last.seconds)
        ratios["by CPU"].append(threads[-1] * ours.processor / last.processor)
        speed, used = run_at_once([orochi, str(program), "1"], processors)
        ratios["machine"].append(ours.seconds * speed)
        ratios["machine by CPU"].append(threads[-1] * ours.processor / used)
    if len(outputs) != 1:
        raise RuntimeError(f"{program.name}: outputs differ: {outputs}")
    medians = {key: (statistics.median(r.seconds for r in found),
                     statistics.median(r.kilobytes for r in found)) for key, found in runs.items()}
    return medians, {key: statistics.median(found) for key, found in ratios.items()}


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
    print(f"{'program':14}{head}{'1 thread':>10}{f'{last} : 1':>8}{'machine':>9}"
          f"{'by CPU':>8}{'machine':>9}{'memory':>8}")
    results, all_ratios, failed = {}, {}, False
    for program in sorted((ROOT / "examples").glob("*.py")):
        try:
            row, ratios = measure(orochi, program, options.threads, options.rounds)
        except RuntimeError as error:
            print(f"{program.stem:14} FAILED: {error}")
            failed = True
            continue
        results[program.stem], all_ratios[program.stem] = row, ratios
        cells = "".join(f"{row[name, n][0]:13.3f}s" for n in options.threads
                        for name in ("python3.11", "orochi"))
        memory = max(row["orochi", n][1] / row["python3.11", n][1] for n in options.threads)
        print(f"{program.stem:14}{cells}{ratios['single']:9.2f}x{ratios['scaling']:7.2f}x"
              f"{ratios['machine']:8.2f}x{ratios['by CPU']:7.2f}x"
              f"{ratios['machine by CPU']:8.2f}x{memory:7.2f}x", flush=True)
    if results:
        chart(results, options.threads, options.chart)
        print(f"'1 thread': speed against python3.11; '{last} : 1': speed-up by threads; "
              f"'machine': by {last} processes. Chart: {options.chart}")
    if options.json:
        flat = {p: {f"{name} {n}": v for (name, n), v in row.items()} | all_ratios[p]
                for p, row in results.items()}
        options.json.write_text(json.dumps(flat, indent=1) + "\n")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
