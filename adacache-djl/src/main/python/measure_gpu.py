"""Measures caching on a CUDA machine, with PyTorch alone: python measure_gpu.py [--json FILE] [--tiny]

Makes published models with random weights on the spot (the exporter's classes, compiled as exported files are) and calls
their methods in the order in which the Java library does, with the same tensor helpers, for a given schedule. Needs torch
(2.6 or newer) and nothing else: no network, no Java, no checkpoint. Random weights cost what trained ones cost.

`--tiny` does the same with tiny models on the CPU. Every case is guarded: one that runs out of memory or time leaves a line
that says so, and the table is always printed. docs/measuring.md says how to read it.
"""

import argparse
import json
import math
import signal
import statistics
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Tuple

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parent))
from adacache_export import contract, open_sora  # noqa: E402
from adacache_export.latte import LATTE  # noqa: E402
from adacache_export.ops import Ops  # noqa: E402

GIB = float(1 << 30)
PLAIN_CALLS = 4
"""Plain forwards measured before and after each generation; their median is the yardstick."""
LEAST_COMPUTED, LEAST_REUSED = 4, 8
"""Steps of a case that has no time for its whole generation; its total is then put together from the medians."""


@dataclass
class Size:
    """A published size: of the latent that the transformer sees, guidance in one batch."""

    name: str
    frames: int
    height: int
    width: int
    text: int


@dataclass
class Case:
    """A generation to be measured."""

    model: str
    size: Size
    steps: int
    computed: int
    spans: str
    """fused: one kept sum; pairs: two kept tensors per block, as the published code does."""


@dataclass
class Row:
    """A line of the table. Times are milliseconds, sizes GiB; None: not measured."""

    model: str
    size: str
    tokens: int
    steps: int
    computed: int
    spans: str
    how: str = ""
    plain: Optional[float] = None
    computed_step: Optional[float] = None
    reused_step: Optional[float] = None
    reused_share: Optional[float] = None
    ideal: Optional[float] = None
    realised: Optional[float] = None
    realised_share: Optional[float] = None
    peak: Optional[float] = None
    plain_peak: Optional[float] = None
    kept: Optional[float] = None


@dataclass
class Report:
    device: str
    torch: str
    dtype: str
    rows: List[Row] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)


class OutOfTime(Exception):
    """A guarded piece of work took longer than it may."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Ends a piece of work after so many seconds, between two of Python's instructions."""

    def ring(signum, frame):
        raise OutOfTime()

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(0.01, seconds))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Machine:
    """The device: waits for it, times on it, and reads its memory."""

    def __init__(self, name: str):
        self.device = torch.device(name)
        self.cuda = self.device.type == "cuda"

    def wait(self) -> None:
        if self.cuda:
            torch.cuda.synchronize()

    def timed(self, work: Callable[[], object]) -> float:
        """Milliseconds until the device has done it."""
        self.wait()
        begin = time.perf_counter()
        work()
        self.wait()
        return 1e3 * (time.perf_counter() - begin)

    def forget_peak(self) -> None:
        if self.cuda:
            torch.cuda.reset_peak_memory_stats()

    def peak(self) -> Optional[float]:
        """GiB of tensors at most since the last `forget_peak`, weights included. Known on CUDA only."""
        return torch.cuda.max_memory_allocated() / GIB if self.cuda else None

    def describe(self) -> str:
        if not self.cuda:
            return "cpu"
        facts = torch.cuda.get_device_properties(self.device)
        return f"{facts.name}, {facts.total_memory / GIB:.0f} GiB, CUDA {torch.version.cuda}"


