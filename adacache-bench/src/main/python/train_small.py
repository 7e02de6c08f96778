"""Trains one of the two later models on clips drawn on the fly, on one thread. Seeded; stops and resumes without a trace.

    python train_small.py joint --out DIR --minutes 50

The rate falls to 0 over the last third. What is left of the time decides it, not a number of iterations: the machine it was
made on was shared. DIR/state.pt is for resuming, DIR/loss.csv and DIR/sample-*.png to look at.
"""

import argparse
import math
import os
import time
from pathlib import Path

import torch
from PIL import Image
from torch.nn.attention import SDPBackend, sdpa_kernel

import small_models
import world

SHEET = [
    "a red circle moving fast to the left on a checkerboard",
    "a blue square standing still on stripes",
    "a yellow triangle moving slowly to the right on plain gray",
    "a white ring moving fast down on clouds with the camera panning left",
    "a green circle moving slowly up and a purple square moving fast to the right on a gradient",
    "a yellow triangle standing still and a red ring moving fast up on clouds with the camera panning right",
    "a red square moving slowly down on black then a green circle moving fast to the right on stripes",
    "a white ring moving slowly to the left on black",
]


def optimizers(model: torch.nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for everything else."""
    inside = lambda name, p: p.ndim == 2 and "blocks" in name  # noqa: E731
    named = list(model.named_parameters())
    return [
        torch.optim.AdamW([p for n, p in named if not inside(n, p)], lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
        torch.optim.Muon([p for n, p in named if inside(n, p)], lr=rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
    ]


def draw(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Clips and text, of which some words and some whole prompts are dropped."""
    x, said = world.draw_batch(count, generator)
    for i, found in enumerate(said):
        keep = (torch.rand(len(found), generator=generator) >= small_models.DROPPED_WORDS).tolist()
        said[i] = [token for token, kept in zip(found, keep) if kept] or found
    text = world.encode(said)
    dropped = torch.rand(count, generator=generator) < small_models.DROPPED_PROMPTS
    return x, text * ~dropped.view(-1, 1, 1)


def write_sheet(kind, model: torch.nn.Module, path: Path) -> None:
    """One row of frames per prompt."""
    text = world.encode([world.tokens(prompt) for prompt in SHEET])
    made = kind.sample(model, text, seed=1, steps=25, guidance=kind.guidance)
    pixels = ((made + 1) * 127.5).round().byte().permute(0, 3, 2, 4, 1)
    sheet = Image.fromarray(pixels.reshape(len(SHEET) * world.SIZE, world.FRAMES * world.SIZE, 3).numpy())
    sheet.resize((sheet.width * 4, sheet.height * 4), Image.NEAREST).save(path)


def rate_at(share: float, peak: float, iteration: int) -> float:
    """share: of the time that has passed."""
    return peak * min(1, (iteration + 1) / 100, max(1.0 - share, 0.0) * 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=list(small_models.KINDS))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="of training, all runs together")
    parser.add_argument("--until", type=float, default=math.inf, help="seconds since 1970 at which it must be over")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--wide", action="store_true", help="matrix products in fp32, not bf16")
    parser.add_argument("--sample-minutes", type=float, default=20)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    state_file = options.out / "state.pt"
    kind = small_models.KINDS[options.kind]()

    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    model, average = kind.build(), kind.build()
    average.load_state_dict(model.state_dict())
    chosen = optimizers(model, options.rate)
    iteration, before, running = 0, 0.0, None
    if state_file.exists():
        state = torch.load(state_file)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        for optimizer, kept in zip(chosen, state["optimizers"]):
            optimizer.load_state_dict(kept)
        generator.set_state(state["generator"])
        iteration, before, running = state["iteration"], state["seconds"], state["loss"]

    log = open(options.out / "loss.csv", "a", buffering=1)
    began = last_save = last_sheet = time.monotonic()
    ends = min(60 * options.minutes - before, options.until - time.time())
    print(f"{sum(p.numel() for p in model.parameters())} weights, {ends:.0f} s to go", flush=True)
    while True:
        now = time.monotonic() - began
        over = now >= ends
        if over or time.monotonic() - last_save > 180:
            state = {
                "iteration": iteration, "seconds": before + now, "loss": running,
                "model": model.state_dict(), "average": average.state_dict(),
                "optimizers": [o.state_dict() for o in chosen], "generator": generator.get_state(),
            }
            torch.save(state, state_file.with_suffix(".part"))
            os.replace(state_file.with_suffix(".part"), state_file)
            last_save = time.monotonic()
        if over or time.monotonic() - last_sheet > 60 * options.sample_minutes:
            write_sheet(kind, average, options.out / f"sample-{iteration:06d}.png")
            last_sheet = time.monotonic()
        if over:
            break
        rate = rate_at((before + now) / (before + ends), options.rate, iteration)
        for optimizer in chosen:
            for group in optimizer.param_groups:
                group["lr"] = rate
        x, text = draw(options.batch, generator)
        with sdpa_kernel(SDPBackend.MATH):
            value = kind.loss(model, x, text, options.wide, generator)
            value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in chosen:
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            weight = 1 - min(0.995, (iteration + 1) / (iteration + 10))
            pairs = list(zip(average.parameters(), model.parameters()))
            torch._foreach_lerp_([a for a, _ in pairs], [m for _, m in pairs], weight)
        running = value.item() if running is None else 0.98 * running + 0.02 * value.item()
        iteration += 1
        if iteration % 10 == 0:
            log.write(f"{iteration},{before + time.monotonic() - began:.0f},{value.item():.4f},{running:.4f},{rate:.6f}\n")


if __name__ == "__main__":
    main()
