"""An answer that is not the written one makes a difference, whatever it is that is wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from tests.compat.answer import JSON, PROBLEM, compare
from tests.compat.exchange import Exchange, WrongNotation, read_exchanges
from tests.compat.matching import Difference, Names

ANSWER = """
# an answer
> GET /profiles/bruce
< 200
< ETag: "<tag first>"
< Location:
< Vary: X-Genesys-TenantId
< {"customer_id": "bruce", "Fee": 5.0, "Notes": ["a  b", "<text>"]}
"""
TEXT = '{"customer_id":"bruce","Fee":5.0,"Notes":["a  b","c"]}'
HEADERS = {"Content-Type": JSON, "ETag": '"1-a"', "Vary": "X-Genesys-TenantId"}
REFUSAL = """
# a refusal
> GET /profiles/bruce
< 503 some_code
< [{"pointer": "/b", "message": "is wrong"}, {"pointer": "/a"}]
"""
PROBLEM_TEXT = (
    '{"type":"urn:customer-profiles:problem:some_code","title":"Some","status":503,"detail":"No.",'
    '"code":"some_code","errors":[{"pointer":"/a","message":"z"},'
    '{"pointer":"/b","message":"is wrong"}]}'
)
PROBLEM_HEADERS = {"Content-Type": PROBLEM, "Cache-Control": "no-store", "Retry-After": "1"}


def written(folder: Path, text: str) -> Exchange:
    file = folder / "some.http"
    file.write_text(text)
    (exchange,) = read_exchanges(file)
    return exchange


def test_the_written_answer_makes_none_and_gives_its_names(folder: Path) -> None:
    names = compare(written(folder, ANSWER), Response(TEXT, 200, HEADERS), Names())
    assert names.fill("${first}") == "1-a"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"bruce"', '"Bruce"'),
        ("5.0", "5"),
        ("5.0", '"5.0"'),
        ("a  b", "a b"),
        ('"c"', '""'),
        ('"c"', '"c","d"'),
        ('"Fee":5.0,', ""),
        ('"customer_id":"bruce","Fee":5.0', '"Fee":5.0,"customer_id":"bruce"'),
        ("]}", '],"More":1}'),
        (TEXT, ""),
    ],
)
def test_another_body_makes_one(folder: Path, right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(Difference):
        other = Response(TEXT.replace(right, wrong), 200, HEADERS)
        compare(written(folder, ANSWER), other, Names())


@pytest.mark.parametrize(
    "headers",
    [{"ETag": "1-a"}, {"ETag": ""}, {"Location": "/x"}, {"Vary": "*"}, {"Content-Type": PROBLEM}],
)
def test_another_header_makes_one(folder: Path, headers: dict[str, str]) -> None:
    with pytest.raises(Difference):
        compare(written(folder, ANSWER), Response(TEXT, 200, HEADERS | headers), Names())


def test_another_status_makes_one(folder: Path) -> None:
    with pytest.raises(Difference):
        compare(written(folder, ANSWER), Response(TEXT, 201, HEADERS), Names())


def test_the_written_refusal_makes_none(folder: Path) -> None:
    compare(written(folder, REFUSAL), Response(PROBLEM_TEXT, 503, PROBLEM_HEADERS), Names())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (":some_code", ":other_code"),
        ('"code":"some_code"', '"code":"other_code"'),
        ("503", "500"),
        ('"Some"', '""'),
        ('"detail":"No.",', ""),
        ("is wrong", "is odd"),
        ('"/a"', '"/c"'),
        ('"message":"z"', '"message":""'),
        ('{"pointer":"/a","message":"z"},', ""),
        ('[{"pointer"', '[{"pointer":"/a","message":"z"},{"pointer"'),
        ('"errors"', '"survivor":"x","errors"'),
    ],
)
def test_another_problem_makes_one(folder: Path, right: str, wrong: str) -> None:
    assert right in PROBLEM_TEXT
    text = PROBLEM_TEXT.replace(right, wrong)
    with pytest.raises(Difference):
        compare(written(folder, REFUSAL), Response(text, 503, PROBLEM_HEADERS), Names())


@pytest.mark.parametrize("header", PROBLEM_HEADERS)
def test_a_refusal_without_a_usual_header_makes_one(folder: Path, header: str) -> None:
    headers = {name: text for name, text in PROBLEM_HEADERS.items() if name != header}
    with pytest.raises(Difference):
        compare(written(folder, REFUSAL), Response(PROBLEM_TEXT, 503, headers), Names())


def test_a_name_stands_for_one_value_and_another_name_for_another() -> None:
    names = Names()
    names.compare("", "<tag one> <tag one>", "a a")
    names.compare("", "<tag one> <tag two> ${one}", "a b a")
    for text, answered in [("<tag one>", "b"), ("<tag three>", "a"), ("<tag x> <tag x>", "c d")]:
        with pytest.raises(Difference):
            names.compare("", text, answered)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("tag", "1-a", '1"a'),
        ("id16", "aZ09._~-aZ09._~-", "aZ09._~-aZ09._~"),
        ("count", "10", "-1"),
        ("count", "0", "01"),
        ("count", "1", "1.5"),
        ("text", r"a\"b", 'a"b'),
        ("job", "a-1", "a/1"),
        ("next", "/profiles?limit=1&cursor=a.b", "/profiles?limit=1"),
        ("next", "/cv/profiles?cursor=a&x=1", "/cv/profiles?cursor=&x=1"),
        ("release", "0.1.0", "0.1"),
    ],
)
def test_a_kind_has_its_form(kind: str, right: str, wrong: str) -> None:
    Names().compare("", f"<{kind}>", right)
    with pytest.raises(Difference):
        Names().compare("", f"<{kind}>", wrong)


def test_now_is_the_present_moment_to_the_millisecond() -> None:
    now = datetime.now(UTC)
    Names().compare("", "<now>", f"{now:%Y-%m-%dT%H:%M:%S}.000Z")
    hour_ago = now - timedelta(hours=1)
    for wrong in (f"{now:%Y-%m-%dT%H:%M:%S}Z", f"{hour_ago:%Y-%m-%dT%H:%M:%S}.000Z"):
        with pytest.raises(Difference):
            Names().compare("", "<now>", wrong)


@pytest.mark.parametrize(
    "text",
    [
        "> GET /\n< 200",
        "# about\n> GET /",
        "# about\n< 200",
        "# about\n< 200\n> GET /",
        "# about\n> GET /\n< 200\n{}",
        "# about\n@sometimes\n> GET /\n< 200",
    ],
)
def test_a_file_in_another_notation_cannot_be_read(folder: Path, text: str) -> None:
    with pytest.raises(WrongNotation):
        written(folder, text)
