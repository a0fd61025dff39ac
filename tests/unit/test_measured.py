"""A measured store does what the store does, and counts it."""

from typing import Any
from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.dao.errors import (
    DefinitionChanged,
    OutcomeUnknown,
    StoreNotPrepared,
    StoreUnavailable,
    ValueTaken,
    VersionConflict,
)
from app.dao.measured import MeasuredDao
from app.dao.values import DocumentKey, Once
from app.watching import calls
from tests.api.failing_dao import FailingDao
from tests.support.creators import a_change, a_key
from tests.support.metrics import counting

CALLS = "profiles_store_call_duration_seconds_count"
KEY, DOCUMENT = a_key(1), DocumentKey(1, "kind")
ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "get": ((KEY, ["Phone"]), {"for_change": True, "once": Once("a", "b")}),
    "get_many": ((1, ["a", "b"], ["Phone"]), {}),
    "commit": ((a_change(KEY),), {}),
    "past": ((KEY, 2, 3), {"documents": True}),
    "find": ((1, "Email", b"x", "after", 7), {}),
    "scan": ((1, "start", 8), {}),
    "get_document": ((DOCUMENT,), {}),
    "list_documents": ((1, "kind"), {}),
    "list_scopes": (("kind",), {}),
    "put_document": ((DOCUMENT, b"x"), {"expected": uuid4(), "tag": uuid4(), "keep_for": 9}),
    "delete_document": ((DOCUMENT, uuid4()), {}),
    "status": ((), {}),
}
WITHOUT_ANSWER = {"commit", "put_document", "delete_document"}
UNMEASURED = {"close", "examine", "pools", "late_seconds"}


class Heard(FailingDao):
    """Keeps what it was called with."""

    late_seconds = 4.5

    def __init__(self) -> None:
        super().__init__(None)
        self.heard: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattribute__(self, name: str) -> Any:
        if name in ARGUMENTS or name in {"close", "examine", "pools"}:
            return lambda *args, **kwargs: self._hear(name, args, kwargs)
        return super().__getattribute__(name)

    def _hear(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        self.heard.append((name, args, kwargs))
        return name


def test_every_method_is_looked_at() -> None:
    assert ARGUMENTS.keys() | UNMEASURED == Dao.__abstractmethods__


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_call_is_handed_on_as_it_is_and_counted(name: str) -> None:
    store = Heard()
    args, kwargs = ARGUMENTS[name]
    with counting(CALLS, 1, operation=name, outcome="ok"):
        answer = getattr(MeasuredDao(store), name)(*args, **kwargs)
    assert store.heard == [(name, args, kwargs)]
    assert answer == (None if name in WITHOUT_ANSWER else name)


def test_the_rest_is_that_of_the_store() -> None:
    store = Heard()
    measured = MeasuredDao(store)
    measured.pools()
    measured.examine()
    measured.close()
    assert measured.late_seconds == 4.5
    assert [name for name, *_ in store.heard] == ["pools", "examine", "close"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (VersionConflict(), "conflict"),
        (ValueTaken("Email"), "value_taken"),
        (DefinitionChanged(), "definition_changed"),
        (OutcomeUnknown(), "unknown"),
        (StoreUnavailable(), "unavailable"),
        (StoreNotPrepared(), "unavailable"),
        (KeyError(), "failed"),
    ],
)
def test_an_error_is_handed_on_and_counted_by_its_kind(error: Exception, outcome: str) -> None:
    with counting(CALLS, 1, operation="commit", outcome=outcome):
        with pytest.raises(type(error)) as caught:
            MeasuredDao(FailingDao(error)).commit(a_change(KEY))
    assert caught.value is error


def test_calls_are_added_up_for_the_request_they_are_made_for() -> None:
    measured, spent = MeasuredDao(FailingDao(None)), calls.begin()
    for _ in range(calls.MAX_KEPT + 1):
        measured.get(KEY)
    calls.end()
    measured.get(KEY)
    assert spent.count == calls.MAX_KEPT + 1
    assert len(spent.calls) == calls.MAX_KEPT
    assert spent.seconds >= sum(each.seconds for each in spent.calls)
