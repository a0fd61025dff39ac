"""Changes of the definition and of the mode whose request or answer is lost on the way."""

from typing import Any

import pytest

from app.dao.base import Dao
from tests.api.conftest import tag_of
from tests.api.test_metadata import job_of
from tests.faults.conftest import come_back
from tests.faults.frames import Request
from tests.faults.proxy import Arrives, Fault, Proxy, Then
from tests.support.client import ApiClient

KEYS = "/metadata/identification-keys"
EXTENSIONS = "/metadata/profiles/extensions"
VIP = {"name": "Vip", "type": "single-valued", "attributes": [{"name": "Level", "type": "string"}]}
LOST = pytest.mark.parametrize("how", [Arrives.NOW, Arrives.NEVER])


@pytest.fixture
def used(api: ApiClient) -> None:
    """The tenant's first definition is stored."""
    api.post({"LastName": "Banner"})


def of_definition(request: Request) -> bool:
    return request.says("UPDATE document") and request.binds("definition")


@LOST
def test_the_first_write_of_a_tenant_keeps_its_definition_once(
    api: ApiClient, proxy: Proxy, how: Arrives
) -> None:
    fault = proxy.meet(Fault(of_definition, how, Then.RESET))
    api.post({"LastName": "Banner"})
    assert fault.met == 1
    assert tag_of(api, KEYS).startswith('"1-')


@LOST
@pytest.mark.usefixtures("used")
def test_a_change_of_the_definition_whose_connection_is_lost_is_made_once(
    api: ApiClient, proxy: Proxy, how: Arrives
) -> None:
    fault = proxy.meet(Fault(of_definition, how, Then.RESET))
    told = api.send("POST", EXTENSIONS, VIP, expect=201)
    assert fault.met == 1
    assert told.headers["ETag"] == tag_of(api, EXTENSIONS)
    assert told.headers["ETag"].startswith('"2-')


@pytest.mark.parametrize("how", Arrives)
@pytest.mark.usefixtures("used", "impatient")
def test_a_change_of_the_definition_that_cannot_be_asked_for_is_unknown(
    api: ApiClient, proxied: Dao, proxy: Proxy, how: Arrives
) -> None:
    tag = tag_of(api, EXTENSIONS)
    fault = proxy.meet(Fault(of_definition, how, Then.CUT))
    refused: Any = api.send("POST", EXTENSIONS, VIP, expect=503, If_Match=tag)
    assert refused.json["code"] == "outcome_unknown"
    assert int(refused.headers["Retry-After"]) > 0
    come_back(proxied, proxy)
    proxy.deliver(fault)
    made = how is not Arrives.NEVER
    api.send("POST", EXTENSIONS, VIP, expect=412 if made else 201, If_Match=tag)
    assert tag_of(api, EXTENSIONS).startswith('"2-')


@LOST
@pytest.mark.usefixtures("used")
def test_a_key_whose_job_is_lost_on_the_way_is_defined_with_its_job(
    api: ApiClient, proxy: Proxy, how: Arrives
) -> None:
    fault = proxy.meet(Fault(lambda each: each.binds("build_key"), how, Then.RESET))
    told = api.send("POST", KEYS, {"name": "last", "attributes": ["LastName"]}, expect=201)
    assert fault.met == 1
    assert api.get(job_of(told.headers["Link"])).json


@LOST
def test_the_mode_whose_change_is_lost_on_the_way_is_set(
    api: ApiClient, proxy: Proxy, how: Arrives
) -> None:
    fault = proxy.meet(Fault(lambda each: each.binds("maintenance"), how, Then.RESET))
    api.send("POST", "/server/mode", {"mode": "maintenance"}, expect=200)
    assert fault.met == 1
    told: Any = api.get("/server/status").json
    assert told["mode"] == "maintenance"
    api.send("POST", "/server/mode", {"mode": "production"}, expect=200)
