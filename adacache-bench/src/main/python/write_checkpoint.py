"""Writes a training state's averaged weights as a checkpoint folder in Open-Sora's published layout.

    python write_checkpoint.py DIR/state.pt demo_checkpoint

config.json and model.safetensors are what Open-Sora's own files are; pipeline.json holds what a program must know to
turn a prompt into a clip. Weights are rounded to fp16, which halves the file; they are meant to be run in fp32.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

import clips
import demo_model
import prompts

STEPS = 30
GUIDANCE = 3.0
# Motion scores of these clips are smaller than Open-Sora's: constants found by `adacache-bench tune-motion` on the twenty
# tuning prompts (README.md says how they were chosen).
MOTION = {"motion-scale": "0.05", "motion-power": "1", "motion-gradient": "1"}
POLICIES = {
    f"{name}-moreg": MOTION for name in ("adacache", "adacache-fast", "adacache-medium", "adacache-slow")
}
# Found by `adacache-bench fit-teacache` and `fit-magcache` on six tuning prompts (docs/choosing.md).
# Those of Open-Sora, whose shape and schedule this model has; it has three blocks, which is as far as block settings reach.
POLICIES |= {
    "pab": {"window": "450-930", "mlp": "676;788;864", "mlp-blocks": "0-2", "timestep-dtype": "bf16"},
    "tgate": {"gate": "12"},
    "delta-dit": {"gate": "25", "front": "3"},
}
POLICIES |= {
    "teacache": {
        "polynomial": (
            "-5581.0664;2271.8471;-278.29680;14.070201;-0.24590538"
        )
    },
    "magcache": {
        "ratios": (
            "0.98571;0.99925;0.97918;1.00157;1.00222;0.99506;0.99956;0.99928;1.00520;1.00634;0.98733;1.00395;"
            "0.99829;1.00179;1.00180;0.99926;0.99883;0.99542;1.00879;0.99485;0.99564;1.00354;0.99645;0.99889;"
            "0.98756;1.01255;0.98202;0.99980;1.01537"
        )
    },
}


def pipeline(null_prompt: torch.Tensor) -> dict:
    """null_prompt: [max_tokens, vocabulary size]."""
    return {
        "frames": clips.FRAMES,
        "height": clips.SIZE,
        "width": clips.SIZE,
        "fps": demo_model.FPS,
        "prediction": "clean",
        "guidance": GUIDANCE,
        "guidance_order": "conditional-first",
        "steps": STEPS,
        "timesteps": "1000 * (1 - i / steps) for i = 0 .. steps - 1, no timestep transform",
        "update": "latent += (clean - latent) / (steps - i), clean = unconditional + guidance * (conditional - unconditional)",
        "pixels": "prediction at the end, clamped to -1..1, is RGB; no decoder",
        "fps_input": demo_model.FPS,
        "height_input": float(clips.SIZE),
        "width_input": float(clips.SIZE),
        "vocabulary": prompts.VOCABULARY,
        "fillers": prompts.FILLERS,
        "max_tokens": prompts.LENGTH,
        "tokenization": [
            "lower case; everything that is no letter a-z separates words",
            "fillers are dropped; a word that is neither filler nor in the vocabulary is an error",
            "1 to max_tokens words must remain",
            "y is [1, 1, max_tokens, vocabulary size]: row i is one-hot at the index of word i, zeros after the last word",
            "mask is [1, max_tokens]: 1 for each word, 0 after the last; it serves the null prompt too",
            "the null prompt is y_embedder.y_embedding, written out below",
        ],
        "null_prompt": null_prompt.tolist(),
        "policies": POLICIES,
    }


def write(state: dict, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in state["average"].items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(demo_model.CONFIG, indent=1) + "\n")
    (folder / "pipeline.json").write_text(json.dumps(pipeline(weights["y_embedder.y_embedding"].float())) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    state = torch.load(options.state)
    write(state, options.folder)
    print(f"iteration {state['iteration']}, {state['seconds']:.0f} s, loss {state['loss']:.4f}")


if __name__ == "__main__":
    main()
