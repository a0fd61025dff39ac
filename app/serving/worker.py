"""The gunicorn worker: what is no HTTP gets a problem too, and every signal is heard once."""

import contextlib
import signal
import socket
import sys
from http import HTTPStatus
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.util import write_nonblock

from app.http_problems import HTTP_PROBLEMS
from app.logs import JsonLines
from app.parts import WATCH
from app.serving.forks import ENDING, block, unblock
from app.serving.intake import Intake
from app.serving.refusals import refusal

_STATUS = {LimitRequestLine: 414, LimitRequestHeaders: 431, UnsupportedTransferCoding: 501}


class ProfilesLogger(Logger):  # type: ignore[misc]
    """Writes gunicorn's own lines in the form of all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


class ProfilesWorker(Intake):
    """A thread worker that refuses malformed requests in the service's own words."""

    alive: bool
    _quitting = False
    _serving = False

    def init_signals(self) -> None:
        """The base class first takes all handlers away; a signal just then waits."""
        block()
        super().init_signals()
        unblock()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once. Ctrl-C comes twice, from the terminal and from gunicorn's master.

        A worker that serves ends between two events: an exception in the middle of one may leave
        a thread that was just started and that nobody will end. The base class takes a lock
        here, which the interrupted code may hold itself.
        """
        self.alive = False
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        self._quitting = True
        if not self._serving:
            sys.exit(0)
        self.method_queue.defer(lambda: None)

    def run(self) -> None:
        """Serve. A signal to end has come before, or is met between two events."""
        self._serving = True
        if not self._quitting:
            super().run()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """One round of events."""
        super().wait_for_and_dispatch_events(timeout)
        if self._quitting:
            sys.exit(0)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what could not be read or handled as a request, and close the connection.

        The base class would log the path and the query string, and so a customer's data.
        """
        malformed = isinstance(exc, ParseException)
        status = HTTPStatus(_STATUS.get(type(exc), 400) if malformed else 500)
        if not malformed:
            self.log.error("A request could not be handled", exc_info=exc)
        self.wsgi.extensions[WATCH].malformed(status.value, HTTP_PROBLEMS[status].code)
        with contextlib.suppress(OSError):
            write_nonblock(client, refusal(status))
