"""Makes the model files of the Java tests: python make_test_models.py [FOLDER]

Without FOLDER the committed files are replaced. Everything comes from the checkpoint folders beside them, or from
seeded random weights. Takes about a minute.
"""

import json
import sys
from pathlib import Path
from typing import List, Tuple

import torch
from torch import Tensor, nn

from adacache_export import contract
from adacache_export.__main__ import main

RESOURCES = Path(__file__).resolve().parents[2] / "test" / "resources" / "io" / "adacache" / "djl"
CHECKPOINTS = RESOURCES / "checkpoints"

EXPORTS = {
    "open-sora-tiny.pt": ["open-sora", "--checkpoint", "stdit3-tiny"],
    "open-sora-tiny-fp16.pt": ["open-sora", "--checkpoint", "stdit3-tiny", "--dtype", "fp16"],
    "open-sora-tiny-bf16.pt": ["open-sora", "--checkpoint", "stdit3-tiny", "--dtype", "bf16"],
    "latte-tiny.pt": ["latte", "--checkpoint", "latte-tiny"],
    "latte-diffusers-tiny.pt": ["latte", "--checkpoint", "latte-diffusers-tiny"],
    "open-sora-plan-tiny.pt": ["open-sora-plan", "--checkpoint", "open-sora-plan-tiny"],
    "latte-class-tiny.pt": ["latte-class", "--random-init", "--config", "latte-class-tiny"],
    "joint-tiny.pt": ["joint", "--random-init", "--config", "joint-tiny"],
    "wan-tiny.pt": ["wan", "--checkpoint", "wan-tiny"],
    "wan-tiny-bf16.pt": ["wan", "--checkpoint", "wan-tiny", "--dtype", "bf16"],
    "wan-authors-tiny.pt": ["wan", "--checkpoint", "wan-authors-tiny"],
    "wan-i2v-tiny.pt": ["wan", "--random-init", "--config", "wan-i2v-tiny"],
    "wan-i2v22-tiny.pt": ["wan", "--random-init", "--config", "wan-i2v22-tiny"],
    "wan-ti2v-tiny.pt": ["wan", "--random-init", "--config", "wan-ti2v-tiny"],
}

MANIFESTS = {
    "open-sora-xl": ["open-sora", "--dtype", "bf16"],
    "latte-xl": ["latte", "--dtype", "fp16"],
    "open-sora-plan-xl": ["open-sora-plan", "--dtype", "fp16"],
    "latte-class-xl": ["latte-class", "--dtype", "fp16"],
    "wan-t2v-1.3b": ["wan", "--published", "t2v-1.3b", "--dtype", "bf16"],
    "wan-t2v-14b": ["wan", "--published", "t2v-14b", "--dtype", "bf16"],
    "wan-i2v-14b": ["wan", "--published", "i2v-14b-720p", "--dtype", "bf16"],
    "wan-ti2v-5b": ["wan", "--published", "ti2v-5b", "--dtype", "bf16"],
}
"""Of the published sizes, without the gigabytes of weights; in the dtype that the published pipeline runs in."""


class Opaque(nn.Module):
    """A model of someone else's: one method, no manifest."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Parameter(torch.randn(4, 4, generator=torch.Generator().manual_seed(0)))

    def forward(self, x: Tensor, timestep: Tensor) -> Tensor:
        """x [B, 4, frames, height, width], timestep [B]; the result has x's shape."""
        mixed = torch.einsum("bcfhw,cd->bdfhw", x, self.mix)
        return torch.tanh(mixed) + x * torch.cos(timestep / 1000).view(-1, 1, 1, 1, 1)


class Incomplete(Opaque):
    """Every method of the contract but `modulated`."""

    @torch.jit.export
    def embed(self, x: Tensor, timestep: Tensor) -> Tuple[Tensor, List[Tensor]]:
        return x.flatten(2).transpose(1, 2), [timestep]

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        return [hidden]

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        return hidden


def manifest(version: int) -> str:
    shape = ["batch", 4, "frames", "height", "width"]
    return json.dumps({
        "contract": version,
        "family": "broken",
        "name": "broken",
        "dtype": "float32",
        "parameters": 16,
        "hidden": {"channels": 4, "prefix": 0},
        "patch": {"frames": 1, "height": 1, "width": 1},
        "inputs": [
            {"name": "x", "role": "latent", "dtype": "float32", "shape": shape},
            {"name": "timestep", "role": "timestep", "dtype": "float32", "shape": ["batch"]},
        ],
        "prediction": {"type": "noise", "shape": shape, "channels": [0, 4]},
        "sites": [{"block": 0, "kind": "mlp"}],
        "steps": 10,
    })


def make(folder: Path) -> None:
    for name, arguments in EXPORTS.items():
        arguments = [str(CHECKPOINTS / a) if a.endswith("-tiny") else a for a in arguments]
        if main([*arguments, "--out", str(folder / name), "--check"]) != 0:
            raise SystemExit(f"{name} failed")
    for name, arguments in MANIFESTS.items():
        out = str(folder / f"{name}.json")
        if main([*arguments, "--random-init", "--manifest-only", "--out", out]) != 0:
            raise SystemExit(f"{out} failed")
    contract.write_archive(contract.script(Opaque()), folder / "opaque.pt")
    incomplete = contract.script(Incomplete())
    contract.write_archive(incomplete, folder / "missing-method.pt", {contract.MANIFEST: manifest(1)})
    contract.write_archive(incomplete, folder / "wrong-version.pt", {contract.MANIFEST: manifest(99)})
    (folder / "not-torchscript.pt").write_text("This is no TorchScript archive.\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else RESOURCES / "models")
