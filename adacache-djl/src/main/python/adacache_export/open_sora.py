"""Open-Sora v1.2: the STDiT3 of a checkpoint folder as published on the hub, and of models trained in its shape."""

from typing import Dict

from torch import nn

from . import manifest as m
from .config import REQUIRED, complain, count, counts, flag, number, one_of, read_fields
from .stdit3 import STDiT3

COMMAND = "open-sora"
FAMILY = "open-sora"
HELP = "Open-Sora v1.2 (STDiT3)"
LEFTOVERS = ("pos_embed.inv_freq",)
"""A table that older versions of the published code stored; the model computes it."""
KEEP = ("rope.freqs",)

PUBLISHED = {
    "model_type": "STDiT3",
    "depth": 28,
    "hidden_size": 1152,
    "num_heads": 16,
    "caption_channels": 4096,
    "model_max_length": 300,
    "in_channels": 4,
    "patch_size": [1, 2, 2],
    "input_sq_size": 512,
    "qk_norm": True,
    "mlp_ratio": 4.0,
    "pred_sigma": True,
    "class_dropout_prob": 0.1,
}

FIELDS = {
    "model_type": (one_of("STDiT3"), "STDiT3"),
    "depth": (count, REQUIRED),
    "hidden_size": (count, REQUIRED),
    "num_heads": (count, REQUIRED),
    "caption_channels": (count, REQUIRED),
    "model_max_length": (count, 300),
    "in_channels": (count, 4),
    "patch_size": (counts(3), (1, 2, 2)),
    "input_sq_size": (count, 512),
    "qk_norm": (flag, True),
    "qk_norm_legacy": (flag, False),
    "mlp_ratio": (number, 4.0),
    "pred_sigma": (flag, True),
    "skip_y_embedder": (one_of(False), False),
}

CHECK_SIZES = (
    {"batch": 2, "frames": 3, "height": 7, "width": 9, "text": 5, "prompts": 1, "conditions": 1},
    {"batch": 2, "frames": 1, "height": 4, "width": 6, "text": 4, "prompts": 2, "conditions": 1},
)


def configure(config: Dict[str, object]) -> Dict[str, object]:
    fields = read_fields(config, FIELDS)
    faults = []
    if fields["hidden_size"] % (2 * fields["num_heads"]) != 0:
        faults.append("hidden_size is no even multiple of num_heads")
    if fields["hidden_size"] % 4 != 0:
        faults.append("hidden_size is no multiple of 4")
    complain(faults)
    return fields


def build(fields: Dict[str, object]) -> nn.Module:
    return STDiT3.from_config(fields)


def describe(fields: Dict[str, object]) -> Dict[str, object]:
    channels, depth = fields["hidden_size"], fields["depth"]
    latent, caption = fields["in_channels"], fields["caption_channels"]
    out = 2 * latent if fields["pred_sigma"] else latent
    depths, tall, wide = fields["patch_size"]
    volume = depths * tall * wide
    size = "XL/2" if (depth, channels, tall) == (28, 1152, 2) else f"{depth}x{channels}"
    sites = []
    for block in range(depth):
        for attention in ("spatial-attention", "temporal-attention"):
            sites += [m.site(block, attention), m.site(block, "cross-attention"), m.site(block, "mlp")]
    return {
        "name": f"STDiT3-{size}",
        "hidden": {"channels": channels, "prefix": 0},
        "patch": {"frames": depths, "height": tall, "width": wide},
        "inputs": [
            m.tensor("x", "latent", "float32", ["batch", latent, "frames", "height", "width"]),
            m.tensor("timestep", "timestep", "float32", ["batch"]),
            m.tensor("y", "text", "float32", ["batch", 1, "text", caption]),
            m.tensor("mask", "text-mask", "int64", ["prompts", "text"], optional=True),
            m.tensor("x_mask", "frame-mask", "float32", ["batch", "frames"], optional=True),
            m.tensor("fps", "fps", "float32", ["conditions"]),
            m.tensor("height", "pixel-height", "float32", ["conditions"]),
            m.tensor("width", "pixel-width", "float32", ["conditions"]),
        ],
        "prediction": {
            "type": "velocity",
            "shape": ["batch", out, "frames", "height", "width"],
            "channels": [0, latent],
        },
        "sites": sites,
        "guidance": {"order": "conditional-first", "scale": 7.0},
        "steps": 30,
        "flops": {
            "spatial-attention": m.self_attention(channels, "tokens"),
            "temporal-attention": m.self_attention(channels, "frames"),
            "cross-attention": m.cross_attention(channels),
            "mlp": m.mlp(channels, int(channels * fields["mlp_ratio"])),
            "embed": [
                m.linear(latent * volume, channels, *m.TOKENS),
                m.linear(caption + channels, channels, "batch", "text"),
                m.linear(2 * (256 + channels) + 6 * channels, channels, "batch"),
            ],
            "head": [m.linear(channels, volume * out, *m.TOKENS)],
        },
    }
