"""One bot process for the tests of a module, where a test does not start its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.harness import Summit, running_summit


@pytest.fixture(scope="module")
def summit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summit]:
    """Two shards, the bot ready. After the module, nothing may have been refused."""
    with running_summit(tmp_path_factory.mktemp("summit"), shards=2) as running:
        yield running
        assert running.double.violations == []
        assert running.double.refused == []
        assert running.double.duplicates == []
        assert running.stop() == 0
