from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from index import builder, generation, manifest, shelf
from index.builder import Model, build
from index.corpus import sentence_ids
from index.embed import Embedded, EmbedInput, embed_input
from index.errors import ArticlesError, BuilderBusy, BuildFailed, IndexDamaged, ModelError
from index.generation import Generation, generations, open_current, read_pointer
from index.lock import builders_lock, lease
from index.receipt import Progress, Receipt
from tests.fakes import FakeEmbedder, numbered_articles, write_articles


class Desk:
    """A folder of articles, a data folder, and an embedder that notes what it was given."""

    def __init__(self, root: Path) -> None:
        self.articles = root / "articles"
        self.data = root / "data"
        self.embedder = FakeEmbedder()
        self.seen: list[Progress] = []

    def write(self, texts: dict[str, str]) -> None:
        write_articles(self.articles, texts)

    def build(self, *, full: bool = False, force: bool = False) -> Receipt:
        self.embedder.embedded.clear()
        model = Model(self.embedder.identity, lambda _: self.embedder)
        return build(self.articles, self.data, model, self.seen.append, full=full, force=force)

    def open(self) -> Generation:
        return open_current(self.data, self.embedder.identity)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.write(numbered_articles(6))
    return desk


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return receipt.added, receipt.changed, receipt.removed, receipt.unchanged


def test_the_first_build_takes_in_everything(desk: Desk) -> None:
    receipt = desk.build()
    assert counts(receipt) == (6, 0, 0, 0)
    assert receipt.embedded == receipt.passages == len(desk.embedder.embedded) > 0
    current = desk.open()
    assert sorted(current.articles) == sorted(numbered_articles(6))
    assert len(current.passages) == receipt.passages
    assert current.manifest.sentences == sum(len(passage.sentences) for passage in current.passages)
    current.close()


def test_progress_ends_each_stage_at_its_total(desk: Desk) -> None:
    desk.build()
    last = {progress.stage: progress for progress in desk.seen}
    assert list(last) == ["read", "embed", "check"]
    assert all(progress.done == progress.total > 0 for progress in last.values())


def test_one_changed_article_embeds_only_its_new_passages(desk: Desk) -> None:
    first = desk.build()
    path = desk.articles / "article-003.txt"
    path.write_text(path.read_text().replace("subject3x1", "fisheries"))
    receipt = desk.build()
    assert counts(receipt) == (0, 1, 0, 5)
    assert receipt.passages == first.passages
    assert receipt.embedded == 1
    assert len(desk.embedder.embedded) == 1 and "fisheries" in desk.embedder.embedded[0]


def test_vectors_that_were_taken_over_are_those_the_model_would_give(desk: Desk) -> None:
    desk.build()
    path = desk.articles / "article-003.txt"
    path.write_text("url: https://example.org/\n" + path.read_text())
    (desk.articles / "article-000.txt").rename(desk.articles / "renamed.txt")
    receipt = desk.build()
    assert counts(receipt) == (1, 1, 1, 4) and receipt.embedded == 0
    current = desk.open()
    for passage in current.passages:
        meant = desk.embedder.encode_passages([embed_input(current.articles[passage.article], passage)])[0]
        taken = current.vectors.passages.vectors([passage.id])[0]
        assert taken == pytest.approx(meant.passage, abs=1e-6)
        assert current.vectors.sentences.vectors(sentence_ids(passage)) == pytest.approx(meant.sentences, abs=1e-6)
    current.close()


def test_paragraphs_that_repeat_take_over_one_vector(desk: Desk) -> None:
    chorus = "All of them clapped for a while."
    desk.write({"song.txt": "\n\n".join([chorus, "Then the minister went on to speak.", chorus, chorus])})
    desk.build()
    desk.write({"song.txt": "\n\n".join([chorus, "Then nobody else said a word.", chorus, chorus])})
    receipt = desk.build()
    assert (receipt.embedded, counts(receipt)) == (1, (0, 1, 0, 6))


def test_nothing_new_publishes_nothing_and_loads_no_model(desk: Desk) -> None:
    first = desk.build()

    def refuse(few: bool) -> FakeEmbedder:
        raise AssertionError("nothing had to be embedded")

    model = Model(desk.embedder.identity, refuse)
    receipt = build(desk.articles, desk.data, model, desk.seen.append, full=False, force=False)
    assert counts(receipt) == (0, 0, 0, 6)
    assert (receipt.generation, receipt.embedded, receipt.passages) == (first.generation, 0, first.passages)


def test_the_model_is_told_whether_few_passages_will_come(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "FEW", 3)
    told: list[bool] = []

    def load(few: bool) -> FakeEmbedder:
        told.append(few)
        return desk.embedder

    def build_again() -> None:
        build(desk.articles, desk.data, Model(desk.embedder.identity, load), desk.seen.append, full=False, force=False)

    build_again()
    desk.write({"short.txt": "Nobody had anything to add to that."})
    build_again()
    assert told == [False, True]


