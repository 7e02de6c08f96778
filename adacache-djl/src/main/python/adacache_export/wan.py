"""The family of Wan 2.1 and 2.2: text to video, image to video, and both in one (TI2V)."""

from typing import Dict, List

from torch import nn

from . import ExportError
from . import manifest as m
from .checkpoint import Weights
from .config import REQUIRED, complain, count, either, flag, number, one_of, read_fields
from .wan_published import MODELS, T2V_1_3B, Published
from .wan_transformer import WanVideo, WanVideoWithFrames, WanVideoWithImage

COMMAND = "wan"
FAMILY = "wan"
HELP = "Wan 2.1 and 2.2 (diffusers' WanTransformer3DModel or the authors' WanModel): T2V, I2V, TI2V"
LEFTOVERS = ("blocks.*.attn2.norm_added_q.weight",)
"""A norm that nothing reads."""
KEEP = ()
FLOAT32 = ("condition_embedder.time_embedder.*", "*scale_shift_table", "blocks.*.norm2.*", "*image_embedder.norm*")
"""Parameters that stay fp32 in a file of half precision, as published."""
WEIGHTS_ONLY = True
"""The model holds nothing but its weights, so it can be made without memory and filled."""
PUBLISHED = T2V_1_3B
SIZES = {name: published.config for name, published in MODELS.items()}
"""Further published configurations by name."""

IMAGE_TOKENS = 257
"""Of CLIP ViT-H/14: 16 x 16 patches and one for the whole picture."""

FIELDS = {
    "patch_size": (one_of([1, 2, 2], [1, 4, 4]), [1, 2, 2]),
    "num_attention_heads": (count, REQUIRED),
    "attention_head_dim": (count, REQUIRED),
    "in_channels": (count, REQUIRED),
    "out_channels": (either(count, one_of(None)), None),
    "text_dim": (count, 4096),
    "freq_dim": (count, 256),
    "ffn_dim": (count, REQUIRED),
    "num_layers": (count, REQUIRED),
    "cross_attn_norm": (flag, True),
    "qk_norm": (one_of("rms_norm_across_heads"), "rms_norm_across_heads"),
    "eps": (number, 1e-6),
    "image_dim": (either(count, one_of(None)), None),
    "added_kv_proj_dim": (either(count, one_of(None)), None),
    "pos_embed_seq_len": (either(count, one_of(None)), None),
    # Not the transformer's: diffusers keeps it in the pipeline's model_index.json. Frames that are given have the timestep 0.
    "expand_timesteps": (either(flag, one_of(None)), None),
}

AUTHORS_FIELDS = {
    "dim": (count, REQUIRED),
    "ffn_dim": (count, REQUIRED),
    "freq_dim": (count, 256),
    "in_dim": (count, REQUIRED),
    "out_dim": (count, REQUIRED),
    "num_heads": (count, REQUIRED),
    "num_layers": (count, REQUIRED),
    "text_dim": (count, 4096),
    "eps": (number, 1e-6),
    "model_type": (one_of("t2v", "i2v", "flf2v", "ti2v"), REQUIRED),
    "patch_size": (one_of([1, 2, 2]), [1, 2, 2]),
    "window_size": (one_of([-1, -1]), [-1, -1]),
    "qk_norm": (one_of(True), True),
    "cross_attn_norm": (flag, True),
    # Of the authors' models to which a picture's tokens are given; without weights to look at, the configuration has to say it.
    "image_dim": (either(count, one_of(None)), None),
    "image_places": (either(count, one_of(None)), None),
}

CHECK_SIZES = (
    {"batch": 2, "frames": 3, "height": 4, "width": 6, "text": 5},
    {"batch": 1, "frames": 1, "height": 6, "width": 4, "text": 1},
)

AUTHORS_NAMES = (
    ("time_embedding.0.", "condition_embedder.time_embedder.linear_1."),
    ("time_embedding.2.", "condition_embedder.time_embedder.linear_2."),
    ("time_projection.1.", "condition_embedder.time_proj."),
    ("text_embedding.0.", "condition_embedder.text_embedder.linear_1."),
    ("text_embedding.2.", "condition_embedder.text_embedder.linear_2."),
    ("img_emb.proj.0.", "condition_embedder.image_embedder.norm1."),
    ("img_emb.proj.1.", "condition_embedder.image_embedder.ff.net.0.proj."),
    ("img_emb.proj.3.", "condition_embedder.image_embedder.ff.net.2."),
    ("img_emb.proj.4.", "condition_embedder.image_embedder.norm2."),
    ("img_emb.emb_pos", "condition_embedder.image_embedder.pos_embed"),
    ("head.head.", "proj_out."),
    ("head.modulation", "scale_shift_table"),
    (".modulation", ".scale_shift_table"),
    # The authors number the norms in the order of their making, diffusers in that of their use; the only one with weights:
    (".norm3.", ".norm2."),
    (".ffn.0.", ".ffn.net.0.proj."),
    (".ffn.2.", ".ffn.net.2."),
    (".cross_attn.k_img.", ".attn2.add_k_proj."),
    (".cross_attn.v_img.", ".attn2.add_v_proj."),
    (".cross_attn.norm_k_img.", ".attn2.norm_added_k."),
    (".self_attn.", ".attn1."),
    (".cross_attn.", ".attn2."),
    (".q.", ".to_q."),
    (".k.", ".to_k."),
    (".v.", ".to_v."),
    (".o.", ".to_out.0."),
)
"""Parts of the authors' names of weights, and of diffusers'."""


