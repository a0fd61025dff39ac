"""The service of a checkout on a store of its own, and a bare route under the same server."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.operations import PROFILES
from benchmarks.load.sample import CORE, customer_id, digits, dumped, filled, lines
from benchmarks.processes import Command, NoStart, Server, Tree, end_of, started
from benchmarks.rounds import Sample
from benchmarks.service.checkouts import Checkout
from local_cassandra.cluster import Cluster, free_port

WORKERS = 2
STORES = ("cassandra", "sqlite")
_BARE = Path(__file__).with_name("bare_wsgi.py")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checkout on the store at ``store_url``; ``folder`` is where it runs and writes its log.

    Everything is at its default but what is named in `_environment`: settings that both
    checkouts know.
    """

    checkout: Checkout
    store_url: str
    folder: Path

    def prepare(self) -> None:
        """Apply the migrations of the checkout, and load `PROFILES`.

        :raises NoStart: one of both failed.
        """
        self.folder.mkdir()
        file = self.folder / "profiles.ndjson"
        file.write_bytes(b"".join(lines(range(PROFILES))))
        self.run("migrate", "apply")
        self.run("load", str(file))

    def run(self, *words: str) -> Sample:
        """What a command of the checkout takes: ``seconds``, and ``peak``, the largest resident
        bytes of each of its processes together.

        :raises NoStart: it failed.
        """
        begin, peaks = time.monotonic(), dict[int, int]()
        output = self.folder / "command.log"
        with output.open("wb") as log:
            process = subprocess.Popen(
                [str(self.checkout.programs / "profiles"), *words],
                env=os.environ | self._environment(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        while process.poll() is None:
            peaks |= Tree(process.pid).peaks()
            time.sleep(0.1)
        if process.returncode:
            raise NoStart(f"profiles {' '.join(words)} failed:\n{end_of(output)}")
        return {"seconds": time.monotonic() - begin, "peak": sum(peaks.values())}

    def service(self) -> AbstractContextManager[Server]:
        """The service, with JSON log and metrics.

        :raises NoStart: it did not start.
        """
        return self._started([str(self.checkout.programs / "profiles"), "serve"], {})

    def bare(self) -> AbstractContextManager[Server]:
        """A route that answers the bytes of a profile, under the server of the service.

        :raises NoStart: it did not start.
        """
        shutil.copy(_BARE, self.folder)
        answer = self.folder / "answer"
        profile = {"customer_id": customer_id(digits(0)), **filled(CORE, 0)}
        answer.write_text(dumped(profile))
        config = str(self.checkout.root / "gunicorn.conf.py")
        words = ["-m", "gunicorn", "--config", config, f"{_BARE.stem}:app"]
        python = str(self.checkout.programs / "python")
        return self._started([python, *words], {"BARE_ANSWER": str(answer)})

    def empty_logs(self) -> None:
        """So that what is logged is hardly ever written to the disk, where it would hold up the
        writes that are measured."""
        for log in self.folder.glob("*.log"):
            os.truncate(log, 0)

    def _started(
        self, words: list[str], more: Mapping[str, str]
    ) -> AbstractContextManager[Server]:
        bind = f"127.0.0.1:{free_port()}"
        environment = {**self._environment(), "PROFILES_BIND": bind, **more}
        command = Command(words, environment, self.folder)
        return started(command, f"http://{bind}", "/health/ready")

    def _environment(self) -> dict[str, str]:
        return {
            "PROFILES_STORE": self.store_url,
            "PROFILES_WORKERS": str(WORKERS),
            "PROFILES_ACCESS_LOG": "json",
        }


@contextmanager
def prepared(
    store: str, checkouts: Mapping[str, Checkout], folder: Path, node: str | None = None
) -> Iterator[dict[str, Candidate]]:
    """Each checkout on a store of its own kind, with profiles in it: one of `STORES`.

    ``node`` is HOST:PORT of a Cassandra that runs already; else one is started.

    :raises NoStart: a store or a checkout failed.
    """
    with _opened(store, folder, node) as pattern:
        found = {
            name: Candidate(each, pattern.format(name), folder / f"{store}-{name}")
            for name, each in checkouts.items()
        }
        for each in found.values():
            each.prepare()
        yield found


@contextmanager
def _opened(store: str, folder: Path, node: str | None) -> Iterator[str]:
    """The address of stores, with {} in the place of a name."""
    # A node that runs already may have keyspaces of an earlier run.
    keyspace = f"bench_{secrets.token_hex(4)}_{{}}"
    if store == "sqlite":
        yield f"sqlite:///{folder}/{{}}.db"
    elif node:
        yield f"cassandra://{node}/{keyspace}"
    else:
        cluster = Cluster(folder / "node", port=free_port(), quick=False)
        cluster.start()
        try:
            yield f"cassandra://127.0.0.1:{cluster.nodes[0].port}/{keyspace}"
        finally:
            cluster.stop()
