"""What is told of one operation, and the refusals that several have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.dao.errors import (
    DeadlineExceeded,
    DefinitionChanged,
    OutcomeUnknown,
    StoreNotPrepared,
    StoreUnavailable,
)
from app.openapi.problems import Kind
from app.request_faults import InvalidHost, RequestFault
from app.services.errors import (
    Maintenance,
    NameReused,
    PreconditionFailed,
    ProfileMerged,
    ProfileNotFound,
    ProfileTooLarge,
    StoreBusy,
    UniqueKeyTaken,
    WeakTags,
)
from schemas.faults import Malformed

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers``, ``links``: names of components. ``schema`` is None where there is no body."""

    about: str
    schema: str | None = None
    headers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """``schemas`` by media type."""

    schemas: Mapping[str, str]
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation. ``id`` is what clients call it, ``parameters`` are names of components.

    ``based``: whether the base path is in front of ``path``.
    """

    method: str
    path: str
    id: str
    tag: str
    summary: str
    about: str
    answers: Mapping[int, Answer]
    problems: tuple[Kind, ...]
    parameters: tuple[str, ...] = ()
    body: Body | None = None
    based: bool = field(default=True)


ANY: tuple[Kind, ...] = (InvalidHost, 400, 500, 503)
STORED: tuple[Kind, ...] = (*ANY, DeadlineExceeded, StoreUnavailable, StoreNotPrepared)
ASKED: tuple[Kind, ...] = (RequestFault, 406, *STORED)
DEFINED: tuple[Kind, ...] = (*ASKED, DefinitionChanged)
SERVED: tuple[Kind, ...] = (*DEFINED, Maintenance, OutcomeUnknown)
EXISTING: tuple[Kind, ...] = (*SERVED, ProfileNotFound)
PARSED: tuple[Kind, ...] = (Malformed, 413, 415)
CONDITIONAL: tuple[Kind, ...] = (PreconditionFailed, WeakTags)
WRITTEN: tuple[Kind, ...] = (
    *CONDITIONAL,
    428,
    ProfileTooLarge,
    UniqueKeyTaken,
    NameReused,
    StoreBusy,
)
CHANGED: tuple[Kind, ...] = (*EXISTING, ProfileMerged, *WRITTEN)

TOLD = ("Tenant", "Agent", "Reason", "IdempotencyKey")
"""Parameters of a write of a profile beside its precondition."""

WRITING = (*TOLD, "Prefer")
"""Those of a write that can answer with the profile."""

KEPT = ("ETag", "Vary", "Private")
"""Headers of an answer about a profile."""

PRESENT = (*KEPT, "ContentLocation", "PreferenceApplied")
NOT_MODIFIED = Answer("The client has it already.", headers=KEPT)
