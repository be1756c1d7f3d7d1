"""Records what Jinja2 makes of the templates in test/conformance/jinja-cases.json, in the environment of Transformers.

Run by hand after adding a case (`python3 scripts/record-jinja.py`; needs Jinja2 3.1). Nothing else here needs Python.
"""

import json
import pathlib
from datetime import datetime

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILE = pathlib.Path(__file__).parent.parent / "test/conformance/jinja-cases.json"


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_run"), [], [], body).set_lineno(line)

    def _run(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def main():
    recorded = json.loads(FILE.read_text())
    clock = datetime.fromisoformat(recorded["clock"])
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = clock.strftime
    rows = []
    for row in recorded["rows"]:
        template = row["template"]
        try:
            rows.append({"template": template, "text": env.from_string(template).render(**json.loads(recorded["variables"]))})
        except Exception as error:  # the kind is what the test shows; the text is free
            rows.append({"template": template, "error": type(error).__name__})
    body = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
    head = json.dumps({k: recorded[k] for k in ("clock", "variables")}, ensure_ascii=False)[1:-1]
    FILE.write_text("{" + head + ',\n  "rows": [\n' + body + "\n  ]\n}\n")


main()
