"""Values with defaults, so that a test names only what it is about."""

import json
import secrets
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from app.dao.base import Change, Operation, ProfileKey, Version
from examples.documented_example import CUSTOMER_ID, PROFILE

TENANTS = count(secrets.randbelow(10**12))
EXAMPLE_ID, EXAMPLE = CUSTOMER_ID, PROFILE


def a_tenant() -> int:
    """A tenant that no other test uses, also in a store that lives on."""
    return next(TENANTS)


def a_key(tenant: int | None = None) -> ProfileKey:
    return ProfileKey(a_tenant() if tenant is None else tenant, secrets.token_hex(8))


def a_change(key: ProfileKey, expected: Version | None = None, **parts: Any) -> Change:
    """The next version after ``expected``; ``attributes`` and records are plain values."""
    extensions = parts.pop("extensions", {})
    attributes = parts.pop("attributes", {})
    defaults = {
        "operation": Operation.UPDATE if expected else Operation.CREATE,
        "version": Version(expected.number + 1 if expected else 1, uuid4()),
        "made_at": datetime.now(UTC),
        "keep_past_for": 3600,
    }
    return Change(
        key=key,
        expected=expected,
        attributes=json.dumps(attributes).encode(),
        extensions=None if extensions is None else texts(extensions),
        **defaults | parts,
    )


def texts(extensions: dict[str, Any]) -> dict[str, bytes]:
    return {name: json.dumps(records).encode() for name, records in extensions.items()}
