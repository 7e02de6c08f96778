"""Writes small traced archives for what verification must see: half precision, packed tokens, image-to-video, several results.

    python make_verification_models.py ../resources/traced

As make_traced_models.py: tiny, with random weights, an .npz of inputs beside each.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from make_traced_models import Mlp, SelfAttention, randomise, strip, warnings  # noqa: F401

C = 8


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.attn, self.norm2, self.mlp = nn.LayerNorm(C), SelfAttention(C, 1, norm=False), nn.LayerNorm(C), Mlp(C, C)
        self.time = nn.Linear(1, C)

    def forward(self, x, t):
        gate = torch.sin(self.time(t[:, None]))[:, None]
        x = x + gate * self.attn(self.norm(x) * (1 + gate))
        return x + gate * self.mlp(self.norm2(x) * (1 + gate))


class Packed(nn.Module):
    """The pipeline has made tokens of the latent already."""

    def __init__(self, channels=4):
        super().__init__()
        self.inp, self.out = nn.Linear(channels, C), nn.Linear(C, channels)
        self.blocks = nn.ModuleList([Block() for _ in range(2)])

    def forward(self, tokens, timestep):
        x = self.inp(tokens)
        for block in self.blocks:
            x = block(x, timestep)
        return self.out(x)


class Video(nn.Module):
    """A latent of more channels than the prediction: a picture and a mask lie behind the noise."""

    def __init__(self, channels=5, predicted=2, several=False):
        super().__init__()
        self.inp, self.out = nn.Conv3d(channels, C, (1, 2, 2), stride=(1, 2, 2)), nn.Linear(C, 4 * predicted)
        self.blocks = nn.ModuleList([Block() for _ in range(2)])
        self.predicted, self.several = predicted, several

    def forward(self, latent, timestep):
        b, _, f, h, w = latent.shape
        x = self.inp(latent).flatten(2).transpose(1, 2)
        for block in self.blocks:
            x = block(x, timestep)
        y = self.out(x).reshape(b, f, h // 2, w // 2, 2, 2, self.predicted).permute(0, 6, 1, 2, 4, 3, 5)
        y = y.reshape(b, self.predicted, f, h, w)
        return (y, x.mean(1)) if self.several else y


class Heavy(nn.Module):
    """Nearly all of the work lies in front of the blocks, where nothing can be reused."""

    def __init__(self):
        super().__init__()
        self.video = Video(2, 2)

    def forward(self, latent, timestep):
        wide = torch.zeros(400, 400) + latent.mean()
        for _ in range(12):
            wide = torch.tanh(wide @ wide)
        return self.video(latent + wide.mean(), timestep)


class Halved(nn.Module):
    """Weights and hidden state in half precision, inputs and prediction in single."""

    def __init__(self, inner, dtype):
        super().__init__()
        self.inner, self.dtype = inner.to(dtype), dtype

    def forward(self, latent, timestep):
        return self.inner(latent.to(self.dtype), timestep.to(self.dtype)).float()


def save(folder, name, model, inputs):
    with torch.no_grad():
        traced = torch.jit.trace(model, tuple(inputs.values()), check_trace=False)
        traced.save(str(folder / f"{name}.pt"))
        strip(folder / f"{name}.pt")
    np.savez_compressed(folder / f"{name}.npz", **{k: v.numpy() for k, v in inputs.items()})


def main(folder):
    torch.manual_seed(7)
    time = torch.tensor([0.9, 0.6])
    tokens = {"tokens": torch.randn(2, 24, 4), "timestep": time}
    video = {"latent": torch.randn(2, 5, 3, 4, 6), "timestep": time}
    plain = {"latent": torch.randn(2, 2, 3, 4, 6), "timestep": time}
    save(folder, "packed", randomise(Packed(), 1), tokens)
    save(folder, "image-to-video", randomise(Video(), 2), video)
    save(folder, "several", randomise(Video(2, 2, several=True), 3), plain)
    save(folder, "half", randomise(Video(2, 2), 4).half(), {k: v.half() for k, v in plain.items()})
    save(folder, "half-inside", Halved(randomise(Video(2, 2), 5), torch.float16), plain)
    save(folder, "bfloat16-inside", Halved(randomise(Video(2, 2), 6), torch.bfloat16), plain)
    save(folder, "heavy-start", randomise(Heavy(), 8), plain)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
