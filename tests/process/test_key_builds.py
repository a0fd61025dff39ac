"""A key that is built over what is stored, by workers that die at it."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from app.settings import CassandraStore, EmbeddedStore
from tests.support.creators import a_tenant
from tests.support.server import Answer, Service, serving, wait_until

PROFILES = 400
KEY = {"name": "by_title", "attributes": ["Title"]}
TITLES = [f"title{number}" for number in range(7)]


class Tenant:
    """Requests of one tenant, each made again where the worker at it died."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._headers = {"X_Genesys_TenantId": str(a_tenant())}

    def send(self, method: str, path: str, body: object = None) -> Answer:
        answers = list[Answer]()

        def answered() -> bool:
            try:
                answers.append(self._service.send(method, path, body, **self._headers))
            except (OSError, HTTPException):
                return False
            # An embedded store answers while a new worker connects to another one.
            return answers[-1].status != 503 or answers[-1].json["code"] == "key_incomplete"

        wait_until(answered)
        return answers[-1]

    def create(self, number: int) -> tuple[str, str]:
        """The title and the id of a new profile."""
        title = TITLES[number % len(TITLES)]
        answer = self.send("POST", "/profiles", {"Title": title})
        assert answer.status == 201
        return title, answer.json["customer_id"]

    def found(self, title: str) -> Answer:
        return self.send("GET", f"/profiles?id_key=by_title&Title={title}&limit=1000")


def test_a_key_is_complete_when_its_job_is_done_though_workers_died_at_it(
    address: EmbeddedStore | CassandraStore, tmp_path: Path
) -> None:
    with serving(address, tmp_path, PROFILES_WORKERS="4") as service:
        tenant, owners = Tenant(service), defaultdict[str, list[str]](list)
        with ThreadPoolExecutor(8) as pool:
            for title, customer_id in pool.map(tenant.create, range(PROFILES)):
                owners[title].append(customer_id)
        answer = tenant.send("POST", "/metadata/identification-keys", KEY)
        assert answer.status == 201
        job = answer.headers["Link"].partition("<")[2].partition(">")[0]
        incomplete = tenant.found(TITLES[0])
        assert (incomplete.status, incomplete.json["code"]) == (503, "key_incomplete")
        _replace_all_workers(service, tenant)
        wait_until(lambda: tenant.send("GET", job).json["state"] == "done")
        told = tenant.send("GET", job).json
        assert (told["profiles"], told["conflicts"]) == (PROFILES, 0)
        for title in TITLES:
            found = [each["customer_id"] for each in tenant.found(title).json]
            assert found == sorted(owners[title])


def _replace_all_workers(service: Service, tenant: Tenant) -> None:
    """Kill every worker, whichever is at the job, one after the other."""
    for worker in service.workers():
        worker.kill()
        wait_until(lambda one=worker: one not in service.workers() and len(service.workers()) == 4)
        assert tenant.send("GET", "/health/live").status == 200
