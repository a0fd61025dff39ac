"""What a running service tells: of all its workers, and never of a customer."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.factory import create_app
from app.settings import CassandraStore, EmbeddedStore, StoreAddress, read_settings
from tests.api.routes import calls
from tests.support.collector import Collector, collecting
from tests.support.creators import a_tenant
from tests.support.metrics import summed
from tests.support.server import SERVE, Service, serving, serving_with, wait_until

REQUESTS = "profiles_http_request_duration_seconds_count"
LIVE = {"route": "/health/live"}
MARK = "Zq7Bruce"
SENTENCE = re.compile(r"^\d\d:\d\d:\d\d  (\d+) requests, (\d+) refused, 0 failed, half ", re.M)


def scraped(service: Service) -> str:
    return service.send("GET", "/metrics").body.decode()


def runtime_folder(temporary: Path) -> Path:
    (found,) = temporary.glob("profiles-*")
    return found


def test_every_scrape_has_the_numbers_of_all_workers(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    with serving(embedded_address, tmp_path, PROFILES_WORKERS="3") as service:
        for number in range(40):
            before = summed(scraped(service), REQUESTS, **LIVE)
            service.send("GET", "/health/live")
            assert summed(scraped(service), REQUESTS, **LIVE) == before + 1, number


def test_a_worker_that_was_killed_leaves_its_counts_and_no_connections(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    settings = {"PROFILES_WORKERS": "1", "TMPDIR": str(tmp_path)}
    with serving(embedded_address, tmp_path, **settings) as service:
        for _ in range(10):
            service.send("GET", "/health/ready")
        killed = service.workers()[0].pid
        files = runtime_folder(tmp_path) / "metrics"
        service.kill_a_worker()
        wait_until(lambda: not list(files.glob(f"gauge_live*_{killed}.db")))
        wait_until(lambda: [each.pid for each in service.workers()] not in ([], [killed]))
        wait_until(lambda: summed(scraped(service), "profiles_ready") == 1)
        assert summed(scraped(service), REQUESTS, route="/health/ready") == 10
    (line,) = (each for each in log_lines(service) if each.get("logger") == "gunicorn.error")
    assert line["event"].startswith(f"Worker (pid:{killed}) was sent SIGKILL")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_of_a_service_that_has_ended(
    embedded_address: EmbeddedStore, tmp_path: Path, number: int
) -> None:
    with serving(embedded_address, tmp_path, TMPDIR=str(tmp_path)) as service:
        folder = runtime_folder(tmp_path)
        assert folder.is_dir()
        service.process.send_signal(number)
        assert service.process.wait() == 0
        assert not folder.exists()


def test_a_log_that_has_no_room_fails_no_request(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    command = ("sh", "-c", 'exec "$@" 2>/dev/full', "sh", *SERVE)
    with serving_with(embedded_address, tmp_path, {}, command=command) as service:
        assert service.send("GET", "/health/ready").status == 200


def test_the_summary_is_of_all_workers_together(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    settings = {"PROFILES_ACCESS_LOG": "summary", "PROFILES_WORKERS": "3"}
    with serving(embedded_address, tmp_path, **settings) as service:
        for _ in range(20):
            service.send("GET", "/profiles/nobody")
        wait_until(lambda: told(service) == (21, 20))
        assert '"event":"request"' not in service.output


def told(service: Service) -> tuple[int, int]:
    """How many requests there were, and how many were refused, in all sentences."""
    found = SENTENCE.findall(service.output)
    return sum(int(each) for each, _ in found), sum(int(each) for _, each in found)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def tracing_to(collector: Collector) -> dict[str, str]:
    return {
        "PROFILES_TRACING": "on",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }


def test_spans_are_sent_to_the_collector(
    embedded_address: EmbeddedStore, tmp_path: Path, collector: Collector
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with serving(embedded_address, tmp_path, **tracing_to(collector)) as service:
        service.send("GET", "/profiles/nobody", traceparent=f"00-{trace}-b7ad6b7169203331-01")
        wait_until(lambda: of_trace(collector, trace))
    request, *store = sorted(of_trace(collector, trace), key=lambda span: span.kind)
    assert request.name == "GET /profiles/{customer_id}"
    assert "store get" in {span.name for span in store}
    resource = collector.received[0].resource_spans[0].resource.attributes
    assert "customer-profiles" in {each.value.string_value for each in resource}


def of_trace(collector: Collector, trace: str) -> list[Any]:
    return [span for span in collector.spans if span.trace_id.hex() == trace]


def test_what_is_left_is_sent_when_the_service_ends(
    embedded_address: EmbeddedStore, tmp_path: Path, collector: Collector
) -> None:
    settings = tracing_to(collector) | {"OTEL_BSP_SCHEDULE_DELAY": "600000"}
    with serving(embedded_address, tmp_path, **settings) as service:
        service.send("GET", "/profiles/nobody")
        assert service.interrupt() == 0
    assert "GET /profiles/{customer_id}" in {span.name for span in collector.spans}


def test_nothing_that_is_told_has_a_customer_s_data(
    address: EmbeddedStore | CassandraStore, tmp_path: Path, collector: Collector
) -> None:
    with serving(address, tmp_path, **tracing_to(collector)) as service:
        use(service)
        abuse(service)
        told = scraped(service)
        wait_until(lambda: "GET /metrics" in {span.name for span in collector.spans})
    outcomes = {line.get("outcome") for line in log_lines(service)}
    assert {"ok", "profile_not_found", "invalid_profile", "bad_request"} <= outcomes
    check_unmarked(service, told, collector)


def test_nothing_that_is_told_of_failures_has_a_customer_s_data(
    away: StoreAddress, tmp_path: Path, collector: Collector
) -> None:
    assert isinstance(away, EmbeddedStore | CassandraStore)
    with serving(away, tmp_path, **tracing_to(collector)) as service:
        abuse(service)
        told = scraped(service)
    outcomes = {line.get("outcome") for line in log_lines(service)}
    assert "store_unavailable" in outcomes
    assert summed(told, "profiles_ready") == 0
    check_unmarked(service, told, collector)


@pytest.fixture(params=["embedded", "cassandra"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> StoreAddress:
    """The address of no store."""
    if request.param == "embedded":
        return EmbeddedStore(tmp_path / "missing.db")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return CassandraStore(("127.0.0.1",), port, "profiles", "datacenter1")


def use(service: Service) -> None:
    """Do what a customer's agent would."""
    one, other = f"/profiles/{MARK}1", f"/profiles/{MARK}2"
    tenant = {"X_Genesys_TenantId": str(a_tenant())}
    told = tenant | {"Profiles_Agent": MARK, "Profiles_Reason": MARK}
    phones = [{"PhoneNumber": MARK, "description": MARK}]
    body = {"LastName": MARK, "EmailAddress": f"{MARK}@a.de", "Phone": phones}
    for path in (one, other):
        assert service.send("PUT", path, body, If_None_Match="*", **told).status == 201
    found = service.send("GET", f"/profiles?EmailAddress={MARK}@a.de&extensions=*", **tenant)
    assert len(found.json) == 2
    assert service.send("PUT", one, {"FirstName": MARK}, **told).status == 200
    assert service.send("GET", f"{one}?extensions=*", **tenant).status == 200
    merge = {"agent_id": MARK, "reason": MARK, "force_merge": True}
    assert service.send("PUT", f"{one}/merge/{MARK}2", merge, **told).status == 204
    assert service.send("GET", f"{one}/history", **tenant).status == 200
    assert service.send("DELETE", one, **told).status == 200


