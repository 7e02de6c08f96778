"""A transformer of joint attention: text and video tokens form one sequence, and every block attends over all of it.

The build and the parameter names are those of diffusers' CogVideoXTransformer3DModel with sine positions (the 2B
model). It is here as the example of a fourth family: of a hidden state with leading tokens that belong to no frame.

Sites: for every block the joint attention and the MLP. The hidden state is [batch, text + frames x tokens, channels].
"""

from typing import Dict, List, NamedTuple, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import manifest as m
from . import parts
from .config import REQUIRED, complain, count, either, flag, number, one_of, read_fields
from .contract import PREDICTIONS


class Context(NamedTuple):
    """What ``embed`` hands on; for Java it is an unread list of tensors."""

    sizes: Tensor
    """No elements; its shape is [text tokens, frames, rows, columns of tokens, 0]."""
    time: Tensor
    """[B, time channels], after its SiLU."""


def unpack(c: List[Tensor]) -> Context:
    return Context(c[0], c[1])


class ModulatedNorm(nn.Module):
    """A norm whose shift, scale and gate follow from the time, with other values for text than for video."""

    def __init__(self, time_channels: int, channels: int, affine: bool, eps: float):
        super().__init__()
        self.linear = nn.Linear(time_channels, 6 * channels)
        self.norm = nn.LayerNorm(channels, eps=eps, elementwise_affine=affine)

    def forward(self, x: Tensor, context: Context) -> Tuple[Tensor, Tensor]:
        """The modulated input and the gate, both [B, text + video, C] (the gate is expanded)."""
        rows = self.linear(context.time).unsqueeze(1).chunk(6, 2)
        text = context.sizes.size(0)
        normed = self.norm(x)
        of_text = normed[:, :text] * (1 + rows[4]) + rows[3]
        of_video = normed[:, text:] * (1 + rows[1]) + rows[0]
        gates = (rows[5].expand(-1, text, -1), rows[2].expand(-1, x.size(1) - text, -1))
        return torch.cat((of_text, of_video), 1), torch.cat(gates, 1)


