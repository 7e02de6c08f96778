"""Says what a clip shows, by comparing it with drawings: a measure of how well the demo model follows its prompts.

    python recognise.py demo_checkpoint --guidance 3 --prompts 40

prints, per attribute, the share of clips that show what their prompt says.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

import clips
import demo_model

NAMES = ("shape", "colour", "size", "background", "speed", "direction")


def ground_of(clip: Tensor) -> str:
    """The background that most pixels agree with."""
    errors = {name: (clip - (clips.background(name) * 2 - 1)).abs().amax(0) for name in clips.BACKGROUNDS}
    return max(errors, key=lambda name: (errors[name] < 0.15).sum().item())


def outline(shape: str, size: str, column: Tensor, row: Tensor) -> Tensor:
    pixel = torch.arange(clips.SIZE) + 0.5
    x, y = pixel.view(1, 1, -1) - column.view(-1, 1, 1), pixel.view(1, -1, 1) - row.view(-1, 1, 1)
    return (0.5 - clips.distance(shape, x, y, torch.tensor(clips.RADII[size]))).clamp(0, 1)


def recognise(clip: Tensor) -> dict[str, str]:
    """clip: [3, frames, 32, 32] in -1..1. Returns a word per attribute; "none" where there is nothing to see."""
    ground = ground_of(clip)
    away = clip - (clips.background(ground) * 2 - 1)
    paints = {name: torch.tensor(rgb).view(3, 1, 1, 1) * 2 - 1 for name, rgb in clips.COLOURS.items()}
    cover = (away.abs().amax(0) > 0.4).float()
    area = cover.sum((1, 2))
    if area.min() < 6:
        return dict.fromkeys(NAMES, "none") | {"background": ground}
    near = {name: ((clip - paint).abs().amax(0) < 0.4).float().mul(cover).sum().item() for name, paint in paints.items()}
    colour = max(near, key=near.get)
    whole = clip - (clips.background(ground) * 2 - 1)
    towards = paints[colour] - (clips.background(ground) * 2 - 1)
    amount = ((whole * towards).sum(0) / towards.square().sum(0)).clamp(0, 1)

    pixel = torch.arange(clips.SIZE) + 0.5
    left, right = [(cover.amax(1) > 0).float().mul(w).amax(1) for w in (32 - pixel, pixel)]
    top, bottom = [(cover.amax(2) > 0).float().mul(w).amax(1) for w in (32 - pixel, pixel)]
    column, row = (32 - left + right) / 2, (32 - top + bottom) / 2
    inside = (left < 31.4) & (right < 31.4) & (top < 31.4) & (bottom < 31.4)
    frames = inside.nonzero().flatten() if inside.any() else torch.arange(clip.shape[1])
    fits = {}
    for shape in clips.SHAPES:
        for size in clips.RADII:
            drawn = outline(shape, size, column[frames], row[frames])
            both, either = torch.minimum(drawn, amount[frames]).sum(), torch.maximum(drawn, amount[frames]).sum()
            fits[shape, size] = (both / either).item()
    shape, size = max(fits, key=fits.get)

    mass = amount.sum((1, 2))
    across = ((amount.sum(1) * pixel).sum(1) / mass).diff().mean().item()
    down = ((amount.sum(2) * pixel).sum(1) / mass).diff().mean().item()
    pace = max(abs(across), abs(down))
    speed = "still" if pace < 0.35 else "slowly" if pace < 1.5 else "fast"
    if speed == "still":
        direction = "none"
    elif abs(across) > abs(down):
        direction = "left" if across < 0 else "right"
    else:
        direction = "up" if down < 0 else "down"
    return {"shape": shape, "colour": colour, "size": size, "background": ground, "speed": speed, "direction": direction}


def shares(model: torch.nn.Module, count: int, seed: int, guidance: float, steps: int = 30) -> dict[str, float]:
    """Draws prompts, samples their clips, and compares. Also the share of clips that are right in everything."""
    _, rows = clips.draw_batch(count, 2, torch.Generator().manual_seed(seed))
    right = dict.fromkeys((*NAMES, "all"), 0)
    for start in range(0, count, 8):
        part = rows[start : start + 8]
        made = demo_model.sample(model, [" ".join(row) for row in part], seed + start, steps, guidance)
        for row, clip in zip(part, made):
            seen = recognise(clip)
            wanted = dict(zip(NAMES, row))
            good = {name: seen[name] == wanted.get(name, "none") for name in NAMES}
            for name in NAMES:
                right[name] += good[name]
            right["all"] += all(good.values())
    return {name: value / count for name, value in right.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--prompts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=100)
    options = parser.parse_args()
    model = demo_model.STDiT3.from_config(json.loads((options.folder / "config.json").read_text()))
    model.load_state_dict(load_file(options.folder / "model.safetensors"))
    for name, value in shares(model.eval(), options.prompts, options.seed, options.guidance).items():
        print(f"{name:12} {value:.0%}")


if __name__ == "__main__":
    main()
