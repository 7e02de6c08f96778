"""Exported files against recorded calls of the published code."""

import tempfile
import unittest
from pathlib import Path

import torch
from helpers import CHECKPOINTS, MODELS, RECORDINGS, inputs, recording, run

from adacache_export import contract

COMMANDS = {
    "stdit3-tiny": "open-sora",
    "latte-tiny": "latte",
    "latte-diffusers-tiny": "latte",
    "open-sora-plan-tiny": "open-sora-plan",
    "wan-tiny": "wan",
    "wan-authors-tiny": "wan",
}


class RecordingsTest(unittest.TestCase):
    def test_checkpoints_reproduce_recorded_calls(self):
        for model, command in COMMANDS.items():
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "model.pt"
                code, _, err = run(command, "--checkpoint", CHECKPOINTS / model, "--out", out)
                self.assertEqual(code, 0, err)
                self.compare(model, out)

    def test_models_of_random_weights_reproduce_recorded_calls(self):
        for model in ("latte-class-tiny", "joint-tiny", "wan-i2v-tiny", "wan-i2v22-tiny", "wan-ti2v-tiny"):
            self.compare(model, MODELS / f"{model}.pt")

    def compare(self, model: str, file: Path):
        loaded, manifest = contract.load(file), contract.read_manifest(file)
        cases = sorted((RECORDINGS / model).glob("forward-*.npz"))
        self.assertTrue(cases)
        for case in cases:
            with self.subTest(model=model, case=case.name), torch.no_grad():
                arrays = recording(case)
                prediction = loaded.forward(*inputs(manifest, arrays))
                self.assertEqual(prediction.shape, arrays["prediction"].shape)
                self.assertLessEqual((prediction - arrays["prediction"]).abs().max().item(), 1e-5)


if __name__ == "__main__":
    unittest.main()
