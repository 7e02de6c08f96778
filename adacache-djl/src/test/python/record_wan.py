"""Records single calls of Wan's published code on tiny models: python record_wan.py DIFFUSERS WAN21 WAN22

DIFFUSERS, WAN21 and WAN22 are clones of huggingface/diffusers, Wan-Video/Wan2.1 and Wan-Video/Wan2.2; they need not be
installed, but packages that diffusers imports must be (huggingface_hub, packaging, regex, requests, importlib_metadata). Writes the checkpoints
``wan-tiny`` (diffusers' names) and ``wan-authors-tiny`` (the authors', the same weights), and for every tiny Wan model the recordings
that the exporter and the Java library are held against. Run it before ``make_test_models.py`` of the exporter: both make the same
random weights for the models that have no checkpoint.
"""

import importlib
import importlib.metadata
import importlib.util
import json
import sys
import types
import warnings
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file

RESOURCES = Path(__file__).resolve().parents[1] / "resources" / "io" / "adacache" / "djl"
CHECKPOINTS, RECORDINGS = RESOURCES / "checkpoints", RESOURCES / "recordings"
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "main" / "python"))
from adacache_export import checkpoint, wan  # noqa: E402

PUBLISHED_CONTEXT = 512
"""Tokens of text that the code with image tokens counts on."""


def diffusers_class(clone: Path):
    """WanTransformer3DModel, without the packages that its neighbours would ask for."""
    version, find = importlib.metadata.version, importlib.util.find_spec
    absent = {"transformers", "torchvision", "timm", "accelerate", "peft"}

    def known_version(name):
        if name in absent:
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    importlib.metadata.version = known_version
    importlib.util.find_spec = lambda name, *more: None if name.split(".")[0] in absent else find(name, *more)
    sys.path.insert(0, str(clone / "src"))
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel


def authors_class(clone: Path):
    """WanModel, with plain attention in the place of flash attention, which needs a GPU."""
    for name in [name for name in sys.modules if name == "wan" or name.startswith("wan.")]:
        del sys.modules[name]
    for name, folder in (("wan", clone / "wan"), ("wan.modules", clone / "wan" / "modules")):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(folder)]
    model = importlib.import_module("wan.modules.model")
    plain = importlib.import_module("wan.modules.attention").attention
    model.flash_attention = lambda q, k, v, k_lens=None, window_size=None: plain(q, k, v, dtype=torch.float32)
    return model.WanModel


def draw(config, batch: int, frames: int, height: int, width: int, text: int, seed: int):
    generator = torch.Generator().manual_seed(seed)
    given = {
        "hidden_states": torch.randn(batch, config["in_channels"], frames, height, width, generator=generator),
        "timestep": torch.tensor([999.0, 437.0][:batch]),
        "encoder_hidden_states": torch.randn(batch, text, config["text_dim"], generator=generator),
    }
    if config.get("image_dim"):
        image = torch.randn(batch, wan.IMAGE_TOKENS, config["image_dim"], generator=generator)
        given["encoder_hidden_states_image"] = image
    return given


def per_token(given):
    """The published code takes a timestep for every token where frames are given."""
    mask, latent = given["frame_mask"], given["hidden_states"]
    tokens = latent.shape[3] * latent.shape[4] // 4
    return (given["timestep"].unsqueeze(1) * mask).unsqueeze(2).expand(-1, -1, tokens).flatten(1)


def write(folder: str, name: str, given, prediction) -> None:
    (RECORDINGS / folder).mkdir(parents=True, exist_ok=True)
    arrays = {key: value.numpy() for key, value in {**given, "prediction": prediction}.items()}
    numpy.savez(RECORDINGS / folder / f"forward-{name}.npz", **arrays)


def record_diffusers(published, name: str, state, sizes, masked: bool = False) -> None:
    config = json.loads((CHECKPOINTS / name / "config.json").read_text())
    model = published(**{k: v for k, v in config.items() if k not in ("_class_name", "expand_timesteps")}).eval()
    model.load_state_dict(state, strict=True)
    for case, numbers in sizes.items():
        given = draw(config, **numbers)
        timestep = given["timestep"]
        if masked and case != "b2-unmasked":
            mask = torch.ones(numbers["batch"], numbers["frames"])
            mask[:, 0] = 0
            given["frame_mask"] = mask
            timestep = per_token(given)
        arguments = {**given, "timestep": timestep}
        arguments.pop("frame_mask", None)
        write(name, case, given, model(**arguments, return_dict=False)[0])


def record_authors(published, name: str, case: str, state, sizes, tokenwise: bool) -> None:
    config = json.loads((CHECKPOINTS / name / "config.json").read_text())
    own = {k: v for k, v in config.items() if not k.startswith("_")}
    model = published(**own).eval()
    model.load_state_dict(state, strict=True)
    given = draw({"in_channels": config["in_dim"], "text_dim": config["text_dim"]}, **sizes)
    latent = given["hidden_states"]
    length = latent.shape[2] * latent.shape[3] * latent.shape[4] // 4
    timestep = given["timestep"]
    if tokenwise:
        timestep = timestep.unsqueeze(1).expand(-1, length)
    prediction = model(list(latent), timestep, list(given["encoder_hidden_states"]), length)
    write(name, case, given, torch.stack(prediction))


def random_state(name: str):
    """The weights that --random-init gives."""
    model = wan.build(wan.configure(json.loads((CHECKPOINTS / name / "config.json").read_text())))
    checkpoint.randomize(model, 0, ())
    return model.state_dict()


def main(diffusers: Path, first: Path, second: Path) -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    published = diffusers_class(diffusers)  # first: the authors' code imports of it
    authors = authors_class(first)
    later_authors = authors_class(second)
    config = json.loads((CHECKPOINTS / "wan-authors-tiny" / "config.json").read_text())
    model = authors(**{k: v for k, v in config.items() if not k.startswith("_")})
    checkpoint.randomize(model, 0, ())
    theirs = model.state_dict()
    state = {wan.by_diffusers_name(key): value.contiguous() for key, value in theirs.items()}
    save_file({key: value.contiguous() for key, value in theirs.items()}, CHECKPOINTS / "wan-authors-tiny/weights.safetensors")
    save_file(state, CHECKPOINTS / "wan-tiny/weights.safetensors")

    two = {"batch": 2, "frames": 3, "height": 8, "width": 6, "text": 7, "seed": 1}
    one = {"batch": 1, "frames": 1, "height": 4, "width": 10, "text": 7, "seed": 2}
    record_authors(authors, "wan-authors-tiny", "wan21-b2", theirs, two, False)
    record_authors(later_authors, "wan-authors-tiny", "wan22-b1", theirs, one, True)
    record_diffusers(published, "wan-tiny", state, {"b2": two, "b1-l3": {**one, "text": 3}})
    record_diffusers(published, "wan-i2v-tiny", random_state("wan-i2v-tiny"), {
        "b2": {**two, "text": PUBLISHED_CONTEXT}, "b1": {**one, "text": PUBLISHED_CONTEXT}})
    record_diffusers(published, "wan-i2v22-tiny", random_state("wan-i2v22-tiny"), {"b2": two, "b1": one})
    record_diffusers(published, "wan-ti2v-tiny", random_state("wan-ti2v-tiny"), {
        "b2-unmasked": two, "b2": two, "b1": {**one, "frames": 4}}, masked=True)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
