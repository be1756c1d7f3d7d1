"""Seventeen signatures: what tools in the field look like, and what converters get wrong."""

import dataclasses
import enum
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict, Union


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    """A place.

    Args:
        x: To the right.
        y: Upwards.
    """

    x: float
    y: float
    label: str = "here"


@dataclasses.dataclass
class Line:
    start: Point
    end: Optional[Point] = None


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


@dataclasses.dataclass
class Tree:
    value: int
    children: list["Tree"] = dataclasses.field(default_factory=list)


def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: The first number.
        b (int): The second number,
            on two lines.

    Returns:
        The sum.
    """
    return a + b


def greet(name: str, greeting: str = "Hello", times: int = 1) -> str:
    """Greet somebody.

    Args:
        name: Who.
        greeting: How.
    """
    return " ".join([f"{greeting} {name}!"] * times)


def search(query: str, limit: Optional[int] = None, kind: str | None = None) -> list[str]:
    """Search.

    Parameters
    ----------
    query : str
        What to look for,
        in words.
    limit : int, optional
        How many at most.

    Returns
    -------
    list of str
        What was found.
    """
    return [query, str(limit), str(kind)]


def move(source: str, target: str, force: bool = False) -> str:
    """Move a file.

    :param source: From where.
    :param str target: To where,
        a folder or a file.
    :type force: bool
    :param force: Whether to replace what is there.
    :returns: Nothing of use.
    """
    return f"{source}>{target}:{force}"


def either(value: Union[int, str]) -> str:
    """Takes a number or a text."""
    return f"{type(value).__name__} {value}"


def total(numbers: list[int], weights: dict[str, float]) -> float:
    """Adds up.

    Args:
        numbers: Some numbers.
        weights: Their weights.
    """
    return sum(numbers) + sum(weights.values())


def choose(mode: Literal["fast", "slow"], level: Literal[1, 2, 3] = 2) -> str:
    """Chooses."""
    return f"{mode} {level}"


def paint(color: Color, second: Optional[Color] = None) -> str:
    """Paints."""
    return f"{color!r} {second!r}"


def everything(*args: int, **kwargs: str) -> str:
    """Takes whatever comes."""
    return f"{args} {sorted(kwargs.items())}"


class Counter:
    """Counts."""

    def count(self, by: int = 1) -> int:
        """Counts on.

        Args:
            by: How far.
        """
        return by


count = Counter().count


def draw(line: Line, points: list[Point]) -> str:
    """Draws.

    Args:
        line: The line.
    """
    return f"{type(line.start).__name__} {type(line.end).__name__} {len(points)} {points[0].label}"


def rate(movie: Movie, stars: Annotated[int, "From 1 to 5."]) -> str:
    """Rates a movie."""
    return f"{movie['title']} {stars}"


def bare(a, b=3, *, c: "int" = 4):
    return f"{a} {b} {c}"


def grow(tree: Tree) -> int:
    """Counts the values of a tree."""
    return 1 + sum(grow(child) for child in tree.children)


def pair(point: tuple[float, float], tags: set[str], rest: tuple[int, ...] = ()) -> str:
    """Takes a pair."""
    return f"{type(point).__name__} {type(tags).__name__} {rest}"


async def later(seconds: float = 0.0, note: Any = None) -> dict:
    """Answers later."""
    return {"seconds": seconds, "note": note}


def nothing():
    """Takes nothing."""


__all__ = [
    *("add greet search move either total choose paint everything count draw rate bare grow pair later nothing".split()),
]
