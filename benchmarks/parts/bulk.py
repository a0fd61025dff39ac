"""``profiles load`` in turn with the driver, which writes the same rows at the same time."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from app.core import compose
from app.dao.values import ProfileKey
from app.settings import EmbeddedStore, StoreAddress, read_settings
from app.stores import open_dao
from benchmarks import sample, stores
from benchmarks.bench import Bench
from benchmarks.listening import Step, listening
from benchmarks.replay import CassandraDriver, SqliteDriver
from benchmarks.stores import Stores

UNITS = ("bulk",)
PROFILES, QUICK_PROFILES = 10_000, 1_000
_RECORDED = 2_000
_TENANT = 7001
_AT_A_TIME = 64


def measure(bench: Bench, made: Stores, store: str) -> None:
    """On one store."""
    bench.measure(store, UNITS, partial(_unit, bench, made))


def _unit(bench: Bench, made: Stores, _unit: str) -> dict[str, Any]:
    """Rates of profiles a second; each round goes into tenants that are empty."""
    count = QUICK_PROFILES if bench.quick else PROFILES
    address, file = made.prepared("bulk"), bench.folder / "bulk.ndjson"
    sample.write_realistic(file, count)
    recorded = _recorded(address, file, min(count, _RECORDED))
    rounds = []
    for number in range(bench.rounds):
        loaded = stores.load(address, file, "--tenant", str(100 + number))
        rounds.append(
            {
                "load": count / loaded.seconds,
                "peak": loaded.peak,
                "batches": _written(address, recorded, 8000 + number, only_batches=True),
                "all": _written(address, recorded, 9000 + number, only_batches=False),
            }
        )
    return {"profiles": count, "rounds": rounds}


def _recorded(address: StoreAddress, file: Path, count: int) -> list[list[Step]]:
    """What the driver is asked to load each of the first ``count`` profiles."""
    found = []
    with listening(address) as log:
        dao = open_dao(address)
        core = compose(read_settings(), dao)
        revision, service = core.definitions.current(_TENANT), core.profile_service()
        with file.open("rb") as lines:
            for line, _ in zip(lines, range(count), strict=False):
                log.clear()
                content = revision.schema.load(orjson.loads(line))
                key = ProfileKey(_TENANT, content.customer_id or "")
                service.load(key, content, revision)
                found.append(list(log))
        dao.close()
    return found


def _written(
    address: StoreAddress, recorded: list[list[Step]], tenant: int, *, only_batches: bool
) -> float:
    """Profiles a second that the bare driver writes, as they were recorded but for the tenant.

    ``only_batches``: without the entries that the profiles are found by.
    """

    def changed(value: Any) -> Any:
        return tenant if type(value) is int and value == _TENANT else value

    if isinstance(address, EmbeddedStore):
        driver = SqliteDriver(address)
        begin = time.monotonic()
        for steps in recorded:
            for step in steps:
                driver.send(step, changed)
        return len(recorded) / (time.monotonic() - begin)
    cassandra = CassandraDriver(address)
    begin = time.monotonic()
    steps = [step for each in recorded for step in each if not step.is_read]
    if not only_batches:
        cassandra.send_all(
            [each for each in steps if not each.is_conditional], changed, _AT_A_TIME
        )
    cassandra.send_all([each for each in steps if each.is_conditional], changed, _AT_A_TIME)
    seconds = time.monotonic() - begin
    cassandra.close()
    return len(recorded) / seconds
