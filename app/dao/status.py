"""What a store tells of itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What readiness tells: the store's product and version, and what it lacks."""

    product: str
    pending_migrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections to one peer, a node or a file. ``in_flight``: requests without an answer yet,
    None where a connection has no such thing."""

    peer: str
    connections: int
    in_flight: int | None


class Stage(StrEnum):
    """What became of a migration; CHANGED: another text of it was applied."""

    PENDING = "pending"
    UNFINISHED = "unfinished"
    APPLIED = "applied"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class MigrationState:
    """A migration of this release in a store.

    ``obstacle`` says why applying would stop at it, and how to mend that. The embedded store
    does not keep when one was applied.
    """

    name: str
    stage: Stage
    applied_at: datetime | None = None
    obstacle: str = ""
