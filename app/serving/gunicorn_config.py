"""The gunicorn configuration; also gunicorn.conf.py, for a bare ``gunicorn`` in this folder.

No preload: a session with Cassandra that was made before the fork hangs.
"""

import sys

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from gunicorn.workers.gasgi import ASGIWorker

from app.runtime import remove_folder
from app.serving import master
from app.settings import WrongSetting, read_settings

_SETTINGS = read_settings()

wsgi_app = "wsgi:app"
bind = _SETTINGS.bind
workers = _SETTINGS.workers
worker_class = "app.serving.worker.ProfilesWorker"
asgi_loop = "uvloop"
asgi_lifespan = "on"
http_parser = "fast"
preload_app = False
control_socket_disable = True
forwarder_headers = ""  # nobody moves the paths: gunicorn would let a proxy on this host do so
keepalive = _SETTINGS.keep_alive
loglevel = "warning"
logger_class = "app.serving.worker.ProfilesLogger"


def on_starting(server: Arbiter) -> None:
    """Before the first worker is forked. Addresses of the command line are looked at too."""
    addresses = server.cfg.address
    try:
        master.prepare(_SETTINGS, [each[0] for each in addresses if isinstance(each, tuple)])
    except WrongSetting as error:
        sys.exit(f"Error: {error}")


def on_exit(_server: Arbiter) -> None:
    """After the last worker has ended."""
    remove_folder()


def post_worker_init(worker: Worker) -> None:
    """A worker of WSGI begins; that of ASGI does the same in its loop (`app.serving.bridge`)."""
    from app.serving import life

    if not isinstance(worker, ASGIWorker):
        life.start(worker.wsgi)


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """It may end while it starts, and then has counted nothing."""
    from app.serving import life

    if not isinstance(worker, ASGIWorker) and (app := getattr(worker, "wsgi", None)) is not None:
        life.stop(app)


def when_ready(_server: Arbiter) -> None:
    """It listens."""
    master.greet(_SETTINGS)
