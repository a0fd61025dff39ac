"""Listening to a driver: the statements that it is given, with their values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import apsw
from cassandra.query import BatchStatement, PreparedStatement

from app.dao.cassandra import connection as cassandra
from app.dao.embedded import connection as embedded
from app.settings import EmbeddedStore, StoreAddress

_PROTOCOL = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``values`` by name or by position."""

    text: str
    values: dict[str, Any] | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Statements that are sent together: as one batch, or side by side.

    ``profile`` is the name of the driver's execution profile, None for its default.
    """

    statements: tuple[Statement, ...]
    batch: bool = False
    profile: str | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether it may be refused (Cassandra)."""
        return any(" IF " in statement.text for statement in self.statements)

    @property
    def is_read(self) -> bool:
        return all(statement.text.lstrip().startswith("SELECT") for statement in self.statements)


@contextmanager
def listening(address: StoreAddress) -> Iterator[list[Step]]:
    """The steps that a store opened meanwhile takes; the list may be emptied in between."""
    log: list[Step] = []
    module, name = _opener(address)
    before = getattr(module, name)
    heard = _hear_sqlite if isinstance(address, EmbeddedStore) else _hear_cassandra

    def opened(*arguments: Any, **options: Any) -> Any:
        found = before(*arguments, **options)
        heard(found, log)
        return found

    setattr(module, name, opened)
    try:
        yield log
    finally:
        setattr(module, name, before)


def _opener(address: StoreAddress) -> tuple[Any, str]:
    """What opens a connection: it is replaced while it is listened to."""
    if isinstance(address, EmbeddedStore):
        return embedded, "connect"
    return cassandra, "open_session"


def _hear_sqlite(connection: apsw.Connection, log: list[Step]) -> None:
    def heard(_cursor: Any, text: str, values: Any) -> bool:
        log.append(Step((Statement(text, values or ()),)))
        return True

    connection.exec_trace = heard


def _hear_cassandra(opened: tuple[Any, Any], log: list[Step]) -> None:
    cluster, session = opened
    send: Callable[..., Any] = session.execute_async
    waiting: list[Any] = []

    def heard(query: Any, *arguments: Any, **options: Any) -> Any:
        profile = options.get("execution_profile")
        told = query.bind(arguments[0]) if isinstance(query, PreparedStatement) else query
        statements = tuple(_statements(cluster, told))
        batch = isinstance(query, BatchStatement)
        step = Step(statements, batch, profile if isinstance(profile, str) else None)
        if log and not batch and any(not future._event.is_set() for future in waiting):  # noqa: SLF001
            log[-1] = Step((*log[-1].statements, *statements), profile=log[-1].profile)
        else:
            log.append(step)
            waiting.clear()
        future = send(query, *arguments, **options)
        waiting.append(future)
        return future

    session.execute_async = heard


def _statements(cluster: Any, query: Any) -> Iterator[Statement]:
    if isinstance(query, BatchStatement):
        for _, query_id, values in query._statements_and_parameters:  # noqa: SLF001
            yield _bound(cluster._prepared_statements[query_id], values)  # noqa: SLF001
    else:
        yield _bound(query.prepared_statement, query.values)


def _bound(prepared: Any, values: list[Any]) -> Statement:
    named = {
        column.name: None if value is None else column.type.from_binary(value, _PROTOCOL)
        for column, value in zip(prepared.column_metadata, values, strict=True)
    }
    return Statement(prepared.query_string, named)
