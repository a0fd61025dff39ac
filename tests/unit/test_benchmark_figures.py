"""The arithmetic of the benchmark, and who used the processors meanwhile."""

import subprocess
import sys

import pytest

from benchmarks.arithmetic import median_ratio, percentile
from benchmarks.load.open_loop import status_of
from benchmarks.load.operations import held
from benchmarks.rounds import Used

BURN = "import time\nwhile time.process_time() < 0.5: pass"


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1), (50, 50), (99, 99), (99.9, 100), (100, 100)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile(range(1, 101), share) == expected


def test_of_nothing_a_percentile_is_zero() -> None:
    assert percentile([], 50) == 0


def test_a_ratio_is_that_of_the_rounds_and_not_that_of_the_medians() -> None:
    assert median_ratio([10, 200, 3], [20, 400, 1]) == 0.5


def test_a_ratio_to_nothing_is_infinite() -> None:
    assert median_ratio([10], [0]) == float("inf")


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 503 Service", None),
    ],
)
def test_an_answer_counts_once_it_is_whole(received: bytes, status: int | None) -> None:
    assert status_of(received) == status


@pytest.mark.parametrize(
    ("acknowledged", "stored", "lost", "invented"),
    [(100, 100, 0, 0), (100, 116, 0, 0), (100, 97, 3, 0), (100, 120, 0, 4)],
)
def test_writes_on_their_way_at_the_end_may_be_stored(
    acknowledged: int, stored: int, lost: int, invented: int
) -> None:
    assert held(acknowledged, stored) == {"lost": lost, "invented": invented}


def test_what_a_process_used_that_was_started_here_is_our_own() -> None:
    before = Used.now()
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert Used.now().own - before.own > 0.4


def test_what_a_process_used_that_was_not_started_here_is_that_of_others() -> None:
    before = Used.now()
    # The shell ends at once and leaves it behind; its output ends when it does.
    words = ["sh", "-c", '"$0" -c "$1" &', sys.executable, BURN]
    subprocess.run(words, stdout=subprocess.PIPE, check=True)
    after = Used.now()
    assert after.own - before.own < 0.4
    assert after.others_since(before) * (after.all - before.all) > 0.4
