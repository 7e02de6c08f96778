"""The world of the two later models: clips of one or two shapes over a background that may pan, some with a cut, and their words.

A clip is [3, frames, 16, 16] in -1..1. Everything is drawn from signed distances, a whole batch at a time.

A prompt says a first object, perhaps `and` a second one, a background, perhaps a `camera` movement, and perhaps, behind `then`,
the object and the background after a cut in the middle of the clip. Those three words are no tokens: they say to which *part*
the words behind them belong, and a token is a word together with its part.
"""

import torch
from torch import Tensor

from clips import COLOURS, DIRECTIONS, distance

FRAMES = 8
SIZE = 16
CUT = FRAMES // 2
"""The first frame after a cut."""

SHAPES = ("circle", "square", "triangle", "ring")
RADIUS = 3.3
BACKGROUNDS = ("black", "gray", "stripes", "checkerboard", "gradient", "clouds")
SPEEDS = {"still": 0.0, "slowly": 0.5, "fast": 1.2}
"""Pixels per frame; even the fast stay inside the picture."""
PAN = 1
"""Pixels per frame by which the background moves against the camera."""

VOCABULARY = [*SHAPES, *COLOURS, *BACKGROUNDS, *SPEEDS, *DIRECTIONS]
FILLERS = [
    "a", "an", "the", "moving", "standing", "to", "on", "in", "plain", "background", "with", "panning", "before", "scene",
]
"""Words that carry nothing and give no token."""
PARTS = {"and": 1, "camera": 2, "then": 3}
"""Words after which another part of the prompt begins; the first object is part 0."""
LENGTH = 16
"""Tokens of a prompt at most."""
CHANNELS = len(VOCABULARY) + len(PARTS) + 1
"""Of a token: the word one-hot, then its part one-hot."""

DEPTHS = (0.16, 0.40)
"""Brightness of the two tones of a pattern."""


def tokens(prompt: str) -> list[tuple[int, str]]:
    """Part and word of each token. Unknown words are an error."""
    letters = "".join(c if "a" <= c <= "z" else " " for c in prompt.lower())
    part, found, unknown = 0, [], []
    for word in letters.split():
        if word in PARTS:
            part = PARTS[word]
        elif word in VOCABULARY:
            found.append((part, word))
        elif word not in FILLERS:
            unknown.append(word)
    if unknown:
        raise ValueError(f"unknown words {unknown}; known: {VOCABULARY}, parts: {list(PARTS)}, ignored: {FILLERS}")
    if not 0 < len(found) <= LENGTH:
        raise ValueError(f"a prompt has 1 to {LENGTH} known words, this one has {len(found)}: {prompt!r}")
    return found


def encode(prompts: list[list[tuple[int, str]]]) -> Tensor:
    """Tokens as rows [n, LENGTH, CHANNELS]; zeros after the last. No tokens are the null prompt."""
    rows = torch.zeros(len(prompts), LENGTH, CHANNELS)
    for i, found in enumerate(prompts):
        for place, (part, word) in enumerate(found):
            rows[i, place, VOCABULARY.index(word)] = 1.0
            rows[i, place, len(VOCABULARY) + part] = 1.0
    return rows


