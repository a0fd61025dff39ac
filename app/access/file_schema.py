"""The structure of the access file, part by part."""

import re
from typing import Any

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type
from marshmallow import ValidationError, fields, validate, validates_schema

from app.access.principal import EVERY
from app.access.privileges import Privilege
from app.access.tokens import ALGORITHMS
from app.limits import MAX_TENANT, TENANT_DIGITS
from schemas.members import Sequence, Text
from schemas.parts import nested
from schemas.spelling import suggestion
from schemas.strict import StrictSchema

NAME_RULE = "must be 1 to 64 of A-Z a-z 0-9 . _ @ -"

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_name(name: Any) -> bool:
    """Whether a role, a user or a key may be called so."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


class Entries(fields.Field[dict[str, Any]]):
    """An object of entries that all look alike, by their names. Nothing is none of them."""

    def __init__(self, entry: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self._entry = entry

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("must be an object of names")
        loaded, faults = {}, {}
        for name, each in value.items():
            try:
                loaded[name] = self._entry.deserialize(each)
            except ValidationError as error:
                faults[name] = error.messages
            if not is_name(name):
                faults[name] = [f"{NAME_RULE}, and quoted where YAML takes it for no text"]
        if faults:
            raise ValidationError(faults)
        return loaded


class EveryOr(fields.Field[Any]):
    """A list without repeats, or ``*``, which is None, for all that there is."""

    def __init__(self, element: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._list = Sequence(element, error_messages={"invalid": "must be a list, or '*'"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        return None if value == EVERY else frozenset(self._list.deserialize(value))


class PrivilegeName(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in list(Privilege):
            raise ValidationError(f"is no privilege{suggestion(name, list(Privilege))}")
        return Privilege(name)


class Digest(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        digest = super()._deserialize(value, attr, data, **kwargs)
        if not _DIGEST.fullmatch(digest):
            raise ValidationError("must be the SHA-256 digest of a key, 64 of 0-9 a-f")
        return digest


class PasswordHash(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            kind = extract_parameters(text).type
        except (InvalidHashError, ValueError, LookupError):
            kind = None
        if kind is not Type.ID:
            raise ValidationError("must be an argon2id hash, such as `auth hash-password` prints")
        return text


class Algorithm(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in ALGORITHMS:
            raise ValidationError(
                f"must be one of {', '.join(ALGORITHMS)}: the service checks signatures with"
                " public keys only"
            )
        return name


def _tenants(**kwargs: Any) -> EveryOr:
    number = fields.Integer(
        strict=True,
        validate=validate.Range(0, MAX_TENANT, error=f"must have at most {TENANT_DIGITS} digits"),
        error_messages={"invalid": "must be a whole number", "null": "must be a whole number"},
    )
    missing = {"required": "is mandatory, a list of numbers or '*'", "null": "is mandatory"}
    return EveryOr(number, error_messages=missing, **kwargs)


class _HolderSchema(StrictSchema):
    roles = Sequence(Text(), required=True)
    tenants = _tenants(required=True)


class UserSchema(_HolderSchema):
    password = PasswordHash(required=True)


class KeySchema(_HolderSchema):
    digest = Digest(required=True)


class TokenSchema(StrictSchema):
    issuer = Text(required=True)
    audience = Text(required=True)
    jwks = Text(required=True)
    algorithms = Sequence(
        Algorithm(), required=True, validate=validate.Length(1, error="must name at least one")
    )
    roles_claim = Text()
    tenants_claim = Text()
    tenants = _tenants()

    @validates_schema(skip_on_field_errors=False)
    def want_tenants_once(self, data: Any, **_: Any) -> None:
        if ("tenants" in data) == ("tenants_claim" in data):
            raise ValidationError({"tenants": ["is needed, or else tenants_claim, not both"]})


class FileSchema(StrictSchema):
    roles = Entries(EveryOr(PrivilegeName()))
    users = Entries(nested(UserSchema))
    keys = Entries(nested(KeySchema))
    jwt = nested(TokenSchema)
