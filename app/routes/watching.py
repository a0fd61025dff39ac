"""Every request is counted, timed and told in one line; ``/metrics`` shows what was counted."""

import time
from dataclasses import dataclass
from functools import partial

import structlog
from flask import Blueprint, Flask, Response, g, request

from app.concurrency import deadline
from app.request_faults import RequestFault
from app.routes import parameters, requests
from app.services.sampling import Sampler
from app.watching import calls, metrics
from app.watching.identifiers import IDS, request_id, trace_parent
from app.watching.spans import Span, Tracing

REQUEST_ID_HEADER = "X-Request-Id"
OK = "ok"
# What a client makes up would else be the name of a series, and stand in a log.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER, NO_ROUTE, MALFORMED, UNREAD = "other", "none", "malformed", "unread"


@dataclass(frozen=True, slots=True)
class Watched:
    """A request that is being answered."""

    id: str
    route: str
    method: str
    started: float
    spent: calls.Spent
    span: Span | None


class Watch:
    """Watches all requests of an application."""

    def __init__(self, tracing: Tracing | None, *, log_each: bool) -> None:
        self._tracing = tracing
        self._log_each = log_each
        self._log = structlog.get_logger().bind()

    def register(self, app: Flask) -> None:
        """Before all else is registered, so that it begins first and ends last."""
        app.before_request(self._begin)
        app.after_request(self._end)

    def malformed(self, status: int, problem: str) -> None:
        """What could not be read as a request was answered."""
        self._refused(MALFORMED, status, problem)

    def unread(self, status: int, problem: str) -> None:
        """What was not read, as there was too much of it or it came too slowly, was answered."""
        self._refused(UNREAD, status, problem)

    def _refused(self, route: str, status: int, problem: str) -> None:
        metrics.answered(route, OTHER, status).observe(0)
        metrics.PROBLEMS.labels(problem).inc()
        if self._log_each:
            self._log.info("request", route=route, status=status, outcome=problem)

    def _begin(self) -> None:
        started = time.perf_counter()
        rule, asked = request.url_rule, request.environ  # each look at `request` costs
        route = rule.rule.translate(_BRACES) if rule else NO_ROUTE
        method = asked["REQUEST_METHOD"] if asked["REQUEST_METHOD"] in METHODS else OTHER
        known = request_id(asked.get("HTTP_X_REQUEST_ID", ""))
        parent = trace_parent(asked.get("HTTP_TRACEPARENT", ""))
        span = self._tracing.begin(f"{method} {route}", parent) if self._tracing else None
        g.watched = Watched(known, route, method, started, calls.begin(), span)
        trace = span or parent
        ids = {"request_id": known}
        if trace:
            ids["trace_id"] = trace.trace_id
        IDS.set(ids)

    def _end(self, response: Response) -> Response:
        calls.end()
        watched: Watched = g.watched
        seconds = time.perf_counter() - watched.started
        status, outcome = response.status_code, g.get("problem", OK)
        response.headers[REQUEST_ID_HEADER] = watched.id
        metrics.answered(watched.route, watched.method, status).observe(seconds)
        if outcome != OK:
            metrics.PROBLEMS.labels(outcome).inc()
        if watched.span:
            told = _attributes(watched, status, outcome)
            watched.span.end(told, watched.spent.calls, failed=status >= 500)
        if self._log_each:
            self._tell(watched, status, outcome, seconds)
        return response

    def _tell(self, watched: Watched, status: int, outcome: str, seconds: float) -> None:
        self._log.info(
            "request",
            tenant=_tenant(),
            principal=getattr(g.get("principal"), "name", None),
            method=watched.method,
            route=watched.route,
            status=status,
            outcome=outcome,
            duration_ms=_ms(seconds),
            store_ms=_ms(watched.spent.seconds),
            store_calls=watched.spent.count,
        )


class MetricsRoutes:
    """What was counted, for Prometheus."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def blueprint(self) -> Blueprint:
        """All paths and methods."""
        watching = Blueprint("watching", __name__)
        watching.add_url_rule("/metrics", "metrics", self.metrics, methods=["GET"])
        return watching

    def metrics(self) -> Response:
        """All metrics, of all workers of this host."""
        parameters.check_parameters()
        self._sampler.sample_pools()
        exposition = partial(metrics.exposition, request.headers.get("Accept", ""))
        text, media_type = deadline.without_blocking(exposition)  # it reads the workers' files
        response = Response(text, content_type=media_type)
        response.headers["Cache-Control"] = "no-store"
        return response


_BRACES = str.maketrans("<>", "{}")


def _attributes(watched: Watched, status: int, outcome: str) -> dict[str, str | int]:
    return {
        "http.request.method": watched.method,
        "http.route": watched.route,
        "http.response.status_code": status,
        "profiles.outcome": outcome,
        "profiles.request_id": watched.id,
    }


def _tenant() -> int | None:
    """None where the header is no tenant: what it is instead may be anything."""
    try:
        return requests.tenant()
    except RequestFault:
        return None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
