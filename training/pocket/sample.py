"""One training example: a set of tools, and several requests that share it, each with its right answer."""

from dataclasses import dataclass
from random import Random

from . import prompt, values
from .data import phrases, values as listed
from .domains import domain_tool, domains, rows
from .filetools import Made, file_tool
from .phrasing import capital, dress, quote

REFUSAL = "None of my tools can do that."
REPLIES = {
    "greeting": "Hello! I can use my tools for you. What do you need?",
    "thanks": "You are welcome.",
    "who": "I am Pocket, a small local assistant that works with tools.",
}
END = "<|im_end|>"


@dataclass
class Case:
    """`kind` is call, answer or none; `asked` is what the model reads, `wanted` what it should write."""

    kind: str
    asked: str
    wanted: str


@dataclass
class Sample:
    tools: list[dict]
    cases: list[Case]


def _tools(r: Random, held: bool) -> list[Made]:
    out: list[Made] = []
    if not held and r.random() < 0.42:
        out = [file_tool(r, kind) for kind in r.sample(["list", "usage", "search", "read"], r.choice([2, 3, 3, 4]))]
        if r.random() < 0.35:
            domain = r.choice(domains(False))
            out.append(domain_tool(r, domain, r.choice(rows(domain))))
    else:
        for domain in r.sample(domains(held), r.choice([1, 1, 1, 2])):
            of = rows(domain)
            out += [domain_tool(r, domain, row) for row in r.sample(of, min(len(of), r.choice([2, 3, 4])))]
        out = out[:5]
        if not held and r.random() < 0.12:
            out.append(file_tool(r, r.choice(["list", "usage", "search", "read"])))
    unique = {tool.spec["name"]: tool for tool in out}
    chosen = list(unique.values())
    r.shuffle(chosen)
    return chosen


def _filled(r: Random, text: str) -> str:
    pairs = {"{w}": values.word(r), "{n}": values.first_name(r), "{a}": str(r.randint(2, 999)), "{b}": str(r.randint(2, 99))}
    pairs |= {"{c}": r.choice(["Peru", "Japan", "Kenya", "Norway"]), "{p}": quote(r, values.path(r, r.random() < 0.4))}
    for mark, value in pairs.items():
        text = text.replace(mark, value)
    return text


def _nothing_fits(r: Random, tools: list[Made]) -> Case:
    """Small talk, or a request that none of the tools can do."""
    k = r.random()
    here = {tool.domain for tool in tools}
    if k < 0.16:
        kind = r.choice(list(REPLIES))
        return Case("none", prompt.turn(capital(r, r.choice(phrases(kind)))), REPLIES[kind] + END)
    asked = _filled(r, capital(r, dress(r, r.choice(phrases("off topic")))))
    if k >= 0.5:
        harmless = {"files", "units", "weather", "music", "notes", "garden"}
        if k < 0.7 and "files" in here and here <= harmless:
            asked = _filled(r, capital(r, dress(r, r.choice(phrases("destructive")))))
        else:
            domain = r.choice([d for d in domains(False) if d not in here])
            made = domain_tool(r, domain, r.choice(rows(domain))).ask(r)
            asked = made[0] if made else asked
    return Case("none", prompt.turn(asked), REFUSAL + END)


def _size(r: Random) -> str:
    return r.choice([f"{r.randint(1, 999)} KB", f"{r.random() * 900:.1f} MB", f"{r.random() * 90:.1f} GB"])


def _outcome(r: Random, tool: Made, arguments: dict) -> tuple[str, str]:
    """A result of this call, and the sentence that says it. No counting: that is the runtime's."""
    if r.random() < 0.12:
        fault = r.choice(["permission denied", "no such file or directory", "not found", "timed out"])
        return f"error: {fault}", f"That failed: {fault}."
    where = arguments.get(tool.path_name or "", ".")
    place = "This folder" if where == "." else where
    if tool.kind == "list":
        files = [values.file_name(r) for _ in range(r.choice([0, 1, 2, 3, 4, 5]))]
        return "\n".join(files) or "(empty)", f"{place} has {', '.join(files)}." if files else f"{place} is empty."
    if tool.kind == "usage":
        size = _size(r)
        return f"{size}\t{where}", f"{place} uses {size}."
    if tool.kind == "search":
        files = [f"{where.rstrip('/')}/{values.file_name(r)}" for _ in range(r.choice([0, 1, 1, 2, 3]))]
        return "\n".join(files) or "no matches", f"Found {', '.join(files)}." if files else "No file matches."
    if tool.kind == "read":
        said = r.choice(listed("sentence"))
        return said, f"{where} says: {said}"
    if r.random() < 0.5:
        return r.choice(["ok", "done", "created", "saved", "success"]), "Done."
    said = r.choice([f"{r.randint(-5, 35)} °C, sunny", str(r.randint(1, 999)), f"{values.made_up(r)} is up, {r.randint(1, 90)} ms", f"{r.random() * 500:.2f} EUR"])
    return said, f"The result is: {said}."


def sample(seed: str, queries: int = 8, held: bool = False) -> Sample:
    """The example of this seed; the same on every machine. `held` takes only domains kept out of training."""
    r = Random(seed)
    tools = _tools(r, held)
    cases: list[Case] = []
    turn = 0
    while len(cases) < queries:
        if r.random() < 0.2:
            cases.append(_nothing_fits(r, tools))
            continue
        tool = tools[turn % len(tools)]
        turn += 1
        made = tool.ask(r)
        if made is None:
            continue
        request, arguments = made
        name, asked = tool.spec["name"], prompt.turn(request)
        call = prompt.call(name, arguments)
        if r.random() < 0.19:
            result, sentence = _outcome(r, tool, arguments)
            cases.append(Case("answer", asked + call + prompt.result(result), sentence + END))
        else:
            cases.append(Case("call", asked, call))
    return Sample([tool.spec for tool in tools], cases)
