"""Connections that come at once are taken by all workers."""

from pathlib import Path

from app.settings import EmbeddedStore
from tests.support.server import Service, serving, wait_until
from tests.support.wire import LIVE, held, wires

WORKERS = 2
AT_ONCE = 64


def all_serve(service: Service) -> bool:
    """Whether each worker takes connections."""
    with wires(service, AT_ONCE) as sent:
        for each in sent:
            each.send(LIVE)
            each.receive()
        found = held(service)
        return len(found) == WORKERS and min(found) > 0


def test_all_workers_take_some_of_the_connections_that_come_at_once(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, PROFILES_WORKERS=str(WORKERS)) as service:
        wait_until(lambda: all_serve(service))
