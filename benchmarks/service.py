"""The service, started for a measurement."""

import dataclasses
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from app.settings import THREADS, EmbeddedStore, Settings, StoreAddress
from benchmarks.processes import Command, Server, started
from local_cassandra.cluster import free_port

WORKERS = 2
PROFILES = str(Path(sys.executable).with_name("profiles"))


def servers() -> tuple[str, ...]:
    """What this release can serve with, the default first."""
    if _has_setting() and find_spec("granian"):
        return ("gunicorn", "granian")
    return ("gunicorn",)


def _has_setting() -> bool:
    return "server" in {each.name for each in dataclasses.fields(Settings)}


@dataclass(frozen=True, slots=True)
class Deployment:
    """How the service is started; ``settings`` without ``PROFILES_`` come beside the rest."""

    store: StoreAddress
    folder: Path
    server: str = "gunicorn"
    workers: int = WORKERS
    settings: dict[str, str] = field(default_factory=dict)


def serving(deployment: Deployment) -> AbstractContextManager[Server]:
    """The service on a prepared store, without a log of each request.

    :raises NoStart: it did not start.
    """
    bind = f"127.0.0.1:{free_port()}"
    settings = {
        "STORE": store_url(deployment.store),
        "BIND": bind,
        "ACCESS_LOG": "off",
        "WORKERS": str(deployment.workers),
        "THREADS": str(THREADS[type(deployment.store)]),
        **({"SERVER": deployment.server} if _has_setting() else {}),
        **deployment.settings,
    }
    environment = {f"PROFILES_{name}": value for name, value in settings.items()}
    command = Command([PROFILES, "serve"], environment, deployment.folder)
    return started(command, f"http://{bind}", "/health/ready")


def store_url(address: StoreAddress) -> str:
    """What ``PROFILES_STORE`` is for ``address``."""
    if isinstance(address, EmbeddedStore):
        return f"sqlite:///{address.path}"
    return f"cassandra://{address.hosts[0]}:{address.port}/{address.keyspace}"
