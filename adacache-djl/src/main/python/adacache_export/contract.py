"""The contract of an AdaCache-ready file (docs/model-file.md): its names, and how such a file is written."""

import hashlib
import json
import os
import shutil
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Dict, Optional

import torch
from torch import nn

from . import ExportError

VERSION = 2
MANIFEST = "adacache.json"
METHODS = ("forward", "embed", "run", "modulated", "head", "part")
JOINT_METHODS = ("share", "run_shared")
"""Of a model with joint attention, beside these."""
AGAIN = "embed_again"
"""What a model may have besides, and its manifest then promises: embed, given the context of an earlier call."""
KINDS = ("spatial-attention", "temporal-attention", "joint-attention", "cross-attention", "mlp", "position")
PREDICTIONS = ("velocity", "flow", "noise", "clean")
GUIDANCE_ORDERS = ("conditional-first", "unconditional-first")
ALIGNMENT = 64
"""Tensor records in a TorchScript archive start at multiples of this many bytes."""


def script(module: nn.Module) -> torch.jit.ScriptModule:
    """Compiles an eager model or helper, for inference."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is announced as deprecated; it is what libtorch loads
        return torch.jit.script(module.eval().requires_grad_(False))


def load(path: Path, device: str = "cpu") -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.load(str(path), map_location=device)


def read_manifest(path: Path) -> Dict[str, object]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith("/extra/" + MANIFEST):
                return json.loads(archive.read(name))
    raise ExportError(f"{path} has no manifest {MANIFEST}")


def write_model(module: torch.jit.ScriptModule, manifest: Dict[str, object], out: Path) -> None:
    """Writes a model file, after a look that the module has every method."""
    joint = any(site["kind"] == "joint-attention" for site in manifest["sites"])
    missing = [name for name in METHODS + (JOINT_METHODS if joint else ()) if not hasattr(module, name)]
    if missing:
        raise ExportError(f"the model lacks the methods {', '.join(missing)}")
    write_archive(module, out, manifest=manifest)


def write_archive(
    module: torch.jit.ScriptModule,
    out: Path,
    extra: Optional[Dict[str, str]] = None,
    manifest: Optional[Dict[str, object]] = None,
) -> None:
    """Writes the whole archive beside its destination and then renames it: a reader never sees half a file."""
    out = Path(out)
    with tempfile.TemporaryDirectory(prefix="." + out.name + ".", dir=check_out(out)) as folder:
        raw, clean = Path(folder) / "model.pt", Path(folder) / "clean.pt"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.jit.save(module, str(raw), _extra_files=extra or {})
        strip(raw, clean)
        if manifest is not None:
            add_manifest(clean, manifest)
        os.replace(clean, out)


def check_out(out: Path) -> Path:
    """The folder of the file to be written, which must exist: asked before the long work begins."""
    folder = Path(out).resolve().parent
    if not folder.is_dir():
        raise ExportError(f"cannot write {out}: the folder {folder} does not exist")
    if Path(out).is_dir():
        raise ExportError(f"cannot write {out}: it is a folder")
    return folder


def strip(raw: Path, clean: Path) -> None:
    """Copies an archive without what ties it to the machine it was made on: source paths, the time, a random id."""
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            if entry.filename.endswith(".debug_pkl") or entry.filename.endswith("/.data/serialization_id"):
                continue
            info = zipfile.ZipInfo(entry.filename)
            big = entry.file_size >= zipfile.ZIP64_LIMIT
            # Local header: 30 bytes, the name, the extra field (in front of it 20 bytes more for a ZIP64 entry).
            start = target.fp.tell() + 30 + len(entry.filename.encode()) + 4 + (20 if big else 0)
            padding = -start % ALIGNMENT
            info.extra = b"FB" + padding.to_bytes(2, "little") + b"Z" * padding
            with source.open(entry) as reader, target.open(info, "w", force_zip64=big) as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)


def entries_digest(archive: zipfile.ZipFile) -> str:
    """Which content stands under which name (docs/model-file.md): made of the directory alone, extra files left out."""
    lines = []
    for entry in archive.infolist():
        name = entry.filename.partition("/")[2]
        if not name.startswith("extra/"):
            lines.append((name, f"{name}\t{entry.file_size}\t{entry.CRC:08x}\n"))
    return hashlib.sha256("".join(line for _, line in sorted(lines)).encode()).hexdigest()


def add_manifest(path: Path, manifest: Dict[str, object]) -> None:
    """Appends the manifest, with the digest of the entries before it, to an archive that has none."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        folder = archive.namelist()[0].partition("/")[0]
        whole = {}
        for key, value in manifest.items():
            whole[key] = value
            if key == "parameters":
                whole["digest"] = entries_digest(archive)
        info = zipfile.ZipInfo(f"{folder}/extra/{MANIFEST}")
        archive.writestr(info, json.dumps(whole, indent=1, ensure_ascii=True))
