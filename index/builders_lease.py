"""One builder at a time on a store server, as far as Chroma allows: there is no lock to take, but names are unique.

A builder creates the collection INDEX-builder-N with N one above the highest. Of several that try, the server lets one
succeed. Its lease runs out unless it is renewed, by the server's clock; whoever comes then creates N + 1, which ends it
for good: N only grows, so a builder that was held up finds out before it publishes that it is no longer the one. N is
also the number of the generation that it builds, so that no two builders ever write, or publish, under one name.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import BuilderBusy, StoreUnavailable
from index.lock import PRIVATE_FILE, builders_lock
from index.store import Connection, NameTaken

log = logging.getLogger(__name__)

LEASE_S = 60.0
_RENEW_S = 10.0
_MARGIN_S = 15.0  # before the end of our lease we stop relying on it
_HOLDER = "builder-id"  # in the data folder


class BuildersLease:
    """The right to build, while it is held."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection = connection
        self._prefix = f"{index}-builder-"
        self._number = 0
        self._until = 0.0  # by our own clock
        self._ended = threading.Event()

    @property
    def number(self) -> int:
        return self._number

    @contextmanager
    def held(self, data: Path, above: int = 0) -> Iterator[None]:
        """Raises BuilderBusy when somebody else builds, from this data folder or from another host.

        The number will be greater than `above`, too, should somebody have removed the leases before.
        """
        with builders_lock(data):
            holder = _holder(data)
            self._take(holder, above)
            renewing = threading.Thread(target=self._keep_renewing, args=(holder,), name="lease", daemon=True)
            renewing.start()
            try:
                yield
            finally:
                self._ended.set()
                renewing.join()
                self._give_back()

    def confirm(self) -> None:
        """Raises StoreUnavailable when the lease was lost, or might be by the time that something is done under it."""
        if time.monotonic() > self._until - _MARGIN_S or max(self._leases(), default=0) != self._number:
            raise StoreUnavailable("this build lost its turn on the store server to another: run `summit reindex`")

    def _take(self, holder: str, above: int) -> None:
        leases = self._leases()
        newest = max(leases, default=0)
        began = time.monotonic()
        now_ms = self._connection.now_ms()
        if newest:
            left_s = (int(leases[newest].get("until_ms", 0)) - now_ms) / 1000
            # Our own data folder's lock is ours: whoever took the lease from here is dead.
            if left_s > 0 and leases[newest].get("holder") != holder:
                raise BuilderBusy(
                    f"another host is indexing into this index on the store server: wait until it is done; if it died, "
                    f"its turn ends in {left_s:.0f} s"
                )
        number = max(newest, above) + 1
        try:
            self._connection.create(f"{self._prefix}{number}", self._terms(holder, now_ms))
        except NameTaken as exc:
            raise BuilderBusy(
                "another host has just begun to index on the store server: wait until it is done"
            ) from exc
        self._number, self._until = number, began + LEASE_S
        for old in leases:
            self._connection.delete(f"{self._prefix}{old}")

    def _keep_renewing(self, holder: str) -> None:
        while not self._ended.wait(_RENEW_S):
            began = time.monotonic()
            try:
                self._connection.describe(
                    f"{self._prefix}{self._number}", self._terms(holder, self._connection.now_ms())
                )
                self._until = began + LEASE_S
            except StoreUnavailable as exc:
                log.warning("the turn to build could not be renewed: %s", exc)

    def _give_back(self) -> None:
        try:
            # The collection stays, so that its number is not given out twice.
            self._connection.describe(f"{self._prefix}{self._number}", {"holder": "", "until_ms": 0})
        except StoreUnavailable as exc:
            log.warning("the turn to build ends by itself in at most %.0f s: %s", LEASE_S, exc)

    def _leases(self) -> dict[int, dict[str, str | int]]:
        pattern = re.compile(re.escape(self._prefix) + "([0-9]{1,12})")
        found = ((pattern.fullmatch(name), terms) for name, terms in self._connection.collections().items())
        return {int(match[1]): terms for match, terms in found if match}

    def _terms(self, holder: str, now_ms: int) -> dict[str, str | int]:
        return {"holder": holder, "until_ms": now_ms + int(LEASE_S * 1000)}


def _holder(data: Path) -> str:
    """What tells this data folder from those of other hosts; made up once. The folder's lock is held."""
    path = data / _HOLDER
    try:
        if known := path.read_text(encoding="ascii").strip():
            return known
    except FileNotFoundError:
        pass
    made = secrets.token_hex(16)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(made)
    return made
