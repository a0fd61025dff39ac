"""The base path: where documented clients expect the service, and in every address told."""

import pytest

from tests.api.conftest import ApiWith
from tests.support.client import ApiClient

BASE_PATHS = ["", "/cv", "/cms", "/genesys/1/cs", "/a.b_c~d-e"]


@pytest.fixture(params=BASE_PATHS)
def base_path(request: pytest.FixtureRequest) -> str:
    base: str = request.param
    return base


@pytest.fixture
def api(api_with: ApiWith, base_path: str) -> ApiClient:
    return api_with(base_path=base_path)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_location_of_a_new_profile_carries_it(
    api: ApiClient, base_path: str, slash: str
) -> None:
    body = {"customer_id": "bruce"}
    answer = api.send("POST", f"{base_path}/profiles{slash}", body, expect=201)
    assert answer.headers["Location"] == f"{base_path}/profiles/bruce"
    assert api.get(answer.headers["Location"]).json == body


def test_the_place_of_an_updated_profile_carries_it(api: ApiClient, base_path: str) -> None:
    path = f"{base_path}/profiles/bruce"
    assert api.put(path, {}, expect=201, If_None_Match="*").headers["Location"] == path
    assert api.put(path, {}).headers["Content-Location"] == path
    api.delete(path)


def test_health_is_where_it_always_is(api: ApiClient) -> None:
    api.get("/health/live")
    api.get("/health/ready")


@pytest.mark.parametrize("path", ["/profiles", "/profiles/bruce", "/cv/cv/profiles/bruce", "/cv"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
def test_nothing_is_served_outside_it(api_with: ApiWith, path: str, method: str) -> None:
    api_with(base_path="/cv").send(method, path, {}, expect=404)
