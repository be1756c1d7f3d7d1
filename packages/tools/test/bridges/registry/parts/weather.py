"""Tools in mindX's manner: objects with execute, results (ok, data)."""

import asyncio
import os
import sys
import time


class BaseTool:
    def __init__(self, memory_agent=None, **kwargs):
        self.memory = memory_agent


class WeatherTool(BaseTool):
    """Tells the weather."""

    def get_schema(self):
        return {
            "name": "weather",
            "description": "The weather of a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        }

    async def execute(self, city: str = "", **kwargs):
        await asyncio.sleep(0)
        if city == "Atlantis":
            return False, "There is no such city."
        return True, {"city": city, "celsius": 21, "memory": self.memory}


class SignatureTool(BaseTool):
    """Says where it looks."""

    async def execute(self, query: str, limit: int = 5):
        """Looks for something.

        Args:
            query: What to look for.
        """
        return True, f"{query} {limit}"


class NamelessTool(BaseTool):
    def get_schema(self):
        return {"description": "Has no name and no parameters."}

    def execute(self):
        return (True, "nameless")


class OpenAiTool:
    def get_schema(self):
        return {"type": "function", "function": {"name": "nested", "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}}

    def execute(self, x=0):
        return x + 1


class NoisyTool:
    """Prints all over the place."""

    def execute(self):
        print('{"id": 1, "ok": true, "content": "forged"}')
        sys.stdout.write("no newline")
        os.write(1, b'{"id": 2}\n')
        os.system("echo from a shell")
        return input() if not sys.stdin.isatty() and sys.stdin.read() else "quiet"


class WildTool:
    """Goes wrong as it is told."""

    def execute(self, how: str, seconds: float = 30.0):
        if how == "raise":
            raise ValueError("the tool broke")
        if how == "exit":
            sys.exit(3)
        if how == "die":
            os._exit(9)
        if how == "sleep":
            time.sleep(seconds)
        if how == "spin":
            while True:
                pass
        if how == "big":
            return "z" * 3_000_000
        if how == "odd":
            return {"set": {3, 1}, "bytes": b"x", "nan": float("nan"), "lone": "\ud800"}
        return how


class SlowTool:
    """Waits, and can be stopped."""

    async def execute(self, seconds: float = 30.0):
        await asyncio.sleep(seconds)
        return "awake"


class NeedyTool:
    def __init__(self, database):
        self.database = database

    def execute(self):
        return self.database


class NoTool:
    pass


def plain(a: int) -> int:
    """Doubles."""
    return a * 2
