"""Scores an adapter on tools kept out of training and on new requests: `python3 training/evaluate.py ADAPTER --base BASE.gguf`."""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))
from pocket import adapter, lora  # noqa: E402
from pocket.evaluation import SETS, evaluate  # noqa: E402
from pocket.model import load  # noqa: E402


def main() -> None:
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("adapter", type=Path)
    a.add_argument("--base", type=Path, required=True, help="the base GGUF, as training left it in its folder")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--rows", type=int, default=24, help="of eight requests each, for each set")
    a.add_argument("--threads", type=int, default=1)
    args = a.parse_args()
    torch.set_num_threads(args.threads)
    model, tokenizer = load(args.base)
    halves = {k: (torch.from_numpy(a), torch.from_numpy(b)) for k, (a, b) in adapter.read(args.adapter).items()}
    rank = next(iter(halves.values()))[0].shape[0]
    lora.adapt(model, rank, torch.bfloat16)
    lora.start_from(model, halves)
    for which in SETS:
        found = evaluate(model.eval(), tokenizer, args.seed, torch.device("cpu"), args.rows, which)
        print(json.dumps({which: found}, indent=2), flush=True)


if __name__ == "__main__":
    main()
