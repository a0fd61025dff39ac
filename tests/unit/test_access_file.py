"""The access file: what it says, every fault with its path, and the next version of it."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.access import watched as watched_module
from app.access.api_keys import digest_of, fresh_key
from app.access.authenticator import Authenticator
from app.access.credentials import Credentials
from app.access.errors import AuthenticationUnavailable, Unauthenticated
from app.access.file import AccessFile, read_access
from app.access.guesses import Guesses
from app.access.principal import Principal
from app.access.privileges import ALL, Privilege
from app.access.template import TEMPLATE
from app.access.watched import PAUSE_SECONDS, Watched
from app.authentication import check_access_file
from app.settings import WrongSetting, read_settings
from schemas.faults import Invalid
from tests.support.access import HASH, KEY, access_file, key_set

GOOD = f"""
roles:
  agent: [Read Customer Profile, Update Customer Profile]
  administrator: "*"
users:
  anna: {{password: "{HASH}", roles: [agent], tenants: [1, 2]}}
keys:
  ivr: {{digest: "{digest_of(KEY)}", roles: [agent, administrator], tenants: "*"}}
jwt:
  issuer: https://login.example.org/
  audience: profiles
  jwks: https://login.example.org/keys
  algorithms: [ES256, RS256]
  tenants_claim: tenants
