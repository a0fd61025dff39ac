"""How far long work on a file is, kept beside it, so that the same command can go on."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import click
import orjson

from app.commands.private_files import open_at, open_new, read_private, replace_private


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
        members: dict[str, Any] = orjson.loads(read_private(checkpoint_of(file)))
        return kind(**members)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise click.ClickException(
            f"{checkpoint_of(file)} cannot be read; remove it to start again from the beginning."
        ) from None


def save_checkpoint(file: Path, done: object) -> None:
    """A crash leaves a whole one."""
    replace_private(checkpoint_of(file), orjson.dumps(done))


def going_on(file: Path, start: W) -> W:
    """Where an earlier run that wrote ``file`` from the same source stopped, or ``start``.

    :raises ClickException: the checkpoint is of another run, or cannot be read.
    """
    done = read_checkpoint(file, type(start))
    if done is None:
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

    :raises ClickException: the file is there for another reason, or not as it was left.
    """
    begun = os.path.lexists(checkpoint_of(file))
    with open_at(file, end) if begun else open_new(file) as target:

        def save(done: object) -> None:
            target.flush()
            os.fsync(target.fileno())
            save_checkpoint(file, done)

        yield target, save
    checkpoint_of(file).unlink()
