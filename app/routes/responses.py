"""Answers: profiles put together out of the stored bytes, and the headers around them."""

from flask import Response, url_for

from app.dao.base import ProfileKey, StoredProfile, Version
from app.routes.requests import TENANT_HEADER
from app.services.preconditions import entity_tag
from app.services.profiles import Written
from schemas.definition import CUSTOMER_ID
from schemas.document import dump, member

JSON = "application/json"
_NOT_MODIFIED = 304


def profile(customer_id: str, stored: StoredProfile) -> Response:
    """The profile as one flat object: the id, the attributes, the extensions read."""
    return _tagged(Response(_flat(customer_id, stored), content_type=JSON), stored.version)


def not_modified(stored: StoredProfile) -> Response:
    """The client has this version already."""
    return _tagged(Response(status=_NOT_MODIFIED), stored.version)


def written(written: Written, *, whole: bool) -> Response:
    """Where the profile is now, and all of it if the client prefers so."""
    text = _flat(written.customer_id, written.profile) if whole else _id(written.customer_id)
    response = Response(text, 201 if written.created else 200, content_type=JSON)
    header = "Location" if written.created else "Content-Location"
    response.headers[header] = url_for("profiles.query", customer_id=written.customer_id)
    if whole:
        response.headers["Preference-Applied"] = "return=representation"
    return _tagged(response, written.profile.version)


def deleted(key: ProfileKey) -> Response:
    """Which profile is gone."""
    return Response(_id(key.customer_id), content_type=JSON)


def _tagged(response: Response, version: Version) -> Response:
    response.set_etag(entity_tag(version))
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = TENANT_HEADER
    return response


def _id(customer_id: str) -> bytes:
    return dump({CUSTOMER_ID: customer_id})


def _flat(customer_id: str, stored: StoredProfile) -> bytes:
    """The stored texts put into one object, unread."""
    members = [member(CUSTOMER_ID, dump(customer_id))]
    if stored.attributes != b"{}":
        members.append(stored.attributes[1:-1])
    members += [member(name, text) for name, text in stored.extensions.items()]
    return b"{" + b",".join(members) + b"}"
