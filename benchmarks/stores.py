"""The stores that are measured, and what is put into them."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app import stores
from app.settings import CassandraStore, EmbeddedStore, StoreAddress, store_address
from benchmarks.sample import lines
from benchmarks.service import PROFILES, store_url
from local_cassandra.cluster import Cluster, free_port

NAMES = ("embedded", "cassandra")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What ``profiles load`` took, and its peak resident bytes."""

    seconds: float
    peak: int


class Stores:
    """As many stores of one kind as are asked for: files, or keyspaces of one node."""

    def __init__(self, base: StoreAddress, folder: Path) -> None:
        self.folder = folder
        self._base = base
        self._run = secrets.token_hex(4)  # a node that runs already may have those of others

    def prepared(self, name: str) -> StoreAddress:
        """An empty store of this name, or the one that was made before."""
        if isinstance(self._base, EmbeddedStore):
            address: StoreAddress = EmbeddedStore(self.folder / f"{name}.db")
        else:
            address = replace(self._base, keyspace=f"bench_{self._run}_{name}")
        stores.migrate(address)
        return address


@contextmanager
def opened(kind: str, folder: Path, cassandra: str | None) -> Iterator[Stores]:
    """The stores of ``kind``; ``cassandra`` is HOST:PORT of a node that runs already."""
    if kind == "embedded":
        yield Stores(EmbeddedStore(folder / "unused.db"), folder)
        return
    if cassandra:
        yield Stores(_node(cassandra), folder)
        return
    cluster = Cluster(folder / "node", port=free_port(), quick=False)
    cluster.start()
    try:
        yield Stores(store_address(cluster.store_url), folder)
    finally:
        cluster.stop()


def _node(at: str) -> CassandraStore:
    address = store_address(f"cassandra://{at}/bench")
    if not isinstance(address, CassandraStore):
        raise TypeError(at)
    return address


def fill(address: StoreAddress, folder: Path, numbers: range) -> Loaded:
    """Load the profiles of ``numbers``."""
    file = folder / "profiles.ndjson"
    with file.open("wb") as output:
        output.writelines(lines(numbers))
    return load(address, file)


def load(address: StoreAddress, file: Path, *options: str) -> Loaded:
    """Load ``file`` into the store by ``profiles load``.

    :raises RuntimeError: some of it was refused.
    """
    begin, peak = time.monotonic(), 0
    process = subprocess.Popen(
        [PROFILES, "load", str(file), "--json", *options],
        env=os.environ | {"PROFILES_STORE": store_url(address)},
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL,
    )
    while process.poll() is None:
        peak = max(peak, peak_bytes(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"profiles load {file} ended with {process.returncode}")
    return Loaded(time.monotonic() - begin, peak)


def peak_bytes(pid: int) -> int:
    """The largest resident size that the process has had, 0 once it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) * 1024 if found else 0
