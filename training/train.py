"""Trains the pocket adapter: `python3 training/train.py --out DIR --seed 1`. Run again, it goes on where it stopped."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

# Threads that wait by spinning take the cores from those that work, where others use the machine too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from pocket import adapter, lora  # noqa: E402
from pocket.base import base_file  # noqa: E402
from pocket.evaluation import SETS, evaluate, hidden  # noqa: E402
from pocket.model import load  # noqa: E402
from pocket.pack import pack  # noqa: E402
from pocket.sample import sample  # noqa: E402


def arguments() -> argparse.Namespace:
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--out", type=Path, required=True, help="folder of the state and the adapter")
    a.add_argument("--seed", type=int, default=1, help="of the data and of the first weights")
    a.add_argument("--steps", type=int, default=2400, help="one row of packed requests each (about 700 tokens)")
    a.add_argument("--rows", type=int, default=1, help="rows a step; more on a GPU")
    a.add_argument("--queries", type=int, default=10, help="requests a row")
    a.add_argument("--rank", type=int, default=32)
    a.add_argument("--lr", type=float, default=1e-3)
    a.add_argument("--warmup", type=int, default=20, help="steps until the full learning rate")
    a.add_argument("--fall", type=float, default=1.0, help="share of the steps at the end in which the rate falls to 4 %% of itself")
    a.add_argument("--base", type=Path, help="the base GGUF; fetched into the folder when left out")
    a.add_argument("--from", dest="start", type=Path, help="an adapter of the same rank to begin at")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--save-every", type=int, default=50)
    a.add_argument("--eval-rows", type=int, default=12, help="rows of the closing evaluation")
    return a.parse_args()


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def rate(step: int, args: argparse.Namespace) -> float:
    left = (args.steps - step) / max(1.0, args.fall * args.steps)
    return args.lr * min(1.0, (step + 1) / args.warmup) * max(0.04, min(1.0, left))


def main() -> None:
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    on = device()
    model, tokenizer = load(args.base or base_file(args.out))
    trained = lora.adapt(model, args.rank, torch.bfloat16)
    if args.start:
        halves = adapter.read(args.start)
        lora.start_from(model, {k: (torch.from_numpy(a), torch.from_numpy(b)) for k, (a, b) in halves.items()})
    model.to(on)
    embedding = model.embedding.weight.detach().to(torch.bfloat16)
    optimizer = torch.optim.AdamW(trained, lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)

    free = ("out", "threads", "save_every", "eval_rows", "base", "steps")
    settings = {k: str(v) for k, v in vars(args).items() if k not in free}
    state_file = args.out / "state.pt"
    step, tokens, cpu = 0, 0, 0.0
    if state_file.exists():
        state = torch.load(state_file, map_location=on, weights_only=True)
        if state["settings"] != settings:
            raise SystemExit(f"{state_file} was made with other settings: {state['settings']}. Take another --out.")
        step, tokens, cpu = state["step"], state["tokens"], state["cpu"]
        if state["steps"] != args.steps and step > (1 - args.fall) * min(state["steps"], args.steps):
            raise SystemExit(f"{state_file} is past the point where --steps can still be changed. Take --steps {state['steps']}.")
        with torch.no_grad():
            for parameter, saved in zip(trained, state["weights"], strict=True):
                parameter.copy_(saved)
        optimizer.load_state_dict(state["optimizer"])
        print(f"goes on at step {step}", flush=True)

    def save() -> None:
        weights = [parameter.detach() for parameter in trained]
        state = {"settings": settings, "steps": args.steps, "step": step, "tokens": tokens, "cpu": spent()}
        state |= {"weights": weights, "optimizer": optimizer.state_dict()}
        torch.save(state, state_file.with_suffix(".new"))
        state_file.with_suffix(".new").replace(state_file)
        halves = ((name, a.cpu().numpy(), b.cpu().numpy()) for name, a, b in lora.pairs(model))
        adapter.write(args.out / "pocket-lora-f16.gguf", args.rank, halves)

    def spent() -> float:
        """CPU seconds of the whole run, those before it was stopped included."""
        return cpu + time.process_time()

    started, recent = time.monotonic(), []
    before = tokens
    while step < args.steps:
        for group in optimizer.param_groups:
            group["lr"] = rate(step, args)
        for n in range(args.rows):
            row = pack(sample(f"train:{args.seed}:{step}:{n}", args.queries), tokenizer)
            asked = row.wanted >= 0
            logits = hidden(model, row, on)[asked.to(on)].to(torch.bfloat16) @ embedding.T
            each = F.cross_entropy(logits.float(), row.wanted[asked].to(on), reduction="none")
            counts = row.weights[asked].to(on)
            ((each * counts).sum() / counts.sum() / args.rows).backward()
            tokens += len(row.tokens)
            recent.append(each.mean().item())
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % 10 == 0 or step == args.steps:
            speed = (tokens - before) / (time.monotonic() - started)
            print(f"step {step}/{args.steps} loss {sum(recent) / len(recent):.4f} {speed:.0f} tokens/s", flush=True)
            recent.clear()
        if step % args.save_every == 0 or step == args.steps:
            save()

    scores = {which: evaluate(model.eval(), tokenizer, args.seed, on, args.eval_rows, which) for which in SETS}
    report = {"settings": settings, "steps": step, "tokens": tokens, "cpu seconds": round(spent()), "scores": scores}
    (args.out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
