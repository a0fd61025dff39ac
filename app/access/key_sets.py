"""The public keys of an issuer of tokens: a JSON Web Key Set (RFC 7517) in a file or at a URL."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import jwt
import structlog
from jwt import PyJWK

from app.access.errors import AuthenticationUnavailable
from app.concurrency.single_flight import SingleFlight
from app.concurrency.waiting import outcome
from schemas.document import parse
from schemas.faults import Malformed

MAX_AGE_SECONDS = 300
MAX_STALE_SECONDS = 3600
PAUSE_SECONDS = 10
TIMEOUT_SECONDS = 3
SECONDS_TO_WAIT = 4
MAX_BYTES = 1024 * 1024

log = structlog.get_logger()

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signatures are checked with; ``algorithm`` where it is for one only."""

    key: Any
    kind: str
    algorithm: str | None


class WrongKeySet(Exception):
    """What was read is no key set."""


class KeySet:
    """The keys by their id, read again when they are old or one is not known.

    They are read once at a time, and an unknown id makes that happen once in `PAUSE_SECONDS`
    at most. While the source is away, keys stay good for `MAX_STALE_SECONDS`.
    """

    def __init__(self, location: str, clock: Clock = time.monotonic) -> None:
        """``location``: a path, or a URL with http or https."""
        self._location = location
        self._clock = clock
        self._keys: Mapping[str | None, PublicKey] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading = SingleFlight(self._read)

    def key(self, key_id: str | None) -> PublicKey | None:
        """The key called ``key_id``, or the only one there is for a token that names none.

        :raises AuthenticationUnavailable: the keys could not be read, now or lately.
        """
        if self._age() > MAX_AGE_SECONDS or self._found(key_id) is None:
            self._refresh(key_id)
        if self._age() > MAX_STALE_SECONDS:
            raise AuthenticationUnavailable
        return self._found(key_id)

    def _found(self, key_id: str | None) -> PublicKey | None:
        keys = self._keys
        return next(iter(keys.values())) if key_id is None and len(keys) == 1 else keys.get(key_id)

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _is_due(self) -> bool:
        return self._clock() - self._tried_at >= PAUSE_SECONDS

    def _refresh(self, key_id: str | None) -> None:
        due = self._is_due()  # before the other look: a run that begins in between is seen
        under_way = self._reading.is_under_way()
        if not (due or under_way):
            return
        if under_way and self._age() <= MAX_STALE_SECONDS and self._found(key_id):
            return  # who has the key does not wait for newer ones, which others have asked for
        with suppress(TimeoutError):
            outcome(self._reading.begin(), SECONDS_TO_WAIT)

    def _read(self) -> None:
        if not self._is_due():  # another run has just ended
            return
        self._tried_at = self._clock()
        try:
            self._keys = read_keys(self._location)
            self._read_at = self._clock()
        except (OSError, HTTPException, ValueError, WrongKeySet) as error:
            log.warning("key_set_not_read", location=self._location, reason=str(error))


def is_url(location: str) -> bool:
    return location.startswith(("https://", "http://"))


def read_keys(location: str) -> dict[str | None, PublicKey]:
    """The public keys for signatures at ``location``; those of other kinds are passed over.

    :raises OSError: it cannot be read. Also HTTPException.
    :raises WrongKeySet: it is no key set, or has none of these keys.
    """
    text = _fetched(location) if is_url(location) else Path(location).read_bytes()
    try:
        listed = parse(text)["keys"]
        found = {each.get("kid"): _public_key(each) for each in listed}
    except (Malformed, LookupError, TypeError, AttributeError):
        raise WrongKeySet("it is no JSON Web Key Set") from None
    usable = {key_id: key for key_id, key in found.items() if key is not None}
    if not usable:
        raise WrongKeySet("it has no public key for signatures")
    return usable


def _fetched(url: str) -> bytes:
    with urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - see is_url
        text: bytes = answer.read(MAX_BYTES)
    return text


def _public_key(jwk: dict[str, Any]) -> PublicKey | None:
    """None for a shared secret, a private key, one for encryption, or of an unknown kind."""
    if jwk.get("kty") not in {"RSA", "EC", "OKP"} or "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    try:
        return PublicKey(PyJWK(jwk).key, jwk["kty"], jwk.get("alg"))
    except jwt.PyJWTError:
        return None
