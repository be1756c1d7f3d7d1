"""Several requests behind one tool prompt in one row: a block mask keeps them apart, positions restart behind the prompt."""

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from . import prompt
from .sample import Sample


#: How much more the choice between call and sentence, and that of the tool, count than the tokens that follow from them.
CHOICE = 4.0
BEFORE_NAME, BEHIND_NAME = '<tool_call>\n{"name": "', '", "arguments": '


@dataclass
class Packed:
    tokens: Tensor
    positions: Tensor
    #: Added to the scores of attention: 0 where a token may look, far below where not.
    mask: Tensor
    #: The token wanted at each place; -1 where nothing is asked.
    wanted: Tensor
    #: What each wanted token counts.
    weights: Tensor
    #: Kind, first place and length of each answer.
    answers: list[tuple[str, int, int]]


def weigh(tokenizer: Tokenizer, text: str, length: int) -> list[float]:
    """Weights of an answer's tokens: its first, and those of the tool's name."""
    out = [CHOICE, *[1.0] * (length - 1)]
    if text.startswith(BEFORE_NAME):
        start = len(tokenizer.encode(BEFORE_NAME).ids)
        end = len(tokenizer.encode(text[: text.index(BEHIND_NAME)]).ids)
        out[start:end] = [CHOICE] * (end - start)
    return out


def pack(sample: Sample, tokenizer: Tokenizer) -> Packed:
    head = tokenizer.encode(prompt.head(sample.tools)).ids
    tokens, positions = list(head), list(range(len(head)))
    owner, wanted = [0] * len(head), [-1] * len(head)
    answers, weights = [], [0.0] * len(head)
    for i, case in enumerate(sample.cases, start=1):
        row: list[int] = []
        for n, (read, written) in enumerate(case.turns):
            asked, answer = tokenizer.encode(read).ids, tokenizer.encode(written).ids
            answers.append((case.kind if n == 0 else "later", len(tokens) + len(row) + len(asked), len(answer)))
            wanted += [-1] * (len(asked) - (n == 0)) + answer
            weights += [0.0] * (len(asked) - (n == 0)) + weigh(tokenizer, written, len(answer))
            row += asked + answer
        wanted.append(-1)
        weights.append(0.0)
        tokens += row
        positions += range(len(head), len(head) + len(row))
        owner += [i] * len(row)
    own = torch.tensor(owner)
    causal = torch.ones(len(tokens), len(tokens), dtype=torch.bool).tril()
    seen = causal & ((own[:, None] == own[None]) | (own[None] == 0))
    mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -1e4)
    return Packed(torch.tensor(tokens), torch.tensor(positions), mask, torch.tensor(wanted), torch.tensor(weights), answers)
