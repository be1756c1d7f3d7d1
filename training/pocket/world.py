"""A few files in memory on which calls of the file tools are carried out: what a call gives, and the proof that it is right."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random

from . import values
from .data import values as listed


class Fault(Exception):
    """What the tool says when the call can't be carried out."""


def parts(path: str) -> list[str]:
    """The steps of a path of either system; `.` is no step."""
    return [step for step in path.replace("\\", "/").split("/") if step not in ("", ".")]


def _plural(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def _size(n: int) -> str:
    return f"{n} B" if n < 1024 else f"{n / 1024:.1f} KB"


@dataclass
class World:
    """Texts by path. Folders are those on the way to a file, and those named in `folders`."""

    files: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def put(self, folder: str, name: str, text: str) -> str:
        """Adds a file and returns its path as results write it."""
        path = "/".join([*parts(folder), *parts(name)])
        self.files[path] = text
        return path

    def below(self, folder: str) -> dict[str, str]:
        start = parts(folder)
        found = {p: t for p, t in self.files.items() if parts(p)[: len(start)] == start and len(parts(p)) > len(start)}
        if not found and "/".join(start) not in self.folders | {""}:
            what = "is a file, not a folder" if "/".join(start) in self.files else None
            raise Fault(f'"{folder}" {what}. Use read_file for a file.' if what else f'There is no "{folder}" in the workspace.')
        return found

    def run(self, kind: str, arguments: dict) -> str:
        """Carries out a call whose arguments are named path, pattern, content, limit and offset."""
        where = arguments.get("path", ".")
        shown = "the workspace" if where == "." else where.rstrip("/\\") + "/"
        if kind == "list":
            depth = len(parts(where))
            names = sorted({"/".join(parts(p)[depth : depth + 1]) + ("/" if len(parts(p)) > depth + 1 else "") for p in self.below(where)})
            if not names:
                return f"{shown[0].upper() + shown[1:]} is empty."
            folders = sum(name.endswith("/") for name in names)
            head = f"{shown[0].upper() + shown[1:]} has {_plural(folders, 'folder')} and {_plural(len(names) - folders, 'file')}:"
            return "\n".join([head, *names[: arguments.get("limit", 30)]])
        if kind == "usage":
            try:
                total = sum(len(t) * 97 for t in self.below(where).values())
            except Fault:
                total = len(self.read(where)) * 97
            return f"{shown[0].upper() + shown[1:]} takes {_size(total)}."
        if kind == "read":
            lines = self.read(where).split("\n")
            start = arguments.get("offset", 1) - 1
            text = "\n".join(lines[start : start + arguments.get("limit", 200)])
            return f"{where} ({_plural(len(lines), 'line')}):\n{text}"
        return self.search(arguments, where, shown)

    def read(self, where: str) -> str:
        path = "/".join(parts(where))
        if path not in self.files:
            if any(p.startswith(path + "/") for p in self.files):
                raise Fault(f'"{where}" is a folder, not a file. Use list_files for a folder.')
            raise Fault(f'There is no "{where}" in the workspace.')
        return self.files[path]

    def search(self, arguments: dict, where: str, shown: str) -> str:
        pattern, content = arguments.get("pattern", "*"), arguments.get("content")
        named = {p: t for p, t in self.below(where).items() if fnmatchcase(parts(p)[-1], pattern)}
        if content is None:
            if not named:
                return f'No file or folder matches "{pattern}" in {shown}.'
            verb = "matches" if len(named) == 1 else "match"
            return "\n".join([f'{_plural(len(named), "file")} {verb} "{pattern}" in {shown}:', *sorted(named)])
        hits = [f"{p}:{i}: {line}" for p, t in sorted(named.items()) for i, line in enumerate(t.split("\n"), 1) if content.lower() in line.lower()]
        if not hits:
            return f'No line contains "{content}" in {shown}.'
        verb = "contains" if len(hits) == 1 else "contain"
        return "\n".join([f'{_plural(len(hits), "line")} {verb} "{content}":', *hits])


def text(r: Random) -> str:
    return "\n".join(r.choice(listed("sentence")) for _ in range(r.choice([1, 1, 2, 3])))


def around(r: Random, world: World, folder: str) -> None:
    """Up to three files that have nothing to do with the request."""
    for _ in range(r.choice([0, 0, 1, 2, 3])):
        world.put(folder, f"{values.made_up(r)}.{r.choice(['dat', 'old', 'tgz'])}", text(r))
