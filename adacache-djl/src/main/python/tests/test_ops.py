"""The scripted helpers, as they are committed, against fp64."""

import tempfile
import unittest
import zipfile
from pathlib import Path

import torch
from helpers import PACKAGE

from adacache_export import contract, ops

COMMITTED = PACKAGE.parent / "resources" / "io" / "adacache" / "djl" / "ops.pt"
DTYPES = (torch.float32, torch.float16, torch.bfloat16)


def expected(metric: int, now, then):
    now, then = now.double().flatten(1), then.double().flatten(1)
    if metric == 0:
        parts = ((now - then).abs(), then.abs(), now.abs())
    elif metric == 1:
        parts = ((now - then) ** 2, then**2, now**2)
    else:
        parts = (now * then, then**2, now**2)
    return torch.stack([part.sum(1) for part in parts], 1)


def code(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("model/code/__torch__/adacache_export/ops.py").decode()


class OpsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ops = contract.load(COMMITTED)

    def setUp(self):
        torch.manual_seed(1)

    def test_the_committed_file_is_this_source(self):
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "ops.pt"
            contract.write_archive(contract.script(ops.Ops()), made)
            self.assertEqual(code(made), code(COMMITTED))

    def test_sums_are_accurate_in_every_dtype(self):
        for dtype in DTYPES:
            now = torch.randn(3, 700, 96).to(dtype)
            then = (now.float() + 0.1 * torch.randn(3, 700, 96)).to(dtype)
            for metric in range(3):
                sums = self.ops.distance_sums(metric, now, then)
                self.assertEqual((sums.dtype, sums.device.type, sums.shape), (torch.float64, "cpu", (3, 3)))
                self.assertLessEqual(((sums - expected(metric, now, then)) / sums).abs().max().item(), 1e-6)

    def test_sums_of_several_chunks(self):
        now, then = torch.randn(2, 1100, 2000), torch.randn(2, 1100, 2000)
        sums = self.ops.distance_sums(0, now, then)
        self.assertLessEqual(((sums - expected(0, now, then)) / sums).abs().max().item(), 1e-6)

    def test_sums_do_not_overflow(self):
        for dtype, value in ((torch.float16, 6e4), (torch.bfloat16, 1e37), (torch.float32, 1e37)):
            big = torch.full((1, 5000, 16), value).to(dtype)
            for metric in range(3):
                self.assertTrue(bool(torch.isfinite(self.ops.distance_sums(metric, big, big / 2)).all()))

    def test_motion_compares_frames_behind_the_prefix(self):
        for dtype in DTYPES:
            for prefix in (0, 5):
                x = torch.randn(2, prefix + 6 * 4, 8).to(dtype)
                for stride in (1, 2, 5):
                    video = x[:, prefix:].unflatten(1, (6, 4))
                    sums = self.ops.motion_sums(0, x, prefix, 4, stride)
                    wanted = expected(0, video[:, stride:], video[:, :-stride])
                    self.assertLessEqual(((sums - wanted) / wanted).abs().max().item(), 1e-6)

    def test_all_sums_are_the_single_ones(self):
        for dtype in DTYPES:
            now, one, other = (torch.randn(2, 3 + 6 * 4, 8).to(dtype) for _ in range(3))
            sums = self.ops.all_sums([1, 0, 2, 0], now, [one, now, other, now], [0, 2, 0, 9], 3, 4)
            wanted = [
                self.ops.distance_sums(1, now, one),
                self.ops.motion_sums(0, now, 3, 4, 2),
                self.ops.distance_sums(2, now, other),
                self.ops.motion_sums(0, now, 3, 4, 9),
            ]
            self.assertTrue(torch.equal(sums, torch.stack(wanted)))

    def test_motion_of_too_few_frames_is_zero(self):
        for stride in (2, 3, 9):
            sums = self.ops.motion_sums(0, torch.randn(2, 3 + 2 * 4, 8), 3, 4, stride)
            self.assertTrue(torch.equal(sums, torch.zeros(2, 3, dtype=torch.float64)))

    def test_adding_one_tensor_is_plain_addition(self):
        for dtype in DTYPES:
            base, kept = torch.randn(2, 9, 4).to(dtype), torch.randn(2, 9, 4).to(dtype)
            self.assertTrue(torch.equal(self.ops.add_weighted(base, [1.0], [kept]), base + kept))

    def test_weighted_sums_of_half_types_are_rounded_once(self):
        for dtype in DTYPES:
            base, *kept = (torch.randn(2, 9, 64).to(dtype) for _ in range(4))
            weights = [3.0, -3.0, 1.0]
            sum_ = base.double() + sum(w * k.double() for w, k in zip(weights, kept))
            result = self.ops.add_weighted(base, weights, kept)
            self.assertEqual(result.dtype, dtype)
            rounding = torch.finfo(dtype).eps if dtype != torch.float32 else 1e-6
            self.assertLessEqual((result.double() - sum_).abs().max().item(), rounding * sum_.abs().max().item())
            total = self.ops.sum([base, *kept])
            wanted = sum(k.double() for k in [base, *kept])
            self.assertEqual(total.dtype, dtype)
            self.assertLessEqual((total.double() - wanted).abs().max().item(), rounding * wanted.abs().max().item())

    def test_mixes(self):
        for dtype in DTYPES:
            a, b = torch.randn(2, 9, 4).to(dtype), torch.randn(2, 9, 4).to(dtype)
            self.assertTrue(torch.equal(self.ops.mix([1.0], [a]), a))
            wanted = (2 * a.float() - b.float()).to(dtype)
            self.assertLessEqual((self.ops.mix([2.0, -1.0], [a, b]) - wanted).abs().max().item(), 1e-6)

    def test_no_argument_is_changed_and_no_result_shares_its_storage(self):
        a, b = torch.randn(2, 4, 3, 3), torch.randn(2, 4, 3, 3)
        before = (a.clone(), b.clone())
        results = [
            self.ops.copy(a), self.ops.subtract(a, b), self.ops.sum([a]), self.ops.sum([a, b]), self.ops.mix([1.0], [a]),
            self.ops.add_weighted(a, [], []), self.ops.add_weighted(a, [0.5, 2.0], [b, b]), self.ops.to_float32(a),
            self.ops.slice_channels(a, 0, 4), self.ops.slice_channels(a, 1, 2, 2), self.ops.add_leading(a, -1, b[:, :2]),
        ]
        for result in results:
            self.assertNotEqual(result.untyped_storage().data_ptr(), a.untyped_storage().data_ptr())
            self.assertTrue(result.is_contiguous())
        self.assertTrue(torch.equal(a, before[0]) and torch.equal(b, before[1]))

    def test_small_helpers(self):
        x = torch.randn(2, 8, 3, 4, 4).bfloat16()
        self.assertTrue(torch.equal(self.ops.slice_channels(x, 0, 4), x[:, :4]))
        self.assertTrue(torch.equal(self.ops.slice_channels(x, 1, 3, 2), x[:, :, 1:3]))
        self.assertTrue(torch.equal(self.ops.to_float32(x), x.float()))
        self.assertTrue(torch.equal(self.ops.subtract(x, x), torch.zeros_like(x)))
        self.assertEqual(self.ops.element_bytes(x), 2)
        self.assertTrue(bool(self.ops.all_finite(x)))
        x[1, 2, 0, 1, 1] = float("inf")
        self.assertFalse(bool(self.ops.all_finite(x)))
        added = self.ops.add_leading(torch.ones(1, 3, 2), -1, torch.ones(1, 2, 2))
        self.assertTrue(torch.equal(added, torch.tensor([[[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]])))
        frames_first = self.ops.add_leading(torch.zeros(2, 3, 8, 4, 4), 1, torch.ones(2, 3, 4, 4, 4))
        self.assertEqual(frames_first[:, :, :4].min().item(), 1)
        self.assertEqual(frames_first[:, :, 4:].abs().max().item(), 0)

    def test_wrong_arguments_are_refused(self):
        a = torch.randn(2, 4, 3)
        for call in (
            lambda: self.ops.add_weighted(a, [1.0], []),
            lambda: self.ops.sum([]),
            lambda: self.ops.distance_sums(3, a, a),
            lambda: self.ops.distance_sums(0, a, a[:1]),
            lambda: self.ops.motion_sums(0, a, 1, 2, 1),
            lambda: self.ops.motion_sums(0, a, 0, 2, 0),
        ):
            self.assertRaises(Exception, call)


if __name__ == "__main__":
    unittest.main()
