"""STDiT3, the transformer of Open-Sora v1.2, in a form that TorchScript can compile.

The state dict has the published names, so a published checkpoint loads with ``strict=True``. The numbers are those
of hpcaitech/Open-Sora v1.2.0, ``opensora/models/stdit/stdit3.py``; the structure is the project's contract for a
model file: ``embed``, ``run``, ``modulated``, ``head``, and ``forward`` made of them.

Sites: for every depth i the spatial block i, then the temporal block i; in each the attention, the cross-attention
and the MLP. ``6 * depth`` sites in all. The hidden state is [batch, frames x tokens per frame, channels].
"""

import math
from typing import Dict, List, NamedTuple, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import parts


class Context(NamedTuple):
    """What ``embed`` hands on to ``run``, ``modulated`` and ``head``; for Java it is an unread list of tensors."""

    sizes: Tensor
    """No elements; its shape is [frames, rows, columns of tokens, frames, height, width of x, 0]."""
    time: Tensor
    """[B, C]: the embedding of the timestep plus that of the frame rate."""
    modulation: Tensor
    """[B, F, 6, C]: shift, scale, gate of attention, then of the MLP. F is 1, or the frames if there is a frame mask."""
    text: Tensor
    """[B, L, C]"""
    text_mask: Tensor
    """[B, 1, 1, L] bool, true where a token counts; no elements: all count."""
    rotary: Tensor
    """[2, frames, head channels]: cosine and sine."""
    frame_mask: Tensor
    """[B, frames] bool, true where a frame is generated; no elements: all are."""
    clean_time: Tensor
    """[B, C]: like time, for the timestep 0 of kept frames; no elements without a frame mask."""
    places: Tensor
    """[tokens of a frame, C]: the position embedding."""
    rate: Tensor
    """[B, C]: the embedding of the frame rate."""


def unpack(c: List[Tensor]) -> Context:
    return Context(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9])


class RmsNorm(nn.Module):
    """Root-mean-square normalisation over the channels of a head, computed in fp32."""

    def __init__(self, size: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-6)
        return self.weight * wide.to(x.dtype)


def rotate(x: Tensor, rotary: Tensor) -> Tensor:
    """Rotary position embedding: turns neighbouring pairs of channels. x: [..., frames, head channels]."""
    pairs = x.unflatten(-1, (-1, 2))
    first, second = pairs.unbind(-1)
    turned = torch.stack((-second, first), -1).flatten(-2)
    return (x * rotary[0] + turned * rotary[1]).to(x.dtype)


