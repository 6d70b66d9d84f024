"""Where a Chroma server is, and which of the indexes on it is ours: what an operator sets, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field

INDEX = "summit"
TENANT = "default_tenant"  # Chroma's own names for what a server has from the start
DATABASE = "default_database"


@dataclass(frozen=True, slots=True)
class Server:
    """A Chroma server, and the index on it that this program reads and builds."""

    url: str  # http or https, without a password in it
    token: str = field(default="", repr=False)
    tenant: str = TENANT
    database: str = DATABASE
    index: str = INDEX  # what the names of its collections begin with; one database can hold several

    @property
    def headers(self) -> dict[str, str]:
        """The token in both forms in use: a proxy in front of Chroma checks the first, Chroma Cloud the second."""
        return {"Authorization": f"Bearer {self.token}", "X-Chroma-Token": self.token} if self.token else {}

    def __str__(self) -> str:
        return f"{self.index!r} at {self.url}"
