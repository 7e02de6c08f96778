"""Class-conditional Latte (Vchitect/Latte, ``models/latte.py``; Latte-XL/2) in a form that TorchScript can compile.

Blocks with an even number are spatial, odd ones temporal; each has attention and an MLP, no cross-attention, and its
own modulation (adaLN-Zero) of the timestep's and the label's embedding. Before block 1 comes the frames' position
embedding. Both position tables are parameters, so frames, height and width are fixed. Frames stand before channels.

Sites: attention and MLP of block 0, the position, then attention and MLP of every further block.
"""

from typing import Dict, List, Tuple

import torch
from torch import Tensor, nn

from . import manifest as m
from . import parts
from .config import REQUIRED, complain, count, either, flag, number, one_of, read_fields
from .stdit3 import Mlp, SinusoidEmbedder


class FusedAttention(nn.Module):
    """Self-attention with one projection for query, key and value."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.proj(parts.attend(q, k, v, self.heads, torch.empty([0], device=x.device)))


class Block(parts.SiteBlock):
    """A spatial or temporal block. Its residuals: 0 attention, 1 MLP, 2 the frames' position."""

    def __init__(self, channels: int, heads: int, inner: int, temporal: bool, order: List[int]):
        super().__init__(order)
        self.temporal = temporal
        self.attn = FusedAttention(channels, heads)
        self.mlp = Mlp(channels, inner, channels)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(channels, 6 * channels))

    def modulation(self, part: int, context: List[Tensor]) -> List[Tensor]:
        """Shift, scale and gate of attention or the MLP, each [B, 1, C]."""
        return self.adaLN_modulation(context[0]).unsqueeze(1).chunk(6, 2)[3 * part : 3 * part + 3]

    def modulated(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        if part == 2:
            return hidden
        rows = self.modulation(part, context)
        return parts.modulate(hidden, rows[0], rows[1], 1e-6)

    def residual(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        table = context[1]
        if part == 2:
            return parts.spread(table, hidden)
        rows = self.modulation(part, context)
        seen = parts.modulate(hidden, rows[0], rows[1], 1e-6)
        if part == 0:
            out = self.attn(parts.fold(seen, table.size(0), self.temporal))
            return parts.unfold(out, hidden.size(0), self.temporal) * rows[2]
        return self.mlp(seen) * rows[2]


class PatchEmbedder(nn.Module):
    def __init__(self, inputs: int, channels: int, size: int):
        super().__init__()
        self.proj = parts.PatchProjection(inputs, channels, size)


class LabelEmbedder(nn.Module):
    """The last row of the table is the label that guidance takes for none."""

    def __init__(self, rows: int, channels: int):
        super().__init__()
        self.embedding_table = nn.Embedding(rows, channels)

    def forward(self, labels: Tensor) -> Tensor:
        return self.embedding_table(labels)


class FinalLayer(nn.Module):
    def __init__(self, channels: int, outputs: int):
        super().__init__()
        self.linear = nn.Linear(channels, outputs)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(channels, 2 * channels))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        shift, scale = self.adaLN_modulation(condition).unsqueeze(1).chunk(2, 2)
        return self.linear(parts.modulate(x, shift, scale, 1e-6))


class Latte(nn.Module):
    """The whole transformer. Parameters: the arguments of the published class."""

    def __init__(
        self,
        input_size: int,
        patch_size: int,
        in_channels: int,
        hidden_size: int,
        depth: int,
        num_heads: int,
        mlp_ratio: float,
        num_frames: int,
        class_dropout_prob: float,
        num_classes: int,
        learn_sigma: bool,
        extras: int,
    ):
        super().__init__()
        self.patch_size = patch_size
        self.rows = input_size // patch_size
        self.x_embedder = PatchEmbedder(in_channels, hidden_size, patch_size)
        self.t_embedder = SinusoidEmbedder(hidden_size)
        rows = num_classes + (1 if class_dropout_prob > 0 else 0)
        self.y_embedder = LabelEmbedder(rows, hidden_size) if extras == 2 else None
        places, frames = torch.arange(self.rows), torch.arange(num_frames)
        self.pos_embed = nn.Parameter(parts.sincos_grid(places, places, hidden_size).float().unsqueeze(0))
        self.temp_embed = nn.Parameter(parts.sincos(frames, hidden_size).float().unsqueeze(0))
        self.blocks = nn.ModuleList(
            Block(hidden_size, num_heads, int(hidden_size * mlp_ratio), i % 2 == 1, [2, 0, 1] if i == 1 else [0, 1])
            for i in range(depth)
        )
        out_channels = 2 * in_channels if learn_sigma else in_channels
        self.final_layer = FinalLayer(hidden_size, patch_size * patch_size * out_channels)

    @torch.jit.export
    def embed(self, x: Tensor, t: Tensor, y: Tensor) -> Tuple[Tensor, List[Tensor]]:
        """Returns the hidden state and the context: the embedded condition [B, C] and the frames' positions [frames, C].

        x [B, frames, in channels, height, width]; t [B], 0..999; y [B] labels, read only by a model with classes.
        """
        if x.size(1) != self.temp_embed.size(1) or x.size(3) != self.rows * self.patch_size or x.size(4) != x.size(3):
            raise ValueError("this model has a fixed number of frames and a fixed, square size")
        tokens = self.x_embedder.proj(x.transpose(1, 2))
        hidden = (tokens.unflatten(1, (x.size(1), -1)) + self.pos_embed).flatten(1, 2)
        condition = self.t_embedder(t, hidden)
        if self.y_embedder is not None:
            condition = condition + self.y_embedder(y)
        return hidden, [condition, self.temp_embed.squeeze(0)]

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs the sites first..last-1. Returns the new hidden state, then the captured residuals in capture's order."""
        kept: Dict[int, Tensor] = {}
        site = 0
        for block in self.blocks:
            hidden = block.run(site, first, last, capture, hidden, context, kept)
            site += len(block.order)
        return parts.answer(hidden, kept, capture)

    @torch.jit.export
    def modulated(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The normalised and modulated input of a site; of the position site the hidden state."""
        out = hidden
        for block in self.blocks:
            if 0 <= site and site < len(block.order):
                out = block.modulated(block.order[site], hidden, context)
            site -= len(block.order)
        return out

    @torch.jit.export
    def part(
        self, axis: int, first: int, last: int, hidden: Tensor, context: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """What a member that holds the frames (axis 0) or the places of all frames (axis 1) first..last-1 needs: its part of the
        hidden state, and a context for it."""
        table = context[1].narrow(0, first, last - first) if axis == 0 else context[1]
        return parts.cut(hidden, 0, context[1].size(0), axis, first, last), [context[0], table]

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The prediction [B, frames, out channels, height, width], fp32."""
        out = self.final_layer(hidden, context[0])
        out = parts.unpatch(out, context[1].size(0), self.rows, self.rows, self.patch_size)
        return out.transpose(1, 2).contiguous().float()

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        hidden, context = self.embed(x, t, y)
        nothing: List[int] = []
        hidden = self.run(0, 2 * len(self.blocks) + 1, nothing, hidden, context)[0]
        return self.head(hidden, context)


COMMAND = "latte-class"
FAMILY = "latte-class"
HELP = "class-conditional or unconditional Latte (Latte-XL/2 and smaller)"
LEFTOVERS = ()
KEEP = ("pos_embed", "temp_embed")

PUBLISHED = {
    "input_size": 32,
    "patch_size": 2,
    "in_channels": 4,
    "hidden_size": 1152,
    "depth": 28,
    "num_heads": 16,
    "mlp_ratio": 4.0,
    "num_frames": 16,
    "class_dropout_prob": 0.1,
    "num_classes": 101,
    "learn_sigma": True,
    "extras": 2,
}

FIELDS = {
    "input_size": (count, REQUIRED),
    "patch_size": (count, REQUIRED),
    "in_channels": (count, 4),
    "hidden_size": (count, REQUIRED),
    "depth": (count, REQUIRED),
    "num_heads": (count, REQUIRED),
    "mlp_ratio": (number, 4.0),
    "num_frames": (count, REQUIRED),
    "class_dropout_prob": (either(number, one_of(0)), 0.1),
    "num_classes": (count, 1000),
    "learn_sigma": (flag, True),
    "extras": (one_of(1, 2), REQUIRED),
}

CHECK_SIZES = ({"batch": 2},)


def configure(config: Dict[str, object]) -> Dict[str, object]:
    fields = read_fields(config, FIELDS)
    faults = []
    if fields["hidden_size"] % fields["num_heads"] != 0:
        faults.append("hidden_size is no multiple of num_heads")
    if fields["hidden_size"] % 4 != 0:
        faults.append("hidden_size is no multiple of 4")
    if fields["input_size"] % fields["patch_size"] != 0:
        faults.append("input_size is no multiple of patch_size")
    if fields["depth"] % 2 != 0:
        faults.append("depth is odd: blocks come in pairs, spatial and temporal")
    complain(faults)
    return fields


def build(fields: Dict[str, object]) -> nn.Module:
    return Latte(**fields)


def describe(fields: Dict[str, object]) -> Dict[str, object]:
    channels, depth, patch = fields["hidden_size"], fields["depth"], fields["patch_size"]
    latent, with_classes = fields["in_channels"], fields["extras"] == 2
    out = 2 * latent if fields["learn_sigma"] else latent
    size = f"XL/{patch}" if (depth, channels) == (28, 1152) else f"{depth}x{channels}"
    sites = []
    for block in range(depth):
        if block == 1:
            sites.append(m.site(block, "position"))
        sites += [m.site(block, "temporal-attention" if block % 2 else "spatial-attention"), m.site(block, "mlp")]
    described = {
        "name": f"Latte-{size}",
        "hidden": {"channels": channels, "prefix": 0},
        "patch": {"frames": 1, "height": patch, "width": patch},
        "sizes": {"frames": fields["num_frames"], "height": fields["input_size"], "width": fields["input_size"]},
        "inputs": [
            m.tensor("x", "latent", "float32", ["batch", "frames", latent, "height", "width"]),
            m.tensor("t", "timestep", "int64", ["batch"]),
            m.tensor("y", "class-label", "int64", ["batch"], optional=not with_classes),
        ],
        "prediction": {
            "type": "noise",
            "shape": ["batch", "frames", out, "height", "width"],
            "channels": [0, latent],
        },
        "sites": sites,
        "steps": 250,
        "flops": {
            "spatial-attention": modulated_by(channels, m.self_attention(channels, "tokens")),
            "temporal-attention": modulated_by(channels, m.self_attention(channels, "frames")),
            "mlp": modulated_by(channels, m.mlp(channels, int(channels * fields["mlp_ratio"]))),
            "position": [m.term(channels, *m.TOKENS)],
            "embed": [
                m.linear(latent * patch * patch, channels, *m.TOKENS),
                m.linear(256 + channels, channels, "batch"),
            ],
            "head": [m.linear(channels, patch * patch * out, *m.TOKENS), m.linear(channels, 2 * channels, "batch")],
        },
    }
    if with_classes and fields["class_dropout_prob"] > 0:
        described["guidance"] = {"order": "conditional-first", "scale": 7.0}
    return described


def modulated_by(channels: int, terms: List[Dict[str, object]]) -> List[Dict[str, object]]:
    """Each block has its own modulation, of which a site needs one half."""
    return [*terms, m.linear(channels, 3 * channels, "batch")]
