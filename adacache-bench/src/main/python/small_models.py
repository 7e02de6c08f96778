"""The two later models: their configurations, losses and samplers. Both live in the world of world.py.

joint: joint attention over text and video (the class that exports CogVideoX-2B's build), predicts the noise, sampled with DDIM.
wan: attention over all tokens with rotary places, cross-attention to the text (the class that exports Wan), flow matching.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor, nn

import world

sys.path.append(str(Path(__file__).resolve().parents[4] / "adacache-djl/src/main/python"))
from adacache_export import joint, wan  # noqa: E402

DROPPED_PROMPTS = 0.1
DROPPED_WORDS = 0.04




class Kind:
    """What differs between the two."""

    steps = 50
    guidance = 3.0

    def start(self, model: nn.Module) -> None:
        """Gates open, residuals small, sizes that suit one-hot text."""
        for name, parameter in model.named_parameters():
            if parameter.ndim == 2 and "time" not in name:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith(".bias"):
                nn.init.zeros_(parameter)
            if name.endswith(("to_out.0.weight", "net.2.weight")):
                parameter.data *= 0.25


class Joint(Kind):
    name = "joint"
    sampling = {"sampler": "ddim", "guidance-calls": "batched"}
    family = joint
    config = {
        "_class_name": "CogVideoXTransformer3DModel",
        "num_attention_heads": 4,
        "attention_head_dim": 24,
        "in_channels": 3,
        "out_channels": 3,
        "time_embed_dim": 32,
        "text_embed_dim": world.CHANNELS,
        "num_layers": 4,
        "attention_bias": True,
        "patch_size": 4,
        "norm_elementwise_affine": True,
        "norm_eps": 1e-5,
        "spatial_interpolation_scale": 0.5,
        "temporal_interpolation_scale": 0.5,
        "prediction": "noise",
    }

    def __init__(self):
        betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
        self.kept = torch.cumprod(1 - betas, 0)
        self.ratio = ((1 - self.kept) / self.kept).sqrt().log()

    def build(self) -> nn.Module:
        model = joint.build(joint.configure(self.config))
        self.start(model)
        for block in model.transformer_blocks:
            for norm in (block.norm1, block.norm2):
                nn.init.normal_(norm.linear.weight, std=0.02)
                nn.init.zeros_(norm.linear.bias)
                norm.linear.bias.data.view(6, -1)[[2, 5]] = 1.0
        nn.init.normal_(model.norm_out.linear.weight, std=0.02)
        # The prediction begins as the noisy clip itself, which it is nearly where there is much noise.
        nn.init.orthogonal_(model.patch_embed.proj.weight.view(model.channels, -1))
        model.proj_out.weight.data = model.patch_embed.proj.weight.data.view(model.channels, -1).t().clone() / model.channels**0.5
        return model

    def call(self, model: nn.Module, z: Tensor, time: Tensor, text: Tensor, wide: bool = True) -> Tensor:
        """The predicted noise. z [B, 3, frames, 16, 16], time 0..999."""
        hidden, context = model.embed(z.transpose(1, 2), text, time)
        nothing: list[int] = []
        with torch.autocast("cpu", torch.bfloat16, enabled=not wide):
            hidden = model.run(0, 2 * len(model.transformer_blocks), nothing, hidden, context)[0]
        return model.head(hidden.float(), context).transpose(1, 2)

    def loss(self, model: nn.Module, x: Tensor, text: Tensor, wide: bool, generator: torch.Generator) -> Tensor:
        """The squared error of the noise, weighed so that errors of the clip count where it is made."""
        level = 1.0 + 1.4 * torch.randn(len(x), generator=generator, dtype=torch.float64)
        time = torch.searchsorted(self.ratio, level).clamp(max=999)
        kept = self.kept[time].float().view(-1, 1, 1, 1, 1)
        noise = torch.randn(x.shape, generator=generator)
        predicted = self.call(model, kept.sqrt() * x + (1 - kept).sqrt() * noise, time, text, wide)
        weight = (1 + ((1 - kept) / kept).sqrt()).square().clamp(max=25)
        return (weight * (predicted - noise).square()).mean()

    @torch.no_grad()
    def sample(self, model: nn.Module, text: Tensor, seed: int, steps: int, guidance: float) -> Tensor:
        z = torch.randn(len(text), 3, world.FRAMES, world.SIZE, world.SIZE, generator=torch.Generator().manual_seed(seed))
        times = [(steps - 1 - i) * (1000 // steps) for i in range(steps)]
        for i, t in enumerate(times):
            time = torch.full((2 * len(text),), t)
            unsaid, said = self.call(model, torch.cat((z, z)), time, torch.cat((torch.zeros_like(text), text))).chunk(2)
            noise = unsaid + guidance * (said - unsaid)
            now, then = self.kept[t].item(), self.kept[times[i + 1]].item() if i + 1 < steps else 1.0
            clean = (z - (1 - now) ** 0.5 * noise) / now**0.5
            z = then**0.5 * clean + (1 - then) ** 0.5 * noise
        return z.clamp(-1, 1)


class Wan(Kind):
    name = "wan"
    sampling = {"sampler": "flow-unipc", "shift": 3.0, "guidance-calls": "separate"}
    family = wan
    shift = 3.0
    config = {
        "_class_name": "WanTransformer3DModel",
        "patch_size": [1, 4, 4],
        "num_attention_heads": 4,
        "attention_head_dim": 24,
        "in_channels": 3,
        "out_channels": 3,
        "text_dim": world.CHANNELS,
        "freq_dim": 64,
        "ffn_dim": 288,
        "num_layers": 4,
        "cross_attn_norm": True,
        "eps": 1e-6,
        "expand_timesteps": False,
    }

    def build(self) -> nn.Module:
        model = wan.build(wan.configure(self.config))
        self.start(model)
        nn.init.normal_(model.condition_embedder.time_proj.weight, std=0.02)
        for block in model.blocks:
            nn.init.zeros_(block.scale_shift_table)
            block.scale_shift_table.data[:, [2, 5]] = 1.0
        nn.init.zeros_(model.scale_shift_table)
        nn.init.zeros_(model.proj_out.weight)
        nn.init.orthogonal_(model.patch_embedding.weight.view(model.patch_embedding.weight.size(0), -1))
        return model

    def call(self, model: nn.Module, z: Tensor, time: Tensor, text: Tensor, wide: bool = True) -> Tensor:
        """The predicted flow, noise less clip. time 0 (clean) to 1 (noise)."""
        hidden, context = model.embed(z, time * 1000, text)
        nothing: list[int] = []
        with torch.autocast("cpu", torch.bfloat16, enabled=not wide):
            hidden = model.run(0, 3 * len(model.blocks), nothing, hidden, context)[0]
        return model.head(hidden.float(), context)

    def loss(self, model: nn.Module, x: Tensor, text: Tensor, wide: bool, generator: torch.Generator) -> Tensor:
        """The squared error of the flow."""
        time = torch.sigmoid(1.1 + 1.3 * torch.randn(len(x), generator=generator))
        s = time.view(-1, 1, 1, 1, 1)
        noise = torch.randn(x.shape, generator=generator)
        predicted = self.call(model, (1 - s) * x + s * noise, time, text, wide)
        return (predicted - (noise - x)).square().mean()

    @torch.no_grad()
    def sample(self, model: nn.Module, text: Tensor, seed: int, steps: int, guidance: float) -> Tensor:
        """Euler steps; the program's sampler is UniPC."""
        z = torch.randn(len(text), 3, world.FRAMES, world.SIZE, world.SIZE, generator=torch.Generator().manual_seed(seed))
        even = torch.linspace(1, 0, steps + 1)
        levels = self.shift * even / (1 + (self.shift - 1) * even)
        for now, then in zip(levels, levels[1:]):
            said = self.call(model, z, now.expand(len(text)), text)
            unsaid = self.call(model, z, now.expand(len(text)), torch.zeros_like(text))
            z = z + (then - now) * (unsaid + guidance * (said - unsaid))
        return z.clamp(-1, 1)


KINDS = {"joint": Joint, "wan": Wan}
