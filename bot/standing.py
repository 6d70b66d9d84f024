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
    from index.relations import relate  # its import takes too long for `--help`

    standing_now = [stands(quote) for quote in outcome.quotes]
    withheld = tuple(quote for quote, stood in zip(outcome.quotes, standing_now, strict=True) if not stood)
    # What one quote says of another holds only while both are shown.
    kept = relate([quote for quote, stood in zip(outcome.quotes, standing_now, strict=True) if stood])
    if not kept:
        return NoAnswer(outcome.question, Silence.NOTHING_NEAR), withheld
    if isinstance(outcome, Answer) and standing_now[0]:
        return Answer(outcome.question, kept), withheld
    return Related(outcome.question, kept), withheld
