"""Trains the demo model on clips drawn on the fly. Seeded; stops and resumes without a trace.

    python train.py --out DIR --iterations 6000 --decay 1500

writes DIR/state.pt (to resume; atomically replaced), DIR/loss.csv and, now and then, DIR/sample-*.png.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from PIL import Image
from torch.nn.attention import SDPBackend, sdpa_kernel

import clips
import demo_model

PARTS = 2
"""An iteration's clips are split into so many parts, each computed by one thread of its own: one meeting per iteration
instead of one per operation, which is much faster when other programs use the machine."""

SHEET = [
    "a small red circle moving fast to the left on a checkerboard",
    "a large blue square standing still on stripes",
    "a large yellow triangle moving slowly to the right on plain gray",
    "a small white ring moving fast down on black",
    "a large green circle moving slowly up on a gradient",
    "a small purple square moving fast to the right on stripes",
    "a small yellow triangle standing still on black",
    "a large red ring moving fast up on plain gray",
]


def shape_of(iteration: int, short: int) -> tuple[int, int]:
    """Frames and clips per iteration: at first many pairs of frames, which show more shapes for the same work."""
    return (2, 64) if iteration < short else (clips.FRAMES, 16)


def optimizers(model: torch.nn.Module, rate: float, muon: bool) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for everything else."""
    inside = lambda name, p: muon and p.ndim == 2 and "blocks" in name and "table" not in name  # noqa: E731
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    matrices = [p for n, p in named if inside(n, p)]
    rest = [p for n, p in named if not inside(n, p)]
    adam = torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    if not matrices:
        return [adam]
    return [adam, torch.optim.Muon(matrices, lr=rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")]


def gradients(model, parameters, frames: int, count: int, noise: float, seed: int) -> tuple[float, list[torch.Tensor]]:
    torch.set_num_threads(1)
    value = demo_model.loss(model, frames, count, noise, torch.Generator().manual_seed(seed))
    return value.item(), torch.autograd.grad(value, parameters)


def save(state: dict, path: Path) -> None:
    torch.save(state, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def write_sheet(model: torch.nn.Module, path: Path, guidance: float) -> None:
    """One row of frames per prompt."""
    made = demo_model.sample(model, SHEET, seed=1, steps=24, guidance=guidance)
    pixels = ((made + 1) * 127.5).round().byte().permute(0, 3, 2, 4, 1)
    side = clips.SIZE
    sheet = Image.fromarray(pixels.reshape(len(SHEET) * side, clips.FRAMES * side, 3).numpy())
    sheet.resize((sheet.width * 3, sheet.height * 3), Image.NEAREST).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    parser.add_argument("--decay", type=int, required=True, help="iterations over which the rate falls to 0 at the end")
    parser.add_argument("--short", type=int, default=800, help="iterations on pairs of frames, at the beginning")
    parser.add_argument("--noise", type=float, default=0.5, help="mean of the noise level's logit; longer clips want more")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--optimizer", choices=["muon", "adamw"], default="muon")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sample-minutes", type=float, default=8)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    state_file = options.out / "state.pt"

    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    model = demo_model.build()
    average = demo_model.build()
    average.load_state_dict(model.state_dict())
    parameters = [p for p in model.parameters() if p.requires_grad]
    pool = ThreadPoolExecutor(PARTS)
    chosen = optimizers(model, options.rate, options.optimizer == "muon")
    first, seconds = 0, 0.0
    if state_file.exists():
        state = torch.load(state_file)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for optimizer, kept in zip(chosen, state["optimizers"]):
            optimizer.load_state_dict(kept)
        generator.set_state(state["generator"])
        first, seconds = state["iteration"], state["seconds"]

    log = open(options.out / "loss.csv", "a", buffering=1)
    began = last_sheet = time.monotonic()
    running = None
    for iteration in range(first, options.iterations):
        rate = options.rate * min(1, (iteration + 1) / 100, (options.iterations - iteration) / max(options.decay, 1))
        for optimizer in chosen:
            for group in optimizer.param_groups:
                group["lr"] = rate
        frames, count = shape_of(iteration, options.short)
        seeds = torch.randint(2**62, (PARTS,), generator=generator).tolist()
        # On CPU plain matrix products are faster than the fused attention, but not for rows of two frames.
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION if frames == 2 else SDPBackend.MATH):
            part = lambda seed: gradients(model, parameters, frames, count // PARTS, options.noise, seed)  # noqa: E731
            values, parts = zip(*pool.map(part, seeds))
        value = sum(values) / PARTS
        for parameter, *shares in zip(parameters, *parts):
            parameter.grad = sum(shares) / PARTS
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in chosen:
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            weight = 1 - min(0.998, (iteration + 1) / (iteration + 10))
            pairs = list(zip(average.parameters(), model.parameters()))
            torch._foreach_lerp_([a for a, _ in pairs], [m for _, m in pairs], weight)
        running = value if running is None else 0.98 * running + 0.02 * value
        done = iteration + 1
        spent = seconds + time.monotonic() - began
        if done % 20 == 0:
            log.write(f"{done},{spent:.0f},{frames},{value:.4f},{running:.4f},{rate:.6f}\n")
        if done % 200 == 0 or done == options.iterations:
            state = {
                "iteration": done,
                "seconds": spent,
                "loss": running,
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimizers": [o.state_dict() for o in chosen],
                "generator": generator.get_state(),
            }
            save(state, state_file)
        if time.monotonic() - last_sheet > 60 * options.sample_minutes or done == options.iterations:
            write_sheet(average, options.out / f"sample-{done:06d}.png", guidance=3.0)
            last_sheet = time.monotonic()


if __name__ == "__main__":
    main()
