# with attr pydantic
"""Classes made from annotations: validators, converters, slots, generics, JSON schemas; in threads."""

import enum
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Generic, List, Literal, Optional, TypeVar, Union

import attr
from pydantic import BaseModel, Field, ValidationError, constr, root_validator, validate_arguments, validator
from pydantic.dataclasses import dataclass as checked
from pydantic.generics import GenericModel


@attr.s(slots=True, order=True, auto_attribs=True)
class Point:
    x: int = attr.ib(converter=int)
    y: float = attr.ib(default=1.5, validator=attr.validators.instance_of(float))
    tags: list = attr.Factory(list)

    @x.validator
    def positive(self, attribute, value):
        if value < 0:
            raise ValueError(f"{attribute.name} is negative")


@attr.define(frozen=True, kw_only=True)
class Frozen:
    a: int
    b: str = "b"


class Colour(enum.Enum):
    RED = "red"


class Item(BaseModel):
    n: int = Field(..., gt=0)
    name: constr(min_length=2) = "none"
    when: Optional[datetime] = None
    parts: List["Item"] = []
    kind: Union[int, Literal["a", "b"]] = "a"
    colour: Colour = Colour.RED

    @validator("name")
    def upper(cls, value):
        return value.upper()

    @root_validator(skip_on_failure=True)
    def together(cls, values):
        if values["n"] == 13:
            raise ValueError("unlucky")
        return values


Item.update_forward_refs()
T = TypeVar("T")


class Box(GenericModel, Generic[T]):
    content: T


@checked
class Pair:
    a: int
    b: List[float]


@validate_arguments
def add(a: int, b: int = 2, *rest: int):
    return a + b + sum(rest)


def parse(k):
    return Item.parse_obj({"n": str(k + 1), "name": "ab", "parts": [{"n": 1, "kind": k}]}).json()


points = [Point("3"), Point(1, 2.0), Point(3, 0.5, ["t"])]
print(sorted(points), attr.asdict(points[2]), attr.evolve(points[0], x=9), Frozen(a=1), hash(Frozen(a=1)) == hash(Frozen(a=1)))
with ThreadPoolExecutor(4) as pool:
    print(sorted(set(pool.map(parse, [0, 1, 2, 3] * 20))))
item = Item(n=5, when="2024-01-02T03:04:05", parts=[{"n": 1}, {"n": 2, "kind": "b"}], colour="red")
print(item, item.dict(exclude={"parts": {0}}), item.copy(update={"n": 6}).n, Item.schema_json()[:300])
print(Box[int](content="5"), Box[List[str]].__name__, Pair("1", ["2.5"]), add("1", "2", 3))
for wrong in (lambda: Point(-1), lambda: Point(1, 2), lambda: setattr(Frozen(a=1), "a", 2), lambda: Frozen(1),
              lambda: Item(n=0, name="x", colour="blue", when="never"), lambda: Item(n=13), lambda: Box[int](content="x"),
              lambda: add("x"), lambda: setattr(points[0], "z", 1), lambda: Pair("x", 3)):
    try:
        wrong()
    except (ValidationError, ValueError, TypeError, AttributeError) as error:
        print(type(error).__name__, error)
