"""What a docstring says of a function and its parameters: Google, NumPy and Sphinx style, or none of them."""

import inspect
import re

SECTIONS = (
    "args|arguments|parameters|params|keyword args|keyword arguments|other parameters|returns?|yields?|raises|warns|"
    "examples?|notes?|attributes|see also|references|todo|warnings?"
)
GOOGLE = re.compile(rf"^({SECTIONS}):\s*$", re.IGNORECASE)
NUMPY = re.compile(rf"^({SECTIONS})\s*$", re.IGNORECASE)
TAKEN = re.compile(r"^(args|arguments|parameters|params|keyword args|keyword arguments|other parameters)$", re.IGNORECASE)
GOOGLE_FIELD = re.compile(r"^\*{0,2}(\w+)\s*(?:\(((?:[^()]|\([^()]*\))*)\))?\s*:\s*(.*)$")
NUMPY_FIELD = re.compile(r"^((?:\*{0,2}\w+)(?:\s*,\s*\*{0,2}\w+)*)\s*(?::\s*(.*))?$")
SPHINX = re.compile(r"^[:@](\w+)(?:\s+([^:]*?))?:\s*(.*)$")


def parse(doc):
    """(description, {name: (type as written, text)})"""
    lines = inspect.cleandoc(doc or "").splitlines()
    if any(SPHINX.match(line) for line in lines):
        return sphinx(lines)
    if any(NUMPY.match(line) and underlined(lines, at) for at, line in enumerate(lines)):
        return numpy(lines)
    return google(lines)


def underlined(lines, at):
    return at + 1 < len(lines) and re.fullmatch(r"\s*-{3,}\s*", lines[at + 1]) is not None


def indent(line):
    return len(line) - len(line.lstrip())


def paragraph(lines):
    return "\n".join(lines).strip()


def joined(parts):
    return " ".join(part.strip() for part in parts if part.strip() != "")


def google(lines):
    head, fields, section, level, name = [], {}, None, None, None
    for line in lines:
        found = GOOGLE.match(line)
        if found is not None:
            section, level, name = found.group(1), None, None
            continue
        if section is not None and line.strip() != "" and indent(line) == 0:
            # Text at the margin ends a section: it belongs to the description again.
            section = None
        if section is None:
            head.append(line)
        elif TAKEN.match(section) and line.strip() != "":
            level = indent(line) if level is None else level
            field = GOOGLE_FIELD.match(line.strip()) if indent(line) <= level else None
            if field is not None:
                name = field.group(1)
                fields[name] = (type_of(field.group(2)), [field.group(3)])
            elif name is not None:
                fields[name][1].append(line)
    return paragraph(head), {name: (kind, joined(text)) for name, (kind, text) in fields.items()}


def numpy(lines):
    head, fields, section, names = [], {}, None, []
    for at, line in enumerate(lines):
        if NUMPY.match(line) and underlined(lines, at):
            section, names = line.strip(), []
            continue
        if re.fullmatch(r"\s*-{3,}\s*", line) and at > 0 and NUMPY.match(lines[at - 1]):
            continue
        if section is None:
            head.append(line)
        elif TAKEN.match(section) and line.strip() != "":
            field = NUMPY_FIELD.match(line) if indent(line) == 0 else None
            if field is not None:
                names = [one.strip().lstrip("*") for one in field.group(1).split(",")]
                for name in names:
                    fields[name] = (type_of(field.group(2)), [])
            else:
                for name in names:
                    fields[name][1].append(line)
    return paragraph(head), {name: (kind, joined(text)) for name, (kind, text) in fields.items()}


def sphinx(lines):
    head, texts, kinds, current = [], {}, {}, None
    started = False
    for line in lines:
        field = SPHINX.match(line)
        if field is not None:
            started = True
            role, rest, text = field.group(1).lower(), (field.group(2) or "").strip(), field.group(3)
            current = None
            if role in ("param", "parameter", "arg", "argument", "key", "keyword") and rest != "":
                *kind, name = rest.split()
                name = name.lstrip("*")
                current = texts.setdefault(name, [])
                current.append(text)
                if kind:
                    kinds[name] = " ".join(kind)
            elif role == "type" and rest != "":
                kinds[rest.lstrip("*")] = text.strip()
        elif started and current is not None and (indent(line) > 0 or line.strip() == ""):
            current.append(line)
        elif not started:
            head.append(line)
        else:
            current = None
    names = list(dict.fromkeys([*texts, *kinds]))
    return paragraph(head), {name: (type_of(kinds.get(name)), joined(texts.get(name, []))) for name in names}


def type_of(written):
    """`int, optional` is int; `{'a', 'b'}` stays as it is."""
    if written is None:
        return ""
    return re.sub(r",?\s*\b(optional|default\b.*|defaults? to\b.*)$", "", written.strip(), flags=re.IGNORECASE).strip()


NAMED = {
    "str": "string",
    "string": "string",
    "text": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "list": "array",
    "array": "array",
    "tuple": "array",
    "dict": "object",
    "object": "object",
}


def named_schema(written):
    """A schema from a type as a docstring writes it; {} for what is not surely one."""
    text = written.strip()
    choices = re.fullmatch(r"\{(.*)\}", text)
    if choices is not None:
        values = [literal(part) for part in choices.group(1).split(",") if part.strip() != ""]
        return {"enum": values} if values else {}
    items = re.fullmatch(r"(?:list|sequence|array)(?:\s+of\s+|\[)(\w+?)s?\]?", text, re.IGNORECASE)
    if items is not None and items.group(1).lower() in NAMED:
        return {"type": "array", "items": {"type": NAMED[items.group(1).lower()]}}
    nullable = re.fullmatch(r"(?:Optional\[(\w+)\]|(\w+)\s*(?:\||or)\s*None)", text)
    if nullable is not None:
        inner = named_schema(nullable.group(1) or nullable.group(2))
        return {"type": [inner["type"], "null"]} if "type" in inner else {}
    kind = NAMED.get(text.lower())
    return {} if kind is None else {"type": kind}


def literal(text):
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return text.strip("'\"")
