"""What is told of a request: in the metrics, in the log, in its answer and in a trace."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.dao.base import Dao
from app.dao.errors import StoreUnavailable, VersionConflict
from app.factory import create_app
from app.parts import WATCHERS
from app.services.sampling import Sampler
from app.settings import AccessLog, CassandraStore, Settings, StoreAddress
from app.watching.tracing import OpenTelemetry
from tests.api.conftest import client_of
from tests.api.failing_dao import FailingDao
from tests.support.client import ApiClient
from tests.support.metrics import counted, counting, summed

REQUESTS = "profiles_http_request_duration_seconds_count"
ONE = "/profiles/{customer_id}"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged since the last call; every line has to be a JSON object."""
    found = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert all(isinstance(each, dict) for each in found)
    return found


def test_a_request_is_counted_by_the_rule_of_its_route(api: ApiClient) -> None:
    with counting(REQUESTS, 1, route=ONE, method="GET", status="404"):
        with counting("profiles_problems_total", 1, code="profile_not_found"):
            api.get("/profiles/nobody", expect=404)


def test_what_a_client_makes_up_is_no_name_in_the_metrics(api: ApiClient) -> None:
    with counting(REQUESTS, 1, route="none", method="GET", status="404"):
        api.get("/secret", expect=404)
    with counting(REQUESTS, 1, route="none", method="other", status="405"):
        api.send("SECRET", "/profiles", expect=405)
    assert "secret" not in api.get("/metrics").text.lower()


def test_the_metrics_are_told_as_prometheus_and_openmetrics_have_it(api: ApiClient) -> None:
    plain = api.get("/metrics")
    assert plain.content_type.startswith("text/plain; version=0.0.4")
    assert plain.headers["Cache-Control"] == "no-store"
    assert summed(plain.text, "profiles_build_info") == 1
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    open_metrics = api.get("/metrics", Accept=accept)
    assert open_metrics.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert open_metrics.text.endswith("# EOF\n")


def test_writers_that_meet_are_counted_with_their_retries(settings: Settings) -> None:
    app = create_app(settings, FailingDao(None, VersionConflict()))
    with counting("profiles_retries_total", 29, operation="write"):
        with counting(
            "profiles_store_call_duration_seconds_count",
            30,
            operation="commit",
            outcome="conflict",
        ):
            client_of(app).post({}, expect=503)


def test_the_revision_in_use_is_told(app: Flask) -> None:
    api = ApiClient(app.test_client(), 1)
    with counting("profiles_definitions_compiled_total", 1):
        core: Any = api.get("/metadata/profiles").json
    revision = counted("profiles_definition_revision")
    api.put("/metadata/profiles", core)
    assert counted("profiles_definition_revision") == revision + 1


def test_the_store_is_looked_at(app: Flask, api: ApiClient, address: StoreAddress) -> None:
    (sampler,) = app.extensions[WATCHERS]
    api.get("/health/ready")
    sampler.sample()
    assert (counted("profiles_ready"), counted("profiles_pending_migrations")) == (1, 0)
    text = api.get("/metrics").text
    assert summed(text, "profiles_store_connections", peer=peer(address)) >= 1


def peer(address: StoreAddress) -> str:
    if isinstance(address, CassandraStore):
        return f"{address.hosts[0]}:{address.port}"
    return "file"


def test_a_store_that_cannot_be_used_is_not_ready(away: Dao) -> None:
    with pytest.raises(StoreUnavailable):
        Sampler(away).sample()
    assert counted("profiles_ready") == 0


def test_a_request_is_one_line(capfd: pytest.CaptureFixture[str], api: ApiClient) -> None:
    path = api.created({"FirstName": "Bruce"})
    lines(capfd)
    answer = api.get(path, X_Request_Id="mine", traceparent=PARENT)
    (told,) = lines(capfd)
    assert answer.headers["X-Request-Id"] == "mine"
    assert told.pop("timestamp").endswith("Z")
    assert told.pop("duration_ms") >= told.pop("store_ms") > 0
    assert told.pop("store_calls") >= 1
    assert told == {
        "event": "request",
        "level": "info",
        "request_id": "mine",
        "trace_id": TRACE,
        "tenant": api.tenant,
        "principal": "anybody",
        "method": "GET",
        "route": ONE,
        "status": 200,
        "outcome": "ok",
    }