class JointAttention(parts.Attention):
    """Attention of a sequence to itself, with normalised queries and keys."""

    def __init__(self, channels: int, heads: int, bias: bool):
        super().__init__(channels, heads, bias)
        self.norm_q = nn.LayerNorm(channels // heads, eps=1e-6)
        self.norm_k = nn.LayerNorm(channels // heads, eps=1e-6)

    def keys_values(self, x: Tensor) -> Tensor:
        """[B, N, 2 C]"""
        k = self.norm_k(self.to_k(x).unflatten(-1, (self.heads, -1))).flatten(2)
        return torch.cat((k, self.to_v(x)), 2)

    def look(self, x: Tensor, shared: Tensor) -> Tensor:
        """Attention of x to the tokens of which keys and values are given."""
        q = self.norm_q(self.to_q(x).unflatten(-1, (self.heads, -1))).flatten(2)
        k, v = shared.chunk(2, 2)
        return self.to_out(parts.attend(q, k, v, self.heads, x.new_empty([0])))

    def forward(self, x: Tensor, other: Tensor, bias: Tensor) -> Tensor:
        q = self.norm_q(self.to_q(x).unflatten(-1, (self.heads, -1))).flatten(2)
        k = self.norm_k(self.to_k(other).unflatten(-1, (self.heads, -1))).flatten(2)
        return self.to_out(parts.attend(q, k, self.to_v(other), self.heads, bias))


class Block(parts.SiteBlock):
    """Its residuals: 0 attention, 1 MLP."""

    def __init__(self, channels: int, heads: int, time_channels: int, bias: bool, affine: bool, eps: float):
        super().__init__([0, 1])
        self.norm1 = ModulatedNorm(time_channels, channels, affine, eps)
        self.attn1 = JointAttention(channels, heads, bias)
        self.norm2 = ModulatedNorm(time_channels, channels, affine, eps)
        self.ff = parts.FeedForward(channels, 4 * channels)

    def seen(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tuple[Tensor, Tensor]:
        if part == 0:
            return self.norm1(hidden, unpack(context))
        return self.norm2(hidden, unpack(context))

    def modulated(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        return self.seen(part, hidden, context)[0]

    def residual(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        seen, gate = self.seen(part, hidden, context)
        if part == 0:
            return self.attn1(seen, seen, torch.empty([0], device=hidden.device)) * gate
        return self.ff(seen) * gate


    def share(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        return self.attn1.keys_values(self.seen(0, hidden, context)[0])

    def shared_residual(self, hidden: Tensor, shared: Tensor, context: List[Tensor]) -> Tensor:
        seen, gate = self.seen(0, hidden, context)
        return self.attn1.look(seen, shared) * gate


class PatchEmbedder(nn.Module):
    """Text and patches as one sequence; the patches get the sines and cosines of their time and place."""

    def __init__(self, inputs: int, channels: int, size: int, text_channels: int, space_scale: float, time_scale: float):
        super().__init__()
        self.space_scale = space_scale
        self.time_scale = time_scale
        self.proj = parts.PatchProjection(inputs, channels, size)
        self.text_proj = nn.Linear(text_channels, channels)

    def forward(self, latent: Tensor, text: Tensor, frames: int, rows: int, columns: int) -> Tensor:
        tokens = self.proj(latent)
        channels, device = tokens.size(2), latent.device
        place = parts.sincos_grid(
            torch.arange(rows, device=device) / self.space_scale,
            torch.arange(columns, device=device) / self.space_scale,
            channels // 4 * 3,
        )
        time = parts.sincos(torch.arange(frames, device=device) / self.time_scale, channels // 4)
        time = time.unsqueeze(1).expand(-1, rows * columns, -1)
        positions = torch.cat((time, place.unsqueeze(0).expand(frames, -1, -1)), 2).flatten(0, 1)
        tokens = tokens + positions.to(tokens.dtype)
        return torch.cat((self.text_proj(text.to(tokens.dtype)), tokens), 1)


class FinalNorm(nn.Module):
    def __init__(self, time_channels: int, channels: int, affine: bool, eps: float):
        super().__init__()
        self.linear = nn.Linear(time_channels, 2 * channels)
        self.norm = nn.LayerNorm(channels, eps=eps, elementwise_affine=affine)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        shift, scale = self.linear(time).unsqueeze(1).chunk(2, 2)
        return self.norm(x) * (1 + scale) + shift


class JointTransformer(nn.Module):
    """The whole transformer. Parameters: the fields of diffusers' ``config.json``."""

    def __init__(
        self,
        num_attention_heads: int,
        attention_head_dim: int,
        in_channels: int,
        out_channels: int,
        time_embed_dim: int,
        text_embed_dim: int,
        num_layers: int,
        attention_bias: bool,
        patch_size: int,
        norm_elementwise_affine: bool,
        norm_eps: float,
        spatial_interpolation_scale: float,
        temporal_interpolation_scale: float,
    ):
        super().__init__()
        channels = num_attention_heads * attention_head_dim
        affine, eps = norm_elementwise_affine, norm_eps
        self.channels = channels
        self.patch_size = patch_size
        self.patch_embed = PatchEmbedder(
            in_channels, channels, patch_size, text_embed_dim,
            float(spatial_interpolation_scale), float(temporal_interpolation_scale),
        )
        self.time_embedding = parts.MlpEmbedding(channels, time_embed_dim)
        self.transformer_blocks = nn.ModuleList(
            Block(channels, num_attention_heads, time_embed_dim, attention_bias, affine, eps) for _ in range(num_layers)
        )
        self.norm_final = nn.LayerNorm(channels, eps=eps, elementwise_affine=affine)
        self.norm_out = FinalNorm(time_embed_dim, channels, affine, eps)
        self.proj_out = nn.Linear(channels, patch_size * patch_size * out_channels)

    @torch.jit.export
    def embed(
        self, hidden_states: Tensor, encoder_hidden_states: Tensor, timestep: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """Returns the hidden state and the context.

        hidden_states [B, frames, in channels, height, width]; encoder_hidden_states [B, L, text channels];
        timestep [B], 0..999.
        """
        frames = hidden_states.size(1)
        rows, columns = hidden_states.size(3) // self.patch_size, hidden_states.size(4) // self.patch_size
        hidden = self.patch_embed(hidden_states.transpose(1, 2), encoder_hidden_states, frames, rows, columns)
        waves = parts.timestep_waves(timestep, self.channels).to(hidden.dtype)
        sizes = hidden.new_empty([encoder_hidden_states.size(1), frames, rows, columns, 0])
        return hidden, [sizes, F.silu(self.time_embedding(waves))]

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs the sites first..last-1. Returns the new hidden state, then the captured residuals in capture's order."""
        kept: Dict[int, Tensor] = {}
        site = 0
        for block in self.transformer_blocks:
            hidden = block.run(site, first, last, capture, hidden, context, kept)
            site += len(block.order)
        return parts.answer(hidden, kept, capture)

    @torch.jit.export
    def modulated(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The normalised and modulated input of a site, text tokens included."""
        out = hidden
        for block in self.transformer_blocks:
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
        sizes = unpack(context).sizes
        text, frames = sizes.size(0), sizes.size(1)
        shape = sizes.size()
        if axis == 0:
            shape[1] = last - first
        else:
            shape[2], shape[3] = 1, last - first
        return parts.cut(hidden, text, frames, axis, first, last), [sizes.new_empty(shape), context[1]]

    @torch.jit.export
    def share(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """What a joint attention's other members must know of the tokens that one holds: keys and values, [B, tokens, 2 C]."""
        out = hidden
        for block in self.transformer_blocks:
            if site == 0:
                out = block.share(hidden, context)
            site -= len(block.order)
        return out

    @torch.jit.export
    def run_shared(self, site: int, hidden: Tensor, shared: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs a joint attention on the tokens that a member holds. shared [B, all tokens, 2 C]: what all members' `share`
        returned, in the order of the whole hidden state. Returns the new hidden state, then the residual."""
        out = [hidden]
        for block in self.transformer_blocks:
            if site == 0:
                residual = block.shared_residual(hidden, shared, context)
                out = [hidden + residual, residual]
            site -= len(block.order)
        return out

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The prediction [B, frames, out channels, height, width], fp32."""
        c = unpack(context)
        size, frames, rows, columns = self.patch_size, c.sizes.size(1), c.sizes.size(2), c.sizes.size(3)
        out = self.proj_out(self.norm_out(self.norm_final(hidden[:, c.sizes.size(0) :]), c.time))
        # Here a patch lies with its channels first.
        out = out.view(hidden.size(0), frames, rows, columns, -1, size, size).permute(0, 1, 4, 2, 5, 3, 6)
        return out.reshape(hidden.size(0), frames, -1, rows * size, columns * size).float()

    def forward(self, hidden_states: Tensor, encoder_hidden_states: Tensor, timestep: Tensor) -> Tensor:
        hidden, context = self.embed(hidden_states, encoder_hidden_states, timestep)
        nothing: List[int] = []
        hidden = self.run(0, 2 * len(self.transformer_blocks), nothing, hidden, context)[0]
        return self.head(hidden, context)


COMMAND = "joint"
FAMILY = "joint"
HELP = "joint attention over text and video (CogVideoX-2B's build; the example of a further family)"
LEFTOVERS = ("patch_embed.pos_embedding",)
"""A table that the model computes."""
KEEP = ()

PUBLISHED = {
    "num_attention_heads": 30,
    "attention_head_dim": 64,
    "in_channels": 16,
    "out_channels": 16,
    "time_embed_dim": 512,
    "text_embed_dim": 4096,
    "num_layers": 30,
    "attention_bias": True,
    "patch_size": 2,
    "norm_elementwise_affine": True,
    "norm_eps": 1e-5,
    "spatial_interpolation_scale": 1.875,
    "temporal_interpolation_scale": 1.0,
    "prediction": "noise",
}

FIELDS = {
    "num_attention_heads": (count, REQUIRED),
    "attention_head_dim": (count, REQUIRED),
    "in_channels": (count, REQUIRED),
    "out_channels": (either(count, one_of(None)), None),
    "time_embed_dim": (count, REQUIRED),
    "text_embed_dim": (count, REQUIRED),
    "num_layers": (count, REQUIRED),
    "attention_bias": (flag, True),
    "patch_size": (count, 2),
    "patch_size_t": (one_of(None), None),
    "norm_elementwise_affine": (flag, True),
    "norm_eps": (number, 1e-5),
    "spatial_interpolation_scale": (number, 1.875),
    "temporal_interpolation_scale": (number, 1.0),
    "activation_fn": (one_of("gelu-approximate"), "gelu-approximate"),
    "timestep_activation_fn": (one_of("silu"), "silu"),
    "flip_sin_to_cos": (one_of(True), True),
    "freq_shift": (one_of(0), 0),
    "ofs_embed_dim": (one_of(None), None),
    "patch_bias": (one_of(True), True),
    "use_rotary_positional_embeddings": (one_of(False), False),
    "use_learned_positional_embeddings": (one_of(False), False),
    # Not diffusers': its config.json does not say what the model was trained to predict, and CogVideoX-2B's own
    # target (v of a variance-preserving schedule) is none of the contract's.
    "prediction": (one_of(*PREDICTIONS), REQUIRED),
}

CHECK_SIZES = (
    {"batch": 2, "frames": 3, "height": 4, "width": 6, "text": 5},
    {"batch": 1, "frames": 1, "height": 4, "width": 4, "text": 1},
)


def configure(config: Dict[str, object]) -> Dict[str, object]:
    fields = read_fields(config, FIELDS)
    if fields["num_attention_heads"] * fields["attention_head_dim"] % 16 != 0:
        complain(["heads x head size is no multiple of 16"])
    if fields["out_channels"] is None:
        fields["out_channels"] = fields["in_channels"]
    return fields


def build(fields: Dict[str, object]) -> nn.Module:
    return JointTransformer(**{name: fields[name] for name in fields if name in JointTransformer.__init__.__annotations__})


def describe(fields: Dict[str, object]) -> Dict[str, object]:
    layers, patch = fields["num_layers"], fields["patch_size"]
    channels = fields["num_attention_heads"] * fields["attention_head_dim"]
    latent, out, text, time = (fields[n] for n in ("in_channels", "out_channels", "text_embed_dim", "time_embed_dim"))
    sites = []
    for block in range(layers):
        sites += [m.site(block, "joint-attention"), m.site(block, "mlp")]

    def everywhere(coefficient: int) -> List[Dict[str, object]]:
        return [m.term(coefficient, *m.TOKENS), m.term(coefficient, "batch", "text")]

    modulation = m.linear(time, 6 * channels, "batch")
    return {
        "name": f"JointTransformer-{layers}x{channels}",
        "hidden": {"channels": channels, "prefix": "text"},
        "patch": {"frames": 1, "height": patch, "width": patch},
        "inputs": [
            m.tensor("hidden_states", "latent", "float32", ["batch", "frames", latent, "height", "width"]),
            m.tensor("encoder_hidden_states", "text", "float32", ["batch", "text", text]),
            m.tensor("timestep", "timestep", "int64", ["batch"]),
        ],
        "prediction": {
            "type": fields["prediction"],
            "shape": ["batch", "frames", out, "height", "width"],
            "channels": [0, min(latent, out)],
        },
        "sites": sites,
        "guidance": {"order": "unconditional-first", "scale": 6.0},
        "steps": 50,
        "flops": {
            "joint-attention": [
                *everywhere(8 * channels * channels),
                m.term(4 * channels, *m.TOKENS, "frames", "tokens"),
                m.term(8 * channels, *m.TOKENS, "text"),
                m.term(4 * channels, "batch", "text", "text"),
                modulation,
            ],
            "mlp": [*everywhere(16 * channels * channels), modulation],
            "embed": [
                m.linear(latent * patch * patch, channels, *m.TOKENS),
                m.linear(text, channels, "batch", "text"),
                m.linear(channels + time, time, "batch"),
            ],
            "head": [m.linear(channels, patch * patch * out, *m.TOKENS), m.linear(time, 2 * channels, "batch")],
        },
    }
