"""How often passwords may be guessed.

Who tries one name from one address has an allowance of the usual size. So that neither many
addresses nor many names get an attacker further, all the addresses that try a name share one, and
all the names that are tried from an address, `BREADTH` times as large. Those two do not stop an
address that the password has come from lately: others cannot keep its user out.
"""

from collections.abc import Iterator

from app.access.errors import TooManyRequests
from app.access.rates import Limiter

BREADTH = 4


class Guesses:
    """What may be guessed from ``address``; any number of times without a ``limiter``."""

    def __init__(self, address: str, limiter: Limiter | None) -> None:
        self.address = address
        self._limiter = limiter

    def take(self, name: str, *, known: bool) -> None:
        """Before a password of ``name`` is looked at, so that many at once are counted too.

        ``known``: the password has come from this address lately.

        :raises TooManyRequests: there were too many wrong ones. Nothing was taken.
        """
        if self._limiter is None:
            return
        taken: list[tuple[str, int]] = []
        for caller, times in self._allowances(name, known=known):
            rate = self._limiter.spend(caller, times)
            if rate.wait:
                self._return(taken)
                raise TooManyRequests(rate.wait)
            taken.append((caller, times))

    def give_back(self, name: str, *, known: bool) -> None:
        """What was taken, as the password was right."""
        self._return(self._allowances(name, known=known))

    def _allowances(self, name: str, *, known: bool) -> Iterator[tuple[str, int]]:
        yield f"password {self.address} {name}", 1
        if not known:
            yield f"passwords of {name}", BREADTH
            yield f"passwords from {self.address}", BREADTH

    def _return(self, taken: Iterator[tuple[str, int]] | list[tuple[str, int]]) -> None:
        if self._limiter is not None:
            for caller, times in taken:
                self._limiter.give_back(caller, times)
