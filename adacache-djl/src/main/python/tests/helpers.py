"""What the tests share: the committed checkpoints and recordings, and a run of the command line."""

import contextlib
import io
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import numpy
import torch

PACKAGE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PACKAGE))
from adacache_export.__main__ import main  # noqa: E402

RESOURCES = PACKAGE.parents[1] / "test" / "resources" / "io" / "adacache" / "djl"
CHECKPOINTS, MODELS, RECORDINGS = RESOURCES / "checkpoints", RESOURCES / "models", RESOURCES / "recordings"

torch.set_num_threads(1)


def run(*arguments: object) -> Tuple[int, str, str]:
    """Exit code, standard output and standard error of the command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as stop:
            code = stop.code
    return code, out.getvalue(), err.getvalue()


def recording(path: Path) -> Dict[str, torch.Tensor]:
    with numpy.load(path) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def inputs(manifest: Dict[str, object], arrays: Dict[str, torch.Tensor]) -> List[torch.Tensor]:
    """The arrays in the manifest's order; an optional one that was not recorded has no elements."""
    return [arrays.get(entry["name"], torch.empty(0)) for entry in manifest["inputs"]]
