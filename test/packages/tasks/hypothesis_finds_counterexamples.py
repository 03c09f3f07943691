# with hypothesis
"""Properties that hold, one that does not and is shrunk, a state machine."""

from hypothesis import HealthCheck, example, find, given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

fixed = settings(derandomize=True, database=None, deadline=None, max_examples=60,
                 suppress_health_check=list(HealthCheck))


@fixed
@given(st.lists(st.integers()))
@example([3, 1])
def sorting_twice_changes_nothing(items):
    assert sorted(sorted(items)) == sorted(items)


@fixed
@given(st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False)), st.data())
def what_is_stored_is_found(d, data):
    if d:
        key = data.draw(st.sampled_from(sorted(d)))
        assert d[key] == dict(d)[key]


@fixed
@given(st.recursive(st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=10))
def nesting_survives_repr(value):
    assert eval(repr(value)) == value


@fixed
@given(st.integers(), st.integers())
def addition_is_small(a, b):
    assert a + b < 1000


class Stack(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model, self.real = [], []

    @rule(v=st.integers(0, 9))
    def push(self, v):
        self.model.append(v)
        self.real.append(v)

    @precondition(lambda self: self.model)
    @rule()
    def pop(self):
        assert self.model.pop() == self.real.pop()

    @invariant()
    def same(self):
        assert len(self.real) < 4, "too long"


for holds in sorting_twice_changes_nothing, what_is_stored_is_found, nesting_survives_repr:
    holds()
    print(holds.__name__)
try:
    addition_is_small()
except AssertionError as error:
    print("failed", *getattr(error, "__notes__", ()))
print(find(st.lists(st.integers(min_value=0)), lambda x: sum(x) >= 10, settings=fixed))
print(find(st.from_regex(r"\A[a-c]{2,4}\d\Z"), lambda s: "c" in s, settings=fixed))
try:
    run_state_machine_as_test(Stack, settings=fixed)
except AssertionError as error:
    print(error)
