"""What every refusal tells, as plain values (RFC 9457)."""

from typing import Any

from app.problem_kinds import Problem

MEDIA_TYPE = "application/problem+json"


def problem_body(problem: Problem) -> dict[str, Any]:
    """The members that all have; ``code`` is our own."""
    return {
        "type": f"urn:customer-profiles:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
