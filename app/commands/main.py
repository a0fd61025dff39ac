"""``profiles``: the commands, and how their errors are told."""

import click

from app import __version__
from app.commands.auth import auth
from app.commands.load import load
from app.commands.migrate import migrate
from app.commands.reindex import reindex
from app.commands.serve import serve
from app.dao.errors import MigrationStopped, StoreUnavailable
from app.services.errors import StoreBusy
from app.settings import WrongSetting


class Commands(click.Group):
    """Tells an expected error in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            raise click.ClickException(
                f"The store cannot be used: {error}. Check PROFILES_STORE."
            ) from None
        except StoreBusy as error:
            raise click.ClickException(
                "Other writers of the same profiles were faster; run it again."
            ) from error
        except (WrongSetting, MigrationStopped) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """The customer profile service. Settings come from PROFILES_* variables."""


main.add_command(auth)
main.add_command(load)
main.add_command(migrate)
main.add_command(reindex)
main.add_command(serve)
