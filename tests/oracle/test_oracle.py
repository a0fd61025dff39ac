"""The service does what the plain model says, step by step, on each store.

It is the same steps each time. ``PROFILES_ORACLE_SEED=5 PROFILES_ORACLE_RUNS=20`` takes the
seeds from 5 to 24 instead, each for a run of its own.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app import stores
from app.dao.base import Dao
from app.factory import create_app
from app.parts import JOBS
from app.services.originals import StoreSource
from app.settings import DEFAULT_DEFINITION, EmbeddedStore, StoreAddress, read_settings
from tests.oracle.comparison import Service
from tests.oracle.machine import ProfileMachine
from tests.support.backups import KEEP_PAST_FOR, back_up, load, sections
from tests.support.server import wait_until

RUNS = 5
EXAMPLES_PER_RUN = 9  # Hypothesis begins to repeat parts of examples after ten
STEPS = 50
STEPS_PER_RUN = 400  # at least, so 2,000 in all
MORE_KEYS = """
  - {name: title, attributes: [Title], match: casefold}
  - {name: agent, attributes: [PreferredAgent_EmployeeID], unique: true}
"""
REACHED = {
    "create 201",
    "delete 200",
    "delete_record 204",
    "earlier_version 200",
    "history 200",
    "identify 1",
    "identify_by_pages 2",
    "insert 200",
    "json_patch 200",
    "merge 204",
    "merge merge_conflict",
    "merge profile_merged",
    "merge_patch 200",
    "query 304",
    "update precondition_failed",
    "update_record 204",
}
"""What the steps have to come to, or they would show little."""


def number(variable: str, default: int) -> int:
    return int(os.environ.get(variable, default))


def how(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def service(dao: Dao, address: StoreAddress, folder: Path) -> Iterator[Service]:
    """The service of one process, with the default definition and two more keys."""
    definition = folder / "definition.yaml"
    definition.write_text(DEFAULT_DEFINITION.read_text().rstrip() + MORE_KEYS)
    app = create_app(replace(read_settings(), definition=definition), dao)
    app.extensions[JOBS].start()
    yield Service(app.test_client(), busy=5 if isinstance(address, EmbeddedStore) else 2)
    app.extensions[JOBS].stop()


@pytest.mark.timeout(0)
def test_the_service_does_what_the_model_says(service: Service) -> None:
    class Machine(ProfileMachine):
        def __init__(self) -> None:
            super().__init__(service)

    runs = number("PROFILES_ORACLE_RUNS", RUNS)
    first = number("PROFILES_ORACLE_SEED", 0)
    for run in range(first, first + runs):
        run_state_machine_as_test(seed(run)(Machine), settings=how(EXAMPLES_PER_RUN))
    assert service.steps >= runs * STEPS_PER_RUN
    assert runs < RUNS or service.seen.keys() >= REACHED


@pytest.mark.timeout(0)
def test_what_comes_back_out_of_a_backup_is_what_the_model_says(
    service: Service, dao: Dao, folder: Path
) -> None:
    restored = 0

    class Machine(ProfileMachine):
        def __init__(self) -> None:
            super().__init__(service)

        def teardown(self) -> None:
            nonlocal restored
            super().teardown()
            if not self._written:
                restored += 1
                _compare_restored(self, dao, folder / f"{restored}")

    run_state_machine_as_test(seed(number("PROFILES_ORACLE_SEED", 0))(Machine), settings=how(RUNS))
    assert restored >= RUNS


def _compare_restored(machine: ProfileMachine, dao: Dao, folder: Path) -> None:
    """Bring the tenants of ``machine`` into a fresh file of SQLite by a backup, and look there."""
    source, tenants = StoreSource(dao, KEEP_PAST_FOR), sorted(machine.tenants)
    wait_until(lambda: not any(map(source.is_changing, tenants)))
    stored = [each for each in tenants if source.definition(each)]
    folder.mkdir()
    address = EmbeddedStore(folder / "restored.db")
    stores.migrate(address)
    target, client = stores.open_dao(address), machine.service.client
    load(back_up(source, stored, folder / "backup"), target)
    assert sections(StoreSource(target, KEEP_PAST_FOR), stored) == sections(source, stored)
    machine.service.client = create_app(read_settings(), target).test_client()
    try:
        for t in range(len(machine.tenants)):
            machine.compare(t)
    finally:
        machine.service.client = client
        target.close()
