"""A custom id carries an answer's state, fits Discord's limit, and cannot be made up."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.layout import MAX_CUSTOM_ID_CHARS
from bot.seal import MAX_QUOTES, Forged, Pages, QuoteRef, Sealer, article_ref, pack, unpack
from index.article import Span
from tests.bot.quoted import article

KEY = b"k" * 32
marks = st.binary(min_size=3, max_size=3)


@st.composite
def quote_refs(draw: st.DrawFn) -> QuoteRef:
    start, length = draw(st.integers(0, 2**22 - 1)), draw(st.integers(1, 600))
    bold = draw(st.integers(0, length))
    highlight = Span(start + bold, start + draw(st.integers(bold, length)))
    return QuoteRef(draw(marks), Span(start, start + length), highlight, tuple(draw(st.lists(marks, max_size=3))))


@st.composite
def any_pages(draw: st.DrawFn) -> Pages:
    refs = tuple(draw(st.lists(quote_refs(), min_size=1, max_size=MAX_QUOTES)))
    return Pages(draw(st.integers(0, 2**64 - 1)), draw(st.booleans()), refs, draw(st.integers(0, len(refs) - 1)))


@given(any_pages())
def test_what_is_packed_fits_an_id_and_comes_back(pages: Pages) -> None:
    sealer = Sealer(KEY)
    custom_id = sealer.seal("m", pack(pages))
    assert len(custom_id) <= MAX_CUSTOM_ID_CHARS
    action, payload = sealer.open(custom_id)
    back = unpack(payload)
    assert action == "m"
    assert (back.asker, back.answers, back.position) == (pages.asker, pages.answers, pages.position)
    for mine, theirs in zip(back.refs, pages.refs, strict=True):
        assert (mine.article, mine.span, mine.highlight) == (theirs.article, theirs.span, theirs.highlight)
        assert theirs.also[: len(mine.also)] == mine.also


def test_there_is_room_for_three_other_places_beside_five_quotes() -> None:
    ref = QuoteRef(b"abc", Span(10, 400), Span(20, 90), (b"def",))
    back = unpack(pack(Pages(1, True, (ref,) * 5)))
    assert [len(one.also) for one in back.refs] == [1, 1, 1, 0, 0]


@given(any_pages(), st.data())
def test_an_id_with_any_character_changed_is_refused(pages: Pages, data: st.DataObject) -> None:
    sealer = Sealer(KEY)
    custom_id = sealer.seal("d", pack(pages))
    at = data.draw(st.integers(0, len(custom_id) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_=").filter(lambda char: char != custom_id[at]))
    with pytest.raises(Forged):
        sealer.open(custom_id[:at] + other + custom_id[at + 1 :])


@given(st.text(st.characters(), max_size=100) | st.text(st.characters(categories=["Cs"]), min_size=1, max_size=100))
def test_a_made_up_id_is_refused_whatever_it_looks_like(custom_id: str) -> None:
    with pytest.raises(Forged):
        Sealer(KEY).open(custom_id)


def test_a_seal_is_for_one_action_and_one_key() -> None:
    custom_id = Sealer(KEY).seal("c", b"payload")
    with pytest.raises(Forged):
        Sealer(KEY).open("d" + custom_id[1:])
    with pytest.raises(Forged):
        Sealer(b"another").open(custom_id)
    with pytest.raises(Forged):
        Sealer(KEY).open("c" + base64.urlsafe_b64encode(b"payload").decode())


def test_a_place_that_the_bits_cannot_hold_is_refused_and_not_cut() -> None:
    ref = QuoteRef(b"abc", Span(2**22, 2**22 + 5), Span(2**22, 2**22 + 5))
    with pytest.raises(ValueError, match="does not fit"):
        pack(Pages(1, True, (ref,)))


def test_an_article_is_known_by_what_it_says_and_not_by_where_it_lies() -> None:
    assert article_ref(article(1)) == article_ref(article(1))
    assert article_ref(article(1)) != article_ref(article(1, text="Other words."))


def test_pages_stop_at_both_ends() -> None:
    ref = QuoteRef(b"abc", Span(0, 5), Span(0, 5))
    pages = Pages(1, True, (ref, ref))
    assert pages.turned(-1).position == 0
    assert pages.turned(+1).turned(+1).position == 1
