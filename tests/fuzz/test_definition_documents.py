"""Random definitions, as YAML and as values: read, or refused with the place of every fault."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings import DEFAULT_DEFINITION
from schemas.definition import Definition
from schemas.faults import Invalid
from schemas.reader import load_definition, read_definition
from schemas.writing import from_document, to_document
from tests.fuzz import domain

DEFAULT = DEFAULT_DEFINITION.read_bytes()


def check(definition: Definition) -> None:
    assert from_document(to_document(definition)) == definition


def check_refusal(error: Invalid) -> None:
    assert error.faults
    assert all(each.message for each in error.faults)
    assert all(each.pointer == "" or each.pointer.startswith("/") for each in error.faults)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.one_of(domain.definitions, domain.values))
def test_any_value_is_a_definition_or_refused_with_its_faults(value: Any) -> None:
    try:
        check(load_definition(value))
    except Invalid as error:
        check_refusal(error)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    st.one_of(
        domain.definitions.map(json.dumps),
        st.text(max_size=30),
        domain.damaged(DEFAULT).map(lambda text: text.decode(errors="replace")),
    )
)
def test_any_text_is_a_definition_or_refused_with_its_faults(text: str) -> None:
    try:
        check(read_definition(text))
    except Invalid as error:
        check_refusal(error)
