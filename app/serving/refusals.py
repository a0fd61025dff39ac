"""Answers of the worker itself, to what the application is not asked about."""

from functools import cache
from http import HTTPStatus

from app.http_problems import HTTP_PROBLEMS
from app.problem_body import MEDIA_TYPE
from app.problems import RETRY_AFTER, problem_text


class Refused(Exception):
    """The worker itself answers, with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


@cache
def refused(status: HTTPStatus) -> tuple[dict[str, str], bytes]:
    """The header fields and the body of the answer."""
    text = problem_text(HTTP_PROBLEMS[status], {})
    fields = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(text)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **(RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else {}),
    }
    return fields, text


def refusal(status: HTTPStatus, request_id: str) -> bytes:
    """The whole answer, after which the connection is closed."""
    headers, text = refused(status)
    headers = {"Connection": "close", "X-Request-Id": request_id, **headers}
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{fields}\r\n".encode() + text
