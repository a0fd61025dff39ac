"""``profiles load``: many profiles out of a file, with progress, resumable."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.factory import compose
from app.services.loading import Chunk, Line, Loader, Refused
from app.settings import DEFAULT_TENANT, read_settings
from app.stores import open_dao

SHOWN_REFUSALS = 10


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
@click.option(
    "--tenant",
    type=click.IntRange(0, 10**18 - 1),
    default=DEFAULT_TENANT,
    show_default=True,
    help="The tenant's number.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=16,
    show_default=True,
    help="Profiles written at a time.",
)
def load(file: Path, tenant: int, threads: int) -> None:
    """Load profiles from FILE, one JSON object per line.

    A profile that is there already is overwritten with all its extensions. Refused lines are
    reported in FILE.refused.ndjson. After an interruption, the same command goes on where it
    stopped.
    """
    settings = read_settings()
    dao = open_dao(settings.store)
    core = compose(settings, dao)
    status = file.stat()
    source = f"{status.st_size} bytes, {status.st_mtime_ns}, tenant {tenant}, {settings.store}"
    loader = Loader(core.profile_service(), core.definitions, tenant, settings.max_body)
    try:
        done = _load_file(file, _resumed(file, source), loader, threads)
    finally:
        dao.close()
    click.echo(f"{done.loaded} profiles loaded into tenant {tenant}")
    if done.refused:
        raise click.ClickException(f"{done.refused} lines were refused, see {_report(file)}.")


def _load_file(file: Path, done: Checkpoint, loader: Loader, threads: int) -> Checkpoint:
    size = file.stat().st_size
    _report(file).touch()
    with file.open("rb") as source, _report(file).open("r+b") as report, _progress() as progress:
        bar = progress.add_task("loading", total=size, completed=done.end, lines=done.lines)
        source.seek(done.end)
        report.truncate(report.seek(done.report))
        for chunk in loader.load(_lines(source, done), threads):
            _tell(chunk.refused, report, progress.console, shown=done.refused)
            done = done.after(chunk, report.tell())
            _save(file, done)
            progress.update(bar, completed=done.end, lines=done.lines)
    _checkpoint(file).unlink(missing_ok=True)
    if not done.refused:
        _report(file).unlink()
    return done


def _lines(source: IO[bytes], done: Checkpoint) -> Iterator[Line]:
    end = done.end
    for number, text in enumerate(source, start=done.lines + 1):
        end += len(text)
        yield Line(number, text, end)


def _tell(refused: tuple[Refused, ...], report: IO[bytes], console: Console, shown: int) -> None:
    """Write the refusals down; the first few of a file are shown as well."""
    for count, refusal in enumerate(refused, start=shown):
        faults = [asdict(fault) for fault in refusal.faults]
        report.write(orjson.dumps({"line": refusal.line, "errors": faults}) + b"\n")
        if count < SHOWN_REFUSALS:
            told = "; ".join(map(str, refusal.faults))
            console.print(f"line {refusal.line}: {told}", markup=False, highlight=False)
    report.flush()


def _resumed(file: Path, source: str) -> Checkpoint:
    """Where an earlier run from the same source stopped, or the start."""
    try:
        done = Checkpoint(**orjson.loads(_checkpoint(file).read_bytes()))
    except FileNotFoundError:
        return Checkpoint(source)
    except (ValueError, TypeError):
        raise click.ClickException(
            f"{_checkpoint(file)} cannot be read; remove it to start again from the first line."
        ) from None
    if done.source != source:
        raise click.ClickException(
            f"{file} was changed since it was loaded in part, or is meant for another tenant or"
            f" store now; remove {_checkpoint(file)} to start again from its first line."
        )
    click.echo(f"going on after line {done.lines}")
    return done


def _save(file: Path, done: Checkpoint) -> None:
    """Written aside and moved into place, so that a crash leaves a whole one."""
    aside = file.with_name(file.name + ".progress.new")
    with aside.open("wb") as written:
        written.write(orjson.dumps(done))
        written.flush()
        os.fsync(written.fileno())
    aside.replace(_checkpoint(file))


def _checkpoint(file: Path) -> Path:
    return file.with_name(file.name + ".progress")


def _report(file: Path) -> Path:
    return file.with_name(file.name + ".refused.ndjson")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[lines]} lines"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
