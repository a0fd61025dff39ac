"""Users with passwords, over HTTP Basic (RFC 7617)."""

import base64
import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.access.errors import AuthenticationUnavailable
from app.access.principal import Principal
from app.access.recent import Recent

SECONDS_KEPT = 60
SECONDS_IN_QUEUE = 2

# Each check takes 64 MiB and the time of several requests.
_CHECKS_AT_ONCE = threading.BoundedSemaphore(2)
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class User:
    """Who has a password, of which ``password`` is the argon2 hash."""

    principal: Principal
    password: str = field(repr=False)


def password_hash(password: str) -> str:
    return _HASHER.hash(password)


class Passwords:
    """Checks passwords, and for a minute remembers those that were right.

    An unknown name takes as long as a known one: the password is then checked against that
    of another user, in vain.
    """

    def __init__(self, users: Mapping[str, User]) -> None:
        self._users = users
        self._decoy = next(iter(users.values()), None)
        self._secret = secrets.token_bytes(32)
        self._right = Recent[bool]()

    def principal(self, text: str, before_check: Callable[[], None]) -> Principal | None:
        """Who is meant by ``text``, as it follows ``Basic``; None where it is nobody.

        ``before_check`` is called before a check that costs time, and may raise.

        :raises AuthenticationUnavailable: too many passwords are being checked.
        """
        credentials = _decoded(text)
        if credentials is None or self._decoy is None:
            return None
        name, password = credentials
        user = self._users.get(name)
        right = self._is_right((user or self._decoy).password, password, before_check)
        return user.principal if user and right else None

    def _is_right(self, stored: str, password: str, before_check: Callable[[], None]) -> bool:
        digest = hmac.digest(self._secret, f"{stored} {password}".encode(), "sha256")
        if self._right.get(digest):
            return True
        before_check()
        if not _CHECKS_AT_ONCE.acquire(timeout=SECONDS_IN_QUEUE):
            raise AuthenticationUnavailable
        try:
            right = self._right.get(digest) or _verified(stored, password)
        finally:
            _CHECKS_AT_ONCE.release()
        if right:
            self._right.keep(digest, value=True, seconds=SECONDS_KEPT)
        return right


def _decoded(text: str) -> tuple[str, str] | None:
    try:
        plain = base64.b64decode(text, validate=True).decode()
    except ValueError:
        return None
    name, colon, password = plain.partition(":")
    return (name, password) if colon else None


def _verified(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
