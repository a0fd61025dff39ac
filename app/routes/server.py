"""The server as a whole: ``/server/mode`` and ``/server/status``."""

import psutil
from flask import Blueprint, Response, url_for

from app import __version__
from app.routes import parameters, requests, responses
from app.routes.paths import Paths
from app.services import moments
from app.services.server import Mode, ServerMode, Usage
from schemas.requests import load_mode

KB = 1024


class ServerRoutes:
    """The mode that all workers and hosts share, and what they had to do today."""

    def __init__(self, mode: ServerMode, usage: Usage) -> None:
        self._mode = mode
        self._usage = usage

    def blueprint(self) -> Blueprint:
        """All paths and methods."""
        server = Paths("server", __name__, url_prefix="/server")
        server.before_request(requests.check_acceptable)
        server.add_url_rule("/mode", "mode", self.set_mode, methods=["POST"])
        server.add_url_rule("/status", "status", self.status, methods=["GET"])
        return server

    def set_mode(self) -> Response:
        """Serve profiles, or not for a while."""
        parameters.check_parameters()
        mode = load_mode(requests.body())
        self._mode.set(Mode(mode))
        response = responses.json({"server changed": mode})
        response.headers["Location"] = url_for("server.status")
        return response

    def status(self) -> Response:
        """What the server is, and has done today."""
        parameters.check_parameters()
        total = self._usage.total()
        told = {
            "version": __version__,
            "system_time": moments.now(),
            "mode": self._mode.current(),
            "started": total.started,
            "last_request": total.last_request,
            "request_today": total.requests,
            "client_errors_today": total.client_errors,
            "server_errors_today": total.server_errors,
            **_memory(),
        }
        response = responses.json(told)
        response.headers["Cache-Control"] = "no-store"
        return response


def _memory() -> dict[str, int]:
    """In KB; see docs/api.md."""
    machine, worker = psutil.virtual_memory(), psutil.Process().memory_full_info()
    return {
        "max_memory": machine.total // KB,
        "allocated_memory": worker.rss // KB,
        "used_memory": worker.uss // KB,
        "free_memory": machine.available // KB,
    }
