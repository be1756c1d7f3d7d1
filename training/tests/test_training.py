"""Packing, attention and the low-rank halves on a model of a few weights. Needs torch and tokenizers; skipped where they are missing."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
try:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers

    from pocket import lora
    from pocket.evaluation import threshold
    from pocket.model import Llama, attend
    from pocket.pack import CHOICE, pack, weigh
except ImportError as error:
    raise unittest.SkipTest(f"{error.name} is not installed") from error
from pocket.sample import Case, Sample, sample  # noqa: E402


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.BPE({letter: i for i, letter in enumerate(pre_tokenizers.ByteLevel.alphabet())}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return made


def small() -> Llama:
    torch.manual_seed(1)
    return Llama(256, 16, 2, 4, 2, 24, 10_000.0, 1e-5)


class Packing(unittest.TestCase):
    def test_a_request_sees_the_tools_and_itself(self) -> None:
        row = pack(Sample([], [Case("none", "a", "b"), Case("none", "cd", "e")]), tokenizer())
        head = len(row.tokens) - 5
        first, second = range(head, head + 2), range(head + 2, head + 5)
        for own, other in ((first, second), (second, first)):
            for i in own:
                self.assertEqual(row.mask[i, :head].abs().max(), 0)
                self.assertLess(row.mask[i, list(other)].max(), -1000)
        self.assertEqual(row.positions[head + 2], row.positions[head])

    def test_answers_are_wanted_one_place_ahead(self) -> None:
        made = sample("pack:3")
        row = pack(made, tokenizer())
        for _, start, length in row.answers:
            torch.testing.assert_close(row.wanted[start - 1 : start + length - 1], row.tokens[start : start + length])
        self.assertEqual(int((row.wanted >= 0).sum()), sum(length for _, _, length in row.answers))
        self.assertEqual(len(row.answers), sum(len(case.turns) for case in made.cases))

    def test_choices_count_more(self) -> None:
        """The first token of an answer, and the letters of the tool's name (a token each here)."""
        text = '<tool_call>\n{"name": "ls", "arguments": {}}\n</tool_call>'
        weights = weigh(tokenizer(), text, len(text))
        self.assertEqual([i for i, weight in enumerate(weights) if weight == CHOICE], [0, text.index("ls"), text.index("ls") + 1])
        row = pack(sample("pack:4"), tokenizer())
        torch.testing.assert_close(row.weights > 0, row.wanted >= 0)

    def test_packed_or_alone_gives_the_same(self) -> None:
        model, text = small(), tokenizer()
        cases = [Case("none", "hello", "yes"), Case("none", "what", "no")]
        run = lambda row: model(row.tokens[None], row.positions[None], row.mask.float())[0]  # noqa: E731
        together, alone = run(pack(Sample([], cases), text)), run(pack(Sample([], cases[1:]), text))
        torch.testing.assert_close(together[-6:], alone[-6:])


class Model(unittest.TestCase):
    def test_attention_is_that_of_torch(self) -> None:
        q, k, v = (torch.randn(1, heads, 7, 8) for heads in (4, 2, 2))
        mask = torch.zeros(7, 7).masked_fill(torch.ones(7, 7).triu(1).bool(), -1e4)
        wanted = torch.nn.functional.scaled_dot_product_attention(q, k.repeat_interleave(2, 1), v.repeat_interleave(2, 1), attn_mask=mask)
        torch.testing.assert_close(attend(q, k, v, mask), wanted)

    def test_halves_written_and_begun_from_change_nothing(self) -> None:
        model, other = small(), small()
        for one in (model, other):
            lora.adapt(one, 4, torch.float32)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.normal_()
        lora.start_from(other, {name: (a, b) for name, a, b in lora.pairs(model)})
        tokens, mask = torch.arange(5)[None], torch.zeros(5, 5)
        torch.testing.assert_close(other(tokens, tokens, mask), model(tokens, tokens, mask), rtol=1e-4, atol=1e-4)


class Threshold(unittest.TestCase):
    def test_it_stands_between_the_two_kinds(self) -> None:
        found = threshold([0.01, 0.2, 0.3], [0.7, 0.9, 0.95])
        self.assertEqual(found["right"], "6/6")
        self.assertTrue(0.3 < found["best"] < 0.7)


if __name__ == "__main__":
    unittest.main()
