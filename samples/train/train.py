"""Train the demo's model from nothing: bank of speech, schedule, checkpoints, export, measurement.

Run `python3 samples/train/train.py`. Everything random is seeded; the work folder keeps bank and checkpoints.
"""

from __future__ import annotations

import argparse
import copy
import math
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from bank import make_bank
from batches import Bank, Batch, Maker
from export import export
from model import Shape, Whisper
from tokens import vocabulary
from torch import Tensor, distributed
from torch.multiprocessing.spawn import spawn
from torch.nn import functional

SEED = 2026
SHARDS, SHARD_SIZE = 48, 400
WINDOWS = {128: 16, 256: 8, 512: 4}
"""Windows in a batch of one process by their width in positions."""
PROCESSES = 2
"""Processes of one thread each, every one with its own batches; gradients are averaged."""

WEIGHTS = {"text": 1.0, "sound": 0.5, "sign": 0.5, "guide": 0.3}
"""How much each part of the loss counts."""
SAMPLES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Steps in all, those of the warm-up and of the fall to zero at the end; the highest learning rate.

    Windows are mostly short for the first `short_until` steps.
    """

    steps: int = 3750
    warm_up: int = 200
    decay: int = 1500
    rate: float = 1.5e-3
    short_until: int = 900

    def rate_at(self, step: int) -> float:
        """Learning rate at a step."""
        rising = min(1.0, (step + 1) / self.warm_up)
        falling = min(1.0, (self.steps - step) / self.decay)
        return self.rate * rising * max(0.0, falling)

    def widths(self, step: int) -> list[float]:
        """Weights of the widths of WINDOWS at a step."""
        return [0.6, 0.3, 0.1] if step < self.short_until else [0.25, 0.4, 0.35]


def losses(model: Whisper, batch: Batch) -> dict[str, Tensor]:
    """Cross-entropy of text and frames (syllable and character), and how far attention misses its character."""
    heard, below, bias = model.encode(batch.mel.bfloat16())
    states, weights = model.decode(batch.inputs, heard, bias)
    asked = batch.targets >= 0
    logits = functional.linear(states[asked], model.tokens.weight)
    frame, place = batch.frames.unbind(1)
    sounds, signs = model.syllable_head(below[frame, place]), model.character_head(heard[frame, place])
    item, position, first, last = batch.guide.unbind(1)
    places = torch.arange(heard.shape[1])
    outside = (places < first[:, None]) | (places > last[:, None])
    missed = [-w[item, position].masked_fill(outside, -1e4).logsumexp(-1).mean() for w in weights]
    return {
        "text": functional.cross_entropy(logits.float(), batch.targets[asked]),
        "sound": functional.cross_entropy(sounds.float(), batch.sounds[frame, place]),
        "sign": functional.cross_entropy(signs.float(), batch.signs[frame, place]),
        "guide": torch.stack(missed).mean(),
    }


def save(model: Whisper, optimiser: torch.optim.Optimizer, step: int, path: Path) -> None:
    """Write a checkpoint, whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(
        {
            "shape": asdict(model.shape),
            "model": model.state_dict(),
            "optimiser": optimiser.state_dict(),
            "step": step,
        },
        part,
    )
    part.replace(path)


@torch.no_grad()
def refresh(fast: Whisper, model: Whisper) -> None:
    """Round the exact weights (float32) into the copy that computes (bfloat16)."""
    for rough, exact in zip(fast.parameters(), model.parameters(), strict=True):
        rough.copy_(exact)


def average(model: Whisper, fast: Whisper) -> None:
    """Set the exact weights' gradients to the mean of all processes' and clear the computing copy's."""
    flat = torch.cat([p.grad.float().flatten() for p in fast.parameters() if p.grad is not None])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    taken = 0
    for exact in model.parameters():
        exact.grad = flat[taken : taken + exact.numel()].view_as(exact)
        taken += exact.numel()
    fast.zero_grad(set_to_none=True)


def optimiser_of(model: Whisper) -> torch.optim.Optimizer:
    """AdamW, matrices decayed."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)


def train(model: Whisper, bank: Bank, schedule: Schedule, work: Path, resume: bool) -> None:
    """Run the schedule in this process; checkpoints every 250 steps."""
    rank, first = distributed.get_rank(), 0
    fast, optimiser = copy.deepcopy(model).bfloat16(), optimiser_of(model)
    if resume:
        state = torch.load(work / "last.pt", weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    maker, shared = Maker(bank, SEED + 1000 * first + rank), random.Random(SEED + first)
    started, mean = time.monotonic(), dict.fromkeys(WEIGHTS, 0.0)
    for step in range(first, schedule.steps):
        width = shared.choices(tuple(WINDOWS), schedule.widths(step))[0]
        refresh(fast, model)
        parts = losses(fast, maker.batch(width, WINDOWS[width]))
        loss = torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()
        assert math.isfinite(loss.item()), "the loss is not a number"
        loss.backward()
        average(model, fast)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate_at(step)
        optimiser.step()
        mean = {name: 0.95 * mean[name] + 0.05 * value.item() for name, value in parts.items()}
        if rank == 0 and (step + 1) % 50 == 0:
            shown = " ".join(f"{name} {value:.3f}" for name, value in mean.items())
            print(f"{step + 1} {time.monotonic() - started:.0f}s {shown}", flush=True)
        if rank == 0 and ((step + 1) % 250 == 0 or step + 1 == schedule.steps):
            save(model, optimiser, step + 1, work / "last.pt")


def process(rank: int, shards: list[Path], schedule: Schedule, work: Path, resume: bool) -> None:
    """One of the PROCESSES."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    store = distributed.FileStore(str(work / "meeting"), PROCESSES)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=PROCESSES)
    bank = Bank(shards)
    model = Whisper(Shape(vocabulary=len(vocabulary()), syllables=len(bank.syllables), characters=len(bank.signs) + 1))
    if rank == 0:
        size = sum(p.numel() for p in model.parameters())
        print(
            len(bank.utterances),
            "utterances",
            len(bank.syllables),
            "syllables",
            size,
            "parameters",
            flush=True,
        )
    train(model, bank, schedule, work, resume)


def main() -> None:
    """Bank, training, export, measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("var/demo-model"), help="folder for bank and checkpoints")
    parser.add_argument("--steps", type=int, default=Schedule().steps)
    parser.add_argument("--decay", type=int, default=Schedule().decay)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--model", type=Path, default=SAMPLES / "model", help="folder to export to")
    options = parser.parse_args()
    shards = make_bank(options.work / "bank", SHARDS, SHARD_SIZE, SEED, PROCESSES)
    schedule = Schedule(steps=options.steps, decay=options.decay)
    (options.work / "meeting").unlink(missing_ok=True)
    spawn(process, (shards, schedule, options.work, options.resume), PROCESSES)
    export(options.work / "last.pt", options.model)


if __name__ == "__main__":
    main()
