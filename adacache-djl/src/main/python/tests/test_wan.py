"""The Wan family: names of weights in both layouts, what is recognised, and the network against its definition."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

import torch
from helpers import CHECKPOINTS, run
from safetensors.torch import load_file, save_file

from adacache_export import checkpoint, contract, wan, wan_transformer
from adacache_export.wan_published import MODELS

TINY = ("wan-tiny", "wan-i2v-tiny", "wan-i2v22-tiny", "wan-ti2v-tiny")
WEIGHTS = {"t2v-1.3b": 1418996800, "t2v-14b": 14288491584, "i2v-14b-720p": 16394878784, "ti2v-5b": 4999787712}
"""Counted in WanTransformer3DModel."""


def tiny(name: str = "wan-tiny", **changes):
    """A tiny configuration; a change to None leaves a field out."""
    config = {**json.loads((CHECKPOINTS / name / "config.json").read_text()), **changes}
    return {key: value for key, value in config.items() if value is not None}


def model(name: str = "wan-tiny", **changes):
    built = wan.build(wan.configure(tiny(name, **changes)))
    checkpoint.randomize(built, 3, ())
    return built.eval()


def published_class():
    try:
        from diffusers import WanTransformer3DModel
    except Exception:  # not installed, or not with what it imports
        return None
    return WanTransformer3DModel


class NamesTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.out = self.folder / "model.pt"

    def export(self, checkpoint_folder: Path, *more: object):
        return run("wan", "--checkpoint", checkpoint_folder, "--out", self.out, *more)

    def copied(self, change) -> Path:
        tensors = load_file(CHECKPOINTS / "wan-authors-tiny" / "weights.safetensors")
        change(tensors)
        save_file(tensors, self.folder / "weights.safetensors")
        (self.folder / "config.json").write_text((CHECKPOINTS / "wan-authors-tiny" / "config.json").read_text())
        return self.folder

    def test_both_layouts_hold_the_same_weights(self):
        states = []
        for name in ("wan-tiny", "wan-authors-tiny"):
            code, _, err = self.export(CHECKPOINTS / name)
            self.assertEqual(code, 0, err)
            states.append(contract.load(self.out).state_dict())
        self.assertEqual(states[0].keys(), states[1].keys())
        self.assertTrue(all(torch.equal(states[0][key], states[1][key]) for key in states[0]))

    def test_what_is_missing_is_named(self):
        code, _, err = self.export(self.copied(lambda tensors: tensors.pop("blocks.0.norm3.weight")))
        self.assertEqual(code, 2)
        self.assertIn("missing (1): blocks.0.norm2.weight", err)
        self.assertFalse(self.out.exists())

    def test_two_layouts_in_one_checkpoint_are_refused(self):
        def change(tensors):
            tensors["blocks.0.attn1.to_q.weight"] = tensors["blocks.0.self_attn.q.weight"].clone()

        code, _, err = self.export(self.copied(change))
        self.assertEqual(code, 2)
        self.assertIn("mixes two layouts", err)

    def test_the_norm_that_nothing_reads_may_be_there(self):
        tensors = load_file(CHECKPOINTS / "wan-tiny" / "weights.safetensors")
        tensors["blocks.1.attn2.norm_added_q.weight"] = torch.ones(32)
        save_file(tensors, self.folder / "weights.safetensors")
        (self.folder / "config.json").write_text(json.dumps(tiny()))
        self.assertEqual(self.export(self.folder)[0], 0)

    def test_a_picture_is_seen_in_the_authors_weights(self):
        source = model("wan-i2v-tiny").state_dict()
        names = list(load_file(CHECKPOINTS / "wan-authors-tiny" / "weights.safetensors"))
        names += [f"img_emb.proj.{layer}.{kind}" for layer in (0, 1, 3, 4) for kind in ("weight", "bias")]
        for block in (0, 1):
            attention = f"blocks.{block}.cross_attn."
            names += [f"{attention}{layer}_img.{kind}" for layer in ("k", "v") for kind in ("weight", "bias")]
            names.append(attention + "norm_k_img.weight")
        theirs = {name: source[wan.by_diffusers_name(name)].clone() for name in names}
        self.assertEqual(len(theirs), len(source))
        save_file(theirs, self.folder / "weights.safetensors")
        config = json.loads((CHECKPOINTS / "wan-authors-tiny" / "config.json").read_text())
        (self.folder / "config.json").write_text(json.dumps({**config, "model_type": "i2v", "in_dim": 36}))
        code, _, err = self.export(self.folder)
        self.assertEqual(code, 0, err)
        manifest = contract.read_manifest(self.out)
        self.assertEqual(manifest["inputs"][3]["shape"], ["batch", "image", 6])
        self.assertEqual(manifest["sizes"], {"image": 257})
        state = contract.load(self.out).state_dict()
        self.assertTrue(all(torch.equal(state[key], source[key]) for key in source))


class RecognisedTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def manifest(self, *arguments: object):
        out = self.folder / "manifest.json"
        code, _, err = run("wan", "--random-init", "--manifest-only", "--out", out, *arguments)
        self.assertEqual(code, 0, err)
        return json.loads(out.read_text())

    def test_published_sizes_have_the_published_number_of_weights(self):
        for name, count in WEIGHTS.items():
            manifest = self.manifest("--published", name)
            self.assertEqual(manifest["parameters"], count)
            self.assertEqual(manifest["name"], MODELS[name].title)

    def test_what_the_shape_tells_is_taken_and_no_more(self):
        for name, published in MODELS.items():
            alone = name in ("t2v-1.3b", "ti2v-5b")
            self.assertEqual(wan.configure(dict(published.config))["published"], name if alone else "")
            self.assertEqual(wan.configure(dict(published.config), name)["published"], name)
        path = self.folder / "config.json"
        path.write_text(json.dumps(MODELS["t2v-14b"].config))
        unknown = self.manifest("--config", path)
        self.assertEqual(unknown["policies"], {})
        self.assertEqual((unknown["steps"], unknown["guidance"]["scale"]), (50, 5.0))

    def test_how_each_is_sampled(self):
        high = self.manifest("--published", "t2v-a14b-high")
        self.assertEqual((high["steps"], high["guidance"]["scale"]), (40, 4.0))
        expected = {"sampler": "flow-unipc", "shift": 12.0, "guidance-calls": "separate", "expert": "high-noise",
                    "boundary": 0.875}
        self.assertEqual(high["sampling"], expected)
        small = self.manifest("--published", "t2v-1.3b")
        self.assertEqual(small["prediction"], {"type": "flow", "shape": ["batch", 16, "frames", "height", "width"],
                                               "channels": [0, 16]})
        self.assertEqual(len(small["policies"]["magcache"]["ratios"].split(";")), small["steps"] - 1)
        of_picture = self.manifest("--published", "i2v-14b-480p")
        self.assertEqual(of_picture["inputs"][0]["channels"], [0, 16])
        self.assertEqual(of_picture["inputs"][0]["shape"][1], 36)

    def test_a_pipeline_file_has_the_last_word(self):
        folder = self.folder / "checkpoint"
        shutil.copytree(CHECKPOINTS / "wan-tiny", folder)
        pipeline = {"steps": 30, "guidance": 6.0, "sampling": {"shift": 8.0}, "vocabulary": ["a"]}
        (folder / "pipeline.json").write_text(json.dumps(pipeline))
        out = self.folder / "model.pt"
        self.assertEqual(run("wan", "--checkpoint", folder, "--out", out)[0], 0)
        manifest = contract.read_manifest(out)
        self.assertEqual((manifest["steps"], manifest["guidance"]["scale"]), (30, 6.0))
        self.assertEqual(manifest["sampling"], {"sampler": "flow-unipc", "shift": 8.0, "guidance-calls": "separate"})
        self.assertEqual(manifest["pipeline"]["vocabulary"], ["a"])
        self.assertNotIn("sampling", manifest["pipeline"])
        (folder / "pipeline.json").write_text(json.dumps({"sampling": {"shift": -1}}))
        self.assertIn("sampling is no object", run("wan", "--checkpoint", folder, "--out", out)[2])

    def test_a_name_that_does_not_fit_is_refused(self):
        out = self.folder / "model.pt"
        for name, word in (("t2v-14b", "is no t2v-14b"), ("t2v-2b", "knows t2v-1.3b")):
            code, _, err = run("wan", "--checkpoint", CHECKPOINTS / "wan-tiny", "--published", name, "--out", out)
            self.assertEqual(code, 2)
            self.assertIn(word, err)

    def test_wrong_fields(self):
        for changes, word in (
            ({"attention_head_dim": 7}, "odd"),
            ({"patch_size": [2, 2, 2]}, "patch_size"),
            ({"image_dim": 6}, "go together"),
            ({"qk_norm": "layer_norm"}, "qk_norm"),
            ({"out_channels": 32}, "out_channels"),
        ):
            with self.subTest(changes), self.assertRaisesRegex(Exception, word):
                wan.configure(tiny(**changes))
        with self.assertRaisesRegex(Exception, "window_size"):
            config = json.loads((CHECKPOINTS / "wan-authors-tiny" / "config.json").read_text())
            wan.configure({**config, "window_size": [3, 3]})


class NetworkTest(unittest.TestCase):
    def setUp(self):
        self.enterContext(torch.no_grad())
        self.draw = torch.Generator().manual_seed(7)

    def random(self, *shape: int):
        return torch.randn(shape, generator=self.draw)

    def assertClose(self, actual, expected, tolerance=1e-5):
        self.assertEqual(actual.shape, expected.shape)
        self.assertLessEqual((actual - expected).abs().max().item(), tolerance)

    def test_the_published_class_predicts_the_same(self):
        published = published_class()
        if published is None:
            self.skipTest("diffusers is not installed; the recordings hold the same")
        for name in TINY:
            config = tiny(name)
            mine = model(name)
            fields = {k: v for k, v in config.items() if k not in ("_class_name", "expand_timesteps")}
            theirs = published(**fields).eval()
            theirs.load_state_dict(mine.state_dict(), strict=True)
            length = 512 if "image_dim" in config else 4
            given = [self.random(2, config["in_channels"], 3, 4, 6), torch.tensor([900.0, 31.0]), self.random(2, length, 8)]
            extra, timestep = [], given[1]
            if "image_dim" in config:
                extra = [self.random(2, wan.IMAGE_TOKENS, 6)]
            elif config.get("expand_timesteps"):
                extra = [torch.tensor([[0.0, 1.0, 1.0]] * 2)]
                timestep = (timestep.unsqueeze(1) * extra[0]).unsqueeze(2).expand(-1, -1, 6).flatten(1)
            image = {"encoder_hidden_states_image": extra[0]} if "image_dim" in config else {}
            expected = theirs(given[0], timestep, given[2], return_dict=False, **image)[0]
            self.assertClose(mine(*given, *extra), expected)

    def test_places_turn_pairs_of_channels(self):
        """Token by token with complex numbers: a third of the pairs by the row, a third by the column, the rest by the frame."""
        channels, (frames, rows, columns) = 16, (3, 2, 4)
        x = self.random(1, frames * rows * columns, 2, channels)
        angles = wan_transformer.rotary_angles(frames, rows, columns, channels, x).unsqueeze(1)
        turned = wan_transformer.rotate(x, angles.cos().float(), angles.sin().float())
        row_pairs = channels // 6
        sizes = (channels // 2 - 2 * row_pairs, row_pairs, row_pairs)
        for token in range(x.shape[1]):
            place = (token // (rows * columns), token // columns % rows, token % columns)
            turn = [place[axis] / 10000.0 ** (i / sizes[axis]) for axis in range(3) for i in range(sizes[axis])]
            pairs = torch.view_as_complex(x[0, token].view(2, -1, 2).contiguous())
            expected = torch.view_as_real(pairs * torch.polar(torch.ones(len(turn)), torch.tensor(turn))).flatten(1)
            self.assertClose(turned[0, token], expected)

    def test_a_mask_of_ones_changes_nothing_and_given_frames_have_timestep_zero(self):
        network = model("wan-ti2v-tiny")
        x, text, t = self.random(2, 48, 3, 4, 4), self.random(2, 5, 8), torch.tensor([700.0, 300.0])
        plain = network(x, t, text, torch.empty(0))
        self.assertClose(network(x, t, text, torch.ones(2, 3)), plain)
        modulation = network.embed(x, t, text, torch.tensor([[0.0, 1.0, 1.0]] * 2))[1][2]
        at_zero = network.embed(x, torch.zeros(2), text, torch.empty(0))[1][2]
        self.assertClose(modulation[:, :1], at_zero)
        self.assertClose(modulation[:, 1:2], network.embed(x, t, text, torch.empty(0))[1][2])

    def test_cross_attention_without_its_norm_sees_the_hidden_state(self):
        network = model(cross_attn_norm=False)
        hidden, context = network.embed(self.random(1, 16, 2, 4, 4), torch.tensor([5.0]), self.random(1, 3, 8))
        self.assertTrue(torch.equal(network.modulated(1, hidden, context), hidden))
        self.assertFalse(torch.equal(network.modulated(2, hidden, context), hidden))

    def test_two_pictures_have_places_of_their_own(self):
        network = model("wan-i2v-tiny", pos_embed_seq_len=514)
        x, text, t = self.random(1, 36, 1, 4, 4), self.random(1, 3, 8), torch.tensor([5.0])
        image = self.random(1, 514, 6)
        first = network(x, t, text, image)
        swapped = network(x, t, text, torch.cat((image[:, 257:], image[:, :257]), 1))
        self.assertFalse(torch.allclose(first, swapped))

    def test_half_precision_keeps_what_is_published_in_fp32(self):
        network = checkpoint.cast(model(), torch.bfloat16, wan.FLOAT32)
        wide = sorted(name for name, parameter in network.named_parameters() if parameter.dtype == torch.float32)
        expected = ["scale_shift_table"]
        expected += [f"blocks.{b}.{name}" for b in (0, 1) for name in ("norm2.bias", "norm2.weight", "scale_shift_table")]
        expected += [f"condition_embedder.time_embedder.linear_{i}.{name}" for i in (1, 2) for name in ("bias", "weight")]
        self.assertEqual(wide, sorted(expected))
        hidden, context = network.embed(self.random(1, 16, 2, 4, 4), torch.tensor([5.0]), self.random(1, 3, 8))
        self.assertEqual(hidden.dtype, torch.bfloat16)
        self.assertEqual({context[i].dtype for i in (1, 2, 5, 6)}, {torch.float32})

    def test_sizes_that_do_not_fit_are_refused(self):
        with self.assertRaisesRegex(ValueError, "multiples of the patch size"):
            model()(self.random(1, 16, 1, 5, 4), torch.tensor([5.0]), self.random(1, 3, 8))


if __name__ == "__main__":
    unittest.main()
