"""What one request can ask for is bounded in bytes: in the answer, and in the worker."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from app import stores
from app.settings import EmbeddedStore
from tests.support.server import Answer, Service, most_memory, serving

PROFILES = 60
MEBIBYTE = 1024 * 1024
MOST_OF_AN_ANSWER = 8 * MEBIBYTE
MOST_OF_A_WORKER = 50 * MEBIBYTE
"""By which it may grow for the answers to one client."""

LARGE = {"LastName": "Bigbig", "Title": "x" * 900_000}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("large")
    address = EmbeddedStore(folder / "profiles.db")
    stores.migrate(address)
    settings = {"PROFILES_WORKERS": "1", "PROFILES_DEADLINE": "30"}
    with serving(address, folder, **settings) as running:
        for number in range(PROFILES):
            made = running.send("PUT", f"/profiles/large{number}", LARGE, If_None_Match="*")
            assert made.status == 201
        yield running


def pages(service: Service, path: str) -> Iterator[Answer]:
    """The answer to ``path``, and all that follow it."""
    while path:
        answer = service.send("GET", path)
        assert answer.status == 200
        yield answer
        following = re.search('<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
        path = following[1] if following else ""


def test_a_page_of_large_profiles_ends_early_and_the_next_goes_on(service: Service) -> None:
    (worker,) = service.workers()
    before = most_memory(worker)
    asked = "/profiles?LastName=Bigbig&limit=1000&include_profile=yes"
    found = list[str]()
    for answer in pages(service, asked):
        assert len(answer.body) < MOST_OF_AN_ANSWER
        found += [each["customer_id"] for each in answer.json]
    assert most_memory(worker) - before < MOST_OF_A_WORKER
    assert sorted(found) == sorted(f"large{number}" for number in range(PROFILES))


def test_several_profiles_that_are_too_much_together_are_refused(service: Service) -> None:
    (worker,) = service.workers()
    before = most_memory(worker)
    ids = quote(",".join(f"large{number}" for number in range(PROFILES)))
    answer = service.send("GET", f"/profiles?customer_id={ids}")
    assert most_memory(worker) - before < MOST_OF_A_WORKER
    assert answer.status == 413
    assert answer.json["errors"][0]["parameter"] == "customer_id"


def test_a_few_of_them_are_answered(service: Service) -> None:
    answer = service.send("GET", "/profiles?customer_id=large1,large2")
    assert answer.status == 200
    assert [each["customer_id"] for each in answer.json] == ["large1", "large2"]
