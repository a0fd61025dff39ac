"""TLS in front of the service, as docs/how-to/tls.md says."""

import re
import ssl
from pathlib import Path

import pytest

from app.settings import EmbeddedStore
from tests.support.certificates import Authority, Pair
from tests.support.creators import EXAMPLE
from tests.support.server import ROOT, serving, serving_with
from tests.support.wire import wires

PAGE = (ROOT / "docs" / "how-to" / "tls.md").read_text()
ARGUMENTS = re.findall(r"GUNICORN_CMD_ARGS='(.+)'", PAGE)[0]
ASK_CLIENTS = re.findall(r"`(--ca-certs=FILE --cert-reqs=2)`", PAGE)[0]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Pair:
    return authority.pair_of("server", "127.0.0.1")


def arguments(server: Pair, more: str = "") -> str:
    """The documented ones, with the files of this test."""
    told = ARGUMENTS.replace("/etc/profiles/service.pem", str(server.cert))
    return f"{told} {more}".replace("/etc/profiles/service.key", str(server.key))


def test_gunicorn_ends_tls(
    authority: Authority, server: Pair, embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cafile=authority.pair.cert)
    settings = {"GUNICORN_CMD_ARGS": arguments(server)}
    with serving_with(embedded_address, tmp_path, settings, trusting) as service:
        assert service.send("GET", "/health/ready").status == 200
        with pytest.raises(OSError, match=r"Connection|closed|reset"):
            service.spoken_to(None).send("GET", "/health/live")


def test_tls_takes_large_bodies_and_clients_that_stop_in_the_handshake(
    authority: Authority, server: Pair, embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cafile=authority.pair.cert)
    settings = {"GUNICORN_CMD_ARGS": arguments(server)}
    large = {
        "Phone": [{"PhoneNumber": str(number), "description": "x" * 200} for number in range(2000)]
    }
    with serving_with(embedded_address, tmp_path, settings, trusting) as service:
        with wires(service, 20) as stopping:
            for each in stopping:
                each.send(b"\x16\x03\x01")
            path = service.send("POST", "/profiles", large).headers["Location"]
            answer = service.send("GET", f"{path}?extensions=Phone")
            assert len(answer.json["Phone"]) == 2000


def test_a_handshake_that_does_not_come_to_its_end_is_given_up(
    authority: Authority, server: Pair, embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cafile=authority.pair.cert)
    settings = {"GUNICORN_CMD_ARGS": arguments(server)}
    with serving_with(embedded_address, tmp_path, settings, trusting) as service:
        with wires(service, 2) as stopping:
            stopping[0].send(b"\x16\x03\x01")
            for each in stopping:
                each.socket.settimeout(30)  # the 60 s of asyncio would be too many
            assert all(each.has_ended() for each in stopping)


def test_gunicorn_asks_clients_for_a_certificate(
    authority: Authority, server: Pair, embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    us = authority.pair_of("client")
    named = ssl.create_default_context(cafile=authority.pair.cert)
    named.load_cert_chain(us.cert, us.key)
    asking = arguments(server, ASK_CLIENTS.replace("FILE", str(authority.pair.cert)))
    settings = {"GUNICORN_CMD_ARGS": asking}
    with serving_with(embedded_address, tmp_path, settings, named) as service:
        nameless = ssl.create_default_context(cafile=authority.pair.cert)
        with pytest.raises(OSError, match=r"."):
            service.spoken_to(nameless).send("GET", "/health/live")


def test_what_a_proxy_says_of_the_outside_changes_no_link(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    told = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "a.example", "Host": "b.example"}
    with serving(embedded_address, tmp_path) as service:
        made = service.send("POST", "/profiles", EXAMPLE, **told)
        assert made.headers["Location"] == f"/profiles/{made.json['customer_id']}"
        listed = service.send("GET", "/profiles?LastName=Banner&limit=1", **told)
        assert listed.headers.get("Link", "</profiles").startswith("</profiles")
