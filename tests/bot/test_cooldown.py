"""Buckets fill steadily, one for each key, and waiting times are true."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.cooldown import MAX_BUCKETS, Buckets, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_and_then_a_steady_pace() -> None:
    clock = Clock()
    buckets = Buckets(Rate(burst=3, per_minute=20), clock)
    assert [buckets.take(1) for _ in range(4)] == [0, 0, 0, 3]
    assert buckets.take(2) == 0
    clock.now += 3
    assert [buckets.take(1), buckets.take(1)] == [0, 3]


@given(st.integers(1, 50), st.integers(1, 200), st.lists(st.floats(0, 30), max_size=40))
def test_after_the_time_that_was_named_a_question_is_taken(burst: int, per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    buckets = Buckets(Rate(burst, per_minute), clock)
    for pause in pauses:
        clock.now += pause
        wait = buckets.take(1)
        if wait:
            clock.now += wait + 1e-6
            assert buckets.take(1) == 0


def test_the_longest_unused_bucket_is_forgotten() -> None:
    buckets = Buckets(Rate(burst=1, per_minute=1), Clock())
    for key in range(MAX_BUCKETS + 1):
        assert buckets.take(key) == 0
    assert buckets.take(0) == 0
    assert buckets.take(MAX_BUCKETS) > 0
