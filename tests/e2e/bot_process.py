"""The bot as `summit run` starts it, with a model that counts words: it is up in seconds, and verdicts are plain."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import fields
from functools import partial
from unittest.mock import patch

from bot.cli import main
from index.build import reindex
from index.confidence import Calibration
from index.library import Library
from index.model_choice import ModelChoice
from index.retrieve import Features
from tests.fakes import FakeEmbedder

FAKE_CHILD = (sys.executable, "-P", "-m", "tests.faults.fake_child")


def load_fake(choice: ModelChoice) -> FakeEmbedder:
    return FakeEmbedder(identity=f"{choice.name.partition(' ')[0]} 1")


def by_words() -> Calibration:
    """As sure as the quote holds the question's words: an answer from half of their weight on, related from a tenth."""
    names = [field.name for field in fields(Features)]
    weights = tuple(20.0 * (name == "quote_coverage") for name in names)
    assert any(weights), "no feature tells how much of the question a quote holds"
    nothing, one = (0.0,) * len(names), (1.0,) * len(names)
    return Calibration("by words", -10.0, weights, nothing, one, answer_from=0.5, related_from=0.0003)


def patched() -> AbstractContextManager[object]:
    return patch.multiple(
        "bot.client",
        load_embedder=load_fake,
        reindex=partial(reindex, child=FAKE_CHILD),
        Library=partial(Library, calibration=by_words()),
    )


if __name__ == "__main__":
    with patched():
        sys.exit(main(sys.argv[1:] or ["run"]))
