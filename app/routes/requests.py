"""What a request asks for, read out of its parts and checked. Nothing else reads them."""

import re
import sys
from functools import cache
from typing import Any

from flask import current_app, g, request
from gunicorn.http.errors import ParseException
from marshmallow import ValidationError
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import (
    BadRequest,
    NotAcceptable,
    PreconditionRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from app.dao.values import Once, ProfileKey
from app.limits import (
    AGENT_HEADER,
    IDEMPOTENCY_HEADER,
    IDEMPOTENCY_PATTERN,
    MAX_HEADER_TEXT,
    MAX_IDEMPOTENCY_KEY,
    REASON_HEADER,
    TAGS_PATTERN,
    TENANT_HEADER,
    tenant_number,
)
from app.parts import SETTINGS
from app.problem_body import MEDIA_TYPE as PROBLEM
from app.request_faults import RequestFault
from app.services import receipts
from app.services.preconditions import MARK_PATTERN, TAG_PATTERN, Precondition, Tags
from app.services.profiles import Order
from app.settings import DEFAULT_TENANT, Settings
from schemas.attribute_type import check_text
from schemas.document import parse
from schemas.faults import Fault, Malformed
from schemas.profile import check_customer_id

JSON = "application/json"

_TAKEN = (None, "*/*", JSON)

_KEY = re.compile(IDEMPOTENCY_PATTERN)
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
"""A string as structured fields have it (RFC 9651, section 3.3.3)."""

_PREFERENCE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_TAGS = re.compile(TAGS_PATTERN)
_CODED = re.compile(rf"^({TAG_PATTERN}(?:{MARK_PATTERN})?)[-;](?:gzip|br|zstd)$")
"""A tag of ours as proxies that compress send it on (docs/how-to/proxies.md)."""

_CHANGING = frozenset({"PUT", "PATCH", "DELETE"})


class WrongMediaType(UnsupportedMediaType):
    """The body is of none of the media types that it may have, or encoded."""

    def __init__(self, patch_types: tuple[str, ...], *, is_encoded: bool) -> None:
        super().__init__()
        # RFC 5789, section 2.2; RFC 9110, section 12.5.3
        types = [("Accept-Patch", ", ".join(patch_types))] if patch_types else []
        self._accepted = [*types, *([("Accept-Encoding", "identity")] if is_encoded else [])]

    def get_headers(self, *arguments: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*arguments), *self._accepted]


def header(name: str) -> str | None:
    """A header as it was sent, all of its lines; None where there is none."""
    found: str | None = request.environ.get(_environ_key(name))
    return found


def check_acceptable() -> None:
    """:raises NotAcceptable: the client takes no JSON.

    Of an operation without content, some clients take nothing but refusals.
    """
    if header("Accept") in _TAKEN:
        return
    accepted = MIMEAccept(
        (media_type.partition(";")[0].strip(), quality)
        for media_type, quality in request.accept_mimetypes
    )
    if accepted and not (accepted[JSON] or accepted[PROBLEM]):
        raise NotAcceptable


def tenant() -> int:
    """:raises RequestFault: the tenant header is no whole number."""
    text = header(TENANT_HEADER)
    number = DEFAULT_TENANT if text is None else tenant_number(text)
    if number is None:
        raise RequestFault("header", {TENANT_HEADER: "must be a whole number"})
    return number


def profile_key(customer_id: str) -> ProfileKey:
    """:raises RequestFault: the tenant or the id in the path is wrong."""
    return ProfileKey(tenant(), customer_id_in_path("customer_id", customer_id))


def customer_id_in_path(name: str, text: str) -> str:
    """:raises RequestFault: ``text`` cannot be a customer id."""
    try:
        return check_customer_id(text)
    except ValidationError as error:
        raise RequestFault("path", {name: str(error.messages[0])}) from None


def body(*media_types: str) -> Any:
    """The JSON value in the body, of `JSON` or one of ``media_types``.

    :raises UnsupportedMediaType: it is not of these, or encoded.
    :raises RequestEntityTooLarge: it is over the limit.
    :raises BadRequest: it ends too early, or its chunks are malformed.
    :raises Malformed: with every fault of its text.
    """
    encoding = (request.content_encoding or "identity").lower()
    is_encoded = encoding != "identity"
    if is_encoded or request.mimetype not in (media_types or (JSON,)):
        raise WrongMediaType(media_types, is_encoded=is_encoded)
    text = _text()
    if not text:
        raise Malformed([Fault("", "is empty")])
    return parse(text)


