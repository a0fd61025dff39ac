"""Answers of the worker itself, to what the application is not asked about."""

from functools import cache
from http import HTTPStatus

from app.http_problems import HTTP_PROBLEMS
from app.problem_body import MEDIA_TYPE
from app.problems import RETRY_AFTER, problem_text


@cache
def refused(status: HTTPStatus) -> tuple[dict[str, str], bytes]:
    """The header fields and the body of the answer."""
    text = problem_text(HTTP_PROBLEMS[status], {})
    fields = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(text)),
        "Cache-Control": "no-store",
        **(RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else {}),
    }
    return fields, text


@cache
def refusal(status: HTTPStatus, *, closes: bool = True) -> bytes:
    """The whole answer; ``closes``: whether the connection is closed after it."""
    headers, text = refused(status)
    headers = {"Connection": "close" if closes else "keep-alive", **headers}
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{fields}\r\n".encode() + text
