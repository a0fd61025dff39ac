"""``profiles load``: many profiles out of a file, with progress, resumable."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import click
import orjson

from app.commands.backup import load_backup
from app.commands.checkpoint import checkpoint_of, read_checkpoint, save_checkpoint
from app.commands.load_processes import LoadProcesses
from app.commands.options import Work, json_option, some_tenant_option, tell, threads_option
from app.commands.private_files import open_at
from app.commands.progress import MAX_SAID, Progress, Task, progress
from app.commands.services import core_on
from app.services.backup_files import is_backup
from app.services.bounded_lines import bounded_lines
from app.services.loading import Chunk, Line, Loader, Refused
from app.settings import read_settings


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a file has been loaded.

    ``source`` says which file into which tenant and store; ``report`` is how many bytes of
    the report belong to the lines that are done.
    """

    source: str
    lines: int = 0
    end: int = 0
    loaded: int = 0
    refused: int = 0
    report: int = 0

    def after(self, chunk: Chunk, report: int) -> "Checkpoint":
        """The checkpoint when ``chunk`` is stored and reported too."""
        return Checkpoint(
            source=self.source,
            lines=chunk.lines,
            end=chunk.end,
            loaded=self.loaded + chunk.loaded,
            refused=self.refused + len(chunk.refused),
            report=report,
        )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@some_tenant_option
@threads_option(64)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=lambda: len(os.sched_getaffinity(0)),
    show_default="one per processor",
    help="Processes that the threads are in; of a backup, always one.",
)
@json_option
def load(file: Path, processes: int, **work: Any) -> None:
    """Load profiles from FILE, one JSON object per line, or a backup.

    A profile that is there already is overwritten with all its extensions. Refused lines are
    reported in FILE.refused.ndjson. After an interruption, the same command goes on where it
    stopped.

    A backup, as `profiles export --whole` writes it, is loaded as `profiles copy` copies: all
    as it was, into a store that is not served meanwhile. A file that was changed or cut off is
    refused. What is there already stays untouched.
    """
    if is_backup(file):
        load_backup(file, Work(**work))
    else:
        _load(file, Work(**work), processes)


def _load(file: Path, work: Work, processes: int) -> None:
    settings, tenant = read_settings(), work.one_tenant
    status = file.stat()
    source = f"{status.st_size} bytes, {status.st_mtime_ns}, tenant {tenant}, {settings.store}"
    with core_on(settings) as core:
        loader = Loader(core.profile_service(), core.definitions, tenant, settings.max_body)
        count = min(processes, work.threads)
        with LoadProcesses(core, loader, count, work.threads // count) as started:
            done = _load_file(file, _resumed(file, source), started, settings.max_body)
    report = str(_report(file)) if done.refused else None
    result: dict[str, Any] = {"tenant": tenant, "loaded": done.loaded, "refused": done.refused}
    told = f"{done.loaded} profiles loaded into tenant {tenant}"
    tell(result | {"report": report}, told, as_json=work.as_json)
    if done.refused:
        raise click.ClickException(f"{done.refused} lines were refused, see {report}.")


def _load_file(file: Path, done: Checkpoint, processes: LoadProcesses, longest: int) -> Checkpoint:
    task = Task("loading", "lines", file.stat().st_size, done.end, done.lines)
    with (
        file.open("rb") as source,
        open_at(_report(file), done.report) as report,
        progress(task) as shown,
    ):
        source.seek(done.end)
        for chunk in processes.load(_lines(source, done, longest)):
            _tell(chunk.refused, report, shown, before=done.refused)
            done = done.after(chunk, report.tell())
            save_checkpoint(file, done)
            shown.update(done.end, done.lines)
    checkpoint_of(file).unlink(missing_ok=True)
    if not done.refused:
        _report(file).unlink()
    return done


def _lines(source: IO[bytes], done: Checkpoint, longest: int) -> Iterator[Line]:
    end = done.end
    for number, (text, size) in enumerate(bounded_lines(source, longest), start=done.lines + 1):
        end += size
        yield Line(number, text, end)


def _tell(refused: tuple[Refused, ...], report: IO[bytes], shown: Progress, before: int) -> None:
    """Write the refusals down; the first few of a file are shown as well."""
    for count, refusal in enumerate(refused, start=before):
        faults = [asdict(fault) for fault in refusal.faults]
        report.write(orjson.dumps({"line": refusal.line, "errors": faults}) + b"\n")
        if count < MAX_SAID:
            shown.say(f"line {refusal.line}: {'; '.join(map(str, refusal.faults))}")
    report.flush()


def _resumed(file: Path, source: str) -> Checkpoint:
    """Where an earlier run from the same source stopped, or the start."""
    done = read_checkpoint(file, Checkpoint)
    if done is None:
        return Checkpoint(source)
    if done.source != source:
        raise click.ClickException(
            f"{file} was changed since it was loaded in part, or is meant for another tenant or"
            f" store now; remove {checkpoint_of(file)} to start again from its first line."
        )
    click.echo(f"going on after line {done.lines}", err=True)
    return done


def _report(file: Path) -> Path:
    return file.with_name(file.name + ".refused.ndjson")
