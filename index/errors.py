"""Every error that this project raises on purpose.

SummitError
├── SettingsError      environment variables or `.env` hold values that cannot be used
├── ArticlesError      the articles folder as a whole cannot be used
├── UnreadableArticle  one article cannot be read; the others can
├── QuestionError      the question itself cannot be asked (empty, too long)
├── ModelError         the embedding model cannot be loaded, or is not the one named
├── IndexMissing       nothing has been published in the data folder yet
├── IndexDamaged       a generation fails its checks
├── StoreUnavailable   the vector store does not answer at the moment
│   └── Unreachable    and not because of this index: the server as a whole does not
├── BuilderBusy        another process is building in this data folder
└── BuildFailed        a build ended without publishing; what was served before still is

Each message is one sentence that names the thing, and a next step.
"""

from __future__ import annotations

from collections.abc import Mapping


class SummitError(Exception):
    """Base of the tree: its text can be shown to whoever runs the bot."""


class SettingsError(SummitError):
    """Settings cannot be used: `problems` says what is wrong with each, by variable name. Never holds a secret."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


class ArticlesError(SummitError):
    """The articles folder as a whole cannot be used: missing, empty, or suddenly more than half gone."""


class UnreadableArticle(SummitError):
    """One file cannot become an article; `article` is its path in the folder and `reason` says why."""

    def __init__(self, article: str, reason: str) -> None:
        super().__init__(f"{article}: {reason}")
        self.article = article
        self.reason = reason


class QuestionError(SummitError):
    """The question cannot be asked as it stands; the text tells the asker what to change."""


class ModelError(SummitError):
    """The embedding model cannot be loaded, or is not what the settings say it is."""


class IndexMissing(SummitError):
    """No generation has been published in the data folder yet."""


class IndexDamaged(SummitError):
    """A generation fails its checks and must not be served."""


class StoreUnavailable(SummitError):
    """The vector store does not answer at the moment; asking again later may work."""


class Unreachable(StoreUnavailable):
    """The store server as a whole does not answer."""


class BuilderBusy(SummitError):
    """Another process holds the builders' lock on the data folder."""


class BuildFailed(SummitError):
    """A build ended without publishing; the generation that served before still does."""
