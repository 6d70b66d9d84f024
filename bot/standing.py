"""The last look before anything is shown: does each quote still stand, word for word, in its article's file?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from index.answer import Answer, NoAnswer, Outcome, Place, Quote, Related, Silence

Stands = Callable[[Quote | Place], bool]


def standing(
    outcome: Outcome, stands: Stands, *, shown: int | None = None
) -> tuple[Outcome, tuple[Quote | Place, ...]]:
    """The outcome with what stands, and what does not: quotes, and the other places that a quote names.

    Once `shown` quotes stand, the later ones are not looked at: they will be when somebody turns to them. The first
    quote of an answer holds it: without that one, what is left is only near the question.
    """
    if isinstance(outcome, NoAnswer):
        return outcome, ()
    from index.relations import relate  # its import takes too long for `--help`

    kept: list[Quote] = []
    withheld: list[Quote | Place] = []
    for quote in outcome.quotes:
        if shown is not None and len(kept) >= shown:
            kept.append(quote)
        elif stands(quote):
            kept.append(only_standing(quote, stands))
            withheld += (place for place in quote.also if place not in kept[-1].also)
        else:
            withheld.append(quote)
    # What one quote says of another holds only while both are shown.
    related = relate(kept)
    if not related:
        return NoAnswer(outcome.question, Silence.NOTHING_NEAR), tuple(withheld)
    if isinstance(outcome, Answer) and outcome.quotes[0] not in withheld:
        return Answer(outcome.question, related), tuple(withheld)
    return Related(outcome.question, related), tuple(withheld)


def only_standing(quote: Quote, stands: Stands) -> Quote:
    """The quote, naming only those other places where the same still stands."""
    return replace(quote, also=tuple(place for place in quote.also if stands(place)))
