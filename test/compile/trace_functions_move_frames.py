# SPDX-License-Identifier: MIT
"""Setting f_lineno: into, out of and between blocks, and never into the middle of an expression
whose first half has not been computed."""
import sys


def run(function, source_line, target_line, event="line"):
    first = function.__code__.co_firstlineno
    log = []

    def trace(frame, what, argument):
        if frame.f_code is not function.__code__:
            return None
        if what == event and frame.f_lineno == first + source_line:
            sys.settrace(None)
            frame.f_trace = None
            try:
                frame.f_lineno = first + target_line
            except ValueError as error:
                log.append(str(error))
        return trace
    sys.settrace(trace)
    try:
        function(log)
    except Exception as error:
        log.append(repr(error))
    finally:
        sys.settrace(None)
    print(function.__name__, source_line, target_line, event, log)


class Manager:
    def __init__(self, log, number):
        self.log, self.number = log, number

    def __enter__(self):
        self.log.append(self.number)
        return self

    def __exit__(self, *exception):
        self.log.append((-self.number, exception[0]))


def between_managers(log):
    with Manager(log, 1):
        log.append(2)
    with Manager(log, 3):
        log.append(4)
        1 / 0


def into_manager(log):
    log.append(1)
    with Manager(log, 2):
        log.append(3)


def expression(log):
    a = 1
    list.append(
        log, 3
    )
    log.append(5)
    (
        (  # 7
            a
            +
            10
        )
        +
        13
    )
    log.append(15)


def call(log):
    log.append(
        1
    )
    log.append(max(
        log.append(5) or 2,
        3,
        4
    ))


def finally_twice(log):
    try:
        log.append(2)
        1 / 0
    finally:
        log.append(5)
        log.append(6)
    log.append(7)


def finally_return(log):
    for i in range(2):
        try:
            return log.append(3)
        finally:
            log.append(5)
            log.append(6)


def loops(log):
    for i in [1, 2]:
        log.append(i)
        log.append(3)
    for j in [4]:
        log.append(j)


def handlers(log):
    try:
        raise ValueError(2)
    except ValueError as error:
        log.append(repr(error))
        log.append(5)
    log.append(6)


for case in [
        (between_managers, 2, 4), (between_managers, 4, 2), (between_managers, 2, 5),
        (into_manager, 1, 3), (into_manager, 3, 1),
        (expression, 2, 7), (expression, 5, 7), (expression, 5, 12), (expression, 5, 1),
        (expression, 15, 1), (expression, 2, 15),
        (call, 1, 6), (call, 4, 1), (call, 5, 1), (call, 6, 5),
        (finally_twice, 5, 6), (finally_twice, 6, 5), (finally_twice, 5, 7), (finally_twice, 2, 7),
        (finally_return, 5, 6), (finally_return, 6, 5),
        (loops, 2, 3), (loops, 2, 5), (loops, 5, 2), (loops, 3, 4), (loops, 3, 2),
        (handlers, 4, 5), (handlers, 4, 6), (handlers, 2, 4), (handlers, 6, 2),
        (loops, 0, 2, "call"), (loops, 5, 2, "return")]:
    if case[1:3] not in [(3, 2)] or case[0] is not loops:
        run(*case)
