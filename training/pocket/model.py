"""A Llama small enough to train on a laptop, its weights and tokenizer read from a GGUF file."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from gguf import GGUFReader, dequantize
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor, nn

#: Names of the projections in GGUF and here.
PROJECTIONS = {
    "attn_q": "q",
    "attn_k": "k",
    "attn_v": "v",
    "attn_output": "o",
    "ffn_gate": "gate",
    "ffn_up": "up",
    "ffn_down": "down",
}


class Block(nn.Module):
    def __init__(self, width: int, heads: int, kv_heads: int, inner: int):
        super().__init__()
        self.heads, self.kv_heads, self.head = heads, kv_heads, width // heads
        self.norm1 = nn.Parameter(torch.ones(width))
        self.norm2 = nn.Parameter(torch.ones(width))
        linear = lambda a, b: nn.Linear(a, b, bias=False)  # noqa: E731
        self.q, self.o = linear(width, width), linear(width, width)
        self.k, self.v = (linear(width, kv_heads * self.head) for _ in range(2))
        self.gate, self.up, self.down = linear(width, inner), linear(width, inner), linear(inner, width)

    def forward(self, h: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, eps: float) -> Tensor:
        batch, length, _ = h.shape
        y = F.rms_norm(h, h.shape[-1:], self.norm1, eps)
        split = lambda t, n: t.view(batch, length, n, self.head).transpose(1, 2)  # noqa: E731
        q, k, v = split(self.q(y), self.heads), split(self.k(y), self.kv_heads), split(self.v(y), self.kv_heads)
        q, k = rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        seen = attend(q, k, v, mask)
        h = h + self.o(seen.transpose(1, 2).reshape(batch, length, -1))
        y = F.rms_norm(h, h.shape[-1:], self.norm2, eps)
        return h + self.down(F.silu(self.gate(y)) * self.up(y))


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Attention written out: for rows of this length and a mask of blocks a fifth faster on a core than PyTorch's own."""
    batch, heads, length, head = q.shape
    groups = k.shape[1]
    rows = q.reshape(batch, groups, -1, head)
    scores = (rows @ k.transpose(-1, -2)).view(batch, heads, length, length) * head**-0.5 + mask
    weights = scores.softmax(-1).to(v.dtype)
    return (weights.view(batch, groups, -1, length) @ v).view(batch, heads, length, head)


def rotate(t: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on neighbouring pairs, as GGUF stores Llama's weights."""
    a, b = t[..., 0::2], t[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Llama(nn.Module):
    """Hidden states of a packed row of tokens; logits are its product with the tied embedding."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int, kv_heads: int, inner: int, base: float, eps: float):
        super().__init__()
        self.base, self.eps = base, eps
        self.embedding = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList(Block(width, heads, kv_heads, inner) for _ in range(layers))
        self.norm = nn.Parameter(torch.ones(width))

    def forward(self, tokens: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        head = self.blocks[0].head
        frequency = self.base ** (-torch.arange(0, head, 2, device=tokens.device).float() / head)
        angle = positions.float()[..., None] * frequency
        cos, sin = angle.cos()[:, None], angle.sin()[:, None]
        h = self.embedding(tokens)
        for block in self.blocks:
            h = block(h, cos, sin, mask, self.eps)
        return F.rms_norm(h, h.shape[-1:], self.norm, self.eps)


def load(file: Path) -> tuple[Llama, Tokenizer]:
    reader = GGUFReader(file)
    field = lambda key: reader.fields[key].contents()  # noqa: E731
    llama = lambda key: field(f"llama.{key}")  # noqa: E731
    model = Llama(
        len(field("tokenizer.ggml.tokens")),
        llama("embedding_length"),
        llama("block_count"),
        llama("attention.head_count"),
        llama("attention.head_count_kv"),
        llama("feed_forward_length"),
        llama("rope.freq_base"),
        llama("attention.layer_norm_rms_epsilon"),
    )
    with torch.no_grad():
        for tensor in reader.tensors:
            weight = torch.from_numpy(np.array(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32))
            target(model, tensor.name).copy_(weight)
    return model, tokenizer(reader)


def target(model: Llama, name: str) -> Tensor:
    """The parameter that a tensor of the file belongs to."""
    if name == "token_embd.weight":
        return model.embedding.weight
    if name == "output_norm.weight":
        return model.norm
    _, layer, part, _ = name.split(".")
    block = model.blocks[int(layer)]
    if part in ("attn_norm", "ffn_norm"):
        return block.norm1 if part == "attn_norm" else block.norm2
    return getattr(block, PROJECTIONS[part]).weight


def tokenizer(reader: GGUFReader) -> Tokenizer:
    field = lambda key: reader.fields[f"tokenizer.ggml.{key}"].contents()  # noqa: E731
    tokens, kinds = field("tokens"), field("token_type")
    merges = [tuple(merge.split(" ")) for merge in field("merges")]
    made = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    made.decoder = decoders.ByteLevel()
    control = 3
    made.add_special_tokens(
        [AddedToken(t, special=True, normalized=False) for t, kind in zip(tokens, kinds, strict=True) if kind == control]
    )
    return made
