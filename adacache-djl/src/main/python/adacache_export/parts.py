"""Pieces that the scriptable models share."""

import math
from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def sincos(positions: Tensor, channels: int) -> Tensor:
    """Sines, then cosines, of positions [N] at channels / 2 wavelengths: [N, channels] fp64."""
    steps = torch.arange(channels // 2, device=positions.device, dtype=torch.float64) / (channels / 2.0)
    angles = positions.double().unsqueeze(1) * torch.pow(10000.0, -steps)
    return torch.cat((angles.sin(), angles.cos()), 1)


def sincos_grid(rows: Tensor, columns: Tensor, channels: int) -> Tensor:
    """Half the channels tell the column, half the row: [rows * columns, channels] fp64."""
    column = sincos(columns, channels // 2).unsqueeze(0).expand(rows.size(0), -1, -1)
    row = sincos(rows, channels // 2).unsqueeze(1).expand(-1, columns.size(0), -1)
    return torch.cat((column, row), 2).flatten(0, 1)


def timestep_waves(timestep: Tensor) -> Tensor:
    """128 cosines, then 128 sines: [B, 256] fp32."""
    exponents = torch.arange(128, device=timestep.device, dtype=torch.float32) * (-math.log(10000.0) / 128)
    angles = timestep.float().unsqueeze(1) * exponents.exp()
    return torch.cat((angles.cos(), angles.sin()), 1)


def patches(latent: Tensor, proj: nn.Conv2d) -> Tensor:
    """Cuts [B, C, frames, height, width] into [B, frames * tokens, channels]."""
    size = proj.kernel_size[0]
    if latent.size(3) % size != 0 or latent.size(4) % size != 0:
        raise ValueError("height and width must be multiples of the patch size")
    tokens = proj(latent.to(proj.weight.dtype).transpose(1, 2).flatten(0, 1)).flatten(2).transpose(1, 2)
    return tokens.reshape(latent.size(0), -1, tokens.size(2))


def unpatch(tokens: Tensor, frames: int, rows: int, columns: int, size: int) -> Tensor:
    """[B, frames * rows * columns, size * size * C], channels last, back to [B, C, frames, height, width]."""
    x = tokens.view(tokens.size(0), frames, rows, columns, size, size, -1).permute(0, 6, 1, 2, 4, 3, 5)
    return x.reshape(x.size(0), x.size(1), frames, rows * size, columns * size)


def modulate(x: Tensor, shift: Tensor, scale: Tensor, eps: float) -> Tensor:
    """Normalises x [B, N, C] and modulates it with shift and scale [B, 1, C]."""
    return F.layer_norm(x, [x.size(-1)], eps=eps) * (1 + scale) + shift


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, bias: Tensor) -> Tensor:
    """Attention of q [B, N, C] to k and v [B, M, C]; a bias without elements is none."""
    q = q.unflatten(-1, (heads, -1)).transpose(1, 2)
    k = k.unflatten(-1, (heads, -1)).transpose(1, 2)
    v = v.unflatten(-1, (heads, -1)).transpose(1, 2)
    if bias.numel() > 0:
        out = F.scaled_dot_product_attention(q, k, v, bias)
    else:
        out = F.scaled_dot_product_attention(q, k, v)
    return out.transpose(1, 2).flatten(2)


def fold(x: Tensor, frames: int, temporal: bool) -> Tensor:
    """[B, frames * tokens, C] as one sequence for each frame, or (temporal) one for each place."""
    x = x.unflatten(1, (frames, -1))
    if temporal:
        x = x.transpose(1, 2)
    return x.flatten(0, 1)


def unfold(x: Tensor, batch: int, temporal: bool) -> Tensor:
    """Undoes fold."""
    x = x.unflatten(0, (batch, -1))
    if temporal:
        x = x.transpose(1, 2)
    return x.flatten(1, 2)


def collect(hidden: Tensor, residuals: List[Tensor], sites: List[int], capture: List[int]) -> List[Tensor]:
    """What run returns: the hidden state, then the captured sites' residuals in the order that was asked for."""
    out = [hidden]
    for site in capture:
        out.append(residuals[sites.index(site)])
    return out


class MlpEmbedding(nn.Module):
    """Two linear layers around a SiLU, under diffusers' names."""

    def __init__(self, inputs: int, channels: int):
        super().__init__()
        self.linear_1 = nn.Linear(inputs, channels)
        self.linear_2 = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_2(F.silu(self.linear_1(x)))


class GeluLinear(nn.Module):
    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.proj = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.proj(x), approximate="tanh")


class FeedForward(nn.Module):
    """Two linear layers around a GELU in its tanh form, under diffusers' names."""

    def __init__(self, channels: int, inner: int):
        super().__init__()
        self.net = nn.Sequential(GeluLinear(channels, inner), nn.Identity(), nn.Linear(inner, channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Attention(nn.Module):
    """Attention with separate projections, under diffusers' names. What is attended to: x itself, or another sequence."""

    def __init__(self, channels: int, heads: int, bias: bool):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels, bias=bias)
        self.to_k = nn.Linear(channels, channels, bias=bias)
        self.to_v = nn.Linear(channels, channels, bias=bias)
        self.to_out = nn.Sequential(nn.Linear(channels, channels), nn.Identity())

    def forward(self, x: Tensor, other: Tensor, bias: Tensor) -> Tensor:
        return self.to_out(attend(self.to_q(x), self.to_k(other), self.to_v(other), self.heads, bias))
