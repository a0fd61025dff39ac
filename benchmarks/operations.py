"""The operations that are compared: requests to the service, and bare calls of the driver."""

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import apsw
from cassandra.query import BatchStatement, BatchType

from app.dao.cassandra.connection import open_session
from app.dao.cassandra.execution import CAS
from app.dao.cassandra.identity import plan, read_basis
from app.dao.cassandra.rows import CORE_ROW, SELECT_ROWS, SELECT_ROWS_FOR_CHANGE
from app.dao.cassandra.statements import statements
from app.dao.embedded.connection import connect
from app.dao.embedded.profiles import INSERT_PAST, UPSERT_PROFILE
from app.dao.values import Change, ProfileKey, Version
from app.dao.values import Operation as Made
from app.settings import CassandraStore, EmbeddedStore
from benchmarks.load import Operation
from examples.generate_profiles import customer_id
from schemas.document import dump

TENANT = 1
ATTRIBUTES = {
    "FirstName": "Bruce",
    "LastName": "Banner",
    "DOB": "1962-05-10",
    "EmailAddress": ["bruce.banner@marvelous.com", "hulk@marvelous.com"],
    "PhoneNumber": ["+1 202 555 0172"],
}
DOCUMENT = dump(ATTRIBUTES)
KEEP_SECONDS = 30 * 86_400


def http(bind: str, method: str) -> Operation:
    """One GET or PUT of a profile, on a connection that each thread keeps."""
    local = threading.local()
    host, _, port = bind.partition(":")
    body = DOCUMENT if method == "PUT" else b""
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""

    def operation(number: int) -> None:
        if not hasattr(local, "file"):
            local.socket = socket.create_connection((host, int(port)))
            local.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            local.file = local.socket.makefile("rb")
        path = f"/profiles/{customer_id(number)}"
        local.socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + body)
        _read_answer(local.file)

    return operation


def _read_answer(file: Any) -> None:
    status = file.readline()
    if b" 200 " not in status:
        raise RuntimeError(f"the service answered {status!r}")
    length = 0
    while (line := file.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    file.read(length)


def read_cassandra(address: CassandraStore) -> Operation:
    """The select that a query makes."""
    _, session = open_session(address, address.keyspace)
    select = session.prepare(SELECT_ROWS)

    def operation(number: int) -> None:
        values = {"tenant": TENANT, "customer_id": customer_id(number), "rows": [CORE_ROW]}
        session.execute(select.bind(values)).one()

    return operation


def write_cassandra(address: CassandraStore) -> Operation:
    """The read and the conditional batch that an update without If-Match makes.

    It leaves the values that the profile is found by as they are.
    """
    _, session = open_session(address, address.keyspace)
    prepared = cache(session.prepare)
    select = session.prepare(SELECT_ROWS_FOR_CHANGE)

    def operation(number: int) -> None:
        key = ProfileKey(TENANT, customer_id(number))
        values = {"tenant": key.tenant, "customer_id": key.customer_id, "rows": [CORE_ROW]}
        change = _next_change(key, session.execute(select.bind(values)).one())
        batch = BatchStatement(BatchType.UNLOGGED)
        for cql, bound in statements(change, plan(change)):
            batch.add(prepared(cql), bound)
        session.execute(batch, execution_profile=CAS).one()

    return operation


def _next_change(key: ProfileKey, row: Any) -> Change:
    _, _, _, write_id, number, _, _, extensions, _, *idents = row
    return Change(
        key=key,
        expected=Version(number, write_id),
        version=Version(number + 1, uuid4()),
        operation=Made.UPDATE,
        made_at=datetime.now(UTC),
        attributes=DOCUMENT,
        extension_names=frozenset(extensions or ()),
        basis=read_basis(*idents),
        keep_past_for=KEEP_SECONDS,
    )


def read_embedded(path: Path) -> Operation:
    """The select that a query makes, without its extensions."""
    cursor_of = _per_thread(path)
    select = (
        "SELECT version, write_id, attributes FROM profile WHERE tenant = ? AND customer_id = ?"
    )
    return lambda number: cursor_of().execute(select, (TENANT, customer_id(number))).fetchone()


def write_embedded(path: Path) -> Operation:
    """The transaction of an update: compare, replace, keep the past row."""
    cursor_of = _per_thread(path)

    def operation(number: int) -> None:
        connection, key = cursor_of(), (TENANT, customer_id(number))
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute(
            "SELECT version FROM profile WHERE tenant = ? AND customer_id = ?", key
        ).fetchone()
        tag, now = uuid4().bytes, datetime.now(UTC).isoformat()
        following = int(str(version[0])) + 1 if version else 1
        connection.execute(UPSERT_PROFILE, (*key, following, tag, "live", now, DOCUMENT))
        past = (*key, following, tag, "update", now, 2**40, DOCUMENT, b"{}")
        connection.execute(INSERT_PAST, past)
        connection.execute("COMMIT")

    return operation


def _per_thread(path: Path) -> Callable[[], apsw.Connection]:
    local = threading.local()

    def connection() -> apsw.Connection:
        if not hasattr(local, "connection"):
            local.connection = connect(path)
        found: apsw.Connection = local.connection
        return found

    return connection


def bare(address: EmbeddedStore | CassandraStore) -> dict[str, Callable[[], Operation]]:
    """What makes the driver's operations on the store at ``address``."""
    if isinstance(address, EmbeddedStore):
        return {
            "GET": partial(read_embedded, address.path),
            "PUT": partial(write_embedded, address.path),
        }
    return {"GET": partial(read_cassandra, address), "PUT": partial(write_cassandra, address)}
