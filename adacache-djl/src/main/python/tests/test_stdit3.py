"""STDiT3 against the definition of its parts, and the contract of a model file. Needs only torch."""

import io
import math
import sys
import unittest
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from adacache_export.stdit3 import STDiT3  # noqa: E402

CONFIG = {
    "depth": 2,
    "hidden_size": 32,
    "num_heads": 2,
    "caption_channels": 12,
    "model_max_length": 5,
    "in_channels": 4,
    "patch_size": [1, 2, 2],
    "input_sq_size": 512,
    "qk_norm": True,
    "mlp_ratio": 4.0,
    "pred_sigma": True,
    "class_dropout_prob": 0.1,
    "model_type": "STDiT3",
    "enable_flash_attn": True,
}
NOTHING = torch.zeros(0)


def model(**changes) -> STDiT3:
    torch.manual_seed(3)
    return STDiT3.from_config({**CONFIG, **changes}).eval()


def inputs(batch=2, frames=3, height=5, width=7, length=5, mask=NOTHING, x_mask=NOTHING):
    draw = torch.Generator().manual_seed(5)
    return (
        torch.randn(batch, 4, frames, height, width, generator=draw),
        torch.tensor([700.0]).repeat(batch),
        torch.randn(batch, 1, length, 12, generator=draw),
        mask,
        x_mask,
        torch.tensor([24.0]),
        torch.tensor([480.0]),
        torch.tensor([854.0]),
    )


