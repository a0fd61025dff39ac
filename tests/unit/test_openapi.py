"""The document of a definition: valid, complete, and true to what is defined."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from app.access.authenticator import CHALLENGES
from app.http_problems import HTTP_PROBLEMS
from app.openapi.document import DESCRIBED, SECURITY
from app.openapi.documents import MAX_DOCUMENTS, Documents
from app.openapi.editions import Edition, in_3_0
from app.openapi.problems import refusals
from app.operations import OPERATIONS
from app.problem_kinds import PROBLEMS
from app.settings import AUTH_METHODS
from examples.documented_example import CUSTOMER_ID, PROFILE
from schemas.attributes import TYPES
from schemas.definition import Definition
from schemas.members import NAME_PATTERN
from schemas.parts import NORMALIZERS
from schemas.reader import load_definition
from tests.support.documents import a_revision, document_of
from tests.unit.schemas import DEFAULT, a_definition, many

PAGES = {"documents.docs", "documents.asset", "watching.metrics"}
"""What is for people and for Prometheus: no operations of the API."""

FLAGS = {"mandatory": st.booleans(), "multi_valued": st.booleans(), "sensitive": st.booleans()}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
NAMES = st.from_regex(NAME_PATTERN, fullmatch=True).filter(
    lambda name: name.lower() not in {"customer_id", "profile"}
)


@st.composite
def attributes(draw: st.DrawFn, names: list[str]) -> list[dict[str, Any]]:
    """Attributes of every type, each with what it may have."""
    made = []
    for name in names:
        kind = draw(st.sampled_from(list(TYPES)))
        flags = draw(st.fixed_dictionaries({}, optional=FLAGS))
        member = {"name": name, "type": kind, "description": draw(TEXTS), **flags}
        if kind == "string":
            limits = {"length": st.integers(4, 9), "normalize": st.sampled_from(NORMALIZERS)}
            member |= draw(st.fixed_dictionaries({}, optional=limits))
        if draw(st.booleans()):
            member["default"] = TYPES[kind].example
        made.append(member)
    return made


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Definitions as they may be given."""
    names = draw(st.lists(NAMES, unique_by=str.lower, max_size=6))
    split = draw(st.integers(0, len(names)))
    extensions = []
    for name in names[split:]:
        inner = draw(st.lists(NAMES, unique_by=str.lower, max_size=3))
        kind = draw(st.sampled_from(["single-valued", "multi-valued"])) if inner else "classifier"
        unique = inner[:1] if kind == "multi-valued" and draw(st.booleans()) else []
        members = {"attributes": draw(attributes(inner))} if inner else {}
        extensions.append({"name": name, "type": kind, "unique": unique, **members})
    core = names[:split]
    keys = [{"name": f"k{index}", "attributes": [name]} for index, name in enumerate(core)]
    given = {"attributes": draw(attributes(core)), "extensions": extensions}
    return load_definition({**given, "identification_keys": keys})


@pytest.fixture(scope="module")
def default() -> dict[str, Any]:
    return document_of(DEFAULT.definition)


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def schema_of(document: dict[str, Any], name: str) -> Draft202012Validator:
    whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(whole, validate_formats=True)


@settings(deadline=None, max_examples=60)
@given(definitions(), st.sampled_from(["", "/cv", "/genesys/1/cs"]))
def test_the_document_of_every_definition_is_valid(definition: Definition, base: str) -> None:
    document = document_of(definition, base, *SECURITY)
    OpenAPIV31SpecValidator(document).validate()
    assert_examples_fit(document)
    assert_all_components_are_used(document)


@settings(deadline=None, max_examples=20)
@given(definitions())
def test_it_is_valid_in_the_earlier_edition_too(definition: Definition) -> None:
    document = in_3_0(document_of(definition))
    OpenAPIV30SpecValidator(document).validate()
    assert_all_components_are_used(document)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": ["integer", "null"], "minimum": 1}, {"type": "integer", "minimum": 1}),
        ({"type": ["array", "null"], "items": {}}, {"type": "array", "items": {}}),
        (
            {"oneOf": [{"$ref": "#/components/schemas/x"}, {"type": "null"}]},
            {"allOf": [{"$ref": "#/components/schemas/x"}]},
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "boolean"}, {"type": "null"}]},
            {"oneOf": [{"type": "string"}, {"type": "boolean"}]},
        ),
    ],
    ids=["type", "array", "reference", "several"],
)
def test_the_earlier_edition_tells_null_in_its_own_way(
    schema: dict[str, Any], told: dict[str, Any]
) -> None:
    parameter = {"schema": {"properties": {"type": schema}}}
    document = {
        "info": {"license": {"identifier": "Apache-2.0"}},
        "paths": {"/": {"parameters": [parameter]}},
        "components": {"schemas": {"x": {}}},
    }
    found = in_3_0(document)["paths"]["/"]["parameters"][0]["schema"]["properties"]["type"]
    assert found == told | {"nullable": True}


