"""The world of the demo model: short clips of one shape on a calm background, and the words for them.

A clip is [3, frames, 32, 32] in -1..1. Everything is drawn from signed distances, so edges are antialiased.
"""

import torch
from torch import Tensor

FRAMES = 8
SIZE = 32

COLOURS = {
    "red": (0.93, 0.13, 0.13),
    "green": (0.10, 0.78, 0.20),
    "blue": (0.13, 0.30, 0.97),
    "yellow": (0.98, 0.88, 0.10),
    "white": (1.00, 1.00, 1.00),
    "purple": (0.72, 0.20, 0.90),
}
SHAPES = ("circle", "square", "triangle", "ring")
RADII = {"small": 4.5, "large": 8.5}
BACKGROUNDS = ("black", "gray", "stripes", "checkerboard", "gradient")
SPEEDS = {"still": 0.0, "slowly": 0.9, "fast": 2.6}
"""Pixels per frame."""
DIRECTIONS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
"""Column and row per pixel of way; row 0 is the topmost."""

ATTRIBUTES = (tuple(SHAPES), tuple(COLOURS), tuple(RADII), BACKGROUNDS, tuple(SPEEDS), tuple(DIRECTIONS))


def background(name: str) -> Tensor:
    """Brightness 0..1, [32, 32]."""
    row = torch.arange(SIZE).view(-1, 1).expand(SIZE, SIZE)
    column = row.t()
    if name == "black":
        return torch.full((SIZE, SIZE), 0.02)
    if name == "gray":
        return torch.full((SIZE, SIZE), 0.40)
    if name == "stripes":
        return torch.where(column // 4 % 2 == 0, 0.16, 0.40)
    if name == "checkerboard":
        return torch.where((column // 8 + row // 8) % 2 == 0, 0.16, 0.40)
    return 0.04 + 0.52 * row / (SIZE - 1)


def distance(shape: str, x: Tensor, y: Tensor, radius: Tensor) -> Tensor:
    """Signed distance in pixels to the outline of a shape around (0, 0); negative inside."""
    if shape == "circle":
        return torch.hypot(x, y) - radius
    if shape == "square":
        half = 0.88 * radius
        return torch.maximum(x.abs(), y.abs()) - half
    if shape == "triangle":
        # Upright and equilateral; its box, not its centroid, is centred. outer: from centroid to corner.
        outer = 1.12 * radius
        down = y - 0.25 * outer
        return torch.maximum(0.75**0.5 * x.abs() - 0.5 * down, down) - 0.5 * outer
    return (torch.hypot(x, y) - 0.76 * radius).abs() - 0.24 * radius


def span(start_low: float, start_high: float, generator: torch.Generator) -> float:
    return start_low + (start_high - start_low) * torch.rand((), generator=generator).item()


def draw_batch(count: int, frames: int, generator: torch.Generator) -> tuple[Tensor, list[list[str]]]:
    """Draws clips [count, 3, frames, 32, 32] and, for each, its words. Shorter clips are cut out of whole ones."""
    pick = [torch.randint(len(choices), (count,), generator=generator).tolist() for choices in ATTRIBUTES]
    words = [[ATTRIBUTES[a][pick[a][i]] for a in range(len(ATTRIBUTES))] for i in range(count)]
    clips = torch.stack([draw(w, frames, generator) for w in words])
    for w in words:
        if w[4] == "still":
            w.pop()
    return clips, words


def draw(words: list[str], frames: int, generator: torch.Generator) -> Tensor:
    """Draws one clip. words: shape, colour, size, background, speed, direction (unused where still)."""
    shape, colour, size, ground, speed, direction = words
    radius = RADII[size]
    way = SPEEDS[speed] * (FRAMES - 1)
    along = DIRECTIONS[direction]
    centre = []
    for axis in along:
        # A fast large shape does not fit with its whole way: it may then stick out by a third at either end.
        low, high = radius + 0.5, SIZE - 0.5 - radius
        if axis != 0.0:
            room = max(high - low - way, 0.0)
            middle = SIZE / 2 - axis * way / 2
            centre.append(span(middle - room / 2, middle + room / 2, generator))
        else:
            centre.append(span(low, high, generator))
    begin = torch.randint(FRAMES - frames + 1, (), generator=generator).item()
    time = torch.arange(begin, begin + frames).view(-1, 1, 1) * SPEEDS[speed]
    pixel = torch.arange(SIZE) + 0.5
    x = pixel.view(1, 1, -1) - (centre[0] + along[0] * time)
    y = pixel.view(1, -1, 1) - (centre[1] + along[1] * time)
    cover = (0.5 - distance(shape, x, y, torch.tensor(radius))).clamp(0, 1)
    paint = torch.tensor(COLOURS[colour]).view(3, 1, 1, 1)
    ground_colour = background(ground).view(1, 1, SIZE, SIZE)
    return (ground_colour + cover * (paint - ground_colour)) * 2 - 1
