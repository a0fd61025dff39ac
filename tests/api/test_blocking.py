"""No request holds up the event loop: what blocks runs beside it, or waits for it.

asyncio tells in its debug mode which callback took too long. Everything here takes much longer
than that, where it is slow: a file that another process writes, the check of a password.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask, Response

from app import stores
from app.dao.base import Dao
from app.dao.embedded.connection import connect
from app.factory import create_app
from app.serving.bridge import Bridge
from app.settings import EmbeddedStore, Settings
from schemas.document import dump
from tests.api.routes import a_body, asked, calls
from tests.support import access
from tests.support.asgi import Answered, exchange
from tests.support.loop import Loop, running_loop

TOO_LONG = 0.5
LONG = 1.5
"""Seconds, as `TOO_LONG`."""

Slow = Callable[[], list[str]]


@pytest.fixture
def loop() -> Iterator[Loop]:
    with running_loop(debug=True) as running:
        running.loop.slow_callback_duration = TOO_LONG
        yield running


@pytest.fixture
def held_up(caplog: pytest.LogCaptureFixture) -> Slow:
    """What has held up the loop so far."""
    caplog.set_level(logging.WARNING, "asyncio")
    return lambda: [each.getMessage() for each in caplog.records if each.name == "asyncio"]


@pytest.fixture
def own_file(folder: Path) -> Iterator[tuple[EmbeddedStore, Dao]]:
    address = EmbeddedStore(folder / "own.db")
    stores.migrate(address)
    dao = stores.open_dao(address)
    yield address, dao
    dao.close()


def send(loop: Loop, app: Flask, *sent: tuple[str, str], **headers: str) -> list[Answered]:
    """What ``app`` answers to ``sent``, methods and paths, all at the same time."""
    bridge = Bridge(app)
    fields = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]

    async def all_of_them() -> list[Answered | None]:
        return await asyncio.gather(*(one(*each) for each in sent))

    async def one(method: str, path: str) -> Answered | None:
        merge_patch = method == "PATCH"
        media_type = b"application/merge-patch+json" if merge_patch else b"application/json"
        body = a_body(path)
        told = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
        named = [*fields, *(told if method in {"PUT", "POST", "PATCH"} else [])]
        return await exchange(bridge, method, asked(method, path), body, headers=named)

    return [each for each in loop.wait_for(all_of_them()) if each]


def test_a_view_that_blocks_is_found_out(
    loop: Loop, held_up: Slow, settings: Settings, dao: Dao
) -> None:
    app = create_app(settings, dao)

    def block() -> Response:
        time.sleep(LONG)
        return Response()

    app.view_functions["health.live"] = block
    send(loop, app, ("GET", "/health/live"))
    assert len(held_up()) == 1


def test_no_operation_holds_up_the_loop_while_another_process_writes(
    loop: Loop, held_up: Slow, settings: Settings, own_file: tuple[EmbeddedStore, Dao]
) -> None:
    address, dao = own_file
    app = create_app(replace(settings, deadline=LONG), dao)
    sent = [call for call in calls(app) if call[0] != "OPTIONS"]
    send(loop, app, *sent)  # what is made once is there
    other = connect(address.path)
    other.execute("BEGIN IMMEDIATE")
    found = send(loop, app, *sent, *sent)
    other.execute("ROLLBACK")
    other.close()
    assert len(found) == 2 * len(sent)
    assert 503 in {each.status for each in found}
    assert held_up() == []


def test_no_password_holds_up_the_loop(
    loop: Loop, held_up: Slow, settings: Settings, dao: Dao, folder: Path
) -> None:
    file = access.access_file(folder)
    slow = PasswordHasher(time_cost=20, memory_cost=2**16, parallelism=1).hash(access.PASSWORD)
    file.write_text(file.read_text().replace(dump(access.HASH).decode(), dump(slow).decode()))
    app = create_app(replace(settings, auth=("basic",), auth_file=file, deadline=60), dao)
    started = time.monotonic()
    (found,) = send(
        loop,
        app,
        ("GET", "/profiles/nobody"),
        authorization=access.basic("anna", access.PASSWORD),
    )
    assert found.status == 404
    assert time.monotonic() - started > TOO_LONG  # else this test shows nothing
    assert held_up() == []
