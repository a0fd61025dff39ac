"""Every answer that is no success comes out of one table."""

from collections.abc import Iterator
from typing import NoReturn

import pytest
from flask import Flask, abort
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.access.errors import TooManyRequests, Unauthenticated
from app.access.privileges import Privilege, PrivilegesMissing
from app.dao.errors import OutcomeUnknown, StoreNotPrepared, StoreUnavailable
from app.http_problems import HTTP_PROBLEMS
from app.problem_body import MEDIA_TYPE
from app.problem_kinds import PROBLEMS, Problem
from app.problems import register_problems
from app.request_faults import RequestFault
from app.services.errors import (
    ChangeConflicts,
    ChangeRefused,
    KeyIncomplete,
    ProfileMerged,
    ProfileNotFound,
    UniqueKeyTaken,
)
from app.services.merging import MergeConflict
from app.services.patching import PatchRefused
from schemas.faults import Fault, Invalid, Malformed
from schemas.identity import NoKey
from schemas.revising import InUse, NameTaken, NotDefined

FACT = ("a fact that is told",)
TOLD: dict[type[Exception], tuple[object, ...]] = {
    ProfileMerged: FACT,
    NotDefined: FACT,
    UniqueKeyTaken: FACT,
    NameTaken: FACT,
    InUse: FACT,
    ChangeConflicts: FACT,
    KeyIncomplete: ("email", None),
    PrivilegesMissing: ([Privilege.CHANGE_MODE],),
    Unauthenticated: (["Basic", "Bearer"],),
    TooManyRequests: (7,),
}
ALL = [*PROBLEMS.values(), *HTTP_PROBLEMS.values()]
SECRET = "host-of-the-store"  # noqa: S105 - an exception's text, which no client may see


def raised(kind: type[Exception]) -> Exception:
    if issubclass(kind, Invalid | PatchRefused | MergeConflict | ChangeRefused):
        return kind([Fault("/a", "is wrong")])
    if kind is NoKey:
        return NoKey([("email", "EmailAddress")])
    if kind in TOLD:
        return kind(*TOLD[kind])
    if issubclass(kind, RequestFault):
        return kind("header", {"X-A": "is wrong"})
    return kind(SECRET)


def answer(error: Exception | int) -> TestResponse:
    """What a client gets where a handler raises ``error``, or aborts with that status."""
    app = Flask("test")
    register_problems(app)

    @app.get("/")
    def fail() -> NoReturn:
        if isinstance(error, int):
            abort(error)
        raise error

    return app.test_client().get("/")


def members(response: TestResponse) -> dict[str, object]:
    assert response.content_type == MEDIA_TYPE
    assert response.json is not None
    return dict(response.json)


def expected(problem: Problem) -> dict[str, object]:
    return {
        "type": f"urn:customer-profiles:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[dict[str, object]]]:
    with capture_logs() as entries:
        yield entries  # type: ignore[misc]


def test_codes_and_titles_are_unique() -> None:
    assert len({problem.code for problem in ALL}) == len(ALL)
    assert len({problem.title for problem in ALL}) == len(ALL)


@pytest.mark.parametrize("problem", ALL, ids=lambda problem: problem.code)
def test_a_problem_is_told_to_programs_and_to_people(problem: Problem) -> None:
    assert 400 <= problem.status < 600
    assert problem.code == problem.title.lower().replace(" ", "_")
    assert problem.detail.endswith(".")


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_an_exception_is_answered_with_its_problem(kind: type[Exception]) -> None:
    response = answer(raised(kind))
    told = members(response)
    beside = {"errors", "survivor", "key", "job", "name", "report", "missing"}
    told = {name: value for name, value in told.items() if name not in beside}
    assert told == expected(PROBLEMS[kind])
    assert response.status_code == PROBLEMS[kind].status


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_the_text_of_an_exception_is_never_sent(kind: type[Exception]) -> None:
    response = answer(raised(kind))
    assert SECRET not in response.get_data(as_text=True) + str(response.headers)


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_just_what_may_pass_by_itself_says_when_to_come_back(kind: type[Exception]) -> None:
    passing = PROBLEMS[kind].status in {429, 503}
    assert ("Retry-After" in answer(raised(kind)).headers) is passing


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Malformed([Fault("", "x")]), "malformed_json"),
        (Invalid([Fault("", "x")]), "invalid_profile"),
        (OutcomeUnknown("x"), "outcome_unknown"),
        (StoreUnavailable("x"), "store_unavailable"),
        (StoreNotPrepared("x"), "migrations_pending"),
    ],
)
def test_the_most_specific_problem_is_answered(error: Exception, code: str) -> None:
    assert members(answer(error))["code"] == code


