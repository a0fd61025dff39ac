"""What a worker does beside its requests, from its start to its end, under either server."""

import os
from contextlib import suppress

from flask import Flask

from app.dao.errors import StoreUnavailable
from app.parts import JOBS, STORE, USAGE, WATCHERS
from app.watching import metrics


def start(app: Flask) -> None:
    """Connect before the first request is taken; a store that is away is met again later."""
    metrics.forget_dead_workers()
    with suppress(StoreUnavailable):
        app.extensions[STORE].status()
    app.extensions[JOBS].start()
    app.extensions[USAGE].start()
    for watcher in app.extensions[WATCHERS]:
        watcher.start()


def stop(app: Flask) -> None:
    """Keep what was counted; a job is left to another worker."""
    with suppress(StoreUnavailable):
        app.extensions[USAGE].stop()
    for watcher in app.extensions[WATCHERS]:
        watcher.stop()
    metrics.forget_worker(os.getpid())
