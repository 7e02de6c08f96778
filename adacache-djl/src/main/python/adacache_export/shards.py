"""Tensor helpers of a model that is spread over several devices, which Java calls as it calls those of ``ops.py``."""

from typing import List

import torch
from torch import Tensor, nn


class Shards(nn.Module):
    """The hidden state is [B, prefix + frames * places, C], frames major. A member holds the whole prefix and a part of the frames,
    or a part of the places of all frames."""

    def forward(self, x: Tensor) -> Tensor:
        return x

    @torch.jit.export
    def cut(self, x: Tensor, prefix: int, frames: int, axis: int, first: int, last: int) -> Tensor:
        """Frames (axis 0) or places (axis 1) first..last-1 of what a member holds, without the prefix, as a tensor of its own."""
        picked = x[:, prefix:].unflatten(1, (frames, -1)).narrow(1 + axis, first, last - first)
        return picked.flatten(1, 2).clone(memory_format=torch.contiguous_format)

    @torch.jit.export
    def join(self, prefix: int, like: Tensor, pieces: List[Tensor], frames: List[int], axis: int) -> Tensor:
        """Puts pieces, each of so many frames, together along the frames (axis 0) or the places (axis 1), behind the prefix of
        another tensor."""
        whole: List[Tensor] = []
        for i in range(len(pieces)):
            whole.append(pieces[i].unflatten(1, (frames[i], -1)))
        video = torch.cat(whole, 1 + axis).flatten(1, 2)
        return video if prefix == 0 else torch.cat((like[:, :prefix], video), 1)

    @torch.jit.export
    def concatenate(self, pieces: List[Tensor], axis: int) -> Tensor:
        """The pieces one after another along an axis."""
        return torch.cat(pieces, axis)

    @torch.jit.export
    def rows(self, x: Tensor, axis: int, first: int, last: int) -> Tensor:
        """What an input has for rows first..last-1 of a call, along an axis; fewer lines than rows are repeated, as models do. Shares its
        storage with x where it can."""
        lines = x.size(axis)
        if last <= lines:
            return x.narrow(axis, first, last - first)
        return x.index_select(axis, torch.arange(first, last, device=x.device) % lines)

    @torch.jit.export
    def without_prefix(self, x: Tensor, prefix: int) -> Tensor:
        """What lies behind the prefix; shares its storage with x."""
        return x[:, prefix:]
