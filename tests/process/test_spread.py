"""Connections are spread over the workers, however they come."""

from pathlib import Path

from app.settings import EmbeddedStore
from tests.support.server import Service, serving, wait_until
from tests.support.wire import LIVE, held, wires

WORKERS = 2
AT_ONCE = 16


def all_serve(service: Service) -> bool:
    """Whether each worker takes connections."""
    with wires(service, AT_ONCE) as sent:
        for each in sent:
            each.send(LIVE)
            each.receive()
        found = held(service)
        return len(found) == WORKERS and min(found) > 0


def test_each_worker_gets_its_share_of_connections(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, PROFILES_WORKERS=str(WORKERS)) as service:
        wait_until(lambda: all_serve(service))
        wait_until(lambda: sum(held(service)) == 0)
        with wires(service, AT_ONCE) as sent:
            for each in sent:
                each.send(LIVE)
            assert [each.receive().status for each in sent] == [200] * AT_ONCE
            assert sum(held(service)) == AT_ONCE
            assert min(held(service)) >= AT_ONCE // WORKERS - 2
