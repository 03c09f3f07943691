# SPDX-License-Identifier: MIT
"""Runs one file of the regression tests and records each method's outcome as it ends.

usage: run_one.py test_name record-file. Lines of the record: outcome, space, method; "start" comes
before a method runs, so that a crash shows which one it was.
"""

import importlib
import sys
import unittest

sys.path[:] = [entry for entry in sys.path if not entry.endswith("test/conformance")]


class Recorder(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.subtest_failed = False

    def note(self, outcome, test):
        record.write(f"{outcome} {test.id()}\n")
        record.flush()

    def startTest(self, test):
        super().startTest(test)
        self.subtest_failed = False
        self.note("start", test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note("failure", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.note("error", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note("skip", test)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.note("ok", test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note("failure", test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note("failure", test)


def load(name):
    module = importlib.import_module("test." + name)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


if __name__ == "__main__":
    name = sys.argv[1]
    record = open(sys.argv[2], "w")
    sys.argv[1:] = []
    from test import support
    support.verbose = 0
    suite = load(name)
    result = unittest.TextTestRunner(resultclass=Recorder, verbosity=1).run(suite)
    sys.exit(not result.wasSuccessful())
