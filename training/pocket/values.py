"""Random values of arguments: paths, names, dates, amounts. Every function takes the generator's `Random`."""

import string
from random import Random

from .data import phrases, sections, values

NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def made_up(r: Random) -> str:
    """A word nobody has seen."""
    return "".join(r.choice(string.ascii_lowercase) for _ in range(r.randint(4, 8)))


def word(r: Random) -> str:
    return r.choice(values("word"))


def first_name(r: Random) -> str:
    return r.choice(values("first name"))


def person(r: Random) -> str:
    return first_name(r) + (" " + r.choice(values("last name")) if r.random() < 0.3 else "")


def segment(r: Random) -> str:
    """One folder of a path."""
    k = r.random()
    if k < 0.4:
        return word(r)
    if k < 0.6:
        return made_up(r)
    if k < 0.85:
        return r.choice(values("common folder"))
    tail = r.choice(["v2", "2025", "old", str(r.randint(1, 99)), made_up(r)])
    return made_up(r) + r.choice("-_") + tail


def file_name(r: Random) -> str:
    k = r.random()
    if k < 0.3:
        return r.choice(values("known file"))
    if k < 0.42:
        return r.choice(values("foreign file" if k < 0.36 else "spaced file"))
    stem = r.choice([word(r), made_up(r), segment(r), f"{word(r)}{r.choice('-_')}{word(r)}"])
    return f"{stem}{r.choice(['', '', '', '_2', '-final', '-2025', '_v3'])}.{r.choice(values('ending'))}"


def _roots(r: Random) -> str:
    home = first_name(r)
    return r.choice(
        [f"home/{home.lower()}/", "var/", "opt/", "mnt/", "etc/", "srv/", "", "usr/", f"Users/{home}/", "media/", "data/", "Volumes/"]
    )


def path(r: Random, file: bool = False) -> str:
    """A path as people write them: names and relative paths first, absolute, of the home folder, of Windows, in any script."""
    k = r.random()
    parts = [segment(r) for _ in range(r.choice([1, 1, 2, 2, 3]))]
    if k < 0.17:
        out = "/" + _roots(r) + "/".join(parts)
    elif k < 0.25:
        out = "~/" + "/".join(parts)
    elif k < 0.29:
        out = "./" + "/".join(parts)
    elif k < 0.33:
        out = r.choice(["../", "../../"]) + "/".join(parts[:2])
    elif k < 0.61:
        out = r.choice([parts[0], word(r), word(r)])
    elif k < 0.75:
        out = "/".join([segment(r), *parts])
    elif k < 0.79:
        top = r.choice(["Users\\" + first_name(r), "Program Files", "Data", "Windows", "Temp", "Games"])
        out = r.choice("CDEZ") + ":\\" + "\\".join([top, *parts[:2]])
    elif k < 0.80:
        out = "\\\\" + r.choice(["nas", "server", "fileserver", "nas01"]) + "\\" + "\\".join(parts[:2])
    elif k < 0.83:
        home = r.choice(["~/", "", "./", f"/home/{first_name(r).lower()}/"])
        out = home + r.choice([name for name in values("hidden") if name not in (".bashrc", ".env")])
    elif k < 0.90:
        out = r.choice(["~/", "/home/", "", "", "", "/mnt/"]) + r.choice(values("foreign"))
        out += f"/{parts[0]}" if r.random() < 0.3 else ""
    elif k < 0.98:
        top = r.choice(["~/", "/mnt/data/", "", "", "", f"C:\\Users\\{first_name(r)}\\", f"/home/{first_name(r).lower()}/"])
        out = top + r.choice(values("spaced"))
    else:
        out = r.choice(["/", "~", "..", ".", "/tmp", "/etc", "../..", "/var", "/home"])
    slash = "\\" if "\\" in out else "/"
    if file:
        if out in ("/", "~", "..", ".", "../.."):
            out = ""
        return (out + slash if out and r.random() < 0.5 else "") + file_name(r)
    return out + slash if r.random() < 0.05 and out[-1] not in "/\\.~" else out


