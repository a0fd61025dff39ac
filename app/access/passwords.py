"""Users with passwords, over HTTP Basic (RFC 7617)."""

import base64
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.access.errors import AuthenticationUnavailable, TooManyRequests
from app.access.guesses import Guesses
from app.access.principal import Principal
from app.access.recent import Recent
from app.concurrency.waiting import outcome

SECONDS_KEPT = 60
SECONDS_KNOWN = 86_400
SECONDS_IN_QUEUE = 2
MAX_SPARE_GUESSES = 100  # as many failed attempts as NIST SP 800-63B, 3.2.2, allows at the most

# Two threads, as each check takes 64 MiB and the time of several requests.
_CHECKS = ThreadPoolExecutor(2, thread_name_prefix="passwords")
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class User:
    """Who has a password, of which ``password`` is the argon2 hash."""

    principal: Principal
    password: str = field(repr=False)


@dataclass(slots=True)
class _Known:
    """An address that a user's password has come from lately.

    ``spare``: how many more guesses beyond the limit are compared with what is remembered.
    """

    spare: int = MAX_SPARE_GUESSES


def password_hash(password: str) -> str:
    return _HASHER.hash(password)


class Passwords:
    """Checks passwords, and for a minute remembers those that were right.

    What is remembered spares the check, never the count of guesses, but for the address that the
    password has come from: it lets its user in while others use the allowance up. As those may
    come from the same address, behind a proxy, only a few guesses are told so from a right one.

    An unknown name takes as long as a known one: the password is then checked against that
    of another user, in vain, and never compared with what is remembered.
    """

    def __init__(
        self, users: Mapping[str, User], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._users = users
        self._decoy = next(iter(users.values()), None)
        self._secret = secrets.token_bytes(32)
        self._right = Recent[bool](clock)
        self._known = Recent[_Known](clock)

    def principal(self, text: str, guesses: Guesses) -> Principal | None:
        """Who is meant by ``text``, as it follows ``Basic``; None where it is nobody.

        :raises TooManyRequests: too many passwords were wrong.
        :raises AuthenticationUnavailable: too many passwords are being checked.
        """
        credentials = _decoded(text)
        if credentials is None or self._decoy is None:
            return None
        name, password = credentials
        user = self._users.get(name)
        if user is None:
            guesses.take(name, known=False)
            _in_turn(_verified, self._decoy.password, password)
            return None
        return user.principal if self._is_right(name, user.password, password, guesses) else None

    def _is_right(self, name: str, stored: str, password: str, guesses: Guesses) -> bool:
        digest = hmac.digest(self._secret, f"{stored} {password}".encode(), "sha256")
        place = f"{guesses.address} {name}".encode()
        known = self._known.get(place)
        if known and known.spare and self._right.get(digest):
            return True
        try:
            guesses.take(name, known=known is not None)
        except TooManyRequests:
            if known and known.spare:
                known.spare -= 1
            raise
        forgotten = not self._right.get(digest)
        if forgotten and not _in_turn(self._check, digest, stored, password):
            return False
        if forgotten or known is None:
            self._known.keep(place, _Known(), SECONDS_KNOWN)
        guesses.give_back(name, known=known is not None)
        return True

    def _check(self, digest: bytes, stored: str, password: str) -> bool:
        """Several requests with one password may have waited for their turn."""
        right = self._right.get(digest) or _verified(stored, password)
        if right:
            self._right.keep(digest, value=True, seconds=SECONDS_KEPT)
        return right


def _in_turn(check: Callable[..., bool], *given: bytes | str) -> bool:
    """:raises AuthenticationUnavailable: the check had to wait for too long."""
    checking = _CHECKS.submit(check, *given)
    try:
        return outcome(checking, SECONDS_IN_QUEUE)
    except TimeoutError:
        if checking.cancel():
            raise AuthenticationUnavailable from None
    return outcome(checking, None)


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
