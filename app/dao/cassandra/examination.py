"""What is looked at in a cluster, beside its tables: the node that answers, and the keyspace."""

from collections.abc import Iterator
from datetime import UTC, datetime

import cassandra

from app.dao.cassandra.connection import Connection
from app.dao.findings import Finding, Level, judged

DRIVERS = ("3.30.", "3.30.1 to 3.30.x")
CLOCK_SECONDS = 1.0

SELECT_SETTINGS = (
    "SELECT name, value FROM system_views.settings"
    " WHERE name IN ('paxos_variant', 'commitlog_sync')"
)
SELECT_REPLICATION = "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = :name"
SELECT_NOW = "SELECT toTimestamp(now()) FROM system.local"


def examine(connection: Connection) -> Iterator[Finding]:
    """The driver, the settings that writes rest on, the copies, and the clock.

    :raises StoreUnavailable: the cluster does not answer.
    """
    yield judged(
        "driver",
        f"cassandra-driver {cassandra.__version__}",
        good=cassandra.__version__.startswith(DRIVERS[0]),
        advice=f"install {DRIVERS[1]}, which this release was tried with",
        bad=Level.WARNING,
    )
    copies = _copies(connection)
    yield judged(
        "replication",
        f"the keyspace {connection.keyspace} has {copies} cop{'y' if copies == 1 else 'ies'}",
        good=copies >= 3,
        advice="with less than three copies, profiles cannot be served while a node is away",
        bad=Level.WARNING,
    )
    yield from node(dict(connection.read(SELECT_SETTINGS)), copies)
    yield clock(_seconds_ahead(connection))


def node(settings: dict[str, str], copies: int) -> Iterator[Finding]:
    """What the settings of a node mean for a keyspace with so many copies."""
    paxos, sync = settings.get("paxos_variant"), settings.get("commitlog_sync")
    yield judged(
        "paxos",
        f"the node has paxos_variant: {paxos}",
        good=paxos == "v2",
        advice="set paxos_variant: v2 on every node; conditional writes take fewer round trips",
        bad=Level.WARNING,
    )
    yield judged(
        "commit log",
        f"the node has commitlog_sync: {sync}",
        good=copies > 1 or sync in {"batch", "group"},
        advice="set commitlog_sync: batch: with a single copy, a node that is killed may"
        " otherwise forget the last writes that it acknowledged",
        bad=Level.WARNING,
    )


def clock(ahead: float) -> Finding:
    """Whether this machine's clock may be ``ahead`` of the store's, in seconds."""
    side = "ahead of" if ahead > 0 else "behind"
    return judged(
        "clock",
        f"this clock is {abs(ahead):.3f} s {side} the store's",
        good=abs(ahead) <= CLOCK_SECONDS,
        advice="let all machines take their time from the same servers (NTP)",
        bad=Level.WARNING,
    )


def _copies(connection: Connection) -> int:
    named = {"name": connection.keyspace}
    ((replication,),) = connection.read(SELECT_REPLICATION, named)
    return sum(int(value) for name, value in replication.items() if name != "class")


def _seconds_ahead(connection: Connection) -> float:
    """Measured against the middle of a question and its answer."""
    connection.read(SELECT_NOW)
    asked = datetime.now(UTC)
    ((told,),) = connection.read(SELECT_NOW)
    answered = datetime.now(UTC)
    middle = asked + (answered - asked) / 2
    return float((middle - told.replace(tzinfo=UTC)).total_seconds())
