"""Options that several commands have, and how they tell what they did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click
import orjson

from app.limits import MAX_TENANT
from app.settings import DEFAULT_TENANT

C = TypeVar("C", bound=Callable[..., Any])

TENANT = click.IntRange(0, MAX_TENANT)

tenant_option = click.option(
    "--tenant", type=TENANT, default=DEFAULT_TENANT, show_default=True, help="The tenant's number."
)
some_tenant_option = click.option(
    "--tenant", type=TENANT, help=f"{DEFAULT_TENANT} unless given; all of them, of a backup."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Tell it as one JSON object on standard output."
)


def threads_option(default: int = 16) -> Callable[[C], C]:
    """How many profiles are worked at together."""
    return click.option(
        "--threads",
        type=click.IntRange(1, 256),
        default=default,
        show_default=True,
        help="Profiles at a time.",
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What `some_tenant_option`, `threads_option` and `json_option` say."""

    tenant: int | None
    threads: int
    as_json: bool

    @property
    def one_tenant(self) -> int:
        """The tenant where it must be one."""
        return DEFAULT_TENANT if self.tenant is None else self.tenant


def tell(result: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """``result`` for a program, or ``text`` for a person, on standard output."""
    click.echo(orjson.dumps(result).decode() if as_json else text)
