"""Every type: what is answered for what was written, and what is refused."""

from pathlib import Path

import pytest

from tests.api.conftest import ApiWith, unchanged
from tests.support.client import ApiClient

EVERY_TYPE = Path(__file__).parent / "every_type.yaml"
EVERYTHING = (
    b'{"Name":"B","Count":[3,1,2],"Big":-9223372036854775808,"Ratio":0.1,"Flag":false,'
    b'"Day":"1962-05-10","Moment":"2024-01-01T10:00:00.5+02:00","Amount":10.00,'
    b'"Contract":{"Number":"7","Fee":"0.10"},"Note":[{"Text":"b"},{"Text":"a"},{}],"Gold":{}}'
)

KEPT = [
    ("Name", '""'),
    ("Name", '"\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600"'),
    ("Count", "-2147483648"),
    ("Count", "[3,1,2,3]"),
    ("Count", "[7]"),
    ("Count", "[]"),
    ("Big", "9223372036854775807"),
    ("Ratio", "0.1"),
    ("Ratio", "-2.5"),
    ("Ratio", "-0.0"),
    ("Ratio", "5e-324"),
    ("Ratio", "1.7976931348623157e+308"),
    ("Flag", "true"),
    ("Day", '"2024-02-29"'),
    ("Moment", '"2024-01-01T10:00:00.000Z"'),
    ("Amount", "10.00"),
    ("Amount", '"10.00"'),
    ("Amount", "-0.10"),
    ("Amount", "5"),
    ("Amount", "-0"),
    ("Amount", '"-0.00"'),
    ("Amount", "99999999999999999999"),
    ("Amount", "1234567890123456789.0123456789012345678"),
]
CHANGED = [
    ("Name", '"\\u00e9\\/"', '"é/"'),
    ("Ratio", "2", "2.0"),
    ("Ratio", "-0", "-0.0"),
    ("Ratio", "-0e5", "-0.0"),
    ("Ratio", "1e-400", "0.0"),
    ("Count", "-0", "0"),
    ("Big", "-0", "0"),
    ("Ratio", "1.5e3", "1500.0"),
    ("Moment", '"2024-01-01T01:00:00+02:00"', '"2023-12-31T23:00:00.000Z"'),
    ("Moment", '"2024-01-01T10:00"', '"2024-01-01T10:00:00.000Z"'),
    ("Moment", '"2024-01-01T10:00:00.1239-05:30"', '"2024-01-01T15:30:00.123Z"'),
    ("Moment", '"20240101T100000Z"', '"2024-01-01T10:00:00.000Z"'),
    (
        "Moment",
        '["2024-01-02T00:00:00Z","2024-01-01T00:00Z"]',
        '["2024-01-02T00:00:00.000Z","2024-01-01T00:00:00.000Z"]',
    ),
]
REFUSED = [
    ("Name", "5"),
    ("Name", '"123456"'),
    ("Name", "{}"),
    ("Count", '"5"'),
    ("Count", "true"),
    ("Count", "5.0"),
    ("Count", "-0.0"),
    ("Big", "-0e1"),
    ("Count", "2147483648"),
    ("Big", "9223372036854775808"),
    ("Big", "1e3"),
    ("Big", "9" * 5000),
    ("Ratio", '"1"'),
    ("Ratio", "true"),
    ("Ratio", "1e400"),
    ("Ratio", "-1e400"),
    ("Ratio", "9007199254740993"),
    ("Ratio", "1" * 45),
    ("Ratio", "9" * 400),
    ("Flag", "1"),
    ("Flag", '"true"'),
    ("Flag", "[true]"),
    ("Day", '"2023-02-29"'),
    ("Day", '"2023-2-1"'),
    ("Day", '"2024-01-01T00:00:00Z"'),
    ("Moment", '"2024-01-01"'),
    ("Moment", '"noon"'),
    ("Moment", "1700000000"),
    ("Moment", '"2024-01-01T25:00:00Z"'),
    ("Moment", '"0001-01-01T00:00:00+10:00"'),
    ("Amount", "1e2"),
    ("Amount", "-0e0"),
    ("Amount", '"00"'),
    ("Amount", '"1,00"'),
    ("Amount", '"NaN"'),
    ("Amount", "true"),
    ("Amount", "9" * 39),
]


