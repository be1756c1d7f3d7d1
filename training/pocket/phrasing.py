"""How people put a request: politeness, slips, quotes, capitals."""

import re
from random import Random

from .data import phrases
from .values import verbs

#: Small words that people mistype as often as long ones.
SMALL = ("the", "what", "is", "in", "to", "my", "and", "all", "how", "for", "are")


def slip(r: Random, text: str) -> str:
    """One or two words mistyped, now and then up to four; placeholders stay."""
    words = text.split(" ")
    can = [i for i, w in enumerate(words) if w.isalpha() and (len(w) > 3 or (w.lower() in SMALL and len(w) > 2))]
    for i in r.sample(can, min(len(can), r.choice([1, 1, 1, 2, 2, 3, 4]))):
        w = words[i]
        j = r.randrange(1, len(w) - 1)
        slips = [w[:j] + w[j + 1 :], w[:j] + w[j + 1] + w[j] + w[j + 2 :], w[:j] + w[j] + w[j:], w[1] + w[0] + w[2:], w[:-1]]
        words[i] = r.choice(slips)
    return " ".join(words)


def dress(r: Random, template: str) -> str:
    """A template in one of many voices; its `{…}` stay where they are."""
    text = slip(r, template) if r.random() < 0.13 else template
    if r.random() < 0.38:
        asks = text.split(" ")[0] in verbs()
        text = r.choice(phrases("imperative" if asks else "question")).replace("{}", text)
    k = r.random()
    if k < 0.1:
        text = f"{r.choice(phrases('before'))} {text}"
    elif k < 0.2:
        text = text.rstrip("?") + r.choice(phrases("after"))
    elif k < 0.36 and text[-1].isalpha():
        text += r.choice([".", "?", "!", " ...", ".", "??"])
    return text


def capital(r: Random, text: str) -> str:
    """A capital letter at the start, half of the time, where the first thing is no path and no placeholder."""
    return text if text[:1] in "{/~." or r.random() < 0.5 else text[:1].upper() + text[1:]


def quote(r: Random, text: str) -> str:
    """Quotes around a text: mostly where it has spaces, now and then otherwise."""
    if " " in text or "," in text:
        return r.choice(['"{}"', '"{}"', "'{}'", "`{}`", "“{}”", "«{}»"]).replace("{}", text) if r.random() < 0.8 else text
    return r.choice(['"{}"', "'{}'", "`{}`"]).replace("{}", text) if r.random() < 0.13 else text


FOLDERS = (
    "the folder {}",
    "the {} folder",
    "my {} folder",
    "the directory {}",
    "the {} directory",
    "our {} folder",
    "folder {}",
    "the subfolder {}",
    "the folder called {}",
    "the folder named {}",
)
FILES = ("the file {}", "my {}", "the {}", "{} file", "file {}", "the file called {}", "our {}")


def place(r: Random, path: str) -> str:
    """A path in a sentence; a bare name is often called a folder."""
    said = quote(r, path)
    bare = re.fullmatch(r"[\w. -]+", path) and path not in (".", "..")
    return r.choice(FOLDERS).replace("{}", said) if r.random() < (0.42 if bare else 0.06) else said


def named_file(r: Random, path: str) -> str:
    """The same for a file."""
    said = quote(r, path)
    return r.choice(FILES).replace("{}", said) if r.random() < 0.12 else said
