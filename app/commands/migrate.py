"""``profiles migrate``: prepare the store for this release."""

import click

from app import stores
from app.settings import read_settings

ENTRIES_MISSING = (
    "profiles are stored here that identify does not find yet: once no server of the earlier"
    " release runs any more, run `profiles reindex`"
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list what would be applied.")
@click.option(
    "--resume", is_flag=True, help="Go on with a migration that an earlier run left unfinished."
)
@click.option("--quiet", is_flag=True, help="Say nothing when there is nothing to apply.")
def migrate(*, dry_run: bool, resume: bool, quiet: bool) -> None:
    """Prepare the store in PROFILES_STORE: make it, and apply the migrations it lacks."""
    names = stores.migrate(read_settings().store, dry_run=dry_run, resume=resume)
    for name in names:
        click.echo(f"{'would apply' if dry_run else 'applied'} {name}")
    if not dry_run and stores.lacks_entries(names):
        click.echo(ENTRIES_MISSING)
    if not names and not quiet:
        click.echo("the store is up to date")
