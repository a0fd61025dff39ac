"""docs/access.md: its example is a file that works, its table is what the service asks for."""

import re
from dataclasses import replace
from pathlib import Path

from flask import Flask

from app.access.privileges import Privilege
from app.dao.base import Dao
from app.factory import create_app
from app.operations import OPERATIONS, Operation
from app.settings import read_settings
from tests.api.routes import send
from tests.docs.test_readme import BLOCK, rows, section
from tests.support.access import basic
from tests.support.server import ROOT

TEXT = (ROOT / "docs" / "access.md").read_text()
YAML = next(text for kind, text in BLOCK.findall(TEXT) if kind == "yaml")
KEY, PASSWORD = "pk_documented", "secret"


def test_the_documented_file_lets_in_those_that_it_names(dao: Dao, tmp_path: Path) -> None:
    file = tmp_path / "access.yaml"
    file.write_text(YAML)
    settings = replace(read_settings(), auth=("api_key", "basic"), auth_file=file)
    app = create_app(settings, dao)
    for tenant, given, status in [
        ("1", {"Authorization": basic("anna", PASSWORD)}, 404),
        ("3", {"Authorization": basic("anna", PASSWORD)}, 403),
        ("3", {"X-API-Key": KEY}, 404),
        ("3", {"X-API-Key": "pk_another"}, 401),
    ]:
        headers = {"X-Genesys-TenantId": tenant, **given}
        assert send(app, "GET", "/profiles/nobody", None, **headers).status_code == status


def test_the_documented_privileges_are_those_that_are_asked_for(dao: Dao) -> None:
    table = {row[0]: row[1] for row in rows(section("Privileges", TEXT))}
    assert table == {call: told(operation) for call, operation in asking(dao).items()}


def asking(dao: Dao) -> dict[str, Operation]:
    """The operations that ask who calls, by method and path."""
    app: Flask = create_app(read_settings(), dao)
    return {
        f"{method} " + re.sub(r"<(\w+)>", r"{\1}", rule.rule): OPERATIONS[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not OPERATIONS[rule.endpoint].public
    }


def told(operation: Operation) -> str:
    needs = ", ".join(operation.needs) or "none"
    to_create = f"; with `If-None-Match: *` {', '.join(operation.to_create)}"
    return needs + (to_create if operation.to_create else "")


def test_every_privilege_in_the_documentation_is_one() -> None:
    named = {name for name in Privilege if name in TEXT}
    assert set(Privilege) - named <= {Privilege.READ_SENSITIVE}
