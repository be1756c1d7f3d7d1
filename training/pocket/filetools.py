"""The four file tools, as Hearth offers them or under other names and descriptions, and requests with calls that are right by construction."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Callable

from . import values
from .data import phrases, sections, values as listed
from .phrasing import capital, dress, named_file, place, quote
from .world import World, around, text as some_text

Request = tuple[str, dict]
KINDS = ("list", "usage", "search", "read")

#: What Hearth's own tools say of themselves, read where the tests of the prompt read it.
OWN = Path(__file__).parents[2] / "packages/hearth/test/pocket/tools.json"


@dataclass
class Made:
    """A tool for one prompt, and what makes requests for it."""

    spec: dict
    domain: str
    ask: Callable[[Random], Request | None]
    kind: str | None = None
    #: The tool's names of path, pattern, content, limit and offset, as far as it has them.
    names: dict[str, str] | None = None


@cache
def own_tools() -> tuple[dict, ...]:
    return tuple(json.loads(OWN.read_text(encoding="utf-8")))


def specification(name: str, description: str, properties: dict, required: list[str]) -> dict:
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": description, "parameters": parameters}


def own_tool(kind: str) -> Made:
    """The tool as `hearth run` offers it, word for word."""
    spec = own_tools()[KINDS.index(kind)]
    return Made(spec, "files", asker(kind, spec, {n: n for n in spec["parameters"]["properties"]}), kind, {n: n for n in spec["parameters"]["properties"]})


def dressed_tool(r: Random, kind: str) -> Made:
    """The same tool as somebody else would have written it."""
    lists = sections("filetools.txt")
    path_name = r.choice(lists[f"{kind} parameter"])
    if kind == "read":
        path_text, optional = r.choice(lists["read path"]), False
    else:
        path_text, need = r.choice(lists[f"{kind} path"]).split("|")
        optional = need == "optional"
    properties: dict = {path_name: {"type": "string", "description": path_text}}
    if optional and r.random() < 0.6:
        properties[path_name]["default"] = "."
    names = {"path": path_name}
    required = [] if optional else [path_name]
    if kind == "search":
        names["pattern"] = r.choice(lists["pattern parameter"])
        wanted = {names["pattern"]: {"type": "string", "description": r.choice(lists["search pattern"])}}
        properties = wanted | properties if r.random() < 0.85 else properties | wanted
        required = [n for n in properties if n not in (path_name,) or not optional]
        if r.random() < 0.3:
            names["content"] = r.choice(lists["content parameter"])
            properties[names["content"]] = {"type": "string", "description": r.choice(lists["search content"])}
            required = [n for n in required if n != names["pattern"]]
    if r.random() < 0.2:
        names["limit"] = r.choice(["limit", "max", "count"])
        what = "lines" if kind == "read" else "entries"
        properties[names["limit"]] = {"type": "integer", "description": f"How many {what} at most", "default": r.choice([20, 50, 100])}
    made = specification(r.choice(lists[f"{kind} names"]), r.choice(lists[f"{kind} descriptions"]), properties, required)
    return Made(made, "files", asker(kind, made, names), kind, names)


def asker(kind: str, spec: dict, names: dict[str, str]) -> Callable[[Random], Request]:
    """Makes requests for a tool, with arguments under the tool's names and in the order of its schema."""
    required = spec["parameters"]["required"]

    def ask(r: Random) -> Request:
        text, arguments, _ = intent(r, kind, names, names["path"] in required)
        return text, in_order(spec, names, arguments)

    return ask


def in_order(spec: dict, names: dict[str, str], arguments: dict) -> dict:
    own = {names[n]: v for n, v in arguments.items()}
    return {n: own[n] for n in spec["parameters"]["properties"] if n in own}


