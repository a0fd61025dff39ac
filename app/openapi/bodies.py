"""The schemas that are the same for every definition, parts before wholes."""

from typing import Any

from app.dao.values import Operation as Change
from app.openapi.profiles import Part, Schema, nullable
from app.services.identification import Outcome
from app.services.jobs import JobKind, JobState
from app.services.patching import MAX_OPERATIONS
from app.services.server import Mode
from schemas.attributes import TYPES, Currency
from schemas.definition import Match, Shape
from schemas.key_rules import MAX_KEY_ATTRIBUTES
from schemas.members import NAME_PATTERN
from schemas.parts import NORMALIZERS
from schemas.profile import CUSTOMER_ID_PATTERN

TEXT: Schema = {"type": "string"}
ANY_OBJECT: Schema = {"type": "object", "additionalProperties": True}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "format": "int64", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NAME: Schema = {"type": "string", "pattern": NAME_PATTERN}
POINTER: Schema = {"type": "string", "format": "json-pointer"}
LIKELY_FLAG: Schema = {
    "oneOf": [FLAG, {"type": "string", "enum": ["true", "false"]}],
    "description": "The documented API has it as a string, too.",
}
LENGTH: Schema = {"type": "integer", "minimum": 1, "description": "Of a string, in characters."}
LIKELY_LENGTH: Schema = {
    "oneOf": [LENGTH, {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}],
    "description": LIKELY_FLAG["description"],
}


def _object(*required: str, **properties: Part) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    return schema | ({"required": list(required)} if required else {})


def _given(*required: str, **properties: Part) -> Schema:
    """No other member is taken."""
    return _object(*required, **properties) | {"additionalProperties": False}


def _whole(**properties: Part) -> Schema:
    """All members are always there."""
    return _object(*properties, **properties)


def _words(words: Any) -> Schema:
    return {"type": "string", "enum": [str(word) for word in words]}