@pytest.mark.parametrize("kind", [Invalid, Malformed])
def test_every_fault_of_a_body_is_told(kind: type[Invalid]) -> None:
    told = members(answer(kind([Fault("/a~1b", "is wrong"), Fault("", "is too")])))
    assert told["errors"] == [
        {"pointer": "/a~1b", "message": "is wrong"},
        {"pointer": "", "message": "is too"},
    ]


@pytest.mark.parametrize("place", ["header", "parameter", "path"])
def test_every_fault_beside_the_body_is_told(place: str) -> None:
    told = members(answer(RequestFault(place, {"a": "is wrong", "b": "is too"})))
    assert told["errors"] == [
        {place: "a", "message": "is wrong"},
        {place: "b", "message": "is too"},
    ]


def test_a_problem_without_faults_lists_none() -> None:
    assert "errors" not in members(answer(ProfileNotFound()))


@pytest.mark.parametrize(("status", "problem"), HTTP_PROBLEMS.items())
def test_an_http_error_is_answered_with_its_problem(status: int, problem: Problem) -> None:
    response = answer(status)
    assert response.status_code == status
    assert members(response) == expected(problem)


@pytest.mark.parametrize("status", [409, 418, 424])
def test_an_http_error_without_an_entry_is_a_bad_request(status: int) -> None:
    assert members(answer(status)) == expected(HTTP_PROBLEMS[400])


def test_a_wrong_method_is_answered_with_those_there_are() -> None:
    app = Flask("test")
    register_problems(app)
    app.add_url_rule("/", view_func=lambda: "", methods=["GET"])
    response = app.test_client().post("/")
    assert members(response)["code"] == "method_not_allowed"
    assert {"GET", "HEAD", "OPTIONS"} == set(response.headers["Allow"].split(", "))


def test_an_unexpected_exception_is_logged_and_not_told(logs: list[dict[str, object]]) -> None:
    error = RuntimeError(SECRET)
    response = answer(error)
    assert response.status_code == 500
    assert members(response) == expected(HTTP_PROBLEMS[500])
    assert [(entry["event"], entry["exc_info"]) for entry in logs] == [("internal_error", error)]


@pytest.mark.parametrize("kind", [StoreUnavailable, OutcomeUnknown])
def test_what_the_store_said_is_logged(
    logs: list[dict[str, object]], kind: type[Exception]
) -> None:
    answer(kind(SECRET))
    told = [(entry["event"], entry["log_level"], entry["error"]) for entry in logs]
    assert told == [(PROBLEMS[kind].code, "warning", SECRET)]


def test_a_fault_of_the_client_is_not_logged(logs: list[dict[str, object]]) -> None:
    answer(Invalid([Fault("/FirstName", "is wrong")]))
    assert logs == []


def test_who_is_not_known_is_told_every_way_to_be() -> None:
    told = answer(Unauthenticated(["Basic", "Bearer"])).headers.getlist("WWW-Authenticate")
    assert told == ["Basic", "Bearer"]


def test_who_asks_too_often_is_told_how_long_to_wait() -> None:
    assert answer(TooManyRequests(7)).headers["Retry-After"] == "7"
