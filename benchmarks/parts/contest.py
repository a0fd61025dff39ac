"""The servers that compete in an operation: the service, its floors, the peer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.settings import THREADS, CassandraStore
from benchmarks import bare, floor, kinto, prototype, recording, service, stores
from benchmarks.bench import Bench, say
from benchmarks.floor import Floor
from benchmarks.kinto import NoKinto
from benchmarks.processes import Server
from benchmarks.recording import EXTENSIONS, IDENTIFY, QUERY, UPDATE
from benchmarks.service import Deployment
from benchmarks.stores import Stores

PROFILES = 1000
OF_PEER, OF_BARE = frozenset({QUERY, UPDATE}), frozenset({QUERY, EXTENSIONS, IDENTIFY})


@dataclass(frozen=True, slots=True)
class Contest:
    """All of them, on one store. ``missing`` says why there is no ``peer``."""

    folder: Path
    services: dict[str, Server]
    bare: dict[str, Server]
    prototypes: dict[str, Server]
    driver: Floor
    peer: Server | None
    missing: str


@contextmanager
def opened(bench: Bench, made: Stores) -> Iterator[Contest]:
    """A store with `PROFILES` in it, and all that competes over it, started."""
    address = made.prepared("operations")
    stores.fill(address, bench.folder, range(PROFILES))
    scripts = recording.record(address)
    threads = THREADS[type(address)]
    with ExitStack() as stack:
        services, plain, prototypes = {}, {}, {}
        for name in service.servers():
            deployment = Deployment(address, bench.folder, server=name)
            services[name] = stack.enter_context(service.serving(deployment))
            plain[name] = stack.enter_context(bare.serving(name, bench.folder, threads))
            if isinstance(address, CassandraStore):
                prototypes[name] = stack.enter_context(
                    prototype.serving(name, bench.folder, address)
                )
        driver = stack.enter_context(floor.opened(address, scripts))
        peer, missing = _peer(stack, bench.folder)
        yield Contest(bench.folder, services, plain, prototypes, driver, peer, missing)


def _peer(stack: ExitStack, folder: Path) -> tuple[Server | None, str]:
    try:
        return stack.enter_context(kinto.serving(folder, PROFILES)), ""
    except NoKinto as error:
        say(f"no peer: {error}")
        return None, str(error)
