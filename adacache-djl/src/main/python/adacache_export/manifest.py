"""Builds the manifest of a model file. A family says what is its own; what follows from that is added here."""

from typing import Dict, List, Sequence

import torch
from torch import nn

from . import ExportError, __version__, contract


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
    """The whole manifest. A pipeline may say what its training made the model predict; that outranks the family."""
    manifest: Dict[str, object] = {
        "contract": contract.VERSION,
        "family": family,
        "name": described["name"],
        "exporter": {"name": __package__, "version": __version__, "options": options},
        "dtype": dtype_name(dtype),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    manifest.update({key: value for key, value in described.items() if key != "name"})
    manifest["prediction"] = dict(manifest["prediction"])
    manifest["prediction"]["type"] = pipeline.get("prediction", manifest["prediction"]["type"])
    manifest["config"] = config
    manifest["pipeline"] = pipeline
    check(manifest)
    return manifest


def check(manifest: Dict[str, object]) -> None:
    """What a reader relies on. A fault found here is one of the family's description or of pipeline.json."""
    predicted = manifest["prediction"]["type"]
    if predicted not in contract.PREDICTIONS:
        raise ExportError(f"pipeline.json: prediction is {predicted!r}, not one of {', '.join(contract.PREDICTIONS)}")
    for entry in manifest["sites"]:
        if entry["kind"] not in contract.KINDS:
            raise ExportError(f"unknown kind of site: {entry['kind']}")
    roles = [entry["role"] for entry in manifest["inputs"]]
    if roles.count("latent") != 1:
        raise ExportError("a model has exactly one input of role latent")
