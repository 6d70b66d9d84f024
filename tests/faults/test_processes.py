"""Two serving processes and two builders on one data folder."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from index.errors import BuilderBusy
from index.receipt import Receipt
from tests.faults.conftest import Record, Site
from tests.faults.test_kills import reader_of, started

FOLLOW_S = 5.0


class Listener:
    """What a serving process said so far."""

    def __init__(self, reader: subprocess.Popen[str]) -> None:
        self.generations: list[str] = []
        self.unanswered = 0
        self.heard_last = 0.0
        self._reader = reader
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._reader.stdout is not None
        for line in self._reader.stdout:
            said = json.loads(line)
            self.unanswered += not said["answered"]
            if said["generation"] not in self.generations[-1:]:
                self.heard_last = time.monotonic()
            self.generations.append(said["generation"])

    def hears(self, generation: str, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if generation in self.generations[-1:]:
                return True
            time.sleep(0.02)
        return False

    def join(self) -> None:
        self._thread.join(10)


def test_readers_follow_one_builder_and_the_other_is_told(site: Site, record_property: Record) -> None:
    def build(_: int) -> Receipt | BuilderBusy:
        try:
            return site.reindex(passage_s=0.02)
        except BuilderBusy as exc:
            return exc

    with started(*reader_of(site)) as one, started(*reader_of(site)) as other:
        listeners = [Listener(one), Listener(other)]
        assert all(listener.hears("gen-1", 30) for listener in listeners)
        for edition in ("second", "third"):
            site.write(edition)
            with ThreadPoolExecutor(2) as pool:
                ends = list(pool.map(build, range(2)))
            published = time.monotonic()
            receipts = [end for end in ends if isinstance(end, Receipt)]
            assert len(receipts) == 1, ends
            assert all(listener.hears(receipts[0].generation, FOLLOW_S) for listener in listeners)
            latest = max(listener.heard_last for listener in listeners)
            record_property(f"seconds until both readers served {receipts[0].generation}", round(latest - published, 2))
        assert one.poll() is None and other.poll() is None
        one.kill()
        other.kill()
        for listener in listeners:
            listener.join()
    for listener in listeners:
        assert listener.unanswered == 0
        assert [*dict.fromkeys(listener.generations)] == ["gen-1", "gen-2", "gen-3"]
    record_property("questions", sum(len(listener.generations) for listener in listeners))
    assert site.check() == "third"
