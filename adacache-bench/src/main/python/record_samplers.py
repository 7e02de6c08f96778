"""Records what the published samplers make of a made-up model: python record_samplers.py DIFFUSERS LATTE OUT.json

DIFFUSERS and LATTE are clones of huggingface/diffusers and Vchitect/Latte; nothing of them needs to be installed. The
Java samplers are held against the file. The made-up model sees single numbers:

    noise(x, t) = 0.8 sin(x) + 0.3 x cos(t / 200)      variance(x, t) = sin(3 x + t / 100)

and the noise that DDPM adds at its k-th call (from 0) to element i is sin(1 + 7 k + 3 i).
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

START = torch.tensor([-1.7, -0.6, -0.1, 0.4, 1.1, 2.3], dtype=torch.float64)


def noise(x, t):
    return 0.8 * torch.sin(x) + 0.3 * x * np.cos(t / 200)


def variance(x, t):
    return torch.sin(3 * x + t / 100)


def load(name: str, path: Path, package: str):
    spec = importlib.util.spec_from_file_location(f"{package}.{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"{package}.{name}"] = module
    spec.loader.exec_module(module)
    return module


def stub(name: str, **members) -> None:
    module = types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(members)
    sys.modules[name] = module


def schedulers(diffusers: Path):
    """The scheduler files alone, with what they need of their package stood in for."""

    def register(init):
        def wrapped(self, **given):
            names = init.__code__.co_varnames[1:init.__code__.co_argcount]
            settings = {**dict(zip(names, init.__defaults__)), **given}
            self.config = types.SimpleNamespace(**settings)
            init(self, **settings)

        return wrapped

    class Output:
        def __init__(self, prev_sample=None, pred_original_sample=None):
            self.prev_sample = prev_sample

    stub("d")
    stub("d.configuration_utils", ConfigMixin=object, register_to_config=register)
    stub("d.utils", BaseOutput=object)
    stub("d.utils.torch_utils", randn_tensor=None)
    stub("d.schedulers")
    stub("d.schedulers.scheduling_utils", KarrasDiffusionSchedulers=[], SchedulerMixin=type("Mixin", (), {}),
         SchedulerOutput=Output)
    folder = diffusers / "src" / "diffusers" / "schedulers"
    pndm = load("scheduling_pndm", folder / "scheduling_pndm.py", "d.schedulers")
    ddim = load("scheduling_ddim", folder / "scheduling_ddim.py", "d.schedulers")
    ddim.DDIMSchedulerOutput = Output
    return pndm.PNDMScheduler, ddim.DDIMScheduler


def run_scheduler(scheduler, steps: int):
    scheduler.set_timesteps(steps)
    x, trail = START, []
    for t in scheduler.timesteps:
        x = scheduler.step(noise(x, float(t)), t, x).prev_sample
        trail.append(x.tolist())
    return {"timesteps": [int(t) for t in scheduler.timesteps], "trail": trail}


def run_latte(latte: Path, sample_method: str, steps: int, learned: bool):
    spec = importlib.util.spec_from_file_location(
        "latte_diffusion", latte / "diffusion" / "__init__.py", submodule_search_locations=[str(latte / "diffusion")])
    package = importlib.util.module_from_spec(spec)
    sys.modules["latte_diffusion"] = package
    spec.loader.exec_module(package)
    diffusion = package.create_diffusion(str(steps), learn_sigma=learned)
    timesteps, calls = [], [0]

    def model(x, t):
        timesteps.append(int(t[0]))
        out = noise(x, float(t[0]))
        return torch.cat([out, variance(x, float(t[0]))], 2) if learned else out

    def drawn(x):
        calls[0] += 1
        return torch.sin(1 + 7 * (calls[0] - 1) + 3 * torch.arange(x.numel(), dtype=torch.float64)).reshape(x.shape)

    sys.modules["latte_diffusion.gaussian_diffusion"].th = published = types.SimpleNamespace(
        **{name: getattr(torch, name) for name in dir(torch) if not name.startswith("__")})
    published.randn_like = drawn
    start = START.reshape(1, 1, 1, 1, -1)  # batch, frames, channels, height, width
    loop = getattr(diffusion, {"ddpm": "p_sample_loop_progressive", "ddim": "ddim_sample_loop_progressive"}[sample_method])
    trail = [out["sample"].flatten().tolist() for out in loop(model, start.shape, start, False, device="cpu")]
    return {"timesteps": timesteps, "trail": trail}


def main(diffusers: Path, latte: Path, out: Path) -> None:
    pndm, ddim = schedulers(diffusers)
    runs = {
        "pndm-150": run_scheduler(pndm(), 150),
        "pndm-30": run_scheduler(pndm(), 30),
        "ddim-50": run_scheduler(ddim(clip_sample=False), 50),
        "ddpm-250": run_latte(latte, "ddpm", 250, False),
        "ddpm-250-learned": run_latte(latte, "ddpm", 250, True),
        "ddim-250": run_latte(latte, "ddim", 250, True),
    }
    for run in runs.values():
        run["start"] = START.tolist()
        # Of the trail the first 16 latents, then every tenth, and the last.
        kept = [i for i in range(len(run["trail"])) if i < 16 or i % 10 == 9 or i == len(run["trail"]) - 1]
        run["trail"] = {str(i + 1): [float(f"{v:.9g}") for v in run["trail"][i]] for i in kept}
    lines = [f" {json.dumps(name)}: {json.dumps(run)}" for name, run in runs.items()]
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
