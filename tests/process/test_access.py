"""Who may use a real service: keys from the command line, shared limits, and where it listens."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from app.settings import EmbeddedStore
from local_cassandra.cluster import free_port
from tests.support.access import KEY, PASSWORD, access_file, basic, credentials, wrong_credentials
from tests.support.metrics import summed
from tests.support.server import ROOT, Service, environment, run, serving, wait_until

READ = "/metadata/profiles"
EVERYWHERE = "0.0.0.0"  # noqa: S104


def status(service: Service, **headers: str) -> int:
    return service.send("GET", READ, **headers).status


def test_a_key_is_added_used_and_removed_while_the_service_runs(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    settings = {"PROFILES_AUTH": "api_key", "PROFILES_AUTH_FILE": str(tmp_path / "a.yaml")}
    first = run("auth", "add-key", "one", "--role", "agent", **settings).stdout.strip()
    with serving(embedded_address, tmp_path, **settings) as service:
        assert "callers are asked for api_key" in service.output
        assert status(service) == 401
        assert status(service, X_API_Key=first) == 200
        assert service.send("POST", "/server/mode", {}, X_API_Key=first).status == 403
        second = run("auth", "add-key", "two", "--role", "monitoring", **settings).stdout.strip()
        bearer = f"Bearer {second}"
        wait_until(lambda: {status(service, Authorization=bearer) for _ in range(20)} == {403})
        assert service.send("GET", "/server/status", X_API_Key=second).status == 200
        run("auth", "remove", "one", **settings)
        wait_until(lambda: all(status(service, X_API_Key=first) == 401 for _ in range(20)))
        assert service.send("GET", "/health/ready").status == 200


def test_a_worker_that_starts_beside_a_broken_file_lets_nobody_in_until_it_is_mended(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    file = access_file(tmp_path)
    good, settings = file.read_text(), {"PROFILES_AUTH": "api_key", "PROFILES_WORKERS": "1"}
    settings |= {"PROFILES_AUTH_FILE": str(file)}
    with serving(embedded_address, tmp_path, **settings) as service:
        file.write_text("rules: {}")
        service.kill_a_worker()
        wait_until(lambda: refused_since(service) == 503)
        file.write_text(good)
        wait_until(lambda: status(service, X_API_Key=KEY) == 200)


def test_a_faulty_file_is_told_by_workers_that_nobody_asks(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    file = access_file(tmp_path)
    good, settings = file.read_text(), {"PROFILES_AUTH": "api_key", "PROFILES_WORKERS": "2"}
    settings |= {"PROFILES_AUTH_FILE": str(file)}
    with serving(embedded_address, tmp_path, **settings) as service:
        wait_until(lambda: service.output.count("access_file_read") == 2)
        replace(file, "rules: {}")
        wait_until(lambda: service.output.count("access_file_refused") == 2)
        wait_until(lambda: refusing(service) == 1)
        replace(file, good)
        wait_until(lambda: service.output.count("access_file_read") == 4)
        wait_until(lambda: refusing(service) == 0)


def refusing(service: Service) -> float:
    """The metric."""
    answer = service.send("GET", "/metrics", X_API_Key=KEY)
    return summed(answer.body.decode(), "profiles_access_file_refused")


def replace(file: Path, text: str) -> None:
    """At once, so that nobody reads a part of it."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


def refused_since(service: Service) -> int:
    """The status of a call, 0 while no worker answers."""
    try:
        return status(service, X_API_Key=KEY)
    except (OSError, HTTPException):
        return 0


def test_neither_credentials_nor_what_is_kept_of_them_are_printed(
    embedded_address: EmbeddedStore, tmp_path: Path
) -> None:
    file = access_file(tmp_path)
    every = {"PROFILES_AUTH": "api_key,basic,jwt", "PROFILES_AUTH_FILE": str(file)}
    with serving(embedded_address, tmp_path, **every) as service:
        for given in [*credentials().values(), *wrong_credentials().values()]:
            headers = {name.replace("-", "_"): value for name, value in given.items()}
            answer = service.send("GET", "/profiles/nobody", **headers)
            assert answer.status in {401, 404}
            assert not [text for text in secrets(given) if text in str(answer)]
        file.write_text(file.read_text().replace("roles", "rules"))
        wait_until(lambda: status(service) and "access_file_refused" in service.output)
        told = service.output
    for given in [*credentials().values(), *wrong_credentials().values()]:
        assert not [text for text in secrets(given) if text in told]
    assert "$argon2" not in told


def secrets(given: dict[str, str]) -> set[str]:
    (value,) = given.values()
    return {value, value.rpartition(" ")[2], PASSWORD}


def test_all_workers_share_a_limit(embedded_address: EmbeddedStore, tmp_path: Path) -> None:
    every = {"PROFILES_WORKERS": "4", "PROFILES_RATE_LIMIT": "1"}
    with serving(embedded_address, tmp_path, **every) as service:
        wait_until(lambda: len(service.workers()) == 4)
        start = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: service.send("GET", READ), range(40)))
        allowed = [answer for answer in found if answer.status == 200]
        refused = [answer for answer in found if answer.status == 429]
        assert 1 <= len(allowed) <= 1 + (time.monotonic() - start)
        assert len(allowed) + len(refused) == len(found)
        assert {answer.headers["Retry-After"] for answer in refused} == {"1"}


@pytest.mark.parametrize("host", [EVERYWHERE, "[::]"])
def test_it_does_not_listen_to_others_without_authentication(host: str) -> None:
    ended = run("serve", PROFILES_BIND=f"{host}:{free_port()}")
    assert ended.returncode == 1
    assert re.match(r"Error: \S+ can be reached from other machines", ended.stderr)
    assert len(ended.stderr.splitlines()) == 1


def test_a_bare_gunicorn_does_not_either(embedded_address: EmbeddedStore) -> None:
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    ended = subprocess.run(
        [gunicorn, "--bind", f"{EVERYWHERE}:{free_port()}"],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "PROFILES_OPEN_TO_ALL=yes" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "settings",
    [{"PROFILES_OPEN_TO_ALL": "yes"}, {"PROFILES_AUTH": "basic"}],
)
def test_it_does_when_told_so_in_plain_words_or_with_authentication(
    embedded_address: EmbeddedStore, tmp_path: Path, settings: dict[str, str]
) -> None:
    file = str(access_file(tmp_path))
    told = {"PROFILES_AUTH_FILE": file, **settings}
    bind = f"{EVERYWHERE}:{free_port()}"
    with serving(embedded_address, tmp_path, bind=bind, **told) as service:
        expected = 401 if "PROFILES_AUTH" in settings else 200
        assert status(service) == expected
        assert status(service, Authorization=basic("anna", PASSWORD)) == 200


def test_a_missing_access_file_stops_the_start_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "missing.yaml"
    ended = run("serve", PROFILES_AUTH="api_key", PROFILES_AUTH_FILE=str(file))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: PROFILES_AUTH_FILE={file} is not there")
    assert os.linesep not in ended.stderr.strip()
