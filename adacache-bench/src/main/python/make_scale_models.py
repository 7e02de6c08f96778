"""Makes the synthetic models of the command 'scale': python make_scale_models.py [FOLDER]

Models of Open-Sora's shape, large enough that their time is that of matrix products. Their weights repeat one short run of
random numbers, and the archives are gzipped: 200 MB of weights become a file that can be committed, which the program unpacks.
What a step costs does not depend on the values. Without FOLDER the committed files are replaced.
"""

import gzip
import sys
import tempfile
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / ".." / "adacache-djl" / "src" / "main" / "python"))
from adacache_export import checkpoint, contract, manifest, open_sora  # noqa: E402

RESOURCES = HERE.parent / "resources" / "io" / "adacache" / "bench" / "scale"
PERIOD = 17
"""Numbers in the run that repeats: a prime, so that neighbouring rows of a matrix differ; short, so that gzip needs few bits."""

MODELS = {
    "open-sora-6x512.pt": (6, 512, torch.float32),
    "open-sora-3x512.pt": (3, 512, torch.float32),
    "open-sora-3x512-bf16.pt": (3, 512, torch.bfloat16),
}
"""Depth (a spatial and a temporal block each), channels, dtype. The first has 53 million weights."""


def fill(model: torch.nn.Module) -> None:
    run = torch.randn(PERIOD, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in open_sora.KEEP:
                continue
            count = parameter.numel()
            spread = (parameter.shape[0] / count) ** 0.5 if parameter.dim() > 1 else 0.02
            parameter.copy_(spread * run.repeat(-(-count // PERIOD))[:count].view_as(parameter))
        model.y_embedder.y_embedding.zero_()


def make(name: str, folder: Path) -> None:
    depth, channels, dtype = MODELS[name]
    config = {**open_sora.PUBLISHED, "depth": depth, "hidden_size": channels, "num_heads": channels // 64,
              "caption_channels": 512, "model_max_length": 120}
    fields = open_sora.configure(config)
    model = open_sora.build(fields)
    fill(model)
    checkpoint.cast(model, dtype, ())
    options = {"dtype": manifest.dtype_name(dtype), "repeating-weights": PERIOD}
    filled = manifest.complete(open_sora.FAMILY, open_sora.describe(fields), model, dtype, options, config, {})
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / name
        contract.write_model(contract.script(model), filled, whole)
        packed = folder / (name + ".gz")
        packed.write_bytes(gzip.compress(whole.read_bytes(), 9, mtime=0))
    print(f"{packed}: {filled['parameters']:,} weights, {packed.stat().st_size:,} bytes")


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else RESOURCES
    folder.mkdir(parents=True, exist_ok=True)
    for model_name in MODELS:
        make(model_name, folder)
