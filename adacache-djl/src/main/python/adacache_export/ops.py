"""Tensor helpers that Java calls on tensors of any dtype and device, bf16 included, without touching them itself.

They are compiled into ``ops.pt``, which ships inside adacache-djl. Only operators of long standing are used: the
file is made by a newer torch than the libtorch that loads it.

Every result is a tensor of its own: it never shares storage with an argument, so each side may be closed alone.
"""

from typing import List

import torch
from torch import Tensor, nn


def is_half(x: Tensor) -> bool:
    return x.dtype == torch.float16 or x.dtype == torch.bfloat16


def row_sums(metric: int, now: Tensor, then: Tensor) -> Tensor:
    """Three sums for each row of two tensors of one shape, on their device; see Ops.distance_sums."""
    rows = now.size(0)
    sums = torch.zeros([rows, 3], dtype=torch.float64, device=now.device)
    if now.numel() == 0:
        return sums
    # A slice along the tokens keeps its rows contiguous inside, so these are views, not copies.
    a = now.reshape(rows, -1)
    b = then.reshape(rows, -1)
    # So many elements at a time: on a CPU what is made of a piece stays in its cache, and memory is read once; on a device
    # a piece is large enough for its launches. Bounds the temporary memory, too.
    piece = 1 << 22 if now.is_cuda else 1 << 18
    step = max(1, piece // rows)
    for start in range(0, a.size(1), step):
        x = a[:, start : start + step]
        y = b[:, start : start + step]
        # fp32 holds every half number and their L1 sums' terms; squares get fp64, so that no bf16 overflows.
        wide = torch.float64 if metric != 0 else torch.float32
        if x.dtype != torch.float64:
            x, y = x.to(wide), y.to(wide)
        if metric == 0:
            parts = [(x - y).abs_(), y.abs(), x.abs()]
        elif metric == 1:
            parts = [(x - y).square_(), y.square(), x.square()]
        else:
            parts = [x * y, y.square(), x.square()]
        for column in range(3):
            sums[:, column] += parts[column].sum(1, dtype=torch.float64)
    return sums


def distances(metric: int, now: Tensor, then: Tensor) -> Tensor:
    if metric < 0 or metric > 2:
        raise ValueError("distance_sums: metric is 0 (L1), 1 (L2) or 2 (cosine)")
    if now.size() != then.size():
        raise ValueError("distance_sums: the tensors differ in shape")
    return row_sums(metric, now, then)


def motions(metric: int, x: Tensor, prefix: int, tokens_per_frame: int, stride: int) -> Tensor:
    if metric < 0 or metric > 2:
        raise ValueError("motion_sums: metric is 0 (L1), 1 (L2) or 2 (cosine)")
    tokens = x.size(1) - prefix
    if prefix < 0 or tokens_per_frame < 1 or stride < 1 or tokens < 0 or tokens % tokens_per_frame != 0:
        raise ValueError("motion_sums: the tokens are no whole number of frames")
    shift = stride * tokens_per_frame
    count = max(0, tokens - shift)
    first = min(prefix + shift, x.size(1))
    return row_sums(metric, x.narrow(1, first, count), x.narrow(1, prefix, count))


def scale_of(code: Tensor) -> Tensor:
    """The scales [..., 1], fp32, that three whole numbers from -128 to 127 each stand for: exponent (127: the token
    holds something that is no number), and 16 bits between 1/2 and 1."""
    exponent, high, low = code.float().split(1, -1)
    scale = (high + (low + 128.0) / 256.0) / 128.0 * torch.pow(2.0, exponent)
    return scale.masked_fill_(exponent == 127.0, float("nan"))


def packed(x: Tensor, bits: int) -> Tensor:
    """x [..., C] as whole numbers of 8 or 16 bits, of each token's largest element, and three more that stand for the token's scale."""
    if bits != 8 and bits != 16:
        raise ValueError("pack: into 8 or 16 bits")
    dtype = torch.int8 if bits == 8 else torch.int16
    most = 127.0 if bits == 8 else 32767.0
    wide = x.float()
    largest = wide.abs().amax([-1], True)
    finite = torch.isfinite(largest)
    scale = largest.masked_fill(~finite, 1.0).clamp_min(1e-30) / most
    exponent = torch.floor(torch.log2(scale)) + 1.0
    part = scale / torch.pow(2.0, exponent) * 128.0
    high = torch.floor(part).clamp_max(127.0)
    low = torch.ceil((part - high) * 256.0).clamp(0.0, 255.0) - 128.0
    code = torch.cat([exponent.masked_fill(~finite, 127.0), high, low], -1).to(dtype)
    numbers = (wide / scale_of(code)).round_().clamp_(-most, most).to(dtype)
    return torch.cat([numbers, code], -1)


def unpacked(x: Tensor) -> Tensor:
    """What was packed, in fp32; any other tensor as it is."""
    if x.dtype != torch.int8 and x.dtype != torch.int16:
        return x
    count = x.size(-1) - 3
    return x.narrow(-1, 0, count).float().mul_(scale_of(x.narrow(-1, count, 3)))


class Ops(nn.Module):
    """The helpers, as methods of one module."""

    def forward(self, x: Tensor) -> Tensor:
        return self.copy(x)

    @torch.jit.export
    def copy(self, x: Tensor) -> Tensor:
        return x.clone()

    @torch.jit.export
    def subtract(self, a: Tensor, b: Tensor) -> Tensor:
        return a - b

    @torch.jit.export
    def add_weighted(self, base: Tensor, weights: List[float], kept: List[Tensor]) -> Tensor:
        """base + sum of weights[i] * kept[i], in base's dtype. One tensor of weight 1 gives exactly base + kept[0].

        For half types the sum is taken in fp32 and rounded once.
        """
        if len(weights) != len(kept):
            raise ValueError("add_weighted: as many weights as tensors are needed")
        if len(kept) == 0:
            return base.clone()
        if len(kept) == 1 and weights[0] == 1.0:
            return (base + unpacked(kept[0])).to(base.dtype)
        out = base.float() if is_half(base) else base
        out = torch.add(out, unpacked(kept[0]), alpha=weights[0])
        for i in range(1, len(kept)):
            out.add_(unpacked(kept[i]), alpha=weights[i])
        return out.to(base.dtype)

    @torch.jit.export
    def pack(self, x: Tensor, bits: int) -> Tensor:
        """x in 8 or 16 bits an element, as `add_weighted` takes it among the kept tensors."""
        return packed(x, bits)

    @torch.jit.export
    def mix(self, weights: List[float], kept: List[Tensor]) -> Tensor:
        """Sum of weights[i] * kept[i], in the first one's dtype; with the weights [1] exactly a copy of kept[0]."""
        if len(kept) == 0 or len(weights) != len(kept):
            raise ValueError("mix: as many weights as tensors are needed, at least one")
        if len(kept) == 1 and weights[0] == 1.0:
            return kept[0].clone()
        out = kept[0].float() * weights[0] if is_half(kept[0]) else kept[0] * weights[0]
        for i in range(1, len(kept)):
            out.add_(kept[i], alpha=weights[i])
        return out.to(kept[0].dtype)

    @torch.jit.export
    def add_leading(self, a: Tensor, sign: int, b: Tensor) -> Tensor:
        """a + sign * b on the leading part that both have (their first channels, wherever the channel axis is); the
        rest of a as it is. In a's dtype. A prediction may have more channels than the latent (a variance), or
        fewer (a latent with a condition behind its noise, as image-to-video models take it)."""
        out = a.clone()
        leading, other = out, b
        for axis in range(a.dim()):
            size = min(a.size(axis), b.size(axis))
            leading, other = leading.narrow(axis, 0, size), other.narrow(axis, 0, size)
        leading.add_(other.to(a.dtype), alpha=sign)
        return out

    @torch.jit.export
    def sum(self, tensors: List[Tensor]) -> Tensor:
        """The sum of at least one tensor, in the first one's dtype; half types are summed in fp32 and rounded once."""
        if len(tensors) == 0:
            raise ValueError("sum: at least one tensor is needed")
        rest: List[Tensor] = tensors[1:]
        weights: List[float] = [1.0 for _ in range(len(rest))]
        return self.add_weighted(tensors[0], weights, rest)

    @torch.jit.export
    def distance_sums(self, metric: int, now: Tensor, then: Tensor) -> Tensor:
        """[rows, 3] fp64 on the CPU, rows = now.size(0).

        metric 0 (L1): sum |now - then|, sum |then|, sum |now|; 1 (L2): the same with squares;
        2 (cosine): sum now * then, sum then^2, sum now^2.
        """
        return distances(metric, now, then).cpu()

    @torch.jit.export
    def motion_sums(self, metric: int, x: Tensor, prefix: int, tokens_per_frame: int, stride: int) -> Tensor:
        """distance_sums of later frames (now) against the frames `stride` before them (then).

        x: [B, prefix + frames * tokens_per_frame, C]. A clip of at most `stride` frames gives zeros.
        """
        return motions(metric, x, prefix, tokens_per_frame, stride).cpu()

    @torch.jit.export
    def all_sums(
        self,
        metrics: List[int],
        now: Tensor,
        others: List[Tensor],
        strides: List[int],
        prefix: int,
        tokens_per_frame: int,
    ) -> Tensor:
        """[comparisons, rows, 3] fp64 on the CPU, read from the device once: what distance_sums gives for `now` and each of
        the others, or, where the stride is not 0, what motion_sums gives for `now` alone."""
        parts: List[Tensor] = []
        for i in range(len(metrics)):
            if strides[i] == 0:
                parts.append(distances(metrics[i], now, others[i]))
            else:
                parts.append(motions(metrics[i], now, prefix, tokens_per_frame, strides[i]))
        return torch.stack(parts).cpu()

    @torch.jit.export
    def all_finite(self, x: Tensor) -> Tensor:
        """One bool on the CPU."""
        return torch.isfinite(x).all().cpu()

    @torch.jit.export
    def writes(self, tensors: List[Tensor]) -> List[int]:
        """How often each tensor was written to in place, its views included; -1 where torch does not count that (what
        a model returned is such a tensor)."""
        return [-1 if x.is_inference() else x._version() for x in tensors]

    @torch.jit.export
    def same(self, a: List[Tensor], b: List[Tensor]) -> bool:
        """Whether two lists hold the same numbers, in the same shapes and dtypes. Reads from the device."""
        if len(a) != len(b):
            return False
        for i in range(len(a)):
            if a[i].dtype != b[i].dtype or a[i].size() != b[i].size() or not torch.equal(a[i], b[i]):
                return False
        return True

    @torch.jit.export
    def to_float32(self, x: Tensor) -> Tensor:
        return x.to(torch.float32, copy=True)

    @torch.jit.export
    def slice_channels(self, x: Tensor, first: int, last: int, axis: int = 1) -> Tensor:
        """Channels first..last-1, as a tensor of its own."""
        return x.narrow(axis, first, last - first).clone(memory_format=torch.contiguous_format)

    @torch.jit.export
    def element_bytes(self, x: Tensor) -> int:
        return x.element_size()