def patterns() -> Tensor:
    """Brightness 0..1 of the backgrounds but for clouds, [5, 16, 16]. They repeat at the picture's edge, so that they can pan."""
    row = torch.arange(SIZE).view(-1, 1).expand(SIZE, SIZE)
    column = row.t()
    low, high = DEPTHS
    return torch.stack((
        torch.full((SIZE, SIZE), 0.02),
        torch.full((SIZE, SIZE), 0.40),
        torch.where(column // 4 % 2 == 0, low, high),
        torch.where((column // 4 + row // 4) % 2 == 0, low, high),
        0.04 + 0.52 * row / (SIZE - 1),
    ))


def clouds(count: int, generator: torch.Generator) -> Tensor:
    """Smooth random brightness [count, 16, 16], of waves that fit into the picture once or twice."""
    place = torch.arange(SIZE) * (2 * torch.pi / SIZE)
    field = torch.zeros(count, SIZE, SIZE)
    for across in range(3):
        for down in range(-2, 3):
            if across == 0 and down <= 0:
                continue
            size, phase = torch.rand(2, count, 1, 1, generator=generator)
            angle = across * place.view(1, 1, -1) + down * place.view(1, -1, 1) + 2 * torch.pi * phase
            field += (size + 0.1) / (across**2 + down**2) ** 0.5 * angle.cos()
    low, high = DEPTHS
    field = field / field.abs().amax((1, 2), keepdim=True)
    return (low + high) / 2 + (high - low) / 2 * 1.3 * field


def choice(options: int, count: int, generator: torch.Generator) -> Tensor:
    return torch.randint(options, (count,), generator=generator)


class Objects:
    """One object per clip: the numbers of its words, where it begins, how it moves."""

    def __init__(self, count: int, frames: Tensor, colours: Tensor, generator: torch.Generator):
        """frames: how long each is seen; colours: numbers of the colours."""
        self.colours = colours
        self.shapes = choice(len(SHAPES), count, generator)
        self.speeds = choice(len(SPEEDS), count, generator)
        self.directions = choice(len(DIRECTIONS), count, generator)
        self.step = torch.tensor(list(DIRECTIONS.values()))[self.directions]
        self.step = self.step * torch.tensor(list(SPEEDS.values()))[self.speeds].unsqueeze(1)
        way = self.step * (frames.unsqueeze(1) - 1)
        low = RADIUS + 0.5 - way.clamp(max=0)
        high = SIZE - 0.5 - RADIUS - way.clamp(min=0)
        self.start = low + (high - low).clamp(min=0) * torch.rand(count, 2, generator=generator)

    def cover(self, first: int) -> Tensor:
        """How much of each pixel it covers, [count, frames, 16, 16]; its clock is 0 in the frame `first`."""
        time = (torch.arange(FRAMES) - first).view(1, -1, 1)
        centre = self.start.unsqueeze(1) + self.step.unsqueeze(1) * time
        pixel = torch.arange(SIZE) + 0.5
        x = pixel.view(1, 1, 1, -1) - centre[:, :, 0, None, None]
        y = pixel.view(1, 1, -1, 1) - centre[:, :, 1, None, None]
        far = torch.full(x.shape[:2] + (SIZE, SIZE), 99.0)
        for number, shape in enumerate(SHAPES):
            mine = self.shapes == number
            far[mine] = distance(shape, x[mine], y[mine], torch.tensor(RADIUS)).expand_as(far[mine])
        return (0.5 - far).clamp(0, 1)

    def words(self, i: int) -> list[str]:
        said = [
            list(COLOURS)[self.colours[i]], SHAPES[self.shapes[i]], list(SPEEDS)[self.speeds[i]],
        ]
        return said if said[-1] == "still" else [*said, list(DIRECTIONS)[self.directions[i]]]


def paint(picture: Tensor, cover: Tensor, colours: Tensor) -> Tensor:
    """Lays an object over pictures [count, frames, 3, 16, 16]."""
    colour = torch.tensor(list(COLOURS.values()))[colours].view(-1, 1, 3, 1, 1)
    return picture + cover.unsqueeze(2) * (colour - picture)


def grounds(numbers: Tensor, camera: Tensor, generator: torch.Generator) -> Tensor:
    """Backgrounds [count, frames, 16, 16]; camera [count, 2] is its way per frame."""
    own = torch.cat((patterns(), torch.zeros(1, SIZE, SIZE)))[numbers].clone()
    cloudy = numbers == BACKGROUNDS.index("clouds")
    own[cloudy] = clouds(len(numbers), generator)[cloudy]
    place = torch.arange(SIZE)
    frames = []
    for frame in range(FRAMES):
        # What is seen at a place lies as far ahead as the camera has gone.
        column = (place + frame * camera[:, :1]) % SIZE
        row = (place + frame * camera[:, 1:]) % SIZE
        moved = own.gather(1, row.unsqueeze(2).expand(-1, -1, SIZE)).gather(2, column.unsqueeze(1).expand(-1, SIZE, -1))
        frames.append(moved)
    return torch.stack(frames, 1)


def other(numbers: Tensor, options: int, generator: torch.Generator) -> Tensor:
    """Numbers that differ from the given ones."""
    return (numbers + 1 + choice(options - 1, len(numbers), generator)) % options


def draw_batch(
    count: int, generator: torch.Generator, two: float = 0.35, cut: float = 0.2, pan: float = 0.4
) -> tuple[Tensor, list[list[tuple[int, str]]]]:
    """Clips [count, 3, frames, 16, 16] and their tokens. two, cut and pan: in which share there is such a thing."""
    chance = lambda share: torch.rand(count, generator=generator) < share  # noqa: E731
    has_two, has_cut, has_pan = chance(two), chance(cut), chance(pan)
    seen = torch.where(has_cut, CUT, FRAMES)
    colours = choice(len(COLOURS), count, generator)
    one = Objects(count, seen, colours, generator)
    second = Objects(count, seen, other(colours, len(COLOURS), generator), generator)
    after = Objects(count, torch.full((count,), FRAMES - CUT), choice(len(COLOURS), count, generator), generator)
    ground = choice(len(BACKGROUNDS), count, generator)
    new_ground = other(ground, len(BACKGROUNDS), generator)
    ways = choice(len(DIRECTIONS), count, generator)
    name = [BACKGROUNDS[n] for n in ground.tolist()]
    # Up and down are not seen on stripes, nothing on what is plain.
    sideways = ways < 2
    has_pan &= torch.tensor([n in ("checkerboard", "clouds") or (n == "stripes" and s) for n, s in zip(name, sideways)])
    camera = torch.tensor(list(DIRECTIONS.values())).long()[ways] * PAN * has_pan.unsqueeze(1)

    def shown(numbers: Tensor, moves: Tensor) -> Tensor:
        return grounds(numbers, moves, generator).unsqueeze(2).expand(-1, -1, 3, -1, -1)

    picture = shown(ground, camera)
    picture = torch.where(has_two.view(-1, 1, 1, 1, 1), paint(picture, second.cover(0), second.colours), picture)
    picture = paint(picture, one.cover(0), one.colours)
    later = paint(shown(new_ground, torch.zeros_like(camera)), after.cover(CUT), after.colours)
    cuts = has_cut.view(-1, 1, 1, 1, 1) & (torch.arange(FRAMES) >= CUT).view(1, -1, 1, 1, 1)
    picture = torch.where(cuts, later, picture)

    said = []
    for i in range(count):
        found = [(0, w) for w in one.words(i)]
        part = 0
        if has_two[i]:
            part = PARTS["and"]
            found += [(part, w) for w in second.words(i)]
        found.append((part, name[i]))
        if has_pan[i]:
            found.append((PARTS["camera"], list(DIRECTIONS)[ways[i]]))
        if has_cut[i]:
            found += [(PARTS["then"], w) for w in [*after.words(i), BACKGROUNDS[new_ground[i]]]]
        said.append(found)
    return (picture * 2 - 1).transpose(1, 2).contiguous(), said


def sentence(found: list[tuple[int, str]]) -> str:
    """A prompt that has these tokens."""
    names = {number: word for word, number in PARTS.items()}
    said, part = [], 0
    for number, word in found:
        if number != part:
            said.append(names[number])
            part = number
        said.append(word)
    return " ".join(said)
