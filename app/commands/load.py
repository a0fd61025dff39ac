"""``profiles load``: many profiles out of a file, with progress, resumable."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.definition import load_schema
from app.services.loading import Chunk, Line, Loader, Refused
from app.services.profiles import ProfileService
from app.settings import DEFAULT_TENANT, read_settings
from app.stores import open_dao

SHOWN_REFUSALS = 10


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a file has been loaded; ``size`` is that of the file, to know it again."""

    size: int
    lines: int = 0
    end: int = 0
    refused: int = 0

    def after(self, chunk: Chunk) -> "Checkpoint":
        """The checkpoint when ``chunk`` is stored too."""
        refused = self.refused + len(chunk.refused)
        return Checkpoint(self.size, chunk.lines, chunk.end, refused)


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
    """Load profiles from FILE, one JSON object per line, as PUT would.

    A profile that is there already is overwritten. Refused lines are reported in
    FILE.refused.ndjson. After an interruption, the same command goes on where it stopped.
    """
    settings = read_settings()
    schema = load_schema(settings)
    dao = open_dao(settings.store)
    service = ProfileService(dao, schema.extensions, settings.keep_past_for)
    try:
        done = _load_file(file, Loader(service, schema, tenant, settings.max_body), threads)
    finally:
        dao.close()
    click.echo(f"{done.lines - done.refused} of {done.lines} lines loaded into tenant {tenant}")
    if done.refused:
        raise click.ClickException(f"{done.refused} lines were refused, see {_report(file)}.")


def _load_file(file: Path, loader: Loader, threads: int) -> Checkpoint:
    done = _resumed(file)
    mode = "ab" if done.lines else "wb"
    with file.open("rb") as source, _report(file).open(mode) as report, _progress() as progress:
        bar = progress.add_task("loading", total=done.size, completed=done.end, lines=done.lines)
        source.seek(done.end)
        for chunk in loader.load(_lines(source, done), threads):
            _tell(chunk.refused, report, progress.console, shown=done.refused)
            done = done.after(chunk)
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


def _resumed(file: Path) -> Checkpoint:
    """Where an earlier run of the same file stopped, or its start."""
    size = file.stat().st_size
    try:
        done = Checkpoint(**orjson.loads(_checkpoint(file).read_bytes()))
    except FileNotFoundError:
        return Checkpoint(size)
    if done.size != size:
        raise click.ClickException(
            f"{file} was changed since it was loaded in part; remove {_checkpoint(file)} to start"
            " again from its first line."
        )
    click.echo(f"going on after line {done.lines}")
    return done


def _save(file: Path, done: Checkpoint) -> None:
    """Written aside and moved into place, so that a crash leaves a whole one."""
    aside = _checkpoint(file).with_suffix(".new")
    aside.write_bytes(orjson.dumps(done))
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
