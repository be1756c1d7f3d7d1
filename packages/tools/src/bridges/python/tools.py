"""Tools of other systems as descriptions and calls: functions, objects with `execute`, registries, AutoGen's FunctionTool."""

import asyncio
import concurrent.futures
import importlib
import importlib.util
import inspect
import json
import os
import pathlib
import sys
import threading

import docstrings
import schemas
import values


class Found:
    """One tool: what a model is told of it, and how it is called."""

    def __init__(self, name, description, parameters, call, function=None):
        self.name = name
        self.description = description
        self.parameters = parameters
        self.call = call
        # Where the tool is a plain function.
        self.function = function

    def described(self):
        return {"name": self.name, "description": self.description, "parameters": self.parameters}


class Token:
    """A cancellation token as AutoGen's: a tool may ask it, or leave a callback."""

    def __init__(self):
        self.cancelled = threading.Event()
        # Whether a plain function runs in its thread, where nothing can stop it.
        self.busy = False
        self.callbacks = []
        self.futures = []

    def cancel(self):
        self.cancelled.set()
        for callback in self.callbacks:
            callback()
        for future in self.futures:
            future.get_loop().call_soon_threadsafe(future.cancel)

    def is_cancelled(self):
        return self.cancelled.is_set()

    def add_callback(self, callback):
        self.callbacks.append(callback)
        if self.is_cancelled():
            callback()

    def link_future(self, future):
        self.futures.append(future)
        return future


async def called(function, positional, named, token):
    """The result of a function, async or not; a plain one runs in a thread, so that the next line can be read."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):
        return await function(*positional, **named)

    def run():
        token.busy = True
        try:
            return function(*positional, **named)
        finally:
            token.busy = False

    result = await asyncio.to_thread(run)
    return await result if inspect.isawaitable(result) else result


def of_function(function, name=None):
    text, parameters = schemas.function_schema(function)
    _, injected, _ = schemas.parameters_of(function)

    async def call(arguments, token):
        positional, named = values.bind(function, arguments, [(one, token) for one, _ in injected])
        return await called(function, positional, named, token)

    return Found(name or function.__name__, text, parameters, call, function)


def of_object(thing, name=None, description=""):
    """An object with `execute`; what it says of itself, or what its signature says."""
    kind = type(thing).__name__
    doc = inspect.getdoc(thing.execute) or inspect.getdoc(type(thing))
    text, parameters = schemas.function_schema(thing.execute, doc or "")
    told = told_schema(thing)
    if told is not None:
        inner = told.get("function") if isinstance(told.get("function"), dict) else told
        name = inner.get("name") or name
        description = inner.get("description") or description
        given = inner.get("parameters") or inner.get("input_schema") or inner.get("inputSchema")
        if given is None and inner.get("type") == "object":
            given = inner
        parameters = object_schema(given)
    about = description or text or docstrings.parse(inspect.getdoc(type(thing)))[0]

    async def call(arguments, token):
        positional, named = values.bind(thing.execute, arguments)
        return await called(thing.execute, positional, named, token)

    named = getattr(thing, "name", None)
    return Found(name or (named if isinstance(named, str) and named else kind), about, parameters, call)


def told_schema(thing):
    getter = getattr(thing, "get_schema", None)
    told = getter() if callable(getter) else None
    if inspect.isawaitable(told):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            told = pool.submit(asyncio.run, told).result(10)
    if isinstance(told, str):
        told = json.loads(told)
    return told if isinstance(told, dict) else None


def object_schema(given):
    """What a system calls parameters, as the schema of an object."""
    if not isinstance(given, dict) or not given:
        return {"type": "object", "properties": {}}
    if given.get("type") == "object" or "properties" in given or "$ref" in given:
        return {"type": "object", **given}
    # A plain list of fields: {"city": {"type": "string", "required": true}}.
    fields = {name: field if isinstance(field, dict) else {"description": str(field)} for name, field in given.items()}
    required = [name for name, field in fields.items() if field.get("required") is True]
    plain = {name: {key: value for key, value in field.items() if key != "required"} for name, field in fields.items()}
    return {"type": "object", "properties": plain, "required": required}


def of_autogen(tool):
    """AutoGen's tools: `schema` and `run_json(args, cancellation_token)`."""
    schema = tool.schema if isinstance(tool.schema, dict) else {}
    parameters = object_schema(schema.get("parameters"))

    def token_of(token):
        try:
            from autogen_core import CancellationToken
        except ImportError:
            return token
        theirs = CancellationToken()
        token.add_callback(theirs.cancel)
        return theirs

    async def call(arguments, token):
        value = await tool.run_json(arguments, token_of(token))
        text = getattr(tool, "return_value_as_string", None)
        return text(value) if callable(text) and not isinstance(value, (str, tuple)) else value

    name = getattr(tool, "name", None) or schema.get("name") or type(tool).__name__
    about = getattr(tool, "description", None) or schema.get("description") or ""
    return Found(name, about, {"additionalProperties": False, **parameters}, call)


def of_anything(value, name=None):
    """The tool that a value of a module is; None where it is none."""
    if inspect.isclass(value):
        return None
    if callable(getattr(value, "run_json", None)) and hasattr(value, "schema"):
        return of_autogen(value)
    if callable(getattr(value, "execute", None)):
        return of_object(value, name)
    return of_function(value, name) if inspect.isroutine(value) else None