def test_the_earlier_edition_lets_a_reference_stand_alone() -> None:
    document = in_3_0(document_of(a_definition({"C": {"type": "currency"}})))
    told = document["components"]["schemas"]["ProfileInput"]["properties"]["C"]
    assert told == {"allOf": [{"$ref": "#/components/schemas/Currency"}], "example": "19.90"}


def test_the_earlier_edition_has_one_media_type_of_a_patch(default: dict[str, Any]) -> None:
    operation = in_3_0(default)["paths"]["/profiles/{customer_id}"]["patch"]
    (content,) = operation["requestBody"]["content"].items()
    assert content[0] == "application/json"
    assert content[1]["schema"] == {"$ref": "#/components/schemas/ProfilePatch"}
    assert len(default["paths"]["/profiles/{customer_id}"]["patch"]["requestBody"]["content"]) == 3


@pytest.mark.parametrize("name", ["Records", "RecordsInput"])
def test_the_earlier_edition_leaves_records_of_any_extension_open(
    default: dict[str, Any], name: str
) -> None:
    assert list(in_3_0(default)["components"]["schemas"][name]) == ["description"]
    assert len(default["components"]["schemas"][name]["anyOf"]) == 3


@pytest.mark.parametrize("schemes", [[], ["basic"], list(SECURITY)], ids=str)
def test_the_default_document_is_valid(schemes: list[str]) -> None:
    OpenAPIV31SpecValidator(document_of(DEFAULT.definition, "", *schemes)).validate()


def test_every_way_to_say_who_asks_has_a_challenge_and_is_documented() -> None:
    assert AUTH_METHODS == CHALLENGES.keys() == SECURITY.keys()


def assert_examples_fit(document: dict[str, Any]) -> None:
    shown = 0
    for place, schema, example in examples(document):
        errors = [each.message for each in schema.iter_errors(example)]
        assert not errors, (place, example, errors)
        shown += 1
    assert shown > len(DESCRIBED)


def examples(document: dict[str, Any]) -> Iterator[tuple[str, Draft202012Validator, Any]]:
    for operation in operations(document):
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in [each for part in parts for each in part.get("content", {}).values()]:
            if "example" in content:
                whole = {**content["schema"], "components": document["components"]}
                validator = Draft202012Validator(whole, validate_formats=True)
                yield operation["operationId"], validator, content["example"]
    for name, schema in document["components"]["schemas"].items():
        for member, property_ in schema.get("properties", {}).items():
            whole = {**property_, "components": document["components"]}
            for example in property_.get("examples", []):
                yield f"{name}.{member}", Draft202012Validator(whole), example


def assert_all_components_are_used(document: dict[str, Any]) -> None:
    text = str(document)
    for kind, named in document["components"].items():
        if kind != "securitySchemes":
            unused = [name for name in named if f"'#/components/{kind}/{name}'" not in text]
            assert unused == [], kind


def test_every_operation_is_described() -> None:
    assert DESCRIBED.keys() == OPERATIONS.keys() - PAGES


def test_every_operation_says_what_a_reader_needs(default: dict[str, Any]) -> None:
    tags = {each["name"] for each in default["tags"]}
    for operation in operations(default):
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) < tags
        assert any(code.startswith("4") for code in operation["responses"])
        assert any(code.startswith("2") for code in operation["responses"])


def test_every_operation_has_a_name_for_clients(default: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(default)]
    assert len(set(names)) == len(names)
    assert all(name.isalpha() and name[0].islower() for name in names)
    main = {"createProfile", "queryProfile", "updateProfile", "patchProfile", "deleteProfile"}
    assert main | {"identifyProfiles", "mergeProfile"} < set(names)


def test_every_operation_names_the_privileges_that_it_takes(default: dict[str, Any]) -> None:
    by_id = {operation["operationId"]: operation for operation in operations(default)}
    for endpoint, described in DESCRIBED.items():
        needs = [str(each) for each in OPERATIONS[endpoint].needs]
        assert by_id[described.id]["x-privileges"] == needs
        assert all(f"*{each}*" in by_id[described.id]["description"] for each in needs)


