"""Small video transformers, one per kind of dataflow that published models have; make_traced_models.py traces them.

A kind is a block that treats the tokens in its own way, or a network that feeds its blocks in its own way.
"""

import torch
import torch.nn.functional as F
from torch import nn

C = 8


class Mixer(nn.Module):
    """Attention over all tokens; `turn` stands for a rotary embedding."""

    def __init__(self, turn=None):
        super().__init__()
        self.q, self.kv, self.out = nn.Linear(C, C), nn.Linear(C, 2 * C), nn.Linear(C, C)
        self.turn = turn or (lambda q: q)

    def forward(self, x, context=None):
        q = self.turn(self.q(x))
        k, v = self.kv(x if context is None else context).chunk(2, -1)
        k = self.turn(k) if context is None else k
        return self.out(F.scaled_dot_product_attention(q.unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1)).squeeze(1))


def ffn(width=C):
    return nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))


class Layer(nn.Module):
    def __init__(self, turn=None):
        super().__init__()
        self.norm1, self.norm2, self.attn, self.ffn = nn.LayerNorm(C), nn.LayerNorm(C), Mixer(turn), ffn()
        self.ada = nn.Linear(C, 2 * C)

    def gates(self, e):
        return self.ada(e).unsqueeze(1).chunk(2, -1)

    def forward(self, x, e):
        a, b = self.gates(e)
        x = x + a * self.attn(self.norm1(x))
        return x + b * self.ffn(self.norm2(x))


class Video(nn.Module):
    """Patches, a timestep embedding, layers, and patches back."""

    def __init__(self, layers):
        super().__init__()
        self.patch = nn.Conv3d(2, C, (1, 2, 2), stride=(1, 2, 2))
        self.time, self.layers, self.final = nn.Linear(1, C), nn.ModuleList(layers), nn.Linear(C, 8)

    def embed_time(self, t, x):
        return F.silu(self.time(torch.cos(t[:, None])))

    def through(self, x, e):
        for layer in self.layers:
            x = layer(x, e)
        return x

    def forward(self, latent, t):
        b, _, f, h, w = latent.shape
        x = self.patch(latent).flatten(2).transpose(1, 2)
        x = self.final(self.through(x, self.embed_time(t, x)))
        return x.reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


class WithText(Video):
    def __init__(self, layers):
        super().__init__(layers)
        self.caption = nn.Linear(6, C)

    def forward(self, latent, t, prompt):
        self.prompt = prompt
        return super().forward(latent, t)


def turned_in_new_memory(q):
    even, odd = q[..., 0::2], q[..., 1::2]
    out = torch.empty_like(q)
    out[..., 0::2] = even * 0.8 - odd * 0.6
    out[..., 1::2] = even * 0.6 + odd * 0.8
    return out.type_as(q)


def turned_in_place(q):
    q = F.normalize(q, dim=-1)
    q[:, 1:] = q[:, 1:].flip(-1) * 0.5
    return q