def by_diffusers_name(key: str) -> str:
    for authors, diffusers in AUTHORS_NAMES:
        if authors.startswith("."):
            key = key.replace(authors, diffusers)
        elif key.startswith(authors):
            key = diffusers + key[len(authors):]
    return key


def is_authors(config: Dict[str, object]) -> bool:
    return config.get("_class_name") == "WanModel" or ("dim" in config and "num_heads" in config)


def adapt(config: Dict[str, object], weights: Weights) -> Dict[str, object]:
    """Brings the authors' names of weights to diffusers', and returns the configuration with what only weights tell."""
    if not is_authors(config):
        return config
    shapes = weights.shapes()
    told = dict(config)
    if "img_emb.proj.0.weight" in shapes:
        told["image_dim"] = shapes["img_emb.proj.0.weight"][0]
    if "img_emb.emb_pos" in shapes:
        told["image_places"] = shapes["img_emb.emb_pos"][1]
    weights.rename(by_diffusers_name)
    return told


def from_authors(config: Dict[str, object]) -> Dict[str, object]:
    """The authors' fields under diffusers' names."""
    read = read_fields(config, AUTHORS_FIELDS)
    if read["dim"] % read["num_heads"] != 0:
        complain(["dim is no multiple of num_heads"])
    image = read["image_dim"]
    return {
        "num_attention_heads": read["num_heads"],
        "attention_head_dim": read["dim"] // read["num_heads"],
        "in_channels": read["in_dim"],
        "out_channels": read["out_dim"],
        "image_dim": image,
        "added_kv_proj_dim": None if image is None else read["dim"],
        "pos_embed_seq_len": read["image_places"],
        "expand_timesteps": read["model_type"] == "ti2v",
        **{name: read[name] for name in ("ffn_dim", "freq_dim", "num_layers", "text_dim", "eps", "cross_attn_norm")},
    }


def configure(config: Dict[str, object], published: str = "") -> Dict[str, object]:
    """The fields of a configuration in either layout; published is the name of the published model, if it is known."""
    fields = read_fields(from_authors(config) if is_authors(config) else config, FIELDS)
    faults = []
    if fields["attention_head_dim"] % 2 != 0 or fields["attention_head_dim"] < 6:
        faults.append("attention_head_dim is odd or less than 6")
    if fields["freq_dim"] % 2 != 0:
        faults.append("freq_dim is odd")
    if (fields["image_dim"] is None) != (fields["added_kv_proj_dim"] is None):
        faults.append("image_dim and added_kv_proj_dim go together")
    if fields["out_channels"] is None:
        fields["out_channels"] = fields["in_channels"]
    if fields["out_channels"] > fields["in_channels"]:
        faults.append("out_channels is more than in_channels: the latent comes first in the input")
    if fields["pos_embed_seq_len"] is not None and fields["image_dim"] is None:
        faults.append("pos_embed_seq_len without image_dim")
    if fields["expand_timesteps"] is None:
        fields["expand_timesteps"] = fields["in_channels"] == 48
    if fields["expand_timesteps"] and fields["image_dim"] is not None:
        faults.append("expand_timesteps and image_dim do not go together")
    complain(faults)
    fields["wide_angles"] = is_authors(config)
    fields["published"] = recognised(fields, published)
    return fields


def shape_of(fields: Dict[str, object]) -> List[object]:
    names = ("num_layers", "num_attention_heads", "attention_head_dim", "ffn_dim", "in_channels", "out_channels", "image_dim")
    return [fields.get(name) for name in names]


def recognised(fields: Dict[str, object], name: str) -> str:
    """The published model of this shape, if there is one alone; or the named one, if it has this shape."""
    fitting = [key for key, published in MODELS.items() if shape_of(published.config) == shape_of(fields)]
    if name and name not in MODELS:
        raise ExportError(f"--published knows {', '.join(MODELS)}, but got {name}")
    if name and name not in fitting:
        raise ExportError(f"the checkpoint is no {name}: its config.json has another shape"
                          + (f"; it fits {', '.join(fitting)}" if fitting else ""))
    return name or (fitting[0] if len(fitting) == 1 else "")


