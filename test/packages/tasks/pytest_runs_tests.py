# with pytest
"""A folder of tests with fixtures, parameters, failures, captured output, a plugin, doctests."""

import contextlib
import io
import os
import re
import tempfile

import pytest

TESTS = '''
import sys, warnings, pytest

@pytest.fixture(params=[1, 2])
def number(request):
    yield request.param
    print("torn down", request.param)

@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("x")

def test_holds(number, shared):
    assert number in (1, 2) and shared.exists()

@pytest.mark.parametrize("a, b", [(1, 1), (2, 3)], ids=["same", "other"])
def test_equal(a, b):
    assert {"k": [a, 5], "z": "text"} == {"k": [b, 5], "z": "text"}

def test_output(capsys):
    print("seen")
    assert capsys.readouterr().out == "seen\\n"

def test_raises():
    with pytest.raises(ValueError, match="no.*t") as caught:
        raise ValueError("nought")
    assert caught.value.args == ("nought",)
    with pytest.warns(UserWarning):
        warnings.warn("careful")

def helper(x):
    y = x * 2
    return y / 0

def test_deep():
    print("before")
    helper(3)

@pytest.mark.skipif(True, reason="not now")
def test_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_known(): assert "long text " * 3 in "other text"

class TestGroup:
    def setup_method(self): self.x = 1
    def test_approx(self, monkeypatch):
        monkeypatch.setenv("OWN", "1")
        assert 0.1 + 0.2 == pytest.approx(0.3) and self.x
    def test_in_group(self): assert not [i for i in range(3) if i == 2]

def documented():
    """
    >>> 1 + 1
    3
    """
'''


class Recorder:
    def __init__(self):
        self.reports = []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.reports.append((report.nodeid, report.outcome))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("test_own.py", "w") as file:
        file.write(TESTS)
    recorder, out = Recorder(), io.StringIO()
    with contextlib.redirect_stdout(out):
        status = pytest.main(["-ra", "-p", "no:cacheprovider", "--color=no", "--doctest-modules", "-p", "no:randomly",
                              "--noconftest", "-c", os.devnull, "--rootdir", folder, "test_own.py"], [recorder])
    print(status, *recorder.reports, sep="\n")
    text = re.sub(r"in \d+\.\d+s|platform.*|rootdir.*|plugins.*|0x[0-9a-f]+|configfile.*|.*arraydiff.*", "",
                  out.getvalue()).replace(folder, "")
    print(re.sub(r"=+", "=", text))
    os.chdir("/")
