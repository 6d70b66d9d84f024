from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.answer import MAX_QUOTE_CHARS, Answer, NoAnswer, Outcome, Quote, Related, Silence
from index.answering import DEFAULT_LIMIT, Answerer
from index.article import Article, Span
from index.blocks import Kind, blocks
from index.confidence import shipped
from index.embed import load_embedder
from index.errors import QuestionError
from index.load import load_articles
from index.model_choice import ModelChoice
from index.passage import split
from tests.fakes import FakeEmbedder, never_silent
from tests.hostile import ANY_TEXT
from tests.memory import index_articles

SAMPLES = Path(__file__).parents[2] / "docs" / "articles"

# As a scraped page comes: a stub and a caption row, a button inside a line with the caption on either side of it, page
# numbers, a byline, share buttons and the site's name.
TERMINAL = """![]() |
President Han and Prime Minister Mori greet each other before their summit at the guest house in Tokyo on May 3. \
/ Source: Harbour News |
President Han called for closer work on energy during a summit with Prime Minister Mori in Tokyo on May 3, and named \
the sea between the two countries a road rather than a border.
“We agreed to build a hydrogen terminal in Ulsan within three years,” Han said after the summit. “Both navies will \
guard the ships that bring its steel.”
The summit at the guest house lasted two hours and gave the first joint statement in nine years. The U.S. was told of \
it beforehand, an official said.
\\###
**<u>What comes next</u>**
Mori will visit Seoul in October. The two governments are expected to...
1
2
3
"""
STATEMENT = """President Han (left) and Prime Minister Mori shake hands before the summit at the guest house. The \
leaders of both countries vowed to build a hydrogen terminal and gave a joint statement for the first time in nine \
years. Reporter Bae Min in Tokyo 사진 확대 President Han (left) and Prime Minister Mori shake hands before the summit \
at the guest house. The leaders of both countries vowed to build a hydrogen terminal and gave a joint statement for \
the first time in nine years. Reporter Bae Min in Tokyo
President Han and Prime Minister Mori met for the second time in eighty days, and decided to face higher tariffs \
together. No president before had gone to Tokyo first.

It is the first joint statement in nine years, and it names a hydrogen terminal that both countries will pay for.

[Tokyo Reporter Bae Min / Correspondent Oh Jin]

Share on Facebook | Twitter | Print

HarbourNews.com
"""
RICE = """By Han So

The rice talks

The ministers spoke of rice for two hours. Nobody smiled. They parted without a word on tariffs.

“We agreed to build a hydrogen terminal in Ulsan within three years,” Han said after the summit.
"""
PAGES = [
    Article("terminal.txt", TERMINAL, title="Two leaders on energy"),
    Article("statement.txt", STATEMENT, title="A joint statement"),
    Article("rice.md", RICE, title="Rice"),
]
QUESTIONS = [
    "Where did President Han and Prime Minister Mori shake hands?",
    "Who greeted each other at the guest house in Tokyo on May 3?",
    "hydrogen terminal",
    "What did the joint statement say?",
    "What comes next?",
    "When will Mori visit Seoul?",
    "Who wrote about rice?",
    "Reporter Bae Min in Tokyo",
    "사진 확대",
    "Harbour News",
    "Share on Facebook",
    "1",
]


def answerer(*articles: Article) -> Answerer:
    return Answerer(index_articles(articles, FakeEmbedder()), FakeEmbedder(), never_silent())


@pytest.fixture(scope="module")
def pages() -> Answerer:
    return answerer(*PAGES)


def noise(quote: Quote) -> list[str]:
    """What a quote holds besides the article's own prose and headings."""
    furniture = [block for block in blocks(quote.article.text) if block.kind is not Kind.PROSE]
    return [block.span.slice(quote.article.text) for block in furniture if block.span.overlaps(quote.span)]


