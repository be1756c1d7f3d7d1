"""The word lists and phrases beside this file, read once."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@cache
def sections(*names: str) -> dict[str, list[str]]:
    """Files of `# title` lines, each followed by its entries; empty lines divide, sections of one title are joined."""
    found: dict[str, list[str]] = {}
    for name in names:
        entries: list[str] = []
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                entries = found.setdefault(line[2:], [])
            elif line.strip() and line not in entries:
                entries.append(line)
    return found


def phrases(title: str) -> list[str]:
    return sections("phrases.txt", "phrases-files.txt", "phrases-wide.txt")[title]


def values(title: str) -> list[str]:
    return sections("values.txt", "values-more.txt")[title]


def domain_rows() -> dict[str, list[str]]:
    return sections("domains.txt", "domains-more.txt", "domains-wide.txt")
