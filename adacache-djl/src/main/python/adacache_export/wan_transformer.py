"""The transformer of Wan 2.1 and 2.2 in a form that TorchScript can compile.

The numbers are those of diffusers' WanTransformer3DModel (``models/transformers/transformer_wan.py``) and of the authors'
WanModel (Wan-Video/Wan2.1 and Wan2.2, ``wan/modules/model.py``); the parameter names are diffusers'.

Sites: for every block the self-attention over all tokens of all frames (``joint-attention``), the cross-attention to the text
and the MLP. The hidden state is [batch, frames x tokens per frame, channels].
"""

import math
from typing import Dict, List, NamedTuple, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import parts


class Context(NamedTuple):
    """What ``embed`` hands on; for Java it is an unread list of tensors. F is 1, or the frames if there is a frame mask."""

    sizes: Tensor
    """No elements; its shape is [frames, rows, columns of tokens, 0]."""
    time: Tensor
    """[B, F, C], fp32."""
    modulation: Tensor
    """[B, F, 6, C], fp32: shift, scale, gate of attention, then of the MLP."""
    text: Tensor
    """[B, L, C]"""
    image: Tensor
    """[B, image tokens, C]; no elements: the model sees no picture."""
    cosine: Tensor
    """[tokens, 1, head channels / 2], fp32"""
    sine: Tensor
    """The same of the sine."""


def unpack(c: List[Tensor]) -> Context:
    return Context(c[0], c[1], c[2], c[3], c[4], c[5], c[6])


def rotary_angles(frames: int, rows: int, columns: int, channels: int, like: Tensor) -> Tensor:
    """By which angle each pair of a head's channels is turned, [tokens, channels / 2], fp64.

    A third of the channels (in whole pairs) tells the row, a third the column, the rest the frame.
    """
    third = channels // 6
    shares = [channels // 2 - 2 * third, third, third]
    lengths = [frames, rows, columns]
    angles: List[Tensor] = []
    for axis in range(3):
        pairs = torch.arange(shares[axis], device=like.device, dtype=torch.float64)
        speeds = torch.pow(10000.0, -pairs / shares[axis])
        place = torch.arange(lengths[axis], device=like.device, dtype=torch.float64)
        along = [1, 1, 1, shares[axis]]
        along[axis] = lengths[axis]
        angles.append((place.unsqueeze(1) * speeds).view(along).expand(frames, rows, columns, -1))
    return torch.cat(angles, 3).flatten(0, 2)


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turns neighbouring pairs of channels. x: [B, tokens, heads, head channels]; computed in fp32."""
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cosine - b * sine, a * sine + b * cosine), -1).flatten(-2).to(x.dtype)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of q [B, N, heads, D] to k and v [B, M, heads, D]: [B, N, heads * D]."""
    out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
    return out.transpose(1, 2).flatten(2)


class RmsNorm(nn.Module):
    """Root-mean-square normalisation over all heads' channels at once, computed in fp32."""

    def __init__(self, size: int, eps: float):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return wide.to(x.dtype) * self.weight


class WideNorm(nn.Module):
    """Layer normalisation with weights, computed in fp32."""

    def __init__(self, size: int, eps: float):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x.float(), self.weight.shape, self.weight.float(), self.bias.float(), self.eps).to(x.dtype)


class Attention(nn.Module):
    """What self-attention and cross-attention have in common."""

    def __init__(self, channels: int, heads: int, eps: float):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels)
        self.to_k = nn.Linear(channels, channels)
        self.to_v = nn.Linear(channels, channels)
        self.to_out = nn.Sequential(nn.Linear(channels, channels), nn.Identity())
        self.norm_q = RmsNorm(channels, eps)
        self.norm_k = RmsNorm(channels, eps)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1))


