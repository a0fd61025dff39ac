"""The query string of a request, checked. Nothing else reads it."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from app.access.privileges import Privilege
from app.limits import DEFAULT_LIMIT, MAX_IDS, MAX_LIMIT
from app.request_faults import RequestFault
from app.routes import access
from schemas.definition import CUSTOMER_ID
from schemas.faults import DependsOnDefinition
from schemas.profile import ProfileSchema, check_customer_id

T = TypeVar("T")

ALL_EXTENSIONS = "*"
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
"""What a flag may be, in any case: UCS documents the first two, and clients send all of them."""

LISTS = frozenset({"extensions", CUSTOMER_ID})
"""Parameters whose values stand in one, with commas between, or in several of the name."""

DEFAULTS = {
    "limit": str(DEFAULT_LIMIT),
    "include_profile": "no",
    "include_extensions": "always",
}
_NONE = ImmutableMultiDict[str, str]()


class UnknownExtension(RequestFault, DependsOnDefinition):
    """A parameter names an extension that is not defined, as far as is known."""


def check_parameters(*allowed: str) -> None:
    """:raises RequestFault: with each parameter that is unknown or repeated."""
    given = _given()
    if not given:
        return
    faults = {name: "is not a parameter here" for name in given if name not in allowed}
    if faults := faults | _repeated(allowed):
        raise RequestFault("parameter", faults)


def check_beside(name: str, *allowed: str) -> None:
    """:raises RequestFault: with each parameter that may not stand beside this.

    One that has its default may, as some clients send all that the document has.
    """
    told = f"cannot be given together with {name}"
    beside = {each for each in request.args if each not in (name, *allowed)}
    faults = {each: told for each in beside if request.args.getlist(each) != [DEFAULTS.get(each)]}
    if faults:
        raise RequestFault("parameter", faults)


def given_beside(*known: str) -> tuple[tuple[str, str], ...]:
    """The pairs of name and value that are none of the ``known`` parameters.

    :raises RequestFault: one of those is repeated.
    """
    if faults := _repeated(known):
        raise RequestFault("parameter", faults)
    pairs = request.args.items(multi=True)
    return tuple((name, value) for name, value in pairs if name not in known)


def text(name: str) -> str | None:
    """A parameter as it is given."""
    return request.args.get(name)


def extensions(schema: ProfileSchema) -> tuple[str, ...]:
    """The extensions to answer with, as they are spelled in the definition.

    :raises PrivilegesMissing: the principal may not read extensions; told before their names.
    :raises UnknownExtension: one is not defined.
    """
    given = _given()
    if "extensions" not in given:
        return ()
    access.need(Privilege.READ_EXTENSION)
    asked = ",".join(given.getlist("extensions"))
    if asked == ALL_EXTENSIONS:
        return schema.extensions
    names = {name: schema.spelled(name) for name in asked.split(",")}
    unknown = [name for name, spelled in names.items() if spelled is None]
    if unknown:
        told = ", ".join(map(repr, unknown))
        raise UnknownExtension("parameter", {"extensions": f"{told} is not a defined extension"})
    return tuple(dict.fromkeys(spelled for spelled in names.values() if spelled))


def customer_ids() -> tuple[str, ...]:
    """The ids in ``customer_id``, each once.

    :raises RequestFault: they are too many, or one cannot be an id.
    """
    given = ",".join(request.args.getlist(CUSTOMER_ID)).split(",")
    if len(given) > MAX_IDS:
        raise RequestFault("parameter", {CUSTOMER_ID: f"names more than {MAX_IDS} profiles"})
    for place, each in enumerate(given, start=1):
        try:
            check_customer_id(each)
        except ValidationError as error:
            told = f"the id at place {place} {error.messages[0]}"
            raise RequestFault("parameter", {CUSTOMER_ID: told}) from None
    return tuple(dict.fromkeys(given))


def number(name: str, most: int, default: int | None = None) -> int | None:
    """A whole number from 1 to ``most``.

    :raises RequestFault: it is none.
    """
    given = _given().get(name)
    if given is None:
        return default
    if given.isascii() and given.isdigit() and len(given) < 20 and 1 <= int(given) <= most:
        return int(given)
    raise RequestFault("parameter", {name: f"must be a whole number from 1 to {most}"})


def limit() -> int:
    """How many there are on a page.

    :raises RequestFault: it is none.
    """
    return number("limit", MAX_LIMIT, DEFAULT_LIMIT) or DEFAULT_LIMIT


def flag(name: str) -> bool:
    """Whether a parameter says yes; it is no unless given.

    :raises RequestFault: it says neither.
    """
    given = request.args.get(name)
    if given is None:
        return False
    if given.lower() not in FLAGS:
        raise RequestFault("parameter", {name: f"must be one of {', '.join(FLAGS)}"})
    return FLAGS[given.lower()]


def choice(name: str, words: Mapping[str, T], *, default: T) -> T:
    """What one of ``words`` means, in any case.

    :raises RequestFault: it is none of them.
    """
    given = request.args.get(name)
    if given is None:
        return default
    if given.lower() not in words:
        raise RequestFault("parameter", {name: f"must be {' or '.join(words)}"})
    return words[given.lower()]


def question(names: Iterable[str]) -> list[tuple[str, str]]:
    """All that is asked but where to go on, for the cursor: pairs but those in ``names``."""
    pairs = request.args.items(multi=True)
    return sorted((name, value) for name, value in pairs if name not in names)


def _given() -> MultiDict[str, str]:
    """All of them; to look for any costs, so nobody looks where there are none."""
    return request.args if request.environ.get("QUERY_STRING") else _NONE


def _repeated(names: Iterable[str]) -> dict[str, str]:
    once = (name for name in names if name not in LISTS)
    return {
        name: "is given more than once" for name in once if len(request.args.getlist(name)) > 1
    }
