"""Writes a training state's averaged weights as a checkpoint folder in the published layout of its family.

    python write_small.py wan DIR/state.pt wan_checkpoint

config.json and model.safetensors are what diffusers' own files are; pipeline.json holds what a program must know to turn a
prompt into a clip. Weights are rounded to fp16, which halves the file; they are meant to be run in fp32.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

import small_models
import world

FPS = 8.0


def pipeline(kind: small_models.Kind) -> dict:
    return {
        "frames": world.FRAMES,
        "height": world.SIZE,
        "width": world.SIZE,
        "fps": FPS,
        "guidance": kind.guidance,
        "steps": kind.steps,
        "sampling": kind.sampling,
        "pixels": "the last latent, clamped to -1..1, is RGB; no decoder",
        "vocabulary": world.VOCABULARY,
        "fillers": world.FILLERS,
        "parts": world.PARTS,
        "max_tokens": world.LENGTH,
        "tokenization": [
            "lower case; everything that is no letter a-z separates words",
            "fillers are dropped; a word of parts is no token, but begins that part; what is before the first is part 0",
            "1 to max_tokens words must remain",
            "the text is [1, max_tokens, vocabulary size + parts]: row i is 1 at the index of word i and at vocabulary size + its part,"
            " zeros after the last word",
            "the null prompt is all zeros",
        ],
        "null_prompt": [[0.0] * world.CHANNELS] * world.LENGTH,
        "policies": {},
    }


def write(kind: small_models.Kind, state: dict, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in state["average"].items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(kind.config, indent=1) + "\n")
    (folder / "pipeline.json").write_text(json.dumps(pipeline(kind)) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=list(small_models.KINDS))
    parser.add_argument("state", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    state = torch.load(options.state)
    write(small_models.KINDS[options.kind](), state, options.folder)
    print(f"iteration {state['iteration']}, {state['seconds']:.0f} s, loss {state['loss']:.4f}")


if __name__ == "__main__":
    main()
