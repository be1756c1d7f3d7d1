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
        asked, answer = tokenizer.encode(case.asked).ids, tokenizer.encode(case.wanted).ids
        answers.append((case.kind, len(tokens) + len(asked), len(answer)))
        row = asked + answer
        tokens += row
        positions += range(len(head), len(head) + len(row))
        owner += [i] * len(row)
        wanted += [-1] * (len(asked) - 1) + answer + [-1]
    own = torch.tensor(owner)
    causal = torch.ones(len(tokens), len(tokens), dtype=torch.bool).tril()
    mask = causal & ((own[:, None] == own[None]) | (own[None] == 0))
    return Packed(torch.tensor(tokens), torch.tensor(positions), mask, torch.tensor(wanted), answers)
