"""Draws the prompts of the three models: those that are shown, those for tuning, and those for tests, none in two lists.

    python draw_prompts.py ../resources/io/adacache/bench/prompts

Was run once, before anything was measured on them; a list is never drawn again without saying so.

    python draw_prompts.py ../resources/io/adacache/bench/prompts OTHERS

writes prompts into OTHERS that are in none of the lists, 160 for each model, always the same.
"""

import random
import sys
from pathlib import Path

import clips
import prompts
import world

SIZES = {"shown": 10, "tuning": 20, "test": 24}
KINDS = ("one", "two", "pan", "cut", "one", "two and pan", "two", "cut and pan")
"""What the prompts of the two later models show, in turn."""


def moving(speed: str, direction: str) -> str:
    towards = "to the " if direction in ("left", "right") else ""
    return "standing still" if speed == "still" else f"moving {speed} {towards}{direction}"


def thing(draw: random.Random, colour: str) -> str:
    shape, speed, direction = (draw.choice(list(w)) for w in (world.SHAPES, world.SPEEDS, world.DIRECTIONS))
    return f"a {colour} {shape} {moving(speed, direction)}"


def ground(name: str) -> str:
    return {"checkerboard": "on a checkerboard", "gradient": "on a gradient", "gray": "on plain gray"}.get(name, f"on {name}")


def later(draw: random.Random, kind: str) -> str:
    """A prompt in the world of world.py."""
    first, second, third = draw.sample(list(world.COLOURS), 3)
    panned = "pan" in kind
    one, other = draw.sample([g for g in world.BACKGROUNDS if not panned or g in ("checkerboard", "clouds", "stripes")], 2)
    text = thing(draw, first)
    if "two" in kind:
        text += " and " + thing(draw, second)
    text += " " + ground(one)
    if panned:
        ways = list(world.DIRECTIONS) if one != "stripes" else ["left", "right"]
        text += f" with the camera panning {draw.choice(ways)}"
    if "cut" in kind:
        text += " then " + thing(draw, third) + " " + ground(other)
    return text


def todays(draw: random.Random) -> str:
    """A prompt in the world of clips.py."""
    shape, colour, size, background, speed, direction = (draw.choice(list(words)) for words in clips.ATTRIBUTES)
    return f"a {size} {colour} {shape} {moving(speed, direction)} {ground(background)}"


def lists(name: str, taken: set[frozenset], seed: int) -> dict[str, list[str]]:
    draw = random.Random(seed)
    words = prompts.tokens if name == "demo" else world.tokens
    drawn = {}
    for which, size in SIZES.items():
        if name == "demo" and which != "test":
            continue
        drawn[which] = []
        while len(drawn[which]) < size:
            text = todays(draw) if name == "demo" else later(draw, KINDS[len(drawn[which]) % len(KINDS)])
            if frozenset(words(text)) not in taken:
                taken.add(frozenset(words(text)))
                drawn[which].append(text)
    return drawn


def others(name: str, folder: Path, count: int) -> list[str]:
    """Prompts that are in no list of any model."""
    words = prompts.tokens if name == "demo" else world.tokens
    known = [*folder.glob("*.txt"), folder.parent / "demo_prompts.txt", folder.parent / "tuning_prompts.txt"]
    taken = set()
    for text in (p for file in known for p in file.read_text().splitlines()):
        try:
            taken.add(frozenset(words(text)))
        except (KeyError, ValueError):
            continue  # of a model with other words
    draw = random.Random("truth" + name)
    drawn: list[str] = []
    while len(drawn) < count:
        text = todays(draw) if name == "demo" else later(draw, KINDS[len(drawn) % len(KINDS)])
        if frozenset(words(text)) not in taken:
            taken.add(frozenset(words(text)))
            drawn.append(text)
    return drawn


def main() -> None:
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        for name in ("demo", "joint", "wan"):
            (Path(sys.argv[2]) / f"{name}.txt").write_text("\n".join(others(name, folder, 160)) + "\n")
        return
    folder.mkdir(parents=True, exist_ok=True)
    older = [p for f in ("demo_prompts.txt", "tuning_prompts.txt") for p in (folder.parent / f).read_text().splitlines()]
    later_taken: set[frozenset] = set()
    for seed, (name, taken) in enumerate(
        (("demo", {frozenset(prompts.tokens(p)) for p in older}), ("joint", later_taken), ("wan", later_taken))
    ):
        for which, drawn in lists(name, taken, 20261127 + seed).items():
            (folder / f"{name}-{which}.txt").write_text("\n".join(drawn) + "\n")


if __name__ == "__main__":
    main()
