"""How sure we are that a hit holds the answer: a calibrated probability, and the two bounds that make it a verdict.

The method is logistic regression over a hit's features (Cox 1958). Its weights and bounds are data, `calibration.json`,
written by `bench/calibrate.py`; docs/design.md tells on which questions, and shows the reliability curve. An operator's
own, fitted by `summit eval --calibrate`, lies in the data folder and goes before it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib import resources
from pathlib import Path

from index.errors import IndexDamaged, SummitError
from index.lock import PRIVATE_FILE
from index.manifest import read_small
from index.retrieve import Features

OWN = "calibration.json"  # in the data folder


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted method. `weights` go with the standardised features in the order of `Features`."""

    method: str
    bias: float
    weights: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    answer_from: float  # the probability from which the verdict is `answer`
    related_from: float  # and from which it is `related`; below, `none`
    model: str = ""  # identity of the embedder that it was fitted with, where that is to be held against it

    def __post_init__(self) -> None:
        size = len(fields(Features))
        if not len(self.weights) == len(self.means) == len(self.deviations) == size:
            raise ValueError(f"a calibration has {size} weights, means and deviations")
        if not 0 <= self.related_from <= self.answer_from <= 1:
            raise ValueError("the bounds of a calibration are 0 <= related_from <= answer_from <= 1")

    def probability(self, features: Features) -> float:
        """Probability in (0, 1) that the hit's quote answers the question."""
        values = asdict(features).values()
        z = self.bias + sum(
            weight * (value - mean) / deviation
            for weight, value, mean, deviation in zip(self.weights, values, self.means, self.deviations, strict=True)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def shipped(embedder_identity: str) -> Calibration:
    """The calibration that comes with the package for an embedder, or the default model's for one that has none.

    Each model needs its own: what a cosine is worth differs from one to the next.
    """
    files = resources.files("index")
    own = files / f"calibration-{embedder_identity.split(maxsplit=1)[0]}.json"
    path = own if own.is_file() else files / "calibration.json"
    return parse(json.loads(path.read_text(encoding="utf-8")))


def read(path: Path) -> Calibration:
    """An operator's own calibration. Raises IndexDamaged when the file is not one."""
    try:
        return parse(json.loads(read_small(path)))
    except (IndexDamaged, OSError, ValueError, KeyError, TypeError, RecursionError) as exc:
        raise IndexDamaged(f"{path} is not a calibration: delete it, or run `summit eval --calibrate` again") from exc


def own(data: Path) -> Calibration | None:
    """What an operator has fitted and kept in this data folder. Raises IndexDamaged."""
    path = data / OWN
    return read(path) if path.exists() or path.is_symlink() else None


def own_for(data: Path, embedder_identity: str) -> Calibration | None:
    """The same, to be used with this embedder. Raises IndexDamaged also where it was fitted with another."""
    found = own(data)
    if found and found.model != embedder_identity:
        raise IndexDamaged(
            f"{data / OWN} was fitted with another embedding model: delete it, or run `summit eval --calibrate` again"
        )
    return found


def keep(calibration: Calibration, data: Path) -> Path:
    """Make it the data folder's own: whole or not at all, and for its owner only."""
    path, fresh = data / OWN, data / f"{OWN}.new"
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(PRIVATE_FILE, exist_ok=False)
        write(calibration, fresh)
        fresh.replace(path)
    except OSError as exc:
        raise SummitError(f"cannot write {path}: {exc.strerror}; make room, or give access to {data}") from exc
    return path


def parse(raw: Mapping[str, object]) -> Calibration:
    return Calibration(
        method=str(raw["method"]),
        bias=_number(raw["bias"]),
        weights=_numbers(raw["weights"]),
        means=_numbers(raw["means"]),
        deviations=_numbers(raw["deviations"]),
        answer_from=_number(raw["answer_from"]),
        related_from=_number(raw["related_from"]),
        model=str(raw.get("model", "")),
    )


def write(calibration: Calibration, path: Path) -> None:
    path.write_text(json.dumps(asdict(calibration), indent=2) + "\n", encoding="utf-8")


def _number(raw: object) -> float:
    if not isinstance(raw, int | float) or not math.isfinite(raw):
        raise ValueError(f"not a number: {raw!r}")
    return float(raw)


def _numbers(raw: object) -> tuple[float, ...]:
    if not isinstance(raw, list | tuple):
        raise ValueError(f"not a list of numbers: {raw!r}")
    return tuple(_number(each) for each in raw)
