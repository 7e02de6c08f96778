"""Builds the manifest of a model file. A family says what is its own; what follows from that is added here."""

import json
from pathlib import Path
from typing import Callable, Dict, List, Sequence

import torch
from torch import nn

from . import ExportError, __version__, contract
from .config import count, number


def term(coefficient: int, *dimensions: str) -> Dict[str, object]:
    """So many floating point operations for each element of a product of dimensions. A multiply-add counts two."""
    return {"coefficient": int(coefficient), "dimensions": list(dimensions)}


TOKENS = ("batch", "frames", "tokens")


def self_attention(channels: int, *keys: str) -> List[Dict[str, object]]:
    """Query, key, value and output projections, and attention of every token to the tokens that `keys` counts."""
    return [term(8 * channels * channels, *TOKENS), term(4 * channels, *TOKENS, *keys)]


def cross_attention(channels: int) -> List[Dict[str, object]]:
    """Query and output projections of the tokens, key and value projections of the text (once per batch row)."""
    return [
        term(4 * channels * channels, *TOKENS),
        term(4 * channels * channels, "batch", "text"),
        term(4 * channels, *TOKENS, "text"),
    ]


def mlp(channels: int, inner: int) -> List[Dict[str, object]]:
    return [term(4 * channels * inner, *TOKENS)]


def linear(inputs: int, outputs: int, *dimensions: str) -> Dict[str, object]:
    return term(2 * inputs * outputs, *dimensions)


def tensor(name: str, role: str, dtype: str, shape: Sequence[object], optional: bool = False) -> Dict[str, object]:
    entry = {"name": name, "role": role, "dtype": dtype, "shape": list(shape)}
    return {**entry, "optional": True} if optional else entry


def site(block: int, kind: str) -> Dict[str, object]:
    return {"block": block, "kind": kind}


def dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).replace("torch.", "")


def complete(
    family: str,
    described: Dict[str, object],
    model: nn.Module,
    dtype: torch.dtype,
    options: Dict[str, object],
    config: Dict[str, object],
    pipeline: Dict[str, object],
) -> Dict[str, object]:
    """The whole manifest. A pipeline knows best what the model was trained to predict and how it is to be sampled."""
    manifest: Dict[str, object] = {
        "contract": contract.VERSION,
        "family": family,
        "name": described["name"],
        "exporter": {"name": __package__, "version": __version__, "options": options},
        "dtype": dtype_name(dtype),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    manifest.update({key: value for key, value in described.items() if key != "name"})
    if hasattr(model, contract.AGAIN):
        manifest["embed-again"] = True
    override(manifest["prediction"], "type", pipeline.get("prediction"), "prediction", contract.PREDICTIONS.__contains__)
    if "guidance" in manifest:
        override(manifest["guidance"], "scale", pipeline.get("guidance"), "guidance", number)
        order = pipeline.get("guidance_order")
        override(manifest["guidance"], "order", order, "guidance_order", contract.GUIDANCE_ORDERS.__contains__)
    override(manifest, "steps", pipeline.get("steps"), "steps", count)
    manifest["config"] = config
    policies = together(published(family, config), described.get("policies", {}), recommended(pipeline.get("policies", {})))
    if policies:
        manifest["policies"] = policies
    if "sampling" in pipeline:
        manifest["sampling"] = {**manifest.get("sampling", {}), **sampling(pipeline["sampling"])}
    manifest["pipeline"] = {key: value for key, value in pipeline.items() if key not in ("policies", "sampling")}
    return manifest


def sampling(settings: object) -> Dict[str, object]:
    """How the model is sampled, beside steps and guidance: words and numbers."""
    if not isinstance(settings, dict) or not all(isinstance(value, str) or number(value) for value in settings.values()):
        raise ExportError("pipeline.json: sampling is no object of words and positive numbers")
    return settings


PUBLISHED = Path(__file__).parent / "published"
"""A file for each published model: the constants that policies need of it, as text, and where they are from.

Among the policies, `name@steps` holds for generations of so many steps, `name:value` where the policy's main setting is so.
A model that can be exported says, in `exported`, of which family it is, and what its config.json holds.
"""


def published(family: str, config: Dict[str, object]) -> Dict[str, Dict[str, str]]:
    """Settings that were published for the model that this configuration describes; none for a model of other sizes."""
    for path in sorted(PUBLISHED.glob("*.json")):
        model = json.loads(path.read_text())
        exported = model.get("exported", {"family": None})
        if exported["family"] == family and exported["config"].items() <= config.items():
            return model["policies"]
    return {}


def together(*recommendations: Dict[str, Dict[str, str]]) -> Dict[str, Dict[str, str]]:
    """All recommendations; of those for one setting the last."""
    merged: Dict[str, Dict[str, str]] = {}
    for policies in recommendations:
        for name, settings in policies.items():
            merged[name] = {**merged.get(name, {}), **settings}
    return merged


def recommended(policies: object) -> Dict[str, Dict[str, str]]:
    """Settings for policies, by policy; each value as text."""
    if not isinstance(policies, dict) or not all(isinstance(settings, dict) for settings in policies.values()):
        raise ExportError("pipeline.json: policies is no object of objects")
    return {name: {key: str(value) for key, value in settings.items()} for name, settings in policies.items()}


def override(where: Dict[str, object], key: str, value: object, name: str, fits: Callable[[object], bool]) -> None:
    if value is None:
        return
    if not fits(value):
        raise ExportError(f"pipeline.json: {name} is {value!r}")
    where[key] = value
