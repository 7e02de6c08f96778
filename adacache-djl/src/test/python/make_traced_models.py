"""Writes the small traced archives that the tests of the package instrument read.

Plain modules in the style of the published video transformers, tiny and with random weights. Every archive gets an
.npz with one set of inputs and the plain model's prediction.

    python make_traced_models.py ../resources/traced

The project's own modules are traced too, with the weights of the exported test models.
"""

import json
import math
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import traced_kinds

warnings.filterwarnings("ignore")
C, HEADS = 16, 2


def modulate(x, shift, scale):
    return x * (1 + scale) + shift


def timestep_embedding(t, width):
    half = width // 2
    freqs = torch.exp(-math.log(10000) * torch.arange(0, half, dtype=torch.float32) / half).to(t.device)
    args = t[:, None].float() * freqs[None]
    return torch.cat([torch.cos(args), torch.sin(args)], dim=-1)


class Mlp(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.fc1 = nn.Linear(width, inner)
        self.act = nn.GELU(approximate="tanh")
        self.drop = nn.Dropout(0.0)
        self.fc2 = nn.Linear(inner, width)

    def forward(self, x):
        return self.drop(self.fc2(self.act(self.fc1(x))))


class TimestepEmbedder(nn.Module):
    def __init__(self, width, freq=32):
        super().__init__()
        self.freq = freq
        self.mlp = nn.Sequential(nn.Linear(freq, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, t):
        return self.mlp(timestep_embedding(t, self.freq).to(self.mlp[0].weight.dtype))


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class Rope(nn.Module):
    """Rotary embedding that hands its frequencies back, so that a caller can pass them on to the next block."""

    def __init__(self, width):
        super().__init__()
        self.register_buffer("inv", 1.0 / (10000 ** (torch.arange(0, width, 2).float() / width)))

    def freqs(self, n):
        f = torch.outer(torch.arange(n, device=self.inv.device, dtype=self.inv.dtype), self.inv)
        return torch.repeat_interleave(f, 2, dim=-1)

    def rotate(self, x, f):
        a, b = x.reshape(*x.shape[:-1], -1, 2).unbind(-1)
        turned = torch.stack((-b, a), dim=-1).reshape(x.shape)
        return x * f.cos() + turned * f.sin()


class SelfAttention(nn.Module):
    def __init__(self, width, heads, rope=None, norm=True):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.q_norm = RmsNorm(width // heads) if norm else nn.Identity()
        self.k_norm = RmsNorm(width // heads) if norm else nn.Identity()
        self.proj = nn.Linear(width, width)
        self.drop = nn.Dropout(0.0)
        self.rope = rope

    def forward(self, x, freqs=None):
        b, n, c = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = self.q_norm(q), self.k_norm(k)
        if self.rope is not None:
            freqs = self.rope.freqs(n) if freqs is None else freqs
            q, k = self.rope.rotate(q, freqs), self.rope.rotate(k, freqs)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.drop(self.proj(x.transpose(1, 2).reshape(b, n, c)))


class CrossAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_linear = nn.Linear(width, width)
        self.kv_linear = nn.Linear(width, 2 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x, y):
        b, n, c = x.shape
        d = c // self.heads
        q = self.q_linear(x).view(b, n, self.heads, d).transpose(1, 2)
        k, v = self.kv_linear(y).view(b, -1, 2, self.heads, d).permute(2, 0, 3, 1, 4).unbind(0)
        w = (q * d**-0.5 @ k.transpose(-2, -1)).softmax(dim=-1)
        return self.proj((w @ v).transpose(1, 2).reshape(b, n, c))


# ---------------------------------------------------------------- STDiT3 style: spine stays [B, T*S, C]


class StBlock(nn.Module):
    def __init__(self, temporal, rope, tuples):
        super().__init__()
        self.temporal, self.tuples = temporal, tuples
        self.norm1 = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.attn = SelfAttention(C, HEADS, rope if temporal else None)
        self.cross_attn = CrossAttention(C, HEADS)
        self.norm2 = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.mlp = Mlp(C, 4 * C)
        self.drop_path = nn.Identity()
        self.scale_shift_table = nn.Parameter(torch.randn(6, C) / C**0.5)

    def t_mask_select(self, mask, x, masked, t, s):
        x = x.reshape(x.shape[0], t, s, C)
        masked = masked.reshape(x.shape)
        return torch.where(mask[:, :, None, None], x, masked).reshape(x.shape[0], t * s, C)

    def forward(self, x, y, t, mask=None, t0=None, T=None, S=None, freqs=None):
        b, n, c = x.shape
        sm, cm, gm, sl, cl, gl = (self.scale_shift_table[None] + t.reshape(b, 6, -1)).chunk(6, dim=1)
        xm = modulate(self.norm1(x), sm, cm)
        if mask is not None:
            sm0, cm0, gm0, sl0, cl0, gl0 = (self.scale_shift_table[None] + t0.reshape(b, 6, -1)).chunk(6, dim=1)
            xm = self.t_mask_select(mask, xm, modulate(self.norm1(x), sm0, cm0), T, S)
        if self.temporal:
            xm = xm.reshape(b, T, S, c).permute(0, 2, 1, 3).reshape(b * S, T, c)
            if self.tuples:
                freqs = self.attn.rope.freqs(T) if freqs is None else freqs
            xm = self.attn(xm, freqs)
            xm = xm.reshape(b, S, T, c).permute(0, 2, 1, 3).reshape(b, T * S, c)
        else:
            xm = self.attn(xm.reshape(b * T, S, c)).reshape(b, T * S, c)
        xs = gm * xm
        if mask is not None:
            xs = self.t_mask_select(mask, xs, gm0 * xm, T, S)
        x = x + self.drop_path(xs)
        x = x + self.cross_attn(x, y)
        xm = modulate(self.norm2(x), sl, cl)
        if mask is not None:
            xm = self.t_mask_select(mask, xm, modulate(self.norm2(x), sl0, cl0), T, S)
        xm = self.mlp(xm)
        xs = gl * xm
        if mask is not None:
            xs = self.t_mask_select(mask, xs, gl0 * xm, T, S)
        x = x + self.drop_path(xs)
        return (x, freqs) if self.tuples else x


class PatchEmbed3d(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv3d(4, C, kernel_size=(1, 2, 2), stride=(1, 2, 2))

    def forward(self, x):
        _, _, _, h, w = x.size()
        if w % 2:
            x = F.pad(x, (0, 1))
        if h % 2:
            x = F.pad(x, (0, 0, 0, 1))
        return self.proj(x).flatten(2).transpose(1, 2)


class StFinal(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_final = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.linear = nn.Linear(C, 4 * 8)
        self.scale_shift_table = nn.Parameter(torch.randn(2, C) / C**0.5)

    def forward(self, x, t):
        shift, scale = (self.scale_shift_table[None] + t[:, None]).chunk(2, dim=1)
        return self.linear(modulate(self.norm_final(x), shift, scale))


class StDit(nn.Module):
    def __init__(self, depth=2, tuples=False):
        super().__init__()
        self.tuples = tuples
        self.x_embedder = PatchEmbed3d()
        self.t_embedder = TimestepEmbedder(C)
        self.fps_embedder = TimestepEmbedder(C)
        self.t_block = nn.Sequential(nn.SiLU(), nn.Linear(C, 6 * C))
        self.y_embedder = Mlp(24, C)
        self.y_embedder.fc2 = nn.Linear(C, C)
        rope = Rope(C // HEADS)
        self.spatial_blocks = nn.ModuleList([StBlock(False, None, tuples) for _ in range(depth)])
        self.temporal_blocks = nn.ModuleList([StBlock(True, rope, tuples) for _ in range(depth)])
        self.final_layer = StFinal()

    def position(self, h, w, scale, like):
        ys = torch.arange(h, device=like.device, dtype=like.dtype) / scale
        xs = torch.arange(w, device=like.device, dtype=like.dtype) / scale
        gy, gx = torch.meshgrid(ys, xs, indexing="ij")
        om = 1.0 / 10000 ** (torch.arange(C // 4, device=like.device, dtype=like.dtype) / (C // 4))
        parts = [f(g.reshape(-1)[:, None] * om[None]) for g in (gx, gy) for f in (torch.sin, torch.cos)]
        return torch.cat(parts, dim=-1)[None]

    def forward(self, x, timestep, y, x_mask=None, fps=None):
        dtype = self.x_embedder.proj.weight.dtype
        b = x.size(0)
        x, timestep, y = x.to(dtype), timestep.to(dtype), y.to(dtype)
        T, H, W = x.size(2), -(-x.size(3) // 2), -(-x.size(4) // 2)
        S = H * W
        t = self.t_embedder(timestep)
        if fps is not None:
            t = t + self.fps_embedder(fps)
        tm = self.t_block(t)
        t0 = t0m = None
        if x_mask is not None:
            t0 = self.t_embedder(torch.zeros_like(timestep))
            t0m = self.t_block(t0)
        y = self.y_embedder(y).squeeze(1)
        x = self.x_embedder(x)
        x = (x.reshape(b, T, S, C) + self.position(H, W, 0.5, x)).reshape(b, T * S, C)
        freqs = None
        for s, tb in zip(self.spatial_blocks, self.temporal_blocks):
            x = s(x, y, tm, x_mask, t0m, T, S, freqs)
            if self.tuples:
                x, freqs = x
            x = tb(x, y, tm, x_mask, t0m, T, S, freqs)
            if self.tuples:
                x, freqs = x
        x = self.final_layer(x, t)
        x = x.reshape(b, T, H, W, 1, 2, 2, 8).permute(0, 7, 1, 4, 2, 5, 3, 6).reshape(b, 8, T, H * 2, W * 2)
        return x.to(torch.float32)


# ---------------------------------------------------------------- LatteT2V style: layouts change between blocks, residual first


class LatteBlock(nn.Module):
    def __init__(self, cross):
        super().__init__()
        self.norm1 = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.attn1 = SelfAttention(C, HEADS, norm=False)
        if cross:
            self.attn2 = CrossAttention(C, HEADS)
        self.cross = cross
        self.norm3 = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.ff = Mlp(C, 4 * C)
        self.scale_shift_table = nn.Parameter(torch.randn(6, C) / C**0.5)

    def forward(self, hidden_states, attention_mask=None, encoder_hidden_states=None, timestep=None):
        b = hidden_states.shape[0]
        sm, cm, gm, sl, cl, gl = (self.scale_shift_table[None] + timestep.reshape(b, 6, -1)).chunk(6, dim=1)
        attn_output = gm * self.attn1(self.norm1(hidden_states) * (1 + cm) + sm)
        hidden_states = attn_output + hidden_states
        if self.cross:
            attn_output = self.attn2(hidden_states, encoder_hidden_states)
            hidden_states = attn_output + hidden_states
        ff_output = gl * self.ff(self.norm3(hidden_states) * (1 + cl) + sl)
        return ff_output + hidden_states


class LatteT2V(nn.Module):
    def __init__(self, depth=2, frames=4, size=8):
        super().__init__()
        self.pos_embed = nn.Conv2d(4, C, 2, stride=2)
        self.register_buffer("pos_table", torch.randn(1, (size // 2) ** 2, C), persistent=False)
        self.register_buffer("temp_pos_embed", torch.randn(1, frames, C))
        self.t_embedder = TimestepEmbedder(C)
        self.t_block = nn.Linear(C, 6 * C)
        self.caption = Mlp(24, C)
        self.caption.fc2 = nn.Linear(4 * C, C)
        self.caption.fc1 = nn.Linear(24, 4 * C)
        self.transformer_blocks = nn.ModuleList([LatteBlock(True) for _ in range(depth)])
        self.temporal_transformer_blocks = nn.ModuleList([LatteBlock(False) for _ in range(depth)])
        self.norm_out = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.scale_shift_table = nn.Parameter(torch.randn(2, C) / C**0.5)
        self.proj_out = nn.Linear(C, 4 * 8)

    def forward(self, hidden_states, timestep, encoder_hidden_states):
        b, c, f, h, w = hidden_states.shape
        x = hidden_states.permute(0, 2, 1, 3, 4).reshape(b * f, c, h, w)
        h, w = h // 2, w // 2
        n = h * w
        x = self.pos_embed(x).flatten(2).transpose(1, 2)
        x = (x + self.pos_table).to(x.dtype)
        e = self.t_embedder(timestep)
        tm = self.t_block(F.silu(e))
        y = self.caption(encoder_hidden_states)
        ys = y[:, None].expand(-1, f, -1, -1).reshape(b * f, y.shape[1], y.shape[2]).contiguous()
        ts = tm[:, None].expand(-1, f, -1).reshape(b * f, -1).contiguous()
        tt = tm[:, None].expand(-1, n, -1).reshape(b * n, -1).contiguous()
        for i, (s, t) in enumerate(zip(self.transformer_blocks, self.temporal_transformer_blocks)):
            x = s(x, None, ys, ts)
            x = x.reshape(b, f, n, C).permute(0, 2, 1, 3).reshape(b * n, f, C).contiguous()
            if i == 0:
                x = x + self.temp_pos_embed
            x = t(x, None, None, tt)
            x = x.reshape(b, n, f, C).permute(0, 2, 1, 3).reshape(b * f, n, C).contiguous()
        e = e[:, None].expand(-1, f, -1).reshape(b * f, -1)
        shift, scale = (self.scale_shift_table[None] + e[:, None]).chunk(2, dim=1)
        x = self.proj_out(self.norm_out(x) * (1 + scale) + shift)
        x = torch.einsum("nhwpqc->nchpwq", x.reshape(-1, h, w, 2, 2, 8)).reshape(-1, 8, h * 2, w * 2)
        return x.reshape(b, f, 8, h * 2, w * 2).permute(0, 2, 1, 3, 4).contiguous()


# ---------------------------------------------------------------- Latte class-conditional style: nested residual, frames before channels


class AdaBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.attn = SelfAttention(C, HEADS, norm=False)
        self.norm2 = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.mlp = Mlp(C, 4 * C)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(C, 6 * C))

    def forward(self, x, c):
        sm, cm, gm, sl, cl, gl = self.adaLN_modulation(c).chunk(6, dim=1)
        x = x + gm.unsqueeze(1) * self.attn(modulate(self.norm1(x), sm.unsqueeze(1), cm.unsqueeze(1)))
        x = x + gl.unsqueeze(1) * self.mlp(modulate(self.norm2(x), sl.unsqueeze(1), cl.unsqueeze(1)))
        return x


class LatteClass(nn.Module):
    def __init__(self, depth=4, frames=4, size=8):
        super().__init__()
        self.frames = frames
        self.x_embedder = nn.Conv2d(4, C, 2, stride=2)
        self.t_embedder = TimestepEmbedder(C)
        self.y_embedder = nn.Embedding(11, C)
        self.pos_embed = nn.Parameter(torch.randn(1, (size // 2) ** 2, C), requires_grad=False)
        self.temp_embed = nn.Parameter(torch.randn(1, frames, C), requires_grad=False)
        self.blocks = nn.ModuleList([AdaBlock() for _ in range(depth)])
        self.norm_final = nn.LayerNorm(C, eps=1e-6, elementwise_affine=False)
        self.ada_final = nn.Sequential(nn.SiLU(), nn.Linear(C, 2 * C))
        self.linear = nn.Linear(C, 4 * 8)

    def forward(self, x, t, y):
        b, f, c, h, w = x.shape
        x = self.x_embedder(x.reshape(b * f, c, h, w)).flatten(2).transpose(1, 2) + self.pos_embed
        t = self.t_embedder(t)
        ts = t[:, None].repeat(1, f, 1).reshape(b * f, C)
        n = self.pos_embed.shape[1]
        tt = t[:, None].repeat(1, n, 1).reshape(b * n, C)
        y = self.y_embedder(y)
        ys = y[:, None].repeat(1, f, 1).reshape(b * f, C)
        yt = y[:, None].repeat(1, n, 1).reshape(b * n, C)
        for i in range(0, len(self.blocks), 2):
            x = self.blocks[i](x, ts + ys)
            x = x.reshape(b, f, n, C).permute(0, 2, 1, 3).reshape(b * n, f, C)
            if i == 0:
                x = x + self.temp_embed
            x = self.blocks[i + 1](x, tt + yt)
            x = x.reshape(b, n, f, C).permute(0, 2, 1, 3).reshape(b * f, n, C)
        shift, scale = self.ada_final(ts + ys).chunk(2, dim=1)
        x = self.linear(modulate(self.norm_final(x), shift.unsqueeze(1), scale.unsqueeze(1)))
        g = int(n**0.5)
        x = torch.einsum("nhwpqc->nchpwq", x.reshape(b * f, g, g, 2, 2, 8)).reshape(b, f, 8, g * 2, g * 2)
        return x


# ---------------------------------------------------------------- joint attention, two streams, blocks that return tuples


class JointBlock(nn.Module):
    """order="pair": both streams after every sub-layer; "stream": a whole stream, then the other; "last": text is not updated."""

    def __init__(self, order):
        super().__init__()
        self.order = order
        self.norms = nn.ModuleList([nn.LayerNorm(C, eps=1e-6) for _ in range(4)])
        self.qkv = nn.Linear(C, 3 * C)
        self.add_qkv = nn.Linear(C, 3 * C)
        self.out = nn.Linear(C, C)
        self.add_out = nn.Linear(C, C)
        self.ff = Mlp(C, 4 * C)
        self.ff_text = Mlp(C, 4 * C)
        self.ada = nn.Sequential(nn.SiLU(), nn.Linear(C, 12 * C))

    def attention(self, x, c):
        n = c.shape[1]
        qkv = torch.cat([self.add_qkv(c), self.qkv(x)], dim=1)
        b, l, _ = qkv.shape
        q, k, v = qkv.view(b, l, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        o = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, l, C)
        return self.out(o[:, n:]), self.add_out(o[:, :n])

    def forward(self, hidden_states, encoder_hidden_states, temb):
        m = self.ada(temb)[:, None].chunk(12, dim=-1)
        x, c = hidden_states, encoder_hidden_states
        ax, ac = self.attention(modulate(self.norms[0](x), m[0], m[1]), modulate(self.norms[1](c), m[2], m[3]))
        if self.order == "pair":
            x = x + m[4] * ax
            c = c + m[5] * ac
            both = torch.cat([modulate(self.norms[3](c), m[8], m[9]), modulate(self.norms[2](x), m[6], m[7])], dim=1)
            both = self.ff(both)
            x = x + m[10] * both[:, c.shape[1]:]
            c = c + m[11] * both[:, : c.shape[1]]
        else:
            x = x + m[4] * ax
            x = x + m[10] * self.ff(modulate(self.norms[2](x), m[6], m[7]))
            if self.order != "last":
                c = c + m[5] * ac
                c = c + m[11] * self.ff_text(modulate(self.norms[3](c), m[8], m[9]))
        return x, c


class SingleBlock(nn.Module):
    """One stream, attention and MLP in parallel: a single residual."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(C, eps=1e-6)
        self.qkv = nn.Linear(C, 3 * C)
        self.up = nn.Linear(C, 4 * C)
        self.down = nn.Linear(5 * C, C)
        self.ada = nn.Linear(C, 3 * C)

    def forward(self, x, temb):
        shift, scale, gate = self.ada(F.silu(temb))[:, None].chunk(3, dim=-1)
        h = modulate(self.norm(x), shift, scale)
        b, l, _ = h.shape
        q, k, v = self.qkv(h).view(b, l, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, l, C)
        return x + gate * self.down(torch.cat([a, F.gelu(self.up(h), approximate="tanh")], dim=-1))


class JointDit(nn.Module):
    def __init__(self, orders=("pair", "pair"), singles=0):
        super().__init__()
        self.proj = nn.Conv2d(4, C, 2, stride=2)
        self.text = nn.Linear(24, C)
        self.time = TimestepEmbedder(C)
        self.transformer_blocks = nn.ModuleList([JointBlock(o) for o in orders])
        self.single_blocks = nn.ModuleList([SingleBlock() for _ in range(singles)])
        self.norm_final = nn.LayerNorm(C, eps=1e-6)
        self.ada = nn.Linear(C, 2 * C)
        self.proj_out = nn.Linear(C, 4 * 4)

    def forward(self, hidden_states, encoder_hidden_states, timestep):
        b, f, c, h, w = hidden_states.shape
        temb = self.time(timestep)
        x = self.proj(hidden_states.reshape(b * f, c, h, w))
        x = x.view(b, f, C, h // 2, w // 2).flatten(3).transpose(2, 3).flatten(1, 2)
        y = self.text(encoder_hidden_states)
        n = y.shape[1]
        for block in self.transformer_blocks:
            x, y = block(x, y, temb)
        if len(self.single_blocks):
            x = torch.cat([y, x], dim=1)
            for block in self.single_blocks:
                x = block(x, temb)
            x = x[:, n:]
        shift, scale = self.ada(F.silu(temb))[:, None].chunk(2, dim=-1)
        x = self.proj_out(modulate(self.norm_final(x), shift, scale))
        x = x.reshape(b, f, h // 2, w // 2, 4, 2, 2).permute(0, 1, 4, 2, 5, 3, 6)
        return x.flatten(5, 6).flatten(3, 4)


# ---------------------------------------------------------------- models that must be refused, and odd ones that must not


class PostNorm(nn.Module):
    """A normalisation on the spine: no residual stream."""

    def __init__(self):
        super().__init__()
        self.inp = nn.Conv3d(4, C, (1, 2, 2), stride=(1, 2, 2))
        self.attn = nn.ModuleList([SelfAttention(C, HEADS) for _ in range(2)])
        self.norm = nn.ModuleList([nn.LayerNorm(C) for _ in range(2)])
        self.out = nn.Linear(C, 16)

    def forward(self, x, t):
        b, _, f, h, w = x.shape
        x = self.inp(x).flatten(2).transpose(1, 2) + t[:, None, None]
        for a, n in zip(self.attn, self.norm):
            x = n(x + a(x))
        x = self.out(x).reshape(b, f, h // 2, w // 2, 4, 2, 2).permute(0, 4, 1, 2, 5, 3, 6)
        return x.reshape(b, 4, f, h, w)


class Tiny(nn.Module):
    """The smallest thing with a spine, for tests that instrument many files."""

    def __init__(self):
        super().__init__()
        self.inp = nn.Conv3d(2, 4, (1, 2, 2), stride=(1, 2, 2))
        self.attn = SelfAttention(4, 1, norm=False)
        self.norm = nn.LayerNorm(4)
        self.mlp = Mlp(4, 4)
        self.out = nn.Linear(4, 8)

    def forward(self, x, t):
        b, _, f, h, w = x.shape
        x = self.inp(x).flatten(2).transpose(1, 2)
        x = x + t[:, None, None] * self.attn(self.norm(x))
        x = x + self.mlp(self.norm(x))
        return self.out(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


class ParallelBlock(nn.Module):
    """Attention and MLP side by side: two additions that cannot be told apart."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.attn = SelfAttention(4, 1, norm=False)
        self.mlp = Mlp(4, 8)

    def forward(self, x):
        h = self.norm(x)
        return x + self.attn(h) + self.mlp(h)


class Parallel(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Conv3d(2, 4, (1, 2, 2), stride=(1, 2, 2))
        self.blocks = nn.ModuleList([ParallelBlock() for _ in range(3)])
        self.out = nn.Linear(4, 8)

    def forward(self, x, t):
        b, _, f, h, w = x.shape
        x = self.inp(x).flatten(2).transpose(1, 2) + t[:, None, None]
        for block in self.blocks:
            x = block(x)
        return self.out(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


class Branch(nn.Module):
    """Control flow beside the spine, for a scripted file."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.qkv = nn.Linear(4, 12)
        self.proj = nn.Linear(4, 4)

    def forward(self, x):
        for _ in range(2):
            x = self.linear(x)
        if self.training:
            x = x * 2
        b, n, c = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, 1, c).permute(2, 0, 3, 1, 4).unbind(0)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, c))


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Conv3d(2, 4, (1, 2, 2), stride=(1, 2, 2))
        self.attn = nn.ModuleList([Branch() for _ in range(2)])
        self.norm = nn.LayerNorm(4)
        self.mlp = Mlp(4, 4)
        self.out = nn.Linear(4, 8)

    def forward(self, x, t):
        b, _, f, h, w = x.shape
        x = self.inp(x).flatten(2).transpose(1, 2)
        for attn in self.attn:
            x = x + t[:, None, None] * attn(self.norm(x))
            x = x + self.mlp(self.norm(x))
        return self.out(x).reshape(b, f, h // 2, w // 2, 2, 2, 2).permute(0, 4, 1, 2, 5, 3, 6).reshape(b, 2, f, h, w)


class NewGelu(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1.0 + torch.tanh(0.79788456 * (x + 0.044715 * x**3)))


class InPlace(StDit):
    """Adds in place, and a GELU whose own addition looks like a residual."""

    def __init__(self):
        super().__init__(depth=1)
        for blocks in (self.spatial_blocks, self.temporal_blocks):
            for block in blocks:
                block.mlp.act = NewGelu()
                block.forward = None

    def forward(self, x, timestep, y):
        b, T, H, W = x.size(0), x.size(2), x.size(3) // 2, x.size(4) // 2
        t = self.t_embedder(timestep)
        tm = self.t_block(t)
        y = self.y_embedder(y).squeeze(1)
        x = self.x_embedder(x)
        for block in [*self.spatial_blocks, *self.temporal_blocks]:
            sm, cm, gm, sl, cl, gl = (block.scale_shift_table[None] + tm.reshape(b, 6, -1)).chunk(6, dim=1)
            x += gm * block.attn(modulate(block.norm1(x), sm, cm))
            x += block.cross_attn(x, y)
            x.add_(gl * block.mlp(modulate(block.norm2(x), sl, cl)))
        x = self.final_layer(x, t)
        return x.reshape(b, T, H, W, 2, 2, 8).permute(0, 6, 1, 2, 4, 3, 5).reshape(b, 8, T, H * 2, W * 2)


class Wrapper(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, *args):
        return self.inner(*args)


def randomise(model, seed):
    torch.manual_seed(seed)
    for p in model.parameters():
        p.data.normal_(0, 0.15) if p.dim() > 1 else p.data.normal_(0.3, 0.3)
    return model.eval()


def strip(path):
    """Leaves out the source positions, which double the size of a small file and mean nothing to anyone else."""
    with zipfile.ZipFile(path) as archive:
        entries = [(i.filename, archive.read(i)) for i in archive.infolist() if not i.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data)


def save(folder, name, model, inputs, seed, freeze=True, wrap=False, arrays=True):
    model = randomise(model, seed)
    if wrap:
        model = Wrapper(model).eval()
    with torch.no_grad():
        expected = model(*inputs.values())
        traced = torch.jit.trace(model, tuple(inputs.values()), check_trace=False)
        traced.save(str(folder / f"{name}.pt"))
        if name != "latte-wrapped":
            strip(folder / f"{name}.pt")
        if freeze:
            torch.jit.freeze(traced).save(str(folder / f"{name}-frozen.pt"))
            strip(folder / f"{name}-frozen.pt")
        again = torch.jit.load(str(folder / f"{name}.pt"))(*inputs.values())
        assert torch.equal(again, expected), name
    if arrays:
        np.savez_compressed(folder / f"{name}.npz", **{k: v.numpy() for k, v in inputs.items()}, prediction=expected.numpy())


def twins(folder):
    """Plain traces of the project's own modules with the weights of the exported files among the test resources."""
    root = Path(__file__).resolve().parents[1]
    sys.path.insert(0, str(root.parent / "main/python"))
    from adacache_export import check, families

    resources = root / "resources/io/adacache/djl"
    for command, name in (("latte-class", "latte-class-tiny"), ("joint", "joint-tiny")):
        family = families.FAMILIES[command]
        fields = family.configure(json.loads((resources / "checkpoints" / name / "config.json").read_text()))
        model = family.build(fields).eval()
        model.load_state_dict(torch.jit.load(str(resources / "models" / f"{name}.pt")).state_dict(), strict=False)
        sizes = {"batch": 2, "frames": 4, "height": 8, "width": 8, "text": 6, "prompts": 1, "conditions": 1}
        inputs = next(check.cases(family.describe(fields), sizes, 1))
        with torch.no_grad():
            torch.jit.trace(model, tuple(inputs), check_trace=False).save(str(folder / f"{name}.pt"))
        strip(folder / f"{name}.pt")


def kinds(folder):
    """One file for each kind of dataflow; what the tracer keeps of the inputs is enough for the tests."""
    g = torch.Generator().manual_seed(2)
    video = {"latent": torch.randn(2, 2, 2, 4, 6, generator=g), "t": torch.tensor([0.7, 0.3])}
    for name, model, inputs in traced_kinds.kinds(video, torch.randn(2, 5, 6, generator=g)):
        save(folder, name, model, {k: v.clone() for k, v in inputs.items()}, 21, freeze=False, arrays=False)
    torch.jit.script(randomise(traced_kinds.FlaggedVideo(), 22)).save(str(folder / "kind-flagged.pt"))
    strip(folder / "kind-flagged.pt")
    np.savez_compressed(folder / "kind-flagged.npz", **{k: v.numpy() for k, v in video.items()})


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    g = torch.Generator().manual_seed(1)

    def rand(*shape):
        return torch.randn(*shape, generator=g)

    video = {"x": rand(2, 4, 4, 6, 8), "timestep": torch.tensor([700.0, 300.0]), "y": rand(2, 1, 5, 24)}
    mask = torch.tensor([[True, True, False, True], [True, True, True, True]])
    save(folder, "stdit", StDit(), video, 1)
    save(folder, "stdit-mask", StDit(depth=1), {**video, "x_mask": mask, "fps": torch.tensor([24.0, 24.0])}, 2, freeze=False)
    save(folder, "stdit-tuple", StDit(tuples=True), video, 3, freeze=False)
    save(folder, "inplace", InPlace(), video, 4)
    latte = {"hidden_states": rand(2, 4, 4, 8, 8), "timestep": torch.tensor([700, 300]), "encoder_hidden_states": rand(2, 5, 24)}
    save(folder, "latte", LatteT2V(), latte, 5)
    save(folder, "latte-wrapped", LatteT2V(depth=1), latte, 6, freeze=False, wrap=True)
    label = {"x": rand(2, 4, 4, 8, 8), "t": torch.tensor([700, 300]), "y": torch.tensor([3, 10])}
    save(folder, "latte-class", LatteClass(), label, 7)
    joint = {"hidden_states": rand(2, 3, 4, 6, 8), "encoder_hidden_states": rand(2, 5, 24), "timestep": torch.tensor([700.0, 300.0])}
    save(folder, "joint-pair", JointDit(), joint, 8)
    save(folder, "joint-stream", JointDit(("stream", "last")), joint, 9, freeze=False)
    save(folder, "joint-single", JointDit(("pair", "stream"), singles=2), joint, 10, freeze=False)
    save(folder, "tiny", Tiny(), {"x": rand(2, 2, 2, 4, 4), "t": video["timestep"] / 1000}, 12, freeze=False)
    save(folder, "parallel", Parallel(), {"x": rand(2, 2, 2, 4, 4), "t": video["timestep"] / 1000}, 14, freeze=False)
    torch.jit.script(randomise(Scripted(), 13)).save(str(folder / "scripted.pt"))
    strip(folder / "scripted.pt")
    save(folder, "post-norm", PostNorm(), {"x": video["x"], "t": video["timestep"]}, 11, freeze=False)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
    kinds(Path(sys.argv[1]))
    twins(Path(sys.argv[1]))
