"""Writes the model files of the torture kit (package io.adacache.djl.torture): python make_torture_models.py [FOLDER]

`small.pt` keeps the first version of the contract, which stays loadable, with a few hundred weights; the kit makes its wrong files by
replacing methods in it.
`image.pt` is opaque and takes a latent of more channels than it predicts, as image-to-video models do.
"""

import json
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "main" / "python"))
from adacache_export import contract, parts  # noqa: E402

CHANNELS = 8
SITES = 4
RESOURCES = Path(__file__).resolve().parents[1] / "resources" / "io" / "adacache" / "djl" / "models"


def weights(seed: int, *shape: int) -> nn.Parameter:
    return nn.Parameter(0.3 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed)))


class Small(nn.Module):
    """Two blocks of a self-attention that mixes the tokens of a frame, and an MLP."""

    def __init__(self):
        super().__init__()
        self.enter = weights(1, 4, CHANNELS)
        self.leave = weights(2, CHANNELS, 4)
        self.sites = weights(3, SITES, CHANNELS, CHANNELS)

    @torch.jit.export
    def embed(self, x: Tensor, timestep: Tensor, text: Tensor) -> Tuple[Tensor, List[Tensor]]:
        """x [B, 4, frames, height, width], timestep [B], text [B, text, 8]."""
        hidden = x.flatten(2).transpose(1, 2) @ self.enter
        gate = torch.cos(timestep / 1000).view(-1, 1, 1) + text.mean(1, keepdim=True)
        return hidden, [gate, torch.empty([0, x.size(2), x.size(3), x.size(4)], device=x.device)]

    @torch.jit.export
    def modulated(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        return torch.tanh(hidden) * (1 + context[0])

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        kept: Dict[int, Tensor] = {}
        for site in range(first, last):
            seen = self.modulated(site, hidden, context)
            if site % 2 == 0:
                frames = seen.view(seen.size(0), context[1].size(1), -1, seen.size(2))
                seen = (seen.view(frames.size()) + frames.mean(2, keepdim=True)).flatten(1, 2)
            residual = 0.2 * torch.tanh(seen @ self.sites[site]) * context[0]
            hidden = hidden + residual
            if site in capture:
                kept[site] = residual
        return parts.answer(hidden, kept, capture)

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        sizes = context[1]
        out = (hidden @ self.leave).transpose(1, 2)
        return out.reshape(hidden.size(0), 4, sizes.size(1), sizes.size(2), sizes.size(3))

    def forward(self, x: Tensor, timestep: Tensor, text: Tensor) -> Tensor:
        hidden, context = self.embed(x, timestep, text)
        nothing: List[int] = []
        hidden = self.run(0, 4, nothing, hidden, context)[0]
        return self.head(hidden, context)


class ImageToVideo(nn.Module):
    """Opaque. Of the latent's 12 channels 4 are noise, the rest is a condition."""

    def __init__(self):
        super().__init__()
        self.mix = weights(4, 12, 4)

    def forward(self, x: Tensor, timestep: Tensor) -> Tensor:
        """x [B, 12, frames, height, width], timestep [B]; the result has 4 channels."""
        mixed = torch.einsum("bcfhw,cd->bdfhw", x, self.mix)
        return torch.tanh(mixed) * torch.cos(timestep / 1000).view(-1, 1, 1, 1, 1)


def manifest() -> str:
    shape = ["batch", 4, "frames", "height", "width"]
    sites = [{"block": i // 2, "kind": "mlp" if i % 2 else "spatial-attention"} for i in range(SITES)]
    return json.dumps({
        "contract": 1,
        "family": "torture",
        "name": "small",
        "dtype": "float32",
        "parameters": 4 * CHANNELS * 2 + SITES * CHANNELS * CHANNELS,
        "hidden": {"channels": CHANNELS, "prefix": 0},
        "patch": {"frames": 1, "height": 1, "width": 1},
        "inputs": [
            {"name": "x", "role": "latent", "dtype": "float32", "shape": shape},
            {"name": "timestep", "role": "timestep", "dtype": "float32", "shape": ["batch"]},
            {"name": "text", "role": "text", "dtype": "float32", "shape": ["batch", "text", 8]},
        ],
        "prediction": {"type": "noise", "shape": shape, "channels": [0, 4]},
        "sites": sites,
        "steps": 10,
    })


def make(folder: Path) -> None:
    contract.write_archive(contract.script(Small()), folder / "small.pt", manifest=json.loads(manifest()))
    contract.write_archive(contract.script(ImageToVideo()), folder / "image.pt")


if __name__ == "__main__":
    torch.set_num_threads(1)
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else RESOURCES)
