"""Bringing all of some tenants into a store, and telling what that came to."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

from app.commands.options import tell
from app.commands.progress import MAX_SAID, Progress, Task, progress
from app.services.copying import Copied, Copier, Left


@dataclass(frozen=True, slots=True)
class Transfer:
    """Bringing ``tenants``, which have so many ``profiles``. ``verb`` is what is done to them,
    ``doing`` the same while it is done."""

    tenants: list[int]
    profiles: int
    verb: str
    doing: str

    def run(self, copier: Copier, threads: int) -> Copied:
        """:raises TransferRefused: a tenant cannot be brought over."""
        with progress(Task(self.doing, "profiles", self.profiles)) as shown:
            return _shown(self._pages(copier, threads), shown)

    def tell(self, done: Copied, *, as_json: bool) -> None:
        """:raises ClickException: some profiles were left."""
        same = done.met - done.copied - len(done.left)
        told = f"{done.copied} profiles of {len(self.tenants)} tenants {self.verb}"
        result = {"tenants": self.tenants, self.verb: done.copied, "unchanged": same}
        left = [asdict(each) for each in done.left]
        text = f"{told}, {same} were there already"
        tell(result | {"left": left}, text, as_json=as_json)
        if done.left:
            raise click.ClickException(f"{len(done.left)} profiles could not be {self.verb}.")

    def _pages(self, copier: Copier, threads: int) -> Iterator[Copied]:
        copier.copy_secret()
        for tenant in self.tenants:
            yield from copier.copy(tenant, threads)


def _shown(pages: Iterator[Copied], shown: Progress) -> Copied:
    """All pages together, shown as they come."""
    met, copied, left = 0, 0, list[Left]()
    for page in pages:
        for each in page.left[: max(MAX_SAID - len(left), 0)]:
            shown.say(f"{each.customer_id} {each.why}")
        met, copied = met + page.met, copied + page.copied
        left += page.left
        shown.update(met, met)
    return Copied(met, copied, tuple(left))
