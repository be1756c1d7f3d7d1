"""How people put a request: politeness, slips, quotes, capitals."""

import re
from random import Random

from .data import phrases
from .values import verbs


def slip(r: Random, text: str) -> str:
    """One or two words mistyped; placeholders stay."""
    words = text.split(" ")
    can = [i for i, w in enumerate(words) if len(w) > 3 and w.isalpha()]
    for i in r.sample(can, min(len(can), r.choice([1, 1, 2]))):
        w = words[i]
        j = r.randrange(1, len(w) - 1)
        words[i] = r.choice([w[:j] + w[j + 1 :], w[:j] + w[j + 1] + w[j] + w[j + 2 :], w[:j] + w[j] + w[j:]])
    return " ".join(words)


def dress(r: Random, template: str) -> str:
    """A template in one of many voices; its `{…}` stay where they are."""
    text = slip(r, template) if r.random() < 0.07 else template
    if r.random() < 0.42:
        asks = text.split(" ")[0] in verbs()
        text = r.choice(phrases("imperative" if asks else "question")).replace("{}", text)
    k = r.random()
    if k < 0.12:
        text = f"{r.choice(phrases('before'))} {text}"
    elif k < 0.23:
        text = text.rstrip("?") + r.choice(phrases("after"))
    elif k < 0.39 and text[-1].isalpha():
        text += r.choice([".", "?", "!", " ...", "."])
    return text


def capital(r: Random, text: str) -> str:
    """A capital letter at the start, half of the time, where the first thing is no path and no placeholder."""
    return text if text[:1] in "{/~." or r.random() < 0.5 else text[:1].upper() + text[1:]


def quote(r: Random, text: str) -> str:
    """Quotes around a text: nearly always where it has spaces, now and then otherwise."""
    if " " in text or "," in text:
        return r.choice(['"{}"', '"{}"', "'{}'", "`{}`", "“{}”"]).replace("{}", text) if r.random() < 0.93 else text
    return r.choice(['"{}"', "'{}'", "`{}`"]).replace("{}", text) if r.random() < 0.13 else text


def place(r: Random, path: str) -> str:
    """A path in a sentence; a bare name is now and then called a folder."""
    said = quote(r, path)
    if r.random() < 0.2 and re.fullmatch(r"[\w.-]+", path) and path not in (".", ".."):
        return r.choice(["the folder {}", "the {} folder", "my {} folder", "the directory {}", "the {} directory"]).replace("{}", said)
    return said
