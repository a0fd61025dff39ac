"""granian gives each request a thread; how many of them are at work at a time is bounded here."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import Client

from app.serving.admission import Admission
from app.settings import read_settings

AT_WORK, SENT = 2, 20


def test_no_more_are_at_work_than_there_are_threads_and_the_others_wait_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROFILES_THREADS", str(AT_WORK))
    app, counting = Flask(__name__), threading.Lock()
    at_work, most = 0, 0

    @app.get("/")
    def work() -> str:
        nonlocal at_work, most
        with counting:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02)
        with counting:
            at_work -= 1
        return ""

    client = Client(Admission(app, read_settings()))
    with ThreadPoolExecutor(SENT) as pool:
        answers = list(pool.map(lambda _: client.get("/").status_code, range(SENT)))

    assert answers == [200] * SENT
    assert most == AT_WORK
