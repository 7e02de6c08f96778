"""The demo model's data, prompts, loss and checkpoint."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))
import clips  # noqa: E402
import demo_model  # noqa: E402
import prompts  # noqa: E402
import train  # noqa: E402
import write_checkpoint  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def seeded(seed: int = 11) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class ClipsTest(unittest.TestCase):
    def test_same_seed_same_clips(self):
        first, first_words = clips.draw_batch(6, clips.FRAMES, seeded())
        again, again_words = clips.draw_batch(6, clips.FRAMES, seeded())
        self.assertTrue(torch.equal(first, again))
        self.assertEqual(first_words, again_words)
        self.assertEqual(first.shape, (6, 3, 8, 32, 32))
        self.assertLessEqual(first.abs().max().item(), 1.0)

    def test_area_of_the_shapes(self):
        side = torch.arange(-20, 20) + 0.5
        x, y, radius = side.view(1, -1), side.view(-1, 1), torch.tensor(10.0)
        areas = {s: (0.5 - clips.distance(s, x, y, radius)).clamp(0, 1).sum().item() for s in clips.SHAPES}
        expected = {
            "circle": 3.1416 * 100,
            "square": 17.6**2,
            "triangle": 0.75 * 3**0.5 * 11.2**2,
            "ring": 3.1416 * (100 - 5.2**2),
        }
        for shape, area in expected.items():
            self.assertAlmostEqual(areas[shape], area, delta=0.03 * area, msg=shape)

    def test_the_shape_moves_as_the_words_say(self):
        for speed, pixels in clips.SPEEDS.items():
            for direction, (across, down) in clips.DIRECTIONS.items():
                clip = clips.draw(["circle", "white", "small", "black", speed, direction], clips.FRAMES, seeded())
                light = (clip.mean(0) + 1) / 2 - 0.02
                mass = light.sum((1, 2))
                column = (light.sum(1) * torch.arange(32)).sum(1) / mass
                row = (light.sum(2) * torch.arange(32)).sum(1) / mass
                way = clips.FRAMES - 1
                self.assertAlmostEqual((column[-1] - column[0]).item(), across * pixels * way, delta=0.5)
                self.assertAlmostEqual((row[-1] - row[0]).item(), down * pixels * way, delta=0.5)

    def test_every_shape_stays_visible(self):
        for direction in clips.DIRECTIONS:
            clip = clips.draw(["square", "red", "large", "black", "fast", direction], clips.FRAMES, seeded())
            area = ((clip[0] + 1) / 2 > 0.5).sum((1, 2))
            self.assertGreater(area.min().item(), 0.5 * (2 * 0.88 * 8.5) ** 2)

    def test_backgrounds_differ(self):
        grounds = [clips.background(name) for name in clips.BACKGROUNDS]
        for i, one in enumerate(grounds):
            for other in grounds[:i]:
                self.assertGreater((one - other).abs().max().item(), 0.1)


class PromptsTest(unittest.TestCase):
    def test_words_and_fillers(self):
        said = prompts.tokens("A small RED circle, moving fast to the left on a checkerboard.")
        self.assertEqual(said, ["small", "red", "circle", "fast", "left", "checkerboard"])

    def test_unknown_empty_and_long_prompts_are_errors(self):
        with self.assertRaisesRegex(ValueError, "unknown words \\['hexagon'\\]"):
            prompts.tokens("a red hexagon")
        for bad in ("", "a the", " ".join(["red"] * 13)):
            with self.assertRaises(ValueError):
                prompts.tokens(bad)

    def test_words_mean_one_thing(self):
        self.assertEqual(len(set(prompts.VOCABULARY)), len(prompts.VOCABULARY))
        self.assertFalse(set(prompts.VOCABULARY) & set(prompts.FILLERS))

    def test_one_hot(self):
        y, mask = prompts.encode([["red", "ring"], ["still"]])
        self.assertEqual(y.shape, (2, 1, 12, len(prompts.VOCABULARY)))
        self.assertEqual(mask.sum(1).tolist(), [2, 1])
        self.assertEqual(y[0, 0, :2].argmax(1).tolist(), [prompts.VOCABULARY.index(w) for w in ("red", "ring")])
        self.assertEqual(y.sum().item(), 3.0)

    def test_demo_and_tuning_prompts_are_known_and_disjoint(self):
        folder = HERE.parent / "resources/io/adacache/bench"
        read = lambda name: [frozenset(prompts.tokens(p)) for p in (folder / name).read_text().splitlines()]  # noqa: E731
        demo, tuning = read("demo_prompts.txt"), read("tuning_prompts.txt")
        self.assertEqual((len(set(demo)), len(set(tuning))), (10, 20))
        self.assertFalse(set(demo) & set(tuning))


class ModelTest(unittest.TestCase):
    def test_a_few_iterations_learn(self):
        losses = []
        torch.manual_seed(1)
        model = demo_model.build()
        chosen = train.optimizers(model, 2e-3, muon=True)
        for _ in range(4):
            value = demo_model.loss(model, 2, 4, 0.5, seeded())
            value.backward()
            for optimizer in chosen:
                optimizer.step()
                optimizer.zero_grad()
            losses.append(value.item())
        self.assertLess(losses[-1], losses[0])

    def test_checkpoint_loads_into_the_published_names(self):
        torch.manual_seed(1)
        model = demo_model.build()
        with tempfile.TemporaryDirectory() as folder:
            write_checkpoint.write({"average": model.state_dict()}, Path(folder))
            config = json.loads((Path(folder) / "config.json").read_text())
            other = demo_model.STDiT3.from_config(config)
            other.load_state_dict(load_file(Path(folder) / "model.safetensors"))
            pipeline = json.loads((Path(folder) / "pipeline.json").read_text())
        self.assertEqual(pipeline["vocabulary"], prompts.VOCABULARY)
        clip = demo_model.sample(other, ["a red circle"], seed=1, steps=2, guidance=3.0)
        self.assertEqual(clip.shape, (1, 3, 8, 32, 32))


if __name__ == "__main__":
    unittest.main()
