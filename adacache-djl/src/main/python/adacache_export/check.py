"""Holds an exported file against the eager model and against the rules of the contract, on random inputs."""

from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import torch
from torch import Tensor, nn

from . import contract

TOLERANCE = {"float32": 1e-5, "float16": 1e-2, "bfloat16": 5e-2}
"""Largest difference over largest magnitude, where sums may be taken in another order."""


def random_input(entry: Dict[str, object], sizes: Dict[str, int], generator: torch.Generator) -> Tensor:
    shape = [size if isinstance(size, int) else sizes[size] for size in entry["shape"]]
    role = entry["role"]
    if role == "timestep":
        value = torch.rand(shape, generator=generator) * 999
    elif role in ("text-mask", "frame-mask"):
        value = (torch.rand(shape, generator=generator) < 0.7).float()
        value[:, 0] = 1
    elif role == "fps":
        value = torch.full(shape, 24.0)
    elif role in ("pixel-height", "pixel-width"):
        value = torch.full(shape, 8.0 * sizes[role.replace("pixel-", "")])
    elif role == "class-label":
        value = torch.randint(0, 2, shape, generator=generator)
    else:
        value = torch.randn(shape, generator=generator)
    return value.to(getattr(torch, entry["dtype"]))


def cases(manifest: Dict[str, object], sizes: Dict[str, int], seed: int):
    """Inputs with every optional one present, and, if there are any, with every one absent."""
    generator = torch.Generator().manual_seed(seed)
    sizes = {**sizes, **manifest.get("sizes", {})}
    inputs = manifest["inputs"]
    whole = [random_input(entry, sizes, generator) for entry in inputs]
    yield whole
    if any(entry.get("optional") for entry in inputs):
        yield [t.new_empty([0]) if entry.get("optional") else t for entry, t in zip(inputs, whole)]


