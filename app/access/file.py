"""The access file: roles, users, API keys and the issuer of tokens, in YAML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from app.access.file_schema import FileSchema
from app.access.key_sets import WrongKeySet, is_url, read_keys
from app.access.passwords import User
from app.access.principal import Principal
from app.access.privileges import ALL, Privilege
from app.access.tokens import TokenRules
from schemas.faults import Fault, Invalid, flatten, pointer
from schemas.reader import hinted
from schemas.spelling import suggestion
from schemas.yaml_text import parse_yaml

Roles = Mapping[str, frozenset[Privilege]]


@dataclass(frozen=True, slots=True)
class AccessFile:
    """Who may do what. ``keys``: the principals by the digest of their key."""

    roles: Roles
    users: Mapping[str, User]
    keys: Mapping[str, Principal]
    jwt: TokenRules | None


def read_access(text: str, folder: Path) -> AccessFile:
    """What the YAML ``text`` of a file in ``folder`` says.

    :raises Invalid: with the path of every fault.
    """
    raw = parse_yaml(text)
    try:
        data = FileSchema().load({} if raw is None else raw)
    except ValidationError as error:
        raise Invalid(map(hinted, flatten(error.messages))) from None
    loaded = {name: data.get(name) or {} for name in ("roles", "users", "keys", "jwt")}
    if faults := [*_role_faults(loaded), *_digest_faults(loaded["keys"])]:
        raise Invalid(faults)
    roles = {name: ALL if each is None else each for name, each in loaded["roles"].items()}
    return AccessFile(
        roles=roles,
        users={
            name: User(_principal(f"basic:{name}", each, roles), each["password"])
            for name, each in loaded["users"].items()
        },
        keys={
            each["digest"]: _principal(f"api_key:{name}", each, roles)
            for name, each in loaded["keys"].items()
        },
        jwt=_token_rules(loaded["jwt"], folder) if loaded["jwt"] else None,
    )


def _principal(name: str, entry: Mapping[str, Any], roles: Roles) -> Principal:
    held = frozenset[Privilege]().union(*(roles[role] for role in entry["roles"]))
    return Principal(name, held, entry["tenants"])


def _token_rules(entry: Mapping[str, Any], folder: Path) -> TokenRules:
    jwks: str = entry["jwks"]
    if not is_url(jwks):
        jwks = str(folder / jwks)
        try:
            read_keys(jwks)
        except (OSError, WrongKeySet) as error:
            raise Invalid([Fault("/jwt/jwks", f"cannot be used: {error}")]) from None
    return TokenRules(**{**entry, "jwks": jwks, "algorithms": tuple(entry["algorithms"])})


def _role_faults(loaded: Mapping[str, Any]) -> Iterator[Fault]:
    for section in ("users", "keys"):
        for name, entry in loaded[section].items():
            for index, role in enumerate(entry["roles"]):
                if role not in loaded["roles"]:
                    hint = suggestion(role, loaded["roles"])
                    yield Fault(pointer(section, name, "roles", index), f"is no role{hint}")


def _digest_faults(keys: Mapping[str, Any]) -> Iterator[Fault]:
    taken = set[str]()
    for name, entry in keys.items():
        if entry["digest"] in taken:
            yield Fault(pointer("keys", name, "digest"), "is that of another key")
        taken.add(entry["digest"])
