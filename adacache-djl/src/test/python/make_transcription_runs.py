"""Whole generations by a naive transcription of the published AdaCache rule, in the format of the recordings.

    python make_transcription_runs.py

They cover what the authors' recorded runs do not: cross-attention + MLP as probe, several locations, several strides, two
generations in a row whose motion state leaks, kept frames, a codebook of five. Every residual is kept alone and the rule is
written out as it is described, so nothing is shared with the Java library but the model's blocks.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "main/python"))
from adacache_export.stdit3 import STDiT3  # noqa: E402

RESOURCES = HERE.parent / "resources/io/adacache/djl"
CHECKPOINT = RESOURCES / "checkpoints/stdit3-tiny"
RUNS = RESOURCES / "recordings/stdit3-tiny"
BLOCKS = 8
CODEBOOK = [[0.08, 6], [0.16, 5], [0.24, 4], [0.32, 3], [0.4, 2], [1.0, 1]]
BASE = dict(
    steps=30, codebook=CODEBOOK, cfg_scale=7.0, height=64, width=64, num_frames=27, fps=24,
    use_timestep_transform=True, do_cache=True, cache_res="t-attn", cache_loc=[2], moreg_hyp=None,
)
MOTION = dict(apply_moreg=True, moreg_strides=[1], moreg_steps=[4, 26], moreg_hyp=[0.385, 8, 1, 2], mograd_mul=10)
# name: configuration, generations, frame mask
CASES = {
    "ca_mlp": (dict(BASE, cache_res="ca-mlp"), 1, None),
    "s_attn": (dict(BASE, cache_res="s-attn", cache_loc=[1]), 1, None),
    "three_locations": (dict(BASE, cache_loc=[0, 2, 3]), 1, None),
    "ca_mlp_two_locations_strides": (
        dict(BASE, cache_res="ca-mlp", cache_loc=[1, 3], **dict(MOTION, moreg_strides=[1, 2])), 2, None),
    "two_generations": (dict(BASE, **dict(MOTION, moreg_steps=[4, 30])), 2, None),
    "kept_frames": (dict(BASE, height=512, width=512, num_frames=1), 1, [[0.0, 1, 1, 1, 1, 1, 0, 1]]),
    "codebook_of_five": (dict(BASE, codebook=[[0.1, 6], [0.2, 4], [0.3, 3], [0.5, 2], [0.9, 1]]), 1, None),
}


def l1(x: torch.Tensor) -> float:
    return x.double().abs().sum().item()


def timesteps(config: dict) -> torch.Tensor:
    n = config["steps"]
    linear = torch.tensor([1 - i / n for i in range(n)])
    frames = 1 if config["num_frames"] == 1 else config["num_frames"] // 17 * 5
    ratio = (config["height"] * config["width"] / 512**2) ** 0.5 * frames**0.5
    return 1000 * ratio * linear / (1 + (ratio - 1) * linear)


def probe(config: dict, block: int, attention: torch.Tensor, rest: torch.Tensor):
    temporal = block % 2 == 1
    if block // 2 not in config["cache_loc"]:
        return None
    kind = config["cache_res"]
    if kind == "ca-mlp":
        return "rest", rest
    return ("attention", attention) if temporal == (kind == "t-attn") else None


def decide(config: dict, step: int, block: int, rate: int, mean: float, count: int, kept, now, tokens: int, leak: dict):
    raw = l1(kept - now) / l1(kept)
    averaged = (mean * count + raw / rate) / (count + 1)
    decision = dict(
        step=step, block=block // 2, prev_rate=rate, raw=raw, per_step=raw / rate, averaged=averaged, count=count)
    metric = averaged
    if config.get("apply_moreg"):
        scores = [
            l1(now[:, s * tokens:] - now[:, :-s * tokens]) / (l1(now[:, s * tokens:]) + l1(now[:, :-s * tokens]))
            for s in config["moreg_strides"]
        ]
        score = sum(scores) / len(scores)
        first, last = config["moreg_steps"]
        scale, power, divisor, _ = config["moreg_hyp"]
        inside = first <= step <= last
        factor = (score / scale) ** power / divisor if inside else 1.0
        previous = leak.get(block, 1.0)
        gradient = config["mograd_mul"] * (factor - previous) / rate
        leak[block] = factor
        metric = averaged * (factor + abs(gradient))
        decision.update(
            moreg_raw=score, in_window=inside, moreg=factor, prev_moreg=previous, mograd=gradient,
            factor=factor + abs(gradient))
    chosen = next((r for threshold, r in config["codebook"][:5] if metric < threshold), config["codebook"][-1][1])
    margin = min(abs(metric - threshold) / threshold for threshold, _ in config["codebook"])
    decision.update(metric=metric, rate=chosen, margin=margin)
    return decision


def generate(model: STDiT3, conditioning, config: dict, z: torch.Tensor, leak: dict, frame_mask):
    steps = config["steps"]
    times = timesteps(config)
    y, mask, fps = (torch.tensor(conditioning[name]) for name in ("y", "mask", "fps"))
    side = torch.tensor([float(config["height"])])
    rate, last, kept, computed, decisions = 1, 0, {}, [], []
    for step in range(1, steps + 1):
        t = times[step - 1]
        before = z.clone()
        active = None if frame_mask is None else torch.tensor(frame_mask) * 1000 >= t
        x_mask = torch.zeros(0) if active is None else active.float().repeat(2, 1)
        h, context = model.embed(torch.cat([z, z]), torch.stack([t, t]), y, mask, x_mask, fps, side, side)
        tokens = h.shape[1] // z.shape[2]
        computes = step in (1, steps - 1, steps) or step == last + rate
        mean, count, next_rate = 0.0, 0, rate
        for block in range(BLOCKS):
            if computes:
                first = 3 * block
                out = model.run(first, first + 3, [first, first + 1, first + 2], h, context)
                residuals = {"attention": out[1], "rest": out[2] + out[3]}
                probed = probe(config, block, residuals["attention"], residuals["rest"])
                if probed is not None and (block, probed[0]) in kept:
                    decision = decide(
                        config, step, block, rate, mean, count, kept[(block, probed[0])], probed[1], tokens, leak)
                    mean, count, next_rate = decision["averaged"], count + 1, decision["rate"]
                    decisions.append(decision)
                kept.update({(block, name): residual for name, residual in residuals.items()})
            h = h + kept[(block, "attention")] + kept[(block, "rest")]
        if computes:
            computed.append(step)
            last = step
        rate = next_rate
        prediction = model.head(h, context)[:, :4]
        velocity = prediction[1:] + config["cfg_scale"] * (prediction[:1] - prediction[1:])
        z = z + velocity * (t - times[step] if step < steps else t) / 1000
        if active is not None:
            z = torch.where(active[:, None, :, None, None], z, before)
    return z, dict(recomputed=computed, decisions=decisions, timesteps=[float(x) for x in times])


def main() -> None:
    torch.set_num_threads(1)
    model = STDiT3.from_config(json.loads((CHECKPOINT / "config.json").read_text()))
    model.load_state_dict(load_file(CHECKPOINT / "weights.safetensors"), strict=False)
    model.eval()
    conditioning = np.load(RUNS / "conditioning.npz")
    generator = torch.Generator().manual_seed(5)
    for name, (config, generations, frame_mask) in CASES.items():
        leak: dict = {}
        runs, arrays = [], {}
        if frame_mask is not None:
            arrays["mask"] = np.array(frame_mask, dtype=np.float32)
        for k in range(generations):
            z = torch.randn(1, 4, 8, 8, 8, generator=generator)
            with torch.no_grad():
                final, run = generate(model, conditioning, config, z, leak, frame_mask)
            arrays[f"z0_{k}"], arrays[f"final_{k}"] = z.numpy(), final.numpy()
            runs.append(run)
            print(name, run["recomputed"], "least margin", min(d["margin"] for d in run["decisions"]))
        text = json.dumps(dict(name=name, config=config, runs=runs), indent=1)
        (RUNS / "transcription" / f"{name}.json").write_text(text + "\n")
        np.savez(RUNS / "transcription" / f"{name}.npz", **arrays)


if __name__ == "__main__":
    main()
