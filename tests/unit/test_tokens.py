"""Bearer tokens: which are taken, what their claims mean, and where the keys come from."""

import base64
import hmac
import http.server
import json
import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm
from jwt.api_jws import PyJWS

from app.access import key_sets
from app.access.errors import AuthenticationUnavailable
from app.access.key_sets import (
    MAX_AGE_SECONDS,
    MAX_STALE_SECONDS,
    PAUSE_SECONDS,
    KeySet,
    WrongKeySet,
    read_keys,
)
from app.access.principal import Principal
from app.access.privileges import Privilege
from app.access.tokens import LAST_MOMENT, LEEWAY_SECONDS, TokenRules, Tokens
from tests.support.access import (
    AUDIENCE,
    EC_KEY,
    ISSUER,
    OTHER_KEY,
    RSA_KEY,
    a_token,
    key_set,
    public_jwk,
)

ROLES = {
    "all": frozenset({Privilege.READ_PROFILE}),
    "more": frozenset({Privilege.DELETE_PROFILE}),
}


class Issuer(http.server.HTTPServer):
    """Serves a key set, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.keys = key_set()
        self.status = 200
        self.asked = 0
        self.has_been_asked = threading.Semaphore(0)
        self.answering = threading.Event()
        self.answering.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/keys"


class Answer(http.server.BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        self.server.asked += 1
        self.server.has_been_asked.release()
        self.server.answering.wait()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.keys)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def rules(**changes: Any) -> TokenRules:
    usual: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": ""}
    usual |= {"algorithms": ("ES256", "RS256")}
    return TokenRules(**usual | changes)


@pytest.fixture
def keys(tmp_path: Path) -> KeySet:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set())
    return KeySet(str(file))


def found(keys: KeySet, token: str, **changes: Any) -> Principal | None:
    return Tokens(rules(**changes), ROLES, keys).principal(token)


def forged(header: Any, payload: Any, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def signed(claims: dict[str, Any]) -> str:
    """Also what PyJWT itself would not make a token of."""
    return PyJWS().encode(json.dumps(claims).encode(), EC_KEY, "ES256", {"kid": "one"})


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else []


def test_a_good_token_is_taken_by_each_algorithm(keys: KeySet) -> None:
    expected = Principal("jwt:sam", ROLES["all"], None)
    assert found(keys, a_token()) == expected
    assert found(keys, a_token(RSA_KEY, "RS256", "two")) == expected


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example.org/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"exp": None},
        {"exp": 0},
        {"exp": time.time() - LEEWAY_SECONDS - 60},
        {"nbf": time.time() + 86_400},
        {"sub": "\ud800"},
        {"sub": None},
        {"sub": ""},
        {"sub": " \t"},
        {"exp": "tomorrow"},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(keys: KeySet, claims: dict[str, Any]) -> None:
    assert found(keys, a_token(**claims)) is None


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value",
    [10**399, -(10**399), str(10**399), 1e308, -1e308, math.inf, -math.inf, math.nan, [], {}],
    ids=lambda value: str(value)[:12],
)
def test_a_token_of_a_moment_that_no_calendar_has_is_refused(
    keys: KeySet, claim: str, value: Any
) -> None:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "sam", "exp": time.time() + 600, claim: value}
    assert found(keys, signed(claims)) is None


def test_a_token_may_be_good_to_the_end_of_the_calendar(keys: KeySet) -> None:
    assert found(keys, a_token(exp=LAST_MOMENT, nbf=0, iat=1.5))


@pytest.mark.parametrize("claim", [[10**4000, math.inf, True], nested(300)], ids=["odd", "deep"])
def test_odd_numbers_and_depths_name_no_tenants(keys: KeySet, claim: Any) -> None:
    principal = found(keys, a_token(tenants=claim), tenants_claim="tenants")
    assert principal is not None
    assert principal.tenants == frozenset()


@pytest.mark.parametrize("depth", [900, 3000])
def test_a_token_of_any_depth_is_answered(keys: KeySet, depth: int) -> None:
    """Where the parser gives up depends on the release of Python."""
    text = '{"iss": "x", "x": ' + "[" * depth + "]" * depth + "}"
    assert found(keys, PyJWS().encode(text.encode(), EC_KEY, "ES256", {"kid": "one"})) is None


@pytest.mark.parametrize(
    "token",
    [
        a_token(OTHER_KEY),
        a_token(kid="nobody's"),
        a_token(kid=None),
        a_token(kid="two"),
        a_token(RSA_KEY, "RS256", "one"),
        a_token(RSA_KEY, "PS256", "two"),
        a_token(RSA_KEY, "RS512", "two"),
    ],
    ids=["forged", "unknown kid", "no kid", "kid of RSA", "kid of EC", "PS256", "not pinned"],
)
def test_a_token_of_another_key_or_algorithm_is_refused(keys: KeySet, token: str) -> None:
    assert found(keys, token) is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, ["ES256"]])
def test_a_token_without_a_signature_is_refused(keys: KeySet, algorithm: Any) -> None:
    payload = json.loads(base64.urlsafe_b64decode(a_token().split(".")[1] + "=="))
    assert found(keys, forged({"alg": algorithm, "kid": "one"}, payload)) is None
    assert found(keys, forged({"kid": "one"}, payload)) is None


def test_a_public_key_is_no_shared_secret(keys: KeySet) -> None:
    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    payload = json.loads(base64.urlsafe_b64decode(a_token().split(".")[1] + "=="))
    unsigned = forged({"alg": "HS256", "kid": "two"}, payload).rstrip(".")
    for secret in (pem, pem.strip(), b""):
        signature = base64.urlsafe_b64encode(hmac.digest(secret, unsigned.encode(), "sha256"))
        token = f"{unsigned}.{signature.decode().rstrip('=')}"
        assert found(keys, token) is None


def test_a_token_without_a_key_id_is_checked_with_the_only_key(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(public_jwk(EC_KEY, "one")))
    assert found(KeySet(str(file)), a_token(kid=None))
    assert found(KeySet(str(file)), a_token(OTHER_KEY, kid=None)) is None


def test_a_key_for_one_algorithm_is_for_no_other(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(public_jwk(RSA_KEY, "two", alg="PS256")))
    both, keys = ("RS256", "PS256"), KeySet(str(file))
    assert found(keys, a_token(RSA_KEY, "PS256", "two"), algorithms=both)
    assert found(keys, a_token(RSA_KEY, "RS256", "two"), algorithms=both) is None


@pytest.mark.parametrize(
    ("claims", "path", "privileges"),
    [
        ({"roles": ["all", "more", "unknown", 7]}, "roles", ROLES["all"] | ROLES["more"]),
        ({"roles": "more all"}, "roles", ROLES["all"] | ROLES["more"]),
        ({"roles": []}, "roles", frozenset()),
        ({"roles": None}, "roles", frozenset()),
        ({"roles": {"all": 1}}, "roles", frozenset()),
        ({"realm_access": {"roles": ["more"]}}, "realm_access.roles", ROLES["more"]),
        ({"https://a.example/roles": ["more"]}, "https://a.example/roles", ROLES["more"]),
        ({"realm_access": "all"}, "realm_access.roles", frozenset()),
    ],
)
def test_a_claim_names_the_roles(
    keys: KeySet, claims: dict[str, Any], path: str, privileges: frozenset[Privilege]
) -> None:
    principal = found(keys, a_token(**claims), roles_claim=path)
    assert principal is not None
    assert principal.privileges == privileges


@pytest.mark.parametrize(
    ("claim", "tenants"),
    [
        ("*", None),
        ([1, 2], [1, 2]),
        (7, [7]),
        (["7", "x", -1, 1.5, "1" * 30], [7]),
        ("7", [7]),
        (None, []),
        (["*"], []),
        ({}, []),
    ],
)
def test_a_claim_names_the_tenants(keys: KeySet, claim: Any, tenants: list[int] | None) -> None:
    principal = found(keys, a_token(tenants=claim), tenants_claim="tenants")
    assert principal is not None
    assert principal.tenants == (None if tenants is None else frozenset(tenants))


def test_without_such_a_claim_all_tokens_have_the_tenants_of_the_file(keys: KeySet) -> None:
    principal = found(keys, a_token(tenants=[9]), tenants=frozenset({4}))
    assert principal is not None
    assert principal.tenants == frozenset({4})


def test_a_good_token_is_not_checked_again(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set())
    tokens, token = Tokens(rules(), ROLES, KeySet(str(file))), a_token()
    assert tokens.principal(token)
    tokens._keys = KeySet(str(tmp_path / "missing"))
    assert tokens.principal(token)
    with pytest.raises(AuthenticationUnavailable):
        tokens.principal(a_token(sub="another"))


def test_a_token_is_not_remembered_beyond_its_end(keys: KeySet) -> None:
    tokens, token = Tokens(rules(), ROLES, keys), a_token(exp=time.time() - 1)
    assert tokens.principal(token)
    tokens._rules = rules(issuer="another")
    assert tokens.principal(token) is None


def test_keys_are_read_from_a_url_once(issuer: Issuer) -> None:
    keys = KeySet(issuer.url)
    assert all(found(keys, a_token(sub=str(number))) for number in range(3))
    assert issuer.asked == 1


def test_an_unknown_key_makes_it_read_again_but_not_often(issuer: Issuer) -> None:
    clock = Clock()
    keys = KeySet(issuer.url, clock)
    assert keys.key("one")
    issuer.keys = key_set(public_jwk(OTHER_KEY, "new"))
    assert [keys.key("new") for _ in range(5)] == [None] * 5
    clock.now += PAUSE_SECONDS
    assert keys.key("new")
    assert [keys.key("nobody's") for _ in range(5)] == [None] * 5
    assert issuer.asked == 2


def test_old_keys_are_read_again(issuer: Issuer) -> None:
    clock = Clock()
    keys = KeySet(issuer.url, clock)
    keys.key("one")
    clock.now += MAX_AGE_SECONDS + 1
    issuer.keys = key_set(public_jwk(OTHER_KEY, "new"))
    assert keys.key("one") is None


def test_an_issuer_that_is_away_is_told_as_such_and_asked_again_later(issuer: Issuer) -> None:
    clock = Clock()
    keys, issuer.status = KeySet(issuer.url, clock), 500
    for _ in range(3):
        with pytest.raises(AuthenticationUnavailable):
            keys.key("one")
    assert issuer.asked == 1
    issuer.status = 200
    clock.now += PAUSE_SECONDS
    assert keys.key("one")


def test_keys_are_good_for_a_while_when_the_issuer_goes_away(issuer: Issuer) -> None:
    clock = Clock()
    keys = KeySet(issuer.url, clock)
    keys.key("one")
    issuer.status = 500
    clock.now += MAX_STALE_SECONDS
    assert keys.key("one")
    clock.now += 1
    with pytest.raises(AuthenticationUnavailable):
        keys.key("one")


def test_many_threads_read_the_keys_once(issuer: Issuer) -> None:
    keys, read = KeySet(issuer.url), []
    threads = [threading.Thread(target=lambda: read.append(keys.key("one"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(read), None in read, issuer.asked) == (8, False, 1)


def test_who_has_keys_does_not_wait_for_newer_ones(issuer: Issuer) -> None:
    clock = Clock()
    keys = KeySet(issuer.url, clock)
    assert keys.key("one")
    clock.now += MAX_AGE_SECONDS + 1
    issuer.answering.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.key, "one")
        issuer.has_been_asked.acquire()
        issuer.has_been_asked.acquire()
        assert [keys.key("one") is None, keys.key("two") is None] == [False, False]
        assert not first.done()
        issuer.answering.set()
        assert first.result()
    assert issuer.asked == 2


def test_who_lacks_a_key_waits_for_the_newer_ones_that_are_being_read(issuer: Issuer) -> None:
    clock = Clock()
    keys = KeySet(issuer.url, clock)
    assert keys.key("one")
    issuer.has_been_asked.acquire()
    clock.now += PAUSE_SECONDS
    issuer.keys = key_set(public_jwk(OTHER_KEY, "new"))
    issuer.answering.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.key, "new")
        issuer.has_been_asked.acquire()
        second = pool.submit(keys.key, "new")
        assert keys.key("one")
        issuer.answering.set()
        assert first.result()
        assert second.result()
    assert issuer.asked == 2


def test_an_issuer_that_does_not_answer_is_not_waited_for_long(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sets, "SECONDS_TO_WAIT", 0)
    keys = KeySet(issuer.url, Clock())
    issuer.answering.clear()
    for _ in range(2):
        with pytest.raises(AuthenticationUnavailable):
            keys.key("one")
    issuer.answering.set()
    monkeypatch.undo()
    assert keys.key("one")
    assert issuer.asked == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"keys": 1}', '{"keys": [1]}', '{"keys": []}', '{"keys": [{}]}']
)
def test_what_is_no_key_set_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(WrongKeySet):
        read_keys(str(file))


def test_keys_of_other_kinds_are_passed_over(tmp_path: Path) -> None:
    private = {**json.loads(ECAlgorithm.to_jwk(EC_KEY)), "kid": "private"}
    shared = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}
    encryption = public_jwk(EC_KEY, "encryption", use="enc")
    unknown = {"kty": "EC", "crv": "P-1", "x": "", "y": "", "kid": "unknown"}
    good = public_jwk(EC_KEY, "good", use="sig")
    assert PyJWK(shared).key
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(private, shared, encryption, unknown, good))
    assert set(read_keys(str(file))) == {"good"}
