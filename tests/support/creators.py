"""Values with defaults, so that a test names only what it is about."""

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count
from typing import Any
from uuid import uuid4

from app.dao.values import CORE, Change, Operation, ProfileKey, StoredProfile, Version
from examples.documented_example import CUSTOMER_ID, PROFILE
from schemas.identity import Entry

TENANTS = count(secrets.randbelow(10**12))
EXAMPLE_ID, EXAMPLE = CUSTOMER_ID, PROFILE


def a_tenant() -> int:
    """A tenant that no other test uses, also in a store that lives on."""
    return next(TENANTS)


def a_key(tenant: int | None = None) -> ProfileKey:
    return ProfileKey(a_tenant() if tenant is None else tenant, secrets.token_hex(8))


def an_entry(text: str = "hulk@marvelous.com", key: str = "Email") -> Entry:
    """An identity entry for ``text`` that any number of profiles may hold."""
    return Entry(key, blake2b(text.encode(), digest_size=16).digest(), claimed=False)


def a_claim(text: str = "hulk@marvelous.com", key: str = "Email") -> Entry:
    """An identity entry for ``text`` that one profile at most may hold."""
    return an_entry(text, key)._replace(claimed=True)


def a_change(
    key: ProfileKey, before: StoredProfile | Version | None = None, **parts: Any
) -> Change:
    """The next version after ``before``: what was read of it, or its version where it was not.

    ``attributes`` and ``records`` are plain values; ``entries`` are those of the core part, or
    those of several parts by name. Without any, entries stay as they are.
    """
    records = texts(parts.pop("records", {}))
    expected = before.version if isinstance(before, StoredProfile) else before
    defaults: dict[str, Any] = {
        "operation": Operation.UPDATE if expected else Operation.CREATE,
        "version": Version(expected.number + 1 if expected else 1, uuid4()),
        "made_at": datetime.now(UTC),
        "keep_past_for": 3600,
        "extension_names": _names(before, records, parts.get("removed", frozenset())),
        "basis": before.basis if isinstance(before, StoredProfile) else None,
    }
    return Change(
        key=key,
        expected=expected,
        attributes=json.dumps(parts.pop("attributes", {})).encode(),
        records=records,
        entries=_by_part(parts.pop("entries", {})),
        **defaults | parts,
    )


def texts(records: dict[str, Any]) -> dict[str, bytes]:
    return {name: json.dumps(each).encode() for name, each in records.items()}


def _names(
    before: StoredProfile | Version | None, records: dict[str, bytes], removed: frozenset[str]
) -> frozenset[str] | None:
    if isinstance(before, Version):
        return None
    stored = before.extension_names or frozenset() if before else frozenset()
    return stored - removed | records.keys()


def _by_part(
    entries: Mapping[str, Iterable[Entry]] | Iterable[Entry],
) -> dict[str, frozenset[Entry]]:
    by_part = entries if isinstance(entries, Mapping) else {CORE: entries}
    return {part: frozenset(each) for part, each in by_part.items()}
