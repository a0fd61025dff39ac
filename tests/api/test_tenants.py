"""Tenants: a profile belongs to one, and no other ever meets it."""

import secrets

import pytest

from tests.api.conftest import unchanged
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE, a_tenant

HEADER = "X-Genesys-TenantId"
MALFORMED = ["", "-1", "+1", "1.0", "x", "1e3", "0x1", "1,2", "1 2", "9" * 19, "\xb2", "1_000"]


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created(EXAMPLE)


@pytest.fixture
def other(api: ApiClient) -> ApiClient:
    """The same service, asked by another tenant."""
    return ApiClient(api.client, a_tenant())


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
@pytest.mark.parametrize("any_tag", [False, True])
def test_another_tenant_s_profile_is_not_found_and_stays(
    api: ApiClient, other: ApiClient, path: str, method: str, any_tag: bool
) -> None:
    tag = "*" if any_tag else api.get(path).headers["ETag"]
    with unchanged(api, path):
        other.send(method, path, {}, expect=404)
        other.send(method, path, {}, expect=404, If_Match=tag)


def test_tenants_have_profiles_of_one_id_side_by_side(
    api: ApiClient, other: ApiClient, path: str
) -> None:
    with unchanged(api, path):
        other.post({"customer_id": path[10:], "FirstName": "Betty"})
        other.put(path, {"FirstName": "Betty", "Vip": {}})
    assert other.profile(path) == {"FirstName": "Betty", "Vip": {}}
    with unchanged(api, path):
        other.delete(path)


def test_without_the_header_the_default_tenant_is_meant(api: ApiClient) -> None:
    path = f"/profiles/{secrets.token_hex(8)}"
    made = api.client.put(path, json={"FirstName": "Bruce"}, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    assert ApiClient(api.client, 1).profile(path) == {"FirstName": "Bruce"}
    api.get(path, expect=404)


def test_a_tenant_is_a_number_however_it_is_written(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        api.get(path, expect=200, **{HEADER: f"000{api.tenant}"})


def test_the_largest_tenant_is_like_any_other(api: ApiClient) -> None:
    largest = ApiClient(api.client, 10**18 - 1)
    path = largest.created({"FirstName": "Bruce"})
    assert largest.profile(path) == {"FirstName": "Bruce"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("tenant", MALFORMED)
def test_a_header_that_is_no_whole_number_is_refused(
    api: ApiClient, path: str, method: str, tenant: str
) -> None:
    to = "/profiles" if method == "POST" else path
    with unchanged(api, path):
        refused = api.send(method, to, {}, expect=400, **{HEADER: tenant})
    assert method == "HEAD" or api.faults(refused) == {HEADER: "must be a whole number"}


def test_two_tenants_in_one_request_are_refused(api: ApiClient, path: str) -> None:
    headers = [(HEADER, str(api.tenant)), (HEADER, str(api.tenant))]
    assert api.client.get(path, headers=headers).status_code == 400


@pytest.mark.parametrize("header", ["X-Genesys-Segment", "ContactCenterId", "GroupId"])
def test_the_other_documented_headers_are_accepted_and_ignored(
    api: ApiClient, path: str, header: str
) -> None:
    with unchanged(api, path):
        api.get(path, expect=200, **{header: "anything"})
