"""Every family: the contract's rules in every dtype, and a manifest that tells the truth."""

import json
import math
import tempfile
import unittest
import zipfile
from pathlib import Path

import torch
from helpers import CHECKPOINTS, run

from adacache_export import check, contract, families

CONFIGS = {
    "open-sora": "stdit3-tiny",
    "latte": "latte-tiny",
    "open-sora-plan": "open-sora-plan-tiny",
    "latte-class": "latte-class-tiny",
    "joint": "joint-tiny",
    "wan": "wan-i2v-tiny",
}


class FamiliesTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def export(self, command: str, *more: object) -> Path:
        out = self.folder / f"{command}.pt"
        config = CHECKPOINTS / CONFIGS[command]
        code, said, err = run(command, "--random-init", "--config", config, "--out", out, *more)
        self.assertEqual(code, 0, said + err)
        return out

    def test_every_family_is_tested(self):
        self.assertEqual(set(CONFIGS), set(families.FAMILIES))

    def test_the_rules_hold_in_every_dtype(self):
        for command in CONFIGS:
            for dtype in ("fp32", "fp16", "bf16"):
                with self.subTest(command=command, dtype=dtype):
                    self.export(command, "--dtype", dtype, "--check")

    def test_the_manifest_tells_the_truth(self):
        for command in CONFIGS:
            with self.subTest(command=command), torch.no_grad():
                out = self.export(command)
                manifest = contract.read_manifest(out)
                loaded = contract.load(out)
                self.assertEqual(manifest["parameters"], sum(p.numel() for p in loaded.parameters()))
                kinds = {site["kind"] for site in manifest["sites"]}
                self.assertLessEqual(kinds, set(contract.KINDS))
                self.assertEqual(kinds | {"embed", "head"}, set(manifest["flops"]))
                sizes = {**families.FAMILIES[command].CHECK_SIZES[0], **manifest.get("sizes", {})}
                for entries in check.cases(manifest, sizes, 0):
                    hidden, context = loaded.embed(*entries)
                    prefix = sizes.get(manifest["hidden"]["prefix"], manifest["hidden"]["prefix"])
                    patch = manifest["patch"]
                    tokens = math.prod(math.ceil(sizes[n] / patch[n]) for n in ("frames", "height", "width"))
                    shape = [sizes["batch"], prefix + tokens, manifest["hidden"]["channels"]]
                    self.assertEqual(list(hidden.shape), shape)
                    everything = list(range(len(manifest["sites"])))
                    ran = loaded.run(0, len(everything), everything, hidden, context)
                    for residual in ran:
                        self.assertEqual(residual.shape, hidden.shape)
                        self.assertTrue(residual.is_contiguous())
                        self.assertGreater(residual.abs().max().item(), 0)
                    predicted = [sizes.get(size, size) for size in manifest["prediction"]["shape"]]
                    self.assertEqual(list(loaded.head(ran[0], context).shape), predicted)

    def test_a_manifest_alone_is_that_of_the_file(self):
        for command in CONFIGS:
            with self.subTest(command=command):
                whole = contract.read_manifest(self.export(command))
                alone = json.loads(self.export(command, "--manifest-only").read_text())
                self.assertTrue(alone["exporter"].pop("options")["manifest-only"])
                whole["exporter"].pop("options")
                self.assertEqual(alone, whole)

    def test_captured_residuals_come_in_the_order_asked_for(self):
        with torch.no_grad():
            for command in CONFIGS:
                out = self.export(command)
                loaded, manifest = contract.load(out), contract.read_manifest(out)
                entries = next(check.cases(manifest, families.FAMILIES[command].CHECK_SIZES[0], 0))
                hidden, context = loaded.embed(*entries)
                _, a, b, again = loaded.run(0, 6, [4, 1, 4], hidden, context)
                _, first, last = loaded.run(0, 6, [1, 4], hidden, context)
                self.assertTrue(torch.equal(a, last) and torch.equal(b, first) and torch.equal(again, last))

    def test_published_sizes_have_the_published_number_of_weights(self):
        for command, millions in (("open-sora", 1207.6), ("latte", 1057.2), ("open-sora-plan", 1057.2)):
            family = families.FAMILIES[command]
            with torch.device("meta"):
                model = family.build(family.configure(family.PUBLISHED))
            self.assertAlmostEqual(sum(p.numel() for p in model.parameters()) / 1e6, millions, delta=0.1)

    def test_operations_per_call_are_near_the_papers(self):
        """AdaCache's table 1, total over calls. The original repeats the text per frame; the exported model does not."""
        cases = (
            ("open-sora", {"batch": 2, "frames": 15, "tokens": 1590, "text": 20}, 3230.24 / 30),
            ("open-sora-plan", {"batch": 2, "frames": 17, "tokens": 1024, "text": 300}, 12032.40 / 159),
            ("latte", {"batch": 2, "frames": 16, "tokens": 1024, "text": 120}, 3439.47 / 50),
        )
        for command, sizes, published in cases:
            family = families.FAMILIES[command]
            described = family.describe(family.configure(family.PUBLISHED))
            total = sum(
                term["coefficient"] * math.prod(sizes[name] for name in term["dimensions"])
                for part in [*(site["kind"] for site in described["sites"]), "embed", "head"]
                for term in described["flops"][part]
            )
            self.assertAlmostEqual(total / 1e12 / published, 1, delta=0.04)

    def test_a_failed_check_is_reported(self):
        out = self.export("latte")
        family = families.FAMILIES["latte"]
        other = family.build(family.configure(json.loads((CHECKPOINTS / "latte-tiny/config.json").read_text())))
        report = check.compare(out, other.eval(), family.CHECK_SIZES)
        self.assertFalse(report.passed)
        self.assertIn("FAIL exported against eager", "\n".join(report.lines()))

    def test_the_archive_names_no_path_and_is_ascii(self):
        with zipfile.ZipFile(self.export("open-sora")) as archive:
            for entry in archive.infolist():
                self.assertFalse(entry.filename.endswith(".debug_pkl"))
                self.assertEqual(entry.date_time[0], 1980)
                content = archive.read(entry)
                self.assertNotIn(str(Path(__file__).resolve().parents[1]).encode(), content)
                if entry.filename.endswith("adacache.json"):
                    content.decode("ascii")

    def test_tensors_are_aligned(self):
        path = self.export("open-sora")
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            for entry in archive.infolist():
                raw.seek(entry.header_offset + 26)
                name, extra = (int.from_bytes(raw.read(2), "little") for _ in range(2))
                self.assertEqual((entry.header_offset + 30 + name + extra) % contract.ALIGNMENT, 0)


