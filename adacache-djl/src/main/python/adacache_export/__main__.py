"""The command line: python -m adacache_export FAMILY --checkpoint DIR --out FILE.pt"""

import argparse
import json
import sys
from pathlib import Path
from typing import Dict, List, Optional

import torch

from . import ExportError, __version__, check, checkpoint, contract, families, manifest, ops, shards

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


HELPERS = {"ops": ops.Ops, "shards": shards.Shards}


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="adacache_export", description="Writes AdaCache-ready TorchScript files.")
    root.add_argument("--version", action="version", version=__version__)
    commands = root.add_subparsers(dest="command", required=True)
    for name, family in families.FAMILIES.items():
        command = commands.add_parser(name, help=family.HELP, description=f"Exports {family.HELP}.")
        source = command.add_mutually_exclusive_group(required=True)
        source.add_argument("--checkpoint", type=Path, metavar="DIR", help="folder with config.json and *.safetensors")
        source.add_argument("--random-init", action="store_true", help="random weights instead of a checkpoint's")
        command.add_argument("--config", type=Path, metavar="PATH",
                             help="with --random-init: config.json or its folder (default: the published size)")
        if hasattr(family, "SIZES"):
            command.add_argument("--published", default="", metavar="NAME",
                                 help="which published model it is, where its shape does not tell, for how it is sampled; with "
                                      f"--random-init: its size ({', '.join(family.SIZES)})")
        command.add_argument("--seed", type=int, default=0, help="with --random-init (default 0)")
        command.add_argument("--out", type=Path, required=True, metavar="FILE.pt")
        command.add_argument("--dtype", choices=DTYPES, default="fp32", help="of the weights (default fp32)")
        command.add_argument("--device", default="cpu", help="to export on (default cpu); the file runs on any")
        command.add_argument("--manifest-only", action="store_true",
                             help="with --random-init: write the manifest as JSON and make no weights")
        command.add_argument("--check", action="store_true", help="compare the file with the eager model")
    for name in HELPERS:
        command = commands.add_parser(name, help=f"tensor helpers that ship inside adacache-djl: {name}.pt")
        command.add_argument("--out", type=Path, required=True, metavar="FILE.pt")
    return root


def read_config(family, arguments: argparse.Namespace) -> Dict[str, object]:
    """The configuration of a random model."""
    if arguments.config is None:
        return dict(getattr(family, "SIZES", {}).get(getattr(arguments, "published", ""), family.PUBLISHED))
    path = arguments.config
    return checkpoint.read_json(path / "config.json" if path.is_dir() else path)


def read_fields(family, config: Dict[str, object], arguments: argparse.Namespace) -> Dict[str, object]:
    if hasattr(family, "SIZES"):
        return family.configure(config, arguments.published)
    return family.configure(config)


def empty_model(family, fields: Dict[str, object], device: str, dtype: torch.dtype) -> torch.nn.Module:
    """A model whose weights are still to come. A family without tables of its own making takes no memory for them twice."""
    wide = getattr(family, "FLOAT32", ())
    if not getattr(family, "WEIGHTS_ONLY", False):
        return checkpoint.cast(family.build(fields).to(device), dtype, wide)
    with torch.device("meta"):
        model = family.build(fields)
    return checkpoint.cast(model, dtype, wide).to_empty(device=device)


def read_pipeline(folder: Path) -> Dict[str, object]:
    """What a training script left beside the weights for a pipeline; published checkpoints have none."""
    path = folder / "pipeline.json"
    return checkpoint.read_json(path) if path.is_file() else {}


def export_manifest(family, arguments: argparse.Namespace) -> bool:
    """Writes what the manifest of a model of this configuration says, without its weights."""
    if not arguments.random_init or arguments.check:
        raise ExportError("--manifest-only goes with --random-init and without --check")
    config = read_config(family, arguments)
    fields = read_fields(family, config, arguments)
    with torch.device("meta"):
        model = family.build(fields)
    dtype = DTYPES[arguments.dtype]
    options = {"dtype": manifest.dtype_name(dtype), "manifest-only": True}
    filled = manifest.complete(family.FAMILY, family.describe(fields), model, dtype, options, config, {})
    arguments.out.write_text(json.dumps(filled, indent=1, ensure_ascii=True) + "\n")
    return True


def export(family, arguments: argparse.Namespace) -> bool:
    """Writes the file; false if a check was asked for and failed."""
    contract.check_out(arguments.out)
    if arguments.manifest_only:
        return export_manifest(family, arguments)
    device = usable(arguments.device)
    dtype = DTYPES[arguments.dtype]
    options: Dict[str, object] = {"dtype": manifest.dtype_name(dtype)}
    pipeline: Dict[str, object] = {}
    if arguments.random_init:
        config = read_config(family, arguments)
        fields = read_fields(family, config, arguments)
        options["random-init"] = arguments.seed
        model = family.build(fields)
        checkpoint.randomize(model, arguments.seed, family.KEEP)
        checkpoint.cast(model.to(device), dtype, getattr(family, "FLOAT32", ()))
    else:
        if arguments.config is not None:
            raise ExportError("--config belongs to --random-init; a checkpoint brings its own config.json")
        folder = checkpoint.find_folder(arguments.checkpoint)
        config = checkpoint.read_json(folder / "config.json")
        pipeline = read_pipeline(folder)
        weights = checkpoint.Weights(folder)
        adapted = family.adapt(config, weights) if hasattr(family, "adapt") else config
        fields = read_fields(family, adapted, arguments)
        model = empty_model(family, fields, device, dtype)
        checkpoint.load_weights(model, weights, family.LEFTOVERS)
    described = family.describe(fields)
    filled = manifest.complete(family.FAMILY, described, model, dtype, options, config, pipeline)
    contract.write_model(contract.script(model), filled, arguments.out)
    print(f"{arguments.out}: {filled['name']}, {filled['parameters']:,} parameters, {filled['dtype']}, "
          f"{len(filled['sites'])} sites")
    if not arguments.check:
        return True
    report = check.compare(arguments.out, model, family.CHECK_SIZES, device)
    print("check (largest difference over largest magnitude):")
    print("\n".join(report.lines()))
    return report.passed


def usable(device: str) -> str:
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ExportError(f"the device {device} cannot be used: {str(error).splitlines()[0]}") from None
    return device


def main(argv: Optional[List[str]] = None) -> int:
    arguments = parser().parse_args(argv)
    try:
        if arguments.command in HELPERS:
            contract.write_archive(contract.script(HELPERS[arguments.command]()), arguments.out)
            return 0
        return 0 if export(families.FAMILIES[arguments.command], arguments) else 1
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
