"""A principal: whoever a request comes from, as far as that is known."""

from dataclasses import dataclass

from app.access.privileges import ALL, Privilege


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``tenants`` is None for all of them."""

    name: str
    privileges: frozenset[Privilege]
    tenants: frozenset[int] | None = None


ANYBODY = Principal("anybody", ALL)
"""Every request where no authentication is asked for."""
