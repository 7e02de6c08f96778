"""Pieces that the scriptable models share."""

import math
from typing import Dict, List

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


def timestep_waves(timestep: Tensor, channels: int = 256) -> Tensor:
    """Half the channels are cosines, half sines: [B, channels] fp32."""
    half = channels // 2
    exponents = torch.arange(half, device=timestep.device, dtype=torch.float32) * (-math.log(10000.0) / half)
    angles = timestep.float().unsqueeze(1) * exponents.exp()
    return torch.cat((angles.cos(), angles.sin()), 1)


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


def spread(table: Tensor, hidden: Tensor) -> Tensor:
    """The frames' position embedding [frames, C] as a residual of the hidden state [B, frames * tokens, C]."""
    per_frame = table.unsqueeze(1).expand(-1, hidden.size(1) // table.size(0), -1)
    return per_frame.flatten(0, 1).unsqueeze(0).repeat(hidden.size(0), 1, 1)


def cut(hidden: Tensor, prefix: int, frames: int, axis: int, first: int, last: int) -> Tensor:
    """Frames (axis 0) or places of every frame (axis 1) first..last-1 of [B, prefix + frames * tokens, C], behind the whole
    prefix, as a tensor of its own."""
    picked = hidden[:, prefix:].unflatten(1, (frames, -1)).narrow(1 + axis, first, last - first).flatten(1, 2)
    return torch.cat((hidden[:, :prefix], picked), 1)


def resized(sizes: Tensor, axis: int, first: int, last: int) -> List[int]:
    """The shape of an empty tensor whose sizes begin with frames, rows and columns of tokens, for a part: a part of the places
    counts as one row."""
    shape = sizes.size()
    if axis == 0:
        shape[0] = last - first
    else:
        shape[1], shape[2] = 1, last - first
    return shape


def answer(hidden: Tensor, kept: Dict[int, Tensor], capture: List[int]) -> List[Tensor]:
    """What a model's run returns: the hidden state, then the captured residuals in the order that was asked for."""
    out = [hidden]
    for site in capture:
        out.append(kept[site])
    return out


class SiteBlock(nn.Module):
    """A block whose residuals the contract's methods can name one by one.

    `order` lists the block's residuals, by numbers of the block's own choice, in the order in which they are added.
    """

    def __init__(self, order: List[int]):
        super().__init__()
        self.order = order

    def residual(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        raise NotImplementedError

    def modulated(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        raise NotImplementedError

    def run(
        self,
        site: int,
        first: int,
        last: int,
        capture: List[int],
        hidden: Tensor,
        context: List[Tensor],
        kept: Dict[int, Tensor],
    ) -> Tensor:
        """Adds those of the block's residuals whose sites are in first..last-1; `site` is the first one's number.
        Captured residuals go into `kept`."""
        for part in self.order:
            if first <= site and site < last:
                residual = self.residual(part, hidden, context)
                if site in capture:
                    kept[site] = residual
                hidden = hidden + residual
            site += 1
        return hidden


class PatchProjection(nn.Module):
    """A convolution whose stride is its size, frame by frame.

    [B, C, frames, height, width] becomes [B, frames * tokens, channels].
    """

    def __init__(self, inputs: int, channels: int, size: int):
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.randn(channels, inputs, size, size) / (inputs * size * size) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, latent: Tensor) -> Tensor:
        if latent.size(3) % self.size != 0 or latent.size(4) % self.size != 0:
            raise ValueError("height and width must be multiples of the patch size")
        pictures = latent.to(self.weight.dtype).transpose(1, 2).flatten(0, 1)
        tokens = F.conv2d(pictures, self.weight, self.bias, stride=self.size).flatten(2).transpose(1, 2)
        return tokens.unflatten(0, (latent.size(0), -1)).flatten(1, 2)


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
