"""The headers of answers, and the parameters of requests: components by their names."""

from typing import Any

from app.limits import (
    AGENT_HEADER,
    DEFAULT_LIMIT,
    IDEMPOTENCY_HEADER,
    IDEMPOTENCY_PATTERN,
    MAX_HEADER_TEXT,
    MAX_IDS,
    MAX_LIMIT,
    REASON_HEADER,
    REPLAYED_HEADER,
    TAGS_PATTERN,
    TENANT_DIGITS,
    TENANT_HEADER,
    VARY,
)
from app.openapi import examples
from app.openapi.editions import Edition
from app.openapi.profiles import Part, Schema, criteria_form
from app.services.definitions import Revision
from app.services.preconditions import MAX_VERSION
from schemas.definition import CUSTOMER_ID, Attribute, Definition
from schemas.members import NAME_PATTERN

_ENTITY_TAG: Schema = {"type": "string", "pattern": '^"[!#-~]*"$'}
_ID: Schema = {"$ref": "#/components/schemas/CustomerId"}
_PLACE: Schema = {"type": "string", "format": "uri-reference"}


def _header(name: str, about: str, schema: Schema, *, always: bool = True) -> dict[str, Any]:
    return {"name": name, "description": about, "required": always, "schema": schema}


def _only(*texts: str) -> Schema:
    return {"type": "string", "enum": [*texts]}


HEADERS: dict[str, dict[str, Any]] = {
    "ETag": _header("ETag", "The stored version of the whole profile.", _ENTITY_TAG),
    "DefinitionETag": _header("ETag", "The revision of the whole definition.", _ENTITY_TAG),
    "DocumentETag": _header("ETag", "This text of the document.", _ENTITY_TAG),
    "Vary": _header(
        "Vary", "What else an answer depends on.", _only(VARY, f"{VARY}, Origin")
    ),
    "VaryByPreference": _header(
        "Vary",
        "What else an answer depends on.",
        _only(f"{VARY}, Prefer", f"{VARY}, Prefer, Origin"),
    ),
    "Private": _header(
        "Cache-Control", "Only the client may keep it, to ask anew.", _only("private, no-cache")
    ),
    "NotKept": _header("Cache-Control", "Nobody may keep it.", _only("no-store")),
    "Location": _header("Location", "Where what was made is.", _PLACE),
    "ContentLocation": _header(
        "Content-Location",
        "Where a read gives the same; of an overwritten profile alone, where it is.",
        _PLACE,
        always=False,
    ),
    "Survivor": _header(
        "Content-Location",
        "Where the survivor is, if the profile asked for was merged into another.",
        _PLACE,
        always=False,
    ),
    "StatusLocation": _header("Location", "Where the status is.", _PLACE),
    "NextPage": _header(
        "Link", 'Where the next page is, if there is one: `rel="next"`.', {"type": "string"},
        always=False,
    ),
    "Monitor": _header("Link", 'The job that does the rest: `rel="monitor"`.', {"type": "string"}),
    "Build": _header(
        "Link",
        'The job that still fills the key, if one does: `rel="monitor"`.',
        {"type": "string"},
        always=False,
    ),
    "PreferenceApplied": _header(
        "Preference-Applied", "Which preference was followed.", {"type": "string"}, always=False
    ),
    "RetryAfter": _header(
        "Retry-After", "After how many seconds to ask again.", {"type": "integer", "minimum": 1}
    ),
    "Challenges": _header(
        "WWW-Authenticate", "The ways to say who asks (RFC 9110).", {"type": "string"}
    ),
    "Replayed": _header(
        REPLAYED_HEADER,
        "It was done before, and is answered as it was then.",
        _only("true"),
        always=False,
    ),
    "AcceptEncoding": _header(
        "Accept-Encoding", "Where the body was encoded.", _only("identity"), always=False
    ),
    "AcceptPatch": _header("Accept-Patch", "The media types of patches.", {"type": "string"}),
}  # fmt: skip


def _parameter(where: str, name: str, about: str, schema: Part, **more: Any) -> dict[str, Any]:
    return {"in": where, "name": name, "description": about, "schema": schema, **more}


def parameters(revision: Revision) -> dict[str, dict[str, Any]]:
    """The parameters by the names of their components, but for the criteria of identify."""
    return {
        **_in_paths(revision.definition),
        **_in_headers(revision.tenant),
        **_in_queries(revision.definition),
    }


def criteria(definition: Definition) -> dict[str, dict[str, Any]]:
    """The parameters of identify that the keys are made of, in order of creation."""
    found: dict[str, dict[str, Any]] = {}
    known = {each["name"] for each in _in_queries(definition).values()}
    for key in definition.keys:
        attributes = {each.name: each for each in definition.source_attributes(key.source)}
        for parameter, name in zip(key.parameters, key.attributes, strict=True):
            if parameter not in known:
                found.setdefault(parameter, _criterion(parameter, attributes[name]))
    return found


def _criterion(name: str, attribute: Attribute) -> dict[str, Any]:
    readers = ", for those who may read it" if attribute.sensitive else ""
    about = f"{attribute.description} Repeated: any of the values{readers}.".strip()
    sensitive = {"x-sensitive": True} if attribute.sensitive else {}
    form = criteria_form(attribute)
    return _parameter("query", name, about, form, style="form", explode=True, **sensitive)


