"""Connections are spread over the workers, however they come."""

from pathlib import Path

import psutil

from app.settings import EmbeddedStore
from tests.support.server import Service, serving, wait_until
from tests.support.wire import LIVE, wires

WORKERS, THREADS = 2, 4
AT_ONCE = 16


def workers(service: Service) -> list[psutil.Process]:
    return list(psutil.Process(service.process.pid).children())


def all_serve(service: Service) -> bool:
    started = [worker.num_threads() > THREADS for worker in workers(service)]
    return started == [True] * WORKERS


def held(service: Service) -> list[int]:
    """How many connections each worker has."""
    port = int(service.bind.rpartition(":")[2])
    return [
        sum(
            each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port
            for each in worker.net_connections()
        )
        for worker in workers(service)
    ]


def test_each_worker_gets_its_share_of_connections(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    settings = {"PROFILES_WORKERS": str(WORKERS), "PROFILES_THREADS": str(THREADS)}
    with serving(embedded_address, tmp_path, **settings) as service:
        wait_until(lambda: all_serve(service))
        with wires(service, AT_ONCE) as sent:
            for each in sent:
                each.send(LIVE)
            assert [each.receive().status for each in sent] == [200] * AT_ONCE
            assert sum(held(service)) == AT_ONCE
            assert min(held(service)) >= AT_ONCE // WORKERS - 2
