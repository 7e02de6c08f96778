"""LatteT2V in a form that TorchScript can compile: one class for the three models that are built that way.

- Vchitect/Latte (``models/latte_t2v.py``), checkpoint maxin-cn/Latte;
- diffusers' LatteTransformer3DModel, checkpoint maxin-cn/Latte-1: the same names, without the unused null prompt;
- Open-Sora-Plan v1.1 (``opensora/models/diffusion/latte/modeling_latte.py``): the frame positions may be scaled, and are
  added to a single frame as well.

Sites: for every layer i the spatial block (attention, cross-attention, MLP) and the temporal block (attention, MLP);
before temporal block 0 the frames' position embedding.
"""

from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor, nn

from . import manifest as m
from . import parts
from .config import REQUIRED, complain, count, counts, either, flag, number, one_of, read_fields


class Context(NamedTuple):
    """What ``embed`` hands on; for Java it is an unread list of tensors."""

    sizes: Tensor
    """No elements; its shape is [frames, rows, columns of tokens, 0]."""
    time: Tensor
    """[B, 1, C]"""
    modulation: Tensor
    """[B, 6, C]: shift, scale, gate of attention, then of the MLP."""
    text: Tensor
    """[B, L, C]"""
    text_bias: Tensor
    """[B, 1, 1, L], 0 where a token counts; no elements: all count."""
    places: Tensor
    """[frames, C]: the frames' position embedding."""
    grid: Tensor
    """[tokens of a frame, C] fp32: the position embedding within a frame."""


def unpack(c: List[Tensor]) -> Context:
    return Context(c[0], c[1], c[2], c[3], c[4], c[5], c[6])


