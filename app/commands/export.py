"""``profiles export``: all profiles of a tenant, as the lines that ``load`` takes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from app.commands.backup import write_backup
from app.commands.checkpoint import going_on, writing
from app.commands.options import Work, json_option, some_tenant_option, tell, threads_option
from app.commands.private_files import open_at
from app.commands.progress import Task, progress
from app.commands.services import core_on
from app.services.exporting import Exported, Exporter
from app.services.scanning import count
from app.settings import read_settings
from schemas.writing import to_yaml

if TYPE_CHECKING:
    from app.core import Core


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a tenant has been exported.

    ``source`` says which tenant of which store; ``met`` of ``total`` profiles were looked at,
    ``exported`` of them are in the first ``end`` bytes of the file; it goes on at ``next``.
    """

    source: str
    total: int
    met: int = 0
    exported: int = 0
    end: int = 0
    next: str | None = None

    def after(self, page: Exported, end: int) -> "Checkpoint":
        """The checkpoint when ``page`` is written too."""
        return Checkpoint(
            source=self.source,
            total=self.total,
            met=self.met + page.met,
            exported=self.exported + len(page.lines),
            end=end,
            next=page.next,
        )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--whole", is_flag=True, help="Write a backup of everything, not profiles alone.")
@some_tenant_option
@click.option(
    "--definition",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the tenant's definition there, as YAML.",
)
@threads_option()
@json_option
def export(file: Path | None, definition: Path | None, *, whole: bool, **work: Any) -> None:
    """Export the profiles of a tenant to FILE, or to standard output.

    One JSON object per line, with all extensions, as `profiles load` takes it. With --whole it
    is a backup of all tenants, which `profiles load` takes too: also their definitions, deleted
    profiles, old versions and the ids of merged profiles. After an interruption, the same
    command goes on where it stopped. Nothing is masked, so only the owner may read FILE.
    """
    if file is None and work["as_json"]:
        raise click.UsageError("--json needs FILE: without it, standard output has the profiles.")
    if whole and definition:
        raise click.UsageError("--whole has the definitions already; leave --definition away.")
    if whole:
        write_backup(file, Work(**work))
    else:
        _export(file, definition, Work(**work))


def _export(file: Path | None, definition: Path | None, work: Work) -> None:
    settings, tenant = read_settings(), work.one_tenant
    with core_on(settings) as core:
        if definition:
            text = to_yaml(core.definitions.refreshed(tenant).definition)
            with open_at(definition, 0) as target:
                target.write(text.encode())
        start = Checkpoint(f"tenant {tenant}, {settings.store}", count(core.dao, tenant))
        if file:
            done = _to_file(file, start, _exporter(core, tenant), work.threads)
        else:
            done = _to_output(start, _exporter(core, tenant), work.threads)
    result: dict[str, Any] = {"tenant": tenant, "exported": done.exported, "bytes": done.end}
    told = f"{done.exported} profiles of tenant {tenant} exported"
    if file:
        tell(result, told, as_json=work.as_json)
    else:
        click.echo(told, err=True)


def _exporter(core: "Core", tenant: int) -> Exporter:
    return Exporter(core.dao, core.survivors, core.definitions, tenant)


def _to_file(file: Path, start: Checkpoint, exporter: Exporter, threads: int) -> Checkpoint:
    begun = going_on(file, start)
    with writing(file, begun.end) as (target, save):
        save(begun)
        return _write(target, begun, exporter, threads, save)


def _to_output(start: Checkpoint, exporter: Exporter, threads: int) -> Checkpoint:
    return _write(sys.stdout.buffer, start, exporter, threads, None)


def _write(
    target: IO[bytes],
    done: Checkpoint,
    exporter: Exporter,
    threads: int,
    save: Callable[[Checkpoint], None] | None,
) -> Checkpoint:
    """Write the rest; ``save`` keeps a checkpoint, None where the work cannot be resumed."""
    task = Task("exporting", "profiles", done.total, done.met, done.met, resumes=bool(save))
    with progress(task, bar=not target.isatty()) as shown:
        for page in exporter.export(done.next, threads):
            target.writelines(page.lines)
            done = done.after(page, done.end + sum(map(len, page.lines)))
            shown.update(done.met, done.met)
            if save and page.next is not None:
                save(done)
    target.flush()
    return done
