"""``profiles``: the commands, and how their errors are told."""

import click

from app import __version__
from app.commands.auth import auth
from app.commands.completion import completion
from app.commands.copy import copy
from app.commands.definition import definition
from app.commands.digest import digest
from app.commands.doctor import doctor
from app.commands.export import export
from app.commands.load import load
from app.commands.migrate import migrate
from app.commands.reindex import reindex
from app.commands.serve import serve
from app.dao.errors import MigrationStopped, StoreUnavailable
from app.services.errors import StoreBusy, TransferRefused
from app.settings import WrongSetting

INTERRUPTED = 130


class StoreProblem(click.ClickException):
    """What may work when it is tried again: the store is away, or others are at it."""

    exit_code = 3


class Commands(click.Group):
    """Tells an expected error in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            raise StoreProblem(
                f"The store cannot be used: {error}. Check PROFILES_STORE, or the URL."
            ) from None
        except StoreBusy as error:
            raise StoreProblem(
                "Other writers of the same profiles were faster; run it again."
            ) from error
        except (WrongSetting, MigrationStopped, TransferRefused) as error:
            raise click.ClickException(str(error)) from None
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """The customer profile service. Settings come from PROFILES_* variables."""


main.add_command(auth)
main.add_command(completion)
main.add_command(copy)
main.add_command(definition)
main.add_command(digest)
main.add_command(doctor)
main.add_command(export)
main.add_command(load)
main.add_command(migrate)
main.add_command(reindex)
main.add_command(serve)
