"""JSON values back as what an annotation asks for: members of enums, dataclasses, dates, sets, paths."""

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import pathlib
import types
import typing
import uuid

import schemas

READERS = {
    datetime.datetime: lambda value: datetime.datetime.fromisoformat(value.replace("Z", "+00:00")),
    datetime.date: datetime.date.fromisoformat,
    datetime.time: datetime.time.fromisoformat,
    uuid.UUID: uuid.UUID,
    decimal.Decimal: lambda value: decimal.Decimal(str(value)),
    complex: complex,
}


def read(value, kind):
    """The value as `kind`; as it is where there is nothing to do. Raises what a constructor raises."""
    if value is None or kind is inspect.Parameter.empty or kind is typing.Any or isinstance(kind, str):
        return value
    if hasattr(kind, "__supertype__"):
        return read(value, kind.__supertype__)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated or origin in schemas.WRAPPERS:
        return read(value, args[0])
    if origin is typing.Union or origin is types.UnionType:
        return read_union(value, args)
    if origin is typing.Literal:
        return next((one for one in args if isinstance(one, enum.Enum) and one.value == value), value)
    if origin is not None:
        return read_generic(value, origin, args)
    return read_plain(value, kind) if isinstance(kind, type) else value


def read_union(value, args):
    if any(type(value) is arg for arg in args):
        return value
    for arg in args:
        if arg is type(None):
            continue
        try:
            found = read(value, arg)
        except Exception:
            continue
        if found is not value:
            return found
    return value


def read_generic(value, origin, args):
    if isinstance(value, list):
        if origin is tuple:
            many = len(args) == 2 and args[1] is Ellipsis
            kinds = [args[0]] * len(value) if many else [*args, *[typing.Any] * len(value)]
            return tuple(read(item, item_kind) for item, item_kind in zip(value, kinds))
        items = [read(item, args[0]) for item in value] if args else value
        if origin in schemas.SETS:
            return frozenset(items) if origin is frozenset else set(items)
        return items
    if isinstance(value, dict) and origin in schemas.MAPS and len(args) == 2:
        return {key: read(item, args[1]) for key, item in value.items()}
    return value


def read_plain(value, kind):
    if issubclass(kind, enum.Enum):
        return next((member for member in kind if schemas.member_value(member) == value), value)
    if isinstance(value, dict) and (dataclasses.is_dataclass(kind) or typing.is_typeddict(kind)):
        hints = schemas.hints_of(kind)
        fields = {name: read(item, hints.get(name, typing.Any)) for name, item in value.items()}
        return fields if typing.is_typeddict(kind) else kind(**fields)
    if isinstance(value, dict) and schemas.is_named_tuple(kind):
        return kind(**value)
    if isinstance(value, dict) and hasattr(kind, "model_validate"):
        return kind.model_validate(value)
    if isinstance(value, str) and issubclass(kind, pathlib.PurePath):
        return kind(value)
    if isinstance(value, list) and kind in (set, frozenset, tuple):
        return kind(value)
    if isinstance(value, str) and issubclass(kind, (bytes, bytearray)):
        return kind(value, "utf-8")
    if kind is float and type(value) is int:
        return float(value)
    reader = READERS.get(kind)
    return value if reader is None or isinstance(value, kind) else reader(value)


def bind(function, arguments, injected=()):
    """(positional, named) for a call. Raises TypeError for arguments that the function does not take."""
    hints = schemas.hints_of(function)
    rest, positional, named = dict(arguments), [], {}
    put_in = dict(injected)
    for parameter in inspect.signature(function).parameters.values():
        name, kind = parameter.name, hints.get(parameter.name, parameter.annotation)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            named.update({key: read(value, kind) for key, value in rest.items()})
            rest = {}
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positional.extend(read(item, kind) for item in rest.pop(name, []))
        elif name in put_in:
            named[name] = put_in[name]
        elif name in rest:
            value = read(rest.pop(name), kind)
            by_place = takes_rest(function) and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
            if parameter.kind is inspect.Parameter.POSITIONAL_ONLY or by_place:
                positional.append(value)
            else:
                named[name] = value
        elif takes_rest(function) and parameter.default is not inspect.Parameter.empty and parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            positional.append(parameter.default)
    if rest:
        names = ", ".join(sorted(rest))
        raise TypeError(f"unexpected arguments: {names}")
    return positional, named


def takes_rest(function):
    """Whether it has *args: what stands before them must be given by place."""
    return any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in inspect.signature(function).parameters.values())
