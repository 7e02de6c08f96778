"""The committed model files against what the command makes today."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import torch
from helpers import MODELS

import make_test_models
from adacache_export import check, contract, families


BY_HAND = {"image.pt", "small.pt"}
"""Made by adacache-djl/src/test/python/make_torture_models.py."""


class CommittedModelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        with contextlib.redirect_stdout(io.StringIO()):
            make_test_models.make(cls.folder)

    def test_there_are_no_others(self):
        self.assertEqual({p.name for p in MODELS.glob("*.pt")} - BY_HAND, {p.name for p in self.folder.glob("*.pt")})

    def test_manifest_weights_and_predictions_are_the_same(self):
        for name in make_test_models.EXPORTS:
            with self.subTest(name), torch.no_grad():
                old, new = contract.load(MODELS / name), contract.load(self.folder / name)
                manifest = contract.read_manifest(self.folder / name)
                committed = contract.read_manifest(MODELS / name)
                # Attributes are written in hash order, so the bytes differ, and with them the digest.
                self.assertRegex(manifest.pop("digest"), "^[0-9a-f]{64}$")
                committed.pop("digest", None)
                self.assertEqual(committed, manifest)
                a, b = old.state_dict(), new.state_dict()
                self.assertEqual(a.keys(), b.keys())
                self.assertTrue(all(torch.equal(a[key], b[key]) for key in a))
                for size in families.FAMILIES[make_test_models.EXPORTS[name][0]].CHECK_SIZES:
                    for inputs in check.cases(manifest, size, 0):
                        difference = check.difference(old.forward(*inputs), new.forward(*inputs))
                        self.assertLessEqual(difference, check.TOLERANCE[manifest["dtype"]])

    def test_the_manifests_of_the_published_sizes(self):
        for name in make_test_models.MANIFESTS:
            with self.subTest(name):
                self.assertEqual((MODELS / f"{name}.json").read_text(), (self.folder / f"{name}.json").read_text())

    def test_the_opaque_model(self):
        opaque = contract.load(MODELS / "opaque.pt")
        x = torch.randn(2, 4, 3, 5, 6)
        self.assertEqual(opaque(x, torch.tensor([3.0, 9.0])).shape, x.shape)
        with self.assertRaisesRegex(Exception, "no manifest"):
            contract.read_manifest(MODELS / "opaque.pt")

    def test_the_broken_ones_are_broken_as_named(self):
        self.assertEqual(contract.read_manifest(MODELS / "wrong-version.pt")["contract"], 99)
        missing = contract.load(MODELS / "missing-method.pt")
        self.assertEqual([name for name in contract.METHODS if not hasattr(missing, name)], ["modulated", "part"])
        self.assertRaises(Exception, contract.load, MODELS / "not-torchscript.pt")


if __name__ == "__main__":
    unittest.main()
