"""The last look before anything is shown: does each quote still stand, word for word, in its article's file?"""

from __future__ import annotations

from collections.abc import Callable

from index.answer import Answer, NoAnswer, Outcome, Quote, Related, Silence


def standing(outcome: Outcome, stands: Callable[[Quote], bool]) -> tuple[Outcome, tuple[Quote, ...]]:
    """The outcome with the quotes that stand, and those that do not.

    The first quote of an answer holds it: without that one, what is left is only near the question.
    """
    if isinstance(outcome, NoAnswer):
        return outcome, ()
    kept = tuple(quote for quote in outcome.quotes if stands(quote))
    withheld = tuple(quote for quote in outcome.quotes if quote not in kept)
    if not kept:
        return NoAnswer(outcome.question, Silence.NOTHING_NEAR), withheld
    if isinstance(outcome, Answer) and kept[0] is outcome.quotes[0]:
        return Answer(outcome.question, kept), withheld
    return Related(outcome.question, kept), withheld