def test_every_problem_of_an_operation_is_answered_by_some(default: dict[str, Any]) -> None:
    told = {
        code
        for operation in operations(default)
        for answer in operation["responses"].values()
        for code in answer.get("x-codes", [])
    }
    # Those that are answered before an operation is reached.
    outside = {HTTP_PROBLEMS[status].code for status in (404, 405, 408, 414, 431, 501)}
    every = {each.code for each in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())}
    assert told == every - outside


def test_no_name_of_a_component_is_of_two_kinds(default: dict[str, Any]) -> None:
    kinds = Counter(name for named in default["components"].values() for name in named)
    assert [name for name, count in kinds.items() if count > 1] == []


def test_every_link_leads_to_parameters_of_an_operation(default: dict[str, Any]) -> None:
    by_id = {operation["operationId"]: operation for operation in operations(default)}
    parameters = default["components"]["parameters"]
    for link in default["components"]["links"].values():
        names = [
            each["$ref"].rpartition("/")[2] for each in by_id[link["operationId"]]["parameters"]
        ]
        told = {f"{parameters[name]['in']}.{parameters[name]['name']}" for name in names}
        assert link["parameters"].keys() <= told


@pytest.mark.parametrize("link", ["Query", "Update", "Patch", "Delete", "ReadHistory", "Merge"])
def test_a_new_profile_leads_to_what_can_be_done_with_it(
    default: dict[str, Any], link: str
) -> None:
    made = default["paths"]["/profiles"]["post"]["responses"]["201"]
    assert made["links"][link] == {"$ref": f"#/components/links/{link}"}


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ("*", True),
        ('"1-a"', True),
        ('W/"1-a", "2-b"', True),
        (',"1-a",', True),
        ("1-a", False),
        ("", False),
        ('*, "1-a"', False),
        ('"a" "b"', False),
    ],
)
def test_a_condition_fits_as_the_service_takes_it(
    default: dict[str, Any], tags: str, fits: bool
) -> None:
    schema = default["components"]["parameters"]["IfMatch"]["schema"]
    assert Draft202012Validator(schema).is_valid(tags) is fits


def test_a_refusal_is_told_once_by_status() -> None:
    assert list(refusals([500, 400, 500])) == [400, 500]
    assert refusals([400, 400])[400]["x-codes"] == ["bad_request"]


def test_the_base_path_is_the_server_of_all_but_health() -> None:
    document = document_of(DEFAULT.definition, "/genesys/1/cs")
    assert document["servers"] == [{"url": "/genesys/1/cs"}]
    paths = document["paths"].items()
    elsewhere = {path for path, item in paths for each in item.values() if "servers" in each}
    assert elsewhere == {"/health/live", "/health/ready"}


def test_credentials_are_asked_for_in_each_way_that_is_switched_on() -> None:
    document = document_of(DEFAULT.definition, "", "api_key", "jwt")
    assert document["security"] == [{"api_key": []}, {"jwt": []}]
    assert set(document["components"]["securitySchemes"]) == {"api_key", "jwt"}
    assert document["paths"]["/health/live"]["get"]["security"] == []
    assert "security" not in document["paths"]["/openapi.json"]["get"]


def test_an_attribute_has_the_form_of_its_type() -> None:
    definition = a_definition(
        {"S": {"length": 3}, "L": {"type": "long"}, "C": {"type": "currency"}}
    )
    members = document_of(definition)["components"]["schemas"]["ProfileInput"]["properties"]
    assert members["S"] == {"type": "string", "maxLength": 3, "examples": ["tex"]}
    assert (members["L"]["maximum"], members["L"]["format"]) == (2**63 - 1, "int64")
    assert members["C"] == {"$ref": "#/components/schemas/Currency", "examples": ["19.90"]}


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({}, False),
        ({"M": "x"}, True),
        ({"M": "x", "D": 5, "V": "a"}, True),
        ({"M": "x", "D": 5, "V": ["a", "b"]}, True),
        ({"M": "x", "D": "5"}, False),
        ({"M": "x", "V": [5]}, False),
        ({"M": "x", "Nope": 1}, False),
        ({"M": "x", "customer_id": "a/b"}, False),
        ({"M": "x", "Many": [{"U": "1"}]}, True),
        ({"M": "x", "Many": []}, True),
        ({"M": "x", "Many": None}, True),
        ({"M": "x", "Many": [{"X": "1"}]}, False),
    ],
    ids=str,
)
def test_a_body_fits_as_the_service_takes_it(body: Any, fits: bool) -> None:
    members: dict[str, Any] = {
        "M": {"mandatory": True},
        "D": {"type": "integer", "mandatory": True, "default": 7},
        "V": {"multi_valued": True},
    }
    document = document_of(a_definition(members, many=many({"U": {}}, "U")))
    assert schema_of(document, "ProfileInput").is_valid(body) is fits