def load(path, roots):
    """A module by its file or its dotted name."""
    for root in reversed(roots):
        if root not in sys.path:
            sys.path.insert(0, root)
    if not path.endswith(".py"):
        return importlib.import_module(path)
    file = pathlib.Path(path)
    dotted = [one for one in (dotted_name(file, root) for root in roots) if one is not None]
    if dotted:
        return importlib.import_module(dotted[0])
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise FileNotFoundError(f"there is no module {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def dotted_name(file, root):
    try:
        parts = file.resolve().relative_to(pathlib.Path(root).resolve()).with_suffix("").parts
    except ValueError:
        return None
    good = parts and all(part.isidentifier() for part in parts) and file.is_file()
    return ".".join(parts) if good and parts[0] not in sys.stdlib_module_names else None


def of_module(path, roots, names=None):
    """Tools of a module: those named, else `__all__`, else whatever public the module itself defines."""
    module = load(path, roots)
    listed = names or getattr(module, "__all__", None)
    found, faults, wrapped = [], [], []
    for name in listed or [name for name in vars(module) if not name.startswith("_")]:
        if not hasattr(module, name):
            faults.append({"name": name, "fault": f"the module {path} has no {name}"})
            continue
        value = getattr(module, name)
        if listed is None and not own(value, module):
            continue
        try:
            made = of_anything(value, name)
        except Exception as error:
            faults.append({"name": name, "fault": fault_text(error)})
            continue
        if made is not None:
            found.append(made)
            wrapped.append(getattr(value, "_func", None))
        elif listed is not None:
            faults.append({"name": name, "fault": "it is neither a function nor a tool"})
    objects = {one.name for one in found if one.function is None}
    # A function that a tool object of the module stands for is that tool, and no second one.
    return [one for one in found if one.function is None or one.name not in objects and one.function not in wrapped], faults


def own(value, module):
    """What a module offers where nobody says: its own functions, and objects that are surely tools (a database has execute too)."""
    if inspect.isroutine(value):
        return value.__module__ == module.__name__
    surely = hasattr(value, "run_json") or hasattr(value, "get_schema")
    return surely or type(value).__module__ == module.__name__


def of_registry(path, roots, init):
    """Tools of a registry file: `registered_tools: id -> {enabled, module_path, class …}`."""
    registry = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    rows = registry.get("registered_tools", registry.get("tools", {}))
    if isinstance(rows, list):
        rows = {str(row.get("id", row.get("name", at))): row for at, row in enumerate(rows)}
    found, faults = [], []
    for key, row in rows.items():
        if not isinstance(row, dict):
            faults.append({"name": key, "fault": "its entry is no object"})
        elif row.get("enabled", True) not in (True, "true", 1):
            faults.append({"name": key, "disabled": True})
        else:
            try:
                found.append(of_row(key, row, roots, init))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                faults.append({"name": key, "fault": fault_text(error)})
    return found, faults


def of_row(key, row, roots, init):
    path = row.get("module_path") or row.get("module") or row.get("path")
    if not isinstance(path, str) or path == "":
        raise ValueError("its entry names no module_path")
    wanted = next((row[one] for one in ("class", "class_name", "tool_class", "entry_point", "function") if isinstance(row.get(one), str)), None)
    if wanted is None and ":" in path:
        path, wanted = path.split(":", 1)
    file = path if not path.endswith(".py") or os.path.isabs(path) else next((f"{root}/{path}" for root in roots if os.path.isfile(f"{root}/{path}")), path)
    module = load(file, roots)
    target = getattr(module, wanted) if wanted else only_tool(module)
    description = row.get("description") if isinstance(row.get("description"), str) else ""
    if not inspect.isclass(target):
        made = of_anything(target, key)
        if made is None:
            raise TypeError(f"{wanted} is neither a function nor a tool")
        made.description = made.description or description
        return made
    thing = target(**constructor_arguments(target, {**init, **(row.get("config") or {})}))
    if callable(getattr(thing, "execute", None)):
        return of_object(thing, None, description)
    made = of_anything(thing, key)
    if made is None:
        raise TypeError(f"{target.__name__} has no execute")
    return made


def only_tool(module):
    """The one class with `execute` that the module defines."""
    classes = [one for one in vars(module).values() if inspect.isclass(one) and one.__module__ == module.__name__ and callable(getattr(one, "execute", None))]
    if len(classes) != 1:
        raise ValueError(f"its entry names no class, and the module has {len(classes)} with execute")
    return classes[0]


def constructor_arguments(kind, offered):
    """What of `offered` a class takes; what it needs beside that is an error."""
    if kind.__init__ is object.__init__:
        return {}
    parameters = list(inspect.signature(kind).parameters.values())
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        return dict(offered)
    missing = [one.name for one in parameters if one.default is inspect.Parameter.empty and one.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY) and one.name not in offered]
    if missing:
        raise TypeError(f"{kind.__name__} needs {', '.join(missing)}")
    names = {one.name for one in parameters}
    return {name: value for name, value in offered.items() if name in names}


def fault_text(error):
    text = str(error).strip() or type(error).__name__
    return f"{type(error).__name__}: {text}"[:500]
