"""The compact prompt. Must stay the same text as packages/hearth/src/formats/pocket/prompt.ts writes; a test holds that."""

import json
import re

SHORT = 48


def first_clause(description: str) -> str:
    """A description up to the end of its first clause."""
    lines = description.strip().split("\n")
    line = lines[0] if lines else ""
    found = re.match(r"^.*?[^.](?=(?:[.;](?:\s|$)| \(| – | — ))", line)
    sentence = re.sub(r"[.;]$", "", found[0] if found else line)
    if len(sentence) <= SHORT:
        return sentence
    short = re.match(r"^.{12,}?(?=[,:] )", sentence)
    return (short[0] if short else sentence)[: 2 * SHORT]


def is_glob(name: str, description: str) -> bool:
    if re.search(r"\b(text|word|phrase|expression|content)\b", description, re.I) and re.search(
        r"\b(find|search|look) (in|for|inside)\b", description, re.I
    ):
        return False
    if re.search(r"regex|regular expression", description, re.I):
        return False
    return bool(re.search(r"glob|wildcard|\*\.|name pattern", description, re.I)) or name.lower() in ("glob", "globs", "pattern", "patterns")


def _said(name: str, schema: dict, optional: bool) -> str:
    description = schema.get("description", "")
    glob = schema.get("type") == "string" and is_glob(name, description)
    text = "Name or glob such as *.txt" if glob else first_clause(description) or name.replace("_", " ")
    choices = schema.get("enum")
    if choices and not all(str(c) in text for c in choices):
        text += f": {', '.join(map(str, choices))}"
    if not optional or re.search(r"optional|left out|omitted|default", text, re.I) or isinstance(schema.get("default"), bool):
        return text
    if schema.get("default") == ".":
        return f"{text}, current folder when left out"
    return text if glob else f"{text} (optional)"


def tool_line(tool: dict) -> str:
    parameters = tool["parameters"]
    required = parameters.get("required", [])
    parts = []
    for name, schema in parameters.get("properties", {}).items():
        counted = isinstance(schema.get("default"), (int, float)) and not isinstance(schema.get("default"), bool)
        if name not in required and counted and schema.get("type") in ("integer", "number"):
            continue
        parts.append(f"{name}: {schema.get('type', 'string')} {_said(name, schema, name not in required)}")
    return f"{tool['name']}({', '.join(parts)}) - {first_clause(tool['description'])}"


def head(tools: list[dict]) -> str:
    return "<|im_start|>system\nTools:\n" + "\n".join(map(tool_line, tools)) + "<|im_end|>\n"


def turn(request: str) -> str:
    return f"<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\n"


def call(name: str, arguments: dict) -> str:
    return "<tool_call>\n" + json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False) + "\n</tool_call><|im_end|>"


def result(text: str) -> str:
    """What follows a call: its result, and the start of the answer to it."""
    return f"\n<|im_start|>user\n<tool_response>\n{text}\n</tool_response><|im_end|>\n<|im_start|>assistant\n"
