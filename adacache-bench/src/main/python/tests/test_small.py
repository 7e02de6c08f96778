"""The two later models: their world, their prompts, their losses and checkpoints."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))
import draw_prompts  # noqa: E402
import small_models  # noqa: E402
import train_small  # noqa: E402
import world  # noqa: E402
import write_small  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def seeded(seed: int = 11) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def centre(clip: torch.Tensor, frame: int) -> tuple[float, float]:
    """Column and row of what is lighter than black, in a frame."""
    light = (clip[:, frame].amax(0) + 1) / 2 - 0.02
    light = light * (light > 0.1)
    place = torch.arange(world.SIZE) + 0.5
    return ((light.sum(0) * place).sum() / light.sum()).item(), ((light.sum(1) * place).sum() / light.sum()).item()


class WorldTest(unittest.TestCase):
    def test_same_seed_same_clips(self):
        first, words = world.draw_batch(20, seeded())
        again, words_again = world.draw_batch(20, seeded())
        self.assertTrue(torch.equal(first, again))
        self.assertEqual(words, words_again)
        self.assertEqual(first.shape, (20, 3, 8, 16, 16))
        self.assertLessEqual(first.abs().max().item(), 1.0)

    def test_one_object_moves_as_its_words_say(self):
        clips, said = world.draw_batch(200, seeded(), two=0, cut=0, pan=0)
        seen = 0
        for clip, found in zip(clips, said):
            words = [word for _, word in found]
            if "black" not in words or "blue" in words:
                continue
            seen += 1
            speed = next(w for w in words if w in world.SPEEDS)
            across, down = world.DIRECTIONS[next((w for w in words if w in world.DIRECTIONS), "left")]
            (x0, y0), (x1, y1) = centre(clip, 0), centre(clip, 7)
            self.assertAlmostEqual(x1 - x0, 7 * across * world.SPEEDS[speed], delta=0.6)
            self.assertAlmostEqual(y1 - y0, 7 * down * world.SPEEDS[speed], delta=0.6)
        self.assertGreater(seen, 15)

    def test_the_camera_goes_over_the_ground(self):
        camera = torch.tensor([list(world.DIRECTIONS["right"])]).long()
        ground = world.grounds(torch.tensor([world.BACKGROUNDS.index("clouds")]), camera, seeded())[0]
        self.assertTrue(torch.equal(ground[1, :, :-1], ground[0, :, 1:]))

    def test_a_cut_changes_the_ground(self):
        clips, said = world.draw_batch(30, seeded(), two=0, cut=1, pan=0)
        for clip, found in zip(clips, said):
            self.assertIn(world.PARTS["then"], [part for part, _ in found])
            step = (clip[:, 1:] - clip[:, :-1]).abs().mean((0, 2, 3))
            self.assertEqual(step.argmax().item(), world.CUT - 1)

    def test_sentences_say_what_tokens_say(self):
        _, said = world.draw_batch(50, seeded())
        for found in said:
            self.assertEqual(world.tokens(world.sentence(found)), found)
            self.assertLessEqual(len(found), world.LENGTH)

    def test_parts_and_unknown_words(self):
        self.assertEqual(
            world.tokens("A red circle, and a BLUE ring on clouds; the camera panning left."),
            [(0, "red"), (0, "circle"), (1, "blue"), (1, "ring"), (1, "clouds"), (2, "left")],
        )
        with self.assertRaisesRegex(ValueError, "unknown words \\['hexagon'\\]"):
            world.tokens("a red hexagon")
        row = world.encode([[(1, "ring")]])[0]
        self.assertEqual(row.sum().item(), 2.0)
        self.assertEqual(row[0, len(world.VOCABULARY) + 1].item(), 1.0)

    def test_the_committed_prompts_are_those_drawn(self):
        folder = HERE.parent / "resources/io/adacache/bench/prompts"
        taken: set[frozenset] = set()
        for seed, name in enumerate(("joint", "wan"), start=1):
            for which, drawn in draw_prompts.lists(name, taken, 20261127 + seed).items():
                self.assertEqual((folder / f"{name}-{which}.txt").read_text().splitlines(), drawn)


class ModelsTest(unittest.TestCase):
    def test_a_few_iterations_learn(self):
        for name, make in small_models.KINDS.items():
            torch.manual_seed(1)
            kind = make()
            model = kind.build()
            chosen = train_small.optimizers(model, 2e-3)
            losses = []
            for _ in range(5):
                x, text = train_small.draw(4, seeded())
                value = kind.loss(model, x, text, True, seeded())
                value.backward()
                for optimizer in chosen:
                    optimizer.step()
                    optimizer.zero_grad()
                losses.append(value.item())
            self.assertLess(losses[-1], losses[0], name)

    def test_checkpoints_have_the_published_layout(self):
        for name, make in small_models.KINDS.items():
            torch.manual_seed(1)
            kind = make()
            model = kind.build()
            with tempfile.TemporaryDirectory() as folder:
                write_small.write(kind, {"average": model.state_dict()}, Path(folder))
                config = json.loads((Path(folder) / "config.json").read_text())
                other = kind.family.build(kind.family.configure(config))
                other.load_state_dict(load_file(Path(folder) / "model.safetensors"))
                pipeline = json.loads((Path(folder) / "pipeline.json").read_text())
            self.assertEqual(pipeline["parts"], world.PARTS, name)
            text = world.encode([world.tokens("a red circle")])
            self.assertEqual(kind.sample(other, text, seed=1, steps=2, guidance=3.0).shape, (1, 3, 8, 16, 16))

    def test_committed_checkpoints_are_what_the_program_carries(self):
        for name, make in small_models.KINDS.items():
            kind = make()
            weights = load_file(HERE / f"{name}_checkpoint/model.safetensors")
            carried = torch.jit.load(str(HERE.parent / f"resources/io/adacache/bench/{name}.pt"))
            for key, value in carried.state_dict().items():
                self.assertTrue(torch.equal(value, weights[key].float()), f"{name}: {key}")
            model = kind.family.build(kind.family.configure(json.loads((HERE / f"{name}_checkpoint/config.json").read_text())))
            model.load_state_dict(weights)
            text = world.encode([world.tokens("a red circle")])
            z = torch.randn(1, 3, 8, 16, 16, generator=seeded())
            with torch.no_grad():
                if name == "joint":
                    time = torch.tensor([500])
                    made = carried(z.transpose(1, 2), text, time).transpose(1, 2)
                    wanted = kind.call(model, z, time, text)
                else:
                    made, wanted = carried(z, torch.tensor([500.0]), text), kind.call(model, z, torch.tensor([0.5]), text)
            self.assertLess((made - wanted).abs().max().item(), 1e-4, name)


if __name__ == "__main__":
    unittest.main()
