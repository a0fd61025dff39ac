"""API keys: random, so that a plain digest of one is as good as the key is long."""

import hashlib
import secrets
from collections.abc import Mapping

from app.access.principal import Principal

PREFIX = "pk_"


def fresh_key() -> str:
    """A new key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKeys:
    """The principals of keys.

    They are looked up by digest: how far a digest fits says nothing about the key, so the
    time that takes may be seen.
    """

    def __init__(self, principals: Mapping[str, Principal]) -> None:
        """``principals``: by the digest of their key."""
        self._principals = principals

    def principal(self, key: str) -> Principal | None:
        """Whose ``key`` it is, None where it is nobody's."""
        return self._principals.get(digest_of(key))
