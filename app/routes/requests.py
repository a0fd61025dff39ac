"""What a request asks for, read out of its parts and checked. Nothing else reads them."""

import re
import sys
from typing import Any

from flask import request
from gunicorn.http.errors import ParseException
from marshmallow import ValidationError
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import (
    BadRequest,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from app.dao.base import ProfileKey
from app.problems import RequestFault
from app.services.preconditions import Precondition, Tags
from app.settings import DEFAULT_TENANT
from schemas.document import parse
from schemas.faults import Fault, Malformed
from schemas.profile import ProfileSchema, check_customer_id

TENANT_HEADER = "X-Genesys-TenantId"
ALL_EXTENSIONS = "*"

_TENANT = re.compile(r"\d{1,18}", re.ASCII)
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")


def check_acceptable() -> None:
    """:raises NotAcceptable: the client takes no JSON."""
    accepted = MIMEAccept(
        (media_type.partition(";")[0].strip(), quality)
        for media_type, quality in request.accept_mimetypes
    )
    if accepted and not accepted["application/json"]:
        raise NotAcceptable


def tenant() -> int:
    """:raises RequestFault: the tenant header is no whole number."""
    text = request.headers.get(TENANT_HEADER, str(DEFAULT_TENANT))
    if not _TENANT.fullmatch(text):
        raise RequestFault("header", {TENANT_HEADER: "must be a whole number"})
    return int(text)


def profile_key(customer_id: str) -> ProfileKey:
    """:raises RequestFault: the tenant or the id in the path is wrong."""
    try:
        return ProfileKey(tenant(), check_customer_id(customer_id))
    except ValidationError as error:
        raise RequestFault("path", {"customer_id": str(error.messages[0])}) from None


def check_parameters(*allowed: str) -> None:
    """:raises RequestFault: with each query parameter that is unknown or repeated."""
    faults = {name: "is not a parameter here" for name in request.args if name not in allowed}
    for name in allowed:
        if len(request.args.getlist(name)) > 1:
            faults[name] = "is given more than once"
    if faults:
        raise RequestFault("parameter", faults)


def asked_extensions(schema: ProfileSchema) -> tuple[str, ...]:
    """The extensions to answer with, as they are spelled in the definition.

    :raises RequestFault: one is not defined.
    """
    check_parameters("extensions")
    text = request.args.get("extensions")
    if text is None:
        return ()
    if text == ALL_EXTENSIONS:
        return schema.extensions
    names = {name: schema.spelled(name) for name in text.split(",")}
    unknown = [name for name, spelled in names.items() if spelled is None]
    if unknown:
        told = ", ".join(map(repr, unknown))
        raise RequestFault("parameter", {"extensions": f"{told} is not a defined extension"})
    return tuple(spelled for spelled in names.values() if spelled)


def body() -> Any:
    """The JSON value in the body.

    :raises UnsupportedMediaType: it is not JSON, or encoded.
    :raises RequestEntityTooLarge: it is over the limit.
    :raises BadRequest: it ends too early, or its chunks are malformed.
    :raises Malformed: with every fault of its text.
    """
    encoding = (request.content_encoding or "identity").lower()
    if request.mimetype != "application/json" or encoding != "identity":
        raise UnsupportedMediaType
    try:
        text = request.get_data(cache=False)
    except (OSError, ParseException) as error:
        raise BadRequest from error
    if len(text) >= (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge
    if request.content_length not in (None, len(text)):
        raise BadRequest
    if not text:
        raise Malformed([Fault("", "is empty")])
    return parse(text)


def precondition() -> Precondition:
    """:raises RequestFault: a conditional header is no list of entity tags."""
    return Precondition(_tags("If-Match", weak=False), _tags("If-None-Match", weak=True))


def wants_representation() -> bool:
    """Whether ``Prefer`` asks for the whole profile in the answer.

    RFC 7240: of several values of one preference, the first counts.
    """
    header = ",".join(request.headers.getlist("Prefer")).replace('"', "").lower()
    for preference in header.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip() == "return":
            return value.strip() == "representation"
    return False


def _tags(header: str, *, weak: bool) -> Tags | None:
    """The entity tags of ``header``; those marked weak only count in a ``weak`` comparison."""
    text = ",".join(request.headers.getlist(header)) if header in request.headers else None
    if text is None:
        return None
    if text.strip() == "*":
        return Tags(any=True)
    if not _TAGS.fullmatch(text):
        raise RequestFault("header", {header: 'must be * or a list of entity tags such as "1-a"'})
    marked = re.findall(r'(W/)?"([^"]*)"', text)
    return Tags(frozenset(tag for mark, tag in marked if weak or not mark))