def abuse(service: Service) -> None:
    """Every method of every path, with a customer's data in every place there is."""
    names = ("User_Agent", "Referer", "Cookie", "Authorization", "Accept_Language")
    headers = dict.fromkeys(names, MARK)
    odd = [
        {"X_Request_Id": f"{MARK}!", "traceparent": MARK, "If_Match": MARK},
        {"X_Genesys_TenantId": MARK},
        {"Profiles_Agent": MARK, "Accept": f"text/{MARK}"},
        {},
    ]
    for method, path in [*calls(create_app(read_settings())), (MARK.upper(), "/profiles")]:
        marked = re.sub("bruce|betty|Phone|nope", MARK, path)
        for to in (marked, f"{path}?{MARK}={MARK}", f"/{MARK}{path}"):
            for more in odd:
                service.send(method, to, {MARK: MARK}, **headers | more)
    for text in (f"{MARK}\r\n\r\n", f"GET /{MARK} HTTP/1.1\r\n{MARK}\r\n\r\n", BROKEN):
        raw(service, text)


BROKEN = (
    f"PUT /profiles/{MARK} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    f'Content-Length: 20\r\n\r\n{{"{MARK}'
)


def raw(service: Service, text: str) -> None:
    host, _, port = service.bind.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def log_lines(service: Service) -> list[dict[str, Any]]:
    """Every line after the two that say where it serves is a JSON object."""
    found = [json.loads(line) for line in service.output.splitlines()[2:]]
    assert all(isinstance(each, dict) for each in found)
    return found


def check_unmarked(service: Service, told: str, collector: Collector) -> None:
    for text in (service.output, told, str(collector.received)):
        assert text
        assert MARK.lower() not in text.lower()
