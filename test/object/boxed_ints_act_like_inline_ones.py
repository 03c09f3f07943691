"""Items of lists are boxed: every operation on them must give what it gives on the number itself."""
import operator

edges = [0, 1, 7, 2**15, 2**30, 2**48, 2**49, 2**53, 2**60, 2**62, 2**63]
numbers = sorted({sign * edge + step for edge in edges for sign in (1, -1) for step in (-1, 0, 1)})
boxed = list(numbers)
operations = [operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod,
              operator.truediv, operator.and_, operator.or_, operator.xor, operator.lt,
              operator.le, operator.eq, operator.ne]

total = 0
for i, a in enumerate(boxed):
    for k, b in enumerate(boxed):
        for operation in operations:
            try:
                result = operation(a, b)
            except ZeroDivisionError as e:
                result = str(e)
            total = (total + len(repr(result))) % 1000003
            if isinstance(result, int):
                total = (total * 7 + result) % 1000003
print(total)
for a in boxed:
    print(a, a + boxed[4], a - boxed[-5], a * 3, a == float(a), float(a) == a, a < float(a) + 1,
          {a: 1}.get(a), a in {a}, {float(a), a} == {a}, hash((a, -a)))
values = {x: -x for x in boxed}
print([values[int(str(x))] for x in numbers] == [-x for x in numbers])
print(sum(boxed), max(boxed), min(boxed), sorted(boxed, reverse=True)[:3])
print([x is y for x, y in zip(boxed, boxed)].count(True) == len(boxed))
