"""What is told of long work: how much, how fast, how long still."""

import pytest

from app.commands import progress
from app.commands.progress import Task


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 110.0)


@pytest.mark.usefixtures("after")
def test_the_rate_and_the_rest_follow_from_what_this_run_has_done() -> None:
    task = Task("loading", "lines", total=4000, done=1000, count=10, started=100.0)
    assert task.told(2000, 1010) == "1,010 lines, 100/s, 0:00:20 left"
    assert task.told(1001, 11) == "11 lines, 0/s, 8:19:50 left"


@pytest.mark.usefixtures("after")
def test_without_a_total_or_a_beginning_no_end_is_told() -> None:
    assert Task("looking", "profiles", started=100.0).told(50, 50) == "50 profiles, 5/s"
    assert Task("loading", "lines", total=9, started=100.0).told(0, 0) == "0 lines, 0/s"


def test_where_there_is_no_terminal_a_line_is_told_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with progress.progress(Task("loading", "lines", total=100, started=now)) as shown:
        for now in (102.0, 105.0, 107.0, 111.0):
            shown.update(int(now) - 100, 10 * (int(now) - 100))
    assert capsys.readouterr().err.splitlines() == [
        "loading: 5%, 50 lines, 10/s, 0:01:35 left",
        "loading: 11%, 110 lines, 10/s, 0:01:29 left",
    ]
