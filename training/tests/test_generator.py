"""The generator: the same data from the same seed, and calls that fit the tools they are made for. No torch needed."""

import hashlib
import json
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from pocket import prompt  # noqa: E402
from pocket.domains import domains  # noqa: E402
from pocket.filetools import own_tools  # noqa: E402
from pocket.sample import REFUSAL, Sample, sample  # noqa: E402

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}


def text_of(made: Sample) -> str:
    turns = [turn for case in made.cases for turn in case.turns]
    return prompt.head(made.tools) + "".join(read + written for read, written in turns)


def call_in(text: str) -> dict:
    start, end = "<tool_call>\n", "\n</tool_call>"
    return json.loads(text[len(start) : text.index(end)])


def calls_of(made: Sample) -> list[tuple[str, dict]]:
    """Each call with all that was read before it."""
    out = []
    for case in made.cases:
        seen = ""
        for read, written in case.turns:
            seen += read
            if written.startswith("<tool_call>"):
                out.append((seen, call_in(written)))
    return out


class Generator(unittest.TestCase):
    def test_one_seed_one_example(self) -> None:
        self.assertEqual(text_of(sample("train:1:7:0")), text_of(sample("train:1:7:0")))
        self.assertNotEqual(text_of(sample("train:1:7:0")), text_of(sample("train:1:8:0")))

    def test_the_data_of_a_seed_is_what_it_was(self) -> None:
        """A change here means that an adapter made before can't be made again from the same seed: say so in the README."""
        digest = hashlib.sha256("".join(text_of(sample(f"train:1:{i}:0")) for i in range(200)).encode()).hexdigest()
        self.assertEqual(digest, (HERE / "digest.txt").read_text().strip())

    def test_every_call_fits_its_tool(self) -> None:
        for i in range(400):
            made = sample(f"fit:{i}", held=i % 5 == 0)
            tools = {tool["name"]: tool["parameters"] for tool in made.tools}
            for _, call in calls_of(made):
                parameters = tools[call["name"]]
                self.assertLessEqual(set(parameters["required"]), set(call["arguments"]), call)
                self.assertLessEqual(set(call["arguments"]), set(parameters["properties"]), call)
                for name, value in call["arguments"].items():
                    schema = parameters["properties"][name]
                    self.assertIsInstance(value, TYPES[schema["type"]], (call, name))
                    self.assertIn(value, schema.get("enum", [value]))

    def test_texts_of_calls_come_from_the_request(self) -> None:
        """Paths are copied, from the request or from a result, never made up: that is what the model is to learn."""
        for i in range(300):
            for seen, call in calls_of(sample(f"copy:{i}")):
                for value in call["arguments"].values():
                    if isinstance(value, str) and "/" in value and value not in ("/", "."):
                        self.assertIn(value, seen)

    def test_no_placeholder_is_left(self) -> None:
        for i in range(300):
            self.assertNotRegex(text_of(sample(f"left:{i}")), r"(?<![\"\w])\{(p|x|w|n|a|b|c|u)\}")

    def test_kept_out_domains_are_kept_out(self) -> None:
        self.assertGreaterEqual(len(domains(True)), 3)
        self.assertFalse(set(domains(True)) & set(domains(False)))

    def test_a_fifth_is_no_call_for_a_tool(self) -> None:
        cases = [case for i in range(300) for case in sample(f"share:{i}").cases]
        kinds = [case.kind for case in cases]
        self.assertAlmostEqual(kinds.count("none") / len(kinds), 0.2, delta=0.04)
        self.assertAlmostEqual(kinds.count("steps") / len(kinds), 0.075, delta=0.02)
        self.assertTrue(any(REFUSAL in case.wanted for case in cases))

    def test_up_to_seven_tools_with_types_of_all_kinds(self) -> None:
        made = [sample(f"kinds:{i}") for i in range(600)]
        self.assertEqual({len(one.tools) for one in made}, set(range(8)))
        values = [value for one in made for _, call in calls_of(one) for value in call["arguments"].values()]
        self.assertLessEqual({str, int, float, bool, list}, {type(value) for value in values})

    def test_own_tools_are_in_as_they_stand(self) -> None:
        own = [tool["name"] for tool in own_tools()]
        self.assertEqual(own, ["list_files", "disk_usage", "search_files", "read_file"])
        whole = sum([tool for tool in sample(f"own:{i}").tools] == list(own_tools()) for i in range(300))
        self.assertGreater(whole, 45)


class Prompt(unittest.TestCase):
    def test_the_same_prompt_as_at_run_time(self) -> None:
        shared = HERE.parents[1] / "packages/hearth/test/pocket"
        tools = json.loads((shared / "tools.json").read_text(encoding="utf-8"))
        wanted = (shared / "prompt.txt").read_text(encoding="utf-8")
        self.assertEqual(prompt.head(tools) + prompt.turn("List docs"), wanted)


if __name__ == "__main__":
    unittest.main()
