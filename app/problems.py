"""Every answer that is no success: one table, one shape (RFC 9457, problem details)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from app.dao.base import OutcomeUnknown, StoreNotPrepared, StoreUnavailable
from app.services.errors import (
    PreconditionFailed,
    ProfileExists,
    ProfileNotFound,
    ProfileTooLarge,
    StoreBusy,
)
from schemas.document import dump
from schemas.faults import Fault, Invalid, Malformed

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "1"}
MAX_TOLD = 10_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem: ``code`` is stable, for programs; ``detail`` is for people."""

    status: int
    code: str
    title: str
    detail: str


class RequestFault(Exception):
    """A part of the request beside its body is wrong: ``faults`` by place and message."""

    def __init__(self, place: str, faults: Mapping[str, str]) -> None:
        """``place``: what the keys of ``faults`` name, "header", "parameter" or "path"."""
        self.place = place
        self.faults = faults
        super().__init__(f"{place}: {faults}")


PROBLEMS: dict[type[Exception], Problem] = {
    Malformed: Problem(400, "malformed_json", "Malformed JSON", "The body is not usable JSON."),
    Invalid: Problem(
        400, "invalid_profile", "Invalid profile", "The body does not fit the definition."
    ),
    RequestFault: Problem(
        400, "invalid_request", "Invalid request", "A part of the request is missing or wrong."
    ),
    ProfileNotFound: Problem(
        404, "profile_not_found", "Profile not found", "No profile has this customer_id."
    ),
    ProfileExists: Problem(
        409, "profile_exists", "Profile exists", "A profile has this customer_id already."
    ),
    ProfileTooLarge: Problem(
        413, "profile_too_large", "Profile too large", "The profile is larger than one may be."
    ),
    PreconditionFailed: Problem(
        412,
        "precondition_failed",
        "Precondition failed",
        "The stored profile is not the one that the request asks for; query it again.",
    ),
    StoreBusy: Problem(
        503,
        "store_busy",
        "Store busy",
        "Other writers of this profile were faster; nothing was changed.",
    ),
    StoreUnavailable: Problem(
        503, "store_unavailable", "Store unavailable", "The store cannot be asked now."
    ),
    OutcomeUnknown: Problem(
        503,
        "outcome_unknown",
        "Outcome unknown",
        "The store did not say whether the change was made; query the profile before a repeat.",
    ),
    StoreNotPrepared: Problem(
        503,
        "migrations_pending",
        "Migrations pending",
        "The store is not prepared for this release: run `profiles migrate`.",
    ),
}

HTTP_PROBLEMS: dict[int, Problem] = {
    problem.status: problem
    for problem in (
        Problem(400, "bad_request", "Bad request", "The request cannot be understood."),
        Problem(404, "resource_not_found", "Resource not found", "There is nothing at this path."),
        Problem(
            405,
            "method_not_allowed",
            "Method not allowed",
            "This path does not have that method; the Allow header lists those it has.",
        ),
        Problem(
            406, "not_acceptable", "Not acceptable", "Answers are application/json, nothing else."
        ),
        Problem(
            413, "body_too_large", "Body too large", "The body is larger than this service takes."
        ),
        Problem(414, "path_too_long", "Path too long", "The path is longer than 4094 bytes."),
        Problem(
            415,
            "unsupported_media_type",
            "Unsupported media type",
            "The body must be application/json, without a content encoding.",
        ),
        Problem(
            431,
            "headers_too_large",
            "Headers too large",
            "The header fields are too many or long.",
        ),
        Problem(501, "not_implemented", "Not implemented", "This transfer coding is not known."),
        Problem(500, "internal_error", "Internal error", "The service failed; it is logged."),
    )
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
    headers = RETRY_AFTER if problem.status == 503 else {}
    return _response(problem, headers, _errors(error))


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    other = HTTP_PROBLEMS[400 if status < 500 else 500]
    return _response(HTTP_PROBLEMS.get(status, other), headers, [])


def _answer_unexpected(error: Exception) -> Response:
    log.error("internal_error", exc_info=error)
    return _response(HTTP_PROBLEMS[500], {}, [])


def _errors(error: Exception) -> list[dict[str, str]]:
    if isinstance(error, Invalid):
        return _told(error.faults)
    if isinstance(error, RequestFault):
        return [{error.place: name, "message": text} for name, text in error.faults.items()]
    return []


def _told(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """All faults, up to a number that keeps the answer smaller than the largest body."""
    more = len(faults) - MAX_TOLD
    shown = [*faults[:MAX_TOLD], *([Fault("", f"and {more} more faults")] if more > 0 else [])]
    return [{"pointer": fault.pointer, "message": fault.message} for fault in shown]


def problem_text(problem: Problem, errors: list[dict[str, str]]) -> bytes:
    """The body of the answer: JSON, in the members of RFC 9457 and two of our own."""
    body: dict[str, Any] = {
        "type": f"urn:customer-profiles:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    return dump(body | ({"errors": errors} if errors else {}))


def _response(
    problem: Problem, headers: Mapping[str, str], errors: list[dict[str, str]]
) -> Response:
    response = Response(problem_text(problem, errors), problem.status, content_type=MEDIA_TYPE)
    response.headers.update({"Cache-Control": "no-store", **headers})
    return response
