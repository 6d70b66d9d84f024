"""The bot as `summit run` starts it, with an embedder that counts words, so that it is up in seconds."""

from __future__ import annotations

import sys
from functools import partial
from unittest.mock import patch

from bot.cli import main
from index.build import reindex
from index.embed import ModelChoice
from tests.fakes import FakeEmbedder

FAKE_CHILD = (sys.executable, "-P", "-m", "tests.faults.fake_child")


def load_fake(choice: ModelChoice) -> FakeEmbedder:
    return FakeEmbedder(identity=f"{choice.name.partition(' ')[0]} 1")


if __name__ == "__main__":
    with patch.multiple("bot.client", load_embedder=load_fake, reindex=partial(reindex, child=FAKE_CHILD)):
        sys.exit(main(sys.argv[1:] or ["run"]))