def fill(model: nn.Module, keep: Tuple[str, ...]) -> None:
    """Random weights, made on the device; every gate is alive. Tables that the model computed stay."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in keep:
                continue
            spread = (parameter.shape[0] / parameter.numel()) ** 0.5 if parameter.dim() > 1 else 0.02
            parameter.normal_(0.0, spread)


@dataclass
class Model:
    """A model with random weights: eager, compiled as an exported file is, and what its manifest says."""

    name: str
    eager: nn.Module
    scripted: torch.jit.ScriptModule
    manifest: Dict[str, object]


def make(family, config: Dict[str, object], name: str, dtype: torch.dtype, device: torch.device) -> Model:
    fields = family.configure(config)
    with torch.device(device):
        model = family.build(fields)
    fill(model, tuple(family.KEEP))
    model = model.to(dtype)
    return Model(name, model.eval(), contract.script(model), family.describe(fields))


def inputs_of(model: Model, size: Size, device: torch.device) -> List[Tensor]:
    """Noise and usual numbers for each input of the manifest: two rows, a prompt's and the empty one's."""
    sizes = {"batch": 2, "frames": size.frames, "height": size.height, "width": size.width, "text": size.text}
    made = []
    for entry in model.manifest["inputs"]:
        shape = [d if isinstance(d, int) else sizes.get(d, 1) for d in entry["shape"]]
        dtype = getattr(torch, entry["dtype"])
        role = entry["role"]
        if entry.get("optional"):
            made.append(torch.empty(0, dtype=dtype, device=device))
        elif role in ("latent", "text"):
            made.append(torch.randn(shape, device=device).to(dtype))
        else:
            value = {"timestep": 500, "fps": 24, "pixel-height": 8 * size.height, "pixel-width": 8 * size.width}
            made.append(torch.full(shape, value.get(role, 0), device=device).to(dtype))
    return made


def tokens_of(model: Model, size: Size) -> int:
    patch = model.manifest["patch"]
    places = math.ceil(size.height / patch["height"]) * math.ceil(size.width / patch["width"])
    return math.ceil(size.frames / patch["frames"]) * places


def spans_of(sites: List[Dict[str, object]], kind: str) -> List[Tuple[int, int]]:
    """The spans of a policy: all sites, or as the published code caches, self-attention alone and what follows together."""
    if kind == "fused":
        return [(0, len(sites))]
    own = [str(site["kind"]) in ("spatial-attention", "temporal-attention", "joint-attention") for site in sites]
    cuts = [i for i in range(len(sites)) if i == 0 or own[i] or own[i - 1]]
    return list(zip(cuts, cuts[1:] + [len(sites)]))


def probe_of(sites: List[Dict[str, object]]) -> int:
    """Temporal attention of the middle block, whose rate of change AdaCache measures."""
    temporal = [i for i, site in enumerate(sites) if site["kind"] == "temporal-attention"]
    return temporal[len(temporal) // 2]


class Session:
    """What the Java library's session calls in a step, in its order: keeps the sums of spans and the last probe."""

    def __init__(self, model: Model, ops, spans: List[Tuple[int, int]], places: int):
        self.model, self.ops, self.spans = model.scripted, ops, spans
        self.places = places
        self.probe = probe_of(model.manifest["sites"])
        self.kept: Dict[Tuple[int, int], Tensor] = {}
        self.reference: Optional[Tensor] = None
        self.figures: List[float] = []

    def held(self) -> int:
        tensors = list(self.kept.values()) + ([] if self.reference is None else [self.reference])
        alive = {t.data_ptr(): t.numel() * t.element_size() for t in tensors}
        return sum(alive.values())

    def computed(self, inputs: List[Tensor]) -> Tensor:
        """Embeds, runs every span, keeps its sum, measures the probe, and makes the prediction."""
        hidden, context = self.model.embed(*inputs)
        for span in self.spans:
            self.kept.pop(span, None)
            single = span[1] - span[0] == 1
            inside = span[0] <= self.probe < span[1]
            capture = [span[0]] if single else [self.probe] if inside else []
            ran = self.model.run(span[0], span[1], capture, hidden, context)
            after = ran[0]
            if inside:
                self.measure(ran[1])
            self.kept[span] = ran[1] if single else self.ops.subtract(after, hidden)
            hidden = after
            del ran, after
        return self.model.head(hidden, context)

    def measure(self, now: Tensor) -> None:
        """Distance to the last computed step's probe, and motion between frames: a read from the device each, as in Java."""
        if self.reference is not None:
            self.figures.append(float(self.ops.distance_sums(0, now, self.reference)[:, 0].sum()))
        self.figures.append(float(self.ops.motion_sums(0, now, 0, self.places, 1)[:, 0].sum()))
        self.reference = now

    def reused(self, inputs: List[Tensor]) -> Tensor:
        hidden, context = self.model.embed(*inputs)
        for span in self.spans:
            hidden = self.ops.add_weighted(hidden, [1.0], [self.kept[span]])
        return self.model.head(hidden, context)


