"""Functions that ollama-python 0.6.3 describes rightly: plain types, no defaults, a Google docstring."""

from typing import Optional


def add_two_numbers(a: int, b: int) -> int:
    """
    Add two numbers

    Args:
      a (int): The first number
      b (int): The second number

    Returns:
      int: The sum of the two numbers
    """
    return a + b


def get_weather(city: str, unit: str) -> str:
    """Get the weather.

    It is said for today.

    Args:
        city: The city,
            with its country.
        unit: celsius or fahrenheit
    """
    return f"{city} {unit}"


def scale(value: float, exact: bool) -> float:
    """Scale a value."""
    return value if exact else round(value)


def find(name: str, limit: Optional[int]) -> str:
    """Find somebody.

    Args:
        name: Who (by name): exactly
        limit: How many
    Raises:
        ValueError: never
    """
    return f"{name} {limit}"


def now() -> str:
    """The time."""
    return "now"


def silent(a: int) -> int:
    return a


def untyped(text) -> str:
    """Echo.

    Args:
        text: What to say
    """
    return text
