"""The constants of published models: files that policies can read, and manifests that carry them where they belong."""

import json
import re
import unittest

from helpers import CHECKPOINTS

from adacache_export import families, manifest

MODELS = {path.stem: json.loads(path.read_text()) for path in sorted(manifest.PUBLISHED.glob("*.json"))}
SETTINGS = {
    "pab": {"window", "spatial", "temporal", "cross", "mlp", "mlp-blocks", "mlp-steps", "timestep-dtype"},
    "tgate": {"gate"},
    "delta-dit": {"gate", "front"},
    "teacache": {"threshold", "polynomial", "first", "last"},
    "magcache": {"threshold", "max-in-row", "retention", "ratios"},
    "easycache": {"threshold", "first"},
}
ENTRY = re.compile(r"([a-z-]+)(:[a-z]+)?(@\d+)?")


def numbers(text: str) -> list:
    return [float(number) for number in text.split(";")]


class PublishedTest(unittest.TestCase):
    def test_every_file_holds_settings_as_text_and_says_where_they_are_from(self):
        for name, model in MODELS.items():
            with self.subTest(name):
                self.assertRegex(name, r"^[a-z0-9.-]+$")
                self.assertLessEqual(set(model), {"model", "steps", "exported", "policies", "notes", "sources"})
                policies = set()
                for entry, settings in model["policies"].items():
                    policy = ENTRY.fullmatch(entry).group(1)
                    policies.add(policy)
                    self.assertLessEqual(set(settings), SETTINGS[policy])
                    self.assertTrue(all(isinstance(value, str) for value in settings.values()))
                self.assertEqual(set(model["sources"]), policies)
                self.assertLessEqual(set(model.get("notes", {})), policies)

    def test_polynomials_are_of_fourth_degree_and_ratios_one_per_step_from_the_second(self):
        polynomials = 0
        for name, model in MODELS.items():
            with self.subTest(name):
                teacache = model["policies"].get("teacache", {})
                if "polynomial" in teacache:
                    self.assertEqual(len(numbers(teacache["polynomial"])), 5)
                    polynomials += 1
                ratios = model["policies"].get("magcache", {}).get("ratios")
                if ratios is not None:
                    self.assertEqual(len(numbers(ratios)), model["steps"] - 1)
                    self.assertTrue(all(0.9 < ratio <= 1 for ratio in numbers(ratios)))
        self.assertGreater(polynomials, 8)

    def test_gates_count_steps_so_they_hold_for_a_number_of_steps(self):
        gates = 0
        for name, model in MODELS.items():
            with self.subTest(name):
                for entry, settings in model["policies"].items():
                    if "gate" in settings:
                        self.assertLess(int(settings["gate"]), int(entry.split("@")[1]))
                        gates += 1
        self.assertEqual(gates, 8)

    def test_some_published_constants(self):
        sora, plan, latte = (MODELS[name]["policies"] for name in ("open-sora", "open-sora-plan", "latte"))
        self.assertEqual([p["pab"]["window"] for p in (sora, plan, latte)], ["450-930", "100-850", "100-800"])
        self.assertEqual(numbers(plan["pab"]["mlp"]), [738, 714, 690, 666, 642, 618, 594, 570, 546, 522, 498, 474, 450, 426])
        self.assertEqual(latte["pab:fast"], {"spatial": "4", "temporal": "6", "cross": "9"})
        self.assertEqual(numbers(sora["teacache"]["polynomial"])[:2], [217.546007, -118.329252])
        squares = [ratio * ratio for ratio in numbers(sora["magcache"]["ratios"])]
        self.assertAlmostEqual(squares[0], 0.93359, 12)
        self.assertAlmostEqual(squares[-1], 0.96484, 12)

    def test_models_of_the_published_sizes_get_them(self):
        exported = {model["exported"]["family"]: model for model in MODELS.values() if "exported" in model}
        self.assertEqual(set(exported), {"open-sora", "open-sora-plan", "latte"})
        for name, model in exported.items():
            family = families.FAMILIES[name]
            self.assertEqual(family.describe(family.configure(dict(family.PUBLISHED)))["steps"], model["steps"])
            self.assertEqual(manifest.published(name, family.PUBLISHED), model["policies"])

    def test_models_of_other_sizes_and_families_do_not(self):
        for folder, name in (("stdit3-tiny", "open-sora"), ("latte-tiny", "latte"), ("open-sora-plan-tiny", "open-sora-plan")):
            config = json.loads((CHECKPOINTS / folder / "config.json").read_text())
            self.assertEqual(manifest.published(name, config), {})
        for name in ("latte-class", "joint"):
            self.assertEqual(manifest.published(name, families.FAMILIES[name].PUBLISHED), {})

    def test_what_a_pipeline_recommends_goes_first_setting_by_setting(self):
        self.assertEqual(
            manifest.together({"a": {"x": "1", "y": "2"}, "b": {"x": "3"}}, {}, {"a": {"x": "4"}, "c": {"z": "5"}}),
            {"a": {"x": "4", "y": "2"}, "b": {"x": "3"}, "c": {"z": "5"}},
        )


if __name__ == "__main__":
    unittest.main()
