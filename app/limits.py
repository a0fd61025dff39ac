"""What requests may say at most, and the names of the service's own headers."""

TENANT_HEADER = "X-Genesys-TenantId"
KEY_HEADER = "X-API-Key"
VARY = f"{TENANT_HEADER}, Authorization, {KEY_HEADER}"
"""What an answer depends on beside the path: who asks may see more or less of a profile."""

IDEMPOTENCY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
"""``true`` in an answer that is given again."""

MAX_IDEMPOTENCY_KEY = 255
"""Characters of an `IDEMPOTENCY_HEADER`."""

IDEMPOTENCY_PATTERN = (
    rf"^(?:[!#-~][!-~]{{0,{MAX_IDEMPOTENCY_KEY - 1}}}"
    rf'|"(?:[ !#-\[\]-~]|\\["\\]){{1,{MAX_IDEMPOTENCY_KEY}}}")$'
)
"""Visible ASCII characters, or these and blanks as a string of structured fields."""

AGENT_HEADER = "Profiles-Agent"
REASON_HEADER = "Profiles-Reason"
MAX_HEADER_TEXT = 256
"""Characters of `AGENT_HEADER` and of `REASON_HEADER`."""

EXPOSED_HEADERS = (
    "Content-Location",
    "ETag",
    REPLAYED_HEADER,
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
)
"""What scripts of a page of another origin may read."""

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS_PATTERN = rf"^(?:\*|[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*)$"
"""What `If-Match` and `If-None-Match` may be: `*`, or entity tags (RFC 9110, section 8.8.3)."""

TENANT_DIGITS = 18
MAX_TENANT = 10**TENANT_DIGITS - 1
DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
"""How many there are on a page."""

MAX_IDS = 100
"""How many profiles one query names."""

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""How large an answer with several profiles, versions or records is; one alone may be larger."""


def tenant_number(text: str) -> int | None:
    """The tenant that ``text`` names, None where it names none."""
    digits = text.isascii() and text.isdigit() and len(text) <= TENANT_DIGITS
    return int(text) if digits else None


MERGE_PATCH, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"
PATCH_TYPES = (MERGE_PATCH, JSON_PATCH, "application/json")
"""The media types of a patch; many clients know the last one alone."""