class SelfAttention(Attention):
    """Attention of every token to the tokens of all frames, with queries and keys turned by their place."""

    def keys_values(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """[B, N, 2 C], keys turned by their place."""
        k = rotate(self.split(self.norm_k(self.to_k(x))), cosine, sine)
        return torch.cat((k.flatten(2), self.to_v(x)), 2)

    def look(self, x: Tensor, shared: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Attention of x to the tokens of which keys and values are given."""
        q = rotate(self.split(self.norm_q(self.to_q(x))), cosine, sine)
        k, v = shared.chunk(2, 2)
        return self.to_out(attend(q, self.split(k), self.split(v)))

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        q = rotate(self.split(self.norm_q(self.to_q(x))), cosine, sine)
        k = rotate(self.split(self.norm_k(self.to_k(x))), cosine, sine)
        return self.to_out(attend(q, k, self.split(self.to_v(x))))


class CrossAttention(Attention):
    """Attention to the text."""

    def forward(self, x: Tensor, text: Tensor, image: Tensor) -> Tensor:
        q = self.split(self.norm_q(self.to_q(x)))
        k = self.split(self.norm_k(self.to_k(text)))
        return self.to_out(attend(q, k, self.split(self.to_v(text))))


class ImageCrossAttention(Attention):
    """Attention to the text and, with keys and values of its own, to the tokens of a picture; the two are added."""

    def __init__(self, channels: int, heads: int, eps: float, image_channels: int):
        super().__init__(channels, heads, eps)
        self.add_k_proj = nn.Linear(image_channels, channels)
        self.add_v_proj = nn.Linear(image_channels, channels)
        self.norm_added_k = RmsNorm(channels, eps)

    def forward(self, x: Tensor, text: Tensor, image: Tensor) -> Tensor:
        q = self.split(self.norm_q(self.to_q(x)))
        k = self.split(self.norm_k(self.to_k(text)))
        image_k = self.split(self.norm_added_k(self.add_k_proj(image)))
        of_image = attend(q, image_k, self.split(self.add_v_proj(image)))
        return self.to_out(attend(q, k, self.split(self.to_v(text))) + of_image)


def frame_by_frame(x: Tensor, rows: Tensor) -> Tensor:
    """x [B, N, C] as [B, F, N / F, C], as modulation rows [B, F, 1, C] take it."""
    return x.unflatten(1, (rows.size(1), -1))


def modulate(x: Tensor, shift: Tensor, scale: Tensor, eps: float) -> Tensor:
    """Normalises x [B, N, C] and modulates it with shift and scale [B, F, 1, C], all in fp32."""
    normed = F.layer_norm(x.float(), [x.size(-1)], eps=eps)
    return (frame_by_frame(normed, shift) * (1 + scale) + shift).flatten(1, 2).to(x.dtype)


class Block(parts.SiteBlock):
    """Its residuals: 0 self-attention, 1 cross-attention, 2 MLP."""

    def __init__(self, channels: int, inner: int, heads: int, norm_text: bool, eps: float, image_channels: int):
        super().__init__([0, 1, 2])
        self.eps = eps
        self.attn1 = SelfAttention(channels, heads, eps)
        self.attn2 = (
            ImageCrossAttention(channels, heads, eps, image_channels)
            if image_channels > 0 else CrossAttention(channels, heads, eps)
        )
        self.norm2 = WideNorm(channels, eps) if norm_text else nn.Identity()
        self.ffn = parts.FeedForward(channels, inner)
        self.scale_shift_table = nn.Parameter(torch.randn(1, 6, channels) / channels**0.5)

    def row(self, number: int, context: Context) -> Tensor:
        """A row of the modulation, [B, F, 1, C] fp32."""
        return (self.scale_shift_table[:, number].float() + context.modulation[:, :, number]).unsqueeze(2)

    def modulated(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        if part == 1:
            return self.norm2(hidden)
        c = unpack(context)
        first = 0 if part == 0 else 3
        return modulate(hidden, self.row(first, c), self.row(first + 1, c), self.eps)

    def residual(self, part: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        c = unpack(context)
        seen = self.modulated(part, hidden, context)
        if part == 1:
            return self.attn2(seen, c.text, c.image)
        if part == 0:
            out, gate = self.attn1(seen, c.cosine, c.sine), self.row(2, c)
        else:
            out, gate = self.ffn(seen), self.row(5, c)
        return (frame_by_frame(out, gate) * gate).flatten(1, 2).to(hidden.dtype)


    def share(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        c = unpack(context)
        return self.attn1.keys_values(self.modulated(0, hidden, context), c.cosine, c.sine)

    def shared_residual(self, hidden: Tensor, shared: Tensor, context: List[Tensor]) -> Tensor:
        c = unpack(context)
        out, gate = self.attn1.look(self.modulated(0, hidden, context), shared, c.cosine, c.sine), self.row(2, c)
        return (frame_by_frame(out, gate) * gate).flatten(1, 2).to(hidden.dtype)


class PatchEmbedding(nn.Module):
    """A convolution whose stride is its size, frame by frame: [B, C, frames, height, width] becomes [B, tokens, channels].

    Published as a convolution in three dimensions. Here it is the matrix product that this comes to: with 36 channels and a
    batch of 2, libtorch 2.7.1 gave wrong numbers for that convolution (CPU, fp32).
    """

    def __init__(self, inputs: int, channels: int, size: int):
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.randn(channels, inputs, 1, size, size) / (inputs * size * size) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, latent: Tensor) -> Tensor:
        size = self.size
        if latent.size(3) % size != 0 or latent.size(4) % size != 0:
            raise ValueError("height and width must be multiples of the patch size")
        patches = latent.to(self.weight.dtype).unflatten(4, (-1, size)).unflatten(3, (-1, size))
        # [B, C, frames, rows, size, columns, size] with the tokens first, then what a filter sees in the filter's order
        patches = patches.permute(0, 2, 3, 5, 1, 4, 6).flatten(4).flatten(1, 3)
        return F.linear(patches, self.weight.flatten(1), self.bias)


class TextProjection(nn.Module):
    """Projects the text encoder's tokens."""

    def __init__(self, text_channels: int, channels: int):
        super().__init__()
        self.linear_1 = nn.Linear(text_channels, channels)
        self.linear_2 = nn.Linear(channels, channels)

    def forward(self, text: Tensor) -> Tensor:
        return self.linear_2(F.gelu(self.linear_1(text.to(self.linear_1.weight.dtype)), approximate="tanh"))


class ExactGeluLinear(nn.Module):
    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.proj = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.proj(x))


class ImageFeedForward(nn.Module):
    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.net = nn.Sequential(ExactGeluLinear(inputs, inputs), nn.Identity(), nn.Linear(inputs, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class ImageProjection(nn.Module):
    """Projects the image encoder's tokens. Two pictures (first and last frame) come in one row, with places of their own."""

    def __init__(self, image_channels: int, channels: int, places: int):
        super().__init__()
        self.norm1 = WideNorm(image_channels, 1e-5)
        self.ff = ImageFeedForward(image_channels, channels)
        self.norm2 = WideNorm(channels, 1e-5)
        self.pos_embed = nn.Parameter(torch.zeros(1, places, image_channels)) if places > 0 else None

    def forward(self, image: Tensor) -> Tensor:
        places = self.pos_embed
        tokens = image.to(self.ff.net[2].weight.dtype)
        if places is not None:
            tokens = tokens + places
        return self.norm2(self.ff(self.norm1(tokens)))


class NoImage(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return image


class Conditions(nn.Module):
    """The embeddings of timestep, text and picture."""

    def __init__(self, channels: int, waves: int, text_channels: int, image_channels: int, places: int, wide: bool):
        super().__init__()
        self.waves = waves
        self.wide = wide
        self.time_embedder = parts.MlpEmbedding(waves, channels)
        self.time_proj = nn.Linear(channels, 6 * channels)
        self.text_embedder = TextProjection(text_channels, channels)
        self.image_embedder = ImageProjection(image_channels, channels, places) if image_channels > 0 else NoImage()

    def times(self, timestep: Tensor) -> Tuple[Tensor, Tensor]:
        """Of timesteps [B, F] the embedding [B, F, C] and the modulation [B, F, 6, C], both fp32."""
        waves = timestep_waves(timestep.flatten(), self.waves, self.wide).to(self.time_embedder.linear_1.weight.dtype)
        time = self.time_embedder(waves).unflatten(0, (timestep.size(0), -1))
        modulation = self.time_proj(F.silu(time).to(self.time_proj.weight.dtype))
        return time.float(), modulation.unflatten(2, (6, -1)).float()


def timestep_waves(timestep: Tensor, channels: int, wide: bool) -> Tensor:
    """Half the channels are cosines, half sines: [B, channels] fp32. The authors take the angles in fp64 (wide), diffusers in
    fp32, which near timestep 1000 are 2e-5 apart; each in its own order of operations."""
    half = channels // 2
    steps = torch.arange(half, device=timestep.device, dtype=torch.float64 if wide else torch.float32)
    if wide:
        angles = timestep.double().unsqueeze(1) * torch.pow(10000.0, -steps / half)
    else:
        angles = timestep.float().unsqueeze(1) * torch.exp(steps * -math.log(10000.0) / half)
    return torch.cat((angles.cos(), angles.sin()), 1).float()


class WanTransformer(nn.Module):
    """What all members of the family share: everything but the inputs. Parameters: the fields of diffusers' ``config.json``,
    and how the timestep's angles are taken."""

    def __init__(
        self,
        patch_size: int,
        num_attention_heads: int,
        attention_head_dim: int,
        in_channels: int,
        out_channels: int,
        text_dim: int,
        freq_dim: int,
        ffn_dim: int,
        num_layers: int,
        cross_attn_norm: bool,
        eps: float,
        image_dim: int,
        added_kv_proj_dim: int,
        pos_embed_seq_len: int,
        wide_angles: bool,
    ):
        super().__init__()
        channels = num_attention_heads * attention_head_dim
        self.patch_size = patch_size
        self.head_channels = attention_head_dim
        self.eps = eps
        self.patch_embedding = PatchEmbedding(in_channels, channels, patch_size)
        self.condition_embedder = Conditions(
            channels, freq_dim, text_dim, image_dim, pos_embed_seq_len, wide_angles
        )
        self.blocks = nn.ModuleList(
            Block(channels, ffn_dim, num_attention_heads, cross_attn_norm, eps, added_kv_proj_dim)
            for _ in range(num_layers)
        )
        self.proj_out = nn.Linear(channels, patch_size * patch_size * out_channels)
        self.scale_shift_table = nn.Parameter(torch.randn(1, 2, channels) / channels**0.5)

    def begin(self, latent: Tensor, timestep: Tensor, text: Tensor, image: Tensor) -> Tuple[Tensor, List[Tensor]]:
        """The hidden state and the context. timestep [B, F]; an image without elements is none."""
        frames = latent.size(2)
        rows, columns = latent.size(3) // self.patch_size, latent.size(4) // self.patch_size
        angles = rotary_angles(frames, rows, columns, self.head_channels, latent).unsqueeze(1)
        text = self.condition_embedder.text_embedder(text)
        sizes = text.new_empty([frames, rows, columns, 0])
        image = self.condition_embedder.image_embedder(image)
        return self.begin_with(latent, timestep, [sizes, text, image, angles.cos().float(), angles.sin().float()])

    def begin_again(self, latent: Tensor, timestep: Tensor, context: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        """As begin, given the context of a call that differed in nothing but the values of latent and timestep."""
        c = unpack(context)
        return self.begin_with(latent, timestep, [c.sizes, c.text, c.image, c.cosine, c.sine])

    def begin_with(self, latent: Tensor, timestep: Tensor, same: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
        """The same: sizes, text, image, cosine and sine of the context."""
        time, modulation = self.condition_embedder.times(timestep)
        return self.patch_embedding(latent), [same[0], time, modulation, same[1], same[2], same[3], same[4]]

    @torch.jit.export
    def run(self, first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs the sites first..last-1. Returns the new hidden state, then the captured residuals in capture's order."""
        kept: Dict[int, Tensor] = {}
        site = 0
        for block in self.blocks:
            hidden = block.run(site, first, last, capture, hidden, context, kept)
            site += len(block.order)
        return parts.answer(hidden, kept, capture)

    @torch.jit.export
    def modulated(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The normalised and modulated input of a site; of a cross-attention the normalised one."""
        out = hidden
        for block in self.blocks:
            if 0 <= site and site < len(block.order):
                out = block.modulated(block.order[site], hidden, context)
            site -= len(block.order)
        return out

    @torch.jit.export
    def part(
        self, axis: int, first: int, last: int, hidden: Tensor, context: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """What a member that holds the frames (axis 0) or the places of all frames (axis 1) first..last-1 needs: its part of the
        hidden state, and a context for it."""
        c = unpack(context)
        frames = c.sizes.size(0)
        sizes = c.sizes.new_empty(parts.resized(c.sizes, axis, first, last))
        time, modulation = c.time, c.modulation
        if axis == 0 and modulation.size(1) > 1:
            time, modulation = time.narrow(1, first, last - first), modulation.narrow(1, first, last - first)
        cosine = c.cosine.unflatten(0, (frames, -1)).narrow(axis, first, last - first).flatten(0, 1)
        sine = c.sine.unflatten(0, (frames, -1)).narrow(axis, first, last - first).flatten(0, 1)
        own = [sizes, time, modulation, c.text, c.image, cosine, sine]
        return parts.cut(hidden, 0, frames, axis, first, last), own

    @torch.jit.export
    def share(self, site: int, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """What a joint attention's other members must know of the tokens that one holds: keys and values, [B, tokens, 2 C]."""
        out = hidden
        for block in self.blocks:
            if site == 0:
                out = block.share(hidden, context)
            site -= len(block.order)
        return out

    @torch.jit.export
    def run_shared(self, site: int, hidden: Tensor, shared: Tensor, context: List[Tensor]) -> List[Tensor]:
        """Runs a joint attention on the tokens that a member holds. shared [B, all tokens, 2 C]: what all members' `share`
        returned, in the order of the whole hidden state. Returns the new hidden state, then the residual."""
        out = [hidden]
        for block in self.blocks:
            if site == 0:
                residual = block.shared_residual(hidden, shared, context)
                out = [hidden + residual, residual]
            site -= len(block.order)
        return out

    @torch.jit.export
    def head(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        """The prediction [B, out channels, frames, height, width], fp32."""
        c = unpack(context)
        shift, scale = (self.scale_shift_table.float() + c.time.unsqueeze(2)).chunk(2, 2)
        out = self.proj_out(modulate(hidden, shift, scale, self.eps))
        return parts.unpatch(out, c.sizes.size(0), c.sizes.size(1), c.sizes.size(2), self.patch_size).float()

    def whole(self, hidden: Tensor, context: List[Tensor]) -> Tensor:
        nothing: List[int] = []
        return self.head(self.run(0, 3 * len(self.blocks), nothing, hidden, context)[0], context)


class WanVideo(WanTransformer):
    """Text to video; image to video where the picture lies in further channels of the latent (Wan 2.2)."""

    @torch.jit.export
    def embed(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """Returns the hidden state and the context.

        hidden_states [B, in channels, frames, height, width]; timestep [B], 0..1000; encoder_hidden_states
        [B, L, text channels].
        """
        nothing = hidden_states.new_empty([0])
        return self.begin(hidden_states, timestep.unsqueeze(1), encoder_hidden_states, nothing)

    @torch.jit.export
    def embed_again(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, context: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """As embed, given the context of a call that differed in nothing but the values of hidden_states and timestep."""
        return self.begin_again(hidden_states, timestep.unsqueeze(1), context)

    def forward(self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        hidden, context = self.embed(hidden_states, timestep, encoder_hidden_states)
        return self.whole(hidden, context)


class WanVideoWithImage(WanTransformer):
    """Image to video where blocks look at the picture's tokens as well (Wan 2.1)."""

    @torch.jit.export
    def embed(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, encoder_hidden_states_image: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """As of text to video; encoder_hidden_states_image [B, image tokens, image channels]."""
        return self.begin(hidden_states, timestep.unsqueeze(1), encoder_hidden_states, encoder_hidden_states_image)

    @torch.jit.export
    def embed_again(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, encoder_hidden_states_image: Tensor, context: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """As embed, given the context of a call that differed in nothing but the values of hidden_states and timestep."""
        return self.begin_again(hidden_states, timestep.unsqueeze(1), context)

    def forward(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, encoder_hidden_states_image: Tensor
    ) -> Tensor:
        hidden, context = self.embed(hidden_states, timestep, encoder_hidden_states, encoder_hidden_states_image)
        return self.whole(hidden, context)


class WanVideoWithFrames(WanTransformer):
    """Text or image to video where given frames lie clean in the latent (Wan 2.2 TI2V)."""

    @torch.jit.export
    def embed(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, frame_mask: Tensor
    ) -> Tuple[Tensor, List[Tensor]]:
        """As of text to video; frame_mask [B, frames]: 0 = the frame is given, its timestep is 0; or no elements."""
        times = self.times(timestep, frame_mask)
        return self.begin(hidden_states, times, encoder_hidden_states, hidden_states.new_empty([0]))

    @torch.jit.export
    def embed_again(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, frame_mask: Tensor, context: List[Tensor]
    ) -> Tuple[Tensor, List[Tensor]]:
        """As embed, given the context of a call that differed in nothing but the values of hidden_states and timestep."""
        return self.begin_again(hidden_states, self.times(timestep, frame_mask), context)

    def times(self, timestep: Tensor, frame_mask: Tensor) -> Tensor:
        """[B, 1], or [B, frames] with a frame mask."""
        times = timestep.unsqueeze(1)
        return times * frame_mask if frame_mask.numel() > 0 else times

    def forward(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, frame_mask: Tensor
    ) -> Tensor:
        hidden, context = self.embed(hidden_states, timestep, encoder_hidden_states, frame_mask)
        return self.whole(hidden, context)
