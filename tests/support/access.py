"""Credentials of every kind, and access files that know them."""

import base64
import json
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import jwt
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from app.access.api_keys import digest_of
from app.access.privileges import ALL, Privilege
from schemas.document import dump

KEY = "pk_" + "a" * 43
PASSWORD = "correct horse"  # noqa: S105
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_NUMBERS = count(1)
ISSUER, AUDIENCE = "https://login.example.org/", "profiles"
EC_KEY, OTHER_KEY = (
    ec.generate_private_key(ec.SECP256R1()),
    ec.generate_private_key(ec.SECP256R1()),
)
RSA_KEY = rsa.generate_private_key(65537, 2048)


def public_jwk(key: Any, kid: str, **more: str) -> dict[str, Any]:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **more}


def key_set(*jwks: dict[str, Any]) -> bytes:
    return dump({"keys": jwks or [public_jwk(EC_KEY, "one"), public_jwk(RSA_KEY, "two")]})


def a_token(
    key: Any = EC_KEY, algorithm: str = "ES256", kid: str | None = "one", **claims: Any
) -> str:
    """A good token, but for what is given; a claim that is None is left out."""
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "sam", "exp": time.time() + 600}
    usual |= {"roles": ["all"], "tenants": "*"}
    given = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(given, key, algorithm, {"kid": kid} if kid else {})


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def credentials() -> dict[str, dict[str, str]]:
    """The headers of a known caller, by method."""
    return {
        "api_key": {"X-API-Key": KEY},
        "basic": {"Authorization": basic("anna", PASSWORD)},
        "jwt": {"Authorization": f"Bearer {a_token()}"},
    }


def wrong_credentials() -> dict[str, dict[str, str]]:
    """The headers of a caller that nobody knows, by method."""
    return {
        "api_key": {"X-API-Key": KEY[:-1] + "b"},
        "basic": {"Authorization": basic("anna", "wrong")},
        "jwt": {"Authorization": f"Bearer {a_token(OTHER_KEY)}"},
    }


def access_file(
    folder: Path, privileges: Iterable[Privilege] = ALL, tenants: Any = "*", **jwt_rules: Any
) -> Path:
    """A file with a caller of each kind, and bob beside anna, who may do what is given."""
    (folder / "keys.json").write_bytes(key_set())
    held = {"roles": ["all"], "tenants": tenants}
    rules = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": "keys.json", "tenants": tenants}
    rules |= {"algorithms": ["ES256", "RS256"]}
    document = {
        "roles": {"all": sorted(privileges)},
        "users": {name: {"password": HASH, **held} for name in ("anna", "bob")},
        "keys": {"ivr": {"digest": digest_of(KEY), **held}},
        "jwt": rules | jwt_rules,
    }
    file = folder / f"access-{next(_NUMBERS)}.yaml"  # a service reads its own again
    file.write_bytes(dump(document))
    return file
