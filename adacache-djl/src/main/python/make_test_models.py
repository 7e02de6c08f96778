"""Makes the model files of the Java tests anew, from the checkpoints beside them: python make_test_models.py [FOLDER]

Without FOLDER the committed files are replaced. Runs need no network and take about a minute.
"""

import sys
from pathlib import Path

import torch

from adacache_export.__main__ import main

HERE = Path(__file__).resolve().parent
RESOURCES = HERE.parents[1] / "test" / "resources" / "io" / "adacache" / "djl"

EXPORTS = {
    "open-sora-tiny.pt": ["open-sora", "--checkpoint", "stdit3-tiny"],
    "open-sora-tiny-fp16.pt": ["open-sora", "--checkpoint", "stdit3-tiny", "--dtype", "fp16"],
    "open-sora-tiny-bf16.pt": ["open-sora", "--checkpoint", "stdit3-tiny", "--dtype", "bf16"],
}


def make(folder: Path) -> None:
    for name, arguments in EXPORTS.items():
        arguments = [str(RESOURCES / "checkpoints" / a) if a.endswith("-tiny") else a for a in arguments]
        if main([*arguments, "--out", str(folder / name), "--check"]) != 0:
            raise SystemExit(f"{name} failed")


if __name__ == "__main__":
    torch.set_num_threads(1)
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else RESOURCES / "models")