def intent(r: Random, kind: str, names: dict[str, str], path_required: bool) -> tuple[str, dict, World]:
    """A request, the arguments it means, and a world in which a right call finds what was asked for."""
    inside = kind == "search" and "content" in names and r.random() < 0.34
    here = kind != "read" and r.random() < (0.12 if path_required else 0.38)
    k = r.random()
    titles = {"list": "list", "usage": "usage", "search": "content" if inside else "search", "read": "read"}
    title = titles[kind] + (" here" if here else "")
    arguments: dict = {}
    if kind == "list" and k < 0.04:
        here, title = True, "list parent"
        arguments["path"] = ".."
    if kind == "read" and "limit" in names and k < 0.14:
        title = "read some"
        arguments["limit"] = r.randint(2, 60)
    elif kind == "read" and "offset" in names and k < 0.19:
        title = "read from"
        arguments["offset"] = r.randint(2, 400)
    number = str(arguments.get("limit", arguments.get("offset", "")))
    template = dress(r, r.choice(phrases(title))).replace("{n}", number)
    if kind in ("list", "search") and "limit" in names and r.random() < 0.05:
        arguments["limit"] = r.randint(3, 90)
        noun = "entries" if kind == "list" else "results"
        template = re.sub(r"[.?! ]+$", "", template) + f", at most {arguments['limit']} {noun}"
    text, world = capital(r, template), World()
    of_one = not here and not re.search(r"(in|under|below|of|for) \{p\}|/\*|fills|folder", template) or "size of" in template
    a_file = kind == "read" or (kind == "usage" and "{p}" in template and of_one and r.random() < 0.3)
    where = values.path(r, file=a_file)
    folder = "." if here else where
    if here and path_required:
        arguments["path"] = "."
    elif not here:
        arguments["path"] = where
        named = re.search(r"(the folder|the subfolder|directory|folder|the file|file) \{p\}", text)
        said = quote(r, where) if named else named_file(r, where) if a_file else place(r, where)
        text = text.replace("{p}", said)
    if a_file:
        world.put("", where, some_text(r))
    elif kind in ("list", "usage"):
        world.put(arguments.get("path", "."), values.file_name(r), some_text(r))
    elif inside:
        text = _inside(r, text, arguments, world, folder)
    else:
        text = _named(r, text, arguments, world, folder)
    return text, arguments, world


def _named(r: Random, text: str, arguments: dict, world: World, folder: str) -> str:
    """A search by name."""
    said, glob, sample = values.pattern(r)
    if said.startswith(("everything", "anything", "files")) and r.random() < 0.7:
        for before in ("all of the {x}", "the {x}", "all {x}", "every match for {x}", "every {x}", "any {x}", "my {x}"):
            text = text.replace(before, "{x}")
    if said == glob:
        text = text.replace("are {x}", "is {x}").replace("have {x}", "have a {x}" if r.random() < 0.2 else "have {x}")
        said = r.choice(["the file {}", "a file called {}", "{}", "{}", "{}", "{}", "{}"]).replace("{}", quote(r, said))
        text = re.sub(r"(all the|all|the|any|every) \{x\}", "{x}", text) if r.random() < 0.7 else text
    arguments["pattern"] = glob
    around(r, world, folder)
    world.put(folder, sample, some_text(r))
    return text.replace("{x}", said)


def _inside(r: Random, text: str, arguments: dict, world: World, folder: str) -> str:
    """A search for a text; now and then only in files of a kind."""
    k = r.random()
    content = r.choice(listed("content")) if k < 0.5 else r.choice([values.word(r), values.made_up(r), values.first_name(r)])
    arguments["content"] = content
    name = f"{values.made_up(r)}.txt"
    if r.random() < 0.12 and "files" in text:
        end = r.choice(listed("content ending"))
        text = text.replace("files", f"{r.choice(['.', '*.', ''])}{end} files", 1)
        arguments["pattern"] = f"*.{end}"
        name = f"{values.made_up(r)}.{end}"
    around(r, world, folder)
    world.put(folder, name, f"{some_text(r)}\nsee {content} here")
    said = quote(r, content) if " " not in content else r.choice(['"{}"', '"{}"', "'{}'", "{}"]).replace("{}", content)
    return text.replace("{c}", said)
