"""Checkpoint folders, whole and broken. Whatever is wrong is one error, and leaves no file."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

import torch
from helpers import CHECKPOINTS, run
from safetensors.torch import load_file, save_file

from adacache_export import contract

KEY = "spatial_blocks.0.attn.proj.weight"


class CheckpointTest(unittest.TestCase):
    def setUp(self):
        root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder = root / "checkpoint"
        shutil.copytree(CHECKPOINTS / "stdit3-tiny", self.folder)
        self.weights = self.folder / "weights.safetensors"
        (root / "out").mkdir()
        self.out = root / "out" / "model.pt"

    def export(self, *more: object):
        return run("open-sora", "--checkpoint", self.folder, "--out", self.out, *more)

    def refused(self, *words: str, more=()):
        code, _, err = self.export(*more)
        self.assertEqual(code, 2)
        self.assertEqual(err.count("error:"), 1)
        self.assertNotIn("Traceback", err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(list(self.out.parent.iterdir()), [])

    def change_weights(self, change):
        tensors = load_file(self.weights)
        change(tensors)
        save_file(tensors, self.weights)

    def change_config(self, **changes):
        path = self.folder / "config.json"
        config = {**json.loads(path.read_text()), **changes}
        path.write_text(json.dumps({k: v for k, v in config.items() if v != "drop"}))

    def shard(self) -> Path:
        tensors = load_file(self.weights)
        self.weights.unlink()
        names, weight_map = sorted(tensors), {}
        for i in range(2):
            file = f"model-{i + 1:05}-of-00002.safetensors"
            part = names[i::2]
            save_file({name: tensors[name] for name in part}, self.folder / file)
            weight_map.update(dict.fromkeys(part, file))
        index = self.folder / "model.safetensors.index.json"
        index.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
        return index

    def state(self):
        return contract.load(self.out).state_dict()

    def test_one_file_shards_with_and_without_index_give_the_same_model(self):
        self.assertEqual(self.export()[0], 0)
        whole = self.state()
        index = self.shard()
        self.assertEqual(self.export()[0], 0)
        self.assertTrue(all(torch.equal(value, whole[key]) for key, value in self.state().items()))
        index.unlink()
        self.assertEqual(self.export()[0], 0)
        self.assertTrue(all(torch.equal(value, whole[key]) for key, value in self.state().items()))

    def test_the_transformer_of_a_whole_pipeline_folder_is_found(self):
        root = self.folder.parent / "pipeline"
        root.mkdir()
        shutil.move(self.folder, root / "transformer")
        self.folder = root
        self.assertEqual(self.export()[0], 0)

    def test_a_documented_leftover_is_no_error(self):
        self.change_weights(lambda tensors: tensors.update({"pos_embed.inv_freq": torch.zeros(16)}))
        self.assertEqual(self.export()[0], 0)

    def test_missing_surplus_and_misshapen_keys_are_listed_in_one_error(self):
        def change(tensors):
            tensors["another.weight"] = tensors.pop(KEY)
            tensors["t_block.1.bias"] = torch.zeros(7)

        self.change_weights(change)
        self.refused("missing (1): " + KEY, "surplus (1): another.weight", "t_block.1.bias [7] instead of [384]")

    def test_weights_of_another_family(self):
        shutil.copy(CHECKPOINTS / "latte-tiny" / "weights.safetensors", self.weights)
        self.refused("missing", "surplus", "and", "more")

    def test_a_config_of_another_family(self):
        shutil.copy(CHECKPOINTS / "latte-tiny" / "config.json", self.folder / "config.json")
        self.refused("depth is missing", "hidden_size is missing")

    def test_wrong_fields_are_listed_in_one_error(self):
        self.change_config(depth="four", num_heads="drop", patch_size=[2, 2], model_type="STDiT2", qk_norm=1)
        self.refused(
            "depth is 'four', not a positive whole number",
            "num_heads is missing",
            "patch_size is [2, 2], not a list of 3 counts",
            "model_type is 'STDiT2'",
            "qk_norm is 1, not true or false",
        )

    def test_a_config_that_does_not_fit_the_weights(self):
        self.change_config(hidden_size=128)
        self.refused("of another shape than config.json says", "instead of")

    def test_heads_that_do_not_divide_the_channels(self):
        self.change_config(num_heads=5)
        self.refused("hidden_size is no even multiple of num_heads")

    def test_no_json(self):
        (self.folder / "config.json").write_text("{ depth")
        self.refused("config.json", "JSON")

    def test_json_that_is_no_object(self):
        (self.folder / "config.json").write_text("[1]")
        self.refused("holds no JSON object")

    def test_no_config(self):
        (self.folder / "config.json").unlink()
        self.refused("config.json", "does not exist")

    def test_truncated_weights(self):
        content = self.weights.read_bytes()
        for size in (0, 5, 1000, len(content) // 2, len(content) - 1):
            self.weights.write_bytes(content[:size])
            self.refused("weights.safetensors", "no whole safetensors file")

    def test_corrupt_weights(self):
        self.weights.write_bytes(b"\xff" * 4096)
        self.refused("weights.safetensors", "no whole safetensors file")

    def test_no_weights(self):
        self.weights.unlink()
        self.refused("no *.safetensors file")

    def test_a_missing_shard(self):
        self.shard()
        (self.folder / "model-00002-of-00002.safetensors").unlink()
        self.refused("names files that do not exist", "model-00002-of-00002.safetensors")

    def test_an_index_that_promises_too_much(self):
        index = self.shard()
        content = json.loads(index.read_text())
        content["weight_map"]["nowhere.weight"] = "model-00001-of-00002.safetensors"
        index.write_text(json.dumps(content))
        self.refused("only in the index (1): nowhere.weight")

    def test_an_index_without_a_map(self):
        self.shard().write_text("{}")
        self.refused("has no weight_map")

    def test_two_sets_of_weights(self):
        shutil.copy(self.weights, self.folder / "copy.safetensors")
        self.refused("keep one set of weights")

    def test_weights_too_large_for_fp16(self):
        self.change_weights(lambda tensors: tensors[KEY].fill_(1e6))
        self.refused("not finite in float16", KEY, more=("--dtype", "fp16"))

    def test_weights_that_are_no_numbers(self):
        self.change_weights(lambda tensors: tensors[KEY].fill_(float("nan")))
        self.refused("not finite", KEY)

    def test_integers_for_weights(self):
        self.change_weights(lambda tensors: tensors.update({KEY: torch.zeros(64, 64, dtype=torch.int64)}))
        self.refused(KEY, "int64")

    def test_no_such_folder(self):
        self.folder = self.folder / "nowhere"
        self.refused("no checkpoint folder")

    def test_no_such_output_folder(self):
        code, _, err = run("open-sora", "--checkpoint", self.folder, "--out", self.out.parent / "no" / "model.pt")
        self.assertEqual(code, 2)
        self.assertIn("does not exist", err)

    def test_no_such_device(self):
        self.refused("cannot be used", more=("--device", "nonsense"))

    def test_a_pipeline_travels_with_the_model_and_says_how_to_sample(self):
        pipeline = {"prediction": "clean", "guidance": 3.0, "steps": 12, "vocabulary": ["a", "caf\u00e9"]}
        policies = {"adacache-fast@12": {"motion-power": 8}}
        (self.folder / "pipeline.json").write_text(json.dumps({**pipeline, "policies": policies}))
        self.assertEqual(self.export()[0], 0)
        manifest = contract.read_manifest(self.out)
        self.assertEqual(manifest["pipeline"], pipeline)
        self.assertEqual(manifest["prediction"]["type"], "clean")
        self.assertEqual(manifest["guidance"], {"order": "conditional-first", "scale": 3.0})
        self.assertEqual(manifest["steps"], 12)
        self.assertEqual(manifest["policies"], {"adacache-fast@12": {"motion-power": "8"}})

    def test_a_pipeline_with_an_unknown_prediction(self):
        (self.folder / "pipeline.json").write_text('{"prediction": "v"}')
        self.refused("pipeline.json", "prediction is 'v'")

    def test_a_pipeline_with_malformed_policies(self):
        (self.folder / "pipeline.json").write_text('{"policies": ["fast"]}')
        self.refused("pipeline.json", "policies")

    def test_an_earlier_file_survives_a_failure(self):
        self.out.write_bytes(b"earlier")
        self.weights.unlink()
        self.assertEqual(self.export()[0], 2)
        self.assertEqual(self.out.read_bytes(), b"earlier")

    def test_both_key_styles_of_latte(self):
        for name in ("latte-tiny", "latte-diffusers-tiny"):
            code, _, err = run("latte", "--checkpoint", CHECKPOINTS / name, "--out", self.out)
            self.assertEqual(code, 0, err)

    def test_random_weights_are_the_seeds(self):
        config = CHECKPOINTS / "joint-tiny"
        states = []
        for seed in (1, 1, 2):
            code, _, err = run("joint", "--random-init", "--config", config, "--seed", seed, "--out", self.out)
            self.assertEqual(code, 0, err)
            states.append(torch.cat([value.flatten() for value in self.state().values()]))
        self.assertTrue(torch.equal(states[0], states[1]))
        self.assertFalse(torch.equal(states[0], states[2]))


if __name__ == "__main__":
    unittest.main()
