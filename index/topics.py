"""What the articles are about, in names short enough for a button: offered where a question finds nothing.

A topic is one of the events and topics of the names table that stands in some article's title, and that several
articles hold but not nearly all. Where there are too few of those, articles' titles stand in. Each is asked first:
what gets no quote is not offered.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from index.article import Article
from index.lexical import LexicalIndex
from index.names import thing_term
from index.passage import Passage
from index.script import Script, script_of
from index.terms import terms

MAX_CHARS = 60
_FEWEST_ARTICLES = 2
_LARGEST_SHARE = 0.5  # of the articles; a topic of more of them tells nobody what to ask
_MOST_PASSAGES = 3  # of an article that count: a long one must not decide alone
_TRIES = 10  # candidates that are asked, for each topic that is wanted
_SCRIPTS = {"ko": Script.HANGUL, "ja": Script.JAPANESE}


class Topics:
    """Finds the topics of one generation, each list once."""

    def __init__(
        self,
        articles: Mapping[str, Article],
        passages: Sequence[Passage],
        lexical: LexicalIndex,
        gets_quotes: Callable[[str], bool],
    ) -> None:
        self._articles = articles
        self._lexical = lexical
        self._passage_articles = [passage.article for passage in passages]
        self._gets_quotes = gets_quotes
        self._found: dict[tuple[int, str], tuple[str, ...]] = {}

    def find(self, count: int = 3, language: str = "en") -> tuple[str, ...]:
        """At most `count` topics, the widest first, in the asker's language where the table and the titles have it."""
        key = (count, language)
        if key not in self._found:
            self._found[key] = tuple(self._asked(count, language))
        return self._found[key]

    def _asked(self, count: int, language: str) -> Iterator[str]:
        offered: set[str] = set()
        for topic in self._candidates(_TRIES * count, language):
            if len(offered) == count:
                return
            if topic.casefold() not in offered and self._gets_quotes(topic):
                offered.add(topic.casefold())
                yield topic

    def _candidates(self, most: int, language: str) -> Iterator[str]:
        """Topics that could be offered, at most `most` things and as many titles; each covers what none before did."""
        script = _SCRIPTS.get(language, Script.LATIN)
        held = self._held()
        covered: set[str] = set()
        for _ in range(min(most, len(held))):
            gain, thing = max(
                ((self._gain(counts, covered), thing) for thing, counts in held.items()),
                key=lambda pair: (pair[0], pair[1]),
            )
            if gain <= 0:
                break
            covered |= held.pop(thing).keys()
            name = self._name(thing, script)
            if len(name) <= MAX_CHARS:
                yield name
        yield from self._titles(covered, script)

    def _held(self) -> dict[str, Counter[str]]:
        """For each thing that can be a topic, how many passages of which article hold it."""
        names, vocabulary = self._lexical.names, self._lexical.vocabulary
        titled = {thing for article in self._articles.values() for thing in names.things(terms(article.title))}
        held: dict[str, Counter[str]] = {}
        for thing in names.topics:
            term = thing_term(thing)
            if term in titled and term in vocabulary:
                rows = self._lexical.passages.rows_with(vocabulary[term]).tolist()
                counts = Counter(self._passage_articles[row] for row in rows)
                if _FEWEST_ARTICLES <= len(counts) <= _LARGEST_SHARE * len(self._articles):
                    held[thing] = counts
        return held

    def _gain(self, counts: Mapping[str, int], covered: set[str]) -> float:
        fresh = sum(min(count, _MOST_PASSAGES) for path, count in counts.items() if path not in covered)
        return fresh * math.log(len(self._articles) / len(counts))

    def _name(self, thing: str, script: Script) -> str:
        """The thing's first name in a script; its own where it has none."""
        return next((name for name in self._lexical.names.table[thing] if script_of(name) == script), thing)

    def _titles(self, covered: set[str], script: Script) -> Iterator[str]:
        """Titles of articles that no topic covers yet, then of the others; those in the asker's script go first."""
        articles = [article for article in self._articles.values() if 0 < len(article.title.strip()) <= MAX_CHARS]
        articles.sort(
            key=lambda article: (script_of(article.title) != script, article.path in covered, _mixed(article.path))
        )
        yield from (article.title.strip() for article in articles)


def _mixed(path: str) -> str:
    """An order that has nothing to do with the alphabet, the same each time: neighbours are often about one thing."""
    return hashlib.sha256(path.encode()).hexdigest()
