"""Records what diffusers' flow-matching schedulers make of a made-up model: python record_flow_samplers.py DIFFUSERS OUT.json

DIFFUSERS is a clone of huggingface/diffusers; it need not be installed, but packages that it imports must be (huggingface_hub,
packaging, regex, requests, importlib_metadata). The Java samplers are held against the file. The made-up model sees single numbers:

    flow(x, t) = 0.8 sin(x) + 0.3 x cos(t / 200)

and predicts noise minus clean, as Wan does.
"""

import importlib.metadata
import importlib.util
import json
import sys
from pathlib import Path

import torch

from record_samplers import START, noise


def schedulers(clone: Path):
    """The two classes, without the packages that their neighbours would ask for."""
    version, find = importlib.metadata.version, importlib.util.find_spec
    absent = {"transformers", "torchvision", "timm", "accelerate", "peft"}

    def known_version(name):
        if name in absent:
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    importlib.metadata.version = known_version
    importlib.util.find_spec = lambda name, *more: None if name.split(".")[0] in absent else find(name, *more)
    sys.path.insert(0, str(clone / "src"))
    from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler

    return FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler


def run(scheduler, steps: int):
    scheduler.set_timesteps(steps)
    x, trail = START.reshape(1, 1, -1), []
    for t in scheduler.timesteps:
        x = scheduler.step(noise(x, float(t)), t, x, return_dict=False)[0]
        trail.append([float(f"{value:.9g}") for value in x.flatten().tolist()])
    return {"timesteps": [float(t) for t in scheduler.timesteps], "start": START.tolist(), "trail": trail}


def main(clone: Path, out: Path) -> None:
    euler, unipc = schedulers(clone)
    runs = {}
    for steps, shift in ((50, 5.0), (40, 3.0), (8, 12.0), (2, 5.0), (1, 1.0)):
        runs[f"flow-euler/{steps}/{shift}"] = run(euler(shift=shift), steps)
        runs[f"flow-unipc/{steps}/{shift}"] = run(
            unipc(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=shift), steps)
    out.write_text("{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(r)}" for name, r in runs.items()) + "\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
