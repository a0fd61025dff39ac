"""The gate: who comes in, and how often."""

from typing import TYPE_CHECKING

from app.access.credentials import Credentials
from app.access.errors import TooManyRequests, Unauthenticated
from app.access.guesses import Guesses
from app.access.principal import ANYBODY, Principal
from app.access.rates import Limiter, Rate

if TYPE_CHECKING:  # it takes 9 MB of a worker, which needs it only where somebody is asked
    from app.access.authenticator import Authenticator


class Gate:
    """Asks who it is where there is an ``authenticator``, counts where there is a ``limiter``."""

    def __init__(self, authenticator: "Authenticator | None", limiter: Limiter | None) -> None:
        self._authenticator = authenticator
        self.limiter = limiter

    def principal(self, given: Credentials, address: str) -> Principal:
        """Who asks, from the client's ``address``; refusals are counted by that.

        :raises Unauthenticated: nobody who is known.
        :raises AuthenticationUnavailable: that cannot be found out now.
        :raises TooManyRequests: there were too many refusals. It keeps nobody out whose
            credentials are right, but see `Guesses` for passwords.
        """
        if self._authenticator is None:
            return ANYBODY
        try:
            return self._authenticator.principal(given, Guesses(address, self.limiter))
        except Unauthenticated:
            if self.limiter is not None:
                refuse_beyond(self.limiter.spend(f"refused {address}"))
            raise

    def spend(self, principal: Principal, address: str) -> Rate | None:
        """Count a request of the principal; anybody is told apart by ``address`` only."""
        caller = f"anybody {address}" if principal is ANYBODY else principal.name
        return None if self.limiter is None else self.limiter.spend(caller)


def refuse_beyond(rate: Rate) -> None:
    """:raises TooManyRequests: nothing is left."""
    if rate.wait:
        raise TooManyRequests(rate.wait)
