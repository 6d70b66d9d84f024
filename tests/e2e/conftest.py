"""One bot process for all tests that leave it and its articles as they are; it is up once, with two shards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.harness import Summit, running_summit


@pytest.fixture(scope="session")
def summit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summit]:
    """The bot ready. After all of these tests, nothing may have been refused."""
    with running_summit(tmp_path_factory.mktemp("summit"), shards=2) as running:
        yield running
        assert running.double.violations == []
        assert running.double.refused == []
        assert running.double.duplicates == []
        assert running.stop() == 0
