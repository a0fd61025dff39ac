"""Health: ``/health/live`` and ``/health/ready``."""

from flask import Blueprint, Response

from app.dao.base import Dao
from app.dao.errors import StoreNotPrepared
from app.routes.requests import JSON
from schemas.document import dump


class HealthRoutes:
    """Whether the process lives, and whether it can serve."""

    def __init__(self, dao: Dao) -> None:
        self._dao = dao

    def blueprint(self) -> Blueprint:
        """All paths and methods."""
        health = Blueprint("health", __name__, url_prefix="/health")
        health.add_url_rule("/live", "live", self.live, methods=["GET"])
        health.add_url_rule("/ready", "ready", self.ready, methods=["GET"])
        return health

    def live(self) -> Response:
        """The process answers. Touches nothing."""
        return _answer({"status": "alive"})

    def ready(self) -> Response:
        """The store answers and has all migrations. Reads only."""
        status = self._dao.status()
        if status.pending_migrations:
            raise StoreNotPrepared(f"lacks {', '.join(status.pending_migrations)}")
        told = {"status": "ready", "store": status.product, "migrations": "current"}
        return _answer(told)


def _answer(told: dict[str, str]) -> Response:
    """It holds for this moment only."""
    return Response(dump(told), content_type=JSON, headers={"Cache-Control": "no-store"})
