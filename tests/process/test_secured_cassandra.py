"""A Cassandra with TLS, passwords and permissions, set up as docs/how-to/own-cluster.md says."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from cassandra.cluster import NoHostAvailable

from app.dao.cassandra.connection import open_session
from app.settings import CassandraStore
from app.tls import Tls
from local_cassandra.cluster import free_port
from local_cassandra.node import Node
from tests.support.certificates import Authority, Pair
from tests.support.creators import EXAMPLE
from tests.support.server import ROOT, run, serving, store_url, wait_until

PAGE = (ROOT / "docs" / "how-to" / "own-cluster.md").read_text()
SETTINGS, STATEMENTS = (
    match[1] for match in re.finditer(r"```(?:yaml|text)\n(.*?)```", PAGE, re.DOTALL)
)
TOLD = re.findall(r"^\| (.+?) \| `(.+?)`", PAGE.partition("## What goes wrong")[2], re.M)


@dataclass(frozen=True, slots=True)
class Secured:
    """The node's address for each role, and certificates that are not its own."""

    folder: Path
    migrate: CassandraStore
    serve: CassandraStore
    stranger: Pair


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    authority = Authority(folder)
    node, us = authority.pair_of("node", "127.0.0.1", "db.test"), authority.pair_of("client")
    (folder / "node-store.pem").write_text(node.together)
    options = SETTINGS.replace("/etc/cassandra/node.pem", f"{folder}/node-store.pem")
    options = options.replace("/etc/cassandra/ca.pem", str(authority.pair.cert))
    with started(folder, yaml.safe_load(options)) as port:
        admin = CassandraStore(("127.0.0.1",), port, "profiles", "datacenter1")
        tls = Tls(authority.pair.cert, us.cert, us.key)
        admin = replace(admin, username="cassandra", password="cassandra", tls=tls)  # noqa: S106
        set_up(admin)
        yield Secured(
            folder,
            replace(admin, username="profiles_migrate", password="change me"),  # noqa: S106
            replace(admin, username="profiles_serve", password="change me too"),  # noqa: S106
            Authority(folder, "strangers").pair,
        )


@contextmanager
def started(folder: Path, options: Mapping[str, object]) -> Iterator[int]:
    """The port of a node with ``options``."""
    port, storage_port, jmx_port = (free_port() for _ in range(3))
    node = Node(folder / "node", "127.0.0.1", port, storage_port, jmx_port, options=options)
    node.start()
    try:
        yield node.port
    finally:
        node.stop()


def set_up(admin: CassandraStore) -> None:
    """Run the page's statements, for the one node that there is."""
    wait_until(lambda: can_sign_in(admin))
    cluster, session = open_session(admin, None)
    for statement in STATEMENTS.replace("'DC1': 3", "'datacenter1': 1").split(";"):
        if statement.strip():
            session.execute(statement, timeout=60)
    cluster.shutdown()


def can_sign_in(address: CassandraStore) -> bool:
    """The first role is made a moment after a node answers."""
    try:
        open_session(address, None)[0].shutdown()
    except NoHostAvailable:
        return False
    return True


def test_the_roles_suffice_to_migrate_and_to_serve(secured: Secured) -> None:
    assert run("migrate", "apply", PROFILES_STORE=store_url(secured.migrate)).returncode == 0
    with serving(secured.serve, secured.folder) as service:
        assert service.send("GET", "/health/ready").status == 200
        made = [service.send("POST", "/profiles", EXAMPLE) for _ in range(2)]
        assert [each.status for each in made] == [201, 201]
        kept, gone = (each.json["customer_id"] for each in made)
        found = service.send("GET", "/profiles?LastName=Banner")
        assert {each["customer_id"] for each in found.json} == {kept, gone}
        assert service.send("PUT", f"/profiles/{kept}/merge/{gone}").status == 204
        assert service.send("DELETE", f"/profiles/{kept}").status == 200
        key = {"name": "city", "source": "Address", "attributes": ["City"]}
        assert service.send("POST", "/metadata/identification-keys", key).status == 201
        city = "/profiles?id_key=city&Address.City=Hollywood"
        wait_until(lambda: service.send("GET", city).status == 200)


def test_a_name_takes_the_place_of_the_address(secured: Secured) -> None:
    tls = secured.migrate.tls
    assert tls is not None
    named = replace(secured.migrate, tls=replace(tls, name="db.test"))
    assert run("migrate", "apply", PROFILES_STORE=store_url(named)).returncode == 0


def test_the_role_that_serves_cannot_change_tables(secured: Secured) -> None:
    other = replace(secured.serve, keyspace="another")
    ended = run("migrate", "apply", PROFILES_STORE=store_url(other))
    assert "User profiles_serve has no CREATE permission on" in ended.stderr


def refusals(secured: Secured) -> dict[str, CassandraStore]:
    """An address for each row of the page's table, but those of settings and permissions."""
    address = secured.serve
    tls = address.tls
    assert tls is not None
    return {
        "not the authority of the nodes": replace(
            address, tls=replace(tls, ca=secured.stranger.cert)
        ),
        "another address or name": replace(address, tls=replace(tls, name="elsewhere")),
        "the nodes want a certificate": replace(address, tls=replace(tls, cert=None, key=None)),
        "no TLS to a node with": replace(address, tls=None),
        "a wrong password": replace(address, password="guessed"),  # noqa: S106
    }


@pytest.mark.parametrize("number", range(5))
def test_what_goes_wrong_is_told_as_the_page_says(secured: Secured, number: int) -> None:
    cause, address = list(refusals(secured).items())[number]
    ended = run("migrate", "apply", PROFILES_STORE=store_url(address))
    assert ended.returncode == 3
    assert dict(TOLD)[cause] in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "guessed" not in ended.stderr


def test_a_node_without_tls_is_told_apart(cassandra_host: str, secured: Secured) -> None:
    url = f"cassandra://{cassandra_host}/profiles?tls=true&ca={secured.stranger.cert}"
    ended = run("migrate", "apply", PROFILES_STORE=url)
    assert dict(TOLD)["TLS to a node without"] in ended.stderr
