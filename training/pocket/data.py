"""The word lists and phrases beside this file, read once."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@cache
def sections(name: str) -> dict[str, list[str]]:
    """A file of `# title` lines, each followed by its entries; empty lines divide."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            title = line[2:]
            found[title] = []
        elif line.strip():
            found[title].append(line)
    return found


def phrases(title: str) -> list[str]:
    return sections("phrases.txt")[title]


def values(title: str) -> list[str]:
    return sections("values.txt")[title]
