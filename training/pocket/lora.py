"""Low-rank adapters on frozen projections (Hu et al., 2021)."""

import math
from typing import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .model import PROJECTIONS, Llama

#: Keys are left as they are: the prototypes gained nothing from them.
ADAPTED = ("q", "v", "o", "gate", "up", "down")
SCALE = 2.0


class Adapted(nn.Module):
    """A frozen weight and the product of two thin matrices beside it; starts as the frozen weight alone."""

    def __init__(self, linear: nn.Linear, rank: int, dtype: torch.dtype):
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().to(dtype), persistent=False)
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight) + F.linear(F.linear(x, self.a), self.b * SCALE)


def adapt(model: Llama, rank: int, dtype: torch.dtype) -> list[nn.Parameter]:
    """Freezes the model, puts adapters in, and returns what trains."""
    model.requires_grad_(False)
    for block in model.blocks:
        for name in ADAPTED:
            setattr(block, name, Adapted(getattr(block, name), rank, dtype))
        block.k.weight.data = block.k.weight.data.to(dtype)
    return [p for p in model.parameters() if p.requires_grad]


def pairs(model: Llama) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Each adapter by the name of its tensor in GGUF, both halves of about the same size, the scale folded in."""
    names = {own: theirs for theirs, own in PROJECTIONS.items()}
    for i, block in enumerate(model.blocks):
        for name in ADAPTED:
            adapter = getattr(block, name)
            a, b = adapter.a.detach().float(), adapter.b.detach().float() * SCALE
            balance = (b.norm(dim=0) / a.norm(dim=1)).sqrt().clamp_min(1e-6)
            yield f"blk.{i}.{names[name]}.weight", a * balance[:, None], b / balance[None]


def start_from(model: Llama, halves: dict[str, tuple[Tensor, Tensor]]) -> None:
    """Begins at an adapter that exists already (`adapter.read`)."""
    names = {own: theirs for theirs, own in PROJECTIONS.items()}
    with torch.no_grad():
        for i, block in enumerate(model.blocks):
            for name in ADAPTED:
                a, b = halves[f"blk.{i}.{names[name]}.weight"]
                getattr(block, name).a.copy_(a)
                getattr(block, name).b.copy_(b / SCALE)
