"""What holds of every route: it shows what is sensitive to those only who may see it."""

from typing import Any

import pytest
from flask import Flask

from app.access.principal import ANYBODY, Principal
from app.dao.base import Dao
from app.settings import Settings
from schemas.attribute_type import MASK
from schemas.document import dump
from tests.api.routes import ID, ONE, OTHER_ID, a_body, calls, send
from tests.api.secrets import LIMITED, PROFILE, SECRETS, filled, service, told_secrets
from tests.support.creators import a_tenant

Call = tuple[str, str]

PHONE = {"PhoneNumber": PROFILE["Phone"][0]["PhoneNumber"]}
ASKED = {
    "/profiles": "?FirstName=Bruce&include_profile=yes&extensions=*",
    ONE: "?extensions=*",
}
BODIES: dict[Call, Any] = {
    ("PATCH", ONE): {"FirstName": "Hulk"},
    ("PUT", ONE): {"FirstName": "Hulk"},
    ("PUT", f"{ONE}/extensions/Phone"): [PHONE],
    ("PUT", f"{ONE}/extensions/Phone/by/unique"): PHONE | {"Kind": "none"},
    ("PUT", f"{ONE}/extensions/Phone/delete/by/unique"): PHONE,
    ("PUT", f"{ONE}/merge/{OTHER_ID}"): {"force_merge": True},
}
# With a principal that may see them; HEAD answers without a body.
SHOWING: set[Call] = {
    ("GET", "/profiles"),
    ("GET", ONE),
    ("GET", f"{ONE}/extensions/Phone"),
    ("PUT", ONE),
    ("PATCH", ONE),
    ("POST", f"{ONE}/extensions"),
    ("PUT", f"{ONE}/extensions/Phone"),
}


DOCUMENT = ("GET", "/openapi.json")
"""It tells what a mask looks like."""


def told(app: Flask, writing: Flask, call: Call) -> str:
    """Body and headers of the answer to a call about profiles that ``writing`` made."""
    (method, path), tenant = call, a_tenant()
    filled(writing, tenant)
    body = dump(BODIES[call]) if call in BODIES else a_body(path)
    to = path + (ASKED.get(path, "") if method in {"GET", "HEAD"} else "")
    headers = {"X-Genesys-TenantId": str(tenant), "Prefer": "return=representation"}
    answer = send(app, method, to, body, **headers)
    return answer.text + str(answer.headers)


def answers(settings: Settings, dao: Dao, principal: Principal) -> dict[Call, str]:
    app, writing = service(settings, dao, principal), service(settings, dao, ANYBODY)
    return {call: told(app, writing, call) for call in calls(app)}


def test_no_route_shows_a_secret_to_those_who_may_not_see_it(
    settings: Settings, dao: Dao, capfd: pytest.CaptureFixture[str]
) -> None:
    found = answers(settings, dao, LIMITED)
    assert {call: told_secrets(text) for call, text in found.items() if told_secrets(text)} == {}
    assert {call for call, text in found.items() if MASK in text} == SHOWING | {DOCUMENT}
    assert told_secrets("".join(capfd.readouterr())) == set()


def test_those_who_may_see_secrets_are_shown_them_without_masks(
    settings: Settings, dao: Dao, capfd: pytest.CaptureFixture[str]
) -> None:
    found = answers(settings, dao, ANYBODY)
    assert {call for call, text in found.items() if told_secrets(text)} == SHOWING
    assert {call for call, text in found.items() if MASK in text} == {DOCUMENT}
    assert told_secrets("".join(capfd.readouterr())) == set()
    assert told_secrets(found["GET", ONE]) == set(SECRETS)


@pytest.mark.parametrize("principal", [ANYBODY, LIMITED], ids=lambda each: str(each.name))
def test_the_past_is_masked_for_everybody(
    settings: Settings, dao: Dao, principal: Principal
) -> None:
    api = filled(service(settings, dao, principal), a_tenant())
    api.put(f"/profiles/{ID}", {"FirstName": "Hulk", "Card": "HIDDEN-card-0008"})
    for version, card in ((1, "0001"), (2, "0008")):
        answer = api.get(f"/profiles/{ID}?version={version}&extensions=*")
        assert told_secrets(answer.text) == set()
        assert answer.json
        assert answer.json["Card"] == MASK + card
        assert answer.json["Account"]["Number"] == "••••0006"
    assert told_secrets(api.get(f"/profiles/{ID}/history").text) == set()
