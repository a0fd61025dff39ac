"""First figures: GET and PUT of a profile on both stores, beside bare calls of the driver.

All kinds of operations take turns within one run, from the same number of processes and
threads on this machine, which also runs the service and the store. So the ratios count,
not the absolute figures.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from app import stores
from app.core import compose
from app.dao.values import ProfileKey
from app.settings import CassandraStore, EmbeddedStore, read_settings, store_address
from benchmarks.load import PROCESSES, THREADS, Result, measure
from benchmarks.operations import ATTRIBUTES, TENANT, bare, http
from examples.generate_profiles import customer_id
from local_cassandra.cluster import Cluster, free_port

ROUNDS = 5
OPERATIONS = 200
PROFILES = 1_000


def main() -> None:
    """Measure both stores and print one line per operation."""
    print(f"service: 2 workers of 8 threads; load: {PROCESSES} processes of {THREADS} threads")
    print(f"{ROUNDS} interleaved rounds of {OPERATIONS * PROCESSES * THREADS} operations; medians")
    print("store      op   service/s  p50 ms  p99 ms   driver/s  p50 ms  p99 ms   ratio")
    with tempfile.TemporaryDirectory() as folder:
        report("embedded", EmbeddedStore(Path(folder) / "profiles.db"))
        cluster = Cluster(Path(folder) / "cassandra", port=free_port(), quick=False)
        try:
            cluster.start()
            report("cassandra", store_address(cluster.store_url))
        finally:
            cluster.stop()


def report(name: str, address: EmbeddedStore | CassandraStore) -> None:
    """Measure one store, its operations in turn."""
    stores.migrate(address)
    fill(address)
    with serving(address) as bind:
        makers = {"GET": partial(http, bind, "GET"), "PUT": partial(http, bind, "PUT")}
        rounds = [
            {
                method: (
                    measure(makers[method], OPERATIONS, PROFILES),
                    measure(bare(address)[method], OPERATIONS, PROFILES),
                )
                for method in makers
            }
            for _ in range(ROUNDS)
        ]
    for method in makers:
        pairs = [each[method] for each in rounds]
        ratio = median(service.rate / driver.rate for service, driver in pairs)
        columns = [told([pair[place] for pair in pairs]) for place in (0, 1)]
        print(f"{name:10} {method}  {'   '.join(columns)}   {ratio:5.2f}", flush=True)


def told(results: list[Result]) -> str:
    """The medians of several rounds."""
    rate, p50, p99 = (
        median(getattr(each, name) for each in results) for name in ("rate", "p50", "p99")
    )
    return f"{rate:9.0f}  {p50:6.2f}  {p99:6.2f}"


def fill(address: EmbeddedStore | CassandraStore) -> None:
    """Put the profiles into the store that the operations are about."""
    settings = read_settings()
    dao = stores.open_dao(address)
    core = compose(settings, dao)
    revision, service = core.definitions.current(TENANT), core.profile_service()
    content = revision.schema.load(ATTRIBUTES)
    for number in range(PROFILES):
        service.load(ProfileKey(TENANT, customer_id(number)), content, revision)
    dao.close()


@contextmanager
def serving(address: EmbeddedStore | CassandraStore) -> Iterator[str]:
    """The address of a service on the store, ended at the end."""
    bind = f"127.0.0.1:{free_port()}"
    settings = {"STORE": url(address), "BIND": bind, "ACCESS_LOG": "off"}
    environment = os.environ | {f"PROFILES_{name}": value for name, value in settings.items()}
    command = [str(Path(sys.executable).with_name("profiles")), "serve"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://{bind}/health/ready")
        yield bind
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(url: str) -> None:
    """Return once the service answers 200."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(url):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service did not start")


def url(address: EmbeddedStore | CassandraStore) -> str:
    """What ``PROFILES_STORE`` is for ``address``."""
    if isinstance(address, EmbeddedStore):
        return f"sqlite:///{address.path}"
    return f"cassandra://{address.hosts[0]}:{address.port}/{address.keyspace}"


if __name__ == "__main__":
    main()
