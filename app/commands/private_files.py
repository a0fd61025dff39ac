"""Files that commands make and go on with, in folders that others may write too.

Nothing is opened through a link, or is a file that another user has put there: what is written
would end in a file that nobody named, or be read by others.
"""

import os
import stat
from pathlib import Path
from typing import IO

import click

ONLY_OWNER = 0o600
# Not to wait for who reads a pipe: that is refused once it is open.
_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_REMEDY = "remove it, or name another file"


def open_new(path: Path) -> IO[bytes]:
    """A file that was not there, to be read and written. Only its owner may read it.

    :raises ClickException: there is something of this name, or it cannot be made.
    """
    try:
        return _made(path)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already; {_REMEDY}.") from None


def open_at(path: Path, end: int) -> IO[bytes]:
    """A file to be read, and written on behind its first ``end`` bytes; what is behind goes.

    With ``end`` 0 it is made if it is not there.

    :raises ClickException: it is not as long, no file of one's own, or cannot be made.
    """
    try:
        opened = _own(path, os.O_RDWR)
    except FileNotFoundError:
        if end:
            raise click.ClickException(f"{path} is not there any more.") from None
        return _made(path)
    if os.fstat(opened.fileno()).st_size < end:
        opened.close()
        raise click.ClickException(f"{path} is shorter than it was.")
    opened.truncate(opened.seek(end))
    return opened


def read_private(path: Path) -> bytes:
    """All of a file.

    :raises FileNotFoundError: it is not there.
    :raises ClickException: it is no file of one's own.
    """
    with _own(path, os.O_RDONLY) as opened:
        return opened.read()


def replace_private(path: Path, content: bytes) -> None:
    """Written aside and moved into place, so that a crash leaves a whole file.

    :raises ClickException: it cannot be written.
    """
    aside = path.with_name(path.name + ".new")
    try:
        # What a crash has left, or a link: only the link goes.
        aside.unlink(missing_ok=True)
        with open_new(aside) as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        aside.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None


def _made(path: Path) -> IO[bytes]:
    return os.fdopen(_descriptor(path, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b")


def _own(path: Path, access: int) -> IO[bytes]:
    """
    :raises FileNotFoundError: it is not there.
    :raises ClickException: it is another one's, or no plain file.
    """
    descriptor = _descriptor(path, access)
    why = _not_own(os.fstat(descriptor))
    if why:
        os.close(descriptor)
        raise click.ClickException(f"{path} {why}; {_REMEDY}.")
    return os.fdopen(descriptor, "r+b" if access == os.O_RDWR else "rb")


def _not_own(status: os.stat_result) -> str | None:
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    if status.st_uid != os.geteuid():
        return "belongs to another user"
    return "has a second name (a hard link)" if status.st_nlink > 1 else None


def _descriptor(path: Path, flags: int) -> int:
    """
    :raises FileExistsError: also `FileNotFoundError`, where ``flags`` are about that.
    :raises ClickException: it cannot be opened for another reason.
    """
    try:
        return os.open(path, flags | _SAFE, ONLY_OWNER)
    except OSError as error:
        if path.is_symlink():
            told = f"{path} is a link, which is not followed; {_REMEDY}."
        elif isinstance(error, FileExistsError | FileNotFoundError) and path.parent.is_dir():
            raise
        else:
            told = f"{path} cannot be opened: {error.strerror}."
        raise click.ClickException(told) from None
