"""How far long work on a file is, kept beside it, so that the same command can go on."""

import os
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

T = TypeVar("T")


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
