"""Who on the machine may read the file, and what SQLite keeps beside it.

SQLite makes the log and the shared memory with the rights of the file, so that one counts.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

ONLY_OWNER = stat.S_IRUSR | stat.S_IWUSR
_OWNER_AND_GROUP = ONLY_OWNER | stat.S_IRGRP | stat.S_IWGRP
_BESIDE = ("", "-wal", "-shm")


def make(path: Path) -> None:
    """An empty file, if none is there; SQLite tells why it cannot be made.

    One that is there is not opened: closing it would end the locks that SQLite has on it in
    this process (sqlite.org/howtocorrupt.html, section 2.2).
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, ONLY_OWNER))


def close(path: Path) -> None:
    """Take the right to read away from all that `allowed` does not name.

    Not from a user who is not the owner of the file: nobody else can.
    """
    real = path.resolve()
    for name in _BESIDE:
        file = real.with_name(real.name + name)
        with suppress(OSError):
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & ~allowed(mode):
                file.chmod(mode & allowed(mode))


def are_wide(path: Path) -> bool:
    """Whether more may read the file than `close` would leave."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return bool(mode & ~allowed(mode))


def allowed(mode: int) -> int:
    """The owner's rights; also those of a group that may write.

    Whoever lets a group work with the file has to give it that right. SQLite never does, so a
    group that may only read was let in by nobody.
    """
    return _OWNER_AND_GROUP if mode & stat.S_IWGRP else ONLY_OWNER