class Block(parts.SiteBlock):
    """A spatial or temporal block. Its residuals: 0 attention, 1 cross-attention, 2 MLP, 3 the frames' position."""

    def __init__(self, channels: int, heads: int, bias: bool, eps: float, temporal: bool, order: List[int]):
        super().__init__(order)
        self.eps = eps
        self.temporal = temporal
        self.attn1 = parts.Attention(channels, heads, bias)
        self.attn2 = None if temporal else parts.Attention(channels, heads, bias)
        self.ff = parts.FeedForward(channels, 4 * channels)
        self.scale_shift_table = nn.Parameter(torch.randn(6, channels) / channels**0.5)

    def modulation(self, row: int, context: Context) -> Tensor:
        return (self.scale_shift_table[row] + context.modulation[:, row]).unsqueeze(1)

    def modulated(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """What attention (0) and the MLP (2) see; cross-attention (1) sees the hidden state as it is."""
        if part == 1 or part == 3:
            return hidden
        row = 0 if part == 0 else 3
        c = unpack(context)
        return parts.modulate(hidden, self.modulation(row, c), self.modulation(row + 1, c), self.eps)

    def residual(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        c = unpack(context)
        if part == 3:
            return parts.spread(c.places, hidden)
        seen = self.modulated(part, hidden, context)
        if part == 0:
            seen = parts.fold(seen, c.sizes.size(0), self.temporal)
            out = self.attn1(seen, seen, torch.empty([0], device=hidden.device))
            return parts.unfold(out, hidden.size(0), self.temporal) * self.modulation(2, c)
        if part == 1:
            # Each frame's tokens look at the same text, so all frames' queries go in one call.
            if self.attn2 is not None:
                return self.attn2(seen, c.text, c.text_bias)
        return self.ff(seen) * self.modulation(5, c)


class PatchEmbedder(nn.Module):
    """Patches plus the sines and cosines of their places; another size than the trained one is a finer or coarser
    grid on the same plane."""

    def __init__(self, in_channels: int, channels: int, patch: int, base: int, scale: int):
        super().__init__()
        self.base = base
        self.scale = scale
        self.proj = parts.PatchProjection(in_channels, channels, patch)

    def grid(self, length: int, like: Tensor) -> Tensor:
        return torch.arange(length, device=like.device, dtype=torch.float64) * (self.base / length) / self.scale

    def places(self, latent: Tensor, rows: int, columns: int) -> Tensor:
        channels = self.proj.weight.size(0)
        return parts.sincos_grid(self.grid(rows, latent), self.grid(columns, latent), channels).float()

    def forward(self, latent: Tensor, places: Tensor) -> Tensor:
        hidden = self.proj(latent)
        return (hidden.unflatten(1, (-1, places.size(0))) + places).flatten(1, 2).to(hidden.dtype)


class TimeEmbedding(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.timestep_embedder = parts.MlpEmbedding(256, channels)


class AdaLayerNormSingle(nn.Module):
    """The timestep's embedding, and the modulation of all blocks that follows from it."""

    def __init__(self, channels: int):
        super().__init__()
        self.emb = TimeEmbedding(channels)
        self.linear = nn.Linear(channels, 6 * channels)

    def forward(self, timestep: Tensor) -> Tuple[Tensor, Tensor]:
        waves = parts.timestep_waves(timestep).to(self.linear.weight.dtype)
        time = self.emb.timestep_embedder(waves)
        return time, self.linear(torch.nn.functional.silu(time))


class CaptionProjection(nn.Module):
    """Projects the text encoder's tokens."""

    def __init__(self, caption_channels: int, channels: int):
        super().__init__()
        self.linear_1 = nn.Linear(caption_channels, channels)
        self.linear_2 = nn.Linear(channels, channels)

    def forward(self, text: Tensor) -> Tensor:
        hidden = self.linear_1(text.to(self.linear_1.weight.dtype))
        return self.linear_2(torch.nn.functional.gelu(hidden, approximate="tanh"))


class LatteT2V(nn.Module):
    """The whole transformer. Parameters: the fields of the published ``config.json``, but for the last two:
    by how much the frames' positions are scaled, and whether a single frame gets one."""

    def __init__(
        self,
        num_layers: int,
        num_attention_heads: int,
        attention_head_dim: int,
        in_channels: int,
        out_channels: int,
        patch_size: int,
        sample_size: int,
        caption_channels: int,
        attention_bias: bool,
        norm_eps: float,
        frame_scale: float,
        place_single_frame: bool,
    ):
        super().__init__()
        channels = num_attention_heads * attention_head_dim
        self.patch_size = patch_size
        self.frame_scale = frame_scale
        self.place_single_frame = place_single_frame
        base, scale = sample_size // patch_size, max(sample_size // 64, 1)
        self.pos_embed = PatchEmbedder(in_channels, channels, patch_size, base, scale)
        self.adaln_single = AdaLayerNormSingle(channels)
        self.caption_projection = CaptionProjection(caption_channels, channels)
        self.transformer_blocks = nn.ModuleList(
            Block(channels, num_attention_heads, attention_bias, norm_eps, False, [0, 1, 2]) for _ in range(num_layers)
        )
        self.temporal_transformer_blocks = nn.ModuleList(
            Block(channels, num_attention_heads, attention_bias, norm_eps, True, [0, 2] if i > 0 else [3, 0, 2])
            for i in range(num_layers)
        )
        self.scale_shift_table = nn.Parameter(torch.randn(2, channels) / channels**0.5)
        self.proj_out = nn.Linear(channels, patch_size * patch_size * out_channels)

    @torch.jit.export
    def embed(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, encoder_attention_mask: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """Returns the hidden state and the context.

        hidden_states [B, in channels, frames, height, width]; timestep [B], 0..999; encoder_hidden_states
        [B, L, caption channels]; encoder_attention_mask [B, L], 0 = the token does not count, or no elements.
        """
        frames = hidden_states.size(2)
        rows, columns = hidden_states.size(3) // self.patch_size, hidden_states.size(4) // self.patch_size
        dtype = self.proj_out.weight.dtype
        text = self.caption_projection(encoder_hidden_states)
        bias = text.new_empty([0])
        if encoder_attention_mask.numel() > 0:
            bias = ((1 - encoder_attention_mask.to(dtype)) * -10000.0).unsqueeze(1).unsqueeze(1)
        numbers = torch.arange(frames, device=text.device, dtype=torch.float64) / self.frame_scale
        places = parts.sincos(numbers, text.size(2)).to(dtype)
        if frames == 1 and not self.place_single_frame:
            places = torch.zeros_like(places)
        sizes = text.new_empty([frames, rows, columns, 0])
        grid = self.pos_embed.places(hidden_states, rows, columns)
        return self.begin(hidden_states, timestep, sizes, text, bias, places, grid)

    @torch.jit.export
    def embed_again(
        self,
        hidden_states: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        encoder_attention_mask: Tensor,
        context: List[Tensor],
    ) -> Tuple[Tensor, List[Tensor]]:
        """As embed, given the context of a call that differed in nothing but the values of hidden_states and timestep."""
        c = unpack(context)
        return self.begin(hidden_states, timestep, c.sizes, c.text, c.text_bias, c.places, c.grid)

    def begin(
        self, latent: Tensor, timestep: Tensor, sizes: Tensor, text: Tensor, bias: Tensor, places: Tensor, grid: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """The hidden state and the context, from latent and timestep and what is the same in all steps."""
        time, modulation = self.adaln_single(timestep)
        context = [sizes, time.unsqueeze(1), modulation.unflatten(1, (6, -1)), text, bias, places, grid]
        return self.pos_embed(latent, grid), context

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs the sites first..last-1. Returns the new hidden state, then the captured residuals in capture's order."""
        kept: Dict[int, Tensor] = {}
        site = 0
        for spatial, temporal in zip(self.transformer_blocks, self.temporal_transformer_blocks):
            hidden = spatial.run(site, first, last, capture, hidden, context, kept)
            site += len(spatial.order)
            hidden = temporal.run(site, first, last, capture, hidden, context, kept)
            site += len(temporal.order)
        return parts.answer(hidden, kept, capture)

    @torch.jit.export
    def modulated(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The normalised and modulated input of a site; of a cross-attention or position site the hidden state."""
        out = hidden
        for spatial, temporal in zip(self.transformer_blocks, self.temporal_transformer_blocks):
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
        sizes = c.sizes.new_empty(parts.resized(c.sizes, axis, first, last))
        places = c.places.narrow(0, first, last - first) if axis == 0 else c.places
        own = [sizes, c.time, c.modulation, c.text, c.text_bias, places, c.grid]
        return parts.cut(hidden, 0, c.sizes.size(0), axis, first, last), own

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The prediction [B, out channels, frames, height, width], fp32."""
        unpacked = unpack(context)
        sizes = unpacked.sizes
        shift, scale = (self.scale_shift_table + unpacked.time).chunk(2, 1)
        out = self.proj_out(parts.modulate(hidden, shift, scale, 1e-6))
        return parts.unpatch(out, sizes.size(0), sizes.size(1), sizes.size(2), self.patch_size).float()

    def forward(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, encoder_attention_mask: Tensor
    ) -> Tensor:
        hidden, context = self.embed(hidden_states, timestep, encoder_hidden_states, encoder_attention_mask)
        nothing: List[int] = []
        hidden = self.run(0, 5 * len(self.transformer_blocks) + 1, nothing, hidden, context)[0]
        return self.head(hidden, context)


FIELDS = {
    "num_layers": (count, REQUIRED),
    "num_attention_heads": (count, REQUIRED),
    "attention_head_dim": (count, REQUIRED),
    "in_channels": (count, REQUIRED),
    "out_channels": (either(count, one_of(None)), None),
    "patch_size": (count, REQUIRED),
    "sample_size": (either(count, counts(2)), REQUIRED),
    "caption_channels": (count, REQUIRED),
    "cross_attention_dim": (count, REQUIRED),
    "attention_bias": (flag, False),
    "norm_type": (one_of("ada_norm_single"), REQUIRED),
    "norm_elementwise_affine": (one_of(False), REQUIRED),
    "norm_eps": (number, 1e-5),
    "activation_fn": (one_of("gelu-approximate"), REQUIRED),
    "video_length": (count, 16),
    "num_vector_embeds": (one_of(None), None),
    "only_cross_attention": (one_of(False), False),
    "double_self_attention": (one_of(False), False),
    "upcast_attention": (one_of(False), False),
    "attention_type": (one_of("default"), "default"),
    "patch_size_t": (one_of(1), 1),
    "use_rope": (one_of(False), False),
    "compress_kv_factor": (one_of(1), 1),
    "interpolation_scale_1d": (either(number, one_of(None)), None),
}


class LatteFamily:
    """What the two commands have in common. A family is a module or an object with these names."""

    LEFTOVERS = ("caption_projection.y_embedding", "pos_embed.pos_embed", "temp_pos_embed")
    """The null prompt of training, which inference never reads, and tables that the model computes."""
    KEEP = ()
    CHECK_SIZES = (
        {"batch": 2, "frames": 3, "height": 6, "width": 8, "text": 5},
        {"batch": 1, "frames": 1, "height": 4, "width": 4, "text": 4},
    )

    def __init__(
        self, command: str, help: str, published: Dict[str, object], steps: int, plan: bool, codebooks: Dict[str, str]
    ):
        self.COMMAND = self.FAMILY = command
        self.HELP = help
        self.PUBLISHED = published
        self.steps = steps
        self.plan = plan
        self.codebooks = codebooks

    def configure(self, config: Dict[str, object]) -> Dict[str, object]:
        fields = read_fields(config, FIELDS)
        channels = fields["num_attention_heads"] * fields["attention_head_dim"]
        faults = []
        if fields["cross_attention_dim"] != channels:
            faults.append(f"cross_attention_dim is {fields['cross_attention_dim']}, not heads x head size ({channels})")
        if channels % 4 != 0:
            faults.append("heads x head size is no multiple of 4")
        complain(faults)
        if fields["out_channels"] is None:
            fields["out_channels"] = fields["in_channels"]
        fields["class"] = str(config.get("_class_name", "LatteT2V"))
        return fields

    def frame_scale(self, fields: Dict[str, object]) -> float:
        """Open-Sora-Plan fits long clips into the positions of a 16-frame one."""
        if not self.plan:
            return 1.0
        scale: Optional[float] = fields["interpolation_scale_1d"]
        if scale is None:
            scale = (fields["video_length"] - fields["video_length"] % 2) // 16
        return float(max(scale, 1))

    def build(self, fields: Dict[str, object]) -> nn.Module:
        sample = fields["sample_size"]
        shape = {name: fields[name] for name in (
            "num_layers", "num_attention_heads", "attention_head_dim", "in_channels", "out_channels", "patch_size",
            "caption_channels", "attention_bias", "norm_eps",
        )}
        return LatteT2V(
            **shape,
            sample_size=sample if isinstance(sample, int) else sample[0],
            frame_scale=self.frame_scale(fields),
            place_single_frame=self.plan,
        )

    def describe(self, fields: Dict[str, object]) -> Dict[str, object]:
        layers, patch = fields["num_layers"], fields["patch_size"]
        channels = fields["num_attention_heads"] * fields["attention_head_dim"]
        latent, out, caption = fields["in_channels"], fields["out_channels"], fields["caption_channels"]
        size = f"XL/{'122' if self.plan else patch}" if (layers, channels) == (28, 1152) else f"{layers}x{channels}"
        sites = []
        for block in range(layers):
            sites += [m.site(block, "spatial-attention"), m.site(block, "cross-attention"), m.site(block, "mlp")]
            if block == 0:
                sites.append(m.site(block, "position"))
            sites += [m.site(block, "temporal-attention"), m.site(block, "mlp")]
        return {
            "name": f"{fields['class']}-{size}",
            "hidden": {"channels": channels, "prefix": 0},
            "patch": {"frames": 1, "height": patch, "width": patch},
            "inputs": [
                m.tensor("hidden_states", "latent", "float32", ["batch", latent, "frames", "height", "width"]),
                m.tensor("timestep", "timestep", "int64", ["batch"]),
                m.tensor("encoder_hidden_states", "text", "float32", ["batch", "text", caption]),
                m.tensor("encoder_attention_mask", "text-mask", "int64", ["batch", "text"], optional=True),
            ],
            "prediction": {
                "type": "noise",
                "shape": ["batch", out, "frames", "height", "width"],
                "channels": [0, latent],
            },
            "sites": sites,
            "guidance": {"order": "unconditional-first", "scale": 7.5},
            "steps": self.steps,
            "flops": {
                "spatial-attention": m.self_attention(channels, "tokens"),
                "temporal-attention": m.self_attention(channels, "frames"),
                "cross-attention": m.cross_attention(channels),
                "mlp": m.mlp(channels, 4 * channels),
                "position": [m.term(channels, *m.TOKENS)],
                "embed": [
                    m.linear(latent * patch * patch, channels, *m.TOKENS),
                    m.linear(caption + channels, channels, "batch", "text"),
                    m.linear(256 + channels + 6 * channels, channels, "batch"),
                ],
                "head": [m.linear(channels, patch * patch * out, *m.TOKENS)],
            },
            "policies": {
                f"adacache-{name}{variant}": {"codebook": codebook}
                for name, codebook in self.codebooks.items()
                for variant in ("", "-moreg")
            },
        }


PUBLISHED = {
    "num_layers": 28,
    "num_attention_heads": 16,
    "attention_head_dim": 72,
    "in_channels": 4,
    "out_channels": 8,
    "patch_size": 2,
    "sample_size": 64,
    "caption_channels": 4096,
    "cross_attention_dim": 1152,
    "attention_bias": True,
    "norm_type": "ada_norm_single",
    "norm_elementwise_affine": False,
    "norm_eps": 1e-6,
    "activation_fn": "gelu-approximate",
    "video_length": 16,
}

# Starting codebooks of ours, for the calls of the published pipelines; the authors of AdaCache published none. Rates are
# chosen, thresholds come from another, small trained model at these numbers of calls, such that the share of computed calls is
# that of AdaCache's table 1. docs/models.md says how to derive them for the weights at hand.
LATTE_CODEBOOKS = {
    "fast": "0.0421:6;0.0577:5;0.0747:4;0.102:3;0.15:2;1:1",
    "slow": "0.0266:3;0.0467:2;1:1",
}
OPEN_SORA_PLAN_CODEBOOKS = {
    "fast": "0.0107:8;0.015:6;0.021:4;0.0271:3;0.0403:2;1:1",
    "slow": "0.0131:4;0.0208:3;0.032:2;1:1",
}

LATTE = LatteFamily(
    "latte",
    "Latte text-to-video (LatteT2V, or diffusers' LatteTransformer3DModel)",
    PUBLISHED,
    50,
    False,
    LATTE_CODEBOOKS,
)

OPEN_SORA_PLAN = LatteFamily(
    "open-sora-plan",
    "Open-Sora-Plan v1.1 (LatteT2V)",
    {**PUBLISHED, "sample_size": [64, 64], "video_length": 17, "model_max_length": 300},
    159,  # calls: PNDM's 150 steps begin with 12 Runge-Kutta calls for 3 of them
    True,
    OPEN_SORA_PLAN_CODEBOOKS,
)
