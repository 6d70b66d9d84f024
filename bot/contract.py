"""The JSON forms that scripts hold on to, described in docs/usage.md. Keys may be added; none may go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from index.answer import Outcome, Quote
from index.article import Article

if TYPE_CHECKING:
    from bot.check import Problem
    from index.library import Source
    from index.receipt import Receipt

# Harmless in a JSON parser, but not on a terminal or in an encoder: controls, bidirectional marks, lone surrogates.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def dumps(value: object) -> str:
    """One line of JSON that can be written to any UTF-8 stream and reads back as `value`."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def answer_json(outcome: Outcome, *, id: object, ms: float) -> dict[str, object]:
    return {
        "id": id,
        "question": outcome.question,
        "verdict": outcome.verdict,
        "answered": outcome.verdict == "answer",
        "ms": round(ms, 2),
        "quotes": [_quote_json(quote) for quote in outcome.quotes],
    }


def unasked_json(question: str, *, id: object, error: str) -> dict[str, object]:
    """For a question that could not be asked: the same keys, so that readers of a batch need no second shape."""
    return {
        "id": id,
        "question": question,
        "verdict": "none",
        "answered": False,
        "ms": 0.0,
        "quotes": [],
        "error": error,
    }


def receipt_json(receipt: Receipt) -> dict[str, object]:
    return {
        "generation": receipt.generation,
        "added": receipt.added,
        "changed": receipt.changed,
        "removed": receipt.removed,
        "unchanged": receipt.unchanged,
        "passages": receipt.passages,
        "embedded": receipt.embedded,
        "seconds": round(receipt.seconds, 3),
        "skipped": [{"article": one.article, "reason": one.reason} for one in receipt.skipped],
        "rebuilt": receipt.rebuilt,
    }


def sources_json(sources: Iterable[Source]) -> list[dict[str, object]]:
    return [_article_json(source.article) | {"passages": source.passages} for source in sources]


def problems_json(problems: Iterable[Problem]) -> dict[str, object]:
    rows = [{"what": problem.what, "where": problem.where, "next": problem.next} for problem in problems]
    return {"ok": not rows, "problems": rows}


def _quote_json(quote: Quote) -> dict[str, object]:
    return _article_json(quote.article) | {
        "text": quote.text,
        "start": quote.span.start,
        "end": quote.span.end,
        "highlight": [quote.highlight.start, quote.highlight.end],
        "score": round(quote.score, 6),
        "also": [
            {"article": place.article.path, "start": place.span.start, "end": place.span.end} for place in quote.also
        ],
        "differs": quote.differs,
        "newer": quote.newer.isoformat() if quote.newer else None,
    }


def _article_json(article: Article) -> dict[str, object]:
    return {
        "article": article.path,
        "title": article.name,
        "publisher": article.publisher,
        "url": article.url,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
    }
