"""A tool in AutoGen 0.7's manner, without the library."""

import asyncio


class CancellationToken:
    pass


class FunctionTool:
    def __init__(self, function, description, name):
        self._func, self.description, self.name = function, description, name

    @property
    def schema(self):
        return {
            "name": self.name,
            "description": self.description,
            "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            "strict": False,
        }

    async def run_json(self, args, cancellation_token):
        self.token = cancellation_token
        return self._func(**args)

    def return_value_as_string(self, value):
        return f"<{value}>"


def twice(a):
    return a * 2


def double(a):
    """The plain function that a tool of the same name stands for."""
    return a * 2


double_tool = FunctionTool(twice, "Doubles.", "double")


async def patient(seconds: float, token: CancellationToken) -> str:
    """Waits until it is told to stop."""
    while not token.is_cancelled() and seconds > 0:
        await asyncio.sleep(0.01)
        seconds -= 0.01
    return "stopped" if token.is_cancelled() else "waited"