class Attention(nn.Module):
    """Self-attention within each frame (spatial) or along each place's frames (temporal)."""

    def __init__(self, channels: int, heads: int, temporal: bool, qk_norm: bool, rotate_first: bool):
        super().__init__()
        self.heads = heads
        self.temporal = temporal
        self.rotate_first = rotate_first
        self.qkv = nn.Linear(channels, 3 * channels)
        self.q_norm = RmsNorm(channels // heads) if qk_norm else nn.Identity()
        self.k_norm = RmsNorm(channels // heads) if qk_norm else nn.Identity()
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor, frames: int, rotary: Tensor) -> Tensor:
        batch, tokens, channels = x.shape
        places = tokens // frames
        qkv = self.qkv(x).view(batch, frames, places, 3, self.heads, channels // self.heads)
        if self.temporal:
            q, k, v = qkv.permute(3, 0, 2, 4, 1, 5).flatten(1, 2).unbind(0)
            if self.rotate_first:
                q, k = rotate(q, rotary), rotate(k, rotary)
                q, k = self.q_norm(q), self.k_norm(k)
            else:
                q, k = self.q_norm(q), self.k_norm(k)
                q, k = rotate(q, rotary), rotate(k, rotary)
            out = F.scaled_dot_product_attention(q, k, v)
            out = out.view(batch, places, self.heads, frames, channels // self.heads).permute(0, 3, 1, 2, 4)
        else:
            q, k, v = qkv.flatten(0, 1).permute(2, 0, 3, 1, 4).unbind(0)
            q, k = self.q_norm(q), self.k_norm(k)
            out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        return self.proj(out.reshape(batch, tokens, channels))


class CrossAttention(nn.Module):
    """Every token looks at the text's valid tokens. The original packs these; a mask gives the same numbers."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.q_linear = nn.Linear(channels, channels)
        self.kv_linear = nn.Linear(channels, 2 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor, text: Tensor, mask: Tensor) -> Tensor:
        q = self.q_linear(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        k, v = self.kv_linear(text).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        if mask.numel() > 0:
            out = F.scaled_dot_product_attention(q, k, v, mask)
        else:
            out = F.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    """Two linear layers around a GELU in its tanh form."""

    def __init__(self, inputs: int, inner: int, outputs: int):
        super().__init__()
        self.fc1 = nn.Linear(inputs, inner)
        self.fc2 = nn.Linear(inner, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


def shift_and_scale(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Normalises x [B, N, C] and modulates it, with shift and scale [B, F, 1, C], F a divisor of N."""
    normed = F.layer_norm(x, x.shape[-1:], eps=1e-6)
    return (normed.unflatten(1, (shift.shape[1], -1)) * (1 + scale) + shift).flatten(1, 2)


def gated(x: Tensor, gate: Tensor) -> Tensor:
    return (x.unflatten(1, (gate.shape[1], -1)) * gate).flatten(1, 2)


class Block(parts.SiteBlock):
    """A spatial or temporal block. Its residuals: 0 attention, 1 cross-attention, 2 MLP."""

    def __init__(self, channels: int, heads: int, inner: int, temporal: bool, qk_norm: bool, rotate_first: bool):
        super().__init__([0, 1, 2])
        self.attn = Attention(channels, heads, temporal, qk_norm, rotate_first)
        self.cross_attn = CrossAttention(channels, heads)
        self.mlp = Mlp(channels, inner, channels)
        self.scale_shift_table = nn.Parameter(torch.randn(6, channels) / math.sqrt(channels))

    def modulation(self, row: int, context: Context) -> Tensor:
        return (self.scale_shift_table[row] + context.modulation[:, :, row]).unsqueeze(2)

    def modulated(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """What attention (0) and the MLP (2) see; cross-attention (1) sees the hidden state as it is."""
        if part == 1:
            return hidden
        row = 0 if part == 0 else 3
        c = unpack(context)
        return shift_and_scale(hidden, self.modulation(row, c), self.modulation(row + 1, c))

    def residual(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        c = unpack(context)
        if part == 1:
            return self.cross_attn(hidden, c.text, c.text_mask)
        seen = self.modulated(part, hidden, context)
        if part == 0:
            return gated(self.attn(seen, c.sizes.shape[0], c.rotary), self.modulation(2, c))
        return gated(self.mlp(seen), self.modulation(5, c))


class SinusoidEmbedder(nn.Module):
    """A number (timestep, frame rate) as cosines and sines, then two linear layers. [B] -> [B, C]."""

    def __init__(self, channels: int):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(256, channels), nn.SiLU(), nn.Linear(channels, channels)
        )

    def forward(self, numbers: Tensor, like: Tensor) -> Tensor:
        exponents = torch.arange(128, device=numbers.device) * (-math.log(10000.0) / 128)
        angles = numbers.unsqueeze(1) * exponents.exp()
        return self.mlp(torch.cat((angles.cos(), angles.sin()), 1).to(like.dtype))


class PatchEmbedder(nn.Module):
    """Cuts the latent into patches, padded with zeros at its far ends where they do not fit, and projects them.

    The parameters are those of a convolution; on CPU the matrix product is faster, and gives tokens at once.
    """

    def __init__(self, in_channels: int, channels: int, patch: Tuple[int, int, int]):
        super().__init__()
        self.proj = nn.Conv3d(in_channels, channels, patch, stride=patch)

    def tokens(self, x: Tensor) -> Tuple[int, int, int]:
        """How many frames, rows and columns of tokens a latent makes."""
        depth, tall, wide = self.proj.kernel_size
        return (x.size(2) + depth - 1) // depth, (x.size(3) + tall - 1) // tall, (x.size(4) + wide - 1) // wide

    def forward(self, x: Tensor) -> Tensor:
        """[B, in channels, frames, height, width] -> [B, frames, rows, columns, C]"""
        depth, tall, wide = self.proj.kernel_size
        missing = [-x.size(4) % wide, -x.size(3) % tall, -x.size(2) % depth]
        if missing[0] + missing[1] + missing[2] > 0:
            x = F.pad(x, [0, missing[0], 0, missing[1], 0, missing[2]])
        cut = x.unflatten(4, (-1, wide)).unflatten(3, (-1, tall)).unflatten(2, (-1, depth))
        return F.linear(cut.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4), self.proj.weight.flatten(1), self.proj.bias)


class CaptionEmbedder(nn.Module):
    """Projects the text encoder's tokens. ``y_embedding`` is the published null prompt; callers read it."""

    def __init__(self, caption_channels: int, channels: int, length: int):
        super().__init__()
        self.y_proj = Mlp(caption_channels, channels, channels)
        self.register_buffer("y_embedding", torch.randn(length, caption_channels) / math.sqrt(caption_channels))

    def forward(self, text: Tensor) -> Tensor:
        return self.y_proj(text)


class Rotary(nn.Module):
    """Angles of the rotary embedding along the frames."""

    def __init__(self, head_channels: int):
        super().__init__()
        powers = torch.arange(0, head_channels, 2).float() / head_channels
        self.freqs = nn.Parameter(10000.0**-powers, requires_grad=False)

    def forward(self, frames: int) -> Tensor:
        angles = torch.arange(frames, device=self.freqs.device).unsqueeze(1) * self.freqs
        angles = angles.repeat_interleave(2, 1)
        return torch.stack((angles.cos(), angles.sin()))


class PlaceEmbedder(nn.Module):
    """Sines and cosines of the column, then of the row; scaled with the resolution, so that a larger picture is a
    finer grid on the same plane."""

    def __init__(self, channels: int, input_sq_size: int):
        super().__init__()
        half = channels // 2
        self.input_sq_size = input_sq_size
        self.register_buffer("inv_freq", 10000.0 ** -(torch.arange(0, half, 2).float() / half), persistent=False)

    def waves(self, positions: Tensor) -> Tensor:
        angles = positions.unsqueeze(1) * self.inv_freq
        return torch.cat((angles.sin(), angles.cos()), 1)

    def forward(self, rows: int, columns: int, height: Tensor, width: Tensor) -> Tensor:
        """height, width: of the clip in pixels, [n], the first counts. Returns [rows x columns, C]."""
        base = int(math.sqrt(rows * columns) + 0.5)
        # Two roots, not the root of the product: fp16 ends at 65504.
        scale = height[0].sqrt() * width[0].sqrt() / self.input_sq_size
        row = self.waves(torch.arange(rows, device=height.device) / scale * (base / rows))
        column = self.waves(torch.arange(columns, device=height.device) / scale * (base / columns))
        both = [column.unsqueeze(0).expand(rows, -1, -1), row.unsqueeze(1).expand(-1, columns, -1)]
        return torch.cat(both, 2).flatten(0, 1)


class FinalLayer(nn.Module):
    """The last modulation and the projection to patches."""

    def __init__(self, channels: int, outputs: int):
        super().__init__()
        self.linear = nn.Linear(channels, outputs)
        self.scale_shift_table = nn.Parameter(torch.randn(2, channels) / math.sqrt(channels))

    def modulate(self, x: Tensor, time: Tensor) -> Tensor:
        shift, scale = (self.scale_shift_table + time.unsqueeze(1)).unsqueeze(2).unbind(1)
        return shift_and_scale(x, shift.unsqueeze(1), scale.unsqueeze(1))

    def forward(self, x: Tensor, context: Context) -> Tensor:
        x = self.modulate(x, context.time)
        mask = context.frame_mask
        if mask.numel() > 0:
            # Kept frames are modulated twice: the published code overwrites x before it normalises it again.
            kept = self.modulate(x, context.clean_time)
            chosen = mask.unsqueeze(2).unsqueeze(3)
            x = torch.where(chosen, x.unflatten(1, (mask.shape[1], -1)), kept.unflatten(1, (mask.shape[1], -1)))
            x = x.flatten(1, 2)
        return self.linear(x)


class STDiT3(nn.Module):
    """The whole transformer. Parameters: the fields of the published ``config.json``."""

    def __init__(
        self,
        depth: int = 28,
        hidden_size: int = 1152,
        num_heads: int = 16,
        caption_channels: int = 4096,
        model_max_length: int = 300,
        in_channels: int = 4,
        patch_size: Tuple[int, int, int] = (1, 2, 2),
        input_sq_size: int = 512,
        qk_norm: bool = True,
        qk_norm_legacy: bool = False,
        mlp_ratio: float = 4.0,
        pred_sigma: bool = True,
        class_dropout_prob: float = 0.1,
    ):
        super().__init__()
        self.patch_size = (int(patch_size[0]), int(patch_size[1]), int(patch_size[2]))
        self.out_channels = 2 * in_channels if pred_sigma else in_channels
        self.class_dropout_prob = class_dropout_prob
        inner = int(hidden_size * mlp_ratio)
        self.pos_embed = PlaceEmbedder(hidden_size, input_sq_size)
        self.rope = Rotary(hidden_size // num_heads)
        self.x_embedder = PatchEmbedder(in_channels, hidden_size, self.patch_size)
        self.t_embedder = SinusoidEmbedder(hidden_size)
        self.fps_embedder = SinusoidEmbedder(hidden_size)
        self.t_block = nn.Sequential(nn.SiLU(), nn.Linear(hidden_size, 6 * hidden_size))
        self.y_embedder = CaptionEmbedder(caption_channels, hidden_size, model_max_length)
        self.spatial_blocks = nn.ModuleList(
            Block(hidden_size, num_heads, inner, False, qk_norm, qk_norm_legacy) for _ in range(depth)
        )
        self.temporal_blocks = nn.ModuleList(
            Block(hidden_size, num_heads, inner, True, qk_norm, qk_norm_legacy) for _ in range(depth)
        )
        self.final_layer = FinalLayer(hidden_size, math.prod(self.patch_size) * self.out_channels)

    @staticmethod
    def from_config(config: Dict[str, object]) -> "STDiT3":
        """Builds the model of a published ``config.json``; fields that do not shape the network are skipped."""
        known = STDiT3.__init__.__annotations__
        return STDiT3(**{name: value for name, value in config.items() if name in known})

    @torch.jit.export
    def embed(
        self,
        x: Tensor,
        timestep: Tensor,
        y: Tensor,
        mask: Tensor,
        x_mask: Tensor,
        fps: Tensor,
        height: Tensor,
        width: Tensor,
    ) -> Tuple[Tensor, List[Tensor]]:
        """Returns the hidden state and the context.

        x [B, in channels, frames, height, width]; timestep [B], 0..1000; y [B, 1, L, caption channels];
        mask [n, L], n a divisor of B, 0 = the token does not count; x_mask [B, frames], 0 = the frame is kept as it
        is; fps, height, width [n] of the clip in pixels. mask and x_mask without elements mean: everything counts.
        """
        frames, rows, columns = self.x_embedder.tokens(x)
        places = self.pos_embed(rows, columns, height, width).to(self.x_embedder.proj.weight.dtype)
        rate = self.fps_embedder(fps.repeat(x.size(0) // fps.size(0)), self.x_embedder.proj.weight)
        text = self.y_embedder(y.to(places.dtype)).squeeze(1)
        text_mask = mask != 0
        if mask.numel() > 0:
            text_mask = text_mask.repeat(x.size(0) // mask.size(0), 1).unsqueeze(1).unsqueeze(1)
        return self.begin(x, timestep, x_mask, text, text_mask, self.rope(frames), places, rate)

    @torch.jit.export
    def embed_again(
        self,
        x: Tensor,
        timestep: Tensor,
        y: Tensor,
        mask: Tensor,
        x_mask: Tensor,
        fps: Tensor,
        height: Tensor,
        width: Tensor,
        context: List[Tensor],
    ) -> Tuple[Tensor, List[Tensor]]:
        """As embed, given the context of a call that differed in nothing but the values of x and timestep."""
        c = unpack(context)
        return self.begin(x, timestep, x_mask, c.text, c.text_mask, c.rotary, c.places, c.rate)

    def begin(
        self,
        x: Tensor,
        timestep: Tensor,
        x_mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        rotary: Tensor,
        places: Tensor,
        rate: Tensor,
    ) -> Tuple[Tensor, List[Tensor]]:
        """The hidden state and the context, from x and timestep and what is the same in all steps."""
        weight = self.x_embedder.proj.weight
        patches = self.x_embedder(x.to(weight.dtype))
        frames, rows, columns = patches.size(1), patches.size(2), patches.size(3)
        hidden = (patches.flatten(2, 3) + places).flatten(1, 2)

        timestep = timestep.to(weight.dtype)
        time = self.t_embedder(timestep, weight) + rate
        modulation = self.t_block(time).unflatten(1, (1, 6, -1))
        clean = time.new_empty([0])
        frame_mask = x_mask != 0
        if x_mask.numel() > 0:
            clean = self.t_embedder(torch.zeros_like(timestep), weight) + rate
            kept = self.t_block(clean).unflatten(1, (1, 6, -1))
            modulation = torch.where(frame_mask.unsqueeze(2).unsqueeze(3), modulation, kept)

        sizes = x.new_empty([frames, rows, columns, x.size(2), x.size(3), x.size(4), 0])
        return hidden, [sizes, time, modulation, text, text_mask, rotary, frame_mask, clean, places, rate]

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs the sites first..last-1. Returns the new hidden state, then the captured sites' residuals in capture's order."""
        kept: Dict[int, Tensor] = {}
        site = 0
        for spatial, temporal in zip(self.spatial_blocks, self.temporal_blocks):
            hidden = spatial.run(site, first, last, capture, hidden, context, kept)
            site += len(spatial.order)
            hidden = temporal.run(site, first, last, capture, hidden, context, kept)
            site += len(temporal.order)
        return parts.answer(hidden, kept, capture)

    @torch.jit.export
    def modulated(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The normalised and modulated input of a site; of a cross-attention the hidden state, which it reads."""
        out = hidden
        for spatial, temporal in zip(self.spatial_blocks, self.temporal_blocks):
            if 0 <= site and site < len(spatial.order):
                out = spatial.modulated(spatial.order[site], hidden, context)
            site -= len(spatial.order)
            if 0 <= site and site < len(temporal.order):
                out = temporal.modulated(temporal.order[site], hidden, context)
            site -= len(temporal.order)
        return out

    @torch.jit.export
    def part(
        self, axis: int, first: int, last: int, hidden: Tensor, context: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """What a member that holds the frames (axis 0) or the places of all frames (axis 1) first..last-1 needs: its part of the
        hidden state, and a context for it."""
        c = unpack(context)
        modulation, frame_mask = c.modulation, c.frame_mask
        shape = parts.resized(c.sizes, axis, first, last)
        if axis == 0:
            depth = self.patch_size[0]
            shape[3] = min(last * depth, shape[3]) - first * depth
            if modulation.size(1) > 1:
                modulation = modulation.narrow(1, first, last - first)
            if frame_mask.numel() > 0:
                frame_mask = frame_mask.narrow(1, first, last - first)
        sizes = c.sizes.new_empty(shape)
        own = [sizes, c.time, modulation, c.text, c.text_mask, c.rotary, frame_mask, c.clean_time, c.places, c.rate]
        return parts.cut(hidden, 0, c.sizes.size(0), axis, first, last), own

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The prediction [B, out channels, frames, height, width], fp32, cut to the size of x."""
        unpacked = unpack(context)
        sizes = unpacked.sizes.shape
        frames, rows, columns = sizes[0], sizes[1], sizes[2]
        depth, tall, wide = self.patch_size
        out = self.final_layer(hidden, unpacked)
        out = out.view(-1, frames, rows, columns, depth, tall, wide, self.out_channels)
        out = out.permute(0, 7, 1, 4, 2, 5, 3, 6)
        out = out.reshape(-1, self.out_channels, frames * depth, rows * tall, columns * wide)
        return out[:, :, : sizes[3], : sizes[4], : sizes[5]].float()

    def forward(
        self,
        x: Tensor,
        timestep: Tensor,
        y: Tensor,
        mask: Tensor,
        x_mask: Tensor,
        fps: Tensor,
        height: Tensor,
        width: Tensor,
    ) -> Tensor:
        hidden, context = self.embed(x, timestep, y, mask, x_mask, fps, height, width)
        sites = 3 * (len(self.spatial_blocks) + len(self.temporal_blocks))
        nothing: List[int] = []
        hidden = self.run(0, sites, nothing, hidden, context)[0]
        return self.head(hidden, context)
