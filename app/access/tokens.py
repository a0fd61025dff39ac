"""Bearer tokens (RFC 6750): JSON Web Tokens of an issuer that the access file names."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from app.access.key_sets import KeySet, PublicKey
from app.access.principal import EVERY, Principal, Tenants
from app.access.privileges import Privilege
from app.access.recent import Recent
from app.limits import tenant_number

SECONDS_KEPT = 60
LEEWAY_SECONDS = 10
DATES = ("exp", "nbf", "iat")
LAST_MOMENT = 253_402_300_799  # the end of the year 9999

# By the start of an algorithm's name: the kind of its keys. None of them is a shared secret.
KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
ALGORITHMS = tuple(name for name in jwt.algorithms.get_default_algorithms() if name[:2] in KINDS)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What tokens are taken, and what their claims mean.

    Without ``tenants_claim``, all of them may use ``tenants``.
    """

    issuer: str
    audience: str
    jwks: str
    algorithms: tuple[str, ...]
    roles_claim: str = "roles"
    tenants_claim: str | None = None
    tenants: Tenants = None


class Tokens:
    """Checks tokens, and remembers good ones for a minute, never beyond their end."""

    def __init__(
        self, rules: TokenRules, roles: Mapping[str, frozenset[Privilege]], keys: KeySet
    ) -> None:
        self._rules = rules
        self._roles = roles
        self._keys = keys
        self._good = Recent[Principal]()

    def principal(self, token: str) -> Principal | None:
        """Whose ``token`` it is, None where it is not good.

        :raises AuthenticationUnavailable: the issuer's keys cannot be read.
        """
        digest = hashlib.sha256(token.encode()).digest()
        if known := self._good.get(digest):
            return known
        try:
            claims = self._claims(token)
            _check_subject(claims["sub"])
            moments = {name: _moment(claims[name]) for name in DATES if name in claims}
        except (jwt.PyJWTError, UnicodeEncodeError, OverflowError):
            return None
        found = self._principal(claims)
        left = moments["exp"] - time.time()
        self._good.keep(digest, found, min(left, SECONDS_KEPT))
        return found

    def _claims(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in self._rules.algorithms:
            raise jwt.InvalidAlgorithmError
        key = self._keys.key(header.get("kid"))
        if key is None or not _fits(key, algorithm):
            raise jwt.InvalidKeyError
        return jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            issuer=self._rules.issuer,
            audience=self._rules.audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )

    def _principal(self, claims: dict[str, Any]) -> Principal:
        rules, tenants = self._rules, self._rules.tenants
        if rules.tenants_claim is not None:
            tenants = _tenants(_claim(claims, rules.tenants_claim))
        held = [self._roles[name] for name in _names(claims, rules) if name in self._roles]
        return Principal(f"jwt:{claims['sub']}", frozenset[Privilege]().union(*held), tenants)


def _check_subject(subject: str) -> None:
    """:raises PyJWTError: it is nobody. Also UnicodeEncodeError, as it could not be logged."""
    subject.encode()
    if not subject.strip():
        raise jwt.exceptions.InvalidSubjectError


def _moment(claim: int | float | str) -> float:
    """A moment in seconds, out of what PyJWT takes for one.

    :raises PyJWTError: no calendar has it. Also OverflowError.
    """
    seconds = float(claim)
    if abs(seconds) > LAST_MOMENT:
        raise jwt.DecodeError
    return seconds


def _fits(key: PublicKey, algorithm: str) -> bool:
    return KINDS[algorithm[:2]] == key.kind and key.algorithm in (None, algorithm)


def _claim(claims: Any, name: str) -> Any:
    """A claim by its name, or by a path of names with dots between."""
    if isinstance(claims, dict) and name in claims:
        return claims[name]
    first, dot, rest = name.partition(".")
    return _claim(claims.get(first), rest) if dot and isinstance(claims, dict) else None


def _names(claims: dict[str, Any], rules: TokenRules) -> list[str]:
    """The roles that the claims name, in a list or with spaces between; others are ignored."""
    value = _claim(claims, rules.roles_claim)
    listed = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, str)]


def _tenants(value: Any) -> Tenants:
    """The tenants in a claim: numbers, also as text, one or several; ``*`` for all."""
    if value == EVERY:
        return None
    listed = value if isinstance(value, list) else [value]
    texts = [str(each) for each in listed if isinstance(each, int | str)]
    return frozenset(each for each in map(tenant_number, texts) if each is not None)
