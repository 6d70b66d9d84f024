from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.intervals import BINS, Table, auroc, figures, reliability

INF = math.inf
Row = tuple[bool, bool, float, float, float]  # answerable, answered, rank, score, ms


def table(*rows: Row) -> Table:
    answerable, answered, rank, score, ms = zip(*rows, strict=True)
    return Table(np.array(answerable), np.array(answered), np.array(rank), np.array(score), np.array(ms))


SIX = table(
    (True, True, 1, 0.9, 10),
    (True, False, 1, 0.3, 20),
    (True, True, 3, 0.6, 30),
    (True, False, INF, -INF, 40),
    (False, True, INF, 0.6, 50),
    (False, False, INF, -INF, 60),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("h1", 2 / 4),
        ("h3", 3 / 4),
        ("h5", 3 / 4),
        ("mrr", (1 + 1 + 1 / 3) / 4),
        ("ah1", 1 / 4),
        ("ans", 2 / 4),
        ("abstain", 1 / 2),
        ("trust", 2 * 0.25 * 0.5 / 0.75),
        ("auroc", (2 + 1 + 1.5 + 0.5) / 8),
        ("ece", (0.1 + 0.7 + 0.6 + 0.6) / 4),
        ("p50_ms", 40),
        ("p99_ms", 60),
    ],
)
def test_each_figure_is_what_its_definition_says(name: str, value: float) -> None:
    assert figures(SIX)[name].value == pytest.approx(value)


def test_what_the_questions_do_not_allow_to_be_computed_is_no_number() -> None:
    found = figures(table((False, False, INF, -INF, 1.0)))
    assert all(math.isnan(found[name].value) for name in ("h1", "mrr", "ah1", "trust", "auroc", "ece"))
    assert found["abstain"].value == 1
    assert math.isnan(figures(table((True, True, 1, 0.9, 1.0)))["trust"].value)


def test_always_answering_earns_no_trust() -> None:
    found = figures(table((True, True, 1, 0.9, 1.0), (False, True, INF, 0.9, 1.0)))
    assert found["trust"].value == 0


def test_the_interval_of_a_share_is_that_of_the_binomial_distribution() -> None:
    half = [(True, True, 1 if at % 2 else INF, 0.5, 1.0) for at in range(100)]
    found = figures(table(*half))["h1"]
    assert (found.low, found.high) == pytest.approx((0.40, 0.60), abs=0.02)


def test_the_same_answers_give_the_same_intervals() -> None:
    assert str(figures(SIX)) == str(figures(SIX))


rows = st.tuples(
    st.booleans(),
    st.booleans(),
    st.sampled_from([1.0, 2.0, 5.0, INF]),
    st.sampled_from([-INF, 0.1, 0.5, 0.9]),
    st.just(1.0),
)


@given(st.lists(rows, min_size=1, max_size=40))
def test_auroc_counts_the_pairs_in_the_right_order(drawn: list[Row]) -> None:
    yes = [score for answerable, _, _, score, _ in drawn if answerable]
    no = [score for answerable, _, _, score, _ in drawn if not answerable]
    found = auroc(table(*drawn))
    if not yes or not no:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(sum((p > n) + 0.5 * (p == n) for p in yes for n in no) / len(yes) / len(no))


@given(st.lists(rows, min_size=1, max_size=40))
def test_bins_hold_every_question_with_a_quote_once_in_the_order_of_their_scores(drawn: list[Row]) -> None:
    bins = reliability(table(*drawn))
    counts = [one.count for one in bins]
    assert sum(counts) == sum(score > -INF for _, _, _, score, _ in drawn)
    assert len(bins) <= BINS and (not bins or max(counts) - min(counts) <= 1)
    scores = [one.score for one in bins]
    assert scores == sorted(scores)