class SizesTest(unittest.TestCase):
    def setUp(self):
        self.enterContext(torch.no_grad())

    def model(self, command: str, **changes):
        family = families.FAMILIES[command]
        config = json.loads((CHECKPOINTS / CONFIGS[command] / "config.json").read_text())
        return family.build(family.configure({**config, **changes})).eval()

    def test_one_frame_has_no_position_in_latte_but_one_in_open_sora_plan(self):
        for command, zero in (("latte", True), ("open-sora-plan", False)):
            model = self.model(command)
            hidden, context = model.embed(
                torch.randn(1, 4, 1, 4, 4), torch.tensor([5]), torch.randn(1, 3, 32), torch.empty(0)
            )
            residual = model.run(3, 4, [3], hidden, context)[1]
            self.assertEqual(bool((residual == 0).all()), zero)

    def test_open_sora_plan_fits_long_clips_into_sixteen_positions(self):
        for length, scale in ((5, 1.0), (17, 1.0), (33, 2.0), (65, 4.0), (48, 3.0)):
            self.assertEqual(self.model("open-sora-plan", video_length=length).frame_scale, scale)
        self.assertEqual(self.model("open-sora-plan", interpolation_scale_1d=2.5).frame_scale, 2.5)
        self.assertEqual(self.model("latte", video_length=64).frame_scale, 1.0)

    def test_a_text_mask_is_a_shorter_text(self):
        model = self.model("latte")
        x, t, text = torch.randn(2, 4, 2, 4, 4), torch.tensor([5, 5]), torch.randn(2, 6, 32)
        mask = torch.tensor([[1, 1, 1, 1, 0, 0]] * 2)
        whole, short = model(x, t, text, mask), model(x, t, text[:, :4], torch.empty(0))
        self.assertLessEqual((whole - short).abs().max().item(), 1e-5)

    def test_sizes_that_do_not_fit_are_refused(self):
        with self.assertRaisesRegex(ValueError, "multiples of the patch size"):
            self.model("latte")(torch.randn(1, 4, 2, 5, 4), torch.tensor([5]), torch.randn(1, 3, 32), torch.empty(0))
        with self.assertRaisesRegex(ValueError, "fixed number of frames"):
            self.model("latte-class")(torch.randn(1, 3, 4, 8, 8), torch.tensor([5]), torch.tensor([1]))

    def test_latte_without_classes_takes_no_label(self):
        model = self.model("latte-class", extras=1)
        self.assertEqual(model(torch.randn(1, 4, 4, 8, 8), torch.tensor([5]), torch.empty(0)).shape, (1, 4, 8, 8, 8))
        family = families.FAMILIES["latte-class"]
        config = json.loads((CHECKPOINTS / "latte-class-tiny/config.json").read_text())
        described = family.describe(family.configure({**config, "extras": 1}))
        self.assertNotIn("guidance", described)
        self.assertTrue(described["inputs"][2]["optional"])


if __name__ == "__main__":
    unittest.main()
