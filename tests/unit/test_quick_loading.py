"""Bodies that are in order are taken without marshmallow, with the result that it has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from examples.documented_example import PROFILE
from examples.generate_profiles import profiles
from schemas.faults import Invalid
from schemas.objects import ObjectSchema
from schemas.profile import ProfileSchema
from tests.unit.bodies import bodies, definitions, records
from tests.unit.schemas import DEFAULT, a_schema, many

CORE = a_schema({"A": {"default": "a"}, "B": {"multi_valued": True, "mandatory": True}})
RECORDS = a_schema({"A": {}}, many({"U": {}, "B": {}, "C": {"type": "integer"}}, "U"))


@contextmanager
def only_marshmallow() -> Iterator[None]:
    def refuse(*_: Any) -> NoReturn:
        raise ValidationError("is left to marshmallow")

    with patch.object(ObjectSchema, "taken", refuse):
        yield


@pytest.fixture
def no_marshmallow(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        pytest.fail("marshmallow was asked")

    monkeypatch.setattr(Schema, "load", fail)


def outcome(load: Callable[..., Any], *given: Any) -> str:
    """What ``load`` makes of what is given, in its order and its types, or every fault."""
    try:
        return repr(load(*given))
    except Invalid as error:
        return f"refused: {error.faults}"


def assert_equal_outcomes(load: Callable[..., Any], *given: Any) -> None:
    quick = outcome(load, *given)
    with only_marshmallow():
        assert outcome(load, *given) == quick


thorough = settings(
    deadline=None,
    database=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@thorough
@given(st.data())
def test_a_profile_is_loaded_as_marshmallow_loads_it(data: st.DataObject) -> None:
    schema = ProfileSchema(data.draw(definitions()))
    for _ in range(3):
        body = data.draw(bodies(schema.definition))
        assert_equal_outcomes(schema.load, body)
        assert_equal_outcomes(schema.load, body, "a")
        assert_equal_outcomes(schema.load_extensions, body)


@thorough
@given(st.data())
def test_records_are_loaded_as_marshmallow_loads_them(data: st.DataObject) -> None:
    schema = ProfileSchema(data.draw(definitions()))
    for extension in schema.definition.extensions:
        body = data.draw(records(extension.attributes))
        assert_equal_outcomes(schema.load_records, extension.name, body)
        assert_equal_outcomes(schema.check_record, extension.name, body)
        if extension.unique:
            assert_equal_outcomes(schema.load_partial, extension.name, body)
            assert_equal_outcomes(schema.unique_part, extension.name, body)


@pytest.mark.usefixtures("no_marshmallow")
def test_marshmallow_never_sees_an_ordinary_body() -> None:
    for body in [PROFILE, *profiles(50)]:
        assert DEFAULT.load(body).attributes["FirstName"] == body["FirstName"]


@pytest.mark.usefixtures("no_marshmallow")
def test_marshmallow_never_sees_a_body_with_nulls_and_defaults() -> None:
    content = CORE.load({"A": None, "B": ["b", "c"]})
    assert list(content.attributes.items()) == [("A", "a"), ("B", ["b", "c"])]


@pytest.mark.usefixtures("no_marshmallow")
def test_marshmallow_never_sees_ordinary_records() -> None:
    given = [{"U": "1", "C": 1}, {"U": "2", "B": None}]
    assert RECORDS.load_records("Many", given) == [{"U": "1", "C": 1}, {"U": "2"}]
    assert RECORDS.load_extensions({"Many": given[0]}) == {"Many": [given[0]]}
    assert RECORDS.unique_part("Many", {"U": "1", "B": 5}) == {"U": "1"}
