"""The demo model: its configuration, the numbers it is conditioned on, its loss and its sampler."""

import sys
from pathlib import Path

import torch
from torch import Tensor

import clips
import prompts

sys.path.append(str(Path(__file__).resolve().parents[4] / "adacache-djl/src/main/python"))
from adacache_export.stdit3 import STDiT3  # noqa: E402

CONFIG = {
    "model_type": "STDiT3",
    "depth": 3,
    "hidden_size": 128,
    "num_heads": 4,
    "mlp_ratio": 4.0,
    "patch_size": [1, 4, 4],
    "in_channels": 3,
    "pred_sigma": False,
    "qk_norm": True,
    "caption_channels": len(prompts.VOCABULARY),
    "model_max_length": prompts.LENGTH,
    "class_dropout_prob": 0.1,
    "input_sq_size": clips.SIZE,
}
FPS = 8.0


def build() -> STDiT3:
    """A fresh model, initialised for training: gates open, the prediction zero."""
    model = STDiT3.from_config(CONFIG)
    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.xavier_uniform_(module.weight)
            torch.nn.init.zeros_(module.bias)
    for block in [*model.spatial_blocks, *model.temporal_blocks]:
        torch.nn.init.zeros_(block.scale_shift_table)
        block.scale_shift_table.data[[2, 5]] = 1.0
        for last in (block.attn.proj, block.cross_attn.proj, block.mlp.fc2):
            last.weight.data *= 0.25
    for layer in (model.t_embedder.mlp[0], model.t_embedder.mlp[2], model.t_block[1]):
        torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.zeros_(model.final_layer.linear.weight)
    torch.nn.init.zeros_(model.final_layer.scale_shift_table)
    return model


def call(model: STDiT3, z: Tensor, time: Tensor, y: Tensor, mask: Tensor) -> Tensor:
    """The predicted clean clip. time: 0 (clean) to 1 (noise), one per clip."""
    side = torch.tensor([float(clips.SIZE)])
    return model(z, time * 1000, y, mask, torch.zeros(0), torch.tensor([FPS]), side, side)


def loss(model: STDiT3, frames: int, count: int, noise_mean: float, generator: torch.Generator) -> Tensor:
    """The squared error of the velocity, over fresh clips, prompts and noise. Words and whole prompts are dropped.

    noise_mean: of the noise level's logit, which is normally distributed with deviation 1.2.
    """
    x, words = clips.draw_batch(count, frames, generator)
    keep = torch.rand(count, 6, generator=generator) >= 0.05
    said = [[w for place, w in enumerate(row) if keep[i, place]] or row for i, row in enumerate(words)]
    y, mask = prompts.encode(said)
    dropped = torch.rand(count, generator=generator) < CONFIG["class_dropout_prob"]
    y = torch.where(dropped.view(-1, 1, 1, 1), model.y_embedder.y_embedding, y)
    time = torch.sigmoid(noise_mean + 1.2 * torch.randn(count, generator=generator))
    noise = torch.randn(x.shape, generator=generator)
    s = time.view(-1, 1, 1, 1, 1)
    with torch.autocast("cpu", torch.bfloat16):
        predicted = call(model, (1 - s) * x + s * noise, time, y, mask)
    return ((predicted - x) / s.clamp(min=0.1)).square().mean()


@torch.no_grad()
def sample(model: STDiT3, texts: list[str], seed: int, steps: int, guidance: float) -> Tensor:
    """Clips for prompts by Euler steps from noise, all in one batch with their null prompts behind them."""
    y, mask = prompts.encode([prompts.tokens(text) for text in texts])
    null = model.y_embedder.y_embedding.expand_as(y)
    z = torch.randn(len(texts), 3, clips.FRAMES, clips.SIZE, clips.SIZE, generator=torch.Generator().manual_seed(seed))
    for step in range(steps):
        time = torch.full((2 * len(texts),), 1 - step / steps)
        clean = call(model, torch.cat((z, z)), time, torch.cat((y, null)), mask)
        said, unsaid = clean.chunk(2)
        clean = unsaid + guidance * (said - unsaid)
        z = z + (clean - z) / (steps - step)
    return z.clamp(-1, 1)