def test_what_is_refused_is_told_with_its_code_and_without_what_was_sent(
    capfd: pytest.CaptureFixture[str], api: ApiClient
) -> None:
    api.get("/profiles/a?b=c", expect=400, X_Genesys_TenantId="d", X_Request_Id="not this!")
    (told,) = lines(capfd)
    assert (told["outcome"], told["tenant"]) == ("invalid_request", None)
    assert (told["route"], "trace_id" in told) == (ONE, False)
    assert len(told["request_id"]) == 32


def test_a_failure_is_told_with_the_request_that_it_belongs_to(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    api = client_of(create_app(settings, FailingDao(RuntimeError("secret"))))
    api.get("/profiles/bruce", expect=500, X_Request_Id="mine")
    failure, request = lines(capfd)
    assert failure["event"] == "internal_error"
    assert failure["request_id"] == request["request_id"] == "mine"
    assert failure["exception"][0]["type"] == "RuntimeError"
    assert "failing_dao.py" in failure["exception"][0]["at"][-1]


@pytest.mark.parametrize("other", [AccessLog.SUMMARY, AccessLog.OFF])
def test_no_line_is_written_where_none_is_asked_for(
    settings: Settings, dao: Dao, capfd: pytest.CaptureFixture[str], other: AccessLog
) -> None:
    api = client_of(create_app(replace(settings, access_log=other), dao))
    answer = api.get("/profiles/nobody", expect=404)
    assert lines(capfd) == []
    assert answer.headers["X-Request-Id"]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traced(settings: Settings, dao: Dao, spans: InMemorySpanExporter) -> Iterator[ApiClient]:
    app = create_app(replace(settings, tracing=True), dao)
    (tracing,) = (each for each in app.extensions[WATCHERS] if isinstance(each, OpenTelemetry))
    tracing.provider.add_span_processor(SimpleSpanProcessor(spans))
    yield client_of(app)
    tracing.stop()


def test_a_request_and_its_store_calls_are_spans_of_the_caller_s_trace(
    capfd: pytest.CaptureFixture[str], traced: ApiClient, spans: InMemorySpanExporter
) -> None:
    traced.get("/profiles/bruce?version=1", expect=404, traceparent=PARENT, X_Request_Id="mine")
    *store, request = sorted(spans.get_finished_spans(), key=lambda each: each.kind.value)[::-1]
    assert request.name == f"GET {ONE}"
    assert request.parent
    assert f"{request.parent.trace_id:032x}-{request.parent.span_id:016x}" == f"{TRACE}-{SPAN}"
    assert dict(request.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": ONE,
        "http.response.status_code": 404,
        "profiles.outcome": "profile_not_found",
        "profiles.request_id": "mine",
    }
    assert {"store get"} <= {each.name for each in store}
    for each in store:
        assert each.parent
        assert each.parent.span_id == request.context.span_id
        assert each.attributes
        assert each.attributes.keys() == {"profiles.operation", "profiles.outcome"}
        times = (request.start_time, each.start_time, each.end_time, request.end_time)
        assert sorted(time or 0 for time in times) == [*times]
    assert {each["trace_id"] for each in lines(capfd)} == {TRACE}


def test_a_caller_that_is_not_sampled_leaves_no_span(
    traced: ApiClient, spans: InMemorySpanExporter
) -> None:
    traced.get("/profiles/bruce", expect=404, traceparent=f"00-{TRACE}-{SPAN}-00")
    assert spans.get_finished_spans() == ()


def test_a_request_without_a_trace_begins_one(
    capfd: pytest.CaptureFixture[str], traced: ApiClient, spans: InMemorySpanExporter
) -> None:
    traced.get("/health/live")
    (span,) = spans.get_finished_spans()
    (told,) = lines(capfd)
    assert span.parent is None
    assert told["trace_id"] == f"{span.context.trace_id:032x}"