def assert_fit_to_show(outcome: Outcome, limit: int) -> None:
    quotes = outcome.quotes
    assert len(quotes) <= limit
    assert [q.score for q in quotes] == sorted((q.score for q in quotes), reverse=True)
    assert_apart([(quote.article.path, quote.span) for quote in quotes])
    for quote in quotes:
        # Another quote may hold the same statement, and more than that: then it is a place of both.
        assert_apart([(quote.article.path, quote.span), *((one.article.path, one.span) for one in quote.also)])
        text = quote.article.text
        assert quote.text == text[quote.span.start : quote.span.end]
        assert quote.text == quote.text.strip() != ""
        assert len(quote.text) <= MAX_QUOTE_CHARS
        assert quote.span.covers(quote.highlight) and len(quote.highlight)
        assert 0 <= quote.score <= 1
        assert_whole(quote)
        for place in quote.also:
            assert 0 < len(place.span) <= MAX_QUOTE_CHARS and place.span.end <= len(place.article.text)


def assert_apart(places: list[tuple[str, Span]]) -> None:
    for at, (path, span) in enumerate(places):
        assert not any(path == other and span.overlaps(taken) for other, taken in places[:at])


def assert_whole(quote: Quote) -> None:
    """From sentence to sentence; a longer one than a quote may be cut between words, and a longer word anywhere."""
    text = quote.article.text
    found = [span for passage in split(quote.article) for span in passage.sentences]
    for end, at_an_end in (
        (quote.span.start, {span.start for span in found}),
        (quote.span.end, {span.end for span in found}),
    ):
        if end in at_an_end:
            continue
        around = next(span for span in found if span.start < end < span.end)
        assert len(around) > MAX_QUOTE_CHARS
        between_words = any(character.isspace() for character in text[end - 1 : end + 1])
        assert between_words or max(map(len, around.slice(text).split())) > MAX_QUOTE_CHARS


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_noise_of_a_page_is_never_the_first_quote(pages: Answerer, question: str) -> None:
    outcome = pages.ask(question)
    assert_fit_to_show(outcome, DEFAULT_LIMIT)
    assert noise(outcome.quotes[0]) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_furniture_is_never_quoted(pages: Answerer, question: str) -> None:
    for quote in pages.ask(question, limit=50).quotes:
        held = [block for block in blocks(quote.article.text) if block.kind is Kind.FURNITURE]
        assert not any(block.span.overlaps(quote.span) for block in held)


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("What will be built in Ulsan?", "hydrogen terminal in Ulsan"),
        ("How long did the ministers speak of rice?", "two hours"),
        ("When will Mori visit Seoul?", "October"),
        ("Who guards the ships that bring the steel?", "Both navies"),
        ("Who faced tariffs together?", "decided to face higher tariffs"),
    ],
)
def test_the_first_quote_holds_the_answer_and_the_highlight_says_it(pages: Answerer, question: str, holds: str) -> None:
    first = pages.ask(question).quotes[0]
    assert holds in first.highlight.slice(first.article.text)


def test_a_statement_that_stands_twice_is_one_quote_with_both_places() -> None:
    line = (
        "“The terminal will be built in the harbour of Ulsan within three years,” the president said on Saturday, with "
        "both delegations in the room. “Our two governments will each pay one half of its price, and the steel for it "
        "will come by ship from the yards of the south.”"
    )
    articles = [Article("one.txt", line), Article("other.txt", f"{line}\n\nNobody spoke of rice at all.")]
    quotes = answerer(*articles).ask("When will the terminal be built?").quotes
    first = quotes[0]
    assert first.text == line
    assert {first.article.path, *(place.article.path for place in first.also)} == {"one.txt", "other.txt"}
    assert [quote.text for quote in quotes].count(line) == 1
    assert all(place.span.slice(place.article.text) == line for place in first.also)


