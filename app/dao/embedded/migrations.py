"""The tables of the embedded store, as numbered steps.

``PRAGMA user_version`` counts the steps that a file has had. A released step never changes.
"""

import time
from pathlib import Path

import apsw

from app.dao.embedded import rights
from app.dao.embedded.connection import BUSY_POLL_SECONDS, BUSY_SECONDS, connect, translated
from app.dao.errors import StoreUnavailable
from app.dao.status import MigrationState, Stage

MIGRATIONS: tuple[tuple[str, str], ...] = (
    (
        "0001_profile",
        """
        CREATE TABLE profile (
            tenant INTEGER NOT NULL,
            customer_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            write_id BLOB NOT NULL,
            state TEXT NOT NULL,
            modified_at TEXT NOT NULL,
            attributes BLOB NOT NULL,
            PRIMARY KEY (tenant, customer_id)
        ) STRICT;
        CREATE TABLE extension (
            tenant INTEGER NOT NULL,
            customer_id TEXT NOT NULL,
            name TEXT NOT NULL,
            records BLOB NOT NULL,
            PRIMARY KEY (tenant, customer_id, name)
        ) STRICT;
        CREATE TABLE past (
            tenant INTEGER NOT NULL,
            customer_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            write_id BLOB NOT NULL,
            operation TEXT NOT NULL,
            made_at TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (tenant, customer_id, version)
        ) STRICT;
        CREATE INDEX past_expiry ON past (expires_at);
        """,
    ),
    (
        "0002_identity",
        """
        ALTER TABLE profile ADD COLUMN merges TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE profile ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE past ADD COLUMN note BLOB NOT NULL DEFAULT x'7b7d';
        CREATE TABLE identity (
            tenant INTEGER NOT NULL,
            key TEXT NOT NULL,
            value BLOB NOT NULL,
            customer_id TEXT NOT NULL,
            part TEXT NOT NULL,
            claimed INTEGER NOT NULL,
            PRIMARY KEY (tenant, key, value, customer_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identity_profile ON identity (tenant, customer_id, part);
        CREATE TABLE document (
            scope INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            tag BLOB NOT NULL,
            expires_at INTEGER,
            content BLOB NOT NULL,
            PRIMARY KEY (scope, kind, name)
        ) STRICT;
        """,
    ),
    (
        "0003_receipt",
        """
        CREATE TABLE receipt (
            tenant INTEGER NOT NULL,
            customer_id TEXT NOT NULL,
            name TEXT NOT NULL,
            request TEXT NOT NULL,
            operation TEXT NOT NULL,
            version INTEGER NOT NULL,
            write_id BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, customer_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX receipt_expiry ON receipt (expires_at);
        """,
    ),
)


def pending(user_version: int) -> tuple[str, ...]:
    """The names of the steps that a file at ``user_version`` has not had.

    None for a file that a later release has prepared.
    """
    return tuple(name for name, _ in MIGRATIONS[user_version:])


def states(path: Path) -> tuple[MigrationState, ...]:
    """What became of each step in the file at ``path``, which need not be there.

    :raises StoreUnavailable: the file cannot be opened.
    """
    lacking = pending(_user_version(path) if path.exists() else 0)
    return tuple(
        MigrationState(name, Stage.PENDING if name in lacking else Stage.APPLIED)
        for name, _ in MIGRATIONS
    )


def _user_version(path: Path) -> int:
    with translated():
        connection = connect(path)
        try:
            return int(connection.pragma("user_version"))
        finally:
            connection.close()


def migrate(path: Path) -> tuple[str, ...]:
    """Make the file at ``path`` if it is missing, apply what it lacks, return the names.

    Several processes may do so at once: each step is applied by one of them. Only its owner
    may read the file; of one that is there, see `rights.close`.

    :raises StoreUnavailable: the file cannot be made, opened or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"the folder {path.parent} cannot be made: {error}") from None
    rights.make(path)
    with translated():
        connection = connect(path, create=True)
        try:
            rights.close(path)
            _use_write_ahead_log(connection)
            connection.execute("BEGIN IMMEDIATE")
            lacking = pending(connection.pragma("user_version"))
            for name, sql in MIGRATIONS:
                if name in lacking:
                    connection.execute(sql)
            if lacking:
                connection.pragma("user_version", len(MIGRATIONS))
            connection.execute("COMMIT")
        finally:
            connection.close()
    return lacking


def _use_write_ahead_log(connection: apsw.Connection) -> None:
    """The file remembers it. SQLite does not wait for other processes here, so this does."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(BUSY_POLL_SECONDS)
        else:
            return