def difference(a: Tensor, b: Tensor) -> float:
    """max|a - b| / max|b|; infinite where the shapes or dtypes differ or a number is not finite."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return float("inf")
    a, b = a.double(), b.double()
    if not bool(torch.isfinite(a).all() and torch.isfinite(b).all()):
        return float("inf")
    return float((a - b).abs().max() / b.abs().max().clamp_min(1e-30))


class Report:
    """Collects named differences, the largest of each name, and what each may be."""

    def __init__(self):
        self.worst: Dict[str, float] = {}
        self.allowed: Dict[str, float] = {}

    def add(self, name: str, value: float, allowed: float) -> None:
        self.worst[name] = max(value, self.worst.get(name, 0.0))
        self.allowed[name] = allowed

    @property
    def passed(self) -> bool:
        return all(value <= self.allowed[name] for name, value in self.worst.items())

    def lines(self) -> List[str]:
        return [
            f"  {'ok  ' if value <= self.allowed[name] else 'FAIL'} {name}: {value:.3g} (at most {self.allowed[name]:.3g})"
            for name, value in self.worst.items()
        ]


def compare(path: Path, eager: nn.Module, sizes: Sequence[Dict[str, int]], device: str = "cpu", seed: int = 0) -> Report:
    """Differences are relative to the largest magnitude. In fp32 on a CPU, equal programs must give equal bits."""
    manifest = contract.read_manifest(path)
    loaded = contract.load(path, device)
    loose = TOLERANCE[manifest["dtype"]]
    exact = 0.0 if device == "cpu" else loose
    report = Report()
    with torch.no_grad():
        for size in sizes:
            for inputs in cases(manifest, size, seed):
                inputs = [t.to(device) for t in inputs]
                check_case(manifest, loaded, eager, inputs, report, exact, loose)
    return report


def check_case(manifest, loaded, eager, inputs: List[Tensor], report: Report, exact: float, loose: float) -> None:
    nothing: List[int] = []
    sites = len(manifest["sites"])
    before = [t.clone() for t in inputs]
    plain = loaded.forward(*inputs)
    report.add("exported against eager", difference(plain, eager.forward(*inputs)), exact)
    report.add("prediction is fp32", 0.0 if plain.dtype == torch.float32 else float("inf"), 0.0)

    hidden, context = loaded.embed(*inputs)
    kept = [t.clone() for t in [hidden, *context]]
    whole = loaded.run(0, sites, list(range(sites)), hidden, context)
    end, residuals = whole[0], whole[1:]
    report.add("forward against head(run(embed))", difference(loaded.head(end, context), plain), exact)
    bare = loaded.run(0, sites, nothing, hidden, context)[0]
    report.add("run with captures against run without", difference(bare, end), exact)

    half = sites // 2
    middle = loaded.run(0, half, nothing, hidden, context)[0]
    report.add("run in two parts against one", difference(loaded.run(half, sites, nothing, middle, context)[0], end), exact)
    report.add("run of nothing", difference(loaded.run(half, half, nothing, middle, context)[0], middle), 0.0)

    at = hidden
    walk: List[float] = [0.0]
    magnitude = float(hidden.abs().max())
    for site in range(sites):
        step = loaded.run(site, site + 1, [site], at, context)
        walk.append(difference(step[1], residuals[site]))
        walk.append(difference(at + step[1], step[0]))
        at = step[0]
        magnitude = max(magnitude, float(at.abs().max()))
        if manifest["sites"][site]["kind"].endswith("attention") or manifest["sites"][site]["kind"] == "mlp":
            seen = loaded.modulated(site, at, context)
            walk.append(0.0 if seen.shape == at.shape and seen.dtype == at.dtype else float("inf"))
    report.add("site by site: capture, and hidden + residual", max(walk), exact)

    if hasattr(loaded, contract.AGAIN):
        roles = [entry["role"] for entry in manifest["inputs"]]
        later = [t + 1 if role in ("latent", "timestep") else t for role, t in zip(roles, inputs)]
        whole_later, again = loaded.embed(*later), loaded.embed_again(*later, context)
        pairs = zip([whole_later[0], *whole_later[1]], [again[0], *again[1]])
        report.add("embed_again against embed", max(difference(a, b) for a, b in pairs if b.numel()), exact)

    delta = end.double() - hidden.double()
    total = torch.stack([r.double() for r in residuals]).sum(0)
    # Each site's addition rounds once, by at most half a unit in the last place of the hidden state.
    rounding = sites * torch.finfo(end.dtype).eps / 2
    report.add("captures sum to the change of the hidden state", float((total - delta).abs().max()) / magnitude, rounding)
    check_parts(manifest, loaded, hidden, end, context, residuals, report, loose)
    pairs = zip([*inputs, hidden, *context], before + kept)
    report.add("arguments are left as they were", max(difference(a, b) for a, b in pairs if b.numel()), 0.0)


def split(size: int, members: int) -> List[Tuple[int, int]]:
    """So many neighbouring parts, as equal as they can be."""
    bounds = [size * i // members for i in range(members + 1)]
    return list(zip(bounds, bounds[1:]))


def joined(pieces: List[Tensor], prefix: int, frames: Sequence[int], axis: int) -> Tensor:
    """Puts together what `part` has cut; the prefix is in every piece. frames: of each piece."""
    videos = [piece[:, prefix:].unflatten(1, (count, -1)) for piece, count in zip(pieces, frames)]
    return torch.cat((pieces[0][:, :prefix], torch.cat(videos, 1 + axis).flatten(1, 2)), 1)


def check_parts(manifest, loaded, hidden, end, context, residuals: List[Tensor], report: Report, loose: float) -> None:
    """What two members compute of every site, each of its frames or places, against the whole."""
    prediction = loaded.head(end, context)
    frames = prediction.size(manifest["prediction"]["shape"].index("frames")) // manifest["patch"]["frames"]
    prefix = manifest["hidden"]["prefix"]
    prefix = context[0].size(0) if prefix == "text" else prefix
    places = (hidden.size(1) - prefix) // frames
    for axis, size in ((0, frames), (1, places)):
        if size < 2:
            continue
        cuts = split(size, 2)
        counts = [last - first if axis == 0 else frames for first, last in cuts]
        at = hidden
        for site, entry in enumerate(manifest["sites"]):
            members = [loaded.part(axis, first, last, at, context) for first, last in cuts]
            if entry["kind"] == "joint-attention":
                shared = joined([loaded.share(site, h, c) for h, c in members], prefix, counts, axis)
                pieces = [loaded.run_shared(site, h, shared, c)[1] for h, c in members]
            elif entry["kind"] != ("temporal-attention", "spatial-attention")[axis]:
                pieces = [loaded.run(site, site + 1, [site], h, c)[1] for h, c in members]
            else:
                pieces = []
            if pieces:
                whole = joined(pieces, prefix, counts, axis)
                report.add("sites in parts against whole", difference(whole, residuals[site]), loose)
            at = at + residuals[site]
        if axis == 0:
            heads = [loaded.head(*loaded.part(0, first, last, end, context)) for first, last in cuts]
            whole = torch.cat(heads, manifest["prediction"]["shape"].index("frames"))
            report.add("head in parts against whole", difference(whole, prediction), loose)