"""
UNLIMITED = Guesses("10.0.0.1", None)
AGENT = frozenset({Privilege.READ_PROFILE, Privilege.UPDATE_PROFILE})


def read(text: str) -> AccessFile:
    return read_access(text, Path("/etc/profiles"))


def faults(text: str) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(text)
    return {fault.pointer: fault.message for fault in caught.value.faults}


def holder(section: str, **members: str) -> str:
    """A file with one user or key, which is good but for ``members``."""
    secret = {"users": ("password", f'"{HASH}"'), "keys": ("digest", f'"{digest_of(KEY)}"')}
    usual = dict([secret[section]]) | {"roles": "[agent]", "tenants": "[1]"}
    told = ", ".join(f"{name}: {value}" for name, value in (usual | members).items() if value)
    return f"roles: {{agent: []}}\n{section}:\n  x: {{{told}}}\n"


def tokens(**members: str) -> str:
    usual = {"issuer": "i", "audience": "a", "jwks": "https://x", "algorithms": "[ES256]"}
    told = usual | {"tenants": "'*'"} | members
    return "jwt:\n" + "".join(f"  {name}: {value}\n" for name, value in told.items() if value)


def test_users_and_keys_have_the_privileges_of_their_roles() -> None:
    file = read(GOOD)
    assert file.users["anna"].principal == Principal("basic:anna", AGENT, frozenset({1, 2}))
    assert file.keys[digest_of(KEY)] == Principal("api_key:ivr", ALL, None)
    assert file.roles == {"agent": AGENT, "administrator": ALL}
    assert file.jwt is not None
    assert (file.jwt.tenants_claim, file.jwt.roles_claim) == ("tenants", "roles")


@pytest.mark.parametrize("text", ["", "# nothing yet", "roles:\nusers:\nkeys:\n", "roles: {}"])
def test_a_file_may_be_empty(text: str) -> None:
    assert read(text) == AccessFile({}, {}, {}, None)


def test_the_file_to_start_with_is_a_good_one() -> None:
    roles = read(TEMPLATE).roles
    assert set(roles) == {"agent", "supervisor", "ivr", "administrator", "monitoring"}
    assert roles["ivr"] < roles["agent"] < roles["supervisor"] < roles["administrator"] == ALL
    assert Privilege.READ_SENSITIVE in roles["supervisor"] - roles["agent"]


@pytest.mark.parametrize(
    ("text", "pointer", "told"),
    [
        ("[]", "", "must be an object"),
        ("roles: []", "/roles", "must be an object of names"),
        ("role: {}", "/role", "did you mean roles?"),
        ("roles: {no: []}", "/roles/False", "quoted"),
        ("roles: {'a b': []}", "/roles/a b", "must be 1 to 64"),
        ("roles: {a: all}", "/roles/a", "must be a list, or '*'"),
        (
            "roles: {a: [Read Customer Profil]}",
            "/roles/a/0",
            "did you mean Read Customer",
        ),
        ("roles: {a: [on]}", "/roles/a/0", "quote it"),
        ("roles: {a: []}\nroles: {}", "", "given more than once"),
        ("keys: {a: 1}", "/keys/a", "must be an object"),
        ("keys: {a: }", "/keys/a", "must be an object"),
        (holder("keys", digest=""), "/keys/x/digest", "is mandatory"),
        (holder("keys", digest=KEY), "/keys/x/digest", "SHA-256"),
        (holder("keys", roles=""), "/keys/x/roles", "is mandatory"),
        (holder("keys", roles="[agnt]"), "/keys/x/roles/0", "did you mean agent?"),
        (holder("keys", roles="agent"), "/keys/x/roles", "must be a list"),
        (holder("keys", tenants=""), "/keys/x/tenants", "is mandatory"),
        (holder("keys", tenants="1"), "/keys/x/tenants", "must be a list, or '*'"),
        (holder("keys", tenants="[1, x]"), "/keys/x/tenants/1", "must be a whole number"),
        (holder("keys", tenants="[-1]"), "/keys/x/tenants/0", "at most 18 digits"),
        (holder("keys", password="x"), "/keys/x/password", "is not known here"),  # noqa: S106
        (holder("users", password="tiger"), "/users/x/password", "argon2id"),  # noqa: S106
        (holder("users", password="$argon2i$v=19$m=8,t=1,p=1$YQ$YQ"), "/users/x/password", "2id"),  # noqa: S106
        (tokens(algorithms="[none]"), "/jwt/algorithms/0", "public keys only"),
        (tokens(algorithms="[ES256, HS256]"), "/jwt/algorithms/1", "public keys only"),
        (tokens(algorithms="[]"), "/jwt/algorithms", "at least one"),
        (tokens(issuer=""), "/jwt/issuer", "is mandatory"),
        (tokens(tenants=""), "/jwt/tenants", "tenants_claim, not both"),
        (tokens(tenants_claim="t"), "/jwt/tenants", "tenants_claim, not both"),
        (tokens(jwks="missing.json"), "/jwt/jwks", "cannot be used"),
        (tokens(jwks="file:///etc/passwd"), "/jwt/jwks", "cannot be used"),
    ],
)
def test_a_fault_is_told_with_its_path(text: str, pointer: str, told: str) -> None:
    assert told in faults(text)[pointer]


def test_all_faults_are_told_at_once_and_no_secret() -> None:
    text = f"users: {{a: {{password: tiger, roles: [x]}}}}\nkeys: {{b: {{digest: {KEY}}}}}"
    told = faults(text)
    paths = {"/users/a/password", "/users/a/tenants"}
    assert paths | {f"/keys/b/{each}" for each in ("digest", "roles", "tenants")} == set(told)
    assert not {each for each in told.values() if "tiger" in each or KEY in each}


def test_two_keys_of_one_digest_are_refused() -> None:
    entry = f'{{digest: "{digest_of(KEY)}", roles: [], tenants: []}}'
    assert faults(f"keys:\n  a: {entry}\n  b: {entry}") == {
        "/keys/b/digest": "is that of another key"
    }


def test_a_key_set_beside_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(key_set())
    rules = read_access(tokens(jwks="keys.json"), tmp_path).jwt
    assert rules is not None
    assert rules.jwks == str(tmp_path / "keys.json")


def test_a_new_key_is_as_random_as_its_digest_is_long() -> None:
    assert len({fresh_key() for _ in range(100)}) == 100
    assert {len(fresh_key()) for _ in range(100)} == {len("pk_") + 43}


def test_what_is_secret_is_not_shown(tmp_path: Path) -> None:
    given = Credentials(authorization=f"Bearer {KEY}", api_key=KEY)
    assert KEY not in f"{given!r} {given}"
    assert HASH not in repr(read(GOOD).users)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "access.yaml"
    file.write_text("1")
    return file


def number(text: str) -> int:
    if not text.isdigit():
        raise Invalid([])
    return int(text)


def test_a_new_version_is_in_force_within_a_second(file: Path, clock: Clock) -> None:
    watched = Watched(file, number, clock)
    assert watched.current() == 1
    file.write_text("22")
    assert watched.current() == 1
    clock.now += PAUSE_SECONDS
    assert watched.current() == 22


def test_a_version_of_the_same_length_is_seen_too(file: Path, clock: Clock) -> None:
    watched = Watched(file, number, clock)
    assert watched.current() == 1
    other = file.with_name("other")
    other.write_text("2")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    clock.now += PAUSE_SECONDS
    assert watched.current() == 2


def test_a_version_that_is_dated_back_is_seen_too(file: Path, clock: Clock) -> None:
    watched = Watched(file, number, clock)
    assert watched.current() == 1
    before = file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of files is a coarse one
        file.write_text("2")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    clock.now += PAUSE_SECONDS
    assert watched.current() == 2


def test_a_broken_version_is_logged_once_and_the_one_before_stays(
    file: Path, clock: Clock
) -> None:
    watched = Watched(file, number, clock)
    assert watched.current() == 1
    for break_it in (lambda: file.write_text("broken"), file.unlink):
        break_it()
        with capture_logs() as logs:
            for _ in range(3):
                clock.now += PAUSE_SECONDS
                assert watched.current() == 1
        assert [entry["event"] for entry in logs] == ["access_file_refused"]
        assert watched.is_refused
    file.write_text("3")
    clock.now += PAUSE_SECONDS
    assert watched.current() == 3
    assert not watched.is_refused


def test_nobody_waits_for_a_look_that_another_request_has_begun(file: Path, clock: Clock) -> None:
    begun, go_on = Event(), Event()

    def slow(text: str) -> int:
        if text == "2":
            begun.set()
            go_on.wait()
        return int(text)

    watched = Watched(file, slow, clock)
    assert watched.current() == 1
    file.write_text("2")
    clock.now += PAUSE_SECONDS
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(watched.current)
        begun.wait()
        assert watched.current() == 1
        go_on.set()
        assert first.result() == 2


def test_many_that_wait_for_the_first_version_read_it_once(file: Path, clock: Clock) -> None:
    read, ready = list[str](), Barrier(8)

    def note(text: str) -> int:
        read.append(text)
        return int(text)

    watched = Watched(file, note, clock)

    def current() -> int | None:
        ready.wait()
        return watched.current()

    with ThreadPoolExecutor(8) as pool:
        assert [each.result() for each in [pool.submit(current) for _ in range(8)]] == [1] * 8
    assert read == ["1"]


def test_a_file_that_cannot_be_looked_at_for_long_stops_nobody(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_module, "SECONDS_OF_LOOK", 0)
    go_on = Event()
    watched = Watched(file, lambda _: go_on.wait(), clock)
    assert watched.current() is None
    go_on.set()
    monkeypatch.undo()
    assert watched.current()


def test_a_process_that_begins_beside_a_broken_version_waits_for_a_good_one(
    file: Path, clock: Clock
) -> None:
    file.write_text("broken")
    watched = Watched(file, number, clock)
    with capture_logs() as logs:
        assert [watched.current() for _ in range(3)] == [None] * 3
    assert [entry["event"] for entry in logs] == ["access_file_refused"]
    file.write_text("3")
    clock.now += PAUSE_SECONDS
    assert watched.current() == 3


def test_nobody_comes_in_before_a_good_version(tmp_path: Path) -> None:
    authenticator = Authenticator(("api_key",), tmp_path / "missing.yaml")
    with pytest.raises(AuthenticationUnavailable):
        authenticator.principal(Credentials(api_key=KEY), UNLIMITED)


def test_a_key_that_is_taken_out_of_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = access_file(tmp_path)
    authenticator = Authenticator(("api_key",), file)
    monkeypatch.setattr(authenticator._checks, "_looked_at", float("-inf"))
    given = Credentials(api_key=KEY)
    assert authenticator.principal(given, UNLIMITED).name == "api_key:ivr"
    file.write_text("roles: {}")
    monkeypatch.setattr(authenticator._checks, "_looked_at", float("-inf"))
    with pytest.raises(Unauthenticated):
        authenticator.principal(given, UNLIMITED)


@pytest.mark.parametrize(
    ("auth", "text", "told"),
    [
        ("api_key", None, "profiles auth add-key"),
        ("jwt", "roles: {}", "/jwt: is mandatory"),
        ("basic", "rules: {}", "/rules: is not known here, did you mean roles?"),
        ("basic", "\udcff", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: str, text: Any, told: str
) -> None:
    file = tmp_path / "access.yaml"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    monkeypatch.setenv("PROFILES_AUTH", auth)
    monkeypatch.setenv("PROFILES_AUTH_FILE", str(file))
    with pytest.raises(WrongSetting) as caught:
        check_access_file(read_settings())
    assert told in str(caught.value)
    assert str(file) in str(caught.value)
