# SPDX-License-Identifier: MIT
class Manager:
    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, *arguments):
        print("exit", arguments[0])


def numbers():
    with Manager():
        for i in range(10):
            yield i


def step():
    try:
        yield 1
    finally:
        print("finally")


def find(wanted):
    for x in numbers():
        if x == wanted:
            break
    print("found", x)


def find_and_return(wanted):
    for x in numbers():
        if x == wanted:
            return x


for x in numbers():
    if x == 2:
        break
print("after the loop")
find(3)
print(find_and_return(4))
g = step()
next(g)
del g
print("after del")
next(step())
print("after next")


def rebind():
    g = step()
    next(g)
    g = None
    print("rebound")


rebind()
