"""Faults of the file that SQLite keeps all in: locked, protected, without room."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from app import stores
from app.dao.embedded.connection import BUSY_SECONDS, connect
from app.settings import EmbeddedStore
from tests.faults.checker import Report
from tests.faults.run import Run, lasting
from tests.faults.scenarios.service import instance
from tests.support.server import Service

NO_OVERRIDE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
MOUNT, UNMOUNT = "/bin/mount", "/bin/umount"
DISK_MEGABYTES = 256
LIMIT_BYTES = 1 << 20  # less than the write-ahead log has, more than a worker's own files need
RLIMIT = "a limit on the size of files, as this user may not mount a file system"
AWAY_SECONDS = 2.0


def prepared(folder: Path) -> EmbeddedStore:
    """A new store, in a folder of its own below ``folder``."""
    place = folder / "store"
    place.mkdir()
    address = EmbeddedStore(place / "profiles.db")
    stores.migrate(address)
    return address


def locked_file(run: Run, times: int = 3) -> Report:
    """Another process holds the file's lock for longer than a write waits for it."""
    with _service(run, run.folder) as (address, service):
        with run.load(service.bind) as load, closing(connect(address.path)) as other:
            for _ in run.steps(load, times):
                other.execute("BEGIN IMMEDIATE")
                lasting(BUSY_SECONDS + AWAY_SECONDS)
                other.execute("ROLLBACK")
        return run.judged(address, [service.bind])


def read_only_file(run: Run, times: int = 3) -> Report:
    """Nobody may write the file any more, and the workers open it anew; then one may again."""
    with _service(run, run.folder, through=_as_others_are()) as (address, service):
        with run.load(service.bind) as load:
            for _ in run.steps(load, times):
                with _write_protected(address.path.parent):
                    for worker in service.workers():
                        worker.kill()
                    lasting(AWAY_SECONDS)
        return run.judged(address, [service.bind])


def full_disk(run: Run, times: int = 3) -> Report:
    """There is no room for the next write; then there is some again."""
    with _small_disk(run.folder / "disk") as disk:
        if disk:
            run.notes.append("full disk: a file system of its own (tmpfs), filled up")
        else:
            run.notes.append(
                "full disk: by the limit on the size of files, as this user may not mount"
            )
        with _service(run, disk or run.folder) as (address, service):
            with run.load(service.bind) as load:
                for _ in run.steps(load, times):
                    with _filled(disk) if disk else _limited(service):
                        lasting(AWAY_SECONDS)
            return run.judged(address, [service.bind])


@contextmanager
def _service(
    run: Run, folder: Path, through: Sequence[str] = ()
) -> Iterator[tuple[EmbeddedStore, Service]]:
    """A service on a file of its own, which is in a folder of its own below ``folder``."""
    address = prepared(folder)
    with instance(run, address, through=through) as service:
        yield address, service


def _as_others_are() -> Sequence[str]:
    """The superuser may write whatever the permissions say, unless that is given up."""
    if os.geteuid() != 0:
        return ()
    if shutil.which(NO_OVERRIDE[0]) is None:
        raise RuntimeError("setpriv is missing: install util-linux, or do not run this as root")
    return NO_OVERRIDE


@contextmanager
def _write_protected(folder: Path) -> Iterator[None]:
    files = [folder, *folder.iterdir()]
    modes = {file: stat.S_IMODE(file.stat().st_mode) for file in files}
    for file, mode in modes.items():
        file.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for file, mode in modes.items():
            if file.exists():
                file.chmod(mode)


@contextmanager
def _small_disk(place: Path) -> Iterator[Path | None]:
    """A file system of its own, or None where this user may not mount one."""
    place.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    mounted = subprocess.run(
        [MOUNT, "-t", "tmpfs", "-o", size, "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run([UNMOUNT, place], check=True)


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def _limited(service: Service) -> Iterator[None]:
    """The workers may write to the beginning of a file only, so no commit has room."""
    workers = service.workers()
    for worker in workers:
        worker.rlimit(psutil.RLIMIT_FSIZE, (LIMIT_BYTES, psutil.RLIM_INFINITY))
    try:
        yield
    finally:
        for worker in workers:
            worker.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
