"""What a changed definition would mean for the profiles that are stored."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.dao.base import ProfileDao
from app.dao.values import ProfileKey
from app.services.changes import live
from app.services.definitions import Revision
from app.services.profile import document, profile_of
from app.services.readable import ALL, Readable
from app.services.scanning import pages
from schemas.definition import Definition
from schemas.document import parse
from schemas.faults import Fault, Invalid
from schemas.profile import ProfileSchema

MAX_EXAMPLES = 10
PROFILES_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class Example:
    """A stored profile that would be invalid, and one of its faults; no value of it."""

    customer_id: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Report:
    """How many profiles were looked at, none where the change is additive, and what was found."""

    narrowing: bool = False
    profiles: int = 0
    invalid: int = 0
    examples: tuple[Example, ...] = ()


def public_report(report: Report) -> dict[str, Any]:
    """As the metadata API tells it."""
    examples = [
        {
            "customer_id": each.customer_id,
            "pointer": each.fault.pointer,
            "message": each.fault.message,
        }
        for each in report.examples
    ]
    return {
        "narrowing": report.narrowing,
        "profiles": report.profiles,
        "invalid": report.invalid,
        "examples": examples,
    }


class Rehearsal:
    """Holds definitions against stored profiles."""

    def __init__(self, dao: ProfileDao, met: Callable[[int], None] = lambda _: None) -> None:
        """``met``: called from time to time with how many profiles were looked at."""
        self._dao = dao
        self._met = met

    def report(self, revision: Revision, changed: Definition, readable: Readable = ALL) -> Report:
        """Which profiles of the tenant, valid under ``revision``, ``changed`` would refuse.

        All are counted; the examples are of faults in what is ``readable``.
        """
        schema = ProfileSchema(changed)
        profiles, invalid, examples = 0, 0, list[Example]()
        for page in pages(self._dao, revision.tenant, PROFILES_PER_PAGE):
            for customer_id in page.customer_ids:
                body = self._body(ProfileKey(revision.tenant, customer_id), revision)
                profiles += body is not None
                faults = _faults(schema, body) if body is not None else ()
                invalid += bool(faults)
                told = (each for each in faults if readable.tells(each, revision.schema))
                examples += [Example(customer_id, fault) for fault in islice(told, 1)]
                del examples[MAX_EXAMPLES:]
            self._met(profiles)
        return Report(narrowing=True, profiles=profiles, invalid=invalid, examples=tuple(examples))

    def _body(self, key: ProfileKey, revision: Revision) -> Any | None:
        stored = live(self._dao.get(key, revision.schema.rows))
        return parse(document(profile_of(key.customer_id, stored, revision))) if stored else None


def _faults(schema: ProfileSchema, body: Any) -> tuple[Fault, ...]:
    try:
        schema.load(body)
    except Invalid as error:
        return error.faults
    return ()
