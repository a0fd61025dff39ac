"""A run against the real application, on a store with a defect: it has to be red."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from app import stores
from app.dao.base import Dao
from app.factory import create_app
from app.settings import AccessLog, EmbeddedStore, Settings, read_settings
from tests.faults import defects
from tests.faults.client import Habits
from tests.faults.run import Run
from tests.faults.violations import Rule
from tests.services.faults import Delegate

OPERATIONS = 1500
CROWDED = Habits(cold=10, hot=0.7, keyed=0.2)


class Quiet(WSGIRequestHandler):
    """Keeps connections, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    for each in fields(Settings):
        monkeypatch.delenv(f"PROFILES_{each.name.upper()}", raising=False)
    return read_settings()


@contextmanager
def serving(settings: Settings, dao: Dao) -> Iterator[str]:
    """The application in this process; HOST:PORT."""
    app = create_app(replace(settings, access_log=AccessLog.OFF), dao)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def broken(settings: Settings, kind: type[Delegate], folder: Path) -> set[Rule]:
    """The rules that a short run on such a store shows broken."""
    address, run = (
        EmbeddedStore(folder / "profiles.db"),
        Run(folder, OPERATIONS, processes=1, habits=CROWDED),
    )
    stores.migrate(address)
    dao = stores.open_dao(address)
    with serving(settings, kind(dao)) as bind:
        with run.load(bind):
            pass
        report = run.judged(address, [bind])
    dao.close()
    assert report.operations >= OPERATIONS
    return {each.rule for each in report.violations}


def test_a_store_without_a_defect_is_green(settings: Settings, tmp_path: Path) -> None:
    assert broken(settings, Delegate, tmp_path) == set()


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (defects.Forgetful, Rule.LOST),
        (defects.Repeating, Rule.TWICE),
        (defects.Overtaking, Rule.OVERTAKEN),
        (defects.Mixing, Rule.MIXED),
        (defects.Unindexed, Rule.MISSING),
        (defects.Stale, Rule.BACK),
    ],
)
def test_a_defect_is_red(
    settings: Settings, tmp_path: Path, kind: type[Delegate], rule: Rule
) -> None:
    assert rule in broken(settings, kind, tmp_path)
