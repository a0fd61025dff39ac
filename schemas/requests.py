"""The bodies of requests that are neither profiles nor definitions."""

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from schemas.faults import Invalid, InvalidBody
from schemas.members import Choice, Flag, Text
from schemas.objects import load_object
from schemas.strict import StrictSchema

BOTH_DIALECTS = "cannot be given together with force_merge"


@dataclass(frozen=True, slots=True)
class MergeOrder:
    """What a merge is told; ``keep_uniq_from_src`` is the older dialect, None where not used."""

    agent_id: str = "0"
    force_merge: bool = False
    keep_uniq_from_src: bool | None = None
    reason: str | None = None
    description: str | None = None


class MergeSchema(StrictSchema):
    agent_id = Text()
    force_merge = Flag()
    keep_uniq_from_src = Flag()
    keep_active_service_only = Flag()  # of UCS 8, for services, which are not kept here
    reason = Text(allow_none=True)
    description = Text(allow_none=True)

    @post_load
    def leave_out_services(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: told for name, told in data.items() if name != "keep_active_service_only"}

    @validates_schema(skip_on_field_errors=False)
    def refuse_both_dialects(self, data: Any, **_: Any) -> None:
        if {"force_merge", "keep_uniq_from_src"} <= data.keys():
            raise ValidationError({"keep_uniq_from_src": [BOTH_DIALECTS]})


class ModeSchema(StrictSchema):
    mode = Choice(["production", "maintenance"], required=True)


def load_merge(body: Any) -> MergeOrder:
    """:raises InvalidBody: with every fault."""
    return MergeOrder(**_load(MergeSchema(), body))


def load_mode(body: Any) -> str:
    """:raises InvalidBody: with every fault."""
    return str(_load(ModeSchema(), body)["mode"])


def _load(schema: StrictSchema, body: Any) -> dict[str, Any]:
    try:
        return load_object(schema, body)
    except Invalid as error:
        raise InvalidBody(error.faults) from None
