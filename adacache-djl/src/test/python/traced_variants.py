"""Other spellings of the kinds in traced_kinds.py: what one model writes with empty_like, another one writes with copy_.

    python traced_variants.py FOLDER [NAME ...]

writes FOLDER/variant-NAME.pt; those that VariantsTest names lie in ../resources/traced. A variant stands with the kinds of the
residuals that its code has, in their order.
"""

import sys
import warnings
import zipfile
from pathlib import Path
from typing import List, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from traced_kinds import C, Both, Layer, Mixer, Packed, Video, WithText, ffn

warnings.filterwarnings("ignore")
VARIANTS = {}
JM = "joint mlp"


def variant(kinds, text=False, script=False, freeze=False):
    def register(make):
        VARIANTS[make.__name__.replace("_", "-")] = (make, kinds, text, script, freeze)
        return make

    return register


# A rotary embedding that writes into memory.


def copied(q):
    out = torch.zeros(q.shape)
    out[..., : C // 2].copy_(q[..., C // 2 :] * 0.6)
    out[..., C // 2 :].copy_(q[..., : C // 2].neg())
    return out


def scaled_in_place(q):
    q = q.clone()
    q.mul_(0.6).add_(q.flip(-1), alpha=0.3)
    return q


def every_other(q):
    q = q * 1.0
    q[:, ::2] *= 0.5
    q[:, 1::2] += 0.25
    return q


def by_sample(q):
    out = q.new_empty(q.shape)
    for b in range(q.shape[0]):
        out[b] = F.normalize(q[b], dim=-1)
    return out


def listed(q):
    return torch.stack([F.normalize(q[b], dim=-1) * (b + 1) for b in range(q.shape[0])])


def rolled(q):
    return torch.roll(q, 1, -1) * 0.5 + q.roll(shifts=(2,), dims=(1,))


class Cache(Mixer):
    """Keys and values share one piece of memory."""

    def forward(self, x, context=None):
        memory = torch.empty(2, *x.shape)
        memory[0], memory[1] = self.kv(x).chunk(2, -1)
        k, v = memory.unbind(0)
        return self.out(F.scaled_dot_product_attention(self.q(x)[:, None], k[:, None], v[:, None])[:, 0])


def turned(turn):
    return Video([Layer(turn) for _ in range(2)])


for turn in (copied, scaled_in_place, every_other, by_sample, listed, rolled):
    VARIANTS["turned-" + turn.__name__.replace("_", "-")] = (
        lambda t=turn: turned(t), JM + " " + JM, False, False, False)


@variant(JM + " " + JM)
def shared_memory():
    layers = [Layer() for _ in range(2)]
    for layer in layers:
        layer.attn = Cache()
    return Video(layers)


# The sum itself.


class Summing(Layer):
    """The sum is the argument's."""

    def __init__(self, plus):
        super().__init__()
        self.plus = plus

    def forward(self, x, e):
        a, b = self.gates(e)
        x = self.plus(x, a, self.attn(self.norm1(x)))
        return self.plus(x, b, self.ffn(self.norm2(x)))


def in_place(x, gate, y):
    x += gate * y
    return x


def alpha(x, gate, y):
    return torch.add(x, gate * y, alpha=0.5)


def alpha_in_place(x, gate, y):
    return x.add_(gate * y, alpha=0.5)


def addcmul(x, gate, y):
    return torch.addcmul(x, gate, y, value=0.5)


def addcmul_in_place(x, gate, y):
    return x.addcmul_(gate, y)


def turned_round(x, gate, y):
    return gate * y + x


def in_double(x, gate, y):
    return (x.double() + y * gate).to(x)


def into_the_residual(x, gate, y):
    y = y * gate
    y += x
    return y


def subtracted(x, gate, y):
    return x - gate * y


def halved(x, gate, y):
    return x + (gate * y).half().to(x.dtype)


for plus in (
    in_place, alpha, alpha_in_place, addcmul, addcmul_in_place,
    turned_round, in_double, into_the_residual, subtracted, halved,
):
    VARIANTS["sum-" + plus.__name__.replace("_", "-")] = (
        lambda p=plus: Video([Summing(p) for _ in range(2)]), JM + " " + JM, False, False, False)


class Parallel(Layer):
    def forward(self, x, e):
        a, b = self.gates(e)
        h = self.norm1(x)
        return x + (a * self.attn(h) + b * self.ffn(h))


@variant("joint joint")
def parallel_in_brackets():
    return Video([Parallel() for _ in range(2)])


# The stream lends something.


class Lending(Video):
    def embed_time(self, t, x):
        e = super().embed_time(t, x).to(x)
        e = e + x.new_zeros(x.shape[0], C) + torch.full_like(x[:, 0], 0.5)
        places = torch.arange(x.shape[1], device=x.device).to(x.dtype)
        return e * torch.cos(places.mean()) + torch.zeros(x.size()).mean(1).view_as(x[:, 0])


@variant(JM + " " + JM)
def lends_shape_in_many_ways():
    return Lending([Layer() for _ in range(2)])


class Stretched(Video):
    """The gates are stretched to the stream's shape before the blocks."""

    def through(self, x, e):
        return super().through(x, e.to(x.device, x.dtype).expand(x.shape[0], C) + torch.ones((), dtype=x.dtype))


@variant(JM, freeze=True)
def lends_in_a_frozen_file():
    return Stretched([Layer()])


# Two streams.


class Joining(WithText):
    def __init__(self, layers, cut):
        super().__init__(layers)
        self.cut = cut

    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer in self.layers:
            x, y = self.cut(layer(torch.cat([x, y], 1), e), x.shape[1], y.shape[1])
        return x


CUTS = {
    "split": lambda z, n, m: z.split([n, m], 1),
    "narrow": lambda z, n, m: (z.narrow(1, 0, n), z.narrow(1, n, m)),
    "negative": lambda z, n, m: (z[:, :-m], z[:, -m:]),
    "sizes": lambda z, n, m: torch.split(z, (n, m), dim=-2),
    "select": lambda z, n, m: (z.index_select(1, torch.arange(n)), z.index_select(1, torch.arange(n, n + m))),
    "tensor-split": lambda z, n, m: torch.tensor_split(z, (n,), 1),
}
for name, cut in CUTS.items():
    VARIANTS["join-" + name] = (lambda c=cut: Joining([Layer(), Layer()], c), JM + " " + JM, True, False, False)


class Halves(WithText):
    """As many text tokens as video tokens: chunk takes the streams apart."""

    def through(self, x, e):
        y = self.caption(self.prompt).mean(1, keepdim=True).expand(-1, x.shape[1], -1)
        for layer in self.layers:
            x, y = layer(torch.cat([x, y], 1), e).chunk(2, 1)
        return x


@variant(JM + " " + JM, text=True)
def join_chunk():
    return Halves([Layer() for _ in range(2)])


class ThreeStreams(WithText):
    def __init__(self, layers):
        super().__init__(layers)
        self.sound = nn.Linear(6, C)

    def through(self, x, e):
        y, w = self.caption(self.prompt), self.sound(self.prompt.flip(1)[:, :3])
        for layer in self.layers:
            x, y, w = layer(torch.cat([x, y, w], 1), e).split([x.shape[1], y.shape[1], w.shape[1]], 1)
        return x + y.mean(1, keepdim=True) * w.mean(1, keepdim=True)


@variant(JM + " " + JM, text=True)
def three_streams():
    return ThreeStreams([Layer() for _ in range(2)])


class TextOnlyAttends(WithText):
    """The text of the last block gets an attention nobody reads, and no MLP."""

    def through(self, x, e):
        y = self.caption(self.prompt)
        for i, layer in enumerate(self.layers):
            last = i + 1 == len(self.layers)
            n = x.shape[1]
            z = layer.video.attn(torch.cat([layer.video.norm1(x), layer.text.norm1(y)], 1))
            x, y = x + z[:, :n], y + z[:, n:]
            x = x + layer.video.ffn(layer.video.norm2(x))
            y = y if last else y + layer.text.ffn(layer.text.norm2(y))
        return x


@variant(JM + " " + JM, text=True)
def dead_attention():
    return TextOnlyAttends([Both() for _ in range(2)])


class WideText(WithText):
    """Text is twice as wide as the video, and a third stream half as wide."""

    def __init__(self):
        super().__init__([Mixer() for _ in range(2)])
        self.caption, self.sound = nn.Linear(6, 2 * C), nn.Linear(6, C // 2)
        self.down, self.up = nn.Linear(2 * C, C), nn.Linear(C, 2 * C)
        self.thin, self.wide = nn.Linear(C, C // 2), nn.Linear(C // 2, C)

    def through(self, x, e):
        y, w = self.caption(self.prompt), self.sound(self.prompt[:, :2])
        for attn in self.layers:
            n, m = x.shape[1], y.shape[1]
            h = [F.layer_norm(v, v.shape[-1:]) for v in (x, y, w)]
            z = attn(torch.cat([h[0], self.down(h[1]), self.wide(h[2])], 1))
            x, y, w = x + z[:, :n], y + self.up(z[:, n : n + m]), w + self.thin(z[:, n + m :])
        return x + self.down(y).mean(1, keepdim=True) + self.wide(w).mean(1, keepdim=True)


@variant("joint joint", text=True)
def three_widths():
    return WideText()


class Refiners(WithText):
    """Two refined texts, one behind the other; a convolution is in one refiner."""

    def __init__(self, layers):
        super().__init__(layers)
        self.first, self.second = nn.ModuleList([Layer(), Layer()]), nn.Conv1d(C, C, 3, padding=1)

    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer in self.first:
            y = layer(y, e)
        w = self.caption(self.prompt.flip(1))
        w = w + self.second(w.transpose(1, 2)).transpose(1, 2)
        return super().through(torch.cat([y, w, x], 1), e)[:, y.shape[1] + w.shape[1] :]


@variant(JM + " " + JM, text=True)
def two_refiners():
    return Refiners([Layer() for _ in range(2)])


class ExtraToken(Video):
    """A learned token in front, as registers are."""

    def __init__(self, layers):
        super().__init__(layers)
        self.token = nn.Parameter(torch.randn(1, 1, C))

    def through(self, x, e):
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        return super().through(x, e)[:, 1:]


@variant(JM + " " + JM)
def a_token_in_front():
    return ExtraToken([Layer() for _ in range(2)])


class TokensFirstAgain(Video):
    def through(self, x, e):
        x = x.permute(1, 0, 2).contiguous()
        for layer in self.layers:
            x = x + layer.attn(layer.norm1(x).transpose(0, 1)).transpose(0, 1)
            x = layer.ffn(layer.norm2(x)) + x
        return x.permute(1, 0, 2)


@variant(JM + " " + JM)
def tokens_first():
    return TokensFirstAgain([Layer() for _ in range(2)])


class ChannelsFirst(Video):
    """The stream is [batch, channels, tokens]."""

    def through(self, x, e):
        x = x.transpose(1, 2)
        for layer in self.layers:
            x = x + layer.attn(layer.norm1(x.transpose(1, 2))).transpose(1, 2)
            x = x + layer.ffn(layer.norm2(x.transpose(1, 2))).transpose(1, 2)
        return x.transpose(1, 2)


@variant(JM + " " + JM)
def channels_first():
    return ChannelsFirst([Layer() for _ in range(2)])


class GridStream(Video):
    """The stream is [batch, frames, height, width, channels], as it comes out of the patches."""

    def forward(self, latent, t):
        b, _, f, h, w = latent.shape
        x = self.patch(latent).permute(0, 2, 3, 4, 1)
        e = self.embed_time(t, x)
        for layer in self.layers:
            a, g = (v[:, :, None, None] for v in layer.gates(e))
            x = x + a * layer.attn(layer.norm1(x).flatten(1, 3)).view_as(x)
            x = x + g * layer.ffn(layer.norm2(x))
        x = self.final(x)
        return x.reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


@variant(JM + " " + JM)
def a_grid_for_a_stream():
    return GridStream([Layer() for _ in range(2)])


# Terms.


class Terms(Video):
    """Another term before every layer, one scaled by the timestep."""

    def __init__(self, layers):
        super().__init__(layers)
        self.place = nn.Parameter(torch.randn(2, 1, 40, C))

    def through(self, x, e):
        for i, layer in enumerate(self.layers):
            x = layer(x + self.place[i, :, : x.shape[1]] * (e[:, None] if i else 1), e)
        return x


@variant("joint mlp position joint mlp")
def a_term_of_its_own():
    return Terms([Layer() for _ in range(2)])


class TermOnVideo(WithText):
    """The term is added to the video's part of the joined stream."""

    def __init__(self, layers):
        super().__init__(layers)
        self.place = nn.Parameter(torch.randn(1, 12, C))

    def through(self, x, e):
        y, n = self.caption(self.prompt), self.prompt.shape[1]
        for layer in self.layers:
            z = layer(torch.cat([y, x + F.normalize(self.place, dim=-1)], 1), e)
            y, x = z[:, :n], z[:, n:]
        return x


@variant("position joint mlp position joint mlp", text=True)
def a_term_on_a_part():
    return TermOnVideo([Layer() for _ in range(2)])


# Parts of a stream that are treated each in its own way, and a branch beside it.


class FirstFrame(Layer):
    """The tokens of the first frame have gates of their own, as those of a given picture have."""

    def forward(self, x, e):
        a, b = self.gates(e)
        n = x.shape[1] // 2
        y = self.attn(self.norm1(x))
        x = torch.cat([x[:, :n] + y[:, :n] * b, x[:, n:] + y[:, n:] * a], 1)
        y = self.ffn(self.norm2(x))
        return torch.cat([y[:, :n] + x[:, :n], y[:, n:] * b + x[:, n:]], 1)


@variant(JM + " " + JM)
def a_first_frame_with_gates():
    return Video([FirstFrame() for _ in range(2)])


class ThreeParts(Layer):
    """Three parts of the tokens have gates of their own; the part comes second in the sum."""

    def forward(self, x, e):
        a, b = self.gates(e)
        n = x.shape[1] // 3
        for residual, norm, g in ((self.attn, self.norm1, a), (self.ffn, self.norm2, b)):
            y = residual(norm(x))
            x = torch.cat([y[:, :n] * g + x[:, :n], x[:, n : 2 * n] + y[:, n : 2 * n], x[:, 2 * n :] + y[:, 2 * n :] * 0.5], 1)
        return x


@variant(JM + " " + JM)
def three_parts_with_gates():
    return Video([ThreeParts() for _ in range(2)])


class Exchanged(WithText):
    """Half of the text's channels are those of another layer of the text encoder before every block."""

    def __init__(self, layers):
        super().__init__(layers)
        self.others = nn.ModuleList([nn.Linear(6, C // 2) for _ in layers])

    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer, other in zip(self.layers, self.others):
            y = torch.cat([y[:, :, : C // 2], other(self.prompt)], dim=-1)
            z = layer(torch.cat([y, x], 1), e)
            y, x = z[:, : y.shape[1]], z[:, y.shape[1] :]
        return x


@variant(JM + " " + JM + " " + JM, text=True)
def channels_exchanged():
    return Exchanged([Layer() for _ in range(3)])


class SampleBySample(WithText):
    """The video is refined, then joined with the text in a loop over the batch."""

    def __init__(self, layers, join):
        super().__init__(layers)
        self.refiner, self.join = Layer(), join

    def through(self, x, e):
        y = self.caption(self.prompt)
        x, n = self.refiner(x, e), y.shape[1]
        z = self.join(x, y)
        for layer in self.layers:
            z = layer(z, e)
        return torch.stack([z[i][n:] for i in range(z.shape[0])])


def into_memory(x, y):
    z = x.new_zeros(x.shape[0], x.shape[1] + y.shape[1], C)
    for i in range(x.shape[0]):
        z[i, : y.shape[1]] = y[i, : y.shape[1]]
        z[i, y.shape[1] :] = x[i]
    return z


def by_stack(x, y):
    return torch.stack([torch.cat([b, a]) for a, b in zip(x, y)])


def by_padding(x, y):
    return nn.utils.rnn.pad_sequence([torch.cat([y[i][:5], x[i]]) for i in range(x.shape[0])], batch_first=True)


for join in (into_memory, by_stack, by_padding):
    VARIANTS["samples-" + join.__name__.replace("_", "-")] = (
        lambda j=join: SampleBySample([Layer(), Layer()], j), "joint mlp joint mlp joint mlp", True, False, False)


class OneSample(nn.Module):
    """The latent has no dimension for the batch."""

    def __init__(self):
        super().__init__()
        self.video = Video([Layer()])

    def forward(self, latent, t):
        return self.video(latent[None], t)[0]


def one_sample():
    model = OneSample()
    g = torch.Generator().manual_seed(3)
    model.example = {"latent": torch.randn(2, 2, 4, 6, generator=g), "t": torch.tensor([0.9])}
    return model


VARIANTS["a-latent-without-batch"] = (one_sample, "refused", False, False, False)


class Controlled(Video):
    """A branch with residuals of its own begins at the stream; what it finds is added behind every layer, the last time in front of the head."""

    def __init__(self, layers):
        super().__init__(layers)
        self.branch, self.hint = nn.ModuleList([Layer() for _ in layers]), nn.Linear(C, C)

    def through(self, x, e):
        y, hints = self.hint(x).flip(1), []
        for layer in self.branch:
            y = layer(y, e)
            hints.append(self.hint(y))
        for layer, hint in zip(self.layers, hints):
            x = layer(x, e) + hint
        return x


@variant("joint mlp joint joint mlp")
def a_branch_of_control():
    return Controlled([Layer() for _ in range(2)])


class Places(Packed):
    """Packed tokens whose coordinates are an input: frames, rows, columns."""

    def forward(self, tokens, t, places):
        x = self.tokens(tokens) * torch.cos(places.sum(-1, keepdim=True))
        return self.final(self.through(x, self.embed_time(t, x)))


@variant(JM + " " + JM)
def packed_with_places():
    model = Places([Layer() for _ in range(2)])
    grid = torch.meshgrid(torch.arange(2.0), torch.arange(2.0), torch.arange(3.0), indexing="ij")
    model.example = packed({"places": torch.stack(grid, -1).reshape(1, 12, 3).expand(2, -1, -1).contiguous()})
    return model


class ListOut(Video):
    """Hands back a list, a prediction for each sample."""

    def forward(self, latent, t):
        return list(super().forward(latent, t).unbind(0))


@variant("refused")
def a_list_of_predictions():
    return ListOut([Layer()])


# Packed latents and lists.


class PackedPair(Packed):
    """Reference tokens come behind the noisy ones, and the prediction is cut back."""

    def forward(self, tokens, t, reference):
        x = self.tokens(torch.cat([tokens, reference], 1))
        return (self.final(self.through(x, self.embed_time(t, x)))[:, : tokens.shape[1]],)


def packed(more):
    return {"tokens": torch.randn(2, 12, 6), "t": torch.tensor([0.9, 0.7]), **more}


@variant(JM + " " + JM)
def packed_with_reference():
    model = PackedPair([Layer() for _ in range(2)])
    model.example = packed({"reference": torch.randn(2, 4, 6)})
    return model


class PackedChannelsFirst(Packed):
    def forward(self, tokens, t):
        x = self.tokens(tokens.transpose(1, 2))
        return self.final(self.through(x, self.embed_time(t, x))).transpose(1, 2)


@variant(JM + " " + JM)
def packed_channels_first():
    model = PackedChannelsFirst([Layer() for _ in range(2)])
    model.example = {"tokens": torch.randn(2, 6, 12), "t": torch.tensor([0.9, 0.7])}
    return model


class Samples(Video):
    """Every sample of the batch is embedded and read out on its own, as lists of videos are."""

    def forward(self, latent, t):
        samples = [latent[b] for b in range(latent.shape[0])]
        shapes = [s.shape for s in samples]
        x = torch.cat([self.patch(s[None]).flatten(2).transpose(1, 2) for s in samples])
        x = self.final(self.through(x, self.embed_time(t, x)))
        out = []
        for row, (c, f, h, w) in zip(x, shapes):
            row = row.view(f, h // 2, w // 2, c, 1, 2, 2).permute(3, 0, 4, 1, 5, 2, 6)
            out.append(row.reshape(c, f, h, w))
        return torch.stack(out)


@variant(JM + " " + JM)
def a_list_of_samples():
    return Samples([Layer(by_sample), Layer(listed)])


class Padded(Samples):
    """Tokens are padded behind, and the padding is dropped in front of the head."""

    def through(self, x, e):
        n = x.shape[1]
        x = torch.cat([torch.cat([u[None], u.new_zeros(1, 3, u.size(1))], 1) for u in x])
        return super().through(x, e)[:, :n]


@variant(JM + " " + JM)
def padded_samples():
    return Padded([Layer() for _ in range(2)])


class Numbers(Video):
    """Inputs without dimensions, and lists of whole numbers."""

    def forward(self, latent, t, scale, first, second):
        self.moment = torch.cos(first.float()).sum() * scale + torch.sin(second.float()).mean()
        return super().forward(latent, t)

    def through(self, x, e):
        return super().through(x, e * self.moment)


@variant(JM)
def inputs_without_dimensions():
    model = Numbers([Layer()])
    model.example = {"latent": torch.randn(2, 2, 2, 4, 6), "t": torch.tensor([0.9, 0.7]), "scale": torch.tensor(2.0),
                     "first": torch.arange(5), "second": torch.arange(3)}
    return model


# Modulation, conditioning and sums in other places.


class BySums(Layer):
    """h + h * scale + shift, one shift and scale for both residuals."""

    def __init__(self):
        super().__init__()
        self.mod = nn.Linear(C, 3 * C)

    def forward(self, x, e):
        shift, scale, gate = self.mod(e)[:, None].chunk(3, -1)
        h = self.norm1(x)
        x = x + gate * self.attn(h + h * scale + shift)
        h = self.norm2(x)
        return x + gate * self.ffn(torch.addcmul(h, h, scale) + shift)


class HeadBySums(Video):
    def through(self, x, e):
        h = F.layer_norm(super().through(x, e), (C,))
        return h + h * e[:, None] + e[:, None]


@variant(JM + " " + JM)
def modulation_by_sums():
    return HeadBySums([BySums() for _ in range(2)])


class FrameByFrame(Layer):
    """A timestep for each frame; the sums are made on [batch, frames, tokens, channels]."""

    def gates(self, e):
        return self.ada(e)[:, :, None].chunk(2, -1)

    def forward(self, x, e):
        a, b = self.gates(e)
        n = e.shape[1]
        x = (x.unflatten(1, (n, -1)) + a * self.attn(self.norm1(x)).unflatten(1, (n, -1))).flatten(1, 2)
        return (x.unflatten(1, (n, -1)) + b * self.ffn(self.norm2(x)).unflatten(1, (n, -1))).flatten(1, 2)


class TimesOfFrames(Video):
    def embed_time(self, t, x):
        return F.silu(self.time(torch.cos(t[..., None])))


@variant(JM + " " + JM)
def a_time_for_each_frame():
    model = TimesOfFrames([FrameByFrame() for _ in range(2)])
    model.example = {"latent": torch.randn(2, 2, 2, 4, 6), "t": torch.rand(2, 2)}
    return model


class SkipAroundAll(Video):
    """The head adds what came before the first projection."""

    def __init__(self, layers):
        super().__init__(layers)
        self.norm, self.first, self.last = nn.LayerNorm(C), nn.Linear(C, C), nn.Linear(C, C)

    def through(self, x, e):
        return x + self.last(super().through(self.first(self.norm(x)), e))


@variant(JM)
def a_skip_around_all():
    return SkipAroundAll([Layer()])


class InMemory(WithText):
    """Video, two registers and the text are written into new memory, part by part."""

    def __init__(self, layers):
        super().__init__(layers)
        self.registers = nn.Parameter(torch.randn(2, C))

    def through(self, x, e):
        n = x.shape[1]
        z = torch.empty(x.shape[0], n + 2 + self.prompt.shape[1], C)
        z[:, :n], z[:, n : n + 2], z[:, n + 2 :] = x, self.registers, self.caption(self.prompt)
        return super().through(z, e)[:, :n]


@variant(JM + " " + JM, text=True)
def registers_in_memory():
    return InMemory([Layer() for _ in range(2)])


class PartLooks(nn.Module):
    """Between attention and MLP the video's tokens alone look at the rest."""

    def __init__(self):
        super().__init__()
        self.layer, self.norm, self.cross = Layer(), nn.LayerNorm(C), Mixer()

    def forward(self, z, e, n):
        a, b = self.layer.gates(e)
        z = z + a * self.layer.attn(self.layer.norm1(z))
        video, rest = z[:, :n], z[:, n:]
        z = torch.cat([video + self.cross(self.norm(video), rest), rest], 1)
        z.add_(self.layer.ffn(self.layer.norm2(z)) * b)
        return z


class PartLooksVideo(WithText):
    def through(self, x, e):
        n = x.shape[1]
        z = torch.cat([x, self.caption(self.prompt)], 1)
        for layer in self.layers:
            z = layer(z, e, n)
        return z[:, :n]


@variant("joint joint mlp joint joint mlp", text=True)
def a_part_looks_at_the_rest():
    return PartLooksVideo([PartLooks() for _ in range(2)])


class Experts(nn.Module):
    """Every token goes to its best expert; what comes of it is added into memory by index."""

    def __init__(self):
        super().__init__()
        self.router, self.experts = nn.Linear(C, 3), nn.ModuleList([ffn() for _ in range(3)])

    def forward(self, x):
        h = x.flatten(0, 1)
        share, best = self.router(h).softmax(-1).max(-1)
        out = torch.zeros_like(h)
        for i, expert in enumerate(self.experts):
            at = torch.where(best == i)[0]
            out.index_add_(0, at, expert(h[at]) * share[at, None])
        return out.view_as(x)


@variant(JM + " " + JM)
def experts_by_index():
    layers = [Layer() for _ in range(2)]
    for layer in layers:
        layer.ffn = Experts()
    return Video(layers)


class Fused(nn.Module):
    """Attention, with grouped queries, and MLP out of one projection and into one."""

    def __init__(self):
        super().__init__()
        self.norm, self.mod, self.first, self.last = nn.LayerNorm(C), nn.Linear(C, 3 * C), nn.Linear(C, 2 * C + 16), nn.Linear(C + 16, C)

    def forward(self, x, e):
        shift, scale, gate = self.mod(e)[:, None].chunk(3, -1)
        q, k, v, m = self.first((1 + scale) * self.norm(x) + shift).split([C, C // 2, C // 2, 16], -1)
        q, k, v = (u.unflatten(-1, (-1, C // 2)).transpose(1, 2) for u in (q, k, v))
        k, v = k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)
        y = F.scaled_dot_product_attention(turned_half(q), turned_half(k), v).transpose(1, 2).flatten(2)
        return x + gate * self.last(torch.cat([y, F.gelu(m, approximate="tanh")], -1))


def turned_half(q):
    places = torch.arange(q.shape[-2], dtype=q.dtype)[:, None] * torch.ones(C // 4)
    turn = torch.cat([places, places], -1)
    a, b = q.chunk(2, -1)
    return q * turn.cos() + torch.cat([-b, a], -1) * turn.sin()


class TwoThenOne(WithText):
    """Blocks of two streams, then fused ones over both; the text is dropped in front of the head."""

    def __init__(self):
        super().__init__([Both(), Both()])
        self.single = nn.ModuleList([Fused(), Fused()])

    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer in self.layers:
            x, y = layer(x, y, e)
        z = torch.cat((y, x), 1)
        for layer in self.single:
            z = layer(z, e)
        return z[:, y.shape[1] :, ...]


@variant(JM + " " + JM + " joint joint", text=True)
def two_streams_then_one():
    return TwoThenOne()


class Windows(Layer):
    """Attention in windows of a frame, which are shifted in every other layer."""

    def __init__(self, shift):
        super().__init__()
        self.shift = shift

    def forward(self, x, e):
        a, b = self.gates(e)
        h = torch.roll(self.norm1(x).view(2, 2, 2, 3, C), (-self.shift,), (3,))
        h = self.attn(h.reshape(4, 6, C)).view(2, 2, 2, 3, C)
        x = x + a * torch.roll(h, (self.shift,), (3,)).reshape(x.shape)
        return x + b * self.ffn(self.norm2(x))


@variant("spatial mlp spatial mlp")
def shifted_windows():
    return Video([Windows(0), Windows(1)])


class FlatStream(Video):
    """The stream is [batch * tokens, channels]."""

    def through(self, x, e):
        z = x.reshape(-1, C)
        for layer in self.layers:
            z = z + layer.attn(layer.norm1(z).view(x.shape)).reshape(-1, C)
            z = z + layer.ffn(layer.norm2(z))
        return z.view(x.shape)


@variant(JM + " " + JM)
def a_stream_of_two_dimensions():
    return FlatStream([Layer() for _ in range(2)])


# Scripted modules.


class Told(nn.Module):
    """A flag says whether the block looks at the text; loops and an optional argument besides."""

    def __init__(self, cross: bool):
        super().__init__()
        self.cross = cross
        self.norm, self.q, self.kv, self.out, self.ffn = nn.LayerNorm(4), nn.Linear(4, 4), nn.Linear(4, 8), nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x, y: torch.Tensor | None = None):
        h = self.norm(x)
        source = h
        if self.cross:
            assert y is not None
            source = y
        k, v = self.kv(source).chunk(2, -1)
        x = x + self.out(F.scaled_dot_product_attention(self.q(h), k, v))
        return x + self.ffn(self.norm(x))


class ToldVideo(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.caption = nn.Conv3d(2, 4, (1, 2, 2), stride=(1, 2, 2)), nn.Linear(6, 4)
        self.blocks, self.final = nn.ModuleList([Told(i % 2 == 1) for i in range(4)]), nn.Linear(4, 8)

    def forward(self, latent, t, prompt):
        b, _, f, h, w = latent.shape
        x = self.patch(latent).flatten(2).transpose(1, 2) + t[:, None, None]
        y = self.caption(prompt)
        for i, block in enumerate(self.blocks):
            if i % 2 == 1:
                x = block(x, y)
            else:
                x = block(x, None)
        return self.final(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


@variant("joint mlp cross mlp joint mlp cross mlp", text=True, script=True)
def scripted_flags():
    return ToldVideo()


@variant("joint mlp cross mlp joint mlp cross mlp", text=True, script=True, freeze=True)
def scripted_flags_frozen():
    return ToldVideo()


class Modes(nn.Module):
    """A string tells what a block does."""

    def __init__(self, mode: str):
        super().__init__()
        self.mode = mode
        self.norm, self.qkv, self.ffn = nn.LayerNorm(4), nn.Linear(4, 12), nn.Linear(4, 4)

    def forward(self, x):
        if self.mode == "attention":
            q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
            return x + F.scaled_dot_product_attention(q, k, v)
        elif self.mode == "mlp" and self.norm is not None:
            x += self.ffn(self.norm(x))
        return x


class ModesVideo(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv3d(2, 4, (1, 2, 2), stride=(1, 2, 2))
        self.blocks, self.final = nn.Sequential(Modes("attention"), Modes("mlp"), Modes("none")), nn.Linear(4, 8)

    def forward(self, latent, t):
        b, _, f, h, w = latent.shape
        x = self.blocks(self.patch(latent).flatten(2).transpose(1, 2) + t[:, None, None])
        return self.final(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


@variant("joint mlp", script=True)
def scripted_modes():
    return ModesVideo()


class Attending(nn.Module):
    """Attends to a context, or to itself without one."""

    def __init__(self):
        super().__init__()
        self.q, self.kv = nn.Linear(4, 4), nn.Linear(4, 8)

    def forward(self, x: torch.Tensor, context: Optional[torch.Tensor] = None) -> torch.Tensor:
        if context is None:
            k, v = self.kv(x).chunk(2, dim=-1)
        else:
            k, v = self.kv(context).chunk(2, dim=-1)
        return F.scaled_dot_product_attention(self.q(x), k, v)


class OptionalVideo(ModesVideo):
    """What is absent, and what is not, is told by the call of a module."""

    def __init__(self):
        super().__init__()
        self.norm, self.caption = nn.LayerNorm(4), nn.Linear(6, 4)
        self.own, self.cross, self.blocks = Attending(), Attending(), nn.Sequential(Modes("mlp"))

    def forward(self, latent, t, prompt):
        b, _, f, h, w = latent.shape
        x = self.patch(latent).flatten(2).transpose(1, 2) + t[:, None, None]
        x = x + self.own(self.norm(x))
        x = self.blocks(x + self.cross(self.norm(x), self.caption(prompt)))
        return self.final(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


@variant("joint cross mlp", text=True, script=True)
def scripted_optional():
    return OptionalVideo()


class Pairs(nn.Module):
    """Takes video and text as a pair and gives a pair; what a slice leaves out is a default."""

    def __init__(self):
        super().__init__()
        self.norm, self.qkv, self.ffn = nn.LayerNorm(C), nn.Linear(C, 3 * C), ffn()

    def forward(self, pair: Tuple[torch.Tensor, torch.Tensor], factors: List[float]) -> Tuple[torch.Tensor, torch.Tensor]:
        x, y = pair
        z = torch.cat([x, y], dim=1)
        q, k, v = self.qkv(self.norm(z)).chunk(3, -1)
        z = z + factors[0] * F.scaled_dot_product_attention(q, k, v)
        x, y = z[:, : x.size(1)], z[:, x.size(1) :]
        return x + factors[1] * self.ffn(self.norm(x)), y + factors[1] * self.ffn(self.norm(y))


class PairsVideo(nn.Module):
    """The states are kept in a list; a list of the module says which layers are left out."""

    def __init__(self):
        super().__init__()
        self.patch, self.caption = nn.Conv3d(2, C, (1, 2, 2), stride=(1, 2, 2)), nn.Linear(6, C)
        self.layers, self.final, self.left_out = nn.ModuleList([Pairs() for _ in range(3)]), nn.Linear(C, 8), [1, 5]

    def forward(self, latent, t, prompt):
        b, _, f, h, w = latent.shape
        pair = (self.patch(latent).flatten(2).transpose(1, 2) + t.view(-1, 1, 1), self.caption(prompt))
        states: List[torch.Tensor] = []
        for i, layer in enumerate(self.layers):
            if i not in self.left_out:
                pair = layer(pair, [0.5, 2.0])
                states.append(pair[0])
        x = self.final(states[-1])
        return x.reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


@variant(JM + " " + JM, text=True, script=True)
def scripted_pairs_and_lists():
    return PairsVideo()


class OwnNames(ModesVideo):
    """Has methods of its own under names that the contract has."""

    def embed(self, latent: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.patch(latent).flatten(2).transpose(1, 2) + t[:, None, None]

    def run(self, x: torch.Tensor) -> torch.Tensor:
        return self.blocks(x)

    def head(self, x: torch.Tensor, latent: torch.Tensor) -> torch.Tensor:
        b, _, f, h, w = latent.shape
        return self.final(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)

    def forward(self, latent, t):
        return self.head(self.run(self.embed(latent, t)), latent)


@variant("joint mlp", script=True)
def scripted_own_names():
    return OwnNames()


class FusedProducts(Layer):
    """Products that are added in the same operation."""

    def forward(self, x, e):
        a, b = self.gates(e)
        x = torch.addcmul(x, a, self.attn(self.norm1(x)))
        y = F.gelu(self.ffn[0](self.norm2(x)))
        return torch.baddbmm(x, y, self.ffn[2].weight.t().expand(x.shape[0], 2 * C, C))


@variant(JM + " " + JM)
def fused_products():
    return Video([FusedProducts(), FusedProducts()])


class NormOverAll(Video):
    """A normalisation of the whole latent in front: every number reaches every token, but hardly."""

    def through(self, x, e):
        return super().through(F.group_norm(x.transpose(1, 2), 1).transpose(1, 2), e)


@variant(JM)
def norm_over_all():
    return NormOverAll([Layer()])


# Long skips, which are no residual stream.


class AddedSkip(Video):
    def through(self, x, e):
        kept = []
        for layer in self.layers[:2]:
            x = layer(x, e)
            kept.append(x)
        for layer in self.layers[2:]:
            x = layer(self.final.weight.mean() * x + kept.pop(), e)
        return x


@variant("refused")
def skips_by_sums():
    return AddedSkip([Layer() for _ in range(4)])


class PostNorm(Video):
    def through(self, x, e):
        for layer in self.layers:
            x = layer.norm1(x + layer.attn(x))
            x = layer.norm2(x + layer.ffn(x))
        return x


@variant("refused")
def norms_behind():
    return PostNorm([Layer() for _ in range(3)])


class NormedSkip(Video):
    def __init__(self, layers):
        super().__init__(layers)
        self.norm, self.skip = nn.LayerNorm(2 * C), nn.Linear(2 * C, C)

    def through(self, x, e):
        first = self.layers[0](x, e)
        second = self.layers[1](first, e)
        return self.layers[2](second, e) + self.skip(self.norm(torch.cat([second, first], -1)))


@variant("refused")
def skip_at_the_end():
    return NormedSkip([Layer() for _ in range(3)])


def strip(path):
    """Takes away what only debuggers read."""
    with zipfile.ZipFile(path) as archive:
        entries = [(i.filename, archive.read(i)) for i in archive.infolist() if not i.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data)


def write(folder, name):
    make, _, text, script, freeze = VARIANTS[name]
    torch.manual_seed(11)
    model = make().eval()
    g = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=g) * 0.3)
    inputs = getattr(model, "example", None) or {"latent": torch.randn(2, 2, 2, 4, 6, generator=g), "t": torch.tensor([0.9, 0.7])}
    if text:
        inputs["prompt"] = torch.randn(2, 5, 6, generator=g)
    model.__dict__.pop("example", None)
    with torch.no_grad():
        values = tuple(v.clone() for v in inputs.values())
        file = torch.jit.script(model) if script else torch.jit.trace(model, values, strict=False, check_trace=False)
        file = torch.jit.freeze(file) if freeze else file
    path = folder / f"variant-{name}.pt"
    file.save(str(path))
    strip(path)
    if script or freeze or "places" in inputs:
        np.savez(folder / f"variant-{name}.npz", **{k: v.numpy() for k, v in inputs.items()})


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(exist_ok=True)
    for chosen in sys.argv[2:] or VARIANTS:
        try:
            write(target, chosen)
        except Exception as e:  # noqa: BLE001
            print("FAIL", chosen, type(e).__name__, str(e)[:200])
