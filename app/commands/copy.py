"""``profiles copy``: all that one store holds, into another one."""

from collections.abc import Iterator
from dataclasses import asdict

import click

from app import stores
from app.commands.options import TENANT, json_option, tell, threads_option
from app.commands.progress import MAX_SAID, Progress, Task, progress
from app.commands.services import core_on
from app.services.copying import Copied, Copier, CopyRefused, Left
from app.services.scanning import count
from app.settings import StoreAddress, WrongSetting, read_settings, store_address
from app.stores import open_dao


def _address(_ctx: click.Context, _param: click.Parameter, url: str) -> StoreAddress:
    try:
        return store_address(url, "the URL")
    except WrongSetting as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("source", callback=_address, metavar="SOURCE_URL")
@click.argument("target", callback=_address, metavar="TARGET_URL")
@click.option("--tenant", type=TENANT, help="Only this tenant; all of them unless given.")
@threads_option
@json_option
def copy(
    source: StoreAddress, target: StoreAddress, tenant: int | None, threads: int, *, as_json: bool
) -> None:
    """Copy all that the store at SOURCE_URL holds into the one at TARGET_URL.

    The target is prepared first. Definitions and profiles are copied in every state, with their
    versions, so that entity tags, the history and the ids of merged profiles stay good. What
    the target has already as it is in the source stays untouched: run it again to go on after
    an interruption, or to catch up. Profiles may be written at the source meanwhile;
    definitions may not be changed, and the target may not be served.
    """
    if source == target:
        raise click.UsageError("SOURCE_URL and TARGET_URL name the same store.")
    settings = read_settings()
    with core_on(settings, source) as core:
        stores.migrate(target)
        opened = open_dao(target)
        try:
            copier = Copier(core.dao, opened, core.definitions, settings.keep_past_for)
            tenants = copier.tenants() if tenant is None else [tenant]
            total = sum(count(core.dao, each) for each in tenants)
            with progress(Task("copying", "profiles", total)) as shown:
                done = _copied(_pages(copier, tenants, threads), shown)
        except CopyRefused as error:
            raise click.ClickException(str(error)) from None
        finally:
            opened.close()
    same = done.met - done.copied - len(done.left)
    text = f"{done.copied} profiles of {len(tenants)} tenants copied, {same} were there already"
    result = {"tenants": tenants, "copied": done.copied, "unchanged": same}
    left = [asdict(each) for each in done.left]
    tell(result | {"left": left}, text, as_json=as_json)
    if done.left:
        raise click.ClickException(f"{len(done.left)} profiles could not be copied.")


def _pages(copier: Copier, tenants: list[int], threads: int) -> Iterator[Copied]:
    copier.copy_secret()
    for tenant in tenants:
        yield from copier.copy(tenant, threads)


def _copied(pages: Iterator[Copied], shown: Progress) -> Copied:
    """All pages together, shown as they come."""
    met, copied, left = 0, 0, list[Left]()
    for page in pages:
        for each in page.left[: max(MAX_SAID - len(left), 0)]:
            shown.say(f"{each.customer_id} {each.why}")
        met, copied = met + page.met, copied + page.copied
        left += page.left
        shown.update(met, met)
    return Copied(met, copied, tuple(left))
