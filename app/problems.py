"""Every answer that is no success: one table, one shape (RFC 9457, problem details)."""

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from app.access.privileges import PrivilegesMissing
from app.dao.errors import StoreUnavailable
from app.http_problems import HTTP_PROBLEMS
from app.limits import MAX_ANSWER_BYTES
from app.problem_body import MEDIA_TYPE, problem_body
from app.problem_kinds import PROBLEMS, Problem
from app.request_faults import RequestFault
from app.services.errors import (
    AnswerTooLarge,
    ChangeConflicts,
    KeyIncomplete,
    NoUniqueAttributes,
    ProfileMerged,
    SelfMerge,
    UniqueKeyTaken,
    WrongCursor,
)
from schemas.definition import CUSTOMER_ID
from schemas.document import dump
from schemas.faults import Refused
from schemas.identity import NoKey, UnknownKey
from schemas.revising import InUse, NameTaken, NotDefined

RETRY_AFTER = {"Retry-After": "1"}

log = structlog.get_logger()


# What an answer tells of an error beside the members that all have.
_TOLD: dict[type[Exception], tuple[str, ...]] = {
    PrivilegesMissing: ("missing",),
    ProfileMerged: ("survivor",),
    UniqueKeyTaken: ("key",),
    KeyIncomplete: ("key", "job"),
    NotDefined: ("name",),
    NameTaken: ("name",),
    InUse: ("key",),
    ChangeConflicts: ("report",),
}
# The one part of a request that an error is about, and what is wrong with it.
_PLACES: dict[type[Exception], dict[str, str]] = {
    AnswerTooLarge: {
        "parameter": CUSTOMER_ID,
        "message": f"names more than {MAX_ANSWER_BYTES} bytes: name fewer profiles or extensions",
    },
    WrongCursor: {"parameter": "cursor", "message": "was not made for this question"},
    SelfMerge: {"path": "source_id", "message": "must be another profile"},
    NoUniqueAttributes: {"path": "name", "message": "is an extension without unique attributes"},
}


def register_problems(app: Flask) -> None:
    """Let ``app`` answer every exception out of the tables."""
    for kind in PROBLEMS:
        app.register_error_handler(kind, _answer_domain)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer_domain(error: Exception) -> Response:
    problem = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    if isinstance(error, StoreUnavailable):
        log.warning(problem.code, error=str(error))
    headers = RETRY_AFTER if problem.status == 503 else getattr(error, "headers", {})
    return _response(problem, headers, _members(error))


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    other = HTTP_PROBLEMS[400 if status < 500 else 500]
    return _response(HTTP_PROBLEMS.get(status, other), headers, {})


def _answer_unexpected(error: Exception) -> Response:
    log.error("internal_error", exc_info=error)
    return _response(HTTP_PROBLEMS[500], {}, {})


def _members(error: Exception) -> dict[str, Any]:
    """What is told of an error beside its kind; never its text."""
    told = {name: getattr(error, name) for name in _TOLD.get(type(error), ())}
    errors = _errors(error)
    return told | ({"errors": errors} if errors else {})


def _errors(error: Exception) -> list[dict[str, str]]:
    if isinstance(error, Refused):
        return [{"pointer": each.pointer, "message": each.message} for each in error.faults]
    if isinstance(error, RequestFault):
        return [{error.place: name, "message": text} for name, text in error.faults.items()]
    if isinstance(error, NoKey):
        starts = [(first, f"starts the key {name}") for name, first in error.starts]
        return [{"parameter": first, "message": text} for first, text in starts]
    if isinstance(error, UnknownKey):
        return [{"parameter": "id_key", "message": f"is no identification key{error.hint}"}]
    return [_PLACES[type(error)]] if type(error) in _PLACES else []


def problem_text(problem: Problem, members: Mapping[str, Any]) -> bytes:
    """The body of the answer: JSON, in the members of RFC 9457 and some of our own."""
    return dump(problem_body(problem) | dict(members))


def _response(
    problem: Problem, headers: Mapping[str, str | list[str]], members: Mapping[str, Any]
) -> Response:
    response = Response(problem_text(problem, members), problem.status, content_type=MEDIA_TYPE)
    response.headers.update({"Cache-Control": "no-store", **headers})
    g.problem = problem.code
    return response