def test_the_documented_example_fits(default: dict[str, Any]) -> None:
    assert schema_of(default, "ProfileInput").is_valid(PROFILE)
    assert schema_of(default, "Profile").is_valid({"customer_id": CUSTOMER_ID, **PROFILE})


def test_a_merge_patch_may_take_away_what_is_mandatory_elsewhere() -> None:
    document = document_of(a_definition({"M": {"mandatory": True}}, many=many({"U": {}}, "U")))
    patch = schema_of(document, "ProfilePatch")
    assert patch.is_valid({"M": None, "Many": None})
    assert not patch.is_valid({"M": 5})


def test_a_change_of_a_record_needs_what_selects_it() -> None:
    extension = many({"U": {}, "W": {}}, "U")
    change = schema_of(document_of(a_definition({"A": {}}, many=extension)), "RecordChange")
    assert change.is_valid({"U": "1", "W": None})
    assert not change.is_valid({"W": "x"})
    assert not change.is_valid({"U": None})


def test_a_sensitive_attribute_may_be_masked_in_answers_only() -> None:
    pan = {"type": "integer", "sensitive": True, "multi_valued": True}
    document = document_of(a_definition({"Pan": pan, "Pin": {"length": 4, "sensitive": True}}))
    masked = {"Pan": ["••••34", 5], "Pin": "••••56789"}
    assert schema_of(document, "Profile").is_valid({"customer_id": "bruce", **masked})
    assert not schema_of(document, "ProfileInput").is_valid(masked)
    schemas = document["components"]["schemas"]
    for name in ("Profile", "ProfileInput"):
        assert schemas[name]["properties"]["Pin"]["x-sensitive"] is True
        assert schemas[f"{name}-Pan"]["x-sensitive"] is True
    assert "Masked" not in document_of(DEFAULT.definition)["components"]["schemas"]


def test_the_keys_are_the_parameters_of_identify() -> None:
    keys = [
        {"name": "one", "attributes": ["B", "A"]},
        {"name": "two", "attributes": ["A"]},
        {"name": "three", "source": "Many", "attributes": ["U"]},
    ]
    definition = a_definition(
        {"A": {"length": 2}, "B": {"type": "long"}}, *keys, many=many({"U": {}})
    )
    found = document_of(definition)["paths"]["/profiles"]["get"]["parameters"]
    criteria = {each["name"]: each["schema"]["items"] for each in found if "name" in each}
    assert list(criteria) == ["B", "A", "Many.U"]
    assert criteria["A"] == {"type": "string"}
    assert criteria["B"]["type"] == "integer"


def test_an_attribute_called_like_a_parameter_is_none() -> None:
    key = {"name": "one", "attributes": ["limit"]}
    found = document_of(a_definition({"limit": {}}, key))["paths"]["/profiles"]["get"][
        "parameters"
    ]
    assert [each for each in found if "name" in each] == []


def test_a_document_is_made_once_per_revision() -> None:
    documents, revision = Documents(""), a_revision(DEFAULT.definition)
    assert documents.of(revision) is documents.of(revision)
    assert documents.of(a_revision(DEFAULT.definition, number=2)) is not documents.of(revision)


def test_the_tag_of_a_document_stands_for_its_text() -> None:
    revision = a_revision(DEFAULT.definition)
    plain, same = Documents("").of(revision), Documents("").of(revision)
    assert (plain.text, plain.tag) == (same.text, same.tag)
    others = [
        Documents("/cv").of(revision),
        Documents("", ["jwt"]).of(revision),
        Documents("").of(revision, Edition.V3_0),
    ]
    assert len({plain.tag, *(each.tag for each in others)}) == 4


def test_no_more_documents_are_kept_than_are_used() -> None:
    documents = Documents("")
    first = a_revision(DEFAULT.definition)
    kept = documents.of(first)
    for number in range(2, MAX_DOCUMENTS + 5):
        documents.of(a_revision(DEFAULT.definition, number=number))
        assert documents.of(first) is kept
    assert len(documents._made) == MAX_DOCUMENTS
