"""Calls are right because carrying them out finds what the request was made from. No torch needed."""

import json
import re
import sys
import unittest
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from pocket.data import phrases, values  # noqa: E402
from pocket.filetools import KINDS, dressed_tool, intent, own_tool  # noqa: E402
from pocket.steps import found_then_read, mended  # noqa: E402
from pocket.world import Fault, World  # noqa: E402

REQUESTS = HERE.parents[1] / "packages/hearth/test/pocket/requests.jsonl"


class Execution(unittest.TestCase):
    def test_every_file_call_succeeds_where_the_request_was_made(self) -> None:
        for i in range(3000):
            r = Random(f"world:{i}")
            kind = KINDS[i % 4]
            tool = own_tool(kind) if i % 3 else dressed_tool(r, kind)
            needs = tool.names["path"] in tool.spec["parameters"]["required"]
            request, arguments, world = intent(r, kind, tool.names, needs)
            with self.subTest(request=request, arguments=arguments):
                result = world.run(kind, arguments)
                self.assertNotRegex(result, r"^No |is empty\.$")
                if kind == "search":
                    sought = list(world.files)[-1]
                    self.assertIn("/".join(sought.split("/")[-1:]), result)

    def test_a_wrong_call_does_not_succeed(self) -> None:
        world = World()
        world.put("docs", "a.md", "one\ntwo")
        self.assertEqual(world.run("read", {"path": "docs/a.md", "offset": 2}), "docs/a.md (2 lines):\ntwo")
        self.assertIn("No file", world.run("search", {"pattern": "*.py"}))
        for kind, arguments in (("read", {"path": "docs"}), ("read", {"path": "b"}), ("list", {"path": "doc"}), ("list", {"path": "docs/a.md"})):
            with self.subTest(kind=kind, **arguments), self.assertRaises(Fault):
                world.run(kind, arguments)

    def test_paths_of_windows_and_dots(self) -> None:
        world = World()
        world.put("C:\\Users\\Eva", "x.txt", "hi")
        self.assertIn("x.txt", world.run("list", {"path": "C:\\Users\\Eva\\"}))
        self.assertIn("hi", world.run("read", {"path": "C:/Users/Eva/./x.txt"}))


class Steps(unittest.TestCase):
    def test_the_file_read_is_the_one_that_was_found(self) -> None:
        by_kind = {kind: own_tool(kind) for kind in KINDS}
        made = [plan for i in range(400) for plan in (found_then_read(Random(i), by_kind), mended(Random(i), by_kind)) if plan]
        self.assertGreater(len(made), 500)
        for request, steps in made:
            with self.subTest(request=request):
                path = steps[-1].arguments["path"]
                self.assertIn(path, steps[-2].result)
                self.assertNotIn("There is no", steps[-1].result)

    def test_without_the_tools_there_is_no_such_plan(self) -> None:
        self.assertIsNone(found_then_read(Random(1), {"list": own_tool("list")}))
        self.assertIsNone(mended(Random(1), {"read": own_tool("read")}))


class Development(unittest.TestCase):
    """The requests for development measure; nothing is made from them."""

    def setUp(self) -> None:
        self.requests = [json.loads(line)["request"] for line in REQUESTS.read_text(encoding="utf-8").splitlines()]

    def test_no_name_of_them_is_in_the_lists(self) -> None:
        together = " | ".join(self.requests).lower()
        for title in ("spaced", "spaced file", "foreign file", "content", "sentence"):
            common = {text for text in values(title) if len(text) > 5 and text.lower() in together}
            self.assertFalse(common, title)

    def test_no_longer_phrase_makes_one_of_them(self) -> None:
        plain = [re.sub(r"[^\w]+", " ", request.lower()).strip() for request in self.requests]
        clashes = []
        for title in ("content", "content here", "list", "list here", "usage", "usage here", "search", "search here", "read", "destructive"):
            for phrase in phrases(title):
                fixed = re.split(r"\{\w\}", phrase.lower())
                if sum(len(part.split()) for part in fixed) < 6:
                    continue
                pattern = "(.+)".join(re.escape(re.sub(r"[^\w]+", " ", part).strip()) for part in fixed)
                clashes += [phrase for request in plain if re.fullmatch(pattern.replace("(.+)", r"\s*(.+?)\s*"), request)]
        self.assertFalse(clashes)


if __name__ == "__main__":
    unittest.main()
