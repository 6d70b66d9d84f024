from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.confidence import OWN, Calibration, keep, own, parse, read, write
from index.errors import IndexDamaged, SummitError
from index.retrieve import Features

SIZE = len(fields(Features))
FLAT = Calibration("test", 0.0, (0.0,) * SIZE, (0.0,) * SIZE, (1.0,) * SIZE, answer_from=0.6, related_from=0.3)
FIGURES = st.floats(-1e6, 1e6)


def features(*values: float) -> Features:
    return Features(*(values + (0.0,) * (SIZE - len(values))))


@given(values=st.lists(FIGURES, min_size=SIZE, max_size=SIZE), bias=FIGURES)
def test_a_probability_is_one_whatever_the_features(values: list[float], bias: float) -> None:
    calibration = replace(FLAT, bias=bias, weights=(3.0, -2.0) * (SIZE // 2) + (1.0,) * (SIZE % 2))
    assert 0 < calibration.probability(Features(*values)) < 1


def test_probability_follows_the_logistic_curve() -> None:
    assert FLAT.probability(features()) == 0.5
    assert replace(FLAT, bias=1.0).probability(features()) == pytest.approx(0.7310585786)
    one = replace(FLAT, weights=(2.0, *FLAT.weights[1:]), means=(0.5, *FLAT.means[1:]), deviations=(0.25,) * SIZE)
    assert one.probability(features(0.5)) == 0.5
    assert one.probability(features(0.75)) == pytest.approx(0.8807970780)
    assert one.probability(features(0.25)) == pytest.approx(1 - 0.8807970780)


@pytest.mark.parametrize("name", ["weights", "means", "deviations"])
def test_a_calibration_for_other_features_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{SIZE} weights"):
        parse({**asdict(FLAT), name: [1.0] * (SIZE - 1)})


@pytest.mark.parametrize(("answer", "related"), [(0.3, 0.4), (1.1, 0.3), (0.5, -0.1)])
def test_bounds_that_contradict_each_other_are_refused(answer: float, related: float) -> None:
    with pytest.raises(ValueError, match="bounds"):
        replace(FLAT, answer_from=answer, related_from=related)


def test_what_is_shipped_fits_the_features() -> None:
    calibration = parse(json.loads((resources.files("index") / "calibration.json").read_text(encoding="utf-8")))
    assert 0 < calibration.related_from < calibration.answer_from < 1
    assert all(deviation > 0 for deviation in calibration.deviations)


def test_what_was_kept_is_read_again_and_for_its_owner_only(tmp_path: Path) -> None:
    assert own(tmp_path) is None
    path = keep(FLAT, tmp_path)
    assert path == tmp_path / OWN
    assert own(tmp_path) == FLAT
    assert path.stat().st_mode & 0o077 == 0
    other = replace(FLAT, bias=1.5)
    keep(other, tmp_path)
    assert own(tmp_path) == other
    assert [each.name for each in tmp_path.iterdir()] == [OWN]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'"text"',
        b"null",
        b"[" * 100_000,
        json.dumps({**asdict(FLAT), "bias": "1"}).encode(),
    ],
    ids=["empty", "list", "no fields", "no text", "string", "null", "deep", "a number as text"],
)
def test_a_file_that_is_no_calibration_is_named_with_the_next_step(tmp_path: Path, content: bytes) -> None:
    (tmp_path / OWN).write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"calibration\.json is not a calibration: delete it"):
        own(tmp_path)


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity"])
def test_figures_that_are_no_numbers_are_refused(tmp_path: Path, figure: str) -> None:
    write(FLAT, tmp_path / "one.json")
    text = (tmp_path / "one.json").read_text(encoding="utf-8").replace('"bias": 0.0', f'"bias": {figure}')
    assert figure in text
    (tmp_path / "one.json").write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamaged):
        read(tmp_path / "one.json")


def test_a_link_to_nothing_is_damage_and_not_an_absent_file(tmp_path: Path) -> None:
    (tmp_path / OWN).symlink_to(tmp_path / "nowhere")
    with pytest.raises(IndexDamaged):
        own(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SummitError, match="cannot write"):
        keep(FLAT, tmp_path / "nowhere")
