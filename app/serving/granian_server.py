"""The service under granian: ``python -m app.serving.granian_server``, as ``profiles serve`` does.

Its parts are granian's own `Server`, in each worker process `app.serving.life`, and around the
application `app.serving.admission`.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from app.runtime import remove_folder
from app.serving import master
from app.serving.buffering import MAX_HEAD
from app.settings import Settings, WrongSetting, host_of, read_settings

CONNECTIONS = 1000
"""Of one worker."""

END_SECONDS = 30
"""For the requests under way when the service ends."""

_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "app.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
}


def serve() -> None:
    """Until SIGINT or SIGTERM."""
    settings = read_settings()
    try:
        master.prepare(settings, [host_of(settings.bind)])
    except WrongSetting as error:
        sys.exit(f"Error: {error}")
    server = _server(settings)
    server.on_startup(partial(master.greet, settings))
    server.on_shutdown(remove_folder)
    server.serve(spawn_target=_work)


def _server(settings: Settings) -> Any:
    from app.serving.admission import threads_needed

    address, port = _address(settings.bind)
    return Server(
        "wsgi:app",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=threads_needed(settings),
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEAD),
        log_level=LogLevels.error,
        log_dictconfig=_LOG,
        respawn_failed_workers=True,
        workers_kill_timeout=END_SECONDS,
    )


def _address(bind: str) -> tuple[str, int]:
    """granian takes no name of a host."""
    port = int(bind.rpartition(":")[2])
    found = socket.getaddrinfo(host_of(bind), port, type=socket.SOCK_STREAM)
    return str(found[0][4][0]), port


def _work(worker_id: int, process_name: str, _load: Any, *of_granian: Any) -> None:
    """A worker process, from its start to its end."""
    # Ctrl-C comes to all processes; the master tells the workers by SIGTERM.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_master, daemon=True).start()

    from app.serving import life
    from app.serving.admission import Admission
    from wsgi import app

    admission = Admission(app, read_settings())
    life.start(app)
    try:
        Server._spawn_wsgi_worker(worker_id, process_name, lambda: admission, *of_granian)  # noqa: SLF001
    finally:
        life.stop(app)


def _end_with_master() -> None:
    """granian's workers would go on without one, and nobody would end them."""
    if started_by := multiprocessing.parent_process():
        started_by.join()
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    serve()
