"""JSON Schema (2020-12) of annotations and signatures, and JSON values back as what an annotation asks for."""

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import json
import pathlib
import types
import typing
import uuid

import docstrings

SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", complex: "string"}
FORMATS = {
    datetime.datetime: "date-time",
    datetime.date: "date",
    datetime.time: "time",
    uuid.UUID: "uuid",
}
ARRAYS = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.MutableSequence, collections.abc.Collection)
SETS = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)
MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
# Missing before Python 3.11.
WRAPPERS = tuple(getattr(typing, name) for name in ("Required", "NotRequired", "ClassVar", "Final") if hasattr(typing, name))
# Annotations of things that are no arguments: whoever calls puts them in.
INJECTED = ("CancellationToken", "ToolContext", "RunContext")


def jsonable(value):
    try:
        json.dumps(value, allow_nan=False)
        return True
    except (TypeError, ValueError):
        return False


class Schemas:
    """Schemas of one function; types that hold themselves become `$defs`."""

    def __init__(self):
        self.defs = {}
        self.open = []

    def of(self, kind):
        """The schema of an annotation. {} for what can be anything."""
        if kind is inspect.Parameter.empty or kind is typing.Any or kind is object:
            return {}
        if kind in SIMPLE:
            return {"type": SIMPLE[kind]}
        if kind in FORMATS:
            return {"type": "string", "format": FORMATS[kind]}
        if kind is decimal.Decimal:
            return {"type": "number"}
        if isinstance(kind, (typing.TypeVar,)):
            return self.of(kind.__bound__ or typing.Any)
        if hasattr(kind, "__supertype__"):
            return self.of(kind.__supertype__)
        if hasattr(kind, "__value__") and not isinstance(kind, type):
            return self.of(kind.__value__)
        origin = typing.get_origin(kind)
        if origin is not None:
            return self.generic(origin, typing.get_args(kind))
        return self.plain(kind) if isinstance(kind, type) else {}

    def generic(self, origin, args):
        if origin is typing.Annotated:
            return annotated(self.of(args[0]), args[1:])
        if origin in WRAPPERS:
            return self.of(args[0])
        if origin is typing.Union or origin is types.UnionType:
            return self.union(args)
        if origin is typing.Literal:
            return enumeration(list(args))
        if origin is tuple:
            return self.tuple(args)
        if origin in SETS:
            return {"type": "array", "items": self.of(args[0] if args else typing.Any), "uniqueItems": True}
        if origin in MAPS:
            return {"type": "object", "additionalProperties": self.of(args[1]) if len(args) > 1 else True}
        if origin in ARRAYS or (isinstance(origin, type) and issubclass(origin, collections.abc.Iterable)):
            return {"type": "array", "items": self.of(args[0] if args else typing.Any)}
        return self.plain(origin) if isinstance(origin, type) else {}

    def union(self, args):
        """One schema for several types; None beside one type makes that one nullable."""
        parts = []
        for part in (self.of(arg) for arg in args):
            if part not in parts:
                parts.append(part)
        if {} in parts:
            return {}
        if len(parts) == 1:
            return parts[0]
        rest = [part for part in parts if part != {"type": "null"}]
        if len(rest) == 1 and len(parts) == 2:
            return nullable(rest[0])
        return {"anyOf": parts}

    def tuple(self, args):
        if len(args) == 2 and args[1] is Ellipsis:
            return {"type": "array", "items": self.of(args[0])}
        if not args or args == ((),):
            return {"type": "array"}
        return {"type": "array", "prefixItems": [self.of(arg) for arg in args], "items": False, "minItems": len(args)}

    def plain(self, kind):
        if issubclass(kind, enum.Enum):
            return enumeration([member_value(member) for member in kind])
        if dataclasses.is_dataclass(kind) or typing.is_typeddict(kind) or is_named_tuple(kind):
            return self.record(kind)
        if hasattr(kind, "model_json_schema"):
            return self.pydantic(kind)
        if issubclass(kind, pathlib.PurePath):
            return {"type": "string"}
        for base, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (bytes, "string")):
            if issubclass(kind, base):
                return {"type": name}
        if issubclass(kind, SETS):
            return {"type": "array", "uniqueItems": True}
        if issubclass(kind, (list, tuple)) or kind in ARRAYS:
            return {"type": "array"}
        if issubclass(kind, dict) or kind in MAPS:
            return {"type": "object"}
        return {}

    def record(self, kind):
        if kind in self.open:
            self.defs.setdefault(kind.__name__, None)
            return {"$ref": f"#/$defs/{kind.__name__}"}
        self.open.append(kind)
        hints = hints_of(kind)
        _, texts = docstrings.parse(own_doc(kind))
        properties, required = {}, []
        for name, has_default, default in fields_of(kind):
            field = described(self.of(hints.get(name, typing.Any)), texts.get(name, ("", ""))[1])
            if has_default and jsonable(default) and default is not None:
                field = {**field, "default": default}
            properties[name] = field
            if not has_default:
                required.append(name)
        self.open.pop()
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        if kind.__name__ in self.defs:
            self.defs[kind.__name__] = schema
            return {"$ref": f"#/$defs/{kind.__name__}"}
        return schema

    def pydantic(self, kind):
        schema = kind.model_json_schema()
        self.defs.update(schema.pop("$defs", {}))
        return schema


