"""What the model gets right on requests it was not trained on, and how sure it is that one wants a call at all."""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from .model import Llama
from .pack import Packed, pack
from .sample import sample

#: Domains that were kept out of training, and the training's own kinds of tools with other requests.
SETS = ("held", "fresh")


def hidden(model: Llama, row: Packed, on: torch.device) -> Tensor:
    with torch.autocast(on.type, dtype=torch.bfloat16):
        return model(row.tokens[None].to(on), row.positions[None].to(on), row.mask.to(on))[0]


@dataclass
class Score:
    """An answer is right when every token of it is the likeliest; `call_likelihood` is that of a call as the first token."""

    right: dict[str, list[int]] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    call_likelihood: dict[str, list[float]] = field(default_factory=dict)

    def report(self) -> dict:
        likelihoods = {kind: sorted(found) for kind, found in self.call_likelihood.items()}
        none, call = likelihoods.get("none", []), likelihoods.get("call", [])
        return {
            "right": {kind: f"{right}/{all_}" for kind, (right, all_) in sorted(self.right.items())},
            "loss": round(sum(self.losses) / max(1, len(self.losses)), 4),
            "call likelihood": {"none, highest": _round(none[-5:]), "call, lowest": _round(call[:5])},
            "threshold": threshold(none, call),
        }


def _round(values: list[float]) -> list[float]:
    return [round(value, 3) for value in values]


def threshold(none: list[float], call: list[float]) -> dict:
    """The likelihood of a call from which on it is best to call: most right decisions, and the middle where many are."""
    at = [i / 100 for i in range(5, 100, 5)]
    right = [sum(p < t for p in none) + sum(p >= t for p in call) for t in at]
    best = [t for t, n in zip(at, right, strict=True) if n == max(right)]
    middle = best[len(best) // 2]
    at_half = right[at.index(0.5)]
    return {"best": middle, "right": f"{max(right)}/{len(none) + len(call)}", "right at 0.5": f"{at_half}/{len(none) + len(call)}"}


def evaluate(model: Llama, tokenizer: Tokenizer, seed: int, on: torch.device, rows: int, which: str) -> dict:
    """`rows` rows of one of `SETS`; the same for every adapter of a seed."""
    score = Score()
    calls = tokenizer.encode("<tool_call>").ids[0]
    with torch.no_grad():
        embedding = model.embedding.weight.to(torch.bfloat16)
        for i in range(rows):
            row = pack(sample(f"{which}:{seed}:{i}", held=which == "held"), tokenizer)
            h = hidden(model, row, on).to(torch.bfloat16)
            for kind, start, length in row.answers:
                logits = (h[start - 1 : start + length - 1] @ embedding.T).float().cpu()
                wanted = row.tokens[start : start + length]
                score.losses.append(F.cross_entropy(logits, wanted).item())
                found = score.right.setdefault(kind, [0, 0])
                found[0] += bool((logits.argmax(-1) == wanted).all())
                found[1] += 1
                if kind in ("call", "none"):
                    score.call_likelihood.setdefault(kind, []).append(logits[0].softmax(-1)[calls].item())
    return score.report()
