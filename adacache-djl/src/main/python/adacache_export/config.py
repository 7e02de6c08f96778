"""Checks the fields of a checkpoint's ``config.json`` that shape the network, and reports all faults at once."""

from typing import Callable, Dict, List, Tuple

from . import ExportError

REQUIRED = object()
"""Stands for a default where there is none."""


def count(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def flag(value) -> bool:
    return isinstance(value, bool)


def counts(length: int) -> Callable[[object], bool]:
    def check(value) -> bool:
        return isinstance(value, (list, tuple)) and len(value) == length and all(count(v) for v in value)

    check.__name__ = f"a list of {length} counts"
    return check


def one_of(*allowed) -> Callable[[object], bool]:
    def check(value) -> bool:
        return any(value == a and isinstance(value, bool) == isinstance(a, bool) for a in allowed)

    check.__name__ = " or ".join(repr(a) for a in allowed)
    return check


def either(first: Callable[[object], bool], second: Callable[[object], bool]) -> Callable[[object], bool]:
    def check(value) -> bool:
        return first(value) or second(value)

    check.__name__ = f"{wording(first)} or {wording(second)}"
    return check


NAMES = {count: "a positive whole number", number: "a positive number", flag: "true or false"}


def wording(check: Callable[[object], bool]) -> str:
    return NAMES.get(check, check.__name__)


Fields = Dict[str, Tuple[Callable[[object], bool], object]]


def read_fields(config: Dict[str, object], fields: Fields) -> Dict[str, object]:
    """The listed fields, with defaults filled in. Fields that are not listed do not shape the network and are skipped."""
    faults: List[str] = []
    read: Dict[str, object] = {}
    for name, (check, default) in fields.items():
        value = config.get(name, default)
        if value is REQUIRED:
            faults.append(f"{name} is missing")
        elif name in config and not check(value):
            faults.append(f"{name} is {value!r}, not {wording(check)}")
        read[name] = value
    complain(faults)
    return read


def complain(faults: List[str]) -> None:
    if faults:
        raise ExportError("config.json does not describe a model of this family: " + "; ".join(faults))
