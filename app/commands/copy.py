"""``profiles copy``: all that one store holds, into another one."""

import click

from app import stores
from app.commands.options import TENANT, json_option, threads_option
from app.commands.services import core_on
from app.commands.transfer import Transfer
from app.services.copying import Copier
from app.services.originals import StoreSource
from app.services.scanning import count
from app.settings import StoreAddress, WrongSetting, read_settings, store_address
from app.stores import open_dao


def _address(_ctx: click.Context, _param: click.Parameter, url: str) -> StoreAddress:
    try:
        return store_address(url, "the URL")
    except WrongSetting as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("source", callback=_address, metavar="SOURCE_URL", envvar="PROFILES_COPY_SOURCE")
@click.argument("target", callback=_address, metavar="TARGET_URL", envvar="PROFILES_COPY_TARGET")
@click.option("--tenant", type=TENANT, help="Only this tenant; all of them unless given.")
@threads_option()
@json_option
def copy(
    source: StoreAddress, target: StoreAddress, tenant: int | None, threads: int, *, as_json: bool
) -> None:
    """Copy all that the store at SOURCE_URL holds into the one at TARGET_URL.

    A URL that is left out is that in PROFILES_COPY_SOURCE or PROFILES_COPY_TARGET: give one with
    a password there, as the command line can be read by every user of the machine.

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
            held = StoreSource(core.dao, settings.keep_past_for)
            tenants = held.tenants() if tenant is None else [tenant]
            total = sum(count(core.dao, each) for each in tenants)
            transfer = Transfer(tenants, total, "copied", "copying")
            done = transfer.run(Copier(held, opened, settings.keep_past_for), threads)
        finally:
            opened.close()
    transfer.tell(done, as_json=as_json)
