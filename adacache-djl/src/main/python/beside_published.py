"""Drives the authors' AdaCache beside an exported model, same weights and same schedule, and prints what a step costs and keeps.

    git clone https://github.com/AdaCache-DiT/AdaCache
    python beside_published.py --published AdaCache [--depth 6 --channels 512 --size 8x32x32 --steps 12 --rate 3]

Their class is taken from that checkout as it is; nothing of it is in this repository. Of the packages that it imports, those that it
needs for training or for other devices are stood in for (timm, xformers, transformers, mmengine, colossalai,
rotary_embedding_torch), so that torch, numpy and einops are enough. Every way of running is a process of its own, on one thread:
peaks are those of the process, times are processor time.
"""

import argparse
import contextlib
import importlib
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Callable, Dict, List, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import measure_gpu  # noqa: E402
from adacache_export import contract, open_sora, stdit3  # noqa: E402
from adacache_export.ops import Ops  # noqa: E402

WAYS = ("published plain", "published cached", "exported plain", "exported pairs", "exported fused")
MIB = float(1 << 20)
PACKAGE = "opensora_base.opensora"


class StandInMlp(nn.Module):
    """timm's: two linear layers around an activation."""

    def __init__(self, in_features: int, hidden_features: int, out_features: int = 0, act_layer=nn.GELU, drop: float = 0.0):
        super().__init__()
        self.fc1, self.act = nn.Linear(in_features, hidden_features), act_layer()
        self.fc2 = nn.Linear(hidden_features, out_features or in_features)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))


class StandInRotary(stdit3.Rotary):
    def __init__(self, dim: int):
        super().__init__(dim)

    def rotate_queries_or_keys(self, t: Tensor) -> Tensor:
        return stdit3.rotate(t, self(t.size(-2)))


class StandInConfig:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class StandInModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config


class Anything:
    """What is imported and never used here."""

    def __init__(self, *_, **__):
        pass

    def register_module(self, *_, **__):
        return lambda thing: thing


class BlockDiagonal:
    def __init__(self, rows: int):
        self.rows = rows

    @classmethod
    def from_seqlens(cls, q: List[int], k: List[int]) -> "BlockDiagonal":
        if len(set(q)) != 1 or len(set(k)) != 1:
            raise ValueError("rows of one length only")
        return cls(len(q))


def attention(q: Tensor, k: Tensor, v: Tensor, p: float = 0.0, attn_bias: Optional[BlockDiagonal] = None) -> Tensor:
    """xformers' on packed rows [1, rows * tokens, heads, channels]."""
    rows = attn_bias.rows if attn_bias is not None else 1
    q, k, v = [t.view(rows, -1, t.size(2), t.size(3)).transpose(1, 2) for t in (q, k, v)]
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(1, -1, q.size(1), q.size(3))


def module(name: str, path: Optional[Path] = None, **content) -> None:
    made = types.ModuleType(name)
    made.__dict__.update(content)
    if path is not None:
        made.__path__ = [str(path)]
    sys.modules[name] = made


def published_class(checkout: Path):
    """The module of the authors' transformer, imported without the packages around it."""
    base = checkout / "opensora_base" / "opensora"
    if not (base / "models" / "stdit" / "stdit3.py").is_file():
        raise SystemExit(f"error: {checkout} is no checkout of https://github.com/AdaCache-DiT/AdaCache:"
                         " there is no opensora_base/opensora/models/stdit/stdit3.py in it")
    module("timm", checkout)
    module("timm.models", checkout)
    module("timm.models.layers", DropPath=nn.Identity)
    module("timm.models.vision_transformer", Mlp=StandInMlp)
    module("rotary_embedding_torch", RotaryEmbedding=StandInRotary)
    module("transformers", PretrainedConfig=StandInConfig, PreTrainedModel=StandInModel)
    fmha = types.SimpleNamespace(BlockDiagonalMask=BlockDiagonal)
    ops = types.SimpleNamespace(fmha=fmha, memory_efficient_attention=attention)
    module("xformers", checkout, ops=ops)
    sys.modules["xformers.ops"] = ops
    module("opensora_base", checkout / "opensora_base")
    module(PACKAGE, base)
    for part in ("models", "models.stdit", "models.layers", "utils", "acceleration"):
        module(f"{PACKAGE}.{part}", base / part.replace(".", "/"))
    module(f"{PACKAGE}.registry", MODELS=Anything())
    module(f"{PACKAGE}.utils.ckpt_utils", load_checkpoint=None)
    return importlib.import_module(f"{PACKAGE}.models.stdit.stdit3")