def test_new_names_are_taken_in_without_embedding_anything(desk: Desk) -> None:
    desk.build()
    (desk.articles / "names.toml").write_text('[names]\n"Subject Two" = "subject2x1|the second matter"\n')
    receipt = desk.build()
    assert (receipt.generation, receipt.embedded, counts(receipt)) == ("gen-2", 0, (0, 0, 0, 6))
    assert desk.build().generation == "gen-2"


def test_full_embeds_everything_again(desk: Desk) -> None:
    first = desk.build()
    receipt = desk.build(full=True)
    assert counts(receipt) == (0, 0, 0, 6)
    assert receipt.embedded == receipt.passages
    assert receipt.generation != first.generation


def test_another_model_rebuilds_by_itself_and_says_why(desk: Desk) -> None:
    desk.build()
    desk.embedder.identity = "fake 2"
    with pytest.raises(IndexDamaged, match=r"'fake 1'.*'fake 2'.*summit reindex"):
        desk.open()
    receipt = desk.build()
    assert receipt.embedded == receipt.passages
    assert "'fake 1'" in receipt.rebuilt and "'fake 2'" in receipt.rebuilt
    desk.open().close()


def test_another_version_rebuilds_by_itself_and_says_why(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.build()
    now = {**manifest.current_versions(), "chunker": "paragraphs/99"}
    monkeypatch.setattr(manifest, "current_versions", lambda: now)
    with pytest.raises(IndexDamaged, match=r"chunker.*paragraphs/99"):
        desk.open()
    monkeypatch.setattr(builder, "current_versions", lambda: now)
    receipt = desk.build()
    assert receipt.embedded == receipt.passages
    assert "paragraphs/99" in receipt.rebuilt
    desk.open().close()


def test_an_index_of_another_format_is_rebuilt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "FORMAT", 0)
    desk.build()
    monkeypatch.undo()
    with pytest.raises(IndexDamaged, match="format 0"):
        desk.open()
    assert "format 0" in desk.build().rebuilt
    desk.open().close()


def test_an_unreadable_article_keeps_its_old_passages(desk: Desk) -> None:
    first = desk.build()
    path = desk.articles / "article-002.txt"
    good = path.read_bytes()
    path.write_bytes(b"\xff\x00\x80 broken")
    (desk.articles / "new.txt").write_text("Something else was said about whales. Nobody objected to that.")
    receipt = desk.build()
    assert counts(receipt) == (1, 0, 0, 6)
    assert [one.article for one in receipt.skipped] == ["article-002.txt"]
    current = desk.open()
    assert "subject2x0" in current.articles["article-002.txt"].text
    assert receipt.passages == len(current.passages) == first.passages + receipt.embedded
    current.close()
    path.write_bytes(good)
    assert counts(desk.build()) == (0, 0, 0, 7)


@pytest.mark.parametrize("missing", ["folder", "articles"])
def test_a_missing_or_empty_folder_publishes_nothing_without_force(desk: Desk, missing: str) -> None:
    desk.build()
    before = read_pointer(desk.data)
    shutil.rmtree(desk.articles)
    if missing == "articles":
        desk.articles.mkdir()
    with pytest.raises(ArticlesError):
        desk.build()
    assert read_pointer(desk.data) == before
    receipt = desk.build(force=True)
    assert counts(receipt) == (0, 0, 6, 0)
    current = desk.open()
    assert not current.passages and not current.vectors.nearest_passages(desk.embedder.encode_query("talks"), 3)
    current.close()


def test_losing_over_half_of_the_articles_publishes_nothing_without_force(desk: Desk) -> None:
    desk.build()
    for number in range(3):
        (desk.articles / f"article-00{number}.txt").unlink()
    assert counts(desk.build()) == (0, 0, 3, 3)  # exactly half
    for number in (3, 4):
        (desk.articles / f"article-00{number}.txt").unlink()
    before = read_pointer(desk.data)
    with pytest.raises(ArticlesError, match=r"2 of the 3 .* --force"):
        desk.build()
    assert read_pointer(desk.data) == before
    assert counts(desk.build(force=True)) == (0, 0, 2, 1)


def test_articles_that_only_moved_are_not_lost(desk: Desk) -> None:
    desk.build()
    (desk.articles / "2025").mkdir()
    for path in list(desk.articles.glob("*.txt")):
        path.rename(desk.articles / "2025" / path.name)
    receipt = desk.build()
    assert counts(receipt) == (6, 0, 6, 0)
    assert receipt.embedded == 0


