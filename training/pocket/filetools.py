"""The four file tools under many names and descriptions, and requests for them whose calls are right by construction."""

import re
from dataclasses import dataclass
from random import Random
from typing import Callable

from . import values
from .data import phrases, sections
from .phrasing import capital, dress, place, quote

Request = tuple[str, dict]


@dataclass
class Made:
    """A tool for one prompt, and what makes requests for it."""

    spec: dict
    domain: str
    ask: Callable[[Random], Request | None]
    kind: str | None = None
    path_name: str | None = None


EXTRAS = {
    "list": ("hidden", "boolean", "Also hidden files", [" including hidden ones", ", hidden files too"]),
    "usage": ("unit", "string", "Unit: KB, MB or GB", [" in {u}", ", answer in {u}"]),
    "search": ("limit", "integer", "Most results", [", at most {n}", ", only the first {n}"]),
    "read": ("lines", "integer", "Number of lines, all when left out", [", only {n} lines", ", the first {n} lines"]),
}


def specification(name: str, description: str, properties: dict, required: list[str]) -> dict:
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": description, "parameters": parameters}


def file_tool(r: Random, kind: str) -> Made:
    """One of `list`, `usage`, `search`, `read`, dressed at random."""
    lists = sections("filetools.txt")
    name, description = r.choice(lists[f"{kind} names"]), r.choice(lists[f"{kind} descriptions"])
    path_name = r.choice(lists[f"{kind} parameter"])
    if kind == "read":
        path_text, optional = r.choice(lists["read path"]), False
    else:
        path_text, need = r.choice(lists[f"{kind} path"]).split("|")
        optional = need == "optional"
    fields = [(path_name, path_text)]
    pattern_name = None
    if kind == "search":
        pattern_name = r.choice(lists["pattern parameter"])
        fields.insert(0, (pattern_name, r.choice(lists["search pattern"])))
        if r.random() < 0.15:
            fields.reverse()
    properties: dict = {n: {"type": "string", "description": d} for n, d in fields}
    if optional:
        properties[path_name]["default"] = "."
    extra = EXTRAS[kind] if r.random() < 0.2 else None
    if extra:
        properties[extra[0]] = {"type": extra[1], "description": extra[2]}
    left_out = {extra[0] if extra else None, path_name if optional else None}
    spec = specification(name, description, properties, [n for n in properties if n not in left_out])

    def ask(r: Random) -> Request:
        here = kind != "read" and r.random() < (0.4 if optional else 0.1)
        template = r.choice(phrases(f"{kind} here" if here else kind))
        arguments: dict = {}
        if extra and r.random() < 0.5:
            n, unit = r.randint(2, 50), r.choice(["KB", "MB", "GB"])
            template = template.rstrip("?") + r.choice(extra[3]).replace("{u}", unit).replace("{n}", str(n))
            arguments[extra[0]] = {"boolean": True, "integer": n, "string": unit}[extra[1]]
        text = capital(r, dress(r, template))
        where = values.path(r, file=kind == "read" or (kind == "usage" and r.random() < 0.15))
        if not here:
            arguments[path_name] = where
            named = kind == "read" or re.search(r"(the folder|directory|folder) \{p\}", text)
            text = text.replace("{p}", quote(r, where) if named else place(r, where))
        elif not optional:
            arguments[path_name] = "."
        if pattern_name:
            text, arguments[pattern_name] = _put_pattern(r, text)
        return text, {n: arguments[n] for n in properties if n in arguments}

    return Made(spec, "files", ask, kind, path_name)


def _put_pattern(r: Random, text: str) -> tuple[str, str]:
    said, glob = values.pattern(r)
    if said.startswith(("everything", "files")) and r.random() < 0.7:
        for before in ("the {x}", "all {x}", "every match for {x}"):
            text = text.replace(before, "{x}")
    if said == glob:
        text = text.replace("are {x}", "is {x}").replace("my {x}", "{x}")
        said = quote(r, said)
    return text.replace("{x}", said), glob
