"""The operations on whole profiles, as they are described."""

from app.limits import JSON_PATCH, MERGE_PATCH
from app.openapi.described import (
    CHANGED,
    CONDITIONAL,
    EXISTING,
    JSON,
    KEPT,
    NOT_MODIFIED,
    PARSED,
    PRESENT,
    SERVED,
    TOLD,
    WRITING,
    WRITTEN,
    Answer,
    Body,
    Described,
)
from app.openapi.links import OF_PROFILE
from app.services.errors import (
    AnswerTooLarge,
    KeyIncomplete,
    NoDefinition,
    ProfileExists,
    SelfMerge,
    VersionExpired,
    VersionNotFound,
    WrongCursor,
)
from app.services.merging import MergeConflict
from app.services.patching import InvalidPatch, PatchConflict, PatchTestFailed
from schemas.faults import Invalid, InvalidBody
from schemas.identity import NoKey, UnknownKey

TAG = "profiles"
ONE = "/profiles/{customer_id}"

MADE = Answer(
    "It was made: its id, or with `return=representation` all of it.",
    "Profile",
    (*KEPT, "Location", "PreferenceApplied"),
    OF_PROFILE,
)
UPDATED = Answer(
    "It was written: its id, or with `return=representation` all of it.",
    "Profile",
    PRESENT,
    OF_PROFILE,
)
PAGE = ("Vary", "Private", "NextPage")

ON_PROFILES: dict[str, Described] = {
    "profiles.create": Described(
        method="post",
        path="/profiles",
        id="createProfile",
        tag=TAG,
        summary="Create a profile",
        about="With the id in the body if that is free, or else a fresh one of 16 characters.",
        parameters=("IfMatch", "IfNoneMatch", *WRITING),
        body=Body({JSON: "ProfileInput"}),
        answers={201: MADE},
        problems=(*SERVED, *PARSED, Invalid, NoDefinition, ProfileExists, *WRITTEN),
    ),
    "profiles.query": Described(
        method="get",
        path=ONE,
        id="queryProfile",
        tag=TAG,
        summary="Read a profile",
        about=(
            "As it is, or was at a version, with the extensions that are asked for. The id of a"
            " profile that was merged answers with the survivor."
        ),
        parameters=("ProfileId", "Extensions", "AtVersion", "IfMatch", "IfNoneMatch", "Tenant"),
        answers={
            200: Answer("The profile.", "Profile", (*KEPT, "Survivor"), OF_PROFILE),
            304: Answer(NOT_MODIFIED.about, headers=(*KEPT, "Survivor")),
        },
        problems=(*EXISTING, VersionNotFound, VersionExpired, *CONDITIONAL),
    ),
    "profiles.update": Described(
        method="put",
        path=ONE,
        id="updateProfile",
        tag=TAG,
        summary="Overwrite a profile",
        about=(
            "Core attributes that the body leaves out are gone afterwards. A body without any"
            " extension leaves the stored ones as they are; one with any replaces them all."
            " `If-None-Match: *` creates the profile instead; with `If-Match`, it is written"
            " only if no one else was faster."
        ),
        parameters=("ProfileId", "IfMatch", "OnlyNew", *WRITING),
        body=Body({JSON: "ProfileInput"}),
        answers={200: UPDATED, 201: MADE},
        problems=(*CHANGED, *PARSED, Invalid, NoDefinition),
    ),
    "profiles.patch": Described(
        method="patch",
        path=ONE,
        id="patchProfile",
        tag=TAG,
        summary="Change a part of a profile",
        about=(
            "By a JSON Merge Patch (RFC 7396) or a JSON Patch (RFC 6902) of the whole profile,"
            " all extensions included. `application/json` is taken for a merge patch, an array in"
            " it for a JSON Patch."
        ),
        parameters=("ProfileId", "IfMatch", "IfNoneMatch", *WRITING),
        body=Body({MERGE_PATCH: "ProfilePatch", JSON_PATCH: "JsonPatch", JSON: "ProfilePatch"}),
        answers={200: UPDATED},
        problems=(*CHANGED, *PARSED, Invalid, InvalidPatch, PatchConflict, PatchTestFailed),
    ),
    "profiles.delete": Described(
        method="delete",
        path=ONE,
        id="deleteProfile",
        tag=TAG,
        summary="Delete a profile",
        about="With all records of its extensions.",
        parameters=("ProfileId", "IfMatch", "IfNoneMatch", *TOLD),
        answers={200: Answer("It is gone.", "CustomerReference")},
        problems=CHANGED,
    ),
    "profiles.identify": Described(
        method="get",
        path="/profiles",
        id="identifyProfiles",
        tag=TAG,
        summary="Find profiles by values, or read several",
        about=(
            "With `customer_id`, the profiles that are named, whole, in the order of the ids;"
            " those that are not there are left out. Else by the parameters named after"
            " attributes, of which at least the first one of an identification key is needed. Any"
            " other attribute of the profile, or of an extension as `Extension.Attribute`, may be"
            " given beside, and all have to fit."
        ),
        parameters=(
            "CustomerIds",
            "IdKey",
            "IncludeProfile",
            "Extensions",
            "IncludeExtensions",
            "Limit",
            "Cursor",
            "PreferExplain",
            "Tenant",
        ),
        answers={
            200: Answer(
                "Those that hold the values, by id, or are named; none is an empty array.",
                "Identified",
                ("VaryByPreference", "Private", "NextPage", "PreferenceApplied"),
            )
        },
        problems=(*SERVED, NoKey, UnknownKey, KeyIncomplete, WrongCursor, AnswerTooLarge),
    ),
    "profiles.history": Described(
        method="get",
        path=f"{ONE}/history",
        id="readHistory",
        tag=TAG,
        summary="What was changed of a profile",
        about="When, by whom and why, newest first.",
        parameters=("ProfileId", "Limit", "Cursor", "Tenant"),
        answers={200: Answer("The versions.", "History", (*PAGE, "Survivor"))},
        problems=(*EXISTING, WrongCursor),
    ),
    "profiles.merge": Described(
        method="put",
        path=f"{ONE}/merge/{{source_id}}",
        id="mergeProfile",
        tag=TAG,
        summary="Take another profile into this one",
        about=(
            "Core values are united, records copied. The source is gone afterwards, and its id"
            " answers with this profile."
        ),
        parameters=(
            "ProfileId",
            "SourceId",
            "IfMatch",
            "IfNoneMatch",
            "Tenant",
            "IdempotencyKey",
        ),
        body=Body({JSON: "MergeOrder"}, required=False),
        answers={204: Answer("They are one.", headers=KEPT)},
        problems=(*CHANGED, *PARSED, InvalidBody, SelfMerge, MergeConflict),
    ),
}
