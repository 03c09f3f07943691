# orochi, with greenlet gevent
"""greenlet changes the C stack below the interpreter: importing it is an error, not a crash."""

for name in "greenlet", "gevent":
    try:
        __import__(name)
    except ImportError as error:
        assert "greenlet" in str(error), error
    else:
        raise AssertionError(name)
