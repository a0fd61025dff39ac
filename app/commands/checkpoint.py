"""How far long work on a file is, kept beside it, so that the same command can go on."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import click
import orjson


class Writing(Protocol):
    """How far a file has been written: from which source, and how many profiles were met."""

    @property
    def source(self) -> str: ...

    @property
    def met(self) -> int: ...


T = TypeVar("T")
W = TypeVar("W", bound=Writing)


def checkpoint_of(file: Path) -> Path:
    """Where the checkpoint of ``file`` is."""
    return file.with_name(file.name + ".progress")


def read_checkpoint(file: Path, kind: type[T]) -> T | None:
    """What an earlier run has saved, a dataclass, or None.

    :raises ClickException: it cannot be read.
    """
    try:
        members: dict[str, Any] = orjson.loads(checkpoint_of(file).read_bytes())
        return kind(**members)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise click.ClickException(
            f"{checkpoint_of(file)} cannot be read; remove it to start again from the beginning."
        ) from None


def save_checkpoint(file: Path, done: object) -> None:
    """Written aside and moved into place, so that a crash leaves a whole one."""
    aside = file.with_name(file.name + ".progress.new")
    with aside.open("wb") as written:
        written.write(orjson.dumps(done))
        written.flush()
        os.fsync(written.fileno())
    aside.replace(checkpoint_of(file))


def going_on(file: Path, start: W) -> W:
    """Where an earlier run that wrote ``file`` from the same source stopped, or ``start``.

    :raises ClickException: the file is there for another reason.
    """
    done = read_checkpoint(file, type(start))
    if done is None:
        if file.exists():
            raise click.ClickException(f"{file} is there already; remove it, or name another.")
        return start
    if done.source != start.source:
        raise click.ClickException(
            f"{file} was begun from another tenant or store; remove it and {checkpoint_of(file)},"
            " or name another file."
        )
    click.echo(f"going on after {done.met} profiles", err=True)
    return done


@contextmanager
def writing(file: Path, end: int) -> Iterator[tuple[IO[bytes], Callable[[object], None]]]:
    """``file``, to be read and written on behind its first ``end`` bytes, and what saves a
    checkpoint of it, which is removed when all went well.

    Only its owner may read the file: nothing in it is masked.
    """
    with file.open("r+b") if end else _private(file) as target:
        target.truncate(target.seek(end))

        def save(done: object) -> None:
            target.flush()
            os.fsync(target.fileno())
            save_checkpoint(file, done)

        yield target, save
    checkpoint_of(file).unlink()


def _private(file: Path) -> IO[bytes]:
    return open(file, "w+b", opener=lambda path, flags: os.open(path, flags, 0o600))
