"""A principal: whoever a request comes from, as far as that is known."""

from dataclasses import dataclass

from app.access.privileges import ALL, Privilege

EVERY = "*"
"""All tenants, or all privileges, where they are listed."""

Tenants = frozenset[int] | None
"""The tenants that a principal may use; None for all of them."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. The name starts with the method, so that no two principals share one."""

    name: str
    privileges: frozenset[Privilege]
    tenants: Tenants = None

    def may_use(self, tenant: int) -> bool:
        return self.tenants is None or tenant in self.tenants


ANYBODY = Principal("anybody", ALL)
"""Every request where no authentication is asked for."""