def schedule(steps: int, computed: int) -> List[bool]:
    """Which steps are computed: so many, evenly spread, the first one among them."""
    return [i * computed // steps != (i - 1) * computed // steps for i in range(steps)]


class Measurement:
    """One model and size at a time, each case behind a guard."""

    def __init__(self, machine: Machine, report: Report, seconds: float):
        self.machine, self.report = machine, report
        self.deadline = time.perf_counter() + seconds
        self.ops = contract.script(Ops()).to(machine.device)

    def left(self) -> float:
        return self.deadline - time.perf_counter()

    def guarded(self, what: str, work: Callable[[], None], seconds: float) -> str:
        """Runs it; returns why it did not end, or nothing."""
        try:
            if seconds <= 0:
                raise OutOfTime()
            with limited(seconds):
                work()
            return ""
        except OutOfTime:
            problem = "no time left"
        except Exception as e:  # whatever it is, the table must be printed
            text = str(e).strip().splitlines()
            memory = isinstance(e, torch.OutOfMemoryError)
            problem = "out of memory" if memory else f"{type(e).__name__}: {text[-1] if text else ''}"[:160]
        self.report.notes.append(f"{what}: {problem}")
        if self.machine.cuda:
            torch.cuda.empty_cache()
        return problem

    def size(self, model: Model, size: Size, cases: List[Case], share: float) -> None:
        """Measures the cases of a size in at most that share of the time that is left."""
        end = time.perf_counter() + share * self.left()
        rows = [
            Row(model.name, size.name, tokens_of(model, size), c.steps, c.computed, c.spans, ideal=c.steps / c.computed)
            for c in cases
        ]
        self.report.rows += rows
        state: Dict[str, object] = {}

        def prepare() -> None:
            state["inputs"] = inputs_of(model, size, self.machine.device)
            model.scripted(*state["inputs"])
            self.machine.forget_peak()
            state["plain"] = [self.plain(model, state["inputs"]) for _ in range(PLAIN_CALLS)]
            state["peak"] = self.machine.peak()

        problem = self.guarded(f"{model.name} {size.name}", prepare, end - time.perf_counter())
        for number, (case, row) in enumerate(zip(cases, rows)):
            if problem:
                row.how = problem
                continue
            until = (end - time.perf_counter()) / (len(cases) - number)
            failed = self.guarded(f"{model.name} {size.name} {case.steps} {case.spans}",
                                  lambda: self.case(model, case, row, state, until), end - time.perf_counter())
            row.how = failed or row.how

    def plain(self, model: Model, inputs: List[Tensor]) -> float:
        return self.machine.timed(lambda: model.scripted(*inputs))

    def case(self, model: Model, case: Case, row: Row, state: Dict[str, object], seconds: float) -> None:
        inputs, plain = state["inputs"], state["plain"]
        sites = model.manifest["sites"]
        places = tokens_of(model, case.size) // math.ceil(case.size.frames / model.manifest["patch"]["frames"])
        session = Session(model, self.ops, spans_of(sites, case.spans), places)
        typical = statistics.median(plain) / 1e3
        whole = typical * (case.computed + 2 * PLAIN_CALLS) * 1.05 < seconds
        plan = schedule(case.steps, case.computed)
        if not whole:
            plan = ([True] + [False] * (LEAST_REUSED // LEAST_COMPUTED)) * LEAST_COMPUTED
        # The first two steps of each kind are for the engine to settle.
        session.computed(inputs)
        session.reused(inputs)
        self.machine.forget_peak()
        times: Dict[bool, List[float]] = {True: [], False: []}
        total = 0.0
        for compute in plan:
            step = session.computed if compute else session.reused
            took = self.machine.timed(lambda: step(inputs))
            times[compute].append(took)
            total += took
        row.peak, row.plain_peak, row.kept = self.machine.peak(), state["peak"], session.held() / GIB
        del session
        plain += [self.plain(model, inputs) for _ in range(PLAIN_CALLS)]
        row.plain = statistics.median(plain)
        row.computed_step, row.reused_step = statistics.median(times[True]), statistics.median(times[False])
        if not whole:
            total = case.computed * row.computed_step + (case.steps - case.computed) * row.reused_step
        row.how = "whole run" if whole else "from medians"
        row.reused_share = row.reused_step / row.computed_step
        row.realised = case.steps * row.plain / total
        row.realised_share = row.realised / row.ideal

    def others(self, model: Model, size: Size) -> None:
        """The plain model in other ways, where they work: the executor's optimised mode, a CUDA graph, torch.compile."""
        inputs = inputs_of(model, size, self.machine.device)

        def note(name: str, call: Callable[[], object]) -> None:
            call()
            call()
            self.machine.forget_peak()
            took = statistics.median(self.machine.timed(call) for _ in range(PLAIN_CALLS))
            peak = self.machine.peak()
            self.report.notes.append(f"{model.name} {size.name}, plain, {name}: {took:.2f} ms"
                                     + ("" if peak is None else f", peak {peak:.2f} GiB"))

        def optimised() -> None:
            torch._C._set_graph_executor_optimize(True)
            try:
                note("TorchScript's optimised mode", lambda: model.scripted(*inputs))
            finally:
                torch._C._set_graph_executor_optimize(False)

        def graphed() -> None:
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                model.eager(*inputs)
            torch.cuda.current_stream().wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                model.eager(*inputs)
            note("a CUDA graph of the eager model", graph.replay)

        def compiled() -> None:
            fast = torch.compile(model.eager)
            note("torch.compile", lambda: fast(*inputs))

        self.guarded("eager", lambda: note("eager", lambda: model.eager(*inputs)), self.left())
        self.guarded("TorchScript's optimised mode", optimised, self.left())
        if self.machine.cuda:
            self.guarded("CUDA graph", graphed, self.left())
            self.guarded("torch.compile", compiled, self.left())


COLUMNS: Tuple[Tuple[str, Callable[[Row], str]], ...] = (
    ("model", lambda r: r.model),
    ("size", lambda r: f"{r.size}, {r.tokens:,} tokens"),
    ("computed", lambda r: f"{r.computed} of {r.steps}"),
    ("spans", lambda r: r.spans),
    ("plain ms", lambda r: number(r.plain, 2)),
    ("computed ms", lambda r: number(r.computed_step, 2)),
    ("reused ms", lambda r: number(r.reused_step, 2)),
    ("reused / computed", lambda r: percent(r.reused_share)),
    ("ideal", lambda r: number(r.ideal, 2)),
    ("realised", lambda r: number(r.realised, 2)),
    ("realised / ideal", lambda r: number(r.realised_share, 3)),
    ("peak GiB", lambda r: number(r.peak, 2)),
    ("plain's peak", lambda r: number(r.plain_peak, 2)),
    ("kept GiB", lambda r: number(r.kept, 3)),
    ("how", lambda r: r.how),
)


def number(value: Optional[float], digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def percent(value: Optional[float]) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"


def table(report: Report) -> str:
    """The report as Markdown."""
    lines = [f"Device: {report.device}; torch {report.torch}; {report.dtype}; random weights; two rows (guidance in one batch).", ""]
    lines.append("| " + " | ".join(name for name, _ in COLUMNS) + " |")
    lines.append("|" + "---|" * len(COLUMNS))
    lines += ["| " + " | ".join(cell(row) for _, cell in COLUMNS) + " |" for row in report.rows]
    return "\n".join(lines + [""] + [f"- {note}" for note in report.notes])


OPEN_SORA_SIZES = [Size("480p-2s", 15, 60, 106, 300), Size("720p-2s", 15, 90, 160, 300)]
LATTE_SIZE = Size("512x512x16", 16, 64, 64, 120)
# Computed steps: what the published shares of operations imply (AdaCache, table 1: 12.4 of 30, 14.7 of 50); of 100 steps as many.
OPEN_SORA_RUNS = [(30, 12), (100, 41)]
LATTE_RUNS = [(50, 15)]
TINY_OPEN_SORA = {"model_type": "STDiT3", "depth": 2, "hidden_size": 64, "num_heads": 4, "caption_channels": 32}
TINY_LATTE = {**LATTE.PUBLISHED, "num_layers": 2, "num_attention_heads": 4, "attention_head_dim": 16, "caption_channels": 32,
              "cross_attention_dim": 64, "sample_size": 16}


def tiny(size: Size) -> Size:
    """A size of the same name that any machine can compute."""
    return Size(size.name, 4, size.height // 8 * 2, size.width // 8 * 2, 8)


def cases_of(model: str, size: Size, runs: List[Tuple[int, int]]) -> List[Case]:
    return [Case(model, size, steps, computed, spans) for steps, computed in runs for spans in ("fused", "pairs")]


def measure(arguments: argparse.Namespace, machine: Machine) -> Report:
    dtype = getattr(torch, arguments.dtype)
    report = Report(machine.describe(), torch.__version__, arguments.dtype)
    work = Measurement(machine, report, arguments.seconds)
    shrink = tiny if arguments.tiny else (lambda size: size)
    torch._C._set_graph_executor_optimize(False)  # as Java does
    plan = [
        (open_sora, TINY_OPEN_SORA if arguments.tiny else open_sora.PUBLISHED, "Open-Sora XL/2",
         [shrink(size) for size in OPEN_SORA_SIZES], OPEN_SORA_RUNS),
        (LATTE, TINY_LATTE if arguments.tiny else LATTE.PUBLISHED, "Latte", [shrink(LATTE_SIZE)], LATTE_RUNS),
    ]
    pending = sum(len(sizes) for _, _, _, sizes, _ in plan)
    first: Optional[Tuple[Model, Size]] = None
    for family, config, name, sizes, runs in plan:
        made: Dict[str, Model] = {}
        label = name + (" (tiny)" if arguments.tiny else "")
        work.guarded(f"making {label}",
                     lambda: made.update(m=make(family, dict(config), label, dtype, machine.device)), work.left())
        for size in sizes:
            if made:
                # Larger sizes come later; some time stays for the other ways of calling the plain model.
                work.size(made["m"], size, cases_of(label, size, runs), 0.85 / pending)
            pending -= 1
        if made and first is None:
            first = (made["m"], sizes[0])
    if first is not None:
        work.others(*first)
    return report


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root.add_argument("--tiny", action="store_true", help="tiny models on the CPU: is the script whole?")
    root.add_argument("--device", default="", help="default: cuda, or with --tiny cpu")
    root.add_argument("--dtype", choices=["bfloat16", "float16", "float32"], default="bfloat16")
    root.add_argument("--seconds", type=float, default=360, help="time for everything (default: %(default)s)")
    root.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    return root


def main(argv: Optional[List[str]] = None) -> int:
    arguments = parser().parse_args(argv)
    device = arguments.device or ("cpu" if arguments.tiny else "cuda")
    if device.startswith("cuda") and not torch.cuda.is_available():
        print("error: PyTorch finds no CUDA device here; --tiny tries the script on the CPU", file=sys.stderr)
        return 2
    torch.manual_seed(0)
    with torch.inference_mode():
        report = measure(arguments, Machine(device))
    print(table(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(report), indent=1) + "\n")
    return 0 if any(row.realised is not None for row in report.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