def fields_of(kind):
    """(name, has a default, default) of a record's fields."""
    if dataclasses.is_dataclass(kind):
        for field in dataclasses.fields(kind):
            if field.init:
                made = field.default_factory is not dataclasses.MISSING
                given = field.default is not dataclasses.MISSING
                yield field.name, made or given, field.default if given else None
    elif typing.is_typeddict(kind):
        for name in kind.__annotations__:
            yield name, name not in kind.__required_keys__, None
    else:
        for name in kind._fields:
            yield name, name in kind._field_defaults, kind._field_defaults.get(name)


def own_doc(kind):
    # A dataclass without one gets its signature as a docstring.
    doc = kind.__doc__ or ""
    return "" if doc.startswith(f"{kind.__name__}(") else doc


def is_named_tuple(kind):
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def member_value(member):
    return member.value if jsonable(member.value) else member.name


def enumeration(values):
    values = [value.value if isinstance(value, enum.Enum) else value for value in values]
    names = list(dict.fromkeys(SIMPLE.get(type(value), "") for value in values))
    schema = {"enum": values}
    if len(names) == 1 and names[0] != "":
        schema = {"type": names[0], **schema}
    return schema


def nullable(schema):
    kind = schema.get("type")
    if "enum" in schema:
        more = {"type": [kind, "null"]} if kind else {}
        return {**schema, **more, "enum": [*schema["enum"], None]}
    if isinstance(kind, str):
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def annotated(schema, notes):
    """`Annotated[int, "text"]`, and what pydantic's Field, annotated_types and typing_extensions.Doc say."""
    limits = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "pattern": "pattern", "multiple_of": "multipleOf"}
    for note in notes:
        text = note if isinstance(note, str) else getattr(note, "description", None) or getattr(note, "documentation", None)
        if isinstance(text, str):
            schema = described(schema, text)
        for part in [note, *(getattr(note, "metadata", None) or [])]:
            for name, word in limits.items():
                value = getattr(part, name, None)
                if isinstance(value, (int, float, str)) and not isinstance(part, str):
                    schema = {**schema, word: value}
    return schema


def described(schema, text):
    return {**schema, "description": text} if text else schema


def hints_of(thing):
    """Annotations, resolved as far as they can be."""
    try:
        return typing.get_type_hints(thing, include_extras=True)
    except Exception:
        found = getattr(thing, "__annotations__", {})
        return {name: kind for name, kind in found.items() if not isinstance(kind, str)}


def parameters_of(function):
    """(parameters that a caller gives, names of those that are put in, hints)."""
    hints = hints_of(function)
    given, injected = [], []
    for parameter in inspect.signature(function).parameters.values():
        kind = hints.get(parameter.name, parameter.annotation)
        if getattr(kind, "__name__", "") in INJECTED or getattr(kind, "__name__", None) is None and str(kind).rsplit(".", 1)[-1] in INJECTED:
            injected.append((parameter.name, kind))
        else:
            given.append(parameter)
    return given, injected, hints


def function_schema(function, doc=None):
    """(description, schema of the arguments object) of a function."""
    text, fields = docstrings.parse(doc if doc is not None else inspect.getdoc(function))
    given, _, hints = parameters_of(function)
    schemas, properties, required, more = Schemas(), {}, [], False
    for parameter in given:
        written, about = fields.get(parameter.name, ("", ""))
        kind = hints.get(parameter.name, parameter.annotation)
        has_default = parameter.default is not inspect.Parameter.empty
        if isinstance(kind, str):
            kind = inspect.Parameter.empty
        schema = schemas.of(kind)
        if kind is inspect.Parameter.empty:
            schema = docstrings.named_schema(written)
            if not schema and has_default and type(parameter.default) in SIMPLE and parameter.default is not None:
                schema = {"type": SIMPLE[type(parameter.default)]}
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            more = schema or True
            continue
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            schema = {"type": "array", "items": schema}
        elif not has_default:
            required.append(parameter.name)
        if "$ref" in schema and (about or has_default):
            schema = {"allOf": [schema]}
        schema = described(schema, about)
        default = parameter.default.value if isinstance(parameter.default, enum.Enum) else parameter.default
        if has_default and jsonable(default) and default is not None:
            schema = {**schema, "default": default}
        properties[parameter.name] = schema
    whole = {"type": "object", "properties": properties, "required": required, "additionalProperties": more}
    if schemas.defs:
        whole["$defs"] = schemas.defs
    return text, whole
