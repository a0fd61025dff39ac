"""Answers: profiles put together out of the stored bytes, and the headers around them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, g, request, url_for

from app.access.privileges import Privilege
from app.dao.values import PastVersion, Version
from app.limits import VARY
from app.routes.access import may
from app.routes.requests import JSON
from app.services import moments
from app.services.definitions import Revision
from app.services.history import History
from app.services.identification import Found
from app.services.preconditions import UNCONDITIONAL, Precondition, entity_tag, unmarked
from app.services.profile import Profile, document, masked, pieces
from app.services.profiles import Written
from schemas.definition import CUSTOMER_ID
from schemas.document import dump, parse

Texts = list[bytes | memoryview]
NO_CONTENT = 204
NOT_MODIFIED = 304


def json(value: Any, status: int = 200) -> Response:
    return Response(dump(value), status, content_type=JSON)


def visible(found: Profile) -> Profile:
    """``found`` as the one who asks may see it."""
    return found if may(Privilege.READ_SENSITIVE) else masked(found)


def profile(asked: str, found: Profile) -> Response:
    """The profile as one flat object; ``asked`` is the id in the path."""
    response = Response(document(visible(found)), content_type=JSON)
    return _located(asked, found.customer_id, tagged(response, found.version))


def records(asked: str, found: Profile, text: bytes) -> Response:
    """Records of one extension of ``found``: the JSON ``text`` of those that may be seen."""
    response = Response(text, content_type=JSON)
    return _located(asked, found.customer_id, tagged(response, found.version))


def conditional(precondition: Precondition, response: Response) -> Response:
    """``response``, which has its tag, or that the client has this version already.

    :raises PreconditionFailed: it asks for another one.
    """
    if precondition == UNCONDITIONAL:
        return response
    tag = response.get_etag()[0] or ""
    precondition.check_match(unmarked(tag))
    if precondition.has_answer(tag):
        response.set_data(b"")
        response.status_code = NOT_MODIFIED
        del response.headers["Content-Type"]
    return response


def written(written: Written, *, whole: bool) -> Response:
    """Where the profile is now, and all of it if the client prefers so."""
    found = written.profile
    response = reference(found.customer_id, found.version, created=written.created)
    if whole:
        response.set_data(document(visible(found)))
        response.headers["Preference-Applied"] = "return=representation"
        if not written.created:
            response.headers["Content-Location"] = f"{_place(found.customer_id)}?extensions=*"
    return response


def reference(customer_id: str, version: Version, *, created: bool) -> Response:
    """Which profile was written, and where it is.

    UCS documents ``Content-Location`` of an update, though a read there answers more than the
    id; no other answer has it (RFC 9110, section 8.7).
    """
    response = Response(_id(customer_id), 201 if created else 200, content_type=JSON)
    if created:
        response.headers["Location"] = _place(customer_id)
    elif request.endpoint == "profiles.update":
        response.headers["Content-Location"] = _place(customer_id)
    return tagged(response, version)


def done(version: Version) -> Response:
    """It was written, and there is no more to say."""
    return tagged(empty(), version)


def empty() -> Response:
    response = Response(status=NO_CONTENT)
    del response.headers["Content-Type"]
    return response


def deleted(customer_id: str) -> Response:
    """Which profile is gone."""
    return Response(_id(customer_id), content_type=JSON)


def found(found: Found, *, whole: bool, explain: bool) -> Response:
    """The profiles that hold the given values, or just their ids and extensions."""
    shown = found.profiles
    texts = _profiles(shown if whole else [replace(each, attributes=b"{}") for each in shown])
    if explain:
        head: dict[str, Any] = {"outcome": found.outcome, "key": found.key}
        if found.outcome == "ambiguous":
            head["ask"] = found.ask
        texts = [dump(head)[:-1], b',"profiles":', *texts, b"}"]
    return _list(texts, explained=explain)


def named(asked: Iterable[str], found: Mapping[str, Profile], *, explain: bool) -> Response:
    """The profiles that the ids ``asked`` lead to, each once, and which led to which."""
    shown: dict[str, Profile] = {}
    for each in found.values():
        shown.setdefault(each.customer_id, each)
    texts = _profiles(shown.values())
    if explain:
        led = [_led(each, shown[found[each].customer_id]) for each in found]
        tail = {"found": led, "missing": [each for each in asked if each not in found]}
        texts = [b'{"profiles":', *texts, b",", dump(tail)[1:]]
    return _list(texts, explained=explain)


def history(asked: str, found: History) -> Response:
    """What was changed, newest first."""
    told = [_change(row) for row in found.versions]
    return _located(asked, found.customer_id, private(json(told)))


def paged(response: Response, cursor: str | None) -> Response:
    """``response`` with the way to the next page, where there is one (RFC 8288)."""
    if cursor is not None:
        pairs = [pair for pair in request.args.items(multi=True) if pair[0] != "cursor"]
        path = f"{quote(request.path)}?{urlencode([*pairs, ('cursor', cursor)])}"
        response.headers.add("Link", f'<{path}>; rel="next"')
    return response


def tagged(response: Response, version: Version) -> Response:
    """``response`` about a profile with the entity tag of ``version``, and as `private`."""
    response.set_etag(_tag(version))
    return private(response)


def uncached(response: Response) -> Response:
    """``response`` to be asked for anew each time, and kept by nobody but the client."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def private(response: Response) -> Response:
    """``response`` of one tenant, and as `uncached`."""
    response.headers["Vary"] = VARY
    return uncached(response)


