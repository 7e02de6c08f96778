"""Reads a published checkpoint: a folder with ``config.json`` and one or several ``*.safetensors``."""

import fnmatch
import json
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Sequence, Tuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from . import ExportError


def find_folder(folder: Path) -> Path:
    """The folder that holds the model: the given one, or its ``transformer`` (the layout of a whole pipeline)."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ExportError(f"no checkpoint folder {folder}")
    inner = folder / "transformer"
    if not (folder / "config.json").is_file() and (inner / "config.json").is_file():
        return inner
    return folder


def read_json(path: Path) -> Dict[str, object]:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExportError(f"{path} does not exist") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ExportError(f"{path} is not readable JSON: {error}") from None
    if not isinstance(content, dict):
        raise ExportError(f"{path} holds no JSON object")
    return content


class Weights:
    """The tensors of a checkpoint folder, by name; each is read only when asked for."""

    def __init__(self, folder: Path):
        self.files: Dict[str, Path] = {}
        self.name: Callable[[str], str] = str
        for path in weight_files(folder):
            with opened(path) as reader:
                for key in reader.keys():
                    if key in self.files:
                        raise ExportError(
                            f"the key {key} is in {self.files[key].name} and in {path.name} of {folder}: "
                            "keep one set of weights in the folder"
                        )
                    self.files[key] = path
        listed = index_keys(folder)
        if listed is not None and listed != set(self.files):
            raise ExportError(
                f"the index in {folder} and its weight files disagree: "
                + listing("only in the index", listed - set(self.files))
                + listing("only in the files", set(self.files) - listed)
            )

    def rename(self, name: Callable[[str], str]) -> None:
        """From now on the tensors have the names that `name` makes of the files' keys."""
        if len({name(key) for key in self.files}) < len(self.files):
            raise ExportError("the checkpoint mixes two layouts: several keys are the same weight")
        self.name = name

    def shapes(self) -> Dict[str, Tuple[int, ...]]:
        shapes: Dict[str, Tuple[int, ...]] = {}
        for path in sorted(set(self.files.values())):
            with opened(path) as reader:
                shapes.update((self.name(key), tuple(reader.get_slice(key).get_shape())) for key in reader.keys())
        return shapes

    def tensors(self) -> Iterator[Tuple[str, Tensor]]:
        for path in sorted(set(self.files.values())):
            with opened(path) as reader:
                for key in reader.keys():
                    try:
                        yield self.name(key), reader.get_tensor(key)
                    except SafetensorError as error:
                        raise ExportError(f"{path}: cannot read {key}: {error}") from None


def opened(path: Path):
    try:
        return safe_open(str(path), framework="pt", device="cpu")
    except (SafetensorError, OSError) as error:
        raise ExportError(f"{path} is no whole safetensors file: {error}") from None


def index_of(folder: Path):
    indices = sorted(folder.glob("*.safetensors.index.json"))
    if len(indices) > 1:
        raise ExportError(f"{folder} has several indices: {', '.join(i.name for i in indices)}; keep one set of weights")
    return indices[0] if indices else None


def index_map(index: Path) -> Dict[str, str]:
    entries = read_json(index).get("weight_map")
    if not isinstance(entries, dict) or not all(isinstance(name, str) for name in entries.values()):
        raise ExportError(f"{index} has no weight_map")
    return entries


def index_keys(folder: Path):
    index = index_of(folder)
    return None if index is None else set(index_map(index))


def weight_files(folder: Path) -> List[Path]:
    index = index_of(folder)
    if index is not None:
        files = sorted({folder / name for name in index_map(index).values()})
        absent = [path.name for path in files if not path.is_file()]
        if absent:
            raise ExportError(f"{index} names files that do not exist: {', '.join(absent)}")
        return files
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ExportError(f"{folder} has no *.safetensors file")
    return files


def listing(what: str, names, limit: int = 20) -> str:
    names = sorted(names)
    if not names:
        return ""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"\n  {what} ({len(names)}): {', '.join(names[:limit])}{more}"


def cast(model: nn.Module, dtype: torch.dtype, wide: Sequence[str]) -> nn.Module:
    """Brings a model's weights to a dtype; those parameters that match a pattern in `wide` stay fp32."""
    for name, parameter in model.named_parameters():
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in wide):
            parameter.data = parameter.data.to(dtype)
    for buffer in model.buffers():
        if buffer.is_floating_point():
            buffer.data = buffer.data.to(dtype)
    return model


def load_weights(model: nn.Module, weights: Weights, leftovers: Sequence[str]) -> None:
    """Copies a checkpoint into the model, in the model's dtype and on its device.

    Every key of the model must be there with its shape, and no other, but for those that match one of `leftovers`.
    """
    state = model.state_dict()
    found = {
        key: shape for key, shape in weights.shapes().items()
        if key in state or not any(fnmatch.fnmatchcase(key, pattern) for pattern in leftovers)
    }
    misshapen = [
        f"{key} {list(found[key])} instead of {list(state[key].shape)}"
        for key in state.keys() & found.keys() if found[key] != tuple(state[key].shape)
    ]
    complaint = (
        listing("missing", state.keys() - found.keys())
        + listing("surplus", found.keys() - state.keys())
        + listing("of another shape than config.json says", misshapen)
    )
    if complaint:
        raise ExportError("the checkpoint does not fit the model:" + complaint)
    broken = []
    with torch.no_grad():
        for key, tensor in weights.tensors():
            if key not in state:
                continue
            if not tensor.is_floating_point():
                raise ExportError(f"the checkpoint's {key} is {tensor.dtype}, not a floating-point tensor")
            state[key].copy_(tensor)
            if not bool(torch.isfinite(state[key]).all()):
                broken.append(key)
    if broken:
        kind = str(next(iter(state.values())).dtype).replace("torch.", "")
        raise ExportError(f"weights that are not finite in {kind}:" + listing("keys", broken))


def randomize(model: nn.Module, seed: int, keep: Sequence[str]) -> None:
    """Fills the model with random weights, its zero-initialised gates too, so that every residual is alive.

    Matrices have the variance 1 / inputs; parameters that match a pattern in `keep` (tables of sines, say) stay.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in keep):
                continue
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                value = noise * (parameter.shape[0] / parameter.numel()) ** 0.5
            elif name.endswith(".bias"):
                value = 0.02 * noise
            else:
                value = 1 + 0.1 * noise
            parameter.copy_(value)