def build(fields: Dict[str, object]) -> nn.Module:
    shape = {name: fields[name] for name in (
        "num_attention_heads", "attention_head_dim", "in_channels", "out_channels", "text_dim", "freq_dim", "ffn_dim",
        "num_layers", "cross_attn_norm", "eps", "wide_angles",
    )}
    kind = WanVideo
    if fields["image_dim"] is not None:
        kind = WanVideoWithImage
    elif fields["expand_timesteps"]:
        kind = WanVideoWithFrames
    return kind(
        **shape,
        patch_size=fields["patch_size"][1],
        image_dim=fields["image_dim"] or 0,
        added_kv_proj_dim=fields["added_kv_proj_dim"] or 0,
        pos_embed_seq_len=fields["pos_embed_seq_len"] or 0,
    )


def inputs(fields: Dict[str, object]) -> List[Dict[str, object]]:
    latent = m.tensor("hidden_states", "latent", "float32", ["batch", fields["in_channels"], "frames", "height", "width"])
    if fields["out_channels"] < fields["in_channels"]:
        # The rest says which frames are given, and holds them.
        latent["channels"] = [0, fields["out_channels"]]
    tensors = [
        latent,
        m.tensor("timestep", "timestep", "float32", ["batch"]),
        m.tensor("encoder_hidden_states", "text", "float32", ["batch", "text", fields["text_dim"]]),
    ]
    if fields["image_dim"] is not None:
        tensors.append(m.tensor("encoder_hidden_states_image", "image", "float32", ["batch", "image", fields["image_dim"]]))
    elif fields["expand_timesteps"]:
        tensors.append(m.tensor("frame_mask", "frame-mask", "float32", ["batch", "frames"], optional=True))
    return tensors


def cross_attention(channels: int, fields: Dict[str, object]) -> List[Dict[str, object]]:
    terms = m.cross_attention(channels)
    if fields["image_dim"] is not None:
        terms += [
            m.term(4 * channels * fields["added_kv_proj_dim"], "batch", "image"),
            m.term(4 * channels, *m.TOKENS, "image"),
        ]
    return terms


def embedding(channels: int, fields: Dict[str, object]) -> List[Dict[str, object]]:
    terms = [
        m.linear(fields["in_channels"] * fields["patch_size"][1] ** 2, channels, *m.TOKENS),
        m.linear(fields["text_dim"] + channels, channels, "batch", "text"),
        m.linear(fields["freq_dim"] + channels + 6 * channels, channels, "batch"),
    ]
    image = fields["image_dim"]
    if image is not None:
        terms.append(m.linear(image, image + channels, "batch", "image"))
    return terms


def describe(fields: Dict[str, object]) -> Dict[str, object]:
    layers, patch = fields["num_layers"], fields["patch_size"][1]
    channels = fields["num_attention_heads"] * fields["attention_head_dim"]
    known = MODELS.get(fields["published"], Published(f"Wan-{layers}x{channels}", {}, 50, 5.0, 5.0))
    sites = []
    for block in range(layers):
        sites += [m.site(block, "joint-attention"), m.site(block, "cross-attention"), m.site(block, "mlp")]
    described = {
        "name": known.title,
        "hidden": {"channels": channels, "prefix": 0},
        "patch": {"frames": 1, "height": patch, "width": patch},
        "inputs": inputs(fields),
        "sizes": {} if fields["image_dim"] is None else {"image": fields["pos_embed_seq_len"] or IMAGE_TOKENS},
        "prediction": {
            "type": "flow",
            "shape": ["batch", fields["out_channels"], "frames", "height", "width"],
            "channels": [0, fields["out_channels"]],
        },
        "sites": sites,
        "guidance": {"order": "conditional-first", "scale": known.guidance},
        "steps": known.steps,
        "flops": {
            "joint-attention": m.self_attention(channels, "frames", "tokens"),
            "cross-attention": cross_attention(channels, fields),
            "mlp": m.mlp(channels, fields["ffn_dim"]),
            "embed": embedding(channels, fields),
            "head": [m.linear(channels, patch * patch * fields["out_channels"], *m.TOKENS)],
        },
        "policies": {} if known.magcache is None else {"magcache": dict(known.magcache)},
        "sampling": {"sampler": "flow-unipc", "shift": known.shift, "guidance-calls": "separate"},
    }
    if known.expert is not None:
        described["sampling"].update({"expert": known.expert, "boundary": known.boundary})
    return described
