"""Asks the service and its store for all that is there when a run is over."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from threading import local
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson

from app.dao.base import Dao
from app.dao.errors import StoreUnavailable
from app.dao.values import PastVersion, ProfileKey
from app.services.preconditions import entity_tag
from tests.faults.gate import Gate
from tests.faults.history import Operation
from tests.faults.identity import values_in
from tests.faults.told import Content, Found, StoredVersion, Told, ToldProfile, Value, values_of
from tests.faults.wire import Answer, NoAnswer, Wire

THREADS = 8
PAGE = 1000
VALUES_AT_ONCE = 50
EARLIER = 2
PATIENCE_SECONDS = 120
PAUSE_SECONDS = 0.1

T = TypeVar("T")


class Collector:
    """``binds``: the instances of the service; all is of one tenant."""

    def __init__(self, dao: Dao, binds: Sequence[str], tenant: int) -> None:
        self._dao = dao
        self._binds = binds
        self._tenant = tenant
        self._local = local()

    def collect(self, operations: Iterable[Operation]) -> Told:
        """What is there now, and what identify finds by any value that was ever written."""
        with ThreadPoolExecutor(THREADS) as pool:
            ids = list(self._ids())
            profiles = dict(zip(ids, pool.map(self._profile, ids), strict=True))
            current = {id_: each.current for id_, each in profiles.items()}
            written = {
                value for each in operations if each.writes for value in values_in(each.body)
            }
            questions = _questions(current, written)
            return Told(profiles, tuple(pool.map(self._found, questions)))

    def _ids(self) -> Iterator[str]:
        start: str | None = None
        while True:
            page = _patiently(partial(self._dao.scan, self._tenant, start, PAGE))
            yield from page.customer_ids
            if page.next is None:
                return
            start = page.next

    def _profile(self, customer_id: str) -> ToldProfile:
        key = ProfileKey(self._tenant, customer_id)
        stored = _patiently(lambda: self._dao.get(key))
        assert stored is not None, f"{customer_id} was scanned, and is not there"
        rows = list(self._past(key))
        answer = self._ask(f"/profiles/{customer_id}?extensions=*")
        lives = answer.status == 200 and answer.body["customer_id"] == customer_id
        return ToldProfile(
            state=stored.state,
            number=stored.version.number,
            tag=entity_tag(stored.version),
            versions=tuple(reversed(rows)),
            current=answer.body if answer.status == 200 else None,
            answered=answer.tag,
            earlier=self._earlier(customer_id, rows) if lives else {},
        )

    def _past(self, key: ProfileKey) -> Iterator[StoredVersion]:
        """All past rows, newest first."""
        below = 2**62
        past = partial(self._dao.past, key, limit=PAGE, documents=True)
        while rows := _patiently(partial(past, below)):
            yield from map(_version, rows)
            below = rows[-1].version.number

    def _earlier(self, customer_id: str, rows: list[StoredVersion]) -> dict[int, Content]:
        """The newest of the versions before the current one, of this life of the profile."""
        found = {}
        for row in islice(rows[1:], EARLIER):
            if row.operation == "delete" or rows[0].operation == "create":
                break
            path = f"/profiles/{customer_id}?extensions=*&version={row.number}"
            found[row.number] = self._ask(path).body
            if row.operation == "create":
                break
        return found

    def _found(self, values: frozenset[Value]) -> Found:
        query = urlencode([*sorted(values), ("limit", "1000")])
        answer = self._ask(f"/profiles?{query}")
        return Found(values, frozenset(each["customer_id"] for each in answer.body))

    def _ask(self, path: str) -> Answer:
        """The answer, asked for again while the service finds its store."""

        def asked() -> Answer:
            answer = self._wire.send("GET", path)
            if answer.status == 503:
                raise NoAnswer
            return answer

        return _patiently(asked)

    @property
    def _wire(self) -> Wire:
        wire: Wire | None = getattr(self._local, "wire", None)
        if wire is None:
            wire = self._local.wire = Wire(self._binds, self._tenant, Gate(len(self._binds), 1), 0)
        return wire


def _version(row: PastVersion) -> StoredVersion:
    note: dict[str, Any] = orjson.loads(row.note)
    parts = orjson.loads(row.document or b"{}")
    tag, marker = entity_tag(row.version), note.get("reason", "")
    return StoredVersion(row.version.number, tag, row.operation, marker, parts)


def _questions(
    current: dict[str, Content | None], written: set[Value]
) -> Iterator[frozenset[Value]]:
    """Several values at once, by attribute, but of each profile one at most."""
    holders: dict[Value, set[str]] = defaultdict(set)
    for content in filter(None, current.values()):
        for value in values_of(content):
            holders[value].add(content["customer_id"])
    layers: dict[tuple[str, int], list[Value]] = defaultdict(list)
    used: dict[tuple[str, str], int] = defaultdict(int)
    for value in sorted(written | holders.keys()):
        name = value[0]
        layer = max((used[name, each] for each in holders.get(value, ())), default=-1) + 1
        for each in holders.get(value, ()):
            used[name, each] = layer
        layers[name, layer].append(value)
    for values in layers.values():
        for first in range(0, len(values), VALUES_AT_ONCE):
            yield frozenset(values[first : first + VALUES_AT_ONCE])


def _patiently(call: Callable[[], T]) -> T:
    """The result, tried again while the store or the service cannot be asked."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except (StoreUnavailable, NoAnswer):
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)
