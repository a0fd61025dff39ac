"""What random requests are made of: proper values, near misses, and plain garbage."""

import json
from typing import Any

from hypothesis import strategies as st

from app.limits import AGENT_HEADER, IDEMPOTENCY_HEADER, REASON_HEADER, TENANT_HEADER
from app.problem_body import MEDIA_TYPE
from tests.support.creators import EXAMPLE

MARK = "zq7mark"
"""Stands in texts of a request, and is looked for in the headers of its answer."""

NAMES = ["FirstName", "DOB", "EmailAddress", "Address", "Phone", "Vip", "City", "PhoneNumber"]
MEMBERS = ["name", "type", "attributes", "unique", "default", "length", "mandatory", "source"]
PATCH = ["op", "path", "from", "value", "mode", "force_merge", "reason", "customer_id"]
EDGES = [2**31, -(2**63) - 1, 2**64, 10**400, 5e-324, -0.0]
WORDS = ["string", "double", "datetime", "classifier", "multi-valued", "profile", "add", "test"]

texts = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [MARK, "", "\0", "\ud800", "1962-05-10", "2024-02-29T12:00Z", "9" * 40, *NAMES, *WORDS]
    ),
    st.sampled_from(["/", "/FirstName", "/Phone/-", "/Address/City", "~2", "/EmailAddress/0"]),
)
numbers = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(EDGES),
)
names = st.one_of(st.sampled_from([*NAMES, *MEMBERS, *PATCH]), texts)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=8,
)

attributes = st.fixed_dictionaries(
    {
        "name": st.one_of(st.sampled_from(["A", "B", "FirstName", "a"]), texts),
        "type": st.one_of(st.sampled_from(WORDS[:3]), values),
    },
    optional={
        "default": values,
        "length": st.one_of(st.integers(-1, 9), values),
        "mandatory": st.one_of(st.booleans(), st.sampled_from(["true", "false", "yes"])),
        "multi_valued": st.one_of(st.booleans(), values),
        "sensitive": st.booleans(),
        "normalize": st.sampled_from(["phone", "x"]),
        "region": st.sampled_from(["DE", "XX", "de"]),
        "nonsense": values,
    },
)
extensions = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Phone", "Note", "Vip", "FirstName", MARK, "1x"]),
        "type": st.sampled_from(WORDS[3:]),
    },
    optional={
        "attributes": st.one_of(st.lists(attributes, max_size=3), values),
        "unique": st.one_of(
            st.lists(st.sampled_from(["A", "B", "PhoneNumber"]), max_size=2), values
        ),
        "description": texts,
    },
)
keys = st.fixed_dictionaries(
    {"name": texts, "attributes": st.one_of(st.lists(st.sampled_from(NAMES), max_size=3), values)},
    optional={
        "source": st.sampled_from(["profile", "Phone", "x"]),
        "unique": st.booleans(),
        "match": texts,
    },
)
definitions = st.fixed_dictionaries(
    {"attributes": st.one_of(st.lists(attributes, max_size=4), values)},
    optional={
        "extensions": st.one_of(st.lists(extensions, max_size=3), values),
        "identification_keys": st.one_of(st.lists(keys, max_size=3), values),
        "nonsense": values,
    },
)
profiles = st.one_of(
    st.dictionaries(names, values, max_size=5),
    st.builds(lambda more: {**EXAMPLE, **more}, st.dictionaries(names, values, max_size=2)),
)
patches = st.lists(
    st.fixed_dictionaries({"op": texts, "path": texts}, optional={"value": values, "from": texts}),
    max_size=4,
)


@st.composite
def damaged(draw: st.DrawFn, text: bytes) -> bytes:
    """``text`` with a piece taken out, and something else in its place."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 4)))
    piece = draw(
        st.one_of(st.binary(max_size=4), st.sampled_from([b"\\u0000", b"\xff", b'"', b"1e999"]))
    )
    return text[:start] + piece + text[end:]


# Unlike the service's own writer, this one takes all numbers and lone surrogates.
bodies: st.SearchStrategy[bytes] = st.one_of(
    st.one_of(profiles, patches, attributes, extensions, keys, st.lists(attributes), values).map(
        lambda value: json.dumps(value).encode()
    ),
    st.binary(max_size=20),
    damaged(json.dumps(EXAMPLE).encode()),
)

# As WSGI has them: any byte but those that end a header.
header_texts = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=12),
    st.sampled_from([MARK, "", "*", '"1-a"', f'W/"{MARK}"', "1", "9" * 19, "²"]),
    st.sampled_from(["return=representation", "explain", "application/json", MEDIA_TYPE, "*/*"]),
)
headers = st.dictionaries(
    st.sampled_from(
        [
            TENANT_HEADER,
            AGENT_HEADER,
            REASON_HEADER,
            IDEMPOTENCY_HEADER,
            "If-Match",
            "If-None-Match",
            "Prefer",
            "Accept",
            "Content-Type",
            "Content-Encoding",
            "X-Request-Id",
            "traceparent",
        ]
    ),
    header_texts,
    max_size=2,
)
parameters = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(["limit", "cursor", "extensions", "version", "id_key", "force"]),
            st.just("customer_id"),
            st.sampled_from(["include_profile", "include_extensions", "dry_run", "DOB"]),
            st.sampled_from(["EmailAddress", "Phone.PhoneNumber", "Address.City"]),
            texts,
        ),
        st.one_of(texts, st.sampled_from(["1", "true", "Address", "*", "yes", "unique", "-1"])),
    ),
    max_size=3,
)
