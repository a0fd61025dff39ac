"""The README's example is sent as it stands there, its tables are what the code has."""

import dataclasses
import json
import re
import shlex
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.dao.base import Dao
from app.definition import load_definition
from app.factory import create_app
from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from app.settings import Settings, read_settings
from schemas.reader import read_definition
from tests.support.server import ROOT

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def section(title: str, text: str = README) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, without its head and backticks."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.fixture
def client(dao: Dao) -> FlaskClient:
    return create_app(read_settings(), dao).test_client()


def test_the_example_is_answered_as_the_readme_shows(client: FlaskClient) -> None:
    blocks = BLOCK.findall(section("The documented example"))
    put, put_answer, get, get_answer = [text for _, text in blocks]
    client.delete("/profiles/00027a52JCGY000M")
    sent = curl(client, put)
    assert (sent[0], sent[1]) == (201, put_answer.strip())
    read = curl(client, get)
    assert (read[0], read[1]) == (200, get_answer.strip())
    assert '"' in read[2]["ETag"]


def curl(client: FlaskClient, command: str) -> tuple[int, str, dict[str, str]]:
    """Send what a curl command would: status, text and headers of the answer."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words.pop(0) == "curl"
    method, headers, data, url = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            data = words.pop(0)
        else:
            url = word
    path = url.removeprefix("http://127.0.0.1:8080")
    answer = client.open(path, method=method, headers=headers, data=data)
    return answer.status_code, answer.get_data(as_text=True), dict(answer.headers)


def test_the_operations_are_those_of_the_service(client: FlaskClient) -> None:
    listed = {row[1] for row in rows(section("Operations"))}
    served = {
        f"{method} " + re.sub(r"<(\w+)>", r"{\1}", rule.rule)
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert listed == served


def test_the_settings_are_those_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {row[0]: row[1] for row in rows(section("Settings"))}
    names = {f"PROFILES_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    assert set(table) == names
    settings = read_settings()
    for name, default in table.items():
        if default not in {"(empty)", "the default definition"}:
            monkeypatch.setenv(name, default)
    assert read_settings() == settings


def test_the_errors_are_those_of_the_service() -> None:
    table = rows((ROOT / "docs" / "errors.md").read_text())
    problems = [*PROBLEMS.values(), *HTTP_PROBLEMS.values()]
    told = sorted([str(each.status), each.code, each.detail] for each in problems)
    assert sorted(table) == told


def test_the_example_of_an_error_is_what_the_service_answers(client: FlaskClient) -> None:
    text = BLOCK.search((ROOT / "docs" / "errors.md").read_text())
    assert text is not None
    answer = client.post("/profiles", json={"DOB": "10.05.1962"})
    assert answer.json == json.loads(text[2])


def test_the_documented_definition_is_a_good_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "definition.md").read_text()
    example = BLOCK.search(text)
    assert example is not None
    assert read_definition(example[2]).extensions[0].name == "Contract"
    (tmp_path / "d.yaml").write_text(example[2])
    monkeypatch.setenv("PROFILES_DEFINITION", str(tmp_path / "d.yaml"))
    assert [each.name for each in load_definition(read_settings()).extensions] == ["Contract"]


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_target_of_the_readme_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`|' )make ([a-z-]+)", README, re.M)) <= targets