def short(value: str) -> str:
    return value[:20]


@pytest.fixture
def api(api_with: ApiWith) -> ApiClient:
    return api_with(definition=EVERY_TYPE)


@pytest.fixture
def path(api: ApiClient) -> str:
    return api.created({"customer_id": "x"})


@pytest.mark.parametrize(("name", "text"), KEPT, ids=short)
def test_a_value_is_answered_as_it_was_written(
    api: ApiClient, path: str, name: str, text: str
) -> None:
    api.put(path, f'{{"Level":1,"{name}":{text}}}'.encode())
    assert api.get(path).text == f'{{"customer_id":"x","Level":1,"{name}":{text}}}'


@pytest.mark.parametrize(("name", "text", "answered"), CHANGED, ids=short)
def test_a_value_is_answered_in_the_one_form_of_its_type(
    api: ApiClient, path: str, name: str, text: str, answered: str
) -> None:
    api.put(path, f'{{"Level":1,"{name}":{text}}}'.encode())
    assert api.get(path).text == f'{{"customer_id":"x","Level":1,"{name}":{answered}}}'


@pytest.mark.parametrize(("name", "text"), REFUSED, ids=short)
def test_a_value_of_another_type_or_out_of_range_is_refused(
    api: ApiClient, path: str, name: str, text: str
) -> None:
    with unchanged(api, path):
        refused = api.put(path, f'{{"{name}":{text}}}'.encode(), expect=400)
    assert set(api.faults(refused)) == {f"/{name}"}


def test_every_faulty_element_of_an_array_is_named(api: ApiClient, path: str) -> None:
    refused = api.put(path, {"Count": [1, "2", 3, None, True]}, expect=400)
    assert set(api.faults(refused)) == {"/Count/1", "/Count/3", "/Count/4"}


@pytest.mark.parametrize(("body", "level"), [({}, 3), ({"Level": None}, 3), ({"Level": 0}, 0)])
def test_a_default_fills_what_the_body_leaves_out(
    api: ApiClient, path: str, body: dict[str, int | None], level: int
) -> None:
    api.put(path, body)
    assert api.profile(path) == {"Level": level}


def test_a_default_fills_what_a_record_leaves_out(api: ApiClient, path: str) -> None:
    api.put(path, {"Contract": {"Number": "7"}})
    assert api.profile(path) == {"Level": 3, "Contract": {"Number": "7", "State": "open"}}


@pytest.mark.parametrize("record", [{"State": "x"}, {"Number": None}])
def test_a_mandatory_attribute_that_is_missing_is_refused(
    api: ApiClient, path: str, record: dict[str, str | None]
) -> None:
    with unchanged(api, path):
        refused = api.put(path, {"Contract": record}, expect=400)
    assert api.faults(refused) == {"/Contract/Number": "is mandatory"}


def test_a_classifier_has_no_attributes(api: ApiClient, path: str) -> None:
    with unchanged(api, path):
        refused = api.put(path, {"Gold": {"Since": "2024"}}, expect=400)
    assert set(api.faults(refused)) == {"/Gold/Since"}


def test_records_without_unique_attributes_may_be_the_same(api: ApiClient, path: str) -> None:
    api.put(path, {"Note": [{"Text": "a"}, {"Text": "a"}]})
    assert api.profile(path) == {"Level": 3, "Note": [{"Text": "a"}, {"Text": "a"}]}


def test_what_query_returned_of_every_type_can_be_put_as_it_is(api: ApiClient) -> None:
    path = api.created(EVERYTHING)
    returned = api.get(f"{path}?extensions=*").data
    api.put(path, returned)
    assert api.get(f"{path}?extensions=*").data == returned