def test_a_folder_with_nothing_readable_is_refused(desk: Desk) -> None:
    shutil.rmtree(desk.articles)
    desk.articles.mkdir()
    (desk.articles / "a.txt").write_bytes(b"\x00\xff\xfe\x80")
    with pytest.raises(ArticlesError, match="summit check"):
        desk.build()
    assert not generations(desk.data)


def test_the_last_two_generations_are_kept(desk: Desk) -> None:
    for edition in range(4):
        (desk.articles / "news.txt").write_text(f"Edition {edition} of the news came out in the morning.")
        desk.build()
    assert [path.name for path in generations(desk.data)] == ["gen-4", "gen-3"]


def test_a_generation_that_is_read_outlives_its_successors(desk: Desk) -> None:
    desk.build()
    held = desk.open()
    for edition in range(3):
        (desk.articles / "news.txt").write_text(f"Edition {edition} of the news came out in the morning.")
        desk.build()
    assert {path.name for path in generations(desk.data)} == {"gen-4", "gen-3", "gen-1"}
    assert held.vectors.nearest_passages(desk.embedder.encode_query("subject2x1 talks"), 3)
    held.close()
    desk.build(full=True)
    assert {path.name for path in generations(desk.data)} == {"gen-5", "gen-4"}


def test_leftovers_of_a_killed_build_are_cleared_away(desk: Desk) -> None:
    desk.build()
    for name in ("gen-7", "gen-9"):
        shutil.copytree(desk.data / "gen-1", desk.data / name)
    (desk.data / "gen-9" / "manifest.json").unlink()
    desk.write({"news.txt": "There was news in the morning. It was good."})
    assert desk.build().generation == "gen-2"
    assert {path.name for path in generations(desk.data)} == {"gen-1", "gen-2"}


def test_a_second_builder_is_refused_at_once(desk: Desk) -> None:
    desk.build()
    with builders_lock(desk.data), pytest.raises(BuilderBusy, match="wait"):
        desk.build(full=True)
    desk.build(full=True)


def test_the_data_folder_and_all_in_it_are_private(desk: Desk) -> None:
    old = os.umask(0)
    try:
        desk.build()
    finally:
        os.umask(old)
    for path in [desk.data, *desk.data.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_with_other_things_in_it_keeps_its_mode(desk: Desk) -> None:
    desk.data.mkdir(mode=0o755)
    (desk.data / "notes.md").write_text("mine")
    desk.build()
    assert stat.S_IMODE(desk.data.stat().st_mode) == 0o755


class CrookedEmbedder(FakeEmbedder):
    """Its vectors are twice as long as they should be."""

    def encode_passages(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        return [Embedded(2 * one.passage, one.sentences) for one in super().encode_passages(inputs)]


def test_vectors_that_are_not_of_unit_length_are_refused(desk: Desk) -> None:
    desk.embedder = CrookedEmbedder()
    with pytest.raises(ModelError, match=r"article-\d+\.txt:\d+-\d+"):
        desk.build()
    assert not generations(desk.data)


def test_a_failed_build_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.build()
    before = read_pointer(desk.data)
    desk.write({"news.txt": "There was news in the morning. It was good."})

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf, "save_corpus", full_disk)
    with pytest.raises(BuildFailed, match="No space left on device"):
        desk.build()
    assert [path.name for path in generations(desk.data)] == ["gen-1"]
    assert read_pointer(desk.data) == before
    desk.open().close()


def test_a_generation_that_fails_its_checks_is_not_published(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.build()
    desk.write({"news.txt": "There was news in the morning. It was good."})
    monkeypatch.setattr(builder, "text_hash", lambda text: "0" * 64)
    with pytest.raises(BuildFailed, match="another text"):
        desk.build(full=True)
    assert [path.name for path in generations(desk.data)] == ["gen-1"]


def test_a_model_that_is_not_the_one_named_builds_nothing(desk: Desk) -> None:
    with pytest.raises(ModelError, match="fake 1"):
        build(
            desk.articles,
            desk.data,
            Model("other", lambda _: desk.embedder),
            desk.seen.append,
            full=False,
            force=False,
        )
    assert not generations(desk.data)


def test_a_reader_that_comes_too_late_takes_the_next_generation(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """CURRENT was read, and two builds later its generation is gone."""
    desk.build()
    stale = read_pointer(desk.data)
    for _ in range(2):
        desk.build(full=True)
    answers = iter([stale])
    real = generation.read_pointer
    monkeypatch.setattr(generation, "read_pointer", lambda data: next(answers, None) or real(data))
    current = desk.open()
    assert current.name == "gen-3"
    current.close()


def test_a_generation_being_removed_cannot_be_leased(desk: Desk) -> None:
    desk.build()
    path = desk.data / "gen-1" / "manifest.json"
    removing = lease(path, exclusive=True)
    assert removing and lease(path) is None
    removing.release()
    reading = lease(path)
    assert reading and lease(path, exclusive=True) is None
    reading.release()