def _array(items: Part, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


_ATTRIBUTE: dict[str, Part] = {
    "name": NAME,
    "type": _words(TYPES),
    "default": {"description": "Any value of the type."},
    "length": LENGTH,
    "mandatory": FLAG,
    "multi_valued": FLAG,
    "sensitive": FLAG,
    "normalize": _words(NORMALIZERS),
    "region": {"type": "string", "pattern": "^[A-Z]{2}$"},
    "description": TEXT,
}
_EXTENSION: dict[str, Part] = {
    "name": NAME,
    "type": _words(Shape),
    "attributes": _array("AttributeDefinition"),
    "unique": _array(NAME),
    "description": TEXT,
}
_KEY: dict[str, Part] = {
    "name": NAME,
    "source": {"type": "string", "description": "`profile`, or the name of an extension."},
    "attributes": _array(TEXT, minItems=1, maxItems=MAX_KEY_ATTRIBUTES),
    "unique": FLAG,
    "match": _words(Match),
    "description": TEXT,
}
_JSON_PATCH: dict[str, Part] = {
    "op": _words(["add", "remove", "replace", "move", "copy", "test"]),
    "path": POINTER,
    "from": POINTER,
    "value": {"description": "Any value, where the operation takes one."},
}

BODIES: dict[str, Schema] = {
    "CustomerId": {"type": "string", "pattern": CUSTOMER_ID_PATTERN},
    "Currency": {
        "description": "An exact decimal, kept as written: a number, or its digits.",
        **Currency().form(),
    },
    "Masked": {
        "type": "string",
        "pattern": "^••••",
        "description": "A sensitive value, to those who may not read it.",
    },
    "CustomerReference": _whole(customer_id="CustomerId"),
    "PatchOperation": _object("op", "path", **_JSON_PATCH),
    "JsonPatch": _array("PatchOperation", maxItems=MAX_OPERATIONS),
    "MergeOrder": _given(
        agent_id=TEXT,
        force_merge=LIKELY_FLAG,
        keep_uniq_from_src=LIKELY_FLAG,
        keep_active_service_only=LIKELY_FLAG,
        reason=TEXT,
        description=TEXT,
    ),
    "ProfileList": _array("Profile"),
    "Explanation": _object(
        "profiles",
        outcome=_words(Outcome),
        key=NAME,
        ask=nullable(TEXT)
        | {"description": "The attribute that tells the profiles best apart, if one does."},
        profiles="ProfileList",
        found=_array("Led"),
        missing=_array("CustomerId"),
    )
    | {"description": "With `outcome` and `key` of a search, with `found` and `missing` of ids."},
    "Led": _whole(asked="CustomerId", customer_id="CustomerId", etag=TEXT),
    "Identified": {
        "description": "The profiles; with `Prefer: explain` also what was found by what.",
        "oneOf": ["ProfileList", "Explanation"],
    },
    "Version": _object(
        "version",
        "etag",
        "at",
        "operation",
        "parts",
        version={"type": "integer", "format": "int64", "minimum": 1},
        etag=TEXT,
        at=MOMENT,
        operation=_words(Change),
        agent_id=TEXT,
        reason=TEXT,
        description=TEXT,
        merged_from="CustomerId",
        parts=_array(TEXT),
    ),
    "History": _array("Version"),
    "AttributeDefinition": _object("name", "type", **_ATTRIBUTE),
    "AttributeDefinitionInput": _given(
        "name",
        "type",
        **_ATTRIBUTE
        | dict.fromkeys(("mandatory", "multi_valued", "sensitive"), LIKELY_FLAG)
        | {"length": LIKELY_LENGTH},
    ),
    "AttributeDefinitions": _array("AttributeDefinition"),
    "AttributeDefinitionsInput": _array("AttributeDefinitionInput"),
    "ExtensionDefinition": _object("name", "type", **_EXTENSION),
    "ExtensionDefinitionInput": _given(
        "name", "type", **_EXTENSION | {"attributes": "AttributeDefinitionsInput"}
    ),
    "ExtensionDefinitions": _array("ExtensionDefinition"),
    "KeyDefinition": _object("name", "source", "attributes", "unique", **_KEY),
    "KeyDefinitionInput": _given("name", "attributes", **_KEY | {"unique": LIKELY_FLAG}),
    "KeyDefinitions": _array("KeyDefinition"),
    "Named": _whole(name=NAME),
    "InvalidProfile": _whole(customer_id="CustomerId", pointer=POINTER, message=TEXT),
    "Report": {
        "description": "What a change would mean for the stored profiles.",
        **_whole(narrowing=FLAG, profiles=COUNT, invalid=COUNT, examples=_array("InvalidProfile")),
    },
    "ChangedAttributes": {
        "description": "What is now defined; with `dry_run` a report.",
        "oneOf": ["AttributeDefinitions", "Report"],
    },
    "ChangedExtension": {
        "description": "What is now defined; with `dry_run` a report.",
        "oneOf": ["ExtensionDefinition", "Report"],
    },
    "Job": _whole(
        id=TEXT,
        kind=_words(JobKind),
        name=NAME,
        state=_words(JobState),
        profiles=COUNT,
        conflicts=COUNT,
        examples=_array("CustomerId"),
        started=MOMENT,
        changed=MOMENT,
    ),
    "ModeOrder": _given("mode", mode=_words(Mode)),
    # Not called mandatory: TypeScript clients cannot look for a name with a space.
    "ModeChanged": _object(**{"server changed": _words(Mode)}) | {"minProperties": 1},
    "ServerStatus": _whole(
        version=TEXT,
        system_time=MOMENT,
        mode=_words(Mode),
        started=MOMENT,
        last_request=nullable(MOMENT),
        request_today=COUNT,
        client_errors_today=COUNT,
        server_errors_today=COUNT,
        max_memory=COUNT,
        allocated_memory=COUNT,
        used_memory=COUNT,
        free_memory=COUNT,
    ),
    "Liveness": _whole(status=_words(["alive"])),
    "Readiness": _whole(status=_words(["ready"]), store=TEXT, migrations=_words(["current"])),
    "OpenApi": {
        "description": "An OpenAPI document.",
        **_object(
            "openapi",
            "info",
            "paths",
            openapi=TEXT,
            info=ANY_OBJECT,
            servers=_array(ANY_OBJECT),
            tags=_array(ANY_OBJECT),
            security=_array(ANY_OBJECT),
            paths=ANY_OBJECT,
            components=ANY_OBJECT,
        ),
    },
}
