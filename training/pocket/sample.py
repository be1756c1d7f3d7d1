"""One training example: a set of tools, and several requests that share it, each with its right answer."""

from dataclasses import dataclass, field
from random import Random

from . import prompt, values
from .data import domain_rows, phrases
from .domains import domain_tool, domains, rows
from .filetools import KINDS, Made, dressed_tool, own_tool
from .phrasing import capital, dress, quote
from .steps import plan
from .world import World, around

REFUSAL = "None of my tools can do that."
REPLIES = {
    "greeting": "Hello! I can use my tools for you. What do you need?",
    "thanks": "You are welcome.",
    "who": "I am Pocket, a small local assistant that works with tools.",
}
END = "<|im_end|>"


@dataclass
class Case:
    """`kind` is call, answer, steps or none; `asked` is what the model reads, `wanted` what it should write, `then` more of both."""

    kind: str
    asked: str
    wanted: str
    then: list[tuple[str, str]] = field(default_factory=list)

    @property
    def turns(self) -> list[tuple[str, str]]:
        return [(self.asked, self.wanted), *self.then]


@dataclass
class Sample:
    tools: list[dict]
    cases: list[Case]


def _file_tools(r: Random) -> list[Made]:
    """Hearth's own four as they stand, mostly; the rest dressed at random and fewer."""
    if r.random() < 0.62:
        own = [own_tool(kind) for kind in KINDS]
        if r.random() < 0.2:
            r.shuffle(own)
            own = own[: r.choice([2, 3, 4])]
        return own
    dressed = [dressed_tool(r, kind) for kind in r.sample(KINDS, r.choice([1, 2, 3, 3, 4, 4]))]
    return dressed


def _other_tools(r: Random, held: bool) -> list[Made]:
    out: list[Made] = []
    for domain in r.sample(domains(held), r.choice([1, 1, 1, 2, 2, 3])):
        of = rows(domain)
        out += [domain_tool(r, domain, row) for row in r.sample(of, min(len(of), r.choice([1, 2, 3, 4])))]
    return out[:6]


def _tools(r: Random, held: bool) -> list[Made]:
    k = r.random()
    if held or k >= 0.44:
        out = _other_tools(r, held)
        if not held and r.random() < 0.1:
            out.append(dressed_tool(r, r.choice(KINDS)))
        r.shuffle(out)
    elif k < 0.01:
        out = []
    else:
        out = _file_tools(r)
        if r.random() < 0.12:
            out += _other_tools(r, False)[:2]
            r.shuffle(out)
    return list({tool.spec["name"]: tool for tool in out}.values())


def _filled(r: Random, text: str) -> str:
    pairs = {"{w}": values.word(r), "{n}": values.first_name(r), "{a}": str(r.randint(2, 999)), "{b}": str(r.randint(2, 99))}
    pairs |= {"{c}": r.choice(["Peru", "Japan", "Kenya", "Norway"]), "{p}": quote(r, values.path(r, r.random() < 0.4))}
    for mark, value in pairs.items():
        text = text.replace(mark, value)
    return text


def _sibling(r: Random, tools: list[Made]) -> str | None:
    """A request for a tool of the same domain that is not offered here."""
    here = {tool.spec["description"][:12] for tool in tools}
    domain = r.choice([tool.domain for tool in tools])
    if domain == "files":
        missing = [kind for kind in ("read", "usage") if kind not in {tool.kind for tool in tools}]
        if not missing or any(tool.kind is None for tool in tools):
            return None
        made = own_tool(r.choice(missing)).ask(r)
        return made[0] if made else None
    left = [row for row in domain_rows()[domain] if row.split("|")[0] not in " ".join(tool.spec["name"] for tool in tools)]
    left = [row for row in left if row.split("|")[1][:12] not in here]
    if len({tool.domain for tool in tools}) > 1 or not left or any("_" not in tool.spec["name"] for tool in tools):
        return None
    made = domain_tool(r, domain, r.choice(left)).ask(r)
    return made[0] if made else None


