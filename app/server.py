"""The gunicorn configuration; also gunicorn.conf.py, for a bare ``gunicorn`` in this folder.

Threads, because the driver blocks; no preload, because a session made before the fork hangs.
"""

import sys
from contextlib import suppress

import click
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from app.access.rates import limiter
from app.authentication import check_access_file
from app.dao.errors import StoreUnavailable
from app.parts import GATE, JOBS, STORE, USAGE, WATCHERS
from app.runtime import make_folder, remove_folder
from app.serving.worker import guard_forks
from app.settings import WrongSetting, check_protected, read_settings

_SETTINGS = read_settings()
_LIMITER = limiter(_SETTINGS.rate_limit)  # made before the fork, so that all workers share it

wsgi_app = "wsgi:app"
bind = _SETTINGS.bind
workers = _SETTINGS.workers
threads = _SETTINGS.threads
worker_class = "app.serving.worker.ProfilesWorker"
preload_app = False
control_socket_disable = True
forwarder_headers = ""  # nobody moves the paths: gunicorn would let a proxy on this host do so
keepalive = 30
loglevel = "warning"
logger_class = "app.serving.worker.ProfilesLogger"


def on_starting(server: Arbiter) -> None:
    """Before the first worker is forked. Addresses of the command line are looked at too."""
    try:
        for address in server.cfg.address:
            if isinstance(address, tuple):
                check_protected(_SETTINGS, address[0])
        check_access_file(_SETTINGS)
    except WrongSetting as error:
        sys.exit(f"Error: {error}")
    guard_forks()
    make_folder()


def on_exit(_server: Arbiter) -> None:
    """After the last worker has ended."""
    remove_folder()


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Forget what a worker had open; what it has counted stays."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: Worker) -> None:
    """Connect before the first request is taken; a store that is away is met again later."""
    extensions = worker.wsgi.extensions
    extensions[GATE].limiter = _LIMITER
    with suppress(StoreUnavailable):
        extensions[STORE].status()
    extensions[JOBS].start()
    extensions[USAGE].start()
    for watcher in extensions[WATCHERS]:
        watcher.start()


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """Keep what was counted, unless it ends while it starts; a job is left to another worker."""
    application = getattr(worker, "wsgi", None)
    if application is not None:
        with suppress(StoreUnavailable):
            application.extensions[USAGE].stop()
        for watcher in application.extensions[WATCHERS]:
            watcher.stop()


def when_ready(_server: Arbiter) -> None:
    """Say where it serves, and what to try."""
    address = f"http://{_SETTINGS.bind}"
    profile = f"{address}{_SETTINGS.base_path}/profiles/00027a52JCGY000M"
    click.echo(f"serving profiles on {address} with {workers} workers, Ctrl-C ends it")
    if _SETTINGS.auth:
        click.echo(f"callers are asked for {' or '.join(_SETTINGS.auth)}: docs/access.md")
        return
    click.echo(
        "try: curl -i -X PUT -H 'Content-Type: application/json' -H 'If-None-Match: *'"
        f' -d \'{{"FirstName": "Bruce"}}\' {profile}'
    )
