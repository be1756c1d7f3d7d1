"""Requests of several steps: two or three calls one after another, a result that names the next file, a failure that is mended.

The runtime makes one call an answer, so calls that belong together stand one behind the other, each after the result before it.
"""

import re
from dataclasses import dataclass
from random import Random

from . import values
from .data import phrases, values as listed
from .filetools import Made, in_order
from .phrasing import capital, quote
from .world import Fault, World, around, text as some_text

JOINTS = (" and ", " and also ", ", and ", ". Also ", ", plus ", " as well as ", " & ", ". After this ", ", next ")
TOGETHER = (
    "{find} and show me what it says",
    "{find} and tell me what is in it",
    "{find} and read it to me",
    "{find}, I want to know what it says",
    "{find} and open it",
    "{find} and print its text",
    "{find}, what does it say?",
)
FIND = ("find {x}", "look for {x}", "locate {x}", "search for {x}", "find the file {x}", "find {x} in {p}", "look for {x} under {p}", "where is {x} in {p}, look for it")
FIND_TEXT = ("find the file that mentions {c}", "look for the file that contains the word {c}", "which file mentions {c}? find it", "find the file containing {c} in {p}")


@dataclass
class Step:
    tool: Made
    arguments: dict
    result: str


Plan = tuple[str, list[Step]]


def _bare(text: str) -> str:
    """A request ready to be joined to another."""
    return re.sub(r"[\s.?!]+$", "", text[:1].lower() + text[1:] if text[:1].isupper() and not text[:2].isupper() else text)


def joined(r: Random, tools: list[Made], outcome) -> Plan | None:
    """Two requests, rarely three, for any tools, in one breath."""
    steps, texts = [], []
    for _ in range(r.choice([2, 2, 2, 3])):
        tool = r.choice(tools)
        made = tool.ask(r)
        if made is None or len(made[0]) > 90:
            return None
        texts.append(_bare(made[0]))
        steps.append(Step(tool, made[1], outcome(r, tool, made[1])))
    request = texts[0]
    for text in texts[1:]:
        request += r.choice(JOINTS) + text
    return capital(r, request), steps


def _call(tool: Made, world: World, arguments: dict) -> Step:
    """A step whose result is what the world says, failures included."""
    try:
        result = world.run(tool.kind or "", arguments)
    except Fault as fault:
        result = str(fault)
    return Step(tool, in_order(tool.spec, tool.names or {}, arguments), result)


def found_then_read(r: Random, by_kind: dict[str, Made]) -> Plan | None:
    """A search whose one result is then read."""
    search, read = by_kind.get("search"), by_kind.get("read")
    if search is None or read is None:
        return None
    world, names = World(), search.names or {}
    folder = values.path(r)
    path = world.put(r.choice([folder, f"{folder}/{values.segment(r)}"]), values.file_name(r), some_text(r))
    needs_path = names["path"] in search.spec["parameters"]["required"]
    inside = "content" in names and r.random() < 0.6
    template = r.choice([t for t in (FIND_TEXT if inside else FIND) if "{p}" in t or not needs_path])
    together = r.choice(TOGETHER)
    if inside and not needs_path and r.random() < 0.7:
        together, template = "{find}", r.choice(phrases("which says"))
    arguments: dict = {}
    if "{p}" in template:
        arguments["path"] = folder
    if inside:
        arguments["content"] = word = r.choice([values.made_up(r), values.first_name(r), values.word(r), values.text(r, "topic")])
        world.files[path] += f"\nask {word}"
        template = template.replace("{c}", word)
    else:
        arguments["pattern"] = path.split("/")[-1]
        template = template.replace("{x}", quote(r, arguments["pattern"]))
    around(r, world, folder)
    request = together.replace("{find}", template.replace("{p}", quote(r, folder)))
    return capital(r, request), [_call(search, world, arguments), _call(read, world, {"path": path})]


def mended(r: Random, by_kind: dict[str, Made]) -> Plan | None:
    """A file that is not where it was said to be: searched by its name, then read where it is."""
    search, read = by_kind.get("search"), by_kind.get("read")
    if search is None or read is None:
        return None
    world, names = World(), search.names or {}
    made = read.ask(r)
    if made is None or set(made[1]) != {(read.names or {})["path"]}:
        return None
    request, arguments = made
    wrong = next(iter(arguments.values()))
    name = re.split(r"[/\\]", wrong)[-1]
    path = world.put(f"{values.word(r)}/{values.made_up(r)}", name, r.choice(listed("sentence")))
    look: dict = {"pattern": name}
    if names["path"] in search.spec["parameters"]["required"]:
        look["path"] = "."
    return request, [_call(read, world, {"path": wrong}), _call(search, world, look), _call(read, world, {"path": path})]


def plan(r: Random, tools: list[Made], outcome) -> Plan | None:
    """One of the kinds that these tools allow."""
    by_kind = {tool.kind: tool for tool in tools if tool.kind}
    k = r.random()
    if k < 0.3:
        found = found_then_read(r, by_kind)
    elif k < 0.4:
        found = mended(r, by_kind)
    else:
        found = None
    return found or joined(r, tools, outcome)
