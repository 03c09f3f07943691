# SPDX-License-Identifier: MIT
# A generator that goes on is at the line of its yield; the rest of that line is no new one.
import sys


def simple():
    yield 0
    x = 1
    yield x
    yield (yield
           3)


def delegating():
    y = yield from simple()
    yield y


def handling():
    try:
        yield 1
    finally:
        x = 2


async def one():
    return 1


async def awaiting():
    x = await one()
    y = (await one() +
         await one())
    return x, y


frames = []


def trace(frame, event, argument):
    if event == "exception":
        return trace
    if not any(frame is f for f in frames):
        frames.append(frame)
    number = [frame is f for f in frames].index(True)
    print(number, frame.f_code.co_name, event, frame.f_lineno)
    return trace


def run(make):
    print(make.__name__)
    made = make()
    sys.settrace(trace)
    try:
        made.send(None)
        while True:
            made.send(5)
    except StopIteration as e:
        sys.settrace(None)
        print(e.value)


for make in simple, delegating, handling, awaiting:
    run(make)


def profile(frame, event, argument):
    print(frame.f_code.co_name, event, frame.f_lineno)


g = simple()
next(g)
sys.setprofile(profile)
list(g)
sys.setprofile(None)