def _in_paths(definition: Definition) -> dict[str, dict[str, Any]]:
    names = [each.name for each in definition.extensions]
    extension: Schema = {"type": "string", **({"enum": names} if names else {})}
    defined: Schema = {"type": "string", "pattern": NAME_PATTERN}
    profile = "The profile, by 1 to 16 of `A-Z a-z 0-9 . _ ~ -`."
    return {
        "ProfileId": _parameter(
            "path", "customer_id", profile, "CustomerId", example=examples.CUSTOMER_ID
        ),
        "SourceId": _parameter(
            "path", "source_id", "The profile that is taken in, and is gone then.", "CustomerId"
        ),
        "ExtensionName": _parameter("path", "name", "An extension, in any case.", extension),
        "DefinedName": _parameter("path", "name", "What is defined, in any case.", defined),
        "JobId": _parameter("path", "job_id", "The job, as `Link` names it.", {"type": "string"}),
    }


def _in_headers(tenant: int) -> dict[str, dict[str, Any]]:
    tags = {"type": "string", "pattern": TAGS_PATTERN}
    told = {"type": "string", "maxLength": MAX_HEADER_TEXT}
    number = {"type": "string", "pattern": f"^[0-9]{{1,{TENANT_DIGITS}}}$"}
    return {
        "Tenant": _parameter(
            "header",
            TENANT_HEADER,
            "The tenant; absent: 1.",
            number | {"default": "1"},
            example=str(tenant),
        ),
        "IfMatch": _parameter(
            "header", "If-Match", "Only if it still has one of these entity tags, or `*`.", tags
        ),
        "IfNoneMatch": _parameter(
            "header", "If-None-Match", "Only if it has none of these entity tags.", tags
        ),
        "OnlyNew": _parameter(
            "header",
            "If-None-Match",
            "`*` creates the profile, and only if there is none yet.",
            tags,
        ),
        "Prefer": _parameter(
            "header",
            "Prefer",
            "`return=representation` answers with the complete profile.",
            {"type": "string"},
        ),
        "PreferExplain": _parameter(
            "header",
            "Prefer",
            "`explain` answers by which key was looked, and what to ask next.",
            {"type": "string"},
        ),
        "Agent": _parameter(
            "header", AGENT_HEADER, "Who makes the change, for the history.", told
        ),
        "IdempotencyKey": _parameter(
            "header",
            IDEMPOTENCY_HEADER,
            "A name for this operation, such as a UUID. Sent again with it, it is not done"
            " again, and answered as it was; for 24 hours.",
            {"type": "string", "pattern": IDEMPOTENCY_PATTERN},
        ),
        "Reason": _parameter("header", REASON_HEADER, "Why, for the history.", told),
    }


def _in_queries(definition: Definition) -> dict[str, dict[str, Any]]:
    names = [each.name for each in definition.extensions]
    asked = {"type": "string", "enum": [*names, "*"]}
    several = {"type": "array", "items": asked, "minItems": 1}
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}
    flag = {"type": "boolean", "default": False}
    return {
        **_of_several(),
        "Extensions": _parameter(
            "query",
            "extensions",
            "Extensions to answer with, separated by commas; `*` alone for all.",
            several,
            style="form",
            explode=False,
        ),
        "AtVersion": _parameter(
            "query",
            "version",
            "The profile as it was at this version.",
            {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_VERSION},
        ),
        "Limit": _parameter(
            "query", "limit", "How many on a page at most.", limit | {"default": DEFAULT_LIMIT}
        ),
        "RecordLimit": _parameter(
            "query", "limit", "How many records on a page at most; absent: all on one.", limit
        ),
        "Cursor": _parameter(
            "query", "cursor", "Where to go on, as `Link` has it.", {"type": "string"}
        ),
        "OpenApiVersion": _parameter(
            "query",
            "version",
            "The edition of OpenAPI.",
            {"type": "string", "enum": list(Edition), "default": Edition.V3_1},
        ),
        "Force": _parameter(
            "query", "force", "Make the change whatever is stored; that stays as it is.", flag
        ),
        "DryRun": _parameter(
            "query", "dry_run", "Change nothing, and answer with a report.", flag
        ),
    }


def _of_several() -> dict[str, dict[str, Any]]:
    """What only a query of several profiles takes."""
    return {
        "CustomerIds": _parameter(
            "query",
            CUSTOMER_ID,
            "The profiles to read, separated by commas. Beside it only `extensions` is taken.",
            {"type": "array", "items": _ID, "minItems": 1, "maxItems": MAX_IDS},
            style="form",
            explode=False,
        ),
        "IdKey": _parameter(
            "query",
            "id_key",
            "The identification key to look by; absent: the one that fits best.",
            {"type": "string", "pattern": NAME_PATTERN},
        ),
        "IncludeProfile": _parameter(
            "query",
            "include_profile",
            "Whether to answer with core attributes.",
            {"type": "string", "enum": ["yes", "no"], "default": "no"},
        ),
        "IncludeExtensions": _parameter(
            "query",
            "include_extensions",
            "`unique`: with extensions only if exactly one profile fits.",
            {"type": "string", "enum": ["always", "unique"], "default": "always"},
        ),
    }