def _located(asked: str, customer_id: str, response: Response) -> Response:
    """A merged profile answers as its survivor, and says where that answers the same.

    Not of a page behind another one, as a cursor is for the id that was asked.
    """
    if customer_id != asked and "cursor" not in request.args:
        arguments = {**(request.view_args or {}), "customer_id": customer_id}
        path, pairs = url_for(str(request.endpoint), **arguments), request.args.items(multi=True)
        query = urlencode(list(pairs), safe="*,")
        response.headers["Content-Location"] = f"{path}?{query}" if query else path
    return response


def _place(customer_id: str) -> str:
    return url_for("profiles.query", customer_id=customer_id)


def _tag(version: Version) -> str:
    """Also another one if what is answered of ``version`` is, which the definition and the
    masks decide (RFC 9110, section 8.8.1)."""
    revision: Revision = g.revision
    masks = revision.schema.masking.concerns(()) and not may(Privilege.READ_SENSITIVE)
    return f"{entity_tag(version)}-{revision.mark(masks=masks)}"


def _id(customer_id: str) -> bytes:
    return dump({CUSTOMER_ID: customer_id})


def array(texts: Iterable[bytes]) -> bytes:
    """The JSON array of values, given as their texts."""
    return b"[" + b",".join(texts) + b"]"


def _profiles(found: Iterable[Profile]) -> Texts:
    """The JSON array of profiles, in pieces."""
    texts: Texts = []
    for each in found:
        texts += [b"," if texts else b"[", *pieces(each)]
    return [*(texts or [b"["]), b"]"]


def _list(texts: Texts, *, explained: bool) -> Response:
    """Profiles that are told together, copied once."""
    response = private(Response(b"".join(texts), content_type=JSON))
    response.headers["Vary"] = f"{VARY}, Prefer"  # RFC 7240, section 2
    if explained:
        response.headers["Preference-Applied"] = "explain"
    return response


def _led(asked: str, found: Profile) -> dict[str, str]:
    return {"asked": asked, CUSTOMER_ID: found.customer_id, "etag": _tag(found.version)}


def _change(row: PastVersion) -> dict[str, Any]:
    note = parse(row.note)
    told = {name: note[name] for name in ("agent_id", "reason", "description") if name in note}
    merged = {"merged_from": note["merged_from"]} if "merged_from" in note else {}
    return {
        "version": row.version.number,
        "etag": _tag(row.version),
        "at": moments.text(row.made_at),
        "operation": row.operation,
        **told,
        **merged,
        "parts": note.get("parts", []),
    }