def test_statements_that_differ_in_a_number_are_two_quotes() -> None:
    texts = [f"The terminal in the harbour of Ulsan will be built within {n} years." for n in ("three", "four")]
    articles = [Article(f"{at}.txt", text) for at, text in enumerate(texts)]
    quotes = answerer(*articles).ask("When will the terminal be built?").quotes
    assert sorted(quote.text for quote in quotes) == sorted(texts)
    assert not any(quote.also for quote in quotes)


AGENCY = (
    "The two governments will each pay one half of the price of the terminal in Ulsan. "
    "The steel for it will come by ship from the yards of the south.",
    "Both navies promised on Saturday to guard the ships that bring the steel for the terminal.",
)


def test_the_first_quote_names_every_outlet_even_where_its_copy_was_not_retrieved() -> None:
    others = [
        Article(f"{at}.txt", f"Paragraph {at} is of rice.\n\n{AGENCY[0]}", publisher=f"Outlet {at}") for at in range(30)
    ]
    quotes = answerer(*others).ask("Who pays for the terminal in Ulsan?", limit=1).quotes
    assert {place.article.path for place in quotes[0].also} == {a.path for a in others} - {quotes[0].article.path}
    for place in quotes[0].also:
        assert "one half of the price" in place.span.slice(place.article.text)


def test_of_several_who_print_one_text_only_one_is_heard_however_it_is_cut() -> None:
    prints = [
        Article("one.txt", "\n\n".join(AGENCY), publisher="One"),
        Article("two.txt", " ".join(AGENCY), publisher="Two"),
        Article("own.txt", "The price of the terminal in Ulsan, our reporter heard, may rise again.", publisher="Own"),
    ]
    quotes = answerer(*prints).ask("Who pays the price of the terminal in Ulsan?", limit=5).quotes
    assert [q.article.publisher for q in quotes if "one half of the price" in q.text] in (["One"], ["Two"])
    assert "Own" in {quote.article.publisher for quote in quotes}


def test_a_copy_with_more_to_say_is_shown_all_the_same() -> None:
    more = f"{AGENCY[0]} Nobody knows where the other half of the hydrogen will come from."
    quotes = answerer(Article("one.txt", AGENCY[0]), Article("two.txt", more)).ask("Who pays for the terminal?").quotes
    assert {quote.article.path for quote in quotes} == {"one.txt", "two.txt"}


def test_publishers_who_disagree_on_a_number_are_both_marked() -> None:
    texts = [f"The two leaders talked for {n} minutes in the guest house in Tokyo." for n in (113, 95)]
    articles = [Article(f"{at}.txt", text, publisher=f"Outlet {at}") for at, text in enumerate(texts)]
    quotes = answerer(*articles).ask("How long did the two leaders talk?").quotes
    assert [quote.differs for quote in quotes] == [True, True]
    unnamed = [replace(article, publisher="") for article in articles]
    assert not any(quote.differs for quote in answerer(*unnamed).ask("How long did the two leaders talk?").quotes)


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_no_more_quotes_than_were_asked_for(pages: Answerer, limit: int) -> None:
    outcome = pages.ask("hydrogen terminal summit", limit=limit)
    assert_fit_to_show(outcome, limit)
    assert len(outcome.quotes) >= min(limit, 3)


def test_a_smaller_limit_shows_the_first_quotes_of_a_larger_one(pages: Answerer) -> None:
    few, many = (pages.ask("hydrogen terminal summit", limit=limit).quotes for limit in (2, 6))
    assert [(q.article.path, q.span) for q in few] == [(q.article.path, q.span) for q in many[:2]]


