"""The gunicorn worker: gunicorn's own ASGI worker, around ``wsgi:app`` in the bridge."""

import signal
import sys
from functools import partial
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from gunicorn.asgi import protocol
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.glogging import Logger
from gunicorn.workers import gasgi

from app.logs import JsonLines
from app.serving.connections import BoundedProtocol, Connections
from app.serving.forks import ENDING, block, unblock

LINGER_SECONDS = 0.5
"""How long a worker that ends still takes requests on the connections that it has."""

HANDSHAKE_SECONDS = 10
"""For the one of TLS, instead of asyncio's 60."""

TAKEN_IN_A_TURN = 4
"""Connections that a worker takes in within one turn of its loop: so few that others, which are
woken too, get some."""

SWITCH_SECONDS = 0.0001
"""How long the loop keeps the interpreter while a thread waits for it. Python's 5 ms would hold up
the writer of the embedded store, and with it the lock of the file, at each of its statements:
1.4 times the updates a second (docs/decisions/one-server.md)."""


class ProfilesLogger(Logger):  # type: ignore[misc]
    """Writes gunicorn's own lines in the form of all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


class ProfilesWorker(gasgi.ASGIWorker):  # type: ignore[misc]
    """An ASGI worker for a WSGI application, with bounds on its connections."""

    def load_wsgi(self) -> None:
        """In the worker, as the bridge imports the metrics, which have to find their folder."""
        from app.serving.bridge import Bridge

        sys.setswitchinterval(SWITCH_SECONDS)
        self.wsgi = self.app.wsgi()
        self.asgi = Bridge(self.wsgi)
        self.connections = Connections()
        # It looks for the parser once, and keeps what it finds in the class that looked.
        ASGIProtocol._check_h1c_protocol_available()
        gasgi.ASGIProtocol = BoundedProtocol  # there is no setting for it
        # Else a status that is not in its own short table, such as 412, is "Unknown".
        protocol._REASON_PHRASES |= {each.value: each.phrase for each in HTTPStatus}

    def _setup_event_loop(self) -> None:
        """Let as many new connections queue as gunicorn is set to; the base class leaves it at
        asyncio's 100, beyond which a client only tries again after a second."""
        super()._setup_event_loop()
        seconds = HANDSHAKE_SECONDS if self.cfg.is_ssl else None
        self.loop.create_server = partial(
            self.loop.create_server, backlog=self.cfg.backlog, ssl_handshake_timeout=seconds
        )

    def init_signals(self) -> None:
        """From here on signals wait until the loop runs: the base class first takes all handlers
        away, and uvloop forgets what comes before."""
        block()
        super().init_signals()

    async def _serve(self) -> None:
        """Serve. uvloop takes in one connection for each listening socket in a turn of the loop,
        which in an overload are too few."""
        unblock()
        for each in list(self.sockets):
            again = [each.sock.dup() for _ in range(TAKEN_IN_A_TURN - 1)]
            self.sockets += [SimpleNamespace(sock=sock, close=sock.close) for sock in again]
        await super()._serve()

    def handle_exit_signal(self) -> None:
        """End when all requests are answered; idle connections need not be waited for."""
        super().handle_exit_signal()
        self._end_waiting_later()

    def _end_waiting_later(self) -> None:
        """Again and again, as new connections come until the listening sockets are closed."""
        self.loop.call_later(LINGER_SECONDS, self._end_waiting)

    def _end_waiting(self) -> None:
        self.connections.end_waiting()
        self._end_waiting_later()

    async def _shutdown(self) -> None:
        """End. The base class leaves out the end of the application's life after Ctrl-C."""
        await super()._shutdown()
        if self.lifespan and self._quick_shutdown:
            await self.lifespan.shutdown()

    def _cleanup(self) -> None:
        """Close the loop. Ctrl-C comes twice, from the terminal and from gunicorn's master; the
        second one would find no handler any more, and end the worker in the middle of this."""
        for number in ENDING:
            self.loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        super()._cleanup()
