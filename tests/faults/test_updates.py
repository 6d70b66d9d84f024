"""What an older or newer version has left behind is read or built anew, in one line, and never ends in a crash."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.build
import index.embed
from bot.records import Records
from bot.serving import open_library
from bot.settings import Settings, environment
from bot.talk import Talk
from index.confidence import OWN, own_for
from index.errors import IndexDamaged, StoreUnavailable
from index.generation import CORPUS, CURRENT, open_current
from index.library import Library
from index.manifest import MANIFEST
from tests.faults.conftest import FAKE_CHILD, Site

Fields = dict[str, Any]
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def republish(site: Site, content: str) -> None:
    """Another manifest for what serves, and a CURRENT that vouches for it, as a version would that writes such ones."""
    (site.current / MANIFEST).write_text(content)
    (site.data / CURRENT).write_text(f"{site.current.name} {sha256(content.encode()).hexdigest()}\n")


def manifest(site: Site) -> Fields:
    fields: Fields = json.loads((site.current / MANIFEST).read_text())
    return fields


def without(*names: str) -> Callable[[Fields], Fields]:
    return lambda fields: {name: value for name, value in fields.items() if name not in names}


OTHERS: dict[str, Callable[[Fields], Fields]] = {
    "the first sketch of a format": lambda fields: {"version": "0.0.1", "count": 12, "model": fields["model"]},
    "a format before": lambda fields: {**without("names", "sentences")(fields), "format": 0},
    "a format to come": lambda fields: {**fields, "format": 2, "shards": 4},
    "no format": without("format"),
    "a field less": without("names"),
    "a field more": lambda fields: {**fields, "rerankers": []},
    "older passages": lambda fields: {**fields, "versions": {**fields["versions"], "chunker": "paragraphs/0"}},
    "an older Chroma": lambda fields: {**fields, "versions": {**fields["versions"], "chromadb": "0.4.24"}},
    "a library of which nothing was written": lambda fields: {
        **fields,
        "versions": without("numpy")(fields["versions"]),
    },
}


@pytest.mark.parametrize("other", OTHERS)
def test_an_index_of_another_version_is_not_served_and_built_anew(
    site: Site, other: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    republish(site, json.dumps(OTHERS[other](manifest(site))))
    with pytest.raises(IndexDamaged) as caught:
        Library(site.articles, site.data, site.embedder)
    assert "summit reindex" in str(caught.value) and "\n" not in str(caught.value)
    monkeypatch.setattr(index.embed, "load_embedder", lambda choice, few: site.embedder)
    monkeypatch.setattr(index.build, "reindex", partial(index.build.reindex, child=FAKE_CHILD))
    of_today = Settings(articles=site.articles, data=site.data, embedding_model="fake")
    with open_library(of_today, Talk()) as library:
        assert library.ask("What did minister 4 say about subject4x1?") is not None
    assert "built anew" in capsys.readouterr().err
    assert site.check() == "first"


@settings(
    max_examples=400 if os.environ.get("SOAK") else 25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_manifest_with_anything_in_any_field_is_read_or_refused(site: Site, data: st.DataObject) -> None:
    before = {path: path.read_bytes() for path in (site.current / MANIFEST, site.data / CURRENT)}
    fields = manifest(site)
    name = data.draw(st.sampled_from(sorted(fields)))
    republish(
        site, json.dumps({**fields, name: data.draw(any_json)} if data.draw(st.booleans()) else data.draw(any_json))
    )
    try:
        with closing(open_current(site.data, site.embedder.identity)):
            pass
    except (IndexDamaged, StoreUnavailable) as exc:  # the second for vectors of another length than it says
        assert "summit reindex" in str(exc)
    finally:
        for path, content in before.items():
            path.write_bytes(content)


def test_articles_stored_by_another_version_are_refused_and_healed(site: Site) -> None:
    """An older program left out what this one asks for, and put things there that this one does not know."""
    path = site.current / CORPUS
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["passages"] = [[one["span"][0], one["span"][1]] for one in row["passages"]]
    content = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(content)
    mark = {"bytes": len(content), "sha256": sha256(content.encode()).hexdigest()}
    fields = manifest(site)
    republish(site, json.dumps({**fields, "files": {**fields["files"], CORPUS: mark}}))
    with pytest.raises(IndexDamaged, match="summit reindex"):
        site.open()
    assert site.reindex().rebuilt
    site.check()


@pytest.mark.parametrize(
    "content", ["", "[]", '{"method": "an older one"}', '{"format": 9, "weights": {}}', "[" * 9000]
)
def test_a_calibration_of_another_version_is_refused_in_one_line_and_the_shipped_one_serves(
    site: Site, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (site.data / OWN).write_text(content)
    with pytest.raises(IndexDamaged, match="delete it, or run"):
        own_for(site.data, site.embedder.identity)
    with closing(Library(site.articles, site.data, site.embedder)) as library:
        assert library.about().passages
    assert "using the calibration that came with the program" in caplog.text


def test_a_key_and_a_digest_of_another_version_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "key").write_bytes(b"an older, shorter key")
    (tmp_path / "bot" / "commands").write_bytes(b"\xff not a digest")
    records = Records(tmp_path)
    assert len(records.key) == 32 and records.key == Records(tmp_path).key
    assert "not a digest" in records.synced_commands()


@pytest.mark.parametrize(
    "content",
    [
        b"SUMMIT_DATA=kept\nSUMMIT_MODEL=of-an-older-version\nSUMMIT_COLOUR=blue\nPREFIX=!\n",
        b"\xef\xbb\xbfSUMMIT_DATA=kept\r\nSUMMIT_CHUNK_SIZE=500\r\n",
        b"export SUMMIT_DATA='kept'\n# SUMMIT_ARTICLES=no\nnot a line of settings\n=\n",
        b"SUMMIT_DATA=first\nSUMMIT_DATA=kept\nSUMMIT_ARTICLES\n",
    ],
    ids=[
        "names of other versions",
        "saved by another editor",
        "lines of a shell",
        "a name twice, and one without value",
    ],
)
def test_an_env_file_of_another_version_is_read_and_what_is_unknown_is_left_alone(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(content)
    assert Settings.from_env(environment({}, tmp_path / ".env")) == Settings(data=Path("kept"))