@pytest.mark.parametrize("question", ["", "  \n", "\u3000"])
def test_an_empty_question_is_refused(pages: Answerer, question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        pages.ask(question)


def test_a_question_of_2000_characters_is_refused(pages: Answerer) -> None:
    with pytest.raises(QuestionError, match="2000 characters"):
        pages.ask("why " * 499 + "why?")


@pytest.mark.parametrize(
    "question", ["hello!", "Thank you so much", "안녕하세요", "감사합니다", "こんにちは", "ありがとう！", "🙏"]
)
def test_a_greeting_is_no_question_even_where_everything_answers(pages: Answerer, question: str) -> None:
    assert pages.ask(question) == NoAnswer(question, Silence.SMALL_TALK)


def test_an_empty_index_has_no_answer() -> None:
    assert answerer().ask("What was agreed?") == NoAnswer("What was agreed?", Silence.NOTHING_NEAR)
    assert answerer(Article("empty.txt", " \n")).ask("What was agreed?").verdict == "none"
    assert answerer(Article("stub.txt", "![]() |\n12\nShare")).ask("What was agreed?").verdict == "none"


def test_the_bounds_make_the_verdict() -> None:
    index = index_articles(PAGES, FakeEmbedder())
    calibrations = {
        Answer: replace(never_silent(), answer_from=0.5, related_from=0.1),
        Related: replace(never_silent(), answer_from=0.6, related_from=0.5),
        NoAnswer: replace(never_silent(), answer_from=0.6, related_from=0.6),
    }
    for expected, calibration in calibrations.items():  # every quote has a probability of one half
        outcome = Answerer(index, FakeEmbedder(), calibration).ask("What will be built in Ulsan?")
        assert type(outcome) is expected
        assert bool(outcome.quotes) == (expected is not NoAnswer)


def test_a_short_follow_up_is_answered_with_the_question_before_in_mind(pages: Answerer) -> None:
    first = pages.ask("and in October?", previous="Whom will Mori visit in Seoul?").quotes[0]
    assert "October" in first.text


@settings(max_examples=60)
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=2), question=st.one_of(ANY_TEXT, st.sampled_from(QUESTIONS)))
def test_any_text_can_be_an_article_and_any_a_question(texts: list[str], question: str) -> None:
    one = answerer(PAGES[0], *(Article(f"{at}.txt", text) for at, text in enumerate(texts)))
    try:
        outcome = one.ask(question, limit=8)
    except QuestionError:
        assert not question.strip() or len(" ".join(question.split())) > 500
        return
    assert_fit_to_show(outcome, 8)


@settings(max_examples=60)
@given(text=ANY_TEXT.filter(str.strip), data=st.data())
def test_a_question_in_the_articles_own_words_finds_them(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    question = " ".join(text[at : at + 80].split())
    if question:
        assert_fit_to_show(answerer(Article("one.txt", text), PAGES[2]).ask(question), DEFAULT_LIMIT)


@pytest.fixture(scope="module")
def samples() -> Iterator[Answerer]:
    embedder = load_embedder(ModelChoice())
    yield Answerer(index_articles(load_articles(SAMPLES).articles, embedder), embedder, shipped(embedder.identity))


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "What did they agree on hydrogen?",
        "Why did Lee go to Tokyo before Washington?",
        "What did Lee and Ishiba agree on?",
        "이재명 대통령과 이시바 총리는 무엇에 합의했나?",
        "李大統領と石破首相は何に合意しましたか？",
    ],
)
def test_the_sample_articles_answer_with_whole_quotes(samples: Answerer, question: str) -> None:
    outcome = samples.ask(question)
    assert isinstance(outcome, Answer)
    assert_fit_to_show(outcome, DEFAULT_LIMIT)
    assert noise(outcome.quotes[0]) == []


@pytest.mark.model
def test_the_first_quote_on_hydrogen_speaks_of_hydrogen(samples: Answerer) -> None:
    assert re.search("hydrogen", samples.ask("wat did they agree on hydrgen").quotes[0].text, re.IGNORECASE)


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "How long should bread dough rest?",
        "Who won the tennis final in Paris?",
        "How do I reset my router?",
        "김치찌개는 어떻게 끓이나요?",
        "明日の大阪の天気は？",
    ],
)
def test_a_question_about_nothing_in_the_articles_is_not_answered(samples: Answerer, question: str) -> None:
    assert samples.ask(question).verdict in ("none", "related")
