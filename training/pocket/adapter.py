"""The adapter as a GGUF file that llama.cpp lays over the untouched base. Needs numpy and gguf, not torch."""

from pathlib import Path
from typing import Iterable

import numpy as np
from gguf import GGUFReader, GGUFWriter

Halves = tuple[np.ndarray, np.ndarray]


def write(file: Path, rank: int, tensors: Iterable[tuple[str, np.ndarray, np.ndarray]], name: str = "pocket") -> None:
    """Halves `a` (rank × in) and `b` (out × rank) by the name of the weight they change. llama.cpp adds `b·a·alpha/rank`."""
    writer = GGUFWriter(file, "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("general.name", name)
    writer.add_string("general.license", "apache-2.0")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    for weight, a, b in tensors:
        if a.shape[0] != rank or b.shape[1] != rank:
            raise ValueError(f"{weight}: halves of {a.shape} and {b.shape} are not of rank {rank}")
        writer.add_tensor(f"{weight}.lora_a", np.ascontiguousarray(a, dtype=np.float16))
        writer.add_tensor(f"{weight}.lora_b", np.ascontiguousarray(b, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read(file: Path) -> dict[str, Halves]:
    """The halves of an adapter file by weight, as float32."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for tensor in GGUFReader(file).tensors:
        weight, half = tensor.name.rsplit(".lora_", 1)
        shape = tuple(reversed(tensor.shape.tolist()))
        found.setdefault(weight, {})[half] = np.array(tensor.data, dtype=np.float32).reshape(shape)
    return {weight: (halves["a"], halves["b"]) for weight, halves in found.items()}