class Stdit3Test(unittest.TestCase):
    def setUp(self):
        self.enterContext(torch.no_grad())

    def assertClose(self, actual, expected, tolerance=1e-5):
        self.assertEqual(actual.shape, expected.shape)
        self.assertLessEqual((actual - expected).abs().max().item(), tolerance)

    def test_forward_is_embed_run_head_bit_for_bit_in_any_size(self):
        plain = model()
        file = io.BytesIO()
        torch.jit.save(torch.jit.script(plain), file)
        file.seek(0)
        loaded = torch.jit.load(file)
        for given in (inputs(), inputs(batch=4, frames=1, height=8, width=4, length=3)):
            expected = loaded(*given)
            self.assertEqual(expected.shape, (given[0].shape[0], 8, *given[0].shape[2:]))
            hidden, context = loaded.embed(*given)
            self.assertTrue(torch.equal(expected, loaded.head(loaded.run(0, 12, [], hidden, context)[0], context)))
            self.assertClose(expected, plain(*given))

    def test_run_in_parts_adds_what_it_captures(self):
        whole = model()
        hidden, context = whole.embed(*inputs())
        before = hidden.clone()
        out, *residuals = whole.run(0, 12, list(range(12)), hidden, context)
        self.assertTrue(torch.equal(hidden, before))
        step = hidden
        for site, residual in enumerate(residuals):
            one, alone = whole.run(site, site + 1, [site], step, context)
            self.assertTrue(torch.equal(alone, residual))
            step = step + residual
            self.assertTrue(torch.equal(one, step))
        self.assertTrue(torch.equal(step, out))
        first, last = whole.run(0, 12, [9, 2], hidden, context)[1:]
        self.assertTrue(torch.equal(first, residuals[9]))
        self.assertTrue(torch.equal(last, residuals[2]))
        self.assertEqual(len(whole.run(4, 4, [], hidden, context)), 1)

    def test_modulated_is_the_normed_hidden_state_scaled_and_shifted(self):
        whole = model()
        hidden, context = whole.embed(*inputs())
        for site, block, rows in ((0, whole.spatial_blocks[0], (0, 1)), (11, whole.temporal_blocks[1], (3, 4))):
            shift, scale = (block.scale_shift_table[list(rows)] + context[2][:, 0, list(rows)]).unbind(1)
            mean = hidden.mean(-1, keepdim=True)
            normed = (hidden - mean) / (hidden.var(-1, keepdim=True, correction=0) + 1e-6).sqrt()
            expected = normed * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)
            self.assertClose(whole.modulated(site, hidden, context), expected)

    def test_masked_text_counts_as_if_it_were_not_there(self):
        given = list(inputs())
        given[3] = torch.tensor([[1, 1, 1, 0, 0]])
        shorter = list(inputs())
        shorter[2] = given[2][:, :, :3]
        self.assertClose(model()(*given), model()(*shorter))

    def test_mask_rows_repeat_over_the_guidance_batch(self):
        given = list(inputs(batch=4))
        given[3] = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]])
        whole = model()(*given)
        for row in range(4):
            alone = [t[row : row + 1] if t.shape[:1] == (4,) else t for t in given]
            alone[3] = given[3][row % 2 : row % 2 + 1]
            self.assertClose(whole[row : row + 1], model()(*alone))

    def test_frame_mask_of_ones_changes_nothing(self):
        self.assertClose(model()(*inputs(x_mask=torch.ones(2, 3))), model()(*inputs()), 1e-6)

    def test_kept_frames_get_timestep_zero(self):
        whole = model()
        kept = list(inputs(x_mask=torch.zeros(2, 3)))
        hidden, context = whole.embed(*kept)
        at_zero = list(inputs())
        at_zero[1] = torch.zeros(2)
        same_hidden, at_zero_context = whole.embed(*at_zero)
        expected = whole.run(0, 12, [], same_hidden, at_zero_context)[0]
        self.assertClose(whole.run(0, 12, [], hidden, context)[0], expected)
        mixed = list(inputs(x_mask=torch.tensor([[1.0, 0.0, 1.0]]).repeat(2, 1)))
        modulation = whole.embed(*mixed)[1][2]
        self.assertTrue(torch.equal(modulation[:, 1], context[2][:, 1]))
        self.assertFalse(torch.equal(modulation[:, 0], context[2][:, 0]))

    def test_attention_by_its_definition(self):
        """Query-key norm, rotation by angle, softmax, for one place of the temporal attention."""
        whole = model()
        attention = whole.temporal_blocks[0].attn
        x = torch.randn(1, 3 * 2, 32, generator=torch.Generator().manual_seed(1))
        actual = attention(x, 3, whole.rope(3))
        place = x.view(3, 2, 32)[:, 1]
        q, k, v = attention.qkv(place).view(3, 3, 2, 16).permute(1, 2, 0, 3)

        def prepared(t):
            t = t / (t.square().mean(-1, keepdim=True) + 1e-6).sqrt()
            pairs = torch.view_as_complex(t.view(2, 3, 8, 2).contiguous())
            angles = torch.arange(3).view(3, 1) * 10000.0 ** -(torch.arange(8) / 8)
            return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)

        weights = (prepared(q) @ prepared(k).transpose(1, 2) / math.sqrt(16)).softmax(-1)
        expected = attention.proj((weights @ v).transpose(0, 1).flatten(1))
        self.assertClose(actual.view(3, 2, 32)[:, 1], expected)

    def test_padding_is_cut_off_again(self):
        even = list(inputs(height=6, width=8))
        even[0][:, :, :, 5:] = 0
        even[0][:, :, :, :, 7:] = 0
        odd = list(even)
        odd[0] = even[0][:, :, :, :5, :7]
        self.assertClose(model()(*odd), model()(*even)[:, :, :, :5, :7])

    def test_other_shapes_of_the_configuration(self):
        given = inputs()
        for changes in ({"qk_norm": False}, {"qk_norm_legacy": True}, {"pred_sigma": False}, {"mlp_ratio": 2.0}):
            other = model(**changes)
            channels = 4 if "pred_sigma" in changes else 8
            self.assertEqual(torch.jit.script(other)(*given).shape, (2, channels, 3, 5, 7))

    def test_half_precision_inside_single_outside(self):
        half = torch.jit.script(model().bfloat16())
        out = half(*inputs(mask=torch.tensor([[1, 1, 1, 0, 0]])))
        self.assertEqual(out.dtype, torch.float32)
        self.assertEqual(half.embed(*inputs())[0].dtype, torch.bfloat16)
        self.assertClose(out, model()(*inputs(mask=torch.tensor([[1, 1, 1, 0, 0]]))), 0.2)


if __name__ == "__main__":
    unittest.main()