def turned_by_complex(q):
    table = torch.polar(torch.ones(C // 2, dtype=torch.float64), torch.arange(C // 2, dtype=torch.float64))
    return torch.view_as_real(torch.view_as_complex(q.double().unflatten(-1, (-1, 2))) * table).flatten(-2).to(q.dtype)


class InFloat(Layer):
    """The sum is made on a cast of the stream that is not the one that was normalised; one of two is cast back."""

    def forward(self, x, e):
        a, b = self.gates(e)
        y = self.attn(self.norm1(x.float()).type_as(x))
        x = (x.float() + y * a).type_as(x)
        return x.float() + b * self.ffn(self.norm2(x))


class LentDtype(Video):
    def embed_time(self, t, x):
        e = super().embed_time(t, x).to(dtype=x.dtype, device=x.device)
        return e + torch.zeros_like(x).sum(1) + torch.ones(1, device=x.device).expand_as(x[:, 0])


class Both(nn.Module):
    """Video and text side by side with one attention over both."""

    def __init__(self):
        super().__init__()
        self.video, self.text = Layer(), Layer()

    def forward(self, x, y, e):
        n = x.shape[1]
        z = self.video.attn(torch.cat([self.video.norm1(x), self.text.norm1(y)], 1))
        x, y = x + z[:, :n], y + z[:, n:]
        return x + self.video.ffn(self.video.norm2(x)), y + self.text.ffn(self.text.norm2(y))


class DeadTail(WithText):
    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer in self.layers:
            x, y = layer(x, y, e)
        return x


class Refined(WithText):
    """Text has residuals of its own before it meets the video."""

    def __init__(self, layers):
        super().__init__(layers)
        self.refiner = Layer()

    def through(self, x, e):
        y = self.refiner(self.caption(self.prompt), e)
        for layer in self.layers:
            x, y = layer(x, y, e)
        return x + y.mean(1, keepdim=True)


class Waiting(WithText):
    """Between blocks of both streams something is added to one of them, while the other waits."""

    def __init__(self, layers):
        super().__init__(layers)
        self.look = Mixer()

    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer in self.layers:
            x, y = layer(x, y, e)
            x = x + 0.5 * self.look(x, self.prompt.repeat(1, 1, 2)[..., :C])
        return x


class SplitAndJoin(WithText):
    """Two streams at first; then blocks that join them and take them apart again."""

    def through(self, x, e):
        y, n = self.caption(self.prompt), self.prompt.shape[1]
        x, y = self.layers[0](x, y, e)
        for layer in self.layers[1:]:
            z = layer(torch.cat([y, x], 1), e)
            y, x = z[:, :n], z[:, n:]
        return x


class Narrow(nn.Module):
    """Text is half as wide as the video."""

    def __init__(self):
        super().__init__()
        self.up, self.down, self.attn, self.ffn, self.text = nn.Linear(4, C), nn.Linear(C, 4), Mixer(), ffn(), ffn(4)

    def forward(self, x, y, e):
        n = x.shape[1]
        z = self.attn(torch.cat([F.layer_norm(x, (C,)), self.up(F.layer_norm(y, (4,)))], 1))
        x, y = x + z[:, :n], y + self.down(z[:, n:])
        return x + self.ffn(F.layer_norm(x, (C,))), y + self.text(F.layer_norm(y, (4,)))


class Widths(WithText):
    def __init__(self, layers):
        super().__init__(layers)
        self.caption = nn.Linear(6, 4)

    def through(self, x, e):
        y = self.caption(self.prompt)
        for layer in self.layers:
            x, y = layer(x, y, e)
        return x * y.mean()


class Packed(Video):
    def __init__(self, layers):
        super().__init__(layers)
        self.tokens = nn.Linear(6, C)

    def forward(self, tokens, t):
        x = self.tokens(tokens)
        return self.final(self.through(x, self.embed_time(t, x)))


class TermBeforeEvery(Video):
    def __init__(self, layers):
        super().__init__(layers)
        self.place = nn.Parameter(torch.randn(1, 12, C))

    def through(self, x, e):
        place = F.normalize(self.place, dim=-1)
        for layer in self.layers:
            x = layer(x + place, e)
        return x


class TextBehind(WithText):
    def through(self, x, e):
        n = x.shape[1]
        return super().through(torch.cat([x, self.caption(self.prompt)], 1), e)[:, :n]


class History(WithText):
    """Older frames come in front, joined twice; a part of the layers looks at the newest alone."""

    def __init__(self, layers):
        super().__init__(layers)
        self.look = Mixer()

    def through(self, x, e):
        old = self.caption(self.prompt)
        z = torch.cat([old[:, :2], torch.cat([old[:, 2:], x], 1)], 1)
        for layer in self.layers:
            z = layer(z, e)
            past, x = z.split([z.shape[1] - x.shape[1], x.shape[1]], 1)
            z = torch.cat([past, x + self.look(x, old)], 1)
        return z[:, -x.shape[1]:]


class TokensFirst(WithText):
    def through(self, x, e):
        z = torch.cat([x, self.caption(self.prompt)], 1).transpose(0, 1)
        for layer in self.layers:
            z = z + layer.attn(layer.norm1(z).transpose(0, 1)).transpose(0, 1)
            z = z + layer.ffn(layer.norm2(z))
        return z.transpose(0, 1)[:, : x.shape[1]]


class TwoLists(Video):
    def forward(self, latent, t, past, now):
        self.moment = torch.cos(past).sum() - torch.sin(now).sum()
        return super().forward(latent, t)

    def through(self, x, e):
        return super().through(x + self.moment, e)


class Flagged(nn.Module):
    """For a scripted file: a flag of each block decides over what its attention goes."""

    def __init__(self, temporal: bool):
        super().__init__()
        self.temporal = temporal
        self.norm, self.qkv, self.out, self.ffn = nn.LayerNorm(4), nn.Linear(4, 12), nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x, f: int, n: int):
        b = x.size(0)
        h = self.norm(x)
        if self.temporal:
            h = h.reshape(b, f, n, 4).permute(0, 2, 1, 3).reshape(b * n, f, 4)
        else:
            h = h.reshape(b * f, n, 4)
        q, k, v = self.qkv(h).chunk(3, -1)
        h = self.out(F.scaled_dot_product_attention(q, k, v))
        if self.temporal:
            h = h.reshape(b, n, f, 4).permute(0, 2, 1, 3).reshape(b, f * n, 4)
        else:
            h = h.reshape(b, f * n, 4)
        x = x + h
        return x + self.ffn(self.norm(x))


class FlaggedVideo(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv3d(2, 4, (1, 2, 2), stride=(1, 2, 2))
        self.blocks, self.final = nn.ModuleList([Flagged(False), Flagged(True)]), nn.Linear(4, 8)

    def forward(self, latent, t):
        b, _, f, h, w = latent.shape
        x = self.patch(latent).flatten(2).transpose(1, 2) + t[:, None, None]
        for block in self.blocks:
            x = block(x, f, (h // 2) * (w // 2))
        return self.final(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


class LongSkip(Video):
    def __init__(self, layers):
        super().__init__(layers)
        self.skip = nn.Linear(2 * C, C)

    def through(self, x, e):
        first = self.layers[0](x, e)
        x = self.layers[1](first, e)
        return self.layers[2](self.skip(torch.cat([x, first], -1)), e)


def kinds(video, text):
    """Name, model and inputs of every kind."""
    prompt = {**video, "prompt": text}
    return [
        ("kind-new-memory", Video([Layer(turned_in_new_memory) for _ in range(2)]), video),
        ("kind-in-place", Video([Layer(turned_in_place) for _ in range(2)]), video),
        ("kind-complex", Video([Layer(turned_by_complex) for _ in range(2)]), video),
        ("kind-in-float", Video([InFloat() for _ in range(2)]), video),
        ("kind-lent-dtype", LentDtype([Layer() for _ in range(2)]), video),
        ("kind-dead-tail", DeadTail([Both() for _ in range(2)]), prompt),
        ("kind-refined", Refined([Both() for _ in range(2)]), prompt),
        ("kind-waiting", Waiting([Both() for _ in range(2)]), prompt),
        ("kind-split-and-join", SplitAndJoin([Both(), Layer(), Layer()]), prompt),
        ("kind-widths", Widths([Narrow() for _ in range(2)]), prompt),
        ("kind-packed", Packed([Layer() for _ in range(2)]), {"tokens": torch.randn(2, 12, 6), "t": video["t"]}),
        ("kind-term", TermBeforeEvery([Layer() for _ in range(2)]), video),
        ("kind-text-behind", TextBehind([Layer() for _ in range(2)]), prompt),
        ("kind-history", History([Layer() for _ in range(2)]), prompt),
        ("kind-tokens-first", TokensFirst([Layer() for _ in range(2)]), prompt),
        ("kind-two-lists", TwoLists([Layer()]), {**video, "past": torch.arange(5.0), "now": torch.arange(3.0)}),
        ("kind-long-skip", LongSkip([Layer() for _ in range(3)]), video),
    ]
