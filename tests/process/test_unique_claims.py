"""A value of a unique key belongs to one profile, whatever many workers do and when they die."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest

from app.settings import CassandraStore, EmbeddedStore
from tests.support.creators import a_tenant
from tests.support.server import Answer, Service, serving, wait_until

WORKERS = "4"
CREATES = 64
ROUNDS = 3
KEY = {"name": "one_email", "attributes": ["EmailAddress"], "unique": True}


class Tenant:
    """Requests of one tenant with a unique key on the e-mail address."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._headers = {"X_Genesys_TenantId": str(a_tenant())}
        self._define()

    def send(self, method: str, path: str, body: object = None) -> Answer:
        return self.service.send(method, path, body, **self._headers)

    def create(self, number: int, email: str) -> Answer:
        body = {"LastName": f"customer {number}", "EmailAddress": email}
        return self.send("POST", "/profiles", body)

    def create_or_none(self, number: int, email: str) -> Answer | None:
        """None where the worker died."""
        try:
            return self.create(number, email)
        except (OSError, HTTPException):
            return None

    def holders(self, email: str) -> list[str]:
        """The ids of the profiles with ``email``, as soon as a worker can tell."""
        path = f"/profiles?id_key=one_email&EmailAddress={email}"
        answers = list[Answer]()

        def answered() -> bool:
            try:
                answers.append(self.send("GET", path))
            except (OSError, HTTPException):
                return False
            return answers[-1].status == 200

        wait_until(answered)
        return [each["customer_id"] for each in answers[-1].json]

    def _define(self) -> None:
        answer = self.send("POST", "/metadata/identification-keys", KEY)
        assert answer.status == 201
        job = answer.headers["Link"].partition("<")[2].partition(">")[0]
        wait_until(lambda: self.send("GET", job).json["state"] == "done")


@pytest.fixture
def service(address: EmbeddedStore | CassandraStore, tmp_path: Path) -> Iterator[Service]:
    threads = str(CREATES)  # so that none is refused for being too many
    with serving(address, tmp_path, PROFILES_WORKERS=WORKERS, PROFILES_THREADS=threads) as running:
        yield running


def test_a_value_has_one_holder_through_races_and_deaths_of_workers(service: Service) -> None:
    tenant = Tenant(service)
    _assert_one_of_many_creates(tenant)
    for number in range(ROUNDS):
        _assert_claims_outlive_a_worker(tenant, f"round{number}@example.com")


def _assert_one_of_many_creates(tenant: Tenant) -> None:
    email = "many@example.com"
    with ThreadPoolExecutor(CREATES) as pool:
        answers = list(pool.map(lambda number: tenant.create(number, email), range(CREATES)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * (CREATES - 1)
    winner = next(answer for answer in answers if answer.status == 201)
    path = winner.headers["Location"]
    assert tenant.holders(email) == [path.rpartition("/")[2]]
    name = tenant.send("GET", path).json["LastName"]
    for refused in (answer for answer in answers if answer.status == 409):
        assert "one_email" in refused.body.decode()
        told = refused.body.decode() + str(refused.headers)
        assert not any(each in told for each in (path, path.rpartition("/")[2], name, email))


def _assert_claims_outlive_a_worker(tenant: Tenant, email: str) -> None:
    """Kill a worker while many create one profile with ``email``; all goes on afterwards."""
    answers = _creates_around_a_kill(tenant, email)
    assert all(answer.status in {201, 409, 503} for answer in answers)
    won = [answer for answer in answers if answer.status == 201]
    assert len(won) <= 1
    holders = tenant.holders(email)
    assert len(holders) <= 1
    assert [answer.headers["Location"].rpartition("/")[2] for answer in won] in ([], holders)
    if not holders:
        # Whoever claimed the value has died.
        _created(tenant, email)
        holders = tenant.holders(email)
    _created(tenant, f"fresh.{email}")
    assert tenant.create(0, email).status == 409
    _eventually(lambda: tenant.send("DELETE", f"/profiles/{holders[0]}"), {200, 404})
    again = _created(tenant, email)
    assert tenant.holders(email) == [again.headers["Location"].rpartition("/")[2]]


def _creates_around_a_kill(tenant: Tenant, email: str) -> list[Answer]:
    """The answers of all creates that were answered."""
    started, answers = Event(), list[Answer | None]()

    def create(number: int) -> Answer | None:
        started.set()
        return tenant.create_or_none(number, email)

    with ThreadPoolExecutor(CREATES) as pool:
        running = [pool.submit(create, number) for number in range(CREATES)]
        assert started.wait(10)
        tenant.service.kill_a_worker()
        answers = [each.result() for each in running]
    wait_until(lambda: len(tenant.service.workers()) == int(WORKERS))
    return [answer for answer in answers if answer is not None]


def _created(tenant: Tenant, email: str) -> Answer:
    return _eventually(lambda: tenant.create(0, email), {201})


def _eventually(send: Callable[[], Answer], statuses: set[int]) -> Answer:
    """The answer with one of ``statuses``; 503 or none is tried again."""
    answers = list[Answer]()

    def answered() -> bool:
        try:
            answers.append(send())
        except (OSError, HTTPException):
            return False
        assert answers[-1].status in statuses | {503}, answers[-1]
        return answers[-1].status in statuses

    wait_until(answered)
    return answers[-1]
