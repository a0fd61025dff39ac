"""A service on any store, to be hurt: what `profiles serve` needs, and no more."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from app.settings import StoreAddress
from tests.faults.run import Run
from tests.support.server import SERVE, Service, serving_with, wait_until


@contextmanager
def instance(
    run: Run,
    address: StoreAddress,
    name: str = "service",
    settings: Mapping[str, str] = MappingProxyType({}),
    through: Sequence[str] = (),
) -> Iterator[Service]:
    """One instance, ready, with a log of its own."""
    folder = run.folder / name
    folder.mkdir(exist_ok=True)
    quiet = {"PROFILES_ACCESS_LOG": "off", **settings}
    with serving_with(address, folder, quiet, command=(*through, *SERVE)) as service:
        wait_until(lambda: is_ready(service))
        yield service


def is_ready(service: Service) -> bool:
    try:
        return service.send("GET", "/health/ready").status == 200
    except OSError:
        return False
