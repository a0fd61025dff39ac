"""Delete: the profile is gone, with all its records, and with nothing else."""

import pytest

from tests.api.conftest import unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(EXAMPLE)


def test_the_id_that_was_deleted_is_answered(api: ApiClient, path: str) -> None:
    assert api.delete(path).json == {"customer_id": path[10:]}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_deleted_profile_is_not_found(api: ApiClient, path: str, method: str) -> None:
    api.delete(path)
    api.send(method, path, {}, expect=404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_deleted_profile_is_not_found_even_by_its_last_tag(
    api: ApiClient, path: str, method: str
) -> None:
    tag = api.get(path).headers["ETag"]
    api.delete(path)
    api.send(method, path, {}, expect=404, If_Match=tag)


def test_an_unknown_id_is_not_found(api: ApiClient) -> None:
    refused = api.delete("/profiles/nobody", expect=404)
    assert refused.json
    assert refused.json["code"] == "profile_not_found"


def test_all_records_are_gone_too(api: ApiClient, path: str) -> None:
    api.delete(path)
    api.put(path, {"LastName": "Ross"}, expect=201, If_None_Match="*")
    assert api.profile(path) == {"LastName": "Ross"}


def test_other_profiles_stay(api: ApiClient, path: str) -> None:
    other = api.created(EXAMPLE)
    with unchanged(api, other):
        api.delete(path)


def test_a_parameter_is_refused_and_the_profile_stays(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        refused = api.delete(f"{path}?extensions=Address", expect=400)
    assert api.faults(refused) == {"extensions": "is not a parameter here"}
