"""Prompts of the demo model: words of a fixed vocabulary, each a one-hot token."""

import torch
from torch import Tensor

import clips

LENGTH = 12
"""Tokens of a prompt at most (``model_max_length``)."""

VOCABULARY = [word for words in clips.ATTRIBUTES for word in words]

FILLERS = ["a", "an", "the", "moving", "standing", "to", "on", "in", "plain", "background"]
"""Words that carry nothing and give no token."""


def tokens(prompt: str) -> list[str]:
    """Lower case, split at everything that is no letter a-z, fillers dropped. Unknown words are an error."""
    letters = "".join(c if "a" <= c <= "z" else " " for c in prompt.lower())
    words = [word for word in letters.split() if word not in FILLERS]
    unknown = [word for word in words if word not in VOCABULARY]
    if unknown:
        raise ValueError(f"unknown words {unknown}; known: {VOCABULARY}, ignored: {FILLERS}")
    if not 0 < len(words) <= LENGTH:
        raise ValueError(f"a prompt has 1 to {LENGTH} known words, this one has {len(words)}: {prompt!r}")
    return words


def encode(prompts: list[list[str]]) -> tuple[Tensor, Tensor]:
    """Tokens as one-hot rows, zeros after the last: y [n, 1, LENGTH, vocabulary] and mask [n, LENGTH] of 0 and 1."""
    y = torch.zeros(len(prompts), 1, LENGTH, len(VOCABULARY))
    mask = torch.zeros(len(prompts), LENGTH, dtype=torch.long)
    for row, words in enumerate(prompts):
        for place, word in enumerate(words):
            y[row, 0, place, VOCABULARY.index(word)] = 1.0
            mask[row, place] = 1
    return y, mask
