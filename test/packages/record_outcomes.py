# SPDX-License-Identifier: MIT
"""A pytest plugin that writes each test's outcome to $OUTCOMES as it ends.

Lines: outcome, space, id; "start" comes before a test runs, so that a crash shows which one it was.
Tests that the file names already (of a process that died) are not run again.
"""

import os

record = open(os.environ["OUTCOMES"], "a+", buffering=1)
record.seek(0)
known = {line.rstrip("\n").partition(" ")[2] for line in record}


def pytest_collection_modifyitems(config, items):
    items[:] = [item for item in items if name_of(item.nodeid) not in known]


def name_of(nodeid):
    return nodeid.partition("::")[2].encode("unicode_escape").decode()


def pytest_runtest_logstart(nodeid, location):
    record.write(f"start {name_of(nodeid)}\n")


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        outcome = report.outcome if not hasattr(report, "wasxfail") else "xfailed"
        record.write(f"{outcome} {name_of(report.nodeid)}\n")
