"""Ids of profiles that nobody names."""

import secrets
import string

ID_LENGTH = 16
ID_CHARACTERS = string.ascii_letters + string.digits


def fresh_id() -> str:
    """One that no profile has."""
    return "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))


def derived_id(digest: bytes) -> str:
    """The same for the same ``digest``, of at least 12 bytes."""
    number, base = int.from_bytes(digest), len(ID_CHARACTERS)
    return "".join(ID_CHARACTERS[number // base**place % base] for place in range(ID_LENGTH))
