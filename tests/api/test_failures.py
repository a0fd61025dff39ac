"""Failures of the service and of its store: told as such, and nothing of their inside."""

import pytest
from flask import Flask

from app.dao.base import Dao
from app.dao.errors import OutcomeUnknown, VersionConflict
from app.factory import create_app
from app.problem_body import MEDIA_TYPE
from app.settings import Settings
from tests.api.conftest import client_of
from tests.api.failing_dao import FailingDao

INTERNAL = "node 10.1.2.3 said 1234"


def failing_app(settings: Settings, error: Exception, *, commit_only: bool = False) -> Flask:
    return create_app(settings, FailingDao(None if commit_only else error, error))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_failure_of_the_service_says_nothing_of_its_inside(
    settings: Settings, method: str
) -> None:
    api = client_of(failing_app(settings, RuntimeError(INTERNAL)))
    refused = api.send(method, "/profiles/x", {}, expect=500)
    assert refused.content_type == MEDIA_TYPE
    for told in ("1234", "RuntimeError", "Traceback", "failing_dao"):
        assert told not in refused.text + str(refused.headers)


def test_a_failure_of_the_service_is_logged_without_personal_data(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    error = RuntimeError("could not convert 'Stark'")
    error.__cause__ = KeyError("Potts")
    api = client_of(failing_app(settings, error))
    api.put("/profiles/x", {"LastName": "Banner", "Address": {"City": "Malibu"}}, expect=500)
    logged = "".join(capfd.readouterr())
    for told in ('"type":"RuntimeError"', '"type":"KeyError"', "failing_dao.py"):
        assert told in logged
    for name in ("Banner", "Malibu", "Stark", "Potts"):
        assert name not in logged


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutcomeUnknown(INTERNAL), "outcome_unknown"),
        (VersionConflict(INTERNAL), "store_busy"),
    ],
)
def test_a_write_that_the_store_does_not_take_may_be_tried_again(
    settings: Settings, error: Exception, code: str
) -> None:
    api = client_of(failing_app(settings, error, commit_only=True))
    refused = api.post({}, expect=503)
    assert refused.json
    assert refused.json["code"] == code
    assert int(refused.headers["Retry-After"]) > 0
    assert "1234" not in refused.text


def test_an_update_by_tag_of_unknown_outcome_is_told_as_such(settings: Settings) -> None:
    api = client_of(failing_app(settings, OutcomeUnknown(INTERNAL), commit_only=True))
    tag = '"1-00000000000000000000000000000001"'
    refused = api.put("/profiles/x", {}, expect=503, If_Match=tag)
    assert refused.json
    assert refused.json["code"] == "outcome_unknown"


def test_a_store_that_is_away_is_told_without_its_address(settings: Settings, away: Dao) -> None:
    refused = client_of(create_app(settings, away)).get("/profiles/x", expect=503)
    assert refused.json
    assert refused.json["code"] == "store_unavailable"
    assert int(refused.headers["Retry-After"]) > 0
    for told in ("127.0.0.1", "missing.db", "Error", "Host"):
        assert told not in refused.text
