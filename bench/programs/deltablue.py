"""An incremental constraint solver in the manner of DeltaBlue (small objects, lists, dispatch)."""
import sys

REQUIRED, STRONG, PREFERRED, WEAK, WEAKEST = range(5)


class Variable:
    def __init__(self, value):
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.strength = WEAKEST
        self.mark = 0
        self.stay = True


class Constraint:
    def __init__(self, strength):
        self.strength = strength

    def add(self, planner):
        for variable in self.variables():
            variable.constraints.append(self)
        planner.incremental_add(self)

    def remove(self, planner):
        if self.is_satisfied():
            planner.incremental_remove(self)
        for variable in self.variables():
            variable.constraints.remove(self)

    def satisfy(self, mark, planner):
        self.choose_method(mark)
        if not self.is_satisfied():
            if self.strength == REQUIRED:
                raise RuntimeError("a required constraint failed")
            return None
        for variable in self.inputs():
            variable.mark = mark
        out = self.output()
        overridden = out.determined_by
        if overridden is not None:
            overridden.unsatisfy()
        out.determined_by = self
        planner.propagate(self, mark)
        out.mark = mark
        return overridden


class Edit(Constraint):
    def __init__(self, variable, strength):
        super().__init__(strength)
        self.out = variable
        self.satisfied = False

    def variables(self):
        return (self.out,)

    def inputs(self):
        return ()

    def output(self):
        return self.out

    def choose_method(self, mark):
        self.satisfied = self.out.mark != mark and self.strength < self.out.strength

    def is_satisfied(self):
        return self.satisfied

    def unsatisfy(self):
        self.satisfied = False

    def recalculate(self):
        self.out.strength = self.strength
        self.out.stay = False

    def execute(self):
        pass


class Equal(Constraint):
    def __init__(self, first, second, strength):
        super().__init__(strength)
        self.first = first
        self.second = second
        self.direction = 0

    def variables(self):
        return (self.first, self.second)

    def choose_method(self, mark):
        self.direction = 0
        if self.first.mark == mark:
            if self.second.mark != mark and self.strength < self.second.strength:
                self.direction = 1
        elif self.second.mark == mark:
            if self.strength < self.first.strength:
                self.direction = -1
        elif self.first.strength > self.second.strength:
            if self.strength < self.first.strength:
                self.direction = -1
        elif self.strength < self.second.strength:
            self.direction = 1

    def is_satisfied(self):
        return self.direction != 0

    def unsatisfy(self):
        self.direction = 0

    def inputs(self):
        return (self.first,) if self.direction > 0 else (self.second,)

    def input(self):
        return self.first if self.direction > 0 else self.second

    def output(self):
        return self.second if self.direction > 0 else self.first

    def recalculate(self):
        source, out = self.input(), self.output()
        out.strength = max(self.strength, source.strength)
        out.stay = source.stay
        if out.stay:
            self.execute()

    def execute(self):
        self.output().value = self.input().value


class Scale(Equal):
    def __init__(self, source, factor, offset, target, strength):
        super().__init__(source, target, strength)
        self.factor = factor
        self.offset = offset

    def execute(self):
        if self.direction > 0:
            self.second.value = self.first.value * self.factor + self.offset
        else:
            self.first.value = (self.second.value - self.offset) // self.factor


class Planner:
    def __init__(self):
        self.current = 0

    def new_mark(self):
        self.current += 1
        return self.current

    def incremental_add(self, constraint):
        mark = self.new_mark()
        overridden = constraint.satisfy(mark, self)
        while overridden is not None:
            overridden = overridden.satisfy(mark, self)

    def incremental_remove(self, constraint):
        out = constraint.output()
        constraint.unsatisfy()
        out.determined_by = None
        out.strength = WEAKEST
        out.stay = True
        unsatisfied, todo = [], [out]
        while todo:
            variable = todo.pop()
            for c in variable.constraints:
                if not c.is_satisfied():
                    unsatisfied.append(c)
                elif variable.determined_by is not c:
                    c.recalculate()
                    todo.append(c.output())
        for strength in range(WEAKEST):
            for c in unsatisfied:
                if c.strength == strength:
                    self.incremental_add(c)

    def propagate(self, constraint, mark):
        todo = [constraint]
        while todo:
            c = todo.pop()
            c.recalculate()
            out = c.output()
            for other in out.constraints:
                if other is not out.determined_by and other.is_satisfied():
                    todo.append(other)

    def plan(self, sources):
        mark = self.new_mark()
        todo, plan = list(sources), []
        while todo:
            c = todo.pop()
            out = c.output()
            if out.mark != mark and all(v.mark == mark or v.stay or v.determined_by is None
                                        for v in c.inputs()):
                plan.append(c)
                out.mark = mark
                for other in out.constraints:
                    if other is not out.determined_by and other.is_satisfied():
                        todo.append(other)
        return plan


def chain(n, rounds):
    planner = Planner()
    variables = [Variable(0) for _ in range(n + 1)]
    for a, b in zip(variables, variables[1:]):
        Equal(a, b, REQUIRED).add(planner)
    edit = Edit(variables[0], PREFERRED)
    edit.add(planner)
    plan = planner.plan([edit])
    for value in range(rounds):
        variables[0].value = value
        for c in plan:
            c.execute()
        assert variables[-1].value == value
    edit.remove(planner)
    return len(plan)


def projection(n, rounds):
    planner = Planner()
    pairs = []
    for i in range(n):
        source, target = Variable(i), Variable(i)
        Scale(source, 10, 1000, target, REQUIRED).add(planner)
        pairs.append((source, target))
    total = 0
    for i in range(rounds):
        source, target = pairs[i % n]
        edit = Edit(source, PREFERRED)
        edit.add(planner)
        for value in range(10):
            source.value = value
            for c in planner.plan([edit]):
                c.execute()
            total += target.value
        edit.remove(planner)
    return total


size = int(sys.argv[1]) if len(sys.argv) > 1 else 12000
print(chain(size, 120), projection(size, size))
