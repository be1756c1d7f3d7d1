"""Tools of some hundred other domains, from `data/domains.txt` and `data/domains-more.txt`.

A line there is `name|description|parameters|template|template…`; a parameter is `name:type:values:description`, with `?`
behind the name where it is optional; types are s(tring), i(nteger), n(umber), b(oolean), e(num), a(rray). Values are a kind of
`values.text`, a range, the choices of an enum, or behind `=` a list of their own. In a template
`{name}` is a value, `[…]` may be left out, `@name` and `@!name` set a boolean. Domains that begin with `HELD` are kept
out of training.
"""

import re
from functools import cache
from random import Random

from . import values
from .data import domain_rows, values as listed
from .filetools import Made, Request, specification
from .phrasing import capital, dress

TYPES = {"s": "string", "i": "integer", "n": "number", "b": "boolean", "e": "string", "a": "array"}
Parameter = tuple[str, bool, str, str, str]


@cache
def domains(held: bool) -> tuple[str, ...]:
    return tuple(d for d in domain_rows() if d.startswith("HELD") == held)


def rows(domain: str) -> list[str]:
    return domain_rows()[domain]


def _parameters(text: str) -> list[Parameter]:
    out = []
    for part in filter(None, text.split(";")):
        name, kind, given, description = part.split(":", 3)
        out.append((name.rstrip("?"), name.endswith("?"), kind, given, description))
    return out


def _rename(r: Random, name: str, domain: str) -> str:
    """A masked or rewritten name now and then, so that the description has to be read."""
    k = r.random()
    if k < 0.1:
        return r.choice(["fn", "tool", "op", "do", "x"]) + "_" + r.choice([values.made_up(r), str(r.randint(1, 99))])
    if k >= 0.25:
        return name
    parts = name.split("_")
    camel = parts[0] + "".join(p.capitalize() for p in parts[1:])
    dotted = f"{domain.split(' ')[-1]}.{name}"
    return r.choices([camel, dotted, "_".join(reversed(parts))], [5, 2, 3])[0]


def _describe(r: Random, description: str) -> str:
    if r.random() < 0.4:
        return description
    k = r.random()
    if k < 0.3:
        return r.choice(["Tool to ", "Can ", "Will ", ""]) + description[0].lower() + description[1:]
    tail = r.choice(listed("tail"))
    return description + r.choice(["", ("" if tail[0] in ".;(" else " ") + tail])


def _schema(r: Random, parameter: Parameter) -> dict:
    name, optional, kind, given, description = parameter
    text = description or name.replace("_", " ")
    if kind == "e":
        options = given.split(",")
        text += r.choice([": ", " - one of "]) + r.choice([", ", "|", " / "]).join(options)
    if optional and "left out" not in text and r.random() < 0.35:
        text += r.choice([", optional", " (optional)", ", may be left out"])
    schema: dict = {"type": TYPES[kind], "description": text}
    if kind == "e" and r.random() < 0.5:
        schema["enum"] = given.split(",")
    if kind == "a":
        schema["items"] = {"type": "string"}
    return schema


def _value(r: Random, kind: str, given: str) -> tuple[object, str]:
    """A value and how the request says it."""
    if kind == "s":
        text = _text(r, given)
        return text, text
    if kind == "e":
        text = r.choice(given.split(","))
        return text, text
    if kind == "a":
        many = list(dict.fromkeys(_text(r, given) for _ in range(r.choice([1, 2, 2, 3]))))
        last = r.choice([" and ", " and ", ", "]) + many[-1] if len(many) > 1 else many[0]
        return many, ", ".join(many[:-1]) + last
    low, high = map(int, given.split("-"))
    number: float = r.randint(low, high)
    if kind == "n" and r.random() < 0.35:
        number += r.choice([0.5, 0.25, 0.9])
    as_word = kind == "i" and number <= 12 and r.random() < 0.2
    return number, values.NUMBERS[int(number)] if as_word else str(number)


def _text(r: Random, given: str) -> str:
    return r.choice(given[1:].split(",")) if given.startswith("=") else values.text(r, given)


def domain_tool(r: Random, domain: str, row: str) -> Made:
    name, description, parameter_text, *templates = row.split("|")
    parameters = _parameters(parameter_text)
    masked = r.random() < 0.06
    names = {p[0]: f"arg{i + 1}" if masked else p[0] for i, p in enumerate(parameters)}
    properties = {names[p[0]]: _schema(r, p) for p in parameters}
    required = [names[p[0]] for p in parameters if not p[1]]
    spec = specification(_rename(r, name, domain), _describe(r, description), properties, required)

    def ask(r: Random) -> Request | None:
        for _ in range(30):
            text, flags = _choose_options(r, r.choice(templates))
            if all(f"{{{p[0]}}}" in text or p[0] in flags for p in parameters if not p[1]):
                break
        else:
            return None
        text = capital(r, dress(r, text))
        arguments: dict = dict(flags)
        for own, _, kind, given, _ in parameters:
            if f"{{{own}}}" not in text:
                continue
            value, said = _value(r, kind, given)
            if given == "sentence" and f'"{{{own}}}"' not in text and r.random() < 0.2:
                said = f'"{said}"'
            arguments[own] = value
            text = text.replace(f"{{{own}}}", said)
        return text, {names[p[0]]: arguments[p[0]] for p in parameters if p[0] in arguments}

    return Made(spec, domain, ask)


def _choose_options(r: Random, template: str) -> tuple[str, dict]:
    """The template with its options kept or dropped, and the booleans that this sets."""
    flags: dict = {}

    def option(found: re.Match) -> str:
        if r.random() < 0.5:
            return ""
        flag = re.match(r"@(!?)(\w+) ?(.*)", found[1])
        if not flag:
            return found[1]
        flags[flag[2]] = not flag[1]
        return f" {flag[3]}" if flag[3] and not flag[3].startswith(",") else flag[3]

    whole = re.search(r"\[@(!?)(\w+)\]$", template)
    if whole:
        template = template[: whole.start()]
        flags[whole[2]] = not whole[1]
    text = re.sub(r"\[([^\]]*)\]", option, template).strip()
    return re.sub(r" {2,}", " ", text), flags
