"""The lines of a backup file: JSON objects, one a line, each saying by `KIND` what it is.

The lines of a tenant and of its profiles are the same whichever store they come from: times
are told to the millisecond, as Cassandra keeps no more, and sets are sorted.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import orjson

from app.dao.values import (
    Link,
    Operation,
    PastVersion,
    State,
    StoredDocument,
    StoredProfile,
    Version,
)
from app.services import moments
from app.services.errors import BackupRefused
from schemas.document import dump, parse
from schemas.faults import Malformed

FORMAT = 1
MAX_LINE = 64 * 1024 * 1024
"""Bytes of a line: several times what the largest profile takes, with what is told of a merge."""

KIND = "$line"
"""No attribute has such a name, so no line of a profile as `load` takes it is taken for one."""

T = TypeVar("T")

_HEAD = re.compile(rb'{"\$line":"(\w+)"')
_PROFILE_HEAD = re.compile(rb'{"\$line":"profile","state":"(\w+)","customer_id":"([^"]+)"')


class Kind(StrEnum):
    """BACKUP begins the file, and says by which release it was written. TENANT has the
    definition of the tenant that all lines are of up to the next such line. VERSION is a past
    row; those of a profile come oldest first, and behind them PROFILE, what it is now. SUMMARY
    says what each tenant comes to, and END what the SHA-256 of all lines before it is.
    """

    BACKUP = "backup"
    TENANT = "tenant"
    VERSION = "version"
    PROFILE = "profile"
    SUMMARY = "summary"
    END = "end"


BEGINNING = b'{"%s":"%s",' % (KIND.encode(), Kind.BACKUP.encode())


@dataclass(frozen=True, slots=True)
class Opening:
    """``product`` is the release that wrote the file, ``format`` says how."""

    format: int
    product: str
    secret: StoredDocument | None


@dataclass(frozen=True, slots=True)
class Section:
    """What a tenant comes to. ``start`` is the byte in the file at which its line begins.

    ``definition`` is the tag of its definition; ``profiles`` counts the live ones, ``merged``
    those that are another one now, ``versions`` the past rows of all. The digest is the same
    exactly if all of this is, and all that the lines tell.
    """

    tenant: int
    start: int
    definition: str
    profiles: int
    deleted: int
    merged: int
    versions: int
    digest: str

    @property
    def met(self) -> int:
        """The profiles in whatever state."""
        return self.profiles + self.deleted + self.merged


def kind_of(line: bytes) -> Kind:
    """What a line is. The line is not read further.

    :raises BackupRefused: it does not say so; the message goes on from which line it is.
    """
    found = _HEAD.match(line)
    if found is None or found[1].decode() not in [*Kind]:
        raise BackupRefused("it does not say what it is.")
    return Kind(found[1].decode())


def head_of(profile: bytes) -> tuple[State, str]:
    """The state and the id that the line of a profile tells. It is not read further.

    :raises BackupRefused: as `kind_of` does, and so do all that follow.
    """
    found = _PROFILE_HEAD.match(profile)
    if found is None or found[1].decode() not in [*State]:
        raise BackupRefused("it does not begin with the state and the id of a profile.")
    return State(found[1].decode()), found[2].decode(errors="replace")


def opening_line(product: str, secret: StoredDocument | None) -> bytes:
    told = {"tag": secret.tag, "content": secret.content.decode()} if secret else None
    return _line(Kind.BACKUP, format=FORMAT, product=product, secret=told)


def tenant_line(tenant: int, definition: StoredDocument) -> bytes:
    content = orjson.Fragment(definition.content)
    return _line(Kind.TENANT, tenant=tenant, tag=definition.tag, definition=content)


def version_line(row: PastVersion) -> bytes:
    return _line(
        Kind.VERSION,
        version=row.version,
        operation=row.operation,
        made_at=moments.text(row.made_at),
        note=orjson.Fragment(row.note),
        document=orjson.Fragment(row.document or b"{}"),
    )


def profile_line(customer_id: str, stored: StoredProfile) -> bytes:
    return _line(
        Kind.PROFILE,
        state=stored.state,
        customer_id=customer_id,
        version=stored.version,
        link=stored.link,
        merges=sorted(map(str, stored.merges)),
        modified_at=moments.text(stored.modified_at),
        attributes=orjson.Fragment(stored.attributes),
        extensions={name: orjson.Fragment(text) for name, text in stored.extensions.items()},
    )


def summary_line(sections: Sequence[Section]) -> bytes:
    return _line(Kind.SUMMARY, tenants=sections)


def end_line(sha256: str) -> bytes:
    return _line(Kind.END, sha256=sha256)


def read_opening(line: bytes) -> Opening:
    """:raises BackupRefused: it is none, or of a format that this release does not know."""
    opening = _read(line, Kind.BACKUP, _opening)
    if opening.format != FORMAT:
        raise BackupRefused(
            f"it has the format {opening.format} of release {opening.product}, this release reads"
            f" the format {FORMAT}."
        )
    return opening


def read_tenant(line: bytes) -> tuple[int, StoredDocument]:
    """A tenant and its definition."""
    return _read(line, Kind.TENANT, lambda told: (told["tenant"], _definition(told)))


def read_version(line: bytes) -> PastVersion:
    return _read(line, Kind.VERSION, _version)


def read_profile(line: bytes) -> StoredProfile:
    """The profile with all its records."""
    return _read(line, Kind.PROFILE, _profile)


def read_end(line: bytes) -> str:
    """The SHA-256 of all lines before."""
    return _read(line, Kind.END, lambda told: str(told["sha256"]))


def _line(kind: Kind, **members: Any) -> bytes:
    return dump({KIND: kind, **members}) + b"\n"


def _read(line: bytes, kind: Kind, build: Callable[[dict[str, Any]], T]) -> T:
    try:
        told = parse(line)
        if told[KIND] == kind:
            return build(told)
    except (Malformed, AttributeError, LookupError, TypeError, ValueError):
        pass
    raise BackupRefused(f"it should be a {kind}, and is none that can be read.")


def _opening(told: dict[str, Any]) -> Opening:
    secret = told["secret"]
    kept = StoredDocument("", UUID(secret["tag"]), secret["content"].encode()) if secret else None
    return Opening(told["format"], told["product"], kept)


def _definition(told: dict[str, Any]) -> StoredDocument:
    return StoredDocument("", UUID(told["tag"]), dump(told["definition"]))


def _version(told: dict[str, Any]) -> PastVersion:
    return PastVersion(
        version=_number(told),
        operation=Operation(told["operation"]),
        made_at=datetime.fromisoformat(told["made_at"]),
        note=dump(told["note"]),
        document=dump(told["document"]),
    )


def _profile(told: dict[str, Any]) -> StoredProfile:
    link = told["link"]
    extensions = {name: dump(records) for name, records in told["extensions"].items()}
    return StoredProfile(
        version=_number(told),
        state=State(told["state"]),
        attributes=dump(told["attributes"]),
        modified_at=datetime.fromisoformat(told["modified_at"]),
        extensions=extensions,
        extension_names=frozenset(extensions),
        link=Link(UUID(link["merge"]), link["into"]) if link else None,
        merges=frozenset(map(UUID, told["merges"])),
    )


def _number(told: dict[str, Any]) -> Version:
    return Version(told["version"]["number"], UUID(told["version"]["write_id"]))