def _nothing_fits(r: Random, tools: list[Made]) -> Case:
    """Small talk, or a request that none of the tools can do."""
    k = r.random()
    here = {tool.domain for tool in tools}
    if k < 0.14:
        kind = r.choice(list(REPLIES))
        return Case("none", prompt.turn(capital(r, r.choice(phrases(kind)))), REPLIES[kind] + END)
    asked = _filled(r, capital(r, dress(r, r.choice(phrases("off topic")))))
    if k >= 0.42:
        harmless = {"files", "units", "weather", "garden", "forest"}
        sibling = _sibling(r, tools) if tools and k >= 0.74 else None
        if sibling:
            asked = sibling
        elif k < 0.66 and "files" in here and here <= harmless:
            asked = _filled(r, capital(r, dress(r, r.choice(phrases("destructive")))))
        else:
            alike = here | ({"notes", "photos", "images", "printing", "containers"} if "files" in here else set())
            domain = r.choice([d for d in domains(False) if d not in alike])
            made = domain_tool(r, domain, r.choice(rows(domain))).ask(r)
            asked = made[0] if made else asked
    return Case("none", prompt.turn(asked), REFUSAL + END)


def outcome(r: Random, tool: Made, arguments: dict) -> str:
    """What a call that stands by itself gives."""
    if tool.kind is None:
        if r.random() < 0.5:
            return r.choice(["ok", "done", "created", "saved", "success"])
        temperature, number = f"{r.randint(-5, 35)} °C, sunny", str(r.randint(1, 999))
        return r.choice([temperature, number, f"{values.made_up(r)} is up, {r.randint(1, 90)} ms", f"{r.random() * 500:.2f} EUR"])
    world, names = World(), {own: n for n, own in (tool.names or {}).items()}
    asked = {names[n]: v for n, v in arguments.items()}
    where = asked.get("path", ".")
    around(r, world, ".")
    if tool.kind == "read":
        world.put("", where, "one line\n" * r.choice([0, 1]) + values.text(r, "sentence"))
    else:
        world.put(where, asked.get("pattern", "*").replace("*", values.made_up(r)), f"see {asked.get('content', '')}")
    return world.run(tool.kind, asked)


def _said(tool: Made, result: str) -> str:
    """The sentence after the last result. No lists and no counting: those are the runtime's."""
    if tool.kind is not None or result in ("ok", "done", "created", "saved", "success"):
        return "Done."
    return f"The result is: {result}."


def _stepwise(r: Random, tools: list[Made]) -> Case | None:
    made = plan(r, tools, outcome)
    if made is None:
        return None
    request, steps = made
    calls = [prompt.call(step.tool.spec["name"], step.arguments) for step in steps]
    written = [*calls[1:], _said(steps[-1].tool, steps[-1].result) + END]
    then = [(prompt.result(step.result), text) for step, text in zip(steps, written, strict=True)]
    return Case("steps", prompt.turn(request), calls[0], then)


FAULTS = ("permission denied", "not found", "timed out", "no connection", "the service is down")


def sample(seed: str, queries: int = 8, held: bool = False) -> Sample:
    """The example of this seed; the same on every machine. `held` takes only domains kept out of training."""
    r = Random(seed)
    tools = _tools(r, held)
    cases: list[Case] = []
    turn = 0
    while len(cases) < queries:
        k = r.random()
        if k < 0.2 or not tools:
            cases.append(_nothing_fits(r, tools))
            continue
        if k < 0.28:
            case = _stepwise(r, tools)
            if case:
                cases.append(case)
            continue
        tool = tools[turn % len(tools)]
        turn += 1
        made = tool.ask(r)
        if made is None:
            continue
        request, arguments = made
        asked, call = prompt.turn(request), prompt.call(tool.spec["name"], arguments)
        if r.random() < 0.05:
            fault = r.choice(FAULTS) if tool.kind is None and r.random() < 0.2 else None
            result = f"error: {fault}" if fault else outcome(r, tool, arguments)
            sentence = f"That failed: {fault}." if fault else _said(tool, result)
            cases.append(Case("answer", asked + call + prompt.result(result), sentence + END))
        else:
            cases.append(Case("call", asked, call))
    return Sample([tool.spec for tool in tools], cases)
