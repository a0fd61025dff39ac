"""From the credentials of a request to its principal, by the methods that are on."""

from dataclasses import dataclass
from pathlib import Path

from app.access.api_keys import PREFIX, ApiKeys
from app.access.credentials import Credentials
from app.access.errors import AuthenticationUnavailable, Unauthenticated
from app.access.file import AccessFile, read_access
from app.access.guesses import Guesses
from app.access.key_sets import KeySet
from app.access.passwords import Passwords
from app.access.principal import Principal
from app.access.tokens import Tokens
from app.access.watched import Watched
from app.limits import KEY_HEADER
from schemas.faults import Fault, Invalid

API_KEY, BASIC, JWT = "api_key", "basic", "jwt"

CHALLENGES = {
    API_KEY: f'ApiKey realm="profiles", header="{KEY_HEADER}"',
    BASIC: 'Basic realm="profiles", charset="UTF-8"',
    JWT: 'Bearer realm="profiles"',
}


@dataclass(frozen=True, slots=True)
class _Checks:
    """What checks credentials, None where the method is off."""

    keys: ApiKeys | None
    passwords: Passwords | None
    tokens: Tokens | None


class Authenticator:
    """Knows who may come in, as the access file says at the time."""

    def __init__(self, methods: tuple[str, ...], file: Path) -> None:
        self._methods = methods
        self._file = file
        self._folder = file.parent
        self._challenges = [CHALLENGES[method] for method in methods]
        self._key_sets: dict[str, KeySet] = {}
        self._checks = Watched(file, self._read)

    def check(self) -> None:
        """
        :raises Invalid: the file is wrong, or lacks what the methods need.
        :raises OSError: it cannot be read. Also UnicodeDecodeError.
        """
        self._read(self._file.read_text(encoding="utf-8"))

    def look(self) -> bool:
        """Look for a new version of the file now. False where the one that is there is refused."""
        self._checks.look()
        return not self._checks.is_refused

    def principal(self, given: Credentials, guesses: Guesses) -> Principal:
        """Who asks.

        :raises Unauthenticated: nobody who is known.
        :raises AuthenticationUnavailable: that cannot be found out now.
        :raises TooManyRequests: too many passwords were wrong.
        """
        found = self._find(given, guesses)
        if found is None:
            raise Unauthenticated(self._challenges)
        return found

    def _find(self, given: Credentials, guesses: Guesses) -> Principal | None:
        checks, key = self._checks.current(), given.api_key
        if checks is None:
            raise AuthenticationUnavailable
        scheme, _, text = (given.authorization or "").partition(" ")
        scheme, text = scheme.lower(), text.strip()
        if key is None and scheme == "bearer" and text.startswith(PREFIX):
            key = text
        if checks.keys and key is not None:
            return checks.keys.principal(key)
        if checks.passwords and scheme == "basic":
            return checks.passwords.principal(text, guesses)
        if checks.tokens and scheme == "bearer":
            return checks.tokens.principal(text)
        return None

    def _read(self, text: str) -> _Checks:
        file = read_access(text, self._folder)
        on = self._methods
        if JWT in on and file.jwt is None:
            raise Invalid([Fault("/jwt", "is mandatory where PROFILES_AUTH has jwt")])
        return _Checks(
            ApiKeys(file.keys) if API_KEY in on else None,
            Passwords(file.users) if BASIC in on else None,
            self._tokens(file) if JWT in on else None,
        )

    def _tokens(self, file: AccessFile) -> Tokens | None:
        """The keys of an issuer outlive the version of the file, as they may be away now."""
        if file.jwt is None:
            return None
        keys = self._key_sets.setdefault(file.jwt.jwks, KeySet(file.jwt.jwks))
        return Tokens(file.jwt, file.roles, keys)
