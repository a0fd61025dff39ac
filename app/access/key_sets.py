"""The public keys of an issuer of tokens: a JSON Web Key Set (RFC 7517) in a file or at a URL."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import jwt
import structlog
from jwt import PyJWK

from app.access.errors import AuthenticationUnavailable
from schemas.document import parse
from schemas.faults import Malformed

MAX_AGE_SECONDS = 300
MAX_STALE_SECONDS = 3600
PAUSE_SECONDS = 10
TIMEOUT_SECONDS = 3
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

    Never more than one thread reads, and an unknown id makes it read once in `PAUSE_SECONDS`
    at most. While the source is away, keys stay good for `MAX_STALE_SECONDS`.
    """

    def __init__(self, location: str, clock: Clock = time.monotonic) -> None:
        """``location``: a path, or a URL with http or https."""
        self._location = location
        self._clock = clock
        self._keys: Mapping[str | None, PublicKey] = {}
        self._read_at = self._tried_at = float("-inf")
        self._lock = threading.Lock()

    def key(self, key_id: str | None) -> PublicKey | None:
        """The key called ``key_id``, or the only one there is for a token that names none.

        :raises AuthenticationUnavailable: the keys could not be read, now or lately.
        """
        if self._age() > MAX_AGE_SECONDS or self._found(key_id) is None:
            self._refresh()
        if self._age() > MAX_STALE_SECONDS:
            raise AuthenticationUnavailable
        return self._found(key_id)

    def _found(self, key_id: str | None) -> PublicKey | None:
        keys = self._keys
        return next(iter(keys.values())) if key_id is None and len(keys) == 1 else keys.get(key_id)

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _refresh(self) -> None:
        # Who has keys does not wait for another thread's attempt to have newer ones.
        if not self._lock.acquire(blocking=not self._keys):
            return
        try:
            if self._clock() - self._tried_at >= PAUSE_SECONDS:
                self._tried_at = self._clock()
                self._keys = read_keys(self._location)
                self._read_at = self._clock()
        except (OSError, HTTPException, ValueError, WrongKeySet) as error:
            log.warning("key_set_not_read", location=self._location, reason=str(error))
        finally:
            self._lock.release()


def is_url(location: str) -> bool:
    return location.startswith(("https://", "http://"))


def read_keys(location: str) -> dict[str | None, PublicKey]:
    """The public keys for signatures at ``location``; those of other kinds are passed over.

    :raises OSError: it cannot be read. Also HTTPException.
    :raises WrongKeySet: it is no key set, or has none of these keys.
    """
    if is_url(location):
        with urlopen(location, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - see is_url
            text = answer.read(MAX_BYTES)
    else:
        text = Path(location).read_bytes()
    try:
        listed = parse(text)["keys"]
        found = {each.get("kid"): _public_key(each) for each in listed}
    except (Malformed, LookupError, TypeError, AttributeError):
        raise WrongKeySet("it is no JSON Web Key Set") from None
    usable = {key_id: key for key_id, key in found.items() if key is not None}
    if not usable:
        raise WrongKeySet("it has no public key for signatures")
    return usable


def _public_key(jwk: dict[str, Any]) -> PublicKey | None:
    """None for a shared secret, a private key, one for encryption, or of an unknown kind."""
    if jwk.get("kty") not in {"RSA", "EC", "OKP"} or "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    try:
        return PublicKey(PyJWK(jwk).key, jwk["kty"], jwk.get("alg"))
    except jwt.PyJWTError:
        return None
