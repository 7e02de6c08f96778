"""What is published of the members of the Wan family: their configurations, how they are sampled, and settings of cache methods.

Configurations: diffusers' ``scripts/convert_wan_to_diffusers.py``. Sampling: the authors' ``generate.py`` and ``wan/configs``.
MagCache: Zehong-Ma/MagCache, ``MagCache4Wan2.1`` and ``MagCache4Wan2.2``, ratios of the conditional call.
"""

from typing import Dict, List, NamedTuple, Optional


class Published(NamedTuple):
    """One published model."""

    title: str
    config: Dict[str, object]
    steps: int
    guidance: float
    shift: float
    magcache: Optional[Dict[str, str]] = None
    expert: Optional[str] = None
    """Of a pair of models: which noise levels this one is for."""
    boundary: Optional[float] = None
    """Of a pair of models: the noise level, 0..1, from which on the other one is for the rest."""


def config(layers: int, heads: int, inner: int, inputs: int = 16, outputs: int = 16, **more: object) -> Dict[str, object]:
    return {
        "patch_size": [1, 2, 2],
        "num_attention_heads": heads,
        "attention_head_dim": 128,
        "in_channels": inputs,
        "out_channels": outputs,
        "text_dim": 4096,
        "freq_dim": 256,
        "ffn_dim": inner,
        "num_layers": layers,
        "cross_attn_norm": True,
        "qk_norm": "rms_norm_across_heads",
        "eps": 1e-6,
        **more,
    }


def magcache(threshold: str, in_row: str, retention: str, ratios: List[float]) -> Dict[str, str]:
    values = ";".join(str(ratio) for ratio in ratios)
    return {"threshold": threshold, "max-in-row": in_row, "retention": retention, "ratios": values}


RATIOS_T2V_1_3B = [
    1.0124, 1.00166, 0.99791, 0.99682, 0.99634, 0.99567, 0.99416, 0.99578, 0.9957, 0.99511, 0.99535, 0.99552, 0.99541,
    0.9954, 0.99489, 0.99518, 0.99484, 0.99481, 0.99415, 0.99419, 0.99396, 0.99388, 0.99349, 0.99309, 0.9927, 0.99228,
    0.99171, 0.99137, 0.99068, 0.99005, 0.98944, 0.98849, 0.98758, 0.98644, 0.98504, 0.9836, 0.98202, 0.97977, 0.97717,
    0.9741, 0.97003, 0.96538, 0.9593, 0.95086, 0.94013, 0.92402, 0.90241, 0.86821, 0.81838,
]
RATIOS_T2V_14B = [
    1.02504, 1.00025, 0.9985, 0.99779, 0.9966, 0.99482, 0.99467, 0.99664, 0.99434, 0.99533, 0.99468, 0.99438, 0.99516,
    0.99384, 0.99404, 0.99517, 0.99409, 0.99428, 0.99347, 0.99418, 0.99271, 0.99313, 0.99215, 0.99218, 0.99216, 0.99163,
    0.99138, 0.98982, 0.98996, 0.9887, 0.98772, 0.98767, 0.98573, 0.98501, 0.9838, 0.98177, 0.98037, 0.97678, 0.97546,
    0.97184, 0.96711, 0.96349, 0.95629, 0.94926, 0.93964, 0.92511, 0.90693, 0.8796, 0.86111,
]
RATIOS_I2V_480P = [
    0.98783, 0.97559, 0.98311, 0.98202, 0.9888, 0.98762, 0.98957, 0.99052, 0.99383, 0.98857, 0.99065, 0.98845, 0.99057,
    0.98957, 0.98601, 0.98823, 0.98756, 0.98808, 0.98721, 0.98571, 0.98543, 0.98157, 0.98411, 0.97952, 0.98149, 0.9774,
    0.97825, 0.97355, 0.97085, 0.97056, 0.96588, 0.96113, 0.9567, 0.94961, 0.93973, 0.93217, 0.91878, 0.90955, 0.92617,
]
RATIOS_I2V_720P = [
    0.99428, 0.98588, 0.98273, 0.99018, 0.98911, 0.98646, 0.99454, 0.9891, 0.99124, 0.99102, 0.99215, 0.99515, 0.99576,
    0.99068, 0.99097, 0.99166, 0.99041, 0.99201, 0.99101, 0.98599, 0.98845, 0.98848, 0.98862, 0.98718, 0.98497, 0.98264,
    0.98389, 0.97938, 0.97535, 0.97498, 0.973, 0.96827, 0.96261, 0.95335, 0.94649, 0.93397, 0.91636, 0.89088, 0.8679,
]
RATIOS_TI2V_5B = [
    0.99505, 0.99441, 0.99558, 0.99499, 0.99534, 0.99468, 0.99463, 0.9946, 0.99408, 0.9945, 0.99409, 0.99403, 0.99382,
    0.99349, 0.99377, 0.9933, 0.99303, 0.99217, 0.992, 0.99201, 0.99133, 0.99112, 0.99155, 0.98958, 0.98959, 0.98838,
    0.98826, 0.9883, 0.98711, 0.98562, 0.98511, 0.98414, 0.98284, 0.98104, 0.97981, 0.97849, 0.97557, 0.97398, 0.97171,
    0.96917, 0.96511, 0.96263, 0.95839, 0.95483, 0.94942, 0.9468, 0.94583, 0.94843, 0.96949,
]

T2V_1_3B = config(30, 12, 8960)
T2V_14B = config(40, 40, 13824)
I2V_14B = config(40, 40, 13824, 36, image_dim=1280, added_kv_proj_dim=5120)
I2V_A14B = config(40, 40, 13824, 36)
TI2V_5B = config(30, 24, 14336, 48, 48, expand_timesteps=True)

MODELS: Dict[str, Published] = {
    "t2v-1.3b": Published("Wan2.1-T2V-1.3B", T2V_1_3B, 50, 5.0, 5.0, magcache("0.12", "4", "0.2", RATIOS_T2V_1_3B)),
    "t2v-14b": Published("Wan2.1-T2V-14B", T2V_14B, 50, 5.0, 5.0, magcache("0.24", "6", "0.2", RATIOS_T2V_14B)),
    "i2v-14b-480p": Published("Wan2.1-I2V-14B-480P", I2V_14B, 40, 5.0, 3.0, magcache("0.24", "6", "0.2", RATIOS_I2V_480P)),
    "i2v-14b-720p": Published("Wan2.1-I2V-14B-720P", I2V_14B, 40, 5.0, 5.0, magcache("0.24", "6", "0.2", RATIOS_I2V_720P)),
    "ti2v-5b": Published("Wan2.2-TI2V-5B", TI2V_5B, 50, 5.0, 5.0, magcache("0.06", "2", "0.2", RATIOS_TI2V_5B)),
    # MagCache's ratios of the pairs run over both experts, and belong to neither.
    "t2v-a14b-high": Published("Wan2.2-T2V-A14B, high noise", T2V_14B, 40, 4.0, 12.0, expert="high-noise", boundary=0.875),
    "t2v-a14b-low": Published("Wan2.2-T2V-A14B, low noise", T2V_14B, 40, 3.0, 12.0, expert="low-noise", boundary=0.875),
    "i2v-a14b-high": Published("Wan2.2-I2V-A14B, high noise", I2V_A14B, 40, 3.5, 5.0, expert="high-noise", boundary=0.9),
    "i2v-a14b-low": Published("Wan2.2-I2V-A14B, low noise", I2V_A14B, 40, 3.5, 5.0, expert="low-noise", boundary=0.9),
}