def pattern(r: Random) -> tuple[str, str, str]:
    """How a request speaks of files to find, the pattern that finds them, and the name of one that must be found."""
    k = r.random()
    w = r.choice([word(r), made_up(r)])
    some = made_up(r)
    if k < 0.24:
        end = r.choice(values("ending"))
        made = f"*.{end}", f"*.{end}", f"{w}*", f"*{w}*", f"{w}*.{end}", f"*_{w[:4]}"
        glob = r.choice(made)
        return glob, glob, glob.replace("*", some)
    if k < 0.5:
        name = file_name(r)
        return name, name, name
    if k < 0.78:
        kind, end = r.choice(sections("kinds.txt")["kinds"]).split("|")
        return kind, f"*.{end}", f"{some}.{end}"
    if k < 0.88:
        end = r.choice([e for e in values("ending") if "." not in e])
        said = r.choice([f".{end} files", f"{end} files", f"files ending in .{end}", f"files with the ending .{end}", f"everything ending with .{end}"])
        return said, f"*.{end}", f"{some}.{end}"
    starts = f"{w}*", f"{w}{some}.txt"
    has = f"*{w}*", f"{some}{w}.md"
    return r.choice(
        [
            (f"files starting with {w}", *starts),
            (f"files whose name begins with {w}", *starts),
            (f"files beginning with {w}", *starts),
            (f"everything that starts with {w}", *starts),
            (f"everything with {w} in the name", *has),
            (f"files with {w} in their name", *has),
            (f"anything with {w} in its name", *has),
            (f"files that have {w} in the file name", *has),
        ]
    )


def date(r: Random) -> str:
    days = "tomorrow,today,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday,next week,next Friday".split(",")
    return r.choice(
        [*days, f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}", f"June {r.randint(1, 28)}", f"{r.randint(1, 28)} March", "Christmas Eve"]
    )


def time(r: Random) -> str:
    clock = f"{r.randint(0, 23)}:{r.choice([0, 15, 30, 45]):02}"
    return r.choice([clock, f"{r.randint(5, 11)} am", f"{r.randint(1, 11)}pm", "noon", "7 in the evening", "half past six"])


def email(r: Random) -> str:
    local = r.choice([first_name(r).lower().replace("ë", "e"), made_up(r), "info", "support"])
    return local + "@" + r.choice(["example.com", "mail.org", f"{made_up(r)}.net", "corp.io"])


def _made(r: Random, kind: str) -> str | None:
    """Kinds that are put together instead of listed."""
    if kind == "person":
        return person(r)
    if kind in ("date", "time", "email"):
        return {"date": date, "time": time, "email": email}[kind](r)
    if kind == "place":
        listed = ["Central Station", "the airport", f"Main Street {r.randint(1, 90)}", "the library", "City Hall", "Oak Avenue"]
        return r.choice([r.choice(values("city")), *listed])
    if kind == "code":
        return r.choice(["A", "ORD-", "X", "S", "TR-", "#"]) + str(r.randint(100, 99999))
    if kind == "branch":
        w = made_up(r)
        return r.choice(["main", "develop", f"feature/{w}", f"fix-{w}", f"release/{r.randint(1, 9)}.{r.randint(0, 9)}", w])
    if kind == "service":
        return r.choice(["web", "nginx", "redis", "postgres", "api", "worker", f"db-{r.randint(1, 9)}", "grafana", made_up(r)])
    if kind == "host":
        return r.choice([f"{word(r)}.local", f"{made_up(r)}.example.com", f"192.168.{r.randint(0, 9)}.{r.randint(1, 254)}", "db-01", "router", "localhost"])
    if kind == "domain":
        return made_up(r) + r.choice([".com", ".org", ".io", ".de", ".co.uk"])
    if kind == "url":
        tail = r.choice(["", "index.html", f"blog/{made_up(r)}", "data.zip", f"files/{made_up(r)}.pdf"])
        return f"https://{made_up(r)}{r.choice(['.com', '.org', '.net'])}/{tail}"
    if kind == "fname":
        return file_name(r)
    if kind == "imgf":
        return r.choice([word(r), made_up(r)]) + r.choice(["", "_1", "-final"]) + r.choice([".png", ".jpg", ".tiff", ".jpeg"])
    if kind == "sql":
        start = r.choice(["SELECT * FROM ", "SELECT COUNT(*) FROM ", "DELETE FROM ", "SELECT name FROM "])
        return start + r.choice(["users", "orders", "items", "logs"]) + r.choice(["", f" LIMIT {r.randint(1, 50)}", f" WHERE id = {r.randint(1, 500)}"])
    if kind == "word":
        return r.choice([word(r), made_up(r)])
    return None


SAME = {"subject": "topic", "city2": "city", "place2": "place", "branch2": "branch", "unit2": "unit"}


def text(r: Random, kind: str) -> str:
    """A text of one of the kinds that `domains.txt` names."""
    kind = SAME.get(kind, kind)
    made = _made(r, kind)
    if made is not None:
        return made
    return phone(r) if kind == "phone" else r.choice(values(kind))


def phone(r: Random) -> str:
    return r.choice(["+49 ", "0", "555-"]) + str(r.randint(100000, 9999999))


def verbs() -> set[str]:
    return set(phrases("verbs")[0].split())
