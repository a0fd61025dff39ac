"""docs/how-to/from-ucs.md: what it says of each operation of UCS is so."""

import re

import pytest
from flask import Flask

from app.dao.base import Dao
from app.factory import create_app
from app.settings import DEFAULT_DEFINITION, read_settings
from schemas.reader import read_definition
from tests.api.routes import send
from tests.compat.test_exchanges import succeeding
from tests.docs.test_readme import rows, section
from tests.support.server import ROOT

PAGE = (ROOT / "docs" / "how-to" / "from-ucs.md").read_text()
ROWS = rows(section("Operations", PAGE))


@pytest.fixture
def app(dao: Dao) -> Flask:
    return create_app(read_settings(), dao)


def endpoint(app: Flask, request: str) -> str:
    method, path = request.split(" ")
    named = re.sub(r"\{\w+\}", "x", path)
    return str(app.url_map.bind("localhost").match(named, method)[0])


def test_each_operation_that_is_there_succeeds_in_some_exchange(app: Flask) -> None:
    there = [row for row in ROWS if row[2] != "missing"]
    assert {endpoint(app, row[1]) for row in there} <= succeeding(app)
    assert all(row[2].startswith(("the same", "different")) for row in there)


@pytest.mark.parametrize("request_line", [row[1] for row in ROWS if row[2] == "missing"])
def test_an_operation_that_is_missing_is_not_found(app: Flask, request_line: str) -> None:
    method, path = request_line.split(" ")
    answer = send(app, method, path.format(customer_id="x"), b"{}")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "resource_not_found"


def test_the_optional_attributes_of_the_delivered_definition_fit_into_it() -> None:
    text = DEFAULT_DEFINITION.read_text()
    whole = re.sub(r"(?m)^  # - ", "  - ", text)
    more = [each.name for each in read_definition(whole).attributes]
    usual = [each.name for each in read_definition(text).attributes]
    assert more == [*usual, "LCA_EmplID_email", "LCA_TimeStamp_email", "Pref_EmplID_email"]
