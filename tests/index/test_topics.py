from __future__ import annotations

from collections.abc import Callable

from index.article import Article
from index.lexical import LexicalIndex
from index.names import Names
from index.passage import split
from index.topics import MAX_CHARS, Topics

NAMES = Names(
    {
        "tariff": ("tariff", "tariffs", "관세", "関税"),
        "shipbuilding": ("shipbuilding", "조선업", "造船"),
        "seafood": ("seafood", "수산물", "水産物"),
        "summit": ("summit",),
        "Lee Jae-myung": ("Lee Jae-myung",),
    },
    topics=("tariff", "shipbuilding", "seafood", "summit"),
)


def always(topic: str) -> bool:
    return True


def found(
    articles: list[Article],
    count: int = 3,
    language: str = "en",
    *,
    names: Names = NAMES,
    gets_quotes: Callable[[str], bool] = always,
) -> tuple[str, ...]:
    by_path = {article.path: article for article in articles}
    passages = [passage for article in articles for passage in split(article)]
    lexical = LexicalIndex.build(by_path, passages, names)
    return Topics(by_path, passages, lexical, gets_quotes).find(count, language)


def about(subject: str, number: int) -> Article:
    text = f"The summit spoke of {subject}.\n\nNobody left before {subject} had been settled.\n"
    return Article(f"{subject}-{number}.txt", text, title=f"{subject.capitalize()} at talks {number}")


NEWS = [about(subject, number) for number in range(3) for subject in ("tariffs", "shipbuilding", "seafood")]


def test_topics_are_what_several_articles_are_about_and_not_what_nearly_all_hold() -> None:
    assert set(found(NEWS)) == {"tariff", "shipbuilding", "seafood"}
    assert "summit" not in found(NEWS, 12)


def test_a_person_is_no_topic() -> None:
    articles = [*NEWS, *(about("Lee Jae-myung", number) for number in range(3))]
    assert "Lee Jae-myung" not in found(articles, 12)


def test_a_topic_goes_by_its_name_in_the_askers_language() -> None:
    assert set(found(NEWS, language="ko")) == {"관세", "조선업", "수산물"}
    assert set(found(NEWS, language="ja")) == {"関税", "造船", "水産物"}


def test_what_one_article_alone_holds_gives_way_to_titles() -> None:
    articles = [about("tariffs", 1), about("gardens", 1), about("bridges", 1)]
    assert set(found(articles)) == {article.title for article in articles}


def test_titles_fill_up_what_is_missing_and_those_of_articles_without_a_topic_come_first() -> None:
    articles = [about("tariffs", 1), about("tariffs", 2), about("gardens", 1), about("bridges", 1)]
    assert set(found(articles)) == {"tariff", "Gardens at talks 1", "Bridges at talks 1"}


def test_titles_in_the_askers_script_come_first() -> None:
    articles = [Article("a.txt", "Roses.", title="On roses"), Article("b.txt", "장미가 있다.", title="장미 이야기")]
    assert found(articles, 1, "ko") == ("장미 이야기",)
    assert found(articles, 1, "en") == ("On roses",)


def test_only_what_gets_quotes_is_offered() -> None:
    asked: list[str] = []

    def gets_quotes(topic: str) -> bool:
        asked.append(topic)
        return topic != "tariff"

    topics = found(NEWS, gets_quotes=gets_quotes)
    assert len(topics) == 3 and "tariff" not in topics and set(topics) < set(asked)


def test_titles_too_long_for_a_button_or_given_twice_are_passed_over() -> None:
    articles = [
        Article("a.txt", "Roses.", title="R" * (MAX_CHARS + 1)),
        Article("b.txt", "Tulips.", title="T" * MAX_CHARS),
        Article("c.txt", "More tulips.", title="t" * MAX_CHARS),
        Article("d.txt", "No title."),
    ]
    assert [topic.casefold() for topic in found(articles)] == ["t" * MAX_CHARS]


def test_the_same_articles_have_the_same_topics_whatever_their_order() -> None:
    assert found(NEWS) == found(list(reversed(NEWS)))


def test_no_articles_have_no_topics() -> None:
    assert found([]) == ()


def test_topics_are_looked_for_once() -> None:
    asked: list[str] = []

    def gets_quotes(topic: str) -> bool:
        asked.append(topic)
        return True

    by_path = {article.path: article for article in NEWS}
    passages = [passage for article in NEWS for passage in split(article)]
    topics = Topics(by_path, passages, LexicalIndex.build(by_path, passages, NAMES), gets_quotes)
    assert topics.find() == topics.find() and len(asked) == 3
