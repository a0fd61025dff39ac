"""What can stop a request before it is looked at."""

from collections.abc import Sequence


class Unauthenticated(Exception):
    """The credentials are missing or not right; which of both, and why, is told nobody."""

    def __init__(self, challenges: Sequence[str]) -> None:
        """``challenges``: what is taken instead, as in ``WWW-Authenticate`` (RFC 9110)."""
        self.headers = {"WWW-Authenticate": list(challenges)}
        super().__init__("unauthenticated")


class AuthenticationUnavailable(Exception):
    """Credentials of this kind cannot be checked now."""


class TenantNotAllowed(Exception):
    """The principal may not use this tenant."""


class TooManyRequests(Exception):
    """The rate limit is used up."""

    def __init__(self, seconds: int) -> None:
        """``seconds``: when it is worth to ask again."""
        self.headers = {"Retry-After": str(seconds)}
        super().__init__(f"again in {seconds} s")
