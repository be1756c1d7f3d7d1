"""Several requests behind one tool prompt in one row: a block mask keeps them apart, positions restart behind the prompt."""

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from . import prompt
from .sample import Sample


@dataclass
class Packed:
    tokens: Tensor
    positions: Tensor
    #: Added to the scores of attention: 0 where a token may look, far below where not.
    mask: Tensor
    #: The token wanted at each place; -1 where nothing is asked.
    wanted: Tensor
    #: Kind, first place and length of each answer.
    answers: list[tuple[str, int, int]]


def pack(sample: Sample, tokenizer: Tokenizer) -> Packed:
    head = tokenizer.encode(prompt.head(sample.tools)).ids
    tokens, positions = list(head), list(range(len(head)))
    owner, wanted = [0] * len(head), [-1] * len(head)
    answers = []
    for i, case in enumerate(sample.cases, start=1):
        row: list[int] = []
        for n, (read, written) in enumerate(case.turns):
            asked, answer = tokenizer.encode(read).ids, tokenizer.encode(written).ids
            answers.append((case.kind if n == 0 else "later", len(tokens) + len(row) + len(asked), len(answer)))
            wanted += [-1] * (len(asked) - (n == 0)) + answer
            row += asked + answer
        wanted.append(-1)
        tokens += row
        positions += range(len(head), len(head) + len(row))
        owner += [i] * len(row)
    own = torch.tensor(owner)
    causal = torch.ones(len(tokens), len(tokens), dtype=torch.bool).tril()
    seen = causal & ((own[:, None] == own[None]) | (own[None] == 0))
    mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -1e4)
    return Packed(torch.tensor(tokens), torch.tensor(positions), mask, torch.tensor(wanted), answers)