def config_of(arguments: argparse.Namespace) -> Dict[str, object]:
    return {**open_sora.PUBLISHED, "depth": arguments.depth, "hidden_size": arguments.channels,
            "num_heads": arguments.channels // 64, "model_max_length": 120}


def published(arguments: argparse.Namespace, weights: Dict[str, Tensor], cached: bool) -> nn.Module:
    source = published_class(arguments.published)
    fields = {k: v for k, v in config_of(arguments).items() if k != "model_type"}
    # Six thresholds, as their code needs; all far away, so that the schedule is fixed.
    far = {10.0 ** (9 + i): arguments.rate for i in range(6)}
    model = source.STDiT3(source.STDiT3Config(**fields, do_cache=cached, codebook=far, cache_loc=[arguments.depth // 2],
                                              num_sampling_steps=arguments.steps))
    loaded = model.load_state_dict(weights, strict=False)
    if loaded.unexpected_keys or [key for key in loaded.missing_keys if not key.endswith("inv_freq")]:
        raise SystemExit(f"error: the weights do not fit the published class: {loaded}")
    return model.eval()


def computed_steps(steps: int, rate: int) -> List[bool]:
    """Theirs: the first step, the second, then every so many, and the last two."""
    plan, last = [], 0
    for step in range(1, steps + 1):
        compute = step in (1, steps - 1, steps) or step == last + (1 if last < 2 else rate)
        plan.append(compute)
        last = step if compute else last
    return plan


def run(arguments: argparse.Namespace, way: str) -> Dict[str, object]:
    """Generates in one way; times per kind of step, bytes kept, peak of the process, and the latent."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    size = measure_gpu.Size("", *(int(n) for n in arguments.size.split("x")), arguments.text)
    model = measure_gpu.make(open_sora, config_of(arguments), "", torch.float32, torch.device("cpu"))
    inputs = measure_gpu.inputs_of(model, size, torch.device("cpu"))
    inputs = [x[: arguments.rows] if x.dim() > 1 and x.numel() else x for x in inputs]
    inputs[1] = inputs[1][: arguments.rows]
    plan = computed_steps(arguments.steps, arguments.rate)
    names = [entry["name"] for entry in model.manifest["inputs"]]
    kept: Callable[[], float] = lambda: 0.0
    if way.startswith("published"):
        theirs = published(arguments, model.eager.state_dict(), way.endswith("cached"))
        model = None
        given = {name: x if x.numel() else None for name, x in zip(names, inputs)}
        given["fps"], given["height"], given["width"] = inputs[5], inputs[6], inputs[7]
        blocks = [*theirs.spatial_blocks, *theirs.temporal_blocks]

        def step(compute: bool) -> Tensor:
            with contextlib.redirect_stdout(io.StringIO()):
                return theirs(**given)

        def kept() -> float:
            caches = [c for b in blocks for c in (b.st_attn_cache, b.ca_mlp_cache) if isinstance(c, Tensor)]
            return sum(c.numel() * c.element_size() for c in caches) / MIB
    else:
        torch._C._set_graph_executor_optimize(False)  # as Java does
        ops = contract.script(Ops())
        sites = model.manifest["sites"]
        places = measure_gpu.tokens_of(model, size) // size.frames
        kind = "pairs" if way.endswith("pairs") else "fused"
        session = measure_gpu.Session(model, ops, measure_gpu.spans_of(sites, kind), places)
        scripted, plain = model.scripted, way.endswith("plain")

        def step(compute: bool) -> Tensor:
            if plain:
                return scripted(*inputs)
            return session.computed(inputs) if compute else session.reused(inputs)

        def kept() -> float:
            return session.held() / MIB
    latent, times, most = inputs[0].clone(), {True: [], False: []}, 0.0
    for number, compute in enumerate(plan):
        inputs[0].copy_(latent)
        inputs[1].fill_(1000.0 * (1 - number / len(plan)))
        begin = time.process_time()
        velocity = step(compute)
        times[compute or way.endswith("plain")].append(1e3 * (time.process_time() - begin))
        most = max(most, kept())
        latent = latent + velocity[:, : latent.size(1)] / len(plan)
    torch.save(latent, arguments.latent)
    return {
        "computed": statistics.median(times[True]), "reused": statistics.median(times[False]) if times[False] else None,
        "total": sum(times[True]) + sum(times[False]), "kept": most,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def table(rows: Dict[str, Dict[str, object]], latents: Dict[str, Tensor], plan: List[bool]) -> str:
    lines = ["| way | computed step, ms | reused step, ms | reused / computed | generation, s | kept, MiB | peak, MiB | latent, largest difference |",
             "|---|---|---|---|---|---|---|---|"]
    for way, row in rows.items():
        other = latents["published plain" if way.endswith("plain") else "published cached"]
        apart = float((latents[way] - other).abs().max() / other.abs().max())
        reused = row["reused"]
        lines.append(f"| {way} | {row['computed']:.1f} | " + (f"{reused:.2f}" if reused else "-") + " | "
                     + (f"{100 * reused / row['computed']:.2f} %" if reused else "-")
                     + f" | {row['total'] / 1e3:.2f} | {row['kept']:.0f} | {row['peak']:.0f} | {apart:.1e} |")
    return "\n".join(lines + ["", f"{sum(plan)} of {len(plan)} steps computed; processor time, one thread."])


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root.add_argument("--published", type=Path, required=True, metavar="DIR", help="a checkout of AdaCache-DiT/AdaCache")
    root.add_argument("--depth", type=int, default=6)
    root.add_argument("--channels", type=int, default=512)
    root.add_argument("--size", default="8x32x32", help="frames, rows and columns of the latent (default: %(default)s)")
    root.add_argument("--text", type=int, default=120)
    root.add_argument("--rows", type=int, default=1, choices=(1, 2))
    root.add_argument("--steps", type=int, default=12)
    root.add_argument("--rate", type=int, default=3, help="steps from one computation to the next (default: %(default)s)")
    root.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    root.add_argument("--latent", type=Path, help=argparse.SUPPRESS)
    return root


def main(argv: Optional[List[str]] = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    arguments = parser().parse_args(argv)
    if arguments.way:
        with torch.inference_mode():
            print(json.dumps(run(arguments, arguments.way)))
        return 0
    published_class(arguments.published)
    rows, latents = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            file = Path(folder) / "latent.pt"
            command = [sys.executable, __file__, *argv, "--way", way, "--latent", str(file)]
            ran = subprocess.run(command, capture_output=True, text=True)
            if ran.returncode != 0:
                print(ran.stderr, file=sys.stderr)
                print(f"error: '{way}' failed", file=sys.stderr)
                return 1
            rows[way] = json.loads(ran.stdout.splitlines()[-1])
            latents[way] = torch.load(file)
    print(table(rows, latents, computed_steps(arguments.steps, arguments.rate)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
