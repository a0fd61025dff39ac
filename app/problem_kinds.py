"""The kinds of problems: every exception that is answered with one."""

from dataclasses import dataclass

from app.access.errors import (
    AuthenticationUnavailable,
    TenantNotAllowed,
    TooManyRequests,
    Unauthenticated,
)
from app.access.privileges import PrivilegesMissing
from app.dao.errors import (
    DeadlineExceeded,
    DefinitionChanged,
    OutcomeUnknown,
    StoreNotPrepared,
    StoreUnavailable,
)
from app.request_faults import InvalidHost, RequestFault
from app.services.errors import (
    AnswerTooLarge,
    ChangeConflicts,
    ChangeRefused,
    ExtensionNotDefined,
    ExtensionNotFound,
    JobNotFound,
    KeyIncomplete,
    Maintenance,
    NameReused,
    NoDefinition,
    NoUniqueAttributes,
    PreconditionFailed,
    ProfileExists,
    ProfileMerged,
    ProfileNotFound,
    ProfileTooLarge,
    RecordNotFound,
    SelfMerge,
    StoreBusy,
    UniqueKeyTaken,
    VersionExpired,
    VersionNotFound,
    WeakTags,
    WrongCursor,
)
from app.services.merging import MergeConflict
from app.services.patching import InvalidPatch, PatchConflict, PatchTestFailed
from schemas.faults import Invalid, InvalidBody, InvalidDefinition, Malformed
from schemas.identity import NoKey, UnknownKey
from schemas.revising import InUse, NameTaken, NotDefined


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem: ``code`` is stable, for programs; ``detail`` is for people."""

    status: int
    code: str
    title: str
    detail: str


PROBLEMS: dict[type[Exception], Problem] = {
    Malformed: Problem(400, "malformed_json", "Malformed JSON", "The body is not usable JSON."),
    Invalid: Problem(
        400, "invalid_profile", "Invalid profile", "The body does not fit the definition."
    ),
    InvalidDefinition: Problem(
        400,
        "invalid_definition",
        "Invalid definition",
        "The body does not describe a definition, or a part of one.",
    ),
    InvalidBody: Problem(
        400, "invalid_body", "Invalid body", "The body is not what this operation takes."
    ),
    InvalidPatch: Problem(
        400, "invalid_patch", "Invalid patch", "The body is no patch, or one beyond the limits."
    ),
    PatchConflict: Problem(
        409, "patch_conflict", "Patch conflict", "The patch is not possible on the stored profile."
    ),
    PatchTestFailed: Problem(
        409,
        "patch_test_failed",
        "Patch test failed",
        "A test of the patch found another value; nothing was changed.",
    ),
    RequestFault: Problem(
        400, "invalid_request", "Invalid request", "A part of the request is missing or wrong."
    ),
    InvalidHost: Problem(
        400,
        "invalid_host",
        "Invalid host",
        "HTTP/1.1 needs one Host header, of a name or an address, with or without a port.",
    ),
    WrongCursor: Problem(
        400,
        "wrong_cursor",
        "Wrong cursor",
        "The cursor was not made for this question; start without one.",
    ),
    NoUniqueAttributes: Problem(
        400,
        "no_unique_attributes",
        "No unique attributes",
        "The extension has no unique attributes that select a record.",
    ),
    NoKey: Problem(
        400,
        "no_key",
        "No key",
        "No identification key starts with what is given; one of those in errors is needed.",
    ),
    UnknownKey: Problem(400, "unknown_key", "Unknown key", "No identification key is called so."),
    SelfMerge: Problem(400, "self_merge", "Self merge", "A profile cannot be merged into itself."),
    Unauthenticated: Problem(
        401,
        "unauthenticated",
        "Unauthenticated",
        "Credentials are missing or wrong; the WWW-Authenticate header lists what is taken.",
    ),
    TenantNotAllowed: Problem(
        403, "tenant_not_allowed", "Tenant not allowed", "The caller may not use this tenant."
    ),
    NoDefinition: Problem(
        403,
        "no_definition",
        "No definition",
        "No profile can be made before core attributes are defined.",
    ),
    PrivilegesMissing: Problem(
        403, "privileges_missing", "Privileges missing", "The caller lacks the missing privileges."
    ),
    ProfileNotFound: Problem(
        404, "profile_not_found", "Profile not found", "No profile has this customer_id."
    ),
    ProfileMerged: Problem(
        404,
        "profile_merged",
        "Profile merged",
        "The profile was merged into the survivor; write to that one.",
    ),
    VersionNotFound: Problem(
        404,
        "version_not_found",
        "Version not found",
        "The profile never had this version, or was deleted since.",
    ),
    ExtensionNotDefined: Problem(
        404,
        "extension_not_defined",
        "Extension not defined",
        "The definition has no extension of this name.",
    ),
    ExtensionNotFound: Problem(
        404,
        "extension_not_found",
        "Extension not found",
        "The profile has no record of this extension.",
    ),
    RecordNotFound: Problem(
        404,
        "record_not_found",
        "Record not found",
        "No record has these values of the unique attributes.",
    ),
    NotDefined: Problem(
        404, "not_defined", "Not defined", "The definition has nothing of this name."
    ),
    JobNotFound: Problem(
        404, "job_not_found", "Job not found", "There is no job of this id, or no more."
    ),
    ProfileExists: Problem(
        409, "profile_exists", "Profile exists", "A profile has this customer_id already."
    ),
    UniqueKeyTaken: Problem(
        409,
        "unique_key_taken",
        "Unique key taken",
        "Another profile has the values of this unique identification key; nothing was changed.",
    ),
    MergeConflict: Problem(
        409,
        "merge_conflict",
        "Merge conflict",
        "The profiles contradict each other; nothing was changed.",
    ),
    NameTaken: Problem(
        409, "name_taken", "Name taken", "Something else is called so, without regard to case."
    ),
    InUse: Problem(
        409, "in_use", "In use", "An identification key needs it; remove the key first."
    ),
    ChangeRefused: Problem(
        409,
        "change_refused",
        "Change refused",
        "The change would lose information of stored profiles.",
    ),
    ChangeConflicts: Problem(
        409,
        "stored_profiles_conflict",
        "Stored profiles conflict",
        "Stored profiles would be invalid; force=true makes the change all the same.",
    ),
    VersionExpired: Problem(
        410,
        "version_expired",
        "Version expired",
        "What the profile was like at this version is no longer kept.",
    ),
    ProfileTooLarge: Problem(
        413,
        "profile_too_large",
        "Profile too large",
        "The profile is larger, or can be found by more values, than one may.",
    ),
    AnswerTooLarge: Problem(
        413,
        "answer_too_large",
        "Answer too large",
        "The profiles that are named are more than one answer takes; name fewer of them.",
    ),
    PreconditionFailed: Problem(
        412,
        "precondition_failed",
        "Precondition failed",
        "What is stored is not what the request asks for; query it again.",
    ),
    WeakTags: Problem(
        412,
        "weak_entity_tag",
        "Weak entity tag",
        "If-Match compares strongly, and has weak tags (W/) only, as a proxy that compresses makes"
        " them; send them without W/, or have the service take them (PROFILES_WEAK_IF_MATCH).",
    ),
    NameReused: Problem(
        422,
        "idempotency_key_reused",
        "Idempotency key reused",
        "The Idempotency-Key was given to another request of this profile; nothing was changed.",
    ),
    TooManyRequests: Problem(
        429,
        "too_many_requests",
        "Too many requests",
        "The caller sends more requests than it may; Retry-After says when to go on.",
    ),
    AuthenticationUnavailable: Problem(
        503,
        "authentication_unavailable",
        "Authentication unavailable",
        "Credentials of this kind cannot be checked now.",
    ),
    DeadlineExceeded: Problem(
        503,
        "deadline_exceeded",
        "Deadline exceeded",
        "There was not enough time to answer; nothing was changed.",
    ),
    DefinitionChanged: Problem(
        503,
        "definition_changed",
        "Definition changed",
        "The definition was changed meanwhile; nothing was changed.",
    ),
    KeyIncomplete: Problem(
        503,
        "key_incomplete",
        "Key incomplete",
        "The identification key is still being built, or could not be.",
    ),
    Maintenance: Problem(503, "maintenance", "Maintenance", "The server is in maintenance mode."),
    StoreBusy: Problem(
        503, "store_busy", "Store busy", "Other writers were faster; nothing was changed."
    ),
    StoreUnavailable: Problem(
        503, "store_unavailable", "Store unavailable", "The store cannot be asked now."
    ),
    OutcomeUnknown: Problem(
        503,
        "outcome_unknown",
        "Outcome unknown",
        "The store did not say whether the change was made; query before a repeat without an"
        " Idempotency-Key.",
    ),
    StoreNotPrepared: Problem(
        503,
        "migrations_pending",
        "Migrations pending",
        "The store is not prepared for this release: run `profiles migrate apply`.",
    ),
}