def optional_body() -> Any:
    """As `body`, None where there is none."""
    if not _text():
        return None
    return body()


def media_type() -> str:
    """The type of the body, without parameters."""
    return request.mimetype


def precondition() -> Precondition:
    """:raises RequestFault: a conditional header is no list of entity tags."""
    return Precondition(_if_match(), _tags("If-None-Match", weak=True))


def require_precondition() -> None:
    """
    :raises PreconditionRequired: it changes a profile, whichever version that has.
    """
    told = any(header(name) is not None for name in ("If-Match", "If-None-Match"))
    if request.method in _CHANGING and not told:
        raise PreconditionRequired


def order() -> Order:
    """What a write of a profile asks for beside its content.

    :raises RequestFault: a header is wrong.
    """
    told = {"agent_id": _told(AGENT_HEADER), "reason": _told(REASON_HEADER)}
    given = {name: text for name, text in told.items() if text is not None}
    whole = prefers("return", "representation")
    return Order(precondition(), given, whole=whole, once=once())


def read_once(caller: str) -> Once | None:
    """What ``caller`` wants done only once, None where it does not say so.

    :raises RequestFault: the name that it gives cannot be one. Others as `body`.
    """
    name = header(IDEMPOTENCY_HEADER)
    if name is None:
        return None
    if not _KEY.fullmatch(name):
        told = f"must be 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters, or these in quotes"
        raise RequestFault("header", {IDEMPOTENCY_HEADER: told})
    if quoted := _QUOTED.fullmatch(name):
        name = re.sub(r"\\(.)", r"\1", quoted[1])
    variables = [text for pair in (request.view_args or {}).items() for text in pair]
    query = request.query_string.decode("latin-1")
    asked = [str(request.endpoint), *variables, query, media_type()]
    return receipts.once(caller, name, asked, b"" if request.method == "DELETE" else _text())


def once() -> Once | None:
    """What `read_once` said of this request."""
    found: Once | None = g.get("once")
    return found


def prefers(preference: str, value: str = "") -> bool:
    """Whether ``Prefer`` has ``preference``, with this value.

    RFC 7240: of several values of one preference, the first counts.
    """
    preferences: list[str] = _PREFERENCE.findall((header("Prefer") or "").lower())
    for each in preferences:
        name, _, given = each.partition(";")[0].partition("=")
        if name.strip() == preference:
            return given.strip().strip('"') == value
    return False


@cache
def _environ_key(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def _text() -> bytes:
    """The bytes of the body, read once for a request that is handled twice."""
    if "body" not in g:
        g.body = _read()
    text: bytes = g.body
    return text


def _read() -> bytes:
    try:
        text = request.get_data(cache=False)
    except (OSError, ParseException) as error:
        raise BadRequest from error
    if len(text) >= (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge
    if request.content_length not in (None, len(text)):
        raise BadRequest
    return text


def _told(name: str) -> str | None:
    """The text of a header, whose bytes are UTF-8."""
    given = header(name)
    if given is None:
        return None
    try:
        text = given.encode("latin-1").decode()
        check_text(text)
    except (UnicodeError, ValidationError):
        raise RequestFault("header", {name: "must be UTF-8"}) from None
    if len(text) > MAX_HEADER_TEXT:
        raise RequestFault("header", {name: f"must have at most {MAX_HEADER_TEXT} characters"})
    return text


def _if_match() -> Tags | None:
    """Weak tags count where the service is set to take them."""
    if header("If-Match") is None:
        return None
    settings: Settings = current_app.extensions[SETTINGS]
    return _tags("If-Match", weak=settings.weak_if_match)


def _tags(name: str, *, weak: bool) -> Tags | None:
    """The entity tags of a header; those marked weak only count in a ``weak`` comparison."""
    text = header(name)
    if text is None:
        return None
    if text.strip() == "*":
        return Tags(any=True)
    if not _TAGS.fullmatch(text):
        raise RequestFault("header", {name: 'must be * or a list of entity tags such as "1-a"'})
    marked = re.findall(r'(W/)?"([^"]*)"', text)
    listed = frozenset(_CODED.sub(r"\1", tag) for mark, tag in marked if weak or not mark)
    return Tags(listed, weak_only=bool(marked) and not listed)
