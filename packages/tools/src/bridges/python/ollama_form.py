"""
A function in the form that ollama-python 0.6.3 gives it (`convert_function_to_tool`), for prompts that were tuned to it. Byte
for byte the same where that form says what the function takes: plain types, no defaults, a Google docstring. What it gets
wrong (defaults that are required, a union as one invalid name, lost items and choices) is not copied.
"""

import inspect
import re

import schemas


def tool(function):
    description, fields = parts(inspect.getdoc(function))
    _, whole = schemas.function_schema(function)
    properties = {}
    required = []
    for name, schema in whole["properties"].items():
        kind = schema.get("type", "string")
        optional = isinstance(kind, list) and "null" in kind
        if isinstance(kind, list):
            names = [one for one in kind if one != "null"]
            kind = names[0] if len(names) == 1 else names
        found = {"type": kind}
        if "items" in schema and schema["items"]:
            found["items"] = schema["items"]
        found["description"] = fields.get(name, "")
        if "enum" in schema:
            found["enum"] = schema["enum"]
        properties[name] = found
        if name in whole["required"] and not optional:
            required.append(name)
    parameters = {"type": "object"}
    if whole["required"]:
        parameters["required"] = required
    parameters["properties"] = properties
    return {"type": "function", "function": {"name": function.__name__, "description": description, "parameters": parameters}}


def parts(doc):
    """What stands before the sections, and the texts of `Args:`, read as that library reads them."""
    head, listed, section = [], [], "head"
    for line in (doc or "").splitlines():
        word = line.lower().strip()
        if word.startswith("args:"):
            section = "args"
        elif word.startswith(("returns:", "yields:", "raises:")):
            section = "other"
        elif section == "head":
            head.append(line.strip())
        elif section == "args":
            listed.append(line.strip())
    fields, last = {}, None
    for line in listed:
        if ":" in line:
            # The name ends at the first bracket or colon, whichever comes first.
            named = re.match(r"([^(:]*)(?:\(([^)]*)\)\s*:?|:)\s*(.*)$", line)
            if named is not None:
                last = named.group(1).strip()
                fields[last] = named.group(3).strip()
        elif last is not None and line != "":
            fields[last] = f"{fields[last]} {line}"
    return inspect.cleandoc("\n".join(head)).strip(), fields
