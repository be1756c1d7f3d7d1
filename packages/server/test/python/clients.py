"""The openai and ollama packages of PyPI, unmodified, against a service: `clients.py URL`. Prints a line a check."""
import json
import sys
import traceback

import ollama
import openai

url = sys.argv[1]
client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
local = ollama.Client(host=url)
SCHEMA = {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}
TOOLS = [{"type": "function", "function": {"name": "add", "description": "Add", "parameters": SCHEMA}}]
failed = 0


def check(name):
    def run(body):
        global failed
        try:
            body()
            print("ok  ", name)
        except Exception as error:  # each check stands by itself
            failed += 1
            print("FAIL", name, "".join(traceback.format_exception_only(error)).strip())
    return run


def said(content):
    return [{"role": "user", "content": content}]


@check("openai: a whole answer")
def _():
    reply = client.chat.completions.create(model="mock", messages=said("Hi."))
    assert reply.choices[0].message.content == "Hello, you there."
    assert reply.usage.total_tokens > 0


@check("openai: a streamed answer with usage")
def _():
    stream = client.chat.completions.create(
        model="mock", messages=said("Hi."), stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Hello, you there."
    assert chunks[-1].usage.total_tokens > 0


@check("openai: streamed calls, gathered by the client's helper")
def _():
    with client.chat.completions.stream(model="mock", messages=said("Make two calls."), tools=TOOLS) as stream:
        final = stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert [json.loads(call.function.arguments) for call in calls] == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


@check("openai: a leaked call is a call, tool_choice is enforced")
def _():
    leaked = client.chat.completions.create(model="mock", messages=said("Leak it."), tools=TOOLS)
    assert leaked.choices[0].message.tool_calls[0].function.name == "add"
    forced = client.chat.completions.create(model="mock", messages=said("Hi."), tools=TOOLS, tool_choice="required")
    assert forced.choices[0].finish_reason == "tool_calls"


@check("openai: the old functions")
def _():
    reply = client.chat.completions.create(
        model="mock", messages=said("The sum."), functions=[TOOLS[0]["function"]], function_call="auto")
    assert reply.choices[0].finish_reason == "function_call"
    assert json.loads(reply.choices[0].message.function_call.arguments) == {"a": 2, "b": 3}


@check("openai: errors by their classes")
def _():
    for error, more in [(openai.NotFoundError, {"model": "gone"}), (openai.BadRequestError, {"temperature": "hot"})]:
        try:
            client.chat.completions.create(**{"model": "mock", "messages": said("Hi."), **more})
        except error:
            continue
        raise AssertionError(error)


@check("openai: responses, streamed and in the background")
def _():
    assert client.responses.create(model="mock", input="Hi.").output_text == "Hello, you there."
    types = [event.type for event in client.responses.create(model="mock", input="Hi.", stream=True)]
    assert types[0] == "response.created" and types[-1] == "response.completed"
    begun = client.responses.create(model="mock", input="Think.", background=True)
    while begun.status in ("queued", "in_progress"):
        begun = client.responses.retrieve(begun.id)
    assert begun.output_text == "Four."


@check("openai: the whole loop behind a model's name")
def _():
    reply = client.chat.completions.create(model="agent:hearth", messages=said("The sum."))
    assert reply.choices[0].message.content == "The result is 5."


@check("ollama: whole and streamed")
def _():
    assert local.chat(model="mock", messages=said("Hi.")).message.content == "Hello, you there."
    parts = list(local.chat(model="mock", messages=said("Hi."), stream=True))
    assert "".join(part.message.content for part in parts) == "Hello, you there."
    assert parts[-1].done and parts[-1].done_reason == "stop" and parts[-1].eval_count > 0


@check("ollama: a plain function as a tool, called and answered")
def _():
    def add(a: float, b: float) -> float:
        """Add two numbers."""
        return a + b

    messages = said("The sum.")
    reply = local.chat(model="mock", messages=messages, tools=[add])
    call = reply.message.tool_calls[0].function
    assert (call.name, call.arguments) == ("add", {"a": 2, "b": 3})
    messages += [reply.message, {"role": "tool", "tool_name": "add", "content": str(add(**call.arguments))}]
    assert local.chat(model="mock", messages=messages, tools=[add]).message.content == "The result is 5."


@check("ollama: generate, think, list, show, ps")
def _():
    assert local.generate(model="mock", prompt="Think.").thinking == "Let me see. Two and two."
    assert [model.model for model in local.list().models] == ["mock:latest", "agent:hearth"]
    assert "tools" in local.show("mock").capabilities
    assert local.ps().models[0].context_length > 0


@check("ollama: errors carry their status")
def _():
    try:
        local.chat(model="gone", messages=said("Hi."))
    except ollama.ResponseError as error:
        assert error.status_code == 404
    else:
        raise AssertionError("no error")


sys.exit(1 if failed else 0)
